/* SPDX-License-Identifier: Apache-2.0 */
/* support/model_inside.h - what the rooms of the model share: its entries, and an answer that is being made.
 *
 * model.c keeps the entries, model_schema.c says what they must be like, model_write.c changes them,
 * model_answer.c answers, model_text.c compares whole directories. */
#ifndef SUPPORT_MODEL_INSIDE_H
#define SUPPORT_MODEL_INSIDE_H

#include "support/model.h"

#include <check.h>

#define SUFFIX "dc=example,dc=com"

/* An entry is never changed: a change puts a new one in its place. */
typedef struct {
    str_t normal; /* DN */
    const ldap_entry_t *entry;
} place_t;

struct model {
    bool no_refint, no_increments;
    arena_t *mem;
    const ldap_schema_t *schema;
    place_t *places;
    size_t n, size;
    unsigned long made, changed;
    str_t overridden; /* an attribute; empty: none */
    str_t unique;     /* likewise */
};

typedef struct {
    model_t *model;
    arena_t *mem; /* of the reply */
    const ldap_op_t *op;
    ldap_reply_t reply;
} answer_t;

/* ---- model.c ---- */

/* By the normal form of the DN; NULL: nothing is there. */
place_t *model_place(const model_t *model, str_t normal);
void model_put_entry(model_t *model, str_t normal, const ldap_entry_t *entry);
void model_remove_place(model_t *model, place_t *place);
/* Where the value stands, by the attribute's rule; attr->n: nowhere. */
size_t model_find_value(const model_t *model, const ldap_attr_t *attr, str_t value);
/* The operational attributes of an entry that was changed, or is new. */
void model_stamp_change(model_t *model, ldap_entry_t *entry);
void model_stamp_birth(model_t *model, ldap_entry_t *entry);
/* NULL is true of everything. */
bool model_is_true(const model_t *model, const ldap_filter_t *filter,
                   const ldap_entry_t *entry);

/* ---- model_schema.c ---- */

/* Whether the entry has the values that its DN names. */
bool model_names_itself(const model_t *model, const ldap_entry_t *entry);
/* The result code for an entry that is to be so. */
int model_check_entry(const model_t *model, const ldap_entry_t *entry);

/* ---- model_answer.c ---- */

/* Whether it is success. */
bool answer_code(answer_t *self, int code);
/* The place of the operation's target, once the guard holds there; else NULL, and the answer says why. */
place_t *answer_target(answer_t *self);
void answer_post_read(answer_t *self, const ldap_entry_t *entry);

/* ---- model_write.c ---- */

void answer_add(answer_t *self);
void answer_modify(answer_t *self);
void answer_rename(answer_t *self);
void answer_delete(answer_t *self);

#endif
