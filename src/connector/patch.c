/* SPDX-License-Identifier: Apache-2.0 */
/* PATCH (RFC 7644 §3.5.2) and PUT (§3.5.1) of one resource.
 *
 * Operations on members go as a difference that does not read the group; the others as one modify, blind where they
 * can be. Both in one request: the group is read whole once, and changed in one modify. */
#include "connector/merge.h"

#include "map/to_entry.h"
#include "map/to_resource.h"
#include "scim/patch.h"

typedef struct {
    task_t task;
    change_request_t change;
    scim_patch_t patch; /* without the operations on members */
    json_t *body;       /* PUT: the resource, without members */
    map_member_delta_t delta;
    bool has_delta;
    map_change_t direct;
} patch_task_t;

/* ---- the answer ---- */

/* A group is answered without a body, so that nobody pays for its members; unless attributes are asked for. */
static bool
answer(task_t *task, const ldap_entry_t *entry)
{
    const exchange_t *exchange = exchange_of(task);
    bool asked = exchange->request->query.attributes.p != NULL;

    if (entry)
        respond_version(task, target_version(task, entry));
    if (exchange->type->members && !asked && exchange->request->method == METHOD_PATCH)
        return respond_empty(task, 204);
    if (entry && !exchange->type->members)
        return respond_entry(task, entry, 200);
    return respond_resource(task);
}

static bool
resource_changed(task_t *task, const reply_t *reply, err_t *err)
{
    if (!child_ended(reply, err))
        return false;
    return answer(task, reply->result);
}

static bool
members_changed(task_t *task, const reply_t *reply, err_t *err)
{
    if (!child_ended(reply, err))
        return false;
    return answer(task, NULL);
}

/* ---- the change ---- */

static bool
plan(task_t *task, change_request_t *request, const ldap_entry_t *entry, const json_t *before,
     map_change_t *ret_change, err_t *err)
{
    patch_task_t *self = CONTAINER_OF(request, patch_task_t, change);
    const exchange_t *exchange = exchange_of(task);
    const map_type_t *type = exchange->type;
    json_t *after;

    if (self->body) {
        after = map_put(task->mem, type, before, self->body, err);
        if (!after)
            return false;
    } else {
        after = json_copy(task->mem, before);
        if (!scim_patch_apply(task->mem, type->scim, after, &self->patch, err))
            return false;
        /* Absent means active: a removal would let in who was shut out. */
        if (json_find(before, STR("active")) && !json_find(after, STR("active")))
            return err_set(err, ERR_MUTABILITY,
                           "active cannot be removed, only set to true or false");
    }
    if (!map_change_between(task->mem, exchange->map, type, entry, before, after,
                            exchange_links(task), exchange->now_s, ret_change, err))
        return false;
    if (self->has_delta)
        plan_members(task, &self->delta, entry, &ret_change->mods);
    return true;
}

static bool
begin_change(patch_task_t *self, err_t *err)
{
    task_t *task = &self->task;
    const exchange_t *exchange = exchange_of(task);

    self->change = (change_request_t){
        .id = exchange->request->id,
        .plan = plan,
        .with_members = self->has_delta,
    };
    if (!self->body && !self->has_delta && self->patch.n) {
        if (map_change_direct(task->mem, exchange->map, exchange->type, &self->patch,
                              exchange_links(task), exchange->now_s, &self->direct, err))
            self->change.direct = &self->direct;
        else if (err->kind != ERR_NONE)
            return false;
    }
    return change_resource(task, &self->change, resource_changed);
}

static bool
is_member_change(const patch_task_t *self)
{
    return self->has_delta && !self->delta.reset && !self->patch.n && !self->body;
}

static bool
fenced(task_t *task, const reply_t *reply, err_t *err)
{
    patch_task_t *self = (patch_task_t *)task;

    if (!child_ended(reply, err))
        return false;
    if (is_member_change(self))
        return change_members(task, &self->delta, members_changed);
    return begin_change(self, err);
}

/* Whoever held the gate may have made the change along with its own. Then only who looked up names
 * while names were moving makes sure by itself. */
static bool
entered(task_t *task, const reply_t *reply, err_t *err UNUSED)
{
    exchange_t *exchange = exchange_of(task);
    target_t target;

    if (!reply->settled)
        return fence_off_lost(task, exchange->request->id, fenced);
    exchange->facts.joined = true;
    if (target_remembered(task, exchange->request->id, &target)) {
        exchange->facts.target_dn = target.dn;
        respond_version(task, target.version);
    }
    if (names_have_moved(task))
        return enter_resource_gate(task, exchange->request->id, STR(""), entered);
    return answer(task, NULL);
}

static bool
references_known(task_t *task, const reply_t *reply, err_t *err)
{
    patch_task_t *self = (patch_task_t *)task;

    if (reply && !child_ended(reply, err))
        return false;
    if (self->has_delta && !check_members(task, &self->delta, err))
        return false;
    return enter_resource_gate(
        task, exchange_of(task)->request->id,
        is_member_change(self) ? merge_offer(task, &self->delta) : STR(""), entered);
}

static bool
resolve_all(patch_task_t *self, str_t *ids, size_t n, err_t *err)
{
    const exchange_t *exchange = exchange_of(&self->task);

    if (self->has_delta)
        ids = delta_ids(&self->task, &self->delta, ids, n, &n);
    if (n > exchange->connector->limits.max_members)
        return err_set(err, ERR_TOO_LARGE,
                       "%zu references in one request; at most %zu are allowed", n,
                       exchange->connector->limits.max_members);
    if (!n)
        return references_known(&self->task, NULL, err);
    return resolve_ids(&self->task, ids, n, references_known);
}

/* ---- PATCH ---- */

/* The ids that the operations bring in, other than members: those of the resource they would make of nothing. */
static void
collect_patch_ids(const patch_task_t *self, str_t **ret_ids, size_t *ret_n)
{
    const map_type_t *type = exchange_of(&self->task)->type;
    arena_t *mem = self->task.mem;
    str_t *ids = NULL;
    size_t n = 0;

    for (size_t i = 0; i < self->patch.n; i++) {
        const scim_op_t *op = &self->patch.ops[i];
        scim_target_t target;
        json_t *resource = json_object(mem), *part;
        str_t *found;
        size_t n_found;

        if (!op->value || !op->has_path || !scim_path_resolve(type->scim, &op->path, &target) ||
            !target.attr || !target.schema)
            continue;
        part = scim_resource_make_part(mem, resource, type->scim, target.schema);
        if (target.sub) {
            json_t *whole = json_object(mem);

            json_set(mem, whole, target.sub->name, op->value);
            json_set(mem, part, target.attr->name, whole);
        } else {
            json_set(mem, part, target.attr->name, op->value);
        }
        map_collect_ids(mem, type, resource, &found, &n_found);
        ids = arena_grow(mem, ids, n, n + n_found, sizeof(str_t));
        for (size_t j = 0; j < n_found; j++)
            ids[n++] = found[j];
    }
    *ret_ids = ids;
    *ret_n = n;
}

static bool
patch_start(task_t *task, const reply_t *reply UNUSED, err_t *err)
{
    patch_task_t *self = (patch_task_t *)task;
    exchange_t *exchange = exchange_of(task);
    const connector_t *connector = exchange->connector;
    json_t *body = request_json(task, err);
    str_t *ids;
    size_t n;

    if (!body || !scim_quirk_patch(task->mem, patch_quirks(task), exchange->type->scim, body,
                                   connector->limits.max_operations, &self->patch,
                                   &exchange->facts.quirks, err))
        return false;
    if (exchange->type->members) {
        if (!map_take_members(task->mem, exchange->type, &self->patch, &self->delta, err))
            return false;
        self->has_delta = self->delta.reset || self->delta.n_add || self->delta.n_remove;
    }
    collect_patch_ids(self, &ids, &n);
    return resolve_all(self, ids, n, err);
}

root_t
patch_root(run_t *run)
{
    return (root_t){&task_new_of(run, "patch", patch_task_t)->task, patch_start};
}

/* ---- PUT ---- */

/* PUT of members is their replacement; without members they stay. */
static bool
take_put_members(patch_task_t *self, err_t *err)
{
    const map_type_t *type = exchange_of(&self->task)->type;
    json_t *members = json_find(self->body, STR("members"));
    scim_op_t op = {.kind = SCIM_REPLACE, .has_path = true, .value = members};
    scim_patch_t patch = {&op, 1, 1};

    if (!type->members || !members)
        return true;
    json_remove(self->body, STR("members"));
    self->has_delta = true;
    return scim_path_parse(self->task.mem, STR("members"), &op.path, err) &&
           map_take_members(self->task.mem, type, &patch, &self->delta, err);
}

static bool
replace_start(task_t *task, const reply_t *reply UNUSED, err_t *err)
{
    patch_task_t *self = (patch_task_t *)task;
    str_t *ids;
    size_t n;

    self->body = request_resource(task, err);
    if (!self->body || !take_put_members(self, err))
        return false;
    map_collect_ids(task->mem, exchange_of(task)->type, self->body, &ids, &n);
    return resolve_all(self, ids, n, err);
}

root_t
replace_root(run_t *run)
{
    return (root_t){&task_new_of(run, "replace", patch_task_t)->task, replace_start};
}
