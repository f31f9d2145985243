// SPDX-License-Identifier: GPL-2.0
/*
 * blk-reader DEVICE DEPTH READS: keeps DEPTH direct reads of 512 bytes in flight until
 * READS are over; in a guest, beside vgpu-bench, whose peer this is.
 *
 * By io_uring with all that makes it cheap: one system call both submits and waits, the
 * file and the buffers are registered.  No two reads in flight are neighbours, so that
 * none are merged into one.
 */
#define _GNU_SOURCE
#include <err.h>
#include <fcntl.h>
#include <linux/io_uring.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <linux/fs.h>
#include <unistd.h>

#define SECTOR	512U

struct ring {
	int fd;
	__u32 *sq_tail, *sq_array, sq_mask;
	__u32 *cq_head, *cq_tail, cq_mask;
	struct io_uring_sqe *sqes;
	struct io_uring_cqe *cqes;
};

static char *map(int fd, size_t size, off_t offset)
{
	void *p = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_POPULATE, fd,
		       offset);

	if (p == MAP_FAILED)
		err(1, "mmap");
	return p;
}

static void ring_init(struct ring *r, unsigned int depth)
{
	struct io_uring_params p = {
		.flags = IORING_SETUP_SINGLE_ISSUER | IORING_SETUP_DEFER_TASKRUN,
	};
	char *sq, *cq;
	__u32 i;

	r->fd = (int)syscall(__NR_io_uring_setup, depth, &p);
	if (r->fd < 0)
		err(1, "io_uring_setup");
	sq = map(r->fd, p.sq_off.array + p.sq_entries * sizeof(__u32), IORING_OFF_SQ_RING);
	cq = map(r->fd, p.cq_off.cqes + p.cq_entries * sizeof(*r->cqes), IORING_OFF_CQ_RING);
	r->sqes = (void *)map(r->fd, p.sq_entries * sizeof(*r->sqes), IORING_OFF_SQES);
	r->sq_tail = (void *)(sq + p.sq_off.tail);
	r->sq_array = (void *)(sq + p.sq_off.array);
	r->sq_mask = *(__u32 *)(sq + p.sq_off.ring_mask);
	r->cq_head = (void *)(cq + p.cq_off.head);
	r->cq_tail = (void *)(cq + p.cq_off.tail);
	r->cq_mask = *(__u32 *)(cq + p.cq_off.ring_mask);
	r->cqes = (void *)(cq + p.cq_off.cqes);
	for (i = 0; i < p.sq_entries; i++)
		r->sq_array[i] = i;
}

static void ring_register(struct ring *r, int file, void *buffer, size_t size)
{
	struct iovec iov = { buffer, size };

	if (syscall(__NR_io_uring_register, r->fd, IORING_REGISTER_FILES, &file, 1) ||
	    syscall(__NR_io_uring_register, r->fd, IORING_REGISTER_BUFFERS, &iov, 1))
		err(1, "io_uring_register");
}

static void ring_read(struct ring *r, void *to, __u64 offset)
{
	__u32 tail = *r->sq_tail;
	struct io_uring_sqe *sqe = &r->sqes[tail & r->sq_mask];

	memset(sqe, 0, sizeof(*sqe));
	sqe->opcode = IORING_OP_READ_FIXED;
	sqe->flags = IOSQE_FIXED_FILE;
	sqe->addr = (uintptr_t)to;
	sqe->len = SECTOR;
	sqe->off = offset;
	__atomic_store_n(r->sq_tail, tail + 1, __ATOMIC_RELEASE);
}

/* Takes all completions there are. */
static unsigned int ring_reap(struct ring *r)
{
	__u32 head = *r->cq_head, tail = __atomic_load_n(r->cq_tail, __ATOMIC_ACQUIRE), i;

	for (i = head; i != tail; i++) {
		if (r->cqes[i & r->cq_mask].res != (int)SECTOR)
			errx(1, "a read returned %d", r->cqes[i & r->cq_mask].res);
	}
	__atomic_store_n(r->cq_head, tail, __ATOMIC_RELEASE);
	return tail - head;
}

int main(int argc, char **argv)
{
	unsigned long reads, submitted = 0, done = 0;
	unsigned int depth, batch;
	__u64 size;
	struct ring r;
	char *buffer;
	int file;

	depth = argc == 4 ? (unsigned int)strtoul(argv[2], NULL, 10) : 0;
	reads = argc == 4 ? strtoul(argv[3], NULL, 10) : 0;
	if (!depth || depth > 1024 || !reads)
		errx(2, "usage: blk-reader DEVICE DEPTH READS, DEPTH at most 1024");
	file = open(argv[1], O_RDONLY | O_DIRECT);
	if (file < 0 || ioctl(file, BLKGETSIZE64, &size))
		err(1, "%s", argv[1]);
	buffer = aligned_alloc(4096, depth * 4096UL);
	if (!buffer)
		errx(1, "out of memory");
	ring_init(&r, depth);
	ring_register(&r, file, buffer, depth * 4096UL);

	while (done < reads) {
		for (batch = 0; submitted < reads && submitted - done < depth; batch++) {
			ring_read(&r, buffer + submitted % depth * 4096,
				  submitted * 8191 % (size / SECTOR) * SECTOR);
			submitted++;
		}
		/* sleeps until half of them are over, as vgpu-bench does */
		if (syscall(__NR_io_uring_enter, r.fd, batch, (submitted - done + 1) / 2,
			    IORING_ENTER_GETEVENTS, NULL, 0) < 0)
			err(1, "io_uring_enter");
		done += ring_reap(&r);
	}
	return 0;
}
