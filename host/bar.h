/* SPDX-License-Identifier: GPL-2.0 */
/* What the guest finds behind its BARs. */
#ifndef _VGPU_BAR_H
#define _VGPU_BAR_H

#include <linux/types.h>

struct vgpu;

void vgpu_bar0_read(struct vgpu *vgpu, u32 offset, void *buf, u32 len);
void vgpu_bar0_write(struct vgpu *vgpu, u32 offset, const void *buf, u32 len);
void vgpu_bar2_read(struct vgpu *vgpu, u32 offset, void *buf, u32 len);
void vgpu_bar2_write(struct vgpu *vgpu, u32 offset, const void *buf, u32 len);
void vgpu_bar4_reset(struct vgpu *vgpu);
void vgpu_bar4_read(struct vgpu *vgpu, u32 offset, void *buf, u32 len);
void vgpu_bar4_write(struct vgpu *vgpu, u32 offset, const void *buf, u32 len);

#endif /* _VGPU_BAR_H */
