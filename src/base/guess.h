/* SPDX-License-Identifier: Apache-2.0 */
/* base/guess.h - "did you mean": of what could have been written, what a slip turned into `word`.
 *
 *     guess_t guess = guess_begin(word);
 *     for each candidate: guess_add(&guess, candidate);
 *     "there is no %.*s%.*s", word, guess_text(mem, &guess) */
#ifndef BASE_GUESS_H
#define BASE_GUESS_H

#include "base/arena.h"
#include "base/str.h"

#include <stddef.h>

typedef struct {
    str_t word, best; /* best: the nearest so far; empty: none is near enough */
    unsigned distance;
} guess_t;

guess_t guess_begin(str_t word);
/* The first of several that are equally near stays. */
void guess_add(guess_t *guess, str_t candidate);
void guess_add_all(guess_t *guess, const str_t *candidates, size_t n);
/* "; did you mean \"x\"?" or nothing. */
str_t guess_text(arena_t *mem, const guess_t *guess);

#endif
