/* SPDX-License-Identifier: GPL-2.0 */
/* Waiting of one queue for another. */
#ifndef _VGPU_FENCE_H
#define _VGPU_FENCE_H

#include <linux/types.h>
#include <linux/vgpu_dev.h>

struct vgpu_queue;

enum vgpu_error vgpu_fence_wait(struct vgpu_queue *queue, u32 id, u32 index);
bool vgpu_fence_wait_is_over(struct vgpu_queue *queue, enum vgpu_error *status);
void vgpu_fence_wait_end(struct vgpu_queue *queue);
void vgpu_fence_signal(struct vgpu_queue *queue);
void vgpu_fence_end_locked(struct vgpu_queue *queue);

#endif /* _VGPU_FENCE_H */
