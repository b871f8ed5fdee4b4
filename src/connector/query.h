/* SPDX-License-Identifier: Apache-2.0 */
/* connector/query.h - what the rooms of a query share; for query*.c alone.
 *
 *   query.c         from the question to the answer
 *   query_params.c  what is asked, by URL or body
 *   query_list.c    listing everything, sorted
 *   query_page.c    reading the entries of one page, and answering with them */
#ifndef CONNECTOR_QUERY_H
#define CONNECTOR_QUERY_H

#include "connector/cursor.h"
#include "connector/exchange.h"
#include "map/sort.h"

/* What is asked of one resource type. */
typedef struct {
    const map_type_t *type;
    unsigned number; /* of the type in the map: in the items of a listing */
    scim_projection_t projection;
    ldap_names_t names; /* LDAP attributes of what is shown */
    map_sort_t sort;
    const ldap_filter_t *filter; /* whole */
} query_part_t;

/* A place of the page, found by what a listing has of it. */
typedef struct {
    unsigned char tail[LISTING_TAIL];
    uint32_t place;
} query_spot_t;

typedef struct {
    task_t task;
    query_t asked;
    const scim_filter_t *scim_filter;
    bool nothing; /* the filter is one that nothing matches */
    bool sorted, by_cursor;
    cursor_question_t question;
    query_part_t *parts;
    size_t n_parts;
    listing_cut_t cut;
    str_t key;          /* of the listing */
    int64_t max_age_ms; /* that it may have */
    size_t waiting;
    bool many; /* more than one page */
    /* what a first search has found */
    const ldap_entry_t **found;
    const query_part_t **found_part;
    size_t n_found;
    /* listing */
    listing_draft_t draft;
    bool too_large;
    /* one page */
    listing_page_t page;
    query_spot_t *spots; /* by tail */
    shown_t *shown;      /* in the order of the page */
    buf_t text;          /* of those that are written already */
    size_t next;
} query_task_t;

/* Read what is asked into the task: all but what needs the directory. */
bool query_read(query_task_t *self, err_t *err) MUST_USE;

/* What the part's resource is sorted by, with its anchor, into the draft. */
void query_draft_entry(query_task_t *self, const query_part_t *part, const ldap_entry_t *entry);
/* List all that match; the reply has no result, the draft is full. */
bool query_list(query_task_t *self, then_fn *then);

/* Room for the page's items. */
void query_page_init(query_task_t *self);
/* Show the page whose items are known: read them, and answer. */
bool query_show(query_task_t *self);
/* The same for entries that have been read already. */
bool query_show_found(query_task_t *self);
/* Answer without resources. */
bool query_show_nothing(query_task_t *self, size_t total);

#endif
