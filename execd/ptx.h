/* SPDX-License-Identifier: GPL-2.0 */
/* Of OpenCL C's library what clang leaves out when it compiles for NVIDIA's GPUs: "make ptx". */
#ifndef VGPU_EXECD_PTX_H
#define VGPU_EXECD_PTX_H

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

/* In one dimension, which is all that is asked for */
#define get_global_id(dimension)	ptx_global_id()
#define get_global_size(dimension)	ptx_global_size()
#define rotate(x, n)			ptx_rotate(x, n)
#define barrier(fence)			__syncthreads()

#endif /* VGPU_EXECD_PTX_H */
