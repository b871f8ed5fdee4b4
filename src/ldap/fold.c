/* SPDX-License-Identifier: Apache-2.0 */
#include "ldap/fold.h"

/* Code points from `first` to `last`, each `step`-th, and how far away their small letter is.
 * None becomes longer in UTF-8. Left out are the letters whose folding is disputed (I with a dot
 * above) and those in phonetic use only. Sorted. */
typedef struct {
    uint32_t first, last, step;
    int32_t delta;
} fold_range_t;

static const fold_range_t fold_ranges[] = {
    {0x00c0, 0x00d6, 1, 32},   {0x00d8, 0x00de, 1, 32},    {0x0100, 0x012e, 2, 1},
    {0x0132, 0x0136, 2, 1},    {0x0139, 0x0147, 2, 1},     {0x014a, 0x0176, 2, 1},
    {0x0178, 0x0178, 1, -121}, {0x0179, 0x017d, 2, 1},     {0x017f, 0x017f, 1, -268},
    {0x01a0, 0x01a4, 2, 1},    {0x01af, 0x01af, 1, 1},     {0x01cd, 0x01db, 2, 1},
    {0x01de, 0x01ee, 2, 1},    {0x01f4, 0x01f4, 1, 1},     {0x01f8, 0x021e, 2, 1},
    {0x0222, 0x0232, 2, 1},    {0x0386, 0x0386, 1, 38},    {0x0388, 0x038a, 1, 37},
    {0x038c, 0x038c, 1, 64},   {0x038e, 0x038f, 1, 63},    {0x0391, 0x03a1, 1, 32},
    {0x03a3, 0x03ab, 1, 32},   {0x03c2, 0x03c2, 1, 1},     {0x0400, 0x040f, 1, 80},
    {0x0410, 0x042f, 1, 32},   {0x0460, 0x0480, 2, 1},     {0x048a, 0x04be, 2, 1},
    {0x04c0, 0x04c0, 1, 15},   {0x04c1, 0x04cd, 2, 1},     {0x04d0, 0x052e, 2, 1},
    {0x1e00, 0x1e94, 2, 1},    {0x1e9e, 0x1e9e, 1, -7615}, {0x1ea0, 0x1efe, 2, 1},
};

static uint32_t
fold_code_point(uint32_t c)
{
    for (size_t i = 0; i < ARRAY_SIZE(fold_ranges) && fold_ranges[i].first <= c; i++)
        if (c <= fold_ranges[i].last && (c - fold_ranges[i].first) % fold_ranges[i].step == 0)
            return (uint32_t)((int32_t)c + fold_ranges[i].delta);
    return c;
}

/* Write one of the code points that foldings lead to: below U+10000. */
static size_t
encode(char *out, uint32_t c)
{
    if (c < 0x80) {
        out[0] = (char)c;
        return 1;
    }
    if (c < 0x800) {
        out[0] = (char)(0xc0 | (c >> 6));
        out[1] = (char)(0x80 | (c & 0x3f));
        return 2;
    }
    out[0] = (char)(0xe0 | (c >> 12));
    out[1] = (char)(0x80 | ((c >> 6) & 0x3f));
    out[2] = (char)(0x80 | (c & 0x3f));
    return 3;
}

/* Case beyond ASCII, in place. */
static size_t
fold_wide(char *p, size_t n)
{
    size_t to = 0;

    for (size_t from = 0; from < n;) {
        size_t length;
        uint32_t c = str_utf8_char(p + from, &length);
        uint32_t folded = fold_code_point(c);

        if (folded != c) {
            to += encode(p + to, folded);
        } else {
            memmove(p + to, p + from, length);
            to += length;
        }
        from += length;
    }
    return to;
}

size_t
ldap_fold(char *out, str_t text, unsigned how)
{
    bool wide = false, only_blanks = text.n > 0;
    size_t n = 0;

    for (size_t i = 0; i < text.n; i++) {
        char c = text.p[i];

        if (c == ' ' && (how & LDAP_FOLD_DROP_BLANKS))
            continue;
        if (c == '-' && (how & LDAP_FOLD_DROP_HYPHENS))
            continue;
        if (c == ' ' && (how & LDAP_FOLD_BLANKS) && (n == 0 || out[n - 1] == ' '))
            continue;
        only_blanks = only_blanks && c == ' ';
        wide = wide || (unsigned char)c >= 0x80;
        out[n++] = (how & LDAP_FOLD_CASE) ? char_lower(c) : c;
    }
    if ((how & LDAP_FOLD_BLANKS) && n > 0 && out[n - 1] == ' ')
        n--;
    if ((how & LDAP_FOLD_BLANKS) && n == 0 && only_blanks)
        out[n++] = ' ';
    if (wide && (how & LDAP_FOLD_CASE) && str_is_utf8(str_from(out, n)))
        n = fold_wide(out, n);
    return n;
}
