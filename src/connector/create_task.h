/* SPDX-License-Identifier: Apache-2.0 */
/* connector/create_task.h - the making of one resource, whose steps stand in several files.
 *
 * create.c makes the entry and adds it; create_match.c looks for who is the same already;
 * create_met.c decides what to do with whoever stands in the way; create_rivals.c sees that no
 * other instance made the same at the same moment. Internal to those. */
#ifndef CONNECTOR_CREATE_TASK_H
#define CONNECTOR_CREATE_TASK_H

#include "connector/exchange.h"
#include "map/to_entry.h"

enum {
    CREATE_TRIES = 4,
    CREATE_NUMBERS = 24 /* taken of counters, should others have them already */
};

typedef struct {
    task_t task;
    json_t *resource;
    ldap_entry_t entry; /* that is to be added */
    ldap_names_t names; /* what is read of it, and of whoever stands in the way */
    const ldap_filter_t *match;
    map_choice_t choice; /* of names, values and places */
    unsigned tries, n_numbers;
    bool name_was_free; /* when it was looked at after the last refusal */
    const ldap_entry_t *made;
    str_t swept;     /* the name that nothing refers to, so that it may be given; empty: none */
    err_t violation; /* why the server found a value not unique */
} create_task_t;

/* ---- create.c ---- */

/* The entry, by what is chosen now. */
bool create_make_entry(create_task_t *self, err_t *err);
/* The next name that the map can make, where another's entry has the last one; false: none. */
bool create_next_name(create_task_t *self);
/* The entry has been there: its numbers are not given to another. */
void create_drop_numbers(create_task_t *self);
/* Nobody is in the way, as far as is known. */
bool create_begin_adding(create_task_t *self);
bool create_add_entry(create_task_t *self);

/* ---- create_match.c ---- */

/* Look for who matches, then add the entry or do what that one demands. */
bool create_look_for_match(create_task_t *self);
/* The server keeps the matching value unique, and an entry of another name has it. */
bool create_look_for_violator(create_task_t *self, const ldap_reply_t *reply, err_t *err);
/* Whether it is who is meant: a name alone is not who somebody is, two people may share one. */
bool create_is_match(const create_task_t *self, const ldap_entry_t *entry);
/* Where both have an external id and they differ, it is another person. */
typedef enum { PERSON_OTHER, PERSON_PERHAPS, PERSON_SAME } person_t;
person_t create_compare_person(const create_task_t *self, const ldap_entry_t *entry);
/* Tell of the one met whoever asks what came of the request. */
void create_note_met(const create_task_t *self, const ldap_entry_t *entry, met_kind_t kind);

/* ---- create_met.c ---- */

/* This one was found (NULL: nobody); `in_the_way`: it has the name, or a value that nobody else
 * may have. */
bool create_meet(create_task_t *self, const ldap_entry_t *entry, bool in_the_way, err_t *err);
/* The name is taken: read who has it, and meet that one. */
bool create_look_at_name(create_task_t *self);
bool create_refuse(const create_task_t *self, const ldap_entry_t *entry, const char *why,
                   err_t *err);

/* ---- create_rivals.c ---- */

/* After the add: answer, or withdraw in favour of a rival. */
bool create_check_rivals(create_task_t *self);

#endif
