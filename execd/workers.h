/* SPDX-License-Identifier: GPL-2.0 */
/* Which workers there are. */
#ifndef VGPU_EXECD_WORKERS_H
#define VGPU_EXECD_WORKERS_H

#include <linux/types.h>
#include <stdbool.h>
#include <sys/types.h>

bool workers_add(__u64 channel, pid_t pid);
bool workers_forget(pid_t pid, __u64 *channel);
void workers_kill(__u64 channel);

#endif /* VGPU_EXECD_WORKERS_H */
