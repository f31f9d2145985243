// SPDX-License-Identifier: GPL-2.0
/*
 * GPUs by name, and what the core wants of one.  A GPU stays when its executor goes, with
 * its mdev parent and all its vGPUs: the next executor of that name takes it over.
 */
#include <linux/ctype.h>
#include <linux/err.h>
#include <linux/jiffies.h>
#include <linux/lockdep.h>
#include <linux/module.h>
#include <linux/slab.h>
#include <linux/string.h>
#include <linux/uaccess.h>

#include "bo.h"
#include "ctx.h"
#include "exec.h"
#include "job.h"
#include "vgpu.h"

/* For a worker whose channel has ended to be gone, when there is to be another */
#define VGPU_EXEC_END_JIFFIES	(30 * HZ)

/* Protects the list; taken before &vgpu_exec_gpu.lock */
static DEFINE_MUTEX(vgpu_exec_gpus_lock);
static LIST_HEAD(vgpu_exec_gpus);

static struct vgpu_exec_channel *vgpu_exec_channel_of(const struct vgpu_job *job)
{
	/* it is the context's, and lasts as long */
	return container_of(job->ctx_stats, struct vgpu_ctx, stats)->priv;
}

static struct vgpu_exec_channel *vgpu_exec_find_locked(struct vgpu_exec_gpu *gpu, u32 vm_id)
{
	struct vgpu_exec_channel *channel;

	lockdep_assert_held(&gpu->lock);

	list_for_each_entry(channel, &gpu->channels, node) {
		if (channel->vm_id == vm_id)
			return channel;
	}
	return NULL;
}

/* The channel of a vGPU, with a reference; or NULL */
static struct vgpu_exec_channel *vgpu_exec_channel_find(struct vgpu_exec_gpu *gpu, u32 vm_id)
{
	struct vgpu_exec_channel *channel;

	mutex_lock(&gpu->lock);
	channel = vgpu_exec_find_locked(gpu, vm_id);
	if (channel)
		vgpu_exec_channel_get(channel);
	mutex_unlock(&gpu->lock);
	return channel;
}

/* The executor is to be told of a channel: to start a worker, or that it has ended. */
static void vgpu_exec_tell_executor_locked(struct vgpu_exec_gpu *gpu,
					   struct vgpu_exec_channel *channel)
{
	lockdep_assert_held(&gpu->lock);

	if (!list_empty(&channel->event))
		return;
	list_add_tail(&channel->event, &gpu->events);
	vgpu_exec_channel_get(channel);
	wake_up_interruptible(&gpu->event_wait);
}

static void vgpu_exec_untell_locked(struct vgpu_exec_gpu *gpu, struct vgpu_exec_channel *channel)
{
	lockdep_assert_held(&gpu->lock);

	if (list_empty(&channel->event))
		return;
	list_del_init(&channel->event);
	vgpu_exec_channel_put(channel);
}

/**
 * vgpu_exec_gpu_forget() - a channel has ended, or its worker
 * @channel: the channel, in whosever use
 * @closed: the worker's file is closed
 *
 * As long as there is a worker whose channel has ended there is no other for that vGPU: the
 * executor is told to end it.
 *
 * Context: may sleep; takes &vgpu_exec_gpu.lock.
 */
void vgpu_exec_gpu_forget(struct vgpu_exec_channel *channel, bool closed)
{
	struct vgpu_exec_gpu *gpu = channel->owner;

	mutex_lock(&gpu->lock);
	if (closed)
		WRITE_ONCE(channel->attached, false);
	if (vgpu_exec_channel_is_dead(channel) && channel->attached) {
		if (gpu->executor)
			vgpu_exec_tell_executor_locked(gpu, channel);
	} else if (vgpu_exec_channel_is_dead(channel)) {
		vgpu_exec_untell_locked(gpu, channel);
		if (!list_empty(&channel->node)) {
			list_del_init(&channel->node);
			vgpu_exec_channel_put(channel);
		}
	}
	mutex_unlock(&gpu->lock);
	wake_up_all(&channel->wait);
}

/*
 * The channel for a new context.  Return 0, and there is a reference for the context; -ENODEV if
 * nobody drives the GPU; -EAGAIN if there has to be a new one, in @fresh; -EBUSY, with a
 * reference, if the last worker isn't gone.
 */
static int vgpu_exec_channel_use(struct vgpu_exec_gpu *gpu, u32 vm_id,
				 struct vgpu_exec_channel **fresh,
				 struct vgpu_exec_channel **channel)
{
	int ret = 0;

	mutex_lock(&gpu->lock);
	*channel = vgpu_exec_find_locked(gpu, vm_id);
	if (!gpu->executor || gpu->leaving) {
		ret = -ENODEV;
		goto out_unlock;
	}
	/* or is about to be: its last context goes just now */
	if (*channel && (vgpu_exec_channel_is_dead(*channel) || !(*channel)->nr_ctxs)) {
		vgpu_exec_channel_get(*channel);
		ret = -EBUSY;
		goto out_unlock;
	}
	if (!*channel && !*fresh) {
		ret = -EAGAIN;
		goto out_unlock;
	}
	if (!*channel) {
		/* our reference is the list's from now on */
		*channel = *fresh;
		*fresh = NULL;
		(*channel)->id = ++gpu->last_channel;
		list_add_tail(&(*channel)->node, &gpu->channels);
		vgpu_exec_tell_executor_locked(gpu, *channel);
	}
	(*channel)->nr_ctxs++;
	vgpu_exec_channel_get(*channel);

out_unlock:
	mutex_unlock(&gpu->lock);
	return ret;
}

/* A worker is to be gone.  Return 0, or -ENODEV if that takes too long. */
static int vgpu_exec_await_end(struct vgpu_exec_channel *channel, const struct vgpu *vgpu)
{
	unsigned long end = jiffies + VGPU_EXEC_END_JIFFIES;

	while (!wait_event_timeout(channel->wait, !READ_ONCE(channel->attached), HZ / 10)) {
		if (vgpu_is_stopping(vgpu) || time_after(jiffies, end))
			return -ENODEV;
	}
	return 0;
}

/* A context doesn't use it any more. */
static void vgpu_exec_channel_leave(struct vgpu_exec_gpu *gpu, struct vgpu_exec_channel *channel)
{
	bool last;

	mutex_lock(&gpu->lock);
	last = !--channel->nr_ctxs;
	mutex_unlock(&gpu->lock);
	if (last)
		vgpu_exec_channel_kill(channel, NULL);
	vgpu_exec_channel_put(channel);
}

static int vgpu_exec_ctx_create(struct vgpu_gpu *gpu, struct vgpu_ctx *ctx)
{
	struct vgpu_exec_channel *channel, *fresh = NULL;
	struct vgpu_exec_gpu *e = vgpu_gpu_priv(gpu);
	int ret;

	do {
		ret = vgpu_exec_channel_use(e, ctx->vgpu->vm_id, &fresh, &channel);
		if (ret == -EAGAIN) {
			fresh = vgpu_exec_channel_create(e, ctx->vgpu->vm_id);
			if (!fresh)
				return -ENOMEM;
		} else if (ret == -EBUSY) {
			ret = vgpu_exec_await_end(channel, ctx->vgpu) ?: -EAGAIN;
			vgpu_exec_channel_put(channel);
		}
	} while (ret == -EAGAIN);
	if (fresh)
		vgpu_exec_channel_put(fresh);
	if (ret)
		return ret;
	ret = vgpu_exec_channel_await(channel, ctx->vgpu);
	if (ret) {
		vgpu_exec_channel_leave(e, channel);
		return ret;
	}
	ctx->priv = channel;
	return 0;
}

static void vgpu_exec_ctx_destroy(struct vgpu_gpu *gpu, struct vgpu_ctx *ctx)
{
	vgpu_exec_channel_leave(vgpu_gpu_priv(gpu), ctx->priv);
}

static int vgpu_exec_op_bo_create(struct vgpu_gpu *gpu, struct vgpu_bo *bo)
{
	return vgpu_exec_bo_create(bo->ctx->priv, bo);
}

static void vgpu_exec_op_bo_destroy(struct vgpu_gpu *gpu, struct vgpu_bo *bo)
{
	vgpu_exec_bo_destroy(bo->ctx->priv, bo);
}

static int vgpu_exec_op_bo_map(struct vgpu_gpu *gpu, struct vgpu_bo *bo)
{
	return vgpu_exec_bo_map(bo->ctx->priv, bo);
}

static void vgpu_exec_op_bo_unmap(struct vgpu_gpu *gpu, struct vgpu_bo *bo)
{
	vgpu_exec_bo_unmap(bo->ctx->priv, bo);
}

static int vgpu_exec_submit(struct vgpu_gpu *gpu, struct vgpu_job *job)
{
	if (job->ctx_stats) {
		vgpu_exec_channel_submit(vgpu_exec_channel_of(job), job);
		return 0;
	}
	/* NOP and ADD of the mailbox, outside any context: there is nobody to run them */
	vgpu_job_begin(job);
	if (job->type == VGPU_JOB_ADD)
		job->add.sum = job->add.a + job->add.b;
	vgpu_job_complete(job, VGPU_ERR_NONE, 0);
	return 0;
}

static bool vgpu_exec_match_stream(const struct vgpu_job *job, const void *stream)
{
	return !stream || job->stream == stream;
}

static bool vgpu_exec_match_id(const struct vgpu_job *job, const void *id)
{
	return job->id == *(const u64 *)id;
}

static void vgpu_exec_abort_matching(struct vgpu_gpu *gpu, struct vgpu_arb_entity *entity,
				     bool (*match)(const struct vgpu_job *job, const void *what),
				     const void *what)
{
	struct vgpu *vgpu = container_of(entity, struct vgpu, entity);
	struct vgpu_exec_channel *channel = vgpu_exec_channel_find(vgpu_gpu_priv(gpu), vgpu->vm_id);

	/* one that was before it is dead, and has given everything back */
	if (!channel)
		return;
	vgpu_exec_channel_abort(channel, match, what);
	vgpu_exec_channel_put(channel);
}

static void vgpu_exec_abort(struct vgpu_gpu *gpu, struct vgpu_arb_entity *entity,
			    const void *stream)
{
	vgpu_exec_abort_matching(gpu, entity, vgpu_exec_match_stream, stream);
}

static void vgpu_exec_abort_job(struct vgpu_gpu *gpu, struct vgpu_arb_entity *entity, u64 id)
{
	vgpu_exec_abort_matching(gpu, entity, vgpu_exec_match_id, &id);
}

static const struct vgpu_backend_ops vgpu_exec_ops = {
	.name = "exec",
	.ctx_create = vgpu_exec_ctx_create,
	.ctx_destroy = vgpu_exec_ctx_destroy,
	.bo_create = vgpu_exec_op_bo_create,
	.bo_destroy = vgpu_exec_op_bo_destroy,
	.bo_map = vgpu_exec_op_bo_map,
	.bo_unmap = vgpu_exec_op_bo_unmap,
	.module_build = vgpu_exec_module_build,
	.module_destroy = vgpu_exec_module_destroy,
	.kernel_get = vgpu_exec_kernel_get,
	.kernel_put = vgpu_exec_kernel_put,
	.submit = vgpu_exec_submit,
	.abort = vgpu_exec_abort,
	.abort_job = vgpu_exec_abort_job,
};

/* A name is part of paths. */
static bool vgpu_exec_name_is_good(const char *name, size_t size)
{
	size_t n = strnlen(name, size), i;

	for (i = 0; i < n; i++) {
		if (!isalnum(name[i]) && (!i || !strchr("-_.", name[i])))
			return false;
	}
	return n && n < size;
}

static int vgpu_exec_check(const struct vgpu_exec_register *reg)
{
	if (!vgpu_exec_name_is_good(reg->name, sizeof(reg->name)))
		return -EINVAL;
	if (!reg->memory_size || !reg->depth || reg->depth > VGPU_EXEC_MAX_DEPTH)
		return -EINVAL;
	/* none has number 0, and those of 0 are never built */
	if (reg->builtins & 1 || reg->builtins >> VGPU_BUILTIN_COUNT)
		return -EOPNOTSUPP;
	return reg->formats & 1 || reg->formats >> VGPU_MODULE_FORMATS ? -EOPNOTSUPP : 0;
}

static struct vgpu_exec_gpu *vgpu_exec_gpu_find_locked(const char *name)
{
	struct vgpu_exec_gpu *gpu;

	lockdep_assert_held(&vgpu_exec_gpus_lock);

	list_for_each_entry(gpu, &vgpu_exec_gpus, node) {
		if (!strcmp(gpu->name, name))
			return gpu;
	}
	return NULL;
}

static int vgpu_exec_gpu_take_over(struct vgpu_exec_gpu *gpu, const struct vgpu_exec_register *reg)
{
	int ret = 0;

	mutex_lock(&gpu->lock);
	if (gpu->executor)
		ret = -EBUSY;
	else if (reg->memory_size != gpu->desc.memory_size || reg->depth < gpu->desc.depth ||
		 gpu->desc.builtins & ~reg->builtins || gpu->desc.formats & ~reg->formats)
		ret = -ERANGE;
	else
		gpu->executor = true;
	mutex_unlock(&gpu->lock);
	return ret;
}

static struct vgpu_exec_gpu *vgpu_exec_gpu_create_locked(const struct vgpu_exec_register *reg)
{
	struct vgpu_exec_gpu *gpu = kzalloc(sizeof(*gpu), GFP_KERNEL);
	void *made;

	lockdep_assert_held(&vgpu_exec_gpus_lock);

	if (!gpu)
		return ERR_PTR(-ENOMEM);
	strscpy(gpu->name, reg->name, sizeof(gpu->name));
	mutex_init(&gpu->lock);
	INIT_LIST_HEAD(&gpu->channels);
	INIT_LIST_HEAD(&gpu->events);
	init_waitqueue_head(&gpu->event_wait);
	gpu->executor = true;
	gpu->desc = (struct vgpu_gpu_desc){
		.name = gpu->name,
		.owner = THIS_MODULE,
		.ops = &vgpu_exec_ops,
		.priv = gpu,
		.memory_size = reg->memory_size,
		.builtins = reg->builtins,
		.formats = reg->formats,
		.depth = reg->depth,
	};
	gpu->gpu = vgpu_gpu_register(&gpu->desc);
	if (IS_ERR(gpu->gpu)) {
		made = ERR_CAST(gpu->gpu);
		kfree(gpu);
		return made;
	}
	list_add_tail(&gpu->node, &vgpu_exec_gpus);
	return gpu;
}

/**
 * vgpu_exec_gpu_register() - become the executor of a GPU
 * @reg: what it says
 *
 * Context: may sleep.
 * Return: the GPU, left by vgpu_exec_gpu_leave(); or ERR_PTR(): -EINVAL; -EOPNOTSUPP if a
 * kernel or a format is not known, or a parent is asked for; -EBUSY if it has an executor;
 * -ERANGE if it isn't what it was; or as vgpu_gpu_register().
 */
struct vgpu_exec_gpu *vgpu_exec_gpu_register(const struct vgpu_exec_register *reg)
{
	struct vgpu_exec_gpu *gpu;
	int ret = vgpu_exec_check(reg);

	if (ret)
		return ERR_PTR(ret);
	mutex_lock(&vgpu_exec_gpus_lock);
	gpu = vgpu_exec_gpu_find_locked(reg->name);
	if (gpu) {
		ret = vgpu_exec_gpu_take_over(gpu, reg);
		if (ret)
			gpu = ERR_PTR(ret);
	} else {
		gpu = vgpu_exec_gpu_create_locked(reg);
	}
	mutex_unlock(&vgpu_exec_gpus_lock);
	return gpu;
}

/* Any channel that has not ended, with a reference; or NULL */
static struct vgpu_exec_channel *vgpu_exec_gpu_any(struct vgpu_exec_gpu *gpu)
{
	struct vgpu_exec_channel *channel, *found = NULL;

	mutex_lock(&gpu->lock);
	list_for_each_entry(channel, &gpu->channels, node) {
		if (!vgpu_exec_channel_is_dead(channel))
			found = channel;
	}
	if (found)
		vgpu_exec_channel_get(found);
	mutex_unlock(&gpu->lock);
	return found;
}

/**
 * vgpu_exec_gpu_leave() - the executor goes
 * @gpu: the GPU, which stays
 *
 * Context: may sleep.
 */
void vgpu_exec_gpu_leave(struct vgpu_exec_gpu *gpu)
{
	struct vgpu_exec_channel *channel, *next;

	mutex_lock(&gpu->lock);
	/* from here on there is no new one, and until the end no other executor */
	gpu->leaving = true;
	mutex_unlock(&gpu->lock);
	while ((channel = vgpu_exec_gpu_any(gpu))) {
		vgpu_exec_channel_kill(channel, NULL);
		vgpu_exec_channel_put(channel);
	}
	mutex_lock(&gpu->lock);
	list_for_each_entry_safe(channel, next, &gpu->events, event)
		vgpu_exec_untell_locked(gpu, channel);
	gpu->executor = false;
	gpu->leaving = false;
	mutex_unlock(&gpu->lock);
}

/**
 * vgpu_exec_gpu_has_event() - is there something to read?
 * @gpu: the GPU
 *
 * Context: any.
 */
bool vgpu_exec_gpu_has_event(struct vgpu_exec_gpu *gpu)
{
	return !list_empty_careful(&gpu->events);
}

/* Take the next event; return false if there is none. */
static bool vgpu_exec_gpu_next_event(struct vgpu_exec_gpu *gpu, struct vgpu_exec_event *event)
{
	struct vgpu_exec_channel *channel;

	mutex_lock(&gpu->lock);
	channel = list_first_entry_or_null(&gpu->events, struct vgpu_exec_channel, event);
	if (channel) {
		*event = (struct vgpu_exec_event){
			.type = vgpu_exec_channel_is_dead(channel) ? VGPU_EXEC_EVENT_END :
								     VGPU_EXEC_EVENT_START,
			.vm_id = channel->vm_id,
			.channel = channel->id,
		};
		vgpu_exec_untell_locked(gpu, channel);
	}
	mutex_unlock(&gpu->lock);
	return channel;
}

/**
 * vgpu_exec_gpu_read() - read(2) of events
 * @gpu: the GPU
 * @buf: where to
 * @count: bytes
 * @nonblock: don't wait
 *
 * Context: may sleep.
 * Return: bytes; -EINVAL if there is no room for one; -EAGAIN; -ERESTARTSYS; -EFAULT, and the
 * event is lost.
 */
ssize_t vgpu_exec_gpu_read(struct vgpu_exec_gpu *gpu, char __user *buf, size_t count,
			   bool nonblock)
{
	struct vgpu_exec_event event;
	ssize_t done = 0;
	int ret;

	if (count < sizeof(event))
		return -EINVAL;
	while (count - done >= sizeof(event)) {
		if (vgpu_exec_gpu_next_event(gpu, &event)) {
			if (copy_to_user(buf + done, &event, sizeof(event)))
				return done ?: -EFAULT;
			done += sizeof(event);
			continue;
		}
		if (done)
			break;
		if (nonblock)
			return -EAGAIN;
		ret = wait_event_interruptible(gpu->event_wait, vgpu_exec_gpu_has_event(gpu));
		if (ret)
			return ret;
	}
	return done;
}

/**
 * vgpu_exec_gpu_attach() - the channel that an executor means gets a worker
 * @gpu: its GPU
 * @id: what it says is &vgpu_exec_event.channel
 *
 * vgpu_exec_channel_attach() comes next; if that fails, vgpu_exec_gpu_forget().
 *
 * Context: may sleep.
 * Return: the channel with a reference; ERR_PTR(-ESTALE) if there is none like that, or no
 * more; -EBUSY if it has a worker.
 */
struct vgpu_exec_channel *vgpu_exec_gpu_attach(struct vgpu_exec_gpu *gpu, u64 id)
{
	struct vgpu_exec_channel *channel, *found = ERR_PTR(-ESTALE);

	mutex_lock(&gpu->lock);
	list_for_each_entry(channel, &gpu->channels, node) {
		if (channel->id != id || vgpu_exec_channel_is_dead(channel))
			continue;
		if (channel->attached) {
			found = ERR_PTR(-EBUSY);
			continue;
		}
		channel->attached = true;
		vgpu_exec_channel_get(channel);
		found = channel;
	}
	mutex_unlock(&gpu->lock);
	return found;
}

/**
 * vgpu_exec_gpus_unregister() - withdraw all GPUs
 *
 * Context: may sleep.  There is no executor: each would hold the module.
 */
void vgpu_exec_gpus_unregister(void)
{
	struct vgpu_exec_gpu *gpu, *next;

	list_for_each_entry_safe(gpu, next, &vgpu_exec_gpus, node) {
		vgpu_gpu_unregister(gpu->gpu);
		WARN_ON(!list_empty(&gpu->channels));
		list_del(&gpu->node);
		mutex_destroy(&gpu->lock);
		kfree(gpu);
	}
}
