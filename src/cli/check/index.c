/* SPDX-License-Identifier: Apache-2.0 */
/* Whether what is looked up for each request is found without a scan: by the server's own list of
 * indexes where it can be read, else by the time that a search takes. */
#include "cli/check/check.h"

#include "base/clock.h"
#include "cli/check/probe.h"
#include "map/reference.h"

static const char topic[] = "indexes";

/* "uid,cn eq,sub" or "uid eq". */
static bool
line_has(live_t *live, str_t line, str_t attr)
{
    size_t blank = str_find_char(line, ' ');
    str_t names = str_slice(line, 0, blank);
    bool named = false;

    if (blank < line.n && str_find(str_skip(line, blank), STR("eq")) == line.n - blank)
        return false;
    while (names.n > 0 && !named) {
        size_t n = str_find_char(names, ',');

        named = live_same_attr(live, str_slice(names, 0, n), attr);
        names = str_skip(names, n + 1);
    }
    return named;
}

static bool
is_indexed(live_t *live, const ldap_entry_t *database, str_t attr)
{
    const ldap_attr_t *lines = ldap_entry_find(database, STR("olcDbIndex"));

    for (size_t i = 0; lines && i < lines->n; i++) {
        if (line_has(live, lines->values[i], attr))
            return true;
    }
    return false;
}

static void
time_searches(check_t *check, const map_type_t *type, ldap_depth_t depth,
              const ldap_filter_t *filter, int64_t *ret_us)
{
    for (int i = 0; i < PROBE_TRIES; i++) {
        int64_t from = clock_monotonic_us();
        ldap_reply_t reply;

        live_search(check->live, type->scope->bases[0].dn, depth, filter,
                    (ldap_names_t){NULL, 0}, 1, &reply);
        ret_us[i] = clock_monotonic_us() - from;
    }
}

static probe_t
probe(check_t *check, const map_type_t *type, str_t attr)
{
    live_t *live = check->live;
    const ldap_attr_type_t *attr_type =
        ldap_schema_get(live->schema ? live->schema : ldap_schema_builtin(), attr);
    const ldap_filter_t *nobody =
        ldap_filter_equal(live->mem, attr, live_unlikely(live->mem, attr_type->syntax));
    probe_t times;

    time_searches(check, type, type->scope->depth, nobody, times.look_up_us);
    time_searches(check, type, LDAP_DEPTH_BASE, NULL, times.read_us);
    return times;
}

static void
check_one(check_t *check, const map_type_t *type, const ldap_entry_t *database, str_t attr,
          bool *good)
{
    probe_t times;
    int64_t us;

    if (database && is_indexed(check->live, database, attr))
        return;
    if (database) {
        places_attr(&check->places, type, attr,
                    findings_add(check->findings, FINDING_WARNING, topic,
                                 check_about(check, type),
                                 "entries are looked up by %.*s, which has no index; add "
                                 "\"olcDbIndex: %.*s eq\"",
                                 STR_ARG(attr), STR_ARG(attr)));
        *good = false;
        return;
    }
    times = probe(check, type, attr);
    if (!probe_is_slow(&times, &us))
        return;
    places_attr(
        &check->places, type, attr,
        findings_add(check->findings, FINDING_WARNING, topic, check_about(check, type),
                     "looking an entry up by %.*s takes %lld ms, as if it had no index; "
                     "add \"olcDbIndex: %.*s eq\"",
                     STR_ARG(attr), (long long)us / 1000, STR_ARG(attr)));
    *good = false;
}

/* Whether others refer to such entries by what names them. */
static bool
is_found_by_name(const map_t *map, const map_type_t *type)
{
    for (size_t i = 0; i < map->n_types; i++)
        for (size_t k = 0; k < map->types[i].n_holders; k++)
            if (map->types[i].holders[k]->by.n > 0 &&
                map_reference_has_scope(map->types[i].holders[k], type->scope))
                return true;
    return false;
}

void
check_indexes(check_t *check, const map_type_t *type)
{
    const ldap_entry_t *database = live_database(check->live, type->scope->bases[0].dn);
    bool good = true;

    check_one(check, type, database, check->map->dialect->anchor, &good);
    for (size_t i = 0; i < type->n_match; i++)
        check_one(check, type, database, type->match[i]->ldap, &good);
    for (size_t i = 0; i < type->n_holders; i++)
        check_one(check, type, database, type->holders[i]->ldap, &good);
    if (is_found_by_name(check->map, type))
        check_one(check, type, database, type->rdn, &good);
    if (good)
        findings_add(check->findings, FINDING_OK, topic, check_about(check, type),
                     database ? "what entries are looked up by is indexed"
                              : "what entries are looked up by is found at once");
}
