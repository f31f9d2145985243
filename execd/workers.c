// SPDX-License-Identifier: GPL-2.0
/* Which process is the worker of which channel. */
#include <search.h>
#include <signal.h>
#include <stdlib.h>

#include "workers.h"

/**
 * struct started - a worker that there is
 * @channel: what it serves
 * @pid: its process
 */
struct started {
	__u64 channel;
	pid_t pid;
};

/* Root of a tree of these */
static void *workers;

static int started_compare(const void *a, const void *b)
{
	__u64 x = ((const struct started *)a)->channel, y = ((const struct started *)b)->channel;

	return x < y ? -1 : x > y;
}

/**
 * workers_add() - remember a worker
 * @channel: what it serves; no other that there is does
 * @pid: its process
 *
 * Return: false if there is no memory.  It could not be ended then, so it is not to go on.
 */
bool workers_add(__u64 channel, pid_t pid)
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

/**
 * workers_kill() - end a worker, if it is there
 * @channel: what it serves
 */
void workers_kill(__u64 channel)
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

/**
 * workers_forget() - a worker has ended
 * @pid: its process, which has just been waited for: until then nobody else has that number
 * @channel: what it served
 *
 * Return: false if it was none.
 */
bool workers_forget(pid_t pid, __u64 *channel)
{
	ended_pid = pid;
	ended = NULL;
	twalk(workers, find_ended);
	if (!ended)
		return false;
	*channel = ended->channel;
	tdelete(ended, &workers, started_compare);
	free(ended);
	return true;
}
