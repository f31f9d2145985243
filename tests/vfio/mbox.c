// SPDX-License-Identifier: GPL-2.0
/*
 * Every response that passes here is checked for what must hold for any
 * response: version, lengths, status against registers.  What must hold for one
 * particular request is left to the caller.
 *
 * Return values named "error" are enum vgpu_error, or -1 if there was no
 * response that could be believed; a failed check has then been printed.
 */
#include <sched.h>
#include <stdio.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "io.h"
#include "irqset.h"
#include "mbox.h"
#include "tap.h"
#include "watchdog.h"

static const char * const mbox_errors[] = {
	[VGPU_ERR_NONE] = "success",
	[VGPU_ERR_INVALID_REQUEST] = "INVALID_REQUEST",
	[VGPU_ERR_TOO_LARGE] = "TOO_LARGE",
	[VGPU_ERR_BACKEND_UNAVAILABLE] = "BACKEND_UNAVAILABLE",
	[VGPU_ERR_TIMEOUT] = "TIMEOUT",
	[VGPU_ERR_GPU] = "GPU",
	[VGPU_ERR_INVALID_POOL] = "INVALID_POOL",
	[VGPU_ERR_QUEUE_FULL] = "QUEUE_FULL",
	[VGPU_ERR_UNSUPPORTED_OP] = "UNSUPPORTED_OP",
	[VGPU_ERR_INVALID_LENGTH] = "INVALID_LENGTH",
	[VGPU_ERR_RATE_LIMITED] = "RATE_LIMITED",
	[VGPU_ERR_QUARANTINED] = "QUARANTINED",
	[VGPU_ERR_NO_MEMORY] = "NO_MEMORY",
	[VGPU_ERR_BAD_HANDLE] = "BAD_HANDLE",
	[VGPU_ERR_OUT_OF_RANGE] = "OUT_OF_RANGE",
	[VGPU_ERR_CANCELED] = "CANCELED",
	[VGPU_ERR_BAD_ADDRESS] = "BAD_ADDRESS",
	[VGPU_ERR_BUSY] = "BUSY",
	[VGPU_ERR_BUILD] = "BUILD",
	[VGPU_ERR_BACKEND_LOST] = "BACKEND_LOST",
};

/**
 * mbox_error_name() - an error's name
 * @error: enum vgpu_error, or -1
 *
 * Return: such as "BAD_HANDLE".
 */
const char *mbox_error_name(int error)
{
	if (error < 0)
		return "no response";
	if ((unsigned int)error >= ARRAY_SIZE(mbox_errors))
		return "an unknown error code";
	return mbox_errors[error];
}

/**
 * mbox_open() - have completions signalled
 * @m: what to fill in
 * @s: an open session
 * @index: VFIO_PCI_MSI_IRQ_INDEX or VFIO_PCI_MSIX_IRQ_INDEX
 *
 * Return: whether it worked; if not, a failed check has been printed.
 */
bool mbox_open(struct mbox *m, struct session *s, u32 index)
{
	int ret;

	memset(m, 0, sizeof(*m));
	m->s = s;
	m->index = index;
	m->event = event_create();
	if (!tap_must(m->event >= 0, "makes an eventfd"))
		return false;
	ret = irqset_fds(s, index, VGPU_VECTOR_MAILBOX, 1, &m->event);
	if (!tap_must(!ret, "sets an eventfd for %s: got %s want success",
		      index == VFIO_PCI_MSI_IRQ_INDEX ? "MSI" : "MSI-X",
		      tap_errno_name(ret)) ||
	    !bar0_put(s, VGPU_REG_IRQ_CTRL, VGPU_IRQ_COMPLETE)) {
		mbox_close(m);
		return false;
	}
	return true;
}

/**
 * mbox_close() - undo mbox_open()
 * @m: a mailbox, or one that mbox_open() failed for
 */
void mbox_close(struct mbox *m)
{
	if (m->event < 0)
		return;
	irqset_disable(m->s, m->index);
	close(m->event);
	m->event = -1;
}

/**
 * mbox_request_init() - begin a request
 * @r: the request
 * @opcode: enum vgpu_opcode, or not
 */
void mbox_request_init(struct mbox_request *r, u32 opcode)
{
	memset(r, 0, sizeof(*r));
	put_le32(r->buf + MBOX_VERSION, VGPU_PROTOCOL_VERSION);
	put_le32(r->buf + MBOX_OPCODE, opcode);
	r->len = MBOX_HEAD;
}

/**
 * mbox_request_word() - overwrite a word
 * @r: the request
 * @offset: which
 * @value: what with
 */
void mbox_request_word(struct mbox_request *r, u32 offset, u32 value)
{
	put_le32(r->buf + offset, value);
}

/**
 * mbox_request_param() - append a parameter; before any data
 * @r: the request
 * @value: the parameter
 */
void mbox_request_param(struct mbox_request *r, u32 value)
{
	u8 *count = r->buf + MBOX_PARAM_COUNT;

	put_le32(r->buf + r->len, value);
	put_le32(count, get_le32(count) + 1);
	r->len += 4;
}

/**
 * mbox_request_param64() - append a parameter of two words
 * @r: the request
 * @value: the parameter
 */
void mbox_request_param64(struct mbox_request *r, u64 value)
{
	mbox_request_param(r, (u32)value);
	mbox_request_param(r, (u32)(value >> 32));
}

/**
 * mbox_request_data() - append the data; last
 * @r: the request
 * @data: what
 * @len: bytes; they must fit
 */
void mbox_request_data(struct mbox_request *r, const void *data, u32 len)
{
	put_le32(r->buf + MBOX_DATA_OFFSET, r->len);
	put_le32(r->buf + MBOX_DATA_LENGTH, len);
	memcpy(r->buf + r->len, data, len);
	r->len += len;
}

/**
 * mbox_submit() - write a request and ring; don't wait
 * @m: the mailbox, idle
 * @r: the request; its length may be nonsense
 *
 * Return: whether it could be written.
 */
bool mbox_submit(struct mbox *m, const struct mbox_request *r)
{
	struct session *s = m->s;
	u32 len = r->len > sizeof(r->buf) ? sizeof(r->buf) : r->len;

	if (len < MBOX_HEAD)
		len = MBOX_HEAD;
	/* a number that nothing else writes */
	m->request_id = m->request_id * 2654435761U + 12345;
	return io_write_all(s, IO_BAR0, VGPU_REQ_BUF, r->buf, len) &&
	       bar0_put(s, VGPU_REG_REQUEST_LEN, r->len) &&
	       bar0_put(s, VGPU_REG_REQUEST_ID, m->request_id) &&
	       bar0_put(s, VGPU_REG_DOORBELL, 1);
}

/**
 * mbox_wait() - wait for the interrupt of a completion, and acknowledge it
 * @m: the mailbox
 *
 * Return: whether it came, once.
 */
bool mbox_wait(struct mbox *m)
{
	u64 count = event_wait(m->event);

	watchdog_pet();
	if (!count)
		return tap_must(false,
				"a request completes: no interrupt within %d s, STATUS %#x IRQ_STATUS %#x",
				IRQSET_WAIT_MS / 1000,
				bar0_get(m->s, VGPU_REG_STATUS),
				bar0_get(m->s, VGPU_REG_IRQ_STATUS));
	return tap_must_eq(count, 1, "interrupts of one request") &&
	       tap_must(bar0_get(m->s, VGPU_REG_IRQ_STATUS) & VGPU_IRQ_COMPLETE,
			"IRQ_STATUS tells of the completion") &&
	       bar0_put(m->s, VGPU_REG_IRQ_STATUS, VGPU_IRQ_COMPLETE);
}

/**
 * mbox_spin() - wait for the end of a request without an interrupt
 * @s: the device
 * @status: its STATUS then; VGPU_STATUS_BUSY if it took too long
 *
 * Gives the processor away between looks, but doesn't sleep: no guess at how
 * long a job takes is right on all machines.
 *
 * Return: whether the request ended; if not, a failed check has been printed.
 */
bool mbox_spin(struct session *s, u32 *status)
{
	time_t end = time(NULL) + IRQSET_WAIT_MS / 1000;

	for (;;) {
		*status = bar0_get(s, VGPU_REG_STATUS);
		if (*status != VGPU_STATUS_BUSY)
			return true;
		if (time(NULL) > end)
			break;
		sched_yield();
	}
	watchdog_pet();
	return tap_must(false, "a request completes within %d s",
			IRQSET_WAIT_MS / 1000);
}

static bool mbox_parse_data(struct mbox_response *p, u32 offset)
{
	u32 results_end = MBOX_RESP_HEAD + 4 * p->result_count;

	if (!p->data_length)
		return tap_must_eq(offset, 0,
				   "data_offset of a response without data") &&
		       tap_must_eq(p->len, results_end,
				   "RESPONSE_LEN of a response without data");
	p->data = p->buf + offset;
	return tap_must(offset >= results_end && offset <= p->len,
			"data are behind the results: got %#x want %#x to %#x",
			offset, results_end, p->len) &&
	       tap_must_eq(p->data_length, p->len - offset,
			   "data end where RESPONSE_LEN says");
}

static bool mbox_parse(struct mbox_response *p)
{
	u32 i;

	p->result_count = get_le32(p->buf + 8);
	p->data_length = get_le32(p->buf + 16);
	p->exec_us = get_le32(p->buf + 20);
	p->data = NULL;
	memset(p->result, 0, sizeof(p->result));

	if (!tap_must(p->len >= MBOX_RESP_HEAD && p->len <= sizeof(p->buf),
		      "RESPONSE_LEN: got %#x want %#x to %#zx", p->len,
		      MBOX_RESP_HEAD, sizeof(p->buf)) ||
	    !tap_must_eq(get_le32(p->buf), VGPU_PROTOCOL_VERSION,
			 "version of a response") ||
	    !tap_must_eq(get_le32(p->buf + 4), p->error,
			 "status of a response against ERROR_CODE") ||
	    !tap_must_eq(get_le64(p->buf + 24), 0,
			 "reserved words of a response") ||
	    !tap_must(p->result_count <= (p->len - MBOX_RESP_HEAD) / 4,
		      "result_count %u fits into RESPONSE_LEN %u",
		      p->result_count, p->len))
		return false;
	for (i = 0; i < p->result_count && i < ARRAY_SIZE(p->result); i++)
		p->result[i] = get_le32(p->buf + MBOX_RESP_HEAD + 4 * i);
	return mbox_parse_data(p, get_le32(p->buf + 12));
}

/**
 * mbox_read_response() - read and check the response
 * @m: the mailbox, its request over; fills in @m->resp
 *
 * Return: whether it can be believed; if not, a failed check has been printed.
 */
bool mbox_read_response(struct mbox *m)
{
	struct mbox_response *p = &m->resp;
	u32 status = bar0_get(m->s, VGPU_REG_STATUS);

	p->error = bar0_get(m->s, VGPU_REG_ERROR_CODE);
	p->len = bar0_get(m->s, VGPU_REG_RESPONSE_LEN);
	return tap_must_eq(status,
			   p->error ? VGPU_STATUS_ERROR : VGPU_STATUS_DONE,
			   "STATUS with ERROR_CODE %#x", p->error) &&
	       tap_must(p->error < VGPU_ERR_COUNT, "ERROR_CODE %#x is known",
			p->error) &&
	       tap_must_eq(bar0_get(m->s, VGPU_REG_REQUEST_ID), m->request_id,
			   "REQUEST_ID after the request") &&
	       io_read_all(m->s, IO_BAR0, VGPU_RESP_BUF, p->buf,
			   sizeof(p->buf)) &&
	       mbox_parse(p);
}

/**
 * mbox_run() - submit, wait, read the response
 * @m: the mailbox
 * @r: the request
 *
 * Return: error, see the top of this file.
 */
int mbox_run(struct mbox *m, const struct mbox_request *r)
{
	if (!mbox_submit(m, r) || !mbox_wait(m) || !mbox_read_response(m))
		return -1;
	return (int)m->resp.error;
}

/**
 * mbox_nop() - VGPU_OP_NOP
 * @m: the mailbox
 *
 * Return: error.
 */
int mbox_nop(struct mbox *m)
{
	struct mbox_request r;

	mbox_request_init(&r, VGPU_OP_NOP);
	return mbox_run(m, &r);
}

/**
 * mbox_compute() - VGPU_OP_COMPUTE
 * @m: the mailbox
 * @a: a number
 * @b: a number
 * @sum: their sum, if there is no error
 *
 * Return: error.
 */
int mbox_compute(struct mbox *m, u32 a, u32 b, u32 *sum)
{
	struct mbox_request r;
	int error;

	mbox_request_init(&r, VGPU_OP_COMPUTE);
	mbox_request_param(&r, a);
	mbox_request_param(&r, b);
	error = mbox_run(m, &r);
	if (error)
		return error;
	if (!tap_must_eq(m->resp.result_count, 1, "results of COMPUTE"))
		return -1;
	*sum = m->resp.result[0];
	return 0;
}

/**
 * mbox_works() - check that the device does its work, from interrupt to result
 * @s: an open session without MSI or MSI-X in use
 * @when: to be printed
 *
 * Return: whether it does.
 */
bool mbox_works(struct session *s, const char *when)
{
	struct mbox m;
	u32 sum = 0;
	int error;

	if (!mbox_open(&m, s, VFIO_PCI_MSIX_IRQ_INDEX))
		return tap_ok(false, "the device works %s", when);
	bar0_put(s, VGPU_REG_IRQ_STATUS, VGPU_IRQ_COMPLETE);
	error = mbox_compute(&m, 0xfffffff0, 0x21, &sum);
	mbox_close(&m);
	if (error)
		return tap_ok(false, "the device works %s: got %s want success",
			      when, mbox_error_name(error));
	return tap_eq(sum, 0x11, "the device works %s: sum", when);
}
