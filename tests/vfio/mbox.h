/* SPDX-License-Identifier: GPL-2.0 */
/* The mailbox of BAR0, as a guest uses it. */
#ifndef VFIO_CHECK_MBOX_H
#define VFIO_CHECK_MBOX_H

#include <linux/vgpu_dev.h>

#include "session.h"

#define MBOX_HEAD	((u32)sizeof(struct vgpu_dev_request))
#define MBOX_RESP_HEAD	((u32)sizeof(struct vgpu_dev_response))

/* Offsets of words in a request's head */
#define MBOX_VERSION		0
#define MBOX_OPCODE		4
#define MBOX_FLAGS		8
#define MBOX_PARAM_COUNT	12
#define MBOX_DATA_OFFSET	16
#define MBOX_DATA_LENGTH	20
#define MBOX_RESERVED0		24
#define MBOX_RESERVED1		28

/**
 * struct mbox_request - a request in the making
 * @buf: the request buffer
 * @len: what goes to VGPU_REG_REQUEST_LEN
 */
struct mbox_request {
	u8 buf[VGPU_REQ_BUF_SIZE];
	u32 len;
};

/**
 * struct mbox_response - a response
 * @buf: the response buffer
 * @len: VGPU_REG_RESPONSE_LEN
 * @error: VGPU_REG_ERROR_CODE
 * @result_count: results
 * @result: the first of them
 * @data: the data, inside @buf
 * @data_length: bytes of them
 * @exec_us: time on the GPU
 */
struct mbox_response {
	u8 buf[VGPU_RESP_BUF_SIZE];
	u32 len;
	u32 error;
	u32 result_count;
	u32 result[4];
	const u8 *data;
	u32 data_length;
	u32 exec_us;
};

/**
 * struct mbox - a mailbox in use
 * @s: the device
 * @index: the interrupt it completes by: MSI or MSI-X
 * @event: eventfd of that interrupt's vector VGPU_VECTOR_MAILBOX
 * @request_id: of the last request
 * @resp: the last response
 */
struct mbox {
	struct session *s;
	u32 index;
	int event;
	u32 request_id;
	struct mbox_response resp;
};

bool mbox_open(struct mbox *m, struct session *s, u32 index);
void mbox_close(struct mbox *m);
void mbox_request_init(struct mbox_request *r, u32 opcode);
void mbox_request_word(struct mbox_request *r, u32 offset, u32 value);
void mbox_request_param(struct mbox_request *r, u32 value);
void mbox_request_param64(struct mbox_request *r, u64 value);
void mbox_request_data(struct mbox_request *r, const void *data, u32 len);
bool mbox_submit(struct mbox *m, const struct mbox_request *r);
bool mbox_wait(struct mbox *m);
bool mbox_spin(struct session *s, u32 *status);
bool mbox_read_response(struct mbox *m);
int mbox_run(struct mbox *m, const struct mbox_request *r);
int mbox_nop(struct mbox *m);
int mbox_compute(struct mbox *m, u32 a, u32 b, u32 *sum);
bool mbox_works(struct session *s, const char *when);
const char *mbox_error_name(int error);

#endif /* VFIO_CHECK_MBOX_H */
