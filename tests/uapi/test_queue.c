// SPDX-License-Identifier: GPL-2.0
/*
 * Buffer objects of this machine's memory, and queues: what the ioctls and mmap(2)
 * refuse, that files are kept apart, and who is woken when.
 */
#include <errno.h>
#include <pthread.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include "dev.h"
#include "queue.h"
#include "tap.h"
#include "tests.h"

/**
 * test_system_bo() - memory that the process and the device share
 */
void test_system_bo(void)
{
	const __u32 nobody[] = { 0, 99, 0xffffffff };
	struct vgpu_bo_create bo, bad;
	int fd = dev_open(), other = dev_open();
	__u32 status, word[2] = { 0x600dcafe, 0 };
	char *p, *again;
	size_t i;

	CHECK_EQ(bo_create(fd, 0, &bo), -EINVAL);
	CHECK_EQ(bo_create(fd, 1ULL << 62, &bo), -ENOMEM);
	CHECK_EQ(bo_create(fd, ~0ULL, &bo), -ENOMEM);
	bad = (struct vgpu_bo_create){ .size = sizeof(bad), .bytes = PAGE, .flags = 2 };
	CHECK_EQ(dev_ioctl(fd, VGPU_IOC_BO_CREATE, &bad), -EOPNOTSUPP);
	CHECK_EQ(bo_create(fd, 3 * PAGE - 1, &bo), 0);
	p = map(fd, 3 * PAGE, bo.mmap_offset);
	if (!CHECK(p))
		goto out;
	for (i = 0; i < 3 * PAGE; i++) {
		if (p[i])
			break;
	}
	CHECK_EQ(i, 3 * PAGE);

	/* the device sees what is written here, and the other way round */
	memcpy(p + PAGE, word, 4);
	CHECK_EQ(dev_bo_read(fd, bo.handle, PAGE, &word[1], 4), 0);
	CHECK_EQ(word[1], word[0]);
	CHECK_EQ(dev_bo_write(fd, bo.handle, 2 * PAGE + 8, word, 4), 0);
	CHECK_EQ(memcmp(p + 2 * PAGE + 8, word, 4), 0);

	/* parts, and what isn't one */
	again = map(fd, PAGE, bo.mmap_offset + PAGE);
	CHECK(again && !memcmp(again, word, 4));
	munmap(again, PAGE);
	CHECK(map_fails(fd, 4 * PAGE, bo.mmap_offset, MAP_SHARED));
	CHECK(map_fails(fd, 2 * PAGE, bo.mmap_offset + 2 * PAGE, MAP_SHARED));
	CHECK(map_fails(fd, PAGE, bo.mmap_offset + 3 * PAGE, MAP_SHARED));
	CHECK(map_fails(fd, PAGE, bo.mmap_offset, MAP_PRIVATE));
	CHECK(map_fails(fd, PAGE, 1ULL << 44, MAP_SHARED));
	CHECK(map_fails(fd, PAGE, 0x7ffffffffffff000, MAP_SHARED));
	/* another file's */
	CHECK(map_fails(other, PAGE, bo.mmap_offset, MAP_SHARED));
	CHECK_EQ(bo_destroy(other, bo.handle, &status), -ENOENT);
	for (i = 0; i < ARRAY_SIZE(nobody); i++)
		CHECK_EQ(bo_destroy(fd, nobody[i], &status), -ENOENT);

	/* it ends; what is mapped stays, and is nobody else's */
	CHECK_EQ(bo_destroy(fd, bo.handle, &status), 0);
	CHECK_EQ(bo_destroy(fd, bo.handle, &status), -ENOENT);
	CHECK_EQ(memcmp(p + PAGE, word, 4), 0);
	CHECK_EQ(dev_bo_read(fd, bo.handle, PAGE, word, 4) != 0, 1);
	munmap(p, 3 * PAGE);
out:
	close(fd);
	close(other);
}

/* In 2^32 pages, which is what a 32-bit process can name */
static bool offset_fits(__u64 offset, __u64 bytes)
{
	return offset + bytes <= 1ULL << 44;
}

/**
 * test_offsets() - where objects are mapped: any process can say it, and each has its own
 */
void test_offsets(void)
{
	struct vgpu_bo_create bo[64];
	struct vgpu_queue_create args;
	int fd = dev_open();
	__u32 i, round, status, *p;

	for (i = 0; i < ARRAY_SIZE(bo); i++)
		CHECK_EQ(bo_create(fd, (1 + i % 3) * PAGE, &bo[i]), 0);
	/* every second one is made again, larger: it has to go elsewhere */
	for (round = 1; round < 5; round++) {
		for (i = 0; i < ARRAY_SIZE(bo); i += 2) {
			CHECK_EQ(bo_destroy(fd, bo[i].handle, &status), 0);
			CHECK(map_fails(fd, PAGE, bo[i].mmap_offset, MAP_SHARED));
		}
		for (i = 0; i < ARRAY_SIZE(bo); i += 2)
			CHECK_EQ(bo_create(fd, (round + i % 3) * PAGE, &bo[i]), 0);
	}
	for (i = 0; i < ARRAY_SIZE(bo); i++) {
		CHECK(offset_fits(bo[i].mmap_offset, bo[i].bytes));
		p = map(fd, bo[i].bytes, bo[i].mmap_offset);
		if (!CHECK(p))
			break;
		CHECK_EQ(p[bo[i].bytes / 4 - 1], 0);
		p[bo[i].bytes / 4 - 1] = bo[i].handle;
		munmap(p, bo[i].bytes);
	}
	for (i = 0; i < ARRAY_SIZE(bo); i++) {
		CHECK_EQ(dev_bo_read(fd, bo[i].handle, bo[i].bytes - 4, &status, 4), 0);
		CHECK_EQ(status, bo[i].handle);
	}
	CHECK_EQ(queue_create(fd, 4, &args), 0);
	CHECK(offset_fits(args.rings_offset, VGPU_QUEUE_SIZE(4)));
	CHECK(offset_fits(args.doorbell_offset, PAGE));
	close(fd);
}

/**
 * test_queue_args() - queues that can't be made, and those of another file
 */
void test_queue_args(void)
{
	static const __u32 entries[] = { 0, 1, 3, 63, 4097, 8192, 0x80000000, 0xffffffff };
	struct vgpu_queue_create args, bad;
	int fd = dev_open(), other = dev_open();
	__u32 status;
	size_t i, n;

	for (i = 0; i < ARRAY_SIZE(entries); i++)
		CHECK_EQ(queue_create(fd, entries[i], &args), -EINVAL);
	bad = (struct vgpu_queue_create){ .size = sizeof(bad), .entries = 4, .flags = 2 };
	CHECK_EQ(dev_ioctl(fd, VGPU_IOC_QUEUE_CREATE, &bad), -EOPNOTSUPP);
	bad.flags = 0;
	bad.__reserved = 1;
	CHECK_EQ(dev_ioctl(fd, VGPU_IOC_QUEUE_CREATE, &bad), -EINVAL);
	if (!CHECK_EQ(queue_create(fd, 4, &args), 0))
		goto out;
	/* its rings are an object in use, the only one */
	CHECK_EQ(bo_destroy(fd, 1, &status), -EREMOTEIO);
	CHECK_EQ(status, VGPU_ERR_BUSY);
	CHECK_EQ(queue_destroy(other, args.queue), -ENOENT);
	CHECK_EQ(queue_wait(other, args.queue, 0, 1), -ENOENT);
	CHECK(map_fails(other, PAGE, args.doorbell_offset, MAP_SHARED));
	CHECK(map_fails(other, PAGE, args.rings_offset, MAP_SHARED));
	CHECK(map_fails(fd, 2 * PAGE, args.doorbell_offset, MAP_SHARED));
	CHECK(map_fails(fd, PAGE, args.doorbell_offset + PAGE, MAP_SHARED));
	CHECK(map_fails(fd, PAGE, args.rings_offset + VGPU_QUEUE_SIZE(4), MAP_SHARED));
	CHECK_EQ(queue_destroy(fd, args.queue + 1), -ENOENT);
	CHECK_EQ(queue_destroy(fd, args.queue), 0);
	CHECK_EQ(queue_destroy(fd, args.queue), -ENOENT);
	/* which ends with it */
	CHECK_EQ(bo_destroy(fd, 1, &status), -ENOENT);

	/* as many as the device has, for all files together */
	for (n = 0; n <= VGPU_MAX_QUEUES; n++) {
		if (queue_create(n % 2 ? fd : other, 4096, &args))
			break;
	}
	CHECK_EQ(n, VGPU_MAX_QUEUES);
	CHECK_EQ(args.status, VGPU_ERR_NO_MEMORY);
out:
	close(fd);
	close(other);
	/* a closed file's queues can be had again */
	fd = dev_open();
	for (n = 0; n < VGPU_MAX_QUEUES; n++) {
		if (!CHECK_EQ(queue_create(fd, 2, &args), 0))
			break;
	}
	close(fd);
}

/**
 * test_queue_nops() - jobs by the rings alone
 */
void test_queue_nops(void)
{
	struct vgpu_dev_cqe cqe = { };
	struct queue q;
	__u32 i, n;

	if (!queue_open(&q, 8))
		return;
	CHECK_EQ(queue_wait(q.fd, q.args.queue, 0, 0), -ETIMEDOUT);
	CHECK_EQ(queue_wait(q.fd, q.args.queue, 0, 30), -ETIMEDOUT);
	for (i = 0; i < 1000; i += n) {
		for (n = 0; n < 1 + i % 8; n++)
			queue_nop(&q);
		if (!CHECK_EQ(queue_wait(q.fd, q.args.queue, i + n - 1, 60000), 0))
			break;
		/* all of them are there, each in its place */
		for (n = 0; n < 1 + i % 8; n++) {
			if (!CHECK(vgpu_ring_reap(&q.ring, &cqe)) ||
			    !CHECK_EQ(cqe.user_data, i + n))
				break;
		}
		/* what has completed stays so */
		CHECK_EQ(queue_wait(q.fd, q.args.queue, i, 0), 0);
	}
	queue_close(&q);
}

struct queue_waiter {
	pthread_t thread;
	struct queue *q;
	__u32 index;
	int ret;
};

static void *wait_queue(void *arg)
{
	struct queue_waiter *w = arg;

	w->ret = queue_wait(w->q->fd, w->q->args.queue, w->index, 60000);
	return NULL;
}

/**
 * test_queue_waiters() - many who wait for different jobs of one queue
 */
void test_queue_waiters(void)
{
	struct queue_waiter w[16];
	struct vgpu_dev_cqe cqe = { };
	struct queue q;
	__u32 i;

	if (!queue_open(&q, 32))
		return;
	for (i = 0; i < ARRAY_SIZE(w); i++) {
		/* not in order, and two for each */
		w[i] = (struct queue_waiter){ .q = &q, .index = i * 5 % 8 };
		pthread_create(&w[i].thread, NULL, wait_queue, &w[i]);
	}
	for (i = 0; i < 8; i++) {
		queue_nop(&q);
		if (i % 3 == 2)
			dev_sleep_ms(20);
	}
	for (i = 0; i < ARRAY_SIZE(w); i++) {
		pthread_join(w[i].thread, NULL);
		CHECK_EQ(w[i].ret, 0);
	}
	while (vgpu_ring_reap(&q.ring, &cqe))
		;
	CHECK_EQ(q.ring.reaped, 8);
	queue_close(&q);
}

/**
 * test_queue_ended() - a queue ends under those who wait for it
 */
void test_queue_ended(void)
{
	struct queue_waiter w[2];
	struct queue q;
	__u32 i;

	if (!queue_open(&q, 4))
		return;
	for (i = 0; i < ARRAY_SIZE(w); i++) {
		w[i] = (struct queue_waiter){ .q = &q, .index = i };
		pthread_create(&w[i].thread, NULL, wait_queue, &w[i]);
	}
	/* whoever is late has ENOENT, too */
	dev_sleep_ms(100);
	CHECK_EQ(queue_destroy(q.fd, q.args.queue), 0);
	for (i = 0; i < ARRAY_SIZE(w); i++) {
		pthread_join(w[i].thread, NULL);
		CHECK_EQ(w[i].ret, -ENOENT);
	}
	CHECK_EQ(queue_wait(q.fd, q.args.queue, 0, 60000), -ENOENT);
	queue_close(&q);
}

/**
 * test_queue_stop() - a process that waits is stopped, and continued
 */
void test_queue_stop(void)
{
	struct queue q;
	int i, status;
	pid_t pid;

	if (!queue_open(&q, 2))
		return;
	pid = fork();
	if (!pid)
		_exit(-queue_wait(q.fd, q.args.queue, 0, 60000));
	for (i = 0; i < 3; i++) {
		dev_sleep_ms(50);
		kill(pid, SIGSTOP);
		CHECK_EQ(waitpid(pid, &status, WUNTRACED), pid);
		CHECK(WIFSTOPPED(status));
		kill(pid, SIGCONT);
		CHECK_EQ(waitpid(pid, &status, WCONTINUED), pid);
		CHECK(WIFCONTINUED(status));
	}
	queue_nop(&q);
	CHECK_EQ(waitpid(pid, &status, 0), pid);
	CHECK(WIFEXITED(status));
	CHECK_EQ(WEXITSTATUS(status), 0);
	queue_close(&q);
}

static void on_alarm(int number)
{
	(void)number;
}

/**
 * test_queue_signal() - a signal while waiting for a queue
 */
void test_queue_signal(void)
{
	struct sigaction action = { .sa_handler = on_alarm };
	struct queue q;

	if (!queue_open(&q, 2))
		return;
	sigaction(SIGALRM, &action, NULL);
	alarm(1);
	CHECK_EQ(queue_wait(q.fd, q.args.queue, 0, 60000), -EINTR);
	queue_nop(&q);
	CHECK_EQ(queue_wait(q.fd, q.args.queue, 0, 60000), 0);
	queue_close(&q);
}

/**
 * test_queue_kill() - processes that die with their queues busy
 */
void test_queue_kill(void)
{
	struct queue q;
	int i, status;
	pid_t pid;

	for (i = 0; i < 20; i++) {
		pid = fork();
		if (!pid) {
			if (!queue_open(&q, 64))
				_exit(1);
			for (;;) {
				struct vgpu_dev_cqe cqe;

				while (vgpu_ring_room(&q.ring))
					queue_nop(&q);
				while (vgpu_ring_reap(&q.ring, &cqe))
					;
			}
		}
		dev_sleep_ms(20 + i);
		kill(pid, SIGKILL);
		waitpid(pid, &status, 0);
		CHECK(WIFSIGNALED(status));
	}
	/* all of them are there for whoever comes next */
	if (queue_open(&q, 64)) {
		queue_nop(&q);
		CHECK_EQ(queue_wait(q.fd, q.args.queue, 0, 60000), 0);
		queue_close(&q);
	}
}

/* Begins to wait for a job that is never submitted */
static bool begin_lost(struct queue *q, struct queue_waiter *w)
{
	if (!queue_open(q, 4))
		return false;
	*w = (struct queue_waiter){ .q = q, .index = 0 };
	pthread_create(&w->thread, NULL, wait_queue, w);
	dev_sleep_ms(100);
	return true;
}

/**
 * queue_try() - make a queue, for what it may meet
 * @fd: the file, which keeps it
 *
 * Return: 0, also if the device has no more of them; or a negative errno.
 */
int queue_try(int fd)
{
	struct vgpu_queue_create args;
	int err = queue_create(fd, 4, &args);

	return err == -EREMOTEIO ? 0 : err;
}

static struct queue lost_queue;
static struct queue_waiter lost_waiter;

/**
 * queue_lost_begin() - wait for a queue of a device that is about to be lost
 *
 * Return: false if it can't be set up; a check has failed then.
 */
bool queue_lost_begin(void)
{
	return begin_lost(&lost_queue, &lost_waiter);
}

/**
 * queue_lost_end() - the device was reset, or is gone
 * @err: what the waiter is told
 *
 * To ring does no harm then.
 */
void queue_lost_end(int err)
{
	int status;
	pid_t pid;

	pthread_join(lost_waiter.thread, NULL);
	CHECK_EQ(lost_waiter.ret, err);
	CHECK_EQ(queue_wait(lost_queue.fd, lost_queue.args.queue, 0, 1000), err);
	CHECK_EQ(queue_destroy(lost_queue.fd, lost_queue.args.queue), err);
	/* the rings are memory, and stay; the doorbell is a device's register, or nothing */
	memset(lost_queue.rings, 0x55, PAGE);
	pid = fork();
	if (!pid) {
		WRITE_ONCE(*lost_queue.doorbell, 0);
		_exit(0);
	}
	waitpid(pid, &status, 0);
	if (CHECK(WIFEXITED(status)))
		WRITE_ONCE(*lost_queue.doorbell, 0);
	CHECK_EQ(queue_arm(&lost_queue, 0), err);
	queue_close(&lost_queue);
}
