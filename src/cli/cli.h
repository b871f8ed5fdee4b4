/* SPDX-License-Identifier: Apache-2.0 */
/* cli/cli.h - the subcommands.
 *
 * Each gets its own arguments (argv[0] is its name) and returns the exit status: 0 well, 1 it
 * failed, 2 the command line is wrong. */
#ifndef CLI_CLI_H
#define CLI_CLI_H

#include "base/arena.h"
#include "daemon/config.h"

#include <stdio.h>

enum { CLI_OK = 0, CLI_FAILED = 1, CLI_USAGE = 2 };

typedef struct {
    const char *name;
    const char *summary;
    const char *help; /* usage, options and examples */
    int (*run)(int argc, char **argv);
} command_t;

extern const command_t command_serve, command_check, command_explain, command_token,
    command_show, command_import, command_purge, command_discover, command_match, command_map;

/* Print the help of a command: to standard output and 0, or to standard error and CLI_USAGE. */
int cli_help(const command_t *command);
int cli_misuse(const command_t *command, const char *format, ...) PRINTF_LIKE(2, 3);

/* Whether colours are wanted there: a terminal, and neither NO_COLOR nor a dumb one. */
bool cli_has_colour(FILE *to);

/* Read the configuration; diagnostics go to standard error. NULL: it is bad. */
const config_t *cli_load(arena_t *mem, const char *file);

/* The one of that name; of the empty name the default one, or the only one. ERR_CONFIG names
 * those that there are. */
const config_connector_t *cli_find_connector(const config_t *config, const char *name,
                                             err_t *err);

/* Both: the configuration, and the connector of it. NULL: *err says what is wrong. */
const config_t *cli_load_connector(arena_t *mem, const char *file, const char *name,
                                   const config_connector_t **ret_connector, err_t *err);

#endif
