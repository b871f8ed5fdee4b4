/* SPDX-License-Identifier: Apache-2.0 */
/* map/map.h - a compiled schema map: how SCIM resources and LDAP entries correspond.
 *
 * map/load.h makes it from an admin's file; after that it is immutable and no string of the
 * file is parsed again. Everything lives in the arena it was loaded into. */
#ifndef MAP_MAP_H
#define MAP_MAP_H

#include "base/str.h"
#include "ldap/dn.h"
#include "ldap/features.h"
#include "ldap/filter.h"
#include "ldap/op.h"
#include "ldap/schema.h"
#include "scim/path.h"
#include "scim/schema.h"
#include "json/json.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

typedef enum {
    MAP_ANCHOR_UUID,         /* text, RFC 4122 */
    MAP_ANCHOR_NS_UNIQUE_ID, /* text, four groups of eight digits */
    MAP_ANCHOR_GUID          /* 16 bytes, [MS-DTYP] 2.3.4.2 */
} map_anchor_form_t;

enum { MAP_VERSIONS = 2 };

/* What differs between directory servers, as data. */
typedef struct {
    str_t name;   /* "openldap" */
    str_t anchor; /* the attribute whose value is the SCIM id (map/anchor.h) */
    map_anchor_form_t anchor_form;
    str_t versions[MAP_VERSIONS]; /* change with every change, the best first (map/version.h) */
    str_t created, modified;      /* generalizedTime */
    str_t dn;                     /* the attribute that finds an entry by its DN: entryDN */
    ldap_features_t features;     /* that are made use of, where the server has them */
    /* What a modify is answered with for a member that is there already, or is not, besides the codes of
     * RFC 4511; 0: nothing else. */
    ldap_code_t member_is_there, member_is_gone;
    str_t
        never_empty; /* an attribute that entries must have, and the most characters of its values */
    size_t never_empty_max;
    bool names_rules;  /* a filter may name a matching rule for any attribute of its syntax */
    bool ranges;       /* many values of members are shown in parts */
    bool empty_groups; /* a group needs no member, whatever the standards say of its class */
    /* The most bytes of an RDN, as written and as compared together; 0: no known bound. */
    size_t rdn_bytes;
    bool keeps_old_name; /* a rename may leave the old value of the naming attribute in place */
} map_dialect_t;

typedef struct {
    str_t dn;
    str_t normal; /* ldap_dn_normal */
} map_base_t;

/* A named place in the directory. */
typedef struct {
    str_t name;
    const map_base_t *bases;
    size_t n_bases;
    size_t n_own; /* of them, the first: the others are where lifecycles move entries to */
    ldap_depth_t depth; /* LDAP_DEPTH_ONE: only direct children of a base; LDAP_DEPTH_SUB */
    const ldap_filter_t *filter;
    const ldap_filter_t *protect; /* never visible, referenced or written; NULL: none */
    /* filter AND NOT protect AND NOT the tombstones of the types that live here: what exists for a client. */
    const ldap_filter_t *visible;
    bool visible_uses_now; /* "now" stands in it: see map_visible */
    bool shared; /* another connector writes here too: nothing is renamed, moved or deleted */
    const str_t *unique; /* LDAP attributes that no two entries of the scope share */
    size_t n_unique;
} map_scope_t;

typedef enum {
    MAP_AS_STRING,
    MAP_AS_BOOLEAN,
    MAP_AS_INTEGER,
    MAP_AS_TIME,   /* generalizedTime <-> dateTime */
    MAP_AS_BASE64, /* octets */
    MAP_AS_POSTAL, /* "$"-separated lines, RFC 4517 §3.3.28 <-> lines */
    MAP_AS_PASSWORD,
    MAP_AS_FILETIME,   /* 100 ns steps since 1601 <-> dateTime */
    MAP_AS_EPOCH_DAYS, /* days since 1970 <-> dateTime at midnight */
    MAP_AS_DN,         /* a DN as text */
    MAP_AS_JSON,       /* an element with all its parts (map/canonical.h) */
    MAP_AS_REFERENCE   /* a DN <-> another resource's id */
} map_as_t;

typedef enum {
    MAP_WRITE_ALWAYS,
    MAP_WRITE_CREATE,
    MAP_WRITE_READ_ONLY,
    MAP_WRITE_IF_EMPTY, /* while the entry has no value of it; after that, as DISCARD */
    MAP_WRITE_DISCARD   /* what clients say is taken, and not written */
} map_write_t;

typedef enum {
    MAP_MISSING_REFUSE,
    MAP_MISSING_DROP,    /* a reference that does not resolve is left out */
    MAP_MISSING_GENERATE /* a new entry without a password gets one that nobody knows */
} map_missing_t;

/* One value as SCIM and as the directory spells it. */
typedef struct {
    str_t scim; /* `value` as text */
    str_t ldap;
    str_t normal; /* `ldap`, by the attribute's equality rule */
    const json_t *value;
} map_pair_t;

/* What becomes of values that no pair has: to the client an error, nothing, or as they are. */
typedef enum { MAP_ELSE_REFUSE, MAP_ELSE_DROP, MAP_ELSE_PASS } map_else_t;

typedef enum { MAP_SHARE_ALL, MAP_SHARE_PREFIX, MAP_SHARE_PATTERN } map_share_kind_t;

/* Which of the attribute's values are a slot's: those that begin and end so (map/share.h). */
typedef struct {
    map_share_kind_t kind;
    str_t head, tail; /* PREFIX: the head is no part of the SCIM value */
    bool exact;       /* by bytes; else in any case of letters */
    str_t demote;     /* a value that is replaced is kept with this head; empty: it is not */
} map_share_t;

/* The LDAP attribute that holds one mapped SCIM path. */
typedef struct map_slot {
    str_t path; /* in canonical spelling, for messages */
    const scim_schema_t *schema;
    const scim_attr_t *attr;
    const scim_attr_t
        *sub;   /* the sub-attribute that the values are; NULL: attr is simple, or kept whole */
    str_t type; /* of typed multi-values: the element's `type`; empty: none */
    bool primary; /* elements of this slot are written with primary: true */
    str_t ldap;
    const ldap_attr_type_t *ldap_type;
    map_as_t as;
    map_write_t write;
    map_missing_t missing;
    bool required;
    bool
        several; /* more than one value (element) may stand here; else a second one is refused */
    map_share_t share;
    const map_pair_t *table; /* "values" */
    size_t n_table;
    map_else_t otherwise;
    const str_t *none; /* LDAP values that mean no value; the first is written */
    size_t n_none;
    const map_scope_t *const *references;
    size_t n_references;
    str_t by;      /* references are held by this value of the entry's RDN; empty: by its DN */
    bool searched; /* in no entry: see map_type_t.groups */
    /* Further LDAP attributes, which are written, not read; of a reference those values that are
     * within their scopes. */
    const struct map_slot *copies;
    size_t n_copies;
} map_slot_t;

typedef enum {
    MAP_TRANSFORM_LOWER,
    MAP_TRANSFORM_UPPER, /* of ASCII letters */
    MAP_TRANSFORM_ASCII, /* letters without their marks, and nothing beyond ASCII */
    MAP_TRANSFORM_SLUG,  /* that, with hyphens in place of all but letters and digits */
    MAP_TRANSFORM_BEFORE,
    MAP_TRANSFORM_AFTER,
    MAP_TRANSFORM_REPLACE,
    MAP_TRANSFORM_TRUNCATE,
    MAP_TRANSFORM_PAD, /* at the beginning */
    MAP_TRANSFORM_HASH /* hexadecimal digits */
} map_transform_kind_t;

typedef struct {
    map_transform_kind_t kind;
    str_t text; /* before, after, replace, pad: not empty */
    str_t by;   /* replace */
    size_t n;   /* truncate, pad: characters; hash: digits */
} map_transform_t;

/* "{name.givenName} {name.familyName | upper}" */
typedef struct {
    str_t literal;          /* when slot is NULL */
    const map_slot_t *slot; /* its (first) value, through: */
    const map_transform_t *transforms;
    size_t n_transforms;
} map_part_t;

typedef struct {
    const map_part_t *parts;
    size_t n;
} map_template_t;

/* What becomes of values that are there when an entry is adopted or revived. */
typedef enum {
    MAP_CONFLICT_PRESERVE,
    MAP_CONFLICT_MERGE,    /* those of the rule come beside them */
    MAP_CONFLICT_OVERWRITE /* those of the rule alone stay, and the one that names the entry */
} map_conflict_t;

/* An entry of the directory that holds the next number to be given. */
typedef struct {
    str_t dn, ldap;
    str_t normal;        /* ldap_dn_normal */
    int64_t first, last; /* what lies beyond is never given */
} map_counter_t;

/* An LDAP attribute that no single path holds. */
typedef struct {
    str_t ldap;
    const map_template_t *alternatives; /* the first whose slots all have a value wins */
    size_t n;                           /* 0: it is a number of the counter */
    const map_counter_t *counter;       /* NULL: there are alternatives */
    bool demanded; /* an auxiliary class of the type demands the attribute */
    bool constant; /* no slot in any alternative */
    bool unique;   /* another alternative is tried where somebody has the value */
    /* One value for each of the only path with several in an alternative; else the first counts. */
    bool several;
    map_write_t
        write; /* MAP_WRITE_CREATE: at creation only; ALWAYS: again when a source changes;
                * IF_EMPTY: likewise, where the entry has no value; of a counter: also of an entry
                * that is adopted or revived without one */
    map_conflict_t conflict;
} map_rule_t;

/* "OU={department},OU=Staff,DC=example,DC=com", where its condition holds. */
typedef struct {
    str_t text;                     /* as it is written */
    const scim_filter_t *condition; /* NULL: none */
    ldap_dn_t dn;
    const map_template_t
        *values;   /* for each RDN of dn, its value; n == 0: as it stands there */
    bool constant; /* no values are put in */
    bool proved;   /* it lies in the scope whatever is put in */
    bool create;   /* the organizational units that are missing are made */
} map_parent_t;

typedef enum {
    MAP_STEP_SET,      /* replace attr by values */
    MAP_STEP_UNSET,    /* remove attr */
    MAP_STEP_SET_BITS, /* of an integer; absent is 0 */
    MAP_STEP_CLEAR_BITS,
    MAP_STEP_ADD_CLASS, /* attr is objectClass */
    MAP_STEP_SAVE, /* attr's values to `aside`, unless that has some; leaving the state puts them back */
    MAP_STEP_MOVE,
    MAP_STEP_STRIP_GROUPS
} map_step_kind_t;

typedef struct {
    map_step_kind_t kind;
    str_t attr;
    const str_t
        *values; /* the single value "now" of a time attribute: the time of the request */
    size_t n;
    int64_t bits;
    str_t aside;
    ldap_dn_t to; /* move; n == 0: to where "parent" puts the entry */
    str_t under;  /* move: what lies below this, in normal form, is where it should be */
} map_step_t;

/* inactive, or deleted. Steps of another state ("inactive" within deleted.do) are already spread. */
typedef struct {
    bool present;
    const ldap_filter_t *when; /* time attributes may be compared with "now": see map_when */
    bool when_uses_now;
    const map_base_t *under; /* not NULL: `when` is that the entry lies below it, and no more */
    const map_step_t *perform; /* do */
    size_t n_perform;
    const map_step_t *undo;
    size_t n_undo;
    str_t
        stamp; /* set to the time when the state is entered, unset when it is left; may be empty */
    int64_t purge_s;  /* so many seconds after the stamp the entry may be removed; 0: never */
    bool needs_entry; /* what the steps write depends on what is there */
    /* An attribute of `do` that the server removes when the password is written, unless the same
     * modification removes and adds it; may be empty. */
    str_t reassert;
} map_state_t;

typedef struct map_type {
    const scim_type_t *scim; /* narrowed to what is mapped */
    const map_scope_t *scope;
    str_t rdn;                   /* the naming attribute */
    const map_slot_t *rdn_slot;  /* the slot that holds it, or NULL: */
    const map_rule_t *rdn_rule;  /* the rule that makes it */
    const str_t *object_classes; /* structural and auxiliary ones, of a new entry */
    size_t n_object_classes;
    const str_t *auxiliary; /* the auxiliary ones alone: added to an adopted entry */
    size_t n_auxiliary;
    const map_parent_t *parents; /* under which new entries are made: the first that applies */
    size_t n_parents;
    bool follow;  /* an entry moves when the answer changes */
    str_t parent; /* that of them which is the same for all; empty: none */
    ldap_dn_t parent_dn;
    const map_slot_t *slots;
    size_t n_slots;
    const map_rule_t *rules;
    size_t n_rules;
    const map_slot_t *const *match; /* in the order of precedence */
    size_t n_match;
    const str_t *unique; /* LDAP attributes that no two entries share, in the scope or beyond */
    size_t n_unique;
    bool adopt; /* an unclaimed entry that matches becomes the resource */
    bool
        dn_unique; /* one base, one level, parent is the base, match is the rdn, which is unique: an add that succeeds proves uniqueness */
    const map_slot_t *members; /* the reference slot of Group.members, or NULL */
    /* User.groups where a search of the groups in its scopes finds them, or NULL. It is none of
     * `slots`; its LDAP attribute is one that whoever has searched puts into the entry. */
    const map_slot_t *groups;
    const map_slot_t *const
        *holders; /* LDAP attributes that references are written to, copies too */
    size_t n_holders;
    str_t placeholder; /* DN that stands in for no member; empty: none needed */
    const map_slot_t *password, *external_id; /* or NULL */
    map_state_t inactive;
    map_state_t deleted;      /* not present: entries are really deleted */
    bool deleted_is_inactive; /* what its steps lead to is the inactive state too */
    const str_t
        *aside; /* LDAP attributes a tombstone gives up when another resource needs them */
    size_t n_aside;
    /* LDAP attributes to ask for: what map_to_resource and the lifecycle look at, and what a
     * change must know besides. */
    ldap_names_t names, names_with_members;
    ldap_names_t names_to_change, names_to_change_with_members;
} map_type_t;

typedef struct {
    const map_dialect_t *dialect;
    const ldap_schema_t *schema;
    bool refuses_unmapped; /* attributes of a body; else they are ignored */
    bool repairs;     /* references, after renames and deletions: the bridge; else the server */
    bool holds_names; /* some of them are no DNs, which the bridge repairs in any case */
    const map_scope_t *scopes;
    size_t n_scopes;
    const map_type_t *types;
    size_t n_types;
} map_t;

/* The counter whose DN is spelled so; NULL: there is none. */
const map_counter_t *map_find_counter(const map_t *map, str_t dn);

/* By endpoint name ("Users", case counts) or by resource type name ("User"); NULL when the map has none. */
const map_type_t *map_find_endpoint(const map_t *map, str_t endpoint);
const map_type_t *map_find_type(const map_t *map, str_t name);
const map_dialect_t *map_find_dialect(str_t name);

/* The slots that a resolved SCIM target touches: attr as a whole, one sub-attribute, or the elements its value filter selects by
 * type. Calls `fn` for each; returns how many. */
typedef void map_slot_fn(void *arg, const map_slot_t *slot);
size_t map_each_slot(const map_type_t *type, const scim_target_t *target, map_slot_fn *fn,
                     void *arg);

/* A state's `when` with "now" put in: a filter for the directory or for ldap_filter_test. */
const ldap_filter_t *map_when(arena_t *mem, const map_state_t *state, int64_t now_s);

/* What is visible in the scope now: as scope->visible with "now" put in. */
const ldap_filter_t *map_visible(arena_t *mem, const map_scope_t *scope, int64_t now_s);

/* Whether the DN (in normal form) lies in the scope's bases at its depth. */
bool map_scope_holds(const map_scope_t *scope, str_t normal_dn);
/* Whether an entry can lie in both, whatever their filters say; then *ret_a and *ret_b are bases of
 * theirs that show it. */
bool map_scopes_overlap(const map_scope_t *a, const map_scope_t *b, const map_base_t **ret_a,
                        const map_base_t **ret_b);

/* ---- references: other resources, as somebody has resolved them ---- */

typedef struct {
    str_t id;
    str_t dn;
    const map_type_t *type; /* NULL: unknown */
} map_link_t;

/* Looks up what was resolved before the pure functions run; false: it does not exist (for a client). */
typedef struct map_links map_links_t;
struct map_links {
    bool (*by_id)(const map_links_t *links, str_t id, map_link_t *ret_link);
    bool (*by_dn)(const map_links_t *links, str_t normal_dn, map_link_t *ret_link);
    /* How many entries a slot with `by` may mean by a value (map_reference_normal), as far as that
     * was looked up; where it is one, that. NULL: it was not. */
    size_t (*by_name)(const map_links_t *links, const map_slot_t *slot, str_t normal,
                      map_link_t *ret_link);
};

#endif
