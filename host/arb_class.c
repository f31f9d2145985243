// SPDX-License-Identifier: GPL-2.0
/*
 * Priority classes.  The highest class in which somebody waits is served first, but for a
 * minimum of the GPU's time that each of the others has while it waits: 12 percent for
 * medium, 6 for low.  So nobody starves, and high has all the rest.
 *
 * A class that waits while another is served is credited its part of that time.  While it
 * has credit it may have a turn: as many jobs as the credit is good for, and the last may
 * take longer, which is then owed.  No two turns follow each other: so a job of high that
 * finds none of its class before it waits for what the backend has and for at most one
 * turn, which is no longer than a job and what its class was owed when it began.
 *
 * A class that is served because nobody above it waits has that much less to be owed; and
 * one in which nobody waits any more is owed nothing.  What is served so is never a debt.
 *
 * Nothing here locks, sleeps or reads a clock: the caller serialises.
 */
#include <linux/bitops.h>
#include <linux/limits.h>
#include <linux/minmax.h>
#include <linux/string.h>

#include "arb_class.h"

/* Percent of the GPU's time for a class that waits, whoever waits above it */
static const u32 vgpu_arb_class_minimum[VGPU_ARB_CLASSES] = {
	[VGPU_PRIORITY_LOW] = 6,
	[VGPU_PRIORITY_MEDIUM] = 12,
};

/**
 * vgpu_arb_classes_init() - make classes in which nobody is
 * @classes: the classes
 *
 * Context: any.
 */
void vgpu_arb_classes_init(struct vgpu_arb_classes *classes)
{
	u32 i;

	for (i = 0; i < VGPU_ARB_CLASSES; i++) {
		vgpu_arb_rq_init(&classes->class[i].rq);
		classes->class[i].credit = 0;
		classes->class[i].epoch = 1;
	}
	classes->waiting = 0;
	classes->turn = -1;
	classes->due = false;
}

/**
 * vgpu_arb_class_add() - somebody has something to run
 * @classes: the classes
 * @priority: its class
 * @flow: not in a run queue
 *
 * Context: any; the caller serialises.
 */
void vgpu_arb_class_add(struct vgpu_arb_classes *classes, enum vgpu_priority priority,
			struct vgpu_arb_flow *flow)
{
	vgpu_arb_rq_add(&classes->class[priority].rq, flow);
	classes->waiting |= BIT(priority);
}

/**
 * vgpu_arb_class_del() - somebody has nothing to run any more
 * @classes: the classes
 * @priority: its class
 * @flow: in the run queue of @priority
 *
 * Context: any; the caller serialises.
 */
void vgpu_arb_class_del(struct vgpu_arb_classes *classes, enum vgpu_priority priority,
			struct vgpu_arb_flow *flow)
{
	struct vgpu_arb_class *class = &classes->class[priority];

	vgpu_arb_rq_del(&class->rq, flow);
	if (vgpu_arb_rq_first(&class->rq))
		return;
	classes->waiting &= ~BIT(priority);
	class->credit = min_t(s64, class->credit, 0);
	class->epoch += class->epoch == U32_MAX ? 2 : 1;
}

/* The highest in which somebody waits, or -1 */
static int vgpu_arb_class_top(const struct vgpu_arb_classes *classes)
{
	return fls(classes->waiting) - 1;
}

static bool vgpu_arb_class_is_owed(const struct vgpu_arb_classes *classes, int i)
{
	return classes->waiting & BIT(i) && classes->class[i].credit > 0;
}

/* Of those below @top that are owed their minimum, the one that is owed most, or -1 */
static int vgpu_arb_class_owed(const struct vgpu_arb_classes *classes, int top)
{
	int i, owed = -1;

	for (i = 0; i < top; i++) {
		if (vgpu_arb_class_is_owed(classes, i) &&
		    (owed < 0 || classes->class[i].credit > classes->class[owed].credit))
			owed = i;
	}
	return owed;
}

/**
 * vgpu_arb_class_pick() - which class is next?
 * @classes: the classes; somebody is served who waits in what is returned
 * @minimum: true if it is served for its minimum, for vgpu_arb_class_charge()
 *
 * Context: any; the caller serialises.
 * Return: run queue of the class, in which somebody waits; or NULL if nobody does anywhere.
 */
struct vgpu_arb_rq *vgpu_arb_class_pick(struct vgpu_arb_classes *classes, bool *minimum)
{
	int top = vgpu_arb_class_top(classes);

	*minimum = false;
	if (top < 0)
		return NULL;
	if (classes->turn < 0 || classes->turn >= top ||
	    !vgpu_arb_class_is_owed(classes, classes->turn)) {
		classes->turn = classes->due ? -1 : vgpu_arb_class_owed(classes, top);
		classes->due = classes->turn >= 0;
	}
	if (classes->turn < 0)
		return &classes->class[top].rq;
	*minimum = true;
	return &classes->class[classes->turn].rq;
}

/**
 * vgpu_arb_class_charge() - a class is served
 * @classes: the classes, in which who is served for the last time waits still
 * @priority: the class
 * @minimum: what vgpu_arb_class_pick() said
 * @cost_ns: GPU time
 * @credited: which classes were credited for that, for vgpu_arb_class_correct()
 *
 * Context: any; the caller serialises.
 */
void vgpu_arb_class_charge(struct vgpu_arb_classes *classes, enum vgpu_priority priority,
			   bool minimum, s64 cost_ns, u32 credited[VGPU_ARB_CLASSES])
{
	struct vgpu_arb_class *class = &classes->class[priority];
	int top = vgpu_arb_class_top(classes), i;

	memset(credited, 0, VGPU_ARB_CLASSES * sizeof(credited[0]));
	for (i = 0; i < top; i++) {
		if (!(classes->waiting & BIT(i)) || (i == (int)priority && !minimum))
			continue;
		credited[i] = classes->class[i].epoch;
		classes->class[i].credit += cost_ns * vgpu_arb_class_minimum[i];
	}
	if (minimum)
		class->credit -= cost_ns * 100;
	else if (class->credit > 0)
		class->credit = max_t(s64, class->credit - cost_ns * 100, 0);
}

/**
 * vgpu_arb_class_correct() - a class was served for another time than was charged
 * @classes: the classes
 * @priority: the class
 * @minimum: what vgpu_arb_class_pick() said
 * @cost_ns: GPU time; negative if it was less
 * @credited: what vgpu_arb_class_charge() told.  A class that was not credited, or in which
 *	nobody waited since, has nothing of it that could be corrected
 *
 * Context: any; the caller serialises.
 */
void vgpu_arb_class_correct(struct vgpu_arb_classes *classes, enum vgpu_priority priority,
			    bool minimum, s64 cost_ns, const u32 credited[VGPU_ARB_CLASSES])
{
	int i;

	for (i = 0; i < VGPU_ARB_CLASSES; i++) {
		if (credited[i] && credited[i] == classes->class[i].epoch)
			classes->class[i].credit += cost_ns * vgpu_arb_class_minimum[i];
	}
	if (minimum)
		classes->class[priority].credit -= cost_ns * 100;
}
