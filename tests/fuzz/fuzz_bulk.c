/* SPDX-License-Identifier: Apache-2.0 */
/* fuzz/fuzz_bulk.c - any JSON is either no bulk request or can be planned: whatever refers to
 * whatever, all operations come to their turn. */
#include "connector/bulk.h"
#include "fuzz/fuzz.h"
#include "map/load.h"

#include <stdlib.h>

static const char map_text[] =
    "{\"dialect\":\"openldap\",\"integrity\":\"server\",\"scopes\":{"
    "\"users\":{\"bases\":[\"ou=u,dc=x\"],\"filter\":\"(objectClass=inetOrgPerson)\"},"
    "\"groups\":{\"bases\":[\"ou=g,dc=x\"],\"filter\":\"(objectClass=groupOfNames)\"}},"
    "\"resources\":{\"User\":{\"scope\":\"users\",\"rdn\":\"uid\",\"objectClass\":["
    "\"inetOrgPerson\"],"
    "\"parent\":\"ou=u,dc=x\",\"match\":[\"userName\"],\"lifecycle\":{\"deleted\":\"delete\"},"
    "\"attributes\":{\"userName\":{\"ldap\":\"uid\",\"required\":true},"
    "\"urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:manager\":"
    "{\"ldap\":\"manager\",\"reference\":[\"users\"]}},"
    "\"entry\":{\"cn\":[\"{userName}\"],\"sn\":[\"{userName}\"]}},"
    "\"Group\":{\"scope\":\"groups\",\"rdn\":\"cn\",\"objectClass\":[\"groupOfNames\"],"
    "\"parent\":\"ou=g,dc=x\",\"match\":[\"displayName\"],\"lifecycle\":{\"deleted\":"
    "\"delete\"},"
    "\"emptyMember\":\"cn=nobody\","
    "\"attributes\":{\"displayName\":{\"ldap\":\"cn\",\"required\":true},"
    "\"members\":{\"ldap\":\"member\",\"reference\":[\"users\",\"groups\"]}}}}}";

typedef struct {
    arena_t *mem;
    str_t text;
} input_t;

static const map_t *
the_map(void)
{
    static const map_t *map;
    static arena_t *mem; /* for ever */
    diag_list_t diags;

    if (map)
        return map;
    mem = arena_new(0);
    require(mem != NULL);
    diag_init(&diags, mem);
    map = map_load(mem, "map", str_from_c(map_text), ldap_schema_builtin(), &diags);
    require(map != NULL);
    return map;
}

/* Everybody comes to their turn: what is needed has no circle left. */
static void
check_turns(arena_t *mem, const bulk_t *bulk)
{
    size_t *waiting = arena_array_of(mem, bulk->n, size_t);
    size_t *turn = arena_array_of(mem, bulk->n, size_t), n = 0;

    for (size_t i = 0; i < bulk->n; i++) {
        waiting[i] = bulk->ops[i].needs.n;
        if (!waiting[i])
            turn[n++] = i;
    }
    for (size_t i = 0; i < n; i++) {
        const bulk_list_t *next = &bulk->ops[turn[i]].needed_by;

        for (size_t j = 0; j < next->n; j++) {
            require(next->items[j] < bulk->n && waiting[next->items[j]] > 0);
            if (!--waiting[next->items[j]])
                turn[n++] = next->items[j];
        }
    }
    require(n == bulk->n);
}

static bool
pick_all(void *arg, str_t text)
{
    str_t bulk_id;

    (void)arg;
    return bulk_is_reference(text, &bulk_id);
}

static void
count_references(void *arg, str_t *text)
{
    str_t bulk_id;

    *(size_t *)arg += bulk_is_reference(*text, &bulk_id);
}

/* What was taken out is not there any more, and comes back in the patch. */
static void
check_taking(arena_t *mem, const bulk_op_t *op)
{
    json_t *data = json_copy(mem, op->data), *patch;
    size_t before = 0, after = 0, taken = 0;

    bulk_each_reference(mem, op->type, METHOD_POST, data, count_references, &before);
    patch = bulk_take_references(mem, op->type, data, pick_all, NULL);
    bulk_each_reference(mem, op->type, METHOD_POST, data, count_references, &after);
    if (patch)
        bulk_each_reference(mem, op->type, METHOD_PATCH, patch, count_references, &taken);
    require(after == 0 && taken == before && (patch != NULL) == (before > 0));
}

static void
run(void *arg)
{
    const input_t *input = arg;
    err_t err = ERR_INIT;
    const json_t *body = json_parse(input->mem, input->text, &json_limits_request, &err);
    bulk_t bulk;

    if (!body || !bulk_read(input->mem, the_map(), body, STR("https://x/scim"), 1000, true,
                            &bulk, &err)) {
        require(err.kind != ERR_NONE);
        return;
    }
    bulk_plan(input->mem, &bulk);
    check_turns(input->mem, &bulk);
    for (size_t i = 0; i < bulk.n; i++) {
        const bulk_op_t *op = &bulk.ops[i];

        require(op->circle == BULK_NONE || op->method == METHOD_POST);
        for (size_t j = 0; j < op->follows.n; j++)
            require(op->follows.items[j] < i);
        if (op->method == METHOD_POST && !op->error)
            check_taking(input->mem, op);
    }
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    input_t input = {.mem = arena_new(0)};

    require(input.mem != NULL);
    input.text = str_from((const char *)data, size);
    require(arena_guard(input.mem, run, &input));
    arena_free(input.mem);
    return 0;
}
