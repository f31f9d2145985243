// SPDX-License-Identifier: GPL-2.0
/*
 * cloud-hypervisor (pci/src/vfio.rs, vmm/src/device_manager.rs and the crate
 * vfio-ioctls) from the device's opening to a reboot of the guest.  Each step
 * checks what cloud-hypervisor relies on there, which is not always what the
 * VFIO documentation asks for.
 */
#include <errno.h>
#include <linux/pci_regs.h>
#include <linux/vgpu_dev.h>
#include <string.h>
#include <unistd.h>

#include "capability.h"
#include "guest.h"
#include "io.h"
#include "irqset.h"
#include "order_ch.h"
#include "tap.h"
#include "test_ioctls.h"
#include "test_sizing.h"

#define CH_MEMORY	(4ULL << 20)

/* Steps 2 and 3: what it asks right after opening. */
static void ch_query(struct session *s)
{
	const u32 kinds = VFIO_DEVICE_FLAGS_PCI | VFIO_DEVICE_FLAGS_PLATFORM |
			  VFIO_DEVICE_FLAGS_AMBA | VFIO_DEVICE_FLAGS_CCW |
			  VFIO_DEVICE_FLAGS_AP;
	struct vfio_region_info region;
	struct vfio_irq_info irq;
	u32 i, position = 0;

	tap_eq(s->info.flags & kinds, VFIO_DEVICE_FLAGS_PCI,
	       "2: kind of device is exactly PCI");
	tap_ok(s->info.num_regions >= VFIO_PCI_CONFIG_REGION_INDEX + 1,
	       "2: num_regions: got %u want 8 or more", s->info.num_regions);
	tap_ok(s->info.num_irqs >= VFIO_PCI_MSIX_IRQ_INDEX + 1,
	       "2: num_irqs: got %u want 3 or more", s->info.num_irqs);
	for (i = 0; i < s->info.num_regions; i++) {
		/* what fails is left out, and what follows moves up */
		if (session_region_info(s, i, &region))
			continue;
		if (i <= VFIO_PCI_CONFIG_REGION_INDEX)
			tap_must_eq(position, i,
				    "3: position of region %u in its list", i);
		position++;
	}
	tap_ok(position >= VFIO_PCI_CONFIG_REGION_INDEX + 1,
	       "3: regions 0 to 7 are found by position");
	tap_errno(irqset_info(s, VFIO_PCI_INTX_IRQ_INDEX, &irq), 0,
		  "3: INTx has info");
	tap_eq(irq.count, 0, "3: INTx count 0: it will not try to enable it");
	for (i = 1; i < s->info.num_irqs; i++)
		tap_errno(irqset_info(s, i, &irq), 0,
			  "3: interrupt index %u has info", i);
}

static void ch_capability(struct session *s, u32 at, u32 id)
{
	switch (id) {
	case PCI_CAP_ID_MSI:
		/* it sizes its own copy by this, once */
		tap_eq(config_get(s, at + 2, 2) & PCI_MSI_FLAGS_QMASK, 0,
		       "5: MSI has one vector");
		break;
	case PCI_CAP_ID_MSIX:
		tap_eq((config_get(s, at + 2, 2) & PCI_MSIX_FLAGS_QSIZE) + 1,
		       VGPU_MSIX_VECTORS, "5: MSI-X table size");
		config_get(s, at + 4, 4);
		config_get(s, at + 8, 4);
		break;
	}
}

/* Step 5: capabilities; returns where MSI and MSI-X are. */
static void ch_config(struct session *s, u32 *msi, u32 *msix)
{
	u32 at, id, left = CAPABILITY_MAX, express = 0, power = 0;
	u32 header, offset = PCI_CFG_SPACE_SIZE;

	*msi = 0;
	*msix = 0;
	tap_ok(config_get(s, PCI_STATUS, 2) & PCI_STATUS_CAP_LIST,
	       "5: there is a capability list");
	at = config_get(s, PCI_CAPABILITY_LIST, 1) & ~3U;
	for (; at && left--; at = config_get(s, at + 1, 1) & ~3U) {
		id = config_get(s, at, 1);
		ch_capability(s, at, id);
		express |= id == PCI_CAP_ID_EXP;
		power |= id == PCI_CAP_ID_PM;
		if (id == PCI_CAP_ID_MSI)
			*msi = at;
		if (id == PCI_CAP_ID_MSIX)
			*msix = at;
	}
	tap_ok(*msi && *msix, "5: finds MSI and MSI-X");
	if (!express || !power)
		return;
	for (left = 256; offset && left--; offset = header >> 20 & 0xffc)
		header = config_get(s, offset, 4);
	tap_ok(!offset, "5: the list of extended capabilities ends");
}

/* How a guest sees config space: dwords, and the list walked for each. */
static u32 ch_guest_read(struct session *s, u32 reg, u32 msix)
{
	u32 at, left = CAPABILITY_MAX;

	at = config_get(s, PCI_CAPABILITY_LIST, 1) & ~3U;
	for (; at && left--; at = config_get(s, at + 1, 1) & ~3U)
		if (at == msix)
			break;
	return config_get(s, reg * 4, 4);
}

/* Step 7 */
static void ch_command(struct session *s, u32 msix)
{
	u32 command = PCI_COMMAND_MEMORY | PCI_COMMAND_MASTER;

	config_put(s, PCI_COMMAND, command, 2);
	tap_eq(ch_guest_read(s, PCI_COMMAND / 4, msix) & 0xffff, command,
	       "7: COMMAND reads back");
	/* a guest moves a BAR: memory off, address, on; only the bit arrives */
	config_put(s, PCI_COMMAND, 0, 2);
	tap_eq(ch_guest_read(s, PCI_COMMAND / 4, msix) & command, 0,
	       "7: memory is off while a BAR moves");
	config_put(s, PCI_COMMAND, command, 2);
	tap_eq(ch_guest_read(s, PCI_COMMAND / 4, msix) & command, command,
	       "7: and on again");
}

/* Step 8 */
static void ch_bar_access(struct session *s)
{
	static const u8 bytes[8] = { 1, 2, 3, 4, 5, 6, 7, 8 };
	u32 width, at = VGPU_REQ_BUF;
	bool good = true;
	u8 back[8];

	for (width = 1; width <= 8; width *= 2) {
		good &= io_write_all(s, IO_BAR0, at, bytes, width) &&
			io_read_all(s, IO_BAR0, at, back, width) &&
			!memcmp(bytes, back, width);
		good &= io_write_all(s, IO_BAR2, 0x1000, bytes, width) &&
			io_read_all(s, IO_BAR2, 0x1000, back, width);
	}
	tap_ok(good, "8: BARs in widths of 1, 2, 4 and 8");
	tap_eq(bar0_get(s, VGPU_REG_EXT_MAGIC), VGPU_MAGIC,
	       "8: BAR0 wherever its BAR points");
}

/* Step 9, MSI-X: all vectors at once, and only then the guest's own write. */
static void ch_msix(struct session *s, u32 msix, const char *when)
{
	u32 control = config_get(s, msix + PCI_MSIX_FLAGS, 2);
	int fds[VGPU_MSIX_VECTORS];
	u32 i;

	for (i = 0; i < ARRAY_SIZE(fds); i++)
		fds[i] = event_create();
	tap_errno(irqset_fds(s, VFIO_PCI_MSIX_IRQ_INDEX, 0, ARRAY_SIZE(fds),
			     fds),
		  0, "9: %s: enables MSI-X with all vectors", when);
	config_put(s, msix + PCI_MSIX_FLAGS, control | PCI_MSIX_FLAGS_ENABLE,
		   2);
	tap_ok(config_get(s, msix + PCI_MSIX_FLAGS, 2) & PCI_MSIX_FLAGS_ENABLE,
	       "9: %s: the enable bit is stored", when);
	guest_job(s, fds[VGPU_VECTOR_MAILBOX], when);
	tap_errno(irqset_disable(s, VFIO_PCI_MSIX_IRQ_INDEX), 0,
		  "9: %s: disables MSI-X", when);
	config_put(s, msix + PCI_MSIX_FLAGS, control, 2);
	for (i = 0; i < ARRAY_SIZE(fds); i++)
		close(fds[i]);
}

/* Step 9, MSI */
static void ch_msi(struct session *s, u32 msi, const char *when)
{
	u32 control = config_get(s, msi + PCI_MSI_FLAGS, 2);
	int fd = event_create();

	config_put(s, msi + PCI_MSI_ADDRESS_LO, 0xfee01000, 4);
	config_put(s, msi + PCI_MSI_ADDRESS_HI, 0, 4);
	config_put(s, msi + PCI_MSI_DATA_64, 0x4021, 2);
	tap_errno(irqset_fds(s, VFIO_PCI_MSI_IRQ_INDEX, 0, 1, &fd), 0,
		  "9: %s: enables MSI", when);
	config_put(s, msi + PCI_MSI_FLAGS, control | PCI_MSI_FLAGS_ENABLE, 2);
	tap_ok(config_get(s, msi + PCI_MSI_FLAGS, 2) & PCI_MSI_FLAGS_ENABLE,
	       "9: %s: the enable bit is stored", when);
	guest_job(s, fd, when);
	tap_errno(irqset_disable(s, VFIO_PCI_MSI_IRQ_INDEX), 0,
		  "9: %s: disables MSI", when);
	config_put(s, msi + PCI_MSI_FLAGS, control, 2);
	close(fd);
}

/* A guest from start to shutdown. */
static void ch_boot(struct session *s, void *memory, const char *when)
{
	struct sizing z;
	u32 msi, msix;

	ch_query(s);
	tap_errno(session_dma_map(s, memory, 0, CH_MEMORY), 0,
		  "3: %s: maps the guest's memory", when);
	if (s->info.flags & VFIO_DEVICE_FLAGS_RESET)
		tap_errno(session_reset(s), 0, "4: %s: resets once", when);
	ch_config(s, &msi, &msix);
	sizing_probe(s, &z);
	sizing_check(s, &z);
	ch_command(s, msix);
	ch_bar_access(s);
	if (msix)
		ch_msix(s, msix, when);
	if (msi)
		ch_msi(s, msi, when);
	tap_errno(feature_probe(s, VFIO_DEVICE_FEATURE_GET |
				   VFIO_DEVICE_FEATURE_MIGRATION),
		  ENOTTY, "14: %s: can't migrate", when);
	tap_eq((u64)session_dma_unmap(s, 0, CH_MEMORY), CH_MEMORY,
	       "13: %s: unmaps the guest's memory", when);
}

/**
 * test_order_ch() - cloud-hypervisor, with a reboot
 * @s: a session without anything open
 */
void test_order_ch(struct session *s)
{
	void *memory = guest_memory(CH_MEMORY);

	if (!tap_must(memory, "allocates memory"))
		return;
	/* step 1 in detail is test_session() */
	if (!tap_errno(session_open(s), 0, "1: opens"))
		return;
	ch_boot(s, memory, "first boot");
	session_close(s);
	if (!tap_errno(session_open(s), 0, "15: opens again for a reboot"))
		return;
	ch_boot(s, memory, "second boot");
	session_close(s);
}
