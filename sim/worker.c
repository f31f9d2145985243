// SPDX-License-Identifier: GPL-2.0
/*
 * A worker: it does what it finds in its inbox, one thing after the other, and tells of it as
 * vgpu-execd's do: when there is nothing more to do, or when what was done has been worth it.  As
 * with these the next job begins before the last one has ended, by the same code.
 *
 * Its engine is opened, used and closed by its thread alone.
 */
#include <stdio.h>

#include "clock.h"
#include "worker.h"

/* As execd/worker.c: tell at least so often, while there is more to do */
#define TELL_NS		50000

/* Jobs that say how long the kernel takes */
#define SAMPLES		7

/* Jobs that have begun go on: what they have done of their work would be in the sums. */
static const __u32 never;

/* The worker whose thread this is; NULL: not a worker's */
static __thread struct worker *self;

/* Only jobs wait here, and their inbox is one and the same. */
static void tell(struct worker *w)
{
	struct work *first = list_first_entry_or_null(&w->done, struct work, node);

	w->told_ns = now_ns();
	if (first)
		inbox_put(first->back, &w->done);
}

static void tell_late(struct worker *w)
{
	if (!list_empty(&w->done) && now_ns() - w->told_ns > TELL_NS)
		tell(w);
}

/**
 * engine_is_aborted() - is a job to end early?
 * @job: which
 *
 * What was done before it is told, if it hasn't been, and this one takes long.
 *
 * Return: true if so.
 */
bool engine_is_aborted(const struct engine_job *job)
{
	if (self)
		tell_late(self);
	return __atomic_load_n(job->abort, __ATOMIC_RELAXED);
}

static bool has_more(void *owner)
{
	struct worker *w = owner;

	if (list_empty(&w->todo))
		inbox_take(&w->inbox, &w->todo, false);
	return !list_empty(&w->todo);
}

static void tell_ahead(void *owner, bool now)
{
	struct worker *w = owner;

	if (now && !list_empty(&w->done))
		tell(w);
	else
		tell_late(w);
}

static const struct ahead_ops ahead_ops = { .has_more = has_more, .tell = tell_ahead };

/* The job at hand; NULL: the next is no job */
static struct work *next_job(struct worker *w)
{
	struct work *work = list_first_entry(&w->todo, struct work, node);

	return work->run ? NULL : work;
}

static void begin_job(struct worker *w, struct work *work)
{
	struct ahead_job *ahead = ahead_new(&w->ahead);

	ahead->data = (uintptr_t)work;
	ahead->job.abort = &never;
	ahead->job.later = load_can_wait(&w->load);
	ahead->took_ns = &w->took_ns;
	work->begin_ns = now_ns();
	ahead->status = __atomic_load_n(&w->abort, __ATOMIC_RELAXED) ? VGPU_ERR_CANCELED :
			load_launch(&w->load, work->seed, &ahead->job);
	ahead_add(&w->ahead);
}

static void end_jobs(struct worker *w)
{
	const struct ahead_job *over;
	struct work *work;

	while ((over = ahead_take(&w->ahead))) {
		work = (struct work *)(uintptr_t)over->data;
		work->status = over->status;
		work->device_ns = over->job.gpu_ns;
		if (!work->status)
			load_count(&w->load, work->seed);
		list_add_tail(&work->node, &w->done);
		tell_late(w);
	}
}

static void do_next(struct worker *w)
{
	struct work *work = list_first_entry(&w->todo, struct work, node);

	list_del(&work->node);
	if (!work->run) {
		begin_job(w, work);
		return;
	}
	work->run(w, work);
	list_add_tail(&work->node, &w->done);
	tell_late(w);
}

static void *worker_thread(void *data)
{
	struct worker *w = data;
	bool more;

	self = w;
	while (self) {
		more = has_more(w);
		/* what is no job is done when all jobs are */
		if (more && (next_job(w) ? ahead_has_room(&w->ahead) : ahead_is_empty(&w->ahead))) {
			do_next(w);
		} else if (!ahead_is_empty(&w->ahead)) {
			ahead_await(&w->ahead, !more || next_job(w));
		} else {
			tell(w);
			inbox_take(&w->inbox, &w->todo, true);
		}
		end_jobs(w);
	}
	tell(w);
	return NULL;
}

/**
 * struct call - something that workers do for the main thread, which waits for it
 * @work: asks one
 * @data: for &work.run
 * @good: it has come to a good end
 * @loop: of loop()
 * @number: of whatever
 */
struct call {
	struct work work;
	const void *data;
	bool good;
	struct loop_result loop;
	__u64 number;
};

static struct call *to_call(struct work *work)
{
	return container_of(work, struct call, work);
}

/* Have each of some workers do something.  Return whether all came to a good end. */
static bool call_all(struct worker *worker, __u32 count, struct call *call,
		     void (*run)(struct worker *worker, struct work *work))
{
	struct inbox back;
	bool good = true;
	__u32 i, n = 0;
	LIST_HEAD(list);

	inbox_init(&back);
	for (i = 0; i < count; i++) {
		call[i].work.run = run;
		call[i].work.back = &back;
		list_add(&call[i].work.node, &list);
		inbox_put(&worker[i].inbox, &list);
	}
	while (n < count) {
		inbox_take(&back, &list, true);
		while (!list_empty(&list)) {
			list_del(list.next);
			n++;
		}
	}
	for (i = 0; i < count; i++)
		good = good && call[i].good;
	return good;
}

static void run_open(struct worker *worker, struct work *work)
{
	const struct worker_setup *setup = to_call(work)->data;
	struct engine *engine = setup->engine->open(setup->device);

	if (!engine)
		return;
	worker->ahead.engine = engine;
	to_call(work)->good = load_open(&worker->load, engine, setup->source, &setup->grid);
}

static void run_close(struct worker *worker, struct work *work)
{
	(void)work;
	if (worker->load.engine) {
		load_close(&worker->load);
		worker->load.engine->ops->close(worker->load.engine);
	}
	/* the last thing that it does */
	self = NULL;
}

/**
 * worker_start() - begin a worker
 * @worker: filled in
 * @setup: what it runs
 *
 * Return: false after a message if it can't be; worker_stop() is called only otherwise.
 */
bool worker_start(struct worker *worker, const struct worker_setup *setup)
{
	struct call call = { .data = setup };

	*worker = (struct worker){ .ahead = { .ops = &ahead_ops, .owner = worker } };
	inbox_init(&worker->inbox);
	INIT_LIST_HEAD(&worker->todo);
	INIT_LIST_HEAD(&worker->done);
	if (pthread_create(&worker->thread, NULL, worker_thread, worker)) {
		fprintf(stderr, "vgpu-sim: no thread for a worker\n");
		return false;
	}
	if (call_all(worker, 1, &call, run_open))
		return true;
	worker_stop(worker);
	return false;
}

/**
 * worker_stop() - end a worker
 * @worker: has nothing to do any more
 */
void worker_stop(struct worker *worker)
{
	struct call call = { };

	call_all(worker, 1, &call, run_close);
	pthread_join(worker->thread, NULL);
}

/**
 * worker_device() - what does it run jobs on?
 * @worker: any
 *
 * Return: the engine's name for the device.
 */
const char *worker_device(const struct worker *worker)
{
	return worker->load.engine->info.name;
}

static void run_prepare(struct worker *worker, struct work *work)
{
	enum vgpu_error err = load_prepare(&worker->load, work->seed);

	to_call(work)->good = !err;
	if (err)
		fprintf(stderr, "vgpu-sim: no memory for the kernel: error %#x\n", err);
}

/**
 * workers_prepare() - begin with other work, and with sums that are 0
 * @worker: @count workers, at most SIM_MAX_TENANTS
 * @count: how many
 * @work: see load_prepare()
 *
 * Return: false after a message if that can't be.
 */
bool workers_prepare(struct worker *worker, __u32 count, __u32 work)
{
	struct call call[SIM_MAX_TENANTS] = { };
	__u32 i;

	for (i = 0; i < count; i++)
		call[i].work.seed = work;
	return call_all(worker, count, call, run_prepare);
}

static bool check(struct load *load)
{
	if (load_check(load))
		return true;
	fprintf(stderr, SPIN_WRONG);
	return false;
}

static void run_check(struct worker *worker, struct work *work)
{
	to_call(work)->good = check(&worker->load);
}

/**
 * workers_check() - have all their jobs done what they were to do, once?
 * @worker: @count workers, at most SIM_MAX_TENANTS
 * @count: how many
 *
 * Return: false after a message if not.
 */
bool workers_check(struct worker *worker, __u32 count)
{
	struct call call[SIM_MAX_TENANTS] = { };

	return call_all(worker, count, call, run_check);
}

/**
 * worker_failed() - a job failed that should not have
 * @status: how
 */
void worker_failed(enum vgpu_error status)
{
	fprintf(stderr, "vgpu-sim: a job failed: error %#x\n", status);
}

/* Begin a job that nobody waits for but run_loop(). */
static void loop_begin(struct worker *w, __u32 seed)
{
	struct ahead_job *ahead = ahead_new(&w->ahead);

	ahead->data = seed;
	ahead->job.abort = &never;
	ahead->job.later = load_can_wait(&w->load);
	ahead->took_ns = &w->took_ns;
	ahead->status = load_launch(&w->load, seed, &ahead->job);
	ahead_add(&w->ahead);
}

/* Return the first error of those that are over. */
static enum vgpu_error loop_end(struct worker *w)
{
	enum vgpu_error err = VGPU_ERR_NONE;
	const struct ahead_job *over;

	while ((over = ahead_take(&w->ahead))) {
		if (!over->status)
			load_count(&w->load, over->data);
		err = err ?: over->status;
	}
	return err;
}

/* The engine alone: there is always another job. */
static void run_loop(struct worker *worker, struct work *work)
{
	struct call *call = to_call(work);
	__u64 begin = now_ns(), end = begin + call->number;
	enum vgpu_error err = VGPU_ERR_NONE, its;
	bool more = true;
	__u32 seed = 0;

	while (more || !ahead_is_empty(&worker->ahead)) {
		if (more && ahead_has_room(&worker->ahead))
			loop_begin(worker, seed++);
		else
			ahead_await(&worker->ahead, false);
		its = loop_end(worker);
		err = err ?: its;
		more = !err && now_ns() < end;
	}
	work->status = err;
	if (err) {
		worker_failed(err);
		return;
	}
	call->loop.jobs = seed;
	call->loop.per_s = (double)seed * NS_PER_S / (now_ns() - begin);
	call->good = true;
}

/**
 * workers_loop() - have each run jobs, without an arbiter
 * @worker: @count workers, at most SIM_MAX_TENANTS
 * @count: how many
 * @ns: for how long
 * @result: what all of them have done
 *
 * Return: false after a message if a job failed.
 */
bool workers_loop(struct worker *worker, __u32 count, __u64 ns, struct loop_result *result)
{
	struct call call[SIM_MAX_TENANTS] = { };
	__u64 cpu;
	__u32 i;

	*result = (struct loop_result){ };
	for (i = 0; i < count; i++)
		call[i].number = ns;
	cpu = cpu_ns();
	if (!call_all(worker, count, call, run_loop))
		return false;
	cpu = cpu_ns() - cpu;
	for (i = 0; i < count; i++) {
		result->jobs += call[i].loop.jobs;
		result->per_s += call[i].loop.per_s;
	}
	result->cpu_ns = (double)cpu / result->jobs;
	return true;
}

static void run_measure(struct worker *worker, struct work *work)
{
	struct call *call = to_call(work);
	int i;

	run_prepare(worker, work);
	if (!call->good)
		return;
	call->good = false;
	for (i = 0; i < SAMPLES; i++) {
		struct engine_job job = { .abort = &never };

		work->status = load_launch(&worker->load, i, &job);
		if (work->status) {
			worker_failed(work->status);
			return;
		}
		load_count(&worker->load, i);
		if (!i || job.gpu_ns < call->number)
			call->number = job.gpu_ns;
	}
	call->good = check(&worker->load);
}

/**
 * worker_measure() - how long does a job take on the device?
 * @worker: does some
 * @work: see load_prepare()
 *
 * Return: nanoseconds, the least of some, at least 1; 0 after a message if one failed, or has
 * not done what it was to.
 */
__u64 worker_measure(struct worker *worker, __u32 work)
{
	struct call call = { .work.seed = work };

	if (!call_all(worker, 1, &call, run_measure))
		return 0;
	return call.number ?: 1;
}
