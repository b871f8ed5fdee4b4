/* SPDX-License-Identifier: Apache-2.0 */
/* The values of "attributes": the LDAP attribute of a path, and how values are stored. */
#include "map/slot.h"
#include "map/load/loading.h"

static const char *const slot_keys[] = {"ldap",   "required", "primary",   "several", "as",
                                        "none",   "type",     "prefix",    "pattern", "demote",
                                        "values", "else",     "reference", "by",      "missing",
                                        "write",  "returned", NULL};
static const char *const missing_words[] = {"refuse", "drop", "generate", NULL};
static const char *const write_words[] = {"always",   "create",         "read-only",
                                          "if-empty", "discard-writes", NULL};
static const char *const returned_words[] = {"default", "request", "never", "always", NULL};
static const scim_returned_t returned_values[] = {SCIM_RETURNED_DEFAULT, SCIM_RETURNED_REQUEST,
                                                  SCIM_RETURNED_NEVER, SCIM_RETURNED_ALWAYS};
static const char *const type_words[] = {"string", "boolean",   "integer", "dateTime",
                                         "binary", "reference", "decimal", NULL};
static const scim_kind_t type_kinds[] = {SCIM_STRING,   SCIM_BOOLEAN, SCIM_INTEGER,
                                         SCIM_DATETIME, SCIM_BINARY,  SCIM_REFERENCE,
                                         SCIM_DECIMAL};
enum { UNSAID = SIZE_MAX };

/* ---- the LDAP attribute ---- */

static bool
read_ldap(load_type_t *draft, load_slot_t *slot)
{
    load_t *load = draft->load;
    const json_t *value = slot->member->value;

    if (json_is(value, JSON_OBJECT)) {
        slot->settings = value;
        if (!load_keys(load, value, "a mapped attribute", slot_keys) ||
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
    slot->slot.ldap = load_attr_name(load, slot->slot.ldap);
    slot->slot.ldap_type = ldap_schema_get(load->schema, slot->slot.ldap);
    if (!ldap_schema_find(load->schema, slot->slot.ldap))
        load_warning(load, value->at,
                     "the LDAP attribute %.*s is not known here and is taken for text that "
                     "ignores case; check the map against the live directory",
                     STR_ARG(slot->slot.ldap));
    return true;
}

/* What holds passwords holds them for nothing but "password", which no client reads. */
static bool
check_secret(load_type_t *draft, const load_slot_t *slot)
{
    const map_slot_t *s = &slot->slot;

    if (!ldap_attr_is_secret(s->ldap) || load_is_password(slot))
        return true;
    return load_error(
        draft->load, load_place(slot, "ldap"),
        "%.*s holds passwords, which clients would read as \"%.*s\"; remove it, or "
        "map \"password\" to it",
        STR_ARG(s->ldap), STR_ARG(slot->member->name));
}

/* ---- the type of an attribute of one's own ---- */

/* Not a word of "type": an attribute is complex by its parts. */
static bool
check_complex(load_type_t *draft, const load_slot_t *slot)
{
    const json_t *type = json_find_exact(slot->settings, STR("type"));

    if (json_is(type, JSON_STRING) && str_eq(type->u.string, STR("complex")))
        return load_error(draft->load, type->at,
                          "an attribute is complex by the paths of its parts, such as "
                          "\"%.*s.part\", each mapped to an LDAP attribute; to keep it whole, "
                          "define it in \"schemas\" and map it \"as\": \"json\"",
                          STR_ARG(slot->member->name));
    return true;
}

static bool
read_type(load_type_t *draft, load_slot_t *slot)
{
    size_t type = UNSAID;
    scim_attr_t *open;

    if (!slot->settings)
        return true;
    if (!check_complex(draft, slot) ||
        !load_word(draft->load, slot->settings, "type", type_words, NULL, &type))
        return false;
    if (type == UNSAID || !slot->slot.attr)
        return true;
    open = load_open_type(draft, slot);
    if (!open)
        return load_error(draft->load, load_place(slot, "type"),
                          "the type of \"%.*s\" is defined already; remove \"type\"",
                          STR_ARG(slot->member->name));
    open->kind = type_kinds[type];
    return true;
}

/* ---- references ---- */

bool
load_reference_scopes(load_type_t *draft, load_slot_t *slot, const char *key)
{
    load_t *load = draft->load;
    const json_t *array = json_find_exact(slot->settings, str_from_c(key));
    const str_t *names = NULL;
    const map_scope_t **scopes;
    size_t n = 0;
    bool good = true;

    if (!load_strings(load, slot->settings, key, true, &names, &n))
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
    static const char *const parts[] = {"as", "values", "prefix", "pattern", "demote", "none"};
    load_t *load = draft->load;
    const map_slot_t *s = &slot->slot;

    if (!slot->settings || !json_find_exact(slot->settings, STR("reference")))
        return load_error(load, slot->member->value->at,
                          "\"%.*s\" refers to other resources; write {\"ldap\": \"%.*s\", "
                          "\"reference\": [\"…\"]} with the scopes they may lie in",
                          STR_ARG(slot->member->name), STR_ARG(s->ldap));
    if (!load_reference_scopes(draft, slot, "reference"))
        return false;
    if (!load_by(draft, slot))
        return false;
    for (size_t i = 0; i < ARRAY_SIZE(parts); i++)
        if (json_find_exact(slot->settings, str_from_c(parts[i])))
            return load_error(load, load_place(slot, parts[i]),
                              "a reference is held as %s; remove \"%s\"",
                              s->by.n > 0 ? "another entry's name" : "a DN", parts[i]);
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
read_missing(load_type_t *draft, load_slot_t *slot)
{
    map_slot_t *s = &slot->slot;
    size_t missing = MAP_MISSING_REFUSE;

    if (slot->settings &&
        !load_word(draft->load, slot->settings, "missing", missing_words, NULL, &missing))
        return false;
    s->missing = (map_missing_t)missing;
    if (s->missing == MAP_MISSING_DROP && !is_reference(s))
        return load_error(draft->load, load_place(slot, "missing"),
                          "\"drop\" is about references, and \"%.*s\" is none; remove it",
                          STR_ARG(slot->member->name));
    if (s->missing == MAP_MISSING_DROP && s->required)
        return load_error(draft->load, load_place(slot, "missing"),
                          "what is dropped is not there, but \"%.*s\" is required; write "
                          "\"refuse\"",
                          STR_ARG(slot->member->name));
    if (s->missing == MAP_MISSING_GENERATE && !load_is_password(slot))
        return load_error(draft->load, load_place(slot, "missing"),
                          "only a password can be generated; \"entry\" makes other values");
    return true;
}

static bool
read_form(load_type_t *draft, load_slot_t *slot)
{
    if (!slot->slot.attr || !read_missing(draft, slot))
        return false;
    if (is_reference(&slot->slot))
        return read_type(draft, slot) && read_reference(draft, slot);
    if (slot->settings && json_find_exact(slot->settings, STR("reference")))
        return load_error(draft->load, load_place(slot, "reference"),
                          "\"%.*s\" is no reference to resources: those have \"value\" and "
                          "\"$ref\", as members and manager do",
                          STR_ARG(slot->member->name));
    if (slot->settings && json_find_exact(slot->settings, STR("by")))
        return load_error(draft->load, load_place(slot, "by"),
                          "\"by\" is about references to resources, and \"%.*s\" is none; "
                          "remove it",
                          STR_ARG(slot->member->name));
    return read_type(draft, slot) && load_as(draft, slot) && load_share(draft, slot);
}

/* ---- who may write and read ---- */

static bool
is_members(const map_slot_t *slot)
{
    return slot->attr && slot->as == MAP_AS_REFERENCE &&
           str_eq(slot->attr->name, STR("members"));
}

static bool
check_write(load_type_t *draft, const load_slot_t *slot)
{
    const map_slot_t *s = &slot->slot;
    uint32_t at = load_place(slot, "write");

    if (s->write == MAP_WRITE_DISCARD && s->required)
        return load_error(draft->load, load_place(slot, "required"),
                          "what is not written cannot be required; remove \"required\"");
    if (s->write == MAP_WRITE_IF_EMPTY && s->attr && load_is_password(slot))
        return load_error(draft->load, at,
                          "the bridge does not read passwords, so it cannot tell whether there "
                          "is one; write \"create\"");
    if (s->write == MAP_WRITE_IF_EMPTY && is_members(s))
        return load_error(draft->load, at,
                          "members are changed without reading them, so the bridge cannot tell "
                          "whether there are some; write \"always\"");
    if (s->missing == MAP_MISSING_GENERATE && !map_slot_writes(s))
        return load_error(draft->load, load_place(slot, "missing"),
                          "a password that is generated is written; remove \"write\"");
    return true;
}

static bool
read_write(load_type_t *draft, load_slot_t *slot)
{
    load_t *load = draft->load;
    map_slot_t *s = &slot->slot;
    bool fixed = s->attr && s->attr->mutability == SCIM_READ_ONLY;
    bool once = s->attr && s->attr->mutability == SCIM_IMMUTABLE;
    size_t write = fixed ? MAP_WRITE_READ_ONLY : once ? MAP_WRITE_CREATE : MAP_WRITE_ALWAYS;

    if (slot->settings && !load_word(load, slot->settings, "write", write_words, NULL, &write))
        return false;
    s->write = (map_write_t)write;
    if (fixed && s->write != MAP_WRITE_READ_ONLY)
        return load_error(load, load_place(slot, "write"),
                          "SCIM clients cannot write \"%.*s\"; write \"read-only\"",
                          STR_ARG(slot->member->name));
    if (once && s->write == MAP_WRITE_ALWAYS)
        return load_error(load, load_place(slot, "write"),
                          "\"%.*s\" is defined as immutable; write \"create\"",
                          STR_ARG(slot->member->name));
    if (s->attr && s->ldap_type->read_only && map_slot_writes(s))
        return load_error(load, load_place(slot, "ldap"),
                          "the directory alone writes %.*s; add \"write\": \"read-only\"",
                          STR_ARG(s->ldap));
    if (str_ieq(s->ldap, STR("objectClass")) && map_slot_writes(s))
        return load_error(load, load_place(slot, "ldap"),
                          "the map alone writes object classes; add \"write\": \"read-only\"");
    if (s->required && s->write == MAP_WRITE_READ_ONLY)
        return load_error(load, load_place(slot, "required"),
                          "a client cannot give what is read-only; remove \"required\"");
    return check_write(draft, slot);
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
    if (load_is_password(slot) && slot->returned != SCIM_RETURNED_NEVER)
        return load_error(draft->load, load_place(slot, "returned"),
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
        return load_error(draft->load, load_place(slot, "primary"),
                          "\"primary\" belongs to one of several types, as in "
                          "emails[type eq \\\"work\\\"].value; remove it");
    return true;
}

bool
load_slot(load_type_t *draft, load_slot_t *slot)
{
    bool good;

    if (load_is_search(slot))
        return load_search(draft, slot);
    good = read_ldap(draft, slot);
    if (!slot->slot.ldap_type || !check_secret(draft, slot))
        return false;
    good = read_flags(draft, slot) && good;
    good = read_form(draft, slot) && good;
    good = read_write(draft, slot) && good;
    return read_returned(draft, slot) && good;
}
