// SPDX-License-Identifier: GPL-2.0
/*
 * Lists of pages that lie: in their form, about what is at an address, or while they
 * are read.
 */
#include <pthread.h>
#include <string.h>

#include "bad.h"

#define MAX		(~0ULL)
#define INVALID		VGPU_ERR_INVALID_REQUEST
#define ADDRESS		VGPU_ERR_BAD_ADDRESS
#define NO_MEMORY	VGPU_ERR_NO_MEMORY

/* Where lists are made, and the page that they name */
#define LIST		8U
#define LIST2		9U
#define DATA		10U
/* How often a list is read while it changes */
#define RACES		300U

/* An address: a page of the guest's if @page is not 0, and @offset */
struct bad_addr {
	__u32 page;
	__u64 offset;
};

/**
 * struct bad_list - a list of one extent
 * @text: what is wrong
 * @want: the answer
 * @size: of the object
 * @at: where it is said to be
 * @addr: of the extent
 * @length: of the extent
 * @next: the next list; there is a good one, of one page, at LIST2
 * @count: extents
 * @reserved: as it says
 */
struct bad_list {
	const char *text;
	int want;
	__u64 size;
	struct bad_addr at;
	struct bad_addr addr;
	__u64 length;
	struct bad_addr next;
	__u32 count;
	__u32 reserved;
};

#define AT		{ LIST, 0 }
#define GOOD		{ DATA, 0 }
#define END		{ 0, 0 }

static const struct bad_list bad_lists[] = {
	{ "one page", 0, 4096, AT, GOOD, 4096, END, 1, 0 },
	{ "a size of 0", INVALID, 0, AT, GOOD, 4096, END, 1, 0 },
	{ "a size of 4097", INVALID, 4097, AT, GOOD, 4096, END, 1, 0 },
	{ "a size of 2^64 - 1", INVALID, MAX, AT, GOOD, 4096, END, 1, 0 },
	{ "a size of 2^64 - 4096", NO_MEMORY, MAX << 12, AT, GOOD, 4096, END, 1, 0 },
	{ "a size of 2^44", NO_MEMORY, 1ULL << 44, AT, GOOD, 4096, END, 1, 0 },
	{ "a size of 8 GiB and a page", NO_MEMORY, (8ULL << 30) + 4096, AT, GOOD, 4096, END,
	  1, 0 },
	{ "less than the size", INVALID, 8192, AT, GOOD, 4096, END, 1, 0 },
	{ "more than the size", INVALID, 4096, AT, GOOD, 8192, END, 1, 0 },
	{ "no extents", INVALID, 4096, AT, GOOD, 4096, END, 0, 0 },
	{ "extents of which one is zeroes", INVALID, 8192, AT, GOOD, 4096, END, 2, 0 },
	{ "256 extents", INVALID, 4096, AT, GOOD, 4096, END, 256, 0 },
	{ "2^32 - 1 extents", INVALID, 4096, AT, GOOD, 4096, END, 0xffffffff, 0 },
	{ "a reserved word", INVALID, 4096, AT, GOOD, 4096, END, 1, 1 },
	{ "a length of 0", INVALID, 4096, AT, GOOD, 0, END, 1, 0 },
	{ "a length of 1", INVALID, 4096, AT, GOOD, 1, END, 1, 0 },
	{ "a length of 2^64 - 4096", INVALID, 4096, AT, GOOD, MAX << 12, END, 1, 0 },
	{ "a length of 2^63", INVALID, 4096, AT, GOOD, 1ULL << 63, END, 1, 0 },
	{ "a page at byte 1", INVALID, 4096, AT, { DATA, 1 }, 4096, END, 1, 0 },
	{ "a page at byte 2048", INVALID, 4096, AT, { DATA, 2048 }, 4096, END, 1, 0 },
	{ "pages across 2^64", INVALID, 8192, AT, { 0, MAX << 12 }, 8192, END, 1, 0 },
	{ "the last page of all", ADDRESS, 4096, AT, { 0, MAX << 12 }, 4096, END, 1, 0 },
	{ "a page at 2^63", ADDRESS, 4096, AT, { 0, 1ULL << 63 }, 4096, END, 1, 0 },
	{ "a page at 2^52", ADDRESS, 4096, AT, { 0, 1ULL << 52 }, 4096, END, 1, 0 },
	{ "a list at byte 8", INVALID, 4096, { LIST, 8 }, GOOD, 4096, END, 1, 0 },
	{ "a list at 2^64 - 1", INVALID, 4096, { 0, MAX }, GOOD, 4096, END, 1, 0 },
	{ "a list in the last page", ADDRESS, 4096, { 0, MAX << 12 }, GOOD, 4096, END, 1, 0 },
	{ "a list at 2^52", ADDRESS, 4096, { 0, 1ULL << 52 }, GOOD, 4096, END, 1, 0 },
	{ "a second list", 0, 8192, AT, GOOD, 4096, { LIST2, 0 }, 1, 0 },
	{ "a second list too many", INVALID, 4096, AT, GOOD, 4096, { LIST2, 0 }, 1, 0 },
	{ "a second list at byte 1", INVALID, 8192, AT, GOOD, 4096, { LIST2, 1 }, 1, 0 },
	{ "a second list at 2^60", ADDRESS, 8192, AT, GOOD, 4096, { 0, 1ULL << 60 }, 1, 0 },
	{ "a list behind itself", INVALID, 64 * 4096, AT, GOOD, 4096, AT, 1, 0 },
	{ "a list that is the object", 0, 4096, AT, { LIST, 0 }, 4096, END, 1, 0 },
};

static __u64 bad_addr(const struct bad_guest *g, const struct bad_addr *at)
{
	return (at->page ? g->addr[at->page] : 0) + at->offset;
}

static struct vgpu_dev_page_list *bad_list_at(struct bad_guest *g, __u32 page)
{
	struct vgpu_dev_page_list *list = (void *)(g->memory + page * BAD_PAGE);

	memset(list, 0, sizeof(*list));
	list->count = cpu_to_le32(1);
	list->extent[0].addr = cpu_to_le64(g->addr[DATA]);
	list->extent[0].length = cpu_to_le64(BAD_PAGE);
	return list;
}

static int bad_list_run(struct bad_guest *g, __u32 ctx, __u64 size, __u64 at, __u32 *bo)
{
	return bad_bo_create_system(g, ctx, size, at, bo);
}

/* Try it; what was made is ended at once. */
static void bad_list_try(struct bad_guest *g, __u32 ctx, __u64 size, __u64 at, int want,
			 const char *text)
{
	__u32 bo;
	int err = bad_list_run(g, ctx, size, at, &bo);

	bad_expect(g, err, want, text);
	if (!err)
		bad_expect(g, BAD_CALL(g, NULL, VGPU_OP_BO_DESTROY, ctx, bo), 0, text);
}

/* Addresses that are not memory: as a page, as the last of many, as a list */
static void bad_list_holes(struct bad_guest *g, __u32 ctx)
{
	struct vgpu_dev_page_list *list = bad_list_at(g, LIST);
	__u32 i, k, bo;
	int err;

	for (i = 0; i < g->holes; i++) {
		list->count = cpu_to_le32(1);
		list->extent[0].addr = cpu_to_le64(g->hole[i].addr);
		bad_list_try(g, ctx, BAD_PAGE, g->addr[LIST], ADDRESS, g->hole[i].text);
		for (k = 0; k < 8; k++)
			list->extent[k] = (struct vgpu_dev_extent){
				cpu_to_le64(g->addr[DATA + k]), cpu_to_le64(BAD_PAGE),
			};
		list->extent[7].addr = cpu_to_le64(g->hole[i].addr);
		list->count = cpu_to_le32(8);
		bad_list_try(g, ctx, 8 * BAD_PAGE, g->addr[LIST], ADDRESS, g->hole[i].text);
		err = bad_list_run(g, ctx, BAD_PAGE, g->hole[i].addr, &bo);
		/* what can be read is hardly a list */
		bad_check(g, err == ADDRESS || (g->hole[i].readable && err == INVALID),
			  "a list in %s: got %#x", g->hole[i].text, err);
	}
}

/* The same page over and over, in one object and in two */
static void bad_list_duplicates(struct bad_guest *g, __u32 ctx)
{
	struct vgpu_dev_page_list *list = bad_list_at(g, LIST);
	__u32 i, bo, other;
	int err;

	for (i = 0; i < VGPU_PAGE_LIST_EXTENTS; i++)
		list->extent[i] = list->extent[0];
	list->count = cpu_to_le32(VGPU_PAGE_LIST_EXTENTS);
	err = bad_list_run(g, ctx, VGPU_PAGE_LIST_EXTENTS * BAD_PAGE, g->addr[LIST], &bo) ?:
	      bad_list_run(g, ctx, VGPU_PAGE_LIST_EXTENTS * BAD_PAGE, g->addr[LIST], &other);
	if (!bad_expect(g, err, 0, "the same page 255 times"))
		return;
	/* across its own end, on to where it came from */
	err = bad_copy(g, ctx, bo, 0, other, 64, 100 * BAD_PAGE) ?:
	      bad_fill(g, ctx, bo, 0, VGPU_PAGE_LIST_EXTENTS * BAD_PAGE, 0x5a5a5a5a) ?:
	      BAD_CALL(g, NULL, VGPU_OP_BO_DESTROY, ctx, bo);
	bad_expect(g, err, 0, "it can be copied to itself, filled, and ends");
	for (i = 0; i < BAD_PAGE && g->memory[DATA * BAD_PAGE + i] == 0x5a; i++)
		;
	bad_check(g, i == BAD_PAGE, "it is that page: byte %u is not filled", i);
	bad_expect(g, BAD_CALL(g, NULL, VGPU_OP_BO_DESTROY, ctx, other), 0, "the other ends");
}

/**
 * bad_test_lists() - lists that are wrong, and pages that are no memory
 * @g: the guest
 */
void bad_test_lists(struct bad_guest *g)
{
	struct vgpu_dev_page_list *list;
	const struct bad_list *bad;
	__u32 ctx, i;

	if (!bad_check(g, g->ops->reset(g) &&
		       !bad_call(g, VGPU_OP_CTX_CREATE, NULL, 0, &ctx), "makes a context"))
		return;
	bad_list_at(g, LIST2);
	for (i = 0; i < BAD_COUNT(bad_lists); i++) {
		bad = &bad_lists[i];
		list = bad_list_at(g, LIST);
		list->extent[0].addr = cpu_to_le64(bad_addr(g, &bad->addr));
		list->extent[0].length = cpu_to_le64(bad->length);
		list->next = cpu_to_le64(bad_addr(g, &bad->next));
		list->count = cpu_to_le32(bad->count);
		list->reserved = cpu_to_le32(bad->reserved);
		bad_list_try(g, ctx, bad->size, bad_addr(g, &bad->at), bad->want, bad->text);
	}
	bad_list_holes(g, ctx);
	bad_list_duplicates(g, ctx);
	bad_works(g);
}

/* Another processor, which changes a list all the time */
struct bad_changer {
	struct bad_guest *g;
	__u64 state;
	bool stop;
};

static void *bad_list_change(void *arg)
{
	struct bad_changer *c = arg;
	struct vgpu_dev_page_list *list = (void *)(c->g->memory + LIST * BAD_PAGE);
	const __u64 addrs[] = { c->g->addr[DATA], c->g->addr[DATA] + 1, MAX << 12, 1ULL << 63 };
	const __u64 lengths[] = { BAD_PAGE, BAD_PAGE, 0, MAX << 12 };
	const __u32 counts[] = { 1, 1, 0, 255, 256, 0xffffffff };
	__u64 z;

	while (!__atomic_load_n(&c->stop, __ATOMIC_RELAXED)) {
		c->state = c->state * 6364136223846793005ULL + 1442695040888963407ULL;
		z = c->state >> 33;
		WRITE_ONCE(list->count, cpu_to_le32(counts[z % 6]));
		WRITE_ONCE(list->extent[0].addr, cpu_to_le64(addrs[z / 6 % 4]));
		WRITE_ONCE(list->extent[0].length, cpu_to_le64(lengths[z / 24 % 4]));
		WRITE_ONCE(list->next, cpu_to_le64(z / 96 % 4 ? 0 : c->g->addr[LIST]));
		WRITE_ONCE(list->count, cpu_to_le32(1));
		WRITE_ONCE(list->extent[0].addr, cpu_to_le64(addrs[0]));
		WRITE_ONCE(list->extent[0].length, cpu_to_le64(lengths[0]));
	}
	return NULL;
}

/**
 * bad_test_lists_change() - lists that change while they are read
 * @g: the guest
 */
void bad_test_lists_change(struct bad_guest *g)
{
	struct bad_changer c = { .g = g, .state = bad_random(g) };
	pthread_t thread;
	__u32 ctx, bo, i;
	int err;

	if (!bad_check(g, g->ops->reset(g) &&
		       !bad_call(g, VGPU_OP_CTX_CREATE, NULL, 0, &ctx), "makes a context"))
		return;
	bad_list_at(g, LIST);
	if (!bad_check(g, !pthread_create(&thread, NULL, bad_list_change, &c), "a thread"))
		return;
	for (i = 0; i < RACES; i++) {
		err = bad_list_run(g, ctx, BAD_PAGE, g->addr[LIST], &bo);
		bad_check(g, !err || err == INVALID || err == ADDRESS,
			  "a list that changes: got %#x", err);
		if (!err)
			bad_expect(g, BAD_CALL(g, NULL, VGPU_OP_BO_DESTROY, ctx, bo), 0,
				   "an object whose list changed");
	}
	__atomic_store_n(&c.stop, true, __ATOMIC_RELAXED);
	pthread_join(thread, NULL);
	bad_works(g);
}
