// SPDX-License-Identifier: GPL-2.0
/* What instructions of PTX compute: those that clang made of builtin.cl. */
#include <stddef.h>
#include <string.h>

#include "ptx_ops.h"

#define COUNT(array)	(sizeof(array) / sizeof(*(array)))

static float f32(__u64 word)
{
	__u32 bits = word;
	float f;

	memcpy(&f, &bits, sizeof(f));
	return f;
}

static __u64 of_f32(float f)
{
	__u32 bits;

	memcpy(&bits, &f, sizeof(bits));
	return bits;
}

#define OP(name, expression)					\
static __u64 run_##name(__u64 a, __u64 b, __u64 c)		\
{								\
	(void)a;						\
	(void)b;						\
	(void)c;						\
	return expression;					\
}

OP(mov, a)
OP(mov32, (__u32)a)
OP(add32, (__u32)(a + b))
OP(add64, a + b)
OP(sub32, (__u32)(a - b))
OP(sub64, a - b)
OP(mul64, a * b)
OP(mad32, (__u32)(a * b + c))
OP(wide_u16, (__u32)((__u16)a * (__u32)(__u16)b))
OP(wide_u32, (__u64)(__u32)a * (__u32)b)
OP(wide_s32, (__u64)((__s64)(__s32)a * (__s32)b))
OP(div32, (__u32)a / (__u32)b)
OP(div64, a / b)
OP(and, a & b)
OP(or, a | b)
OP(xor, a ^ b)
OP(not32, (__u32)~a)
OP(shl32, (__u32)b > 31 ? 0 : (__u32)((__u32)a << (__u32)b))
OP(shl64, (__u32)b > 63 ? 0 : a << (__u32)b)
OP(shr32, (__u32)b > 31 ? 0 : (__u32)a >> (__u32)b)
OP(shr64, (__u32)b > 63 ? 0 : a >> (__u32)b)
OP(funnel, (__u32)((((__u64)(__u32)b << 32 | (__u32)a) << (c & 31)) >> 32))
OP(s64_of_s32, (__u64)(__s64)(__s32)a)
OP(u16, (__u16)a)
OP(addf, of_f32(f32(a) + f32(b)))
OP(mulf, of_f32(f32(a) * f32(b)))
OP(eq32, (__u32)a == (__u32)b)
OP(ne32, (__u32)a != (__u32)b)
OP(eq64, a == b)
OP(ne64, a != b)
OP(gt_u32, (__u32)a > (__u32)b)
OP(lt_u32, (__u32)a < (__u32)b)
OP(lt_u64, a < b)
OP(ge_u64, a >= b)

static const struct ptx_op ops[] = {
	{ "mov.u32", run_mov32 }, { "mov.b32", run_mov32 }, { "mov.f32", run_mov32 },
	{ "mov.u64", run_mov }, { "add.s32", run_add32 }, { "add.s64", run_add64 },
	{ "add.u64", run_add64 }, { "sub.s32", run_sub32 }, { "sub.s64", run_sub64 },
	{ "mul.lo.s64", run_mul64 }, { "mad.lo.s32", run_mad32 },
	{ "mul.wide.u16", run_wide_u16 }, { "mul.wide.u32", run_wide_u32 },
	{ "mul.wide.s32", run_wide_s32 }, { "div.u32", run_div32 }, { "div.u64", run_div64 },
	{ "and.b32", run_and }, { "and.b64", run_and }, { "or.b32", run_or },
	{ "or.b64", run_or }, { "xor.b32", run_xor }, { "not.b32", run_not32 },
	{ "shl.b32", run_shl32 }, { "shl.b64", run_shl64 }, { "shr.u32", run_shr32 },
	{ "shr.u64", run_shr64 }, { "shf.l.wrap.b32", run_funnel }, { "cvt.u64.u32", run_mov32 },
	{ "cvt.s64.s32", run_s64_of_s32 }, { "cvt.u32.u64", run_mov32 },
	{ "cvt.u32.u16", run_u16 }, { "add.rn.f32", run_addf }, { "mul.rn.f32", run_mulf },
	{ "setp.eq.s32", run_eq32 }, { "setp.ne.s32", run_ne32 }, { "setp.eq.s64", run_eq64 },
	{ "setp.ne.s64", run_ne64 }, { "setp.gt.u32", run_gt_u32 }, { "setp.lt.u32", run_lt_u32 },
	{ "setp.lt.u64", run_lt_u64 }, { "setp.ge.u64", run_ge_u64 },
	/* these two aren't called */
	{ "bra", NULL }, { "ret", NULL },
};

static const struct ptx_memory memories[] = {
	{ "ld.param.u32", 4, false }, { "ld.param.u64", 8, false }, { "ld.global.u8", 1, false },
	{ "ld.global.u32", 4, false }, { "ld.global.f32", 4, false }, { "ld.const.u32", 4, false },
	{ "ld.local.u32", 4, false }, { "ld.u32", 4, false }, { "st.global.u8", 1, true },
	{ "st.global.u32", 4, true }, { "st.global.f32", 4, true }, { "st.local.u32", 4, true },
	{ "st.u32", 4, true },
};

/**
 * ptx_op_find() - an instruction that computes, jumps or ends
 * @name: its name
 *
 * Return: it, or NULL.
 */
const struct ptx_op *ptx_op_find(const char *name)
{
	size_t i;

	for (i = 0; i < COUNT(ops); i++)
		if (!strcmp(ops[i].name, name))
			return &ops[i];
	return NULL;
}

/**
 * ptx_memory_find() - a load or a store
 * @name: its name
 *
 * Return: it, or NULL.
 */
const struct ptx_memory *ptx_memory_find(const char *name)
{
	size_t i;

	for (i = 0; i < COUNT(memories); i++)
		if (!strcmp(memories[i].name, name))
			return &memories[i];
	return NULL;
}
