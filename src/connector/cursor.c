/* SPDX-License-Identifier: Apache-2.0 */
#include "connector/cursor.h"

#include "connector/listing.h"
#include "map/value.h"

/* Form, flags, expiry; then the item; then the seal. */
enum { FORM = 1, HEAD_SIZE = 10, SEAL_SIZE = 16, TEXT_MAX = 1024 };
enum { FLAG_BEFORE = 1 };

static bool
seal(const mac_key_t *key, const cursor_question_t *question, str_t content,
     unsigned char ret_seal[MAC_SIZE])
{
    const str_t parts[] = {
        STR("scimbridge cursor"),
        question->connector,
        question->endpoint,
        question->filter,
        question->sort_by,
        question->descending ? STR("descending") : STR("ascending"),
        content,
    };

    return mac_seal(key, parts, ARRAY_SIZE(parts), ret_seal);
}

/* RFC 4648 §5, without padding. */
static str_t
to_base64url(arena_t *mem, str_t bytes)
{
    buf_t buf;
    str_t text;

    buf_init(&buf, mem, bytes.n * 2 + 8);
    buf_add_base64(&buf, bytes);
    text = buf_str(&buf);
    for (size_t i = 0; i < text.n; i++) {
        if (text.p[i] == '+')
            buf.p[i] = '-';
        else if (text.p[i] == '/')
            buf.p[i] = '_';
    }
    while (text.n && text.p[text.n - 1] == '=')
        text.n--;
    return text;
}

static bool
from_base64url(arena_t *mem, str_t text, str_t *ret_bytes)
{
    char *copy = arena_alloc(mem, text.n + 4);
    size_t n = text.n;

    for (size_t i = 0; i < n; i++) {
        if (text.p[i] == '+' || text.p[i] == '/' || text.p[i] == '=')
            return false;
        copy[i] = text.p[i] == '-' ? '+' : text.p[i] == '_' ? '/' : text.p[i];
    }
    while (n % 4)
        copy[n++] = '=';
    return map_value_decode_base64(mem, str_from(copy, n), ret_bytes);
}

static int64_t
read_expiry(str_t bytes)
{
    uint64_t value = 0;

    for (size_t i = 2; i < HEAD_SIZE; i++)
        value = value << 8 | (unsigned char)bytes.p[i];
    return (int64_t)value;
}

str_t
cursor_format(arena_t *mem, const mac_key_t *key, const cursor_question_t *question,
              const cursor_t *cursor, int64_t expires_s)
{
    size_t n = HEAD_SIZE + cursor->item.n;
    char *bytes = arena_alloc(mem, n + SEAL_SIZE);
    unsigned char sealed[MAC_SIZE];

    bytes[0] = FORM;
    bytes[1] = cursor->before ? FLAG_BEFORE : 0;
    for (size_t i = 2; i < HEAD_SIZE; i++)
        bytes[i] = (char)((uint64_t)expires_s >> (8 * (HEAD_SIZE - 1 - i)));
    memcpy(bytes + HEAD_SIZE, cursor->item.p, cursor->item.n);
    if (!seal(key, question, str_from(bytes, n), sealed))
        return STR("");
    memcpy(bytes + n, sealed, SEAL_SIZE);
    return to_base64url(mem, str_from(bytes, n + SEAL_SIZE));
}

bool
cursor_parse(arena_t *mem, const mac_key_t *key, const cursor_question_t *question, str_t text,
             int64_t now_s, cursor_t *ret_cursor, err_t *err)
{
    unsigned char sealed[MAC_SIZE];
    str_t bytes, content;

    if (text.n > TEXT_MAX || !from_base64url(mem, text, &bytes) ||
        bytes.n < HEAD_SIZE + LISTING_TAIL + SEAL_SIZE || bytes.p[0] != FORM)
        return err_set(err, ERR_INVALID_CURSOR, "the cursor is not one that this server made");
    content = str_slice(bytes, 0, bytes.n - SEAL_SIZE);
    if (!seal(key, question, content, sealed) ||
        !mac_equal(sealed, (const unsigned char *)bytes.p + content.n, SEAL_SIZE))
        return err_set(err, ERR_INVALID_CURSOR,
                       "the cursor is not one that this server made for this endpoint, filter "
                       "and sorting");
    if (read_expiry(content) < now_s)
        return err_set(err, ERR_EXPIRED_CURSOR,
                       "the cursor has expired: begin anew with an empty one");
    ret_cursor->before = (content.p[1] & FLAG_BEFORE) != 0;
    ret_cursor->item = str_skip(content, HEAD_SIZE);
    return true;
}
