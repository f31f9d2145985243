/* SPDX-License-Identifier: GPL-2.0 */
/* Policy files: what an operator sets for a vGPU and for a GPU. */
#ifndef _VGPUH_POLICY_SYSFS_H
#define _VGPUH_POLICY_SYSFS_H

struct attribute_group;

extern const struct attribute_group vgpuh_policy_group;
extern const struct attribute_group *vgpuh_policy_gpu_groups[];

#endif /* _VGPUH_POLICY_SYSFS_H */
