// SPDX-License-Identifier: GPL-2.0
#include <linux/pci_regs.h>
#include <linux/vgpu_dev.h>
#include <string.h>

#include "capability.h"
#include "io.h"
#include "mbox.h"
#include "tap.h"
#include "test_config.h"

#define CONFIG_SIZE	4096

/**
 * test_config_header() - identity
 * @s: an open session
 */
void test_config_header(struct session *s)
{
	tap_eq(config_get(s, PCI_VENDOR_ID, 2), VGPU_PCI_VENDOR_ID,
	       "vendor id");
	tap_eq(config_get(s, PCI_DEVICE_ID, 2), VGPU_PCI_DEVICE_ID,
	       "device id");
	tap_eq(config_get(s, PCI_SUBSYSTEM_VENDOR_ID, 2),
	       VGPU_PCI_SUBSYS_VENDOR_ID, "subsystem vendor id");
	tap_eq(config_get(s, PCI_SUBSYSTEM_ID, 2), VGPU_PCI_SUBSYS_ID,
	       "subsystem id");
	tap_eq(config_get(s, PCI_REVISION_ID, 1), VGPU_PCI_REVISION,
	       "revision");
	tap_eq(config_get(s, PCI_CLASS_REVISION, 4) >> 8, VGPU_PCI_CLASS,
	       "class");
	tap_eq(config_get(s, PCI_HEADER_TYPE, 1), PCI_HEADER_TYPE_NORMAL,
	       "header type, single function");
	tap_eq(config_get(s, PCI_INTERRUPT_PIN, 1), 0, "no interrupt pin");
	tap_eq(config_get(s, PCI_COMMAND, 2), 0, "COMMAND at first");
	tap_ok(config_get(s, PCI_STATUS, 2) & PCI_STATUS_CAP_LIST,
	       "STATUS tells of a capability list");
	tap_eq(config_get(s, PCI_CARDBUS_CIS, 4), 0, "no CardBus CIS");
	tap_eq(config_get(s, PCI_BASE_ADDRESS_0, 4) & 0xf,
	       PCI_BASE_ADDRESS_SPACE_MEMORY | PCI_BASE_ADDRESS_MEM_TYPE_32,
	       "BAR0 is 32-bit memory");
	tap_eq(config_get(s, PCI_BASE_ADDRESS_2, 4) & 0x7,
	       PCI_BASE_ADDRESS_SPACE_MEMORY | PCI_BASE_ADDRESS_MEM_TYPE_64,
	       "BAR2 is 64-bit memory");
	tap_eq(config_get(s, PCI_BASE_ADDRESS_4, 4) & 0x7,
	       PCI_BASE_ADDRESS_SPACE_MEMORY | PCI_BASE_ADDRESS_MEM_TYPE_64,
	       "BAR4 is 64-bit memory");
}

static void test_config_widths(struct session *s, const u8 *all, u32 width)
{
	u32 offset, wrong = 0, first = 0;
	u8 buf[8];

	for (offset = 0; offset + width <= CONFIG_SIZE; offset++) {
		if (!io_read_all(s, IO_CONFIG, offset, buf, width))
			return;
		if (memcmp(buf, all + offset, width) && !wrong++)
			first = offset;
	}
	tap_ok(!wrong,
	       "reads of %u at every offset agree with the long one: got %u different (first at %#x) want none",
	       width, wrong, first);
}

/**
 * test_config_read() - reads of all widths
 * @s: an open session
 */
void test_config_read(struct session *s)
{
	static const u32 lengths[] = { 3, 5, 6, 7, 12, 64, 100, 256, 1000 };
	u8 all[CONFIG_SIZE], part[CONFIG_SIZE];
	u32 i, offset, wrong = 0;

	/* a short read here is fatal to QEMU */
	if (!tap_eq((u64)io_read(s, IO_CONFIG, 0, all, sizeof(all)),
		    sizeof(all), "one read of all config space"))
		return;
	test_config_widths(s, all, 1);
	test_config_widths(s, all, 2);
	test_config_widths(s, all, 4);
	test_config_widths(s, all, 8);
	for (i = 0; i < ARRAY_SIZE(lengths); i++) {
		for (offset = 0; offset + lengths[i] <= CONFIG_SIZE;
		     offset += 37) {
			if (!io_read_all(s, IO_CONFIG, offset, part,
					 lengths[i]))
				return;
			if (memcmp(part, all + offset, lengths[i]))
				wrong++;
		}
	}
	tap_eq(wrong, 0, "reads of odd lengths that disagree");
}

/**
 * test_config_command() - COMMAND keeps what is written
 * @s: an open session
 */
void test_config_command(struct session *s)
{
	static const struct {
		u16 bits;
		const char *name;
	} bit[] = {
		{ PCI_COMMAND_MEMORY, "MEMORY" },
		{ PCI_COMMAND_MASTER, "MASTER" },
		{ PCI_COMMAND_MEMORY | PCI_COMMAND_MASTER, "MEMORY|MASTER" },
		{ PCI_COMMAND_INTX_DISABLE, "INTX_DISABLE" },
	};
	u32 status = config_get(s, PCI_STATUS, 2);
	u32 i;

	for (i = 0; i < ARRAY_SIZE(bit); i++) {
		config_put(s, PCI_COMMAND, bit[i].bits, 2);
		tap_eq(config_get(s, PCI_COMMAND, 2), bit[i].bits,
		       "COMMAND stores %s", bit[i].name);
		config_put(s, PCI_COMMAND, 0, 2);
		tap_eq(config_get(s, PCI_COMMAND, 2), 0, "COMMAND clears %s",
		       bit[i].name);
	}
	config_put(s, PCI_COMMAND, PCI_COMMAND_MEMORY, 1);
	tap_eq(config_get(s, PCI_COMMAND, 1), PCI_COMMAND_MEMORY,
	       "COMMAND stores a byte");
	config_put(s, PCI_COMMAND,
		   0xffff0000 | PCI_COMMAND_MEMORY | PCI_COMMAND_MASTER, 4);
	tap_eq(config_get(s, PCI_COMMAND, 2),
	       PCI_COMMAND_MEMORY | PCI_COMMAND_MASTER,
	       "COMMAND stores with a write that spans STATUS");
	tap_eq(config_get(s, PCI_STATUS, 2), status,
	       "STATUS does not change by a write");
	config_put(s, PCI_INTERRUPT_LINE, 0x5a, 1);
	tap_eq(config_get(s, PCI_INTERRUPT_LINE, 1), 0x5a,
	       "INTERRUPT_LINE stores");
	config_put(s, PCI_CACHE_LINE_SIZE, 0x10, 1);
	mbox_works(s, "with COMMAND set");
}

static u32 test_config_capability_length(struct session *s, u32 at, u8 id)
{
	switch (id) {
	case PCI_CAP_ID_VNDR:
		return config_get(s, at + PCI_CAP_FLAGS, 1);
	case PCI_CAP_ID_MSIX:
		/* all but the control word, which is written separately */
		return 2;
	case PCI_CAP_ID_PM:
		return PCI_PM_CTRL;
	case PCI_CAP_ID_EXP:
		/* device control holds the reset bit */
		return PCI_EXP_DEVCTL;
	default:
		return PCI_CAP_FLAGS;
	}
}

static void test_config_mark(u8 *readonly, u32 offset, u32 length)
{
	if (offset < CONFIG_SIZE && length <= CONFIG_SIZE - offset)
		memset(readonly + offset, 1, length);
}

/* Marks what no write may change. */
static void test_config_map(struct session *s, u8 *readonly)
{
	u32 at, left = CAPABILITY_MAX;
	u8 id;

	memset(readonly, 0, CONFIG_SIZE);
	test_config_mark(readonly, PCI_VENDOR_ID, 4);
	test_config_mark(readonly, PCI_STATUS, 6);	/* revision, class */
	test_config_mark(readonly, PCI_HEADER_TYPE, 1);
	test_config_mark(readonly, PCI_BASE_ADDRESS_1, 4);
	test_config_mark(readonly, PCI_CARDBUS_CIS, 20);/* to pointer, reserved */
	test_config_mark(readonly, PCI_INTERRUPT_PIN, 3);
	test_config_mark(readonly, 0x100, CONFIG_SIZE - 0x100);

	at = config_get(s, PCI_CAPABILITY_LIST, 1) & ~3U;
	for (; at && left--; at = config_get(s, at + 1, 1) & ~3U) {
		id = (u8)config_get(s, at, 1);
		test_config_mark(readonly, at,
				 test_config_capability_length(s, at, id));
		if (id == PCI_CAP_ID_MSIX)
			test_config_mark(readonly, at + PCI_MSIX_TABLE, 8);
		if (id == PCI_CAP_ID_EXP)
			test_config_mark(readonly, at + PCI_EXP_LNKCAP, 4);
	}
}

/* Is every byte of the range read-only, so that it may be written with ones? */
static bool test_config_all_readonly(const u8 *readonly, u32 offset, u32 length)
{
	return !memchr(readonly + offset, 0, length);
}

/**
 * test_config_readonly() - what can't be written
 * @s: an open session
 */
void test_config_readonly(struct session *s)
{
	u8 before[CONFIG_SIZE], after[CONFIG_SIZE], readonly[CONFIG_SIZE];
	u32 width, offset, wrong, first, writes;
	u8 ones[8];

	memset(ones, 0xff, sizeof(ones));
	test_config_map(s, readonly);
	if (!io_read_all(s, IO_CONFIG, 0, before, sizeof(before)))
		return;
	for (width = 1; width <= 8; width *= 2) {
		writes = 0;
		for (offset = 0; offset + width <= CONFIG_SIZE; offset++) {
			if (!test_config_all_readonly(readonly, offset, width))
				continue;
			if (!io_write_all(s, IO_CONFIG, offset, ones, width))
				return;
			writes++;
		}
		if (!io_read_all(s, IO_CONFIG, 0, after, sizeof(after)))
			return;
		for (offset = wrong = first = 0; offset < CONFIG_SIZE; offset++)
			if (after[offset] != before[offset] && !wrong++)
				first = offset;
		tap_ok(!wrong,
		       "%u writes of ones, width %u, to read-only config space: got %u bytes changed (first at %#x) want none",
		       writes, width, wrong, first);
	}
}
