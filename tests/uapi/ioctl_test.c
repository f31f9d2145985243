// SPDX-License-Identifier: GPL-2.0
/*
 * ioctl_test: what /dev/vgpuN promises, from inside of a guest.  Prints TAP.
 *
 * The last tests take the device away, reset it, or let the machine sleep; they are run
 * only by their options.
 */
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "dev.h"
#include "tap.h"
#include "tests.h"

static const struct tap_test tests[] = {
	{ "ioctl-info", "GET_INFO tells something plausible", test_info },
	{ "ioctl-length-get-info", "sizes of struct vgpu_info",
	  test_length_get_info },
	{ "ioctl-length-request", "sizes of struct vgpu_request",
	  test_length_request },
	{ "ioctl-length-objects", "sizes of the structures for objects and queues",
	  test_length_objects },
	{ "ioctl-enotty", "unknown ioctls", test_unknown_ioctls },
	{ "ioctl-eopnotsupp", "unknown opcodes and flags", test_eopnotsupp },
	{ "ioctl-einval", "reserved fields", test_einval },
	{ "ioctl-emsgsize", "more than a request can carry", test_emsgsize },
	{ "ioctl-enospc", "buffers too small for the answer", test_enospc },
	{ "ioctl-efault", "bad pointers", test_efault },
	{ "ioctl-device-errors", "the device's errors are in status",
	  test_device_errors },
	{ "ioctl-file", "no read, write or seek, and nothing to mmap at first",
	  test_file_operations },
	{ "ioctl-bo-lengths", "any length and alignment is read as written",
	  test_bo_lengths },
	{ "ioctl-bo-random", "1000 requests of random shape", test_bo_random },
	{ "ioctl-other-file", "handles of another file are unknown",
	  test_other_file },
	{ "ioctl-close-frees", "a closed file leaves nothing on the device",
	  test_close_frees },
	{ "ioctl-contexts", "the device runs out of contexts, and recovers",
	  test_contexts_limit },
	{ "ioctl-timeout-queued", "a timeout before its turn",
	  test_timeout_queued },
	{ "ioctl-timeout-device", "a timeout on the device",
	  test_timeout_on_device },
	{ "ioctl-signal", "a signal during a request", test_signal },
	{ "ioctl-signal-restart", "a signal with SA_RESTART",
	  test_signal_restart },
	{ "ioctl-signal-create", "a signal before the device is asked for an object",
	  test_signal_create },
	{ "ioctl-signal-destroy", "signals while queues and objects end", test_signal_destroy },
	{ "ioctl-close", "close during a request", test_close_during_request },
	{ "ioctl-kill", "kill during a request", test_kill_during_request },
	{ "ioctl-queue-limit", "EAGAIN from the 65th request on",
	  test_queue_limit },
	{ "ioctl-abandoned-contexts", "contexts nobody waited for are not lost",
	  test_abandoned_contexts },
	{ "ioctl-threads-one-file", "64 threads on one file",
	  test_threads_one_file },
	{ "ioctl-threads-many-files", "64 threads, a file each",
	  test_threads_many_files },
	{ "ioctl-fair-files", "files take turns", test_fair_files },
	{ "ioctl-system-bo", "memory that process and device share", test_system_bo },
	{ "ioctl-offsets", "where objects are mapped: below 2^44, none twice", test_offsets },
	{ "ioctl-queue-args", "queues that can't be made, and another file's",
	  test_queue_args },
	{ "ioctl-queue-nops", "jobs by the rings alone", test_queue_nops },
	{ "ioctl-queue-waiters", "many who wait for one queue", test_queue_waiters },
	{ "ioctl-queue-signal", "a signal while waiting for a queue", test_queue_signal },
	{ "ioctl-queue-ended", "a queue that ends under those who wait for it",
	  test_queue_ended },
	{ "ioctl-queue-stop", "stopped and continued while waiting for a queue",
	  test_queue_stop },
	{ "ioctl-queue-kill", "processes killed with busy queues", test_queue_kill },
	{ "ioctl-event-args", "what can't be armed, and what is no eventfd", test_event_args },
	{ "ioctl-event-once", "an event comes once for each time it was armed",
	  test_event_once },
	{ "ioctl-event-ended", "an event that was to come comes by the end of the queue",
	  test_event_ended },
	{ "ioctl-event-ended-epoll", "the same, told by an epoll", test_event_ended_epoll },
	{ "ioctl-event-many", "an event armed thousands of times", test_event_many },
	{ "ioctl-event-loop", "one epoll for many queues", test_event_loop },
	{ "ioctl-import", "memory of a process as a buffer object", test_import },
	{ "ioctl-import-args", "memory that can't be imported", test_import_args },
	{ "ioctl-import-file", "files that are mapped, imported", test_import_file },
	{ "ioctl-import-limit", "RLIMIT_MEMLOCK holds for what is imported", test_import_limit },
	{ "ioctl-import-unmap", "what was imported stays when it is unmapped",
	  test_import_unmap },
	{ "ioctl-import-fork", "what was imported stays the parent's", test_import_fork },
	{ "ioctl-import-kill", "processes killed while the device writes to their memory",
	  test_import_kill },
	{ "ioctl-event-kill", "processes killed with an armed eventfd", test_event_kill },
};

static const struct tap_test unbind_tests[] = {
	{ "ioctl-unbind", "waiters end with ENODEV on unbind",
	  test_unbind_while_waiting },
	{ "ioctl-unbind-node", "opened by a node whose file system is no more",
	  test_unbind_node },
	{ "ioctl-unbind-no-reset", "a device that can't be reset keeps the memory it has",
	  test_unbind_no_reset },
};

static const struct tap_test script_tests[] = {
	{ "ioctl-gone", "waiters end with ENODEV when the device goes",
	  test_script_while_waiting },
};

static const struct tap_test reset_tests[] = {
	{ "ioctl-reset", "waiters end with EIO on reset, then ESTALE",
	  test_reset_while_waiting },
};

static const struct tap_test storm_tests[] = {
	{ "ioctl-unbind-storm", "unbind and bind, many times, under load",
	  test_unbind_storm },
};

static const struct tap_test sleep_tests[] = {
	{ "ioctl-sleep", "the machine sleeps and wakes up, and nobody notices", test_sleep },
	{ "ioctl-sleep-drain", "what is in the rings ends before", test_sleep_drain },
	{ "ioctl-sleep-blocked", "what waits for a job to come waits on", test_sleep_blocked },
	{ "ioctl-sleep-refused", "jobs that take too long: no sleep, and no harm",
	  test_sleep_refused },
	{ "ioctl-sleep-request", "a request under way is waited for", test_sleep_request },
	{ "ioctl-sleep-stale", "what was made and has ended, by whatever means, is not saved",
	  test_sleep_stale },
	{ "ioctl-sleep-memory", "no memory for what is on the device: no sleep, and no harm",
	  test_sleep_memory },
};

static const struct tap_test sleep_reset_tests[] = {
	{ "ioctl-sleep-reset", "a device that was reset while the machine slept: all is there",
	  test_sleep_reset },
};

static const struct tap_test sleep_rate_tests[] = {
	{ "ioctl-sleep-rate", "what is over its rate is saved in time, or there is no sleep",
	  test_sleep_rate },
};

static void print_usage(void)
{
	fprintf(stderr,
		"usage: ioctl_test [-d DEVICE] [NAME]...\n"
		"       ioctl_test [-d DEVICE] MODE\n"
		"Tests /dev/vgpu0, or DEVICE: all tests, or those NAMEd.  Modes:\n\n"
		"  --unbind-while-waiting  unbinds the driver, and binds it again, some times\n"
		"  --gone-while-waiting    as above, but the caller takes the device away\n"
		"                          when this prints \"# waiting\"\n"
		"  --reset-while-waiting   resets the function\n"
		"  --unbind-storm[=TIMES]  unbinds and binds it 50 times, or TIMES, under load\n"
		"  --sleep                 lets the machine sleep, and wakes it up\n"
		"  --sleep-reset           as above, but the caller resets the device when it\n"
		"                          is in D3hot\n"
		"  --sleep-rate            likewise, with a rate of 4 jobs a second\n");
}

static void run_tests(const struct tap_test *list, size_t count, char **names)
{
	char **name;
	size_t i;

	for (i = 0; i < count; i++) {
		for (name = names; *name; name++) {
			if (!strcmp(*name, list[i].name))
				break;
		}
		if (*name || !*names)
			tap_run(&list[i]);
	}
}

int main(int argc, char **argv)
{
	static const struct option options[] = {
		{ "device", required_argument, NULL, 'd' },
		{ "unbind-while-waiting", no_argument, NULL, 'u' },
		{ "gone-while-waiting", no_argument, NULL, 'g' },
		{ "reset-while-waiting", no_argument, NULL, 'r' },
		{ "unbind-storm", optional_argument, NULL, 's' },
		{ "sleep", no_argument, NULL, 'z' },
		{ "sleep-reset", no_argument, NULL, 'Z' },
		{ "sleep-rate", no_argument, NULL, 'R' },
		{ }
	};
	const struct tap_test *list = tests;
	size_t count = ARRAY_SIZE(tests);
	int opt;

	while ((opt = getopt_long(argc, argv, "d:", options, NULL)) != -1) {
		switch (opt) {
		case 'd':
			dev_path = optarg;
			continue;
		case 'u':
			list = unbind_tests;
			count = ARRAY_SIZE(unbind_tests);
			continue;
		case 'g':
			list = script_tests;
			break;
		case 'r':
			list = reset_tests;
			break;
		case 's':
			list = storm_tests;
			if (optarg)
				unbind_storm_times = atoi(optarg);
			break;
		case 'z':
			list = sleep_tests;
			count = ARRAY_SIZE(sleep_tests);
			continue;
		case 'Z':
			list = sleep_reset_tests;
			break;
		case 'R':
			list = sleep_rate_tests;
			break;
		default:
			print_usage();
			return 2;
		}
		count = 1;
	}
	run_tests(list, count, argv + optind);
	return tap_end();
}
