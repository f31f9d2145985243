/* SPDX-License-Identifier: GPL-2.0 */
/* A request by opcode: from the guest's bytes to a job, and back to an answer. */
#ifndef _VGPU_CALL_H
#define _VGPU_CALL_H

#include <linux/types.h>
#include <linux/vgpu_dev.h>

#include "job.h"

struct vgpu;
struct vgpu_ctx;
struct vgpu_op;

/* The most any opcode takes, and gives */
#define VGPU_CALL_MAX_PARAMS	13
#define VGPU_CALL_MAX_RESULTS	1

/**
 * struct vgpu_call - a request on its way
 * @job: what is submitted
 * @vgpu: whose request it is
 * @ctx: the context it names, with a reference; or NULL
 * @op: what the host knows of its opcode
 * @request: private copy of the request, head included
 * @param: its parameters, in host order
 * @data_offset: where its data begin in @request
 * @data_length: bytes of its data
 * @retry_ns: if it was refused for now: when to try again, in nanoseconds from then; else 0
 * @result: results, in host order
 * @result_count: how many
 * @answer: data of the response
 * @answer_length: how many bytes
 */
struct vgpu_call {
	struct vgpu_job job;
	struct vgpu *vgpu;
	struct vgpu_ctx *ctx;
	const struct vgpu_op *op;
	union {
		struct vgpu_dev_request head;
		u8 bytes[VGPU_REQ_BUF_SIZE];
	} request;
	u32 param[VGPU_CALL_MAX_PARAMS];
	u32 data_offset;
	u32 data_length;
	u64 retry_ns;
	u32 result[VGPU_CALL_MAX_RESULTS];
	u32 result_count;
	u8 answer[VGPU_RESP_MAX_PAYLOAD] __aligned(8);
	u32 answer_length;
};

enum vgpu_error vgpu_call_prepare(struct vgpu_call *call, u32 len);
void vgpu_call_finish(struct vgpu_call *call);
u32 vgpu_call_respond(struct vgpu_call *call, enum vgpu_error status, void *buf);

#endif /* _VGPU_CALL_H */
