// SPDX-License-Identifier: GPL-2.0
/*
 * vgpu-info: what a vGPU says of itself.
 */
#include <ctype.h>
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "hint.h"
#include "vgpu.h"

#define ARRAY_SIZE(array)	(sizeof(array) / sizeof((array)[0]))

static const char * const priorities[] = {
	[VGPU_PRIORITY_LOW] = "low",
	[VGPU_PRIORITY_MEDIUM] = "medium",
	[VGPU_PRIORITY_HIGH] = "high",
};

static const char *priority_name(__u32 priority)
{
	return priority < ARRAY_SIZE(priorities) ? priorities[priority] :
						   "unknown";
}

static const char *irq_name(const struct vgpu_info *info)
{
	if (info->flags & VGPU_INFO_MSIX)
		return "MSI-X";
	return info->flags & VGPU_INFO_MSI ? "MSI" : "none";
}

/* The names come from the host: print what can't do a terminal any harm */
static void print_name(const char *name, size_t size)
{
	size_t i;

	for (i = 0; i < size && name[i]; i++)
		putchar(isprint((unsigned char)name[i]) ? name[i] : '?');
}

static const char * const formats[VGPU_MODULE_FORMATS] = {
	[VGPU_MODULE_OPENCL_C] = "opencl-c",
	[VGPU_MODULE_SPIRV] = "spirv",
	[VGPU_MODULE_PTX] = "ptx",
	[VGPU_MODULE_CUBIN] = "cubin",
};

/* Those that we know, each in @quotes, with @separator between them */
static void print_formats(const struct vgpu_info *info, const char *quotes, const char *separator)
{
	const char *before = "";
	unsigned int i;

	for (i = 0; i < VGPU_MODULE_FORMATS; i++) {
		if (!(info->formats >> i & 1) || !formats[i])
			continue;
		printf("%s%s%s%s", before, quotes, formats[i], quotes);
		before = separator;
	}
}

static void print_text(const char *path, const struct vgpu_info *info)
{
	const char *separator = "";
	unsigned int i;

	printf("%s\n", path);
	printf("  bus name      ");
	print_name(info->bus_name, sizeof(info->bus_name));
	printf("\n  flags         %#x\n", info->flags);
	printf("  protocol      %u.%u\n", info->protocol >> 16,
	       info->protocol & 0xffff);
	printf("  capabilities  %#x%s%s\n", info->capabilities,
	       info->capabilities & VGPU_CAP_BASIC_REQ ? " mailbox" : "",
	       info->capabilities & VGPU_CAP_INTERRUPT ? " interrupt" : "");
	printf("  interrupts    %s, %u in use\n", irq_name(info),
	       info->irq_vectors);
	printf("  vm id         %u\n", info->vm_id);
	printf("  pool id       %#x", info->pool_id);
	if (info->pool_id < 0x80 && isalpha((int)info->pool_id))
		printf(" (%c)", (char)info->pool_id);
	printf("\n  priority      %s\n", priority_name(info->priority));
	printf("  gpu           ");
	print_name(info->gpu_name, sizeof(info->gpu_name));
	printf("\n  backend       ");
	print_name(info->backend, sizeof(info->backend));
	printf("\n  max queues    %u\n", info->max_queues);
	printf("  memory        %llu bytes, %llu used\n",
	       (unsigned long long)info->memory_size,
	       (unsigned long long)info->memory_used);
	printf("  kernels       ");
	for (i = 0; i < 64; i++) {
		if (!(info->builtins >> i & 1))
			continue;
		if (vgpu_builtin_name(i))
			printf("%s%s", separator, vgpu_builtin_name(i));
		else
			printf("%s%u", separator, i);
		separator = " ";
	}
	printf("\n  modules       ");
	print_formats(info, "", " ");
	printf("%s\n", info->formats ? "" : "none");
}

static void print_json_string(const char *key, const char *value, size_t size)
{
	size_t i;

	printf(",\n  \"%s\": \"", key);
	for (i = 0; i < size && value[i]; i++) {
		if (value[i] == '"' || value[i] == '\\')
			printf("\\%c", value[i]);
		else if (isprint((unsigned char)value[i]))
			putchar(value[i]);
		else
			printf("\\u%04x", (unsigned char)value[i]);
	}
	printf("\"");
}

static void print_json_number(const char *key, unsigned long long value)
{
	printf(",\n  \"%s\": %llu", key, value);
}

static void print_json(const char *path, const struct vgpu_info *info)
{
	const char *separator = "";
	unsigned int i;

	printf("{\n  \"size\": %u", info->size);
	print_json_string("device", path, strlen(path));
	print_json_string("bus_name", info->bus_name, sizeof(info->bus_name));
	print_json_number("flags", info->flags);
	print_json_string("irq_type", irq_name(info), strlen(irq_name(info)));
	print_json_number("irq_vectors", info->irq_vectors);
	print_json_number("protocol", info->protocol);
	print_json_number("capabilities", info->capabilities);
	print_json_number("vm_id", info->vm_id);
	print_json_number("pool_id", info->pool_id);
	print_json_string("priority", priority_name(info->priority),
			  strlen(priority_name(info->priority)));
	print_json_number("max_queues", info->max_queues);
	print_json_number("memory_size", info->memory_size);
	print_json_number("memory_used", info->memory_used);
	print_json_string("gpu_name", info->gpu_name, sizeof(info->gpu_name));
	print_json_string("backend", info->backend, sizeof(info->backend));
	print_json_number("builtins", info->builtins);
	printf(",\n  \"kernels\": [");
	for (i = 0; i < 64; i++) {
		if (info->builtins >> i & 1 && vgpu_builtin_name(i)) {
			printf("%s\"%s\"", separator, vgpu_builtin_name(i));
			separator = ", ";
		}
	}
	printf("],\n  \"formats\": [");
	print_formats(info, "\"", ", ");
	printf("]\n}\n");
}

static void print_usage(FILE *to)
{
	fprintf(to,
		"usage: vgpu-info [-d DEVICE] [--json]\n"
		"Shows what a vGPU says of itself.\n\n"
		"  -d, --device DEVICE  which; default /dev/vgpu0\n"
		"  -j, --json           for programs\n"
		"  -h, --help           this\n");
}

int main(int argc, char **argv)
{
	static const struct option options[] = {
		{ "device", required_argument, NULL, 'd' },
		{ "json", no_argument, NULL, 'j' },
		{ "help", no_argument, NULL, 'h' },
		{ }
	};
	const char *path = "/dev/vgpu0";
	struct vgpu_info info;
	struct vgpu *dev;
	int json = 0;
	int opt, err;

	while ((opt = getopt_long(argc, argv, "d:jh", options, NULL)) != -1) {
		switch (opt) {
		case 'd':
			path = optarg;
			break;
		case 'j':
			json = 1;
			break;
		case 'h':
			print_usage(stdout);
			return 0;
		default:
			print_usage(stderr);
			return 2;
		}
	}
	if (optind != argc) {
		print_usage(stderr);
		return 2;
	}

	err = vgpu_open(&dev, path);
	if (err) {
		fprintf(stderr, "vgpu-info: %s: %s%s\n", path, vgpu_strerror(err),
			open_hint(err));
		return 2;
	}
	err = vgpu_get_info(dev, &info);
	vgpu_close(dev);
	if (err) {
		fprintf(stderr, "vgpu-info: %s: %s\n", path, vgpu_strerror(err));
		return 2;
	}
	if (json)
		print_json(path, &info);
	else
		print_text(path, &info);
	return fflush(stdout) ? 2 : 0;
}
