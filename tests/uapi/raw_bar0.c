// SPDX-License-Identifier: GPL-2.0
/*
 * raw_bar0: a hostile guest.  Has no driver, but maps BAR0 and BAR2 and gives the
 * device memory of its own; and does with them what no driver does.
 *
 * Needs root and a device without a driver.  Prints TAP.
 */
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <linux/vgpu_dev.h>

#include "dev.h"
#include "raw.h"
#include "tap.h"

static const struct tap_test tests[] = {
	{ "raw-works", "a request by hand", raw_test_works },
	{ "raw-read-widths", "reads of any width and alignment", raw_test_read_widths },
	{ "raw-read-only", "writes to what is read-only, and to parts", raw_test_read_only },
	{ "raw-doorbell-widths", "only a whole doorbell rings", raw_test_doorbell_widths },
	{ "raw-doorbell-storm", "doorbells without waiting", raw_test_doorbell_storm },
	{ "raw-random", "random accesses, then a request that works",
	  raw_test_random_accesses },
	{ "raw-requests", "random requests, then one that works", raw_test_random_requests },
	{ "raw-queues", "queues: ring sizes, bases, numbers", raw_test_queues },
	{ "raw-entries", "queues: entries, handles, ranges", raw_test_entries },
	{ "raw-launches", "queues: geometry and arguments of kernels", raw_test_launches },
	{ "raw-modules", "modules that are garbage, kernels nobody has", raw_test_modules },
	{ "raw-lists", "lists of pages, and pages that are no memory", raw_test_lists },
	{ "raw-lists-change", "lists that change while they are read",
	  raw_test_lists_change },
	{ "raw-rings", "queues: phases, indices and events that lie", raw_test_rings },
	{ "raw-turns", "queues: entries that are over at once", raw_test_turns },
	{ "raw-undrained", "queues: completions that nobody takes", raw_test_undrained },
	{ "raw-many", "thousands of contexts and queues", raw_test_many },
	{ "raw-doorbells", "queues: a storm on all pages of BAR2", raw_test_doorbells },
	{ "raw-mess", "queues: anything, then one that works", raw_test_random },
	{ "raw-unmap", "memory taken away under running copies", raw_test_unmap },
};

static bool wanted(const char *name, const char *only)
{
	return only ? !strcmp(name, only) : strcmp(name, "raw-unmap");
}

int main(int argc, char **argv)
{
	static const unsigned int ids[] = { VGPU_PCI_VENDOR_ID, VGPU_PCI_DEVICE_ID };
	static const struct option options[] = {
		{ "ops", required_argument, NULL, 'n' },
		{ "seed", required_argument, NULL, 's' },
		{ "test", required_argument, NULL, 't' },
		{ "attack", required_argument, NULL, 'a' },
		{ }
	};
	unsigned int attack_ms = 0;
	const char *only = NULL;
	char name[256] = "";
	double begin;
	size_t i;
	int opt;

	while ((opt = getopt_long(argc, argv, "n:s:t:a:", options, NULL)) != -1) {
		if (opt == 'n') {
			raw_operations = strtoul(optarg, NULL, 0);
		} else if (opt == 's') {
			raw_random_state = strtoull(optarg, NULL, 0);
		} else if (opt == 't') {
			only = optarg;
		} else if (opt == 'a') {
			attack_ms = (unsigned int)strtoul(optarg, NULL, 0);
		} else {
			fprintf(stderr,
				"usage: raw_bar0 [--ops N] [--seed S] [--test NAME] [PCI-NAME]\n"
				"       raw_bar0 --attack MS: for ever, each attack for so long\n"
				"raw-unmap, which needs a VGA adapter, runs only by its name\n");
			return 2;
		}
	}
	if (optind < argc) {
		snprintf(name, sizeof(name), "%s", argv[optind]);
	} else if (!raw_find(ids, name, sizeof(name))) {
		fprintf(stderr, "raw_bar0: no vGPU\n");
		return 2;
	}
	if (!raw_open(name))
		return 2;
	if (attack_ms)
		return raw_attack(attack_ms);
	printf("# seed %llu, %lu operations\n", (unsigned long long)raw_random_state,
	       raw_operations);
	for (i = 0; i < ARRAY_SIZE(tests); i++) {
		if (!wanted(tests[i].name, only))
			continue;
		begin = dev_now();
		tap_run(&tests[i]);
		printf("# %s took %.1f s\n", tests[i].name, dev_now() - begin);
	}
	return tap_end();
}
