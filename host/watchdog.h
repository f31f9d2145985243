/* SPDX-License-Identifier: GPL-2.0 */
/* Ending jobs that run longer than they may. */
#ifndef _VGPU_WATCHDOG_H
#define _VGPU_WATCHDOG_H

struct vgpu_arb_entity;
struct vgpu_gpu;
struct vgpu_job;

void vgpu_watchdog_init(struct vgpu_gpu *gpu);
void vgpu_watchdog_fini(struct vgpu_gpu *gpu);
void vgpu_watchdog_watch_locked(struct vgpu_gpu *gpu, const struct vgpu_job *job);
void vgpu_watchdog_look(struct vgpu_gpu *gpu);

#endif /* _VGPU_WATCHDOG_H */
