// SPDX-License-Identifier: GPL-2.0
/*
 * Modules of a context, and handles of the kernels in them.  Of the built-in kernels a
 * context loads a module to get at the names; all others the backend builds.
 *
 * Made and ended by control jobs, of which a vGPU has one at a time, or by a stop; only
 * vgpu_kernel_find() comes from elsewhere, and takes its reference under the table's lock.
 * A job that launches a kernel keeps that, and so the module, whatever becomes of the handles.
 * When it completes nobody may wait, so a work item frees what nothing holds any more.
 */
#include <linux/slab.h>
#include <linux/string.h>

#include "backend.h"
#include "builtin.h"
#include "ctx.h"
#include "gpu.h"
#include "module.h"
#include "vgpu.h"

static void vgpu_module_release(struct kref *ref)
{
	struct vgpu_module *module = container_of(ref, struct vgpu_module, ref);
	struct vgpu_gpu *gpu = module->ctx->vgpu->gpu;

	if (module->format != VGPU_MODULE_BUILTIN)
		gpu->desc.ops->module_destroy(gpu, module);
	vgpu_ctx_put(module->ctx);
	kfree(module);
}

static void vgpu_kernel_free(struct vgpu_kernel *kernel)
{
	struct vgpu_gpu *gpu = kernel->module->ctx->vgpu->gpu;

	if (kernel->module->format != VGPU_MODULE_BUILTIN)
		gpu->desc.ops->kernel_put(gpu, kernel);
	kref_put(&kernel->module->ref, vgpu_module_release);
	kfree(kernel);
}

static void vgpu_kernel_release(struct kref *ref)
{
	vgpu_kernel_free(container_of(ref, struct vgpu_kernel, ref));
}

static void vgpu_kernel_release_async(struct kref *ref)
{
	struct vgpu_kernel *kernel = container_of(ref, struct vgpu_kernel, ref);
	struct vgpu *vgpu = kernel->module->ctx->vgpu;

	if (llist_add(&kernel->unused, &vgpu->unused.kernels))
		queue_work(vgpu->gpu->leaf_wq, &vgpu->unused.kernel_work);
}

static void vgpu_module_unused_work(struct work_struct *work)
{
	struct vgpu *vgpu = container_of(work, struct vgpu, unused.kernel_work);
	struct vgpu_kernel *kernel, *next;

	llist_for_each_entry_safe(kernel, next, llist_del_all(&vgpu->unused.kernels), unused)
		vgpu_kernel_free(kernel);
}

/**
 * vgpu_module_init_unused() - no kernels that are no longer used
 * @vgpu: the vGPU
 *
 * Context: any.
 */
void vgpu_module_init_unused(struct vgpu *vgpu)
{
	init_llist_head(&vgpu->unused.kernels);
	INIT_WORK(&vgpu->unused.kernel_work, vgpu_module_unused_work);
}

/**
 * vgpu_module_flush_unused() - see that what nothing holds any more is free
 * @vgpu: the vGPU
 *
 * Context: may sleep; holds no lock that &vgpu_backend_ops.kernel_put or
 * &vgpu_backend_ops.module_destroy take.
 */
void vgpu_module_flush_unused(struct vgpu *vgpu)
{
	flush_work(&vgpu->unused.kernel_work);
}

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

static struct vgpu_module *vgpu_module_alloc(struct vgpu_ctx *ctx, u32 format)
{
	struct vgpu_module *module = kzalloc(sizeof(*module), GFP_KERNEL_ACCOUNT);

	if (!module)
		return NULL;
	module->ctx = ctx;
	module->format = format;
	kref_init(&module->ref);
	vgpu_ctx_get(ctx);
	return module;
}

/* A module that is there: give it its handle, or end it. */
static enum vgpu_error vgpu_module_made(struct vgpu_module *module, u32 want, u32 *handle)
{
	enum vgpu_error err = vgpu_module_publish(&module->ctx->modules, module,
						  VGPU_MAX_MODULES, want, handle);

	if (err)
		kref_put(&module->ref, vgpu_module_release);
	return err;
}

/**
 * vgpu_module_load() - load the module of the built-in kernels
 * @ctx: into which context
 * @format: what the guest says is an enum vgpu_module_format
 * @length: bytes of the module
 * @want: the handle it is to have; 0: any
 * @handle: its handle, from 1
 *
 * Context: may sleep; control job.
 * Return: VGPU_ERR_NONE; VGPU_ERR_UNSUPPORTED_OP if it is none of these;
 * VGPU_ERR_INVALID_REQUEST if the module isn't one; VGPU_ERR_NO_MEMORY; VGPU_ERR_BUSY
 * if @want is taken, VGPU_ERR_BAD_HANDLE if there is no such handle.
 */
enum vgpu_error vgpu_module_load(struct vgpu_ctx *ctx, u32 format, u32 length, u32 want,
				 u32 *handle)
{
	struct vgpu_module *module;

	if (format != VGPU_MODULE_BUILTIN)
		return VGPU_ERR_UNSUPPORTED_OP;
	if (length)
		return VGPU_ERR_INVALID_REQUEST;
	module = vgpu_module_alloc(ctx, format);
	return module ? vgpu_module_made(module, want, handle) : VGPU_ERR_NO_MEMORY;
}

/**
 * vgpu_module_build() - build a module of its source
 * @ctx: into which context
 * @format: what the guest says is an enum vgpu_module_format
 * @source: of what, checked: ranges of guest memory
 * @want: the handle it is to have; 0: any
 * @handle: its handle, from 1
 *
 * Context: may sleep, as long as a compiler takes; control job.
 * Return: VGPU_ERR_NONE; VGPU_ERR_UNSUPPORTED_OP if the GPU doesn't take the format; as
 * &vgpu_backend_ops.module_build; or as vgpu_module_load().
 */
enum vgpu_error vgpu_module_build(struct vgpu_ctx *ctx, u32 format,
				  const struct vgpu_module_source *source, u32 want, u32 *handle)
{
	struct vgpu_gpu *gpu = ctx->vgpu->gpu;
	struct vgpu_module *module;
	enum vgpu_error err;

	if (format >= VGPU_MODULE_FORMATS || !(gpu->desc.formats & BIT(format)))
		return VGPU_ERR_UNSUPPORTED_OP;
	module = vgpu_module_alloc(ctx, format);
	if (!module)
		return VGPU_ERR_NO_MEMORY;
	err = gpu->desc.ops->module_build(gpu, module, source);
	if (err) {
		/* it is none for the backend */
		vgpu_ctx_put(ctx);
		kfree(module);
		return err;
	}
	return vgpu_module_made(module, want, handle);
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
		kref_put(&kernel->ref, vgpu_kernel_release);
	}
	kref_put(&module->ref, vgpu_module_release);
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

/* What the kernel is, or why there is none */
static enum vgpu_error vgpu_kernel_look_up(struct vgpu_kernel *kernel, const void *name,
					   u32 length)
{
	struct vgpu_gpu *gpu = kernel->module->ctx->vgpu->gpu;

	if (kernel->module->format != VGPU_MODULE_BUILTIN)
		return gpu->desc.ops->kernel_get(gpu, kernel, name, length);
	kernel->builtin = vgpu_builtin_find(name, length);
	return gpu->desc.builtins & BIT_ULL(kernel->builtin) ? VGPU_ERR_NONE :
							       VGPU_ERR_UNSUPPORTED_OP;
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
 * it; VGPU_ERR_NO_MEMORY; VGPU_ERR_BUSY if @want is taken; or as
 * &vgpu_backend_ops.kernel_get.
 */
enum vgpu_error vgpu_kernel_get(struct vgpu_ctx *ctx, u32 module, const void *name,
				u32 length, u32 want, u32 *handle)
{
	struct vgpu_kernel *kernel;
	enum vgpu_error err;

	kernel = kzalloc(sizeof(*kernel), GFP_KERNEL_ACCOUNT);
	if (!kernel)
		return VGPU_ERR_NO_MEMORY;
	/* nobody else ends one meanwhile */
	kernel->module = xa_load(&ctx->modules, module);
	err = kernel->module ? vgpu_kernel_look_up(kernel, name, length) : VGPU_ERR_BAD_HANDLE;
	if (err) {
		kfree(kernel);
		return err;
	}
	kref_init(&kernel->ref);
	kref_get(&kernel->module->ref);
	err = vgpu_module_publish(&ctx->kernels, kernel, VGPU_MAX_KERNELS, want, handle);
	if (err)
		kref_put(&kernel->ref, vgpu_kernel_release);
	return err;
}

/**
 * vgpu_kernel_find() - which kernel is meant by a handle?
 * @ctx: the context
 * @handle: what the guest says is a handle of a kernel
 *
 * Context: process context.
 * Return: the kernel with a reference for the caller, or NULL.
 */
struct vgpu_kernel *vgpu_kernel_find(struct vgpu_ctx *ctx, u32 handle)
{
	struct vgpu_kernel *kernel;

	xa_lock(&ctx->kernels);
	kernel = xa_load(&ctx->kernels, handle);
	if (kernel)
		kref_get(&kernel->ref);
	xa_unlock(&ctx->kernels);
	return kernel;
}

/**
 * vgpu_kernel_put_async() - drop a reference, and don't wait if it was the last
 * @kernel: the kernel, or NULL
 *
 * Context: any.
 */
void vgpu_kernel_put_async(struct vgpu_kernel *kernel)
{
	if (kernel)
		kref_put(&kernel->ref, vgpu_kernel_release_async);
}
