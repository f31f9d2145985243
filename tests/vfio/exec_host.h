/* SPDX-License-Identifier: GPL-2.0 */
/* vgpu-execd as a child of this process, to be killed and begun again. */
#ifndef VFIO_CHECK_EXEC_HOST_H
#define VFIO_CHECK_EXEC_HOST_H

#include <stdbool.h>
#include <sys/types.h>

/* Of its GPU: what the scenario began it with, in MiB; and most jobs that are with workers */
#define EXEC_HOST_MEMORY	"256"
#define EXEC_HOST_DEPTH		32

/**
 * struct exec_host - an executor
 * @path: the program
 * @pid: its process; 0 if there is none
 */
struct exec_host {
	const char *path;
	pid_t pid;
};

bool exec_host_start(struct exec_host *host);
bool exec_host_kill(struct exec_host *host);
bool exec_host_kill_worker(const struct exec_host *host);
bool exec_host_idle(const struct exec_host *host);

#endif /* VFIO_CHECK_EXEC_HOST_H */
