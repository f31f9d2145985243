// SPDX-License-Identifier: GPL-2.0
#include <linux/pci_regs.h>

#include "capability.h"
#include "io.h"

/**
 * capability_find() - find a capability the way VMMs do
 * @s: an open session
 * @id: PCI_CAP_ID_*
 *
 * Return: where it is; 0 if there is none.
 */
u32 capability_find(struct session *s, u8 id)
{
	u32 at, left = CAPABILITY_MAX;

	if (!(config_get(s, PCI_STATUS, 2) & PCI_STATUS_CAP_LIST))
		return 0;
	at = config_get(s, PCI_CAPABILITY_LIST, 1) & ~3U;
	while (at && left--) {
		if (config_get(s, at + PCI_CAP_LIST_ID, 1) == id)
			return at;
		at = config_get(s, at + PCI_CAP_LIST_NEXT, 1) & ~3U;
	}
	return 0;
}
