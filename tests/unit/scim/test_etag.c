/* SPDX-License-Identifier: Apache-2.0 */
#include "scim/etag.h"
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
    mem = NULL;
}

/* --- headers ------------------------------------------------------------------------------ */

typedef struct {
    const char *name, *header;
    bool good, any;
    const char *has, *lacks; /* entity tags; NULL: not asked */
} header_t;

static const header_t headers[] = {
    {"absent", NULL, true, false, NULL, "\"a\""},
    /* RFC 9110 §13.1.1, §13.1.2: "*" or a list. */
    {"any", "*", true, true, "W/\"a\"", NULL},
    {"any, with blanks", " * ", true, true, "\"\"", NULL},
    {"any that there is, also without a version", "*", true, true, "", NULL},
    {"one", "\"a\"", true, false, "\"a\"", "\"b\""},
    {"several", "\"a\", \"b\",\"c\"", true, false, "\"c\"", "\"a, b\""},
    {"several, with weak ones", "W/\"a\", \"b\"", true, false, "\"a\"", "\"c\""},
    /* §8.8.3.2: the weak comparison looks at the opaque tags alone. */
    {"weak and strong", "W/\"a\"", true, false, "\"a\"", NULL},
    {"strong and weak", "\"a\"", true, false, "W/\"a\"", NULL},
    {"weak and weak", "W/\"a\"", true, false, "W/\"a\"", "W/\"A\""},
    {"no version", "\"a\"", true, false, NULL, ""},
    {"an empty tag", "\"\"", true, false, "W/\"\"", "\"a\""},
    /* §8.8.3: etagc. */
    {"a comma inside", "\"a,b\", \"c\"", true, false, "\"a,b\"", "\"a\""},
    {"a backslash inside", "\"a\\\"", true, false, "\"a\\\"", NULL},
    {"a directory's stamp", "W/\"20261120162635.391081Z#000000#000#000000\"", true, false,
     "W/\"20261120162635.391081Z#000000#000#000000\"",
     "W/\"20261120162635.391082Z#000000#000#000000\""},
    {"bytes above ASCII", "\"\xc3\xa4\"", true, false, "\"\xc3\xa4\"", NULL},
    /* §5.6.1.2: empty elements are passed over. */
    {"empty elements", ", \"a\",, \"b\",", true, false, "\"b\"", NULL},
    {"nothing", "", false, false, NULL, NULL},
    {"blanks", "  ", false, false, NULL, NULL},
    {"a comma", ",", false, false, NULL, NULL},
    {"no quotes", "a", false, false, NULL, NULL},
    {"no end", "\"a", false, false, NULL, NULL},
    {"no beginning", "a\"", false, false, NULL, NULL},
    {"single quotes", "'a'", false, false, NULL, NULL},
    {"a small w", "w/\"a\"", false, false, NULL, NULL},
    {"a blank before the quote", "W/ \"a\"", false, false, NULL, NULL},
    {"W alone", "W/", false, false, NULL, NULL},
    {"a blank inside", "\"a b\"", false, false, NULL, NULL},
    {"a control character inside", "\"a\x01\"", false, false, NULL, NULL},
    {"DEL inside", "\"a\x7f\"", false, false, NULL, NULL},
    {"no comma", "\"a\" \"b\"", false, false, NULL, NULL},
    {"any and one", "*, \"a\"", false, false, NULL, NULL},
    {"one and any", "\"a\", *", false, false, NULL, NULL},
    {"something behind", "\"a\"x", false, false, NULL, NULL},
};

START_TEST(a_header)
{
    const header_t *row = &headers[_i];
    str_t header = row->header ? str_from_c(row->header) : (str_t){.p = NULL};
    scim_etags_t etags;
    err_t err = ERR_INIT;
    bool good = scim_etags_parse(mem, "If-Match", header, &etags, &err);

    ck_assert_msg(good == row->good, "%s: %s", row->name, err.detail);
    if (!good) {
        ck_assert_int_eq(err.kind, ERR_BAD_REQUEST);
        return;
    }
    ck_assert_msg(etags.given == (row->header != NULL), "%s", row->name);
    ck_assert_msg(etags.any == row->any, "%s", row->name);
    if (row->has)
        ck_assert_msg(scim_etags_have(&etags, str_from_c(row->has)), "%s", row->name);
    if (row->lacks)
        ck_assert_msg(!scim_etags_have(&etags, str_from_c(row->lacks)), "%s", row->name);
}
END_TEST

START_TEST(many)
{
    str_t header = STR("\"0\"");
    scim_etags_t etags;
    err_t err = ERR_INIT;

    for (int i = 1; i < 200; i++)
        header = str_printf(mem, "%.*s, W/\"%d\"", STR_ARG(header), i);
    ck_assert(scim_etags_parse(mem, "If-Match", header, &etags, &err));
    ck_assert_uint_eq(etags.n, 200);
    ck_assert(scim_etags_have(&etags, STR("\"0\"")));
    ck_assert(scim_etags_have(&etags, STR("\"199\"")));
    ck_assert(!scim_etags_have(&etags, STR("\"200\"")));
}
END_TEST

/* --- tags --------------------------------------------------------------------------------- */

typedef struct {
    const char *version, *etag;
} format_t;

static const format_t formats[] = {
    {"20261120162635.391081Z#000000#000#000000",
     "W/\"20261120162635.391081Z#000000#000#000000\""},
    {"", "W/\"\""},
    {"a\"b", "W/\"a%22b\""},
    {"a b", "W/\"a%20b\""},
    {"50%", "W/\"50%25\""},
    {"a\\b", "W/\"a%5Cb\""},
    {"\xc3\xa4\n\x7f", "W/\"%C3%A4%0A%7F\""},
};

/* What we give out is understood when it comes back. */
START_TEST(a_tag)
{
    const format_t *row = &formats[_i];
    str_t etag = scim_etag_format(mem, str_from_c(row->version));
    scim_etags_t etags;
    err_t err = ERR_INIT;

    ck_assert_msg(str_eq(etag, str_from_c(row->etag)), "%.*s", STR_ARG(etag));
    ck_assert(scim_etags_parse(mem, "If-Match", etag, &etags, &err));
    ck_assert(scim_etags_have(&etags, etag));
}
END_TEST

int
main(void)
{
    Suite *suite = suite_create("scim/etag");
    TCase *tcase = tcase_create("etag");

    tcase_add_checked_fixture(tcase, setup, teardown);
    tcase_add_loop_test(tcase, a_header, 0, ARRAY_SIZE(headers));
    tcase_add_test(tcase, many);
    tcase_add_loop_test(tcase, a_tag, 0, ARRAY_SIZE(formats));
    suite_add_tcase(suite, tcase);
    return suite_run(suite);
}
