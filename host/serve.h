/* SPDX-License-Identifier: GPL-2.0 */
/* From entries of a queue's rings to jobs and back. */
#ifndef _VGPU_SERVE_H
#define _VGPU_SERVE_H

#include <linux/types.h>

struct vgpu_queue;
struct vgpu_queue_job;

void vgpu_serve(struct vgpu_queue *queue);
void vgpu_serve_try(struct vgpu_queue *queue);
void vgpu_serve_doorbell(struct vgpu_queue *queue);
void vgpu_serve_again(struct vgpu_queue *queue);
void vgpu_serve_end_stall_locked(struct vgpu_queue *queue);
void vgpu_serve_end_wait_locked(struct vgpu_queue *queue);
void vgpu_serve_cancel_locked(struct vgpu_queue *queue);
void vgpu_serve_init_job(struct vgpu_queue *queue, struct vgpu_queue_job *qjob);
u32 vgpu_serve_taken(const struct vgpu_queue *queue);

#endif /* _VGPU_SERVE_H */
