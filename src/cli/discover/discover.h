/* SPDX-License-Identifier: Apache-2.0 */
/* cli/discover/discover.h - what "discover" learns of a directory's entries, for the files that do it. */
#ifndef CLI_DISCOVER_DISCOVER_H
#define CLI_DISCOVER_DISCOVER_H

#include "base/buf.h"
#include "cli/live.h"

/* An attribute as the sampled entries use it. */
typedef struct {
    str_t name;
    size_t entries; /* that have it */
    size_t most;    /* values of one entry */
    bool mapped;    /* a path of the printed map holds it, or could */
} usage_t;

typedef struct {
    str_t dn;
    size_t n; /* entries directly below */
} parent_t;

/* The entries of one kind: people, or groups. */
typedef struct {
    str_t class; /* their structural class */
    size_t n;    /* entries looked at */
    bool more;   /* there are more */
    str_t rdn;   /* the attribute that names most of them */
    size_t n_named;
    parent_t *parents; /* the one with the most entries first */
    size_t n_parents;
    usage_t *usages;
    size_t n_usages, usages_size;
    str_t *auxiliary; /* further classes that some have */
    size_t n_auxiliary;
} kind_sample_t;

/* Look at entries of the first of `classes` (ending with NULL) that has any below one of the
 * bases. None: ret_sample->n is 0, and the class is the first that the schema knows. */
void discover_sample(live_t *live, const str_t *bases, size_t n_bases,
                     const char *const *classes, kind_sample_t *ret_sample);
usage_t *discover_usage(const kind_sample_t *sample, str_t name);

/* A commented map for them, as text. `base` is where the scopes are when nothing was found. */
void discover_write_map(buf_t *buf, live_t *live, str_t base, kind_sample_t *people,
                        kind_sample_t *groups);

/* ---- for the files that write it ---- */

/* One kind of entries. */
typedef struct {
    buf_t *buf;
    live_t *live;
    kind_sample_t *sample;
    str_t base;
    const char *scope, *type;
    bool ours;    /* the directory has our auxiliary class */
    str_t naming; /* the attribute of userName, or of displayName */
    bool groups;
} writing_t;

/* "attributes": what the entries use, what they could, and what is left over. */
void discover_write_attributes(writing_t *writing);

#endif
