/* SPDX-License-Identifier: Apache-2.0 */
#include "daemon/notify.h"

#include "base/clock.h"
#include "base/str.h"

#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

void
notify_send(const char *state)
{
    const char *path = getenv("NOTIFY_SOCKET");
    union {
        struct sockaddr_un un;
        struct sockaddr plain;
    } to = {.un = {.sun_family = AF_UNIX}};
    size_t n = path ? strlen(path) : 0;
    int fd;

    if (n < 2 || n >= sizeof(to.un.sun_path) || (path[0] != '/' && path[0] != '@'))
        return;
    memcpy(to.un.sun_path, path, n);
    if (path[0] == '@')
        to.un.sun_path[0] = '\0';
    fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    if (fd < 0)
        return;
    (void)sendto(fd, state, strlen(state), MSG_NOSIGNAL, &to.plain,
                 (socklen_t)(offsetof(struct sockaddr_un, sun_path) + n));
    close(fd);
}

void
notify_reloading(void)
{
    char text[64];

    snprintf(text, sizeof(text), "RELOADING=1\nMONOTONIC_USEC=%lld",
             (long long)clock_monotonic_us());
    notify_send(text);
}

int64_t
notify_watchdog_ms(void)
{
    int64_t us, pid;

    if (!str_to_int64(str_from_c(getenv("WATCHDOG_USEC")), &us) || us <= 0)
        return 0;
    if (str_to_int64(str_from_c(getenv("WATCHDOG_PID")), &pid) && pid != getpid())
        return 0;
    return us / 2000 > 0 ? us / 2000 : 1;
}
