/* SPDX-License-Identifier: GPL-2.0 */
/* Signatures of the built-in kernels. */
#ifndef _VGPU_BUILTIN_H
#define _VGPU_BUILTIN_H

#include <linux/types.h>
#include <linux/vgpu_dev.h>

struct vgpu_job_arg;

enum vgpu_error vgpu_builtin_nargs(u32 kernel, u32 *nargs);
u32 vgpu_builtin_find(const void *name, u32 length);
bool vgpu_builtin_arg_is_bo(u32 kernel, u32 arg);
enum vgpu_error vgpu_builtin_check(u32 kernel, struct vgpu_job_arg *arg);

#endif /* _VGPU_BUILTIN_H */
