/* SPDX-License-Identifier: GPL-2.0 */
/*
 * <linux/fpu.h> came with Linux 6.10, for the architectures that say so; User
 * Mode Linux and older kernels have the same functions elsewhere.
 */
#ifdef CONFIG_ARCH_HAS_KERNEL_FPU_SUPPORT
#include_next <linux/fpu.h>
#else
#include <asm/fpu/api.h>
#endif
