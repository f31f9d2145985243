// SPDX-License-Identifier: GPL-2.0
/*
 * mmap(2).  Offsets: the handle in the upper bits, 40 bits of offset in the object; and,
 * as handle 0, which there isn't, the doorbell pages in BAR2.
 */
#include <linux/fs.h>
#include <linux/mm.h>
#include <linux/vgpu_dev.h>

#include "bo.h"
#include "cdev.h"
#include "ctx.h"
#include "mmap.h"
#include "object.h"
#include "queue.h"

static int vgpug_mmap_bo(struct vgpug_ctx *ctx, struct vm_area_struct *vma, u32 handle,
			 u64 offset)
{
	struct vgpug_bo *bo;
	int err;

	xa_lock(&ctx->objects.bos);
	bo = xa_load(&ctx->objects.bos, handle);
	/* what was imported is a process's already */
	if (bo && bo->imported)
		bo = NULL;
	if (bo)
		vgpug_bo_get(bo);
	xa_unlock(&ctx->objects.bos);
	if (!bo)
		return -EINVAL;
	/* an offset in the object, for as long as the helper takes */
	vma->vm_pgoff = offset >> PAGE_SHIFT;
	err = vm_map_pages(vma, bo->pages, bo->npages);
	vma->vm_pgoff |= (unsigned long)handle << (VGPUG_MMAP_SHIFT - PAGE_SHIFT);
	vgpug_bo_put(bo);
	/* what it says of a size that is too large */
	return err == -ENXIO ? -EINVAL : err;
}

/*
 * By fault, not at mmap(2): only then is the mapping where vgpug_cdev_unmap_doorbells()
 * finds it.
 */
static vm_fault_t vgpug_mmap_doorbell_fault(struct vm_fault *vmf)
{
	struct vm_area_struct *vma = vmf->vma;
	struct vgpug_device *vdev = vgpug_ctx_device(vma->vm_file->private_data);
	vm_fault_t ret = VM_FAULT_SIGBUS;

	mutex_lock(&vdev->doorbells_lock);
	if (vdev->doorbells)
		ret = vmf_insert_pfn(vma, vma->vm_start,
				     (vdev->doorbells >> PAGE_SHIFT) + vma->vm_pgoff);
	mutex_unlock(&vdev->doorbells_lock);
	return ret;
}

static const struct vm_operations_struct vgpug_mmap_doorbell_ops = {
	.fault = vgpug_mmap_doorbell_fault,
};

static int vgpug_mmap_doorbell(struct vgpug_ctx *ctx, struct vm_area_struct *vma, u64 offset)
{
	struct vgpug_queue *queue;

	if (vma->vm_end - vma->vm_start != PAGE_SIZE)
		return -EINVAL;
	queue = vgpug_object_find_queue(ctx, offset / VGPU_BAR2_DOORBELL(1));
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
	u64 offset = (u64)vma->vm_pgoff << PAGE_SHIFT;
	u32 handle = offset >> VGPUG_MMAP_SHIFT;

	if (!(vma->vm_flags & VM_SHARED))
		return -EINVAL;
	offset &= (1ULL << VGPUG_MMAP_SHIFT) - 1;
	if (handle)
		return vgpug_mmap_bo(file->private_data, vma, handle, offset);
	return vgpug_mmap_doorbell(file->private_data, vma, offset);
}
