// SPDX-License-Identifier: GPL-2.0
/* Where this was built without OpenCL. */
#include <stdio.h>

#include "native.h"

static struct native *native_none_open(const char *device, const struct spin_source *source)
{
	(void)device;
	(void)source;
	fprintf(stderr, "vgpu-sim: opencl: this vgpu-sim was built without OpenCL\n");
	return NULL;
}

const struct native_ops native_opencl = {
	.open = native_none_open,
};
