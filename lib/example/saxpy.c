// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * saxpy [DEVICE]: y = a * x + y on a vGPU, piece by piece, with libvgpu.
 *
 * x and y are in this machine's memory, in buffer objects that the device can reach.
 * For each piece of them four jobs are submitted: copy x and y to the GPU, launch the
 * kernel, copy y back.  Jobs of a queue run in order, so nobody waits in between: as
 * many as the queue has entries are on their way at any time, and the GPU never idles.
 * The loop that does so is in example.c.
 */
#include <stdio.h>

#include "example.h"

#define N		65536U		/* elements, of 4 bytes */
#define PIECE		4096U		/* at a time */
#define BYTES		(N * sizeof(float))
#define JOBS		(N / PIECE * 4)
#define DEPTH		16		/* on their way at a time: a power of two */

struct saxpy {
	struct vgpu *dev;
	struct vgpu_queue *queue;
	float *x, *y;			/* of the next two, as this process has them */
	__u32 x_here, y_here;		/* buffer objects of this machine's memory */
	__u32 x_there, y_there;		/* and of the GPU's */
	__u32 kernel;
};

static const float a = 2.5f;

/* Whatever has been made when one of these fails, vgpu_close() gives back */
static int prepare(struct saxpy *s)
{
	void *x = NULL, *y = NULL;
	__u32 module, i;
	int err;

	err = vgpu_bo_create_system(s->dev, BYTES, &s->x_here, &x);
	if (!err)
		err = vgpu_bo_create_system(s->dev, BYTES, &s->y_here, &y);
	if (!err)
		err = vgpu_bo_create(s->dev, BYTES, &s->x_there);
	if (!err)
		err = vgpu_bo_create(s->dev, BYTES, &s->y_there);
	if (err)
		return example_complain("buffer objects", err);
	err = vgpu_module_load(s->dev, VGPU_MODULE_BUILTIN, NULL, 0, &module);
	if (!err)
		err = vgpu_kernel_get(s->dev, module, "saxpy_f32", &s->kernel);
	if (err)
		return example_complain("kernel", err);
	err = vgpu_queue_create(s->dev, DEPTH, &s->queue);
	if (err)
		return example_complain("queue", err);

	s->x = x;
	s->y = y;
	for (i = 0; i < N; i++) {
		s->x[i] = (float)i;
		s->y[i] = (float)(i % 100);
	}
	return 0;
}

static int submit_launch(struct saxpy *s, __u64 user_data, __u64 offset)
{
	const struct vgpu_dev_arg args[] = {
		example_arg_bo(s->y_there, offset),
		example_arg_bo(s->x_there, offset),
		example_arg_f32(a),
		example_arg_u32(PIECE),
	};

	return vgpu_queue_launch(s->queue, user_data, s->kernel, args, EXAMPLE_ARRAY_SIZE(args));
}

/* Job number @job; its completion brings the number back */
static int submit(void *context, unsigned int job)
{
	struct saxpy *s = context;
	__u64 offset = job / 4 * PIECE * sizeof(float), bytes = PIECE * sizeof(float);
	struct vgpu_buf x_here = { s->x_here, offset }, x_there = { s->x_there, offset };
	struct vgpu_buf y_here = { s->y_here, offset }, y_there = { s->y_there, offset };

	switch (job % 4) {
	case 0:
		return vgpu_queue_copy(s->queue, job, x_there, x_here, bytes);
	case 1:
		return vgpu_queue_copy(s->queue, job, y_there, y_here, bytes);
	case 2:
		return submit_launch(s, job, offset);
	default:
		return vgpu_queue_copy(s->queue, job, y_here, y_there, bytes);
	}
}

/* The last completion was seen, so that what the device wrote before is here */
static unsigned int count_wrong(const struct saxpy *s)
{
	unsigned int i, wrong = 0;

	/* numbers so small that nothing is rounded: these must be equal */
	for (i = 0; i < N; i++)
		wrong += s->y[i] != a * (float)i + (float)(i % 100);
	return wrong;
}

int main(int argc, char **argv)
{
	const char *path = argc > 1 ? argv[1] : "/dev/vgpu0";
	struct saxpy s = { .dev = NULL };
	struct example_run run = { .jobs = JOBS, .submit = submit, .context = &s };
	struct vgpu_queue_stats stats;
	unsigned int wrong = 0;
	int err;

	if (example_open(&s.dev, path))
		return 1;
	err = prepare(&s);
	if (!err) {
		run.queue = s.queue;
		err = example_run(&run);
	}
	if (!err) {
		wrong = count_wrong(&s);
		vgpu_queue_get_stats(s.queue, &stats);
		printf("saxpy: %u elements, %u jobs, %u wrong; %llu doorbells, %llu sleeps\n", N,
		       JOBS, wrong, (unsigned long long)stats.doorbells,
		       (unsigned long long)stats.waits);
	}
	vgpu_queue_destroy(s.queue);
	vgpu_close(s.dev);
	return err || wrong;
}
