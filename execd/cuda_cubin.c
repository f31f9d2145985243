// SPDX-License-Identifier: GPL-2.0
/*
 * A cubin: an ELF file, as far as it says what its kernels take.  For each kernel there is a
 * section .nv.info.NAME, of attributes: a byte for the format, one for what it is, and two for its
 * value, or for how many bytes of that follow.  NVIDIA's cuobjdump -elf prints them.
 *
 * It is a guest's: nothing is read that hasn't been found to lie in the file.
 */
#include <elf.h>
#include <string.h>

#include "cuda_image.h"

#define MACHINE_CUDA		190
#define INFO_PREFIX		".nv.info."

/* Of an attribute: bytes follow; it is a parameter, with so many */
#define FORMAT_BYTES		4
#define ATTRIBUTE_PARAM		0x17

/**
 * struct file - the file
 * @data: its bytes, of any alignment
 * @length: how many
 * @head: its head
 */
struct file {
	const char *data;
	size_t length;
	Elf64_Ehdr head;
};

/* What an attribute for a parameter says */
struct param_info {
	__u32 index;
	__u16 ordinal;
	__u16 offset;
	__u32 size;	/* from bit 18 on */
};

static bool has(const struct file *f, __u64 offset, __u64 length)
{
	return offset <= f->length && length <= f->length - offset;
}

static bool has_table(const struct file *f, __u64 offset, __u64 count, __u64 entry, __u64 want)
{
	return !count || (entry == want && has(f, offset, count * entry));
}

static Elf64_Shdr section(const struct file *f, __u32 i)
{
	Elf64_Shdr s;

	memcpy(&s, f->data + f->head.e_shoff + (__u64)i * sizeof(s), sizeof(s));
	return s;
}

static const char *check_sections(const struct file *f)
{
	Elf64_Shdr s;
	__u32 i;

	if (f->head.e_shstrndx >= f->head.e_shnum)
		return "a cubin without names of its sections";
	for (i = 0; i < f->head.e_shnum; i++) {
		s = section(f, i);
		if (s.sh_type != SHT_NULL && s.sh_type != SHT_NOBITS &&
		    !has(f, s.sh_offset, s.sh_size))
			return "a cubin with a section that isn't in it";
	}
	s = section(f, f->head.e_shstrndx);
	if (s.sh_type != SHT_STRTAB || !s.sh_size || f->data[s.sh_offset + s.sh_size - 1])
		return "a cubin without names of its sections";
	return NULL;
}

static const char *check_segments(const struct file *f)
{
	Elf64_Phdr p;
	__u32 i;

	for (i = 0; i < f->head.e_phnum; i++) {
		memcpy(&p, f->data + f->head.e_phoff + (__u64)i * sizeof(p), sizeof(p));
		if (!has(f, p.p_offset, p.p_filesz))
			return "a cubin with a segment that isn't in it";
	}
	return NULL;
}

static const char *look(struct file *f, const void *data, size_t length)
{
	f->data = data;
	f->length = length;
	if (length < sizeof(f->head))
		return "this is no cubin";
	memcpy(&f->head, data, sizeof(f->head));
	if (memcmp(f->head.e_ident, ELFMAG, SELFMAG) || f->head.e_ident[EI_CLASS] != ELFCLASS64 ||
	    f->head.e_ident[EI_DATA] != ELFDATA2LSB || f->head.e_machine != MACHINE_CUDA)
		return "this is no cubin";
	if (!has_table(f, f->head.e_shoff, f->head.e_shnum, f->head.e_shentsize,
		       sizeof(Elf64_Shdr)) ||
	    !has_table(f, f->head.e_phoff, f->head.e_phnum, f->head.e_phentsize,
		       sizeof(Elf64_Phdr)))
		return "a cubin that ends too early";
	return check_sections(f) ?: check_segments(f);
}

/**
 * cuda_cubin_check() - is all of it there?
 * @data: what is said to be a cubin
 * @length: bytes of it
 *
 * Return: NULL, or why not.
 */
const char *cuda_cubin_check(const void *data, size_t length)
{
	struct file f;

	return look(&f, data, length);
}

/* The attributes of a kernel; false if it has none. */
static bool find_info(const struct file *f, const char *kernel, Elf64_Shdr *found)
{
	Elf64_Shdr names = section(f, f->head.e_shstrndx);
	const char *name;
	__u32 i;

	for (i = 0; i < f->head.e_shnum; i++) {
		*found = section(f, i);
		if (found->sh_type == SHT_NULL || found->sh_type == SHT_NOBITS ||
		    found->sh_name >= names.sh_size)
			continue;
		/* the last byte there is a NUL */
		name = f->data + names.sh_offset + found->sh_name;
		if (!strncmp(name, INFO_PREFIX, strlen(INFO_PREFIX)) &&
		    !strcmp(name + strlen(INFO_PREFIX), kernel))
			return true;
	}
	return false;
}

static const char *add_param(const struct param_info *p, struct engine_kernel_info *info)
{
	__u32 size = p->size >> 18;

	if (p->ordinal >= ENGINE_MAX_ARGS)
		return "too many parameters";
	if (!size || info->param[p->ordinal].size)
		return "a cubin with a parameter that can't be";
	info->param[p->ordinal] = cuda_param(size);
	if (p->ordinal >= info->count)
		info->count = p->ordinal + 1;
	return NULL;
}

/**
 * cuda_cubin_params() - what a kernel takes
 * @data: the cubin
 * @length: bytes of it
 * @kernel: the kernel's name
 * @info: where to tell
 *
 * Return: NULL, or why not.
 */
const char *cuda_cubin_params(const void *data, size_t length, const char *kernel,
			      struct engine_kernel_info *info)
{
	struct param_info param;
	struct file f;
	const char *why = look(&f, data, length);
	__u64 at, end, bytes;
	Elf64_Shdr s;
	__u8 head[4];
	__u32 i;

	if (why)
		return why;
	*info = (struct engine_kernel_info){ };
	if (!find_info(&f, kernel, &s))
		return "the cubin doesn't say what the kernel takes";
	end = s.sh_offset + s.sh_size;
	for (at = s.sh_offset; !why && end - at >= sizeof(head); at += sizeof(head) + bytes) {
		memcpy(head, f.data + at, sizeof(head));
		bytes = head[0] == FORMAT_BYTES ? head[2] | head[3] << 8 : 0;
		if (bytes > end - at - sizeof(head))
			return "a cubin with an attribute that isn't in it";
		if (head[0] != FORMAT_BYTES || head[1] != ATTRIBUTE_PARAM)
			continue;
		if (bytes != sizeof(param))
			return "a cubin with a parameter that can't be";
		memcpy(&param, f.data + at + sizeof(head), sizeof(param));
		why = add_param(&param, info);
	}
	for (i = 0; i < info->count && !why; i++)
		if (!info->param[i].size)
			why = "a cubin that leaves out a parameter";
	return why;
}
