/* SPDX-License-Identifier: GPL-2.0 */
/* What the files of the OpenCL engine share. */
#ifndef VGPU_EXECD_OPENCL_H
#define VGPU_EXECD_OPENCL_H

#define CL_TARGET_OPENCL_VERSION 300
#include <CL/cl.h>

#include "engine.h"

/**
 * struct opencl - the engine, with its device
 * @base: what others see of it
 * @device: the device
 * @local: bytes of local memory that it has for a group
 * @context: of it alone
 * @queue: in order, with profiling: the first for all that is waited for, and what has none of
 *	its own.  The others are made when they are needed
 * @code: the built-in kernels, as another engine has built them
 * @builtin: the built-in kernels' program; NULL: not built yet
 * @scratch: state of a built-in kernel that runs in pieces
 */
struct opencl {
	struct engine base;
	cl_device_id device;
	cl_ulong local;
	cl_context context;
	cl_command_queue queue[ENGINE_QUEUES];
	struct engine_code code;
	cl_program builtin;
	cl_mem scratch;
};

/**
 * struct opencl_mem - memory
 * @base: what others see of it
 * @mem: what OpenCL does
 * @is_guest: it was imported
 * @at: where it is mapped for the host, while it is; only what was imported ever is
 */
struct opencl_mem {
	struct engine_mem base;
	cl_mem mem;
	bool is_guest;
	void *at;
};

static inline struct opencl *to_opencl(struct engine *engine)
{
	return (struct opencl *)engine;
}

static inline struct opencl_mem *to_mem(struct engine_mem *mem)
{
	return (struct opencl_mem *)mem;
}

enum vgpu_error opencl_error(cl_int err);
cl_command_queue opencl_queue(struct opencl *cl, const struct engine_job *job);
enum vgpu_error opencl_finish(struct opencl *cl, cl_int err, cl_event event,
			      struct engine_job *job);

bool opencl_is_over(struct engine *engine, struct engine_job *job, bool wait,
		    enum vgpu_error *status);

/* opencl_device.c's: which device there is to open */
cl_device_id opencl_device_find(const char *name);
bool opencl_device_list(void);
void opencl_device_info(cl_device_id device, struct engine_info *info);

/* opencl_mem.c's */
enum vgpu_error opencl_mem_create(struct engine *engine, __u64 size, struct engine_mem **mem);
enum vgpu_error opencl_mem_import(struct engine *engine, void *at, __u64 size,
				  struct engine_mem **mem);
void opencl_mem_destroy(struct engine *engine, struct engine_mem *mem);
enum vgpu_error opencl_copy(struct engine *engine, struct engine_mem *dst, __u64 dst_offset,
			    struct engine_mem *src, __u64 src_offset, __u64 length,
			    struct engine_job *job);
enum vgpu_error opencl_fill(struct engine *engine, struct engine_mem *dst, __u64 offset,
			    __u32 pattern, __u64 length, struct engine_job *job);
enum vgpu_error opencl_read(struct engine *engine, struct engine_mem *src, __u64 offset,
			    void *to, size_t length, struct engine_job *job);
enum vgpu_error opencl_write(struct engine *engine, struct engine_mem *dst, __u64 offset,
			     const void *from, size_t length, struct engine_job *job);
enum vgpu_error opencl_mem_begin(struct opencl *cl, struct engine_mem *mem);
enum vgpu_error opencl_mem_end(struct opencl *cl, struct engine_mem *mem);
bool opencl_args_are_guest(const struct engine_arg *arg, __u32 count);
enum vgpu_error opencl_args_begin(struct opencl *cl, const struct engine_arg *arg, __u32 count);
enum vgpu_error opencl_args_end(struct opencl *cl, const struct engine_arg *arg, __u32 count);

/* opencl_builtin.c's */
void opencl_builtin_info(struct opencl *cl);
void opencl_builtin_end(struct opencl *cl);
size_t opencl_code_get(struct engine *engine, void *to, size_t size);
void opencl_code_use(struct engine *engine, const struct engine_code *code);
enum vgpu_error opencl_launch_builtin(struct engine *engine, enum vgpu_builtin kernel,
				      const struct engine_arg *arg, struct engine_job *job);

/* opencl_module.c's */
void opencl_log(struct opencl *cl, cl_program program, struct engine_log *log);
enum vgpu_error opencl_module_build(struct engine *engine, const struct engine_source *source,
				    struct engine_log *log, struct engine_module **module);
void opencl_warm(struct engine *engine);
void opencl_module_destroy(struct engine *engine, struct engine_module *module);
enum vgpu_error opencl_kernel_get(struct engine *engine, struct engine_module *module,
				  const char *name, struct engine_log *log,
				  struct engine_kernel **kernel, struct engine_kernel_info *info);
void opencl_kernel_put(struct engine *engine, struct engine_kernel *kernel);
enum vgpu_error opencl_launch(struct engine *engine, struct engine_kernel *kernel,
			      const struct engine_arg *arg, __u32 count,
			      const struct engine_grid *grid, struct engine_job *job);

#endif /* VGPU_EXECD_OPENCL_H */
