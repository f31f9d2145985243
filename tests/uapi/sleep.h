/* SPDX-License-Identifier: GPL-2.0 */
/* Sleeps of the machine. */
#ifndef UAPI_SLEEP_H
#define UAPI_SLEEP_H

#include <stdbool.h>

bool sleep_prepare(const char *seconds);
bool sleep_is_lost(int fd);

#endif /* UAPI_SLEEP_H */
