/* SPDX-License-Identifier: GPL-2.0 */
/* What is known of each engine here. */
#ifndef VGPU_SIM_KINDS_H
#define VGPU_SIM_KINDS_H

#include "native.h"

/**
 * struct kind - how an engine is measured
 * @engine: the engine; NULL: no more
 * @source: the kernel, in a format that it takes; NULL: it takes no modules, see load.c
 * @native: the same device without the engine; NULL: there is none, it is the processors of
 *	this machine, and the engine alone is what it is compared with
 */
struct kind {
	const struct engine_ops *engine;
	const struct spin_source *source;
	const struct native_ops *native;
};

extern const struct kind kinds[];

#endif /* VGPU_SIM_KINDS_H */
