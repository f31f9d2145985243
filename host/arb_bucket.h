/* SPDX-License-Identifier: GPL-2.0 */
/* Token bucket: a rate that is not to be exceeded, but for a burst. */
#ifndef _VGPU_ARB_BUCKET_H
#define _VGPU_ARB_BUCKET_H

#include <linux/types.h>

/**
 * struct vgpu_arb_bucket - token bucket
 * @rate: tokens that come in a nanosecond; 0: there is no limit
 * @size: most tokens that can be in it, at least 1
 * @level: tokens in it; negative for what was taken before it was there
 * @filled_ns: until when it has been filled
 */
struct vgpu_arb_bucket {
	u32 rate;
	u64 size;
	s64 level;
	u64 filled_ns;
};

void vgpu_arb_bucket_init(struct vgpu_arb_bucket *bucket);
void vgpu_arb_bucket_set(struct vgpu_arb_bucket *bucket, u32 rate, u64 size, u64 now_ns);
bool __vgpu_arb_bucket_has(struct vgpu_arb_bucket *bucket, u64 tokens, u64 now_ns);
u64 vgpu_arb_bucket_ready_ns(const struct vgpu_arb_bucket *bucket, u64 tokens);
void __vgpu_arb_bucket_take(struct vgpu_arb_bucket *bucket, s64 tokens, u64 now_ns);

/**
 * vgpu_arb_bucket_has() - are there so many tokens?
 * @bucket: the bucket
 * @tokens: so many, 1 to @bucket->size
 * @now_ns: the time
 *
 * Context: any; the caller serialises.
 * Return: true if so, or if there is no limit.
 */
static inline bool vgpu_arb_bucket_has(struct vgpu_arb_bucket *bucket, u64 tokens, u64 now_ns)
{
	return !bucket->rate || __vgpu_arb_bucket_has(bucket, tokens, now_ns);
}

/**
 * vgpu_arb_bucket_take() - take tokens out
 * @bucket: the bucket
 * @tokens: so many; negative to put back what was taken for nothing
 * @now_ns: the time
 *
 * Context: any; the caller serialises.
 */
static inline void vgpu_arb_bucket_take(struct vgpu_arb_bucket *bucket, s64 tokens, u64 now_ns)
{
	if (bucket->rate)
		__vgpu_arb_bucket_take(bucket, tokens, now_ns);
}

#endif /* _VGPU_ARB_BUCKET_H */
