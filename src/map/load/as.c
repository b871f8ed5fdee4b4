/* SPDX-License-Identifier: Apache-2.0 */
/* How the values of a slot are stored: "as", the SCIM type and the LDAP syntax must agree. */
#include "map/load/loading.h"
#include "map/slot.h"

enum { UNSAID = SIZE_MAX };

static bool
is_textual(ldap_syntax_t syntax)
{
    return syntax == LDAP_SYNTAX_DIRECTORY_STRING || syntax == LDAP_SYNTAX_IA5_STRING ||
           syntax == LDAP_SYNTAX_PRINTABLE_STRING;
}

static bool
syntax_holds(map_as_t as, ldap_syntax_t syntax)
{
    switch (as) {
    case MAP_AS_STRING:
        return syntax != LDAP_SYNTAX_DN;
    case MAP_AS_JSON:
        return syntax == LDAP_SYNTAX_OCTETS || syntax == LDAP_SYNTAX_DIRECTORY_STRING ||
               syntax == LDAP_SYNTAX_IA5_STRING;
    case MAP_AS_BOOLEAN:
        return syntax == LDAP_SYNTAX_BOOLEAN || is_textual(syntax);
    case MAP_AS_INTEGER:
        return syntax == LDAP_SYNTAX_INTEGER || syntax == LDAP_SYNTAX_NUMERIC_STRING ||
               is_textual(syntax);
    case MAP_AS_TIME:
        return syntax == LDAP_SYNTAX_TIME || is_textual(syntax);
    case MAP_AS_BASE64:
        return syntax == LDAP_SYNTAX_OCTETS || syntax == LDAP_SYNTAX_OTHER;
    case MAP_AS_POSTAL:
        return syntax == LDAP_SYNTAX_POSTAL_ADDRESS || is_textual(syntax);
    case MAP_AS_PASSWORD:
        return syntax == LDAP_SYNTAX_OCTETS || is_textual(syntax);
    case MAP_AS_FILETIME:
    case MAP_AS_EPOCH_DAYS:
        return syntax == LDAP_SYNTAX_INTEGER || is_textual(syntax);
    case MAP_AS_REFERENCE:
    case MAP_AS_DN:
        return syntax == LDAP_SYNTAX_DN;
    }
    return false;
}

static bool
kind_takes(map_as_t as, scim_kind_t kind)
{
    switch (as) {
    case MAP_AS_BOOLEAN:
        return kind == SCIM_BOOLEAN;
    case MAP_AS_INTEGER:
        return kind == SCIM_INTEGER;
    case MAP_AS_TIME:
    case MAP_AS_FILETIME:
    case MAP_AS_EPOCH_DAYS:
        return kind == SCIM_DATETIME;
    case MAP_AS_BASE64:
        return kind == SCIM_BINARY || kind == SCIM_STRING || kind == SCIM_REFERENCE;
    case MAP_AS_STRING:
        return kind == SCIM_STRING || kind == SCIM_REFERENCE || kind == SCIM_DATETIME ||
               kind == SCIM_DECIMAL;
    case MAP_AS_POSTAL:
    case MAP_AS_PASSWORD:
    case MAP_AS_REFERENCE:
    case MAP_AS_DN:
        return kind == SCIM_STRING;
    case MAP_AS_JSON:
        return kind == SCIM_COMPLEX;
    }
    return false;
}

bool
load_is_password(const load_slot_t *slot)
{
    return slot->slot.attr && slot->slot.attr->mutability == SCIM_WRITE_ONLY;
}

/* What goes without saying; MAP_AS_STRING where nothing else does. */
static map_as_t
usual_as(const load_slot_t *slot, scim_kind_t kind)
{
    if (load_is_password(slot))
        return MAP_AS_PASSWORD;
    if (kind == SCIM_BOOLEAN)
        return MAP_AS_BOOLEAN;
    if (kind == SCIM_INTEGER)
        return MAP_AS_INTEGER;
    if (kind == SCIM_DATETIME)
        return MAP_AS_TIME;
    return MAP_AS_STRING;
}

/* Pictures and certificates have syntaxes of their own, as a fax number has, which is text. */
static bool
holds_bytes(const ldap_attr_type_t *type)
{
    static const str_t names[] = {
        STR_INIT("jpegPhoto"),       STR_INIT("photo"),      STR_INIT("audio"),
        STR_INIT("userCertificate"), STR_INIT("userPKCS12"), STR_INIT("userSMIMECertificate"),
    };

    for (size_t i = 0; i < ARRAY_SIZE(names); i++)
        if (str_ieq(type->name, names[i]))
            return true;
    return type->syntax == LDAP_SYNTAX_OCTETS;
}

static bool
check_usual(load_type_t *draft, const load_slot_t *slot, scim_kind_t kind)
{
    const map_slot_t *s = &slot->slot;
    ldap_syntax_t syntax = s->ldap_type->syntax;
    uint32_t at = load_place(slot, "ldap");

    if (kind == SCIM_BINARY || (s->as == MAP_AS_STRING && holds_bytes(s->ldap_type)))
        return load_error(draft->load, at, "%.*s holds bytes; add \"as\": \"base64\"",
                          STR_ARG(s->ldap));
    if (s->as == MAP_AS_STRING && syntax == LDAP_SYNTAX_POSTAL_ADDRESS)
        return load_error(draft->load, at,
                          "%.*s holds lines parted by \"$\"; add \"as\": \"postalAddress\"",
                          STR_ARG(s->ldap));
    if (s->as == MAP_AS_STRING && (syntax == LDAP_SYNTAX_BOOLEAN || syntax == LDAP_SYNTAX_TIME))
        return load_error(draft->load, at,
                          "%.*s (%s) does not hold text; use another attribute, or say "
                          "\"as\": \"string\" when the client sends the directory's spelling",
                          STR_ARG(s->ldap), ldap_syntax_name(syntax));
    if ((s->as == MAP_AS_BOOLEAN && syntax != LDAP_SYNTAX_BOOLEAN) ||
        (s->as == MAP_AS_TIME && syntax != LDAP_SYNTAX_TIME)) {
        const char *as = s->as == MAP_AS_BOOLEAN ? "boolean" : "generalizedTime";

        return load_error(draft->load, at,
                          "%.*s (%s) does not hold a %s; use another attribute, or add "
                          "\"as\": \"%s\" to store it as text",
                          STR_ARG(s->ldap), ldap_syntax_name(syntax), scim_kind_name(kind), as);
    }
    return true;
}

static bool
check_as(load_type_t *draft, const load_slot_t *slot, scim_kind_t kind, const char *as)
{
    const map_slot_t *s = &slot->slot;

    if (s->as == MAP_AS_JSON && load_open_type(draft, slot))
        return load_error(draft->load, load_place(slot, "as"),
                          "nothing says which parts \"%.*s\" has; define it in \"schemas\"",
                          STR_ARG(slot->member->name));
    if (!kind_takes(s->as, kind))
        return load_error(draft->load, load_place(slot, "as"),
                          "\"as\": \"%s\" does not fit \"%.*s\", which is a SCIM %s; remove it",
                          as, STR_ARG(slot->member->name), scim_kind_name(kind));
    if ((s->as == MAP_AS_PASSWORD) != load_is_password(slot))
        return load_error(draft->load, load_place(slot, "as"),
                          "\"as\": \"password\" belongs to \"password\", and to nothing else");
    return true;
}

/* Values that stand for none; each as the directory has it. */
static bool
read_none(load_type_t *draft, load_slot_t *slot)
{
    load_t *load = draft->load;
    map_slot_t *s = &slot->slot;
    const json_t *array = slot->settings ? json_find_exact(slot->settings, STR("none")) : NULL;

    if (!array)
        return true;
    if (!load_strings(load, slot->settings, "none", true, &s->none, &s->n_none))
        return false;
    if (s->as == MAP_AS_PASSWORD || s->as == MAP_AS_BASE64 || s->as == MAP_AS_JSON ||
        s->ldap_type->equality == LDAP_RULE_NONE)
        return load_error(load, load_place(slot, "none"),
                          "values of %.*s cannot be compared, so none of them can stand for "
                          "none; remove it",
                          STR_ARG(s->ldap));
    for (size_t i = 0; i < s->n_none; i++)
        if (!ldap_syntax_accepts(load->mem, s->ldap_type->syntax, s->none[i]))
            return load_error(load, array->u.array.items[i]->at,
                              "%.*s (%s) cannot hold \"%.*s\"", STR_ARG(s->ldap),
                              ldap_syntax_name(s->ldap_type->syntax), STR_ARG(s->none[i]));
    return true;
}

bool
load_as(load_type_t *draft, load_slot_t *slot)
{
    load_t *load = draft->load;
    map_slot_t *s = &slot->slot;
    scim_kind_t kind = s->sub ? s->sub->kind : s->attr->kind;
    size_t as = UNSAID;
    bool table;

    if (!load_table(draft, slot, &table))
        return false;
    if (table) {
        s->as = MAP_AS_STRING;
        return true;
    }
    if (slot->settings && !load_word(load, slot->settings, "as", map_as_names, NULL, &as))
        return false;
    s->as = as == UNSAID ? usual_as(slot, kind) : (map_as_t)as;
    if (as != UNSAID && !check_as(draft, slot, kind, map_as_names[as]))
        return false;
    if (kind == SCIM_COMPLEX && s->as != MAP_AS_JSON)
        return load_error(
            load, slot->member->value->at,
            "\"%.*s\" has several parts, which one attribute holds as JSON alone; "
            "write {\"ldap\": \"%.*s\", \"as\": \"json\"}",
            STR_ARG(slot->member->name), STR_ARG(s->ldap));
    if (s->ldap_type->syntax == LDAP_SYNTAX_DN && s->as != MAP_AS_DN)
        return load_error(load, load_place(slot, "ldap"),
                          "%.*s holds DNs, and \"%.*s\" is no reference; use another "
                          "attribute, or add \"as\": \"DN\" where clients are to see DNs",
                          STR_ARG(s->ldap), STR_ARG(slot->member->name));
    if (as == UNSAID && !check_usual(draft, slot, kind))
        return false;
    if (!syntax_holds(s->as, s->ldap_type->syntax))
        return load_error(load, load_place(slot, as == UNSAID ? "ldap" : "as"),
                          "%.*s (%s) cannot hold \"%s\"; use another attribute",
                          STR_ARG(s->ldap), ldap_syntax_name(s->ldap_type->syntax),
                          as == UNSAID ? scim_kind_name(kind) : map_as_names[as]);
    return read_none(draft, slot);
}
