// SPDX-License-Identifier: LGPL-2.1-or-later
/* Pictures in files, by the end of the name: .png, else PPM, of the kind with bytes (P6). */
#include <ctype.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "picture.h"

/**
 * picture_bytes() - how large is it?
 * @picture: which
 *
 * Return: bytes of &picture.rgb.
 */
size_t picture_bytes(const struct picture *picture)
{
	return (size_t)picture->width * picture->height * 3;
}

/**
 * picture_alloc() - make room for a picture
 * @picture: filled in
 * @width: in pixels
 * @height: likewise
 *
 * Return: 0; -EINVAL if there are no such pictures; -ENOMEM.
 */
int picture_alloc(struct picture *picture, __u32 width, __u32 height)
{
	if (!width || !height || width > PICTURE_MAX || height > PICTURE_MAX)
		return -EINVAL;
	*picture = (struct picture){ .width = width, .height = height };
	picture->rgb = malloc(picture_bytes(picture));
	return picture->rgb ? 0 : -ENOMEM;
}

/**
 * picture_draw() - draw one: rings and a chessboard, in all colours, with hard edges
 * @picture: filled in
 * @width: in pixels
 * @height: likewise
 *
 * Return: as picture_alloc().
 */
int picture_draw(struct picture *picture, __u32 width, __u32 height)
{
	int err = picture_alloc(picture, width, height);
	__u64 dx, dy;
	__u8 *pixel;
	__u32 x, y;

	if (err)
		return err;
	pixel = picture->rgb;
	for (y = 0; y < height; y++) {
		for (x = 0; x < width; x++, pixel += 3) {
			dx = x > width / 2 ? x - width / 2 : width / 2 - x;
			dy = y > height / 2 ? y - height / 2 : height / 2 - y;
			pixel[0] = (__u8)(x * 255 / width);
			pixel[1] = (x / 16 + y / 16) % 2 ? 255 : 32;
			pixel[2] = (dx * dx + dy * dy) / 1024 % 2 ? 255 :
				   (__u8)(y * 255 / height);
		}
	}
	return 0;
}

static bool is_png(const char *path)
{
	const char *dot = strrchr(path, '.');

	return dot && !strcmp(dot, ".png");
}

/* A number of the header, behind blanks and comments; 0 if there is none, or a large one */
static __u32 read_number(FILE *file)
{
	__u32 number = 0;
	int c = getc(file);

	while (isspace(c) || c == '#') {
		if (c == '#')
			while (c != '\n' && c != EOF)
				c = getc(file);
		c = getc(file);
	}
	for (; isdigit(c) && number <= PICTURE_MAX; c = getc(file))
		number = number * 10 + (__u32)(c - '0');
	/* one blank ends it, and belongs to it */
	return isspace(c) ? number : 0;
}

static int read_ppm(FILE *file, struct picture *picture)
{
	__u32 width, height;
	int err;

	if (getc(file) != 'P' || getc(file) != '6')
		return -EINVAL;
	width = read_number(file);
	height = read_number(file);
	if (read_number(file) != 255)
		return -EINVAL;
	err = picture_alloc(picture, width, height);
	if (err)
		return err;
	if (fread(picture->rgb, 1, picture_bytes(picture), file) == picture_bytes(picture))
		return 0;
	free(picture->rgb);
	picture->rgb = NULL;
	return ferror(file) ? -EIO : -EINVAL;
}

/**
 * picture_read() - read a picture
 * @path: of the file
 * @picture: filled in on success
 *
 * Return: 0; or a negative errno: -EINVAL if it is no picture, or too large a one;
 * -EOPNOTSUPP if it would take libpng.
 */
int picture_read(const char *path, struct picture *picture)
{
	FILE *file;
	int err;

	if (is_png(path))
		return picture_read_png(path, picture);
	file = fopen(path, "rb");
	if (!file)
		return -errno;
	err = read_ppm(file, picture);
	fclose(file);
	return err;
}

/**
 * picture_write() - write a picture
 * @path: of the file
 * @picture: which
 *
 * Return: 0; or a negative errno: -EOPNOTSUPP if it would take libpng.
 */
int picture_write(const char *path, const struct picture *picture)
{
	bool good;
	FILE *file;

	if (is_png(path))
		return picture_write_png(path, picture);
	file = fopen(path, "wb");
	if (!file)
		return -errno;
	good = fprintf(file, "P6\n%u %u\n255\n", picture->width, picture->height) > 0 &&
	       fwrite(picture->rgb, 1, picture_bytes(picture), file) == picture_bytes(picture);
	/* what was kept back is written by this */
	return fclose(file) || !good ? -EIO : 0;
}
