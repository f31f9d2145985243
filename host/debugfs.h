/* SPDX-License-Identifier: GPL-2.0 */
/* debugfs: a look into each VM's mailbox. */
#ifndef _VGPUH_DEBUGFS_H
#define _VGPUH_DEBUGFS_H

struct vgpuh_vfio;

void vgpuh_debugfs_init(void);
void vgpuh_debugfs_fini(void);
void vgpuh_debugfs_add(struct vgpuh_vfio *v);
void vgpuh_debugfs_remove(struct vgpuh_vfio *v);

#endif /* _VGPUH_DEBUGFS_H */
