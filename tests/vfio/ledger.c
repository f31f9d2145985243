// SPDX-License-Identifier: GPL-2.0
/*
 * Each job has a place in guest memory of its own while it is under way, and what is there
 * when it is completed must be what its status says.  A job that was lost may have been done,
 * in part, but not twice.  And when it is completed nobody writes there any more.
 */
#include <string.h>

#include "gpu.h"
#include "irqset.h"
#include "ledger.h"
#include "tap.h"

/* In a lane's object of guest memory, by page; and its queue, behind it */
enum {
	LANE_RESULT = 0,
	LANE_SOURCE = 2,
	LANE_ARGS = 4,
	LANE_ONES = 6,
	LANE_BO = 7,
	LANE_QUEUE = 8,
};

/* What wrong jobs are told of */
#define LANE_NOTES	10

static const char * const lane_name[] = { "again", "once", "device" };

static u8 *lane_at(const struct lane *lane, u32 page, u32 slot)
{
	return lane->mem->va + (lane->page + page) * QUEUE_PAGE + slot * LANE_BYTES;
}

static u64 lane_offset(u32 page, u32 slot)
{
	return page * QUEUE_PAGE + slot * LANE_BYTES;
}

/* Of LANE_DEVICE two jobs have one place. */
static u32 lane_slot(const struct lane *lane, u32 job)
{
	return (lane->kind == LANE_DEVICE ? job / 2 : job) % LANE_SLOTS;
}

static bool lane_has_effect(const struct lane *lane, u32 job)
{
	return lane->kind != LANE_DEVICE || job % 2;
}

static void lane_note(struct lane *lane, u32 job, const char *what, int status)
{
	struct ledger *l = lane->ledger;

	if (l->wrong + l->late + l->twice <= LANE_NOTES)
		tap_note("%s: life %u, job %u, %s: %s", lane_name[lane->kind], lane->life, job,
			 mbox_error_name(status), what);
}

/**
 * lane_init() - a lane without a context
 * @lane: the lane
 * @kind: its kind; there is one of each
 * @ledger: where its jobs are counted
 * @rnd: chance
 * @m: a mailbox
 * @mem: memory
 */
void lane_init(struct lane *lane, enum lane_kind kind, struct ledger *ledger,
	       struct random *rnd, struct mbox *m, struct queue_mem *mem)
{
	u32 i;

	memset(lane, 0, sizeof(*lane));
	lane->kind = kind;
	lane->ledger = ledger;
	lane->rnd = rnd;
	lane->page = kind * LANE_PAGES;
	lane->m = m;
	lane->mem = mem;
	for (i = 0; i < LANE_WORDS; i++)
		((u32 *)lane_at(lane, LANE_ONES, 0))[i] = 1;
}

static int lane_kernel(struct lane *lane)
{
	static const char name[] = "vecadd_u32";
	struct mbox_request r;
	int err;

	mbox_request_init(&r, VGPU_OP_MODULE_LOAD);
	mbox_request_param(&r, lane->ctx);
	mbox_request_param(&r, VGPU_MODULE_BUILTIN);
	err = mbox_run(lane->m, &r);
	if (err)
		return err;
	mbox_request_init(&r, VGPU_OP_KERNEL_GET);
	mbox_request_param(&r, lane->ctx);
	mbox_request_param(&r, lane->m->resp.result[0]);
	mbox_request_data(&r, name, strlen(name));
	err = mbox_run(lane->m, &r);
	lane->kernel = lane->m->resp.result[0];
	return err;
}

/**
 * lane_begin() - make a lane's context, objects and queue
 * @lane: a lane without one; somebody drives the GPU
 *
 * Return: whether it worked; if not, a failed check has been printed.
 */
bool lane_begin(struct lane *lane)
{
	struct mbox *m = lane->m;
	int err;

	err = gpu_ctx_create(m, &lane->ctx);
	if (!tap_must(!err, "a context: got %s", mbox_error_name(err)))
		return false;
	lane->there = true;
	err = queue_bo(m, lane->mem, lane->ctx, lane->page, LANE_BO, &lane->bo);
	if (!err)
		err = queue_create(&lane->q, m, lane->mem, lane->ctx, lane->page + LANE_QUEUE,
				   LANE_ENTRIES);
	if (!err && lane->kind == LANE_DEVICE)
		err = gpu_bo_create(m, lane->ctx, LANE_SLOTS * LANE_BYTES, &lane->dev);
	if (!err && lane->kind == LANE_ONCE)
		err = lane_kernel(lane);
	lane->life++;
	lane->reaped = 0;
	lane->risked = 0;
	lane->may_lose = 0;
	lane->doomed = false;
	lane->may_return = false;
	lane->dead = false;
	memcpy(lane->settled, lane_at(lane, LANE_RESULT, 0), sizeof(lane->settled));
	return tap_must(!err, "what a context has: got %s", mbox_error_name(err));
}

/* What is left in the ring is one too many. */
static void lane_no_more(struct lane *lane)
{
	struct vgpu_dev_cqe cqe;

	while (vgpu_ring_reap(&lane->q.ring, &cqe)) {
		lane->ledger->twice++;
		lane_note(lane, lane->reaped, "a completion of nothing", queue_status(&cqe));
	}
}

/**
 * lane_end() - end a lane's context
 * @lane: a lane, all of whose jobs were completed, perhaps without a context
 *
 * Return: whether it worked; if not, a failed check has been printed.
 */
bool lane_end(struct lane *lane)
{
	int err;

	if (!lane->there)
		return true;
	lane_no_more(lane);
	lane->ledger->missing += lane_pending(lane);
	err = queue_destroy(&lane->q);
	if (!err)
		err = gpu_ctx_destroy(lane->m, lane->ctx);
	lane->there = false;
	return tap_must(!err, "a context ends: got %s", mbox_error_name(err));
}

/* Whatever was left there by the job before */
static void lane_check_settled(struct lane *lane, u32 job)
{
	u32 slot = lane_slot(lane, job);

	if (!memcmp(lane->settled[slot], lane_at(lane, LANE_RESULT, slot), LANE_BYTES))
		return;
	lane->ledger->late++;
	lane_note(lane, job, "its place was written to after its last job", 0);
}

static void lane_submit_sum(struct lane *lane, struct vgpu_dev_sqe *sqe, u32 slot)
{
	struct vgpu_dev_arg *arg = (void *)lane_at(lane, LANE_ARGS, slot);
	u32 i;

	arg[0] = (struct vgpu_dev_arg){ htole32(VGPU_ARG_BO), htole32(lane->bo),
					htole64(lane_offset(LANE_RESULT, slot)) };
	arg[1] = arg[0];
	arg[2] = arg[0];
	arg[2].value = htole64(lane_offset(LANE_ONES, 0));
	arg[3] = (struct vgpu_dev_arg){ 0, 0, htole64(LANE_WORDS) };
	sqe->launch.kernel = htole32(lane->kernel);
	for (i = 0; i < 3; i++) {
		sqe->launch.grid[i] = htole32(1);
		sqe->launch.block[i] = htole32(1);
	}
	sqe->launch.args = htole32(lane->bo);
	sqe->launch.args_offset = htole64(lane_offset(LANE_ARGS, slot));
	sqe->launch.args_length = htole32(4 * sizeof(*arg));
	lane->want[slot] = 1;
	queue_submit(&lane->q, VGPU_SQE_LAUNCH);
}

static void lane_submit_fill(struct lane *lane, struct vgpu_dev_sqe *sqe, u32 slot, u32 dst,
			     u64 offset, u32 again)
{
	lane->want[slot] = (u32)random_next(lane->rnd);
	sqe->fill.dst = htole32(dst);
	sqe->fill.pattern = htole32(lane->want[slot]);
	sqe->fill.offset = htole64(offset);
	sqe->fill.length = htole64(LANE_BYTES);
	queue_submit(&lane->q, VGPU_SQE_FILL | again);
}

static void lane_submit_copy(struct lane *lane, struct vgpu_dev_sqe *sqe, u32 slot, u32 src,
			     u64 offset, u32 again)
{
	sqe->copy.dst = htole32(lane->bo);
	sqe->copy.src = htole32(src);
	sqe->copy.dst_offset = htole64(lane_offset(LANE_RESULT, slot));
	sqe->copy.src_offset = htole64(offset);
	sqe->copy.length = htole64(LANE_BYTES);
	queue_submit(&lane->q, VGPU_SQE_COPY | again);
}

static void lane_submit_one(struct lane *lane)
{
	u32 job = lane->q.ring.submitted, slot = lane_slot(lane, job), i;
	u32 chance = random_below(lane->rnd, 2);
	struct vgpu_dev_sqe *sqe;
	u32 *source;

	lane_check_settled(lane, job);
	sqe = queue_sqe(&lane->q, (u64)lane->life << 32 | job);
	lane->ledger->submitted++;
	if (lane->kind == LANE_ONCE) {
		lane_submit_sum(lane, sqe, slot);
	} else if (lane->kind == LANE_DEVICE && job % 2) {
		lane_submit_copy(lane, sqe, slot, lane->dev, (u64)slot * LANE_BYTES,
				 chance ? VGPU_SQE_AGAIN : 0);
	} else if (lane->kind == LANE_DEVICE) {
		lane_submit_fill(lane, sqe, slot, lane->dev, (u64)slot * LANE_BYTES,
				 chance ? VGPU_SQE_AGAIN : 0);
	} else if (chance) {
		lane_submit_fill(lane, sqe, slot, lane->bo, lane_offset(LANE_RESULT, slot),
				 VGPU_SQE_AGAIN);
	} else {
		lane->want[slot] = (u32)random_next(lane->rnd);
		source = (u32 *)lane_at(lane, LANE_SOURCE, slot);
		for (i = 0; i < LANE_WORDS; i++)
			source[i] = htole32(lane->want[slot]);
		lane_submit_copy(lane, sqe, slot, lane->bo, lane_offset(LANE_SOURCE, slot),
				 VGPU_SQE_AGAIN);
	}
}

/**
 * lane_submit() - submit jobs
 * @lane: a lane, perhaps without a context
 * @jobs: how many, if there is room
 */
void lane_submit(struct lane *lane, u32 jobs)
{
	if (!lane->there)
		return;
	for (; jobs && vgpu_ring_room(&lane->q.ring); jobs--)
		lane_submit_one(lane);
	queue_kick(&lane->q);
}

/* Is the place of a job as its status says? */
static bool lane_is_right(const struct lane *lane, u32 slot, bool done)
{
	const u32 *before = lane->settled[slot];
	u32 got, want, i;

	for (i = 0; i < LANE_WORDS; i++) {
		got = __atomic_load_n((u32 *)lane_at(lane, LANE_RESULT, slot) + i,
				      __ATOMIC_RELAXED);
		want = htole32(lane->want[slot]);
		if (lane->kind == LANE_ONCE)
			want = htole32(le32toh(before[i]) + lane->want[slot]);
		if (got != want && (done || got != before[i]))
			return false;
	}
	return true;
}

/* A status that must not be, in words; else NULL */
static const char *lane_bad_status(struct lane *lane, u32 job, int status)
{
	if (status == VGPU_ERR_BACKEND_LOST) {
		if (job < lane->risked && lane->may_lose)
			lane->may_lose--;
		else
			lane->dead = !lane->may_return || lane->kind == LANE_DEVICE;
		return !lane->doomed && lane->dead ? "must not be lost" : NULL;
	}
	if (status)
		return "a status that there mustn't be";
	return lane->dead ? "is done, though its context is lost" : NULL;
}

static void lane_account(struct lane *lane, u32 job, int status)
{
	const char *bad = lane_bad_status(lane, job, status);
	u32 slot = lane_slot(lane, job);

	if (!bad && lane_has_effect(lane, job) && !lane_is_right(lane, slot, !status))
		bad = "its effect isn't what it should be";
	if (bad) {
		lane->ledger->wrong++;
		lane_note(lane, job, bad, status);
	}
	if (status)
		lane->ledger->lost++;
	else
		lane->ledger->done++;
	if (lane_has_effect(lane, job))
		memcpy(lane->settled[slot], lane_at(lane, LANE_RESULT, slot), LANE_BYTES);
}

/**
 * lane_reap() - take the completions that there are
 * @lane: a lane, perhaps without a context
 *
 * Return: how many.
 */
u32 lane_reap(struct lane *lane)
{
	struct vgpu_dev_cqe cqe;
	u32 count = 0, job;

	while (lane->there && !lane->unfit && vgpu_ring_reap(&lane->q.ring, &cqe)) {
		job = lane->reaped;
		count++;
		if (le64toh(cqe.user_data) == ((u64)lane->life << 32 | job) &&
		    lane_pending(lane)) {
			lane_account(lane, job, queue_status(&cqe));
			lane->reaped++;
			continue;
		}
		lane->unfit = true;
		if (le64toh(cqe.user_data) > ((u64)lane->life << 32 | job))
			lane->ledger->missing++;
		else
			lane->ledger->twice++;
		lane_note(lane, job, "the completion of another", queue_status(&cqe));
	}
	return count;
}

/**
 * lane_pending() - how many jobs were not completed yet
 * @lane: a lane
 */
u32 lane_pending(const struct lane *lane)
{
	return lane->there ? lane->q.ring.submitted - lane->reaped : 0;
}

/**
 * lane_drain() - wait until all jobs were completed
 * @lane: a lane, perhaps without a context
 *
 * Return: whether they were; if not, a failed check has been printed.
 */
bool lane_drain(struct lane *lane)
{
	while (lane_pending(lane) && !lane->unfit) {
		if (lane_reap(lane))
			continue;
		vgpu_ring_arm_irq(&lane->q.ring, 0);
		if (!lane_reap(lane) &&
		    !tap_must(event_wait(lane->q.event), "%s: %u jobs never end",
			      lane_name[lane->kind], lane_pending(lane)))
			return false;
	}
	return true;
}

/**
 * lane_killed() - an executor or a worker was killed, so some jobs may be lost
 * @lane: a lane, perhaps without a context
 * @worker: it was a worker, and so may all be
 * @depth: most jobs that the executor's workers had
 *
 * Those that may run more than once are not by the end of an executor, and no others that are
 * submitted from now on; those in a context with device memory all are.
 */
void lane_killed(struct lane *lane, bool worker, u32 depth)
{
	if (!lane->there)
		return;
	if (worker || lane->kind == LANE_DEVICE) {
		lane->doomed = true;
	} else if (lane->kind == LANE_ONCE) {
		lane->risked = lane->q.ring.submitted;
		lane->may_lose += depth;
	}
}
