/* SPDX-License-Identifier: GPL-2.0 */
/* A job that takes so long that something can be done to it meanwhile. */
#ifndef VFIO_CHECK_LONGJOB_H
#define VFIO_CHECK_LONGJOB_H

#include "mbox.h"

/**
 * struct longjob - a matrix product, as long as it needs to be
 * @m: the mailbox
 * @ctx: its context
 * @a: left matrix, @rows x @dim, all ones
 * @b: right matrix, @dim x @dim, all ones
 * @c: the product
 * @dim: see @a
 * @rows: see @a; what makes the job longer or shorter
 * @max_rows: for which there is room
 * @expect_us: time that @rows should take, or a little more or less
 */
struct longjob {
	struct mbox *m;
	u32 ctx;
	u32 a;
	u32 b;
	u32 c;
	u32 dim;
	u32 rows;
	u32 max_rows;
	u64 expect_us;
};

/* For jobs to be interrupted, in tests */
#define LONGJOB_TEST_MS	300

bool longjob_open(struct longjob *j, struct mbox *m, u32 target_ms);
bool longjob_start(struct longjob *j);
bool longjob_grow(struct longjob *j);
bool longjob_start_busy(struct longjob *j);
bool longjob_start_amid(struct longjob *j);
bool longjob_result(struct longjob *j);

#endif /* VFIO_CHECK_LONGJOB_H */
