// SPDX-License-Identifier: GPL-2.0
/* A worker's other thread, which is asked to build modules. */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>

#include "exec_player.h"

/* The guest's module and log are in one page each. */
static char *task_map(struct exec_player *p, const struct vgpu_exec_arg *range)
{
	char *at = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_SHARED, p->channel,
			range->bo * VGPU_EXEC_MMAP_BO + (range->value & ~4095ULL));

	return at == MAP_FAILED ? NULL : at;
}

static u32 task_build(struct exec_player *p, const struct vgpu_exec_task *task)
{
	char *code = task_map(p, &task->code), *log = task_map(p, &task->log);
	u32 status = VGPU_ERR_GPU;

	if (code && log) {
		status = memcmp(code + task->code.value % 4096, "bad", 3) ? 0 : VGPU_ERR_BUILD;
		snprintf(log + task->log.value % 4096, task->log.length, "%s",
			 status ? "it is bad" : task->text);
	}
	if (code)
		munmap(code, 4096);
	if (log)
		munmap(log, 4096);
	return status;
}

static void task_kernel(const struct vgpu_exec_task *task, struct vgpu_exec_task_done *done)
{
	if (strcmp(task->text, "three")) {
		done->status = VGPU_ERR_UNSUPPORTED_OP;
		return;
	}
	done->nargs = 3;
	done->arg[0].type = VGPU_ARG_BO;
	done->arg[1].type = VGPU_ARG_VALUE;
	done->arg[1].size = 4;
	done->arg[2].type = VGPU_ARG_LOCAL;
}

static void task_refused(struct exec_player *p, struct vgpu_exec_task_done *done, int want)
{
	p->refused += exec_ioctl(p->channel, VGPU_EXEC_IOC_TASK_DONE, done) == want;
}

/* All that isn't an answer, before the answer */
static void task_bad_answers(struct exec_player *p, const struct vgpu_exec_task *task,
			     const struct vgpu_exec_task_done *good)
{
	struct vgpu_exec_task_done bad;
	u32 i;

#define TASK_BAD(change, want) do {	\
	bad = *good;			\
	change;				\
	task_refused(p, &bad, want);	\
} while (0)
	TASK_BAD(bad.id++, -ENOENT);
	TASK_BAD(bad.id = 0, -ENOENT);
	TASK_BAD(bad.size = 16, -EINVAL);
	TASK_BAD(bad.__reserved = 1, -EINVAL);
	TASK_BAD(bad.nargs = VGPU_MAX_ARGS + 1, -EINVAL);
	TASK_BAD(bad.nargs = ~0U, -EINVAL);
	TASK_BAD((bad.nargs = 1, bad.arg[0].type = 3), -EINVAL);
	TASK_BAD((bad.nargs = 1, bad.arg[0].type = 0, bad.arg[0].size = 0), -EINVAL);
	TASK_BAD((bad.nargs = 1, bad.arg[0].type = 0, bad.arg[0].size = 9), -EINVAL);
	TASK_BAD((bad.nargs = 1, bad.arg[0].type = 1, bad.arg[0].size = 4), -EINVAL);
	TASK_BAD(bad.arg[0].__reserved = 1, -EINVAL);
	TASK_BAD((bad.nargs = 0, bad.arg[5].type = 1), -EINVAL);
	for (i = 0; i < VGPU_MAX_ARGS; i++)
		TASK_BAD(bad.arg[i].size = 255, -EINVAL);
	if (task->type == VGPU_EXEC_TASK_MODULE_BUILD)
		TASK_BAD((bad.nargs = 1, bad.arg[0].type = VGPU_ARG_BO), -EINVAL);
#undef TASK_BAD
}

/* Return false if it is over. */
static bool task_run(struct exec_player *p, const struct vgpu_exec_task *task)
{
	struct vgpu_exec_task_done done = { .size = sizeof(done), .id = task->id };

	sem_post(&p->given);
	if (p->task == EXEC_TASK_CLOSE) {
		__atomic_store_n(&p->quit, true, __ATOMIC_RELAXED);
		return false;
	}
	if (p->task == EXEC_TASK_SLOW) {
		/* by now the guest's memory is out of reach */
		sem_wait(&p->go);
		task_refused(p, &done, -ENOENT);
		return true;
	}
	if (task->type == VGPU_EXEC_TASK_MODULE_BUILD)
		done.status = task_build(p, task);
	else
		task_kernel(task, &done);
	if (p->task == EXEC_TASK_STATUS)
		done.status = 0x7fff;
	if (p->task == EXEC_TASK_ANSWERS)
		task_bad_answers(p, task, &done);
	exec_ioctl(p->channel, VGPU_EXEC_IOC_TASK_DONE, &done);
	if (p->task == EXEC_TASK_ANSWERS)
		task_refused(p, &done, -ENOENT);
	return true;
}

/**
 * exec_play_tasks() - a worker's other thread
 * @player: whose
 *
 * Return: NULL, when the channel has ended.
 */
void *exec_play_tasks(void *player)
{
	struct exec_player *p = player;
	int err;

	do {
		struct vgpu_exec_task task = { .size = sizeof(task), .timeout_ms = 1000 };

		err = exec_ioctl(p->channel, VGPU_EXEC_IOC_TASK_GET, &task);
		if (!err && !task_run(p, &task))
			break;
	} while (!err || err == -ETIMEDOUT || err == -EINTR);
	return NULL;
}
