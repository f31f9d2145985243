// SPDX-License-Identifier: GPL-2.0
/*
 * Each function here is one request (gpu_upload() and gpu_download(): as many
 * as it takes) and returns its error: enum vgpu_error, or -1 if there was no
 * response that could be believed.
 */
#include <stddef.h>
#include <string.h>

#include "gpu.h"
#include "tap.h"

static int gpu_results(struct mbox *m, int error, u32 want, const char *what)
{
	if (error)
		return error;
	if (!tap_must_eq(m->resp.result_count, want, "results of %s", what) ||
	    !tap_must_eq(m->resp.data_length, 0, "data of %s", what))
		return -1;
	return 0;
}

/**
 * gpu_get_info() - VGPU_OP_GET_DEVICE_INFO
 * @m: the mailbox
 * @info: the answer, if there is no error
 *
 * Return: error.
 */
int gpu_get_info(struct mbox *m, struct gpu_info *info)
{
	struct mbox_request r;
	const u8 *p;
	int error;

	mbox_request_init(&r, VGPU_OP_GET_DEVICE_INFO);
	error = mbox_run(m, &r);
	if (error)
		return error;
	if (!tap_must_eq(m->resp.result_count, 0,
			 "results of GET_DEVICE_INFO") ||
	    !tap_must(m->resp.data_length >= sizeof(struct vgpu_dev_info),
		      "data of GET_DEVICE_INFO: got %u bytes want %zu",
		      m->resp.data_length, sizeof(struct vgpu_dev_info)))
		return -1;
	p = m->resp.data;
	memset(info, 0, sizeof(*info));
	info->size = get_le32(p);
	info->vm_id = get_le32(p + offsetof(struct vgpu_dev_info, vm_id));
	info->pool_id = get_le32(p + offsetof(struct vgpu_dev_info, pool_id));
	info->max_queues =
		get_le32(p + offsetof(struct vgpu_dev_info, max_queues));
	info->memory_size =
		get_le64(p + offsetof(struct vgpu_dev_info, memory_size));
	info->memory_used =
		get_le64(p + offsetof(struct vgpu_dev_info, memory_used));
	info->builtins = get_le64(p + offsetof(struct vgpu_dev_info, builtins));
	memcpy(info->gpu_name, p + offsetof(struct vgpu_dev_info, gpu_name),
	       sizeof(info->gpu_name) - 1);
	memcpy(info->backend, p + offsetof(struct vgpu_dev_info, backend),
	       sizeof(info->backend) - 1);
	return 0;
}

/**
 * gpu_ctx_create() - VGPU_OP_CTX_CREATE
 * @m: the mailbox
 * @ctx: the context, if there is no error
 *
 * Return: error.
 */
int gpu_ctx_create(struct mbox *m, u32 *ctx)
{
	struct mbox_request r;
	int error;

	mbox_request_init(&r, VGPU_OP_CTX_CREATE);
	error = gpu_results(m, mbox_run(m, &r), 1, "CTX_CREATE");
	if (!error)
		*ctx = m->resp.result[0];
	return error;
}

/**
 * gpu_ctx_destroy() - VGPU_OP_CTX_DESTROY
 * @m: the mailbox
 * @ctx: the context
 *
 * Return: error.
 */
int gpu_ctx_destroy(struct mbox *m, u32 ctx)
{
	struct mbox_request r;

	mbox_request_init(&r, VGPU_OP_CTX_DESTROY);
	mbox_request_param(&r, ctx);
	return gpu_results(m, mbox_run(m, &r), 0, "CTX_DESTROY");
}

/**
 * gpu_bo_create() - VGPU_OP_BO_CREATE
 * @m: the mailbox
 * @ctx: the context
 * @size: bytes
 * @bo: the buffer object, if there is no error
 *
 * Return: error.
 */
int gpu_bo_create(struct mbox *m, u32 ctx, u64 size, u32 *bo)
{
	struct mbox_request r;
	int error;

	mbox_request_init(&r, VGPU_OP_BO_CREATE);
	mbox_request_param(&r, ctx);
	mbox_request_param64(&r, size);
	error = gpu_results(m, mbox_run(m, &r), 1, "BO_CREATE");
	if (!error)
		*bo = m->resp.result[0];
	return error;
}

/**
 * gpu_bo_destroy() - VGPU_OP_BO_DESTROY
 * @m: the mailbox
 * @ctx: the context
 * @bo: the buffer object
 *
 * Return: error.
 */
int gpu_bo_destroy(struct mbox *m, u32 ctx, u32 bo)
{
	struct mbox_request r;

	mbox_request_init(&r, VGPU_OP_BO_DESTROY);
	mbox_request_param(&r, ctx);
	mbox_request_param(&r, bo);
	return gpu_results(m, mbox_run(m, &r), 0, "BO_DESTROY");
}

/**
 * gpu_bo_write_request() - make a VGPU_OP_BO_WRITE
 * @r: what to fill in
 * @ctx: the context
 * @bo: the buffer object
 * @offset: where in it
 * @data: what
 * @len: bytes, up to GPU_WRITE_MAX
 */
void gpu_bo_write_request(struct mbox_request *r, u32 ctx, u32 bo, u64 offset, const void *data,
			  u32 len)
{
	mbox_request_init(r, VGPU_OP_BO_WRITE);
	mbox_request_param(r, ctx);
	mbox_request_param(r, bo);
	mbox_request_param64(r, offset);
	mbox_request_data(r, data, len);
}

/**
 * gpu_bo_write() - VGPU_OP_BO_WRITE
 * @m: the mailbox
 * @ctx: the context
 * @bo: the buffer object
 * @offset: where in it
 * @data: what
 * @len: bytes, up to GPU_WRITE_MAX
 *
 * Return: error.
 */
int gpu_bo_write(struct mbox *m, u32 ctx, u32 bo, u64 offset, const void *data,
		 u32 len)
{
	struct mbox_request r;

	gpu_bo_write_request(&r, ctx, bo, offset, data, len);
	return gpu_results(m, mbox_run(m, &r), 0, "BO_WRITE");
}

/**
 * gpu_bo_read() - VGPU_OP_BO_READ
 * @m: the mailbox
 * @ctx: the context
 * @bo: the buffer object
 * @offset: where in it
 * @data: where to; may be NULL if the request is expected to fail
 * @len: bytes, up to GPU_READ_MAX if the request is expected to succeed
 *
 * Return: error.
 */
int gpu_bo_read(struct mbox *m, u32 ctx, u32 bo, u64 offset, void *data,
		u32 len)
{
	struct mbox_request r;
	int error;

	mbox_request_init(&r, VGPU_OP_BO_READ);
	mbox_request_param(&r, ctx);
	mbox_request_param(&r, bo);
	mbox_request_param64(&r, offset);
	mbox_request_param(&r, len);
	error = mbox_run(m, &r);
	if (error)
		return error;
	if (!tap_must_eq(m->resp.result_count, 0, "results of BO_READ") ||
	    !tap_must_eq(m->resp.data_length, len, "data of BO_READ"))
		return -1;
	if (data && len)
		memcpy(data, m->resp.data, len);
	return 0;
}

/**
 * gpu_upload() - write any number of bytes
 * @m: the mailbox
 * @ctx: the context
 * @bo: the buffer object
 * @offset: where in it
 * @data: what
 * @len: bytes
 *
 * Return: error.
 */
int gpu_upload(struct mbox *m, u32 ctx, u32 bo, u64 offset, const void *data,
	       size_t len)
{
	size_t done;
	int error;
	u32 part;

	for (done = 0; done < len; done += part) {
		part = len - done < GPU_WRITE_MAX ? (u32)(len - done) :
						    GPU_WRITE_MAX;
		error = gpu_bo_write(m, ctx, bo, offset + done,
				     (const u8 *)data + done, part);
		if (error)
			return error;
	}
	return 0;
}

/**
 * gpu_download() - read any number of bytes
 * @m: the mailbox
 * @ctx: the context
 * @bo: the buffer object
 * @offset: where in it
 * @data: where to
 * @len: bytes
 *
 * Return: error.
 */
int gpu_download(struct mbox *m, u32 ctx, u32 bo, u64 offset, void *data,
		 size_t len)
{
	size_t done;
	int error;
	u32 part;

	for (done = 0; done < len; done += part) {
		part = len - done < GPU_READ_MAX ? (u32)(len - done) :
						   GPU_READ_MAX;
		error = gpu_bo_read(m, ctx, bo, offset + done,
				    (u8 *)data + done, part);
		if (error)
			return error;
	}
	return 0;
}

/**
 * gpu_do_copy() - VGPU_OP_COPY
 * @m: the mailbox
 * @copy: the parameters
 *
 * Return: error.
 */
int gpu_do_copy(struct mbox *m, const struct gpu_copy *copy)
{
	struct mbox_request r;

	mbox_request_init(&r, VGPU_OP_COPY);
	mbox_request_param(&r, copy->ctx);
	mbox_request_param(&r, copy->dst);
	mbox_request_param64(&r, copy->dst_offset);
	mbox_request_param(&r, copy->src);
	mbox_request_param64(&r, copy->src_offset);
	mbox_request_param64(&r, copy->length);
	return gpu_results(m, mbox_run(m, &r), 0, "COPY");
}

/**
 * gpu_fill() - VGPU_OP_FILL
 * @m: the mailbox
 * @ctx: the context
 * @bo: the buffer object
 * @offset: where in it
 * @length: bytes
 * @pattern: the word
 *
 * Return: error.
 */
int gpu_fill(struct mbox *m, u32 ctx, u32 bo, u64 offset, u64 length,
	     u32 pattern)
{
	struct mbox_request r;

	mbox_request_init(&r, VGPU_OP_FILL);
	mbox_request_param(&r, ctx);
	mbox_request_param(&r, bo);
	mbox_request_param64(&r, offset);
	mbox_request_param64(&r, length);
	mbox_request_param(&r, pattern);
	return gpu_results(m, mbox_run(m, &r), 0, "FILL");
}

/**
 * gpu_launch_request() - make a request for VGPU_OP_LAUNCH
 * @r: the request
 * @ctx: the context
 * @kernel: enum vgpu_builtin, or not
 * @arg: its arguments
 * @nargs: how many
 */
void gpu_launch_request(struct mbox_request *r, u32 ctx, u32 kernel,
			const struct gpu_arg *arg, u32 nargs)
{
	u8 data[32 * sizeof(struct vgpu_dev_arg)];
	u8 *p = data;
	u32 i;

	for (i = 0; i < nargs && i < 32; i++, p += 16) {
		put_le32(p, arg[i].type);
		put_le32(p + 4, arg[i].handle);
		put_le64(p + 8, arg[i].value);
	}
	mbox_request_init(r, VGPU_OP_LAUNCH);
	mbox_request_param(r, ctx);
	mbox_request_param(r, kernel);
	if (nargs)
		mbox_request_data(r, data, (u32)(p - data));
}

/**
 * gpu_launch() - VGPU_OP_LAUNCH
 * @m: the mailbox
 * @ctx: the context
 * @kernel: enum vgpu_builtin, or not
 * @arg: its arguments
 * @nargs: how many
 *
 * Return: error.
 */
int gpu_launch(struct mbox *m, u32 ctx, u32 kernel, const struct gpu_arg *arg,
	       u32 nargs)
{
	struct mbox_request r;

	gpu_launch_request(&r, ctx, kernel, arg, nargs);
	return gpu_results(m, mbox_run(m, &r), 0, "LAUNCH");
}
