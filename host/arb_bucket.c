// SPDX-License-Identifier: GPL-2.0
/*
 * Token bucket.  Tokens come at a rate, until the bucket is full; who has something done
 * takes some.  More may be taken than there are: then it takes so much longer until there
 * are any again.  So over any time t no more is taken than size + t * rate, and what was
 * under way when the last token was taken.
 *
 * J. Turner, "New Directions in Communications (or Which Way to the Information Age?)",
 * IEEE Communications Magazine 24(10), 1986, has it as the leaky bucket.
 *
 * Nothing here locks, sleeps or reads a clock: the caller serialises.
 */
#include <linux/math64.h>
#include <linux/minmax.h>

#include "arb_bucket.h"

/**
 * vgpu_arb_bucket_init() - make a bucket without a limit
 * @bucket: the bucket
 *
 * Context: any.
 */
void vgpu_arb_bucket_init(struct vgpu_arb_bucket *bucket)
{
	bucket->rate = 0;
	bucket->size = 1;
	bucket->level = 1;
	bucket->filled_ns = 0;
}

static void vgpu_arb_bucket_fill(struct vgpu_arb_bucket *bucket, u64 now_ns)
{
	u64 room = bucket->size - bucket->level, ns = now_ns - bucket->filled_ns;

	if ((s64)ns <= 0)
		return;
	bucket->filled_ns = now_ns;
	/* else the product might not fit */
	if (ns > div_u64(room, bucket->rate))
		bucket->level = bucket->size;
	else
		bucket->level += ns * bucket->rate;
}

/**
 * vgpu_arb_bucket_set() - change the limit
 * @bucket: the bucket
 * @rate: tokens in a nanosecond, or 0 for no limit
 * @size: most tokens in it, 1 to S64_MAX / 2
 * @now_ns: the time
 *
 * A bucket that had no limit is full; from one that had, nothing is forgotten that was
 * taken too early, and nothing is kept that does not fit.
 *
 * Context: any; the caller serialises.
 */
void vgpu_arb_bucket_set(struct vgpu_arb_bucket *bucket, u32 rate, u64 size, u64 now_ns)
{
	if (bucket->rate)
		vgpu_arb_bucket_fill(bucket, now_ns);
	else
		bucket->level = size;
	bucket->rate = rate;
	bucket->size = size;
	bucket->level = min_t(s64, bucket->level, size);
	bucket->filled_ns = now_ns;
}

/**
 * __vgpu_arb_bucket_has() - vgpu_arb_bucket_has() of a bucket with a limit
 * @bucket: the bucket
 * @tokens: so many, 1 to @bucket->size
 * @now_ns: the time
 *
 * Context: any; the caller serialises.
 * Return: true if so.
 */
bool __vgpu_arb_bucket_has(struct vgpu_arb_bucket *bucket, u64 tokens, u64 now_ns)
{
	vgpu_arb_bucket_fill(bucket, now_ns);
	return bucket->level >= (s64)tokens;
}

/**
 * vgpu_arb_bucket_ready_ns() - when will there be so many tokens?
 * @bucket: the bucket; there is a limit
 * @tokens: so many, 1 to @bucket->size
 *
 * Context: any; the caller serialises.
 * Return: the first nanosecond at which there are, by what was known when it was filled last.
 */
u64 vgpu_arb_bucket_ready_ns(const struct vgpu_arb_bucket *bucket, u64 tokens)
{
	u64 missing = max_t(s64, (s64)tokens - bucket->level, 0);

	return bucket->filled_ns + div_u64(missing + bucket->rate - 1, bucket->rate);
}

/**
 * __vgpu_arb_bucket_take() - vgpu_arb_bucket_take() of a bucket with a limit
 * @bucket: the bucket
 * @tokens: so many
 * @now_ns: the time
 *
 * Context: any; the caller serialises.
 */
void __vgpu_arb_bucket_take(struct vgpu_arb_bucket *bucket, s64 tokens, u64 now_ns)
{
	/* what came until now and found no room is lost */
	vgpu_arb_bucket_fill(bucket, now_ns);
	bucket->level = min_t(s64, bucket->level - tokens, bucket->size);
}
