// SPDX-License-Identifier: GPL-2.0
/* What a guest enables; and what orders jobs of several queues, and calls them off. */
#include <string.h>

#include "gpu.h"
#include "io.h"
#include "queue.h"
#include "tap.h"
#include "test_queue_order.h"

#define ORDER_ENTRIES	64
/* Pages of the memory: two queues, and a place for data */
#define ORDER_SECOND	64
#define ORDER_DATA	512
#define ORDER_LENGTH	0x100000U

/* Two queues of a context, and an object of memory that the device shares */
struct order {
	struct mbox m;
	struct queue_mem mem;
	u32 ctx;
	struct queue a;
	struct queue b;
	u32 data;
};

static bool order_open(struct order *o, struct session *s)
{
	if (!mbox_open(&o->m, s, VFIO_PCI_MSIX_IRQ_INDEX))
		return false;
	if (!queue_mem_open(&o->mem, s))
		goto err_mbox;
	if (tap_must(!gpu_ctx_create(&o->m, &o->ctx) &&
		     !queue_create(&o->a, &o->m, &o->mem, o->ctx, 0, ORDER_ENTRIES) &&
		     !queue_create(&o->b, &o->m, &o->mem, o->ctx, ORDER_SECOND,
				   ORDER_ENTRIES) &&
		     !queue_bo(&o->m, &o->mem, o->ctx, ORDER_DATA, ORDER_LENGTH / QUEUE_PAGE,
			       &o->data), "makes a context, two queues and an object"))
		return true;
	queue_mem_close(&o->mem);
err_mbox:
	mbox_close(&o->m);
	return false;
}

static void order_close(struct order *o)
{
	gpu_ctx_destroy(&o->m, o->ctx);
	queue_mem_close(&o->mem);
	mbox_close(&o->m);
}

static void order_fill(struct queue *q, u32 bo, u32 pattern)
{
	struct vgpu_dev_sqe *sqe = queue_sqe(q, 0);

	sqe->fill.dst = htole32(bo);
	sqe->fill.pattern = htole32(pattern);
	sqe->fill.length = htole64(ORDER_LENGTH);
	queue_submit(q, VGPU_SQE_FILL);
}

/* Let @q wait for the last submission of @on. */
static void order_wait(struct queue *q, const struct queue *on, u32 ahead)
{
	struct vgpu_dev_sqe *sqe = queue_sqe(q, 0);

	sqe->wait.queue = htole32(on->id);
	sqe->wait.index = htole32(on->ring.submitted - 1 + ahead);
	queue_submit(q, VGPU_SQE_WAIT);
}

/* Reap @n completions.  Return how many of them have @status. */
static u32 order_reap(struct queue *q, u32 n, int status)
{
	struct vgpu_dev_cqe cqe;
	u32 got = 0;

	for (; n && queue_wait(q, &cqe); n--)
		got += queue_status(&cqe) == status;
	return n ? 0 : got;
}

static int order_request(struct mbox *m, u32 opcode, u32 ctx, u32 id)
{
	struct mbox_request r;

	mbox_request_init(&r, opcode);
	mbox_request_param(&r, ctx);
	mbox_request_param(&r, id);
	return mbox_run(m, &r);
}

/**
 * test_queue_features() - what was not accepted, or not enabled, isn't there
 * @s: an open session, just reset
 */
void test_queue_features(struct session *s)
{
	const u32 all = VGPU_FEATURE_QUEUES | VGPU_FEATURE_WAIT | VGPU_FEATURE_TIMESTAMP |
			VGPU_FEATURE_RESTORE | VGPU_FEATURE_AGAIN;
	struct mbox m;
	u32 ctx, bo;

	tap_eq(bar0_get(s, VGPU_REG_EXT_FEATURES_LO), all, "the features there are");
	tap_eq(bar0_get(s, VGPU_REG_EXT_FEATURES_HI), 0, "and none above");
	if (!mbox_open(&m, s, VFIO_PCI_MSIX_IRQ_INDEX))
		return;
	if (!tap_must(!gpu_ctx_create(&m, &ctx), "makes a context"))
		goto out;
	tap_eq((u64)order_request(&m, VGPU_OP_QUEUE_DESTROY, ctx, 0), VGPU_ERR_UNSUPPORTED_OP,
	       "queues are not known before");
	tap_eq((u64)queue_bo_list(&m, ctx, QUEUE_PAGE, QUEUE_IOVA, &bo),
	       VGPU_ERR_UNSUPPORTED_OP, "nor is guest memory");
	bar0_put(s, VGPU_REG_EXT_ACCEPTED_LO, all);
	bar0_put(s, VGPU_REG_EXT_ACCEPTED_HI, 1);
	bar0_put(s, VGPU_REG_EXT_CONTROL, VGPU_EXT_ENABLE);
	tap_eq(bar0_get(s, VGPU_REG_EXT_STATUS), VGPU_EXT_REFUSED,
	       "a feature there isn't is refused");
	tap_eq((u64)order_request(&m, VGPU_OP_QUEUE_DESTROY, ctx, 0), VGPU_ERR_UNSUPPORTED_OP,
	       "and nothing is enabled");
	bar0_put(s, VGPU_REG_EXT_ACCEPTED_HI, 0);
	bar0_put(s, VGPU_REG_EXT_CONTROL, VGPU_EXT_ENABLE);
	tap_eq(bar0_get(s, VGPU_REG_EXT_STATUS), VGPU_EXT_ENABLED, "without it, all are enabled");
	tap_eq((u64)order_request(&m, VGPU_OP_QUEUE_DESTROY, ctx, 0), VGPU_ERR_BAD_HANDLE,
	       "and queues are known");
	bar0_put(s, VGPU_REG_EXT_ACCEPTED_LO, 0);
	bar0_put(s, VGPU_REG_EXT_CONTROL, 0);
	tap_eq(bar0_get(s, VGPU_REG_EXT_ACCEPTED_LO), all, "what was enabled stays");
	tap_eq(bar0_get(s, VGPU_REG_EXT_CONTROL), VGPU_EXT_ENABLE, "until a reset");
	gpu_ctx_destroy(&m, ctx);
out:
	mbox_close(&m);
}

/**
 * test_queue_wait() - what one queue wrote another reads, in the right order
 * @s: an open session
 */
void test_queue_wait(struct session *s)
{
	u32 dev, round, i, wrong = 0;
	struct order o;
	u32 *data;

	if (!order_open(&o, s))
		return;
	data = (u32 *)(o.mem.va + ORDER_DATA * QUEUE_PAGE);
	if (!tap_must(!gpu_bo_create(&o.m, o.ctx, ORDER_LENGTH, &dev), "makes an object"))
		goto out;
	for (round = 1; round <= 100 && !tap_failed(); round++) {
		/* b is told first, and so waits, in every other round */
		order_fill(&o.a, dev, round);
		order_wait(&o.b, &o.a, 0);
		queue_copy(&o.b, 0, o.data, 0, dev, 0, ORDER_LENGTH);
		queue_kick(round % 2 ? &o.a : &o.b);
		queue_kick(round % 2 ? &o.b : &o.a);
		/* and the next fill waits for the copy */
		order_wait(&o.a, &o.b, 0);
		queue_kick(&o.a);
		if (order_reap(&o.b, 2, 0) != 2 || order_reap(&o.a, 2, 0) != 2)
			break;
		for (i = 0; i < ORDER_LENGTH / 4; i++)
			wrong += le32toh(data[i]) != round;
	}
	tap_eq(round, 101, "a hundred fills and copies, in two queues");
	tap_eq(wrong, 0, "each copy saw its fill and nothing else");

	/* each waits for the other; a third party, the mailbox, ends it */
	order_wait(&o.a, &o.b, 1);
	queue_kick(&o.a);
	order_wait(&o.b, &o.a, 0);
	queue_kick(&o.b);
	tap_eq((u64)queue_destroy(&o.b), 0, "a queue that waits, and is waited for, ends");
	tap_eq(order_reap(&o.a, 1, VGPU_ERR_CANCELED), 1, "who waited for it goes on");
	order_fill(&o.a, dev, 0);
	queue_kick(&o.a);
	tap_eq(order_reap(&o.a, 1, 0), 1, "and works");
out:
	order_close(&o);
}

/**
 * test_queue_timestamp() - the time when an entry runs
 * @s: an open session
 */
void test_queue_timestamp(struct session *s)
{
	u64 before, after, last, now, *data;
	struct vgpu_dev_sqe *sqe;
	struct mbox_request r;
	struct order o;
	u32 i, back = 0;

	if (!order_open(&o, s))
		return;
	data = (u64 *)(o.mem.va + ORDER_DATA * QUEUE_PAGE);
	before = bar0_get(s, VGPU_REG_TIMESTAMP_LO) |
		 (u64)bar0_get(s, VGPU_REG_TIMESTAMP_HI) << 32;
	for (i = 0; i < 16; i++) {
		sqe = queue_sqe(&o.a, i);
		sqe->timestamp.dst = htole32(o.data);
		sqe->timestamp.offset = htole64(8 * (i + 1));
		queue_submit(&o.a, VGPU_SQE_TIMESTAMP);
		order_fill(&o.a, o.data, 0xffffffff);
		/* behind the fill, so that it stays */
		sqe = queue_sqe(&o.a, i);
		sqe->timestamp.dst = htole32(o.data);
		sqe->timestamp.offset = htole64(8 * (i + 1));
		queue_submit(&o.a, VGPU_SQE_TIMESTAMP);
		queue_kick(&o.a);
		if (order_reap(&o.a, 3, 0) != 3)
			break;
		now = le64toh(data[i + 1]);
		back += now <= before;
		before = now;
		/* one word, and nothing beside it */
		back += data[i] != ~0ULL || data[i + 2] != ~0ULL;
	}
	tap_eq(i, 16, "the time can be written");
	tap_eq(back, 0, "it goes forward, from one entry to the next");
	last = before;
	mbox_request_init(&r, VGPU_OP_NOP);
	tap_eq((u64)mbox_run(&o.m, &r), 0, "a request follows");
	after = bar0_get(s, VGPU_REG_TIMESTAMP_LO) |
		(u64)bar0_get(s, VGPU_REG_TIMESTAMP_HI) << 32;
	tap_ok(after > last, "TIMESTAMP is the same clock: got %llu want more than %llu",
	       (unsigned long long)after, (unsigned long long)last);
	order_close(&o);
}

/**
 * test_queue_abort() - what was submitted is over, and the queue goes on
 * @s: an open session
 */
void test_queue_abort(struct session *s)
{
	u32 dev, i, round, canceled, total = 0;
	struct vgpu_dev_cqe cqe;
	struct order o;
	bool good;

	if (!order_open(&o, s))
		return;
	if (!tap_must(!gpu_bo_create(&o.m, o.ctx, ORDER_LENGTH, &dev), "makes an object"))
		goto out;
	for (round = 0, good = true; round < 20 && good; round++) {
		for (i = 0; i < ORDER_ENTRIES; i++)
			queue_copy(&o.a, i, dev, 0, o.data, 0, ORDER_LENGTH);
		queue_kick(&o.a);
		queue_sqe(&o.b, round);
		queue_submit(&o.b, VGPU_SQE_NOP);
		queue_kick(&o.b);
		good = !order_request(&o.m, VGPU_OP_QUEUE_ABORT, o.ctx, o.a.id);
		/* over: nothing is waited for any more */
		for (i = 0, canceled = 0; i < ORDER_ENTRIES && good; i++) {
			good = vgpu_ring_reap(&o.a.ring, &cqe) &&
			       le64toh(cqe.user_data) == i;
			canceled += queue_status(&cqe) == VGPU_ERR_CANCELED;
			/* the first is at work or done, and behind a canceled one none is */
			good = good && (canceled || !queue_status(&cqe)) &&
			       (!canceled || queue_status(&cqe));
		}
		total += canceled;
		good = good && order_reap(&o.b, 1, 0) == 1;
	}
	tap_ok(good, "all jobs of a queue are over when it was aborted, and no other's");
	tap_note("%u of %u jobs canceled", total, 20 * ORDER_ENTRIES);
	tap_ok(total > 0, "some of them were called off");
	order_wait(&o.a, &o.b, 1);
	order_fill(&o.a, dev, 0);
	queue_kick(&o.a);
	tap_eq((u64)order_request(&o.m, VGPU_OP_QUEUE_ABORT, o.ctx, o.a.id), 0,
	       "a queue that waits can be aborted");
	tap_eq(order_reap(&o.a, 2, VGPU_ERR_CANCELED), 2, "both its entries are called off");
	tap_eq((u64)order_request(&o.m, VGPU_OP_QUEUE_ABORT, o.ctx, 15), VGPU_ERR_BAD_HANDLE,
	       "there is no such queue");
	order_fill(&o.a, dev, 0);
	queue_kick(&o.a);
	tap_eq(order_reap(&o.a, 1, 0), 1, "and it works");
out:
	order_close(&o);
}
