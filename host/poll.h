/* SPDX-License-Identifier: GPL-2.0 */
/* Looking at an idle queue for a while, before it asks for doorbells. */
#ifndef _VGPU_POLL_H
#define _VGPU_POLL_H

#include <linux/types.h>

struct vgpu_queue;

/* Longest poll, in microseconds; 0: none */
extern unsigned int vgpu_poll_us;

void vgpu_poll_init(struct vgpu_queue *queue);
bool vgpu_poll_idle_locked(struct vgpu_queue *queue);
void vgpu_poll_woken(struct vgpu_queue *queue);
void vgpu_poll_cancel(struct vgpu_queue *queue);

#endif /* _VGPU_POLL_H */
