/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Pictures in files: PPM, and PNG with libpng. */
#ifndef PICTURE_H
#define PICTURE_H

#include <errno.h>
#include <linux/types.h>
#include <stddef.h>

/* In either direction */
#define PICTURE_MAX	8192U

/**
 * struct picture - a picture
 * @width: in pixels, 1 to PICTURE_MAX
 * @height: likewise
 * @rgb: red, green and blue of each pixel, row by row; free() it
 */
struct picture {
	__u32 width;
	__u32 height;
	__u8 *rgb;
};

size_t picture_bytes(const struct picture *picture);
int picture_alloc(struct picture *picture, __u32 width, __u32 height);
int picture_draw(struct picture *picture, __u32 width, __u32 height);
int picture_read(const char *path, struct picture *picture);
int picture_write(const char *path, const struct picture *picture);

#ifdef HAVE_PNG
int picture_read_png(const char *path, struct picture *picture);
int picture_write_png(const char *path, const struct picture *picture);
#else
static inline int picture_read_png(const char *path, struct picture *picture)
{
	(void)path;
	(void)picture;
	return -EOPNOTSUPP;
}

static inline int picture_write_png(const char *path, const struct picture *picture)
{
	(void)path;
	(void)picture;
	return -EOPNOTSUPP;
}
#endif

#endif /* PICTURE_H */
