// SPDX-License-Identifier: GPL-2.0
/*
 * The cpu backend's engine.  Device memory is kernel memory, and one worker
 * thread runs the jobs one after the other: the demo, the tests and the
 * fallback, on any machine.
 */
#include <crypto/hash.h>
#include <linux/ktime.h>
#include <linux/list.h>
#include <linux/sched.h>
#include <linux/slab.h>
#include <linux/string.h>
#include <linux/vmalloc.h>
#include <linux/workqueue.h>

#include "backend.h"
#include "bo.h"
#include "cpu.h"
#include "cpu_kernel.h"
#include "job.h"

/* Bytes moved between two looks at &vgpu_job.abort: about 100 us */
#define VGPU_CPU_MOVE_CHUNK	(256U * 1024)

/**
 * struct vgpu_cpu - one engine
 * @wq: runs @engine
 * @engine: runs jobs until there is none
 * @lock: protects @jobs and @running, and &vgpu_job.abort of the jobs in them
 * @jobs: submitted, not begun
 * @running: being run, or NULL
 * @sha256: state of a digest; the engine's
 * @delay_ns: vgpu_run_delay_ns() when it was last looked at; the engine's
 */
struct vgpu_cpu {
	struct workqueue_struct *wq;
	struct work_struct engine;
	spinlock_t lock;
	struct list_head jobs;
	struct vgpu_job *running;
	struct shash_desc *sha256;
	u64 delay_ns;
};

static int vgpu_cpu_bo_create(struct vgpu_gpu *gpu, struct vgpu_bo *bo)
{
	/* rather refuse than push the host, or the VM's own group, into killing something */
	bo->priv = __vmalloc(bo->size, GFP_KERNEL_ACCOUNT | __GFP_ZERO | __GFP_NOWARN |
			     __GFP_RETRY_MAYFAIL);
	return bo->priv ? 0 : -ENOMEM;
}

static void vgpu_cpu_bo_destroy(struct vgpu_gpu *gpu, struct vgpu_bo *bo)
{
	vfree(bo->priv);
}

static void *vgpu_cpu_range(const struct vgpu_bo_range *range)
{
	return (vgpu_bo_vaddr(range->bo) ?: range->bo->priv) + range->offset;
}

/*
 * Return true if the job is to be ended.  When somebody else has had the processor the job's
 * time doesn't count, for the watchdog neither: a guest that keeps processors busy would have
 * others' jobs ended.
 */
static bool vgpu_cpu_yield(struct vgpu_cpu *cpu, struct vgpu_job *job)
{
	u64 delay_ns;

	cond_resched();
	delay_ns = vgpu_run_delay_ns();
	if (delay_ns != cpu->delay_ns)
		WRITE_ONCE(job->begin_ns, job->begin_ns + delay_ns - cpu->delay_ns);
	cpu->delay_ns = delay_ns;
	return READ_ONCE(job->abort);
}

static enum vgpu_error vgpu_cpu_copy(struct vgpu_cpu *cpu, struct vgpu_job *job)
{
	u8 *dst = vgpu_cpu_range(&job->copy.dst);
	const u8 *src = vgpu_cpu_range(&job->copy.src);
	u64 left = job->copy.dst.length;
	u32 n;

	for (; left; left -= n, dst += n, src += n) {
		if (vgpu_cpu_yield(cpu, job))
			return VGPU_ERR_CANCELED;
		n = min_t(u64, left, VGPU_CPU_MOVE_CHUNK);
		memcpy(dst, src, n);
	}
	return VGPU_ERR_NONE;
}

static enum vgpu_error vgpu_cpu_fill(struct vgpu_cpu *cpu, struct vgpu_job *job)
{
	u32 *dst = vgpu_cpu_range(&job->fill.dst);
	u64 left = job->fill.dst.length;
	u32 n;

	for (; left; left -= n, dst += n / sizeof(*dst)) {
		if (vgpu_cpu_yield(cpu, job))
			return VGPU_ERR_CANCELED;
		n = min_t(u64, left, VGPU_CPU_MOVE_CHUNK);
		memset32(dst, job->fill.pattern, n / sizeof(*dst));
	}
	return VGPU_ERR_NONE;
}

static enum vgpu_error vgpu_cpu_launch(struct vgpu_cpu *cpu, struct vgpu_job *job)
{
	const struct vgpu_cpu_kernel *kernel = &vgpu_cpu_kernels[job->launch.kernel];
	struct vgpu_cpu_run run = {
		.arg = job->launch.arg,
		.sha256 = cpu->sha256,
	};
	u64 units, first;
	u32 i, n;

	for (i = 0; i < job->launch.nargs; i++) {
		if (run.arg[i].range.bo)
			run.buf[i] = vgpu_cpu_range(&run.arg[i].range);
	}
	units = kernel->units(&run);
	for (first = 0; first < units; first += n) {
		if (vgpu_cpu_yield(cpu, job))
			return VGPU_ERR_CANCELED;
		n = min_t(u64, units - first, kernel->chunk);
		kernel->step(&run, first, n);
	}
	if (kernel->finish)
		kernel->finish(&run);
	return VGPU_ERR_NONE;
}

static enum vgpu_error vgpu_cpu_run(struct vgpu_cpu *cpu, struct vgpu_job *job)
{
	if (READ_ONCE(job->abort))
		return VGPU_ERR_CANCELED;

	switch (job->type) {
	case VGPU_JOB_NOP:
		return VGPU_ERR_NONE;
	case VGPU_JOB_ADD:
		job->add.sum = job->add.a + job->add.b;
		return VGPU_ERR_NONE;
	case VGPU_JOB_WRITE:
		memcpy(vgpu_cpu_range(&job->inline_copy.range),
		       job->inline_copy.data, job->inline_copy.range.length);
		return VGPU_ERR_NONE;
	case VGPU_JOB_READ:
		memcpy(job->inline_copy.data,
		       vgpu_cpu_range(&job->inline_copy.range),
		       job->inline_copy.range.length);
		return VGPU_ERR_NONE;
	case VGPU_JOB_COPY:
		return vgpu_cpu_copy(cpu, job);
	case VGPU_JOB_FILL:
		return vgpu_cpu_fill(cpu, job);
	case VGPU_JOB_LAUNCH:
		return vgpu_cpu_launch(cpu, job);
	case VGPU_JOB_TIMESTAMP:
		*(__le64 *)vgpu_cpu_range(&job->timestamp.dst) =
			cpu_to_le64(ktime_get_ns() - job->timestamp.epoch_ns);
		return VGPU_ERR_NONE;
	case VGPU_JOB_CONTROL:
		break;
	}
	return VGPU_ERR_GPU;
}

static void vgpu_cpu_engine_work(struct work_struct *work)
{
	struct vgpu_cpu *cpu = container_of(work, struct vgpu_cpu, engine);
	struct vgpu_job *job;
	enum vgpu_error err;
	u64 begin, end, delay;

	for (;;) {
		spin_lock(&cpu->lock);
		job = list_first_entry_or_null(&cpu->jobs, struct vgpu_job, node);
		if (job)
			list_del_init(&job->node);
		cpu->running = job;
		spin_unlock(&cpu->lock);
		if (!job)
			return;

		delay = vgpu_run_delay_ns();
		cpu->delay_ns = delay;
		begin = vgpu_job_begin(job);
		err = vgpu_cpu_run(cpu, job);
		end = ktime_get_ns();
		/* or a guest that keeps processors busy would have others charged for that */
		delay = min(vgpu_run_delay_ns() - delay, end - begin);

		/* so that abort doesn't touch what is no longer ours */
		spin_lock(&cpu->lock);
		cpu->running = NULL;
		spin_unlock(&cpu->lock);
		vgpu_job_complete(job, err, end - begin - delay);
	}
}

static int vgpu_cpu_submit(struct vgpu_gpu *gpu, struct vgpu_job *job)
{
	struct vgpu_cpu *cpu = vgpu_gpu_priv(gpu);

	spin_lock(&cpu->lock);
	job->abort = false;
	list_add_tail(&job->node, &cpu->jobs);
	spin_unlock(&cpu->lock);
	queue_work(cpu->wq, &cpu->engine);
	return 0;
}

static void vgpu_cpu_abort_job(struct vgpu_job *job, struct vgpu_arb_entity *entity,
			       const void *stream)
{
	if (job->entity == entity && (!stream || job->stream == stream))
		WRITE_ONCE(job->abort, true);
}

static void vgpu_cpu_abort(struct vgpu_gpu *gpu, struct vgpu_arb_entity *entity,
			   const void *stream)
{
	struct vgpu_cpu *cpu = vgpu_gpu_priv(gpu);
	struct vgpu_job *job;

	spin_lock(&cpu->lock);
	list_for_each_entry(job, &cpu->jobs, node)
		vgpu_cpu_abort_job(job, entity, stream);
	if (cpu->running)
		vgpu_cpu_abort_job(cpu->running, entity, stream);
	spin_unlock(&cpu->lock);
}

static void vgpu_cpu_abort_id(struct vgpu_gpu *gpu, struct vgpu_arb_entity *entity, u64 id)
{
	struct vgpu_cpu *cpu = vgpu_gpu_priv(gpu);
	struct vgpu_job *job;

	spin_lock(&cpu->lock);
	list_for_each_entry(job, &cpu->jobs, node) {
		if (job->id == id)
			WRITE_ONCE(job->abort, true);
	}
	if (cpu->running && cpu->running->id == id)
		WRITE_ONCE(cpu->running->abort, true);
	spin_unlock(&cpu->lock);
}

static const struct vgpu_backend_ops vgpu_cpu_ops = {
	.name = "cpu",
	.bo_create = vgpu_cpu_bo_create,
	.bo_destroy = vgpu_cpu_bo_destroy,
	.submit = vgpu_cpu_submit,
	.abort = vgpu_cpu_abort,
	.abort_job = vgpu_cpu_abort_id,
};

static struct shash_desc *vgpu_cpu_sha256_alloc(void)
{
	struct crypto_shash *tfm = crypto_alloc_shash("sha256", 0, 0);
	struct shash_desc *desc;

	if (IS_ERR(tfm))
		return ERR_CAST(tfm);
	desc = kzalloc(sizeof(*desc) + crypto_shash_descsize(tfm), GFP_KERNEL);
	if (!desc) {
		crypto_free_shash(tfm);
		return ERR_PTR(-ENOMEM);
	}
	desc->tfm = tfm;
	return desc;
}

static void vgpu_cpu_sha256_free(struct shash_desc *desc)
{
	crypto_free_shash(desc->tfm);
	kfree_sensitive(desc);
}

/**
 * vgpu_cpu_create() - make an engine
 * @name: name of the GPU it plays
 *
 * Context: may sleep.
 * Return: the engine, or ERR_PTR(): -ENOENT if the kernel has no SHA-256;
 * -ENOMEM.
 */
struct vgpu_cpu *vgpu_cpu_create(const char *name)
{
	struct vgpu_cpu *cpu;
	int ret;

	cpu = kzalloc(sizeof(*cpu), GFP_KERNEL);
	if (!cpu)
		return ERR_PTR(-ENOMEM);
	cpu->sha256 = vgpu_cpu_sha256_alloc();
	if (IS_ERR(cpu->sha256)) {
		ret = PTR_ERR(cpu->sha256);
		goto err_free;
	}
	cpu->wq = alloc_workqueue("vgpu-engine-%s", WQ_UNBOUND, 1, name);
	if (!cpu->wq) {
		ret = -ENOMEM;
		goto err_sha256;
	}
	INIT_WORK(&cpu->engine, vgpu_cpu_engine_work);
	spin_lock_init(&cpu->lock);
	INIT_LIST_HEAD(&cpu->jobs);
	return cpu;

err_sha256:
	vgpu_cpu_sha256_free(cpu->sha256);
err_free:
	kfree(cpu);
	return ERR_PTR(ret);
}

/**
 * vgpu_cpu_destroy() - end an engine
 * @cpu: the engine; its GPU is unregistered
 *
 * Context: may sleep.
 */
void vgpu_cpu_destroy(struct vgpu_cpu *cpu)
{
	destroy_workqueue(cpu->wq);
	vgpu_cpu_sha256_free(cpu->sha256);
	kfree(cpu);
}

/**
 * vgpu_cpu_describe() - describe the GPU that an engine plays
 * @cpu: the engine
 * @desc: the members that don't depend on configuration are filled in
 *
 * Context: any.
 */
void vgpu_cpu_describe(struct vgpu_cpu *cpu, struct vgpu_gpu_desc *desc)
{
	u32 i;

	desc->ops = &vgpu_cpu_ops;
	desc->priv = cpu;
	/* one runs, one is ready */
	desc->depth = 2;
	desc->on_cpu = true;
	for (i = 0; i < VGPU_BUILTIN_COUNT; i++) {
		if (vgpu_cpu_kernels[i].step)
			desc->builtins |= BIT_ULL(i);
	}
}
