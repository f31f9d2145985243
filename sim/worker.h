/* SPDX-License-Identifier: GPL-2.0 */
/* What runs a tenant's jobs: a thread with an engine of its own, as a worker process has. */
#ifndef VGPU_SIM_WORKER_H
#define VGPU_SIM_WORKER_H

#include "ahead.h"
#include "inbox.h"
#include "load.h"

#define SIM_MAX_TENANTS	64

struct worker;

/**
 * struct work - something for a worker to do
 * @node: in the inbox that it is in
 * @run: does it, in the worker's thread; NULL: it is a job
 * @back: where it goes then
 * @data: for @run
 * @seed: of a job
 * @begin_ns: when the worker told the device of a job
 * @device_ns: how long that took on the device, as the engine measures it
 * @status: how that ended
 */
struct work {
	struct list_head node;
	void (*run)(struct worker *worker, struct work *work);
	struct inbox *back;
	void *data;
	__u32 seed;
	__u64 begin_ns;
	__u64 device_ns;
	enum vgpu_error status;
};

/**
 * struct worker - a thread with an engine
 * @thread: the thread
 * @inbox: what is to be done
 * @todo: what was taken from there
 * @ahead: jobs that have begun
 * @took_ns: what the last job took
 * @done: what was done, and of which nobody was told
 * @told_ns: when somebody was told last
 * @abort: not 0: jobs that haven't begun end with VGPU_ERR_CANCELED
 * @load: what it runs, with the engine
 */
struct worker {
	pthread_t thread;
	struct inbox inbox;
	struct list_head todo;
	struct ahead ahead;
	__u64 took_ns;
	struct list_head done;
	__u64 told_ns;
	__u32 abort;
	struct load load;
};

/**
 * struct worker_setup - what a worker runs
 * @engine: with what
 * @device: &engine_ops.open
 * @source: load_open()
 * @grid: load_open()
 */
struct worker_setup {
	const struct engine_ops *engine;
	const char *device;
	const struct spin_source *source;
	struct engine_grid grid;
};

/**
 * struct loop_result - what plain loops have done
 * @per_s: jobs in a second
 * @cpu_ns: processors' time for each
 * @jobs: how many
 */
struct loop_result {
	double per_s;
	double cpu_ns;
	__u64 jobs;
};

bool worker_start(struct worker *worker, const struct worker_setup *setup);
void worker_stop(struct worker *worker);
const char *worker_device(const struct worker *worker);
bool workers_prepare(struct worker *worker, __u32 count, __u32 work);
bool workers_check(struct worker *worker, __u32 count);
bool workers_loop(struct worker *worker, __u32 count, __u64 ns, struct loop_result *result);
__u64 worker_measure(struct worker *worker, __u32 work);
void worker_failed(enum vgpu_error status);

#endif /* VGPU_SIM_WORKER_H */
