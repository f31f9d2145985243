// SPDX-License-Identifier: GPL-2.0
/*
 * Requests in short.  Functions return a negative errno if the ioctl failed,
 * else what the device said (enum vgpu_error, 0 for success).
 */
#include <errno.h>
#include <fcntl.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <time.h>
#include <unistd.h>

#include "dev.h"

/* Columns of the matrices of a slow job; memory for this many rows */
#define SLOW_DIM	512
#define SLOW_MAX_ROWS	8192
#define SLOW_MEASURE_US	100000

const char *dev_path = "/dev/vgpu0";

/**
 * dev_open() - open the device, which must work
 *
 * Return: a file descriptor.
 */
int dev_open(void)
{
	int fd = open(dev_path, O_RDWR | O_CLOEXEC);

	if (fd < 0) {
		perror(dev_path);
		exit(2);
	}
	return fd;
}

/**
 * dev_info() - VGPU_IOC_GET_INFO
 */
int dev_info(int fd, struct vgpu_info *info)
{
	memset(info, 0, sizeof(*info));
	info->size = sizeof(*info);
	return ioctl(fd, VGPU_IOC_GET_INFO, info) ? -errno : 0;
}

/**
 * dev_request() - VGPU_IOC_REQUEST
 */
int dev_request(int fd, struct vgpu_request *request)
{
	request->size = sizeof(*request);
	if (ioctl(fd, VGPU_IOC_REQUEST, request))
		return -errno;
	return (int)request->status;
}

/**
 * dev_call() - a request with parameters and at most one result
 */
int dev_call(int fd, __u32 opcode, const __u32 *params, __u32 count,
	     __u32 *result)
{
	struct vgpu_request request = {
		.opcode = opcode,
		.params = (uintptr_t)params,
		.param_count = count,
		.results = (uintptr_t)result,
		.result_count = result ? 1 : 0,
	};

	return dev_request(fd, &request);
}

/**
 * dev_nop() - a request that does nothing
 */
int dev_nop(int fd, __u32 timeout_ms)
{
	struct vgpu_request request = {
		.opcode = VGPU_OP_NOP,
		.timeout_ms = timeout_ms,
	};

	return dev_request(fd, &request);
}

/**
 * dev_bo_create() - make a buffer object
 */
int dev_bo_create(int fd, __u64 size, __u32 *bo)
{
	const __u32 params[] = { (__u32)size, (__u32)(size >> 32) };

	return dev_call(fd, VGPU_OP_BO_CREATE, params, 2, bo);
}

/**
 * dev_bo_write() - write into a buffer object, with one request
 */
int dev_bo_write(int fd, __u32 bo, __u64 offset, const void *data,
		 __u32 length)
{
	const __u32 params[] = { bo, (__u32)offset, (__u32)(offset >> 32) };
	struct vgpu_request request = {
		.opcode = VGPU_OP_BO_WRITE,
		.params = (uintptr_t)params,
		.param_count = ARRAY_SIZE(params),
		.data = (uintptr_t)data,
		.data_length = length,
	};

	return dev_request(fd, &request);
}

/**
 * dev_bo_read() - read from a buffer object, with one request
 */
int dev_bo_read(int fd, __u32 bo, __u64 offset, void *data, __u32 length)
{
	const __u32 params[] = {
		bo, (__u32)offset, (__u32)(offset >> 32), length,
	};
	struct vgpu_request request = {
		.opcode = VGPU_OP_BO_READ,
		.params = (uintptr_t)params,
		.param_count = ARRAY_SIZE(params),
		.answer = (uintptr_t)data,
		.answer_length = length,
	};
	int ret;

	ret = dev_request(fd, &request);
	if (!ret && request.answer_length != length)
		return -EPROTO;
	return ret;
}

/**
 * dev_memory_used() - device memory that the vGPU uses
 *
 * Return: bytes, or ~0 if that can't be known.
 */
__u64 dev_memory_used(void)
{
	struct vgpu_info info;
	int fd = dev_open();
	int err;

	err = dev_info(fd, &info);
	close(fd);
	return err ? ~0ULL : info.memory_used;
}

/**
 * dev_memory_available() - memory of this machine's that could be had
 *
 * Return: bytes.
 */
size_t dev_memory_available(void)
{
	FILE *f = fopen("/proc/meminfo", "re");
	unsigned long kib = 0;
	char line[128];

	while (f && fgets(line, sizeof(line), f)) {
		if (sscanf(line, "MemAvailable: %lu", &kib) == 1)
			break;
	}
	if (f)
		fclose(f);
	return kib * 1024;
}

/**
 * dev_now() - a clock
 *
 * Return: seconds since some moment.
 */
double dev_now(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (double)now.tv_sec + (double)now.tv_nsec / 1000000000.0;
}

/**
 * dev_sleep_ms() - wait
 */
void dev_sleep_ms(unsigned int ms)
{
	const struct timespec time = {
		.tv_sec = ms / 1000,
		.tv_nsec = (long)(ms % 1000) * 1000000,
	};

	nanosleep(&time, NULL);
}

/**
 * dev_write_text() - write a file of the kernel's, in one go
 *
 * Return: 0 or a negative errno.
 */
int dev_write_text(const char *path, const char *text)
{
	int fd = open(path, O_WRONLY | O_CLOEXEC), err = 0;

	if (fd < 0 || write(fd, text, strlen(text)) < 0)
		err = -errno;
	if (fd >= 0)
		close(fd);
	return err;
}

static void slow_args_of(const struct slow *slow, unsigned int rows, struct vgpu_dev_arg *args)
{
	const struct vgpu_dev_arg all[SLOW_ARGS] = {
		{ .type = VGPU_ARG_BO, .handle = slow->bos[2] },
		{ .type = VGPU_ARG_BO, .handle = slow->bos[0] },
		{ .type = VGPU_ARG_BO, .handle = slow->bos[1] },
		{ .value = rows },
		{ .value = SLOW_DIM },
		{ .value = SLOW_DIM },
	};

	memcpy(args, all, sizeof(all));
}

/* Returns as the other functions do; exec_time_us may be NULL */
static int slow_rows(const struct slow *slow, unsigned int rows,
		     __u32 timeout_ms, __u32 *exec_time_us)
{
	const __u32 params[] = { VGPU_BUILTIN_MATMUL_F32 };
	struct vgpu_dev_arg args[SLOW_ARGS];
	struct vgpu_request request = {
		.opcode = VGPU_OP_LAUNCH,
		.timeout_ms = timeout_ms,
		.params = (uintptr_t)params,
		.param_count = ARRAY_SIZE(params),
		.data = (uintptr_t)args,
		.data_length = sizeof(args),
	};
	int ret;

	slow_args_of(slow, rows, args);
	ret = dev_request(slow->fd, &request);
	if (exec_time_us)
		*exec_time_us = request.exec_time_us;
	return ret;
}

/**
 * slow_init() - find out how fast the device is
 * @slow: for slow_run()
 *
 * Return: 0, negative errno or enum vgpu_error; in any case slow_fini() it.
 */
int slow_init(struct slow *slow)
{
	const __u64 wide = SLOW_DIM * sizeof(float);
	unsigned int i, rows = 8;
	__u32 us = 0, best = 0;
	int ret;

	slow->fd = dev_open();
	ret = dev_bo_create(slow->fd, wide * SLOW_MAX_ROWS, &slow->bos[0]);
	if (!ret)
		ret = dev_bo_create(slow->fd, wide * SLOW_DIM, &slow->bos[1]);
	if (!ret)
		ret = dev_bo_create(slow->fd, wide * SLOW_MAX_ROWS,
				    &slow->bos[2]);
	/* What is too short measures the machine's noise */
	while (!ret && us < SLOW_MEASURE_US && rows < SLOW_MAX_ROWS) {
		rows *= 2;
		ret = slow_rows(slow, rows, 0, &us);
	}
	/* And what takes longest, what else it does */
	for (i = 0; !ret && i < 3; i++) {
		ret = slow_rows(slow, rows, 0, &us);
		if (!i || us < best)
			best = us;
	}
	slow->us_per_row = (best ? best : 1) / (double)rows;
	return ret;
}

static unsigned int slow_rows_of(const struct slow *slow, unsigned int ms)
{
	double rows = ms * 1000.0 / slow->us_per_row;

	return rows > SLOW_MAX_ROWS ? SLOW_MAX_ROWS : (unsigned int)rows + 1;
}

/**
 * slow_args() - arguments of matmul_f32, for a job by a queue
 * @slow: after slow_init()
 * @ms: how long it is to take, roughly
 * @args: SLOW_ARGS of them
 */
void slow_args(const struct slow *slow, unsigned int ms, struct vgpu_dev_arg *args)
{
	slow_args_of(slow, slow_rows_of(slow, ms), args);
}

/**
 * slow_run() - keep the device busy
 * @slow: after slow_init()
 * @ms: how long, roughly
 * @timeout_ms: of the request
 *
 * Return: 0, negative errno or enum vgpu_error.
 */
int slow_run(const struct slow *slow, unsigned int ms, __u32 timeout_ms)
{
	return slow_rows(slow, slow_rows_of(slow, ms), timeout_ms, NULL);
}

/**
 * slow_fini() - close
 */
void slow_fini(struct slow *slow)
{
	close(slow->fd);
}
