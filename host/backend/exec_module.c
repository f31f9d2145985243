// SPDX-License-Identifier: GPL-2.0
/*
 * Modules and kernels of the guest's own, which a worker builds.  That takes it as long as a
 * compiler takes, so it is no entry of the rings: there it would keep others' jobs from the
 * GPU.  A worker has a thread that asks for such tasks by ioctl, and answers.
 *
 * A task is the caller's, who waits; the worker is given a copy, and answers by a number.  If
 * the caller goes before, because the vGPU is stopped or guest memory is taken away, the worker
 * is still at it, with what isn't there any more: so its channel ends.
 *
 * What is built is an object of the channel: the worker is told of its end by the rings, after
 * the last launch.
 */
#include <linux/jiffies.h>
#include <linux/minmax.h>
#include <linux/moduleparam.h>
#include <linux/sched.h>
#include <linux/slab.h>
#include <linux/string.h>

#include "bo.h"
#include "ctx.h"
#include "exec.h"
#include "module.h"
#include "vgpu.h"

/* What compilers take; half of what guests wait for others that use their mailbox meanwhile */
static unsigned int build_s = 30;
module_param(build_s, uint, 0644);
MODULE_PARM_DESC(build_s, "a worker that takes more than so many seconds over a module is ended (default 30; 1 to 3600)");

#define VGPU_EXEC_BUILD_S_MAX		3600

/* NUL-terminated in the task */
static_assert(sizeof_field(struct vgpu_exec_task, text) > VGPU_MAX_BUILD_OPTIONS);
static_assert(sizeof_field(struct vgpu_exec_task, text) > VGPU_REQ_MAX_PAYLOAD);

/**
 * vgpu_exec_kernel_number() - by what number the worker knows a kernel
 * @kernel: the kernel
 *
 * Context: any.
 */
u32 vgpu_exec_kernel_number(const struct vgpu_kernel *kernel)
{
	const struct vgpu_exec_object *object = kernel->priv;

	return object->number;
}

static bool vgpu_exec_call_is_over(struct vgpu_exec_channel *channel,
				   const struct vgpu_exec_call *call)
{
	/* pairs with vgpu_exec_task_done() */
	return smp_load_acquire(&call->done) || vgpu_exec_channel_is_dead(channel);
}

/**
 * vgpu_exec_calls_end() - there is no worker any more for what isn't answered
 * @channel: the channel, which has ended
 *
 * Context: may sleep; takes &vgpu_exec_channel.task_lock.
 */
void vgpu_exec_calls_end(struct vgpu_exec_channel *channel)
{
	struct vgpu_exec_call *call;

	mutex_lock(&channel->task_lock);
	list_for_each_entry(call, &channel->tasks, node) {
		call->given = true;
		if (call->done)
			continue;
		call->status = VGPU_ERR_BACKEND_LOST;
		/* as in vgpu_exec_task_done() */
		smp_store_release(&call->done, true);
	}
	WRITE_ONCE(channel->nr_tasks, 0);
	mutex_unlock(&channel->task_lock);
}

/*
 * Have the worker asked.  Return false if there is none; else the channel doesn't begin anew before
 * vgpu_exec_calls_end() has seen the call.
 */
static bool vgpu_exec_call_begin(struct vgpu_exec_ctx *ctx, struct vgpu_exec_call *call,
				 struct vgpu_exec_object *object)
{
	struct vgpu_exec_channel *channel = ctx->channel;
	bool alive;

	mutex_lock(&channel->task_lock);
	mutex_lock(&channel->lock);
	/* a context that is there while its worker is about to return has no modules yet */
	alive = !READ_ONCE(ctx->lost) && channel->state == VGPU_EXEC_RUNNING;
	if (alive)
		object->life = channel->life;
	mutex_unlock(&channel->lock);
	if (alive) {
		call->task.id = ++channel->last_task;
		list_add_tail(&call->node, &channel->tasks);
		WRITE_ONCE(channel->nr_tasks, channel->nr_tasks + 1);
	}
	mutex_unlock(&channel->task_lock);
	return alive;
}

/*
 * Have the worker make @object.  Return what it said; VGPU_ERR_CANCELED if the vGPU is being
 * stopped; or as vgpu_exec_ctx_gone() if there is no worker (any more).
 */
static enum vgpu_error vgpu_exec_call_run(struct vgpu_exec_ctx *ctx, struct vgpu_exec_call *call,
					  struct vgpu_exec_object *object, const struct vgpu *vgpu)
{
	unsigned long end = jiffies + HZ * clamp(READ_ONCE(build_s), 1, VGPU_EXEC_BUILD_S_MAX);
	struct vgpu_exec_channel *channel = ctx->channel;
	bool stopping = false, given;

	if (!vgpu_exec_call_begin(ctx, call, object))
		return vgpu_exec_ctx_gone(ctx);
	wake_up_all(&channel->task_wait);
	while (!wait_event_timeout(channel->wait, vgpu_exec_call_is_over(channel, call),
				   VGPU_EXEC_LOOK_JIFFIES)) {
		stopping = vgpu_is_stopping(vgpu);
		if (stopping)
			break;
		if (time_after(jiffies, end))
			vgpu_exec_channel_kill(channel, object->life,
					       "takes too long over a module");
	}
	mutex_lock(&channel->task_lock);
	list_del(&call->node);
	given = call->given;
	if (!given)
		WRITE_ONCE(channel->nr_tasks, channel->nr_tasks - 1);
	mutex_unlock(&channel->task_lock);
	if (call->done && call->status != VGPU_ERR_BACKEND_LOST)
		return call->status || vgpu_exec_ctx_gains(ctx, object) ?
			       call->status : vgpu_exec_ctx_gone(ctx);
	if (given && !call->done)
		vgpu_exec_channel_kill(channel, object->life, NULL);
	return stopping ? VGPU_ERR_CANCELED : vgpu_exec_ctx_gone(ctx);
}

/**
 * vgpu_exec_module_build() - &vgpu_backend_ops.module_build
 * @gpu: the GPU
 * @module: the module
 * @source: of what
 *
 * Context: may sleep, for ``build_s=`` at most.
 * Return: as the op.
 */
enum vgpu_error vgpu_exec_module_build(struct vgpu_gpu *gpu, struct vgpu_module *module,
				       const struct vgpu_module_source *source)
{
	struct vgpu_exec_ctx *ctx = module->ctx->priv;
	struct vgpu_exec_channel *channel = ctx->channel;
	struct vgpu_exec_object *object;
	struct vgpu_exec_call *call;
	enum vgpu_error err;

	call = kzalloc(sizeof(*call), GFP_KERNEL_ACCOUNT);
	object = vgpu_exec_object_new(channel, VGPU_EXEC_OP_MODULE_DESTROY, 0);
	if (!call || !object) {
		err = VGPU_ERR_NO_MEMORY;
		goto out_forget;
	}
	call->task.type = VGPU_EXEC_TASK_MODULE_BUILD;
	call->task.number = object->number;
	call->task.format = module->format;
	call->task.code = vgpu_exec_range(&source->code);
	if (source->log.bo)
		call->task.log = vgpu_exec_range(&source->log);
	call->task.text_length = source->options_length;
	memcpy(call->task.text, source->options, source->options_length);
	err = vgpu_exec_call_run(ctx, call, object, module->ctx->vgpu);
	if (!err) {
		module->priv = object;
		object = NULL;
	}

out_forget:
	if (object)
		vgpu_exec_object_forget(channel, object);
	kfree(call);
	return err;
}

/**
 * vgpu_exec_module_destroy() - &vgpu_backend_ops.module_destroy
 * @gpu: the GPU
 * @module: the module
 *
 * Context: may sleep, never for the worker.
 */
void vgpu_exec_module_destroy(struct vgpu_gpu *gpu, struct vgpu_module *module)
{
	struct vgpu_exec_ctx *ctx = module->ctx->priv;

	vgpu_exec_ctx_loses(ctx);
	vgpu_exec_object_end(ctx->channel, module->priv);
}

/**
 * vgpu_exec_kernel_get() - &vgpu_backend_ops.kernel_get
 * @gpu: the GPU
 * @kernel: the kernel
 * @name: its name
 * @length: bytes of it
 *
 * Context: may sleep, for ``build_s=`` at most.
 * Return: as the op.
 */
enum vgpu_error vgpu_exec_kernel_get(struct vgpu_gpu *gpu, struct vgpu_kernel *kernel,
				     const char *name, u32 length)
{
	const struct vgpu_exec_object *module = kernel->module->priv;
	struct vgpu_exec_ctx *ctx = kernel->module->ctx->priv;
	struct vgpu_exec_channel *channel = ctx->channel;
	struct vgpu_exec_object *object;
	struct vgpu_exec_call *call;
	enum vgpu_error err;
	u32 i;

	if (!length || memchr(name, 0, length))
		return VGPU_ERR_UNSUPPORTED_OP;
	call = kzalloc(sizeof(*call), GFP_KERNEL_ACCOUNT);
	object = vgpu_exec_object_new(channel, VGPU_EXEC_OP_KERNEL_DESTROY, 0);
	if (!call || !object) {
		err = VGPU_ERR_NO_MEMORY;
		goto out_forget;
	}
	call->task.type = VGPU_EXEC_TASK_KERNEL_GET;
	call->task.number = object->number;
	call->task.module = module->number;
	call->task.text_length = length;
	memcpy(call->task.text, name, length);
	err = vgpu_exec_call_run(ctx, call, object, kernel->module->ctx->vgpu);
	if (!err) {
		kernel->priv = object;
		object = NULL;
		kernel->nargs = call->nargs;
		for (i = 0; i < call->nargs; i++) {
			kernel->arg[i].type = call->arg[i].type;
			kernel->arg[i].size = call->arg[i].size;
		}
	}

out_forget:
	if (object)
		vgpu_exec_object_forget(channel, object);
	kfree(call);
	return err;
}

/**
 * vgpu_exec_kernel_put() - &vgpu_backend_ops.kernel_put
 * @gpu: the GPU
 * @kernel: the kernel
 *
 * Context: may sleep, never for the worker.
 */
void vgpu_exec_kernel_put(struct vgpu_gpu *gpu, struct vgpu_kernel *kernel)
{
	struct vgpu_exec_ctx *ctx = kernel->module->ctx->priv;

	vgpu_exec_ctx_loses(ctx);
	vgpu_exec_object_end(ctx->channel, kernel->priv);
}

static bool vgpu_exec_has_task(struct vgpu_exec_channel *channel)
{
	return READ_ONCE(channel->nr_tasks) || vgpu_exec_channel_is_dead(channel);
}

/* Give the first task that hasn't been given.  Return whether there was one. */
static bool vgpu_exec_task_next(struct vgpu_exec_channel *channel, struct vgpu_exec_task *task)
{
	struct vgpu_exec_call *call;
	bool found = false;

	mutex_lock(&channel->task_lock);
	list_for_each_entry(call, &channel->tasks, node) {
		if (call->given)
			continue;
		call->given = true;
		WRITE_ONCE(channel->nr_tasks, channel->nr_tasks - 1);
		call->task.size = task->size;
		call->task.timeout_ms = task->timeout_ms;
		*task = call->task;
		found = true;
		break;
	}
	mutex_unlock(&channel->task_lock);
	return found;
}

/**
 * vgpu_exec_task_get() - VGPU_EXEC_IOC_TASK_GET
 * @channel: the channel
 * @task: what the worker says, and is told
 *
 * Context: the worker's thread; may sleep.
 * Return: 0, -ETIMEDOUT, -ENODEV, or -ERESTARTSYS.
 */
int vgpu_exec_task_get(struct vgpu_exec_channel *channel, struct vgpu_exec_task *task)
{
	long left = msecs_to_jiffies(task->timeout_ms);

	/* another thread of the worker may be quicker */
	while (!vgpu_exec_task_next(channel, task)) {
		left = wait_event_interruptible_timeout(channel->task_wait,
							vgpu_exec_has_task(channel), left);
		if (left < 0)
			return left;
		if (vgpu_exec_channel_is_dead(channel))
			return -ENODEV;
		if (!left)
			return -ETIMEDOUT;
	}
	return 0;
}

/* Are these arguments that a kernel can have? */
static bool vgpu_exec_args_are_good(const struct vgpu_exec_task_done *done)
{
	u32 i;

	if (done->nargs > VGPU_MAX_ARGS)
		return false;
	for (i = 0; i < VGPU_MAX_ARGS; i++) {
		const struct vgpu_exec_arg_type *arg = &done->arg[i];
		bool value = i < done->nargs && arg->type == VGPU_ARG_VALUE;
		bool any = arg->type == VGPU_ARG_BO && arg->size == sizeof(u64);

		if (arg->__reserved || arg->type > VGPU_ARG_LOCAL ||
		    (i >= done->nargs && arg->type))
			return false;
		if (value ? !arg->size || arg->size > sizeof(u64) : arg->size && !any)
			return false;
	}
	return true;
}

static enum vgpu_error vgpu_exec_task_status(const struct vgpu_exec_call *call, u32 said)
{
	bool build = call->task.type == VGPU_EXEC_TASK_MODULE_BUILD;

	switch (said) {
	case VGPU_ERR_NONE:
	case VGPU_ERR_NO_MEMORY:
		return said;
	case VGPU_ERR_BUILD:
		return build ? said : VGPU_ERR_GPU;
	case VGPU_ERR_UNSUPPORTED_OP:
		return build ? VGPU_ERR_GPU : said;
	default:
		return VGPU_ERR_GPU;
	}
}

/**
 * vgpu_exec_task_done() - VGPU_EXEC_IOC_TASK_DONE
 * @channel: the channel
 * @done: what the worker says
 *
 * Context: the worker's thread; may sleep.
 * Return: 0; -EINVAL if these are no arguments, or it has none; -ENOENT.
 */
int vgpu_exec_task_done(struct vgpu_exec_channel *channel,
			const struct vgpu_exec_task_done *done)
{
	struct vgpu_exec_call *call;
	int ret = -ENOENT;

	if (done->__reserved || !vgpu_exec_args_are_good(done))
		return -EINVAL;
	mutex_lock(&channel->task_lock);
	list_for_each_entry(call, &channel->tasks, node) {
		if (call->task.id != done->id || !call->given || call->done)
			continue;
		if (call->task.type == VGPU_EXEC_TASK_KERNEL_GET) {
			call->nargs = done->nargs;
			memcpy(call->arg, done->arg, sizeof(call->arg));
		} else if (done->nargs) {
			ret = -EINVAL;
			break;
		}
		call->status = vgpu_exec_task_status(call, done->status);
		/* the caller reads the others without the lock */
		smp_store_release(&call->done, true);
		ret = 0;
		break;
	}
	/* under the lock, which the caller takes before it ends the call */
	wake_up_all(&channel->wait);
	mutex_unlock(&channel->task_lock);
	return ret;
}
