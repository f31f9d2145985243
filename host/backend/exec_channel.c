// SPDX-License-Identifier: GPL-2.0
/*
 * A channel: what one vGPU has to do, told to a worker process by a pair of rings.
 *
 * The worker runs what the guest sent, so it is as hostile as the guest.  What is with it is in
 * the kernel's own account (exec_entry.c); a channel ends when the worker completes what isn't,
 * and gives back everything that was with it, once.
 *
 * Completions are looked at by a work item, not by the worker's thread: that may be made to
 * stand still anywhere, and the arbiter's locks are everybody's.
 *
 * If what the worker is at is a job, it is the watchdog's to say how long it may take.  If it has
 * been aborted, or is no job, the worker has some seconds, and no more for several of these in a
 * row; then the channel ends.
 */
#include <linux/err.h>
#include <linux/fs.h>
#include <linux/jiffies.h>
#include <linux/ktime.h>
#include <linux/lockdep.h>
#include <linux/slab.h>
#include <linux/string.h>
#include <linux/vmalloc.h>

#include "bo.h"
#include "ctx.h"
#include "exec.h"
#include "job.h"
#include "vgpu.h"

/* To start a worker, with the vendor's stack: seconds, where that compiles something */
#define VGPU_EXEC_START_JIFFIES		(60 * HZ)

/* For a worker to end what was aborted; and for that and objects until it is at a job again */
#define VGPU_EXEC_RUN_JIFFIES		(10 * HZ)
#define VGPU_EXEC_ABORT_JIFFIES		(2 * HZ)

static struct workqueue_struct *vgpu_exec_wq;

/*
 * For those that take completions, and wait for no other.  Those in the first wait for these, so
 * however many there are, when all workers of many vGPUs end, these have threads of their own.
 */
static struct workqueue_struct *vgpu_exec_reap_wq;

static void vgpu_exec_reap_work(struct work_struct *work);
static void vgpu_exec_patience_work(struct work_struct *work);
static void vgpu_exec_kill_work(struct work_struct *work);
static void vgpu_exec_free_work(struct work_struct *work);

/**
 * vgpu_exec_wq_create() - be ready for channels
 *
 * Context: may sleep.
 * Return: 0 or -ENOMEM.
 */
int vgpu_exec_wq_create(void)
{
	vgpu_exec_wq = alloc_workqueue("vgpu-exec", WQ_UNBOUND, 0);
	if (!vgpu_exec_wq)
		return -ENOMEM;
	vgpu_exec_reap_wq = alloc_workqueue("vgpu-exec-reap", WQ_UNBOUND, 0);
	if (vgpu_exec_reap_wq)
		return 0;
	destroy_workqueue(vgpu_exec_wq);
	return -ENOMEM;
}

/**
 * vgpu_exec_wq_flush() - wait until what was closed is gone
 *
 * Context: may sleep.
 */
void vgpu_exec_wq_flush(void)
{
	flush_workqueue(vgpu_exec_wq);
}

/**
 * vgpu_exec_wq_destroy() - undo vgpu_exec_wq_create(); nobody makes channels
 *
 * Those that nobody has a reference to any more are gone then.
 *
 * Context: may sleep.
 */
void vgpu_exec_wq_destroy(void)
{
	/* in this order: what is left in the first ends what is in the second */
	destroy_workqueue(vgpu_exec_wq);
	destroy_workqueue(vgpu_exec_reap_wq);
}

/**
 * vgpu_exec_channel_create() - make a channel without a worker
 * @owner: its GPU
 * @vm_id: its vGPU
 *
 * Context: may sleep.
 * Return: the channel, ended by vgpu_exec_channel_put(); NULL if there is no memory.
 */
struct vgpu_exec_channel *vgpu_exec_channel_create(struct vgpu_exec_gpu *owner, u32 vm_id)
{
	struct vgpu_exec_channel *channel = kvzalloc(sizeof(*channel), GFP_KERNEL_ACCOUNT);

	if (!channel)
		return NULL;
	channel->shared = vmalloc_user(sizeof(*channel->shared));
	if (!channel->shared)
		goto err_free;
	if (vgpu_exec_maps_init(channel))
		goto err_shared;
	kref_init(&channel->ref);
	channel->owner = owner;
	vgpu_exec_gpu_get(owner);
	channel->vm_id = vm_id;
	channel->life = 1;
	INIT_LIST_HEAD(&channel->ctxs);
	INIT_LIST_HEAD(&channel->event);
	INIT_WORK(&channel->free, vgpu_exec_free_work);
	mutex_init(&channel->lock);
	mutex_init(&channel->task_lock);
	init_waitqueue_head(&channel->wait);
	init_waitqueue_head(&channel->task_wait);
	INIT_LIST_HEAD(&channel->inflight);
	INIT_LIST_HEAD(&channel->notices);
	INIT_LIST_HEAD(&channel->tasks);
	ida_init(&channel->numbers);
	INIT_WORK(&channel->reap, vgpu_exec_reap_work);
	INIT_DELAYED_WORK(&channel->patience, vgpu_exec_patience_work);
	INIT_WORK(&channel->kill, vgpu_exec_kill_work);
	vgpu_exec_ring_init(channel);
	return channel;

err_shared:
	vfree(channel->shared);
err_free:
	kvfree(channel);
	return NULL;
}

static void vgpu_exec_free_work(struct work_struct *work)
{
	struct vgpu_exec_channel *channel = container_of(work, struct vgpu_exec_channel, free);

	/* in this order: the first queues the second */
	cancel_delayed_work_sync(&channel->patience);
	cancel_work_sync(&channel->reap);
	WARN_ON(!list_empty(&channel->inflight) || !list_empty(&channel->notices) ||
		!list_empty(&channel->tasks));
	vgpu_exec_maps_fini(channel);
	ida_destroy(&channel->numbers);
	mutex_destroy(&channel->task_lock);
	mutex_destroy(&channel->lock);
	vgpu_exec_gpu_put(channel->owner);
	vfree(channel->shared);
	kvfree(channel);
}

static void vgpu_exec_channel_release(struct kref *ref)
{
	queue_work(vgpu_exec_wq, &container_of(ref, struct vgpu_exec_channel, ref)->free);
}

/**
 * vgpu_exec_channel_get() - take a reference
 * @channel: a channel to which the caller has one, or &vgpu_exec_gpu.lock
 *
 * Context: any.
 */
void vgpu_exec_channel_get(struct vgpu_exec_channel *channel)
{
	kref_get(&channel->ref);
}

/**
 * vgpu_exec_channel_put() - drop a reference
 * @channel: the channel
 *
 * Context: any.
 */
void vgpu_exec_channel_put(struct vgpu_exec_channel *channel)
{
	kref_put(&channel->ref, vgpu_exec_channel_release);
}

/**
 * vgpu_exec_channel_is_dead() - is there to be no worker any more?
 * @channel: the channel
 *
 * Context: any.
 */
bool vgpu_exec_channel_is_dead(const struct vgpu_exec_channel *channel)
{
	return READ_ONCE(channel->state) == VGPU_EXEC_DEAD;
}

/* Nothing more is told or taken.  Return whether it is the caller's to give back what was. */
static bool vgpu_exec_channel_end(struct vgpu_exec_channel *channel, u32 life, const char *why)
{
	bool first;

	mutex_lock(&channel->lock);
	first = channel->life == life && channel->state != VGPU_EXEC_DEAD;
	if (first)
		WRITE_ONCE(channel->state, VGPU_EXEC_DEAD);
	wake_up_all(&channel->wait);
	wake_up_all(&channel->task_wait);
	mutex_unlock(&channel->lock);
	if (first && why)
		pr_warn_ratelimited("vgpu-exec: %s: the worker of vm_id %u %s\n",
				    channel->owner->name, channel->vm_id, why);
	return first;
}

static struct vgpu_job *vgpu_exec_take_again(void *from)
{
	struct vgpu_exec_channel *channel = from;
	struct vgpu_job *job;

	mutex_lock(&channel->lock);
	job = vgpu_exec_take_again_locked(channel);
	mutex_unlock(&channel->lock);
	return job;
}

/*
 * Give back everything that was with a channel that has ended.  If its executor goes the GPU is
 * paused; else its contexts are lost, and nothing of them runs anew.
 */
static void vgpu_exec_channel_give_back(struct vgpu_exec_channel *channel)
{
	struct vgpu_exec_object *object, *next;
	struct vgpu_job_result result;

	vgpu_exec_maps_end(channel);
	if (READ_ONCE(channel->orphan))
		vgpu_gpu_take_back(channel->owner->gpu, vgpu_exec_take_again, channel);
	mutex_lock(&channel->lock);
	while (!list_empty(&channel->inflight)) {
		vgpu_exec_take_back_locked(channel, &result);
		if (!result.job)
			continue;
		mutex_unlock(&channel->lock);
		vgpu_job_complete(result.job, result.status, result.gpu_ns);
		mutex_lock(&channel->lock);
	}
	list_for_each_entry_safe(object, next, &channel->notices, node) {
		list_del_init(&object->node);
		channel->nr_notices--;
		vgpu_exec_object_done_locked(channel, object, object->opcode,
					     VGPU_ERR_BACKEND_LOST);
	}
	mutex_unlock(&channel->lock);
	vgpu_exec_calls_end(channel);
	if (!READ_ONCE(channel->orphan))
		vgpu_exec_lose(channel, true);
	/* with all that, for who waits in vgpu_exec_channel_kill() */
	smp_store_release(&channel->given_back, true);
	wake_up_all(&channel->wait);
	vgpu_exec_forget(channel, false);
}

/*
 * Take what there is, for &vgpu_exec_channel.over, but no more than a ring has: a worker may be as
 * quick as we are, and objects complete without end.  Return as vgpu_exec_reap_locked().
 *
 * Of jobs that are found together the first, which had begun, is charged for all, and those that
 * begin and end unseen nothing.
 */
static int vgpu_exec_reap_batch(struct vgpu_exec_channel *channel, u32 *count)
{
	struct vgpu_job_result *result = channel->over;
	u64 now_ns = ktime_get_ns();
	u32 left = VGPU_EXEC_ENTRIES;
	bool changed = false;
	int ret;

	mutex_lock(&channel->lock);
	do {
		ret = vgpu_exec_reap_locked(channel, result, now_ns);
		changed = changed || ret > 0;
		if (ret > 0 && result->job)
			result++;
	} while (ret > 0 && --left && result < channel->over + VGPU_EXEC_MAX_DEPTH);
	if (changed)
		vgpu_exec_head_changed_locked(channel);
	*count = result - channel->over;
	channel->reaping = true;
	mutex_unlock(&channel->lock);
	return ret;
}

/* Those who wait for more may see what was told meanwhile. */
static void vgpu_exec_reap_end(struct vgpu_exec_channel *channel, u32 told)
{
	mutex_lock(&channel->lock);
	channel->reaping = false;
	if (channel->ring.submitted != told)
		wake_up_all(&channel->wait);
	mutex_unlock(&channel->lock);
}

/*
 * Each job that is over lets in another one.  A worker that sleeps is woken for all of these
 * together, and whoever waits for a completion runs when all are told: else each would get one
 * job at a time, and the switches between them would take most of the time.
 */
static void vgpu_exec_reap_work(struct work_struct *work)
{
	struct vgpu_exec_channel *channel = container_of(work, struct vgpu_exec_channel, reap);
	u32 told = READ_ONCE(channel->ring.submitted), count;
	int ret;

	ret = vgpu_exec_reap_batch(channel, &count);
	if (count)
		vgpu_jobs_complete(channel->over, count);
	vgpu_exec_reap_end(channel, told);
	/* a worker that is as quick as we are keeps nobody waiting who flushes this */
	if (ret > 0)
		queue_work(vgpu_exec_reap_wq, work);
	/* whoever else ends it waits for us, so its life is the same still */
	if (ret < 0 && vgpu_exec_channel_end(channel, READ_ONCE(channel->life),
					     "completed what it was not given"))
		vgpu_exec_channel_give_back(channel);
}

/**
 * vgpu_exec_channel_look_later() - see to it that the worker doesn't take for ever
 * @channel: the channel, which has a worker
 *
 * Context: &vgpu_exec_channel.lock held.
 */
void vgpu_exec_channel_look_later(struct vgpu_exec_channel *channel)
{
	lockdep_assert_held(&channel->lock);
	queue_delayed_work(vgpu_exec_wq, &channel->patience, VGPU_EXEC_ABORT_JIFFIES);
}

static void vgpu_exec_patience_work(struct work_struct *work)
{
	struct vgpu_exec_channel *channel =
		container_of(to_delayed_work(work), struct vgpu_exec_channel, patience);
	struct vgpu_exec_entry *head;
	unsigned long now;
	bool over = false;
	u32 life;

	/* it may have ended it, and not have told */
	queue_work(vgpu_exec_reap_wq, &channel->reap);
	flush_work(&channel->reap);
	mutex_lock(&channel->lock);
	head = vgpu_exec_head_locked(channel);
	now = jiffies;
	life = channel->life;
	if (channel->state == VGPU_EXEC_RUNNING && channel->timed) {
		over = now - channel->run_since >= VGPU_EXEC_RUN_JIFFIES ||
		       (head->job && now - channel->head_since >= VGPU_EXEC_ABORT_JIFFIES);
		vgpu_exec_channel_look_later(channel);
	}
	mutex_unlock(&channel->lock);
	if (over)
		vgpu_exec_channel_kill(channel, life, "takes too long to end, or over an object");
}

/**
 * vgpu_exec_channel_attach() - it is to have a worker
 * @channel: the channel
 * @file: by which the worker maps it; nothing of it is mapped yet
 *
 * It has one when that calls VGPU_EXEC_IOC_ENTER for the first time: the vendor's stack may take
 * long to begin, and until then nobody's job is to wait there.
 *
 * Context: may sleep.  Called once in a channel's life: see vgpu_exec_attach().
 * Return: 0; -ESTALE if it is not to have one any more.
 */
int vgpu_exec_channel_attach(struct vgpu_exec_channel *channel, struct file *file)
{
	int ret = 0;

	mutex_lock(&channel->lock);
	if (channel->state == VGPU_EXEC_STARTING)
		file->f_mapping = channel->maps.inode->i_mapping;
	else
		ret = -ESTALE;
	mutex_unlock(&channel->lock);
	return ret;
}

/* Its worker is there. */
static void vgpu_exec_channel_begin(struct vgpu_exec_channel *channel)
{
	mutex_lock(&channel->lock);
	if (channel->state == VGPU_EXEC_STARTING) {
		WRITE_ONCE(channel->state, VGPU_EXEC_RUNNING);
		wake_up_all(&channel->wait);
	}
	mutex_unlock(&channel->lock);
}

/**
 * vgpu_exec_channel_await() - wait until it has a worker
 * @channel: the channel
 * @vgpu: its vGPU.  If that is being stopped nobody waits
 *
 * Context: may sleep, for VGPU_EXEC_START_JIFFIES at most.
 * Return: 0 or -ENODEV.
 */
int vgpu_exec_channel_await(struct vgpu_exec_channel *channel, const struct vgpu *vgpu)
{
	unsigned long end = jiffies + VGPU_EXEC_START_JIFFIES;
	u32 life = READ_ONCE(channel->life);

	while (!wait_event_timeout(channel->wait,
				   READ_ONCE(channel->state) != VGPU_EXEC_STARTING,
				   VGPU_EXEC_LOOK_JIFFIES)) {
		if (vgpu_is_stopping(vgpu))
			return -ENODEV;
		if (time_after(jiffies, end))
			vgpu_exec_channel_kill(channel, life, "was not started in time");
	}
	return vgpu_exec_channel_is_dead(channel) ? -ENODEV : 0;
}

static bool vgpu_exec_life_is_over(struct vgpu_exec_channel *channel, u32 life)
{
	/* before the life: see vgpu_exec_channel_revive() */
	return smp_load_acquire(&channel->given_back) || READ_ONCE(channel->life) != life;
}

/**
 * vgpu_exec_channel_kill() - end a channel
 * @channel: the channel
 * @life: &vgpu_exec_channel.life that is to end; if there is another by now nothing happens
 * @why: what its worker did, for the log; NULL if it did nothing
 *
 * What was with it has completed with VGPU_ERR_BACKEND_LOST when this returns, or with
 * VGPU_ERR_CANCELED if that was asked for.
 *
 * Context: may sleep; &vgpu_exec_channel.lock not held; not from the work item that reaps.
 */
void vgpu_exec_channel_kill(struct vgpu_exec_channel *channel, u32 life, const char *why)
{
	if (!vgpu_exec_channel_end(channel, life, why)) {
		/* somebody else is at it, or was, and begins nothing that waits for us */
		wait_event(channel->wait, vgpu_exec_life_is_over(channel, life));
		return;
	}
	/* jobs complete one after the other, so those that it is about to complete first */
	flush_work(&channel->reap);
	vgpu_exec_channel_give_back(channel);
}

static void vgpu_exec_kill_work(struct work_struct *work)
{
	struct vgpu_exec_channel *channel = container_of(work, struct vgpu_exec_channel, kill);

	/* it is attached until we say otherwise, so it has no other life before */
	vgpu_exec_channel_kill(channel, READ_ONCE(channel->life), "is gone");
	vgpu_exec_forget(channel, true);
	vgpu_exec_channel_put(channel);
}

/**
 * vgpu_exec_channel_closed() - its worker's file is closed
 * @channel: the channel.  The file's reference is the callee's
 *
 * Context: any: a work item does what is to be done, and not the worker's thread.
 */
void vgpu_exec_channel_closed(struct vgpu_exec_channel *channel)
{
	queue_work(vgpu_exec_wq, &channel->kill);
}

/**
 * vgpu_exec_channel_revive() - a channel that has ended is to have a worker again
 * @channel: the channel, after vgpu_exec_maps_begin().  Nobody has its file, so nobody reaches
 *	its rings
 *
 * Objects keep their numbers, and the new worker knows none of them.
 *
 * Context: may sleep; &vgpu_exec_gpu.lock held, or whoever ends it could be early.
 */
void vgpu_exec_channel_revive(struct vgpu_exec_channel *channel)
{
	mutex_lock(&channel->lock);
	memset(channel->shared, 0, sizeof(*channel->shared));
	vgpu_exec_ring_init(channel);
	channel->timed = false;
	channel->owed_ns = 0;
	WRITE_ONCE(channel->life, channel->life + 1);
	/* behind the new life: see vgpu_exec_life_is_over() */
	smp_store_release(&channel->given_back, false);
	WRITE_ONCE(channel->state, VGPU_EXEC_STARTING);
	mutex_unlock(&channel->lock);
}

/**
 * vgpu_exec_channel_submit() - have a job run
 * @channel: of the job's context
 * @job: as &vgpu_backend_ops.submit has it, with no more of them than VGPU_EXEC_MAX_DEPTH
 *
 * If there is no worker any more it completes at once.
 *
 * Context: may sleep, never for the worker.
 */
void vgpu_exec_channel_submit(struct vgpu_exec_channel *channel, struct vgpu_job *job)
{
	bool alive;

	/* mutex_lock() lets others run who were woken, and we are often amid a batch */
	if (!mutex_trylock(&channel->lock))
		mutex_lock(&channel->lock);
	alive = channel->state == VGPU_EXEC_RUNNING &&
		!WARN_ON_ONCE(channel->nr_jobs >= VGPU_EXEC_MAX_DEPTH);
	if (alive)
		vgpu_exec_job_give_locked(channel, job);
	mutex_unlock(&channel->lock);
	if (!alive)
		vgpu_job_complete(job, VGPU_ERR_BACKEND_LOST, 0);
}

/**
 * vgpu_exec_channel_abort() - have jobs end early
 * @channel: the channel
 * @match: which
 * @what: for @match
 *
 * A worker that doesn't is ended.
 *
 * Context: may sleep, never for the worker.
 */
void vgpu_exec_channel_abort(struct vgpu_exec_channel *channel,
			     bool (*match)(const struct vgpu_job *job, const void *what),
			     const void *what)
{
	mutex_lock(&channel->lock);
	vgpu_exec_jobs_abort_locked(channel, match, what);
	mutex_unlock(&channel->lock);
}

static bool vgpu_exec_channel_has_more(struct vgpu_exec_channel *channel, u32 fetched)
{
	return READ_ONCE(channel->ring.submitted) != fetched || vgpu_exec_channel_is_dead(channel);
}

/**
 * vgpu_exec_channel_enter() - VGPU_EXEC_IOC_ENTER
 * @channel: the channel
 * @enter: what the worker says
 *
 * Context: the worker's thread; may sleep.
 * Return: 0, -ETIMEDOUT, -ENODEV, or -ERESTARTSYS.
 */
int vgpu_exec_channel_enter(struct vgpu_exec_channel *channel,
			    const struct vgpu_exec_enter *enter)
{
	unsigned long timeout = msecs_to_jiffies(enter->timeout_ms);
	u32 fetched = enter->fetched;
	long left;

	if (unlikely(READ_ONCE(channel->state) == VGPU_EXEC_STARTING))
		vgpu_exec_channel_begin(channel);
	/* else a worker that has completed nothing could keep a thread of the kernel's busy */
	if (vgpu_ring_has_completion(&channel->ring))
		queue_work(vgpu_exec_reap_wq, &channel->reap);
	left = wait_event_interruptible_timeout(channel->wait,
						vgpu_exec_channel_has_more(channel, fetched),
						timeout);
	if (left < 0)
		return left;
	if (vgpu_exec_channel_is_dead(channel))
		return -ENODEV;
	return left || vgpu_exec_channel_has_more(channel, fetched) ? 0 : -ETIMEDOUT;
}
