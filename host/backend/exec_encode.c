// SPDX-License-Identifier: GPL-2.0
/* What a job asks for, in the words of a channel: entries and slots. */
#include <linux/build_bug.h>
#include <linux/kernel.h>
#include <linux/string.h>

#include "bo.h"
#include "exec.h"
#include "job.h"
#include "module.h"

/**
 * vgpu_exec_bo_number() - by what number the worker knows an object
 * @bo: the object
 *
 * Context: any.
 */
u32 vgpu_exec_bo_number(const struct vgpu_bo *bo)
{
	const struct vgpu_exec_object *object = bo->priv;

	return object->number;
}

/**
 * vgpu_exec_range() - a range as the worker knows it
 * @range: of an object that is one of a channel
 *
 * Context: any.
 */
struct vgpu_exec_arg vgpu_exec_range(const struct vgpu_bo_range *range)
{
	return (struct vgpu_exec_arg){
		.bo = vgpu_exec_bo_number(range->bo),
		.type = VGPU_ARG_BO,
		.value = range->offset,
		.length = range->length,
	};
}

static void vgpu_exec_encode_range(__le32 *bo, __le64 *offset, const struct vgpu_bo_range *range)
{
	*bo = cpu_to_le32(vgpu_exec_bo_number(range->bo));
	*offset = cpu_to_le64(range->offset);
}

/* Return the opcode. */
static u32 vgpu_exec_encode_launch(struct vgpu_exec_slot *slot, struct vgpu_dev_sqe *sqe,
				   const struct vgpu_job *job)
{
	const struct vgpu_kernel *kernel = job->launch.object;
	u32 i;

	sqe->launch.kernel = cpu_to_le32(job->launch.kernel);
	if (kernel) {
		sqe->launch.kernel = cpu_to_le32(vgpu_exec_kernel_number(kernel));
		for (i = 0; i < ARRAY_SIZE(sqe->launch.grid); i++) {
			sqe->launch.grid[i] = cpu_to_le32(job->launch.grid[i]);
			sqe->launch.block[i] = cpu_to_le32(job->launch.block[i]);
		}
		sqe->launch.shared = cpu_to_le32(job->launch.shared);
	}
	slot->nargs = job->launch.nargs;
	for (i = 0; i < job->launch.nargs; i++) {
		const struct vgpu_job_arg *arg = &job->launch.arg[i];
		struct vgpu_exec_arg out = {
			.type = VGPU_ARG_VALUE,
			.value = arg->value,
			.length = kernel ? kernel->arg[i].size : sizeof(arg->value),
		};

		if (arg->range.bo) {
			out = vgpu_exec_range(&arg->range);
		} else if (kernel && kernel->arg[i].type == VGPU_ARG_LOCAL) {
			out.type = VGPU_ARG_LOCAL;
			out.value = 0;
			out.length = arg->value;
		}
		slot->arg[i] = out;
	}
	return kernel ? VGPU_EXEC_OP_KERNEL : VGPU_EXEC_OP_LAUNCH;
}

/**
 * vgpu_exec_encode() - write a job where the worker reads it
 * @slot: the entry's slot
 * @sqe: the entry; all zeroes but for what is common
 * @job: the job
 *
 * Context: any.
 * Return: enum vgpu_exec_opcode.
 */
u32 vgpu_exec_encode(struct vgpu_exec_slot *slot, struct vgpu_dev_sqe *sqe,
		     const struct vgpu_job *job)
{
	BUILD_BUG_ON(VGPU_JOB_FROM_MAILBOX != -1);
	slot->queue = job->from.queue + 1;
	switch (job->type) {
	case VGPU_JOB_COPY:
		vgpu_exec_encode_range(&sqe->copy.dst, &sqe->copy.dst_offset, &job->copy.dst);
		vgpu_exec_encode_range(&sqe->copy.src, &sqe->copy.src_offset, &job->copy.src);
		sqe->copy.length = cpu_to_le64(job->copy.dst.length);
		return VGPU_EXEC_OP_COPY;
	case VGPU_JOB_FILL:
		vgpu_exec_encode_range(&sqe->fill.dst, &sqe->fill.offset, &job->fill.dst);
		sqe->fill.pattern = cpu_to_le32(job->fill.pattern);
		sqe->fill.length = cpu_to_le64(job->fill.dst.length);
		return VGPU_EXEC_OP_FILL;
	case VGPU_JOB_WRITE:
		vgpu_exec_encode_range(&sqe->copy.dst, &sqe->copy.dst_offset,
				       &job->inline_copy.range);
		sqe->copy.length = cpu_to_le64(job->inline_copy.range.length);
		memcpy(slot->data, job->inline_copy.data, job->inline_copy.range.length);
		return VGPU_EXEC_OP_WRITE;
	case VGPU_JOB_READ:
		vgpu_exec_encode_range(&sqe->copy.src, &sqe->copy.src_offset,
				       &job->inline_copy.range);
		sqe->copy.length = cpu_to_le64(job->inline_copy.range.length);
		return VGPU_EXEC_OP_READ;
	case VGPU_JOB_TIMESTAMP:
		vgpu_exec_encode_range(&sqe->fill.dst, &sqe->fill.offset, &job->timestamp.dst);
		sqe->fill.length = cpu_to_le64(job->timestamp.epoch_ns);
		return VGPU_EXEC_OP_TIMESTAMP;
	case VGPU_JOB_LAUNCH:
		return vgpu_exec_encode_launch(slot, sqe, job);
	default:
		return VGPU_EXEC_OP_NOP;
	}
}
