// SPDX-License-Identifier: GPL-2.0
/* The stand-in's modules and kernels: see cuda_standin.h. */
#include <elf.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cuda_standin_state.h"

static void add_name(struct object *module, const char *name, size_t length)
{
	module->names = realloc(module->names, module->names_size + length + 1);
	memcpy(module->names + module->names_size, name, length);
	module->names_size += length;
	module->names[module->names_size++] = 0;
}

/* Each word after .entry; what isn't PTX has no .version */
static bool load_ptx(struct object *module, const char *text)
{
	const char *at;

	if (!strstr(text, ".version") || strstr(text, "wrong_instruction"))
		return false;
	for (at = strstr(text, ".entry "); at; at = strstr(at, ".entry ")) {
		at += strlen(".entry ");
		add_name(module, at, strcspn(at, "( \t\n"));
	}
	return true;
}

/* Each section .text.NAME; it has to be whole, as nobody says how long it is */
static bool load_cubin(struct object *module, const char *image)
{
	const Elf64_Ehdr *head = (const void *)image;
	const Elf64_Shdr *s = (const void *)(image + head->e_shoff);
	const char *names = image + s[head->e_shstrndx].sh_offset;
	int i;

	for (i = 0; i < head->e_shnum; i++)
		if (!strncmp(names + s[i].sh_name, ".text.", 6))
			add_name(module, names + s[i].sh_name + 6,
				 strlen(names + s[i].sh_name + 6));
	return true;
}

/* As the driver: no more than there is room for, and not always a NUL */
static void write_log(unsigned int options, int *option, void **value, int what, const char *text)
{
	char *to = NULL;
	size_t size = 0;
	unsigned int i;

	for (i = 0; i < options; i++) {
		if (option[i] == what)
			to = value[i];
		else if (option[i] == what + 1)
			size = (uintptr_t)value[i];
	}
	if (!to)
		return;
	if (size > strlen(text))
		size = strlen(text);
	memcpy(to, text, size);
	for (i = 0; i < options; i++)
		if (option[i] == what + 1)
			value[i] = (void *)size;
}

int cuModuleLoadDataEx(struct cu_module **module, const void *image, unsigned int options,
		       int *option, void **value)
{
	int error = standin_enter_context(__func__);
	struct object *o;
	bool good;

	if (error)
		return standin_leave(error);
	o = standin_add(MODULE);
	good = memcmp(image, ELFMAG, SELFMAG) ? load_ptx(o, image) : load_cubin(o, image);
	if (!good) {
		char *long_text = malloc(200001);

		memset(long_text, 'x', 200000);
		memcpy(long_text, "stand-in: line 1: error", 23);
		long_text[200000] = 0;
		write_log(options, option, value, CUDA_JIT_ERROR_LOG_BUFFER, long_text);
		free(long_text);
		standin_del(o);
		return standin_leave(CUDA_INVALID_PTX);
	}
	write_log(options, option, value, CUDA_JIT_INFO_LOG_BUFFER, "stand-in: it is good");
	*module = (struct cu_module *)o;
	return standin_leave(CUDA_OK);
}

int cuModuleUnload(struct cu_module *module)
{
	int error = standin_enter_context(__func__);
	struct object *o = standin_find(module, MODULE), *f, *next;

	if (!o)
		return standin_leave(standin_wrong("a module that isn't there"));
	if (standin_is_busy())
		standin_wrong("a module ends while the device may be using it");
	for (f = standin_objects; f; f = next) {
		next = f->next;
		if (f->kind == FUNCTION && f->module == o)
			standin_del(f);
	}
	standin_del(o);
	return standin_leave(error);
}

int cuModuleGetFunction(struct cu_function **function, struct cu_module *module, const char *name)
{
	int error = standin_enter_context(__func__);
	struct object *o = standin_find(module, MODULE), *f;
	const char *at;

	if (!error && !o)
		error = standin_wrong("a module that isn't there");
	if (error)
		return standin_leave(error);
	for (at = o->names; at && at < o->names + o->names_size; at += strlen(at) + 1) {
		if (strcmp(at, name) || !standin_kernel_find(name))
			continue;
		f = standin_add(FUNCTION);
		f->kernel = standin_kernel_find(name);
		f->module = o;
		*function = (struct cu_function *)f;
		return standin_leave(CUDA_OK);
	}
	return standin_leave(CUDA_NOT_FOUND);
}

int cuFuncGetAttribute(int *value, int attribute, struct cu_function *function)
{
	int error = standin_enter_context(__func__);
	struct object *o = standin_find(function, FUNCTION);

	if (!error && !o)
		error = standin_wrong("a function that isn't there");
	if (!error)
		*value = attribute == CUDA_FUNCTION_SHARED_SIZE_BYTES ? o->kernel->shared :
									o->kernel->threads;
	return standin_leave(error);
}

int cuFuncSetAttribute(struct cu_function *function, int attribute, int value)
{
	int error = standin_enter_context(__func__);
	struct object *o = standin_find(function, FUNCTION);

	if (!error && !o)
		error = standin_wrong("a function that isn't there");
	if (!error && attribute != CUDA_FUNCTION_MAX_DYNAMIC_SHARED_SIZE_BYTES)
		error = standin_wrong("an attribute of a function");
	if (!error)
		/* what it may have from now on */
		o->size = value;
	return standin_leave(error);
}

#ifndef STANDIN_OLD
int cuFuncGetParamInfo(struct cu_function *function, size_t i, size_t *offset, size_t *size)
{
	int error = standin_enter_context(__func__);
	struct object *o = standin_find(function, FUNCTION);
	size_t n;

	if (!error && !o)
		error = standin_wrong("a function that isn't there");
	if (error)
		return standin_leave(error);
	for (n = 0; o->kernel->size[n]; n++)
		;
	if (i >= n)
		return standin_leave(CUDA_INVALID_VALUE);
	*offset = 0;
	*size = o->kernel->size[i];
	return standin_leave(CUDA_OK);
}
#endif

int cuLaunchKernel(struct cu_function *function, unsigned int grid_x, unsigned int grid_y,
		   unsigned int grid_z, unsigned int block_x, unsigned int block_y,
		   unsigned int block_z, unsigned int shared, struct cu_stream *stream,
		   void **params, void **extra)
{
	struct op op = { .what = 'l', .grid = { { grid_x, grid_y, grid_z },
						{ block_x, block_y, block_z } } };
	int error = standin_enter_context(__func__);
	struct object *o = standin_find(function, FUNCTION);
	unsigned int i;

	if (!error && (!o || extra))
		error = standin_wrong("a launch");
	if (!error && (!grid_x || !grid_y || !grid_z || !block_x || !block_y || !block_z ||
		       grid_y > 65535 || grid_z > 65535 || block_z > 64 ||
		       (__u64)block_x * block_y * block_z > (__u64)o->kernel->threads ||
		       shared > (o->size ?: (__u64)49152 - o->kernel->shared)))
		error = standin_wrong("a launch that can't be");
	if (error)
		return standin_leave(error);
	op.kernel = o->kernel;
	for (i = 0; o->kernel->size[i]; i++)
		memcpy(op.param[i], params[i], o->kernel->size[i]);
	return standin_leave(standin_tell(stream, &op));
}
