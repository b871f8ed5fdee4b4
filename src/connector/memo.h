/* SPDX-License-Identifier: Apache-2.0 */
/* connector/memo.h - which DN and version an id has, and which id a DN, as last seen.
 *
 * Bounded and shared by all workers; forgetting costs a search, never correctness: a remembered
 * target is written only under a guard that asserts its id and its version, and a remembered
 * value only within seconds. */
#ifndef CONNECTOR_MEMO_H
#define CONNECTOR_MEMO_H

#include "base/arena.h"
#include "base/str.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

typedef struct memo memo_t;

/* Room for at most `max_entries` of either direction. NULL: no memory. */
memo_t *memo_new(size_t max_entries) MUST_USE;
void memo_free(memo_t *memo);

/* An entry as it was seen. */
typedef struct {
    str_t id, dn;
    str_t version; /* the directory's change stamp; empty: not known */
    unsigned tag;  /* the caller's: the index of the resource type */
} memo_pair_t;

/* Either direction is remembered; texts too long to be worth it are not. Where no version is given the one that is known stays, as
 * long as the DN does. */
void memo_put(memo_t *memo, const memo_pair_t *pair, str_t normal_dn, int64_t now_ms);

/* What was seen at most `max_age_ms` ago; its strings are in `mem`. */
bool memo_find_id(memo_t *memo, arena_t *mem, str_t id, int64_t now_ms, int64_t max_age_ms,
                  memo_pair_t *ret_pair) MUST_USE;
/* The same for a DN; without a version. */
bool memo_find_dn(memo_t *memo, arena_t *mem, str_t normal_dn, int64_t now_ms,
                  int64_t max_age_ms, memo_pair_t *ret_pair) MUST_USE;

/* Forget what an id, or a DN, stands for: it was renamed, deleted, or found to be otherwise. */
void memo_forget_id(memo_t *memo, str_t id);
void memo_forget_dn(memo_t *memo, str_t normal_dn);

#endif
