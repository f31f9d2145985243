/* SPDX-License-Identifier: GPL-2.0 */
#ifndef VGPUG_IRQ_H
#define VGPUG_IRQ_H

struct pci_dev;
struct vgpug_device;

int vgpug_irq_init(struct pci_dev *pdev, struct vgpug_device *vdev);
void vgpug_irq_fini(struct pci_dev *pdev, struct vgpug_device *vdev);

#endif /* VGPUG_IRQ_H */
