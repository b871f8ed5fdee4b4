/* SPDX-License-Identifier: Apache-2.0 */
/* Numbers of a counter entry: what taking one costs, and that none is given twice whatever happens. */
#include "connector/fixture.h"
#include "support/suite_run.h"

#include <check.h>

/* %s: further settings of the type, and the rule of uidNumber. */
static const char map_text[] =
    "{'dialect':'openldap','scopes':{"
    "'users':{'bases':['ou=staff,dc=example,dc=com'],'depth':'one','unique':['uid'],"
    "'filter':'(objectClass=inetOrgPerson)'}},"
    "'resources':{'User':{'scope':'users','rdn':'uid','objectClass':['inetOrgPerson'],"
    "'auxiliary':['scimResource','posixAccount'],'adopt':'match',"
    "'parent':'ou=staff,dc=example,dc=com',%s"
    "'attributes':{'userName':{'ldap':'uid','required':true},'title':'title','externalId':'"
    "scimExternalId'},"
    "'entry':{'cn':'Some','sn':'Body','gidNumber':'100',"
    "'homeDirectory':{'from':'/home/{userName}','write':'if-empty'},"
    "'uidNumber':{'allocate':'cn=uid,ou=counters,dc=example,dc=com'%s}},"
    "'lifecycle':{'deleted':{'when':'(scimDeletedAt=*)','stamp':'scimDeletedAt','aside':['uid']"
    "}}}}}";

typedef struct {
    const char *more, *rule;
} shape_t;

#define BY_NAME "'match':['userName'],"

static const shape_t plain = {BY_NAME, ""}, ranged = {BY_NAME, ",'range':[1000,1001]"},
                     filling = {BY_NAME, ",'write':'if-empty'"},
                     unique = {BY_NAME "'unique':['uidNumber'],", ""},
                     elsewhere = {BY_NAME, ",'counter':'gidNumber'"},
                     rivals = {"'match':['externalId'],", ""};

/* How the server may be: the root DSE tells that it increments, does not, or lies. */
typedef enum { TELLS, TELLS_NOT, LIES, SERVERS } server_t;

static const char *const server_names[] = {"increments", "swaps", "claims to increment"};

#define COUNTER "dn: cn=uid,ou=counters,dc=example,dc=com\nobjectClass: device\ncn: uid\n"
#define AT_1000 COUNTER "uidNumber: 1000\n"
#define PERSON(uid, more)                                                               \
    "dn: uid=" uid ",ou=staff,dc=example,dc=com\nobjectClass: inetOrgPerson\nuid: " uid \
    "\ncn: C\nsn: S\n" more

static const map_t *
make_map(arena_t *mem, const shape_t *shape)
{
    return fixture_map(mem, str_printf(mem, map_text, shape->more, shape->rule).p);
}

static connector_t *
make_instance(sim_t *sim, server_t server, const map_t *map)
{
    connector_t *connector = sim_connector(sim, map, 5000);
    ldap_features_t features = LDAP_FEATURES_KNOWN | map->dialect->features;

    if (server == TELLS_NOT)
        features &= ~(ldap_features_t)LDAP_FEATURE_INCREMENT;
    connector_set_features(connector, features);
    return connector;
}

static sim_t *
make_directory(uint64_t seed, server_t server, const char *counter)
{
    sim_t *sim = sim_new(seed);
    model_t *model = sim_model(sim);

    if (server == LIES)
        model_forget_increments(model);
    model_put_base(model, STR("ou=counters,dc=example,dc=com"));
    if (counter)
        model_put(model, counter);
    return sim;
}

/* ---- one request ---- */

typedef struct {
    const char *name;
    const shape_t *shape;
    server_t server;
    const char *counter, *before; /* entries; NULL: none */
    const char *body;
    int status;
    const char *trace;    /* NULL: any */
    const char *said;     /* in the body; NULL: anything */
    const char *holds[2]; /* filters that exactly one entry matches afterwards */
} row_t;

#define JO "{'userName':'jo'}"
#define LOOK "search one limit 20; "

static const row_t rows[] = {
    {"increment",
     &plain,
     TELLS,
     AT_1000,
     NULL,
     JO,
     201,
     LOOK "modify post-read; add post-read",
     NULL,
     {"(&(uid=jo)(uidNumber=1000))", "(&(cn=uid)(uidNumber=1001))"}},
    {"swap",
     &plain,
     TELLS_NOT,
     AT_1000,
     NULL,
     JO,
     201,
     LOOK "search base; modify; add post-read",
     NULL,
     {"(&(uid=jo)(uidNumber=1000))", "(&(cn=uid)(uidNumber=1001))"}},
    {"an increment that is unknown after all",
     &plain,
     LIES,
     AT_1000,
     NULL,
     JO,
     201,
     LOOK "modify post-read; search base; modify; add post-read",
     NULL,
     {"(&(uid=jo)(uidNumber=1000))", "(&(cn=uid)(uidNumber=1001))"}},
    {"another attribute of the counter",
     &elsewhere,
     TELLS,
     COUNTER "gidNumber: 7\n",
     NULL,
     JO,
     201,
     NULL,
     NULL,
     {"(&(uid=jo)(uidNumber=7))", "(&(cn=uid)(gidNumber=8))"}},
    {"no counter",
     &plain,
     TELLS,
     NULL,
     NULL,
     JO,
     502,
     LOOK "modify post-read",
     "there is no such entry",
     {NULL}},
    {"no counter to be read",
     &plain,
     TELLS_NOT,
     NULL,
     NULL,
     JO,
     502,
     NULL,
     "there is no such entry",
     {NULL}},
    {"a counter without a number",
     &plain,
     TELLS,
     COUNTER,
     NULL,
     JO,
     502,
     NULL,
     "has no value",
     {NULL}},
    {"a counter that shows no number",
     &plain,
     TELLS_NOT,
     COUNTER,
     NULL,
     JO,
     502,
     NULL,
     "shows no number",
     {NULL}},
    {"the last number",
     &ranged,
     TELLS,
     COUNTER "uidNumber: 1001\n",
     NULL,
     JO,
     201,
     NULL,
     NULL,
     {"(&(uid=jo)(uidNumber=1001))"}},
    {"beyond the last number",
     &ranged,
     TELLS,
     COUNTER "uidNumber: 1002\n",
     NULL,
     JO,
     502,
     NULL,
     "is at 1002, and the map gives those from 1000 to 1001",
     {"(cn=uid)"}},
    {"before the first number, swapped",
     &ranged,
     TELLS_NOT,
     COUNTER "uidNumber: 999\n",
     NULL,
     JO,
     502,
     NULL,
     "is at 999",
     {"(&(cn=uid)(uidNumber=999))"}},
    {"zero is root's",
     &plain,
     TELLS_NOT,
     COUNTER "uidNumber: 0\n",
     NULL,
     JO,
     502,
     NULL,
     "is at 0",
     {"(&(cn=uid)(uidNumber=0))"}},
    {"a conflict takes no number",
     &plain,
     TELLS,
     AT_1000,
     PERSON("jo", "objectClass: scimResource\nobjectClass: posixAccount\nuidNumber: 1\n"),
     JO,
     409,
     "search one limit 20",
     NULL,
     {"(&(cn=uid)(uidNumber=1000))"}},
    {"numbers in use are passed over",
     &unique,
     TELLS,
     AT_1000,
     PERSON("ann", "objectClass: scimResource\nobjectClass: posixAccount\nuidNumber: 1000\n"),
     JO,
     201,
     NULL,
     NULL,
     {"(&(uid=jo)(uidNumber=1001))", "(uidNumber=1000)"}},
    {"one who is adopted has a number",
     &filling,
     TELLS,
     AT_1000,
     PERSON("jo", "objectClass: posixAccount\nuidNumber: 77\n"),
     JO,
     201,
     NULL,
     NULL,
     {"(&(uid=jo)(uidNumber=77)(objectClass=scimResource))", "(&(cn=uid)(uidNumber=1000))"}},
    {"one who is adopted gets a number",
     &filling,
     TELLS,
     AT_1000,
     PERSON("jo", ""),
     JO,
     201,
     NULL,
     NULL,
     {"(&(uid=jo)(uidNumber=1000)(objectClass=posixAccount)(homeDirectory=/home/"
      "jo)(gidNumber=100))",
      "(&(cn=uid)(uidNumber=1001))"}},
    {"one who is adopted, swapped",
     &filling,
     TELLS_NOT,
     AT_1000,
     PERSON("jo", ""),
     JO,
     201,
     NULL,
     NULL,
     {"(&(uid=jo)(uidNumber=1000)(objectClass=posixAccount))", "(&(cn=uid)(uidNumber=1001))"}},
    {"numbers for new entries alone",
     &plain,
     TELLS,
     AT_1000,
     PERSON("jo", ""),
     JO,
     400,
     NULL,
     NULL,
     {"(&(uid=jo)(!(uidNumber=*)))", "(&(cn=uid)(uidNumber=1000))"}},
    {"one who returns keeps the number",
     &filling,
     TELLS,
     AT_1000,
     PERSON("jo", "objectClass: scimResource\nobjectClass: posixAccount\nuidNumber: 5\n"
                  "scimDeletedAt: 20250101000000Z\n"),
     JO,
     201,
     NULL,
     NULL,
     {"(&(uid=jo)(uidNumber=5)(!(scimDeletedAt=*)))", "(&(cn=uid)(uidNumber=1000))"}},
};

START_TEST(test_row)
{
    const row_t *row = &rows[_i];
    arena_t *mem ARENA_CLEANUP = arena_new(0);
    sim_t *sim = make_directory(sim_seed(), row->server, row->counter);
    connector_t *connector = make_instance(sim, row->server, make_map(mem, row->shape));
    const sim_call_t *call;

    if (row->before)
        model_put(sim_model(sim), row->before);
    call = sim_do(sim, connector, METHOD_POST, "Users", row->body);
    ck_assert_msg(call->status == row->status, "%s: %d %.*s (%.*s)", row->name, call->status,
                  STR_ARG(call->body), STR_ARG(call->trace));
    if (row->trace)
        ck_assert_msg(str_eq(call->trace, str_from_c(row->trace)), "%s: %.*s", row->name,
                      STR_ARG(call->trace));
    if (row->said)
        ck_assert_msg(str_find(call->body, str_from_c(row->said)) < call->body.n, "%s: %.*s",
                      row->name, STR_ARG(call->body));
    for (size_t i = 0; i < ARRAY_SIZE(row->holds) && row->holds[i]; i++)
        ck_assert_msg(model_count(sim_model(sim), row->holds[i]) == 1,
                      "%s: %s is not so in\n%.*s", row->name, row->holds[i],
                      STR_ARG(sim_directory(sim)));
    sim_free(sim);
}
END_TEST

/* ---- no number twice ---- */

enum { NUMBERS = 1 << 12 }; /* beyond what is given here */

typedef struct {
    bool given[NUMBERS];
    int64_t highest;
    sim_t *sim;
    const char *what;
} census_t;

static void
count_number(census_t *census, const char *uid)
{
    const ldap_entry_t *entry =
        model_find(sim_model(census->sim),
                   str_printf(sim_mem(census->sim), "uid=%s,ou=staff,dc=example,dc=com", uid));
    str_t value;
    int64_t number;

    if (!entry)
        return;
    ck_assert_msg(ldap_entry_first(entry, STR("uidNumber"), &value) &&
                      str_to_int64(value, &number),
                  "%s: %s has no number", census->what, uid);
    ck_assert(number >= 1000 && number < NUMBERS);
    ck_assert_msg(!census->given[number], "%s: %s has a number of another in\n%.*s",
                  census->what, uid, STR_ARG(sim_directory(census->sim)));
    census->given[number] = true;
    if (number > census->highest)
        census->highest = number;
}

/* The number that the counter would give next is nobody's, nor is any above. */
static void
check_counter(const census_t *census)
{
    str_t value;
    int64_t next;

    ck_assert(ldap_entry_first(model_find(sim_model(census->sim),
                                          STR("cn=uid,ou=counters,dc=example,dc=com")),
                               STR("uidNumber"), &value) &&
              str_to_int64(value, &next));
    ck_assert_msg(next > census->highest, "%s: the counter is at %lld", census->what,
                  (long long)next);
}

enum { CALLS = 6 };

static const char *
name(sim_t *sim, size_t i)
{
    return sim_format(sim, "user%zu", i);
}

static void
check_numbers(sim_t *sim, const char *what, size_t n)
{
    census_t census = {.sim = sim, .what = what};

    for (size_t i = 0; i < n; i++)
        count_number(&census, name(sim, i));
    check_counter(&census);
}

/* Several POSTs at once on two instances, one of which meets the fault; then all of them again. The directory may be one
 * that increments for one instance while the other still swaps. */
static void
race(const map_t *map, server_t server, sim_fault_t fault, unsigned at, uint64_t seed)
{
    sim_t *sim = make_directory(seed, server, AT_1000);
    connector_t *connectors[2] = {make_instance(sim, server, map),
                                  make_instance(sim, TELLS_NOT, map)};
    sim_call_t *calls[CALLS];
    const char *what = sim_format(sim, "%s, %s at %u, seed %llu", server_names[server],
                                  sim_fault_name(fault), at, (unsigned long long)seed);

    for (size_t i = 0; i < CALLS; i++) {
        calls[i] = sim_call(sim, connectors[i % 2], METHOD_POST, "Users",
                            sim_format(sim, "{'userName':'%s'}", name(sim, i)));
        calls[i]->fault = i < 2 ? fault : SIM_NO_FAULT;
        calls[i]->fault_at = at;
        sim_begin(calls[i]);
    }
    sim_run(sim);
    check_numbers(sim, what, CALLS);
    for (size_t i = 0; i < CALLS; i++) {
        const sim_call_t *again;

        ck_assert_msg(sim_succeeded(calls[i]) || (i < 2 && fault != SIM_NO_FAULT),
                      "%s: %d %.*s (%.*s)", what, calls[i]->status, STR_ARG(calls[i]->body),
                      STR_ARG(calls[i]->trace));
        again = sim_do(sim, connectors[i % 2], METHOD_POST, "Users",
                       sim_format(sim, "{'userName':'%s'}", name(sim, i)));
        ck_assert_msg(again->status == 201 || again->status == 409, "%s: repeated: %d %.*s",
                      what, again->status, STR_ARG(again->body));
    }
    check_numbers(sim, what, CALLS);
    sim_free(sim);
}

START_TEST(test_races)
{
    arena_t *mem ARENA_CLEANUP = arena_new(0);
    const map_t *map = make_map(mem, _i % 2 ? &unique : &plain);

    for (unsigned i = 0; i < sim_rounds(60); i++)
        race(map, (server_t)(_i / 2), SIM_NO_FAULT, 0, sim_seed() + i);
}
END_TEST

START_TEST(test_faults)
{
    arena_t *mem ARENA_CLEANUP = arena_new(0);
    const map_t *map = make_map(mem, &plain);

    for (unsigned fault = 1; fault < SIM_FAULTS; fault++)
        for (unsigned at = 0; at < 8; at++)
            for (unsigned i = 0; i < sim_rounds(2); i++)
                race(map, (server_t)_i, (sim_fault_t)fault, at, sim_seed() + 100 * at + i);
}
END_TEST

/* Whoever has had a number, and for how short a time, no other entry has it later. */
static void
watch_number(sim_t *sim, const char *uid, str_t had[NUMBERS])
{
    const ldap_entry_t *entry = model_find(
        sim_model(sim), str_printf(sim_mem(sim), "uid=%s,ou=staff,dc=example,dc=com", uid));
    str_t id, value;
    int64_t number;

    if (!entry)
        return;
    ck_assert(ldap_entry_first(entry, STR("entryUUID"), &id) &&
              ldap_entry_first(entry, STR("uidNumber"), &value) &&
              str_to_int64(value, &number));
    ck_assert_msg(!had[number].n || str_eq(had[number], id), "%s has the number of another",
                  uid);
    had[number] = id;
}

/* The same person under two names, on two instances that see each other too late: one is withdrawn, or both. */
START_TEST(test_rivals)
{
    arena_t *mem ARENA_CLEANUP = arena_new(0);
    const map_t *map = make_map(mem, &rivals);

    for (unsigned i = 0; i < sim_rounds(60); i++) {
        sim_t *sim = make_directory(sim_seed() + i, (server_t)_i, AT_1000);
        str_t had[NUMBERS] = {{NULL, 0}};

        for (size_t k = 0; k < 3; k++)
            sim_begin(
                sim_call(sim, make_instance(sim, (server_t)_i, map), METHOD_POST, "Users",
                         sim_format(sim, "{'userName':'%s','externalId':'x'}", name(sim, k))));
        while (sim_step(sim))
            for (size_t k = 0; k < 3; k++)
                watch_number(sim, name(sim, k), had);
        check_numbers(sim, server_names[_i], 3);
        sim_free(sim);
    }
}
END_TEST

/* Two instances adopt one entry at the same moment: one number is given, the other lost. */
START_TEST(test_adoption)
{
    arena_t *mem ARENA_CLEANUP = arena_new(0);
    const map_t *map = make_map(mem, &filling);

    for (unsigned i = 0; i < sim_rounds(60); i++) {
        sim_t *sim = make_directory(sim_seed() + i, (server_t)_i, AT_1000);
        sim_call_t *calls[2];

        for (size_t k = 0; k < 2; k++)
            calls[k] = sim_call(sim, make_instance(sim, (server_t)_i, map), METHOD_POST,
                                "Users", "{'userName':'user0'}");
        model_put(sim_model(sim), PERSON("user0", ""));
        sim_begin(calls[0]);
        sim_begin(calls[1]);
        sim_run(sim);
        ck_assert_msg(sim_succeeded(calls[0]) != sim_succeeded(calls[1]), "%u: %d %d", i,
                      calls[0]->status, calls[1]->status);
        check_numbers(sim, server_names[_i], 1);
        sim_free(sim);
    }
}
END_TEST

int
main(void)
{
    Suite *suite = suite_create("numbers");
    TCase *tests = tcase_create("rows");

    tcase_add_loop_test(tests, test_row, 0, (int)ARRAY_SIZE(rows));
    tcase_add_loop_test(tests, test_races, 0, 2 * SERVERS);
    tcase_add_loop_test(tests, test_faults, 0, SERVERS);
    tcase_add_loop_test(tests, test_rivals, 0, SERVERS);
    tcase_add_loop_test(tests, test_adoption, 0, SERVERS);
    tcase_set_timeout(tests, 120);
    suite_add_tcase(suite, tests);
    return suite_run(suite);
}
