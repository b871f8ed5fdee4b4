/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/options.h"

#include <assert.h>
#include <getopt.h>

/* Options without a letter are numbers. */
enum { HELP = 'h', FIRST_LONG = 256, LIST = FIRST_LONG + OPTIONS_MAX };

/* What getopt wants of the table; `letters` has room for three bytes an option. */
static void
translate(const option_t *options, size_t n, const option_list_t *list, struct option *names,
          char *letters)
{
    for (size_t i = 0; i < n; i++) {
        int value = options[i].letter ? options[i].letter : FIRST_LONG + (int)i;

        names[i] = (struct option){options[i].name,
                                   options[i].ret_value ? required_argument : no_argument, NULL,
                                   value};
        if (options[i].letter)
            *letters++ = options[i].letter;
        if (options[i].letter && options[i].ret_value)
            *letters++ = ':';
    }
    names[n++] = (struct option){"help", no_argument, NULL, HELP};
    if (list)
        names[n] = (struct option){list->name, required_argument, NULL, LIST};
    *letters++ = HELP;
    *letters = '\0';
}

static bool
take(const option_t *options, size_t n, int value)
{
    for (size_t i = 0; i < n; i++) {
        if (value != (options[i].letter ? options[i].letter : FIRST_LONG + (int)i))
            continue;
        if (options[i].ret_value)
            *options[i].ret_value = optarg;
        else
            *options[i].ret_is = true;
        return true;
    }
    return false;
}

int
options_read_list(const command_t *command, int argc, char **argv, const option_t *options,
                  size_t n, option_list_t *list)
{
    struct option names[OPTIONS_MAX + 3] = {{NULL, 0, NULL, 0}};
    char letters[3 * OPTIONS_MAX + 2];
    int value;

    assert(n <= OPTIONS_MAX);
    translate(options, n, list, names, letters);
    while ((value = getopt_long(argc, argv, letters, names, NULL)) != -1) {
        if (value == HELP)
            return cli_help(command);
        if (value == LIST && list)
            list->texts[list->n++] = optarg;
        else if (!take(options, n, value))
            return cli_misuse(command, "unknown option");
    }
    return OPTIONS_GO_ON;
}

int
options_read(const command_t *command, int argc, char **argv, const option_t *options, size_t n)
{
    return options_read_list(command, argc, argv, options, n, NULL);
}
