// SPDX-License-Identifier: GPL-2.0
/*
 * ring_stress [JOBS [SEED]]: the ring protocol between two threads that sleep, with
 * eventfds for the doorbell and the interrupt.
 *
 * Batch sizes, how far ahead the guest asks for its interrupt, and whether either
 * side sleeps at all are drawn at random before each step.  Rings of several sizes;
 * each once from index 0 and once across index 2^32.  Every completion must
 * be the right one, in order; and no wake-up may be lost: a thread that sleeps
 * although there is something for it makes the run stand still, which the main
 * thread sees, and says who slept on what.
 *
 * Prints TAP.
 */
#include <errno.h>
#include <poll.h>
#include <pthread.h>
#include <stdalign.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <unistd.h>
#include <vgpu/ring.h>

/* No step of either side takes long: that much without one is for ever */
#define STALL_S		10

#define MAX_ENTRIES	256
#define NR_SIZES	4

static alignas(64) struct vgpu_dev_sqe sq[MAX_ENTRIES];
static alignas(64) struct vgpu_dev_cqe cq[MAX_ENTRIES];
static alignas(64) struct vgpu_dev_queue_events events;

/**
 * struct side - what one thread tells the main thread
 * @seed: state of its random numbers
 * @sleeps: how often it slept
 * @wakes: how often it woke the other
 * @jobs: how far it is
 * @wrong: completions, or submissions, that were not what they should be
 */
struct side {
	__u64 seed;
	__u64 sleeps;
	__u64 wakes;
	__u64 jobs;
	__u64 wrong;
};

static struct side guest, device;
static __u64 total;
static __u32 entries;
static __u32 first;
static int doorbell, irq;

/* xorshift64*, Vigna 2016 */
static __u32 next_random(struct side *side, __u32 below)
{
	side->seed ^= side->seed >> 12;
	side->seed ^= side->seed << 25;
	side->seed ^= side->seed >> 27;
	return (side->seed * 0x2545f4914f6cdd1dULL >> 32) % below;
}

static void wake(struct side *side, int fd)
{
	__u64 one = 1;

	side->wakes++;
	if (write(fd, &one, sizeof(one)) != sizeof(one))
		abort();
}

static void sleep_on(struct side *side, int fd)
{
	__u64 count;

	side->sleeps++;
	while (read(fd, &count, sizeof(count)) != sizeof(count)) {
		if (errno != EINTR)
			abort();
	}
}

static void *run_device(void *arg)
{
	struct vgpu_ring_device ring = {
		sq, cq, &events, entries - 1, first, first, first, 0
	};
	struct vgpu_dev_sqe sqe;
	__u32 batch, i;
	bool got;

	vgpu_ring_disarm_kick(&ring);
	while (device.jobs < total) {
		batch = 1 + next_random(&device, entries);
		for (i = 0; i < batch && vgpu_ring_fetch(&ring, &sqe); i++) {
			if (le64toh(sqe.user_data) != device.jobs ||
			    le64toh(sqe.words[5]) != ~device.jobs)
				device.wrong++;
			vgpu_ring_complete(&ring, sqe.user_data, VGPU_ERR_NONE,
					   device.jobs & 0xffff);
			__atomic_store_n(&device.jobs, device.jobs + 1, __ATOMIC_RELAXED);
		}
		if (i) {
			if (vgpu_ring_publish(&ring))
				wake(&device, irq);
			continue;
		}
		if (next_random(&device, 4))
			continue;
		vgpu_ring_arm_kick(&ring);
		/* a copy: to look is not to take */
		struct vgpu_ring_device look = ring;

		got = vgpu_ring_fetch(&look, &sqe);
		if (!got)
			sleep_on(&device, doorbell);
		vgpu_ring_disarm_kick(&ring);
	}
	return arg;
}

static void guest_reap(struct vgpu_ring_guest *ring, __u32 most)
{
	struct vgpu_ring_guest before;
	struct vgpu_dev_cqe cqe;
	bool there, got;

	while (most--) {
		before = *ring;
		there = vgpu_ring_has_completion(ring);
		got = vgpu_ring_reap(ring, &cqe);
		/* it may have come between the two; nothing overwrites it yet */
		if (got ? !vgpu_ring_has_completion(&before) : there)
			guest.wrong++;
		if (!got)
			break;
		if (le64toh(cqe.user_data) != guest.jobs ||
		    le32toh(cqe.gpu_ns) != (guest.jobs & 0xffff) ||
		    (le32toh(cqe.control) & VGPU_CQE_STATUS_MASK))
			guest.wrong++;
		__atomic_store_n(&guest.jobs, guest.jobs + 1, __ATOMIC_RELAXED);
	}
}

/* Sleep until some more are done, of those on their way. */
static void guest_sleep(struct vgpu_ring_guest *ring)
{
	__u32 pending = ring->submitted - ring->reaped;
	struct vgpu_ring_guest look;
	struct vgpu_dev_cqe cqe;
	__u32 ahead, seen = 0;

	if (!pending)
		return;
	ahead = next_random(&guest, pending);
	vgpu_ring_arm_irq(ring, ahead);
	look = *ring;
	while (seen <= ahead && vgpu_ring_reap(&look, &cqe))
		seen++;
	if (seen <= ahead)
		sleep_on(&guest, irq);
}

static void *run_guest(void *arg)
{
	struct vgpu_ring_guest ring = {
		sq, cq, &events, entries - 1, first, first, first, 0
	};
	__u64 submitted = 0;
	__u32 batch;

	while (guest.jobs < total) {
		batch = 1 + next_random(&guest, entries);
		for (; batch && submitted < total && vgpu_ring_room(&ring); batch--) {
			struct vgpu_dev_sqe *sqe = vgpu_ring_sqe(&ring);

			sqe->user_data = htole64(submitted);
			sqe->words[5] = htole64(~submitted);
			vgpu_ring_submit(&ring, VGPU_SQE_NOP);
			submitted++;
		}
		if (vgpu_ring_need_kick(&ring))
			wake(&guest, doorbell);
		guest_reap(&ring, 1 + next_random(&guest, entries));
		if (!next_random(&guest, 4))
			guest_sleep(&ring);
	}
	return arg;
}

static bool stress(__u64 seed)
{
	__u64 last = 0, now;
	pthread_t threads[2];
	__u32 still = 0;
	bool ok;

	memset(sq, 0, sizeof(sq));
	memset(cq, 0, sizeof(cq));
	memset(&events, 0, sizeof(events));
	/* the phase of the lap before */
	for (__u32 i = 0; i < entries; i++) {
		sq[i].control = htole32(vgpu_ring_phase(first - entries, entries - 1));
		cq[i].control = sq[i].control;
	}
	events.sq_event = htole32(first);
	events.cq_event = htole32(first);
	guest = (struct side){ .seed = seed * 2 + 1 };
	device = (struct side){ .seed = ~seed };
	doorbell = eventfd(0, 0);
	irq = eventfd(0, 0);
	if (doorbell < 0 || irq < 0 ||
	    pthread_create(&threads[0], NULL, run_guest, NULL) ||
	    pthread_create(&threads[1], NULL, run_device, NULL))
		abort();

	/* the only use of time: to tell for ever from a while */
	while ((now = __atomic_load_n(&guest.jobs, __ATOMIC_RELAXED)) < total) {
		poll(NULL, 0, 100);
		still = now == last ? still + 1 : 0;
		last = now;
		if (still > STALL_S * 10) {
			printf("not ok ring - %u entries from %u, seed %llu: ",
			       entries, first, seed);
			printf("stands still at %llu of %llu jobs (device %llu)\n",
			       now, total, device.jobs);
			return false;
		}
	}
	pthread_join(threads[0], NULL);
	pthread_join(threads[1], NULL);
	close(doorbell);
	close(irq);
	/* or nothing was tried */
	ok = !guest.wrong && !device.wrong && device.sleeps && guest.sleeps;
	printf("%s ring - %u entries from index %u: %llu jobs, %llu wrong; ",
	       ok ? "ok" : "not ok", entries, first, total,
	       guest.wrong + device.wrong);
	printf("slept %llu (device) and %llu times; %llu doorbells, %llu interrupts\n",
	       device.sleeps, guest.sleeps, guest.wakes, device.wakes);
	return ok;
}

int main(int argc, char **argv)
{
	static const __u32 sizes[NR_SIZES] = { VGPU_RING_MIN_ENTRIES, 8, 64, MAX_ENTRIES };
	__u64 jobs = argc > 1 ? strtoull(argv[1], NULL, 0) : 10000000;
	__u64 seed = argc > 2 ? strtoull(argv[2], NULL, 0) : 2026;

	total = jobs / (2 * NR_SIZES);
	for (int i = 0; i < 2 * NR_SIZES; i++) {
		entries = sizes[i / 2];
		first = i % 2 ? -4 * entries : 0;
		if (!stress(seed + i))
			return 1;
	}
	return 0;
}
