// SPDX-License-Identifier: GPL-2.0
/*
 * The stand-in's part of the driver API: see cuda_standin.h.
 *
 * What is told to a stream is done when somebody waits for it, so that what is freed or changed too
 * early is seen.  Objects are in a list; a handle is an object's address, and is looked for there
 * before it is used.
 */
#include <elf.h>
#include <pthread.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <time.h>
#include <unistd.h>

#include "cuda_api.h"
#include "cuda_standin.h"

#define MAX_OPS		8
#define MEMORY		0x40000000ULL

enum kind {
	CONTEXT,
	STREAM,
	EVENT,
	MODULE,
	FUNCTION,
	DEVICE_MEMORY,
	HOST_MEMORY,
};

/**
 * struct object - something that is there
 * @next: the next one
 * @kind: what it is
 * @at: of memory: where
 * @size: of memory: bytes; of an event: when it came, in ns
 * @came: of an event: has it?
 * @text: of a module: the image, as the caller has it until the load is over; else NULL
 * @kernel: of a function
 * @module: of a function: where it is from
 * @names: of a module: the kernels in it, each with a NUL
 * @names_size: bytes of @names
 */
struct object {
	struct object *next;
	enum kind kind;
	char *at;
	__u64 size;
	bool came;
	const struct standin_kernel *kernel;
	struct object *module;
	char *names;
	size_t names_size;
};

/**
 * struct op - something the stream is told
 * @what: which: 'c'opy, fill with a 'b'yte or a 'w'ord, 'e'vent, 'l'aunch
 * @dst: where to
 * @src: where from, or with what
 * @size: bytes
 * @event: which
 * @kernel: which
 * @grid: by how many
 * @param: its parameters
 */
struct op {
	char what;
	__u64 dst;
	__u64 src;
	__u64 size;
	struct object *event;
	const struct standin_kernel *kernel;
	struct standin_grid grid;
	__u64 param[11][2];
};

/* For tests, by its name.  The older one doesn't pin guest memory. */
#ifdef STANDIN_OLD
#define NAME	STANDIN_NAME_OLD
struct standin standin = { .devices = 2, .version = 12020, .major = 9, .pins = false };
#else
#define NAME	STANDIN_NAME
struct standin standin = { .devices = 2, .version = 12040, .major = 9, .pins = true };
#endif

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static struct object *objects;
static struct op ops[MAX_OPS];
static unsigned int nr_ops;
/* Of the context: an error that stays */
static int broken;
static __thread struct object *current;

static __u64 now_ns(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return now.tv_sec * 1000000000ULL + now.tv_nsec;
}

static int wrong(const char *what)
{
	fprintf(stderr, "# stand-in: %s\n", what);
	standin.wrong++;
	return CUDA_INVALID_VALUE;
}

/* Each call begins with this; it returns the error that it is to fail with, or 0. */
static int enter(const char *name)
{
	int error = 0;

	pthread_mutex_lock(&lock);
	standin.calls++;
	if (standin.fail_at && standin.calls == standin.fail_at) {
		standin.failed = name;
		error = standin.fail_with;
		if (error >= CUDA_ILLEGAL_ADDRESS && error <= CUDA_LAUNCH_FAILED &&
		    error != CUDA_LAUNCH_OUT_OF_RESOURCES)
			broken = error;
	}
	return error;
}

static int leave(int error)
{
	pthread_mutex_unlock(&lock);
	return error;
}

/* What needs a context begins with this. */
static int enter_context(const char *name)
{
	int error = enter(name);

	if (!error && !current)
		error = wrong("no context is current");
	return error ?: broken;
}

static struct object *add(enum kind kind)
{
	struct object *o = calloc(1, sizeof(*o));

	o->kind = kind;
	o->next = objects;
	objects = o;
	/* functions end with their module */
	standin.live += kind != FUNCTION;
	return o;
}

static struct object *find(const void *handle, enum kind kind)
{
	struct object *o;

	for (o = objects; o; o = o->next)
		if (o == handle && o->kind == kind)
			return o;
	return NULL;
}

static struct object *find_at(const void *at, enum kind kind)
{
	struct object *o;

	for (o = objects; o; o = o->next)
		if (o->at == at && o->kind == kind)
			return o;
	return NULL;
}

static void del(struct object *o)
{
	struct object **at;

	for (at = &objects; *at && *at != o; at = &(*at)->next)
		;
	*at = o->next;
	standin.live -= o->kind != FUNCTION;
	if (o->kind == DEVICE_MEMORY)
		munmap(o->at, o->size);
	free(o->names);
	free(o);
}

/**
 * standin_reaches() - is memory there for the device?
 * @at: where
 * @size: bytes
 *
 * Return: true if so.
 */
bool standin_reaches(__u64 at, __u64 size)
{
	struct object *o;

	for (o = objects; o; o = o->next)
		if ((o->kind == DEVICE_MEMORY || o->kind == HOST_MEMORY) &&
		    at >= (uintptr_t)o->at && size <= o->size &&
		    at - (uintptr_t)o->at <= o->size - size)
			return true;
	return false;
}

static void run_launch(struct op *op)
{
	unsigned int i;

	/* an address in the first pages, or where nothing is, as a GPU finds out */
	for (i = 0; op->kernel->size[i]; i++)
		if (!strcmp(op->kernel->name, "at") && !standin_reaches(op->param[i][0], 4))
			broken = CUDA_ILLEGAL_ADDRESS;
	if (!broken)
		op->kernel->run(op->param, &op->grid);
}

static void run(struct op *op)
{
	__u64 at;

	if (broken)
		return;
	if (op->what != 'e' && op->what != 'l' &&
	    (!standin_reaches(op->dst, op->size) ||
	     (op->what == 'c' && !standin_reaches(op->src, op->size)))) {
		wrong("memory that isn't there any more");
		return;
	}
	switch (op->what) {
	case 'c':
		memmove((void *)(uintptr_t)op->dst, (void *)(uintptr_t)op->src, op->size);
		break;
	case 'b':
		memset((void *)(uintptr_t)op->dst, op->src, op->size);
		break;
	case 'w':
		for (at = 0; at < op->size / 4; at++)
			((__u32 *)(uintptr_t)op->dst)[at] = op->src;
		break;
	case 'l':
		run_launch(op);
		break;
	case 'e':
		op->event->size = now_ns();
		op->event->came = true;
		break;
	}
}

static int drain(void)
{
	unsigned int i;

	for (i = 0; i < nr_ops; i++)
		run(&ops[i]);
	nr_ops = 0;
	return broken;
}

static int tell(const struct cu_stream *stream, const struct op *op)
{
	if (!find(stream, STREAM))
		return wrong("a stream that isn't there");
	if (nr_ops == MAX_OPS)
		drain();
	ops[nr_ops++] = *op;
	return CUDA_OK;
}

int cuInit(unsigned int flags)
{
	int error = enter(__func__);

	return leave(error ?: flags ? CUDA_INVALID_VALUE : standin.init);
}

int cuDriverGetVersion(int *version)
{
	int error = enter(__func__);

	*version = standin.version;
	return leave(error);
}

int cuGetErrorName(int error, const char **name)
{
	*name = error == CUDA_NO_DEVICE ? "CUDA_ERROR_NO_DEVICE" : "CUDA_ERROR_OF_A_STAND_IN";
	return CUDA_OK;
}

int cuGetErrorString(int error, const char **text)
{
	static __thread char number[32];

	snprintf(number, sizeof(number), "number %d", error);
	*text = number;
	return CUDA_OK;
}

int cuDeviceGetCount(int *count)
{
	int error = enter(__func__);

	*count = standin.devices;
	return leave(error);
}

int cuDeviceGet(int *device, int ordinal)
{
	int error = enter(__func__);

	*device = ordinal;
	return leave(error ?: ordinal < 0 || ordinal >= standin.devices ? CUDA_INVALID_DEVICE : 0);
}

int cuDeviceGetName(char *name, int length, int device)
{
	int error = enter(__func__);

	snprintf(name, length, NAME ", number %d", device);
	return leave(error);
}

int cuDeviceTotalMem_v2(size_t *bytes, int device)
{
	int error = enter(__func__);

	(void)device;
	*bytes = MEMORY;
	return leave(error);
}

int cuDeviceGetAttribute(int *value, int attribute, int device)
{
	int error = enter(__func__);

	(void)device;
	switch (attribute) {
	case CUDA_DEVICE_COMPUTE_MODE:
		*value = standin.mode;
		break;
	case CUDA_DEVICE_COMPUTE_CAPABILITY_MAJOR:
		*value = standin.major;
		break;
	case CUDA_DEVICE_MAX_SHARED_MEMORY_PER_BLOCK:
		*value = 49152;
		break;
	case CUDA_DEVICE_MAX_SHARED_MEMORY_PER_BLOCK_OPTIN:
		*value = 65536;
		break;
	case CUDA_DEVICE_MAX_GRID_DIM_X:
		*value = 0x7fffffff;
		break;
	case CUDA_DEVICE_MAX_GRID_DIM_X + 1:
	case CUDA_DEVICE_MAX_GRID_DIM_X + 2:
		*value = 65535;
		break;
	case CUDA_DEVICE_MAX_BLOCK_DIM_X + 2:
		*value = 64;
		break;
	case CUDA_DEVICE_UNIFIED_ADDRESSING:
	case CUDA_DEVICE_CAN_MAP_HOST_MEMORY:
		*value = 1;
		break;
	default:
		*value = 1024;
		break;
	}
	return leave(error);
}

int cuDeviceGetPCIBusId(char *id, int length, int device)
{
	int error = enter(__func__);

	snprintf(id, length, "0000:0%d:00.0", device + 1);
	return leave(error);
}

int cuCtxCreate_v2(struct cu_context **ctx, unsigned int flags, int device)
{
	int error = enter(__func__);

	(void)device;
	if (!error && flags != (CUDA_CTX_SCHED_BLOCKING_SYNC | CUDA_CTX_MAP_HOST))
		error = wrong("flags of a context");
	if (!error) {
		broken = 0;
		current = add(CONTEXT);
		*ctx = (struct cu_context *)current;
	}
	return leave(error);
}

/* All that is left in it ends, as it does in a real one; it is counted, though */
int cuCtxDestroy_v2(struct cu_context *ctx)
{
	int error = enter(__func__);
	struct object *o = find(ctx, CONTEXT);

	if (!o)
		error = wrong("a context that isn't there");
	else
		del(o);
	current = NULL;
	nr_ops = 0;
	return leave(error);
}

int cuCtxSetCurrent(struct cu_context *ctx)
{
	int error = enter(__func__);

	if (!error && !find(ctx, CONTEXT))
		error = wrong("a context that isn't there");
	if (!error)
		current = (struct object *)ctx;
	return leave(error);
}

int cuStreamCreate(struct cu_stream **stream, unsigned int flags)
{
	int error = enter_context(__func__);

	if (!error && flags != CUDA_STREAM_NON_BLOCKING)
		error = wrong("flags of a stream");
	if (!error)
		*stream = (struct cu_stream *)add(STREAM);
	return leave(error);
}

static int destroy(const char *name, const void *handle, enum kind kind)
{
	int error = enter_context(name);
	struct object *o = find(handle, kind);

	if (!o)
		return leave(wrong("an object that isn't there"));
	if (nr_ops)
		wrong("an object ends while the device may be using it");
	/* one that can't be ended because the context is broken ends with that, and not here */
	del(o);
	return leave(error);
}

int cuStreamDestroy_v2(struct cu_stream *stream)
{
	return destroy(__func__, stream, STREAM);
}

int cuStreamSynchronize(struct cu_stream *stream)
{
	int error = enter_context(__func__);

	if (!error && !find(stream, STREAM))
		error = wrong("a stream that isn't there");
	/* also if it says no: the device goes on, whatever is said */
	drain();
	return leave(error ?: broken);
}

int cuEventCreate(struct cu_event **event, unsigned int flags)
{
	int error = enter_context(__func__);

	if (!error && flags != CUDA_EVENT_BLOCKING_SYNC)
		error = wrong("flags of an event");
	if (!error)
		*event = (struct cu_event *)add(EVENT);
	return leave(error);
}

int cuEventDestroy_v2(struct cu_event *event)
{
	return destroy(__func__, event, EVENT);
}

int cuEventRecord(struct cu_event *event, struct cu_stream *stream)
{
	int error = enter_context(__func__);
	struct object *o = find(event, EVENT);
	const struct op op = { .what = 'e', .event = o };

	if (!error && !o)
		error = wrong("an event that isn't there");
	if (!error) {
		o->came = false;
		error = tell(stream, &op);
	}
	return leave(error);
}

/* The first time that somebody looks it hasn't come */
int cuEventQuery(struct cu_event *event)
{
	int error = enter_context(__func__);
	struct object *o = find(event, EVENT);

	if (!error && !o)
		error = wrong("an event that isn't there");
	if (!error && !o->came) {
		standin.spins++;
		error = CUDA_NOT_READY;
		drain();
	}
	return leave(broken ?: error);
}

int cuEventSynchronize(struct cu_event *event)
{
	int error = enter_context(__func__);

	if (!error && !find(event, EVENT))
		error = wrong("an event that isn't there");
	return leave(error ?: drain());
}

int cuEventElapsedTime(float *ms, struct cu_event *begin, struct cu_event *end)
{
	int error = enter_context(__func__);
	struct object *from = find(begin, EVENT), *to = find(end, EVENT);

	if (!error && (!from || !to || !from->came || !to->came))
		error = wrong("an event that hasn't come");
	if (!error)
		*ms = (to->size - from->size) / 1e6f;
	return leave(error);
}

int cuMemAlloc_v2(__u64 *at, size_t size)
{
	int error = enter_context(__func__);
	struct object *o;
	void *new;

	if (error)
		return leave(error);
	if (!size)
		return leave(CUDA_INVALID_VALUE);
	if (size > MEMORY)
		return leave(CUDA_OUT_OF_MEMORY);
	new = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	if (new == MAP_FAILED)
		return leave(CUDA_OUT_OF_MEMORY);
	/* somebody else's */
	memset(new, 0xa5, size);
	o = add(DEVICE_MEMORY);
	o->at = new;
	o->size = size;
	*at = (uintptr_t)new;
	return leave(CUDA_OK);
}

int cuMemFree_v2(__u64 at)
{
	int error = enter_context(__func__);
	struct object *o = find_at((void *)(uintptr_t)at, DEVICE_MEMORY);

	if (!o)
		return leave(wrong("memory that isn't there"));
	if (nr_ops)
		wrong("memory ends while the device may be using it");
	del(o);
	return leave(error);
}

/* Does the process share it with somebody, as it does guest memory? */
static bool is_shared(const void *at)
{
	unsigned long begin, end;
	bool shared = false;
	char line[512], flags[8];
	FILE *maps = fopen("/proc/self/maps", "re");

	while (maps && fgets(line, sizeof(line), maps))
		if (sscanf(line, "%lx-%lx %7s", &begin, &end, flags) == 3 &&
		    (uintptr_t)at >= begin && (uintptr_t)at < end)
			shared = flags[3] == 's';
	if (maps)
		fclose(maps);
	return shared;
}

int cuMemHostRegister_v2(void *at, size_t size, unsigned int flags)
{
	int error = enter_context(__func__);
	struct object *o;

	if (!error && flags != CUDA_MEMHOSTREGISTER_DEVICEMAP)
		error = wrong("flags of host memory");
	if (!error && !standin.pins && is_shared(at))
		error = CUDA_INVALID_VALUE;
	if (!error) {
		o = add(HOST_MEMORY);
		o->at = at;
		o->size = size;
	}
	return leave(error);
}

int cuMemHostUnregister(void *at)
{
	int error = enter_context(__func__);
	struct object *o = find_at(at, HOST_MEMORY);

	if (!o)
		return leave(wrong("host memory that isn't there"));
	if (nr_ops)
		wrong("host memory ends while the device may be using it");
	del(o);
	return leave(error);
}

int cuMemHostGetDevicePointer_v2(__u64 *device, void *at, unsigned int flags)
{
	int error = enter_context(__func__);

	if (!error && (flags || !find_at(at, HOST_MEMORY)))
		error = wrong("host memory that isn't there");
	*device = (uintptr_t)at;
	return leave(error);
}

static int tell_memory(const char *name, char what, __u64 dst, __u64 src, size_t size,
		       struct cu_stream *stream)
{
	const struct op op = { .what = what, .dst = dst, .src = src, .size = size };
	int error = enter_context(name);

	if (!error && (!standin_reaches(dst, size) ||
		       (what == 'c' && !standin_reaches(src, size)) || (what == 'w' && dst % 4)))
		error = wrong("memory that the device doesn't reach");
	return leave(error ?: tell(stream, &op));
}

int cuMemcpyAsync(__u64 dst, __u64 src, size_t size, struct cu_stream *stream)
{
	return tell_memory(__func__, 'c', dst, src, size, stream);
}

int cuMemsetD8Async(__u64 at, unsigned char byte, size_t n, struct cu_stream *stream)
{
	return tell_memory(__func__, 'b', at, byte, n, stream);
}

int cuMemsetD32Async(__u64 at, unsigned int word, size_t n, struct cu_stream *stream)
{
	return tell_memory(__func__, 'w', at, word, n * 4, stream);
}

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
	int error = enter_context(__func__);
	struct object *o;
	bool good;

	if (error)
		return leave(error);
	o = add(MODULE);
	good = memcmp(image, ELFMAG, SELFMAG) ? load_ptx(o, image) : load_cubin(o, image);
	if (!good) {
		char *long_text = malloc(200001);

		memset(long_text, 'x', 200000);
		memcpy(long_text, "stand-in: line 1: error", 23);
		long_text[200000] = 0;
		write_log(options, option, value, CUDA_JIT_ERROR_LOG_BUFFER, long_text);
		free(long_text);
		del(o);
		return leave(CUDA_INVALID_PTX);
	}
	write_log(options, option, value, CUDA_JIT_INFO_LOG_BUFFER, "stand-in: it is good");
	*module = (struct cu_module *)o;
	return leave(CUDA_OK);
}

int cuModuleUnload(struct cu_module *module)
{
	int error = enter_context(__func__);
	struct object *o = find(module, MODULE), *f, *next;

	if (!o)
		return leave(wrong("a module that isn't there"));
	if (nr_ops)
		wrong("a module ends while the device may be using it");
	for (f = objects; f; f = next) {
		next = f->next;
		if (f->kind == FUNCTION && f->module == o)
			del(f);
	}
	del(o);
	return leave(error);
}

int cuModuleGetFunction(struct cu_function **function, struct cu_module *module, const char *name)
{
	int error = enter_context(__func__);
	struct object *o = find(module, MODULE), *f;
	const char *at;

	if (!error && !o)
		error = wrong("a module that isn't there");
	if (error)
		return leave(error);
	for (at = o->names; at && at < o->names + o->names_size; at += strlen(at) + 1) {
		if (strcmp(at, name) || !standin_kernel_find(name))
			continue;
		f = add(FUNCTION);
		f->kernel = standin_kernel_find(name);
		f->module = o;
		*function = (struct cu_function *)f;
		return leave(CUDA_OK);
	}
	return leave(CUDA_NOT_FOUND);
}

int cuFuncGetAttribute(int *value, int attribute, struct cu_function *function)
{
	int error = enter_context(__func__);
	struct object *o = find(function, FUNCTION);

	if (!error && !o)
		error = wrong("a function that isn't there");
	if (!error)
		*value = attribute == CUDA_FUNCTION_SHARED_SIZE_BYTES ? o->kernel->shared :
									o->kernel->threads;
	return leave(error);
}

int cuFuncSetAttribute(struct cu_function *function, int attribute, int value)
{
	int error = enter_context(__func__);
	struct object *o = find(function, FUNCTION);

	if (!error && !o)
		error = wrong("a function that isn't there");
	if (!error && attribute != CUDA_FUNCTION_MAX_DYNAMIC_SHARED_SIZE_BYTES)
		error = wrong("an attribute of a function");
	if (!error)
		/* what it may have from now on */
		o->size = value;
	return leave(error);
}

#ifndef STANDIN_OLD
int cuFuncGetParamInfo(struct cu_function *function, size_t i, size_t *offset, size_t *size)
{
	int error = enter_context(__func__);
	struct object *o = find(function, FUNCTION);
	size_t n;

	if (!error && !o)
		error = wrong("a function that isn't there");
	if (error)
		return leave(error);
	for (n = 0; o->kernel->size[n]; n++)
		;
	if (i >= n)
		return leave(CUDA_INVALID_VALUE);
	*offset = 0;
	*size = o->kernel->size[i];
	return leave(CUDA_OK);
}
#endif

int cuLaunchKernel(struct cu_function *function, unsigned int grid_x, unsigned int grid_y,
		   unsigned int grid_z, unsigned int block_x, unsigned int block_y,
		   unsigned int block_z, unsigned int shared, struct cu_stream *stream,
		   void **params, void **extra)
{
	struct op op = { .what = 'l', .grid = { { grid_x, grid_y, grid_z },
						{ block_x, block_y, block_z } } };
	int error = enter_context(__func__);
	struct object *o = find(function, FUNCTION);
	unsigned int i;

	if (!error && (!o || extra))
		error = wrong("a launch");
	if (!error && (!grid_x || !grid_y || !grid_z || !block_x || !block_y || !block_z ||
		       grid_y > 65535 || grid_z > 65535 || block_z > 64 ||
		       (__u64)block_x * block_y * block_z > (__u64)o->kernel->threads ||
		       shared > (o->size ?: (__u64)49152 - o->kernel->shared)))
		error = wrong("a launch that can't be");
	if (error)
		return leave(error);
	op.kernel = o->kernel;
	for (i = 0; o->kernel->size[i]; i++)
		memcpy(op.param[i], params[i], o->kernel->size[i]);
	return leave(tell(stream, &op));
}
