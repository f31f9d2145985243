// SPDX-License-Identifier: GPL-2.0
/*
 * Queues by the bare ioctls, in short.
 */
#include <errno.h>
#include <stdint.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <unistd.h>

#include "dev.h"
#include "queue.h"
#include "tap.h"

/**
 * dev_ioctl() - an ioctl
 *
 * Return: 0 or a negative errno, as all of these do.
 */
int dev_ioctl(int fd, unsigned long cmd, void *args)
{
	return ioctl(fd, cmd, args) ? -errno : 0;
}

/**
 * bo_create() - VGPU_IOC_BO_CREATE
 */
int bo_create(int fd, __u64 bytes, struct vgpu_bo_create *args)
{
	*args = (struct vgpu_bo_create){ .size = sizeof(*args), .bytes = bytes };
	return dev_ioctl(fd, VGPU_IOC_BO_CREATE, args);
}

/**
 * bo_import() - VGPU_IOC_BO_CREATE, of memory of this process
 */
int bo_import(int fd, const void *p, __u64 bytes, struct vgpu_bo_create *args)
{
	*args = (struct vgpu_bo_create){
		.size = sizeof(*args),
		.flags = VGPU_BO_CREATE_IMPORT,
		.bytes = bytes,
		.address = (uintptr_t)p,
	};
	return dev_ioctl(fd, VGPU_IOC_BO_CREATE, args);
}

/**
 * bo_destroy() - VGPU_IOC_BO_DESTROY
 */
int bo_destroy(int fd, __u32 handle, __u32 *status)
{
	struct vgpu_bo_destroy args = { .size = sizeof(args), .handle = handle };
	int err = dev_ioctl(fd, VGPU_IOC_BO_DESTROY, &args);

	*status = args.status;
	return err;
}

/**
 * queue_create() - VGPU_IOC_QUEUE_CREATE
 */
int queue_create(int fd, __u32 entries, struct vgpu_queue_create *args)
{
	*args = (struct vgpu_queue_create){ .size = sizeof(*args), .entries = entries };
	return dev_ioctl(fd, VGPU_IOC_QUEUE_CREATE, args);
}

/**
 * queue_destroy() - VGPU_IOC_QUEUE_DESTROY
 */
int queue_destroy(int fd, __u32 queue)
{
	struct vgpu_queue_destroy args = { .size = sizeof(args), .queue = queue };

	return dev_ioctl(fd, VGPU_IOC_QUEUE_DESTROY, &args);
}

/**
 * queue_wait() - VGPU_IOC_QUEUE_WAIT
 */
int queue_wait(int fd, __u32 queue, __u32 index, __u32 timeout_ms)
{
	struct vgpu_queue_wait args = {
		.size = sizeof(args),
		.queue = queue,
		.index = index,
		.timeout_ms = timeout_ms,
	};

	return dev_ioctl(fd, VGPU_IOC_QUEUE_WAIT, &args);
}

/**
 * queue_arm() - VGPU_IOC_QUEUE_ARM
 *
 * Return: a negative errno, or whether it has passed already: 0 or 1.
 */
int queue_arm(const struct queue *q, __u32 index)
{
	struct vgpu_queue_arm args = {
		.size = sizeof(args),
		.queue = q->args.queue,
		.index = index,
		.passed = 99,
	};
	int err = dev_ioctl(q->fd, VGPU_IOC_QUEUE_ARM, &args);

	return err ?: (int)args.passed;
}

/**
 * queue_eventfd() - VGPU_IOC_QUEUE_EVENTFD
 */
int queue_eventfd(const struct queue *q, int fd)
{
	struct vgpu_queue_eventfd args = {
		.size = sizeof(args),
		.queue = q->args.queue,
		.fd = fd,
	};

	return dev_ioctl(q->fd, VGPU_IOC_QUEUE_EVENTFD, &args);
}

/**
 * map() - mmap(2), to read and write, shared
 *
 * Return: where, or NULL.
 */
void *map(int fd, size_t size, __u64 offset)
{
	void *p = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_SHARED, fd, (off_t)offset);

	return p == MAP_FAILED ? NULL : p;
}

/**
 * map_fails() - mmap(2) that is not allowed
 *
 * Return: whether it says EINVAL.
 */
bool map_fails(int fd, size_t size, __u64 offset, int flags)
{
	void *p = mmap(NULL, size, PROT_READ | PROT_WRITE, flags, fd, (off_t)offset);

	if (p == MAP_FAILED)
		return errno == EINVAL;
	munmap(p, size);
	return false;
}

/**
 * queue_open() - make a queue in a file of its own, and map it
 *
 * Return: whether that went well; a check has failed if not.
 */
bool queue_open(struct queue *q, __u32 entries)
{
	return queue_open_in(q, dev_open(), entries);
}

/**
 * queue_open_in() - make a queue in an open file, and map it
 *
 * Return: as queue_open().
 */
bool queue_open_in(struct queue *q, int fd, __u32 entries)
{
	char *rings;

	memset(q, 0, sizeof(*q));
	q->fd = fd;
	if (!CHECK_EQ(queue_create(q->fd, entries, &q->args), 0))
		return false;
	rings = map(q->fd, VGPU_QUEUE_SIZE(entries), q->args.rings_offset);
	q->doorbell = map(q->fd, PAGE, q->args.doorbell_offset);
	if (!CHECK(rings && q->doorbell))
		return false;
	q->rings = rings;
	q->ring.events = (void *)(rings + VGPU_QUEUE_EVENTS);
	q->ring.sq = (void *)(rings + VGPU_QUEUE_SQ);
	q->ring.cq = (void *)(rings + VGPU_QUEUE_CQ(entries));
	q->ring.mask = entries - 1;
	return true;
}

/**
 * queue_unmap() - unmap it
 */
void queue_unmap(struct queue *q)
{
	if (q->rings)
		munmap(q->rings, VGPU_QUEUE_SIZE(q->ring.mask + 1));
	if (q->doorbell)
		munmap(q->doorbell, PAGE);
}

/**
 * queue_close() - unmap it, and close its file
 */
void queue_close(struct queue *q)
{
	queue_unmap(q);
	close(q->fd);
}

/* The entry to fill in: its words are zeroes */
static struct vgpu_dev_sqe *queue_sqe(struct queue *q)
{
	struct vgpu_dev_sqe *sqe = vgpu_ring_sqe(&q->ring);

	sqe->reserved = 0;
	sqe->user_data = q->ring.submitted;
	memset(sqe->words, 0, sizeof(sqe->words));
	return sqe;
}

static void queue_submit(struct queue *q, __u32 opcode)
{
	vgpu_ring_submit(&q->ring, opcode);
	if (vgpu_ring_need_kick(&q->ring))
		WRITE_ONCE(*q->doorbell, 0);
}

/**
 * queue_nop() - submit a job that does nothing, and ring if the device asked for it
 */
void queue_nop(struct queue *q)
{
	queue_sqe(q);
	queue_submit(q, VGPU_SQE_NOP);
}

/**
 * queue_fill() - submit a job that writes to a buffer object, likewise
 */
void queue_fill(struct queue *q, __u32 bo, __u64 length, __u32 pattern)
{
	struct vgpu_dev_sqe *sqe = queue_sqe(q);

	sqe->fill.dst = bo;
	sqe->fill.pattern = pattern;
	sqe->fill.length = length;
	queue_submit(q, VGPU_SQE_FILL);
}

/**
 * queue_after() - submit a wait for a job of another queue of the file, likewise
 */
void queue_after(struct queue *q, const struct queue *other, __u32 index)
{
	struct vgpu_dev_sqe *sqe = queue_sqe(q);

	sqe->wait.queue = other->args.queue;
	sqe->wait.index = index;
	queue_submit(q, VGPU_SQE_WAIT);
}

/**
 * queue_launch() - submit a launch, likewise
 *
 * Its @count arguments are at the begin of the buffer object @args.
 */
void queue_launch(struct queue *q, __u32 kernel, __u32 args, __u32 count)
{
	struct vgpu_dev_sqe *sqe = queue_sqe(q);
	int i;

	sqe->launch.kernel = kernel;
	for (i = 0; i < 3; i++) {
		sqe->launch.grid[i] = 1;
		sqe->launch.block[i] = 1;
	}
	sqe->launch.args = args;
	sqe->launch.args_length = count * (__u32)sizeof(struct vgpu_dev_arg);
	queue_submit(q, VGPU_SQE_LAUNCH);
}
