/* SPDX-License-Identifier: GPL-2.0 */
/* debugfs: accounting of contexts, histograms, and a summary. */
#ifndef _VGPUH_STATS_DEBUGFS_H
#define _VGPUH_STATS_DEBUGFS_H

struct vgpuh_vfio;

void vgpuh_stats_debugfs_add(struct vgpuh_vfio *v);

#endif /* _VGPUH_STATS_DEBUGFS_H */
