// SPDX-License-Identifier: GPL-2.0
/*
 * A job of vgpu-run: inputs from files or made up, into buffer objects, the
 * kernel, and its output compared with that of run-kernels.c.
 */
#include <err.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "run-job.h"

/* One request or job each, so that a refused one can be repeated alone */
#define MAILBOX_CHUNK	960U
#define QUEUE_CHUNK	(256U << 10)
/* A vGPU that is over its rate, or whose queue is full, asks us to wait: if not for how long */
#define RETRY_US	1000
#define RETRY_MAX	60000

struct run {
	const struct arguments *args;
	const struct run_kernel *kernel;
	struct vgpu *dev;
	unsigned long long n;
	float a;
	__u64 random;
	/* Inputs, then the output; sizes in bytes */
	void *mem[RUN_MAX_INPUTS + 1];
	size_t bytes[RUN_MAX_INPUTS + 1];
	struct vgpu_buf bufs[RUN_MAX_INPUTS + 1];
};

/**
 * run_complain() - say what went wrong on the device
 * @what: what was tried
 * @err: what libvgpu returned
 *
 * Return: FAILURE.
 */
int run_complain(const char *what, int err)
{
	if (vgpu_last_error() != VGPU_ERR_NONE)
		warnx("%s: %s (device: %s, code %#x)", what, vgpu_strerror(err),
		      vgpu_error_name(vgpu_last_error()), vgpu_last_error());
	else
		warnx("%s: %s", what, vgpu_strerror(err));
	return FAILURE;
}

/**
 * run_again() - is an error worth another try?
 * @err: what libvgpu returned; may be 0
 * @tries: how many there were
 *
 * Return: true after a pause, or false at once.
 */
bool run_again(int err, unsigned int *tries)
{
	__u32 us = vgpu_retry_us() ?: RETRY_US;
	const struct timespec pause = {
		.tv_sec = us / 1000000,
		.tv_nsec = us % 1000000 * 1000,
	};

	if (err != -EAGAIN && err != -EBUSY)
		return false;
	if (++*tries > RETRY_MAX)
		return false;
	nanosleep(&pause, NULL);
	return true;
}

static int file_size(const char *path, unsigned long long *size)
{
	FILE *file = fopen(path, "rb");
	off_t end = -1;

	if (file) {
		if (!fseeko(file, 0, SEEK_END))
			end = ftello(file);
		fclose(file);
	}
	if (end < 0) {
		warnx("%s: %s", path, strerror(errno));
		return FAILURE;
	}
	*size = (unsigned long long)end;
	return MATCH;
}

static int read_file(const char *path, void *mem, size_t bytes)
{
	FILE *file = fopen(path, "rb");
	size_t got;

	if (!file) {
		warnx("%s: %s", path, strerror(errno));
		return FAILURE;
	}
	got = fread(mem, 1, bytes, file);
	fclose(file);
	if (got != bytes) {
		warnx("%s: %zu bytes are needed", path, bytes);
		return FAILURE;
	}
	return MATCH;
}

static int write_file(const char *path, const void *mem, size_t bytes)
{
	FILE *file = fopen(path, "wb");
	size_t put = 0;
	int err = 1;

	if (file) {
		put = fwrite(mem, 1, bytes, file);
		err = fclose(file);
	}
	if (put != bytes || err) {
		warnx("%s: %s", path, strerror(errno));
		return FAILURE;
	}
	return MATCH;
}

/* n: from the options, or from the first file, or the kernel's own */
static int choose_n(struct run *run)
{
	const struct run_kernel *k = run->kernel;
	unsigned long long size = run->args->size;

	if (run->args->n) {
		run->n = run->args->n;
	} else {
		if (!size && run->args->in_count &&
		    file_size(run->args->in[0], &size))
			return FAILURE;
		run->n = size ? run_kernel_n(k, size) : k->default_n;
	}
	/* Large enough for any device, and no product below overflows */
	if (!run->n || run->n > (k->square ? 1U << 15 : 1U << 30)) {
		warnx("%s: a size of %llu elements%s is not within 1 and %u",
		      k->name, (unsigned long long)run->n,
		      k->square ? " a row" : "",
		      k->square ? 1U << 15 : 1U << 30);
		return FAILURE;
	}
	return MATCH;
}

/* Makes inputs and output here */
static int prepare(struct run *run)
{
	const struct run_kernel *k = run->kernel;
	size_t bytes = run->n * k->element * (k->square ? run->n : 1);
	unsigned int i, files;

	files = k->inputs + k->in_place;
	if (run->args->in_count > files) {
		warnx("%s: %u files are enough", k->name, files);
		return FAILURE;
	}
	run->random = run->args->seed;
	run->a = 1.1f + (float)(run_random(&run->random) % 64);
	for (i = 0; i <= k->inputs; i++) {
		run->bytes[i] = i == k->inputs && k->out_bytes ? k->out_bytes :
								 bytes;
		run->mem[i] = calloc(1, run->bytes[i]);
		if (!run->mem[i]) {
			warnx("out of memory");
			return FAILURE;
		}
		if (i < run->args->in_count) {
			if (read_file(run->args->in[i], run->mem[i],
				      run->bytes[i]))
				return FAILURE;
		} else if (i < files) {
			run_kernel_generate(k, run->mem[i], run->bytes[i], &run->random);
		}
	}
	return MATCH;
}

static size_t chunk_of(const struct run *run, size_t left)
{
	size_t most = run->args->mailbox ? MAILBOX_CHUNK : QUEUE_CHUNK;

	return left < most ? left : most;
}

static int upload(struct run *run, unsigned int i)
{
	struct vgpu_buf to = run->bufs[i];
	const char *from = run->mem[i];
	size_t left = run->bytes[i];
	unsigned int tries = 0;
	size_t chunk;
	int err;

	while (left) {
		chunk = chunk_of(run, left);
		err = vgpu_bo_write(run->dev, to, from, chunk);
		if (run_again(err, &tries))
			continue;
		if (err)
			return run_complain("write to a buffer object", err);
		tries = 0;
		from += chunk;
		to.offset += chunk;
		left -= chunk;
	}
	return MATCH;
}

static int download(struct run *run, void *mem, unsigned int i)
{
	struct vgpu_buf from = run->bufs[i];
	size_t left = run->bytes[i];
	unsigned int tries = 0;
	char *to = mem;
	size_t chunk;
	int err;

	while (left) {
		chunk = chunk_of(run, left);
		err = vgpu_bo_read(run->dev, to, from, chunk);
		if (run_again(err, &tries))
			continue;
		if (err)
			return run_complain("read from a buffer object",
					       err);
		tries = 0;
		to += chunk;
		from.offset += chunk;
		left -= chunk;
	}
	return MATCH;
}

static int make_bufs(struct run *run)
{
	const struct run_kernel *k = run->kernel;
	unsigned int i, tries = 0;
	int err;

	for (i = 0; i <= k->inputs; i++) {
		do {
			err = vgpu_bo_create(run->dev, run->bytes[i],
					     &run->bufs[i].bo);
		} while (run_again(err, &tries));
		if (err)
			return run_complain("create a buffer object", err);
		if ((i < k->inputs || k->in_place) && upload(run, i))
			return FAILURE;
	}
	return MATCH;
}

static int launch(struct run *run)
{
	const struct run_kernel *k = run->kernel;
	unsigned int tries = 0;
	unsigned long long i;
	int err;

	for (i = 0; i < run->args->repeat; i++) {
		do {
			err = k->launch(run->dev, run->bufs[k->inputs],
					run->bufs, run->n, run->a);
		} while (run_again(err, &tries));
		if (err)
			return run_complain(k->name, err);
		tries = 0;
	}
	return MATCH;
}

static bool is_nan(__u32 bits)
{
	return (bits & 0x7fffffff) > 0x7f800000;
}

/* CRC-32 as zlib, gzip and cksfv know it */
static __u32 crc32(const unsigned char *mem, size_t bytes)
{
	__u32 crc = 0xffffffff;
	unsigned int bit;
	size_t i;

	for (i = 0; i < bytes; i++) {
		crc ^= mem[i];
		for (bit = 0; bit < 8; bit++)
			crc = crc >> 1 ^ (crc & 1 ? 0xedb88320 : 0);
	}
	return ~crc;
}

/* Compares words; the digest of sha256 is shown in words, too, but in bytes' order */
static int compare(struct run *run, const __u32 *got)
{
	const __u32 *want = run->mem[run->kernel->inputs];
	size_t words = run->bytes[run->kernel->inputs] / sizeof(*got);
	size_t i, wrong = 0, first = 0;

	for (i = 0; i < words; i++) {
		/* Which NaN it is, IEEE 754 leaves open */
		if (got[i] == want[i] || (run->kernel->is_float &&
					  is_nan(got[i]) && is_nan(want[i])))
			continue;
		if (!wrong++)
			first = i;
	}
	if (!wrong)
		return MATCH;
	printf("%s: %llu %s: %zu of %zu words are wrong; word %zu is %#010x, not %#010x\n",
	       run->kernel->name, run->n, run->kernel->unit, wrong, words,
	       first, got[first], want[first]);
	return MISMATCH;
}

static void print_match(struct run *run, const void *got)
{
	const struct run_kernel *k = run->kernel;
	const unsigned char *bytes = got;
	unsigned int i;
	__u32 sum;

	printf("%s: %llu %s, %llu job%s, result matches (",
	       k->name, run->n, k->unit, run->args->repeat,
	       run->args->repeat == 1 ? "" : "s");
	if (k->element == 1) {
		for (i = 0; i < k->out_bytes; i++)
			printf("%02x", bytes[i]);
	} else if (k->out_bytes) {
		memcpy(&sum, got, sizeof(sum));
		printf("sum %u", sum);
	} else {
		printf("crc32 %08x", crc32(bytes, run->bytes[k->inputs]));
	}
	printf(")\n");
}

static int check(struct run *run)
{
	const struct run_kernel *k = run->kernel;
	void *got = calloc(1, run->bytes[k->inputs]);
	unsigned long long i;
	int ret;

	if (!got) {
		warnx("out of memory");
		return FAILURE;
	}
	ret = download(run, got, k->inputs);
	if (!ret && run->args->out)
		ret = write_file(run->args->out, got, run->bytes[k->inputs]);
	if (!ret) {
		/* One that isn't in place gives the same each time */
		for (i = 0; i < (k->in_place ? run->args->repeat : 1); i++)
			k->reference(run->mem[k->inputs], run->mem, run->n,
				     run->a);
		ret = compare(run, got);
	}
	if (!ret && !run->args->quiet)
		print_match(run, got);
	free(got);
	return ret;
}

/**
 * run_job() - run a kernel on the device and check its result
 * @dev: where
 * @args: how
 * @kernel: which
 *
 * Return: MATCH, MISMATCH or FAILURE; whatever it is, it has been said.
 */
int run_job(struct vgpu *dev, const struct arguments *args,
	    const struct run_kernel *kernel)
{
	struct run run = { .args = args, .kernel = kernel, .dev = dev };
	unsigned int i;
	int ret;

	ret = choose_n(&run);
	if (!ret)
		ret = prepare(&run);
	if (!ret)
		ret = make_bufs(&run);
	if (!ret)
		ret = launch(&run);
	if (!ret)
		ret = check(&run);
	for (i = 0; i <= kernel->inputs; i++)
		free(run.mem[i]);
	return ret;
}
