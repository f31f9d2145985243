// SPDX-License-Identifier: GPL-2.0
#include <string.h>

#include "module.h"

/**
 * module_request() - make a VGPU_OP_MODULE_BUILD
 * @r: what to fill in
 * @text: of what
 */
void module_request(struct mbox_request *r, const struct module_text *text)
{
	mbox_request_init(r, VGPU_OP_MODULE_BUILD);
	mbox_request_param(r, text->ctx);
	mbox_request_param(r, VGPU_MODULE_OPENCL_C);
	mbox_request_param(r, text->bo);
	mbox_request_param64(r, text->code);
	mbox_request_param64(r, text->code_size);
	mbox_request_param(r, text->bo);
	mbox_request_param64(r, text->log);
	mbox_request_param64(r, text->log_size);
	mbox_request_data(r, text->options, strlen(text->options));
}

/* Run it, and tell what its one result is. */
static int module_run(struct mbox *m, const struct mbox_request *r, u32 *handle)
{
	int err = mbox_run(m, r);

	*handle = m->resp.result[0];
	return err;
}

/**
 * module_build() - VGPU_OP_MODULE_BUILD
 * @m: the mailbox
 * @text: of what
 * @module: the module, if there is no error
 *
 * Return: as mbox_run().
 */
int module_build(struct mbox *m, const struct module_text *text, u32 *module)
{
	struct mbox_request r;

	module_request(&r, text);
	return module_run(m, &r, module);
}

/**
 * module_builtin() - VGPU_OP_MODULE_LOAD
 * @m: the mailbox
 * @ctx: the context
 * @module: the module of built-in kernels, if there is no error
 *
 * Return: as mbox_run().
 */
int module_builtin(struct mbox *m, u32 ctx, u32 *module)
{
	struct mbox_request r;

	mbox_request_init(&r, VGPU_OP_MODULE_LOAD);
	mbox_request_param(&r, ctx);
	mbox_request_param(&r, VGPU_MODULE_BUILTIN);
	return module_run(m, &r, module);
}

/**
 * module_kernel() - VGPU_OP_KERNEL_GET
 * @m: the mailbox
 * @ctx: the context
 * @module: the module
 * @name: of the kernel
 * @kernel: the kernel, if there is no error
 *
 * Return: as mbox_run().
 */
int module_kernel(struct mbox *m, u32 ctx, u32 module, const char *name, u32 *kernel)
{
	struct mbox_request r;

	mbox_request_init(&r, VGPU_OP_KERNEL_GET);
	mbox_request_param(&r, ctx);
	mbox_request_param(&r, module);
	mbox_request_data(&r, name, strlen(name));
	return module_run(m, &r, kernel);
}

/**
 * module_unload() - VGPU_OP_MODULE_UNLOAD
 * @m: the mailbox
 * @ctx: the context
 * @module: the module
 *
 * Return: as mbox_run().
 */
int module_unload(struct mbox *m, u32 ctx, u32 module)
{
	struct mbox_request r;

	mbox_request_init(&r, VGPU_OP_MODULE_UNLOAD);
	mbox_request_param(&r, ctx);
	mbox_request_param(&r, module);
	return mbox_run(m, &r);
}
