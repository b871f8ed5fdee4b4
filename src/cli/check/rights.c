/* SPDX-License-Identifier: Apache-2.0 */
/* Whether the bind identity may read and write what a map reads and writes.
 *
 * Nothing is changed by trying. Seen on slapd: an assertion that is never true (RFC 4528) is looked
 * at before the access rules, so it tells nothing; but the rights to all modifications of one
 * modify are looked at before the first is done. So a right is tried with a modify that cannot
 * succeed whatever the entry holds: it adds a value, removes it, and removes it once more. Being
 * atomic (RFC 4511 §4.6) it leaves nothing behind. Entries are renamed to where no parent is, deleted
 * under an assertion (slapd looks at the parent's rules before it), and added with a name that the
 * database's index cannot hold.
 *
 * slapd's no-op control would seem made for this, but is not to be used: with back-mdb (2.5) an add
 * that was not done leaves attribute types numbered in memory alone, and entries made after it lose
 * attributes. */
#include "cli/check/check.h"

#include <stdarg.h>
#include <stdio.h>

static const char topic[] = "rights";

enum { TOO_LONG = 2000 }; /* bytes of a name; back-mdb takes about 500 */

typedef struct {
    check_t *check;
    const map_type_t *type;
    const ldap_entry_t *entry;
    size_t wrong, unknown;
} trial_t;

static void
perform(trial_t *trial, const ldap_op_t *op, ldap_reply_t *ret_reply)
{
    live_t *live = trial->check->live;

    ldap_conn_perform(live->conn, op, live->mem, live->timeout_ms, ret_reply);
}

static void PRINTF_LIKE(3, 4) complain(trial_t *trial, str_t attr, const char *format, ...)
{
    check_t *check = trial->check;
    char text[512];
    va_list args;
    finding_t *finding;

    va_start(args, format);
    vsnprintf(text, sizeof(text), format, args);
    va_end(args);
    finding =
        findings_add(check->findings, FINDING_ERROR, topic, check_about(check, trial->type),
                     "%s; \"scimbridge check --acl\" prints the rules that allow it", text);
    if (attr.n > 0)
        places_attr(&check->places, trial->type, attr, finding);
    trial->wrong++;
}

/* ---- reading ---- */

/* Of an attribute that the entry has not, or that is not shown, comparing tells; not in Active Directory, which
 * says of both that it is not equal. */
static void
try_read(trial_t *trial, const use_t *use)
{
    const live_t *live = trial->check->live;

    if (!use->read || use->secret || (!live->openldap && !live->ds389))
        return;
    for (size_t i = 0; i < trial->entry->n; i++) {
        str_t name = trial->entry->attrs[i].name;

        if (str_ieq(str_slice(name, 0, str_find_char(name, ';')), use->name))
            return;
    }
    if (!live_may_read(trial->check->live, trial->entry->dn, use->name))
        complain(trial, use->name, "the bind identity may not read %.*s of %.*s",
                 STR_ARG(use->name), STR_ARG(trial->entry->dn));
}

/* ---- writing ---- */

static int
try_mods(live_t *live, str_t dn, const ldap_mods_t *mods)
{
    ldap_op_t op = {.kind = LDAP_OP_MODIFY, .dn = dn};
    ldap_reply_t reply;

    op.u.modify.mods = mods->mods;
    op.u.modify.n = mods->n;
    ldap_conn_perform(live->conn, &op, live->mem, live->timeout_ms, &reply);
    return reply.fate == LDAP_ANSWERED ? reply.code : -1;
}

static int
try_value(live_t *live, str_t dn, str_t name, str_t value)
{
    ldap_mods_t mods = {.n = 0};

    ldap_mods_add_value(live->mem, &mods, LDAP_MOD_OP_ADD, name, value);
    ldap_mods_add_value(live->mem, &mods, LDAP_MOD_OP_DELETE, name, value);
    ldap_mods_add_value(live->mem, &mods, LDAP_MOD_OP_DELETE, name, value);
    return try_mods(live, dn, &mods);
}

/* Where no value of the syntax can be made up: the whole attribute, removed twice. */
static int
try_whole(live_t *live, str_t dn, str_t name)
{
    ldap_mods_t mods = {.n = 0};

    (void)ldap_mods_add(live->mem, &mods, LDAP_MOD_OP_DELETE, name);
    (void)ldap_mods_add(live->mem, &mods, LDAP_MOD_OP_DELETE, name);
    return try_mods(live, dn, &mods);
}

int
check_try_write(live_t *live, str_t dn, str_t attr)
{
    const ldap_attr_type_t *type =
        ldap_schema_get(live->schema ? live->schema : ldap_schema_builtin(), attr);
    int code;

    if (str_istarts_with(attr, STR("userCertificate")) || str_ieq(attr, STR("cACertificate")))
        attr = str_printf(live->mem, "%.*s;binary", STR_ARG(attr));
    code = try_value(live, dn, attr, live_unlikely(live->mem, type->syntax));
    return code == LDAP_RC_INVALID_SYNTAX ? try_whole(live, dn, attr) : code;
}

static void
try_write(trial_t *trial, const use_t *use)
{
    int code;

    if (!use->write)
        return;
    code = check_try_write(trial->check->live, trial->entry->dn, use->name);
    if (code == LDAP_RC_INSUFFICIENT_ACCESS)
        complain(trial, use->name, "the bind identity may not write %.*s of %.*s",
                 STR_ARG(use->name), STR_ARG(trial->entry->dn));
    else if (code != LDAP_RC_NO_SUCH_ATTRIBUTE && code != LDAP_RC_VALUE_EXISTS &&
             code != LDAP_RC_INAPPROPRIATE_MATCHING)
        trial->unknown++;
}

/* ---- entries ---- */

static bool
is_refused(trial_t *trial, const ldap_op_t *op)
{
    ldap_op_t undo = {.kind = LDAP_OP_DELETE, .dn = op->dn};
    ldap_reply_t reply;

    perform(trial, op, &reply);
    if (op->kind == LDAP_OP_ADD && reply.fate == LDAP_ANSWERED &&
        reply.code == LDAP_RC_SUCCESS) /* a database without the bound */
        perform(trial, &undo, &reply);
    return reply.fate == LDAP_ANSWERED && reply.code == LDAP_RC_INSUFFICIENT_ACCESS;
}

typedef struct {
    trial_t *trial;
    ldap_entry_t *entry;
} making_t;

static void
make_value(void *arg, str_t name)
{
    making_t *making = arg;
    live_t *live = making->trial->check->live;

    if (!ldap_entry_find(making->entry, name) && !str_ieq(name, STR("objectClass")))
        ldap_entry_add(live->mem, making->entry, name,
                       live_unlikely(live->mem, ldap_schema_get(live->schema, name)->syntax));
}

/* An entry as the map would make it, of what its classes demand, with a name that no index of the
 * database can hold. */
static void
try_add(trial_t *trial)
{
    live_t *live = trial->check->live;
    const map_type_t *type = trial->type;
    making_t making = {trial, arena_new_of(live->mem, ldap_entry_t)};
    char *name = arena_alloc(live->mem, TOO_LONG);
    ldap_dn_t dn =
        ldap_dn_child(live->mem, type->rdn, str_from(name, TOO_LONG), &type->parent_dn);
    ldap_op_t op = {.kind = LDAP_OP_ADD};

    memset(name, 'x', TOO_LONG);
    op.dn = ldap_dn_format(live->mem, &dn);
    ldap_entry_add(live->mem, making.entry, type->rdn, str_from(name, TOO_LONG));
    for (size_t i = 0; i < type->n_object_classes; i++) {
        ldap_entry_add(live->mem, making.entry, STR("objectClass"), type->object_classes[i]);
        live_each_must(live, type->object_classes[i], make_value, &making);
    }
    op.u.add.entry = making.entry;
    if (is_refused(trial, &op))
        complain(trial, STR(""), "the bind identity may not add entries below %.*s",
                 STR_ARG(type->parent));
}

/* To where nothing is. */
static void
try_rename(trial_t *trial)
{
    live_t *live = trial->check->live;
    const map_type_t *type = trial->type;
    str_t name = live_unlikely(live->mem, LDAP_SYNTAX_DIRECTORY_STRING);
    ldap_dn_t nowhere = ldap_dn_child(live->mem, STR("cn"), name, &type->parent_dn);
    ldap_ava_t ava = {type->rdn, name};
    ldap_rdn_t rdn = {&ava, 1};
    ldap_op_t op = {.kind = LDAP_OP_RENAME, .dn = trial->entry->dn};

    op.u.rename.rdn = ldap_rdn_format(live->mem, &rdn);
    op.u.rename.parent = ldap_dn_format(live->mem, &nowhere);
    op.u.rename.delete_old = true;
    if (is_refused(trial, &op))
        complain(trial, type->rdn, "the bind identity may not rename %.*s",
                 STR_ARG(trial->entry->dn));
}

/* Under a condition that is never true. Where DELETE keeps entries, purging still removes them. */
static void
try_delete(trial_t *trial)
{
    arena_t *mem = trial->check->live->mem;
    ldap_op_t op = {.kind = LDAP_OP_DELETE, .dn = trial->entry->dn};

    if (trial->type->deleted.present && trial->type->deleted.purge_s == 0 &&
        trial->type->inactive.purge_s == 0)
        return;
    op.guard = ldap_filter_not(mem, ldap_filter_present(mem, STR("objectClass")));
    if (is_refused(trial, &op))
        complain(trial, STR(""), "the bind identity may not delete %.*s",
                 STR_ARG(trial->entry->dn));
}

void
check_rights(check_t *check, const map_type_t *type, const ldap_entry_t *entry)
{
    trial_t trial = {.check = check, .type = type, .entry = entry};
    str_t about = check_about(check, type);
    bool entries;
    uses_t uses;

    entries = check->live->openldap && check->live->schema && type->parent.n > 0;
    if (entries)
        try_add(&trial);
    if (!entry) {
        findings_add(check->findings, FINDING_WARNING, topic, about,
                     "there is no entry yet on which the right%s could be tried; add one and "
                     "check again",
                     entries ? "s to change entries" : "s");
        return;
    }
    check_uses(check, type, &uses);
    for (size_t i = 0; i < uses.n; i++) {
        const use_t *use = &uses.items[i];

        if (check->live->schema && !ldap_schema_has(check->live->schema, use->name))
            continue; /* said */
        try_read(&trial, use);
        try_write(&trial, use);
    }
    if (entries) {
        try_rename(&trial);
        try_delete(&trial);
    }
    if (trial.wrong > 0)
        return;
    findings_add(check->findings, FINDING_OK, topic, about,
                 "the bind identity may read and write what the map does%s (tried on %.*s)",
                 entries ? ", and add, rename and delete entries" : "", STR_ARG(entry->dn));
    if (trial.unknown > 0)
        findings_add(check->findings, FINDING_WARNING, topic, about,
                     "the right to write %zu attributes could not be tried, for another reason "
                     "stood before it",
                     trial.unknown);
    if (!entries)
        findings_add(check->findings, FINDING_WARNING, topic, about,
                     "the rights to add, rename and delete entries could not be tried without "
                     "doing it");
}
