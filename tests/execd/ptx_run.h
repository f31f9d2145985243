/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Runs a kernel of builtin.ptx on the CPU, instruction by instruction: as much of PTX as clang made
 * of builtin.cl, and no more.
 */
#ifndef EXECD_PTX_RUN_H
#define EXECD_PTX_RUN_H

#include <linux/types.h>
#include <stdbool.h>
#include <stddef.h>

struct ptx;

/**
 * struct ptx_range - memory that a kernel may touch
 * @at: where
 * @size: bytes
 */
struct ptx_range {
	__u64 at;
	__u64 size;
};

struct ptx *ptx_parse(const char *text, const char *kernel);
void ptx_free(struct ptx *ptx);
bool ptx_run(struct ptx *ptx, const __u64 param[][2], unsigned int groups, unsigned int items,
	     const struct ptx_range *range, size_t ranges);

#endif /* EXECD_PTX_RUN_H */
