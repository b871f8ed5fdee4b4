/* SPDX-License-Identifier: Apache-2.0 */
/* "allocate": numbers that no client gives, from an entry that holds the next one. */
#include "map/load/loading.h"
#include "map/slot.h"

/* 0 is root's. The other end is what a uid_t may be where it is signed. */
static const map_counter_t usual = {.first = 1, .last = INT32_MAX};

bool
load_check_counter_keys(load_type_t *draft, const json_t *json)
{
    static const struct {
        const char *key;
        bool allocates;
        const char *why;
    } keys[] = {
        {"from", false, "the value is either made of paths or a number of the counter"},
        {"conflict", false, "an entry that has a number keeps it"},
        {"counter", true, "it is the attribute of the entry that \"allocate\" names"},
        {"range", true, "it bounds the numbers of the entry that \"allocate\" names"},
    };
    bool allocates = json_find_exact(json, STR("allocate")) != NULL, good = true;

    for (size_t i = 0; i < ARRAY_SIZE(keys); i++) {
        const json_member_t *member = json_find_member(json, str_from_c(keys[i].key));

        if (member && keys[i].allocates != allocates)
            good = load_error(draft->load, member->at,
                              "\"%s\" does not go %s \"allocate\": %s; remove it", keys[i].key,
                              allocates ? "with" : "without", keys[i].why);
    }
    return good;
}

/* Whoever can write numbers besides could write one that the counter will give to another. */
static bool
check_writers(load_type_t *draft, const map_rule_t *rule, uint32_t at)
{
    for (size_t i = 0; i < draft->n_slots; i++) {
        const map_slot_t *slot = &draft->slots[i];

        if (map_slot_writes(slot) && map_slot_has_ldap(slot, rule->ldap))
            return load_error(
                draft->load, at,
                "clients write %.*s too, by \"%.*s\", and could take a number that "
                "the counter gives to another entry; add \"write\": \"read-only\" "
                "there",
                STR_ARG(rule->ldap), STR_ARG(slot->path));
    }
    return true;
}

static bool
check_numbers(load_type_t *draft, str_t ldap, uint32_t at)
{
    const ldap_attr_type_t *type = ldap_schema_find(draft->load->schema, ldap);

    if (type && (type->syntax != LDAP_SYNTAX_INTEGER || !type->single))
        return load_error(
            draft->load, at,
            "%.*s (%s) holds no single number; name a single-valued attribute whose "
            "syntax is INTEGER, such as uidNumber",
            STR_ARG(ldap), ldap_syntax_name(type->syntax));
    return true;
}

static bool
read_dn(load_type_t *draft, const json_t *json, map_counter_t *counter)
{
    load_t *load = draft->load;
    const json_t *at = NULL;
    ldap_dn_t dn;
    err_t err = ERR_INIT;

    if (!load_string(load, json, "allocate", true, &counter->dn, &at))
        return false;
    if (!ldap_dn_parse(load->mem, counter->dn, &dn, &err) || dn.n == 0)
        return load_error(
            load, at->at,
            "\"allocate\" is no DN: %s; name the entry that holds the next number, "
            "such as cn=uid,ou=counters,dc=example,dc=com",
            err.kind == ERR_NONE ? "it is empty" : err.detail);
    counter->normal = ldap_dn_normal_tree(load->mem, &dn);
    for (size_t i = 0; i < load->n_scopes; i++) {
        const load_scope_t *scope = &load->scopes[i];

        if (!scope->bad && map_scope_holds(scope->scope, counter->normal))
            return load_error(load, at->at,
                              "the counter lies in the scope \"%.*s\", among what clients see, "
                              "change and delete; keep it elsewhere, such as below ou=counters",
                              STR_ARG(scope->scope->name));
    }
    return true;
}

static bool
read_attr(load_type_t *draft, const json_t *json, map_counter_t *counter)
{
    load_t *load = draft->load;
    const json_t *at = NULL;

    if (!load_string(load, json, "counter", false, &counter->ldap, &at))
        return false;
    if (!at)
        return true;
    if (!load_is_attr_name(counter->ldap))
        return load_error(load, at->at, "\"%.*s\" is no name of an LDAP attribute",
                          STR_ARG(counter->ldap));
    counter->ldap = load_attr_name(load, counter->ldap);
    return check_numbers(draft, counter->ldap, at->at);
}

static bool
read_range(load_type_t *draft, const json_t *json, map_counter_t *counter)
{
    const json_t *range = json_find_exact(json, STR("range"));

    if (!range)
        return true;
    if (json_is(range, JSON_ARRAY) && range->u.array.n == 2 &&
        json_to_int64(range->u.array.items[0], &counter->first) &&
        json_to_int64(range->u.array.items[1], &counter->last) && counter->first >= 0 &&
        counter->first <= counter->last && counter->last < INT64_MAX)
        return true;
    return load_error(draft->load, range->at,
                      "\"range\" must be the first and the last number that may be given: "
                      "[10000, 59999]");
}

bool
load_counter(load_type_t *draft, const json_t *json, map_rule_t *rule)
{
    map_counter_t *counter = arena_new_of(draft->load->mem, map_counter_t);
    uint32_t at = json_find_exact(json, STR("allocate"))->at;
    bool good;

    *counter = usual;
    counter->ldap = rule->ldap;
    good = read_dn(draft, json, counter);
    good = check_numbers(draft, rule->ldap, at) && good;
    good = read_attr(draft, json, counter) && good;
    good = read_range(draft, json, counter) && good;
    rule->counter = counter;
    return check_writers(draft, rule, at) && good;
}
