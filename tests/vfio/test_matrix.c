// SPDX-License-Identifier: GPL-2.0
/*
 * Writes are compared with a model of BAR0.  The rule it follows: of what a
 * write covers, whole aligned words count as writes to registers, bytes in the
 * request buffer are stored, and the rest is ignored.
 */
#include <linux/vgpu_dev.h>
#include <string.h>

#include "gpu.h"
#include "io.h"
#include "mbox.h"
#include "random.h"
#include "tap.h"
#include "test_matrix.h"

static const u32 matrix_widths[] = { 1, 2, 4, 8 };
static const u32 matrix_long[] = { 3, 5, 6, 7, 12, 16, 64, 1024, 4092 };

/* Puts something into every part of BAR0 that can hold something. */
static bool matrix_prepare(struct session *s)
{
	struct random rnd = { .state = 1 };
	u8 buf[VGPU_REQ_BUF_SIZE];
	struct gpu_info info;
	struct mbox m;
	int error;

	if (!mbox_open(&m, s, VFIO_PCI_MSIX_IRQ_INDEX))
		return false;
	error = gpu_get_info(&m, &info);
	mbox_close(&m);
	if (!tap_must(!error, "gets device info: %s", mbox_error_name(error)))
		return false;
	random_fill(&rnd, buf, sizeof(buf));
	return io_write_all(s, IO_BAR0, VGPU_REQ_BUF, buf, sizeof(buf)) &&
	       bar0_put(s, VGPU_REG_SCRATCH, 0x89abcdef) &&
	       bar0_put(s, VGPU_REG_REQUEST_ID, 0x01234567);
}

static bool matrix_words(struct session *s, u8 *bar)
{
	u32 offset;

	for (offset = 0; offset < VGPU_BAR0_SIZE; offset += 4)
		if (!io_read_all(s, IO_BAR0, offset, bar + offset, 4))
			return false;
	return true;
}

static void matrix_read_width(struct session *s, const u8 *bar, u32 width)
{
	u32 offset, wrong = 0, first = 0;
	u8 buf[VGPU_BAR0_SIZE];

	for (offset = 0; offset + width <= VGPU_BAR0_SIZE; offset++) {
		if (!io_read_all(s, IO_BAR0, offset, buf, width))
			return;
		if (memcmp(buf, bar + offset, width) && !wrong++)
			first = offset;
	}
	tap_ok(!wrong,
	       "reads of %u at every offset of BAR0 agree with reads of 4: got %u different (first at %#x) want none",
	       width, wrong, first);
}

/**
 * test_matrix_read() - reads
 * @s: an open session
 */
void test_matrix_read(struct session *s)
{
	u8 bar[VGPU_BAR0_SIZE], all[VGPU_BAR0_SIZE];
	u32 i;

	if (!matrix_prepare(s) || !matrix_words(s, bar))
		return;
	for (i = 0; i < ARRAY_SIZE(matrix_widths); i++)
		matrix_read_width(s, bar, matrix_widths[i]);
	for (i = 0; i < ARRAY_SIZE(matrix_long); i++)
		matrix_read_width(s, bar, matrix_long[i]);
	if (io_read_all(s, IO_BAR0, 0, all, sizeof(all)))
		tap_ok(!memcmp(all, bar, sizeof(all)),
		       "one read of all of BAR0 agrees");
}

static void matrix_model_word(u8 *bar, u32 reg, const u8 *data)
{
	switch (reg) {
	case VGPU_REG_REQUEST_LEN:
	case VGPU_REG_REQUEST_ID:
	case VGPU_REG_SCRATCH:
	case VGPU_REG_EXT_ACCEPTED_LO:
	case VGPU_REG_EXT_ACCEPTED_HI:
		memcpy(bar + reg, data, 4);
		break;
	case VGPU_REG_IRQ_CTRL:
		bar[reg] = data[0] & VGPU_IRQ_COMPLETE;
		break;
	case VGPU_REG_IRQ_STATUS:
		bar[reg] &= ~(data[0] & VGPU_IRQ_COMPLETE);
		break;
	}
}

static void matrix_model(u8 *bar, u32 offset, const u8 *data, u32 len)
{
	u32 at, end = offset + len;

	for (at = (offset + 3) & ~3U; at + 4 <= end; at += 4)
		matrix_model_word(bar, at, data + (at - offset));
	for (at = offset; at < end; at++)
		if (at >= VGPU_REQ_BUF && at < VGPU_RESP_BUF)
			bar[at] = data[at - offset];
}

/* Bits of IRQ_CTRL without a meaning may be kept or dropped. */
static void matrix_normalise(u8 *bar)
{
	put_le32(bar + VGPU_REG_IRQ_CTRL,
		 get_le32(bar + VGPU_REG_IRQ_CTRL) & VGPU_IRQ_COMPLETE);
}

/* Returns the first byte that differs, VGPU_BAR0_SIZE if none, -1 on failure. */
static int matrix_write_one(struct session *s, u8 *bar, u32 offset, u32 len,
			    struct random *rnd)
{
	u8 data[VGPU_BAR0_SIZE], now[VGPU_BAR0_SIZE];
	u32 i;

	random_fill(rnd, data, len);
	if (!io_write_all(s, IO_BAR0, offset, data, len))
		return -1;
	matrix_model(bar, offset, data, len);
	if (!io_read_all(s, IO_BAR0, 0, now, sizeof(now)))
		return -1;
	matrix_normalise(now);
	for (i = 0; i < sizeof(now) && now[i] == bar[i]; i++)
		;
	memcpy(bar, now, sizeof(now));
	return (int)i;
}

static bool matrix_rings(u32 offset, u32 width)
{
	return !offset && width >= 4;
}

static void matrix_write_width(struct session *s, u8 *bar, u32 width,
			       struct random *rnd)
{
	static const struct {
		u32 from, to;
	} area[] = {
		{ 0, VGPU_REQ_BUF + 0x10 },
		{ VGPU_RESP_BUF - 0x10, VGPU_RESP_BUF + 0x10 },
		{ VGPU_REG_EXT_MAGIC - 0x10, VGPU_REG_EXT_MAGIC + 0x40 },
		{ VGPU_BAR0_SIZE - 0x10, VGPU_BAR0_SIZE },
	};
	u32 i, offset, wrong = 0, count = 0;
	u32 first = 0, first_byte = 0;
	int byte;

	for (i = 0; i < ARRAY_SIZE(area); i++) {
		for (offset = area[i].from; offset < area[i].to; offset++) {
			if (matrix_rings(offset, width) ||
			    offset + width > VGPU_BAR0_SIZE)
				continue;
			byte = matrix_write_one(s, bar, offset, width, rnd);
			if (byte < 0)
				return;
			count++;
			if (byte != VGPU_BAR0_SIZE && !wrong++) {
				first = offset;
				first_byte = (u32)byte;
			}
		}
	}
	tap_ok(!wrong,
	       "%u writes of %u to BAR0 change what they should: got %u wrong (first: the one at %#x, byte %#x) want none",
	       count, width, wrong, first, first_byte);
}

/**
 * test_matrix_write() - writes
 * @s: an open session
 */
void test_matrix_write(struct session *s)
{
	struct random rnd = { .state = 2 };
	u8 bar[VGPU_BAR0_SIZE];
	u32 i;

	if (!matrix_prepare(s) || !io_read_all(s, IO_BAR0, 0, bar, sizeof(bar)))
		return;
	matrix_normalise(bar);
	for (i = 0; i < ARRAY_SIZE(matrix_widths); i++)
		matrix_write_width(s, bar, matrix_widths[i], &rnd);
	for (i = 0; i < ARRAY_SIZE(matrix_long); i++)
		matrix_write_width(s, bar, matrix_long[i], &rnd);
	mbox_works(s, "after writes all over BAR0");
}

/**
 * test_matrix_doorbell() - what rings and what doesn't
 * @s: an open session
 */
void test_matrix_doorbell(struct session *s)
{
	static const struct {
		u32 offset, width;
	} no[] = {
		{ 0, 1 }, { 1, 1 }, { 2, 1 }, { 3, 1 }, { 0, 2 }, { 1, 2 },
		{ 2, 2 }, { 3, 2 }, { 1, 4 }, { 2, 4 }, { 3, 4 }, { 1, 8 },
	};
	const u8 ones[8] = { 1, 1, 1, 1, 1, 1, 1, 1 };
	struct mbox_request r;
	struct mbox m;
	u32 i, sum = 0;
	bool good = true;

	for (i = 0; i < ARRAY_SIZE(no); i++) {
		io_write_all(s, IO_BAR0, no[i].offset, ones, no[i].width);
		good &= tap_must_eq(bar0_get(s, VGPU_REG_STATUS),
				    VGPU_STATUS_IDLE,
				    "STATUS after a write of %u at %#x",
				    no[i].width, no[i].offset);
	}
	tap_ok(good, "a write of part of DOORBELL doesn't ring");

	if (!mbox_open(&m, s, VFIO_PCI_MSIX_IRQ_INDEX))
		return;
	mbox_request_init(&r, VGPU_OP_COMPUTE);
	mbox_request_param(&r, 40);
	mbox_request_param(&r, 2);
	io_write_all(s, IO_BAR0, VGPU_REQ_BUF, r.buf, r.len);
	bar0_put(s, VGPU_REG_REQUEST_LEN, r.len);
	bar0_put(s, VGPU_REG_REQUEST_ID, 0);
	m.request_id = 0;
	io_write_all(s, IO_BAR0, VGPU_REG_DOORBELL, ones, 8);
	if (mbox_wait(&m) && mbox_read_response(&m))
		tap_eq(m.resp.result[0], 42,
		       "a write of 8 that spans DOORBELL rings: sum");
	/* any value does; 0 is one */
	bar0_put(s, VGPU_REG_DOORBELL, 0);
	if (mbox_wait(&m) && mbox_read_response(&m))
		tap_eq(m.resp.result[0], 42, "a write of 0 rings: sum");
	tap_eq((u64)mbox_compute(&m, 1, 2, &sum), 0, "rings as usual");
	tap_eq(sum, 3, "rings as usual: sum");
	mbox_close(&m);
}
