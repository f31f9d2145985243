// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * Errors: what the device says becomes an errno, and stays to be had exactly.
 *
 * The device's last word is kept per thread, as errno is, so that a program
 * whose threads share a struct vgpu gets the one that belongs to its call.
 */
#include <assert.h>
#include <errno.h>
#include <stddef.h>
#include <string.h>

#include "error.h"
#include "vgpu.h"

#define ARRAY_SIZE(array)	(sizeof(array) / sizeof((array)[0]))

static __thread __u32 vgpu_error_last;
static __thread __u32 vgpu_error_retry_us;

/* One line for each code of the device; vgpu.h documents the errnos */
static const struct {
	int err;
	const char *name;
} vgpu_errors[] = {
	[VGPU_ERR_NONE] = { 0, "success" },
	[VGPU_ERR_INVALID_REQUEST] = { -EINVAL, "invalid request" },
	[VGPU_ERR_TOO_LARGE] = { -EMSGSIZE, "request too large" },
	[VGPU_ERR_BACKEND_UNAVAILABLE] = { -EHOSTDOWN, "backend unavailable" },
	[VGPU_ERR_TIMEOUT] = { -ETIME, "aborted by the watchdog" },
	[VGPU_ERR_GPU] = { -EREMOTEIO, "GPU error" },
	[VGPU_ERR_INVALID_POOL] = { -ENXIO, "invalid pool" },
	[VGPU_ERR_QUEUE_FULL] = { -EBUSY, "queue full" },
	[VGPU_ERR_UNSUPPORTED_OP] = { -EOPNOTSUPP, "unsupported operation" },
	[VGPU_ERR_INVALID_LENGTH] = { -EINVAL, "invalid length" },
	[VGPU_ERR_RATE_LIMITED] = { -EAGAIN, "rate limited" },
	[VGPU_ERR_QUARANTINED] = { -EACCES, "quarantined" },
	[VGPU_ERR_NO_MEMORY] = { -EDQUOT, "out of device memory" },
	[VGPU_ERR_BAD_HANDLE] = { -EBADF, "bad handle" },
	[VGPU_ERR_OUT_OF_RANGE] = { -ERANGE, "out of range" },
	[VGPU_ERR_CANCELED] = { -ECANCELED, "canceled" },
	[VGPU_ERR_BAD_ADDRESS] = { -EFAULT, "bad address" },
	[VGPU_ERR_BUSY] = { -EBUSY, "busy" },
	[VGPU_ERR_BUILD] = { -ENOEXEC, "the module can't be built" },
	[VGPU_ERR_BACKEND_LOST] = { -ENOTRECOVERABLE, "backend lost" },
};

static_assert(ARRAY_SIZE(vgpu_errors) == VGPU_ERR_COUNT,
	      "a code of the device has no errno");

/* What an errno means here, where strerror() would mislead or say less */
static const struct {
	int err;
	const char *text;
} vgpu_texts[] = {
	{ 0, "Success" },
	{ -EACCES, "No access to the device file, or the vGPU is quarantined" },
	{ -EAGAIN, "Too many requests; try again later" },
	{ -EBADF, "No such buffer object" },
	{ -EBUSY, "Too many jobs of this vGPU are waiting, or the object is in use" },
	{ -ECANCELED, "The job was called off before its end" },
	{ -ENOEXEC, "The module can't be built" },
	{ -ENOTRECOVERABLE, "What ran the GPU died, and what was in device memory with it" },
	{ -EDQUOT, "The vGPU's memory quota, its number of objects, or the GPU's memory is spent" },
	{ -EFAULT, "An address is not memory, or a buffer object has lost its memory" },
	{ -EHOSTDOWN, "The GPU's backend is not available" },
	{ -EINVAL, "A value or a combination of values is not valid" },
	{ -EIO, "The device was reset during the request, or gave no valid response" },
	{ -EMSGSIZE, "Too large for one request" },
	{ -ENODEV, "The device is gone" },
	{ -ENOSPC, "The response is larger than the buffers for it" },
	{ -ENXIO, "No such GPU" },
	{ -EOPNOTSUPP, "Unknown operation or kernel" },
	{ -EPROTO, "The device reports an error that this library doesn't know" },
	{ -ERANGE, "Offset and length cross the end of a buffer object" },
	{ -EREMOTEIO, "The GPU failed to run the job" },
	{ -ESTALE, "The context was lost in a reset of the device; open it again" },
	{ -ETIME, "The job ran too long and was aborted" },
	{ -ETIMEDOUT, "No answer in time; the request may still be running" },
};

void vgpu_error_clear(void)
{
	vgpu_error_last = VGPU_ERR_NONE;
	vgpu_error_retry_us = 0;
}

int vgpu_error_from_device(__u32 code)
{
	vgpu_error_last = code;
	vgpu_error_retry_us = 0;
	return code < ARRAY_SIZE(vgpu_errors) ? vgpu_errors[code].err : -EPROTO;
}

/* To what vgpu_error_from_device() was told before */
void vgpu_error_retry(__u32 us)
{
	vgpu_error_retry_us = us;
}

__u32 vgpu_last_error(void)
{
	return vgpu_error_last;
}

__u32 vgpu_retry_us(void)
{
	return vgpu_error_retry_us;
}

const char *vgpu_error_name(__u32 code)
{
	return code < ARRAY_SIZE(vgpu_errors) ? vgpu_errors[code].name :
						"unknown error";
}

const char *vgpu_strerror(int err)
{
	size_t i;

	for (i = 0; i < ARRAY_SIZE(vgpu_texts); i++) {
		if (vgpu_texts[i].err == err)
			return vgpu_texts[i].text;
	}
	return strerror(-err);
}
