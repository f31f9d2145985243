// SPDX-License-Identifier: GPL-2.0
/* Queues and modules that can't be made, and more of anything than there can be. */
#include <string.h>

#include "bad.h"

#define MAX		(~0ULL)
#define MAX32		0xffffffffU
#define INVALID		VGPU_ERR_INVALID_REQUEST
#define RANGE		VGPU_ERR_OUT_OF_RANGE
#define HANDLE		VGPU_ERR_BAD_HANDLE
#define NO_MEMORY	VGPU_ERR_NO_MEMORY
#define UNKNOWN		VGPU_ERR_UNSUPPORTED_OP

/* Handles of the context in which queues are made */
#define RINGS		1U		/* sixteen pages of guest memory */
#define DEV		2U		/* as many of device memory */
#define STALE		3U		/* was destroyed */
#define FOREIGN		4U		/* of another context only */
#define RINGS_PAGES	16U
/* How often contexts and queues are made and ended */
#define CHURN		1000U

static const struct {
	const char *text;
	__u32 handle;
	__u64 offset;
	__u32 entries;
	int want;
} bad_queues[] = {
	{ "no entries", RINGS, 0, 0, INVALID },
	{ "one entry", RINGS, 0, 1, INVALID },
	{ "three entries", RINGS, 0, 3, INVALID },
	{ "6 entries", RINGS, 0, 6, INVALID },
	{ "4095 entries", RINGS, 0, 4095, INVALID },
	{ "8192 entries", RINGS, 0, 8192, INVALID },
	{ "2^26 entries, 0 bytes modulo 2^32", RINGS, 0, 1 << 26, INVALID },
	{ "2^31 entries", RINGS, 0, 1U << 31, INVALID },
	{ "2^32 - 1 entries", RINGS, 0, MAX32, INVALID },
	{ "rings that don't fit", RINGS, 0, 1024, RANGE },
	{ "rings across the end", RINGS, (RINGS_PAGES - 1) * 4096, 2, RANGE },
	{ "rings behind the end", RINGS, RINGS_PAGES * 4096, 2, RANGE },
	{ "rings in another place of 2^44", RINGS, 1ULL << 44, 2, RANGE },
	{ "rings that wrap", RINGS, MAX << 12, 64, RANGE },
	{ "rings at byte 64", RINGS, 64, 2, INVALID },
	{ "rings at byte 4095", RINGS, 4095, 2, INVALID },
	{ "rings at 2^64 - 1", RINGS, MAX, 2, INVALID },
	{ "rings in device memory", DEV, 0, 2, INVALID },
	{ "rings in handle 0", 0, 0, 2, HANDLE },
	{ "rings in handle ~0", MAX32, 0, 2, HANDLE },
	{ "rings in a stale handle", STALE, 0, 2, HANDLE },
	{ "rings in another context", FOREIGN, 0, 2, HANDLE },
};

/* Queues of a context, which another one has a try at */
static void bad_queues_of_others(struct bad_guest *g, __u32 ctx, __u32 other)
{
	static const __u32 nobody[] = { 1, 15, 16, 17, 1U << 31, MAX32 };
	__u32 id, i;

	bad_expect(g, bad_queue_make(g, ctx, RINGS, 0, 2, &id), 0, "a queue");
	bad_check(g, id == 0, "it has number 0");
	bad_expect(g, BAD_CALL(g, NULL, VGPU_OP_QUEUE_DESTROY, other, 0), HANDLE,
		   "another context's queue");
	bad_expect(g, BAD_CALL(g, NULL, VGPU_OP_QUEUE_ABORT, other, 0), HANDLE,
		   "another context's queue, called off");
	for (i = 0; i < BAD_COUNT(nobody); i++) {
		bad_expect(g, BAD_CALL(g, NULL, VGPU_OP_QUEUE_DESTROY, ctx, nobody[i]),
			   HANDLE, "a queue that isn't there");
		bad_expect(g, BAD_CALL(g, NULL, VGPU_OP_QUEUE_ABORT, ctx, nobody[i]),
			   HANDLE, "a queue that isn't there, called off");
	}
	bad_expect(g, BAD_CALL(g, NULL, VGPU_OP_QUEUE_DESTROY, ctx, 0), 0, "the queue ends");
	bad_expect(g, BAD_CALL(g, NULL, VGPU_OP_QUEUE_DESTROY, ctx, 0), HANDLE,
		   "and can't end again");
	bad_expect(g, bad_queue_make(g, 0, RINGS, 0, 2, &id), HANDLE, "context 0");
	bad_expect(g, bad_queue_make(g, MAX32, RINGS, 0, 2, &id), HANDLE, "context ~0");
}

/* Handles that a guest wants, and where it says that a queue is */
static void bad_wants(struct bad_guest *g, __u32 ctx, __u32 other)
{
	static const struct {
		const char *text;
		__u32 want;
		int answer;
	} queues[] = {
		{ "number 0", 1, 0 }, { "number 0 again", 1, VGPU_ERR_BUSY },
		{ "number 15", 16, 0 }, { "number 16", 17, HANDLE },
		{ "number 2^31", (1U << 31) + 1, HANDLE }, { "number ~0 - 1", MAX32, HANDLE },
	}, bos[] = {
		{ "handle 4096", 4096, 0 }, { "handle 4096 again", 4096, VGPU_ERR_BUSY },
		{ "handle of rings", RINGS, VGPU_ERR_BUSY }, { "handle 4097", 4097, HANDLE },
		{ "handle 2^31 - 1", (1U << 31) - 1, HANDLE }, { "handle ~0", MAX32, HANDLE },
	};
	static const __u32 starts[] = { 2, 3, 0x7fffffff, 1U << 31, MAX32 - 1, MAX32 };
	__u32 id, i;

	for (i = 0; i < BAD_COUNT(queues); i++)
		bad_expect(g, BAD_CALL(g, &id, VGPU_OP_QUEUE_CREATE, ctx, RINGS, 0, 0, 2, 0,
				       queues[i].want, 0), queues[i].answer, queues[i].text);
	bad_expect(g, BAD_CALL(g, &id, VGPU_OP_QUEUE_CREATE, other, 1, 0, 0, 2, 0, 1, 0),
		   VGPU_ERR_BUSY, "another context's number");
	for (i = 0; i < BAD_COUNT(bos); i++)
		bad_expect(g, BAD_CALL(g, &id, VGPU_OP_BO_CREATE, ctx, 1, 0, bos[i].want),
			   bos[i].answer, bos[i].text);
	bad_expect(g, BAD_CALL(g, NULL, VGPU_OP_QUEUE_DESTROY, ctx, 0), 0, "it ends");
	bad_expect(g, BAD_CALL(g, NULL, VGPU_OP_QUEUE_DESTROY, ctx, 15), 0, "so does the other");
	bad_expect(g, BAD_CALL(g, NULL, VGPU_OP_BO_DESTROY, ctx, 4096), 0, "and the object");
	/* rings of zeroes, which are entries in every other lap, or of anything */
	for (i = 0; i < BAD_COUNT(starts); i++) {
		memset(g->memory, i % 2 ? 0 : 0xff, RINGS_PAGES * BAD_PAGE);
		bad_expect(g, BAD_CALL(g, &id, VGPU_OP_QUEUE_CREATE, ctx, RINGS, 0, 0, 4, 0, 1,
				       starts[i]), 0, "an index that is a lie");
		g->ops->bar2_write(g, VGPU_BAR2_DOORBELL(0), 4, 0);
		bad_expect(g, BAD_CALL(g, NULL, VGPU_OP_QUEUE_DESTROY, ctx, 0), 0,
			   "a queue with it ends");
	}
	memset(g->memory, 0, RINGS_PAGES * BAD_PAGE);
}

/**
 * bad_test_queues() - queues that can't be made or ended
 * @g: the guest
 */
void bad_test_queues(struct bad_guest *g)
{
	__u32 ctx, other, h, i, id, last = 0;

	if (!bad_check(g, g->ops->reset(g) &&
		       !bad_call(g, VGPU_OP_CTX_CREATE, NULL, 0, &ctx) &&
		       !bad_call(g, VGPU_OP_CTX_CREATE, NULL, 0, &other) &&
		       !bad_bo(g, ctx, 0, RINGS_PAGES, &h) && h == RINGS &&
		       !bad_bo_create(g, ctx, RINGS_PAGES * BAD_PAGE, &h) && h == DEV &&
		       !bad_bo(g, ctx, 0, 1, &h) && h == STALE &&
		       !BAD_CALL(g, NULL, VGPU_OP_BO_DESTROY, ctx, STALE),
		       "contexts and objects can be made"))
		return;
	for (i = 1; i <= FOREIGN; i++)
		bad_bo(g, other, 0, RINGS_PAGES, &last);
	bad_check(g, last == FOREIGN, "another context has more objects");
	for (i = 0; i < BAD_COUNT(bad_queues); i++)
		bad_expect(g, bad_queue_make(g, ctx, bad_queues[i].handle,
					     bad_queues[i].offset, bad_queues[i].entries, &id),
			   bad_queues[i].want, bad_queues[i].text);
	bad_expect(g, BAD_CALL(g, NULL, VGPU_OP_QUEUE_CREATE, ctx, RINGS, 0, 0, 2, 1), INVALID,
		   "a flag");
	bad_expect(g, BAD_CALL(g, NULL, VGPU_OP_QUEUE_CREATE, ctx, RINGS, 0, 0, 2, MAX32),
		   INVALID, "all flags");
	bad_queues_of_others(g, ctx, other);
	bad_wants(g, ctx, other);

	/* all over one another, and one too many */
	for (i = 0; i < VGPU_MAX_QUEUES; i++)
		bad_expect(g, bad_queue_make(g, ctx, RINGS, 0, 2U << i % 8, &id), 0,
			   "rings over other rings");
	bad_expect(g, bad_queue_make(g, ctx, RINGS, 0, 2, &id), NO_MEMORY, "a 17th queue");
	bad_expect(g, bad_queue_make(g, other, 1, 0, 2, &id), NO_MEMORY,
		   "a 17th queue of another context");
	bad_expect(g, BAD_CALL(g, NULL, VGPU_OP_CTX_DESTROY, ctx), 0, "the context ends");
	bad_expect(g, bad_queue_make(g, ctx, RINGS, 0, 2, &id), HANDLE, "a stale context");
	bad_expect(g, bad_queue_make(g, other, 1, 0, 2, &id), 0, "there is room again");
	bad_works(g);
}

/**
 * bad_test_modules() - modules that are garbage, kernels that don't exist
 * @g: the guest
 */
void bad_test_modules(struct bad_guest *g)
{
	static const struct {
		const char *name;
		__u32 length;
	} names[] = {
		{ "", 0 }, { "vecadd_u3", 9 }, { "vecadd_u321", 11 }, { "vecadd_u32", 11 },
		{ "VECADD_U32", 10 }, { "\0ecadd_u32", 10 }, { "%s%n", 4 },
		{ "../sha256", 9 }, { "sha256\0sha256", 13 },
	};
	static const __u32 nobody[] = { 0, 2, 65, 1U << 31, MAX32 };
	unsigned char garbage[900];
	__u32 ctx, other, module, h, i, n;

	if (!bad_check(g, g->ops->reset(g) &&
		       !bad_call(g, VGPU_OP_CTX_CREATE, NULL, 0, &ctx) &&
		       !bad_call(g, VGPU_OP_CTX_CREATE, NULL, 0, &other) &&
		       !BAD_CALL(g, &module, VGPU_OP_MODULE_LOAD, ctx, 0) && module == 1,
		       "a module can be loaded"))
		return;
	for (i = 0; i < sizeof(garbage); i++)
		garbage[i] = (unsigned char)bad_random(g);
	memcpy(garbage, "\177ELF", 4);
	for (n = 1; n <= sizeof(garbage); n += 899) {
		bad_expect(g, bad_call_data(g, VGPU_OP_MODULE_LOAD, ctx, 0, garbage, n, &h),
			   INVALID, "a module that is garbage");
		bad_expect(g, bad_call_data(g, VGPU_OP_MODULE_LOAD, ctx, 1, garbage, n, &h),
			   UNKNOWN, "garbage of a format that isn't there");
		bad_expect(g, bad_call_data(g, VGPU_OP_MODULE_LOAD, ctx, MAX32, garbage, n, &h),
			   UNKNOWN, "garbage of format ~0");
		bad_expect(g, bad_call_data(g, VGPU_OP_KERNEL_GET, ctx, module, garbage, n, &h),
			   UNKNOWN, "a kernel with garbage for a name");
	}
	for (i = 0; i < BAD_COUNT(names); i++)
		bad_expect(g, bad_call_data(g, VGPU_OP_KERNEL_GET, ctx, module, names[i].name,
					    names[i].length, &h),
			   UNKNOWN, "a kernel of an unknown name");
	for (i = 0; i < BAD_COUNT(nobody); i++) {
		bad_expect(g, bad_call_data(g, VGPU_OP_KERNEL_GET, ctx, nobody[i], "sha256", 6,
					    &h),
			   HANDLE, "a kernel of no module");
		bad_expect(g, BAD_CALL(g, NULL, VGPU_OP_MODULE_UNLOAD, ctx, nobody[i]), HANDLE,
			   "no module");
	}
	bad_expect(g, bad_call_data(g, VGPU_OP_KERNEL_GET, other, module, "sha256", 6, &h),
		   HANDLE, "another context's module");
	for (n = 0; !bad_call_data(g, VGPU_OP_KERNEL_GET, ctx, module, "sha256", 6, &h); n++)
		;
	bad_check(g, n == 256, "kernels of a context: got %u", n);
	for (n = 1; !BAD_CALL(g, &h, VGPU_OP_MODULE_LOAD, ctx, 0); n++)
		;
	bad_check(g, n == 64, "modules of a context: got %u", n);
	bad_expect(g, BAD_CALL(g, NULL, VGPU_OP_MODULE_UNLOAD, ctx, module), 0,
		   "the module ends with its kernels");
	bad_expect(g, bad_call_data(g, VGPU_OP_KERNEL_GET, ctx, module, "sha256", 6, &h),
		   HANDLE, "a stale module");
	bad_expect(g, bad_call_data(g, VGPU_OP_KERNEL_GET, ctx, h, "sha256", 6, &h), 0,
		   "and there is room for kernels again");
	bad_works(g);
}

/**
 * bad_test_many() - thousands of contexts and queues, one after the other and at once
 * @g: the guest
 */
void bad_test_many(struct bad_guest *g)
{
	__u32 ctx, i, n, id, bo = 0;
	struct bad_queue q;
	int err = 0;

	if (!bad_check(g, g->ops->reset(g), "resets"))
		return;
	for (n = 0; n <= 300; n++) {
		if (bad_call(g, VGPU_OP_CTX_CREATE, NULL, 0, &ctx))
			break;
	}
	bad_check(g, n == 256, "contexts at once: got %u", n);
	bad_expect(g, bad_call(g, VGPU_OP_CTX_CREATE, NULL, 0, &ctx), NO_MEMORY,
		   "one context more");
	bad_expect(g, BAD_CALL(g, NULL, VGPU_OP_CTX_DESTROY, 256), 0, "one ends");
	bad_expect(g, BAD_CALL(g, NULL, VGPU_OP_CTX_DESTROY, 256), HANDLE, "only once");
	bad_expect(g, BAD_CALL(g, NULL, VGPU_OP_CTX_DESTROY, 0), HANDLE, "context 0");
	bad_expect(g, BAD_CALL(g, NULL, VGPU_OP_CTX_DESTROY, MAX32), HANDLE, "context ~0");
	for (i = 0; i < CHURN && !err; i++)
		err = bad_call(g, VGPU_OP_CTX_CREATE, NULL, 0, &ctx) ?:
		      BAD_CALL(g, NULL, VGPU_OP_CTX_DESTROY, ctx);
	bad_expect(g, err, 0, "contexts come and go");

	/* each queue ends with a job in it that nobody waits for */
	err = bad_queue_create(g, &q, 1, 0, 2);
	for (i = 0; i < CHURN && !err; i++) {
		bad_nop(&q);
		bad_ring(&q);
		err = BAD_CALL(g, NULL, VGPU_OP_QUEUE_DESTROY, 1, q.id);
		memset(q.ring.events, 0, BAD_PAGE);
		memset(q.ring.sq, 0, BAD_PAGE);
		q.ring.submitted = 0;
		err = err ?: bad_queue_make(g, 1, q.bo, 0, 2, &q.id);
	}
	bad_expect(g, err, 0, "queues come and go");
	for (n = 2; n < VGPU_MAX_QUEUES + 2 && !err; n++)
		err = bad_bo(g, n, 64, 2, &bo) ?: bad_queue_make(g, n, bo, 0, 2, &id);
	bad_expect(g, err, NO_MEMORY, "queues of as many contexts");
	bad_check(g, n == VGPU_MAX_QUEUES + 2, "queues at once: got %u", n - 2);
	bad_works(g);
}
