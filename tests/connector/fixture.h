/* SPDX-License-Identifier: Apache-2.0 */
/* connector/fixture.h - a few people and groups that stand ready, and requests about them. */
#ifndef TEST_CONNECTOR_FIXTURE_H
#define TEST_CONNECTOR_FIXTURE_H

#include "support/sim.h"

enum { FIXTURE_RESOURCES = 6, FIXTURE_STRANGERS = 3 };

/* Anna, Ben (whose manager is Anna), Cora (inactive); groups staff (Anna), board (Anna, Ben), empty. */
typedef struct {
    sim_t *sim;
    str_t ids[FIXTURE_RESOURCES], strangers[FIXTURE_STRANGERS];
} fixture_t;

typedef enum {
    WARM, /* all of it has just been made through the connector */
    COLD, /* another instance made it */
    TOMB  /* as WARM, and Ben was deleted */
} fixture_state_t;

/* Make them through `connector`. In the people map's base also stand "wild", a person whom nobody
 * provisions, and "robot", which is none; in that of sign-in-enterprise "svc-bot", whom the map protects. */
void fixture_make(fixture_t *fixture, sim_t *sim, connector_t *connector);
/* The same in the given state; the connector to go on with. */
connector_t *fixture_make_state(fixture_t *fixture, sim_t *sim, const map_t *map,
                                fixture_state_t state);
/* The map of this text, in which ' stands for ", over the built-in schema; fails the test when it does not load. */
const map_t *fixture_map(arena_t *mem, const char *text);

/* The text with the ids in place of "{anna}" and so on. NULL stays NULL. */
const char *fixture_text(const fixture_t *fixture, const char *text);
str_t fixture_id(const fixture_t *fixture, const char *name);

/* One request, and what it takes. */
typedef struct {
    const char *name, *map;
    fixture_state_t state;
    method_t method;
    const char *path, *body;
    int status;
    const char *trace; /* of sim_call_t */
    const char *holds; /* an LDAP filter that exactly one entry matches afterwards; NULL: any */
} fixture_row_t;

extern const fixture_row_t fixture_rows[];
extern const size_t fixture_n_rows;

/* ---- for random schedules ---- */

/* SIM_SEED is the first seed (default 1), SIM_ROUNDS (default 2) multiplies how many each test tries. */
uint64_t sim_seed(void);
unsigned sim_rounds(unsigned each);

bool sim_succeeded(const sim_call_t *call);
/* Whether the id is in the response. */
bool sim_shows(const sim_call_t *call, str_t id);
/* model_text, for messages. */
str_t sim_directory(sim_t *sim);
/* How many values of `member` the group has. */
size_t count_members(sim_t *sim, str_t group);
/* A PATCH body: "add" or "remove" one member. */
const char *member_patch(sim_t *sim, const char *op, str_t id);

#define USERS "ou=users,ou=people,dc=example,dc=com"
#define ANNA_IS "member=uid=anna," USERS
#define BEN_IS "member=uid=ben," USERS
#define ENTERPRISE "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User"
#define PATCH(ops) \
    "{'schemas':['urn:ietf:params:scim:api:messages:2.0:PatchOp'],'Operations':[" ops "]}"

#endif
