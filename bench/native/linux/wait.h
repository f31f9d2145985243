/* SPDX-License-Identifier: GPL-2.0 */
/* Nobody waits in a benchmark of one thread; how often somebody would be woken. */
#ifndef _NATIVE_WAIT_H
#define _NATIVE_WAIT_H

#include <assert.h>

#define wait_queue_head_t		unsigned int
#define init_waitqueue_head(head)	(*(head) = 0)
#define wake_up_all(head)		(++*(head))
#define wait_event(head, condition)	assert(condition)

#endif /* _NATIVE_WAIT_H */
