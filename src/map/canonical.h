/* SPDX-License-Identifier: Apache-2.0 */
/* map/canonical.h - a JSON value as the one text that a directory keeps it by.
 *
 * Equal values have equal texts, and different values differ in more than a matching rule which
 * minds the case of letters looks at: members stand in the order of their names, characters beyond
 * ASCII and blanks that follow a blank are written as \u escapes (RFC 8259 §7). Numbers stay as
 * they were written. */
#ifndef MAP_CANONICAL_H
#define MAP_CANONICAL_H

#include "base/arena.h"
#include "base/err.h"
#include "scim/schema.h"
#include "json/json.h"

str_t map_canonical_text(arena_t *mem, const json_t *value);

/* The value of `attr` (one element, where it has several) that a text means, be it canonical or not.
 * NULL: the text is no JSON, or holds what the attribute cannot, so that no text of ours could
 * take its place. */
json_t *map_canonical_read(arena_t *mem, const scim_attr_t *attr, str_t text);

#endif
