// SPDX-License-Identifier: GPL-2.0
/* BARs by sysfs, one access at a time. */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include <linux/pci_regs.h>
#include <linux/vgpu_dev.h>

#include "dev.h"
#include "raw.h"

#define DEVICES		"/sys/bus/pci/devices"
/* A job that a random request begins may take that long */
#define BUSY_S		60

unsigned char *raw_bar0;
unsigned char *raw_bar2;
unsigned long raw_operations = 20000;
__u64 raw_random_state = 1;

static char raw_name[256];

static int raw_file(const char *name, const char *file, int flags)
{
	char path[512];
	int fd;

	snprintf(path, sizeof(path), DEVICES "/%s/%s", name, file);
	fd = open(path, flags | O_CLOEXEC);
	if (fd < 0)
		perror(path);
	return fd;
}

static bool raw_file_put(const char *name, const char *file)
{
	int fd = raw_file(name, file, O_WRONLY);
	bool good = fd >= 0 && write(fd, "1", 1) == 1;

	if (fd >= 0)
		close(fd);
	return good;
}

/**
 * raw_map() - map a BAR
 * @name: the device
 * @bar: its number
 * @size: bytes
 *
 * Return: the BAR, or NULL.
 */
void *raw_map(const char *name, unsigned int bar, size_t size)
{
	char file[16];
	void *p = MAP_FAILED;
	int fd;

	snprintf(file, sizeof(file), "resource%u", bar);
	fd = raw_file(name, file, O_RDWR | O_SYNC);
	if (fd >= 0) {
		p = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
		close(fd);
	}
	return p == MAP_FAILED ? NULL : p;
}

/**
 * raw_open() - take a device without a driver into use
 * @name: the device
 *
 * Return: whether that worked; if not, it has been told why.
 */
bool raw_open(const char *name)
{
	char path[512];

	snprintf(raw_name, sizeof(raw_name), "%s", name);
	snprintf(path, sizeof(path), DEVICES "/%s/driver", name);
	if (!access(path, F_OK)) {
		fprintf(stderr, "raw_bar0: %s has a driver; unbind it first\n", name);
		return false;
	}
	if (!raw_file_put(name, "enable"))
		return false;
	raw_config_set(name, PCI_COMMAND, PCI_COMMAND_MEMORY | PCI_COMMAND_MASTER);
	raw_bar0 = raw_map(name, 0, VGPU_BAR0_SIZE);
	raw_bar2 = raw_map(name, 2, VGPU_BAR2_SIZE);
	return raw_bar0 && raw_bar2;
}

/**
 * raw_find() - find a device
 * @ids: vendor and device
 * @name: its name
 * @size: bytes of @name
 *
 * Return: whether there is one.
 */
bool raw_find(const unsigned int *ids, char *name, size_t size)
{
	static const char * const files[] = { "vendor", "device" };
	DIR *dir = opendir(DEVICES);
	struct dirent *entry;
	char path[512], text[16];
	bool found = false;
	FILE *file;
	size_t i;

	while (dir && !found && (entry = readdir(dir))) {
		for (i = 0; i < ARRAY_SIZE(files); i++) {
			snprintf(path, sizeof(path), DEVICES "/%s/%s", entry->d_name, files[i]);
			text[0] = '\0';
			file = fopen(path, "r");
			if (file && !fgets(text, sizeof(text), file))
				text[0] = '\0';
			if (file)
				fclose(file);
			if (strtoul(text, NULL, 0) != ids[i])
				break;
		}
		found = i == ARRAY_SIZE(files);
		if (found)
			snprintf(name, size, "%s", entry->d_name);
	}
	if (dir)
		closedir(dir);
	return found;
}

/**
 * raw_config_set() - write a word of config space
 * @name: the device
 * @offset: where
 * @value: what
 *
 * Return: whether it could be written.
 */
bool raw_config_set(const char *name, unsigned int offset, __u16 value)
{
	int fd = raw_file(name, "config", O_WRONLY);
	bool good = fd >= 0 && pwrite(fd, &value, 2, offset) == 2;

	if (fd >= 0)
		close(fd);
	return good;
}

/**
 * raw_bar_address() - where a BAR is
 * @name: the device
 * @bar: its number
 *
 * Return: its address; 0 if there is none, or if it is of I/O ports.
 */
__u64 raw_bar_address(const char *name, unsigned int bar)
{
	unsigned long long begin = 0, end, flags = 0;
	char path[512], line[128];
	FILE *file;

	snprintf(path, sizeof(path), DEVICES "/%s/resource", name);
	file = fopen(path, "r");
	if (!file)
		return 0;
	do {
		if (!fgets(line, sizeof(line), file) ||
		    sscanf(line, "%llx %llx %llx", &begin, &end, &flags) != 3)
			begin = 0;
	} while (bar--);
	fclose(file);
	/* IORESOURCE_MEM */
	return flags & 0x200 ? begin : 0;
}

/**
 * raw_flr() - reset the device
 *
 * Return: whether that worked.
 */
bool raw_flr(void)
{
	return raw_file_put(raw_name, "reset");
}

/* Relaxed atomics: one access of that width each, whatever the alignment */

/**
 * raw_read() - one read
 * @bar: of which BAR
 * @offset: where in it
 * @width: 1, 2, 4 or 8
 *
 * Return: what is there.
 */
__u64 raw_read(const unsigned char *bar, unsigned int offset, unsigned int width)
{
	const void *at = bar + offset;

	switch (width) {
	case 1:
		return __atomic_load_n((const __u8 *)at, __ATOMIC_RELAXED);
	case 2:
		return __atomic_load_n((const __u16 *)at, __ATOMIC_RELAXED);
	case 4:
		return __atomic_load_n((const __u32 *)at, __ATOMIC_RELAXED);
	default:
		return __atomic_load_n((const __u64 *)at, __ATOMIC_RELAXED);
	}
}

/**
 * raw_write() - one write
 * @bar: to which BAR
 * @offset: where in it
 * @width: 1, 2, 4 or 8
 * @value: what
 */
void raw_write(unsigned char *bar, unsigned int offset, unsigned int width, __u64 value)
{
	void *at = bar + offset;

	switch (width) {
	case 1:
		__atomic_store_n((__u8 *)at, (__u8)value, __ATOMIC_RELAXED);
		break;
	case 2:
		__atomic_store_n((__u16 *)at, (__u16)value, __ATOMIC_RELAXED);
		break;
	case 4:
		__atomic_store_n((__u32 *)at, (__u32)value, __ATOMIC_RELAXED);
		break;
	default:
		__atomic_store_n((__u64 *)at, value, __ATOMIC_RELAXED);
	}
}

/**
 * raw_reg() - read a register
 * @reg: VGPU_REG_*
 *
 * Return: its value.
 */
__u32 raw_reg(unsigned int reg)
{
	return (__u32)raw_read(raw_bar0, reg, 4);
}

/**
 * raw_reg_set() - write a register
 * @reg: VGPU_REG_*
 * @value: what
 */
void raw_reg_set(unsigned int reg, __u32 value)
{
	raw_write(raw_bar0, reg, 4, value);
}

/**
 * raw_wait_idle() - wait for the end of a request
 *
 * Return: enum vgpu_status; VGPU_STATUS_BUSY if it doesn't end.
 */
__u32 raw_wait_idle(void)
{
	double end = dev_now() + BUSY_S;
	__u32 status;

	do {
		status = raw_reg(VGPU_REG_STATUS);
		if (status != VGPU_STATUS_BUSY)
			break;
		dev_sleep_ms(1);
	} while (dev_now() < end);
	return status;
}

/**
 * raw_put_request() - write a request and its length
 * @request: the request
 * @length: bytes as it says; more than the buffer has are not written
 */
void raw_put_request(const void *request, __u32 length)
{
	const unsigned char *bytes = request;
	__u32 offset, word;

	for (offset = 0; offset < length && offset < VGPU_REQ_BUF_SIZE;
	     offset += sizeof(word)) {
		memcpy(&word, bytes + offset, sizeof(word));
		raw_reg_set(VGPU_REQ_BUF + offset, word);
	}
	raw_reg_set(VGPU_REG_REQUEST_LEN, length);
}

/**
 * raw_random() - 64 random bits
 *
 * Return: the bits.
 */
__u64 raw_random(void)
{
	__u64 z = raw_random_state += 0x9e3779b97f4a7c15ULL;

	z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9ULL;
	z = (z ^ (z >> 27)) * 0x94d049bb133111ebULL;
	return z ^ (z >> 31);
}

/**
 * raw_pick() - a small random number
 * @count: from 1
 *
 * Return: 0 to @count - 1.
 */
unsigned int raw_pick(unsigned int count)
{
	return (unsigned int)(raw_random() % count);
}
