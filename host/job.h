/* SPDX-License-Identifier: GPL-2.0 */
/* One unit of GPU work, and who owns it. */
#ifndef _VGPU_JOB_H
#define _VGPU_JOB_H

#include <linux/compiler.h>
#include <linux/list.h>
#include <linux/types.h>
#include <linux/workqueue.h>
#include <linux/vgpu_dev.h>

/* Priority classes, by enum vgpu_priority */
#define VGPU_ARB_CLASSES	(VGPU_PRIORITY_HIGH + 1)

struct vgpu_arb_entity;
struct vgpu_arb_group;
struct vgpu_bo;
struct vgpu_job;
struct vgpu_kernel;
struct vgpu_stats;

/**
 * enum vgpu_job_owner - who may touch a job
 *
 * A job has exactly one owner at any time.  Only the owner reads or writes the
 * job's members, and only the owner hands it on, by vgpu_job_set_owner().
 *
 * GUEST -> QUEUE	the guest rang: the request was copied out of its reach
 * QUEUE -> ARBITER	the request was valid and was submitted
 * QUEUE -> DONE	the request was refused
 * ARBITER -> BACKEND	dispatched
 * ARBITER -> DONE	canceled while it waited
 * BACKEND -> ARBITER	the backend was busy (-EAGAIN); it goes first next time
 * BACKEND -> DONE	completed
 * DONE -> GUEST	the answer is where the guest can see it
 *
 * @VGPU_JOB_GUEST: the guest is preparing it; the host has no part of it
 * @VGPU_JOB_QUEUE: being validated by the queue (or mailbox) it came through
 * @VGPU_JOB_ARBITER: waiting for its turn
 * @VGPU_JOB_BACKEND: on the GPU, or being run by the core for a control job
 * @VGPU_JOB_DONE: over; the answer is being written
 */
enum vgpu_job_owner {
	VGPU_JOB_GUEST,
	VGPU_JOB_QUEUE,
	VGPU_JOB_ARBITER,
	VGPU_JOB_BACKEND,
	VGPU_JOB_DONE,
	VGPU_JOB_OWNER_COUNT,
};

/**
 * enum vgpu_job_type - what a job does
 * @VGPU_JOB_CONTROL: &vgpu_job.control, run by the core, not by the backend
 * @VGPU_JOB_NOP: nothing
 * @VGPU_JOB_ADD: &vgpu_job.add
 * @VGPU_JOB_WRITE: &vgpu_job.inline_copy, into the buffer object
 * @VGPU_JOB_READ: &vgpu_job.inline_copy, out of the buffer object
 * @VGPU_JOB_COPY: &vgpu_job.copy
 * @VGPU_JOB_FILL: &vgpu_job.fill
 * @VGPU_JOB_LAUNCH: &vgpu_job.launch
 * @VGPU_JOB_TIMESTAMP: &vgpu_job.timestamp
 */
enum vgpu_job_type {
	VGPU_JOB_CONTROL,
	VGPU_JOB_NOP,
	VGPU_JOB_ADD,
	VGPU_JOB_WRITE,
	VGPU_JOB_READ,
	VGPU_JOB_COPY,
	VGPU_JOB_FILL,
	VGPU_JOB_LAUNCH,
	VGPU_JOB_TIMESTAMP,
};

#define VGPU_JOB_TYPES	(VGPU_JOB_TIMESTAMP + 1)

/* Room for the name of a type */
#define VGPU_JOB_TYPE_NAME	12

/**
 * struct vgpu_bo_range - bytes of a buffer object, checked to lie in it
 * @bo: the object; the job holds a reference
 * @offset: first byte
 * @length: bytes; 0 only where a kernel takes that
 */
struct vgpu_bo_range {
	struct vgpu_bo *bo;
	u64 offset;
	u64 length;
};

/**
 * struct vgpu_job_arg - argument of a kernel, checked against its signature
 * @range: the bytes the kernel may touch, if the argument is a buffer
 * @value: the number otherwise
 */
struct vgpu_job_arg {
	struct vgpu_bo_range range;
	u64 value;
};

/**
 * struct vgpu_job_from - where a job came from, for people, and workers
 * @vm_id: number of the vGPU
 * @ctx: number of the context, or 0
 * @queue: number of the queue, of all of the vGPU's; VGPU_JOB_FROM_MAILBOX
 */
struct vgpu_job_from {
	u32 vm_id;
	u32 ctx;
	s32 queue;
};

#define VGPU_JOB_FROM_MAILBOX	(-1)

/**
 * struct vgpu_job - one unit of GPU work
 * @node: in the list of its owner
 * @entity: whose share it is charged to
 * @group: with which other jobs of @entity it shares the turns; NULL: with those that have
 *	none either.  The group lasts until the job is done
 * @again: if what ran it is lost it may be run anew, though it has begun
 * @apart: it is one of @group, but shares the turns of those that have none
 * @ctx_stats: of its context, or NULL if it has none.  What keeps the context until @done
 *	returns is the queue's reference, or the mailbox's
 * @from: where it came from
 * @stream: jobs of an entity with the same stream run one after the other, in the
 *	order they were submitted; NULL: in no order.  Only compared
 * @owner: enum vgpu_job_owner
 * @type: which member of the union below holds
 * @status: enum vgpu_error, valid once the owner is VGPU_JOB_DONE
 * @submit_ns: when it entered the arbiter
 * @dispatch_ns: when it was last handed to the backend
 * @complete_ns: when it completed
 * @gpu_ns: measured time on the GPU
 * @begin_ns: when the backend began it, see vgpu_job_begin(); 0: not yet.  Read by READ_ONCE()
 * @id: number of this dispatch: of all that the GPU ever had no other has it
 * @running: in &vgpu_arb.running while the backend has it
 * @expired: the arbiter's own: it took longer than it may
 * @estimate_ns: likewise: what it was thought to take on the GPU
 * @charged: likewise: what its entity was charged for that, in virtual time
 * @credited: likewise: &vgpu_arb_class.epoch of each class that was credited for it, or 0
 * @weight: likewise: &vgpu_arb_flow.weight of its entity then
 * @priority: likewise: enum vgpu_priority, the class of its entity then
 * @minimum: likewise: it was that class's turn for its minimum
 * @done: told once, in process context, when the job is over.  The job is the
 *	callee's from then on
 * @told: how many jobs of @stream were told one after the other, of which this is the last; 0: it
 *	isn't, the next is told at once, and who looks after each what is to be done need not
 * @abort: the backend's own: it has been asked to end the job early
 * @work: runs @control
 * @control: for VGPU_JOB_CONTROL; may sleep
 * @add: operands and sum modulo 2^32
 * @inline_copy: bytes between a buffer object and @inline_copy.data, which
 *	whoever made the job keeps until @done
 * @copy: two ranges of the same length that don't overlap
 * @fill: offset and length are multiples of 4
 * @launch: a kernel whose arguments match its signature: @launch.kernel, or @launch.object,
 *	to which the job has a reference, if that is not NULL; only that has a geometry
 * @timestamp: 8 bytes at a multiple of 8, which become the little-endian number of
 *	nanoseconds by ktime_get_ns() since @timestamp.epoch_ns
 */
struct vgpu_job {
	struct list_head node;
	struct vgpu_arb_entity *entity;
	struct vgpu_arb_group *group;
	bool apart;
	bool again;
	struct vgpu_stats *ctx_stats;
	struct vgpu_job_from from;
	const void *stream;
	enum vgpu_job_owner owner;
	enum vgpu_job_type type;
	enum vgpu_error status;
	u64 submit_ns;
	u64 dispatch_ns;
	u64 complete_ns;
	u64 gpu_ns;
	u64 begin_ns;
	u64 id;
	struct list_head running;
	bool expired;
	u64 estimate_ns;
	u64 charged;
	u32 credited[VGPU_ARB_CLASSES];
	u32 weight;
	enum vgpu_priority priority;
	bool minimum;
	void (*done)(struct vgpu_job *job);
	u32 told;
	bool abort;
	struct work_struct work;
	union {
		enum vgpu_error (*control)(struct vgpu_job *job);
		struct {
			u32 a;
			u32 b;
			u32 sum;
		} add;
		struct {
			struct vgpu_bo_range range;
			u8 *data;
		} inline_copy;
		struct {
			struct vgpu_bo_range dst;
			struct vgpu_bo_range src;
		} copy;
		struct {
			struct vgpu_bo_range dst;
			u32 pattern;
		} fill;
		struct {
			enum vgpu_builtin kernel;
			struct vgpu_kernel *object;
			u32 grid[3];
			u32 block[3];
			u32 shared;
			u32 nargs;
			struct vgpu_job_arg arg[VGPU_MAX_ARGS];
		} launch;
		struct {
			struct vgpu_bo_range dst;
			u64 epoch_ns;
		} timestamp;
	};
};

const char *vgpu_job_type_str(enum vgpu_job_type type);
const char *vgpu_job_owner_str(enum vgpu_job_owner owner);
void vgpu_job_owner_complain(const struct vgpu_job *job, enum vgpu_job_owner to);

/**
 * vgpu_job_owner_may_follow() - is there an arc between two owners?
 * @from: owner now
 * @to: owner next
 *
 * Context: any.
 * Return: whether enum vgpu_job_owner lists the arc.
 */
static inline bool vgpu_job_owner_may_follow(enum vgpu_job_owner from, enum vgpu_job_owner to)
{
	if (to >= VGPU_JOB_OWNER_COUNT)
		return false;
	switch (from) {
	case VGPU_JOB_GUEST:
		return to == VGPU_JOB_QUEUE;
	case VGPU_JOB_QUEUE:
		return to == VGPU_JOB_ARBITER || to == VGPU_JOB_DONE;
	case VGPU_JOB_ARBITER:
		return to == VGPU_JOB_BACKEND || to == VGPU_JOB_DONE;
	case VGPU_JOB_BACKEND:
		return to == VGPU_JOB_ARBITER || to == VGPU_JOB_DONE;
	case VGPU_JOB_DONE:
		return to == VGPU_JOB_GUEST;
	default:
		return false;
	}
}

/**
 * vgpu_job_set_owner() - hand a job on
 * @job: the job; the caller owns it
 * @to: the next owner, who may touch it at once
 *
 * Each job goes through here five times, so it is no call where it goes as it should.
 *
 * Context: any.
 */
static inline void vgpu_job_set_owner(struct vgpu_job *job, enum vgpu_job_owner to)
{
	if (unlikely(!vgpu_job_owner_may_follow(job->owner, to)))
		vgpu_job_owner_complain(job, to);
	/* debugfs reads it without owning the job */
	WRITE_ONCE(job->owner, to);
}

#endif /* _VGPU_JOB_H */
