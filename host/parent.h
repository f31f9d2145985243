/* SPDX-License-Identifier: GPL-2.0 */
/* A GPU as mdev parent, and the types of vGPU it can be cut into. */
#ifndef _VGPUH_PARENT_H
#define _VGPUH_PARENT_H

#include <linux/types.h>

struct device;
struct mdev_type;
struct vgpu_gpu;

int vgpuh_parent_class_register(void);
void vgpuh_parent_class_unregister(void);
struct vgpu_gpu *vgpuh_parent_gpu_get(struct mdev_type *mtype);
void vgpuh_parent_gpu_put(struct vgpu_gpu *gpu);
struct vgpu_gpu *vgpuh_parent_device_gpu(struct device *dev);
u32 vgpuh_parent_type_share(struct mdev_type *mtype);
u64 vgpuh_parent_type_memory(struct mdev_type *mtype);
unsigned int vgpuh_parent_get_available(struct mdev_type *mtype);
ssize_t vgpuh_parent_show_description(struct mdev_type *mtype, char *buf);

#endif /* _VGPUH_PARENT_H */
