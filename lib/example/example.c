// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * What each program with a vGPU needs: say what went wrong, build a module out of a file, keep
 * a queue busy.  All of it is here to be copied.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include "example.h"

#define TIMEOUT_MS	60000
#define LOG_SIZE	16384

/**
 * example_complain() - print what went wrong, and the device's own word if it was the device
 * @what: was tried
 * @err: what it returned
 *
 * Return: @err.
 */
int example_complain(const char *what, int err)
{
	fprintf(stderr, "%s: %s: %s", program_invocation_short_name, what, vgpu_strerror(err));
	if (vgpu_last_error() != VGPU_ERR_NONE)
		fprintf(stderr, " (%s)", vgpu_error_name(vgpu_last_error()));
	fprintf(stderr, "\n");
	return err;
}

/**
 * example_open() - open a vGPU, and be patient with it
 * @dev: set on success
 * @path: of the device file
 *
 * Where a process drives the GPU, one begins for this vGPU at its first request, and its OpenCL
 * may have something to compile before it answers.
 *
 * Return: 0 or a negative errno, which has been said.
 */
int example_open(struct vgpu **dev, const char *path)
{
	int err = vgpu_open(dev, path);

	if (err)
		return example_complain(path, err);
	vgpu_set_timeout(*dev, TIMEOUT_MS);
	return 0;
}

/* Return how many bytes there are, or a negative errno; free(@text) in any case. */
static long read_source(const char *path, char **text)
{
	FILE *file = fopen(path, "rb");
	size_t bytes = 0;
	int err = 0;

	*text = malloc(VGPU_MAX_SOURCE);
	if (!file || !*text)
		err = -errno;
	else
		bytes = fread(*text, 1, VGPU_MAX_SOURCE, file);
	if (!err && ferror(file))
		err = -EIO;
	else if (!err && !feof(file))
		err = -EFBIG;
	if (file)
		fclose(file);
	return err ?: (long)bytes;
}

/**
 * example_build() - build a module of OpenCL C
 * @dev: for which
 * @path: of the source
 * @options: for the compiler; or NULL
 * @module: its handle
 *
 * The GPU's own compiler, on the host, does that.  What it says goes to stderr, as what goes
 * wrong does.
 *
 * Return: 0 or a negative errno.
 */
int example_build(struct vgpu *dev, const char *path, const char *options, __u32 *module)
{
	char log[LOG_SIZE], *source;
	long bytes = read_source(path, &source);
	int err;

	if (bytes < 0) {
		free(source);
		fprintf(stderr, "%s: %s: %s\n", program_invocation_short_name, path,
			strerror((int)-bytes));
		return (int)bytes;
	}
	err = vgpu_module_build(dev, VGPU_MODULE_OPENCL_C, source, (size_t)bytes, options, log,
				sizeof(log), module);
	free(source);
	fputs(log, stderr);
	return err ? example_complain(path, err) : 0;
}

/**
 * example_run() - run jobs, as many at a time as the queue takes
 * @run: which
 *
 * Jobs of a queue run in order, so nobody waits between them: the GPU never idles.
 *
 * Return: 0 when all have ended well; or a negative errno, and stderr has more.
 */
int example_run(struct example_run *run)
{
	unsigned int submitted = 0, done = 0;
	struct vgpu_completion completion;
	__u32 first = vgpu_queue_index(run->queue);
	int err;

	run->gpu_ns = 0;
	while (done < run->jobs) {
		for (err = 0; !err && submitted < run->jobs; submitted += !err)
			err = run->submit(run->context, submitted);
		/* -EAGAIN: the queue is full, which is what we want */
		if (err && err != -EAGAIN)
			return example_complain("submit", err);

		/* this also sees to it that the device knows of what was submitted */
		err = vgpu_queue_wait(run->queue, first + done, TIMEOUT_MS);
		if (err)
			return example_complain("wait", err);
		for (; vgpu_queue_reap(run->queue, &completion); done++) {
			run->gpu_ns += completion.gpu_ns;
			/* each job has a status of its own; those behind it run all the same */
			if (completion.status == VGPU_ERR_NONE)
				continue;
			fprintf(stderr, "%s: job %llu: %s\n", program_invocation_short_name,
				(unsigned long long)completion.user_data,
				vgpu_error_name(completion.status));
			return -EIO;
		}
	}
	return 0;
}

/**
 * example_seconds() - what time is it?
 *
 * Return: seconds since some moment.
 */
double example_seconds(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (double)now.tv_sec + (double)now.tv_nsec / 1e9;
}
