// SPDX-License-Identifier: GPL-2.0
/*
 * Memory of a process, pinned for the device.
 *
 * It is charged to the user against RLIMIT_MEMLOCK, as iommufd and io_uring do: who
 * forks gets no second allowance.
 */
#include <linux/capability.h>
#include <linux/cred.h>
#include <linux/mm.h>
#include <linux/sched/mm.h>
#include <linux/sched/signal.h>
#include <linux/sched/user.h>

#include "pin.h"

/* So many at a time: whoever is killed need not wait for all */
#define VGPUG_PIN_BATCH	512U

static int vgpug_pin_charge(struct vgpug_pin *pin, unsigned int npages)
{
	unsigned long limit = rlimit(RLIMIT_MEMLOCK) >> PAGE_SHIFT;
	unsigned long locked;

	/* it keeps its user: free_uid() isn't there for modules before 6.2 */
	pin->cred = get_current_cred();
	locked = atomic_long_add_return(npages, &pin->cred->user->locked_vm);
	if (locked > limit && !capable(CAP_IPC_LOCK)) {
		atomic_long_sub(npages, &pin->cred->user->locked_vm);
		put_cred(pin->cred);
		return -ENOMEM;
	}
	pin->mm = current->mm;
	mmgrab(pin->mm);
	atomic64_add(npages, &pin->mm->pinned_vm);
	return 0;
}

static void vgpug_pin_uncharge(struct vgpug_pin *pin, unsigned int npages)
{
	atomic64_sub(npages, &pin->mm->pinned_vm);
	mmdrop(pin->mm);
	atomic_long_sub(npages, &pin->cred->user->locked_vm);
	put_cred(pin->cred);
}

/* What it says of memory that can't be pinned for long, one way or another */
static int vgpug_pin_error(int err)
{
	switch (err) {
	case -EINTR:
	case -ENOMEM:
		return err;
	case -EAGAIN:
	case -EBUSY:
		return -ENOMEM;
	default:
		return -EFAULT;
	}
}

/**
 * vgpug_pin() - pin memory of this process
 * @pin: who pays, for vgpug_unpin()
 * @address: where it begins, a multiple of PAGE_SIZE
 * @pages: set on success
 * @npages: how many pages
 *
 * Context: Process context, may sleep; takes the mmap lock.
 * Return: 0; -EFAULT if some of it is not memory that may be written to and pinned for
 * long; -ENOMEM, also beyond RLIMIT_MEMLOCK; -EINTR.  No page is pinned then.
 */
int vgpug_pin(struct vgpug_pin *pin, u64 address, struct page **pages, unsigned int npages)
{
	unsigned int done;
	int n, err;

	err = vgpug_pin_charge(pin, npages);
	if (err)
		return err;
	for (done = 0; done < npages; done += n) {
		n = pin_user_pages_fast(address + (u64)done * PAGE_SIZE,
					min(npages - done, VGPUG_PIN_BATCH),
					FOLL_WRITE | FOLL_LONGTERM, pages + done);
		if (n <= 0) {
			err = vgpug_pin_error(n);
			goto err_unpin;
		}
		if (fatal_signal_pending(current)) {
			done += n;
			err = -EINTR;
			goto err_unpin;
		}
		cond_resched();
	}
	return 0;

err_unpin:
	unpin_user_pages(pages, done);
	vgpug_pin_uncharge(pin, npages);
	return err;
}

/**
 * vgpug_unpin() - the device has let go of it
 * @pin: of vgpug_pin(); the process may be gone
 * @pages: of vgpug_pin(); may have been written to
 * @npages: how many
 *
 * Context: Process context, may sleep.
 */
void vgpug_unpin(struct vgpug_pin *pin, struct page **pages, unsigned int npages)
{
	unpin_user_pages_dirty_lock(pages, npages, true);
	vgpug_pin_uncharge(pin, npages);
}
