/* SPDX-License-Identifier: GPL-2.0 */
/* What runs a worker's jobs. */
#ifndef VGPU_EXECD_ENGINE_H
#define VGPU_EXECD_ENGINE_H

#include <stdbool.h>
#include <stddef.h>

#include <linux/vgpu_exec.h>

/**
 * struct engine_range - bytes of an object, checked by the kernel to lie in it
 * @at: the first; NULL for an argument that is no buffer
 * @length: how many
 * @value: the argument, if it is no buffer
 */
struct engine_range {
	void *at;
	__u64 length;
	__u64 value;
};

/**
 * struct engine - a way to reach a GPU
 * @name: as --engine has it
 * @builtins: bit n set: it runs enum vgpu_builtin n
 * @copy: from one range to another that doesn't overlap it
 * @fill: with a word
 * @launch: a kernel that is in @builtins
 *
 * Each looks at *@abort from time to time; returns VGPU_ERR_CANCELED if it isn't 0 any more.
 */
struct engine {
	const char *name;
	__u64 builtins;
	enum vgpu_error (*copy)(void *dst, const void *src, __u64 length,
				const __u32 *abort);
	enum vgpu_error (*fill)(void *dst, __u32 pattern, __u64 length,
				const __u32 *abort);
	enum vgpu_error (*launch)(enum vgpu_builtin kernel, const struct engine_range *arg,
				  const __u32 *abort);
};

extern const struct engine engine_reference;

/* For engines to call from time to time; the worker's */
bool engine_is_aborted(const __u32 *abort);

#endif /* VGPU_EXECD_ENGINE_H */
