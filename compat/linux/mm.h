/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Memory management as of Linux 7.x on older kernels.
 *
 * vm_flags_set() came with 6.3; before that the flags were written as they are.
 */
#ifndef _VGPU_COMPAT_LINUX_MM_H
#define _VGPU_COMPAT_LINUX_MM_H

#include <linux/version.h>
#include_next <linux/mm.h>

#if LINUX_VERSION_CODE < KERNEL_VERSION(6, 3, 0)
static inline void vm_flags_set(struct vm_area_struct *vma, vm_flags_t flags)
{
	vma->vm_flags |= flags;
}
#endif

#endif /* _VGPU_COMPAT_LINUX_MM_H */
