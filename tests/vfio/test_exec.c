// SPDX-License-Identifier: GPL-2.0
/*
 * This process is VMM and guest in one thread, and in others executor and worker
 * (exec_player.c), who breaks the rules: it is told so, the guest gets an error, and the next
 * worker serves it.
 */
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "exec_player.h"
#include "gpu.h"
#include "mbox.h"
#include "module.h"
#include "tap.h"
#include "test_exec.h"

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
	/* of which none can be in a path, or in UTF-8 */
	static const char *const names[] = {
		"..", ".", "a/b", "/", "-a", "a b", "a\n", "a%s", "\xe9t\xe9", "a\xff", "a*",
	};
	char byte;
	u32 i;

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
	reg.formats = 1;
	tap_errno(exec_ioctl(fd, VGPU_EXEC_IOC_REGISTER, &reg), EOPNOTSUPP,
		  "modules that aren't built");
	reg.formats = 1U << VGPU_MODULE_FORMATS;
	tap_errno(exec_ioctl(fd, VGPU_EXEC_IOC_REGISTER, &reg), EOPNOTSUPP,
		  "modules of a format that there isn't");
	reg = good;
	reg.builtins |= 1ULL << 63;
	tap_errno(exec_ioctl(fd, VGPU_EXEC_IOC_REGISTER, &reg), EOPNOTSUPP,
		  "a kernel that there isn't");
	reg = good;
	memcpy(reg.name, "../exec", 8);
	tap_errno(exec_ioctl(fd, VGPU_EXEC_IOC_REGISTER, &reg), EINVAL, "a name that is a path");
	for (i = 0; i < sizeof(names) / sizeof(*names); i++) {
		reg = good;
		memset(reg.name, 0, sizeof(reg.name));
		memcpy(reg.name, names[i], strlen(names[i]));
		tap_errno(exec_ioctl(fd, VGPU_EXEC_IOC_REGISTER, &reg), EINVAL, "name %u", i);
	}
	reg = good;
	memset(reg.parent, '0', sizeof(reg.parent));
	tap_errno(exec_ioctl(fd, VGPU_EXEC_IOC_REGISTER, &reg), EINVAL, "a parent without an end");
	reg.parent[31] = 0;
	tap_errno(exec_ioctl(fd, VGPU_EXEC_IOC_REGISTER, &reg), ERANGE, "one that it hasn't");
	reg.name[0] = 'X';
	tap_errno(exec_ioctl(fd, VGPU_EXEC_IOC_REGISTER, &reg), ENXIO, "one that there isn't");
	memset(reg.parent, 0, sizeof(reg.parent));
	reg.memory_size = 0;
	tap_errno(exec_ioctl(fd, VGPU_EXEC_IOC_REGISTER, &reg), EINVAL, "no memory");
	reg.memory_size = 16 * 4096 - 1;
	tap_errno(exec_ioctl(fd, VGPU_EXEC_IOC_REGISTER, &reg), EINVAL, "too little to share");
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

/**
 * exec_is() - check an error
 * @got: what the device said
 * @want: what it should
 * @what: was done
 *
 * Return: whether it is right.
 */
bool exec_is(int got, int want, const char *what)
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
			want_next == VGPU_ERR_BACKEND_LOST ? want_next : VGPU_ERR_NONE,
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
	const int gone = VGPU_ERR_BACKEND_LOST;
	struct mbox m;
	u32 ctx;

	if (!mbox_open(&m, s, VFIO_PCI_MSIX_IRQ_INDEX))
		return;
	exec_is(gpu_ctx_create(&m, &ctx), VGPU_ERR_BACKEND_UNAVAILABLE,
		"a context, and nobody drives the GPU");
	exec_try(&m, EXEC_HONEST, "honest", 0, 0);
	exec_try(&m, EXEC_TWICE, "completed twice", 0, gone);
	exec_try(&m, EXEC_UNKNOWN, "completed what it was not given", gone, gone);
	exec_try(&m, EXEC_SLOT, "completed what there isn't", gone, gone);
	exec_try(&m, EXEC_STATUS, "a status that there isn't", VGPU_ERR_GPU, VGPU_ERR_GPU);
	exec_try(&m, EXEC_TIME, "a time that it can't have taken", 0, 0);
	exec_try(&m, EXEC_CLOSE, "a worker that dies", gone, gone);
	exec_try(&m, EXEC_LEAVE, "an executor that dies", gone, gone);
	exec_try(&m, EXEC_SCRIBBLE, "garbage in the rings", gone, gone);
	exec_try(&m, EXEC_FORK, "completed by a child, too", 0, gone);
	exec_try(&m, EXEC_AFTER, "completed after the end", 0, gone);
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

/* In the guest's memory, by page: the module, the log, arguments, and data; the queue behind */
enum { TASK_SOURCE, TASK_LOG, TASK_ARGS, TASK_DATA, TASK_PAGES, TASK_QUEUE = 8 };

static struct module_text task_text(u32 ctx, u32 bo)
{
	return (struct module_text){
		.ctx = ctx,
		.bo = bo,
		.code = TASK_SOURCE * 4096 + 16,
		.code_size = 64,
		.log = TASK_LOG * 4096 + 32,
		.log_size = 64,
		.options = "-O7",
	};
}

static int task_build(struct mbox *m, struct queue_mem *mem, u32 ctx, u32 bo, const char *source,
		      u32 *module)
{
	const struct module_text text = task_text(ctx, bo);

	memset(mem->va, 0, 8192);
	memcpy(mem->va + text.code, source, strlen(source));
	return module_build(m, &text, module);
}

/* A launch, as the worker is told of it */
static void task_launch(struct exec_player *p, struct mbox *m, struct queue_mem *mem, u32 ctx,
			u32 bo, u32 kernel)
{
	struct vgpu_dev_arg *arg = (void *)(mem->va + TASK_ARGS * 4096);
	struct vgpu_dev_sqe *sqe;
	struct vgpu_dev_cqe cqe;
	struct queue q;
	u32 i;

	if (!tap_must(!queue_create(&q, m, mem, ctx, TASK_QUEUE, 4), "a queue"))
		return;
	arg[0] = (struct vgpu_dev_arg){ cpu_to_le32(VGPU_ARG_BO), cpu_to_le32(bo),
					cpu_to_le64(TASK_DATA * 4096) };
	arg[1] = (struct vgpu_dev_arg){ 0, 0, cpu_to_le64(77) };
	arg[2] = (struct vgpu_dev_arg){ cpu_to_le32(VGPU_ARG_LOCAL), 0, cpu_to_le64(256) };
	sqe = queue_sqe(&q, 1);
	sqe->launch.kernel = cpu_to_le32(kernel);
	for (i = 0; i < 3; i++) {
		sqe->launch.grid[i] = cpu_to_le32(i + 2);
		sqe->launch.block[i] = cpu_to_le32(i + 5);
	}
	sqe->launch.shared = cpu_to_le32(64);
	sqe->launch.args = cpu_to_le32(bo);
	sqe->launch.args_offset = cpu_to_le64(TASK_ARGS * 4096);
	sqe->launch.args_length = cpu_to_le32(3 * sizeof(*arg));
	queue_submit(&q, VGPU_SQE_LAUNCH);
	queue_kick(&q);
	if (tap_must(queue_wait(&q, &cqe), "a launch completes"))
		exec_is(queue_status(&cqe), 0, "a launch");
	tap_ok(le32_to_cpu(p->kernel.launch.grid[2]) == 4 &&
	       le32_to_cpu(p->kernel.launch.block[0]) == 5 &&
	       le32_to_cpu(p->kernel.launch.shared) == 64, "of so many threads");
	tap_ok(p->kernel_arg[0].type == VGPU_ARG_BO &&
	       p->kernel_arg[0].value == TASK_DATA * 4096 &&
	       p->kernel_arg[0].length == (TASK_PAGES - TASK_DATA) * 4096 &&
	       p->kernel_arg[1].type == VGPU_ARG_VALUE && p->kernel_arg[1].value == 77 &&
	       p->kernel_arg[1].length == 4 && p->kernel_arg[2].type == VGPU_ARG_LOCAL &&
	       p->kernel_arg[2].length == 256, "with its arguments");
	tap_eq(p->kernel_queue, q.id + 1, "and the number of its queue");
	queue_destroy(&q);
}

static void task_honest(struct mbox *m, struct queue_mem *mem, enum exec_task_lie lie)
{
	u32 ctx, bo, module, kernel, other;
	struct exec_player p;

	if (!exec_start_tasks(&p, lie))
		return;
	if (tap_must(!gpu_ctx_create(m, &ctx), "a worker is started") &&
	    tap_must(!queue_bo(m, mem, ctx, 0, TASK_PAGES, &bo), "an object of guest memory")) {
		exec_is(task_build(m, mem, ctx, bo, "bad", &module), VGPU_ERR_BUILD,
			"a module that can't be built");
		tap_ok(!strcmp((char *)mem->va + TASK_LOG * 4096 + 32, "it is bad"),
		       "and its log");
		exec_is(task_build(m, mem, ctx, bo, "good", &module), 0, "one that can");
		tap_ok(!strcmp((char *)mem->va + TASK_LOG * 4096 + 32, "-O7"),
		       "with the options");
		exec_is(module_kernel(m, ctx, module, "four", &other), VGPU_ERR_UNSUPPORTED_OP,
			"a kernel that isn't there");
		exec_is(module_kernel(m, ctx, module, "three", &kernel), 0, "one that is");
		task_launch(&p, m, mem, ctx, bo, kernel);
		exec_is(module_unload(m, ctx, module), 0, "the module ends");
	}
	/* behind what the worker is told of that */
	exec_is(gpu_bo_create(m, ctx, 4096, &bo), 0, "another object");
	exec_is(gpu_ctx_destroy(m, ctx), 0, "the context ends");
	exec_stop(&p);
	tap_ok(p.ends[0] == 1 && p.ends[1] == 1, "the worker is told: the kernel first");
	tap_eq(p.strays, 0, "what is from no queue says so");
	if (lie == EXEC_TASK_ANSWERS)
		tap_eq(p.refused, 4 * (12 + VGPU_MAX_ARGS + 1) + 2, "what is no answer is refused");
}

static void task_try(struct mbox *m, struct queue_mem *mem, enum exec_task_lie lie, int want,
		     const char *what)
{
	struct exec_player p;
	u32 ctx, bo, module;

	if (!exec_start_tasks(&p, lie))
		return;
	if (tap_must(!gpu_ctx_create(m, &ctx), "a worker is started") &&
	    tap_must(!queue_bo(m, mem, ctx, 0, TASK_PAGES, &bo), "an object of guest memory"))
		exec_is(task_build(m, mem, ctx, bo, "good", &module), want, what);
	exec_is(gpu_ctx_destroy(m, ctx), 0, "the context ends");
	exec_stop(&p);
}

/* A reset doesn't wait for a compiler, whose answer then finds nobody. */
static void task_reset(struct session *s, struct mbox *m, struct queue_mem *mem)
{
	struct module_text text;
	struct mbox_request r;
	struct exec_player p;
	u32 ctx, bo;

	if (!exec_start_tasks(&p, EXEC_TASK_SLOW))
		return;
	if (tap_must(!gpu_ctx_create(m, &ctx), "a worker is started") &&
	    tap_must(!queue_bo(m, mem, ctx, 0, TASK_PAGES, &bo), "an object of guest memory")) {
		text = task_text(ctx, bo);
		module_request(&r, &text);
		tap_must(mbox_submit(m, &r), "a module is submitted");
		sem_wait(&p.given);
		tap_must(!session_reset(s), "a reset while it is built");
	}
	sem_post(&p.go);
	exec_stop(&p);
	tap_eq(p.refused, 1, "nobody waits for it any more");
}

/**
 * test_exec_tasks() - modules, by a worker that is honest, lies, dies or is slow
 * @s: an open session, of a vGPU whose GPU takes modules
 */
void test_exec_tasks(struct session *s)
{
	struct queue_mem mem;
	struct mbox m;

	if (!mbox_open(&m, s, VFIO_PCI_MSIX_IRQ_INDEX))
		return;
	if (queue_mem_open(&mem, s)) {
		task_honest(&m, &mem, EXEC_TASK_HONEST);
		task_honest(&m, &mem, EXEC_TASK_ANSWERS);
		task_try(&m, &mem, EXEC_TASK_STATUS, VGPU_ERR_GPU, "a status that there isn't");
		task_try(&m, &mem, EXEC_TASK_CLOSE, VGPU_ERR_BACKEND_LOST,
			 "a worker that dies");
		task_reset(s, &m, &mem);
		queue_mem_close(&mem);
	}
	mbox_close(&m);
}

/**
 * test_exec_slow() - a worker that takes too long over a module is ended
 * @s: as test_exec_tasks(); the limit is some seconds
 */
void test_exec_slow(struct session *s)
{
	struct exec_player p;
	struct queue_mem mem;
	u32 ctx, bo, module;
	struct mbox m;

	if (!mbox_open(&m, s, VFIO_PCI_MSIX_IRQ_INDEX))
		return;
	if (queue_mem_open(&mem, s)) {
		if (exec_start_tasks(&p, EXEC_TASK_SLOW)) {
			if (tap_must(!gpu_ctx_create(&m, &ctx), "a worker is started") &&
			    tap_must(!queue_bo(&m, &mem, ctx, 0, TASK_PAGES, &bo),
				     "an object of guest memory"))
				exec_is(task_build(&m, &mem, ctx, bo, "good", &module),
					VGPU_ERR_BACKEND_LOST, "a module that takes too long");
			exec_is(gpu_ctx_destroy(&m, ctx), 0, "the context ends");
			sem_post(&p.go);
			exec_stop(&p);
			tap_eq(p.refused, 1, "nobody waits for it any more");
		}
		queue_mem_close(&mem);
	}
	mbox_close(&m);
}
