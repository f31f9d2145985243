/* SPDX-License-Identifier: GPL-2.0 */
#ifndef VGPUG_OBJECT_H
#define VGPUG_OBJECT_H

#include <linux/list.h>
#include <linux/mutex.h>
#include <linux/types.h>
#include <linux/wait.h>
#include <linux/xarray.h>

struct vgpug_ctx;
struct vgpug_queue;

/**
 * struct vgpug_objects - what an open file has on the device, apart from its context,
 *	and this machine's memory behind it
 */
struct vgpug_objects {
	/** @lock: held from the request to what is noted of its answer */
	struct mutex lock;
	/** @bos: &struct vgpug_bo by handle */
	struct xarray bos;
	/** @queues: &struct vgpug_queue by number */
	struct xarray queues;
	/** @limbo: &struct vgpug_bo that the device may know or not */
	struct list_head limbo;
	/** @pollers: of the file; woken by the events of @queues */
	wait_queue_head_t pollers;
};

void vgpug_objects_init(struct vgpug_objects *objects);
void vgpug_objects_fini(struct vgpug_ctx *ctx, bool released);
bool vgpug_objects_fired(struct vgpug_objects *objects);
struct vgpug_queue *vgpug_object_find_queue(struct vgpug_ctx *ctx, u32 id);

int vgpug_ioctl_bo_create(struct vgpug_ctx *ctx, void *cmd);
int vgpug_ioctl_bo_destroy(struct vgpug_ctx *ctx, void *cmd);
int vgpug_ioctl_queue_create(struct vgpug_ctx *ctx, void *cmd);
int vgpug_ioctl_queue_destroy(struct vgpug_ctx *ctx, void *cmd);
int vgpug_ioctl_queue_wait(struct vgpug_ctx *ctx, void *cmd);
int vgpug_ioctl_queue_arm(struct vgpug_ctx *ctx, void *cmd);
int vgpug_ioctl_queue_eventfd(struct vgpug_ctx *ctx, void *cmd);

#endif /* VGPUG_OBJECT_H */
