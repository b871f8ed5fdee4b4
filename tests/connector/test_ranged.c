/* SPDX-License-Identifier: Apache-2.0 */
/* Members that the directory shows in parts ([MS-ADTS] 3.1.1.3.1.3.3). */
#include "connector/steps.h"
#include "support/suite_run.h"

#define ID "8d2f3c1a-5b0e-103f-9a3d-0d5f1c2b3a49"
#define GROUP_DN "cn=staff,ou=groups,ou=people,dc=example,dc=com"
#define USER(n) "uid=u" n ",ou=users,ou=people,dc=example,dc=com"
#define FIRST                                                          \
    "dn: " GROUP_DN "\nentryUUID: " ID                                 \
    "\nobjectClass: groupOfNames\ncn: staff\nmember;range=0-1: " USER( \
        "0") "\nmember;range=0-1: " USER("1") "\n"
#define SECOND                                            \
    "dn: " GROUP_DN "\nmember;range=2-3: " USER("2") "\n" \
                                                     "member;range=2-3: " USER("3") "\n"
#define LAST "dn: " GROUP_DN "\nmember;range=4-*: " USER("4") "\n"
#define MEMBER "dn: " USER("4") "\nentryUUID: 00000000-5b0e-103f-9a3d-0d5f1c2b3a49\n"

/* Of the members only the last one is anybody. */
static const steps_row_t rows[] = {
    {"three parts",
     {{'s', 0, FIRST, 0}, {'s', 0, SECOND, 0}, {'s', 0, LAST, 0}, {'s', 0, MEMBER, 0}},
     200,
     NULL},
    {"the group is gone before the rest",
     {{'s', 0, FIRST, 0}, {'s', LDAP_RC_NO_SUCH_OBJECT, NULL, 0}},
     502,
     "does not exist"},
    {"the rest is not seen", {{'s', 0, FIRST, 0}, {'s', 0, NULL, 0}}, 503, "busy"},
    {"the rest does not come",
     {{'s', 0, FIRST, 0}, {'s', 0, SECOND, 0}, {'s', 0, NULL, LDAP_UNKNOWN}},
     503,
     "did not answer"},
};

static map_dialect_t dialect;
static map_t parted;

static void
set_up(void)
{
    setup();
    connector_free(connector);
    dialect = *map->dialect;
    dialect.ranges = true;
    parted = *map;
    parted.dialect = &dialect;
    connector = connector_new(STR("people"), &parted, 0, &connector_limits_default);
    ck_assert(connector != NULL);
}

static void
check_part(const char *name, const ldap_op_t *op)
{
    static const char *const expected[] = {"member;range=2-*", "member;range=4-*"};
    str_t asked = op->u.search.attrs.n == 1 ? op->u.search.attrs.names[0] : STR("");

    if (str_find(asked, STR(";range=")) == asked.n)
        return;
    ck_assert_msg(str_eq(asked, str_from_c(expected[0])) ||
                      str_eq(asked, str_from_c(expected[1])),
                  "%s: %.*s", name, STR_ARG(asked));
    ck_assert(str_eq(op->dn, STR(GROUP_DN)) && op->u.search.depth == LDAP_DEPTH_BASE);
}

START_TEST(test_rows)
{
    request_t request = {.method = METHOD_GET,
                         .route = ROUTE_RESOURCE,
                         .endpoint = STR("Groups"),
                         .id = STR(ID),
                         .base_url = STR("http://localhost"),
                         .request_id = STR("1")};
    exchange_t *exchange = exchange_begin(mem, connector, &request, 1700000000);

    steps_run(&rows[_i], exchange, check_part);
    if (rows[_i].status == 200)
        ck_assert(str_find(exchange_finish(exchange)->body, STR("00000000-5b0e")) <
                  exchange_finish(exchange)->body.n);
}
END_TEST

int
main(void)
{
    Suite *suite = suite_create("ranged");
    TCase *tests = tcase_create("rows");

    tcase_add_checked_fixture(tests, set_up, teardown);
    tcase_add_loop_test(tests, test_rows, 0, (int)ARRAY_SIZE(rows));
    suite_add_tcase(suite, tests);
    return suite_run(suite);
}
