/* SPDX-License-Identifier: GPL-2.0 */
#ifndef VGPUG_OBJECT_H
#define VGPUG_OBJECT_H

#include <linux/list.h>
#include <linux/mutex.h>
#include <linux/rbtree.h>
#include <linux/types.h>
#include <linux/wait.h>
#include <linux/xarray.h>

/* To pin a GiB of single pages takes the host that long on a slow machine */
#define VGPUG_OBJECT_TIMEOUT_MS	60000

struct page;
struct vgpug_bo;
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
	/** @offsets: those of them that mmap(2) finds, by where; under the lock of @bos */
	struct rb_root offsets;
	/** @next_offset: behind the last that was added, in pages; likewise */
	u64 next_offset;
	/** @queues: &struct vgpug_queue by number */
	struct xarray queues;
	/** @limbo: &struct vgpug_bo that the device may know or not */
	struct list_head limbo;
	/** @pollers: of the file; woken by the events of @queues */
	wait_queue_head_t pollers;
	/**
	 * @ended: a queue has ended whose event was to come, and none was made or armed
	 * since; protected by the lock of @queues
	 */
	bool ended;
	/**
	 * @nowhere: what is mapped in the place of doorbells when the device is gone, or
	 * NULL; protected by &vgpug_device.doorbells_lock
	 */
	struct page *nowhere;
};

void vgpug_objects_init(struct vgpug_objects *objects);
void vgpug_objects_fini(struct vgpug_ctx *ctx, bool released);
int vgpug_objects_lock(struct vgpug_objects *objects);
void vgpug_objects_release_limbo_locked(struct vgpug_objects *objects);
int vgpug_object_request(struct vgpug_ctx *ctx, u32 opcode, const u32 *params, u32 nparams,
			 bool *asked, u32 *status, u32 *result);
int vgpug_object_end(struct vgpug_ctx *ctx, u32 opcode, u32 handle, u32 *status);
int vgpug_object_tell_bo_locked(struct vgpug_ctx *ctx, struct vgpug_bo *bo, u32 want,
				u32 *status, u32 *handle);
int vgpug_object_create_bo_locked(struct vgpug_ctx *ctx, struct vgpug_bo *bo, u32 *status,
				  u32 *handle);
int vgpug_object_destroy_bo_locked(struct vgpug_ctx *ctx, u32 handle, u32 *status);
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
