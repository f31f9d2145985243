// SPDX-License-Identifier: GPL-2.0
/*
 * Host memory that the device reaches.  It is the process's own, which the device is told of, and
 * not what the driver would give: so the sandbox's limits and the control group count it.
 */
#include <sys/mman.h>

#include "cuda.h"

/**
 * cuda_host_make() - have some, zeroed
 * @cu: the engine, entered
 * @size: bytes
 * @at: where it is
 * @device: and where the device reaches it
 *
 * Return: CUDA_OK, or an error's number with @at as it was.
 */
int cuda_host_make(struct cuda *cu, __u64 size, void **at, __u64 *device)
{
	void *new = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	int error;

	if (new == MAP_FAILED)
		return CUDA_OUT_OF_MEMORY;
	error = cu->api->mem_host_register(new, size, CUDA_MEMHOSTREGISTER_DEVICEMAP);
	if (!error) {
		error = cu->api->mem_host_get_device_pointer(device, new, 0);
		if (error)
			cu->api->mem_host_unregister(new);
	}
	if (error) {
		munmap(new, size);
		return error;
	}
	*at = new;
	return CUDA_OK;
}

/**
 * cuda_host_end() - undo cuda_host_make()
 * @cu: the engine, entered; the device is at nothing
 * @at: where it is
 * @size: bytes
 */
void cuda_host_end(struct cuda *cu, void *at, __u64 size)
{
	cu->api->mem_host_unregister(at);
	munmap(at, size);
}
