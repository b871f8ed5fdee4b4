/* SPDX-License-Identifier: Apache-2.0 */
/* What a path that SCIM does not have may have been meant for. */
#include "map/load/loading.h"

/* The key with another last word, so that it can be written as it stands: name.giveName. */
static str_t
guess_whole(load_type_t *draft, const load_slot_t *slot, const guess_t *guess)
{
    str_t key = slot->member->name;
    guess_t whole = *guess;

    if (guess->best.n > 0 && str_ends_with(key, guess->word))
        whole.best =
            str_printf(draft->load->mem, "%.*s%.*s",
                       STR_ARG(str_slice(key, 0, key.n - guess->word.n)), STR_ARG(guess->best));
    return guess_text(draft->load->mem, &whole);
}

/* givenName alone, which is a part of name. */
static str_t
find_part(load_type_t *draft, const scim_schema_t *schema, str_t word)
{
    for (size_t i = 0; i < schema->n; i++) {
        const scim_attr_t *attr = &schema->attrs[i];

        if (attr->kind == SCIM_COMPLEX && !attr->multi && scim_attr_find_sub(attr, word) &&
            !scim_attr_find_sub(attr, STR("$ref")))
            return str_printf(draft->load->mem, "%.*s.%.*s", STR_ARG(attr->name),
                              STR_ARG(scim_attr_find_sub(attr, word)->name));
    }
    return STR("");
}

bool
load_guess_path(load_type_t *draft, const load_slot_t *slot, const scim_path_t *path)
{
    load_t *load = draft->load;
    guess_t guess = guess_begin(path->sub.n > 0 ? path->sub : path->attr);
    str_t hint, part = STR("");

    for (size_t s = 0; s <= draft->declared->n_extensions; s++) {
        const scim_schema_t *schema =
            s == 0 ? draft->declared->core : draft->declared->extensions[s - 1];

        if (path->urn.n > 0 && !str_ieq(path->urn, schema->id))
            continue;
        if (path->urn.n == 0 && path->sub.n == 0 && part.n == 0)
            part = find_part(draft, schema, path->attr);
        for (size_t i = 0; i < schema->n; i++) {
            const scim_attr_t *attr = &schema->attrs[i];

            if (path->sub.n == 0) {
                guess_add(&guess, attr->name);
            } else if (str_ieq(attr->name, path->attr)) {
                for (size_t k = 0; k < attr->n_subs; k++)
                    guess_add(&guess, attr->subs[k].name);
                if (attr->n_subs == 0)
                    return load_error(load, slot->member->at,
                                      "\"%.*s\" has no sub-attributes; write \"%.*s\"",
                                      STR_ARG(attr->name), STR_ARG(attr->name));
            }
        }
    }
    hint = part.n > 0 ? str_printf(load->mem, "; write \"%.*s\"", STR_ARG(part))
                      : guess_whole(draft, slot, &guess);
    return load_error(load, slot->member->at, "SCIM's %.*s has no attribute \"%.*s\"%.*s",
                      STR_ARG(draft->declared->name), STR_ARG(slot->member->name),
                      STR_ARG(hint));
}
