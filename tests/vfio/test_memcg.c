// SPDX-License-Identifier: GPL-2.0
#include <linux/vgpu_dev.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "gpu.h"
#include "mbox.h"
#include "tap.h"
#include "test_memcg.h"

#define MEMCG_ROOT	"/sys/fs/cgroup"

#define MEMCG_BO	(32ULL << 20)

/* By how much memory.current may be off: each processor has some in stock */
#define MEMCG_SLACK	(2ULL << 20)

/* Where this process's group has a file; false if it isn't in one of its own. */
static bool memcg_path(char *path, size_t size, const char *file)
{
	FILE *f = fopen("/proc/self/cgroup", "re");
	char line[256], *group = NULL;

	while (f && fgets(line, sizeof(line), f))
		if (!strncmp(line, "0::/", 4) && line[4] != '\n')
			group = line + 3;
	if (f)
		fclose(f);
	if (!group)
		return false;
	group[strcspn(group, "\n")] = 0;
	snprintf(path, size, MEMCG_ROOT "%s/%s", group, file);
	return true;
}

/* What is charged to the group, in bytes; 0 if it can't be told. */
static u64 memcg_current(void)
{
	char path[512], line[64] = "";
	FILE *f;

	if (!memcg_path(path, sizeof(path), "memory.current"))
		return 0;
	f = fopen(path, "re");
	if (!f)
		return 0;
	if (!fgets(line, sizeof(line), f))
		line[0] = 0;
	fclose(f);
	return strtoull(line, NULL, 10);
}

static bool memcg_limit(const char *limit)
{
	char path[512];
	bool good;
	FILE *f;

	if (!memcg_path(path, sizeof(path), "memory.max"))
		return false;
	f = fopen(path, "we");
	if (!f)
		return false;
	good = fputs(limit, f) >= 0;
	return !fclose(f) && good;
}

static void memcg_charged(struct mbox *m, u32 ctx)
{
	u64 before = memcg_current(), with;
	u32 bo;

	tap_eq(gpu_bo_create(m, ctx, MEMCG_BO, &bo), 0, "makes an object of 32 MiB");
	with = memcg_current();
	tap_ok(with + MEMCG_SLACK >= before + MEMCG_BO &&
	       with <= before + MEMCG_BO + MEMCG_SLACK,
	       "its memory is charged to the VMM: %llu bytes, then %llu",
	       (unsigned long long)before, (unsigned long long)with);
	tap_eq(gpu_bo_destroy(m, ctx, bo), 0, "ends it");
	with = memcg_current();
	tap_ok(with <= before + MEMCG_SLACK, "and no longer is: %llu bytes",
	       (unsigned long long)with);
}

static void memcg_limited(struct mbox *m, u32 ctx)
{
	char limit[32];
	u32 bo;

	snprintf(limit, sizeof(limit), "%llu",
		 (unsigned long long)(memcg_current() + MEMCG_BO / 2));
	if (!tap_must(memcg_limit(limit), "limits the VMM's memory"))
		return;
	tap_eq(gpu_bo_create(m, ctx, MEMCG_BO, &bo), VGPU_ERR_NO_MEMORY,
	       "an object beyond the limit is refused, and nobody is killed");
	tap_ok(memcg_limit("max"), "lifts the limit");
	tap_eq(gpu_bo_create(m, ctx, MEMCG_BO, &bo), 0, "then it isn't");
}

/**
 * test_memcg() - who pays
 * @s: an open session; this process is in a memory control group of its own
 */
void test_memcg(struct session *s)
{
	u64 before = memcg_current();
	struct mbox m;
	u32 ctx;

	if (!tap_must(before, "is in a control group, with memory.current") ||
	    !mbox_open(&m, s, VFIO_PCI_MSIX_IRQ_INDEX))
		return;
	if (tap_must(!gpu_ctx_create(&m, &ctx), "makes a context")) {
		memcg_charged(&m, ctx);
		memcg_limited(&m, ctx);
	}
	mbox_close(&m);
	tap_errno(session_reset(s), 0, "resets with an object alive");
	tap_ok(memcg_current() <= before + MEMCG_SLACK, "nothing is charged any more");
	mbox_works(s, "after all");
}
