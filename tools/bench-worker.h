/* SPDX-License-Identifier: GPL-2.0 */
#ifndef BENCH_WORKER_H
#define BENCH_WORKER_H

#include <pthread.h>
#include <stdbool.h>
#include <stddef.h>

#include "run-kernels.h"
#include "vgpu.h"

struct worker;

/**
 * struct bench_job - a kind of job
 */
struct bench_job {
	/** @name: as on the command line; NULL: that of the kernel */
	const char *name;
	/** @sized: it has a size */
	bool sized;
	/** @prepare: makes what it needs; NULL if nothing */
	int (*prepare)(struct worker *w);
	/** @submit: into the queue, as job number @i of the worker */
	int (*submit)(struct worker *w, unsigned long i);
	/** @call: the same by the mailbox, over on return */
	int (*call)(struct worker *w, unsigned long i);
	/** @expect: what buffer @slot must hold, if job @last was the last on it; NULL if
	 * there is none
	 */
	void (*expect)(struct worker *w, void *mem, unsigned long slot, unsigned long last);
};

/**
 * struct options - the command line
 * @path: the device
 * @job: what to do
 * @kernel: to be launched, or NULL
 * @mailbox: one by one by the mailbox, not by a queue
 * @poll: never sleep
 * @json: print JSON
 * @quiet: no progress
 * @depth: jobs in flight in each thread
 * @timeout_s: give up when none, or fewer than half of these, has come for so long, in seconds
 * @contexts: open files
 * @threads: in each context, each with a queue of its own
 * @jobs: of each thread
 * @size: bytes of a copy, a fill or an input
 */
struct options {
	const char *path;
	const struct bench_job *job;
	const struct run_kernel *kernel;
	bool mailbox;
	bool poll;
	bool json;
	bool quiet;
	unsigned int depth;
	unsigned int timeout_s;
	unsigned int contexts;
	unsigned int threads;
	unsigned long jobs;
	size_t size;
};

/**
 * struct worker - a thread and its queue
 * @o: the command line
 * @ready: reached by all of them, and by who started them, before the first job
 * @number: which one, from 0
 * @thread: its thread
 * @dev: its context
 * @queue: its own, unless by the mailbox
 * @slots: buffers, used in turn; no two jobs in flight have the same
 * @slot_bytes: of each, as far as a job writes it
 * @stride: from one to the next
 * @device_bo: the buffers that jobs write, on the GPU
 * @source_bo: what copies and kernels read
 * @source: the same, or what it was made of
 * @source_stride: from one input of a kernel to the next
 * @n: elements of a kernel
 * @a: float argument of a kernel
 * @handle: of a kernel
 * @done: jobs over; read by the progress
 * @failed: of which with a status
 * @wrong: buffers that held something else than they must
 * @stats: of its queue
 * @begin: when its first job began, in seconds
 * @end: when its last was over
 * @error: 0 or a negative errno that ended it
 */
struct worker {
	const struct options *o;
	pthread_barrier_t *ready;
	unsigned int number;
	pthread_t thread;
	struct vgpu *dev;
	struct vgpu_queue *queue;
	unsigned long slots;
	size_t slot_bytes;
	size_t stride;
	__u32 device_bo;
	__u32 source_bo;
	void *source;
	size_t source_stride;
	__u64 n;
	float a;
	__u32 handle;
	unsigned long done;
	unsigned long failed;
	unsigned long wrong;
	struct vgpu_queue_stats stats;
	double begin;
	double end;
	int error;
};

const struct bench_job *bench_job_find(const char *name, const struct run_kernel **kernel);
int bench_job_check(struct worker *w);
void *bench_worker_run(void *arg);

#endif /* BENCH_WORKER_H */
