// SPDX-License-Identifier: GPL-2.0
/*
 * PCI config space against what the PCI specifications say of it, in bare
 * numbers: a mistake in a name or a mask of config_space.c doesn't repeat here.
 */
#include <kunit/test.h>
#include <linux/string.h>
#include <linux/unaligned.h>
#include <linux/vgpu_dev.h>

#include "config_space.h"

#define CONFIG_SIZE	4096

/**
 * struct config_expect - bytes that are not simply 0 and read-only
 * @offset: the first
 * @size: how many
 * @value: after reset
 * @writable: bits that keep what is written
 * @clear: bits that writing 1 clears
 */
struct config_expect {
	u16 offset;
	u8 size;
	u32 value;
	u32 writable;
	u32 clear;
};

static const struct config_expect config_expects[] = {
	{ 0x00, 2, 0x1af4, 0, 0 },			/* vendor */
	{ 0x02, 2, 0x10f0, 0, 0 },			/* device */
	{ 0x04, 2, 0, 0x0546, 0 },			/* command */
	{ 0x06, 2, 0x0010, 0, 0xf900 },			/* status */
	{ 0x08, 4, 0x12000001, 0, 0 },			/* class, revision */
	{ 0x0c, 1, 0, 0xff, 0 },			/* cache line */
	{ 0x10, 4, 0x00000000, 0xfffff000, 0 },		/* BAR0, 4 KiB, 32-bit */
	{ 0x18, 4, 0x00000004, 0xffff0000, 0 },		/* BAR2, 64 KiB, 64-bit */
	{ 0x1c, 4, 0, 0xffffffff, 0 },
	{ 0x20, 4, 0x00000004, 0xffffe000, 0 },		/* BAR4, 8 KiB, 64-bit */
	{ 0x24, 4, 0, 0xffffffff, 0 },
	{ 0x2c, 2, 0x1af4, 0, 0 },			/* subsystem vendor */
	{ 0x2e, 2, 0x0001, 0, 0 },			/* subsystem */
	{ 0x34, 1, 0x40, 0, 0 },			/* capabilities */
	{ 0x3c, 1, 0, 0xff, 0 },			/* interrupt line */

	{ 0x40, 2, 0x4801, 0, 0 },			/* power management */
	{ 0x42, 2, 0x0003, 0, 0 },
	{ 0x44, 2, 0x0008, 0x0003, 0 },

	{ 0x48, 2, 0x5805, 0, 0 },			/* MSI, 64-bit, 1 vector */
	{ 0x4a, 2, 0x0080, 0x0001, 0 },
	{ 0x4c, 4, 0, 0xfffffffc, 0 },
	{ 0x50, 4, 0, 0xffffffff, 0 },
	{ 0x54, 2, 0, 0xffff, 0 },

	{ 0x58, 2, 0x6411, 0, 0 },			/* MSI-X, 17 vectors in BAR4 */
	{ 0x5a, 2, 0x0010, 0xc000, 0 },
	{ 0x5c, 4, 0x00000004, 0, 0 },
	{ 0x60, 4, 0x00001004, 0, 0 },

	{ 0x64, 2, 0x7809, 0, 0 },			/* vendor-specific */
	{ 0x66, 2, 0x0110, 0, 0 },
	{ 0x68, 4, 0x55504756, 0, 0 },
	{ 0x6c, 4, 0x00010000, 0, 0 },
	{ 0x70, 4, 1, 0, 0 },

	{ 0x78, 2, 0x0010, 0, 0 },			/* PCI Express endpoint */
	{ 0x7a, 2, 0x0002, 0, 0 },
	{ 0x7c, 4, 0x10008000, 0, 0 },
	{ 0x80, 2, 0x0810, 0x78ff, 0 },			/* 0x8000 is the FLR bit */
	{ 0x82, 2, 0, 0, 0x000f },
	{ 0x84, 4, 0x00000011, 0, 0 },
	{ 0x88, 2, 0, 0x00c8, 0 },
	{ 0x8a, 2, 0x0011, 0, 0 },
};

/**
 * struct config_model - the same, by byte
 * @value: now
 * @writable: bits that keep what is written
 * @clear: bits that writing 1 clears
 * @taken: bytes whose field takes a write
 */
struct config_model {
	u8 value[CONFIG_SIZE];
	u8 writable[CONFIG_SIZE];
	u8 clear[CONFIG_SIZE];
	bool taken[CONFIG_SIZE];
};

/**
 * struct config_fixture - &kunit.priv
 * @config: what is tested
 * @model: what it should be
 * @bytes: room for all of it
 */
struct config_fixture {
	struct vgpu_config config;
	struct config_model model;
	u8 bytes[CONFIG_SIZE];
};

static void config_model_init(struct config_model *model)
{
	u32 i, j;

	memset(model, 0, sizeof(*model));
	for (i = 0; i < ARRAY_SIZE(config_expects); i++) {
		const struct config_expect *e = &config_expects[i];

		for (j = 0; j < e->size; j++) {
			model->value[e->offset + j] = e->value >> 8 * j;
			model->writable[e->offset + j] = e->writable >> 8 * j;
			model->clear[e->offset + j] = e->clear >> 8 * j;
			model->taken[e->offset + j] = e->writable | e->clear;
		}
	}
}

static bool config_model_write(struct config_model *model, u32 offset,
			       const u8 *bytes, u32 len)
{
	bool taken = true;
	u32 i;

	for (i = 0; i < len; i++, offset++) {
		u8 keep = ~model->writable[offset] & ~(model->clear[offset] & bytes[i]);

		model->value[offset] = (model->value[offset] & keep) |
				       (bytes[i] & model->writable[offset]);
		taken = taken && model->taken[offset];
	}
	return taken;
}

static int config_init(struct kunit *test)
{
	struct config_fixture *f = kunit_kzalloc(test, sizeof(*f), GFP_KERNEL);

	if (!f)
		return -ENOMEM;
	vgpu_config_init(&f->config);
	config_model_init(&f->model);
	test->priv = f;
	return 0;
}

static u32 config_get(struct kunit *test, u32 offset, u32 len)
{
	struct config_fixture *f = test->priv;
	u8 bytes[4] = {};

	vgpu_config_read(&f->config, offset, bytes, len);
	return get_unaligned_le32(bytes);
}

/* Return whether every byte was taken; no FLR must come of it. */
static bool config_set(struct kunit *test, u32 offset, u32 len, u32 value)
{
	struct config_fixture *f = test->priv;
	bool flr = false, taken;
	u8 bytes[4];

	put_unaligned_le32(value, bytes);
	taken = vgpu_config_write(&f->config, offset, bytes, len, &flr);
	KUNIT_EXPECT_FALSE(test, flr);
	return taken;
}

/* every byte is what the model says */
static void config_expect_model(struct kunit *test)
{
	struct config_fixture *f = test->priv;
	u32 i;

	memset(f->bytes, 0x5a, sizeof(f->bytes));
	vgpu_config_read(&f->config, 0, f->bytes, CONFIG_SIZE);
	for (i = 0; i < CONFIG_SIZE; i++) {
		if (f->bytes[i] != f->model.value[i])
			KUNIT_FAIL(test, "byte 0x%x is 0x%02x, not 0x%02x", i,
				   f->bytes[i], f->model.value[i]);
	}
}

static void config_identity(struct kunit *test)
{
	KUNIT_EXPECT_EQ(test, config_get(test, 0x00, 4), 0x10f01af4U);
	KUNIT_EXPECT_EQ(test, config_get(test, 0x08, 4), 0x12000001U);
	KUNIT_EXPECT_EQ(test, config_get(test, 0x2c, 4), 0x00011af4U);
	/* type 0, one function; no BIST; no interrupt pin; no CardBus */
	KUNIT_EXPECT_EQ(test, config_get(test, 0x0e, 2), 0U);
	KUNIT_EXPECT_EQ(test, config_get(test, 0x3d, 1), 0U);
	KUNIT_EXPECT_EQ(test, config_get(test, 0x28, 4), 0U);
}

static void config_initial_values(struct kunit *test)
{
	config_expect_model(test);
}

static void config_capabilities(struct kunit *test)
{
	/* id and bytes of each, in any order */
	static const struct {
		u8 id;
		u8 size;
	} want[] = { { 1, 8 }, { 5, 14 }, { 0x11, 12 }, { 9, 16 }, { 0x10, 0x3c } };
	u32 seen = 0, bytes_used = 0, cap = config_get(test, 0x34, 1), id, i;
	DECLARE_BITMAP(used, 256);

	/* the status register says that there is a list */
	KUNIT_EXPECT_EQ(test, config_get(test, 0x06, 2) & 0x10, 0x10U);
	bitmap_zero(used, 256);
	bitmap_set(used, 0, 64);
	for (; cap; cap = config_get(test, cap + 1, 1)) {
		KUNIT_ASSERT_EQ(test, cap % 4, 0U);
		KUNIT_ASSERT_GE(test, cap, 0x40U);
		KUNIT_ASSERT_FALSE_MSG(test, test_bit(cap, used), "a loop at 0x%x", cap);
		id = config_get(test, cap, 1);
		for (i = 0; i < ARRAY_SIZE(want); i++) {
			if (want[i].id == id)
				break;
		}
		KUNIT_ASSERT_LT_MSG(test, i, (u32)ARRAY_SIZE(want), "capability 0x%x", id);
		KUNIT_EXPECT_FALSE(test, seen & 1U << i);
		seen |= 1U << i;
		KUNIT_ASSERT_LE(test, cap + want[i].size, 256U);
		KUNIT_EXPECT_GE(test, find_next_bit(used, cap + want[i].size, cap),
				(unsigned long)(cap + want[i].size));
		bitmap_set(used, cap, want[i].size);
		bytes_used += want[i].size;
	}
	KUNIT_EXPECT_EQ(test, seen, (1U << ARRAY_SIZE(want)) - 1);
	KUNIT_EXPECT_EQ(test, bitmap_weight(used, 256), (int)(64 + bytes_used));
}

/* the capability as a tool finds it: by id, then by its fields' offsets */
static u32 config_find_cap(struct kunit *test, u32 id)
{
	u32 cap = config_get(test, 0x34, 1), left = 48;

	while (cap && left-- && config_get(test, cap, 1) != id)
		cap = config_get(test, cap + 1, 1);
	KUNIT_ASSERT_NE(test, cap, 0U);
	return cap;
}

static void config_vendor_capability(struct kunit *test)
{
	u32 cap = config_find_cap(test, 9);

	KUNIT_EXPECT_EQ(test, config_get(test, cap + 2, 1), (u32)VGPU_PCI_VNDR_LEN);
	KUNIT_EXPECT_EQ(test, config_get(test, cap + 3, 1), (u32)VGPU_PCI_VNDR_TYPE);
	KUNIT_EXPECT_EQ(test, config_get(test, cap + VGPU_PCI_VNDR_MAGIC, 4),
			VGPU_MAGIC);
	KUNIT_EXPECT_EQ(test, config_get(test, cap + VGPU_PCI_VNDR_ABI, 4),
			VGPU_PROTOCOL_VERSION);
	KUNIT_EXPECT_EQ(test, config_get(test, cap + VGPU_PCI_VNDR_RING_ABI, 4),
			VGPU_RING_ABI_VERSION);
}

static void config_msix_in_bar4(struct kunit *test)
{
	u32 cap = config_find_cap(test, 0x11);
	u32 table = config_get(test, cap + 4, 4), pba = config_get(test, cap + 8, 4);
	u32 n = (config_get(test, cap + 2, 2) & 0x7ff) + 1;

	KUNIT_EXPECT_EQ(test, n, (u32)VGPU_MSIX_VECTORS);
	KUNIT_EXPECT_EQ(test, table & 7, 4U);
	KUNIT_EXPECT_EQ(test, pba & 7, 4U);
	KUNIT_EXPECT_LE(test, (table & ~7U) + 16 * n, pba & ~7U);
	KUNIT_EXPECT_LE(test, (pba & ~7U) + 8, (u32)VGPU_BAR4_SIZE);
}

/**
 * struct config_bar - a base address register
 * @offset: of the register
 * @sized: what it reads after ~0 was written
 * @type: what it reads after 0 was written
 * @name: for people
 */
struct config_bar {
	u32 offset;
	u32 sized;
	u32 type;
	const char *name;
};

static const struct config_bar config_bars[] = {
	{ 0x10, 0xfffff000, 0, "BAR0: 4 KiB, 32-bit" },
	{ 0x14, 0x00000000, 0, "BAR1: absent" },
	{ 0x18, 0xffff0004, 4, "BAR2: 64 KiB, 64-bit" },
	{ 0x1c, 0xffffffff, 0, "BAR2 high half" },
	{ 0x20, 0xffffe004, 4, "BAR4: 8 KiB, 64-bit" },
	{ 0x24, 0xffffffff, 0, "BAR4 high half" },
	{ 0x30, 0x00000000, 0, "ROM: absent" },
};

static void config_bar_desc(const struct config_bar *bar, char *desc)
{
	strscpy(desc, bar->name, KUNIT_PARAM_DESC_SIZE);
}

KUNIT_ARRAY_PARAM(config_bar, config_bars, config_bar_desc);

static void config_bar_sizing(struct kunit *test)
{
	const struct config_bar *bar = test->param_value;
	u32 width, at;

	for (width = 4; width; width /= 2) {
		config_set(test, bar->offset, 4, 0);
		KUNIT_EXPECT_EQ(test, config_get(test, bar->offset, 4), bar->type);
		for (at = 0; at < 4; at += width)
			config_set(test, bar->offset + at, width, ~0U);
		KUNIT_EXPECT_EQ_MSG(test, config_get(test, bar->offset, 4),
				    bar->sized, "in pieces of %u", width);
		for (at = 0; at < 4; at += width)
			KUNIT_EXPECT_EQ(test, config_get(test, bar->offset + at, width),
					(u32)(bar->sized >> 8 * at &
					      (0xffffffffULL >> 8 * (4 - width))));
	}
}

/* an address is kept and can be put back after sizing, one half at a time */
static void config_bar_address(struct kunit *test)
{
	config_set(test, 0x10, 4, 0xfebd1000);
	config_set(test, 0x18, 4, 0x4321abcd);
	config_set(test, 0x1c, 4, 0x00000007);
	KUNIT_EXPECT_EQ(test, config_get(test, 0x10, 4), 0xfebd1000U);
	KUNIT_EXPECT_EQ(test, config_get(test, 0x18, 4), 0x43210004U);
	KUNIT_EXPECT_EQ(test, config_get(test, 0x1c, 4), 7U);

	config_set(test, 0x1c, 4, ~0U);
	KUNIT_EXPECT_EQ(test, config_get(test, 0x18, 4), 0x43210004U);
	config_set(test, 0x1c, 4, 7);
	config_set(test, 0x18, 4, ~0U);
	KUNIT_EXPECT_EQ(test, config_get(test, 0x1c, 4), 7U);
	/* neighbours are other BARs */
	KUNIT_EXPECT_EQ(test, config_get(test, 0x10, 4), 0xfebd1000U);
	KUNIT_EXPECT_EQ(test, config_get(test, 0x20, 4), 4U);
}

/* write ~0, then 0, then a pattern, to all of it, in pieces of one width */
static void config_sweep(struct kunit *test)
{
	static const u8 patterns[] = { 0xff, 0x00, 0xa5, 0x5a };
	const u32 *width = test->param_value;
	struct config_fixture *f = test->priv;
	u8 bytes[8];
	u32 i, at;

	for (i = 0; i < ARRAY_SIZE(patterns); i++) {
		memset(bytes, patterns[i], sizeof(bytes));
		for (at = 0; at + *width <= CONFIG_SIZE; at += *width) {
			bool flr = false;
			bool want = config_model_write(&f->model, at, bytes, *width);
			bool taken = vgpu_config_write(&f->config, at, bytes,
						       *width, &flr);

			if (taken != want)
				KUNIT_FAIL(test, "0x%x was %staken", at,
					   taken ? "" : "not ");
			if (flr != (at <= 0x81 && at + *width > 0x81 &&
				    patterns[i] & 0x80))
				KUNIT_FAIL(test, "FLR at 0x%x: %d", at, flr);
		}
		config_expect_model(test);
	}
}

static const u32 config_widths[] = { 1, 2, 3, 4, 5, 7, 8 };

static void config_width_desc(const u32 *width, char *desc)
{
	snprintf(desc, KUNIT_PARAM_DESC_SIZE, "width %u", *width);
}

KUNIT_ARRAY_PARAM(config_width, config_widths, config_width_desc);

static void config_read_any_alignment(struct kunit *test)
{
	const u32 *width = test->param_value;
	struct config_fixture *f = test->priv;
	u8 bytes[8];
	u32 at;

	/* so that there is something to tell apart */
	for (at = 0; at < 256; at++)
		f->config.reg[at] = at ^ 0x5c;
	for (at = 0; at < 256; at++)
		f->model.value[at] = at ^ 0x5c;
	for (at = 0; at + *width <= 512; at++) {
		memset(bytes, 0xee, sizeof(bytes));
		vgpu_config_read(&f->config, at, bytes, *width);
		if (memcmp(bytes, f->model.value + at, *width))
			KUNIT_FAIL(test, "0x%x", at);
		if (*width < 8)
			KUNIT_ASSERT_EQ(test, bytes[*width], 0xeeU);
	}
}

static void config_read_only_bytes(struct kunit *test)
{
	struct config_fixture *f = test->priv;
	u32 at;

	for (at = 0; at < CONFIG_SIZE; at++) {
		if (f->model.writable[at] || f->model.clear[at])
			continue;
		/* the byte of a wider field may count as taken; it must not change */
		if (config_set(test, at, 1, 0xff) && !f->model.taken[at])
			KUNIT_FAIL(test, "0x%x was taken", at);
	}
	config_expect_model(test);
}

static void config_command(struct kunit *test)
{
	/* memory, bus master, parity, SERR, INTx disable; no I/O space */
	KUNIT_EXPECT_TRUE(test, config_set(test, 0x04, 2, 0xffff));
	KUNIT_EXPECT_EQ(test, config_get(test, 0x04, 2), 0x0546U);
	KUNIT_EXPECT_EQ(test, config_get(test, 0x06, 2), 0x0010U);
	KUNIT_EXPECT_TRUE(test, config_set(test, 0x04, 1, 0x02));
	KUNIT_EXPECT_EQ(test, config_get(test, 0x04, 2), 0x0502U);
	KUNIT_EXPECT_TRUE(test, config_set(test, 0x05, 1, 0));
	KUNIT_EXPECT_EQ(test, config_get(test, 0x04, 2), 0x0002U);
}

static void config_status_rw1c(struct kunit *test)
{
	struct config_fixture *f = test->priv;

	put_unaligned_le16(0xf910, &f->config.reg[0x06]);
	put_unaligned_le16(0x000f, &f->config.reg[0x82]);
	KUNIT_EXPECT_TRUE(test, config_set(test, 0x06, 2, 0));
	KUNIT_EXPECT_EQ(test, config_get(test, 0x06, 2), 0xf910U);
	KUNIT_EXPECT_TRUE(test, config_set(test, 0x06, 2, 0x8000));
	KUNIT_EXPECT_EQ(test, config_get(test, 0x06, 2), 0x7910U);
	KUNIT_EXPECT_TRUE(test, config_set(test, 0x07, 1, 0x11));
	KUNIT_EXPECT_EQ(test, config_get(test, 0x06, 2), 0x6810U);
	/* a long write that does nothing else */
	KUNIT_EXPECT_TRUE(test, config_set(test, 0x04, 4, 0xffff0000));
	KUNIT_EXPECT_EQ(test, config_get(test, 0x04, 4), 0x00100000U);

	KUNIT_EXPECT_TRUE(test, config_set(test, 0x82, 2, 0x0005));
	KUNIT_EXPECT_EQ(test, config_get(test, 0x82, 2), 0x000aU);
	KUNIT_EXPECT_TRUE(test, config_set(test, 0x82, 1, 0xff));
	KUNIT_EXPECT_EQ(test, config_get(test, 0x82, 2), 0U);
}

static void config_msi(struct kunit *test)
{
	KUNIT_EXPECT_TRUE(test, config_set(test, 0x4c, 4, 0xfee0100f));
	KUNIT_EXPECT_TRUE(test, config_set(test, 0x50, 4, 0x12345678));
	KUNIT_EXPECT_TRUE(test, config_set(test, 0x54, 2, 0x4321));
	KUNIT_EXPECT_EQ(test, config_get(test, 0x4c, 4), 0xfee0100cU);
	KUNIT_EXPECT_EQ(test, config_get(test, 0x50, 4), 0x12345678U);
	KUNIT_EXPECT_EQ(test, config_get(test, 0x54, 2), 0x4321U);
	/* one vector: no more can be asked for; no masking */
	KUNIT_EXPECT_TRUE(test, config_set(test, 0x4a, 2, 0xffff));
	KUNIT_EXPECT_EQ(test, config_get(test, 0x4a, 2), 0x0081U);
	KUNIT_EXPECT_EQ(test, config_get(test, 0x56, 2), 0U);
}

static void config_msix(struct kunit *test)
{
	KUNIT_EXPECT_TRUE(test, config_set(test, 0x5a, 2, 0xffff));
	KUNIT_EXPECT_EQ(test, config_get(test, 0x5a, 2), 0xc010U);
	KUNIT_EXPECT_TRUE(test, config_set(test, 0x5b, 1, 0x80));
	KUNIT_EXPECT_EQ(test, config_get(test, 0x5a, 2), 0x8010U);
	KUNIT_EXPECT_FALSE(test, config_set(test, 0x5c, 4, ~0U));
	KUNIT_EXPECT_FALSE(test, config_set(test, 0x60, 4, ~0U));
	KUNIT_EXPECT_EQ(test, config_get(test, 0x5c, 4), 0x00000004U);
	KUNIT_EXPECT_EQ(test, config_get(test, 0x60, 4), 0x00001004U);
}

/**
 * struct config_flr - a write near the FLR bit
 * @offset: where
 * @len: bytes
 * @value: what
 * @flr: does it reset?
 * @name: for people
 */
struct config_flr {
	u32 offset;
	u32 len;
	u32 value;
	bool flr;
	const char *name;
};

static const struct config_flr config_flrs[] = {
	{ 0x80, 2, 0x8000, true, "DEVCTL word" },
	{ 0x81, 1, 0x80, true, "high byte" },
	{ 0x80, 4, 0x00008000, true, "DEVCTL and DEVSTA" },
	{ 0x7f, 4, 0x00800000, true, "unaligned across DEVCTL" },
	{ 0x81, 2, 0x0080, true, "unaligned from its byte" },
	{ 0x80, 2, 0x7fff, false, "all but the bit" },
	{ 0x80, 1, 0x80, false, "same bit of the low byte" },
	{ 0x82, 2, 0x8000, false, "same bit of DEVSTA" },
	{ 0x88, 2, 0x8000, false, "same bit of LNKCTL" },
	{ 0xa0, 2, 0x8000, false, "same bit of DEVCTL2" },
};

static void config_flr_desc(const struct config_flr *flr, char *desc)
{
	strscpy(desc, flr->name, KUNIT_PARAM_DESC_SIZE);
}

KUNIT_ARRAY_PARAM(config_flr, config_flrs, config_flr_desc);

static void config_flr_bit(struct kunit *test)
{
	const struct config_flr *p = test->param_value;
	struct config_fixture *f = test->priv;
	bool flr = false;
	u8 bytes[4];

	put_unaligned_le32(p->value, bytes);
	vgpu_config_write(&f->config, p->offset, bytes, p->len, &flr);
	KUNIT_EXPECT_EQ(test, flr, p->flr);
	KUNIT_EXPECT_EQ(test, config_get(test, 0x80, 2) & 0x8000, 0U);

	/* what it had asked for is not asked for again */
	flr = false;
	put_unaligned_le32(p->value & ~0x00808080U, bytes);
	vgpu_config_write(&f->config, 0x80, bytes, 1, &flr);
	KUNIT_EXPECT_FALSE(test, flr);
	/* and another's request is left alone */
	flr = true;
	vgpu_config_write(&f->config, 0x04, bytes, 2, &flr);
	KUNIT_EXPECT_TRUE(test, flr);
}

static void config_long_equals_bytes(struct kunit *test)
{
	struct config_fixture *f = test->priv;
	bool flr = false;
	u32 i;

	for (i = 0; i < CONFIG_SIZE; i++)
		f->bytes[i] = i * 37 + 11;
	f->bytes[0x81] &= 0x7f;
	config_model_write(&f->model, 0, f->bytes, CONFIG_SIZE);
	KUNIT_EXPECT_FALSE(test, vgpu_config_write(&f->config, 0, f->bytes,
						   CONFIG_SIZE, &flr));
	KUNIT_EXPECT_FALSE(test, flr);
	config_expect_model(test);
	/* byte by byte the same changes nothing */
	for (i = 0; i < CONFIG_SIZE; i++)
		vgpu_config_write(&f->config, i, &f->bytes[i], 1, &flr);
	memset(f->bytes, 0, sizeof(f->bytes));
	config_expect_model(test);
	for (i = 0; i < CONFIG_SIZE; i++) {
		if (config_get(test, i, 1) != f->model.value[i])
			KUNIT_FAIL(test, "0x%x", i);
	}
}

static void config_reset_restores(struct kunit *test)
{
	struct config_fixture *f = test->priv;
	bool flr = false;

	memset(f->bytes, 0xff, sizeof(f->bytes));
	vgpu_config_write(&f->config, 0, f->bytes, CONFIG_SIZE, &flr);
	put_unaligned_le16(0xffff, &f->config.reg[0x06]);
	KUNIT_ASSERT_NE(test, config_get(test, 0x04, 2), 0U);
	vgpu_config_reset(&f->config);
	config_expect_model(test);
}

static void config_beyond_256(struct kunit *test)
{
	/* no extended capability: the list's head at 0x100 is 0 */
	KUNIT_EXPECT_EQ(test, config_get(test, 0x100, 4), 0U);
	KUNIT_EXPECT_FALSE(test, config_set(test, 0x100, 4, ~0U));
	KUNIT_EXPECT_FALSE(test, config_set(test, 0xfff, 1, ~0U));
	KUNIT_EXPECT_FALSE(test, config_set(test, 0xfe, 4, ~0U));
	KUNIT_EXPECT_EQ(test, config_get(test, 0x100, 4), 0U);
	KUNIT_EXPECT_EQ(test, config_get(test, 0xfff, 1), 0U);
	KUNIT_EXPECT_EQ(test, config_get(test, 0xfe, 4), 0U);
	config_expect_model(test);
}

static struct kunit_case config_cases[] = {
	KUNIT_CASE(config_identity),
	KUNIT_CASE(config_initial_values),
	KUNIT_CASE(config_capabilities),
	KUNIT_CASE(config_vendor_capability),
	KUNIT_CASE(config_msix_in_bar4),
	KUNIT_CASE_PARAM(config_bar_sizing, config_bar_gen_params),
	KUNIT_CASE(config_bar_address),
	KUNIT_CASE_PARAM(config_sweep, config_width_gen_params),
	KUNIT_CASE_PARAM(config_read_any_alignment, config_width_gen_params),
	KUNIT_CASE(config_read_only_bytes),
	KUNIT_CASE(config_command),
	KUNIT_CASE(config_status_rw1c),
	KUNIT_CASE(config_msi),
	KUNIT_CASE(config_msix),
	KUNIT_CASE_PARAM(config_flr_bit, config_flr_gen_params),
	KUNIT_CASE(config_long_equals_bytes),
	KUNIT_CASE(config_reset_restores),
	KUNIT_CASE(config_beyond_256),
	{}
};

static struct kunit_suite config_suite = {
	.name = "vgpu_config_space",
	.init = config_init,
	.test_cases = config_cases,
};

kunit_test_suite(config_suite);
