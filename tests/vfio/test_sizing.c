// SPDX-License-Identifier: GPL-2.0
#include <linux/pci_regs.h>
#include <linux/vgpu_dev.h>

#include "io.h"
#include "mbox.h"
#include "tap.h"
#include "test_sizing.h"

static u32 sizing_one(struct session *s, u32 offset)
{
	config_get(s, offset, 4);
	config_put(s, offset, ~0U, 4);
	return config_get(s, offset, 4);
}

/**
 * sizing_probe() - write ones everywhere, as cloud-hypervisor does
 * @s: an open session
 * @z: the answers
 *
 * Nothing is put back afterwards: cloud-hypervisor doesn't either.
 */
void sizing_probe(struct session *s, struct sizing *z)
{
	u32 i;

	for (i = 0; i < ARRAY_SIZE(z->bar); i++)
		z->bar[i] = sizing_one(s, PCI_BASE_ADDRESS_0 + 4 * i);
	z->rom = sizing_one(s, PCI_ROM_ADDRESS);
}

static void sizing_absent(struct session *s, const struct sizing *z, u32 index)
{
	tap_eq(z->bar[index], 0, "absent BAR%u reads 0 after a write of ones",
	       index);
	tap_eq(s->region[index].size, 0, "absent BAR%u has no region", index);
}

/**
 * sizing_check() - check what sizing_probe() found
 * @s: an open session
 * @z: the answers
 */
void sizing_check(struct session *s, const struct sizing *z)
{
	u64 mask, size;
	u32 i;

	tap_eq(z->bar[0] & 0xf,
	       PCI_BASE_ADDRESS_SPACE_MEMORY | PCI_BASE_ADDRESS_MEM_TYPE_32,
	       "BAR0: flags after a write of ones");
	tap_eq(~(z->bar[0] & ~0xfU) + 1, s->region[0].size,
	       "BAR0: config space and region info agree on the size");
	sizing_absent(s, z, 1);
	for (i = 2; i < 6; i += 2) {
		tap_eq(z->bar[i] & 0x7,
		       PCI_BASE_ADDRESS_SPACE_MEMORY |
			       PCI_BASE_ADDRESS_MEM_TYPE_64,
		       "BAR%u: flags after a write of ones", i);
		tap_eq(z->bar[i + 1], 0xffffffff, "BAR%u: upper half", i);
		mask = (u64)z->bar[i + 1] << 32 | (z->bar[i] & ~0xfU);
		size = ~mask + 1;
		tap_eq(size, s->region[i].size,
		       "BAR%u: config space and region info agree on the size",
		       i);
		tap_eq(s->region[i + 1].size, 0,
		       "BAR%u: its upper half is no region", i);
		tap_ok(size >= 4096 && !(size & (size - 1)),
		       "BAR%u: size is a power of two and a page at least", i);
	}
	tap_eq(z->rom, 0, "absent ROM reads 0 after a write of ones");
	tap_eq(s->region[VFIO_PCI_ROM_REGION_INDEX].size, 0,
	       "absent ROM has no region");
}

static void sizing_addresses(struct session *s)
{
	u32 flags = config_get(s, PCI_BASE_ADDRESS_2, 4) & 0xf;

	config_put(s, PCI_BASE_ADDRESS_0, 0xfebc3456, 4);
	tap_eq(config_get(s, PCI_BASE_ADDRESS_0, 4), 0xfebc3000,
	       "BAR0 stores an address, aligned to its size");
	config_put(s, PCI_BASE_ADDRESS_0 + 2, 0xabcd, 2);
	tap_eq(config_get(s, PCI_BASE_ADDRESS_0, 4), 0xabcd3000,
	       "BAR0 stores two bytes");
	config_put(s, PCI_BASE_ADDRESS_0 + 3, 0xfe, 1);
	tap_eq(config_get(s, PCI_BASE_ADDRESS_0, 4), 0xfecd3000,
	       "BAR0 stores one byte");
	config_put(s, PCI_BASE_ADDRESS_2, 0x40000000, 4);
	config_put(s, PCI_BASE_ADDRESS_3, 0x00000012, 4);
	tap_eq(config_get(s, PCI_BASE_ADDRESS_2, 4), 0x40000000 | flags,
	       "BAR2 stores the lower half of an address");
	tap_eq(config_get(s, PCI_BASE_ADDRESS_3, 4), 0x12,
	       "BAR2 stores the upper half of an address");
	config_put(s, PCI_BASE_ADDRESS_1, 0xfebc0000, 4);
	tap_eq(config_get(s, PCI_BASE_ADDRESS_1, 4), 0,
	       "absent BAR1 stores nothing");
	config_put(s, PCI_ROM_ADDRESS, 0xfebc0001, 4);
	tap_eq(config_get(s, PCI_ROM_ADDRESS, 4), 0,
	       "absent ROM stores nothing");
}

/**
 * test_sizing() - BAR sizing, without putting anything back
 * @s: an open session
 */
void test_sizing(struct session *s)
{
	struct sizing z;

	sizing_probe(s, &z);
	sizing_check(s, &z);
	tap_eq(bar0_get(s, VGPU_REG_EXT_MAGIC), VGPU_MAGIC,
	       "BAR0 answers with its BAR full of ones");
	mbox_works(s, "with all BARs full of ones");
	sizing_addresses(s);
	sizing_probe(s, &z);
	tap_eq(z.bar[0] & ~0xfU, 0xfffff000, "BAR0: the same size again");
	mbox_works(s, "with BARs moved");
}
