/* SPDX-License-Identifier: GPL-2.0 */
/* The rules that are compared. */
#ifndef _BENCH_RULES_H
#define _BENCH_RULES_H

#include "sim.h"

extern const struct sim_rule rule_arbiter;
extern const struct sim_rule rule_arbiter_1;
extern const struct sim_rule rule_arbiter_slice;
extern const struct sim_rule rule_fifo;
extern const struct sim_rule rule_urgency;
extern const struct sim_rule rule_round_robin;
extern const struct sim_rule rule_drm_fair;

#endif /* _BENCH_RULES_H */
