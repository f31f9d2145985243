// SPDX-License-Identifier: LGPL-2.1-or-later
/* PNG by libpng, by its simplified interface: any kind is turned into bytes of three colours. */
#include <png.h>
#include <stdlib.h>

#include "picture.h"

/**
 * picture_read_png() - as picture_read(), of a PNG
 * @path: of the file
 * @picture: filled in on success
 *
 * Return: 0 or a negative errno.
 */
int picture_read_png(const char *path, struct picture *picture)
{
	const png_color black = { };
	png_image png = { .version = PNG_IMAGE_VERSION };
	int err;

	errno = 0;
	if (!png_image_begin_read_from_file(&png, path))
		return errno ? -errno : -EINVAL;
	err = picture_alloc(picture, png.width, png.height);
	png.format = PNG_FORMAT_RGB;
	if (!err && !png_image_finish_read(&png, &black, picture->rgb, 0, NULL)) {
		free(picture->rgb);
		picture->rgb = NULL;
		err = -EINVAL;
	}
	png_image_free(&png);
	return err;
}

/**
 * picture_write_png() - as picture_write(), as a PNG
 * @path: of the file
 * @picture: which
 *
 * Return: 0 or a negative errno.
 */
int picture_write_png(const char *path, const struct picture *picture)
{
	png_image png = {
		.version = PNG_IMAGE_VERSION,
		.width = picture->width,
		.height = picture->height,
		.format = PNG_FORMAT_RGB,
	};

	errno = 0;
	if (png_image_write_to_file(&png, path, 0, picture->rgb, 0, NULL))
		return 0;
	return errno ? -errno : -EIO;
}
