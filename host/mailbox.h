/* SPDX-License-Identifier: GPL-2.0 */
/* The mailbox: registers and buffers of BAR0, one request at a time. */
#ifndef _VGPU_MAILBOX_H
#define _VGPU_MAILBOX_H

#include <linux/spinlock.h>
#include <linux/types.h>
#include <linux/vgpu_dev.h>

struct vgpu;
struct vgpu_call;

/**
 * struct vgpu_mailbox_regs - registers whose value a guest or a request changes
 * @status: enum vgpu_status
 * @error_code: enum vgpu_error
 * @request_len: as the guest wrote it
 * @response_len: bytes of the last response
 * @irq_ctrl: VGPU_IRQ_* to be signalled
 * @irq_status: VGPU_IRQ_* that happened
 * @request_id: as the guest wrote it
 * @scratch: as the guest wrote it
 * @accepted: VGPU_FEATURE_*, as the guest wrote it
 * @enabled: the same once that holds, 0 before.  Read without the lock, too
 * @ext_status: VGPU_EXT_*
 * @timestamp_ns: time of the last completion, since @epoch_ns
 * @epoch_ns: when the vGPU was reset; keeps the host's clock from guests
 */
struct vgpu_mailbox_regs {
	u32 status;
	u32 error_code;
	u32 request_len;
	u32 response_len;
	u32 irq_ctrl;
	u32 irq_status;
	u32 request_id;
	u32 scratch;
	u64 accepted;
	u64 enabled;
	u32 ext_status;
	u64 timestamp_ns;
	u64 epoch_ns;
};

/**
 * struct vgpu_mailbox - what is behind BAR0
 * @lock: protects @regs, @request, @response and &vgpu.msix.  A leaf
 * @regs: registers
 * @request: request buffer, the guest writes it at any time
 * @response: response buffer
 * @call: the one request.  Its owner is whoever enum vgpu_job_owner says: the
 *	guest unless STATUS is BUSY
 */
struct vgpu_mailbox {
	spinlock_t lock;
	struct vgpu_mailbox_regs regs;
	u8 request[VGPU_REQ_BUF_SIZE];
	u8 response[VGPU_RESP_BUF_SIZE];
	struct vgpu_call *call;
};

int vgpu_mailbox_init(struct vgpu_mailbox *mailbox);
void vgpu_mailbox_fini(struct vgpu_mailbox *mailbox);
void vgpu_mailbox_reset(struct vgpu_mailbox *mailbox);
void vgpu_mailbox_doorbell(struct vgpu *vgpu);

#endif /* _VGPU_MAILBOX_H */
