/* SPDX-License-Identifier: Apache-2.0 */
/* bench/work.h - the operations that are measured, and the entries they work on.
 *
 * Each is described twice, as an HTTP request and as an LDAP operation, for the n-th time on a
 * lane. A lane is one connection; its counters go on from slice to slice, so that adding and
 * removing a member keep alternating. */
#ifndef BENCH_WORK_H
#define BENCH_WORK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum {
    WORK_MAX_LANES = 256,
    WORK_MEMBERS = 10000, /* of the largest group: the first users */
    WORK_USERS = WORK_MEMBERS + 2 * WORK_MAX_LANES,
    WORK_PAGE = 100,
    WORK_DEEP_START = 9901,
    WORK_MAX_ATTRIBUTES = 96,
    WORK_REQUEST_SIZE = 2048,
    WORK_ID_SIZE = 40,
    WORK_DN_SIZE = 128
};

typedef enum {
    WORK_FILTER_HIT,
    WORK_FILTER_MISS,
    WORK_GET,
    WORK_LIST_FIRST,
    WORK_LIST_FIRST_OR, /* the same request, beside what the bridge sends for it */
    WORK_LIST_DEEP,
    WORK_PATCH,
    WORK_MEMBER_10,
    WORK_MEMBER_1000,
    WORK_MEMBER_10000,
    WORK_POST,
    WORK_COUNT
} work_t;

typedef struct {
    const char *name;  /* for the table */
    const char *key;   /* for --only and JSON */
    double ratio;      /* of the bridge to the direct side, hoped for */
    double operations; /* LDAP operations per request, hoped for */
    int status;        /* of a good response */
    const char *must;  /* in the beginning of a good body; NULL: anything */
} work_facts_t;

extern const work_facts_t work_facts[WORK_COUNT];

/* What the directory holds. */
typedef struct {
    char users_dn[WORK_DN_SIZE], groups_dn[WORK_DN_SIZE];
    char user_ids[WORK_USERS][WORK_ID_SIZE];
    char group_ids[3][WORK_ID_SIZE]; /* of 10, 1,000, 10,000 members */
    /* The entryUUIDs of a page of all users, as the bridge sorts them. */
    char first_filter[WORK_PAGE * 64], deep_filter[WORK_PAGE * 64];
    char attribute_text[2048];
    char *attributes[WORK_MAX_ATTRIBUTES + 1]; /* those the map asks for */
    char token[64];
    int port; /* of the bridge */
} fixture_t;

/* The two sides work on entries of their own. */
typedef enum { SIDE_BRIDGE, SIDE_DIRECT, SIDE_COUNT } side_t;

typedef struct {
    side_t side;
    unsigned index;
    uint64_t done[WORK_COUNT]; /* how often */
    uint32_t random;
} lane_t;

void work_init_lanes(lane_t lanes[WORK_MAX_LANES], side_t side);

/* "u00042" in uid, DN. */
void work_user_dn(const fixture_t *fixture, unsigned user, char dn[WORK_DN_SIZE]);
void work_group_dn(const fixture_t *fixture, unsigned which, char dn[WORK_DN_SIZE]);
/* Which of the three groups; only for WORK_MEMBER_*. */
unsigned work_group_of(work_t work);
/* The user that the lane's next operation is about. */
unsigned work_user(work_t work, lane_t *lane);
/* The lane adds and removes in turn. */
bool work_is_removal(work_t work, const lane_t *lane);

/* The name of the lane's next new user. */
void work_new_name(const lane_t *lane, char name[32]);

/* The bytes of the lane's next HTTP request. */
size_t work_request(const fixture_t *fixture, work_t work, lane_t *lane,
                    char to[WORK_REQUEST_SIZE]);

#endif
