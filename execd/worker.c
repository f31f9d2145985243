// SPDX-License-Identifier: GPL-2.0
/*
 * A worker's loop: take entries, run them, tell.  The kernel is told when there is nothing
 * more to take, or when what was done has been worth it: so under load there is one system
 * call for many jobs, and a long job is told of at once.
 *
 * Kernels of the guest's own begin before the last one has ended (ahead.c), so that the device has
 * always something to do, and those of two of its queues run at the same time.  All else - objects,
 * copies, what the host has to see to - is begun when nothing else is, and has been done before the
 * next entry is taken: nothing ends that a kernel uses.  Completions are in the order of the
 * entries.
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

#include "ahead.h"
#include "task.h"
#include "worker.h"

/* Tell at least so often, while there is more to do */
#define TELL_NS		50000

/*
 * How many entries begin without a look whether it is time to tell.  One that may take long looks
 * itself, so these are short; and to read the clock takes as long as the shortest.
 */
#define BLIND		8

/* Come back at least so often, with nothing to do */
#define WAIT_MS		1000

/**
 * struct object - something that jobs name
 * @number: its name
 * @mem: what the engine knows it as
 * @at: where it is mapped, if it is guest memory; else NULL
 */
struct object {
	__u32 number;
	struct engine_mem *mem;
	void *at;
};

/**
 * struct worker - a worker
 * @channel: its open file
 * @engine: what it runs jobs with, open
 * @shared: the rings
 * @ring: its side of them
 * @objects: root of a tree of &struct object
 * @tasks: the guest's modules and kernels; NULL if the engine takes none
 * @ahead: entries that were taken and not completed
 * @told_ns: when the kernel was last told
 * @untold: whether something was completed since
 * @blind: entries that began since the last look whether it is time to
 */
struct worker {
	int channel;
	struct engine *engine;
	struct vgpu_exec_shared *shared;
	struct vgpu_ring_device ring;
	void *objects;
	struct tasks *tasks;
	struct ahead ahead;
	__u64 told_ns;
	bool untold;
	unsigned int blind;
};

/* There is one in a process */
static struct worker *self;

static void tell_late(struct worker *w);

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

/* Make what belongs to an object that has its number. */
static enum vgpu_error object_fill(struct worker *w, struct object *object, __u64 size,
				   bool guest)
{
	const struct engine_ops *ops = w->engine->ops;
	enum vgpu_error err;

	if (!guest)
		return ops->mem_create(w->engine, size, &object->mem);
	object->at = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_SHARED, w->channel,
			  object->number * VGPU_EXEC_MMAP_BO);
	if (object->at == MAP_FAILED)
		return VGPU_ERR_NO_MEMORY;
	err = ops->mem_import(w->engine, object->at, size, &object->mem);
	if (err)
		munmap(object->at, size);
	return err;
}

static void object_free(struct worker *w, struct object *object)
{
	__u64 size = object->mem->size;

	/* before what is mapped, which the engine may have told its device */
	w->engine->ops->mem_destroy(w->engine, object->mem);
	if (object->at)
		munmap(object->at, size);
	free(object);
}

static enum vgpu_error object_add(struct worker *w, __u32 number, __u64 size, bool guest)
{
	struct object *object = calloc(1, sizeof(*object)), **at;
	enum vgpu_error err;

	/* it may take long, and doesn't look */
	tell_late(w);
	if (!object)
		return VGPU_ERR_NO_MEMORY;
	object->number = number;
	err = object_fill(w, object, size, guest);
	if (err) {
		free(object);
		return err;
	}
	at = tsearch(object, &w->objects, object_compare);
	/* nor is one that has the number already this one */
	if (!at || *at != object) {
		object_free(w, object);
		return VGPU_ERR_NO_MEMORY;
	}
	return VGPU_ERR_NONE;
}

static enum vgpu_error object_del(struct worker *w, __u32 number)
{
	struct object *object = object_find(w, number);

	tell_late(w);
	if (!object)
		return VGPU_ERR_GPU;
	tdelete(object, &w->objects, object_compare);
	object_free(w, object);
	return VGPU_ERR_NONE;
}

/* One that could not be made isn't there. */
static struct engine_mem *mem_find(struct worker *w, __le32 number)
{
	struct object *object = object_find(w, le32_to_cpu(number));

	return object ? object->mem : NULL;
}

static enum vgpu_error run_launch(struct worker *w, const struct vgpu_dev_sqe *sqe,
				  const struct vgpu_exec_slot *slot, bool builtin,
				  struct ahead_job *ahead)
{
	__u32 kernel = le32_to_cpu(sqe->launch.kernel), i;
	struct engine_arg arg[VGPU_MAX_ARGS] = { };
	__u32 nargs = slot->nargs < VGPU_MAX_ARGS ? slot->nargs : VGPU_MAX_ARGS;
	__u64 value[VGPU_MAX_ARGS];
	struct engine_grid grid;

	for (i = 0; i < nargs; i++) {
		value[i] = slot->arg[i].value;
		arg[i].length = slot->arg[i].length;
		if (slot->arg[i].type == VGPU_ARG_VALUE)
			arg[i].value = &value[i];
		if (!slot->arg[i].bo)
			continue;
		arg[i].mem = mem_find(w, cpu_to_le32(slot->arg[i].bo));
		if (!arg[i].mem)
			return VGPU_ERR_GPU;
		arg[i].offset = value[i];
	}
	if (builtin)
		return w->engine->ops->launch_builtin(w->engine, kernel, arg, &ahead->job);
	for (i = 0; i < 3; i++) {
		grid.groups[i] = le32_to_cpu(sqe->launch.grid[i]);
		grid.items[i] = le32_to_cpu(sqe->launch.block[i]);
	}
	grid.shared = le32_to_cpu(sqe->launch.shared);
	return tasks_launch(w->tasks, kernel, arg, nargs, &grid, ahead);
}

static enum vgpu_error run_copy(struct worker *w, const struct vgpu_dev_sqe *sqe,
				struct engine_job *job)
{
	struct engine_mem *dst = mem_find(w, sqe->copy.dst), *src = mem_find(w, sqe->copy.src);

	if (!dst || !src)
		return VGPU_ERR_GPU;
	return w->engine->ops->copy(w->engine, dst, le64_to_cpu(sqe->copy.dst_offset), src,
				    le64_to_cpu(sqe->copy.src_offset),
				    le64_to_cpu(sqe->copy.length), job);
}

static enum vgpu_error run_fill(struct worker *w, const struct vgpu_dev_sqe *sqe,
				struct engine_job *job)
{
	struct engine_mem *dst = mem_find(w, sqe->fill.dst);

	if (!dst)
		return VGPU_ERR_GPU;
	return w->engine->ops->fill(w->engine, dst, le64_to_cpu(sqe->fill.offset),
				    le32_to_cpu(sqe->fill.pattern),
				    le64_to_cpu(sqe->fill.length), job);
}

static enum vgpu_error run_write(struct worker *w, const struct vgpu_dev_sqe *sqe,
				 const void *from, struct engine_job *job)
{
	struct engine_mem *dst = mem_find(w, sqe->copy.dst);

	if (!dst)
		return VGPU_ERR_GPU;
	return w->engine->ops->write(w->engine, dst, le64_to_cpu(sqe->copy.dst_offset), from,
				     le64_to_cpu(sqe->copy.length), job);
}

static enum vgpu_error run_read(struct worker *w, const struct vgpu_dev_sqe *sqe, void *to,
				struct engine_job *job)
{
	struct engine_mem *src = mem_find(w, sqe->copy.src);

	if (!src)
		return VGPU_ERR_GPU;
	return w->engine->ops->read(w->engine, src, le64_to_cpu(sqe->copy.src_offset), to,
				    le64_to_cpu(sqe->copy.length), job);
}

static enum vgpu_error run_timestamp(struct worker *w, const struct vgpu_dev_sqe *sqe,
				     struct engine_job *job)
{
	struct engine_mem *dst = mem_find(w, sqe->fill.dst);
	__le64 value = cpu_to_le64(engine_now_ns() - le64_to_cpu(sqe->fill.length));

	if (!dst)
		return VGPU_ERR_GPU;
	return w->engine->ops->write(w->engine, dst, le64_to_cpu(sqe->fill.offset), &value,
				     sizeof(value), job);
}

static bool is_aborted(const struct engine_job *job)
{
	return __atomic_load_n(job->abort, __ATOMIC_RELAXED);
}

static __u32 opcode_of(const struct vgpu_dev_sqe *sqe)
{
	return le32_to_cpu(sqe->control) & ~VGPU_RING_PHASE;
}

static enum vgpu_error run(struct worker *w, const struct vgpu_dev_sqe *sqe,
			   struct vgpu_exec_slot *slot, struct ahead_job *ahead)
{
	struct engine_job *job = &ahead->job;
	__u32 opcode = opcode_of(sqe);

	if (++w->blind > BLIND)
		tell_late(w);
	if (is_aborted(job))
		return VGPU_ERR_CANCELED;
	switch (opcode) {
	case VGPU_EXEC_OP_NOP:
		return VGPU_ERR_NONE;
	case VGPU_EXEC_OP_COPY:
		return run_copy(w, sqe, job);
	case VGPU_EXEC_OP_WRITE:
		return run_write(w, sqe, slot->data, job);
	case VGPU_EXEC_OP_READ:
		return run_read(w, sqe, slot->data, job);
	case VGPU_EXEC_OP_FILL:
		return run_fill(w, sqe, job);
	case VGPU_EXEC_OP_LAUNCH:
	case VGPU_EXEC_OP_KERNEL:
		return run_launch(w, sqe, slot, opcode == VGPU_EXEC_OP_LAUNCH, ahead);
	case VGPU_EXEC_OP_KERNEL_DESTROY:
		tell_late(w);
		return tasks_end_kernel(w->tasks, le32_to_cpu(sqe->fill.dst));
	case VGPU_EXEC_OP_MODULE_DESTROY:
		tell_late(w);
		return tasks_end_module(w->tasks, le32_to_cpu(sqe->fill.dst));
	case VGPU_EXEC_OP_TIMESTAMP:
		return run_timestamp(w, sqe, job);
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
	int err = 0;

	w->untold = false;
	if (ioctl(w->channel, VGPU_EXEC_IOC_ENTER, &enter))
		err = errno == ETIMEDOUT || errno == EINTR ? 0 : errno;
	/* what is completed from now on isn't late because this has waited */
	w->told_ns = engine_now_ns();
	return err;
}

/* Tell, if that is worth it.  A channel that has ended says so again when nothing more comes. */
static void tell_late(struct worker *w)
{
	w->blind = 0;
	if (w->untold && engine_now_ns() - w->told_ns > TELL_NS)
		tell(w, 0);
}

/**
 * engine_is_aborted() - is a job to end early?
 * @job: which
 *
 * What was completed before it is told, if it hasn't been, and this one takes long.
 *
 * Return: true if so.
 */
bool engine_is_aborted(const struct engine_job *job)
{
	if (self)
		tell_late(self);
	return is_aborted(job);
}

/* Complete what is over, in order. */
static void complete(struct worker *w)
{
	const struct ahead_job *over;
	__u64 ns;

	while ((over = ahead_take(&w->ahead))) {
		ns = over->job.gpu_ns;
		vgpu_ring_complete(&w->ring, cpu_to_le64(over->data), over->status,
				   ns < UINT_MAX ? ns : UINT_MAX);
		w->untold = true;
	}
}

/* Nothing is begun afterwards. */
static void drain(struct worker *w)
{
	while (!ahead_is_empty(&w->ahead)) {
		ahead_await(&w->ahead, false);
		complete(w);
	}
}

/* Begin an entry, or do it all. */
static void begin(struct worker *w, const struct vgpu_dev_sqe *sqe)
{
	__u32 number = (__u32)le64_to_cpu(sqe->user_data) % VGPU_EXEC_ENTRIES;
	bool later = opcode_of(sqe) == VGPU_EXEC_OP_KERNEL && w->engine->ops->is_over;
	struct vgpu_exec_slot *slot = &w->shared->slot[number];
	struct ahead_job *ahead;

	if (!later)
		drain(w);
	ahead = ahead_new(&w->ahead);
	ahead->data = le64_to_cpu(sqe->user_data);
	ahead->job.abort = &slot->abort;
	ahead->job.later = later;
	ahead->job.queue = slot->queue;
	ahead->status = run(w, sqe, slot, ahead);
	if (ahead->job.would_wait) {
		drain(w);
		ahead->job.later = false;
		ahead->job.would_wait = false;
		ahead->status = run(w, sqe, slot, ahead);
	}
	ahead_add(&w->ahead);
}

static bool has_more(void *owner)
{
	return vgpu_ring_has_submission(&((struct worker *)owner)->ring);
}

static void tell_ahead(void *owner, bool now)
{
	struct worker *w = owner;

	if (!now)
		tell_late(w);
	else if (w->untold)
		tell(w, 0);
}

static const struct ahead_ops ahead_ops = { .has_more = has_more, .tell = tell_ahead };

/**
 * worker_run() - run a vGPU's jobs until there are to be no more
 * @channel: file descriptor of the channel
 * @engine: what with, open
 * @tasks: the guest's modules; NULL if the engine takes none
 *
 * Return: 0 or an errno.
 */
int worker_run(int channel, struct engine *engine, struct tasks *tasks)
{
	struct worker w = {
		.channel = channel, .engine = engine, .tasks = tasks,
		.ahead = { .engine = engine, .ops = &ahead_ops, .owner = &w },
	};
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
		/* which tells of the last one, if that is late */
		if (ahead_has_room(&w.ahead) && vgpu_ring_fetch(&w.ring, &sqe))
			begin(&w, &sqe);
		else if (ahead_is_empty(&w.ahead))
			err = tell(&w, WAIT_MS);
		else
			ahead_await(&w.ahead, true);
		complete(&w);
		if (__atomic_load_n(&engine->lost, __ATOMIC_RELAXED)) {
			/* whoever waits for these is told why; the others, that we are gone */
			tell(&w, 0);
			err = EIO;
		}
	}
	self = NULL;
	/* the vGPU has no context any more, or we have no executor */
	return err == ENODEV ? 0 : err;
}
