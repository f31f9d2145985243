/* SPDX-License-Identifier: GPL-2.0 */
/* What the files of engine_test share. */
#ifndef EXECD_ENGINE_TEST_H
#define EXECD_ENGINE_TEST_H

#include "engine.h"
#include "tap.h"

extern struct engine *engine;
extern const struct engine_ops *ops;
extern struct engine_job job;

struct engine_mem *new_mem(__u64 size);
void put(struct engine_mem *mem, __u64 offset, const void *from, size_t length);
void get(struct engine_mem *mem, __u64 offset, void *to, size_t length);
struct engine_arg buffer(struct engine_mem *mem, __u64 offset, __u64 length);
struct engine_arg value(const void *at, __u64 length);

/* engine_modules.c's, for engines that take OpenCL C */
extern const struct tap_test module_tests[];
extern const size_t module_tests_count;

/* engine_cuda.c's, for engines that take PTX */
extern const struct tap_test cuda_tests[];
extern const size_t cuda_tests_count;

/* engine_later.c's, for engines that have jobs that go on */
extern const struct tap_test later_tests[];
extern const size_t later_tests_count;

#endif /* EXECD_ENGINE_TEST_H */
