// SPDX-License-Identifier: GPL-2.0
/* What was measured: a table, lines for programs, JSON, or a picture that gnuplot draws. */
#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>

#include "clock.h"
#include "report.h"

/* The file plot.gp, made by the Makefile */
static const char script[] = {
#include "plot_gp.h"
};

/**
 * struct column - a figure of each cell
 * @key: its name for programs
 * @head: its name in the table; NULL: it isn't there
 * @unit: below that
 * @width: of the table's column
 * @precision: digits after the point, in the table
 * @get: the figure
 */
struct column {
	const char *key;
	const char *head;
	const char *unit;
	int width;
	int precision;
	double (*get)(const struct report *report, const struct cell *cell);
};

static double us(double ns)
{
	return ns / NS_PER_US;
}

static double get_tenants(const struct report *report, const struct cell *cell)
{
	return cell->tenants;
}

static double get_kernel(const struct report *report, const struct cell *cell)
{
	return cell->kernel.us;
}

static double get_measured(const struct report *report, const struct cell *cell)
{
	return us(cell->kernel.ns);
}

static double get_native(const struct report *report, const struct cell *cell)
{
	return cell->native_per_s;
}

static double get_engine(const struct report *report, const struct cell *cell)
{
	return cell->engine_per_s ? 100 * cell->engine_per_s / cell->native_per_s : 100;
}

static double get_vgpu(const struct report *report, const struct cell *cell)
{
	return cell->vgpu_per_s;
}

static double get_share(const struct report *report, const struct cell *cell)
{
	return cell->share;
}

static double get_share_low(const struct report *report, const struct cell *cell)
{
	return cell->share_low;
}

static double get_share_high(const struct report *report, const struct cell *cell)
{
	return cell->share_high;
}

static double get_unfair(const struct report *report, const struct cell *cell)
{
	return cell->unfair;
}

static double get_unfair_time(const struct report *report, const struct cell *cell)
{
	return cell->unfair_time;
}

static double get_jobs(const struct report *report, const struct cell *cell)
{
	return cell->jobs;
}

static double get_cpu(const struct report *report, const struct cell *cell)
{
	return us(cell->vgpu_cpu_ns);
}

static double get_native_cpu(const struct report *report, const struct cell *cell)
{
	return us(cell->native_cpu_ns);
}

/*
 * What isn't the kernel's.  Where kernels run on processors, what was taken natively is that,
 * and what the vendor's software takes for a launch.
 */
static double get_host(const struct report *report, const struct cell *cell)
{
	return us(cell->vgpu_cpu_ns - (report->bench->is_cpu ? cell->native_cpu_ns : 0));
}

static double get_arbiter(const struct report *report, const struct cell *cell)
{
	return cell->arbiter_ns;
}

static double get_wait_50(const struct report *report, const struct cell *cell)
{
	return us(cell->wait[0]);
}

static double get_wait_99(const struct report *report, const struct cell *cell)
{
	return us(cell->wait[1]);
}

static const struct column columns[] = {
	{ "tenants", "tenants", "", 7, 0, get_tenants },
	{ "kernel_us", "kernel", "us", 7, 0, get_kernel },
	{ "measured_us", "measured", "us", 9, 1, get_measured },
	{ "native_per_s", "native", "1/s", 8, 0, get_native },
	{ "engine_percent", "engine", "%", 7, 1, get_engine },
	{ "vgpu_per_s", NULL, NULL, 0, 0, get_vgpu },
	{ "vgpu_percent", "vgpu", "%", 7, 1, get_share },
	{ "vgpu_percent_least", "least", "%", 6, 1, get_share_low },
	{ "vgpu_percent_most", "most", "%", 6, 1, get_share_high },
	{ "unfair_percent", "unfair", "%", 7, 2, get_unfair },
	{ "unfair_time_percent", NULL, NULL, 0, 0, get_unfair_time },
	{ "jobs", NULL, NULL, 0, 0, get_jobs },
	{ "cpu_us_per_job", NULL, NULL, 0, 1, get_cpu },
	{ "native_cpu_us_per_job", NULL, NULL, 0, 1, get_native_cpu },
	{ "host_us_per_job", "host", "us/job", 8, 1, get_host },
	{ "arbiter_ns_per_job", "arbiter", "ns/job", 8, 0, get_arbiter },
	{ "wait_p50_us", "wait p50", "us", 9, 0, get_wait_50 },
	{ "wait_p99_us", "p99", "us", 8, 0, get_wait_99 },
};

#define COLUMNS	(sizeof(columns) / sizeof(*columns))

static void print_string(const char *text)
{
	putchar('"');
	for (; *text; text++) {
		if (*text == '"' || *text == '\\')
			putchar('\\');
		if ((unsigned char)*text >= ' ')
			putchar(*text);
	}
	putchar('"');
}

static void begin_table(const struct report *report)
{
	const struct plan *plan = report->bench->plan;
	size_t i;

	printf("%s: %s%s\n", plan->kind->engine->name, bench_device(report->bench),
	       report->bench->is_cpu ? " (a CPU, no GPU)" : "");
	printf("%u jobs of each tenant submitted, %u with workers at most\n\n", plan->window,
	       plan->depth);
	for (i = 0; i < COLUMNS; i++)
		if (columns[i].head)
			printf(" %*s", columns[i].width, columns[i].head);
	putchar('\n');
	for (i = 0; i < COLUMNS; i++)
		if (columns[i].head)
			printf(" %*s", columns[i].width, columns[i].unit);
	putchar('\n');
}

static void begin_json(const struct report *report)
{
	const struct plan *plan = report->bench->plan;

	printf("{\"engine\": \"%s\", \"device\": ", plan->kind->engine->name);
	print_string(bench_device(report->bench));
	printf(", \"is_cpu\": %s,\n", report->bench->is_cpu ? "true" : "false");
	printf(" \"window\": %u, \"depth\": %u, \"seconds\": %u, \"charge\": \"%s\",\n",
	       plan->window, plan->depth, plan->seconds, plan->charge_device ? "engine" : "seen");
	printf(" \"cells\": [");
}

/**
 * report_begin() - before anything is measured
 * @report: to be
 */
void report_begin(const struct report *report)
{
	size_t i;

	switch (report->form) {
	case REPORT_TABLE:
		begin_table(report);
		break;
	case REPORT_TSV:
		for (i = 0; i < COLUMNS; i++)
			printf("%s%s", i ? "\t" : "", columns[i].key);
		putchar('\n');
		break;
	case REPORT_JSON:
		begin_json(report);
	}
	fflush(stdout);
}

static void print_row(const struct report *report, const struct cell *cell)
{
	size_t i;

	for (i = 0; i < COLUMNS; i++)
		if (columns[i].head)
			printf(" %*.*f", columns[i].width, columns[i].precision,
			       columns[i].get(report, cell));
	putchar('\n');
}

static void print_tsv(const struct report *report, const struct cell *cell)
{
	size_t i;

	for (i = 0; i < COLUMNS; i++)
		printf("%s%.8g", i ? "\t" : "", columns[i].get(report, cell));
	putchar('\n');
}

static void print_json(const struct report *report, const struct cell *cell)
{
	const struct list *weights = &report->bench->plan->weights;
	size_t i;

	printf("%s\n  {", report->cells > 1 ? "," : "");
	for (i = 0; i < COLUMNS; i++)
		printf("\"%s\": %.8g,\n   ", columns[i].key, columns[i].get(report, cell));
	printf("\"tenant\": [");
	for (i = 0; i < cell->tenants; i++)
		printf("%s\n    {\"weight\": %u, \"work_percent\": %.4f, \"time_percent\": %.4f}",
		       i ? "," : "", weights->value[i % weights->count], cell->work[i],
		       cell->time[i]);
	printf("]}");
}

/**
 * report_cell() - the last of the cells was measured
 * @report: with that
 */
void report_cell(const struct report *report)
{
	const struct cell *cell = &report->cell[report->cells - 1];

	switch (report->form) {
	case REPORT_TABLE:
		print_row(report, cell);
		break;
	case REPORT_TSV:
		print_tsv(report, cell);
		break;
	case REPORT_JSON:
		print_json(report, cell);
	}
	fflush(stdout);
}

/**
 * report_end() - all were measured
 * @report: what was told
 */
void report_end(const struct report *report)
{
	if (report->form == REPORT_JSON)
		printf("\n]}\n");
}

/**
 * report_can_plot() - is there a gnuplot?
 *
 * Return: true if so.
 */
bool report_can_plot(void)
{
	return !system("command -v gnuplot >/dev/null");
}

/* The cells with as many tenants, a line each, and an end that gnuplot knows */
static void plot_tenants(const struct report *report, __u32 tenants, FILE *to)
{
	const struct cell *cell;
	__u32 i;

	for (i = 0; i < report->cells; i++) {
		cell = &report->cell[i];
		if (cell->tenants == tenants)
			fprintf(to, "%u %f %f %f %f\n", cell->kernel.us, cell->share,
				cell->share_low, cell->share_high, cell->unfair);
	}
	fprintf(to, "\n\n");
}

/**
 * report_plot() - have gnuplot draw it
 * @report: all that was measured
 * @path: of the SVG file
 *
 * Return: false after a message if it could not.
 */
bool report_plot(const struct report *report, const char *path)
{
	const struct list *tenants = &report->bench->plan->tenants;
	FILE *to = popen("gnuplot", "w");
	int status;
	__u32 i;

	if (!to)
		return false;
	fprintf(to, "$cells << END\n");
	for (i = 0; i < tenants->count; i++)
		plot_tenants(report, tenants->value[i], to);
	fprintf(to, "END\ntenants = '");
	for (i = 0; i < tenants->count; i++)
		fprintf(to, " %u", tenants->value[i]);
	fprintf(to, "'\nset output '");
	/* as gnuplot has it: a quote is two */
	for (; *path; path++)
		fprintf(to, *path == '\'' ? "''" : "%c", *path);
	fprintf(to, "'\n%.*s", (int)sizeof(script), script);
	status = pclose(to);
	if (status)
		fprintf(stderr, "vgpu-sim: gnuplot failed\n");
	return !status;
}
