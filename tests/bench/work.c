/* SPDX-License-Identifier: Apache-2.0 */
#include "bench/work.h"

#include "bench/bench.h"

#include <string.h>

/* Reads are hoped to reach half, writes four fifths of what a program gets that talks to the
 * directory itself. */
const work_facts_t work_facts[WORK_COUNT] = {
    [WORK_FILTER_HIT] = {"filter, hit", "filter-hit", 0.5, 1, 200, "\"totalResults\":1,"},
    [WORK_FILTER_MISS] = {"filter, miss", "filter-miss", 0.5, 1, 200, "\"totalResults\":0,"},
    [WORK_GET] = {"GET by id", "get", 0.5, 1, 200, "\"userName\":"},
    [WORK_LIST_FIRST] = {"list, first 100", "list-first", 0.5, 1, 200, "\"startIndex\":1,"},
    [WORK_LIST_FIRST_OR] = {"  same, by UUIDs", "list-first-or", 0.5, 1, 200,
                            "\"startIndex\":1,"},
    [WORK_LIST_DEEP] = {"list, from 9,901", "list-deep", 0.5, 1, 200, "\"startIndex\":9901,"},
    [WORK_PATCH] = {"PATCH title", "patch", 0.8, 1, 200, "\"title\":"},
    [WORK_MEMBER_10] = {"member of 10", "member-10", 0.8, 1, 204, NULL},
    [WORK_MEMBER_1000] = {"member of 1,000", "member-1000", 0.8, 1, 204, NULL},
    [WORK_MEMBER_10000] = {"member of 10,000", "member-10000", 0.8, 1, 204, NULL},
    [WORK_POST] = {"POST user", "post", 0.8, 1, 201, "\"id\":"},
};

static const char *const group_names[] = {"bench-10", "bench-1000", "bench-10000"};

void
work_init_lanes(lane_t lanes[WORK_MAX_LANES], side_t side)
{
    memset(lanes, 0, WORK_MAX_LANES * sizeof(*lanes));
    for (unsigned i = 0; i < WORK_MAX_LANES; i++) {
        lanes[i].side = side;
        lanes[i].index = i;
        lanes[i].random = 2463534242U + 7919U * i + (unsigned)side;
    }
}

void
work_user_dn(const fixture_t *fixture, unsigned user, char dn[WORK_DN_SIZE])
{
    bench_print(dn, WORK_DN_SIZE, "uid=u%05u,%s", user, fixture->users_dn);
}

void
work_group_dn(const fixture_t *fixture, unsigned which, char dn[WORK_DN_SIZE])
{
    bench_print(dn, WORK_DN_SIZE, "cn=%s,%s", group_names[which], fixture->groups_dn);
}

unsigned
work_group_of(work_t work)
{
    return (unsigned)work - WORK_MEMBER_10;
}

static bool
is_member_work(work_t work)
{
    return work == WORK_MEMBER_10 || work == WORK_MEMBER_1000 || work == WORK_MEMBER_10000;
}

static uint32_t
next_random(lane_t *lane)
{
    lane->random ^= lane->random << 13;
    lane->random ^= lane->random >> 17;
    lane->random ^= lane->random << 5;
    return lane->random;
}

/* Reads roam; a lane changes four users of its own in turn and adds one that is nobody's
 * member. */
unsigned
work_user(work_t work, lane_t *lane)
{
    unsigned own = lane->index + (lane->side == SIDE_DIRECT ? WORK_MAX_LANES : 0);

    if (is_member_work(work))
        return WORK_MEMBERS + own;
    if (work == WORK_PATCH)
        return own + 2 * WORK_MAX_LANES * (unsigned)(lane->done[work] % 4);
    return next_random(lane) % WORK_MEMBERS;
}

bool
work_is_removal(work_t work, const lane_t *lane)
{
    return is_member_work(work) && lane->done[work] % 2 == 1;
}

void
work_new_name(const lane_t *lane, char name[32])
{
    bench_print(name, 32, "n%c%u-%llu", lane->side == SIDE_BRIDGE ? 'b' : 'd', lane->index,
                (unsigned long long)lane->done[WORK_POST]);
}

/* --- requests ----------------------------------------------------------------------------- */

#define PATCH_HEAD \
    "{\"schemas\":[\"urn:ietf:params:scim:api:messages:2.0:PatchOp\"],\"Operations\":["

static size_t
get(const fixture_t *fixture, const char *target, char to[WORK_REQUEST_SIZE])
{
    return bench_print(to, WORK_REQUEST_SIZE,
                       "GET /people/scim/v2/%s HTTP/1.1\r\n"
                       "Host: 127.0.0.1:%d\r\n"
                       "Authorization: Bearer %s\r\n"
                       "Accept: application/scim+json\r\n\r\n",
                       target, fixture->port, fixture->token);
}

static size_t
change(const fixture_t *fixture, const char *line, const char *body, char to[WORK_REQUEST_SIZE])
{
    return bench_print(to, WORK_REQUEST_SIZE,
                       "%s HTTP/1.1\r\n"
                       "Host: 127.0.0.1:%d\r\n"
                       "Authorization: Bearer %s\r\n"
                       "Content-Type: application/scim+json\r\n"
                       "Content-Length: %zu\r\n\r\n"
                       "%s",
                       line, fixture->port, fixture->token, strlen(body), body);
}

static size_t
patch(const fixture_t *fixture, work_t work, lane_t *lane, char to[WORK_REQUEST_SIZE])
{
    char line[256], body[512];

    bench_print(line, sizeof(line), "PATCH /people/scim/v2/Users/%s",
                fixture->user_ids[work_user(work, lane)]);
    bench_print(body, sizeof(body),
                PATCH_HEAD "{\"op\":\"replace\",\"path\":\"title\",\"value\":\"Title %llu\"}]}",
                (unsigned long long)lane->done[work]);
    return change(fixture, line, body, to);
}

static size_t
patch_member(const fixture_t *fixture, work_t work, lane_t *lane, char to[WORK_REQUEST_SIZE])
{
    const char *id = fixture->user_ids[work_user(work, lane)];
    char line[256], body[512];

    bench_print(line, sizeof(line), "PATCH /people/scim/v2/Groups/%s",
                fixture->group_ids[work_group_of(work)]);
    bench_print(body, sizeof(body),
                PATCH_HEAD
                "{\"op\":\"%s\",\"path\":\"members\",\"value\":[{\"value\":\"%s\"}]}]}",
                work_is_removal(work, lane) ? "remove" : "add", id);
    return change(fixture, line, body, to);
}

static size_t
post(const fixture_t *fixture, lane_t *lane, char to[WORK_REQUEST_SIZE])
{
    char name[32], body[1024];

    work_new_name(lane, name);
    bench_print(
        body, sizeof(body),
        "{\"schemas\":[\"urn:ietf:params:scim:schemas:core:2.0:User\"],"
        "\"externalId\":\"x-%s\",\"userName\":\"%s\",\"displayName\":\"New %s\","
        "\"title\":\"Engineer\",\"active\":true,"
        "\"name\":{\"familyName\":\"Person\",\"givenName\":\"New\"},"
        "\"emails\":[{\"type\":\"work\",\"primary\":true,\"value\":\"%s@example.com\"}]}",
        name, name, name, name);
    return change(fixture, "POST /people/scim/v2/Users", body, to);
}

size_t
work_request(const fixture_t *fixture, work_t work, lane_t *lane, char to[WORK_REQUEST_SIZE])
{
    char target[256] = "";

    switch (work) {
    case WORK_FILTER_HIT:
        bench_print(target, sizeof(target), "Users?filter=userName%%20eq%%20%%22u%05u%%22",
                    work_user(work, lane));
        break;
    case WORK_FILTER_MISS:
        bench_print(target, sizeof(target), "Users?filter=userName%%20eq%%20%%22v%05u%%22",
                    work_user(work, lane));
        break;
    case WORK_GET:
        bench_print(target, sizeof(target), "Users/%s",
                    fixture->user_ids[work_user(work, lane)]);
        break;
    case WORK_LIST_FIRST:
    case WORK_LIST_FIRST_OR:
        bench_print(target, sizeof(target), "Users?startIndex=1&count=%d", WORK_PAGE);
        break;
    case WORK_LIST_DEEP:
        bench_print(target, sizeof(target), "Users?startIndex=%d&count=%d", WORK_DEEP_START,
                    WORK_PAGE);
        break;
    case WORK_PATCH:
        return patch(fixture, work, lane, to);
    case WORK_MEMBER_10:
    case WORK_MEMBER_1000:
    case WORK_MEMBER_10000:
        return patch_member(fixture, work, lane, to);
    case WORK_POST:
        return post(fixture, lane, to);
    case WORK_COUNT:
        break;
    }
    return get(fixture, target, to);
}
