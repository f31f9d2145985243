// SPDX-License-Identifier: GPL-2.0
/* The engines that can be measured. */
#include "kinds.h"

const struct kind kinds[] = {
	{ &engine_reference, NULL, NULL },
	{ &engine_opencl, &spin_opencl_c, &native_opencl },
	{ &engine_cuda, &spin_ptx, &native_cuda },
	{ }
};
