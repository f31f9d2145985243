// SPDX-License-Identifier: GPL-2.0
#include <linux/pci_regs.h>
#include <linux/vgpu_dev.h>
#include <string.h>

#include "capability.h"
#include "io.h"
#include "irqset.h"
#include "mbox.h"
#include "tap.h"
#include "test_caps.h"

/* Fills in where each capability is; returns whether the list is sound. */
static bool test_caps_walk(struct session *s, u8 at[256])
{
	u8 seen[256] = { 0 };
	u32 raw, id;

	memset(at, 0, 256);
	raw = config_get(s, PCI_CAPABILITY_LIST, 1);
	tap_ok(raw, "there is a capability list");
	while (raw) {
		if (!tap_must(!(raw & 3), "low bits of pointer %#x are clear",
			      raw) ||
		    !tap_must(raw >= PCI_STD_HEADER_SIZEOF,
			      "pointer %#x is behind the header", raw) ||
		    !tap_must(!seen[raw], "no loop at %#x", raw))
			return false;
		seen[raw] = 1;
		id = config_get(s, raw + PCI_CAP_LIST_ID, 1);
		tap_must(!at[id], "capability %#x is there once", id);
		at[id] = (u8)raw;
		raw = config_get(s, raw + PCI_CAP_LIST_NEXT, 1);
	}
	return tap_ok(true, "the list ends, and all pointers are sound");
}

static void test_caps_irqs(struct session *s, const u8 at[256])
{
	static const struct {
		u8 id;
		u32 index;
		const char *name;
	} cap[] = {
		{ PCI_CAP_ID_MSI, VFIO_PCI_MSI_IRQ_INDEX, "MSI" },
		{ PCI_CAP_ID_MSIX, VFIO_PCI_MSIX_IRQ_INDEX, "MSI-X" },
	};
	struct vfio_irq_info info;
	u32 i;

	/* cloud-hypervisor panics on a capability without interrupts */
	for (i = 0; i < ARRAY_SIZE(cap); i++) {
		if (irqset_info(s, cap[i].index, &info))
			info.count = 0;
		tap_ok(!at[cap[i].id] || info.count,
		       "%s: a capability only with interrupts", cap[i].name);
	}
}

static void test_caps_msi(struct session *s, u32 at)
{
	u32 control = config_get(s, at + PCI_MSI_FLAGS, 2);

	tap_ok(!(control & PCI_MSI_FLAGS_QMASK), "MSI: one vector");
	tap_ok(control & PCI_MSI_FLAGS_64BIT, "MSI: 64-bit addresses");
	tap_ok(!(control & PCI_MSI_FLAGS_ENABLE), "MSI: off at first");
}

static void test_caps_msix(struct session *s, u32 at)
{
	u32 control = config_get(s, at + PCI_MSIX_FLAGS, 2);
	u32 table = config_get(s, at + PCI_MSIX_TABLE, 4);
	u32 pba = config_get(s, at + PCI_MSIX_PBA, 4);

	tap_eq((control & PCI_MSIX_FLAGS_QSIZE) + 1, VGPU_MSIX_VECTORS,
	       "MSI-X: table size");
	tap_ok(!(control & PCI_MSIX_FLAGS_ENABLE), "MSI-X: off at first");
	tap_eq(table & PCI_MSIX_TABLE_BIR, 4, "MSI-X: BAR of the table");
	tap_eq(table & PCI_MSIX_TABLE_OFFSET, VGPU_BAR4_MSIX_TABLE,
	       "MSI-X: offset of the table");
	tap_eq(pba & PCI_MSIX_PBA_BIR, 4, "MSI-X: BAR of the PBA");
	tap_eq(pba & PCI_MSIX_PBA_OFFSET, VGPU_BAR4_MSIX_PBA,
	       "MSI-X: offset of the PBA");
	/* else cloud-hypervisor doubles the BAR */
	tap_ok(!(table & PCI_MSIX_TABLE_OFFSET & 0xfff) &&
	       !(pba & PCI_MSIX_PBA_OFFSET & 0xfff),
	       "MSI-X: table and PBA start on pages");
}

static void test_caps_vendor(struct session *s, u32 at)
{
	tap_eq(config_get(s, at + 2, 1), VGPU_PCI_VNDR_LEN, "vendor: length");
	tap_eq(config_get(s, at + 3, 1), VGPU_PCI_VNDR_TYPE, "vendor: type");
	tap_eq(config_get(s, at + VGPU_PCI_VNDR_MAGIC, 4), VGPU_MAGIC,
	       "vendor: magic");
	tap_eq(config_get(s, at + VGPU_PCI_VNDR_ABI, 4), VGPU_PROTOCOL_VERSION,
	       "vendor: protocol version");
	tap_eq(config_get(s, at + VGPU_PCI_VNDR_RING_ABI, 4),
	       VGPU_RING_ABI_VERSION, "vendor: ring ABI version");
}

static void test_caps_express(struct session *s, u32 at)
{
	u32 flags = config_get(s, at + PCI_EXP_FLAGS, 2);

	tap_eq((flags & PCI_EXP_FLAGS_TYPE) >> 4, PCI_EXP_TYPE_ENDPOINT,
	       "PCIe: an endpoint");
	tap_ok((flags & PCI_EXP_FLAGS_VERS) >= 1 &&
	       (flags & PCI_EXP_FLAGS_VERS) <= 2,
	       "PCIe: capability version: got %u want 1 or 2",
	       flags & PCI_EXP_FLAGS_VERS);
	tap_ok(config_get(s, at + PCI_EXP_DEVCAP, 4) & PCI_EXP_DEVCAP_FLR,
	       "PCIe: can do a function-level reset");
}

/**
 * test_caps() - the capability list
 * @s: an open session
 */
void test_caps(struct session *s)
{
	u8 at[256], ext[4096 - 0x100];
	u32 i, wrong = 0;

	if (test_caps_walk(s, at)) {
		if (tap_ok(at[PCI_CAP_ID_PM], "there is PM"))
			tap_eq(config_get(s, at[PCI_CAP_ID_PM] + PCI_PM_CTRL,
					  2) & PCI_PM_CTRL_STATE_MASK,
			       0, "PM: in D0");
		if (tap_ok(at[PCI_CAP_ID_EXP], "there is PCIe"))
			test_caps_express(s, at[PCI_CAP_ID_EXP]);
		if (tap_ok(at[PCI_CAP_ID_MSI], "there is MSI"))
			test_caps_msi(s, at[PCI_CAP_ID_MSI]);
		if (tap_ok(at[PCI_CAP_ID_MSIX], "there is MSI-X"))
			test_caps_msix(s, at[PCI_CAP_ID_MSIX]);
		if (tap_ok(at[PCI_CAP_ID_VNDR], "there is the vendor's own"))
			test_caps_vendor(s, at[PCI_CAP_ID_VNDR]);
		test_caps_irqs(s, at);
	}
	tap_eq(config_get(s, 0x100, 4), 0, "no extended capabilities");
	if (!io_read_all(s, IO_CONFIG, 0x100, ext, sizeof(ext)))
		return;
	for (i = 0; i < sizeof(ext); i++)
		wrong += !!ext[i];
	tap_eq(wrong, 0, "bytes of extended config space that are not 0");
}

/**
 * test_power_state() - a guest's driver may put the device to sleep
 * @s: an open session
 */
void test_power_state(struct session *s)
{
	u32 at = capability_find(s, PCI_CAP_ID_PM);
	u32 state;

	if (!tap_must(at, "there is PM"))
		return;
	config_put(s, at + PCI_PM_CTRL, 3, 2);
	state = config_get(s, at + PCI_PM_CTRL, 2) & PCI_PM_CTRL_STATE_MASK;
	tap_ok(state == 0 || state == 3, "D3hot is stored, or not: got %u",
	       state);
	config_put(s, at + PCI_PM_CTRL, 0, 2);
	state = config_get(s, at + PCI_PM_CTRL, 2) & PCI_PM_CTRL_STATE_MASK;
	tap_eq(state, 0, "back in D0");
	mbox_works(s, "after D3hot and D0");
}
