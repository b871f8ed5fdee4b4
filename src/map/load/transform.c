/* SPDX-License-Identifier: Apache-2.0 */
/* What may follow a path in the braces of a template: {userName | before "@" | truncate 20}. */
#include "map/load/loading.h"

/* In the order of map_transform_kind_t. */
static const char *const transform_words[] = {"lower",  "upper", "ascii",   "slug",
                                              "before", "after", "replace", "truncate",
                                              "pad",    "hash",  NULL};

/* What each needs, as one would write it. */
static const struct {
    size_t texts; /* how many in quotes */
    int64_t max;  /* of the number; 0: it has none */
    const char *form;
} needs[] = {
    [MAP_TRANSFORM_LOWER] = {0, 0, "lower"},
    [MAP_TRANSFORM_UPPER] = {0, 0, "upper"},
    [MAP_TRANSFORM_ASCII] = {0, 0, "ascii"},
    [MAP_TRANSFORM_SLUG] = {0, 0, "slug"},
    [MAP_TRANSFORM_BEFORE] = {1, 0, "before \"@\""},
    [MAP_TRANSFORM_AFTER] = {1, 0, "after \"@\""},
    [MAP_TRANSFORM_REPLACE] = {2, 0, "replace \" \" \".\""},
    [MAP_TRANSFORM_TRUNCATE] = {0, 1024, "truncate 20"},
    [MAP_TRANSFORM_PAD] = {1, 64, "pad 6 \"0\""},
    [MAP_TRANSFORM_HASH] = {0, 16, "hash 4"},
};

/* Where `c` first stands outside quotes, or text.n. */
static size_t
find_bare(str_t text, char c)
{
    bool quoted = false;

    for (size_t i = 0; i < text.n; i++) {
        if (text.p[i] == '"')
            quoted = !quoted;
        else if (text.p[i] == c && !quoted)
            return i;
    }
    return text.n;
}

/* The next word of *text, or what stands between quotes. */
static bool
next_word(str_t *text, str_t *ret_word, bool *ret_quoted)
{
    size_t end;

    *text = str_trim(*text);
    if (text->n == 0)
        return false;
    *ret_quoted = text->p[0] == '"';
    if (*ret_quoted) {
        *text = str_skip(*text, 1);
        end = str_find_char(*text, '"');
        *ret_word = str_slice(*text, 0, end);
        *text = str_skip(*text, end + 1);
        return true;
    }
    for (end = 0; end < text->n && text->p[end] != ' ' && text->p[end] != '"';)
        end++;
    *ret_word = str_slice(*text, 0, end);
    *text = str_skip(*text, end);
    return true;
}

static bool
find_kind(load_t *load, str_t name, uint32_t at, map_transform_kind_t *ret_kind)
{
    guess_t guess = guess_begin(name);

    for (size_t i = 0; transform_words[i]; i++) {
        if (str_eq(name, str_from_c(transform_words[i]))) {
            *ret_kind = (map_transform_kind_t)i;
            return true;
        }
        guess_add(&guess, str_from_c(transform_words[i]));
    }
    return load_error(load, at, "template: there is no transform \"%.*s\"%.*s", STR_ARG(name),
                      STR_ARG(guess_text(load->mem, &guess)));
}

static bool
read_arguments(map_transform_t *transform, str_t rest)
{
    size_t texts = needs[transform->kind].texts, n_texts = 0;
    int64_t max = needs[transform->kind].max, number = 0;
    str_t word;
    bool quoted;

    while (next_word(&rest, &word, &quoted)) {
        if (!quoted && (max == 0 || number > 0 || !str_to_int64(word, &number) || number < 1 ||
                        number > max))
            return false;
        if (quoted && (n_texts == texts || (n_texts == 0 && word.n == 0)))
            return false;
        if (quoted && n_texts++ == 0)
            transform->text = word;
        else if (quoted)
            transform->by = word;
    }
    transform->n = (size_t)number;
    return n_texts == texts && (max == 0) == (number == 0);
}

static bool
read_transform(load_t *load, str_t text, uint32_t at, map_transform_t *ret_transform)
{
    map_transform_t transform = {.text = STR(""), .by = STR("")};
    str_t rest = text, name;
    bool quoted;

    if (!next_word(&rest, &name, &quoted) || quoted)
        return load_error(load, at,
                          "template: after \"|\" write a transform, such as {userName | "
                          "before \\\"@\\\" | lower}");
    if (!find_kind(load, name, at, &transform.kind))
        return false;
    if (!read_arguments(&transform, rest)) {
        int64_t max = needs[transform.kind].max;

        if (max > 0)
            return load_error(load, at,
                              "template: \"%.*s\" is written %s, with a number from 1 to %d",
                              STR_ARG(name), needs[transform.kind].form, (int)max);
        return load_error(load, at, "template: \"%.*s\" is written %s", STR_ARG(name),
                          needs[transform.kind].form);
    }
    *ret_transform = transform;
    return true;
}

bool
load_transforms(load_type_t *draft, str_t *path, uint32_t at, map_part_t *part)
{
    size_t bar = find_bare(*path, '|'), n = 0;
    str_t rest = str_skip(*path, bar);
    map_transform_t *transforms;

    *path = str_trim(str_slice(*path, 0, bar));
    if (rest.n == 0)
        return true;
    for (size_t i = 0; i < rest.n; i++)
        n += rest.p[i] == '|';
    transforms = arena_array_of(draft->load->mem, n, map_transform_t);
    part->transforms = transforms;
    while (rest.n > 0) {
        size_t end;

        rest = str_skip(rest, 1);
        end = find_bare(rest, '|');
        if (!read_transform(draft->load, str_slice(rest, 0, end), at,
                            &transforms[part->n_transforms++]))
            return false;
        rest = str_skip(rest, end);
    }
    return true;
}
