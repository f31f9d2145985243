// SPDX-License-Identifier: GPL-2.0
/*
 * PCI config space.  It is what one table says: where each field is, its
 * initial value, and which bits a guest can write.
 *
 * BARs are sized in the usual way: their address bits are writable and the bits
 * below the size are not.  What is written there decides nothing here: a VMM
 * decodes addresses, and cloud-hypervisor leaves a sizing value behind.
 */
#include <linux/bits.h>
#include <linux/kernel.h>
#include <linux/string.h>
#include <linux/unaligned.h>
#include <linux/vgpu_dev.h>

#include "config_space.h"

/**
 * struct vgpu_config_field - a field of config space
 * @offset: where it is; a multiple of @size
 * @size: 1, 2 or 4 bytes
 * @value: initial value
 * @writable: bits that keep what is written
 * @clear: bits that are cleared by writing 1
 */
struct vgpu_config_field {
	u16 offset;
	u8 size;
	u32 value;
	u32 writable;
	u32 clear;
};

static const struct vgpu_config_field vgpu_config_fields[] = {
	{ PCI_VENDOR_ID, 2, VGPU_PCI_VENDOR_ID },
	{ PCI_DEVICE_ID, 2, VGPU_PCI_DEVICE_ID },
	{ PCI_COMMAND, 2, 0, PCI_COMMAND_MEMORY | PCI_COMMAND_MASTER |
	  PCI_COMMAND_PARITY | PCI_COMMAND_SERR | PCI_COMMAND_INTX_DISABLE },
	{ PCI_STATUS, 2, PCI_STATUS_CAP_LIST, 0,
	  PCI_STATUS_PARITY | PCI_STATUS_REC_TARGET_ABORT |
	  PCI_STATUS_REC_MASTER_ABORT | PCI_STATUS_SIG_TARGET_ABORT |
	  PCI_STATUS_SIG_SYSTEM_ERROR | PCI_STATUS_DETECTED_PARITY },
	{ PCI_CLASS_REVISION, 4, VGPU_PCI_CLASS << 8 | VGPU_PCI_REVISION },
	{ PCI_CACHE_LINE_SIZE, 1, 0, 0xff },
	{ PCI_HEADER_TYPE, 1, PCI_HEADER_TYPE_NORMAL },
	{ PCI_BASE_ADDRESS_0, 4,
	  PCI_BASE_ADDRESS_SPACE_MEMORY | PCI_BASE_ADDRESS_MEM_TYPE_32,
	  ~(u32)(VGPU_BAR0_SIZE - 1) },
	{ PCI_BASE_ADDRESS_2, 4,
	  PCI_BASE_ADDRESS_SPACE_MEMORY | PCI_BASE_ADDRESS_MEM_TYPE_64,
	  ~(u32)(VGPU_BAR2_SIZE - 1) },
	{ PCI_BASE_ADDRESS_3, 4, 0, ~0U },
	{ PCI_BASE_ADDRESS_4, 4,
	  PCI_BASE_ADDRESS_SPACE_MEMORY | PCI_BASE_ADDRESS_MEM_TYPE_64,
	  ~(u32)(VGPU_BAR4_SIZE - 1) },
	{ PCI_BASE_ADDRESS_5, 4, 0, ~0U },
	{ PCI_SUBSYSTEM_VENDOR_ID, 2, VGPU_PCI_SUBSYS_VENDOR_ID },
	{ PCI_SUBSYSTEM_ID, 2, VGPU_PCI_SUBSYS_ID },
	{ PCI_CAPABILITY_LIST, 1, VGPU_CONFIG_PM },
	{ PCI_INTERRUPT_LINE, 1, 0, 0xff },
	/* PCI_INTERRUPT_PIN 0: no INTx */

	{ VGPU_CONFIG_PM + PCI_CAP_LIST_ID, 1, PCI_CAP_ID_PM },
	{ VGPU_CONFIG_PM + PCI_CAP_LIST_NEXT, 1, VGPU_CONFIG_MSI },
	{ VGPU_CONFIG_PM + PCI_PM_PMC, 2, 3 },		/* version 3: PM 1.2 */
	{ VGPU_CONFIG_PM + PCI_PM_CTRL, 2, PCI_PM_CTRL_NO_SOFT_RESET,
	  PCI_PM_CTRL_STATE_MASK },

	{ VGPU_CONFIG_MSI + PCI_CAP_LIST_ID, 1, PCI_CAP_ID_MSI },
	{ VGPU_CONFIG_MSI + PCI_CAP_LIST_NEXT, 1, VGPU_CONFIG_MSIX },
	{ VGPU_CONFIG_MSI + PCI_MSI_FLAGS, 2, PCI_MSI_FLAGS_64BIT,
	  PCI_MSI_FLAGS_ENABLE },
	{ VGPU_CONFIG_MSI + PCI_MSI_ADDRESS_LO, 4, 0, ~3U },
	{ VGPU_CONFIG_MSI + PCI_MSI_ADDRESS_HI, 4, 0, ~0U },
	{ VGPU_CONFIG_MSI + PCI_MSI_DATA_64, 2, 0, 0xffff },

	{ VGPU_CONFIG_MSIX + PCI_CAP_LIST_ID, 1, PCI_CAP_ID_MSIX },
	{ VGPU_CONFIG_MSIX + PCI_CAP_LIST_NEXT, 1, VGPU_CONFIG_VNDR },
	{ VGPU_CONFIG_MSIX + PCI_MSIX_FLAGS, 2, VGPU_MSIX_VECTORS - 1,
	  PCI_MSIX_FLAGS_ENABLE | PCI_MSIX_FLAGS_MASKALL },
	{ VGPU_CONFIG_MSIX + PCI_MSIX_TABLE, 4, VGPU_BAR4_MSIX_TABLE | 4 },
	{ VGPU_CONFIG_MSIX + PCI_MSIX_PBA, 4, VGPU_BAR4_MSIX_PBA | 4 },

	{ VGPU_CONFIG_VNDR + PCI_CAP_LIST_ID, 1, PCI_CAP_ID_VNDR },
	{ VGPU_CONFIG_VNDR + PCI_CAP_LIST_NEXT, 1, VGPU_CONFIG_EXP },
	{ VGPU_CONFIG_VNDR + 2, 1, VGPU_PCI_VNDR_LEN },
	{ VGPU_CONFIG_VNDR + 3, 1, VGPU_PCI_VNDR_TYPE },
	{ VGPU_CONFIG_VNDR + VGPU_PCI_VNDR_MAGIC, 4, VGPU_MAGIC },
	{ VGPU_CONFIG_VNDR + VGPU_PCI_VNDR_ABI, 4, VGPU_PROTOCOL_VERSION },
	{ VGPU_CONFIG_VNDR + VGPU_PCI_VNDR_RING_ABI, 4, VGPU_RING_ABI_VERSION },

	{ VGPU_CONFIG_EXP + PCI_CAP_LIST_ID, 1, PCI_CAP_ID_EXP },
	{ VGPU_CONFIG_EXP + PCI_CAP_LIST_NEXT, 1, 0 },
	{ VGPU_CONFIG_EXP + PCI_EXP_FLAGS, 2, 2 | PCI_EXP_TYPE_ENDPOINT << 4 },
	{ VGPU_CONFIG_EXP + PCI_EXP_DEVCAP, 4,
	  PCI_EXP_DEVCAP_RBER | PCI_EXP_DEVCAP_FLR },
	/* PCI_EXP_DEVCTL_BCR_FLR acts and isn't kept: vgpu_config_write() */
	{ VGPU_CONFIG_EXP + PCI_EXP_DEVCTL, 2, PCI_EXP_DEVCTL_RELAX_EN |
	  PCI_EXP_DEVCTL_NOSNOOP_EN,
	  0x7fff & ~(PCI_EXP_DEVCTL_AUX_PME | PCI_EXP_DEVCTL_PHANTOM |
		     PCI_EXP_DEVCTL_EXT_TAG) },
	{ VGPU_CONFIG_EXP + PCI_EXP_DEVSTA, 2, 0, 0,
	  PCI_EXP_DEVSTA_CED | PCI_EXP_DEVSTA_NFED | PCI_EXP_DEVSTA_FED |
	  PCI_EXP_DEVSTA_URD },
	{ VGPU_CONFIG_EXP + PCI_EXP_LNKCAP, 4,
	  PCI_EXP_LNKCAP_SLS_2_5GB | 1 << 4 /* x1 */ },
	{ VGPU_CONFIG_EXP + PCI_EXP_LNKCTL, 2, 0,
	  PCI_EXP_LNKCTL_RCB | PCI_EXP_LNKCTL_CCC | PCI_EXP_LNKCTL_ES },
	{ VGPU_CONFIG_EXP + PCI_EXP_LNKSTA, 2,
	  PCI_EXP_LNKSTA_CLS_2_5GB | PCI_EXP_LNKSTA_NLW_X1 },
};

/**
 * vgpu_config_init() - make a config space with its initial values
 * @config: the config space
 *
 * Context: any.
 */
void vgpu_config_init(struct vgpu_config *config)
{
	spin_lock_init(&config->lock);
	vgpu_config_reset(config);
}

/**
 * vgpu_config_reset() - back to the initial values
 * @config: the config space
 *
 * BARs included: a VMM keeps the addresses it gave, and writes them back.
 *
 * Context: process context; takes @config->lock.
 */
void vgpu_config_reset(struct vgpu_config *config)
{
	u32 i;

	spin_lock(&config->lock);
	memset(config->reg, 0, sizeof(config->reg));
	for (i = 0; i < ARRAY_SIZE(vgpu_config_fields); i++) {
		const struct vgpu_config_field *field = &vgpu_config_fields[i];
		u8 value[4];

		put_unaligned_le32(field->value, value);
		memcpy(config->reg + field->offset, value, field->size);
	}
	spin_unlock(&config->lock);
}

/**
 * vgpu_config_read() - read config space
 * @config: the config space
 * @offset: first byte; below PCI_CFG_SPACE_EXP_SIZE
 * @buf: where the bytes go
 * @len: how many; any width and alignment, up to the end
 *
 * Context: process context; takes @config->lock.
 */
void vgpu_config_read(struct vgpu_config *config, u32 offset, void *buf, u32 len)
{
	memset(buf, 0, len);
	if (offset >= VGPU_CONFIG_STORED)
		return;
	spin_lock(&config->lock);
	memcpy(buf, config->reg + offset, min(len, VGPU_CONFIG_STORED - offset));
	spin_unlock(&config->lock);
}

/* the field that holds a byte, or NULL */
static const struct vgpu_config_field *vgpu_config_find(u32 offset)
{
	u32 i;

	for (i = 0; i < ARRAY_SIZE(vgpu_config_fields); i++) {
		const struct vgpu_config_field *field = &vgpu_config_fields[i];

		if (offset >= field->offset && offset < field->offset + field->size)
			return field;
	}
	return NULL;
}

/**
 * vgpu_config_write() - write config space
 * @config: the config space
 * @offset: first byte; below PCI_CFG_SPACE_EXP_SIZE
 * @buf: private copy of the bytes
 * @len: how many; any width and alignment, up to the end
 * @flr: set to true if the guest asks for a function level reset, left alone
 *	otherwise
 *
 * Context: process context; takes @config->lock.
 * Return: false if a byte was written that no field can take.
 */
bool vgpu_config_write(struct vgpu_config *config, u32 offset, const void *buf,
		       u32 len, bool *flr)
{
	const u32 flr_byte = VGPU_CONFIG_EXP + PCI_EXP_DEVCTL + 1;
	const u8 *byte = buf;
	bool taken = true;
	u32 i;

	spin_lock(&config->lock);
	for (i = 0; i < len; i++, offset++) {
		const struct vgpu_config_field *field = vgpu_config_find(offset);
		u8 *reg, writable, clear;
		u32 shift;

		if (!field || !(field->writable | field->clear)) {
			taken = false;
			continue;
		}
		reg = &config->reg[offset];
		shift = (offset - field->offset) * BITS_PER_BYTE;
		writable = field->writable >> shift;
		clear = field->clear >> shift;
		*reg = (*reg & ~writable) | (byte[i] & writable);
		*reg &= ~(byte[i] & clear);
		if (offset == flr_byte && byte[i] & (PCI_EXP_DEVCTL_BCR_FLR >> 8))
			*flr = true;
	}
	spin_unlock(&config->lock);
	return taken;
}
