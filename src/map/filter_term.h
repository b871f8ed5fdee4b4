/* SPDX-License-Identifier: Apache-2.0 */
/* map/filter_term.h - what the files that translate filters share; for filter*.c alone.
 *
 * A term is one comparison with one LDAP attribute. All functions return NULL and set
 * ERR_INVALID_FILTER where LDAP cannot answer exactly. */
#ifndef MAP_FILTER_TERM_H
#define MAP_FILTER_TERM_H

#include "map/filter.h"
#include "map/slot.h"

typedef struct {
    arena_t *mem;
    const map_t *map;
    const map_type_t *type;
    const map_links_t *links;
    int64_t now_s;
    const map_type_t *const *among; /* all types that are asked */
    size_t n_among;
    err_t *err;
} filter_ctx_t;

#define FILTER_REFUSE(ctx, ...) \
    (err_set((ctx)->err, ERR_INVALID_FILTER, __VA_ARGS__), (const ldap_filter_t *)NULL)

static inline const ldap_filter_t *
filter_constant(bool value)
{
    return value ? ldap_filter_true() : ldap_filter_false();
}

static inline bool
filter_is_constant(const ldap_filter_t *filter)
{
    return ldap_filter_is_true(filter) || ldap_filter_is_false(filter);
}

/* The slot has a value. */
const ldap_filter_t *filter_present(filter_ctx_t *ctx, const map_slot_t *slot);

/* One of the slot's values satisfies `op`, which is not ne; `value` is not null. */
const ldap_filter_t *filter_term(filter_ctx_t *ctx, const map_slot_t *slot, scim_compare_t op,
                                 const json_t *value);

/* The same of text: with any `op`; with eq. */
const ldap_filter_t *filter_string(filter_ctx_t *ctx, const map_slot_t *slot, scim_compare_t op,
                                   const json_t *value);
const ldap_filter_t *filter_string_equal(filter_ctx_t *ctx, const map_slot_t *slot,
                                         str_t value);

/* What an order is made of: values at least, at most, equal to the one asked for. */
typedef struct {
    const ldap_filter_t *greater, *less; /* or equal */
    const ldap_filter_t *below;          /* strictly; NULL: not to be had directly */
    const ldap_filter_t *equal;
} filter_order_t;

filter_order_t filter_native_order(filter_ctx_t *ctx, const map_slot_t *slot, str_t value);
/* gt, ge, lt or le, made of these. */
const ldap_filter_t *filter_order(filter_ctx_t *ctx, const map_slot_t *slot, scim_compare_t op,
                                  const filter_order_t *order);

/* "PATH cannot be compared with OP: WHY"; "PATH is EXPECTED, VALUE is not". */
const ldap_filter_t *filter_refuse_op(filter_ctx_t *ctx, str_t path, scim_compare_t op,
                                      const char *why);
const ldap_filter_t *filter_refuse_kind(filter_ctx_t *ctx, str_t path, const json_t *value,
                                        const char *expected);

/* Attributes that no slot holds: id, meta, schemas, active of the lifecycle. `op` may be ne;
 * `value` NULL asks for presence. *ret_handled tells whether the target is one of them. */
const ldap_filter_t *filter_common(filter_ctx_t *ctx, const scim_target_t *target, str_t path,
                                   scim_compare_t op, const json_t *value, bool *ret_handled);

/* Compare strings that are known here, ne included: true or false. */
const ldap_filter_t *filter_fixed(filter_ctx_t *ctx, str_t path, str_t have, bool case_exact,
                                  scim_compare_t op, const json_t *value);

/* Several values, of which one that differs cannot be looked for: says what to write instead. */
const ldap_filter_t *filter_refuse_ne(filter_ctx_t *ctx, str_t path, const json_t *value);

/* attr[ filter ]: an element of the attribute satisfies it. `slot` is any slot of it. */
const ldap_filter_t *filter_elements(filter_ctx_t *ctx, const map_slot_t *slot,
                                     const scim_filter_t *filter);

/* Where a time lies outside the years 0 to 9999, which is all that generalizedTime can say: what
 * `op` then is for every time. */
bool filter_beyond_time(scim_compare_t op, int64_t time_s, bool *ret_answer) MUST_USE;

/* The literal as written in a filter, for messages. */
str_t filter_literal(filter_ctx_t *ctx, const json_t *value);

#endif
