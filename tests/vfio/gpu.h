/* SPDX-License-Identifier: GPL-2.0 */
/* Mailbox requests on contexts and buffer objects, as functions. */
#ifndef VFIO_CHECK_GPU_H
#define VFIO_CHECK_GPU_H

#include <stddef.h>

#include "mbox.h"

/* Most that one request carries to, and one response from, a buffer object */
#define GPU_WRITE_MAX	((u32)VGPU_REQ_MAX_PAYLOAD - 16)
#define GPU_READ_MAX	((u32)VGPU_RESP_MAX_PAYLOAD)

/**
 * struct gpu_info - decoded &struct vgpu_dev_info
 * @size: as there
 * @vm_id: as there
 * @pool_id: as there
 * @max_queues: as there
 * @memory_size: as there
 * @memory_used: as there
 * @builtins: as there
 * @gpu_name: as there, and one NUL more
 * @backend: as there, and one NUL more
 */
struct gpu_info {
	u32 size;
	u32 vm_id;
	u32 pool_id;
	u32 max_queues;
	u64 memory_size;
	u64 memory_used;
	u64 builtins;
	char gpu_name[33];
	char backend[17];
};

/**
 * struct gpu_copy - parameters of VGPU_OP_COPY
 * @ctx: the context
 * @dst: buffer object to write
 * @dst_offset: where in it
 * @src: buffer object to read
 * @src_offset: where in it
 * @length: bytes
 */
struct gpu_copy {
	u32 ctx;
	u32 dst;
	u64 dst_offset;
	u32 src;
	u64 src_offset;
	u64 length;
};

/**
 * struct gpu_arg - an argument of a kernel
 * @type: enum vgpu_arg_type
 * @handle: see &struct vgpu_dev_arg
 * @value: see &struct vgpu_dev_arg
 */
struct gpu_arg {
	u32 type;
	u32 handle;
	u64 value;
};

static inline struct gpu_arg gpu_bo(u32 handle, u64 offset)
{
	return (struct gpu_arg){ VGPU_ARG_BO, handle, offset };
}

static inline struct gpu_arg gpu_value(u64 value)
{
	return (struct gpu_arg){ VGPU_ARG_VALUE, 0, value };
}

int gpu_get_info(struct mbox *m, struct gpu_info *info);
int gpu_ctx_create(struct mbox *m, u32 *ctx);
int gpu_ctx_destroy(struct mbox *m, u32 ctx);
int gpu_bo_create(struct mbox *m, u32 ctx, u64 size, u32 *bo);
int gpu_bo_destroy(struct mbox *m, u32 ctx, u32 bo);
void gpu_bo_write_request(struct mbox_request *r, u32 ctx, u32 bo, u64 offset, const void *data,
			  u32 len);
int gpu_bo_write(struct mbox *m, u32 ctx, u32 bo, u64 offset, const void *data,
		 u32 len);
int gpu_bo_read(struct mbox *m, u32 ctx, u32 bo, u64 offset, void *data,
		u32 len);
int gpu_upload(struct mbox *m, u32 ctx, u32 bo, u64 offset, const void *data,
	       size_t len);
int gpu_download(struct mbox *m, u32 ctx, u32 bo, u64 offset, void *data,
		 size_t len);
int gpu_do_copy(struct mbox *m, const struct gpu_copy *copy);
int gpu_fill(struct mbox *m, u32 ctx, u32 bo, u64 offset, u64 length,
	     u32 pattern);
void gpu_launch_request(struct mbox_request *r, u32 ctx, u32 kernel,
			const struct gpu_arg *arg, u32 nargs);
int gpu_launch(struct mbox *m, u32 ctx, u32 kernel, const struct gpu_arg *arg,
	       u32 nargs);

#endif /* VFIO_CHECK_GPU_H */
