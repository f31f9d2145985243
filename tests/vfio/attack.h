/* SPDX-License-Identifier: GPL-2.0 */
/* What a guest of a GPU that an executor drives can do to the others. */
#ifndef VFIO_CHECK_ATTACK_H
#define VFIO_CHECK_ATTACK_H

#include "work.h"

struct attack;

/* Of &attack.want: one error or another, as it happens to be */
#define ATTACK_ANY	(-2)

/**
 * struct attacker - who attacks
 * @s: the session
 * @m: the mailbox
 * @mem: the memory
 * @w: its context, as a rule
 * @own: &attacker.w has the kernel of the attack's source
 */
struct attacker {
	struct session *s;
	struct mbox m;
	struct queue_mem mem;
	struct work w;
	bool own;
};

/**
 * struct attack - an attack
 * @name: what it is called
 * @run: do it once.  Return how that ended: enum vgpu_error, or -1 if nothing is known of it
 * @text: source of a kernel, or what the worker is to do
 * @want: what @run is to return; or ATTACK_ANY
 * @times: how long it goes on in a bench, beside others: what needs a new worker each time, long
 */
struct attack {
	const char *name;
	int (*run)(struct attacker *a, const struct attack *attack);
	const char *text;
	int want;
	u32 times;
};

/* attack_kernel.c, by guests that build modules, and attack_worker.c: by workers that obey */
extern const struct attack attack_kernels[];
extern const u32 attack_kernels_count;
extern const struct attack attack_workers[];
extern const u32 attack_workers_count;

bool attacker_renew(struct attacker *a);
int attack_fair(struct attacker *a, const struct attack *attack);
void mode_attack(struct session *s, u32 ms, bool workers);
void test_attack_kernels(struct session *s);
void test_attack_workers(struct session *s);

#endif /* VFIO_CHECK_ATTACK_H */
