// SPDX-License-Identifier: GPL-2.0
/*
 * An executor and its only worker, who breaks the rules of <linux/vgpu_exec.h> if it is told to.
 */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <sched.h>
#include <setjmp.h>
#include <signal.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include "exec_player.h"
#include "random.h"
#include "tap.h"

/**
 * exec_ioctl() - ioctl(2)
 * @fd: of what
 * @cmd: which
 * @arg: its structure
 *
 * Return: 0 or a negative errno.
 */
int exec_ioctl(int fd, unsigned long cmd, void *arg)
{
	return ioctl(fd, cmd, arg) ? -errno : 0;
}

/**
 * exec_open() - open the exec backend's device
 *
 * Return: a file descriptor, or -1.
 */
int exec_open(void)
{
	return open(EXEC_DEVICE, O_RDWR | O_CLOEXEC);
}

/**
 * exec_registration() - what registers the GPU of the scenario
 */
struct vgpu_exec_register exec_registration(void)
{
	struct vgpu_exec_register reg = {
		.size = sizeof(reg),
		.name = EXEC_NAME,
		.memory_size = EXEC_MEMORY,
		.builtins = EXEC_BUILTINS,
		.depth = VGPU_EXEC_MAX_DEPTH,
	};

	return reg;
}

static __thread sigjmp_buf exec_fault;

static void exec_on_fault(int sig)
{
	siglongjmp(exec_fault, sig);
}

/**
 * exec_faults() - is that out of reach?
 * @at: where; while there is a player
 *
 * Return: whether it can't be read.
 */
bool exec_faults(const char *at)
{
	if (sigsetjmp(exec_fault, 1))
		return true;
	__atomic_load_n(at, __ATOMIC_RELAXED);
	return false;
}

/* Return 0, or the errno with which the channel ended. */
static int exec_enter(struct exec_player *p)
{
	struct vgpu_exec_enter enter = {
		.size = sizeof(enter),
		.fetched = p->ring.fetched,
		.timeout_ms = 1000,
	};
	int ret = exec_ioctl(p->channel, VGPU_EXEC_IOC_ENTER, &enter);

	return ret == -ETIMEDOUT || ret == -EINTR ? 0 : -ret;
}

static void exec_map(struct exec_player *p, const struct vgpu_dev_sqe *sqe)
{
	char *never;

	p->maps++;
	/* one is enough; what stays mapped keeps the channel's file */
	if (p->at)
		return;
	p->number = le32_to_cpu(sqe->fill.dst);
	p->size = le64_to_cpu(sqe->fill.length);
	p->at = mmap(NULL, p->size + 4096, PROT_READ | PROT_WRITE, MAP_SHARED, p->channel,
		     p->number * VGPU_EXEC_MMAP_BO);
	if (p->at == MAP_FAILED)
		return;
	p->faults += exec_faults(p->at + p->size);
	never = mmap(NULL, 4096, PROT_READ, MAP_SHARED, p->channel,
		     (p->number + 1) * VGPU_EXEC_MMAP_BO);
	if (never != MAP_FAILED) {
		p->faults += exec_faults(never);
		munmap(never, 4096);
	}
	if (mmap(NULL, 4096, PROT_READ, MAP_PRIVATE, p->channel,
		 p->number * VGPU_EXEC_MMAP_BO) == MAP_FAILED)
		p->faults += errno == EINVAL;
}

/* The guest's memory was mapped, and is not any more. */
static void exec_unmap(struct exec_player *p, const struct vgpu_dev_sqe *sqe)
{
	if (!p->at || le32_to_cpu(sqe->fill.dst) != p->number)
		return;
	p->faults += exec_faults(p->at);
	munmap(p->at, p->size + 4096);
	p->at = NULL;
}

static void exec_scribble(struct exec_player *p)
{
	struct random rnd = { .state = 5 };
	u64 *words = (u64 *)p->shared, i;

	for (i = 0; i < sizeof(*p->shared) / sizeof(*words); i++)
		words[i] = random_next(&rnd);
	/* and something that is taken for completions */
	memset(p->shared->cq, 0xff, sizeof(p->shared->cq));
}

/* Until there are EXEC_LATER entries behind the one that it is at */
static void exec_await_more(struct exec_player *p)
{
	u32 last = p->ring.fetched + EXEC_LATER - 1;
	const struct vgpu_dev_sqe *sqe = &p->ring.sq[last & p->ring.mask];

	sem_post(&p->given);
	/* the worker's fetch reads the rest of the entry, and loads this once more */
	while ((le32_to_cpu(virt_load_acquire(&sqe->control)) & VGPU_RING_PHASE) !=
	       vgpu_ring_phase(last, p->ring.mask))
		sched_yield();
}

/* A child has the rings, and the file.  It ends before this returns. */
static void exec_complete_in_child(struct exec_player *p, const struct vgpu_dev_sqe *sqe)
{
	struct vgpu_exec_enter enter = { .size = sizeof(enter) };
	int status = 1, ret;
	pid_t pid;

	pid = fork();
	if (!pid) {
		vgpu_ring_complete(&p->ring, sqe->user_data, 0, 0);
		ret = exec_ioctl(p->channel, VGPU_EXEC_IOC_ENTER, &enter);
		/* the job before, which was completed twice, may have been the channel's end */
		_exit(ret && ret != -ENODEV);
	}
	tap_must(pid > 0 && waitpid(pid, &status, 0) == pid && !status,
		 "a child of the worker's completes a job");
	p->ring.completed++;
}

/* What is done with a VGPU_EXEC_OP_WRITE.  Return whether there is still a channel. */
static bool exec_lie(struct exec_player *p, const struct vgpu_dev_sqe *sqe)
{
	u64 cookie = le64_to_cpu(sqe->user_data);

	switch (p->lie) {
	case EXEC_TWICE:
	case EXEC_AFTER:
		vgpu_ring_complete(&p->ring, sqe->user_data, 0, 0);
		break;
	case EXEC_FORK:
		exec_complete_in_child(p, sqe);
		break;
	case EXEC_UNKNOWN:
		vgpu_ring_complete(&p->ring, cpu_to_le64(cookie + (1ULL << 32)), 0, 0);
		break;
	case EXEC_SLOT:
		vgpu_ring_complete(&p->ring, cpu_to_le64(cookie | 0xffffffff), 0, 0);
		break;
	case EXEC_STATUS:
		vgpu_ring_complete(&p->ring, sqe->user_data, 0x7fff, 0);
		return true;
	case EXEC_TIME:
		vgpu_ring_complete(&p->ring, sqe->user_data, 0, 4000000000U);
		return true;
	case EXEC_CLOSE:
		munmap(p->shared, sizeof(*p->shared));
		close(p->channel);
		return false;
	case EXEC_LEAVE_LATER:
		exec_await_more(p);
		close(p->executor);
		p->executor = -1;
		return true;
	case EXEC_LEAVE:
		close(p->executor);
		p->executor = -1;
		return true;
	case EXEC_SCRIBBLE:
		exec_scribble(p);
		return true;
	case EXEC_HONEST:
		break;
	}
	vgpu_ring_complete(&p->ring, sqe->user_data, 0, 0);
	return true;
}

static bool exec_run(struct exec_player *p, const struct vgpu_dev_sqe *sqe)
{
	struct vgpu_exec_slot *slot =
		&p->shared->slot[le64_to_cpu(sqe->user_data) % VGPU_EXEC_ENTRIES];
	u32 opcode = le32_to_cpu(sqe->control) & ~VGPU_RING_PHASE;

	if (opcode == VGPU_EXEC_OP_BO_MAP)
		exec_map(p, sqe);
	else if (opcode == VGPU_EXEC_OP_BO_DESTROY)
		exec_unmap(p, sqe);
	else if (opcode == VGPU_EXEC_OP_WRITE && p->at &&
		 le32_to_cpu(sqe->copy.dst) == p->number)
		memcpy(p->at + le64_to_cpu(sqe->copy.dst_offset), slot->data,
		       le64_to_cpu(sqe->copy.length));
	if (opcode == VGPU_EXEC_OP_KERNEL) {
		p->kernel = *sqe;
		memcpy(p->kernel_arg, slot->arg, sizeof(p->kernel_arg));
		p->kernel_queue = slot->queue;
	} else if (opcode == VGPU_EXEC_OP_WRITE || opcode >= VGPU_EXEC_OP_BO_CREATE) {
		p->strays += !!slot->queue;
	}
	/* kernels before their module */
	if (opcode == VGPU_EXEC_OP_KERNEL_DESTROY && !p->ends[1])
		p->ends[0]++;
	if (opcode == VGPU_EXEC_OP_MODULE_DESTROY)
		p->ends[1]++;
	if (opcode == VGPU_EXEC_OP_NOP && !p->nops++)
		p->maps_first = p->maps;
	if (opcode == VGPU_EXEC_OP_WRITE)
		return exec_lie(p, sqe);
	vgpu_ring_complete(&p->ring, sqe->user_data, 0, 0);
	return true;
}

static int exec_attach(struct exec_player *p)
{
	struct vgpu_exec_attach attach = { .size = sizeof(attach), .executor = p->executor };
	struct vgpu_exec_event event;

	do {
		if (read(p->executor, &event, sizeof(event)) != sizeof(event))
			return -errno;
	} while (event.type != VGPU_EXEC_EVENT_START);
	attach.channel = event.channel;
	p->channel = exec_open();
	return exec_ioctl(p->channel, VGPU_EXEC_IOC_ATTACH, &attach);
}

/* It is alive. */
static void exec_pong(struct exec_player *p)
{
	struct pollfd pfd = { .fd = p->executor, .events = POLLIN };
	struct vgpu_exec_event event;

	if (!p->hung && poll(&pfd, 1, 0) == 1)
		tap_must(read(p->executor, &event, sizeof(event)) == sizeof(event) ||
			 errno == ENODEV, "the executor reads what there is");
}

static void *exec_play(void *arg)
{
	struct exec_player *p = arg;
	struct vgpu_dev_sqe sqe;
	bool open = true;

	p->ended = -exec_attach(p);
	if (p->ended)
		return NULL;
	p->shared = mmap(NULL, sizeof(*p->shared), PROT_READ | PROT_WRITE, MAP_SHARED,
			 p->channel, VGPU_EXEC_MMAP_SHARED);
	p->ring.sq = p->shared->sq;
	p->ring.cq = p->shared->cq;
	p->ring.events = &p->shared->events;
	p->ring.mask = VGPU_EXEC_ENTRIES - 1;
	if (p->tasks)
		pthread_create(&p->task_thread, NULL, exec_play_tasks, p);
	while (open && !p->ended && !__atomic_load_n(&p->quit, __ATOMIC_RELAXED)) {
		if (vgpu_ring_fetch(&p->ring, &sqe))
			open = exec_run(p, &sqe);
		else
			p->ended = exec_enter(p);
		exec_pong(p);
	}
	if (p->lie == EXEC_AFTER && p->ended) {
		exec_scribble(p);
		p->ended = exec_enter(p);
	}
	/* whose channel has ended, too */
	if (p->tasks)
		pthread_join(p->task_thread, NULL);
	/* else it keeps the channel's file */
	if (p->at)
		munmap(p->at, p->size + 4096);
	if (open) {
		munmap(p->shared, sizeof(*p->shared));
		close(p->channel);
	}
	return NULL;
}

static bool exec_begin(struct exec_player *p, struct vgpu_exec_register *reg)
{
	struct sigaction fault = { .sa_handler = exec_on_fault };

	sigaction(SIGBUS, &fault, NULL);
	sigaction(SIGSEGV, &fault, NULL);
	sem_init(&p->given, 0, 0);
	sem_init(&p->go, 0, 0);
	p->executor = exec_open();
	return tap_must(!exec_ioctl(p->executor, VGPU_EXEC_IOC_REGISTER, reg) &&
			!pthread_create(&p->thread, NULL, exec_play, p),
			"becomes the executor");
}

/**
 * exec_start() - become the executor of the GPU of the scenario
 * @p: the player
 * @lie: what its worker does
 *
 * Return: whether it is; if so, exec_stop() ends it.
 */
bool exec_start(struct exec_player *p, enum exec_lie lie)
{
	struct vgpu_exec_register reg = exec_registration();

	memset(p, 0, sizeof(*p));
	p->lie = lie;
	return exec_begin(p, &reg);
}

/**
 * exec_start_hung() - likewise, and read nothing once there is a worker
 * @p: the player
 *
 * Return: as exec_start().
 */
bool exec_start_hung(struct exec_player *p)
{
	struct vgpu_exec_register reg = exec_registration();

	memset(p, 0, sizeof(*p));
	p->hung = true;
	return exec_begin(p, &reg);
}

/**
 * exec_start_tasks() - likewise, of the one that takes modules
 * @p: the player
 * @lie: what its worker does with them
 *
 * Return: as exec_start().
 */
bool exec_start_tasks(struct exec_player *p, enum exec_task_lie lie)
{
	struct vgpu_exec_register reg = exec_registration();

	memset(p, 0, sizeof(*p));
	memset(reg.name, 0, sizeof(reg.name));
	memcpy(reg.name, EXEC_TASKS_NAME, sizeof(EXEC_TASKS_NAME));
	reg.formats = 1U << VGPU_MODULE_OPENCL_C;
	p->task = lie;
	p->tasks = true;
	return exec_begin(p, &reg);
}

/**
 * exec_stop() - wait for its worker, and be the executor no more
 * @p: the player; its worker's channel has ended, or is about to
 */
void exec_stop(struct exec_player *p)
{
	pthread_join(p->thread, NULL);
	if (p->executor >= 0)
		close(p->executor);
	sem_destroy(&p->given);
	sem_destroy(&p->go);
}
