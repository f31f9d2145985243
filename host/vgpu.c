// SPDX-License-Identifier: GPL-2.0
/*
 * A vGPU: made stopped, started by whoever opens it, stopped again when it is
 * closed.  A reset is a stop and a start.  Stopped means: no job of it is
 * pending, it has no contexts, and its registers have their initial values.
 *
 * What survives a reset and a close is policy (see policy_sysfs.c), and the counters.
 *
 * Lock order of the host driver: see Documentation/locking.rst.
 */
#include <linux/export.h>
#include <linux/lockdep.h>
#include <linux/minmax.h>

#include "bar.h"
#include "bo.h"
#include "ctx.h"
#include "gpu.h"
#include "module.h"
#include "quiet.h"
#include "vgpu.h"

/**
 * vgpu_init() - make a vGPU, stopped
 * @vgpu: zeroed memory
 * @gpu: the GPU it shares
 * @vm_id: its number
 * @memory_size: its quota of device memory in bytes, already reserved
 * @raise_irq: see &vgpu.raise_irq
 * @dma_ops: how to reach its guest's memory
 *
 * Context: may sleep.
 * Return: 0 or -ENOMEM.
 */
int vgpu_init(struct vgpu *vgpu, struct vgpu_gpu *gpu, u32 vm_id, u64 memory_size,
	      void (*raise_irq)(struct vgpu *vgpu, u32 vector),
	      const struct vgpu_dma_ops *dma_ops)
{
	int ret;

	ret = vgpu_mailbox_init(&vgpu->mailbox);
	if (ret)
		return ret;

	vgpu->gpu = gpu;
	vgpu->vm_id = vm_id;
	vgpu->raise_irq = raise_irq;
	vgpu->quota.memory_size = memory_size;
	mutex_init(&vgpu->quota.resize);
	spin_lock_init(&vgpu->quota.lock);
	mutex_init(&vgpu->reset_lock);
	xa_init_flags(&vgpu->ctxs, XA_FLAGS_ALLOC1);
	vgpu_queues_init(&vgpu->queues);
	vgpu_quiet_init(vgpu);
	vgpu_bo_init_unused(vgpu);
	vgpu_module_init_unused(vgpu);
	vgpu_dma_space_init(&vgpu->dma, dma_ops);
	vgpu_config_init(&vgpu->config);
	vgpu_arb_entity_init(&vgpu->entity, &gpu->arb, VGPU_QUEUE_LIMIT);
	vgpu->entity.progress = vgpu_quiet_progress;
	/* nothing is submitted before the first vgpu_start() */
	vgpu->entity.draining = true;
	return 0;
}

/**
 * vgpu_fini() - end a vGPU
 * @vgpu: the vGPU, stopped
 *
 * Context: may sleep.
 */
void vgpu_fini(struct vgpu *vgpu)
{
	vgpu_arb_entity_fini(&vgpu->entity);
	WARN_ON(!xa_empty(&vgpu->ctxs) || vgpu->quota.memory.used);
	xa_destroy(&vgpu->ctxs);
	vgpu_quiet_fini(vgpu);
	vgpu_queues_fini(&vgpu->queues);
	vgpu_dma_space_fini(&vgpu->dma);
	mutex_destroy(&vgpu->reset_lock);
	mutex_destroy(&vgpu->quota.resize);
	vgpu_mailbox_fini(&vgpu->mailbox);
}

static void vgpu_stop_locked(struct vgpu *vgpu)
{
	lockdep_assert_held(&vgpu->reset_lock);

	/* a guest that resets its device no longer expects it to write its memory */
	vgpu_queues_stop(vgpu);
	vgpu_gpu_drain(vgpu->gpu, &vgpu->entity);
	vgpu_ctx_destroy_all(vgpu);
	vgpu_bo_flush_unused(vgpu);
	vgpu_module_flush_unused(vgpu);
	vgpu_mailbox_reset(&vgpu->mailbox);
	vgpu_config_reset(&vgpu->config);
	vgpu_bar4_reset(vgpu);
}

/**
 * vgpu_stop() - end everything the guest has begun
 * @vgpu: the vGPU
 *
 * Context: may sleep, for as long as the backend takes to abort a job.
 */
void vgpu_stop(struct vgpu *vgpu)
{
	mutex_lock(&vgpu->reset_lock);
	vgpu_stop_locked(vgpu);
	mutex_unlock(&vgpu->reset_lock);
}

/**
 * vgpu_start() - accept requests
 * @vgpu: the vGPU, stopped
 *
 * Context: may sleep.
 */
void vgpu_start(struct vgpu *vgpu)
{
	mutex_lock(&vgpu->reset_lock);
	vgpu_dma_permit(vgpu);
	vgpu_arb_entity_drain_end(&vgpu->entity);
	mutex_unlock(&vgpu->reset_lock);
}

/**
 * vgpu_reset() - as vgpu_stop() and vgpu_start()
 * @vgpu: the vGPU, started
 *
 * Context: may sleep, as vgpu_stop().
 */
void vgpu_reset(struct vgpu *vgpu)
{
	mutex_lock(&vgpu->reset_lock);
	vgpu_count(&vgpu->counters, VGPU_COUNT_RESETS);
	vgpu_stop_locked(vgpu);
	vgpu_arb_entity_drain_end(&vgpu->entity);
	mutex_unlock(&vgpu->reset_lock);
}

/**
 * vgpu_is_stopping() - is somebody waiting for a vGPU's jobs to end?
 * @vgpu: the vGPU
 *
 * For a backend that takes long over what isn't a job.
 *
 * Context: any.
 */
bool vgpu_is_stopping(const struct vgpu *vgpu)
{
	return vgpu_arb_entity_is_draining(&vgpu->entity);
}
EXPORT_SYMBOL_GPL(vgpu_is_stopping);

/**
 * vgpu_unmap() - the VMM takes a range of guest memory away
 * @vgpu: the vGPU
 * @iova: first byte
 * @length: bytes, at least 1
 *
 * If buffer objects are made of it, all jobs of the vGPU are canceled, and these
 * objects and the queues whose rings are in them are lost.  When this returns nothing
 * of the range is pinned or used.
 *
 * Context: may sleep, as vgpu_stop().
 */
void vgpu_unmap(struct vgpu *vgpu, vgpu_iova_t iova, u64 length)
{
	bool running;

	mutex_lock(&vgpu->reset_lock);
	if (vgpu_dma_forbid(vgpu, iova, length)) {
		running = !vgpu->entity.draining;
		vgpu_queues_pause(vgpu);
		vgpu_gpu_drain(vgpu->gpu, &vgpu->entity);
		/* once more: a job that was just running may have made one, or have ended */
		vgpu_queues_pause(vgpu);
		vgpu_dma_lose(vgpu, iova, length);
		if (running)
			vgpu_arb_entity_drain_end(&vgpu->entity);
		vgpu_queues_resume(vgpu);
	}
	mutex_unlock(&vgpu->reset_lock);
}

/* Only vgpu_quota_resize() makes it another. */
static int vgpu_quota_set(struct vgpu *vgpu, u64 size)
{
	int ret = 0;

	spin_lock(&vgpu->quota.lock);
	if (size < vgpu->quota.memory.used)
		ret = -EBUSY;
	else
		WRITE_ONCE(vgpu->quota.memory_size, size);
	spin_unlock(&vgpu->quota.lock);
	return ret;
}

/**
 * vgpu_quota_resize() - change a vGPU's quota of device memory
 * @vgpu: the vGPU
 * @size: bytes, a multiple of VGPU_BO_ALIGN and not 0
 *
 * Context: may sleep.
 * Return: 0; -EINVAL if @size is none; -EBUSY if more is in use; -ENOSPC if the GPU has
 * no more to give.  Then nothing has changed.
 */
int vgpu_quota_resize(struct vgpu *vgpu, u64 size)
{
	u64 old;
	int ret = 0;

	if (!size || size % VGPU_BO_ALIGN)
		return -EINVAL;
	mutex_lock(&vgpu->quota.resize);
	old = vgpu->quota.memory_size;
	if (size > old)
		ret = vgpu_gpu_memory_reserve(vgpu->gpu, size - old);
	if (!ret)
		ret = vgpu_quota_set(vgpu, size);
	if (!ret && size < old)
		vgpu_gpu_memory_release(vgpu->gpu, old - size);
	mutex_unlock(&vgpu->quota.resize);
	return ret;
}

static void vgpu_quota_use(struct vgpu_stats_memory *memory, u64 size)
{
	memory->used += size;
	memory->peak = max(memory->peak, memory->used);
}

/**
 * vgpu_quota_charge() - charge a buffer object to its vGPU
 * @ctx: the context it belongs to
 * @size: its bytes
 *
 * Context: process context.
 * Return: 0, or -ENOSPC and nothing is charged.
 */
int vgpu_quota_charge(struct vgpu_ctx *ctx, u64 size)
{
	struct vgpu *vgpu = ctx->vgpu;
	int ret = 0;

	spin_lock(&vgpu->quota.lock);
	if (vgpu->quota.nr_bos >= VGPU_MAX_BOS ||
	    size > vgpu->quota.memory_size - vgpu->quota.memory.used) {
		ret = -ENOSPC;
	} else {
		vgpu->quota.nr_bos++;
		vgpu_quota_use(&vgpu->quota.memory, size);
		vgpu_quota_use(&ctx->memory, size);
	}
	spin_unlock(&vgpu->quota.lock);
	return ret;
}

/**
 * vgpu_quota_uncharge() - a buffer object is gone
 * @ctx: the context it belonged to
 * @size: as charged
 *
 * Context: process context.
 */
void vgpu_quota_uncharge(struct vgpu_ctx *ctx, u64 size)
{
	struct vgpu *vgpu = ctx->vgpu;

	spin_lock(&vgpu->quota.lock);
	WARN_ON_ONCE(!vgpu->quota.nr_bos || ctx->memory.used < size);
	vgpu->quota.nr_bos--;
	vgpu->quota.memory.used -= size;
	ctx->memory.used -= size;
	spin_unlock(&vgpu->quota.lock);
}

/**
 * vgpu_quota_used() - device memory in use
 * @vgpu: the vGPU
 *
 * Context: process context.
 * Return: bytes.
 */
u64 vgpu_quota_used(struct vgpu *vgpu)
{
	u64 used;

	spin_lock(&vgpu->quota.lock);
	used = vgpu->quota.memory.used;
	spin_unlock(&vgpu->quota.lock);
	return used;
}
