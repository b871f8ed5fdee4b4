/* SPDX-License-Identifier: Apache-2.0 */
#include "connector/fixture.h"
#include "map/load.h"

#include <check.h>
#include <stdlib.h>

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

/* Entries that this program did not make; each where its base is. */
static const struct {
    const char *name, *base, *lines;
} strangers[FIXTURE_STRANGERS] = {
    {"wild", "ou=users,ou=people,dc=example,dc=com",
     "objectClass: inetOrgPerson\nuid: wild\ncn: Wild\nsn: One\ntitle: Old\nroomNumber: 7\n"},
    {"robot", "ou=users,ou=people,dc=example,dc=com", "objectClass: account\nuid: robot\n"},
    {"svc-bot", "ou=users,ou=sign-in-enterprise,dc=example,dc=com",
     "objectClass: inetOrgPerson\nobjectClass: scimResource\nuid: svc-bot\ncn: Bot\nsn: Bot\n"},
};

static void
put_strangers(fixture_t *fixture)
{
    model_t *model = sim_model(fixture->sim);

    for (size_t i = 0; i < FIXTURE_STRANGERS; i++) {
        str_t dn = str_printf(sim_mem(fixture->sim), "uid=%s,%s", strangers[i].name,
                              strangers[i].base);

        if (!model_find(model, str_from_c(strangers[i].base)))
            continue;
        model_put(model, sim_format(fixture->sim, "dn: %s\n%s", dn.p, strangers[i].lines));
        if (!ldap_entry_first(model_find(model, dn), STR("entryUUID"), &fixture->strangers[i]))
            ck_abort();
    }
}

static str_t
expand(const fixture_t *fixture, str_t text, const char *name, str_t id)
{
    arena_t *mem = sim_mem(fixture->sim);
    str_t braced = str_printf(mem, "{%s}", name);
    size_t at;

    while (id.n && (at = str_find(text, braced)) < text.n)
        text = str_printf(mem, "%.*s%.*s%.*s", STR_ARG(str_slice(text, 0, at)), STR_ARG(id),
                          STR_ARG(str_skip(text, at + braced.n)));
    return text;
}

const char *
fixture_text(const fixture_t *fixture, const char *text)
{
    str_t expanded = str_from_c(text);

    if (!text)
        return NULL;
    for (size_t i = 0; i < FIXTURE_RESOURCES; i++)
        expanded = expand(fixture, expanded, resources[i].name, fixture->ids[i]);
    for (size_t i = 0; i < FIXTURE_STRANGERS; i++)
        expanded = expand(fixture, expanded, strangers[i].name, fixture->strangers[i]);
    return str_dup_c(sim_mem(fixture->sim), expanded);
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
    put_strangers(fixture);
}

connector_t *
fixture_make_state(fixture_t *fixture, sim_t *sim, const map_t *map, fixture_state_t state)
{
    connector_t *connector = sim_connector(sim, map, 5000);

    if (map->repairs)
        model_leave_references(sim_model(sim), true);
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

const map_t *
fixture_map(arena_t *mem, const char *text)
{
    size_t n = strlen(text);
    char *quoted = arena_alloc(mem, n + 1);
    diag_list_t diags;
    const map_t *map;
    buf_t said;

    for (size_t i = 0; i < n; i++)
        quoted[i] = text[i] == '\'' ? '"' : text[i];
    quoted[n] = '\0';
    diag_init(&diags, mem);
    map = map_load(mem, "map", str_from(quoted, n), ldap_schema_builtin(), &diags);
    buf_init(&said, mem, 8192);
    diag_write(&said, &diags);
    ck_assert_msg(map != NULL, "%s", buf_str(&said).p);
    return map;
}

/* ---- for random schedules ---- */

uint64_t
sim_seed(void)
{
    const char *text = getenv("SIM_SEED");
    int64_t seed;

    return text && str_to_int64(str_from_c(text), &seed) ? (uint64_t)seed : 1;
}

unsigned
sim_rounds(unsigned each)
{
    const char *text = getenv("SIM_ROUNDS");
    int64_t n;

    return each * (text && str_to_int64(str_from_c(text), &n) && n > 0 ? (unsigned)n : 2);
}

bool
sim_succeeded(const sim_call_t *call)
{
    return call->status >= 200 && call->status < 300;
}

str_t
sim_directory(sim_t *sim)
{
    return model_text(sim_model(sim), sim_mem(sim));
}

bool
sim_shows(const sim_call_t *call, str_t id)
{
    return str_find(call->body, id) < call->body.n;
}

size_t
count_members(sim_t *sim, str_t group)
{
    const ldap_attr_t *members =
        ldap_entry_find(model_find_id(sim_model(sim), group), STR("member"));

    return members ? members->n : 0;
}

const char *
member_patch(sim_t *sim, const char *op, str_t id)
{
    return sim_format(sim, PATCH("{'op':'%s','path':'members','value':[{'value':'%.*s'}]}"), op,
                      STR_ARG(id));
}
