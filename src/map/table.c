/* SPDX-License-Identifier: Apache-2.0 */
#include "map/table.h"

#include "base/buf.h"
#include "base/err.h"
#include "map/slot.h"
#include "map/value.h"

const map_pair_t *
map_table_of_scim(arena_t *mem, const map_slot_t *slot, const json_t *value)
{
    bool exact = map_slot_leaf(slot)->case_exact;
    str_t text;

    if (!map_has_table(slot) || value->kind != slot->table[0].value->kind)
        return NULL;
    text = map_value_text(mem, value);
    for (size_t i = 0; i < slot->n_table; i++)
        if (exact ? str_eq(slot->table[i].scim, text) : str_ieq(slot->table[i].scim, text))
            return &slot->table[i];
    return NULL;
}

const map_pair_t *
map_table_of_ldap(arena_t *mem, const map_slot_t *slot, str_t value)
{
    str_t normal = ldap_rule_normal(mem, slot->ldap_type->equality, value);

    for (size_t i = 0; i < slot->n_table; i++)
        if (str_eq(slot->table[i].normal, normal))
            return &slot->table[i];
    return NULL;
}

const json_t *
map_table_read(arena_t *mem, const map_slot_t *slot, const json_t *value)
{
    const map_pair_t *pair = map_table_of_scim(mem, slot, value);

    if (pair)
        return pair->value;
    return map_has_table(slot) && slot->otherwise == MAP_ELSE_DROP ? NULL : value;
}

str_t
map_table_names(arena_t *mem, const map_slot_t *slot)
{
    buf_t buf;

    buf_init(&buf, mem, ERR_DETAIL_SIZE);
    for (size_t i = 0; i < slot->n_table; i++) {
        if (i > 0)
            buf_add_c(&buf, ", ");
        buf_add(&buf, slot->table[i].scim);
    }
    return buf_str(&buf);
}
