/* SPDX-License-Identifier: Apache-2.0 */
/* bench/stack.h - what is measured: a private slapd with users and groups, and a bridge before
 * it. One at a time; it lives in a directory of its own below TMPDIR. */
#ifndef BENCH_STACK_H
#define BENCH_STACK_H

#include "bench/load.h"
#include "bench/work.h"

#include <stdbool.h>
#include <sys/types.h>

typedef struct {
    const char *top;    /* of the sources */
    const char *bridge; /* the program */
    const char *log;    /* level of the bridge's log */
    unsigned workers;   /* of the bridge; 0: as many as it likes */
    bool nosync;
} stack_settings_t;

typedef struct {
    pid_t pid;
    int port, admin_port;
} bridge_t;

typedef struct {
    char dir[128], file_system[16];
    char ldap_url[64], base[64], bind_dn[128], password[128], password_file[192];
    char token_line[256]; /* for the configuration */
    int ldap_port;
    pid_t slapd, relay;
    bridge_t bridges[2]; /* beside the directory; far from it */
} stand_t;

/* Build and start all but the second bridge. */
void stack_start(const stack_settings_t *settings, stand_t *stack, fixture_t *fixture);
/* The second bridge and a relay that is `delay_ns` long each way. Returns the relay's port. */
int stack_start_far(const stack_settings_t *settings, stand_t *stack, int64_t delay_ns);
void stack_end_far(stand_t *stack);

load_ldap_settings_t stack_direct(const stand_t *stack);

/* LDAP operations the bridge has sent so far. */
double stack_ldap_operations(const bridge_t *bridge);

/* End and remove everything; safe at any time and more than once. */
void stack_end(stand_t *stack);

#endif
