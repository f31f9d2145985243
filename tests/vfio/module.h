/* SPDX-License-Identifier: GPL-2.0 */
/* Modules of the guest's own, by mailbox. */
#ifndef VFIO_CHECK_MODULE_H
#define VFIO_CHECK_MODULE_H

#include "mbox.h"

/**
 * struct module_text - what a module is built of
 * @ctx: its context
 * @bo: an object of guest memory that has the source, in OpenCL C, and room for the log
 * @code: where the source is in @bo
 * @code_size: bytes of it
 * @log: where the log goes
 * @log_size: bytes of it
 * @options: the compiler's
 */
struct module_text {
	u32 ctx;
	u32 bo;
	u64 code;
	u64 code_size;
	u64 log;
	u64 log_size;
	const char *options;
};

void module_request(struct mbox_request *r, const struct module_text *text);
int module_build(struct mbox *m, const struct module_text *text, u32 *module);
int module_builtin(struct mbox *m, u32 ctx, u32 *module);
int module_kernel(struct mbox *m, u32 ctx, u32 module, const char *name, u32 *kernel);
int module_unload(struct mbox *m, u32 ctx, u32 module);

#endif /* VFIO_CHECK_MODULE_H */
