/* SPDX-License-Identifier: Apache-2.0 */
#include "map/anchor.h"
#include "support/suite_run.h"

#include <check.h>

static arena_t *mem;

static void
setup(void)
{
    mem = arena_new(0);
    ck_assert_ptr_nonnull(mem);
}

static void
teardown(void)
{
    arena_free(mem);
}

#define UUID "01234567-89ab-cdef-0123-456789abcdef"
#define NS_UNIQUE_ID "01234567-89abcdef-01234567-89abcdef"
/* The same GUID as the directory holds it. */
#define GUID "\x67\x45\x23\x01\xab\x89\xef\xcd\x01\x23\x45\x67\x89\xab\xcd\xef"

static const struct {
    map_anchor_form_t form;
    const char *id;
    bool good;
} ids[] = {
    {MAP_ANCHOR_UUID, UUID, true},
    {MAP_ANCHOR_UUID, "01234567-89AB-CDEF-0123-456789ABCDEF", true},
    {MAP_ANCHOR_UUID, "0123456789abcdef0123456789abcdef", false},
    {MAP_ANCHOR_UUID, "01234567-89ab-cdef-0123-456789abcde", false},
    {MAP_ANCHOR_UUID, "01234567-89ab-cdef-0123-456789abcdef0", false},
    {MAP_ANCHOR_UUID, "g1234567-89ab-cdef-0123-456789abcdef", false},
    {MAP_ANCHOR_UUID, "01234567-89ab-cdef-0123", false},
    {MAP_ANCHOR_UUID, NS_UNIQUE_ID, false},
    {MAP_ANCHOR_UUID, "*", false},
    {MAP_ANCHOR_UUID, "", false},
    {MAP_ANCHOR_NS_UNIQUE_ID, NS_UNIQUE_ID, true},
    {MAP_ANCHOR_NS_UNIQUE_ID, UUID, false},
    {MAP_ANCHOR_GUID, UUID, true},
    {MAP_ANCHOR_GUID, NS_UNIQUE_ID, false},
};

static str_t
own_text(map_anchor_form_t form)
{
    return str_from_c(form == MAP_ANCHOR_NS_UNIQUE_ID ? NS_UNIQUE_ID : UUID);
}

START_TEST(test_id)
{
    const map_dialect_t dialect = {.anchor = STR("anchor"), .anchor_form = ids[_i].form};
    const map_t map = {.dialect = &dialect};
    unsigned char bytes[MAP_ANCHOR_SIZE];
    str_t id = str_from_c(ids[_i].id);
    bool good = map_anchor_pack(&map, id, bytes);

    ck_assert_msg(good == ids[_i].good, "\"%s\"", ids[_i].id);
    ck_assert(ldap_filter_is_false(map_anchor_is(mem, &map, id)) == !good);
    ck_assert(!good || str_eq(map_anchor_unpack(mem, &map, bytes), own_text(ids[_i].form)));
}
END_TEST

static const struct {
    map_anchor_form_t form;
    str_t value; /* as the directory has it */
    const char *id, *filter;
} values[] = {
    {MAP_ANCHOR_UUID, STR_INIT(UUID), UUID, "(anchor=" UUID ")"},
    {MAP_ANCHOR_NS_UNIQUE_ID, STR_INIT(NS_UNIQUE_ID), NS_UNIQUE_ID,
     "(anchor=" NS_UNIQUE_ID ")"},
    {MAP_ANCHOR_GUID, STR_INIT(GUID), UUID,
     "(anchor=gE#\\01\\ab\\89\\ef\\cd\\01#Eg\\89\\ab\\cd\\ef)"},
    {MAP_ANCHOR_GUID, STR_INIT("short"), NULL, NULL},
};

/* The id of an entry finds it again. */
START_TEST(test_value)
{
    const map_dialect_t dialect = {.anchor = STR("anchor"), .anchor_form = values[_i].form};
    const map_t map = {.dialect = &dialect};
    ldap_entry_t entry = {.dn = STR("cn=x")};
    str_t id;

    ck_assert(!map_anchor_of(mem, &map, &entry, &id));
    ldap_entry_add(mem, &entry, STR("ANCHOR"), values[_i].value);
    ck_assert(map_anchor_of(mem, &map, &entry, &id) == (values[_i].id != NULL));
    if (!values[_i].id)
        return;
    ck_assert(str_eq(id, str_from_c(values[_i].id)));
    id = ldap_filter_format(mem, map_anchor_is(mem, &map, id));
    ck_assert_msg(str_eq(id, str_from_c(values[_i].filter)), "%.*s", STR_ARG(id));
}
END_TEST

int
main(void)
{
    Suite *suite = suite_create("map/anchor");
    TCase *tests = tcase_create("forms");

    tcase_add_checked_fixture(tests, setup, teardown);
    tcase_add_loop_test(tests, test_id, 0, (int)ARRAY_SIZE(ids));
    tcase_add_loop_test(tests, test_value, 0, (int)ARRAY_SIZE(values));
    suite_add_tcase(suite, tests);
    return suite_run(suite);
}
