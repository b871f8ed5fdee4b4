/* SPDX-License-Identifier: Apache-2.0 */
#include "bench/load.h"

#include "bench/bench.h"

#include <ldap.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

enum { TIMEOUT_S = 20 };

typedef struct {
    load_ldap_t *ldap;
    LDAP *handle;
    lane_t *lane;
    pthread_t thread;
    load_t load;
} seat_t;

struct load_ldap {
    const fixture_t *fixture;
    seat_t *seats;
    unsigned n_seats;
    /* of the slice */
    work_t work;
    int64_t end_ns;
};

static struct timeval patience = {.tv_sec = TIMEOUT_S};

static LDAP *
open_handle(const load_ldap_settings_t *settings)
{
    int version = LDAP_VERSION3, code;
    char *password = strdup(settings->password);
    struct berval secret = {.bv_val = password, .bv_len = strlen(settings->password)};
    LDAP *handle = NULL;

    code = ldap_initialize(&handle, settings->url);
    if (code == LDAP_SUCCESS) {
        ldap_set_option(handle, LDAP_OPT_PROTOCOL_VERSION, &version);
        ldap_set_option(handle, LDAP_OPT_TIMEOUT, &patience);
        ldap_set_option(handle, LDAP_OPT_REFERRALS, LDAP_OPT_OFF);
        code = ldap_sasl_bind_s(handle, settings->bind_dn, LDAP_SASL_SIMPLE, &secret, NULL,
                                NULL, NULL);
    }
    free(password);
    if (code != LDAP_SUCCESS)
        bench_die("cannot bind to %s: %s", settings->url, ldap_err2string(code));
    return handle;
}

load_ldap_t *
load_ldap_new(const fixture_t *fixture, const load_ldap_settings_t *settings, lane_t *lanes,
              unsigned n_lanes)
{
    load_ldap_t *ldap = calloc(1, sizeof(*ldap));

    if (!ldap || !(ldap->seats = calloc(n_lanes, sizeof(*ldap->seats))))
        bench_die("no memory");
    ldap->fixture = fixture;
    ldap->n_seats = n_lanes;
    for (unsigned i = 0; i < n_lanes; i++) {
        ldap->seats[i].ldap = ldap;
        ldap->seats[i].handle = open_handle(settings);
        ldap->seats[i].lane = &lanes[i];
    }
    return ldap;
}

void
load_ldap_free(load_ldap_t *ldap)
{
    if (!ldap)
        return;
    for (unsigned i = 0; i < ldap->n_seats; i++)
        ldap_unbind_ext_s(ldap->seats[i].handle, NULL, NULL);
    free(ldap->seats);
    free(ldap);
}

/* --- the operations ----------------------------------------------------------------------- */

/* Whether it ended as expected; `expected` entries. */
static bool
search(seat_t *seat, const char *filter, int limit, int expected, int *ret_code)
{
    const fixture_t *fixture = seat->ldap->fixture;
    LDAPMessage *result = NULL;
    int entries;

    *ret_code = ldap_search_ext_s(seat->handle, fixture->users_dn, LDAP_SCOPE_ONELEVEL, filter,
                                  (char **)(uintptr_t)fixture->attributes, 0, NULL, NULL,
                                  &patience, limit, &result);
    entries = ldap_count_entries(seat->handle, result);
    ldap_msgfree(result);
    return (*ret_code == LDAP_SUCCESS || (limit > 0 && *ret_code == LDAP_SIZELIMIT_EXCEEDED)) &&
           entries == expected;
}

static bool
modify(seat_t *seat, const char *dn, int op, const char *attribute, char *value, int *ret_code)
{
    char *values[] = {value, NULL};
    LDAPMod mod = {
        .mod_op = op, .mod_type = (char *)(uintptr_t)attribute, .mod_values = values};
    LDAPMod *mods[] = {&mod, NULL};

    *ret_code = ldap_modify_ext_s(seat->handle, dn, mods, NULL, NULL);
    return *ret_code == LDAP_SUCCESS;
}

static bool
change_member(seat_t *seat, work_t work, int *ret_code)
{
    const fixture_t *fixture = seat->ldap->fixture;
    char group[WORK_DN_SIZE], user[WORK_DN_SIZE];

    work_group_dn(fixture, work_group_of(work), group);
    work_user_dn(fixture, work_user(work, seat->lane), user);
    return modify(seat, group,
                  work_is_removal(work, seat->lane) ? LDAP_MOD_DELETE : LDAP_MOD_ADD, "member",
                  user, ret_code);
}

static bool
change_title(seat_t *seat, int *ret_code)
{
    char dn[WORK_DN_SIZE], title[32];

    work_user_dn(seat->ldap->fixture, work_user(WORK_PATCH, seat->lane), dn);
    bench_print(title, sizeof(title), "Title %llu",
                (unsigned long long)seat->lane->done[WORK_PATCH]);
    return modify(seat, dn, LDAP_MOD_REPLACE, "title", title, ret_code);
}

/* The entry that the bridge makes of the request in work.c. */
static bool
add_user(seat_t *seat, int *ret_code)
{
    enum { ATTRIBUTES = 9, CLASS_VALUES = 3 };
    static const char *const types[ATTRIBUTES] = {"objectClass", "uid",       "cn",
                                                  "sn",          "givenName", "displayName",
                                                  "title",       "mail",      "scimExternalId"};
    char name[32], dn[WORK_DN_SIZE], display[64], mail[64], external[64];
    char class[] = "inetOrgPerson", resource[] = "scimResource", sn[] = "Person",
         given[] = "New", title[] = "Engineer";
    char *classes[CLASS_VALUES] = {class, resource, NULL};
    char *values[ATTRIBUTES][2] = {{NULL},    {name},  {display}, {sn},      {given},
                                   {display}, {title}, {mail},    {external}};
    LDAPMod mods[ATTRIBUTES], *list[ATTRIBUTES + 1] = {NULL};

    work_new_name(seat->lane, name);
    bench_print(dn, sizeof(dn), "uid=%s,%s", name, seat->ldap->fixture->users_dn);
    bench_print(display, sizeof(display), "New %s", name);
    bench_print(mail, sizeof(mail), "%s@example.com", name);
    bench_print(external, sizeof(external), "x-%s", name);
    for (unsigned i = 0; i < ATTRIBUTES; i++) {
        mods[i] = (LDAPMod){.mod_op = LDAP_MOD_ADD, .mod_type = (char *)(uintptr_t)types[i]};
        mods[i].mod_values = i == 0 ? classes : values[i];
        list[i] = &mods[i];
    }
    *ret_code = ldap_add_ext_s(seat->handle, dn, list, NULL, NULL);
    return *ret_code == LDAP_SUCCESS;
}

static bool
perform(seat_t *seat, work_t work, int *ret_code)
{
    const fixture_t *fixture = seat->ldap->fixture;
    char filter[64];

    switch (work) {
    case WORK_FILTER_HIT:
        bench_print(filter, sizeof(filter), "(uid=u%05u)", work_user(work, seat->lane));
        return search(seat, filter, 0, 1, ret_code);
    case WORK_FILTER_MISS:
        bench_print(filter, sizeof(filter), "(uid=v%05u)", work_user(work, seat->lane));
        return search(seat, filter, 0, 0, ret_code);
    case WORK_GET:
        bench_print(filter, sizeof(filter), "(entryUUID=%s)",
                    fixture->user_ids[work_user(work, seat->lane)]);
        return search(seat, filter, 0, 1, ret_code);
    case WORK_LIST_FIRST:
        return search(seat, "(objectClass=inetOrgPerson)", WORK_PAGE, WORK_PAGE, ret_code);
    case WORK_LIST_FIRST_OR:
        return search(seat, fixture->first_filter, 0, WORK_PAGE, ret_code);
    case WORK_LIST_DEEP:
        return search(seat, fixture->deep_filter, 0, WORK_PAGE, ret_code);
    case WORK_PATCH:
        return change_title(seat, ret_code);
    case WORK_MEMBER_10:
    case WORK_MEMBER_1000:
    case WORK_MEMBER_10000:
        return change_member(seat, work, ret_code);
    case WORK_POST:
        return add_user(seat, ret_code);
    case WORK_COUNT:
        break;
    }
    return false;
}

/* --- a slice ------------------------------------------------------------------------------ */

static void *
sit(void *arg)
{
    seat_t *seat = arg;
    work_t work = seat->ldap->work;
    load_t *load = &seat->load;
    int64_t begun_ns = bench_now_ns(), now_ns;

    do {
        int code;

        if (!perform(seat, work, &code) && load->errors++ == 0)
            bench_print(load->complaint, sizeof(load->complaint),
                        "%s, or not the entries expected", ldap_err2string(code));
        seat->lane->done[work]++;
        now_ns = bench_now_ns();
        latency_add(&load->latency, now_ns - begun_ns);
        load->n++;
        begun_ns = now_ns;
    } while (now_ns < seat->ldap->end_ns && !bench_is_stopped());
    return NULL;
}

static void
merge(load_t *into, const load_t *from)
{
    if (!into->complaint[0])
        memcpy(into->complaint, from->complaint, sizeof(into->complaint));
    into->n += from->n;
    into->errors += from->errors;
    latency_merge(&into->latency, &from->latency);
}

void
load_ldap_run(load_ldap_t *ldap, work_t work, double seconds, load_t *load)
{
    int64_t begun_ns = bench_now_ns();

    ldap->work = work;
    ldap->end_ns = begun_ns + (int64_t)(seconds * 1e9);
    for (unsigned i = 0; i < ldap->n_seats; i++) {
        seat_t *seat = &ldap->seats[i];

        memset(&seat->load, 0, sizeof(seat->load));
        if (pthread_create(&seat->thread, NULL, sit, seat) != 0)
            bench_die("cannot start a thread");
    }
    for (unsigned i = 0; i < ldap->n_seats; i++) {
        pthread_join(ldap->seats[i].thread, NULL);
        merge(load, &ldap->seats[i].load);
    }
    load->ns += bench_now_ns() - begun_ns;
}

/* --- ids ---------------------------------------------------------------------------------- */

static void
get_value(LDAP *handle, LDAPMessage *entry, const char *type, char *to, size_t size)
{
    struct berval **values = ldap_get_values_len(handle, entry, type);

    if (!values || !values[0])
        bench_die("an entry has no %s", type);
    bench_print(to, size, "%.*s", (int)values[0]->bv_len, values[0]->bv_val);
    ldap_value_free_len(values);
}

static int
compare_ids(const void *a, const void *b)
{
    return strcmp(*(char *const *)a, *(char *const *)b);
}

static void
make_page_filter(char *const *ids, unsigned start, char *to, size_t size)
{
    size_t n = bench_print(to, size, "(|");

    for (unsigned i = start - 1; i < start - 1 + WORK_PAGE; i++)
        n += bench_print(to + n, size - n, "(entryUUID=%s)", ids[i]);
    bench_print(to + n, size - n, ")");
}

static void
make_page_filters(fixture_t *fixture)
{
    char **ids = malloc(WORK_USERS * sizeof(*ids));

    if (!ids)
        bench_die("no memory");
    for (unsigned i = 0; i < WORK_USERS; i++)
        ids[i] = fixture->user_ids[i];
    qsort(ids, WORK_USERS, sizeof(*ids), compare_ids);
    make_page_filter(ids, 1, fixture->first_filter, sizeof(fixture->first_filter));
    make_page_filter(ids, WORK_DEEP_START, fixture->deep_filter, sizeof(fixture->deep_filter));
    free(ids);
}

static unsigned
look_up_users(LDAP *handle, fixture_t *fixture)
{
    char uid[] = "uid", uuid[] = "entryUUID", name[32];
    char *attributes[] = {uid, uuid, NULL};
    LDAPMessage *result = NULL;
    unsigned found = 0;

    if (ldap_search_ext_s(handle, fixture->users_dn, LDAP_SCOPE_ONELEVEL, "(uid=*)", attributes,
                          0, NULL, NULL, &patience, 0, &result) != LDAP_SUCCESS)
        bench_die("cannot list the users");
    for (LDAPMessage *entry = ldap_first_entry(handle, result); entry;
         entry = ldap_next_entry(handle, entry)) {
        unsigned long user;

        get_value(handle, entry, uid, name, sizeof(name));
        user = strtoul(name + 1, NULL, 10);
        if (user >= WORK_USERS)
            bench_die("unexpected user %s", name);
        get_value(handle, entry, uuid, fixture->user_ids[user], WORK_ID_SIZE);
        found++;
    }
    ldap_msgfree(result);
    return found;
}

static void
look_up_group(LDAP *handle, fixture_t *fixture, unsigned which)
{
    char uuid[] = "entryUUID", dn[WORK_DN_SIZE];
    char *attributes[] = {uuid, NULL};
    LDAPMessage *result = NULL, *entry;

    work_group_dn(fixture, which, dn);
    if (ldap_search_ext_s(handle, dn, LDAP_SCOPE_BASE, "(objectClass=*)", attributes, 0, NULL,
                          NULL, &patience, 0, &result) != LDAP_SUCCESS ||
        !(entry = ldap_first_entry(handle, result)))
        bench_die("cannot find %s", dn);
    get_value(handle, entry, uuid, fixture->group_ids[which], WORK_ID_SIZE);
    ldap_msgfree(result);
}

void
load_ldap_look_up(const load_ldap_settings_t *settings, fixture_t *fixture)
{
    LDAP *handle = open_handle(settings);
    unsigned found = look_up_users(handle, fixture);

    if (found != WORK_USERS)
        bench_die("the directory has %u users, not %d", found, WORK_USERS);
    for (unsigned i = 0; i < 3; i++)
        look_up_group(handle, fixture, i);
    ldap_unbind_ext_s(handle, NULL, NULL);
    make_page_filters(fixture);
}
