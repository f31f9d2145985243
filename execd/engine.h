/* SPDX-License-Identifier: GPL-2.0 */
/* What runs a worker's jobs: a way to reach a GPU, which owns the memory and the code there. */
#ifndef VGPU_EXECD_ENGINE_H
#define VGPU_EXECD_ENGINE_H

#include <stdbool.h>
#include <stddef.h>
#include <time.h>

#include <linux/vgpu_exec.h>

/* Arguments of a kernel at most */
#define ENGINE_MAX_ARGS		64

/* Bytes of &struct engine_code at most: PoCL's are 200 KB, others' less */
#define ENGINE_CODE_MAX		(8U << 20)

/*
 * Queues that a device is told jobs by: as many as the driver of NVIDIA's GPUs has ways to one, if
 * CUDA_DEVICE_MAX_CONNECTIONS doesn't say otherwise (CUDA C++ Programming Guide, "CUDA Environment
 * Variables": 8).  A guest's other queues share them
 */
#define ENGINE_QUEUES		8

/* Look whether a job has ended for as long, before sleeping: longer than TELL_NS of worker.c */
#define ENGINE_SPIN_NS		100000

struct engine_ops;

/**
 * struct engine_info - what a device is
 * @name: the vendor's name for it, NUL-terminated
 * @memory: bytes that it has; 0 if it has as much as is asked for
 * @builtins: bit n set: it runs enum vgpu_builtin n
 * @formats: bit n set: it takes modules of enum vgpu_module_format n
 * @buffer_align: a buffer argument of a module's kernel begins at a multiple of so many
 *	bytes of its memory.  Built-in kernels' begin at any multiple of 4
 */
struct engine_info {
	char name[64];
	__u64 memory;
	__u64 builtins;
	__u64 formats;
	__u32 buffer_align;
};

/**
 * struct engine_code - the built-in kernels as an engine has built them: the vendor's own format
 * @data: @size bytes
 * @size: up to ENGINE_CODE_MAX; 0: there is none
 */
struct engine_code {
	const void *data;
	size_t size;
};

/**
 * struct engine - a device that is open; the first member of each engine's own
 * @ops: how to use it
 * @info: what it is
 * @lost: set by the engine, in any thread: nothing works any more, nor is the memory what it
 *	was.  The worker ends, and what the vGPU has here with it
 */
struct engine {
	const struct engine_ops *ops;
	struct engine_info info;
	bool lost;
};

/**
 * struct engine_mem - memory of a device; the first member of each engine's own
 * @size: bytes
 */
struct engine_mem {
	__u64 size;
};

/* Each engine has its own */
struct engine_module;
struct engine_kernel;

/**
 * struct engine_job - what goes with each thing that a device is told to do
 * @abort: becomes something else than 0 when it is to end early, which it then does with
 *	VGPU_ERR_CANCELED; see engine_is_aborted()
 * @gpu_ns: the time it took on the device is added to it, also if it fails
 * @queue: with @later: jobs with the same number run one after the other, in the order in which
 *	they begin; others perhaps at the same time
 * @later: the caller's, for what may be told so: nobody waits for the device
 * @would_wait: the engine's, with @later: it would have to wait, and has done nothing.  To be done
 *	without @later, when nothing else is begun
 * @event: the engine's, with @later: not NULL if the device has been told, and
 *	&engine_ops.is_over says what becomes of it; it is NULL again then
 */
struct engine_job {
	const __u32 *abort;
	__u64 gpu_ns;
	__u32 queue;
	bool later;
	bool would_wait;
	void *event;
};

/**
 * struct engine_arg - an argument of a kernel
 * @mem: @length bytes of it from @offset are a buffer.  Whoever calls has checked that they
 *	lie in it
 * @offset: see @mem
 * @value: if @mem is NULL: @length bytes of it are the argument.  A built-in kernel's are
 *	8, a __u64
 * @length: bytes.  If @mem and @value are NULL there is so much local memory for a group;
 *	or, with 0, a buffer that isn't there
 */
struct engine_arg {
	struct engine_mem *mem;
	__u64 offset;
	const void *value;
	__u64 length;
};

/**
 * enum engine_param_type - what a kernel wants as an argument
 * @ENGINE_PARAM_BUFFER: memory of the device
 * @ENGINE_PARAM_VALUE: &engine_param.size bytes; or 0 if the vendor's software doesn't tell,
 *	and then as many as the argument has
 * @ENGINE_PARAM_LOCAL: local memory, as much as the argument says
 * @ENGINE_PARAM_ANY: memory of the device, by its address, or a value of 8 bytes: the format
 *	doesn't tell which of them it is
 */
enum engine_param_type {
	ENGINE_PARAM_BUFFER,
	ENGINE_PARAM_VALUE,
	ENGINE_PARAM_LOCAL,
	ENGINE_PARAM_ANY,
};

/**
 * struct engine_param - a parameter of a kernel
 * @type: what it takes
 * @size: bytes of a value, if they are known; else 0
 */
struct engine_param {
	enum engine_param_type type;
	__u32 size;
};

/**
 * struct engine_kernel_info - a kernel's parameters
 * @count: members of @param that hold
 * @param: in order
 */
struct engine_kernel_info {
	__u32 count;
	struct engine_param param[ENGINE_MAX_ARGS];
};

/**
 * struct engine_source - a module, as it comes from a guest
 * @format: enum vgpu_module_format
 * @data: @length bytes
 * @length: not 0
 * @options: for the vendor's compiler, NUL-terminated; or NULL
 */
struct engine_source {
	__u32 format;
	const void *data;
	size_t length;
	const char *options;
};

/**
 * struct engine_log - what the vendor's compiler had to say, for the guest
 * @text: truncated if it has to be, always NUL-terminated; NULL if nobody wants it
 * @size: bytes at @text; not 0 if it isn't NULL
 */
struct engine_log {
	char *text;
	size_t size;
};

/**
 * struct engine_grid - how many work items a kernel is run by, in each dimension
 * @groups: groups of them
 * @items: in a group
 * @shared: bytes of memory for each group beside what the kernel declares and its arguments
 *	say, if the format knows such
 */
struct engine_grid {
	__u32 groups[3];
	__u32 items[3];
	__u32 shared;
};

/**
 * struct engine_ops - a way to reach a GPU
 * @name: as --engine has it
 * @view: patterns, as for a shell, of the files that the vendor's software reads,
 *	NULL-terminated: each is there in the sandbox, read-only, if there is one; or NULL: none,
 *	no threads, no new code
 * @nodes: patterns of the device files that it uses, NULL-terminated: each character device is
 *	there in the sandbox, to read and write, if there is one; or NULL
 * @reserves: it takes address space that it doesn't use, as much as it likes
 * @list: print the devices, a line each; return false after a message if there are none.
 *	In a process of its own: vendors' threads don't live on in a child
 * @open: the device that --device names, or the first if that is NULL.  In the sandbox,
 *	before its system calls are filtered.  On failure it prints why and returns NULL
 * @close: end that, and all that was made there
 * @code_get: copy the code of the built-in kernels to @to, of which it may have up to @size
 *	bytes, and return how many those are; 0: there is none, or too much.  After one of them was
 *	launched.  NULL: there is never any
 * @code_use: before the first launch: don't build the built-in kernels, but use this code, which
 *	@code_get of an engine of the same device had, and which stays as long as the engine.  If
 *	the device refuses it they are built all the same.  NULL if @code_get is
 * @warm: load what builds modules, so that the first one takes no longer than the next.  NULL:
 *	that is there anyway
 * @mem_create: zeroed memory of the device
 * @mem_import: the guest's memory, mapped at @at, which it changes at any time.  Without a
 *	copy where the device can: what is there when a job begins is what the job reads,
 *	and what it wrote is there when it has ended
 * @mem_destroy: end memory.  What was imported may be out of reach already, and isn't to be
 *	used after this: something else may be there
 * @copy: bytes from memory to memory, ranges that don't overlap
 * @fill: @length bytes with a word; both @offset and @length are multiples of 4
 * @read: bytes from memory to @to
 * @write: bytes from @from to memory
 * @launch_builtin: a kernel that is in &engine_info.builtins; VGPU_MAX_ARGS arguments, of
 *	which the first match its signature.  The first launch may have to build them all
 * @module_build: code of a format that is in &engine_info.formats
 * @module_destroy: end a module; its kernels have been put
 * @kernel_get: a kernel of a module, by name
 * @kernel_put: end that
 * @launch: run a kernel; as many arguments as it has parameters.  What doesn't match them is
 *	refused.  May be told &engine_job.later
 * @is_over: is a job with an &engine_job.event over?  If so its @status is told; with @wait, it is
 *	slept until then.  As long as one isn't over what it uses is there, and nothing is begun but
 *	what may be told &engine_job.later.  NULL if there are no such jobs
 *
 * All return VGPU_ERR_INVALID_REQUEST if what they were told makes no sense to the device:
 * source that doesn't build, a kernel that isn't in it or takes what can't be passed, sizes
 * that it refuses; VGPU_ERR_NO_MEMORY if it has too little of anything, VGPU_ERR_CANCELED if
 * they were aborted, and else VGPU_ERR_GPU.
 *
 * One thing is done at a time, and has been done on return unless there is an &engine_job.event;
 * but for @module_build and @kernel_get, which another thread may be at beside all others.  The
 * functions for modules and kernels may be NULL if there are no formats.
 */
struct engine_ops {
	const char *name;
	const char *const *view;
	const char *const *nodes;
	bool reserves;
	bool (*list)(void);
	struct engine *(*open)(const char *device);
	void (*close)(struct engine *engine);
	size_t (*code_get)(struct engine *engine, void *to, size_t size);
	void (*code_use)(struct engine *engine, const struct engine_code *code);
	void (*warm)(struct engine *engine);

	enum vgpu_error (*mem_create)(struct engine *engine, __u64 size, struct engine_mem **mem);
	enum vgpu_error (*mem_import)(struct engine *engine, void *at, __u64 size,
				      struct engine_mem **mem);
	void (*mem_destroy)(struct engine *engine, struct engine_mem *mem);

	enum vgpu_error (*copy)(struct engine *engine, struct engine_mem *dst, __u64 dst_offset,
				struct engine_mem *src, __u64 src_offset, __u64 length,
				struct engine_job *job);
	enum vgpu_error (*fill)(struct engine *engine, struct engine_mem *dst, __u64 offset,
				__u32 pattern, __u64 length, struct engine_job *job);
	enum vgpu_error (*read)(struct engine *engine, struct engine_mem *src, __u64 offset,
				void *to, size_t length, struct engine_job *job);
	enum vgpu_error (*write)(struct engine *engine, struct engine_mem *dst, __u64 offset,
				 const void *from, size_t length, struct engine_job *job);
	enum vgpu_error (*launch_builtin)(struct engine *engine, enum vgpu_builtin kernel,
					  const struct engine_arg *arg, struct engine_job *job);

	enum vgpu_error (*module_build)(struct engine *engine, const struct engine_source *source,
					struct engine_log *log, struct engine_module **module);
	void (*module_destroy)(struct engine *engine, struct engine_module *module);
	enum vgpu_error (*kernel_get)(struct engine *engine, struct engine_module *module,
				      const char *name, struct engine_log *log,
				      struct engine_kernel **kernel,
				      struct engine_kernel_info *info);
	void (*kernel_put)(struct engine *engine, struct engine_kernel *kernel);
	enum vgpu_error (*launch)(struct engine *engine, struct engine_kernel *kernel,
				  const struct engine_arg *arg, __u32 count,
				  const struct engine_grid *grid, struct engine_job *job);
	bool (*is_over)(struct engine *engine, struct engine_job *job, bool wait,
			enum vgpu_error *status);
};

extern const struct engine_ops engine_reference;
extern const struct engine_ops engine_opencl;
extern const struct engine_ops engine_cuda;

/* For engines to call from time to time; the worker's */
bool engine_is_aborted(const struct engine_job *job);

/**
 * engine_now_ns() - the time, by the clock that the kernel's ktime_get_ns() reads
 */
static inline __u64 engine_now_ns(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return now.tv_sec * 1000000000ULL + now.tv_nsec;
}

#endif /* VGPU_EXECD_ENGINE_H */
