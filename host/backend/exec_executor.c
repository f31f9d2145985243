// SPDX-License-Identifier: GPL-2.0
/*
 * Who drives a GPU: what an executor is told, whether it is alive, and what becomes of its
 * vGPUs when it goes.
 *
 * A GPU without an executor is paused: jobs wait.  What workers had is given back, for those go
 * with their executor; a channel that has contexts is an orphan then.  The next executor is told
 * of all orphans at once, and when each has a worker, or was given up, the GPU goes on.
 *
 * An executor that doesn't read what it is told is one no longer, whatever keeps it: the next
 * takes over, and the old one finds that out when it reads.
 */
#include <linux/err.h>
#include <linux/jiffies.h>
#include <linux/lockdep.h>
#include <linux/minmax.h>
#include <linux/module.h>
#include <linux/moduleparam.h>
#include <linux/uaccess.h>

#include "ctx.h"
#include "exec.h"

static unsigned int heartbeat_s = 30;
module_param(heartbeat_s, uint, 0644);
MODULE_PARM_DESC(heartbeat_s, "an executor that reads nothing for so many seconds is taken for dead (default 30; 0: never)");

/* For workers of the last executor to be gone, and for new ones to be there */
#define VGPU_EXEC_GONE_JIFFIES		(30 * HZ)
#define VGPU_EXEC_RETURN_JIFFIES	(60 * HZ)

/**
 * vgpu_exec_tell_executor_locked() - the executor is to be told of a channel
 * @gpu: its GPU
 * @channel: the channel: to start a worker for it, or that it has ended
 *
 * Context: &vgpu_exec_gpu.lock held.
 */
void vgpu_exec_tell_executor_locked(struct vgpu_exec_gpu *gpu, struct vgpu_exec_channel *channel)
{
	lockdep_assert_held(&gpu->lock);

	if (!list_empty(&channel->event))
		return;
	/* each worker's channel has a number of its own */
	if (!vgpu_exec_channel_is_dead(channel)) {
		channel->id = ++gpu->last_channel;
		channel->generation = gpu->generation;
	}
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

static void vgpu_exec_remove_locked(struct vgpu_exec_gpu *gpu, struct vgpu_exec_channel *channel)
{
	lockdep_assert_held(&gpu->lock);

	vgpu_exec_untell_locked(gpu, channel);
	if (list_empty(&channel->node))
		return;
	list_del_init(&channel->node);
	vgpu_exec_channel_put(channel);
}

/**
 * vgpu_exec_forget() - a channel has ended, or its worker, or its last context
 * @channel: the channel, in whosever use
 * @closed: the worker's file is closed
 *
 * As long as there is a worker whose channel has ended there is no other for that vGPU: the
 * executor is told to end it.
 *
 * Context: may sleep; takes &vgpu_exec_gpu.lock.
 */
void vgpu_exec_forget(struct vgpu_exec_channel *channel, bool closed)
{
	struct vgpu_exec_gpu *gpu = channel->owner;

	mutex_lock(&gpu->lock);
	if (closed)
		WRITE_ONCE(channel->attached, false);
	if (list_empty(&channel->ctxs))
		WRITE_ONCE(channel->orphan, false);
	if (vgpu_exec_channel_is_dead(channel) && !channel->orphan) {
		if (!channel->attached)
			vgpu_exec_remove_locked(gpu, channel);
		else if (gpu->executor && channel->generation == gpu->generation)
			vgpu_exec_tell_executor_locked(gpu, channel);
	}
	mutex_unlock(&gpu->lock);
	wake_up_all(&channel->wait);
}

/*
 * Any channel that has not ended, or not wholly, with a reference; or NULL.  If it hasn't ended its
 * worker isn't at fault.
 */
static struct vgpu_exec_channel *vgpu_exec_next_alive(struct vgpu_exec_gpu *gpu)
{
	struct vgpu_exec_channel *channel, *found = NULL;

	mutex_lock(&gpu->lock);
	list_for_each_entry(channel, &gpu->channels, node) {
		if (!READ_ONCE(channel->given_back))
			found = channel;
	}
	if (found) {
		if (!vgpu_exec_channel_is_dead(found))
			WRITE_ONCE(found->orphan, true);
		vgpu_exec_channel_get(found);
	}
	mutex_unlock(&gpu->lock);
	return found;
}

/* A context that is lost from now on, and stays until vgpu_exec_lose() lets it go; or NULL */
static struct vgpu_exec_ctx *vgpu_exec_next_loser(struct vgpu_exec_channel *channel, bool all)
{
	struct vgpu_exec_ctx *ctx, *found = NULL;

	mutex_lock(&channel->owner->lock);
	list_for_each_entry(ctx, &channel->ctxs, node) {
		if (ctx->lost || !(all || ctx->nr_device))
			continue;
		WRITE_ONCE(ctx->lost, true);
		WRITE_ONCE(ctx->losing, true);
		found = ctx;
		break;
	}
	mutex_unlock(&channel->owner->lock);
	return found;
}

/**
 * vgpu_exec_lose() - contexts have lost what they had on the GPU
 * @channel: theirs, which has ended
 * @all: all of them; else those that had something in device memory
 *
 * Context: may sleep; takes &vgpu_exec_gpu.lock and &vgpu_gpu.dispatch_lock.
 */
void vgpu_exec_lose(struct vgpu_exec_channel *channel, bool all)
{
	struct vgpu_exec_ctx *ctx;

	while ((ctx = vgpu_exec_next_loser(channel, all))) {
		vgpu_ctx_lose(ctx->ctx);
		mutex_lock(&channel->owner->lock);
		WRITE_ONCE(ctx->losing, false);
		mutex_unlock(&channel->owner->lock);
		/* it may be gone by now */
		wake_up_all(&channel->wait);
	}
}

/* The executor is told of nothing more. */
static void vgpu_exec_end_locked(struct vgpu_exec_gpu *gpu)
{
	struct vgpu_exec_channel *channel, *next;

	lockdep_assert_held(&gpu->lock);

	list_for_each_entry_safe(channel, next, &gpu->events, event)
		vgpu_exec_untell_locked(gpu, channel);
	list_for_each_entry(channel, &gpu->channels, node)
		channel->returning = false;
	gpu->ping = false;
	WRITE_ONCE(gpu->executor, NULL);
	WRITE_ONCE(gpu->leaving, false);
}

/*
 * From here on there is no new channel, and until the end no other executor.  Return whether that
 * is the caller's to bring about, by vgpu_exec_leave().
 */
static bool vgpu_exec_leave_begin_locked(struct vgpu_exec_gpu *gpu, const void *executor)
{
	lockdep_assert_held(&gpu->lock);

	if (!executor || gpu->executor != executor || gpu->leaving)
		return false;
	WRITE_ONCE(gpu->leaving, true);
	return true;
}

/* What vgpu_exec_leave_begin_locked() has begun. */
static void vgpu_exec_leave(struct vgpu_exec_gpu *gpu)
{
	struct vgpu_exec_channel *channel;

	cancel_work_sync(&gpu->recover);
	/* jobs that aren't with a worker now are kept */
	vgpu_gpu_pause(gpu->gpu);
	while ((channel = vgpu_exec_next_alive(gpu))) {
		vgpu_exec_channel_kill(channel, READ_ONCE(channel->life), NULL);
		vgpu_exec_lose(channel, !READ_ONCE(channel->orphan));
		vgpu_exec_channel_put(channel);
	}
	mutex_lock(&gpu->lock);
	vgpu_exec_end_locked(gpu);
	mutex_unlock(&gpu->lock);
	wake_up_all(&gpu->event_wait);
}

/**
 * vgpu_exec_executor_leave() - the executor goes
 * @gpu: the GPU, which stays
 * @executor: who; if that isn't the executor (any more) nothing happens
 *
 * If somebody is at that already he has done it when this returns.
 *
 * Context: may sleep.
 */
void vgpu_exec_executor_leave(struct vgpu_exec_gpu *gpu, const void *executor)
{
	bool mine;

	mutex_lock(&gpu->lock);
	mine = vgpu_exec_leave_begin_locked(gpu, executor);
	mutex_unlock(&gpu->lock);
	if (mine)
		vgpu_exec_leave(gpu);
	else
		wait_event(gpu->event_wait, !executor || READ_ONCE(gpu->executor) != executor);
}

/* An orphan whose last worker is gone; any orphan; one that waits for its next worker */
enum vgpu_exec_which {
	VGPU_EXEC_FREE,
	VGPU_EXEC_ORPHAN,
	VGPU_EXEC_RETURNING,
};

static bool vgpu_exec_is_locked(const struct vgpu_exec_channel *channel,
				enum vgpu_exec_which which)
{
	switch (which) {
	case VGPU_EXEC_FREE:
		return channel->orphan && !channel->attached;
	case VGPU_EXEC_ORPHAN:
		return channel->orphan;
	default:
		return channel->returning;
	}
}

/* A channel like that, with a reference; NULL if there is none, or the executor leaves */
static struct vgpu_exec_channel *vgpu_exec_next(struct vgpu_exec_gpu *gpu,
						enum vgpu_exec_which which)
{
	struct vgpu_exec_channel *channel, *found = NULL;

	mutex_lock(&gpu->lock);
	list_for_each_entry(channel, &gpu->channels, node) {
		if (gpu->leaving || !vgpu_exec_is_locked(channel, which))
			continue;
		found = channel;
		vgpu_exec_channel_get(found);
		break;
	}
	mutex_unlock(&gpu->lock);
	return found;
}

/* The executor is told of it; or it is given up, if its last worker has outlived @end. */
static void vgpu_exec_return(struct vgpu_exec_gpu *gpu, struct vgpu_exec_channel *channel,
			     unsigned long end)
{
	bool attached, lost = false;

	while (!wait_event_timeout(channel->wait, !READ_ONCE(channel->attached),
				   VGPU_EXEC_LOOK_JIFFIES)) {
		if (READ_ONCE(gpu->leaving) || time_after(jiffies, end))
			break;
	}
	/* once it isn't it stays so until it is told of */
	attached = READ_ONCE(channel->attached);
	if (!attached)
		vgpu_exec_maps_begin(channel);
	mutex_lock(&gpu->lock);
	if (!gpu->leaving && channel->orphan) {
		WRITE_ONCE(channel->orphan, false);
		lost = attached;
		/* else its last context goes just now, and nobody would end what is begun */
		if (!lost && !list_empty(&channel->ctxs)) {
			vgpu_exec_channel_revive(channel);
			channel->returning = true;
			vgpu_exec_tell_executor_locked(gpu, channel);
		}
	}
	mutex_unlock(&gpu->lock);
	if (lost)
		vgpu_exec_lose(channel, true);
	vgpu_exec_forget(channel, false);
}

/* Its worker is there, or is not to be, or the executor leaves. */
static void vgpu_exec_await_return(struct vgpu_exec_gpu *gpu, struct vgpu_exec_channel *channel,
				   unsigned long end)
{
	/* nobody else begins one */
	u32 life = READ_ONCE(channel->life);

	while (!wait_event_timeout(channel->wait,
				   READ_ONCE(channel->state) != VGPU_EXEC_STARTING,
				   VGPU_EXEC_LOOK_JIFFIES)) {
		if (READ_ONCE(gpu->leaving))
			return;
		if (time_after(jiffies, end))
			vgpu_exec_channel_kill(channel, life, "was not started in time");
	}
	vgpu_exec_bos_remap(channel);
	/* else jobs could be told before */
	while (!wait_event_timeout(channel->wait, !READ_ONCE(channel->nr_notices) ||
				   vgpu_exec_channel_is_dead(channel), VGPU_EXEC_LOOK_JIFFIES)) {
		if (READ_ONCE(gpu->leaving))
			return;
		if (time_after(jiffies, end))
			vgpu_exec_channel_kill(channel, life, "takes too long over objects");
	}
	mutex_lock(&gpu->lock);
	channel->returning = false;
	mutex_unlock(&gpu->lock);
}

static void vgpu_exec_recover_work(struct work_struct *work)
{
	struct vgpu_exec_gpu *gpu = container_of(work, struct vgpu_exec_gpu, recover);
	unsigned long gone = jiffies + VGPU_EXEC_GONE_JIFFIES, end;
	struct vgpu_exec_channel *channel;

	/* nobody waits for another's */
	while ((channel = vgpu_exec_next(gpu, VGPU_EXEC_FREE))) {
		vgpu_exec_return(gpu, channel, gone);
		vgpu_exec_channel_put(channel);
	}
	while ((channel = vgpu_exec_next(gpu, VGPU_EXEC_ORPHAN))) {
		vgpu_exec_return(gpu, channel, gone);
		vgpu_exec_channel_put(channel);
	}
	end = jiffies + VGPU_EXEC_RETURN_JIFFIES;
	while ((channel = vgpu_exec_next(gpu, VGPU_EXEC_RETURNING))) {
		vgpu_exec_await_return(gpu, channel, end);
		vgpu_exec_channel_put(channel);
	}
	/* who leaves waits for us, and then pauses it again */
	if (!READ_ONCE(gpu->leaving))
		vgpu_gpu_resume(gpu->gpu);
}

/* A few times within the limit; and that may be changed */
static void vgpu_exec_beat_later(struct vgpu_exec_gpu *gpu)
{
	unsigned int seconds = clamp(READ_ONCE(heartbeat_s), 4, 40);

	queue_delayed_work(system_long_wq, &gpu->heartbeat, seconds * HZ / 4);
}

static void vgpu_exec_heartbeat_work(struct work_struct *work)
{
	struct vgpu_exec_gpu *gpu =
		container_of(to_delayed_work(work), struct vgpu_exec_gpu, heartbeat);
	unsigned long limit = READ_ONCE(heartbeat_s) * (unsigned long)HZ;
	bool there, hung = false;

	mutex_lock(&gpu->lock);
	there = gpu->executor;
	if (there && limit && !gpu->ping) {
		gpu->ping = true;
		gpu->ping_since = jiffies;
		wake_up_interruptible(&gpu->event_wait);
	} else if (there && limit && time_after(jiffies, gpu->ping_since + limit)) {
		/* at once: the next one may be known by the same address */
		hung = vgpu_exec_leave_begin_locked(gpu, gpu->executor);
	}
	mutex_unlock(&gpu->lock);
	if (hung) {
		pr_warn("vgpu-exec: %s: its executor has read nothing for %u s, and is none any more\n",
			gpu->name, heartbeat_s);
		vgpu_exec_leave(gpu);
	} else if (there) {
		vgpu_exec_beat_later(gpu);
	}
}

/**
 * vgpu_exec_executor_init() - nobody drives a GPU
 * @gpu: the GPU, zeroed
 *
 * Context: any.
 */
void vgpu_exec_executor_init(struct vgpu_exec_gpu *gpu)
{
	INIT_LIST_HEAD(&gpu->events);
	init_waitqueue_head(&gpu->event_wait);
	INIT_DELAYED_WORK(&gpu->heartbeat, vgpu_exec_heartbeat_work);
	INIT_WORK(&gpu->recover, vgpu_exec_recover_work);
}

/**
 * vgpu_exec_executor_fini() - nobody is to drive a GPU any more
 * @gpu: the GPU; its last executor has left
 *
 * Context: may sleep.
 */
void vgpu_exec_executor_fini(struct vgpu_exec_gpu *gpu)
{
	cancel_delayed_work_sync(&gpu->heartbeat);
	cancel_work_sync(&gpu->recover);
}

/**
 * vgpu_exec_executor_begin_locked() - somebody drives a GPU
 * @gpu: the GPU, which nobody drives
 * @executor: who, not NULL; only compared
 *
 * What the last one left begins again.
 *
 * Context: &vgpu_exec_gpu.lock held.
 */
void vgpu_exec_executor_begin_locked(struct vgpu_exec_gpu *gpu, const void *executor)
{
	lockdep_assert_held(&gpu->lock);

	WRITE_ONCE(gpu->executor, executor);
	gpu->generation++;
	queue_work(system_long_wq, &gpu->recover);
	vgpu_exec_beat_later(gpu);
}

/**
 * vgpu_exec_has_event() - is there something to read?
 * @gpu: the GPU
 * @executor: who asks
 *
 * Context: any.
 */
bool vgpu_exec_has_event(struct vgpu_exec_gpu *gpu, const void *executor)
{
	return !list_empty_careful(&gpu->events) || READ_ONCE(gpu->ping) ||
	       READ_ONCE(gpu->executor) != executor;
}

/* Take the next event.  Return 1; 0 if there is none; -ENODEV if it isn't the executor. */
static int vgpu_exec_next_event(struct vgpu_exec_gpu *gpu, const void *executor,
				struct vgpu_exec_event *event)
{
	struct vgpu_exec_channel *channel;
	int ret = 1;

	mutex_lock(&gpu->lock);
	channel = list_first_entry_or_null(&gpu->events, struct vgpu_exec_channel, event);
	if (gpu->executor != executor) {
		ret = -ENODEV;
	} else if (gpu->ping) {
		gpu->ping = false;
		*event = (struct vgpu_exec_event){ .type = VGPU_EXEC_EVENT_PING };
	} else if (channel) {
		*event = (struct vgpu_exec_event){
			.type = vgpu_exec_channel_is_dead(channel) ? VGPU_EXEC_EVENT_END :
								     VGPU_EXEC_EVENT_START,
			.vm_id = channel->vm_id,
			.channel = channel->id,
		};
		vgpu_exec_untell_locked(gpu, channel);
	} else {
		ret = 0;
	}
	mutex_unlock(&gpu->lock);
	return ret;
}

/**
 * vgpu_exec_read() - read(2) of events
 * @gpu: the GPU
 * @executor: who reads
 * @buf: where to
 * @count: bytes
 * @nonblock: don't wait
 *
 * Context: may sleep.
 * Return: bytes; -EINVAL if there is no room for one; -EAGAIN; -ERESTARTSYS; -ENODEV if it isn't
 * the executor any more; -EFAULT, and the event is lost.
 */
ssize_t vgpu_exec_read(struct vgpu_exec_gpu *gpu, const void *executor, char __user *buf,
		       size_t count, bool nonblock)
{
	struct vgpu_exec_event event;
	ssize_t done = 0;
	int ret;

	if (count < sizeof(event))
		return -EINVAL;
	while (count - done >= sizeof(event)) {
		ret = vgpu_exec_next_event(gpu, executor, &event);
		if (ret > 0) {
			if (copy_to_user(buf + done, &event, sizeof(event)))
				return done ?: -EFAULT;
			done += sizeof(event);
			continue;
		}
		if (done)
			break;
		if (ret)
			return ret;
		if (nonblock)
			return -EAGAIN;
		ret = wait_event_interruptible(gpu->event_wait,
					       vgpu_exec_has_event(gpu, executor));
		if (ret)
			return ret;
	}
	return done;
}

/**
 * vgpu_exec_attach() - the channel that an executor means gets a worker
 * @gpu: its GPU
 * @executor: who says so
 * @id: what it says is &vgpu_exec_event.channel
 *
 * vgpu_exec_channel_attach() comes next; if that fails, vgpu_exec_forget().
 *
 * Context: may sleep.
 * Return: the channel with a reference; ERR_PTR(-ENODEV) if it isn't the executor any more;
 * -ESTALE if there is no such channel, or no more; -EBUSY if it has a worker.
 */
struct vgpu_exec_channel *vgpu_exec_attach(struct vgpu_exec_gpu *gpu, const void *executor,
					   u64 id)
{
	struct vgpu_exec_channel *channel, *found = ERR_PTR(-ESTALE);

	mutex_lock(&gpu->lock);
	if (gpu->executor != executor)
		found = ERR_PTR(-ENODEV);
	list_for_each_entry(channel, &gpu->channels, node) {
		if (gpu->executor != executor || channel->id != id ||
		    vgpu_exec_channel_is_dead(channel))
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
