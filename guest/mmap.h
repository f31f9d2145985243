/* SPDX-License-Identifier: GPL-2.0 */
#ifndef VGPUG_MMAP_H
#define VGPUG_MMAP_H

#include <linux/types.h>

struct file;
struct vgpug_bo;
struct vgpug_objects;
struct vm_area_struct;

int vgpug_mmap_add_bo(struct vgpug_objects *objects, struct vgpug_bo *bo);
void vgpug_mmap_del_bo(struct vgpug_objects *objects, struct vgpug_bo *bo);
u64 vgpug_mmap_offset(const struct vgpug_bo *bo);
int vgpug_mmap(struct file *file, struct vm_area_struct *vma);

#endif /* VGPUG_MMAP_H */
