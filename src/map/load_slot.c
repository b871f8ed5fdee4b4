/* SPDX-License-Identifier: Apache-2.0 */
/* The values of "attributes": the LDAP attribute of a path, and how values are stored. */
#include "map/loading.h"

static const char *const slot_keys[] = {"ldap",  "required", "primary",   "several",
                                        "as",    "type",     "reference", "missing",
                                        "write", "returned", NULL};
static const load_later_t slot_later[] = {
    {"prefix", "give each path an LDAP attribute of its own"},
    {"pattern", "give each path an LDAP attribute of its own"},
    {"demote", "give each path an LDAP attribute of its own"},
    {"values", "let the client send the directory's spelling"},
    {"else", "let the client send the directory's spelling"},
    {"none", "remove it"},
    {"by", "references are held as DNs: name an attribute such as member"},
    {NULL, NULL},
};
static const char *const several_words[] = {"refuse", "allow", NULL};
static const char *const missing_words[] = {"refuse", NULL};
static const load_later_t missing_later[] = {
    {"drop", "write \"refuse\": a reference that does not resolve is refused"},
    {"generate", "remove it: an entry made without a password has none"},
    {NULL, NULL},
};
static const char *const write_words[] = {"always", "create", "read-only", NULL};
static const load_later_t write_later[] = {
    {"if-empty", "write \"create\""},
    {"discard-writes", "write \"read-only\""},
    {NULL, NULL},
};
static const char *const returned_words[] = {"default", "request", "never", "always", NULL};
static const scim_returned_t returned_values[] = {SCIM_RETURNED_DEFAULT, SCIM_RETURNED_REQUEST,
                                                  SCIM_RETURNED_NEVER, SCIM_RETURNED_ALWAYS};
static const char *const type_words[] = {"string", "boolean",   "integer", "dateTime",
                                         "binary", "reference", NULL};
static const load_later_t type_later[] = {
    {"decimal", "write \"string\""},
    {"complex", "map each part as an attribute of its own"},
    {NULL, NULL},
};
static const scim_kind_t type_kinds[] = {SCIM_STRING,   SCIM_BOOLEAN, SCIM_INTEGER,
                                         SCIM_DATETIME, SCIM_BINARY,  SCIM_REFERENCE};
static const char *const as_words[] = {"string", "boolean",       "integer",  "generalizedTime",
                                       "base64", "postalAddress", "password", NULL};
static const map_as_t as_values[] = {MAP_AS_STRING, MAP_AS_BOOLEAN, MAP_AS_INTEGER, MAP_AS_TIME,
                                     MAP_AS_BASE64, MAP_AS_POSTAL,  MAP_AS_PASSWORD};
static const load_later_t as_later[] = {
    {"filetime", "write \"string\""},
    {"epochDays", "write \"integer\""},
    {"dn", "use \"reference\""},
    {"DN", "use \"reference\""},
    {"json", "map each part as an attribute of its own"},
    {"JSON", "map each part as an attribute of its own"},
    {NULL, NULL},
};

enum { UNSAID = SIZE_MAX };

static uint32_t
place(const load_slot_t *slot, const char *key)
{
    const json_t *value =
        slot->settings ? json_find_exact(slot->settings, str_from_c(key)) : NULL;

    return value ? value->at : slot->member->value->at;
}

/* ---- the LDAP attribute ---- */

static bool
read_ldap(load_type_t *draft, load_slot_t *slot)
{
    load_t *load = draft->load;
    const json_t *value = slot->member->value;

    if (json_is(value, JSON_ARRAY))
        return load_error(
            load, value->at,
            "several LDAP attributes for one path are not supported yet; name one");
    if (json_is(value, JSON_OBJECT)) {
        slot->settings = value;
        if (!load_keys(load, value, "a mapped attribute", slot_keys, slot_later) ||
            !load_string(load, value, "ldap", true, &slot->slot.ldap, &value))
            return false;
    } else if (json_is(value, JSON_STRING)) {
        slot->slot.ldap = value->u.string;
    } else {
        return load_error(load, value->at,
                          "write the LDAP attribute: \"uid\", or {\"ldap\": \"uid\", …}");
    }
    if (!load_is_attr_name(slot->slot.ldap)) {
        load_error(load, value->at, "\"%.*s\" is no name of an LDAP attribute",
                   STR_ARG(slot->slot.ldap));
        slot->slot.ldap = STR("");
        return false;
    }
    slot->slot.ldap_type = ldap_schema_get(load->schema, slot->slot.ldap);
    if (!ldap_schema_find(load->schema, slot->slot.ldap))
        load_warning(load, value->at,
                     "the LDAP attribute %.*s is not known here and is taken for text that "
                     "ignores case; check the map against the live directory",
                     STR_ARG(slot->slot.ldap));
    return true;
}

/* ---- how values are stored ---- */

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
    case MAP_AS_REFERENCE:
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
        return kind == SCIM_DATETIME;
    case MAP_AS_BASE64:
        return kind == SCIM_BINARY || kind == SCIM_STRING || kind == SCIM_REFERENCE;
    case MAP_AS_STRING:
        return kind == SCIM_STRING || kind == SCIM_REFERENCE || kind == SCIM_DATETIME;
    case MAP_AS_POSTAL:
    case MAP_AS_PASSWORD:
    case MAP_AS_REFERENCE:
        return kind == SCIM_STRING;
    }
    return false;
}

static bool
is_password(const load_slot_t *slot)
{
    return slot->slot.attr && slot->slot.attr->mutability == SCIM_WRITE_ONLY;
}

/* What goes without saying; MAP_AS_STRING where nothing else does. */
static map_as_t
usual_as(const load_slot_t *slot, scim_kind_t kind)
{
    if (is_password(slot))
        return MAP_AS_PASSWORD;
    if (kind == SCIM_BOOLEAN)
        return MAP_AS_BOOLEAN;
    if (kind == SCIM_INTEGER)
        return MAP_AS_INTEGER;
    if (kind == SCIM_DATETIME)
        return MAP_AS_TIME;
    return MAP_AS_STRING;
}

static bool
check_usual(load_type_t *draft, const load_slot_t *slot, scim_kind_t kind)
{
    const map_slot_t *s = &slot->slot;
    ldap_syntax_t syntax = s->ldap_type->syntax;
    uint32_t at = place(slot, "ldap");

    if (kind == SCIM_BINARY || (s->as == MAP_AS_STRING && syntax == LDAP_SYNTAX_OCTETS))
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

    if (!kind_takes(s->as, kind))
        return load_error(draft->load, place(slot, "as"),
                          "\"as\": \"%s\" does not fit \"%.*s\", which is a SCIM %s; remove it",
                          as, STR_ARG(slot->member->name), scim_kind_name(kind));
    if ((s->as == MAP_AS_PASSWORD) != is_password(slot))
        return load_error(draft->load, place(slot, "as"),
                          "\"as\": \"password\" belongs to \"password\", and to nothing else");
    return true;
}

static bool
read_as(load_type_t *draft, load_slot_t *slot)
{
    load_t *load = draft->load;
    map_slot_t *s = &slot->slot;
    scim_kind_t kind = s->sub ? s->sub->kind : s->attr->kind;
    size_t as = UNSAID;

    if (slot->settings && !load_word(load, slot->settings, "as", as_words, as_later, &as))
        return false;
    s->as = as == UNSAID ? usual_as(slot, kind) : as_values[as];
    if (as != UNSAID && !check_as(draft, slot, kind, as_words[as]))
        return false;
    if (s->ldap_type->syntax == LDAP_SYNTAX_DN)
        return load_error(load, place(slot, "ldap"),
                          "%.*s holds DNs, and \"%.*s\" is no reference; use another attribute",
                          STR_ARG(s->ldap), STR_ARG(slot->member->name));
    if (as == UNSAID && !check_usual(draft, slot, kind))
        return false;
    if (!syntax_holds(s->as, s->ldap_type->syntax))
        return load_error(load, place(slot, as == UNSAID ? "ldap" : "as"),
                          "%.*s (%s) cannot hold \"%s\"; use another attribute",
                          STR_ARG(s->ldap), ldap_syntax_name(s->ldap_type->syntax),
                          as == UNSAID ? scim_kind_name(kind) : as_words[as]);
    return true;
}

static bool
read_type(load_type_t *draft, load_slot_t *slot)
{
    size_t type = UNSAID;

    if (!slot->settings)
        return true;
    if (!load_word(draft->load, slot->settings, "type", type_words, type_later, &type))
        return false;
    if (type == UNSAID || !slot->slot.attr)
        return true;
    for (size_t i = 0; i < draft->n_extensions; i++) {
        load_extension_t *extension = &draft->extensions[i];

        if (slot->slot.schema != &extension->schema)
            continue;
        extension->attrs[slot->slot.attr - extension->attrs].kind = type_kinds[type];
        return true;
    }
    return load_error(draft->load, place(slot, "type"),
                      "SCIM defines the type of \"%.*s\"; remove \"type\"",
                      STR_ARG(slot->member->name));
}

/* ---- references ---- */

static bool
read_scopes(load_type_t *draft, load_slot_t *slot)
{
    load_t *load = draft->load;
    const json_t *array = json_find_exact(slot->settings, STR("reference"));
    const str_t *names = NULL;
    const map_scope_t **scopes;
    size_t n = 0;
    bool good = true;

    if (!load_strings(load, slot->settings, "reference", true, &names, &n))
        return false;
    scopes = arena_array_of(load->mem, n, const map_scope_t *);
    for (size_t i = 0; i < n; i++) {
        scopes[i] = load_find_scope(load, names[i], array->u.array.items[i]->at);
        good = good && scopes[i];
        for (size_t k = 0; k < i; k++) {
            if (str_eq(names[k], names[i]))
                good = load_error(load, array->u.array.items[i]->at,
                                  "the scope \"%.*s\" is named twice", STR_ARG(names[i]));
        }
    }
    slot->slot.references = scopes;
    slot->slot.n_references = n;
    return good;
}

static bool
read_reference(load_type_t *draft, load_slot_t *slot)
{
    load_t *load = draft->load;
    const map_slot_t *s = &slot->slot;

    if (!slot->settings || !json_find_exact(slot->settings, STR("reference")))
        return load_error(load, slot->member->value->at,
                          "\"%.*s\" refers to other resources; write {\"ldap\": \"%.*s\", "
                          "\"reference\": [\"…\"]} with the scopes they may lie in",
                          STR_ARG(slot->member->name), STR_ARG(s->ldap));
    if (!read_scopes(draft, slot))
        return false;
    if (s->ldap_type->syntax != LDAP_SYNTAX_DN && ldap_schema_find(load->schema, s->ldap))
        return load_error(load, place(slot, "ldap"),
                          "%.*s (%s) does not hold DNs, so it cannot hold references; use an "
                          "attribute such as member or manager",
                          STR_ARG(s->ldap), ldap_syntax_name(s->ldap_type->syntax));
    if (json_find_exact(slot->settings, STR("as")))
        return load_error(load, place(slot, "as"),
                          "a reference is held as a DN; remove \"as\"");
    slot->slot.as = MAP_AS_REFERENCE;
    return true;
}

static bool
is_reference(const map_slot_t *slot)
{
    return slot->sub && str_eq(slot->sub->name, STR("value")) &&
           scim_attr_find_sub(slot->attr, STR("$ref"));
}

static bool
read_form(load_type_t *draft, load_slot_t *slot)
{
    size_t missing = 0;

    if (!slot->slot.attr)
        return false;
    if (slot->settings && !load_word(draft->load, slot->settings, "missing", missing_words,
                                     missing_later, &missing))
        return false;
    if (is_reference(&slot->slot))
        return read_type(draft, slot) && read_reference(draft, slot);
    if (slot->settings && json_find_exact(slot->settings, STR("reference")))
        return load_error(draft->load, place(slot, "reference"),
                          "\"%.*s\" is no reference; members, groups and manager are",
                          STR_ARG(slot->member->name));
    return read_type(draft, slot) && read_as(draft, slot);
}

/* ---- who may write and read ---- */

static bool
read_write(load_type_t *draft, load_slot_t *slot)
{
    load_t *load = draft->load;
    map_slot_t *s = &slot->slot;
    bool fixed = s->attr && s->attr->mutability == SCIM_READ_ONLY;
    size_t write = fixed ? MAP_WRITE_READ_ONLY : MAP_WRITE_ALWAYS;

    if (slot->settings &&
        !load_word(load, slot->settings, "write", write_words, write_later, &write))
        return false;
    s->write = (map_write_t)write;
    if (fixed && s->write != MAP_WRITE_READ_ONLY)
        return load_error(load, place(slot, "write"),
                          "SCIM clients cannot write \"%.*s\"; write \"read-only\"",
                          STR_ARG(slot->member->name));
    if (s->attr && s->ldap_type->read_only && s->write != MAP_WRITE_READ_ONLY)
        return load_error(load, place(slot, "ldap"),
                          "the directory alone writes %.*s; add \"write\": \"read-only\"",
                          STR_ARG(s->ldap));
    if (s->required && s->write == MAP_WRITE_READ_ONLY)
        return load_error(load, place(slot, "required"),
                          "a client cannot give what is read-only; remove \"required\"");
    return true;
}

static bool
read_returned(load_type_t *draft, load_slot_t *slot)
{
    size_t returned = UNSAID;

    slot->returned = slot->slot.attr ? slot->slot.attr->returned : SCIM_RETURNED_DEFAULT;
    if (slot->settings &&
        !load_word(draft->load, slot->settings, "returned", returned_words, NULL, &returned))
        return false;
    if (returned == UNSAID)
        return true;
    slot->returned = returned_values[returned];
    if (is_password(slot) && slot->returned != SCIM_RETURNED_NEVER)
        return load_error(draft->load, place(slot, "returned"),
                          "a password is never returned; remove \"returned\"");
    return true;
}

static bool
read_flags(load_type_t *draft, load_slot_t *slot)
{
    map_slot_t *s = &slot->slot;

    if (!slot->settings)
        return true;
    if (!load_boolean(draft->load, slot->settings, "required", &s->required) ||
        !load_boolean(draft->load, slot->settings, "primary", &s->primary))
        return false;
    if (s->primary && s->attr &&
        (s->type.n == 0 || !scim_attr_find_sub(s->attr, STR("primary"))))
        return load_error(draft->load, place(slot, "primary"),
                          "\"primary\" belongs to one of several types, as in "
                          "emails[type eq \\\"work\\\"].value; remove it");
    return true;
}

bool
load_slot(load_type_t *draft, load_slot_t *slot)
{
    bool good = read_ldap(draft, slot);

    if (!slot->slot.ldap_type)
        return false;
    good = read_flags(draft, slot) && good;
    good = read_form(draft, slot) && good;
    good = read_write(draft, slot) && good;
    return read_returned(draft, slot) && good;
}

/* ---- several values ---- */

/* Whether other slots hold further parts of the same elements. */
static bool
shares_elements(const load_type_t *draft, const load_slot_t *slot)
{
    for (size_t i = 0; i < draft->n_drafts; i++) {
        const map_slot_t *other = &draft->drafts[i].slot;

        if (other != &slot->slot && other->attr == slot->slot.attr &&
            str_ieq(other->type, slot->slot.type))
            return true;
    }
    return false;
}

/* Why a slot cannot hold more than one value; NULL: it can. */
static const char *
why_one(const load_type_t *draft, const load_slot_t *slot, bool custom)
{
    const map_slot_t *s = &slot->slot;

    if (!s->attr->multi && !custom)
        return "the SCIM attribute has one value";
    if (s->ldap_type->single)
        return "the LDAP attribute is single-valued";
    if (shares_elements(draft, slot))
        return "values of several LDAP attributes could not be paired";
    if (s->primary)
        return "only one value can be the primary one";
    return NULL;
}

static scim_attr_t *
find_custom(load_type_t *draft, const load_slot_t *slot)
{
    for (size_t i = 0; i < draft->n_extensions; i++) {
        if (slot->slot.schema == &draft->extensions[i].schema)
            return &draft->extensions[i].attrs[slot->slot.attr - draft->extensions[i].attrs];
    }
    return NULL;
}

static bool
read_several(load_type_t *draft, load_slot_t *slot)
{
    size_t several = UNSAID;
    scim_attr_t *custom = find_custom(draft, slot);
    const char *why = why_one(draft, slot, custom != NULL);

    if (slot->settings &&
        !load_word(draft->load, slot->settings, "several", several_words, NULL, &several))
        return false;
    if (several == UNSAID)
        several = !why && !custom;
    if (several && why)
        return load_error(draft->load, place(slot, "several"),
                          "\"several\" cannot be \"allow\": %s; write \"refuse\"", why);
    if (slot->slot.as == MAP_AS_REFERENCE && slot->slot.attr->multi && !several)
        return load_error(draft->load, place(slot, why ? "ldap" : "several"),
                          "\"%.*s\" has many values%s%s; use an attribute such as member",
                          STR_ARG(slot->member->name), why ? ", but " : "", why ? why : "");
    if (custom)
        custom->multi = several;
    slot->slot.several = several;
    return true;
}

static bool
check_primary(load_type_t *draft, size_t at)
{
    const load_slot_t *slot = &draft->drafts[at];

    for (size_t i = 0; i < at && slot->slot.primary; i++) {
        const load_slot_t *other = &draft->drafts[i];

        if (other->slot.primary && other->slot.attr == slot->slot.attr &&
            !str_ieq(other->slot.type, slot->slot.type))
            return load_error(draft->load, place(slot, "primary"),
                              "\"%.*s\" is the primary one already; remove one of the two",
                              STR_ARG(other->member->name));
    }
    return true;
}

/* Clients see `returned` on the whole attribute, so its types cannot differ in it. */
static bool
check_returned(load_type_t *draft, size_t at)
{
    const load_slot_t *slot = &draft->drafts[at];

    for (size_t i = 0; i < at && slot->slot.attr->multi; i++) {
        const load_slot_t *other = &draft->drafts[i];

        if (other->slot.attr == slot->slot.attr && other->returned != slot->returned)
            return load_error(draft->load, place(slot, "returned"),
                              "\"returned\" must be the same as for \"%.*s\"",
                              STR_ARG(other->member->name));
    }
    return true;
}

void
load_several(load_type_t *draft)
{
    for (size_t i = 0; i < draft->n_drafts; i++) {
        load_slot_t *slot = &draft->drafts[i];

        if (!slot->slot.attr || !slot->slot.ldap_type)
            continue;
        if (!read_several(draft, slot) || !check_primary(draft, i) || !check_returned(draft, i))
            slot->bad = true;
    }
}
