/* SPDX-License-Identifier: Apache-2.0 */
/* daemon/notify.h - telling systemd how we are (sd_notify(3)), without its library. */
#ifndef DAEMON_NOTIFY_H
#define DAEMON_NOTIFY_H

#include <stdint.h>

/* "READY=1", "STOPPING=1" and so on; nothing happens when nobody listens. */
void notify_send(const char *state);
/* With the time that RELOADING=1 wants. */
void notify_reloading(void);

/* Milliseconds between two "WATCHDOG=1" that are half of what systemd allows; 0: none wanted. */
int64_t notify_watchdog_ms(void);

#endif
