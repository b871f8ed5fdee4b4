/* SPDX-License-Identifier: Apache-2.0 */
/* A map against the schema of the live directory. */
#include "cli/check/check.h"
#include "daemon/file.h"
#include "map/load.h"
#include "map/slot.h"

#include <assert.h>

static const char topic[] = "schema";

typedef struct {
    check_t *check;
    const map_type_t *type;
    str_t class;
    size_t wrong;
} at_t;

/* ---- the loader's own checks, with the directory's schema ---- */

static bool
is_known(const diag_list_t *diags, const diag_t *diag)
{
    for (size_t i = 0; i < diags->n; i++) {
        if (str_eq(diags->items[i].message, diag->message))
            return true;
    }
    return false;
}

static void
load_with(check_t *check, const ldap_schema_t *schema, diag_list_t *diags)
{
    const map_t *map = map_load(check->live->mem, check->connector->map_file,
                                check->places.text, schema, diags);

    assert(map || diags->errors > 0);
}

/* What it says of the directory's schema and does not say without. */
static void
load_again(at_t *at)
{
    check_t *check = at->check;
    arena_t *mem = check->live->mem;
    diag_list_t before, now;

    diag_init(&before, mem);
    diag_init(&now, mem);
    load_with(check, ldap_schema_builtin(), &before);
    load_with(check, check->live->schema, &now);
    for (size_t i = 0; i < now.n; i++) {
        const diag_t *diag = &now.items[i];
        finding_t *finding;

        if (is_known(&before, diag))
            continue;
        finding = findings_add(check->findings,
                               diag->severity == DIAG_ERROR ? FINDING_ERROR : FINDING_WARNING,
                               topic, check_about(check, NULL),
                               "by the directory's schema: %.*s", STR_ARG(diag->message));
        finding->file = diag->file;
        finding->line = diag->line;
        finding->column = diag->column;
        at->wrong++;
    }
}

/* ---- attributes ---- */

static void
check_known(at_t *at, const use_t *use)
{
    check_t *check = at->check;
    finding_t *finding;

    if (ldap_schema_has(check->live->schema, use->name))
        return;
    finding =
        findings_add(check->findings, FINDING_ERROR, topic, check_about(check, at->type),
                     "the directory knows no attribute %.*s; %s", STR_ARG(use->name),
                     str_istarts_with(use->name, STR("pwd"))
                         ? "load slapd's ppolicy overlay, or choose another lifecycle"
                     : str_istarts_with(use->name, STR("scim"))
                         ? "load schema/ldap/scimbridge.ldif there, or map another attribute"
                         : "load the schema that defines it, or map another attribute");
    places_attr(&check->places, at->type, use->name, finding);
    at->wrong++;
}

static const char *
rule_name(ldap_rule_t rule)
{
    static const char *const names[] = {
        [LDAP_RULE_NONE] = "none",
        [LDAP_RULE_CASE_IGNORE] = "case ignored",
        [LDAP_RULE_CASE_EXACT] = "case counts",
        [LDAP_RULE_NUMERIC_STRING] = "digits, blanks ignored",
        [LDAP_RULE_TELEPHONE] = "telephone numbers",
        [LDAP_RULE_CASE_IGNORE_LIST] = "lists of lines",
        [LDAP_RULE_INTEGER] = "numbers",
        [LDAP_RULE_BOOLEAN] = "truth values",
        [LDAP_RULE_TIME] = "times",
        [LDAP_RULE_DN] = "distinguished names",
        [LDAP_RULE_UUID] = "UUIDs",
        [LDAP_RULE_OCTETS] = "bytes",
        [LDAP_RULE_OBJECT_IDENTIFIER] = "object identifiers",
    };

    return names[rule];
}

/* What the bridge assumes while it serves, against what the directory does. */
static void
check_rules(at_t *at, const map_slot_t *slot)
{
    check_t *check = at->check;
    const ldap_attr_type_t *live = ldap_schema_find(check->live->schema, slot->ldap);
    finding_t *finding = NULL;

    if (!live || !ldap_schema_has(check->live->schema, slot->ldap) ||
        slot->as == MAP_AS_PASSWORD)
        return;
    if (live->equality != slot->ldap_type->equality && live->equality == LDAP_RULE_NONE)
        finding = findings_add(
            check->findings, FINDING_WARNING, topic, check_about(check, at->type),
            "%.*s has no equality rule in the directory, so a filter on %.*s finds nothing but "
            "with pr; map an attribute that has one where clients filter",
            STR_ARG(slot->ldap), STR_ARG(slot->path));
    else if (live->equality != slot->ldap_type->equality)
        finding = findings_add(
            check->findings, FINDING_WARNING, topic, check_about(check, at->type),
            "the directory compares %.*s by another rule (%s) than the bridge takes it to "
            "(%s), "
            "so filters on %.*s may answer differently; map an attribute of the usual rule",
            STR_ARG(slot->ldap), rule_name(live->equality),
            rule_name(slot->ldap_type->equality), STR_ARG(slot->path));
    else if (live->ordering == LDAP_RULE_NONE && slot->ldap_type->ordering != LDAP_RULE_NONE)
        finding = findings_add(
            check->findings, FINDING_WARNING, topic, check_about(check, at->type),
            "%.*s has no ordering rule in the directory, so gt, ge, lt and le on %.*s find "
            "nothing; map an attribute that has one where clients compare",
            STR_ARG(slot->ldap), STR_ARG(slot->path));
    else if (live->syntax != slot->ldap_type->syntax)
        finding = findings_add(
            check->findings, FINDING_WARNING, topic, check_about(check, at->type),
            "%.*s holds a %s in the directory, not a %s as the bridge takes it to; see that "
            "%.*s fits",
            STR_ARG(slot->ldap), ldap_syntax_name(live->syntax),
            ldap_syntax_name(slot->ldap_type->syntax), STR_ARG(slot->path));
    if (finding)
        places_attr(&check->places, at->type, slot->ldap, finding);
    at->wrong += finding != NULL;
}

static void
check_single(at_t *at, const map_slot_t *slot)
{
    check_t *check = at->check;
    const ldap_attr_type_t *live = ldap_schema_find(check->live->schema, slot->ldap);

    if (!slot->several || !live || !live->single || !map_slot_writes(slot))
        return;
    places_attr(&check->places, at->type, slot->ldap,
                findings_add(check->findings, FINDING_WARNING, topic,
                             check_about(check, at->type),
                             "%.*s takes several values, but the directory holds one in %.*s; "
                             "add \"several\": \"refuse\", or map an attribute for several",
                             STR_ARG(slot->path), STR_ARG(slot->ldap)));
    at->wrong++;
}

/* ---- classes ---- */

static bool
is_certain(const map_rule_t *rule)
{
    if (rule->counter)
        return true;
    for (size_t i = 0; i < rule->n; i++) {
        bool certain = true;

        for (size_t k = 0; k < rule->alternatives[i].n; k++) {
            const map_slot_t *slot = rule->alternatives[i].parts[k].slot;

            certain = certain && (!slot || slot->required);
        }
        if (certain)
            return true;
    }
    return false;
}

static bool
is_provided(const at_t *at, str_t attr)
{
    const live_t *live = at->check->live;
    const map_type_t *type = at->type;
    const ldap_attr_type_t *known = ldap_schema_find(ldap_schema_builtin(), attr);

    if (str_ieq(attr, STR("objectClass")) || live_same_attr(live, attr, type->rdn) ||
        (known && known->read_only)) /* the directory makes it */
        return true;
    for (size_t i = 0; i < type->n_rules; i++) {
        if (live_same_attr(live, type->rules[i].ldap, attr) && is_certain(&type->rules[i]))
            return true;
    }
    for (size_t i = 0; i < type->n_slots; i++) {
        const map_slot_t *slot = &type->slots[i];

        if ((live_same_attr(live, slot->ldap, attr) || map_slot_has_ldap(slot, attr)) &&
            (slot->required || (slot == type->members && type->placeholder.n > 0)))
            return true;
    }
    return false;
}

static void
check_must(void *arg, str_t attr)
{
    at_t *at = arg;
    check_t *check = at->check;

    if (is_provided(at, attr))
        return;
    places_key(
        &check->places, at->type, "objectClass",
        findings_add(check->findings, FINDING_ERROR, topic, check_about(check, at->type),
                     "the directory's class %.*s demands %.*s, which nothing in the map "
                     "always provides; map a required path to it, or add it to \"entry\"",
                     STR_ARG(at->class), STR_ARG(attr)));
    at->wrong++;
}

static void
check_class(at_t *at, str_t name, size_t *structural)
{
    check_t *check = at->check;
    const ldap_class_t *class = ldap_class_find(&check->live->classes, name);

    if (!class) {
        places_key(&check->places, at->type, "objectClass",
                   findings_add(check->findings, FINDING_ERROR, topic,
                                check_about(check, at->type),
                                "the directory knows no object class %.*s; %s", STR_ARG(name),
                                str_istarts_with(name, STR("scim"))
                                    ? "load schema/ldap/scimbridge.ldif there, or map without"
                                    : "load its schema, or name another"));
        at->wrong++;
        return;
    }
    *structural += class->kind == LDAP_CLASS_STRUCTURAL;
    at->class = name;
    live_each_must(check->live, name, check_must, at);
}

static void
check_allowed(at_t *at, const use_t *use)
{
    check_t *check = at->check;
    const map_type_t *type = at->type;
    const ldap_attr_type_t *attr = ldap_schema_find(check->live->schema, use->name);

    if (!use->write || !attr || attr->operational ||
        !ldap_schema_has(check->live->schema, use->name))
        return;
    for (size_t i = 0; i < type->n_object_classes; i++) {
        if (!ldap_class_find(&check->live->classes, type->object_classes[i]) ||
            live_class_allows(check->live, type->object_classes[i], use->name))
            return;
    }
    places_attr(&check->places, type, use->name,
                findings_add(check->findings, FINDING_ERROR, topic, check_about(check, type),
                             use->named
                                 ? "no class of these entries allows %.*s, by which they are "
                                   "named; add a class that does, or choose another \"rdn\""
                                 : "no class of these entries allows %.*s, so the directory "
                                   "will refuse it; add a class that does to \"auxiliary\"",
                             STR_ARG(use->name)));
    at->wrong++;
}

static void
check_classes(at_t *at, const uses_t *uses)
{
    check_t *check = at->check;
    const map_type_t *type = at->type;
    size_t structural = 0;

    for (size_t i = 0; i < type->n_object_classes; i++)
        check_class(at, type->object_classes[i], &structural);
    if (structural == 0 && at->wrong == 0)
        places_key(&check->places, type, "objectClass",
                   findings_add(check->findings, FINDING_ERROR, topic, check_about(check, type),
                                "none of these classes is structural, so no entry can be made; "
                                "add one that is, such as inetOrgPerson or groupOfNames"));
    for (size_t i = 0; i < uses->n; i++)
        check_allowed(at, &uses->items[i]);
}

void
check_schema(check_t *check, const map_type_t *type)
{
    at_t at = {.check = check, .type = type};
    uses_t uses;

    if (!check->live->schema) {
        findings_add(check->findings, FINDING_WARNING, topic, check_about(check, type),
                     "the directory's subschema cannot be read, so the map was not checked "
                     "against it; let the bind identity read the entry that the root DSE names "
                     "as subschemaSubentry");
        return;
    }
    check_uses(check, type, &uses);
    if (type == check->map->types)
        load_again(&at);
    for (size_t i = 0; i < uses.n; i++)
        check_known(&at, &uses.items[i]);
    for (size_t i = 0; i < type->n_slots; i++) {
        check_rules(&at, &type->slots[i]);
        check_single(&at, &type->slots[i]);
    }
    check_classes(&at, &uses);
    if (at.wrong == 0)
        findings_add(check->findings, FINDING_OK, topic, check_about(check, type),
                     "the directory knows the %zu attributes and %zu classes, and the classes "
                     "get what they demand",
                     uses.n, type->n_object_classes);
}
