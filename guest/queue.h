/* SPDX-License-Identifier: GPL-2.0 */
#ifndef VGPUG_QUEUE_H
#define VGPUG_QUEUE_H

#include <linux/kref.h>
#include <linux/spinlock.h>
#include <linux/types.h>
#include <linux/vgpu_dev.h>
#include <linux/wait.h>

struct eventfd_ctx;
struct vgpug_bo;
struct vgpug_mailbox;

/**
 * enum vgpug_queue_event - the event of a queue, for poll(2) and an eventfd
 * @VGPUG_EVENT_NONE: not armed
 * @VGPUG_EVENT_ARMED: to come, with the completion of &vgpug_queue.event_index
 * @VGPUG_EVENT_FIRED: it has come, and was not armed again since
 *
 * any -> ARMED, NONE: VGPU_IOC_QUEUE_ARM, NONE if the completion is there already.
 * ARMED -> FIRED: the queue's interrupt.
 * any -> NONE: the queue ends.
 */
enum vgpug_queue_event {
	VGPUG_EVENT_NONE,
	VGPUG_EVENT_ARMED,
	VGPUG_EVENT_FIRED,
};

/* A &vgpug_queue.generation: of a queue that is lost, though the device may not be */
#define VGPUG_GENERATION_NONE	U64_MAX

/**
 * struct vgpug_queue - a queue of an open file
 *
 * The process owns the rings.  The driver knows how far the queue is, and when the
 * device should say so.
 */
struct vgpug_queue {
	/** @ref: one for the file, one for each caller */
	struct kref ref;
	/** @mb: mailbox of its device; the file keeps it */
	struct vgpug_mailbox *mb;
	/** @bo: the rings; holds a reference */
	struct vgpug_bo *bo;
	/** @rings: the handle of @bo */
	u32 rings;
	/** @id: the device's number for it */
	u32 id;
	/** @mask: entries of its rings - 1 */
	u32 mask;
	/** @generation: of @mb, when it was made; lost if that is over, or never was */
	u64 generation;
	/** @events: its page of events, which the process writes, too */
	struct vgpu_dev_queue_events *events;
	/** @wait: woken by its interrupt, and when it is lost or ends */
	wait_queue_head_t wait;
	/** @pollers: of the file: woken when @event fires; the file keeps it */
	wait_queue_head_t *pollers;
	/** @lock: protects what follows; taken in interrupts */
	spinlock_t lock;
	/** @armed: the earliest index anybody waits for, if still to come */
	u32 armed;
	/** @event: the state of the event */
	enum vgpug_queue_event event;
	/** @event_index: for which it is ARMED */
	u32 event_index;
	/** @eventfd: signalled when @event fires, and when the queue is lost or, ARMED, ends */
	struct eventfd_ctx *eventfd;
	/** @ended: for good; set once, and read without @lock by who is woken afterwards */
	bool ended;
};

/**
 * struct vgpug_queues - the queues of a device, for its interrupts
 */
struct vgpug_queues {
	/** @lock: protects @queue; taken in interrupts */
	spinlock_t lock;
	/** @queue: by number */
	struct vgpug_queue *queue[VGPU_MAX_QUEUES];
};

void vgpug_queues_init(struct vgpug_queues *queues);
void vgpug_queues_interrupt(struct vgpug_queues *queues);
void vgpug_queues_interrupt_one(struct vgpug_queues *queues, u32 id);
void vgpug_queues_lost(struct vgpug_queues *queues);
struct vgpug_queue *vgpug_queues_find_busy(struct vgpug_queues *queues);
int vgpug_queues_drain(struct vgpug_queues *queues, struct vgpug_queue *queue,
		       unsigned long end);
void vgpug_queues_ring(struct vgpug_queues *queues, void __iomem *doorbells);
bool vgpug_queues_has(struct vgpug_queues *queues, const struct vgpug_queue *queue);
void vgpug_queues_add(struct vgpug_queues *queues, struct vgpug_queue *queue);
bool vgpug_queues_del(struct vgpug_queues *queues, struct vgpug_queue *queue);

struct vgpug_queue *vgpug_queue_create(struct vgpug_mailbox *mb, struct vgpug_bo *bo,
				       u32 entries, wait_queue_head_t *pollers);
u32 vgpug_queue_completed(const struct vgpug_queue *queue);
void vgpug_queue_renew(struct vgpug_queue *queue, u64 generation);
void vgpug_queue_get(struct vgpug_queue *queue);
void vgpug_queue_put(struct vgpug_queue *queue);
int vgpug_queue_wait(struct vgpug_queue *queue, u32 index, u32 timeout_ms);
int vgpug_queue_arm(struct vgpug_queue *queue, u32 index, bool *passed);
int vgpug_queue_set_eventfd(struct vgpug_queue *queue, int fd);
bool vgpug_queue_fired(struct vgpug_queue *queue);

#endif /* VGPUG_QUEUE_H */
