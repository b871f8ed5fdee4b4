/* SPDX-License-Identifier: Apache-2.0 */
#include "scim/patch.h"

#include "scim/filter.h"
#include "scim_test.h"

enum { MAX_OPS = 4 };

static json_t *
body_of(const char *ops)
{
    return json_of(
        str_printf(mem, "{'schemas':['" SCIM_URN_PATCH "'],'Operations':%s}", ops).p);
}

/* ---- reading ---- */

static const struct {
    const char *name, *body;
    err_kind_t kind;
} bodies[] = {
    {"no object", "[]", ERR_INVALID_SYNTAX},
    {"no schemas", "{'Operations':[{'op':'remove','path':'title'}]}", ERR_INVALID_SYNTAX},
    {"foreign schemas",
     "{'schemas':['" SCIM_URN_USER "'],'Operations':[{'op':'remove','path':'title'}]}",
     ERR_INVALID_SYNTAX},
    {"no operations", "{'schemas':['" SCIM_URN_PATCH "']}", ERR_INVALID_SYNTAX},
    {"operations is null", "{'schemas':['" SCIM_URN_PATCH "'],'Operations':null}",
     ERR_INVALID_SYNTAX},
};

START_TEST(test_body)
{
    err_t err = ERR_INIT;
    scim_patch_t patch;

    ck_assert(!scim_patch_read(mem, json_of(bodies[_i].body), MAX_OPS, &patch, &err));
    ck_assert_msg(err.kind == bodies[_i].kind, "%s: %s", bodies[_i].name, err.detail);
}
END_TEST

static const struct {
    const char *name, *ops;
    err_kind_t kind; /* ERR_NONE: read */
} reads[] = {
    {"one of each",
     "[{'op':'add','path':'a','value':1},{'op':'replace','value':{}},{'op':'remove','path':'a'}"
     "]",
     ERR_NONE},
    {"names in any case", "[{'OP':'add','Path':'title','VALUE':'x'}]", ERR_NONE},
    {"path is null", "[{'op':'add','path':null,'value':{}}]", ERR_NONE},
    {"empty", "[]", ERR_INVALID_SYNTAX},
    {"op is no object", "['add']", ERR_INVALID_SYNTAX},
    {"op missing", "[{'path':'title','value':'x'}]", ERR_INVALID_SYNTAX},
    {"op unknown", "[{'op':'move','path':'title','value':'x'}]", ERR_INVALID_SYNTAX},
    {"op capitalised", "[{'op':'Replace','path':'title','value':'x'}]", ERR_INVALID_SYNTAX},
    {"op is no string", "[{'op':1,'path':'title','value':'x'}]", ERR_INVALID_SYNTAX},
    {"path is no string", "[{'op':'add','path':1,'value':'x'}]", ERR_INVALID_PATH},
    {"path is empty", "[{'op':'add','path':'','value':'x'}]", ERR_INVALID_PATH},
    {"path unquoted", "[{'op':'remove','path':'emails[type eq work]'}]", ERR_INVALID_FILTER},
    {"remove without path", "[{'op':'remove'}]", ERR_NO_TARGET},
    {"remove with a misspelt value", "[{'op':'remove','path':'members','values':[]}]",
     ERR_INVALID_SYNTAX},
    {"add without value", "[{'op':'add','path':'title'}]", ERR_INVALID_VALUE},
    {"replace without value", "[{'op':'replace','path':'title'}]", ERR_INVALID_VALUE},
    {"too many",
     "[{'op':'remove','path':'a'},{'op':'remove','path':'a'},{'op':'remove','path':'a'},"
     "{'op':'remove','path':'a'},{'op':'remove','path':'a'}]",
     ERR_TOO_LARGE},
};

START_TEST(test_read)
{
    err_t err = ERR_INIT;
    scim_patch_t patch;
    bool fine = scim_patch_read(mem, body_of(reads[_i].ops), MAX_OPS, &patch, &err);

    ck_assert_msg(fine == (reads[_i].kind == ERR_NONE), "%s: %s", reads[_i].name, err.detail);
    if (!fine)
        ck_assert_msg(err.kind == reads[_i].kind, "%s: %s", reads[_i].name, err.detail);
}
END_TEST

/* ---- applying ---- */

#define U "'userName':'u'"
#define WORK "{'type':'work','value':'w'}"
#define WORK1 "{'type':'work','value':'w','primary':true}"
#define HOME "{'type':'home','value':'h'}"

static const struct {
    const char *name, *type, *before, *ops;
    const char *after; /* NULL: fails with */
    err_kind_t kind;
} rows[] = {
    /* single-valued */
    {"add", "User", "{" U "}", "[{'op':'add','path':'TITLE','value':'x'}]",
     "{" U ",'title':'x'}", 0},
    {"add over another spelling", "User", "{'USERNAME':'a'}",
     "[{'op':'add','path':'username','value':'b'}]", "{'userName':'b'}", 0},
    {"add is replace", "User", "{" U ",'active':true}",
     "[{'op':'add','path':'active','value':false}]", "{" U ",'active':false}", 0},
    {"replace with null", "User", "{" U ",'title':'x'}",
     "[{'op':'replace','path':'title','value':null}]", "{" U "}", 0},
    {"add null", "User", "{" U ",'title':'x'}", "[{'op':'add','path':'title','value':null}]",
     "{" U ",'title':'x'}", 0},
    {"remove what is absent", "User", "{" U "}", "[{'op':'remove','path':'title'}]", "{" U "}",
     0},
    {"replace required with null", "User", "{" U "}",
     "[{'op':'replace','path':'userName','value':null}]", NULL, ERR_MUTABILITY},
    {"required of a group", "Group", "{'displayName':'g'}",
     "[{'op':'replace','path':'displayName','value':[]}]", NULL, ERR_MUTABILITY},
    {"wrong type", "User", "{" U "}", "[{'op':'replace','path':'active','value':'False'}]",
     NULL, ERR_INVALID_VALUE},
    {"array for a scalar", "User", "{" U "}", "[{'op':'add','path':'title','value':['x']}]",
     NULL, ERR_INVALID_VALUE},
    {"unknown", "User", "{" U "}", "[{'op':'add','path':'nothing','value':'x'}]", NULL,
     ERR_INVALID_PATH},
    {"unknown sub-attribute", "User", "{" U "}", "[{'op':'add','path':'name.x','value':'x'}]",
     NULL, ERR_INVALID_PATH},
    {"filter of a plain value", "User", "{" U ",'title':'x'}",
     "[{'op':'replace','path':'title[value eq `x`]','value':'y'}]", NULL, ERR_INVALID_PATH},
    {"filter of a plain value, removed", "User", "{" U ",'title':'x'}",
     "[{'op':'remove','path':'title[value eq `x`]'}]", NULL, ERR_INVALID_PATH},
    {"read-only", "User", "{" U "}", "[{'op':'add','path':'groups.value','value':'x'}]", NULL,
     ERR_MUTABILITY},
    {"read-only sub-attribute", "Group", "{'members':[{'value':'a'}]}",
     "[{'op':'replace','path':'members[value eq `a`].display','value':'x'}]", NULL,
     ERR_MUTABILITY},
    {"immutable sub-attribute", "Group", "{'members':[{'value':'a'}]}",
     "[{'op':'replace','path':'members[value eq `a`].value','value':'b'}]", NULL,
     ERR_MUTABILITY},
    {"immutable, the same", "Group", "{'members':[{'value':'a'}]}",
     "[{'op':'replace','path':'members[value eq `a`].value','value':'a'}]",
     "{'members':[{'value':'a'}]}", 0},
    {"schemas", "User", "{" U "}", "[{'op':'replace','path':'schemas','value':['x']}]", NULL,
     ERR_MUTABILITY},
    /* complex */
    {"replace keeps what is not named", "User",
     "{" U ",'name':{'givenName':'a','familyName':'b'}}",
     "[{'op':'replace','path':'name','value':{'FAMILYNAME':'c'}}]",
     "{" U ",'name':{'givenName':'a','familyName':'c'}}", 0},
    {"replace a part with null", "User", "{" U ",'name':{'givenName':'a','familyName':'b'}}",
     "[{'op':'replace','path':'name','value':{'givenName':null,'other':1}}]",
     "{" U ",'name':{'familyName':'b'}}", 0},
    {"remove the last part", "User", "{" U ",'name':{'givenName':'a'}}",
     "[{'op':'remove','path':'name.givenName'}]", "{" U "}", 0},
    {"string for a complex", "User", "{" U "}", "[{'op':'add','path':'name','value':'x'}]",
     NULL, ERR_INVALID_VALUE},
    {"wrong part", "User", "{" U "}", "[{'op':'add','path':'name','value':{'givenName':1}}]",
     NULL, ERR_INVALID_VALUE},
    /* extensions */
    {"extension made", "User", "{'schemas':['" SCIM_URN_USER "']," U "}",
     "[{'op':'add','path':'" ENT ":department','value':'d'}]",
     "{'schemas':['" SCIM_URN_USER "','" ENT "']," U ",'" ENT "':{'department':'d'}}", 0},
    {"extension emptied", "User",
     "{'schemas':['" SCIM_URN_USER "','" ENT "']," U ",'" ENT "':{'department':'d'}}",
     "[{'op':'remove','path':'department'}]", "{'schemas':['" SCIM_URN_USER "']," U "}", 0},
    {"no schemas, none made", "User", "{" U "}",
     "[{'op':'add','path':'department','value':'d'}]", "{" U ",'" ENT "':{'department':'d'}}",
     0},
    {"whole extension added", "User", "{" U ",'" ENT "':{'department':'d'}}",
     "[{'op':'add','path':'" ENT "','value':{'division':'v'}}]",
     "{" U ",'" ENT "':{'department':'d','division':'v'}}", 0},
    {"whole extension removed", "User", "{" U ",'" ENT "':{'department':'d'}}",
     "[{'op':'remove','path':'" ENT "'}]", "{" U "}", 0},
    {"whole extension, null", "User", "{" U ",'" ENT "':{'department':'d'}}",
     "[{'op':'replace','value':{'" ENT "':null}}]", "{" U "}", 0},
    {"whole extension, a string", "User", "{" U "}",
     "[{'op':'replace','path':'" ENT "','value':'x'}]", NULL, ERR_INVALID_VALUE},
    {"manager as a string", "User", "{" U "}",
     "[{'op':'add','path':'" ENT ":manager','value':'1'}]", NULL, ERR_INVALID_VALUE},
    {"manager selected", "User", "{" U ",'" ENT "':{'manager':{'value':'1'}}}",
     "[{'op':'remove','path':'manager[value eq `1`]'}]", "{" U "}", 0},
    {"manager not selected", "User", "{" U ",'" ENT "':{'manager':{'value':'1'}}}",
     "[{'op':'remove','path':'manager[value eq `2`]'}]",
     "{" U ",'" ENT "':{'manager':{'value':'1'}}}", 0},
    {"manager.value removed", "User", "{" U ",'" ENT "':{'manager':{'value':'1','$ref':'r'}}}",
     "[{'op':'remove','path':'manager.value'}]", "{" U "}", 0},
    /* without path */
    {"several attributes", "User", "{" U "}",
     "[{'op':'add','value':{'title':'x','NAME':{'givenName':'g'},'" ENT "':{'division':'v'}}}]",
     "{" U ",'title':'x','name':{'givenName':'g'},'" ENT "':{'division':'v'}}", 0},
    {"no object", "User", "{" U "}", "[{'op':'add','value':'x'}]", NULL, ERR_INVALID_VALUE},
    {"dotted key", "User", "{" U "}", "[{'op':'add','value':{'name.givenName':'g'}}]", NULL,
     ERR_INVALID_PATH},
    {"unknown key", "User", "{" U "}", "[{'op':'add','value':{'nothing':'g'}}]", NULL,
     ERR_INVALID_PATH},
    {"read-only key", "User", "{" U "}", "[{'op':'add','value':{'id':'g'}}]", NULL,
     ERR_MUTABILITY},
    /* multi-valued */
    {"add one more", "User", "{'emails':[" WORK "]}",
     "[{'op':'add','path':'emails','value':[" HOME "]}]", "{'emails':[" WORK "," HOME "]}", 0},
    {"add one, not in an array", "User", "{'emails':[" WORK "]}",
     "[{'op':'add','path':'emails','value':" HOME "}]", "{'emails':[" WORK "," HOME "]}", 0},
    {"add the same in other words", "User", "{'emails':[" WORK "]}",
     "[{'op':'add','path':'emails','value':[{'VALUE':'W','display':'x','type':'WORK'}]}]",
     "{'emails':[" WORK "]}", 0},
    {"add the same value of another type", "User", "{'emails':[" WORK "]}",
     "[{'op':'add','path':'emails','value':[{'value':'w','type':'home'}]}]",
     "{'emails':[" WORK ",{'value':'w','type':'home'}]}", 0},
    {"add twice the same", "User", "{" U "}",
     "[{'op':'add','path':'emails','value':[" WORK "," WORK "]}]",
     "{" U ",'emails':[" WORK "]}", 0},
    {"add nothing", "User", "{'emails':[" WORK "]}",
     "[{'op':'add','path':'emails','value':[]}]", "{'emails':[" WORK "]}", 0},
    {"members are the same by value", "Group",
     "{'members':[{'value':'a','$ref':'r','type':'User'}]}",
     "[{'op':'add','path':'members','value':[{'value':'a'},{'value':'b'}]}]",
     "{'members':[{'value':'a','$ref':'r','type':'User'},{'value':'b'}]}", 0},
    {"replace all", "User", "{'emails':[" WORK "]}",
     "[{'op':'replace','path':'emails','value':[" HOME "]}]", "{'emails':[" HOME "]}", 0},
    {"replace by nothing", "User", "{" U ",'emails':[" WORK "]}",
     "[{'op':'replace','path':'emails','value':[]}]", "{" U "}", 0},
    {"remove all", "User", "{" U ",'emails':[" WORK "]}", "[{'op':'remove','path':'emails'}]",
     "{" U "}", 0},
    {"remove with values is not understood", "Group", "{'members':[{'value':'a'}]}",
     "[{'op':'remove','path':'members','value':[{'value':'a'}]}]", NULL, ERR_INVALID_VALUE},
    {"string for an element", "User", "{" U "}", "[{'op':'add','path':'emails','value':['x']}]",
     NULL, ERR_INVALID_VALUE},
    /* value paths */
    {"remove selected", "User", "{'emails':[" WORK "," HOME "]}",
     "[{'op':'remove','path':'emails[type eq `WORK`]'}]", "{'emails':[" HOME "]}", 0},
    {"remove none selected", "User", "{'emails':[" HOME "]}",
     "[{'op':'remove','path':'emails[type eq `work`]'}]", "{'emails':[" HOME "]}", 0},
    {"remove the last selected", "User", "{" U ",'emails':[" WORK "]}",
     "[{'op':'remove','path':'emails[value pr]'}]", "{" U "}", 0},
    {"remove a list", "Group", "{'members':[{'value':'a'},{'value':'B'},{'value':'c'}]}",
     "[{'op':'remove','path':'members[value eq `A` or value eq `b` or value eq `x`]'}]",
     "{'members':[{'value':'c'}]}", 0},
    {"remove a part", "User", "{'addresses':[{'type':'work','region':'r','country':'c'}]}",
     "[{'op':'remove','path':'addresses[type eq `work`].region'}]",
     "{'addresses':[{'type':'work','country':'c'}]}", 0},
    {"remove the part that matters", "User",
     "{" U ",'emails':[{'type':'work','value':'w','display':'d'}]}",
     "[{'op':'remove','path':'emails[type eq `work`].value'}]", "{" U "}", 0},
    {"remove a part that describes", "User",
     "{'emails':[{'type':'work','value':'w','display':'d'}]}",
     "[{'op':'remove','path':'emails[type eq `work`].display'}]", "{'emails':[" WORK "]}", 0},
    {"replace selected merges", "User",
     "{'emails':[{'type':'work','value':'w','display':'d'}," HOME "]}",
     "[{'op':'replace','path':'emails[type eq `work`]','value':{'value':'x'}}]",
     "{'emails':[{'type':'work','value':'x','display':'d'}," HOME "]}", 0},
    {"replace selected by null", "User", "{'emails':[" WORK "," HOME "]}",
     "[{'op':'replace','path':'emails[type eq `work`]','value':null}]", "{'emails':[" HOME "]}",
     0},
    {"replace every selected", "User", "{'emails':[" WORK "," HOME "]}",
     "[{'op':'replace','path':'emails[value pr].display','value':'d'}]",
     "{'emails':[{'type':'work','value':'w','display':'d'},{'type':'home','value':'h','display'"
     ":"
     "'d'}]}",
     0},
    {"replace none selected", "User", "{'emails':[" HOME "]}",
     "[{'op':'replace','path':'emails[type eq `work`].value','value':'x'}]", NULL,
     ERR_NO_TARGET},
    {"add to none selected", "User", "{" U "}",
     "[{'op':'add','path':'emails[type eq `work`].value','value':'x'}]", NULL, ERR_NO_TARGET},
    {"sub-attribute of all", "User", "{'emails':[" WORK "," HOME "]}",
     "[{'op':'remove','path':'emails.type'}]", "{'emails':[{'value':'w'},{'value':'h'}]}", 0},
    {"sub-attribute of none", "User", "{" U "}",
     "[{'op':'add','path':'emails.value','value':'x'}]", "{" U ",'emails':[{'value':'x'}]}", 0},
    {"a boolean is no string", "User", "{'emails':[" WORK1 "]}",
     "[{'op':'replace','path':'emails[primary eq `True`].value','value':'x'}]", NULL,
     ERR_NO_TARGET},
    {"unknown name in the filter", "User", "{'emails':[" WORK "]}",
     "[{'op':'remove','path':'emails[nothing eq `x`]'}]", NULL, ERR_INVALID_FILTER},
    {"unknown name within", "User", "{'emails':[" WORK "]}",
     "[{'op':'remove','path':'emails[type eq `work` and not (urn:x:value eq `x`)]'}]", NULL,
     ERR_INVALID_FILTER},
    {"sub-sub-attribute in the filter", "User", "{'emails':[" WORK "]}",
     "[{'op':'replace','path':'emails[value.x pr].value','value':'x'}]", NULL,
     ERR_INVALID_FILTER},
    {"usual name that the attribute lacks", "User",
     "{'addresses':[{'type':'work','region':'r'}]}",
     "[{'op':'remove','path':'addresses[display eq `x`]'}]",
     "{'addresses':[{'type':'work','region':'r'}]}", 0},
    /* primary */
    {"primary moves on add", "User", "{'emails':[" WORK1 "]}",
     "[{'op':'add','path':'emails','value':[{'type':'home','value':'h','primary':true}]}]",
     "{'emails':[" WORK ",{'type':'home','value':'h','primary':true}]}", 0},
    {"primary moves to what is there", "User", "{'emails':[" WORK1 "," HOME "]}",
     "[{'op':'add','path':'emails','value':[{'type':'home','value':'h','primary':true}]}]",
     "{'emails':[" WORK ",{'type':'home','value':'h','primary':true}]}", 0},
    {"primary moves by value path", "User", "{'emails':[" WORK1 "," HOME "]}",
     "[{'op':'replace','path':'emails[type eq `home`].primary','value':true}]",
     "{'emails':[" WORK ",{'type':'home','value':'h','primary':true}]}", 0},
    {"primary stays", "User", "{'emails':[" WORK1 "," HOME "]}",
     "[{'op':'add','path':'emails','value':[" WORK1 "]}]", "{'emails':[" WORK1 "," HOME "]}",
     0},
    {"two primaries given", "User", "{" U "}",
     "[{'op':'add','path':'emails','value':[" WORK1
     ",{'type':'home','value':'h','primary':true}]}]",
     NULL, ERR_INVALID_VALUE},
    {"two primaries selected", "User", "{'emails':[" WORK "," HOME "]}",
     "[{'op':'replace','path':'emails[value pr].primary','value':true}]", NULL,
     ERR_INVALID_VALUE},
    /* order */
    {"in order", "User", "{" U ",'title':'a'}",
     "[{'op':'remove','path':'title'},{'op':'add','path':'title','value':'b'},"
     "{'op':'replace','path':'title','value':'c'}]",
     "{" U ",'title':'c'}", 0},
};

/* A quote within a string is written as ` here. */
static const char *
escaped(const char *text)
{
    buf_t buf;

    buf_init(&buf, mem, 1 << 16);
    for (; *text; text++)
        buf_add_c(&buf, *text == '`' ? "\\'" : (char[]){*text, 0});
    return str_dup_c(mem, buf_str(&buf));
}

START_TEST(test_apply)
{
    err_t err = ERR_INIT;
    scim_patch_t patch;
    json_t *resource = json_of(rows[_i].before);
    const char *ops = escaped(rows[_i].ops);

    ck_assert_msg(scim_patch_read(mem, body_of(ops), MAX_OPS, &patch, &err), "%s: %s",
                  rows[_i].name, err.detail);
    bool fine = scim_patch_apply(mem, type_of(rows[_i].type), resource, &patch, &err);
    ck_assert_msg(fine == (rows[_i].after != NULL), "%s: %s %s", rows[_i].name, err.detail,
                  text_of(resource));
    if (!fine) {
        ck_assert_msg(err.kind == rows[_i].kind, "%s: %s", rows[_i].name, err.detail);
        ck_assert_msg(strstr(err.detail, "operation 1") != NULL, "%s", err.detail);
    } else {
        ck_assert_msg(json_eq(resource, json_of(rows[_i].after)), "%s: %s", rows[_i].name,
                      text_of(resource));
    }
}
END_TEST

START_TEST(test_spelling)
{
    err_t err = ERR_INIT;
    scim_patch_t patch;
    json_t *resource = json_of("{'USERNAME':'u'}");

    ck_assert(scim_patch_read(
        mem, body_of("[{'op':'add','value':{'username':'v','NAME':{'GIVENNAME':'g'}}}]"), 1,
        &patch, &err));
    ck_assert(scim_patch_apply(mem, type_of("User"), resource, &patch, &err));
    ck_assert_str_eq(text_of(resource), "{\"userName\":\"v\",\"name\":{\"givenName\":\"g\"}}");
}
END_TEST

/* ---- created elements ---- */

static const struct {
    const char *filter, *after; /* NULL: noTarget */
} created[] = {
    {"type eq \\'work\\'", "{'emails':[{'type':'work','value':'x'}]}"},
    {"type eq \\'work\\' and primary eq true",
     "{'emails':[{'type':'work','primary':true,'value':'x'}]}"},
    {"value eq \\'y\\'", "{'emails':[{'value':'x'}]}"},
    {"type eq \\'work\\' or primary eq true", NULL},
    {"type ne \\'work\\'", NULL},
    {"not (type eq \\'work\\')", NULL},
    {"primary eq \\'True\\'", NULL},
    {"type pr", NULL},
};

START_TEST(test_create_element)
{
    err_t err = ERR_INIT;
    scim_patch_t patch;
    json_t *resource = json_object(mem);
    const char *ops =
        str_printf(mem, "[{'op':'replace','path':'emails[%s].value','value':'x'}]",
                   created[_i].filter)
            .p;

    ck_assert(scim_patch_read(mem, body_of(ops), 1, &patch, &err));
    patch.ops[0].create_element = true;
    bool fine = scim_patch_apply(mem, type_of("User"), resource, &patch, &err);
    ck_assert_msg(fine == (created[_i].after != NULL), "%s: %s", created[_i].filter,
                  err.detail);
    if (fine)
        ck_assert_msg(json_eq(resource, json_of(created[_i].after)), "%s", text_of(resource));
    else
        ck_assert_int_eq(err.kind, ERR_NO_TARGET);
}
END_TEST

/* ---- size ---- */

/* Lists against lists: seconds if it were their product. */
START_TEST(test_many_members)
{
    enum { N = 20000 };
    json_t *members = json_array(mem), *resource = json_object(mem);
    scim_filter_t *filter = NULL;
    err_t err = ERR_INIT;

    for (size_t i = 0; i < N; i++) {
        json_t *member = json_object(mem);
        scim_filter_t *eq = arena_new_of(mem, scim_filter_t);

        json_set(mem, member, STR("value"), json_string(mem, str_printf(mem, "m%zu", i)));
        json_append(mem, members, member);
        if (i % 2 != 0)
            continue;
        eq->kind = SCIM_F_COMPARE;
        eq->path = (scim_path_t){.text = STR("value"), .attr = STR("value")};
        eq->value = json_find(member, STR("value"));
        if (filter) {
            scim_filter_t *both = arena_new_of(mem, scim_filter_t);

            both->kind = SCIM_F_OR;
            both->left = filter;
            both->right = eq;
            eq = both;
        }
        filter = eq;
    }
    scim_op_t ops[] = {
        {.kind = SCIM_ADD, .has_path = true, .value = members},
        {.kind = SCIM_ADD, .has_path = true, .value = members},
        {.kind = SCIM_REMOVE, .has_path = true},
    };
    scim_patch_t patch = {.ops = ops, .n = ARRAY_SIZE(ops)};
    for (size_t i = 0; i < ARRAY_SIZE(ops); i++)
        ck_assert(scim_path_parse(mem, STR("members"), &ops[i].path, &err));
    ops[2].path.filter = filter;
    ck_assert(scim_patch_apply(mem, type_of("Group"), resource, &patch, &err));
    ck_assert_uint_eq(json_find(resource, STR("members"))->u.array.n, N / 2);
}
END_TEST

/* ---- exhaustion ---- */

typedef struct {
    arena_t *mem;
    bool applied;
} job_t;

static void
run_job(void *arg)
{
    static const char body[] =
        "{\"schemas\":[\"" SCIM_URN_PATCH "\"],\"Operations\":["
        "{\"op\":\"add\",\"value\":{\"name\":{\"givenName\":\"g\"},"
        "\"emails\":[{\"value\":\"a\",\"primary\":true}]}},"
        "{\"op\":\"replace\",\"path\":\"emails[value eq \\\"a\\\"].type\",\"value\":\"work\"},"
        "{\"op\":\"add\",\"path\":\"" ENT ":department\",\"value\":\"d\"},"
        "{\"op\":\"remove\",\"path\":\"emails[type eq \\\"work\\\"]\"}]}";
    job_t *job = arg;
    err_t err = ERR_INIT;
    scim_patch_t patch;
    const json_t *json = json_parse(job->mem, str_from_c(body), &json_limits_request, &err);

    job->applied =
        json && scim_patch_read(job->mem, json, MAX_OPS, &patch, &err) &&
        scim_patch_apply(job->mem, type_of("User"), json_object(job->mem), &patch, &err);
}

START_TEST(test_exhaustion)
{
    bool done = false;

    type_of("User"); /* loaded once, outside the loop */
    for (size_t n = 1; !done; n++) {
        job_t job = {.mem = arena_new(0)};

        ck_assert_uint_lt(n, 10000);
        arena_fail_after(n);
        done = arena_guard(job.mem, run_job, &job);
        arena_fail_after(0);
        ck_assert_int_eq(job.applied, done);
        arena_free(job.mem);
    }
}
END_TEST

int
main(void)
{
    TCase *tests = tcase_create("patch");

    tcase_add_loop_test(tests, test_body, 0, (int)ARRAY_SIZE(bodies));
    tcase_add_loop_test(tests, test_read, 0, (int)ARRAY_SIZE(reads));
    tcase_add_loop_test(tests, test_apply, 0, (int)ARRAY_SIZE(rows));
    tcase_add_test(tests, test_spelling);
    tcase_add_loop_test(tests, test_create_element, 0, (int)ARRAY_SIZE(created));
    tcase_add_test(tests, test_many_members);
    tcase_add_test(tests, test_exhaustion);
    return run_tests(tests, "scim/patch");
}
