// SPDX-License-Identifier: GPL-2.0
/*
 * Rings that lie about what is in them: phases, indices that jump or go backwards, the
 * page of events, a completion ring that nobody empties; and doorbells without end.
 */
#include <string.h>

#include "bad.h"

#define ENTRIES		4U
#define MAX32		0xffffffffU
/* Entries of a ring that is full, and how often */
#define TURN_ENTRIES	512U
#define TURNS		2U
/* Jobs of a queue whose completions nobody takes */
#define UNDRAINED	20000U

static bool bad_rings_prepare(struct bad_guest *g, struct bad_queue *q, __u32 entries)
{
	__u32 ctx;

	return bad_check(g, g->ops->reset(g) &&
			 !bad_call(g, VGPU_OP_CTX_CREATE, NULL, 0, &ctx) &&
			 !bad_queue_create(g, q, ctx, 0, entries), "makes a queue");
}

/* A control word in a place of the ring, whatever its time */
static void bad_control(struct bad_queue *q, __u32 place, __u32 control)
{
	WRITE_ONCE(q->ring.sq[place].control, cpu_to_le32(control));
}

/* Expects the completions of @n nops, in order */
static void bad_nops_done(struct bad_queue *q, __u32 n, const char *text)
{
	__u64 user_data, index;
	__u32 i;

	for (i = 0; i < n; i++) {
		index = q->ring.reaped;
		bad_expect(q->g, bad_wait(q, &user_data), 0, text);
		bad_check(q->g, user_data == index, "%s: got user data %llu want %llu", text,
			  (unsigned long long)user_data, (unsigned long long)index);
	}
	bad_check(q->g, bad_quiet(q), "%s: nothing more", text);
}

static void bad_phases(struct bad_guest *g, struct bad_queue *q)
{
	__u32 i;

	/* lap 0: valid is 1 */
	bad_control(q, 0, 0);
	bad_check(g, bad_quiet(q), "the phase of the next lap");
	/* places 1 to 3 first: the device waits for 0 */
	for (i = 1; i < ENTRIES; i++) {
		q->ring.sq[i].user_data = cpu_to_le64(i);
		bad_control(q, i, VGPU_RING_PHASE);
	}
	bad_check(g, bad_quiet(q), "an index that jumps ahead");
	bad_nop(q);
	bad_ring(q);
	q->ring.submitted = ENTRIES;
	bad_nops_done(q, ENTRIES, "a jump that is made good");

	/* lap 1: valid is 0.  What was submitted, again */
	for (i = 0; i < ENTRIES; i++)
		bad_control(q, i, VGPU_RING_PHASE);
	bad_check(g, bad_quiet(q), "a lap that is submitted twice");
	/* one, then the one before that once more, then an older lap's */
	bad_nop(q);
	bad_ring(q);
	bad_nops_done(q, 1, "lap 1");
	bad_control(q, 0, VGPU_SQE_NOP);
	bad_check(g, bad_quiet(q), "an index that goes backwards");
	bad_control(q, 3, VGPU_SQE_NOP);
	bad_control(q, 2, VGPU_SQE_NOP);
	bad_check(g, bad_quiet(q), "a tail in front of the head");
	bad_control(q, 2, VGPU_RING_PHASE);
	bad_control(q, 3, VGPU_RING_PHASE);
	for (i = 1; i < ENTRIES; i++)
		bad_nop(q);
	bad_ring(q);
	bad_nops_done(q, ENTRIES - 1, "the rest of lap 1");

	/* all bits but the phase */
	bad_sqe(q);
	vgpu_ring_submit(&q->ring, 0x7fffffff);
	bad_ring(q);
	bad_expect(g, bad_wait(q, NULL), VGPU_ERR_INVALID_REQUEST, "a control word of ones");
}

/* The page of events is advice: it wakes too often or not at all, and no more. */
static void bad_events(struct bad_guest *g, struct bad_queue *q)
{
	static const __u32 words[] = { 0, 1, MAX32, 1U << 31, (1U << 31) - 1, 1U << 30, 12345 };
	struct vgpu_dev_queue_events *events = q->ring.events;
	__u32 i;

	for (i = 0; i < BAD_COUNT(words) * 3; i++) {
		__u32 word = words[i % BAD_COUNT(words)];

		memset(events, (int)word, BAD_PAGE);
		WRITE_ONCE(events->sq_event, cpu_to_le32(word));
		WRITE_ONCE(events->completed, cpu_to_le32(word));
		WRITE_ONCE(events->cq_event, cpu_to_le32(word));
		bad_nop(q);
		bad_ring(q);
		bad_nops_done(q, 1, "a page of events that is garbage");
		bad_check(g, le32_to_cpu(READ_ONCE(events->completed)) == q->ring.reaped,
			  "what is completed is counted anew");
	}
	/* what the device wrote is not what it goes by */
	memset((void *)q->ring.cq, 0xff, ENTRIES * sizeof(struct vgpu_dev_cqe));
	for (i = 0; i < ENTRIES; i++)
		bad_nop(q);
	bad_ring(q);
	bad_check(g, bad_wait_published(q, ENTRIES), "as many completions as jobs");
	bad_nops_done(q, ENTRIES, "a completion ring that was overwritten");
}

/* A queue that copies and fills over its own rings */
static void bad_own_rings(struct bad_guest *g, struct bad_queue *q)
{
	struct vgpu_dev_sqe *sqe = bad_sqe(q);

	/* the completion of the second job is made by the first, and then by the device */
	sqe->fill.dst = cpu_to_le32(q->bo);
	sqe->fill.pattern = cpu_to_le32(0x7ff0 | VGPU_RING_PHASE);
	sqe->fill.offset = cpu_to_le64(VGPU_QUEUE_CQ(ENTRIES));
	sqe->fill.length = cpu_to_le64(ENTRIES * sizeof(struct vgpu_dev_cqe));
	vgpu_ring_submit(&q->ring, VGPU_SQE_FILL);
	bad_nop(q);
	bad_ring(q);
	bad_check(g, bad_wait_published(q, 2), "two completions");
	bad_expect(g, bad_wait(q, NULL), 0, "a fill of the completion ring");
	bad_expect(g, bad_wait(q, NULL), 0, "and the job behind it");

	/* a lap of jobs that nobody submitted: garbage, refused, and no end of the device */
	sqe = bad_sqe(q);
	sqe->fill.dst = cpu_to_le32(q->bo);
	sqe->fill.pattern = cpu_to_le32(MAX32);
	sqe->fill.length = cpu_to_le64(VGPU_QUEUE_SIZE(ENTRIES));
	vgpu_ring_submit(&q->ring, VGPU_SQE_FILL);
	bad_ring(q);
	bad_expect(g, bad_call(g, VGPU_OP_NOP, NULL, 0, NULL), 0, "a fill of all of the rings");
	bad_expect(g, bad_queue_destroy(q), 0, "which end as any other");
}

/**
 * bad_test_rings() - lies in the rings
 * @g: the guest
 */
void bad_test_rings(struct bad_guest *g)
{
	struct bad_queue q;

	if (!bad_rings_prepare(g, &q, ENTRIES))
		return;
	bad_phases(g, &q);
	bad_events(g, &q);
	bad_own_rings(g, &q);
	bad_works(g);
}

/* Fill the ring, and see each entry over, in its order. */
static void bad_turn(struct bad_queue *q, __u32 opcode, __u32 other, int want)
{
	struct vgpu_dev_sqe *sqe;
	__u32 i;

	for (i = 0; i < TURN_ENTRIES; i++) {
		sqe = bad_sqe(q);
		if (opcode == VGPU_SQE_WAIT)
			sqe->wait.queue = cpu_to_le32(other);
		vgpu_ring_submit(&q->ring, opcode);
	}
	bad_ring(q);
	for (i = 0; i < TURN_ENTRIES; i++) {
		if (!bad_expect(q->g, bad_wait(q, NULL), want, "an entry of many"))
			break;
	}
}

/**
 * bad_test_turns() - entries that are over at once, as many as there is room for
 * @g: the guest
 *
 * How many of them are dealt with in one go can't be seen from here: the unit tests
 * queue_bad_entries_take_turns and order_waits_take_turns are about that.
 */
void bad_test_turns(struct bad_guest *g)
{
	struct bad_queue q, other;
	__u32 i;

	if (!bad_rings_prepare(g, &q, TURN_ENTRIES) ||
	    !bad_check(g, !bad_queue_create(g, &other, q.ctx, 256, 2), "another queue"))
		return;
	bad_nop(&other);
	bad_ring(&other);
	bad_expect(g, bad_wait(&other, NULL), 0, "a job to wait for");
	for (i = 0; i < TURNS; i++) {
		bad_turn(&q, 0xff, 0, VGPU_ERR_UNSUPPORTED_OP);
		bad_turn(&q, VGPU_SQE_WAIT, other.id, 0);
	}
	bad_works(g);
}

/**
 * bad_test_undrained() - a completion ring that is never emptied
 * @g: the guest
 */
void bad_test_undrained(struct bad_guest *g)
{
	struct vgpu_dev_queue_events *events;
	struct vgpu_dev_cqe cqe;
	struct bad_queue q;
	__u32 done = 0, i;

	if (!bad_rings_prepare(g, &q, 64))
		return;
	events = q.ring.events;
	/* entries as fast as the device makes room, which only it can know */
	while (q.ring.submitted < UNDRAINED) {
		for (i = 0; i < 64; i++)
			bad_nop(&q);
		bad_ring(&q);
		do {
			/* jobs of others, so that this ends even if it hangs */
			if (bad_call(g, VGPU_OP_NOP, NULL, 0, NULL))
				break;
			done = le32_to_cpu(READ_ONCE(events->completed));
		} while (done < q.ring.submitted && q.ring.submitted - done <= 64);
		if (!bad_check(g, done == q.ring.submitted, "all complete: %u of %u", done,
			       q.ring.submitted))
			break;
	}
	/* the last lap is in the ring; all others it overwrote */
	q.ring.reaped = done - 64;
	for (i = 0; i < 64; i++) {
		bad_check(g, vgpu_ring_reap(&q.ring, &cqe) &&
			  le64_to_cpu(cqe.user_data) == done - 64 + i,
			  "the last lap is in the ring, at %u", i);
	}
	/* and one that runs over itself: more than a ring of it, at once */
	for (i = 0; i < 200; i++)
		bad_nop(&q);
	bad_ring(&q);
	bad_expect(g, bad_call(g, VGPU_OP_NOP, NULL, 0, NULL), 0, "a ring that overran");
	bad_works(g);
}

/**
 * bad_test_doorbells() - writes to all doorbell pages, of every width everywhere
 * @g: the guest
 * @rounds: how often
 *
 * There is one queue, number 0.
 *
 * Return: how often its doorbell was rung.
 */
__u64 bad_test_doorbells(struct bad_guest *g, __u32 rounds)
{
	static const __u32 offsets[] = { 0, 1, 2, 3, 4, 6, 7, 8, 64, 0x800, 0xff8 };
	__u64 rang = 0, value;
	struct bad_queue q;
	__u32 i, at;
	unsigned int width;

	if (!bad_rings_prepare(g, &q, ENTRIES))
		return 0;
	/* each width at each of the offsets, once */
	for (at = 0; at < VGPU_BAR2_SIZE; at += BAD_PAGE) {
		for (i = 0; i < BAD_COUNT(offsets) * 4; i++) {
			width = 1U << i % 4;
			g->ops->bar2_write(g, at + offsets[i / 4], width, MAX32);
			value = g->ops->bar2_read(g, at + offsets[i / 4], width);
			bad_check(g, !value, "BAR2 %#x, width %u, reads %#llx",
				  at + offsets[i / 4], width, (unsigned long long)value);
			rang += !at && !offsets[i / 4] && width == 4;
		}
	}
	/* a storm, with a job now and then */
	for (i = 0; i < rounds; i++) {
		g->ops->bar2_write(g, VGPU_BAR2_DOORBELL(i % VGPU_MAX_QUEUES), 4, i);
		rang += i % VGPU_MAX_QUEUES == 0;
		if (i % 64 == 0) {
			bad_nop(&q);
			bad_ring(&q);
			rang++;
			bad_expect(g, bad_wait(&q, NULL), 0, "a job in a storm of doorbells");
		}
	}
	bad_expect(g, bad_queue_destroy(&q), 0, "the queue ends");
	bad_ring(&q);
	return bad_works(g) ? rang + 1 : 0;
}
