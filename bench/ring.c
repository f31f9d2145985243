// SPDX-License-Identifier: GPL-2.0
/*
 * ring DEPTH [JOBS]: time of one job through a queue's rings, natively: two threads,
 * each on a processor of its own, that never sleep.  One submits null jobs and keeps
 * DEPTH of them on the way, the other completes each as soon as it sees it.
 *
 * All of the protocol is there: entries filled in, copied out, event indices read
 * before each doorbell and each interrupt that then isn't needed.
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

	depth = argc > 1 ? atoi(argv[1]) : 0;
	if (argc > 2)
		jobs = strtoull(argv[2], NULL, 0);
	if (!depth || depth > ENTRIES) {
		fprintf(stderr, "usage: ring DEPTH [JOBS], DEPTH at most %d\n", ENTRIES);
		return 2;
	}
	events.sq_event = htole32(VGPU_RING_FAR);
	events.cq_event = htole32(VGPU_RING_FAR);
	pin(0);
	clock_gettime(CLOCK_MONOTONIC, &begin);
	if (pthread_create(&thread, NULL, run_device, NULL))
		abort();
	run_guest();
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
