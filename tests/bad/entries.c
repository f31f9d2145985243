// SPDX-License-Identifier: GPL-2.0
/*
 * Submission entries that are wrong in one thing each, and what each must end with.
 * Handles are numbers known beforehand: a device that was reset counts from 1.
 */
#include <string.h>

#include "bad.h"

/* Handles in the context of the queue */
#define DEV		1U		/* a page of device memory */
#define SYS		2U		/* some pages of guest memory */
#define ALIAS		3U		/* the same pages */
#define STALE		4U		/* was destroyed */
#define RINGS		5U		/* the queue's */
#define FOREIGN		6U		/* of another context only */
/* Kernels, both vecadd_u32 */
#define KERNEL		1U
#define KERNEL_STALE	2U		/* its module was unloaded */
#define KERNEL_FOREIGN	3U		/* of another context only */

/* Queues: that of the entries, one to wait for, and another context's */
#define SELF		0U
#define OTHER		1U
#define FOREIGN_QUEUE	2U

/* Pages of SYS: arguments, two inputs, zeroes, and the rings of another queue */
#define SYS_PAGE	32U
#define SYS_PAGES	6U
#define SYS_RINGS	(SYS_PAGE + 4)
#define MAX		(~0ULL)
#define MAX32		0xffffffffU

#define INVALID		VGPU_ERR_INVALID_REQUEST
#define RANGE		VGPU_ERR_OUT_OF_RANGE
#define HANDLE		VGPU_ERR_BAD_HANDLE
#define UNKNOWN		VGPU_ERR_UNSUPPORTED_OP

#define SET32(member, number)	{ offsetof(struct vgpu_dev_sqe, member), 4, number }
#define SET64(member, number)	{ offsetof(struct vgpu_dev_sqe, member), 8, number }

/**
 * struct bad_entry - an entry that is right but for something
 * @text: what
 * @opcode: bits 30 to 0 of its control word
 * @want: how it must end
 * @set: members that are not as in the right one of its kind
 */
struct bad_entry {
	const char *text;
	__u32 opcode;
	int want;
	struct {
		size_t offset;
		size_t size;
		__u64 value;
	} set[3];
};

static const struct bad_entry bad_entries[] = {
	{ "a nop", VGPU_SQE_NOP, 0, { } },
	{ "a nop with a bit set", VGPU_SQE_NOP, INVALID, { SET64(words[5], 1) } },
	{ "a nop that may run again", VGPU_SQE_NOP | VGPU_SQE_AGAIN, 0, { } },
	{ "a bit above the opcode", VGPU_SQE_NOP | VGPU_SQE_AGAIN << 1, INVALID, { } },
	{ "the bit below the phase", VGPU_SQE_NOP | 1U << 30, INVALID, { } },
	{ "opcode 6", 6, UNKNOWN, { } },
	{ "opcode 0xff", 0xff, UNKNOWN, { } },

	{ "a copy", VGPU_SQE_COPY, 0, { } },
	{ "reserved word of the head", VGPU_SQE_COPY, INVALID, { SET32(reserved, 1) } },
	{ "reserved word 0", VGPU_SQE_COPY, INVALID, { SET64(copy.reserved[0], 1) } },
	{ "reserved word 1", VGPU_SQE_COPY, INVALID, { SET64(copy.reserved[1], MAX) } },
	{ "to handle 0", VGPU_SQE_COPY, HANDLE, { SET32(copy.dst, 0) } },
	{ "to handle ~0", VGPU_SQE_COPY, HANDLE, { SET32(copy.dst, MAX32) } },
	{ "to a stale handle", VGPU_SQE_COPY, HANDLE, { SET32(copy.dst, STALE) } },
	{ "to another context's", VGPU_SQE_COPY, HANDLE, { SET32(copy.dst, FOREIGN) } },
	{ "from handle 0", VGPU_SQE_COPY, HANDLE, { SET32(copy.src, 0) } },
	{ "from handle 2^31", VGPU_SQE_COPY, HANDLE, { SET32(copy.src, 1U << 31) } },
	{ "from a stale handle", VGPU_SQE_COPY, HANDLE, { SET32(copy.src, STALE) } },
	{ "from another context's", VGPU_SQE_COPY, HANDLE, { SET32(copy.src, FOREIGN) } },
	{ "nothing", VGPU_SQE_COPY, INVALID, { SET64(copy.length, 0) } },
	{ "all of the object", VGPU_SQE_COPY, 0, { SET64(copy.length, 4096) } },
	{ "a byte more than the object", VGPU_SQE_COPY, RANGE, { SET64(copy.length, 4097) } },
	{ "2^63 bytes", VGPU_SQE_COPY, RANGE, { SET64(copy.length, 1ULL << 63) } },
	{ "2^64 - 1 bytes", VGPU_SQE_COPY, RANGE, { SET64(copy.length, MAX) } },
	{ "to behind the end", VGPU_SQE_COPY, RANGE, { SET64(copy.dst_offset, 4096) } },
	{ "across the end", VGPU_SQE_COPY, RANGE, { SET64(copy.dst_offset, 4096 - 63) } },
	{ "up to the end", VGPU_SQE_COPY, 0, { SET64(copy.dst_offset, 4096 - 64) } },
	{ "offset + length is 0", VGPU_SQE_COPY, RANGE,
	  { SET64(copy.dst_offset, MAX - 63) } },
	{ "offset + length is 32", VGPU_SQE_COPY, RANGE,
	  { SET64(copy.src_offset, MAX - 31) } },
	{ "an offset of 2^32", VGPU_SQE_COPY, RANGE,
	  { SET64(copy.src_offset, 1ULL << 32) } },
	{ "both wrap", VGPU_SQE_COPY, RANGE,
	  { SET64(copy.dst_offset, 64), SET64(copy.length, MAX - 63) } },
	{ "onto itself", VGPU_SQE_COPY, INVALID, { SET32(copy.src, DEV) } },
	{ "onto its last byte", VGPU_SQE_COPY, INVALID,
	  { SET32(copy.src, DEV), SET64(copy.dst_offset, 63) } },
	{ "onto its first byte", VGPU_SQE_COPY, INVALID,
	  { SET32(copy.src, DEV), SET64(copy.src_offset, 63) } },
	{ "beside itself", VGPU_SQE_COPY, 0,
	  { SET32(copy.src, DEV), SET64(copy.dst_offset, 64) } },
	{ "onto the same page by another name", VGPU_SQE_COPY, 0,
	  { SET32(copy.dst, ALIAS), SET64(copy.dst_offset, 32) } },

	{ "a fill", VGPU_SQE_FILL, 0, { } },
	{ "reserved word 0", VGPU_SQE_FILL, INVALID, { SET64(fill.reserved[0], 1) } },
	{ "reserved word 2", VGPU_SQE_FILL, INVALID, { SET64(fill.reserved[2], 1ULL << 63) } },
	{ "fill handle 0", VGPU_SQE_FILL, HANDLE, { SET32(fill.dst, 0) } },
	{ "fill a stale handle", VGPU_SQE_FILL, HANDLE, { SET32(fill.dst, STALE) } },
	{ "fill another context's", VGPU_SQE_FILL, HANDLE, { SET32(fill.dst, FOREIGN) } },
	{ "from byte 2", VGPU_SQE_FILL, INVALID, { SET64(fill.offset, 2) } },
	{ "62 bytes", VGPU_SQE_FILL, INVALID, { SET64(fill.length, 62) } },
	{ "no bytes", VGPU_SQE_FILL, INVALID, { SET64(fill.length, 0) } },
	{ "a word more than the object", VGPU_SQE_FILL, RANGE, { SET64(fill.length, 4100) } },
	{ "2^64 - 4 bytes", VGPU_SQE_FILL, RANGE, { SET64(fill.length, MAX - 3) } },
	{ "wraps to word 15", VGPU_SQE_FILL, RANGE, { SET64(fill.offset, MAX - 3) } },

	{ "a wait for what was long ago", VGPU_SQE_WAIT, 0, { } },
	{ "a wait for what was before the first", VGPU_SQE_WAIT, 0,
	  { SET32(wait.index, MAX32) } },
	{ "a wait for itself", VGPU_SQE_WAIT, INVALID, { SET32(wait.queue, SELF) } },
	{ "a wait for another context", VGPU_SQE_WAIT, HANDLE,
	  { SET32(wait.queue, FOREIGN_QUEUE) } },
	{ "a wait for a queue that isn't there", VGPU_SQE_WAIT, HANDLE,
	  { SET32(wait.queue, 7) } },
	{ "a wait for queue 16", VGPU_SQE_WAIT, HANDLE, { SET32(wait.queue, 16) } },
	{ "a wait for queue ~0", VGPU_SQE_WAIT, HANDLE, { SET32(wait.queue, MAX32) } },
	{ "a wait with a reserved word", VGPU_SQE_WAIT, INVALID,
	  { SET64(wait.reserved[4], 1) } },

	{ "a timestamp", VGPU_SQE_TIMESTAMP, 0, { } },
	{ "in handle 0", VGPU_SQE_TIMESTAMP, HANDLE, { SET32(timestamp.dst, 0) } },
	{ "in a stale handle", VGPU_SQE_TIMESTAMP, HANDLE, { SET32(timestamp.dst, STALE) } },
	{ "in another context's", VGPU_SQE_TIMESTAMP, HANDLE, { SET32(timestamp.dst, FOREIGN) } },
	{ "at byte 4", VGPU_SQE_TIMESTAMP, INVALID, { SET64(timestamp.offset, 4) } },
	{ "across the end", VGPU_SQE_TIMESTAMP, RANGE, { SET64(timestamp.offset, 4092) } },
	{ "behind the end", VGPU_SQE_TIMESTAMP, RANGE, { SET64(timestamp.offset, 4096) } },
	{ "wraps", VGPU_SQE_TIMESTAMP, RANGE, { SET64(timestamp.offset, MAX - 7) } },
	{ "with a reserved word", VGPU_SQE_TIMESTAMP, INVALID, { SET32(timestamp.reserved0, 1) } },
	{ "with another", VGPU_SQE_TIMESTAMP, INVALID, { SET64(timestamp.reserved[3], 1) } },
};

static const struct bad_entry bad_launches[] = {
	{ "a launch", VGPU_SQE_LAUNCH, 0, { } },
	{ "kernel 0", VGPU_SQE_LAUNCH, HANDLE, { SET32(launch.kernel, 0) } },
	{ "kernel ~0", VGPU_SQE_LAUNCH, HANDLE, { SET32(launch.kernel, MAX32) } },
	{ "a kernel of a module that is gone", VGPU_SQE_LAUNCH, HANDLE,
	  { SET32(launch.kernel, KERNEL_STALE) } },
	{ "another context's kernel", VGPU_SQE_LAUNCH, HANDLE,
	  { SET32(launch.kernel, KERNEL_FOREIGN) } },
	{ "a grid of 0", VGPU_SQE_LAUNCH, INVALID, { SET32(launch.grid[0], 0) } },
	{ "a grid of 2^32 - 1", VGPU_SQE_LAUNCH, INVALID, { SET32(launch.grid[1], MAX32) } },
	{ "a grid of (2^32 - 1)^3", VGPU_SQE_LAUNCH, INVALID,
	  { SET32(launch.grid[0], MAX32), SET32(launch.grid[1], MAX32),
	    SET32(launch.grid[2], MAX32) } },
	{ "a block of 0", VGPU_SQE_LAUNCH, INVALID, { SET32(launch.block[2], 0) } },
	{ "a block of 2^32 - 1", VGPU_SQE_LAUNCH, INVALID,
	  { SET32(launch.block[0], MAX32) } },
	{ "2^16 blocks of 2^16", VGPU_SQE_LAUNCH, INVALID,
	  { SET32(launch.grid[0], 1 << 16), SET32(launch.block[0], 1 << 16) } },
	{ "shared memory", VGPU_SQE_LAUNCH, INVALID, { SET32(launch.shared, 1) } },
	{ "shared memory of 2^32 - 1", VGPU_SQE_LAUNCH, INVALID,
	  { SET32(launch.shared, MAX32) } },
	{ "arguments in handle 0", VGPU_SQE_LAUNCH, HANDLE, { SET32(launch.args, 0) } },
	{ "arguments in a stale handle", VGPU_SQE_LAUNCH, HANDLE,
	  { SET32(launch.args, STALE) } },
	{ "arguments in another context", VGPU_SQE_LAUNCH, HANDLE,
	  { SET32(launch.args, FOREIGN) } },
	{ "arguments in device memory", VGPU_SQE_LAUNCH, INVALID, { SET32(launch.args, DEV) } },
	{ "no arguments", VGPU_SQE_LAUNCH, INVALID, { SET32(launch.args_length, 0) } },
	{ "an argument too few", VGPU_SQE_LAUNCH, INVALID, { SET32(launch.args_length, 48) } },
	{ "an argument too many", VGPU_SQE_LAUNCH, INVALID, { SET32(launch.args_length, 80) } },
	{ "an argument cut off", VGPU_SQE_LAUNCH, INVALID, { SET32(launch.args_length, 63) } },
	{ "an argument more than there can be", VGPU_SQE_LAUNCH, INVALID,
	  { SET32(launch.args_length, 272) } },
	{ "2^32 - 1 bytes of arguments", VGPU_SQE_LAUNCH, INVALID,
	  { SET32(launch.args_length, MAX32) } },
	{ "arguments across the end", VGPU_SQE_LAUNCH, RANGE,
	  { SET64(launch.args_offset, SYS_PAGES * 4096 - 63) } },
	{ "arguments that wrap", VGPU_SQE_LAUNCH, RANGE,
	  { SET64(launch.args_offset, MAX - 31) } },
	{ "arguments that are zeroes", VGPU_SQE_LAUNCH, INVALID,
	  { SET64(launch.args_offset, 3 * 4096) } },
	{ "arguments that are the rings", VGPU_SQE_LAUNCH, INVALID,
	  { SET32(launch.args, RINGS), SET64(launch.args_offset, 4096) } },
};

/* Arguments of vecadd_u32, of which one is wrong */
static const struct {
	const char *text;
	__u32 index;
	struct vgpu_dev_arg arg;
	int want;
} bad_args[] = {
	{ "an argument of type 2", 0, { 2, DEV, 0 }, INVALID },
	{ "an argument of type ~0", 3, { MAX32, 0, 4 }, INVALID },
	{ "a number for a buffer", 1, { VGPU_ARG_VALUE, 0, 0 }, INVALID },
	{ "a buffer for a number", 3, { VGPU_ARG_BO, SYS, 4 }, INVALID },
	{ "a number with a handle", 3, { VGPU_ARG_VALUE, SYS, 4 }, INVALID },
	{ "n is 0", 3, { VGPU_ARG_VALUE, 0, 0 }, INVALID },
	{ "n is 2^32 - 1", 3, { VGPU_ARG_VALUE, 0, MAX32 }, RANGE },
	{ "n is 2^32", 3, { VGPU_ARG_VALUE, 0, 1ULL << 32 }, INVALID },
	{ "4 n is 0", 3, { VGPU_ARG_VALUE, 0, 1ULL << 62 }, INVALID },
	{ "n is 2^64 - 1", 3, { VGPU_ARG_VALUE, 0, MAX }, INVALID },
	{ "n is one too many", 3, { VGPU_ARG_VALUE, 0, 1025 }, RANGE },
	{ "a buffer with handle 0", 0, { VGPU_ARG_BO, 0, 0 }, HANDLE },
	{ "a buffer with handle ~0", 1, { VGPU_ARG_BO, MAX32, 0 }, HANDLE },
	{ "a stale buffer", 2, { VGPU_ARG_BO, STALE, 0 }, HANDLE },
	{ "another context's buffer", 0, { VGPU_ARG_BO, FOREIGN, 0 }, HANDLE },
	{ "a buffer at byte 2", 0, { VGPU_ARG_BO, DEV, 2 }, INVALID },
	{ "a buffer behind the end", 0, { VGPU_ARG_BO, DEV, 4096 }, RANGE },
	{ "a buffer at 2^64 - 4", 1, { VGPU_ARG_BO, SYS, MAX - 3 }, RANGE },
	{ "an output over an input", 0, { VGPU_ARG_BO, SYS, 4096 + 4 }, INVALID },
};

/* A context with one of everything, and a queue */
static bool bad_entries_prepare(struct bad_guest *g, struct bad_queue *q)
{
	static const char name[] = "vecadd_u32";
	__u32 module, gone, other, h[8], i;
	struct bad_queue others, theirs;
	bool good;

	memset(g->memory + SYS_PAGE * BAD_PAGE, 0, SYS_PAGES * BAD_PAGE);
	good = g->ops->reset(g) && !bad_call(g, VGPU_OP_CTX_CREATE, NULL, 0, &q->ctx) &&
	       !bad_call(g, VGPU_OP_CTX_CREATE, NULL, 0, &other) &&
	       !bad_bo_create(g, q->ctx, BAD_PAGE, &h[DEV]) &&
	       !bad_bo(g, q->ctx, SYS_PAGE, SYS_PAGES, &h[SYS]) &&
	       !bad_bo(g, q->ctx, SYS_PAGE, SYS_PAGES, &h[ALIAS]) &&
	       !bad_bo_create(g, q->ctx, BAD_PAGE, &h[STALE]) &&
	       !bad_queue_create(g, q, q->ctx, 0, 16) &&
	       !BAD_CALL(g, NULL, VGPU_OP_BO_DESTROY, q->ctx, STALE);
	for (i = 1; good && i <= FOREIGN; i++)
		good = !bad_bo(g, other, SYS_PAGE, SYS_PAGES, &h[FOREIGN]);
	good = good && h[DEV] == DEV && h[SYS] == SYS && h[ALIAS] == ALIAS &&
	       h[STALE] == STALE && q->bo == RINGS && h[FOREIGN] == FOREIGN;
	good = good &&
	       !bad_queue_create_in(g, &others, q->ctx, SYS, SYS_PAGE, SYS_RINGS, 2) &&
	       !bad_queue_create_in(g, &theirs, other, FOREIGN, SYS_PAGE, SYS_RINGS, 2) &&
	       q->id == SELF && others.id == OTHER && theirs.id == FOREIGN_QUEUE;
	if (good) {
		bad_nop(&others);
		bad_ring(&others);
		good = !bad_wait(&others, NULL);
	}
	good = good && !BAD_CALL(g, &module, VGPU_OP_MODULE_LOAD, q->ctx, 0) &&
	       !BAD_CALL(g, &gone, VGPU_OP_MODULE_LOAD, q->ctx, 0) &&
	       !bad_call_data(g, VGPU_OP_KERNEL_GET, q->ctx, module, name, 10, &h[0]) &&
	       h[0] == KERNEL &&
	       !bad_call_data(g, VGPU_OP_KERNEL_GET, q->ctx, gone, name, 10, &h[0]) &&
	       h[0] == KERNEL_STALE &&
	       !BAD_CALL(g, NULL, VGPU_OP_MODULE_UNLOAD, q->ctx, gone) &&
	       !BAD_CALL(g, &module, VGPU_OP_MODULE_LOAD, other, 0);
	for (i = 1; good && i <= KERNEL_FOREIGN; i++)
		good = !bad_call_data(g, VGPU_OP_KERNEL_GET, other, module, name, 10, &h[0]);
	return bad_check(g, good && h[0] == KERNEL_FOREIGN,
			 "contexts, objects, kernels and a queue can be made");
}

/* What is right, before it is spoilt */
static void bad_entry_base(struct vgpu_dev_sqe *sqe, __u32 opcode)
{
	__u32 i;

	switch (opcode) {
	case VGPU_SQE_COPY:
		sqe->copy.dst = cpu_to_le32(DEV);
		sqe->copy.src = cpu_to_le32(SYS);
		sqe->copy.length = cpu_to_le64(64);
		break;
	case VGPU_SQE_FILL:
		sqe->fill.dst = cpu_to_le32(DEV);
		sqe->fill.length = cpu_to_le64(64);
		break;
	case VGPU_SQE_WAIT:
		sqe->wait.queue = cpu_to_le32(OTHER);
		break;
	case VGPU_SQE_TIMESTAMP:
		sqe->timestamp.dst = cpu_to_le32(DEV);
		break;
	case VGPU_SQE_LAUNCH:
		sqe->launch.kernel = cpu_to_le32(KERNEL);
		for (i = 0; i < 3; i++) {
			sqe->launch.grid[i] = cpu_to_le32(1);
			sqe->launch.block[i] = cpu_to_le32(1);
		}
		sqe->launch.args = cpu_to_le32(SYS);
		sqe->launch.args_length = cpu_to_le32(4 * sizeof(struct vgpu_dev_arg));
		break;
	}
}

static void bad_entry_run(struct bad_guest *g, struct bad_queue *q,
			  const struct bad_entry *entry)
{
	__u64 index = q->ring.submitted, user_data = ~0ULL;
	struct vgpu_dev_sqe *sqe = bad_sqe(q);
	__le64 number;
	__u32 i;

	bad_entry_base(sqe, entry->opcode);
	for (i = 0; i < BAD_COUNT(entry->set) && entry->set[i].size; i++) {
		number = cpu_to_le64(entry->set[i].value);
		memcpy((char *)sqe + entry->set[i].offset, &number, entry->set[i].size);
	}
	vgpu_ring_submit(&q->ring, entry->opcode);
	bad_ring(q);
	bad_expect(g, bad_wait(q, &user_data), entry->want, entry->text);
	bad_check(g, user_data == index, "%s: got user data %#llx", entry->text,
		  (unsigned long long)user_data);
}

/* The arguments of a vector addition that is right, in guest memory */
static struct vgpu_dev_arg *bad_args_base(struct bad_guest *g)
{
	struct vgpu_dev_arg *arg = (void *)(g->memory + SYS_PAGE * BAD_PAGE);

	arg[0] = (struct vgpu_dev_arg){ cpu_to_le32(VGPU_ARG_BO), cpu_to_le32(DEV), 0 };
	arg[1] = (struct vgpu_dev_arg){ cpu_to_le32(VGPU_ARG_BO), cpu_to_le32(SYS),
					cpu_to_le64(4096) };
	arg[2] = (struct vgpu_dev_arg){ cpu_to_le32(VGPU_ARG_BO), cpu_to_le32(SYS),
					cpu_to_le64(8192) };
	arg[3] = (struct vgpu_dev_arg){ cpu_to_le32(VGPU_ARG_VALUE), 0, cpu_to_le64(4) };
	return arg;
}

/* Refused jobs must hold nothing */
static void bad_entries_finish(struct bad_guest *g, struct bad_queue *q)
{
	static const __u32 handles[] = { DEV, SYS, ALIAS };
	__u32 i;

	bad_expect(g, BAD_CALL(g, NULL, VGPU_OP_BO_DESTROY, q->ctx, RINGS), VGPU_ERR_BUSY,
		   "rings can't be destroyed under their queue");
	bad_expect(g, BAD_CALL(g, NULL, VGPU_OP_QUEUE_DESTROY, q->ctx, OTHER), 0,
		   "the other queue ends");
	for (i = 0; i < BAD_COUNT(handles); i++)
		bad_expect(g, BAD_CALL(g, NULL, VGPU_OP_BO_DESTROY, q->ctx, handles[i]), 0,
			   "no job holds an object");
	bad_expect(g, bad_queue_destroy(q), 0, "the queue ends");
	bad_works(g);
}

/**
 * bad_test_entries() - entries that are wrong, but for launches
 * @g: the guest
 */
void bad_test_entries(struct bad_guest *g)
{
	struct bad_queue q;
	__u32 i;

	if (!bad_entries_prepare(g, &q))
		return;
	for (i = 0; i < BAD_COUNT(bad_entries); i++)
		bad_entry_run(g, &q, &bad_entries[i]);
	bad_entries_finish(g, &q);
}

/**
 * bad_test_launches() - launches that are wrong
 * @g: the guest
 */
void bad_test_launches(struct bad_guest *g)
{
	struct bad_entry entry = { .opcode = VGPU_SQE_LAUNCH };
	struct vgpu_dev_arg *arg;
	struct bad_queue q;
	__u32 i;

	if (!bad_entries_prepare(g, &q))
		return;
	bad_args_base(g);
	for (i = 0; i < BAD_COUNT(bad_launches); i++)
		bad_entry_run(g, &q, &bad_launches[i]);
	for (i = 0; i < BAD_COUNT(bad_args); i++) {
		arg = &bad_args_base(g)[bad_args[i].index];
		arg->type = cpu_to_le32(bad_args[i].arg.type);
		arg->handle = cpu_to_le32(bad_args[i].arg.handle);
		arg->value = cpu_to_le64(bad_args[i].arg.value);
		entry.text = bad_args[i].text;
		entry.want = bad_args[i].want;
		bad_entry_run(g, &q, &entry);
	}
	bad_entries_finish(g, &q);
}
