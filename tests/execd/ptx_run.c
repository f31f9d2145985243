// SPDX-License-Identifier: GPL-2.0
/*
 * See ptx_run.h.  What it doesn't know it says, and fails: nothing is guessed.  One line is one
 * instruction, as clang writes them.  Threads run one after the other, so none may wait for
 * another.
 */
#include <ctype.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "ptx_ops.h"
#include "ptx_run.h"

#define COUNT(array)	(sizeof(array) / sizeof(*(array)))

#define MAX_LINES	2048
#define MAX_LABELS	128
#define MAX_OPERANDS	4
#define MAX_PARAMS	16
#define MAX_REGISTERS	512
#define MEMORY		4096

/* Of one thread, more than any kernel's loop takes with what the tests pass */
#define MAX_STEPS	50000000ULL

/* Kinds of registers, by their names: %p1, %rs1, %r1, %rd1, %f1; and %SP and %SPL */
static const char *const kinds[] = { "%p", "%rs", "%rd", "%r", "%fd", "%f", "%SPL", "%SP" };

enum operand_kind {
	REGISTER,
	NUMBER,
	LABEL,
	PARAM,
	THREAD,		/* %tid.x */
	GROUP,		/* %ctaid.x */
	ITEMS,		/* %ntid.x */
	GROUPS,		/* %nctaid.x */
};

/**
 * struct operand - an operand, or an address
 * @kind: what it is
 * @n: of a register: which; of a label or parameter, likewise; of a number: the number
 * @offset: of an address: bytes behind @n
 */
struct operand {
	enum operand_kind kind;
	__u64 n;
	__s64 offset;
};

/**
 * struct line - an instruction
 * @guard: register that must be true, or with @unless false; -1: none
 * @unless: see @guard
 * @op: what to do; NULL: see @memory
 * @memory: a load or store
 * @operand: the first is where it goes to, but for stores
 * @text: for messages
 */
struct line {
	int guard;
	bool unless;
	const struct ptx_op *op;
	const struct ptx_memory *memory;
	struct operand operand[MAX_OPERANDS];
	const char *text;
};

/**
 * struct ptx - a kernel
 * @name: its name
 * @text: a copy of all, which is cut into words
 * @lines: members of @line that hold
 * @line: its instructions
 * @labels: members of @label that hold
 * @label: a name, and the line that it stands before
 * @constants: the module's, all there are
 * @local: a thread's own memory
 * @param: names of its parameters
 * @params: how many
 */
struct ptx {
	const char *name;
	char *text;
	int lines;
	struct line line[MAX_LINES];
	int labels;
	struct {
		const char *name;
		int line;
	} label[MAX_LABELS];
	char constants_name[32];
	__u8 constants[MEMORY];
	char local_name[32];
	__u8 local[MEMORY];
	char *param[MAX_PARAMS];
	int params;
};

static bool failed(const char *what, const char *text)
{
	fprintf(stderr, "# ptx: %s: %s\n", what, text);
	return false;
}

static bool parse_register(const char *text, __u64 *n)
{
	size_t i, length;

	for (i = 0; i < COUNT(kinds); i++) {
		length = strlen(kinds[i]);
		if (strncmp(text, kinds[i], length) ||
		    (text[length] && !isdigit((unsigned char)text[length])))
			continue;
		*n = i * MAX_REGISTERS + strtoul(text + length, NULL, 10);
		return strtoul(text + length, NULL, 10) < MAX_REGISTERS;
	}
	return false;
}

static bool parse_special(const char *text, struct operand *o)
{
	static const struct {
		const char *name;
		enum operand_kind kind;
	} specials[] = {
		{ "%tid.x", THREAD }, { "%ctaid.x", GROUP }, { "%ntid.x", ITEMS },
		{ "%nctaid.x", GROUPS },
	};
	size_t i;

	for (i = 0; i < COUNT(specials); i++)
		if (!strcmp(text, specials[i].name)) {
			o->kind = specials[i].kind;
			return true;
		}
	return false;
}

static bool parse_operand(struct ptx *p, char *text, struct operand *o)
{
	char *plus, *end;
	int i;

	*o = (struct operand){ };
	if (*text == '[') {
		text++;
		text[strcspn(text, "]")] = 0;
		plus = strchr(text, '+');
		if (plus) {
			*plus = 0;
			o->offset = strtol(plus + 1, NULL, 10);
		}
	}
	if (*text == '%')
		return parse_special(text, o) || (o->kind = REGISTER, parse_register(text, &o->n));
	for (i = 0; i < p->params; i++)
		if (!strcmp(text, p->param[i])) {
			o->kind = PARAM;
			o->n = i;
			return true;
		}
	for (i = 0; *text == '$' && i < p->labels; i++)
		if (!strcmp(text, p->label[i].name)) {
			o->kind = LABEL;
			o->n = p->label[i].line;
			return true;
		}
	o->kind = NUMBER;
	if (!strcmp(text, p->constants_name) || !strcmp(text, p->local_name)) {
		o->n = (uintptr_t)(strcmp(text, p->local_name) ? p->constants : p->local);
		return true;
	}
	o->n = !strncmp(text, "0f", 2) ? strtoull(text + 2, &end, 16) :
					 (__u64)strtoll(text, &end, 10);
	return end != text && !*end;
}

static bool parse_line(struct ptx *p, char *text, struct line *l)
{
	char *word, *rest, *saved = NULL;
	unsigned int i = 0;

	*l = (struct line){ .guard = -1, .text = text };
	text[strcspn(text, ";")] = 0;
	word = strtok_r(text, " \t", &saved);
	if (word && *word == '@') {
		__u64 guard;

		l->unless = word[1] == '!';
		if (!parse_register(word + 1 + l->unless, &guard))
			return failed("no predicate", word);
		l->guard = guard;
		word = strtok_r(NULL, " \t", &saved);
	}
	if (!word)
		return failed("no instruction", text);
	if (!strcmp(word, "bra.uni"))
		word[3] = 0;
	l->op = ptx_op_find(word);
	l->memory = ptx_memory_find(word);
	if (!l->op && !l->memory)
		return failed("an instruction that isn't known", word);
	while ((rest = strtok_r(NULL, ", \t", &saved))) {
		if (i == MAX_OPERANDS || !parse_operand(p, rest, &l->operand[i++]))
			return failed("an operand that isn't known", rest);
	}
	return true;
}

/* The one table that there is: .visible .const .align 4 .b8 NAME[256] = {1, 2, ... */
static bool parse_constants(struct ptx *p, const char *text)
{
	const char *at = strstr(text, ".visible .const .align 4 .b8 ");
	size_t i = 0;
	char *end;

	if (!at)
		return true;
	if (sscanf(at, ".visible .const .align 4 .b8 %31[a-z0-9_]", p->constants_name) != 1)
		return failed("constants", "no name");
	at = strchr(at, '{');
	while (at && *at != '}' && i < MEMORY) {
		p->constants[i++] = strtoul(at + 1, &end, 10);
		at = end + strspn(end, " ");
	}
	return at && *at == '}';
}

/* Lines of the text, without blanks before and comments; NULL after the last. */
static char *next_line(char **at)
{
	char *line = *at, *end;

	if (!line)
		return NULL;
	end = strchr(line, '\n');
	*at = end ? end + 1 : NULL;
	if (end)
		*end = 0;
	end = strstr(line, "//");
	if (end)
		*end = 0;
	return line + strspn(line, " \t");
}

static bool parse_params(struct ptx *p, char **at)
{
	char *line, *name;

	while ((line = next_line(at)) && *line != ')') {
		name = strrchr(line, ' ');
		if (strncmp(line, ".param .u", 9) || !name || p->params == MAX_PARAMS)
			return failed("a parameter", line);
		name[1 + strcspn(name + 1, ",")] = 0;
		p->param[p->params++] = name + 1;
	}
	return line;
}

/* First the labels, then what jumps to them; @body has the lines, which are cut up. */
static bool parse_body(struct ptx *p, char **body, int lines)
{
	int i;

	for (i = 0; i < lines; i++) {
		size_t length = strlen(body[i]);

		if (length && body[i][length - 1] == ':' && p->labels < MAX_LABELS) {
			body[i][length - 1] = 0;
			p->label[p->labels].name = body[i];
			p->label[p->labels++].line = p->lines;
			body[i] = NULL;
		} else {
			p->lines++;
		}
	}
	p->lines = 0;
	for (i = 0; i < lines; i++)
		if (body[i] && !parse_line(p, body[i], &p->line[p->lines++]))
			return false;
	return true;
}

static bool parse_kernel(struct ptx *p, char *at)
{
	char *body[MAX_LINES], *line;
	int lines = 0;

	if (!parse_params(p, &at))
		return false;
	while ((line = next_line(&at)) && *line != '}') {
		if (sscanf(line, ".local .align 4 .b8 %31[a-zA-Z0-9_]", p->local_name) == 1)
			continue;
		if (!*line || *line == '{' || *line == '.')
			continue;
		if (lines == MAX_LINES)
			return failed("too long", p->name);
		body[lines++] = line;
	}
	return line && parse_body(p, body, lines);
}

/**
 * ptx_parse() - find a kernel
 * @text: PTX
 * @kernel: the kernel's name
 *
 * Return: it, or NULL after a message.
 */
struct ptx *ptx_parse(const char *text, const char *kernel)
{
	struct ptx *p = calloc(1, sizeof(*p));
	char head[128], *at;

	p->name = kernel;
	p->text = strdup(text);
	snprintf(head, sizeof(head), ".visible .entry %s(\n", kernel);
	at = strstr(p->text, head);
	if (!at)
		failed("no such kernel", kernel);
	if (at && parse_constants(p, text) && parse_kernel(p, at + strlen(head)))
		return p;
	ptx_free(p);
	return NULL;
}

/**
 * ptx_free() - undo ptx_parse()
 * @ptx: a kernel
 */
void ptx_free(struct ptx *ptx)
{
	free(ptx->text);
	free(ptx);
}

/**
 * struct thread - a thread that runs
 * @ptx: what
 * @param: its arguments
 * @range: memory that it may touch
 * @ranges: how many
 * @special: %tid.x and so on, by enum operand_kind
 * @reg: its registers
 */
struct thread {
	struct ptx *ptx;
	const __u64 (*param)[2];
	const struct ptx_range *range;
	size_t ranges;
	__u64 special[GROUPS + 1];
	__u64 reg[COUNT(kinds) * MAX_REGISTERS];
};

static __u64 value(const struct thread *t, const struct operand *o)
{
	switch (o->kind) {
	case REGISTER:
		return t->reg[o->n];
	case NUMBER:
	case LABEL:
		return o->n;
	case PARAM:
		return (uintptr_t)t->param[o->n];
	default:
		return t->special[o->kind];
	}
}

static bool may_touch(const struct thread *t, __u64 at, int size, bool stores)
{
	size_t i;

	if (at - (uintptr_t)t->ptx->local <= (__u64)(MEMORY - size))
		return true;
	if (!stores && (at - (uintptr_t)t->ptx->constants <= (__u64)(MEMORY - size) ||
			at - (uintptr_t)t->param < sizeof(*t->param) * MAX_PARAMS))
		return true;
	for (i = 0; i < t->ranges; i++)
		if (at >= t->range[i].at && at - t->range[i].at <= t->range[i].size - size)
			return !(at % size);
	return false;
}

static bool touch(struct thread *t, const struct line *l)
{
	const struct operand *where = &l->operand[!l->memory->stores];
	const struct operand *what = &l->operand[l->memory->stores];
	__u64 at = value(t, where) + where->offset, word;

	if (!may_touch(t, at, l->memory->size, l->memory->stores))
		return failed("memory that isn't the kernel's", l->memory->name);
	if (l->memory->stores) {
		word = value(t, what);
		memcpy((void *)(uintptr_t)at, &word, l->memory->size);
	} else {
		word = 0;
		memcpy(&word, (void *)(uintptr_t)at, l->memory->size);
		t->reg[what->n] = word;
	}
	return true;
}

static bool run_thread(struct thread *t)
{
	const struct line *l;
	__u64 steps;
	int at = 0;

	for (steps = 0; steps < MAX_STEPS; steps++) {
		if (at >= t->ptx->lines)
			return failed("runs past its end", t->ptx->name);
		l = &t->ptx->line[at++];
		if (l->guard >= 0 && !!t->reg[l->guard] == l->unless)
			continue;
		if (l->memory) {
			if (!touch(t, l))
				return false;
			continue;
		}
		if (!l->op->run && *l->op->name == 'r')
			return true;
		if (!l->op->run)
			at = value(t, &l->operand[0]);
		else
			t->reg[l->operand[0].n] = l->op->run(value(t, &l->operand[1]),
							     value(t, &l->operand[2]),
							     value(t, &l->operand[3]));
	}
	return failed("doesn't end", t->ptx->name);
}

/**
 * ptx_run() - run a kernel
 * @ptx: which
 * @param: its arguments, MAX_PARAMS of them
 * @groups: groups
 * @items: items in each
 * @range: memory that it may touch, beside its own
 * @ranges: how many
 *
 * Return: false after a message if it does what it mayn't.
 */
bool ptx_run(struct ptx *ptx, const __u64 param[][2], unsigned int groups, unsigned int items,
	     const struct ptx_range *range, size_t ranges)
{
	struct thread *t = calloc(1, sizeof(*t));
	unsigned int group, item;
	bool good = true;

	for (group = 0; group < groups && good; group++) {
		for (item = 0; item < items && good; item++) {
			memset(t, 0x5a, sizeof(*t));
			memset(ptx->local, 0x5a, sizeof(ptx->local));
			t->ptx = ptx;
			t->param = param;
			t->range = range;
			t->ranges = ranges;
			t->special[THREAD] = item;
			t->special[GROUP] = group;
			t->special[ITEMS] = items;
			t->special[GROUPS] = groups;
			good = run_thread(t);
		}
	}
	free(t);
	return good;
}
