// SPDX-License-Identifier: GPL-2.0
/*
 * vgpu-execd: drives a GPU for the kernel.  This process registers it and starts a worker for
 * each vGPU; it runs nothing of any guest's itself.
 */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
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

#include "cgroup.h"
#include "notify.h"
#include "options.h"
#include "probe.h"
#include "sandbox.h"
#include "task.h"
#include "worker.h"
#include "workers.h"

#define DEVICE	"/dev/vgpu-exec"

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
	else if (errno == EEXIST)
		fprintf(stderr, "vgpu-execd: %s: the name, or the parent, is another GPU's\n",
			o->name);
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
		.cgroup = -1,
		.lock = DEVICE,
		.uid_first = (uid_t)o->uid[0],
		.uid_count = (uid_t)(o->uid[1] - o->uid[0] + 1),
	};
}

/* Have it in a control group of its own, if there are any. */
static bool enter_group(const struct options *o, struct sandbox *sandbox, const char *name)
{
	struct cgroup_limits limits;

	if (o->groups < 0)
		return true;
	sandbox_limits(sandbox, &limits);
	sandbox->cgroup = cgroup_make(o->groups, name, &limits);
	return sandbox->cgroup >= 0;
}

/* The worker's process */
static int worker(const struct sandbox *sandbox, const struct options *o)
{
	int null = open("/dev/null", O_WRONLY | O_CLOEXEC);
	struct tasks *tasks = NULL;
	struct engine *engine;
	sigset_t none;

	sigemptyset(&none);
	/* the log isn't the guest's: who began it says how it ended */
	if (null < 0 || dup2(null, STDERR_FILENO) < 0)
		return 1;
	/* it ends with the executor, and not before: then its vGPU's contexts would be lost */
	signal(SIGINT, SIG_IGN);
	signal(SIGTERM, SIG_IGN);
	signal(SIGHUP, SIG_IGN);
	/* what the executor reads by a descriptor instead is for a vendor's software to have */
	sigprocmask(SIG_SETMASK, &none, NULL);
	if (sandbox_enter(sandbox))
		return 1;
	/* what a vendor's software does here comes before anything of the guest's */
	engine = o->engine->open(o->device);
	if (!engine || sandbox_filter(sandbox))
		return 1;
	if (o->code.size)
		o->engine->code_use(engine, &o->code);
	if (o->warm && o->engine->warm)
		o->engine->warm(engine);
	if (engine->info.formats) {
		tasks = tasks_start(sandbox->channel, engine);
		if (!tasks)
			return 1;
	}
	return !!worker_run(sandbox->channel, engine, tasks);
}

/* Ten lines in a minute: a guest can have workers begin, and fail, time and again */
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

static void not_started(const char *why)
{
	if (may_log())
		fprintf(stderr, "vgpu-execd: starting a worker: %s: %s\n", why, strerror(errno));
}

static void group_name(char name[32], __u64 channel)
{
	snprintf(name, 32, "worker-%llu", (unsigned long long)channel);
}

/* Its control group, if there is one, ends when it does, see reap_workers(). */
static void fork_worker(const struct options *o, struct sandbox *sandbox, __u64 channel)
{
	char name[32];
	pid_t pid;

	group_name(name, channel);
	if (!enter_group(o, sandbox, name)) {
		not_started("no control group");
		return;
	}
	pid = sandbox_fork(sandbox);
	if (!pid)
		_exit(worker(sandbox, o));
	if (pid < 0) {
		not_started(errno == EUSERS ? "all --uids are taken" : "no process");
	} else if (!workers_add(channel, pid)) {
		not_started("no memory");
		kill(pid, SIGKILL);
	}
	if (sandbox->cgroup < 0)
		return;
	close(sandbox->cgroup);
	if (pid < 0)
		cgroup_end(o->groups, name);
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

	sandbox.channel = channel;
	if (channel < 0) {
		not_started(DEVICE);
		return;
	}
	if (ioctl(channel, VGPU_EXEC_IOC_ATTACH, &attach)) {
		/* a guest that has gone meanwhile is no fault */
		if (errno != ESTALE)
			not_started("no channel");
	} else {
		fork_worker(o, &sandbox, event->channel);
	}
	/* the worker's alone: when it ends, so does the channel */
	close(channel);
}

/* Did it want more memory than it may have? */
static bool end_group(const struct options *o, pid_t pid)
{
	char name[32];
	__u64 channel;

	if (!workers_forget(pid, &channel) || o->groups < 0)
		return false;
	group_name(name, channel);
	return cgroup_end(o->groups, name);
}

static void reap_workers(const struct options *o)
{
	const char *how;
	int status;
	pid_t pid;

	while ((pid = waitpid(-1, &status, WNOHANG)) > 0) {
		if (end_group(o, pid))
			how = "took more memory than it may, and was killed";
		/* it was our doing, or somebody's who knows */
		else if (!status || (WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL))
			continue;
		else
			how = WIFSIGNALED(status) ? strsignal(WTERMSIG(status)) : "failed";
		if (may_log())
			fprintf(stderr, "vgpu-execd: worker %d: %s\n", (int)pid, how);
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
			reap_workers(o);
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
			/* it may be at something for ever */
			workers_kill(event.channel);
	}
}

/* Find out what the GPU is, and whether it does. */
static bool find_device(struct options *o)
{
	struct sandbox sandbox;
	bool good;

	o->self = pidfd_open(getpid(), 0);
	if (o->self < 0) {
		failed("pidfd_open");
		return false;
	}
	sandbox = worker_sandbox(o);
	if (!enter_group(o, &sandbox, "probe")) {
		failed("control group");
		return false;
	}
	good = probe_device(o->engine, o->device, &sandbox, &o->info, &o->code);
	if (sandbox.cgroup >= 0) {
		close(sandbox.cgroup);
		if (cgroup_end(o->groups, "probe"))
			fprintf(stderr, "vgpu-execd: %s: it takes more memory than workers may\n",
				o->engine->name);
	}
	if (!good)
		return false;
	if (!o->info.memory || (__u64)o->memory << 20 <= o->info.memory)
		return true;
	fprintf(stderr, "vgpu-execd: %s has no more than %llu MiB, see --memory\n", o->info.name,
		(unsigned long long)o->info.memory >> 20);
	return false;
}

/*
 * What is opened from now on is none of the three that workers close or put something else in the
 * place of; and who has gone that read what we say is no reason to end.
 */
static void begin_stdio(void)
{
	int fd;

	do
		fd = open("/dev/null", O_RDWR | O_CLOEXEC);
	while (fd >= 0 && fd <= STDERR_FILENO);
	if (fd >= 0)
		close(fd);
	signal(SIGPIPE, SIG_IGN);
}

int main(int argc, char **argv)
{
	struct options o;
	int status, executor, signals;
	char name[32], ready[128];
	sigset_t set;

	begin_stdio();
	status = options_parse(&o, argc, argv);
	if (status >= 0)
		return status;
	snprintf(name, sizeof(name), "%s0", o.engine->name);
	if (!o.name)
		o.name = name;
	o.groups = geteuid() ? -1 : cgroup_begin(o.cgroup);
	if (o.cgroup && o.groups < 0)
		return 1;
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
	status = serve(executor, signals, &o);
	notify("STOPPING=1");
	/* workers end with this process, which was no executor any more when they did */
	close(executor);
	if (o.groups >= 0)
		cgroup_sweep(o.groups);
	errno = status;
	return errno ? -failed("serving") : 0;
}
