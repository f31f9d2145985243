// SPDX-License-Identifier: GPL-2.0
/*
 * guest/request.c: what a guest believes of a response.  The device is the host's,
 * but a broken one must cost the guest no more than an error.
 */
#include <kunit/test.h>
#include <linux/prandom.h>

#include "../../guest/request.h"

static int guest_request_test_init(struct kunit *test)
{
	test->priv = vgpug_request_alloc();
	KUNIT_ASSERT_NOT_NULL(test, test->priv);
	return 0;
}

static void guest_request_test_exit(struct kunit *test)
{
	if (test->priv)
		vgpug_request_put(test->priv);
}

static int decode(struct kunit *test, u32 count, u32 offset, u32 length, u32 us)
{
	return vgpug_request_decode(test->priv, (u64)offset << 32 | count,
				    (u64)us << 32 | length);
}

static void decode_accepts(struct kunit *test)
{
	struct vgpug_request *r = test->priv;

	KUNIT_EXPECT_EQ(test, decode(test, 0, 0, 0, 0), 0);
	KUNIT_EXPECT_EQ(test, r->data_length, 0);

	KUNIT_EXPECT_EQ(test, decode(test, 1, 36, 8, 7), 0);
	KUNIT_EXPECT_EQ(test, r->result_count, 1);
	KUNIT_EXPECT_EQ(test, r->data_offset, 36);
	KUNIT_EXPECT_EQ(test, r->data_length, 8);
	KUNIT_EXPECT_EQ(test, r->exec_time_us, 7);

	/* all that fits, as results and as data, and data at the very end */
	KUNIT_EXPECT_EQ(test, decode(test, VGPU_RESP_MAX_PAYLOAD / 4, 0, 0, 0), 0);
	KUNIT_EXPECT_EQ(test, decode(test, 0, 32, VGPU_RESP_MAX_PAYLOAD, 0), 0);
	KUNIT_EXPECT_EQ(test, decode(test, 0, VGPU_RESP_BUF_SIZE - 1, 1, 0), 0);
}

static void decode_ignores_offset_of_nothing(struct kunit *test)
{
	struct vgpug_request *r = test->priv;

	KUNIT_EXPECT_EQ(test, decode(test, 2, U32_MAX, 0, 0), 0);
	KUNIT_EXPECT_EQ(test, r->data_offset, 40);
}

static void decode_refuses(struct kunit *test)
{
	static const u32 bad[][3] = {
		/* results, offset, length */
		{ VGPU_RESP_MAX_PAYLOAD / 4 + 1, 0, 0 },
		{ U32_MAX, 0, 0 },
		{ 0x40000000, 32, 4 },	/* its bytes are 0 modulo 2^32 */
		{ 0, 0, 1 },		/* in the head */
		{ 0, 31, 1 },
		{ 1, 32, 4 },		/* in the results */
		{ 0, 32, VGPU_RESP_MAX_PAYLOAD + 1 },
		{ 0, VGPU_RESP_BUF_SIZE, 1 },
		{ 0, U32_MAX, 1 },
		{ 0, 32, U32_MAX },
		{ 0, U32_MAX, U32_MAX },
		{ 0, U32_MAX - 31, 64 },	/* the end is 32 modulo 2^32 */
	};
	struct vgpug_request *r = test->priv;
	u32 i;

	KUNIT_ASSERT_EQ(test, decode(test, 1, 36, 8, 7), 0);
	for (i = 0; i < ARRAY_SIZE(bad); i++)
		KUNIT_EXPECT_EQ_MSG(test,
				    decode(test, bad[i][0], bad[i][1], bad[i][2], 1),
				    -EIO, "row %u", i);
	/* and what was refused has left no trace */
	KUNIT_EXPECT_EQ(test, r->result_count, 1);
	KUNIT_EXPECT_EQ(test, r->data_offset, 36);
	KUNIT_EXPECT_EQ(test, r->data_length, 8);
	KUNIT_EXPECT_EQ(test, r->exec_time_us, 7);
}

/* Whatever the device says: what is accepted lies in the buffer, in order. */
static void decode_random(struct kunit *test)
{
	struct vgpug_request *r = test->priv;
	struct rnd_state rnd;
	u32 i, accepted = 0;

	prandom_seed_state(&rnd, 2026);
	for (i = 0; i < 1000000; i++) {
		/* small numbers as often as any */
		u32 mask = i % 2 ? U32_MAX : 2 * VGPU_RESP_BUF_SIZE - 1;
		u32 count = prandom_u32_state(&rnd) & mask & (i % 4 ? U32_MAX : 0xff);
		u32 offset = prandom_u32_state(&rnd) & mask;
		u32 length = prandom_u32_state(&rnd) & mask;

		if (decode(test, count, offset, length, 0))
			continue;
		accepted++;
		if ((const u8 *)(vgpug_request_results(r) + r->result_count) >
			    (const u8 *)vgpug_request_answer(r) ||
		    (const u8 *)vgpug_request_answer(r) + r->data_length >
			    (const u8 *)(r->words + VGPUG_BUF_WORDS))
			KUNIT_FAIL(test, "accepted %u results, %u bytes at %u",
				   count, length, offset);
	}
	KUNIT_EXPECT_GT(test, accepted, 1000);
}

static void encode_fits(struct kunit *test)
{
	KUNIT_EXPECT_TRUE(test, vgpug_request_fits(0, VGPU_REQ_MAX_PAYLOAD));
	KUNIT_EXPECT_FALSE(test, vgpug_request_fits(0, VGPU_REQ_MAX_PAYLOAD + 1));
	KUNIT_EXPECT_TRUE(test, vgpug_request_fits(VGPU_REQ_MAX_PAYLOAD / 4, 0));
	KUNIT_EXPECT_FALSE(test, vgpug_request_fits(VGPU_REQ_MAX_PAYLOAD / 4, 1));
	KUNIT_EXPECT_FALSE(test, vgpug_request_fits(0x40000000, 0));
	KUNIT_EXPECT_FALSE(test, vgpug_request_fits(U32_MAX, U32_MAX));
}

static struct kunit_case guest_request_cases[] = {
	KUNIT_CASE(decode_accepts),
	KUNIT_CASE(decode_ignores_offset_of_nothing),
	KUNIT_CASE(decode_refuses),
	KUNIT_CASE(decode_random),
	KUNIT_CASE(encode_fits),
	{}
};

static struct kunit_suite guest_request_suite = {
	.name = "vgpu_guest_request",
	.init = guest_request_test_init,
	.exit = guest_request_test_exit,
	.test_cases = guest_request_cases,
};

kunit_test_suite(guest_request_suite);
