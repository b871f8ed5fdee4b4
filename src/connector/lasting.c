/* SPDX-License-Identifier: Apache-2.0 */
#include "connector/lasting.h"

#include <stdatomic.h>
#include <stdlib.h>

static void
free_lasting(lasting_t *lasting)
{
    gate_table_free(lasting->gates);
    lost_free(lasting->lost);
    renames_free(lasting->renames);
    free(lasting);
}

lasting_t *
lasting_new(void)
{
    lasting_t *lasting = calloc(1, sizeof(*lasting));

    if (!lasting)
        return NULL;
    lasting->refs = 1;
    lasting->gates = gate_table_new();
    lasting->lost = lost_new();
    lasting->renames = renames_new();
    if (lasting->gates && lasting->lost && lasting->renames)
        return lasting;
    free_lasting(lasting);
    return NULL;
}

lasting_t *
lasting_ref(lasting_t *lasting)
{
    atomic_fetch_add(&lasting->refs, 1);
    return lasting;
}

void
lasting_unref(lasting_t *lasting)
{
    if (lasting && atomic_fetch_sub(&lasting->refs, 1) == 1)
        free_lasting(lasting);
}
