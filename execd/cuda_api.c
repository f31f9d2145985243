// SPDX-License-Identifier: GPL-2.0
/* NVIDIA's library, libcuda.so.1: found where the system looks for libraries, when it is needed. */
#include <dlfcn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cuda_api.h"

#define LIBRARY		"libcuda.so.1"

/* CUDA 9.0: what builtin.ptx is written in, PTX 6.0, begins there */
#define OLDEST		9000

/**
 * struct entry - a function of the library
 * @name: with the version whose arguments are those of &struct cuda_api
 * @at: where its address goes
 * @since: the CUDA that brought it, if it may be missing; else 0
 */
struct entry {
	const char *name;
	size_t at;
	int since;
};

#define ENTRY(symbol, member)	{ symbol, offsetof(struct cuda_api, member), 0 }

static const struct entry entries[] = {
	ENTRY("cuInit", init),
	ENTRY("cuDriverGetVersion", driver_get_version),
	ENTRY("cuGetErrorName", get_error_name),
	ENTRY("cuGetErrorString", get_error_string),
	ENTRY("cuDeviceGetCount", device_get_count),
	ENTRY("cuDeviceGet", device_get),
	ENTRY("cuDeviceGetName", device_get_name),
	ENTRY("cuDeviceTotalMem_v2", device_total_mem),
	ENTRY("cuDeviceGetAttribute", device_get_attribute),
	ENTRY("cuDeviceGetPCIBusId", device_get_pci_bus_id),
	ENTRY("cuCtxCreate_v2", ctx_create),
	ENTRY("cuCtxDestroy_v2", ctx_destroy),
	ENTRY("cuCtxSetCurrent", ctx_set_current),
	ENTRY("cuStreamCreate", stream_create),
	ENTRY("cuStreamDestroy_v2", stream_destroy),
	ENTRY("cuStreamSynchronize", stream_synchronize),
	ENTRY("cuEventCreate", event_create),
	ENTRY("cuEventDestroy_v2", event_destroy),
	ENTRY("cuEventRecord", event_record),
	ENTRY("cuEventQuery", event_query),
	ENTRY("cuEventSynchronize", event_synchronize),
	ENTRY("cuEventElapsedTime", event_elapsed_time),
	ENTRY("cuMemAlloc_v2", mem_alloc),
	ENTRY("cuMemFree_v2", mem_free),
	ENTRY("cuMemHostRegister_v2", mem_host_register),
	ENTRY("cuMemHostUnregister", mem_host_unregister),
	ENTRY("cuMemHostGetDevicePointer_v2", mem_host_get_device_pointer),
	ENTRY("cuMemcpyAsync", memcpy_async),
	ENTRY("cuMemsetD8Async", memset_d8_async),
	ENTRY("cuMemsetD32Async", memset_d32_async),
	ENTRY("cuModuleLoadDataEx", module_load_data_ex),
	ENTRY("cuModuleUnload", module_unload),
	ENTRY("cuModuleGetFunction", module_get_function),
	ENTRY("cuFuncGetAttribute", func_get_attribute),
	ENTRY("cuFuncSetAttribute", func_set_attribute),
	{ "cuFuncGetParamInfo", offsetof(struct cuda_api, func_get_param_info), 12040 },
	ENTRY("cuLaunchKernel", launch_kernel),
};

static bool find_all(void *library, struct cuda_api *api)
{
	void *symbol;
	size_t i;

	for (i = 0; i < sizeof(entries) / sizeof(*entries); i++) {
		symbol = dlsym(library, entries[i].name);
		if (!symbol && !entries[i].since) {
			fprintf(stderr, "vgpu-execd: cuda: the NVIDIA driver is %s: %s has no %s\n",
				"too old", LIBRARY, entries[i].name);
			return false;
		}
		memcpy((char *)api + entries[i].at, &symbol, sizeof(symbol));
	}
	return true;
}

/**
 * cuda_api_error() - an error, in words
 * @api: the library
 * @error: its number
 *
 * Return: them, such as "CUDA_ERROR_NO_DEVICE: no CUDA-capable device is detected"; until the next
 * call.
 */
const char *cuda_api_error(const struct cuda_api *api, int error)
{
	static __thread char both[256];
	const char *name = NULL, *text = NULL;

	if (api->get_error_name(error, &name) || !name ||
	    api->get_error_string(error, &text) || !text)
		snprintf(both, sizeof(both), "error %d", error);
	else
		snprintf(both, sizeof(both), "%s: %s", name, text);
	return both;
}

static bool is_new_enough(const struct cuda_api *api)
{
	int version = 0;

	if (api->driver_get_version(&version) || version >= OLDEST)
		return true;
	fprintf(stderr, "vgpu-execd: cuda: the NVIDIA driver is %s: for CUDA %d.%d, not %d.%d\n",
		"too old", version / 1000, version % 1000 / 10, OLDEST / 1000,
		OLDEST % 1000 / 10);
	return false;
}

/**
 * cuda_api_load() - find the library
 *
 * It stays, whatever becomes of who uses it: its threads would not like to see it go.
 *
 * Return: its functions, none of which but the ones for errors and the version can be called before
 * init(); or NULL after a message.
 */
const struct cuda_api *cuda_api_load(void)
{
	static struct cuda_api api;
	static bool is_there;
	void *library;

	if (is_there)
		return &api;
	library = dlopen(LIBRARY, RTLD_NOW | RTLD_LOCAL | RTLD_NODELETE);
	if (!library) {
		fprintf(stderr, "vgpu-execd: cuda: no NVIDIA driver: %s\n", dlerror());
		return NULL;
	}
	if (!find_all(library, &api) || !is_new_enough(&api)) {
		dlclose(library);
		return NULL;
	}
	is_there = true;
	return &api;
}
