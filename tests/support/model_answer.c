/* SPDX-License-Identifier: Apache-2.0 */
/* What the model answers: whom an operation is about, what is shown of it, and to which operation. */
#include "support/model_inside.h"

bool
answer_code(answer_t *self, int code)
{
    self->reply.code = code;
    return code == LDAP_RC_SUCCESS;
}

/* Only the values that the filter is true of (RFC 3876). */
static void
add_values(answer_t *self, ldap_entry_t *to, const ldap_attr_t *attr,
           const ldap_filter_t *values)
{
    for (size_t i = 0; i < attr->n; i++) {
        ldap_attr_t alone = {attr->name, &attr->values[i], 1, 1};
        ldap_entry_t one = {.attrs = &alone, .n = 1, .size = 1};

        if (model_is_true(self->model, values, &one))
            ldap_entry_add(self->mem, to, str_dup(self->mem, attr->name),
                           str_dup(self->mem, attr->values[i]));
    }
}

static bool
is_operational(const model_t *model, str_t name)
{
    const ldap_attr_type_t *type = ldap_schema_find(model->schema, name);

    return type && type->operational;
}

static bool
is_selected(const model_t *model, const ldap_names_t *names, str_t attr)
{
    for (size_t i = 0; i < names->n; i++)
        if (str_ieq(names->names[i], attr) ||
            (str_eq(names->names[i], STR("*")) && !is_operational(model, attr)))
            return true;
    return false;
}

static const ldap_entry_t *
show_entry(answer_t *self, const ldap_entry_t *entry, const ldap_names_t *names,
           const ldap_filter_t *values)
{
    ldap_entry_t *shown = arena_new_of(self->mem, ldap_entry_t);

    shown->dn = str_dup(self->mem, entry->dn);
    for (size_t i = 0; i < entry->n; i++)
        if (is_selected(self->model, names, entry->attrs[i].name))
            add_values(self, shown, &entry->attrs[i], values);
    if (is_selected(self->model, names, STR("entryDN")))
        ldap_entry_add(self->mem, shown, STR("entryDN"), shown->dn);
    return shown;
}

static void
add_to_reply(answer_t *self, const ldap_entry_t *shown)
{
    size_t n = self->reply.n_entries;
    const ldap_entry_t **entries =
        arena_grow(self->mem, self->reply.entries, n, n + 1, sizeof(*entries));

    entries[n] = shown;
    self->reply.entries = entries;
    self->reply.n_entries = n + 1;
}

/* The place of the operation's target, once the guard holds there. */
place_t *
answer_target(answer_t *self)
{
    place_t *place = model_place(self->model, ldap_dn_normal(self->model->mem, self->op->dn));

    if (!place) {
        answer_code(self, LDAP_RC_NO_SUCH_OBJECT);
        self->reply.matched = STR(SUFFIX);
        return NULL;
    }
    if (self->op->guard && !model_is_true(self->model, self->op->guard, place->entry)) {
        answer_code(self, LDAP_RC_ASSERTION_FAILED);
        return NULL;
    }
    return place;
}

void
answer_post_read(answer_t *self, const ldap_entry_t *entry)
{
    if (self->op->post_read)
        add_to_reply(self, show_entry(self, entry, self->op->post_read, NULL));
}

/* ---- operations ---- */

static bool
in_depth(const answer_t *self, str_t normal, str_t base)
{
    switch (self->op->u.search.depth) {
    case LDAP_DEPTH_BASE:
        return str_eq(normal, base);
    case LDAP_DEPTH_ONE:
        return ldap_dn_is_child(normal, base);
    case LDAP_DEPTH_SUB:
        return str_eq(normal, base) || ldap_dn_is_below(normal, base);
    }
    return false;
}

/* Results begin at another entry each time: no order can be relied on. */
static void
search(answer_t *self)
{
    const model_t *model = self->model;
    place_t *base = answer_target(self);
    str_t normal = base ? base->normal : STR("");

    for (size_t i = 0; base && i < model->n; i++) {
        const place_t *place = &model->places[(i + model->changed) % model->n];

        if (!in_depth(self, place->normal, normal) ||
            !model_is_true(model, self->op->u.search.filter, place->entry))
            continue;
        if (self->op->u.search.size_limit &&
            self->reply.n_entries == self->op->u.search.size_limit) {
            answer_code(self, LDAP_RC_SIZE_LIMIT);
            return;
        }
        add_to_reply(self, show_entry(self, place->entry, &self->op->u.search.attrs,
                                      self->op->u.search.values));
    }
}

static void
compare(answer_t *self)
{
    const place_t *place = answer_target(self);
    const ldap_attr_t *attr;

    if (!place)
        return;
    attr = ldap_entry_find(place->entry, self->op->u.compare.attr);
    if (!attr)
        answer_code(self, LDAP_RC_NO_SUCH_ATTRIBUTE);
    else if (model_find_value(self->model, attr, self->op->u.compare.value) < attr->n)
        answer_code(self, LDAP_RC_COMPARE_TRUE);
    else
        answer_code(self, LDAP_RC_COMPARE_FALSE);
}

ldap_reply_t
model_answer(model_t *model, arena_t *mem, const ldap_op_t *op)
{
    answer_t self = {.model = model, .mem = mem, .op = op};

    self.reply.matched = self.reply.diagnostic = STR("");
    switch (op->kind) {
    case LDAP_OP_SEARCH:
        search(&self);
        break;
    case LDAP_OP_COMPARE:
        compare(&self);
        break;
    case LDAP_OP_ADD:
        answer_add(&self);
        break;
    case LDAP_OP_MODIFY:
        answer_modify(&self);
        break;
    case LDAP_OP_RENAME:
        answer_rename(&self);
        break;
    case LDAP_OP_DELETE:
        answer_delete(&self);
        break;
    case LDAP_OP_EXTENDED:
        answer_code(&self, LDAP_RC_PROTOCOL_ERROR);
        break;
    }
    return self.reply;
}
