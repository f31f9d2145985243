// SPDX-License-Identifier: GPL-2.0
/* Where this was built without OpenCL. */
#include <stdio.h>

#include "engine.h"

static bool none_list(void)
{
	printf("opencl: this vgpu-execd was built without OpenCL\n");
	return false;
}

static struct engine *none_open(const char *device)
{
	(void)device;
	fprintf(stderr, "vgpu-execd: opencl: this vgpu-execd was built without OpenCL\n");
	return NULL;
}

const struct engine_ops engine_opencl = {
	.name = "opencl",
	.list = none_list,
	.open = none_open,
};
