/* SPDX-License-Identifier: GPL-2.0 */
/* How long a delayed work item is to wait. */
#ifndef _VGPU_DELAY_H
#define _VGPU_DELAY_H

#include <linux/jiffies.h>

/* Up to here the timer wheel has a jiffy's granularity, from there on an eighth of the time */
#define VGPU_DELAY_EXACT	64

/**
 * vgpu_delay_jiffies() - when to look whether a time has come
 * @ns: nanoseconds until then
 *
 * For whoever looks again if it hasn't.  The timer wheel (kernel/time/timer.c) comes late by
 * up to an eighth of a long time, so that is waited for in steps, each shorter than the last.
 *
 * Context: any.
 * Return: jiffies, at least 1: if @ns is short not before it is over, else before.
 */
static inline unsigned long vgpu_delay_jiffies(u64 ns)
{
	unsigned long delay = nsecs_to_jiffies(ns);

	return delay < VGPU_DELAY_EXACT ? delay + 1 : delay - delay / 8;
}

#endif /* _VGPU_DELAY_H */
