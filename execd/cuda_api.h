/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Of NVIDIA's driver API what the CUDA engine calls, as its public documentation has it.  None of
 * NVIDIA's headers is needed to build this, and nothing of NVIDIA's to link it: the library is
 * looked for when it runs.
 *
 * Names of functions are the library's without their prefix; the version that is meant is in
 * cuda_api.c.  All return an error's number, CUDA_OK if there is none.  A CUdevice is an int, a
 * CUdeviceptr a __u64.
 */
#ifndef VGPU_EXECD_CUDA_API_H
#define VGPU_EXECD_CUDA_API_H

#include <linux/types.h>
#include <stdbool.h>
#include <stddef.h>

/* Its own; nobody looks inside */
struct cu_context;
struct cu_event;
struct cu_function;
struct cu_module;
struct cu_stream;

/* CUresult, those that mean something here */
enum cuda_error {
	CUDA_OK = 0,
	CUDA_INVALID_VALUE = 1,
	CUDA_OUT_OF_MEMORY = 2,
	CUDA_STUB_LIBRARY = 34,
	CUDA_INSUFFICIENT_DRIVER = 35,
	CUDA_DEVICE_UNAVAILABLE = 46,
	CUDA_NO_DEVICE = 100,
	CUDA_INVALID_DEVICE = 101,
	CUDA_INVALID_IMAGE = 200,
	CUDA_NO_BINARY_FOR_GPU = 209,
	CUDA_ECC_UNCORRECTABLE = 214,
	CUDA_INVALID_PTX = 218,
	CUDA_NVLINK_UNCORRECTABLE = 220,
	CUDA_JIT_COMPILER_NOT_FOUND = 221,
	CUDA_UNSUPPORTED_PTX_VERSION = 222,
	CUDA_INVALID_SOURCE = 300,
	CUDA_NOT_FOUND = 500,
	CUDA_NOT_READY = 600,
	CUDA_ILLEGAL_ADDRESS = 700,
	CUDA_LAUNCH_OUT_OF_RESOURCES = 701,
	CUDA_LAUNCH_TIMEOUT = 702,
	CUDA_CONTEXT_IS_DESTROYED = 709,
	CUDA_ASSERT = 710,
	CUDA_HARDWARE_STACK_ERROR = 714,
	CUDA_ILLEGAL_INSTRUCTION = 715,
	CUDA_MISALIGNED_ADDRESS = 716,
	CUDA_INVALID_ADDRESS_SPACE = 717,
	CUDA_INVALID_PC = 718,
	CUDA_LAUNCH_FAILED = 719,
	CUDA_NOT_PERMITTED = 800,
	CUDA_NOT_SUPPORTED = 801,
	CUDA_SYSTEM_NOT_READY = 802,
	CUDA_SYSTEM_DRIVER_MISMATCH = 803,
	CUDA_UNKNOWN = 999,
};

/* CUdevice_attribute */
enum cuda_device_attribute {
	CUDA_DEVICE_MAX_THREADS_PER_BLOCK = 1,
	CUDA_DEVICE_MAX_BLOCK_DIM_X = 2,	/* and Y and Z */
	CUDA_DEVICE_MAX_GRID_DIM_X = 5,		/* and Y and Z */
	CUDA_DEVICE_MAX_SHARED_MEMORY_PER_BLOCK = 8,
	CUDA_DEVICE_CAN_MAP_HOST_MEMORY = 19,
	CUDA_DEVICE_COMPUTE_MODE = 20,
	CUDA_DEVICE_UNIFIED_ADDRESSING = 41,
	CUDA_DEVICE_COMPUTE_CAPABILITY_MAJOR = 75,
	CUDA_DEVICE_COMPUTE_CAPABILITY_MINOR = 76,
	CUDA_DEVICE_MAX_SHARED_MEMORY_PER_BLOCK_OPTIN = 97,
};

/* CUcomputemode */
enum cuda_compute_mode {
	CUDA_COMPUTE_DEFAULT = 0,
	CUDA_COMPUTE_PROHIBITED = 2,
	CUDA_COMPUTE_EXCLUSIVE_PROCESS = 3,
};

/* CUfunction_attribute */
enum cuda_function_attribute {
	CUDA_FUNCTION_MAX_THREADS_PER_BLOCK = 0,
	CUDA_FUNCTION_SHARED_SIZE_BYTES = 1,
	CUDA_FUNCTION_MAX_DYNAMIC_SHARED_SIZE_BYTES = 8,
};

/* CUjit_option */
enum cuda_jit_option {
	CUDA_JIT_MAX_REGISTERS = 0,
	CUDA_JIT_INFO_LOG_BUFFER = 3,
	CUDA_JIT_INFO_LOG_BUFFER_SIZE_BYTES = 4,
	CUDA_JIT_ERROR_LOG_BUFFER = 5,
	CUDA_JIT_ERROR_LOG_BUFFER_SIZE_BYTES = 6,
	CUDA_JIT_OPTIMIZATION_LEVEL = 7,
};

/* Flags */
#define CUDA_CTX_SCHED_BLOCKING_SYNC	0x04
#define CUDA_CTX_MAP_HOST		0x08
#define CUDA_STREAM_NON_BLOCKING	0x01
#define CUDA_EVENT_BLOCKING_SYNC	0x01
#define CUDA_MEMHOSTREGISTER_DEVICEMAP	0x02

/**
 * struct cuda_api - the library's functions
 * @func_get_param_info: NULL before CUDA 12.4
 */
struct cuda_api {
	int (*init)(unsigned int flags);
	int (*driver_get_version)(int *version);
	int (*get_error_name)(int error, const char **name);
	int (*get_error_string)(int error, const char **text);
	int (*device_get_count)(int *count);
	int (*device_get)(int *device, int ordinal);
	int (*device_get_name)(char *name, int length, int device);
	int (*device_total_mem)(size_t *bytes, int device);
	int (*device_get_attribute)(int *value, int attribute, int device);
	int (*device_get_pci_bus_id)(char *id, int length, int device);
	int (*ctx_create)(struct cu_context **ctx, unsigned int flags, int device);
	int (*ctx_destroy)(struct cu_context *ctx);
	int (*ctx_set_current)(struct cu_context *ctx);
	int (*stream_create)(struct cu_stream **stream, unsigned int flags);
	int (*stream_destroy)(struct cu_stream *stream);
	int (*stream_synchronize)(struct cu_stream *stream);
	int (*event_create)(struct cu_event **event, unsigned int flags);
	int (*event_destroy)(struct cu_event *event);
	int (*event_record)(struct cu_event *event, struct cu_stream *stream);
	int (*event_query)(struct cu_event *event);
	int (*event_synchronize)(struct cu_event *event);
	int (*event_elapsed_time)(float *ms, struct cu_event *begin, struct cu_event *end);
	int (*mem_alloc)(__u64 *at, size_t size);
	int (*mem_free)(__u64 at);
	int (*mem_host_register)(void *at, size_t size, unsigned int flags);
	int (*mem_host_unregister)(void *at);
	int (*mem_host_get_device_pointer)(__u64 *device, void *at, unsigned int flags);
	int (*memcpy_async)(__u64 dst, __u64 src, size_t size, struct cu_stream *stream);
	int (*memset_d8_async)(__u64 at, unsigned char byte, size_t n, struct cu_stream *stream);
	int (*memset_d32_async)(__u64 at, unsigned int word, size_t n, struct cu_stream *stream);
	int (*module_load_data_ex)(struct cu_module **module, const void *image,
				   unsigned int options, int *option, void **value);
	int (*module_unload)(struct cu_module *module);
	int (*module_get_function)(struct cu_function **function, struct cu_module *module,
				   const char *name);
	int (*func_get_attribute)(int *value, int attribute, struct cu_function *function);
	int (*func_set_attribute)(struct cu_function *function, int attribute, int value);
	int (*func_get_param_info)(struct cu_function *function, size_t i, size_t *offset,
				   size_t *size);
	int (*launch_kernel)(struct cu_function *function, unsigned int grid_x,
			     unsigned int grid_y, unsigned int grid_z, unsigned int block_x,
			     unsigned int block_y, unsigned int block_z, unsigned int shared,
			     struct cu_stream *stream, void **params, void **extra);
};

const struct cuda_api *cuda_api_load(void);
const char *cuda_api_error(const struct cuda_api *api, int error);

#endif /* VGPU_EXECD_CUDA_API_H */
