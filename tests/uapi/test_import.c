// SPDX-License-Identifier: GPL-2.0
/*
 * Memory of a process as a buffer object: what can't be one, who pays for it, and that
 * it is the pages and not the addresses.
 */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include "dev.h"
#include "queue.h"
#include "tap.h"
#include "tests.h"

#define NOBODY		65534
#define LIMIT_PAGES	16

static char *anon(size_t size, int prot, int flags)
{
	char *p = mmap(NULL, size, prot, MAP_ANONYMOUS | flags, -1, 0);

	return p == MAP_FAILED ? NULL : p;
}

/* What this process has pinned, in KiB */
static long pinned(void)
{
	FILE *f = fopen("/proc/self/status", "re");
	char line[128];
	long kib = -1;

	while (f && fgets(line, sizeof(line), f)) {
		if (sscanf(line, "VmPin: %ld", &kib) == 1)
			break;
	}
	if (f)
		fclose(f);
	return kib;
}

/* A closed file's memory is let go a little later; a check fails if it is not */
static void expect_pinned(long want)
{
	double end = dev_now() + 10;

	while (pinned() != want && dev_now() < end)
		dev_sleep_ms(10);
	CHECK_EQ(pinned(), want);
}

/* Does what the process writes to @p arrive at the device, and the other way round? */
static bool is_shared(int fd, __u32 bo, char *p)
{
	__u32 out = 0x600dcafe, in = 0;

	memcpy(p + 8, &out, sizeof(out));
	if (!CHECK_EQ(dev_bo_read(fd, bo, 8, &in, sizeof(in)), 0) || !CHECK_EQ(in, out))
		return false;
	out = ~out;
	if (!CHECK_EQ(dev_bo_write(fd, bo, 16, &out, sizeof(out)), 0))
		return false;
	return CHECK(!memcmp(p + 16, &out, sizeof(out)));
}

/**
 * test_import() - memory of this process, as it is
 */
void test_import(void)
{
	char *p = anon(600 * PAGE, PROT_READ | PROT_WRITE, MAP_PRIVATE);
	struct vgpu_bo_create bo, again;
	long before = pinned();
	int fd = dev_open();
	__u32 status, i, in;

	/* touched, and of an odd number of pages that no batch has */
	for (i = 0; i < 599; i++)
		memcpy(p + i * PAGE, &i, sizeof(i));
	if (!CHECK_EQ(bo_import(fd, p, 599 * PAGE, &bo), 0))
		return;
	CHECK_EQ(bo.mmap_offset, 0);
	CHECK(map_fails(fd, PAGE, VGPU_MAX_QUEUES * PAGE, MAP_SHARED));
	CHECK_EQ(pinned() - before, 599 * 4);
	for (i = 0; i < 599; i += 7) {
		CHECK_EQ(dev_bo_read(fd, bo.handle, (__u64)i * PAGE, &in, sizeof(in)), 0);
		CHECK_EQ(in, i);
	}
	CHECK(is_shared(fd, bo.handle, p));
	/* the same twice, and the last page not at all */
	CHECK_EQ(bo_import(fd, p + PAGE, PAGE, &again), 0);
	CHECK(is_shared(fd, again.handle, p + PAGE));
	CHECK_EQ(bo_destroy(fd, again.handle, &status), 0);
	CHECK(dev_bo_read(fd, bo.handle, 599 * PAGE, &in, sizeof(in)) > 0);
	CHECK_EQ(bo_destroy(fd, bo.handle, &status), 0);
	CHECK_EQ(pinned(), before);
	/* an object of the driver's own can be imported like any memory */
	CHECK_EQ(bo_create(fd, PAGE, &bo), 0);
	munmap(p, 600 * PAGE);
	p = map(fd, PAGE, bo.mmap_offset);
	CHECK_EQ(bo_import(fd, p, PAGE, &again), 0);
	CHECK(is_shared(fd, again.handle, p));
	munmap(p, PAGE);
	close(fd);
	expect_pinned(before);
}

/**
 * test_import_args() - what can't be imported leaves nothing pinned
 */
void test_import_args(void)
{
	char *p = anon(8 * PAGE, PROT_READ | PROT_WRITE, MAP_PRIVATE);
	char *constant = anon(PAGE, PROT_READ, MAP_PRIVATE);
	char *none = anon(PAGE, PROT_NONE, MAP_PRIVATE);
	struct vgpu_bo_create bo;
	long before = pinned();
	struct queue q;

	if (!queue_open(&q, 2))
		return;
	CHECK_EQ(bo_import(q.fd, p + 1, PAGE, &bo), -EINVAL);
	CHECK_EQ(bo_import(q.fd, p + 2048, PAGE, &bo), -EINVAL);
	CHECK_EQ(bo_import(q.fd, p, PAGE - 1, &bo), -EINVAL);
	CHECK_EQ(bo_import(q.fd, p, PAGE + 512, &bo), -EINVAL);
	CHECK_EQ(bo_import(q.fd, p, 0, &bo), -EINVAL);
	CHECK_EQ(bo_import(q.fd, p, 1ULL << 62, &bo), -ENOMEM);
	CHECK_EQ(bo_import(q.fd, p, ~0ULL - PAGE + 1, &bo), -ENOMEM);
	bo = (struct vgpu_bo_create){ .size = sizeof(bo), .bytes = PAGE, .address = PAGE };
	CHECK_EQ(dev_ioctl(q.fd, VGPU_IOC_BO_CREATE, &bo), -EINVAL);
	bo.flags = VGPU_BO_CREATE_IMPORT | 2;
	CHECK_EQ(dev_ioctl(q.fd, VGPU_IOC_BO_CREATE, &bo), -EOPNOTSUPP);

	/* unmapped, all or in the middle; not to be written to; not memory */
	CHECK_EQ(bo_import(q.fd, NULL, PAGE, &bo), -EFAULT);
	munmap(p + 4 * PAGE, PAGE);
	CHECK_EQ(bo_import(q.fd, p, 8 * PAGE, &bo), -EFAULT);
	CHECK_EQ(bo_import(q.fd, p + 4 * PAGE, PAGE, &bo), -EFAULT);
	CHECK_EQ(bo_import(q.fd, p, 4 * PAGE, &bo), 0);
	CHECK_EQ(bo_import(q.fd, constant, PAGE, &bo), -EFAULT);
	CHECK_EQ(bo_import(q.fd, none, PAGE, &bo), -EFAULT);
	CHECK_EQ(bo_import(q.fd, q.doorbell, PAGE, &bo), -EFAULT);
	CHECK_EQ(bo_import(q.fd, (void *)0xffffffff81000000, PAGE, &bo), -EFAULT);
	CHECK_EQ(bo_import(q.fd, (void *)(~0UL - PAGE + 1), PAGE, &bo), -EFAULT);
	CHECK_EQ(pinned() - before, 16);
	queue_close(&q);
	expect_pinned(before);
	munmap(p, 8 * PAGE);
	munmap(constant, PAGE);
	munmap(none, PAGE);
}

/**
 * test_import_file() - a file that is mapped
 */
void test_import_file(void)
{
	int fd = dev_open(), file = memfd_create("vgpu", MFD_CLOEXEC);
	int exe = open("/proc/self/exe", O_RDONLY | O_CLOEXEC);
	char *shared, *private, *constant, byte[2] = { };
	struct vgpu_bo_create bo;
	__u32 status;

	if (!CHECK(file >= 0 && !ftruncate(file, 2 * PAGE) && exe >= 0))
		return;
	shared = map(file, 2 * PAGE, 0);
	private = mmap(NULL, PAGE, PROT_READ | PROT_WRITE, MAP_PRIVATE, exe, 0);
	constant = mmap(NULL, PAGE, PROT_READ, MAP_SHARED, exe, 0);
	/* shared memory: the device's writes are the file's */
	if (CHECK_EQ(bo_import(fd, shared, 2 * PAGE, &bo), 0)) {
		CHECK(is_shared(fd, bo.handle, shared));
		CHECK(map_fails(fd, PAGE, VGPU_MAX_QUEUES * PAGE, MAP_SHARED));
		CHECK_EQ(dev_bo_write(fd, bo.handle, PAGE, "x", 1), 0);
		CHECK_EQ(bo_destroy(fd, bo.handle, &status), 0);
		CHECK_EQ(pread(file, byte, 1, PAGE), 1);
		CHECK_EQ(byte[0], 'x');
	}
	/* a private mapping: a copy of the process's own */
	if (CHECK_EQ(bo_import(fd, private, PAGE, &bo), 0)) {
		CHECK(!memcmp(private, "\177ELF", 4));
		CHECK_EQ(dev_bo_write(fd, bo.handle, 1, "X", 1), 0);
		CHECK_EQ(private[1], 'X');
		CHECK_EQ(pread(exe, byte, 2, 0), 2);
		CHECK_EQ(byte[1], 'E');
	}
	CHECK_EQ(bo_import(fd, constant, PAGE, &bo), -EFAULT);
	/* behind the end there is nothing */
	CHECK(!ftruncate(file, PAGE));
	CHECK_EQ(bo_import(fd, shared, 2 * PAGE, &bo), -EFAULT);
	munmap(shared, 2 * PAGE);
	munmap(private, PAGE);
	munmap(constant, PAGE);
	close(exe);
	close(file);
	close(fd);
}

static bool set_limit(__u64 bytes)
{
	const struct rlimit limit = { bytes, bytes };

	return CHECK(!setrlimit(RLIMIT_MEMLOCK, &limit));
}

/* In a process without privileges that may pin LIMIT_PAGES */
static void limited(int fd, char *p)
{
	long before = pinned();
	struct vgpu_bo_create bo, more;
	int child, status = 0;
	__u32 refused;

	CHECK_EQ(bo_import(fd, p, (LIMIT_PAGES + 1) * PAGE, &bo), -ENOMEM);
	CHECK_EQ(pinned(), before);
	CHECK_EQ(bo_import(fd, p, (LIMIT_PAGES - 1) * PAGE, &bo), 0);
	CHECK_EQ(bo_import(fd, p, 2 * PAGE, &more), -ENOMEM);
	CHECK_EQ(bo_import(fd, p, PAGE, &more), 0);
	CHECK_EQ(bo_import(fd, p, PAGE, &more), -ENOMEM);
	/* a fork has no allowance of its own */
	child = fork();
	if (!child)
		_exit(bo_import(fd, p, PAGE, &more) != -ENOMEM);
	waitpid(child, &status, 0);
	CHECK_EQ(status, 0);
	/* what has ended can be had again */
	CHECK_EQ(bo_destroy(fd, bo.handle, &refused), 0);
	CHECK_EQ(bo_import(fd, p, (LIMIT_PAGES - 1) * PAGE, &bo), 0);
	CHECK_EQ(set_limit(0) ? bo_import(fd, p, PAGE, &more) : 0, -ENOMEM);
}

/**
 * test_import_limit() - RLIMIT_MEMLOCK, for whoever has not CAP_IPC_LOCK
 */
void test_import_limit(void)
{
	char *p = anon(64 * PAGE, PROT_READ | PROT_WRITE, MAP_PRIVATE);
	struct vgpu_bo_create bo;
	int fd = dev_open(), status = -1;
	pid_t pid = fork();

	if (!pid) {
		if (!set_limit(LIMIT_PAGES * PAGE))
			_exit(1);
		/* with the capability there is no limit */
		if (!CHECK_EQ(bo_import(fd, p, 64 * PAGE, &bo), 0) || !CHECK(!setuid(NOBODY)))
			_exit(1);
		limited(fd, p);
		_exit(tap_failed());
	}
	waitpid(pid, &status, 0);
	CHECK_EQ(status, 0);
	close(fd);
	munmap(p, 64 * PAGE);
}

/**
 * test_import_unmap() - the addresses are gone, the pages stay
 */
void test_import_unmap(void)
{
	char *p = anon(4 * PAGE, PROT_READ | PROT_WRITE, MAP_PRIVATE), *other;
	struct vgpu_bo_create bo;
	int fd = dev_open();
	__u32 status, word;

	memset(p, 0x5a, 4 * PAGE);
	if (!CHECK_EQ(bo_import(fd, p, 4 * PAGE, &bo), 0))
		return;
	munmap(p, 4 * PAGE);
	CHECK_EQ(dev_bo_read(fd, bo.handle, 2 * PAGE, &word, sizeof(word)), 0);
	CHECK_EQ(word, 0x5a5a5a5a);
	/* what is mapped there now is something else */
	other = mmap(p, 4 * PAGE, PROT_READ | PROT_WRITE,
		     MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, -1, 0);
	CHECK(other == p);
	memset(other, 0, 4 * PAGE);
	word = 0xdeadbeef;
	CHECK_EQ(dev_bo_write(fd, bo.handle, PAGE, &word, sizeof(word)), 0);
	CHECK_EQ(other[PAGE], 0);
	word = 0;
	CHECK_EQ(dev_bo_read(fd, bo.handle, PAGE, &word, sizeof(word)), 0);
	CHECK_EQ(word, 0xdeadbeef);
	CHECK_EQ(bo_destroy(fd, bo.handle, &status), 0);
	munmap(other, 4 * PAGE);
	close(fd);
}

/**
 * test_import_fork() - the parent keeps the pages, whoever writes first
 */
void test_import_fork(void)
{
	char *p = anon(2 * PAGE, PROT_READ | PROT_WRITE, MAP_PRIVATE), byte;
	int fd = dev_open(), go[2], status = -1;
	struct vgpu_bo_create bo;
	pid_t pid;

	memset(p, 'a', 2 * PAGE);
	if (!CHECK_EQ(bo_import(fd, p, 2 * PAGE, &bo), 0) || !CHECK(!pipe(go)))
		return;
	pid = fork();
	if (!pid) {
		p[PAGE] = 'c';
		close(go[1]);
		CHECK_EQ(read(go[0], &byte, 1), 0);
		_exit(p[0] != 'a' || p[PAGE] != 'c');
	}
	CHECK(is_shared(fd, bo.handle, p));
	p[0] = 'p';
	CHECK_EQ(dev_bo_read(fd, bo.handle, 0, &byte, 1), 0);
	CHECK_EQ(byte, 'p');
	close(go[1]);
	waitpid(pid, &status, 0);
	CHECK_EQ(status, 0);
	CHECK_EQ(dev_bo_read(fd, bo.handle, PAGE, &byte, 1), 0);
	CHECK_EQ(byte, 'a');
	close(go[0]);
	close(fd);
	munmap(p, 2 * PAGE);
}

/* Imports all that it may, says so, and keeps the device writing to it; never returns */
static void busy_importer(int said)
{
	struct vgpu_dev_cqe cqe;
	struct vgpu_bo_create bo;
	struct queue q;
	double end = dev_now() + 10;
	char *p = anon(LIMIT_PAGES * PAGE, PROT_READ | PROT_WRITE, MAP_PRIVATE);
	int err;

	if (!queue_open(&q, 8) || !set_limit(LIMIT_PAGES * PAGE) || !CHECK(!setuid(NOBODY)))
		_exit(1);
	/* whoever had it before was killed, and its memory goes a little later */
	while ((err = bo_import(q.fd, p, LIMIT_PAGES * PAGE, &bo)) && dev_now() < end)
		CHECK_EQ(err, -ENOMEM);
	if (!CHECK_EQ(err, 0))
		_exit(1);
	queue_fill(&q, bo.handle, LIMIT_PAGES * PAGE, 0x11111111);
	if (!CHECK_EQ(queue_wait(q.fd, q.args.queue, 0, 60000), 0) ||
	    !CHECK(vgpu_ring_reap(&q.ring, &cqe)) || !CHECK_EQ(p[7 * PAGE], 0x11) ||
	    !CHECK_EQ(write(said, "", 1), 1))
		_exit(1);
	for (;;) {
		while (vgpu_ring_room(&q.ring))
			queue_fill(&q, bo.handle, LIMIT_PAGES * PAGE, 0x11111111);
		while (vgpu_ring_reap(&q.ring, &cqe))
			;
	}
}

/**
 * test_import_kill() - processes that die while the device writes to their memory
 */
void test_import_kill(void)
{
	int i, said[2], status;
	char byte;
	pid_t pid;

	for (i = 0; i < 10; i++) {
		if (!CHECK(!pipe(said)))
			return;
		pid = fork();
		if (!pid)
			busy_importer(said[1]);
		close(said[1]);
		CHECK_EQ(read(said[0], &byte, 1), 1);
		close(said[0]);
		kill(pid, SIGKILL);
		waitpid(pid, &status, 0);
		CHECK(WIFSIGNALED(status));
	}
}

static struct vgpu_bo_create lost_bo;
static char *lost_memory;
static int lost_fd;
static long lost_before;

/**
 * import_lost_begin() - import memory to a device that is about to be lost
 *
 * Return: false if it can't be; a check has failed then.
 */
bool import_lost_begin(void)
{
	lost_before = pinned();
	lost_memory = anon(100 * PAGE, PROT_READ | PROT_WRITE, MAP_PRIVATE);
	lost_fd = dev_open();
	return CHECK_EQ(bo_import(lost_fd, lost_memory, 100 * PAGE, &lost_bo), 0);
}

/**
 * import_lost_end() - the device was reset, or is gone
 * @err: -ESTALE or -ENODEV
 */
void import_lost_end(int err)
{
	struct vgpu_bo_create bo;
	__u32 status;

	memset(lost_memory, 1, 100 * PAGE);
	CHECK_EQ(bo_destroy(lost_fd, lost_bo.handle, &status), err);
	CHECK_EQ(bo_import(lost_fd, lost_memory, PAGE, &bo), err);
	close(lost_fd);
	expect_pinned(lost_before);
	munmap(lost_memory, 100 * PAGE);
}
