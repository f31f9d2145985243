// SPDX-License-Identifier: GPL-2.0
/*
 * Finding out what an engine can do.  Always in a child: the vendors' libraries begin threads,
 * which the workers that are forked later would not have.  It is done in the sandbox that workers
 * are in, and includes a job: what doesn't work there is known before there is a GPU.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include "probe.h"

static bool wait_for(pid_t pid, const char *name)
{
	int status;

	if (waitpid(pid, &status, 0) != pid)
		return false;
	if (WIFSIGNALED(status))
		fprintf(stderr, "vgpu-execd: %s: its software ended with: %s\n", name,
			strsignal(WTERMSIG(status)));
	return !status;
}

/**
 * probe_list() - print an engine's devices
 * @ops: whose
 *
 * Return: true if there are any.
 */
bool probe_list(const struct engine_ops *ops)
{
	pid_t pid;

	fflush(stdout);
	pid = fork();
	if (pid < 0)
		return false;
	if (!pid) {
		bool any = ops->list();

		fflush(stdout);
		/* what vendors' libraries do in exit() is nobody's concern */
		_exit(!any);
	}
	return wait_for(pid, ops->name);
}

/* 1 + 1, on the GPU */
static enum vgpu_error try_job(struct engine *e)
{
	const __u32 abort = 0;
	const __u64 n = 1;
	struct engine_job job = { .abort = &abort };
	struct engine_arg arg[VGPU_MAX_ARGS] = { };
	struct engine_mem *mem;
	enum vgpu_error err;
	__u32 word = 0;
	int i;

	if (!(e->info.builtins & 1ULL << VGPU_BUILTIN_VECADD_U32))
		return VGPU_ERR_NONE;
	err = e->ops->mem_create(e, 4096, &mem);
	if (err)
		return err;
	for (i = 0; i < 3; i++)
		arg[i] = (struct engine_arg){ .mem = mem, .length = sizeof(word) };
	arg[3] = (struct engine_arg){ .value = &n, .length = sizeof(n) };
	err = e->ops->fill(e, mem, 0, 1, sizeof(word), &job) ?:
	      e->ops->launch_builtin(e, VGPU_BUILTIN_VECADD_U32, arg, &job) ?:
	      e->ops->read(e, mem, 0, &word, sizeof(word), &job);
	e->ops->mem_destroy(e, mem);
	if (!err && word != 2)
		err = VGPU_ERR_GPU;
	return err;
}

/**
 * struct found - what the child has found out
 * @info: what the device is
 * @code_size: bytes of @code
 * @code: the built-in kernels', for workers
 */
struct found {
	struct engine_info info;
	size_t code_size;
	unsigned char code[ENGINE_CODE_MAX];
};

static int probe(const struct engine_ops *ops, const char *device, const struct sandbox *sandbox,
		 struct found *found)
{
	struct engine *engine;
	enum vgpu_error code;
	int err;

	err = sandbox_enter(sandbox);
	if (err) {
		fprintf(stderr, "vgpu-execd: %s: no sandbox: %s\n", ops->name, strerror(-err));
		return 1;
	}
	engine = ops->open(device);
	if (!engine)
		return 1;
	err = sandbox_filter(sandbox);
	if (err) {
		fprintf(stderr, "vgpu-execd: %s: no filter: %s\n", ops->name, strerror(-err));
		return 1;
	}
	code = try_job(engine);
	if (code) {
		fprintf(stderr, "vgpu-execd: %s: %s: a job failed with error %#x\n", ops->name,
			engine->info.name, code);
		return 1;
	}
	found->info = engine->info;
	if (ops->code_get)
		found->code_size = ops->code_get(engine, found->code, sizeof(found->code));
	return 0;
}

/* None of it is shared with anybody.  Without memory for it each worker builds its own. */
static struct engine_code keep(const struct found *found)
{
	/* what wrote it has ended, but it is a vendor's */
	size_t size = found->code_size;
	void *data;

	if (!size || size > sizeof(found->code))
		return (struct engine_code){ };
	data = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	if (data == MAP_FAILED)
		return (struct engine_code){ };
	memcpy(data, found->code, size);
	mprotect(data, size, PROT_READ);
	return (struct engine_code){ data, size };
}

/**
 * probe_device() - what is a device, and does it run a job?
 * @ops: its engine
 * @device: which, as for &engine_ops.open
 * @sandbox: the workers', whose channel is not used
 * @info: where to tell
 * @code: the built-in kernels', if there is any: for the workers, as long as this process.  They
 *	can't write to it where others see that
 *
 * Return: true if so; else it has been said why not.
 */
bool probe_device(const struct engine_ops *ops, const char *device, struct sandbox *sandbox,
		  struct engine_info *info, struct engine_code *code)
{
	/* shared, so that the child needs no way out of the sandbox */
	struct found *shared = mmap(NULL, sizeof(*shared), PROT_READ | PROT_WRITE,
				    MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	bool good = false;
	pid_t pid;

	if (shared == MAP_FAILED)
		return false;
	sandbox->channel = open("/dev/null", O_RDWR | O_CLOEXEC);
	if (sandbox->channel < 0)
		goto err_unmap;
	pid = sandbox_fork(sandbox);
	if (!pid)
		_exit(probe(ops, device, sandbox, shared));
	if (pid < 0)
		fprintf(stderr, "vgpu-execd: %s: no process: %s%s\n", ops->name, strerror(errno),
			errno == EUSERS ? " (see --uids)" :
			errno == EPERM ? " (only root may)" : "");
	else
		good = wait_for(pid, ops->name);
	close(sandbox->channel);
	*info = shared->info;
	info->name[sizeof(info->name) - 1] = 0;
	*code = good ? keep(shared) : (struct engine_code){ };
err_unmap:
	munmap(shared, sizeof(*shared));
	return good;
}
