// SPDX-License-Identifier: GPL-2.0
#include <linux/vgpu_dev.h>
#include <stdlib.h>
#include <string.h>

#include "io.h"
#include "mbox.h"
#include "random.h"
#include "tap.h"
#include "test_bars.h"

static const u32 bars_widths[] = { 1, 2, 4, 8, 3, 16, 100 };

static bool bars_all_zero(const u8 *p, size_t len)
{
	size_t i;

	for (i = 0; i < len; i++)
		if (p[i])
			return false;
	return true;
}

/**
 * test_bar2() - doorbell pages: nothing to read, and nothing behind them yet
 * @s: an open session
 */
void test_bar2(struct session *s)
{
	static const u32 at[] = { 0, 1, 2, 4, 7, 0x1000, 0x1ffe, 0x8000,
				  VGPU_BAR2_SIZE - 128 };
	u8 *all, ones[128];
	bool good = true;
	u32 i, k;

	all = malloc(VGPU_BAR2_SIZE);
	if (!tap_must(all, "allocates memory"))
		return;
	memset(ones, 0xff, sizeof(ones));
	if (io_read_all(s, IO_BAR2, 0, all, VGPU_BAR2_SIZE))
		tap_ok(bars_all_zero(all, VGPU_BAR2_SIZE),
		       "one read of all of BAR2 gives zeroes");
	for (i = 0; i < ARRAY_SIZE(at); i++) {
		for (k = 0; k < ARRAY_SIZE(bars_widths); k++) {
			good &= io_write_all(s, IO_BAR2, at[i], ones,
					     bars_widths[k]);
			good &= io_read_all(s, IO_BAR2, at[i], all,
					    bars_widths[k]) &&
				tap_must(bars_all_zero(all, bars_widths[k]),
					 "BAR2 reads 0 at %#x, width %u, after a write",
					 at[i], bars_widths[k]);
		}
	}
	tap_ok(good, "BAR2 takes writes of all widths and reads 0");
	free(all);
	mbox_works(s, "after writes to BAR2");
}

static void bar4_table(struct session *s)
{
	const u32 size = VGPU_MSIX_VECTORS * 16;
	u8 model[VGPU_MSIX_VECTORS * 16], now[VGPU_MSIX_VECTORS * 16];
	struct random rnd = { .state = 3 };
	u32 i, at, width, wrong;

	if (!io_read_all(s, IO_BAR4, VGPU_BAR4_MSIX_TABLE, model, size))
		return;
	for (i = 0; i < ARRAY_SIZE(bars_widths); i++) {
		width = bars_widths[i];
		wrong = 0;
		for (at = 0; at + width <= size; at++) {
			random_fill(&rnd, model + at, width);
			if (!io_write_all(s, IO_BAR4, VGPU_BAR4_MSIX_TABLE + at,
					  model + at, width) ||
			    !io_read_all(s, IO_BAR4, VGPU_BAR4_MSIX_TABLE, now,
					 size))
				return;
			wrong += !!memcmp(now, model, size);
			memcpy(model, now, size);
		}
		tap_eq(wrong, 0,
		       "writes of %u to the MSI-X table that are not stored",
		       width);
	}
}

/* A guest of KVM never sees this table; what is in it must change nothing. */
static void bar4_masked(struct session *s)
{
	u8 masked[16] = { 0 };
	u32 i;

	masked[12] = 1;
	for (i = 0; i < VGPU_MSIX_VECTORS; i++)
		io_write_all(s, IO_BAR4, VGPU_BAR4_MSIX_TABLE + 16 * i, masked,
			     sizeof(masked));
	mbox_works(s, "whatever the MSI-X table holds, as its VMM has the real one");
}

static void bar4_pba(struct session *s)
{
	u8 ones[64], pba[VGPU_BAR4_SIZE - VGPU_BAR4_MSIX_PBA];
	bool good = true;
	u32 i, at;

	memset(ones, 0xff, sizeof(ones));
	if (io_read_all(s, IO_BAR4, VGPU_BAR4_MSIX_PBA, pba, sizeof(pba)))
		tap_ok(bars_all_zero(pba, sizeof(pba)), "the PBA reads 0");
	for (i = 0; i < 4; i++)
		for (at = 0; at < 32; at++)
			good &= io_write_all(s, IO_BAR4,
					     VGPU_BAR4_MSIX_PBA + at, ones,
					     1U << i);
	good &= io_write_all(s, IO_BAR4, VGPU_BAR4_MSIX_PBA, ones,
			     sizeof(ones)) &&
		io_read_all(s, IO_BAR4, VGPU_BAR4_MSIX_PBA, pba, sizeof(pba)) &&
		bars_all_zero(pba, sizeof(pba));
	tap_ok(good, "the PBA ignores writes of all widths");
}

/**
 * test_bar4() - MSI-X table and PBA
 * @s: an open session
 */
void test_bar4(struct session *s)
{
	u8 all[VGPU_BAR4_SIZE];

	tap_ok(io_read_all(s, IO_BAR4, 0, all, sizeof(all)),
	       "one read of all of BAR4");
	bar4_table(s);
	bar4_pba(s);
	bar4_masked(s);
}
