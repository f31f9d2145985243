// SPDX-License-Identifier: GPL-2.0
/*
 * Requests by opcode, through the mailbox: each form that is good, each that is
 * not and what is said to it, what the backend gets, and what comes back.
 */
#include <kunit/test.h>
#include <linux/string.h>

#include "bo.h"
#include "fixture.h"
#include "job.h"

#define CTX		1	/* has buffer objects BIG and SMALL */
#define CTX_OTHER	2	/* has OTHER, with a handle that CTX has not */
#define BIG		1
#define BIG_SIZE	8192
#define SMALL		2
#define SMALL_SIZE	4096
#define OTHER		3

#define NONE	VGPU_ERR_NONE
#define INVAL	VGPU_ERR_INVALID_REQUEST
#define HANDLE	VGPU_ERR_BAD_HANDLE
#define RANGE	VGPU_ERR_OUT_OF_RANGE
#define MEMORY	VGPU_ERR_NO_MEMORY
#define LARGE	VGPU_ERR_TOO_LARGE
#define UNSUP	VGPU_ERR_UNSUPPORTED_OP

/**
 * struct call_form - a request and what is said to it
 * @name: for people
 * @opcode: the opcode
 * @nparams: how many parameters
 * @param: they
 * @data_length: bytes of data
 * @err: what is said
 * @results: results that come back
 * @answer: bytes of data that come back
 */
struct call_form {
	const char *name;
	u32 opcode;
	u32 nparams;
	u32 param[10];
	u32 data_length;
	enum vgpu_error err;
	u32 results;
	u32 answer;
};

static const struct call_form call_forms[] = {
	{ "nop", VGPU_OP_NOP, 0, {}, 0, NONE },
	{ "nop with a parameter", VGPU_OP_NOP, 1, { 0 }, 0, INVAL },
	{ "nop with data", VGPU_OP_NOP, 0, {}, 1, INVAL },

	{ "compute", VGPU_OP_COMPUTE, 2, { 1, 2 }, 0, NONE, 1 },
	{ "compute of one", VGPU_OP_COMPUTE, 1, { 1 }, 0, INVAL },
	{ "compute of three", VGPU_OP_COMPUTE, 3, { 1, 2, 3 }, 0, INVAL },
	{ "compute of none", VGPU_OP_COMPUTE, 0, {}, 0, INVAL },
	{ "compute with data", VGPU_OP_COMPUTE, 2, { 1, 2 }, 4, INVAL },

	{ "info", VGPU_OP_GET_DEVICE_INFO, 0, {}, 0, NONE, 0, 96 },
	{ "info with a parameter", VGPU_OP_GET_DEVICE_INFO, 1, { 0 }, 0, INVAL },
	{ "info with data", VGPU_OP_GET_DEVICE_INFO, 0, {}, 88, INVAL },

	{ "ctx create", VGPU_OP_CTX_CREATE, 0, {}, 0, NONE, 1 },
	{ "ctx create with a parameter", VGPU_OP_CTX_CREATE, 1, { 5 }, 0, INVAL },
	{ "ctx create with data", VGPU_OP_CTX_CREATE, 0, {}, 4, INVAL },

	{ "ctx destroy", VGPU_OP_CTX_DESTROY, 1, { CTX }, 0, NONE },
	{ "ctx destroy unknown", VGPU_OP_CTX_DESTROY, 1, { 3 }, 0, HANDLE },
	{ "ctx destroy 0", VGPU_OP_CTX_DESTROY, 1, { 0 }, 0, HANDLE },
	{ "ctx destroy ~0", VGPU_OP_CTX_DESTROY, 1, { ~0U }, 0, HANDLE },
	{ "ctx destroy no parameter", VGPU_OP_CTX_DESTROY, 0, {}, 0, INVAL },
	{ "ctx destroy two", VGPU_OP_CTX_DESTROY, 2, { CTX, CTX_OTHER }, 0, INVAL },
	{ "ctx destroy with data", VGPU_OP_CTX_DESTROY, 1, { CTX }, 4, INVAL },

	{ "bo create", VGPU_OP_BO_CREATE, 3, { CTX, 4096, 0 }, 0, NONE, 1 },
	{ "bo create one byte", VGPU_OP_BO_CREATE, 3, { CTX, 1, 0 }, 0, NONE, 1 },
	{ "bo create all that is left", VGPU_OP_BO_CREATE, 3,
	  { CTX, VGPU_FIXTURE_QUOTA - 20480, 0 }, 0, NONE, 1 },
	{ "bo create a byte more than is left", VGPU_OP_BO_CREATE, 3,
	  { CTX, VGPU_FIXTURE_QUOTA - 20480 + 1, 0 }, 0, MEMORY },
	{ "bo create of size 0", VGPU_OP_BO_CREATE, 3, { CTX, 0, 0 }, 0, INVAL },
	{ "bo create over the quota", VGPU_OP_BO_CREATE, 3,
	  { CTX, VGPU_FIXTURE_QUOTA + 1, 0 }, 0, MEMORY },
	{ "bo create high word only", VGPU_OP_BO_CREATE, 3, { CTX, 0, 1 }, 0,
	  MEMORY },
	{ "bo create ~0", VGPU_OP_BO_CREATE, 3, { CTX, ~0U, ~0U }, 0, MEMORY },
	{ "bo create ~0 - 4094", VGPU_OP_BO_CREATE, 3, { CTX, ~4094U, ~0U }, 0,
	  MEMORY },
	{ "bo create in unknown ctx", VGPU_OP_BO_CREATE, 3, { 9, 4096, 0 }, 0, HANDLE },
	{ "bo create in ctx 0", VGPU_OP_BO_CREATE, 3, { 0, 4096, 0 }, 0, HANDLE },
	{ "bo create in ctx ~0", VGPU_OP_BO_CREATE, 3, { ~0U, 4096, 0 }, 0, HANDLE },
	{ "bo create short", VGPU_OP_BO_CREATE, 2, { CTX, 4096 }, 0, INVAL },
	{ "bo create any", VGPU_OP_BO_CREATE, 4, { CTX, 4096, 0, 0 }, 0, NONE, 1 },
	{ "bo create long", VGPU_OP_BO_CREATE, 5, { CTX, 4096, 0, 0 }, 0, INVAL },
	{ "bo create with data", VGPU_OP_BO_CREATE, 3, { CTX, 4096, 0 }, 4, INVAL },

	{ "bo destroy", VGPU_OP_BO_DESTROY, 2, { CTX, BIG }, 0, NONE },
	{ "bo destroy unknown", VGPU_OP_BO_DESTROY, 2, { CTX, 4 }, 0, HANDLE },
	{ "bo destroy another's", VGPU_OP_BO_DESTROY, 2, { CTX, OTHER }, 0, HANDLE },
	{ "bo destroy 0", VGPU_OP_BO_DESTROY, 2, { CTX, 0 }, 0, HANDLE },
	{ "bo destroy ~0", VGPU_OP_BO_DESTROY, 2, { CTX, ~0U }, 0, HANDLE },
	{ "bo destroy in unknown ctx", VGPU_OP_BO_DESTROY, 2, { 3, BIG }, 0, HANDLE },
	{ "bo destroy short", VGPU_OP_BO_DESTROY, 1, { CTX }, 0, INVAL },
	{ "bo destroy long", VGPU_OP_BO_DESTROY, 3, { CTX, BIG, SMALL }, 0, INVAL },

	{ "write", VGPU_OP_BO_WRITE, 4, { CTX, BIG, 0, 0 }, 16, NONE },
	{ "write one byte at the end", VGPU_OP_BO_WRITE, 4, { CTX, BIG, 8191, 0 }, 1,
	  NONE },
	{ "write the most", VGPU_OP_BO_WRITE, 4, { CTX, BIG, 1, 0 }, 976, NONE },
	{ "write nothing", VGPU_OP_BO_WRITE, 4, { CTX, BIG, 0, 0 }, 0, INVAL },
	{ "write over the end", VGPU_OP_BO_WRITE, 4, { CTX, BIG, 8191, 0 }, 2, RANGE },
	{ "write at the end", VGPU_OP_BO_WRITE, 4, { CTX, BIG, 8192, 0 }, 1, RANGE },
	{ "write at 2^32", VGPU_OP_BO_WRITE, 4, { CTX, BIG, 0, 1 }, 1, RANGE },
	{ "write at ~0", VGPU_OP_BO_WRITE, 4, { CTX, BIG, ~0U, ~0U }, 1, RANGE },
	{ "write at ~0, wrapping", VGPU_OP_BO_WRITE, 4, { CTX, BIG, ~0U, ~0U }, 16,
	  RANGE },
	{ "write to unknown", VGPU_OP_BO_WRITE, 4, { CTX, 4, 0, 0 }, 1, HANDLE },
	{ "write to another's", VGPU_OP_BO_WRITE, 4, { CTX, OTHER, 0, 0 }, 1, HANDLE },
	{ "write in unknown ctx", VGPU_OP_BO_WRITE, 4, { 3, BIG, 0, 0 }, 1, HANDLE },
	{ "write short", VGPU_OP_BO_WRITE, 3, { CTX, BIG, 0 }, 1, INVAL },
	{ "write long", VGPU_OP_BO_WRITE, 5, { CTX, BIG, 0, 0, 0 }, 1, INVAL },

	{ "read", VGPU_OP_BO_READ, 5, { CTX, SMALL, 3, 0, 16 }, 0, NONE, 0, 16 },
	{ "read one byte at the end", VGPU_OP_BO_READ, 5, { CTX, SMALL, 4095, 0, 1 }, 0,
	  NONE, 0, 1 },
	{ "read the most", VGPU_OP_BO_READ, 5, { CTX, SMALL, 0, 0, 992 }, 0, NONE, 0,
	  992 },
	{ "read a byte more", VGPU_OP_BO_READ, 5, { CTX, SMALL, 0, 0, 993 }, 0, LARGE },
	{ "read ~0", VGPU_OP_BO_READ, 5, { CTX, SMALL, 0, 0, ~0U }, 0, LARGE },
	{ "read nothing", VGPU_OP_BO_READ, 5, { CTX, SMALL, 0, 0, 0 }, 0, INVAL },
	{ "read over the end", VGPU_OP_BO_READ, 5, { CTX, SMALL, 4095, 0, 2 }, 0, RANGE },
	{ "read at 2^32", VGPU_OP_BO_READ, 5, { CTX, SMALL, 0, 1, 1 }, 0,
	  RANGE },
	{ "read at ~0", VGPU_OP_BO_READ, 5, { CTX, SMALL, ~0U, ~0U, 16 }, 0, RANGE },
	{ "read unknown", VGPU_OP_BO_READ, 5, { CTX, 4, 0, 0, 1 }, 0, HANDLE },
	{ "read another's", VGPU_OP_BO_READ, 5, { CTX, OTHER, 0, 0, 1 }, 0, HANDLE },
	{ "read in ctx 0", VGPU_OP_BO_READ, 5, { 0, SMALL, 0, 0, 1 }, 0, HANDLE },
	{ "read short", VGPU_OP_BO_READ, 4, { CTX, SMALL, 0, 0 }, 0, INVAL },
	{ "read with data", VGPU_OP_BO_READ, 5, { CTX, SMALL, 0, 0, 1 }, 1, INVAL },

	{ "copy", VGPU_OP_COPY, 9, { CTX, BIG, 0, 0, SMALL, 0, 0, 4096, 0 }, 0, NONE },
	{ "copy in one object", VGPU_OP_COPY, 9,
	  { CTX, BIG, 0, 0, BIG, 4096, 0, 4096, 0 }, 0, NONE },
	{ "copy upwards in one object", VGPU_OP_COPY, 9,
	  { CTX, BIG, 4096, 0, BIG, 0, 0, 4096, 0 }, 0, NONE },
	{ "copy over its source's end", VGPU_OP_COPY, 9,
	  { CTX, BIG, 4095, 0, BIG, 0, 0, 4096, 0 }, 0, INVAL },
	{ "copy over its source's begin", VGPU_OP_COPY, 9,
	  { CTX, BIG, 0, 0, BIG, 4095, 0, 4096, 0 }, 0, INVAL },
	{ "copy onto itself", VGPU_OP_COPY, 9, { CTX, BIG, 7, 0, BIG, 7, 0, 1, 0 }, 0,
	  INVAL },
	{ "copy nothing", VGPU_OP_COPY, 9, { CTX, BIG, 0, 0, SMALL, 0, 0, 0, 0 }, 0,
	  INVAL },
	{ "copy over dst's end", VGPU_OP_COPY, 9,
	  { CTX, SMALL, 1, 0, BIG, 0, 0, 4096, 0 }, 0, RANGE },
	{ "copy over src's end", VGPU_OP_COPY, 9,
	  { CTX, BIG, 0, 0, SMALL, 1, 0, 4096, 0 }, 0, RANGE },
	{ "copy 2^32", VGPU_OP_COPY, 9,
	  { CTX, BIG, 0, 0, SMALL, 0, 0, 0, 1 }, 0, RANGE },
	{ "copy ~0", VGPU_OP_COPY, 9, { CTX, BIG, 1, 0, SMALL, 1, 0, ~0U, ~0U }, 0,
	  RANGE },
	{ "copy to unknown", VGPU_OP_COPY, 9, { CTX, 4, 0, 0, SMALL, 0, 0, 1, 0 }, 0,
	  HANDLE },
	{ "copy from unknown", VGPU_OP_COPY, 9, { CTX, BIG, 0, 0, 4, 0, 0, 1, 0 }, 0,
	  HANDLE },
	{ "copy to another's", VGPU_OP_COPY, 9,
	  { CTX, OTHER, 0, 0, SMALL, 0, 0, 1, 0 }, 0, HANDLE },
	{ "copy from another's", VGPU_OP_COPY, 9,
	  { CTX, BIG, 0, 0, OTHER, 0, 0, 1, 0 }, 0, HANDLE },
	{ "copy short", VGPU_OP_COPY, 8, { CTX, BIG, 0, 0, SMALL, 0, 0, 1 }, 0, INVAL },
	{ "copy long", VGPU_OP_COPY, 10, { CTX, BIG, 0, 0, SMALL, 0, 0, 1, 0, 0 }, 0,
	  INVAL },

	{ "fill", VGPU_OP_FILL, 7, { CTX, BIG, 4, 0, 8188, 0, 0x01020304 }, 0, NONE },
	{ "fill one word at the end", VGPU_OP_FILL, 7, { CTX, BIG, 8188, 0, 4, 0, 1 },
	  0, NONE },
	{ "fill from 2", VGPU_OP_FILL, 7, { CTX, BIG, 2, 0, 4, 0, 1 }, 0, INVAL },
	{ "fill 6 bytes", VGPU_OP_FILL, 7, { CTX, BIG, 0, 0, 6, 0, 1 }, 0, INVAL },
	{ "fill nothing", VGPU_OP_FILL, 7, { CTX, BIG, 0, 0, 0, 0, 1 }, 0, INVAL },
	{ "fill over the end", VGPU_OP_FILL, 7, { CTX, BIG, 4, 0, 8192, 0, 1 }, 0,
	  RANGE },
	{ "fill ~3", VGPU_OP_FILL, 7, { CTX, BIG, 4, 0, ~3U, ~0U, 1 }, 0, RANGE },
	{ "fill unknown", VGPU_OP_FILL, 7, { CTX, 4, 0, 0, 4, 0, 1 }, 0, HANDLE },
	{ "fill another's", VGPU_OP_FILL, 7, { CTX, OTHER, 0, 0, 4, 0, 1 }, 0, HANDLE },
	{ "fill short", VGPU_OP_FILL, 6, { CTX, BIG, 0, 0, 4, 0 }, 0, INVAL },
	{ "fill with data", VGPU_OP_FILL, 7, { CTX, BIG, 0, 0, 4, 0, 1 }, 4, INVAL },
};

static void call_form_desc(const struct call_form *p, char *desc)
{
	strscpy(desc, p->name, KUNIT_PARAM_DESC_SIZE);
}

KUNIT_ARRAY_PARAM(call_form, call_forms, call_form_desc);

static int call_init(struct kunit *test)
{
	struct vgpu_fixture *f;
	struct vgpu *vgpu;
	int ret = vgpu_fixture_init(test);

	if (ret)
		return ret;
	f = test->priv;
	vgpu = &f->v[0].vgpu;
	if (vgpu_fixture_ctx(test, vgpu) != CTX ||
	    vgpu_fixture_ctx(test, vgpu) != CTX_OTHER ||
	    vgpu_fixture_bo(test, vgpu, CTX, BIG_SIZE) != BIG ||
	    vgpu_fixture_bo(test, vgpu, CTX, SMALL_SIZE) != SMALL ||
	    vgpu_fixture_bo(test, vgpu, CTX_OTHER, 4096) != 1 ||
	    vgpu_fixture_bo(test, vgpu, CTX_OTHER, 4096) != 2 ||
	    /* so small that it is what rounding up makes of it */
	    vgpu_fixture_bo(test, vgpu, CTX_OTHER, 1) != OTHER ||
	    vgpu_do(vgpu, VGPU_OP_BO_DESTROY, CTX_OTHER, 1))
		return -EINVAL;
	return 0;
}

static struct vgpu *call_vgpu(struct kunit *test)
{
	struct vgpu_fixture *f = test->priv;

	return &f->v[0].vgpu;
}

static void call_by_form(struct kunit *test)
{
	const struct call_form *p = test->param_value;
	struct vgpu *vgpu = call_vgpu(test);
	u64 used = vgpu_quota_used(vgpu);
	u8 data[VGPU_REQ_BUF_SIZE] = {};

	KUNIT_EXPECT_EQ(test, vgpu_request_call(vgpu, p->opcode, p->nparams, p->param,
						data, p->data_length), p->err);
	KUNIT_EXPECT_STREQ(test,
			   vgpu_response_fault(vgpu, p->results, p->answer) ?: "none",
			   "none");
	if (p->err)
		KUNIT_EXPECT_EQ(test, vgpu_quota_used(vgpu), used);
	/* whatever was said, no reference stays behind: */
	vgpu_do(vgpu, VGPU_OP_CTX_DESTROY, CTX);
	vgpu_do(vgpu, VGPU_OP_CTX_DESTROY, CTX_OTHER);
	KUNIT_EXPECT_EQ(test, vgpu_quota_used(vgpu), 0);
}

static void call_unknown_opcodes(struct kunit *test)
{
	static const u32 more[] = { 0x100, 0x8000, 0x00010000, 0x80000000, 0x80000001,
				    0xfffffff0, ~0U };
	static const u32 known[] = { 0, 1, 5, 0x10, 0x11, 0x12, 0x13, 0x14, 0x15, 0x16,
				     0x17, 0x18, 0x19, 0x1f, 0x20, 0x21, 0x22, 0x23,
				     0x24, 0x25 };
	struct vgpu *vgpu = call_vgpu(test);
	u32 opcode, i;

	for (opcode = 0; opcode < 0x80; opcode++) {
		for (i = 0; i < ARRAY_SIZE(known); i++) {
			if (known[i] == opcode)
				break;
		}
		if (i < ARRAY_SIZE(known))
			continue;
		KUNIT_EXPECT_EQ_MSG(test, vgpu_do(vgpu, opcode), UNSUP, "0x%x", opcode);
		/* whatever else it has */
		KUNIT_EXPECT_EQ_MSG(test, vgpu_do(vgpu, opcode, CTX, 2), UNSUP, "0x%x",
				    opcode);
	}
	for (i = 0; i < ARRAY_SIZE(more); i++)
		KUNIT_EXPECT_EQ_MSG(test, vgpu_do(vgpu, more[i]), UNSUP, "0x%x", more[i]);
}

static void call_lengths(struct kunit *test)
{
	static const struct {
		u32 len;
		enum vgpu_error err;
	} table[] = {
		{ 0, VGPU_ERR_INVALID_LENGTH }, { 31, VGPU_ERR_INVALID_LENGTH },
		{ 32, NONE }, { 1024, NONE }, { 1025, LARGE }, { ~0U, LARGE },
		{ 0x80000020, LARGE },
	};
	struct vgpu *vgpu = call_vgpu(test);
	u32 i;

	vgpu_request_put(vgpu, VGPU_OP_NOP, 0, NULL, NULL, 0);
	for (i = 0; i < ARRAY_SIZE(table); i++) {
		vgpu_reg_set(vgpu, VGPU_REG_REQUEST_LEN, table[i].len);
		KUNIT_EXPECT_EQ_MSG(test, vgpu_request_run(vgpu), table[i].err, "%u",
				    table[i].len);
		KUNIT_EXPECT_STREQ(test, vgpu_response_fault(vgpu, 0, 0) ?: "none", "none");
	}
}

static void call_compute_wraps(struct kunit *test)
{
	static const u32 table[][3] = {
		{ 0, 0, 0 }, { 1, 2, 3 }, { 0xffffffff, 1, 0 },
		{ 0x80000000, 0x80000000, 0 }, { 0xffffffff, 0xffffffff, 0xfffffffe },
	};
	struct vgpu *vgpu = call_vgpu(test);
	u32 i;

	for (i = 0; i < ARRAY_SIZE(table); i++) {
		KUNIT_EXPECT_EQ(test, vgpu_do(vgpu, VGPU_OP_COMPUTE, table[i][0],
					      table[i][1]), NONE);
		KUNIT_EXPECT_EQ(test, vgpu_response_result(vgpu, 0), table[i][2]);
	}
}

static void call_device_info(struct kunit *test)
{
	struct vgpu_fixture *f = test->priv;
	struct vgpu_dev_info info;

	KUNIT_EXPECT_EQ(test, vgpu_do(&f->v[0].vgpu, VGPU_OP_GET_DEVICE_INFO), NONE);
	vgpu_response_data(&f->v[0].vgpu, &info, sizeof(info));
	KUNIT_EXPECT_EQ(test, le32_to_cpu(info.size), 96);
	KUNIT_EXPECT_EQ(test, le32_to_cpu(info.vm_id), 1);
	KUNIT_EXPECT_EQ(test, le32_to_cpu(info.pool_id), 'A');
	KUNIT_EXPECT_EQ(test, le32_to_cpu(info.max_queues), 16);
	KUNIT_EXPECT_EQ(test, le64_to_cpu(info.memory_size), VGPU_FIXTURE_QUOTA);
	KUNIT_EXPECT_EQ(test, le64_to_cpu(info.memory_used), 20480);
	/* every kernel but the one that the mock leaves out */
	KUNIT_EXPECT_EQ(test, le64_to_cpu(info.builtins), 0x7a);
	KUNIT_EXPECT_STREQ(test, info.gpu_name, "mock0");
	KUNIT_EXPECT_STREQ(test, info.backend, "mock");
	/* nothing of the host's behind the names */
	KUNIT_EXPECT_PTR_EQ(test, memchr_inv(info.gpu_name + 5, 0, 27), NULL);
	KUNIT_EXPECT_PTR_EQ(test, memchr_inv(info.backend + 4, 0, 12), NULL);

	KUNIT_EXPECT_EQ(test, vgpu_do(&f->v[1].vgpu, VGPU_OP_GET_DEVICE_INFO), NONE);
	vgpu_response_data(&f->v[1].vgpu, &info, sizeof(info));
	KUNIT_EXPECT_EQ(test, le32_to_cpu(info.vm_id), 2);
	KUNIT_EXPECT_EQ(test, le64_to_cpu(info.memory_used), 0);
}

static void call_read_answer(struct kunit *test)
{
	struct vgpu *vgpu = call_vgpu(test);
	u8 data[992];
	u32 i;

	KUNIT_EXPECT_EQ(test, vgpu_do(vgpu, VGPU_OP_BO_READ, CTX, BIG, 300, 0, 992),
			NONE);
	vgpu_response_data(vgpu, data, sizeof(data));
	for (i = 0; i < sizeof(data); i++) {
		if (data[i] != (u8)(300 + i))
			KUNIT_FAIL(test, "byte %u is 0x%02x", i, data[i]);
	}
}

/* a failed read must not show what the host has in the buffer for it */
static void call_failed_read(struct kunit *test)
{
	struct vgpu_fixture *f = test->priv;
	struct vgpu *vgpu = call_vgpu(test);

	vgpu_reset(vgpu);
	vgpu_fixture_ctx(test, vgpu);
	vgpu_fixture_bo(test, vgpu, CTX, BIG_SIZE);
	f->mock.sync = false;
	vgpu_put(vgpu, VGPU_OP_BO_READ, CTX, BIG, 0, 0, 64);
	vgpu_reg_set(vgpu, VGPU_REG_DOORBELL, 1);
	vgpu_mock_settle(&f->mock);
	memset(vgpu_mock_first(&f->mock)->inline_copy.data, 0x77, 64);
	vgpu_mock_complete_first(&f->mock, VGPU_ERR_GPU);
	KUNIT_EXPECT_EQ(test, vgpu_reg(vgpu, VGPU_REG_RESPONSE_LEN), 32);
	KUNIT_EXPECT_STREQ(test, vgpu_response_fault(vgpu, 0, 64) ?: "none", "none");
	KUNIT_EXPECT_EQ(test, vgpu_reg(vgpu, VGPU_RESP_BUF + 36), 0);
	KUNIT_EXPECT_EQ(test, vgpu_reg(vgpu, VGPU_RESP_BUF + 64), 0);
}

/* ring, and look at the job that the backend gets */
static const struct vgpu_job *call_job(struct kunit *test, u32 opcode, u32 nparams,
				       const u32 *param, const void *data, u32 length)
{
	struct vgpu_fixture *f = test->priv;
	struct vgpu *vgpu = call_vgpu(test);

	f->mock.sync = false;
	vgpu_mock_complete_first(&f->mock, NONE);
	vgpu_request_put(vgpu, opcode, nparams, param, data, length);
	vgpu_reg_set(vgpu, VGPU_REG_DOORBELL, 1);
	vgpu_mock_settle(&f->mock);
	KUNIT_ASSERT_NOT_NULL(test, vgpu_mock_first(&f->mock));
	return vgpu_mock_first(&f->mock);
}

#define call_begin(test, opcode, data, length, ...)				\
	call_job(test, opcode, sizeof((u32[]){ __VA_ARGS__ }) / 4,		\
		 (u32[]){ __VA_ARGS__ }, data, length)

static void call_jobs(struct kunit *test)
{
	const struct vgpu_job *job;
	const struct vgpu_bo *big;

	job = call_begin(test, VGPU_OP_NOP, NULL, 0);
	KUNIT_EXPECT_EQ(test, job->type, VGPU_JOB_NOP);

	job = call_begin(test, VGPU_OP_COMPUTE, NULL, 0, 7, 8);
	KUNIT_EXPECT_EQ(test, job->type, VGPU_JOB_ADD);
	KUNIT_EXPECT_EQ(test, job->add.a, 7);
	KUNIT_EXPECT_EQ(test, job->add.b, 8);

	job = call_begin(test, VGPU_OP_BO_WRITE, "abcd", 4, CTX, BIG, 5000, 0);
	KUNIT_EXPECT_EQ(test, job->type, VGPU_JOB_WRITE);
	KUNIT_EXPECT_EQ(test, job->inline_copy.range.offset, 5000);
	KUNIT_EXPECT_EQ(test, job->inline_copy.range.length, 4);
	KUNIT_EXPECT_EQ(test, job->inline_copy.range.bo->size, BIG_SIZE);
	KUNIT_EXPECT_EQ(test, memcmp(job->inline_copy.data, "abcd", 4), 0);
	big = job->inline_copy.range.bo;

	job = call_begin(test, VGPU_OP_BO_READ, NULL, 0, CTX, SMALL, 9, 0, 11);
	KUNIT_EXPECT_EQ(test, job->type, VGPU_JOB_READ);
	KUNIT_EXPECT_EQ(test, job->inline_copy.range.offset, 9);
	KUNIT_EXPECT_EQ(test, job->inline_copy.range.length, 11);
	KUNIT_EXPECT_EQ(test, job->inline_copy.range.bo->size, SMALL_SIZE);

	job = call_begin(test, VGPU_OP_COPY, NULL, 0, CTX, BIG, 1, 0, SMALL, 2, 0, 3, 0);
	KUNIT_EXPECT_EQ(test, job->type, VGPU_JOB_COPY);
	KUNIT_EXPECT_PTR_EQ(test, job->copy.dst.bo, big);
	KUNIT_EXPECT_EQ(test, job->copy.dst.offset, 1);
	KUNIT_EXPECT_EQ(test, job->copy.dst.length, 3);
	KUNIT_EXPECT_EQ(test, job->copy.src.bo->size, SMALL_SIZE);
	KUNIT_EXPECT_EQ(test, job->copy.src.offset, 2);
	KUNIT_EXPECT_EQ(test, job->copy.src.length, 3);

	job = call_begin(test, VGPU_OP_FILL, NULL, 0, CTX, BIG, 8, 0, 16, 0, 0xcafe);
	KUNIT_EXPECT_EQ(test, job->type, VGPU_JOB_FILL);
	KUNIT_EXPECT_PTR_EQ(test, job->fill.dst.bo, big);
	KUNIT_EXPECT_EQ(test, job->fill.dst.offset, 8);
	KUNIT_EXPECT_EQ(test, job->fill.dst.length, 16);
	KUNIT_EXPECT_EQ(test, job->fill.pattern, 0xcafe);
}

/**
 * struct call_launch - a launch and what is said to it
 * @name: for people
 * @kernel: the kernel
 * @length: bytes of data; the rest of @arg is not sent
 * @arg: arguments, as on the wire
 * @err: what is said
 */
struct call_launch {
	const char *name;
	u32 kernel;
	u32 length;
	struct {
		u32 type;
		u32 handle;
		u64 value;
	} arg[7];
	enum vgpu_error err;
};

static const struct call_launch call_launches[] = {
#define BO(handle, offset)	{ VGPU_ARG_BO, handle, offset }
#define VAL(value)		{ VGPU_ARG_VALUE, 0, value }
	{ "vecadd", 1, 64, { BO(BIG, 0), BO(SMALL, 0), BO(SMALL, 4), VAL(1023) }, NONE },
	{ "vecadd too many elements", 1, 64,
	  { BO(BIG, 0), BO(SMALL, 0), BO(SMALL, 4), VAL(1024) }, RANGE },
	{ "saxpy", 3, 64, { BO(BIG, 0), BO(SMALL, 0), VAL(0x3f800000), VAL(16) }, NONE },
	{ "matmul", 4, 96,
	  { BO(BIG, 0), BO(SMALL, 0), BO(SMALL, 0), VAL(8), VAL(8), VAL(8) }, NONE },
	{ "reduce", 5, 48, { BO(BIG, 0), BO(SMALL, 0), VAL(1024) }, NONE },
	{ "sha256", 6, 48, { BO(BIG, 0), BO(SMALL, 0), VAL(4095) }, NONE },
	{ "kernel the GPU has not", 2, 64,
	  { BO(BIG, 0), BO(SMALL, 0), BO(SMALL, 0), VAL(1) }, UNSUP },
	{ "kernel 0", 0, 0, {}, UNSUP },
	{ "kernel 7", 7, 48, { BO(BIG, 0), BO(SMALL, 0), VAL(1) }, UNSUP },
	{ "kernel 64 + 1", 65, 64, { BO(BIG, 0), BO(SMALL, 0), BO(SMALL, 0), VAL(1) },
	  UNSUP },
	{ "kernel ~0", ~0U, 48, { BO(BIG, 0), BO(SMALL, 0), VAL(1) }, UNSUP },
	{ "no arguments", 5, 0, {}, INVAL },
	{ "an argument short", 5, 32, { BO(BIG, 0), BO(SMALL, 0) }, INVAL },
	{ "an argument long", 5, 64, { BO(BIG, 0), BO(SMALL, 0), VAL(1), VAL(0) }, INVAL },
	{ "a byte short", 5, 47, { BO(BIG, 0), BO(SMALL, 0), VAL(1) }, INVAL },
	{ "a byte long", 5, 49, { BO(BIG, 0), BO(SMALL, 0), VAL(1) }, INVAL },
	{ "value for a buffer", 5, 48, { BO(BIG, 0), VAL(0), VAL(1) }, INVAL },
	{ "buffer for a value", 5, 48, { BO(BIG, 0), BO(SMALL, 0), BO(SMALL, 0) }, INVAL },
	{ "value with a handle", 5, 48,
	  { BO(BIG, 0), BO(SMALL, 0), { VGPU_ARG_VALUE, SMALL, 1 } }, INVAL },
	{ "unknown type for a buffer", 5, 48, { BO(BIG, 0), { 2, SMALL, 0 }, VAL(1) },
	  INVAL },
	{ "unknown type for a value", 5, 48, { BO(BIG, 0), BO(SMALL, 0), { ~0U, 0, 1 } },
	  INVAL },
	{ "unknown dst", 5, 48, { BO(4, 0), BO(SMALL, 0), VAL(1) }, HANDLE },
	{ "unknown src", 5, 48, { BO(BIG, 0), BO(4, 0), VAL(1) }, HANDLE },
	{ "another's src", 5, 48, { BO(BIG, 0), BO(OTHER, 0), VAL(1) }, HANDLE },
	{ "handle 0", 5, 48, { BO(0, 0), BO(SMALL, 0), VAL(1) }, HANDLE },
	{ "handle ~0", 5, 48, { BO(BIG, 0), BO(~0U, 0), VAL(1) }, HANDLE },
	{ "offset ~3", 5, 48, { BO(BIG, 0), BO(SMALL, ~3ULL), VAL(1) }, RANGE },
	{ "offset unaligned", 5, 48, { BO(BIG, 2), BO(SMALL, 0), VAL(1) }, INVAL },
	{ "n 0", 5, 48, { BO(BIG, 0), BO(SMALL, 0), VAL(0) }, INVAL },
	{ "n ~0", 5, 48, { BO(BIG, 0), BO(SMALL, 0), VAL(~0ULL) }, INVAL },
	{ "output over input", 5, 48, { BO(SMALL, 0), BO(SMALL, 0), VAL(1) }, INVAL },
#undef BO
#undef VAL
};

static void call_launch_desc(const struct call_launch *p, char *desc)
{
	strscpy(desc, p->name, KUNIT_PARAM_DESC_SIZE);
}

KUNIT_ARRAY_PARAM(call_launch, call_launches, call_launch_desc);

static void call_by_launch(struct kunit *test)
{
	const struct call_launch *p = test->param_value;
	struct vgpu *vgpu = call_vgpu(test);
	u8 bytes[VGPU_REQ_BUF_SIZE] = {};
	struct vgpu_dev_arg arg[7] = {};
	struct vgpu_dev_request *head = (struct vgpu_dev_request *)bytes;
	u32 i, shift;

	for (i = 0; i < ARRAY_SIZE(arg); i++) {
		arg[i].type = cpu_to_le32(p->arg[i].type);
		arg[i].handle = cpu_to_le32(p->arg[i].handle);
		arg[i].value = cpu_to_le64(p->arg[i].value);
	}
	/* right behind the parameters, unaligned, and at the buffer's end */
	for (shift = 0; shift < 4; shift++) {
		u32 at = shift == 3 ? 1024 - p->length : 40 + shift;

		memset(bytes, 0xee, sizeof(bytes));
		vgpu_build(bytes, VGPU_OP_LAUNCH, CTX, p->kernel);
		head->data_offset = cpu_to_le32(at);
		head->data_length = cpu_to_le32(p->length);
		memcpy(bytes + at, arg, p->length);
		vgpu_request_put_raw(vgpu, bytes, at + p->length);
		KUNIT_EXPECT_EQ_MSG(test, vgpu_request_run(vgpu), p->err, "data at %u", at);
		KUNIT_EXPECT_STREQ(test, vgpu_response_fault(vgpu, 0, 0) ?: "none", "none");
	}
	KUNIT_EXPECT_EQ(test, vgpu_do_data(vgpu, VGPU_OP_LAUNCH, arg, p->length,
					   CTX_OTHER + 1, p->kernel), HANDLE);
	vgpu_do(vgpu, VGPU_OP_CTX_DESTROY, CTX);
	vgpu_do(vgpu, VGPU_OP_CTX_DESTROY, CTX_OTHER);
	KUNIT_EXPECT_EQ(test, vgpu_quota_used(vgpu), 0);
}

static struct kunit_case call_cases[] = {
	KUNIT_CASE_PARAM(call_by_form, call_form_gen_params),
	KUNIT_CASE_PARAM(call_by_launch, call_launch_gen_params),
	KUNIT_CASE(call_unknown_opcodes),
	KUNIT_CASE(call_lengths),
	KUNIT_CASE(call_compute_wraps),
	KUNIT_CASE(call_device_info),
	KUNIT_CASE(call_read_answer),
	KUNIT_CASE(call_failed_read),
	KUNIT_CASE(call_jobs),
	{}
};

static struct kunit_suite call_suite = {
	.name = "vgpu_call",
	.init = call_init,
	.exit = vgpu_fixture_exit,
	.test_cases = call_cases,
};

kunit_test_suite(call_suite);
