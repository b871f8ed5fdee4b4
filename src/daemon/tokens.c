/* SPDX-License-Identifier: Apache-2.0 */
#include "daemon/tokens.h"

#include "base/clock.h"
#include "base/guess.h"

bool
tokens_parse_digest(str_t text, uint8_t ret_digest[AUTH_DIGEST_SIZE])
{
    if (text.n != 2 * (size_t)AUTH_DIGEST_SIZE)
        return false;
    for (size_t i = 0; i < AUTH_DIGEST_SIZE; i++) {
        int high = char_hex(text.p[2 * i]), low = char_hex(text.p[2 * i + 1]);

        if (high < 0 || low < 0)
            return false;
        ret_digest[i] = (uint8_t)(high * 16 + low);
    }
    return true;
}

str_t
tokens_format_digest(arena_t *mem, const uint8_t digest[AUTH_DIGEST_SIZE])
{
    static const char digits[] = "0123456789abcdef";
    char *text = arena_alloc(mem, 2 * (size_t)AUTH_DIGEST_SIZE + 1);

    for (size_t i = 0; i < AUTH_DIGEST_SIZE; i++) {
        text[2 * i] = digits[digest[i] >> 4];
        text[2 * i + 1] = digits[digest[i] & 15];
    }
    return str_from(text, 2 * (size_t)AUTH_DIGEST_SIZE);
}

static void
read_digest(reader_t *reader, auth_token_t *token)
{
    const json_t *digest = reader_need(reader, "sha256");

    if (digest && (!json_is(digest, JSON_STRING) ||
                   !tokens_parse_digest(digest->u.string, token->digest)))
        source_error(reader->source, digest->at,
                     "\"sha256\" must be 64 hexadecimal digits, as \"scimbridge token\" prints "
                     "them");
}

/* A day means its beginning. */
static void
read_expiry(reader_t *reader, auth_token_t *token)
{
    const json_t *expires = reader_get(reader, "expires");
    clock_time_t time;
    str_t text;

    if (!expires)
        return;
    text = json_is(expires, JSON_STRING) ? expires->u.string : STR("");
    if (text.n == 10)
        text = str_printf(reader->source->mem, "%.*sT00:00:00Z", STR_ARG(text));
    if (!clock_parse_datetime(text, &time) || time.s <= 0) {
        source_error(reader->source, expires->at,
                     "\"expires\" must be a date such as \"2027-01-31\" or "
                     "\"2027-01-31T12:00:00Z\"");
        return;
    }
    token->expires_s = time.s;
    if (time.s <= clock_real_s())
        source_warning(reader->source, expires->at, "the token has expired");
}

/* Logs and the audit tell tokens apart by their names. */
static void
read_name(reader_t *reader, const auth_tokens_t *before, auth_token_t *token)
{
    const json_t *at = reader_need(reader, "name");
    const char *name = "";

    if (at)
        (void)reader_string(reader, "name", &name);
    token->name = str_from_c(name);
    for (size_t i = 0; token->name.n > 0 && i < before->n; i++) {
        if (!str_eq(before->items[i].name, token->name))
            continue;
        source_error(reader->source, at->at,
                     "there is a token \"%s\" already, and logs tell tokens by their names; "
                     "give this one a name of its own, such as one with the year",
                     name);
        return;
    }
}

static void
check_connector(reader_t *reader, const auth_token_t *token, const json_t *item,
                const str_t *names, size_t n)
{
    guess_t guess = guess_begin(item->u.string);

    for (size_t i = 0; i < n; i++) {
        if (str_eq(names[i], item->u.string))
            return;
    }
    guess_add_all(&guess, names, n);
    source_error(reader->source, item->at,
                 "token \"%.*s\" is for connector \"%.*s\", which does not exist%.*s",
                 STR_ARG(token->name), STR_ARG(item->u.string),
                 STR_ARG(guess_text(reader->source->mem, &guess)));
}

static void
read_connectors(reader_t *reader, const str_t *names, size_t n, auth_token_t *token)
{
    const json_t *list = reader_get(reader, "connectors");

    if (!reader_strings(reader, "connectors", &token->connectors, &token->n_connectors))
        return;
    if (token->n_connectors == 0)
        source_error(reader->source, list->at,
                     "\"connectors\" is empty; leave it out for a token that is good for all");
    for (size_t i = 0; i < token->n_connectors; i++)
        check_connector(reader, token, list->u.array.items[i], names, n);
}

void
tokens_read(source_t *source, const json_t *list, const str_t *names, size_t n,
            auth_tokens_t *tokens)
{
    auth_token_t *items;
    size_t more;

    if (!json_is(list, JSON_ARRAY)) {
        source_error(source, list->at, "tokens must be an array, not %s",
                     json_kind_name(list->kind));
        return;
    }
    more = list->u.array.n;
    items =
        arena_grow(source->mem, tokens->items, tokens->n, tokens->n + more + 1, sizeof(*items));
    tokens->items = items;
    for (size_t i = 0; i < more; i++) {
        auth_token_t *token = &items[tokens->n];
        reader_t reader;

        if (!reader_begin(&reader, source, list->u.array.items[i], "a token"))
            continue;
        read_name(&reader, tokens, token);
        read_digest(&reader, token);
        read_connectors(&reader, names, n, token);
        read_expiry(&reader, token);
        reader_end(&reader);
        tokens->n++;
    }
}
