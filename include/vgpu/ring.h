/* SPDX-License-Identifier: GPL-2.0 OR LGPL-2.1-or-later */
/*
 * Ring arithmetic of a queue, both sides.  Pure: memory and ordering only.  The
 * protocol is in the comment over struct vgpu_dev_sqe.
 *
 * Each side keeps its own indices in memory the other can't reach, and of the
 * shared memory reads only what the other side writes.  The device's side reads
 * an entry once, into a copy.
 *
 * On the guest's side one thread may submit while another reaps, without a lock: each
 * writes its own index and reads the other's.  Any thread may ask whether to kick.
 *
 * Sleeping and waking, the same in both directions: the sleeper writes the index
 * it wants to be woken for, then looks once more for an entry; the waker makes the
 * entry, then reads that index.  A full barrier is between the two steps on both
 * sides, so at least one of them sees the other (store buffering; as virtio's event
 * index, OASIS VIRTIO 1.2, section 2.7.7.2).
 *
 * virt_*: the other side may be another machine's processor, also where this one has
 * only one.  In userspace <vgpu/barrier.h> stands for the kernel's.
 */
#ifndef _VGPU_RING_H
#define _VGPU_RING_H

#ifdef __KERNEL__
#include <asm/barrier.h>
#include <asm/byteorder.h>
#include <linux/atomic.h>
#include <linux/build_bug.h>
#include <linux/compiler.h>
#include <linux/types.h>
#else
#include <vgpu/barrier.h>
#endif
#include <linux/vgpu_dev.h>

static_assert(sizeof(struct vgpu_dev_sqe) == 64);
static_assert(sizeof(struct vgpu_dev_cqe) == 16);
static_assert(sizeof(struct vgpu_dev_queue_events) == 192);

/* An event index so far away that it is not met */
#define VGPU_RING_FAR	0x80000000U

/**
 * struct vgpu_ring_guest - the guest's side of a queue
 * @sq: submission ring
 * @cq: completion ring
 * @events: the page of events
 * @mask: entries - 1
 * @submitted: index of the next submission; the submitter's to write
 * @kicked: @submitted when the doorbell was last thought of, by anybody
 * @reaped: index of the next completion; the reaper's to write
 * @cq_event: what was last written there
 */
struct vgpu_ring_guest {
	struct vgpu_dev_sqe *sq;
	const struct vgpu_dev_cqe *cq;
	struct vgpu_dev_queue_events *events;
	__u32 mask;
	__u32 submitted;
	__u32 kicked;
	__u32 reaped;
	__u32 cq_event;
};

/**
 * struct vgpu_ring_device - the device's side of a queue
 * @sq: submission ring
 * @cq: completion ring
 * @events: the page of events
 * @mask: entries - 1
 * @fetched: index of the next submission
 * @completed: index of the next completion
 * @signaled: @completed when the interrupt was last thought of
 * @sq_event: what was last written there
 */
struct vgpu_ring_device {
	const struct vgpu_dev_sqe *sq;
	struct vgpu_dev_cqe *cq;
	struct vgpu_dev_queue_events *events;
	__u32 mask;
	__u32 fetched;
	__u32 completed;
	__u32 signaled;
	__u32 sq_event;
};

/**
 * vgpu_ring_phase() - phase of an entry
 * @index: its index
 * @mask: entries of the ring - 1
 *
 * Context: any.
 * Return: VGPU_RING_PHASE or 0.
 */
static inline __u32 vgpu_ring_phase(__u32 index, __u32 mask)
{
	return index & (mask + 1) ? 0 : VGPU_RING_PHASE;
}

/**
 * vgpu_ring_need_event() - was the index that somebody waits for passed?
 * @event: the index
 * @next: index of the next entry now
 * @last: the same when this was last asked
 *
 * Context: any.
 * Return: whether @event is one of @last ... @next - 1.
 */
static inline bool vgpu_ring_need_event(__u32 event, __u32 next, __u32 last)
{
	return event - last < next - last;
}

/**
 * vgpu_ring_is_far() - is an event index still out of reach?
 * @event: the index
 * @next: index of the next entry
 *
 * Context: any.
 * Return: whether @event is VGPU_RING_FAR / 2 to VGPU_RING_FAR ahead.
 */
static inline bool vgpu_ring_is_far(__u32 event, __u32 next)
{
	return event - next - VGPU_RING_FAR / 2 <= VGPU_RING_FAR / 2;
}

/**
 * vgpu_ring_room() - how many submissions there is room for
 * @ring: the guest's side
 *
 * Context: any; the submitter.
 * Return: 0 to the number of entries.
 */
static inline __u32 vgpu_ring_room(const struct vgpu_ring_guest *ring)
{
	/* before what is written in a place that the device and the reaper have left */
	return ring->mask + 1 - (ring->submitted - virt_load_acquire(&ring->reaped));
}

/**
 * vgpu_ring_sqe() - the entry to fill in next
 * @ring: the guest's side, with room for it
 *
 * All but &vgpu_dev_sqe.control is the caller's to write.
 *
 * Context: any; the submitter.
 * Return: the entry, with what an earlier one left in it.
 */
static inline struct vgpu_dev_sqe *vgpu_ring_sqe(const struct vgpu_ring_guest *ring)
{
	return &ring->sq[ring->submitted & ring->mask];
}

/**
 * vgpu_ring_submit() - make the entry that vgpu_ring_sqe() gave valid
 * @ring: the guest's side
 * @opcode: enum vgpu_sqe_opcode
 *
 * Context: any; the submitter.
 */
static inline void vgpu_ring_submit(struct vgpu_ring_guest *ring, __u32 opcode)
{
	__u32 phase = vgpu_ring_phase(ring->submitted, ring->mask);

	/* last: it makes the rest of the entry valid */
	virt_store_release(&vgpu_ring_sqe(ring)->control, cpu_to_le32(opcode | phase));
	/* behind the entry: whoever kicks for it must know that the device can see it */
	virt_store_release(&ring->submitted, ring->submitted + 1);
}

/**
 * vgpu_ring_need_kick() - must the doorbell be rung for what was submitted?
 * @ring: the guest's side
 *
 * Of several callers at a time each answers for submissions of its own.
 *
 * Context: any, any thread.
 * Return: true if so; false also if nothing was submitted since the last call.
 */
static inline bool vgpu_ring_need_kick(struct vgpu_ring_guest *ring)
{
	__u32 last, next;

	do {
		/* before the index, which so is never behind it */
		last = virt_load_acquire(&ring->kicked);
		/* with it, the entries before are seen */
		next = virt_load_acquire(&ring->submitted);
		if (next == last)
			return false;
	} while (cmpxchg(&ring->kicked, last, next) != last);
	/* with the one of whoever sleeps: see the head of this file */
	virt_mb();
	return vgpu_ring_need_event(le32_to_cpu(READ_ONCE(ring->events->sq_event)), next, last);
}

/**
 * vgpu_ring_reap() - take the next completion
 * @ring: the guest's side
 * @cqe: gets a copy
 *
 * Context: any; the reaper.
 * Return: false if there is none yet.
 */
static inline bool vgpu_ring_reap(struct vgpu_ring_guest *ring, struct vgpu_dev_cqe *cqe)
{
	const struct vgpu_dev_cqe *entry = &ring->cq[ring->reaped & ring->mask];
	__le32 control;

	/* before the rest of the entry, which it makes valid */
	control = virt_load_acquire(&entry->control);
	if ((le32_to_cpu(control) & VGPU_RING_PHASE) !=
	    vgpu_ring_phase(ring->reaped, ring->mask))
		return false;
	cqe->user_data = READ_ONCE(entry->user_data);
	cqe->gpu_ns = READ_ONCE(entry->gpu_ns);
	cqe->control = control;
	/* behind what was read: the next submission lets the device overwrite it */
	virt_store_release(&ring->reaped, ring->reaped + 1);
	return true;
}

/**
 * vgpu_ring_has_completion() - would vgpu_ring_reap() take one?
 * @ring: the guest's side
 *
 * Whoever knows of a completion, because he made it or was told, is told true, if the reaper hasn't
 * taken it yet.
 *
 * Context: any, any thread.
 */
static inline bool vgpu_ring_has_completion(const struct vgpu_ring_guest *ring)
{
	__u32 reaped = READ_ONCE(ring->reaped);
	const struct vgpu_dev_cqe *entry = &ring->cq[reaped & ring->mask];

	return (le32_to_cpu(READ_ONCE(entry->control)) & VGPU_RING_PHASE) ==
	       vgpu_ring_phase(reaped, ring->mask);
}

/**
 * vgpu_ring_arm_irq() - ask for an interrupt for the next completion
 * @ring: the guest's side
 * @ahead: how many more completions may come before; less than VGPU_RING_FAR
 *
 * The caller looks for a completion afterwards, before it waits.
 *
 * Context: any; the reaper.
 */
static inline void vgpu_ring_arm_irq(struct vgpu_ring_guest *ring, __u32 ahead)
{
	ring->cq_event = ring->reaped + ahead;
	WRITE_ONCE(ring->events->cq_event, cpu_to_le32(ring->cq_event));
	/* with the one of whoever wakes: see the head of this file */
	virt_mb();
}

/**
 * vgpu_ring_disarm_irq() - no interrupt is needed for now
 * @ring: the guest's side
 *
 * Holds for VGPU_RING_FAR / 2 completions; called more often than that it seldom
 * writes, and the line stays in the device's cache.
 *
 * Context: any; the reaper.
 */
static inline void vgpu_ring_disarm_irq(struct vgpu_ring_guest *ring)
{
	if (vgpu_ring_is_far(ring->cq_event, ring->reaped))
		return;
	ring->cq_event = ring->reaped + VGPU_RING_FAR;
	WRITE_ONCE(ring->events->cq_event, cpu_to_le32(ring->cq_event));
}

/**
 * vgpu_ring_fetch() - take the next submission
 * @ring: the device's side
 * @sqe: gets a private copy; each byte of the entry is read once
 *
 * Context: any; the owner of @ring.
 * Return: false if there is none.
 */
static inline bool vgpu_ring_fetch(struct vgpu_ring_device *ring, struct vgpu_dev_sqe *sqe)
{
	const struct vgpu_dev_sqe *entry = &ring->sq[ring->fetched & ring->mask];
	__le32 control;
	__u32 i;

	/* before the rest of the entry, which it makes valid */
	control = virt_load_acquire(&entry->control);
	if ((le32_to_cpu(control) & VGPU_RING_PHASE) !=
	    vgpu_ring_phase(ring->fetched, ring->mask))
		return false;
	sqe->control = control;
	sqe->reserved = READ_ONCE(entry->reserved);
	sqe->user_data = READ_ONCE(entry->user_data);
	for (i = 0; i < VGPU_SQE_WORDS; i++)
		sqe->words[i] = READ_ONCE(entry->words[i]);
	ring->fetched++;
	return true;
}

/**
 * vgpu_ring_has_submission() - would vgpu_ring_fetch() take one?
 * @ring: the device's side
 *
 * Context: any; the owner of @ring.
 */
static inline bool vgpu_ring_has_submission(const struct vgpu_ring_device *ring)
{
	const struct vgpu_dev_sqe *entry = &ring->sq[ring->fetched & ring->mask];

	return (le32_to_cpu(READ_ONCE(entry->control)) & VGPU_RING_PHASE) ==
	       vgpu_ring_phase(ring->fetched, ring->mask);
}

/**
 * vgpu_ring_disarm_kick() - no doorbell is needed for now
 * @ring: the device's side
 *
 * Holds for VGPU_RING_FAR / 2 submissions; as vgpu_ring_disarm_irq().
 *
 * Context: any; the owner of @ring.
 */
static inline void vgpu_ring_disarm_kick(struct vgpu_ring_device *ring)
{
	if (vgpu_ring_is_far(ring->sq_event, ring->fetched))
		return;
	ring->sq_event = ring->fetched + VGPU_RING_FAR;
	WRITE_ONCE(ring->events->sq_event, cpu_to_le32(ring->sq_event));
}

/**
 * vgpu_ring_arm_kick() - ask for the doorbell for the next submission
 * @ring: the device's side
 *
 * The caller fetches once more afterwards, before it sleeps.
 *
 * Context: any; the owner of @ring.
 */
static inline void vgpu_ring_arm_kick(struct vgpu_ring_device *ring)
{
	ring->sq_event = ring->fetched;
	WRITE_ONCE(ring->events->sq_event, cpu_to_le32(ring->sq_event));
	/* with the one of whoever wakes: see the head of this file */
	virt_mb();
}

/**
 * vgpu_ring_complete() - make the next completion
 * @ring: the device's side
 * @user_data: of the submission
 * @status: enum vgpu_error
 * @gpu_ns: time on the GPU, at most 2^32 - 1
 *
 * Context: any; the owner of @ring.
 */
static inline void vgpu_ring_complete(struct vgpu_ring_device *ring, __le64 user_data,
				      __u32 status, __u32 gpu_ns)
{
	struct vgpu_dev_cqe *entry = &ring->cq[ring->completed & ring->mask];
	__u32 phase = vgpu_ring_phase(ring->completed, ring->mask);

	WRITE_ONCE(entry->user_data, user_data);
	WRITE_ONCE(entry->gpu_ns, cpu_to_le32(gpu_ns));
	/* last: it makes the rest of the entry valid */
	virt_store_release(&entry->control, cpu_to_le32(status | phase));
	ring->completed++;
}

/**
 * vgpu_ring_publish() - tell waiters how far the queue is
 * @ring: the device's side
 *
 * Context: any; the owner of @ring.
 * Return: whether the queue's interrupt must be raised.
 */
static inline bool vgpu_ring_publish(struct vgpu_ring_device *ring)
{
	__u32 last = ring->signaled;

	ring->signaled = ring->completed;
	/* behind the entries it counts */
	virt_store_release(&ring->events->completed, cpu_to_le32(ring->completed));
	/* with the one of whoever sleeps: see the head of this file */
	virt_mb();
	return vgpu_ring_need_event(le32_to_cpu(READ_ONCE(ring->events->cq_event)),
				    ring->completed, last);
}

#endif /* _VGPU_RING_H */
