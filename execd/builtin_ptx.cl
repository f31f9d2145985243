// SPDX-License-Identifier: GPL-2.0
/* builtin.cl for NVIDIA's GPUs: builtin.ptx is this, compiled by "make ptx". */
#include "ptx.h"
#include "builtin.cl"
