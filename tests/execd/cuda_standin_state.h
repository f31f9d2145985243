/* SPDX-License-Identifier: GPL-2.0 */
/* What the files of the stand-in share: see cuda_standin.h. */
#ifndef EXECD_CUDA_STANDIN_STATE_H
#define EXECD_CUDA_STANDIN_STATE_H

#include "cuda_api.h"
#include "cuda_standin.h"

enum kind {
	CONTEXT,
	STREAM,
	EVENT,
	MODULE,
	FUNCTION,
	DEVICE_MEMORY,
	HOST_MEMORY,
};

/**
 * struct object - something that is there
 * @next: the next one
 * @kind: what it is
 * @at: of memory: where
 * @size: of memory: bytes; of an event: when it came, in ns
 * @came: of an event: has it?
 * @kernel: of a function
 * @module: of a function: where it is from
 * @names: of a module: the kernels in it, each with a NUL
 * @names_size: bytes of @names
 */
struct object {
	struct object *next;
	enum kind kind;
	char *at;
	__u64 size;
	bool came;
	const struct standin_kernel *kernel;
	struct object *module;
	char *names;
	size_t names_size;
};

/**
 * struct op - something a stream is told
 * @stream: which
 * @what: which: 'c'opy, fill with a 'b'yte or a 'w'ord, 'e'vent, 'l'aunch
 * @dst: where to
 * @src: where from, or with what
 * @size: bytes
 * @event: which
 * @kernel: which
 * @grid: by how many
 * @param: its parameters
 */
struct op {
	const struct object *stream;
	char what;
	__u64 dst;
	__u64 src;
	__u64 size;
	struct object *event;
	const struct standin_kernel *kernel;
	struct standin_grid grid;
	__u64 param[11][2];
};

extern struct standin standin;

/* All there are */
extern struct object *standin_objects;

/* Of the context: an error that stays */
extern int standin_broken;

/* The context of this thread */
extern __thread struct object *standin_current;

int standin_wrong(const char *what);
int standin_enter(const char *name);
int standin_leave(int error);
int standin_enter_context(const char *name);
struct object *standin_add(enum kind kind);
struct object *standin_find(const void *handle, enum kind kind);
struct object *standin_find_at(const void *at, enum kind kind);
void standin_del(struct object *o);
int standin_drain(void);
int standin_tell(const struct cu_stream *stream, const struct op *op);
int standin_destroy(const char *name, const void *handle, enum kind kind);
bool standin_is_busy(void);
bool standin_awaits(const struct object *event);
void standin_forget(void);

#endif /* EXECD_CUDA_STANDIN_STATE_H */
