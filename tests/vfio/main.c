// SPDX-License-Identifier: GPL-2.0
/*
 * vfio-check: a VMM without a guest, that checks what VMMs and guests of a vGPU
 * rely on.  This file: the list of tests, and the command line.
 */
#include <errno.h>
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <linux/vgpu_dev.h>

#include "attack.h"
#include "hostile.h"
#include "kills.h"
#include "modes.h"
#include "nulls.h"
#include "order_ch.h"
#include "order_qemu.h"
#include "session.h"
#include "tap.h"
#include "test_bad.h"
#include "test_badirqs.h"
#include "test_badlaunch.h"
#include "test_badreq.h"
#include "test_bars.h"
#include "test_bo.h"
#include "test_bounds.h"
#include "test_busy.h"
#include "test_caps.h"
#include "test_config.h"
#include "test_exec.h"
#include "test_info.h"
#include "test_ioctls.h"
#include "test_irqs.h"
#include "test_launch.h"
#include "test_mailbox.h"
#include "test_matrix.h"
#include "test_memcg.h"
#include "test_queue.h"
#include "test_queue_large.h"
#include "test_queue_order.h"
#include "test_regs.h"
#include "test_remove.h"
#include "test_session.h"
#include "test_sizing.h"
#include "watchdog.h"

/* Exit status; 0 and 1 come from tap_end() */
#define EXIT_USAGE	2
#define EXIT_SKIP	4

#define TEST_CLOSED	1	/* wants a session without anything open */
#define TEST_ASKED	2	/* runs only if asked for by name */

static const struct test {
	const char *name;
	const char *what;
	void (*run)(struct session *s);
	unsigned int flags;
} tests[] = {
	{ "session", "opening step by step", test_session, TEST_CLOSED },
	{ "dma", "mapping memory", test_dma, 0 },
	{ "second-open", "two descriptors of one device", test_second_open, 0 },
	{ "info", "device info", test_info, 0 },
	{ "region-info", "region info", test_region_info, 0 },
	{ "irq-info", "interrupt info", test_irq_info, 0 },
	{ "config-header", "config space: identity", test_config_header, 0 },
	{ "config-read", "config space: reads of all widths",
	  test_config_read, 0 },
	{ "config-command", "config space: COMMAND", test_config_command, 0 },
	{ "config-readonly", "config space: what can't be written",
	  test_config_readonly, 0 },
	{ "caps", "config space: capabilities", test_caps, 0 },
	{ "power", "config space: power states", test_power_state, 0 },
	{ "sizing", "config space: BAR sizing, nothing put back", test_sizing,
	  0 },
	{ "regs-initial", "BAR0: values at first", test_regs_initial, 0 },
	{ "regs-readonly", "BAR0: registers that ignore writes",
	  test_regs_readonly, 0 },
	{ "regs-writable", "BAR0: registers that store", test_regs_writable,
	  0 },
	{ "regs-irq-status", "BAR0: IRQ_STATUS", test_regs_irq_status, 0 },
	{ "matrix-read", "BAR0: reads of all widths everywhere",
	  test_matrix_read, 0 },
	{ "matrix-write", "BAR0: writes of all widths everywhere",
	  test_matrix_write, 0 },
	{ "doorbell", "BAR0: what rings", test_matrix_doorbell, 0 },
	{ "bounds", "access at and beyond the ends of regions", test_bounds,
	  0 },
	{ "bounds-absent", "access to regions that don't exist",
	  test_bounds_absent, 0 },
	{ "bounds-pointer", "access from and to bad pointers",
	  test_bounds_pointer, 0 },
	{ "bar2", "doorbell pages", test_bar2, 0 },
	{ "bar4", "MSI-X table and PBA", test_bar4, 0 },
	{ "ioctls", "ioctls that don't exist, bad pointers", test_ioctls, 0 },
	{ "irqs-loopback", "interrupts: triggers from user space",
	  test_irqs_loopback, 0 },
	{ "irqs-partial", "interrupts: some vectors now, others later",
	  test_irqs_partial, 0 },
	{ "irqs-remove", "interrupts: fd -1, disabling", test_irqs_remove, 0 },
	{ "irqs-mask", "interrupts: masking, or its absence", test_irqs_mask,
	  0 },
	{ "irqs-exclusive", "interrupts: MSI or MSI-X", test_irqs_exclusive,
	  0 },
	{ "irqs-err-req", "interrupts: ERR and REQ", test_irqs_err_req, 0 },
	{ "irqs-crowd", "interrupts: many wait", test_irqs_crowd, TEST_ASKED },
	{ "exec-register", "executor: calls that are wrong", test_exec_register, TEST_ASKED },
	{ "exec-lies", "executor: workers that lie", test_exec_lies, TEST_ASKED },
	{ "exec-maps", "executor: guest memory in a worker", test_exec_maps, TEST_ASKED },
	{ "exec-tasks", "executor: modules of the guest's own", test_exec_tasks, TEST_ASKED },
	{ "exec-slow", "executor: a module that takes too long", test_exec_slow, TEST_ASKED },
	{ "exec-return", "executor: gone, and the next", test_exec_return, TEST_ASKED },
	{ "exec-again", "executor: gone, and jobs that run anew", test_exec_again, TEST_ASKED },
	{ "exec-hung", "executor: one that reads nothing", test_exec_hung, TEST_ASKED },
	{ "exec-grip", "executor: a worker that holds on to memory", test_exec_grip, TEST_ASKED },
	{ "exec-storm", "executor: a worker that does all at once", test_exec_storm, TEST_ASKED },
	{ "exec-vain", "executor: a worker that calls in vain", test_exec_vain, TEST_ASKED },
	{ "exec-churn", "executor: executors that come and go anyhow", test_exec_churn,
	  TEST_ASKED },
	{ "exec-kernels", "executor: guests' kernels that do their worst", test_attack_kernels,
	  TEST_ASKED },
	{ "exec-obey", "executor: workers that guests have taken over", test_attack_workers,
	  TEST_ASKED },
	{ "badirqs-head", "interrupts: heads that are wrong",
	  test_badirqs_head, 0 },
	{ "badirqs-fd", "interrupts: descriptors that are no eventfds",
	  test_badirqs_fd, 0 },
	{ "badirqs-atomic", "interrupts: all descriptors or none",
	  test_badirqs_atomic, 0 },
	{ "mailbox-msi", "mailbox: completion by MSI", test_mailbox_msi, 0 },
	{ "mailbox-msix", "mailbox: completion by MSI-X", test_mailbox_msix,
	  0 },
	{ "mailbox-info", "mailbox: GET_DEVICE_INFO", test_mailbox_info, 0 },
	{ "mailbox-irq-ctrl", "mailbox: no interrupt unless asked for",
	  test_mailbox_irq_ctrl, 0 },
	{ "mailbox-irq-full", "mailbox: an eventfd that is full",
	  test_mailbox_irq_full, 0 },
	{ "mailbox-timestamp", "mailbox: TIMESTAMP", test_mailbox_timestamp,
	  0 },
	{ "badreq-length", "requests: lengths that are wrong",
	  test_badreq_length, 0 },
	{ "badreq-head", "requests: heads that are wrong", test_badreq_head,
	  0 },
	{ "badreq-params", "requests: parameters and data that are wrong",
	  test_badreq_params, 0 },
	{ "bo", "buffer objects: make, write, read, end", test_bo, 0 },
	{ "bo-zeroed", "buffer objects: no memory with old contents",
	  test_bo_zeroed, 0 },
	{ "handles", "buffer objects: handles that are not one's own",
	  test_handles, 0 },
	{ "ranges", "buffer objects: beyond the end", test_ranges, 0 },
	{ "copy-fill", "buffer objects: COPY and FILL", test_copy_fill, 0 },
	{ "quota", "buffer objects: limits", test_quota, 0 },
	{ "builtins", "kernels: results", test_builtins, 0 },
	{ "badlaunch", "kernels: arguments that are wrong", test_badlaunch, 0 },
	{ "badlaunch-empty", "kernels: nothing to do, but a lot of it",
	  test_badlaunch_empty, 0 },
	{ "busy", "a doorbell while a request runs", test_busy, 0 },
	{ "reset", "reset by ioctl", test_reset, 0 },
	{ "reset-busy", "reset by ioctl while a request runs",
	  test_reset_busy, 0 },
	{ "reset-prompt", "a reset does not wait for a job",
	  test_reset_prompt, 0 },
	{ "flr", "reset by the guest", test_flr, 0 },
	{ "flr-busy", "reset by the guest while a request runs",
	  test_flr_busy, 0 },
	{ "reopen", "close and open again", test_reopen, 0 },
	{ "reopen-busy", "close while a request runs, and open again",
	  test_reopen_busy, 0 },
	{ "queue", "queues: data through copies and fills", test_queue, 0 },
	{ "queue-depth", "queues: many jobs", test_queue_depth, 0 },
	{ "queue-bad-memory", "queues: memory that isn't there",
	  test_queue_bad_memory, 0 },
	{ "queue-features", "queues: what was not enabled", test_queue_features, 0 },
	{ "queue-wait", "queues: one waits for another", test_queue_wait, 0 },
	{ "queue-timestamp", "queues: the time", test_queue_timestamp, 0 },
	{ "queue-abort", "queues: jobs are called off", test_queue_abort, 0 },
	{ "queue-large", "queues: an object of a GiB", test_queue_large, 0 },
	{ "queue-limits", "queues: as many as there can be", test_queue_limits, 0 },
	{ "queue-unmap", "queues: memory taken away under jobs", test_queue_unmap, 0 },
	{ "queue-busy-end", "queues: reset and close under jobs", test_queue_busy_end,
	  0 },
	{ "queue-hostile", "queues: rings that change while they are read",
	  test_queue_hostile, 0 },
	{ "bad-queues", "bad input: ring sizes, bases, numbers", test_bad_queues, 0 },
	{ "bad-entries", "bad input: entries, handles, ranges", test_bad_entries, 0 },
	{ "bad-launches", "bad input: geometry and arguments of kernels",
	  test_bad_launches, 0 },
	{ "bad-modules", "bad input: modules and names of kernels", test_bad_modules, 0 },
	{ "bad-lists", "bad input: lists of pages", test_bad_lists, 0 },
	{ "bad-lists-change", "bad input: lists that change while they are read",
	  test_bad_lists_change, 0 },
	{ "bad-lists-endless", "bad input: a list that goes on with itself",
	  test_bad_lists_endless, 0 },
	{ "bad-rings", "bad input: phases, indices, events", test_bad_rings, 0 },
	{ "bad-turns", "bad input: entries that are over at once", test_bad_turns, 0 },
	{ "bad-undrained", "bad input: completions that nobody takes",
	  test_bad_undrained, 0 },
	{ "bad-many", "bad input: thousands of contexts and queues", test_bad_many, 0 },
	{ "bad-doorbells", "bad input: a storm on all doorbell pages",
	  test_bad_doorbells, 0 },
	{ "bad-mess", "bad input: anything, in any order", test_bad_mess, 0 },
	{ "qemu-order", "what QEMU does, in its order", test_order_qemu,
	  TEST_CLOSED },
	{ "ch-order", "what cloud-hypervisor does, in its order",
	  test_order_ch, TEST_CLOSED },
	{ "memcg", "who pays for device memory; wants a control group of its own",
	  test_memcg, TEST_ASKED },
	{ "remove", "removal while in use: THE DEVICE IS GONE AFTERWARDS",
	  test_remove, TEST_CLOSED | TEST_ASKED },
};

enum mode {
	MODE_TESTS,
	MODE_HOSTILE,
	MODE_VICTIM,
	MODE_HOLD,
	MODE_BUSY,
	MODE_KILLS,
	MODE_NULLS,
	MODE_WORK,
	MODE_ATTACK,
};

/**
 * struct options - the command line
 * @mode: what to do
 * @iommufd: open the device by its own node
 * @path: the device
 * @name: tests to run; all but those with TEST_ASKED if none
 * @names: how many
 * @seed: for MODE_HOSTILE and MODE_KILLS
 * @count: operations, jobs or kills; for MODE_ATTACK milliseconds
 * @executor: for MODE_KILLS
 * @depth: for MODE_NULLS
 * @workers: for MODE_ATTACK
 * @seconds: for MODE_HOLD; negative: until standard input is closed
 * @req: for MODE_HOLD
 */
struct options {
	enum mode mode;
	bool iommufd;
	const char *path;
	const char *name[ARRAY_SIZE(tests)];
	u32 names;
	u64 seed;
	u32 count;
	const char *executor;
	u32 depth;
	bool workers;
	long seconds;
	enum hold_req req;
};

static const char usage[] =
	"Usage: vfio-check [OPTION]... /sys/bus/mdev/devices/UUID\n"
	"\n"
	"Opens a vGPU as a VMM does and checks whatever VMMs and guests rely on.\n"
	"Run it as root, on a host with the driver loaded, on a vGPU that no VM uses:\n"
	"\n"
	"  UUID=$(cat /proc/sys/kernel/random/uuid)\n"
	"  echo $UUID > /sys/class/mdev_bus/PARENT/mdev_supported_types/TYPE/create\n"
	"  vfio-check /sys/bus/mdev/devices/$UUID\n"
	"\n"
	"  --test NAME       run only this test; may be given several times\n"
	"  --list            list the tests and exit\n"
	"  --iommufd         open the device by its own node and /dev/iommu (Linux 6.6\n"
	"                    and later) instead of by its group\n"
	"  --help            this text\n"
	"\n"
	"Instead of tests:\n"
	"  --hostile SEED COUNT\n"
	"                    COUNT random operations, bad ones most of all; then checks\n"
	"                    that the device still does its work\n"
	"  --victim N        N honest jobs with checked results, to be run beside a\n"
	"                    hostile process on another vGPU\n"
	"  --hold SECONDS    keep the device open for so long, or until the host asks\n"
	"                    for it; SECONDS may be until-stdin-closes\n"
	"    --ignore-req    when the host asks for the device, say so but keep it\n"
	"    --no-req        have no interrupt for that, as cloud-hypervisor\n"
	"  --busy            have a long job running at all times, until killed\n"
	"  --kills SEED COUNT\n"
	"                    begin the executor of the vGPU's GPU, which must have none,\n"
	"                    and have many jobs under way; kill -9 it, or its worker, or\n"
	"                    both, so often, and check that each job is completed once\n"
	"    --executor PATH vgpu-execd\n"
	"  --nulls DEPTH COUNT\n"
	"                    COUNT null jobs through a queue, DEPTH under way at a time;\n"
	"                    says how long all processors of this machine were busy\n"
	"  --work            have many jobs under way at all times, until killed\n"
	"  --attack MS       attack the others on its GPU, which an executor drives, so long\n"
	"                    by each means, until killed\n"
	"    --workers       its worker obeys (tests/execd/obey.c)\n"
	"\n"
	"Prints one line per check, \"ok NAME - TEXT\" or\n"
	"\"not ok NAME - TEXT: got X want Y\", and counts at the end.\n"
	"Exit status: 0 if all is well, 1 if a check failed, 2 if the command line is\n"
	"wrong, 4 if this kernel can't do what --iommufd needs.\n";

static int usage_error(const char *what, const char *arg)
{
	fprintf(stderr, "vfio-check: %s%s%s; try --help\n", what,
		arg ? ": " : "", arg ? arg : "");
	return EXIT_USAGE;
}

static void list_tests(void)
{
	u32 i;

	for (i = 0; i < ARRAY_SIZE(tests); i++)
		printf("%-18s%s%s\n", tests[i].name, tests[i].what,
		       tests[i].flags & TEST_ASKED ?
			       " (only if asked for by name)" :
			       "");
}

static const struct test *find_test(const char *name)
{
	u32 i;

	for (i = 0; i < ARRAY_SIZE(tests); i++)
		if (!strcmp(tests[i].name, name))
			return &tests[i];
	return NULL;
}

static bool parse_number(const char *text, u64 max, u64 *number)
{
	char *end;

	if (!text || text[0] < '0' || text[0] > '9')
		return false;
	errno = 0;
	*number = strtoull(text, &end, 0);
	return !errno && !*end && *number <= max;
}

/* The two arguments of an option: a seed, or something else, and how many */
static int parse_seed(struct options *o, const char *option, int argc, char **argv)
{
	u64 number = 0;

	if (!parse_number(optarg, ~0ULL, &o->seed) || optind >= argc ||
	    !parse_number(argv[optind++], ~0U, &number))
		return usage_error("two numbers are needed by", option);
	o->count = (u32)number;
	return 0;
}

/* One option; returns 0 or an exit status. */
static int parse_option(struct options *o, int option, int argc, char **argv)
{
	u64 number = 0;

	switch (option) {
	case 't':
		if (!find_test(optarg))
			return usage_error("no such test", optarg);
		if (o->names == ARRAY_SIZE(o->name))
			return usage_error("too many tests", NULL);
		o->name[o->names++] = optarg;
		return 0;
	case 'i':
		o->iommufd = true;
		return 0;
	case 'x':
		o->mode = MODE_HOSTILE;
		return parse_seed(o, "--hostile", argc, argv);
	case 'k':
		o->mode = MODE_KILLS;
		return parse_seed(o, "--kills", argc, argv);
	case 'N':
		o->mode = MODE_NULLS;
		if (parse_seed(o, "--nulls", argc, argv))
			return EXIT_USAGE;
		if (!o->seed || o->seed > VGPU_RING_MAX_ENTRIES / 2 || !o->count)
			return usage_error("not a depth and a number of jobs", optarg);
		o->depth = o->seed;
		return 0;
	case 'e':
		o->executor = optarg;
		return 0;
	case 'v':
		o->mode = MODE_VICTIM;
		if (!parse_number(optarg, ~0U, &number))
			return usage_error("not a number of jobs", optarg);
		o->count = (u32)number;
		return 0;
	case 'h':
		o->mode = MODE_HOLD;
		o->seconds = -1;
		if (!strcmp(optarg, "until-stdin-closes"))
			return 0;
		if (!parse_number(optarg, 1U << 30, &number) || !number)
			return usage_error("not a number of seconds", optarg);
		o->seconds = (long)number;
		return 0;
	case 'r':
		o->req = HOLD_IGNORE;
		return 0;
	case 'n':
		o->req = HOLD_DEAF;
		return 0;
	case 'b':
		o->mode = MODE_BUSY;
		return 0;
	case 'w':
		o->mode = MODE_WORK;
		return 0;
	case 'a':
		o->mode = MODE_ATTACK;
		if (!parse_number(optarg, ~0U, &number))
			return usage_error("not a number of milliseconds", optarg);
		o->count = (u32)number;
		return 0;
	case 'W':
		o->workers = true;
		return 0;
	default:
		return usage_error("unknown option or missing argument", NULL);
	}
}

/* Returns -1 to go on, or an exit status. */
static int parse_options(struct options *o, int argc, char **argv)
{
	static const struct option options[] = {
		{ "test", required_argument, NULL, 't' },
		{ "list", no_argument, NULL, 'l' },
		{ "iommufd", no_argument, NULL, 'i' },
		{ "hostile", required_argument, NULL, 'x' },
		{ "victim", required_argument, NULL, 'v' },
		{ "hold", required_argument, NULL, 'h' },
		{ "ignore-req", no_argument, NULL, 'r' },
		{ "no-req", no_argument, NULL, 'n' },
		{ "busy", no_argument, NULL, 'b' },
		{ "kills", required_argument, NULL, 'k' },
		{ "nulls", required_argument, NULL, 'N' },
		{ "executor", required_argument, NULL, 'e' },
		{ "work", no_argument, NULL, 'w' },
		{ "attack", required_argument, NULL, 'a' },
		{ "workers", no_argument, NULL, 'W' },
		{ "help", no_argument, NULL, 'H' },
		{ NULL, 0, NULL, 0 }
	};
	int option, status;

	opterr = 0;
	while ((option = getopt_long(argc, argv, "", options, NULL)) != -1) {
		if (option == 'H') {
			fputs(usage, stdout);
			return 0;
		}
		if (option == 'l') {
			list_tests();
			return 0;
		}
		status = parse_option(o, option, argc, argv);
		if (status)
			return status;
	}
	if (argc - optind != 1)
		return usage_error("give one device", NULL);
	if (o->mode == MODE_KILLS && !o->executor)
		return usage_error("--kills needs --executor", NULL);
	o->path = argv[optind];
	return -1;
}

static bool test_wanted(const struct options *o, const struct test *test)
{
	u32 i;

	if (!o->names)
		return !(test->flags & TEST_ASKED);
	for (i = 0; i < o->names; i++)
		if (!strcmp(o->name[i], test->name))
			return true;
	return false;
}

/* Opens the device for whatever comes next; a failure has been printed. */
static bool open_for(struct session *s)
{
	return tap_must(!session_open(s), "opens the device: %s", s->error);
}

static void run_tests(struct session *s, const struct options *o)
{
	u32 i;

	for (i = 0; i < ARRAY_SIZE(tests); i++) {
		if (!test_wanted(o, &tests[i]))
			continue;
		tap_begin(tests[i].name);
		/* each test gets a device that nobody has touched yet */
		if (!(tests[i].flags & TEST_CLOSED) && !open_for(s))
			return;
		tests[i].run(s);
		session_close(s);
	}
}

static void run_mode(struct session *s, const struct options *o)
{
	static const char * const name[] = { "tests", "hostile", "victim",
					     "hold", "busy", "kills", "nulls", "work",
					     "attack" };

	if (o->mode == MODE_TESTS) {
		run_tests(s, o);
		return;
	}
	tap_begin(name[o->mode]);
	if (!open_for(s))
		return;
	if (o->mode == MODE_HOSTILE)
		hostile_run(s, o->seed, o->count);
	else if (o->mode == MODE_VICTIM)
		mode_victim(s, o->count);
	else if (o->mode == MODE_HOLD)
		mode_hold(s, o->seconds, o->req);
	else if (o->mode == MODE_KILLS)
		kills_run(s, o->executor, o->seed, o->count);
	else if (o->mode == MODE_NULLS)
		mode_nulls(s, o->depth, o->count);
	else if (o->mode == MODE_WORK)
		mode_work(s);
	else if (o->mode == MODE_ATTACK)
		mode_attack(s, o->count, o->workers);
	else
		mode_busy(s);
	session_close(s);
}

int main(int argc, char **argv)
{
	struct options o = { .mode = MODE_TESTS };
	struct session s;
	int status;

	status = parse_options(&o, argc, argv);
	if (status >= 0)
		return status;
	tap_begin("open");
	status = session_init(&s, o.path, o.iommufd);
	if (o.iommufd && (status == -ENOENT || access("/dev/iommu", F_OK) ||
			  (!status && access(s.node, F_OK)))) {
		tap_skip("this kernel has no /dev/iommu or no device nodes",
			 "opens the device by its own node");
		tap_end();
		return EXIT_SKIP;
	}
	if (!tap_must(!status, "finds the device: %s", s.error))
		return tap_end();
	tap_must(!watchdog_start(), "starts a watchdog");
	run_mode(&s, &o);
	watchdog_stop();
	return tap_end();
}
