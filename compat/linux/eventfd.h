/* SPDX-License-Identifier: GPL-2.0 */
/* eventfd_signal() had a count before Linux 6.8; it was always 1 */
#ifndef _VGPU_COMPAT_LINUX_EVENTFD_H
#define _VGPU_COMPAT_LINUX_EVENTFD_H

#include <linux/version.h>
#include_next <linux/eventfd.h>

#if LINUX_VERSION_CODE < KERNEL_VERSION(6, 8, 0)
#define eventfd_signal(ctx) eventfd_signal(ctx, 1)
#endif

#endif
