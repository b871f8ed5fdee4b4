/* SPDX-License-Identifier: Apache-2.0 */
/* Who keeps references and unique values right: an overlay, or the bridge. */
#include "cli/check/check.h"

static const char topic[] = "overlays";

/* Whether the overlay stands over the database that holds the DN. */
static bool
is_over(const live_t *live, const ldap_entry_t *overlay, str_t dn)
{
    str_t normal = ldap_dn_normal(live->mem, dn);

    for (size_t i = 0; i < live->n_config; i++) {
        const ldap_entry_t *database = live->config[i];
        str_t suffix;

        if (!ldap_entry_first(database, STR("olcSuffix"), &suffix) ||
            !str_ends_with(overlay->dn, database->dn))
            continue;
        suffix = ldap_dn_normal(live->mem, suffix);
        if (str_eq(normal, suffix) || ldap_dn_is_below(normal, suffix))
            return true;
    }
    return false;
}

/* Over that database, the attribute in the words of a key's values. */
static bool
overlay_names(const live_t *live, str_t dn, const char *overlay, const char *key,
              bool (*names)(str_t words, str_t attr), str_t attr)
{
    for (size_t i = 0; i < live->n_config; i++) {
        const ldap_attr_t *found = ldap_entry_find(live->config[i], str_from_c(key));
        str_t kind;

        if (!ldap_entry_first(live->config[i], STR("olcOverlay"), &kind) ||
            str_find(kind, str_from_c(overlay)) == kind.n ||
            !is_over(live, live->config[i], dn))
            continue;
        for (size_t k = 0; found && k < found->n; k++)
            if (names(found->values[k], attr))
                return true;
    }
    return false;
}

/* ---- references ---- */

static bool
is_word(str_t words, str_t attr)
{
    while (words.n > 0) {
        size_t n = str_find_char(words, ' ');

        if (str_ieq(str_slice(words, 0, n), attr))
            return true;
        words = str_skip(words, n + 1);
    }
    return false;
}

/* false: it is to be told in a warning, and was. */
static bool
check_reference(check_t *check, const map_type_t *type, const map_slot_t *slot)
{
    bool repairs = overlay_names(check->live, type->scope->bases[0].dn, "refint",
                                 "olcRefintAttribute", is_word, slot->ldap);

    if (repairs != check->map->repairs)
        return true;
    places_attr(&check->places, type, slot->ldap,
                findings_add(check->findings, FINDING_WARNING, topic, check_about(check, type),
                             repairs
                                 ? "the refint overlay repairs %.*s, and the map says "
                                   "\"integrity\": \"bridge\", so that both do; say "
                                   "\"server\", or remove \"olcRefintAttribute: %.*s\""
                                 : "no refint overlay repairs %.*s when an entry is renamed "
                                   "or deleted, though the map says \"integrity\": "
                                   "\"server\"; say \"bridge\", or add "
                                   "\"olcRefintAttribute: %.*s\"",
                             STR_ARG(slot->ldap), STR_ARG(slot->ldap)));
    return false;
}

static void
check_references(check_t *check)
{
    bool good = true;

    for (size_t i = 0; i < check->map->n_types; i++) {
        const map_type_t *type = &check->map->types[i];

        /* Those by name are no server's to repair. */
        for (size_t k = 0; k < type->n_holders; k++)
            if (type->holders[k]->by.n == 0)
                good &= check_reference(check, type, type->holders[k]);
    }
    if (good)
        findings_add(check->findings, FINDING_OK, topic, check_about(check, NULL),
                     check->map->repairs
                         ? "the bridge repairs the references that the map writes"
                         : "the refint overlay repairs the references that the map writes");
}

/* ---- unique values ---- */

/* "serialize ldap:///ou=users,dc=example,dc=com?uid,mail?sub?(…) …": attributes stand after the first "?". */
static bool
is_in_uri(str_t words, str_t attr)
{
    for (size_t at = str_find_char(words, '?'); at < words.n;) {
        str_t names = str_skip(words, at + 1);

        names = str_slice(names, 0, str_find_char(names, '?'));
        while (names.n > 0) {
            size_t n = str_find_char(names, ',');

            if (str_ieq(str_slice(names, 0, n), attr))
                return true;
            names = str_skip(names, n + 1);
        }
        words = str_skip(words, at);
        words = str_skip(words, str_find_char(words, ' '));
        at = str_find_char(words, '?');
    }
    return false;
}

static void
tell_unique(check_t *check, const map_type_t *type, str_t attr)
{
    bool kept = overlay_names(check->live, type->scope->bases[0].dn, "unique", "olcUniqueURI",
                              is_in_uri, attr);

    findings_add(check->findings, FINDING_OK, topic, check_about(check, type),
                 kept ? "the unique overlay keeps two entries from having one %.*s"
                      : "no unique overlay keeps two entries from having one %.*s: the bridge "
                        "looks before and after it writes one, which does not hold for what "
                        "others write",
                 STR_ARG(attr));
}

/* What the map says is unique, and what entries are recognised by, which had better be. */
static void
check_unique(check_t *check, const map_type_t *type)
{
    if (type->dn_unique)
        findings_add(check->findings, FINDING_OK, topic, check_about(check, type),
                     "their names keep two entries from having one %.*s", STR_ARG(type->rdn));
    for (size_t i = 0; i < type->n_unique; i++)
        tell_unique(check, type, type->unique[i]);
    for (size_t i = 0; i < type->n_match; i++) {
        str_t attr = type->match[i]->ldap;
        bool told = type->dn_unique && live_same_attr(check->live, attr, type->rdn);

        for (size_t k = 0; k < type->n_unique; k++)
            told |= live_same_attr(check->live, attr, type->unique[k]);
        if (!told)
            tell_unique(check, type, attr);
    }
}

/* What cannot be seen is to be seen to. */
static void
tell_unseen(check_t *check)
{
    const char *who = check->live->openldap ? "refint overlay (cn=config cannot be read)"
                                            : "plugin for referential integrity";

    findings_add(check->findings, FINDING_OK, topic, check_about(check, NULL),
                 check->map->repairs
                     ? "the bridge repairs references; see that no %s does so, too"
                     : "see for yourself that a %s repairs the references that the map writes: "
                       "it says \"integrity\": \"server\"",
                 who);
}

void
check_overlays(check_t *check)
{
    if (check->live->n_config == 0) {
        tell_unseen(check);
        return;
    }
    check_references(check);
    for (size_t i = 0; i < check->map->n_types; i++)
        check_unique(check, &check->map->types[i]);
}
