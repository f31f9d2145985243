/* SPDX-License-Identifier: GPL-2.0 */
/*
 * A hostile guest, by whatever road its accesses reach the device: vfio-check plays it
 * without a guest, raw_bar0 is one.
 */
#ifndef BAD_H
#define BAD_H

#include <stdbool.h>
#include <stddef.h>

#include <vgpu/ring.h>

#define BAD_PAGE	4096U
/* Pages of memory that a guest needs */
#define BAD_PAGES	1024U
/* Features that it uses */
#define BAD_FEATURES	(VGPU_FEATURE_QUEUES | VGPU_FEATURE_WAIT | VGPU_FEATURE_TIMESTAMP | \
			 VGPU_FEATURE_RESTORE | VGPU_FEATURE_AGAIN)
/* Addresses it may add that are no memory */
#define BAD_HOLES	16

#define BAD_COUNT(array)	(sizeof(array) / sizeof((array)[0]))

/* As in the kernel; what checkpatch takes for its definition it wants replaced by it */
#ifndef __printf
#define BAD_FORMAT		__format__
#define __printf(a, b)		__attribute__((BAD_FORMAT(printf, a, b)))
#endif

struct bad_guest;

/**
 * struct bad_ops - how a guest reaches its device
 * @request: run a request; return enum vgpu_error, or -1 if there was no answer
 * @info: VGPU_OP_GET_DEVICE_INFO; return whether it could be had
 * @bar2_write: one access of 1, 2, 4 or 8 bytes
 * @bar2_read: likewise
 * @pause: let others work; called in a loop
 * @reset: reset the device, and enable all features it has
 * @fail: tell of a check that failed
 */
struct bad_ops {
	int (*request)(struct bad_guest *g, __u32 opcode, const __u32 *param, __u32 nparams,
		       const void *data, __u32 length, __u32 *result);
	bool (*info)(struct bad_guest *g, struct vgpu_dev_info *info);
	void (*bar2_write)(struct bad_guest *g, __u32 offset, unsigned int width, __u64 value);
	__u64 (*bar2_read)(struct bad_guest *g, __u32 offset, unsigned int width);
	void (*pause)(struct bad_guest *g);
	bool (*reset)(struct bad_guest *g);
	void (*fail)(struct bad_guest *g, const char *text);
};

/**
 * struct bad_hole - an address that is not memory to read and write
 * @text: what it is
 * @addr: its address, a multiple of BAD_PAGE
 * @readable: it can be read, so a list in it is garbage but no bad address
 */
struct bad_hole {
	char text[64];
	__u64 addr;
	bool readable;
};

/**
 * struct bad_guest - a guest
 * @ops: how it reaches its device
 * @priv: of @ops
 * @memory: BAD_PAGES pages, which the device can read and write
 * @addr: the address of each
 * @hole: addresses to try
 * @holes: how many
 * @random: state of bad_random()
 * @checks: made so far
 * @failures: of which failed
 */
struct bad_guest {
	const struct bad_ops *ops;
	void *priv;
	unsigned char *memory;
	__u64 addr[BAD_PAGES];
	struct bad_hole hole[BAD_HOLES];
	__u32 holes;
	__u64 random;
	__u32 checks;
	__u32 failures;
};

/**
 * struct bad_queue - a queue
 * @g: its guest
 * @ctx: its context
 * @bo: the object its rings are in
 * @id: its number
 * @ring: its rings, as the guest sees them
 */
struct bad_queue {
	struct bad_guest *g;
	__u32 ctx;
	__u32 bo;
	__u32 id;
	struct vgpu_ring_guest ring;
};

/* bad.c */
__printf(3, 4) bool bad_check(struct bad_guest *g, bool good, const char *format, ...);
bool bad_expect(struct bad_guest *g, int got, int want, const char *text);
__u64 bad_random(struct bad_guest *g);
__u32 bad_pick(struct bad_guest *g, __u32 count);
__u64 bad_nasty(struct bad_guest *g);
int bad_call(struct bad_guest *g, __u32 opcode, const __u32 *param, __u32 nparams,
	     __u32 *result);
int bad_call_data(struct bad_guest *g, __u32 opcode, __u32 a, __u32 b, const void *data,
		  __u32 length, __u32 *result);
bool bad_memory_free(struct bad_guest *g);

/* queue.c */
int bad_bo_create(struct bad_guest *g, __u32 ctx, __u64 size, __u32 *bo);
int bad_bo_create_system(struct bad_guest *g, __u32 ctx, __u64 size, __u64 list, __u32 *bo);
int bad_queue_make(struct bad_guest *g, __u32 ctx, __u32 bo, __u64 offset, __u32 entries,
		   __u32 *id);
int bad_copy(struct bad_guest *g, __u32 ctx, __u32 dst, __u64 dst_offset, __u32 src,
	     __u64 src_offset, __u64 length);
int bad_fill(struct bad_guest *g, __u32 ctx, __u32 dst, __u64 offset, __u64 length,
	     __u32 pattern);
int bad_bo(struct bad_guest *g, __u32 ctx, __u32 page, __u32 npages, __u32 *bo);
int bad_queue_create(struct bad_guest *g, struct bad_queue *q, __u32 ctx, __u32 page,
		     __u32 entries);
int bad_queue_create_in(struct bad_guest *g, struct bad_queue *q, __u32 ctx, __u32 bo,
			__u32 first, __u32 page, __u32 entries);
int bad_queue_destroy(struct bad_queue *q);
struct vgpu_dev_sqe *bad_sqe(struct bad_queue *q);
void bad_nop(struct bad_queue *q);
void bad_ring(struct bad_queue *q);
int bad_wait(struct bad_queue *q, __u64 *user_data);
bool bad_wait_published(struct bad_queue *q, __u32 n);
bool bad_quiet(struct bad_queue *q);
bool bad_works(struct bad_guest *g);

#define BAD_CALL(g, result, opcode, ...) \
	bad_call(g, opcode, (const __u32[]){ __VA_ARGS__ }, \
		 BAD_COUNT(((const __u32[]){ __VA_ARGS__ })), result)

/* One for each part of the list; they begin with a device that was just reset */
void bad_test_queues(struct bad_guest *g);
void bad_test_entries(struct bad_guest *g);
void bad_test_launches(struct bad_guest *g);
void bad_test_modules(struct bad_guest *g);
void bad_test_lists(struct bad_guest *g);
void bad_test_lists_change(struct bad_guest *g);
void bad_test_rings(struct bad_guest *g);
void bad_test_turns(struct bad_guest *g);
void bad_test_undrained(struct bad_guest *g);
void bad_test_many(struct bad_guest *g);
__u64 bad_test_doorbells(struct bad_guest *g, __u32 rounds);
void bad_test_random(struct bad_guest *g, unsigned long operations);

#endif /* BAD_H */
