/* SPDX-License-Identifier: Apache-2.0 */
/* fuzz/fuzz.h - what the harnesses have in common. */
#ifndef FUZZ_FUZZ_H
#define FUZZ_FUZZ_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

/* Each harness defines it; libFuzzer calls it, or driver.c. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* A property that no input may break. */
static inline void
require(bool holds)
{
    if (!holds)
        abort();
}

#endif
