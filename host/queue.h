/* SPDX-License-Identifier: GPL-2.0 */
/* User-mode queues: a pair of rings in guest memory. */
#ifndef _VGPU_QUEUE_H
#define _VGPU_QUEUE_H

#include <linux/completion.h>
#include <linux/kref.h>
#include <linux/mutex.h>
#include <linux/spinlock.h>
#include <linux/types.h>
#include <linux/workqueue.h>
#include <vgpu/ring.h>

#include "job.h"

struct vgpu;
struct vgpu_bo;
struct vgpu_ctx;
struct vgpu_prepare_range;
struct vgpu_queue;

/*
 * Most jobs of one queue that the host has taken out of its ring and not completed.
 * More would only wait in the host's memory instead of the guest's.  A power of two.
 */
#define VGPU_QUEUE_WINDOW	32

/**
 * enum vgpu_queue_state - what the host does with a queue
 * @VGPU_QUEUE_RUNNING: serves it
 * @VGPU_QUEUE_PAUSED: takes nothing out of it; what was taken is completed
 * @VGPU_QUEUE_STOPPED: touches its rings no more
 */
enum vgpu_queue_state {
	VGPU_QUEUE_RUNNING,
	VGPU_QUEUE_PAUSED,
	VGPU_QUEUE_STOPPED,
};

/**
 * struct vgpu_queue_job - a job of a queue
 * @job: the job; &vgpu_job.owner is VGPU_JOB_GUEST while it is free
 * @queue: the queue
 * @user_data: from the submission, goes into the completion
 * @over: it has ended, but its completion has not been written.  Set without the lock
 */
struct vgpu_queue_job {
	struct vgpu_job job;
	struct vgpu_queue *queue;
	__le64 user_data;
	bool over;
};

/**
 * struct vgpu_queue - a queue
 * @ctx: the context whose objects its jobs name; holds a reference
 * @bo: the object in which its rings are; holds a reference
 * @id: its number, and that of its doorbell
 * @ref: one for the number, one for whoever uses it for a moment
 * @unused: completed when there is no reference any more; then it is freed by
 *	vgpu_queue_end() and nobody else
 * @lock: protects the rest.  Taken after &vgpu.reset_lock and
 *	&vgpu_gpu.dispatch_lock
 * @state: enum vgpu_queue_state
 * @ring: the host's side of the rings; &vgpu_ring_device.fetched -
 *	&vgpu_ring_device.completed jobs are taken and not completed
 * @window: most of these, at most the entries of the rings and VGPU_QUEUE_WINDOW
 * @job: job n is in n modulo @window
 * @held: it takes nothing before its doorbell rings: the guest makes it again, and
 *	others for which its entries may wait.  Read by READ_ONCE()
 * @aborting: it takes nothing more until vgpu_queue_abort() is through
 * @waiting: the entry that was taken last waits for @awaited
 * @passes: fences that it may still pass, see vgpu_serve_may_pass_locked()
 * @passes_jiffy: when it had VGPU_SERVE_PASSES of them
 * @stalled: the entry that was taken last is a job for which the arbiter has had no room
 * @idle: completed when it is stopped or @aborting, and nothing is taken and not
 *	completed
 * @again: serves the queue again, a while after it took its turn, when a fence was
 *	passed, or when the vGPU's rate permits another job
 * @published: index of the next completion, for those who wait for it; written with
 *	@lock held, read by READ_ONCE()
 * @awaited: the queue for whose fence it waits, or NULL.  Protected by
 *	&vgpu_queues.lock
 * @awaited_index: the fence; likewise
 * @waiters: bit n set: queue n waits for this one; likewise, and read by READ_ONCE()
 * @poll: looking at it while it is idle, see poll.c
 */
struct vgpu_queue {
	struct vgpu_ctx *ctx;
	struct vgpu_bo *bo;
	u32 id;
	struct kref ref;
	struct completion unused;
	struct mutex lock;
	enum vgpu_queue_state state;
	struct vgpu_ring_device ring;
	u32 window;
	struct vgpu_queue_job *job;
	bool held;
	bool aborting;
	bool waiting;
	u32 passes;
	unsigned long passes_jiffy;
	bool stalled;
	struct completion idle;
	struct delayed_work again;
	u32 published;
	struct vgpu_queue *awaited;
	u32 awaited_index;
	unsigned long waiters;
	/**
	 * @poll.work: looks at it until something is in it or the time is up
	 * @poll.active: @poll.work does, and nobody else need be told
	 * @poll.in_vain: it did, and the time was up
	 * @poll.idle_ns: when the queue became idle
	 * @poll.ns: how long it is looked at then
	 */
	struct {
		struct work_struct work;
		bool active;
		bool in_vain;
		u64 idle_ns;
		u64 ns;
	} poll;
};

/**
 * struct vgpu_queues - the queues of a vGPU
 * @lock: protects @queue, the right to take a reference to one found there, and who
 *	waits for whom.  Taken after &vgpu_queue.lock; a leaf
 * @queue: by number
 * @polled: bit 0 set: one of them is being polled
 * @quiet: those that are idle and ask for no doorbell, see quiet.c
 */
struct vgpu_queues {
	spinlock_t lock;
	unsigned long polled;
	struct vgpu_queue *queue[VGPU_MAX_QUEUES];
	/**
	 * @quiet.queues: bit n: queue n is to be looked at; if there is one
	 * @quiet.next_ns: when next, if jobs wait still
	 * @quiet.work: looks at them
	 */
	struct {
		unsigned long queues;
		u64 next_ns;
		struct work_struct work;
	} quiet;
};

void vgpu_queue_get(struct vgpu_queue *queue);
void vgpu_queue_put(struct vgpu_queue *queue);

void vgpu_queues_init(struct vgpu_queues *queues);
void vgpu_queues_fini(struct vgpu_queues *queues);
void vgpu_queues_pause(struct vgpu *vgpu);
void vgpu_queues_resume(struct vgpu *vgpu);
void vgpu_queues_stop(struct vgpu *vgpu);
enum vgpu_error vgpu_queue_create(struct vgpu_ctx *ctx,
				  const struct vgpu_prepare_range *rings, u32 entries,
				  u32 want, u32 start, u32 *id);
enum vgpu_error vgpu_queue_destroy(struct vgpu_ctx *ctx, u32 id);
void vgpu_queue_destroy_all(struct vgpu_ctx *ctx);
enum vgpu_error vgpu_queue_abort(struct vgpu_ctx *ctx, u32 id);
void vgpu_queue_look_later(struct vgpu *vgpu, u32 id);
bool vgpu_queue_doorbell(struct vgpu *vgpu, u32 id);

#endif /* _VGPU_QUEUE_H */
