// SPDX-License-Identifier: GPL-2.0
/*
 * binary32 without an FPU: exact in 64 bits, then rounded once, to nearest and
 * to even.  Finite operands and results, subnormals included; no infinity, no
 * NaN.  A number is sign * frac * 2^exp, with frac an integer.
 */
#include <linux/bitops.h>
#include <linux/minmax.h>

#include "softfloat.h"

/* exponent of the last bit of a subnormal, and bits of a fraction */
#define SOFTFLOAT_MIN_EXP	(-149)
#define SOFTFLOAT_BITS		24

static u64 softfloat_frac(u32 f)
{
	u32 frac = f & 0x7fffff;

	return f >> 23 & 0xff ? frac | 0x800000 : frac;
}

static int softfloat_exp(u32 f)
{
	return max_t(int, f >> 23 & 0xff, 1) - 150;
}

/* frac * 2^exp, where a lowest bit may stand for all that is below it */
static u32 softfloat_round(u32 sign, u64 frac, int exp)
{
	int drop;
	u64 rest;

	if (!frac)
		return sign;
	drop = max(fls64(frac) - SOFTFLOAT_BITS, SOFTFLOAT_MIN_EXP - exp);
	if (drop > 63) {
		return sign;
	} else if (drop > 0) {
		rest = frac & ((1ULL << drop) - 1);
		frac >>= drop;
		exp += drop;
		if (rest > 1ULL << (drop - 1) ||
		    (rest == 1ULL << (drop - 1) && frac & 1))
			frac++;
	}
	/* up to a whole fraction, or as far as a subnormal goes */
	while (frac && frac < 1U << (SOFTFLOAT_BITS - 1) && exp > SOFTFLOAT_MIN_EXP) {
		frac <<= 1;
		exp--;
	}
	if (frac >> SOFTFLOAT_BITS) {
		frac >>= 1;
		exp++;
	}
	if (frac < 1U << (SOFTFLOAT_BITS - 1))
		return sign | (u32)frac;
	return sign | (u32)(exp + 150) << 23 | ((u32)frac & 0x7fffff);
}

/**
 * softfloat_mul() - a * b
 * @a: bits of a
 * @b: bits of b
 *
 * Context: any.
 * Return: bits of the product.
 */
u32 softfloat_mul(u32 a, u32 b)
{
	return softfloat_round((a ^ b) & 0x80000000, softfloat_frac(a) * softfloat_frac(b),
			       softfloat_exp(a) + softfloat_exp(b));
}

/**
 * softfloat_add() - a + b
 * @a: bits of a
 * @b: bits of b
 *
 * The larger is moved up by 32 bits, and what the smaller loses on the way to the
 * same exponent is kept as one bit at the end.
 *
 * Context: any.
 * Return: bits of the sum.
 */
u32 softfloat_add(u32 a, u32 b)
{
	u64 fa, fb, lost;
	u32 sign;
	int shift, exp;

	if ((a & 0x7fffffff) < (b & 0x7fffffff))
		swap(a, b);
	fa = softfloat_frac(a) << 32;
	fb = softfloat_frac(b) << 32;
	exp = softfloat_exp(a) - 32;
	shift = softfloat_exp(a) - softfloat_exp(b);
	if (shift > 63) {
		fb = !!fb;
	} else if (shift) {
		lost = fb & ((1ULL << shift) - 1);
		fb = fb >> shift | !!lost;
	}
	sign = a & 0x80000000;
	if (!((a ^ b) & 0x80000000))
		return softfloat_round(sign, fa + fb, exp);
	/* x - x is +0 when rounding to nearest */
	return fa == fb ? 0 : softfloat_round(sign, fa - fb, exp);
}

/**
 * softfloat_from_int() - a whole number
 * @value: the number; exact if it has no more than 24 bits
 *
 * Context: any.
 * Return: its bits.
 */
u32 softfloat_from_int(s32 value)
{
	return softfloat_round(value < 0 ? 0x80000000 : 0,
			       value < 0 ? -(s64)value : value, 0);
}
