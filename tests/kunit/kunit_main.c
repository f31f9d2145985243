// SPDX-License-Identifier: GPL-2.0
/*
 * vgpu-kunit: unit tests of the host driver's pure parts.  Each *_test.c has the
 * suite of one room; KUnit finds them and runs them when this is loaded.
 */
#include <linux/module.h>

MODULE_DESCRIPTION("vgpu unit tests");
MODULE_AUTHOR("The vgpu project");
MODULE_LICENSE("GPL");
