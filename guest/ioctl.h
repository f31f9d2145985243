/* SPDX-License-Identifier: GPL-2.0 */
#ifndef VGPUG_IOCTL_H
#define VGPUG_IOCTL_H

struct file;

long vgpug_ioctl(struct file *file, unsigned int cmd, unsigned long arg);

#endif /* VGPUG_IOCTL_H */
