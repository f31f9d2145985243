/* SPDX-License-Identifier: GPL-2.0 */
/* A worker: one vGPU's jobs, one after the other. */
#ifndef VGPU_EXECD_WORKER_H
#define VGPU_EXECD_WORKER_H

#include "engine.h"

struct tasks;

int worker_run(int channel, struct engine *engine, struct tasks *tasks);

#endif /* VGPU_EXECD_WORKER_H */
