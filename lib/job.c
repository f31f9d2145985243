// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * Jobs one at a time, over when the call returns: through a queue that a struct vgpu
 * makes for itself, or through the mailbox, which needs none but costs a VM exit for
 * each word.
 *
 * A call holds the lock until its job is over.  Whoever wants several on their way, or
 * threads that don't wait for one another, makes queues.
 */
#include <errno.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>

#include "error.h"
#include "internal.h"

/* As long as the driver waits for a request if it isn't told */
#define DEFAULT_TIMEOUT_MS	10000

/* Data that are on their way at a time */
#define STAGING_SIZE		(256U << 10)

/* What one request can carry, beside the parameters: context, handle, offset */
#define WRITE_CHUNK		(VGPU_REQ_MAX_PAYLOAD - 4 * sizeof(__u32))
#define READ_CHUNK		VGPU_RESP_MAX_PAYLOAD

static int vgpu_mailbox_write_chunk(struct vgpu *dev, struct vgpu_buf dst,
				    const void *src, size_t length)
{
	const __u32 params[] = {
		dst.bo, (__u32)dst.offset, (__u32)(dst.offset >> 32),
	};
	struct vgpu_request request = {
		.opcode = VGPU_OP_BO_WRITE,
		.params = (uintptr_t)params,
		.param_count = ARRAY_SIZE(params),
		.data = (uintptr_t)src,
		.data_length = (__u32)length,
	};

	return vgpu_request(dev, &request);
}

static int vgpu_mailbox_write(struct vgpu *dev, struct vgpu_buf dst, const void *src,
			      size_t length)
{
	const char *from = src;
	size_t chunk;
	int err = 0;

	while (length && !err) {
		chunk = length < WRITE_CHUNK ? length : WRITE_CHUNK;
		err = vgpu_mailbox_write_chunk(dev, dst, from, chunk);
		from += chunk;
		dst.offset += chunk;
		length -= chunk;
	}
	return err;
}

static int vgpu_mailbox_read_chunk(struct vgpu *dev, void *dst, struct vgpu_buf src,
				   size_t length)
{
	const __u32 params[] = {
		src.bo, (__u32)src.offset, (__u32)(src.offset >> 32),
		(__u32)length,
	};
	struct vgpu_request request = {
		.opcode = VGPU_OP_BO_READ,
		.params = (uintptr_t)params,
		.param_count = ARRAY_SIZE(params),
		.answer = (uintptr_t)dst,
		.answer_length = (__u32)length,
	};
	int err;

	err = vgpu_request(dev, &request);
	if (!err && request.answer_length != length)
		err = -EIO;
	return err;
}

static int vgpu_mailbox_read(struct vgpu *dev, void *dst, struct vgpu_buf src,
			     size_t length)
{
	char *to = dst;
	size_t chunk;
	int err = 0;

	while (length && !err) {
		chunk = length < READ_CHUNK ? length : READ_CHUNK;
		err = vgpu_mailbox_read_chunk(dev, to, src, chunk);
		to += chunk;
		src.offset += chunk;
		length -= chunk;
	}
	return err;
}

static int vgpu_mailbox_copy(struct vgpu *dev, struct vgpu_buf dst, struct vgpu_buf src,
			     __u64 length)
{
	const __u32 params[] = {
		dst.bo, (__u32)dst.offset, (__u32)(dst.offset >> 32),
		src.bo, (__u32)src.offset, (__u32)(src.offset >> 32),
		(__u32)length, (__u32)(length >> 32),
	};

	return vgpu_simple_request(dev, VGPU_OP_COPY, params,
				   ARRAY_SIZE(params));
}

static int vgpu_mailbox_fill(struct vgpu *dev, struct vgpu_buf dst, __u64 length,
			     __u32 pattern)
{
	const __u32 params[] = {
		dst.bo, (__u32)dst.offset, (__u32)(dst.offset >> 32),
		(__u32)length, (__u32)(length >> 32), pattern,
	};

	return vgpu_simple_request(dev, VGPU_OP_FILL, params,
				   ARRAY_SIZE(params));
}

static int vgpu_mailbox_launch(struct vgpu *dev, enum vgpu_builtin builtin,
			       const struct vgpu_dev_arg *args, unsigned int count)
{
	const __u32 params[] = { builtin };
	struct vgpu_request request = {
		.opcode = VGPU_OP_LAUNCH,
		.params = (uintptr_t)params,
		.param_count = ARRAY_SIZE(params),
		.data = (uintptr_t)args,
		.data_length = (__u32)(count * sizeof(*args)),
	};

	if (count > VGPU_MAX_ARGS)
		return -EINVAL;
	return vgpu_request(dev, &request);
}

/* Takes the lock.  Return 1: by the queue; 0: by the mailbox; negative: not at all */
static int vgpu_job_begin(struct vgpu *dev)
{
	int err = 0;

	vgpu_error_clear();
	pthread_mutex_lock(&dev->lock);
	if (!dev->mailbox && !dev->queue)
		err = vgpu_queue_create(dev, VGPU_RING_MIN_ENTRIES, &dev->queue);
	/* a driver or a device that has none, or has no more */
	if (err == -ENOTTY || err == -EOPNOTSUPP || err == -EDQUOT) {
		dev->mailbox = true;
		vgpu_error_clear();
		err = 0;
	}
	return err ? err : !dev->mailbox;
}

static int vgpu_job_end(struct vgpu *dev, int err)
{
	pthread_mutex_unlock(&dev->lock);
	return err;
}

/* Waits for the one job in the queue.  If that fails it is brought to an end. */
static int vgpu_job_wait(struct vgpu *dev)
{
	unsigned int timeout = __atomic_load_n(&dev->timeout_ms, __ATOMIC_RELAXED);
	struct vgpu_completion completion;
	int err;

	err = vgpu_queue_wait(dev->queue, vgpu_queue_index(dev->queue) - 1,
			      timeout ? timeout : DEFAULT_TIMEOUT_MS);
	if (!err && !vgpu_queue_reap(dev->queue, &completion))
		err = -EIO;
	if (!err)
		return vgpu_error_from_device(completion.status);
	/* if it can't be ended now, the memory it may still touch is left to it */
	if (vgpu_queue_destroy(dev->queue) && dev->staging) {
		munmap(dev->staging, STAGING_SIZE);
		dev->staging = NULL;
	}
	dev->queue = NULL;
	/* whatever it said to that: it said nothing to the job */
	vgpu_error_clear();
	return err;
}

static int vgpu_job_staging(struct vgpu *dev)
{
	return dev->staging ? 0 : vgpu_bo_create_system(dev, STAGING_SIZE, &dev->staging_bo,
							&dev->staging);
}

static int vgpu_queue_write(struct vgpu *dev, struct vgpu_buf dst, const void *src,
			    size_t length)
{
	const char *from = src;
	size_t chunk;
	int err = 0;

	while (length && !err) {
		chunk = length < STAGING_SIZE ? length : STAGING_SIZE;
		err = vgpu_job_staging(dev);
		if (err)
			break;
		memcpy(dev->staging, from, chunk);
		vgpu_queue_copy(dev->queue, 0, dst, (struct vgpu_buf){ .bo = dev->staging_bo },
				chunk);
		err = vgpu_job_wait(dev);
		from += chunk;
		dst.offset += chunk;
		length -= chunk;
	}
	return err;
}

static int vgpu_queue_read(struct vgpu *dev, void *dst, struct vgpu_buf src, size_t length)
{
	char *to = dst;
	size_t chunk;
	int err = 0;

	while (length && !err) {
		chunk = length < STAGING_SIZE ? length : STAGING_SIZE;
		err = vgpu_job_staging(dev);
		if (err)
			break;
		vgpu_queue_copy(dev->queue, 0, (struct vgpu_buf){ .bo = dev->staging_bo }, src,
				chunk);
		err = vgpu_job_wait(dev);
		if (!err)
			memcpy(to, dev->staging, chunk);
		to += chunk;
		src.offset += chunk;
		length -= chunk;
	}
	return err;
}

/* The kernel's handle, which the first launch of it asks for */
static int vgpu_job_kernel(struct vgpu *dev, enum vgpu_builtin builtin, __u32 *kernel)
{
	char name[32], *p;
	int err = 0;

	if (!dev->module)
		err = vgpu_module_load(dev, VGPU_MODULE_BUILTIN, NULL, 0, &dev->module);
	if (!err && !dev->kernel[builtin]) {
		snprintf(name, sizeof(name), "%s", vgpu_builtin_name(builtin));
		for (p = name; *p; p++)
			*p = *p == '-' ? '_' : *p;
		err = vgpu_kernel_get(dev, dev->module, name, &dev->kernel[builtin]);
	}
	*kernel = dev->kernel[builtin];
	return err;
}

static int vgpu_job_launch(struct vgpu *dev, enum vgpu_builtin builtin,
			   const struct vgpu_dev_arg *args, unsigned int count)
{
	__u32 kernel;
	int err;

	err = vgpu_job_kernel(dev, builtin, &kernel);
	if (!err)
		err = vgpu_queue_launch(dev->queue, 0, kernel, args, count);
	return err ? err : vgpu_job_wait(dev);
}

void vgpu_job_fini(struct vgpu *dev)
{
	if (dev->queue)
		vgpu_queue_destroy(dev->queue);
	if (dev->staging)
		vgpu_bo_drop_system(dev, dev->staging_bo, dev->staging, STAGING_SIZE);
}

void vgpu_set_mailbox(struct vgpu *dev, int mailbox)
{
	pthread_mutex_lock(&dev->lock);
	dev->mailbox = mailbox;
	pthread_mutex_unlock(&dev->lock);
}

int vgpu_bo_write(struct vgpu *dev, struct vgpu_buf dst, const void *src, size_t length)
{
	int how = vgpu_job_begin(dev);

	if (how >= 0)
		how = how ? vgpu_queue_write(dev, dst, src, length) :
			    vgpu_mailbox_write(dev, dst, src, length);
	return vgpu_job_end(dev, how);
}

int vgpu_bo_read(struct vgpu *dev, void *dst, struct vgpu_buf src, size_t length)
{
	int how = vgpu_job_begin(dev);

	if (how >= 0)
		how = how ? vgpu_queue_read(dev, dst, src, length) :
			    vgpu_mailbox_read(dev, dst, src, length);
	return vgpu_job_end(dev, how);
}

int vgpu_copy(struct vgpu *dev, struct vgpu_buf dst, struct vgpu_buf src, __u64 length)
{
	int how = vgpu_job_begin(dev);

	if (how > 0) {
		vgpu_queue_copy(dev->queue, 0, dst, src, length);
		how = vgpu_job_wait(dev);
	} else if (!how) {
		how = vgpu_mailbox_copy(dev, dst, src, length);
	}
	return vgpu_job_end(dev, how);
}

int vgpu_fill(struct vgpu *dev, struct vgpu_buf dst, __u64 length, __u32 pattern)
{
	int how = vgpu_job_begin(dev);

	if (how > 0) {
		vgpu_queue_fill(dev->queue, 0, dst, length, pattern);
		how = vgpu_job_wait(dev);
	} else if (!how) {
		how = vgpu_mailbox_fill(dev, dst, length, pattern);
	}
	return vgpu_job_end(dev, how);
}

int vgpu_launch(struct vgpu *dev, enum vgpu_builtin builtin,
		const struct vgpu_dev_arg *args, unsigned int count)
{
	int how = vgpu_job_begin(dev);

	/* the mailbox takes numbers, so also of a kernel we have no name for */
	if (how > 0 && vgpu_builtin_name(builtin))
		how = vgpu_job_launch(dev, builtin, args, count);
	else if (how >= 0)
		how = vgpu_mailbox_launch(dev, builtin, args, count);
	return vgpu_job_end(dev, how);
}

int vgpu_launch_grid(struct vgpu *dev, __u32 kernel, const struct vgpu_grid *grid,
		     const struct vgpu_dev_arg *args, unsigned int count)
{
	int how = vgpu_job_begin(dev);

	if (how > 0) {
		how = vgpu_queue_launch_grid(dev->queue, 0, kernel, grid, args, count);
		how = how ? how : vgpu_job_wait(dev);
	} else if (!how) {
		how = -EOPNOTSUPP;
	}
	return vgpu_job_end(dev, how);
}
