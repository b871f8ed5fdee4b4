/* SPDX-License-Identifier: Apache-2.0 */
/* daemon/file.h - files an admin wrote: texts and secrets. */
#ifndef DAEMON_FILE_H
#define DAEMON_FILE_H

#include "base/arena.h"
#include "base/err.h"
#include "base/str.h"

#include <stdbool.h>
#include <stddef.h>

/* All of a regular file of at most `max` bytes. ERR_CONFIG names the reason, not the file. */
bool file_read(arena_t *mem, const char *path, size_t max, str_t *ret_text, err_t *err)
    MUST_USE NONNULL_ALL;

/* Whether a file that holds a secret can be read by us and by nobody else but root. ERR_CONFIG. */
bool file_check_secret(const char *path, err_t *err) MUST_USE NONNULL_ALL;

/* "credential:NAME" is the file NAME that systemd put into $CREDENTIALS_DIRECTORY. NULL: there
 * is no such directory, or NAME is no plain name. Other paths give NULL, *ret_is false. */
const char *file_credential(arena_t *mem, str_t path, bool *ret_is) NONNULL_ALL;

/* Write all of `text` and move it into place in one step, mode 0600. */
bool file_replace(const char *path, str_t text, err_t *err) MUST_USE NONNULL_ALL;

#endif
