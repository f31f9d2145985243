// SPDX-License-Identifier: GPL-2.0
/*
 * The remover is a process, forked before the device is opened: one forked
 * later would hold the device's descriptors too, and so wait for itself.
 */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "irqset.h"
#include "mbox.h"
#include "tap.h"
#include "test_remove.h"

/**
 * struct remover - the process
 * @pid: its id
 * @go: written to: start
 * @done: hangs up when it ends
 */
struct remover {
	pid_t pid;
	int go;
	int done;
};

/* Runs in the child: async-signal-safe calls only. */
static void remover_run(const char *attribute, int go)
{
	char byte;
	int fd;

	/* nobody says go: the test is over before it began */
	if (read(go, &byte, 1) != 1)
		_exit(0);
	fd = open(attribute, O_WRONLY);
	if (fd < 0 || write(fd, "1", 1) != 1)
		_exit(errno & 0x7f);
	_exit(0);
}

static bool remover_start(struct remover *r, const char *path)
{
	char attribute[512];
	int go[2], done[2];

	snprintf(attribute, sizeof(attribute), "%s/remove", path);
	if (!tap_must(!pipe2(go, O_CLOEXEC) && !pipe2(done, O_CLOEXEC),
		      "makes pipes"))
		return false;
	r->pid = fork();
	if (!r->pid) {
		close(go[1]);
		close(done[0]);
		remover_run(attribute, go[0]);
	}
	close(go[0]);
	close(done[1]);
	r->go = go[1];
	r->done = done[0];
	return tap_must(r->pid > 0, "makes a process");
}

/* Waits until it has ended; returns its errno, or -1 if it takes too long. */
static int remover_wait(struct remover *r)
{
	struct pollfd pfd = { .fd = r->done };
	int status;

	close(r->go);
	if (poll(&pfd, 1, IRQSET_WAIT_MS) != 1)
		return -1;
	close(r->done);
	if (waitpid(r->pid, &status, 0) != r->pid || !WIFEXITED(status))
		return -1;
	return WEXITSTATUS(status);
}

/**
 * test_remove() - the host asks for the device; the VMM lets go
 * @s: a session without anything open.  Its device is no more afterwards
 */
void test_remove(struct session *s)
{
	int req = event_create(), err;
	struct remover r;
	struct stat st;
	bool asked;

	if (!remover_start(&r, s->path))
		return;
	if (!tap_must(!session_open(s), "opens: %s", s->error))
		goto out;
	tap_errno(irqset_fds(s, VFIO_PCI_REQ_IRQ_INDEX, 0, 1, &req), 0,
		  "sets an eventfd for REQ");
	mbox_works(s, "before anyone removes it");
	tap_eq(event_take(req), 0, "nobody has asked yet");
	if (!tap_must(write(r.go, "", 1) == 1, "starts the remover"))
		goto out;
	asked = tap_ok(event_wait(req), "REQ is signalled by a write to remove");
	if (asked)
		tap_eq((u64)waitpid(r.pid, NULL, WNOHANG), 0,
		       "the removal waits for us");
	session_close(s);
out:
	session_close(s);
	err = remover_wait(&r);
	if (tap_ok(err >= 0, "the removal ends once the device is closed"))
		tap_errno(-err, 0, "the write to remove");
	tap_ok(stat(s->path, &st) && errno == ENOENT, "the device is gone");
	close(req);
}
