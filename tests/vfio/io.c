// SPDX-License-Identifier: GPL-2.0
/*
 * One call here is one pread() or pwrite(), which is what one trapped access of
 * a guest becomes in a VMM: never split, never repeated.
 */
#include <errno.h>
#include <unistd.h>

#include "io.h"
#include "tap.h"

/**
 * io_read() - read from a region
 * @s: an open session
 * @index: the region
 * @offset: in the region; may be nonsense
 * @buf: where to
 * @len: bytes
 *
 * Return: bytes read or a negative errno.
 */
ssize_t io_read(struct session *s, u32 index, u64 offset, void *buf, size_t len)
{
	ssize_t ret;

	ret = pread(s->device, buf, len,
		    (off_t)(s->region[index].offset + offset));
	return ret < 0 ? -errno : ret;
}

/**
 * io_write() - write to a region
 * @s: an open session
 * @index: the region
 * @offset: in the region; may be nonsense
 * @buf: what
 * @len: bytes
 *
 * Return: bytes written or a negative errno.
 */
ssize_t io_write(struct session *s, u32 index, u64 offset, const void *buf,
		 size_t len)
{
	ssize_t ret;

	ret = pwrite(s->device, buf, len,
		     (off_t)(s->region[index].offset + offset));
	return ret < 0 ? -errno : ret;
}

static bool io_complete(const char *what, u32 index, u64 offset, size_t len,
			ssize_t ret)
{
	if (ret >= 0)
		return tap_must(ret == (ssize_t)len,
				"%s of %zu bytes at %#llx of region %u is not short: got %zd want %zu",
				what, len, (unsigned long long)offset, index,
				ret, len);
	return tap_must(false,
			"%s of %zu bytes at %#llx of region %u: got %s want success",
			what, len, (unsigned long long)offset, index,
			tap_errno_name((int)ret));
}

/**
 * io_read_all() - read from a region what must be readable
 * @s: an open session
 * @index: the region
 * @offset: in the region
 * @buf: where to
 * @len: bytes
 *
 * Return: whether all was read; if not, a failed check has been printed.
 */
bool io_read_all(struct session *s, u32 index, u64 offset, void *buf,
		 size_t len)
{
	return io_complete("read", index, offset, len,
			   io_read(s, index, offset, buf, len));
}

/**
 * io_write_all() - write to a region where it must be possible
 * @s: an open session
 * @index: the region
 * @offset: in the region
 * @buf: what
 * @len: bytes
 *
 * Return: whether all was taken; if not, a failed check has been printed.
 */
bool io_write_all(struct session *s, u32 index, u64 offset, const void *buf,
		  size_t len)
{
	return io_complete("write", index, offset, len,
			   io_write(s, index, offset, buf, len));
}

/**
 * io_get() - read a number
 * @s: an open session
 * @index: the region
 * @offset: in the region
 * @width: 1, 2 or 4 bytes
 *
 * Return: the number; all ones if it could not be read, as on a real bus, and a
 * failed check has been printed.
 */
u32 io_get(struct session *s, u32 index, u64 offset, size_t width)
{
	u8 buf[4] = { 0 };

	if (!io_read_all(s, index, offset, buf, width))
		return ~0U;
	return get_le32(buf);
}

/**
 * io_put() - write a number
 * @s: an open session
 * @index: the region
 * @offset: in the region
 * @value: the number
 * @width: 1, 2 or 4 bytes
 *
 * Return: as io_write_all().
 */
bool io_put(struct session *s, u32 index, u64 offset, u32 value, size_t width)
{
	u8 buf[4];

	put_le32(buf, value);
	return io_write_all(s, index, offset, buf, width);
}
