// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * Queues: the process's side of the rings, and memory that it shares with the device.
 * vgpu.h has the documentation, <vgpu/ring.h> the rings.
 *
 * No lock: what the submitting and the reaping thread tell one another are the indices
 * in struct vgpu_ring_guest.  Arguments of launches are the submitter's alone.
 */
#include <errno.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <unistd.h>

#include <vgpu/ring.h>

#include "error.h"
#include "internal.h"
#include "vgpu.h"

/* Room for the arguments of one launch */
#define ARGS_SIZE	(VGPU_MAX_ARGS * sizeof(struct vgpu_dev_arg))

struct vgpu_queue {
	struct vgpu *dev;
	int fd;
	__u32 id;
	struct vgpu_ring_guest ring;
	void *rings;
	size_t size;
	__u32 *doorbell;
	size_t doorbell_size;
	/* Arguments of launches: each entry has a place; made with the first launch */
	__u32 args_bo;
	void *args;
	/* VGPU_SQE_AGAIN or 0 */
	__u32 again;
	struct vgpu_queue_stats stats;
};

/* The end of something: a caller who was told that it failed could not begin it again */
static int vgpu_ioctl_end(int fd, unsigned long cmd, void *args)
{
	int ret;

	/* EINTR: it has not begun */
	do
		ret = ioctl(fd, cmd, args);
	while (ret && errno == EINTR);
	return ret;
}

/* What an ioctl says, whose structure has a status */
static int vgpu_error_of(int ret, const __u32 *status)
{
	if (!ret)
		return 0;
	return errno == EREMOTEIO ? vgpu_error_from_device(*status) : -errno;
}

int vgpu_bo_create_system(struct vgpu *dev, __u64 size, __u32 *bo, void **ptr)
{
	struct vgpu_bo_create args = { .size = sizeof(args), .bytes = size };
	int fd = vgpu_fd(dev), err;
	void *p;

	vgpu_error_clear();
	/* more than this process has addresses for */
	if (size > SIZE_MAX)
		return -ENOMEM;
	err = vgpu_error_of(ioctl(fd, VGPU_IOC_BO_CREATE, &args), &args.status);
	if (err)
		return err;
	p = mmap(NULL, (size_t)size, PROT_READ | PROT_WRITE, MAP_SHARED, fd,
		 (off_t)args.mmap_offset);
	if (p == MAP_FAILED) {
		err = -errno;
		vgpu_bo_destroy_system(dev, args.handle, NULL, 0);
		vgpu_error_clear();
		return err;
	}
	*bo = args.handle;
	*ptr = p;
	return 0;
}

int vgpu_bo_import(struct vgpu *dev, void *ptr, __u64 size, __u32 *bo)
{
	struct vgpu_bo_create args = {
		.size = sizeof(args),
		.flags = VGPU_BO_CREATE_IMPORT,
		.bytes = size,
		.address = (uintptr_t)ptr,
	};
	int err;

	vgpu_error_clear();
	err = vgpu_error_of(ioctl(vgpu_fd(dev), VGPU_IOC_BO_CREATE, &args), &args.status);
	if (!err)
		*bo = args.handle;
	return err;
}

int vgpu_bo_destroy_system(struct vgpu *dev, __u32 bo, void *ptr, __u64 size)
{
	struct vgpu_bo_destroy args = { .size = sizeof(args), .handle = bo };
	int err;

	vgpu_error_clear();
	err = vgpu_error_of(vgpu_ioctl_end(vgpu_fd(dev), VGPU_IOC_BO_DESTROY, &args),
			    &args.status);
	if (!err && ptr)
		munmap(ptr, size);
	return err;
}

/*
 * For what nobody knows of but this library: what is mapped keeps the file open, and with it
 * the context.  Pages that the device may have still are the driver's to keep.
 */
void vgpu_bo_drop_system(struct vgpu *dev, __u32 bo, void *ptr, size_t size)
{
	vgpu_bo_destroy_system(dev, bo, NULL, 0);
	munmap(ptr, size);
}

static int vgpu_queue_map(struct vgpu_queue *q, const struct vgpu_queue_create *args)
{
	char *rings;

	q->size = VGPU_QUEUE_SIZE(args->entries);
	q->rings = mmap(NULL, q->size, PROT_READ | PROT_WRITE, MAP_SHARED, q->fd,
			(off_t)args->rings_offset);
	if (q->rings == MAP_FAILED)
		return -errno;
	q->doorbell_size = (size_t)sysconf(_SC_PAGESIZE);
	q->doorbell = mmap(NULL, q->doorbell_size, PROT_READ | PROT_WRITE, MAP_SHARED, q->fd,
			   (off_t)args->doorbell_offset);
	if (q->doorbell == MAP_FAILED) {
		munmap(q->rings, q->size);
		return -errno;
	}
	rings = q->rings;
	q->ring.events = (void *)(rings + VGPU_QUEUE_EVENTS);
	q->ring.sq = (void *)(rings + VGPU_QUEUE_SQ);
	q->ring.cq = (void *)(rings + VGPU_QUEUE_CQ(args->entries));
	q->ring.mask = args->entries - 1;
	return 0;
}

static int vgpu_queue_destroy_id(int fd, __u32 id)
{
	struct vgpu_queue_destroy args = { .size = sizeof(args), .queue = id };

	return vgpu_error_of(vgpu_ioctl_end(fd, VGPU_IOC_QUEUE_DESTROY, &args), &args.status);
}

int vgpu_queue_create(struct vgpu *dev, unsigned int entries, struct vgpu_queue **queue)
{
	struct vgpu_queue_create args = { .size = sizeof(args), .entries = entries };
	struct vgpu_queue *q;
	int err;

	vgpu_error_clear();
	q = calloc(1, sizeof(*q));
	if (!q)
		return -ENOMEM;
	q->dev = dev;
	q->fd = vgpu_fd(dev);
	err = vgpu_error_of(ioctl(q->fd, VGPU_IOC_QUEUE_CREATE, &args), &args.status);
	if (err)
		goto err_free;
	q->id = args.queue;
	err = vgpu_queue_map(q, &args);
	if (err)
		goto err_destroy;
	*queue = q;
	return 0;

err_destroy:
	vgpu_queue_destroy_id(q->fd, q->id);
	vgpu_error_clear();
err_free:
	free(q);
	return err;
}

int vgpu_queue_destroy(struct vgpu_queue *queue)
{
	__u32 said;
	int err;

	if (!queue)
		return 0;
	vgpu_error_clear();
	err = vgpu_queue_destroy_id(queue->fd, queue->id);
	said = vgpu_last_error();
	if (queue->args)
		vgpu_bo_drop_system(queue->dev, queue->args_bo, queue->args,
				    (queue->ring.mask + 1) * ARGS_SIZE);
	/* to the queue, not to its arguments */
	vgpu_error_from_device(said);
	munmap(queue->doorbell, queue->doorbell_size);
	munmap(queue->rings, queue->size);
	free(queue);
	return err;
}

int vgpu_queue_abort(struct vgpu_queue *queue)
{
	return vgpu_simple_request(queue->dev, VGPU_OP_QUEUE_ABORT, &queue->id, 1);
}

/* The entry to fill in, all zeroes but its user data; or NULL if there is no room */
static struct vgpu_dev_sqe *vgpu_queue_sqe(struct vgpu_queue *queue, __u64 user_data)
{
	struct vgpu_dev_sqe *sqe;

	if (!vgpu_ring_room(&queue->ring)) {
		vgpu_error_clear();
		return NULL;
	}
	sqe = vgpu_ring_sqe(&queue->ring);
	sqe->reserved = 0;
	sqe->user_data = cpu_to_le64(user_data);
	memset(sqe->words, 0, sizeof(sqe->words));
	return sqe;
}

int vgpu_queue_nop(struct vgpu_queue *queue, __u64 user_data)
{
	if (!vgpu_queue_sqe(queue, user_data))
		return -EAGAIN;
	vgpu_ring_submit(&queue->ring, VGPU_SQE_NOP | queue->again);
	return 0;
}

int vgpu_queue_copy(struct vgpu_queue *queue, __u64 user_data, struct vgpu_buf dst,
		    struct vgpu_buf src, __u64 length)
{
	struct vgpu_dev_sqe *sqe = vgpu_queue_sqe(queue, user_data);

	if (!sqe)
		return -EAGAIN;
	sqe->copy.dst = cpu_to_le32(dst.bo);
	sqe->copy.src = cpu_to_le32(src.bo);
	sqe->copy.dst_offset = cpu_to_le64(dst.offset);
	sqe->copy.src_offset = cpu_to_le64(src.offset);
	sqe->copy.length = cpu_to_le64(length);
	vgpu_ring_submit(&queue->ring, VGPU_SQE_COPY | queue->again);
	return 0;
}

int vgpu_queue_fill(struct vgpu_queue *queue, __u64 user_data, struct vgpu_buf dst,
		    __u64 length, __u32 pattern)
{
	struct vgpu_dev_sqe *sqe = vgpu_queue_sqe(queue, user_data);

	if (!sqe)
		return -EAGAIN;
	sqe->fill.dst = cpu_to_le32(dst.bo);
	sqe->fill.pattern = cpu_to_le32(pattern);
	sqe->fill.offset = cpu_to_le64(dst.offset);
	sqe->fill.length = cpu_to_le64(length);
	vgpu_ring_submit(&queue->ring, VGPU_SQE_FILL | queue->again);
	return 0;
}

int vgpu_queue_after(struct vgpu_queue *queue, __u64 user_data,
		     const struct vgpu_queue *other, __u32 index)
{
	struct vgpu_dev_sqe *sqe = vgpu_queue_sqe(queue, user_data);

	if (!sqe)
		return -EAGAIN;
	sqe->wait.queue = cpu_to_le32(other->id);
	sqe->wait.index = cpu_to_le32(index);
	vgpu_ring_submit(&queue->ring, VGPU_SQE_WAIT);
	return 0;
}

int vgpu_queue_timestamp(struct vgpu_queue *queue, __u64 user_data, struct vgpu_buf dst)
{
	struct vgpu_dev_sqe *sqe = vgpu_queue_sqe(queue, user_data);

	if (!sqe)
		return -EAGAIN;
	sqe->timestamp.dst = cpu_to_le32(dst.bo);
	sqe->timestamp.offset = cpu_to_le64(dst.offset);
	vgpu_ring_submit(&queue->ring, VGPU_SQE_TIMESTAMP | queue->again);
	return 0;
}

int vgpu_queue_launch(struct vgpu_queue *queue, __u64 user_data, __u32 kernel,
		      const struct vgpu_dev_arg *args, unsigned int count)
{
	return vgpu_queue_launch_grid(queue, user_data, kernel, NULL, args, count);
}

int vgpu_queue_launch_grid(struct vgpu_queue *queue, __u64 user_data, __u32 kernel,
			   const struct vgpu_grid *grid, const struct vgpu_dev_arg *args,
			   unsigned int count)
{
	struct vgpu_dev_sqe *sqe;
	__u64 offset;
	int err, i;

	if (count > VGPU_MAX_ARGS) {
		vgpu_error_clear();
		return -EINVAL;
	}
	if (!queue->args) {
		err = vgpu_bo_create_system(queue->dev, (queue->ring.mask + 1) * ARGS_SIZE,
					    &queue->args_bo, &queue->args);
		if (err)
			return err;
	}
	sqe = vgpu_queue_sqe(queue, user_data);
	if (!sqe)
		return -EAGAIN;
	/* the place is free: the entry that had it is complete */
	offset = (queue->ring.submitted & queue->ring.mask) * ARGS_SIZE;
	memcpy((char *)queue->args + offset, args, count * sizeof(*args));
	sqe->launch.kernel = cpu_to_le32(kernel);
	for (i = 0; i < 3; i++) {
		sqe->launch.grid[i] = cpu_to_le32(grid ? grid->grid[i] : 1);
		sqe->launch.block[i] = cpu_to_le32(grid ? grid->block[i] : 1);
	}
	sqe->launch.shared = cpu_to_le32(grid ? grid->shared : 0);
	sqe->launch.args = cpu_to_le32(queue->args_bo);
	sqe->launch.args_length = cpu_to_le32(count * (__u32)sizeof(*args));
	sqe->launch.args_offset = cpu_to_le64(offset);
	vgpu_ring_submit(&queue->ring, VGPU_SQE_LAUNCH | queue->again);
	return 0;
}

void vgpu_queue_set_again(struct vgpu_queue *queue, int again)
{
	queue->again = again ? VGPU_SQE_AGAIN : 0;
}

__u32 vgpu_queue_index(const struct vgpu_queue *queue)
{
	/* with it, what was submitted is seen */
	return virt_load_acquire(&queue->ring.submitted);
}

void vgpu_queue_kick(struct vgpu_queue *queue)
{
	if (!vgpu_ring_need_kick(&queue->ring))
		return;
	__atomic_add_fetch(&queue->stats.doorbells, 1, __ATOMIC_RELAXED);
	WRITE_ONCE(*queue->doorbell, 0);
}

int vgpu_queue_reap(struct vgpu_queue *queue, struct vgpu_completion *completion)
{
	struct vgpu_dev_cqe cqe;

	if (!vgpu_ring_reap(&queue->ring, &cqe))
		return 0;
	completion->user_data = le64_to_cpu(cqe.user_data);
	completion->gpu_ns = le32_to_cpu(cqe.gpu_ns);
	completion->status = le32_to_cpu(cqe.control) & VGPU_CQE_STATUS_MASK;
	return 1;
}

int vgpu_queue_wait(struct vgpu_queue *queue, __u32 index, unsigned int timeout_ms)
{
	struct vgpu_queue_wait args = {
		.size = sizeof(args),
		.queue = queue->id,
		.index = index,
		.timeout_ms = timeout_ms,
	};
	__u32 completed;

	vgpu_error_clear();
	vgpu_queue_kick(queue);
	/* behind it, what the device wrote into the completion is seen */
	completed = le32_to_cpu(virt_load_acquire(&queue->ring.events->completed));
	if ((__s32)(completed - index) > 0)
		return 0;
	__atomic_add_fetch(&queue->stats.waits, 1, __ATOMIC_RELAXED);
	return ioctl(queue->fd, VGPU_IOC_QUEUE_WAIT, &args) ? -errno : 0;
}

int vgpu_queue_wait_room(struct vgpu_queue *queue, unsigned int timeout_ms)
{
	/* of what isn't reaped, the first to complete; room comes by reaping that */
	__u32 index = virt_load_acquire(&queue->ring.reaped);

	if (vgpu_ring_room(&queue->ring))
		return 1;
	return vgpu_queue_wait(queue, index, timeout_ms);
}

int vgpu_queue_arm(struct vgpu_queue *queue, __u32 index)
{
	struct vgpu_queue_arm args = {
		.size = sizeof(args),
		.queue = queue->id,
		.index = index,
	};

	vgpu_error_clear();
	vgpu_queue_kick(queue);
	return ioctl(queue->fd, VGPU_IOC_QUEUE_ARM, &args) ? -errno : (int)args.passed;
}

int vgpu_queue_set_eventfd(struct vgpu_queue *queue, int fd)
{
	struct vgpu_queue_eventfd args = {
		.size = sizeof(args),
		.queue = queue->id,
		.fd = fd,
	};

	vgpu_error_clear();
	return ioctl(queue->fd, VGPU_IOC_QUEUE_EVENTFD, &args) ? -errno : 0;
}

void vgpu_queue_get_stats(const struct vgpu_queue *queue, struct vgpu_queue_stats *stats)
{
	stats->doorbells = READ_ONCE(queue->stats.doorbells);
	stats->waits = READ_ONCE(queue->stats.waits);
}
