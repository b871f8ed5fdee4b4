/* SPDX-License-Identifier: Apache-2.0 */
/* cli/options.h - the options of a command, from a table. */
#ifndef CLI_OPTIONS_H
#define CLI_OPTIONS_H

#include "cli/cli.h"

#include <stdbool.h>
#include <stddef.h>

/* One option: with a value, or one that is there or not. */
typedef struct {
    const char *name; /* "config" */
    char letter;      /* 'c'; 0: it has none */
    const char **ret_value;
    bool *ret_is;
} option_t;

/* One that may be given several times, always with a value. */
typedef struct {
    const char *name;
    const char **texts; /* in their order; room for as many as there are arguments */
    size_t n;
} option_list_t;

enum { OPTIONS_MAX = 16, OPTIONS_GO_ON = -1 };

/* Read the options, and --help. OPTIONS_GO_ON: optind is at the first argument that is none; else the
 * exit status, all having been said. */
int options_read(const command_t *command, int argc, char **argv, const option_t *options,
                 size_t n) MUST_USE;
/* The same, with one that may be repeated. */
int options_read_list(const command_t *command, int argc, char **argv, const option_t *options,
                      size_t n, option_list_t *list) MUST_USE;

#endif
