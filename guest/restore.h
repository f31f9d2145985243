/* SPDX-License-Identifier: GPL-2.0 */
#ifndef VGPUG_RESTORE_H
#define VGPUG_RESTORE_H

struct vgpug_device;

int vgpug_restore_save(struct vgpug_device *vdev);
void vgpug_restore(struct vgpug_device *vdev);
void vgpug_restore_drop(struct vgpug_device *vdev);

#endif /* VGPUG_RESTORE_H */
