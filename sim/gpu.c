// SPDX-License-Identifier: GPL-2.0
/*
 * A GPU that tenants share.  Who is next is decided by the driver's own arbiter, and the calling
 * thread does what the driver does around it: it hands jobs to workers, as many as the depth
 * says, takes back what they have done, and fetches what their tenants have submitted.  Each
 * tenant submits another job for each that is over.
 *
 * A job is charged what vgpu-exec charges it, by the same clock: the time for which it was, as far
 * as is known here, what its worker was at, shared with other workers that were at jobs then.  What
 * it had of the device the engine says; that is reported.  To see
 * what the difference does it can be charged that, too.
 */
#include <stdlib.h>

#include "arb.h"
#include "backend/exec_clock.h"
#include "clock.h"
#include "gpu.h"

/* One job in so many has the arbiter's time taken: looking at the clock costs time itself */
#define TIMED		16

/* Of the clock's own cost */
#define CLOCK_READS	1000

/**
 * struct job - a job, used again and again
 * @job: what the arbiter sees of it
 * @work: what the worker sees of it
 * @tenant: whose it is
 */
struct job {
	struct vgpu_job job;
	struct work work;
	struct tenant *tenant;
};

/**
 * struct tenant - one that shares the GPU
 * @entity: what the arbiter sees of it
 * @worker: what runs its jobs
 * @jobs: as many as its window is
 * @with_worker: jobs of it that were handed over, and are not back yet
 * @begin_ns: when the first of these became what the worker is at, by &gpu.exec_clock
 */
struct tenant {
	struct vgpu_arb_entity entity;
	struct worker *worker;
	struct job *jobs;
	__u32 with_worker;
	__u64 begin_ns;
};

/**
 * struct watch - takes the time of parts
 * @on: it does
 * @since_ns: when the part began
 * @sum_ns: of all parts
 * @parts: how many
 */
struct watch {
	bool on;
	__u64 since_ns;
	__u64 sum_ns;
	__u32 parts;
};

/**
 * struct gpu - the GPU
 * @setup: who shares it
 * @arb: the arbiter
 * @exec_clock: what jobs are charged by
 * @tenant: @setup.tenants of them
 * @back: what workers have done
 * @watch: of the arbiter, for the job at hand
 * @clock_ns: what @watch itself costs for a part
 * @jobs: that were over, for TIMED and as seeds
 * @begin_ns: when what counts began; 0: it hasn't
 * @end_ns: when it ended; 0: it hasn't
 * @cpu_ns: processors' time until then, later since then
 * @counted: jobs that count, in this run
 * @failed: how a job ended that should not have; VGPU_ERR_NONE
 */
struct gpu {
	struct gpu_setup setup;
	struct vgpu_arb arb;
	struct vgpu_exec_clock exec_clock;
	struct tenant tenant[SIM_MAX_TENANTS];
	struct inbox back;
	struct watch watch;
	__u64 clock_ns;
	__u32 jobs;
	__u64 begin_ns;
	__u64 end_ns;
	__u64 cpu_ns;
	__u64 counted;
	enum vgpu_error failed;
};

static void watch_begin(struct watch *watch)
{
	if (watch->on)
		watch->since_ns = now_ns();
}

static void watch_end(struct watch *watch)
{
	if (!watch->on)
		return;
	watch->sum_ns += now_ns() - watch->since_ns;
	watch->parts++;
}

static __u64 watch_cost(void)
{
	struct watch watch = { .on = true };

	while (watch.parts < CLOCK_READS) {
		watch_begin(&watch);
		watch_end(&watch);
	}
	return watch.sum_ns / CLOCK_READS;
}

static void add_tenant(struct gpu *gpu, __u32 i)
{
	struct tenant *t = &gpu->tenant[i];
	__u32 n;

	t->worker = &gpu->setup.worker[i];
	vgpu_arb_entity_init(&t->entity, &gpu->arb, gpu->setup.window);
	vgpu_arb_entity_set_weight(&t->entity, gpu->setup.weight[i]);
	for (n = 0; n < gpu->setup.window; n++) {
		struct job *job = &t->jobs[n];

		INIT_LIST_HEAD(&job->job.node);
		job->job.entity = &t->entity;
		job->job.type = VGPU_JOB_LAUNCH;
		job->job.owner = VGPU_JOB_GUEST;
		job->work.back = &gpu->back;
		job->tenant = t;
	}
}

/**
 * gpu_create() - make a GPU that tenants share
 * @setup: which; copied.  The workers stay, and do nothing else while it runs
 *
 * Return: the GPU; NULL without memory.
 */
struct gpu *gpu_create(const struct gpu_setup *setup)
{
	struct gpu *gpu = calloc(1, sizeof(*gpu));
	__u32 i;

	if (!gpu)
		return NULL;
	gpu->setup = *setup;
	gpu->clock_ns = watch_cost();
	inbox_init(&gpu->back);
	vgpu_arb_init(&gpu->arb, setup->depth);
	gpu->arb.floor_ns = VGPU_ARB_JOB_NS;
	/* as with an executor; without a timer, since jobs end all the time */
	gpu->arb.parallel = true;
	vgpu_exec_clock_init(&gpu->exec_clock);
	for (i = 0; i < setup->tenants; i++) {
		gpu->tenant[i].jobs = calloc(setup->window, sizeof(struct job));
		if (!gpu->tenant[i].jobs) {
			gpu_free(gpu);
			return NULL;
		}
	}
	for (i = 0; i < setup->tenants; i++)
		add_tenant(gpu, i);
	return gpu;
}

/**
 * gpu_free() - end a GPU
 * @gpu: no run of it goes on
 */
void gpu_free(struct gpu *gpu)
{
	__u32 i;

	for (i = 0; i < gpu->setup.tenants; i++)
		free(gpu->tenant[i].jobs);
	free(gpu);
}

static void hand_over(struct gpu *gpu, struct vgpu_job *picked, __u64 now)
{
	struct job *job = container_of(picked, struct job, job);
	struct tenant *t = job->tenant;
	LIST_HEAD(one);

	if (!t->with_worker++)
		t->begin_ns = vgpu_exec_clock_begin(&gpu->exec_clock, now);
	list_add(&job->work.node, &one);
	inbox_put(&t->worker->inbox, &one);
}

static void dispatch(struct gpu *gpu)
{
	struct vgpu_job *job;
	__u64 now;

	do {
		now = now_ns();
		watch_begin(&gpu->watch);
		job = vgpu_arb_pick(&gpu->arb, now);
		watch_end(&gpu->watch);
		if (job)
			hand_over(gpu, job, now);
	} while (job);
}

/* Return false if the arbiter doesn't take it. */
static bool submit(struct gpu *gpu, struct job *job)
{
	enum vgpu_error err;

	job->work.seed = ++gpu->jobs;
	vgpu_job_set_owner(&job->job, VGPU_JOB_QUEUE);
	watch_begin(&gpu->watch);
	err = vgpu_arb_submit(&gpu->arb, &job->job, now_ns());
	watch_end(&gpu->watch);
	if (err)
		gpu->failed = err;
	return !err;
}

/* The job of a tenant that is back is what its worker was at: they come in order. */
static __u64 seen(struct gpu *gpu, struct tenant *t, __u64 now)
{
	__u64 took = vgpu_exec_clock_end(&gpu->exec_clock, t->begin_ns, now);

	if (--t->with_worker)
		t->begin_ns = vgpu_exec_clock_begin(&gpu->exec_clock, now);
	return took;
}

/* What a job that is over counts for. */
static void count(struct gpu *gpu, const struct job *job, struct gpu_result *result)
{
	size_t i = job->tenant - gpu->tenant;

	result->jobs[i]++;
	result->device_ns[i] += job->work.device_ns;
	hist_add(&result->wait, job->work.begin_ns - job->job.submit_ns);
	gpu->counted++;
}

/* As vgpu_job_complete() does it; then its tenant has it back. */
static void complete(struct gpu *gpu, struct job *job)
{
	__u64 now = now_ns(), took = seen(gpu, job->tenant, now);

	job->job.status = job->work.status;
	job->job.gpu_ns = gpu->setup.charge_device ? job->work.device_ns : took;
	watch_begin(&gpu->watch);
	vgpu_arb_complete(&gpu->arb, &job->job, now);
	watch_end(&gpu->watch);
	dispatch(gpu);
	vgpu_job_set_owner(&job->job, VGPU_JOB_GUEST);
	watch_begin(&gpu->watch);
	vgpu_arb_entity_done(&job->tenant->entity);
	watch_end(&gpu->watch);
}

/* A job is over, and another one is submitted in its place. */
static void take_back(struct gpu *gpu, struct job *job, struct gpu_result *result)
{
	if (job->work.status && !gpu->failed)
		gpu->failed = job->work.status;
	if (gpu->begin_ns)
		count(gpu, job, result);
	gpu->watch = (struct watch){ .on = !(gpu->jobs % TIMED) };
	complete(gpu, job);
	if (gpu->failed || !submit(gpu, job))
		return;
	dispatch(gpu);
	if (gpu->watch.on && gpu->begin_ns) {
		__u64 clock_ns = gpu->watch.parts * gpu->clock_ns, ns = gpu->watch.sum_ns;

		hist_add(&result->arbiter, ns > clock_ns ? ns - clock_ns : 0);
	}
}

/*
 * What counts begins and ends when a job is over: else what the last one has done of its work
 * would be missing, and that is much of a long one's.
 */
static void mark(struct gpu *gpu, __u64 settled_ns, __u64 ns)
{
	__u64 now = now_ns();

	if (!gpu->begin_ns && now >= settled_ns) {
		gpu->begin_ns = now;
		gpu->cpu_ns = cpu_ns();
	} else if (gpu->begin_ns && gpu->counted && now >= gpu->begin_ns + ns) {
		gpu->end_ns = now;
		gpu->cpu_ns = cpu_ns() - gpu->cpu_ns;
	}
}

static struct job *next_back(struct list_head *list)
{
	struct work *work = list_first_entry(list, struct work, node);

	list_del(&work->node);
	return container_of(work, struct job, work);
}

/* Nothing more is submitted; what hasn't begun is called off; wait for the rest. */
static void drain(struct gpu *gpu, struct list_head *list)
{
	struct vgpu_job *job, *next;
	LIST_HEAD(canceled);
	__u32 i, left = 0;

	for (i = 0; i < gpu->setup.tenants; i++) {
		vgpu_arb_entity_drain_begin(&gpu->tenant[i].entity, &canceled, now_ns());
		__atomic_store_n(&gpu->tenant[i].worker->abort, 1, __ATOMIC_RELAXED);
		left += gpu->tenant[i].with_worker;
	}
	list_for_each_entry_safe(job, next, &canceled, node) {
		list_del_init(&job->node);
		vgpu_job_set_owner(job, VGPU_JOB_GUEST);
		vgpu_arb_entity_done(job->entity);
	}
	gpu->watch.on = false;
	while (left) {
		if (list_empty(list))
			inbox_take(&gpu->back, list, true);
		complete(gpu, next_back(list));
		left--;
	}
	for (i = 0; i < gpu->setup.tenants; i++) {
		__atomic_store_n(&gpu->tenant[i].worker->abort, 0, __ATOMIC_RELAXED);
		vgpu_arb_entity_drain_wait(&gpu->tenant[i].entity);
		vgpu_arb_entity_drain_end(&gpu->tenant[i].entity);
	}
}

static void submit_all(struct gpu *gpu)
{
	__u32 i, n;

	for (n = 0; n < gpu->setup.window; n++)
		for (i = 0; i < gpu->setup.tenants; i++)
			if (!submit(gpu, &gpu->tenant[i].jobs[n]))
				return;
	dispatch(gpu);
}

/**
 * gpu_run() - have the tenants share it for a while
 * @gpu: the GPU
 * @settle_ns: before it counts
 * @ns: time that counts
 * @result: where to add what became of it
 *
 * Return: false after a message if a job failed.
 */
bool gpu_run(struct gpu *gpu, __u64 settle_ns, __u64 ns, struct gpu_result *result)
{
	__u64 settled_ns = now_ns() + settle_ns;
	LIST_HEAD(list);

	gpu->begin_ns = 0;
	gpu->end_ns = 0;
	gpu->counted = 0;
	gpu->failed = VGPU_ERR_NONE;
	submit_all(gpu);
	while (!gpu->end_ns && !gpu->failed) {
		if (list_empty(&list))
			inbox_take(&gpu->back, &list, true);
		take_back(gpu, next_back(&list), result);
		mark(gpu, settled_ns, ns);
	}
	drain(gpu, &list);
	if (gpu->failed) {
		worker_failed(gpu->failed);
		return false;
	}
	result->per_s = (double)gpu->counted * NS_PER_S / (gpu->end_ns - gpu->begin_ns);
	result->cpu_ns = (double)gpu->cpu_ns / gpu->counted;
	return true;
}
