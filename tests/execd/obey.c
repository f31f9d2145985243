// SPDX-License-Identifier: GPL-2.0
/*
 * A library that has vgpu-execd's workers do what their guests tell them, if it is preloaded
 * (LD_PRELOAD): as if a guest's code had taken them over, in the sandbox.  What a guest writes to
 * an object, "obey:" and a word, is obeyed when the worker tells the kernel that it is written.
 */
#include <signal.h>
#include <stdarg.h>
#include <stdbool.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <linux/vgpu_exec.h>
#include <vgpu/ring.h>

#define OBEY		"obey:"

#define COUNT(array)	(sizeof(array) / sizeof(*(array)))

static struct vgpu_exec_shared *shared;
static int channel;
static bool timeless;

/* Index of the next completion: behind the last one that is valid */
static __u32 obey_completed(__u32 fetched)
{
	__u32 mask = VGPU_EXEC_ENTRIES - 1, i = fetched - VGPU_EXEC_ENTRIES;

	/* all before the oldest that may be under way are valid */
	while (i != fetched &&
	       (le32_to_cpu(shared->cq[i & mask].control) & VGPU_RING_PHASE) ==
	       vgpu_ring_phase(i, mask))
		i++;
	return i;
}

static struct vgpu_dev_cqe *obey_last(__u32 fetched)
{
	return &shared->cq[(obey_completed(fetched) - 1) & (VGPU_EXEC_ENTRIES - 1)];
}

/* One more completion, of what the last one was of and @more */
static void obey_complete(__u32 fetched, __u64 more)
{
	struct vgpu_ring_device ring = {
		.cq = shared->cq,
		.mask = VGPU_EXEC_ENTRIES - 1,
		.completed = obey_completed(fetched),
	};
	__u64 data = le64_to_cpu(obey_last(fetched)->user_data);

	vgpu_ring_complete(&ring, cpu_to_le64(data + more), 0, 0);
}

static void obey_twice(struct vgpu_exec_enter *enter)
{
	obey_complete(enter->fetched, 0);
}

static void obey_unknown(struct vgpu_exec_enter *enter)
{
	obey_complete(enter->fetched, 1ULL << 40);
}

static void obey_range(struct vgpu_exec_enter *enter)
{
	obey_complete(enter->fetched, VGPU_EXEC_ENTRIES);
}

static void obey_status(struct vgpu_exec_enter *enter)
{
	obey_last(enter->fetched)->control |= cpu_to_le32(0x7fff);
}

static void obey_time(struct vgpu_exec_enter *enter)
{
	(void)enter;
	timeless = true;
}

static void obey_garbage(struct vgpu_exec_enter *enter)
{
	(void)enter;
	memset(shared, 0xff, sizeof(*shared));
}

static void obey_map(struct vgpu_exec_enter *enter)
{
	char *at;
	__u64 i;

	(void)enter;
	for (i = 1; i < 1000; i++) {
		at = mmap(NULL, 4096, PROT_READ, MAP_SHARED, channel,
			  (1000 + i) * VGPU_EXEC_MMAP_BO);
		if (at != MAP_FAILED)
			__atomic_load_n(at, __ATOMIC_RELAXED);
	}
}

static void obey_fork(struct vgpu_exec_enter *enter)
{
	(void)enter;
	fork();
}

static void obey_die(struct vgpu_exec_enter *enter)
{
	(void)enter;
	_exit(1);
}

/* The last completion is none, and nothing more is done. */
static void obey_never(struct vgpu_exec_enter *enter)
{
	obey_last(enter->fetched)->control ^= cpu_to_le32(VGPU_RING_PHASE);
	for (;;)
		__asm__ volatile("" : : : "memory");
}

/* Likewise, but for system calls, each of which has the kernel look */
static void obey_storm(struct vgpu_exec_enter *enter)
{
	obey_last(enter->fetched)->control ^= cpu_to_le32(VGPU_RING_PHASE);
	enter->timeout_ms = 0;
	for (;;)
		syscall(SYS_ioctl, channel, VGPU_EXEC_IOC_ENTER, enter);
}

static const struct {
	const char *word;
	void (*obey)(struct vgpu_exec_enter *enter);
} words[] = {
	{ "twice", obey_twice },
	{ "unknown", obey_unknown },
	{ "range", obey_range },
	{ "status", obey_status },
	{ "time", obey_time },
	{ "garbage", obey_garbage },
	{ "map", obey_map },
	{ "fork", obey_fork },
	{ "die", obey_die },
	{ "never", obey_never },
	{ "storm", obey_storm },
};

static void obey(const char *word, struct vgpu_exec_enter *enter)
{
	size_t i;

	for (i = 0; i < COUNT(words); i++)
		if (!strcmp(words[i].word, word))
			words[i].obey(enter);
}

static void obey_look(struct vgpu_exec_enter *enter)
{
	char word[16] = "";
	size_t i;

	for (i = 0; i < VGPU_EXEC_ENTRIES; i++) {
		char *text = (char *)shared->slot[i].data;

		if (memcmp(text, OBEY, strlen(OBEY)))
			continue;
		memcpy(word, text + strlen(OBEY), sizeof(word) - 1);
		*text = 0;
		obey(word, enter);
	}
	for (i = 0; timeless && i < VGPU_EXEC_ENTRIES; i++)
		shared->cq[i].gpu_ns = 0;
}

/* The rings are mapped by a worker, once, and nothing else is at that offset. */
void *mmap(void *addr, size_t length, int prot, int flags, int fd, off_t offset)
{
	void *at = (void *)syscall(SYS_mmap, addr, length, prot, flags, fd, offset);

	if (at != MAP_FAILED && fd >= 0 && flags & MAP_SHARED && length == sizeof(*shared) &&
	    offset == VGPU_EXEC_MMAP_SHARED) {
		shared = at;
		channel = fd;
	}
	return at;
}

int ioctl(int fd, unsigned long request, ...)
{
	va_list args;
	void *arg;

	va_start(args, request);
	arg = va_arg(args, void *);
	va_end(args);
	if (shared && request == VGPU_EXEC_IOC_ENTER)
		obey_look(arg);
	return syscall(SYS_ioctl, fd, request, arg);
}
