// SPDX-License-Identifier: GPL-2.0
/*
 * vgpu-execd: drives a GPU for the kernel.  This process registers it and starts a worker for
 * each vGPU; it runs nothing of any guest's itself.
 */
#include <errno.h>
#include <fcntl.h>
#include <getopt.h>
#include <poll.h>
#include <search.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/pidfd.h>
#include <sys/signalfd.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "notify.h"
#include "probe.h"
#include "sandbox.h"
#include "task.h"
#include "worker.h"

#define DEVICE	"/dev/vgpu-exec"

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

static const struct engine_ops *const engines[] = {
	&engine_reference, &engine_opencl, &engine_cuda, NULL
};

/**
 * struct options - the command line
 * @engine: what runs jobs
 * @device: which of its devices, or NULL
 * @name: of the GPU
 * @parent: PCI function that its vGPUs are found at, or NULL
 * @memory: MiB
 * @depth: jobs at a time
 * @uid: the first and the last of workers' users
 * @info: what the device is
 * @self: a pidfd of this process, for its workers
 */
struct options {
	const struct engine_ops *engine;
	const char *device;
	const char *name;
	const char *parent;
	unsigned long memory;
	unsigned long depth;
	unsigned long uid[2];
	struct engine_info info;
	int self;
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
		"  --depth N         jobs that it has at a time (default: 32)\n"
		"  --uids FIRST-LAST users that workers are, one each (default: 90000-90255)\n"
		"  --list            list the engines and their devices, and end\n"
		"  --help            this\n");
}

static int wrong(const char *what, const char *arg)
{
	fprintf(stderr, "vgpu-execd: %s: %s\n", what, arg);
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

/* Return -1 to go on, or the exit status. */
static int parse(struct options *o, int argc, char **argv)
{
	static const struct option longs[] = {
		{ "engine", required_argument, NULL, 'e' },
		{ "device", required_argument, NULL, 'v' },
		{ "name", required_argument, NULL, 'n' },
		{ "parent", required_argument, NULL, 'p' },
		{ "memory", required_argument, NULL, 'm' },
		{ "depth", required_argument, NULL, 'd' },
		{ "uids", required_argument, NULL, 'u' },
		{ "list", no_argument, NULL, 'l' },
		{ "help", no_argument, NULL, 'h' },
		{ }
	};
	int c;

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
				return wrong("not a depth", optarg);
			break;
		case 'u':
			if (!uids(optarg, o->uid))
				return wrong("not a range of users, such as 90000-90255", optarg);
			break;
		case 'l':
			return list();
		case 'h':
			usage(stdout);
			return 0;
		default:
			return 2;
		}
	}
	return optind == argc ? -1 : wrong("what is", argv[optind]);
}

static int failed(const char *what)
{
	fprintf(stderr, "vgpu-execd: %s: %s\n", what, strerror(errno));
	return -1;
}

/* Return the executor's file descriptor, or -1. */
static int be_executor(const struct options *o)
{
	struct vgpu_exec_register reg = {
		.size = sizeof(reg),
		.memory_size = (__u64)o->memory << 20,
		.builtins = o->info.builtins,
		.depth = o->depth,
		.formats = (__u32)o->info.formats,
	};
	/* so that nobody waits but for any of the two, see serve() */
	int fd = open(DEVICE, O_RDWR | O_CLOEXEC | O_NONBLOCK);

	if (fd < 0)
		return failed(errno == ENOENT ? DEVICE " (is the module vgpu-exec loaded?)" :
						DEVICE);
	if (snprintf(reg.name, sizeof(reg.name), "%s", o->name) >= (int)sizeof(reg.name)) {
		errno = ENAMETOOLONG;
		return failed(o->name);
	}
	if (o->parent &&
	    snprintf(reg.parent, sizeof(reg.parent), "%s", o->parent) >= (int)sizeof(reg.parent)) {
		errno = ENAMETOOLONG;
		return failed(o->parent);
	}
	if (!ioctl(fd, VGPU_EXEC_IOC_REGISTER, &reg))
		return fd;
	if (errno == EBUSY)
		fprintf(stderr, "vgpu-execd: %s: another executor drives it\n", o->name);
	else if (errno == ERANGE)
		fprintf(stderr,
			"vgpu-execd: %s: there before, and parent, memory or depth don't fit\n",
			o->name);
	else if (errno == ENXIO)
		fprintf(stderr, "vgpu-execd: no PCI function %s\n", o->parent);
	else
		failed(o->name);
	close(fd);
	return -1;
}

/* What all workers have in common */
static struct sandbox worker_sandbox(const struct options *o)
{
	return (struct sandbox){
		.parent = o->self,
		.memory = (__u64)o->memory << 20,
		.view = o->engine->view,
		.nodes = o->engine->nodes,
		.reserves = o->engine->reserves,
		.lock = DEVICE,
		.uid_first = (uid_t)o->uid[0],
		.uid_count = (uid_t)(o->uid[1] - o->uid[0] + 1),
	};
}

/* The worker's process */
static int worker(const struct sandbox *sandbox, const struct options *o)
{
	int null = open("/dev/null", O_WRONLY | O_CLOEXEC);
	struct tasks *tasks = NULL;
	struct engine *engine;

	/* the log isn't the guest's: who began it says how it ended */
	if (null < 0 || dup2(null, STDERR_FILENO) < 0)
		return 1;
	/* it ends with the executor, and not before: then its vGPU's contexts would be lost */
	signal(SIGINT, SIG_IGN);
	signal(SIGTERM, SIG_IGN);
	signal(SIGHUP, SIG_IGN);
	if (sandbox_enter(sandbox))
		return 1;
	/* what a vendor's software does here comes before anything of the guest's */
	engine = o->engine->open(o->device);
	if (!engine || sandbox_filter(sandbox))
		return 1;
	if (engine->info.formats) {
		tasks = tasks_start(sandbox->channel, engine);
		if (!tasks)
			return 1;
	}
	return !!worker_run(sandbox->channel, engine, tasks);
}

/* The workers that are there, in a tree of these */
struct started {
	__u64 channel;
	pid_t pid;
};

static void *workers;

static int started_compare(const void *a, const void *b)
{
	__u64 x = ((const struct started *)a)->channel, y = ((const struct started *)b)->channel;

	return x < y ? -1 : x > y;
}

/* Without this it could not be ended, so then it isn't begun. */
static bool remember_worker(__u64 channel, pid_t pid)
{
	struct started *started = malloc(sizeof(*started));

	if (!started)
		return false;
	*started = (struct started){ channel, pid };
	if (tsearch(started, &workers, started_compare))
		return true;
	free(started);
	return false;
}

/* Its channel has ended, and it hasn't: it may be at something for ever. */
static void end_worker(__u64 channel)
{
	struct started key = { .channel = channel }, **found;

	found = tfind(&key, &workers, started_compare);
	if (found)
		kill((*found)->pid, SIGKILL);
}

static pid_t ended_pid;
static struct started *ended;

static void find_ended(const void *node, VISIT visit, int depth)
{
	struct started *started = *(struct started *const *)node;

	(void)depth;
	if ((visit == postorder || visit == leaf) && started->pid == ended_pid)
		ended = started;
}

/* No worker's pid is another's before this: it has been waited for just now. */
static void forget_worker(pid_t pid)
{
	ended_pid = pid;
	ended = NULL;
	twalk(workers, find_ended);
	if (!ended)
		return;
	tdelete(ended, &workers, started_compare);
	free(ended);
}

static void start_worker(int executor, const struct vgpu_exec_event *event,
			 const struct options *o)
{
	struct vgpu_exec_attach attach = {
		.size = sizeof(attach),
		.executor = executor,
		.channel = event->channel,
	};
	struct sandbox sandbox = worker_sandbox(o);
	int channel = open(DEVICE, O_RDWR | O_CLOEXEC);
	pid_t pid;

	sandbox.channel = channel;
	if (channel < 0) {
		failed(DEVICE);
		return;
	}
	if (ioctl(channel, VGPU_EXEC_IOC_ATTACH, &attach)) {
		/* a guest that has gone meanwhile is no fault */
		if (errno != ESTALE)
			failed("attaching a worker");
	} else {
		pid = sandbox_fork(&sandbox);
		if (!pid)
			_exit(worker(&sandbox, o));
		if (pid < 0 || !remember_worker(event->channel, pid)) {
			failed(errno == EUSERS ? "starting a worker: all its --uids are taken" :
						 "starting a worker");
			if (pid > 0)
				kill(pid, SIGKILL);
		}
	}
	/* the worker's alone: when it ends, so does the channel */
	close(channel);
}

/* Ten lines in a minute */
static bool may_log(void)
{
	static time_t minute;
	static unsigned int lines;
	time_t now = time(NULL) / 60;

	if (now != minute)
		lines = 0;
	minute = now;
	return lines++ < 10;
}

static void reap_workers(void)
{
	int status;
	pid_t pid;

	while ((pid = waitpid(-1, &status, WNOHANG)) > 0) {
		forget_worker(pid);
		/* it was our doing, or somebody's who knows */
		if (!status || (WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL))
			continue;
		/* a guest can make its worker fail time and again: not all of it is told */
		if (may_log())
			fprintf(stderr, "vgpu-execd: worker %d: %s\n", (int)pid,
				WIFSIGNALED(status) ? strsignal(WTERMSIG(status)) : "failed");
	}
}

/* Return an errno, when it can't go on; or 0, when it is to end. */
static int serve(int executor, int signals, const struct options *o)
{
	struct pollfd fds[] = { { executor, POLLIN, 0 }, { signals, POLLIN, 0 } };
	struct signalfd_siginfo info;
	struct vgpu_exec_event event;

	for (;;) {
		if (poll(fds, 2, notify_watchdog()) < 0 && errno != EINTR)
			return errno;
		/* one signal may stand for several that have ended */
		if (fds[1].revents && read(signals, &info, sizeof(info)) > 0) {
			if (info.ssi_signo != SIGCHLD)
				return 0;
			reap_workers();
		}
		if (!fds[0].revents)
			continue;
		if (read(executor, &event, sizeof(event)) != sizeof(event)) {
			if (errno == EAGAIN)
				continue;
			return errno;
		}
		if (event.type == VGPU_EXEC_EVENT_START)
			start_worker(executor, &event, o);
		else if (event.type == VGPU_EXEC_EVENT_END)
			end_worker(event.channel);
	}
}

/* Find out what the GPU is, and whether it does. */
static bool find_device(struct options *o)
{
	struct sandbox sandbox;

	o->self = pidfd_open(getpid(), 0);
	if (o->self < 0) {
		failed("pidfd_open");
		return false;
	}
	sandbox = worker_sandbox(o);
	if (!probe_device(o->engine, o->device, &sandbox, &o->info))
		return false;
	if (!o->info.memory || (__u64)o->memory << 20 <= o->info.memory)
		return true;
	fprintf(stderr, "vgpu-execd: %s has no more than %llu MiB, see --memory\n", o->info.name,
		(unsigned long long)o->info.memory >> 20);
	return false;
}

int main(int argc, char **argv)
{
	struct options o = {
		.engine = &engine_reference, .memory = 1024, .depth = DEFAULT_DEPTH,
		.uid = { DEFAULT_UID, DEFAULT_UID + DEFAULT_UIDS - 1 },
	};
	int status, executor, signals;
	char name[32], ready[128];
	sigset_t set;

	status = parse(&o, argc, argv);
	if (status >= 0)
		return status;
	snprintf(name, sizeof(name), "%s0", o.engine->name);
	if (!o.name)
		o.name = name;
	notify("STATUS=Running a job on the device to see whether it does");
	if (!find_device(&o))
		return 1;
	sigemptyset(&set);
	sigaddset(&set, SIGCHLD);
	sigaddset(&set, SIGINT);
	sigaddset(&set, SIGTERM);
	sigprocmask(SIG_BLOCK, &set, NULL);
	signals = signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK);
	if (signals < 0)
		return -failed("signalfd");
	executor = be_executor(&o);
	if (executor < 0)
		return 1;
	printf("vgpu-execd: %s is ready\n", o.name);
	fflush(stdout);
	snprintf(ready, sizeof(ready), "READY=1\nSTATUS=Driving %s, %lu MiB", o.name, o.memory);
	notify(ready);
	errno = serve(executor, signals, &o);
	notify("STOPPING=1");
	/* workers end with this process */
	return errno ? -failed("serving") : 0;
}
