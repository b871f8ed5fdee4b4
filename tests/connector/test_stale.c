/* SPDX-License-Identifier: Apache-2.0 */
/* What this instance remembers is not so any more; long walks of two; many members; long lists. */
#include "connector/fixture.h"
#include "support/suite_run.h"
#include "unit/map/sample.h"

#include <check.h>

/* ---- a cached DN never leads to the wrong entry ---- */

static size_t
count_titled(sim_t *sim, const char *title)
{
    return model_count(sim_model(sim), sim_format(sim, "(title=%s)", title));
}

/* What another instance does to Anna, at the same moment or before: 0 renames her and makes
 * another person of her old name; 1 deletes her, and a new Anna of another externalId takes the
 * name; 2 deletes and revives her. */
enum { BEHIND = 3 };

static void
act_behind(fixture_t *fixture, connector_t *other, unsigned kind)
{
    sim_t *sim = fixture->sim;
    const char *path = fixture_text(fixture, "Users/{anna}");

    if (kind == 0) {
        ck_assert_int_eq(sim_do(sim, other, METHOD_PATCH, path,
                                PATCH("{'op':'replace','path':'userName','value':'anne'}"))
                             ->status,
                         200);
        sim_create(sim, other, "Users", "{'userName':'anna','externalId':'mallory'}");
        return;
    }
    ck_assert_int_eq(sim_do(sim, other, METHOD_DELETE, path, NULL)->status, 204);
    if (kind == 1) {
        str_t id =
            sim_create(sim, other, "Users", "{'userName':'anna','externalId':'mallory'}");

        ck_assert(!str_eq(id, fixture_id(fixture, "anna")));
    } else {
        str_t id = sim_create(sim, other, "Users", "{'userName':'anna','externalId':'x-anna'}");

        ck_assert(str_eq(id, fixture_id(fixture, "anna")));
    }
}

/* Afterwards this instance, which still believes the old, writes. */
static void
run_stale(const map_t *map, unsigned kind, uint64_t seed)
{
    sim_t *sim = sim_new(seed);
    fixture_t fixture;
    connector_t *stale = sim_connector(sim, map, 0), *other = sim_connector(sim, map, 0);
    const sim_call_t *call;
    const ldap_entry_t *anna;
    bool gone = kind == 1;
    str_t id;

    fixture_make(&fixture, sim, stale);
    id = fixture_id(&fixture, "anna");
    act_behind(&fixture, other, kind);
    call = sim_do(sim, stale, METHOD_PATCH, fixture_text(&fixture, "Users/{anna}"),
                  PATCH("{'op':'replace','path':'title','value':'Stale'}"));
    anna = model_find_id(sim_model(sim), id);
    ck_assert_int_eq(call->status, gone ? 404 : 200);
    ck_assert_uint_eq(count_titled(sim, "Stale"), gone ? 0 : 1);
    ck_assert(gone || model_has(anna, "title", STR("Stale")));
    call = sim_do(sim, stale, METHOD_PATCH, fixture_text(&fixture, "Groups/{empty}"),
                  member_patch(sim, "add", id));
    ck_assert_int_eq(call->status, gone ? 400 : 204);
    ck_assert_uint_eq(model_count(sim_model(sim), sim_format(sim, "(&(cn=empty)(member=%.*s))",
                                                             STR_ARG(anna->dn))),
                      gone ? 0 : 1);
    call = sim_do(sim, stale, METHOD_PATCH, fixture_text(&fixture, "Users/{cora}"),
                  fixture_text(&fixture, PATCH("{'op':'add','path':'" ENTERPRISE
                                               ":manager','value':'{anna}'}")));
    ck_assert_int_eq(call->status, gone ? 400 : 200);
    ck_assert(gone || model_has(model_find_id(sim_model(sim), fixture_id(&fixture, "cora")),
                                "manager", anna->dn));
    call = sim_do(sim, stale, METHOD_DELETE, fixture_text(&fixture, "Users/{anna}"), NULL);
    ck_assert_int_eq(call->status, gone ? 404 : 204);
    ck_assert(ldap_entry_find(model_find_id(sim_model(sim), id), STR("scimDeletedAt")));
    ck_assert_uint_eq(
        model_count(sim_model(sim), "(&(scimExternalId=mallory)(!(scimDeletedAt=*)))"),
        kind == 2 ? 0 : 1);
    sim_free(sim);
}

START_TEST(test_stale)
{
    arena_t *mem ARENA_CLEANUP = arena_new(0);
    const map_t *map = sample_map(mem, "people");

    for (unsigned i = 0; i < sim_rounds(5); i++)
        run_stale(map, (unsigned)_i, sim_seed() + i);
}
END_TEST

/* Groups: another one has the name that this instance remembers for the first. */
START_TEST(test_stale_group)
{
    static const struct {
        method_t method;
        const char *body, *holds;
        int status;
    } writes[] = {
        {METHOD_PATCH, PATCH("{'op':'add','path':'members','value':[{'value':'{cora}'}]}"),
         "(&(cn=crew)(member=uid=cora," USERS "))", 204},
        {METHOD_PATCH, PATCH("{'op':'replace','path':'externalId','value':'e'}"),
         "(&(cn=crew)(scimExternalId=e))", 204},
        {METHOD_PUT, "{'displayName':'third','externalId':'e'}",
         "(&(cn=third)(scimExternalId=e)(" ANNA_IS "))", 200},
        {METHOD_DELETE, NULL, "(&(cn=staff)(!(cn=crew)))", 204},
    };
    arena_t *mem ARENA_CLEANUP = arena_new(0);
    const map_t *map = sample_map(mem, "people");
    sim_t *sim = sim_new(sim_seed());
    fixture_t fixture;
    connector_t *stale = fixture_make_state(&fixture, sim, map, WARM),
                *other = sim_connector(sim, map, 5000);
    const char *path = fixture_text(&fixture, "Groups/{staff}");
    const sim_call_t *call;
    str_t id;

    ck_assert_int_eq(sim_do(sim, other, METHOD_PATCH, path,
                            PATCH("{'op':'replace','path':'displayName','value':'crew'}"))
                         ->status,
                     204);
    id = sim_create(sim, other, "Groups", "{'displayName':'staff'}");
    call = sim_do(sim, stale, writes[_i].method, path, fixture_text(&fixture, writes[_i].body));
    ck_assert_msg(call->status == writes[_i].status, "%d %.*s (%.*s)", call->status,
                  STR_ARG(call->body), STR_ARG(call->trace));
    ck_assert_uint_eq(model_count(sim_model(sim), writes[_i].holds), 1);
    ck_assert(model_has(model_find_id(sim_model(sim), id), "cn", STR("staff")));
    ck_assert(model_has(model_find_id(sim_model(sim), id), "member", STR("cn=nobody")));
    ck_assert_uint_eq(count_members(sim, id), 1);
    ck_assert((model_find_id(sim_model(sim), fixture_id(&fixture, "staff")) == NULL) ==
              (writes[_i].method == METHOD_DELETE));
    sim_free(sim);
}
END_TEST

/* The same at the same moment: the write may come before or after, but never elsewhere. */
static void
run_crossing(const map_t *map, uint64_t seed)
{
    sim_t *sim = sim_new(seed);
    fixture_t fixture;
    connector_t *a = fixture_make_state(&fixture, sim, map, WARM),
                *b = sim_connector(sim, map, 5000);
    str_t id = fixture_id(&fixture, "anna"), value;
    const char *path = fixture_text(&fixture, "Users/{anna}");
    unsigned kind = sim_random(sim, 2);
    sim_call_t *calls[4];
    const ldap_entry_t *anna;

    calls[0] = sim_call(sim, a, METHOD_PATCH, path,
                        PATCH("{'op':'replace','path':'title','value':'Crossing'}"));
    calls[1] = kind ? sim_call(sim, b, METHOD_DELETE, path, NULL)
                    : sim_call(sim, b, METHOD_PATCH, path,
                               PATCH("{'op':'replace','path':'userName','value':'anne'}"));
    calls[2] = sim_call(sim, b, METHOD_POST, "Users",
                        "{'userName':'anna','externalId':'mallory','title':'M'}");
    calls[3] = sim_call(sim, a, METHOD_PATCH, path,
                        PATCH("{'op':'replace','path':'displayName','value':'Dis'}"));
    for (size_t i = 0; i < 4; i++)
        sim_begin(calls[i]);
    sim_run(sim);
    anna = model_find_id(sim_model(sim), id);
    ck_assert_msg(count_titled(sim, "Crossing") == model_has(anna, "title", STR("Crossing")),
                  "seed %llu: somebody else got Anna's title\n%.*s", (unsigned long long)seed,
                  STR_ARG(sim_directory(sim)));
    ck_assert_msg(model_count(sim_model(sim), "(displayName=Dis)") ==
                      model_has(anna, "displayName", STR("Dis")),
                  "seed %llu: somebody else got Anna's name", (unsigned long long)seed);
    ck_assert_msg(calls[0]->status != 200 || model_has(anna, "title", STR("Crossing")),
                  "seed %llu: %.*s", (unsigned long long)seed, STR_ARG(calls[0]->trace));
    ck_assert_msg(calls[2]->status == 201 || calls[2]->status == 409 || calls[2]->status == 503,
                  "seed %llu: POST %d %.*s", (unsigned long long)seed, calls[2]->status,
                  STR_ARG(calls[2]->body));
    if (calls[2]->status == 201) {
        value = sim_text(calls[2], "id");
        ck_assert(!str_eq(value, id));
        ck_assert(model_has(model_find_id(sim_model(sim), value), "title", STR("M")));
    }
    sim_free(sim);
}

START_TEST(test_crossing)
{
    arena_t *mem ARENA_CLEANUP = arena_new(0);
    const map_t *map = sample_map(mem, "people");

    for (unsigned i = 0; i < sim_rounds(100); i++)
        run_crossing(map, sim_seed() + i);
}
END_TEST

/* ---- a long walk of two instances: what is deleted is never seen ---- */

enum { WALKERS = 5, STEPS = 60 };

typedef struct {
    sim_t *sim;
    const map_t *map;
    connector_t *connectors[2];
    uint64_t seed;
    str_t ids[WALKERS], group; /* of the persons w0, w1 ...; empty: never made */
    bool alive[WALKERS];
    bool active[WALKERS];
    bool member[WALKERS];
} walk_t;

static connector_t *
any_connector(walk_t *walk)
{
    return walk->connectors[sim_random(walk->sim, 2)];
}

static const sim_call_t *
walk_do(walk_t *walk, method_t method, const char *path, const char *body)
{
    return sim_do(walk->sim, any_connector(walk), method, path, body);
}

static void
step_make(walk_t *walk, unsigned who)
{
    const sim_call_t *call =
        walk_do(walk, METHOD_POST, "Users",
                sim_format(walk->sim, "{'userName':'w%u','externalId':'x%u'}", who, who));
    str_t id;

    ck_assert_msg(call->status == (walk->alive[who] ? 409 : 201),
                  "seed %llu: POST w%u: %d %.*s", (unsigned long long)walk->seed, who,
                  call->status, STR_ARG(call->body));
    if (call->status != 201)
        return;
    id = sim_text(call, "id");
    ck_assert_msg(!walk->ids[who].n || str_eq(id, walk->ids[who]),
                  "seed %llu: w%u was revived under another id", (unsigned long long)walk->seed,
                  who);
    walk->ids[who] = id;
    walk->alive[who] = walk->active[who] = true;
    walk->member[who] = false;
}

static const char *
user_path(walk_t *walk, unsigned who)
{
    return sim_format(walk->sim, "Users/%.*s", STR_ARG(walk->ids[who]));
}

static void
step_delete(walk_t *walk, unsigned who)
{
    const sim_call_t *call = walk_do(walk, METHOD_DELETE, user_path(walk, who), NULL);

    ck_assert_msg(call->status == (walk->alive[who] ? 204 : 404), "seed %llu: DELETE w%u: %d",
                  (unsigned long long)walk->seed, who, call->status);
    walk->alive[who] = walk->member[who] = false;
}

static void
step_activate(walk_t *walk, unsigned who)
{
    bool active = sim_random(walk->sim, 2);
    const sim_call_t *call =
        walk_do(walk, METHOD_PATCH, user_path(walk, who),
                sim_format(walk->sim, PATCH("{'op':'Replace','path':'active','value':'%s'}"),
                           active ? "True" : "False"));

    ck_assert_msg(call->status == (walk->alive[who] ? 200 : 404), "seed %llu: w%u: %d",
                  (unsigned long long)walk->seed, who, call->status);
    if (walk->alive[who])
        walk->active[who] = active;
}

static void
step_member(walk_t *walk, unsigned who)
{
    bool add = sim_random(walk->sim, 2);
    const sim_call_t *call =
        walk_do(walk, METHOD_PATCH, sim_format(walk->sim, "Groups/%.*s", STR_ARG(walk->group)),
                member_patch(walk->sim, add ? "add" : "remove", walk->ids[who]));

    ck_assert_msg(call->status == (add && !walk->alive[who] ? 400 : 204),
                  "seed %llu: %s w%u: %d %.*s (%.*s)", (unsigned long long)walk->seed,
                  add ? "add" : "remove", who, call->status, STR_ARG(call->body),
                  STR_ARG(call->trace));
    if (walk->alive[who])
        walk->member[who] = add;
}

/* Every read of either instance shows exactly what there is. */
static void
check_world(walk_t *walk)
{
    for (size_t i = 0; i < 2; i++) {
        const sim_call_t *users =
            sim_do(walk->sim, walk->connectors[i], METHOD_GET, "Users", NULL);
        const sim_call_t *groups =
            sim_do(walk->sim, walk->connectors[i], METHOD_GET, "Groups", NULL);

        for (unsigned who = 0; who < WALKERS; who++) {
            const sim_call_t *one;

            if (!walk->ids[who].n)
                continue;
            ck_assert_msg(sim_shows(users, walk->ids[who]) == walk->alive[who],
                          "seed %llu: w%u in the list", (unsigned long long)walk->seed, who);
            ck_assert_msg(sim_shows(groups, walk->ids[who]) == walk->member[who],
                          "seed %llu: w%u in the group: %.*s", (unsigned long long)walk->seed,
                          who, STR_ARG(groups->body));
            one =
                sim_do(walk->sim, walk->connectors[i], METHOD_GET, user_path(walk, who), NULL);
            ck_assert_int_eq(one->status, walk->alive[who] ? 200 : 404);
            if (walk->alive[who]) {
                const json_t *active = json_find(sim_json(one), STR("active"));

                ck_assert_msg(json_is(active, JSON_BOOLEAN) &&
                                  active->u.boolean == walk->active[who],
                              "seed %llu: w%u: active", (unsigned long long)walk->seed, who);
            }
        }
    }
}

static void
run_walk(const map_t *map, uint64_t seed)
{
    walk_t walk = {.sim = sim_new(seed), .map = map, .seed = seed};

    for (size_t i = 0; i < 2; i++)
        walk.connectors[i] = sim_connector(walk.sim, map, 0);
    walk.group =
        sim_create(walk.sim, walk.connectors[0], "Groups", "{'displayName':'walkers'}");
    for (unsigned i = 0; i < STEPS; i++) {
        unsigned who = sim_random(walk.sim, WALKERS), what = sim_random(walk.sim, 8);

        if (!walk.ids[who].n || what < 2)
            step_make(&walk, who);
        else if (what == 2)
            step_delete(&walk, who);
        else if (what < 5)
            step_activate(&walk, who);
        else
            step_member(&walk, who);
        if (i % 10 == 9)
            check_world(&walk);
    }
    sim_free(walk.sim);
}

START_TEST(test_walk)
{
    arena_t *mem ARENA_CLEANUP = arena_new(0);
    const map_t *map = sample_map(mem, "people");

    for (unsigned i = 0; i < sim_rounds(8); i++)
        run_walk(map, sim_seed() + i);
}
END_TEST

/* ---- many at once: batches ---- */

enum { CROWD = 250 };

static const char *
crowd_patch(sim_t *sim, const char *op, const str_t *ids, size_t n)
{
    buf_t buf;

    buf_init(&buf, sim_mem(sim), 1024 * 1024);
    buf_printf(&buf,
               "{'schemas':['urn:ietf:params:scim:api:messages:2.0:PatchOp'],'Operations':["
               "{'op':'%s','path':'members','value':[",
               op);
    for (size_t i = 0; i < n; i++)
        buf_printf(&buf, "%s{'value':'%.*s'}", i ? "," : "", STR_ARG(ids[i]));
    buf_add_c(&buf, "]}]}");
    return buf_str(&buf).p;
}

static size_t
count_shown(const sim_call_t *call, const str_t *ids)
{
    size_t n = 0;

    for (size_t i = 0; i < CROWD; i++)
        n += sim_shows(call, ids[i]);
    return n;
}

static void
check_crowd_patch(sim_t *sim, connector_t *connector, const char *path, const char *body,
                  const char *trace)
{
    const sim_call_t *call = sim_do(sim, connector, METHOD_PATCH, path, body);

    ck_assert_msg(call->status == 204, "%d %.*s", call->status, STR_ARG(call->body));
    ck_assert_msg(str_eq(call->trace, str_from_c(trace)), "%.*s", STR_ARG(call->trace));
}

START_TEST(test_crowd)
{
    arena_t *mem ARENA_CLEANUP = arena_new(0);
    const map_t *map = sample_map(mem, "people");
    sim_t *sim = sim_new(sim_seed());
    connector_t *connector = sim_connector(sim, map, 5000);
    str_t ids[CROWD], group;
    const char *path;
    const sim_call_t *call;

    for (unsigned i = 0; i < CROWD; i++)
        ids[i] = sim_create(sim, connector, "Users", sim_format(sim, "{'userName':'u%u'}", i));
    group = sim_create(sim, connector, "Groups", "{'displayName':'crowd'}");
    path = sim_format(sim, "Groups/%.*s", STR_ARG(group));
    /* Ids are asked for by the hundred, at the same time. */
    check_crowd_patch(sim, sim_connector(sim, map, 5000), path,
                      crowd_patch(sim, "add", ids, 120),
                      "search one; search one; search one limit 2; modify guarded post-read; "
                      "search base; modify guarded post-read");
    ck_assert_uint_eq(count_members(sim, group), 120);
    /* More are in question than are asked for one by one: all members are read. */
    check_crowd_patch(
        sim, sim_connector(sim, map, 5000), path, crowd_patch(sim, "add", ids, CROWD),
        "search one; search one; search one; search one limit 2; modify guarded post-read; "
        "search base; modify guarded post-read");
    ck_assert_uint_eq(count_members(sim, group), CROWD);
    call = sim_do(sim, sim_connector(sim, map, 5000), METHOD_GET, path, NULL);
    ck_assert_uint_eq(count_shown(call, ids), CROWD);
    ck_assert(
        str_eq(call->trace, STR("search one limit 2; search one; search one; search one")));
    call = sim_do(sim, connector, METHOD_GET, "Users?count=240", NULL);
    ck_assert_uint_eq(count_shown(call, ids), 240);
    ck_assert(
        str_eq(call->trace,
               STR("search one limit 241; search one; search one; search one; search one")));
    call = sim_do(sim, connector, METHOD_GET, "Users?startIndex=241&count=240", NULL);
    ck_assert_uint_eq(count_shown(call, ids), 10);
    ck_assert(str_eq(call->trace, STR("search one")));
    /* Another instance has changed the group since; its version is read again. */
    check_crowd_patch(sim, connector, path, crowd_patch(sim, "remove", ids + 1, CROWD - 1),
                      "modify guarded post-read; search base; modify guarded post-read");
    ck_assert_uint_eq(count_members(sim, group), 1);
    check_crowd_patch(sim, connector, path, crowd_patch(sim, "remove", ids, CROWD),
                      "modify guarded post-read; search base; modify guarded post-read; modify "
                      "guarded post-read; "
                      "search one; search one; search one");
    ck_assert_uint_eq(count_members(sim, group), 1); /* the placeholder */
    sim_free(sim);
}
END_TEST

/* ---- a directory in which the lifecycle's steps have no effect ---- */

static const struct {
    const char *name, *map, *attr;
    method_t method;
    const char *path, *body;
} overridden[] = {
    {"disable", "people", "pwdEndTime", METHOD_PATCH, "Users/{anna}",
     PATCH("{'op':'replace','path':'active','value':false}")},
    {"disable with more", "people", "pwdEndTime", METHOD_PATCH, "Users/{anna}",
     PATCH("{'op':'replace','value':{'active':false,'displayName':'D'}}")},
    {"hide, with a stamp", "sign-in-enterprise", "scimInactiveSince", METHOD_PATCH,
     "Users/{anna}", PATCH("{'op':'replace','path':'active','value':false}")},
    {"enable", "people", "pwdEndTime", METHOD_PATCH, "Users/{cora}",
     PATCH("{'op':'replace','path':'active','value':true}")},
    {"delete", "people", "scimDeletedAt", METHOD_DELETE, "Users/{anna}", NULL},
    {"delete, and lock", "people", "pwdEndTime", METHOD_DELETE, "Users/{anna}", NULL},
    {"make inactive", "people", "pwdEndTime", METHOD_POST, "Users",
     "{'userName':'new','active':false}"},
};

/* No success is told of what cannot be seen. */
START_TEST(test_overridden)
{
    arena_t *mem ARENA_CLEANUP = arena_new(0);
    sim_t *sim = sim_new(sim_seed());
    fixture_t fixture;
    connector_t *connector =
        fixture_make_state(&fixture, sim, sample_map(mem, overridden[_i].map), WARM);
    const sim_call_t *call;

    model_override(sim_model(sim), overridden[_i].attr);
    call = sim_do(sim, connector, overridden[_i].method,
                  fixture_text(&fixture, overridden[_i].path),
                  fixture_text(&fixture, overridden[_i].body));
    ck_assert_msg(call->status == 502, "%s: %d %.*s", overridden[_i].name, call->status,
                  STR_ARG(call->body));
    sim_free(sim);
}
END_TEST

/* ---- paging ---- */

/* Every resource is on exactly one page, whatever the sizes. */
START_TEST(test_pages)
{
    enum { MANY = 23 };
    arena_t *mem ARENA_CLEANUP = arena_new(0);
    const map_t *map = sample_map(mem, "people");
    sim_t *sim = sim_new(sim_seed() + (unsigned)_i);
    connector_t *connector = sim_connector(sim, map, 5000);
    str_t ids[MANY];
    unsigned seen[MANY] = {0}, count = 1 + sim_random(sim, MANY + 2);

    for (unsigned i = 0; i < MANY; i++)
        ids[i] = sim_create(sim, connector, "Users", sim_format(sim, "{'userName':'u%u'}", i));
    for (unsigned start = 1; start <= MANY; start += count) {
        const sim_call_t *call =
            sim_do(sim, connector, METHOD_GET,
                   sim_format(sim, "Users?startIndex=%u&count=%u", start, count), NULL);
        const json_t *total = json_find(sim_json(call), STR("totalResults"));
        int64_t n;

        ck_assert_int_eq(call->status, 200);
        ck_assert(json_to_int64(total, &n) && n == MANY);
        for (unsigned i = 0; i < MANY; i++)
            seen[i] += sim_shows(call, ids[i]);
    }
    for (unsigned i = 0; i < MANY; i++)
        ck_assert_msg(seen[i] == 1, "pages of %u: u%u was seen %u times", count, i, seen[i]);
    sim_free(sim);
}
END_TEST

/* Who pages at the same time shares one listing; where it fails, another makes it. */
static void
run_pages_together(const map_t *map, uint64_t seed)
{
    enum { READERS = 4, PEOPLE_THERE = 9 };
    sim_t *sim = sim_new(seed);
    connector_t *connector = sim_connector(sim, map, 5000);
    sim_call_t *calls[READERS];
    str_t ids[PEOPLE_THERE];
    unsigned seen[PEOPLE_THERE] = {0}, listings = 0;
    bool faults = seed % 2;

    for (unsigned i = 0; i < PEOPLE_THERE; i++)
        ids[i] = sim_create(sim, connector, "Users", sim_format(sim, "{'userName':'u%u'}", i));
    for (unsigned i = 0; i < READERS; i++) {
        calls[i] = sim_call(sim, connector, METHOD_GET,
                            sim_format(sim, "Users?startIndex=%u&count=3", 1 + i * 3), NULL);
        calls[i]->fault = faults && i == 0 ? 1 + sim_random(sim, SIM_FAULTS - 1) : SIM_NO_FAULT;
        calls[i]->fault_at = sim_random(sim, 3);
    }
    for (unsigned i = 0; i < READERS; i++)
        sim_begin(calls[i]);
    sim_run(sim);
    for (unsigned i = 0; i < READERS; i++) {
        ck_assert_msg(calls[i]->status == 200 || calls[i]->faulted, "seed %llu: %d %.*s",
                      (unsigned long long)seed, calls[i]->status, STR_ARG(calls[i]->body));
        for (unsigned j = 0; j < PEOPLE_THERE; j++)
            seen[j] += calls[i]->status == 200 && sim_shows(calls[i], ids[j]);
        for (unsigned j = 0; j < calls[i]->operations; j++)
            listings += calls[i]->ops[j].lane == LDAP_LANE_BULK;
    }
    for (unsigned j = 0; j < PEOPLE_THERE; j++)
        ck_assert_msg(seen[j] == 1 || (faults && seen[j] == 0), "seed %llu: u%u %u times",
                      (unsigned long long)seed, j, seen[j]);
    /* Who begins anew takes none from before what was written in this very millisecond. */
    ck_assert_msg(listings >= 1 && listings <= (faults ? 3 : 2), "seed %llu: %u listings",
                  (unsigned long long)seed, listings);
    sim_free(sim);
}

START_TEST(test_pages_together)
{
    arena_t *mem ARENA_CLEANUP = arena_new(0);
    const map_t *map = sample_map(mem, "people");

    for (unsigned i = 0; i < sim_rounds(20); i++)
        run_pages_together(map, sim_seed() + i);
}
END_TEST

int
main(void)
{
    Suite *suite = suite_create("stale");
    TCase *tests = tcase_create("stale");

    tcase_add_loop_test(tests, test_stale, 0, BEHIND);
    tcase_add_loop_test(tests, test_stale_group, 0, 4);
    tcase_add_test(tests, test_crossing);
    tcase_add_test(tests, test_walk);
    tcase_add_test(tests, test_crowd);
    tcase_add_loop_test(tests, test_overridden, 0, (int)ARRAY_SIZE(overridden));
    tcase_add_loop_test(tests, test_pages, 0, 10);
    tcase_add_test(tests, test_pages_together);
    tcase_set_timeout(tests, 600);
    suite_add_tcase(suite, tests);
    return suite_run(suite);
}
