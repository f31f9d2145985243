// SPDX-License-Identifier: GPL-2.0
/* User-mode queues and the guest memory they are made of. */
#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "gpu.h"
#include "irqset.h"
#include "queue.h"
#include "random.h"
#include "tap.h"
#include "test_queue.h"

/* A device, its memory, and a queue of a context of its own */
struct queue_setup {
	struct mbox m;
	struct queue_mem mem;
	struct queue q;
	u32 ctx;
};

static bool queue_expect(int got, int want, const char *what)
{
	return tap_ok(got == want, "%s: got %s want %s", what, mbox_error_name(got),
		      mbox_error_name(want));
}

static bool queue_prepare(struct queue_setup *t, struct session *s, u32 entries)
{
	if (!mbox_open(&t->m, s, VFIO_PCI_MSIX_IRQ_INDEX))
		return false;
	if (!queue_mem_open(&t->mem, s))
		goto err_mbox;
	if (tap_must(!gpu_ctx_create(&t->m, &t->ctx) &&
		     !queue_create(&t->q, &t->m, &t->mem, t->ctx, 0, entries),
		     "makes a context and a queue"))
		return true;
	queue_mem_close(&t->mem);
err_mbox:
	mbox_close(&t->m);
	return false;
}

/* The context first: what is unmapped under its objects is a test of its own. */
static void queue_finish(struct queue_setup *t)
{
	gpu_ctx_destroy(&t->m, t->ctx);
	queue_mem_close(&t->mem);
	mbox_close(&t->m);
}

/**
 * test_queue() - data go through a queue, up and down, and come back the same
 * @s: an open session
 */
void test_queue(struct session *s)
{
	struct random rnd = { .state = 77 };
	struct vgpu_dev_sqe *sqe;
	struct queue_setup t;
	struct vgpu_dev_cqe cqe;
	u32 up, down, dev, i;
	u8 *src, *dst;
	bool good;

	if (!queue_prepare(&t, s, 16))
		return;
	/* 1 MiB each, in pages 512 and 1024 of the memory */
	src = t.mem.va + 512 * QUEUE_PAGE;
	dst = t.mem.va + 1024 * QUEUE_PAGE;
	if (!tap_must(!queue_bo(&t.m, &t.mem, t.ctx, 512, 256, &up) &&
		      !queue_bo(&t.m, &t.mem, t.ctx, 1024, 256, &down) &&
		      !gpu_bo_create(&t.m, t.ctx, 1 << 20, &dev), "makes objects"))
		goto out;
	random_fill(&rnd, src, 1 << 20);
	for (i = 0; i < 8; i++)
		queue_copy(&t.q, i, dev, i << 17, up, i << 17, 1 << 17);
	/* behind them, in order: what the copy reads is what the others wrote */
	queue_copy(&t.q, 8, down, 0, dev, 0, 1 << 20);
	sqe = queue_sqe(&t.q, 9);
	sqe->fill.dst = htole32(down);
	sqe->fill.pattern = htole32(0xa5a5a5a5);
	sqe->fill.offset = htole64(4096);
	sqe->fill.length = htole64(64);
	queue_submit(&t.q, VGPU_SQE_FILL);
	if (!queue_kick(&t.q))
		goto out;
	for (i = 0, good = true; i < 10 && good; i++)
		good = queue_wait(&t.q, &cqe) && !queue_status(&cqe) &&
		       le64toh(cqe.user_data) == i;
	tap_ok(good, "ten jobs complete, in their order");
	for (i = 0, good = true; i < 64; i++)
		good = good && dst[4096 + i] == 0xa5;
	tap_ok(good, "the fill is there");
	memset(src + 4096, 0xa5, 64);
	tap_ok(!memcmp(src, dst, 1 << 20), "and all else came back as it was");
	tap_eq(t.q.doorbells, 1, "one doorbell was enough");

	/* the mailbox sees the same objects */
	memset(dst, 0, 4096);
	queue_expect(gpu_do_copy(&t.m, &(struct gpu_copy){ t.ctx, down, 0, dev, 8192, 64 }),
		     0, "the mailbox copies to guest memory");
	tap_ok(!memcmp(src + 8192, dst, 64), "what it copied is there");
	queue_expect(queue_destroy(&t.q), 0, "the queue ends");
out:
	queue_finish(&t);
}

/**
 * test_queue_depth() - many jobs: few doorbells, few interrupts, none lost
 * @s: an open session
 */
void test_queue_depth(struct session *s)
{
	const u32 jobs = 20000;
	struct vgpu_dev_cqe cqe;
	struct queue_setup t;
	u32 done = 0, bad = 0;

	if (!queue_prepare(&t, s, 64))
		return;
	while (done < jobs && !tap_failed()) {
		while (vgpu_ring_room(&t.q.ring) && t.q.ring.submitted < jobs) {
			queue_sqe(&t.q, t.q.ring.submitted);
			queue_submit(&t.q, VGPU_SQE_NOP);
		}
		if (!queue_kick(&t.q) ||
		    !tap_must(queue_wait(&t.q, &cqe), "job %u completes", done))
			break;
		do {
			bad += queue_status(&cqe) || le64toh(cqe.user_data) != done;
			done++;
		} while (vgpu_ring_reap(&t.q.ring, &cqe));
	}
	tap_eq(done, jobs, "all jobs complete");
	tap_eq(bad, 0, "each in its place, with success");
	tap_note("%u jobs at depth 64: %u doorbells", jobs, t.q.doorbells);
	tap_ok(t.q.doorbells < jobs / 4, "a doorbell for less than every fourth job");
	queue_finish(&t);
}

/**
 * test_queue_bad_memory() - guest memory that isn't
 * @s: an open session
 */
void test_queue_bad_memory(struct session *s)
{
	const u64 beyond = QUEUE_IOVA + QUEUE_MEM_SIZE, readonly = 0x200000000ULL;
	struct vgpu_dev_page_list *list;
	struct queue_setup t;
	struct queue q;
	u64 at;
	u32 bo;

	if (!queue_prepare(&t, s, 16))
		return;
	at = QUEUE_IOVA + (u64)t.mem.list * QUEUE_PAGE;
	list = (void *)(t.mem.va + (at - QUEUE_IOVA));
	queue_expect(queue_bo_list(&t.m, t.ctx, 4096, beyond, &bo), VGPU_ERR_BAD_ADDRESS,
		     "a list that is not mapped");
	queue_expect(queue_bo_list(&t.m, t.ctx, 4096, ~0ULL << 12, &bo),
		     VGPU_ERR_BAD_ADDRESS, "a list at the end of all addresses");
	queue_expect(queue_bo_list(&t.m, t.ctx, 4096, at + 1, &bo),
		     VGPU_ERR_INVALID_REQUEST, "a list that is not aligned");
	queue_expect(queue_bo(&t.m, &t.mem, t.ctx, QUEUE_MEM_SIZE / 4096, 1, &bo),
		     VGPU_ERR_BAD_ADDRESS, "a page that is not mapped");
	queue_expect(queue_bo(&t.m, &t.mem, t.ctx, 1, QUEUE_MEM_SIZE / 4096, &bo),
		     VGPU_ERR_BAD_ADDRESS, "pages of which the last is not mapped");
	queue_expect(queue_bo(&t.m, &t.mem, t.ctx, 1, 0, &bo), VGPU_ERR_INVALID_REQUEST,
		     "no pages");
	queue_expect(queue_bo(&t.m, &t.mem, t.ctx, 1, 1U << 31, &bo), VGPU_ERR_NO_MEMORY,
		     "eight terabytes of pages");

	/* chained for ever: it ends where the object is full */
	memset(list, 0, sizeof(*list));
	list->next = htole64(at);
	list->count = htole32(1);
	list->extent[0].addr = htole64(QUEUE_IOVA);
	list->extent[0].length = htole64(4096);
	queue_expect(queue_bo_list(&t.m, t.ctx, 1 << 20, at, &bo), VGPU_ERR_INVALID_REQUEST,
		     "a list that goes on with itself");

	if (tap_must(!session_dma_map_readonly(s, t.mem.va, readonly, QUEUE_MEM_SIZE),
		     "maps memory that the device may only read")) {
		list->next = 0;
		list->extent[0].addr = htole64(readonly);
		queue_expect(queue_bo_list(&t.m, t.ctx, 4096, at, &bo),
			     VGPU_ERR_BAD_ADDRESS, "a page that may only be read");
		/* the list itself is only read */
		list->extent[0].addr = htole64(QUEUE_IOVA);
		queue_expect(queue_bo_list(&t.m, t.ctx, 4096, readonly + at - QUEUE_IOVA, &bo),
			     0, "a list in memory that may only be read");
		session_dma_unmap(s, readonly, QUEUE_MEM_SIZE);
	}
	queue_expect(queue_create(&q, &t.m, &t.mem, t.ctx, 64, 16), 0,
		     "after all that a queue can be made");
	queue_finish(&t);
}

/**
 * test_queue_limits() - as many queues and objects as there can be, and one more
 * @s: an open session
 */
void test_queue_limits(struct session *s)
{
	struct queue_setup t;
	struct queue q[VGPU_MAX_QUEUES];
	struct vgpu_dev_cqe cqe;
	u32 n, i, good, bo;
	int error = 0;

	if (!queue_prepare(&t, s, 2))
		return;
	q[0] = t.q;
	for (n = 1; n < VGPU_MAX_QUEUES && !error; n++)
		error = queue_create(&q[n], &t.m, &t.mem, t.ctx, 16 * n, 2);
	queue_expect(error, 0, "sixteen queues can be made");
	if (!error)
		queue_expect(queue_create(&t.q, &t.m, &t.mem, t.ctx, 16 * n, 2),
			     VGPU_ERR_NO_MEMORY, "and not one more");
	for (i = 0; !error && i < n; i++) {
		queue_sqe(&q[i], i);
		queue_submit(&q[i], VGPU_SQE_NOP);
		queue_kick(&q[i]);
	}
	for (i = 0, good = 0; !error && i < n; i++)
		good += queue_wait(&q[i], &cqe) && le64toh(cqe.user_data) == i;
	tap_eq(good, VGPU_MAX_QUEUES, "each does its own job");
	queue_expect(gpu_ctx_destroy(&t.m, t.ctx), 0, "they end with their context");
	for (i = 0; i < 8; i++)
		queue_doorbell(&q[i]);

	if (!tap_must(!gpu_ctx_create(&t.m, &t.ctx), "makes another context"))
		goto out;
	for (n = 0; n < 5000; n++) {
		error = queue_bo(&t.m, &t.mem, t.ctx, n % 1024, 1, &bo);
		if (error)
			break;
	}
	tap_eq(n, 4096, "objects of guest memory that can be made");
	queue_expect(error, VGPU_ERR_NO_MEMORY, "what the next one gets");
	queue_expect(gpu_ctx_destroy(&t.m, t.ctx), 0, "and all of them end");
out:
	queue_finish(&t);
}

/* Map the memory again, and make an object of it. */
static int queue_bo_again(struct queue_setup *t)
{
	u32 bo;

	if (!tap_must(!session_dma_map(t->mem.s, t->mem.va, QUEUE_IOVA, QUEUE_MEM_SIZE),
		      "maps the memory again"))
		return -1;
	return queue_bo(&t->m, &t->mem, t->ctx, 0, 1, &bo);
}

/**
 * test_queue_unmap() - memory that is taken away under running copies
 * @s: an open session
 */
void test_queue_unmap(struct session *s)
{
	struct vgpu_dev_cqe cqe;
	struct queue_setup t;
	u32 a, b, i, round;
	int error;

	/*
	 * VFIO type1 holds device_list_lock while it asks for the memory, and takes
	 * iommu->lock to have it back; when it registers a device it holds the second
	 * and takes the first.  lockdep says so of any driver that is asked.
	 */
	if (!s->iommufd && !access("/proc/lockdep", F_OK)) {
		tap_skip("lockdep complains of VFIO's own locks; see through iommufd",
			 "memory is taken away under its jobs");
		return;
	}
	for (round = 0; round < 4; round++) {
		if (!queue_prepare(&t, s, 64))
			return;
		if (!tap_must(!queue_bo(&t.m, &t.mem, t.ctx, 512, 512, &a) &&
			      !gpu_bo_create(&t.m, t.ctx, 2 << 20, &b), "makes objects"))
			return;
		for (i = 0; i < 64; i++)
			queue_copy(&t.q, i, b, 0, a, 0, 2 << 20);
		queue_kick(&t.q);
		if (round % 2)
			queue_wait(&t.q, &cqe);
		tap_eq((u64)session_dma_unmap(s, QUEUE_IOVA, QUEUE_MEM_SIZE), QUEUE_MEM_SIZE,
		       "all memory is unmapped under its jobs");
		queue_doorbell(&t.q);
		error = gpu_do_copy(&t.m, &(struct gpu_copy){ t.ctx, b, 0, a, 0, 64 });
		queue_expect(error, VGPU_ERR_BAD_ADDRESS, "the object has lost its memory");
		queue_expect(queue_bo(&t.m, &t.mem, t.ctx, 0, 1, &a), VGPU_ERR_BAD_ADDRESS,
			     "and there is none for another");
		queue_expect(gpu_fill(&t.m, t.ctx, b, 0, 64, 1), 0,
			     "device memory is as good as before");
		/* what was unmapped under jobs is closed until the device is opened again */
		queue_expect(queue_bo_again(&t), VGPU_ERR_BAD_ADDRESS,
			     "what was just unmapped is not pinned again");
		queue_finish(&t);
		session_close_device(s);
		if (!tap_must(!session_open_device(s), "opens the device again"))
			return;
	}
}

/**
 * test_queue_busy_end() - reset, close and the end of a context with busy queues
 * @s: an open session
 */
void test_queue_busy_end(struct session *s)
{
	struct queue_setup t;
	u32 a, b, i, round;

	for (round = 0; round < 6; round++) {
		if (!queue_prepare(&t, s, 64))
			return;
		if (!tap_must(!queue_bo(&t.m, &t.mem, t.ctx, 512, 512, &a) &&
			      !gpu_bo_create(&t.m, t.ctx, 2 << 20, &b), "makes objects"))
			return;
		for (i = 0; i < 64; i++)
			queue_copy(&t.q, i, b, 0, a, 0, 2 << 20);
		queue_kick(&t.q);
		switch (round % 3) {
		case 0:
			tap_must(!session_reset(s), "resets the device under its jobs");
			queue_mem_close(&t.mem);
			mbox_close(&t.m);
			break;
		case 1:
			queue_expect(gpu_ctx_destroy(&t.m, t.ctx), 0,
				     "the context ends under its jobs");
			queue_finish(&t);
			break;
		case 2:
			session_close_device(s);
			queue_mem_close(&t.mem);
			if (!tap_must(!session_open_device(s),
				      "closes the device under its jobs, and opens it"))
				return;
			break;
		}
	}
	if (queue_prepare(&t, s, 64)) {
		struct vgpu_dev_cqe cqe;

		queue_sqe(&t.q, 1);
		queue_submit(&t.q, VGPU_SQE_NOP);
		queue_kick(&t.q);
		tap_ok(queue_wait(&t.q, &cqe) && !queue_status(&cqe), "and it works");
		queue_finish(&t);
	}
}

/* Another processor of the guest, which writes into the rings all the time */
struct queue_scribbler {
	struct queue *q;
	atomic_bool stop;
	u64 writes;
};

static void *queue_scribble(void *arg)
{
	struct queue_scribbler *w = arg;
	struct random rnd = { .state = 5 };
	u32 words = VGPU_QUEUE_SIZE(w->q->ring.mask + 1) / 4;
	u32 *rings = (void *)w->q->ring.events, n, i;

	while (!atomic_load(&w->stop)) {
		/* mostly in the submissions, where handles and lengths are */
		n = random_below(&rnd, words);
		i = random_below(&rnd, 4);
		__atomic_store_n(&rings[n], i == 0 ? (u32)random_nasty(&rnd) :
				 i == 1 ? random_below(&rnd, 8) | 1U << 31 :
				 random_below(&rnd, 8), __ATOMIC_RELAXED);
		w->writes++;
	}
	return NULL;
}

/**
 * test_queue_hostile() - rings that change while they are read
 * @s: an open session
 */
void test_queue_hostile(struct session *s)
{
	struct queue_scribbler w = { 0 };
	struct gpu_info before, after;
	struct vgpu_dev_cqe cqe;
	struct queue_setup t;
	pthread_t thread;
	u32 a, b, i;

	if (!queue_prepare(&t, s, 8))
		return;
	if (!tap_must(!queue_bo(&t.m, &t.mem, t.ctx, 512, 4, &a) &&
		      !gpu_bo_create(&t.m, t.ctx, 16384, &b) &&
		      !gpu_get_info(&t.m, &before), "makes objects"))
		goto out;
	w.q = &t.q;
	if (!tap_must(!pthread_create(&thread, NULL, queue_scribble, &w), "starts a thread"))
		goto out;
	for (i = 0; i < 20000; i++) {
		/* now and then a good one, so that the host goes on */
		queue_copy(&t.q, i, a, 0, b, 0, 4096);
		queue_doorbell(&t.q);
		if (i % 16 == 0)
			t.q.ring.submitted = le32toh(READ_ONCE(t.q.ring.events->completed));
	}
	atomic_store(&w.stop, true);
	pthread_join(thread, NULL);
	tap_note("%llu words written meanwhile", (unsigned long long)w.writes);
	queue_expect(queue_destroy(&t.q), 0, "the queue ends");
	tap_ok(!gpu_get_info(&t.m, &after) && after.memory_used == before.memory_used,
	       "no device memory was lost or won");
	if (tap_must(!queue_create(&t.q, &t.m, &t.mem, t.ctx, 0, 8), "makes another queue")) {
		queue_sqe(&t.q, 1);
		queue_submit(&t.q, VGPU_SQE_NOP);
		queue_kick(&t.q);
		tap_ok(queue_wait(&t.q, &cqe) && !queue_status(&cqe), "which works");
	}
out:
	queue_finish(&t);
}
