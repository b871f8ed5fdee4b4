/* SPDX-License-Identifier: Apache-2.0 */
#include "connector/merge.h"

#include <limits.h>

/* An offer is the type that it takes the group for, then values: the sign, the type's number, id NUL, DN NUL. Under one id
 * requests may meet that mean different types, or after a reload those of another map. */
enum { OFFER_VALUES_MAX = 20, OFFERS_MAX = 64, ROOM = 32 * 1024 };

/* Never looked into. */
static str_t
bytes_of_type(const map_type_t *const *type)
{
    return str_from((const char *)type, sizeof(*type));
}

/* ---- offering ---- */

static bool
add_value(const task_t *task, buf_t *buf, char sign, str_t id)
{
    const exchange_t *exchange = exchange_of(task);
    map_link_t link;
    size_t type;

    if (!exchange_links(task)->by_id(exchange_links(task), id, &link) || !link.type)
        return false;
    type = (size_t)(link.type - exchange->map->types);
    if (type > UCHAR_MAX)
        return false;
    buf_add_char(buf, sign);
    buf_add_char(buf, (char)type);
    buf_add(buf, link.id);
    buf_add_char(buf, '\0');
    buf_add(buf, link.dn);
    buf_add_char(buf, '\0');
    return true;
}

str_t
merge_offer(const task_t *task, const map_member_delta_t *delta)
{
    const exchange_t *exchange = exchange_of(task);
    buf_t buf;

    if (delta->n_add + delta->n_remove > OFFER_VALUES_MAX || exchange->condition.match.given ||
        exchange->condition.none_match.given)
        return STR("");
    buf_init(&buf, task->mem, ROOM / 4);
    buf_add(&buf, bytes_of_type(&exchange->type));
    for (size_t i = 0; i < delta->n_remove; i++)
        if (!add_value(task, &buf, '-', delta->remove[i]))
            return STR("");
    for (size_t i = 0; i < delta->n_add; i++)
        if (!add_value(task, &buf, '+', delta->add[i]))
            return STR("");
    return buf.failed ? STR("") : buf_str(&buf);
}

/* ---- joining ---- */

typedef struct {
    str_t *ids;
    size_t n;
} ids_t;

typedef struct {
    task_t *task;
    ids_t add, remove;
} joint_t;

static bool
has(const ids_t *ids, str_t id)
{
    for (size_t i = 0; i < ids->n; i++)
        if (str_ieq(ids->ids[i], id))
            return true;
    return false;
}

static str_t
take_text(str_t *offer)
{
    size_t end = str_find_char(*offer, '\0');
    str_t text = str_slice(*offer, 0, end);

    *offer = str_skip(*offer, end + 1);
    return text;
}

typedef struct {
    char sign;
    const map_type_t *type;
    str_t id, dn;
} value_t;

static value_t
take_value(const joint_t *joint, str_t *offer)
{
    const map_t *map = exchange_of(joint->task)->map;
    value_t value = {.sign = offer->p[0], .type = &map->types[(unsigned char)offer->p[1]]};

    *offer = str_skip(*offer, 2);
    value.id = take_text(offer);
    value.dn = take_text(offer);
    return value;
}

/* Whom the holder knows as nobody, or by another name, whoever offers it may have seen later. */
static bool
is_same_here(const joint_t *joint, const value_t *value)
{
    const task_t *task = joint->task;
    const map_links_t *links = exchange_links(task);
    map_link_t link;

    if (!links_know_id(&exchange_of(task)->links, value->id))
        return true;
    return links->by_id(links, value->id, &link) && link.type == value->type &&
           str_eq(ldap_dn_normal(task->mem, link.dn), ldap_dn_normal(task->mem, value->dn));
}

/* What one adds and another removes goes in its order, one after the other. */
static bool
agrees(const joint_t *joint, str_t offer)
{
    size_t n = joint->add.n + joint->remove.n;
    const map_type_t *type = exchange_of(joint->task)->type;

    if (!str_eq(str_slice(offer, 0, sizeof(type)), bytes_of_type(&type)))
        return false;
    offer = str_skip(offer, sizeof(type));
    while (offer.n) {
        value_t value = take_value(joint, &offer);

        if (++n > MERGE_VALUES_MAX ||
            has(value.sign == '+' ? &joint->remove : &joint->add, value.id) ||
            !is_same_here(joint, &value))
            return false;
    }
    return true;
}

static void
take_in(joint_t *joint, str_t offer)
{
    task_t *task = joint->task;

    offer = str_skip(offer, sizeof(map_type_t *));
    while (offer.n) {
        value_t value = take_value(joint, &offer);
        ids_t *ids = value.sign == '+' ? &joint->add : &joint->remove;

        if (has(ids, value.id))
            continue;
        ids->ids[ids->n++] = value.id;
        if (!links_know_id(&exchange_of(task)->links, value.id))
            links_add(&exchange_of(task)->links, value.id, value.dn,
                      ldap_dn_normal(task->mem, value.dn), value.type);
    }
}

static ids_t
ids_of(const joint_t *joint, const str_t *ids, size_t n)
{
    ids_t copy = {.ids = arena_array_of(joint->task->mem, n + MERGE_VALUES_MAX, str_t), .n = n};

    memcpy(copy.ids, ids, n * sizeof(str_t));
    return copy;
}

size_t
merge_join(task_t *holder, const map_member_delta_t *delta, map_member_delta_t *ret_joint)
{
    gate_offers_t offers = {.max = OFFERS_MAX, .size = ROOM};
    joint_t joint = {.task = holder};
    size_t n = 0;

    if (delta->n_add + delta->n_remove >= MERGE_VALUES_MAX || !task_is_awaited(holder))
        return 0;
    offers.bytes = arena_alloc(holder->mem, ROOM);
    offers.offers = arena_array_of(holder->mem, OFFERS_MAX, str_t);
    task_collect(holder, &offers);
    joint.add = ids_of(&joint, delta->add, delta->n_add);
    joint.remove = ids_of(&joint, delta->remove, delta->n_remove);
    for (; n < offers.n && agrees(&joint, offers.offers[n]); n++)
        take_in(&joint, offers.offers[n]);
    task_take(holder, n);
    *ret_joint = (map_member_delta_t){.add = joint.add.ids,
                                      .n_add = joint.add.n,
                                      .remove = joint.remove.ids,
                                      .n_remove = joint.remove.n};
    return n;
}
