// SPDX-License-Identifier: GPL-2.0
/*
 * Requests as objects: their memory, how a request is laid out, and what a
 * response must look like to be believed.  Pure: no device, no lock, no
 * waiting.  mailbox.c moves them.
 *
 * The host may say anything.  Counts, offsets and lengths of a response are
 * checked in vgpug_request_decode(), once, in a copy; all code behind it uses
 * that copy only.
 */
#include <linux/build_bug.h>
#include <linux/kernel.h>
#include <linux/slab.h>
#include <linux/string.h>

#include "request.h"

static_assert(sizeof(struct vgpu_dev_request) == 32);
static_assert(sizeof(struct vgpu_dev_response) == 32);
static_assert(VGPU_REQ_BUF_SIZE == VGPU_RESP_BUF_SIZE);
static_assert(VGPU_REQ_BUF_SIZE % sizeof(__le64) == 0);

/**
 * vgpug_request_alloc() - make a request
 *
 * Context: Process context.  Charged to the caller's memory cgroup.
 * Return: a request with one reference, to be encoded, or NULL.
 */
struct vgpug_request *vgpug_request_alloc(void)
{
	struct vgpug_request *request;

	request = kzalloc(sizeof(*request), GFP_KERNEL_ACCOUNT);
	if (!request)
		return NULL;
	kref_init(&request->ref);
	INIT_LIST_HEAD(&request->node);
	init_completion(&request->answered);
	return request;
}

static void vgpug_request_free(struct kref *ref)
{
	struct vgpug_request *request = container_of(ref, struct vgpug_request, ref);

	kfree(request->record);
	kfree(request);
}

/**
 * vgpug_request_get() - take a reference
 * @request: to be kept
 *
 * Context: Any.
 */
void vgpug_request_get(struct vgpug_request *request)
{
	kref_get(&request->ref);
}

/**
 * vgpug_request_put() - drop a reference
 * @request: not used any more by the caller
 *
 * Context: Any.
 */
void vgpug_request_put(struct vgpug_request *request)
{
	kref_put(&request->ref, vgpug_request_free);
}

/**
 * vgpug_request_fits() - is the request buffer large enough?
 * @param_count: parameters, the context included
 * @data_length: bytes of data
 *
 * Context: Any.
 * Return: true if a request of that size can be encoded.
 */
bool vgpug_request_fits(u32 param_count, u32 data_length)
{
	return (u64)param_count * sizeof(__le32) + data_length <=
	       VGPU_REQ_MAX_PAYLOAD;
}

/**
 * vgpug_request_encode() - write the head
 * @request: owned by the caller; what it held before is lost
 * @opcode: enum vgpu_opcode
 * @param_count: parameters that will follow
 * @data_length: bytes of data that will follow; both are known to fit
 *
 * Parameters and data are 0 afterwards.
 *
 * Context: Any.
 */
void vgpug_request_encode(struct vgpug_request *request, u32 opcode,
			  u32 param_count, u32 data_length)
{
	u32 data_offset = sizeof(request->head) + param_count * sizeof(__le32);

	reinit_completion(&request->answered);
	request->owner = VGPUG_OWNER_CALLER;
	request->sent = false;
	request->wants_ctx = false;
	request->length = data_offset + data_length;
	memset(request->words, 0, sizeof(request->words));
	request->head.version = cpu_to_le32(VGPU_HEAD_VERSION);
	request->head.opcode = cpu_to_le32(opcode);
	request->head.param_count = cpu_to_le32(param_count);
	if (data_length) {
		request->head.data_offset = cpu_to_le32(data_offset);
		request->head.data_length = cpu_to_le32(data_length);
	}
}

/**
 * vgpug_request_params() - where the parameters are
 * @request: encoded
 *
 * Context: Any.
 * Return: the first parameter.
 */
__le32 *vgpug_request_params(struct vgpug_request *request)
{
	return (__le32 *)request->words +
	       sizeof(request->head) / sizeof(__le32);
}

/**
 * vgpug_request_data() - where the data are
 * @request: encoded
 *
 * Context: Any.
 * Return: the first byte.
 */
void *vgpug_request_data(struct vgpug_request *request)
{
	return vgpug_request_params(request) +
	       le32_to_cpu(request->head.param_count);
}

/**
 * vgpug_request_set_ctx() - fill in the context
 * @request: encoded with one parameter more, the first, for it
 * @ctx: the number the device gave it
 *
 * Context: Any; the caller owns @request or holds the lock of its queue.
 */
void vgpug_request_set_ctx(struct vgpug_request *request, u32 ctx)
{
	*vgpug_request_params(request) = cpu_to_le32(ctx);
	request->wants_ctx = false;
}

/**
 * vgpug_request_decode() - believe the head of a response, or don't
 * @request: gets result_count, data_offset, data_length and exec_time_us
 * @counts: result_count and data_offset as the device has them
 * @sizes: data_length and exec_time_us likewise
 *
 * After success results and data lie inside the response buffer, the data
 * behind the results.
 *
 * Context: Any.
 * Return: 0, or -EIO if this is no response.
 */
int vgpug_request_decode(struct vgpug_request *request, u64 counts, u64 sizes)
{
	u32 count = lower_32_bits(counts);
	u32 offset = upper_32_bits(counts);
	u32 length = lower_32_bits(sizes);
	u64 results_end;

	results_end = sizeof(struct vgpu_dev_response) +
		      (u64)count * sizeof(__le32);
	if (results_end > VGPU_RESP_BUF_SIZE)
		return -EIO;
	if (!length)
		offset = results_end;
	if (offset < results_end || (u64)offset + length > VGPU_RESP_BUF_SIZE)
		return -EIO;

	request->result_count = count;
	request->data_offset = offset;
	request->data_length = length;
	request->exec_time_us = upper_32_bits(sizes);
	return 0;
}

/**
 * vgpug_request_results() - where the results are
 * @request: done, without an error
 *
 * Context: Any.
 * Return: the first of result_count results.
 */
const __le32 *vgpug_request_results(const struct vgpug_request *request)
{
	return (const __le32 *)request->words +
	       sizeof(struct vgpu_dev_response) / sizeof(__le32);
}

/**
 * vgpug_request_answer() - where the data of the response are
 * @request: done, without an error
 *
 * Context: Any.
 * Return: the first of data_length bytes.
 */
const void *vgpug_request_answer(const struct vgpug_request *request)
{
	return (const u8 *)request->words + request->data_offset;
}
