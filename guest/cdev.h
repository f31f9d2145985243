/* SPDX-License-Identifier: GPL-2.0 */
#ifndef VGPUG_CDEV_H
#define VGPUG_CDEV_H

#include <linux/cdev.h>
#include <linux/device.h>

#include "bo.h"
#include "ctx.h"
#include "mailbox.h"
#include "queue.h"
#include "sleep.h"

/**
 * struct vgpug_device - a vGPU and its /dev/vgpuN
 *
 * Open files hold references to @dev, so this outlives the PCI function.
 */
struct vgpug_device {
	/** @dev: of class vgpu; its release frees this */
	struct device dev;
	/** @cdev: /dev/vgpuN */
	struct cdev cdev;
	/** @mailbox: the only way to the device; knows when it is gone */
	struct vgpug_mailbox mailbox;
	/** @bos: memory it reads and writes */
	struct vgpug_bos bos;
	/** @queues: of all its contexts */
	struct vgpug_queues queues;
	/** @pollers: of all its files; woken when contexts are lost */
	wait_queue_head_t pollers;
	/** @doorbells_lock: protects @doorbells, and &vgpug_objects.nowhere of all files */
	struct mutex doorbells_lock;
	/** @doorbells: address of BAR2, or 0: nothing of it is mapped any more */
	phys_addr_t doorbells;
	/** @inode: its own, through which every mapping of BAR2 is found; constant */
	struct inode *inode;
	/** @nr_irqs: interrupt vectors it has */
	int nr_irqs;
	/** @queue_irq: what the vector of each queue is to wake */
	struct vgpug_queue_irq {
		struct vgpug_queues *queues;
		u32 id;
	} queue_irq[VGPU_MAX_QUEUES];
	/** @sleep: of the machine */
	struct vgpug_sleep sleep;
	/** @info_flags: VGPU_INFO_*, constant once there is a file */
	u32 info_flags;
	/** @bus_name: of the PCI function */
	char bus_name[32];
};

/* The device of a context */
static inline struct vgpug_device *vgpug_ctx_device(const struct vgpug_ctx *ctx)
{
	return container_of(ctx->mb, struct vgpug_device, mailbox);
}

int vgpug_cdev_register(void);
void vgpug_cdev_unregister(void);
struct vgpug_device *vgpug_cdev_alloc(struct device *parent);
int vgpug_cdev_add(struct vgpug_device *vdev);
void vgpug_cdev_del(struct vgpug_device *vdev);
void vgpug_cdev_unmap_doorbells(struct vgpug_device *vdev);
void vgpug_cdev_put(struct vgpug_device *vdev);

#endif /* VGPUG_CDEV_H */
