/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Validation of mailbox requests.  Pure: works on a private copy of what the
 * guest wrote, so that nothing can change between the check and the use.
 *
 * Vocabulary: "head" is struct vgpu_dev_request; "end" is exclusive; offsets
 * count from the start of the head.
 */
#ifndef _VGPU_WIRE_H
#define _VGPU_WIRE_H

#include <linux/build_bug.h>
#include <linux/overflow.h>
#include <linux/types.h>
#include <linux/vgpu_dev.h>

static_assert(sizeof(struct vgpu_dev_request) == 32);
static_assert(sizeof(struct vgpu_dev_response) == 32);
static_assert(sizeof(struct vgpu_dev_arg) == 16);
static_assert(sizeof(struct vgpu_dev_info) == 96);
static_assert(sizeof(struct vgpu_dev_page_list) == VGPU_BO_ALIGN);
static_assert(VGPU_REQ_BUF + VGPU_REQ_BUF_SIZE == VGPU_RESP_BUF);
static_assert(VGPU_RESP_BUF + VGPU_RESP_BUF_SIZE == VGPU_REG_EXT_MAGIC);

/**
 * struct vgpu_wire_request - a request whose head has been checked
 * @opcode: what the guest asks for; not yet known to exist
 * @param_count: parameters, all inside the request
 * @data_offset: where the data begin; behind the parameters, inside the request
 * @data_length: bytes of data, all inside the request
 */
struct vgpu_wire_request {
	u32 opcode;
	u32 param_count;
	u32 data_offset;
	u32 data_length;
};

/**
 * vgpu_wire_request_len_check() - is REQUEST_LEN a length a request can have?
 * @len: the register's value
 *
 * Context: any.
 * Return: VGPU_ERR_NONE, VGPU_ERR_INVALID_LENGTH or VGPU_ERR_TOO_LARGE.
 */
static inline enum vgpu_error vgpu_wire_request_len_check(u32 len)
{
	if (len > VGPU_REQ_BUF_SIZE)
		return VGPU_ERR_TOO_LARGE;
	if (len < sizeof(struct vgpu_dev_request))
		return VGPU_ERR_INVALID_LENGTH;
	return VGPU_ERR_NONE;
}

/**
 * vgpu_wire_request_decode() - check a request's head against its length
 * @head: private copy of the head
 * @len: REQUEST_LEN, already passed by vgpu_wire_request_len_check()
 * @req: filled in on success, untouched otherwise
 *
 * The parameters end at sizeof(head) + 4 * param_count, which can't overflow
 * once param_count is known to be below len / 4.  The data must lie behind
 * them: overlapping areas would let one word be read as two things.
 *
 * Context: any.
 * Return: VGPU_ERR_NONE or VGPU_ERR_INVALID_REQUEST.
 */
static inline enum vgpu_error
vgpu_wire_request_decode(const struct vgpu_dev_request *head, u32 len,
			 struct vgpu_wire_request *req)
{
	u32 param_count = le32_to_cpu(head->param_count);
	u32 data_offset = le32_to_cpu(head->data_offset);
	u32 data_length = le32_to_cpu(head->data_length);
	u32 params_end, data_end;

	if (le32_to_cpu(head->version) != VGPU_HEAD_VERSION ||
	    head->flags || head->reserved[0] || head->reserved[1])
		return VGPU_ERR_INVALID_REQUEST;
	if (param_count > (len - sizeof(*head)) / sizeof(u32))
		return VGPU_ERR_INVALID_REQUEST;
	params_end = sizeof(*head) + param_count * sizeof(u32);

	if (!data_length && !data_offset)
		data_offset = params_end;
	if (check_add_overflow(data_offset, data_length, &data_end) ||
	    data_offset < params_end || data_end > len)
		return VGPU_ERR_INVALID_REQUEST;

	req->opcode = le32_to_cpu(head->opcode);
	req->param_count = param_count;
	req->data_offset = data_offset;
	req->data_length = data_length;
	return VGPU_ERR_NONE;
}

/**
 * vgpu_wire_range_check() - does [offset, offset + length) lie in an object?
 * @offset: first byte
 * @length: bytes; 0 is never a range
 * @size: bytes of the object
 *
 * Context: any.
 * Return: VGPU_ERR_NONE, VGPU_ERR_INVALID_REQUEST if @length is 0, or
 * VGPU_ERR_OUT_OF_RANGE.
 */
static inline enum vgpu_error vgpu_wire_range_check(u64 offset, u64 length,
						    u64 size)
{
	u64 end;

	if (!length)
		return VGPU_ERR_INVALID_REQUEST;
	if (check_add_overflow(offset, length, &end) || end > size)
		return VGPU_ERR_OUT_OF_RANGE;
	return VGPU_ERR_NONE;
}

#endif /* _VGPU_WIRE_H */
