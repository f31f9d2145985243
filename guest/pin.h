/* SPDX-License-Identifier: GPL-2.0 */
#ifndef VGPUG_PIN_H
#define VGPUG_PIN_H

#include <linux/types.h>

struct cred;
struct mm_struct;
struct page;

/**
 * struct vgpug_pin - memory of a process that may not move or go, and who pays for it
 */
struct vgpug_pin {
	/** @cred: whose &user_struct.locked_vm has it, against RLIMIT_MEMLOCK */
	const struct cred *cred;
	/** @mm: whose &mm_struct.pinned_vm has it, for VmPin in /proc */
	struct mm_struct *mm;
};

int vgpug_pin(struct vgpug_pin *pin, u64 address, struct page **pages, unsigned int npages);
void vgpug_unpin(struct vgpug_pin *pin, struct page **pages, unsigned int npages);

#endif /* VGPUG_PIN_H */
