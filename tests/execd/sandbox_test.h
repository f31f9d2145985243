/* SPDX-License-Identifier: GPL-2.0 */
/* What the files of sandbox_test share. */
#ifndef EXECD_SANDBOX_TEST_H
#define EXECD_SANDBOX_TEST_H

#include "engine.h"
#include "sandbox.h"
#include "tap.h"

#define MEMORY		(16ULL << 20)

/* Where the channel is in each try: not the first file that is free */
#define CHANNEL		9

/* The first of the users that workers are here; not the executor's default */
#define TEST_UID	90256
#define TEST_UIDS	16

/**
 * struct outcome - something to try in a sandbox, in a process of its own
 * @try: it; returns a number below 99
 * @before: what comes before the filter, and returns 0; or NULL
 * @view: what the sandbox has to see, or NULL
 * @nodes: and which device files, or NULL
 * @reserves: much address space
 * @cgroup: file descriptor of a control group to be in, or 0
 * @uids: how many users there are, or 0: enough
 * @err: what is to be stderr, or 0
 * @channel: path of what is in the place of its channel; NULL: one that can be mapped
 */
struct outcome {
	int (*try)(void);
	int (*before)(void);
	const char *const *view;
	const char *const *nodes;
	bool reserves;
	int cgroup;
	uid_t uids;
	int err;
	const char *channel;
};

pid_t outcome_begin(const struct outcome *o);
int outcome_of(const struct outcome *o);
void check_identity(const char *const *view);
void status_line(pid_t pid, const char *key, char *value, size_t size);
const char *lock_path(void);

/* sandbox_uid_test.c's */
extern const struct tap_test uid_tests[];
extern const size_t uid_tests_count;

/* sandbox_opencl.c's */
enum vgpu_error opencl_build(struct engine *e, const char *text, char *said, size_t size,
			     struct engine_module **module);
struct engine *opencl_opened(void);
int opencl_open(void);
bool opencl_is_there(void);
extern const struct tap_test opencl_tests[];
extern const size_t opencl_tests_count;

/* sandbox_attack.c's */
extern const struct tap_test attack_tests[];
extern const size_t attack_tests_count;

/* sandbox_cgroup.c's */
extern const struct tap_test cgroup_tests[];
extern const size_t cgroup_tests_count;

/* sandbox_nodes.c's */
extern const struct tap_test nodes_tests[];
extern const size_t nodes_tests_count;

/* sandbox_cuda.c's */
void run_cuda_tests(void);

#endif /* EXECD_SANDBOX_TEST_H */
