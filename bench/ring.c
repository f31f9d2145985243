// SPDX-License-Identifier: GPL-2.0
/*
 * ring DEPTH [JOBS]: time of one job through a queue's rings, natively: two threads,
 * each on a processor of its own, that never sleep.  One submits null jobs and keeps
 * DEPTH of them on the way, the other completes each as soon as it sees it.
 *
 * All of the protocol is there: entries filled in, copied out, event indices read
 * before each doorbell and each interrupt that then isn't needed.
 *
 * At depth 0 it is no ring: a line of cache with a counter goes from each to the other, in
 * turn, as at depth 1 an entry and a completion do.  No protocol in two places of memory is
 * faster on that machine.
 *
 * Prints nanoseconds per job.
 */
#define _GNU_SOURCE
#include <pthread.h>
#include <sched.h>
#include <stdalign.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>
#include <vgpu/ring.h>

#define ENTRIES	256

static alignas(4096) struct vgpu_dev_sqe sq[ENTRIES];
static alignas(4096) struct vgpu_dev_cqe cq[ENTRIES];
static alignas(4096) struct vgpu_dev_queue_events events;

static __u64 jobs = 10000000;
static __u32 depth;
/* so that neither is optimised away; both must be 0 */
static __u64 kicks, irqs;

static void pin(int cpu)
{
	cpu_set_t set;

	CPU_ZERO(&set);
	CPU_SET(cpu, &set);
	if (sched_setaffinity(0, sizeof(set), &set)) {
		perror("ring: needs two processors");
		exit(1);
	}
}

static void *run_device(void *arg)
{
	struct vgpu_ring_device ring = { sq, cq, &events, ENTRIES - 1, 0, 0, 0, VGPU_RING_FAR };
	struct vgpu_dev_sqe sqe;
	__u64 done = 0;
	__u32 n;

	pin(1);
	while (done < jobs) {
		for (n = 0; vgpu_ring_fetch(&ring, &sqe); n++)
			vgpu_ring_complete(&ring, sqe.user_data,
					   le32toh(sqe.control) & VGPU_SQE_OPCODE_MASK, 0);
		if (n) {
			irqs += vgpu_ring_publish(&ring);
			vgpu_ring_disarm_kick(&ring);
		} else {
			__asm__ __volatile__("" ::: "memory");
		}
		done += n;
	}
	return arg;
}

/* bare lines: what counts the jobs here, and what counts those done */
static __u64 *const asked = (__u64 *)sq, *const answered = (__u64 *)cq;

static void await(const __u64 *counter, __u64 value)
{
	while (__atomic_load_n(counter, __ATOMIC_ACQUIRE) != value)
		;
}

static void *answer_bare(void *arg)
{
	__u64 i;

	pin(1);
	for (i = 1; i <= jobs; i++) {
		await(asked, i);
		__atomic_store_n(answered, i, __ATOMIC_RELEASE);
	}
	return arg;
}

static void ask_bare(void)
{
	__u64 i;

	for (i = 1; i <= jobs; i++) {
		__atomic_store_n(asked, i, __ATOMIC_RELEASE);
		await(answered, i);
	}
}

static void run_guest(void)
{
	struct vgpu_ring_guest ring = { sq, cq, &events, ENTRIES - 1, 0, 0, 0, VGPU_RING_FAR };
	__u64 submitted = 0, done = 0;
	struct vgpu_dev_cqe cqe;
	__u32 i;

	while (done < jobs) {
		bool any = false;

		while (submitted < jobs && submitted - done < depth) {
			struct vgpu_dev_sqe *sqe = vgpu_ring_sqe(&ring);

			sqe->user_data = htole64(submitted++);
			for (i = 0; i < 6; i++)
				sqe->words[i] = 0;
			vgpu_ring_submit(&ring, VGPU_SQE_NOP);
			any = true;
		}
		if (any)
			kicks += vgpu_ring_need_kick(&ring);
		for (any = false; vgpu_ring_reap(&ring, &cqe); any = true) {
			if (le64toh(cqe.user_data) != done++)
				abort();
		}
		if (any)
			vgpu_ring_disarm_irq(&ring);
		else
			__asm__ __volatile__("" ::: "memory");
	}
}

int main(int argc, char **argv)
{
	struct timespec begin, end;
	pthread_t thread;

	depth = argc > 1 ? atoi(argv[1]) : ENTRIES + 1;
	if (argc > 2)
		jobs = strtoull(argv[2], NULL, 0);
	if (depth > ENTRIES) {
		fprintf(stderr, "usage: ring DEPTH [JOBS], DEPTH at most %d\n", ENTRIES);
		return 2;
	}
	events.sq_event = htole32(VGPU_RING_FAR);
	events.cq_event = htole32(VGPU_RING_FAR);
	pin(0);
	clock_gettime(CLOCK_MONOTONIC, &begin);
	if (pthread_create(&thread, NULL, depth ? run_device : answer_bare, NULL))
		abort();
	if (depth)
		run_guest();
	else
		ask_bare();
	clock_gettime(CLOCK_MONOTONIC, &end);
	pthread_join(thread, NULL);
	if (kicks || irqs) {
		fprintf(stderr, "ring: %llu doorbells and %llu interrupts were asked for\n",
			kicks, irqs);
		return 1;
	}
	printf("%.1f\n", ((end.tv_sec - begin.tv_sec) * 1e9 +
			  (end.tv_nsec - begin.tv_nsec)) / jobs);
	return 0;
}
