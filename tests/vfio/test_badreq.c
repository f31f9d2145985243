// SPDX-License-Identifier: GPL-2.0
#include <linux/vgpu_dev.h>
#include <stdio.h>
#include <string.h>

#include "gpu.h"
#include "io.h"
#include "mbox.h"
#include "tap.h"
#include "test_badreq.h"

/* COMPUTE, which each test then spoils */
static void badreq_base(struct mbox_request *r)
{
	mbox_request_init(r, VGPU_OP_COMPUTE);
	mbox_request_param(r, 20);
	mbox_request_param(r, 22);
}

static bool badreq_expect(struct mbox *m, const struct mbox_request *r,
			  int want, const char *what)
{
	int got = mbox_run(m, r);

	return tap_ok(got == want, "%s: got %s want %s", what,
		      mbox_error_name(got), mbox_error_name(want));
}

static void badreq_recovers(struct mbox *m)
{
	u32 sum = 0;

	tap_eq((u64)mbox_compute(m, 20, 22, &sum), 0,
	       "a good request afterwards");
	tap_eq(sum, 42, "a good request afterwards: sum");
}

/**
 * test_badreq_length() - REQUEST_LEN
 * @s: an open session
 */
void test_badreq_length(struct session *s)
{
	static const struct {
		u32 len;
		int want;
	} length[] = {
		{ 0, VGPU_ERR_INVALID_LENGTH },
		{ 1, VGPU_ERR_INVALID_LENGTH },
		{ 4, VGPU_ERR_INVALID_LENGTH },
		{ 31, VGPU_ERR_INVALID_LENGTH },
		{ 1025, VGPU_ERR_TOO_LARGE },
		{ 4096, VGPU_ERR_TOO_LARGE },
		{ 0x7fffffff, VGPU_ERR_TOO_LARGE },
		{ 0x80000000, VGPU_ERR_TOO_LARGE },
		{ 0xffffffff, VGPU_ERR_TOO_LARGE },
		/* parameters are cut off */
		{ 32, VGPU_ERR_INVALID_REQUEST },
		{ 36, VGPU_ERR_INVALID_REQUEST },
		{ 39, VGPU_ERR_INVALID_REQUEST },
	};
	struct mbox_request r;
	char what[32];
	struct mbox m;
	u32 i;

	if (!mbox_open(&m, s, VFIO_PCI_MSIX_IRQ_INDEX))
		return;
	for (i = 0; i < ARRAY_SIZE(length); i++) {
		badreq_base(&r);
		r.len = length[i].len;
		snprintf(what, sizeof(what), "REQUEST_LEN %#x", r.len);
		badreq_expect(&m, &r, length[i].want, what);
	}
	badreq_recovers(&m);
	mbox_close(&m);
}

/**
 * test_badreq_head() - each word of the head
 * @s: an open session
 */
void test_badreq_head(struct session *s)
{
	static const struct {
		u32 offset;
		u32 value;
		int want;
		const char *what;
	} word[] = {
		{ MBOX_VERSION, 0, VGPU_ERR_INVALID_REQUEST, "version 0" },
		{ MBOX_VERSION, 0x00020000, VGPU_ERR_INVALID_REQUEST,
		  "version 2.0" },
		{ MBOX_VERSION, 0xffffffff, VGPU_ERR_INVALID_REQUEST,
		  "version of ones" },
		{ MBOX_FLAGS, 1, VGPU_ERR_INVALID_REQUEST, "flags 1" },
		{ MBOX_FLAGS, 0x80000000, VGPU_ERR_INVALID_REQUEST,
		  "flags 0x80000000" },
		{ MBOX_RESERVED0, 1, VGPU_ERR_INVALID_REQUEST, "reserved[0]" },
		{ MBOX_RESERVED1, 0x80000000, VGPU_ERR_INVALID_REQUEST,
		  "reserved[1]" },
		{ MBOX_PARAM_COUNT, 0, VGPU_ERR_INVALID_REQUEST,
		  "too few parameters: 0" },
		{ MBOX_PARAM_COUNT, 1, VGPU_ERR_INVALID_REQUEST,
		  "too few parameters: 1" },
		{ MBOX_PARAM_COUNT, 3, VGPU_ERR_INVALID_REQUEST,
		  "parameters beyond REQUEST_LEN" },
		{ MBOX_PARAM_COUNT, 248, VGPU_ERR_INVALID_REQUEST,
		  "param_count 248" },
		{ MBOX_PARAM_COUNT, 249, VGPU_ERR_INVALID_REQUEST,
		  "param_count 249" },
		/* times 4 these are 8, 8 and -4 */
		{ MBOX_PARAM_COUNT, 0x40000002, VGPU_ERR_INVALID_REQUEST,
		  "param_count 0x40000002" },
		{ MBOX_PARAM_COUNT, 0x80000002, VGPU_ERR_INVALID_REQUEST,
		  "param_count 0x80000002" },
		{ MBOX_PARAM_COUNT, 0xffffffff, VGPU_ERR_INVALID_REQUEST,
		  "param_count 0xffffffff" },
		{ MBOX_DATA_LENGTH, 1, VGPU_ERR_INVALID_REQUEST,
		  "data in the head" },
		{ MBOX_DATA_LENGTH, 0xffffffff, VGPU_ERR_INVALID_REQUEST,
		  "data_length of ones" },
		{ MBOX_DATA_OFFSET, 4, VGPU_ERR_INVALID_REQUEST,
		  "no data, in the head" },
		{ MBOX_DATA_OFFSET, 0xffffffff, VGPU_ERR_INVALID_REQUEST,
		  "no data, beyond REQUEST_LEN" },
		{ MBOX_OPCODE, 2, VGPU_ERR_UNSUPPORTED_OP, "opcode 2" },
		{ MBOX_OPCODE, 3, VGPU_ERR_UNSUPPORTED_OP, "opcode 3" },
		{ MBOX_OPCODE, 4, VGPU_ERR_UNSUPPORTED_OP, "opcode 4" },
		{ MBOX_OPCODE, 6, VGPU_ERR_UNSUPPORTED_OP, "opcode 6" },
		{ MBOX_OPCODE, 0x0f, VGPU_ERR_UNSUPPORTED_OP, "opcode 0x0f" },
		{ MBOX_OPCODE, 0x1a, VGPU_ERR_UNSUPPORTED_OP, "opcode 0x1a" },
		{ MBOX_OPCODE, 0x100, VGPU_ERR_UNSUPPORTED_OP,
		  "opcode 0x100" },
		{ MBOX_OPCODE, 0x10001, VGPU_ERR_UNSUPPORTED_OP,
		  "opcode 0x10001" },
		{ MBOX_OPCODE, 0xffffffff, VGPU_ERR_UNSUPPORTED_OP,
		  "opcode of ones" },
	};
	struct mbox_request r;
	struct mbox m;
	u32 i;

	if (!mbox_open(&m, s, VFIO_PCI_MSIX_IRQ_INDEX))
		return;
	for (i = 0; i < ARRAY_SIZE(word); i++) {
		badreq_base(&r);
		mbox_request_word(&r, word[i].offset, word[i].value);
		badreq_expect(&m, &r, word[i].want, word[i].what);
	}
	badreq_recovers(&m);
	mbox_close(&m);
}

/* BO_WRITE of 16 bytes, whose place is then moved about */
static void badreq_data(struct mbox *m, u32 ctx, u32 bo)
{
	static const struct {
		u32 offset;
		u32 length;
		int want;
		const char *what;
	} data[] = {
		{ 48, 16, VGPU_ERR_NONE, "data where they should be" },
		{ 0, 16, VGPU_ERR_INVALID_REQUEST, "data at the head" },
		{ 31, 16, VGPU_ERR_INVALID_REQUEST, "data into the head" },
		{ 32, 16, VGPU_ERR_INVALID_REQUEST, "data are parameters" },
		{ 47, 16, VGPU_ERR_INVALID_REQUEST,
		  "data overlap a parameter" },
		{ 49, 15, VGPU_ERR_NONE, "data at an odd place" },
		{ 49, 16, VGPU_ERR_INVALID_REQUEST,
		  "data one byte beyond REQUEST_LEN" },
		{ 63, 2, VGPU_ERR_INVALID_REQUEST,
		  "data two bytes at the last one" },
		{ 64, 1, VGPU_ERR_INVALID_REQUEST, "data behind the end" },
		{ 48, 0x400, VGPU_ERR_INVALID_REQUEST,
		  "data beyond the request buffer" },
		{ 0xffffffff, 1, VGPU_ERR_INVALID_REQUEST,
		  "offset + length is 0" },
		{ 0xfffffff0, 0x40, VGPU_ERR_INVALID_REQUEST,
		  "offset + length is small" },
		{ 0xfffffff0, 0x20 + 16, VGPU_ERR_INVALID_REQUEST,
		  "offset + length is the end of the head" },
		{ 48, 0xfffffff0, VGPU_ERR_INVALID_REQUEST,
		  "length makes the end come before the start" },
		{ 0x80000000, 0x80000040, VGPU_ERR_INVALID_REQUEST,
		  "offset and length with their top bits set" },
	};
	static const u8 bytes[16] = "0123456789abcdef";
	struct mbox_request r;
	u32 i;

	for (i = 0; i < ARRAY_SIZE(data); i++) {
		mbox_request_init(&r, VGPU_OP_BO_WRITE);
		mbox_request_param(&r, ctx);
		mbox_request_param(&r, bo);
		mbox_request_param64(&r, 0);
		mbox_request_data(&r, bytes, sizeof(bytes));
		mbox_request_word(&r, MBOX_DATA_OFFSET, data[i].offset);
		mbox_request_word(&r, MBOX_DATA_LENGTH, data[i].length);
		badreq_expect(m, &r, data[i].want, data[i].what);
	}
}

/* What was refused must not have been done in part. */
static void badreq_untouched(struct mbox *m, u32 ctx, u32 bo)
{
	u8 now[64], want[64] = { 0 };

	/* the last write that was right: 15 bytes from the second on */
	memcpy(want, "123456789abcdef", 15);
	want[15] = 'f';
	if (!gpu_bo_read(m, ctx, bo, 0, now, sizeof(now)))
		tap_ok(!memcmp(now, want, sizeof(now)),
		       "refused writes wrote nothing");
}

/**
 * test_badreq_params() - where parameters and data are, and how many
 * @s: an open session
 */
void test_badreq_params(struct session *s)
{
	static const u32 one_ctx[] = { VGPU_OP_NOP, VGPU_OP_GET_DEVICE_INFO,
				       VGPU_OP_CTX_CREATE };
	static const u32 needs[] = { VGPU_OP_CTX_DESTROY, VGPU_OP_BO_CREATE,
				     VGPU_OP_BO_DESTROY, VGPU_OP_BO_WRITE,
				     VGPU_OP_BO_READ, VGPU_OP_COPY,
				     VGPU_OP_FILL, VGPU_OP_LAUNCH };
	struct mbox_request r;
	u32 i, k, ctx, bo;
	char what[64];
	struct mbox m;

	if (!mbox_open(&m, s, VFIO_PCI_MSIX_IRQ_INDEX))
		return;
	if (!tap_must(!gpu_ctx_create(&m, &ctx) &&
		      !gpu_bo_create(&m, ctx, 4096, &bo), "makes an object"))
		goto out;
	for (i = 0; i < ARRAY_SIZE(one_ctx); i++) {
		mbox_request_init(&r, one_ctx[i]);
		mbox_request_param(&r, ctx);
		snprintf(what, sizeof(what), "opcode %#x with a parameter",
			 one_ctx[i]);
		badreq_expect(&m, &r, VGPU_ERR_INVALID_REQUEST, what);
	}
	for (i = 0; i < ARRAY_SIZE(needs); i++) {
		mbox_request_init(&r, needs[i]);
		snprintf(what, sizeof(what), "opcode %#x without parameters",
			 needs[i]);
		badreq_expect(&m, &r, VGPU_ERR_INVALID_REQUEST, what);
		mbox_request_init(&r, needs[i]);
		for (k = 0; k < 200; k++)
			mbox_request_param(&r, k ? 0 : ctx);
		snprintf(what, sizeof(what), "opcode %#x with 200 parameters",
			 needs[i]);
		badreq_expect(&m, &r, VGPU_ERR_INVALID_REQUEST, what);
	}
	badreq_data(&m, ctx, bo);
	badreq_untouched(&m, ctx, bo);
	badreq_recovers(&m);
out:
	mbox_close(&m);
}
