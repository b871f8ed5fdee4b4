/* SPDX-License-Identifier: Apache-2.0 */
/* support/model.h - a small directory in memory that answers LDAP operations as slapd does.
 *
 * It is there so that tests can fail an operation at will and look at every state in between;
 * what a real server does is the integration tests' affair. It has refint on member and manager
 * (the placeholder "cn=nobody" takes the last member's place), schema checks for the classes
 * that the shipped maps use, and the controls of assertion, post-read, matched values and permissive
 * modify. */
#ifndef SUPPORT_MODEL_H
#define SUPPORT_MODEL_H

#include "ldap/op.h"
#include "ldap/schema.h"

typedef struct model model_t;

/* Empty but for the suffix dc=example,dc=com. */
model_t *model_new(void);
void model_free(model_t *model);
/* From now on what is written to this attribute has no effect, though success is told. */
void model_override(model_t *model, const char *attr);

/* From now on references are nobody's to repair, as without refint, or again somebody's. */
void model_leave_references(model_t *model, bool leave);

/* From now on increments are unknown, whatever its root DSE says. */
void model_forget_increments(model_t *model);

/* From now on no two children of one parent are added with the same value, as slapd's unique overlay has it. */
void model_unique(model_t *model, const char *attr);

/* Put an entry there as it is, without any check: "attr: value" lines, the first being "dn: …".
 * The operational attributes are added. */
void model_put(model_t *model, const char *lines);
/* An organizationalUnit for each base of a scope that is not there yet, its parents included. */
void model_put_base(model_t *model, str_t dn);

/* Do the operation. What the reply points at lives in `mem`. */
ldap_reply_t model_answer(model_t *model, arena_t *mem, const ldap_op_t *op);

/* The entry at the DN, or NULL; valid until the next change. */
const ldap_entry_t *model_find(const model_t *model, str_t dn);
/* The entry with this entryUUID, or NULL. */
const ldap_entry_t *model_find_id(const model_t *model, str_t id);
/* Whether the attribute has the value, by the attribute's rule. */
bool model_has(const ldap_entry_t *entry, const char *attr, str_t value);
/* How many entries match the filter. */
size_t model_count(const model_t *model, const char *filter);

/* All entries as text, sorted, without what differs from run to run (entryUUID, entryCSN and
 * the timestamps): equal texts are equal directories. */
str_t model_text(const model_t *model, arena_t *mem);

#endif
