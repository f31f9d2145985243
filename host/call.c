// SPDX-License-Identifier: GPL-2.0
/*
 * Requests by opcode.  vgpu_call_prepare() turns a private copy of the guest's
 * bytes into a job in which everything is checked and every object is held by a
 * reference; vgpu_call_respond() turns the finished job into an answer;
 * vgpu_call_finish() lets the objects go.
 *
 * One row of vgpu_ops[] says all there is about an opcode.
 */
#include <linux/errno.h>
#include <linux/kernel.h>
#include <linux/math.h>
#include <linux/nospec.h>
#include <linux/sched/mm.h>
#include <linux/string.h>
#include <linux/time64.h>
#include <linux/unaligned.h>
#include <vgpu/wire.h>

#include "bo.h"
#include "call.h"
#include "ctx.h"
#include "gpu.h"
#include "module.h"
#include "prepare.h"
#include "queue.h"
#include "vgpu.h"

/**
 * struct vgpu_op - what the host knows of an opcode
 * @nparams: parameters it takes, all of them
 * @ctx: the first parameter is a context
 * @data: it takes data
 * @feature: VGPU_FEATURE_* that it is a part of, or 0
 * @restore: further parameters that it can take with VGPU_FEATURE_RESTORE: all or none
 * @prepare: check the parameters and set up &vgpu_call.job
 * @control: for an opcode that the core runs; in place of @prepare
 */
struct vgpu_op {
	u32 nparams;
	bool ctx;
	bool data;
	u64 feature;
	u32 restore;
	enum vgpu_error (*prepare)(struct vgpu_call *call);
	enum vgpu_error (*control)(struct vgpu_job *job);
};

static struct vgpu_call *vgpu_job_to_call(struct vgpu_job *job)
{
	return container_of(job, struct vgpu_call, job);
}

/* a 64-bit parameter, low word first */
static u64 vgpu_call_param64(const struct vgpu_call *call, u32 i)
{
	return (u64)call->param[i + 1] << 32 | call->param[i];
}

/* an internal error as the guest is to see it */
static enum vgpu_error vgpu_call_errno(int err)
{
	switch (err) {
	case 0:
		return VGPU_ERR_NONE;
	case -ENOENT:
		return VGPU_ERR_BAD_HANDLE;
	case -ENOSPC:
	case -ENOMEM:
		return VGPU_ERR_NO_MEMORY;
	case -ERANGE:
		return VGPU_ERR_BAD_HANDLE;
	case -EBUSY:
		return VGPU_ERR_BUSY;
	case -EINVAL:
		return VGPU_ERR_INVALID_REQUEST;
	case -EFAULT:
		return VGPU_ERR_BAD_ADDRESS;
	case -ECANCELED:
		return VGPU_ERR_CANCELED;
	case -ENODEV:
		return VGPU_ERR_BACKEND_UNAVAILABLE;
	case -ENOTRECOVERABLE:
		return VGPU_ERR_BACKEND_LOST;
	default:
		return VGPU_ERR_GPU;
	}
}

/* the range that parameters @i to @i + 2 name */
static struct vgpu_prepare_range vgpu_call_range(const struct vgpu_call *call, u32 i)
{
	return (struct vgpu_prepare_range){
		.handle = call->param[i],
		.offset = vgpu_call_param64(call, i + 1),
	};
}

static enum vgpu_error vgpu_op_nop(struct vgpu_call *call)
{
	call->job.type = VGPU_JOB_NOP;
	return VGPU_ERR_NONE;
}

static enum vgpu_error vgpu_op_compute(struct vgpu_call *call)
{
	call->job.type = VGPU_JOB_ADD;
	call->job.add.a = call->param[0];
	call->job.add.b = call->param[1];
	return VGPU_ERR_NONE;
}

static enum vgpu_error vgpu_op_get_device_info(struct vgpu_job *job)
{
	struct vgpu_call *call = vgpu_job_to_call(job);
	struct vgpu *vgpu = call->vgpu;
	struct vgpu_gpu *gpu = vgpu->gpu;
	struct vgpu_dev_info *info = (struct vgpu_dev_info *)call->answer;

	BUILD_BUG_ON(sizeof(*info) > sizeof(call->answer));
	memset(info, 0, sizeof(*info));
	info->size = cpu_to_le32(sizeof(*info));
	info->vm_id = cpu_to_le32(vgpu->vm_id);
	info->pool_id = cpu_to_le32('A' + gpu->id);
	info->max_queues = cpu_to_le32(VGPU_MAX_QUEUES);
	info->memory_size = cpu_to_le64(READ_ONCE(vgpu->quota.memory_size));
	info->memory_used = cpu_to_le64(vgpu_quota_used(vgpu));
	info->builtins = cpu_to_le64(gpu->desc.builtins);
	strscpy(info->gpu_name, gpu->name, sizeof(info->gpu_name));
	strscpy(info->backend, gpu->desc.ops->name, sizeof(info->backend));
	info->formats = cpu_to_le32(gpu->desc.formats);
	call->answer_length = sizeof(*info);
	return VGPU_ERR_NONE;
}

static enum vgpu_error vgpu_op_ctx_create(struct vgpu_job *job)
{
	struct vgpu_call *call = vgpu_job_to_call(job);
	int ret = vgpu_ctx_create(call->vgpu, &call->result[0]);

	call->result_count = !ret;
	return vgpu_call_errno(ret);
}

static enum vgpu_error vgpu_op_ctx_destroy(struct vgpu_job *job)
{
	struct vgpu_call *call = vgpu_job_to_call(job);

	return vgpu_call_errno(vgpu_ctx_destroy(call->vgpu, call->param[0]));
}

static enum vgpu_error vgpu_op_bo_create(struct vgpu_job *job)
{
	struct vgpu_call *call = vgpu_job_to_call(job);
	int ret = vgpu_bo_create(call->ctx, vgpu_call_param64(call, 1), call->param[3],
				 &call->result[0]);

	call->result_count = !ret;
	return vgpu_call_errno(ret);
}

static enum vgpu_error vgpu_op_bo_create_system(struct vgpu_job *job)
{
	struct vgpu_call *call = vgpu_job_to_call(job);
	int ret = vgpu_bo_create_system(call->ctx, vgpu_call_param64(call, 1),
					vgpu_dma_iova(vgpu_call_param64(call, 3)),
					call->param[5], &call->result[0]);

	call->result_count = !ret;
	return vgpu_call_errno(ret);
}

static enum vgpu_error vgpu_op_queue_create(struct vgpu_job *job)
{
	struct vgpu_call *call = vgpu_job_to_call(job);
	struct vgpu_prepare_range rings = vgpu_call_range(call, 1);
	enum vgpu_error err;

	/* flags, of which there are none yet */
	if (call->param[5])
		return VGPU_ERR_INVALID_REQUEST;
	err = vgpu_queue_create(call->ctx, &rings, call->param[4], call->param[6], call->param[7],
				&call->result[0]);
	call->result_count = !err;
	return err;
}

static enum vgpu_error vgpu_op_queue_destroy(struct vgpu_job *job)
{
	struct vgpu_call *call = vgpu_job_to_call(job);

	return vgpu_queue_destroy(call->ctx, call->param[1]);
}

static enum vgpu_error vgpu_op_queue_abort(struct vgpu_job *job)
{
	struct vgpu_call *call = vgpu_job_to_call(job);

	return vgpu_queue_abort(call->ctx, call->param[1]);
}

static enum vgpu_error vgpu_op_module_load(struct vgpu_job *job)
{
	struct vgpu_call *call = vgpu_job_to_call(job);
	enum vgpu_error err;

	err = vgpu_module_load(call->ctx, call->param[1], call->data_length, call->param[2],
			       &call->result[0]);
	call->result_count = !err;
	return err;
}

/* A range of guest memory, of parameters @i to @i + 4, with a reference as vgpu_prepare_range() */
static enum vgpu_error vgpu_call_guest_range(const struct vgpu_call *call, u32 i,
					     struct vgpu_bo_range *range)
{
	enum vgpu_error err = vgpu_prepare_range(call->ctx, call->param[i],
						 vgpu_call_param64(call, i + 1),
						 vgpu_call_param64(call, i + 3), range);

	if (err)
		return err;
	return vgpu_bo_vaddr(range->bo) ? VGPU_ERR_NONE : VGPU_ERR_INVALID_REQUEST;
}

static enum vgpu_error vgpu_op_module_build(struct vgpu_job *job)
{
	struct vgpu_call *call = vgpu_job_to_call(job);
	struct vgpu_module_source source = {
		.options = call->request.bytes + call->data_offset,
		.options_length = call->data_length,
	};
	enum vgpu_error err;

	/* a control job, but as much work as any */
	if (READ_ONCE(call->vgpu->entity.quarantined))
		return VGPU_ERR_QUARANTINED;
	if (source.options_length > VGPU_MAX_BUILD_OPTIONS ||
	    vgpu_call_param64(call, 5) > VGPU_MAX_SOURCE)
		return VGPU_ERR_TOO_LARGE;
	err = vgpu_call_guest_range(call, 2, &source.code);
	/* without a log its range is 0 throughout */
	if (!err && (call->param[7] || vgpu_call_param64(call, 8) || vgpu_call_param64(call, 10)))
		err = vgpu_call_guest_range(call, 7, &source.log);
	if (!err && !source.code.length)
		err = VGPU_ERR_INVALID_REQUEST;
	if (!err)
		err = vgpu_module_build(call->ctx, call->param[1], &source, call->param[12],
					&call->result[0]);
	vgpu_bo_put_async(source.code.bo);
	vgpu_bo_put_async(source.log.bo);
	call->result_count = !err;
	return err;
}

static enum vgpu_error vgpu_op_module_unload(struct vgpu_job *job)
{
	struct vgpu_call *call = vgpu_job_to_call(job);

	return vgpu_module_unload(call->ctx, call->param[1]);
}

static enum vgpu_error vgpu_op_kernel_get(struct vgpu_job *job)
{
	struct vgpu_call *call = vgpu_job_to_call(job);
	enum vgpu_error err;

	err = vgpu_kernel_get(call->ctx, call->param[1],
			      call->request.bytes + call->data_offset, call->data_length,
			      call->param[2], &call->result[0]);
	call->result_count = !err;
	return err;
}

static enum vgpu_error vgpu_op_bo_destroy(struct vgpu_job *job)
{
	struct vgpu_call *call = vgpu_job_to_call(job);

	return vgpu_call_errno(vgpu_bo_destroy(call->ctx, call->param[1]));
}

static enum vgpu_error vgpu_op_inline_copy(struct vgpu_call *call,
					   enum vgpu_job_type type, u8 *data, u32 length)
{
	call->job.type = type;
	call->job.inline_copy.data = data;
	return vgpu_prepare_range(call->ctx, call->param[1], vgpu_call_param64(call, 2),
				  length, &call->job.inline_copy.range);
}

static enum vgpu_error vgpu_op_bo_write(struct vgpu_call *call)
{
	return vgpu_op_inline_copy(call, VGPU_JOB_WRITE,
				   call->request.bytes + call->data_offset,
				   call->data_length);
}

static enum vgpu_error vgpu_op_bo_read(struct vgpu_call *call)
{
	if (call->param[4] > sizeof(call->answer))
		return VGPU_ERR_TOO_LARGE;
	call->answer_length = call->param[4];
	return vgpu_op_inline_copy(call, VGPU_JOB_READ, call->answer, call->param[4]);
}

static enum vgpu_error vgpu_op_copy(struct vgpu_call *call)
{
	struct vgpu_prepare_range dst = vgpu_call_range(call, 1);
	struct vgpu_prepare_range src = vgpu_call_range(call, 4);

	return vgpu_prepare_copy(call->ctx, &call->job, &dst, &src,
				 vgpu_call_param64(call, 7));
}

static enum vgpu_error vgpu_op_fill(struct vgpu_call *call)
{
	struct vgpu_prepare_range dst = vgpu_call_range(call, 1);

	return vgpu_prepare_fill(call->ctx, &call->job, &dst, vgpu_call_param64(call, 4),
				 call->param[6]);
}

static enum vgpu_error vgpu_op_launch(struct vgpu_call *call)
{
	return vgpu_prepare_launch(call->ctx, &call->job, call->param[1],
				   call->request.bytes + call->data_offset,
				   call->data_length);
}

static const struct vgpu_op vgpu_ops[] = {
	[VGPU_OP_NOP] = { .prepare = vgpu_op_nop },
	[VGPU_OP_COMPUTE] = { .nparams = 2, .prepare = vgpu_op_compute },
	[VGPU_OP_GET_DEVICE_INFO] = { .control = vgpu_op_get_device_info },
	[VGPU_OP_CTX_CREATE] = { .control = vgpu_op_ctx_create },
	[VGPU_OP_CTX_DESTROY] = { .nparams = 1, .control = vgpu_op_ctx_destroy },
	[VGPU_OP_BO_CREATE] = { 3, true, .restore = 1, .control = vgpu_op_bo_create },
	[VGPU_OP_BO_DESTROY] = { 2, true, .control = vgpu_op_bo_destroy },
	[VGPU_OP_BO_WRITE] = { 4, true, true, .prepare = vgpu_op_bo_write },
	[VGPU_OP_BO_READ] = { 5, true, .prepare = vgpu_op_bo_read },
	[VGPU_OP_COPY] = { 9, true, .prepare = vgpu_op_copy },
	[VGPU_OP_FILL] = { 7, true, .prepare = vgpu_op_fill },
	[VGPU_OP_LAUNCH] = { 2, true, true, .prepare = vgpu_op_launch },
	[VGPU_OP_BO_CREATE_SYSTEM] = { 5, true, false, VGPU_FEATURE_QUEUES, .restore = 1,
				       .control = vgpu_op_bo_create_system },
	[VGPU_OP_MODULE_BUILD] = { 12, true, true, VGPU_FEATURE_QUEUES, .restore = 1,
				   .control = vgpu_op_module_build },
	[VGPU_OP_QUEUE_CREATE] = { 6, true, false, VGPU_FEATURE_QUEUES, .restore = 2,
				   .control = vgpu_op_queue_create },
	[VGPU_OP_QUEUE_DESTROY] = { 2, true, false, VGPU_FEATURE_QUEUES,
				    .control = vgpu_op_queue_destroy },
	[VGPU_OP_QUEUE_ABORT] = { 2, true, false, VGPU_FEATURE_QUEUES,
				  .control = vgpu_op_queue_abort },
	[VGPU_OP_MODULE_LOAD] = { 2, true, true, VGPU_FEATURE_QUEUES, .restore = 1,
				  .control = vgpu_op_module_load },
	[VGPU_OP_MODULE_UNLOAD] = { 2, true, false, VGPU_FEATURE_QUEUES,
				    .control = vgpu_op_module_unload },
	[VGPU_OP_KERNEL_GET] = { 2, true, true, VGPU_FEATURE_QUEUES, .restore = 1,
				 .control = vgpu_op_kernel_get },
};

static const struct vgpu_op *vgpu_op_find(u32 opcode)
{
	const struct vgpu_op *op;

	if (opcode >= ARRAY_SIZE(vgpu_ops))
		return NULL;
	op = &vgpu_ops[array_index_nospec(opcode, ARRAY_SIZE(vgpu_ops))];
	return op->prepare || op->control ? op : NULL;
}

/* Is that how many parameters it takes? */
static bool vgpu_op_takes(const struct vgpu_op *op, const struct vgpu *vgpu, u32 count)
{
	if (op->restore && count == op->nparams + op->restore)
		return vgpu_has_feature(vgpu, VGPU_FEATURE_RESTORE);
	return count == op->nparams;
}

/* What a guest makes us allocate is charged to whoever runs it, not to the kernel's worker. */
static enum vgpu_error vgpu_call_control(struct vgpu_job *job)
{
	struct vgpu_call *call = vgpu_job_to_call(job);
	struct mem_cgroup *old = set_active_memcg(call->vgpu->memcg);
	enum vgpu_error err = call->op->control(job);

	set_active_memcg(old);
	return err;
}

/**
 * vgpu_call_prepare() - make a job of a request
 * @call: &vgpu_call.vgpu and &vgpu_call.request are set; the request can't be
 *	changed by the guest any more
 * @len: bytes of the request, as the guest says
 *
 * Whatever it returns, vgpu_call_finish() has to follow in the end.
 *
 * Context: process context.
 * Return: VGPU_ERR_NONE and &vgpu_call.job can be submitted, or what is wrong
 * with the request.
 */
enum vgpu_error vgpu_call_prepare(struct vgpu_call *call, u32 len)
{
	struct vgpu_wire_request req;
	const struct vgpu_op *op;
	enum vgpu_error err;
	u32 i;

	call->ctx = NULL;
	call->result_count = 0;
	call->answer_length = 0;
	call->job.group = NULL;
	call->job.ctx_stats = NULL;
	call->job.from.ctx = 0;
	call->job.gpu_ns = 0;
	/* owns no objects, whatever fails first */
	call->job.type = VGPU_JOB_NOP;

	err = vgpu_wire_request_len_check(len);
	if (!err)
		err = vgpu_wire_request_decode(&call->request.head, len, &req);
	if (err)
		return err;
	op = vgpu_op_find(req.opcode);
	if (!op || (op->feature && !vgpu_has_feature(call->vgpu, op->feature)))
		return VGPU_ERR_UNSUPPORTED_OP;
	if (!vgpu_op_takes(op, call->vgpu, req.param_count) || (req.data_length && !op->data))
		return VGPU_ERR_INVALID_REQUEST;

	memset(call->param, 0, sizeof(call->param));
	for (i = 0; i < req.param_count; i++)
		call->param[i] = get_unaligned_le32(call->request.bytes +
						    sizeof(call->request.head) +
						    i * sizeof(u32));
	call->data_offset = req.data_offset;
	call->data_length = req.data_length;

	if (op->ctx) {
		call->ctx = vgpu_ctx_find(call->vgpu, call->param[0]);
		if (!call->ctx)
			return VGPU_ERR_BAD_HANDLE;
		/* the guest waits for it, and not for all that its queues have */
		call->job.group = &call->ctx->group;
		call->job.apart = true;
		call->job.ctx_stats = &call->ctx->stats;
		call->job.from.ctx = call->ctx->id;
	}
	if (op->control) {
		call->job.type = VGPU_JOB_CONTROL;
		call->op = op;
		call->job.control = vgpu_call_control;
		return VGPU_ERR_NONE;
	}
	return op->prepare(call);
}

/**
 * vgpu_call_finish() - let go of the objects a call names
 * @call: the call; the caller owns its job, which is not going to run (again)
 *
 * Context: may sleep.
 */
void vgpu_call_finish(struct vgpu_call *call)
{
	vgpu_prepare_undo(&call->job);
	if (call->ctx)
		vgpu_ctx_put(call->ctx);
	call->ctx = NULL;
}

/**
 * vgpu_call_respond() - write the answer to a call
 * @call: the call; its job is over or was refused
 * @status: how it ended
 * @buf: VGPU_RESP_BUF_SIZE bytes
 *
 * A call that failed has neither results nor data.
 *
 * Context: any.
 * Return: bytes of the response.
 */
u32 vgpu_call_respond(struct vgpu_call *call, enum vgpu_error status, void *buf)
{
	struct vgpu_dev_response head = {
		.version = cpu_to_le32(VGPU_HEAD_VERSION),
		.status = cpu_to_le32(status),
		.exec_time_us = cpu_to_le32(min_t(u64, U32_MAX,
						  DIV_ROUND_UP_ULL(call->job.gpu_ns,
								   NSEC_PER_USEC))),
		.retry_us = cpu_to_le32(DIV_ROUND_UP_ULL(call->retry_ns, NSEC_PER_USEC)),
	};
	u32 end = sizeof(head), i;

	if (!status && call->job.type == VGPU_JOB_ADD) {
		call->result[0] = call->job.add.sum;
		call->result_count = 1;
	}
	if (!status) {
		head.result_count = cpu_to_le32(call->result_count);
		for (i = 0; i < call->result_count; i++, end += sizeof(u32))
			put_unaligned_le32(call->result[i], buf + end);
		if (call->answer_length) {
			head.data_offset = cpu_to_le32(end);
			head.data_length = cpu_to_le32(call->answer_length);
			memcpy(buf + end, call->answer, call->answer_length);
			end += call->answer_length;
		}
	}
	memcpy(buf, &head, sizeof(head));
	return end;
}
