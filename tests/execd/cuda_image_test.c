// SPDX-License-Identifier: GPL-2.0
/* What is read of a guest's PTX and cubins without NVIDIA's software. */
#include <elf.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

#include "cuda_image.h"
#include "cuda_test.h"
#include "tap.h"

#define COUNT(array)	(sizeof(array) / sizeof(*(array)))

static __u32 random_state = 1;

static __u32 random_word(void)
{
	random_state = random_state * 1664525 + 1013904223;
	return random_state ^ random_state >> 15;
}

/* Bytes that end with a page behind which there is nothing */
struct edge {
	char *base;
	char *end;
};

#define EDGE_SIZE	65536UL

static struct edge edge_make(void)
{
	char *base = mmap(NULL, EDGE_SIZE + 4096, PROT_READ | PROT_WRITE,
			  MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	if (base == MAP_FAILED || mprotect(base + EDGE_SIZE, 4096, PROT_NONE))
		exit(1);
	return (struct edge){ base, base + EDGE_SIZE };
}

static char *edge_put(const struct edge *edge, const void *data, size_t length)
{
	return memcpy(edge->end - length, data, length);
}

static void edge_free(struct edge *edge)
{
	munmap(edge->base, EDGE_SIZE + 4096);
}

static const struct {
	const char *text;
	const char *kernel;
	/* -1: refused */
	int count;
	__u32 size[4];
} texts[] = {
	{ ".entry k()", "k", 0, { } },
	{ ".entry k", "k", 0, { } },
	{ ".entry k {ret;}", "k", 0, { } },
	{ ".entry k\n.maxntid 8,1,1 {}", "k", 0, { } },
	{ ".entry k(.param .u64 a)", "k", 1, { 8 } },
	{ ".entry k(.param.u64 a,.param.f32 b)", "k", 2, { 8, 4 } },
	{ ".entry k ( .param .u64 .ptr .global .align 4 a , .param .u8 b )", "k", 2, { 8, 1 } },
	{ ".visible .entry k(.param .align 8 .b8 s[24], .param .b16 h)", "k", 2, { 24, 2 } },
	{ ".entry k(.param .b32 s[0x10])", "k", 1, { 64 } },
	{ ".entry k(/* .param .u8 x, */ .param .u64 a) // )\n", "k", 1, { 8 } },
	{ "// .entry k(.param .u8 x)\n.entry k(.param .u64 a)", "k", 1, { 8 } },
	{ "/* .entry k(.param .u8 x) */ .entry k(.param .s64 a)", "k", 1, { 8 } },
	{ ".file 1 \".entry k(.param .u8 x)\"\n.entry k(.param .f64 a)", "k", 1, { 8 } },
	{ ".entry kk(.param .u8 a) .entry k(.param .u16 a)", "k", 1, { 2 } },
	{ ".entry _Z3$k%(.param .u8 a)", "_Z3$k%", 1, { 1 } },
	{ ".func k(.param .u8 a)", "k", -1, { } },
	{ "", "k", -1, { } },
	{ ".entry", "k", -1, { } },
	{ ".entry k(", "k", -1, { } },
	{ ".entry k(.param", "k", -1, { } },
	{ ".entry k(.param .u64", "k", -1, { } },
	{ ".entry k(.param .u64 a", "k", -1, { } },
	{ ".entry k(.param .u64 a,", "k", -1, { } },
	{ ".entry k(.param .u64 a,)", "k", -1, { } },
	{ ".entry k(.param .u64 a[", "k", -1, { } },
	{ ".entry k(.param .u64 a[4", "k", -1, { } },
	{ ".entry k(.param .u64 a[])", "k", -1, { } },
	{ ".entry k(.param .u64 a[0])", "k", -1, { } },
	{ ".entry k(.param .u64 a[-1])", "k", -1, { } },
	{ ".entry k(.param .u64 a[99999999999999999999])", "k", -1, { } },
	{ ".entry k(.param .u64 a[4096])", "k", -1, { } },
	{ ".entry k(.param .u64 a[8x])", "k", -1, { } },
	{ ".entry k(.param a)", "k", -1, { } },
	{ ".entry k(.reg .u64 a)", "k", -1, { } },
	{ ".entry k(.param .u64 .align", "k", -1, { } },
	{ ".entry k(.param .texref t)", "k", -1, { } },
	{ "/* .entry k()", "k", -1, { } },
	{ "\" .entry k()", "k", -1, { } },
};

static void test_ptx(void)
{
	struct edge edge = edge_make();
	struct engine_kernel_info info;
	const char *why, *text;
	size_t i;
	int at;

	for (i = 0; i < COUNT(texts); i++) {
		info.count = 77;
		text = edge_put(&edge, texts[i].text, strlen(texts[i].text) + 1);
		why = cuda_ptx_params(text, texts[i].kernel, &info);
		if (!CHECK_EQ(!why, texts[i].count >= 0))
			fprintf(stderr, "# %s: %s\n", texts[i].text, why ?: "taken");
		if (why)
			continue;
		if (!CHECK_EQ(info.count, texts[i].count))
			fprintf(stderr, "# %s\n", texts[i].text);
		for (at = 0; at < texts[i].count; at++)
			CHECK_EQ(info.param[at].size, texts[i].size[at]);
	}
	edge_free(&edge);
}

static void test_ptx_many(void)
{
	struct engine_kernel_info info;
	char text[8192] = ".entry k(";
	int i;

	for (i = 0; i < ENGINE_MAX_ARGS; i++)
		sprintf(text + strlen(text), "%s.param .u32 p%d", i ? "," : "", i);
	strcat(text, ")");
	CHECK(!cuda_ptx_params(text, "k", &info));
	CHECK_EQ(info.count, ENGINE_MAX_ARGS);
	text[strlen(text) - 1] = 0;
	strcat(text, ",.param .u8 q)");
	CHECK(cuda_ptx_params(text, "k", &info));
}

static void test_ptx_mess(void)
{
	size_t length = sizeof(cuda_test_ptx), n;
	struct edge edge = edge_make();
	struct engine_kernel_info info;
	char *text;
	int i, k;

	for (i = 0; i < 5000; i++) {
		n = random_word() % length;
		text = edge_put(&edge, cuda_test_ptx, n + 1);
		for (k = random_word() % 4; k; k--)
			text[random_word() % (n + 1)] = random_word();
		text[n] = 0;
		if (!cuda_ptx_params(text, "sizes", &info))
			CHECK(info.count <= ENGINE_MAX_ARGS);
	}
	CHECK(!cuda_ptx_check("text", 4));
	CHECK(cuda_ptx_check("te\0t", 4));
	edge_free(&edge);
}

static void check_sizes(const void *data, const char *kernel, const __u32 *size, __u32 count)
{
	struct engine_kernel_info info;
	const char *why = cuda_cubin_params(data, sizeof(cuda_test_cubin), kernel, &info);
	__u32 i;

	if (!CHECK(!why)) {
		fprintf(stderr, "# %s: %s\n", kernel, why);
		return;
	}
	CHECK_EQ(info.count, count);
	for (i = 0; i < count; i++) {
		CHECK_EQ(info.param[i].size, size[i]);
		CHECK_EQ(info.param[i].type,
			 size[i] == 8 ? ENGINE_PARAM_ANY : ENGINE_PARAM_VALUE);
	}
}

static void test_cubin(void)
{
	static const __u32 scale[] = { 8, 8, 4, 8 }, sizes[] = { 1, 2, 4, 8, 12, 8 };
	struct edge edge = edge_make();
	struct engine_kernel_info info;
	char *data;

	/* of any alignment */
	data = edge_put(&edge, cuda_test_cubin, sizeof(cuda_test_cubin));
	CHECK(!cuda_cubin_check(data, sizeof(cuda_test_cubin)));
	check_sizes(data, "scale", scale, 4);
	data = edge_put(&edge, cuda_test_cubin, sizeof(cuda_test_cubin)) - 1;
	memmove(data, data + 1, sizeof(cuda_test_cubin));
	check_sizes(data, "sizes", sizes, 6);
	check_sizes(data, "none", NULL, 0);
	CHECK(cuda_cubin_params(data, sizeof(cuda_test_cubin), "absent", &info));
	CHECK(cuda_cubin_params(data, sizeof(cuda_test_cubin), "", &info));
	edge_free(&edge);
}

/* Change a word of a good one */
static void test_cubin_bad(void)
{
	static const struct {
		size_t at;
		size_t size;
		__u64 value;
	} bad[] = {
		{ 0, 4, 0 }, { EI_CLASS, 1, ELFCLASS32 }, { EI_DATA, 1, ELFDATA2MSB },
		{ offsetof(Elf64_Ehdr, e_machine), 2, EM_X86_64 },
		{ offsetof(Elf64_Ehdr, e_shoff), 8, sizeof(cuda_test_cubin) },
		{ offsetof(Elf64_Ehdr, e_shoff), 8, -64 },
		{ offsetof(Elf64_Ehdr, e_shnum), 2, 0xffff },
		{ offsetof(Elf64_Ehdr, e_shnum), 2, 0 },
		{ offsetof(Elf64_Ehdr, e_shentsize), 2, 32 },
		{ offsetof(Elf64_Ehdr, e_shentsize), 2, 0 },
		{ offsetof(Elf64_Ehdr, e_shstrndx), 2, 0xffff },
		{ offsetof(Elf64_Ehdr, e_shstrndx), 2, 0 },
		{ offsetof(Elf64_Ehdr, e_phoff), 8, sizeof(cuda_test_cubin) - 8 },
		{ offsetof(Elf64_Ehdr, e_phoff), 8, ~0ULL },
		{ offsetof(Elf64_Ehdr, e_phentsize), 2, 1 },
		{ offsetof(Elf64_Ehdr, e_phnum), 2, 0xffff },
	};
	size_t length = sizeof(cuda_test_cubin), i, at;
	struct edge edge = edge_make();
	Elf64_Ehdr head;
	Elf64_Phdr p;
	char *data;

	for (i = 0; i < COUNT(bad); i++) {
		data = edge_put(&edge, cuda_test_cubin, length);
		memcpy(data + bad[i].at, &bad[i].value, bad[i].size);
		if (!CHECK(cuda_cubin_check(data, length)))
			fprintf(stderr, "# change %zu\n", i);
	}
	memcpy(&head, cuda_test_cubin, sizeof(head));
	CHECK(head.e_phnum > 0);
	for (i = 0; i < head.e_phnum; i++) {
		at = head.e_phoff + i * sizeof(p);
		data = edge_put(&edge, cuda_test_cubin, length);
		memcpy(&p, data + at, sizeof(p));
		p.p_filesz = 1;
		p.p_offset = length;
		memcpy(data + at, &p, sizeof(p));
		CHECK(cuda_cubin_check(data, length));
	}
	for (i = 0; i < length; i++) {
		data = edge_put(&edge, cuda_test_cubin, i);
		if (!CHECK(cuda_cubin_check(data, i)))
			break;
	}
	edge_free(&edge);
}

/* The attributes of a kernel end earlier than the last one says */
static void test_cubin_attributes(void)
{
	size_t length = sizeof(cuda_test_cubin), i;
	struct edge edge = edge_make();
	struct engine_kernel_info info;
	unsigned int refused = 0;
	const char *why;
	Elf64_Ehdr head;
	Elf64_Shdr s;
	char *data;

	memcpy(&head, cuda_test_cubin, sizeof(head));
	for (i = 0; i < head.e_shnum; i++) {
		memcpy(&s, cuda_test_cubin + head.e_shoff + i * sizeof(s), sizeof(s));
		if (s.sh_size < 4)
			continue;
		data = edge_put(&edge, cuda_test_cubin, length);
		s.sh_size -= 4;
		memcpy(data + head.e_shoff + i * sizeof(s), &s, sizeof(s));
		why = cuda_cubin_params(data, length, "sizes", &info);
		refused += why && strstr(why, "attribute that isn't in it");
	}
	/* the kernel's own, which ends with one of 8 bytes */
	CHECK_EQ(refused, 1);
	edge_free(&edge);
}

static void test_cubin_mess(void)
{
	size_t length = sizeof(cuda_test_cubin), table;
	struct edge edge = edge_make();
	struct engine_kernel_info info;
	unsigned int taken = 0;
	Elf64_Ehdr head;
	char *data;
	int i, k;

	memcpy(&head, cuda_test_cubin, sizeof(head));
	table = head.e_shnum * sizeof(Elf64_Shdr);
	for (i = 0; i < 20000; i++) {
		data = edge_put(&edge, cuda_test_cubin, length);
		/* mostly where it says where things are, and what a kernel takes */
		for (k = 1 + random_word() % 3; k; k--) {
			if (random_word() % 2)
				data[head.e_shoff + random_word() % table] = random_word();
			else
				data[random_word() % length] = random_word();
		}
		if (cuda_cubin_params(data, length, "sizes", &info))
			continue;
		taken++;
		CHECK(info.count <= ENGINE_MAX_ARGS);
	}
	/* else it would be nothing but the head that was looked at */
	CHECK(taken > 100 && taken < 19900);
	edge_free(&edge);
}

static const struct tap_test tests[] = {
	{ "execd-cuda-ptx", "what a kernel takes is found in PTX", test_ptx },
	{ "execd-cuda-ptx-many", "as many parameters as there may be", test_ptx_many },
	{ "execd-cuda-ptx-mess", "any text is read to its end", test_ptx_mess },
	{ "execd-cuda-cubin", "what a kernel takes is found in a cubin", test_cubin },
	{ "execd-cuda-cubin-bad", "a cubin that isn't whole is refused", test_cubin_bad },
	{ "execd-cuda-cubin-attributes", "attributes end with their section",
	  test_cubin_attributes },
	{ "execd-cuda-cubin-mess", "nothing outside a cubin is read", test_cubin_mess },
};

int main(void)
{
	size_t i;

	for (i = 0; i < COUNT(tests); i++)
		tap_run(&tests[i]);
	return tap_end();
}
