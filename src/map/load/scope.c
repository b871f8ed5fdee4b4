/* SPDX-License-Identifier: Apache-2.0 */
#include "map/load/loading.h"

static const char *const scope_keys[] = {"bases",  "filter", "protect", "depth",
                                         "unique", "shared", NULL};
static const char *const depth_words[] = {"subtree", "one", NULL};

static bool
read_bases(load_t *load, const json_t *json, map_scope_t *scope)
{
    const json_t *array = json_find_exact(json, STR("bases"));
    const str_t *texts = NULL;
    size_t n = 0;
    map_base_t *bases;
    bool good = true;

    if (!load_strings(load, json, "bases", true, &texts, &n))
        return false;
    bases = arena_array_of(load->mem, n, map_base_t);
    for (size_t i = 0; i < n; i++) {
        err_t err = ERR_INIT;
        ldap_dn_t dn;

        if (!ldap_dn_parse(load->mem, texts[i], &dn, &err))
            good = load_error(load, array->u.array.items[i]->at, "this base is no DN: %s",
                              err.detail);
        else if (dn.n == 0)
            good = load_error(load, array->u.array.items[i]->at,
                              "a base must not be the root of the directory");
        else
            bases[i] = (map_base_t){texts[i], ldap_dn_normal_tree(load->mem, &dn)};
    }
    scope->bases = bases;
    scope->n_bases = scope->n_own = n;
    return good;
}

/* An entry below two bases of one scope would be listed twice. */
static bool
check_bases(load_t *load, const json_t *json, const map_scope_t *scope)
{
    const json_t *array = json_find_exact(json, STR("bases"));
    bool good = true;

    for (size_t i = 0; i < scope->n_bases; i++) {
        for (size_t k = 0; k < scope->n_bases; k++) {
            str_t low = scope->bases[i].normal, high = scope->bases[k].normal;
            bool same = k < i && str_eq(low, high);
            bool below = scope->depth == LDAP_DEPTH_SUB && ldap_dn_is_below(low, high);

            if (same || below)
                good = load_error(load, array->u.array.items[i]->at,
                                  "this base lies in the base \"%.*s\" of the same scope; "
                                  "remove one of the two",
                                  STR_ARG(scope->bases[k].dn));
        }
    }
    return good;
}

static bool
read_filter(load_t *load, const json_t *json, const char *key, const ldap_filter_t **ret_filter)
{
    const json_t *value = NULL;
    str_t text;
    err_t err = ERR_INIT;
    bool uses_now = false;

    if (!load_string(load, json, key, false, &text, &value))
        return false;
    if (!value)
        return true;
    *ret_filter = ldap_filter_parse(load->mem, text, &err);
    if (!*ret_filter)
        return load_error(load, value->at, "\"%s\" is no LDAP filter: %s", key, err.detail);
    *ret_filter = map_prepare_filter(load->mem, load->schema, *ret_filter, &uses_now);
    if (uses_now)
        return load_error(load, value->at,
                          "\"now\" is understood only in \"when\" of a lifecycle; write a date "
                          "such as 20300101000000Z");
    return true;
}

static void
read_scope(load_t *load, load_scope_t *draft)
{
    const json_t *json = draft->member->value;
    map_scope_t *scope = draft->scope;
    size_t depth = 0;
    bool good;

    scope->name = draft->member->name;
    scope->filter = ldap_filter_true();
    draft->bad = true;
    if (!load_keys(load, json, "a scope", scope_keys))
        return;
    good = load_word(load, json, "depth", depth_words, NULL, &depth);
    scope->depth = depth == 0 ? LDAP_DEPTH_SUB : LDAP_DEPTH_ONE;
    good = read_filter(load, json, "filter", &scope->filter) && good;
    good = read_filter(load, json, "protect", &scope->protect) && good;
    good = load_boolean(load, json, "shared", &scope->shared) && good;
    good = load_strings(load, json, "unique", false, &scope->unique, &scope->n_unique) && good;
    good = read_bases(load, json, scope) && check_bases(load, json, scope) && good;
    draft->bad = !good;
}

void
load_scopes(load_t *load, const json_t *scopes)
{
    map_scope_t *array;

    if (!scopes) {
        load_error(load, 0,
                   "\"scopes\" is missing: name the places in the directory, such as "
                   "\"scopes\": {\"users\": {\"bases\": [\"ou=users,…\"]}}");
        return;
    }
    if (!json_is(scopes, JSON_OBJECT)) {
        load_error(load, scopes->at, "\"scopes\" must be an object { … }");
        return;
    }
    array = arena_array_of(load->mem, scopes->u.object.n, map_scope_t);
    load->scopes = arena_array_of(load->mem, scopes->u.object.n, load_scope_t);
    load->n_scopes = scopes->u.object.n;
    for (size_t i = 0; i < load->n_scopes; i++) {
        load->scopes[i].member = &scopes->u.object.members[i];
        load->scopes[i].scope = &array[i];
        read_scope(load, &load->scopes[i]);
    }
    load->map->scopes = array;
    load->map->n_scopes = load->n_scopes;
}

const map_scope_t *
load_find_scope(load_t *load, str_t name, uint32_t at)
{
    guess_t guess = guess_begin(name);
    str_t hint;

    for (size_t i = 0; i < load->n_scopes; i++) {
        if (str_eq(load->scopes[i].scope->name, name))
            return load->scopes[i].bad ? NULL : load->scopes[i].scope;
        guess_add(&guess, load->scopes[i].scope->name);
    }
    if (load->n_scopes == 0)
        return NULL;
    hint = guess_text(load->mem, &guess);
    load_error(load, at, "\"scopes\" has no \"%.*s\"%.*s", STR_ARG(name), STR_ARG(hint));
    return NULL;
}
