// SPDX-License-Identifier: GPL-2.0
/*
 * Objects of guest memory and queues, made by hand.  The pages of an object need not
 * follow one another: each is an extent of its own.
 */
#include <string.h>
#include <time.h>

#include "bad.h"

/* A job may be behind long ones of others */
#define BAD_WAIT_S	60

/* The pages in which lists are made: the last */
#define BAD_LISTS	(BAD_PAGES - 8)

/* A 64-bit parameter, low word first */
#define LOW(x)		((__u32)(x))
#define HIGH(x)		((__u32)((__u64)(x) >> 32))

/**
 * bad_bo_create() - VGPU_OP_BO_CREATE
 * @g: the guest
 * @ctx: a context
 * @size: bytes
 * @bo: the handle
 *
 * Return: enum vgpu_error, or -1.
 */
int bad_bo_create(struct bad_guest *g, __u32 ctx, __u64 size, __u32 *bo)
{
	return BAD_CALL(g, bo, VGPU_OP_BO_CREATE, ctx, LOW(size), HIGH(size));
}

/**
 * bad_bo_create_system() - VGPU_OP_BO_CREATE_SYSTEM
 * @g: the guest
 * @ctx: a context
 * @size: bytes
 * @list: where the first list is
 * @bo: the handle
 *
 * Return: enum vgpu_error, or -1.
 */
int bad_bo_create_system(struct bad_guest *g, __u32 ctx, __u64 size, __u64 list, __u32 *bo)
{
	return BAD_CALL(g, bo, VGPU_OP_BO_CREATE_SYSTEM, ctx, LOW(size), HIGH(size), LOW(list),
			HIGH(list));
}

/**
 * bad_queue_make() - VGPU_OP_QUEUE_CREATE
 * @g: the guest
 * @ctx: a context
 * @bo: the object for its rings
 * @offset: where in it
 * @entries: of each ring
 * @id: its number
 *
 * Return: enum vgpu_error, or -1.
 */
int bad_queue_make(struct bad_guest *g, __u32 ctx, __u32 bo, __u64 offset, __u32 entries,
		   __u32 *id)
{
	return BAD_CALL(g, id, VGPU_OP_QUEUE_CREATE, ctx, bo, LOW(offset), HIGH(offset), entries,
			0);
}

/**
 * bad_copy() - VGPU_OP_COPY
 * @g: the guest
 * @ctx: a context
 * @dst: object to write
 * @dst_offset: where in it
 * @src: object to read
 * @src_offset: where in it
 * @length: bytes
 *
 * Return: enum vgpu_error, or -1.
 */
int bad_copy(struct bad_guest *g, __u32 ctx, __u32 dst, __u64 dst_offset, __u32 src,
	     __u64 src_offset, __u64 length)
{
	return BAD_CALL(g, NULL, VGPU_OP_COPY, ctx, dst, LOW(dst_offset), HIGH(dst_offset), src,
			LOW(src_offset), HIGH(src_offset), LOW(length), HIGH(length));
}

/**
 * bad_fill() - VGPU_OP_FILL
 * @g: the guest
 * @ctx: a context
 * @dst: object to write
 * @offset: where in it
 * @length: bytes
 * @pattern: the word
 *
 * Return: enum vgpu_error, or -1.
 */
int bad_fill(struct bad_guest *g, __u32 ctx, __u32 dst, __u64 offset, __u64 length,
	     __u32 pattern)
{
	return BAD_CALL(g, NULL, VGPU_OP_FILL, ctx, dst, LOW(offset), HIGH(offset), LOW(length),
			HIGH(length), pattern);
}

/**
 * bad_bo() - make an object of guest memory
 * @g: the guest
 * @ctx: its context
 * @page: the first page
 * @npages: how many
 * @bo: its handle
 *
 * Return: enum vgpu_error, or -1.
 */
int bad_bo(struct bad_guest *g, __u32 ctx, __u32 page, __u32 npages, __u32 *bo)
{
	struct vgpu_dev_page_list *list = NULL;
	__u32 i, n = 0;

	for (i = 0; i < npages; i++) {
		if (i % VGPU_PAGE_LIST_EXTENTS == 0) {
			if (list)
				list->next = cpu_to_le64(g->addr[BAD_LISTS + n]);
			list = (void *)(g->memory + (BAD_LISTS + n++) * BAD_PAGE);
			memset(list, 0, sizeof(*list));
		}
		list->extent[i % VGPU_PAGE_LIST_EXTENTS] = (struct vgpu_dev_extent){
			cpu_to_le64(g->addr[page + i]), cpu_to_le64(BAD_PAGE),
		};
		list->count = cpu_to_le32(i % VGPU_PAGE_LIST_EXTENTS + 1);
	}
	return bad_bo_create_system(g, ctx, (__u64)npages * BAD_PAGE, g->addr[BAD_LISTS], bo);
}

/**
 * bad_queue_create_in() - make a queue in an object
 * @g: the guest
 * @q: what to fill in
 * @ctx: its context
 * @bo: the object
 * @first: its first page
 * @page: where the rings begin; they are zeroed
 * @entries: of each ring
 *
 * Return: enum vgpu_error, or -1.
 */
int bad_queue_create_in(struct bad_guest *g, struct bad_queue *q, __u32 ctx, __u32 bo,
			__u32 first, __u32 page, __u32 entries)
{
	unsigned char *rings = g->memory + page * BAD_PAGE;

	memset(q, 0, sizeof(*q));
	memset(rings, 0, VGPU_QUEUE_SIZE(entries));
	q->g = g;
	q->ctx = ctx;
	q->bo = bo;
	q->ring.events = (void *)(rings + VGPU_QUEUE_EVENTS);
	q->ring.sq = (void *)(rings + VGPU_QUEUE_SQ);
	q->ring.cq = (void *)(rings + VGPU_QUEUE_CQ(entries));
	q->ring.mask = entries - 1;
	return bad_queue_make(g, ctx, bo, (__u64)(page - first) * BAD_PAGE, entries, &q->id);
}

/**
 * bad_queue_create() - make a queue in an object of its own
 * @g: the guest
 * @q: what to fill in
 * @ctx: its context
 * @page: where its rings begin; they are zeroed
 * @entries: of each ring
 *
 * Return: enum vgpu_error, or -1.
 */
int bad_queue_create(struct bad_guest *g, struct bad_queue *q, __u32 ctx, __u32 page,
		     __u32 entries)
{
	__u32 npages = (VGPU_QUEUE_SIZE(entries) + BAD_PAGE - 1) / BAD_PAGE, bo = 0;
	int err = bad_bo(g, ctx, page, npages, &bo);
	int made = bad_queue_create_in(g, q, ctx, bo, page, page, entries);

	return err ?: made;
}

/**
 * bad_queue_destroy() - end a queue and the object its rings are in
 * @q: the queue
 *
 * Return: enum vgpu_error, or -1.
 */
int bad_queue_destroy(struct bad_queue *q)
{
	int err = BAD_CALL(q->g, NULL, VGPU_OP_QUEUE_DESTROY, q->ctx, q->id);

	return err ?: BAD_CALL(q->g, NULL, VGPU_OP_BO_DESTROY, q->ctx, q->bo);
}

/**
 * bad_sqe() - the entry to fill in next
 * @q: the queue; whether there is room nobody looks
 *
 * Return: the entry, all zeroes but for &vgpu_dev_sqe.control and its index as user
 * data.
 */
struct vgpu_dev_sqe *bad_sqe(struct bad_queue *q)
{
	struct vgpu_dev_sqe *sqe = vgpu_ring_sqe(&q->ring);

	sqe->reserved = 0;
	sqe->user_data = cpu_to_le64(q->ring.submitted);
	memset(sqe->words, 0, sizeof(sqe->words));
	return sqe;
}

/**
 * bad_nop() - submit a job that does nothing
 * @q: the queue
 */
void bad_nop(struct bad_queue *q)
{
	bad_sqe(q);
	vgpu_ring_submit(&q->ring, VGPU_SQE_NOP);
}

/**
 * bad_ring() - ring, whether it is asked for or not
 * @q: the queue
 */
void bad_ring(struct bad_queue *q)
{
	q->g->ops->bar2_write(q->g, VGPU_BAR2_DOORBELL(q->id), 4, 0);
}

/**
 * bad_wait() - wait for the next completion
 * @q: the queue
 * @user_data: what is in it; may be NULL
 *
 * Return: enum vgpu_error; -1 if there is none.
 */
int bad_wait(struct bad_queue *q, __u64 *user_data)
{
	time_t end = time(NULL) + BAD_WAIT_S;
	struct vgpu_dev_cqe cqe = { };

	while (!vgpu_ring_reap(&q->ring, &cqe)) {
		if (time(NULL) > end)
			return -1;
		q->g->ops->pause(q->g);
	}
	if (user_data)
		*user_data = le64_to_cpu(cqe.user_data);
	return (int)(le32_to_cpu(cqe.control) & VGPU_CQE_STATUS_MASK);
}

/**
 * bad_wait_published() - wait until the device says that it has completed so many
 * @q: the queue
 * @n: how many more than were reaped
 *
 * For when the completion ring itself can't be believed.
 *
 * Return: whether it does.
 */
bool bad_wait_published(struct bad_queue *q, __u32 n)
{
	time_t end = time(NULL) + BAD_WAIT_S;

	/* before the entries, which it counts */
	while (le32_to_cpu(virt_load_acquire(&q->ring.events->completed)) - q->ring.reaped < n) {
		if (time(NULL) > end)
			return false;
		q->g->ops->pause(q->g);
	}
	return true;
}

/**
 * bad_quiet() - ring, and see that nothing is complete
 * @q: the queue, in which there is nothing that the device may take
 *
 * What the doorbell found is in front of the mailbox's request.
 *
 * Return: whether it is so.
 */
bool bad_quiet(struct bad_queue *q)
{
	struct vgpu_dev_cqe cqe;

	bad_ring(q);
	return !bad_call(q->g, VGPU_OP_NOP, NULL, 0, NULL) && !vgpu_ring_reap(&q->ring, &cqe);
}

/**
 * bad_works() - does a queue carry data from one end of the memory to the other?
 * @g: the guest; all its contexts are ended
 *
 * Return: whether it does, and nothing is left in use before and after.
 */
bool bad_works(struct bad_guest *g)
{
	unsigned char *data = g->memory + 16 * BAD_PAGE;
	struct vgpu_dev_sqe *sqe;
	struct bad_queue q;
	__u32 ctx, dev, sys, i;
	int got;

	if (!bad_check(g, g->ops->reset(g) && bad_memory_free(g),
		       "after a reset all memory is free") ||
	    !bad_check(g, !bad_call(g, VGPU_OP_CTX_CREATE, NULL, 0, &ctx) &&
		       !bad_queue_create(g, &q, ctx, 0, 4) &&
		       !bad_bo(g, ctx, 16, 2, &sys) &&
		       !bad_bo_create(g, ctx, BAD_PAGE, &dev),
		       "a context, a queue and objects can be made"))
		return false;
	for (i = 0; i < BAD_PAGE; i++)
		data[i] = (unsigned char)bad_random(g);
	memset(data + BAD_PAGE, 0, BAD_PAGE);
	for (i = 0; i < 2; i++) {
		sqe = bad_sqe(&q);
		sqe->copy.dst = cpu_to_le32(i ? sys : dev);
		sqe->copy.src = cpu_to_le32(i ? dev : sys);
		sqe->copy.dst_offset = cpu_to_le64(i * BAD_PAGE);
		sqe->copy.length = cpu_to_le64(BAD_PAGE);
		vgpu_ring_submit(&q.ring, VGPU_SQE_COPY);
	}
	bad_ring(&q);
	got = bad_wait(&q, NULL) ?: bad_wait(&q, NULL);
	bad_expect(g, got, VGPU_ERR_NONE, "a copy to the device and back");
	bad_check(g, !memcmp(data, data + BAD_PAGE, BAD_PAGE), "the same bytes come back");
	bad_expect(g, BAD_CALL(g, NULL, VGPU_OP_CTX_DESTROY, ctx), VGPU_ERR_NONE,
		   "the context ends");
	return bad_check(g, bad_memory_free(g), "nothing is left in use");
}
