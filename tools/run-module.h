/* SPDX-License-Identifier: GPL-2.0 */
/* A kernel of the user's own, out of a file. */
#ifndef VGPU_RUN_MODULE_H
#define VGPU_RUN_MODULE_H

#include "vgpu.h"

struct arguments;

int run_module(struct vgpu *dev, const struct arguments *args);

#endif /* VGPU_RUN_MODULE_H */
