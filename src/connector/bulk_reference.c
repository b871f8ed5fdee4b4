/* SPDX-License-Identifier: Apache-2.0 */
/* Where the data of an operation refers to other resources: the map knows which attributes do, so a
 * title that reads "bulkId:x" stays a title. */
#include "connector/bulk.h"

#include "scim/schema.h"

#define PREFIX STR("bulkId:")

bool
bulk_is_reference(str_t text, str_t *ret_bulk_id)
{
    if (!str_istarts_with(text, PREFIX))
        return false;
    *ret_bulk_id = str_skip(text, PREFIX.n);
    return true;
}

/* What a walk through references does with each text. */
typedef struct {
    arena_t *mem;
    const map_type_t *type;
    bulk_text_fn *fn;
    void *arg;
} walk_t;

/* Whether "members", "urn:…:User:manager", "manager.value" or "members[…]" is of a reference. */
static bool
is_reference_attr(const map_type_t *type, str_t path)
{
    str_t name = str_slice(path, 0, str_find_char(path, '['));
    size_t colon = str_find_last_char(name, ':');

    if (colon < name.n)
        name = str_skip(name, colon + 1);
    name = str_slice(name, 0, str_find_char(name, '.'));
    for (size_t i = 0; i < type->n_slots; i++)
        if (type->slots[i].as == MAP_AS_REFERENCE && str_ieq(type->slots[i].attr->name, name))
            return true;
    return false;
}

/* "id", {"value": "id"}, or an array of those. */
static void
walk_value(const walk_t *walk, json_t *value)
{
    json_t *inner;

    switch (value->kind) {
    case JSON_STRING:
        walk->fn(walk->arg, &value->u.string);
        break;
    case JSON_ARRAY:
        for (size_t i = 0; i < value->u.array.n; i++)
            walk_value(walk, value->u.array.items[i]);
        break;
    case JSON_OBJECT:
        inner = json_find(value, STR("value"));
        if (inner)
            walk_value(walk, inner);
        break;
    case JSON_NULL:
    case JSON_BOOLEAN:
    case JSON_NUMBER:
        break;
    }
}

static bool
is_extension(const map_type_t *type, const json_member_t *member)
{
    return json_is(member->value, JSON_OBJECT) &&
           scim_type_find_schema(type->scim, member->name) != NULL;
}

static void
walk_resource(const walk_t *walk, json_t *resource)
{
    for (size_t i = 0; json_is(resource, JSON_OBJECT) && i < resource->u.object.n; i++) {
        const json_member_t *member = &resource->u.object.members[i];

        if (is_extension(walk->type, member))
            walk_resource(walk, member->value);
        else if (is_reference_attr(walk->type, member->name))
            walk_value(walk, member->value);
    }
}

/* members[value eq "bulkId:x"]: what stands in quotes there. */
static void
walk_path(const walk_t *walk, json_t *path)
{
    str_t rest = path->u.string;
    buf_t buf;

    buf_init(&buf, walk->mem, rest.n + 64 * 1024);
    for (size_t quote; (quote = str_find_char(rest, '"')) < rest.n;) {
        str_t text = str_skip(rest, quote + 1);

        text = str_slice(text, 0, str_find_char(text, '"'));
        buf_add(&buf, str_slice(rest, 0, quote + 1));
        rest = str_skip(rest, quote + 1 + text.n);
        walk->fn(walk->arg, &text);
        buf_add(&buf, text);
        buf_add(&buf, str_slice(rest, 0, 1));
        rest = str_skip(rest, 1);
    }
    buf_add(&buf, rest);
    path->u.string = buf_str(&buf);
}

static void
walk_patch_operation(const walk_t *walk, json_t *operation)
{
    json_t *path = json_find(operation, STR("path"));
    json_t *value = json_find(operation, STR("value"));

    if (!json_is(path, JSON_STRING) ||
        scim_type_find_schema(walk->type->scim, path->u.string) != NULL) {
        walk_resource(walk, value);
    } else if (is_reference_attr(walk->type, path->u.string)) {
        if (str_find_char(path->u.string, '"') < path->u.string.n)
            walk_path(walk, path);
        if (value)
            walk_value(walk, value);
    }
}

void
bulk_each_reference(arena_t *mem, const map_type_t *type, method_t method, json_t *data,
                    bulk_text_fn *fn, void *arg)
{
    const walk_t walk = {mem, type, fn, arg};
    const json_t *operations = json_find(data, STR("Operations"));

    if (method != METHOD_PATCH)
        walk_resource(&walk, data);
    for (size_t i = 0;
         method == METHOD_PATCH && json_is(operations, JSON_ARRAY) && i < operations->u.array.n;
         i++)
        walk_patch_operation(&walk, operations->u.array.items[i]);
}

/* ---- taking references out ---- */

typedef struct {
    walk_t walk;
    bulk_pick_fn *picks;
    void *arg;
    bool picked;   /* something in the element that is looked at */
    json_t *patch; /* operations; NULL: none yet */
    str_t urn;     /* of the extension that is looked at; empty: none */
} taking_t;

static void
look(void *arg, str_t *text)
{
    taking_t *taking = arg;

    taking->picked |= taking->picks(taking->arg, *text);
}

static bool
is_picked(taking_t *taking, json_t *value)
{
    taking->picked = false;
    walk_value(&taking->walk, value);
    return taking->picked;
}

static void
add_operation(taking_t *taking, str_t name, json_t *value)
{
    arena_t *mem = taking->walk.mem;
    json_t *operation = json_object(mem);
    str_t path = taking->urn.n
                     ? str_printf(mem, "%.*s:%.*s", STR_ARG(taking->urn), STR_ARG(name))
                     : name;

    json_set(mem, operation, STR("op"), json_string(mem, STR("add")));
    json_set(mem, operation, STR("path"), json_string(mem, path));
    json_set(mem, operation, STR("value"), value);
    if (!taking->patch)
        taking->patch = json_array(mem);
    json_append(mem, taking->patch, operation);
}

/* Whether nothing of the attribute is left. */
static bool
take_from_value(taking_t *taking, str_t name, json_t *value)
{
    json_t *taken = NULL;

    if (!json_is(value, JSON_ARRAY)) {
        if (!is_picked(taking, value))
            return false;
        add_operation(taking, name, value);
        return true;
    }
    for (size_t i = 0; i < value->u.array.n;) {
        json_t *item = value->u.array.items[i];

        if (!is_picked(taking, item)) {
            i++;
            continue;
        }
        if (!taken)
            taken = json_array(taking->walk.mem);
        json_append(taking->walk.mem, taken, item);
        json_remove_at(value, i);
    }
    if (taken)
        add_operation(taking, name, taken);
    return taken && value->u.array.n == 0;
}

static void
take_from_resource(taking_t *taking, json_t *resource)
{
    for (size_t i = 0; json_is(resource, JSON_OBJECT) && i < resource->u.object.n;) {
        const json_member_t member = resource->u.object.members[i];

        if (is_extension(taking->walk.type, &member)) {
            taking->urn = member.name;
            take_from_resource(taking, member.value);
            taking->urn = STR("");
        } else if (is_reference_attr(taking->walk.type, member.name) &&
                   take_from_value(taking, member.name, member.value)) {
            json_remove(resource, member.name);
            continue;
        }
        i++;
    }
}

json_t *
bulk_take_references(arena_t *mem, const map_type_t *type, json_t *data, bulk_pick_fn *picks,
                     void *arg)
{
    taking_t taking = {.picks = picks, .arg = arg, .urn = STR("")};
    json_t *body, *schemas;

    taking.walk = (walk_t){mem, type, look, &taking};
    take_from_resource(&taking, data);
    if (!taking.patch)
        return NULL;
    body = json_object(mem);
    schemas = json_array(mem);
    json_append(mem, schemas, json_string(mem, STR(SCIM_URN_PATCH)));
    json_set(mem, body, STR("schemas"), schemas);
    json_set(mem, body, STR("Operations"), taking.patch);
    return body;
}
