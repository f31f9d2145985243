/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef LIBVGPU_ERROR_H
#define LIBVGPU_ERROR_H

#include <linux/types.h>

void vgpu_error_clear(void);
int vgpu_error_from_device(__u32 code);
void vgpu_error_retry(__u32 us);

#endif /* LIBVGPU_ERROR_H */
