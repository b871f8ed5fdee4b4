/* SPDX-License-Identifier: Apache-2.0 */
#include "http/auth.h"
#include "support/suite_run.h"

#include <check.h>

enum { NOW = 1000 };

static const str_t people[] = {STR_INIT("people"), STR_INIT("ideo")};

/* The secrets are the tokens' names. */
static auth_token_t items[] = {
    {.name = STR_INIT("all")},
    {.name = STR_INIT("people"), .connectors = people, .n_connectors = 2},
    {.name = STR_INIT("expired"), .expires_s = NOW},
    {.name = STR_INIT("lasting"), .expires_s = NOW + 1},
};
static const auth_tokens_t tokens = {items, ARRAY_SIZE(items)};

typedef struct {
    const char *header, *connector, *token; /* NULL: refused */
} row_t;

static const row_t rows[] = {
    {"Bearer all", "people", "all"},
    {"bearer all", "people", "all"},
    {"BEARER   all  ", "anything", "all"},
    {"Bearer people", "people", "people"},
    {"Bearer people", "ideo", "people"},
    {"Bearer people", "other", NULL},
    {"Bearer people", "peopl", NULL},
    {"Bearer people", "", NULL},
    {"Bearer expired", "people", NULL},
    {"Bearer lasting", "people", "lasting"},
    {"Bearer unknown", "people", NULL},
    {"Bearer ALL", "people", NULL},
    {"Bearer all x", "people", NULL},
    {"Bearer ", "people", NULL},
    {"Bearer", "people", NULL},
    {"Bearerall", "people", NULL},
    {"Basic all", "people", NULL},
    {"all", "people", NULL},
    {"", "people", NULL},
};

START_TEST(a_header)
{
    const row_t *row = &rows[_i];
    const auth_token_t *token;

    for (size_t i = 0; i < tokens.n; i++)
        ck_assert(auth_digest(items[i].name, items[i].digest));
    token = auth_check(&tokens, str_from_c(row->header), str_from_c(row->connector), NOW);
    if (!row->token)
        ck_assert_msg(!token, "'%s' for %s", row->header, row->connector);
    else
        ck_assert_msg(token && str_eq(token->name, str_from_c(row->token)), "'%s' for %s",
                      row->header, row->connector);
}
END_TEST

START_TEST(no_tokens)
{
    const auth_tokens_t none = {NULL, 0};

    ck_assert_ptr_null(auth_check(&none, STR("Bearer all"), STR("people"), NOW));
}
END_TEST

/* FIPS 180-4's example. */
START_TEST(digest)
{
    static const uint8_t expected[AUTH_DIGEST_SIZE] = {
        0xba, 0x78, 0x16, 0xbf, 0x8f, 0x01, 0xcf, 0xea, 0x41, 0x41, 0x40,
        0xde, 0x5d, 0xae, 0x22, 0x23, 0xb0, 0x03, 0x61, 0xa3, 0x96, 0x17,
        0x7a, 0x9c, 0xb4, 0x10, 0xff, 0x61, 0xf2, 0x00, 0x15, 0xad};
    uint8_t is[AUTH_DIGEST_SIZE];

    ck_assert(auth_digest(STR("abc"), is));
    ck_assert_mem_eq(is, expected, sizeof(is));
}
END_TEST

int
main(void)
{
    Suite *suite = suite_create("auth");
    TCase *tcase = tcase_create("auth");

    tcase_add_loop_test(tcase, a_header, 0, ARRAY_SIZE(rows));
    tcase_add_test(tcase, no_tokens);
    tcase_add_test(tcase, digest);
    suite_add_tcase(suite, tcase);
    return suite_run(suite);
}
