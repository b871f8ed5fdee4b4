/* SPDX-License-Identifier: Apache-2.0 */
/* cli/explain/pretend.h - writes that are not sent, and what would be read after them. */
#ifndef CLI_EXPLAIN_PRETEND_H
#define CLI_EXPLAIN_PRETEND_H

#include "base/arena.h"
#include "ldap/conn.h"
#include "ldap/op.h"
#include "map/map.h"

#include <stdbool.h>
#include <stdint.h>

typedef struct pretended pretended_t;

typedef struct {
    arena_t *mem;
    const map_t *map;
    ldap_conn_t *conn; /* for reading what a change starts from; NULL: nothing is known */
    int timeout_ms;
    int64_t now_s;
    pretended_t *written; /* entries as they would be, the latest first */
    unsigned n_added;
} pretend_t;

/* The post-read of a write, as if it had been carried out; NULL where nothing is known. */
const ldap_entry_t *pretend_write(pretend_t *pretend, const ldap_op_t *op);

/* Whether an add or a rename would meet an entry that has the name already. */
bool pretend_is_taken(const pretend_t *pretend, const ldap_op_t *op);

/* What a base search would find of what was written; NULL: it asks for something else. */
const ldap_entry_t *pretend_read(const pretend_t *pretend, const ldap_op_t *op);

/* What any other search would find of entries that were added, besides what is there. Those that exist and were
 * changed are found as they are: not all of them is known. */
const ldap_entry_t **pretend_find(const pretend_t *pretend, const ldap_op_t *op, size_t *ret_n);

#endif
