/* SPDX-License-Identifier: GPL-2.0 */
/* Modules and kernels of the guest's own. */
#ifndef VGPU_EXECD_TASK_H
#define VGPU_EXECD_TASK_H

#include "ahead.h"

struct tasks;

struct tasks *tasks_start(int channel, struct engine *engine);
enum vgpu_error tasks_launch(struct tasks *tasks, __u32 number, const struct engine_arg *arg,
			     __u32 count, const struct engine_grid *grid,
			     struct ahead_job *job);
enum vgpu_error tasks_end_kernel(struct tasks *tasks, __u32 number);
enum vgpu_error tasks_end_module(struct tasks *tasks, __u32 number);

#endif /* VGPU_EXECD_TASK_H */
