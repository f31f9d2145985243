/* SPDX-License-Identifier: GPL-2.0 */
#ifndef VGPUG_REQUEST_H
#define VGPUG_REQUEST_H

#include <linux/completion.h>
#include <linux/kref.h>
#include <linux/list.h>
#include <linux/types.h>
#include <linux/vgpu_dev.h>

struct vgpug_client;
struct vgpug_record;
struct vgpug_records;

/* The request buffer and the response buffer, in the words MMIO moves */
#define VGPUG_BUF_WORDS	(VGPU_REQ_BUF_SIZE / sizeof(__le64))

/**
 * enum vgpug_owner - who may touch a request's message and result
 * @VGPUG_OWNER_CALLER: whoever made it; not yet, or no longer, submitted
 * @VGPUG_OWNER_QUEUE: its client's queue; can be taken back
 * @VGPUG_OWNER_DEVICE: the mailbox, until the device answers
 * @VGPUG_OWNER_DONE: the caller again, with the result
 *
 * CALLER -> QUEUE -> DEVICE -> DONE; QUEUE -> CALLER when the caller gives up;
 * QUEUE -> DONE when the device goes; DONE -> QUEUE when encoded anew.
 */
enum vgpug_owner {
	VGPUG_OWNER_CALLER,
	VGPUG_OWNER_QUEUE,
	VGPUG_OWNER_DEVICE,
	VGPUG_OWNER_DONE,
};

/**
 * struct vgpug_request - one request and, later, its response
 */
struct vgpug_request {
	/** @ref: the maker holds one, the mailbox one from queue to done */
	struct kref ref;
	/** @owner: protected by &vgpug_mailbox.lock */
	enum vgpug_owner owner;
	/** @abandoned: on the device, and nobody waits; protected likewise */
	bool abandoned;
	/** @sent: it was on the device, since it was encoded; protected likewise */
	bool sent;
	/** @patient: once it is on the device, no signal but a fatal one ends its caller's wait */
	bool patient;
	/** @wants_ctx: its first parameter is the context, not known yet */
	bool wants_ctx;
	/** @node: in &vgpug_client.requests while the queue owns it */
	struct list_head node;
	/** @client: whose queue it is in or came from; NULL when abandoned */
	struct vgpug_client *client;
	/**
	 * @done: NULL for a request that a caller waits for; else called with
	 * &vgpug_mailbox.lock held once the request is done, and may encode
	 * and enqueue it again
	 */
	void (*done)(struct vgpug_request *request);
	/** @records: where it is noted that it succeeded; the context keeps it; or NULL */
	struct vgpug_records *records;
	/** @record: of what it makes; or NULL */
	struct vgpug_record *record;
	/** @ends: the opcode that made what it ends; or 0 */
	u32 ends;
	/** @ends_handle: the handle of that */
	u32 ends_handle;
	/** @answered: completed when DONE */
	struct completion answered;

	/** @error: 0 or a negative errno: there is no response */
	int error;
	/** @status: enum vgpu_error, valid if @error is 0 */
	u32 status;
	/** @exec_time_us: time on the GPU */
	u32 exec_time_us;
	/** @retry_us: &vgpu_request.retry_us */
	u32 retry_us;
	/** @result_count: words behind the head of the response */
	u32 result_count;
	/** @data_offset: of the response's data in @words; checked */
	u32 data_offset;
	/** @data_length: bytes there */
	u32 data_length;

	/** @length: bytes of the request, head included */
	u32 length;
	union {
		/** @head: of the request, while it is one */
		struct vgpu_dev_request head;
		/**
		 * @words: the request, overwritten by the response, of which
		 * only results and data are filled in; 0 behind the end
		 */
		__le64 words[VGPUG_BUF_WORDS];
	};
};

struct vgpug_request *vgpug_request_alloc(void);
void vgpug_request_get(struct vgpug_request *request);
void vgpug_request_put(struct vgpug_request *request);

bool vgpug_request_fits(u32 param_count, u32 data_length);
void vgpug_request_encode(struct vgpug_request *request, u32 opcode,
			  u32 param_count, u32 data_length);
__le32 *vgpug_request_params(struct vgpug_request *request);
void *vgpug_request_data(struct vgpug_request *request);
void vgpug_request_set_ctx(struct vgpug_request *request, u32 ctx);
int vgpug_request_decode(struct vgpug_request *request, u64 counts, u64 sizes);
const __le32 *vgpug_request_results(const struct vgpug_request *request);
const void *vgpug_request_answer(const struct vgpug_request *request);

#endif /* VGPUG_REQUEST_H */
