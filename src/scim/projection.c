/* SPDX-License-Identifier: Apache-2.0 */
/* scim/projection.c - which attributes a client sees, and a resource written with them. */
#include "scim/resource.h"
#include "scim/value.h"

/* ---- attributes, excludedAttributes ---- */

/* The next name of a comma-separated list. */
static str_t
take_name(str_t *list)
{
    size_t comma = str_find_char(*list, ',');
    str_t name = str_trim(str_slice(*list, 0, comma));

    *list = str_skip(*list, comma + 1);
    return name;
}

/* Names that the type does not have are passed over. A filter is none (RFC 7644 §3.10), and without it
 * more would be shown, or hidden, than was asked. */
static bool
read_names(arena_t *mem, const scim_type_t *type, str_t list, const scim_target_t **ret_targets,
           size_t *ret_n, err_t *err)
{
    scim_target_t *targets = NULL;
    size_t n = 0, size = 0;

    if (str_find_char(list, '[') < list.n)
        return err_set(err, ERR_BAD_REQUEST,
                       "\"%.*s\": attributes are chosen by name, such as emails or "
                       "emails.value, without a filter",
                       STR_ARG(list));

    while (!str_is_empty(list)) {
        err_t ignored = ERR_INIT;
        scim_path_t path;
        str_t name = take_name(&list);

        if (n == size) {
            size = size ? 2 * size : 8;
            targets = arena_grow(mem, targets, n, size, sizeof(*targets));
        }
        if (scim_path_parse(mem, name, &path, &ignored) &&
            scim_path_resolve(type, &path, &targets[n]))
            n++;
    }
    *ret_targets = targets;
    *ret_n = n;
    return true;
}

static bool
is_given(const str_t *list)
{
    return list && !str_is_empty(str_trim(*list));
}

bool
scim_projection_read(arena_t *mem, const scim_type_t *type, const str_t *attributes,
                     const str_t *excluded, scim_projection_t *ret, err_t *err)
{
    scim_projection_t projection = {.all = !is_given(attributes)};

    if (is_given(attributes) && is_given(excluded))
        return err_set(err, ERR_BAD_REQUEST,
                       "attributes and excludedAttributes exclude each other");
    if (is_given(attributes) &&
        !read_names(mem, type, *attributes, &projection.only, &projection.n_only, err))
        return false;
    if (is_given(excluded) &&
        !read_names(mem, type, *excluded, &projection.except, &projection.n_except, err))
        return false;
    *ret = projection;
    return true;
}

/* Whether `target` names the attribute, or with `sub` that part of it. `whole`: a target that
 * names a sub-attribute does not name the attribute. */
static bool
names(const scim_target_t *target, const scim_schema_t *schema, const scim_attr_t *attr,
      const scim_attr_t *sub, bool whole)
{
    if (!target->attr)
        return target->schema == schema;
    if (target->attr != attr)
        return false;
    if (!target->sub)
        return true;
    return sub ? target->sub == sub : !whole;
}

static bool
is_among(const scim_target_t *targets, size_t n, const scim_schema_t *schema,
         const scim_attr_t *attr, const scim_attr_t *sub, bool whole)
{
    for (size_t i = 0; i < n; i++)
        if (names(&targets[i], schema, attr, sub, whole))
            return true;
    return false;
}

/* Whether the sub-attribute itself is named; those returned on request only must be. */
static bool
is_sub_among(const scim_target_t *targets, size_t n, const scim_attr_t *attr,
             const scim_attr_t *sub)
{
    for (size_t i = 0; i < n; i++)
        if (targets[i].attr == attr && targets[i].sub == sub)
            return true;
    return false;
}

static bool
wants_attr(const scim_projection_t *p, const scim_schema_t *schema, const scim_attr_t *attr)
{
    switch (attr->returned) {
    case SCIM_RETURNED_ALWAYS:
        return true;
    case SCIM_RETURNED_NEVER:
        return false;
    case SCIM_RETURNED_REQUEST:
        return !p->all && is_among(p->only, p->n_only, schema, attr, NULL, false);
    case SCIM_RETURNED_DEFAULT:
        break;
    }
    if (!p->all)
        return is_among(p->only, p->n_only, schema, attr, NULL, false);
    return !is_among(p->except, p->n_except, schema, attr, NULL, true);
}

/* The attribute is wanted: is this part of it? */
static bool
wants_sub(const scim_projection_t *p, const scim_schema_t *schema, const scim_attr_t *attr,
          const scim_attr_t *sub)
{
    switch (sub->returned) {
    case SCIM_RETURNED_ALWAYS:
        return true;
    case SCIM_RETURNED_NEVER:
        return false;
    case SCIM_RETURNED_REQUEST:
        return !p->all && is_sub_among(p->only, p->n_only, attr, sub);
    case SCIM_RETURNED_DEFAULT:
        break;
    }
    /* An attribute that is returned always is there whole when no part of it was asked for. */
    if (!p->all && is_among(p->only, p->n_only, schema, attr, NULL, false))
        return is_among(p->only, p->n_only, schema, attr, sub, true);
    return !is_among(p->except, p->n_except, schema, attr, sub, true);
}

bool
scim_projection_wants(const scim_projection_t *projection, const scim_schema_t *schema,
                      const scim_attr_t *attr, const scim_attr_t *sub)
{
    return wants_attr(projection, schema, attr) &&
           (!sub || wants_sub(projection, schema, attr, sub));
}

/* ---- writing ---- */

typedef struct {
    buf_t *buf;
    const scim_type_t *type;
    const scim_projection_t *projection;
} writer_t;

/* The wanted sub-attributes as bits, the first 64 of them; the rest counts as wanted. */
static uint64_t
wanted_subs(const writer_t *w, const scim_schema_t *schema, const scim_attr_t *attr,
            bool *ret_all)
{
    uint64_t wanted = UINT64_MAX;

    *ret_all = true;
    for (size_t i = 0; i < attr->n_subs && i < 64; i++) {
        if (!scim_projection_wants(w->projection, schema, attr, &attr->subs[i])) {
            wanted &= ~(UINT64_C(1) << i);
            *ret_all = false;
        }
    }
    return wanted;
}

static bool
is_wanted(const scim_attr_t *attr, uint64_t wanted, str_t name)
{
    const scim_attr_t *sub = scim_attr_find_sub(attr, name);
    size_t i = sub ? (size_t)(sub - attr->subs) : 64;

    return sub && (i >= 64 || (wanted >> i & 1));
}

static bool
has_wanted(const scim_attr_t *attr, uint64_t wanted, const json_t *value)
{
    for (size_t i = 0; i < value->u.object.n; i++)
        if (is_wanted(attr, wanted, value->u.object.members[i].name))
            return true;
    return false;
}

static void
write_element(const writer_t *w, const scim_attr_t *attr, uint64_t wanted, const json_t *value)
{
    bool first = true;

    if (value->kind != JSON_OBJECT) {
        json_write(w->buf, value);
        return;
    }
    buf_add_char(w->buf, '{');
    for (size_t i = 0; i < value->u.object.n; i++) {
        const json_member_t *member = &value->u.object.members[i];

        if (!is_wanted(attr, wanted, member->name))
            continue;
        if (!first)
            buf_add_char(w->buf, ',');
        json_write_string(w->buf, member->name);
        buf_add_char(w->buf, ':');
        json_write(w->buf, member->value);
        first = false;
    }
    buf_add_char(w->buf, '}');
}

static void
write_elements(const writer_t *w, const scim_attr_t *attr, uint64_t wanted, const json_t *value)
{
    bool first = true;

    buf_add_char(w->buf, '[');
    for (size_t i = 0; i < value->u.array.n; i++) {
        const json_t *item = value->u.array.items[i];

        if (item->kind == JSON_OBJECT && !has_wanted(attr, wanted, item))
            continue;
        if (!first)
            buf_add_char(w->buf, ',');
        write_element(w, attr, wanted, item);
        first = false;
    }
    buf_add_char(w->buf, ']');
}

static void
write_name(const writer_t *w, str_t name, bool *first)
{
    if (!*first)
        buf_add_char(w->buf, ',');
    *first = false;
    json_write_string(w->buf, name);
    buf_add_char(w->buf, ':');
}

static void
write_attr(const writer_t *w, const scim_schema_t *schema, const scim_attr_t *attr,
           const json_t *value, bool *first)
{
    bool all;
    uint64_t wanted;

    if (scim_value_is_absent(value) ||
        !scim_projection_wants(w->projection, schema, attr, NULL))
        return;
    wanted = wanted_subs(w, schema, attr, &all);
    if (all) {
        write_name(w, attr->name, first);
        json_write(w->buf, value);
    } else if (value->kind == JSON_ARRAY) {
        write_name(w, attr->name, first);
        write_elements(w, attr, wanted, value);
    } else if (value->kind == JSON_OBJECT && has_wanted(attr, wanted, value)) {
        write_name(w, attr->name, first);
        write_element(w, attr, wanted, value);
    }
}

/* The attributes of one schema that stand in `part`. */
static void
write_part(const writer_t *w, const scim_schema_t *schema, const json_t *part, bool *first)
{
    for (size_t i = 0; i < part->u.object.n; i++) {
        const json_member_t *member = &part->u.object.members[i];
        const scim_attr_t *attr = scim_schema_find(schema, member->name);

        if (attr)
            write_attr(w, schema, attr, member->value, first);
    }
}

static bool
has_shown(const writer_t *w, const scim_schema_t *schema, const json_t *part)
{
    if (!json_is(part, JSON_OBJECT))
        return false;
    for (size_t i = 0; i < part->u.object.n; i++) {
        const json_member_t *member = &part->u.object.members[i];
        const scim_attr_t *attr = scim_schema_find(schema, member->name);

        if (attr && !scim_value_is_absent(member->value) &&
            scim_projection_wants(w->projection, schema, attr, NULL))
            return true;
    }
    return false;
}

static void
write_schemas(const writer_t *w, const json_t *resource)
{
    buf_add_c(w->buf, "\"schemas\":[");
    json_write_string(w->buf, w->type->core->id);
    for (size_t i = 0; i < w->type->n_extensions; i++) {
        const scim_schema_t *schema = w->type->extensions[i];

        if (!has_shown(w, schema, json_find(resource, schema->id)))
            continue;
        buf_add_char(w->buf, ',');
        json_write_string(w->buf, schema->id);
    }
    buf_add_char(w->buf, ']');
}

static void
write_extensions(const writer_t *w, const json_t *resource)
{
    for (size_t i = 0; i < w->type->n_extensions; i++) {
        const scim_schema_t *schema = w->type->extensions[i];
        const json_t *part = json_find(resource, schema->id);
        bool first = true;

        if (!has_shown(w, schema, part))
            continue;
        buf_add_char(w->buf, ',');
        json_write_string(w->buf, schema->id);
        buf_add_c(w->buf, ":{");
        write_part(w, schema, part, &first);
        buf_add_char(w->buf, '}');
    }
}

static void
write_meta_text(const writer_t *w, str_t name, str_t value, bool *first)
{
    const scim_attr_t *sub = scim_attr_find_sub(&scim_attr_meta, name);

    if (str_is_empty(value) || !wants_sub(w->projection, NULL, &scim_attr_meta, sub))
        return;
    write_name(w, name, first);
    json_write_string(w->buf, value);
}

static void
write_meta(const writer_t *w, const scim_envelope_t *envelope)
{
    bool first = true;

    if (!scim_projection_wants(w->projection, NULL, &scim_attr_meta, NULL))
        return;
    buf_add_c(w->buf, ",\"meta\":{");
    write_meta_text(w, STR("resourceType"), w->type->name, &first);
    write_meta_text(w, STR("created"), envelope->created, &first);
    write_meta_text(w, STR("lastModified"), envelope->last_modified, &first);
    write_meta_text(w, STR("location"), envelope->location, &first);
    write_meta_text(w, STR("version"), envelope->version, &first);
    buf_add_char(w->buf, '}');
}

void
scim_resource_write(buf_t *buf, const scim_type_t *type, const json_t *resource,
                    const scim_envelope_t *envelope, const scim_projection_t *projection)
{
    static const scim_projection_t everything = {.all = true};
    writer_t w = {
        .buf = buf, .type = type, .projection = projection ? projection : &everything};
    bool first = false;

    buf_add_char(buf, '{');
    write_schemas(&w, resource);
    if (!str_is_empty(envelope->id)) {
        buf_add_c(buf, ",\"id\":");
        json_write_string(buf, envelope->id);
    }
    write_part(&w, type->core, resource, &first);
    write_extensions(&w, resource);
    write_meta(&w, envelope);
    buf_add_char(buf, '}');
}
