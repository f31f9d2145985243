// SPDX-License-Identifier: GPL-2.0
/*
 * The stand-in's objects, and what its streams are told: see cuda_standin.h.
 *
 * What is told to a stream is done when somebody waits for one, so that what is freed or changed
 * too early is seen; that of the youngest stream first, so that it is seen if the order of two
 * matters.
 * Objects are in a list; a handle is an object's address, and is looked for there
 * before it is used.
 */
#include <pthread.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <time.h>

#include "cuda_standin_state.h"

/* Three for each job that the engine has begun */
#define MAX_OPS		128

/* For tests, by its name.  The older one doesn't pin guest memory. */
#ifdef STANDIN_OLD
struct standin standin = { .devices = 2, .version = 12020, .major = 9, .pins = false };
#else
struct standin standin = { .devices = 2, .version = 12040, .major = 9, .pins = true };
#endif

struct object *standin_objects;
int standin_broken;
__thread struct object *standin_current;

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static struct op ops[MAX_OPS];
static unsigned int nr_ops;

static __u64 now_ns(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return now.tv_sec * 1000000000ULL + now.tv_nsec;
}

/**
 * standin_wrong() - something that the engine mustn't do
 * @what: what
 *
 * Return: CUDA_INVALID_VALUE.
 */
int standin_wrong(const char *what)
{
	fprintf(stderr, "# stand-in: %s\n", what);
	standin.wrong++;
	return CUDA_INVALID_VALUE;
}

/**
 * standin_enter() - each call begins with this
 * @name: its name
 *
 * Return: the error that it is to fail with, or CUDA_OK; standin_leave() has to follow.
 */
int standin_enter(const char *name)
{
	int error = 0;

	pthread_mutex_lock(&lock);
	standin.calls++;
	if (standin.fail_at && standin.calls == standin.fail_at) {
		standin.failed = name;
		error = standin.fail_with;
		if (error >= CUDA_ILLEGAL_ADDRESS && error <= CUDA_LAUNCH_FAILED &&
		    error != CUDA_LAUNCH_OUT_OF_RESOURCES)
			standin_broken = error;
	}
	return error;
}

/**
 * standin_leave() - and ends with this
 * @error: what it returns
 *
 * Return: that.
 */
int standin_leave(int error)
{
	pthread_mutex_unlock(&lock);
	return error;
}

/**
 * standin_enter_context() - what needs a context begins with this
 * @name: its name
 *
 * Return: as standin_enter(), or the error that the context is left with.
 */
int standin_enter_context(const char *name)
{
	int error = standin_enter(name);

	if (!error && !standin_current)
		error = standin_wrong("no context is current");
	return error ?: standin_broken;
}

/**
 * standin_add() - make an object
 * @kind: of what kind
 *
 * Return: it, zeroed.
 */
struct object *standin_add(enum kind kind)
{
	struct object *o = calloc(1, sizeof(*o));

	o->kind = kind;
	o->next = standin_objects;
	standin_objects = o;
	/* functions end with their module */
	standin.live += kind != FUNCTION;
	return o;
}

/**
 * standin_find() - is a handle one of an object?
 * @handle: which
 * @kind: of what kind it has to be
 *
 * Return: the object, or NULL.
 */
struct object *standin_find(const void *handle, enum kind kind)
{
	struct object *o;

	for (o = standin_objects; o; o = o->next)
		if (o == handle && o->kind == kind)
			return o;
	return NULL;
}

/**
 * standin_find_at() - find memory by where it is
 * @at: where it begins
 * @kind: of what kind it is
 *
 * Return: the object, or NULL.
 */
struct object *standin_find_at(const void *at, enum kind kind)
{
	struct object *o;

	for (o = standin_objects; o; o = o->next)
		if (o->at == at && o->kind == kind)
			return o;
	return NULL;
}

/**
 * standin_del() - end an object
 * @o: which
 */
void standin_del(struct object *o)
{
	struct object **at;

	for (at = &standin_objects; *at && *at != o; at = &(*at)->next)
		;
	*at = o->next;
	standin.live -= o->kind != FUNCTION;
	if (o->kind == DEVICE_MEMORY)
		munmap(o->at, o->size);
	free(o->names);
	free(o);
}

/**
 * standin_reaches() - is memory there for the device?
 * @at: where
 * @size: bytes
 *
 * Return: true if so.
 */
bool standin_reaches(__u64 at, __u64 size)
{
	struct object *o;

	for (o = standin_objects; o; o = o->next)
		if ((o->kind == DEVICE_MEMORY || o->kind == HOST_MEMORY) &&
		    at >= (uintptr_t)o->at && size <= o->size &&
		    at - (uintptr_t)o->at <= o->size - size)
			return true;
	return false;
}

static void run_launch(struct op *op)
{
	unsigned int i;

	/* an address in the first pages, or where nothing is, as a GPU finds out */
	for (i = 0; op->kernel->size[i]; i++)
		if (!strcmp(op->kernel->name, "at") && !standin_reaches(op->param[i][0], 4))
			standin_broken = CUDA_ILLEGAL_ADDRESS;
	if (!standin_broken)
		op->kernel->run(op->param, &op->grid);
}

static void run(struct op *op)
{
	__u64 at;

	if (standin_broken)
		return;
	if (op->what != 'e' && op->what != 'l' &&
	    (!standin_reaches(op->dst, op->size) ||
	     (op->what == 'c' && !standin_reaches(op->src, op->size)))) {
		standin_wrong("memory that isn't there any more");
		return;
	}
	switch (op->what) {
	case 'c':
		memmove((void *)(uintptr_t)op->dst, (void *)(uintptr_t)op->src, op->size);
		break;
	case 'b':
		memset((void *)(uintptr_t)op->dst, op->src, op->size);
		break;
	case 'w':
		for (at = 0; at < op->size / 4; at++)
			((__u32 *)(uintptr_t)op->dst)[at] = op->src;
		break;
	case 'l':
		run_launch(op);
		break;
	case 'e':
		op->event->size = now_ns();
		op->event->came = true;
		break;
	}
}

/**
 * standin_drain() - do what the streams were told
 *
 * Return: the error that the context is left with.
 */
int standin_drain(void)
{
	const struct object *o;
	unsigned int i;

	/* the youngest object is the first of the list */
	for (o = standin_objects; o; o = o->next)
		for (i = 0; o->kind == STREAM && i < nr_ops; i++)
			if (ops[i].stream == o)
				run(&ops[i]);
	nr_ops = 0;
	return standin_broken;
}

/**
 * standin_tell() - tell a stream something, which is done when somebody waits
 * @stream: which
 * @op: what
 *
 * Return: CUDA_OK, or an error if there is no such stream.
 */
int standin_tell(const struct cu_stream *stream, const struct op *op)
{
	const struct object *o = standin_find(stream, STREAM);

	if (!o)
		return standin_wrong("a stream that isn't there");
	if (nr_ops == MAX_OPS)
		standin_drain();
	ops[nr_ops] = *op;
	ops[nr_ops++].stream = o;
	return CUDA_OK;
}

/**
 * standin_is_busy() - has a stream been told what nobody has waited for?
 *
 * Return: true if so.
 */
bool standin_is_busy(void)
{
	return nr_ops;
}

/**
 * standin_awaits() - was a stream told an event that nobody has waited for?
 * @event: which
 *
 * Return: true if so.
 */
bool standin_awaits(const struct object *event)
{
	unsigned int i;

	for (i = 0; i < nr_ops; i++)
		if (ops[i].what == 'e' && ops[i].event == event)
			return true;
	return false;
}

/**
 * standin_forget() - don't do what the streams were told
 */
void standin_forget(void)
{
	nr_ops = 0;
}

/**
 * standin_destroy() - end an object, in a call of its own
 * @name: of the call
 * @handle: of the object
 * @kind: of what kind it is
 *
 * Return: what the call returns.
 */
int standin_destroy(const char *name, const void *handle, enum kind kind)
{
	int error = standin_enter_context(name);
	struct object *o = standin_find(handle, kind);

	if (!o)
		return standin_leave(standin_wrong("an object that isn't there"));
	/* an event is used by nobody but those who were told of it */
	if (kind == EVENT ? standin_awaits(o) : standin_is_busy())
		standin_wrong("an object ends while the device may be using it");
	/* one that can't be ended because the context is broken ends with that */
	standin_del(o);
	return standin_leave(error);
}
