// SPDX-License-Identifier: GPL-2.0
/*
 * /dev/vgpuN: numbers, class, and opening and closing.
 *
 * An open file holds its context (ctx.c), which holds the device object.  The
 * PCI function may go away at any time before the last close; the mailbox then
 * refuses everything, and only memory is left to be freed.
 */
#include <linux/fs.h>
#include <linux/idr.h>
#include <linux/mm.h>
#include <linux/mount.h>
#include <linux/poll.h>
#include <linux/pseudo_fs.h>
#include <linux/slab.h>

#include "cdev.h"
#include "ctx.h"
#include "ioctl.h"
#include "mmap.h"
#include "object.h"

#define VGPUG_MINORS	256

static dev_t vgpug_cdev_base;
static DEFINE_IDA(vgpug_cdev_minors);

static char *vgpug_cdev_devnode(VGPU_DEVNODE_CONST struct device *dev,
				umode_t *mode)
{
	if (mode)
		*mode = 0660;
	return NULL;
}

static struct class vgpug_cdev_class = {
	.name = "vgpu",
	.devnode = vgpug_cdev_devnode,
};

static int vgpug_cdev_open(struct inode *inode, struct file *file)
{
	struct vgpug_device *vdev = container_of(inode->i_cdev,
						 struct vgpug_device, cdev);
	struct vgpug_ctx *ctx;

	/* The caller's reference to the cdev keeps vdev */
	ctx = vgpug_ctx_create(&vdev->dev, &vdev->mailbox);
	if (IS_ERR(ctx))
		return PTR_ERR(ctx);
	file->private_data = ctx;
	/* one for all, however many nodes there are: to find what is mapped */
	file->f_mapping = vdev->inode->i_mapping;
	return nonseekable_open(inode, file);
}

static int vgpug_cdev_close(struct inode *inode, struct file *file)
{
	vgpug_ctx_close(file->private_data);
	return 0;
}

/* A state and no queue of events: nobody misses it, and it takes no memory */
static __poll_t vgpug_cdev_poll(struct file *file, poll_table *wait)
{
	struct vgpug_ctx *ctx = file->private_data;
	struct vgpug_device *vdev = vgpug_ctx_device(ctx);
	__poll_t mask = 0;

	poll_wait(file, &vdev->pollers, wait);
	poll_wait(file, &ctx->objects.pollers, wait);
	switch (vgpug_ctx_lost(ctx)) {
	case -ENODEV:
		mask |= EPOLLERR | EPOLLHUP;
		break;
	case -ESTALE:
		mask |= EPOLLPRI;
		break;
	}
	if (vgpug_objects_fired(&ctx->objects))
		mask |= EPOLLIN | EPOLLRDNORM;
	return mask;
}

static const struct file_operations vgpug_cdev_fops = {
	.owner = THIS_MODULE,
	.open = vgpug_cdev_open,
	.release = vgpug_cdev_close,
	.mmap = vgpug_mmap,
	.poll = vgpug_cdev_poll,
	.unlocked_ioctl = vgpug_ioctl,
	.compat_ioctl = compat_ptr_ioctl,
};

/*
 * Each device has an inode of its own.  Those of the nodes it is opened through won't do:
 * their file systems may end before the device.
 */
static int vgpug_cdev_init_fs_context(struct fs_context *fc)
{
	return init_pseudo(fc, VGPU_MAGIC) ? 0 : -ENOMEM;
}

/* Without an owner: it would keep the module, which unmounts it */
static struct file_system_type vgpug_cdev_fs = {
	.name = "vgpu-guest",
	.init_fs_context = vgpug_cdev_init_fs_context,
	.kill_sb = kill_anon_super,
};

static struct vfsmount *vgpug_cdev_mount;

/**
 * vgpug_cdev_register() - get the class, the numbers and what inodes come from
 *
 * Context: Process context.
 * Return: 0 or a negative errno.
 */
int vgpug_cdev_register(void)
{
	int err;

	err = alloc_chrdev_region(&vgpug_cdev_base, 0, VGPUG_MINORS,
				  "vgpu-guest");
	if (err)
		return err;
	err = class_register(&vgpug_cdev_class);
	if (err)
		goto err_free_region;
	vgpug_cdev_mount = kern_mount(&vgpug_cdev_fs);
	if (IS_ERR(vgpug_cdev_mount)) {
		err = PTR_ERR(vgpug_cdev_mount);
		goto err_unregister_class;
	}
	return 0;

err_unregister_class:
	class_unregister(&vgpug_cdev_class);
err_free_region:
	unregister_chrdev_region(vgpug_cdev_base, VGPUG_MINORS);
	return err;
}

/**
 * vgpug_cdev_unregister() - undo vgpug_cdev_register()
 *
 * Context: Process context; no device is left.
 */
void vgpug_cdev_unregister(void)
{
	kern_unmount(vgpug_cdev_mount);
	class_unregister(&vgpug_cdev_class);
	unregister_chrdev_region(vgpug_cdev_base, VGPUG_MINORS);
	ida_destroy(&vgpug_cdev_minors);
}

static void vgpug_cdev_release(struct device *dev)
{
	struct vgpug_device *vdev = container_of(dev, struct vgpug_device, dev);

	iput(vdev->inode);
	mutex_destroy(&vdev->mailbox.lock);
	mutex_destroy(&vdev->bos.lock);
	mutex_destroy(&vdev->doorbells_lock);
	kfree(vdev);
}

/* Contexts are lost: whoever waits for a queue, or polls, is to be told */
static void vgpug_cdev_lost(struct vgpug_mailbox *mb)
{
	struct vgpug_device *vdev = container_of(mb, struct vgpug_device, mailbox);

	vgpug_queues_lost(&vdev->queues);
	wake_up_all(&vdev->pollers);
}

/* It has let go of what nobody here wanted any more */
static void vgpug_cdev_reset(struct vgpug_mailbox *mb)
{
	struct vgpug_device *vdev = container_of(mb, struct vgpug_device, mailbox);

	vgpug_bos_reclaim(&vdev->bos);
}

/**
 * vgpug_cdev_alloc() - make a device, not visible yet
 * @parent: the PCI function
 *
 * Context: Process context.
 * Return: a device, to be given to vgpug_cdev_put(), or NULL.
 */
struct vgpug_device *vgpug_cdev_alloc(struct device *parent)
{
	struct vgpug_device *vdev;

	vdev = kzalloc(sizeof(*vdev), GFP_KERNEL);
	if (!vdev)
		return NULL;
	vdev->inode = alloc_anon_inode(vgpug_cdev_mount->mnt_sb);
	if (IS_ERR(vdev->inode)) {
		kfree(vdev);
		return NULL;
	}
	vgpug_mailbox_init(&vdev->mailbox, parent, vgpug_cdev_lost, vgpug_cdev_reset);
	vgpug_bos_init(&vdev->bos, parent);
	vgpug_queues_init(&vdev->queues);
	INIT_LIST_HEAD(&vdev->sleep.ctxs);
	init_waitqueue_head(&vdev->pollers);
	mutex_init(&vdev->doorbells_lock);
	strscpy(vdev->bus_name, dev_name(parent), sizeof(vdev->bus_name));
	device_initialize(&vdev->dev);
	vdev->dev.parent = parent;
	vdev->dev.class = &vgpug_cdev_class;
	vdev->dev.release = vgpug_cdev_release;
	cdev_init(&vdev->cdev, &vgpug_cdev_fops);
	vdev->cdev.owner = THIS_MODULE;
	return vdev;
}

/**
 * vgpug_cdev_add() - let programs see the device
 * @vdev: ready for use
 *
 * Context: Process context.
 * Return: 0 or a negative errno.
 */
int vgpug_cdev_add(struct vgpug_device *vdev)
{
	int minor, err;

	minor = ida_alloc_max(&vgpug_cdev_minors, VGPUG_MINORS - 1, GFP_KERNEL);
	if (minor < 0)
		return minor;
	vdev->dev.devt = vgpug_cdev_base + minor;
	err = dev_set_name(&vdev->dev, "vgpu%d", minor);
	if (err)
		goto err_free_minor;
	err = cdev_device_add(&vdev->cdev, &vdev->dev);
	if (err)
		goto err_free_minor;
	return 0;

err_free_minor:
	ida_free(&vgpug_cdev_minors, minor);
	return err;
}

/**
 * vgpug_cdev_del() - hide the device from programs
 * @vdev: can't be opened any more on return, but may be open
 *
 * Its number is free for another: open files don't need it.
 *
 * Context: Process context.
 */
void vgpug_cdev_del(struct vgpug_device *vdev)
{
	cdev_device_del(&vdev->cdev, &vdev->dev);
	ida_free(&vgpug_cdev_minors, vdev->dev.devt - vgpug_cdev_base);
}

/**
 * vgpug_cdev_unmap_doorbells() - take BAR2 away from processes that have it mapped
 * @vdev: nothing of it is mapped again
 *
 * What follows is a fault, and memory that nobody looks at.
 *
 * Context: Process context, may sleep.
 */
void vgpug_cdev_unmap_doorbells(struct vgpug_device *vdev)
{
	mutex_lock(&vdev->doorbells_lock);
	vdev->doorbells = 0;
	unmap_mapping_range(vdev->inode->i_mapping, 0, VGPU_BAR2_SIZE, 1);
	mutex_unlock(&vdev->doorbells_lock);
}

/**
 * vgpug_cdev_put() - drop the reference of vgpug_cdev_alloc()
 * @vdev: lives on while it is open
 *
 * Context: Process context.
 */
void vgpug_cdev_put(struct vgpug_device *vdev)
{
	put_device(&vdev->dev);
}
