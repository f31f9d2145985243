/* SPDX-License-Identifier: GPL-2.0 */
/* Requests and responses as a guest writes and reads them, through BAR0. */
#ifndef _VGPU_TEST_REQUEST_H
#define _VGPU_TEST_REQUEST_H

#include <linux/types.h>
#include <linux/vgpu_dev.h>

struct vgpu;

u32 vgpu_reg(struct vgpu *vgpu, u32 reg);
void vgpu_reg_set(struct vgpu *vgpu, u32 reg, u32 value);
void vgpu_request_put_raw(struct vgpu *vgpu, const void *bytes, u32 len);
u32 vgpu_request_build(u8 *bytes, u32 opcode, u32 nparams, const u32 *param,
		       const void *data, u32 data_length);
void vgpu_request_put(struct vgpu *vgpu, u32 opcode, u32 nparams,
		      const u32 *param, const void *data, u32 data_length);
u32 vgpu_request_run(struct vgpu *vgpu);
u32 vgpu_request_call(struct vgpu *vgpu, u32 opcode, u32 nparams,
		      const u32 *param, const void *data, u32 data_length);
struct vgpu_dev_response vgpu_response_head(struct vgpu *vgpu);
u32 vgpu_response_result(struct vgpu *vgpu, u32 i);
void vgpu_response_data(struct vgpu *vgpu, void *buf, u32 len);
const char *vgpu_response_fault(struct vgpu *vgpu, u32 result_count,
				u32 data_length);

/* the parameters as two arguments */
#define VGPU_PARAMS(...) \
	sizeof((u32[]){ __VA_ARGS__ }) / sizeof(u32), (u32[]){ __VA_ARGS__ }

/* run a request without data; returns enum vgpu_error, or ~0 if it hangs */
#define vgpu_do(vgpu, opcode, ...) \
	vgpu_request_call(vgpu, opcode, VGPU_PARAMS(__VA_ARGS__), NULL, 0)

/* a 64-bit parameter */
#define VGPU_U64(value) ((u32)(value)), ((u32)((u64)(value) >> 32))

#endif /* _VGPU_TEST_REQUEST_H */
