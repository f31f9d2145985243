/* SPDX-License-Identifier: GPL-2.0 */
/* The built-in kernels as builtin.cl has them, for the engines that run that on a device. */
#ifndef VGPU_EXECD_BUILTIN_H
#define VGPU_EXECD_BUILTIN_H

#include "engine.h"

/* Arguments of a kernel of builtin.cl at most */
#define BUILTIN_MAX_ARGS	12

/* By enum vgpu_builtin: all there are, and those with floats */
#define BUILTIN_ALL							\
	(1ULL << VGPU_BUILTIN_VECADD_U32 | 1ULL << VGPU_BUILTIN_REDUCE_U32 | \
	 1ULL << VGPU_BUILTIN_SHA256 | BUILTIN_FLOATS)
#define BUILTIN_FLOATS							\
	(1ULL << VGPU_BUILTIN_VECADD_F32 | 1ULL << VGPU_BUILTIN_SAXPY_F32 | \
	 1ULL << VGPU_BUILTIN_MATMUL_F32)

/**
 * struct builtin_call - a kernel of builtin.cl that is about to run
 * @ops: how
 * @engine: where
 * @kernel: the engine's own
 * @args: arguments that it has so far
 * @value: what they are, for an engine that passes them when the kernel runs
 * @err: the first error
 */
struct builtin_call {
	const struct builtin_ops *ops;
	struct engine *engine;
	void *kernel;
	__u32 args;
	__u64 value[BUILTIN_MAX_ARGS];
	enum vgpu_error err;
};

/**
 * struct builtin_ops - how an engine runs the kernels of builtin.cl
 * @sums: items that sum, a multiple of BUILTIN_GROUP; each has a word of the scratch memory
 * @begin: find a kernel by its name; *@call is zeroed but for @ops and @engine
 * @pass: argument @i is a value
 * @pass_mem: argument @i is memory; NULL: the engine's scratch memory
 * @run: run it, and wait; may come again, with some arguments passed anew
 * @end: undo @begin, also after that has failed
 */
struct builtin_ops {
	__u32 sums;
	enum vgpu_error (*begin)(struct builtin_call *call, const char *name);
	enum vgpu_error (*pass)(struct builtin_call *call, __u32 i, const void *value,
				size_t size);
	enum vgpu_error (*pass_mem)(struct builtin_call *call, __u32 i, struct engine_mem *mem);
	enum vgpu_error (*run)(struct builtin_call *call, size_t items, size_t group,
			       struct engine_job *job);
	void (*end)(struct builtin_call *call);
};

/* Items of a group: one size, for a compiler such as PoCL's compiles for each anew */
#define BUILTIN_GROUP	64

enum vgpu_error builtin_run(const struct builtin_ops *ops, struct engine *engine,
			    enum vgpu_builtin kernel, const struct engine_arg *arg,
			    struct engine_job *job);

#endif /* VGPU_EXECD_BUILTIN_H */
