/* SPDX-License-Identifier: GPL-2.0 */
/* A vGPU, apart from how a VMM reaches it. */
#ifndef _VGPU_VGPU_H
#define _VGPU_VGPU_H

#include <linux/llist.h>
#include <linux/mutex.h>
#include <linux/spinlock.h>
#include <linux/types.h>
#include <linux/workqueue.h>
#include <linux/xarray.h>

#include "arb.h"
#include "config_space.h"
#include "counters.h"
#include "dma.h"
#include "mailbox.h"
#include "queue.h"

struct vgpu_ctx;
struct vgpu_gpu;

/* What there is to accept */
#define VGPU_FEATURES	(VGPU_FEATURE_QUEUES | VGPU_FEATURE_WAIT | VGPU_FEATURE_TIMESTAMP | \
			 VGPU_FEATURE_RESTORE | VGPU_FEATURE_AGAIN)

/* Objects a vGPU may have: bounds what a guest can make the host allocate */
#define VGPU_MAX_CTXS	256
#define VGPU_MAX_BOS	4096

/* As many jobs as mailbox and queues can have in the host at a time */
#define VGPU_QUEUE_LIMIT	(1 + VGPU_MAX_QUEUES * VGPU_QUEUE_WINDOW)

/**
 * struct vgpu - one vGPU
 * @gpu: the GPU it shares
 * @vm_id: its number, unique on the host; stamped by the host, never taken
 *	from a guest
 * @raise_irq: how to raise an interrupt; any process context
 * @entity: its place in the GPU's arbiter
 * @counters: what happened to it
 * @config: PCI config space
 * @mailbox: BAR0
 * @msix: backing of the MSI-X table in BAR4.  Only stored: a VMM keeps the real
 *	one and tells us by SET_IRQS.  Protected by &vgpu_mailbox.lock
 * @reset_lock: serialises resets with one another and with the mailbox's doorbell.  Taken
 *	first of all locks
 * @ctxs: contexts by id.  Its lock also protects the references in it
 * @queues: its queues
 * @dma: its guest's memory
 * @unused: see vgpu_bo_put_async() and vgpu_kernel_put_async()
 * @memcg: charged with what the guest makes the host allocate; NULL while it is stopped.
 *	Changes only then
 * @quota: what its objects use
 */
struct vgpu {
	struct vgpu_gpu *gpu;
	u32 vm_id;
	void (*raise_irq)(struct vgpu *vgpu, u32 vector);
	struct vgpu_arb_entity entity;
	struct vgpu_counters counters;
	struct vgpu_config config;
	struct vgpu_mailbox mailbox;
	u8 msix[VGPU_MSIX_VECTORS * 16];
	struct mutex reset_lock;
	struct xarray ctxs;
	struct vgpu_queues queues;
	struct vgpu_dma_space dma;
	/**
	 * @unused.work: frees @unused.bos
	 * @unused.bos: &vgpu_bo.unused of objects that nothing holds any more
	 * @unused.kernel_work: frees @unused.kernels
	 * @unused.kernels: likewise, &vgpu_kernel.unused
	 */
	struct {
		struct work_struct work;
		struct llist_head bos;
		struct work_struct kernel_work;
		struct llist_head kernels;
	} unused;
	struct mem_cgroup *memcg;
	/**
	 * @quota.lock: protects the rest, and &vgpu_ctx.memory of its contexts
	 * @quota.resize: serialises changes of @quota.memory_size
	 * @quota.memory_size: bytes of device memory it may use; read by READ_ONCE()
	 * @quota.memory: of which its buffer objects use
	 * @quota.nr_bos: buffer objects it has, up to VGPU_MAX_BOS
	 */
	struct {
		struct mutex resize;
		spinlock_t lock;
		u64 memory_size;
		struct vgpu_stats_memory memory;
		u32 nr_bos;
	} quota;
};

/**
 * vgpu_has_feature() - has the guest accepted a feature, and enabled what it accepted?
 * @vgpu: the vGPU
 * @feature: VGPU_FEATURE_*
 *
 * Context: any.
 */
static inline bool vgpu_has_feature(const struct vgpu *vgpu, u64 feature)
{
	return READ_ONCE(vgpu->mailbox.regs.enabled) & feature;
}

int vgpu_init(struct vgpu *vgpu, struct vgpu_gpu *gpu, u32 vm_id, u64 memory_size,
	      void (*raise_irq)(struct vgpu *vgpu, u32 vector),
	      const struct vgpu_dma_ops *dma_ops);
void vgpu_fini(struct vgpu *vgpu);
void vgpu_stop(struct vgpu *vgpu);
void vgpu_start(struct vgpu *vgpu);
void vgpu_reset(struct vgpu *vgpu);
bool vgpu_is_stopping(const struct vgpu *vgpu);
void vgpu_unmap(struct vgpu *vgpu, vgpu_iova_t iova, u64 length);
int vgpu_quota_resize(struct vgpu *vgpu, u64 size);
int vgpu_quota_charge(struct vgpu_ctx *ctx, u64 size);
void vgpu_quota_uncharge(struct vgpu_ctx *ctx, u64 size);
u64 vgpu_quota_used(struct vgpu *vgpu);

#endif /* _VGPU_VGPU_H */
