// SPDX-License-Identifier: GPL-2.0
/*
 * Whatever may happen to the arbiter, at random, on a GPU that runs vGPUs beside one another; and
 * beside it a model of what is to come of it.  In virtual time: jobs end in any order, or stand
 * still, and the dispatcher is that of host/gpu.c.  Then nothing ends any more, and whoever has
 * nothing with the backend must have a job there when it is his turn.
 */
#include <linux/minmax.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "arb.h"
#include "chance.h"
#include "job.h"

#define TENANTS		64
#define JOBS		6	/* of each */
#define GROUPS		2	/* of each */
#define MAX_DEPTH	8
#define ROUND		5000	/* operations until there are new tenants */
#define LOOK_NS		1000000ULL	/* what passes between two looks, see arb_beyond.c */

#define check(what)	((what) ? (void)0 : broken(#what, __LINE__))

/**
 * struct job - a job and what is to be true of it
 * @job: what the arbiter has
 * @charged: &vgpu_job.charged before the operation
 * @out: the backend has it
 */
struct job {
	struct vgpu_job job;
	u64 charged;
	bool out;
};

/**
 * struct tenant - one that shares the GPU, and what is to be true of it
 * @entity: what the arbiter has
 * @group: its contexts
 * @job: its jobs
 * @waiting: so many wait, control jobs too
 * @wait_run: so many wait that aren't control jobs
 * @out: so many are out, without control jobs
 * @start: its tag before the operation
 * @over: virtual time that jobs were charged that ended in the operation
 * @queued: it was in the run queue before the operation
 * @level: what is in its bucket, in basis points of a nanosecond
 * @filled_ns: at that time
 * @rate: of its cap, basis points; 0: none
 */
struct tenant {
	struct vgpu_arb_entity entity;
	struct vgpu_arb_group group[GROUPS];
	struct job job[JOBS];
	u32 waiting;
	u32 wait_run;
	u32 out;
	u64 start;
	u64 over;
	bool queued;
	s64 level;
	u64 filled_ns;
	u32 rate;
};

static struct vgpu_arb arb;
static struct tenant tenant[TENANTS];
static unsigned int nr_tenants, nr_out;
static u64 now, wake, seed, first_seed;
static unsigned long nr_ops, nr_beyond, nr_frozen;
static const char *doing = "";

static u64 chance(u64 below)
{
	return chance_below(&seed, below);
}

static void broken(const char *what, int line)
{
	fprintf(stderr, "seed %llu, operation %lu (%s), line %d: %s\n",
		(unsigned long long)first_seed, nr_ops, doing, line, what);
	exit(1);
}

static struct tenant *tenant_of(const struct vgpu_job *job)
{
	return container_of(job->entity, struct tenant, entity);
}

/* In virtual time, rounded up */
static u64 virtual(u64 ns, u32 weight)
{
	ns = ns ? ns : 1;
	return (ns * VGPU_WEIGHT_DEFAULT + weight - 1) / weight;
}

/* A cap's bucket holds what comes in 10 ms */
static s64 bucket(struct tenant *t)
{
	t->level += (s64)((now - t->filled_ns) * t->rate);
	t->filled_ns = now;
	if (t->level > (s64)t->rate * 10000000)
		t->level = (s64)t->rate * 10000000;
	return t->level;
}

static void bucket_take(struct tenant *t, s64 ns)
{
	if (t->rate) {
		bucket(t);
		t->level -= ns * VGPU_ARB_WHOLE;
		bucket(t);
	}
}

/* Before an operation */
static void note(const char *what)
{
	unsigned int i, j;

	doing = what;
	for (i = 0; i < nr_tenants; i++) {
		struct tenant *t = &tenant[i];

		t->start = t->entity.flow.start;
		t->over = 0;
		t->queued = vgpu_arb_flow_is_queued(&t->entity.flow);
		for (j = 0; j < JOBS; j++)
			t->job[j].charged = t->job[j].out ? t->job[j].job.charged : 0;
	}
}

/* What is charged is what jobs were charged, and who comes anew is forgiven nothing. */
static void look_charges(struct tenant *t, bool moved)
{
	u64 delta = t->entity.flow.start - t->start - t->over;
	bool queued = vgpu_arb_flow_is_queued(&t->entity.flow);
	unsigned int j;

	for (j = 0; j < JOBS; j++) {
		struct job *job = &t->job[j];
		u64 charged = job->out ? job->job.charged : 0;

		delta -= charged - job->charged;
		if (job->out && job->charged) {
			check(charged >= job->charged);
			check(charged == job->charged ||
			      charged <= virtual(now - job->job.dispatch_ns, job->job.weight));
		}
	}
	/* one that comes into the queue begins at its virtual time at the earliest */
	if (t->queued || !(queued || moved))
		check(!delta);
	else
		check((s64)delta >= 0);
}

/* After an operation; @moved: who may have changed its place, or NULL */
static void look(const struct tenant *moved)
{
	unsigned int i, running = 0;

	for (i = 0; i < nr_tenants; i++) {
		struct tenant *t = &tenant[i];

		check(t->entity.nr_waiting == t->waiting);
		check(t->entity.nr_running == t->out);
		check(t->entity.nr_pending >= t->waiting + t->out);
		if (!t->rate)
			check(vgpu_arb_flow_is_queued(&t->entity.flow) == !!t->wait_run);
		running += t->out;
		if (moved != t)
			look_charges(t, false);
	}
	check(running == nr_out && arb.nr_running == nr_out);
}

static void end(struct job *job)
{
	struct tenant *t = tenant_of(&job->job);

	vgpu_job_set_owner(&job->job, VGPU_JOB_GUEST);
	vgpu_arb_entity_done(&t->entity);
}

/* Return false if nothing was handed out */
static bool pick(void)
{
	bool room = nr_out < arb.depth;
	struct vgpu_job *picked;
	struct tenant *t;
	struct job *job;

	note("pick");
	picked = vgpu_arb_pick(&arb, now);
	if (!picked) {
		look(NULL);
		return false;
	}
	t = tenant_of(picked);
	job = container_of(picked, struct job, job);
	check(picked->owner == VGPU_JOB_BACKEND && !job->out && t->waiting);
	t->waiting--;
	if (picked->type == VGPU_JOB_CONTROL) {
		look(NULL);
		note("complete control");
		picked->status = VGPU_ERR_NONE;
		picked->gpu_ns = 0;
		vgpu_arb_complete(&arb, picked, now);
		look(NULL);
		end(job);
		return true;
	}
	check(!arb.paused && t->wait_run);
	if (!room) {
		check(arb.parallel && arb.depth > 1 && !t->out);
		nr_beyond++;
	}
	check(!t->rate || bucket(t) > 0);
	t->wait_run--;
	t->out++;
	nr_out++;
	/* the depth may have been another when others were handed out */
	check(nr_out <= MAX_DEPTH + nr_tenants);
	job->out = true;
	check(picked->charged == virtual(picked->estimate_ns, t->entity.flow.weight));
	bucket_take(t, picked->estimate_ns);
	if (!t->queued) {
		/* its cap was over just now: what it was forgiven nobody knows */
		t->start = t->entity.flow.start - picked->charged;
	}
	look(NULL);
	return true;
}

/* As host/gpu.c does: until there is nothing more, and then when the timer says */
static void dispatch(void)
{
	u64 ready = U64_MAX;
	bool waits = false;
	unsigned int i;

	while (pick())
		;
	note("next");
	wake = vgpu_arb_next_ns(&arb);
	check(wake > now);
	for (i = 0; i < nr_tenants; i++) {
		struct tenant *t = &tenant[i];
		bool queued = vgpu_arb_flow_is_queued(&t->entity.flow);
		u64 due = queued ? now + LOOK_NS : t->entity.ready_ns;

		if (!t->wait_run || arb.paused)
			continue;
		if (nr_out < arb.depth)
			check(!queued);
		else if (!arb.parallel || arb.depth == 1 || t->out)
			continue;
		waits = true;
		ready = min(ready, due);
	}
	/* whoever may have a job without another's end is looked after in time */
	if (waits)
		check(wake <= ready);
	for (i = 0; i < nr_tenants && !tenant[i].wait_run; i++)
		;
	if (i == nr_tenants && !arb.paused)
		check(wake == U64_MAX);
}

static void kick(void)
{
	if (vgpu_arb_has_work(&arb))
		dispatch();
}

/* Time passes, and the timer is on time, or late */
static void pass(u64 ns)
{
	u64 until = now + ns;

	while (wake <= until) {
		now = max_t(u64, now, wake);
		wake = U64_MAX;
		dispatch();
		if (ns > 20 * LOOK_NS)
			break;
	}
	now = until;
}

static void submit(struct tenant *t)
{
	struct job *job = &t->job[chance(JOBS)];
	unsigned int group = chance(GROUPS + 1);

	if (job->job.owner != VGPU_JOB_GUEST)
		return;
	note("submit");
	job->job.group = group < GROUPS ? &t->group[group] : NULL;
	job->job.stream = &t->group[chance(GROUPS)];
	job->job.type = chance(50) ? (chance(2) ? VGPU_JOB_LAUNCH : VGPU_JOB_COPY) :
				     VGPU_JOB_CONTROL;
	vgpu_job_set_owner(&job->job, VGPU_JOB_QUEUE);
	if (vgpu_arb_submit(&arb, &job->job, now)) {
		vgpu_job_set_owner(&job->job, VGPU_JOB_DONE);
		vgpu_job_set_owner(&job->job, VGPU_JOB_GUEST);
		look(NULL);
		return;
	}
	t->waiting++;
	t->wait_run += job->job.type != VGPU_JOB_CONTROL;
	look(NULL);
	kick();
}

/* One that is out, or NULL */
static struct job *some_out(struct tenant *t)
{
	unsigned int i, j = chance(JOBS);

	for (i = 0; i < JOBS; i++, j = (j + 1) % JOBS) {
		if (t->job[j].out)
			return &t->job[j];
	}
	return NULL;
}

static void complete(struct tenant *t, struct job *job)
{
	u64 took, wall = now - job->job.dispatch_ns;
	u32 weight = job->job.weight;

	note("complete");
	/* what it took on the GPU is no more than the time that has passed, and may be nothing */
	took = chance(4) ? wall < 50000000 ? wall : 50000000 : chance(wall + 1);
	job->job.gpu_ns = took;
	job->job.status = chance(4) ? VGPU_ERR_NONE : VGPU_ERR_CANCELED;
	took += atomic64_read(&t->entity.owed_ns);
	took = max_t(u64, took, arb.floor_ns);
	job->out = false;
	t->out--;
	nr_out--;
	bucket_take(t, took - job->job.estimate_ns);
	vgpu_arb_complete(&arb, &job->job, now);
	/* all that it was charged before is gone, and this is there instead */
	t->over = virtual(took, weight);
	look(NULL);
	end(job);
	kick();
}

static void requeue(struct tenant *t, struct job *job)
{
	note("requeue");
	if (!vgpu_arb_requeue(&arb, &job->job, now)) {
		complete(t, job);
		return;
	}
	job->out = false;
	t->out--;
	nr_out--;
	t->waiting++;
	t->wait_run++;
	bucket_take(t, -(s64)job->job.estimate_ns);
	/* an extension is refunded, too; and then it comes into the queue, and is forgiven */
	look(t);
	kick();
}

static void take_back(struct tenant *t, struct list_head *canceled)
{
	struct vgpu_job *job, *next;

	list_for_each_entry_safe(job, next, canceled, node) {
		check(job->owner == VGPU_JOB_DONE && t->waiting);
		list_del_init(&job->node);
		t->waiting--;
		t->wait_run -= job->type != VGPU_JOB_CONTROL;
		end(container_of(job, struct job, job));
	}
	look(NULL);
}

static void tenant_init(struct tenant *t)
{
	unsigned int j;

	memset(t, 0, sizeof(*t));
	vgpu_arb_entity_init(&t->entity, &arb, JOBS);
	for (j = 0; j < GROUPS; j++)
		vgpu_arb_group_init(&t->group[j]);
	for (j = 0; j < JOBS; j++) {
		INIT_LIST_HEAD(&t->job[j].job.node);
		t->job[j].job.entity = &t->entity;
		t->job[j].job.owner = VGPU_JOB_GUEST;
	}
	t->filled_ns = now;
}

static void cancel(struct tenant *t, unsigned int how)
{
	LIST_HEAD(canceled);

	note("cancel");
	if (how == 0)
		vgpu_arb_entity_cancel(&t->entity, &t->group[chance(GROUPS)], &canceled, now);
	else if (how == 1)
		vgpu_arb_quarantine(&t->entity, &canceled, now);
	else if (how == 2)
		vgpu_arb_entity_drain_begin(&t->entity, &canceled, now);
	else
		vgpu_arb_group_lose(&t->entity, &t->group[chance(GROUPS)], &canceled, now);
	take_back(t, &canceled);
	kick();
}

/* Its jobs end, in any order, and another comes in its place */
static void replace(struct tenant *t)
{
	struct job *job;

	cancel(t, 2);
	while ((job = some_out(t))) {
		now += chance(1000000);
		complete(t, job);
	}
	check(!t->entity.nr_pending);
	note("replace");
	vgpu_arb_entity_fini(&t->entity);
	tenant_init(t);
	t->start = t->entity.flow.start;
	look(NULL);
}

static void set_cap(struct tenant *t)
{
	u32 percent = chance(3) ? 100 : 1 + chance(99);
	u32 old = t->rate;

	note("cap");
	if (old)
		bucket(t);
	vgpu_arb_entity_set_cap(&t->entity, percent, now);
	t->rate = percent == 100 ? 0 : percent * (VGPU_ARB_WHOLE / 100);
	if (!old)
		t->level = (s64)t->rate * 10000000;
	t->filled_ns = now;
	bucket(t);
	look(NULL);
	dispatch();
}

/* What an operator does */
static void change(struct tenant *t)
{
	switch (chance(9)) {
	case 0:
		note("weight");
		vgpu_arb_entity_set_weight(&t->entity, chance(20) ? 25 + chance(376) :
					   1 + chance(VGPU_WEIGHT_MAX));
		look(NULL);
		break;
	case 1:
		note("priority");
		vgpu_arb_entity_set_priority(&t->entity, chance(VGPU_ARB_CLASSES), now);
		look(t);
		break;
	case 2:
		set_cap(t);
		break;
	case 3:
		vgpu_arb_set_depth(&arb, chance(8) ? 2 + chance(MAX_DEPTH - 1) : 1);
		dispatch();
		break;
	case 4:
		vgpu_arb_pause(&arb, chance(2));
		dispatch();
		break;
	case 5:
		vgpu_arb_set_time_slice(&arb, chance(2) ? 0 : chance(20000));
		break;
	case 6:
		vgpu_arb_release(&t->entity);
		vgpu_arb_entity_drain_end(&t->entity);
		t->group[0].lost = false;
		t->group[1].lost = false;
		break;
	case 7:
		vgpu_arb_entity_owes(&t->entity, chance(100000));
		break;
	default:
		note("policy");
		vgpu_arb_set_policy(&arb, chance(2) ? VGPU_POLICY_BEST_EFFORT :
				    VGPU_POLICY_EQUAL_SHARE, now);
		look(NULL);
		dispatch();
	}
}

/* How long it takes at most, if nothing ends, until whoever is in the highest class has a job */
static u64 frozen_bound(int top)
{
	u64 ahead = 0, bound = 0, weight = 1, own;
	unsigned int i, j, k;

	for (i = 0; i < nr_tenants; i++) {
		struct tenant *t = &tenant[i];

		own = max_t(u64, t->entity.cost_ns[VGPU_JOB_LAUNCH],
			    t->entity.cost_ns[VGPU_JOB_COPY]);
		weight = max_t(u64, weight, t->entity.flow.weight);
		for (j = 0; j < JOBS; j++) {
			struct vgpu_job *job = &t->job[j].job;

			if (!t->job[j].out)
				continue;
			weight = max_t(u64, weight, job->weight);
			own = max_t(u64, own, job->estimate_ns);
			own = max_t(u64, own, job->charged * job->weight / 100);
		}
		/* until what it has there is charged for more than it is already */
		bound += own + LOOK_NS + arb.time_slice_ns * 1ULL;
		if (t->entity.priority != top || !vgpu_arb_flow_is_queued(&t->entity.flow))
			continue;
		for (k = 0; k < nr_tenants; k++) {
			s64 lead = tenant[k].entity.flow.start - t->entity.flow.start;

			if (tenant[k].entity.priority == top && lead > 0 &&
			    vgpu_arb_flow_is_queued(&tenant[k].entity.flow))
				ahead = max_t(u64, ahead, lead);
		}
	}
	return bound + ahead / 100 * weight + weight;
}

/* Nothing ends any more.  Nobody of the highest class waits for ever who has nothing there. */
static void freeze(void)
{
	unsigned int i, left;
	u64 begin, bound, step;
	int top = -1;

	if (arb.depth == 1 || arb.paused)
		return;
	dispatch();
	for (i = 0; i < nr_tenants; i++) {
		if (tenant[i].wait_run && (int)tenant[i].entity.priority > top)
			top = tenant[i].entity.priority;
	}
	begin = now;
	bound = frozen_bound(top);
	step = bound / (100 * (nr_tenants + 1));
	nr_frozen++;
	for (;;) {
		left = 0;
		for (i = 0; i < nr_tenants; i++) {
			struct tenant *t = &tenant[i];

			left += t->wait_run && !t->out && !t->rate &&
				(int)t->entity.priority == top;
		}
		if (!left)
			break;
		doing = "stand still";
		check(wake != U64_MAX);
		now = max_t(u64, wake, now + step);
		check(now <= begin + bound + bound / 50);
		dispatch();
		nr_ops++;
	}
}

static void prepare(void)
{
	unsigned int i;

	nr_tenants = 1 + chance(chance(2) ? 8 : TENANTS);
	vgpu_arb_init(&arb, 2 + chance(MAX_DEPTH - 1));
	arb.parallel = true;
	arb.floor_ns = chance(2) ? 0 : VGPU_ARB_JOB_NS;
	wake = U64_MAX;
	for (i = 0; i < nr_tenants; i++)
		tenant_init(&tenant[i]);
}

static void finish(void)
{
	unsigned int i;

	vgpu_arb_pause(&arb, false);
	for (i = 0; i < nr_tenants; i++)
		replace(&tenant[i]);
	check(!nr_out);
	for (i = 0; i < nr_tenants; i++)
		vgpu_arb_entity_fini(&tenant[i].entity);
	vgpu_arb_fini(&arb);
}

static void step(void)
{
	struct tenant *t = &tenant[chance(nr_tenants)];
	struct job *job = some_out(t);
	u64 what = chance(1000);

	nr_ops++;
	if (what < 500)
		submit(t);
	else if (what < 780 && job)
		complete(t, job);
	else if (what < 800 && job)
		requeue(t, job);
	else if (what < 930)
		pass(1 + chance(1ULL << (10 + chance(15))));
	else if (what < 945)
		cancel(t, chance(4) ? 0 : 1 + chance(3));
	else if (what < 948)
		replace(t);
	else if (what < 998)
		change(t);
	else if (!chance(5))
		freeze();
}

int main(int argc, char **argv)
{
	unsigned long ops, i;

	if (argc != 3) {
		fprintf(stderr, "usage: arb_beyond OPERATIONS SEED\n");
		return 2;
	}
	ops = strtoul(argv[1], NULL, 10);
	first_seed = strtoull(argv[2], NULL, 10);
	seed = first_seed ? first_seed : 1;
	now = 1000000000;
	while (nr_ops < ops) {
		prepare();
		for (i = 0; i < ROUND; i++)
			step();
		finish();
	}
	/* else it tells nothing */
	check(nr_beyond && nr_frozen);
	printf("%lu operations, %lu jobs beyond the depth, %lu times all stood still\n", nr_ops,
	       nr_beyond, nr_frozen);
	return 0;
}
