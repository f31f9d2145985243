// SPDX-License-Identifier: GPL-2.0
/*
 * Callers that don't wait until the end: timeouts, signals, close, death.  The
 * device goes on with what it has, and the next one gets its own answer.
 */
#include <errno.h>
#include <pthread.h>
#include <signal.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/time.h>
#include <sys/wait.h>
#include <unistd.h>

#include "dev.h"
#include "queue.h"
#include "tap.h"
#include "tests.h"

#define SLOW_MS		2000
/* Before that is over: on an emulated machine with others nothing is prompt */
#define PROMPT_S	1.8

struct waiter {
	pthread_t thread;
	const struct slow *slow;
	int fd;
	unsigned int ms;
	pthread_barrier_t *barrier;
	int ret;
};

static void *wait_slow(void *arg)
{
	struct waiter *waiter = arg;

	waiter->ret = slow_run(waiter->slow, waiter->ms, 60000);
	return NULL;
}

static void *wait_nop(void *arg)
{
	struct waiter *waiter = arg;

	pthread_barrier_wait(waiter->barrier);
	waiter->ret = dev_nop(waiter->fd, 60000);
	return NULL;
}

/* Starts a slow request; it is on the device when this returns */
static void begin_slow(struct waiter *waiter, const struct slow *slow,
		       unsigned int ms)
{
	*waiter = (struct waiter) { .slow = slow, .ms = ms };
	pthread_create(&waiter->thread, NULL, wait_slow, waiter);
	dev_sleep_ms(50);
}

static void check_works(void)
{
	const __u32 operands[] = { 0xfffffff0, 0x20 };
	int fd = dev_open();
	__u32 sum = 0;

	CHECK_EQ(dev_call(fd, VGPU_OP_COMPUTE, operands, 2, &sum), 0);
	CHECK_EQ(sum, 0x10);
	close(fd);
}

/**
 * test_timeout_queued() - a request whose turn doesn't come
 */
void test_timeout_queued(void)
{
	struct waiter waiter;
	struct slow slow;
	double begin;
	int fd = dev_open();
	unsigned int i;

	if (CHECK_EQ(slow_init(&slow), 0)) {
		begin_slow(&waiter, &slow, SLOW_MS);
		begin = dev_now();
		for (i = 0; i < 10; i++)
			CHECK_EQ(dev_nop(fd, 10), -ETIMEDOUT);
		CHECK(dev_now() - begin < 0.1 + PROMPT_S);
		pthread_join(waiter.thread, NULL);
		CHECK_EQ(waiter.ret, 0);
	}
	CHECK_EQ(dev_nop(fd, 0), 0);
	slow_fini(&slow);
	close(fd);
}

/**
 * test_timeout_on_device() - a request that the device has
 */
void test_timeout_on_device(void)
{
	struct slow slow;
	double begin;
	unsigned int i;

	if (CHECK_EQ(slow_init(&slow), 0)) {
		for (i = 0; i < 3; i++) {
			begin = dev_now();
			CHECK_EQ(slow_run(&slow, SLOW_MS, 50), -ETIMEDOUT);
			CHECK(dev_now() - begin < 0.05 + PROMPT_S);
			/* Gets its own answer, not that of the other */
			check_works();
		}
	}
	slow_fini(&slow);
}

static void on_alarm(int number)
{
	(void)number;
}

static void signal_test(int flags)
{
	const struct itimerval soon = { .it_value.tv_usec = 100000 };
	struct sigaction action = {
		.sa_handler = on_alarm,
		.sa_flags = flags,
	};
	struct waiter waiter;
	sigset_t all, old;
	struct slow slow;
	double begin;
	int fd = dev_open();

	sigfillset(&all);
	sigaction(SIGALRM, &action, NULL);
	if (CHECK_EQ(slow_init(&slow), 0)) {
		begin = dev_now();
		setitimer(ITIMER_REAL, &soon, NULL);
		CHECK_EQ(slow_run(&slow, SLOW_MS, 0), -EINTR);
		CHECK(dev_now() - begin < 0.1 + PROMPT_S);
		check_works();

		/* And one that waits in the queue; the thread has no signals */
		pthread_sigmask(SIG_BLOCK, &all, &old);
		begin_slow(&waiter, &slow, SLOW_MS);
		pthread_sigmask(SIG_SETMASK, &old, NULL);
		setitimer(ITIMER_REAL, &soon, NULL);
		CHECK_EQ(dev_nop(fd, 0), -EINTR);
		pthread_join(waiter.thread, NULL);
		CHECK_EQ(waiter.ret, 0);
	}
	slow_fini(&slow);
	close(fd);
}

/**
 * test_signal() - a signal ends the wait
 */
void test_signal(void)
{
	signal_test(0);
}

/**
 * test_signal_restart() - and never begins a request twice
 */
void test_signal_restart(void)
{
	signal_test(SA_RESTART);
}

/* Several times less than all of them together: the kernel keeps some of what it gets in stock */
#define TAKEN_BACK	(4U << 20)
#define TAKEN_TIMES	6

/**
 * test_signal_create() - a buffer object that the device was not asked for leaves nothing
 */
void test_signal_create(void)
{
	/* time and again: what comes before the call, or while it makes the memory, ends nothing */
	const struct itimerval often = { { .tv_usec = 100000 }, { .tv_usec = 100000 } };
	const struct itimerval off = { };
	struct sigaction action = { .sa_handler = on_alarm };
	struct vgpu_bo_create bo;
	struct waiter waiter;
	sigset_t all, old;
	struct slow slow;
	int fd = dev_open();
	int busy, i;
	size_t before;

	sigfillset(&all);
	sigaction(SIGALRM, &action, NULL);
	/* so that there is a context */
	CHECK_EQ(bo_create(fd, PAGE, &bo), 0);
	if (CHECK_EQ(slow_init(&slow), 0)) {
		before = dev_memory_available();
		pthread_sigmask(SIG_BLOCK, &all, &old);
		/* longer than it takes to make the memory, also where that is checked */
		begin_slow(&waiter, &slow, 4 * SLOW_MS);
		pthread_sigmask(SIG_SETMASK, &old, NULL);
		do
			busy = dev_nop(fd, 200);
		while (!busy);
		CHECK_EQ(busy, -ETIMEDOUT);
		setitimer(ITIMER_REAL, &often, NULL);
		for (i = 0; i < TAKEN_TIMES; i++)
			CHECK_EQ(bo_create(fd, TAKEN_BACK, &bo), -EINTR);
		setitimer(ITIMER_REAL, &off, NULL);
		CHECK(dev_memory_available() + TAKEN_TIMES * TAKEN_BACK / 2 > before);
		pthread_join(waiter.thread, NULL);
		CHECK_EQ(waiter.ret, 0);
	}
	slow_fini(&slow);
	close(fd);
}

#define ENDED_TIMES	200

/* Ends something while signals come all the time: at last it has, and there is no other error */
static bool end_anyway(int fd, unsigned long cmd, void *args)
{
	int err;

	do
		err = dev_ioctl(fd, cmd, args);
	while (err == -EINTR);
	return CHECK_EQ(err, 0);
}

/**
 * test_signal_destroy() - queues and objects end, and are known to, whatever comes between
 */
void test_signal_destroy(void)
{
	const struct itimerval often = { { .tv_usec = 1500 }, { .tv_usec = 1500 } }, off = { };
	struct vgpu_queue_destroy end_queue = { .size = sizeof(end_queue) };
	struct vgpu_bo_destroy end_bo = { .size = sizeof(end_bo) };
	struct sigaction action = { .sa_handler = on_alarm };
	struct vgpu_queue_create queue;
	struct vgpu_bo_create bo;
	int fd = dev_open(), i;
	bool ok = true;

	sigaction(SIGALRM, &action, NULL);
	for (i = 0; ok && i < ENDED_TIMES; i++) {
		ok = CHECK_EQ(bo_create(fd, PAGE, &bo), 0) &&
		     CHECK_EQ(queue_create(fd, 4, &queue), 0);
		end_bo.handle = bo.handle;
		end_queue.queue = queue.queue;
		setitimer(ITIMER_REAL, &often, NULL);
		ok = ok && end_anyway(fd, VGPU_IOC_QUEUE_DESTROY, &end_queue) &&
		     end_anyway(fd, VGPU_IOC_BO_DESTROY, &end_bo);
		setitimer(ITIMER_REAL, &off, NULL);
	}
	CHECK_EQ(dev_ioctl(fd, VGPU_IOC_QUEUE_DESTROY, &end_queue), -ENOENT);
	CHECK_EQ(dev_ioctl(fd, VGPU_IOC_BO_DESTROY, &end_bo), -ENOENT);
	close(fd);
}

/**
 * test_close_during_request() - the file is closed by another thread
 */
void test_close_during_request(void)
{
	__u64 before = dev_memory_used();
	struct waiter waiter;
	struct slow slow;
	double begin;

	if (CHECK_EQ(slow_init(&slow), 0)) {
		begin_slow(&waiter, &slow, SLOW_MS);
		begin = dev_now();
		close(slow.fd);
		CHECK(dev_now() - begin < PROMPT_S);
		pthread_join(waiter.thread, NULL);
		CHECK_EQ(waiter.ret, 0);
	}
	check_works();
	dev_sleep_ms(100);
	CHECK_EQ(dev_memory_used(), before);
}

/**
 * test_kill_during_request() - a process is killed
 */
void test_kill_during_request(void)
{
	__u64 before = dev_memory_used();
	struct slow slow;
	double begin;
	pid_t child;
	int status;

	if (CHECK_EQ(slow_init(&slow), 0)) {
		child = fork();
		if (!child)
			_exit(slow_run(&slow, SLOW_MS, 0) ? 1 : 0);
		/* From here on only the child has it open */
		slow_fini(&slow);
		dev_sleep_ms(100);
		begin = dev_now();
		kill(child, SIGKILL);
		waitpid(child, &status, 0);
		CHECK(dev_now() - begin < PROMPT_S);
		CHECK(WIFSIGNALED(status));
	} else {
		slow_fini(&slow);
	}
	check_works();
	dev_sleep_ms(100);
	CHECK_EQ(dev_memory_used(), before);
}

/**
 * test_queue_limit() - a file may have 64 requests, and no more
 */
void test_queue_limit(void)
{
	struct waiter slow_waiter, waiters[70] = { };
	unsigned int i, refused = 0;
	pthread_barrier_t barrier;
	struct slow slow;

	if (CHECK_EQ(slow_init(&slow), 0)) {
		pthread_barrier_init(&barrier, NULL, ARRAY_SIZE(waiters) + 1);
		for (i = 0; i < ARRAY_SIZE(waiters); i++) {
			waiters[i].fd = slow.fd;
			waiters[i].barrier = &barrier;
			pthread_create(&waiters[i].thread, NULL, wait_nop,
				       &waiters[i]);
		}
		begin_slow(&slow_waiter, &slow, SLOW_MS);
		pthread_barrier_wait(&barrier);
		for (i = 0; i < ARRAY_SIZE(waiters); i++) {
			pthread_join(waiters[i].thread, NULL);
			if (waiters[i].ret == -EAGAIN)
				refused++;
			else
				CHECK_EQ(waiters[i].ret, 0);
		}
		/* The slow one counts, too */
		CHECK_EQ(refused, ARRAY_SIZE(waiters) + 1 - 64);
		pthread_join(slow_waiter.thread, NULL);
		CHECK_EQ(slow_waiter.ret, 0);
		pthread_barrier_destroy(&barrier);
		CHECK_EQ(dev_nop(slow.fd, 0), 0);
	}
	slow_fini(&slow);
}

/**
 * test_abandoned_contexts() - who gives up while a context is made, leaks none
 */
void test_abandoned_contexts(void)
{
	__u64 before = dev_memory_used();
	unsigned int i, round;
	struct slow slow;
	__u32 params[] = { 4096, 0 };
	__u32 bo;
	struct vgpu_request create = {
		.opcode = VGPU_OP_BO_CREATE,
		.params = (uintptr_t)params,
		.param_count = 2,
		.results = (uintptr_t)&bo,
		.result_count = 1,
	};
	int fd, ret;

	if (!CHECK_EQ(slow_init(&slow), 0))
		goto out_fini;
	for (round = 0; round < 3; round++) {
		CHECK_EQ(slow_run(&slow, SLOW_MS, 20), -ETIMEDOUT);
		for (i = 0; i < 150; i++) {
			fd = dev_open();
			create.timeout_ms = 1;
			create.result_count = 1;
			ret = dev_request(fd, &create);
			CHECK(ret == -ETIMEDOUT || ret == 0);
			close(fd);
		}
	}
	/* The device has room for more of them than were tried in a round */
	check_works();
	fd = dev_open();
	CHECK_EQ(dev_bo_create(fd, 4096, &bo), 0);
	close(fd);

out_fini:
	slow_fini(&slow);
	dev_sleep_ms(200);
	CHECK_EQ(dev_memory_used(), before);
}
