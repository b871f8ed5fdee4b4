/* SPDX-License-Identifier: Apache-2.0 */
/* "values" and "else": how SCIM's spellings and the directory's correspond. What is written must be
 * read back as what it was. */
#include "map/load/loading.h"

static const char *const else_words[] = {"refuse", "drop", "pass", NULL};

/* The SCIM value that the name of a member says; NULL: none of that type, and that was said. */
static const json_t *
read_scim(load_type_t *draft, const load_slot_t *slot, scim_kind_t kind,
          const json_member_t *member)
{
    arena_t *mem = draft->load->mem;
    int64_t number;

    if (kind == SCIM_STRING && member->name.n > 0)
        return json_string(mem, member->name);
    if (kind == SCIM_BOOLEAN && str_eq(member->name, STR("true")))
        return json_boolean(mem, true);
    if (kind == SCIM_BOOLEAN && str_eq(member->name, STR("false")))
        return json_boolean(mem, false);
    if (kind == SCIM_INTEGER && str_to_int64(member->name, &number))
        return json_integer(mem, number);
    load_error(draft->load, member->at, "\"%.*s\" is no %s, which \"%.*s\" is",
               STR_ARG(member->name), scim_kind_name(kind), STR_ARG(slot->member->name));
    return NULL;
}

static bool
check_pair(load_type_t *draft, const load_slot_t *slot, const map_pair_t *table, size_t at,
           const json_member_t *member)
{
    load_t *load = draft->load;
    const map_slot_t *s = &slot->slot;
    const map_pair_t *pair = &table[at];

    if (!ldap_syntax_accepts(load->mem, s->ldap_type->syntax, pair->ldap))
        return load_error(load, member->value->at, "%.*s (%s) cannot hold \"%.*s\"",
                          STR_ARG(s->ldap), ldap_syntax_name(s->ldap_type->syntax),
                          STR_ARG(pair->ldap));
    for (size_t i = 0; i < at; i++) {
        if (str_eq(table[i].normal, pair->normal))
            return load_error(load, member->value->at,
                              "\"%.*s\" and \"%.*s\" would be the same in the directory, so "
                              "what was written could not be read back; give each a spelling "
                              "of its own",
                              STR_ARG(table[i].scim), STR_ARG(pair->scim));
    }
    return true;
}

static bool
read_pairs(load_type_t *draft, load_slot_t *slot, scim_kind_t kind, const json_t *values)
{
    load_t *load = draft->load;
    map_slot_t *s = &slot->slot;
    size_t n = values->u.object.n;
    map_pair_t *table = arena_array_of(load->mem, n, map_pair_t);
    bool good = true;

    for (size_t i = 0; i < n; i++) {
        const json_member_t *member = &values->u.object.members[i];

        if (!json_is(member->value, JSON_STRING) || member->value->u.string.n == 0)
            return load_error(load, member->at,
                              "write the directory's spelling of \"%.*s\" as a string",
                              STR_ARG(member->name));
        table[i].scim = member->name;
        table[i].ldap = member->value->u.string;
        table[i].normal = ldap_rule_normal(load->mem, s->ldap_type->equality, table[i].ldap);
        table[i].value = read_scim(draft, slot, kind, member);
        good = table[i].value && check_pair(draft, slot, table, i, member) && good;
    }
    s->table = table;
    s->n_table = n;
    return good;
}

static bool
check_fit(load_type_t *draft, const load_slot_t *slot, scim_kind_t kind)
{
    load_t *load = draft->load;
    uint32_t at = load_place(slot, "values");

    if (load_is_password(slot) ||
        (kind != SCIM_STRING && kind != SCIM_BOOLEAN && kind != SCIM_INTEGER))
        return load_error(load, at,
                          "\"values\" fits text, whole numbers and booleans, and \"%.*s\" is "
                          "none of them",
                          STR_ARG(slot->member->name));
    if (json_find_exact(slot->settings, STR("none")))
        return load_error(load, load_place(slot, "none"),
                          "\"values\" says what each value means; remove \"none\"");
    if (json_find_exact(slot->settings, STR("as")))
        return load_error(load, load_place(slot, "as"),
                          "\"values\" says how each value is stored; remove \"as\"");
    return true;
}

static bool
read_else(load_type_t *draft, load_slot_t *slot, scim_kind_t kind)
{
    load_t *load = draft->load;
    size_t otherwise = MAP_ELSE_REFUSE;
    uint32_t at = load_place(slot, "else");

    if (!load_word(load, slot->settings, "else", else_words, NULL, &otherwise))
        return false;
    slot->slot.otherwise = (map_else_t)otherwise;
    if (slot->slot.otherwise == MAP_ELSE_PASS && kind != SCIM_STRING)
        return load_error(load, at, "only text passes as it is; write \"refuse\" or \"drop\"");
    if (slot->slot.otherwise == MAP_ELSE_DROP && slot->slot.required)
        return load_error(load, at,
                          "what is dropped is not there, but \"%.*s\" is required; write "
                          "\"refuse\"",
                          STR_ARG(slot->member->name));
    return true;
}

bool
load_table(load_type_t *draft, load_slot_t *slot, bool *ret_given)
{
    load_t *load = draft->load;
    const map_slot_t *s = &slot->slot;
    scim_kind_t kind = s->sub ? s->sub->kind : s->attr->kind;
    const json_t *values =
        slot->settings ? json_find_exact(slot->settings, STR("values")) : NULL;

    *ret_given = values != NULL;
    if (!values && slot->settings && json_find_exact(slot->settings, STR("else")))
        return load_error(load, load_place(slot, "else"),
                          "\"else\" is about what \"values\" leaves out; remove it");
    if (!values)
        return true;
    if (!json_is(values, JSON_OBJECT) || values->u.object.n == 0)
        return load_error(load, values->at,
                          "\"values\" must be an object of SCIM values and what they are in "
                          "the directory: {\"Germany\": \"DE\"}");
    return check_fit(draft, slot, kind) && read_else(draft, slot, kind) &&
           read_pairs(draft, slot, kind, values);
}
