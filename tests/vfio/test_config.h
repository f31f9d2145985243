/* SPDX-License-Identifier: GPL-2.0 */
/* Config space: identity, access, what can be written and what not. */
#ifndef VFIO_CHECK_TEST_CONFIG_H
#define VFIO_CHECK_TEST_CONFIG_H

#include "session.h"

void test_config_header(struct session *s);
void test_config_read(struct session *s);
void test_config_command(struct session *s);
void test_config_readonly(struct session *s);

#endif /* VFIO_CHECK_TEST_CONFIG_H */
