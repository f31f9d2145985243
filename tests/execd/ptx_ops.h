/* SPDX-License-Identifier: GPL-2.0 */
/* The instructions that ptx_run.c knows. */
#ifndef EXECD_PTX_OPS_H
#define EXECD_PTX_OPS_H

#include <linux/types.h>
#include <stdbool.h>

/**
 * struct ptx_op - an instruction that computes
 * @name: it
 * @run: what it computes; NULL if it is a jump or the end
 */
struct ptx_op {
	const char *name;
	__u64 (*run)(__u64 a, __u64 b, __u64 c);
};

/**
 * struct ptx_memory - a load or store
 * @name: it
 * @size: bytes
 * @stores: it is a store
 */
struct ptx_memory {
	const char *name;
	int size;
	bool stores;
};

const struct ptx_op *ptx_op_find(const char *name);
const struct ptx_memory *ptx_memory_find(const char *name);

#endif /* EXECD_PTX_OPS_H */
