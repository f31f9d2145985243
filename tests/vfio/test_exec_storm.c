// SPDX-License-Identifier: GPL-2.0
/*
 * Workers and executors that do everything that they can at once, in no order, while a guest uses
 * the GPU and its VMM takes memory away.  What the guest gets may be an error; nothing may hang,
 * and afterwards an honest worker serves.
 */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "exec_player.h"
#include "gpu.h"
#include "mbox.h"
#include "random.h"
#include "tap.h"
#include "test_exec.h"
#include "watchdog.h"

#define STORM_THREADS	4U
#define STORM_ROUNDS	60U

#define VAIN_CALLS	5000U

#define CHURN_THREADS	3U
#define CHURN_ROUNDS	60U

/* Numbers of objects that there may be */
#define STORM_NUMBERS	8U

#define STORM_SIZE	(4U * QUEUE_PAGE)

/**
 * struct storm - a thread that does anything
 * @fd: with what: a channel
 * @stop: it is to end
 * @rnd: in which order
 * @calls: how many calls it has made
 * @thread: it
 */
struct storm {
	int fd;
	bool stop;
	struct random rnd;
	u64 calls;
	pthread_t thread;
};

static void storm_touch(char *at, u32 what)
{
	/* what is written to the guest's memory is the guest's loss */
	if (!exec_faults(at) && what & 1)
		exec_faults(at + STORM_SIZE - 1);
}

/* A mapping of something that may be there, moved, split, and gone */
static void storm_map(struct storm *st)
{
	u64 number = random_below(&st->rnd, STORM_NUMBERS), page = random_below(&st->rnd, 3);
	u32 what = random_below(&st->rnd, 16);
	char *at, *to;

	at = mmap(NULL, STORM_SIZE, PROT_READ | PROT_WRITE, MAP_SHARED, st->fd,
		  number * VGPU_EXEC_MMAP_BO + page * QUEUE_PAGE);
	if (at == MAP_FAILED)
		return;
	/* the rings are the other thread's, who is honest */
	if (number)
		storm_touch(at, what);
	if (what & 2)
		madvise(at, STORM_SIZE, MADV_DONTNEED);
	if (what & 4)
		mprotect(at + QUEUE_PAGE, QUEUE_PAGE, PROT_NONE);
	if (what & 8) {
		to = mremap(at, STORM_SIZE, STORM_SIZE, MREMAP_MAYMOVE);
		at = to == MAP_FAILED ? at : to;
	}
	if (number)
		storm_touch(at, what);
	munmap(at, STORM_SIZE);
}

static void storm_call(struct storm *st)
{
	struct vgpu_exec_enter enter = {
		.size = sizeof(enter), .fetched = random_next(&st->rnd),
		.timeout_ms = random_below(&st->rnd, 3),
	};
	struct vgpu_exec_task task = { .size = sizeof(task) };
	struct vgpu_exec_task_done done = {
		.size = sizeof(done), .id = random_below(&st->rnd, 64),
		.nargs = random_below(&st->rnd, VGPU_MAX_ARGS),
	};
	struct vgpu_exec_attach attach = {
		.size = sizeof(attach), .executor = st->fd,
		.channel = random_below(&st->rnd, 1000),
	};
	struct vgpu_exec_register reg = exec_registration();
	struct pollfd pfd = { .fd = st->fd, .events = POLLIN };
	char bytes[64];

	switch (random_below(&st->rnd, 8)) {
	case 0:
		exec_ioctl(st->fd, VGPU_EXEC_IOC_ENTER, &enter);
		break;
	case 1:
		exec_ioctl(st->fd, VGPU_EXEC_IOC_TASK_GET, &task);
		break;
	case 2:
		exec_ioctl(st->fd, VGPU_EXEC_IOC_TASK_DONE, &done);
		break;
	case 3:
		exec_ioctl(st->fd, VGPU_EXEC_IOC_ATTACH, &attach);
		break;
	case 4:
		exec_ioctl(st->fd, VGPU_EXEC_IOC_REGISTER, &reg);
		break;
	case 5:
		if (!poll(&pfd, 1, 0) && read(st->fd, bytes, sizeof(bytes)) > 0)
			tap_must(false, "a channel can't be read");
		break;
	default:
		storm_map(st);
	}
	__atomic_add_fetch(&st->calls, 1, __ATOMIC_RELAXED);
}

static void *storm_run(void *arg)
{
	struct storm *st = arg;

	while (!__atomic_load_n(&st->stop, __ATOMIC_RELAXED))
		storm_call(st);
	return NULL;
}

/* A descriptor of its own, as another process has that was given one: the file is the same. */
static bool storm_begin(struct storm *st, int channel, u64 seed)
{
	*st = (struct storm){ .fd = dup(channel), .rnd = { .state = seed } };
	return tap_must(st->fd >= 0 && !pthread_create(&st->thread, NULL, storm_run, st),
			"begins a thread");
}

static u64 storm_end(struct storm *st)
{
	__atomic_store_n(&st->stop, true, __ATOMIC_RELAXED);
	pthread_join(st->thread, NULL);
	close(st->fd);
	return st->calls;
}

/* Where the device sees the memory of a round: what the VMM has taken away stays so */
static u64 storm_iova(u64 seed, u32 round)
{
	return QUEUE_IOVA * 2 + (seed * STORM_ROUNDS + round) * 3 * STORM_SIZE;
}

/* Objects of guest memory that come, are written and go, with the memory itself now and then */
static void storm_guest(struct session *s, struct mbox *m, struct queue_mem *mem, u32 ctx,
			u64 seed)
{
	bool good = true;
	u32 i, bo[3], n;
	u64 iova;

	for (i = 0; i < STORM_ROUNDS && good; i++) {
		iova = storm_iova(seed, i);
		good = tap_must(!session_dma_map(s, mem->va, iova, 3 * STORM_SIZE), "maps memory");
		for (n = 0; n < 3 && good; n++)
			good = tap_must(!queue_bo_at(m, mem, ctx, iova + n * STORM_SIZE, 4, &bo[n]),
					"an object");
		for (n = 0; n < 3 && good; n++)
			good = tap_must(!gpu_bo_write(m, ctx, bo[n], 0, "abcd", 4), "a write");
		/* before the objects end, or after that */
		if (i % 2)
			session_dma_unmap(s, iova, 3 * STORM_SIZE);
		for (n = 0; n < 3 && good; n++)
			gpu_bo_destroy(m, ctx, bo[n]);
		if (!(i % 2))
			session_dma_unmap(s, iova, 3 * STORM_SIZE);
	}
}

static void storm_try(struct session *s, struct mbox *m, struct queue_mem *mem, u64 seed)
{
	struct storm storm[STORM_THREADS];
	struct exec_player p;
	u32 ctx, i, begun;
	u64 calls = 0;

	if (!exec_start(&p, EXEC_HONEST) || !tap_must(!gpu_ctx_create(m, &ctx), "a worker"))
		return;
	for (begun = 0; begun < STORM_THREADS; begun++)
		if (!storm_begin(&storm[begun], p.channel, seed + begun))
			break;
	storm_guest(s, m, mem, ctx, seed);
	/* they go on when the channel has ended, and keep its file */
	exec_is(gpu_ctx_destroy(m, ctx), 0, "the context ends");
	for (i = 0; i < begun; i++)
		calls += storm_end(&storm[i]);
	exec_stop(&p);
	tap_ok(calls > STORM_ROUNDS, "%llu calls beside it", (unsigned long long)calls);
}

/**
 * test_exec_storm() - a worker that does everything at once
 * @s: an open session
 */
void test_exec_storm(struct session *s)
{
	struct queue_mem mem;
	struct mbox m;
	u32 i;

	if (!mbox_open(&m, s, VFIO_PCI_MSIX_IRQ_INDEX))
		return;
	if (queue_mem_open(&mem, s)) {
		for (i = 0; i < 2; i++)
			storm_try(s, &m, &mem, 1 + i * STORM_THREADS);
		queue_mem_close(&mem);
	}
	mbox_close(&m);
}

/**
 * test_exec_vain() - a worker that calls in vain, VAIN_CALLS times
 * @s: an open session
 *
 * The scenario counts what the kernel does for it.
 */
void test_exec_vain(struct session *s)
{
	/* always another than it would be given: so nobody waits */
	struct vgpu_exec_enter enter = { .size = sizeof(enter), .fetched = 1U << 31 };
	struct exec_player p;
	u32 ctx, bo, i;
	struct mbox m;

	if (!mbox_open(&m, s, VFIO_PCI_MSIX_IRQ_INDEX))
		return;
	if (exec_start(&p, EXEC_HONEST)) {
		if (tap_must(!gpu_ctx_create(&m, &ctx), "a worker")) {
			for (i = 0; i < VAIN_CALLS; i++)
				if (exec_ioctl(p.channel, VGPU_EXEC_IOC_ENTER, &enter))
					break;
			tap_eq(i, VAIN_CALLS, "calls in vain");
			exec_is(gpu_bo_create(&m, ctx, 4096, &bo), 0, "an object");
			exec_is(gpu_ctx_destroy(&m, ctx), 0, "the context ends");
			exec_stop(&p);
		}
	}
	mbox_close(&m);
}

/* Give what was told to a worker that may do anything, or to none. */
static void churn_event(struct storm *st, int executor, const struct vgpu_exec_event *event)
{
	struct vgpu_exec_attach attach = {
		.size = sizeof(attach), .executor = executor, .channel = event->channel,
	};
	struct vgpu_exec_enter enter = { .size = sizeof(enter), .timeout_ms = 1 };
	int fd = exec_open(), other = exec_open(), ret;
	char *rings;
	u32 i;

	if (event->type == VGPU_EXEC_EVENT_START && random_below(&st->rnd, 8)) {
		ret = exec_ioctl(fd, VGPU_EXEC_IOC_ATTACH, &attach);
		if (!ret && random_below(&st->rnd, 2) &&
		    !exec_ioctl(other, VGPU_EXEC_IOC_ATTACH, &attach))
			tap_must(false, "a channel has two workers");
		rings = mmap(NULL, QUEUE_PAGE, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
		for (i = random_below(&st->rnd, 20); !ret && i; i--)
			exec_ioctl(fd, VGPU_EXEC_IOC_ENTER, &enter);
		if (rings != MAP_FAILED)
			munmap(rings, QUEUE_PAGE);
	}
	close(fd);
	close(other);
}

/* Become the executor, if nobody is, for a while, and go. */
static void *churn_run(void *arg)
{
	struct vgpu_exec_register reg = exec_registration();
	struct vgpu_exec_event event;
	struct storm *st = arg;
	struct pollfd pfd = { .events = POLLIN };
	int fd;
	u32 i;

	while (!__atomic_load_n(&st->stop, __ATOMIC_RELAXED)) {
		fd = exec_open();
		fcntl(fd, F_SETFL, O_NONBLOCK);
		pfd.fd = fd;
		if (!exec_ioctl(fd, VGPU_EXEC_IOC_REGISTER, &reg)) {
			for (i = random_below(&st->rnd, 8); i; i--) {
				poll(&pfd, 1, 5);
				if (read(fd, &event, sizeof(event)) == sizeof(event))
					churn_event(st, fd, &event);
			}
			st->calls++;
		}
		close(fd);
	}
	return NULL;
}

/**
 * test_exec_churn() - executors that come and go, and attach workers or don't
 * @s: an open session
 */
void test_exec_churn(struct session *s)
{
	struct storm churn[CHURN_THREADS];
	u32 ctx, bo, i, begun, made = 0;
	struct exec_player p;
	u64 executors = 0;
	struct mbox m;

	if (!mbox_open(&m, s, VFIO_PCI_MSIX_IRQ_INDEX))
		return;
	for (begun = 0; begun < CHURN_THREADS; begun++) {
		churn[begun] = (struct storm){ .rnd = { .state = 7 + begun } };
		if (!tap_must(!pthread_create(&churn[begun].thread, NULL, churn_run, &churn[begun]),
			      "begins a thread"))
			break;
	}
	for (i = 0; i < CHURN_ROUNDS; i++) {
		watchdog_pet();
		if (gpu_ctx_create(&m, &ctx))
			continue;
		made++;
		if (!gpu_bo_create(&m, ctx, 4096, &bo))
			gpu_bo_write(&m, ctx, bo, 0, "abcd", 4);
		tap_must(!gpu_ctx_destroy(&m, ctx), "a context ends");
	}
	for (i = 0; i < begun; i++) {
		__atomic_store_n(&churn[i].stop, true, __ATOMIC_RELAXED);
		pthread_join(churn[i].thread, NULL);
		executors += churn[i].calls;
	}
	tap_ok(executors > CHURN_THREADS && made, "%llu executors, %u contexts",
	       (unsigned long long)executors, made);
	if (exec_start(&p, EXEC_HONEST)) {
		if (tap_must(!gpu_ctx_create(&m, &ctx), "an honest one serves")) {
			exec_is(gpu_bo_create(&m, ctx, 4096, &bo), 0, "and makes objects");
			exec_is(gpu_ctx_destroy(&m, ctx), 0, "which end");
			exec_stop(&p);
		}
	}
	mbox_close(&m);
}
