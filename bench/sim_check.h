/* SPDX-License-Identifier: GPL-2.0 */
/* Does the simulation do what it should? */
#ifndef _BENCH_SIM_CHECK_H
#define _BENCH_SIM_CHECK_H

#include <stdbool.h>

bool sim_check(void);

#endif /* _BENCH_SIM_CHECK_H */
