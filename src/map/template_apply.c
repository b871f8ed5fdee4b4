/* SPDX-License-Identifier: Apache-2.0 */
#include "map/template_apply.h"

#include "base/buf.h"
#include "map/transform.h"
#include "map/value.h"

enum { TEXT_MAX = 64 * 1024 };

/* With the `at`-th value of the slot `several`; of others the first. */
static bool
apply(arena_t *mem, const map_type_t *type, const map_template_t *template,
      const map_values_t *values, const map_slot_t *several, size_t at, str_t *ret_text)
{
    buf_t buf;

    buf_init(&buf, mem, TEXT_MAX);
    for (size_t i = 0; i < template->n; i++) {
        const map_part_t *part = &template->parts[i];
        const map_values_t *list;
        size_t which = part->slot && part->slot == several ? at : 0;
        str_t text;

        if (!part->slot) {
            buf_add(&buf, part->literal);
            continue;
        }
        list = &values[map_slot_number(type, part->slot)];
        text = which < list->n ? map_value_text(mem, list->values[which]) : STR("");
        text = map_transform(mem, part->transforms, part->n_transforms, text);
        if (str_is_empty(text))
            return false;
        buf_add(&buf, text);
    }
    if (buf.failed)
        return false;
    *ret_text = buf_str(&buf);
    return true;
}

bool
map_template_apply(arena_t *mem, const map_type_t *type, const map_template_t *template,
                   const map_values_t *values, str_t *ret_text)
{
    return apply(mem, type, template, values, NULL, 0, ret_text);
}

const map_slot_t *
map_template_several(const map_template_t *template)
{
    for (size_t i = 0; i < template->n; i++) {
        const map_slot_t *slot = template->parts[i].slot;

        if (slot && slot->several)
            return slot;
    }
    return NULL;
}

static void
add_once(arena_t *mem, ldap_rule_t equality, ldap_attr_t *made, str_t text)
{
    str_t normal = ldap_rule_normal(mem, equality, text);

    for (size_t i = 0; i < made->n; i++)
        if (str_eq(ldap_rule_normal(mem, equality, made->values[i]), normal))
            return;
    ldap_attr_add(mem, made, text);
}

ldap_attr_t
map_rule_values(arena_t *mem, const map_t *map, const map_type_t *type, const map_rule_t *rule,
                const map_values_t *values)
{
    ldap_rule_t equality = ldap_schema_get(map->schema, rule->ldap)->equality;
    ldap_attr_t made = {.name = rule->ldap};
    str_t text;

    for (size_t i = 0; i < rule->n && made.n == 0; i++) {
        const map_template_t *template = &rule->alternatives[i];
        const map_slot_t *several = rule->several ? map_template_several(template) : NULL;
        size_t n = several ? values[map_slot_number(type, several)].n : 1;

        for (size_t k = 0; k < n; k++)
            if (apply(mem, type, template, values, several, k, &text))
                add_once(mem, equality, &made, text);
    }
    return made;
}

bool
map_rule_apply(arena_t *mem, const map_type_t *type, const map_rule_t *rule,
               const map_values_t *values, size_t skip, str_t *ret_text)
{
    for (size_t i = 0; i < rule->n; i++) {
        str_t text;

        if (map_template_apply(mem, type, &rule->alternatives[i], values, &text) &&
            skip-- == 0) {
            *ret_text = text;
            return true;
        }
    }
    return false;
}

bool
map_rule_uses(const map_rule_t *rule, const map_slot_t *slot)
{
    for (size_t i = 0; i < rule->n; i++)
        for (size_t j = 0; j < rule->alternatives[i].n; j++)
            if (rule->alternatives[i].parts[j].slot == slot)
                return true;
    return false;
}
