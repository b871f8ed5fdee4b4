/* SPDX-License-Identifier: Apache-2.0 */
#include "scim/filter.h"

#include "scim_test.h"

enum { LENIENT = SCIM_FILTER_UNQUOTED | SCIM_FILTER_ELEMENT_EQ | SCIM_FILTER_TIGHT };

static const char *
written(const scim_filter_t *filter)
{
    buf_t buf;

    buf_init(&buf, mem, 1 << 20);
    scim_filter_write(&buf, filter);
    return str_dup_c(mem, buf_str(&buf));
}

/* ---- grammar ---- */

static const struct {
    const char *text, *canonical; /* NULL: the text itself */
} valid[] = {
    {"userName eq 'bjensen'", NULL},
    {"userName EQ 'bjensen'", "userName eq 'bjensen'"},
    {"title PR AND userType Eq 'x'", "title pr and userType eq 'x'"},
    {"  title pr  ", "title pr"},
    {"a eq 1 and b ne 1.50e3", NULL},
    {"a eq true or b eq false or c eq null", NULL},
    {"a eq 'x\\n\\'y\\\\\\u00e9'", "a eq 'x\\n\\'y\\\\\xC3\xA9'"},
    {"a pr or b pr and not (c pr)", NULL},
    {"(a pr or b pr) and c pr", NULL},
    {"a pr and b pr or c pr", NULL},
    {"((a pr))", "a pr"},
    {"( a pr )", "a pr"},
    {"a pr and (b pr and c pr)", NULL},
    {"(a pr and b pr) and c pr", "a pr and b pr and c pr"},
    {"not(a pr)", "not (a pr)"},
    {"NOT (not (a pr))", "not (not (a pr))"},
    {"not pr", NULL},
    {"and pr and or pr", NULL},
    {"emails[type eq 'work' and value co '@example.com']", NULL},
    {"emails[ (type eq 'work' or type pr) ]", "emails[type eq 'work' or type pr]"},
    {"emails[type eq 'work'].value eq 'x'", "emails[type eq 'work' and value eq 'x']"},
    {"emails[type eq 'a' or type eq 'b'].value pr",
     "emails[(type eq 'a' or type eq 'b') and value pr]"},
    {ENT ":manager.value eq 'x'", NULL},
    {"meta.lastModified gt '2011-05-13T04:42:34Z'", NULL},
    {"members.$ref sw 'https://'", NULL},
    {"a co '' and b sw '' and c ew '' and d ge 1 and e le 2 and f lt 3", NULL},
};

START_TEST(test_valid)
{
    err_t err = ERR_INIT;
    unsigned used = 99;
    const scim_filter_t *filter =
        scim_filter_parse(mem, quoted(valid[_i].text), 0, &used, &err);

    ck_assert_msg(filter != NULL, "%s: %s", valid[_i].text, err.detail);
    ck_assert_uint_eq(used, 0);
    const char *expected = valid[_i].canonical ? valid[_i].canonical : valid[_i].text;
    ck_assert_str_eq(written(filter), quoted(expected).p);
}
END_TEST

static const char *const invalid[] = {
    "",
    " ",
    "userName",
    "userName ",
    "userName eq",
    "userName eq ",
    "eq 'x'",
    "userName = 'x'",
    "userName eq bjensen",
    "userName eq `bjensen`",
    "userName eq 'x",
    "userName eq 'x\\'",
    "userName eq 'x\\q'",
    "userName eq 'x\\u0000'",
    "userName eq'x'",
    "userName eq 'x'and title pr",
    "userName eq 'x' and",
    "userName eq 'x' and ",
    "userName eq 'x' title pr",
    "userName eq 'x' xor title pr",
    "userName eq ['x']",
    "userName eq {}",
    "userName eq True",
    "userName eq 01",
    "userName eq -",
    "userName pr 'x'",
    "userName regex 'x'",
    "not userName pr",
    "not (userName pr",
    "(userName pr",
    "userName pr)",
    "(userName pr))",
    "()",
    "emails[type eq 'work'",
    "emails[]",
    "emails[type]",
    "emails[type eq 'work'].",
    "emails[type eq 'work'].value",
    "emails[type eq 'work'].value.x eq 1",
    "emails[type eq 'work'] eq 'x'",
    "emails[type eq 'work']]",
    "emails[a[b pr]]",
    "emails.value[type pr]",
    "a.b.c pr",
    "a..b pr",
    "1a pr",
    "a\tpr",
    "a pr and(b pr)",
    "a eq 'x\xFF'",
    "a\xC3\xA9 pr",
};

START_TEST(test_invalid)
{
    err_t err = ERR_INIT;
    str_t text = quoted(invalid[_i]);

    ck_assert_msg(!scim_filter_parse(mem, text, 0, NULL, &err), "%s", invalid[_i]);
    ck_assert_int_eq(err.kind, ERR_INVALID_FILTER);
    ck_assert_msg(strstr(err.detail, "byte"), "%s", err.detail);
}
END_TEST

static const struct {
    const char *text;
    unsigned leniency;
    const char *canonical; /* NULL: refused */
    unsigned used;
} lenient[] = {
    {"externalId eq jyoung", LENIENT, "externalId eq 'jyoung'", SCIM_FILTER_UNQUOTED},
    {"id eq 2819c223-7f76 and manager eq def", LENIENT,
     "id eq '2819c223-7f76' and manager eq 'def'", SCIM_FILTER_UNQUOTED},
    {"id eq a@b.c)", LENIENT, NULL, 0},
    {"(id eq a@b.c)", LENIENT, "id eq 'a@b.c'", SCIM_FILTER_UNQUOTED},
    {"active eq True", LENIENT, "active eq 'True'", SCIM_FILTER_UNQUOTED},
    {"active eq true", LENIENT, "active eq true", 0},
    {"externalId eq", LENIENT, NULL, 0},
    {"externalId eq `jyoung`", LENIENT, NULL, 0},
    {"externalId eq \xE2\x80\x9Cjyoung\xE2\x80\x9D", LENIENT, NULL, 0},
    {"externalId eq O`Neill", LENIENT, "externalId eq 'O`Neill'", SCIM_FILTER_UNQUOTED},
    {"externalId eq jyoung", SCIM_FILTER_TIGHT, NULL, 0},
    {"emails[type eq 'work'] eq 'x'", LENIENT, "emails[type eq 'work' and value eq 'x']",
     SCIM_FILTER_ELEMENT_EQ},
    {"emails[type eq 'work'] and title pr", LENIENT, "emails[type eq 'work'] and title pr", 0},
    {"emails[type eq 'work'] eq 'x'", SCIM_FILTER_UNQUOTED, NULL, 0},
    {"value eq'x'", LENIENT, "value eq 'x'", SCIM_FILTER_TIGHT},
    {"value eqx", LENIENT, NULL, 0},
    {"value eq'x'", SCIM_FILTER_UNQUOTED, NULL, 0},
};

START_TEST(test_lenient)
{
    err_t err = ERR_INIT;
    unsigned used = 0;
    const scim_filter_t *filter =
        scim_filter_parse(mem, quoted(lenient[_i].text), lenient[_i].leniency, &used, &err);

    ck_assert_msg((filter != NULL) == (lenient[_i].canonical != NULL), "%s: %s",
                  lenient[_i].text, err.detail);
    if (filter)
        ck_assert_str_eq(written(filter), quoted(lenient[_i].canonical).p);
    ck_assert_uint_eq(used, lenient[_i].used);
}
END_TEST

/* `n` times `before`, `middle`, `n` times `after`. */
static str_t
nest(const char *before, size_t n, const char *middle, const char *after)
{
    buf_t buf;

    buf_init(&buf, mem, 1 << 20);
    for (size_t i = 0; i < n; i++)
        buf_add_c(&buf, before);
    buf_add_c(&buf, middle);
    for (size_t i = 0; i < n; i++)
        buf_add_c(&buf, after);
    return str_dup(mem, buf_str(&buf));
}

START_TEST(test_limits)
{
    err_t err = ERR_INIT;
    const size_t depth = SCIM_FILTER_MAX_DEPTH, terms = SCIM_FILTER_MAX_TERMS;

    ck_assert(scim_filter_parse(mem, nest("(", depth, "a pr", ")"), 0, NULL, &err));
    ck_assert(!scim_filter_parse(mem, nest("(", depth + 1, "a pr", ")"), 0, NULL, &err));
    ck_assert(!scim_filter_parse(mem, nest("not (", depth + 1, "a pr", ")"), 0, NULL, &err));
    ck_assert(scim_filter_parse(mem, nest("a pr or ", terms - 1, "a pr", ""), 0, NULL, &err));
    ck_assert(!scim_filter_parse(mem, nest("a pr or ", terms, "a pr", ""), 0, NULL, &err));
    ck_assert(!scim_filter_parse(mem, nest("a pr or ", 100000, "a pr", ""), 0, NULL, &err));
    ck_assert_int_eq(err.kind, ERR_INVALID_FILTER);
}
END_TEST

START_TEST(test_tree)
{
    err_t err = ERR_INIT;
    const scim_filter_t *filter =
        scim_filter_parse(mem, STR("a eq 1 or b pr and not (c.d lt \"x\")"), 0, NULL, &err);

    ck_assert_int_eq(filter->kind, SCIM_F_OR);
    ck_assert_int_eq(filter->left->kind, SCIM_F_COMPARE);
    ck_assert_int_eq(filter->left->op, SCIM_EQ);
    ck_assert_int_eq(filter->left->value->kind, JSON_NUMBER);
    ck_assert_int_eq(filter->right->kind, SCIM_F_AND);
    ck_assert_int_eq(filter->right->left->kind, SCIM_F_PRESENT);
    ck_assert_uint_eq(filter->right->left->at, 10);
    const scim_filter_t *negated = filter->right->right;
    ck_assert_int_eq(negated->kind, SCIM_F_NOT);
    ck_assert_ptr_null(negated->right);
    ck_assert_int_eq(negated->left->op, SCIM_LT);
    ck_assert(str_eq(negated->left->path.sub, STR("d")));
}
END_TEST

/* ---- matching without a schema ---- */

static const char person[] =
    "{'schemas':['" SCIM_URN_USER "'],'userName':'BJensen','title':'','nickName':null,"
    "'age':41,'height':1.75,'active':true,'empty':[],'hollow':{'a':null},"
    "'name':{'familyName':'O`Malley','givenName':'Barbara'},"
    "'emails':[{'type':'work','value':'bj@Example.com','primary':true},"
    "{'type':'home','value':'babs@jensen.org'}],"
    "'tags':['red','Green'],'meta':{'lastModified':'2011-05-13T04:42:34Z'},"
    "'" ENT "':{'department':'Tours','manager':{'value':'26118915'}}}";

static const struct {
    const char *filter;
    bool matches;
} matches[] = {
    {"userName eq 'bjensen'", true},
    {"USERNAME eq 'BJENSEN'", true},
    {"userName eq 'other'", false},
    {"userName ne 'bjensen'", false},
    {"userName ne 'other'", true},
    {"absent ne 'x'", true},
    {"absent eq 'x'", false},
    {"not (absent eq 'x')", true},
    {"userName co 'JENS'", true},
    {"userName co ''", true},
    {"userName co 'bjensenx'", false},
    {"userName sw 'bj'", true},
    {"userName sw 'jensen'", false},
    {"userName ew 'SEN'", true},
    {"userName ew 'xxbjensen'", false},
    {"userName gt 'a'", true},
    {"userName lt 'BK'", true},
    {"userName ge 'bjensen'", true},
    {"userName gt 'bjensen'", false},
    {"userName pr", true},
    {"title pr", false},
    {"title eq ''", true},
    {"nickName pr", false},
    {"empty pr", false},
    {"hollow pr", false},
    {"name pr", true},
    {"absent pr", false},
    {"absent eq null", true},
    {"nickName eq null", true},
    {"empty eq null", true},
    {"userName eq null", false},
    {"userName ne null", true},
    {"absent ne null", false},
    {"userName gt null", false},
    {"age eq 41", true},
    {"age eq 41.0", true},
    {"age gt 5", true},
    {"age eq '41'", false},
    {"height lt 1.8", true},
    {"active eq true", true},
    {"active eq false", false},
    {"active ne false", true},
    {"active eq 'true'", false},
    {"active gt false", false},
    {"name.familyName co 'o`malley'", true},
    {"name eq 'Barbara'", false},
    {"emails eq 'babs@jensen.org'", true},
    {"emails co 'example.com' or emails.value co 'example.org'", true},
    {"emails.type eq 'work'", true},
    {"emails.type eq 'other'", false},
    {"emails.type ne 'work'", false},
    {"emails.primary eq true", true},
    {"emails.primary eq false", true},
    {"absent.primary eq false", false},
    {"emails[type eq 'work' and value co '@example.com']", true},
    {"emails[type eq 'home' and value co '@example.com']", false},
    {"emails[type eq 'home'].value eq 'BABS@jensen.org'", true},
    {"emails[not (type eq 'work')]", true},
    {"emails[primary pr]", true},
    {"absent[not (type eq 'work')]", false},
    {"not (emails[type eq 'fax'])", true},
    {"tags eq 'green'", true},
    {"tags[value eq 'RED']", true},
    {"tags eq 'blue'", false},
    {"schemas eq '" SCIM_URN_USER "'", true},
    {"meta.lastModified eq '2011-05-13T04:42:34.000Z'", true},
    {"meta.lastModified eq '2011-05-13T06:42:34+02:00'", true},
    {"meta.lastModified gt '2011-05-13T04:42:33.9Z'", true},
    {"meta.lastModified lt '2011-05-13T04:42:34Z'", false},
    {"meta.lastModified sw '2011'", true},
    {ENT ":department eq 'tours'", true},
    {ENT ":manager.value eq '26118915'", true},
    {ENT ":manager eq '26118915'", true},
    {ENT " pr", true},
    {SCIM_URN_USER ":userName eq 'bjensen'", true},
    {"urn:example:none:userName eq 'bjensen'", false},
    {"userName eq 'x' or title pr and userName pr", false},
    {"(userName eq 'bjensen' or title pr) and userName pr", true},
};

static const scim_filter_t *
filter_of(const char *text)
{
    err_t err = ERR_INIT;
    const scim_filter_t *filter = scim_filter_parse(mem, quoted(text), 0, NULL, &err);

    ck_assert_msg(filter != NULL, "%s: %s", text, err.detail);
    return filter;
}

START_TEST(test_match)
{
    bool got =
        scim_filter_test(mem, filter_of(matches[_i].filter), json_of(person), NULL, NULL);

    ck_assert_msg(got == matches[_i].matches, "%s", matches[_i].filter);
}
END_TEST

/* ---- matching with one ---- */

static const struct {
    const char *filter, *resource;
    bool matches;
} typed[] = {
    {"userName eq 'BJENSEN'", "{'userName':'bjensen'}", true},
    {"externalId eq 'A'", "{'externalId':'a'}", false},
    {"emails.primary eq false", "{'emails':[{'value':'a'}]}", true},
    {"emails.primary eq false", "{'emails':[{'value':'a','primary':true}]}", false},
    {"emails.primary eq false", "{'userName':'u'}", false},
    {"emails[primary eq false]", "{'emails':[{'value':'a'}]}", true},
    {"emails[primary eq false]", "{'emails':[{'value':'a','primary':true}]}", false},
    {"emails[primary pr]", "{'emails':[{'value':'a'}]}", false},
    {"externalId eq 'a'", "{'externalId':'a'}", true},
    {"department eq 'TOURS'", "{'" ENT "':{'department':'Tours'}}", true},
    {"manager eq '1'", "{'" ENT "':{'manager':{'value':'1'}}}", true},
    {"profileUrl eq 'HTTP://X'", "{'profileUrl':'http://x'}", false},
    {"nothing ne 'x'", "{}", true},
    {"schemas eq '" SCIM_URN_USER "'", "{}", true},
    {"schemas eq '" ENT "'", "{}", false},
    {"schemas eq '" ENT "'", "{'" ENT "':{'department':'x'}}", true},
    /* Only a dateTime is an instant. */
    {"title eq '2011-05-13T04:42:34.0Z'", "{'title':'2011-05-13T04:42:34Z'}", false},
    {"photos[value eq 'X']", "{'photos':[{'value':'x'}]}", false},
    {"emails[type eq 'WORK'].value sw 'A'", "{'emails':[{'type':'work','value':'a'}]}", true},
};

START_TEST(test_typed)
{
    bool got = scim_filter_test(mem, filter_of(typed[_i].filter), json_of(typed[_i].resource),
                                type_of("User"), NULL);

    ck_assert_msg(got == typed[_i].matches, "%s", typed[_i].filter);
}
END_TEST

START_TEST(test_element)
{
    const scim_attr_t *emails = scim_schema_find(type_of("User")->core, STR("emails"));
    const json_t *element = json_of("{'TYPE':'work','value':'a'}");

    ck_assert(scim_filter_test(mem, filter_of("type eq 'WORK'"), element, NULL, emails));
    ck_assert(!scim_filter_test(mem, filter_of("display pr"), element, NULL, emails));
    ck_assert(scim_filter_test(mem, filter_of("value eq 'A'"), json_of("'a'"), NULL, NULL));
}
END_TEST

static const struct {
    const char *filter;
    size_t n; /* 0: no list */
} lists[] = {
    {"value eq 'a'", 1},
    {"value eq 'a' or value eq 'b' or value eq 'c'", 3},
    {"(value eq 'a' or value eq 'b') or (value eq 'c' or VALUE eq 'd')", 4},
    {"value eq 'a' and value eq 'b'", 0},
    {"value eq 'a' or type eq 'b'", 0},
    {"value eq 'a' or value eq 1", 0},
    {"value ne 'a'", 0},
    {"value pr", 0},
};

START_TEST(test_list_values)
{
    const str_t *values;
    size_t n = 0;
    bool listed = scim_filter_list_values(mem, filter_of(lists[_i].filter), &values, &n);

    ck_assert_msg(listed == (lists[_i].n > 0), "%s", lists[_i].filter);
    ck_assert_uint_eq(n, lists[_i].n);
    if (listed)
        ck_assert(str_eq(values[0], STR("a")));
}
END_TEST

/* ---- exhaustion ---- */

typedef struct {
    arena_t *mem;
    bool parsed;
} job_t;

static void
run_job(void *arg)
{
    job_t *job = arg;
    err_t err = ERR_INIT;
    const scim_filter_t *filter = scim_filter_parse(
        job->mem, STR("emails[type eq \"work\"].value eq \"x\" and not (age gt 1)"), 0, NULL,
        &err);

    job->parsed =
        filter && !scim_filter_test(job->mem, filter, json_object(job->mem), NULL, NULL);
}

START_TEST(test_exhaustion)
{
    bool done = false;

    for (size_t n = 1; !done; n++) {
        job_t job = {.mem = arena_new(0)};

        ck_assert_uint_lt(n, 1000);
        arena_fail_after(n);
        done = arena_guard(job.mem, run_job, &job);
        arena_fail_after(0);
        ck_assert_int_eq(job.parsed, done);
        arena_free(job.mem);
    }
}
END_TEST

int
main(void)
{
    TCase *tests = tcase_create("filter");

    tcase_add_loop_test(tests, test_valid, 0, (int)ARRAY_SIZE(valid));
    tcase_add_loop_test(tests, test_invalid, 0, (int)ARRAY_SIZE(invalid));
    tcase_add_loop_test(tests, test_lenient, 0, (int)ARRAY_SIZE(lenient));
    tcase_add_test(tests, test_limits);
    tcase_add_test(tests, test_tree);
    tcase_add_loop_test(tests, test_match, 0, (int)ARRAY_SIZE(matches));
    tcase_add_loop_test(tests, test_typed, 0, (int)ARRAY_SIZE(typed));
    tcase_add_test(tests, test_element);
    tcase_add_loop_test(tests, test_list_values, 0, (int)ARRAY_SIZE(lists));
    tcase_add_test(tests, test_exhaustion);
    return run_tests(tests, "scim/filter");
}
