/* SPDX-License-Identifier: Apache-2.0 */
/* daemon/config_loading.h - what the files that load the configuration share; for config.c, config_*.c and
 * overlap.c alone.
 *
 * Loading goes on after a mistake, so that one run shows everything. */
#ifndef DAEMON_CONFIG_LOADING_H
#define DAEMON_CONFIG_LOADING_H

#include "daemon/config.h"
#include "daemon/reader.h"

/* The file while it is read; the lists may still change. */
typedef struct {
    source_t *source;
    config_t *config;
    config_directory_t *directories;
    config_connector_t *connectors;
    const json_t **maps; /* where each connector names its map; NULL: nowhere */
} loading_t;

/* ---- what several parts need ---- */

/* An object of named things; 0 when it is missing or no object, which is reported. */
size_t config_section_size(loading_t *loading, const json_t *value, const char *name);
/* The file of a secret that the member `name` names, perhaps as a systemd credential; NULL when
 * there is none or it is not fit, which is reported. */
const char *config_secret_file(reader_t *reader, const char *name);
/* Whether the file that `at` names is fit for a secret; else it is reported. */
void config_check_secret(reader_t *reader, const json_t *at, const char *path);
/* Whether GnuTLS takes the priority string, the member `name`. */
void config_check_priority(reader_t *reader, const char *name, const char *priority);

/* ---- the parts of a configuration, in the order in which they are read ---- */

void config_read_listen(loading_t *loading, const json_t *value);
void config_read_admin(loading_t *loading, const json_t *value);
void config_read_limits(loading_t *loading, const json_t *value);
void config_read_directories(loading_t *loading, const json_t *value);
void config_read_connectors(loading_t *loading, const json_t *value);
/* "tokens" and "tokensFile" of the whole file. */
void config_read_tokens(loading_t *loading, reader_t *reader);

/* ---- overlap.c ---- */

/* Report connectors that would write the same entries. */
void config_check_overlaps(loading_t *loading);

#endif
