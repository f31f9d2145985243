/* SPDX-License-Identifier: GPL-2.0 */
/* What tests of kernels share: three objects with known contents. */
#ifndef VFIO_CHECK_LAUNCH_H
#define VFIO_CHECK_LAUNCH_H

#include "gpu.h"
#include "random.h"

/* Elements of the largest vectors here, and bytes of each object */
#define LAUNCH_MAX	1025
#define LAUNCH_BYTES	8192

/**
 * struct launch - what a test of a kernel needs
 * @m: the mailbox
 * @ctx: a context
 * @out: object for the output
 * @a: object for an input
 * @b: object for another
 * @builtins: bits of what can be launched
 * @out_data: what @out holds
 * @a_data: what @a holds
 * @b_data: what @b holds
 */
struct launch {
	struct mbox m;
	u32 ctx;
	u32 out;
	u32 a;
	u32 b;
	u64 builtins;
	u8 out_data[LAUNCH_BYTES];
	u8 a_data[LAUNCH_BYTES];
	u8 b_data[LAUNCH_BYTES];
};

/* How exactly outputs are compared */
enum launch_match {
	LAUNCH_BITS,	/* bit by bit */
	LAUNCH_FLOAT,	/* any NaN is as good as another */
	LAUNCH_SUM,	/* and a sum may begin with 0 or with its first term */
};

bool launch_open(struct launch *l, struct session *s);
bool launch_upload(struct launch *l, struct random *rnd, bool floats);
bool launch_expect(int got, int want, const char *what);
void launch_compare(struct launch *l, u32 bo, const u8 *want,
		    enum launch_match how, const char *what);

#endif /* VFIO_CHECK_LAUNCH_H */
