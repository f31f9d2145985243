// SPDX-License-Identifier: GPL-2.0
/*
 * vgpu-bench: what does a job cost?  Null jobs, copies and fills, through the mailbox
 * or through queues, at any depth, by any number of contexts at once.
 */
#include <errno.h>
#include <getopt.h>
#include <pthread.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "vgpu.h"

/* A job that takes longer than that is not going to come */
#define WAIT_MS		60000

#define MAX_CONTEXTS	16

enum job {
	JOB_NOP,
	JOB_COPY,
	JOB_FILL,
};

static const char * const job_names[] = {
	[JOB_NOP] = "nop",
	[JOB_COPY] = "copy",
	[JOB_FILL] = "fill",
};

/**
 * struct options - the command line
 * @path: the device
 * @job: what to do
 * @mailbox: one by one by the mailbox, not by a queue
 * @json: print JSON
 * @quiet: no progress
 * @depth: jobs in flight in each context
 * @contexts: open files, each with a thread and a queue of its own
 * @jobs: in each context
 * @size: bytes of a copy or fill
 */
struct options {
	const char *path;
	enum job job;
	bool mailbox;
	bool json;
	bool quiet;
	unsigned int depth;
	unsigned int contexts;
	unsigned long jobs;
	size_t size;
};

/**
 * struct context - one of them
 * @o: the command line
 * @number: which one, from 0
 * @thread: its thread
 * @dev: an open file of its own
 * @queue: unless by the mailbox
 * @device_bo: on the GPU
 * @system_bo: here
 * @memory: of @system_bo
 * @done: jobs over; read by the progress
 * @failed: of which with a status
 * @stats: of its queue
 * @error: 0 or a negative errno that ended it
 */
struct context {
	const struct options *o;
	unsigned int number;
	pthread_t thread;
	struct vgpu *dev;
	struct vgpu_queue *queue;
	__u32 device_bo;
	__u32 system_bo;
	void *memory;
	unsigned long done;
	unsigned long failed;
	struct vgpu_queue_stats stats;
	int error;
};

static const char usage[] =
	"Usage: vgpu-bench [OPTION]...\n"
	"\n"
	"Runs many jobs on a vGPU and tells what they cost: doorbells, each a VM exit,\n"
	"and sleeps, each ended by an interrupt.\n"
	"\n"
	"  --device PATH    the device (/dev/vgpu0)\n"
	"  --job nop|copy|fill\n"
	"                   what a job does (nop); copies are from this machine's memory\n"
	"                   to the GPU's, and what has arrived is checked\n"
	"  --size BYTES     of a copy or fill (4096)\n"
	"  --jobs N         in each context (100000)\n"
	"  --depth N        jobs in flight in each context, 1 to 2048 (64)\n"
	"  --contexts N     open files, each with a thread and a queue, 1 to 16 (1)\n"
	"  --mailbox        not by a queue but by the mailbox, one by one\n"
	"  --json           print JSON\n"
	"  --quiet          no progress\n"
	"  --help           this text\n"
	"\n"
	"Exit status: 0, 1 if a job failed or a copy is wrong, 2 if the command line is.\n";

static int submit(struct context *c)
{
	struct vgpu_buf dst = { .bo = c->device_bo }, src = { .bo = c->system_bo };
	__u64 index = vgpu_queue_index(c->queue);

	switch (c->o->job) {
	case JOB_COPY:
		return vgpu_queue_copy(c->queue, index, dst, src, c->o->size);
	case JOB_FILL:
		return vgpu_queue_fill(c->queue, index, dst, c->o->size, 0x600d600d);
	default:
		return vgpu_queue_nop(c->queue, index);
	}
}

/*
 * As many in flight as the depth says; when nothing is there to be reaped, sleep until
 * half of them are over.
 */
static int run_queue(struct context *c)
{
	unsigned long submitted = 0, done = 0;
	struct vgpu_completion completion;
	int err;

	while (done < c->o->jobs) {
		while (submitted < c->o->jobs && submitted - done < c->o->depth) {
			err = submit(c);
			if (err)
				return err;
			submitted++;
		}
		vgpu_queue_kick(c->queue);
		if (!vgpu_queue_reap(c->queue, &completion)) {
			err = vgpu_queue_wait(c->queue, done + (submitted - done) / 2,
					      WAIT_MS);
			if (err)
				return err;
			continue;
		}
		do {
			if (completion.user_data != (__u32)done)
				return -EPROTO;
			c->failed += completion.status != VGPU_ERR_NONE;
			done++;
		} while (vgpu_queue_reap(c->queue, &completion));
		__atomic_store_n(&c->done, done, __ATOMIC_RELAXED);
	}
	return 0;
}

static int run_mailbox(struct context *c)
{
	struct vgpu_buf dst = { .bo = c->device_bo }, src = { .bo = c->system_bo };
	unsigned long done;
	int err = 0;

	for (done = 0; !err && done < c->o->jobs; done++) {
		switch (c->o->job) {
		case JOB_COPY:
			err = vgpu_copy(c->dev, dst, src, c->o->size);
			break;
		case JOB_FILL:
			err = vgpu_fill(c->dev, dst, c->o->size, 0x600d600d);
			break;
		default:
			err = vgpu_nop(c->dev);
		}
		__atomic_store_n(&c->done, done + 1, __ATOMIC_RELAXED);
	}
	return err;
}

/* Is what the last copy brought to the GPU what is here? */
static int check_copy(struct context *c)
{
	char *now = malloc(c->o->size);
	int err;

	if (!now)
		return -ENOMEM;
	err = vgpu_bo_read(c->dev, now, (struct vgpu_buf){ .bo = c->device_bo }, c->o->size);
	if (!err && memcmp(now, c->memory, c->o->size))
		err = -EILSEQ;
	free(now);
	return err;
}

static int prepare(struct context *c)
{
	unsigned int entries;
	size_t i;
	int err;

	err = vgpu_open(&c->dev, c->o->path);
	if (!err)
		vgpu_set_mailbox(c->dev, c->o->mailbox);
	if (!err && c->o->job != JOB_NOP) {
		err = vgpu_bo_create(c->dev, c->o->size, &c->device_bo);
		if (!err)
			err = vgpu_bo_create_system(c->dev, c->o->size, &c->system_bo,
						    &c->memory);
		for (i = 0; !err && i < c->o->size; i++)
			((unsigned char *)c->memory)[i] = i * 7 + c->number;
	}
	if (!err && !c->o->mailbox) {
		for (entries = VGPU_RING_MIN_ENTRIES; entries < c->o->depth; entries *= 2)
			;
		err = vgpu_queue_create(c->dev, entries, &c->queue);
	}
	return err;
}

static void *run(void *arg)
{
	struct context *c = arg;

	c->error = prepare(c);
	if (!c->error)
		c->error = c->o->mailbox ? run_mailbox(c) : run_queue(c);
	if (!c->error && c->o->job == JOB_COPY)
		c->error = check_copy(c);
	if (c->queue) {
		vgpu_queue_get_stats(c->queue, &c->stats);
		vgpu_queue_destroy(c->queue);
	}
	vgpu_close(c->dev);
	return NULL;
}

static void *show_progress(void *arg)
{
	const struct context *c = arg;
	unsigned long done;
	unsigned int i;

	for (;;) {
		sleep(2);
		for (i = 0, done = 0; i < c->o->contexts; i++)
			done += __atomic_load_n(&c[i].done, __ATOMIC_RELAXED);
		fprintf(stderr, "vgpu-bench: %lu of %lu jobs\n", done,
			c->o->jobs * c->o->contexts);
	}
	return NULL;
}

static double now_seconds(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return (double)ts.tv_sec + (double)ts.tv_nsec / 1e9;
}

static int report(const struct options *o, const struct context *c, double seconds)
{
	unsigned long long doorbells = 0, waits = 0;
	unsigned long done = 0, failed = 0;
	int status = 0;
	unsigned int i;

	for (i = 0; i < o->contexts; i++) {
		if (c[i].error) {
			fprintf(stderr, "vgpu-bench: context %u: %s\n", i,
				c[i].error == -EILSEQ ? "the copy is wrong" :
							vgpu_strerror(c[i].error));
			status = 1;
		}
		done += c[i].done;
		failed += c[i].failed;
		doorbells += c[i].stats.doorbells;
		waits += c[i].stats.waits;
	}
	if (failed || !done)
		status = 1;
	if (o->json) {
		printf("{\"job\": \"%s\", \"path\": \"%s\", \"size\": %zu, ",
		       job_names[o->job], o->mailbox ? "mailbox" : "queue",
		       o->job == JOB_NOP ? 0 : o->size);
		printf("\"depth\": %u, \"contexts\": %u, \"jobs\": %lu, \"failed\": %lu, ",
		       o->mailbox ? 1 : o->depth, o->contexts, done, failed);
		printf("\"doorbells\": %llu, \"waits\": %llu, \"seconds\": %.6f}\n", doorbells,
		       waits, seconds);
		return status;
	}
	printf("%-6s%-9s%10s%7s%10s%10s%8s%12s%12s%12s\n", "job", "path", "size", "depth",
	       "contexts", "jobs", "failed", "doorbells/", "waits/", "jobs/s");
	printf("%-6s%-9s%10zu%7u%10u%10lu%8lu%12.4f%12.4f%12.0f\n", job_names[o->job],
	       o->mailbox ? "mailbox" : "queue", o->job == JOB_NOP ? 0 : o->size,
	       o->mailbox ? 1 : o->depth, o->contexts, done, failed,
	       done ? (double)doorbells / (double)done : 0,
	       done ? (double)waits / (double)done : 0, (double)done / seconds);
	return status;
}

static bool parse_number(const char *text, unsigned long min, unsigned long max,
			 unsigned long *number)
{
	char *end;

	errno = 0;
	*number = strtoul(text, &end, 0);
	return text[0] >= '0' && text[0] <= '9' && !*end && !errno && *number >= min &&
	       *number <= max;
}

/* Returns -1 to go on, or an exit status. */
static int parse(struct options *o, int argc, char **argv)
{
	static const struct option options[] = {
		{ "device", required_argument, NULL, 'd' },
		{ "job", required_argument, NULL, 'j' },
		{ "size", required_argument, NULL, 's' },
		{ "jobs", required_argument, NULL, 'n' },
		{ "depth", required_argument, NULL, 'q' },
		{ "contexts", required_argument, NULL, 'c' },
		{ "mailbox", no_argument, NULL, 'm' },
		{ "json", no_argument, NULL, 'J' },
		{ "quiet", no_argument, NULL, 'Q' },
		{ "help", no_argument, NULL, 'h' },
		{ }
	};
	unsigned long number = 0;
	int option;
	bool good;

	while ((option = getopt_long(argc, argv, "", options, NULL)) != -1) {
		good = true;
		switch (option) {
		case 'd':
			o->path = optarg;
			break;
		case 'j':
			for (o->job = JOB_NOP; o->job <= JOB_FILL; o->job++) {
				if (!strcmp(optarg, job_names[o->job]))
					break;
			}
			good = o->job <= JOB_FILL;
			break;
		case 's':
			good = parse_number(optarg, 4, 1UL << 30, &number) && number % 4 == 0;
			o->size = number;
			break;
		case 'n':
			good = parse_number(optarg, 1, 1UL << 31, &o->jobs);
			break;
		case 'q':
			good = parse_number(optarg, 1, 2048, &number);
			o->depth = (unsigned int)number;
			break;
		case 'c':
			good = parse_number(optarg, 1, MAX_CONTEXTS, &number);
			o->contexts = (unsigned int)number;
			break;
		case 'm':
			o->mailbox = true;
			break;
		case 'J':
			o->json = true;
			break;
		case 'Q':
			o->quiet = true;
			break;
		case 'h':
			fputs(usage, stdout);
			return 0;
		default:
			return 2;
		}
		if (!good) {
			fprintf(stderr, "vgpu-bench: --%s can't be %s; try --help\n",
				option == 'j' ? "job" : option == 's' ? "size" :
				option == 'n' ? "jobs" : option == 'q' ? "depth" : "contexts",
				optarg);
			return 2;
		}
	}
	if (optind < argc) {
		fprintf(stderr, "vgpu-bench: unknown argument %s; try --help\n", argv[optind]);
		return 2;
	}
	return -1;
}

int main(int argc, char **argv)
{
	struct options o = { .depth = 64, .contexts = 1, .jobs = 100000, .size = 4096 };
	static struct context contexts[MAX_CONTEXTS];
	pthread_t progress;
	double begin;
	unsigned int i;
	int status;

	status = parse(&o, argc, argv);
	if (status >= 0)
		return status;
	begin = now_seconds();
	for (i = 0; i < o.contexts; i++) {
		contexts[i].o = &o;
		contexts[i].number = i;
		if (pthread_create(&contexts[i].thread, NULL, run, &contexts[i])) {
			fprintf(stderr, "vgpu-bench: no thread\n");
			return 1;
		}
	}
	if (!o.quiet && pthread_create(&progress, NULL, show_progress, contexts))
		o.quiet = true;
	for (i = 0; i < o.contexts; i++)
		pthread_join(contexts[i].thread, NULL);
	return report(&o, contexts, now_seconds() - begin);
}
