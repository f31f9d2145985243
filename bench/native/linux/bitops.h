/* SPDX-License-Identifier: GPL-2.0 */
/* What is one instruction in the kernel is a search by halves in Linux's tools. */
#ifndef _NATIVE_BITOPS_H
#define _NATIVE_BITOPS_H

#include_next <linux/bitops.h>

static inline int native_fls(unsigned int word)
{
	return word ? 32 - __builtin_clz(word) : 0;
}

#undef fls
#define fls(word)	native_fls(word)

#endif /* _NATIVE_BITOPS_H */
