/* SPDX-License-Identifier: Apache-2.0 */
/* map/value.h - one value, from SCIM to LDAP and back, by a slot's conversion. */
#ifndef MAP_VALUE_H
#define MAP_VALUE_H

#include "base/err.h"
#include "map/map.h"
#include "json/json.h"

/* ERR_INVALID_VALUE names the path and why the directory could not hold the value (its syntax,
 * an unknown reference). References go through `links` (NULL: none resolves). */
bool map_value_to_ldap(arena_t *mem, const map_slot_t *slot, const json_t *value,
                       const map_links_t *links, str_t *ret_value, err_t *err) MUST_USE;

/* A reference that does not resolve, in a slot that leaves such out. */
bool map_value_is_dropped(const map_slot_t *slot, const json_t *value,
                          const map_links_t *links);

/* An LDAP value that stands for none. */
bool map_value_is_none(arena_t *mem, const map_slot_t *slot, str_t value);

/* NULL when the LDAP value cannot be shown (not UTF-8, a reference that does not resolve,
 * another spelling, JSON of something else, a password): it is unseen and stays untouched. */
json_t *map_value_to_scim(arena_t *mem, const map_slot_t *slot, str_t value,
                          const map_links_t *links);

/* A value as text: what a template puts in, and what tells values apart. */
str_t map_value_text(arena_t *mem, const json_t *value);

/* Base64 with padding (RFC 4648 §4); false when the text is anything else. */
bool map_value_decode_base64(arena_t *mem, str_t text, str_t *ret_bytes) MUST_USE;

/* Lines separated by newlines as a Postal Address (RFC 4517 §3.3.28). */
str_t map_value_encode_postal(arena_t *mem, str_t lines);
str_t map_value_decode_postal(arena_t *mem, str_t value);

/* A password as the slot's attribute takes it: unicodePwd in quotation marks, in UTF-16 ([MS-ADTS] 3.1.1.3.1.5). */
str_t map_password_value(arena_t *mem, const map_slot_t *slot, str_t password);

#endif
