/* SPDX-License-Identifier: Apache-2.0 */
/* The shipped maps, a few resources that references may name, and JSON by the line. */
#ifndef TEST_MAP_SAMPLE_H
#define TEST_MAP_SAMPLE_H

#include "map/map.h"
#include "scim/patch.h"
#include "json/json.h"

#define SAMPLE_URL STR("https://scim.example/people/scim/v2")
#define SAMPLE_NOW 1767261600 /* 2026-01-01T10:00:00Z */
#define SAMPLE_STAMP "20260101100000Z"

#define ANNA_ID "11111111-1111-1111-1111-111111111111"
#define ANNA_DN "uid=anna,ou=users,ou=people,dc=example,dc=com"
#define BEN_ID "22222222-2222-2222-2222-222222222222"
#define BEN_DN "uid=ben,ou=users,ou=people,dc=example,dc=com"
#define STAFF_ID "33333333-3333-3333-3333-333333333333"
#define STAFF_DN "cn=staff,ou=groups,ou=people,dc=example,dc=com"

/* conf/maps/NAME.jsonc, or that with "integrity": "bridge" for "NAME+bridge", over the built-in schema; fails the test when it does not load. */
const map_t *sample_map(arena_t *mem, const char *name);
const map_type_t *sample_type(const map_t *map, const char *name);

/* Anna and Ben, users, and Staff, a group, of the people map. */
const map_links_t *sample_links(arena_t *mem, const map_t *map);

/* Parse; ' stands for ". */
json_t *sample_json(arena_t *mem, const char *text);
str_t sample_text(arena_t *mem, const json_t *value);

/* Operations without quirks; the body is {"schemas": …, "Operations": text}. */
scim_patch_t sample_patch(arena_t *mem, const char *operations);

/* An entry from "attr: value" lines, the first being "dn: …". */
ldap_entry_t *sample_entry(arena_t *mem, const char *text);
/* The entry's lines in the order of the entry. */
str_t sample_lines(arena_t *mem, const ldap_entry_t *entry);
/* "op attr: value, value; …" */
str_t sample_mods(arena_t *mem, const ldap_mods_t *mods);

#endif
