/* SPDX-License-Identifier: Apache-2.0 */
/* One operation after the other on a connection to a real slapd, blocking as commands do. */
#include "unit/ldap/conn_fixture.h"

#include "support/suite_run.h"

#include <check.h>

START_TEST(add_returns_the_anchor_by_post_read)
{
    ldap_op_t op = op_add(person("post-read"));
    ldap_op_t search;
    ldap_reply_t reply, found;

    op.post_read = &anchors;
    reply = perform(&op);
    ck_assert_int_eq(reply.fate, LDAP_ANSWERED);
    ck_assert_int_eq(reply.code, LDAP_RC_SUCCESS);
    ck_assert_uint_eq(reply.n_entries, 1);
    ck_assert(str_eq(reply.entries[0]->dn, op.dn));
    ck_assert_uint_eq(value_of(reply.entries[0], "entryUUID").n, 36);
    search = op_search(people, LDAP_DEPTH_SUB, by_uid("post-read"), anchors);
    found = perform(&search);
    ck_assert_uint_eq(found.n_entries, 1);
    ck_assert(
        str_eq(value_of(found.entries[0], "entryCSN"), value_of(reply.entries[0], "entryCSN")));
}
END_TEST

START_TEST(add_of_what_exists_says_so)
{
    ldap_op_t op = op_add(person("twice"));
    ldap_reply_t reply;

    add_person("twice");
    op.post_read = &anchors;
    reply = perform(&op);
    ck_assert_int_eq(reply.code, LDAP_RC_ALREADY_EXISTS);
    ck_assert_uint_eq(reply.n_entries, 0);
}
END_TEST

START_TEST(missing_base_names_what_matched)
{
    str_t dn = str_printf(mem, "uid=a,ou=nowhere,%s", slapd.base);
    ldap_op_t op = op_search(dn, LDAP_DEPTH_BASE, NULL, (ldap_names_t){NULL, 0});
    ldap_reply_t reply = perform(&op);

    ck_assert_int_eq(reply.fate, LDAP_ANSWERED);
    ck_assert_int_eq(reply.code, LDAP_RC_NO_SUCH_OBJECT);
    ck_assert(str_eq(reply.matched, str_from_c(slapd.base)));
}
END_TEST

START_TEST(no_attributes_asked_gives_none)
{
    ldap_op_t op = op_search(people, LDAP_DEPTH_BASE, NULL, (ldap_names_t){NULL, 0});
    ldap_reply_t reply = perform(&op);

    ck_assert_uint_eq(reply.n_entries, 1);
    ck_assert_uint_eq(reply.entries[0]->n, 0);
}
END_TEST

START_TEST(size_limit_gives_what_was_seen)
{
    ldap_op_t op;
    ldap_reply_t reply;

    add_person("limit-1");
    add_person("limit-2");
    op = op_search(people, LDAP_DEPTH_SUB,
                   ldap_filter_substrings(mem, STR("uid"), STR("limit-"), STR(""), STR("")),
                   anchors);
    op.u.search.size_limit = 1;
    reply = perform(&op);
    ck_assert_int_eq(reply.code, LDAP_RC_SIZE_LIMIT);
    ck_assert_uint_eq(reply.n_entries, 1);
}
END_TEST

START_TEST(guard_decides_whether_a_modify_happens)
{
    static const struct {
        const char *name, *sn;
        int code;
        size_t n_entries;
    } rows[] = {
        {"true", "Son", LDAP_RC_SUCCESS, 1},
        {"false", "Daughter", LDAP_RC_ASSERTION_FAILED, 0},
        {"escaped", "So*)(sn=Son", LDAP_RC_ASSERTION_FAILED, 0},
    };

    add_person("guarded");
    for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
        ldap_op_t op = op_title("guarded", LDAP_MOD_OP_REPLACE, rows[i].name);
        ldap_reply_t reply;

        op.post_read = &anchors;
        op.guard = ldap_filter_and2(
            mem, ldap_filter_equal(mem, STR("sn"), str_from_c(rows[i].sn)),
            ldap_filter_not(mem, ldap_filter_present(mem, STR("scimDeletedAt"))));
        reply = perform(&op);
        ck_assert_msg(reply.code == rows[i].code, "%s: %d", rows[i].name, reply.code);
        ck_assert_uint_eq(reply.n_entries, rows[i].n_entries);
    }
}
END_TEST

START_TEST(constant_guards)
{
    ldap_op_t op = op_title("constant", LDAP_MOD_OP_REPLACE, "x");

    add_person("constant");
    op.guard = ldap_filter_true();
    ck_assert_int_eq(perform(&op).code, LDAP_RC_SUCCESS);
    op.guard = ldap_filter_false();
    ck_assert_int_eq(perform(&op).code, LDAP_RC_ASSERTION_FAILED);
}
END_TEST

START_TEST(permissive_modify_forgives_a_duplicate)
{
    ldap_op_t op = op_title("permissive", LDAP_MOD_OP_ADD, "Boss");

    add_person("permissive");
    ck_assert_int_eq(perform(&op).code, LDAP_RC_SUCCESS);
    ck_assert_int_eq(perform(&op).code, LDAP_RC_VALUE_EXISTS);
    op.permissive = true;
    ck_assert_int_eq(perform(&op).code, LDAP_RC_SUCCESS);
}
END_TEST

static ldap_entry_t *
person_with_titles(const char *uid, const char *const *titles, size_t n)
{
    ldap_entry_t *entry = person(uid);

    for (size_t i = 0; i < n; i++)
        ldap_entry_add(mem, entry, STR("title"), str_from_c(titles[i]));
    return entry;
}

START_TEST(only_values_that_match_are_returned)
{
    static const char *const titles[] = {"one", "two", "(three*)"};
    static const str_t title_name[] = {STR_INIT("title")};
    ldap_names_t attrs = {title_name, 1};
    const ldap_filter_t *two = ldap_filter_equal(mem, STR("title"), STR("two"));
    const ldap_filter_t *three = ldap_filter_equal(mem, STR("title"), STR("(three*)"));
    const struct {
        const char *name;
        const ldap_filter_t *values;
        size_t n;
    } rows[] = {
        {"all", NULL, 3},
        {"one item", two, 1},
        {"two items, escaped", ldap_filter_or2(mem, two, three), 2},
        {"none", ldap_filter_equal(mem, STR("title"), STR("four")), 0},
        {"not simple: no control", ldap_filter_and2(mem, two, three), 3},
    };
    ldap_op_t op = op_add(person_with_titles("values", titles, ARRAY_SIZE(titles)));

    ck_assert_int_eq(perform(&op).code, LDAP_RC_SUCCESS);
    for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
        ldap_op_t search = op_search(people, LDAP_DEPTH_SUB, by_uid("values"), attrs);
        const ldap_attr_t *attr;
        ldap_reply_t reply;

        search.u.search.values = rows[i].values;
        reply = perform(&search);
        ck_assert_uint_eq(reply.n_entries, 1);
        attr = ldap_entry_find(reply.entries[0], STR("title"));
        ck_assert_msg((attr ? attr->n : 0) == rows[i].n, "%s: %zu", rows[i].name,
                      attr ? attr->n : 0);
    }
}
END_TEST

START_TEST(compare_rename_delete)
{
    ldap_op_t compare = {
        .kind = LDAP_OP_COMPARE, .dn = dn_of("first"), .u.compare = {STR("sn"), STR("son")}};
    ldap_op_t rename = {.kind = LDAP_OP_RENAME,
                        .dn = dn_of("first"),
                        .post_read = &anchors,
                        .u.rename = {STR("uid=second"), STR(""), true}};
    ldap_op_t move = {.kind = LDAP_OP_RENAME,
                      .dn = dn_of("second"),
                      .u.rename = {STR("uid=second"),
                                   str_printf(mem, "ou=groups,ou=people,%s", slapd.base),
                                   false}};
    ldap_op_t delete = {.kind = LDAP_OP_DELETE,
                        .dn = str_printf(mem, "uid=second,ou=groups,ou=people,%s", slapd.base)};
    ldap_reply_t renamed;

    add_person("first");
    ck_assert_int_eq(perform(&compare).code, LDAP_RC_COMPARE_TRUE);
    compare.u.compare.value = STR("daughter");
    ck_assert_int_eq(perform(&compare).code, LDAP_RC_COMPARE_FALSE);
    renamed = perform(&rename);
    ck_assert_int_eq(renamed.code, LDAP_RC_SUCCESS);
    ck_assert(str_eq(renamed.entries[0]->dn, dn_of("second")));
    ck_assert_int_eq(perform(&move).code, LDAP_RC_SUCCESS);
    ck_assert_int_eq(perform(&delete).code, LDAP_RC_SUCCESS);
    ck_assert_int_eq(perform(&delete).code, LDAP_RC_NO_SUCH_OBJECT);
}
END_TEST

START_TEST(extended_operation_is_answered)
{
    ldap_op_t whoami = {.kind = LDAP_OP_EXTENDED,
                        .dn = STR(""),
                        .u.extended = {STR("1.3.6.1.4.1.4203.1.11.3"), STR("")}};

    ck_assert_int_eq(perform(&whoami).code, LDAP_RC_SUCCESS);
    whoami.u.extended.oid = STR("1.2.3.4");
    ck_assert_int_eq(perform(&whoami).code, LDAP_RC_PROTOCOL_ERROR);
}
END_TEST

START_TEST(values_are_bytes)
{
    static const char bytes[] = {0, 1, (char)0xff, 0, 'x'};
    static const str_t photo_name[] = {STR_INIT("jpegPhoto")};
    ldap_entry_t *entry = person("bytes");
    ldap_op_t add, search;
    ldap_reply_t reply;

    ldap_entry_add(mem, entry, STR("jpegPhoto"), str_from(bytes, sizeof(bytes)));
    add = op_add(entry);
    ck_assert_int_eq(perform(&add).code, LDAP_RC_SUCCESS);
    search = op_search(people, LDAP_DEPTH_SUB, by_uid("bytes"), (ldap_names_t){photo_name, 1});
    reply = perform(&search);
    ck_assert(str_eq(value_of(reply.entries[0], "jpegPhoto"), str_from(bytes, sizeof(bytes))));
}
END_TEST

/* libldap takes C strings, and would quietly stop at the NUL. */
START_TEST(nul_in_a_name_is_not_sent)
{
    ldap_op_t op = op_title("x", LDAP_MOD_OP_ADD, "x");

    op.dn = str_from("uid=admin\0,dc=example,dc=com", 28);
    ck_assert_int_eq(perform(&op).fate, LDAP_NOT_SENT);
    ck_assert_uint_eq(ldap_conn_outstanding(conn), 0);
}
END_TEST

START_TEST(huge_entry_goes_and_comes)
{
    enum { N = 20000 };
    static const str_t member_name[] = {STR_INIT("member")};
    ldap_entry_t *group = arena_new_of(mem, ldap_entry_t);
    ldap_op_t add, search;
    const ldap_attr_t *member;
    ldap_reply_t reply;

    group->dn = str_printf(mem, "cn=huge,ou=groups,ou=people,%s", slapd.base);
    ldap_entry_add(mem, group, STR("objectClass"), STR("groupOfNames"));
    ldap_entry_add(mem, group, STR("cn"), STR("huge"));
    for (int i = 0; i < N; i++)
        ldap_entry_add(mem, group, STR("member"),
                       str_printf(mem, "uid=user-%06d,%.*s", i, STR_ARG(people)));
    add = op_add(group);
    ck_assert_int_eq(perform(&add).code, LDAP_RC_SUCCESS);
    search = op_search(group->dn, LDAP_DEPTH_BASE, NULL, (ldap_names_t){member_name, 1});
    reply = perform(&search);
    ck_assert_uint_eq(reply.n_entries, 1);
    member = ldap_entry_find(reply.entries[0], STR("member"));
    ck_assert_ptr_nonnull(member);
    ck_assert_uint_eq(member->n, N);
    ck_assert(
        ldap_attr_has(member, str_printf(mem, "uid=user-%06d,%.*s", N - 1, STR_ARG(people))));
}
END_TEST

/* --- exhaustion ----------------------------------------------------------------------------- */

START_TEST(search_that_does_not_fit_is_unknown)
{
    arena_t *small = arena_new(512);
    static const str_t all_names[] = {STR_INIT("*"), STR_INIT("+")};
    ldap_op_t op =
        op_search(str_from_c(slapd.base), LDAP_DEPTH_SUB, NULL, (ldap_names_t){all_names, 2});
    ldap_op_t next = op_search(people, LDAP_DEPTH_BASE, NULL, (ldap_names_t){NULL, 0});
    ldap_reply_t reply;

    ldap_conn_perform(conn, &op, small, WAIT_MS, &reply);
    ck_assert_int_eq(reply.fate, LDAP_UNKNOWN);
    ck_assert_uint_eq(reply.n_entries, 0);
    arena_free(small);
    ck_assert_int_eq(perform(&next).code, LDAP_RC_SUCCESS);
}
END_TEST

START_TEST(write_whose_answer_does_not_fit_has_its_code)
{
    arena_t *small = arena_new(16);
    ldap_op_t op = op_title("no-room", LDAP_MOD_OP_REPLACE, "x");
    ldap_reply_t reply;

    add_person("no-room");
    op.post_read = &anchors;
    ldap_conn_perform(conn, &op, small, WAIT_MS, &reply);
    ck_assert_int_eq(reply.fate, LDAP_ANSWERED);
    ck_assert_int_eq(reply.code, LDAP_RC_SUCCESS);
    ck_assert_uint_eq(reply.n_entries, 0);
    arena_free(small);
}
END_TEST

/* Each allocation fails in turn; nothing leaks and no answer is wrong. */
START_TEST(every_allocation_may_fail)
{
    ldap_op_t search, title;

    add_person("starved");
    search = op_search(people, LDAP_DEPTH_SUB, by_uid("starved"), anchors);
    title = op_title("starved", LDAP_MOD_OP_REPLACE, "x");
    title.post_read = &anchors;
    for (size_t n = 1; n < 30; n++) {
        arena_t *fresh = arena_new(0);
        ldap_reply_t reply;

        arena_fail_after(n);
        ldap_conn_perform(conn, &search, fresh, WAIT_MS, &reply);
        arena_fail_after(0);
        if (reply.fate == LDAP_ANSWERED)
            ck_assert_uint_eq(reply.n_entries, 1);
        arena_fail_after(n);
        ldap_conn_perform(conn, &title, fresh, WAIT_MS, &reply);
        arena_fail_after(0);
        if (reply.fate == LDAP_ANSWERED)
            ck_assert_int_eq(reply.code, LDAP_RC_SUCCESS);
        arena_free(fresh);
    }
}
END_TEST

static Suite *
conn_suite(void)
{
    const TTest *const tests[] = {
        add_returns_the_anchor_by_post_read,
        add_of_what_exists_says_so,
        missing_base_names_what_matched,
        no_attributes_asked_gives_none,
        size_limit_gives_what_was_seen,
        guard_decides_whether_a_modify_happens,
        constant_guards,
        permissive_modify_forgives_a_duplicate,
        only_values_that_match_are_returned,
        compare_rename_delete,
        extended_operation_is_answered,
        values_are_bytes,
        nul_in_a_name_is_not_sent,
        huge_entry_goes_and_comes,
        search_that_does_not_fit_is_unknown,
        write_whose_answer_does_not_fit_has_its_code,
        every_allocation_may_fail,
    };
    Suite *suite = suite_create("conn");
    TCase *tcase = tcase_create("conn");

    tcase_set_timeout(tcase, 60);
    tcase_add_checked_fixture(tcase, conn_setup, conn_teardown);
    for (size_t i = 0; i < ARRAY_SIZE(tests); i++)
        tcase_add_test(tcase, tests[i]);
    suite_add_tcase(suite, tcase);
    return suite;
}

int
main(void)
{
    int failed;

    if (!slapd_is_installed())
        return 77;
    ldap_conn_setup();
    slapd_start(&slapd);
    failed = suite_run(conn_suite());
    slapd_wipe(&slapd);
    return failed;
}
