// SPDX-License-Identifier: GPL-2.0
/*
 * The reference engine: the built-in kernels in plain C, as enum vgpu_builtin says what they
 * are, to the bit (so without contraction, see the Makefile).  Its device is the CPU, its
 * memory the worker's own, and it has no modules.
 */
#include <sha256.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <time.h>

#include "engine.h"

/* Between two looks at whether a job is aborted: some ten microseconds */
#define CHUNK_BYTES	(256U << 10)
#define CHUNK_OPS	65536U

/* By enum vgpu_builtin; see run_builtin() */
#define REFERENCE_BUILTINS						\
	(1ULL << VGPU_BUILTIN_VECADD_U32 | 1ULL << VGPU_BUILTIN_VECADD_F32 | \
	 1ULL << VGPU_BUILTIN_SAXPY_F32 | 1ULL << VGPU_BUILTIN_MATMUL_F32 | \
	 1ULL << VGPU_BUILTIN_REDUCE_U32 | 1ULL << VGPU_BUILTIN_SHA256)

/**
 * struct reference_mem - memory
 * @base: what others see of it
 * @at: its bytes
 * @is_own: they were made for it
 */
struct reference_mem {
	struct engine_mem base;
	void *at;
	bool is_own;
};

/* A built-in kernel's argument, as the steps below want it */
struct arg {
	void *at;
	__u64 value;
};

static __u64 least(__u64 a, __u64 b)
{
	return a < b ? a : b;
}

static void *mem_at(struct engine_mem *mem, __u64 offset)
{
	return (char *)((struct reference_mem *)mem)->at + offset;
}

static bool reference_list(void)
{
	printf("reference: the built-in kernels, on the CPU\n");
	return true;
}

static struct engine *reference_open(const char *device)
{
	struct engine *engine;

	if (device) {
		fprintf(stderr, "vgpu-execd: reference: has no devices to choose from\n");
		return NULL;
	}
	engine = calloc(1, sizeof(*engine));
	if (!engine)
		return NULL;
	engine->ops = &engine_reference;
	snprintf(engine->info.name, sizeof(engine->info.name), "reference");
	engine->info.builtins = REFERENCE_BUILTINS;
	engine->info.buffer_align = 4;
	return engine;
}

static void reference_close(struct engine *engine)
{
	free(engine);
}

static enum vgpu_error new_mem(void *at, __u64 size, bool is_own, struct engine_mem **mem)
{
	struct reference_mem *new = malloc(sizeof(*new));

	if (!new)
		return VGPU_ERR_NO_MEMORY;
	*new = (struct reference_mem){ { size }, at, is_own };
	*mem = &new->base;
	return VGPU_ERR_NONE;
}

static enum vgpu_error reference_mem_create(struct engine *engine, __u64 size,
					    struct engine_mem **mem)
{
	void *at = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	enum vgpu_error err;

	(void)engine;
	if (at == MAP_FAILED)
		return VGPU_ERR_NO_MEMORY;
	err = new_mem(at, size, true, mem);
	if (err)
		munmap(at, size);
	return err;
}

static enum vgpu_error reference_mem_import(struct engine *engine, void *at, __u64 size,
					    struct engine_mem **mem)
{
	(void)engine;
	return new_mem(at, size, false, mem);
}

static void reference_mem_destroy(struct engine *engine, struct engine_mem *mem)
{
	struct reference_mem *ours = (struct reference_mem *)mem;

	(void)engine;
	if (ours->is_own)
		munmap(ours->at, mem->size);
	free(ours);
}

static enum vgpu_error run_copy(void *dst, const void *src, __u64 length,
				const struct engine_job *job)
{
	__u64 at, n;

	for (at = 0; at < length; at += n) {
		if (engine_is_aborted(job))
			return VGPU_ERR_CANCELED;
		n = least(length - at, CHUNK_BYTES);
		memcpy((char *)dst + at, (const char *)src + at, n);
	}
	return VGPU_ERR_NONE;
}

static enum vgpu_error timed_copy(void *dst, const void *src, __u64 length,
				  struct engine_job *job)
{
	__u64 begin = engine_now_ns();
	enum vgpu_error err = run_copy(dst, src, length, job);

	job->gpu_ns += engine_now_ns() - begin;
	return err;
}

static enum vgpu_error reference_copy(struct engine *engine, struct engine_mem *dst,
				      __u64 dst_offset, struct engine_mem *src,
				      __u64 src_offset, __u64 length, struct engine_job *job)
{
	(void)engine;
	return timed_copy(mem_at(dst, dst_offset), mem_at(src, src_offset), length, job);
}

static enum vgpu_error reference_read(struct engine *engine, struct engine_mem *src, __u64 offset,
				      void *to, size_t length, struct engine_job *job)
{
	(void)engine;
	return timed_copy(to, mem_at(src, offset), length, job);
}

static enum vgpu_error reference_write(struct engine *engine, struct engine_mem *dst,
				       __u64 offset, const void *from, size_t length,
				       struct engine_job *job)
{
	(void)engine;
	return timed_copy(mem_at(dst, offset), from, length, job);
}

static enum vgpu_error run_fill(__u32 *at, __u32 pattern, __u64 words,
				const struct engine_job *job)
{
	__u64 i;

	for (i = 0; i < words; i++) {
		if (!(i % CHUNK_OPS) && engine_is_aborted(job))
			return VGPU_ERR_CANCELED;
		at[i] = pattern;
	}
	return VGPU_ERR_NONE;
}

static enum vgpu_error reference_fill(struct engine *engine, struct engine_mem *dst, __u64 offset,
				      __u32 pattern, __u64 length, struct engine_job *job)
{
	__u64 begin = engine_now_ns();
	enum vgpu_error err;

	(void)engine;
	err = run_fill(mem_at(dst, offset), pattern, length / sizeof(__u32), job);
	job->gpu_ns += engine_now_ns() - begin;
	return err;
}

static void step_vecadd_u32(const struct arg *arg, __u64 i)
{
	((__u32 *)arg[0].at)[i] = ((__u32 *)arg[1].at)[i] + ((__u32 *)arg[2].at)[i];
}

static void step_vecadd_f32(const struct arg *arg, __u64 i)
{
	((float *)arg[0].at)[i] = ((float *)arg[1].at)[i] + ((float *)arg[2].at)[i];
}

static void step_saxpy_f32(const struct arg *arg, __u64 i)
{
	__u32 bits = arg[2].value;
	float a;

	memcpy(&a, &bits, sizeof(a));
	((float *)arg[0].at)[i] = a * ((float *)arg[1].at)[i] + ((float *)arg[0].at)[i];
}

static void step_reduce_u32(const struct arg *arg, __u64 i)
{
	__u32 *sum = arg[0].at;

	*sum = (i ? *sum : 0) + ((__u32 *)arg[1].at)[i];
}

static enum vgpu_error run_steps(const struct arg *arg, __u64 n,
				 void (*step)(const struct arg *arg, __u64 i),
				 const struct engine_job *job)
{
	__u64 i;

	for (i = 0; i < n; i++) {
		if (!(i % CHUNK_OPS) && engine_is_aborted(job))
			return VGPU_ERR_CANCELED;
		step(arg, i);
	}
	return VGPU_ERR_NONE;
}

static enum vgpu_error run_matmul(const struct arg *arg, const struct engine_job *job)
{
	const float *a = arg[1].at, *b = arg[2].at;
	__u64 m = arg[3].value, n = arg[4].value, k = arg[5].value, row, col, i;
	__u64 since = 0;
	float *c = arg[0].at, sum;

	for (row = 0; row < m; row++) {
		for (col = 0; col < n; col++) {
			since += k;
			if (since >= CHUNK_OPS) {
				since = 0;
				if (engine_is_aborted(job))
					return VGPU_ERR_CANCELED;
			}
			sum = 0;
			for (i = 0; i < k; i++)
				sum += a[row * k + i] * b[i * n + col];
			c[row * n + col] = sum;
		}
	}
	return VGPU_ERR_NONE;
}

static enum vgpu_error run_sha256(const struct arg *arg, const struct engine_job *job)
{
	const __u8 *src = arg[1].at;
	__u64 length = arg[2].value, at, n;
	SHA2_CTX sha;

	SHA256Init(&sha);
	for (at = 0; at < length; at += n) {
		if (engine_is_aborted(job))
			return VGPU_ERR_CANCELED;
		n = least(length - at, CHUNK_BYTES);
		SHA256Update(&sha, src + at, n);
	}
	SHA256Final(arg[0].at, &sha);
	return VGPU_ERR_NONE;
}

static enum vgpu_error run_builtin(enum vgpu_builtin kernel, const struct arg *arg,
				   const struct engine_job *job)
{
	switch (kernel) {
	case VGPU_BUILTIN_VECADD_U32:
		return run_steps(arg, arg[3].value, step_vecadd_u32, job);
	case VGPU_BUILTIN_VECADD_F32:
		return run_steps(arg, arg[3].value, step_vecadd_f32, job);
	case VGPU_BUILTIN_SAXPY_F32:
		return run_steps(arg, arg[3].value, step_saxpy_f32, job);
	case VGPU_BUILTIN_MATMUL_F32:
		return run_matmul(arg, job);
	case VGPU_BUILTIN_REDUCE_U32:
		return run_steps(arg, arg[2].value, step_reduce_u32, job);
	case VGPU_BUILTIN_SHA256:
		return run_sha256(arg, job);
	default:
		return VGPU_ERR_GPU;
	}
}

static enum vgpu_error reference_launch_builtin(struct engine *engine, enum vgpu_builtin kernel,
						const struct engine_arg *arg,
						struct engine_job *job)
{
	struct arg at[VGPU_MAX_ARGS];
	__u64 begin = engine_now_ns();
	enum vgpu_error err;
	int i;

	(void)engine;
	for (i = 0; i < VGPU_MAX_ARGS; i++) {
		at[i].at = arg[i].mem ? mem_at(arg[i].mem, arg[i].offset) : NULL;
		at[i].value = arg[i].value ? *(const __u64 *)arg[i].value : 0;
	}
	err = run_builtin(kernel, at, job);
	job->gpu_ns += engine_now_ns() - begin;
	return err;
}

const struct engine_ops engine_reference = {
	.name = "reference",
	.list = reference_list,
	.open = reference_open,
	.close = reference_close,
	.mem_create = reference_mem_create,
	.mem_import = reference_mem_import,
	.mem_destroy = reference_mem_destroy,
	.copy = reference_copy,
	.fill = reference_fill,
	.read = reference_read,
	.write = reference_write,
	.launch_builtin = reference_launch_builtin,
};
