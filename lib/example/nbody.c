// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * nbody: a cluster of stars on a vGPU, by a kernel of our own, in nbody.cl; how fast that is, and
 * whether energy is what it was.
 *
 * All steps are jobs of one queue, submitted long before they run: each reads the positions that
 * the one before it has written.  Only at the begin and at the end are there data to move.
 *
 * The steps are the leapfrog's: half a kick, then drifts and kicks in turn, and half a kick.
 */
#include <getopt.h>
#include <math.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>

#include "cluster.h"
#include "example.h"

#define BLOCK		64		/* threads of a block */
#define MAX_BODIES	1048576U
#define MAX_STEPS	1048576U
#define DEPTH		64		/* jobs on their way at a time: a power of two */

#define STEP		(1.0f / 64)	/* of time; a star crosses the cluster in about 3 */

/* Of the kernel: for two bodies, and for one */
#define FLOP_PAIR	19.0
#define FLOP_BODY	12.0

/* Good are these or less: of energy, and of positions compared with the CPU's */
#define MOST_DRIFT	0.001
#define MOST_APART	0.001

/**
 * struct nbody - the command line
 * @device: path of the vGPU
 * @source: path of the kernel
 * @n: bodies, a multiple of BLOCK
 * @steps: how many
 * @check: compute it on the CPU, too
 */
struct nbody {
	const char *device;
	const char *source;
	unsigned int n;
	unsigned int steps;
	bool check;
};

/**
 * struct gpu - what is on the vGPU
 * @dev: it
 * @queue: for the steps
 * @kernel: one step
 * @position: those that a step reads, and those that it writes; the next one the other way
 * @velocity: of each body
 * @cluster: of which bodies
 * @steps: how many
 */
struct gpu {
	struct vgpu *dev;
	struct vgpu_queue *queue;
	__u32 kernel;
	__u32 position[2];
	__u32 velocity;
	struct cluster *cluster;
	unsigned int steps;
};

/* How much of a step velocity and position go on for in job 0 to @steps */
static float kick(unsigned int job, unsigned int steps)
{
	return !job || job == steps ? STEP / 2 : STEP;
}

static float drift(unsigned int job, unsigned int steps)
{
	return job == steps ? 0 : STEP;
}

/* Whatever has been made when one of these fails, vgpu_close() gives back. */
static int prepare(struct gpu *gpu, const char *source)
{
	const size_t bytes = gpu->cluster->n * sizeof(struct body);
	const char *what = "buffer objects";
	__u32 module;
	int err;

	err = vgpu_bo_create(gpu->dev, bytes, &gpu->position[0]);
	if (!err)
		err = vgpu_bo_create(gpu->dev, bytes, &gpu->position[1]);
	if (!err)
		err = vgpu_bo_create(gpu->dev, bytes, &gpu->velocity);
	if (!err)
		err = vgpu_bo_write(gpu->dev, (struct vgpu_buf){ gpu->position[0], 0 },
				    gpu->cluster->position, bytes);
	if (!err)
		err = vgpu_bo_write(gpu->dev, (struct vgpu_buf){ gpu->velocity, 0 },
				    gpu->cluster->velocity, bytes);
	if (!err) {
		what = "queue";
		err = vgpu_queue_create(gpu->dev, DEPTH, &gpu->queue);
	}
	if (err)
		return example_complain(what, err);
	err = example_build(gpu->dev, source, NULL, &module);
	if (err)
		return err;
	err = vgpu_kernel_get(gpu->dev, module, "leap", &gpu->kernel);
	return err ? example_complain("kernel", err) : 0;
}

/* From @position[@from] to the other; no time at all makes a copy. */
static int launch(const struct gpu *gpu, unsigned int job, unsigned int from, float kick,
		  float drift)
{
	const struct vgpu_grid grid = {
		.grid = { gpu->cluster->n / BLOCK, 1, 1 },
		.block = { BLOCK, 1, 1 },
	};
	const struct vgpu_dev_arg args[] = {
		example_arg_bo(gpu->position[!from], 0),
		example_arg_bo(gpu->velocity, 0),
		example_arg_bo(gpu->position[from], 0),
		example_arg_u32(gpu->cluster->n),
		example_arg_f32(CLUSTER_SOFTENING * CLUSTER_SOFTENING),
		example_arg_f32(kick),
		example_arg_f32(drift),
		example_arg_local(BLOCK * sizeof(struct body)),
	};

	return vgpu_queue_launch_grid(gpu->queue, job, gpu->kernel, &grid, args,
				      EXAMPLE_ARRAY_SIZE(args));
}

static int submit(void *context, unsigned int job)
{
	const struct gpu *gpu = context;

	return launch(gpu, job, job % 2, kick(job, gpu->steps), drift(job, gpu->steps));
}

static int submit_nothing(void *context, unsigned int job)
{
	return launch(context, job, 0, 0, 0);
}

/* What an OpenCL does at the first launch, such as to compile, is not to be counted. */
static int warm_up(struct gpu *gpu)
{
	struct example_run run = {
		.queue = gpu->queue,
		.jobs = 1,
		.submit = submit_nothing,
		.context = gpu,
	};

	return example_run(&run);
}

static int fetch(struct gpu *gpu)
{
	const size_t bytes = gpu->cluster->n * sizeof(struct body);
	const struct vgpu_buf position = { gpu->position[(gpu->steps + 1) % 2], 0 };
	const struct vgpu_buf velocity = { gpu->velocity, 0 };
	int err;

	err = vgpu_bo_read(gpu->dev, gpu->cluster->position, position, bytes);
	if (!err)
		err = vgpu_bo_read(gpu->dev, gpu->cluster->velocity, velocity, bytes);
	return err ? example_complain("read", err) : 0;
}

static void tell_speed(const struct nbody *nbody, double seconds, double gpu_seconds)
{
	const double gflop = (nbody->steps + 1.0) * nbody->n *
			     (FLOP_PAIR * nbody->n + FLOP_BODY) / 1e9;

	printf("nbody: %u bodies, %u steps, %.3f GFLOP\n", nbody->n, nbody->steps, gflop);
	printf("nbody: %.3f s, %.3f GFLOP/s; on the GPU %.3f s, %.3f GFLOP/s\n", seconds,
	       gflop / seconds, gpu_seconds, gflop / gpu_seconds);
}

static int run_on_gpu(const struct nbody *nbody, struct cluster *cluster)
{
	struct gpu gpu = { .cluster = cluster, .steps = nbody->steps };
	struct example_run run = { .jobs = nbody->steps + 1, .submit = submit, .context = &gpu };
	double began;
	int err;

	err = example_open(&gpu.dev, nbody->device);
	if (err)
		return err;
	err = prepare(&gpu, nbody->source);
	if (!err)
		err = warm_up(&gpu);
	if (!err) {
		run.queue = gpu.queue;
		began = example_seconds();
		err = example_run(&run);
	}
	if (!err) {
		tell_speed(nbody, example_seconds() - began, (double)run.gpu_ns / 1e9);
		err = fetch(&gpu);
	}
	vgpu_queue_destroy(gpu.queue);
	vgpu_close(gpu.dev);
	return err;
}

/* @cpu is as @gpu was before. */
static bool check(const struct nbody *nbody, struct cluster *cpu, const struct cluster *gpu)
{
	unsigned int job;
	double apart;

	for (job = 0; job <= nbody->steps; job++)
		if (!cluster_leap(cpu, kick(job, nbody->steps), drift(job, nbody->steps)))
			return false;
	apart = cluster_apart(gpu, cpu);
	printf("nbody: positions differ from the CPU's by %.1e of the cluster's size\n", apart);
	/* what is not a number is not good */
	return apart <= MOST_APART;
}

static int usage(FILE *to, int status)
{
	fprintf(to,
		"nbody [OPTION]...: a cluster of stars on a vGPU\n\n"
		"  --bodies N        how many, a multiple of 64 (default: 4096)\n"
		"  --steps N         for so many steps (default: 64)\n"
		"  --check           compare with what the CPU makes of it; after a thousand steps\n"
		"                    or so no two ways of rounding agree any more\n"
		"  --source FILE     the kernel (default: nbody.cl)\n"
		"  --device DEVICE   which vGPU (default: /dev/vgpu0)\n");
	return status;
}

static bool count(const char *text, unsigned long most, unsigned int *n)
{
	char *end;
	unsigned long value = strtoul(text, &end, 10);

	*n = (unsigned int)value;
	return *text >= '1' && *text <= '9' && !*end && value <= most;
}

/* Return -1 to go on, or the exit status. */
static int parse(struct nbody *nbody, int argc, char **argv)
{
	static const struct option longs[] = {
		{ "bodies", required_argument, NULL, 'n' },
		{ "steps", required_argument, NULL, 's' },
		{ "check", no_argument, NULL, 'c' },
		{ "source", required_argument, NULL, 'k' },
		{ "device", required_argument, NULL, 'd' },
		{ "help", no_argument, NULL, 'h' },
		{ }
	};
	bool good = true;
	int c;

	while ((c = getopt_long(argc, argv, "", longs, NULL)) >= 0) {
		switch (c) {
		case 'n':
			good &= count(optarg, MAX_BODIES, &nbody->n) && !(nbody->n % BLOCK);
			break;
		case 's':
			good &= count(optarg, MAX_STEPS, &nbody->steps);
			break;
		case 'c':
			nbody->check = true;
			break;
		case 'k':
			nbody->source = optarg;
			break;
		case 'd':
			nbody->device = optarg;
			break;
		case 'h':
			return usage(stdout, 0);
		default:
			return usage(stderr, 2);
		}
	}
	return good && optind == argc ? -1 : usage(stderr, 2);
}

static bool run(const struct nbody *nbody, struct cluster *gpu, struct cluster *cpu)
{
	double before, after, part;

	if (!cluster_make(gpu, nbody->n) || !cluster_make(cpu, nbody->n)) {
		fprintf(stderr, "nbody: no memory for %u bodies\n", nbody->n);
		return false;
	}
	before = cluster_energy(gpu);
	if (run_on_gpu(nbody, gpu))
		return false;
	after = cluster_energy(gpu);
	part = fabs((after - before) / before);
	printf("nbody: energy was %.6f and is %.6f: off by %.1e\n", before, after, part);
	return part <= MOST_DRIFT && (!nbody->check || check(nbody, cpu, gpu));
}

int main(int argc, char **argv)
{
	struct nbody nbody = { .device = "/dev/vgpu0", .source = "nbody.cl", .n = 4096,
			       .steps = 64 };
	struct cluster gpu = { }, cpu = { };
	int status;

	status = parse(&nbody, argc, argv);
	if (status >= 0)
		return status;
	status = !run(&nbody, &gpu, &cpu);
	cluster_free(&gpu);
	cluster_free(&cpu);
	return status;
}
