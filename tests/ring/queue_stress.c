// SPDX-License-Identifier: GPL-2.0
/*
 * queue_stress [JOBS [SEED]]: a queue of libvgpu with one thread that submits and one
 * that reaps and waits, and no lock between them.
 *
 * A third thread is the device.  The linker puts the functions below in the place of
 * open(), ioctl() and mmap() (--wrap): they are the driver.  The threads share nothing
 * here that would order them, so that what orders them is the library; built with
 * -fsanitize=thread this finds each access that nothing orders.
 *
 * At times the submitter kicks, at random, and at times never: then only the wait of the
 * reaper does.  Every job and completion must be the right one, in order, its arguments
 * included; and a kick that is lost makes the run stand still, which the main thread sees.
 *
 * Prints TAP.
 */
#include <errno.h>
#include <poll.h>
#include <pthread.h>
#include <sched.h>
#include <stdalign.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <vgpu/ring.h>

#include "vgpu.h"

/* No step of any thread takes long: that much without one is for ever */
#define STALL_S		30

#define MAX_ENTRIES	64
/* The submitter kicks for so many jobs, and then for as many it doesn't */
#define KICKED_JOBS	1024
#define ARGS		3
#define ARGS_PLACE	(VGPU_MAX_ARGS * sizeof(struct vgpu_dev_arg))

/* mmap(2) offsets */
#define MAP_RINGS	0x1000
#define MAP_DOORBELL	0x2000
#define MAP_ARGS	0x3000

static alignas(4096) char rings[VGPU_QUEUE_SIZE(MAX_ENTRIES)];
static alignas(4096) char args_bo[MAX_ENTRIES * ARGS_PLACE];
static alignas(4096) __u32 doorbell;
static __u32 entries;

/* The driver's: whoever waits sleeps on it */
static pthread_mutex_t irq_lock = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t irq = PTHREAD_COND_INITIALIZER;

static struct vgpu_queue *queue;
static __u64 total, first_seed;
static __u64 reaped, wrong, device_slept;

static void count_wrong(void)
{
	__atomic_add_fetch(&wrong, 1, __ATOMIC_RELAXED);
}

/* xorshift64*, Vigna 2016 */
static __u32 next_random(__u64 *seed, __u32 below)
{
	*seed ^= *seed >> 12;
	*seed ^= *seed << 25;
	*seed ^= *seed >> 27;
	return (*seed * 0x2545f4914f6cdd1dULL >> 32) % below;
}

int __wrap_open(const char *path, int flags, ...)
{
	(void)path;
	(void)flags;
	return 1000;
}

void *__wrap_mmap(void *addr, size_t length, int prot, int flags, int fd, off_t offset)
{
	(void)addr;
	(void)length;
	(void)prot;
	(void)flags;
	(void)fd;
	return offset == MAP_RINGS ? (void *)rings :
	       offset == MAP_DOORBELL ? (void *)&doorbell : (void *)args_bo;
}

int __wrap_munmap(void *addr, size_t length)
{
	(void)addr;
	(void)length;
	return 0;
}

/* As the guest driver does it */
static int wait_for(__u32 index)
{
	struct vgpu_dev_queue_events *events = (void *)rings;

	pthread_mutex_lock(&irq_lock);
	for (;;) {
		WRITE_ONCE(events->cq_event, htole32(index));
		/* with the device's, between its completion and its look at cq_event */
		virt_mb();
		/* before what is read of the completion */
		if ((__s32)(le32toh(virt_load_acquire(&events->completed)) - index) > 0)
			break;
		pthread_cond_wait(&irq, &irq_lock);
	}
	pthread_mutex_unlock(&irq_lock);
	return 0;
}

int __wrap_ioctl(int fd, unsigned long cmd, ...)
{
	va_list list;
	void *args;

	(void)fd;
	va_start(list, cmd);
	args = va_arg(list, void *);
	va_end(list);
	switch (cmd) {
	case VGPU_IOC_QUEUE_CREATE:
		((struct vgpu_queue_create *)args)->rings_offset = MAP_RINGS;
		((struct vgpu_queue_create *)args)->doorbell_offset = MAP_DOORBELL;
		break;
	case VGPU_IOC_BO_CREATE:
		((struct vgpu_bo_create *)args)->mmap_offset = MAP_ARGS;
		break;
	case VGPU_IOC_QUEUE_WAIT:
		return wait_for(((struct vgpu_queue_wait *)args)->index);
	}
	return 0;
}

/* What job n is, to whoever submits it and to whoever gets it */
static struct vgpu_dev_arg job_arg(__u64 n, unsigned int i)
{
	return (struct vgpu_dev_arg){ .value = htole64(n * ARGS + i) };
}

static int submit_job(__u64 n)
{
	struct vgpu_dev_arg args[ARGS];
	unsigned int i;

	switch (n % 4) {
	case 0:
		return vgpu_queue_nop(queue, n);
	case 1:
		return vgpu_queue_copy(queue, n, (struct vgpu_buf){ 1, n },
				       (struct vgpu_buf){ 2, ~n }, n);
	case 2:
		return vgpu_queue_fill(queue, n, (struct vgpu_buf){ 3, n }, n, (__u32)n);
	default:
		for (i = 0; i < ARGS; i++)
			args[i] = job_arg(n, i);
		return vgpu_queue_launch(queue, n, (__u32)n, args, ARGS);
	}
}

static bool args_match(const struct vgpu_dev_sqe *sqe, __u64 n)
{
	const struct vgpu_dev_arg *args = (void *)(args_bo + le64toh(sqe->launch.args_offset));
	struct vgpu_dev_arg want;
	unsigned int i;

	for (i = 0; i < ARGS; i++) {
		want = job_arg(n, i);
		if (memcmp(&args[i], &want, sizeof(want)))
			return false;
	}
	return le32toh(sqe->launch.kernel) == (__u32)n;
}

static bool job_matches(const struct vgpu_dev_sqe *sqe, __u64 n)
{
	static const __u32 opcodes[] = {
		VGPU_SQE_NOP, VGPU_SQE_COPY, VGPU_SQE_FILL, VGPU_SQE_LAUNCH,
	};

	if (le64toh(sqe->user_data) != n ||
	    (le32toh(sqe->control) & VGPU_SQE_OPCODE_MASK) != opcodes[n % 4])
		return false;
	switch (n % 4) {
	case 0:
		return !sqe->words[0];
	case 1:
		return le64toh(sqe->copy.dst_offset) == n && le64toh(sqe->copy.src_offset) == ~n;
	case 2:
		return le64toh(sqe->fill.length) == n && le32toh(sqe->fill.pattern) == (__u32)n;
	default:
		return args_match(sqe, n);
	}
}

/* Until the doorbell is rung: it is a word in memory, so one can only look */
static void device_sleep(struct vgpu_ring_device *ring)
{
	struct vgpu_ring_device look;
	struct vgpu_dev_sqe sqe;

	WRITE_ONCE(doorbell, 1);
	vgpu_ring_arm_kick(ring);
	look = *ring;
	if (!vgpu_ring_fetch(&look, &sqe)) {
		device_slept++;
		while (READ_ONCE(doorbell))
			sched_yield();
	}
	vgpu_ring_disarm_kick(ring);
}

static void *run_device(void *arg)
{
	struct vgpu_ring_device ring = {
		(void *)(rings + VGPU_QUEUE_SQ), (void *)(rings + VGPU_QUEUE_CQ(entries)),
		(void *)rings, entries - 1, 0, 0, 0, 0
	};
	__u64 seed = first_seed * 3 + 1, n = 0;
	struct vgpu_dev_sqe sqe;
	__u32 batch;

	while (n < total) {
		batch = 1 + next_random(&seed, entries);
		while (batch && vgpu_ring_fetch(&ring, &sqe)) {
			if (!job_matches(&sqe, n))
				count_wrong();
			vgpu_ring_complete(&ring, sqe.user_data, n % VGPU_ERR_COUNT, (__u32)n);
			batch--;
			n++;
		}
		if (vgpu_ring_publish(&ring)) {
			pthread_mutex_lock(&irq_lock);
			pthread_cond_broadcast(&irq);
			pthread_mutex_unlock(&irq_lock);
		}
		/* behind the last job nobody would wake it */
		if (batch && n < total && !next_random(&seed, 2))
			device_sleep(&ring);
	}
	return arg;
}

static void *run_submitter(void *arg)
{
	__u64 seed = first_seed * 5 + 1, n = 0;
	__u32 batch;
	int err = 0;

	while (n < total) {
		for (batch = 1 + next_random(&seed, entries); batch && n < total; batch--) {
			err = submit_job(n);
			if (err)
				break;
			n++;
		}
		if (n / KICKED_JOBS % 2 && next_random(&seed, 2))
			vgpu_queue_kick(queue);
		/* full: nothing here may order this thread with the one that reaps */
		if (err == -EAGAIN)
			sched_yield();
		else if (err)
			count_wrong();
	}
	return arg;
}

static void reap_some(__u32 most)
{
	struct vgpu_completion completion;

	while (most-- && vgpu_queue_reap(queue, &completion)) {
		if (completion.user_data != reaped || completion.gpu_ns != (__u32)reaped ||
		    completion.status != reaped % VGPU_ERR_COUNT)
			count_wrong();
		__atomic_store_n(&reaped, reaped + 1, __ATOMIC_RELAXED);
	}
}

static void *run_reaper(void *arg)
{
	__u64 seed = first_seed * 7 + 1;
	__s32 pending;

	while (reaped < total) {
		reap_some(1 + next_random(&seed, entries));
		/* negative if a job was over before its submitter said that it is there */
		pending = (__s32)(vgpu_queue_index(queue) - (__u32)reaped);
		if (pending <= 0)
			sched_yield();
		else if (!next_random(&seed, 2) &&
			 vgpu_queue_wait(queue, (__u32)reaped + next_random(&seed, pending), 1))
			count_wrong();
	}
	return arg;
}

static bool stress(struct vgpu *dev)
{
	void *(*const run[])(void *) = { run_device, run_submitter, run_reaper };
	struct vgpu_queue_stats stats;
	__u64 last = 0, now;
	pthread_t threads[3];
	__u32 still = 0;
	bool ok;
	int i;

	memset(rings, 0, sizeof(rings));
	reaped = 0;
	wrong = 0;
	device_slept = 0;
	if (vgpu_queue_create(dev, entries, &queue))
		abort();
	for (i = 0; i < 3; i++) {
		if (pthread_create(&threads[i], NULL, run[i], NULL))
			abort();
	}
	/* the only use of time: to tell for ever from a while */
	while ((now = __atomic_load_n(&reaped, __ATOMIC_RELAXED)) < total) {
		poll(NULL, 0, 100);
		vgpu_queue_get_stats(queue, &stats);
		still = now == last ? still + 1 : 0;
		last = now;
		if (still > STALL_S * 10) {
			printf("not ok queue-threads - %u entries: stands still at %llu of %llu\n",
			       entries, now, total);
			return false;
		}
	}
	for (i = 0; i < 3; i++)
		pthread_join(threads[i], NULL);
	vgpu_queue_get_stats(queue, &stats);
	vgpu_queue_destroy(queue);
	/* or nothing was tried */
	ok = !wrong && device_slept && stats.doorbells && stats.waits;
	printf("%s queue-threads - %u entries, one thread submits and one reaps: ",
	       ok ? "ok" : "not ok", entries);
	printf("%llu jobs, %llu wrong; the device slept %llu times; %llu doorbells, %llu waits\n",
	       total, wrong, device_slept, stats.doorbells, stats.waits);
	return ok;
}

int main(int argc, char **argv)
{
	static const __u32 sizes[] = { VGPU_RING_MIN_ENTRIES, 8, MAX_ENTRIES };
	__u64 jobs = argc > 1 ? strtoull(argv[1], NULL, 0) : 3000000;
	struct vgpu *dev;
	size_t i;

	setvbuf(stdout, NULL, _IOLBF, 0);
	first_seed = argc > 2 ? strtoull(argv[2], NULL, 0) : 2026;
	total = jobs / 3;
	if (vgpu_open(&dev, NULL))
		return 1;
	for (i = 0; i < 3; i++) {
		entries = sizes[i];
		if (!stress(dev))
			return 1;
	}
	vgpu_close(dev);
	return 0;
}
