// SPDX-License-Identifier: GPL-2.0
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "exec_host.h"
#include "irqset.h"
#include "tap.h"
#include "watchdog.h"

/* In the new process.  It must not keep anything of ours open, the vGPU least of all. */
static void exec_host_become(const struct exec_host *host, int out, pid_t parent)
{
	char depth[16];

	snprintf(depth, sizeof(depth), "%d", EXEC_HOST_DEPTH);
	if (prctl(PR_SET_PDEATHSIG, SIGKILL) || getppid() != parent ||
	    dup2(out, STDOUT_FILENO) < 0 || close_range(3, ~0U, 0))
		_exit(1);
	execl(host->path, host->path, "--engine", "reference", "--memory", EXEC_HOST_MEMORY,
	      "--depth", depth, NULL);
	_exit(1);
}

/* It has said that it is ready; false if it ended before. */
static bool exec_host_ready(int in)
{
	static const char ready[] = " is ready\n";
	char line[128];
	size_t have = 0;
	ssize_t got;

	do {
		got = read(in, line + have, sizeof(line) - 1 - have);
		if (got > 0)
			have += got;
	} while ((got > 0 && line[have - 1] != '\n') || (got < 0 && errno == EINTR));
	line[have] = '\0';
	return have >= strlen(ready) && !strcmp(line + have - strlen(ready), ready);
}

/**
 * exec_host_start() - begin an executor
 * @host: with its path; there is none
 *
 * Return: whether it is ready; if not, a failed check has been printed.
 */
bool exec_host_start(struct exec_host *host)
{
	pid_t parent = getpid();
	bool ready = false;
	int fds[2];

	if (!tap_must(!pipe2(fds, O_CLOEXEC), "makes a pipe"))
		return false;
	host->pid = fork();
	if (!host->pid)
		exec_host_become(host, fds[1], parent);
	close(fds[1]);
	if (host->pid > 0)
		ready = exec_host_ready(fds[0]);
	close(fds[0]);
	watchdog_pet();
	return tap_must(ready, "starts %s", host->path);
}

/**
 * exec_host_kill() - kill -9 an executor, if there is one, and wait until it is gone
 * @host: the executor
 *
 * Its file is closed then; workers that it had may not be gone yet.
 *
 * Return: whether it was there until then; if not, a failed check has been printed.
 */
bool exec_host_kill(struct exec_host *host)
{
	pid_t pid = host->pid;
	int status;

	host->pid = 0;
	if (pid <= 0)
		return true;
	kill(pid, SIGKILL);
	while (waitpid(pid, &status, 0) < 0) {
		if (errno != EINTR)
			return tap_must(false, "waits for the executor");
	}
	return tap_must(WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL,
			"the executor runs until it is killed: status %#x", status);
}

static pid_t exec_host_parent_of(const char *pid)
{
	char path[64], text[256], *end;
	int parent = 0;
	ssize_t got;
	int fd;

	snprintf(path, sizeof(path), "/proc/%.20s/stat", pid);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return 0;
	got = read(fd, text, sizeof(text) - 1);
	close(fd);
	text[got > 0 ? got : 0] = '\0';
	/* behind its name, which may be anything: its state, and who began it */
	end = strrchr(text, ')');
	if (!end || sscanf(end, ") %*c %d", &parent) != 1 || end[2] == 'Z')
		return 0;
	return parent;
}

/* Any worker that has not ended; 0: there is none */
static pid_t exec_host_worker(const struct exec_host *host)
{
	struct dirent *entry;
	pid_t worker = 0;
	DIR *dir;

	dir = opendir("/proc");
	if (!dir)
		return 0;
	while (!worker && (entry = readdir(dir))) {
		if (entry->d_name[0] >= '1' && entry->d_name[0] <= '9' &&
		    exec_host_parent_of(entry->d_name) == host->pid)
			worker = atoi(entry->d_name);
	}
	closedir(dir);
	return worker;
}

/* Look until there is a worker, or none. */
static pid_t exec_host_await(const struct exec_host *host, bool there)
{
	time_t end = time(NULL) + IRQSET_WAIT_MS / 1000;
	pid_t worker;

	for (;;) {
		worker = exec_host_worker(host);
		if (!worker == !there || time(NULL) > end)
			return worker;
		sched_yield();
	}
}

/**
 * exec_host_kill_worker() - kill -9 the executor's worker, as soon as there is one
 * @host: the executor, of whose GPU one vGPU has contexts
 *
 * Return: whether there was one; if not, a failed check has been printed.
 */
bool exec_host_kill_worker(const struct exec_host *host)
{
	pid_t worker = exec_host_await(host, true);

	return tap_must(worker && !kill(worker, SIGKILL), "finds a worker to kill");
}

/**
 * exec_host_idle() - do all workers end?
 * @host: the executor, of whose GPU nobody has contexts
 *
 * Return: whether they did.
 */
bool exec_host_idle(const struct exec_host *host)
{
	return !exec_host_await(host, false);
}
