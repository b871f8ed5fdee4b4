/* SPDX-License-Identifier: Apache-2.0 */
/* "entry": LDAP attributes that no single path holds. */
#include "map/load/loading.h"
#include "map/transform.h"

static const char *const rule_keys[] = {"from",    "write", "conflict", "allocate",
                                        "counter", "range", NULL};
static const char *const write_words[] = {"always", "create", "if-empty", NULL};
static const map_write_t writes[] = {MAP_WRITE_ALWAYS, MAP_WRITE_CREATE, MAP_WRITE_IF_EMPTY};
static const char *const conflict_words[] = {"preserve", "merge", "overwrite", NULL};

static bool
check_constant(load_type_t *draft, const map_rule_t *rule, str_t value, uint32_t at)
{
    const ldap_attr_type_t *type = ldap_schema_get(draft->load->schema, rule->ldap);

    if (!ldap_syntax_accepts(draft->load->mem, type->syntax, value))
        return load_error(draft->load, at, "%.*s (%s) cannot hold \"%.*s\"",
                          STR_ARG(rule->ldap), ldap_syntax_name(type->syntax), STR_ARG(value));
    return true;
}

/* What a slot says of itself must read back, so its own attribute has no other form of it. */
static bool
check_own(load_type_t *draft, const map_rule_t *rule, const map_part_t *part, uint32_t at)
{
    const map_slot_t *slot = part->slot;

    if (!slot || !load_same_attr(draft->load->schema, slot->ldap, rule->ldap))
        return true;
    for (size_t i = 0; i < part->n_transforms; i++) {
        if (map_transform_loses(&part->transforms[i], slot->ldap_type->equality))
            return load_error(draft->load, at,
                              "%.*s holds \"%.*s\" itself, which would not read back as it was "
                              "written; leave the transforms out, or make the value of "
                              "another path",
                              STR_ARG(rule->ldap), STR_ARG(slot->path));
    }
    return true;
}

static bool
read_alternative(load_type_t *draft, map_rule_t *rule, const json_t *value,
                 map_template_t *ret_template)
{
    load_t *load = draft->load;
    bool constant = true;

    if (!json_is(value, JSON_STRING) || value->u.string.n == 0)
        return load_error(load, value->at,
                          "write the value as a string: \"{userName}\", or several of which "
                          "the first complete one is taken: [\"…\", \"…\"]");
    if (!load_template(draft, value->u.string, value->at, ret_template))
        return false;
    for (size_t i = 0; i < ret_template->n; i++) {
        constant = constant && !ret_template->parts[i].slot;
        if (!check_own(draft, rule, &ret_template->parts[i], value->at))
            return false;
    }
    if (constant)
        return check_constant(draft, rule, value->u.string, value->at);
    rule->constant = false;
    if (ldap_schema_get(load->schema, rule->ldap)->syntax == LDAP_SYNTAX_DN)
        return load_error(load, value->at,
                          "%.*s holds DNs, which are not made from text; map a reference",
                          STR_ARG(rule->ldap));
    return true;
}

static bool
read_alternatives(load_type_t *draft, map_rule_t *rule, const json_t *value)
{
    map_template_t *templates;
    bool good = true;

    rule->constant = true;
    if (!json_is(value, JSON_ARRAY)) {
        templates = arena_array_of(draft->load->mem, 1, map_template_t);
        rule->alternatives = templates;
        rule->n = 1;
        return read_alternative(draft, rule, value, templates);
    }
    if (value->u.array.n == 0)
        return load_error(draft->load, value->at, "write at least one value");
    rule->n = value->u.array.n;
    templates = arena_array_of(draft->load->mem, rule->n, map_template_t);
    rule->alternatives = templates;
    for (size_t i = 0; i < rule->n; i++)
        good = read_alternative(draft, rule, value->u.array.items[i], &templates[i]) && good;
    return good;
}

static bool
check_target(load_type_t *draft, const map_rule_t *rule, uint32_t at)
{
    load_t *load = draft->load;
    const ldap_attr_type_t *type = ldap_schema_find(load->schema, rule->ldap);

    if (!load_is_attr_name(rule->ldap))
        return load_error(load, at, "\"%.*s\" is no name of an LDAP attribute",
                          STR_ARG(rule->ldap));
    if (load_find_rule(draft, rule->ldap))
        return load_error(load, at, "%.*s stands here twice, under two names; remove one",
                          STR_ARG(rule->ldap));
    if (str_ieq(rule->ldap, STR("objectClass")))
        return load_error(load, at,
                          "object classes belong into \"objectClass\" and "
                          "\"auxiliary\" of the resource");
    if (type && type->read_only)
        return load_error(load, at, "the directory alone writes %.*s; remove it",
                          STR_ARG(rule->ldap));
    if (ldap_attr_is_secret(rule->ldap))
        load_warning(
            load, at,
            "%.*s holds passwords, and whoever knows this rule would know everybody's; "
            "map \"password\" to it, with \"missing\": \"generate\" where clients send none",
            STR_ARG(rule->ldap));
    if (!type)
        load_warning(load, at,
                     "the LDAP attribute %.*s is not known here; check the map against the "
                     "live directory",
                     STR_ARG(rule->ldap));
    return true;
}

/* An object with "from". */
static bool
read_made(load_type_t *draft, const json_t *value, map_rule_t *rule)
{
    load_t *load = draft->load;
    const json_t *from = json_find_exact(value, STR("from"));
    size_t write = 0, conflict = 0;
    bool good = load_word(load, value, "write", write_words, NULL, &write) &&
                load_word(load, value, "conflict", conflict_words, NULL, &conflict);

    if (!from)
        return load_error(load, value->at, "\"from\" is missing here");
    rule->write = writes[write];
    rule->conflict = (map_conflict_t)conflict;
    return read_alternatives(draft, rule, from) && good;
}

/* An object with "allocate". */
static bool
read_allocated(load_type_t *draft, const json_t *value, map_rule_t *rule)
{
    load_t *load = draft->load;
    const json_t *at = json_find_exact(value, STR("write"));
    size_t write = 1;

    if (!load_word(load, value, "write", write_words, NULL, &write))
        return false;
    rule->write = writes[write];
    if (rule->write == MAP_WRITE_ALWAYS)
        return load_error(load, at->at,
                          "a number is given once; write \"create\" (to new entries) or "
                          "\"if-empty\" (to entries that are adopted or revived without one, "
                          "too)");
    return load_counter(draft, value, rule);
}

static bool
read_rule(load_type_t *draft, const json_member_t *member, map_rule_t *rule)
{
    load_t *load = draft->load;
    const json_t *value = member->value;
    bool good;

    rule->ldap = load_spelling(draft, load_attr_name(load, member->name));
    if (!check_target(draft, rule, member->at))
        return false;
    if (!json_is(value, JSON_OBJECT))
        return read_alternatives(draft, rule, value);
    good = load_keys(load, value, "a rule of \"entry\"", rule_keys);
    good = load_check_counter_keys(draft, value) && good;
    if (json_find_exact(value, STR("allocate")))
        return read_allocated(draft, value, rule) && good;
    return read_made(draft, value, rule) && good;
}

void
load_entry(load_type_t *draft)
{
    load_t *load = draft->load;
    const json_t *json = json_find_exact(draft->json, STR("entry"));

    if (!json)
        return;
    if (!json_is(json, JSON_OBJECT)) {
        load_error(load, json->at,
                   "\"entry\" must be an object of LDAP attributes: {\"cn\": \"{userName}\"}");
        draft->bad_rules = true;
        return;
    }
    draft->rules = arena_array_of(load->mem, json->u.object.n, map_rule_t);
    draft->rule_members = arena_array_of(load->mem, json->u.object.n, const json_member_t *);
    for (size_t i = 0; i < json->u.object.n; i++) {
        map_rule_t *rule = &draft->rules[draft->n_rules];

        *rule = (map_rule_t){0};
        if (read_rule(draft, &json->u.object.members[i], rule))
            draft->rule_members[draft->n_rules++] = &json->u.object.members[i];
        else
            draft->bad_rules = true;
    }
    draft->type->rules = draft->rules;
    draft->type->n_rules = draft->n_rules;
}
