/* SPDX-License-Identifier: GPL-2.0 */
/* PCI config space of a vGPU. */
#ifndef _VGPU_CONFIG_SPACE_H
#define _VGPU_CONFIG_SPACE_H

#include <linux/pci_regs.h>
#include <linux/spinlock.h>
#include <linux/types.h>

/* Where the capabilities are.  All of them below 256: the rest reads 0 */
#define VGPU_CONFIG_PM		0x40
#define VGPU_CONFIG_MSI		0x48
#define VGPU_CONFIG_MSIX	0x58
#define VGPU_CONFIG_VNDR	0x64
#define VGPU_CONFIG_EXP		0x78
#define VGPU_CONFIG_STORED	PCI_CFG_SPACE_SIZE

/**
 * struct vgpu_config - config space of one vGPU
 * @lock: protects @reg.  A leaf: nothing is called under it
 * @reg: its bytes
 */
struct vgpu_config {
	spinlock_t lock;
	u8 reg[VGPU_CONFIG_STORED];
};

void vgpu_config_init(struct vgpu_config *config);
void vgpu_config_reset(struct vgpu_config *config);
void vgpu_config_read(struct vgpu_config *config, u32 offset, void *buf, u32 len);
bool vgpu_config_write(struct vgpu_config *config, u32 offset, const void *buf,
		       u32 len, bool *flr);

#endif /* _VGPU_CONFIG_SPACE_H */
