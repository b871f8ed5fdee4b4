/* SPDX-License-Identifier: Apache-2.0 */
/* daemon/daemon.h - the bridge in service, from its configuration to its last answer.
 *
 * The main thread accepts connections and deals them to the workers, reloads on SIGHUP, and on
 * SIGTERM or SIGINT stops accepting, lets requests in flight end and leaves; what has not ended
 * at the drain timeout is answered with 503. A second SIGTERM or SIGINT does not wait. */
#ifndef DAEMON_DAEMON_H
#define DAEMON_DAEMON_H

#include "base/err.h"

#include <stdbool.h>

typedef struct {
    const char *config_file;
    const char *ready_file; /* written once connections are accepted; NULL: none */
} daemon_options_t;

/* Serve until told to end. false: it could not begin, and why is in *err or has been printed. */
bool daemon_run(const daemon_options_t *options, err_t *err) MUST_USE;

#endif
