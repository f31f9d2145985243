// SPDX-License-Identifier: GPL-2.0
/*
 * The CUDA engine's memory: the device's own, and the guest's.
 *
 * The guest's is pinned for the device, if the driver does that, and nothing is copied then.  It
 * isn't asked to take the mapping for a device's registers, which would have it use page frames
 * that it doesn't hold: the guest's memory can be taken away and given to somebody else.  As
 * vgpu-exec maps it today, as page frames, it can't be pinned.
 *
 * What can't be pinned is copied: at once for copies and fills (cuda_copy.c), and for a kernel to
 * a copy that the device reaches, before it runs, and back when it has.  Only bytes that the kernel
 * has changed go back: others may have been changed by the guest meanwhile, and are to stay so.
 * The copy is host memory, not the device's, of which no guest is to have more than its vGPU has.
 */
#include <stdlib.h>
#include <sys/mman.h>

#include "cuda.h"

/* Bytes that are compared at once */
#define STEP		256

/**
 * cuda_mem_create() - see &struct engine_ops
 */
enum vgpu_error cuda_mem_create(struct engine *engine, __u64 size, struct engine_mem **mem)
{
	struct cuda *cu = to_cuda(engine);
	struct cuda_mem *m = calloc(1, sizeof(*m));
	enum vgpu_error err;
	int error;

	if (!m)
		return VGPU_ERR_NO_MEMORY;
	m->base.size = size;
	err = cuda_enter(cu) ?: cuda_error(cu, cu->api->mem_alloc(&m->device, size));
	if (err) {
		free(m);
		return err;
	}
	/* it was another guest's */
	err = cuda_begin(cu, NULL);
	if (!err) {
		error = cu->api->memset_d8_async(m->device, 0, size, cu->timer->stream);
		err = cuda_finish(cu, error, NULL);
	}
	if (err) {
		cuda_mem_destroy(engine, &m->base);
		return err;
	}
	*mem = &m->base;
	return VGPU_ERR_NONE;
}

/* Let the device reach the guest's memory, if that can be. */
static void import(struct cuda *cu, struct cuda_mem *m)
{
	int error;

	error = cu->api->mem_host_register(m->at, m->base.size, CUDA_MEMHOSTREGISTER_DEVICEMAP);
	if (!error) {
		error = cu->api->mem_host_get_device_pointer(&m->device, m->at, 0);
		m->is_registered = !error;
		if (error)
			cu->api->mem_host_unregister(m->at);
	}
	/* one after which nothing works; any other means copies */
	cuda_error(cu, error);
}

/**
 * cuda_mem_import() - see &struct engine_ops
 */
enum vgpu_error cuda_mem_import(struct engine *engine, void *at, __u64 size,
				struct engine_mem **mem)
{
	struct cuda *cu = to_cuda(engine);
	struct cuda_mem *m = calloc(1, sizeof(*m));
	enum vgpu_error err;

	if (!m)
		return VGPU_ERR_NO_MEMORY;
	m->base.size = size;
	m->at = at;
	err = cuda_enter(cu);
	if (!err)
		import(cu, m);
	if (!err && cu->base.lost)
		err = VGPU_ERR_GPU;
	if (err) {
		free(m);
		return err;
	}
	*mem = &m->base;
	return VGPU_ERR_NONE;
}

/**
 * cuda_mem_destroy() - see &struct engine_ops
 */
void cuda_mem_destroy(struct engine *engine, struct engine_mem *mem)
{
	struct cuda *cu = to_cuda(engine);
	struct cuda_mem *m = to_mem(mem);

	cuda_enter(cu);
	if (m->copy) {
		munmap(m->before, mem->size);
		cuda_host_end(cu, m->copy, mem->size);
	} else if (m->is_registered) {
		cu->api->mem_host_unregister(m->at);
	} else if (!m->at) {
		cu->api->mem_free(m->device);
	}
	free(m);
}

static enum vgpu_error make_copy(struct cuda *cu, struct cuda_mem *m)
{
	void *copy, *before;
	enum vgpu_error err;

	before = mmap(NULL, m->base.size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS,
		      -1, 0);
	if (before == MAP_FAILED)
		return VGPU_ERR_NO_MEMORY;
	err = cuda_error(cu, cuda_host_make(cu, m->base.size, &copy, &m->device));
	if (err) {
		munmap(before, m->base.size);
		/* the guest can't help it */
		return err == VGPU_ERR_NO_MEMORY ? err : VGPU_ERR_GPU;
	}
	m->copy = copy;
	m->before = before;
	return VGPU_ERR_NONE;
}

/* Does the device use a copy of it? */
static bool is_copied(const struct engine_arg *arg)
{
	return arg->mem && to_mem(arg->mem)->at && !to_mem(arg->mem)->is_registered;
}

/**
 * cuda_args_are_copied() - does a kernel use copies of the guest's memory?
 * @arg: its arguments
 * @count: how many
 *
 * Return: true if so.
 */
bool cuda_args_are_copied(const struct engine_arg *arg, __u32 count)
{
	__u32 i;

	for (i = 0; i < count; i++)
		if (is_copied(&arg[i]))
			return true;
	return false;
}

/**
 * cuda_args_begin() - the device uses a kernel's arguments
 * @cu: the engine, entered
 * @arg: these
 * @count: how many
 * @written: of these so many, from the first, may be written to
 *
 * Return: VGPU_ERR_NONE, or an error; there is nothing to undo.
 */
enum vgpu_error cuda_args_begin(struct cuda *cu, const struct engine_arg *arg, __u32 count,
				__u32 written)
{
	enum vgpu_error err;
	struct cuda_mem *m;
	__u32 i;

	for (i = 0; i < count; i++) {
		if (!is_copied(&arg[i]))
			continue;
		m = to_mem(arg[i].mem);
		err = m->copy ? VGPU_ERR_NONE : make_copy(cu, m);
		if (err)
			return err;
		memcpy(m->copy + arg[i].offset, m->at + arg[i].offset, arg[i].length);
		if (i < written)
			memcpy(m->before + arg[i].offset, m->copy + arg[i].offset, arg[i].length);
	}
	return VGPU_ERR_NONE;
}

static void write_back(struct cuda_mem *m, __u64 offset, __u64 length)
{
	__u64 at, n, i;

	for (at = offset; at < offset + length; at += n) {
		n = cuda_least(offset + length - at, STEP);
		if (!memcmp(m->copy + at, m->before + at, n))
			continue;
		for (i = at; i < at + n; i++)
			if (m->copy[i] != m->before[i])
				m->at[i] = m->copy[i];
	}
}

/**
 * cuda_args_end() - the device doesn't, and what it wrote is where the guest sees it
 * @arg: the arguments
 * @written: how many may have been written to
 */
void cuda_args_end(const struct engine_arg *arg, __u32 written)
{
	__u32 i;

	for (i = 0; i < written; i++)
		if (is_copied(&arg[i]))
			write_back(to_mem(arg[i].mem), arg[i].offset, arg[i].length);
}
