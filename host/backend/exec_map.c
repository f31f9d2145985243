// SPDX-License-Identifier: GPL-2.0
/*
 * What a worker maps: its rings, and the guest's memory, page by page where it touches it, for
 * as long as the core says.
 *
 * A lock of its own: to take a page out of page tables, or to make them, may take as long as
 * the worker likes, and nobody but whoever ends the object, or the channel, is to wait for it.
 *
 * Each channel's file gets an inode of its own: what is taken away from one worker is looked
 * for in nobody else's mappings.
 */
#include <linux/err.h>
#include <linux/fs.h>
#include <linux/lockdep.h>
#include <linux/mm.h>
#include <linux/mount.h>
#include <linux/module.h>
#include <linux/pseudo_fs.h>
#include <linux/vmalloc.h>

#include "bo.h"
#include "dma.h"
#include "exec.h"

static struct vfsmount *vgpu_exec_mnt;

static int vgpu_exec_fs_init(struct fs_context *fc)
{
	/* "vgpu", as a number */
	return init_pseudo(fc, 0x76677075) ? 0 : -ENOMEM;
}

static struct file_system_type vgpu_exec_fs = {
	/* no .owner: the mount that the module has would keep it */
	.name = "vgpu-exec",
	.init_fs_context = vgpu_exec_fs_init,
	.kill_sb = kill_anon_super,
};

/**
 * vgpu_exec_mnt_create() - have a place for inodes
 *
 * Context: may sleep.
 * Return: 0 or a negative errno.
 */
int vgpu_exec_mnt_create(void)
{
	vgpu_exec_mnt = kern_mount(&vgpu_exec_fs);
	return PTR_ERR_OR_ZERO(vgpu_exec_mnt);
}

/**
 * vgpu_exec_mnt_destroy() - undo vgpu_exec_mnt_create(); there are no channels
 *
 * Context: may sleep.
 */
void vgpu_exec_mnt_destroy(void)
{
	kern_unmount(vgpu_exec_mnt);
}

/**
 * vgpu_exec_maps_init() - nothing is mapped
 * @channel: the channel, zeroed
 *
 * Context: may sleep.
 * Return: 0 or a negative errno.
 */
int vgpu_exec_maps_init(struct vgpu_exec_channel *channel)
{
	mutex_init(&channel->maps.lock);
	xa_init(&channel->maps.bos);
	channel->maps.inode = alloc_anon_inode(vgpu_exec_mnt->mnt_sb);
	return PTR_ERR_OR_ZERO(channel->maps.inode);
}

/**
 * vgpu_exec_maps_fini() - undo vgpu_exec_maps_init(), if that has succeeded
 * @channel: the channel, of which no file is open any more
 *
 * Context: may sleep.
 */
void vgpu_exec_maps_fini(struct vgpu_exec_channel *channel)
{
	WARN_ON(!xa_empty(&channel->maps.bos));
	xa_destroy(&channel->maps.bos);
	iput(channel->maps.inode);
	mutex_destroy(&channel->maps.lock);
}

/* Nothing of the guest's memory is to be reached through a number any more. */
static void vgpu_exec_zap_locked(struct vgpu_exec_channel *channel, unsigned long number)
{
	lockdep_assert_held(&channel->maps.lock);
	unmap_mapping_range(channel->maps.inode->i_mapping, number * VGPU_EXEC_MMAP_BO,
			    VGPU_EXEC_MMAP_BO, 1);
}

/**
 * vgpu_exec_maps_end() - take everything away
 * @channel: the channel; nothing of it can be mapped any more
 *
 * Context: may sleep; takes &vgpu_exec_channel.maps.lock.
 */
void vgpu_exec_maps_end(struct vgpu_exec_channel *channel)
{
	unsigned long number;
	struct vgpu_bo *bo;

	mutex_lock(&channel->maps.lock);
	channel->maps.ended = true;
	xa_for_each(&channel->maps.bos, number, bo)
		vgpu_exec_zap_locked(channel, number);
	mutex_unlock(&channel->maps.lock);
}

/**
 * vgpu_exec_maps_begin() - let it be mapped again
 * @channel: the channel, of which no file is open
 *
 * Context: may sleep; takes &vgpu_exec_channel.maps.lock.
 */
void vgpu_exec_maps_begin(struct vgpu_exec_channel *channel)
{
	mutex_lock(&channel->maps.lock);
	channel->maps.ended = false;
	mutex_unlock(&channel->maps.lock);
}

/**
 * vgpu_exec_maps_add() - let an object be mapped
 * @channel: the channel
 * @number: its number
 * @bo: the object, of guest memory
 *
 * Context: may sleep.
 * Return: 0 or -ENOMEM.
 */
int vgpu_exec_maps_add(struct vgpu_exec_channel *channel, u32 number, struct vgpu_bo *bo)
{
	return xa_err(xa_store(&channel->maps.bos, number, bo, GFP_KERNEL_ACCOUNT)) ? -ENOMEM : 0;
}

/**
 * vgpu_exec_maps_del() - take an object away
 * @channel: the channel
 * @number: its number
 *
 * Context: may sleep, as long as it takes in the worker's page tables; takes
 * &vgpu_exec_channel.maps.lock.
 */
void vgpu_exec_maps_del(struct vgpu_exec_channel *channel, u32 number)
{
	mutex_lock(&channel->maps.lock);
	xa_erase(&channel->maps.bos, number);
	/* a fault looks it up with this lock held */
	vgpu_exec_zap_locked(channel, number);
	mutex_unlock(&channel->maps.lock);
}

/* The worker touches guest memory for the first time. */
static vm_fault_t vgpu_exec_fault(struct vm_fault *vmf)
{
	struct vgpu_exec_channel *channel = vmf->vma->vm_private_data;
	u64 offset = (u64)vmf->pgoff << PAGE_SHIFT;
	vm_fault_t ret = VM_FAULT_SIGBUS;
	struct vgpu_bo *bo;

	mutex_lock(&channel->maps.lock);
	bo = channel->maps.ended ? NULL : xa_load(&channel->maps.bos, offset / VGPU_EXEC_MMAP_BO);
	offset %= VGPU_EXEC_MMAP_BO;
	if (bo && offset < bo->size)
		ret = vmf_insert_pfn(vmf->vma, vmf->address & PAGE_MASK,
				     vmalloc_to_pfn(vgpu_bo_vaddr(bo) + offset));
	mutex_unlock(&channel->maps.lock);
	return ret;
}

static const struct vm_operations_struct vgpu_exec_vm_ops = {
	.fault = vgpu_exec_fault,
};

/**
 * vgpu_exec_mmap() - map the rings, or an object of guest memory
 * @channel: of the open file, which outlives the mapping
 * @vma: what is asked for
 *
 * Context: &mm_struct.mmap_lock held.
 * Return: 0 or -EINVAL.
 */
int vgpu_exec_mmap(struct vgpu_exec_channel *channel, struct vm_area_struct *vma)
{
	u64 offset = (u64)vma->vm_pgoff << PAGE_SHIFT, length = vma->vm_end - vma->vm_start;

	if (!(vma->vm_flags & VM_SHARED))
		return -EINVAL;
	if (offset == VGPU_EXEC_MMAP_SHARED)
		return remap_vmalloc_range(vma, channel->shared, 0);
	if (offset < VGPU_EXEC_MMAP_BO || offset % VGPU_EXEC_MMAP_BO + length > VGPU_EXEC_MMAP_BO)
		return -EINVAL;
	/* whether there is such an object, and how large it is, is seen page by page */
	vm_flags_set(vma, VM_PFNMAP | VM_DONTEXPAND | VM_DONTDUMP | VM_DONTCOPY | VM_IO);
	vma->vm_private_data = channel;
	vma->vm_ops = &vgpu_exec_vm_ops;
	return 0;
}
