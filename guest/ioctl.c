// SPDX-License-Identifier: GPL-2.0
/*
 * The ioctls of /dev/vgpuN.  <linux/vgpu.h> has the rules for sizes and errors.
 *
 * vgpug_ioctl() copies a command in, whatever its size, and out again; the
 * functions in vgpug_ioctl_ops[] see a complete structure in kernel memory.
 * Only pointers inside of it lead to the process's memory.
 */
#include <linux/build_bug.h>
#include <linux/fs.h>
#include <linux/nospec.h>
#include <linux/uaccess.h>
#include <linux/vgpu.h>

#include "cdev.h"
#include "ctx.h"
#include "ioctl.h"
#include "object.h"

/* of the first published version; a later one only grows */
static_assert(sizeof(struct vgpu_info) == 152);
static_assert(offsetofend(struct vgpu_request, exec_time_us) == 72);
static_assert(sizeof(struct vgpu_bo_create) == 40);
static_assert(sizeof(struct vgpu_bo_destroy) == 16);
static_assert(sizeof(struct vgpu_queue_create) == 40);
static_assert(sizeof(struct vgpu_queue_destroy) == 16);
static_assert(sizeof(struct vgpu_queue_wait) == 16);
static_assert(sizeof(struct vgpu_queue_arm) == 16);
static_assert(sizeof(struct vgpu_queue_eventfd) == 16);

/* Long enough for a queue in front; short enough for someone at a terminal */
#define VGPUG_DEFAULT_TIMEOUT_MS	10000

/**
 * struct vgpug_opcode - what the driver knows of an opcode
 */
struct vgpug_opcode {
	/** @offered: programs may use it */
	bool offered;
	/** @needs_ctx: its first parameter is the context, which we add */
	bool needs_ctx;
	/** @makes: something, which is to be there after a sleep of the machine */
	bool makes;
	/** @ends: the opcode that makes what this ends; or 0 */
	u32 ends;
};

/* CTX_CREATE and CTX_DESTROY are not for programs: ctx.c has them */
static const struct vgpug_opcode vgpug_opcodes[] = {
	[VGPU_OP_NOP] = { .offered = true },
	[VGPU_OP_COMPUTE] = { .offered = true },
	[VGPU_OP_GET_DEVICE_INFO] = { .offered = true },
	[VGPU_OP_BO_CREATE] = { .offered = true, .needs_ctx = true, .makes = true },
	[VGPU_OP_BO_DESTROY] = { .offered = true, .needs_ctx = true, .ends = VGPU_OP_BO_CREATE },
	[VGPU_OP_BO_WRITE] = { .offered = true, .needs_ctx = true },
	[VGPU_OP_BO_READ] = { .offered = true, .needs_ctx = true },
	[VGPU_OP_COPY] = { .offered = true, .needs_ctx = true },
	[VGPU_OP_FILL] = { .offered = true, .needs_ctx = true },
	[VGPU_OP_LAUNCH] = { .offered = true, .needs_ctx = true },
	[VGPU_OP_MODULE_BUILD] = { .offered = true, .needs_ctx = true, .makes = true },
	[VGPU_OP_MODULE_LOAD] = { .offered = true, .needs_ctx = true, .makes = true },
	[VGPU_OP_MODULE_UNLOAD] = { .offered = true, .needs_ctx = true,
				    .ends = VGPU_OP_MODULE_LOAD },
	[VGPU_OP_KERNEL_GET] = { .offered = true, .needs_ctx = true, .makes = true },
	[VGPU_OP_QUEUE_ABORT] = { .offered = true, .needs_ctx = true },
};

static const struct vgpug_opcode *vgpug_opcode_find(u32 opcode)
{
	if (opcode >= ARRAY_SIZE(vgpug_opcodes))
		return NULL;
	opcode = array_index_nospec(opcode, ARRAY_SIZE(vgpug_opcodes));
	return vgpug_opcodes[opcode].offered ? &vgpug_opcodes[opcode] : NULL;
}

static void vgpug_info_from_device(struct vgpu_info *info,
				   const struct vgpug_request *request)
{
	struct vgpu_dev_info dev_info = {};
	u32 length;

	if (request->status != VGPU_ERR_NONE)
		return;
	length = min_t(u32, request->data_length, sizeof(dev_info));
	memcpy(&dev_info, vgpug_request_answer(request), length);
	/* An older host may send less, and means what it says in size */
	length = min(length, le32_to_cpu(dev_info.size));
	memset((u8 *)&dev_info + length, 0, sizeof(dev_info) - length);

	info->max_queues = le32_to_cpu(dev_info.max_queues);
	info->memory_size = le64_to_cpu(dev_info.memory_size);
	info->memory_used = le64_to_cpu(dev_info.memory_used);
	info->builtins = le64_to_cpu(dev_info.builtins);
	info->formats = le32_to_cpu(dev_info.formats);
	strscpy(info->gpu_name, dev_info.gpu_name, sizeof(info->gpu_name));
	strscpy(info->backend, dev_info.backend, sizeof(info->backend));
}

static int vgpug_ioctl_get_info(struct vgpug_ctx *ctx, void *cmd)
{
	struct vgpug_device *vdev = vgpug_ctx_device(ctx);
	struct vgpug_request *request;
	struct vgpug_identity identity;
	struct vgpu_info *info = cmd;
	u32 size = info->size;
	int err;

	if (info->__reserved || info->__reserved1)
		return -EINVAL;
	request = vgpug_request_alloc();
	if (!request)
		return -ENOMEM;
	vgpug_request_encode(request, VGPU_OP_GET_DEVICE_INFO, 0, 0);
	err = vgpug_ctx_run(ctx, request, false, VGPUG_DEFAULT_TIMEOUT_MS);
	if (!err)
		err = vgpug_mailbox_identify(ctx->mb, &identity);
	if (err)
		goto out_put_request;

	memset(info, 0, sizeof(*info));
	info->size = size;
	info->flags = vdev->info_flags;
	info->protocol = identity.protocol;
	info->capabilities = identity.capabilities;
	info->vm_id = identity.vm_id;
	info->pool_id = identity.pool_id;
	info->priority = identity.priority;
	info->irq_vectors = vdev->nr_irqs;
	strscpy(info->bus_name, vdev->bus_name, sizeof(info->bus_name));
	vgpug_info_from_device(info, request);

out_put_request:
	vgpug_request_put(request);
	return err;
}

/* Moves parameters and data from the process into an encoded request */
static int vgpug_request_fill(struct vgpug_request *request,
			      const struct vgpu_request *cmd, bool needs_ctx)
{
	__le32 *params = vgpug_request_params(request) + needs_ctx;

	if (copy_from_user(params, u64_to_user_ptr(cmd->params),
			   cmd->param_count * sizeof(*params)))
		return -EFAULT;
	cpu_to_le32_array((__force u32 *)params, cmd->param_count);
	if (copy_from_user(vgpug_request_data(request),
			   u64_to_user_ptr(cmd->data), cmd->data_length))
		return -EFAULT;
	return 0;
}

/* Moves the response to the process; it is not used any more afterwards */
static int vgpug_request_deliver(struct vgpug_request *request,
				 struct vgpu_request *cmd)
{
	u32 results_room = cmd->result_count;
	u32 answer_room = cmd->answer_length;
	u32 *results;

	cmd->status = request->status;
	cmd->exec_time_us = request->exec_time_us;
	cmd->retry_us = request->retry_us;
	cmd->result_count = request->result_count;
	cmd->answer_length = request->data_length;
	if (request->result_count > results_room ||
	    request->data_length > answer_room)
		return -ENOSPC;

	results = (__force u32 *)vgpug_request_results(request);
	le32_to_cpu_array(results, request->result_count);
	if (copy_to_user(u64_to_user_ptr(cmd->results), results,
			 request->result_count * sizeof(*results)))
		return -EFAULT;
	if (copy_to_user(u64_to_user_ptr(cmd->answer),
			 vgpug_request_answer(request), request->data_length))
		return -EFAULT;
	return 0;
}

static int vgpug_ioctl_request(struct vgpug_ctx *ctx, void *data)
{
	const struct vgpug_opcode *opcode;
	struct vgpug_request *request;
	struct vgpu_request *cmd = data;
	u32 param_count;
	int err;

	opcode = vgpug_opcode_find(cmd->opcode);
	if (!opcode || cmd->flags)
		return -EOPNOTSUPP;
	if (cmd->__reserved)
		return -EINVAL;
	if (cmd->param_count > VGPU_REQ_MAX_PAYLOAD / sizeof(u32))
		return -EMSGSIZE;
	param_count = cmd->param_count + opcode->needs_ctx;
	if (!vgpug_request_fits(param_count, cmd->data_length))
		return -EMSGSIZE;

	request = vgpug_request_alloc();
	if (!request)
		return -ENOMEM;
	vgpug_request_encode(request, cmd->opcode, param_count,
			     cmd->data_length);
	err = vgpug_request_fill(request, cmd, opcode->needs_ctx);
	if (!err && opcode->makes)
		err = vgpug_record_made_by(&ctx->records, request);
	if (!err && opcode->ends)
		vgpug_record_ended_by(&ctx->records, request, opcode->ends);
	if (!err)
		err = vgpug_ctx_run(ctx, request, opcode->needs_ctx,
				    cmd->timeout_ms ?: VGPUG_DEFAULT_TIMEOUT_MS);
	if (!err)
		err = vgpug_request_deliver(request, cmd);
	vgpug_request_put(request);
	return err;
}

union vgpug_ioctl_cmd {
	u32 size;
	struct vgpu_info info;
	struct vgpu_request request;
	struct vgpu_bo_create bo_create;
	struct vgpu_bo_destroy bo_destroy;
	struct vgpu_queue_create queue_create;
	struct vgpu_queue_destroy queue_destroy;
	struct vgpu_queue_wait queue_wait;
	struct vgpu_queue_arm queue_arm;
	struct vgpu_queue_eventfd queue_eventfd;
};

/**
 * struct vgpug_ioctl_op - an ioctl
 */
struct vgpug_ioctl_op {
	/** @fn: does it; the structure goes back to the process on 0, -ENOSPC, -EREMOTEIO */
	int (*fn)(struct vgpug_ctx *ctx, void *cmd);
	/** @size: of the structure as the driver knows it */
	size_t size;
	/** @min_size: of its first published version */
	size_t min_size;
};

#define VGPUG_IOCTL_OP(_cmd, _fn, _struct, _last)			\
	[_IOC_NR(_cmd) - VGPU_CMD_BASE] = {				\
		.fn = _fn,						\
		.size = sizeof(_struct) +				\
			BUILD_BUG_ON_ZERO(sizeof(union vgpug_ioctl_cmd) < \
					  sizeof(_struct)),		\
		.min_size = offsetofend(_struct, _last),		\
	}

static const struct vgpug_ioctl_op vgpug_ioctl_ops[] = {
	VGPUG_IOCTL_OP(VGPU_IOC_GET_INFO, vgpug_ioctl_get_info,
		       struct vgpu_info, bus_name),
	VGPUG_IOCTL_OP(VGPU_IOC_REQUEST, vgpug_ioctl_request,
		       struct vgpu_request, exec_time_us),
	VGPUG_IOCTL_OP(VGPU_IOC_BO_CREATE, vgpug_ioctl_bo_create,
		       struct vgpu_bo_create, status),
	VGPUG_IOCTL_OP(VGPU_IOC_BO_DESTROY, vgpug_ioctl_bo_destroy,
		       struct vgpu_bo_destroy, __reserved),
	VGPUG_IOCTL_OP(VGPU_IOC_QUEUE_CREATE, vgpug_ioctl_queue_create,
		       struct vgpu_queue_create, __reserved),
	VGPUG_IOCTL_OP(VGPU_IOC_QUEUE_DESTROY, vgpug_ioctl_queue_destroy,
		       struct vgpu_queue_destroy, __reserved),
	VGPUG_IOCTL_OP(VGPU_IOC_QUEUE_WAIT, vgpug_ioctl_queue_wait,
		       struct vgpu_queue_wait, timeout_ms),
	VGPUG_IOCTL_OP(VGPU_IOC_QUEUE_ARM, vgpug_ioctl_queue_arm,
		       struct vgpu_queue_arm, passed),
	VGPUG_IOCTL_OP(VGPU_IOC_QUEUE_EVENTFD, vgpug_ioctl_queue_eventfd,
		       struct vgpu_queue_eventfd, __reserved),
};

/**
 * vgpug_ioctl() - an ioctl on /dev/vgpuN
 * @file: open
 * @cmd: VGPU_IOC_*
 * @arg: pointer to its structure
 *
 * Context: Process context.
 * Return: 0 or a negative errno of the dictionary in <linux/vgpu.h>.
 */
long vgpug_ioctl(struct file *file, unsigned int cmd, unsigned long arg)
{
	unsigned int nr = _IOC_NR(cmd) - VGPU_CMD_BASE;
	void __user *user_cmd = (void __user *)arg;
	const struct vgpug_ioctl_op *op;
	union vgpug_ioctl_cmd buf = {};
	u32 user_size;
	int err;

	if (cmd != _IO(VGPU_IOCTL_TYPE, _IOC_NR(cmd)) ||
	    nr >= ARRAY_SIZE(vgpug_ioctl_ops))
		return -ENOTTY;
	op = &vgpug_ioctl_ops[array_index_nospec(nr,
						 ARRAY_SIZE(vgpug_ioctl_ops))];

	if (get_user(user_size, (u32 __user *)user_cmd))
		return -EFAULT;
	if (user_size < op->min_size)
		return -EINVAL;
	/* No structure will be that large; spares us a long look for zeros */
	if (user_size > PAGE_SIZE)
		return -E2BIG;
	err = copy_struct_from_user(&buf, op->size, user_cmd, user_size);
	if (err)
		return err;
	/* It may have changed since it was read first */
	buf.size = user_size;

	err = op->fn(file->private_data, &buf);
	if (err && err != -ENOSPC && err != -EREMOTEIO)
		return err;
	if (copy_to_user(user_cmd, &buf, min_t(size_t, user_size, op->size)))
		return -EFAULT;
	return err;
}
