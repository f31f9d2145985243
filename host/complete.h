/* SPDX-License-Identifier: GPL-2.0 */
/* The end of a job: what the backend says goes to the arbiter, and to whoever submitted it. */
#ifndef _VGPU_COMPLETE_H
#define _VGPU_COMPLETE_H

struct list_head;

void vgpu_jobs_end_canceled(struct list_head *canceled);

#endif /* _VGPU_COMPLETE_H */
