/* SPDX-License-Identifier: GPL-2.0 */
/* sysfs: accounting, one file for each figure. */
#ifndef _VGPUH_STATS_SYSFS_H
#define _VGPUH_STATS_SYSFS_H

#include <linux/sysfs.h>

extern const struct attribute_group vgpuh_stats_group;

void vgpuh_stats_sysfs_init(void);

#endif /* _VGPUH_STATS_SYSFS_H */
