/* SPDX-License-Identifier: GPL-2.0 */
/* The cpu backend: an engine in the kernel that plays the GPU. */
#ifndef _VGPU_CPU_H
#define _VGPU_CPU_H

#include <linux/types.h>

struct vgpu_cpu;
struct vgpu_gpu_desc;

struct vgpu_cpu *vgpu_cpu_create(const char *name);
void vgpu_cpu_destroy(struct vgpu_cpu *cpu);
void vgpu_cpu_describe(struct vgpu_cpu *cpu, struct vgpu_gpu_desc *desc);

#endif /* _VGPU_CPU_H */
