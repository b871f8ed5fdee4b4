/* SPDX-License-Identifier: Apache-2.0 */
#include "support/model.h"

#include <check.h>
#include <stdlib.h>

#define SUFFIX "dc=example,dc=com"
#define NOBODY "cn=nobody"

/* An entry is never changed: a change puts a new one in its place. */
typedef struct {
    str_t normal; /* DN */
    const ldap_entry_t *entry;
} place_t;

struct model {
    bool no_refint, no_increments;
    arena_t *mem;
    const ldap_schema_t *schema;
    place_t *places;
    size_t n, size;
    unsigned long made, changed;
    str_t overridden; /* an attribute; empty: none */
    str_t unique;     /* likewise */
};

/* ---- places ---- */

static place_t *
find_place(const model_t *model, str_t normal)
{
    for (size_t i = 0; i < model->n; i++)
        if (str_eq(model->places[i].normal, normal))
            return &model->places[i];
    return NULL;
}

static void
put_entry(model_t *model, str_t normal, const ldap_entry_t *entry)
{
    place_t *place = find_place(model, normal);

    if (!place) {
        if (model->n == model->size) {
            model->size = model->size ? model->size * 2 : 32;
            model->places =
                arena_grow(model->mem, model->places, model->n, model->size, sizeof(place_t));
        }
        place = &model->places[model->n++];
    }
    *place = (place_t){normal, entry};
}

static void
remove_place(model_t *model, place_t *place)
{
    size_t at = (size_t)(place - model->places);

    memmove(place, place + 1, (model->n - at - 1) * sizeof(*place));
    model->n--;
}

/* ---- values ---- */

static str_t
normal_value(const model_t *model, arena_t *mem, str_t attr, str_t value)
{
    return ldap_rule_normal(mem, ldap_schema_get(model->schema, attr)->equality, value);
}

static size_t
find_value(const model_t *model, const ldap_attr_t *attr, str_t value)
{
    arena_t *scratch ARENA_CLEANUP = arena_new(0);
    str_t normal = normal_value(model, scratch, attr->name, value);

    for (size_t i = 0; i < attr->n; i++)
        if (str_eq(normal_value(model, scratch, attr->name, attr->values[i]), normal))
            return i;
    return attr->n;
}

static void
set_value(model_t *model, ldap_entry_t *entry, const char *attr, str_t value)
{
    ldap_entry_remove(entry, str_from_c(attr));
    ldap_entry_add(model->mem, entry, str_from_c(attr), value);
}

/* Every change has its own CSN; the timestamps stand still, so that nobody relies on them. */
static void
stamp_change(model_t *model, ldap_entry_t *entry)
{
    model->changed++;
    set_value(
        model, entry, "entryCSN",
        str_printf(model->mem, "20260101100000.000000Z#%06lx#000#000000", model->changed));
    set_value(model, entry, "modifyTimestamp", STR("20260101100000Z"));
}

static void
stamp_birth(model_t *model, ldap_entry_t *entry)
{
    model->made++;
    set_value(model, entry, "entryUUID",
              str_printf(model->mem, "%08lx-0000-4000-8000-0123456789ab",
                         model->made * 0x9e3779b1u & 0xffffffffu));
    set_value(model, entry, "createTimestamp", STR("20260101100000Z"));
    stamp_change(model, entry);
}

/* ---- schema ---- */

static bool
has_class(const ldap_entry_t *entry, const char *name)
{
    const ldap_attr_t *classes = ldap_entry_find(entry, STR("objectClass"));

    for (size_t i = 0; classes && i < classes->n; i++)
        if (str_ieq(classes->values[i], str_from_c(name)))
            return true;
    return false;
}

static const char *
missing_attr(const ldap_entry_t *entry)
{
    static const struct {
        const char *class, *attr;
    } must[] = {{"groupOfNames", "member"},
                {"groupOfNames", "cn"},
                {"inetOrgPerson", "sn"},
                {"inetOrgPerson", "cn"},
                {"posixAccount", "uidNumber"}};

    for (size_t i = 0; i < ARRAY_SIZE(must); i++)
        if (has_class(entry, must[i].class) &&
            !ldap_entry_find(entry, str_from_c(must[i].attr)))
            return must[i].attr;
    return NULL;
}

/* Our own attributes need our class. */
static bool
has_foreign_attr(const ldap_entry_t *entry)
{
    for (size_t i = 0; i < entry->n; i++)
        if (str_istarts_with(entry->attrs[i].name, STR("scim")) &&
            !has_class(entry, "scimResource"))
            return true;
    return false;
}

static int
check_attr(const model_t *model, const ldap_attr_t *attr)
{
    arena_t *scratch ARENA_CLEANUP = arena_new(0);
    const ldap_attr_type_t *type = ldap_schema_find(model->schema, attr->name);

    if (!type)
        return LDAP_RC_UNDEFINED_TYPE;
    if (type->single && attr->n > 1)
        return LDAP_RC_CONSTRAINT_VIOLATION;
    for (size_t i = 0; i < attr->n; i++)
        if (!ldap_syntax_accepts(scratch, type->syntax, attr->values[i]))
            return LDAP_RC_INVALID_SYNTAX;
    for (size_t i = 0; type->equality != LDAP_RULE_NONE && i < attr->n; i++)
        if (find_value(model, attr, attr->values[i]) != i)
            return LDAP_RC_VALUE_EXISTS;
    return LDAP_RC_SUCCESS;
}

static bool
has_rdn_values(const model_t *model, const ldap_entry_t *entry)
{
    ldap_dn_t dn;
    err_t err = ERR_INIT;

    if (!ldap_dn_parse(model->mem, entry->dn, &dn, &err) || dn.n == 0)
        return false;
    for (size_t i = 0; i < dn.rdns[0].n; i++) {
        const ldap_ava_t *ava = &dn.rdns[0].avas[i];
        const ldap_attr_t *attr = ldap_entry_find(entry, ava->attr);

        if (!attr || find_value(model, attr, ava->value) == attr->n)
            return false;
    }
    return true;
}

static int
check_entry(const model_t *model, const ldap_entry_t *entry)
{
    for (size_t i = 0; i < entry->n; i++) {
        int code = check_attr(model, &entry->attrs[i]);

        if (code != LDAP_RC_SUCCESS)
            return code;
    }
    return missing_attr(entry) || has_foreign_attr(entry) ? LDAP_RC_OBJECT_CLASS_VIOLATION
                                                          : LDAP_RC_SUCCESS;
}

/* ---- referential integrity ---- */

/* Every value that names `old` becomes `new`, or goes where `new` is empty. */
static void
repair_attr(model_t *model, ldap_entry_t *entry, ldap_attr_t *attr, size_t at, str_t new)
{
    if (new.n) {
        attr->values[at] = new;
    } else if (attr->n > 1) {
        memmove(&attr->values[at], &attr->values[at + 1], (attr->n - at - 1) * sizeof(str_t));
        attr->n--;
    } else if (str_ieq(attr->name, STR("member"))) {
        attr->values[0] = STR(NOBODY);
    } else {
        ldap_entry_remove(entry, attr->name);
    }
    stamp_change(model, entry);
}

void
model_leave_references(model_t *model, bool leave)
{
    model->no_refint = leave;
}

void
model_forget_increments(model_t *model)
{
    model->no_increments = true;
}

static void
repair_references(model_t *model, str_t old, str_t new)
{
    static const char *const names[] = {"member", "manager"};

    if (model->no_refint)
        return;
    for (size_t i = 0; i < model->n; i++)
        for (size_t j = 0; j < ARRAY_SIZE(names); j++) {
            const ldap_attr_t *attr =
                ldap_entry_find(model->places[i].entry, str_from_c(names[j]));
            size_t at = attr ? find_value(model, attr, old) : 0;
            ldap_entry_t *entry;

            if (!attr || at == attr->n)
                continue;
            entry = ldap_entry_copy(model->mem, model->places[i].entry);
            repair_attr(model, entry, ldap_entry_get(model->mem, entry, attr->name), at, new);
            model->places[i].entry = entry;
        }
}

/* ---- answers ---- */

typedef struct {
    model_t *model;
    arena_t *mem; /* of the reply */
    const ldap_op_t *op;
    ldap_reply_t reply;
} answer_t;

static bool
answer(answer_t *self, int code)
{
    self->reply.code = code;
    return code == LDAP_RC_SUCCESS;
}

static bool
is_true(const model_t *model, const ldap_filter_t *filter, const ldap_entry_t *entry)
{
    arena_t *scratch ARENA_CLEANUP = arena_new(0);

    return !filter || ldap_filter_test(scratch, filter, entry, model->schema) == LDAP_TRUE;
}

/* Only the values that the filter is true of (RFC 3876). */
static void
add_values(answer_t *self, ldap_entry_t *to, const ldap_attr_t *attr,
           const ldap_filter_t *values)
{
    for (size_t i = 0; i < attr->n; i++) {
        ldap_attr_t alone = {attr->name, &attr->values[i], 1, 1};
        ldap_entry_t one = {.attrs = &alone, .n = 1, .size = 1};

        if (is_true(self->model, values, &one))
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
static place_t *
target(answer_t *self)
{
    place_t *place = find_place(self->model, ldap_dn_normal(self->model->mem, self->op->dn));

    if (!place) {
        answer(self, LDAP_RC_NO_SUCH_OBJECT);
        self->reply.matched = STR(SUFFIX);
        return NULL;
    }
    if (self->op->guard && !is_true(self->model, self->op->guard, place->entry)) {
        answer(self, LDAP_RC_ASSERTION_FAILED);
        return NULL;
    }
    return place;
}

static void
post_read(answer_t *self, const ldap_entry_t *entry)
{
    if (self->op->post_read)
        add_to_reply(self, show_entry(self, entry, self->op->post_read, NULL));
}

static bool
has_children(const model_t *model, str_t normal)
{
    for (size_t i = 0; i < model->n; i++)
        if (ldap_dn_is_below(model->places[i].normal, normal))
            return true;
    return false;
}

/* What the entry had of the overridden attribute, it has again. */
static void
override(model_t *model, ldap_entry_t *entry, const ldap_entry_t *before)
{
    const ldap_attr_t *attr = before ? ldap_entry_find(before, model->overridden) : NULL;

    ldap_entry_remove(entry, model->overridden);
    for (size_t i = 0; attr && i < attr->n; i++)
        ldap_entry_add(model->mem, entry, attr->name, attr->values[i]);
}

/* ---- add ---- */

static bool
has_parent(const model_t *model, str_t normal)
{
    for (size_t i = 0; i < model->n; i++)
        if (ldap_dn_is_child(normal, model->places[i].normal))
            return true;
    return false;
}

static bool
are_siblings(const model_t *model, str_t a, str_t b)
{
    for (size_t i = 0; i < model->n; i++)
        if (ldap_dn_is_child(a, model->places[i].normal))
            return ldap_dn_is_child(b, model->places[i].normal);
    return false;
}

static bool
is_unique(const model_t *model, str_t normal, const ldap_entry_t *entry)
{
    const ldap_attr_t *mine = ldap_entry_find(entry, model->unique);

    for (size_t i = 0; mine && i < model->n; i++) {
        const place_t *place = &model->places[i];
        const ldap_attr_t *theirs = ldap_entry_find(place->entry, model->unique);

        if (!theirs || !are_siblings(model, normal, place->normal))
            continue;
        for (size_t j = 0; j < mine->n; j++)
            if (find_value(model, theirs, mine->values[j]) < theirs->n)
                return false;
    }
    return true;
}

static void
do_add(answer_t *self)
{
    model_t *model = self->model;
    str_t normal = ldap_dn_normal(model->mem, self->op->dn);
    ldap_entry_t *entry = ldap_entry_copy(model->mem, self->op->u.add.entry);
    int code;

    entry->dn = str_dup(model->mem, self->op->dn);
    if (!has_parent(model, normal)) {
        answer(self, LDAP_RC_NO_SUCH_OBJECT);
        return;
    }
    if (find_place(model, normal)) {
        answer(self, LDAP_RC_ALREADY_EXISTS);
        return;
    }
    code = check_entry(model, entry);
    if (code == LDAP_RC_SUCCESS && !has_rdn_values(model, entry))
        code = LDAP_RC_NAMING_VIOLATION;
    if (code == LDAP_RC_SUCCESS && !is_unique(model, normal, entry)) {
        self->reply.diagnostic = STR("some attributes not unique");
        code = LDAP_RC_CONSTRAINT_VIOLATION;
    }
    if (!answer(self, code))
        return;
    override(model, entry, NULL);
    stamp_birth(model, entry);
    put_entry(model, normal, entry);
    post_read(self, entry);
}

/* ---- modify ---- */

static int
add_mod_values(const model_t *model, ldap_entry_t *entry, const ldap_attr_t *mod,
               bool permissive)
{
    ldap_attr_t *attr = ldap_entry_get(model->mem, entry, str_dup(model->mem, mod->name));
    bool has_rule = ldap_schema_get(model->schema, mod->name)->equality != LDAP_RULE_NONE;

    if (!has_rule && attr->n)
        return LDAP_RC_INAPPROPRIATE_MATCHING;
    for (size_t i = 0; i < mod->n; i++) {
        if (has_rule && find_value(model, attr, mod->values[i]) < attr->n) {
            if (!permissive)
                return LDAP_RC_VALUE_EXISTS;
            continue;
        }
        ldap_attr_add(model->mem, attr, str_dup(model->mem, mod->values[i]));
    }
    return mod->n ? LDAP_RC_SUCCESS : LDAP_RC_PROTOCOL_ERROR;
}

static int
delete_mod_values(const model_t *model, ldap_entry_t *entry, const ldap_attr_t *mod,
                  bool permissive)
{
    int missing = permissive ? LDAP_RC_SUCCESS : LDAP_RC_NO_SUCH_ATTRIBUTE;
    ldap_attr_t *attr;

    if (!ldap_entry_find(entry, mod->name))
        return missing;
    attr = ldap_entry_get(model->mem, entry, mod->name);
    if (mod->n && ldap_schema_get(model->schema, mod->name)->equality == LDAP_RULE_NONE)
        return LDAP_RC_INAPPROPRIATE_MATCHING;
    for (size_t i = 0; i < mod->n; i++) {
        size_t at = find_value(model, attr, mod->values[i]);

        if (at == attr->n && missing != LDAP_RC_SUCCESS)
            return missing;
        if (at == attr->n)
            continue;
        memmove(&attr->values[at], &attr->values[at + 1], (attr->n - at - 1) * sizeof(str_t));
        attr->n--;
    }
    if (mod->n == 0 || attr->n == 0)
        ldap_entry_remove(entry, mod->name);
    return LDAP_RC_SUCCESS;
}

static int
increment_values(const model_t *model, ldap_entry_t *entry, const ldap_attr_t *mod,
                 const ldap_attr_type_t *type)
{
    ldap_attr_t *attr;
    int64_t value, by;

    if (model->no_increments || mod->n != 1)
        return LDAP_RC_PROTOCOL_ERROR;
    if (type->syntax != LDAP_SYNTAX_INTEGER || !str_to_int64(mod->values[0], &by))
        return LDAP_RC_CONSTRAINT_VIOLATION;
    if (!ldap_entry_find(entry, mod->name))
        return LDAP_RC_NO_SUCH_ATTRIBUTE;
    attr = ldap_entry_get(model->mem, entry, mod->name);
    for (size_t i = 0; i < attr->n; i++) {
        ck_assert(str_to_int64(attr->values[i], &value));
        attr->values[i] = str_printf(model->mem, "%lld", (long long)(value + by));
    }
    return LDAP_RC_SUCCESS;
}

static int
apply_mod(const model_t *model, ldap_entry_t *entry, const ldap_mod_t *mod, bool permissive)
{
    const ldap_attr_type_t *type = ldap_schema_find(model->schema, mod->attr.name);

    if (!type)
        return LDAP_RC_UNDEFINED_TYPE;
    if (type->read_only)
        return LDAP_RC_CONSTRAINT_VIOLATION;
    switch (mod->op) {
    case LDAP_MOD_OP_ADD:
        return add_mod_values(model, entry, &mod->attr, permissive);
    case LDAP_MOD_OP_DELETE:
        return delete_mod_values(model, entry, &mod->attr, permissive);
    case LDAP_MOD_OP_REPLACE:
        ldap_entry_remove(entry, mod->attr.name);
        return mod->attr.n ? add_mod_values(model, entry, &mod->attr, false) : LDAP_RC_SUCCESS;
    case LDAP_MOD_OP_INCREMENT:
        return increment_values(model, entry, &mod->attr, type);
    }
    return LDAP_RC_UNWILLING;
}

static void
do_modify(answer_t *self)
{
    model_t *model = self->model;
    place_t *place = target(self);
    ldap_entry_t *entry;
    int code = LDAP_RC_SUCCESS;

    if (!place)
        return;
    entry = ldap_entry_copy(model->mem, place->entry);
    for (size_t i = 0; code == LDAP_RC_SUCCESS && i < self->op->u.modify.n; i++)
        code = apply_mod(model, entry, &self->op->u.modify.mods[i], self->op->permissive);
    if (code == LDAP_RC_SUCCESS)
        code = check_entry(model, entry);
    if (code == LDAP_RC_SUCCESS && !has_rdn_values(model, entry))
        code = LDAP_RC_NOT_ALLOWED_ON_RDN;
    if (!answer(self, code))
        return;
    override(model, entry, place->entry);
    stamp_change(model, entry);
    place->entry = entry;
    post_read(self, entry);
}

/* ---- rename ---- */

static void
change_rdn_values(model_t *model, ldap_entry_t *entry, const ldap_rdn_t *rdn, bool add)
{
    for (size_t i = 0; i < rdn->n; i++) {
        str_t value = rdn->avas[i].value;
        ldap_attr_t mod = {str_dup(model->mem, rdn->avas[i].attr), &value, 1, 1};

        ck_assert_int_eq(add ? add_mod_values(model, entry, &mod, true)
                             : delete_mod_values(model, entry, &mod, true),
                         LDAP_RC_SUCCESS);
    }
}

static void
do_rename(answer_t *self)
{
    model_t *model = self->model;
    place_t *place = target(self), *there;
    ldap_dn_t dn, new_rdn, parent;
    ldap_entry_t *entry;
    str_t old, normal;
    err_t err = ERR_INIT;
    int code;

    if (!place)
        return;
    old = place->normal;
    ck_assert(ldap_dn_parse(model->mem, place->entry->dn, &dn, &err));
    parent = ldap_dn_parent(&dn);
    if (self->op->u.rename.parent.n)
        ck_assert(ldap_dn_parse(model->mem, self->op->u.rename.parent, &parent, &err));
    if (!ldap_dn_parse(model->mem, self->op->u.rename.rdn, &new_rdn, &err)) {
        answer(self, LDAP_RC_INVALID_DN_SYNTAX);
        return;
    }
    entry = ldap_entry_copy(model->mem, place->entry);
    entry->dn = str_printf(model->mem, "%.*s,%.*s",
                           STR_ARG(ldap_rdn_format(model->mem, &new_rdn.rdns[0])),
                           STR_ARG(ldap_dn_format(model->mem, &parent)));
    normal = ldap_dn_normal(model->mem, entry->dn);
    there = find_place(model, normal);
    if (there && there != place) {
        answer(self, LDAP_RC_ALREADY_EXISTS);
        return;
    }
    if (!has_parent(model, normal)) {
        answer(self, LDAP_RC_NO_SUCH_OBJECT);
        return;
    }
    if (has_children(model, place->normal)) {
        answer(self, LDAP_RC_NOT_ALLOWED_ON_NON_LEAF);
        return;
    }
    if (self->op->u.rename.delete_old)
        change_rdn_values(model, entry, &dn.rdns[0], false);
    change_rdn_values(model, entry, &new_rdn.rdns[0], true);
    code = check_entry(model, entry);
    if (!answer(self, code))
        return;
    stamp_change(model, entry);
    *place = (place_t){normal, entry};
    post_read(self, entry);
    if (!str_eq(old, normal))
        repair_references(model, old, entry->dn);
}

/* ---- delete, search, compare ---- */

static void
do_delete(answer_t *self)
{
    place_t *place = target(self);
    str_t normal;

    if (!place)
        return;
    if (has_children(self->model, place->normal)) {
        answer(self, LDAP_RC_NOT_ALLOWED_ON_NON_LEAF);
        return;
    }
    normal = place->normal;
    remove_place(self->model, place);
    repair_references(self->model, normal, STR(""));
}

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
do_search(answer_t *self)
{
    const model_t *model = self->model;
    place_t *base = target(self);
    str_t normal = base ? base->normal : STR("");

    for (size_t i = 0; base && i < model->n; i++) {
        const place_t *place = &model->places[(i + model->changed) % model->n];

        if (!in_depth(self, place->normal, normal) ||
            !is_true(model, self->op->u.search.filter, place->entry))
            continue;
        if (self->op->u.search.size_limit &&
            self->reply.n_entries == self->op->u.search.size_limit) {
            answer(self, LDAP_RC_SIZE_LIMIT);
            return;
        }
        add_to_reply(self, show_entry(self, place->entry, &self->op->u.search.attrs,
                                      self->op->u.search.values));
    }
}

static void
do_compare(answer_t *self)
{
    const place_t *place = target(self);
    const ldap_attr_t *attr;

    if (!place)
        return;
    attr = ldap_entry_find(place->entry, self->op->u.compare.attr);
    if (!attr)
        answer(self, LDAP_RC_NO_SUCH_ATTRIBUTE);
    else if (find_value(self->model, attr, self->op->u.compare.value) < attr->n)
        answer(self, LDAP_RC_COMPARE_TRUE);
    else
        answer(self, LDAP_RC_COMPARE_FALSE);
}

ldap_reply_t
model_answer(model_t *model, arena_t *mem, const ldap_op_t *op)
{
    answer_t self = {.model = model, .mem = mem, .op = op};

    self.reply.matched = self.reply.diagnostic = STR("");
    switch (op->kind) {
    case LDAP_OP_SEARCH:
        do_search(&self);
        break;
    case LDAP_OP_COMPARE:
        do_compare(&self);
        break;
    case LDAP_OP_ADD:
        do_add(&self);
        break;
    case LDAP_OP_MODIFY:
        do_modify(&self);
        break;
    case LDAP_OP_RENAME:
        do_rename(&self);
        break;
    case LDAP_OP_DELETE:
        do_delete(&self);
        break;
    case LDAP_OP_EXTENDED:
        answer(&self, LDAP_RC_PROTOCOL_ERROR);
        break;
    }
    return self.reply;
}

/* ---- for tests ---- */

model_t *
model_new(void)
{
    model_t *model = calloc(1, sizeof(*model));

    ck_assert_ptr_nonnull(model);
    model->mem = arena_new(0);
    ck_assert_ptr_nonnull(model->mem);
    model->schema = ldap_schema_builtin();
    model->overridden = STR("");
    model_put(model, "dn: " SUFFIX "\nobjectClass: domain\ndc: example\n");
    return model;
}

void
model_free(model_t *model)
{
    if (model)
        arena_free(model->mem);
    free(model);
}

void
model_override(model_t *model, const char *attr)
{
    model->overridden = str_from_c(attr);
}

void
model_unique(model_t *model, const char *attr)
{
    model->unique = str_from_c(attr);
}

void
model_put(model_t *model, const char *lines)
{
    ldap_entry_t *entry = arena_new_of(model->mem, ldap_entry_t);
    str_t rest = str_dup(model->mem, str_from_c(lines));

    while (rest.n) {
        str_t line = str_slice(rest, 0, str_find_char(rest, '\n'));
        size_t colon = str_find(line, STR(": "));
        str_t name = str_slice(line, 0, colon), value = str_skip(line, colon + 2);

        rest = str_skip(rest, line.n + 1);
        if (str_eq(name, STR("dn")))
            entry->dn = value;
        else
            ldap_entry_add(model->mem, entry, name, value);
    }
    stamp_birth(model, entry);
    put_entry(model, ldap_dn_normal(model->mem, entry->dn), entry);
}

void
model_put_base(model_t *model, str_t dn)
{
    ldap_dn_t tree, parent;
    err_t err = ERR_INIT;

    if (model_find(model, dn))
        return;
    ck_assert(ldap_dn_parse(model->mem, dn, &tree, &err) && tree.n > 0);
    parent = ldap_dn_parent(&tree);
    model_put_base(model, ldap_dn_format(model->mem, &parent));
    model_put(model,
              str_printf(model->mem, "dn: %.*s\nobjectClass: organizationalUnit\n%.*s: %.*s\n",
                         STR_ARG(dn), STR_ARG(tree.rdns[0].avas[0].attr),
                         STR_ARG(tree.rdns[0].avas[0].value))
                  .p);
}

const ldap_entry_t *
model_find(const model_t *model, str_t dn)
{
    const place_t *place = find_place(model, ldap_dn_normal(model->mem, dn));

    return place ? place->entry : NULL;
}

const ldap_entry_t *
model_find_id(const model_t *model, str_t id)
{
    str_t value;

    for (size_t i = 0; i < model->n; i++)
        if (ldap_entry_first(model->places[i].entry, STR("entryUUID"), &value) &&
            str_ieq(value, id))
            return model->places[i].entry;
    return NULL;
}

bool
model_has(const ldap_entry_t *entry, const char *attr, str_t value)
{
    const ldap_attr_t *found = ldap_entry_find(entry, str_from_c(attr));
    model_t rules = {.schema = ldap_schema_builtin()};

    return found && find_value(&rules, found, value) < found->n;
}

size_t
model_count(const model_t *model, const char *filter)
{
    err_t err = ERR_INIT;
    const ldap_filter_t *parsed = ldap_filter_parse(model->mem, str_from_c(filter), &err);
    size_t n = 0;

    ck_assert_msg(parsed != NULL, "%s: %s", filter, err.detail);
    for (size_t i = 0; i < model->n; i++)
        n += is_true(model, parsed, model->places[i].entry);
    return n;
}

static int
by_text(const void *a, const void *b)
{
    return str_cmp(*(const str_t *)a, *(const str_t *)b);
}

static str_t
join_sorted(arena_t *mem, str_t *lines, size_t n)
{
    buf_t buf;

    if (n > 1)
        qsort(lines, n, sizeof(str_t), by_text);
    buf_init(&buf, mem, 16 * 1024 * 1024);
    for (size_t i = 0; i < n; i++) {
        buf_add(&buf, lines[i]);
        buf_add_char(&buf, '\n');
    }
    return buf_str(&buf);
}

/* Names that were made of an id become ID; the DN's other bytes stay. */
static str_t
without_ids(const model_t *model, arena_t *mem, str_t text)
{
    for (size_t i = 0; i < model->n; i++) {
        str_t id;
        size_t at;

        if (!ldap_entry_first(model->places[i].entry, STR("entryUUID"), &id))
            continue;
        at = str_find(text, id);
        if (at < text.n)
            text = str_printf(mem, "%.*sID%.*s", STR_ARG(str_slice(text, 0, at)),
                              STR_ARG(str_skip(text, at + id.n)));
    }
    return text;
}

static bool
is_comparable(str_t name)
{
    static const char *const differs[] = {"entryUUID", "entryCSN", "createTimestamp",
                                          "modifyTimestamp"};

    for (size_t i = 0; i < ARRAY_SIZE(differs); i++)
        if (str_ieq(name, str_from_c(differs[i])))
            return false;
    return true;
}

static str_t
entry_text(const model_t *model, arena_t *mem, const ldap_entry_t *entry)
{
    size_t n = 1, used = 0;
    str_t *lines;

    for (size_t i = 0; i < entry->n; i++)
        n += entry->attrs[i].n;
    lines = arena_array_of(mem, n, str_t);
    for (size_t i = 0; i < entry->n; i++)
        for (size_t j = 0; is_comparable(entry->attrs[i].name) && j < entry->attrs[i].n; j++)
            lines[used++] =
                str_printf(mem, "  %.*s: %.*s", STR_ARG(str_lower(mem, entry->attrs[i].name)),
                           STR_ARG(without_ids(model, mem, entry->attrs[i].values[j])));
    return str_printf(mem, "%.*s\n%.*s", STR_ARG(without_ids(model, mem, entry->dn)),
                      STR_ARG(join_sorted(mem, lines, used)));
}

str_t
model_text(const model_t *model, arena_t *mem)
{
    str_t *texts = arena_array_of(mem, model->n + 1, str_t);

    for (size_t i = 0; i < model->n; i++)
        texts[i] = entry_text(model, mem, model->places[i].entry);
    return join_sorted(mem, texts, model->n);
}
