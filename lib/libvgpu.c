// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * libvgpu: opening, requests, buffer objects, modules.  vgpu.h has the documentation;
 * job.c the jobs, queue.c the queues, error.c the errors.
 *
 * Of a struct vgpu nothing changes here once it is open, but for the timeout, so that
 * threads need no lock: the driver queues their requests.
 */
#include <endian.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "error.h"
#include "internal.h"
#include "vgpu.h"

#define ARRAY_SIZE(array)	(sizeof(array) / sizeof((array)[0]))

int vgpu_open(struct vgpu **dev, const char *path)
{
	struct vgpu *d;
	int err;

	vgpu_error_clear();
	d = calloc(1, sizeof(*d));
	if (!d)
		return -ENOMEM;
	d->fd = open(path ? path : "/dev/vgpu0", O_RDWR | O_CLOEXEC);
	if (d->fd < 0) {
		err = -errno;
		free(d);
		return err;
	}
	pthread_mutex_init(&d->lock, NULL);
	pthread_mutex_init(&d->sources_lock, NULL);
	*dev = d;
	return 0;
}

int vgpu_open_index(struct vgpu **dev, unsigned int index)
{
	char path[32];

	snprintf(path, sizeof(path), "/dev/vgpu%u", index);
	return vgpu_open(dev, path);
}

void vgpu_close(struct vgpu *dev)
{
	if (!dev)
		return;
	vgpu_job_fini(dev);
	vgpu_module_fini(dev);
	close(dev->fd);
	pthread_mutex_destroy(&dev->lock);
	pthread_mutex_destroy(&dev->sources_lock);
	free(dev);
}

int vgpu_fd(const struct vgpu *dev)
{
	return dev->fd;
}

int vgpu_check(const struct vgpu *dev)
{
	struct pollfd poll_fd = { .fd = dev->fd, .events = POLLPRI };

	vgpu_error_clear();
	if (poll(&poll_fd, 1, 0) < 0)
		return -errno;
	if (poll_fd.revents & (POLLERR | POLLHUP))
		return -ENODEV;
	return poll_fd.revents & POLLPRI ? -ESTALE : 0;
}

void vgpu_set_timeout(struct vgpu *dev, unsigned int timeout_ms)
{
	__atomic_store_n(&dev->timeout_ms, timeout_ms, __ATOMIC_RELAXED);
}

int vgpu_get_info(struct vgpu *dev, struct vgpu_info *info)
{
	vgpu_error_clear();
	memset(info, 0, sizeof(*info));
	info->size = sizeof(*info);
	return ioctl(dev->fd, VGPU_IOC_GET_INFO, info) ? -errno : 0;
}

int vgpu_request(struct vgpu *dev, struct vgpu_request *request)
{
	int err;

	vgpu_error_clear();
	request->size = sizeof(*request);
	if (!request->timeout_ms)
		request->timeout_ms = __atomic_load_n(&dev->timeout_ms,
						      __ATOMIC_RELAXED);
	if (ioctl(dev->fd, VGPU_IOC_REQUEST, request))
		return -errno;
	err = vgpu_error_from_device(request->status);
	vgpu_error_retry(request->retry_us);
	return err;
}

/* A request without results or data in either direction */
int vgpu_simple_request(struct vgpu *dev, enum vgpu_opcode opcode,
			const __u32 *params, unsigned int param_count)
{
	struct vgpu_request request = {
		.opcode = opcode,
		.params = (uintptr_t)params,
		.param_count = param_count,
	};

	return vgpu_request(dev, &request);
}

/* A request with one result, which must come */
int vgpu_request_result(struct vgpu *dev, struct vgpu_request *request, __u32 *result)
{
	int err;

	request->results = (uintptr_t)result;
	request->result_count = 1;
	err = vgpu_request(dev, request);
	if (!err && request->result_count != 1)
		err = -EIO;
	return err;
}

static int vgpu_one_result(struct vgpu *dev, enum vgpu_opcode opcode,
			   const __u32 *params, unsigned int param_count,
			   __u32 *result)
{
	struct vgpu_request request = {
		.opcode = opcode,
		.params = (uintptr_t)params,
		.param_count = param_count,
	};

	return vgpu_request_result(dev, &request, result);
}

int vgpu_nop(struct vgpu *dev)
{
	return vgpu_simple_request(dev, VGPU_OP_NOP, NULL, 0);
}

int vgpu_compute(struct vgpu *dev, __u32 a, __u32 b, __u32 *sum)
{
	const __u32 params[] = { a, b };

	return vgpu_one_result(dev, VGPU_OP_COMPUTE, params, ARRAY_SIZE(params),
			       sum);
}

int vgpu_bo_create(struct vgpu *dev, __u64 size, __u32 *bo)
{
	const __u32 params[] = { (__u32)size, (__u32)(size >> 32) };

	return vgpu_one_result(dev, VGPU_OP_BO_CREATE, params,
			       ARRAY_SIZE(params), bo);
}

int vgpu_bo_destroy(struct vgpu *dev, __u32 bo)
{
	return vgpu_simple_request(dev, VGPU_OP_BO_DESTROY, &bo, 1);
}

const char *vgpu_builtin_name(enum vgpu_builtin builtin)
{
	static const char * const names[VGPU_BUILTIN_COUNT] = {
		[VGPU_BUILTIN_VECADD_U32] = "vecadd-u32",
		[VGPU_BUILTIN_VECADD_F32] = "vecadd-f32",
		[VGPU_BUILTIN_SAXPY_F32] = "saxpy-f32",
		[VGPU_BUILTIN_MATMUL_F32] = "matmul-f32",
		[VGPU_BUILTIN_REDUCE_U32] = "reduce-u32",
		[VGPU_BUILTIN_SHA256] = "sha256",
	};

	return (unsigned int)builtin < ARRAY_SIZE(names) ? names[builtin] :
							   NULL;
}

static struct vgpu_dev_arg vgpu_arg_buf(struct vgpu_buf buf)
{
	return (struct vgpu_dev_arg) {
		.type = htole32(VGPU_ARG_BO),
		.handle = htole32(buf.bo),
		.value = htole64(buf.offset),
	};
}

static struct vgpu_dev_arg vgpu_arg_value(__u64 value)
{
	return (struct vgpu_dev_arg) {
		.type = htole32(VGPU_ARG_VALUE),
		.value = htole64(value),
	};
}

static struct vgpu_dev_arg vgpu_arg_f32(float value)
{
	__u32 bits;

	memcpy(&bits, &value, sizeof(bits));
	return vgpu_arg_value(bits);
}

int vgpu_vecadd_u32(struct vgpu *dev, struct vgpu_buf dst, struct vgpu_buf a,
		    struct vgpu_buf b, __u64 n)
{
	const struct vgpu_dev_arg args[] = {
		vgpu_arg_buf(dst), vgpu_arg_buf(a), vgpu_arg_buf(b),
		vgpu_arg_value(n),
	};

	return vgpu_launch(dev, VGPU_BUILTIN_VECADD_U32, args,
			   ARRAY_SIZE(args));
}

int vgpu_vecadd_f32(struct vgpu *dev, struct vgpu_buf dst, struct vgpu_buf a,
		    struct vgpu_buf b, __u64 n)
{
	const struct vgpu_dev_arg args[] = {
		vgpu_arg_buf(dst), vgpu_arg_buf(a), vgpu_arg_buf(b),
		vgpu_arg_value(n),
	};

	return vgpu_launch(dev, VGPU_BUILTIN_VECADD_F32, args,
			   ARRAY_SIZE(args));
}

int vgpu_saxpy_f32(struct vgpu *dev, struct vgpu_buf y, struct vgpu_buf x,
		   float a, __u64 n)
{
	const struct vgpu_dev_arg args[] = {
		vgpu_arg_buf(y), vgpu_arg_buf(x), vgpu_arg_f32(a),
		vgpu_arg_value(n),
	};

	return vgpu_launch(dev, VGPU_BUILTIN_SAXPY_F32, args, ARRAY_SIZE(args));
}

int vgpu_matmul_f32(struct vgpu *dev, struct vgpu_buf c, struct vgpu_buf a,
		    struct vgpu_buf b, __u64 m, __u64 n, __u64 k)
{
	const struct vgpu_dev_arg args[] = {
		vgpu_arg_buf(c), vgpu_arg_buf(a), vgpu_arg_buf(b),
		vgpu_arg_value(m), vgpu_arg_value(n), vgpu_arg_value(k),
	};

	return vgpu_launch(dev, VGPU_BUILTIN_MATMUL_F32, args,
			   ARRAY_SIZE(args));
}

int vgpu_reduce_u32(struct vgpu *dev, struct vgpu_buf dst, struct vgpu_buf src,
		    __u64 n)
{
	const struct vgpu_dev_arg args[] = {
		vgpu_arg_buf(dst), vgpu_arg_buf(src), vgpu_arg_value(n),
	};

	return vgpu_launch(dev, VGPU_BUILTIN_REDUCE_U32, args,
			   ARRAY_SIZE(args));
}

int vgpu_sha256(struct vgpu *dev, struct vgpu_buf dst, struct vgpu_buf src,
		__u64 length)
{
	const struct vgpu_dev_arg args[] = {
		vgpu_arg_buf(dst), vgpu_arg_buf(src), vgpu_arg_value(length),
	};

	return vgpu_launch(dev, VGPU_BUILTIN_SHA256, args, ARRAY_SIZE(args));
}
