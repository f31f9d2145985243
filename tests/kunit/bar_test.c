// SPDX-License-Identifier: GPL-2.0
/*
 * BAR accesses: each width at each alignment, against a byte image and a model
 * of who takes a write.
 */
#include <kunit/test.h>
#include <linux/string.h>
#include <linux/unaligned.h>

#include "bar.h"
#include "fixture.h"

/* No VMM is wider; the driver takes anything */
static const u32 bar_widths[] = { 1, 2, 4, 8, 3, 16 };

static void bar_width_desc(const u32 *width, char *desc)
{
	snprintf(desc, KUNIT_PARAM_DESC_SIZE, "width %u", *width);
}

KUNIT_ARRAY_PARAM(bar_width, bar_widths, bar_width_desc);

/**
 * struct bar_register - a register of BAR0
 * @offset: where it is
 * @writable: bits that keep what is written
 * @clear: bits that writing 1 clears
 */
struct bar_register {
	u32 offset;
	u32 writable;
	u32 clear;
};

static const struct bar_register bar_registers[] = {
	{ 0x004, 0, 0 }, { 0x008, 0, 0 }, { 0x00c, 0, 0 }, { 0x010, 0, 0 },
	{ 0x014, 0, 0 }, { 0x018, ~0U, 0 }, { 0x01c, 0, 0 }, { 0x020, 0, 0 },
	{ 0x024, 0, 0 }, { 0x028, 1, 0 }, { 0x02c, 0, ~0U }, { 0x030, ~0U, 0 },
	{ 0x034, 0, 0 }, { 0x038, 0, 0 }, { 0x03c, ~0U, 0 },
	{ 0x840, 0, 0 }, { 0x844, 0, 0 }, { 0x848, 0, 0 }, { 0x84c, 0, 0 },
	{ 0x850, ~0U, 0 }, { 0x854, ~0U, 0 }, { 0x85c, 0, 0 }, { 0x860, 0, 0 },
	{ 0xffc, 0, 0 },
};

/* a mailbox in which every register and every byte has a value of its own */
static struct vgpu *bar_vgpu(struct kunit *test)
{
	struct vgpu_fixture *f = test->priv;
	struct vgpu *vgpu = &f->v[1].vgpu;
	struct vgpu_mailbox *mailbox = &vgpu->mailbox;
	u32 i;

	mailbox->regs.status = VGPU_STATUS_ERROR;
	mailbox->regs.error_code = VGPU_ERR_RATE_LIMITED;
	mailbox->regs.request_len = 0x18191a1b;
	mailbox->regs.response_len = 0x1c1d1e1f;
	mailbox->regs.irq_ctrl = VGPU_IRQ_COMPLETE;
	mailbox->regs.irq_status = VGPU_IRQ_COMPLETE;
	mailbox->regs.request_id = 0x30313233;
	mailbox->regs.scratch = 0x3c3d3e3f;
	mailbox->regs.timestamp_ns = 0x38393a3b34353637ULL;
	mailbox->regs.accepted = 0x5455565750515253ULL;
	for (i = 0; i < VGPU_REQ_BUF_SIZE; i++) {
		mailbox->request[i] = i * 7 + 1;
		mailbox->response[i] = i * 11 + 2;
	}
	return vgpu;
}

/* what a guest should read, in bare numbers */
static void bar_image(u8 *image)
{
	static const u32 head[] = {
		0, 3, 'A', 1, 2, 0x0a, 0x18191a1b, 0x1c1d1e1f, 0x00010000, 3, 1,
		1, 0x30313233, 0x34353637, 0x38393a3b, 0x3c3d3e3f,
	};
	u32 i;

	memset(image, 0, 0x1000);
	for (i = 0; i < ARRAY_SIZE(head); i++)
		put_unaligned_le32(head[i], image + 4 * i);
	for (i = 0; i < 0x400; i++) {
		image[0x40 + i] = i * 7 + 1;
		image[0x440 + i] = i * 11 + 2;
	}
	put_unaligned_le32(0x55504756, image + 0x840);
	put_unaligned_le32(1, image + 0x844);
	put_unaligned_le32(0x1f, image + 0x848);
	put_unaligned_le64(0x5455565750515253ULL, image + 0x850);
}

static void bar_expect_image(struct kunit *test, struct vgpu *vgpu, const u8 *image)
{
	u8 *bytes = kunit_kzalloc(test, 0x1000, GFP_KERNEL);
	u32 i;

	KUNIT_ASSERT_NOT_NULL(test, bytes);
	vgpu_bar0_read(vgpu, 0, bytes, 0x1000);
	for (i = 0; i < 0x1000; i++) {
		if (bytes[i] != image[i])
			KUNIT_FAIL(test, "byte 0x%x is 0x%02x, not 0x%02x", i,
				   bytes[i], image[i]);
	}
	kunit_kfree(test, bytes);
}

static u8 *bar_image_alloc(struct kunit *test)
{
	u8 *image = kunit_kzalloc(test, 0x1000, GFP_KERNEL);

	KUNIT_ASSERT_NOT_NULL(test, image);
	bar_image(image);
	return image;
}

static void bar0_initial_values(struct kunit *test)
{
	struct vgpu_fixture *f = test->priv;
	u8 *image = bar_image_alloc(test);

	memset(image, 0, 0x840);
	put_unaligned_le64(0, image + 0x850);
	put_unaligned_le32('A', image + 0x008);
	put_unaligned_le32(1, image + 0x00c);
	put_unaligned_le32(1, image + 0x010);
	put_unaligned_le32(0x00010000, image + 0x020);
	put_unaligned_le32(3, image + 0x024);
	bar_expect_image(test, &f->v[0].vgpu, image);
	/* the other vGPU is another device */
	put_unaligned_le32(2, image + 0x010);
	bar_expect_image(test, &f->v[1].vgpu, image);
}

static void bar0_read_matrix(struct kunit *test)
{
	const u32 *width = test->param_value;
	struct vgpu *vgpu = bar_vgpu(test);
	u8 *image = bar_image_alloc(test), bytes[17];
	u32 at;

	for (at = 0; at + *width <= 0x1000; at++) {
		memset(bytes, 0xee, sizeof(bytes));
		vgpu_bar0_read(vgpu, at, bytes, *width);
		if (memcmp(bytes, image + at, *width))
			KUNIT_FAIL(test, "0x%x", at);
		KUNIT_ASSERT_EQ(test, bytes[*width], 0xeeU);
	}
	/* reading has no side effect */
	bar_expect_image(test, vgpu, image);
	KUNIT_EXPECT_EQ(test, vgpu_counter(vgpu, VGPU_COUNT_BAD_BAR), 0ULL);
	KUNIT_EXPECT_EQ(test, vgpu_fixture_requests(vgpu), 0ULL);
}

/*
 * Write [at, at + len) to the image; return how many words and parts of words
 * nobody takes.
 */
static u32 bar_image_write(u8 *image, u32 at, const u8 *bytes, u32 len)
{
	u32 end = at + len, bad = 0, word, i;

	for (word = at & ~3U; word < end; word += 4) {
		const struct bar_register *reg = NULL;
		u32 old, new;

		if (word >= 0x40 && word < 0x440) {
			for (i = max(word, at); i < min(word + 4, end); i++)
				image[i] = bytes[i - at];
			continue;
		}
		for (i = 0; i < ARRAY_SIZE(bar_registers); i++) {
			if (bar_registers[i].offset == word)
				reg = &bar_registers[i];
		}
		if (word < at || word + 4 > end || !reg ||
		    !(reg->writable | reg->clear)) {
			bad++;
			continue;
		}
		old = get_unaligned_le32(image + word);
		new = get_unaligned_le32(bytes + word - at);
		new = (old & ~reg->writable & ~(reg->clear & new)) |
		      (new & reg->writable);
		put_unaligned_le32(new, image + word);
	}
	return bad;
}

/* does the write cover all of the doorbell? */
static bool bar_rings(u32 at, u32 len)
{
	return !at && len >= 4;
}

static void bar0_write_matrix(struct kunit *test)
{
	const u32 *width = test->param_value;
	struct vgpu *vgpu = bar_vgpu(test);
	u8 *image = bar_image_alloc(test), bytes[16], now[20];
	u32 at, i, value;
	u64 before, bad;

	for (at = 0; at + *width <= 0x1000; at++) {
		/* RW1C needs something to clear, each time */
		vgpu->mailbox.regs.irq_status = VGPU_IRQ_COMPLETE;
		put_unaligned_le32(VGPU_IRQ_COMPLETE, image + 0x2c);
		for (i = 0; i < *width; i++) {
			value = at * 29 + i * 17 + 3;
			bytes[i] = value;
		}
		if (bar_rings(at, *width))
			continue;
		before = vgpu_counter(vgpu, VGPU_COUNT_BAD_BAR);
		bad = bar_image_write(image, at, bytes, *width);
		vgpu_bar0_write(vgpu, at, bytes, *width);
		if (vgpu_counter(vgpu, VGPU_COUNT_BAD_BAR) - before != bad)
			KUNIT_FAIL(test, "0x%x: %llu ignored, not %llu", at,
				   vgpu_counter(vgpu, VGPU_COUNT_BAD_BAR) - before, bad);
		/* the words around; the whole at the end */
		i = min(at & ~3U, 0x1000U - (u32)sizeof(now));
		vgpu_bar0_read(vgpu, i, now, sizeof(now));
		if (memcmp(now, image + i, sizeof(now)))
			KUNIT_FAIL(test, "0x%x: wrong effect", at);
	}
	bar_expect_image(test, vgpu, image);
	KUNIT_EXPECT_EQ(test, vgpu_fixture_requests(vgpu), 0ULL);
}

/* ~0 and 0 to each register: what is writable is exactly the table's */
static void bar0_register_masks(struct kunit *test)
{
	struct vgpu *vgpu = bar_vgpu(test);
	u8 *image = bar_image_alloc(test), bytes[4];
	u32 i;

	for (i = 0; i < ARRAY_SIZE(bar_registers); i++) {
		u32 reg = bar_registers[i].offset;

		put_unaligned_le32(~0U, bytes);
		bar_image_write(image, reg, bytes, 4);
		vgpu_reg_set(vgpu, reg, ~0U);
		KUNIT_EXPECT_EQ_MSG(test, vgpu_reg(vgpu, reg),
				    get_unaligned_le32(image + reg), "0x%x", reg);
		put_unaligned_le32(0, bytes);
		bar_image_write(image, reg, bytes, 4);
		vgpu_reg_set(vgpu, reg, 0);
		KUNIT_EXPECT_EQ_MSG(test, vgpu_reg(vgpu, reg),
				    get_unaligned_le32(image + reg), "0x%x", reg);
	}
	bar_expect_image(test, vgpu, image);
}

static void bar0_irq_status_rw1c(struct kunit *test)
{
	struct vgpu *vgpu = bar_vgpu(test);
	u8 half[2] = { 0xff, 0xff };

	vgpu_reg_set(vgpu, VGPU_REG_IRQ_STATUS, 0);
	KUNIT_EXPECT_EQ(test, vgpu_reg(vgpu, VGPU_REG_IRQ_STATUS), 1U);
	vgpu_reg_set(vgpu, VGPU_REG_IRQ_STATUS, ~1U);
	KUNIT_EXPECT_EQ(test, vgpu_reg(vgpu, VGPU_REG_IRQ_STATUS), 1U);
	vgpu_bar0_write(vgpu, VGPU_REG_IRQ_STATUS, half, sizeof(half));
	KUNIT_EXPECT_EQ(test, vgpu_reg(vgpu, VGPU_REG_IRQ_STATUS), 1U);
	vgpu_reg_set(vgpu, VGPU_REG_IRQ_STATUS, 1);
	KUNIT_EXPECT_EQ(test, vgpu_reg(vgpu, VGPU_REG_IRQ_STATUS), 0U);
}

/* only a write of the whole doorbell rings, and any value does */
static void bar0_doorbell_widths(struct kunit *test)
{
	struct vgpu_fixture *f = test->priv;
	struct vgpu *vgpu = &f->v[0].vgpu;
	u8 bytes[16] = {};
	u64 rings = 0, bad;
	u32 at, len;

	for (len = 1; len <= sizeof(bytes); len++) {
		for (at = 0; at < 4; at++) {
			vgpu->mailbox.regs.request_len = 0;
			bad = vgpu_counter(vgpu, VGPU_COUNT_BAD_BAR);
			vgpu_bar0_write(vgpu, at, bytes, len);
			rings += bar_rings(at, len);
			KUNIT_ASSERT_EQ_MSG(test, rings,
					    vgpu_fixture_requests(vgpu),
					    "%u bytes at %u", len, at);
			if (!bar_rings(at, len))
				KUNIT_EXPECT_GT(test,
						vgpu_counter(vgpu, VGPU_COUNT_BAD_BAR),
						bad);
		}
	}
	KUNIT_EXPECT_EQ(test, rings, (u64)sizeof(bytes) - 3);
	KUNIT_EXPECT_EQ(test, vgpu_reg(vgpu, VGPU_REG_DOORBELL), 0U);
}

/* one access that writes a request, its length and everything between */
static void bar0_spanning_write(struct kunit *test)
{
	struct vgpu *vgpu = bar_vgpu(test);
	u8 *image = bar_image_alloc(test), *bytes;
	u32 i, bad;

	bytes = kunit_kzalloc(test, 0x1000, GFP_KERNEL);
	KUNIT_ASSERT_NOT_NULL(test, bytes);
	for (i = 0; i < 0x1000; i++)
		bytes[i] = i * 13 + 5;
	/* from the second byte of STATUS to the last but one of BAR0 */
	bad = bar_image_write(image, 5, bytes, 0x1000 - 6);
	vgpu_bar0_write(vgpu, 5, bytes, 0x1000 - 6);
	bar_expect_image(test, vgpu, image);
	KUNIT_EXPECT_EQ(test, vgpu_counter(vgpu, VGPU_COUNT_BAD_BAR), (u64)bad);
}

static void bar0_response_is_read_only(struct kunit *test)
{
	struct vgpu *vgpu = bar_vgpu(test);
	u8 *image = bar_image_alloc(test), zero[64] = {};
	u32 at;

	for (at = 0x440; at < 0x840; at += sizeof(zero))
		vgpu_bar0_write(vgpu, at, zero, sizeof(zero));
	bar_expect_image(test, vgpu, image);
	KUNIT_EXPECT_GE(test, vgpu_counter(vgpu, VGPU_COUNT_BAD_BAR), 16ULL);
}

static void bar0_request_buffer_edges(struct kunit *test)
{
	struct vgpu *vgpu = bar_vgpu(test);
	u8 *image = bar_image_alloc(test);
	static const u8 bytes[8] = { 1, 2, 3, 4, 5, 6, 7, 8 };

	/* SCRATCH and the first word; the last word and the response */
	vgpu_bar0_write(vgpu, 0x3c, bytes, 8);
	memcpy(image + 0x3c, bytes, 8);
	vgpu_bar0_write(vgpu, 0x43c, bytes, 8);
	memcpy(image + 0x43c, bytes, 4);
	bar_expect_image(test, vgpu, image);
	/* half of SCRATCH is no write to it */
	vgpu_bar0_write(vgpu, 0x3e, bytes + 4, 4);
	memcpy(image + 0x40, bytes + 6, 2);
	bar_expect_image(test, vgpu, image);
}

static void bar2_doorbells(struct kunit *test)
{
	struct vgpu *vgpu = bar_vgpu(test);
	u8 *image = bar_image_alloc(test), bytes[8] = { 1, 1, 1, 1, 1, 1, 1, 1 };
	u32 page;

	for (page = 0; page < 0x10000; page += 0x1000) {
		vgpu_bar2_write(vgpu, page, bytes, 4);
		vgpu_bar2_write(vgpu, page + 0xff8, bytes, 8);
		memset(bytes, 0xff, sizeof(bytes));
		vgpu_bar2_read(vgpu, page, bytes, 8);
		KUNIT_EXPECT_EQ(test, get_unaligned_le64(bytes), 0ULL);
		memset(bytes, 1, sizeof(bytes));
	}
	KUNIT_EXPECT_EQ(test, vgpu_counter(vgpu, VGPU_COUNT_BAD_BAR), 32ULL);
	KUNIT_EXPECT_EQ(test, vgpu_fixture_requests(vgpu), 0ULL);
	bar_expect_image(test, vgpu, image);
}

static void bar4_table_is_stored(struct kunit *test)
{
	const u32 *width = test->param_value, size = 17 * 16;
	struct vgpu_fixture *f = test->priv;
	struct vgpu *vgpu = &f->v[0].vgpu;
	u8 *want = kunit_kzalloc(test, 0x2000, GFP_KERNEL);
	u8 *got = kunit_kzalloc(test, 0x2000, GFP_KERNEL), bytes[16];
	u64 bad = 0;
	u32 at, i;

	KUNIT_ASSERT_NOT_NULL(test, want);
	KUNIT_ASSERT_NOT_NULL(test, got);
	for (at = 0; at + *width <= 0x2000; at++) {
		for (i = 0; i < *width; i++) {
			bytes[i] = at * 3 + i * 5 + 1;
			if (at + i < size)
				want[at + i] = bytes[i];
		}
		bad += at >= size;
		vgpu_bar4_write(vgpu, at, bytes, *width);
	}
	memset(got, 0xff, 0x2000);
	vgpu_bar4_read(vgpu, 0, got, 0x2000);
	KUNIT_EXPECT_EQ(test, memcmp(got, want, 0x2000), 0);
	KUNIT_EXPECT_EQ(test, vgpu_counter(vgpu, VGPU_COUNT_BAD_BAR), bad);
	for (at = 0; at + *width <= 0x2000; at++) {
		memset(bytes, 0xff, sizeof(bytes));
		vgpu_bar4_read(vgpu, at, bytes, *width);
		if (memcmp(bytes, want + at, *width))
			KUNIT_FAIL(test, "0x%x", at);
	}
	/* a reset clears it; it is nobody else's */
	vgpu_bar4_read(&f->v[1].vgpu, 0, got, 0x2000);
	KUNIT_EXPECT_PTR_EQ(test, memchr_inv(got, 0, 0x2000), NULL);
	vgpu_reset(vgpu);
	vgpu_bar4_read(vgpu, 0, got, 0x2000);
	KUNIT_EXPECT_PTR_EQ(test, memchr_inv(got, 0, 0x2000), NULL);
}

static struct kunit_case bar_cases[] = {
	KUNIT_CASE(bar0_initial_values),
	KUNIT_CASE_PARAM(bar0_read_matrix, bar_width_gen_params),
	KUNIT_CASE_PARAM(bar0_write_matrix, bar_width_gen_params),
	KUNIT_CASE(bar0_register_masks),
	KUNIT_CASE(bar0_irq_status_rw1c),
	KUNIT_CASE(bar0_doorbell_widths),
	KUNIT_CASE(bar0_spanning_write),
	KUNIT_CASE(bar0_response_is_read_only),
	KUNIT_CASE(bar0_request_buffer_edges),
	KUNIT_CASE(bar2_doorbells),
	KUNIT_CASE_PARAM(bar4_table_is_stored, bar_width_gen_params),
	{}
};

/* nothing of the extension block is enabled */
static int bar_init(struct kunit *test)
{
	struct vgpu_fixture *f;
	int ret = vgpu_fixture_init(test);
	u32 i;

	f = test->priv;
	for (i = 0; !ret && i < ARRAY_SIZE(f->v); i++)
		vgpu_reset(&f->v[i].vgpu);
	return ret;
}

static struct kunit_suite bar_suite = {
	.name = "vgpu_bar",
	.init = bar_init,
	.exit = vgpu_fixture_exit,
	.test_cases = bar_cases,
};

kunit_test_suite(bar_suite);
