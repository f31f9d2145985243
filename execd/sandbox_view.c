// SPDX-License-Identifier: GPL-2.0
/*
 * What a worker in the wide sandbox sees of the file system: the paths that its engine names,
 * read-only; /proc of its own PID namespace, with little else; /dev/null and the device files that
 * its engine names, and no others; and /tmp, small, private and empty, which is its home.  The
 * host's own root is out of reach.
 */
#include <ctype.h>
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <glob.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "sandbox.h"

/* Where it is put together; any folder that is there on every host */
#define VIEW_AT		"/tmp"

/* An empty folder */
#define VIEW_NONE	VIEW_AT "/none"

/* What a compiler's temporary files and its cache may take: it is memory */
#define VIEW_TMPFS	"mode=0700,size=64m,nr_inodes=16384"

static bool join(char path[PATH_MAX], const char *of)
{
	return snprintf(path, PATH_MAX, VIEW_AT "%s", of) < PATH_MAX;
}

/* Make the folders above a path. */
static int make_above(char *path)
{
	char *slash;

	for (slash = strchr(path + strlen(VIEW_AT) + 1, '/'); slash;
	     slash = strchr(slash + 1, '/')) {
		*slash = 0;
		if (mkdir(path, 0755) && errno != EEXIST)
			return -1;
		*slash = '/';
	}
	return 0;
}

static int make_link(const char *of, const char *path)
{
	char to[PATH_MAX];
	ssize_t n = readlink(of, to, sizeof(to) - 1);

	if (n < 0)
		return -1;
	to[n] = 0;
	return symlink(to, path);
}

static int make_place(const char *path, mode_t type)
{
	int fd;

	if (S_ISDIR(type))
		return mkdir(path, 0755);
	fd = open(path, O_CREAT | O_EXCL | O_WRONLY | O_CLOEXEC, 0644);
	return fd < 0 ? -1 : close(fd);
}

/* Show a path, with all that is mounted below it.  One that the host hasn't isn't shown. */
static int show(const char *of, __u64 forbid)
{
	struct mount_attr attr = { .attr_set = forbid };
	char path[PATH_MAX];
	struct stat st;

	if (lstat(of, &st))
		return errno == ENOENT ? 0 : -1;
	if (!join(path, of) || make_above(path))
		return -1;
	/* /lib is one to usr/lib, for example */
	if (S_ISLNK(st.st_mode))
		return make_link(of, path);
	if (make_place(path, st.st_mode) || mount(of, path, NULL, MS_BIND | MS_REC, NULL))
		return -1;
	return mount_setattr(AT_FDCWD, path, AT_RECURSIVE, &attr, sizeof(attr));
}

/* Who may use a device file by being in a group, as for /dev/dri/renderD128, is to be in it. */
static int join_group(const struct stat *st, struct sandbox_groups *groups)
{
	size_t i;

	/* all may read and write it; or the group mayn't; or that is root's */
	if ((st->st_mode & 0006) == 0006 || (st->st_mode & 0060) != 0060 || !st->st_gid)
		return 0;
	for (i = 0; i < groups->count; i++)
		if (groups->group[i] == st->st_gid)
			return 0;
	if (groups->count == SANDBOX_GROUPS) {
		errno = E2BIG;
		return -1;
	}
	groups->group[groups->count++] = st->st_gid;
	return 0;
}

/* A device file; anything else that has the name isn't shown. */
static int show_node(const char *of, struct sandbox_groups *groups)
{
	struct stat st;

	if (lstat(of, &st))
		return errno == ENOENT ? 0 : -1;
	if (!S_ISCHR(st.st_mode))
		return 0;
	/* what is read-only is the file, not the device */
	return show(of, MOUNT_ATTR_RDONLY | MOUNT_ATTR_NOSUID | MOUNT_ATTR_NOEXEC) ||
	       join_group(&st, groups);
}

/* Show what the host has of a pattern: as device files, if there are @groups for them. */
static int show_pattern(const char *pattern, struct sandbox_groups *groups)
{
	glob_t found;
	int err;
	size_t i;

	err = glob(pattern, GLOB_NOSORT, NULL, &found);
	if (err == GLOB_NOMATCH)
		return 0;
	if (err) {
		errno = err == GLOB_NOSPACE ? ENOMEM : EIO;
		return -1;
	}
	for (i = 0; i < found.gl_pathc && !err; i++)
		err = groups ? show_node(found.gl_pathv[i], groups) :
			       show(found.gl_pathv[i], MOUNT_ATTR_RDONLY | MOUNT_ATTR_NOSUID |
						       MOUNT_ATTR_NODEV);
	globfree(&found);
	return err;
}

static bool is_one_of(const char *const *names, const char *name)
{
	for (; *names; names++)
		if (!strcmp(*names, name))
			return true;
	return false;
}

/* Nothing in a folder of /proc but some, and processes: what isn't shown is empty. */
static int hide_but(const char *at, const char *const *names)
{
	DIR *dir = opendir(at);
	struct dirent *entry;
	char path[PATH_MAX];
	int err = 0;

	while (!err && dir && (entry = readdir(dir))) {
		const bool folder = entry->d_type == DT_DIR;

		if (entry->d_type == DT_LNK || isdigit(*entry->d_name) || *entry->d_name == '.' ||
		    is_one_of(names, entry->d_name))
			continue;
		snprintf(path, sizeof(path), "%s/%s", at, entry->d_name);
		err = mount(folder ? VIEW_NONE : "/dev/null", path, NULL, MS_BIND, NULL);
		/* a driver's, which has just gone */
		if (err && errno == ENOENT)
			err = 0;
	}
	if (!dir)
		return -1;
	closedir(dir);
	return err;
}

/*
 * A guest's source can include any file that there is, and the compiler says what it doesn't
 * understand: what the host was booted with, its name and its devices are nobody's business.
 */
static int show_proc(void)
{
	static const char *const names[] = {
		"cpuinfo", "meminfo", "stat", "devices", "driver", "filesystems", "sys", NULL
	};
	static const char *const sys[] = { "vm", NULL };

	return mkdir(VIEW_AT "/proc", 0555) || mkdir(VIEW_NONE, 0555) ||
	       mount("proc", VIEW_AT "/proc", "proc",
		     MS_RDONLY | MS_NOSUID | MS_NODEV | MS_NOEXEC, NULL) ||
	       hide_but(VIEW_AT "/proc", names) || hide_but(VIEW_AT "/proc/sys", sys);
}

static int show_own(uid_t uid)
{
	char options[128];

	/* the worker's alone, whoever else might ever reach it */
	snprintf(options, sizeof(options), VIEW_TMPFS ",uid=%u,gid=%u", uid, uid);
	return show_proc() || mkdir(VIEW_AT "/tmp", 0755) ||
	       /* with code: what has been linked is loaded from here */
	       mount("tmpfs", VIEW_AT "/tmp", "tmpfs", MS_NOSUID | MS_NODEV, options);
}

/* Make the view the root; the one that was is under it then, until it is unmounted. */
static int enter(void)
{
	return mount(NULL, VIEW_AT, NULL, MS_REMOUNT | MS_BIND | MS_RDONLY | MS_NOSUID | MS_NODEV,
		     NULL) ||
	       chdir(VIEW_AT) || syscall(SYS_pivot_root, ".", ".") ||
	       umount2(".", MNT_DETACH) || chdir("/");
}

/*
 * Where programs look for a place to write to.  PoCL's files go with the program that they
 * belong to, else a guest could fill the place with what it doesn't use any more.
 */
static int tell_home(void)
{
	return setenv("HOME", "/tmp", 1) || setenv("TMPDIR", "/tmp", 1) ||
	       setenv("CUDA_CACHE_DISABLE", "1", 1) ||
	       setenv("XDG_CACHE_HOME", "/tmp", 1) || setenv("POCL_CACHE_DIR", "/tmp/pocl", 1) ||
	       setenv("POCL_KERNEL_CACHE", "0", 1);
}

/**
 * sandbox_see() - see no files but some
 * @sandbox: which
 * @groups: groups that its device files belong to; empty
 *
 * Context: root, in a mount namespace and a PID namespace of its own.
 *
 * Return: 0, or -1 and errno.
 */
int sandbox_see(const struct sandbox *sandbox, struct sandbox_groups *groups)
{
	const char *const *at;

	/* the folders are for the worker to enter, whatever who began us keeps to himself */
	umask(022);
	if (mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL) ||
	    mount("tmpfs", VIEW_AT, "tmpfs", MS_NOSUID | MS_NODEV, "mode=0755,size=1m"))
		return -1;
	for (at = sandbox->view; *at; at++)
		if (show_pattern(*at, NULL))
			return -1;
	for (at = sandbox->nodes; at && *at; at++)
		if (show_pattern(*at, groups))
			return -1;
	if (show("/dev/null", MOUNT_ATTR_RDONLY | MOUNT_ATTR_NOSUID | MOUNT_ATTR_NOEXEC))
		return -1;
	return show_own(sandbox->uid) || enter() || tell_home() ? -1 : 0;
}
