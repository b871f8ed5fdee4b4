/* SPDX-License-Identifier: Apache-2.0 */
#include "daemon/reader.h"

#include "base/guess.h"
#include "daemon/file.h"

#include <assert.h>
#include <stdarg.h>
#include <stdio.h>

/* --- places and messages ------------------------------------------------------------------ */

static void
report(source_t *source, diag_severity_t severity, size_t at, const char *format, va_list args)
{
    char text[1024];
    unsigned line, column;

    vsnprintf(text, sizeof(text), format, args);
    json_position(source->text, at, &line, &column);
    diag_add(source->diags, severity, source->file, line, column, "%s", text);
}

bool
source_error(source_t *source, size_t at, const char *format, ...)
{
    va_list args;

    va_start(args, format);
    report(source, DIAG_ERROR, at, format, args);
    va_end(args);
    return false;
}

void
source_warning(source_t *source, size_t at, const char *format, ...)
{
    va_list args;

    va_start(args, format);
    report(source, DIAG_WARNING, at, format, args);
    va_end(args);
}

const json_t *
source_load(arena_t *mem, const char *file, diag_list_t *diags, source_t *ret_source)
{
    str_t name = str_from_c(file);
    size_t slash = str_find_last_char(name, '/');
    err_t err = ERR_INIT;
    const json_t *value;

    *ret_source = (source_t){.mem = mem, .file = file, .diags = diags, .text = STR("")};
    ret_source->folder =
        slash == name.n ? "." : str_dup_c(mem, str_slice(name, 0, slash ? slash : 1));
    if (!file_read(mem, file, json_limits_file.max_bytes, &ret_source->text, &err)) {
        diag_add(diags, DIAG_ERROR, file, 0, 0, "%s", err.detail);
        return NULL;
    }
    value = json_parse(mem, ret_source->text, &json_limits_file, &err);
    if (!value)
        diag_add(diags, DIAG_ERROR, file, err.line, err.column, "%s", err.detail);
    return value;
}

const char *
source_path(source_t *source, str_t path)
{
    if (str_starts_with(path, STR("/")))
        return str_dup_c(source->mem, path);
    return str_printf(source->mem, "%s/%.*s", source->folder, STR_ARG(path)).p;
}

/* --- objects ------------------------------------------------------------------------------ */

bool
reader_begin(reader_t *reader, source_t *source, const json_t *value, const char *what)
{
    *reader = (reader_t){.source = source, .what = what};
    if (!value)
        return true;
    if (!json_is(value, JSON_OBJECT))
        return source_error(source, value->at, "%s must be an object, not %s", what,
                            json_kind_name(value->kind));
    reader->object = value;
    return true;
}

static bool
is_known(const reader_t *reader, str_t name)
{
    for (size_t i = 0; i < reader->n; i++) {
        if (str_eq(reader->names[i], name))
            return true;
    }
    return false;
}

void
reader_end(reader_t *reader)
{
    if (!reader->object)
        return;
    for (size_t i = 0; i < reader->object->u.object.n; i++) {
        const json_member_t *member = &reader->object->u.object.members[i];
        guess_t guess = guess_begin(member->name);

        if (is_known(reader, member->name) || str_eq(member->name, STR("$schema")))
            continue;
        guess_add_all(&guess, reader->names, reader->n);
        source_error(reader->source, member->at, "%s has no key \"%.*s\"%.*s", reader->what,
                     STR_ARG(member->name), STR_ARG(guess_text(reader->source->mem, &guess)));
    }
}

const json_t *
reader_get(reader_t *reader, const char *name)
{
    str_t key = str_from_c(name);

    if (!is_known(reader, key)) {
        assert(reader->n < READER_MAX_NAMES);
        reader->names[reader->n++] = key;
    }
    return json_find_exact(reader->object, key);
}

const json_t *
reader_need(reader_t *reader, const char *name)
{
    const json_t *value = reader_get(reader, name);

    if (!value && reader->object)
        source_error(reader->source, reader->object->at, "%s needs \"%s\"", reader->what, name);
    return value;
}

/* --- members ------------------------------------------------------------------------------ */

static const json_t *
typed(reader_t *reader, const char *name, json_kind_t kind)
{
    const json_t *value = reader_get(reader, name);

    if (!value || value->kind == kind)
        return value;
    source_error(reader->source, value->at, "\"%s\" must be %s, not %s", name,
                 json_kind_name(kind), json_kind_name(value->kind));
    return NULL;
}

bool
reader_string(reader_t *reader, const char *name, const char **value)
{
    const json_t *is = typed(reader, name, JSON_STRING);

    if (!is)
        return false;
    if (str_is_empty(is->u.string))
        return source_error(reader->source, is->at, "\"%s\" is empty", name);
    *value = str_dup_c(reader->source->mem, is->u.string);
    return true;
}

bool
reader_path(reader_t *reader, const char *name, const char **value)
{
    const char *path;

    if (!reader_string(reader, name, &path))
        return false;
    *value = source_path(reader->source, str_from_c(path));
    return true;
}

bool
reader_boolean(reader_t *reader, const char *name, bool *value)
{
    const json_t *is = typed(reader, name, JSON_BOOLEAN);

    if (is)
        *value = is->u.boolean;
    return is;
}

bool
reader_number(reader_t *reader, const char *name, int64_t min, int64_t max, int64_t *value)
{
    const json_t *is = typed(reader, name, JSON_NUMBER);
    int64_t number;

    if (!is)
        return false;
    if (!json_to_int64(is, &number) || number < min || number > max)
        return source_error(reader->source, is->at,
                            "\"%s\" must be a whole number from %lld to %lld", name,
                            (long long)min, (long long)max);
    *value = number;
    return true;
}

typedef struct {
    const char *unit;
    int64_t factor;
} unit_t;

/* "30s" by a table of units, NULL-terminated. */
static bool
with_unit(str_t text, const unit_t *units, int64_t *ret_number)
{
    size_t digits = 0;
    int64_t number;

    while (digits < text.n && char_is_digit(text.p[digits]))
        digits++;
    if (!str_to_int64(str_slice(text, 0, digits), &number))
        return false;
    for (; units->unit; units++) {
        if (str_eq(str_trim(str_skip(text, digits)), str_from_c(units->unit)))
            return !__builtin_mul_overflow(number, units->factor, ret_number);
    }
    return false;
}

bool
reader_duration(reader_t *reader, const char *name, int64_t min_ms, int64_t max_ms,
                int64_t *value)
{
    static const unit_t units[] = {{"ms", 1},      {"s", 1000},     {"m", 60000},
                                   {"h", 3600000}, {"d", 86400000}, {NULL, 0}};
    const json_t *is = reader_get(reader, name);
    int64_t ms;

    if (!is)
        return false;
    if (!json_is(is, JSON_STRING) || !with_unit(is->u.string, units, &ms))
        return source_error(reader->source, is->at,
                            "\"%s\" must be a duration such as \"500ms\", \"30s\" or \"5m\"",
                            name);
    if (ms < min_ms || ms > max_ms)
        return source_error(reader->source, is->at, "\"%s\" must be from %lldms to %llds", name,
                            (long long)min_ms, (long long)max_ms / 1000);
    *value = ms;
    return true;
}

bool
reader_size(reader_t *reader, const char *name, int64_t min, int64_t max, int64_t *value)
{
    static const unit_t units[] = {
        {"", 1},  {"B", 1}, {"KiB", 1LL << 10}, {"MiB", 1LL << 20}, {"GiB", 1LL << 30},
        {NULL, 0}};
    const json_t *is = reader_get(reader, name);
    int64_t size;

    if (!is)
        return false;
    if (!json_to_int64(is, &size) &&
        (!json_is(is, JSON_STRING) || !with_unit(is->u.string, units, &size)))
        return source_error(reader->source, is->at,
                            "\"%s\" must be a size such as 4096, \"64KiB\" or \"1MiB\"", name);
    if (size < min || size > max)
        return source_error(reader->source, is->at, "\"%s\" must be from %lld to %lld bytes",
                            name, (long long)min, (long long)max);
    *value = size;
    return true;
}

bool
reader_strings(reader_t *reader, const char *name, const str_t **ret_items, size_t *ret_n)
{
    const json_t *is = typed(reader, name, JSON_ARRAY);
    str_t *items;

    if (!is)
        return false;
    items = arena_array_of(reader->source->mem, is->u.array.n + 1, str_t);
    for (size_t i = 0; i < is->u.array.n; i++) {
        const json_t *item = is->u.array.items[i];

        if (item->kind != JSON_STRING)
            return source_error(reader->source, item->at, "\"%s\" must hold strings, not %s",
                                name, json_kind_name(item->kind));
        items[i] = item->u.string;
    }
    *ret_items = items;
    *ret_n = is->u.array.n;
    return true;
}

static str_t
list_words(arena_t *mem, const str_t *words, size_t n)
{
    buf_t buf;

    buf_init(&buf, mem, 512);
    for (size_t i = 0; i < n; i++)
        buf_printf(&buf, "%s\"%.*s\"",
                   i == 0      ? ""
                   : i + 1 < n ? ", "
                               : " or ",
                   STR_ARG(words[i]));
    return buf_str(&buf);
}

bool
reader_word(reader_t *reader, const char *name, const str_t *words, size_t n, size_t *ret_index)
{
    const json_t *is = typed(reader, name, JSON_STRING);
    arena_t *mem = reader->source->mem;
    guess_t guess;

    if (!is)
        return false;
    for (size_t i = 0; i < n; i++) {
        if (str_eq(is->u.string, words[i])) {
            *ret_index = i;
            return true;
        }
    }
    guess = guess_begin(is->u.string);
    guess_add_all(&guess, words, n);
    return source_error(reader->source, is->at, "\"%s\" must be %.*s, not \"%.*s\"%.*s", name,
                        STR_ARG(list_words(mem, words, n)), STR_ARG(is->u.string),
                        STR_ARG(guess_text(mem, &guess)));
}
