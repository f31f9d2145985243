// SPDX-License-Identifier: GPL-2.0
/*
 * vgpu-run: runs a built-in kernel on a vGPU and checks what comes out; or a kernel of the
 * user's own.
 *
 * Exit status: 0 the result is right, 1 it is wrong, 2 anything else.
 */
#include <err.h>
#include <errno.h>
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "hint.h"
#include "run-job.h"
#include "run-module.h"

/* The first request may wait for the vendor's software to be started on the host */
#define TIMEOUT_MS	60000

static void show_progress(const struct arguments *args,
			  unsigned long long done, bool last)
{
	static time_t shown;
	struct timespec now;

	if (args->quiet || !isatty(STDERR_FILENO))
		return;
	clock_gettime(CLOCK_MONOTONIC, &now);
	if (now.tv_sec == shown && !last)
		return;
	/* What is done within a second shows nothing */
	if (last)
		fputs("\r\033[K", stderr);
	else if (shown)
		fprintf(stderr, "\r%llu of %llu", done, args->repeat);
	shown = now.tv_sec;
}

/* compute: each job with operands of its own, each answer checked */
static int run_compute(struct vgpu *dev, const struct arguments *args)
{
	unsigned long long done, wrong = 0;
	__u64 state = args->seed;
	unsigned int tries = 0;
	__u32 a, b, sum;
	int err = 0;

	for (done = 0; done < args->repeat; done++) {
		a = (__u32)run_random(&state);
		b = (__u32)run_random(&state);
		do {
			err = vgpu_compute(dev, a, b, &sum);
		} while (run_again(err, &tries));
		if (err)
			break;
		tries = 0;
		if (sum != a + b && !wrong++)
			warnx("compute: job %llu: %#x + %#x gave %#x", done, a,
			      b, sum);
		show_progress(args, done, false);
	}
	show_progress(args, done, true);
	if (err)
		run_complain("compute", err);
	if (!args->quiet || err || wrong)
		printf("compute: %llu jobs, %llu mismatches\n",
		       done, wrong);
	if (err)
		return FAILURE;
	return wrong ? MISMATCH : MATCH;
}

static int run_nop(struct vgpu *dev, const struct arguments *args)
{
	unsigned int tries = 0;
	unsigned long long done;
	int err;

	for (done = 0; done < args->repeat; done++) {
		do {
			err = vgpu_nop(dev);
		} while (run_again(err, &tries));
		if (err)
			return run_complain("nop", err);
		tries = 0;
		show_progress(args, done, false);
	}
	show_progress(args, done, true);
	if (!args->quiet)
		printf("nop: %llu jobs\n", done);
	return MATCH;
}

static void print_usage(FILE *to)
{
	fprintf(to,
		"usage: vgpu-run [OPTION]... KERNEL\n"
		"Runs KERNEL on a vGPU and checks the result against one computed here.\n\n"
		"KERNEL is nop, compute, vecadd-u32, vecadd-f32, saxpy-f32, matmul-f32,\n"
		"reduce-u32 or sha256.\n\n"
		"  -d, --device DEVICE  which vGPU; default /dev/vgpu0\n"
		"  -n, --n N            elements, or rows and columns of a matrix, or bytes\n"
		"      --size BYTES     of one input, instead of N\n"
		"      --seed S         of the numbers it makes up; default 1\n"
		"      --in FILE        an input, instead of numbers made up; once for each:\n"
		"                       a and b, or for saxpy-f32 x and y\n"
		"      --out FILE       write the result there\n"
		"      --repeat N       so many jobs; default 1\n"
		"      --mailbox        by the mailbox, request by request, not by a queue\n"
		"  -q, --quiet          say nothing if the result is right\n"
		"  -h, --help           this\n\n"
		"A kernel of your own, if the GPU takes such modules (vgpu-info tells):\n"
		"vgpu-run --opencl FILE.cl --kernel NAME --global X[,Y[,Z]] [OPTION]... [ARGUMENT]...\n\n"
		"      --opencl FILE    a module in OpenCL C; --spirv, --ptx, --cubin: in these\n"
		"      --kernel NAME    a kernel in it\n"
		"      --global X,Y,Z   threads, whole blocks; what is left out is 1\n"
		"      --local X,Y,Z    threads of a block; default 1\n"
		"      --options TEXT   for the compiler, whose words go to stderr\n\n"
		"An ARGUMENT is in:FILE, out:FILE:BYTES, inout:FILE[:FILE], zero:BYTES, local:BYTES,\n"
		"or a number: u32:7, i32:-1, f32:0.5, u64:, i64:, f64:.\n\n"
		"Exit status: 0 the result is right, 1 it is wrong, 2 anything else.\n");
}

static int parse_number(const char *option, const char *text,
			unsigned long long *number)
{
	char *end;

	errno = 0;
	*number = strtoull(text, &end, 0);
	if (errno == ERANGE) {
		warnx("--%s %s: too large a number", option, text);
		return FAILURE;
	}
	if (errno || end == text || *end || *text == '-') {
		warnx("--%s %s: not a number", option, text);
		return FAILURE;
	}
	return MATCH;
}

/* Returns MATCH, FAILURE, or -1 if there is nothing to do */
static int parse_arguments(int argc, char **argv, struct arguments *args)
{
	enum { SIZE = 256, SEED, IN, OUT, REPEAT, MAILBOX, KERNEL, GLOBAL, LOCAL, OPTIONS, FORMAT };
	static const struct option options[] = {
		{ "device", required_argument, NULL, 'd' },
		{ "n", required_argument, NULL, 'n' },
		{ "size", required_argument, NULL, SIZE },
		{ "seed", required_argument, NULL, SEED },
		{ "in", required_argument, NULL, IN },
		{ "out", required_argument, NULL, OUT },
		{ "repeat", required_argument, NULL, REPEAT },
		{ "mailbox", no_argument, NULL, MAILBOX },
		{ "kernel", required_argument, NULL, KERNEL },
		{ "global", required_argument, NULL, GLOBAL },
		{ "local", required_argument, NULL, LOCAL },
		{ "options", required_argument, NULL, OPTIONS },
		{ "opencl", required_argument, NULL, FORMAT + VGPU_MODULE_OPENCL_C },
		{ "spirv", required_argument, NULL, FORMAT + VGPU_MODULE_SPIRV },
		{ "ptx", required_argument, NULL, FORMAT + VGPU_MODULE_PTX },
		{ "cubin", required_argument, NULL, FORMAT + VGPU_MODULE_CUBIN },
		{ "quiet", no_argument, NULL, 'q' },
		{ "help", no_argument, NULL, 'h' },
		{ }
	};
	int opt, ret = MATCH;

	while (!ret &&
	       (opt = getopt_long(argc, argv, "d:n:qh", options, NULL)) != -1) {
		switch (opt) {
		case 'd':
			args->device = optarg;
			break;
		case 'n':
			ret = parse_number("n", optarg, &args->n);
			break;
		case SIZE:
			ret = parse_number("size", optarg, &args->size);
			break;
		case SEED:
			ret = parse_number("seed", optarg, &args->seed);
			break;
		case IN:
			if (args->in_count > RUN_MAX_INPUTS) {
				warnx("too many input files");
				return FAILURE;
			}
			args->in[args->in_count++] = optarg;
			break;
		case OUT:
			args->out = optarg;
			break;
		case REPEAT:
			ret = parse_number("repeat", optarg, &args->repeat);
			if (!ret && !args->repeat) {
				warnx("--repeat 0: nothing to do");
				return FAILURE;
			}
			break;
		case MAILBOX:
			args->mailbox = true;
			break;
		case KERNEL:
			args->kernel = optarg;
			break;
		case GLOBAL:
			args->global = optarg;
			break;
		case LOCAL:
			args->local = optarg;
			break;
		case OPTIONS:
			args->options = optarg;
			break;
		case FORMAT + VGPU_MODULE_OPENCL_C:
		case FORMAT + VGPU_MODULE_SPIRV:
		case FORMAT + VGPU_MODULE_PTX:
		case FORMAT + VGPU_MODULE_CUBIN:
			args->module = optarg;
			args->format = (enum vgpu_module_format)(opt - FORMAT);
			break;
		case 'q':
			args->quiet = true;
			break;
		case 'h':
			print_usage(stdout);
			return -1;
		default:
			print_usage(stderr);
			return FAILURE;
		}
	}
	if (!ret && args->module) {
		if (!args->kernel)
			warnx("--kernel: which of the module?");
		args->kernel_arg = argv + optind;
		args->kernel_args = argc - optind;
		return args->kernel ? MATCH : FAILURE;
	}
	if (!ret && (optind + 1 != argc || args->kernel)) {
		print_usage(stderr);
		return FAILURE;
	}
	args->kernel = argv[optind];
	return ret;
}

int main(int argc, char **argv)
{
	struct arguments args = {
		.device = "/dev/vgpu0",
		.seed = 1,
		.repeat = 1,
		.global = "1",
		.local = "1",
	};
	const struct run_kernel *kernel;
	struct vgpu *dev;
	int ret, err;

	ret = parse_arguments(argc, argv, &args);
	if (ret)
		return ret < 0 ? 0 : ret;
	kernel = args.module ? NULL : run_kernel_find(args.kernel);
	if (!kernel && !args.module && strcmp(args.kernel, "compute") &&
	    strcmp(args.kernel, "nop")) {
		warnx("%s: no such kernel; --help lists them", args.kernel);
		return FAILURE;
	}

	err = vgpu_open(&dev, args.device);
	if (err) {
		warnx("%s: %s%s", args.device, vgpu_strerror(err), open_hint(err));
		return FAILURE;
	}
	vgpu_set_mailbox(dev, args.mailbox);
	vgpu_set_timeout(dev, TIMEOUT_MS);
	if (args.module)
		ret = run_module(dev, &args);
	else if (kernel)
		ret = run_job(dev, &args, kernel);
	else if (!strcmp(args.kernel, "compute"))
		ret = run_compute(dev, &args);
	else
		ret = run_nop(dev, &args);
	vgpu_close(dev);
	if (fflush(stdout))
		return FAILURE;
	return ret;
}
