/* SPDX-License-Identifier: Apache-2.0 */
/* What changes the model's entries. */
#include "support/model_inside.h"

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
        attr->values[0] = STR("cn=nobody");
    } else {
        ldap_entry_remove(entry, attr->name);
    }
    model_stamp_change(model, entry);
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
            size_t at = attr ? model_find_value(model, attr, old) : 0;
            ldap_entry_t *entry;

            if (!attr || at == attr->n)
                continue;
            entry = ldap_entry_copy(model->mem, model->places[i].entry);
            repair_attr(model, entry, ldap_entry_get(model->mem, entry, attr->name), at, new);
            model->places[i].entry = entry;
        }
}

/* ---- what a write must respect ---- */

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
            if (model_find_value(model, theirs, mine->values[j]) < theirs->n)
                return false;
    }
    return true;
}

void
answer_add(answer_t *self)
{
    model_t *model = self->model;
    str_t normal = ldap_dn_normal(model->mem, self->op->dn);
    ldap_entry_t *entry = ldap_entry_copy(model->mem, self->op->u.add.entry);
    int code;

    entry->dn = str_dup(model->mem, self->op->dn);
    if (!has_parent(model, normal)) {
        answer_code(self, LDAP_RC_NO_SUCH_OBJECT);
        return;
    }
    if (model_place(model, normal)) {
        answer_code(self, LDAP_RC_ALREADY_EXISTS);
        return;
    }
    code = model_check_entry(model, entry);
    if (code == LDAP_RC_SUCCESS && !model_names_itself(model, entry))
        code = LDAP_RC_NAMING_VIOLATION;
    if (code == LDAP_RC_SUCCESS && !is_unique(model, normal, entry)) {
        self->reply.diagnostic = STR("some attributes not unique");
        code = LDAP_RC_CONSTRAINT_VIOLATION;
    }
    if (!answer_code(self, code))
        return;
    override(model, entry, NULL);
    model_stamp_birth(model, entry);
    model_put_entry(model, normal, entry);
    answer_post_read(self, entry);
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
        if (has_rule && model_find_value(model, attr, mod->values[i]) < attr->n) {
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
        size_t at = model_find_value(model, attr, mod->values[i]);

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

void
answer_modify(answer_t *self)
{
    model_t *model = self->model;
    place_t *place = answer_target(self);
    ldap_entry_t *entry;
    int code = LDAP_RC_SUCCESS;

    if (!place)
        return;
    entry = ldap_entry_copy(model->mem, place->entry);
    for (size_t i = 0; code == LDAP_RC_SUCCESS && i < self->op->u.modify.n; i++)
        code = apply_mod(model, entry, &self->op->u.modify.mods[i], self->op->permissive);
    if (code == LDAP_RC_SUCCESS)
        code = model_check_entry(model, entry);
    if (code == LDAP_RC_SUCCESS && !model_names_itself(model, entry))
        code = LDAP_RC_NOT_ALLOWED_ON_RDN;
    if (!answer_code(self, code))
        return;
    override(model, entry, place->entry);
    model_stamp_change(model, entry);
    place->entry = entry;
    answer_post_read(self, entry);
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

void
answer_rename(answer_t *self)
{
    model_t *model = self->model;
    place_t *place = answer_target(self), *there;
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
        answer_code(self, LDAP_RC_INVALID_DN_SYNTAX);
        return;
    }
    entry = ldap_entry_copy(model->mem, place->entry);
    entry->dn = str_printf(model->mem, "%.*s,%.*s",
                           STR_ARG(ldap_rdn_format(model->mem, &new_rdn.rdns[0])),
                           STR_ARG(ldap_dn_format(model->mem, &parent)));
    normal = ldap_dn_normal(model->mem, entry->dn);
    there = model_place(model, normal);
    if (there && there != place) {
        answer_code(self, LDAP_RC_ALREADY_EXISTS);
        return;
    }
    if (!has_parent(model, normal)) {
        answer_code(self, LDAP_RC_NO_SUCH_OBJECT);
        return;
    }
    if (has_children(model, place->normal)) {
        answer_code(self, LDAP_RC_NOT_ALLOWED_ON_NON_LEAF);
        return;
    }
    if (self->op->u.rename.delete_old)
        change_rdn_values(model, entry, &dn.rdns[0], false);
    change_rdn_values(model, entry, &new_rdn.rdns[0], true);
    code = model_check_entry(model, entry);
    if (!answer_code(self, code))
        return;
    model_stamp_change(model, entry);
    *place = (place_t){normal, entry};
    answer_post_read(self, entry);
    if (!str_eq(old, normal))
        repair_references(model, old, entry->dn);
}

/* ---- delete ---- */

void
answer_delete(answer_t *self)
{
    place_t *place = answer_target(self);
    str_t normal;

    if (!place)
        return;
    if (has_children(self->model, place->normal)) {
        answer_code(self, LDAP_RC_NOT_ALLOWED_ON_NON_LEAF);
        return;
    }
    normal = place->normal;
    model_remove_place(self->model, place);
    repair_references(self->model, normal, STR(""));
}
