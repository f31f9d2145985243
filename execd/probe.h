/* SPDX-License-Identifier: GPL-2.0 */
/* What an engine can do here, found out in a process of its own. */
#ifndef VGPU_EXECD_PROBE_H
#define VGPU_EXECD_PROBE_H

#include "engine.h"
#include "sandbox.h"

bool probe_list(const struct engine_ops *ops);
bool probe_device(const struct engine_ops *ops, const char *device, struct sandbox *sandbox,
		  struct engine_info *info, struct engine_code *code);

#endif /* VGPU_EXECD_PROBE_H */
