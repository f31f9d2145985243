// SPDX-License-Identifier: GPL-2.0
/*
 * GPUs by name, and what the core wants of one.  A GPU stays when its executor goes, with
 * its mdev parent and all its vGPUs: the next executor of that name takes it over, see
 * exec_executor.c.
 */
#include <linux/ctype.h>
#include <linux/err.h>
#include <linux/lockdep.h>
#include <linux/module.h>
#include <linux/notifier.h>
#include <linux/pci.h>
#include <linux/slab.h>
#include <linux/string.h>

#include "bo.h"
#include "ctx.h"
#include "exec.h"
#include "job.h"
#include "vgpu.h"

/* Protects the list; taken before &vgpu_exec_gpu.lock */
static DEFINE_MUTEX(vgpu_exec_gpus_lock);
static LIST_HEAD(vgpu_exec_gpus);

static struct vgpu_exec_ctx *vgpu_exec_ctx_of(const struct vgpu_job *job)
{
	/* it is the context's, and lasts as long */
	return container_of(job->ctx_stats, struct vgpu_ctx, stats)->priv;
}

static int vgpu_exec_op_bo_create(struct vgpu_gpu *gpu, struct vgpu_bo *bo)
{
	return vgpu_exec_bo_create(bo->ctx->priv, bo);
}

static void vgpu_exec_op_bo_destroy(struct vgpu_gpu *gpu, struct vgpu_bo *bo)
{
	vgpu_exec_bo_destroy(bo->ctx->priv, bo);
}

static int vgpu_exec_op_bo_map(struct vgpu_gpu *gpu, struct vgpu_bo *bo)
{
	struct vgpu_exec_ctx *ctx = bo->ctx->priv;

	return vgpu_exec_bo_map(ctx->channel, bo);
}

static void vgpu_exec_op_bo_unmap(struct vgpu_gpu *gpu, struct vgpu_bo *bo)
{
	struct vgpu_exec_ctx *ctx = bo->ctx->priv;

	vgpu_exec_bo_unmap(ctx->channel, bo);
}

static int vgpu_exec_submit(struct vgpu_gpu *gpu, struct vgpu_job *job)
{
	struct vgpu_exec_ctx *ctx;

	if (job->ctx_stats) {
		ctx = vgpu_exec_ctx_of(job);
		if (READ_ONCE(ctx->lost))
			vgpu_job_complete(job, VGPU_ERR_BACKEND_LOST, 0);
		else
			vgpu_exec_channel_submit(ctx->channel, job);
		return 0;
	}
	/* NOP and ADD of the mailbox, outside any context: there is nobody to run them */
	vgpu_job_begin(job);
	if (job->type == VGPU_JOB_ADD)
		job->add.sum = job->add.a + job->add.b;
	vgpu_job_complete(job, VGPU_ERR_NONE, 0);
	return 0;
}

static bool vgpu_exec_match_stream(const struct vgpu_job *job, const void *stream)
{
	return !stream || job->stream == stream;
}

static bool vgpu_exec_match_id(const struct vgpu_job *job, const void *id)
{
	return job->id == *(const u64 *)id;
}

static void vgpu_exec_abort_matching(struct vgpu_gpu *gpu, struct vgpu_arb_entity *entity,
				     bool (*match)(const struct vgpu_job *job, const void *what),
				     const void *what)
{
	struct vgpu *vgpu = container_of(entity, struct vgpu, entity);
	struct vgpu_exec_channel *channel = vgpu_exec_channel_find(vgpu_gpu_priv(gpu), vgpu->vm_id);

	/* one that was before it is dead, and has given everything back */
	if (!channel)
		return;
	vgpu_exec_channel_abort(channel, match, what);
	vgpu_exec_channel_put(channel);
}

static void vgpu_exec_abort(struct vgpu_gpu *gpu, struct vgpu_arb_entity *entity,
			    const void *stream)
{
	vgpu_exec_abort_matching(gpu, entity, vgpu_exec_match_stream, stream);
}

static void vgpu_exec_abort_job(struct vgpu_gpu *gpu, struct vgpu_arb_entity *entity, u64 id)
{
	vgpu_exec_abort_matching(gpu, entity, vgpu_exec_match_id, &id);
}

static const struct vgpu_backend_ops vgpu_exec_ops = {
	.name = "exec",
	.ctx_create = vgpu_exec_ctx_create,
	.ctx_destroy = vgpu_exec_ctx_destroy,
	.bo_create = vgpu_exec_op_bo_create,
	.bo_destroy = vgpu_exec_op_bo_destroy,
	.bo_map = vgpu_exec_op_bo_map,
	.bo_unmap = vgpu_exec_op_bo_unmap,
	.module_build = vgpu_exec_module_build,
	.module_destroy = vgpu_exec_module_destroy,
	.kernel_get = vgpu_exec_kernel_get,
	.kernel_put = vgpu_exec_kernel_put,
	.submit = vgpu_exec_submit,
	.abort = vgpu_exec_abort,
	.abort_job = vgpu_exec_abort_job,
};

/* A name is part of paths. */
static bool vgpu_exec_name_is_good(const char *name, size_t size)
{
	size_t n = strnlen(name, size), i;

	for (i = 0; i < n; i++) {
		/* isalnum() is true of Latin-1's letters, too */
		if (!isascii(name[i]))
			return false;
		if (!isalnum(name[i]) && (!i || !strchr("-_.", name[i])))
			return false;
	}
	return n && n < size;
}

static int vgpu_exec_check(const struct vgpu_exec_register *reg)
{
	if (!vgpu_exec_name_is_good(reg->name, sizeof(reg->name)))
		return -EINVAL;
	if (strnlen(reg->parent, sizeof(reg->parent)) == sizeof(reg->parent))
		return -EINVAL;
	if (!reg->memory_size || !reg->depth || reg->depth > VGPU_EXEC_MAX_DEPTH)
		return -EINVAL;
	/* none has number 0, and those of 0 are never built */
	if (reg->builtins & 1 || reg->builtins >> VGPU_BUILTIN_COUNT)
		return -EOPNOTSUPP;
	return reg->formats & 1 || reg->formats >> VGPU_MODULE_FORMATS ? -EOPNOTSUPP : 0;
}

static struct vgpu_exec_gpu *vgpu_exec_gpu_find_locked(const char *name)
{
	struct vgpu_exec_gpu *gpu;

	lockdep_assert_held(&vgpu_exec_gpus_lock);

	list_for_each_entry(gpu, &vgpu_exec_gpus, node) {
		if (!strcmp(gpu->name, name))
			return gpu;
	}
	return NULL;
}

/* A parent is found by its name, and is the same by it. */
static bool vgpu_exec_has_parent(const struct vgpu_exec_gpu *gpu, const char *name)
{
	return !strcmp(gpu->pdev ? pci_name(gpu->pdev) : "", name);
}

static int vgpu_exec_gpu_take_over(struct vgpu_exec_gpu *gpu, const struct vgpu_exec_register *reg,
				   const void *executor)
{
	int ret = 0;

	mutex_lock(&gpu->lock);
	if (gpu->executor)
		ret = -EBUSY;
	else if (reg->memory_size != gpu->desc.memory_size || reg->depth < gpu->desc.depth ||
		 gpu->desc.builtins & ~reg->builtins || gpu->desc.formats & ~reg->formats ||
		 !vgpu_exec_has_parent(gpu, reg->parent))
		ret = -ERANGE;
	else
		vgpu_exec_executor_begin_locked(gpu, executor);
	mutex_unlock(&gpu->lock);
	if (!ret)
		vgpu_exec_gpu_get(gpu);
	return ret;
}

static void vgpu_exec_gpu_release(struct kref *ref)
{
	struct vgpu_exec_gpu *gpu = container_of(ref, struct vgpu_exec_gpu, ref);

	pci_dev_put(gpu->pdev);
	mutex_destroy(&gpu->lock);
	kfree(gpu);
}

/**
 * vgpu_exec_gpu_get() - take a reference
 * @gpu: a GPU to which the caller has one, or vgpu_exec_gpus_lock
 *
 * Context: any.
 */
void vgpu_exec_gpu_get(struct vgpu_exec_gpu *gpu)
{
	kref_get(&gpu->ref);
}

/**
 * vgpu_exec_gpu_put() - drop a reference
 * @gpu: the GPU
 *
 * Context: may sleep.
 */
void vgpu_exec_gpu_put(struct vgpu_exec_gpu *gpu)
{
	kref_put(&gpu->ref, vgpu_exec_gpu_release);
}

/* The parent that is asked for, with a reference; or NULL */
static struct pci_dev *vgpu_exec_find_parent(const char *name)
{
	struct device *dev = bus_find_device_by_name(&pci_bus_type, NULL, name);

	return dev ? to_pci_dev(dev) : NULL;
}

static int vgpu_exec_gpu_init(struct vgpu_exec_gpu *gpu, const struct vgpu_exec_register *reg)
{
	strscpy(gpu->name, reg->name, sizeof(gpu->name));
	kref_init(&gpu->ref);
	mutex_init(&gpu->lock);
	INIT_LIST_HEAD(&gpu->channels);
	vgpu_exec_clock_init(&gpu->clock);
	vgpu_exec_executor_init(gpu);
	gpu->desc = (struct vgpu_gpu_desc){
		.name = gpu->name,
		.owner = THIS_MODULE,
		.ops = &vgpu_exec_ops,
		.priv = gpu,
		.memory_size = reg->memory_size,
		.builtins = reg->builtins,
		.formats = reg->formats,
		.depth = reg->depth,
		.parallel = true,
	};
	if (!reg->parent[0])
		return 0;
	gpu->pdev = vgpu_exec_find_parent(reg->parent);
	if (!gpu->pdev)
		return -ENXIO;
	gpu->desc.parent = &gpu->pdev->dev;
	return 0;
}

static struct vgpu_exec_gpu *vgpu_exec_gpu_create_locked(const struct vgpu_exec_register *reg,
							 const void *executor)
{
	struct vgpu_exec_gpu *gpu = kzalloc(sizeof(*gpu), GFP_KERNEL);
	int ret;

	lockdep_assert_held(&vgpu_exec_gpus_lock);

	if (!gpu)
		return ERR_PTR(-ENOMEM);
	ret = vgpu_exec_gpu_init(gpu, reg);
	if (!ret) {
		gpu->gpu = vgpu_gpu_register(&gpu->desc);
		ret = PTR_ERR_OR_ZERO(gpu->gpu);
	}
	if (ret) {
		vgpu_exec_gpu_put(gpu);
		return ERR_PTR(ret);
	}
	list_add_tail(&gpu->node, &vgpu_exec_gpus);
	mutex_lock(&gpu->lock);
	vgpu_exec_executor_begin_locked(gpu, executor);
	mutex_unlock(&gpu->lock);
	vgpu_exec_gpu_get(gpu);
	return gpu;
}

/**
 * vgpu_exec_gpu_register() - become the executor of a GPU
 * @reg: what it says
 * @executor: who says so, not NULL; only compared
 *
 * Context: may sleep.
 * Return: the GPU with a reference, left by vgpu_exec_executor_leave(); or ERR_PTR(): -EINVAL;
 * -EOPNOTSUPP if a kernel or a format is not known; -ENXIO if there is no such parent; -EBUSY if
 * it has an executor; -ERANGE if it isn't what it was; or as vgpu_gpu_register().
 */
struct vgpu_exec_gpu *vgpu_exec_gpu_register(const struct vgpu_exec_register *reg,
					     const void *executor)
{
	struct vgpu_exec_gpu *gpu;
	int ret = vgpu_exec_check(reg);

	if (ret)
		return ERR_PTR(ret);
	/* who removes a function holds it, and tells us of that: so none goes before it is ours */
	if (reg->parent[0])
		pci_lock_rescan_remove();
	mutex_lock(&vgpu_exec_gpus_lock);
	gpu = vgpu_exec_gpu_find_locked(reg->name);
	if (gpu) {
		ret = vgpu_exec_gpu_take_over(gpu, reg, executor);
		if (ret)
			gpu = ERR_PTR(ret);
	} else {
		gpu = vgpu_exec_gpu_create_locked(reg, executor);
	}
	mutex_unlock(&vgpu_exec_gpus_lock);
	if (reg->parent[0])
		pci_unlock_rescan_remove();
	return gpu;
}

/* It is in no list any more. */
static void vgpu_exec_gpu_unregister(struct vgpu_exec_gpu *gpu)
{
	vgpu_exec_executor_leave(gpu, READ_ONCE(gpu->executor));
	vgpu_exec_executor_fini(gpu);
	vgpu_gpu_unregister(gpu->gpu);
	vgpu_exec_gpu_put(gpu);
}

/*
 * We are not the parent's driver and have no remove callback.  Before the function goes, its mdevs
 * must: nobody could reach their remove files any more.  This waits for VMMs that have one open,
 * as a driver's remove would.  Its executor is none any more, and finds out when it reads.
 */
static int vgpu_exec_bus_notify(struct notifier_block *nb, unsigned long action, void *data)
{
	struct vgpu_exec_gpu *gpu, *found = NULL;

	if (action != BUS_NOTIFY_DEL_DEVICE)
		return NOTIFY_DONE;
	mutex_lock(&vgpu_exec_gpus_lock);
	list_for_each_entry(gpu, &vgpu_exec_gpus, node) {
		if (gpu->pdev && data == &gpu->pdev->dev)
			found = gpu;
	}
	/* a device is the parent of one */
	if (found)
		list_del(&found->node);
	mutex_unlock(&vgpu_exec_gpus_lock);
	if (found)
		vgpu_exec_gpu_unregister(found);
	return NOTIFY_DONE;
}

static struct notifier_block vgpu_exec_bus_nb = {
	.notifier_call = vgpu_exec_bus_notify,
};

/**
 * vgpu_exec_gpus_init() - be ready for GPUs
 *
 * Context: may sleep.
 * Return: 0 or a negative errno.
 */
int vgpu_exec_gpus_init(void)
{
	return bus_register_notifier(&pci_bus_type, &vgpu_exec_bus_nb);
}

/**
 * vgpu_exec_gpus_unregister() - withdraw all GPUs, and undo vgpu_exec_gpus_init()
 *
 * Context: may sleep.  There is no executor: each would hold the module.
 */
void vgpu_exec_gpus_unregister(void)
{
	struct vgpu_exec_gpu *gpu, *next;

	bus_unregister_notifier(&pci_bus_type, &vgpu_exec_bus_nb);
	list_for_each_entry_safe(gpu, next, &vgpu_exec_gpus, node)
		vgpu_exec_gpu_unregister(gpu);
}
