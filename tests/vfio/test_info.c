// SPDX-License-Identifier: GPL-2.0
#include <errno.h>
#include <linux/vgpu_dev.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>

#include "irqset.h"
#include "mbox.h"
#include "tap.h"
#include "test_info.h"

static int test_get_info(struct session *s, struct vfio_device_info *info,
			 u32 argsz)
{
	memset(info, 0, sizeof(*info));
	info->argsz = argsz;
	return ioctl(s->device, VFIO_DEVICE_GET_INFO, info) ? -errno : 0;
}

/**
 * test_info() - VFIO_DEVICE_GET_INFO
 * @s: an open session
 */
void test_info(struct session *s)
{
	struct vfio_device_info info;

	if (!tap_errno(test_get_info(s, &info, sizeof(info)), 0,
		       "VFIO_DEVICE_GET_INFO"))
		return;
	tap_eq(info.flags, VFIO_DEVICE_FLAGS_PCI | VFIO_DEVICE_FLAGS_RESET,
	       "flags are PCI and RESET, no more");
	tap_eq(info.num_regions, VFIO_PCI_NUM_REGIONS, "num_regions");
	tap_eq(info.num_irqs, VFIO_PCI_NUM_IRQS, "num_irqs");
	tap_eq(info.cap_offset, 0, "no capabilities");

	tap_errno(test_get_info(s, &info, 16), 0,
		  "the oldest form of the structure is enough");
	tap_errno(test_get_info(s, &info, 15), EINVAL, "a shorter one is not");
	tap_errno(test_get_info(s, &info, 0), EINVAL, "argsz 0");
}

static u64 test_region_size(u32 index)
{
	switch (index) {
	case VFIO_PCI_BAR0_REGION_INDEX:
		return VGPU_BAR0_SIZE;
	case VFIO_PCI_BAR2_REGION_INDEX:
		return VGPU_BAR2_SIZE;
	case VFIO_PCI_BAR4_REGION_INDEX:
		return VGPU_BAR4_SIZE;
	case VFIO_PCI_CONFIG_REGION_INDEX:
		return 4096;
	default:
		return 0;
	}
}

static void test_region_one(struct session *s, u32 index)
{
	const u32 rw = VFIO_REGION_INFO_FLAG_READ | VFIO_REGION_INFO_FLAG_WRITE;
	u64 want = test_region_size(index);
	struct vfio_region_info info;
	void *map;

	/* cloud-hypervisor looks regions up by position: none may fail */
	if (!tap_errno(session_region_info(s, index, &info), 0,
		       "region %u has info", index))
		return;
	tap_eq(info.index, index, "region %u: index", index);
	tap_eq(info.size, want, "region %u: size", index);
	tap_eq(info.cap_offset, 0, "region %u: no capabilities", index);
	if (!want) {
		tap_ok(!(info.flags & ~rw), "absent region %u: flags %#x",
		       index, info.flags);
		return;
	}
	tap_eq(info.flags, rw, "region %u: flags are READ and WRITE, no more",
	       index);
	map = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_SHARED, s->device,
		   (off_t)info.offset);
	tap_ok(map == MAP_FAILED, "region %u can't be mapped", index);
	if (map != MAP_FAILED)
		munmap(map, 4096);
}

static void test_region_overlap(struct session *s)
{
	const struct vfio_region_info *a, *b;
	bool overlap = false;
	u32 i, k;

	for (i = 0; i < VFIO_PCI_VGA_REGION_INDEX; i++) {
		for (k = i + 1; k < VFIO_PCI_VGA_REGION_INDEX; k++) {
			a = &s->region[i];
			b = &s->region[k];
			if (a->offset < b->offset + b->size &&
			    b->offset < a->offset + a->size)
				overlap = true;
		}
	}
	tap_ok(!overlap, "regions don't overlap in the file");
}

/**
 * test_region_info() - VFIO_DEVICE_GET_REGION_INFO
 * @s: an open session
 */
void test_region_info(struct session *s)
{
	static const u32 bad[] = { VFIO_PCI_VGA_REGION_INDEX,
				   VFIO_PCI_NUM_REGIONS, 64, 1U << 24,
				   0x7fffffff, 0xffffffff };
	struct vfio_region_info info = { .argsz = sizeof(info) - 1 };
	u32 i;

	for (i = 0; i < VFIO_PCI_VGA_REGION_INDEX; i++)
		test_region_one(s, i);
	test_region_overlap(s);
	for (i = 0; i < ARRAY_SIZE(bad); i++)
		tap_errno(session_region_info(s, bad[i], &info), EINVAL,
			  "region %#x does not exist", bad[i]);
	memset(&info, 0, sizeof(info));
	info.argsz = sizeof(info) - 1;
	tap_errno(ioctl(s->device, VFIO_DEVICE_GET_REGION_INFO, &info) ?
			  -errno :
			  0,
		  EINVAL, "a short argsz");
}

static void test_irq_one(struct session *s, u32 index, const char *name,
			 u32 count)
{
	struct vfio_irq_info info;

	if (!tap_errno(irqset_info(s, index, &info), 0, "%s has info", name))
		return;
	tap_eq(info.index, index, "%s: index", name);
	tap_eq(info.count, count, "%s: count", name);
	if (!count)
		return;
	tap_ok(info.flags & VFIO_IRQ_INFO_EVENTFD, "%s: EVENTFD, in flags %#x",
	       name, info.flags);
	/* nothing here is level-triggered */
	tap_ok(!(info.flags & VFIO_IRQ_INFO_AUTOMASKED),
	       "%s: not AUTOMASKED, in flags %#x", name, info.flags);
}

/**
 * test_irq_info() - VFIO_DEVICE_GET_IRQ_INFO
 * @s: an open session
 */
void test_irq_info(struct session *s)
{
	static const u32 bad[] = { VFIO_PCI_NUM_IRQS, 64, 0x7fffffff,
				   0xffffffff };
	struct vfio_irq_info info = { .argsz = sizeof(info) - 1 };
	u32 i;

	test_irq_one(s, VFIO_PCI_INTX_IRQ_INDEX, "INTx", 0);
	test_irq_one(s, VFIO_PCI_MSI_IRQ_INDEX, "MSI", VGPU_MSI_VECTORS);
	test_irq_one(s, VFIO_PCI_MSIX_IRQ_INDEX, "MSI-X", VGPU_MSIX_VECTORS);
	test_irq_one(s, VFIO_PCI_ERR_IRQ_INDEX, "ERR", 1);
	test_irq_one(s, VFIO_PCI_REQ_IRQ_INDEX, "REQ", 1);
	tap_errno(ioctl(s->device, VFIO_DEVICE_GET_IRQ_INFO, &info) ? -errno :
								      0,
		  EINVAL, "a short argsz");
	for (i = 0; i < ARRAY_SIZE(bad); i++)
		tap_errno(irqset_info(s, bad[i], &info), EINVAL,
			  "interrupt index %#x does not exist", bad[i]);
}
