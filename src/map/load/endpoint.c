/* SPDX-License-Identifier: Apache-2.0 */
/* What a resource type is for clients: SCIM's own, or one that the map brings (RFC 7643 §6). */
#include "map/load/loading.h"

static const char *const own_keys[] = {"endpoint", "schema", "description"};

/* A name without an endpoint and a schema is more likely a slip of the pen. */
static bool
complain_name(load_t *load, const json_member_t *member)
{
    static const char *const names[] = {"User", "Group"};
    guess_t guess = guess_begin(member->name);
    str_t hint;

    for (size_t i = 0; i < ARRAY_SIZE(names); i++)
        guess_add(&guess, str_from_c(names[i]));
    hint = guess_text(load->mem, &guess);
    if (hint.n == 0)
        hint =
            STR("; one of your own has \"endpoint\": \"/Devices\" and \"schema\": \"urn:…\"");
    return load_error(load, member->at, "there is no resource type \"%.*s\"%.*s",
                      STR_ARG(member->name), STR_ARG(hint));
}

static bool
begin_builtin(load_type_t *draft, const scim_type_t *type)
{
    load_t *load = draft->load;

    for (size_t i = 0; i < ARRAY_SIZE(own_keys); i++) {
        str_t key = str_from_c(own_keys[i]);

        if (json_is(draft->json, JSON_OBJECT) && json_find_exact(draft->json, key))
            load_error(load, json_find_member(draft->json, key)->at,
                       "SCIM defines \"%s\" of a %.*s; remove it", own_keys[i],
                       STR_ARG(type->name));
    }
    draft->endpoint = type->endpoint;
    draft->description = type->description;
    draft->core_urn = type->core->id;
    return true;
}

/* ---- types of one's own ---- */

static bool
is_reserved(str_t endpoint)
{
    static const char *const names[] = {"/Schemas",
                                        "/ResourceTypes",
                                        "/ServiceProviderConfig",
                                        "/ServiceProviderConfigs",
                                        "/Bulk",
                                        "/Me",
                                        "/v2"};

    for (size_t i = 0; i < ARRAY_SIZE(names); i++) {
        if (str_ieq(endpoint, str_from_c(names[i])))
            return true;
    }
    return false;
}

/* Endpoints of types before this one, and those that SCIM names. */
static bool
is_taken(const load_type_t *draft)
{
    const load_t *load = draft->load;

    for (const load_type_t *other = load->types; other != draft; other++) {
        if (str_ieq(other->endpoint, draft->endpoint))
            return true;
    }
    return str_ieq(draft->endpoint, STR("/Users")) || str_ieq(draft->endpoint, STR("/Groups"));
}

static bool
read_endpoint(load_type_t *draft)
{
    load_t *load = draft->load;
    const json_t *value = NULL;

    if (!load_string(load, draft->json, "endpoint", true, &draft->endpoint, &value))
        return false;
    if (draft->endpoint.p[0] != '/' || !load_is_scim_name(str_skip(draft->endpoint, 1)))
        return load_error(load, value->at,
                          "\"endpoint\" must be a slash and one word of letters, digits, \"-\" "
                          "and \"_\", such as \"/Devices\"");
    if (is_reserved(draft->endpoint))
        return load_error(load, value->at, "SCIM has something else at \"%.*s\"; name another",
                          STR_ARG(draft->endpoint));
    if (is_taken(draft))
        return load_error(load, value->at,
                          "another resource type is served at \"%.*s\"; name another",
                          STR_ARG(draft->endpoint));
    return true;
}

static bool
read_core(load_type_t *draft)
{
    load_t *load = draft->load;
    const json_t *value = NULL;

    if (!load_string(load, draft->json, "schema", true, &draft->core_urn, &value))
        return false;
    if (!load_is_urn(draft->core_urn) ||
        str_istarts_with(draft->core_urn, STR("urn:ietf:params:scim:api:")) ||
        str_ieq(draft->core_urn, STR(SCIM_URN_ENTERPRISE)))
        return load_error(load, value->at,
                          "\"schema\" must be the URN of a core schema, such as "
                          "urn:ietf:params:scim:schemas:core:2.0:%.*s",
                          STR_ARG(draft->member->name));
    return true;
}

static bool
begin_own(load_type_t *draft)
{
    load_t *load = draft->load;
    const json_t *value = NULL;
    bool good = true;

    if (!load_is_scim_name(draft->member->name))
        good = load_error(load, draft->member->at,
                          "a resource type's name is one word of letters, digits, \"-\" and "
                          "\"_\", such as \"Device\"");
    draft->description = STR("");
    good = load_string(load, draft->json, "description", false, &draft->description, &value) &&
           good;
    good = read_endpoint(draft) && good;
    return read_core(draft) && good;
}

bool
load_type_begin(load_type_t *draft)
{
    const scim_type_t *builtin = scim_type_builtin(draft->member->name);
    bool own =
        json_is(draft->json, JSON_OBJECT) && (json_find_exact(draft->json, STR("endpoint")) ||
                                              json_find_exact(draft->json, STR("schema")));

    if (builtin && str_eq(builtin->name, draft->member->name))
        return begin_builtin(draft, builtin);
    return own && !builtin ? begin_own(draft) : complain_name(draft->load, draft->member);
}
