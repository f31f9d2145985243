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

/* The same with the parameters as further arguments */
#define vgpu_build(bytes, opcode, ...)						\
	vgpu_request_build(bytes, opcode, sizeof((u32[]){ __VA_ARGS__ }) / 4,	\
			   (u32[]){ __VA_ARGS__ }, NULL, 0)
#define vgpu_put_data(vgpu, opcode, data, length, ...)				\
	vgpu_request_put(vgpu, opcode, sizeof((u32[]){ __VA_ARGS__ }) / 4,	\
			 (u32[]){ __VA_ARGS__ }, data, length)
#define vgpu_put(vgpu, opcode, ...)						\
	vgpu_put_data(vgpu, opcode, NULL, 0, __VA_ARGS__)
#define vgpu_do_data(vgpu, opcode, data, length, ...)				\
	vgpu_request_call(vgpu, opcode, sizeof((u32[]){ __VA_ARGS__ }) / 4,	\
			  (u32[]){ __VA_ARGS__ }, data, length)
#define vgpu_do(vgpu, opcode, ...)						\
	vgpu_do_data(vgpu, opcode, NULL, 0, __VA_ARGS__)

#endif /* _VGPU_TEST_REQUEST_H */
