/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The contract between the core and a backend: the driver of one kind of GPU.
 *
 * A backend describes its GPU and calls vgpu_gpu_register().  From then on the
 * core calls its ops, until vgpu_gpu_unregister() has returned.
 */
#ifndef _VGPU_BACKEND_H
#define _VGPU_BACKEND_H

#include <linux/sched.h>
#include <linux/types.h>
#include <linux/vgpu_dev.h>

struct device;
struct module;
struct vgpu_arb_entity;
struct vgpu_bo;
struct vgpu_ctx;
struct vgpu_gpu;
struct vgpu_job;
struct vgpu_kernel;
struct vgpu_module;
struct vgpu_module_source;

/**
 * struct vgpu_backend_ops - what a backend does for the core
 *
 * All ops are called in process context, with no spinlock held, and may be
 * called for different vGPUs at the same time.  @ctx_create and @bo_create may
 * fail for want of memory; what ends something can't fail.
 *
 * @name: name of the backend, shown to guests; at most 15 characters
 *
 * @ctx_create: a context of a vGPU begins.  May sleep.  Guarantees: no other op
 *	has seen @ctx.  Return 0; -ENOMEM: the guest gets VGPU_ERR_NO_MEMORY; or -ENODEV:
 *	VGPU_ERR_BACKEND_UNAVAILABLE.  Optional.
 *
 * @ctx_destroy: the context ends.  May sleep.  Guarantees: all its buffer
 *	objects were destroyed and no job of it is on the GPU.  Optional.
 *
 * @bo_create: provide &vgpu_bo.size bytes of zeroed device memory.  Guest memory is
 *	not the backend's: see vgpu_bo_vaddr().  May sleep.
 *	Guarantees: the size is a multiple of VGPU_BO_ALIGN and is within the
 *	vGPU's quota, and so within &vgpu_gpu_desc.memory_size over all.
 *	Return 0; -ENOMEM: the guest gets VGPU_ERR_NO_MEMORY; -ENODEV:
 *	VGPU_ERR_BACKEND_UNAVAILABLE; or -ENOTRECOVERABLE: VGPU_ERR_BACKEND_LOST, and the
 *	context can't be used any more.
 *
 * @bo_destroy: the memory is no longer used.  May sleep.  Guarantees: no job
 *	that names it is on the GPU.
 *
 * @bo_map: jobs may name guest memory from now on, which the backend finds by
 *	vgpu_bo_vaddr().  May sleep.  Return 0 or -ENOMEM.  Optional, for a backend that does
 *	more with it than to use that address.
 *
 * @bo_unmap: the guest memory is about to be unpinned: when this returns nothing reaches it
 *	through the backend any more.  May sleep.  Guarantees: @bo_map was called, and has
 *	returned 0; no job that names it is on the GPU, and none will be.  &vgpu.reset_lock
 *	may be held.  Optional.
 *
 * @module_build: build a module of a format in &vgpu_gpu_desc.formats; &vgpu_module.priv is
 *	the backend's.  May sleep, as long as a compiler takes, but not while the vGPU is being
 *	stopped.  Guarantees: the ranges are of guest memory and lie in their objects; they are
 *	the guest's to change at any time.
 *	Return VGPU_ERR_NONE; VGPU_ERR_BUILD; VGPU_ERR_NO_MEMORY; VGPU_ERR_CANCELED;
 *	VGPU_ERR_BACKEND_UNAVAILABLE; VGPU_ERR_BACKEND_LOST; or VGPU_ERR_GPU.  Optional, with the
 *	next three, if there is no such format.
 *
 * @module_destroy: the module isn't used any more, nor has it kernels.  May sleep.
 *
 * @kernel_get: find a kernel of a module by its name, which isn't NUL-terminated, and fill in
 *	&vgpu_kernel.nargs and &vgpu_kernel.arg; &vgpu_kernel.priv is the backend's.  May sleep,
 *	but not while the vGPU is being stopped.
 *	Return as @module_build; VGPU_ERR_UNSUPPORTED_OP if there is none, or its arguments can't
 *	be had.
 *
 * @kernel_put: the kernel isn't used any more.  May sleep.  Guarantees: no job that launches
 *	it is on the GPU.
 *
 * @submit: run a job.  The backend owns it until it calls vgpu_job_complete() or
 *	vgpu_jobs_complete(), exactly once, from process context, after vgpu_job_begin() when
 *	the GPU begins it, unless it is over before anybody sees that; doing so before @submit
 *	has returned is allowed.  Must not wait for the job.  Runs jobs with the same
 *	&vgpu_job.stream, if that is not NULL, one after the other in the order
 *	they come.  Guarantees: everything in the
 *	job was validated: ranges lie in their objects, arguments match the
 *	kernel's signature, the kernel is in &vgpu_gpu_desc.builtins or is one of @kernel_get.
 *	At most
 *	&vgpu_gpu_desc.depth jobs are with the backend at a time.
 *	Return 0; or -EAGAIN if busy: the job stays the core's, and is submitted
 *	again after the next completion (so there must be one to come).  There
 *	is no other error: what can't be run is completed with VGPU_ERR_GPU.
 *
 * @abort: bring the jobs of @entity that the backend owns to an end as soon as
 *	it can, or only those whose &vgpu_job.stream is @stream if that is not
 *	NULL; they complete as any other does, with VGPU_ERR_CANCELED unless
 *	they were faster.  May sleep.  The core waits for them, without a limit
 *	of time: a backend that can't end a job resets what runs it.
 *
 * @abort_job: as @abort, for the job of @entity whose &vgpu_job.id is @id, if the backend has
 *	it: it has run longer than it may.  A backend that can't end one job by itself
 *	resets what runs it; other jobs of @entity may end with it.
 */
struct vgpu_backend_ops {
	const char *name;
	int (*ctx_create)(struct vgpu_gpu *gpu, struct vgpu_ctx *ctx);
	void (*ctx_destroy)(struct vgpu_gpu *gpu, struct vgpu_ctx *ctx);
	int (*bo_create)(struct vgpu_gpu *gpu, struct vgpu_bo *bo);
	void (*bo_destroy)(struct vgpu_gpu *gpu, struct vgpu_bo *bo);
	int (*bo_map)(struct vgpu_gpu *gpu, struct vgpu_bo *bo);
	void (*bo_unmap)(struct vgpu_gpu *gpu, struct vgpu_bo *bo);
	enum vgpu_error (*module_build)(struct vgpu_gpu *gpu, struct vgpu_module *module,
					const struct vgpu_module_source *source);
	void (*module_destroy)(struct vgpu_gpu *gpu, struct vgpu_module *module);
	enum vgpu_error (*kernel_get)(struct vgpu_gpu *gpu, struct vgpu_kernel *kernel,
				      const char *name, u32 length);
	void (*kernel_put)(struct vgpu_gpu *gpu, struct vgpu_kernel *kernel);
	int (*submit)(struct vgpu_gpu *gpu, struct vgpu_job *job);
	void (*abort)(struct vgpu_gpu *gpu, struct vgpu_arb_entity *entity,
		      const void *stream);
	void (*abort_job)(struct vgpu_gpu *gpu, struct vgpu_arb_entity *entity, u64 id);
};

/**
 * struct vgpu_gpu_desc - a GPU as its backend describes it
 * @name: name of the GPU, the same after every restart of the host: saved
 *	configurations are keyed by it.  At most 31 characters
 * @owner: the backend's module; can't be unloaded while a vGPU is open
 * @parent: device that becomes the mdev parent, normally the GPU's PCI
 *	function; NULL to have a virtual one made.  The core takes a reference
 * @ops: the backend's operations
 * @priv: the backend's own, see vgpu_gpu_priv()
 * @memory_size: bytes of device memory there are to share
 * @builtins: bit n set: enum vgpu_builtin n can be launched
 * @formats: bit n set: enum vgpu_module_format n can be built; bit 0 is 0
 * @depth: most jobs the backend wants at a time, at least 1
 * @parallel: jobs of two vGPUs run beside each other, and neither waits for the other to end;
 *	then there may be one more for each vGPU that has none there than @depth, unless that is 1
 * @on_cpu: jobs run in the thread that completes them: for as long as vgpu_job_complete() takes
 *	there is no other, so that time is charged, too
 */
struct vgpu_gpu_desc {
	const char *name;
	struct module *owner;
	struct device *parent;
	const struct vgpu_backend_ops *ops;
	void *priv;
	u64 memory_size;
	u64 builtins;
	u32 formats;
	u32 depth;
	bool parallel;
	bool on_cpu;
};

/**
 * vgpu_run_delay_ns() - for how long the caller was to run and didn't
 *
 * Somebody else had the processor.  A guest may see to that, and nobody is to be charged for
 * it.
 *
 * Context: process context.
 * Return: nanoseconds since its thread began; 0 if this kernel doesn't count them.
 */
static inline u64 vgpu_run_delay_ns(void)
{
#ifdef CONFIG_SCHED_INFO
	return current->sched_info.run_delay;
#else
	return 0;
#endif
}

/**
 * struct vgpu_job_result - a job that is over
 * @job: the job
 * @status: enum vgpu_error
 * @gpu_ns: time it took on the GPU
 */
struct vgpu_job_result {
	struct vgpu_job *job;
	enum vgpu_error status;
	u64 gpu_ns;
};

struct vgpu_gpu *vgpu_gpu_register(const struct vgpu_gpu_desc *desc);
void vgpu_gpu_unregister(struct vgpu_gpu *gpu);
void *vgpu_gpu_priv(struct vgpu_gpu *gpu);
void vgpu_ctx_lose(struct vgpu_ctx *ctx);
void vgpu_gpu_pause(struct vgpu_gpu *gpu);
void vgpu_gpu_resume(struct vgpu_gpu *gpu);
void vgpu_gpu_take_back(struct vgpu_gpu *gpu, struct vgpu_job *(*next)(void *from), void *from);
u64 vgpu_job_begin(struct vgpu_job *job);
void vgpu_job_owe(struct vgpu_job *job, u64 ns);
void vgpu_job_complete(struct vgpu_job *job, enum vgpu_error status, u64 gpu_ns);
void vgpu_jobs_complete(const struct vgpu_job_result *result, u32 count);

#endif /* _VGPU_BACKEND_H */
