/* SPDX-License-Identifier: GPL-2.0 */
/* The tests of ioctl_test, by file. */
#ifndef UAPI_TESTS_H
#define UAPI_TESTS_H

#include <stdbool.h>

/* test_length.c */
void test_length_get_info(void);
void test_length_request(void);
void test_length_objects(void);
void test_unknown_ioctls(void);

/* test_errno.c */
void test_eopnotsupp(void);
void test_einval(void);
void test_emsgsize(void);
void test_enospc(void);
void test_efault(void);
void test_device_errors(void);
void test_file_operations(void);

/* test_bo.c */
void test_info(void);
void test_bo_lengths(void);
void test_bo_random(void);
void test_other_file(void);
void test_contexts_limit(void);
void test_close_frees(void);

/* test_wait.c */
void test_timeout_queued(void);
void test_timeout_on_device(void);
void test_signal(void);
void test_signal_restart(void);
void test_signal_create(void);
void test_signal_destroy(void);
void test_close_during_request(void);
void test_kill_during_request(void);
void test_queue_limit(void);
void test_abandoned_contexts(void);

/* test_fair.c */
void test_threads_one_file(void);
void test_threads_many_files(void);
void test_fair_files(void);

/* test_remove.c */
void test_unbind_while_waiting(void);
void test_unbind_node(void);
void test_unbind_no_reset(void);
void test_script_while_waiting(void);
void test_reset_while_waiting(void);
extern unsigned int unbind_storm_times;
void test_unbind_storm(void);

/* test_queue.c */
void test_system_bo(void);
void test_offsets(void);
void test_queue_args(void);
void test_queue_nops(void);
void test_queue_waiters(void);
void test_queue_signal(void);
void test_queue_ended(void);
void test_queue_stop(void);
void test_queue_kill(void);
bool queue_lost_begin(void);
void queue_lost_end(int err);
int queue_try(int fd);

/* test_event.c */
void test_event_args(void);
void test_event_once(void);
void test_event_ended(void);
void test_event_ended_epoll(void);
void test_event_many(void);
void test_event_loop(void);
void test_event_kill(void);
bool event_lost_begin(void);
void event_lost_end(int err);

/* test_import.c */
void test_import(void);
void test_import_args(void);
void test_import_file(void);
void test_import_limit(void);
void test_import_unmap(void);
void test_import_fork(void);
void test_import_kill(void);
bool import_lost_begin(void);
void import_lost_end(int err);

/* test_restore.c */
void test_sleep_rate(void);
void test_sleep_reset(void);

/* test_sleep.c */
void test_sleep(void);
void test_sleep_drain(void);
void test_sleep_blocked(void);
void test_sleep_refused(void);
void test_sleep_request(void);
void test_sleep_stale(void);
void test_sleep_memory(void);

#endif /* UAPI_TESTS_H */
