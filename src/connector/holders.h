/* SPDX-License-Identifier: Apache-2.0 */
/* connector/holders.h - rewriting the entries that hold a DN. Internal to connector/. */
#ifndef CONNECTOR_HOLDERS_H
#define CONNECTOR_HOLDERS_H

#include "connector/exchange.h"

typedef struct {
    /* DNs. Entries that refer to this one, and to that one too (empty: whatever else) ... */
    str_t held, also;
    /* ... refer to this one too, and no longer to that one; empty: nothing. */
    str_t add, remove;
    str_t keep; /* what refers to this one does so still; empty: nothing */
    /* Of groups that clients see; else in every attribute that refers to others. */
    bool members_only;
    bool names_only; /* references that are no DNs */
    /* Nobody is called `held`: that is looked at once more before anything is done. */
    bool leftover;
    const char *what; /* for messages */
} rewrite_t;

/* What is there, or gone, already is no error. The reply's result is NULL; it is not where somebody
 * is called `held` after all. */
bool rewrite_holders(task_t *task, const rewrite_t *want, then_fn *then);

#endif
