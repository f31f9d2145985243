/* SPDX-License-Identifier: GPL-2.0 */
/* Idle queues of a busy vGPU. */
#ifndef _VGPU_QUIET_H
#define _VGPU_QUIET_H

#include <linux/types.h>

struct vgpu;
struct vgpu_arb_entity;
struct vgpu_queue;

void vgpu_quiet_init(struct vgpu *vgpu);
void vgpu_quiet_fini(struct vgpu *vgpu);
void vgpu_quiet_mark(struct vgpu_queue *queue);
bool vgpu_quiet_begin_locked(struct vgpu_queue *queue);
void vgpu_quiet_progress(struct vgpu_arb_entity *entity);

#endif /* _VGPU_QUIET_H */
