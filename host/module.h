/* SPDX-License-Identifier: GPL-2.0 */
/* Modules and the kernels in them. */
#ifndef _VGPU_MODULE_H
#define _VGPU_MODULE_H

#include <linux/kref.h>
#include <linux/llist.h>
#include <linux/types.h>
#include <linux/vgpu_dev.h>

#include "job.h"

struct vgpu;
struct vgpu_ctx;

/* Modules and kernels a context may have: bounds what the host allocates for it */
#define VGPU_MAX_MODULES	64
#define VGPU_MAX_KERNELS	256

/**
 * struct vgpu_module - a module of a context
 * @ctx: the context, with a reference
 * @ref: one for the handle, one for each kernel
 * @format: enum vgpu_module_format
 * @priv: the backend's own, not for VGPU_MODULE_BUILTIN
 */
struct vgpu_module {
	struct vgpu_ctx *ctx;
	struct kref ref;
	u32 format;
	void *priv;
};

/**
 * struct vgpu_module_source - what a module is to be built of
 * @code: the module itself
 * @log: where the compiler's words go; &vgpu_bo_range.bo is NULL if nowhere
 * @options: for the compiler, not NUL-terminated
 * @options_length: bytes of it, VGPU_MAX_BUILD_OPTIONS at most
 *
 * Who passes it on holds the references in it.
 */
struct vgpu_module_source {
	struct vgpu_bo_range code;
	struct vgpu_bo_range log;
	const char *options;
	u32 options_length;
};

/**
 * struct vgpu_kernel_arg - what a kernel takes as an argument
 * @type: enum vgpu_arg_type
 * @size: of a VGPU_ARG_VALUE: bytes, 1 to 8; of a VGPU_ARG_BO: 8 if a VGPU_ARG_VALUE will do
 *	as well, else 0
 */
struct vgpu_kernel_arg {
	u8 type;
	u8 size;
};

/**
 * struct vgpu_kernel - a kernel of a module
 * @module: the module, with a reference
 * @ref: one for the handle, one for each job that launches it
 * @unused: in &vgpu.unused
 * @builtin: enum vgpu_builtin, of a module of these.  What follows is of others
 * @priv: the backend's own
 * @nargs: arguments, VGPU_MAX_ARGS at most
 * @arg: what they are
 */
struct vgpu_kernel {
	struct vgpu_module *module;
	struct kref ref;
	struct llist_node unused;
	u32 builtin;
	void *priv;
	u32 nargs;
	struct vgpu_kernel_arg arg[VGPU_MAX_ARGS];
};

void vgpu_module_init_unused(struct vgpu *vgpu);
void vgpu_module_flush_unused(struct vgpu *vgpu);
enum vgpu_error vgpu_module_load(struct vgpu_ctx *ctx, u32 format, u32 length, u32 want,
				 u32 *handle);
enum vgpu_error vgpu_module_build(struct vgpu_ctx *ctx, u32 format,
				  const struct vgpu_module_source *source, u32 want, u32 *handle);
enum vgpu_error vgpu_module_unload(struct vgpu_ctx *ctx, u32 handle);
void vgpu_module_unload_all(struct vgpu_ctx *ctx);
enum vgpu_error vgpu_kernel_get(struct vgpu_ctx *ctx, u32 module, const void *name,
				u32 length, u32 want, u32 *handle);
struct vgpu_kernel *vgpu_kernel_find(struct vgpu_ctx *ctx, u32 handle);
void vgpu_kernel_put_async(struct vgpu_kernel *kernel);

#endif /* _VGPU_MODULE_H */
