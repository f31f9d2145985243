/* SPDX-License-Identifier: GPL-2.0 */
/* See spin.h; the numbers are SPIN_FACTOR and SPIN_ADDEND. */
__kernel void spin(__global uint *sum, uint seed, uint steps)
{
	uint x = seed + (uint)get_global_id(0), i;

	for (i = 0; i < steps; i++)
		x = x * 1664525u + 1013904223u;
	sum[get_global_id(0)] += x;
}
