/* SPDX-License-Identifier: GPL-2.0 */
#ifndef VGPUG_IRQ_H
#define VGPUG_IRQ_H

#include <linux/types.h>

struct pci_dev;
struct vgpug_mailbox;

int vgpug_irq_init(struct pci_dev *pdev, struct vgpug_mailbox *mb);
void vgpug_irq_fini(struct pci_dev *pdev, struct vgpug_mailbox *mb);

#endif /* VGPUG_IRQ_H */
