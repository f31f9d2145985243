// SPDX-License-Identifier: GPL-2.0
/* OpenCL's devices: those of all platforms, numbered in the order in which they are told. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "opencl.h"

#define MAX_PLATFORMS	16
#define MAX_DEVICES	64

/**
 * struct devices - what there is
 * @count: members of @device that hold
 * @device: the devices
 */
struct devices {
	cl_uint count;
	cl_device_id device[MAX_DEVICES];
};

/* Return false after a message if there are none. */
static bool find_all(struct devices *all)
{
	cl_platform_id platform[MAX_PLATFORMS];
	cl_uint platforms = 0, i, n;
	cl_int err;

	all->count = 0;
	err = clGetPlatformIDs(MAX_PLATFORMS, platform, &platforms);
	/* the loader's own error for none has a number only in an extension's header */
	if (err || !platforms) {
		fprintf(stderr, "vgpu-execd: opencl: no platform (error %d): %s\n", err,
			"is a vendor's ICD in /etc/OpenCL/vendors?");
		return false;
	}
	if (platforms > MAX_PLATFORMS)
		platforms = MAX_PLATFORMS;
	for (i = 0; i < platforms; i++) {
		n = 0;
		if (clGetDeviceIDs(platform[i], CL_DEVICE_TYPE_ALL, MAX_DEVICES - all->count,
				   all->device + all->count, &n))
			continue;
		all->count += n < MAX_DEVICES - all->count ? n : MAX_DEVICES - all->count;
		if (all->count == MAX_DEVICES)
			break;
	}
	if (!all->count)
		fprintf(stderr, "vgpu-execd: opencl: none of %u platforms has a device\n",
			platforms);
	return all->count;
}

static void get_name(cl_device_id device, char *name, size_t size)
{
	char whole[256] = "";

	/* it fails if there is too little room, and then nothing is told */
	clGetDeviceInfo(device, CL_DEVICE_NAME, sizeof(whole) - 1, whole, NULL);
	snprintf(name, size, "%s", *whole ? whole : "OpenCL device");
}

static bool takes_spirv(cl_device_id device)
{
	char versions[256] = "";

	/* before 2.1 there is no such thing to ask, and no clCreateProgramWithIL() */
	return !clGetDeviceInfo(device, CL_DEVICE_IL_VERSION, sizeof(versions) - 1, versions,
				NULL) && strstr(versions, "SPIR-V");
}

static bool has_compiler(cl_device_id device)
{
	cl_bool has = CL_FALSE;

	return !clGetDeviceInfo(device, CL_DEVICE_COMPILER_AVAILABLE, sizeof(has), &has, NULL) &&
	       has;
}

/**
 * opencl_device_info() - what is a device?
 * @device: which
 * @info: where to tell; not the built-in kernels, which aren't built yet
 */
void opencl_device_info(cl_device_id device, struct engine_info *info)
{
	cl_ulong memory = 0;
	cl_uint bits = 0;

	get_name(device, info->name, sizeof(info->name));
	clGetDeviceInfo(device, CL_DEVICE_GLOBAL_MEM_SIZE, sizeof(memory), &memory, NULL);
	clGetDeviceInfo(device, CL_DEVICE_MEM_BASE_ADDR_ALIGN, sizeof(bits), &bits, NULL);
	info->memory = memory;
	info->buffer_align = bits >= 8 ? bits / 8 : 1;
	if (has_compiler(device))
		info->formats |= 1ULL << VGPU_MODULE_OPENCL_C;
	if (takes_spirv(device))
		info->formats |= 1ULL << VGPU_MODULE_SPIRV;
}

static void get_platform(cl_device_id device, char *name, size_t size)
{
	cl_platform_id platform;

	if (clGetDeviceInfo(device, CL_DEVICE_PLATFORM, sizeof(platform), &platform, NULL) ||
	    clGetPlatformInfo(platform, CL_PLATFORM_NAME, size, name, NULL))
		snprintf(name, size, "?");
}

/**
 * opencl_device_list() - print the devices
 *
 * Return: true if there are any.
 */
bool opencl_device_list(void)
{
	struct devices all;
	char platform[128];
	cl_uint i;

	if (!find_all(&all))
		return false;
	for (i = 0; i < all.count; i++) {
		struct engine_info info = { };

		opencl_device_info(all.device[i], &info);
		get_platform(all.device[i], platform, sizeof(platform));
		printf("opencl: device %u: %s, %s, %llu MiB, modules:%s%s\n", i, platform,
		       info.name, (unsigned long long)info.memory >> 20,
		       info.formats & 1ULL << VGPU_MODULE_OPENCL_C ? " opencl-c" : "",
		       info.formats & 1ULL << VGPU_MODULE_SPIRV ? " spir-v" : "");
	}
	return true;
}

/**
 * opencl_device_find() - the device that the command line names
 * @name: its number in the list, or a part of its name; NULL: the first
 *
 * Return: it, or NULL after a message.
 */
cl_device_id opencl_device_find(const char *name)
{
	struct devices all;
	char its[64], *end;
	unsigned long n;
	cl_uint i;

	if (!find_all(&all))
		return NULL;
	if (!name)
		return all.device[0];
	n = strtoul(name, &end, 10);
	if (*name >= '0' && *name <= '9' && !*end && n < all.count)
		return all.device[n];
	for (i = 0; i < all.count; i++) {
		get_name(all.device[i], its, sizeof(its));
		if (*name && strstr(its, name))
			return all.device[i];
	}
	fprintf(stderr, "vgpu-execd: opencl: no device %s; --list has them\n", name);
	return NULL;
}
