// SPDX-License-Identifier: GPL-2.0
/*
 * Kernels for tests of the CUDA engine.  cuda_test.ptx is made of this by "make -C execd ptx", and
 * cuda_test.cubin of that by NVIDIA's ptxas (11.8): ptxas -arch=sm_50 -o cuda_test.cubin
 * cuda_test.ptx.  Whoever changes a kernel changes both, and cuda_standin_kernels.c.
 */
#include "../../execd/ptx.h"

typedef struct {
	int a[3];
} triple;

kernel void scale(global int *dst, global const int *src, int by, global const int *add)
{
	ulong i = ptx_global_id();

	dst[i] = src[i] * by + *add;
}

kernel void sizes(uchar c, short h, float f, double d, triple t, global int *out)
{
	*out = c + h + (int)f + (int)d + t.a[2];
}

kernel void where(global uint *out)
{
	uint x = __nvvm_read_ptx_sreg_ctaid_x(), nx = __nvvm_read_ptx_sreg_ntid_x();
	uint y = __nvvm_read_ptx_sreg_ctaid_y(), ny = __nvvm_read_ptx_sreg_ntid_y();
	uint z = __nvvm_read_ptx_sreg_ctaid_z(), nz = __nvvm_read_ptx_sreg_ntid_z();
	uint row = x * nx + __nvvm_read_ptx_sreg_tid_x();
	uint column = y * ny + __nvvm_read_ptx_sreg_tid_y();
	uint layer = z * nz + __nvvm_read_ptx_sreg_tid_z();

	column += layer * ny * __nvvm_read_ptx_sreg_nctaid_y();
	out[row + column * nx * __nvvm_read_ptx_sreg_nctaid_x()] = x << 16 | y << 8 | z;
}

kernel void nothing(global int *out)
{
	if (out)
		*out = 1;
}

kernel void none(void)
{
}

/* Two, each with the other's word, find each other if they run at the same time */
kernel void meet(volatile global int *mine, volatile global int *other, int tries)
{
	*mine = 1;
	while (!*other && tries)
		tries--;
	*mine = *other ? 2 : 1;
}

/* An address that is a number */
kernel void at(ulong address)
{
	*(global int *)address = 7;
}

/* As many as a block can have, in a block of no more than eight */
kernel __attribute__((reqd_work_group_size(8, 1, 1))) void eight(global int *out)
{
	local int all[64];

	all[__nvvm_read_ptx_sreg_tid_x()] = 1;
	barrier(CLK_LOCAL_MEM_FENCE);
	out[ptx_global_id()] = all[7 - __nvvm_read_ptx_sreg_tid_x()];
}
