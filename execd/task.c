// SPDX-License-Identifier: GPL-2.0
/*
 * What takes long beside the jobs: a thread that is asked to build the guest's modules, and to
 * find kernels in them, while the worker's other thread runs jobs.
 *
 * The thread makes entries of the table, the worker ends them and uses them; an entry is complete
 * before the kernel is told of it, and the kernel names it only then.  So the lock is for the
 * table, not for what is in it.
 */
#include <errno.h>
#include <pthread.h>
#include <search.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <unistd.h>

#include "task.h"

/* Come back at least so often, with nothing to do */
#define WAIT_MS		1000

/* What the compiler says is kept apart from the guest until it is complete */
#define LOG_SIZE	65536U

/**
 * struct made - a module or a kernel
 * @number: its name
 * @module: the module; or NULL
 * @kernel: the kernel; or NULL
 * @took_ns: what the last launch of the kernel took on the device; 0: there was none
 */
struct made {
	__u32 number;
	struct engine_module *module;
	struct engine_kernel *kernel;
	__u64 took_ns;
};

/**
 * struct tasks - what there is of a worker
 * @channel: its open file
 * @engine: what builds
 * @lock: protects @entries
 * @entries: root of a tree of &struct made
 * @page: bytes of a page
 */
struct tasks {
	int channel;
	struct engine *engine;
	pthread_mutex_t lock;
	void *entries;
	__u64 page;
};

static int entry_compare(const void *a, const void *b)
{
	__u32 x = ((const struct made *)a)->number, y = ((const struct made *)b)->number;

	return x < y ? -1 : x > y;
}

static struct made *entry_find(struct tasks *t, __u32 number)
{
	struct made key = { .number = number }, **found;

	pthread_mutex_lock(&t->lock);
	found = tfind(&key, &t->entries, entry_compare);
	pthread_mutex_unlock(&t->lock);
	return found ? *found : NULL;
}

static bool entry_add(struct tasks *t, __u32 number, struct engine_module *module,
		      struct engine_kernel *kernel)
{
	struct made *entry = malloc(sizeof(*entry)), **at;
	bool added;

	if (!entry)
		return false;
	*entry = (struct made){ number, module, kernel, 0 };
	pthread_mutex_lock(&t->lock);
	at = tsearch(entry, &t->entries, entry_compare);
	/* and not one that has the number already */
	added = at && *at == entry;
	pthread_mutex_unlock(&t->lock);
	if (!added)
		free(entry);
	return added;
}

static void entry_del(struct tasks *t, struct made *entry)
{
	pthread_mutex_lock(&t->lock);
	tdelete(entry, &t->entries, entry_compare);
	pthread_mutex_unlock(&t->lock);
	free(entry);
}

/**
 * struct mapping - bytes of guest memory
 * @base: of the mapping
 * @size: of that
 * @at: the bytes
 */
struct mapping {
	void *base;
	__u64 size;
	char *at;
};

/* The job's thread has objects of its own, and may not have got to this one. */
static bool mapping_make(struct tasks *t, const struct vgpu_exec_arg *range, struct mapping *m)
{
	__u64 first = range->value & ~(t->page - 1);

	m->size = range->value - first + range->length;
	m->base = mmap(NULL, m->size, PROT_READ | PROT_WRITE, MAP_SHARED, t->channel,
		       range->bo * VGPU_EXEC_MMAP_BO + first);
	if (m->base == MAP_FAILED)
		return false;
	m->at = (char *)m->base + (range->value - first);
	return true;
}

/* The guest may write there at any time: what the compiler reads is a copy. */
static void *copy_of(struct tasks *t, const struct vgpu_exec_arg *range)
{
	void *copy = malloc(range->length);
	struct mapping m;

	if (!copy || !mapping_make(t, range, &m)) {
		free(copy);
		return NULL;
	}
	memcpy(copy, m.at, range->length);
	munmap(m.base, m.size);
	return copy;
}

static void write_log(struct tasks *t, const struct vgpu_exec_arg *range, const char *text)
{
	size_t length = strlen(text);
	struct mapping m;

	if (!range->bo || !mapping_make(t, range, &m))
		return;
	if (length >= range->length)
		length = range->length - 1;
	memcpy(m.at, text, length);
	m.at[length] = 0;
	munmap(m.base, m.size);
}

static enum vgpu_error build(struct tasks *t, const struct vgpu_exec_task *task)
{
	const struct engine_ops *ops = t->engine->ops;
	struct engine_log log = { calloc(1, LOG_SIZE), LOG_SIZE };
	struct engine_source source = {
		.format = task->format,
		.data = copy_of(t, &task->code),
		.length = task->code.length,
		.options = task->text,
	};
	enum vgpu_error err = VGPU_ERR_NO_MEMORY;
	struct engine_module *module;

	if (log.text && source.data)
		err = ops->module_build ? ops->module_build(t->engine, &source, &log, &module) :
					  VGPU_ERR_UNSUPPORTED_OP;
	/* all that an engine can say against a source */
	if (err == VGPU_ERR_INVALID_REQUEST)
		err = VGPU_ERR_BUILD;
	if (log.text)
		write_log(t, &task->log, log.text);
	if (!err && !entry_add(t, task->number, module, NULL)) {
		ops->module_destroy(t->engine, module);
		err = VGPU_ERR_NO_MEMORY;
	}
	free((void *)source.data);
	free(log.text);
	return err;
}

/* Can the device's ABI say what the kernel takes? */
static bool say_args(const struct engine_kernel_info *info, struct vgpu_exec_task_done *done)
{
	__u32 i;

	if (info->count > VGPU_MAX_ARGS)
		return false;
	done->nargs = info->count;
	for (i = 0; i < info->count; i++) {
		switch (info->param[i].type) {
		case ENGINE_PARAM_BUFFER:
			done->arg[i].type = VGPU_ARG_BO;
			break;
		case ENGINE_PARAM_LOCAL:
			done->arg[i].type = VGPU_ARG_LOCAL;
			break;
		case ENGINE_PARAM_ANY:
			done->arg[i].type = VGPU_ARG_BO;
			done->arg[i].size = sizeof(__u64);
			break;
		case ENGINE_PARAM_VALUE:
			if (info->param[i].size > sizeof(__u64))
				return false;
			done->arg[i].type = VGPU_ARG_VALUE;
			/* the vendor doesn't say: as much as there can be */
			done->arg[i].size = info->param[i].size ?: sizeof(__u64);
			break;
		}
	}
	return true;
}

static enum vgpu_error find(struct tasks *t, const struct vgpu_exec_task *task,
			    struct vgpu_exec_task_done *done)
{
	const struct engine_ops *ops = t->engine->ops;
	struct made *module = entry_find(t, task->module);
	struct engine_kernel_info info;
	struct engine_kernel *kernel;
	enum vgpu_error err;

	if (!module || !module->module)
		return VGPU_ERR_GPU;
	err = ops->kernel_get(t->engine, module->module, task->text, NULL, &kernel, &info);
	if (err)
		return err == VGPU_ERR_INVALID_REQUEST ? VGPU_ERR_UNSUPPORTED_OP : err;
	if (!say_args(&info, done))
		err = VGPU_ERR_UNSUPPORTED_OP;
	else if (!entry_add(t, task->number, NULL, kernel))
		err = VGPU_ERR_NO_MEMORY;
	if (err) {
		ops->kernel_put(t->engine, kernel);
		memset(done->arg, 0, sizeof(done->arg));
		done->nargs = 0;
	}
	return err;
}

/* The process ends with the other thread. */
static void *run(void *arg)
{
	struct tasks *t = arg;

	for (;;) {
		struct vgpu_exec_task task = { .size = sizeof(task), .timeout_ms = WAIT_MS };
		struct vgpu_exec_task_done done = { .size = sizeof(done) };

		if (ioctl(t->channel, VGPU_EXEC_IOC_TASK_GET, &task)) {
			if (errno == ETIMEDOUT || errno == EINTR)
				continue;
			if (errno == ENODEV)
				return NULL;
			/* whoever waits would wait for long */
			_exit(1);
		}
		done.id = task.id;
		done.status = task.type == VGPU_EXEC_TASK_MODULE_BUILD ? build(t, &task) :
									 find(t, &task, &done);
		/* nobody may wait for it any more */
		ioctl(t->channel, VGPU_EXEC_IOC_TASK_DONE, &done);
	}
}

/**
 * tasks_start() - begin to build modules
 * @channel: the worker's open file
 * @engine: what with, open; not by the thread that runs jobs
 *
 * Return: what there is then, as long as the process; NULL if there is no thread, or no memory.
 */
struct tasks *tasks_start(int channel, struct engine *engine)
{
	struct tasks *t = calloc(1, sizeof(*t));
	pthread_t thread;

	if (!t)
		return NULL;
	t->channel = channel;
	t->engine = engine;
	t->page = (__u64)sysconf(_SC_PAGESIZE);
	pthread_mutex_init(&t->lock, NULL);
	if (pthread_create(&thread, NULL, run, t)) {
		free(t);
		return NULL;
	}
	return t;
}

/**
 * tasks_launch() - run a kernel
 * @tasks: what there is
 * @number: of the kernel
 * @arg: its arguments, of the types and sizes that it was found to have
 * @count: how many
 * @grid: by how many
 * @job: what goes with it; it is taken before the kernel ends
 *
 * Return: as &engine_ops.launch.
 */
enum vgpu_error tasks_launch(struct tasks *tasks, __u32 number, const struct engine_arg *arg,
			     __u32 count, const struct engine_grid *grid,
			     struct ahead_job *job)
{
	struct made *entry = tasks ? entry_find(tasks, number) : NULL;

	if (!entry || !entry->kernel)
		return VGPU_ERR_GPU;
	job->took_ns = &entry->took_ns;
	return tasks->engine->ops->launch(tasks->engine, entry->kernel, arg, count, grid,
					  &job->job);
}

/**
 * tasks_end_kernel() - a kernel isn't used any more
 * @tasks: what there is
 * @number: of the kernel
 *
 * Return: VGPU_ERR_NONE, or VGPU_ERR_GPU if there is none.
 */
enum vgpu_error tasks_end_kernel(struct tasks *tasks, __u32 number)
{
	struct made *entry = tasks ? entry_find(tasks, number) : NULL;

	if (!entry || !entry->kernel)
		return VGPU_ERR_GPU;
	tasks->engine->ops->kernel_put(tasks->engine, entry->kernel);
	entry_del(tasks, entry);
	return VGPU_ERR_NONE;
}

/**
 * tasks_end_module() - a module isn't used any more, nor has it kernels
 * @tasks: what there is
 * @number: of the module
 *
 * Return: VGPU_ERR_NONE, or VGPU_ERR_GPU if there is none.
 */
enum vgpu_error tasks_end_module(struct tasks *tasks, __u32 number)
{
	struct made *entry = tasks ? entry_find(tasks, number) : NULL;

	if (!entry || !entry->module)
		return VGPU_ERR_GPU;
	tasks->engine->ops->module_destroy(tasks->engine, entry->module);
	entry_del(tasks, entry);
	return VGPU_ERR_NONE;
}
