/* SPDX-License-Identifier: GPL-2.0 */
#ifndef VGPUG_MMAP_H
#define VGPUG_MMAP_H

struct file;
struct vm_area_struct;

/* Of an offset: the handle is above */
#define VGPUG_MMAP_SHIFT	40

int vgpug_mmap(struct file *file, struct vm_area_struct *vma);

#endif /* VGPUG_MMAP_H */
