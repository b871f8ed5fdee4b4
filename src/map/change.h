/* SPDX-License-Identifier: Apache-2.0 */
/* map/change.h - PATCH and PUT as modifications of one entry. */
#ifndef MAP_CHANGE_H
#define MAP_CHANGE_H

#include "base/err.h"
#include "map/map.h"
#include "scim/patch.h"
#include "json/json.h"

/* Where an entry may be moved to. */
typedef struct {
    ldap_dn_t dn;
    bool here;   /* it is there already */
    bool create; /* the organizational units that are missing are made */
} map_move_t;

/* What is to be done to one entry. Nothing set: the request changes nothing. */
typedef struct {
    ldap_mods_t mods;                  /* one modify */
    bool rename;                       /* before it: */
    ldap_rdn_t rdn;                    /* the new RDN */
    bool keeps_old_name;               /* which the modify removes (map/old_name.h) */
    bool keeps_name;                   /* it is the old one: only the place is another */
    const map_move_t *moves;           /* with it: the first of these that is there, if any; */
    size_t n_moves;                    /* none: the entry stays under its parent */
    bool last;                         /* such a move comes after the modify: it is the place
                                        * that makes the state */
    bool back;                         /* the moves are still to be found: map_change_return */
    bool strip_groups;                 /* before all: remove the entry from the groups */
    const map_state_t *entered, *left; /* lifecycle states: the post-read must agree */
    /* Direct changes only: true of an entry that already is as wanted, so that a no-op can
     * be told from a write by the guard. Equality is the directory's: where it holds, the
     * caller reads and decides by bytes. */
    const ldap_filter_t *already;
} map_change_t;

/* A change that needs no look at the entry, when every operation is one: replace (or add) of
 * single values, other than references, in slots that nothing is derived from and that hold
 * nothing else, remove of such attributes, `active` false. false without error (err->kind ERR_NONE): it must be read
 * first. */
bool map_change_direct(arena_t *mem, const map_t *map, const map_type_t *type,
                       const scim_patch_t *patch, const map_links_t *links, int64_t now_s,
                       map_change_t *ret_change, err_t *err) MUST_USE;

/* The change that takes the entry from `before` (what map_to_resource showed of it) to
 * `after`, both canonical. Slots whose SCIM value is the same are not touched; of the others
 * only values that were seen are removed. ERR_INVALID_VALUE as map_to_entry. */
bool map_change_between(arena_t *mem, const map_t *map, const map_type_t *type,
                        const ldap_entry_t *entry, const json_t *before, const json_t *after,
                        const map_links_t *links, int64_t now_s, map_change_t *ret_change,
                        err_t *err) MUST_USE;

/* Of an entry that is adopted or revived, after map_change_between with the same: add what the rules of "entry" that
 * are not for creation alone make of `after` and the entry lacks, as though it had been made here, and settle what
 * becomes of values that it has. `numbers`: map_choice_t. */
bool map_change_complete(arena_t *mem, const map_t *map, const map_type_t *type,
                         const ldap_entry_t *entry, const json_t *before, const json_t *after,
                         const str_t *numbers, map_change_t *change, err_t *err) MUST_USE;

/* Of an entry that is claimed: its mark, and of the rules what the classes of the mark demand and it lacks, numbers of
 * counters too. `before`: what map_to_resource shows of it. */
bool map_change_supply(arena_t *mem, const map_t *map, const map_type_t *type,
                       const ldap_entry_t *entry, const json_t *before, const str_t *numbers,
                       map_change_t *change, err_t *err) MUST_USE;

/* What a PUT of `body` means for the resource that is `before`: mapped attributes it omits
 * are cleared, but active, members, password and those written at creation only are kept
 * (RFC 7644 §3.5.1). NULL with ERR_MUTABILITY when one of the last would have another value,
 * ERR_INVALID_VALUE when something required is missing; with `err` NULL nothing is missing, and
 * what the body says of the last does not count. */
json_t *map_put(arena_t *mem, const map_type_t *type, const json_t *before, const json_t *body,
                err_t *err);

/* The steps into a state (deleted; inactive) or out of it, for an entry or blind (entry
 * NULL), which a state that needs_entry does not allow. */
void map_change_enter(arena_t *mem, const map_type_t *type, const map_state_t *state,
                      const ldap_entry_t *entry, int64_t now_s, map_change_t *change);
void map_change_leave(arena_t *mem, const map_type_t *type, const map_state_t *state,
                      const ldap_entry_t *entry, int64_t now_s, map_change_t *change);

/* Where a state is left by a move: to where the map puts the resource that is `after`.
 * ERR_INVALID_VALUE as map_parent_find. */
bool map_change_return(arena_t *mem, const map_type_t *type, const ldap_entry_t *entry,
                       const json_t *after, map_change_t *change, err_t *err) MUST_USE;

/* Where the change writes the password and the server would then end the state: write that anew. */
void map_reassert(arena_t *mem, const map_type_t *type, const ldap_entry_t *entry,
                  map_change_t *change);

/* Add what the entry, whose objectClass was read, lacks of the type's auxiliary classes, even where
 * nothing else is written: they mark it as provisioned. */
void map_claim(arena_t *mem, const map_type_t *type, const ldap_entry_t *entry,
               ldap_mods_t *mods);

/* ---- Group.members, whose values are never read whole ---- */

/* The membership operations of a PATCH, in order, as one difference. */
typedef struct {
    bool reset;       /* remove or replace of all: what is seen and not in `add` goes */
    const str_t *add; /* ids, each once, none of them in remove */
    size_t n_add;
    const str_t *remove;
    size_t n_remove;
} map_member_delta_t;

/* Take the operations on `members` out of the patch: *patch keeps the others.
 * ERR_INVALID_FILTER for value paths that select by anything but `value eq` (joined by or),
 * ERR_INVALID_VALUE for elements without value, ERR_NO_TARGET as scim/patch.h. */
bool map_take_members(arena_t *mem, const map_type_t *type, scim_patch_t *patch,
                      map_member_delta_t *ret_delta, err_t *err) MUST_USE;

#endif
