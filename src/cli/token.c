/* SPDX-License-Identifier: Apache-2.0 */
#include "base/clock.h"
#include "cli/cli.h"
#include "daemon/tokens.h"
#include "http/auth.h"

#include <getopt.h>
#include <stdio.h>
#include <sys/random.h>

/* Known by sight, and no option of any command, as a leading "-" would be. */
#define PREFIX "sb_"

enum { SECRET_BYTES = 32, SECRET_TEXT = 3 + 43, MAX_CONNECTORS = 64 };

typedef struct {
    arena_t *mem;
    const char *name, *expires;
    const char *connectors[MAX_CONNECTORS];
    size_t n_connectors;
    char secret[SECRET_TEXT + 1];
    uint8_t digest[AUTH_DIGEST_SIZE];
} token_t;

/* Base64url without padding (RFC 4648 §5): nothing in it that a shell or a form would mangle. */
static void
format_secret(const uint8_t bytes[SECRET_BYTES], char *ret_text)
{
    static const char letters[] =
        "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
    unsigned bits = 0;
    int have = 0;

    memcpy(ret_text, PREFIX, sizeof(PREFIX) - 1);
    ret_text += sizeof(PREFIX) - 1;
    for (size_t i = 0; i < SECRET_BYTES; i++) {
        bits = (bits << 8 | bytes[i]) & 0xffff;
        for (have += 8; have >= 6; have -= 6)
            *ret_text++ = letters[bits >> (have - 6) & 63];
    }
    *ret_text++ = letters[bits << (6 - have) & 63];
    *ret_text = '\0';
}

static bool
make_secret(token_t *token)
{
    uint8_t bytes[SECRET_BYTES];

    if (getrandom(bytes, sizeof(bytes), 0) != (ssize_t)sizeof(bytes))
        return false;
    format_secret(bytes, token->secret);
    explicit_bzero(bytes, sizeof(bytes));
    return auth_digest(str_from_c(token->secret), token->digest);
}

/* No two tokens of a configuration have one name. */
static str_t
name(const token_t *token, str_t digest)
{
    if (token->name)
        return str_from_c(token->name);
    return str_printf(token->mem, "token-%.*s", STR_ARG(str_slice(digest, 0, 8)));
}

static void
print(void *arg)
{
    token_t *token = arg;
    json_t *line = json_object(token->mem), *list = json_array(token->mem);
    str_t digest = tokens_format_digest(token->mem, token->digest);
    buf_t buf;

    json_set(token->mem, line, STR("name"), json_string(token->mem, name(token, digest)));
    json_set(token->mem, line, STR("sha256"), json_string(token->mem, digest));
    for (size_t i = 0; i < token->n_connectors; i++)
        json_append(token->mem, list,
                    json_string(token->mem, str_from_c(token->connectors[i])));
    if (token->n_connectors > 0)
        json_set(token->mem, line, STR("connectors"), list);
    if (token->expires)
        json_set(token->mem, line, STR("expires"),
                 json_string(token->mem, str_from_c(token->expires)));
    buf_init(&buf, token->mem, 65536);
    json_write(&buf, line);
    printf("%s\n%.*s\n", token->secret, STR_ARG(buf_str(&buf)));
}

static bool
parse_date(const char *text, clock_time_t *ret_time)
{
    char day[] = "0000-00-00T00:00:00Z";

    if (strlen(text) != 10)
        return clock_parse_datetime(str_from_c(text), ret_time);
    memcpy(day, text, 10);
    return clock_parse_datetime(str_from_c(day), ret_time);
}

static int
make_token(token_t *token)
{
    arena_t *mem ARENA_CLEANUP = arena_new(0);
    bool made;

    token->mem = mem;
    made = mem && make_secret(token) && arena_guard(mem, print, token);
    explicit_bzero(token->secret, sizeof(token->secret));
    if (made)
        return CLI_OK;
    fputs("scimbridge token: no random bytes or memory\n", stderr);
    return CLI_FAILED;
}

static int
run(int argc, char **argv)
{
    static const struct option options[] = {{"name", required_argument, NULL, 'n'},
                                            {"connector", required_argument, NULL, 'C'},
                                            {"expires", required_argument, NULL, 'e'},
                                            {"help", no_argument, NULL, 'h'},
                                            {NULL, 0, NULL, 0}};
    token_t token = {.name = NULL};
    clock_time_t expires;
    int option;

    while ((option = getopt_long(argc, argv, "n:C:e:h", options, NULL)) != -1) {
        if (option == 'n')
            token.name = optarg;
        else if (option == 'C' && token.n_connectors < MAX_CONNECTORS)
            token.connectors[token.n_connectors++] = optarg;
        else if (option == 'e')
            token.expires = optarg;
        else if (option == 'h')
            return cli_help(&command_token);
        else
            return cli_misuse(&command_token, "unknown option");
    }
    if (optind < argc)
        return cli_misuse(&command_token, "\"%s\" is one word too many", argv[optind]);
    if (token.expires && !parse_date(token.expires, &expires))
        return cli_misuse(&command_token, "--expires wants a date such as 2027-01-31");
    if (token.expires && expires.s <= clock_real_s())
        fprintf(stderr, "scimbridge token: warning: %s is past, so nobody can use this token\n",
                token.expires);
    return make_token(&token);
}

const command_t command_token = {
    .name = "token",
    .summary = "make a bearer token",
    .help =
        "usage: scimbridge token [--name NAME] [-C CONNECTOR]... [--expires DATE]\n"
        "\n"
        "Prints two lines: the secret, which is shown this once and goes into the client,\n"
        "and the object that goes into \"tokens\" of the configuration, which holds only the\n"
        "secret's SHA-256.\n"
        "\n"
        "  -n, --name NAME            how logs call the token, each by another name\n"
        "  -C, --connector CONNECTOR  good for this connector only; may be repeated\n"
        "  -e, --expires DATE         2027-01-31 or 2027-01-31T12:00:00Z\n"
        "\n"
        "Example:\n"
        "  scimbridge token --name entra-2026 -C people --expires 2027-12-31\n",
    .run = run,
};
