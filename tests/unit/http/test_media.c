/* SPDX-License-Identifier: Apache-2.0 */
#include "http/media.h"
#include "support/suite_run.h"

#include <check.h>

/* --- Accept ----------------------------------------------------------------------------- */

typedef struct {
    const char *name, *accept;
    media_t media;
} accept_t;

static const accept_t accepts[] = {
    /* RFC 9110 §12.5.1: without the header any type will do. */
    {"absent", "", MEDIA_SCIM},
    {"blank", " \t", MEDIA_SCIM},
    {"anything", "*/*", MEDIA_SCIM},
    /* RFC 7644 §3.1, §3.8. */
    {"scim", "application/scim+json", MEDIA_SCIM},
    {"json", "application/json", MEDIA_JSON},
    {"both", "application/json, application/scim+json", MEDIA_SCIM},
    {"any application", "application/*", MEDIA_SCIM},
    /* RFC 9110 §8.3.1: types, subtypes and parameter names in any case. */
    {"capitals", "Application/JSON", MEDIA_JSON},
    {"other types too", "text/html, application/json;q=0.9", MEDIA_JSON},
    {"other types alone", "text/html, application/xml", MEDIA_NONE},
    {"text of any kind", "text/*", MEDIA_NONE},
    {"a longer subtype", "application/jsonp", MEDIA_NONE},
    {"another suffix", "application/vnd.api+json", MEDIA_NONE},
    {"browser", "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8", MEDIA_SCIM},
    /* RFC 9110 §12.4.2: weights. */
    {"json preferred", "application/scim+json;q=0.5, application/json", MEDIA_JSON},
    {"scim preferred", "application/scim+json, application/json;q=0.999", MEDIA_SCIM},
    {"both alike", "application/json;q=0.5,application/scim+json;q=0.5", MEDIA_SCIM},
    {"nothing of it", "application/json;q=0", MEDIA_NONE},
    {"nothing of it, in full", "application/json;q=0.000", MEDIA_NONE},
    {"hardly", "application/json;q=0.001", MEDIA_JSON},
    {"Q", "application/scim+json;Q=0, application/json", MEDIA_JSON},
    {"blanks", "application/scim+json ; q=0.1 , application/json ; q=0.2", MEDIA_JSON},
    {"a weight without its zero", "application/scim+json;q=.1, application/json;q=.2",
     MEDIA_JSON},
    {"a weight that is none", "application/json;q=high", MEDIA_NONE},
    {"a weight above one", "application/json;q=1.5", MEDIA_NONE},
    {"a weight too long", "application/json;q=0.1234", MEDIA_NONE},
    {"an empty weight", "application/json;q=", MEDIA_NONE},
    /* RFC 9110 §12.5.1: the most specific range decides, wherever it stands. */
    {"all but scim", "*/*, application/scim+json;q=0", MEDIA_JSON},
    {"all but those", "*/*;q=1, application/*;q=0", MEDIA_NONE},
    {"those but not others", "application/json, */*;q=0", MEDIA_JSON},
    {"the type before its range", "application/json;q=0.1, application/*;q=0.9", MEDIA_SCIM},
    {"said twice", "application/json;q=0, application/json", MEDIA_JSON},
    /* RFC 8259 §8.1: UTF-8, no other. */
    {"charset", "application/json; charset=utf-8", MEDIA_JSON},
    {"charset in quotes", "application/json;charset=\"UTF-8\";q=0.5", MEDIA_JSON},
    {"another charset", "application/json;charset=iso-8859-1", MEDIA_NONE},
    {"another charset or any", "application/json;charset=latin1, */*;q=0.1", MEDIA_SCIM},
    {"a parameter of no meaning", "application/json;odata=verbose", MEDIA_JSON},
    {"a comma in quotes", "text/x;a=\"application/json, \", application/xml", MEDIA_NONE},
    {"an escaped quote", "text/x;a=\"\\\", application/json, \"", MEDIA_NONE},
    {"a quote without end", "text/x;a=\", application/json", MEDIA_NONE},
    /* What is none is passed over. */
    {"a star alone", "text/html, *; q=.2, */*; q=.2", MEDIA_SCIM},
    {"a word", "json", MEDIA_NONE},
    {"empty elements", ",, ,application/json,", MEDIA_JSON},
    {"commas alone", ",,", MEDIA_NONE},
};

START_TEST(an_accept)
{
    const accept_t *row = &accepts[_i];
    media_t media = media_choose(str_from_c(row->accept));

    ck_assert_msg(media == row->media, "%s: %d", row->name, (int)media);
}
END_TEST

/* --- Content-Type ----------------------------------------------------------------------- */

typedef struct {
    const char *name, *type;
    bool good;
} type_t;

static const type_t types[] = {
    {"scim", "application/scim+json", true},
    {"json", "application/json", true},
    {"capitals", "APPLICATION/Scim+JSON", true},
    {"charset", "application/scim+json; charset=utf-8", true},
    {"charset without blank, in capitals", "application/json;Charset=UTF-8", true},
    {"charset in quotes", "application/json; charset=\"utf-8\"", true},
    {"charset without dash", "application/json; charset=utf8", true},
    {"another charset", "application/json; charset=iso-8859-1", false},
    {"an empty charset", "application/json; charset=", false},
    {"UTF-16", "application/scim+json; charset=utf-16", false},
    {"another parameter", "application/json; version=1", true},
    {"nothing behind the semicolon", "application/json;", true},
    {"blanks", "  application/json  ", true},
    {"absent", "", false},
    {"text", "text/plain", false},
    {"a form", "application/x-www-form-urlencoded", false},
    {"merge patch", "application/merge-patch+json", false},
    {"a range", "application/*", false},
    {"two", "application/json, application/json", false},
    {"a longer one", "application/jsonx", false},
};

START_TEST(a_type)
{
    const type_t *row = &types[_i];
    err_t err = ERR_INIT;

    ck_assert_msg(media_check(str_from_c(row->type), &err) == row->good, "%s", row->name);
    ck_assert_int_eq(err.kind, row->good ? ERR_NONE : ERR_MEDIA_TYPE);
}
END_TEST

START_TEST(names)
{
    ck_assert(str_eq(media_name(MEDIA_SCIM), STR("application/scim+json")));
    ck_assert(str_eq(media_name(MEDIA_JSON), STR("application/json")));
}
END_TEST

int
main(void)
{
    Suite *suite = suite_create("media");
    TCase *tcase = tcase_create("media");

    tcase_add_loop_test(tcase, an_accept, 0, ARRAY_SIZE(accepts));
    tcase_add_loop_test(tcase, a_type, 0, ARRAY_SIZE(types));
    tcase_add_test(tcase, names);
    suite_add_tcase(suite, tcase);
    return suite_run(suite);
}
