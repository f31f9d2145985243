/* SPDX-License-Identifier: GPL-2.0 */
/* The kernel that is measured, as an engine of vgpu-execd runs it. */
#ifndef VGPU_SIM_LOAD_H
#define VGPU_SIM_LOAD_H

#include <stdbool.h>

#include "engine.h"
#include "spin.h"

/**
 * struct load - the kernel on an engine
 * @engine: the engine, open
 * @source: the kernel; NULL: the engine takes no modules, and it is VGPU_BUILTIN_VECADD_U32,
 *	which adds a second part of @mem to the first
 * @module: @source, built
 * @kernel: of that
 * @grid: work items
 * @items: how many; without @source, as many as there are steps
 * @mem: the sums, and what goes with them
 * @done: the jobs that have added to them
 */
struct load {
	struct engine *engine;
	const struct spin_source *source;
	struct engine_module *module;
	struct engine_kernel *kernel;
	struct engine_grid grid;
	__u32 items;
	struct engine_mem *mem;
	struct spin done;
};

bool load_open(struct load *load, struct engine *engine, const struct spin_source *source,
	       const struct engine_grid *grid);
enum vgpu_error load_prepare(struct load *load, __u32 work);
bool load_can_wait(const struct load *load);
enum vgpu_error load_launch(struct load *load, __u32 seed, struct engine_job *job);
void load_count(struct load *load, __u32 seed);
bool load_check(struct load *load);
void load_close(struct load *load);

#endif /* VGPU_SIM_LOAD_H */
