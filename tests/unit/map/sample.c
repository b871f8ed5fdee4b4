/* SPDX-License-Identifier: Apache-2.0 */
#include "unit/map/sample.h"

#include "map/load.h"

#include <check.h>
#include <stdio.h>
#include <stdlib.h>

enum { TEXT_MAX = 1024 * 1024 };

static str_t
read_file(arena_t *mem, const char *path)
{
    FILE *file = fopen(path, "rb");
    buf_t buf;
    int c;

    ck_assert_msg(file != NULL, "%s cannot be read", path);
    buf_init(&buf, mem, TEXT_MAX);
    while ((c = getc(file)) != EOF)
        buf_add_char(&buf, (char)c);
    fclose(file);
    return buf_str(&buf);
}

static str_t
replace(arena_t *mem, str_t text, str_t old, str_t new)
{
    size_t at = str_find(text, old);

    ck_assert_msg(at < text.n, "the map has no %.*s", STR_ARG(old));
    return str_printf(mem, "%.*s%.*s%.*s", STR_ARG(str_slice(text, 0, at)), STR_ARG(new),
                      STR_ARG(str_skip(text, at + old.n)));
}

/* What a variant replaces. "both": members are held by DN and by name, and the bridge repairs both;
 * "open": only the names, which entries elsewhere may have too. */
#define BY_DN "\"reference\": [\"users\", \"groups\"], \"missing\": \"refuse\" }"
#define BY_NAME "{ \"ldap\": \"memberUid\", \"reference\": [\"users\"], \"by\": \"uid\" }"
static const struct {
    const char *name;
    str_t old, new;
} variants[] = {
    {"bridge", STR_INIT("\"integrity\": \"server\""), STR_INIT("\"integrity\": \"bridge\"")},
    {"both", STR_INIT("\"integrity\": \"server\""), STR_INIT("\"integrity\": \"bridge\"")},
    {"both", STR_INIT("{ \"ldap\": \"member\", " BY_DN),
     STR_INIT("[{ \"ldap\": \"member\", " BY_DN ", " BY_NAME "]")},
    {"open", STR_INIT("{ \"ldap\": \"member\", " BY_DN),
     STR_INIT("[{ \"ldap\": \"member\", " BY_DN ", " BY_NAME "]")},
    {"open", STR_INIT("\"depth\": \"one\","), STR_INIT("")},
};

static str_t
make_variant(arena_t *mem, const char *name, str_t text)
{
    bool known = false;

    for (size_t i = 0; i < ARRAY_SIZE(variants); i++)
        if (strcmp(variants[i].name, name) == 0) {
            text = replace(mem, text, variants[i].old, variants[i].new);
            known = true;
        }
    ck_assert_msg(known, "no variant \"%s\"", name);
    return text;
}

const map_t *
sample_map(arena_t *mem, const char *name)
{
    const char *top = getenv("top_srcdir");
    size_t plus = str_find_char(str_from_c(name), '+');
    str_t path = str_printf(mem, "%s/conf/maps/%.*s.jsonc", top ? top : ".", (int)plus, name);
    str_t text = read_file(mem, path.p);
    diag_list_t diags;
    buf_t said;
    const map_t *map;

    diag_init(&diags, mem);
    if (name[plus])
        text = make_variant(mem, name + plus + 1, text);
    map = map_load(mem, path.p, text, ldap_schema_builtin(), &diags);
    buf_init(&said, mem, TEXT_MAX);
    diag_write(&said, &diags);
    ck_assert_msg(map != NULL, "%s", buf_str(&said).p);
    return map;
}

const map_type_t *
sample_type(const map_t *map, const char *name)
{
    const map_type_t *type = map_find_type(map, str_from_c(name));

    ck_assert_ptr_nonnull(type);
    return type;
}

/* ---- references ---- */

typedef struct {
    map_links_t links; /* first: the callbacks get its address */
    map_link_t known[3];
    str_t normal[3];
} sample_links_t;

static bool
by_id(const map_links_t *links, str_t id, map_link_t *ret_link)
{
    const sample_links_t *sample = (const void *)links;

    for (size_t i = 0; i < ARRAY_SIZE(sample->known); i++)
        if (str_eq(sample->known[i].id, id)) {
            *ret_link = sample->known[i];
            return true;
        }
    return false;
}

static bool
by_dn(const map_links_t *links, str_t normal_dn, map_link_t *ret_link)
{
    const sample_links_t *sample = (const void *)links;

    for (size_t i = 0; i < ARRAY_SIZE(sample->known); i++)
        if (str_eq(sample->normal[i], normal_dn)) {
            *ret_link = sample->known[i];
            return true;
        }
    return false;
}

const map_links_t *
sample_links(arena_t *mem, const map_t *map)
{
    static const str_t ids[] = {STR_INIT(ANNA_ID), STR_INIT(BEN_ID), STR_INIT(STAFF_ID)};
    static const str_t dns[] = {STR_INIT(ANNA_DN), STR_INIT(BEN_DN), STR_INIT(STAFF_DN)};
    sample_links_t *sample = arena_new_of(mem, sample_links_t);

    sample->links = (map_links_t){.by_id = by_id, .by_dn = by_dn};
    for (size_t i = 0; i < ARRAY_SIZE(sample->known); i++) {
        sample->known[i] = (map_link_t){
            .id = ids[i], .dn = dns[i], .type = sample_type(map, i < 2 ? "User" : "Group")};
        sample->normal[i] = ldap_dn_normal(mem, dns[i]);
    }
    return &sample->links;
}

/* ---- text ---- */

json_t *
sample_json(arena_t *mem, const char *text)
{
    str_t copy = str_dup(mem, str_from_c(text));
    char *p = arena_alloc(mem, copy.n + 1);
    err_t err = ERR_INIT;
    json_t *value;

    for (size_t i = 0; i < copy.n; i++)
        p[i] = copy.p[i];
    for (size_t i = 0; i < copy.n; i++)
        if (p[i] == '\'')
            p[i] = '"';
    value = json_parse(mem, str_from(p, copy.n), &json_limits_request, &err);
    ck_assert_msg(value != NULL, "%s: %s", text, err.detail);
    return value;
}

str_t
sample_text(arena_t *mem, const json_t *value)
{
    buf_t buf;

    buf_init(&buf, mem, TEXT_MAX);
    json_write(&buf, value);
    return buf_str(&buf);
}

scim_patch_t
sample_patch(arena_t *mem, const char *operations)
{
    str_t body =
        str_printf(mem, "{'schemas': ['%s'], 'Operations': %s}", SCIM_URN_PATCH, operations);
    scim_patch_t patch;
    err_t err = ERR_INIT;

    ck_assert_msg(scim_patch_read(mem, sample_json(mem, body.p), 1000, &patch, &err), "%s: %s",
                  operations, err.detail);
    return patch;
}

ldap_entry_t *
sample_entry(arena_t *mem, const char *text)
{
    ldap_entry_t *entry = arena_new_of(mem, ldap_entry_t);
    str_t rest = str_from_c(text);

    entry->dn = STR("");
    while (rest.n > 0) {
        str_t line = str_slice(rest, 0, str_find_char(rest, '\n'));
        size_t colon = str_find_char(line, ':');
        str_t name = str_slice(line, 0, colon), value = str_trim(str_skip(line, colon + 1));

        if (str_eq(name, STR("dn")))
            entry->dn = value;
        else
            ldap_entry_add(mem, entry, name, value);
        rest = str_skip(rest, line.n + 1);
    }
    return entry;
}

static void
add_attr(buf_t *buf, const ldap_attr_t *attr, const char *between)
{
    for (size_t i = 0; i < attr->n; i++) {
        if (i > 0)
            buf_add_c(buf, between);
        buf_add(buf, attr->values[i]);
    }
}

str_t
sample_lines(arena_t *mem, const ldap_entry_t *entry)
{
    buf_t buf;

    buf_init(&buf, mem, TEXT_MAX);
    buf_add_c(&buf, "dn: ");
    buf_add(&buf, entry->dn);
    for (size_t i = 0; i < entry->n; i++) {
        buf_add_char(&buf, '\n');
        buf_add(&buf, entry->attrs[i].name);
        buf_add_c(&buf, ": ");
        add_attr(&buf, &entry->attrs[i], " | ");
    }
    return buf_str(&buf);
}

str_t
sample_mods(arena_t *mem, const ldap_mods_t *mods)
{
    static const char *const names[] = {[LDAP_MOD_OP_ADD] = "add",
                                        [LDAP_MOD_OP_DELETE] = "delete",
                                        [LDAP_MOD_OP_REPLACE] = "replace",
                                        [LDAP_MOD_OP_INCREMENT] = "increment"};
    buf_t buf;

    buf_init(&buf, mem, TEXT_MAX);
    for (size_t i = 0; i < mods->n; i++) {
        if (i > 0)
            buf_add_c(&buf, "; ");
        buf_add_c(&buf, names[mods->mods[i].op]);
        buf_add_char(&buf, ' ');
        buf_add(&buf, mods->mods[i].attr.name);
        buf_add_c(&buf, ": ");
        add_attr(&buf, &mods->mods[i].attr, " | ");
    }
    return buf_str(&buf);
}
