/* SPDX-License-Identifier: Apache-2.0 */
#include "unit/ldap/conn_fixture.h"

#include <check.h>
#include <signal.h>

slapd_t slapd;
arena_t *mem;
ldap_conn_t *conn;
str_t people;
static err_t err;

static ldap_settings_t
settings_of_slapd(void)
{
    return (ldap_settings_t){.url = slapd.url,
                             .bind_dn = slapd.bind_dn,
                             .password_file = slapd.password_file,
                             .connect_timeout_ms = 5000};
}

void
conn_setup(void)
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

void
conn_teardown(void)
{
    ldap_conn_close(conn);
    arena_free(mem);
    conn = NULL;
    mem = NULL;
}

static const str_t anchor_names[] = {STR_INIT("entryUUID"), STR_INIT("entryCSN")};
const ldap_names_t anchors = {anchor_names, ARRAY_SIZE(anchor_names)};

ldap_reply_t
perform(const ldap_op_t *op)
{
    ldap_reply_t reply;

    ldap_conn_perform(conn, op, mem, WAIT_MS, &reply);
    return reply;
}

str_t
dn_of(const char *uid)
{
    return str_printf(mem, "uid=%s,%.*s", uid, STR_ARG(people));
}

ldap_entry_t *
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

ldap_op_t
op_add(const ldap_entry_t *entry)
{
    return (ldap_op_t){.kind = LDAP_OP_ADD, .dn = entry->dn, .u.add.entry = entry};
}

void
add_person(const char *uid)
{
    ldap_op_t op = op_add(person(uid));
    ldap_reply_t reply = perform(&op);

    ck_assert_int_eq(reply.fate, LDAP_ANSWERED);
    ck_assert_int_eq(reply.code, LDAP_RC_SUCCESS);
}

ldap_op_t
op_search(str_t base, ldap_depth_t depth, const ldap_filter_t *filter, ldap_names_t attrs)
{
    return (ldap_op_t){.kind = LDAP_OP_SEARCH,
                       .dn = base,
                       .u.search = {.depth = depth, .filter = filter, .attrs = attrs}};
}

const ldap_filter_t *
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

ldap_op_t
op_title(const char *uid, ldap_mod_op_t mod, const char *title)
{
    ldap_mods_t *mods = arena_new_of(mem, ldap_mods_t);

    ldap_mods_add_value(mem, mods, mod, STR("title"), str_from_c(title));
    return op_modify(uid, mods);
}

str_t
value_of(const ldap_entry_t *entry, const char *name)
{
    str_t value = STR("");

    (void)ldap_entry_first(entry, str_from_c(name), &value);
    return value;
}
