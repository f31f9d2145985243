// SPDX-License-Identifier: GPL-2.0
/*
 * vgpu-sim: the arbiter, vgpu-execd's engines and tenants in one process, without a VM: what it
 * costs to share a GPU, beside the same kernels given to the vendor's software directly.
 */
#include <errno.h>
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <linux/vgpu_exec.h>

#include "report.h"

#define DEFAULT_TENANTS		"1,2,4,8"
#define DEFAULT_KERNEL_US	"10,100,1000,10000"
#define DEFAULT_WEIGHTS		"100"
#define DEFAULT_WINDOW		64
/* vgpu-execd's */
#define DEFAULT_DEPTH		32
#define DEFAULT_SECONDS		6

#define WEIGHT_MAX		10000
#define WINDOW_MAX		2048
#define SECONDS_MAX		3600

/**
 * struct options - the command line
 * @plan: what is to be measured
 * @form: how it is told
 * @plot: file for a picture; or NULL
 */
struct options {
	struct plan plan;
	enum report_form form;
	const char *plot;
};

static void usage(FILE *to)
{
	fprintf(to,
		"vgpu-sim: what it costs to share a GPU\n\n"
		"  --engine NAME     what runs jobs: reference (the default), opencl or cuda\n"
		"  --device DEVICE   its number as --list has it, or a part of its name\n"
		"  --tenants LIST    how many there are (default: " DEFAULT_TENANTS ")\n"
		"  --kernel-us LIST  how long kernels are, in microseconds\n"
		"                    (default: " DEFAULT_KERNEL_US ")\n"
		"  --weights LIST    of the tenants, in turn (default: " DEFAULT_WEIGHTS ")\n"
		"  --window N        jobs that a tenant has submitted (default: %u)\n"
		"  --depth N         jobs that are with workers at a time (default: %u)\n"
		"  --charge WHAT     what counts as a job's GPU time: seen, as the driver does it\n"
		"                    (the default), or engine, what that says\n"
		"  --seconds N       for each number of tenants and length (default: %u)\n"
		"  --json            print one JSON object\n"
		"  --tsv             print lines with tabs, for programs\n"
		"  --plot FILE       draw it as SVG, by gnuplot\n"
		"  --list            list the engines and their devices, and end\n"
		"  --help            this\n", DEFAULT_WINDOW, DEFAULT_DEPTH, DEFAULT_SECONDS);
}

static int wrong(const char *what, const char *arg)
{
	fprintf(stderr, "vgpu-sim: %s: %s; see --help\n", what, arg);
	return 2;
}

/* A number from 1 to @most, up to @end, which is set. */
static bool number(const char *arg, unsigned long most, __u32 *value, char **end)
{
	unsigned long n;

	errno = 0;
	n = strtoul(arg, end, 10);
	*value = n;
	return !errno && *arg >= '0' && *arg <= '9' && n && n <= most;
}

static bool one_number(const char *arg, unsigned long most, __u32 *value)
{
	char *end;

	return number(arg, most, value, &end) && !*end;
}

/* Numbers with commas between them; each of them once, if that is wanted. */
static bool numbers(const char *arg, unsigned long most, bool once, struct list *list)
{
	char *end;
	__u32 i;

	list->count = 0;
	do {
		if (list->count == MAX_LIST || !number(arg, most, &list->value[list->count], &end))
			return false;
		for (i = 0; once && i < list->count; i++)
			if (list->value[i] == list->value[list->count])
				return false;
		list->count++;
		arg = end + 1;
	} while (*end == ',');
	return !*end;
}

static bool charge(const char *arg, bool *device)
{
	*device = !strcmp(arg, "engine");
	return *device || !strcmp(arg, "seen");
}

static const struct kind *find_kind(const char *name)
{
	const struct kind *kind;

	for (kind = kinds; kind->engine; kind++)
		if (!strcmp(kind->engine->name, name))
			return kind;
	return NULL;
}

static int list(void)
{
	const struct kind *kind;

	for (kind = kinds; kind->engine; kind++)
		kind->engine->list();
	return 0;
}

/* What one option says.  Return -1 to go on, or the exit status. */
static int take(struct options *o, int c, const char *arg)
{
	struct plan *p = &o->plan;

	switch (c) {
	case 'e':
		p->kind = find_kind(arg);
		return p->kind ? -1 : wrong("no such engine", arg);
	case 'v':
		p->device = arg;
		return -1;
	case 't':
		return numbers(arg, SIM_MAX_TENANTS, true, &p->tenants) ? -1 :
			wrong("no list of numbers of tenants, 1 to 64, each once", arg);
	case 'k':
		return numbers(arg, KERNEL_US_MAX, true, &p->kernel_us) ? -1 :
			wrong("no list of microseconds, 1 to 100000, each once", arg);
	case 'w':
		return numbers(arg, WEIGHT_MAX, false, &p->weights) ? -1 :
			wrong("no list of weights, 1 to 10000", arg);
	case 'n':
		return one_number(arg, WINDOW_MAX, &p->window) ? -1 :
			wrong("no window, 1 to 2048", arg);
	case 'd':
		return one_number(arg, VGPU_EXEC_MAX_DEPTH, &p->depth) ? -1 :
			wrong("no depth, 1 to 64", arg);
	case 'c':
		return charge(arg, &p->charge_device) ? -1 : wrong("neither seen nor engine", arg);
	case 's':
		return one_number(arg, SECONDS_MAX, &p->seconds) ? -1 :
			wrong("no number of seconds, 1 to 3600", arg);
	case 'j':
		o->form = REPORT_JSON;
		return -1;
	case 'T':
		o->form = REPORT_TSV;
		return -1;
	case 'p':
		o->plot = arg;
		return -1;
	case 'l':
		return list();
	case 'h':
		usage(stdout);
		return 0;
	default:
		fputs("vgpu-sim: see --help\n", stderr);
		return 2;
	}
}

/* It is drawn when all is measured, and that is late to say that it can't be. */
static bool can_plot(const char *path)
{
	FILE *f;

	if (!report_can_plot()) {
		fprintf(stderr, "vgpu-sim: --plot: there is no gnuplot (Debian: gnuplot-nox)\n");
		return false;
	}
	f = fopen(path, "a");
	if (!f) {
		fprintf(stderr, "vgpu-sim: --plot %s: %s\n", path, strerror(errno));
		return false;
	}
	fclose(f);
	return true;
}

/* Return -1 to go on, or the exit status. */
static int parse(struct options *o, int argc, char **argv)
{
	static const struct option longs[] = {
		{ "engine", required_argument, NULL, 'e' },
		{ "device", required_argument, NULL, 'v' },
		{ "tenants", required_argument, NULL, 't' },
		{ "kernel-us", required_argument, NULL, 'k' },
		{ "weights", required_argument, NULL, 'w' },
		{ "window", required_argument, NULL, 'n' },
		{ "depth", required_argument, NULL, 'd' },
		{ "charge", required_argument, NULL, 'c' },
		{ "seconds", required_argument, NULL, 's' },
		{ "json", no_argument, NULL, 'j' },
		{ "tsv", no_argument, NULL, 'T' },
		{ "plot", required_argument, NULL, 'p' },
		{ "list", no_argument, NULL, 'l' },
		{ "help", no_argument, NULL, 'h' },
		{ }
	};
	int c, status = -1;

	while (status < 0 && (c = getopt_long(argc, argv, "", longs, NULL)) >= 0)
		status = take(o, c, optarg);
	if (status < 0 && optind != argc)
		status = wrong("there is nothing but options", argv[optind]);
	return status;
}

static bool measure(struct bench *bench, struct report *report)
{
	const struct plan *plan = bench->plan;
	struct kernel kernel;
	__u32 k, t;

	report_begin(report);
	for (k = 0; k < plan->kernel_us.count; k++) {
		if (!bench_kernel(bench, plan->kernel_us.value[k], &kernel))
			return false;
		for (t = 0; t < plan->tenants.count; t++) {
			if (!bench_cell(bench, plan->tenants.value[t], &kernel,
					&report->cell[report->cells]))
				return false;
			report->cells++;
			report_cell(report);
		}
	}
	report_end(report);
	return true;
}

int main(int argc, char **argv)
{
	struct options o = { .plan = { .kind = &kinds[0], .window = DEFAULT_WINDOW,
				       .depth = DEFAULT_DEPTH, .seconds = DEFAULT_SECONDS } };
	static struct report report;
	static struct bench bench;
	bool good;
	int status;

	numbers(DEFAULT_TENANTS, SIM_MAX_TENANTS, true, &o.plan.tenants);
	numbers(DEFAULT_KERNEL_US, KERNEL_US_MAX, true, &o.plan.kernel_us);
	numbers(DEFAULT_WEIGHTS, WEIGHT_MAX, false, &o.plan.weights);
	status = parse(&o, argc, argv);
	if (status >= 0)
		return status;
	if (o.plot && !can_plot(o.plot))
		return 1;
	report.bench = &bench;
	report.form = o.form;
	good = bench_open(&bench, &o.plan) && measure(&bench, &report) &&
	       (!o.plot || report_plot(&report, o.plot));
	bench_close(&bench);
	return !good;
}
