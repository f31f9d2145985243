// SPDX-License-Identifier: GPL-2.0
/* CUDA's devices, numbered by where they are on the PCI bus, as nvidia-smi does. */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <unistd.h>

#include "cuda.h"

/* Compute capability 5.0: what builtin.ptx is for */
#define OLDEST_MAJOR	5

/**
 * struct found - what a device is
 * @name: NVIDIA's name for it
 * @bus: where it is: domain:bus:device.function
 * @memory: bytes
 * @mode: enum cuda_compute_mode
 * @major: of its compute capability
 * @minor: likewise
 */
struct found {
	char name[128];
	char bus[32];
	size_t memory;
	int mode;
	int major;
	int minor;
};

static int attribute(const struct cuda_api *api, int device, int which)
{
	int value = 0;

	return api->device_get_attribute(&value, which, device) ? 0 : value;
}

static int look(const struct cuda_api *api, int ordinal, int *device, struct found *found)
{
	int error;

	*found = (struct found){ };
	error = api->device_get(device, ordinal);
	if (!error)
		error = api->device_get_name(found->name, sizeof(found->name) - 1, *device);
	if (!error)
		error = api->device_total_mem(&found->memory, *device);
	if (error)
		return error;
	if (api->device_get_pci_bus_id(found->bus, sizeof(found->bus) - 1, *device))
		snprintf(found->bus, sizeof(found->bus), "?");
	found->mode = attribute(api, *device, CUDA_DEVICE_COMPUTE_MODE);
	found->major = attribute(api, *device, CUDA_DEVICE_COMPUTE_CAPABILITY_MAJOR);
	found->minor = attribute(api, *device, CUDA_DEVICE_COMPUTE_CAPABILITY_MINOR);
	return CUDA_OK;
}

static bool is_usable(const char *node)
{
	int fd = open(node, O_RDWR | O_CLOEXEC);

	if (fd >= 0) {
		close(fd);
		return true;
	}
	fprintf(stderr, "vgpu-execd: cuda: %s: %s%s\n", node, strerror(errno),
		errno == EACCES || errno == EPERM ?
			" (workers are users without a name: they need to read and write it)" :
			" (nvidia-modprobe -c 0 -u loads NVIDIA's drivers and makes it)");
	return false;
}

/**
 * cuda_device_hint() - say what of the device's files could be why nothing works
 */
void cuda_device_hint(void)
{
	if (is_usable("/dev/nvidiactl"))
		is_usable("/dev/nvidia-uvm");
}

/**
 * cuda_device_init() - have the library, ready
 *
 * Return: it, or NULL after a message.
 */
const struct cuda_api *cuda_device_init(void)
{
	const struct cuda_api *api = cuda_api_load();
	int error;

	if (!api)
		return NULL;
	/* else the fastest were the first, and the numbers not nvidia-smi's */
	setenv("CUDA_DEVICE_ORDER", "PCI_BUS_ID", 1);
	error = api->init(0);
	if (!error)
		return api;
	fprintf(stderr, "vgpu-execd: cuda: no device: %s\n", cuda_api_error(api, error));
	/* the library says of each of these that there is no device, or that it doesn't know */
	cuda_device_hint();
	return NULL;
}

/* Return how many there are; 0 after a message. */
static int count(const struct cuda_api *api)
{
	int n = 0, error = api->device_get_count(&n);

	if (error)
		fprintf(stderr, "vgpu-execd: cuda: no device: %s\n", cuda_api_error(api, error));
	else if (n < 1)
		fprintf(stderr, "vgpu-execd: cuda: the NVIDIA driver has no device\n");
	return error || n < 0 ? 0 : n;
}

static const char *mode_note(int mode)
{
	switch (mode) {
	case CUDA_COMPUTE_DEFAULT:
		return "";
	case CUDA_COMPUTE_PROHIBITED:
		return ", in compute mode prohibited";
	default:
		return ", in compute mode exclusive";
	}
}

/**
 * cuda_device_list() - print the devices
 *
 * Return: true if there are any.
 */
bool cuda_device_list(void)
{
	const struct cuda_api *api = cuda_device_init();
	int n = api ? count(api) : 0, i, device, error, version = 0;
	struct found found;

	if (n)
		api->driver_get_version(&version);
	for (i = 0; i < n; i++) {
		error = look(api, i, &device, &found);
		printf("cuda: device %d: ", i);
		if (error) {
			printf("%s\n", cuda_api_error(api, error));
			continue;
		}
		printf("%s, %s, compute capability %d.%d, CUDA %d.%d, %zu MiB, %s%s\n",
		       found.name, found.bus, found.major, found.minor, version / 1000,
		       version % 1000 / 10, found.memory >> 20, "modules: ptx cubin",
		       mode_note(found.mode));
	}
	return n;
}

/* Return false after a message if vGPUs can't use it. */
static bool will_do(const struct cuda_api *api, int device, const struct found *found)
{
	const char *why = NULL;

	/* each vGPU has a process of its own */
	if (found->mode == CUDA_COMPUTE_PROHIBITED)
		why = "it is in compute mode prohibited: see nvidia-smi -c DEFAULT";
	else if (found->mode != CUDA_COMPUTE_DEFAULT)
		why = "it is in compute mode exclusive, for one process: see nvidia-smi -c DEFAULT";
	else if (found->major < OLDEST_MAJOR)
		why = "its compute capability is below 5.0";
	else if (!attribute(api, device, CUDA_DEVICE_UNIFIED_ADDRESSING) ||
		 !attribute(api, device, CUDA_DEVICE_CAN_MAP_HOST_MEMORY))
		why = "it can't reach host memory";
	if (why)
		fprintf(stderr, "vgpu-execd: cuda: %s: %s\n", found->name, why);
	return !why;
}

/* Take a device; false after a message. */
static bool take(struct cuda *cu, int device, const struct found *found)
{
	const struct cuda_api *api = cu->api;
	struct engine_info *info = &cu->base.info;
	int i;

	if (!will_do(api, device, found))
		return false;
	cu->device = device;
	cu->threads = attribute(api, device, CUDA_DEVICE_MAX_THREADS_PER_BLOCK);
	for (i = 0; i < 3; i++) {
		cu->block[i] = attribute(api, device, CUDA_DEVICE_MAX_BLOCK_DIM_X + i);
		cu->grid[i] = attribute(api, device, CUDA_DEVICE_MAX_GRID_DIM_X + i);
	}
	cu->shared = attribute(api, device, CUDA_DEVICE_MAX_SHARED_MEMORY_PER_BLOCK);
	cu->shared_most = attribute(api, device, CUDA_DEVICE_MAX_SHARED_MEMORY_PER_BLOCK_OPTIN);
	if (cu->shared_most < cu->shared)
		cu->shared_most = cu->shared;
	if (!cu->threads || !cu->shared || !cu->block[0] || !cu->block[1] || !cu->block[2] ||
	    !cu->grid[0] || !cu->grid[1] || !cu->grid[2]) {
		fprintf(stderr, "vgpu-execd: cuda: %s: doesn't tell what it can do\n", found->name);
		return false;
	}
	snprintf(info->name, sizeof(info->name), "%.63s", found->name);
	info->memory = found->memory;
	info->formats = 1ULL << VGPU_MODULE_PTX | 1ULL << VGPU_MODULE_CUBIN;
	/* a pointer may point anywhere */
	info->buffer_align = 1;
	return true;
}

/* Is it what the command line means? */
static bool is_meant(const char *name, int ordinal, const struct found *found)
{
	unsigned long n;
	char *end;

	if (!name)
		return true;
	n = strtoul(name, &end, 10);
	if (*name >= '0' && *name <= '9' && !*end)
		return n == (unsigned long)ordinal;
	return *name && (strstr(found->name, name) || !strcasecmp(found->bus, name));
}

/**
 * cuda_device_find() - take the device that the command line names
 * @cu: the engine, with nothing but the library
 * @name: its number in the list, a part of its name, or its PCI address; NULL: the first
 *
 * Return: false after a message.
 */
bool cuda_device_find(struct cuda *cu, const char *name)
{
	int n = count(cu->api), i, device, error;
	struct found found;

	if (!n)
		return false;
	for (i = 0; i < n; i++) {
		error = look(cu->api, i, &device, &found);
		if (error)
			fprintf(stderr, "vgpu-execd: cuda: device %d: %s\n", i,
				cuda_api_error(cu->api, error));
		/* one that can't be looked at has a number all the same, and isn't another */
		if (is_meant(name, i, &found))
			return !error && take(cu, device, &found);
	}
	fprintf(stderr, "vgpu-execd: cuda: no device %s; --list has them\n", name);
	return false;
}
