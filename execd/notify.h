/* SPDX-License-Identifier: GPL-2.0 */
/* What the service manager is told, see sd_notify(3). */
#ifndef VGPU_EXECD_NOTIFY_H
#define VGPU_EXECD_NOTIFY_H

int notify(const char *state);
int notify_watchdog(void);

#endif /* VGPU_EXECD_NOTIFY_H */
