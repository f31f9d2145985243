/* SPDX-License-Identifier: GPL-2.0 */
/* What to do about a vGPU that can't be opened. */
#ifndef VGPU_TOOLS_HINT_H
#define VGPU_TOOLS_HINT_H

#include <errno.h>

/**
 * open_hint() - what is the likely reason?
 * @err: what vgpu_open() returned
 *
 * Return: words to put behind those of vgpu_strerror(); or "".
 */
static inline const char *open_hint(int err)
{
	switch (err) {
	case -ENOENT:
		return " (is the module vgpu-guest loaded, and is there a vGPU in this machine?)";
	case -EACCES:
		return " (are you in the group of the device file?)";
	default:
		return "";
	}
}

#endif /* VGPU_TOOLS_HINT_H */
