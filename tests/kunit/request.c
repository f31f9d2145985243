// SPDX-License-Identifier: GPL-2.0
/*
 * Requests and responses, built and taken apart by hand: nothing here shares
 * code with what it tests.  Context: process context; may sleep.
 */
#include <linux/jiffies.h>
#include <linux/sched.h>
#include <linux/string.h>
#include <linux/unaligned.h>
#include <linux/workqueue.h>

#include "bar.h"
#include "gpu.h"
#include "request.h"
#include "vgpu.h"

/* Longer than anything takes, shorter than KUnit's patience */
#define VGPU_REQUEST_TIMEOUT	(60 * HZ)

/**
 * vgpu_reg() - read a register
 * @vgpu: the vGPU
 * @reg: the register
 *
 * Return: its value.
 */
u32 vgpu_reg(struct vgpu *vgpu, u32 reg)
{
	u8 word[4];

	vgpu_bar0_read(vgpu, reg, word, sizeof(word));
	return get_unaligned_le32(word);
}

/**
 * vgpu_reg_set() - write a register
 * @vgpu: the vGPU
 * @reg: the register
 * @value: its value
 */
void vgpu_reg_set(struct vgpu *vgpu, u32 reg, u32 value)
{
	u8 word[4];

	put_unaligned_le32(value, word);
	vgpu_bar0_write(vgpu, reg, word, sizeof(word));
}

/**
 * vgpu_request_put_raw() - write any bytes as a request
 * @vgpu: the vGPU
 * @bytes: the bytes
 * @len: how many, and what to say in REQUEST_LEN
 */
void vgpu_request_put_raw(struct vgpu *vgpu, const void *bytes, u32 len)
{
	vgpu_bar0_write(vgpu, VGPU_REQ_BUF, bytes,
			min_t(u32, len, VGPU_REQ_BUF_SIZE));
	vgpu_reg_set(vgpu, VGPU_REG_REQUEST_LEN, len);
}

/**
 * vgpu_request_build() - lay a request out
 * @bytes: VGPU_REQ_BUF_SIZE bytes
 * @opcode: the opcode
 * @nparams: how many parameters
 * @param: they
 * @data: data behind them, or NULL
 * @data_length: bytes of @data
 *
 * Return: its length.
 */
u32 vgpu_request_build(u8 *bytes, u32 opcode, u32 nparams, const u32 *param,
		       const void *data, u32 data_length)
{
	u32 params_end = sizeof(struct vgpu_dev_request) + nparams * sizeof(u32), i;
	struct vgpu_dev_request head = {
		.version = cpu_to_le32(0x00010000),
		.opcode = cpu_to_le32(opcode),
		.param_count = cpu_to_le32(nparams),
		.data_offset = cpu_to_le32(data_length ? params_end : 0),
		.data_length = cpu_to_le32(data_length),
	};

	memcpy(bytes, &head, sizeof(head));
	for (i = 0; i < nparams; i++)
		put_unaligned_le32(param[i], bytes + sizeof(head) + i * 4);
	if (data_length)
		memcpy(bytes + params_end, data, data_length);
	return params_end + data_length;
}

/**
 * vgpu_request_put() - write a request
 * @vgpu: the vGPU
 * @opcode: the opcode
 * @nparams: how many parameters
 * @param: they
 * @data: data behind them, or NULL
 * @data_length: bytes of @data
 */
void vgpu_request_put(struct vgpu *vgpu, u32 opcode, u32 nparams,
		      const u32 *param, const void *data, u32 data_length)
{
	u8 bytes[VGPU_REQ_BUF_SIZE];
	u32 len = vgpu_request_build(bytes, opcode, nparams, param, data,
				     data_length);

	vgpu_request_put_raw(vgpu, bytes, len);
}

/**
 * vgpu_request_run() - ring, and wait for the end
 * @vgpu: the vGPU
 *
 * Return: ERROR_CODE; ~0 if it doesn't end or STATUS doesn't fit.
 */
u32 vgpu_request_run(struct vgpu *vgpu)
{
	unsigned long end = jiffies + VGPU_REQUEST_TIMEOUT;
	u32 status, err;
	__le32 reg[8];

	vgpu_reg_set(vgpu, VGPU_REG_DOORBELL, 1);
	for (;;) {
		/* one read for all: there are millions of these */
		vgpu_bar0_read(vgpu, 0, reg, sizeof(reg));
		status = le32_to_cpu(reg[VGPU_REG_STATUS / 4]);
		err = le32_to_cpu(reg[VGPU_REG_ERROR_CODE / 4]);
		if (status != VGPU_STATUS_BUSY)
			break;
		if (time_after(jiffies, end))
			return ~0U;
		/* most often that is all there is to wait for */
		flush_workqueue(vgpu->gpu->leaf_wq);
		flush_workqueue(vgpu->gpu->wq);
		if (!flush_work(&vgpu->gpu->dispatch) &&
		    READ_ONCE(vgpu->mailbox.regs.status) == VGPU_STATUS_BUSY)
			schedule_timeout_uninterruptible(1);
	}
	return status == (err ? VGPU_STATUS_ERROR : VGPU_STATUS_DONE) ? err : ~0U;
}

/**
 * vgpu_request_call() - write a request, ring, and wait for the end
 * @vgpu: the vGPU
 * @opcode: the opcode
 * @nparams: how many parameters
 * @param: they
 * @data: data behind them, or NULL
 * @data_length: bytes of @data
 *
 * Return: as vgpu_request_run().
 */
u32 vgpu_request_call(struct vgpu *vgpu, u32 opcode, u32 nparams,
		      const u32 *param, const void *data, u32 data_length)
{
	vgpu_request_put(vgpu, opcode, nparams, param, data, data_length);
	return vgpu_request_run(vgpu);
}

/**
 * vgpu_response_head() - read a response's head
 * @vgpu: the vGPU
 *
 * Return: the head.
 */
struct vgpu_dev_response vgpu_response_head(struct vgpu *vgpu)
{
	struct vgpu_dev_response head;

	vgpu_bar0_read(vgpu, VGPU_RESP_BUF, &head, sizeof(head));
	return head;
}

/**
 * vgpu_response_result() - read a result
 * @vgpu: the vGPU
 * @i: which, from 0
 *
 * Return: the result.
 */
u32 vgpu_response_result(struct vgpu *vgpu, u32 i)
{
	return vgpu_reg(vgpu, VGPU_RESP_BUF + sizeof(struct vgpu_dev_response) +
			i * sizeof(u32));
}

/**
 * vgpu_response_data() - read a response's data
 * @vgpu: the vGPU
 * @buf: where they go
 * @len: bytes
 */
void vgpu_response_data(struct vgpu *vgpu, void *buf, u32 len)
{
	struct vgpu_dev_response head = vgpu_response_head(vgpu);

	vgpu_bar0_read(vgpu, VGPU_RESP_BUF + le32_to_cpu(head.data_offset), buf,
		       len);
}

/**
 * vgpu_response_fault() - is a response as it should be?
 * @vgpu: the vGPU, not BUSY
 * @result_count: results it should have if it succeeded
 * @data_length: bytes of data it should have if it succeeded
 *
 * Return: what is wrong with it, or NULL.
 */
const char *vgpu_response_fault(struct vgpu *vgpu, u32 result_count,
				u32 data_length)
{
	struct vgpu_dev_response head = vgpu_response_head(vgpu);
	u32 err, response_len, end = 32;
	__le32 reg[3];

	vgpu_bar0_read(vgpu, VGPU_REG_ERROR_CODE, reg, sizeof(reg));
	err = le32_to_cpu(reg[0]);
	response_len = le32_to_cpu(reg[2]);

	if (err) {
		result_count = 0;
		data_length = 0;
	}
	end += 4 * result_count;
	if (le32_to_cpu(head.version) != 0x00010000)
		return "version";
	if (le32_to_cpu(head.status) != err)
		return "status";
	if (le32_to_cpu(head.result_count) != result_count)
		return "result_count";
	if (le32_to_cpu(head.data_offset) != (data_length ? end : 0))
		return "data_offset";
	if (le32_to_cpu(head.data_length) != data_length)
		return "data_length";
	if (!head.retry_us != (err != VGPU_ERR_QUEUE_FULL && err != VGPU_ERR_RATE_LIMITED))
		return "retry_us";
	if (head.reserved)
		return "reserved";
	if (response_len != end + data_length)
		return "RESPONSE_LEN";
	return NULL;
}
