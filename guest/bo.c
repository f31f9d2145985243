// SPDX-License-Identifier: GPL-2.0
/*
 * Memory that the device reads and writes.  It must not be freed before the device
 * has said that it is done with it, or was reset: whoever can't wait for either
 * makes it an orphan.
 *
 * Pages are single ones, which can always be had, or a process's own (pin.c).  Those
 * that lie side by side are one extent to the device.
 */
#include <linux/device.h>
#include <linux/dma-mapping.h>
#include <linux/mm.h>
#include <linux/sched/signal.h>
#include <linux/slab.h>
#include <linux/vgpu_dev.h>

#include "bo.h"

static struct workqueue_struct *vgpug_bo_wq;

/**
 * vgpug_bo_register() - get what all devices share
 *
 * Context: Process context.
 * Return: 0 or -ENOMEM.
 */
int vgpug_bo_register(void)
{
	vgpug_bo_wq = alloc_workqueue("vgpu-guest", WQ_UNBOUND, 0);
	return vgpug_bo_wq ? 0 : -ENOMEM;
}

/**
 * vgpug_bo_unregister() - undo vgpug_bo_register()
 *
 * Context: Process context; no device and no file is left.
 */
void vgpug_bo_unregister(void)
{
	destroy_workqueue(vgpug_bo_wq);
}

/**
 * vgpug_bos_init() - prepare
 * @bos: nothing is in it
 * @dev: the PCI function
 *
 * Context: Process context.
 */
void vgpug_bos_init(struct vgpug_bos *bos, struct device *dev)
{
	bos->dev = dev;
	mutex_init(&bos->lock);
	INIT_LIST_HEAD(&bos->bos);
	INIT_LIST_HEAD(&bos->orphans);
}

/**
 * vgpug_bos_reclaim() - the device has been reset and touches nothing any more
 * @bos: its orphans are freed
 *
 * Context: Process context, may sleep.
 */
void vgpug_bos_reclaim(struct vgpug_bos *bos)
{
	struct vgpug_bo *bo, *next;
	LIST_HEAD(orphans);

	mutex_lock(&bos->lock);
	list_splice_init(&bos->orphans, &orphans);
	mutex_unlock(&bos->lock);
	list_for_each_entry_safe(bo, next, &orphans, node) {
		list_del(&bo->node);
		vgpug_bo_put_later(bo);
	}
}

static void vgpug_bo_unmap_locked(struct vgpug_bo *bo)
{
	lockdep_assert_held(&bo->bos->lock);
	if (bo->mapped)
		dma_unmap_sgtable(bo->bos->dev, &bo->sgt, DMA_BIDIRECTIONAL, 0);
	bo->mapped = false;
}

/**
 * vgpug_bos_fini() - the device goes
 * @bos: what is left of it is memory and nothing else
 * @reset: the device has been reset; if not, that memory is never given back: the device
 *	may still write to it
 *
 * Context: Process context, may sleep.
 */
void vgpug_bos_fini(struct vgpug_bos *bos, bool reset)
{
	struct vgpug_bo *bo;

	mutex_lock(&bos->lock);
	bos->gone = true;
	list_for_each_entry(bo, &bos->bos, all) {
		/* a reference that nobody drops; what has none the device has let go of */
		if (reset || !kref_get_unless_zero(&bo->ref))
			vgpug_bo_unmap_locked(bo);
	}
	mutex_unlock(&bos->lock);
	vgpug_bos_reclaim(bos);
}

static void vgpug_bo_free_pages(struct vgpug_bo *bo)
{
	unsigned int i;

	if (bo->imported) {
		vgpug_unpin(&bo->pin, bo->pages, bo->npages);
	} else {
		/* what is mapped into a process has a reference of its own */
		for (i = 0; i < bo->npages; i++)
			put_page(bo->pages[i]);
	}
	kvfree(bo->pages);
}

static int vgpug_bo_alloc_pages(struct vgpug_bo *bo, unsigned int npages)
{
	for (; bo->npages < npages; bo->npages++) {
		if (fatal_signal_pending(current))
			return -EINTR;
		bo->pages[bo->npages] = alloc_page(GFP_KERNEL_ACCOUNT | __GFP_ZERO |
						   __GFP_RETRY_MAYFAIL | __GFP_NOWARN);
		if (!bo->pages[bo->npages])
			return -ENOMEM;
		cond_resched();
	}
	return 0;
}

static int vgpug_bo_import_pages(struct vgpug_bo *bo, u64 address, unsigned int npages)
{
	int err;

	err = vgpug_pin(&bo->pin, address, bo->pages, npages);
	if (err)
		return err;
	bo->imported = true;
	bo->npages = npages;
	return 0;
}

static int vgpug_bo_map_locked(struct vgpug_bo *bo)
{
	struct device *dev = bo->bos->dev;
	int err;

	lockdep_assert_held(&bo->bos->lock);
	err = dma_map_sgtable(dev, &bo->sgt, DMA_BIDIRECTIONAL, 0);
	if (err)
		return err;
	bo->mapped = true;
	/* both sides write at any time: a copy that somebody has to sync won't do */
	if (dma_need_sync(dev, sg_dma_address(bo->sgt.sgl))) {
		vgpug_bo_unmap_locked(bo);
		return -EOPNOTSUPP;
	}
	return 0;
}

/* An object without pages yet, but with room for them */
static struct vgpug_bo *vgpug_bo_alloc(struct vgpug_bos *bos, u64 bytes)
{
	struct vgpug_bo *bo;

	/* more would not leave enough for anybody else; as others have it (TTM) */
	if (bytes >> PAGE_SHIFT >= totalram_pages() / 2)
		return NULL;
	bo = kzalloc(sizeof(*bo), GFP_KERNEL_ACCOUNT);
	if (!bo)
		return NULL;
	kref_init(&bo->ref);
	bo->bos = bos;
	INIT_LIST_HEAD(&bo->node);
	bo->pages = kvmalloc_array(DIV_ROUND_UP_ULL(bytes, PAGE_SIZE), sizeof(*bo->pages),
				   GFP_KERNEL_ACCOUNT);
	if (!bo->pages) {
		kfree(bo);
		return NULL;
	}
	return bo;
}

/* Lets the device reach an object that has its pages; or frees it */
static struct vgpug_bo *vgpug_bo_finish(struct vgpug_bo *bo, int err)
{
	struct vgpug_bos *bos = bo->bos;

	if (!err)
		err = sg_alloc_table_from_pages(&bo->sgt, bo->pages, bo->npages, 0,
						(size_t)bo->npages * PAGE_SIZE, GFP_KERNEL);
	if (err)
		goto err_free_pages;
	mutex_lock(&bos->lock);
	err = bos->gone ? -ENODEV : vgpug_bo_map_locked(bo);
	if (!err)
		list_add(&bo->all, &bos->bos);
	mutex_unlock(&bos->lock);
	if (err)
		goto err_free_table;
	return bo;

err_free_table:
	sg_free_table(&bo->sgt);
err_free_pages:
	vgpug_bo_free_pages(bo);
	kfree(bo);
	return ERR_PTR(err);
}

/**
 * vgpug_bo_create() - allocate memory and let the device reach it
 * @bos: of the device
 * @bytes: rounded up to whole pages; at least 1
 *
 * Context: Process context, may sleep.
 * Return: zeroed memory with a reference for the caller, or ERR_PTR(): -ENOMEM; -EINTR;
 * -EOPNOTSUPP if the device reaches this machine's memory through copies only;
 * -ENODEV.
 */
struct vgpug_bo *vgpug_bo_create(struct vgpug_bos *bos, u64 bytes)
{
	struct vgpug_bo *bo = vgpug_bo_alloc(bos, bytes);

	if (!bo)
		return ERR_PTR(-ENOMEM);
	return vgpug_bo_finish(bo, vgpug_bo_alloc_pages(bo, DIV_ROUND_UP_ULL(bytes, PAGE_SIZE)));
}

/**
 * vgpug_bo_import() - let the device reach memory of this process
 * @bos: of the device
 * @address: where it begins
 * @bytes: how much; at least 1; like @address a multiple of PAGE_SIZE
 *
 * Context: Process context, may sleep; takes the mmap lock.
 * Return: it, as it is, with a reference for the caller; or ERR_PTR(), as
 * vgpug_bo_create() and vgpug_pin().
 */
struct vgpug_bo *vgpug_bo_import(struct vgpug_bos *bos, u64 address, u64 bytes)
{
	struct vgpug_bo *bo = vgpug_bo_alloc(bos, bytes);

	if (!bo)
		return ERR_PTR(-ENOMEM);
	return vgpug_bo_finish(bo, vgpug_bo_import_pages(bo, address, bytes >> PAGE_SHIFT));
}

/**
 * vgpug_bo_create_list() - make the list that names an object's memory to the device
 * @bo: the object
 * @addr: the device's address of the list
 *
 * Context: Process context, may sleep.
 * Return: the list's own memory, or ERR_PTR() as vgpug_bo_create().
 */
struct vgpug_bo *vgpug_bo_create_list(struct vgpug_bo *bo, u64 *addr)
{
	struct vgpu_dev_page_list *list = NULL;
	struct sg_dma_page_iter iter;
	struct scatterlist *sg;
	struct vgpug_bo *own;
	unsigned int i, n;

	n = DIV_ROUND_UP(bo->sgt.nents, VGPU_PAGE_LIST_EXTENTS);
	own = vgpug_bo_create(bo->bos, (u64)n * PAGE_SIZE);
	if (IS_ERR(own))
		return own;
	for_each_sgtable_dma_sg(&bo->sgt, sg, i) {
		if (i % VGPU_PAGE_LIST_EXTENTS == 0) {
			list = page_address(own->pages[i / VGPU_PAGE_LIST_EXTENTS]);
			n = 0;
		}
		list->extent[n].addr = cpu_to_le64(sg_dma_address(sg));
		list->extent[n].length = cpu_to_le64(sg_dma_len(sg));
		list->count = cpu_to_le32(++n);
	}
	i = 0;
	for_each_sgtable_dma_page(&own->sgt, &iter, 0) {
		if (i == 0) {
			*addr = sg_page_iter_dma_address(&iter);
		} else {
			list = page_address(own->pages[i - 1]);
			list->next = cpu_to_le64(sg_page_iter_dma_address(&iter));
		}
		i++;
	}
	/* nothing to sync: see vgpug_bo_map_locked(); the request's MMIO comes after all this */
	return own;
}

/**
 * vgpug_bo_get() - take a reference
 * @bo: the caller has one
 *
 * Context: Any.
 */
void vgpug_bo_get(struct vgpug_bo *bo)
{
	kref_get(&bo->ref);
}

/* The device's part of the end */
static void vgpug_bo_forget(struct vgpug_bo *bo)
{
	if (bo->list)
		vgpug_bo_put(bo->list);
	mutex_lock(&bo->bos->lock);
	vgpug_bo_unmap_locked(bo);
	list_del(&bo->all);
	mutex_unlock(&bo->bos->lock);
	sg_free_table(&bo->sgt);
}

static void vgpug_bo_free_work(struct work_struct *work)
{
	struct vgpug_bo *bo = container_of(work, struct vgpug_bo, free_work);

	vgpug_bo_free_pages(bo);
	kfree(bo);
}

static void vgpug_bo_free(struct kref *ref)
{
	struct vgpug_bo *bo = container_of(ref, struct vgpug_bo, ref);

	vgpug_bo_forget(bo);
	vgpug_bo_free_work(&bo->free_work);
}

/**
 * vgpug_bo_put() - drop a reference
 * @bo: the last one says that the device is done with it
 *
 * May wait for the owner of a page, so for whoever stores a process's file.
 *
 * Context: Process context, may sleep; no lock that somebody else needs is held.
 */
void vgpug_bo_put(struct vgpug_bo *bo)
{
	kref_put(&bo->ref, vgpug_bo_free);
}

static void vgpug_bo_free_later(struct kref *ref)
{
	struct vgpug_bo *bo = container_of(ref, struct vgpug_bo, ref);

	vgpug_bo_forget(bo);
	INIT_WORK(&bo->free_work, vgpug_bo_free_work);
	queue_work(vgpug_bo_wq, &bo->free_work);
}

/**
 * vgpug_bo_put_later() - the same, for whoever can't wait
 * @bo: as for vgpug_bo_put()
 *
 * Context: Process context, may sleep, but for no process's sake.
 */
void vgpug_bo_put_later(struct vgpug_bo *bo)
{
	kref_put(&bo->ref, vgpug_bo_free_later);
}

/**
 * vgpug_bo_orphan() - drop a reference once the device has been reset
 * @bo: in no list of its owner's
 *
 * Context: Process context, may sleep.
 */
void vgpug_bo_orphan(struct vgpug_bo *bo)
{
	struct vgpug_bos *bos = bo->bos;
	bool gone;

	mutex_lock(&bos->lock);
	gone = bos->gone;
	if (!gone)
		list_add(&bo->node, &bos->orphans);
	mutex_unlock(&bos->lock);
	if (gone)
		vgpug_bo_put_later(bo);
}
