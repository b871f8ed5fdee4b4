/* SPDX-License-Identifier: Apache-2.0 */
/* connector/memo.h - which DN an id has, and which id a DN, as last seen.
 *
 * Bounded and shared by all workers; forgetting costs a search, never correctness: a remembered
 * target is written only under a guard that asserts its id, and a remembered value only within
 * seconds. */
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

/* `tag` is the caller's: the index of the resource type. Either direction is remembered; texts too long to be worth it are not. */
void memo_put(memo_t *memo, str_t id, str_t dn, str_t normal_dn, unsigned tag, int64_t now_ms);

typedef struct {
    str_t id, dn; /* in `mem` */
    unsigned tag;
} memo_pair_t;

/* What was seen at most `max_age_ms` ago. */
bool memo_find_id(memo_t *memo, arena_t *mem, str_t id, int64_t now_ms, int64_t max_age_ms,
                  memo_pair_t *ret_pair) MUST_USE;
bool memo_find_dn(memo_t *memo, arena_t *mem, str_t normal_dn, int64_t now_ms,
                  int64_t max_age_ms, memo_pair_t *ret_pair) MUST_USE;

/* Forget what an id, or a DN, stands for: it was renamed, deleted, or found to be otherwise. */
void memo_forget_id(memo_t *memo, str_t id);
void memo_forget_dn(memo_t *memo, str_t normal_dn);

#endif
