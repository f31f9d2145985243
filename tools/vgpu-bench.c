// SPDX-License-Identifier: GPL-2.0
/*
 * vgpu-bench: what does a job cost?  Null jobs, copies, fills and kernels, through the
 * mailbox or through queues, at any depth, by several threads and contexts at once.
 */
#include <errno.h>
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "bench-worker.h"
#include "hint.h"

static const char usage[] =
	"Usage: vgpu-bench [OPTION]...\n"
	"\n"
	"Runs many jobs on a vGPU and tells what they cost: doorbells, each a VM exit,\n"
	"and sleeps, each ended by an interrupt.  Looks at what the last job on each\n"
	"buffer wrote.\n"
	"\n"
	"  --device PATH    the device (/dev/vgpu0)\n"
	"  --job JOB        what a job does (nop): nop; copy, from this machine's memory to\n"
	"                   the GPU's; fill; or a kernel: vecadd-u32, vecadd-f32,\n"
	"                   saxpy-f32, matmul-f32, reduce-u32 or sha256\n"
	"  --size BYTES     of a copy, a fill or an input of a kernel (4096)\n"
	"  --jobs N         of each thread (100000)\n"
	"  --depth N        jobs in flight in each thread, 1 to 2048 (64)\n"
	"  --timeout S      give up when it takes longer, in seconds, until half of the jobs\n"
	"                   in flight are over (60)\n"
	"  --contexts N     open files (1)\n"
	"  --threads N      in each context, each with a queue of its own (1); all contexts'\n"
	"                   together are at most 16, as a vGPU has queues\n"
	"  --poll           never sleep: look for completions until there are some\n"
	"  --mailbox        not by a queue but by the mailbox, one by one\n"
	"  --json           print JSON\n"
	"  --quiet          no progress\n"
	"  --help           this text\n"
	"\n"
	"Exit status: 0, 1 if a job failed or wrote what is wrong, 2 if the command line is\n"
	"wrong.\n";

static unsigned int workers_of(const struct options *o)
{
	return o->contexts * o->threads;
}

static void *show_progress(void *arg)
{
	const struct worker *w = arg;
	unsigned long done, all = w->o->jobs * workers_of(w->o);
	unsigned int i;

	for (;;) {
		sleep(2);
		for (i = 0, done = 0; i < workers_of(w->o); i++)
			done += __atomic_load_n(&w[i].done, __ATOMIC_RELAXED);
		fprintf(stderr, "vgpu-bench: %lu of %lu jobs, %lu %%\n", done, all,
			done * 100 / all);
	}
	return NULL;
}

/**
 * struct totals - of all workers
 * @done: jobs over
 * @failed: of which with a status
 * @wrong: buffers that held something else than they must
 * @stats: doorbells and sleeps
 * @seconds: from the first job's begin to the last one's end
 */
struct totals {
	unsigned long done;
	unsigned long failed;
	unsigned long wrong;
	struct vgpu_queue_stats stats;
	double seconds;
};

/* Adds all up.  Returns the exit status. */
static int add_up(const struct options *o, const struct worker *w, struct totals *t)
{
	double begin = w->begin, end = w->end;
	unsigned int i;
	int status = 0;

	for (i = 0; i < workers_of(o); i++) {
		if (w[i].error)
			fprintf(stderr, "vgpu-bench: thread %u: %s\n", i,
				vgpu_strerror(w[i].error));
		if (w[i].wrong)
			fprintf(stderr, "vgpu-bench: thread %u: %lu of %lu buffers are wrong\n",
				i, w[i].wrong, w[i].slots);
		if (w[i].error || w[i].failed || w[i].wrong)
			status = 1;
		t->done += w[i].done;
		t->failed += w[i].failed;
		t->wrong += w[i].wrong;
		t->stats.doorbells += w[i].stats.doorbells;
		t->stats.waits += w[i].stats.waits;
		begin = w[i].begin < begin ? w[i].begin : begin;
		end = w[i].end > end ? w[i].end : end;
	}
	t->seconds = end - begin;
	return status;
}

static void print_json(const struct options *o, const struct totals *t)
{
	printf("{\"job\": \"%s\", \"path\": \"%s\", \"size\": %zu, ",
	       o->kernel ? o->kernel->name : o->job->name, o->mailbox ? "mailbox" : "queue",
	       o->size);
	printf("\"depth\": %u, \"contexts\": %u, \"threads\": %u, \"poll\": %s, ", o->depth,
	       o->contexts, o->threads, o->poll ? "true" : "false");
	printf("\"jobs\": %lu, \"failed\": %lu, \"wrong\": %lu, ", t->done, t->failed,
	       t->wrong);
	printf("\"doorbells\": %llu, \"waits\": %llu, \"seconds\": %.6f}\n",
	       t->stats.doorbells, t->stats.waits, t->seconds);
}

static void print_table(const struct options *o, const struct totals *t)
{
	double done = t->done ? (double)t->done : 1;

	printf("%-11s%-8s%10s%7s%9s%8s%11s%7s%7s%10s%10s%10s\n", "job", "path", "size",
	       "depth", "contexts", "threads", "jobs", "failed", "wrong", "bells/job",
	       "waits/job", "jobs/s");
	printf("%-11s%-8s%10zu%7u%9u%8u%11lu%7lu%7lu%10.4f%10.4f%10.0f\n",
	       o->kernel ? o->kernel->name : o->job->name, o->mailbox ? "mailbox" : "queue",
	       o->size, o->depth, o->contexts, o->threads, t->done, t->failed, t->wrong,
	       (double)t->stats.doorbells / done, (double)t->stats.waits / done,
	       (double)t->done / t->seconds);
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

static bool parse_count(const char *text, unsigned int max, unsigned int *count)
{
	unsigned long number;

	if (!parse_number(text, 1, max, &number))
		return false;
	*count = (unsigned int)number;
	return true;
}

static int refuse(const char *why)
{
	fprintf(stderr, "vgpu-bench: %s; try --help\n", why);
	return 2;
}

/* What each option says is right; do they go together?  Returns -1 or an exit status. */
static int settle(struct options *o)
{
	if (workers_of(o) > VGPU_MAX_QUEUES)
		return refuse("contexts and threads are too many");
	if (o->mailbox && (o->depth || o->poll))
		return refuse("--mailbox goes with neither --depth nor --poll");
	if (o->size && !o->job->sized)
		return refuse("a nop has no --size");
	if (o->job->sized && !o->size)
		o->size = 4096;
	if (!o->depth)
		o->depth = o->mailbox ? 1 : 64;
	return -1;
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
		{ "timeout", required_argument, NULL, 'T' },
		{ "contexts", required_argument, NULL, 'c' },
		{ "threads", required_argument, NULL, 't' },
		{ "poll", no_argument, NULL, 'p' },
		{ "mailbox", no_argument, NULL, 'm' },
		{ "json", no_argument, NULL, 'J' },
		{ "quiet", no_argument, NULL, 'Q' },
		{ "help", no_argument, NULL, 'h' },
		{ }
	};
	int option, which;
	bool good;

	while ((option = getopt_long(argc, argv, "", options, &which)) != -1) {
		good = true;
		switch (option) {
		case 'd':
			o->path = optarg;
			break;
		case 'j':
			o->job = bench_job_find(optarg, &o->kernel);
			good = o->job;
			break;
		case 's':
			good = parse_number(optarg, 4, 1UL << 30, &o->size) && o->size % 4 == 0;
			break;
		case 'n':
			good = parse_number(optarg, 1, 1UL << 31, &o->jobs);
			break;
		case 'q':
			good = parse_count(optarg, 2048, &o->depth);
			break;
		case 'T':
			good = parse_count(optarg, 1000000, &o->timeout_s);
			break;
		case 'c':
			good = parse_count(optarg, VGPU_MAX_QUEUES, &o->contexts);
			break;
		case 't':
			good = parse_count(optarg, VGPU_MAX_QUEUES, &o->threads);
			break;
		case 'p':
			o->poll = true;
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
				options[which].name, optarg);
			return 2;
		}
	}
	if (optind < argc) {
		fprintf(stderr, "vgpu-bench: unknown argument %s; try --help\n", argv[optind]);
		return 2;
	}
	return settle(o);
}

/* Returns the exit status. */
static int run(const struct options *o)
{
	static struct worker workers[VGPU_MAX_QUEUES];
	struct totals totals = { };
	pthread_barrier_t ready;
	pthread_t progress;
	struct vgpu *dev = NULL;
	unsigned int i;
	int err;

	pthread_barrier_init(&ready, NULL, workers_of(o));
	for (i = 0; i < workers_of(o); i++) {
		err = i % o->threads ? 0 : vgpu_open(&dev, o->path);
		if (err) {
			fprintf(stderr, "vgpu-bench: %s: %s%s\n",
				o->path ? o->path : "/dev/vgpu0", vgpu_strerror(err),
				open_hint(err));
			return 1;
		}
		/* no queue but the workers' own */
		vgpu_set_mailbox(dev, 1);
		vgpu_set_timeout(dev, o->timeout_s * 1000);
		workers[i].o = o;
		workers[i].ready = &ready;
		workers[i].number = i;
		workers[i].dev = dev;
	}
	for (i = 0; i < workers_of(o); i++) {
		if (pthread_create(&workers[i].thread, NULL, bench_worker_run, &workers[i])) {
			fprintf(stderr, "vgpu-bench: no thread\n");
			return 1;
		}
	}
	if (!o->quiet && pthread_create(&progress, NULL, show_progress, workers))
		fprintf(stderr, "vgpu-bench: no thread to show the progress\n");
	for (i = 0; i < workers_of(o); i++)
		pthread_join(workers[i].thread, NULL);

	err = add_up(o, workers, &totals);
	if (o->json)
		print_json(o, &totals);
	else
		print_table(o, &totals);
	return fflush(stdout) ? 1 : err;
}

int main(int argc, char **argv)
{
	struct options o = { .contexts = 1, .threads = 1, .jobs = 100000, .timeout_s = 60 };
	int status;

	o.job = bench_job_find("nop", &o.kernel);
	status = parse(&o, argc, argv);
	return status < 0 ? run(&o) : status;
}
