/* SPDX-License-Identifier: Apache-2.0 */
/* connector/password.h - passwords that nobody knows, for entries that must have one. */
#ifndef CONNECTOR_PASSWORD_H
#define CONNECTOR_PASSWORD_H

#include "base/arena.h"
#include "base/err.h"
#include "map/map.h"

/* 24 characters, 144 random bits, with capital and small letters, digits and a mark: what
 * directories' policies ask for; as the slot's attribute takes it. ERR_UNAVAILABLE without a source of randomness. */
bool password_generate(arena_t *mem, const map_slot_t *slot, str_t *ret_value, err_t *err)
    MUST_USE;

#endif
