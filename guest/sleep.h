/* SPDX-License-Identifier: GPL-2.0 */
#ifndef VGPUG_SLEEP_H
#define VGPUG_SLEEP_H

#include <linux/types.h>

struct pci_dev;
struct vgpug_device;

int vgpug_sleep_begin(struct pci_dev *pdev, struct vgpug_device *vdev);
bool vgpug_sleep_end(struct vgpug_device *vdev);

#endif /* VGPUG_SLEEP_H */
