// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * Modules and kernels.  What a module was built of is kept for as long as the module: the
 * driver builds it once more of that after a sleep of the machine.
 */
#include <errno.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "error.h"
#include "internal.h"

/* A compiler takes its time */
#define BUILD_TIMEOUT_MS	120000

/* More than anybody reads */
#define MAX_LOG			1048576U

/**
 * struct vgpu_source - of what a module was built, and the compiler's words
 * @next: in &vgpu.sources
 * @module: its handle
 * @bo: a system buffer object
 * @at: the same
 * @bytes: the same
 */
struct vgpu_source {
	struct vgpu_source *next;
	__u32 module;
	__u32 bo;
	void *at;
	size_t bytes;
};

static void vgpu_source_free(struct vgpu *dev, struct vgpu_source *source)
{
	vgpu_bo_drop_system(dev, source->bo, source->at, source->bytes);
	free(source);
}

static void vgpu_source_drop(struct vgpu *dev, __u32 module)
{
	struct vgpu_source **p, *found;

	pthread_mutex_lock(&dev->sources_lock);
	for (p = &dev->sources; *p && (*p)->module != module; p = &(*p)->next)
		;
	found = *p;
	if (found)
		*p = found->next;
	pthread_mutex_unlock(&dev->sources_lock);
	if (found)
		vgpu_source_free(dev, found);
}

void vgpu_module_fini(struct vgpu *dev)
{
	struct vgpu_source *source;

	while ((source = dev->sources)) {
		dev->sources = source->next;
		vgpu_source_free(dev, source);
	}
}

int vgpu_module_load(struct vgpu *dev, enum vgpu_module_format format, const void *data,
		     size_t length, __u32 *module)
{
	const __u32 params[] = { format };
	struct vgpu_request request = {
		.opcode = VGPU_OP_MODULE_LOAD,
		.params = (uintptr_t)params,
		.param_count = ARRAY_SIZE(params),
		.data = (uintptr_t)data,
		.data_length = (__u32)length,
	};

	vgpu_error_clear();
	if (length > VGPU_REQ_MAX_PAYLOAD)
		return -EMSGSIZE;
	return vgpu_request_result(dev, &request, module);
}

int vgpu_module_build(struct vgpu *dev, enum vgpu_module_format format, const void *source,
		      size_t length, const char *options, char *log, size_t log_size,
		      __u32 *module)
{
	/* the log behind the source, in an object of their own */
	size_t log_at = (length + 7) & ~(size_t)7, log_bytes = log ? log_size : 0;
	struct vgpu_source *s;
	__u32 params[11] = { format };
	struct vgpu_request request = {
		.opcode = VGPU_OP_MODULE_BUILD,
		.params = (uintptr_t)params,
		.param_count = ARRAY_SIZE(params),
		.data = (uintptr_t)options,
		.data_length = options ? (__u32)strlen(options) : 0,
		.timeout_ms = BUILD_TIMEOUT_MS,
	};
	int err;

	vgpu_error_clear();
	if (log_bytes)
		*log = 0;
	if (request.data_length > VGPU_MAX_BUILD_OPTIONS || length > VGPU_MAX_SOURCE ||
	    log_bytes > MAX_LOG)
		return -EMSGSIZE;
	if (!length)
		return -EINVAL;
	s = calloc(1, sizeof(*s));
	if (!s)
		return -ENOMEM;
	s->bytes = log_at + log_bytes;
	err = vgpu_bo_create_system(dev, s->bytes, &s->bo, &s->at);
	if (err) {
		free(s);
		return err;
	}
	memcpy(s->at, source, length);
	params[1] = s->bo;
	params[4] = (__u32)length;
	if (log_bytes) {
		params[6] = s->bo;
		params[7] = (__u32)log_at;
		params[9] = (__u32)log_bytes;
	}
	err = vgpu_request_result(dev, &request, &s->module);
	if (log_bytes)
		snprintf(log, log_bytes, "%.*s", (int)log_bytes - 1, (char *)s->at + log_at);
	if (err) {
		vgpu_bo_drop_system(dev, s->bo, s->at, s->bytes);
		free(s);
		return err;
	}
	*module = s->module;
	pthread_mutex_lock(&dev->sources_lock);
	s->next = dev->sources;
	dev->sources = s;
	pthread_mutex_unlock(&dev->sources_lock);
	return 0;
}

int vgpu_module_unload(struct vgpu *dev, __u32 module)
{
	const __u32 params[] = { module };
	int err;

	err = vgpu_simple_request(dev, VGPU_OP_MODULE_UNLOAD, params, ARRAY_SIZE(params));
	if (!err)
		vgpu_source_drop(dev, module);
	return err;
}

int vgpu_kernel_get(struct vgpu *dev, __u32 module, const char *name, __u32 *kernel)
{
	const __u32 params[] = { module };
	struct vgpu_request request = {
		.opcode = VGPU_OP_KERNEL_GET,
		.params = (uintptr_t)params,
		.param_count = ARRAY_SIZE(params),
		.data = (uintptr_t)name,
		.data_length = (__u32)strlen(name),
	};

	return vgpu_request_result(dev, &request, kernel);
}
