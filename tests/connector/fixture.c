/* SPDX-License-Identifier: Apache-2.0 */
#include "connector/fixture.h"

#include <check.h>

static const struct {
    const char *name, *path, *body;
} resources[FIXTURE_RESOURCES] = {
    {"anna", "Users",
     "{'userName':'anna','displayName':'Anna','title':'Boss','externalId':'x-anna',"
     "'name':{'givenName':'Anna','familyName':'Arm'},"
     "'emails':[{'type':'work','value':'anna@example.com'}]}"},
    {"ben", "Users",
     "{'userName':'ben','displayName':'Ben','externalId':'x-ben',"
     "'name':{'givenName':'Ben','familyName':'Bow'},"
     "'emails':[{'type':'work','value':'ben@example.com'}],"
     "'" ENTERPRISE "':{'manager':'{anna}'}}"},
    {"cora", "Users",
     "{'userName':'cora','displayName':'Cora','externalId':'x-cora','active':false,"
     "'name':{'givenName':'Cora','familyName':'Cox'},"
     "'emails':[{'type':'work','value':'cora@example.com'}]}"},
    {"staff", "Groups", "{'displayName':'staff','members':[{'value':'{anna}'}]}"},
    {"board", "Groups",
     "{'displayName':'board','members':[{'value':'{anna}'},{'value':'{ben}'}]}"},
    {"empty", "Groups", "{'displayName':'empty'}"},
};

const char *
fixture_text(const fixture_t *fixture, const char *text)
{
    arena_t *mem = sim_mem(fixture->sim);
    str_t expanded = str_from_c(text);

    for (size_t i = 0; text && i < FIXTURE_RESOURCES; i++) {
        str_t name = str_printf(mem, "{%s}", resources[i].name);
        size_t at;

        while (fixture->ids[i].n && (at = str_find(expanded, name)) < expanded.n)
            expanded =
                str_printf(mem, "%.*s%.*s%.*s", STR_ARG(str_slice(expanded, 0, at)),
                           STR_ARG(fixture->ids[i]), STR_ARG(str_skip(expanded, at + name.n)));
    }
    return text ? str_dup_c(mem, expanded) : NULL;
}

str_t
fixture_id(const fixture_t *fixture, const char *name)
{
    for (size_t i = 0; i < FIXTURE_RESOURCES; i++)
        if (strcmp(resources[i].name, name) == 0)
            return fixture->ids[i];
    ck_abort_msg("nobody is called %s", name);
    return STR("");
}

void
fixture_make(fixture_t *fixture, sim_t *sim, connector_t *connector)
{
    *fixture = (fixture_t){.sim = sim};
    for (size_t i = 0; i < FIXTURE_RESOURCES; i++)
        fixture->ids[i] = sim_create(sim, connector, resources[i].path,
                                     fixture_text(fixture, resources[i].body));
    if (!model_find(sim_model(sim), STR("ou=users,ou=people,dc=example,dc=com")))
        return;
    model_put(sim_model(sim), "dn: uid=wild,ou=users,ou=people,dc=example,dc=com\n"
                              "objectClass: inetOrgPerson\nuid: wild\ncn: Wild\nsn: One\n"
                              "title: Old\nroomNumber: 7\n");
    model_put(sim_model(sim), "dn: uid=robot,ou=users,ou=people,dc=example,dc=com\n"
                              "objectClass: account\nuid: robot\n");
}

connector_t *
fixture_make_state(fixture_t *fixture, sim_t *sim, const map_t *map, fixture_state_t state)
{
    connector_t *connector = sim_connector(sim, map, 5000);

    fixture_make(fixture, sim, connector);
    if (state == COLD)
        return sim_connector(sim, map, 5000);
    if (state == TOMB)
        ck_assert_int_eq(
            sim_do(sim, connector, METHOD_DELETE, fixture_text(fixture, "Users/{ben}"), NULL)
                ->status,
            204);
    return connector;
}
