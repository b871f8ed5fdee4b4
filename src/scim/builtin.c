/* SPDX-License-Identifier: Apache-2.0 */
/* scim/builtin.c - the schemas and types that come with the program. */
#include "scim/schema.h"
#include "scim/schema_text.h"

#include <assert.h>
#include <pthread.h>

enum { BUILTIN_MAX = 16 };

static struct {
    pthread_once_t once;
    arena_t *mem; /* never freed: what it holds lives for ever */
    const scim_schema_t *schemas[BUILTIN_MAX];
    str_t names[BUILTIN_MAX];
    size_t n;
    scim_type_t user, group;
    const scim_schema_t *extensions[1];
} builtin = {.once = PTHREAD_ONCE_INIT};

static const scim_schema_t *
find(str_t name)
{
    for (size_t i = 0; i < builtin.n; i++)
        if (str_ieq(builtin.schemas[i]->id, name) || str_ieq(builtin.names[i], name))
            return builtin.schemas[i];
    return NULL;
}

static void
load_text(const scim_schema_text_t *text)
{
    err_t err = ERR_INIT;
    const json_t *json =
        json_parse(builtin.mem, str_from(text->text, text->length), &json_limits_file, &err);
    const scim_schema_t *schema = json ? scim_schema_load(builtin.mem, json, &err) : NULL;

    assert(schema && "a built-in schema is broken");
    assert(builtin.n < BUILTIN_MAX);
    builtin.names[builtin.n] = str_from_c(text->name);
    builtin.schemas[builtin.n++] = schema;
}

/* The schema with externalId in front, which no schema definition lists (RFC 7643 §3.1). */
static const scim_schema_t *
with_external_id(const scim_schema_t *schema)
{
    assert(schema && "a built-in schema is missing");
    scim_schema_t *whole = arena_new_of(builtin.mem, scim_schema_t);
    scim_attr_t *attrs = arena_array_of(builtin.mem, schema->n + 1, scim_attr_t);

    *whole = *schema;
    attrs[0] = scim_attr_external_id;
    memcpy(attrs + 1, schema->attrs, schema->n * sizeof(*attrs));
    whole->attrs = attrs;
    whole->n = schema->n + 1;
    return whole;
}

static void
load_all(void *arg)
{
    (void)arg;
    for (size_t i = 0; i < scim_schema_text_count; i++)
        load_text(&scim_schema_texts[i]);
    builtin.extensions[0] = find(STR(SCIM_URN_ENTERPRISE));
    assert(builtin.extensions[0] && "a built-in schema is missing");
    builtin.user = (scim_type_t){.name = STR("User"),
                                 .endpoint = STR("/Users"),
                                 .description = STR("User account."),
                                 .core = with_external_id(find(STR(SCIM_URN_USER))),
                                 .extensions = builtin.extensions,
                                 .n_extensions = 1};
    builtin.group = (scim_type_t){.name = STR("Group"),
                                  .endpoint = STR("/Groups"),
                                  .description = STR("Group of users and groups."),
                                  .core = with_external_id(find(STR(SCIM_URN_GROUP)))};
}

static void
load_once(void)
{
    builtin.mem = arena_new(0);
    bool loaded = builtin.mem && arena_guard(builtin.mem, load_all, NULL);

    assert(loaded && "no memory for the built-in schemas");
    (void)loaded;
}

const scim_schema_t *
scim_schema_builtin(str_t urn)
{
    pthread_once(&builtin.once, load_once);
    return find(urn);
}

const scim_type_t *
scim_type_builtin(str_t name)
{
    pthread_once(&builtin.once, load_once);
    if (str_ieq(name, builtin.user.name))
        return &builtin.user;
    return str_ieq(name, builtin.group.name) ? &builtin.group : NULL;
}
