// SPDX-License-Identifier: GPL-2.0
/* A guest's side of a queue.  Context: process context; may sleep. */
#include <kunit/test.h>

#include "bar.h"
#include "fixture.h"
#include "queue_guest.h"

static u32 queue_guest_request_at(struct queue_guest *q, u32 page, u32 entries)
{
	return vgpu_do(&q->v->vgpu, VGPU_OP_QUEUE_CREATE, q->ctx, q->bo, page * PAGE_SIZE, 0,
		       entries, 0);
}

/**
 * queue_guest_request() - ask for a queue at the beginning of the rings' object
 * @q: its vGPU, context and object
 * @entries: of the rings
 *
 * Return: enum vgpu_error.
 */
u32 queue_guest_request(struct queue_guest *q, u32 entries)
{
	return queue_guest_request_at(q, 0, entries);
}

static void queue_guest_create_at(struct kunit *test, struct queue_guest *q, u32 page,
				  u32 entries)
{
	u8 *mem = q->v->mem + (QUEUE_GUEST_PAGE + page) * PAGE_SIZE;

	KUNIT_ASSERT_EQ(test, queue_guest_request_at(q, page, entries), VGPU_ERR_NONE);
	q->id = vgpu_response_result(&q->v->vgpu, 0);
	memset(&q->ring, 0, sizeof(q->ring));
	q->ring.events = (void *)mem + VGPU_QUEUE_EVENTS;
	q->ring.sq = (void *)mem + VGPU_QUEUE_SQ;
	q->ring.cq = (void *)mem + VGPU_QUEUE_CQ(entries);
	q->ring.mask = entries - 1;
}

/**
 * queue_guest_create() - make a queue in a context of its own
 * @test: the test, which ends if it fails
 * @q: what to fill in
 * @v: its vGPU
 * @entries: of the rings
 */
void queue_guest_create(struct kunit *test, struct queue_guest *q,
			struct vgpu_fixture_vgpu *v, u32 entries)
{
	q->v = v;
	q->ctx = vgpu_fixture_ctx(test, &v->vgpu);
	q->bo = vgpu_fixture_system_bo(test, v, q->ctx, QUEUE_GUEST_PAGE, QUEUE_GUEST_PAGES);
	queue_guest_create_at(test, q, 0, entries);
}

/**
 * queue_guest_add() - make another queue in the context of a first one
 * @test: the test, which ends if it fails
 * @q: what to fill in
 * @first: of queue_guest_create()
 * @page: where in the rings' object
 * @entries: of the rings
 */
void queue_guest_add(struct kunit *test, struct queue_guest *q,
		     const struct queue_guest *first, u32 page, u32 entries)
{
	q->v = first->v;
	q->ctx = first->ctx;
	q->bo = first->bo;
	queue_guest_create_at(test, q, page, entries);
}

/**
 * queue_guest_doorbell() - ring, whether it is asked for or not
 * @q: the queue
 */
void queue_guest_doorbell(struct queue_guest *q)
{
	__le32 word = 0;

	vgpu_bar2_write(&q->v->vgpu, VGPU_BAR2_DOORBELL(q->id), &word, sizeof(word));
}

/**
 * queue_guest_sqe() - the next entry, all zeroes but its user data
 * @q: the queue, with room for it
 * @user_data: for the completion
 *
 * Return: the entry; vgpu_ring_submit() makes it valid.
 */
struct vgpu_dev_sqe *queue_guest_sqe(struct queue_guest *q, u64 user_data)
{
	struct vgpu_dev_sqe *sqe = vgpu_ring_sqe(&q->ring);
	__le32 control = sqe->control;

	memset(sqe, 0, sizeof(*sqe));
	sqe->control = control;
	sqe->user_data = cpu_to_le64(user_data);
	return sqe;
}

/**
 * queue_guest_nops() - submit null jobs, whose user data are their indices
 * @q: the queue, with room for them
 * @n: how many
 */
void queue_guest_nops(struct queue_guest *q, u32 n)
{
	for (; n; n--) {
		queue_guest_sqe(q, q->ring.submitted);
		vgpu_ring_submit(&q->ring, VGPU_SQE_NOP);
	}
}

/**
 * queue_guest_kick() - ring if it is asked for, and let the host do what it can
 * @q: the queue
 *
 * Return: whether it was asked for.
 */
bool queue_guest_kick(struct queue_guest *q)
{
	struct vgpu_fixture *f = container_of(q->v->vgpu.gpu, struct vgpu_fixture, mock.gpu);
	bool kick = vgpu_ring_need_kick(&q->ring);

	if (kick)
		queue_guest_doorbell(q);
	vgpu_mock_settle(&f->mock);
	return kick;
}

/**
 * queue_guest_settle() - wait until no work item is to look at a queue any more
 * @q: the queue, whose lock nobody keeps
 */
void queue_guest_settle(const struct queue_guest *q)
{
	struct vgpu_queue *queue = q->v->vgpu.queues.queue[q->id];

	do
		flush_delayed_work(&queue->again);
	while (delayed_work_pending(&queue->again));
}

/**
 * queue_guest_reap() - take the next completion
 * @test: fails if that is not of @user_data
 * @q: the queue
 * @user_data: of the submission
 *
 * Return: enum vgpu_error, or -1 if there is none.
 */
int queue_guest_reap(struct kunit *test, struct queue_guest *q, u64 user_data)
{
	struct vgpu_dev_cqe cqe;

	if (!vgpu_ring_reap(&q->ring, &cqe))
		return -1;
	KUNIT_EXPECT_EQ(test, le64_to_cpu(cqe.user_data), user_data);
	return le32_to_cpu(cqe.control) & VGPU_CQE_STATUS_MASK;
}
