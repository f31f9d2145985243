// SPDX-License-Identifier: GPL-2.0
/*
 * The OpenCL engine's memory, and what is done with it alone.
 *
 * The guest's memory is the host's while nothing runs: mapped, in OpenCL's words, so that the
 * guest may change it.  A job that uses it unmaps it first and maps it again when it has
 * ended; a device that shares the host's memory, as PoCL's, copies nothing for that.
 */
#include <stdlib.h>
#include <sys/mman.h>

#include "opencl.h"

/* Between two looks at whether a job is aborted: about a millisecond */
#define CHUNK_BYTES	(4ULL << 20)

static __u64 least(__u64 a, __u64 b)
{
	return a < b ? a : b;
}

/**
 * opencl_mem_begin() - the device uses memory from now on
 * @cl: the engine
 * @mem: which; nothing is done the second time
 *
 * Return: VGPU_ERR_NONE, or an error.
 */
enum vgpu_error opencl_mem_begin(struct opencl *cl, struct engine_mem *mem)
{
	struct opencl_mem *m = to_mem(mem);
	void *at = m->at;

	m->at = NULL;
	return at ? opencl_error(clEnqueueUnmapMemObject(*cl->queue, m->mem, at, 0, NULL, NULL)) :
		    VGPU_ERR_NONE;
}

/**
 * opencl_mem_end() - the device doesn't, and what it wrote is where the guest sees it
 * @cl: the engine
 * @mem: which; nothing is done unless it was imported, and its use has begun
 *
 * Return: VGPU_ERR_NONE, or an error.
 */
enum vgpu_error opencl_mem_end(struct opencl *cl, struct engine_mem *mem)
{
	struct opencl_mem *m = to_mem(mem);
	cl_int err;

	if (m->at || !m->is_guest)
		return VGPU_ERR_NONE;
	m->at = clEnqueueMapBuffer(*cl->queue, m->mem, CL_TRUE, CL_MAP_READ | CL_MAP_WRITE, 0,
				   m->base.size, 0, NULL, NULL, &err);
	return opencl_error(err);
}

/**
 * opencl_args_are_guest() - is any of a kernel's arguments the guest's memory?
 * @arg: these
 * @count: how many
 *
 * Return: true if so.
 */
bool opencl_args_are_guest(const struct engine_arg *arg, __u32 count)
{
	__u32 i;

	for (i = 0; i < count; i++)
		if (arg[i].mem && to_mem(arg[i].mem)->is_guest)
			return true;
	return false;
}

/**
 * opencl_args_end() - the device doesn't use a kernel's arguments any more
 * @cl: the engine
 * @arg: these
 * @count: how many
 *
 * Return: VGPU_ERR_NONE, or the first error; all are ended anyway.
 */
enum vgpu_error opencl_args_end(struct opencl *cl, const struct engine_arg *arg, __u32 count)
{
	enum vgpu_error err = VGPU_ERR_NONE, its;
	__u32 i;

	for (i = 0; i < count; i++) {
		its = arg[i].mem ? opencl_mem_end(cl, arg[i].mem) : VGPU_ERR_NONE;
		err = err ?: its;
	}
	return err;
}

/**
 * opencl_args_begin() - the device uses a kernel's arguments
 * @cl: the engine
 * @arg: these
 * @count: how many
 *
 * Return: VGPU_ERR_NONE, or an error with all of them ended.
 */
enum vgpu_error opencl_args_begin(struct opencl *cl, const struct engine_arg *arg, __u32 count)
{
	enum vgpu_error err = VGPU_ERR_NONE;
	__u32 i;

	for (i = 0; i < count && !err; i++)
		if (arg[i].mem)
			err = opencl_mem_begin(cl, arg[i].mem);
	if (err)
		opencl_args_end(cl, arg, count);
	return err;
}

static enum vgpu_error new_mem(struct opencl *cl, void *at, __u64 size, struct opencl_mem **mem)
{
	struct opencl_mem *m = calloc(1, sizeof(*m));
	cl_int err;

	if (!m)
		return VGPU_ERR_NO_MEMORY;
	m->base.size = size;
	m->is_guest = at;
	m->mem = clCreateBuffer(cl->context, CL_MEM_READ_WRITE | (at ? CL_MEM_USE_HOST_PTR : 0),
				size, at, &err);
	if (err) {
		free(m);
		return opencl_error(err);
	}
	*mem = m;
	return VGPU_ERR_NONE;
}

/* Fill, in pieces. */
static enum vgpu_error run_fill(struct opencl *cl, struct opencl_mem *m, __u64 offset,
				__u32 pattern, __u64 length, struct engine_job *job)
{
	enum vgpu_error err = VGPU_ERR_NONE;
	__u64 at, n;

	for (at = 0; at < length && !err; at += n) {
		cl_event event;
		cl_int code;

		if (job && engine_is_aborted(job))
			return VGPU_ERR_CANCELED;
		n = least(length - at, CHUNK_BYTES);
		code = clEnqueueFillBuffer(*cl->queue, m->mem, &pattern, sizeof(pattern),
					   offset + at, n, 0, NULL, &event);
		err = opencl_finish(cl, code, event, job);
	}
	return err;
}

/**
 * opencl_mem_create() - see &struct engine_ops
 */
enum vgpu_error opencl_mem_create(struct engine *engine, __u64 size, struct engine_mem **mem)
{
	struct opencl *cl = to_opencl(engine);
	struct opencl_mem *m;
	enum vgpu_error err;

	err = new_mem(cl, NULL, size, &m);
	if (err)
		return err;
	/* it was another guest's */
	err = run_fill(cl, m, 0, 0, size, NULL);
	if (err) {
		opencl_mem_destroy(engine, &m->base);
		return err;
	}
	*mem = &m->base;
	return VGPU_ERR_NONE;
}

/**
 * opencl_mem_import() - see &struct engine_ops
 */
enum vgpu_error opencl_mem_import(struct engine *engine, void *at, __u64 size,
				  struct engine_mem **mem)
{
	struct opencl *cl = to_opencl(engine);
	struct opencl_mem *m;
	enum vgpu_error err;

	err = new_mem(cl, at, size, &m);
	if (err)
		return err;
	err = opencl_mem_end(cl, &m->base);
	if (!err && m->at != at)
		err = VGPU_ERR_GPU;
	if (err) {
		opencl_mem_destroy(engine, &m->base);
		return err;
	}
	*mem = &m->base;
	return VGPU_ERR_NONE;
}

/**
 * opencl_mem_destroy() - see &struct engine_ops
 */
void opencl_mem_destroy(struct engine *engine, struct engine_mem *mem)
{
	struct opencl *cl = to_opencl(engine);
	struct opencl_mem *m = to_mem(mem);

	/*
	 * Else the mapping would keep it.  A device with memory of its own reads what is there,
	 * for nothing; what the guest has taken away would end us.
	 */
	if (m->at && mmap(m->at, mem->size, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED,
			  -1, 0) != MAP_FAILED)
		clEnqueueUnmapMemObject(*cl->queue, m->mem, m->at, 0, NULL, NULL);
	clFinish(*cl->queue);
	clReleaseMemObject(m->mem);
	free(m);
}

static enum vgpu_error run_copy(struct opencl *cl, struct opencl_mem *dst, __u64 dst_offset,
				struct opencl_mem *src, __u64 src_offset, __u64 length,
				struct engine_job *job)
{
	enum vgpu_error err = VGPU_ERR_NONE;
	__u64 at, n;

	for (at = 0; at < length && !err; at += n) {
		cl_event event;
		cl_int code;

		if (engine_is_aborted(job))
			return VGPU_ERR_CANCELED;
		n = least(length - at, CHUNK_BYTES);
		code = clEnqueueCopyBuffer(*cl->queue, src->mem, dst->mem, src_offset + at,
					   dst_offset + at, n, 0, NULL, &event);
		err = opencl_finish(cl, code, event, job);
	}
	return err;
}

/**
 * opencl_copy() - see &struct engine_ops
 */
enum vgpu_error opencl_copy(struct engine *engine, struct engine_mem *dst, __u64 dst_offset,
			    struct engine_mem *src, __u64 src_offset, __u64 length,
			    struct engine_job *job)
{
	const struct engine_arg both[] = { { .mem = dst }, { .mem = src } };
	struct opencl *cl = to_opencl(engine);
	enum vgpu_error err, late;

	err = opencl_args_begin(cl, both, 2);
	if (err)
		return err;
	err = run_copy(cl, to_mem(dst), dst_offset, to_mem(src), src_offset, length, job);
	late = opencl_args_end(cl, both, 2);
	return err ?: late;
}

/**
 * opencl_fill() - see &struct engine_ops
 */
enum vgpu_error opencl_fill(struct engine *engine, struct engine_mem *dst, __u64 offset,
			    __u32 pattern, __u64 length, struct engine_job *job)
{
	struct opencl *cl = to_opencl(engine);
	enum vgpu_error err, late;

	err = opencl_mem_begin(cl, dst);
	if (err)
		return err;
	err = run_fill(cl, to_mem(dst), offset, pattern, length, job);
	late = opencl_mem_end(cl, dst);
	return err ?: late;
}

/**
 * opencl_read() - see &struct engine_ops
 */
enum vgpu_error opencl_read(struct engine *engine, struct engine_mem *src, __u64 offset,
			    void *to, size_t length, struct engine_job *job)
{
	struct opencl *cl = to_opencl(engine);
	enum vgpu_error err, late;
	cl_event event;
	cl_int code;

	err = opencl_mem_begin(cl, src);
	if (err)
		return err;
	code = clEnqueueReadBuffer(*cl->queue, to_mem(src)->mem, CL_TRUE, offset, length, to, 0,
				   NULL, &event);
	err = opencl_finish(cl, code, event, job);
	late = opencl_mem_end(cl, src);
	return err ?: late;
}

/**
 * opencl_write() - see &struct engine_ops
 */
enum vgpu_error opencl_write(struct engine *engine, struct engine_mem *dst, __u64 offset,
			     const void *from, size_t length, struct engine_job *job)
{
	struct opencl *cl = to_opencl(engine);
	enum vgpu_error err, late;
	cl_event event;
	cl_int code;

	err = opencl_mem_begin(cl, dst);
	if (err)
		return err;
	code = clEnqueueWriteBuffer(*cl->queue, to_mem(dst)->mem, CL_TRUE, offset, length, from, 0,
				    NULL, &event);
	err = opencl_finish(cl, code, event, job);
	late = opencl_mem_end(cl, dst);
	return err ?: late;
}
