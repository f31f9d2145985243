// SPDX-License-Identifier: GPL-2.0
/* The kernel that is measured, and what it is to compute. */
#include <linux/vgpu_dev.h>

#include "spin.h"

/* The files spin.cl and spin.ptx, made by the Makefile */
static const unsigned char opencl_c[] = {
#include "spin_cl.h"
};

static const unsigned char ptx[] = {
#include "spin_ptx.h"
};

const struct spin_source spin_opencl_c = {
	.format = VGPU_MODULE_OPENCL_C,
	.name = "spin",
	.text = opencl_c,
	.length = sizeof(opencl_c),
};

const struct spin_source spin_ptx = {
	.format = VGPU_MODULE_PTX,
	.name = "spin",
	.text = ptx,
	.length = sizeof(ptx),
};

/* So many steps in one, by squaring: x becomes x * @factor + @addend */
static void leap(__u32 steps, __u32 *factor, __u32 *addend)
{
	__u32 f = SPIN_FACTOR, a = SPIN_ADDEND;

	*factor = 1;
	*addend = 0;
	for (; steps; steps >>= 1) {
		if (steps & 1) {
			*factor *= f;
			*addend = *addend * f + a;
		}
		a *= f + 1;
		f *= f;
	}
}

/**
 * spin_right() - are the sums what they are to be?
 * @spin: the jobs
 * @sum: the sums
 * @items: how many
 *
 * Return: true if all are.
 */
bool spin_right(const struct spin *spin, const __u32 *sum, __u32 items)
{
	__u32 factor, addend, i;

	leap(spin->work, &factor, &addend);
	for (i = 0; i < items; i++)
		if (sum[i] != factor * (spin->seeds + spin->jobs * i) + spin->jobs * addend)
			return false;
	return true;
}
