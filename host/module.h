/* SPDX-License-Identifier: GPL-2.0 */
/* Modules and the kernels in them. */
#ifndef _VGPU_MODULE_H
#define _VGPU_MODULE_H

#include <linux/types.h>
#include <linux/vgpu_dev.h>

struct vgpu_ctx;

/* Modules and kernels a context may have: bounds what the host allocates for it */
#define VGPU_MAX_MODULES	64
#define VGPU_MAX_KERNELS	256

/**
 * struct vgpu_module - a module of a context
 * @format: enum vgpu_module_format
 */
struct vgpu_module {
	u32 format;
};

/**
 * struct vgpu_kernel - a kernel of a module
 * @module: the module; outlives it
 * @builtin: enum vgpu_builtin
 */
struct vgpu_kernel {
	struct vgpu_module *module;
	u32 builtin;
};

enum vgpu_error vgpu_module_load(struct vgpu_ctx *ctx, u32 format, u32 length, u32 want,
				 u32 *handle);
enum vgpu_error vgpu_module_unload(struct vgpu_ctx *ctx, u32 handle);
void vgpu_module_unload_all(struct vgpu_ctx *ctx);
enum vgpu_error vgpu_kernel_get(struct vgpu_ctx *ctx, u32 module, const void *name,
				u32 length, u32 want, u32 *handle);
enum vgpu_error vgpu_kernel_find(struct vgpu_ctx *ctx, u32 handle, u32 *builtin);

#endif /* _VGPU_MODULE_H */
