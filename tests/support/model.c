/* SPDX-License-Identifier: Apache-2.0 */
/* The entries of the model, and what tests do to them. */
#include "support/model_inside.h"

#include <stdlib.h>

/* ---- places ---- */

place_t *
model_place(const model_t *model, str_t normal)
{
    for (size_t i = 0; i < model->n; i++)
        if (str_eq(model->places[i].normal, normal))
            return &model->places[i];
    return NULL;
}

void
model_put_entry(model_t *model, str_t normal, const ldap_entry_t *entry)
{
    place_t *place = model_place(model, normal);

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

void
model_remove_place(model_t *model, place_t *place)
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

size_t
model_find_value(const model_t *model, const ldap_attr_t *attr, str_t value)
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
void
model_stamp_change(model_t *model, ldap_entry_t *entry)
{
    model->changed++;
    set_value(
        model, entry, "entryCSN",
        str_printf(model->mem, "20260101100000.000000Z#%06lx#000#000000", model->changed));
    set_value(model, entry, "modifyTimestamp", STR("20260101100000Z"));
}

void
model_stamp_birth(model_t *model, ldap_entry_t *entry)
{
    model->made++;
    set_value(model, entry, "entryUUID",
              str_printf(model->mem, "%08lx-0000-4000-8000-0123456789ab",
                         model->made * 0x9e3779b1u & 0xffffffffu));
    set_value(model, entry, "createTimestamp", STR("20260101100000Z"));
    model_stamp_change(model, entry);
}

bool
model_is_true(const model_t *model, const ldap_filter_t *filter, const ldap_entry_t *entry)
{
    arena_t *scratch ARENA_CLEANUP = arena_new(0);

    return !filter || ldap_filter_test(scratch, filter, entry, model->schema) == LDAP_TRUE;
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
model_leave_references(model_t *model, bool leave)
{
    model->no_refint = leave;
}

void
model_forget_increments(model_t *model)
{
    model->no_increments = true;
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
    model_stamp_birth(model, entry);
    model_put_entry(model, ldap_dn_normal(model->mem, entry->dn), entry);
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
    const place_t *place = model_place(model, ldap_dn_normal(model->mem, dn));

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

    return found && model_find_value(&rules, found, value) < found->n;
}

size_t
model_count(const model_t *model, const char *filter)
{
    err_t err = ERR_INIT;
    const ldap_filter_t *parsed = ldap_filter_parse(model->mem, str_from_c(filter), &err);
    size_t n = 0;

    ck_assert_msg(parsed != NULL, "%s: %s", filter, err.detail);
    for (size_t i = 0; i < model->n; i++)
        n += model_is_true(model, parsed, model->places[i].entry);
    return n;
}
