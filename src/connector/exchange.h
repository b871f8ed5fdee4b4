/* SPDX-License-Identifier: Apache-2.0 */
/* connector/exchange.h - what the tasks of one request share. Internal to connector/. */
#ifndef CONNECTOR_EXCHANGE_H
#define CONNECTOR_EXCHANGE_H

#include "connector/condition.h"
#include "connector/connector.h"
#include "connector/lasting.h"
#include "connector/links.h"
#include "connector/listing.h"
#include "connector/memo.h"
#include "ldap/features.h"
#include "map/anchor.h"
#include "map/change.h"
#include "map/reference.h"
#include "map/to_entry.h"
#include "map/version.h"
#include "scim/resource.h"

#include <stdatomic.h>

struct connector {
    str_t name;
    const map_t *map;
    scim_quirks_t quirks;
    connector_limits_t limits;
    lasting_t *lasting;
    memo_t *memo;
    listing_store_t *listings;
    mac_key_t cursor_key;
    _Atomic ldap_features_t features; /* of the directory; 0: not known yet */
};

struct exchange {
    run_t run;
    connector_t *connector;
    const request_t *request;
    arena_t *mem;
    const map_t *map;
    ldap_features_t can;    /* what the directory does, and the dialect makes use of */
    const map_type_t *type; /* of the endpoint; NULL for /Schemas and so on */
    int64_t now_s, now_ms;
    scim_projection_t projection;
    condition_t condition;
    links_t links;
    bool
        links_remembered; /* some of them come from the memo, not from this request's searches */
    str_t taken_id;       /* of the entry that a POST makes its resource; empty: none */
    response_t response;
    exchange_facts_t facts;
    json_t *json;             /* the body, where it is read already; NULL: it is not */
    bool quiet;               /* nobody reads the body of the answer */
    struct bulk_task *bulk;   /* a bulk request that was read; NULL: none */
    exchange_ended_fn *ended; /* of its operations; NULL: nobody is told */
    void *ended_arg;
};

static inline exchange_t *
exchange_of(const task_t *task)
{
    return task->run->context;
}

static inline const map_links_t *
exchange_links(const task_t *task)
{
    return &exchange_of(task)->links.base;
}

static inline bool
directory_can(const task_t *task, ldap_feature_t feature)
{
    return exchange_of(task)->can & feature;
}

/* Answers, in its place, a write that asserts something, where the directory cannot be made to. */
void answer_unguarded(ask_t *ask);
/* Answers, in its place, a search for members, which the directory shows in parts. */
void answer_ranged(ask_t *ask);

/* ---- answers of the directory ---- */

/* Whether the operation was answered with success; else *err says what `what` met. */
bool reply_check(const ldap_reply_t *reply, const char *what, err_t *err) MUST_USE;
/* The same for an answer that is known to be a failure: sets *err, always false. */
bool reply_fail(const ldap_reply_t *reply, const char *what, err_t *err);
/* The same for a search below the base of that number: a base that is not there is the map's
 * fault, not the client's, and never means that nothing is there. */
bool base_check(const ldap_reply_t *reply, const map_scope_t *scope, size_t base,
                const char *what, err_t *err) MUST_USE;
/* Whether the child ended well; else its error becomes ours. */
static inline bool
child_ended(const reply_t *reply, err_t *err)
{
    if (reply->error)
        *err = *reply->error;
    return reply->error == NULL;
}
/* Answered with this code. */
static inline bool
reply_is(const ldap_reply_t *reply, ldap_code_t code)
{
    return reply->fate == LDAP_ANSWERED && reply->code == (int)code;
}

/* A modify of members failed as a value is there already, or is not. */
static inline bool
member_is_there(const task_t *task, const ldap_reply_t *reply)
{
    ldap_code_t other = exchange_of(task)->map->dialect->member_is_there;

    return reply_is(reply, LDAP_RC_VALUE_EXISTS) || (other && reply_is(reply, other));
}

static inline bool
member_is_gone(const task_t *task, const ldap_reply_t *reply)
{
    ldap_code_t other = exchange_of(task)->map->dialect->member_is_gone;

    return reply_is(reply, LDAP_RC_NO_SUCH_ATTRIBUTE) || (other && reply_is(reply, other));
}
/* The entry of a post-read, or of a base search; NULL: none. */
static inline const ldap_entry_t *
reply_entry(const ldap_reply_t *reply)
{
    return reply->n_entries ? reply->entries[0] : NULL;
}

/* ---- finding entries ---- */

typedef struct {
    const map_scope_t *scope;
    const ldap_filter_t *filter; /* whole: with the scope's own part */
    ldap_names_t names;
    const ldap_filter_t *values; /* as ldap/op.h */
    uint32_t limit;              /* 0: none */
    uint32_t tag;                /* comes back in the reply */
    /* NULL, or: gets each entry as it comes, borrowed, instead of the result; without a limit */
    void (*each)(task_t *task, uint32_t tag, const ldap_entry_t *entry);
} find_t;

/* A task's result. */
typedef struct {
    const ldap_entry_t **entries;
    size_t n;
    bool more; /* the limit cut it */
} found_t;

/* Search all bases of a scope in which the filter can be true; the reply's result is a found_t. */
bool find_entries(task_t *task, const find_t *find, then_fn *then);

/* Read the resource with this id; the reply's result is its const ldap_entry_t, NULL when there
 * is none. */
bool read_resource(task_t *task, str_t id, ldap_names_t names, then_fn *then);
/* Read what stands at a DN, visible or not; likewise. */
bool read_dn(task_t *task, str_t dn, ldap_names_t names, then_fn *then);

/* Where the id was last seen, and how. Only for reads and writes under target_guard. */
typedef struct {
    str_t dn;
    /* That it has not changed since; NULL: how it was is not known. A write that is sent unseen
     * asserts it: one whose answer never came may take effect any time later, but then never
     * upon another's. */
    const ldap_filter_t *unchanged;
    str_t version; /* what `unchanged` is about; empty: not known */
} target_t;
bool target_remembered(const task_t *task, str_t id, target_t *ret_target);
/* The same for a write that is sent unseen to the request's resource: where that can be
 * asserted, and meets the request's conditions. */
bool target_writable(const task_t *task, target_t *ret_target);
/* What was read of the request's resource, to write to it. */
target_t target_of(const task_t *task, const ldap_entry_t *entry);
/* The version of the entry; empty: it was not read, or the dialect has none. */
str_t target_version(const task_t *task, const ldap_entry_t *entry);
void target_remember(const task_t *task, const map_type_t *type, const ldap_entry_t *entry);
void target_forget(const task_t *task, str_t id, str_t dn);
/* The type that a memo's tag stands for; NULL: none of this map. */
const map_type_t *target_type(const task_t *task, unsigned tag);
/* Whether the group had no member but the placeholder when last seen here; a guess that spares
 * a look, asserted when it is acted upon. */
bool target_is_empty(const task_t *task, str_t id);
void target_set_empty(const task_t *task, str_t id, str_t dn, bool empty);
/* What must be read of an entry to write to it: id and version. */
ldap_names_t target_names(const task_t *task);
/* What every write asserts: it is this resource still, and visible; and `more` (may be NULL). */
const ldap_filter_t *target_guard(const task_t *task, str_t id, const ldap_filter_t *more);
/* The tombstone with this id, for a search. */
const ldap_filter_t *target_tombstone(const task_t *task, str_t id);
/* That the entry has not changed since it was read. NULL where the dialect has no version. */
const ldap_filter_t *target_unchanged(const task_t *task, const ldap_entry_t *entry);

/* A rename or a deletion begins, or has ended: a DN resolved before may stand for nobody, or
 * for somebody else, after it. */
void name_moves(const task_t *task);
/* Whether one may have come between resolving a name and the directory's answer. */
bool names_have_moved(const task_t *task);

/* ---- references ---- */

/* Look up ids (in all scopes that the type's references name) or DNs; afterwards
 * exchange->links knows each. The reply has no result. */
bool resolve_ids(task_t *task, const str_t *ids, size_t n, then_fn *then);
bool resolve_dns(task_t *task, const str_t *dns, size_t n, then_fn *then);
/* Whom values of slots with `by` mean. */
bool resolve_names(task_t *task, const map_name_t *names, size_t n, then_fn *then);
/* All that was collected; and whether it is known. */
bool resolve_references(task_t *task, const map_references_t *references, then_fn *then);
bool references_resolved(const task_t *task, const map_references_t *references);
/* The same for ids, by searching: whatever was known of them is forgotten first. */
bool resolve_ids_anew(task_t *task, const str_t *ids, size_t n, then_fn *then);

/* ---- what requests share ---- */

/* The body as JSON. */
json_t *request_json(const task_t *task, err_t *err) MUST_USE;
/* The body of a POST or PUT in canonical form (scim/resource.h), through the quirks. NULL with
 * *err. */
json_t *request_resource(const task_t *task, err_t *err) MUST_USE;
/* The rewriters of a PATCH. */
scim_quirks_t patch_quirks(const task_t *task);
/* The request's id or key as a gate: "id:…", "User:jyoung". */
bool enter_resource_gate(task_t *task, str_t id, str_t offer, then_fn *then);

/* After a write of this resource whose answer was lost: see to it that it cannot take effect
 * any more. Costs nothing where none was; the reply has no result. */
bool fence_off_lost(task_t *task, str_t id, then_fn *then);
/* The answer to a write of this task will not come. */
void note_lost_write(const task_t *task);

/* Remove the DN from all groups of the map; the reply has no result. */
bool strip_groups(task_t *task, str_t dn, then_fn *then);

/* Wait until no entry refers to the old name of what was renamed; the reply has no result. */
bool settle_references(task_t *task, str_t old_dn, then_fn *then);

/* ---- references that the bridge repairs itself ---- */

/* Whether it does, at least those that are no DNs; else the server. */
bool bridge_repairs(const task_t *task);
/* Whether something may refer to a name that is about to be given: then it is to be swept. */
bool needs_sweep(const task_t *task, str_t dn);
/* Whether references to the one are not, as they are held, references to the other. */
bool names_differ(const task_t *task, str_t dn, str_t other);
/* A new entry, or one that has been called `old_dn` (empty: none), is about to get this name:
 * nothing may refer to it but what refers to the old one, which from now on refers to both. The
 * reply's result is a bool: false when somebody has the name, and nothing was done. */
bool sweep_name(task_t *task, str_t old_dn, str_t dn, then_fn *then);
/* The rename was not to be. The reply has no result. */
bool take_back_name(task_t *task, str_t old_dn, str_t dn, then_fn *then);
/* Nothing refers to the name any more. The reply has no result. */
bool drop_references(task_t *task, str_t dn, then_fn *then);
/* After a rename, whoever repairs references: nothing refers to the old name any more. `id`: of
 * a resource whose rename was noted. The reply has no result. */
bool follow_rename(task_t *task, str_t id, str_t old_dn, str_t dn, then_fn *then);
/* Do what is left of a rename that did not come to its end. The reply has no result. */
bool finish_rename(task_t *task, str_t id, then_fn *then);

/* Answer with the entry as a resource, and end the task. */
bool respond_entry(task_t *task, const ldap_entry_t *entry, int status);
/* Read the request's resource and answer with it, or 404; and end the task. */
bool respond_resource(task_t *task);
/* An entry, and how it is to be seen. */
typedef struct {
    const ldap_entry_t *entry;
    const map_type_t *type;
    const scim_projection_t *projection;
    size_t at, n; /* where it stands in the list's `text` */
    bool written;
} shown_t;
typedef struct {
    const shown_t *resources;
    size_t n, total;
    size_t start_index;   /* 0: told by cursors */
    str_t next, previous; /* cursors; empty: none */
    const buf_t *text;    /* of resources that are written already; NULL: of none */
} list_t;
/* Whether the resource is to be shown with groups that its entry does not have ... */
bool wants_groups(const shown_t *shown);
/* ... and put them into the entries of those; the reply has no result. */
bool find_groups_of(task_t *task, shown_t *shown, size_t n, then_fn *then);
/* Write the resource behind `text` while others are still being read. Left undone when it
 * refers to what is not resolved yet, or cannot be shown. */
void prepare_resource(const task_t *task, shown_t *shown, const ldap_entry_t *entry,
                      buf_t *text);
/* Answer with a ListResponse, and end the task. */
bool respond_list(task_t *task, const list_t *list);
/* Whether what was read, or written, of the request's resource meets its conditions: else
 * ERR_PRECONDITION. A GET that need not be answered: CONDITION_UNCHANGED by condition_judge. */
bool check_condition(const task_t *task, str_t version, err_t *err) MUST_USE;
/* This request itself has given the entry a new version, so that its conditions are behind it. */
void note_own_version(const task_t *task, const ldap_entry_t *entry);
/* Tell the version in the header ETag, of an answer without a body too. */
void respond_version(const task_t *task, str_t version);

/* Answer without a body, and end the task. */
bool respond_empty(task_t *task, int status);
/* 404 for the request's id. */
bool fail_not_found(const task_t *task, err_t *err);

/* A lifecycle write must have had its effect: ERR_DIRECTORY when the entry does not show it. */
bool check_lifecycle(const task_t *task, const map_state_t *entered, const map_state_t *left,
                     const ldap_entry_t *entry, err_t *err) MUST_USE;

/* ---- changing one entry ---- */

/* What a request wants of a resource, worked out anew from each reading of it. */
typedef struct change_request change_request_t;
struct change_request {
    str_t id;
    /* The change for this reading: `before` is the resource, `entry` what the directory has. */
    bool (*plan)(task_t *task, change_request_t *request, const ldap_entry_t *entry,
                 const json_t *before, map_change_t *ret_change, err_t *err);
    const map_change_t
        *direct;       /* tried first, on the remembered DN, without reading; may be NULL */
    bool with_members; /* `member` is read too, to be replaced whole or changed with the rest */
    bool every_entry;  /* the entry is read by DN, visible or not: adoption and revival */
    str_t dn;          /* then: where it stands */
    bool answer_lost;  /* set: a write was sent whose answer never came */
};

/* Carry it out: one guarded modify, or read, rename and modify, again while others change the
 * entry meanwhile. The reply's result is the entry afterwards (const ldap_entry_t). */
bool change_resource(task_t *task, change_request_t *request, then_fn *then);

/* Make the entry the resource of the request, by adoption or revival; answer 201, and end the
 * task. */
bool take_over(task_t *task, const json_t *resource, const ldap_entry_t *entry, bool revive);
/* Whether the canonical resource is to be inactive from the beginning; whether it names
 * members. */
bool is_born_inactive(const task_t *task, const json_t *resource);
bool brings_members(const task_t *task, const json_t *resource);

/* Whether tombstones of the type give up their names. */
bool gives_up_name(const map_type_t *type);
/* Make the name of a tombstone at `dn` free; the reply's result is a bool: whether it was one. */
bool set_aside(task_t *task, str_t dn, then_fn *then);

/* Make the organizational units that are missing from this DN upwards to a base of the scope;
 * the reply has no result. */
bool make_parent(task_t *task, const ldap_dn_t *dn, then_fn *then);

/* Which alternatives of the rules nobody has whose values must be unique, into `choice`;
 * ERR_UNIQUENESS where there is none. A number that somebody has is given up. The reply has no
 * result. */
bool choose_unique(task_t *task, const ldap_entry_t *entry, const json_t *resource,
                   map_choice_t *choice, then_fn *then);
/* The next ones, where the server found one of them taken and does not say which. false: there
 * are none. */
bool next_unique(const task_t *task, const json_t *resource, map_choice_t *choice);

/* Take the next number of the rule's counter; the reply's result is it as text (const str_t).
 * It is never given again, whatever becomes of it. */
bool take_number(task_t *task, const map_rule_t *rule, then_fn *then);
/* The first rule whose number is in neither `numbers` (one for each rule of the type) nor in
 * the entry, though that is to have one: NULL, a new one. NULL: there is none. */
const map_rule_t *lacks_number(const map_type_t *type, const str_t *numbers,
                               const ldap_entry_t *entry);
/* Take all that the entry lacks so, into `numbers`. The reply has no result. */
bool supply_numbers(task_t *task, const ldap_entry_t *entry, str_t *numbers, then_fn *then);
bool gives_numbers(const map_type_t *type);
/* Who has one of the entry's values that must be unique (`given_up`: and that tombstones give
 * up): false where it has none. */
const ldap_filter_t *unique_filter(const task_t *task, const ldap_entry_t *entry,
                                   bool given_up);
/* Whether tombstones give up values of this attribute. */
bool gives_up(const task_t *task, str_t attr);
/* Let the tombstones that match give up the values by which they do; the reply has no result. */
bool give_up_values(task_t *task, const ldap_filter_t *any, then_fn *then);

/* What is known of an entry that stands in a new resource's way. */
typedef enum {
    STANDING_NONE,
    STANDING_RESOURCE,
    STANDING_CLAIMED,
    STANDING_PROTECTED,
    STANDING_FOREIGN,
    STANDING_TOMBSTONE
} standing_t;
standing_t judge_entry(const task_t *task, const ldap_entry_t *entry);
/* ERR_UNIQUENESS when the entry, after the change (NULL: none), would be protected by the map:
 * nobody could see or change it any more. */
bool check_unprotected(const task_t *task, const ldap_entry_t *entry,
                       const map_change_t *change, err_t *err) MUST_USE;
/* Whether that must be asked before this change. */
bool touches_protection(const task_t *task, const map_change_t *change);
/* What must be read of an entry to judge it and to show it. */
ldap_names_t judging_names(const task_t *task, bool with_members);

/* Change the members of a group by the request's id, without reading `member` whole. The reply
 * has no result. */
bool change_members(task_t *task, const map_member_delta_t *delta, then_fn *then);
/* Whether every id that the delta adds exists and may be a member: ERR_INVALID_VALUE. Their
 * links are known. */
bool check_members(const task_t *task, const map_member_delta_t *delta, err_t *err) MUST_USE;
/* Add to `mods` what takes the values of `entry` (all of them) to where the delta wants them. */
void plan_members(const task_t *task, const map_member_delta_t *delta,
                  const ldap_entry_t *entry, ldap_mods_t *mods);
/* The ids of a delta, for resolve_ids, behind the `n` that are there. */
str_t *delta_ids(const task_t *task, const map_member_delta_t *delta, const str_t *ids,
                 size_t n, size_t *ret_n);

/* ---- the requests: make the task, begin with its start ---- */

typedef struct {
    task_t *task;
    then_fn *start;
} root_t;

/* An exchange whose root has not begun. The request must live as long as `mem`. */
exchange_t *exchange_make(arena_t *mem, connector_t *connector, const request_t *request,
                          int64_t now_s, root_t *ret_root);
/* An operation of `exchange` has ended. */
void exchange_tell(const exchange_t *exchange, const exchange_t *operation);

root_t get_root(run_t *run); /* GET /Users/{id} */
root_t query_root(
    run_t *run); /* GET /Users, POST /Users/.search; of all types: GET /, POST /.search */
root_t create_root(run_t *run);                           /* POST */
root_t patch_root(run_t *run);                            /* PATCH */
root_t replace_root(run_t *run);                          /* PUT */
root_t delete_root(run_t *run);                           /* DELETE */
root_t bulk_root(run_t *run);                             /* POST /Bulk */
root_t remove_root(run_t *run, const removal_t *removal); /* `scimbridge purge` */
root_t claim_root(run_t *run, const claim_t *claim);      /* `scimbridge match` */
root_t discover_root(run_t *run); /* /Schemas, /ResourceTypes, /ServiceProviderConfig */

#endif
