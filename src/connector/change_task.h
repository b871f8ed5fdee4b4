/* SPDX-License-Identifier: Apache-2.0 */
/* connector/change_task.h - the change of one entry, whose steps stand in several files.
 *
 * change.c reads, plans and writes; change_name.c gives the entry its new name and place;
 * change_move.c finds the place, and lets a move that makes a state come last; change_rivals.c
 * sees that nobody else has what must be unique; change_back.c takes back what cannot be
 * completed. Internal to those. */
#ifndef CONNECTOR_CHANGE_TASK_H
#define CONNECTOR_CHANGE_TASK_H

#include "connector/exchange.h"

enum { CHANGE_TRIES = 4 };

typedef struct {
    task_t task;
    change_request_t *request;
    unsigned tries;
    str_t dn;
    const ldap_entry_t *entry; /* as read */
    const json_t *first;       /* the resource as it was read first */
    map_change_t change;
    ldap_names_t names;
    bool renamed;
    unsigned backs; /* tries to take the rename back */
    bool unmet;     /* the conditions: of a reading after a write whose answer was lost */
    size_t move;    /* of the places that the change may lead to */
    str_t old_dn;   /* before a rename that was sent; empty: none was */
    bool swept;     /* references to the old name refer to the new one too */
    bool exists;    /* the rename failed as the name is taken ... */
    bool again;     /* ... or so that a reading may help */
    str_t aside;    /* the DN that a tombstone is to give up */
    err_t why;      /* what the last try met */
    err_t failure;  /* of the rename */
    const ldap_filter_t
        *rivals;      /* who may not have what was written; false: nobody needs to look */
    bool sent;        /* a write was */
    ldap_mods_t undo; /* takes back the last modify that may have been carried out ... */
    bool lasting;     /* ... or nothing does */
    bool modified;    /* it was */
    const ldap_entry_t *written; /* as it is afterwards */
} change_task_t;

/* ---- change.c ---- */

/* Once more from the reading on, or give up with what went wrong. */
bool change_try_again(change_task_t *self, err_t *err);
/* The write has been acknowledged: what is left is to see that it had its effect. */
bool change_written(change_task_t *self, const ldap_reply_t *reply, err_t *err);
/* Whether another reading may help after this answer. */
bool change_is_uncertain(const ldap_reply_t *reply);
void change_remember_why(change_task_t *self, const ldap_reply_t *reply, const err_t *err);
/* What is written has had its effect, and nobody else has it: the end. */
bool change_finish(change_task_t *self, err_t *err);
/* That the entry is still as it was read. */
const ldap_filter_t *change_guard(const change_task_t *self);
/* Write what was planned: the name first, as it fails most; unless it comes last. */
bool change_carry_out(change_task_t *self, err_t *err);
/* The modify alone. */
bool change_modify(change_task_t *self);

/* ---- change_name.c ---- */

bool change_rename(change_task_t *self);
/* The name that is planned. */
str_t change_new_dn(const change_task_t *self);
/* Whether the planned RDN is the one that the entry has, so that only the place is another. */
bool change_keeps_name(const change_task_t *self);
/* Asks for the entry to be called by that RDN, below the parent of `dn`; the guard is the
 * caller's. */
ask_t *change_ask_rename(change_task_t *self, const ldap_rdn_t *rdn, str_t dn, then_fn *then);

/* ---- change_move.c ---- */

/* To the first of the places that there is; it may be where the entry is. */
bool change_look_at_place(change_task_t *self, err_t *err);
/* What comes before the move has been acknowledged: now that. */
bool change_move_last(change_task_t *self, const ldap_reply_t *reply);

/* ---- change_rivals.c ---- */

/* Who else has what the change makes; false where nobody needs to look. */
const ldap_filter_t *change_rivals_filter(const change_task_t *self);
/* Look for them, then carry out the change. */
bool change_check_rivals(change_task_t *self, err_t *err);
/* Once more, when it is carried out: another instance may have written the same at the same
 * moment. Then both take theirs back; else change_finish. */
bool change_check_rivals_again(change_task_t *self, err_t *err);

/* ---- change_back.c ---- */

/* All or nothing: what cannot be completed must not stay half done. Fails with *err, at once or
 * when the entry is again as it was read; *err says so where it cannot be. */
bool change_fail(change_task_t *self, err_t *err);
/* What takes the modify back that is sent next. */
void change_note_undo(change_task_t *self);

#endif
