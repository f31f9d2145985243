// SPDX-License-Identifier: GPL-2.0
/*
 * One object of a GiB, of pieces of a few pages in no order.  The memory behind it is much
 * less, and is mapped for the device many times over: the host can't tell.
 */
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "gpu.h"
#include "queue.h"
#include "random.h"
#include "tap.h"
#include "test_queue_large.h"

#define LARGE_IOVA	0x200000000ULL
#define LARGE_SIZE	0x40000000ULL
/* VFIO notes each page by itself: a kernel with all checkers takes minutes for a GiB */
#define LARGE_SIZE_CHECKED (LARGE_SIZE / 16)
/* Memory there really is */
#define LARGE_REAL	(64U << 20)
/* Pages of a piece, and most pieces */
#define LARGE_RUN	8
#define LARGE_RUNS	(LARGE_SIZE / QUEUE_PAGE / LARGE_RUN)
/* Lists, one page each, behind the pages */
#define LARGE_LISTS	((LARGE_RUNS + VGPU_PAGE_LIST_EXTENTS - 1) / VGPU_PAGE_LIST_EXTENTS)
#define LARGE_LIST_IOVA	(LARGE_IOVA + LARGE_SIZE)

/**
 * struct large - the object
 * @m: mailbox of its device
 * @mem: memory for a queue
 * @q: a queue
 * @ctx: its context
 * @pages: of the object
 * @real: LARGE_REAL bytes
 * @lists: LARGE_LISTS pages
 * @order: piece of LARGE_IOVA that piece i of the object is
 * @bo: the object
 */
struct large {
	struct mbox m;
	struct queue_mem mem;
	struct queue q;
	u32 ctx;
	u32 pages;
	u8 *real;
	struct vgpu_dev_page_list *lists;
	u32 *order;
	u32 bo;
};

static bool large_map(struct large *l, struct session *s)
{
	u64 at;
	int ret = 0;

	l->real = mmap(NULL, LARGE_REAL, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS,
		       -1, 0);
	l->lists = mmap(NULL, LARGE_LISTS * QUEUE_PAGE, PROT_READ | PROT_WRITE,
			MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	l->order = malloc(LARGE_RUNS * sizeof(*l->order));
	if (!tap_must(l->real != MAP_FAILED && l->lists != MAP_FAILED && l->order,
		      "allocates memory"))
		return false;
	for (at = 0; !ret && at < LARGE_SIZE; at += LARGE_REAL)
		ret = session_dma_map(s, l->real, LARGE_IOVA + at, LARGE_REAL);
	if (!ret)
		ret = session_dma_map(s, l->lists, LARGE_LIST_IOVA, LARGE_LISTS * QUEUE_PAGE);
	return tap_must(!ret, "maps a GiB for the device: got %s want success",
			tap_errno_name(ret));
}

/* Each piece once, in an order that nothing follows from. */
static void large_shuffle(struct large *l)
{
	struct random rnd = { .state = 31 };
	u32 i, j, run, runs = l->pages / LARGE_RUN;

	for (i = 0; i < runs; i++)
		l->order[i] = i;
	for (i = runs - 1; i; i--) {
		j = random_below(&rnd, i + 1);
		run = l->order[i];
		l->order[i] = l->order[j];
		l->order[j] = run;
	}
	for (i = 0; i < runs; i++) {
		struct vgpu_dev_page_list *list = &l->lists[i / VGPU_PAGE_LIST_EXTENTS];
		u32 n = i % VGPU_PAGE_LIST_EXTENTS;

		list->extent[n].addr = htole64(LARGE_IOVA +
					       (u64)l->order[i] * LARGE_RUN * QUEUE_PAGE);
		list->extent[n].length = htole64(LARGE_RUN * QUEUE_PAGE);
		list->count = htole32(n + 1);
		if (n == 0 && i)
			list[-1].next = htole64(LARGE_LIST_IOVA +
						i / VGPU_PAGE_LIST_EXTENTS * QUEUE_PAGE);
	}
}

static u32 *large_page(struct large *l, u32 i)
{
	u64 at = ((u64)l->order[i / LARGE_RUN] * LARGE_RUN + i % LARGE_RUN) * QUEUE_PAGE;

	return (u32 *)(l->real + at % LARGE_REAL);
}

/* Fill a page of the object, and see that it is the right page that is filled. */
static bool large_fill(struct large *l, u32 i, u32 pattern)
{
	struct vgpu_dev_sqe *sqe = queue_sqe(&l->q, i);
	struct vgpu_dev_cqe cqe;
	u32 *page = large_page(l, i), n;

	page[0] = 0;
	page[QUEUE_PAGE / 4 - 1] = 0;
	sqe->fill.dst = htole32(l->bo);
	sqe->fill.pattern = htole32(pattern);
	sqe->fill.offset = htole64((u64)i * QUEUE_PAGE);
	sqe->fill.length = htole64(QUEUE_PAGE);
	queue_submit(&l->q, VGPU_SQE_FILL);
	queue_kick(&l->q);
	if (!queue_wait(&l->q, &cqe) || queue_status(&cqe))
		return false;
	for (n = 0; n < QUEUE_PAGE / 4 && le32toh(page[n]) == pattern; n++)
		;
	return n == QUEUE_PAGE / 4;
}

/**
 * test_queue_large() - an object of a GiB
 * @s: an open session
 */
void test_queue_large(struct session *s)
{
	struct random rnd = { .state = 32 };
	struct large l = { 0 };
	u32 i, good = 0;
	int error;
	u64 size;

	if (!mbox_open(&l.m, s, VFIO_PCI_MSIX_IRQ_INDEX))
		return;
	if (!queue_mem_open(&l.mem, s))
		goto out_mbox;
	if (!large_map(&l, s) ||
	    !tap_must(!gpu_ctx_create(&l.m, &l.ctx) &&
		      !queue_create(&l.q, &l.m, &l.mem, l.ctx, 0, 16),
		      "makes a context and a queue"))
		goto out_mem;
	size = access("/proc/lockdep", F_OK) ? LARGE_SIZE : LARGE_SIZE_CHECKED;
	l.pages = size / QUEUE_PAGE;
	large_shuffle(&l);
	error = queue_bo_list(&l.m, l.ctx, size, LARGE_LIST_IOVA, &l.bo);
	if (!tap_ok(!error, "an object of %u MiB, in %u pieces: got %s want success",
		    (u32)(size >> 20), l.pages / LARGE_RUN, mbox_error_name(error)))
		goto out_mem;
	good += large_fill(&l, 0, 1);
	good += large_fill(&l, l.pages - 1, 2);
	for (i = 0; i < 500; i++)
		good += large_fill(&l, random_below(&rnd, l.pages), i + 3);
	tap_eq(good, 502, "pages that are where the list says");
	/* across many of them */
	error = gpu_fill(&l.m, l.ctx, l.bo, 1000 * QUEUE_PAGE - 8, 64 * QUEUE_PAGE + 16, 77);
	tap_eq((u64)error, 0, "a fill across pages");
	for (i = 1000, good = 0; i < 1064; i++)
		good += le32toh(large_page(&l, i)[0]) == 77 &&
			le32toh(large_page(&l, i)[QUEUE_PAGE / 4 - 1]) == 77;
	tap_eq(good, 64, "pages that it filled");
	tap_eq((u64)gpu_fill(&l.m, l.ctx, l.bo, size - 4, 8, 0), VGPU_ERR_OUT_OF_RANGE,
	       "it has an end");
	tap_eq((u64)gpu_ctx_destroy(&l.m, l.ctx), 0, "the context ends");
	for (i = 0; i < LARGE_SIZE / LARGE_REAL; i++)
		session_dma_unmap(s, LARGE_IOVA + (u64)i * LARGE_REAL, LARGE_REAL);
	session_dma_unmap(s, LARGE_LIST_IOVA, LARGE_LISTS * QUEUE_PAGE);
out_mem:
	queue_mem_close(&l.mem);
	free(l.order);
	munmap(l.lists, LARGE_LISTS * QUEUE_PAGE);
	munmap(l.real, LARGE_REAL);
out_mbox:
	mbox_close(&l.m);
}
