// SPDX-License-Identifier: GPL-2.0
/* Device files in the wide sandbox: those that its engine names, and no others. */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <unistd.h>

#include "sandbox_test.h"

/* A node of this test's own, that only a group may use; in the folder where others are */
#define OWN		"/dev/vgpu-test-node"
#define OWN_GROUP	4242

static const char *const view[] = { "/usr", "/bin", "/lib*", "/no-such-folder*", NULL };

static const char *const nodes[] = {
	"/dev/zero", "/dev/f[u]ll", "/dev/no-such-node", "/dev/no-such-nodes*", "/etc/passwd",
	"/dev/pts", OWN, NULL
};

static int try_nodes(void)
{
	static const char *const absent[] = {
		"/dev/kmsg", "/dev/random", "/dev/mem", "/dev/kvm", "/dev/no-such-node",
		"/etc/passwd", "/dev/pts", "/no-such-folder",
	};
	char bytes[16] = "not zero";
	struct stat st;
	unsigned int i;
	int fd;

	fd = open("/dev/zero", O_RDWR | O_CLOEXEC);
	if (fd < 0 || read(fd, bytes, sizeof(bytes)) != sizeof(bytes) || *bytes)
		return 1;
	fd = open("/dev/full", O_RDWR | O_CLOEXEC);
	if (fd < 0 || write(fd, bytes, 1) != -1 || errno != ENOSPC)
		return 2;
	/* the file isn't to be changed */
	if (chmod("/dev/zero", 0600) != -1 || errno != EROFS)
		return 3;
	if (unlink("/dev/zero") != -1)
		return 4;
	for (i = 0; i < sizeof(absent) / sizeof(*absent); i++)
		if (!stat(absent[i], &st))
			return 10 + i;
	return 0;
}

/* What is there without a list */
static int try_none(void)
{
	struct stat st;

	return !stat("/dev/zero", &st) || stat("/dev/null", &st);
}

static int has_one_group(void)
{
	gid_t group[8];

	return getgroups(8, group) != 1;
}

static int has_no_group(void)
{
	gid_t group[8];

	return getgroups(8, group);
}

static int try_own(void)
{
	return open(OWN, O_RDWR | O_CLOEXEC) < 0;
}

static int try_space(void)
{
	struct rlimit space;

	if (getrlimit(RLIMIT_AS, &space))
		return 1;
	return space.rlim_cur > 1ULL << 40 && space.rlim_cur < 1ULL << 44 ? 0 : 2;
}

static bool is_there(void)
{
	if (geteuid())
		tap_skip("not root");
	return !geteuid();
}

static void test_nodes(void)
{
	struct outcome o = { .try = try_nodes, .view = view, .nodes = nodes };

	if (!is_there())
		return;
	CHECK_EQ(outcome_of(&o), 0);
	o.nodes = NULL;
	o.try = try_none;
	CHECK_EQ(outcome_of(&o), 0);
	o.reserves = true;
	o.try = try_space;
	CHECK_EQ(outcome_of(&o), 0);
}

static void test_groups(void)
{
	struct outcome o = {
		.try = try_own, .before = has_one_group, .view = view, .nodes = nodes,
	};

	if (!is_there())
		return;
	unlink(OWN);
	if (mknod(OWN, S_IFCHR | 0600, makedev(1, 5)) || chown(OWN, 0, OWN_GROUP)) {
		unlink(OWN);
		tap_skip("no device files can be made here");
		return;
	}
	chmod(OWN, 0660);
	CHECK_EQ(outcome_of(&o), 0);
	/* a group that may only read is none to be in, and root's never is */
	chmod(OWN, 0640);
	o.before = has_no_group;
	CHECK_EQ(outcome_of(&o), 1);
	if (!chown(OWN, 0, 0))
		chmod(OWN, 0660);
	CHECK_EQ(outcome_of(&o), 1);
	chmod(OWN, 0666);
	CHECK_EQ(outcome_of(&o), 0);
	unlink(OWN);
}

const struct tap_test nodes_tests[] = {
	{ "execd-sandbox-nodes", "a worker has the device files that its engine names",
	  test_nodes },
	{ "execd-sandbox-groups", "it is in the groups that those belong to", test_groups },
};

const size_t nodes_tests_count = sizeof(nodes_tests) / sizeof(*nodes_tests);
