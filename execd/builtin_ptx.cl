// SPDX-License-Identifier: GPL-2.0
/*
 * builtin.cl for NVIDIA's GPUs: builtin.ptx is this, compiled by "make ptx".  Clang knows
 * OpenCL C but has no library of it for them, so what builtin.cl calls is here.
 */
static inline ulong ptx_global_id(void)
{
	return (ulong)__nvvm_read_ptx_sreg_ctaid_x() * __nvvm_read_ptx_sreg_ntid_x() +
	       __nvvm_read_ptx_sreg_tid_x();
}

static inline ulong ptx_global_size(void)
{
	return (ulong)__nvvm_read_ptx_sreg_nctaid_x() * __nvvm_read_ptx_sreg_ntid_x();
}

static inline uint ptx_rotate(uint x, uint n)
{
	return x << n % 32 | x >> (32 - n) % 32;
}

/* All of builtin.cl is in one dimension */
#define get_global_id(dimension)	ptx_global_id()
#define get_global_size(dimension)	ptx_global_size()
#define rotate(x, n)			ptx_rotate(x, n)

#include "builtin.cl"
