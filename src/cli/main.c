/* SPDX-License-Identifier: Apache-2.0 */
/* cli/main.c - the program: its subcommands have a folder or a file each. */
#include "cli/cli.h"

#include "base/guess.h"
#include "cli/print.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

static const command_t *const commands[] = {
    &command_serve,  &command_check, &command_discover, &command_explain, &command_show,
    &command_import, &command_map,   &command_match,    &command_purge,   &command_token,
};

int
cli_help(const command_t *command)
{
    fputs(command->help, stdout);
    return CLI_OK;
}

int
cli_misuse(const command_t *command, const char *format, ...)
{
    va_list args;

    fprintf(stderr, "scimbridge %s: ", command->name);
    va_start(args, format);
    vfprintf(stderr, format, args);
    va_end(args);
    fprintf(stderr, "\nTry: scimbridge %s --help\n", command->name);
    return CLI_USAGE;
}

bool
cli_has_colour(FILE *to)
{
    const char *none = getenv("NO_COLOR"), *term = getenv("TERM");

    return isatty(fileno(to)) && !(none && *none) && !(term && strcmp(term, "dumb") == 0);
}

typedef struct {
    arena_t *mem;
    const char *file;
    const config_t *config;
} loading_t;

static void
load(void *arg)
{
    loading_t *loading = arg;
    diag_list_t diags;

    diag_init(&diags, loading->mem);
    loading->config = config_load(loading->mem, loading->file, &diags);
    print_diags(loading->mem, &diags);
}

const config_t *
cli_load(arena_t *mem, const char *file)
{
    loading_t loading = {.mem = mem, .file = file};

    if (!arena_guard(mem, load, &loading)) {
        fputs("scimbridge: no memory for the configuration\n", stderr);
        return NULL;
    }
    return loading.config;
}

/* As many as there is room for. */
static void
list_connectors(const config_t *config, char *text, size_t size)
{
    size_t n = 0;

    for (size_t i = 0; i < config->n_connectors && n < size; i++) {
        int more = snprintf(text + n, size - n, "%s%.*s", i == 0 ? "" : ", ",
                            STR_ARG(config->connectors[i].name));

        n += more > 0 ? (size_t)more : 0;
    }
}

const config_connector_t *
cli_find_connector(const config_t *config, const char *name, err_t *err)
{
    const config_connector_t *connector = config_find_connector(config, str_from_c(name));
    guess_t guess = guess_begin(str_from_c(name));
    char names[256] = "";

    if (!connector && !name[0] && config->n_connectors == 1)
        return &config->connectors[0];
    if (connector)
        return connector;
    for (size_t i = 0; i < config->n_connectors; i++)
        guess_add(&guess, config->connectors[i].name);
    list_connectors(config, names, sizeof(names));
    if (!name[0])
        err_set(err, ERR_CONFIG, "no connector is the default one; say which with -C: %s",
                names);
    else if (guess.best.n > 0)
        err_set(err, ERR_CONFIG, "there is no connector \"%s\"; did you mean \"%.*s\"?", name,
                STR_ARG(guess.best));
    else
        err_set(err, ERR_CONFIG, "there is no connector \"%s\", but there are: %s", name,
                names);
    return NULL;
}

const config_t *
cli_load_connector(arena_t *mem, const char *file, const char *name,
                   const config_connector_t **ret_connector, err_t *err)
{
    const config_t *config = cli_load(mem, file);

    if (!config) {
        err_set(err, ERR_CONFIG, "the configuration is not usable");
        return NULL;
    }
    *ret_connector = cli_find_connector(config, name, err);
    return *ret_connector ? config : NULL;
}

static void
usage(FILE *to)
{
    fputs("usage: scimbridge COMMAND [OPTION]...\n\n"
          "An on-premises SCIM 2.0 connector that keeps an LDAP directory in step.\n\n",
          to);
    for (size_t i = 0; i < ARRAY_SIZE(commands); i++)
        fprintf(to, "  %-10s%s\n", commands[i]->name, commands[i]->summary);
    fputs("\n  --version   print the version\n"
          "  --help      print this; \"scimbridge COMMAND --help\" tells about a command\n\n"
          "Exit status: 0 done, 1 it failed, 2 the command line is wrong.\n",
          to);
}

static const command_t *
find_command(const char *name)
{
    for (size_t i = 0; i < ARRAY_SIZE(commands); i++) {
        if (strcmp(commands[i]->name, name) == 0)
            return commands[i];
    }
    return NULL;
}

int
main(int argc, char **argv)
{
    const command_t *command;

    if (argc < 2) {
        usage(stderr);
        return CLI_USAGE;
    }
    if (strcmp(argv[1], "--version") == 0) {
        puts(PACKAGE_STRING);
        return CLI_OK;
    }
    if (strcmp(argv[1], "--help") == 0 || strcmp(argv[1], "-h") == 0) {
        usage(stdout);
        return CLI_OK;
    }
    command = find_command(argv[1]);
    if (command)
        return command->run(argc - 1, argv + 1);
    fprintf(stderr, "scimbridge: there is no command \"%s\"\n\n", argv[1]);
    usage(stderr);
    return CLI_USAGE;
}
