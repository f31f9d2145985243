/* SPDX-License-Identifier: GPL-2.0 */
/* Says so if the program no longer gets on. */
#ifndef VFIO_CHECK_WATCHDOG_H
#define VFIO_CHECK_WATCHDOG_H

int watchdog_start(void);
void watchdog_pet(void);
void watchdog_stop(void);

#endif /* VFIO_CHECK_WATCHDOG_H */
