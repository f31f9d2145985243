// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * blur BEFORE AFTER: a picture, blurred on a vGPU by kernels of our own, in blur.cl.
 *
 * The picture goes to the GPU's memory, the kernel for rows and then that for columns run there,
 * and the result comes back: four jobs of a queue.
 */
#include <getopt.h>
#include <math.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>

#include "example.h"
#include "picture.h"

#define MAX_RADIUS	63
#define BLOCK		16		/* threads of a block, each way */
#define WEIGHTS		65536		/* all together */

/**
 * struct blur - the command line, and what is made of it
 * @device: path of the vGPU
 * @source: path of the kernels
 * @sigma: of the Gauss curve, in pixels
 * @width: draw BEFORE first, as wide as this; 0: it is there
 * @height: and as high
 * @check: compute it on the CPU, too
 * @radius: pixels each way that count
 * @weight: of those, by distance
 */
struct blur {
	const char *device;
	const char *source;
	double sigma;
	unsigned int width;
	unsigned int height;
	bool check;
	int radius;
	__u32 weight[MAX_RADIUS + 1];
};

/**
 * struct gpu - what is on the vGPU
 * @dev: it
 * @queue: for the jobs
 * @grid: enough threads for a picture
 * @rows: a kernel
 * @columns: the other
 * @here: this machine's memory, as an object of the GPU's: the picture
 * @here_at: the same
 * @in: the GPU's memory: the picture
 * @half: its rows blurred, in 16 bits
 * @out: all blurred
 * @weight: the weights
 * @blur: what to do
 * @picture: to which; when all is done it is the result
 */
struct gpu {
	struct vgpu *dev;
	struct vgpu_queue *queue;
	struct vgpu_grid grid;
	__u32 rows;
	__u32 columns;
	__u32 here;
	void *here_at;
	__u32 in;
	__u32 half;
	__u32 out;
	__u32 weight;
	const struct blur *blur;
	const struct picture *picture;
};

static void make_weights(struct blur *blur)
{
	double sum = 0.5, w;
	__u32 others = 0;
	int i;

	blur->radius = (int)ceil(3 * blur->sigma);
	for (i = 1; i <= blur->radius; i++)
		sum += exp(-i * i / (2 * blur->sigma * blur->sigma));
	for (i = 1; i <= blur->radius; i++) {
		w = exp(-i * i / (2 * blur->sigma * blur->sigma)) / (2 * sum);
		blur->weight[i] = (__u32)lround(w * WEIGHTS);
		others += 2 * blur->weight[i];
	}
	/* what was rounded away must not make the picture darker */
	blur->weight[0] = WEIGHTS - others;
}

/* Whatever has been made when one of these fails, vgpu_close() gives back. */
static int make_buffers(struct gpu *gpu)
{
	const size_t bytes = picture_bytes(gpu->picture);
	int err;

	err = vgpu_bo_create_system(gpu->dev, bytes, &gpu->here, &gpu->here_at);
	if (!err)
		err = vgpu_bo_create(gpu->dev, bytes, &gpu->in);
	if (!err)
		err = vgpu_bo_create(gpu->dev, 2 * bytes, &gpu->half);
	if (!err)
		err = vgpu_bo_create(gpu->dev, bytes, &gpu->out);
	if (!err)
		err = vgpu_bo_create(gpu->dev, sizeof(gpu->blur->weight), &gpu->weight);
	if (!err)
		/* so little is easier to write than to copy */
		err = vgpu_bo_write(gpu->dev, (struct vgpu_buf){ gpu->weight, 0 },
				    gpu->blur->weight, sizeof(gpu->blur->weight));
	if (err)
		return example_complain("buffer objects", err);
	memcpy(gpu->here_at, gpu->picture->rgb, bytes);
	return 0;
}

static int make_kernels(struct gpu *gpu)
{
	__u32 module;
	int err;

	err = example_build(gpu->dev, gpu->blur->source, NULL, &module);
	if (err)
		return err;
	err = vgpu_kernel_get(gpu->dev, module, "rows", &gpu->rows);
	if (!err)
		err = vgpu_kernel_get(gpu->dev, module, "columns", &gpu->columns);
	if (err)
		return example_complain("kernels", err);
	gpu->grid = (struct vgpu_grid){
		.grid = { (gpu->picture->width + BLOCK - 1) / BLOCK,
			  (gpu->picture->height + BLOCK - 1) / BLOCK, 1 },
		.block = { BLOCK, BLOCK, 1 },
	};
	return 0;
}

static int launch(struct gpu *gpu, unsigned int job, __u32 kernel, __u32 out, __u32 in)
{
	const struct vgpu_dev_arg args[] = {
		example_arg_bo(out, 0),
		example_arg_bo(in, 0),
		example_arg_bo(gpu->weight, 0),
		example_arg_u32((__u32)gpu->blur->radius),
		example_arg_u32(gpu->picture->width),
		example_arg_u32(gpu->picture->height),
	};

	return vgpu_queue_launch_grid(gpu->queue, job, kernel, &gpu->grid, args,
				      EXAMPLE_ARRAY_SIZE(args));
}

static int submit(void *context, unsigned int job)
{
	struct gpu *gpu = context;
	const struct vgpu_buf here = { gpu->here, 0 }, in = { gpu->in, 0 }, out = { gpu->out, 0 };

	switch (job) {
	case 0:
		return vgpu_queue_copy(gpu->queue, job, in, here, picture_bytes(gpu->picture));
	case 1:
		return launch(gpu, job, gpu->rows, gpu->half, gpu->in);
	case 2:
		return launch(gpu, job, gpu->columns, gpu->out, gpu->half);
	default:
		return vgpu_queue_copy(gpu->queue, job, here, out, picture_bytes(gpu->picture));
	}
}

static int blur_on_gpu(const struct blur *blur, struct picture *picture)
{
	struct gpu gpu = { .blur = blur, .picture = picture };
	struct example_run run = { .jobs = 4, .submit = submit, .context = &gpu };
	double began;
	int err;

	err = example_open(&gpu.dev, blur->device);
	if (err)
		return err;
	err = make_buffers(&gpu);
	if (!err)
		err = make_kernels(&gpu);
	if (!err) {
		err = vgpu_queue_create(gpu.dev, run.jobs, &gpu.queue);
		if (err)
			example_complain("queue", err);
	}
	began = example_seconds();
	if (!err) {
		run.queue = gpu.queue;
		err = example_run(&run);
	}
	if (!err) {
		printf("blur: %u x %u, sigma %g: %.3f ms, of which %.3f ms on the GPU\n",
		       picture->width, picture->height, blur->sigma,
		       1e3 * (example_seconds() - began), (double)run.gpu_ns / 1e6);
		memcpy(picture->rgb, gpu.here_at, picture_bytes(picture));
	}
	vgpu_queue_destroy(gpu.queue);
	vgpu_close(gpu.dev);
	return err;
}

static size_t clamp(long at, size_t size)
{
	return at < 0 ? 0 : (size_t)at < size ? (size_t)at : size - 1;
}

/* The same, in C; @half has room for the rows, in 16 bits. */
static void blur_on_cpu(const struct blur *blur, const struct picture *picture, __u16 *half,
			__u8 *out)
{
	const size_t width = picture->width, height = picture->height, row = 3 * width;
	size_t at, x, y;
	__u32 sum;
	long i;

	for (at = 0; at < picture_bytes(picture); at++) {
		x = at % row / 3;
		for (sum = 0, i = -blur->radius; i <= blur->radius; i++)
			sum += blur->weight[labs(i)] *
			       picture->rgb[at - 3 * x + 3 * clamp((long)x + i, width)];
		half[at] = (__u16)(sum >> 8);
	}
	for (at = 0; at < picture_bytes(picture); at++) {
		y = at / row;
		for (sum = 1 << 23, i = -blur->radius; i <= blur->radius; i++)
			sum += blur->weight[labs(i)] *
			       half[at - row * y + row * clamp((long)y + i, height)];
		out[at] = (__u8)(sum >> 24);
	}
}

/* Return whether @after is what the CPU makes of @before. */
static bool check(const struct blur *blur, const struct picture *before,
		  const struct picture *after)
{
	const size_t bytes = picture_bytes(before);
	__u16 *half = malloc(2 * bytes);
	__u8 *want = malloc(bytes);
	size_t i, wrong = 0;

	if (half && want) {
		blur_on_cpu(blur, before, half, want);
		for (i = 0; i < bytes; i++)
			wrong += after->rgb[i] != want[i];
		printf("blur: %zu of %zu bytes differ from the CPU's\n", wrong, bytes);
	} else {
		fprintf(stderr, "blur: no memory to compare\n");
		wrong = 1;
	}
	free(half);
	free(want);
	return !wrong;
}

static int usage(FILE *to, int status)
{
	fprintf(to,
		"blur [OPTION]... BEFORE AFTER: blur a picture, PPM or PNG, on a vGPU\n\n"
		"  --sigma PIXELS    how much: 0.1 to 21 (default: 4)\n"
		"  --draw 640x480    draw BEFORE first, so large\n"
		"  --check           compare with what the CPU makes of it\n"
		"  --source FILE     the kernels (default: blur.cl)\n"
		"  --device DEVICE   which vGPU (default: /dev/vgpu0)\n");
	return status;
}

/* Return -1 to go on, or the exit status. */
static int parse(struct blur *blur, int argc, char **argv)
{
	static const struct option longs[] = {
		{ "sigma", required_argument, NULL, 's' },
		{ "draw", required_argument, NULL, 'w' },
		{ "check", no_argument, NULL, 'c' },
		{ "source", required_argument, NULL, 'k' },
		{ "device", required_argument, NULL, 'd' },
		{ "help", no_argument, NULL, 'h' },
		{ }
	};
	char *end = "";
	int c;

	while ((c = getopt_long(argc, argv, "", longs, NULL)) >= 0) {
		switch (c) {
		case 's':
			blur->sigma = strtod(optarg, &end);
			break;
		case 'w':
			if (sscanf(optarg, "%ux%u", &blur->width, &blur->height) != 2 ||
			    !blur->width)
				return usage(stderr, 2);
			break;
		case 'c':
			blur->check = true;
			break;
		case 'k':
			blur->source = optarg;
			break;
		case 'd':
			blur->device = optarg;
			break;
		case 'h':
			return usage(stdout, 0);
		default:
			return usage(stderr, 2);
		}
	}
	if (*end || !(blur->sigma >= 0.1 && blur->sigma <= MAX_RADIUS / 3) || optind + 2 != argc)
		return usage(stderr, 2);
	return -1;
}

static int prepare(const struct blur *blur, const char *path, struct picture *before,
		   struct picture *after)
{
	int err;

	if (blur->width) {
		err = picture_draw(before, blur->width, blur->height);
		if (!err)
			err = picture_write(path, before);
	} else {
		err = picture_read(path, before);
	}
	if (!err)
		err = picture_alloc(after, before->width, before->height);
	if (err) {
		fprintf(stderr, "blur: %s: %s\n", path, strerror(-err));
		return err;
	}
	memcpy(after->rgb, before->rgb, picture_bytes(before));
	return 0;
}

int main(int argc, char **argv)
{
	struct blur blur = { .device = "/dev/vgpu0", .source = "blur.cl", .sigma = 4 };
	struct picture before = { }, after = { };
	int status, err;

	status = parse(&blur, argc, argv);
	if (status >= 0)
		return status;
	make_weights(&blur);
	err = prepare(&blur, argv[optind], &before, &after);
	if (!err)
		err = blur_on_gpu(&blur, &after);
	if (!err) {
		err = picture_write(argv[optind + 1], &after);
		if (err)
			fprintf(stderr, "blur: %s: %s\n", argv[optind + 1], strerror(-err));
	}
	status = err || (blur.check && !check(&blur, &before, &after));
	free(before.rgb);
	free(after.rgb);
	return status;
}
