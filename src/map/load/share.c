/* SPDX-License-Identifier: Apache-2.0 */
/* "prefix", "pattern" and "demote": which values of an LDAP attribute a path means. Paths share an
 * attribute only where no value can be of two. */
#include "map/load/loading.h"

#include "map/share.h"

static bool
read_prefix(load_type_t *draft, load_slot_t *slot)
{
    const json_t *value = NULL;
    map_share_t *share = &slot->slot.share;

    if (!load_string(draft->load, slot->settings, "prefix", false, &share->head, &value))
        return false;
    if (!value)
        return true;
    if (str_trim(share->head).n != share->head.n || share->head.n == 0)
        return load_error(draft->load, value->at,
                          "\"prefix\" is what values begin with, such as \"smtp:\"; blanks at "
                          "its ends do not count in a directory");
    share->kind = MAP_SHARE_PREFIX;
    share->exact = true;
    return true;
}

static bool
read_pattern(load_type_t *draft, load_slot_t *slot)
{
    const json_t *value = NULL;
    map_share_t *share = &slot->slot.share;
    str_t text = STR("");
    size_t star;

    if (!load_string(draft->load, slot->settings, "pattern", false, &text, &value))
        return false;
    if (!value)
        return true;
    if (share->kind != MAP_SHARE_ALL)
        return load_error(draft->load, value->at, "write \"prefix\" or \"pattern\", not both");
    star = str_find_char(text, '*');
    share->head = str_slice(text, 0, star);
    share->tail = str_skip(text, star < text.n ? star + 1 : text.n);
    if (star == text.n || text.n == 1 || str_find_char(share->tail, '*') < share->tail.n ||
        str_trim(text).n != text.n)
        return load_error(draft->load, value->at,
                          "\"pattern\" is text with one \"*\" for the rest, such as "
                          "\"*@uni.example\"");
    share->kind = MAP_SHARE_PATTERN;
    share->exact = slot->slot.ldap_type->equality == LDAP_RULE_CASE_EXACT;
    return true;
}

static bool
read_demote(load_type_t *draft, load_slot_t *slot)
{
    const json_t *value = NULL;
    map_share_t *share = &slot->slot.share;

    if (!load_string(draft->load, slot->settings, "demote", false, &share->demote, &value))
        return false;
    if (!value)
        return true;
    if (share->kind != MAP_SHARE_PREFIX)
        return load_error(draft->load, value->at,
                          "\"demote\" is the prefix under which a value that is replaced is "
                          "kept, so it needs a \"prefix\"");
    if (share->demote.n == 0 || str_starts_with(share->demote, share->head) ||
        str_starts_with(share->head, share->demote))
        return load_error(draft->load, value->at,
                          "what is kept under \"%.*s\" could not be told from \"%.*s\"; write "
                          "another prefix",
                          STR_ARG(share->demote), STR_ARG(share->head));
    return true;
}

static bool
check_fit(load_type_t *draft, const load_slot_t *slot, uint32_t at)
{
    load_t *load = draft->load;
    const map_slot_t *s = &slot->slot;

    if (s->as != MAP_AS_STRING)
        return load_error(load, at, "only text has parts; map \"%.*s\" to an attribute alone",
                          STR_ARG(slot->member->name));
    if (s->n_none > 0)
        return load_error(load, load_place(slot, "none"),
                          "where there is no value of a part there is no value; remove "
                          "\"none\"");
    if (s->ldap_type->single)
        return load_error(load, at,
                          "%.*s holds one value, so there is nothing to part; remove it",
                          STR_ARG(s->ldap));
    if (s->ldap_type->equality != LDAP_RULE_CASE_EXACT &&
        s->ldap_type->equality != LDAP_RULE_CASE_IGNORE)
        return load_error(load, at,
                          "the values of %.*s (%s) are no text, so they have no parts; use "
                          "another attribute",
                          STR_ARG(s->ldap), ldap_syntax_name(s->ldap_type->syntax));
    if (s->n_table > 0 && map_share_is_blurred(s))
        return load_error(load, at,
                          "with \"values\" the case of letters in a prefix must count in the "
                          "directory too, and in %.*s it does not",
                          STR_ARG(s->ldap));
    return true;
}

bool
load_share(load_type_t *draft, load_slot_t *slot)
{
    const map_share_t *share = &slot->slot.share;

    if (!slot->settings)
        return true;
    if (!read_prefix(draft, slot) || !read_pattern(draft, slot) || !read_demote(draft, slot))
        return false;
    if (share->kind == MAP_SHARE_ALL)
        return true;
    return check_fit(draft, slot,
                     load_place(slot, share->kind == MAP_SHARE_PREFIX ? "prefix" : "pattern"));
}

/* ---- two slots of one attribute ---- */

static bool
differ(bool exact, str_t a, str_t b)
{
    return exact ? !str_eq(a, b) : !str_ieq(a, b);
}

/* Whether no value can be of both. */
static bool
are_apart(const map_share_t *a, const map_share_t *b)
{
    bool exact = a->exact && b->exact;
    size_t head = a->head.n < b->head.n ? a->head.n : b->head.n;
    size_t tail = a->tail.n < b->tail.n ? a->tail.n : b->tail.n;

    return differ(exact, str_slice(a->head, 0, head), str_slice(b->head, 0, head)) ||
           differ(exact, str_skip(a->tail, a->tail.n - tail),
                  str_skip(b->tail, b->tail.n - tail));
}

bool
load_check_share(load_type_t *draft, const load_slot_t *slot, const load_slot_t *other)
{
    const map_share_t *a = &slot->slot.share, *b = &other->slot.share;

    if (a->kind == MAP_SHARE_ALL || b->kind == MAP_SHARE_ALL)
        return load_error(draft->load, slot->member->value->at,
                          "the LDAP attribute %.*s holds \"%.*s\" already; its values "
                          "could not be told apart: use another attribute, or part the values "
                          "of both by \"prefix\" or \"pattern\"",
                          STR_ARG(slot->slot.ldap), STR_ARG(other->member->name));
    if (!are_apart(a, b))
        return load_error(draft->load,
                          load_place(slot, a->kind == MAP_SHARE_PREFIX ? "prefix" : "pattern"),
                          "a value of %.*s could be of this path and of \"%.*s\"; write parts "
                          "of which neither holds the other",
                          STR_ARG(slot->slot.ldap), STR_ARG(other->member->name));
    return true;
}
