/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What there is to know of a guest's PTX or cubin without NVIDIA's software, which is given a
 * module without its length, and before CUDA 12.4 doesn't tell what a kernel takes.
 *
 * All return NULL, or why not, for the guest.
 */
#ifndef VGPU_EXECD_CUDA_IMAGE_H
#define VGPU_EXECD_CUDA_IMAGE_H

#include "engine.h"

const char *cuda_ptx_check(const char *text, size_t length);
const char *cuda_ptx_params(const char *text, const char *kernel,
			    struct engine_kernel_info *info);

const char *cuda_cubin_check(const void *data, size_t length);
const char *cuda_cubin_params(const void *data, size_t length, const char *kernel,
			      struct engine_kernel_info *info);

/* What a kernel takes, of which nothing but the size is known */
static inline struct engine_param cuda_param(__u32 size)
{
	return (struct engine_param){
		.type = size == sizeof(__u64) ? ENGINE_PARAM_ANY : ENGINE_PARAM_VALUE,
		.size = size,
	};
}

#endif /* VGPU_EXECD_CUDA_IMAGE_H */
