// SPDX-License-Identifier: GPL-2.0
/*
 * A worker's loop: take entries, run them, tell.  The kernel is told when there is nothing
 * more to take, or when what was done has been worth it: so under load there is one system
 * call for many jobs, and a long job is told of at once.
 */
#include <errno.h>
#include <limits.h>
#include <search.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <time.h>

#include <vgpu/ring.h>

#include "worker.h"

/* Tell at least so often, while there is more to do */
#define TELL_NS		50000

/* Come back at least so often, with nothing to do */
#define WAIT_MS		1000

/**
 * struct object - something that jobs name
 * @number: its name
 * @at: its bytes; NULL if it could not be made
 * @size: how many
 */
struct object {
	__u32 number;
	void *at;
	__u64 size;
};

/**
 * struct worker - a worker
 * @channel: its open file
 * @engine: what it runs jobs with
 * @shared: the rings
 * @ring: its side of them
 * @objects: root of a tree of &struct object
 * @told_ns: when the kernel was last told
 * @untold: whether something was completed since
 */
struct worker {
	int channel;
	const struct engine *engine;
	struct vgpu_exec_shared *shared;
	struct vgpu_ring_device ring;
	void *objects;
	__u64 told_ns;
	bool untold;
};

/* There is one in a process */
static struct worker *self;

static __u64 now_ns(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return now.tv_sec * 1000000000ULL + now.tv_nsec;
}

static int object_compare(const void *a, const void *b)
{
	__u32 x = ((const struct object *)a)->number, y = ((const struct object *)b)->number;

	return x < y ? -1 : x > y;
}

static struct object *object_find(struct worker *w, __u32 number)
{
	struct object key = { .number = number }, **found;

	found = tfind(&key, &w->objects, object_compare);
	return found ? *found : NULL;
}

static enum vgpu_error object_add(struct worker *w, __u32 number, __u64 size, bool guest)
{
	struct object *object = malloc(sizeof(*object));

	if (!object)
		return VGPU_ERR_NO_MEMORY;
	object->number = number;
	object->size = size;
	object->at = guest ?
		     mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_SHARED, w->channel,
			  number * VGPU_EXEC_MMAP_BO) :
		     mmap(NULL, size, PROT_READ | PROT_WRITE,
			  MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	if (object->at == MAP_FAILED || !tsearch(object, &w->objects, object_compare)) {
		if (object->at != MAP_FAILED)
			munmap(object->at, size);
		free(object);
		return VGPU_ERR_NO_MEMORY;
	}
	return VGPU_ERR_NONE;
}

static enum vgpu_error object_del(struct worker *w, __u32 number)
{
	struct object *object = object_find(w, number);

	if (!object)
		return VGPU_ERR_GPU;
	tdelete(object, &w->objects, object_compare);
	munmap(object->at, object->size);
	free(object);
	return VGPU_ERR_NONE;
}

/* The kernel has checked it; an object that could not be mapped isn't there. */
static void *range(struct worker *w, __le32 number, __le64 offset)
{
	struct object *object = object_find(w, le32_to_cpu(number));

	return object ? (char *)object->at + le64_to_cpu(offset) : NULL;
}

static enum vgpu_error run_launch(struct worker *w, const struct vgpu_dev_sqe *sqe,
				  const struct vgpu_exec_slot *slot)
{
	struct engine_range arg[VGPU_MAX_ARGS] = { };
	struct object *object;
	__u32 i;

	for (i = 0; i < slot->nargs && i < VGPU_MAX_ARGS; i++) {
		arg[i].value = slot->arg[i].value;
		if (!slot->arg[i].bo)
			continue;
		object = object_find(w, slot->arg[i].bo);
		if (!object)
			return VGPU_ERR_GPU;
		arg[i].at = (char *)object->at + slot->arg[i].value;
		arg[i].length = slot->arg[i].length;
	}
	return w->engine->launch(le32_to_cpu(sqe->launch.kernel), arg, &slot->abort);
}

static enum vgpu_error run_timestamp(void *at, __u64 epoch_ns)
{
	__le64 value = cpu_to_le64(now_ns() - epoch_ns);

	memcpy(at, &value, sizeof(value));
	return VGPU_ERR_NONE;
}

static enum vgpu_error run(struct worker *w, const struct vgpu_dev_sqe *sqe,
			   struct vgpu_exec_slot *slot)
{
	__u32 opcode = le32_to_cpu(sqe->control) & ~VGPU_RING_PHASE;
	__u64 length = le64_to_cpu(sqe->copy.length);
	void *dst, *src;

	if (engine_is_aborted(&slot->abort))
		return VGPU_ERR_CANCELED;
	switch (opcode) {
	case VGPU_EXEC_OP_NOP:
		return VGPU_ERR_NONE;
	case VGPU_EXEC_OP_COPY:
	case VGPU_EXEC_OP_WRITE:
	case VGPU_EXEC_OP_READ:
		dst = opcode == VGPU_EXEC_OP_READ ?
		      slot->data : range(w, sqe->copy.dst, sqe->copy.dst_offset);
		src = opcode == VGPU_EXEC_OP_WRITE ?
		      slot->data : range(w, sqe->copy.src, sqe->copy.src_offset);
		return dst && src ? w->engine->copy(dst, src, length, &slot->abort) : VGPU_ERR_GPU;
	case VGPU_EXEC_OP_FILL:
		dst = range(w, sqe->fill.dst, sqe->fill.offset);
		return dst ? w->engine->fill(dst, le32_to_cpu(sqe->fill.pattern),
					     le64_to_cpu(sqe->fill.length), &slot->abort) :
			     VGPU_ERR_GPU;
	case VGPU_EXEC_OP_LAUNCH:
		return run_launch(w, sqe, slot);
	case VGPU_EXEC_OP_TIMESTAMP:
		dst = range(w, sqe->fill.dst, sqe->fill.offset);
		return dst ? run_timestamp(dst, le64_to_cpu(sqe->fill.length)) : VGPU_ERR_GPU;
	case VGPU_EXEC_OP_BO_CREATE:
	case VGPU_EXEC_OP_BO_MAP:
		return object_add(w, le32_to_cpu(sqe->fill.dst), le64_to_cpu(sqe->fill.length),
				  opcode == VGPU_EXEC_OP_BO_MAP);
	case VGPU_EXEC_OP_BO_DESTROY:
		return object_del(w, le32_to_cpu(sqe->fill.dst));
	default:
		return VGPU_ERR_GPU;
	}
}

/* Return 0, also if there is nothing yet, or an errno. */
static int tell(struct worker *w, unsigned int wait_ms)
{
	struct vgpu_exec_enter enter = {
		.size = sizeof(enter),
		.fetched = w->ring.fetched,
		.timeout_ms = wait_ms,
	};

	w->told_ns = now_ns();
	w->untold = false;
	if (!ioctl(w->channel, VGPU_EXEC_IOC_ENTER, &enter))
		return 0;
	return errno == ETIMEDOUT || errno == EINTR ? 0 : errno;
}

/* Tell, if that is worth it. */
static int tell_late(struct worker *w)
{
	return w->untold && now_ns() - w->told_ns > TELL_NS ? tell(w, 0) : 0;
}

/**
 * engine_is_aborted() - is a job to end early?
 * @abort: the job's
 *
 * What was completed before it is told, if it hasn't been, and this one takes long.
 *
 * Return: true if so.
 */
bool engine_is_aborted(const __u32 *abort)
{
	if (self)
		tell_late(self);
	return __atomic_load_n(abort, __ATOMIC_RELAXED);
}

static void run_next(struct worker *w, const struct vgpu_dev_sqe *sqe)
{
	__u64 cookie = le64_to_cpu(sqe->user_data), begin = now_ns(), took;
	enum vgpu_error status;

	status = run(w, sqe, &w->shared->slot[(__u32)cookie % VGPU_EXEC_ENTRIES]);
	took = now_ns() - begin;
	vgpu_ring_complete(&w->ring, sqe->user_data, status, took < UINT_MAX ? took : UINT_MAX);
	w->untold = true;
}

/**
 * worker_run() - run a vGPU's jobs until there are to be no more
 * @channel: file descriptor of the channel
 * @engine: what with
 *
 * Return: 0 or an errno.
 */
int worker_run(int channel, const struct engine *engine)
{
	struct worker w = { .channel = channel, .engine = engine };
	struct vgpu_dev_sqe sqe;
	int err = 0;

	w.shared = mmap(NULL, sizeof(*w.shared), PROT_READ | PROT_WRITE, MAP_SHARED, channel,
			VGPU_EXEC_MMAP_SHARED);
	if (w.shared == MAP_FAILED)
		return errno;
	w.ring.sq = w.shared->sq;
	w.ring.cq = w.shared->cq;
	w.ring.events = &w.shared->events;
	w.ring.mask = VGPU_EXEC_ENTRIES - 1;
	self = &w;
	while (!err) {
		if (!vgpu_ring_fetch(&w.ring, &sqe)) {
			err = tell(&w, WAIT_MS);
			continue;
		}
		run_next(&w, &sqe);
		err = tell_late(&w);
	}
	self = NULL;
	/* the vGPU has no context any more, or we have no executor */
	return err == ENODEV ? 0 : err;
}
