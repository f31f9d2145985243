// SPDX-License-Identifier: GPL-2.0
/*
 * What a job asks for, checked: the same rules whether it came through the mailbox
 * or a queue.  Every object a job names is held by a reference from here until
 * vgpu_prepare_undo().
 *
 * The numbers are private copies of what the guest wrote.
 */
#include <linux/kernel.h>
#include <linux/nospec.h>
#include <linux/string.h>

#include <vgpu/wire.h>

#include "bo.h"
#include "builtin.h"
#include "ctx.h"
#include "gpu.h"
#include "job.h"
#include "module.h"
#include "prepare.h"
#include "vgpu.h"

/* a live object with a reference for the caller, or what is wrong with it */
static enum vgpu_error vgpu_prepare_bo(struct vgpu_ctx *ctx, u32 handle,
				       struct vgpu_bo **bo)
{
	*bo = vgpu_bo_find(ctx, handle);
	if (!*bo)
		return VGPU_ERR_BAD_HANDLE;
	return vgpu_bo_is_lost(*bo) ? VGPU_ERR_BAD_ADDRESS : VGPU_ERR_NONE;
}

/**
 * vgpu_prepare_range() - look up an object and check a range of it
 * @ctx: the context
 * @handle: what the guest says is a handle of it
 * @offset: first byte
 * @length: bytes
 * @range: filled in, with a reference in &vgpu_bo_range.bo if that is not NULL,
 *	which is the caller's whatever is returned
 *
 * Context: process context.
 * Return: VGPU_ERR_NONE; VGPU_ERR_BAD_HANDLE; VGPU_ERR_BAD_ADDRESS if the object has
 * lost its memory; or as vgpu_wire_range_check().
 */
enum vgpu_error vgpu_prepare_range(struct vgpu_ctx *ctx, u32 handle, u64 offset,
				   u64 length, struct vgpu_bo_range *range)
{
	enum vgpu_error err;

	range->offset = offset;
	range->length = length;
	err = vgpu_prepare_bo(ctx, handle, &range->bo);
	if (err)
		return err;
	return vgpu_wire_range_check(offset, length, range->bo->size);
}

/**
 * vgpu_prepare_copy() - make a job copy
 * @ctx: the context
 * @job: the job, which holds no objects
 * @dst: where to
 * @src: where from
 * @length: bytes
 *
 * Whatever it returns, vgpu_prepare_undo() has to follow in the end.
 *
 * Context: process context.
 * Return: VGPU_ERR_NONE; VGPU_ERR_INVALID_REQUEST if the ranges overlap; or as
 * vgpu_prepare_range().
 */
enum vgpu_error vgpu_prepare_copy(struct vgpu_ctx *ctx, struct vgpu_job *job,
				  const struct vgpu_prepare_range *dst,
				  const struct vgpu_prepare_range *src, u64 length)
{
	enum vgpu_error err;

	job->type = VGPU_JOB_COPY;
	/* what isn't reached must not look like an object */
	job->copy.src.bo = NULL;
	err = vgpu_prepare_range(ctx, dst->handle, dst->offset, length, &job->copy.dst);
	if (!err)
		err = vgpu_prepare_range(ctx, src->handle, src->offset, length,
					 &job->copy.src);
	if (err)
		return err;
	if (job->copy.dst.bo == job->copy.src.bo && dst->offset < src->offset + length &&
	    src->offset < dst->offset + length)
		return VGPU_ERR_INVALID_REQUEST;
	return VGPU_ERR_NONE;
}

/**
 * vgpu_prepare_fill() - make a job fill
 * @ctx: the context
 * @job: the job, which holds no objects
 * @dst: where to
 * @length: bytes
 * @pattern: the word
 *
 * Whatever it returns, vgpu_prepare_undo() has to follow in the end.
 *
 * Context: process context.
 * Return: VGPU_ERR_NONE; VGPU_ERR_INVALID_REQUEST if the range is not one of whole
 * words; or as vgpu_prepare_range().
 */
enum vgpu_error vgpu_prepare_fill(struct vgpu_ctx *ctx, struct vgpu_job *job,
				  const struct vgpu_prepare_range *dst, u64 length,
				  u32 pattern)
{
	enum vgpu_error err;

	job->type = VGPU_JOB_FILL;
	job->fill.pattern = pattern;
	err = vgpu_prepare_range(ctx, dst->handle, dst->offset, length, &job->fill.dst);
	if (err)
		return err;
	if (!IS_ALIGNED(dst->offset | length, sizeof(u32)))
		return VGPU_ERR_INVALID_REQUEST;
	return VGPU_ERR_NONE;
}

/**
 * vgpu_prepare_timestamp() - make a job note the time
 * @ctx: the context
 * @job: the job, which holds no objects
 * @dst: where to
 *
 * Whatever it returns, vgpu_prepare_undo() has to follow in the end.
 *
 * Context: process context.
 * Return: VGPU_ERR_NONE; VGPU_ERR_INVALID_REQUEST if the offset is not a multiple of 8;
 * or as vgpu_prepare_range().
 */
enum vgpu_error vgpu_prepare_timestamp(struct vgpu_ctx *ctx, struct vgpu_job *job,
				       const struct vgpu_prepare_range *dst)
{
	enum vgpu_error err;

	job->type = VGPU_JOB_TIMESTAMP;
	/* changes in a reset, when there are no jobs */
	job->timestamp.epoch_ns = READ_ONCE(ctx->vgpu->mailbox.regs.epoch_ns);
	err = vgpu_prepare_range(ctx, dst->handle, dst->offset, sizeof(u64),
				 &job->timestamp.dst);
	if (err)
		return err;
	if (!IS_ALIGNED(dst->offset, sizeof(u64)))
		return VGPU_ERR_INVALID_REQUEST;
	return VGPU_ERR_NONE;
}

static enum vgpu_error vgpu_prepare_arg(struct vgpu_ctx *ctx, u32 kernel, u32 i,
					const struct vgpu_dev_arg *dev,
					struct vgpu_job_arg *arg)
{
	u32 type = le32_to_cpu(dev->type), handle = le32_to_cpu(dev->handle);
	u64 value = le64_to_cpu(dev->value);

	if (!vgpu_builtin_arg_is_bo(kernel, i)) {
		if (type != VGPU_ARG_VALUE || handle)
			return VGPU_ERR_INVALID_REQUEST;
		arg->value = value;
		return VGPU_ERR_NONE;
	}
	if (type != VGPU_ARG_BO)
		return VGPU_ERR_INVALID_REQUEST;
	arg->range.offset = value;
	return vgpu_prepare_bo(ctx, handle, &arg->range.bo);
}

/**
 * vgpu_prepare_launch() - make a job launch a built-in kernel
 * @ctx: the context
 * @job: the job, which holds no objects
 * @kernel: what the guest says is an enum vgpu_builtin
 * @args: private copy of an array of &struct vgpu_dev_arg, of any alignment
 * @length: bytes of it
 *
 * Whatever it returns, vgpu_prepare_undo() has to follow in the end.
 *
 * Context: process context.
 * Return: VGPU_ERR_NONE; VGPU_ERR_UNSUPPORTED_OP if the GPU has no such kernel;
 * VGPU_ERR_INVALID_REQUEST if number or type of the arguments is wrong;
 * VGPU_ERR_BAD_HANDLE; VGPU_ERR_BAD_ADDRESS; or as vgpu_builtin_check().
 */
enum vgpu_error vgpu_prepare_launch(struct vgpu_ctx *ctx, struct vgpu_job *job,
				    u32 kernel, const void *args, u32 length)
{
	struct vgpu_dev_arg dev;
	enum vgpu_error err;
	u32 nargs, i;

	err = vgpu_builtin_nargs(kernel, &nargs);
	if (err)
		return err;
	/* it is an index from here on */
	kernel = array_index_nospec(kernel, VGPU_BUILTIN_COUNT);
	if (!(ctx->vgpu->gpu->desc.builtins & BIT_ULL(kernel)))
		return VGPU_ERR_UNSUPPORTED_OP;
	if (length != nargs * sizeof(dev))
		return VGPU_ERR_INVALID_REQUEST;

	job->type = VGPU_JOB_LAUNCH;
	job->launch.kernel = kernel;
	job->launch.object = NULL;
	job->launch.nargs = nargs;
	/* what isn't reached must not look like an object */
	memset(job->launch.arg, 0, sizeof(job->launch.arg));
	for (i = 0; i < nargs; i++) {
		memcpy(&dev, args + i * sizeof(dev), sizeof(dev));
		err = vgpu_prepare_arg(ctx, kernel, i, &dev, &job->launch.arg[i]);
		if (err)
			return err;
	}
	return vgpu_builtin_check(kernel, job->launch.arg);
}

/* Such a kernel may touch all of the object from the offset on. */
static enum vgpu_error vgpu_prepare_kernel_bo(struct vgpu_ctx *ctx, u32 handle, u64 offset,
					      struct vgpu_bo_range *range)
{
	enum vgpu_error err = vgpu_prepare_bo(ctx, handle, &range->bo);

	if (err)
		return err;
	if (offset >= range->bo->size)
		return VGPU_ERR_OUT_OF_RANGE;
	range->offset = offset;
	range->length = range->bo->size - offset;
	return VGPU_ERR_NONE;
}

static enum vgpu_error vgpu_prepare_kernel_arg(struct vgpu_ctx *ctx,
					       const struct vgpu_kernel_arg *want,
					       const struct vgpu_dev_arg *dev,
					       struct vgpu_job_arg *arg)
{
	u32 type = le32_to_cpu(dev->type), handle = le32_to_cpu(dev->handle);
	u64 value = le64_to_cpu(dev->value);

	/* what may be a number has a size */
	if (type != want->type && !(type == VGPU_ARG_VALUE && want->size))
		return VGPU_ERR_INVALID_REQUEST;
	if (type == VGPU_ARG_BO)
		return vgpu_prepare_kernel_bo(ctx, handle, value, &arg->range);
	if (handle)
		return VGPU_ERR_INVALID_REQUEST;
	/* the worst that the GPU can say of local memory is that it has not so much */
	if (type == VGPU_ARG_LOCAL && (!value || value > U32_MAX))
		return VGPU_ERR_INVALID_REQUEST;
	/* bytes that the argument doesn't have */
	if (type == VGPU_ARG_VALUE && want->size < sizeof(value) && value >> (want->size * 8))
		return VGPU_ERR_INVALID_REQUEST;
	arg->value = value;
	return VGPU_ERR_NONE;
}

/**
 * vgpu_prepare_kernel() - make a job launch a kernel of a module that was built
 * @ctx: the context
 * @job: the job, which holds no objects
 * @kernel: the kernel; the caller's reference is the job's from here on, whatever is returned
 * @geometry: how many threads, as the guest says
 * @args: private copy of an array of &struct vgpu_dev_arg, of any alignment
 * @length: bytes of it
 *
 * Whatever it returns, vgpu_prepare_undo() has to follow in the end.
 *
 * Context: process context.
 * Return: VGPU_ERR_NONE; VGPU_ERR_INVALID_REQUEST if number, type or size of the arguments is
 * wrong, or there is no thread; VGPU_ERR_BAD_HANDLE; VGPU_ERR_BAD_ADDRESS; or
 * VGPU_ERR_OUT_OF_RANGE.
 */
enum vgpu_error vgpu_prepare_kernel(struct vgpu_ctx *ctx, struct vgpu_job *job,
				    struct vgpu_kernel *kernel,
				    const struct vgpu_prepare_geometry *geometry,
				    const void *args, u32 length)
{
	struct vgpu_dev_arg dev;
	enum vgpu_error err;
	u32 i;

	job->type = VGPU_JOB_LAUNCH;
	job->launch.kernel = 0;
	job->launch.object = kernel;
	job->launch.nargs = kernel->nargs;
	/* what isn't reached must not look like an object */
	memset(job->launch.arg, 0, sizeof(job->launch.arg));
	for (i = 0; i < ARRAY_SIZE(geometry->grid); i++) {
		if (!geometry->grid[i] || !geometry->block[i])
			return VGPU_ERR_INVALID_REQUEST;
		job->launch.grid[i] = geometry->grid[i];
		job->launch.block[i] = geometry->block[i];
	}
	job->launch.shared = geometry->shared;
	if (length != kernel->nargs * sizeof(dev))
		return VGPU_ERR_INVALID_REQUEST;
	for (i = 0; i < kernel->nargs; i++) {
		memcpy(&dev, args + i * sizeof(dev), sizeof(dev));
		err = vgpu_prepare_kernel_arg(ctx, &kernel->arg[i], &dev, &job->launch.arg[i]);
		if (err)
			return err;
	}
	return VGPU_ERR_NONE;
}

/**
 * vgpu_prepare_undo() - let go of the objects a job names
 * @job: the job; the caller owns it, and it is not going to run (again)
 *
 * Context: any.
 */
void vgpu_prepare_undo(struct vgpu_job *job)
{
	u32 i;

	switch (job->type) {
	case VGPU_JOB_WRITE:
	case VGPU_JOB_READ:
		vgpu_bo_put_async(job->inline_copy.range.bo);
		break;
	case VGPU_JOB_COPY:
		vgpu_bo_put_async(job->copy.dst.bo);
		vgpu_bo_put_async(job->copy.src.bo);
		break;
	case VGPU_JOB_FILL:
		vgpu_bo_put_async(job->fill.dst.bo);
		break;
	case VGPU_JOB_LAUNCH:
		for (i = 0; i < job->launch.nargs; i++)
			vgpu_bo_put_async(job->launch.arg[i].range.bo);
		vgpu_kernel_put_async(job->launch.object);
		break;
	case VGPU_JOB_TIMESTAMP:
		vgpu_bo_put_async(job->timestamp.dst.bo);
		break;
	case VGPU_JOB_CONTROL:
	case VGPU_JOB_NOP:
	case VGPU_JOB_ADD:
		break;
	}
	job->type = VGPU_JOB_NOP;
}
