/* SPDX-License-Identifier: Apache-2.0 */
/* The model's entries as text. */
#include "support/model_inside.h"

#include <stdlib.h>

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
