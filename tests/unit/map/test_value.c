/* SPDX-License-Identifier: Apache-2.0 */
#include "map/value.h"

#include "map/index.h"
#include "support/suite_run.h"
#include "unit/map/sample.h"

#include <check.h>

static arena_t *mem;
static const map_t *people;

static void
setup(void)
{
    mem = arena_new(0);
    ck_assert_ptr_nonnull(mem);
    people = sample_map(mem, "people");
}

static void
teardown(void)
{
    arena_free(mem);
}

static map_slot_t
find_slot(const char *ldap)
{
    static const char *const types[] = {"User", "Group"};

    for (size_t t = 0; t < ARRAY_SIZE(types); t++) {
        const map_type_t *type = sample_type(people, types[t]);

        for (size_t i = 0; i < type->n_slots; i++)
            if (str_ieq(type->slots[i].ldap, str_from_c(ldap)))
                return type->slots[i];
    }
    ck_abort_msg("no slot for %s", ldap);
}

/* A slot for `ldap`, converting otherwise than the map says where `as` is not MAP_AS_STRING. */
static map_slot_t
make_slot(const char *ldap, map_as_t as)
{
    map_slot_t slot = find_slot(ldap);

    if (as == MAP_AS_STRING)
        return slot;
    slot.as = as;
    slot.ldap_type = ldap_schema_get(people->schema, as == MAP_AS_BOOLEAN   ? STR("scimVisible")
                                                     : as == MAP_AS_INTEGER ? STR("uidNumber")
                                                     : as == MAP_AS_TIME ? STR("scimDeletedAt")
                                                     : as == MAP_AS_BASE64 ? STR("userPassword")
                                                                           : slot.ldap);
    return slot;
}

typedef struct {
    const char *name, *ldap;
    map_as_t as;
    const char *json; /* ' stands for "; NULL: cannot be shown */
    const char *value;
    const char *error; /* of the way to LDAP */
} row_t;

static const row_t both_ways[] = {
    {"string", "title", MAP_AS_STRING, "'Head of  R&D '", "Head of  R&D ", NULL},
    {"string beyond ASCII", "title", MAP_AS_STRING, "'Büro €'", "Büro €", NULL},
    {"true", "title", MAP_AS_BOOLEAN, "true", "TRUE", NULL},
    {"false", "title", MAP_AS_BOOLEAN, "false", "FALSE", NULL},
    {"integer", "title", MAP_AS_INTEGER, "-42", "-42", NULL},
    {"time", "title", MAP_AS_TIME, "'2026-01-01T10:00:00Z'", "20260101100000Z", NULL},
    {"time with fraction", "title", MAP_AS_TIME, "'2026-01-01T10:00:00.25Z'",
     "20260101100000.25Z", NULL},
    {"base64", "title", MAP_AS_BASE64, "'AAECAw=='", NULL, NULL},
    {"base64, one more", "title", MAP_AS_BASE64, "'YWJj'", "abc", NULL},
    {"base64, two", "title", MAP_AS_BASE64, "'YWI='", "ab", NULL},
    {"postal address", "postalAddress", MAP_AS_STRING, "'1 Main\\nBox $5\\nA\\\\B'",
     "1 Main$Box \\245$A\\5cB", NULL},
    {"reference", "manager", MAP_AS_STRING, "'" ANNA_ID "'", ANNA_DN, NULL},
    {"member that is a group", "member", MAP_AS_STRING, "'" STAFF_ID "'", STAFF_DN, NULL},
};

static const row_t to_ldap[] = {
    {"offset", "title", MAP_AS_TIME, "'2026-01-01T12:00:00+02:00'", "20260101100000Z", NULL},
    {"password", "userPassword", MAP_AS_STRING, "'s3cret '", "s3cret ", NULL},
    {"password in braces", "userPassword", MAP_AS_STRING, "'{1}x'", "{1}x", NULL},
    {"password, a brace", "userPassword", MAP_AS_STRING, "'{SSHA'", "{SSHA", NULL},
    {"password, braces later", "userPassword", MAP_AS_STRING, "'a{SSHA}x'", "a{SSHA}x", NULL},
    {"password, a blank in braces", "userPassword", MAP_AS_STRING, "'{a b}c'", "{a b}c", NULL},
    {"password hashed", "userPassword", MAP_AS_STRING, "'{SSHA}x'", NULL, "hash scheme"},
    {"password in clear", "userPassword", MAP_AS_STRING, "'{cleartext}x'", NULL, "hash scheme"},
    {"password, scheme with digits", "userPassword", MAP_AS_STRING, "'{PBKDF2-SHA512}x'", NULL,
     "hash scheme"},
    {"empty", "title", MAP_AS_STRING, "''", NULL, "title: the directory cannot hold an empty"},
    {"outside IA5", "mail", MAP_AS_STRING, "'é@x'", NULL, "IA5 String"},
    {"number for a string", "title", MAP_AS_STRING, "true", NULL, "expected a string"},
    {"string for a boolean", "title", MAP_AS_BOOLEAN, "'true'", NULL, "expected a boolean"},
    {"fraction for an integer", "title", MAP_AS_INTEGER, "1.5", NULL, "a whole number"},
    {"no time", "title", MAP_AS_TIME, "'noon'", NULL, "no dateTime"},
    {"base64, length", "title", MAP_AS_BASE64, "'AAA'", NULL, "not base64"},
    {"base64, sign", "title", MAP_AS_BASE64, "'AA*='", NULL, "not base64"},
    {"base64, pad within", "title", MAP_AS_BASE64, "'AA==AAAA'", NULL, "not base64"},
    {"base64, spare bits", "title", MAP_AS_BASE64, "'AAE='", "", NULL},
    {"base64, spare bits set", "title", MAP_AS_BASE64, "'AAF='", NULL, "not base64"},
    {"unknown reference", "manager", MAP_AS_STRING, "'x'", NULL, "no User with id \"x\""},
    {"reference of another scope", "manager", MAP_AS_STRING, "'" STAFF_ID "'", NULL, "no User"},
    {"unknown member", "member", MAP_AS_STRING, "'x'", NULL, "no User or Group with id \"x\""},
};

static const row_t to_scim[] = {
    {"not UTF-8", "title", MAP_AS_STRING, NULL, "\xff\xfe", NULL},
    {"boolean, small", "title", MAP_AS_BOOLEAN, "true", "true", NULL},
    {"boolean, other", "title", MAP_AS_BOOLEAN, NULL, "yes", NULL},
    {"integer, other", "title", MAP_AS_INTEGER, NULL, "0x10", NULL},
    {"time, minutes", "title", MAP_AS_TIME, "'2026-01-01T10:00:00Z'", "202601011000Z", NULL},
    {"time, other", "title", MAP_AS_TIME, NULL, "noon", NULL},
    {"password", "userPassword", MAP_AS_STRING, NULL, "s3cret", NULL},
    {"DN of nobody", "member", MAP_AS_STRING, NULL, "cn=nobody", NULL},
    {"DN, other spelling", "member", MAP_AS_STRING, "'" ANNA_ID "'",
     "UID=Anna, OU=users, OU=people, DC=example, DC=com", NULL},
    {"DN out of scope", "manager", MAP_AS_STRING, NULL, STAFF_DN, NULL},
    {"postal, escape in capitals", "postalAddress", MAP_AS_STRING, "'a\\\\b'", "a\\5Cb", NULL},
    {"postal, stray backslash", "postalAddress", MAP_AS_STRING, "'a\\\\b'", "a\\b", NULL},
};

static void
check_to_ldap(const row_t *row)
{
    map_slot_t slot = make_slot(row->ldap, row->as);
    err_t err = ERR_INIT;
    str_t value = STR("untouched");
    bool done = map_value_to_ldap(mem, &slot, sample_json(mem, row->json),
                                  sample_links(mem, people), &value, &err);

    if (row->error) {
        ck_assert_msg(!done, "%s is %s", row->name, value.p);
        ck_assert_int_eq(err.kind, ERR_INVALID_VALUE);
        ck_assert_msg(str_find(err_detail(&err), str_from_c(row->error)) < err_detail(&err).n,
                      "%s: %s", row->name, err.detail);
        ck_assert(str_eq(value, STR("untouched")));
        return;
    }
    ck_assert_msg(done, "%s: %s", row->name, err.detail);
    if (row->value && *row->value)
        ck_assert_msg(str_eq(value, str_from_c(row->value)), "%s: %.*s", row->name,
                      STR_ARG(value));
}

static void
check_to_scim(const row_t *row, str_t value)
{
    map_slot_t slot = make_slot(row->ldap, row->as);
    const json_t *json = map_value_to_scim(mem, &slot, value, sample_links(mem, people));

    if (!row->json) {
        ck_assert_msg(json == NULL, "%s is shown", row->name);
        return;
    }
    ck_assert_msg(json != NULL, "%s is not shown", row->name);
    ck_assert_msg(json_eq(json, sample_json(mem, row->json)), "%s: %s", row->name,
                  sample_text(mem, json).p);
}

START_TEST(test_both_ways)
{
    const row_t *row = &both_ways[_i];

    check_to_ldap(row);
    check_to_scim(row, row->value ? str_from_c(row->value) : str_from("\0\1\2\3", 4));
}
END_TEST

START_TEST(test_to_ldap)
{
    check_to_ldap(&to_ldap[_i]);
}
END_TEST

START_TEST(test_to_scim)
{
    check_to_scim(&to_scim[_i], str_from_c(to_scim[_i].value));
}
END_TEST

START_TEST(test_no_links)
{
    map_slot_t slot = find_slot("manager");
    err_t err = ERR_INIT;
    str_t value;

    ck_assert(
        !map_value_to_ldap(mem, &slot, sample_json(mem, "'" ANNA_ID "'"), NULL, &value, &err));
    ck_assert_ptr_null(map_value_to_scim(mem, &slot, STR(ANNA_DN), NULL));
}
END_TEST

/* More keys than the first table holds, each found again. */
START_TEST(test_index)
{
    map_index_t index = {.n = 0};
    bool is_new;

    ck_assert_ptr_null(map_index_find(&index, STR("1")));
    for (int i = 0; i < 1000; i++) {
        *map_index_get(mem, &index, str_printf(mem, "%d", i), &is_new) = (size_t)i;
        ck_assert(is_new);
    }
    for (int i = 0; i < 1000; i++) {
        ck_assert_uint_eq(*map_index_find(&index, str_printf(mem, "%d", i)), (size_t)i);
        (void)map_index_get(mem, &index, str_printf(mem, "%d", i), &is_new);
        ck_assert(!is_new);
    }
    ck_assert_uint_eq(index.n, 1000);
}
END_TEST

/* In quotation marks, two bytes each, the lower first; what lies beyond takes two such. */
START_TEST(test_unicode_password)
{
    static const char expected[] = "\"\0p\0\xe4\0\x3d\xd8\0\xde\"\0";
    const map_slot_t slots[] = {{.ldap = STR("UnicodePwd")}, {.ldap = STR("userPassword")}};
    str_t password = STR("p\xc3\xa4\xf0\x9f\x98\x80");

    ck_assert(str_eq(map_password_value(mem, &slots[0], password),
                     str_from(expected, sizeof(expected) - 1)));
    ck_assert(str_eq(map_password_value(mem, &slots[1], password), password));
}
END_TEST

int
main(void)
{
    Suite *suite = suite_create("map/value");
    TCase *tests = tcase_create("values");

    tcase_add_checked_fixture(tests, setup, teardown);
    tcase_add_loop_test(tests, test_both_ways, 0, (int)ARRAY_SIZE(both_ways));
    tcase_add_loop_test(tests, test_to_ldap, 0, (int)ARRAY_SIZE(to_ldap));
    tcase_add_loop_test(tests, test_to_scim, 0, (int)ARRAY_SIZE(to_scim));
    tcase_add_test(tests, test_no_links);
    tcase_add_test(tests, test_index);
    tcase_add_test(tests, test_unicode_password);
    suite_add_tcase(suite, tests);
    return suite_run(suite);
}
