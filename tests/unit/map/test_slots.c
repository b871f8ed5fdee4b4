/* SPDX-License-Identifier: Apache-2.0 */
/* What single slots can say: each row is a map of one or two attributes. */
#include "map/change.h"

#include "map/filter.h"
#include "map/load.h"
#include "map/to_entry.h"
#include "map/to_resource.h"
#include "support/suite_run.h"
#include "unit/map/sample.h"
#include "unit/map/slots_rows.h"

#include <check.h>
#include <string.h>

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

/* ' stands for ". */
static str_t
quoted(const char *text)
{
    char *p = arena_alloc(mem, strlen(text) + 1);

    for (size_t i = 0; i <= strlen(text); i++)
        p[i] = text[i] == '\'' ? '"' : text[i];
    return str_from_c(p);
}

#define BADGE_PARTS                      \
    "'type':'complex','subAttributes':[" \
    "{'name':'serial','type':'string'}," \
    "{'name':'floor','type':'integer'}]"
#define BADGE_SCHEMA                    \
    "{'name':'badge'," BADGE_PARTS "}," \
    "{'name':'badges','multiValued':true," BADGE_PARTS "}"

/* A user who has a name and the attributes of the row. */
static const map_t *
slots_map(const char *name, const char *slots)
{
    str_t text = str_printf(
        mem,
        "{'dialect':'openldap','schemas':{'urn:x:9:User':{'attributes':[" BADGE_SCHEMA
        "]}},'scopes':{'users':{'bases':['" SLOTS_BASE "'],"
        "'filter':'(objectClass=inetOrgPerson)'},'groups':{'bases':['ou=groups,dc=example,"
        "dc=com'],'filter':'(objectClass=groupOfNames)'}},'resources':{'User':{'scope':'users',"
        "'rdn':'uid','objectClass':['inetOrgPerson'],'auxiliary':['scimResource'],"
        "'parent':'" SLOTS_BASE "','match':['userName'],'attributes':{"
        "'userName':{'ldap':'uid','required':true}%s%s},'entry':{'cn':'{userName}',"
        "'sn':'{userName}'},'lifecycle':{'deleted':'delete'}},"
        "'Group':{'scope':'groups','rdn':'cn','objectClass':['groupOfNames'],"
        "'parent':'ou=groups,dc=example,dc=com','match':['displayName'],'attributes':{"
        "'displayName':{'ldap':'cn','required':true},"
        "'members':{'ldap':'member','reference':['users'],'missing':'drop'}},"
        "'emptyMember':'cn=nobody','lifecycle':{'deleted':'delete'}}}}",
        *slots ? "," : "", slots);
    diag_list_t diags;
    buf_t said;
    const map_t *map;

    diag_init(&diags, mem);
    map = map_load(mem, "map", quoted(text.p), ldap_schema_builtin(), &diags);
    buf_init(&said, mem, 64 * 1024);
    diag_write(&said, &diags);
    ck_assert_msg(map != NULL, "%s: %.*s", name, STR_ARG(buf_str(&said)));
    return map;
}

static void
check_text(const char *name, str_t is, const char *wanted)
{
    ck_assert_msg(str_eq(is, str_from_c(wanted)), "%s: is\n%.*s\nnot\n%s", name, STR_ARG(is),
                  wanted);
}

static void
check_refused(const char *name, bool done, const err_t *err, const char *part)
{
    ck_assert_msg(!done, "%s: not refused", name);
    ck_assert_msg(str_find(err_detail(err), str_from_c(part)) < err_detail(err).n,
                  "%s: %s\nnot %s", name, err->detail, part);
}

static const ldap_entry_t *
person(const char *more)
{
    return sample_entry(
        mem,
        str_printf(mem, "dn: uid=a," SLOTS_BASE "\nobjectClass: scimResource\nuid: a\n%s", more)
            .p);
}

/* ---- entries as resources, and back ---- */

START_TEST(test_shown)
{
    const shown_row_t *row = &shown_rows[_i];
    const map_t *map = slots_map(row->name, row->slots);
    json_t *resource = map_to_resource(mem, map, sample_type(map, "User"), person(row->entry),
                                       sample_links(mem, map), NULL, SAMPLE_URL, SAMPLE_NOW);

    json_remove(resource, STR("userName"));
    check_text(row->name, sample_text(mem, resource),
               sample_text(mem, sample_json(mem, row->resource)).p);
}
END_TEST

START_TEST(test_made)
{
    const made_row_t *row = &made_rows[_i];
    const map_t *map = slots_map(row->name, row->slots);
    json_t *resource = sample_json(mem, row->resource);
    ldap_entry_t entry;
    err_t err = ERR_INIT;
    bool done;

    json_set(mem, resource, STR("userName"), json_string(mem, STR("a")));
    done = map_to_entry(mem, map, sample_type(map, "User"), resource, sample_links(mem, map), 0,
                        SAMPLE_NOW, &entry, &err);
    if (row->error) {
        check_refused(row->name, done, &err, row->error);
        return;
    }
    ck_assert_msg(done, "%s: %s", row->name, err.detail);
    ldap_entry_remove(&entry, STR("objectClass"));
    ldap_entry_remove(&entry, STR("uid"));
    ldap_entry_remove(&entry, STR("cn"));
    ldap_entry_remove(&entry, STR("sn"));
    check_text(row->name, str_skip(sample_lines(mem, &entry), strlen("dn: uid=a," SLOTS_BASE)),
               row->entry);
}
END_TEST

/* ---- changes ---- */

START_TEST(test_changed)
{
    const changed_row_t *row = &changed_rows[_i];
    const map_t *map = slots_map(row->name, row->slots);
    const map_type_t *type = sample_type(map, "User");
    const map_links_t *links = sample_links(mem, map);
    const ldap_entry_t *entry = person(row->entry);
    json_t *before =
        map_to_resource(mem, map, type, entry, links, NULL, SAMPLE_URL, SAMPLE_NOW);
    json_t *after = json_copy(mem, before);
    scim_patch_t patch = sample_patch(mem, row->operations);
    map_change_t change;
    err_t err = ERR_INIT;
    bool done;

    ck_assert_msg(!map_change_direct(mem, map, type, &patch, links, SAMPLE_NOW, &change, &err),
                  "%s: written without a look", row->name);
    ck_assert_msg(err.kind == ERR_NONE, "%s: %s", row->name, err.detail);
    done = scim_patch_apply(mem, type->scim, after, &patch, &err) &&
           map_change_between(mem, map, type, entry, before, after, links, SAMPLE_NOW, &change,
                              &err);
    if (row->error) {
        check_refused(row->name, done, &err, row->error);
        return;
    }
    ck_assert_msg(done, "%s: %s", row->name, err.detail);
    check_text(row->name, sample_mods(mem, &change.mods), row->mods);
}
END_TEST

/* PUT of a body that names the person and nothing else. */
START_TEST(test_put)
{
    const put_row_t *row = &put_rows[_i];
    const map_t *map = slots_map(row->name, row->slots);
    const map_type_t *type = sample_type(map, "User");
    const map_links_t *links = sample_links(mem, map);
    const ldap_entry_t *entry = person(row->entry);
    json_t *before =
        map_to_resource(mem, map, type, entry, links, NULL, SAMPLE_URL, SAMPLE_NOW);
    json_t *body = sample_json(mem, row->body), *after;
    map_change_t change;
    err_t err = ERR_INIT;

    json_set(mem, body, STR("userName"), json_string(mem, STR("a")));
    after = map_put(mem, type, before, body, &err);
    ck_assert_msg(after && map_change_between(mem, map, type, entry, before, after, links,
                                              SAMPLE_NOW, &change, &err),
                  "%s: %s", row->name, err.detail);
    check_text(row->name, sample_mods(mem, &change.mods), row->mods);
}
END_TEST

/* ---- filters ---- */

START_TEST(test_asked)
{
    const asked_row_t *row = &asked_rows[_i];
    const map_t *map = slots_map(row->name, row->slots);
    err_t err = ERR_INIT;
    const scim_filter_t *filter = scim_filter_parse(mem, quoted(row->filter), 0, NULL, &err);
    const ldap_filter_t *found;

    ck_assert_msg(filter != NULL, "%s: %s", row->name, err.detail);
    found = map_filter(mem, map, sample_type(map, "User"), filter, sample_links(mem, map),
                       SAMPLE_NOW, &err);
    if (row->error) {
        check_refused(row->name, found != NULL, &err, row->error);
        return;
    }
    ck_assert_msg(found != NULL, "%s: %s", row->name, err.detail);
    check_text(row->name, ldap_filter_format(mem, found), row->ldap);
}
END_TEST

/* ---- members ---- */

START_TEST(test_unknown_member)
{
    const map_t *map = slots_map("members", "");
    json_t *resource = sample_json(mem, "{'displayName':'g','members':[{'value':'x'}]}");
    ldap_entry_t entry;
    err_t err = ERR_INIT;

    ck_assert_msg(map_to_entry(mem, map, sample_type(map, "Group"), resource,
                               sample_links(mem, map), 0, SAMPLE_NOW, &entry, &err),
                  "%s", err.detail);
    ck_assert(str_eq(ldap_entry_find(&entry, STR("member"))->values[0], STR("cn=nobody")));
}
END_TEST

int
main(void)
{
    Suite *suite = suite_create("map/slots");
    TCase *tc = tcase_create("slots");

    tcase_add_checked_fixture(tc, setup, teardown);
    tcase_add_loop_test(tc, test_shown, 0, ARRAY_SIZE(shown_rows));
    tcase_add_loop_test(tc, test_made, 0, ARRAY_SIZE(made_rows));
    tcase_add_loop_test(tc, test_changed, 0, ARRAY_SIZE(changed_rows));
    tcase_add_loop_test(tc, test_put, 0, ARRAY_SIZE(put_rows));
    tcase_add_loop_test(tc, test_asked, 0, ARRAY_SIZE(asked_rows));
    tcase_add_test(tc, test_unknown_member);
    suite_add_tcase(suite, tc);
    return suite_run(suite);
}
