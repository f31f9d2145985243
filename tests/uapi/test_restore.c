// SPDX-License-Identifier: GPL-2.0
/*
 * The device is reset while the machine sleeps: contexts are made again, and processes go
 * on with their handles, their memory and their rings.
 */
#include <errno.h>
#include <poll.h>
#include <pthread.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/mman.h>
#include <unistd.h>

#include "dev.h"
#include "queue.h"
#include "sleep.h"
#include "tap.h"
#include "tests.h"

#define WAIT_MS		120000
#define ENTRIES		4
/* More than is saved in one piece */
#define LARGE		(17U << 20)
#define PIECE		(16U << 20)
#define SMALL		(5 * PAGE)
#define COUNT		(PAGE / 4)
/* At 4 a second these can be copied in the time there is, or can't together */
#define RATED_PIECES	16
#define RATED_EXTRA	32

/**
 * struct sleeper - a thread that waits for a submission
 * @thread: the thread
 * @q: the queue
 * @index: of the submission
 * @ret: what queue_wait() said
 */
struct sleeper {
	pthread_t thread;
	const struct queue *q;
	__u32 index;
	int ret;
};

/**
 * struct world - a file that has something of everything
 * @first: a queue whose jobs are over
 * @second: a queue in which something waits for the next one of @first
 * @efd: armed for what is behind that
 * @large: device memory in pieces
 * @small: device memory, behind a handle that is free again
 * @hole: that handle
 * @sys: this machine's memory
 * @args: likewise, for arguments
 * @mem: @sys, mapped
 * @module: of which @kernel is
 * @kernel: vecadd_u32
 * @sleeper: waits for the last one of @second
 */
struct world {
	struct queue first;
	struct queue second;
	int efd;
	__u32 large;
	__u32 small;
	__u32 hole;
	struct vgpu_bo_create sys;
	struct vgpu_bo_create args;
	__u32 *mem;
	__u32 module;
	__u32 kernel;
	struct sleeper sleeper;
};

static void *sleeper_run(void *arg)
{
	struct sleeper *s = arg;

	s->ret = queue_wait(s->q->fd, s->q->args.queue, s->index, WAIT_MS);
	return NULL;
}

static void sleeper_start(struct sleeper *s, const struct queue *q, __u32 index)
{
	*s = (struct sleeper){ .q = q, .index = index, .ret = 1 };
	pthread_create(&s->thread, NULL, sleeper_run, s);
}

static bool readable(int fd)
{
	struct pollfd poll_fd = { .fd = fd, .events = POLLIN };

	return poll(&poll_fd, 1, 0) == 1;
}

/* Waits for the last submission, then takes all completions: in order, without error */
static bool queue_settle(struct queue *q)
{
	struct vgpu_dev_cqe cqe = { };

	if (!CHECK_EQ(queue_wait(q->fd, q->args.queue, q->ring.submitted - 1, WAIT_MS), 0))
		return false;
	while (q->ring.reaped != q->ring.submitted) {
		if (!CHECK(vgpu_ring_reap(&q->ring, &cqe)) ||
		    !CHECK_EQ(cqe.user_data, q->ring.reaped - 1) ||
		    !CHECK_EQ(cqe.control & VGPU_CQE_STATUS_MASK, VGPU_ERR_NONE))
			return false;
	}
	return true;
}

static bool queue_nops(struct queue *q, __u32 n)
{
	while (n--) {
		queue_nop(q);
		if (!queue_settle(q))
			return false;
	}
	return true;
}

static bool kernel_get(int fd, __u32 module, __u32 *kernel)
{
	static const char name[] = "vecadd_u32";
	struct vgpu_request request = {
		.opcode = VGPU_OP_KERNEL_GET,
		.params = (uintptr_t)&module,
		.param_count = 1,
		.data = (uintptr_t)name,
		.data_length = sizeof(name) - 1,
		.results = (uintptr_t)kernel,
		.result_count = 1,
	};

	return CHECK_EQ(dev_request(fd, &request), 0);
}

static bool destroy(int fd, __u32 opcode, __u32 handle)
{
	return CHECK_EQ(dev_call(fd, opcode, &handle, 1, NULL), 0);
}

/* A word of device memory */
static __u32 word(int fd, __u32 bo, __u64 offset)
{
	__u32 value = 0xdeaddead;

	CHECK_EQ(dev_bo_read(fd, bo, offset, &value, sizeof(value)), 0);
	return value;
}

/* Modules and kernels, of which some have gone: the handles that are left are not the first */
static bool world_kernels(struct world *w, int fd)
{
	const __u32 format = VGPU_MODULE_BUILTIN;
	__u32 gone, lost, other;

	return CHECK_EQ(dev_call(fd, VGPU_OP_MODULE_LOAD, &format, 1, &gone), 0) &&
	       CHECK_EQ(dev_call(fd, VGPU_OP_MODULE_LOAD, &format, 1, &w->module), 0) &&
	       kernel_get(fd, gone, &lost) && kernel_get(fd, w->module, &other) &&
	       kernel_get(fd, w->module, &w->kernel) &&
	       destroy(fd, VGPU_OP_MODULE_UNLOAD, gone);
}

static bool world_open(struct world *w, __u32 seed)
{
	int fd = dev_open();
	__u32 k;

	memset(w, 0, sizeof(*w));
	w->efd = eventfd(0, EFD_CLOEXEC);
	if (!queue_open_in(&w->first, fd, ENTRIES) || !queue_open_in(&w->second, fd, ENTRIES) ||
	    !CHECK_EQ(dev_bo_create(fd, PAGE, &w->hole), 0) ||
	    !CHECK_EQ(dev_bo_create(fd, SMALL - 1, &w->small), 0) ||
	    !CHECK_EQ(dev_bo_create(fd, LARGE, &w->large), 0) ||
	    !CHECK_EQ(bo_create(fd, 2 * PAGE, &w->sys), 0) ||
	    !CHECK_EQ(bo_create(fd, PAGE, &w->args), 0) ||
	    !destroy(fd, VGPU_OP_BO_DESTROY, w->hole) || !world_kernels(w, fd))
		return false;
	w->mem = map(fd, 2 * PAGE, w->sys.mmap_offset);
	/* in the second lap, and in the third */
	if (!queue_nops(&w->first, ENTRIES + 1) || !queue_nops(&w->second, 2 * ENTRIES + 1))
		return false;
	queue_fill(&w->first, w->large, LARGE, seed);
	queue_fill(&w->first, w->large, PIECE, seed + 1);
	queue_fill(&w->first, w->small, SMALL, seed + 2);
	for (k = 0; k < 2 * COUNT; k++)
		w->mem[k] = seed + k;
	return queue_settle(&w->first);
}

/* Something that waits for what is not there yet, and two who wait for that */
static bool world_wait(struct world *w)
{
	queue_after(&w->second, &w->first, w->first.ring.submitted);
	queue_fill(&w->second, w->small, PAGE, 0x5eed);
	sleeper_start(&w->sleeper, &w->second, w->second.ring.submitted - 1);
	return CHECK_EQ(queue_eventfd(&w->second, w->efd), 0) &&
	       CHECK_EQ(queue_arm(&w->second, w->second.ring.submitted - 1), 0);
}

/* What was there is there */
static void world_check(struct world *w, __u32 seed)
{
	int fd = w->first.fd;

	CHECK(!sleep_is_lost(fd));
	CHECK_EQ(word(fd, w->large, 0), seed + 1);
	CHECK_EQ(word(fd, w->large, PIECE - 4), seed + 1);
	CHECK_EQ(word(fd, w->large, PIECE), seed);
	CHECK_EQ(word(fd, w->large, LARGE - 4), seed);
	CHECK_EQ(word(fd, w->small, SMALL - 4), seed + 2);
	CHECK_EQ(w->mem[0], seed);
	CHECK_EQ(w->mem[2 * COUNT - 1], seed + 2 * COUNT - 1);
}

/* What waited goes on, once what it waits for is over; and nobody is told before */
static void world_go_on(struct world *w)
{
	eventfd_t count = 0;
	__u32 before = w->second.ring.events->completed;

	CHECK_EQ(before, w->second.ring.submitted - 2);
	CHECK(!readable(w->efd));
	CHECK_EQ(queue_wait(w->second.fd, w->second.args.queue, before, 0), -ETIMEDOUT);
	CHECK_EQ(w->sleeper.ret, 1);
	CHECK(queue_nops(&w->first, 1));
	pthread_join(w->sleeper.thread, NULL);
	CHECK_EQ(w->sleeper.ret, 0);
	CHECK(queue_settle(&w->second));
	CHECK(!eventfd_read(w->efd, &count) && count == 1);
	CHECK_EQ(word(w->first.fd, w->small, 0), 0x5eed);
	CHECK_EQ(word(w->first.fd, w->small, PAGE - 4), 0x5eed);
}

/* A launch, by handles from before, in both directions between the memories */
static void world_launch(struct world *w, __u32 seed)
{
	struct vgpu_dev_arg *args = map(w->first.fd, PAGE, w->args.mmap_offset);
	__u32 k;

	args[0] = (struct vgpu_dev_arg){ .type = VGPU_ARG_BO, .handle = w->sys.handle,
					 .value = PAGE };
	args[1] = (struct vgpu_dev_arg){ .type = VGPU_ARG_BO, .handle = w->sys.handle };
	args[2] = (struct vgpu_dev_arg){ .type = VGPU_ARG_BO, .handle = w->large };
	args[3] = (struct vgpu_dev_arg){ .type = VGPU_ARG_VALUE, .value = COUNT };
	munmap(args, PAGE);
	queue_launch(&w->first, w->kernel, w->args.handle, 4);
	CHECK(queue_settle(&w->first));
	for (k = 0; k < COUNT; k += COUNT / 8)
		CHECK_EQ(w->mem[COUNT + k], (seed + k) + (seed + 1));
}

/* Handles: those that are free are given, those that are there can be ended */
static void world_handles(struct world *w)
{
	int fd = w->first.fd;
	__u32 bo, status, kernel;

	if (CHECK_EQ(dev_bo_create(fd, PAGE, &bo), 0))
		CHECK_EQ(bo, w->hole);
	CHECK_EQ(word(fd, bo, 0), 0);
	CHECK(kernel_get(fd, w->module, &kernel));
	destroy(fd, VGPU_OP_MODULE_UNLOAD, w->module);
	destroy(fd, VGPU_OP_BO_DESTROY, w->large);
	destroy(fd, VGPU_OP_BO_DESTROY, w->small);
	CHECK_EQ(bo_destroy(fd, w->args.handle, &status), 0);
	CHECK_EQ(queue_destroy(fd, w->second.args.queue), 0);
}

static void world_close(struct world *w)
{
	munmap(w->mem, 2 * PAGE);
	queue_unmap(&w->second);
	queue_close(&w->first);
	close(w->efd);
}

/**
 * struct doomed - a file whose context can't be made again
 * @q: a queue
 * @efd: its eventfd
 * @bo: memory of this machine's
 * @mem: the same, mapped
 * @sleeper: waits for the first submission
 *
 * It has destroyed @bo by VGPU_IOC_REQUEST, which the driver doesn't take for a
 * VGPU_IOC_BO_DESTROY, and has given the handle to something else.
 */
struct doomed {
	struct queue q;
	int efd;
	struct vgpu_bo_create bo;
	__u32 *mem;
	struct sleeper sleeper;
};

static bool doomed_open(struct doomed *d)
{
	__u32 other;

	d->efd = eventfd(0, EFD_CLOEXEC);
	if (!queue_open(&d->q, ENTRIES) || !CHECK_EQ(queue_eventfd(&d->q, d->efd), 0) ||
	    !CHECK_EQ(bo_create(d->q.fd, PAGE, &d->bo), 0))
		return false;
	d->mem = map(d->q.fd, PAGE, d->bo.mmap_offset);
	d->mem[1] = 0x600dcafe;
	sleeper_start(&d->sleeper, &d->q, 0);
	return destroy(d->q.fd, VGPU_OP_BO_DESTROY, d->bo.handle) &&
	       CHECK_EQ(dev_bo_create(d->q.fd, PAGE, &other), 0) &&
	       CHECK_EQ(other, d->bo.handle);
}

static void doomed_check(struct doomed *d)
{
	struct pollfd poll_fd = { .fd = d->q.fd, .events = POLLPRI };
	eventfd_t count = 0;
	__u32 bo;

	pthread_join(d->sleeper.thread, NULL);
	CHECK_EQ(d->sleeper.ret, -ESTALE);
	CHECK_EQ(poll(&poll_fd, 1, 0), 1);
	CHECK_EQ(poll_fd.revents, POLLPRI);
	CHECK(readable(d->efd) && !eventfd_read(d->efd, &count) && count == 1);
	CHECK_EQ(queue_arm(&d->q, 0), -ESTALE);
	CHECK_EQ(queue_destroy(d->q.fd, d->q.args.queue), -ESTALE);
	CHECK_EQ(dev_bo_create(d->q.fd, PAGE, &bo), -ESTALE);
	CHECK_EQ(d->mem[1], 0x600dcafe);
	munmap(d->mem, PAGE);
	queue_close(&d->q);
	close(d->efd);
}

/* For whoever comes now it is as new, and sleeps as well */
static void newcomer(void)
{
	struct queue q;

	if (!queue_open(&q, ENTRIES))
		return;
	CHECK(queue_nops(&q, 1));
	CHECK(sleep_prepare("1"));
	CHECK_EQ(dev_write_text("/sys/power/state", "freeze"), 0);
	CHECK(!sleep_is_lost(q.fd));
	CHECK(queue_nops(&q, 1));
	queue_close(&q);
}

/* What is over the rate is asked again: 0, or what else the device says */
static int in_time(int ret)
{
	if (ret == VGPU_ERR_RATE_LIMITED)
		dev_sleep_ms(50);
	return ret;
}

/* Device memory, each piece with its number in it */
static bool rated_open(int fd, __u32 *bo, __u32 count)
{
	__u32 i;
	int ret;

	for (i = 0; i < count; i++) {
		if (!CHECK_EQ(dev_bo_create(fd, PAGE, &bo[i]), 0))
			return false;
		do
			ret = in_time(dev_bo_write(fd, bo[i], PAGE - sizeof(i), &i, sizeof(i)));
		while (ret == VGPU_ERR_RATE_LIMITED);
		if (!CHECK_EQ(ret, 0))
			return false;
	}
	return true;
}

static void rated_check(int fd, const __u32 *bo, __u32 count)
{
	__u32 i, value = ~0U;
	int ret;

	for (i = 0; i < count; i++) {
		do
			ret = in_time(dev_bo_read(fd, bo[i], PAGE - sizeof(value), &value,
						  sizeof(value)));
		while (ret == VGPU_ERR_RATE_LIMITED);
		if (!CHECK_EQ(ret, 0) || !CHECK_EQ(value, i))
			break;
	}
}

/**
 * test_sleep_rate() - whoever runs this permits 4 jobs a second, and resets the device while
 *	the machine sleeps, which it does when the device is in D3hot
 *
 * What takes some seconds to save is saved; what takes more than there are keeps the machine
 * awake, and nothing is lost.
 */
void test_sleep_rate(void)
{
	int fd = dev_open(), more = dev_open();
	__u32 bo[RATED_PIECES], extra[RATED_EXTRA];

	if (!sleep_prepare("10") || !rated_open(fd, bo, RATED_PIECES) ||
	    !rated_open(more, extra, RATED_EXTRA) ||
	    !CHECK_EQ(dev_write_text("/sys/power/pm_test", "platform"), 0))
		return;
	CHECK_EQ(dev_write_text("/sys/power/state", "freeze"), -EBUSY);
	CHECK(!sleep_is_lost(fd) && !sleep_is_lost(more));
	rated_check(more, extra, RATED_EXTRA);
	close(more);
	CHECK_EQ(dev_write_text("/sys/power/state", "freeze"), 0);
	CHECK(!sleep_is_lost(fd));
	rated_check(fd, bo, RATED_PIECES);
	close(fd);
}

/**
 * test_sleep_reset() - whoever runs this resets the device while the machine sleeps
 *
 * It sleeps when the device is in D3hot.
 */
void test_sleep_reset(void)
{
	struct world one, two;
	struct doomed doomed;
	int idle = dev_open();
	__u64 used;

	if (!sleep_prepare("10") || !world_open(&one, 0x10000000) || !world_wait(&one) ||
	    !doomed_open(&doomed) || !world_open(&two, 0x20000000) || !world_wait(&two) ||
	    /* config space is saved and restored, as in a true sleep */
	    !CHECK_EQ(dev_write_text("/sys/power/pm_test", "platform"), 0))
		return;
	/* so that there is a context, of which there is nothing else */
	CHECK_EQ(dev_bo_read(idle, 1, 0, &used, 4), VGPU_ERR_BAD_HANDLE);
	used = dev_memory_used();
	CHECK_EQ(dev_write_text("/sys/power/state", "freeze"), 0);

	CHECK_EQ(dev_memory_used(), used - PAGE);
	world_check(&two, 0x20000000);
	world_check(&one, 0x10000000);
	doomed_check(&doomed);
	world_go_on(&one);
	world_launch(&one, 0x10000000);
	CHECK(!sleep_is_lost(idle));
	CHECK_EQ(dev_bo_read(idle, 1, 0, &used, 4), VGPU_ERR_BAD_HANDLE);
	/* one of the two waits through another sleep */
	newcomer();
	world_go_on(&two);
	world_launch(&two, 0x20000000);
	world_handles(&one);
	world_handles(&two);
	world_close(&one);
	world_close(&two);
	close(idle);
	CHECK_EQ(dev_memory_used(), 0);
}
