/* SPDX-License-Identifier: GPL-2.0 */
/* Priority classes of the arbiter: from which run queue the next one is taken. */
#ifndef _VGPU_ARB_CLASS_H
#define _VGPU_ARB_CLASS_H

#include <linux/types.h>
#include <linux/vgpu_dev.h>

#include "arb_rq.h"
#include "job.h"

/**
 * struct vgpu_arb_class - a priority class
 * @rq: those of the class that have something to run
 * @credit: GPU time that the class is owed of its minimum, in hundredths of a nanosecond;
 *	negative if it has had more
 * @epoch: another each time that nobody waits in it any more; never 0
 */
struct vgpu_arb_class {
	struct vgpu_arb_rq rq;
	s64 credit;
	u32 epoch;
};

/**
 * struct vgpu_arb_classes - all of them
 * @class: by enum vgpu_priority
 * @waiting: bit n: somebody waits in class n
 * @turn: enum vgpu_priority of the class that is having its minimum; negative: none
 * @due: after such a turn, a class above it is to be served before there is another
 */
struct vgpu_arb_classes {
	struct vgpu_arb_class class[VGPU_ARB_CLASSES];
	u32 waiting;
	int turn;
	bool due;
};

void vgpu_arb_classes_init(struct vgpu_arb_classes *classes);
void vgpu_arb_class_add(struct vgpu_arb_classes *classes, enum vgpu_priority priority,
			struct vgpu_arb_flow *flow);
void vgpu_arb_class_del(struct vgpu_arb_classes *classes, enum vgpu_priority priority,
			struct vgpu_arb_flow *flow);
struct vgpu_arb_rq *vgpu_arb_class_pick(struct vgpu_arb_classes *classes, bool *minimum);
void vgpu_arb_class_correct(struct vgpu_arb_classes *classes, enum vgpu_priority priority,
			    bool minimum, s64 cost_ns, const u32 credited[VGPU_ARB_CLASSES]);
void vgpu_arb_class_charge(struct vgpu_arb_classes *classes, enum vgpu_priority priority,
			   bool minimum, s64 cost_ns, u32 credited[VGPU_ARB_CLASSES]);

#endif /* _VGPU_ARB_CLASS_H */
