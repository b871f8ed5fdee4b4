/* SPDX-License-Identifier: Apache-2.0 */
#include "scim/etag.h"

#include "base/buf.h"

enum { ETAG_MAX = 64 * 1024 };

/* RFC 9110 §8.8.3. */
static bool
is_etag_char(char c)
{
    return c == '!' || ((unsigned char)c >= '#' && c != 127);
}

str_t
scim_etag_format(arena_t *mem, str_t version)
{
    static const char hex[] = "0123456789ABCDEF";
    buf_t buf;

    buf_init(&buf, mem, ETAG_MAX);
    buf_add_c(&buf, "W/\"");
    for (size_t i = 0; i < version.n; i++) {
        unsigned char byte = (unsigned char)version.p[i];

        /* Backslashes too, as many a reader takes them for the escapes of a quoted string. */
        if (is_etag_char(version.p[i]) && byte < 128 && byte != '%' && byte != '\\') {
            buf_add_char(&buf, version.p[i]);
            continue;
        }
        buf_add_char(&buf, '%');
        buf_add_char(&buf, hex[byte >> 4]);
        buf_add_char(&buf, hex[byte & 15]);
    }
    buf_add_char(&buf, '"');
    return buf_str(&buf);
}

/* The tag with which `rest` begins, without its quotes; takes it off. */
static bool
take_tag(str_t *rest, str_t *ret_tag)
{
    str_t text = str_skip(*rest, str_starts_with(*rest, STR("W/")) ? 2 : 0);
    size_t n = 0;

    if (text.n == 0 || text.p[0] != '"')
        return false;
    text = str_skip(text, 1);
    while (n < text.n && is_etag_char(text.p[n]))
        n++;
    if (n == text.n || text.p[n] != '"')
        return false;
    *ret_tag = str_slice(text, 0, n);
    *rest = str_trim(str_skip(text, n + 1));
    return true;
}

static bool
take_comma(str_t *rest)
{
    if (rest->n == 0 || rest->p[0] != ',')
        return false;
    *rest = str_trim(str_skip(*rest, 1));
    return true;
}

static bool
parse_list(arena_t *mem, str_t rest, scim_etags_t *etags)
{
    str_t *tags = NULL;
    size_t size = 0;

    while (rest.n > 0) {
        if (take_comma(&rest)) /* elements may be empty (§5.6.1.2) */
            continue;
        if (etags->n == size) {
            size = size ? 2 * size : 4;
            tags = arena_grow(mem, tags, etags->n, size, sizeof(str_t));
        }
        if (!take_tag(&rest, &tags[etags->n++]) || (rest.n > 0 && !take_comma(&rest)))
            return false;
    }
    etags->tags = tags;
    return etags->n > 0;
}

bool
scim_etags_parse(arena_t *mem, const char *name, str_t header, scim_etags_t *ret_etags,
                 err_t *err)
{
    scim_etags_t etags = {.given = header.p != NULL};
    str_t text = str_trim(str_from(header.p, header.n));

    etags.any = str_eq(text, STR("*"));
    if (etags.given && !etags.any && !parse_list(mem, text, &etags))
        return err_set(err, ERR_BAD_REQUEST,
                       "%s must be * or a list of entity tags such as W/\"1\"", name);
    *ret_etags = etags;
    return true;
}

bool
scim_etags_have(const scim_etags_t *etags, str_t etag)
{
    str_t tag;

    if (etags->any)
        return true;
    if (!take_tag(&etag, &tag))
        return false;
    for (size_t i = 0; i < etags->n; i++) {
        if (str_eq(etags->tags[i], tag))
            return true;
    }
    return false;
}
