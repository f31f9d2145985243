// SPDX-License-Identifier: GPL-2.0
/*
 * The machine sleeps and wakes up: jobs under way end before, and whoever waits goes on
 * as if nothing had been.  What if the device is reset meanwhile is in test_restore.c.
 *
 * Most of it is made by the kernel's own means to test drivers: all of them go to sleep,
 * and after a second they are woken (Documentation/power/basic-pm-debugging.rst).
 */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <pthread.h>
#include <stdio.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/mman.h>
#include <unistd.h>

#include "dev.h"
#include "queue.h"
#include "sleep.h"
#include "tap.h"
#include "tests.h"

#define WAIT_MS		600000
#define FILL_BYTES	(16 * PAGE)
#define SLOW_JOBS	40
/* Of device memory */
#define SAVED_BYTES	(48U << 20)

/**
 * struct busy - a thread with a file of its own, to which a sleep makes no difference
 * @thread: the thread
 * @rounds: what it has done
 * @stop: it should end
 */
struct busy {
	pthread_t thread;
	unsigned int rounds;
	bool stop;
};

static bool goes_on(struct busy *b)
{
	__atomic_add_fetch(&b->rounds, 1, __ATOMIC_RELAXED);
	return !__atomic_load_n(&b->stop, __ATOMIC_RELAXED);
}

/* Jobs by a queue, one after the other, each waited for and looked at */
static void *busy_queue(void *arg)
{
	struct vgpu_bo_create bo;
	struct vgpu_dev_cqe cqe = { };
	struct queue q;
	__u32 i = 0, *p;

	if (!queue_open(&q, 8) || !CHECK_EQ(bo_create(q.fd, FILL_BYTES, &bo), 0))
		return NULL;
	p = map(q.fd, FILL_BYTES, bo.mmap_offset);
	do {
		queue_fill(&q, bo.handle, FILL_BYTES, ++i);
		if (!CHECK_EQ(queue_wait(q.fd, q.args.queue, i - 1, WAIT_MS), 0) ||
		    !CHECK(vgpu_ring_reap(&q.ring, &cqe)) ||
		    !CHECK_EQ(cqe.control & VGPU_CQE_STATUS_MASK, VGPU_ERR_NONE) ||
		    !CHECK(p[0] == i && p[FILL_BYTES / 4 - 1] == i))
			break;
	} while (goes_on(arg));
	munmap(p, FILL_BYTES);
	queue_close(&q);
	return NULL;
}

/* The same by an eventfd, several jobs at a time */
static void *busy_eventfd(void *arg)
{
	int efd = eventfd(0, EFD_CLOEXEC);
	struct pollfd poll_fd = { .fd = efd, .events = POLLIN };
	struct vgpu_dev_cqe cqe = { };
	eventfd_t count;
	struct queue q;
	int ret;

	if (!queue_open(&q, 8) || !CHECK_EQ(queue_eventfd(&q, efd), 0))
		return NULL;
	do {
		while (vgpu_ring_room(&q.ring))
			queue_nop(&q);
		ret = queue_arm(&q, q.ring.submitted - 1);
		/* a sleep is a signal to poll(2), not to its caller */
		if (!ret && (!CHECK_EQ(poll(&poll_fd, 1, WAIT_MS), 1) ||
			     !CHECK_EQ(eventfd_read(efd, &count), 0)))
			break;
		while (vgpu_ring_reap(&q.ring, &cqe))
			;
		if (!CHECK(ret >= 0) || !CHECK_EQ(q.ring.reaped, q.ring.submitted))
			break;
	} while (goes_on(arg));
	queue_close(&q);
	close(efd);
	return NULL;
}

/* Requests by the mailbox, to device memory, which stays */
static void *busy_mailbox(void *arg)
{
	__u32 bo, i = 0, in;
	int fd = dev_open();

	if (!CHECK_EQ(dev_bo_create(fd, 4096, &bo), 0))
		return NULL;
	do {
		in = i;
		if ((i && !CHECK_EQ(dev_bo_read(fd, bo, 0, &in, sizeof(in)), 0)) ||
		    !CHECK_EQ(in, i))
			break;
		i++;
		if (!CHECK_EQ(dev_bo_write(fd, bo, 0, &i, sizeof(i)), 0))
			break;
	} while (goes_on(arg));
	close(fd);
	return NULL;
}

struct sleeper {
	pthread_t thread;
	struct queue *q;
	int ret;
};

static void *sleep_long(void *arg)
{
	struct sleeper *s = arg;

	s->ret = queue_wait(s->q->fd, s->q->args.queue, 0, WAIT_MS);
	return NULL;
}

/* Is @word one of what the kernel offers in @path? */
static bool offers(const char *path, const char *word)
{
	char text[256] = { };
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	ssize_t got = fd < 0 ? -1 : read(fd, text, sizeof(text) - 1);

	if (fd >= 0)
		close(fd);
	return got > 0 && strstr(text, word);
}

/**
 * sleep_prepare() - prepare for sleeps of so many seconds, of devices only
 *
 * Return: whether there can be any; if not, the test is skipped.
 */
bool sleep_prepare(const char *seconds)
{
	if (dev_write_text("/sys/power/pm_test", "devices") ||
	    dev_write_text("/sys/module/suspend/parameters/pm_test_delay", seconds)) {
		tap_skip("the kernel has no CONFIG_PM_DEBUG");
		return false;
	}
	return true;
}

/**
 * sleep_is_lost() - has the device lost the context of an open file?
 */
bool sleep_is_lost(int fd)
{
	struct pollfd poll_fd = { .fd = fd, .events = POLLPRI };

	return poll(&poll_fd, 1, 0) == 1;
}

/**
 * test_sleep() - sleep and wake up under load: nobody notices
 */
void test_sleep(void)
{
	static void *(* const fns[])(void *) = { busy_queue, busy_eventfd, busy_mailbox };
	static const char * const states[] = { "freeze", "mem" };
	static const char * const levels[] = { "devices", "platform" };
	struct busy busy[ARRAY_SIZE(fns)] = { };
	unsigned int i, k, before, slept = 0;
	struct sleeper sleeper;
	struct queue q;

	if (!sleep_prepare("1") || !queue_open(&q, 4))
		return;
	sleeper = (struct sleeper){ .q = &q };
	pthread_create(&sleeper.thread, NULL, sleep_long, &sleeper);
	for (i = 0; i < ARRAY_SIZE(fns); i++)
		pthread_create(&busy[i].thread, NULL, fns[i], &busy[i]);
	for (k = 0; k < 2 * ARRAY_SIZE(levels); k++) {
		if (!offers("/sys/power/state", states[k / 2]))
			continue;
		CHECK_EQ(dev_write_text("/sys/power/pm_test", levels[k % 2]), 0);
		CHECK_EQ(dev_write_text("/sys/power/state", states[k / 2]), 0);
		slept++;
		/* all of them do more */
		for (i = 0; i < ARRAY_SIZE(fns); i++) {
			before = __atomic_load_n(&busy[i].rounds, __ATOMIC_RELAXED);
			while (__atomic_load_n(&busy[i].rounds, __ATOMIC_RELAXED) < before + 3)
				dev_sleep_ms(10);
		}
	}
	CHECK(slept >= 2);
	for (i = 0; i < ARRAY_SIZE(fns); i++) {
		__atomic_store_n(&busy[i].stop, true, __ATOMIC_RELAXED);
		pthread_join(busy[i].thread, NULL);
	}
	/* who waited for a job that was not there yet waits still */
	queue_nop(&q);
	pthread_join(sleeper.thread, NULL);
	CHECK_EQ(sleeper.ret, 0);
	CHECK(!sleep_is_lost(q.fd));
	queue_close(&q);
}

/**
 * test_sleep_drain() - what is in the rings ends first, also what nobody rang for
 */
void test_sleep_drain(void)
{
	struct vgpu_dev_sqe *sqe;
	struct vgpu_dev_cqe cqe = { };
	struct queue q;
	__u32 i;

	if (!sleep_prepare("1") || !queue_open(&q, 8))
		return;
	for (i = 0; i < 5; i++) {
		sqe = vgpu_ring_sqe(&q.ring);
		sqe->user_data = i;
		vgpu_ring_submit(&q.ring, VGPU_SQE_NOP);
	}
	dev_sleep_ms(100);
	CHECK_EQ(q.ring.events->completed, 0);
	CHECK_EQ(dev_write_text("/sys/power/state", "freeze"), 0);
	CHECK_EQ(q.ring.events->completed, 5);
	for (i = 0; i < 5; i++)
		CHECK(vgpu_ring_reap(&q.ring, &cqe) && cqe.user_data == i);
	queue_close(&q);
}

/**
 * test_sleep_blocked() - a queue that waits for a job which is yet to be submitted
 */
void test_sleep_blocked(void)
{
	struct queue q, other;

	if (!sleep_prepare("1") || !queue_open(&q, 8) || !queue_open_in(&other, q.fd, 8))
		return;
	/* of the one before it ends, too, what comes after the first of the other */
	queue_after(&q, &other, 0);
	queue_nop(&q);
	queue_after(&q, &other, 1);
	queue_nop(&q);
	vgpu_ring_sqe(&other.ring)->user_data = 0;
	vgpu_ring_submit(&other.ring, VGPU_SQE_NOP);
	CHECK_EQ(dev_write_text("/sys/power/state", "freeze"), 0);
	CHECK_EQ(other.ring.events->completed, 1);
	CHECK_EQ(q.ring.events->completed, 2);
	/* and it goes on afterwards */
	queue_nop(&other);
	CHECK_EQ(queue_wait(q.fd, q.args.queue, 3, WAIT_MS), 0);
	queue_unmap(&other);
	queue_close(&q);
}

/* Jobs of @ms each */
static void submit_slow(struct queue *q, const struct slow *slow, unsigned int ms)
{
	const __u32 params[] = { VGPU_MODULE_BUILTIN };
	static const char name[] = "matmul_f32";
	__u32 module, kernel, i;
	struct vgpu_request request = {
		.opcode = VGPU_OP_KERNEL_GET,
		.params = (uintptr_t)&module,
		.param_count = 1,
		.data = (uintptr_t)name,
		.data_length = sizeof(name) - 1,
		.results = (uintptr_t)&kernel,
		.result_count = 1,
	};
	struct vgpu_bo_create bo;
	void *args;

	if (!CHECK_EQ(dev_call(q->fd, VGPU_OP_MODULE_LOAD, params, 1, &module), 0) ||
	    !CHECK_EQ(dev_request(q->fd, &request), 0) ||
	    !CHECK_EQ(bo_create(q->fd, PAGE, &bo), 0))
		return;
	args = map(q->fd, PAGE, bo.mmap_offset);
	slow_args(slow, ms, args);
	munmap(args, PAGE);
	for (i = 0; i < SLOW_JOBS; i++)
		queue_launch(q, kernel, bo.handle, SLOW_ARGS);
}

/**
 * test_sleep_refused() - jobs that take too long: no sleep, and no harm
 */
void test_sleep_refused(void)
{
	struct vgpu_dev_cqe cqe = { };
	struct slow slow;
	struct queue q;
	__u32 i;

	if (!sleep_prepare("1") || !CHECK_EQ(slow_init(&slow), 0) ||
	    !queue_open_in(&q, slow.fd, 64))
		return;
	submit_slow(&q, &slow, 500);
	CHECK_EQ(dev_write_text("/sys/power/state", "freeze"), -ETIMEDOUT);
	CHECK(!sleep_is_lost(slow.fd));
	CHECK_EQ(queue_wait(q.fd, q.args.queue, SLOW_JOBS - 1, 0), -ETIMEDOUT);
	CHECK_EQ(queue_wait(q.fd, q.args.queue, SLOW_JOBS - 1, WAIT_MS), 0);
	for (i = 0; i < SLOW_JOBS; i++) {
		CHECK(vgpu_ring_reap(&q.ring, &cqe));
		CHECK_EQ(cqe.control & VGPU_CQE_STATUS_MASK, VGPU_ERR_NONE);
	}
	CHECK_EQ(dev_write_text("/sys/power/state", "freeze"), 0);
	queue_close(&q);
}

static int request_ret;

static void *slow_request(void *slow)
{
	request_ret = slow_run(slow, 3000, WAIT_MS);
	return NULL;
}

/**
 * test_sleep_request() - a request by the mailbox is waited for, and is answered
 */
void test_sleep_request(void)
{
	struct slow slow;
	pthread_t thread;

	if (!sleep_prepare("1") || !CHECK_EQ(slow_init(&slow), 0))
		return;
	pthread_create(&thread, NULL, slow_request, &slow);
	dev_sleep_ms(500);
	CHECK_EQ(dev_write_text("/sys/power/state", "freeze"), 0);
	pthread_join(thread, NULL);
	CHECK_EQ(request_ret, 0);
	slow_fini(&slow);
}

/**
 * test_sleep_stale() - a handle that is made and ended in turns, by ioctls and by requests
 *
 * Nothing of it is left, so nothing is to be saved.
 */
void test_sleep_stale(void)
{
	struct vgpu_bo_create bo;
	int fd = dev_open();
	__u32 again, status;

	if (!sleep_prepare("1") || !CHECK_EQ(bo_create(fd, PAGE, &bo), 0) ||
	    !CHECK_EQ(dev_call(fd, VGPU_OP_BO_DESTROY, &bo.handle, 1, NULL), 0) ||
	    !CHECK_EQ(dev_bo_create(fd, PAGE, &again), 0) || !CHECK_EQ(again, bo.handle) ||
	    !CHECK_EQ(bo_destroy(fd, bo.handle, &status), 0))
		return;
	CHECK_EQ(dev_bo_read(fd, bo.handle, 0, &status, 4), VGPU_ERR_BAD_HANDLE);
	CHECK_EQ(dev_write_text("/sys/power/state", "freeze"), 0);
	CHECK(!sleep_is_lost(fd));
	close(fd);
}

/**
 * test_sleep_memory() - no memory for what is on the device: no sleep, and no harm
 */
void test_sleep_memory(void)
{
	__u32 bo, word = 0x600dcafe;
	int fd = dev_open();
	size_t size;
	void *hog;

	if (!sleep_prepare("1") || !CHECK_EQ(dev_bo_create(fd, SAVED_BYTES, &bo), 0) ||
	    !CHECK_EQ(dev_bo_write(fd, bo, SAVED_BYTES - 4, &word, sizeof(word)), 0))
		return;
	size = dev_memory_available() - SAVED_BYTES / 2;
	hog = mmap(NULL, size, PROT_READ | PROT_WRITE,
		   MAP_PRIVATE | MAP_ANONYMOUS | MAP_POPULATE, -1, 0);
	if (!CHECK(hog != MAP_FAILED))
		return;
	CHECK_EQ(dev_write_text("/sys/power/state", "freeze"), -ENOMEM);
	CHECK(!sleep_is_lost(fd));
	munmap(hog, size);
	CHECK_EQ(dev_write_text("/sys/power/state", "freeze"), 0);
	word = 0;
	CHECK_EQ(dev_bo_read(fd, bo, SAVED_BYTES - 4, &word, sizeof(word)), 0);
	CHECK_EQ(word, 0x600dcafe);
	close(fd);
}
