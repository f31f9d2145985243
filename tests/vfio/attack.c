// SPDX-License-Identifier: GPL-2.0
/*
 * Attacks by way of an executor, in turn, for bench/neighbour.sh to see what they cost somebody
 * else; and each of them once, for the error that it ends with.
 *
 * In the bench a thread uses all of the processor that this process is given, whatever the attack:
 * so what an attack takes from others isn't what a VM takes anyhow.
 */
#include <pthread.h>
#include <stdio.h>
#include <time.h>

#include "attack.h"
#include "gpu.h"
#include "io.h"
#include "tap.h"
#include "watchdog.h"

/* For the host to end a quarantine, and for a worker to be gone */
#define ATTACK_OPEN_S	60

static double attack_now(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return now.tv_sec + now.tv_nsec / 1e9;
}

/**
 * attacker_renew() - have a context like new
 * @a: the attacker
 *
 * Return: whether it has one.
 */
bool attacker_renew(struct attacker *a)
{
	work_close(&a->w);
	a->own = false;
	return !work_open(&a->w, &a->m, &a->mem) && !work_builtin(&a->w);
}

/* From a reset, with a context of its own; who is quarantined is refused that. */
static bool attacker_begin(struct attacker *a, struct session *s)
{
	double end = attack_now() + ATTACK_OPEN_S;
	bool there;

	*a = (struct attacker){ .s = s, .w.q.event = -1 };
	if (!tap_must(!session_reset(s), "resets") ||
	    !mbox_open(&a->m, s, VFIO_PCI_MSIX_IRQ_INDEX))
		return false;
	if (!queue_mem_open(&a->mem, s)) {
		mbox_close(&a->m);
		return false;
	}
	do {
		watchdog_pet();
		there = attacker_renew(a);
	} while (!there && attack_now() < end);
	return tap_must(there, "has a context");
}

static void attacker_end(struct attacker *a)
{
	work_close(&a->w);
	queue_mem_close(&a->mem);
	mbox_close(&a->m);
}

/**
 * attack_fair() - no attack: the same jobs as everybody's
 * @a: the attacker
 * @attack: not used
 *
 * Return: as &attack.run.
 */
int attack_fair(struct attacker *a, const struct attack *attack)
{
	(void)attack;
	return work_keep(&a->w, WORK_DEPTH);
}

static void *attack_spin(void *unused)
{
	for (;;)
		__asm__ volatile("" : : : "memory");
	return unused;
}

/**
 * mode_attack() - attack, until killed
 * @s: an open session
 * @ms: how long each time
 * @workers: by a worker that obeys, not by kernels
 *
 * Which attack is on stands in SCRATCH, where the host can read it: it has no effect.
 */
void mode_attack(struct session *s, u32 ms, bool workers)
{
	const struct attack *attacks = workers ? attack_workers : attack_kernels;
	u32 n = workers ? attack_workers_count : attack_kernels_count, i;
	struct attacker a;
	pthread_t spin;
	double end;

	for (i = 0; i < n; i++)
		tap_note("attack %u %s", i + 1, attacks[i].name);
	if (!tap_must(!pthread_create(&spin, NULL, attack_spin, NULL), "makes a thread"))
		return;
	for (i = 0; attacker_begin(&a, s); i = (i + 1) % n) {
		bar0_put(s, VGPU_REG_SCRATCH, i + 1);
		end = attack_now() + ms * attacks[i].times / 1000.0;
		while (attack_now() < end) {
			attacks[i].run(&a, &attacks[i]);
			watchdog_pet();
		}
		bar0_put(s, VGPU_REG_SCRATCH, 0);
		attacker_end(&a);
	}
}

static void test_attacks(struct session *s, const struct attack *attacks, u32 n)
{
	struct attacker a;
	u32 i;
	int got;

	for (i = 0; i < n; i++) {
		if (!attacker_begin(&a, s))
			return;
		got = attacks[i].run(&a, &attacks[i]);
		if (attacks[i].want == ATTACK_ANY)
			tap_ok(got > 0, "%s: got %s want an error", attacks[i].name,
			       mbox_error_name(got));
		else
			tap_ok(got == attacks[i].want, "%s: got %s want %s", attacks[i].name,
			       mbox_error_name(got), mbox_error_name(attacks[i].want));
		tap_ok(attacker_renew(&a) && !attack_fair(&a, NULL), "a good job afterwards");
		attacker_end(&a);
	}
}

/**
 * test_attack_kernels() - guests' kernels that do their worst
 * @s: an open session, of a vGPU whose GPU takes OpenCL C, and whose jobs may take seconds, not
 *	for ever
 */
void test_attack_kernels(struct session *s)
{
	test_attacks(s, attack_kernels, attack_kernels_count);
}

/**
 * test_attack_workers() - workers that guests have taken over
 * @s: an open session, of a vGPU whose worker obeys; its jobs may take seconds, not for ever
 */
void test_attack_workers(struct session *s)
{
	test_attacks(s, attack_workers, attack_workers_count);
}
