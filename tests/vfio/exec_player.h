/* SPDX-License-Identifier: GPL-2.0 */
/* An executor and its only worker, in threads of this process. */
#ifndef VFIO_CHECK_EXEC_PLAYER_H
#define VFIO_CHECK_EXEC_PLAYER_H

#include <linux/vgpu_exec.h>
#include <pthread.h>
#include <semaphore.h>
#include <stdbool.h>

#include <vgpu/ring.h>

#include "queue.h"

#define EXEC_DEVICE	"/dev/vgpu-exec"

/* As the scenario's vgpu-execd registered it */
#define EXEC_NAME	"reference0"
#define EXEC_MEMORY	(256ULL << 20)
#define EXEC_BUILTINS	((1ULL << VGPU_BUILTIN_COUNT) - 2)

/* Likewise, of a GPU that takes modules */
#define EXEC_TASKS_NAME	"tasks0"

/* See EXEC_LEAVE_LATER */
#define EXEC_LATER	4

/**
 * enum exec_lie - what a worker does with the first VGPU_EXEC_OP_WRITE
 * @EXEC_HONEST: what it should
 * @EXEC_TWICE: completes it twice
 * @EXEC_UNKNOWN: completes what it was never given
 * @EXEC_SLOT: the same, of a slot that there isn't
 * @EXEC_STATUS: completes it with a status that there isn't
 * @EXEC_TIME: completes it, and says that it took four seconds
 * @EXEC_CLOSE: closes its channel
 * @EXEC_LEAVE: closes the executor
 * @EXEC_LEAVE_LATER: the same when it has EXEC_LATER entries more
 * @EXEC_SCRIBBLE: writes garbage everywhere
 * @EXEC_FORK: has a child of its complete it, and completes it itself as well
 * @EXEC_AFTER: completes it twice, and when it has been told that its channel has ended it writes
 *	garbage everywhere, and calls
 */
enum exec_lie {
	EXEC_HONEST,
	EXEC_TWICE,
	EXEC_UNKNOWN,
	EXEC_SLOT,
	EXEC_STATUS,
	EXEC_TIME,
	EXEC_CLOSE,
	EXEC_LEAVE,
	EXEC_LEAVE_LATER,
	EXEC_SCRIBBLE,
	EXEC_FORK,
	EXEC_AFTER,
};

/**
 * enum exec_task_lie - what a worker does with a task
 * @EXEC_TASK_HONEST: what it should: builds what doesn't begin with "bad", and finds a kernel
 *	"three": a buffer, a number of 4 bytes, local memory
 * @EXEC_TASK_ANSWERS: answers what nobody asked, and with arguments that there can't be, first
 * @EXEC_TASK_STATUS: says a status that there isn't
 * @EXEC_TASK_CLOSE: closes its channel
 * @EXEC_TASK_SLOW: waits for &exec_player.go
 */
enum exec_task_lie {
	EXEC_TASK_HONEST,
	EXEC_TASK_ANSWERS,
	EXEC_TASK_STATUS,
	EXEC_TASK_CLOSE,
	EXEC_TASK_SLOW,
};

/**
 * struct exec_player - an executor and its only worker
 * @executor: file descriptor
 * @channel: file descriptor
 * @lie: what it does
 * @shared: the rings
 * @ring: its side of them
 * @thread: runs it
 * @ended: with what VGPU_EXEC_IOC_ENTER ended, an errno
 * @at: an object of guest memory, mapped with a page more than it has
 * @size: its size
 * @number: its number
 * @maps: objects of guest memory that it was told of
 * @faults: accesses to what wasn't granted that ended as they should
 * @nops: jobs that do nothing that it was given
 * @maps_first: @maps when it was given the first of these
 * @hung: it doesn't read what it is told as an executor, but for the first thing
 * @task: what its other thread does, if @tasks
 * @tasks: there is one
 * @task_thread: runs it
 * @given: posted when it has been given a task
 * @go: and waits for this, if it is to be slow
 * @quit: it says that all of the worker is to end
 * @refused: answers of it that were refused as they should
 * @kernel: the last kernel that was launched, as it was told
 * @kernel_arg: its arguments
 * @kernel_queue: its queue
 * @strays: of what comes from no queue, how much was said to
 * @ends: how many kernels have ended, and then modules
 */
struct exec_player {
	int executor;
	int channel;
	enum exec_lie lie;
	struct vgpu_exec_shared *shared;
	struct vgpu_ring_device ring;
	pthread_t thread;
	int ended;
	char *at;
	u64 size;
	u32 number;
	u32 maps;
	u32 faults;
	u32 nops;
	u32 maps_first;
	bool hung;
	enum exec_task_lie task;
	bool tasks;
	pthread_t task_thread;
	sem_t given;
	sem_t go;
	bool quit;
	u32 refused;
	struct vgpu_dev_sqe kernel;
	struct vgpu_exec_arg kernel_arg[3];
	u32 kernel_queue;
	u32 strays;
	u32 ends[2];
};

int exec_open(void);
int exec_ioctl(int fd, unsigned long cmd, void *arg);
struct vgpu_exec_register exec_registration(void);
bool exec_start(struct exec_player *p, enum exec_lie lie);
bool exec_start_hung(struct exec_player *p);
bool exec_start_tasks(struct exec_player *p, enum exec_task_lie lie);
void exec_stop(struct exec_player *p);
bool exec_faults(const char *at);

/* test_exec.c */
bool exec_is(int got, int want, const char *what);

/* exec_task.c */
void *exec_play_tasks(void *player);

#endif /* VFIO_CHECK_EXEC_PLAYER_H */
