/* SPDX-License-Identifier: Apache-2.0 */
/* connector/placement.h - requests as rows, over a map whose rules, places and lifecycle differ from row to row: what the
 * directory has afterwards, and that a fault at any operation leaves nothing that the same request does not mend. */
#ifndef TESTS_CONNECTOR_PLACEMENT_H
#define TESTS_CONNECTOR_PLACEMENT_H

#include "connector/fixture.h"

/* What differs of the map. */
typedef struct {
    const char *more, *parent, *entry, *inactive, *deleted; /* NULL: as usual */
    bool repairs;                                           /* references: the bridge */
} shape_t;

/* Entries beforehand, perhaps a person "anna" made through the connector, and one request. */
typedef struct {
    const char *name;
    const shape_t *shape;
    const char *before[3];
    const char *anna; /* the body of her POST; NULL: she is not there */
    const char *then; /* a PATCH of hers before the request; NULL: none */
    bool deleted;     /* or she was deleted */
    method_t method;
    const char *path, *body; /* "{anna}": her id */
    int status;
    const char *trace;
    const char *holds[2]; /* filters that exactly one entry matches afterwards */
} row_t;

#define PERSON(dn) "dn: " dn "\nobjectClass: inetOrgPerson\nsn: S\ncn: C\n"
#define STAFF ",ou=staff,dc=example,dc=com"
#define ANNA_IN(department) \
    "{'userName':'anna','" ENTERPRISE "':{'department':'" department "'}}"
#define UNIT(name)                                                                           \
    "dn: ou=" name ",ou=staff,dc=example,dc=com\nobjectClass: organizationalUnit\nou: " name \
    "\n"
#define ACTIVE(value) PATCH("{'op':'replace','path':'active','value':" value "}")

const map_t *make_map(arena_t *mem, const shape_t *shape);

/* A directory as the row has it beforehand. */
typedef struct {
    sim_t *sim;
    connector_t *connector;
    const char *path; /* with her id */
} made_t;

made_t make_row(const row_t *row, const map_t *map, uint64_t seed);
/* "{anna}" in a path becomes the id. */
const char *with_id(sim_t *sim, const char *path, str_t id);

/* The request is answered as the row says. */
void check_row(const row_t *row);
/* The same with a fault at each operation, and repeated. */
void check_row_faulted(const row_t *row);

#endif
