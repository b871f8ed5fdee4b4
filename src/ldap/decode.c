/* SPDX-License-Identifier: Apache-2.0 */
#include "ldap/decode.h"

#include <lber.h>

static const char oid_post_read[] = "1.3.6.1.1.13.2"; /* RFC 4527 */

/* Attributes of an entry that is being copied. What libldap allocates is held here, outside
 * the guard, so that it is freed when the arena unwinds. */
typedef struct {
    BerElement *ber;
    BerVarray values; /* of the attribute at hand; its bytes belong to the message */
    struct berval dn, name;
    arena_t *mem;
    ldap_entry_t *entry;
    bool broken;
} reader_t;

static void
reader_cleanup(reader_t *reader)
{
    ber_memfree(reader->values);
    ber_free(reader->ber, 0);
}

static str_t
str_from_berval(struct berval value)
{
    return str_from(value.bv_val, value.bv_len);
}

/* One block for all values: a group has a hundred thousand. */
static void
copy_values(reader_t *reader, ldap_attr_t *attr)
{
    size_t n = 0, bytes = 0;
    char *at;

    for (; reader->values && reader->values[n].bv_val; n++)
        bytes += reader->values[n].bv_len + 1;
    attr->values = n ? arena_array_of(reader->mem, n, str_t) : NULL;
    attr->n = attr->size = n;
    at = n ? arena_alloc(reader->mem, bytes) : NULL;
    for (size_t i = 0; i < n; i++) {
        size_t len = reader->values[i].bv_len;

        memcpy(at, reader->values[i].bv_val, len);
        attr->values[i] = (str_t){at, len};
        at += len + 1; /* the arena's memory is zeroed: a NUL stands between */
    }
}

static void
copy_attribute(reader_t *reader)
{
    ldap_entry_t *entry = reader->entry;
    enum { FIRST = 16 };

    if (entry->n == entry->size) {
        size_t size = entry->size ? 2 * entry->size : FIRST;

        entry->attrs =
            arena_grow(reader->mem, entry->attrs, entry->n, size, sizeof(ldap_attr_t));
        entry->size = size;
    }
    entry->attrs[entry->n].name = str_dup(reader->mem, str_from_berval(reader->name));
    copy_values(reader, &entry->attrs[entry->n]);
    entry->n++;
}

/* SEQUENCE OF PartialAttribute; the reader stands at its first. */
static void
copy_attributes(void *arg)
{
    reader_t *reader = arg;
    ber_len_t len, size;

    reader->entry = arena_new_of(reader->mem, ldap_entry_t);
    reader->entry->dn = str_dup(reader->mem, str_from_berval(reader->dn));
    while (ber_peek_tag(reader->ber, &len) == LBER_SEQUENCE) {
        size = sizeof(struct berval);
        if (ber_scanf(reader->ber, "{mM}", &reader->name, &reader->values, &size,
                      (ber_len_t)0) == LBER_ERROR) {
            reader->broken = true;
            return;
        }
        copy_attribute(reader);
        ber_memfree(reader->values);
        reader->values = NULL;
    }
}

static ldap_decoded_t
read_entry(reader_t *reader, ldap_entry_t **ret_entry)
{
    if (!arena_guard(reader->mem, copy_attributes, reader))
        return LDAP_DECODE_EXHAUSTED;
    if (reader->broken)
        return LDAP_DECODE_BROKEN;
    *ret_entry = reader->entry;
    return LDAP_DECODED;
}

ldap_decoded_t
ldap_decode_entry(LDAP *handle, LDAPMessage *message, arena_t *mem, ldap_entry_t **ret_entry)
{
    CLEANUP(reader_cleanup) reader_t reader = {.mem = mem};

    if (ldap_get_dn_ber(handle, message, &reader.ber, &reader.dn) != LDAP_SUCCESS)
        return LDAP_DECODE_BROKEN;
    return read_entry(&reader, ret_entry);
}

/* --- results ------------------------------------------------------------------------------ */

/* What ldap_parse_result allocates. */
typedef struct {
    char *matched, *diagnostic;
    LDAPControl **controls;
    struct berval *data;
} parts_t;

static void
parts_cleanup(parts_t *parts)
{
    ldap_memfree(parts->matched);
    ldap_memfree(parts->diagnostic);
    ldap_controls_free(parts->controls);
    ber_bvfree(parts->data);
}

typedef struct {
    const parts_t *parts;
    arena_t *mem;
    ldap_entry_t *entry;
    ldap_reply_t *reply;
} texts_t;

static void
copy_texts(void *arg)
{
    texts_t *texts = arg;
    ldap_reply_t *reply = texts->reply;
    str_t matched = str_from_c(texts->parts->matched);
    str_t diagnostic = str_from_c(texts->parts->diagnostic);

    if (texts->entry) {
        const ldap_entry_t **entries = arena_new_of(texts->mem, const ldap_entry_t *);

        entries[0] = texts->entry;
        reply->entries = entries;
        reply->n_entries = 1;
    }
    if (texts->parts->data)
        reply->data = str_dup(texts->mem,
                              str_from(texts->parts->data->bv_val, texts->parts->data->bv_len));
    if (!str_is_empty(matched))
        reply->matched = str_dup(texts->mem, matched);
    if (!str_is_empty(diagnostic))
        reply->diagnostic = str_dup(texts->mem, diagnostic);
}

/* RFC 4527 §3.2: the control's value is a SearchResultEntry. */
static ldap_entry_t *
post_read_entry(const LDAPControl *control, arena_t *mem)
{
    CLEANUP(reader_cleanup) reader_t reader = {.mem = mem};
    ldap_entry_t *entry = NULL;
    struct berval value = control->ldctl_value;

    reader.ber = ber_alloc_t(LBER_USE_DER);
    if (!reader.ber || !value.bv_val)
        return NULL;
    ber_init2(reader.ber, &value, 0);
    if (ber_scanf(reader.ber, "{m{", &reader.dn) == LBER_ERROR ||
        read_entry(&reader, &entry) != LDAP_DECODED)
        return NULL;
    return entry;
}

static ldap_entry_t *
find_post_read(LDAPControl **controls, arena_t *mem)
{
    const LDAPControl *control =
        controls ? ldap_control_find(oid_post_read, controls, NULL) : NULL;

    return control ? post_read_entry(control, mem) : NULL;
}

ldap_decoded_t
ldap_decode_result(LDAP *handle, LDAPMessage *message, arena_t *mem, ldap_reply_t *ret_reply)
{
    CLEANUP(parts_cleanup) parts_t parts = {NULL, NULL, NULL, NULL};
    texts_t texts = {.parts = &parts, .mem = mem, .reply = ret_reply};
    int code = 0;

    if (ldap_parse_result(handle, message, &code, &parts.matched, &parts.diagnostic, NULL,
                          &parts.controls, 0) != LDAP_SUCCESS)
        return LDAP_DECODE_BROKEN;
    *ret_reply = (ldap_reply_t){.fate = LDAP_ANSWERED,
                                .code = code,
                                .matched = STR(""),
                                .diagnostic = STR(""),
                                .data = STR("")};
    if (ldap_msgtype(message) == LDAP_RES_EXTENDED &&
        ldap_parse_extended_result(handle, message, NULL, &parts.data, 0) != LDAP_SUCCESS)
        return LDAP_DECODE_BROKEN;
    texts.entry = find_post_read(parts.controls, mem);
    /* When the arena is full, what was copied so far is whole and the rest stays empty. */
    return arena_guard(mem, copy_texts, &texts) ? LDAP_DECODED : LDAP_DECODE_EXHAUSTED;
}
