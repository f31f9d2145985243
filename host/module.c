// SPDX-License-Identifier: GPL-2.0
/*
 * Modules of a context, and handles of the kernels in them.  There is one format so
 * far: the built-in kernels, of which a context loads a module to get at the names.
 *
 * Made and ended by control jobs, of which a vGPU has one at a time, or by a stop; only
 * vgpu_kernel_find() comes from elsewhere, and takes what it needs under the table's
 * lock.
 */
#include <linux/slab.h>

#include "builtin.h"
#include "ctx.h"
#include "gpu.h"
#include "module.h"
#include "vgpu.h"

/* Give a module or a kernel its handle. */
static enum vgpu_error vgpu_module_publish(struct xarray *xa, void *object, u32 max, u32 want,
					   u32 *handle)
{
	switch (vgpu_handle_alloc(xa, object, max, want, handle)) {
	case 0:
		return VGPU_ERR_NONE;
	case -EBUSY:
		return VGPU_ERR_BUSY;
	case -ERANGE:
		return VGPU_ERR_BAD_HANDLE;
	default:
		return VGPU_ERR_NO_MEMORY;
	}
}

/**
 * vgpu_module_load() - load a module
 * @ctx: into which context
 * @format: what the guest says is an enum vgpu_module_format
 * @length: bytes of the module
 * @want: the handle it is to have; 0: any
 * @handle: its handle, from 1
 *
 * Context: may sleep; control job.
 * Return: VGPU_ERR_NONE; VGPU_ERR_UNSUPPORTED_OP if the GPU doesn't take the format;
 * VGPU_ERR_INVALID_REQUEST if the module isn't one; VGPU_ERR_NO_MEMORY; VGPU_ERR_BUSY
 * if @want is taken, VGPU_ERR_BAD_HANDLE if there is no such handle.
 */
enum vgpu_error vgpu_module_load(struct vgpu_ctx *ctx, u32 format, u32 length, u32 want,
				 u32 *handle)
{
	struct vgpu_module *module;
	enum vgpu_error err;

	if (format != VGPU_MODULE_BUILTIN)
		return VGPU_ERR_UNSUPPORTED_OP;
	if (length)
		return VGPU_ERR_INVALID_REQUEST;
	module = kzalloc(sizeof(*module), GFP_KERNEL_ACCOUNT);
	if (!module)
		return VGPU_ERR_NO_MEMORY;
	module->format = format;
	err = vgpu_module_publish(&ctx->modules, module, VGPU_MAX_MODULES, want, handle);
	if (err)
		kfree(module);
	return err;
}

/**
 * vgpu_module_unload() - end a module and its kernels
 * @ctx: the context
 * @handle: what the guest says is its handle
 *
 * Launches that were taken out of a queue already are not affected.
 *
 * Context: may sleep; control job, or the end of @ctx.
 * Return: VGPU_ERR_NONE or VGPU_ERR_BAD_HANDLE.
 */
enum vgpu_error vgpu_module_unload(struct vgpu_ctx *ctx, u32 handle)
{
	struct vgpu_module *module = xa_erase(&ctx->modules, handle);
	struct vgpu_kernel *kernel;
	unsigned long i;

	if (!module)
		return VGPU_ERR_BAD_HANDLE;
	xa_for_each(&ctx->kernels, i, kernel) {
		if (kernel->module != module)
			continue;
		xa_erase(&ctx->kernels, i);
		kfree(kernel);
	}
	kfree(module);
	return VGPU_ERR_NONE;
}

/**
 * vgpu_module_unload_all() - end all modules of a context
 * @ctx: the context, of which there are no queues any more
 *
 * Context: may sleep.
 */
void vgpu_module_unload_all(struct vgpu_ctx *ctx)
{
	struct vgpu_module *module;
	unsigned long handle;

	xa_for_each(&ctx->modules, handle, module)
		vgpu_module_unload(ctx, handle);
}

/**
 * vgpu_kernel_get() - look a kernel up by its name
 * @ctx: the context
 * @module: what the guest says is a handle of a module
 * @name: its name, without NUL
 * @length: bytes of @name
 * @want: the handle it is to have; 0: any
 * @handle: a handle of it, from 1; a new one each time
 *
 * Context: may sleep; control job.
 * Return: VGPU_ERR_NONE; VGPU_ERR_BAD_HANDLE, also if there is none like @want;
 * VGPU_ERR_UNSUPPORTED_OP if the module has no kernel of that name, or the GPU doesn't have
 * it; VGPU_ERR_NO_MEMORY; VGPU_ERR_BUSY if @want is taken.
 */
enum vgpu_error vgpu_kernel_get(struct vgpu_ctx *ctx, u32 module, const void *name,
				u32 length, u32 want, u32 *handle)
{
	struct vgpu_kernel *kernel;
	enum vgpu_error err;
	u32 builtin;

	builtin = vgpu_builtin_find(name, length);
	if (!xa_load(&ctx->modules, module))
		return VGPU_ERR_BAD_HANDLE;
	if (!(ctx->vgpu->gpu->desc.builtins & BIT_ULL(builtin)))
		return VGPU_ERR_UNSUPPORTED_OP;

	kernel = kzalloc(sizeof(*kernel), GFP_KERNEL_ACCOUNT);
	if (!kernel)
		return VGPU_ERR_NO_MEMORY;
	kernel->module = xa_load(&ctx->modules, module);
	kernel->builtin = builtin;
	err = vgpu_module_publish(&ctx->kernels, kernel, VGPU_MAX_KERNELS, want, handle);
	if (err)
		kfree(kernel);
	return err;
}

/**
 * vgpu_kernel_find() - which kernel is meant by a handle?
 * @ctx: the context
 * @handle: what the guest says is a handle of a kernel
 * @builtin: the kernel
 *
 * Context: process context.
 * Return: VGPU_ERR_NONE or VGPU_ERR_BAD_HANDLE.
 */
enum vgpu_error vgpu_kernel_find(struct vgpu_ctx *ctx, u32 handle, u32 *builtin)
{
	struct vgpu_kernel *kernel;

	xa_lock(&ctx->kernels);
	kernel = xa_load(&ctx->kernels, handle);
	if (kernel)
		*builtin = kernel->builtin;
	xa_unlock(&ctx->kernels);
	return kernel ? VGPU_ERR_NONE : VGPU_ERR_BAD_HANDLE;
}
