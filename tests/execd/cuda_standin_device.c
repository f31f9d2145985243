// SPDX-License-Identifier: GPL-2.0
/* The stand-in's devices, contexts, streams, events and memory: see cuda_standin.h. */
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>

#include "cuda_standin_state.h"

#define MEMORY		0x40000000ULL

#ifdef STANDIN_OLD
#define NAME	STANDIN_NAME_OLD
#else
#define NAME	STANDIN_NAME
#endif

int cuInit(unsigned int flags)
{
	int error = standin_enter(__func__);

	return standin_leave(error ?: flags ? CUDA_INVALID_VALUE : standin.init);
}

int cuDriverGetVersion(int *version)
{
	int error = standin_enter(__func__);

	*version = standin.version;
	return standin_leave(error);
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
	int error = standin_enter(__func__);

	*count = standin.devices;
	return standin_leave(error);
}

int cuDeviceGet(int *device, int ordinal)
{
	int error = standin_enter(__func__);

	*device = ordinal;
	if (!error && (ordinal < 0 || ordinal >= standin.devices))
		error = CUDA_INVALID_DEVICE;
	return standin_leave(error);
}

int cuDeviceGetName(char *name, int length, int device)
{
	int error = standin_enter(__func__);

	snprintf(name, length, NAME ", number %d", device);
	return standin_leave(error);
}

int cuDeviceTotalMem_v2(size_t *bytes, int device)
{
	int error = standin_enter(__func__);

	(void)device;
	*bytes = MEMORY;
	return standin_leave(error);
}

int cuDeviceGetAttribute(int *value, int attribute, int device)
{
	int error = standin_enter(__func__);

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
	return standin_leave(error);
}

int cuDeviceGetPCIBusId(char *id, int length, int device)
{
	int error = standin_enter(__func__);

	snprintf(id, length, "0000:0%d:00.0", device + 1);
	return standin_leave(error);
}

int cuCtxCreate_v2(struct cu_context **ctx, unsigned int flags, int device)
{
	int error = standin_enter(__func__);

	(void)device;
	if (!error && flags != (CUDA_CTX_SCHED_BLOCKING_SYNC | CUDA_CTX_MAP_HOST))
		error = standin_wrong("flags of a context");
	if (!error) {
		standin_broken = 0;
		standin_current = standin_add(CONTEXT);
		*ctx = (struct cu_context *)standin_current;
	}
	return standin_leave(error);
}

/* All that is left in it ends, as it does in a real one; it is counted, though */
int cuCtxDestroy_v2(struct cu_context *ctx)
{
	int error = standin_enter(__func__);
	struct object *o = standin_find(ctx, CONTEXT);

	if (!o)
		error = standin_wrong("a context that isn't there");
	else
		standin_del(o);
	standin_current = NULL;
	standin_forget();
	return standin_leave(error);
}

int cuCtxSetCurrent(struct cu_context *ctx)
{
	int error = standin_enter(__func__);

	if (!error && !standin_find(ctx, CONTEXT))
		error = standin_wrong("a context that isn't there");
	if (!error)
		standin_current = (struct object *)ctx;
	return standin_leave(error);
}

int cuStreamCreate(struct cu_stream **stream, unsigned int flags)
{
	int error = standin_enter_context(__func__);

	if (!error && flags != CUDA_STREAM_NON_BLOCKING)
		error = standin_wrong("flags of a stream");
	if (!error)
		*stream = (struct cu_stream *)standin_add(STREAM);
	return standin_leave(error);
}

int cuStreamDestroy_v2(struct cu_stream *stream)
{
	return standin_destroy(__func__, stream, STREAM);
}

int cuStreamSynchronize(struct cu_stream *stream)
{
	int error = standin_enter_context(__func__);

	if (!error && !standin_find(stream, STREAM))
		error = standin_wrong("a stream that isn't there");
	/* also if it says no: the device goes on, whatever is said */
	standin_drain();
	return standin_leave(error ?: standin_broken);
}

int cuEventCreate(struct cu_event **event, unsigned int flags)
{
	int error = standin_enter_context(__func__);

	if (!error && flags != CUDA_EVENT_BLOCKING_SYNC)
		error = standin_wrong("flags of an event");
	if (!error)
		*event = (struct cu_event *)standin_add(EVENT);
	return standin_leave(error);
}

int cuEventDestroy_v2(struct cu_event *event)
{
	return standin_destroy(__func__, event, EVENT);
}

int cuEventRecord(struct cu_event *event, struct cu_stream *stream)
{
	int error = standin_enter_context(__func__);
	struct object *o = standin_find(event, EVENT);
	const struct op op = { .what = 'e', .event = o };

	if (!error && !o)
		error = standin_wrong("an event that isn't there");
	if (!error && standin_awaits(o))
		error = standin_wrong("an event is used anew before it came");
	if (!error) {
		o->came = false;
		error = standin_tell(stream, &op);
	}
	return standin_leave(error);
}

/* The first time that somebody looks it hasn't come */
int cuEventQuery(struct cu_event *event)
{
	int error = standin_enter_context(__func__);
	struct object *o = standin_find(event, EVENT);

	if (!error && !o)
		error = standin_wrong("an event that isn't there");
	if (!error && !o->came) {
		standin.spins++;
		error = CUDA_NOT_READY;
		standin_drain();
	}
	return standin_leave(standin_broken ?: error);
}

int cuEventSynchronize(struct cu_event *event)
{
	int error = standin_enter_context(__func__);

	if (!error && !standin_find(event, EVENT))
		error = standin_wrong("an event that isn't there");
	return standin_leave(error ?: standin_drain());
}

int cuEventElapsedTime(float *ms, struct cu_event *begin, struct cu_event *end)
{
	int error = standin_enter_context(__func__);
	struct object *from = standin_find(begin, EVENT), *to = standin_find(end, EVENT);

	if (!error && (!from || !to || !from->came || !to->came))
		error = standin_wrong("an event that hasn't come");
	if (!error)
		*ms = (to->size - from->size) / 1e6f;
	return standin_leave(error);
}

int cuMemAlloc_v2(__u64 *at, size_t size)
{
	int error = standin_enter_context(__func__);
	struct object *o;
	void *new;

	if (error)
		return standin_leave(error);
	if (!size)
		return standin_leave(CUDA_INVALID_VALUE);
	if (size > MEMORY)
		return standin_leave(CUDA_OUT_OF_MEMORY);
	new = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	if (new == MAP_FAILED)
		return standin_leave(CUDA_OUT_OF_MEMORY);
	/* somebody else's */
	memset(new, 0xa5, size);
	o = standin_add(DEVICE_MEMORY);
	o->at = new;
	o->size = size;
	*at = (uintptr_t)new;
	return standin_leave(CUDA_OK);
}

int cuMemFree_v2(__u64 at)
{
	int error = standin_enter_context(__func__);
	struct object *o = standin_find_at((void *)(uintptr_t)at, DEVICE_MEMORY);

	if (!o)
		return standin_leave(standin_wrong("memory that isn't there"));
	if (standin_is_busy())
		standin_wrong("memory ends while the device may be using it");
	standin_del(o);
	return standin_leave(error);
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
	int error = standin_enter_context(__func__);
	struct object *o;

	if (!error && flags != CUDA_MEMHOSTREGISTER_DEVICEMAP)
		error = standin_wrong("flags of host memory");
	if (!error && !standin.pins && is_shared(at))
		error = CUDA_INVALID_VALUE;
	if (!error) {
		o = standin_add(HOST_MEMORY);
		o->at = at;
		o->size = size;
	}
	return standin_leave(error);
}

int cuMemHostUnregister(void *at)
{
	int error = standin_enter_context(__func__);
	struct object *o = standin_find_at(at, HOST_MEMORY);

	if (!o)
		return standin_leave(standin_wrong("host memory that isn't there"));
	if (standin_is_busy())
		standin_wrong("host memory ends while the device may be using it");
	standin_del(o);
	return standin_leave(error);
}

int cuMemHostGetDevicePointer_v2(__u64 *device, void *at, unsigned int flags)
{
	int error = standin_enter_context(__func__);

	if (!error && (flags || !standin_find_at(at, HOST_MEMORY)))
		error = standin_wrong("host memory that isn't there");
	*device = (uintptr_t)at;
	return standin_leave(error);
}

static int tell_memory(const char *name, char what, __u64 dst, __u64 src, size_t size,
		       struct cu_stream *stream)
{
	const struct op op = { .what = what, .dst = dst, .src = src, .size = size };
	int error = standin_enter_context(name);

	if (!error && (!standin_reaches(dst, size) ||
		       (what == 'c' && !standin_reaches(src, size)) || (what == 'w' && dst % 4)))
		error = standin_wrong("memory that the device doesn't reach");
	return standin_leave(error ?: standin_tell(stream, &op));
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
