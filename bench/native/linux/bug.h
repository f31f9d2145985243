/* SPDX-License-Identifier: GPL-2.0 */
/* Linux's tools have it elsewhere. */
#include <asm/bug.h>
