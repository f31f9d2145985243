// SPDX-License-Identifier: GPL-2.0
/*
 * A control group (cgroup v2) for each worker, below one that is the executor's to divide: the
 * service manager has delegated it, or the command line names it.  The executor itself is in a
 * leaf there, since none that has members may have controllers for others:
 *
 *	BASE/executor		the executor
 *	BASE/probe		who tries the device, before there is a GPU
 *	BASE/worker-N		the worker of channel N
 *
 * What goes beyond its memory is killed, all of it and nothing else.  Processors are shared by
 * workers, however many threads one has, if there is a controller for that.
 */
#include <ctype.h>
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/xattr.h>
#include <unistd.h>

#include "cgroup.h"

#define LEAF	"executor"

/* What has been killed is gone by then, or is in a call of the kernel's that doesn't end */
#define END_MS	1000

static int put(int dir, const char *file, const char *text)
{
	int fd = openat(dir, file, O_WRONLY | O_CLOEXEC), err;

	if (fd < 0)
		return -1;
	err = write(fd, text, strlen(text)) == (ssize_t)strlen(text) ? 0 : -1;
	close(fd);
	return err;
}

static int put_number(int dir, const char *file, __u64 n)
{
	char text[32];

	snprintf(text, sizeof(text), "%llu", (unsigned long long)n);
	return put(dir, file, text);
}

/* All of a short file, NUL-terminated; nothing if it can't be read */
static void get(int fd, char *text, size_t size)
{
	ssize_t n = fd < 0 ? -1 : pread(fd, text, size - 1, 0);

	text[n > 0 ? n : 0] = 0;
}

/* Is a word one of those in a line? */
static bool has_word(const char *line, const char *word)
{
	const size_t length = strlen(word);
	const char *at = line;

	while ((at = strstr(at, word))) {
		if ((at == line || at[-1] == ' ') && (!at[length] || isspace(at[length])))
			return true;
		at += length;
	}
	return false;
}

/* What a file of "KEY NUMBER" lines says */
static unsigned long number_of(const char *text, const char *key)
{
	const size_t length = strlen(key);

	for (; text; text = strchr(text, '\n') ? strchr(text, '\n') + 1 : NULL)
		if (!strncmp(text, key, length) && text[length] == ' ')
			return strtoul(text + length, NULL, 10);
	return 0;
}

/* Where this process' control group is below a mount of cgroup2, which shows @root of all. */
static bool join(char path[PATH_MAX], const char *mount, const char *root, const char *own)
{
	const size_t length = strcmp(root, "/") ? strlen(root) : 0;

	if (strncmp(own, root, length) || (own[length] && own[length] != '/'))
		return false;
	return snprintf(path, PATH_MAX, "%s%s", mount, own + length) < PATH_MAX;
}

static bool find_own(char path[PATH_MAX])
{
	char *line = NULL, own[PATH_MAX] = "", root[PATH_MAX], mount[PATH_MAX];
	FILE *f = fopen("/proc/self/cgroup", "re");
	bool found = false;
	size_t size = 0;

	while (f && getline(&line, &size, f) > 0)
		if (!strncmp(line, "0::/", 4))
			snprintf(own, sizeof(own), "%.*s", (int)strcspn(line + 3, "\n"), line + 3);
	if (f)
		fclose(f);
	f = *own ? fopen("/proc/self/mountinfo", "re") : NULL;
	while (f && !found && getline(&line, &size, f) > 0)
		found = strstr(line, " - cgroup2 ") &&
			sscanf(line, "%*s %*s %*s %4095s %4095s", root, mount) == 2 &&
			join(path, mount, root, own);
	if (f)
		fclose(f);
	free(line);
	return found;
}

/* systemd says so by an attribute, of either name: it depends on its age. */
static bool is_delegated(int dir)
{
	char value = 0;

	return (fgetxattr(dir, "user.delegate", &value, 1) == 1 && value == '1') ||
	       (fgetxattr(dir, "trusted.delegate", &value, 1) == 1 && value == '1');
}

/* Have it divided: this process is in a leaf, and others can have limits. */
static int divide(int base, bool cpu)
{
	int leaf, saved;

	if (mkdirat(base, LEAF, 0755) && errno != EEXIST)
		return -1;
	leaf = openat(base, LEAF, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (leaf < 0)
		return -1;
	if (!cgroup_enter(leaf)) {
		if (!put(base, "cgroup.subtree_control",
			 cpu ? "+memory +pids +cpu" : "+memory +pids")) {
			close(leaf);
			return 0;
		}
		saved = errno;
		cgroup_enter(base);
		errno = saved;
	}
	saved = errno;
	close(leaf);
	unlinkat(base, LEAF, AT_REMOVEDIR);
	errno = saved;
	return -1;
}

/* @path was asked for, and nothing is done without it; @own would have been good to have. */
static int none(const char *path, const char *own, const char *why)
{
	if (path)
		fprintf(stderr, "vgpu-execd: --cgroup %s: %s\n", path, why);
	else
		fprintf(stderr,
			"vgpu-execd: workers have no control groups, only limits: %s%s%s\n",
			own, *own ? ": " : "", why);
	return -1;
}

/**
 * cgroup_begin() - make a control group ready to be divided, and leave it but for a leaf
 * @path: of a control group that nobody else makes use of; NULL: this process' own, if it has been
 *	delegated
 *
 * What another that is dead has left there is ended.
 *
 * Context: root, before there are other processes of this one.
 *
 * Return: a file descriptor of it, for as long as the process lives; or -1 after a message, and
 * all is as it was.
 */
int cgroup_begin(const char *path)
{
	char own[PATH_MAX] = "", controllers[256];
	int base, fd;

	if (!path && !find_own(own))
		return none(NULL, "", "it isn't in any of cgroup2");
	base = open(path ?: own, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (base < 0)
		return none(path, own, strerror(errno));
	if (!path && !is_delegated(base)) {
		close(base);
		return none(NULL, own, "nobody has delegated it");
	}
	fd = openat(base, "cgroup.controllers", O_RDONLY | O_CLOEXEC);
	get(fd, controllers, sizeof(controllers));
	if (fd >= 0)
		close(fd);
	if (!has_word(controllers, "memory") || !has_word(controllers, "pids")) {
		close(base);
		return none(path, own, fd < 0 ? "not a control group of cgroup2" :
			    "it has not both the controllers memory and pids");
	}
	if (divide(base, has_word(controllers, "cpu"))) {
		close(base);
		return none(path, own, errno == EBUSY ? "others are in it" : strerror(errno));
	}
	cgroup_sweep(base);
	return base;
}

static int set_limits(int dir, const struct cgroup_limits *limits)
{
	if (put_number(dir, "memory.max", limits->memory) || put(dir, "memory.oom.group", "1") ||
	    put_number(dir, "pids.max", limits->tasks))
		return -1;
	/* a kernel without swap hasn't that */
	return put(dir, "memory.swap.max", "0") && errno != ENOENT ? -1 : 0;
}

/**
 * cgroup_make() - make a control group
 * @base: as cgroup_begin() returned it
 * @name: its name there
 * @limits: what it may take
 *
 * Return: a file descriptor for cgroup_enter(), or -1 and errno, and there is none.
 */
int cgroup_make(int base, const char *name, const struct cgroup_limits *limits)
{
	int dir, saved;

	if (mkdirat(base, name, 0755))
		return -1;
	dir = openat(base, name, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (dir >= 0 && !set_limits(dir, limits))
		return dir;
	saved = errno;
	if (dir >= 0)
		close(dir);
	unlinkat(base, name, AT_REMOVEDIR);
	errno = saved;
	return -1;
}

/**
 * cgroup_enter() - have this process be in a control group from now on
 * @dir: file descriptor of its folder
 *
 * Return: 0, or -1 and errno.
 */
int cgroup_enter(int dir)
{
	return put(dir, "cgroup.procs", "0");
}

/* Wait until there is nobody in it. */
static void wait_until_empty(int dir)
{
	struct pollfd events = { .events = POLLPRI };
	char text[256];

	events.fd = openat(dir, "cgroup.events", O_RDONLY | O_CLOEXEC);
	if (events.fd < 0)
		return;
	/* reading is what the next change is told since */
	do
		get(events.fd, text, sizeof(text));
	while (number_of(text, "populated") && poll(&events, 1, END_MS) > 0);
	close(events.fd);
}

/**
 * cgroup_end() - end a control group and whoever is left in it
 * @base: as cgroup_begin() returned it
 * @name: its name there
 *
 * It is said if that takes longer than it may; then it stays.
 *
 * Return: true if somebody in it was killed because there was no more memory for it.
 */
bool cgroup_end(int base, const char *name)
{
	int dir = openat(base, name, O_RDONLY | O_DIRECTORY | O_CLOEXEC), events;
	char text[256] = "";

	if (dir < 0)
		return false;
	put(dir, "cgroup.kill", "1");
	wait_until_empty(dir);
	events = openat(dir, "memory.events", O_RDONLY | O_CLOEXEC);
	get(events, text, sizeof(text));
	if (events >= 0)
		close(events);
	close(dir);
	if (unlinkat(base, name, AT_REMOVEDIR))
		fprintf(stderr, "vgpu-execd: control group %s: %s\n", name, strerror(errno));
	return number_of(text, "oom_kill") > 0;
}

/**
 * cgroup_sweep() - end all control groups of workers
 * @base: as cgroup_begin() returned it
 */
void cgroup_sweep(int base)
{
	int fd = openat(base, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	DIR *dir = fd < 0 ? NULL : fdopendir(fd);
	struct dirent *entry;

	while (dir && (entry = readdir(dir)))
		if (entry->d_type == DT_DIR && *entry->d_name != '.' &&
		    strcmp(entry->d_name, LEAF))
			cgroup_end(base, entry->d_name);
	if (dir)
		closedir(dir);
	else if (fd >= 0)
		close(fd);
}
