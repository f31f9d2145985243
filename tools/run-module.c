// SPDX-License-Identifier: GPL-2.0
/*
 * A kernel of the user's own: a module out of a file, built on the vGPU, and arguments as the
 * command line has them.  Buffers are memory of this machine, which the device reads and writes
 * where it is.
 */
#include <endian.h>
#include <err.h>
#include <errno.h>
#include <math.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "run-job.h"
#include "run-module.h"

#define LOG_SIZE	65536U

#define ARRAY_SIZE(array)	(sizeof(array) / sizeof((array)[0]))

/**
 * struct buffer - an argument that is one
 * @bo: a system buffer object; 0 if it isn't
 * @at: the same
 * @size: bytes
 * @out: a file that it is written to; or NULL
 */
struct buffer {
	__u32 bo;
	void *at;
	size_t size;
	const char *out;
};

/* A whole file; NULL, with a word on stderr, if it can't be read */
static void *read_whole(const char *path, size_t *size)
{
	FILE *file = fopen(path, "rb");
	struct stat st;
	void *data = NULL;

	if (!file || fstat(fileno(file), &st))
		goto err_complain;
	*size = (size_t)st.st_size;
	data = malloc(*size + 1);
	if (!data || fread(data, 1, *size, file) != *size)
		goto err_complain;
	fclose(file);
	return data;

err_complain:
	warn("%s", path);
	free(data);
	if (file)
		fclose(file);
	return NULL;
}

static int write_whole(const char *path, const void *data, size_t size)
{
	FILE *file = fopen(path, "wb");
	size_t put = file ? fwrite(data, 1, size, file) : 0;

	if (!file || fclose(file) || put != size) {
		warn("%s", path);
		return FAILURE;
	}
	return MATCH;
}

static int make_buffer(struct vgpu *dev, struct buffer *buffer, size_t size, const void *data)
{
	int err = vgpu_bo_create_system(dev, size, &buffer->bo, &buffer->at);

	if (err)
		return run_complain("a buffer", err);
	buffer->size = size;
	if (data)
		memcpy(buffer->at, data, size);
	return MATCH;
}

static int bad_argument(const char *text)
{
	warnx("%s: no argument of a kernel; --help tells what is", text);
	return FAILURE;
}

/* in:FILE, inout:FILE:FILE, out:FILE:BYTES, zero:BYTES */
static int parse_buffer(struct vgpu *dev, const char *kind, const char *text,
			struct buffer *buffer)
{
	char *path = strdup(text), *second;
	unsigned long long bytes = 0;
	int ret = FAILURE;
	void *data = NULL;
	size_t size = 0;
	char *end;

	if (!path)
		return FAILURE;
	second = strcmp(kind, "in") ? strrchr(path, ':') : NULL;
	if (second)
		*second++ = 0;
	if (!strcmp(kind, "zero"))
		second = path;
	if (!strcmp(kind, "out") || !strcmp(kind, "zero")) {
		errno = 0;
		bytes = second ? strtoull(second, &end, 0) : 0;
		if (!bytes || errno || *end || *second == '-') {
			warnx("%s:%s: how many bytes?", kind, text);
			goto out_free;
		}
		size = bytes;
	} else {
		data = read_whole(path, &size);
		if (!data)
			goto out_free;
		if (!size) {
			warnx("%s: empty", path);
			goto out_free;
		}
	}
	ret = make_buffer(dev, buffer, size, data);
	/* both are ends of the text, which lasts */
	if (!strcmp(kind, "out"))
		buffer->out = strdup(path);
	else if (!strcmp(kind, "inout"))
		buffer->out = strdup(second ? second : path);

out_free:
	free(data);
	free(path);
	return ret;
}

static bool parse_float(const char *kind, const char *text, __u64 *value)
{
	double number;
	float single;
	__u32 bits;
	char *end;

	/* what is too small for a normal number is still one: only infinity wasn't meant */
	errno = 0;
	if (!strcmp(kind, "f32")) {
		single = strtof(text, &end);
		number = single;
		memcpy(&bits, &single, sizeof(bits));
		*value = bits;
	} else {
		number = strtod(text, &end);
		memcpy(value, &number, sizeof(number));
	}
	return *text && !*end && (!errno || !isinf(number));
}

static bool parse_integer(const char *kind, const char *text, __u64 *value)
{
	bool is_signed = *kind == 'i', is_64 = !strcmp(kind + 1, "64");
	char *end;

	errno = 0;
	*value = is_signed ? (__u64)strtoll(text, &end, 0) : strtoull(text, &end, 0);
	if (!*text || *end || errno || (!is_signed && strchr(text, '-')))
		return false;
	if (is_64)
		return true;
	if (is_signed ? (__s64)*value != (__s32)*value : *value != (__u32)*value)
		return false;
	*value = (__u32)*value;
	return true;
}

static int parse_argument(struct vgpu *dev, const char *text, struct buffer *buffer,
			  struct vgpu_dev_arg *arg)
{
	static const char * const buffers[] = { "in", "inout", "out", "zero" };
	static const char * const values[] = { "u32", "i32", "f32", "u64", "i64", "f64", "local" };
	const char *colon = strchr(text, ':');
	char kind[8] = "";
	__u64 value;
	size_t i;

	if (!colon || (size_t)(colon - text) >= sizeof(kind))
		return bad_argument(text);
	memcpy(kind, text, (size_t)(colon - text));
	for (i = 0; i < ARRAY_SIZE(buffers); i++) {
		if (strcmp(kind, buffers[i]))
			continue;
		if (parse_buffer(dev, kind, colon + 1, buffer))
			return FAILURE;
		arg->type = htole32(VGPU_ARG_BO);
		arg->handle = htole32(buffer->bo);
		return MATCH;
	}
	for (i = 0; i < ARRAY_SIZE(values); i++) {
		if (strcmp(kind, values[i]))
			continue;
		if (*kind == 'f' ? !parse_float(kind, colon + 1, &value) :
				   !parse_integer(kind, colon + 1, &value))
			return bad_argument(text);
		arg->type = htole32(strcmp(kind, "local") ? VGPU_ARG_VALUE : VGPU_ARG_LOCAL);
		arg->value = htole64(value);
		return MATCH;
	}
	return bad_argument(text);
}

/* X[,Y[,Z]]; what is left out is 1 */
static int parse_sizes(const char *option, const char *text, __u32 size[3])
{
	char *end = (char *)text;
	unsigned long n;
	int i;

	for (i = 0; i < 3; i++)
		size[i] = 1;
	for (i = 0; i < 3 && text; i++) {
		errno = 0;
		n = strtoul(text, &end, 0);
		if (end == text || errno || !n || n > UINT32_MAX || *text == '-')
			break;
		size[i] = (__u32)n;
		text = *end == ',' ? end + 1 : NULL;
	}
	if (!text && !*end)
		return MATCH;
	warnx("--%s: sizes as 1024 or 64,64", option);
	return FAILURE;
}

static int build(struct vgpu *dev, const struct arguments *args, __u32 *module)
{
	char *log = malloc(LOG_SIZE);
	size_t length;
	void *source;
	int err;

	source = read_whole(args->module, &length);
	if (!source || !log) {
		free(log);
		free(source);
		return FAILURE;
	}
	err = vgpu_module_build(dev, args->format, source, length, args->options, log, LOG_SIZE,
				module);
	if (*log)
		fprintf(stderr, "%s%s", log, log[strlen(log) - 1] == '\n' ? "" : "\n");
	free(source);
	free(log);
	return err ? run_complain(args->module, err) : MATCH;
}

/* global is in threads, as OpenCL has it, so it has to be whole blocks */
static int parse_grid(const struct arguments *args, struct vgpu_grid *grid)
{
	int i;

	if (parse_sizes("global", args->global, grid->grid) ||
	    parse_sizes("local", args->local, grid->block))
		return FAILURE;
	for (i = 0; i < 3; i++) {
		if (grid->grid[i] % grid->block[i]) {
			warnx("--global is not a multiple of --local");
			return FAILURE;
		}
		grid->grid[i] /= grid->block[i];
	}
	return MATCH;
}

/**
 * run_module() - build a module out of a file, and run a kernel of it
 * @dev: where
 * @args: the command line
 *
 * Return: MATCH or FAILURE.
 */
int run_module(struct vgpu *dev, const struct arguments *args)
{
	struct vgpu_dev_arg arg[VGPU_MAX_ARGS] = { };
	struct buffer buffer[VGPU_MAX_ARGS] = { };
	unsigned long long i;
	struct vgpu_grid grid = { };
	__u32 module, kernel;
	int ret, err, n;

	if (args->kernel_args > VGPU_MAX_ARGS) {
		warnx("more than %d arguments", VGPU_MAX_ARGS);
		return FAILURE;
	}
	if (parse_grid(args, &grid) || build(dev, args, &module))
		return FAILURE;
	err = vgpu_kernel_get(dev, module, args->kernel, &kernel);
	ret = err ? run_complain(args->kernel, err) : MATCH;
	for (n = 0; n < args->kernel_args && !ret; n++)
		ret = parse_argument(dev, args->kernel_arg[n], &buffer[n], &arg[n]);
	for (i = 0; i < args->repeat && !ret; i++) {
		err = vgpu_launch_grid(dev, kernel, &grid, arg, (unsigned int)args->kernel_args);
		ret = err ? run_complain(args->kernel, err) : MATCH;
		if (err == -EINVAL)
			warnx("does it take %d arguments of these kinds and sizes? such a block?",
			      args->kernel_args);
	}
	for (n = 0; n < args->kernel_args; n++) {
		if (!ret && buffer[n].out)
			ret = write_whole(buffer[n].out, buffer[n].at, buffer[n].size);
		free((char *)buffer[n].out);
		if (buffer[n].bo)
			vgpu_bo_destroy_system(dev, buffer[n].bo, buffer[n].at, buffer[n].size);
	}
	vgpu_module_unload(dev, module);
	if (!ret && !args->quiet)
		printf("%s: %llu launches\n", args->kernel, args->repeat);
	return ret;
}
