/* SPDX-License-Identifier: Apache-2.0 */
/* cli/check/place.h - where in a map file something stands that a compiled map no longer tells. */
#ifndef CLI_CHECK_PLACE_H
#define CLI_CHECK_PLACE_H

#include "base/arena.h"
#include "cli/check/finding.h"
#include "ldap/schema.h"
#include "map/map.h"
#include "json/json.h"

typedef struct {
    arena_t *mem;
    const char *file;
    str_t text;
    const json_t *json; /* NULL: the file is gone or has changed; then nothing has a place */
} places_t;

void places_load(places_t *places, arena_t *mem, const char *file);

/* Put the finding where the type says this of itself ("rdn", "objectClass"), or where the type
 * itself stands. */
void places_key(const places_t *places, const map_type_t *type, const char *key,
                finding_t *finding);
/* Where a path or a rule names the LDAP attribute; else the type's lifecycle. */
void places_attr(const places_t *places, const map_type_t *type, str_t ldap,
                 finding_t *finding);
/* Where the scope has the key ("filter", "bases"). */
void places_scope(const places_t *places, const map_scope_t *scope, const char *key,
                  finding_t *finding);

#endif
