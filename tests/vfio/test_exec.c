// SPDX-License-Identifier: GPL-2.0
/*
 * This process is VMM and guest in one thread, and in another executor and worker, who breaks
 * the rules of <linux/vgpu_exec.h>: it is told so, the guest gets an error, and the next worker
 * serves it.
 */
#include <errno.h>
#include <fcntl.h>
#include <linux/vgpu_exec.h>
#include <pthread.h>
#include <setjmp.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <unistd.h>

#include "gpu.h"
#include "mbox.h"
#include "queue.h"
#include "random.h"
#include "tap.h"
#include "test_exec.h"

#define EXEC_DEVICE	"/dev/vgpu-exec"

/* As the scenario's vgpu-execd registered it */
#define EXEC_NAME	"reference0"
#define EXEC_MEMORY	(256ULL << 20)
#define EXEC_BUILTINS	((1ULL << VGPU_BUILTIN_COUNT) - 2)

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
 * @EXEC_SCRIBBLE: writes garbage everywhere
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
	EXEC_SCRIBBLE,
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
 * @faults: accesses to what wasn't granted that ended as they should
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
	u32 faults;
};

static int exec_ioctl(int fd, unsigned long cmd, void *arg)
{
	return ioctl(fd, cmd, arg) ? -errno : 0;
}

static int exec_open(void)
{
	return open(EXEC_DEVICE, O_RDWR | O_CLOEXEC);
}

static struct vgpu_exec_register exec_registration(void)
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

/* Is that out of reach? */
static bool exec_faults(const char *at)
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

/* What is done with a VGPU_EXEC_OP_WRITE.  Return whether there is still a channel. */
static bool exec_lie(struct exec_player *p, const struct vgpu_dev_sqe *sqe)
{
	u64 cookie = le64_to_cpu(sqe->user_data);

	switch (p->lie) {
	case EXEC_TWICE:
		vgpu_ring_complete(&p->ring, sqe->user_data, 0, 0);
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
	if (opcode == VGPU_EXEC_OP_WRITE)
		return exec_lie(p, sqe);
	vgpu_ring_complete(&p->ring, sqe->user_data, 0, 0);
	return true;
}

static int exec_attach(struct exec_player *p)
{
	struct vgpu_exec_attach attach = { .size = sizeof(attach), .executor = p->executor };
	struct vgpu_exec_event event;

	if (read(p->executor, &event, sizeof(event)) != sizeof(event))
		return -errno;
	attach.channel = event.channel;
	p->channel = exec_open();
	return exec_ioctl(p->channel, VGPU_EXEC_IOC_ATTACH, &attach);
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
	while (open && !p->ended) {
		if (vgpu_ring_fetch(&p->ring, &sqe))
			open = exec_run(p, &sqe);
		else
			p->ended = exec_enter(p);
	}
	if (open) {
		munmap(p->shared, sizeof(*p->shared));
		close(p->channel);
	}
	return NULL;
}

static bool exec_start(struct exec_player *p, enum exec_lie lie)
{
	struct sigaction fault = { .sa_handler = exec_on_fault };
	struct vgpu_exec_register reg = exec_registration();

	memset(p, 0, sizeof(*p));
	p->lie = lie;
	sigaction(SIGBUS, &fault, NULL);
	sigaction(SIGSEGV, &fault, NULL);
	p->executor = exec_open();
	return tap_must(!exec_ioctl(p->executor, VGPU_EXEC_IOC_REGISTER, &reg) &&
			!pthread_create(&p->thread, NULL, exec_play, p),
			"becomes the executor");
}

static void exec_stop(struct exec_player *p)
{
	pthread_join(p->thread, NULL);
	if (p->executor >= 0)
		close(p->executor);
}

/**
 * test_exec_register() - calls that are wrong
 * @s: an open session
 */
void test_exec_register(struct session *s)
{
	struct vgpu_exec_register good = exec_registration(), reg;
	struct vgpu_exec_enter enter = { .size = sizeof(enter) };
	struct vgpu_exec_attach attach = { .size = sizeof(attach) };
	struct {
		struct vgpu_exec_register reg;
		u8 more[8];
	} large = { .reg = good };
	int fd = exec_open(), other = exec_open(), null = open("/dev/null", O_RDWR | O_CLOEXEC);
	char byte;

	(void)s;
	if (!tap_must(fd >= 0 && other >= 0, "opens " EXEC_DEVICE " twice"))
		return;
	tap_errno(exec_ioctl(fd, _IO(VGPU_EXEC_IOCTL_TYPE, 0xfe), &good), ENOTTY,
		  "an ioctl that there isn't");
	tap_errno(exec_ioctl(fd, VGPU_EXEC_IOC_REGISTER, NULL), EFAULT, "no structure");
	tap_errno(exec_ioctl(fd, VGPU_EXEC_IOC_ENTER, &enter), EPERM, "entered, and no channel");
	tap_eq(read(fd, &byte, 1) < 0 ? errno : 0, EPERM, "read, and no executor");
	tap_ok(mmap(NULL, 4096, PROT_READ, MAP_SHARED, fd, 0) == MAP_FAILED && errno == EPERM,
	       "mapped, and no channel");
	reg = good;
	reg.size = 8;
	tap_errno(exec_ioctl(fd, VGPU_EXEC_IOC_REGISTER, &reg), EINVAL, "too small a size");
	large.reg.size = sizeof(large);
	large.more[7] = 1;
	tap_errno(exec_ioctl(fd, VGPU_EXEC_IOC_REGISTER, &large), E2BIG, "more than there is");
	reg = good;
	reg.flags = 1;
	tap_errno(exec_ioctl(fd, VGPU_EXEC_IOC_REGISTER, &reg), EOPNOTSUPP, "a flag");
	reg = good;
	reg.__reserved = 1;
	tap_errno(exec_ioctl(fd, VGPU_EXEC_IOC_REGISTER, &reg), EINVAL, "what is reserved");
	reg = good;
	reg.builtins |= 1ULL << 63;
	tap_errno(exec_ioctl(fd, VGPU_EXEC_IOC_REGISTER, &reg), EOPNOTSUPP,
		  "a kernel that there isn't");
	reg = good;
	memcpy(reg.name, "../exec", 8);
	tap_errno(exec_ioctl(fd, VGPU_EXEC_IOC_REGISTER, &reg), EINVAL, "a name that is a path");
	memset(reg.name, 'x', sizeof(reg.name));
	tap_errno(exec_ioctl(fd, VGPU_EXEC_IOC_REGISTER, &reg), EINVAL, "a name without an end");
	memset(reg.name, 0, sizeof(reg.name));
	tap_errno(exec_ioctl(fd, VGPU_EXEC_IOC_REGISTER, &reg), EINVAL, "no name");
	reg = good;
	reg.depth = VGPU_EXEC_MAX_DEPTH + 1;
	tap_errno(exec_ioctl(fd, VGPU_EXEC_IOC_REGISTER, &reg), EINVAL, "too many jobs at a time");
	reg = good;
	reg.memory_size *= 2;
	tap_errno(exec_ioctl(fd, VGPU_EXEC_IOC_REGISTER, &reg), ERANGE, "other memory");
	reg = good;
	reg.builtins = 0;
	tap_errno(exec_ioctl(fd, VGPU_EXEC_IOC_REGISTER, &reg), ERANGE, "fewer kernels");
	tap_errno(exec_ioctl(fd, VGPU_EXEC_IOC_REGISTER, &good), 0, "then it is right");
	tap_errno(exec_ioctl(other, VGPU_EXEC_IOC_REGISTER, &good), EBUSY, "a second executor");
	tap_errno(exec_ioctl(fd, VGPU_EXEC_IOC_REGISTER, &good), EPERM, "the same once more");
	attach.executor = fd;
	tap_errno(exec_ioctl(fd, VGPU_EXEC_IOC_ATTACH, &attach), EPERM, "an executor as channel");
	tap_errno(exec_ioctl(other, VGPU_EXEC_IOC_ATTACH, &attach), ESTALE,
		  "a channel that nobody asked for");
	attach.executor = null;
	tap_errno(exec_ioctl(other, VGPU_EXEC_IOC_ATTACH, &attach), EPERM, "another's channel");
	attach.executor = -1;
	tap_errno(exec_ioctl(other, VGPU_EXEC_IOC_ATTACH, &attach), EBADF, "no file's channel");
	close(fd);
	tap_errno(exec_ioctl(other, VGPU_EXEC_IOC_REGISTER, &good), 0, "the next takes over");
	close(other);
	close(null);
}

static bool exec_is(int got, int want, const char *what)
{
	return tap_ok(got == want, "%s: got %s want %s", what, mbox_error_name(got),
		      mbox_error_name(want));
}

static void exec_try(struct mbox *m, enum exec_lie lie, const char *what, int want, int want_next)
{
	struct exec_player p;
	u32 ctx, bo;

	if (!exec_start(&p, lie))
		return;
	if (tap_must(!gpu_ctx_create(m, &ctx), "a worker is started") &&
	    tap_must(!gpu_bo_create(m, ctx, 4096, &bo), "makes an object")) {
		exec_is(gpu_bo_write(m, ctx, bo, 0, "abcd", 4), want, what);
		exec_is(gpu_bo_write(m, ctx, bo, 0, "abcd", 4), want_next, "what comes behind it");
		exec_is(gpu_bo_create(m, ctx, 4096, &bo),
			want_next == VGPU_ERR_BACKEND_UNAVAILABLE ? VGPU_ERR_NO_MEMORY :
								    VGPU_ERR_NONE,
			"an object behind it");
	}
	exec_is(gpu_ctx_destroy(m, ctx), VGPU_ERR_NONE, "the context ends");
	exec_stop(&p);
	if (lie != EXEC_CLOSE)
		tap_eq(p.ended, ENODEV, "%s: the worker is told", what);
}

/**
 * test_exec_lies() - workers that lie
 * @s: an open session
 */
void test_exec_lies(struct session *s)
{
	const int gone = VGPU_ERR_BACKEND_UNAVAILABLE;
	struct mbox m;
	u32 ctx;

	if (!mbox_open(&m, s, VFIO_PCI_MSIX_IRQ_INDEX))
		return;
	exec_is(gpu_ctx_create(&m, &ctx), gone, "a context, and nobody drives the GPU");
	exec_try(&m, EXEC_HONEST, "honest", 0, 0);
	exec_try(&m, EXEC_TWICE, "completed twice", 0, gone);
	exec_try(&m, EXEC_UNKNOWN, "completed what it was not given", gone, gone);
	exec_try(&m, EXEC_SLOT, "completed what there isn't", gone, gone);
	exec_try(&m, EXEC_STATUS, "a status that there isn't", VGPU_ERR_GPU, VGPU_ERR_GPU);
	exec_try(&m, EXEC_TIME, "a time that it can't have taken", 0, 0);
	exec_try(&m, EXEC_CLOSE, "a worker that dies", gone, gone);
	exec_try(&m, EXEC_LEAVE, "an executor that dies", gone, gone);
	exec_try(&m, EXEC_SCRIBBLE, "garbage in the rings", gone, gone);
	exec_try(&m, EXEC_HONEST, "honest again", 0, 0);
	mbox_close(&m);
}

/**
 * test_exec_maps() - guest memory is a worker's as long as it is granted, and no more of it
 * @s: an open session
 */
void test_exec_maps(struct session *s)
{
	struct queue_mem mem;
	struct exec_player p;
	u32 ctx, bo, i;
	struct mbox m;

	if (!mbox_open(&m, s, VFIO_PCI_MSIX_IRQ_INDEX))
		return;
	if (!queue_mem_open(&mem, s) || !exec_start(&p, EXEC_HONEST))
		goto out;
	if (!tap_must(!gpu_ctx_create(&m, &ctx), "a worker is started"))
		goto out;
	/* twice: ended by the guest, and taken away by the VMM */
	for (i = 0; i < 2; i++) {
		if (!tap_must(!queue_bo(&m, &mem, ctx, 0, 2, &bo), "an object of guest memory"))
			break;
		memset(mem.va, 0, 16);
		exec_is(gpu_bo_write(&m, ctx, bo, 4, "abcd", 4), 0, "the worker writes to it");
		tap_ok(!memcmp(mem.va, "\0\0\0\0abcd\0\0\0", 12), "and the guest sees it");
		if (!i)
			exec_is(gpu_bo_destroy(&m, ctx, bo), 0, "the object ends");
	}
	queue_mem_close(&mem);
	/* behind what the worker is told of that */
	exec_is(gpu_bo_create(&m, ctx, 4096, &bo), 0, "another object");
	exec_is(gpu_ctx_destroy(&m, ctx), 0, "the context ends");
	exec_stop(&p);
	tap_eq(p.faults, 8, "what isn't granted, not any more, or not there can't be reached");
out:
	mbox_close(&m);
}
