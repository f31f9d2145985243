/* SPDX-License-Identifier: GPL-2.0 */
/* What the linker's --wrap has in place of the C library's functions, and what those are then. */
#ifndef EXECD_LEAK_TEST_H
#define EXECD_LEAK_TEST_H

#include <stddef.h>

void *__real_calloc(size_t n, size_t size);
void *__real_malloc(size_t size);
void __real_free(void *at);

void *__wrap_calloc(size_t n, size_t size);
void *__wrap_malloc(size_t size);
void __wrap_free(void *at);
int __wrap_asprintf(char **text, const char *format, ...);

#endif /* EXECD_LEAK_TEST_H */
