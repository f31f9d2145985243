/* SPDX-License-Identifier: GPL-2.0 */
/* What the files of the CUDA engine share. */
#ifndef VGPU_EXECD_CUDA_H
#define VGPU_EXECD_CUDA_H

#include <stdint.h>
#include <string.h>
#include <time.h>

#include "cuda_api.h"
#include "engine.h"

/* Bytes of the piece of host memory through which data pass that the device can't reach */
#define CUDA_STAGE	(4ULL << 20)

/**
 * struct cuda_timer - when something begins and ends
 * @next: another one that nobody uses
 * @stream: in which it is recorded
 * @begin: recorded before what is timed
 * @end: and after it
 */
struct cuda_timer {
	struct cuda_timer *next;
	struct cu_stream *stream;
	struct cu_event *begin;
	struct cu_event *end;
};

/**
 * struct cuda - the engine, with its device
 * @base: what others see of it
 * @api: the library
 * @device: the device
 * @threads: of a block, at most
 * @block: likewise, in each dimension
 * @grid: blocks, in each dimension, at most
 * @shared: bytes of shared memory of a block, without more ado
 * @shared_most: likewise, for a kernel that is told to have more
 * @ctx: of this engine alone
 * @stream: the first for all that is waited for, and what has none of its own.  The others are
 *	made when they are needed; one that couldn't be is the first
 * @timer: of what is told to a stream; NULL: none was made, or it is a job's that goes on
 * @timers: those that nobody uses
 * @stage: CUDA_STAGE bytes of host memory, which the device reaches
 * @builtin: the built-in kernels' module
 * @scratch: state of a built-in kernel that runs in pieces
 */
struct cuda {
	struct engine base;
	const struct cuda_api *api;
	int device;
	int threads;
	int block[3];
	int grid[3];
	int shared;
	int shared_most;
	struct cu_context *ctx;
	struct cu_stream *stream[ENGINE_QUEUES];
	struct cuda_timer *timer;
	struct cuda_timer *timers;
	void *stage;
	struct cu_module *builtin;
	__u64 scratch;
};

/**
 * struct cuda_mem - memory
 * @base: what others see of it
 * @device: where the device reaches it; 0 if it can't yet
 * @at: the guest's, mapped here; NULL if the memory is the device's own
 * @is_registered: the device reaches the guest's itself
 * @copy: of the guest's, which the device reaches in its place; NULL as long as no kernel has
 *	used it
 * @before: what was in @copy when the kernel began
 */
struct cuda_mem {
	struct engine_mem base;
	__u64 device;
	char *at;
	bool is_registered;
	char *copy;
	char *before;
};

static inline struct cuda *to_cuda(struct engine *engine)
{
	return (struct cuda *)engine;
}

static inline struct cuda_mem *to_mem(struct engine_mem *mem)
{
	return (struct cuda_mem *)mem;
}

static inline __u64 cuda_least(__u64 a, __u64 b)
{
	return a < b ? a : b;
}

enum vgpu_error cuda_error(struct cuda *cu, int error);
enum vgpu_error cuda_enter(struct cuda *cu);
enum vgpu_error cuda_begin(struct cuda *cu, const struct engine_job *job);
enum vgpu_error cuda_finish(struct cuda *cu, int error, struct engine_job *job);
bool cuda_is_over(struct engine *engine, struct engine_job *job, bool wait,
		  enum vgpu_error *status);

/* cuda_device.c's: which device there is to open */
const struct cuda_api *cuda_device_init(void);
bool cuda_device_list(void);
bool cuda_device_find(struct cuda *cu, const char *name);
void cuda_device_hint(void);

/* cuda_host.c's: host memory that the device reaches */
int cuda_host_make(struct cuda *cu, __u64 size, void **at, __u64 *device);
void cuda_host_end(struct cuda *cu, void *at, __u64 size);

/* cuda_mem.c's */
enum vgpu_error cuda_mem_create(struct engine *engine, __u64 size, struct engine_mem **mem);
enum vgpu_error cuda_mem_import(struct engine *engine, void *at, __u64 size,
				struct engine_mem **mem);
void cuda_mem_destroy(struct engine *engine, struct engine_mem *mem);
bool cuda_args_are_copied(const struct engine_arg *arg, __u32 count);
enum vgpu_error cuda_args_begin(struct cuda *cu, const struct engine_arg *arg, __u32 count,
				__u32 written);
void cuda_args_end(const struct engine_arg *arg, __u32 written);

/* cuda_copy.c's */
enum vgpu_error cuda_copy(struct engine *engine, struct engine_mem *dst, __u64 dst_offset,
			  struct engine_mem *src, __u64 src_offset, __u64 length,
			  struct engine_job *job);
enum vgpu_error cuda_fill(struct engine *engine, struct engine_mem *dst, __u64 offset,
			  __u32 pattern, __u64 length, struct engine_job *job);
enum vgpu_error cuda_read(struct engine *engine, struct engine_mem *src, __u64 offset, void *to,
			  size_t length, struct engine_job *job);
enum vgpu_error cuda_write(struct engine *engine, struct engine_mem *dst, __u64 offset,
			   const void *from, size_t length, struct engine_job *job);

/* cuda_builtin.c's */
bool cuda_builtin_load(struct cuda *cu);
void cuda_builtin_end(struct cuda *cu);
enum vgpu_error cuda_launch_builtin(struct engine *engine, enum vgpu_builtin kernel,
				    const struct engine_arg *arg, struct engine_job *job);

/* cuda_module.c's */
enum vgpu_error cuda_module_build(struct engine *engine, const struct engine_source *source,
				  struct engine_log *log, struct engine_module **module);
void cuda_module_destroy(struct engine *engine, struct engine_module *module);
enum vgpu_error cuda_kernel_get(struct engine *engine, struct engine_module *module,
				const char *name, struct engine_log *log,
				struct engine_kernel **kernel, struct engine_kernel_info *info);
void cuda_kernel_put(struct engine *engine, struct engine_kernel *kernel);
enum vgpu_error cuda_launch(struct engine *engine, struct engine_kernel *kernel,
			    const struct engine_arg *arg, __u32 count,
			    const struct engine_grid *grid, struct engine_job *job);

#endif /* VGPU_EXECD_CUDA_H */
