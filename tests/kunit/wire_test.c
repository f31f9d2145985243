// SPDX-License-Identifier: GPL-2.0
/* Request heads: each way to lie in one, and each edge on which it is true. */
#include <kunit/test.h>
#include <linux/string.h>
#include <vgpu/wire.h>

/**
 * struct wire_head - a head, and what becomes of it
 * @name: for people
 * @len: REQUEST_LEN
 * @version: as in the head
 * @flags: as in the head
 * @nparams: as in the head
 * @offset: of the data, as in the head
 * @length: of the data, as in the head
 * @reserved0: as in the head
 * @reserved1: as in the head
 * @bad: it is VGPU_ERR_INVALID_REQUEST
 * @data_at: else, where its data are said to begin
 */
struct wire_head {
	const char *name;
	u32 len;
	u32 version;
	u32 flags;
	u32 nparams;
	u32 offset;
	u32 length;
	u32 reserved0;
	u32 reserved1;
	bool bad;
	u32 data_at;
};

#define V 0x00010000

static const struct wire_head wire_heads[] = {
	{ "bare head", 32, V, 0, 0, 0, 0, 0, 0, false, 32 },
	{ "bytes behind the head", 33, V, 0, 0, 0, 0, 0, 0, false, 32 },
	{ "whole buffer", 1024, V, 0, 0, 0, 0, 0, 0, false, 32 },
	{ "version 0", 32, 0, 0, 0, 0, 0, 0, 0, true },
	{ "version 1.1", 32, V + 1, 0, 0, 0, 0, 0, 0, true },
	{ "version 2", 32, 0x00020000, 0, 0, 0, 0, 0, 0, true },
	{ "version of the other endian", 32, 0x00000100, 0, 0, 0, 0, 0, 0, true },
	{ "version ~0", 32, ~0U, 0, 0, 0, 0, 0, 0, true },
	{ "flag 0", 32, V, 1, 0, 0, 0, 0, 0, true },
	{ "flag 31", 32, V, 0x80000000, 0, 0, 0, 0, 0, true },
	{ "reserved[0]", 32, V, 0, 0, 0, 0, 1, 0, true },
	{ "reserved[1]", 32, V, 0, 0, 0, 0, 0, 0x80000000, true },

	{ "one parameter", 36, V, 0, 1, 0, 0, 0, 0, false, 36 },
	{ "one parameter, a byte short", 35, V, 0, 1, 0, 0, 0, 0, true },
	{ "one parameter, none there", 32, V, 0, 1, 0, 0, 0, 0, true },
	{ "most parameters", 1024, V, 0, 248, 0, 0, 0, 0, false, 1024 },
	{ "one too many", 1024, V, 0, 249, 0, 0, 0, 0, true },
	{ "parameters fill all but the head", 1023, V, 0, 248, 0, 0, 0, 0, true },
	{ "count that is the size", 1024, V, 0, 1024, 0, 0, 0, 0, true },
	{ "count * 4 overflows to 0", 32, V, 0, 0x40000000, 0, 0, 0, 0, true },
	{ "count * 4 overflows to 4", 64, V, 0, 0x40000001, 0, 0, 0, 0, true },
	{ "32 + count * 4 overflows", 64, V, 0, 0x3ffffff8, 0, 0, 0, 0, true },
	{ "count ~0", 1024, V, 0, ~0U, 0, 0, 0, 0, true },

	{ "data", 48, V, 0, 0, 32, 16, 0, 0, false, 32 },
	{ "one byte of data at the end", 33, V, 0, 0, 32, 1, 0, 0, false, 32 },
	{ "data unaligned", 48, V, 0, 0, 35, 13, 0, 0, false, 35 },
	{ "data behind a gap", 100, V, 0, 2, 64, 36, 0, 0, false, 64 },
	{ "data fill the buffer", 1024, V, 0, 0, 32, 992, 0, 0, false, 32 },
	{ "data behind all parameters", 1024, V, 0, 247, 1020, 4, 0, 0, false, 1020 },
	{ "data one byte past the end", 48, V, 0, 0, 32, 17, 0, 0, true },
	{ "data end at the buffer's end, not ours", 48, V, 0, 0, 32, 992, 0, 0, true },
	{ "data at the end", 48, V, 0, 0, 48, 1, 0, 0, true },
	{ "data in the head", 48, V, 0, 0, 31, 1, 0, 0, true },
	{ "data at 0", 48, V, 0, 0, 0, 1, 0, 0, true },
	{ "data over the head", 48, V, 0, 0, 0, 48, 0, 0, true },
	{ "data over the parameters", 48, V, 0, 2, 32, 8, 0, 0, true },
	{ "data in the last parameter", 48, V, 0, 2, 39, 8, 0, 0, true },
	{ "data behind the parameters", 48, V, 0, 2, 40, 8, 0, 0, false, 40 },
	{ "offset + length overflow to 0", 48, V, 0, 0, 32, 0xffffffe0, 0, 0, true },
	{ "offset + length overflow to 48", 48, V, 0, 0, 0xfffffff0, 64, 0, 0, true },
	{ "length ~0", 48, V, 0, 0, 32, ~0U, 0, 0, true },
	{ "offset ~0", 48, V, 0, 0, ~0U, 1, 0, 0, true },
	{ "offset and length ~0", 48, V, 0, 0, ~0U, ~0U, 0, 0, true },
	{ "no data at the end", 48, V, 0, 0, 48, 0, 0, 0, false, 48 },
	{ "no data past the end", 48, V, 0, 0, 49, 0, 0, 0, true },
	{ "no data at ~0", 48, V, 0, 0, ~0U, 0, 0, 0, true },
	{ "no data in the head", 48, V, 0, 0, 4, 0, 0, 0, true },
	{ "no data in the parameters", 48, V, 0, 3, 40, 0, 0, 0, true },
};

static void wire_head_desc(const struct wire_head *p, char *desc)
{
	strscpy(desc, p->name, KUNIT_PARAM_DESC_SIZE);
}

KUNIT_ARRAY_PARAM(wire_head, wire_heads, wire_head_desc);

static void wire_decode(struct kunit *test)
{
	const struct wire_head *p = test->param_value;
	const struct vgpu_dev_request head = {
		.version = cpu_to_le32(p->version),
		.opcode = cpu_to_le32(0xdeadbeef),
		.flags = cpu_to_le32(p->flags),
		.param_count = cpu_to_le32(p->nparams),
		.data_offset = cpu_to_le32(p->offset),
		.data_length = cpu_to_le32(p->length),
		.reserved = { cpu_to_le32(p->reserved0), cpu_to_le32(p->reserved1) },
	};
	struct vgpu_wire_request req, untouched;
	enum vgpu_error err;

	memset(&req, 0x77, sizeof(req));
	untouched = req;
	err = vgpu_wire_request_decode(&head, p->len, &req);
	if (p->bad) {
		KUNIT_EXPECT_EQ(test, (u32)err, (u32)VGPU_ERR_INVALID_REQUEST);
		KUNIT_EXPECT_EQ(test, memcmp(&req, &untouched, sizeof(req)), 0);
		return;
	}
	KUNIT_EXPECT_EQ(test, (u32)err, (u32)VGPU_ERR_NONE);
	/* an unknown opcode is not the head's business */
	KUNIT_EXPECT_EQ(test, req.opcode, 0xdeadbeefU);
	KUNIT_EXPECT_EQ(test, req.param_count, p->nparams);
	KUNIT_EXPECT_EQ(test, req.data_offset, p->data_at);
	KUNIT_EXPECT_EQ(test, req.data_length, p->length);
}

static void wire_len(struct kunit *test)
{
	static const struct {
		u32 len;
		u32 err;
	} table[] = {
		{ 0, 0x09 }, { 1, 0x09 }, { 31, 0x09 }, { 32, 0 }, { 33, 0 },
		{ 1023, 0 }, { 1024, 0 }, { 1025, 0x02 }, { 4096, 0x02 },
		{ 0x7fffffff, 0x02 }, { 0x80000000, 0x02 }, { ~0U, 0x02 },
	};
	u32 i;

	for (i = 0; i < ARRAY_SIZE(table); i++)
		KUNIT_EXPECT_EQ_MSG(test, (u32)vgpu_wire_request_len_check(table[i].len),
				    table[i].err, "%u", table[i].len);
}

static void wire_range(struct kunit *test)
{
	static const struct {
		u64 offset;
		u64 length;
		u64 size;
		u32 err;
	} table[] = {
		{ 0, 1, 4096, 0 }, { 0, 4096, 4096, 0 }, { 4095, 1, 4096, 0 },
		{ 1, 4095, 4096, 0 },
		{ 0, 4097, 4096, 0x0e }, { 1, 4096, 4096, 0x0e },
		{ 4096, 1, 4096, 0x0e }, { 4097, 1, 4096, 0x0e },
		{ ~0ULL, 1, 4096, 0x0e }, { 1, ~0ULL, 4096, 0x0e },
		{ ~0ULL, ~0ULL, 4096, 0x0e }, { ~0ULL - 4094, 4096, 4096, 0x0e },
		{ 1ULL << 63, 1ULL << 63, 4096, 0x0e }, { 1ULL << 32, 1, 4096, 0x0e },
		{ 0, 1ULL << 32, 4096, 0x0e }, { ~0ULL, 1, ~0ULL, 0x0e },
		{ 0, ~0ULL, ~0ULL, 0 },
		{ 0, 0, 4096, 0x01 }, { 4096, 0, 4096, 0x01 }, { ~0ULL, 0, 4096, 0x01 },
	};
	u32 i;

	for (i = 0; i < ARRAY_SIZE(table); i++)
		KUNIT_EXPECT_EQ_MSG(test,
				    (u32)vgpu_wire_range_check(table[i].offset,
							       table[i].length,
							       table[i].size),
				    table[i].err, "%llx + %llx", table[i].offset,
				    table[i].length);
}

/* the ABI is what other programs were built with: it doesn't move */
static void wire_abi_is_frozen(struct kunit *test)
{
	KUNIT_EXPECT_EQ(test, VGPU_REQ_BUF, 0x40);
	KUNIT_EXPECT_EQ(test, VGPU_RESP_BUF, 0x440);
	KUNIT_EXPECT_EQ(test, VGPU_REG_EXT_MAGIC, 0x840);
	KUNIT_EXPECT_EQ(test, sizeof(struct vgpu_dev_request), (size_t)32);
	KUNIT_EXPECT_EQ(test, sizeof(struct vgpu_dev_response), (size_t)32);
	KUNIT_EXPECT_EQ(test, sizeof(struct vgpu_dev_arg), (size_t)16);
	KUNIT_EXPECT_EQ(test, offsetof(struct vgpu_dev_request, data_length), (size_t)20);
	KUNIT_EXPECT_EQ(test, offsetof(struct vgpu_dev_response, exec_time_us),
			(size_t)20);
	KUNIT_EXPECT_EQ(test, offsetof(struct vgpu_dev_response, retry_us), (size_t)24);
	KUNIT_EXPECT_EQ(test, offsetof(struct vgpu_dev_info, memory_size), (size_t)16);
	KUNIT_EXPECT_EQ(test, offsetof(struct vgpu_dev_info, gpu_name), (size_t)40);
	KUNIT_EXPECT_EQ(test, VGPU_OP_COMPUTE, 1);
	KUNIT_EXPECT_EQ(test, VGPU_OP_GET_DEVICE_INFO, 5);
	KUNIT_EXPECT_EQ(test, VGPU_OP_LAUNCH, 0x18);
	KUNIT_EXPECT_EQ(test, VGPU_ERR_QUARANTINED, 0x0b);
	KUNIT_EXPECT_EQ(test, VGPU_ERR_CANCELED, 0x0f);
}

static struct kunit_case wire_cases[] = {
	KUNIT_CASE_PARAM(wire_decode, wire_head_gen_params),
	KUNIT_CASE(wire_len),
	KUNIT_CASE(wire_range),
	KUNIT_CASE(wire_abi_is_frozen),
	{}
};

static struct kunit_suite wire_suite = {
	.name = "vgpu_wire",
	.test_cases = wire_cases,
};

kunit_test_suite(wire_suite);
