/* SPDX-License-Identifier: Apache-2.0 */
/* For people: the resource with its origins at the right, and what else is to be known of the entry. */
#include "cli/show/show.h"

#include "map/slot.h"

#include <stdio.h>

enum { NOTE_AT_MAX = 64, VALUE_MAX = 72, UNSEEN_MAX = 20, TEXT_MAX = 64 * 1024 * 1024 };

/* ---- values as an administrator can read them ---- */

static bool
is_text(str_t value)
{
    for (size_t i = 0; i < value.n; i++)
        if ((unsigned char)value.p[i] < 0x20 || value.p[i] == 0x7f)
            return false;
    return str_is_utf8(value);
}

static void
write_ldap(buf_t *buf, str_t attr, str_t value)
{
    size_t n = value.n;

    buf_add(buf, attr);
    buf_add_c(buf, ": ");
    if (ldap_attr_is_secret(attr)) {
        buf_add_c(buf, "(secret)");
    } else if (!is_text(value)) {
        buf_printf(buf, "(%zu bytes)", value.n);
    } else {
        if (n > VALUE_MAX)
            for (n = VALUE_MAX; n > 0 && (value.p[n] & 0xc0) == 0x80;)
                n--;
        buf_add(buf, str_from(value.p, n));
        buf_add_c(buf, n < value.n ? "…" : "");
    }
}

static void
write_attr(const show_t *show, buf_t *buf, str_t name)
{
    const ldap_attr_t *attr = show_find_attr(show, name);

    if (attr && attr->n)
        write_ldap(buf, name, attr->values[0]);
}

/* ---- lifecycle ---- */

typedef struct {
    const show_t *show;
    buf_t *buf;
} named_t;

static void
write_named(void *arg, str_t attr)
{
    named_t *named = arg;

    if (!show_find_attr(named->show, attr)) {
        buf_printf(named->buf, "; it has no %.*s", STR_ARG(attr));
        return;
    }
    buf_add_c(named->buf, "; ");
    write_attr(named->show, named->buf, attr);
}

bool
show_is_inactive(const show_t *show)
{
    const json_t *active = json_find(show->resource, STR("active"));

    return json_is(active, JSON_BOOLEAN) && !active->u.boolean;
}

/* "active, as (pwdEndTime<=now) does not match; it has no pwdEndTime" */
static str_t
lifecycle_text(const show_t *show)
{
    const map_state_t *state = &show->type->inactive;
    named_t named = {.show = show};
    buf_t buf;

    buf_init(&buf, show->mem, 64 * 1024);
    named.buf = &buf;
    if (!map_has_active(show->type))
        return STR("always active: the map has no inactive state");
    buf_add_c(&buf, show_is_inactive(show) ? "inactive, as " : "active, as ");
    if (state->under) {
        buf_printf(&buf, "it %s under \"%.*s\"",
                   show_is_inactive(show) ? "lies" : "does not lie", STR_ARG(state->under->dn));
        return buf_str(&buf);
    }
    ldap_filter_write(&buf, map_when(show->mem, state, show->now_s));
    buf_add_c(&buf, show_is_inactive(show) ? " matches" : " does not match");
    ldap_filter_each_attr(state->when, write_named, &named);
    return buf_str(&buf);
}

/* ---- lines ---- */

typedef struct {
    str_t text, note;
} line_t;

typedef struct {
    const show_t *show;
    line_t *lines;
    size_t n, size;
    buf_t text; /* of the line that is being made */
    unsigned depth;
} lines_t;

static void
end_line(lines_t *lines, str_t note)
{
    arena_t *mem = lines->show->mem;

    if (lines->n == lines->size) {
        lines->size = lines->size ? lines->size * 2 : 128;
        lines->lines =
            arena_grow(mem, lines->lines, lines->n, lines->size, sizeof(*lines->lines));
    }
    lines->lines[lines->n++] = (line_t){buf_str(&lines->text), note};
    buf_init(&lines->text, mem, TEXT_MAX);
    for (unsigned i = 0; i < lines->depth; i++)
        buf_add_c(&lines->text, "  ");
}

static str_t
note_of(const lines_t *lines, const json_t *value, str_t name, bool in_meta)
{
    const show_t *show = lines->show;
    const show_origin_t *origin = show_find_origin(show, value);
    buf_t buf;

    buf_init(&buf, show->mem, 64 * 1024);
    if (origin)
        write_ldap(&buf, origin->slot->ldap, origin->ldap);
    else if (lines->depth == (in_meta ? 2 : 1))
        write_attr(show, &buf, show_envelope_attr(show, name, in_meta));
    if (!origin && lines->depth == 1 && str_eq(name, STR("active")) &&
        map_has_active(show->type))
        ldap_filter_write(&buf, map_when(show->mem, &show->type->inactive, show->now_s));
    return buf_str(&buf);
}

static void write_value(lines_t *lines, const json_t *value, str_t name, bool in_meta,
                        bool last);

static void
open_line(lines_t *lines, const char *bracket)
{
    buf_add_c(&lines->text, bracket);
    lines->depth++;
    end_line(lines, STR(""));
}

static void
close_line(lines_t *lines, const char *bracket, bool last)
{
    buf_truncate(&lines->text, lines->text.n - 2);
    lines->depth--;
    buf_add_c(&lines->text, bracket);
    buf_add_c(&lines->text, last ? "" : ",");
    end_line(lines, STR(""));
}

static void
write_object(lines_t *lines, const json_t *object, bool in_meta, bool last)
{
    open_line(lines, "{");
    for (size_t i = 0; i < object->u.object.n; i++) {
        const json_member_t *member = &object->u.object.members[i];
        bool meta = lines->depth == 1 && str_eq(member->name, STR("meta"));

        json_write_string(&lines->text, member->name);
        buf_add_c(&lines->text, ": ");
        write_value(lines, member->value, member->name, in_meta || meta,
                    i + 1 == object->u.object.n);
    }
    close_line(lines, "}", last);
}

static void
write_array(lines_t *lines, const json_t *array, bool last)
{
    open_line(lines, "[");
    for (size_t i = 0; i < array->u.array.n; i++)
        write_value(lines, array->u.array.items[i], STR(""), false, i + 1 == array->u.array.n);
    close_line(lines, "]", last);
}

static void
write_value(lines_t *lines, const json_t *value, str_t name, bool in_meta, bool last)
{
    if (value->kind == JSON_OBJECT && value->u.object.n) {
        write_object(lines, value, in_meta, last);
    } else if (value->kind == JSON_ARRAY && value->u.array.n) {
        write_array(lines, value, last);
    } else {
        json_write(&lines->text, value);
        buf_add_c(&lines->text, last ? "" : ",");
        end_line(lines, note_of(lines, value, name, in_meta));
    }
}

/* Columns on a terminal, as far as a character is one column wide. */
static size_t
width_of(str_t text)
{
    size_t n = 0;

    for (size_t i = 0; i < text.n; i++)
        n += (text.p[i] & 0xc0) != 0x80;
    return n;
}

static void
print_lines(const lines_t *lines, bool colour)
{
    size_t at = 0;

    for (size_t i = 0; i < lines->n; i++) {
        size_t width = width_of(lines->lines[i].text);

        if (lines->lines[i].note.n && width > at)
            at = width < NOTE_AT_MAX ? width : NOTE_AT_MAX;
    }
    for (size_t i = 0; i < lines->n; i++) {
        const line_t *line = &lines->lines[i];
        size_t width = width_of(line->text);

        printf("%.*s", STR_ARG(line->text));
        if (line->note.n)
            printf("%*s%s# %.*s%s", (int)(width < at ? at - width : 0) + 2, "",
                   colour ? "\033[36m" : "", STR_ARG(line->note), colour ? "\033[0m" : "");
        putchar('\n');
    }
}

/* ---- for people ---- */

static void
print_names(const char *title, const show_names_t *names)
{
    if (!names->n)
        return;
    printf("%s", title);
    for (size_t i = 0; i < names->n; i++)
        printf("%s%.*s", i ? ", " : "", STR_ARG(names->names[i]));
    putchar('\n');
}

static void
print_unseen(const show_t *show)
{
    for (size_t i = 0; i < show->n_unseen && i < UNSEEN_MAX; i++) {
        buf_t buf;

        buf_init(&buf, show->mem, 64 * 1024);
        write_ldap(&buf, show->unseen[i].attr, show->unseen[i].value);
        printf("not shown:   %.*s %s\n", STR_ARG(buf_str(&buf)), show->unseen[i].reason);
    }
    if (show->n_unseen > UNSEEN_MAX)
        printf("not shown:   and %zu values more\n", show->n_unseen - UNSEEN_MAX);
}

static void
print_seen(const show_t *show, bool colour)
{
    lines_t lines = {.show = show};
    str_t lifecycle = lifecycle_text(show);

    buf_init(&lines.text, show->mem, TEXT_MAX);
    write_value(&lines, show->resource, STR(""), false, true);
    printf("dn:          %.*s\n", STR_ARG(show->user->dn));
    printf("seen as:     %.*s of connector %.*s, in the scope \"%.*s\"\n",
           STR_ARG(show->type->scim->name), STR_ARG(show->of->name),
           STR_ARG(show->type->scope->name));
    printf("lifecycle:   %.*s\n\n", STR_ARG(lifecycle));
    print_lines(&lines, colour);
    putchar('\n');
    print_names("not mapped:  ", &show->unmapped);
    print_names("operational: ", &show->other);
    print_unseen(show);
}

static void
print_whys(const show_t *show, bool colour)
{
    if (show->user)
        printf("dn:       %.*s\n", STR_ARG(show->user->dn));
    else
        printf("asked:    %.*s\n", STR_ARG(show->asked));
    printf("not seen: no client of connector %.*s sees it%s%.*s\n\n", STR_ARG(show->of->name),
           show->type ? " as a " : "", STR_ARG(show->type ? show->type->scim->name : STR("")));
    for (size_t i = 0; i < show->n_whys; i++) {
        const show_why_t *why = &show->whys[i];

        printf("%s%zu. %.*s%s\n   -> %.*s\n", colour ? "\033[1m" : "", i + 1,
               STR_ARG(why->reason), colour ? "\033[0m" : "", STR_ARG(why->advice));
    }
}

void
show_print(const show_t *show, bool colour)
{
    if (show->resource)
        print_seen(show, colour);
    else
        print_whys(show, colour);
}
