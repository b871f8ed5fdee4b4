/* SPDX-License-Identifier: Apache-2.0 */
#include "connector/placement.h"

#include <check.h>

/* People; %s: further settings, "parent", "entry", "inactive", "deleted". */
static const char map_text[] =
    "{'dialect':'openldap','integrity':'%s','scopes':{"
    "'users':{'bases':['ou=staff,dc=example,dc=com','ou=guests,dc=example,dc=com'],"
    "'filter':'(objectClass=inetOrgPerson)'},"
    "'groups':{'bases':['ou=groups,dc=example,dc=com'],'filter':'(objectClass=groupOfNames)'}},"
    "'resources':{'User':{'scope':'users','rdn':'uid','objectClass':['inetOrgPerson'],"
    "'auxiliary':['scimResource'],'match':['userName'],'adopt':'match',"
    "'attributes':{'userName':{'ldap':'uid','required':true},'displayName':'displayName',"
    "'title':'title','userType':'employeeType','externalId':'scimExternalId',"
    "'urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:department':'departmentNumber'"
    ","
    "'password':{'ldap':'userPassword','as':'password'}},"
    "%s,'parent':%s,'entry':{'cn':'Some','sn':'Body'%s},"
    "'lifecycle':{'inactive':%s,'deleted':%s}},"
    "'Group':{'scope':'groups','rdn':'cn','objectClass':['groupOfNames'],"
    "'parent':'ou=groups,dc=example,dc=com','match':['displayName'],"
    "'attributes':{'displayName':{'ldap':'cn','required':true},"
    "'members':{'ldap':'member','reference':['users'],'missing':'refuse'}},"
    "'emptyMember':'cn=nobody','lifecycle':{'deleted':'delete'}}}}";

const map_t *
make_map(arena_t *mem, const shape_t *shape)
{
    str_t text = str_printf(
        mem, map_text, shape->repairs ? "bridge" : "server",
        shape->more ? shape->more : "'unique':[]",
        shape->parent ? shape->parent : "'ou=staff,dc=example,dc=com'",
        shape->entry ? shape->entry : "", shape->inactive ? shape->inactive : "'ppolicy-end'",
        shape->deleted ? shape->deleted
                       : "{'when':'(scimDeletedAt=*)','stamp':'scimDeletedAt','do':['inactive',"
                         "{'strip':['groups']}],'undo':[{'undo':'inactive'}],'aside':['uid']}");

    return fixture_map(mem, text.p);
}

const char *
with_id(sim_t *sim, const char *path, str_t id)
{
    size_t at = str_find(str_from_c(path), STR("{anna}"));

    return at < strlen(path) ? sim_format(sim, "%.*s%.*s%s", (int)at, path, STR_ARG(id),
                                          path + at + strlen("{anna}"))
                             : path;
}

made_t
make_row(const row_t *row, const map_t *map, uint64_t seed)
{
    made_t made = {.sim = sim_new(seed), .path = row->path};
    str_t id = STR("");

    made.connector = sim_connector(made.sim, map, 5000);
    model_leave_references(sim_model(made.sim), map->repairs);
    for (size_t i = 0; i < ARRAY_SIZE(row->before) && row->before[i]; i++)
        model_put(sim_model(made.sim), row->before[i]);
    if (row->anna)
        id = sim_create(made.sim, made.connector, "Users", row->anna);
    if (row->then)
        ck_assert_int_eq(sim_do(made.sim, made.connector, METHOD_PATCH,
                                with_id(made.sim, "Users/{anna}", id), row->then)
                             ->status,
                         200);
    if (row->deleted)
        ck_assert_int_eq(sim_do(made.sim, made.connector, METHOD_DELETE,
                                with_id(made.sim, "Users/{anna}", id), NULL)
                             ->status,
                         204);
    made.path = with_id(made.sim, row->path, id);
    return made;
}

void
check_row(const row_t *row)
{
    arena_t *mem ARENA_CLEANUP = arena_new(0);
    made_t made = make_row(row, make_map(mem, row->shape), sim_seed());
    const sim_call_t *call =
        sim_do(made.sim, made.connector, row->method, made.path, row->body);

    ck_assert_msg(call->status == row->status, "%s: %d %.*s (%.*s)", row->name, call->status,
                  STR_ARG(call->body), STR_ARG(call->trace));
    if (row->trace)
        ck_assert_msg(str_eq(call->trace, str_from_c(row->trace)), "%s: %.*s", row->name,
                      STR_ARG(call->trace));
    for (size_t i = 0; i < ARRAY_SIZE(row->holds) && row->holds[i]; i++)
        ck_assert_msg(model_count(sim_model(made.sim), row->holds[i]) == 1,
                      "%s: %s is not so in\n%.*s", row->name, row->holds[i],
                      STR_ARG(sim_directory(made.sim)));
    sim_free(made.sim);
}

/* ---- the same with a fault at each operation, and repeated ---- */

/* "There is no such parent" is believed, as it is by nothing else. */
static bool
is_lie_about_place(const sim_call_t *call)
{
    for (unsigned i = call->fault_at; i < call->operations && i < ARRAY_SIZE(call->ops); i++)
        if (call->ops[i].kind == LDAP_OP_SEARCH)
            return call->fault == SIM_NO_OBJECT &&
                   str_istarts_with(call->ops[i].dn, STR("ou=")) &&
                   call->ops[i].u.search.depth == LDAP_DEPTH_BASE;
    return false;
}

static void
run_faulted(const row_t *row, const map_t *map, sim_fault_t fault, unsigned at, str_t expected)
{
    made_t made = make_row(row, map, sim_seed() + at);
    sim_call_t *call = sim_call(made.sim, made.connector, row->method, made.path, row->body);
    str_t before = sim_directory(made.sim);
    const char *what =
        sim_format(made.sim, "%s: %s at %u", row->name, sim_fault_name(fault), at);

    call->fault = fault;
    call->fault_at = at;
    sim_begin(call);
    sim_run(made.sim);
    ck_assert_msg(call->status != 0 && call->status != 500, "%s: %d %.*s", what, call->status,
                  STR_ARG(call->body));
    if (is_lie_about_place(call)) {
        sim_free(made.sim);
        return;
    }
    /* Taken back, but for a unit or a name that was made. */
    if (str_ends_with(call->trace, STR("; rename guarded")) && !strstr(row->name, "is made"))
        ck_assert_msg(str_ieq(sim_directory(made.sim), before), "%s: half done (%.*s):\n%.*s",
                      what, STR_ARG(call->trace), STR_ARG(sim_directory(made.sim)));
    if (sim_succeeded(call))
        ck_assert_msg(str_eq(sim_directory(made.sim), expected),
                      "%s: %d was told (%.*s), but the directory is\n%.*sinstead of\n%.*s",
                      what, call->status, STR_ARG(call->trace),
                      STR_ARG(sim_directory(made.sim)), STR_ARG(expected));
    call = sim_do(made.sim, made.connector, row->method, made.path, row->body);
    ck_assert_msg(str_eq(sim_directory(made.sim), expected),
                  "%s: repeated: %d %.*s (%.*s), and the directory is\n%.*sinstead of\n%.*s",
                  what, call->status, STR_ARG(call->body), STR_ARG(call->trace),
                  STR_ARG(sim_directory(made.sim)), STR_ARG(expected));
    sim_free(made.sim);
}

void
check_row_faulted(const row_t *row)
{
    arena_t *mem ARENA_CLEANUP = arena_new(0);
    const map_t *map = make_map(mem, row->shape);
    made_t made = make_row(row, map, sim_seed());
    const sim_call_t *call =
        sim_do(made.sim, made.connector, row->method, made.path, row->body);
    unsigned n = call->operations;
    str_t expected = model_text(sim_model(made.sim), mem);

    sim_free(made.sim);
    for (unsigned fault = 1; fault < SIM_FAULTS; fault++)
        for (unsigned at = 0; at <= n; at++)
            run_faulted(row, map, (sim_fault_t)fault, at, expected);
}
