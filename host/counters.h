/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What happened to the device that a vGPU is, since it was created; what became of its jobs
 * is in stats.h.
 */
#ifndef _VGPU_COUNTERS_H
#define _VGPU_COUNTERS_H

#include <linux/atomic.h>
#include <linux/types.h>

/**
 * enum vgpu_counter - events of one vGPU
 * @VGPU_COUNT_DOORBELL_BUSY: doorbells of the mailbox refused because a request was running
 * @VGPU_COUNT_INTERRUPTS: completion interrupts raised
 * @VGPU_COUNT_LONG_IRQ: interrupts that it took so long to raise, for all that wait for
 *	them, that for a while it was left to a work item
 * @VGPU_COUNT_DEFERRED_IRQ: interrupts left to it
 * @VGPU_COUNT_DOORBELLS: doorbells of queues
 * @VGPU_COUNT_LOST_BOS: system buffer objects whose memory the VMM unmapped
 * @VGPU_COUNT_RESETS: resets, by whatever means
 * @VGPU_COUNT_BAD_CONFIG: writes to config space with a byte that no field takes;
 *	a VMM that sizes absent BARs makes some
 * @VGPU_COUNT_BAD_BAR: writes to registers that are partial, unaligned or to
 *	something read-only or absent
 * @VGPU_COUNT_BAD_ACCESS: reads and writes outside every region
 * @VGPU_COUNT_BAD_IRQ: SET_IRQS calls refused
 * @VGPU_COUNTER_COUNT: how many there are
 */
enum vgpu_counter {
	VGPU_COUNT_DOORBELL_BUSY,
	VGPU_COUNT_INTERRUPTS,
	VGPU_COUNT_LONG_IRQ,
	VGPU_COUNT_DEFERRED_IRQ,
	VGPU_COUNT_DOORBELLS,
	VGPU_COUNT_LOST_BOS,
	VGPU_COUNT_RESETS,
	VGPU_COUNT_BAD_CONFIG,
	VGPU_COUNT_BAD_BAR,
	VGPU_COUNT_BAD_ACCESS,
	VGPU_COUNT_BAD_IRQ,
	VGPU_COUNTER_COUNT,
};

/**
 * struct vgpu_counters - the counters of one vGPU
 * @event: by enum vgpu_counter
 */
struct vgpu_counters {
	atomic64_t event[VGPU_COUNTER_COUNT];
};

/**
 * vgpu_count() - count one event
 * @counters: the vGPU's counters
 * @which: the event
 *
 * Context: any.
 */
static inline void vgpu_count(struct vgpu_counters *counters,
			      enum vgpu_counter which)
{
	atomic64_inc(&counters->event[which]);
}

#endif /* _VGPU_COUNTERS_H */
