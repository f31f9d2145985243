// SPDX-License-Identifier: GPL-2.0
/*
 * PTX, as far as it says what a kernel takes:
 *
 *	.visible .entry name ( .param .u64 .ptr .global .align 4 a, .param .align 8 .b8 b[24] )
 *
 * It is a guest's: each step goes on by at least a byte, or ends, and none leaves the text, which
 * ends with the first NUL.
 */
#include <stdlib.h>
#include <string.h>

#include "cuda_image.h"

/* Bytes of a parameter at most, 32764 as PTX has it; that is beyond any array's length here */
#define MAX_PARAM	32764

/**
 * struct token - a word of the text
 * @at: where it begins; at the end of the text, if @length is 0
 * @length: bytes
 */
struct token {
	const char *at;
	size_t length;
};

/* Skip blanks and comments. */
static const char *skip(const char *at)
{
	const char *end;

	for (;;) {
		at += strspn(at, " \t\r\n\v\f");
		if (!strncmp(at, "//", 2)) {
			at += strcspn(at, "\n");
		} else if (!strncmp(at, "/*", 2)) {
			end = strstr(at + 2, "*/");
			at = end ? end + 2 : at + strlen(at);
		} else {
			return at;
		}
	}
}

/* A directive such as .entry, a name or a number, a string, or one character */
static struct token next(const char *at)
{
	static const char word[] =
		"abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_$%";
	struct token t = { .at = skip(at) };

	if (*t.at == '"') {
		t.length = 1 + strcspn(t.at + 1, "\"");
		t.length += t.at[t.length] == '"';
		return t;
	}
	t.length = *t.at == '.' ? 1 + strspn(t.at + 1, word) : strspn(t.at, word);
	if (!t.length && *t.at)
		t.length = 1;
	return t;
}

static struct token following(struct token t)
{
	return next(t.at + t.length);
}

static bool is(struct token t, const char *text)
{
	return t.length == strlen(text) && !memcmp(t.at, text, t.length);
}

/* Bytes of a type, or 0 if it is none. */
static __u32 type_size(struct token t)
{
	static const struct {
		const char *name;
		__u32 size;
	} types[] = {
		{ ".b8", 1 }, { ".u8", 1 }, { ".s8", 1 }, { ".b16", 2 }, { ".u16", 2 },
		{ ".s16", 2 }, { ".f16", 2 }, { ".b32", 4 }, { ".u32", 4 }, { ".s32", 4 },
		{ ".f32", 4 }, { ".f16x2", 4 }, { ".b64", 8 }, { ".u64", 8 }, { ".s64", 8 },
		{ ".f64", 8 }, { ".b128", 16 },
	};
	size_t i;

	for (i = 0; i < sizeof(types) / sizeof(*types); i++)
		if (is(t, types[i].name))
			return types[i].size;
	return 0;
}

/* The number in [ ] behind a name; 0 if it is none, or too large. */
static __u32 array_length(struct token *t)
{
	struct token number = following(*t);
	unsigned long n;
	char *end;

	*t = following(number);
	if (!number.length || *number.at < '0' || *number.at > '9' || !is(*t, "]"))
		return 0;
	n = strtoul(number.at, &end, 0);
	return end == number.at + number.length && n <= MAX_PARAM ? n : 0;
}

/* One parameter; *@t, its first word, becomes the one behind it.  Return its size, or 0. */
static __u32 param_size(struct token *t)
{
	__u32 size = 0, count = 1;

	if (!is(*t, ".param"))
		return 0;
	for (*t = following(*t); t->length && !is(*t, ",") && !is(*t, ")"); *t = following(*t)) {
		if (is(*t, ".align"))
			*t = following(*t);
		else if (is(*t, "["))
			count = array_length(t);
		else if (type_size(*t))
			size = type_size(*t);
		if (!t->length)
			return 0;
	}
	return (__u64)size * count <= MAX_PARAM ? size * count : 0;
}

static const char *list(struct token t, struct engine_kernel_info *info)
{
	__u32 size;

	info->count = 0;
	t = following(t);
	if (is(t, ")"))
		return NULL;
	for (;;) {
		size = param_size(&t);
		if (!size)
			return "a parameter in the PTX that can't be understood";
		if (info->count == ENGINE_MAX_ARGS)
			return "too many parameters";
		info->param[info->count++] = cuda_param(size);
		if (is(t, ")"))
			return NULL;
		if (!is(t, ","))
			return "a parameter in the PTX that can't be understood";
		t = following(t);
	}
}

/**
 * cuda_ptx_check() - is it text?
 * @text: what is said to be PTX
 * @length: bytes of it
 *
 * The driver finds out itself what it is given, and only text has an end.
 *
 * Return: NULL, or why not.
 */
const char *cuda_ptx_check(const char *text, size_t length)
{
	return memchr(text, 0, length) ? "this is no text" : NULL;
}

/**
 * cuda_ptx_params() - what a kernel takes
 * @text: PTX, NUL-terminated
 * @kernel: the kernel's name
 * @info: where to tell
 *
 * Return: NULL, or why not.
 */
const char *cuda_ptx_params(const char *text, const char *kernel,
			    struct engine_kernel_info *info)
{
	struct token t, name;

	for (t = next(text); t.length; t = following(t)) {
		if (!is(t, ".entry"))
			continue;
		name = following(t);
		if (!is(name, kernel))
			continue;
		t = following(name);
		info->count = 0;
		return is(t, "(") ? list(t, info) : NULL;
	}
	return "the PTX has no .entry of that name";
}
