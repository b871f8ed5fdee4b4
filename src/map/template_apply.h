/* SPDX-License-Identifier: Apache-2.0 */
/* map/template_apply.h - the values that rules make of a resource. */
#ifndef MAP_TEMPLATE_APPLY_H
#define MAP_TEMPLATE_APPLY_H

#include "map/slot.h"

/* The template with the first values of its slots put in; false when one has none. `values` is
 * of map_place. */
bool map_template_apply(arena_t *mem, const map_type_t *type, const map_template_t *template,
                        const map_values_t *values, str_t *ret_text) MUST_USE;

/* What the rule makes: its `skip`-th alternative that is complete. */
bool map_rule_apply(arena_t *mem, const map_type_t *type, const map_rule_t *rule,
                    const map_values_t *values, size_t skip, str_t *ret_text) MUST_USE;

/* All that the rule makes by the first alternative that is complete, where it is one for several: what the
 * directory takes for one value once. For another rule that is one value at most. */
ldap_attr_t map_rule_values(arena_t *mem, const map_t *map, const map_type_t *type,
                            const map_rule_t *rule, const map_values_t *values);

/* The slot with several values that an alternative has, the only one where the rule makes several; or NULL. */
const map_slot_t *map_template_several(const map_template_t *template);

/* Whether the rule is made from this slot. */
bool map_rule_uses(const map_rule_t *rule, const map_slot_t *slot);

#endif
