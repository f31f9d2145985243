// SPDX-License-Identifier: GPL-2.0
/*
 * Entries: the kernel's own account of what is with a worker, and the rings it is told by.
 *
 * The worker can write whatever it likes into the rings, so nothing in them is ever read back but
 * a completion, and of that only its status and whether it is of the first entry, as entries
 * complete in order; and what a guest has asked to read of its own memory, which is data.  Whoever
 * takes an entry off &vgpu_exec_channel.inflight, under the channel's lock, owns what it was about.
 *
 * What the worker is at is the first of what it hasn't completed; if it runs a job of another queue
 * beside that, the time counts for the first, and then for the other what is left.
 */
#include <linux/build_bug.h>
#include <linux/jiffies.h>
#include <linux/ktime.h>
#include <linux/lockdep.h>
#include <linux/slab.h>
#include <linux/string.h>

#include "exec.h"
#include "job.h"

/* Of the ABI: each ring within whole pages, slots where the comment says */
static_assert(offsetof(struct vgpu_exec_shared, sq) == 4096);
static_assert(sizeof(struct vgpu_exec_slot) == 1024);
static_assert(offsetof(struct vgpu_exec_shared, slot) % 4096 == 0);

/* What a guest can read and write by a request fits in a slot */
static_assert(VGPU_EXEC_SLOT_DATA >= VGPU_RESP_MAX_PAYLOAD);
static_assert(VGPU_EXEC_SLOT_DATA >= VGPU_REQ_MAX_PAYLOAD);

/**
 * vgpu_exec_ring_init() - rings that nothing has been in
 * @channel: the channel, of which nobody else knows, or which has ended
 *
 * Context: any, or &vgpu_exec_channel.lock held.
 */
void vgpu_exec_ring_init(struct vgpu_exec_channel *channel)
{
	channel->ring = (struct vgpu_ring_guest){
		.sq = channel->shared->sq,
		.cq = channel->shared->cq,
		.events = &channel->shared->events,
		.mask = VGPU_EXEC_ENTRIES - 1,
	};
}

/* The slot's number is in the lower half, so that the worker finds it */
static u32 vgpu_exec_slot_of(u64 cookie)
{
	return lower_32_bits(cookie);
}

/**
 * vgpu_exec_head_locked() - what the worker is at
 * @channel: the channel
 *
 * Context: &vgpu_exec_channel.lock held.
 * Return: the first entry that it hasn't completed; NULL: there is none.
 */
struct vgpu_exec_entry *vgpu_exec_head_locked(struct vgpu_exec_channel *channel)
{
	lockdep_assert_held(&channel->lock);
	return list_first_entry_or_null(&channel->inflight, struct vgpu_exec_entry, node);
}

/*
 * What the worker is at counts as GPU time: a job; or something else if jobs wait behind it, which
 * take places that others would have.  Else a worker could keep these for nothing, by taking its
 * time over an object.
 */
static void vgpu_exec_head_begin_locked(struct vgpu_exec_channel *channel)
{
	struct vgpu_exec_entry *head = vgpu_exec_head_locked(channel);

	if (!head || head->begun || !channel->nr_jobs)
		return;
	head->begun = true;
	head->begin_ns = vgpu_exec_clock_begin(&channel->owner->clock,
					       head->job ? vgpu_job_begin(head->job) :
							   ktime_get_ns());
}

/**
 * vgpu_exec_head_changed_locked() - its time counts now
 * @channel: the channel; what its worker is at is another than before, or is to end early
 *
 * Context: &vgpu_exec_channel.lock held.
 */
void vgpu_exec_head_changed_locked(struct vgpu_exec_channel *channel)
{
	struct vgpu_exec_entry *head = vgpu_exec_head_locked(channel);
	bool timed = head && (!head->job || head->aborted);

	channel->head_since = jiffies;
	if (timed && !channel->timed)
		channel->run_since = jiffies;
	channel->timed = timed;
	vgpu_exec_head_begin_locked(channel);
	/* from a channel that has ended everything is taken */
	if (timed && channel->state == VGPU_EXEC_RUNNING)
		vgpu_exec_channel_look_later(channel);
}

/* Make an entry.  There is a slot for it, and the caller fills in what isn't common. */
static struct vgpu_exec_entry *vgpu_exec_entry_new_locked(struct vgpu_exec_channel *channel)
{
	/* they complete in order: if there are fewer than slots, who had this one last is over */
	u32 slot = channel->ring.submitted & channel->ring.mask;
	struct vgpu_exec_entry *entry = &channel->entry[slot];
	struct vgpu_dev_sqe *sqe;

	lockdep_assert_held(&channel->lock);

	channel->nr_entries++;
	channel->last_cookie++;
	*entry = (struct vgpu_exec_entry){
		.cookie = (u64)channel->last_cookie << 32 | slot,
	};
	list_add_tail(&entry->node, &channel->inflight);
	WRITE_ONCE(channel->shared->slot[slot].abort, 0);
	channel->shared->slot[slot].queue = 0;
	/* no more in the ring than there are slots, so there is room */
	sqe = vgpu_ring_sqe(&channel->ring);
	sqe->reserved = 0;
	sqe->user_data = cpu_to_le64(entry->cookie);
	memset(sqe->words, 0, sizeof(sqe->words));
	return entry;
}

static void vgpu_exec_tell_locked(struct vgpu_exec_channel *channel,
				  struct vgpu_exec_entry *entry, u32 opcode)
{
	vgpu_ring_submit(&channel->ring, opcode);
	if (vgpu_exec_head_locked(channel) == entry)
		vgpu_exec_head_changed_locked(channel);
	else
		vgpu_exec_head_begin_locked(channel);
	if (!channel->reaping)
		wake_up_all(&channel->wait);
}

/**
 * vgpu_exec_send_notices_locked() - tell the worker of objects
 * @channel: the channel
 *
 * As many as there is room for beside the jobs that there may be.
 *
 * Context: &vgpu_exec_channel.lock held.
 */
void vgpu_exec_send_notices_locked(struct vgpu_exec_channel *channel)
{
	u32 room = VGPU_EXEC_ENTRIES - VGPU_EXEC_MAX_DEPTH;
	struct vgpu_exec_object *object;
	struct vgpu_exec_entry *entry;
	struct vgpu_dev_sqe *sqe;

	lockdep_assert_held(&channel->lock);

	while (!list_empty(&channel->notices) &&
	       channel->nr_entries - channel->nr_jobs < room) {
		object = list_first_entry(&channel->notices, struct vgpu_exec_object, node);
		list_del_init(&object->node);
		channel->nr_notices--;
		entry = vgpu_exec_entry_new_locked(channel);
		entry->object = object;
		entry->opcode = object->opcode;
		sqe = vgpu_ring_sqe(&channel->ring);
		sqe->fill.dst = cpu_to_le32(object->number);
		sqe->fill.length = cpu_to_le64(object->size);
		vgpu_exec_tell_locked(channel, entry, object->opcode);
	}
}

/**
 * vgpu_exec_object_put_locked() - drop a reference
 * @channel: its channel
 * @object: the object
 *
 * Context: &vgpu_exec_channel.lock held.
 */
void vgpu_exec_object_put_locked(struct vgpu_exec_channel *channel,
				 struct vgpu_exec_object *object)
{
	lockdep_assert_held(&channel->lock);

	if (--object->refs)
		return;
	/* from here on the number can be another's */
	ida_free(&channel->numbers, object->number);
	kfree(object);
}

/**
 * vgpu_exec_object_done_locked() - the worker has been told of an object, or there is none
 * @channel: its channel
 * @object: the object
 * @opcode: what it was told
 * @status: what it said
 *
 * Context: &vgpu_exec_channel.lock held.
 */
void vgpu_exec_object_done_locked(struct vgpu_exec_channel *channel,
				  struct vgpu_exec_object *object, u32 opcode,
				  enum vgpu_error status)
{
	lockdep_assert_held(&channel->lock);

	if (opcode != object->end) {
		WRITE_ONCE(object->status, status);
		wake_up_all(&channel->wait);
	}
	vgpu_exec_object_put_locked(channel, object);
}

/*
 * Take an entry off the books, at @now_ns.  What it was about is the caller's, and if the worker
 * goes on, to see what it is at now.  Return what it had of the GPU, if it is a job: what it says
 * itself is at most a hint, it would say 0.  What else it was at is charged with the next job.
 */
static u64 vgpu_exec_forget_locked(struct vgpu_exec_channel *channel,
				   struct vgpu_exec_entry *entry, u64 now_ns)
{
	u64 gpu_ns = 0;

	if (entry->begun)
		gpu_ns = vgpu_exec_clock_end(&channel->owner->clock, entry->begin_ns, now_ns);
	list_del_init(&entry->node);
	channel->nr_entries--;
	if (!entry->job) {
		channel->owed_ns += gpu_ns;
		return 0;
	}
	channel->nr_jobs--;
	if (channel->owed_ns)
		vgpu_job_owe(entry->job, channel->owed_ns);
	channel->owed_ns = 0;
	return gpu_ns;
}

/* What a worker may say; whatever else it says is that the GPU failed */
static enum vgpu_error vgpu_exec_status(u32 opcode, u32 said)
{
	switch (said) {
	case VGPU_ERR_NONE:
	case VGPU_ERR_CANCELED:
	case VGPU_ERR_NO_MEMORY:
		return said;
	case VGPU_ERR_INVALID_REQUEST:
		/* more threads than the GPU can have, or the like: only the GPU knows */
		return opcode == VGPU_EXEC_OP_KERNEL ? said : VGPU_ERR_GPU;
	default:
		return VGPU_ERR_GPU;
	}
}

/* The answer that isn't in guest memory, or the device's */
static void vgpu_exec_finish_job(struct vgpu_exec_channel *channel, struct vgpu_job *job, u32 slot)
{
	if (job->type == VGPU_JOB_READ)
		memcpy(job->inline_copy.data, channel->shared->slot[slot].data,
		       job->inline_copy.range.length);
}

/**
 * vgpu_exec_reap_locked() - take the next completion
 * @channel: the channel
 * @result: what there is to complete; its job is NULL if it was an object
 * @now_ns: the time
 *
 * Others may follow, so vgpu_exec_head_changed_locked() is the caller's to call.
 *
 * Context: &vgpu_exec_channel.lock held.
 * Return: 1; 0 if there is none; -EPROTO if the worker completes what it doesn't have.
 */
int vgpu_exec_reap_locked(struct vgpu_exec_channel *channel,
			  struct vgpu_job_result *result, u64 now_ns)
{
	struct vgpu_exec_object *object;
	struct vgpu_exec_entry *entry;
	struct vgpu_dev_cqe cqe;
	u32 opcode;

	lockdep_assert_held(&channel->lock);

	if (channel->state != VGPU_EXEC_RUNNING || !vgpu_ring_reap(&channel->ring, &cqe))
		return 0;
	entry = vgpu_exec_head_locked(channel);
	if (!entry || le64_to_cpu(cqe.user_data) != entry->cookie)
		return -EPROTO;

	result->job = entry->job;
	object = entry->object;
	opcode = entry->opcode;
	result->status = vgpu_exec_status(opcode, le32_to_cpu(cqe.control) & VGPU_CQE_STATUS_MASK);
	if (result->job && !result->status)
		vgpu_exec_finish_job(channel, result->job, vgpu_exec_slot_of(entry->cookie));
	/* it was at a job, so what it may take for others counts anew */
	channel->timed = channel->timed && (!entry->job || entry->aborted);
	result->gpu_ns = vgpu_exec_forget_locked(channel, entry, now_ns);
	if (object)
		vgpu_exec_object_done_locked(channel, object, opcode, result->status);
	vgpu_exec_send_notices_locked(channel);
	return 1;
}

/**
 * vgpu_exec_take_back_locked() - take the first entry of a channel that has ended
 * @channel: the channel; there is an entry
 * @result: what there is to complete; its job is NULL if it was an object
 *
 * Context: &vgpu_exec_channel.lock held.
 */
void vgpu_exec_take_back_locked(struct vgpu_exec_channel *channel,
				struct vgpu_job_result *result)
{
	struct vgpu_exec_entry *entry = vgpu_exec_head_locked(channel);
	struct vgpu_exec_object *object = entry->object;
	u32 opcode = entry->opcode;

	result->job = entry->job;
	result->status = entry->aborted ? VGPU_ERR_CANCELED : VGPU_ERR_BACKEND_LOST;
	result->gpu_ns = vgpu_exec_forget_locked(channel, entry, ktime_get_ns());
	if (object)
		vgpu_exec_object_done_locked(channel, object, opcode, VGPU_ERR_BACKEND_LOST);
}

/**
 * vgpu_exec_take_again_locked() - take the last job that may be run anew
 * @channel: the channel, which has ended
 *
 * Context: &vgpu_exec_channel.lock held.
 * Return: the job, which is the caller's; NULL: there is none that nobody wants to end.
 */
struct vgpu_job *vgpu_exec_take_again_locked(struct vgpu_exec_channel *channel)
{
	struct vgpu_exec_entry *entry;

	lockdep_assert_held(&channel->lock);

	list_for_each_entry_reverse(entry, &channel->inflight, node) {
		struct vgpu_job *job = entry->job;

		if (job && job->again && !entry->aborted) {
			vgpu_exec_forget_locked(channel, entry, ktime_get_ns());
			return job;
		}
	}
	return NULL;
}

/**
 * vgpu_exec_job_give_locked() - tell the worker of a job
 * @channel: the channel, which has a worker
 * @job: the job; with it there are VGPU_EXEC_MAX_DEPTH at most
 *
 * Context: &vgpu_exec_channel.lock held.
 */
void vgpu_exec_job_give_locked(struct vgpu_exec_channel *channel, struct vgpu_job *job)
{
	struct vgpu_exec_entry *entry = vgpu_exec_entry_new_locked(channel);
	struct vgpu_exec_slot *slot = &channel->shared->slot[vgpu_exec_slot_of(entry->cookie)];

	entry->job = job;
	channel->nr_jobs++;
	entry->opcode = vgpu_exec_encode(slot, vgpu_ring_sqe(&channel->ring), job);
	vgpu_exec_tell_locked(channel, entry, entry->opcode);
}

/**
 * vgpu_exec_jobs_abort_locked() - tell the worker to end jobs early
 * @channel: the channel
 * @match: which
 * @what: for @match
 *
 * Context: &vgpu_exec_channel.lock held.
 */
void vgpu_exec_jobs_abort_locked(struct vgpu_exec_channel *channel,
				 bool (*match)(const struct vgpu_job *job, const void *what),
				 const void *what)
{
	struct vgpu_exec_entry *entry;

	lockdep_assert_held(&channel->lock);

	list_for_each_entry(entry, &channel->inflight, node) {
		if (!entry->job || entry->aborted || !match(entry->job, what))
			continue;
		entry->aborted = true;
		WRITE_ONCE(channel->shared->slot[vgpu_exec_slot_of(entry->cookie)].abort, 1);
		if (vgpu_exec_head_locked(channel) == entry)
			vgpu_exec_head_changed_locked(channel);
	}
}
