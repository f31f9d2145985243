// SPDX-License-Identifier: GPL-2.0
/*
 * Executors that go, and the next of their name.  What no worker had is run by the next; what
 * one had, and contexts that had device memory, are lost, and nothing else is.
 */
#include <errno.h>
#include <poll.h>
#include <sched.h>
#include <string.h>
#include <unistd.h>

#include "exec_player.h"
#include "gpu.h"
#include "mbox.h"
#include "tap.h"
#include "test_exec.h"

/* In the guest's memory, by page */
enum { RETURN_DATA, RETURN_MORE = 4, RETURN_QUEUE = 8 };

#define RETURN_NOPS	3

/* More objects than a worker is told of at a time; of one page, all the same */
#define RETURN_MANY	150

/**
 * struct returning - a guest whose executor goes
 * @m: its mailbox
 * @mem: its memory
 * @kept: a context without device memory
 * @q: its queue
 * @bo: its object of guest memory
 * @lost: a context with device memory
 * @dev: that
 */
struct returning {
	struct mbox m;
	struct queue_mem mem;
	u32 kept;
	struct queue q;
	u32 bo;
	u32 lost;
	u32 dev;
};

static bool return_begin(struct returning *r)
{
	return tap_must(!gpu_ctx_create(&r->m, &r->kept) && !gpu_ctx_create(&r->m, &r->lost),
			"makes two contexts") &&
	       tap_must(!queue_bo(&r->m, &r->mem, r->kept, RETURN_DATA, 2, &r->bo) &&
			!queue_create(&r->q, &r->m, &r->mem, r->kept, RETURN_QUEUE, 4),
			"guest memory and a queue in one") &&
	       tap_must(!gpu_bo_create(&r->m, r->lost, 4096, &r->dev),
			"device memory in the other");
}

/* Nobody drives the GPU.  Leaves jobs in the queue, and one in the mailbox. */
static bool return_wait(struct returning *r)
{
	struct mbox_request add;
	struct vgpu_dev_cqe cqe;
	u32 other, i;

	for (i = 0; i < RETURN_NOPS; i++) {
		queue_sqe(&r->q, i);
		queue_submit(&r->q, VGPU_SQE_NOP);
	}
	queue_kick(&r->q);
	exec_is(gpu_ctx_create(&r->m, &other), VGPU_ERR_BACKEND_UNAVAILABLE, "a context");
	exec_is(gpu_bo_create(&r->m, r->kept, 4096, &other), VGPU_ERR_BACKEND_UNAVAILABLE,
		"device memory");
	exec_is(gpu_bo_create(&r->m, r->lost, 4096, &other), VGPU_ERR_BACKEND_LOST,
		"device memory where there was some");
	exec_is(gpu_bo_write(&r->m, r->lost, r->dev, 0, "abcd", 4), VGPU_ERR_BACKEND_LOST,
		"a job there");
	exec_is(queue_bo(&r->m, &r->mem, r->kept, RETURN_MORE, 1, &other), 0, "guest memory");
	for (i = 0; i < RETURN_MANY; i++) {
		if (queue_bo(&r->m, &r->mem, r->kept, RETURN_MORE, 1, &other))
			break;
	}
	tap_eq(i, RETURN_MANY, "objects of it");
	tap_ok(!vgpu_ring_reap(&r->q.ring, &cqe), "jobs without device memory wait");
	mbox_request_init(&add, VGPU_OP_COMPUTE);
	mbox_request_param(&add, 4);
	mbox_request_param(&add, 7);
	return tap_must(mbox_submit(&r->m, &add), "submits one more");
}

static void return_check(struct returning *r)
{
	struct vgpu_dev_cqe cqe;
	u32 other, bo, i;

	if (tap_must(mbox_wait(&r->m) && mbox_read_response(&r->m), "that of the mailbox ends"))
		tap_eq(r->m.resp.result[0], 11, "with its result");
	for (i = 0; i < RETURN_NOPS; i++) {
		if (tap_must(queue_wait(&r->q, &cqe), "one that has waited ends"))
			tap_ok(le64_to_cpu(cqe.user_data) == i && !queue_status(&cqe),
			       "in its turn, and has been run");
	}
	memset(r->mem.va, 0, 16);
	exec_is(gpu_bo_write(&r->m, r->kept, r->bo, 4, "abcd", 4), 0,
		"the next worker writes to guest memory");
	tap_ok(!memcmp(r->mem.va, "\0\0\0\0abcd\0\0\0", 12), "and the guest sees it");
	exec_is(gpu_bo_create(&r->m, r->kept, 4096, &bo), 0, "device memory");
	exec_is(gpu_bo_write(&r->m, r->lost, r->dev, 0, "abcd", 4), VGPU_ERR_BACKEND_LOST,
		"what was lost stays lost");
	exec_is(gpu_bo_create(&r->m, r->lost, 4096, &bo), VGPU_ERR_BACKEND_LOST,
		"and gets no device memory");
	exec_is(gpu_ctx_destroy(&r->m, r->lost), 0, "and can be ended");
	exec_is(gpu_ctx_create(&r->m, &other), 0, "the next context");
	exec_is(gpu_bo_create(&r->m, other, 4096, &bo), 0, "has device memory");
	exec_is(gpu_ctx_destroy(&r->m, other), 0, "and ends");
	exec_is(gpu_ctx_destroy(&r->m, r->kept), 0, "and so does that which was kept");
}

/**
 * test_exec_return() - an executor goes, and the next takes over
 * @s: an open session
 */
void test_exec_return(struct session *s)
{
	struct returning r;
	struct exec_player p;

	if (!mbox_open(&r.m, s, VFIO_PCI_MSIX_IRQ_INDEX))
		return;
	if (!queue_mem_open(&r.mem, s))
		goto out_mbox;
	if (!exec_start(&p, EXEC_LEAVE) || !return_begin(&r))
		goto out_mem;
	exec_is(gpu_bo_write(&r.m, r.kept, r.bo, 0, "abcd", 4), VGPU_ERR_BACKEND_LOST,
		"what a worker had when its executor went");
	exec_stop(&p);
	if (!return_wait(&r) || !exec_start(&p, EXEC_HONEST))
		goto out_mem;
	return_check(&r);
	exec_stop(&p);
	tap_eq(p.maps, 3 + RETURN_MANY,
	       "objects of guest memory that the next worker was told of, each once");
	tap_eq(p.maps_first, p.maps, "all of them before the first job");
out_mem:
	queue_mem_close(&r.mem);
out_mbox:
	mbox_close(&r.m);
}

/**
 * test_exec_again() - jobs that may be run anew are, and others that had begun are not
 * @s: an open session
 */
void test_exec_again(struct session *s)
{
	struct mbox_request write;
	struct vgpu_dev_cqe cqe;
	struct returning r;
	struct exec_player p;
	u32 i;

	if (!mbox_open(&r.m, s, VFIO_PCI_MSIX_IRQ_INDEX))
		return;
	if (!queue_mem_open(&r.mem, s))
		goto out_mbox;
	if (!exec_start(&p, EXEC_LEAVE_LATER) || !return_begin(&r))
		goto out_mem;
	gpu_bo_write_request(&write, r.kept, r.bo, 0, "abcd", 4);
	if (!tap_must(mbox_submit(&r.m, &write), "the worker gets a job"))
		goto out_mem;
	sem_wait(&p.given);
	for (i = 0; i < EXEC_LATER; i++) {
		queue_sqe(&r.q, i);
		queue_submit(&r.q, VGPU_SQE_NOP | (i % 2 ? 0 : VGPU_SQE_AGAIN));
	}
	queue_kick(&r.q);
	if (tap_must(mbox_wait(&r.m) && mbox_read_response(&r.m), "that ends"))
		exec_is(r.m.resp.error, VGPU_ERR_BACKEND_LOST, "when the executor goes");
	exec_stop(&p);
	tap_ok(!vgpu_ring_reap(&r.q.ring, &cqe), "the first of those behind it waits");
	if (!exec_start(&p, EXEC_HONEST))
		goto out_mem;
	for (i = 0; i < EXEC_LATER; i++) {
		if (tap_must(queue_wait(&r.q, &cqe), "one of them ends"))
			exec_is(queue_status(&cqe), i % 2 ? VGPU_ERR_BACKEND_LOST : 0,
				i % 2 ? "one that must not run twice" : "one that may");
	}
	tap_eq(p.nops, EXEC_LATER / 2, "jobs that the next worker has run");
	exec_is(gpu_ctx_destroy(&r.m, r.lost), 0, "a context ends");
	exec_is(gpu_ctx_destroy(&r.m, r.kept), 0, "and the other");
	exec_stop(&p);
out_mem:
	queue_mem_close(&r.mem);
out_mbox:
	mbox_close(&r.m);
}

/**
 * test_exec_hung() - an executor that reads nothing is none for long
 * @s: an open session
 */
void test_exec_hung(struct session *s)
{
	struct vgpu_exec_register reg = exec_registration();
	struct vgpu_exec_attach attach = { .size = sizeof(attach) };
	struct vgpu_exec_event event;
	struct exec_player p;
	struct mbox m;
	int next, ret;
	u32 ctx, bo;

	if (!mbox_open(&m, s, VFIO_PCI_MSIX_IRQ_INDEX))
		return;
	if (!exec_start_hung(&p) ||
	    !tap_must(!gpu_ctx_create(&m, &ctx) && !gpu_bo_create(&m, ctx, 4096, &bo),
		      "a worker is started"))
		goto out;
	/* it ends with its executor */
	pthread_join(p.thread, NULL);
	tap_eq(p.ended, ENODEV, "its worker is told");
	next = exec_open();
	do {
		sched_yield();
		ret = exec_ioctl(next, VGPU_EXEC_IOC_REGISTER, &reg);
	} while (ret == -EBUSY);
	tap_errno(ret, 0, "the next takes over while the last one still has its file");
	tap_ok(read(p.executor, &event, sizeof(event)) < 0 && errno == ENODEV,
	       "which finds out when it reads");
	attach.executor = p.executor;
	ret = exec_open();
	tap_errno(exec_ioctl(ret, VGPU_EXEC_IOC_ATTACH, &attach), ENODEV, "or attaches");
	close(ret);
	exec_is(gpu_bo_write(&m, ctx, bo, 0, "abcd", 4), VGPU_ERR_BACKEND_LOST,
		"a job that had device memory");
	close(p.executor);
	tap_errno(exec_ioctl(next, VGPU_EXEC_IOC_REGISTER, &reg), EPERM,
		  "and when it goes nothing changes");
	exec_is(gpu_ctx_destroy(&m, ctx), 0, "the context ends");
	close(next);
out:
	mbox_close(&m);
}
