/* SPDX-License-Identifier: GPL-2.0 */
/* Only for the structures that have one. */
#ifndef _NATIVE_WORKQUEUE_H
#define _NATIVE_WORKQUEUE_H

struct work_struct {
	void *unused;
};

#endif /* _NATIVE_WORKQUEUE_H */
