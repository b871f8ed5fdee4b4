/* SPDX-License-Identifier: Apache-2.0 */
#include "connector/links.h"
#include "support/suite_run.h"

#include <check.h>

static const map_type_t user;

START_TEST(test_pair)
{
    arena_t *mem ARENA_CLEANUP = arena_new(0);
    links_t links;
    map_link_t link;

    links_init(&links, mem);
    ck_assert(!links_know_id(&links, STR("id1")));
    ck_assert(!links.base.by_id(&links.base, STR("id1"), &link));
    links_add(&links, STR("id1"), STR("UID=a"), STR("uid=a"), &user);
    ck_assert(links_know_id(&links, STR("id1")) && links_know_id(&links, STR("ID1")));
    ck_assert(links_know_dn(&links, STR("uid=a")) && !links_know_dn(&links, STR("id1")));
    ck_assert(!links_know_id(&links, STR("uid=a")));
    ck_assert(links.base.by_id(&links.base, STR("ID1"), &link));
    ck_assert(str_eq(link.dn, STR("UID=a")) && link.type == &user);
    ck_assert(links.base.by_dn(&links.base, STR("uid=a"), &link));
    ck_assert(str_eq(link.id, STR("id1")) && link.type == &user);
}
END_TEST

START_TEST(test_missing)
{
    arena_t *mem ARENA_CLEANUP = arena_new(0);
    links_t links;
    map_link_t link;

    links_init(&links, mem);
    links_add_missing_id(&links, STR("id1"));
    links_add_missing_dn(&links, STR("uid=a"));
    ck_assert(links_know_id(&links, STR("id1")) && links_know_dn(&links, STR("uid=a")));
    ck_assert(!links.base.by_id(&links.base, STR("id1"), &link));
    ck_assert(!links.base.by_dn(&links.base, STR("uid=a"), &link));
    /* Found after all. */
    links_add(&links, STR("id1"), STR("uid=a"), STR("uid=a"), &user);
    ck_assert(links.base.by_id(&links.base, STR("id1"), &link));
    ck_assert(links.base.by_dn(&links.base, STR("uid=a"), &link));
}
END_TEST

/* Within the scopes of a slot; each entry once, however often it is found. */
START_TEST(test_name)
{
    arena_t *mem ARENA_CLEANUP = arena_new(0);
    const map_scope_t *scopes[2] = {NULL, NULL};
    const map_slot_t slot = {.references = scopes}, other = {.references = scopes + 1};
    const map_link_t ada = {STR_INIT("id1"), STR_INIT("uid=ada"), &user},
                     twin = {STR_INIT("id2"), STR_INIT("uid=ada,ou=x"), &user};
    links_t links;
    map_link_t link;

    links_init(&links, mem);
    links_add_name(&links, &slot, STR("ada"), &ada);
    ck_assert(!links_know_name(&links, &slot, STR("ada"))); /* nobody looked for it */
    links_begin_name(&links, &slot, STR("ada"));
    ck_assert(links_know_name(&links, &slot, STR("ada")));
    ck_assert(!links_know_name(&links, &slot, STR("ADA")) &&
              !links_know_name(&links, &other, STR("ada")) &&
              !links_know_id(&links, STR("ada")));
    ck_assert_uint_eq(links.base.by_name(&links.base, &slot, STR("ada"), &link), 0);
    for (int i = 0; i < 2; i++) {
        links_add_name(&links, &slot, STR("ada"), &ada);
        ck_assert_uint_eq(links.base.by_name(&links.base, &slot, STR("ada"), &link), 1);
        ck_assert(str_eq(link.id, STR("id1")));
    }
    links_add_name(&links, &slot, STR("ada"), &twin);
    ck_assert_uint_eq(links.base.by_name(&links.base, &slot, STR("ada"), &link), 2);
}
END_TEST

START_TEST(test_many)
{
    enum { MANY = 5000 };
    arena_t *mem ARENA_CLEANUP = arena_new(0);
    links_t links;

    links_init(&links, mem);
    for (int i = 0; i < MANY; i++)
        links_add(&links, str_printf(mem, "id%d", i), str_printf(mem, "UID=%d", i),
                  str_printf(mem, "uid=%d", i), &user);
    for (int i = 0; i < MANY; i++) {
        map_link_t link;

        ck_assert(links.base.by_id(&links.base, str_printf(mem, "id%d", i), &link));
        ck_assert(str_eq(link.dn, str_printf(mem, "UID=%d", i)));
        ck_assert(links.base.by_dn(&links.base, str_printf(mem, "uid=%d", i), &link));
        ck_assert(str_eq(link.id, str_printf(mem, "id%d", i)));
    }
    ck_assert(!links_know_id(&links, STR("id5000")));
}
END_TEST

int
main(void)
{
    Suite *suite = suite_create("links");
    TCase *tests = tcase_create("links");

    tcase_add_test(tests, test_pair);
    tcase_add_test(tests, test_missing);
    tcase_add_test(tests, test_name);
    tcase_add_test(tests, test_many);
    suite_add_tcase(suite, tests);
    return suite_run(suite);
}
