/* SPDX-License-Identifier: GPL-2.0 */
/* The mdev driver: a vGPU comes and goes with its mdev. */
#ifndef _VGPUH_MDEV_H
#define _VGPUH_MDEV_H

#include <linux/mdev.h>

extern struct mdev_driver vgpuh_mdev_driver;

#endif /* _VGPUH_MDEV_H */
