/* SPDX-License-Identifier: Apache-2.0 */
/* connector/member_task.h - the change of a group's members, whose steps stand in several
 * files.
 *
 * member.c sends the difference, member_look.c looks which of its values are there,
 * member_stale.c sees whom they mean meanwhile. Internal to those. */
#ifndef CONNECTOR_MEMBER_TASK_H
#define CONNECTOR_MEMBER_TASK_H

#include "connector/member.h"
#include "connector/merge.h"

/* So many values are asked for one by one; of more, all are read. */
enum { MEMBER_ASK_MAX = MERGE_VALUES_MAX };

typedef struct {
    task_t task;
    const map_type_t *type;
    const map_member_delta_t *delta;
    target_t target;
    ldap_names_t target_names; /* read with each look and each write */
    unsigned tries;
    ldap_mods_t mods;
    const ldap_filter_t *guard;
    bool written, answer_lost;
    task_t *holder;                /* of the group's gate */
    const map_member_delta_t *own; /* without what others offered */
    map_member_delta_t joint;
    size_t joined;          /* offers that are in `delta`; 0: none */
    bool alone;             /* what failed together is not joined again */
    bool needs_placeholder; /* without it the group would be empty */
    bool frees_placeholder; /* it stands there, and somebody comes */
    bool unsure;          /* a value to remove was not there under the name it was sought by */
    str_t *sent, *sought; /* the DNs that the ids of delta had when they were sent */
    ldap_attr_t stale;    /* of those, which mean nobody, or somebody else, by now */
} member_task_t;

/* ---- member.c ---- */

/* Send `mods`, under `guard`. */
bool member_send(member_task_t *self);
/* Read the group, and begin again. */
bool member_find_group(member_task_t *self);
/* Done, if every name that was written still means whom it meant, and whom it did not find is
 * certainly none. */
bool member_finish(member_task_t *self, err_t *err);
/* Whether what was read of the group meets the request's conditions; what follows upon a write
 * of ours only mends it. */
bool member_meets_condition(const member_task_t *self, err_t *err) MUST_USE;
/* That it is the group still, unchanged since it was read; and `more` (may be NULL). */
const ldap_filter_t *member_guard(const member_task_t *self, const ldap_filter_t *more);

/* ---- member_look.c ---- */

/* Ask which of the values are there, and send what is left of the difference. */
bool member_ask_values(member_task_t *self);
const ldap_filter_t *member_placeholder_stands(const member_task_t *self);

/* ---- member_stale.c ---- */

/* By which names the members are written and sought from now on. */
void member_note_names(member_task_t *self);
/* Whether somebody has another name than the one that was written, which is stale then, or that
 * was sought. */
bool member_names_changed(member_task_t *self);
/* Remove what was written for somebody who had another name by then. */
void member_remove_stale(const member_task_t *self, const member_mods_t *to);

#endif
