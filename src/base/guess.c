/* SPDX-License-Identifier: Apache-2.0 */
#include "base/guess.h"

guess_t
guess_begin(str_t word)
{
    /* A third of the word may be wrong: less is no resemblance, in short words above all. */
    return (guess_t){.word = word,
                     .best = STR(""),
                     .distance = (unsigned)(word.n > 24 ? 8 : word.n / 3) + 1};
}

void
guess_add(guess_t *guess, str_t candidate)
{
    unsigned distance = str_distance(guess->word, candidate);

    if (distance < guess->distance) {
        guess->distance = distance;
        guess->best = candidate;
    }
}

void
guess_add_all(guess_t *guess, const str_t *candidates, size_t n)
{
    for (size_t i = 0; i < n; i++)
        guess_add(guess, candidates[i]);
}

str_t
guess_text(arena_t *mem, const guess_t *guess)
{
    if (guess->best.n == 0)
        return STR("");
    return str_printf(mem, "; did you mean \"%.*s\"?", STR_ARG(guess->best));
}
