// SPDX-License-Identifier: GPL-2.0
/* Where this was built without OpenCL. */
#include <stdio.h>

#include "engine.h"

#define NONE	"opencl: this vgpu-execd was built without OpenCL: install that for development " \
	"(Debian: pkg-config ocl-icd-opencl-dev), make execd execd_install\n"

static bool none_list(void)
{
	printf(NONE);
	return false;
}

static struct engine *none_open(const char *device)
{
	(void)device;
	fprintf(stderr, "vgpu-execd: " NONE);
	return NULL;
}

const struct engine_ops engine_opencl = {
	.name = "opencl",
	.list = none_list,
	.open = none_open,
};
