/* SPDX-License-Identifier: Apache-2.0 */
#include "map/template_apply.h"

#include "base/buf.h"
#include "map/transform.h"
#include "map/value.h"

enum { TEXT_MAX = 64 * 1024 };

bool
map_template_apply(arena_t *mem, const map_type_t *type, const map_template_t *template,
                   const map_values_t *values, str_t *ret_text)
{
    buf_t buf;

    buf_init(&buf, mem, TEXT_MAX);
    for (size_t i = 0; i < template->n; i++) {
        const map_part_t *part = &template->parts[i];
        const map_values_t *list;
        str_t text;

        if (!part->slot) {
            buf_add(&buf, part->literal);
            continue;
        }
        list = &values[map_slot_number(type, part->slot)];
        text = list->n ? map_value_text(mem, list->values[0]) : STR("");
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
