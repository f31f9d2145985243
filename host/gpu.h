/* SPDX-License-Identifier: GPL-2.0 */
/* A GPU that a backend drives: its memory budget, its arbiter, its dispatcher. */
#ifndef _VGPU_GPU_H
#define _VGPU_GPU_H

#include <linux/hrtimer.h>
#include <linux/mutex.h>
#include <linux/spinlock.h>
#include <linux/types.h>
#include <linux/workqueue.h>

#include "arb.h"
#include "backend.h"

struct task_struct;

/**
 * struct vgpu_gpu - one GPU
 * @desc: what the backend said of it
 * @id: number of the GPU on this host, from 0
 * @name: &vgpu_gpu_desc.name, copied
 * @arb: decides whose job runs next
 * @wq: runs each control job by itself: one may take long, to zero much memory, and nobody
 *	else is to wait for that
 * @poll_wq: looks at idle queues, see poll.c; apart, so that nobody waits for that
 * @leaf_wq: runs @dispatch, and what those who run in @wq wait for: it waits for nothing in a
 *	work queue
 * @dispatch: hands jobs out
 * @wake: queues @dispatch when somebody may run who had to wait for that
 * @dispatch_lock: held from taking a job out of the arbiter until the backend
 *	has it, so that whoever takes it knows where each job is
 * @teller: a thread that tells of jobs that are over, and dispatches afterwards: only
 *	compared, by itself.  Of several at a time one is here, which the others don't mind
 * @watchdog: see watchdog.c
 * @memory_lock: protects @memory_free
 * @memory_free: bytes of &vgpu_gpu_desc.memory_size no vGPU has as its quota
 */
struct vgpu_gpu {
	struct vgpu_gpu_desc desc;
	u32 id;
	char name[32];
	struct vgpu_arb arb;
	struct workqueue_struct *wq;
	struct workqueue_struct *poll_wq;
	struct workqueue_struct *leaf_wq;
	struct work_struct dispatch;
	struct hrtimer wake;
	struct mutex dispatch_lock;
	const struct task_struct *teller;
	/**
	 * @watchdog.work: looks at what the backend has
	 * @watchdog.next_ns: at this time; U64_MAX: not at all.  Protected by @dispatch_lock
	 */
	struct {
		struct delayed_work work;
		u64 next_ns;
	} watchdog;
	spinlock_t memory_lock;
	u64 memory_free;
};

/**
 * vgpu_gpu_progress() - jobs of an entity have gone on
 * @entity: the entity; a job of it is pending, so that it can't go away
 *
 * Context: process context.
 */
static inline void vgpu_gpu_progress(struct vgpu_arb_entity *entity)
{
	if (entity->progress)
		entity->progress(entity);
}

int vgpu_gpu_init(struct vgpu_gpu *gpu, const struct vgpu_gpu_desc *desc, u32 id);
void vgpu_gpu_fini(struct vgpu_gpu *gpu);
int vgpu_gpu_memory_reserve(struct vgpu_gpu *gpu, u64 size);
void vgpu_gpu_memory_release(struct vgpu_gpu *gpu, u64 size);
u64 vgpu_gpu_memory_free(struct vgpu_gpu *gpu);
void vgpu_gpu_kick(struct vgpu_gpu *gpu);
void vgpu_gpu_dispatch(struct vgpu_gpu *gpu);
enum vgpu_error vgpu_gpu_submit(struct vgpu_gpu *gpu, struct vgpu_job *job);
void vgpu_gpu_cancel(struct vgpu_gpu *gpu, struct vgpu_arb_entity *entity,
		     const void *stream);
void vgpu_gpu_lose(struct vgpu_gpu *gpu, struct vgpu_arb_entity *entity,
		   struct vgpu_arb_group *group);
void vgpu_gpu_tell(struct vgpu_arb_entity *entity, enum vgpu_arb_event event);
void vgpu_gpu_quarantine(struct vgpu_gpu *gpu, struct vgpu_arb_entity *entity);
void vgpu_gpu_release(struct vgpu_gpu *gpu, struct vgpu_arb_entity *entity);
void vgpu_gpu_drain(struct vgpu_gpu *gpu, struct vgpu_arb_entity *entity);

#endif /* _VGPU_GPU_H */
