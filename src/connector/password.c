/* SPDX-License-Identifier: Apache-2.0 */
#include "connector/password.h"

#include "map/value.h"

#include <string.h>
#include <sys/random.h>

enum { LENGTH = 24 };

/* 64 of them, so that six bits choose one evenly. The last two are the marks. */
static const char alphabet[] =
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

static bool
is_mixed(const char *text)
{
    bool capital = false, small = false, digit = false, mark = false;

    for (size_t i = 0; i < LENGTH; i++) {
        capital |= text[i] >= 'A' && text[i] <= 'Z';
        small |= text[i] >= 'a' && text[i] <= 'z';
        digit |= char_is_digit(text[i]);
        mark |= text[i] == '-' || text[i] == '_';
    }
    return capital && small && digit && mark;
}

bool
password_generate(arena_t *mem, const map_slot_t *slot, str_t *ret_value, err_t *err)
{
    unsigned char bytes[LENGTH];
    char *text = arena_alloc(mem, LENGTH + 1);

    do {
        if (getrandom(bytes, sizeof(bytes), 0) != (ssize_t)sizeof(bytes))
            return err_set(err, ERR_UNAVAILABLE, "no random bytes for a password");
        for (size_t i = 0; i < LENGTH; i++)
            text[i] = alphabet[bytes[i] & 63];
    } while (!is_mixed(text));
    explicit_bzero(bytes, sizeof(bytes));
    text[LENGTH] = '\0';
    *ret_value = map_password_value(mem, slot, str_from(text, LENGTH));
    return true;
}
