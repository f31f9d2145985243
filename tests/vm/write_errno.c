// SPDX-License-Identifier: GPL-2.0
/*
 * write_errno FILE TEXT: what one write(2) of TEXT to FILE says, on stdout: the name of its
 * errno, or "success".
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

int main(int argc, char **argv)
{
	int fd;

	if (argc != 3) {
		fprintf(stderr, "usage: write_errno FILE TEXT\n");
		return 2;
	}
	fd = open(argv[1], O_WRONLY);
	if (fd < 0 || write(fd, argv[2], strlen(argv[2])) < 0)
		puts(strerrorname_np(errno));
	else
		puts("success");
	return 0;
}
