// SPDX-License-Identifier: GPL-2.0
/*
 * A worker's loop, between a kernel and a device that are this program: who calls ioctl() meets
 * the kernel, which reaps what the worker has completed and submits the next batch when there is
 * nothing more to do.  The device keeps a line of all that it is told.
 */
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <unistd.h>

#include <vgpu/ring.h>

#include "task.h"
#include "tap.h"
#include "worker.h"

#define MAX_ENTRIES	64

/* What kernels, by their numbers, do */
enum {
	GOOD = 1,
	BAD_BEGIN,
	BAD_END,
	LOSES,
};

/* A batch of entries, and what became of it */
static struct vgpu_exec_shared *shared;
static struct vgpu_ring_guest ring;
static struct vgpu_dev_cqe completed[MAX_ENTRIES];
static __u32 submitted, reaped, tells;
static int channel = -1;

/* The device's line, and the jobs that it is at; a job's event is its number, from 1 */
static char line[512];
static unsigned long begun, over;
static unsigned int wrong;
static __u64 took_ns;
static unsigned int kind_of[MAX_ENTRIES + 1];

static void add(const char *what)
{
	snprintf(line + strlen(line), sizeof(line) - strlen(line), "%s", what);
}

/* What isn't a launch finds the device idle. */
static void idle(const char *what)
{
	wrong += begun != over;
	add(what);
}

/* The device's own, and the guest's */
static struct engine_mem memory[2];

static enum vgpu_error mem_create(struct engine *engine, __u64 size, struct engine_mem **mem)
{
	(void)engine;
	idle("+");
	*mem = &memory[0];
	(*mem)->size = size;
	return VGPU_ERR_NONE;
}

static enum vgpu_error mem_import(struct engine *engine, void *at, __u64 size,
				  struct engine_mem **mem)
{
	(void)engine;
	(void)at;
	idle("*");
	*mem = &memory[1];
	(*mem)->size = size;
	return VGPU_ERR_NONE;
}

static void mem_destroy(struct engine *engine, struct engine_mem *mem)
{
	(void)engine;
	(void)mem;
	idle("-");
}

static enum vgpu_error copy(struct engine *engine, struct engine_mem *dst, __u64 dst_offset,
			    struct engine_mem *src, __u64 src_offset, __u64 length,
			    struct engine_job *job)
{
	(void)engine;
	(void)dst;
	(void)dst_offset;
	(void)src;
	(void)src_offset;
	(void)length;
	wrong += job->later;
	idle("c");
	job->gpu_ns += 7;
	return VGPU_ERR_NONE;
}

static bool is_over(struct engine *engine, struct engine_job *job, bool wait,
		    enum vgpu_error *status)
{
	unsigned long number = (unsigned long)job->event;
	unsigned int kind = kind_of[number];

	if (wait && number > over) {
		add("|");
		while (over < number)
			if (kind_of[++over] == LOSES)
				__atomic_store_n(&engine->lost, true, __ATOMIC_RELAXED);
	}
	if (number > over && !engine->lost)
		return false;
	*status = engine->lost || kind == BAD_END ? VGPU_ERR_GPU : VGPU_ERR_NONE;
	job->gpu_ns = 10000 + number;
	job->event = NULL;
	return true;
}

static const struct engine_ops ops = {
	.mem_create = mem_create,
	.mem_import = mem_import,
	.mem_destroy = mem_destroy,
	.copy = copy,
	.is_over = is_over,
};

/* The guest's kernels, in the place of task.c */
enum vgpu_error tasks_launch(struct tasks *tasks, __u32 number, const struct engine_arg *arg,
			     __u32 count, const struct engine_grid *grid, struct ahead_job *job)
{
	(void)tasks;
	(void)grid;
	wrong += job->job.queue != (__u32)job->data + 7;
	job->took_ns = &took_ns;
	if (job->job.later && count && arg[0].mem == &memory[1]) {
		job->job.would_wait = true;
		return VGPU_ERR_NONE;
	}
	if (number == BAD_BEGIN)
		return VGPU_ERR_INVALID_REQUEST;
	if (!job->job.later) {
		idle("w");
		job->job.gpu_ns = 5;
		return VGPU_ERR_NONE;
	}
	add("l");
	begun++;
	kind_of[begun] = number;
	job->job.event = (void *)begun;
	return VGPU_ERR_NONE;
}

enum vgpu_error tasks_end_kernel(struct tasks *tasks, __u32 number)
{
	(void)tasks;
	(void)number;
	idle("k");
	return VGPU_ERR_NONE;
}

enum vgpu_error tasks_end_module(struct tasks *tasks, __u32 number)
{
	(void)tasks;
	(void)number;
	idle("m");
	return VGPU_ERR_NONE;
}

/* The kernel's side: what the worker calls when it has nothing to do, or something to tell */
int ioctl(int fd, unsigned long request, ...)
{
	const struct vgpu_exec_enter *enter;
	va_list args;

	va_start(args, request);
	enter = va_arg(args, const struct vgpu_exec_enter *);
	va_end(args);
	if (fd != channel || request != VGPU_EXEC_IOC_ENTER) {
		errno = ENOTTY;
		return -1;
	}
	tells++;
	while (reaped < MAX_ENTRIES && vgpu_ring_reap(&ring, &completed[reaped]))
		reaped++;
	/* there is nothing more to come when it would wait for that */
	if (!enter->timeout_ms)
		return 0;
	wrong += enter->fetched != submitted;
	errno = ENODEV;
	return -1;
}

static struct vgpu_dev_sqe *entry_begin(void)
{
	struct vgpu_dev_sqe *sqe = vgpu_ring_sqe(&ring);

	sqe->reserved = 0;
	sqe->user_data = cpu_to_le64((__u64)(submitted + 100) << 32 | submitted);
	memset(sqe->words, 0, sizeof(sqe->words));
	memset(&shared->slot[submitted], 0, sizeof(shared->slot[submitted]));
	return sqe;
}

static void entry_end(__u32 opcode)
{
	vgpu_ring_submit(&ring, opcode);
	submitted++;
}

static void entry(__u32 opcode, __u32 number)
{
	struct vgpu_dev_sqe *sqe = entry_begin();

	sqe->fill.dst = cpu_to_le32(number);
	sqe->fill.length = cpu_to_le64(4096);
	entry_end(opcode);
}

static void entry_copy(__u32 number)
{
	struct vgpu_dev_sqe *sqe = entry_begin();

	sqe->copy.dst = cpu_to_le32(number);
	sqe->copy.src = cpu_to_le32(number);
	entry_end(VGPU_EXEC_OP_COPY);
}

static void entry_kernel(__u32 kernel, __u32 number)
{
	struct vgpu_dev_sqe *sqe = entry_begin();
	struct vgpu_exec_slot *slot = &shared->slot[submitted];

	sqe->launch.kernel = cpu_to_le32(kernel);
	slot->nargs = 1;
	slot->queue = submitted + 7;
	slot->arg[0] = (struct vgpu_exec_arg){ .bo = number, .type = VGPU_ARG_BO, .length = 4096 };
	entry_end(VGPU_EXEC_OP_KERNEL);
}

static void reset(void)
{
	memset(shared, 0, sizeof(*shared));
	ring = (struct vgpu_ring_guest){
		.sq = shared->sq, .cq = shared->cq, .events = &shared->events,
		.mask = VGPU_EXEC_ENTRIES - 1,
	};
	submitted = 0;
	reaped = 0;
	tells = 0;
	begun = 0;
	over = 0;
	wrong = 0;
	took_ns = 10000;
	*line = 0;
}

static __u32 status_of(__u32 i)
{
	return le32_to_cpu(completed[i].control) & VGPU_CQE_STATUS_MASK;
}

/* Run the batch. All that was completed is in order. */
static int run(void)
{
	struct engine engine = { .ops = &ops };
	int err = worker_run(channel, &engine, NULL);
	__u32 i;

	CHECK_EQ(wrong, 0);
	for (i = 0; i < reaped; i++)
		CHECK_EQ(le64_to_cpu(completed[i].user_data), (__u64)(i + 100) << 32 | i);
	return err;
}

static void check_line(const char *want)
{
	if (!CHECK(!strcmp(line, want)))
		fprintf(stderr, "# it was %s, and not %s\n", line, want);
}

static void test_order(void)
{
	__u32 i;

	reset();
	entry(VGPU_EXEC_OP_BO_CREATE, 1);
	for (i = 0; i < 4; i++)
		entry_kernel(GOOD, 1);
	entry_copy(1);
	entry_kernel(GOOD, 1);
	entry_kernel(GOOD, 1);
	entry(VGPU_EXEC_OP_KERNEL_DESTROY, GOOD);
	entry_kernel(GOOD, 1);
	entry(VGPU_EXEC_OP_BO_DESTROY, 1);
	CHECK_EQ(run(), 0);
	CHECK_EQ(reaped, submitted);
	for (i = 0; i < reaped; i++)
		CHECK_EQ(status_of(i), VGPU_ERR_NONE);
	/* four begin at once; one sleep for each that is waited for, and none of them in vain */
	if (!CHECK(!strncmp(line, "+llll|", 6) && strstr(line, "cll|") && strstr(line, "kl|-")))
		fprintf(stderr, "# it was %s\n", line);
	/* each has its own time */
	CHECK_EQ(le32_to_cpu(completed[1].gpu_ns), 10001);
	CHECK_EQ(le32_to_cpu(completed[4].gpu_ns), 10004);
	CHECK_EQ(le32_to_cpu(completed[5].gpu_ns), 7);
	CHECK_EQ(le32_to_cpu(completed[6].gpu_ns), 10005);
}

static void test_guest(void)
{
	reset();
	entry(VGPU_EXEC_OP_BO_CREATE, 1);
	entry(VGPU_EXEC_OP_BO_MAP, 2);
	entry_kernel(GOOD, 1);
	entry_kernel(GOOD, 2);
	entry_kernel(GOOD, 1);
	entry(VGPU_EXEC_OP_BO_DESTROY, 2);
	CHECK_EQ(run(), 0);
	CHECK_EQ(reaped, submitted);
	check_line("+*l|wl|-");
	CHECK_EQ(le32_to_cpu(completed[3].gpu_ns), 5);
}

static void test_failed(void)
{
	static const __u32 want[] = {
		VGPU_ERR_NONE, VGPU_ERR_NONE, VGPU_ERR_INVALID_REQUEST, VGPU_ERR_GPU, VGPU_ERR_NONE,
		VGPU_ERR_CANCELED, VGPU_ERR_NONE, VGPU_ERR_GPU,
	};
	__u32 i;

	reset();
	entry(VGPU_EXEC_OP_BO_CREATE, 1);
	entry_kernel(GOOD, 1);
	entry_kernel(BAD_BEGIN, 1);
	entry_kernel(BAD_END, 1);
	entry_kernel(GOOD, 1);
	entry_kernel(GOOD, 1);
	shared->slot[submitted - 1].abort = 1;
	entry_kernel(GOOD, 1);
	/* an object that isn't there */
	entry_kernel(GOOD, 9);
	CHECK_EQ(run(), 0);
	if (!CHECK_EQ(reaped, submitted))
		return;
	for (i = 0; i < reaped; i++)
		CHECK_EQ(status_of(i), want[i]);
	CHECK_EQ(begun, 4);
}

/* Nobody knows how long the first takes, so it is alone; and then that it is short. */
static void test_unknown(void)
{
	__u32 i;

	reset();
	took_ns = 0;
	entry(VGPU_EXEC_OP_BO_CREATE, 1);
	for (i = 0; i < 3; i++)
		entry_kernel(GOOD, 1);
	CHECK_EQ(run(), 0);
	CHECK_EQ(reaped, submitted);
	CHECK_EQ(took_ns, 10003);
	if (!CHECK(!strncmp(line, "+l|ll", 5)))
		fprintf(stderr, "# it was %s\n", line);
}

/* What the device had is told; what it never had is not the worker's to judge. */
static void test_lost(void)
{
	__u32 i;

	reset();
	entry(VGPU_EXEC_OP_BO_CREATE, 1);
	entry_kernel(GOOD, 1);
	entry_kernel(LOSES, 1);
	while (submitted < MAX_ENTRIES)
		entry_kernel(GOOD, 1);
	/* it is at the first alone, and then at as many as there may be */
	took_ns = 0;
	CHECK_EQ(run(), EIO);
	CHECK(begun > 3);
	CHECK(reaped < submitted);
	CHECK_EQ(reaped, begun + 1);
	for (i = 0; i < reaped; i++)
		CHECK_EQ(status_of(i), i < 2 ? VGPU_ERR_NONE : VGPU_ERR_GPU);
}

/* Many, so that the worker goes around its ring of jobs */
static void test_many(void)
{
	__u32 i;

	reset();
	entry(VGPU_EXEC_OP_BO_CREATE, 1);
	for (i = 1; i < MAX_ENTRIES; i++)
		entry_kernel(i % 7 ? GOOD : BAD_BEGIN, 1);
	CHECK_EQ(run(), 0);
	CHECK_EQ(reaped, MAX_ENTRIES);
	for (i = 1; i < reaped; i++)
		CHECK_EQ(status_of(i), i % 7 ? VGPU_ERR_NONE : VGPU_ERR_INVALID_REQUEST);
	/* told together */
	CHECK(tells < MAX_ENTRIES / 2);
}

static const struct tap_test tests[] = {
	{ "execd-worker-order", "kernels go on beside one another, all else alone", test_order },
	{ "execd-worker-guest", "one with the guest's memory is alone, too", test_guest },
	{ "execd-worker-failed", "each has its own error", test_failed },
	{ "execd-worker-unknown", "nothing waits behind a kernel that nobody knows", test_unknown },
	{ "execd-worker-lost", "when the device is lost all it had has failed", test_lost },
	{ "execd-worker-many", "many are told together", test_many },
};

int main(void)
{
	size_t i;

	/* a worker that waits for nothing, or for ever, isn't waited for */
	alarm(60);
	channel = memfd_create("channel", MFD_CLOEXEC);
	/* objects are where their numbers say */
	if (channel < 0 || ftruncate(channel, 4 * VGPU_EXEC_MMAP_BO))
		return 1;
	shared = mmap(NULL, sizeof(*shared), PROT_READ | PROT_WRITE, MAP_SHARED, channel, 0);
	if (shared == MAP_FAILED)
		return 1;
	for (i = 0; i < sizeof(tests) / sizeof(*tests); i++)
		tap_run(&tests[i]);
	return tap_end();
}
