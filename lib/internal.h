/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef LIBVGPU_INTERNAL_H
#define LIBVGPU_INTERNAL_H

#include <pthread.h>
#include <stdbool.h>

#include "vgpu.h"

struct vgpu_source;

#define ARRAY_SIZE(array)	(sizeof(array) / sizeof((array)[0]))

/**
 * struct vgpu - an open vGPU
 * @fd: the file
 * @timeout_ms: relaxed atomic accesses: any value that was set will do
 * @lock: protects the rest, and is held as long as a job of job.c takes
 * @mailbox: jobs go through the mailbox
 * @queue: through which they go otherwise; NULL until the first
 * @staging_bo: memory through which data pass; 0 until the first
 * @staging: the same
 * @module: of the built-in kernels; 0 until the first launch
 * @kernel: by enum vgpu_builtin; 0 until first launched
 * @sources_lock: protects @sources
 * @sources: of the modules that were built
 */
struct vgpu {
	int fd;
	unsigned int timeout_ms;
	pthread_mutex_t lock;
	bool mailbox;
	struct vgpu_queue *queue;
	__u32 staging_bo;
	void *staging;
	__u32 module;
	__u32 kernel[VGPU_BUILTIN_COUNT];
	pthread_mutex_t sources_lock;
	struct vgpu_source *sources;
};

int vgpu_simple_request(struct vgpu *dev, enum vgpu_opcode opcode, const __u32 *params,
			unsigned int param_count);
int vgpu_request_result(struct vgpu *dev, struct vgpu_request *request, __u32 *result);
void vgpu_bo_drop_system(struct vgpu *dev, __u32 bo, void *ptr, size_t size);
void vgpu_job_fini(struct vgpu *dev);
void vgpu_module_fini(struct vgpu *dev);

#endif /* LIBVGPU_INTERNAL_H */
