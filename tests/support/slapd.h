/* SPDX-License-Identifier: Apache-2.0 */
/* support/slapd.h - a private directory server for a test program (scripts/slapd.sh). */
#ifndef SUPPORT_SLAPD_H
#define SUPPORT_SLAPD_H

#include <stdbool.h>
#include <sys/types.h>

typedef struct {
    char dir[128]; /* a directory of its own below TMPDIR */
    char url[128], ldapi[256], base[128], bind_dn[128], password_file[256];
    pid_t pid;
} slapd_t;

/* Whether slapd is installed; a test program without it exits with 77. */
bool slapd_is_installed(void);

/* Start with the entries of slapd.sh. Ends the program with a message when it fails. */
void slapd_start(slapd_t *slapd);
/* Start again with the same data and address, after a stop or a kill. */
void slapd_restart(slapd_t *slapd);
/* SIGSTOP freezes, SIGKILL kills, both before this returns; SIGCONT thaws. */
void slapd_signal(const slapd_t *slapd, int signo);
/* Stop and remove everything. */
void slapd_wipe(slapd_t *slapd);

#endif
