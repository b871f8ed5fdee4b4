/* SPDX-License-Identifier: Apache-2.0 */
/* map/load/loading.h - what the files that load a map share; for this folder alone.
 *
 * Loading goes on after a mistake. What a mistake spoils is marked `bad`, so that it does not
 * lead to further complaints. */
#ifndef MAP_LOAD_LOADING_H
#define MAP_LOAD_LOADING_H

#include "base/diag.h"
#include "base/guess.h"
#include "map/map.h"
#include "json/json.h"

typedef struct {
    const json_member_t *member; /* its name and definition */
    map_scope_t *scope;
    bool bad;
} load_scope_t;

/* A slot as it is read: attr and sub are those of the declared type, until the type is narrowed. */
typedef struct {
    const json_member_t *member; /* the path and what was said of it */
    const json_t *settings;      /* the object form; NULL: only the LDAP attribute was named */
    map_slot_t slot;
    const json_t *more; /* the list whose first item `member` has; NULL: there is no list */
    map_slot_t *copies; /* slot.copies, until the type is narrowed */
    size_t n_copies;
    scim_returned_t returned;
    bool bad;
} load_slot_t;

/* A schema that "schemas" defines. */
typedef struct {
    const json_member_t *member;
    const scim_schema_t *schema; /* NULL: its definition is bad */
    bool used;
} load_schema_t;

/* A schema that nobody defines: it follows from the paths. */
typedef struct {
    scim_schema_t schema;
    scim_attr_t *attrs; /* schema.attrs, with room for every path of the type */
    size_t n_fixed;     /* of them, at the beginning, that do not */
} load_derived_t;

typedef struct load load_t;

typedef struct {
    load_t *load;
    const json_member_t *member; /* "User" and its definition */
    const json_t *json;
    str_t endpoint, description, core_urn;
    scim_type_t *declared;            /* with every attribute that a path may name */
    const scim_schema_t **extensions; /* of `declared` */
    map_type_t *type;
    load_slot_t *drafts;
    size_t n_drafts;
    load_derived_t *derived;
    size_t n_derived;
    map_slot_t *slots; /* the good ones of drafts, narrowed */
    size_t n_slots;
    map_rule_t *rules;
    const json_member_t **rule_members;
    size_t n_rules;
    bool bad_attributes; /* one at least is missing from slots */
    bool bad_rules;
} load_type_t;

struct load {
    arena_t *mem;
    const char *file;
    str_t text;
    const ldap_schema_t *schema;
    diag_list_t *diags;
    map_t *map;
    load_schema_t *schemas;
    size_t n_schemas;
    load_scope_t *scopes;
    size_t n_scopes;
    load_type_t *types;
    size_t n_types;
    bool bad_types; /* one at least is missing from types */
};

/* ---- value.c: complaints, and JSON values of the expected kind ---- */

/* Add a diagnostic at a byte offset of the file; always false. */
bool load_error(load_t *load, uint32_t at, const char *format, ...) PRINTF_LIKE(3, 4);
void load_warning(load_t *load, uint32_t at, const char *format, ...) PRINTF_LIKE(3, 4);

/* A word that another version knows, or that other words stand for, and what to do instead. */
typedef struct {
    const char *name, *instead;
} load_later_t;

/* Complain of keys that are not in the list, which ends with NULL; `what` is where they stand. false
 * when `object` is no object. */
bool load_keys(load_t *load, const json_t *object, const char *what, const char *const *known);

/* The members of `object`; NULL when absent. false: absent and `required`, or of another
 * kind, and that was said. */
bool load_string(load_t *load, const json_t *object, const char *key, bool required,
                 str_t *ret_value, const json_t **ret_json);
bool load_boolean(load_t *load, const json_t *object, const char *key, bool *ret_value);
/* An array of strings that are not empty. */
bool load_strings(load_t *load, const json_t *object, const char *key, bool required,
                  const str_t **ret_values, size_t *ret_n);
/* One word of a list that ends with NULL: its index. *ret_index stays when the key is absent. */
bool load_word(load_t *load, const json_t *object, const char *key, const char *const *words,
               const load_later_t *later, size_t *ret_index);
/* Whether `name` could be an attribute description (RFC 4512 §2.5). */
bool load_is_attr_name(str_t name);

/* The name by which a server answers: the preferred one where the schema knows it ("surname" is
 * returned as "sn"), with the options as written. */
str_t load_attr_name(load_t *load, str_t name);
/* Whether two attribute descriptions mean the same attribute. */
bool load_same_attr(const ldap_schema_t *schema, str_t a, str_t b);
const load_slot_t *load_find_draft(const load_type_t *draft, str_t ldap);
/* The name as a slot spells it that holds the same attribute; else as it is. */
str_t load_spelling(const load_type_t *draft, str_t ldap);
const map_rule_t *load_find_rule(const load_type_t *draft, str_t ldap);

/* Where a setting of the slot stands, or else its value. */
uint32_t load_place(const load_slot_t *slot, const char *key);

/* ---- the parts of a map, in the order in which they are read ---- */

void load_scopes(load_t *load, const json_t *scopes);
/* The scope of that name; NULL: there is none (said), or it is bad (said before). */
const map_scope_t *load_find_scope(load_t *load, str_t name, uint32_t at);

void load_schemas(load_t *load, const json_t *schemas);
/* The schema of that URN in "schemas", good or bad; NULL: there is none. */
load_schema_t *load_find_schema(load_t *load, str_t urn);
/* Once all types are read. */
void load_check_schemas(load_t *load);
/* Whether the text could be a SCIM attribute's name; the URN of a schema. */
bool load_is_scim_name(str_t name);
bool load_is_urn(str_t text);

/* Whether "resources" may have this member, which is its endpoint and core schema then. */
bool load_type_begin(load_type_t *draft);
/* Make draft->declared; a path needs not be good. */
void load_declare(load_type_t *draft);
/* Of an attribute that follows from the paths: what `type`, or `several`, may still settle. NULL:
 * it is settled. */
scim_attr_t *load_open_type(const load_type_t *draft, const load_slot_t *slot);
scim_attr_t *load_open_multi(const load_type_t *draft, const load_slot_t *slot);

void load_attributes(load_type_t *draft);
bool load_path(load_type_t *draft, load_slot_t *slot);
/* Complain of a path that the type does not have, with the one that may be meant. Always false. */
bool load_guess_path(load_type_t *draft, const load_slot_t *slot, const scim_path_t *path);
bool load_slot(load_type_t *draft, load_slot_t *slot);
/* The scopes that `key` names become the references of the slot. */
bool load_reference_scopes(load_type_t *draft, load_slot_t *slot, const char *key);
/* "by", of a reference whose scopes are known. */
bool load_by(load_type_t *draft, load_slot_t *slot);
/* Whether a further attribute holds nothing that the first one does not. */
bool load_check_copy(load_type_t *draft, const load_slot_t *first, const load_slot_t *copy);
/* Once all types are known. */
void load_check_by(load_t *load, load_type_t *draft);
/* A path whose values are not in the entry, but found by a search: type->groups. */
bool load_is_search(const load_slot_t *slot);
bool load_search(load_type_t *draft, load_slot_t *slot);
void load_check_search(load_type_t *draft);
bool load_as(load_type_t *draft, load_slot_t *slot);
/* "values" and "else"; *ret_given: there are some. */
bool load_table(load_type_t *draft, load_slot_t *slot, bool *ret_given);
/* "prefix", "pattern" and "demote", once `as` is known. */
bool load_share(load_type_t *draft, load_slot_t *slot);
/* Whether two slots of one LDAP attribute part its values. */
bool load_check_share(load_type_t *draft, const load_slot_t *slot, const load_slot_t *other);
bool load_is_password(const load_slot_t *slot);
/* Several LDAP attributes for one path: from here on `member` means the first. */
bool load_split(load_type_t *draft, load_slot_t *slot);
/* The others of the draft with this number, which has been read. */
bool load_copies(load_type_t *draft, size_t at);
/* `several`, once all slots are known. */
void load_several(load_type_t *draft);

void load_narrow(load_type_t *draft, bool active);

/* The one slot that a path, in full or short, means; NULL, said or excused by a bad slot. */
const map_slot_t *load_find_slot(load_type_t *draft, str_t path, uint32_t at,
                                 const char *where);
/* Take the transforms off the text between two braces: *path keeps what stands before them. */
bool load_transforms(load_type_t *draft, str_t *path, uint32_t at, map_part_t *part);
/* Where the brace that opens at the text's start is closed, or text.n: quotes protect. */
size_t load_find_close(str_t text);
bool load_template(load_type_t *draft, str_t text, uint32_t at, map_template_t *ret_template);

void load_entry(load_type_t *draft);
/* "allocate" and what belongs to it, of a rule whose `ldap` is known. */
bool load_counter(load_type_t *draft, const json_t *json, map_rule_t *rule);
/* Keys that go with "allocate" alone, or not with it. */
bool load_check_counter_keys(load_type_t *draft, const json_t *json);
/* First the scopes and attributes of all types, which narrowing looks at, then the rest. */
void load_type_place(load_type_t *draft);
void load_type(load_type_t *draft);
void load_parents(load_type_t *draft);
void load_lifecycle(load_type_t *draft);

typedef struct {
    load_type_t *draft;
    const json_t *state;
    map_step_t *steps;
    size_t n, size;
} load_steps_t;

/* "do", or with `undo` that, of the inactive or the deleted state. */
bool load_steps(load_type_t *draft, const json_t *state, bool deleted, bool undo,
                load_steps_t *ret_steps);
/* "when": {"under": …} and the steps by which entries get there and back. */
bool load_under(load_type_t *draft, const json_t *when, map_state_t *state);
bool load_move(load_steps_t *steps, const json_t *value, bool deleted, bool undo);
/* A step of that kind, last of all so far. */
map_step_t *load_add_step(load_steps_t *steps, map_step_kind_t kind, str_t attr);
/* Whether a lifecycle may write the attribute. */
bool load_check_step_attr(load_type_t *draft, str_t attr, uint32_t at);

/* ---- check*.c: what only the whole shows ---- */

/* Whether the classes' demands are met, and our own attributes allowed. */
void load_check_classes(load_type_t *draft);
/* Whether a class of the type demands the attribute, as far as it is known. */
bool load_is_must(const load_type_t *draft, str_t attr, str_t *ret_class);
/* Whether all that the template puts in is required, and stays. */
bool load_is_certain(const map_template_t *alternative);
/* Whether one line of the rule at least needs only what is required. */
bool load_is_always_made(const map_rule_t *rule);
/* What makes `unique` of a scope worth nothing. */
void load_check_unique(load_t *load);
/* Whether a rule may make several values: a name, and what must be unique, is one. */
bool load_makes_several(const load_type_t *draft, const map_rule_t *rule);
/* What rules say beside all that else writes an entry. */
void load_check_rules(load_type_t *draft);
void load_check_type(load_type_t *draft);
void load_check_scopes(load_t *load);
void load_check_state(load_type_t *draft, const map_state_t *state, const char *name,
                      uint32_t at);
void load_check_states(load_type_t *draft, uint32_t at);

/* An entry as the map makes it, of what is certain: object classes with their superiors, and
 * constants. */
ldap_entry_t *load_bare_entry(load_type_t *draft);
/* What a filter says of entries that the map makes: Undefined when it depends on values. */
ldap_truth_t load_test_made(load_type_t *draft, const ldap_filter_t *filter,
                            const ldap_entry_t *entry);

/* The value "now" of a filter, told from a text that reads so by its address. */
extern const char map_now_text[];
/* The filter with preferred attribute names, and with map_now_text for the text "now" in
 * comparisons of time attributes; *ret_uses: there was one. */
const ldap_filter_t *map_prepare_filter(arena_t *mem, const ldap_schema_t *schema,
                                        const ldap_filter_t *filter, bool *ret_uses);

#endif
