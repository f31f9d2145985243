// SPDX-License-Identifier: GPL-2.0
/*
 * mmap(2).  Offsets: first the doorbell pages in BAR2, behind them the buffer objects of the
 * file, each where there was room for it.  All are below 2^44: mmap2(2), which is all that
 * a 32-bit process has, takes 32 bits of pages.
 */
#include <linux/fs.h>
#include <linux/gfp.h>
#include <linux/mm.h>
#include <linux/vgpu_dev.h>

#include "bo.h"
#include "cdev.h"
#include "ctx.h"
#include "mmap.h"
#include "object.h"
#include "queue.h"

/* In pages: those of buffer objects */
#define VGPUG_MMAP_FIRST	(VGPU_BAR2_SIZE >> PAGE_SHIFT)
#define VGPUG_MMAP_END		BIT_ULL(32)

/* The first object that ends behind @pgoff, or NULL.  The lock of @objects->bos is held. */
static struct vgpug_bo *vgpug_mmap_find(const struct vgpug_objects *objects, u64 pgoff)
{
	struct rb_node *node = objects->offsets.rb_node;
	struct vgpug_bo *bo, *found = NULL;

	while (node) {
		bo = rb_entry(node, struct vgpug_bo, mmap_node);
		if (bo->mmap_pgoff + bo->npages > pgoff) {
			found = bo;
			node = node->rb_left;
		} else {
			node = node->rb_right;
		}
	}
	return found;
}

/* The first place at or behind @pgoff for so many pages.  The lock is held, as above. */
static u64 vgpug_mmap_find_room(const struct vgpug_objects *objects, u64 pgoff, u64 npages)
{
	const struct vgpug_bo *bo = vgpug_mmap_find(objects, pgoff);

	while (bo && bo->mmap_pgoff < pgoff + npages) {
		pgoff = bo->mmap_pgoff + bo->npages;
		bo = rb_entry_safe(rb_next(&bo->mmap_node), struct vgpug_bo, mmap_node);
	}
	return pgoff;
}

static bool vgpug_mmap_less(struct rb_node *a, const struct rb_node *b)
{
	return rb_entry(a, struct vgpug_bo, mmap_node)->mmap_pgoff <
	       rb_entry(b, struct vgpug_bo, mmap_node)->mmap_pgoff;
}

/**
 * vgpug_mmap_add_bo() - let mmap(2) find an object
 * @objects: of the open file, which keeps the object
 * @bo: the driver's own memory
 *
 * Where the last one ended, so that an offset isn't another's soon, and there is no search.
 *
 * Context: Process context.
 * Return: 0 or -ENOMEM.
 */
int vgpug_mmap_add_bo(struct vgpug_objects *objects, struct vgpug_bo *bo)
{
	u64 pgoff;
	int err = 0;

	xa_lock(&objects->bos);
	pgoff = vgpug_mmap_find_room(objects, max_t(u64, objects->next_offset, VGPUG_MMAP_FIRST),
				     bo->npages);
	if (pgoff + bo->npages > VGPUG_MMAP_END)
		pgoff = vgpug_mmap_find_room(objects, VGPUG_MMAP_FIRST, bo->npages);
	if (pgoff + bo->npages > VGPUG_MMAP_END) {
		err = -ENOMEM;
	} else {
		bo->mmap_pgoff = pgoff;
		objects->next_offset = pgoff + bo->npages;
		rb_add(&bo->mmap_node, &objects->offsets, vgpug_mmap_less);
	}
	xa_unlock(&objects->bos);
	return err;
}

/**
 * vgpug_mmap_del_bo() - undo vgpug_mmap_add_bo()
 * @objects: of the open file
 * @bo: an object; nothing happens to one that mmap(2) doesn't find
 *
 * Context: Process context.
 */
void vgpug_mmap_del_bo(struct vgpug_objects *objects, struct vgpug_bo *bo)
{
	xa_lock(&objects->bos);
	if (bo->mmap_pgoff)
		rb_erase(&bo->mmap_node, &objects->offsets);
	bo->mmap_pgoff = 0;
	xa_unlock(&objects->bos);
}

/**
 * vgpug_mmap_offset() - where mmap(2) finds an object
 * @bo: the object
 *
 * Context: Any; nobody deletes it meanwhile.
 * Return: bytes; 0 if nowhere.
 */
u64 vgpug_mmap_offset(const struct vgpug_bo *bo)
{
	return bo->mmap_pgoff << PAGE_SHIFT;
}

static int vgpug_mmap_bo(struct vgpug_ctx *ctx, struct vm_area_struct *vma)
{
	unsigned long pgoff = vma->vm_pgoff;
	struct vgpug_bo *bo;
	int err;

	xa_lock(&ctx->objects.bos);
	bo = vgpug_mmap_find(&ctx->objects, pgoff);
	if (bo && bo->mmap_pgoff > pgoff)
		bo = NULL;
	if (bo) {
		vgpug_bo_get(bo);
		/* an offset in the object, for as long as the helper takes */
		vma->vm_pgoff -= bo->mmap_pgoff;
	}
	xa_unlock(&ctx->objects.bos);
	if (!bo)
		return -EINVAL;
	err = vm_map_pages(vma, bo->pages, bo->npages);
	vma->vm_pgoff = pgoff;
	vgpug_bo_put(bo);
	/* what it says of a size that is too large */
	return err == -ENXIO ? -EINVAL : err;
}

/* A page that the file has for itself: what is written there can be read */
static vm_fault_t vgpug_mmap_nowhere(struct vgpug_objects *objects, struct vm_area_struct *vma)
{
	if (!objects->nowhere)
		objects->nowhere = alloc_page(GFP_KERNEL_ACCOUNT | __GFP_ZERO);
	if (!objects->nowhere)
		return VM_FAULT_OOM;
	/* memory, and cached as such, unlike the device */
	return vmf_insert_pfn_prot(vma, vma->vm_start, page_to_pfn(objects->nowhere),
				   vm_get_page_prot(vma->vm_flags));
}

/*
 * By fault, not at mmap(2): only then is the mapping where vgpug_cdev_unmap_doorbells()
 * finds it.  Once the device is gone there is memory in its place, in which nobody looks: who
 * rings is not to be killed for it, but to be told by the next ioctl.
 */
static vm_fault_t vgpug_mmap_doorbell_fault(struct vm_fault *vmf)
{
	struct vm_area_struct *vma = vmf->vma;
	struct vgpug_ctx *ctx = vma->vm_file->private_data;
	struct vgpug_device *vdev = vgpug_ctx_device(ctx);
	vm_fault_t ret;

	mutex_lock(&vdev->doorbells_lock);
	if (vdev->doorbells)
		ret = vmf_insert_pfn(vma, vma->vm_start,
				     (vdev->doorbells >> PAGE_SHIFT) + vma->vm_pgoff);
	else
		ret = vgpug_mmap_nowhere(&ctx->objects, vma);
	mutex_unlock(&vdev->doorbells_lock);
	return ret;
}

static const struct vm_operations_struct vgpug_mmap_doorbell_ops = {
	.fault = vgpug_mmap_doorbell_fault,
};

static int vgpug_mmap_doorbell(struct vgpug_ctx *ctx, struct vm_area_struct *vma)
{
	struct vgpug_queue *queue;

	if (vma->vm_end - vma->vm_start != PAGE_SIZE)
		return -EINVAL;
	queue = vgpug_object_find_queue(ctx, (vma->vm_pgoff << PAGE_SHIFT) /
					     VGPU_BAR2_DOORBELL(1));
	if (!queue)
		return -EINVAL;
	vgpug_queue_put(queue);
	vma->vm_page_prot = pgprot_noncached(vma->vm_page_prot);
	vm_flags_set(vma, VM_IO | VM_PFNMAP | VM_DONTEXPAND | VM_DONTDUMP);
	vma->vm_ops = &vgpug_mmap_doorbell_ops;
	return 0;
}

/**
 * vgpug_mmap() - mmap(2) of an open file
 * @file: the file
 * @vma: the process's wish
 *
 * Context: Process context, the mmap lock is held for writing.
 * Return: 0; -EINVAL if nothing has that offset or size, or it is private; -ENOMEM.
 */
int vgpug_mmap(struct file *file, struct vm_area_struct *vma)
{
	if (!(vma->vm_flags & VM_SHARED))
		return -EINVAL;
	if (vma->vm_pgoff >= VGPUG_MMAP_FIRST)
		return vgpug_mmap_bo(file->private_data, vma);
	return vgpug_mmap_doorbell(file->private_data, vma);
}
