// SPDX-License-Identifier: GPL-2.0
#include <errno.h>
#include <linux/vgpu_dev.h>
#include <string.h>
#include <sys/mman.h>

#include "io.h"
#include "mbox.h"
#include "tap.h"
#include "test_bounds.h"

static const u32 bounds_regions[] = { IO_BAR0, IO_BAR2, IO_BAR4, IO_CONFIG };

static void bounds_outside(struct session *s, u32 index)
{
	const u64 stride = s->region[1].offset - s->region[0].offset;
	const u64 size = s->region[index].size;
	const u64 offset[] = { size, size + 1, size + 4, size + 4096,
			       1ULL << 31, 1ULL << 32, (1ULL << 32) + 4 };
	static const u32 width[] = { 1, 2, 4, 8, 64 };
	u8 buf[64] = { 0 };
	u32 i, k;
	ssize_t ret;
	bool good = true;

	for (i = 0; i < ARRAY_SIZE(offset); i++) {
		/* beyond that it would be another region */
		if (stride && offset[i] + sizeof(buf) > stride)
			continue;
		for (k = 0; k < ARRAY_SIZE(width); k++) {
			ret = io_read(s, index, offset[i], buf, width[k]);
			good &= tap_must(ret == -EINVAL,
					 "read of %u at %#llx of region %u: got %s want EINVAL",
					 width[k],
					 (unsigned long long)offset[i], index,
					 ret < 0 ? tap_errno_name((int)ret) :
						   "success");
			ret = io_write(s, index, offset[i], buf, width[k]);
			good &= tap_must(ret == -EINVAL,
					 "write of %u at %#llx of region %u: got %s want EINVAL",
					 width[k],
					 (unsigned long long)offset[i], index,
					 ret < 0 ? tap_errno_name((int)ret) :
						   "success");
		}
	}
	tap_ok(good, "region %u: nothing behind its end", index);
}

/* An access that begins inside ends at the end: a short transfer. */
static void bounds_crossing(struct session *s, u32 index)
{
	const u64 size = s->region[index].size;
	u8 buf[64], want[64];
	bool good = true;
	ssize_t ret;
	u32 inside;

	for (inside = 1; inside < 16; inside++) {
		memset(buf, 0x5a, sizeof(buf));
		if (!io_read_all(s, index, size - inside, want, inside))
			return;
		ret = io_read(s, index, size - inside, buf, sizeof(buf));
		good &= tap_must(ret == (ssize_t)inside,
				 "read of 64 that begins %u before the end of region %u: got %zd want %u",
				 inside, index, ret, inside);
		if (ret == (ssize_t)inside)
			good &= tap_must(!memcmp(buf, want, inside) &&
					 buf[inside] == 0x5a,
					 "read of 64 that begins %u before the end of region %u: its bytes",
					 inside, index);
		/* what it writes is what is there */
		memcpy(buf, want, inside);
		ret = io_write(s, index, size - inside, buf, sizeof(buf));
		good &= tap_must(ret == (ssize_t)inside,
				 "write of 64 that begins %u before the end of region %u: got %zd want %u",
				 inside, index, ret, inside);
	}
	tap_ok(good, "region %u: access across its end is short", index);
}

static void bounds_empty(struct session *s, u32 index)
{
	u8 byte = 0;

	tap_eq((u64)io_read(s, index, 0, &byte, 0), 0,
	       "region %u: a read of nothing", index);
	tap_eq((u64)io_write(s, index, 0, &byte, 0), 0,
	       "region %u: a write of nothing", index);
}

/**
 * test_bounds() - ends of the regions that exist
 * @s: an open session
 */
void test_bounds(struct session *s)
{
	u32 i;

	for (i = 0; i < ARRAY_SIZE(bounds_regions); i++) {
		bounds_outside(s, bounds_regions[i]);
		bounds_crossing(s, bounds_regions[i]);
		bounds_empty(s, bounds_regions[i]);
	}
	mbox_works(s, "after access beyond ends");
}

static void bounds_refused(struct session *s, u64 at, const char *what)
{
	static const u32 width[] = { 1, 2, 4, 8, 256 };
	u8 buf[256] = { 0 };
	u32 i;

	for (i = 0; i < ARRAY_SIZE(width); i++) {
		/* region 0 begins at 0 or not: undo what io_read() adds */
		u64 offset = at - s->region[0].offset;
		ssize_t ret = io_read(s, 0, offset, buf, width[i]);

		tap_errno(ret < 0 ? (int)ret : 0, EINVAL,
			  "read of %u from %s", width[i], what);
		ret = io_write(s, 0, offset, buf, width[i]);
		tap_errno(ret < 0 ? (int)ret : 0, EINVAL, "write of %u to %s",
			  width[i], what);
	}
}

/**
 * test_bounds_absent() - regions that don't exist
 * @s: an open session
 */
void test_bounds_absent(struct session *s)
{
	u64 stride = s->region[1].offset - s->region[0].offset;

	bounds_refused(s, s->region[1].offset, "absent BAR1");
	bounds_refused(s, s->region[3].offset, "absent BAR3");
	bounds_refused(s, s->region[5].offset, "absent BAR5");
	bounds_refused(s, s->region[6].offset, "absent ROM");
	/* if offsets are multiples, as vfio-pci's are, there is more to try */
	if (stride && s->region[7].offset == s->region[0].offset + 7 * stride) {
		bounds_refused(s, s->region[7].offset + stride, "VGA");
		bounds_refused(s, s->region[7].offset + 2 * stride,
			       "a region beyond the last");
		bounds_refused(s, s->region[0].offset + 255 * stride,
			       "a region far beyond the last");
	}
	bounds_refused(s, 0x7ffffffffffff000ULL, "the end of the file");
	mbox_works(s, "after access to what doesn't exist");
}

/**
 * test_bounds_pointer() - memory of the caller that isn't there
 * @s: an open session
 */
void test_bounds_pointer(struct session *s)
{
	const size_t page = 4096;
	u8 before[VGPU_BAR0_SIZE], after[VGPU_BAR0_SIZE];
	ssize_t ret;
	u8 *map;
	u32 i;

	map = mmap(NULL, 2 * page, PROT_READ | PROT_WRITE,
		   MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	if (!tap_must(map != MAP_FAILED && !munmap(map + page, page),
		      "allocates a page before a hole"))
		return;
	if (!io_read_all(s, IO_BAR0, 0, before, sizeof(before)))
		return;
	for (i = 0; i < ARRAY_SIZE(bounds_regions); i++) {
		ret = io_read(s, bounds_regions[i], 0, map + page, 4);
		tap_errno(ret < 0 ? (int)ret : 0, EFAULT,
			  "region %u: read to nowhere", bounds_regions[i]);
		ret = io_write(s, bounds_regions[i], 0, map + page, 4);
		tap_errno(ret < 0 ? (int)ret : 0, EFAULT,
			  "region %u: write from nowhere", bounds_regions[i]);
		/* half of it is there: some of it, or an error, is right */
		ret = io_read(s, bounds_regions[i], 0, map + page - 8, 16);
		tap_ok(ret == -EFAULT || (ret >= 0 && ret <= 8),
		       "region %u: read to memory that ends: got %zd want EFAULT or up to 8",
		       bounds_regions[i], ret);
	}
	if (io_read_all(s, IO_BAR0, 0, after, sizeof(after)))
		tap_ok(!memcmp(before, after, sizeof(after)),
		       "BAR0 is unchanged by writes from nowhere");
	munmap(map, page);
	mbox_works(s, "after bad pointers");
}
