/* SPDX-License-Identifier: GPL-2.0 */
/*
 * <linux/fpu.h> came with Linux 6.10, for the architectures that have
 * <asm/fpu.h>; User Mode Linux has neither but the same functions.
 */
#if __has_include(<asm/fpu.h>)
#include_next <linux/fpu.h>
#else
#include <asm/fpu/api.h>
#endif
