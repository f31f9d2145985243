// SPDX-License-Identifier: GPL-2.0
#include <linux/vgpu_dev.h>
#include <stdlib.h>
#include <string.h>

#include "gpu.h"
#include "mbox.h"
#include "random.h"
#include "tap.h"
#include "test_bo.h"

/* A handle that nobody has been given */
#define BO_NOBODYS	0xdeadbeef

/* Larger objects are not made: zeroing them takes long on emulated machines */
#define BO_LARGE	(256ULL << 20)

static bool bo_expect(int got, int want, const char *what)
{
	return tap_ok(got == want, "%s: got %s want %s", what,
		      mbox_error_name(got), mbox_error_name(want));
}

static bool bo_expect2(int got, int want, int or_want, const char *what)
{
	return tap_ok(got == want || got == or_want,
		      "%s: got %s want %s or %s", what, mbox_error_name(got),
		      mbox_error_name(want), mbox_error_name(or_want));
}

static bool bo_prepare(struct mbox *m, struct session *s, u32 *ctx, u32 *bo,
		       u64 size)
{
	if (!mbox_open(m, s, VFIO_PCI_MSIX_IRQ_INDEX))
		return false;
	if (tap_must(!gpu_ctx_create(m, ctx) &&
		     !gpu_bo_create(m, *ctx, size, bo),
		     "makes a context and an object"))
		return true;
	mbox_close(m);
	return false;
}

/* Is [offset, offset + len) of an object all zeroes?  Up to 8 KiB. */
static bool bo_is_zero(struct mbox *m, u32 ctx, u32 bo, u64 offset, size_t len)
{
	u8 now[8192];
	size_t i;

	if (gpu_download(m, ctx, bo, offset, now, len))
		return false;
	for (i = 0; i < len; i++)
		if (now[i])
			return false;
	return true;
}

/**
 * test_bo() - make, write, read, end
 * @s: an open session
 */
void test_bo(struct session *s)
{
	struct random rnd = { .state = 4 };
	u8 data[8192], now[8192];
	u32 ctx, bo, other;
	struct mbox m;
	int error;

	if (!bo_prepare(&m, s, &ctx, &bo, sizeof(data)))
		return;
	tap_ok(bo_is_zero(&m, ctx, bo, 0, sizeof(data)),
	       "a new object is zeroed");
	random_fill(&rnd, data, sizeof(data));
	bo_expect(gpu_upload(&m, ctx, bo, 0, data, sizeof(data)), 0,
		  "writes 8 KiB");
	bo_expect(gpu_download(&m, ctx, bo, 0, now, sizeof(now)), 0,
		  "reads 8 KiB");
	tap_ok(!memcmp(data, now, sizeof(data)), "what was written is read");

	/* across a page, at odd places */
	bo_expect(gpu_bo_write(&m, ctx, bo, 4095, "xyz", 3), 0,
		  "writes across a page");
	memcpy(data + 4095, "xyz", 3);
	bo_expect(gpu_bo_write(&m, ctx, bo, 8191, "!", 1), 0,
		  "writes the last byte");
	data[8191] = '!';
	bo_expect(gpu_bo_read(&m, ctx, bo, 4001, now, GPU_READ_MAX), 0,
		  "reads as much as a response holds");
	tap_ok(!memcmp(data + 4001, now, GPU_READ_MAX),
	       "reads at an odd place across a page");
	bo_expect(gpu_bo_read(&m, ctx, bo, 8191, now, 1), 0,
		  "reads the last byte");
	tap_eq(now[0], '!', "the last byte");
	bo_expect2(gpu_bo_read(&m, ctx, bo, 0, NULL, GPU_READ_MAX + 1),
		   VGPU_ERR_INVALID_REQUEST, VGPU_ERR_TOO_LARGE,
		   "reads more than a response holds");
	error = gpu_bo_read(&m, ctx, bo, 0, NULL, 0xffffffff);
	tap_ok(error == VGPU_ERR_INVALID_REQUEST ||
	       error == VGPU_ERR_TOO_LARGE || error == VGPU_ERR_OUT_OF_RANGE,
	       "reads 4 GiB: got %s want an error about that",
	       mbox_error_name(error));

	/* two objects are not one */
	bo_expect(gpu_bo_create(&m, ctx, sizeof(data), &other), 0,
		  "makes another object");
	tap_ok(other != bo, "it has another handle");
	tap_ok(bo_is_zero(&m, ctx, other, 0, sizeof(data)), "it is zeroed");
	bo_expect(gpu_bo_destroy(&m, ctx, bo), 0, "ends the first");
	bo_expect(gpu_bo_create(&m, ctx, sizeof(data), &bo), 0,
		  "makes one again, perhaps in the same memory");
	tap_ok(bo_is_zero(&m, ctx, bo, 0, sizeof(data)), "it is zeroed");
	bo_expect(gpu_ctx_destroy(&m, ctx), 0, "ends the context");
	mbox_close(&m);
}

/**
 * test_bo_zeroed() - memory changes its owner zeroed
 * @s: an open session
 *
 * Much memory, filled with ones, is given back and taken again.  The device
 * itself adds it up: reading it all would take long.
 */
void test_bo_zeroed(struct session *s)
{
	const u64 size = 4ULL << 20;
	struct gpu_arg arg[3];
	struct gpu_info info;
	u32 ctx, sum, bo, i;
	struct mbox m;
	u8 now[4];

	if (!bo_prepare(&m, s, &ctx, &sum, 4096))
		return;
	if (gpu_get_info(&m, &info))
		goto out;
	if (!(info.builtins & (1ULL << VGPU_BUILTIN_REDUCE_U32)) ||
	    info.memory_size < 2 * size) {
		tap_skip("this GPU has no reduction, or too little memory",
			 "memory changes its owner zeroed");
		goto out;
	}
	for (i = 0; i < 8; i++) {
		if (!tap_must(!gpu_bo_create(&m, ctx, size, &bo),
			      "makes an object of 4 MiB"))
			goto out;
		arg[0] = gpu_bo(sum, 0);
		arg[1] = gpu_bo(bo, 0);
		arg[2] = gpu_value(size / 4);
		if (!tap_must(!gpu_launch(&m, ctx, VGPU_BUILTIN_REDUCE_U32, arg,
					  ARRAY_SIZE(arg)) &&
			      !gpu_bo_read(&m, ctx, sum, 0, now, 4) &&
			      !gpu_fill(&m, ctx, bo, 0, size, 1) &&
			      !gpu_bo_destroy(&m, ctx, bo),
			      "adds it up and fills it") ||
		    !tap_must_eq(get_le32(now), 0, "old words in object %u", i))
			goto out;
	}
	tap_ok(true, "memory changes its owner zeroed");
out:
	mbox_close(&m);
}

static void handles_every_op(struct mbox *m, u32 ctx, u32 bo, u32 good,
			     const char *what)
{
	/* no overlap, should both be the same object: that is another error */
	struct gpu_copy to = { ctx, bo, 0, good, 64, 4 };
	struct gpu_copy from = { ctx, good, 64, bo, 0, 4 };
	const struct gpu_arg arg[] = { gpu_bo(good, 64), gpu_bo(bo, 0),
				       gpu_value(1) };
	const int bad = VGPU_ERR_BAD_HANDLE;

	tap_note("%s:", what);
	bo_expect(gpu_bo_write(m, ctx, bo, 0, "abcd", 4), bad, "BO_WRITE");
	bo_expect(gpu_bo_read(m, ctx, bo, 0, NULL, 4), bad, "BO_READ");
	bo_expect(gpu_fill(m, ctx, bo, 0, 4, 1), bad, "FILL");
	bo_expect(gpu_do_copy(m, &to), bad, "COPY to it");
	bo_expect(gpu_do_copy(m, &from), bad, "COPY from it");
	bo_expect(gpu_launch(m, ctx, VGPU_BUILTIN_REDUCE_U32, arg,
			     ARRAY_SIZE(arg)),
		  bad, "LAUNCH with it");
	bo_expect(gpu_bo_destroy(m, ctx, bo), bad, "BO_DESTROY");
}

static void handles_bad_ctx(struct mbox *m, u32 ctx, u32 bo, const char *what)
{
	const int bad = VGPU_ERR_BAD_HANDLE;
	u32 none;

	handles_every_op(m, ctx, bo, bo, what);
	bo_expect(gpu_bo_create(m, ctx, 4096, &none), bad, "BO_CREATE");
	bo_expect(gpu_ctx_destroy(m, ctx), bad, "CTX_DESTROY");
}

/**
 * test_handles() - handles that are not, or not one's own
 * @s: an open session
 */
void test_handles(struct session *s)
{
	u32 ctx, bo, other_ctx, twin, other_bo, gone;
	struct mbox m;
	u8 now[4];

	if (!bo_prepare(&m, s, &ctx, &bo, 4096))
		return;
	/* the other context has more objects, so numbers that this one has not */
	if (!tap_must(!gpu_ctx_create(&m, &other_ctx) &&
		      !gpu_bo_create(&m, other_ctx, 4096, &twin) &&
		      !gpu_bo_create(&m, other_ctx, 4096, &other_bo) &&
		      !gpu_bo_create(&m, other_ctx, 4096, &other_bo) &&
		      !gpu_bo_write(&m, other_ctx, other_bo, 0, "keep", 4) &&
		      !gpu_bo_create(&m, ctx, 4096, &gone) &&
		      !gpu_bo_destroy(&m, ctx, gone),
		      "makes two contexts"))
		goto out;
	tap_ok(ctx != other_ctx, "two contexts have two numbers");

	handles_every_op(&m, ctx, BO_NOBODYS, bo, "a handle nobody has");
	handles_every_op(&m, ctx, 0xffffffff, bo, "a handle of ones");
	handles_every_op(&m, ctx, gone, bo, "a handle that is gone");
	if (other_bo != bo)
		handles_every_op(&m, ctx, other_bo, bo,
				 "a handle of another context");
	handles_bad_ctx(&m, BO_NOBODYS, bo, "a context nobody has");
	handles_bad_ctx(&m, 0xffffffff, bo, "a context of ones");

	bo_expect(gpu_bo_destroy(&m, other_ctx, twin), 0, "ends an object");
	bo_expect(gpu_bo_destroy(&m, other_ctx, twin), VGPU_ERR_BAD_HANDLE,
		  "an object ends only once");
	bo_expect(gpu_bo_read(&m, ctx, bo, 0, now, 4), 0,
		  "an object of one context lives when its namesake in another ends");
	bo_expect(gpu_ctx_destroy(&m, ctx), 0, "ends a context");
	handles_bad_ctx(&m, ctx, bo, "a context that is gone");
	bo_expect(gpu_bo_read(&m, other_ctx, other_bo, 0, now, 4), 0,
		  "the other context lives on");
	tap_ok(!memcmp(now, "keep", 4), "with what it had");
out:
	mbox_close(&m);
}

/**
 * test_ranges() - offsets and lengths beyond an object's end
 * @s: an open session
 */
void test_ranges(struct session *s)
{
	static const struct {
		u64 offset;
		u32 len;
	} range[] = {
		{ 4096, 1 }, { 4095, 2 }, { 4000, 97 }, { 4100, 4 },
		{ 1ULL << 32, 4 }, { (1ULL << 32) + 8, 4 }, { 1ULL << 63, 4 },
		{ 0xffffffffffffffff, 1 }, { 0xffffffffffffffff, 2 },
		{ 0xfffffffffffffffc, 4 }, { 0xfffffffffffffff8, 16 },
	};
	static const struct {
		u64 offset;
		u64 len;
	} words[] = {
		{ 0, 4100 }, { 4096, 4 }, { 4092, 8 }, { 0, 1ULL << 32 },
		{ 8, 0xfffffffffffffff8 }, { 0xfffffffffffffffc, 8 },
		{ 0, 0xfffffffffffffffc }, { 1ULL << 63, 1ULL << 63 },
	};
	const int out = VGPU_ERR_OUT_OF_RANGE;
	u8 data[128] = { 0xff };
	u32 i, ctx, bo, src;
	struct gpu_copy c;
	struct mbox m;

	if (!bo_prepare(&m, s, &ctx, &bo, 4096))
		return;
	if (!tap_must(!gpu_bo_create(&m, ctx, 4096, &src), "makes an object"))
		goto end;
	for (i = 0; i < ARRAY_SIZE(range); i++) {
		tap_note("[%#llx, +%#x):", (unsigned long long)range[i].offset,
			 range[i].len);
		bo_expect(gpu_bo_write(&m, ctx, bo, range[i].offset, data,
				       range[i].len),
			  out, "BO_WRITE");
		bo_expect(gpu_bo_read(&m, ctx, bo, range[i].offset, NULL,
				      range[i].len),
			  out, "BO_READ");
	}
	for (i = 0; i < ARRAY_SIZE(words); i++) {
		tap_note("[%#llx, +%#llx):",
			 (unsigned long long)words[i].offset,
			 (unsigned long long)words[i].len);
		bo_expect(gpu_fill(&m, ctx, bo, words[i].offset, words[i].len,
				   0xffffffff),
			  out, "FILL");
		c = (struct gpu_copy){ ctx, bo, words[i].offset, src, 0,
				       words[i].len };
		bo_expect(gpu_do_copy(&m, &c), out, "COPY to it");
		c = (struct gpu_copy){ ctx, bo, 0, src, words[i].offset,
				       words[i].len };
		bo_expect(gpu_do_copy(&m, &c), out, "COPY from it");
	}
	tap_ok(bo_is_zero(&m, ctx, bo, 0, 4096), "nothing was written");
end:
	mbox_close(&m);
}

static void fill_check(struct mbox *m, u32 ctx, u32 bo, u32 size)
{
	u8 *model = calloc(1, size), *now = malloc(size);
	u32 i;

	if (!tap_must(model && now, "allocates memory"))
		goto out;
	bo_expect(gpu_fill(m, ctx, bo, 0, size, 0x04030201), 0, "FILL all");
	for (i = 0; i < size; i += 4)
		put_le32(model + i, 0x04030201);
	bo_expect(gpu_fill(m, ctx, bo, 4092, 8, 0xa1b2c3d4), 0,
		  "FILL across a page");
	put_le32(model + 4092, 0xa1b2c3d4);
	put_le32(model + 4096, 0xa1b2c3d4);
	bo_expect(gpu_fill(m, ctx, bo, size - 4, 4, 0), 0, "FILL the last word");
	put_le32(model + size - 4, 0);
	if (!gpu_download(m, ctx, bo, 0, now, size))
		tap_ok(!memcmp(model, now, size), "FILL filled what it should");

	bo_expect(gpu_fill(m, ctx, bo, 2, 4, 1), VGPU_ERR_INVALID_REQUEST,
		  "FILL at an odd offset");
	bo_expect(gpu_fill(m, ctx, bo, 0, 6, 1), VGPU_ERR_INVALID_REQUEST,
		  "FILL of an odd length");
out:
	free(model);
	free(now);
}

static void copy_check(struct mbox *m, u32 ctx, u32 src, u32 dst, u32 size)
{
	struct gpu_copy whole = { ctx, dst, 0, src, 0, size };
	struct gpu_copy odd = { ctx, dst, 4093, src, 1, 4099 };
	struct gpu_copy within = { ctx, dst, 0, dst, size / 2, size / 2 };
	struct gpu_copy touching = { ctx, dst, 100, dst, 0, 100 };
	struct gpu_copy bad[] = {
		{ ctx, dst, 0, dst, 0, 4 },
		{ ctx, dst, 100, dst, 0, 101 },
		{ ctx, dst, 0, dst, 100, 101 },
		{ ctx, dst, 1, dst, 0, size - 1 },
	};
	u8 *model = malloc(size), *now = malloc(size);
	struct random rnd = { .state = 5 };
	u32 i;

	if (!tap_must(model && now, "allocates memory"))
		goto out;
	random_fill(&rnd, now, size);
	if (gpu_upload(m, ctx, src, 0, now, size))
		goto out;
	bo_expect(gpu_do_copy(m, &whole), 0, "COPY all");
	memcpy(model, now, size);
	bo_expect(gpu_do_copy(m, &odd), 0, "COPY at odd places");
	memcpy(model + 4093, now + 1, 4099);
	bo_expect(gpu_do_copy(m, &within), 0, "COPY inside one object");
	memcpy(model, model + size / 2, size / 2);
	bo_expect(gpu_do_copy(m, &touching), 0, "COPY of ranges that touch");
	memcpy(model + 100, model, 100);
	for (i = 0; i < ARRAY_SIZE(bad); i++)
		bo_expect(gpu_do_copy(m, &bad[i]), VGPU_ERR_INVALID_REQUEST,
			  "COPY of ranges that overlap");
	if (!gpu_download(m, ctx, dst, 0, now, size))
		tap_ok(!memcmp(model, now, size), "COPY copied what it should");
out:
	free(model);
	free(now);
}

/**
 * test_copy_fill() - COPY and FILL
 * @s: an open session
 */
void test_copy_fill(struct session *s)
{
	const u32 size = 16384;
	u32 ctx, bo, other;
	struct mbox m;

	if (!bo_prepare(&m, s, &ctx, &bo, size))
		return;
	if (tap_must(!gpu_bo_create(&m, ctx, size, &other), "makes an object")) {
		fill_check(&m, ctx, bo, size);
		copy_check(&m, ctx, bo, other, size);
	}
	mbox_close(&m);
}

/* Spends all memory, if there is not too much of it. */
static void quota_memory(struct mbox *m, u32 ctx)
{
	const int spent = VGPU_ERR_NO_MEMORY;
	u64 left, sizes[] = { 0, 1ULL << 40, 1ULL << 63, 0xffffffffffffffff,
			      0xfffffffffffff001 };
	struct gpu_info info;
	u32 bo, none, i;
	int error;

	if (gpu_get_info(m, &info))
		return;
	left = info.memory_size - info.memory_used;
	sizes[0] = left + 1;
	for (i = 0; i < ARRAY_SIZE(sizes); i++) {
		error = gpu_bo_create(m, ctx, sizes[i], &none);
		tap_ok(error == spent,
		       "an object of %#llx bytes: got %s want NO_MEMORY",
		       (unsigned long long)sizes[i], mbox_error_name(error));
	}
	tap_ok(gpu_bo_create(m, ctx, 0, &none) > 0, "no object of 0 bytes");
	if (left > BO_LARGE) {
		tap_skip("the quota is large", "spends all memory");
		return;
	}
	if (!bo_expect(gpu_bo_create(m, ctx, left, &bo), 0,
		       "an object of all memory there is"))
		return;
	bo_expect(gpu_bo_create(m, ctx, 1, &none), spent, "one byte more");
	tap_ok(bo_is_zero(m, ctx, bo, left - 4096, 4096), "its end is there");
	bo_expect(gpu_bo_destroy(m, ctx, bo), 0, "ends it");
	if (bo_expect(gpu_bo_create(m, ctx, 1, &bo), 0, "there is room again"))
		gpu_bo_destroy(m, ctx, bo);
}

/* Every allocation that a guest can cause is bounded. */
static void quota_objects(struct mbox *m, u32 ctx)
{
	const u32 limit = 20000;
	struct gpu_info info;
	u32 i, none;
	int error;

	for (i = 0; i < limit; i++) {
		error = gpu_bo_create(m, ctx, 1, &none);
		if (error)
			break;
	}
	tap_ok(i < limit, "the number of objects is bounded: got %u", i);
	if (i < limit)
		bo_expect(error, VGPU_ERR_NO_MEMORY, "one object too many");
	bo_expect(gpu_ctx_destroy(m, ctx), 0, "ends their context");
	if (!gpu_get_info(m, &info))
		tap_eq(info.memory_used, 0, "memory_used afterwards");
}

static void quota_contexts(struct mbox *m)
{
	const u32 limit = 5000;
	u32 i, first = 0, none;
	int error = 0;

	for (i = 0; i < limit; i++) {
		error = gpu_ctx_create(m, i ? &none : &first);
		if (error)
			break;
	}
	tap_ok(i < limit, "the number of contexts is bounded: got %u", i);
	if (i == limit)
		return;
	bo_expect(error, VGPU_ERR_NO_MEMORY, "one context too many");
	bo_expect(gpu_ctx_destroy(m, first), 0, "ends one");
	bo_expect(gpu_ctx_create(m, &first), 0, "there is room again");
}

/**
 * test_quota() - limits
 * @s: an open session
 */
void test_quota(struct session *s)
{
	struct mbox m;
	u32 ctx;

	if (!mbox_open(&m, s, VFIO_PCI_MSIX_IRQ_INDEX))
		return;
	if (tap_must(!gpu_ctx_create(&m, &ctx), "makes a context")) {
		quota_memory(&m, ctx);
		quota_objects(&m, ctx);
		quota_contexts(&m);
	}
	mbox_close(&m);
	tap_errno(session_reset(s), 0, "resets with contexts full");
	mbox_works(s, "after all was spent");
}
