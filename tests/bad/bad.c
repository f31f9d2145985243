// SPDX-License-Identifier: GPL-2.0
/* Checks, numbers and requests of a hostile guest. */
#include <stdarg.h>
#include <stdio.h>

#include "bad.h"

/* More would only flood the log */
#define BAD_MAX_FAILURES	10

/**
 * bad_check() - count a check
 * @g: the guest
 * @good: does it hold?
 * @format: what was expected
 *
 * Return: @good.
 */
bool bad_check(struct bad_guest *g, bool good, const char *format, ...)
{
	char text[256];
	va_list args;

	g->checks++;
	if (good || ++g->failures > BAD_MAX_FAILURES)
		return good;
	va_start(args, format);
	vsnprintf(text, sizeof(text), format, args);
	va_end(args);
	g->ops->fail(g, text);
	return false;
}

/**
 * bad_expect() - check how a request or a job ended
 * @g: the guest
 * @got: enum vgpu_error; -1 if it did not end
 * @want: likewise
 * @text: what was tried
 *
 * Return: whether it is the one that was wanted.
 */
bool bad_expect(struct bad_guest *g, int got, int want, const char *text)
{
	return bad_check(g, got == want, "%s: got %#x want %#x", text, got, want);
}

/**
 * bad_random() - 64 random bits
 * @g: the guest
 *
 * Return: the bits.
 */
__u64 bad_random(struct bad_guest *g)
{
	__u64 z = g->random += 0x9e3779b97f4a7c15ULL;

	z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9ULL;
	z = (z ^ (z >> 27)) * 0x94d049bb133111ebULL;
	return z ^ (z >> 31);
}

/**
 * bad_pick() - a small random number
 * @g: the guest
 * @count: from 1
 *
 * Return: 0 to @count - 1.
 */
__u32 bad_pick(struct bad_guest *g, __u32 count)
{
	return (__u32)(bad_random(g) % count);
}

/**
 * bad_nasty() - a number of the kind that programs get wrong
 * @g: the guest
 *
 * Return: near 0, near a power of two, near the end of a type, or anything.
 */
__u64 bad_nasty(struct bad_guest *g)
{
	__u64 near = bad_pick(g, 9) - 4ULL;

	switch (bad_pick(g, 5)) {
	case 0:
		return bad_pick(g, 16);
	case 1:
		return near;
	case 2:
		return (1ULL << bad_pick(g, 64)) + near;
	case 3:
		return 0x1000ULL * bad_pick(g, 64) + near;
	default:
		return bad_random(g);
	}
}

/**
 * bad_call() - a request without data
 * @g: the guest
 * @opcode: enum vgpu_opcode
 * @param: its parameters
 * @nparams: how many
 * @result: the first result
 *
 * Return: enum vgpu_error, or -1.
 */
int bad_call(struct bad_guest *g, __u32 opcode, const __u32 *param, __u32 nparams,
	     __u32 *result)
{
	return g->ops->request(g, opcode, param, nparams, NULL, 0, result);
}

/**
 * bad_call_data() - a request of two parameters with data
 * @g: the guest
 * @opcode: enum vgpu_opcode
 * @a: the first
 * @b: the second
 * @data: the data
 * @length: bytes of them
 * @result: the first result
 *
 * Return: enum vgpu_error, or -1.
 */
int bad_call_data(struct bad_guest *g, __u32 opcode, __u32 a, __u32 b, const void *data,
		  __u32 length, __u32 *result)
{
	const __u32 param[] = { a, b };

	return g->ops->request(g, opcode, param, 2, data, length, result);
}

/**
 * bad_memory_free() - is all of the quota there again?
 * @g: the guest, without contexts
 *
 * Return: whether an object as large as the quota can be made, and none beside it.
 */
bool bad_memory_free(struct bad_guest *g)
{
	struct vgpu_dev_info info;
	__u32 ctx, bo, other;
	__u64 size;
	bool good;

	if (!g->ops->info(g, &info) || info.memory_used ||
	    bad_call(g, VGPU_OP_CTX_CREATE, NULL, 0, &ctx))
		return false;
	size = le64_to_cpu(info.memory_size);
	good = bad_bo_create(g, ctx, size + 1, &bo) ==
		       VGPU_ERR_NO_MEMORY &&
	       !bad_bo_create(g, ctx, size, &bo) &&
	       bad_bo_create(g, ctx, 1, &other) ==
		       VGPU_ERR_NO_MEMORY;
	return !BAD_CALL(g, &other, VGPU_OP_CTX_DESTROY, ctx) && good;
}
