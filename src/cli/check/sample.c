/* SPDX-License-Identifier: Apache-2.0 */
/* Where a map says that entries are, and whether those that are there fit it. */
#include "cli/check/check.h"

#include "base/clock.h"
#include "map/share.h"

static const char topic[] = "entries";

enum { SAMPLE = 200, GROUPS = 20 }; /* groups may be large */

typedef struct {
    check_t *check;
    const map_type_t *type;
    const ldap_entry_t **entries;
    size_t n, size;
    bool more; /* than the sample */
    ldap_names_t names;
} sample_t;

/* ---- bases ---- */

/* Whether the scope's base, or the parent of new entries, is there. */
static bool
check_container(sample_t *sample, str_t dn, const char *what, const char *key)
{
    check_t *check = sample->check;
    str_t about = check_about(check, NULL);
    ldap_reply_t reply;
    finding_t *finding;

    live_search(check->live, dn, LDAP_DEPTH_BASE, NULL, (ldap_names_t){NULL, 0}, 0, &reply);
    if (reply.n_entries == 1)
        return true;
    if (reply.fate == LDAP_ANSWERED && reply.code == LDAP_RC_SUCCESS)
        finding = findings_add(check->findings, FINDING_ERROR, topic, about,
                               "%s %.*s: the bind identity may not see it", what, STR_ARG(dn));
    else
        finding = findings_add(check->findings, FINDING_ERROR, topic, about,
                               "%s %.*s: %.*s; create it, correct the DN, or let the bind "
                               "identity see it",
                               what, STR_ARG(dn), STR_ARG(live_reason(check->live, &reply)));
    if (str_eq(str_from_c(key), STR("bases")))
        places_scope(&check->places, sample->type->scope, key, finding);
    else
        places_key(&check->places, sample->type, key, finding);
    return false;
}

/* ---- entries ---- */

static void
find_entries(sample_t *sample, const map_base_t *base)
{
    check_t *check = sample->check;
    arena_t *mem = check->live->mem;
    const map_scope_t *scope = sample->type->scope;
    ldap_reply_t reply;
    size_t room = sample->size - sample->n;

    if (room == 0)
        return;
    live_search(check->live, base->dn, scope->depth, map_visible(mem, scope, clock_real_s()),
                sample->names, (uint32_t)room, &reply);
    sample->more = sample->more || reply.code == LDAP_RC_SIZE_LIMIT;
    for (size_t i = 0; i < reply.n_entries && room-- > 0; i++)
        sample->entries[sample->n++] = reply.entries[i];
}

typedef struct {
    sample_t *sample;
    const ldap_entry_t *entry;
    bool refused;
} look_t;

/* Where an attribute of the filter may not be read, the filter finds nothing. */
static void
look_at(void *arg, str_t attr)
{
    look_t *look = arg;
    check_t *check = look->sample->check;

    if (attr.n == 0 || look->refused || live_may_read(check->live, look->entry->dn, attr))
        return;
    look->refused = true;
    places_scope(
        &check->places, look->sample->type->scope, "filter",
        findings_add(check->findings, FINDING_ERROR, "rights",
                     check_about(check, look->sample->type),
                     "the bind identity may not read %.*s of %.*s, so the filter finds "
                     "nothing; \"scimbridge check --acl\" prints the rules that allow "
                     "it",
                     STR_ARG(attr), STR_ARG(look->entry->dn)));
}

/* Units that hold others are no people whom a filter could miss. */
static bool
is_container(const ldap_entry_t *entry)
{
    static const str_t classes[] = {
        STR_INIT("organizationalUnit"), STR_INIT("organization"), STR_INIT("container"),
        STR_INIT("nsContainer"),        STR_INIT("domain"),
    };
    const ldap_attr_t *attr = ldap_entry_find(entry, STR("objectClass"));

    for (size_t i = 0; attr && i < attr->n; i++)
        for (size_t k = 0; k < ARRAY_SIZE(classes); k++)
            if (str_ieq(attr->values[i], classes[k]))
                return true;
    return false;
}

/* An entry in the scope's bases, whatever its other classes. */
static const ldap_entry_t *
find_other(sample_t *sample)
{
    check_t *check = sample->check;
    const map_scope_t *scope = sample->type->scope;
    str_t name = STR("objectClass");

    for (size_t i = 0; i < scope->n_bases; i++) {
        ldap_reply_t reply;

        live_search(check->live, scope->bases[i].dn, LDAP_DEPTH_ONE, ldap_filter_true(),
                    (ldap_names_t){&name, 1}, SAMPLE, &reply);
        for (size_t k = 0; k < reply.n_entries; k++)
            if (!is_container(reply.entries[k]))
                return reply.entries[k];
    }
    return NULL;
}

/* A filter that is too narrow makes SCIM answer an empty list, and clients create everybody
 * again. */
static void
check_nothing(sample_t *sample)
{
    check_t *check = sample->check;
    const map_scope_t *scope = sample->type->scope;
    str_t filter = ldap_filter_format(check->live->mem, scope->filter);
    look_t look = {.sample = sample, .entry = find_other(sample)};

    if (!look.entry) {
        findings_add(check->findings, FINDING_OK, topic, check_about(check, sample->type),
                     "the scope \"%.*s\" is there, and empty", STR_ARG(scope->name));
        return;
    }
    ldap_filter_each_attr(scope->filter, look_at, &look);
    if (!look.refused)
        places_scope(&check->places, scope, "filter",
                     findings_add(check->findings, FINDING_WARNING, topic,
                                  check_about(check, sample->type),
                                  "there are entries in the scope \"%.*s\", but the filter "
                                  "%.*s finds none of them, so clients would see nobody and "
                                  "create everybody again; see that it is not too narrow",
                                  STR_ARG(scope->name), STR_ARG(filter)));
}

/* Those that are the slot's, where the attribute is shared. */
static size_t
count_values(const map_slot_t *slot, const ldap_entry_t *entry)
{
    const ldap_attr_t *attr = ldap_entry_find(entry, slot->ldap);
    size_t n = 0;

    for (size_t i = 0; attr && i < attr->n; i++)
        n += map_share_owns(slot, attr->values[i]);
    return n;
}

static void
check_slot(sample_t *sample, const map_slot_t *slot)
{
    check_t *check = sample->check;
    size_t several = 0, none = 0;
    str_t one = STR("");

    for (size_t i = 0; i < sample->n; i++) {
        size_t n = count_values(slot, sample->entries[i]);

        if (n > 1 && !slot->several) {
            several++;
            one = sample->entries[i]->dn;
        }
        none += n == 0;
    }
    if (several > 0)
        places_attr(
            &check->places, sample->type, slot->ldap,
            findings_add(
                check->findings, FINDING_WARNING, topic, check_about(check, sample->type),
                "%zu of %zu entries have several values in %.*s, of which %.*s shows "
                "one (for example %.*s); map it for several, or tidy the entries",
                several, sample->n, STR_ARG(slot->ldap), STR_ARG(slot->path), STR_ARG(one)));
    if (none > 0 && slot->required && slot->as != MAP_AS_PASSWORD)
        places_attr(&check->places, sample->type, slot->ldap,
                    findings_add(check->findings, FINDING_WARNING, topic,
                                 check_about(check, sample->type),
                                 "%zu of %zu entries have no %.*s, though %.*s is required; "
                                 "give them one, or narrow the scope's filter",
                                 none, sample->n, STR_ARG(slot->ldap), STR_ARG(slot->path)));
}

/* What a client would be told as the id. */
static void
check_anchor(sample_t *sample)
{
    check_t *check = sample->check;
    str_t anchor = check->map->dialect->anchor;
    str_t value;

    for (size_t i = 0; i < sample->n; i++) {
        if (ldap_entry_first(sample->entries[i], anchor, &value))
            continue;
        findings_add(check->findings, FINDING_ERROR, topic, check_about(check, sample->type),
                     "%.*s shows no %.*s, whose value is the resource's id; let the bind "
                     "identity read it",
                     STR_ARG(sample->entries[i]->dn), STR_ARG(anchor));
        return;
    }
}

/* "unique" promises that no two entries share a value and that each is named by it. */
static void
check_unique(sample_t *sample, str_t attr)
{
    check_t *check = sample->check;
    arena_t *mem = check->live->mem;

    for (size_t i = 0; i < sample->n; i++) {
        const ldap_entry_t *entry = sample->entries[i];
        const ldap_attr_t *values = ldap_entry_find(entry, attr);
        err_t err = ERR_INIT;
        ldap_dn_t dn;
        str_t named;

        if (!values || (values->n == 1 && ldap_dn_parse(mem, entry->dn, &dn, &err) &&
                        ldap_dn_rdn_value(&dn, attr, &named)))
            continue;
        places_scope(&check->places, sample->type->scope, "unique",
                     findings_add(check->findings, FINDING_ERROR, topic,
                                  check_about(check, sample->type),
                                  "%.*s is not named by its one %.*s, so \"unique\" promises "
                                  "what is not so; remove it, and POST looks first",
                                  STR_ARG(entry->dn), STR_ARG(attr)));
        return;
    }
}

/* References that lead nowhere: nobody repairs them. */
static void
check_dangling(sample_t *sample, const map_slot_t *slot)
{
    check_t *check = sample->check;
    size_t tried = 0;

    for (size_t i = 0; i < sample->n && tried < 20; i++) {
        const ldap_attr_t *attr = ldap_entry_find(sample->entries[i], slot->ldap);

        for (size_t k = 0; attr && k < attr->n && k < 3 && tried < 20; k++) {
            ldap_reply_t reply;

            if (str_eq(attr->values[k], sample->type->placeholder))
                continue;
            tried++;
            live_search(check->live, attr->values[k], LDAP_DEPTH_BASE, NULL,
                        (ldap_names_t){NULL, 0}, 0, &reply);
            if (reply.fate != LDAP_ANSWERED || reply.code != LDAP_RC_NO_SUCH_OBJECT)
                continue;
            places_attr(&check->places, sample->type, slot->ldap,
                        findings_add(
                            check->findings, FINDING_WARNING, topic,
                            check_about(check, sample->type),
                            "%.*s of %.*s names %.*s, which the bind identity does not find: "
                            "who is created there next would inherit it; let the server repair "
                            "references (slapd: the refint overlay), and remove it",
                            STR_ARG(slot->ldap), STR_ARG(sample->entries[i]->dn),
                            STR_ARG(attr->values[k])));
            return;
        }
    }
}

/* All that the map reads. */
static void
read_names(sample_t *sample)
{
    uses_t uses;
    str_t *names;

    check_uses(sample->check, sample->type, &uses);
    names = arena_array_of(sample->check->live->mem, uses.n, str_t);
    for (size_t i = 0; i < uses.n; i++) {
        if (uses.items[i].read)
            names[sample->names.n++] = uses.items[i].name;
    }
    sample->names.names = names;
}

bool
check_sample(check_t *check, const map_type_t *type, const ldap_entry_t **ret_entry)
{
    const map_scope_t *scope = type->scope;
    sample_t sample = {.check = check, .type = type};
    size_t errors = check->findings->errors, warnings = check->findings->warnings;
    bool there = true;

    *ret_entry = NULL;
    sample.size = type->members ? GROUPS : SAMPLE;
    sample.entries = arena_array_of(check->live->mem, sample.size, const ldap_entry_t *);
    read_names(&sample);
    for (size_t i = 0; i < scope->n_bases; i++) {
        bool own = i < scope->n_own;

        if (!check_container(&sample, scope->bases[i].dn,
                             own ? "the base" : "the place of a lifecycle state",
                             own ? "bases" : "lifecycle"))
            there = false;
        else
            find_entries(&sample, &scope->bases[i]);
    }
    if (type->parent.n > 0)
        there = check_container(&sample, type->parent, "the parent of new entries", "parent") &&
                there;
    if (!there)
        return false;
    if (sample.n == 0) {
        check_nothing(&sample);
        return true;
    }
    check_anchor(&sample);
    for (size_t i = 0; i < type->n_slots; i++) {
        check_slot(&sample, &type->slots[i]);
        if (type->slots[i].n_references > 0 && type->slots[i].by.n == 0)
            check_dangling(&sample, &type->slots[i]);
    }
    for (size_t i = 0; i < scope->n_unique; i++)
        check_unique(&sample, scope->unique[i]);
    *ret_entry = sample.entries[0];
    if (check->findings->errors == errors && check->findings->warnings == warnings)
        findings_add(check->findings, FINDING_OK, topic, check_about(check, type),
                     "the scope \"%.*s\" has entries, and %s %zu fit", STR_ARG(scope->name),
                     sample.more ? "the first" : "all", sample.n);
    return true;
}
