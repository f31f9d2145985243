// SPDX-License-Identifier: GPL-2.0
/* The command line of vgpu-execd. */
#include <assert.h>
#include <errno.h>
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "options.h"
#include "probe.h"

/* Enough for a system call in some thirty jobs */
#define DEFAULT_DEPTH	32

/*
 * Workers' users: above what Debian's policy gives to accounts and systemd to services, below what
 * useradd gives to containers
 */
#define DEFAULT_UID	90000
#define DEFAULT_UIDS	256

/* The last one is none: it stands for "as it was" */
#define MAX_UID		(~0U - 1)

/* --help, an error and the man page say so */
static_assert(VGPU_EXEC_MAX_DEPTH == 64, "the most that --depth takes");

static const struct engine_ops *const engines[] = {
	&engine_reference, &engine_opencl, &engine_cuda, NULL
};

static void usage(FILE *to)
{
	fprintf(to,
		"vgpu-execd: drive a GPU for the vgpu host driver\n\n"
		"  --engine NAME     what runs jobs: reference (the default), opencl or cuda\n"
		"  --device DEVICE   its number as --list has it, or a part of its name\n"
		"  --name NAME       name of the GPU (default: the engine's, and 0)\n"
		"  --parent PCI      PCI function that has its vGPUs, such as 0000:01:00.0\n"
		"                    (default: a virtual device)\n"
		"  --memory MIB      memory that vGPUs share (default: 1024)\n"
		"  --depth N         jobs that it has at a time, 1 to 64 (default: 32)\n"
		"  --warm            workers load the vendor's compiler when they begin, and not\n"
		"                    for the first module: that takes memory\n"
		"  --uids FIRST-LAST users that workers are, one each (default: 90000-90255)\n"
		"  --cgroup PATH     control group that workers' are made in (default: its own, if\n"
		"                    that has been delegated)\n"
		"  --list            list the engines and their devices, and end\n"
		"  --help            this\n");
}

static int wrong(const char *what, const char *arg)
{
	fprintf(stderr, "vgpu-execd: %s: %s; see --help\n", what, arg);
	return 2;
}

static bool number(const char *arg, unsigned long most, unsigned long *n)
{
	char *end;

	errno = 0;
	*n = strtoul(arg, &end, 10);
	return !errno && *arg >= '0' && *arg <= '9' && !*end && *n && *n <= most;
}

static bool uids(const char *arg, unsigned long uid[2])
{
	const char *dash = strchr(arg, '-');
	char first[16];

	return dash && snprintf(first, sizeof(first), "%.*s", (int)(dash - arg), arg) <
		       (int)sizeof(first) && number(first, MAX_UID, &uid[0]) &&
	       number(dash + 1, MAX_UID, &uid[1]) && uid[0] <= uid[1];
}

static const struct engine_ops *find_engine(const char *name)
{
	size_t i;

	for (i = 0; engines[i]; i++)
		if (!strcmp(engines[i]->name, name))
			return engines[i];
	return NULL;
}

static int list(void)
{
	size_t i;

	for (i = 0; engines[i]; i++)
		probe_list(engines[i]);
	return 0;
}

/**
 * options_parse() - read the command line
 * @o: what it says; &options.groups, &options.info, &options.code and &options.self it doesn't
 *	know
 * @argc: as main() has it
 * @argv: likewise
 *
 * Return: -1 to go on; or what is left is to end with that status, it has been said why.
 */
int options_parse(struct options *o, int argc, char **argv)
{
	static const struct option longs[] = {
		{ "engine", required_argument, NULL, 'e' },
		{ "device", required_argument, NULL, 'v' },
		{ "name", required_argument, NULL, 'n' },
		{ "parent", required_argument, NULL, 'p' },
		{ "memory", required_argument, NULL, 'm' },
		{ "depth", required_argument, NULL, 'd' },
		{ "warm", no_argument, NULL, 'w' },
		{ "uids", required_argument, NULL, 'u' },
		{ "cgroup", required_argument, NULL, 'g' },
		{ "list", no_argument, NULL, 'l' },
		{ "help", no_argument, NULL, 'h' },
		{ }
	};
	int c;

	*o = (struct options){
		.engine = &engine_reference, .memory = 1024, .depth = DEFAULT_DEPTH,
		.uid = { DEFAULT_UID, DEFAULT_UID + DEFAULT_UIDS - 1 },
		.groups = -1, .self = -1,
	};
	while ((c = getopt_long(argc, argv, "", longs, NULL)) >= 0) {
		switch (c) {
		case 'e':
			o->engine = find_engine(optarg);
			if (!o->engine)
				return wrong("no such engine", optarg);
			break;
		case 'v':
			o->device = optarg;
			break;
		case 'n':
			o->name = optarg;
			break;
		case 'p':
			o->parent = optarg;
			break;
		case 'm':
			if (!number(optarg, 1UL << 30, &o->memory))
				return wrong("not a number of MiB", optarg);
			break;
		case 'd':
			if (!number(optarg, VGPU_EXEC_MAX_DEPTH, &o->depth))
				return wrong("not a depth, 1 to 64", optarg);
			break;
		case 'w':
			o->warm = true;
			break;
		case 'u':
			if (!uids(optarg, o->uid))
				return wrong("not a range of users, such as 90000-90255", optarg);
			break;
		case 'g':
			o->cgroup = optarg;
			break;
		case 'l':
			return list();
		case 'h':
			usage(stdout);
			return 0;
		default:
			fputs("vgpu-execd: see --help\n", stderr);
			return 2;
		}
	}
	return optind == argc ? -1 : wrong("there is nothing but options", argv[optind]);
}
