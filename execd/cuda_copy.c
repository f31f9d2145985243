// SPDX-License-Identifier: GPL-2.0
/*
 * The CUDA engine's copies and fills.  What the device doesn't reach passes through a piece of
 * memory that it does, so that nobody but this program touches the guest's.
 */
#include "cuda.h"

/* Between two looks at whether a job is aborted: about a millisecond */
#define PIECE		(64ULL << 20)

/**
 * struct place - where bytes are
 * @host: in this process, if the device doesn't reach them; else NULL
 * @device: where it does
 */
struct place {
	char *host;
	__u64 device;
};

static struct place place_of(struct engine_mem *mem, __u64 offset)
{
	struct cuda_mem *m = to_mem(mem);

	if (m->at && !m->is_registered)
		return (struct place){ .host = m->at + offset };
	return (struct place){ .device = m->device + offset };
}

static enum vgpu_error move(struct cuda *cu, __u64 dst, __u64 src, __u64 length,
			    struct engine_job *job)
{
	enum vgpu_error err = cuda_begin(cu, job);
	int error;

	if (err)
		return err;
	error = cu->api->memcpy_async(dst, src, length, cu->timer->stream);
	return cuda_finish(cu, error, job);
}

/* One piece; the device's and the host's addresses are in one space */
static enum vgpu_error copy_piece(struct cuda *cu, struct place dst, struct place src, __u64 n,
				  struct engine_job *job)
{
	__u64 stage = (uintptr_t)cu->stage, begin;
	enum vgpu_error err;

	if (dst.host && src.host) {
		begin = engine_now_ns();
		memcpy(dst.host, src.host, n);
		job->gpu_ns += engine_now_ns() - begin;
		return VGPU_ERR_NONE;
	}
	if (src.host) {
		memcpy(cu->stage, src.host, n);
		return move(cu, dst.device, stage, n, job);
	}
	if (!dst.host)
		return move(cu, dst.device, src.device, n, job);
	err = move(cu, stage, src.device, n, job);
	if (!err)
		memcpy(dst.host, cu->stage, n);
	return err;
}

static enum vgpu_error copy(struct cuda *cu, struct place dst, struct place src, __u64 length,
			    struct engine_job *job)
{
	__u64 most = dst.host || src.host ? CUDA_STAGE : PIECE, n;
	enum vgpu_error err = VGPU_ERR_NONE;

	for (; length && !err; length -= n) {
		if (engine_is_aborted(job))
			return VGPU_ERR_CANCELED;
		n = cuda_least(length, most);
		err = copy_piece(cu, dst, src, n, job);
		if (dst.host)
			dst.host += n;
		if (src.host)
			src.host += n;
		dst.device += n;
		src.device += n;
	}
	return err;
}

/**
 * cuda_copy() - see &struct engine_ops
 */
enum vgpu_error cuda_copy(struct engine *engine, struct engine_mem *dst, __u64 dst_offset,
			  struct engine_mem *src, __u64 src_offset, __u64 length,
			  struct engine_job *job)
{
	return copy(to_cuda(engine), place_of(dst, dst_offset), place_of(src, src_offset), length,
		    job);
}

/**
 * cuda_read() - see &struct engine_ops
 */
enum vgpu_error cuda_read(struct engine *engine, struct engine_mem *src, __u64 offset, void *to,
			  size_t length, struct engine_job *job)
{
	const struct place there = { .host = to };

	return copy(to_cuda(engine), there, place_of(src, offset), length, job);
}

/**
 * cuda_write() - see &struct engine_ops
 */
enum vgpu_error cuda_write(struct engine *engine, struct engine_mem *dst, __u64 offset,
			   const void *from, size_t length, struct engine_job *job)
{
	/* it is only read */
	const struct place here = { .host = (char *)from };

	return copy(to_cuda(engine), place_of(dst, offset), here, length, job);
}

static enum vgpu_error fill_piece(struct cuda *cu, struct place dst, __u32 pattern, __u64 n,
				  struct engine_job *job)
{
	enum vgpu_error err;
	__u64 begin, at;
	int error;

	if (dst.host) {
		begin = engine_now_ns();
		for (at = 0; at < n; at += sizeof(pattern))
			memcpy(dst.host + at, &pattern, sizeof(pattern));
		job->gpu_ns += engine_now_ns() - begin;
		return VGPU_ERR_NONE;
	}
	err = cuda_begin(cu, job);
	if (err)
		return err;
	error = cu->api->memset_d32_async(dst.device, pattern, n / sizeof(pattern),
					  cu->timer->stream);
	return cuda_finish(cu, error, job);
}

/**
 * cuda_fill() - see &struct engine_ops
 */
enum vgpu_error cuda_fill(struct engine *engine, struct engine_mem *dst, __u64 offset,
			  __u32 pattern, __u64 length, struct engine_job *job)
{
	struct place to = place_of(dst, offset);
	__u64 most = to.host ? CUDA_STAGE : PIECE, n;
	enum vgpu_error err = VGPU_ERR_NONE;

	for (; length && !err; length -= n) {
		if (engine_is_aborted(job))
			return VGPU_ERR_CANCELED;
		n = cuda_least(length, most);
		err = fill_piece(to_cuda(engine), to, pattern, n, job);
		if (to.host)
			to.host += n;
		to.device += n;
	}
	return err;
}
