/* SPDX-License-Identifier: Apache-2.0 */
/* For programs: all that is known of the entry, as one JSON object. */
#include "cli/show/show.h"

#include "cli/print.h"
#include "map/slot.h"

#include <stdio.h>

enum { TEXT_MAX = 128 * 1024 * 1024 };

static json_t *
ldap_json(arena_t *mem, str_t attr, str_t value)
{
    json_t *json = json_object(mem);
    buf_t buf;

    json_set(mem, json, STR("attribute"), json_string(mem, attr));
    if (ldap_attr_is_secret(attr)) {
        json_set(mem, json, STR("value"), json_string(mem, STR("(secret)")));
    } else if (str_is_utf8(value)) {
        json_set(mem, json, STR("value"), json_string(mem, value));
    } else {
        buf_init(&buf, mem, TEXT_MAX);
        buf_add_base64(&buf, value);
        json_set(mem, json, STR("base64"), json_string(mem, buf_str(&buf)));
    }
    return json;
}

static json_t *
array_at(arena_t *mem, json_t *object, str_t name)
{
    json_t *array = json_find_exact(object, name);

    if (!array) {
        array = json_array(mem);
        json_set(mem, object, name, array);
    }
    return array;
}

static void
add_envelope_origin(const show_t *show, json_t *origins, str_t path, str_t attr)
{
    const ldap_attr_t *found = attr.n ? show_find_attr(show, attr) : NULL;

    if (found && found->n)
        json_append(show->mem, array_at(show->mem, origins, path),
                    ldap_json(show->mem, attr, found->values[0]));
}

static json_t *
origins_json(const show_t *show)
{
    arena_t *mem = show->mem;
    json_t *origins = json_object(mem);

    add_envelope_origin(show, origins, STR("id"), show_envelope_attr(show, STR("id"), false));
    for (size_t i = 0; i < show->n_origins; i++) {
        const show_origin_t *origin = &show->origins[i];
        json_t *item = ldap_json(mem, origin->slot->ldap, origin->ldap);

        if (origin->slot->as == MAP_AS_REFERENCE)
            json_set(mem, item, STR("id"), json_string(mem, origin->value->u.string));
        json_append(mem, array_at(mem, origins, origin->slot->path), item);
    }
    add_envelope_origin(show, origins, STR("meta.created"),
                        show_envelope_attr(show, STR("created"), true));
    add_envelope_origin(show, origins, STR("meta.lastModified"),
                        show_envelope_attr(show, STR("lastModified"), true));
    add_envelope_origin(show, origins, STR("meta.version"),
                        show_envelope_attr(show, STR("version"), true));
    return origins;
}

static json_t *
names_json(arena_t *mem, const show_names_t *names)
{
    json_t *array = json_array(mem);

    for (size_t i = 0; i < names->n; i++)
        json_append(mem, array, json_string(mem, names->names[i]));
    return array;
}

static json_t *
lifecycle_json(const show_t *show)
{
    json_t *json = json_object(show->mem);

    json_set(show->mem, json, STR("state"),
             json_string(show->mem, show_is_inactive(show) ? STR("inactive") : STR("active")));
    if (map_has_active(show->type))
        json_set(
            show->mem, json, STR("inactiveWhen"),
            json_string(show->mem,
                        ldap_filter_format(show->mem, map_when(show->mem, &show->type->inactive,
                                                               show->now_s))));
    return json;
}

static void
add_seen(const show_t *show, json_t *json)
{
    arena_t *mem = show->mem;
    json_t *unseen = json_array(mem);

    json_set(mem, json, STR("resource"), show->resource);
    json_set(mem, json, STR("origin"), origins_json(show));
    json_set(mem, json, STR("lifecycle"), lifecycle_json(show));
    json_set(mem, json, STR("unmapped"), names_json(mem, &show->unmapped));
    json_set(mem, json, STR("operational"), names_json(mem, &show->other));
    for (size_t i = 0; i < show->n_unseen; i++) {
        json_t *item = ldap_json(mem, show->unseen[i].attr, show->unseen[i].value);

        json_set(mem, item, STR("reason"),
                 json_string(mem, str_from_c(show->unseen[i].reason)));
        json_append(mem, unseen, item);
    }
    json_set(mem, json, STR("notShown"), unseen);
}

static void
add_whys(const show_t *show, json_t *json)
{
    arena_t *mem = show->mem;
    json_t *reasons = json_array(mem);

    for (size_t i = 0; i < show->n_whys; i++) {
        json_t *item = json_object(mem);

        json_set(mem, item, STR("code"), json_string(mem, str_from_c(show->whys[i].code)));
        json_set(mem, item, STR("reason"), json_string(mem, show->whys[i].reason));
        json_set(mem, item, STR("advice"), json_string(mem, show->whys[i].advice));
        json_append(mem, reasons, item);
    }
    json_set(mem, json, STR("reasons"), reasons);
}

void
show_print_json(const show_t *show)
{
    arena_t *mem = show->mem;
    json_t *json = json_object(mem);

    json_set(mem, json, STR("connector"), json_string(mem, show->of->name));
    json_set(mem, json, STR("asked"), json_string(mem, show->asked));
    if (show->user)
        json_set(mem, json, STR("dn"), json_string(mem, show->user->dn));
    if (show->type)
        json_set(mem, json, STR("type"), json_string(mem, show->type->scim->name));
    json_set(mem, json, STR("visible"), json_boolean(mem, show->resource != NULL));
    if (show->resource)
        add_seen(show, json);
    else
        add_whys(show, json);
    print_json(mem, json);
}
