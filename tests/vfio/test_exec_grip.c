// SPDX-License-Identifier: GPL-2.0
/*
 * A worker that holds on to guest memory: by every way that Linux has to keep a page that is
 * mapped, or to have it in another place or process than it was mapped.  When the guest takes the
 * memory back it is out of reach wherever it was.
 */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdint.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <sys/wait.h>
#include <unistd.h>

#include "exec_player.h"
#include "gpu.h"
#include "mbox.h"
#include "tap.h"
#include "test_exec.h"

#define GRIP_PAGES	4U
#define GRIP_SIZE	(GRIP_PAGES * QUEUE_PAGE)

/* More than there are of other files, fewer than a process may have */
#define GRIP_MAPS	512

/* Not all C libraries have it */
#define GRIP_POPULATE_WRITE	23

/* Pages are in a pipe, without being copied */
static bool grip_pipe(char *at)
{
	struct iovec range = { at, QUEUE_PAGE };
	bool refused = false;
	int ends[2];

	if (pipe2(ends, O_CLOEXEC | O_NONBLOCK))
		return false;
	refused = vmsplice(ends[1], &range, 1, SPLICE_F_NONBLOCK) < 0 && errno == EFAULT;
	close(ends[0]);
	close(ends[1]);
	return refused;
}

/* What registers buffers keeps them */
static bool grip_ring(char *at)
{
	/* struct io_uring_params; IORING_REGISTER_BUFFERS is 0 */
	struct iovec range = { at, QUEUE_PAGE };
	u32 params[30] = { };
	int fd = syscall(SYS_io_uring_setup, 4, params), ret;

	if (fd < 0)
		return errno == ENOSYS || errno == EPERM;
	ret = syscall(SYS_io_uring_register, fd, 0, &range, 1);
	close(fd);
	return ret < 0;
}

/* A disk, or what looks like one, reads and writes where it is told */
static bool grip_direct(char *at)
{
	int fd = open("/proc/self/exe", O_RDONLY | O_DIRECT | O_CLOEXEC);
	ssize_t got = fd < 0 ? -1 : pread(fd, at, QUEUE_PAGE, 0);

	/* a file system that hasn't that copies, and keeps nothing */
	if (fd >= 0)
		close(fd);
	return fd < 0 || got < 0 || (size_t)got == QUEUE_PAGE;
}

static bool grip_other(char *at)
{
	char byte;
	struct iovec to = { &byte, 1 }, from = { at, 1 };
	int fd;
	bool refused;

	if (process_vm_readv(getpid(), &to, 1, &from, 1, 0) >= 0)
		return false;
	fd = open("/proc/self/mem", O_RDWR | O_CLOEXEC);
	refused = fd >= 0 && pread(fd, &byte, 1, (off_t)(uintptr_t)at) < 0 &&
		  pwrite(fd, "x", 1, (off_t)(uintptr_t)at) < 0;
	if (fd >= 0)
		close(fd);
	return refused;
}

/* A child that outlives its parent has none of it. */
static bool grip_child(char *at)
{
	int status = 0;
	pid_t pid;

	if (madvise(at, GRIP_SIZE, MADV_DOFORK) == 0)
		return false;
	pid = fork();
	if (!pid) {
		signal(SIGSEGV, SIG_DFL);
		signal(SIGBUS, SIG_DFL);
		_exit(__atomic_load_n(at, __ATOMIC_RELAXED) == 0x55);
	}
	return pid > 0 && waitpid(pid, &status, 0) == pid && WIFSIGNALED(status);
}

/* Return how many of the ways are open. */
static unsigned int grip_pins(char *at)
{
	static const struct {
		bool (*refused)(char *at);
		const char *what;
	} ways[] = {
		{ grip_pipe, "vmsplice()" }, { grip_ring, "io_uring's buffers" },
		{ grip_direct, "O_DIRECT" }, { grip_other, "another process' eyes" },
		{ grip_child, "fork()" },
	};
	unsigned int open = 0, i;

	for (i = 0; i < sizeof(ways) / sizeof(*ways); i++) {
		if (ways[i].refused(at))
			continue;
		tap_note("%s gets at it", ways[i].what);
		open++;
	}
	if (!madvise(at, GRIP_SIZE, GRIP_POPULATE_WRITE)) {
		tap_note("it can be populated");
		open++;
	}
	return open;
}

/* More of it than was mapped, and the same once more: neither went by the driver. */
static bool grip_cannot_grow(char *at)
{
	return mremap(at, GRIP_SIZE, 4 * GRIP_SIZE, MREMAP_MAYMOVE) == MAP_FAILED &&
	       mremap(at + QUEUE_PAGE, 0, GRIP_SIZE, MREMAP_MAYMOVE) == MAP_FAILED &&
	       mremap(at, GRIP_SIZE, GRIP_SIZE, MREMAP_MAYMOVE | MREMAP_DONTUNMAP,
		      NULL) == MAP_FAILED;
}

/**
 * struct grip - where a worker has mapped an object
 * @moved: a mapping that isn't where it was
 * @split: one that is in three, with a hole
 * @more: further ones
 * @count: how many
 */
struct grip {
	char *moved;
	char *split;
	char *more[GRIP_MAPS];
	u32 count;
};

static char *grip_map(const struct exec_player *p)
{
	char *at = mmap(NULL, GRIP_SIZE, PROT_READ | PROT_WRITE, MAP_SHARED, p->channel,
			p->number * VGPU_EXEC_MMAP_BO);

	return at == MAP_FAILED ? NULL : at;
}

static bool grip_touch(char *at)
{
	u32 i;

	for (i = 0; i < GRIP_PAGES; i++)
		if (exec_faults(at + i * QUEUE_PAGE))
			return false;
	return true;
}

static bool grip_take(struct grip *g, const struct exec_player *p)
{
	char *at = grip_map(p), *to;

	g->split = grip_map(p);
	if (!at || !g->split || !grip_touch(at) || !grip_touch(g->split))
		return false;
	to = mmap(NULL, GRIP_SIZE, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	g->moved = mremap(at, GRIP_SIZE, GRIP_SIZE, MREMAP_MAYMOVE | MREMAP_FIXED, to);
	if (g->moved == MAP_FAILED || !grip_touch(g->moved))
		return false;
	if (munmap(g->split + QUEUE_PAGE, QUEUE_PAGE) ||
	    mprotect(g->split + 2 * QUEUE_PAGE, QUEUE_PAGE, PROT_READ))
		return false;
	for (g->count = 0; g->count < GRIP_MAPS; g->count++) {
		g->more[g->count] = grip_map(p);
		if (!g->more[g->count] || !grip_touch(g->more[g->count]))
			return false;
	}
	return true;
}

/* Return how many pages can still be reached. */
static u32 grip_left(const struct grip *g)
{
	u32 left = 0, i, page;

	for (page = 0; page < GRIP_PAGES; page++) {
		left += !exec_faults(g->moved + page * QUEUE_PAGE);
		left += page != 1 && !exec_faults(g->split + page * QUEUE_PAGE);
		for (i = 0; i < g->count; i++)
			left += !exec_faults(g->more[i] + page * QUEUE_PAGE);
	}
	return left;
}

static void grip_drop(struct grip *g)
{
	u32 i;

	munmap(g->moved, GRIP_SIZE);
	munmap(g->split, GRIP_SIZE);
	for (i = 0; i < g->count; i++)
		munmap(g->more[i], GRIP_SIZE);
}

/* Who takes it away */
enum grip_end { GRIP_GUEST, GRIP_CONTEXT, GRIP_VMM, GRIP_ENDS };

/* Where the device sees the same memory once more: what the VMM took away stays so */
#define GRIP_IOVA	(QUEUE_IOVA + (1ULL << 32))

static void grip_end(struct session *s, struct mbox *m, u32 ctx, u32 bo, enum grip_end end)
{
	int ret;

	switch (end) {
	case GRIP_GUEST:
		exec_is(gpu_bo_destroy(m, ctx, bo), 0, "the guest ends the object");
		break;
	case GRIP_VMM:
		ret = session_dma_unmap(s, GRIP_IOVA, GRIP_SIZE);
		tap_must(ret >= 0, "the VMM takes the memory away");
		break;
	default:
		exec_is(gpu_ctx_destroy(m, ctx), 0, "the context ends");
	}
}

static void grip_try(struct session *s, struct mbox *m, struct queue_mem *mem, enum grip_end end)
{
	static struct grip grip;
	struct exec_player p;
	u32 ctx, bo;

	if (!exec_start(&p, EXEC_HONEST) || !tap_must(!gpu_ctx_create(m, &ctx), "a worker"))
		return;
	if (tap_must(!queue_bo_at(m, mem, ctx, GRIP_IOVA, GRIP_PAGES, &bo), "guest memory") &&
	    tap_must(!gpu_bo_write(m, ctx, bo, 4, "abcd", 4), "the worker writes to it")) {
		tap_eq(grip_pins(p.at), 0, "ways to keep a page");
		tap_ok(grip_cannot_grow(p.at), "no mapping grows, or becomes two");
		tap_must(grip_take(&grip, &p), "it is mapped everywhere");
		grip_end(s, m, ctx, bo, end);
		tap_eq(grip_left(&grip), 0, "pages that can be reached then");
		grip_drop(&grip);
	}
	if (end != GRIP_CONTEXT)
		exec_is(gpu_ctx_destroy(m, ctx), 0, "the context ends");
	exec_stop(&p);
}

/**
 * test_exec_grip() - a worker that holds on to guest memory
 * @s: an open session
 */
void test_exec_grip(struct session *s)
{
	struct queue_mem mem;
	enum grip_end end;
	struct mbox m;

	if (!mbox_open(&m, s, VFIO_PCI_MSIX_IRQ_INDEX))
		return;
	if (queue_mem_open(&mem, s)) {
		tap_errno(session_dma_map(s, mem.va, GRIP_IOVA, GRIP_SIZE), 0, "maps it again");
		for (end = 0; end < GRIP_ENDS; end++)
			grip_try(s, &m, &mem, end);
		queue_mem_close(&mem);
	}
	mbox_close(&m);
}
