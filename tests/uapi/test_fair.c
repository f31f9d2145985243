// SPDX-License-Identifier: GPL-2.0
/*
 * Many threads: each gets its own answer, and files take turns however many
 * threads they have.
 */
#include <pthread.h>
#include <stdbool.h>
#include <unistd.h>

#include "dev.h"
#include "tap.h"
#include "tests.h"

#define THREADS		64
#define SHARE		100	/* jobs of each thread that are compared */

/* Jobs of one file, and how long each takes */
#define CROWD		20
#define CROWD_MS	60

struct worker {
	pthread_t thread;
	int fd;
	__u32 seed;
	unsigned int jobs;
	unsigned int wrong;
};

static bool stop;

static void *work(void *arg)
{
	struct worker *worker = arg;
	__u32 operands[2], sum;

	while (!__atomic_load_n(&stop, __ATOMIC_RELAXED)) {
		operands[0] = worker->seed * 0x01000193;
		operands[1] = worker->jobs;
		if (dev_call(worker->fd, VGPU_OP_COMPUTE, operands, 2, &sum) ||
		    sum != operands[0] + operands[1])
			worker->wrong++;
		__atomic_store_n(&worker->jobs, worker->jobs + 1, __ATOMIC_RELAXED);
	}
	return NULL;
}

static void begin_work(struct worker *workers, unsigned int count)
{
	unsigned int i;

	stop = false;
	for (i = 0; i < count; i++) {
		workers[i].seed = i + 1;
		pthread_create(&workers[i].thread, NULL, work, &workers[i]);
	}
}

static void end_work(struct worker *workers, unsigned int count)
{
	unsigned int i;

	__atomic_store_n(&stop, true, __ATOMIC_RELAXED);
	for (i = 0; i < count; i++) {
		pthread_join(workers[i].thread, NULL);
		CHECK_EQ(workers[i].wrong, 0);
	}
}

static unsigned int worker_jobs(const struct worker *worker)
{
	return __atomic_load_n(&worker->jobs, __ATOMIC_RELAXED);
}

/*
 * From when all have begun until they have done SHARE jobs each on average, none
 * was left out.  How many each has done says more of the guest's CPU scheduler, which
 * decides who asks again first, than of whose turn it is on the device:
 * test_fair_files() is about that.
 */
static void check_all_go_on(const struct worker *workers, unsigned int count)
{
	unsigned int i, begun, sum, least = ~0U, before[THREADS];

	do {
		dev_sleep_ms(10);
		for (i = 0, begun = 0; i < count; i++) {
			before[i] = worker_jobs(&workers[i]);
			begun += before[i] > 0;
		}
	} while (begun < count);
	do {
		dev_sleep_ms(10);
		for (i = 0, sum = 0; i < count; i++)
			sum += worker_jobs(&workers[i]) - before[i];
	} while (sum < count * SHARE);
	for (i = 0; i < count; i++) {
		unsigned int jobs = worker_jobs(&workers[i]) - before[i];

		if (jobs < least)
			least = jobs;
	}
	CHECK(least > 0);
}

/**
 * test_threads_one_file() - 64 threads on one open file
 */
void test_threads_one_file(void)
{
	static struct worker workers[THREADS];
	int fd = dev_open();
	unsigned int i;

	for (i = 0; i < THREADS; i++)
		workers[i] = (struct worker) { .fd = fd };
	begin_work(workers, THREADS);
	check_all_go_on(workers, THREADS);
	end_work(workers, THREADS);
	close(fd);
}

/**
 * test_threads_many_files() - 64 threads, each with a file of its own
 */
void test_threads_many_files(void)
{
	static struct worker workers[THREADS];
	unsigned int i;

	for (i = 0; i < THREADS; i++)
		workers[i] = (struct worker) { .fd = dev_open() };
	begin_work(workers, THREADS);
	check_all_go_on(workers, THREADS);
	end_work(workers, THREADS);
	for (i = 0; i < THREADS; i++)
		close(workers[i].fd);
}

struct crowd {
	pthread_t thread;
	const struct slow *slow;
	int ret;
};

static void *run_crowd(void *arg)
{
	struct crowd *crowd = arg;

	crowd->ret = slow_run(crowd->slow, CROWD_MS, 60000);
	return NULL;
}

/**
 * test_fair_files() - one request doesn't wait for all that another file has
 */
void test_fair_files(void)
{
	static struct crowd crowd[CROWD];
	double begin, waited, took;
	struct slow slow;
	int fd = dev_open();
	unsigned int i;

	if (!CHECK_EQ(slow_init(&slow), 0))
		goto out_close;
	begin = dev_now();
	for (i = 0; i < CROWD; i++) {
		crowd[i] = (struct crowd) { .slow = &slow };
		pthread_create(&crowd[i].thread, NULL, run_crowd, &crowd[i]);
	}
	dev_sleep_ms(CROWD_MS / 2);
	waited = dev_now();
	CHECK_EQ(dev_nop(fd, 60000), 0);
	waited = dev_now() - waited;
	for (i = 0; i < CROWD; i++) {
		pthread_join(crowd[i].thread, NULL);
		CHECK_EQ(crowd[i].ret, 0);
	}
	took = dev_now() - begin;
	/* Its turn is the next; leave room for what an emulated machine does */
	CHECK(waited < took / 3);

out_close:
	slow_fini(&slow);
	close(fd);
}
