// SPDX-License-Identifier: GPL-2.0
/*
 * Guest memory that objects are made of.  The guest names it once, by a list of
 * extents; from then on it is pinned and mapped, and nobody looks an address up
 * again.
 *
 * The VMM may unmap it at any time.  Then it is unpinned before the VMM's call
 * returns: VFIO insists, and to pin it anew before VFIO has looked makes VFIO ask
 * again, up to ten times and no more: the eleventh is BUG_ON() (vfio_dma_do_unmap()).
 * How long it takes to ask is up to the VMM, and when to pin and to reset up to the
 * guest.  So a range that had to be unpinned is closed to pinning until the device is
 * opened again.  A guest that gives memory up ends what it made of it before.
 */
#include <linux/err.h>
#include <linux/lockdep.h>
#include <linux/mm.h>
#include <linux/overflow.h>
#include <linux/sched.h>
#include <linux/slab.h>
#include <linux/vmalloc.h>
#include <linux/vgpu_dev.h>

#include "bo.h"
#include "counters.h"
#include "dma.h"
#include "vgpu.h"

/* For as much as a guest likes: rather refuse than have something killed for it */
#define VGPU_DMA_GFP	(GFP_KERNEL_ACCOUNT | __GFP_RETRY_MAYFAIL | __GFP_NOWARN)

/**
 * vgpu_dma_iova() - take a number for an address of the guest's
 * @addr: what the guest or VFIO says
 *
 * Context: any.
 * Return: the address.
 */
vgpu_iova_t vgpu_dma_iova(u64 addr)
{
	return (__force vgpu_iova_t)addr;
}

/**
 * vgpu_dma_addr() - the number of an address, for VFIO and for arithmetic
 * @iova: the address
 *
 * Context: any.
 * Return: the number.
 */
u64 vgpu_dma_addr(vgpu_iova_t iova)
{
	return (__force u64)iova;
}

static vgpu_iova_t vgpu_dma_iova_add(vgpu_iova_t iova, u64 npages)
{
	return vgpu_dma_iova(vgpu_dma_addr(iova) + npages * PAGE_SIZE);
}

/**
 * vgpu_dma_space_init() - nothing is pinned
 * @space: the space
 * @ops: how to reach guest memory
 *
 * Context: any.
 */
void vgpu_dma_space_init(struct vgpu_dma_space *space, const struct vgpu_dma_ops *ops)
{
	/* the page of the ABI is the page that is pinned */
	BUILD_BUG_ON(PAGE_SIZE != VGPU_BO_ALIGN);
	space->ops = ops;
	mutex_init(&space->lock);
	INIT_LIST_HEAD(&space->dmas);
}

/**
 * vgpu_dma_space_fini() - end a space
 * @space: the space; nothing is pinned
 *
 * Context: any.
 */
void vgpu_dma_space_fini(struct vgpu_dma_space *space)
{
	WARN_ON(!list_empty(&space->dmas) || space->nr_pages);
	mutex_destroy(&space->lock);
}

/* [first, last] of page numbers; a length of 0 is none, and no end overflows */
static void vgpu_dma_page_range(vgpu_iova_t iova, u64 length, u64 *first, u64 *last)
{
	u64 begin = vgpu_dma_addr(iova), end;

	if (check_add_overflow(begin, length - 1, &end))
		end = U64_MAX;
	*first = begin >> PAGE_SHIFT;
	*last = end >> PAGE_SHIFT;
}

static bool vgpu_dma_is_forbidden_locked(struct vgpu_dma_space *space,
					 const struct vgpu_dma_extent *extent)
{
	u64 first, last;
	u32 i;

	lockdep_assert_held(&space->lock);

	vgpu_dma_page_range(extent->iova, (u64)extent->npages * PAGE_SIZE, &first, &last);
	for (i = 0; i < space->nr_forbidden; i++) {
		if (first <= space->forbidden[i].last && last >= space->forbidden[i].first)
			return true;
	}
	return false;
}

/* What doesn't fit any more makes the last one larger. */
static void vgpu_dma_add_forbidden_locked(struct vgpu_dma_space *space, u64 first, u64 last)
{
	u32 i;

	lockdep_assert_held(&space->lock);

	if (space->nr_forbidden < ARRAY_SIZE(space->forbidden)) {
		i = space->nr_forbidden++;
		space->forbidden[i].first = first;
		space->forbidden[i].last = last;
		return;
	}
	i = ARRAY_SIZE(space->forbidden) - 1;
	space->forbidden[i].first = min(space->forbidden[i].first, first);
	space->forbidden[i].last = max(space->forbidden[i].last, last);
}

static bool vgpu_dma_hits_locked(const struct vgpu_dma *dma, u64 first, u64 last)
{
	u64 from, to;
	u32 i;

	lockdep_assert_held(&dma->vgpu->dma.lock);

	for (i = 0; i < dma->nr_extents; i++) {
		vgpu_dma_page_range(dma->extent[i].iova,
				    (u64)dma->extent[i].npages * PAGE_SIZE, &from, &to);
		if (from <= last && to >= first)
			return true;
	}
	return false;
}

/* Unpin the first @npages pages of an extent. */
static void vgpu_dma_unpin_extent(struct vgpu_dma *dma,
				  const struct vgpu_dma_extent *extent, u32 npages)
{
	u32 done, n;

	for (done = 0; done < npages; done += n) {
		n = min_t(u32, npages - done, VGPU_DMA_BATCH);
		dma->vgpu->dma.ops->unpin(dma->vgpu, vgpu_dma_iova_add(extent->iova, done), n);
		cond_resched();
	}
}

static int vgpu_dma_pin_extent(struct vgpu_dma *dma, const struct vgpu_dma_extent *extent,
			       struct page **pages)
{
	u32 done, n, i;
	int ret;

	for (done = 0; done < extent->npages; done += n) {
		n = min_t(u32, extent->npages - done, VGPU_DMA_BATCH);
		if (vgpu_arb_entity_is_draining(&dma->vgpu->entity)) {
			ret = -ECANCELED;
			goto err_unpin;
		}
		ret = dma->vgpu->dma.ops->pin(dma->vgpu,
					      vgpu_dma_iova_add(extent->iova, done), n,
					      pages + done);
		if (ret)
			goto err_unpin;
		/* registers of another device are no memory, pinned or not */
		for (i = 0; i < n; i++) {
			if (PageReserved(pages[done + i])) {
				ret = -EFAULT;
				done += n;
				goto err_unpin;
			}
		}
		cond_resched();
	}
	return 0;

err_unpin:
	vgpu_dma_unpin_extent(dma, extent, done);
	return ret;
}

/*
 * Pin one more extent.  It is in the list first, so that whoever unmaps it waits
 * until it is pinned, and then takes it back.
 */
static int vgpu_dma_add_extent(struct vgpu_dma *dma, vgpu_iova_t iova, u32 npages)
{
	struct vgpu_dma_space *space = &dma->vgpu->dma;
	struct vgpu_dma_extent *extent = &dma->extent[dma->nr_extents];
	u32 at = dma->nr_pages;
	int ret = 0;

	extent->iova = iova;
	extent->npages = npages;
	mutex_lock(&space->lock);
	if (vgpu_dma_is_forbidden_locked(space, extent)) {
		ret = -EFAULT;
	} else if (npages > VGPU_DMA_MAX_PAGES - space->nr_pages) {
		ret = -ENOSPC;
	} else {
		dma->nr_extents++;
		dma->nr_pages += npages;
		space->nr_pages += npages;
	}
	mutex_unlock(&space->lock);
	if (ret)
		return ret;

	ret = vgpu_dma_pin_extent(dma, extent, dma->pages + at);
	if (ret) {
		mutex_lock(&space->lock);
		dma->nr_extents--;
		dma->nr_pages -= npages;
		space->nr_pages -= npages;
		mutex_unlock(&space->lock);
	}
	return ret;
}

/* Make room for @more extents, at most @most in all. */
static int vgpu_dma_grow(struct vgpu_dma *dma, u32 more, u32 most)
{
	struct vgpu_dma_extent *extent, *old = dma->extent;
	u32 nr = dma->nr_extents + more;

	if (nr > most)
		return -EINVAL;
	if (nr <= dma->room)
		return 0;
	/* twice as many each time: what is copied in the end is no more than what there is */
	nr = clamp(2 * dma->room, nr, most);
	extent = kvmalloc_array(nr, sizeof(*extent), VGPU_DMA_GFP);
	if (!extent)
		return -ENOMEM;
	if (old)
		memcpy(extent, old, dma->nr_extents * sizeof(*extent));
	/* somebody may be looking for what is to be unmapped */
	mutex_lock(&dma->vgpu->dma.lock);
	dma->extent = extent;
	mutex_unlock(&dma->vgpu->dma.lock);
	dma->room = nr;
	kvfree(old);
	return 0;
}

/* Pin what a list of extents names.  Each adds a page, so that no chain is endless. */
static int vgpu_dma_add_list(struct vgpu_dma *dma, const struct vgpu_dev_page_list *list,
			     u32 npages)
{
	u32 count = le32_to_cpu(list->count), i;
	u64 addr, length;
	int ret;

	if (!count || count > VGPU_PAGE_LIST_EXTENTS || list->reserved)
		return -EINVAL;
	/* what has more extents than pages is longer than the object */
	ret = vgpu_dma_grow(dma, count, npages);
	for (i = 0; !ret && i < count; i++) {
		addr = le64_to_cpu(list->extent[i].addr);
		length = le64_to_cpu(list->extent[i].length);
		if (!length || !IS_ALIGNED(addr | length, PAGE_SIZE) ||
		    length >> PAGE_SHIFT > npages - dma->nr_pages ||
		    addr > U64_MAX - (length - 1))
			return -EINVAL;
		ret = vgpu_dma_add_extent(dma, vgpu_dma_iova(addr), length >> PAGE_SHIFT);
	}
	return ret;
}

static int vgpu_dma_pin(struct vgpu_dma *dma, vgpu_iova_t iova, u32 npages)
{
	struct vgpu_dev_page_list *list;
	u64 next;
	int ret;

	list = kmalloc(sizeof(*list), GFP_KERNEL);
	if (!list)
		return -ENOMEM;
	do {
		/* a stop waits for us, and this may be eight GiB of single pages */
		ret = -ECANCELED;
		if (vgpu_arb_entity_is_draining(&dma->vgpu->entity))
			break;
		ret = -EINVAL;
		if (!IS_ALIGNED(vgpu_dma_addr(iova), PAGE_SIZE))
			break;
		/* once: it can't change between the check and the use */
		ret = dma->vgpu->dma.ops->read(dma->vgpu, iova, list, sizeof(*list));
		if (!ret)
			ret = vgpu_dma_add_list(dma, list, npages);
		if (ret)
			break;
		next = le64_to_cpu(list->next);
		iova = vgpu_dma_iova(next);
		/* it ends where the object is whole, and not before */
		if (next ? dma->nr_pages == npages : dma->nr_pages != npages)
			ret = -EINVAL;
	} while (!ret && next);
	kfree(list);
	return ret;
}

/* Unpin everything.  What is left can stay as long as the guest has a handle for it. */
static void vgpu_dma_release(struct vgpu_dma *dma)
{
	struct vgpu_dma_space *space = &dma->vgpu->dma;
	struct vgpu_dma_extent *extent;
	u32 i;

	if (dma->bo)
		vgpu_bo_unmap(dma->bo);
	dma->bo = NULL;
	if (dma->vaddr)
		vunmap(dma->vaddr);
	dma->vaddr = NULL;
	for (i = 0; i < dma->nr_extents; i++)
		vgpu_dma_unpin_extent(dma, &dma->extent[i], dma->extent[i].npages);
	mutex_lock(&space->lock);
	extent = dma->extent;
	dma->extent = NULL;
	dma->nr_extents = 0;
	space->nr_pages -= dma->nr_pages;
	dma->nr_pages = 0;
	mutex_unlock(&space->lock);
	kvfree(extent);
	kvfree(dma->pages);
	dma->pages = NULL;
}

/**
 * vgpu_dma_create() - pin and map guest memory
 * @vgpu: whose guest's
 * @list: where its first &struct vgpu_dev_page_list is
 * @size: bytes the lists have to name, all together
 *
 * Context: may sleep; control job of @vgpu, of which there is one at a time.
 * Return: the memory, ended by vgpu_dma_destroy(); or ERR_PTR(): -EINVAL if the size
 * or a list is wrong; -EFAULT if something named is not memory that can be read and
 * written, or was just being unmapped; -ENOSPC if the vGPU has VGPU_DMA_MAX_PAGES
 * pinned; -ENOMEM; -ECANCELED if the vGPU is being stopped.
 */
struct vgpu_dma *vgpu_dma_create(struct vgpu *vgpu, vgpu_iova_t list, u64 size)
{
	struct vgpu_dma *dma;
	u32 npages;
	int ret;

	if (!size || !IS_ALIGNED(size, PAGE_SIZE))
		return ERR_PTR(-EINVAL);
	if (size >> PAGE_SHIFT > VGPU_DMA_MAX_PAGES)
		return ERR_PTR(-ENOSPC);
	npages = size >> PAGE_SHIFT;

	dma = kzalloc(sizeof(*dma), GFP_KERNEL_ACCOUNT);
	if (!dma)
		return ERR_PTR(-ENOMEM);
	dma->vgpu = vgpu;
	dma->pages = kvmalloc_array(npages, sizeof(*dma->pages), VGPU_DMA_GFP);
	if (!dma->pages) {
		kfree(dma);
		return ERR_PTR(-ENOMEM);
	}
	mutex_lock(&vgpu->dma.lock);
	list_add_tail(&dma->node, &vgpu->dma.dmas);
	mutex_unlock(&vgpu->dma.lock);

	ret = vgpu_dma_pin(dma, list, npages);
	if (!ret) {
		dma->vaddr = vmap(dma->pages, npages, VM_MAP, PAGE_KERNEL);
		ret = dma->vaddr ? 0 : -ENOMEM;
	}
	if (ret) {
		vgpu_dma_destroy(dma);
		return ERR_PTR(ret);
	}
	/* mapped, and to unpin it takes the extents */
	kvfree(dma->pages);
	dma->pages = NULL;
	return dma;
}

/**
 * vgpu_dma_destroy() - unmap and unpin guest memory
 * @dma: the memory, in nobody's use
 *
 * Context: may sleep.
 */
void vgpu_dma_destroy(struct vgpu_dma *dma)
{
	struct vgpu_dma_space *space = &dma->vgpu->dma;

	vgpu_dma_release(dma);
	mutex_lock(&space->lock);
	list_del(&dma->node);
	mutex_unlock(&space->lock);
	kfree(dma);
}

/**
 * vgpu_dma_forbid() - is something pinned that is to be unmapped?
 * @vgpu: whose guest's memory
 * @iova: first byte
 * @length: bytes, at least 1
 *
 * If so, nothing more is pinned there until vgpu_dma_permit().
 *
 * Context: may sleep; takes &vgpu_dma_space.lock.
 * Return: whether vgpu_dma_lose() has to follow.
 */
bool vgpu_dma_forbid(struct vgpu *vgpu, vgpu_iova_t iova, u64 length)
{
	struct vgpu_dma_space *space = &vgpu->dma;
	struct vgpu_dma *dma;
	u64 first, last;
	bool hit = false;

	vgpu_dma_page_range(iova, length, &first, &last);
	mutex_lock(&space->lock);
	list_for_each_entry(dma, &space->dmas, node)
		hit |= vgpu_dma_hits_locked(dma, first, last);
	if (hit)
		vgpu_dma_add_forbidden_locked(space, first, last);
	mutex_unlock(&space->lock);
	return hit;
}

/**
 * vgpu_dma_permit() - forget vgpu_dma_forbid()
 * @vgpu: the vGPU, just opened.  Whoever still unmaps from when it was open before has
 *	seen that nothing is pinned, unless the VMM kept him from running meanwhile
 *
 * Context: may sleep; takes &vgpu_dma_space.lock.
 */
void vgpu_dma_permit(struct vgpu *vgpu)
{
	mutex_lock(&vgpu->dma.lock);
	vgpu->dma.nr_forbidden = 0;
	mutex_unlock(&vgpu->dma.lock);
}

/**
 * vgpu_dma_lose() - let go of everything that has a page in a range
 * @vgpu: whose guest's memory
 * @iova: first byte
 * @length: bytes, at least 1
 *
 * Context: may sleep.  &vgpu.reset_lock is held, no job of @vgpu is pending and its
 * queues are paused: nobody uses, makes or ends guest memory.
 */
void vgpu_dma_lose(struct vgpu *vgpu, vgpu_iova_t iova, u64 length)
{
	struct vgpu_dma_space *space = &vgpu->dma;
	struct vgpu_dma *dma;
	u64 first, last;
	bool hit;

	lockdep_assert_held(&vgpu->reset_lock);

	vgpu_dma_page_range(iova, length, &first, &last);
	/* the list doesn't change, but for lockdep's sake it is read under its lock */
	list_for_each_entry(dma, &space->dmas, node) {
		mutex_lock(&space->lock);
		hit = vgpu_dma_hits_locked(dma, first, last);
		mutex_unlock(&space->lock);
		if (!hit)
			continue;
		vgpu_dma_release(dma);
		vgpu_count(&vgpu->counters, VGPU_COUNT_LOST_BOS);
	}
}
