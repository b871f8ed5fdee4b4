/* SPDX-License-Identifier: Apache-2.0 */
#include "map/load/loading.h"

#include <stdarg.h>
#include <stdio.h>

static void
add(load_t *load, diag_severity_t severity, uint32_t at, const char *format, va_list args)
{
    char text[1800];
    unsigned line = 0, column = 0;

    vsnprintf(text, sizeof(text), format, args);
    json_position(load->text, at, &line, &column);
    diag_add(load->diags, severity, load->file, line, column, "%s", text);
}

bool
load_error(load_t *load, uint32_t at, const char *format, ...)
{
    va_list args;

    va_start(args, format);
    add(load, DIAG_ERROR, at, format, args);
    va_end(args);
    return false;
}

void
load_warning(load_t *load, uint32_t at, const char *format, ...)
{
    va_list args;

    va_start(args, format);
    add(load, DIAG_WARNING, at, format, args);
    va_end(args);
}

static bool
has_word(const char *const *words, str_t word)
{
    for (; *words; words++) {
        if (str_eq(str_from_c(*words), word))
            return true;
    }
    return false;
}

static void
complain_key(load_t *load, const json_member_t *member, const char *what,
             const char *const *known)
{
    guess_t guess = guess_begin(member->name);
    str_t hint;

    for (const char *const *word = known; *word; word++)
        guess_add(&guess, str_from_c(*word));
    hint = guess_text(load->mem, &guess);
    load_error(load, member->at, "%s has no key \"%.*s\"%.*s", what, STR_ARG(member->name),
               STR_ARG(hint));
}

bool
load_keys(load_t *load, const json_t *object, const char *what, const char *const *known)
{
    if (!json_is(object, JSON_OBJECT))
        return load_error(load, object->at, "%s must be an object { … }, not %s", what,
                          json_kind_name(object->kind));
    for (size_t i = 0; i < object->u.object.n; i++) {
        const json_member_t *member = &object->u.object.members[i];

        if (!has_word(known, member->name))
            complain_key(load, member, what, known);
    }
    return true;
}

static bool
absent(load_t *load, const json_t *object, const char *key, bool required)
{
    if (required)
        return load_error(load, object->at, "\"%s\" is missing here", key);
    return true;
}

bool
load_string(load_t *load, const json_t *object, const char *key, bool required,
            str_t *ret_value, const json_t **ret_json)
{
    const json_t *value = json_find_exact(object, str_from_c(key));

    *ret_json = value;
    if (!value)
        return absent(load, object, key, required);
    if (!json_is(value, JSON_STRING) || value->u.string.n == 0) {
        *ret_json = NULL;
        return load_error(load, value->at, "\"%s\" must be a string that is not empty", key);
    }
    *ret_value = value->u.string;
    return true;
}

bool
load_boolean(load_t *load, const json_t *object, const char *key, bool *ret_value)
{
    const json_t *value = json_find_exact(object, str_from_c(key));

    if (!value)
        return true;
    if (!json_is(value, JSON_BOOLEAN))
        return load_error(load, value->at, "\"%s\" must be true or false", key);
    *ret_value = value->u.boolean;
    return true;
}

bool
load_strings(load_t *load, const json_t *object, const char *key, bool required,
             const str_t **ret_values, size_t *ret_n)
{
    const json_t *array = json_find_exact(object, str_from_c(key));
    str_t *values;

    if (!array)
        return absent(load, object, key, required);
    if (!json_is(array, JSON_ARRAY))
        return load_error(load, array->at, "\"%s\" must be an array of strings: [\"…\"]", key);
    if (required && array->u.array.n == 0)
        return load_error(load, array->at, "\"%s\" must name at least one", key);
    values = arena_array_of(load->mem, array->u.array.n, str_t);
    for (size_t i = 0; i < array->u.array.n; i++) {
        const json_t *item = array->u.array.items[i];

        if (item->kind != JSON_STRING || item->u.string.n == 0)
            return load_error(load, item->at, "\"%s\" may hold only strings that are not empty",
                              key);
        values[i] = item->u.string;
    }
    *ret_values = values;
    *ret_n = array->u.array.n;
    return true;
}

static str_t
list_words(arena_t *mem, const char *const *words)
{
    buf_t buf;

    buf_init(&buf, mem, 512);
    for (size_t i = 0; words[i]; i++)
        buf_printf(&buf, "%s\"%s\"", i == 0 ? "" : words[i + 1] ? ", " : " or ", words[i]);
    return buf_str(&buf);
}

static const load_later_t *
find_later(const load_later_t *later, str_t name)
{
    for (; later && later->name; later++) {
        if (str_eq(str_from_c(later->name), name))
            return later;
    }
    return NULL;
}

bool
load_word(load_t *load, const json_t *object, const char *key, const char *const *words,
          const load_later_t *later, size_t *ret_index)
{
    const json_t *value = json_find_exact(object, str_from_c(key));
    const load_later_t *found;
    guess_t guess;
    str_t list;

    if (!value)
        return true;
    list = list_words(load->mem, words);
    if (!json_is(value, JSON_STRING))
        return load_error(load, value->at, "\"%s\" must be %.*s", key, STR_ARG(list));
    for (size_t i = 0; words[i]; i++) {
        if (str_eq(value->u.string, str_from_c(words[i]))) {
            *ret_index = i;
            return true;
        }
    }
    found = find_later(later, value->u.string);
    if (found)
        return load_error(load, value->at, "\"%s\": \"%s\" is not supported yet; %s", key,
                          found->name, found->instead);
    guess = guess_begin(value->u.string);
    for (size_t i = 0; words[i]; i++)
        guess_add(&guess, str_from_c(words[i]));
    return load_error(load, value->at, "\"%s\" must be %.*s, not \"%.*s\"%.*s", key,
                      STR_ARG(list), STR_ARG(value->u.string),
                      STR_ARG(guess_text(load->mem, &guess)));
}

bool
load_is_attr_name(str_t name)
{
    if (name.n == 0 || !(char_is_alpha(name.p[0]) || char_is_digit(name.p[0])))
        return false;
    for (size_t i = 0; i < name.n; i++) {
        char c = name.p[i];

        if (!char_is_alpha(c) && !char_is_digit(c) && c != '-' && c != '.' && c != ';')
            return false;
    }
    return true;
}

str_t
load_attr_name(load_t *load, str_t name)
{
    const ldap_attr_type_t *type = ldap_schema_find(load->schema, name);
    str_t options = str_skip(name, str_find_char(name, ';'));

    if (!type)
        return name;
    return options.n == 0
               ? type->name
               : str_printf(load->mem, "%.*s%.*s", STR_ARG(type->name), STR_ARG(options));
}

/* The options of an attribute description; ";binary" is a way of transfer, not another
 * attribute (RFC 4522). */
static str_t
options(str_t name)
{
    str_t rest = str_skip(name, str_find_char(name, ';'));

    return str_ieq(rest, STR(";binary")) ? STR("") : rest;
}

bool
load_same_attr(const ldap_schema_t *schema, str_t a, str_t b)
{
    const ldap_attr_type_t *type = ldap_schema_find(schema, a);

    if (!str_ieq(options(a), options(b)))
        return false;
    if (type)
        return type == ldap_schema_find(schema, b);
    return str_ieq(str_slice(a, 0, str_find_char(a, ';')),
                   str_slice(b, 0, str_find_char(b, ';')));
}

const load_slot_t *
load_find_draft(const load_type_t *draft, str_t ldap)
{
    for (size_t i = 0; i < draft->n_drafts; i++) {
        const load_slot_t *slot = &draft->drafts[i];

        if (slot->slot.ldap.n > 0 && load_same_attr(draft->load->schema, slot->slot.ldap, ldap))
            return slot;
        for (size_t k = 0; k < slot->n_copies; k++)
            if (load_same_attr(draft->load->schema, slot->copies[k].ldap, ldap))
                return slot;
    }
    return NULL;
}

str_t
load_spelling(const load_type_t *draft, str_t ldap)
{
    const load_slot_t *slot = load_find_draft(draft, ldap);

    for (size_t k = 0; slot && k < slot->n_copies; k++)
        if (load_same_attr(draft->load->schema, slot->copies[k].ldap, ldap))
            return slot->copies[k].ldap;
    return slot ? slot->slot.ldap : ldap;
}

const map_rule_t *
load_find_rule(const load_type_t *draft, str_t ldap)
{
    for (size_t i = 0; i < draft->n_rules; i++) {
        if (load_same_attr(draft->load->schema, draft->rules[i].ldap, ldap))
            return &draft->rules[i];
    }
    return NULL;
}

uint32_t
load_place(const load_slot_t *slot, const char *key)
{
    const json_t *value =
        slot->settings ? json_find_exact(slot->settings, str_from_c(key)) : NULL;

    return value ? value->at : slot->member->value->at;
}
