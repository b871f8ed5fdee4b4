/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/match/rehearse.h"

#include "base/hash.h"
#include "ldap/apply.h"

/* An entry that would have been added, under its name or one of its values. */
struct rehearsed {
    rehearsed_t *next;
    const ldap_entry_t *entry;
    str_t key;
};

static void
keep(rehearse_t *rehearse, rehearsed_t **table, str_t key, const ldap_entry_t *entry)
{
    rehearsed_t *item = arena_new_of(rehearse->mem, rehearsed_t);
    rehearsed_t **slot = &table[hash_bytes(key) % REHEARSE_SLOTS];

    *item = (rehearsed_t){*slot, entry, str_dup(rehearse->mem, key)};
    *slot = item;
}

static const ldap_entry_t *
find_name(const rehearse_t *rehearse, arena_t *mem, str_t dn)
{
    str_t key = ldap_dn_normal(mem, dn);

    for (const rehearsed_t *at = rehearse->by_name[hash_bytes(key) % REHEARSE_SLOTS]; at;
         at = at->next)
        if (str_eq(at->key, key))
            return at->entry;
    return NULL;
}

/* ---- values by which an entry may be looked for ---- */

static str_t
value_key(const rehearse_t *rehearse, arena_t *mem, str_t attr, str_t value)
{
    const ldap_attr_type_t *type = ldap_schema_get(rehearse->driver->of->map->schema, attr);
    str_t normal = ldap_rule_normal(mem, type->equality, value), name = str_lower(mem, attr);

    return str_printf(mem, "%.*s=%.*s", STR_ARG(name), STR_ARG(normal));
}

static void
keep_values(rehearse_t *rehearse, str_t attr, const ldap_entry_t *entry)
{
    const ldap_attr_t *found = ldap_entry_find(entry, attr);

    for (size_t i = 0; found && i < found->n; i++)
        keep(rehearse, rehearse->by_value,
             value_key(rehearse, rehearse->mem, attr, found->values[i]), entry);
}

static void
keep_entry(rehearse_t *rehearse, const ldap_entry_t *added)
{
    const map_type_t *type = rehearse->type;
    ldap_entry_t *entry = ldap_entry_copy(rehearse->mem, added);

    ldap_entry_add(
        rehearse->mem, entry, rehearse->driver->of->map->dialect->anchor,
        str_printf(rehearse->mem, "00000000-0000-0000-0000-%012zx", ++rehearse->n_added));
    keep(rehearse, rehearse->by_name, ldap_dn_normal(rehearse->mem, entry->dn), entry);
    for (size_t i = 0; i < type->n_match; i++)
        keep_values(rehearse, type->match[i]->ldap, entry);
    for (size_t i = 0; i < type->n_unique; i++)
        keep_values(rehearse, type->unique[i], entry);
}

/* ---- searches ---- */

typedef struct {
    const rehearse_t *rehearse;
    arena_t *mem;
    const ldap_op_t *op;
    const ldap_entry_t **found;
    size_t n, size;
} lookup_t;

static void
take(lookup_t *lookup, const ldap_entry_t *entry)
{
    arena_t *mem = lookup->mem;

    for (size_t i = 0; i < lookup->n; i++)
        if (lookup->found[i] == entry)
            return;
    if (ldap_filter_test(mem, lookup->op->u.search.filter, entry,
                         lookup->rehearse->driver->of->map->schema) != LDAP_TRUE ||
        !ldap_dn_is_below(ldap_dn_normal(mem, entry->dn), ldap_dn_normal(mem, lookup->op->dn)))
        return;
    if (lookup->n == lookup->size) {
        lookup->size = lookup->size ? lookup->size * 2 : 8;
        lookup->found = arena_grow(mem, lookup->found, lookup->n, lookup->size,
                                   sizeof(const ldap_entry_t *));
    }
    lookup->found[lookup->n++] = entry;
}

/* What a POST looks for it looks for by equality. */
static void
look_up(lookup_t *lookup, const ldap_filter_t *filter)
{
    const rehearse_t *rehearse = lookup->rehearse;
    str_t key;

    for (size_t i = 0; i < filter->n_parts; i++)
        look_up(lookup, filter->parts[i]);
    if (filter->kind != LDAP_F_EQUAL)
        return;
    key = value_key(rehearse, lookup->mem, filter->attr, filter->value);
    for (const rehearsed_t *at = rehearse->by_value[hash_bytes(key) % REHEARSE_SLOTS]; at;
         at = at->next)
        if (str_eq(at->key, key))
            take(lookup, at->entry);
}

static void
search(rehearse_t *rehearse, arena_t *mem, const ldap_op_t *op, ldap_reply_t *ret_reply)
{
    lookup_t lookup = {.rehearse = rehearse, .mem = mem, .op = op};

    const ldap_entry_t **all;

    driver_perform(rehearse->driver, mem, op, ret_reply);
    look_up(&lookup, op->u.search.filter);
    if (!lookup.n)
        return;
    all = arena_array_of(mem, ret_reply->n_entries + lookup.n, const ldap_entry_t *);
    for (size_t i = 0; i < ret_reply->n_entries; i++)
        all[i] = ret_reply->entries[i];
    for (size_t i = 0; i < lookup.n; i++)
        all[ret_reply->n_entries + i] = lookup.found[i];
    ret_reply->entries = all;
    ret_reply->n_entries += lookup.n;
}

static void
read_name(rehearse_t *rehearse, arena_t *mem, const ldap_op_t *op, ldap_reply_t *ret_reply)
{
    const ldap_entry_t **entry = arena_new_of(mem, const ldap_entry_t *);

    *entry = find_name(rehearse, mem, op->dn);
    if (!*entry) {
        driver_perform(rehearse->driver, mem, op, ret_reply);
        return;
    }
    ret_reply->entries = entry;
    ret_reply->n_entries = 1;
}

/* ---- writes ---- */

/* Why the directory would not add an entry of that name; LDAP_RC_SUCCESS: it would. */
static int
refusal_of_add(rehearse_t *rehearse, arena_t *mem, str_t dn, ldap_reply_t *ret_reply)
{
    ldap_op_t op = {.kind = LDAP_OP_SEARCH, .dn = dn};
    str_t normal = ldap_dn_normal(mem, dn), above;

    if (find_name(rehearse, mem, dn))
        return LDAP_RC_ALREADY_EXISTS;
    op.u.search.depth = LDAP_DEPTH_BASE;
    op.u.search.filter = ldap_filter_present(mem, STR("objectClass"));
    driver_perform(rehearse->driver, mem, &op, ret_reply);
    if (ret_reply->fate != LDAP_ANSWERED)
        return LDAP_RC_SUCCESS;
    if (ret_reply->code == LDAP_RC_SUCCESS)
        return LDAP_RC_ALREADY_EXISTS;
    above = ldap_dn_normal(mem, ret_reply->matched);
    if (ret_reply->code == LDAP_RC_NO_SUCH_OBJECT && ret_reply->matched.n > 0 &&
        !ldap_dn_is_child(normal, above))
        return LDAP_RC_NO_SUCH_OBJECT; /* its parent is not there either */
    return LDAP_RC_SUCCESS;
}

/* Refused in a way that nobody tries again: what the request wanted is known by then. */
static void
stop(rehearse_t *rehearse, const ldap_op_t *op, ldap_reply_t *ret_reply)
{
    rehearse->wrote = true;
    rehearse->how = op->kind;
    if (op->kind == LDAP_OP_ADD)
        keep_entry(rehearse, op->u.add.entry);
    ret_reply->code = LDAP_RC_UNWILLING;
}

/* Each request takes a number of its own, as it would. */
static void
count(rehearse_t *rehearse, arena_t *mem, const ldap_op_t *op, ldap_reply_t *ret_reply)
{
    const ldap_entry_t **shown = arena_new_of(mem, const ldap_entry_t *);
    ldap_op_t read = {.kind = LDAP_OP_SEARCH, .dn = op->dn};
    ldap_entry_t *entry;

    read.u.search.depth = LDAP_DEPTH_BASE;
    read.u.search.filter = ldap_filter_present(mem, STR("objectClass"));
    read.u.search.attrs = (ldap_names_t){&op->u.modify.mods[0].attr.name, 1};
    read_name(rehearse, mem, &read, ret_reply);
    if (!ret_reply->n_entries)
        return;
    entry = ldap_entry_copy(mem, ret_reply->entries[0]);
    ldap_apply_mods(mem, rehearse->driver->of->map->schema, entry, op->u.modify.mods,
                    op->u.modify.n);
    *shown = ldap_entry_copy(rehearse->mem, entry);
    keep(rehearse, rehearse->by_name, ldap_dn_normal(mem, op->dn), *shown);
    ret_reply->entries = shown;
}

bool
rehearse_answer(void *arg, const ask_t *ask, ldap_reply_t *ret_reply)
{
    rehearse_t *rehearse = arg;
    const ldap_op_t *op = &ask->op;
    arena_t *mem = ask->run->mem;
    ldap_reply_t looked = {.fate = LDAP_ANSWERED};
    int code = LDAP_RC_SUCCESS;

    *ret_reply =
        (ldap_reply_t){.fate = LDAP_ANSWERED, .matched = STR(""), .diagnostic = STR("")};
    if (op->kind == LDAP_OP_SEARCH && op->u.search.depth == LDAP_DEPTH_BASE) {
        read_name(rehearse, mem, op, ret_reply);
    } else if (op->kind == LDAP_OP_SEARCH) {
        search(rehearse, mem, op, ret_reply);
    } else if (!ldap_op_is_write(op)) {
        return false;
    } else if (ask->beside) {
        count(rehearse, mem, op, ret_reply);
    } else {
        if (op->kind == LDAP_OP_ADD)
            code = refusal_of_add(rehearse, mem, op->dn, &looked);
        if (looked.fate != LDAP_ANSWERED)
            *ret_reply = looked;
        else if (code != LDAP_RC_SUCCESS)
            ret_reply->code = code;
        else
            stop(rehearse, op, ret_reply);
    }
    return true;
}
