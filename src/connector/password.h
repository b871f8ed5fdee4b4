/* SPDX-License-Identifier: Apache-2.0 */
/* connector/password.h - passwords that nobody knows, for entries that must have one. */
#ifndef CONNECTOR_PASSWORD_H
#define CONNECTOR_PASSWORD_H

#include "base/arena.h"
#include "base/err.h"

/* 24 characters, 144 random bits, with capital and small letters, digits and a mark: what
 * directories' policies ask for. ERR_UNAVAILABLE without a source of randomness. */
bool password_generate(arena_t *mem, str_t *ret_password, err_t *err) MUST_USE;

#endif
