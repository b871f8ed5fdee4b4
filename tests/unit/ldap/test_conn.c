/* SPDX-License-Identifier: Apache-2.0 */
/* One connection against a real slapd, blocking as commands do and pipelined as workers do. */
#include "ldap/conn.h"

#include "base/clock.h"
#include "support/slapd.h"
#include "support/suite_run.h"

#include <check.h>
#include <poll.h>
#include <signal.h>

enum { WAIT_MS = 10000 };

static slapd_t slapd;
static arena_t *mem;
static ldap_conn_t *conn;
static err_t err;
static str_t people; /* where the entries of the tests are */

static ldap_settings_t
settings_of_slapd(void)
{
    return (ldap_settings_t){.url = slapd.url,
                             .bind_dn = slapd.bind_dn,
                             .password_file = slapd.password_file,
                             .connect_timeout_ms = 5000};
}

static void
setup(void)
{
    ldap_settings_t settings = settings_of_slapd();

    slapd_signal(&slapd, SIGCONT); /* after a test that failed half-way */
    err = (err_t)ERR_INIT;
    mem = arena_new(0);
    ck_assert_ptr_nonnull(mem);
    people = str_printf(mem, "ou=users,ou=people,%s", slapd.base);
    conn = ldap_conn_open(&settings, &err);
    ck_assert_msg(conn != NULL, "%s", err.detail);
}

static void
teardown(void)
{
    ldap_conn_close(conn);
    arena_free(mem);
    conn = NULL;
    mem = NULL;
}

/* --- operations ----------------------------------------------------------------------------- */

static const str_t anchor_names[] = {STR_INIT("entryUUID"), STR_INIT("entryCSN")};
static const ldap_names_t anchors = {anchor_names, ARRAY_SIZE(anchor_names)};

static ldap_reply_t
perform(const ldap_op_t *op)
{
    ldap_reply_t reply;

    ldap_conn_perform(conn, op, mem, WAIT_MS, &reply);
    return reply;
}

static str_t
dn_of(const char *uid)
{
    return str_printf(mem, "uid=%s,%.*s", uid, STR_ARG(people));
}

static ldap_entry_t *
person(const char *uid)
{
    ldap_entry_t *entry = arena_new_of(mem, ldap_entry_t);

    entry->dn = dn_of(uid);
    ldap_entry_add(mem, entry, STR("objectClass"), STR("inetOrgPerson"));
    ldap_entry_add(mem, entry, STR("uid"), str_from_c(uid));
    ldap_entry_add(mem, entry, STR("cn"), STR("Per Son"));
    ldap_entry_add(mem, entry, STR("sn"), STR("Son"));
    return entry;
}

static ldap_op_t
op_add(const ldap_entry_t *entry)
{
    return (ldap_op_t){.kind = LDAP_OP_ADD, .dn = entry->dn, .u.add.entry = entry};
}

static void
add_person(const char *uid)
{
    ldap_op_t op = op_add(person(uid));
    ldap_reply_t reply = perform(&op);

    ck_assert_int_eq(reply.fate, LDAP_ANSWERED);
    ck_assert_int_eq(reply.code, LDAP_RC_SUCCESS);
}

static ldap_op_t
op_search(str_t base, ldap_depth_t depth, const ldap_filter_t *filter, ldap_names_t attrs)
{
    return (ldap_op_t){.kind = LDAP_OP_SEARCH,
                       .dn = base,
                       .u.search = {.depth = depth, .filter = filter, .attrs = attrs}};
}

static const ldap_filter_t *
by_uid(const char *uid)
{
    return ldap_filter_equal(mem, STR("uid"), str_from_c(uid));
}

static ldap_op_t
op_modify(const char *uid, const ldap_mods_t *mods)
{
    return (ldap_op_t){
        .kind = LDAP_OP_MODIFY, .dn = dn_of(uid), .u.modify = {mods->mods, mods->n}};
}

static ldap_op_t
op_title(const char *uid, ldap_mod_op_t mod, const char *title)
{
    ldap_mods_t *mods = arena_new_of(mem, ldap_mods_t);

    ldap_mods_add_value(mem, mods, mod, STR("title"), str_from_c(title));
    return op_modify(uid, mods);
}

static str_t
value_of(const ldap_entry_t *entry, const char *name)
{
    str_t value = STR("");

    (void)ldap_entry_first(entry, str_from_c(name), &value);
    return value;
}

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

/* --- pipelining ----------------------------------------------------------------------------- */

typedef struct {
    int n_done, n_entries, code, n_late, stop_after;
    ldap_fate_t fate;
} tally_t;

static void
tally_done(void *arg, const ldap_reply_t *reply)
{
    tally_t *tally = arg;

    tally->n_done++;
    tally->n_entries += (int)reply->n_entries;
    tally->fate = reply->fate;
    tally->code = reply->code;
}

static bool
tally_entry(void *arg, const ldap_entry_t *entry)
{
    tally_t *tally = arg;

    ck_assert_uint_gt(entry->dn.n, 0);
    return ++tally->n_entries != tally->stop_after;
}

static void
tally_late(void *arg, int code)
{
    tally_t *tally = arg;

    tally->n_late++;
    tally->code = code;
}

/* Move bytes until `*counter` reaches `n`, or the time is over, or the connection lost. */
static bool
pump(const int *counter, int n, int timeout_ms)
{
    int64_t until = clock_monotonic_ms() + timeout_ms;
    bool more = false;

    while (*counter < n && clock_monotonic_ms() < until) {
        struct pollfd pollfd = {.fd = ldap_conn_fd(conn), .events = POLLIN};

        if (!ldap_conn_write(conn))
            return false;
        if (ldap_conn_wants_write(conn))
            pollfd.events |= POLLOUT;
        if (!more)
            (void)poll(&pollfd, 1, 20);
        if (!ldap_conn_read(conn, 100, &more))
            return false;
    }
    return *counter >= n;
}

START_TEST(thousand_searches_at_once)
{
    enum { N = 1000 };
    tally_t tally = {.n_done = 0};
    ldap_op_t op;

    add_person("popular");
    op = op_search(people, LDAP_DEPTH_SUB, by_uid("popular"), anchors);
    for (int i = 0; i < N; i++)
        ck_assert_ptr_nonnull(ldap_conn_send(conn, &op, mem, NULL, tally_done, &tally));
    ck_assert_uint_eq(ldap_conn_outstanding(conn), N);
    ck_assert(pump(&tally.n_done, N, WAIT_MS));
    ck_assert_int_eq(tally.n_entries, N);
    ck_assert_uint_eq(ldap_conn_outstanding(conn), 0);
}
END_TEST

START_TEST(entries_are_shown_one_by_one_until_enough)
{
    static const struct {
        const char *name;
        int stop_after, n_entries;
    } rows[] = {{"all", 0, 5}, {"the first", 1, 1}, {"three", 3, 3}};
    static const char *const uids[] = {"each-1", "each-2", "each-3", "each-4", "each-5"};
    ldap_op_t op = op_search(
        people, LDAP_DEPTH_SUB,
        ldap_filter_substrings(mem, STR("uid"), STR("each-"), STR(""), STR("")), anchors);

    for (size_t i = 0; i < ARRAY_SIZE(uids); i++)
        add_person(uids[i]);
    for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
        tally_t tally = {.stop_after = rows[i].stop_after};

        ck_assert_ptr_nonnull(ldap_conn_send(conn, &op, mem, tally_entry, tally_done, &tally));
        ck_assert(pump(&tally.n_done, 1, WAIT_MS));
        ck_assert_msg(tally.n_entries == rows[i].n_entries, "%s", rows[i].name);
        ck_assert_int_eq(tally.fate, LDAP_ANSWERED);
        ck_assert_int_eq(tally.code, LDAP_RC_SUCCESS);
        ck_assert_uint_eq(ldap_conn_outstanding(conn), 0);
    }
}
END_TEST

static ldap_call_t *forgotten;

static bool
forget_at_entry(void *arg, const ldap_entry_t *entry)
{
    (void)arg;
    (void)entry;
    ldap_conn_forget(conn, forgotten, NULL, NULL);
    return true;
}

START_TEST(forgotten_searches_are_silent)
{
    enum { N = 100 };
    tally_t tally = {.n_done = 0}, last = {.n_done = 0};
    ldap_op_t op = op_search(str_from_c(slapd.base), LDAP_DEPTH_SUB, NULL, anchors);

    for (int i = 0; i < N; i++) {
        ldap_call_t *call = ldap_conn_send(conn, &op, mem, NULL, tally_done, &tally);

        ck_assert_ptr_nonnull(call);
        ldap_conn_forget(conn, call, tally_late, &tally);
    }
    forgotten = ldap_conn_send(conn, &op, mem, forget_at_entry, tally_done, &tally);
    ck_assert_ptr_nonnull(forgotten);
    ck_assert_ptr_nonnull(ldap_conn_send(conn, &op, mem, NULL, tally_done, &last));
    ck_assert(pump(&last.n_done, 1, WAIT_MS));
    ck_assert_int_gt(last.n_entries, 5);
    for (int i = 0; i < 100 && ldap_conn_outstanding(conn); i++)
        (void)pump(&tally.n_done, 1, 20); /* slapd may answer the last one first */
    ck_assert_int_eq(tally.n_done, 0);
    ck_assert_int_eq(tally.n_late, 0);
    ck_assert_uint_eq(ldap_conn_outstanding(conn), 0);
}
END_TEST

START_TEST(forgotten_write_reports_late)
{
    tally_t tally = {.n_done = 0};
    ldap_op_t op = op_title("forgotten", LDAP_MOD_OP_REPLACE, "late");
    ldap_call_t *call;

    add_person("forgotten");
    call = ldap_conn_send(conn, &op, mem, NULL, tally_done, &tally);
    ck_assert_ptr_nonnull(call);
    tally.code = -1;
    ldap_conn_forget(conn, call, tally_late, &tally);
    ck_assert(pump(&tally.n_late, 1, WAIT_MS));
    ck_assert_int_eq(tally.code, LDAP_RC_SUCCESS);
    ck_assert_int_eq(tally.n_done, 0);
}
END_TEST

/* --- loss ----------------------------------------------------------------------------------- */

START_TEST(close_tells_sent_from_not_sent)
{
    tally_t sent = {.n_done = 0}, unsent = {.n_done = 0};
    ldap_op_t op = op_title("nobody", LDAP_MOD_OP_REPLACE, "x");

    slapd_signal(&slapd, SIGSTOP);
    ck_assert_ptr_nonnull(ldap_conn_send(conn, &op, mem, NULL, tally_done, &sent));
    ck_assert(ldap_conn_write(conn));
    ck_assert_ptr_nonnull(ldap_conn_send(conn, &op, mem, NULL, tally_done, &unsent));
    ldap_conn_close(conn);
    conn = NULL;
    slapd_signal(&slapd, SIGCONT);
    ck_assert_int_eq(sent.n_done, 1);
    ck_assert_int_eq(sent.fate, LDAP_UNKNOWN);
    ck_assert_int_eq(unsent.n_done, 1);
    ck_assert_int_eq(unsent.fate, LDAP_NOT_SENT);
}
END_TEST

START_TEST(frozen_server_fills_the_queue_and_blocks_nobody)
{
    tally_t tally = {.n_done = 0};
    ldap_entry_t *entry = person("blocked");
    char *blob = arena_alloc(mem, 1024 * 1024);
    int64_t began = clock_monotonic_ms();
    ldap_op_t op;
    int n = 0;

    ldap_entry_add(mem, entry, STR("jpegPhoto"), str_from(blob, 1024 * 1024));
    op = op_add(entry);
    slapd_signal(&slapd, SIGSTOP);
    while (n < 100 && ldap_conn_send(conn, &op, mem, NULL, tally_done, &tally)) {
        ck_assert(ldap_conn_write(conn));
        n++;
    }
    ck_assert_int_gt(n, 10);
    ck_assert_int_lt(n, 100);
    ck_assert(ldap_conn_wants_write(conn));
    ck_assert_int_lt(clock_monotonic_ms() - began, WAIT_MS);
    slapd_signal(&slapd, SIGCONT);
    ck_assert(pump(&tally.n_done, n, 3 * WAIT_MS));
    ck_assert(!ldap_conn_wants_write(conn));
}
END_TEST

START_TEST(perform_ends_in_time)
{
    ldap_op_t op = op_search(people, LDAP_DEPTH_BASE, NULL, (ldap_names_t){NULL, 0});
    int64_t began = clock_monotonic_ms();
    ldap_reply_t reply;

    slapd_signal(&slapd, SIGSTOP);
    ldap_conn_perform(conn, &op, mem, 200, &reply);
    slapd_signal(&slapd, SIGCONT);
    ck_assert_int_eq(reply.fate, LDAP_UNKNOWN);
    ck_assert_int_ge(clock_monotonic_ms() - began, 200);
    ck_assert_int_lt(clock_monotonic_ms() - began, 5000);
    ck_assert_int_eq(perform(&op).code, LDAP_RC_SUCCESS);
}
END_TEST

START_TEST(killed_server_is_noticed)
{
    tally_t tally = {.n_done = 0};
    ldap_op_t op = op_search(people, LDAP_DEPTH_BASE, NULL, (ldap_names_t){NULL, 0});

    slapd_signal(&slapd, SIGSTOP);
    ck_assert_ptr_nonnull(ldap_conn_send(conn, &op, mem, NULL, tally_done, &tally));
    ck_assert(ldap_conn_write(conn));
    slapd_signal(&slapd, SIGKILL);
    ck_assert(!pump(&tally.n_done, 1, WAIT_MS));
    ck_assert_int_eq(tally.n_done, 0);
    ck_assert_int_eq(perform(&op).fate, LDAP_NOT_SENT);
    ldap_conn_close(conn);
    conn = NULL;
    ck_assert_int_eq(tally.n_done, 1);
    ck_assert_int_eq(tally.fate, LDAP_UNKNOWN);
}
END_TEST

static void
restart(void)
{
    slapd_restart(&slapd);
}

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
        thousand_searches_at_once,
        entries_are_shown_one_by_one_until_enough,
        forgotten_searches_are_silent,
        forgotten_write_reports_late,
        close_tells_sent_from_not_sent,
        frozen_server_fills_the_queue_and_blocks_nobody,
        perform_ends_in_time,
    };
    Suite *suite = suite_create("conn");
    TCase *tcase = tcase_create("conn");
    TCase *killing = tcase_create("killing");

    tcase_set_timeout(tcase, 60);
    tcase_add_checked_fixture(tcase, setup, teardown);
    for (size_t i = 0; i < ARRAY_SIZE(tests); i++)
        tcase_add_test(tcase, tests[i]);
    suite_add_tcase(suite, tcase);
    tcase_set_timeout(killing, 60);
    tcase_add_unchecked_fixture(killing, NULL, restart);
    tcase_add_checked_fixture(killing, setup, teardown);
    tcase_add_test(killing, killed_server_is_noticed);
    suite_add_tcase(suite, killing);
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
