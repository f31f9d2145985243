// SPDX-License-Identifier: GPL-2.0
/*
 * QEMU's vfio-pci with sysfsdev= (hw/vfio/pci.c) from the device's opening to
 * unplug.  QEMU keeps config space and the MSI-X table itself; what it passes
 * on are COMMAND, enable bits, BAR accesses and resets.
 */
#include <linux/pci_regs.h>
#include <linux/vgpu_dev.h>
#include <string.h>
#include <unistd.h>

#include "capability.h"
#include "guest.h"
#include "io.h"
#include "irqset.h"
#include "order_qemu.h"
#include "tap.h"

#define QEMU_MEMORY	(4ULL << 20)

/* vfio_populate_device() */
static void qemu_populate(struct session *s)
{
	struct vfio_region_info region;
	struct vfio_irq_info irq;
	u32 i;

	tap_ok(s->info.flags & VFIO_DEVICE_FLAGS_PCI, "is a PCI device");
	tap_ok(s->info.flags & VFIO_DEVICE_FLAGS_RESET,
	       "can be reset: QEMU does not look for a hot reset");
	tap_ok(s->info.num_regions >= VFIO_PCI_CONFIG_REGION_INDEX + 1,
	       "num_regions: got %u want 8 or more", s->info.num_regions);
	tap_ok(s->info.num_irqs >= VFIO_PCI_MSIX_IRQ_INDEX + 1,
	       "num_irqs: got %u want 3 or more", s->info.num_irqs);
	for (i = 0; i < VFIO_PCI_ROM_REGION_INDEX; i++)
		tap_errno(session_region_info(s, i, &region), 0,
			  "region %u has info", i);
	tap_errno(session_region_info(s, VFIO_PCI_CONFIG_REGION_INDEX, &region),
		  0, "config space has info");
	tap_eq(region.size, PCI_CFG_SPACE_EXP_SIZE, "config space is PCIe's");
	tap_errno(irqset_info(s, VFIO_PCI_ERR_IRQ_INDEX, &irq), 0,
		  "ERR has info");
	tap_eq(irq.count, 1, "ERR count");
}

/* vfio_realize(): its copy of config space, ROM, BARs, MSI-X */
static u32 qemu_config(struct session *s)
{
	u8 config[PCI_CFG_SPACE_EXP_SIZE];
	u32 i, msix, rom, control;

	if (!tap_eq((u64)io_read(s, IO_CONFIG, 0, config, sizeof(config)),
		    sizeof(config), "reads config space at once"))
		return 0;
	tap_eq(config[PCI_INTERRUPT_PIN], 0, "no INTx to set up");
	tap_eq(config[PCI_HEADER_TYPE] & 0x7f, PCI_HEADER_TYPE_NORMAL,
	       "header type");

	/* vfio_pci_size_rom() */
	rom = config_get(s, PCI_ROM_ADDRESS, 4);
	config_put(s, PCI_ROM_ADDRESS, (u32)PCI_ROM_ADDRESS_MASK, 4);
	tap_eq(config_get(s, PCI_ROM_ADDRESS, 4), 0, "no ROM");
	config_put(s, PCI_ROM_ADDRESS, rom, 4);

	/* vfio_bar_prepare() */
	for (i = 0; i < VFIO_PCI_ROM_REGION_INDEX; i++) {
		if (!s->region[i].size)
			continue;
		tap_eq(config_get(s, PCI_BASE_ADDRESS_0 + 4 * i, 4) &
			       PCI_BASE_ADDRESS_SPACE,
		       PCI_BASE_ADDRESS_SPACE_MEMORY, "BAR%u is memory", i);
		tap_ok(!(s->region[i].size & (s->region[i].size - 1)),
		       "BAR%u has a power of two of bytes", i);
	}

	/* vfio_msix_early_setup() */
	msix = capability_find(s, PCI_CAP_ID_MSIX);
	if (!tap_ok(msix, "there is MSI-X"))
		return 0;
	control = config_get(s, msix + PCI_MSIX_FLAGS, 2);
	i = config_get(s, msix + PCI_MSIX_TABLE, 4);
	tap_ok((i & PCI_MSIX_TABLE_OFFSET) +
			       16 * ((control & PCI_MSIX_FLAGS_QSIZE) + 1) <=
		       s->region[i & PCI_MSIX_TABLE_BIR].size,
	       "the MSI-X table lies in its BAR");
	return msix;
}

/* vfio_register_err_notifier(), vfio_register_req_notifier() */
static void qemu_notifiers(struct session *s, int err, int req)
{
	struct vfio_irq_info irq;

	tap_errno(irqset_fds(s, VFIO_PCI_ERR_IRQ_INDEX, 0, 1, &err), 0,
		  "sets an eventfd for ERR");
	tap_errno(irqset_info(s, VFIO_PCI_REQ_IRQ_INDEX, &irq), 0,
		  "REQ has info");
	tap_ok(irq.count >= 1, "REQ count: got %u want 1", irq.count);
	tap_errno(irqset_fds(s, VFIO_PCI_REQ_IRQ_INDEX, 0, 1, &req), 0,
		  "sets an eventfd for REQ");
}

/* vfio_pci_reset(): pre_reset, reset, post_reset */
static void qemu_reset(struct session *s, const char *when)
{
	u32 pm = capability_find(s, PCI_CAP_ID_PM), command, i;

	if (pm)
		tap_eq(config_get(s, pm + PCI_PM_CTRL, 2) &
			       PCI_PM_CTRL_STATE_MASK,
		       0, "%s: in D0", when);
	command = config_get(s, PCI_COMMAND, 2);
	command &= ~(PCI_COMMAND_IO | PCI_COMMAND_MEMORY | PCI_COMMAND_MASTER);
	config_put(s, PCI_COMMAND, command, 2);
	tap_errno(session_reset(s), 0, "%s: resets", when);
	for (i = 0; i < VFIO_PCI_ROM_REGION_INDEX; i++)
		config_put(s, PCI_BASE_ADDRESS_0 + 4 * i, 0, 4);
}

/* A guest enables the device; firmware and kernel size BARs in QEMU's copy. */
static void qemu_guest_start(struct session *s)
{
	config_put(s, PCI_COMMAND, PCI_COMMAND_MEMORY, 2);
	config_put(s, PCI_COMMAND, PCI_COMMAND_MEMORY | PCI_COMMAND_MASTER, 2);
	tap_eq(config_get(s, PCI_COMMAND, 2),
	       PCI_COMMAND_MEMORY | PCI_COMMAND_MASTER, "COMMAND is stored");
	config_put(s, PCI_INTERRUPT_LINE, 10, 1);
}

/*
 * vfio_msix_enable(), then vfio_msix_vector_do_use() as the guest unmasks one
 * vector after the other: the index is on with no vector in use (older: with
 * the last one, so that all are allocated), and vectors come one by one.
 */
static void qemu_msix(struct session *s, u32 msix, bool older, const char *when)
{
	int fds[VGPU_MSIX_VECTORS], event[2] = { event_create(),
						  event_create() };
	u32 control = config_get(s, msix + PCI_MSIX_FLAGS, 2);
	int ret;

	memset(fds, 0xff, sizeof(fds));
	/* it disables first, and does not look at the answer */
	irqset_disable(s, VFIO_PCI_MSIX_IRQ_INDEX);
	if (older)
		fds[VGPU_MSIX_VECTORS - 1] = event[1];
	tap_errno(irqset_fds(s, VFIO_PCI_MSIX_IRQ_INDEX, 0,
			     older ? VGPU_MSIX_VECTORS : 1, fds),
		  0, "%s: enables MSI-X with no vector in use", when);
	if (older)
		tap_errno(irqset_fds(s, VFIO_PCI_MSIX_IRQ_INDEX,
				     VGPU_MSIX_VECTORS - 1, 1, fds),
			  0, "%s: takes the last vector away", when);
	config_put(s, msix + PCI_MSIX_FLAGS, control | PCI_MSIX_FLAGS_ENABLE,
		   2);
	tap_errno(irqset_fds(s, VFIO_PCI_MSIX_IRQ_INDEX, 0, 1, &event[0]), 0,
		  "%s: uses vector 0", when);
	ret = irqset_fds(s, VFIO_PCI_MSIX_IRQ_INDEX, 5, 1, &event[1]);
	if (ret) {
		/* what it does for interrupts that can't grow */
		irqset_disable(s, VFIO_PCI_MSIX_IRQ_INDEX);
		fds[0] = event[0];
		fds[VGPU_MSIX_VECTORS - 1] = -1;
		fds[5] = event[1];
		ret = irqset_fds(s, VFIO_PCI_MSIX_IRQ_INDEX, 0, 6, fds);
	}
	tap_errno(ret, 0, "%s: uses vector 5", when);
	guest_job(s, event[0], when);
	tap_eq(event_take(event[1]), 0, "%s: signals of vector 5", when);
	tap_errno(irqset_disable(s, VFIO_PCI_MSIX_IRQ_INDEX), 0,
		  "%s: disables MSI-X", when);
	config_put(s, msix + PCI_MSIX_FLAGS, control, 2);
	close(event[0]);
	close(event[1]);
}

static void qemu_msi(struct session *s)
{
	u32 msi = capability_find(s, PCI_CAP_ID_MSI);
	int fd = event_create();

	if (!tap_must(msi, "there is MSI"))
		return;
	irqset_disable(s, VFIO_PCI_MSI_IRQ_INDEX);
	tap_errno(irqset_fds(s, VFIO_PCI_MSI_IRQ_INDEX, 0, 1, &fd), 0,
		  "enables MSI");
	config_put(s, msi + PCI_MSI_FLAGS,
		   PCI_MSI_FLAGS_64BIT | PCI_MSI_FLAGS_ENABLE, 2);
	guest_job(s, fd, "MSI");
	tap_errno(irqset_disable(s, VFIO_PCI_MSI_IRQ_INDEX), 0, "disables MSI");
	config_put(s, msi + PCI_MSI_FLAGS, PCI_MSI_FLAGS_64BIT, 2);
	close(fd);
}

/* vfio_exitfn() */
static void qemu_unplug(struct session *s)
{
	const int none = -1;

	tap_errno(irqset_fds(s, VFIO_PCI_REQ_IRQ_INDEX, 0, 1, &none), 0,
		  "takes the eventfd of REQ away");
	tap_errno(irqset_fds(s, VFIO_PCI_ERR_IRQ_INDEX, 0, 1, &none), 0,
		  "takes the eventfd of ERR away");
	irqset_disable(s, VFIO_PCI_MSIX_IRQ_INDEX);
}

/**
 * test_order_qemu() - QEMU, with a reboot of the guest
 * @s: a session without anything open
 */
void test_order_qemu(struct session *s)
{
	void *memory = guest_memory(QEMU_MEMORY);
	int err = event_create(), req = event_create();
	u32 msix;

	if (!tap_must(memory, "allocates memory"))
		return;
	if (!tap_must(!session_open_container(s), "opens: %s", s->error))
		goto out;
	tap_errno(session_dma_map(s, memory, 0, QEMU_MEMORY), 0,
		  "maps the guest's memory before the device is open");
	if (!tap_errno(session_open_device(s), 0, "opens the device"))
		goto out;
	qemu_populate(s);
	msix = qemu_config(s);
	qemu_notifiers(s, err, req);
	qemu_reset(s, "machine start");
	qemu_guest_start(s);
	if (msix) {
		qemu_msix(s, msix, true, "MSI-X, QEMU up to 8.1");
		qemu_msix(s, msix, false, "MSI-X, QEMU from 8.2");
	}
	qemu_msi(s);
	/* the guest reboots: QEMU switches interrupts off, then resets */
	qemu_reset(s, "reboot");
	qemu_guest_start(s);
	if (msix)
		qemu_msix(s, msix, false, "MSI-X after a reboot");
	tap_eq(event_take(err) + event_take(req), 0,
	       "signals of ERR and REQ meanwhile");
	qemu_unplug(s);
	session_close_device(s);
	tap_eq((u64)session_dma_unmap(s, 0, QEMU_MEMORY), QEMU_MEMORY,
	       "unmaps the guest's memory once the device is closed");
out:
	session_close(s);
	close(err);
	close(req);
}
