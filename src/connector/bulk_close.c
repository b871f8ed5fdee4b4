/* SPDX-License-Identifier: Apache-2.0 */
/* Circles of references under way: made whole, or not at all. */
#include "connector/bulk_task.h"

void
bulk_make_circles(bulk_task_t *self)
{
    const bulk_t *bulk = &self->bulk;

    self->circles = arena_array_of(self->task.mem, bulk->n_circles, circle_t);
    for (size_t i = 0; i < bulk->n; i++)
        if (bulk->ops[i].circle != BULK_NONE)
            self->circles[bulk->ops[i].circle].n++;
    for (size_t i = 0; i < bulk->n_circles; i++) {
        self->circles[i].members = arena_array_of(self->task.mem, self->circles[i].n, size_t);
        self->circles[i].n = 0;
    }
    for (size_t i = 0; i < bulk->n; i++) {
        circle_t *circle;

        if (bulk->ops[i].circle == BULK_NONE)
            continue;
        circle = &self->circles[bulk->ops[i].circle];
        circle->members[circle->n++] = i;
    }
}

static void
break_circle(bulk_task_t *self, circle_t *circle)
{
    err_t err = ERR_INIT;

    circle->broken = true;
    err_set(
        &err, ERR_CONFLICT,
        "it belongs to a circle of references that could not be closed, and was removed again");
    for (size_t i = 0; i < circle->n; i++) {
        const part_t *part = &self->parts[circle->members[i]];

        if (part->state != PART_WAITING && !bulk_part_failed(part))
            bulk_fail_part(self, circle->members[i], &err);
    }
}

static bool
link_ended(task_t *task, const reply_t *reply, err_t *err)
{
    bulk_task_t *self = (bulk_task_t *)task;
    part_t *part = &self->parts[reply->tag];

    bulk_take_result(self, reply->tag, reply->result);
    part->state = PART_LINKED;
    if (bulk_part_failed(part))
        self->circles[self->bulk.ops[reply->tag].circle].broken = true;
    return bulk_go_on(self, err);
}

static bool
undo_ended(task_t *task, const reply_t *reply, err_t *err)
{
    bulk_task_t *self = (bulk_task_t *)task;

    bulk_take_result(self, reply->tag, reply->result);
    bulk_end_part(self, reply->tag);
    return bulk_go_on(self, err);
}

static size_t
count_state(const bulk_task_t *self, const circle_t *circle, part_state_t state)
{
    size_t n = 0;

    for (size_t i = 0; i < circle->n; i++)
        n += self->parts[circle->members[i]].state == state;
    return n;
}

static void
link_members(bulk_task_t *self, circle_t *circle)
{
    for (size_t i = 0; i < circle->n && bulk_has_room(self) && !circle->broken; i++) {
        size_t member = circle->members[i];

        if (self->parts[member].state != PART_MADE)
            continue;
        self->parts[member].state = PART_LINKING;
        if (bulk_begin_part(self, member, link_ended))
            continue;
        self->parts[member].state = PART_LINKED;
        circle->broken = true;
    }
}

/* An entry that was there before was nobody's to remove. */
static void
undo_member(bulk_task_t *self, size_t member)
{
    part_t *part = &self->parts[member];
    err_t err = ERR_INIT;

    if (!part->is_new) {
        err_set(&err, ERR_CONFLICT,
                "it belongs to a circle of references that could not be closed; the entry was "
                "there before and was changed");
        bulk_fail_part(self, member, &err);
        bulk_end_part(self, member);
        return;
    }
    part->state = PART_UNDOING;
    if (!bulk_begin_part(self, member, undo_ended))
        bulk_end_part(self, member);
}

static void
undo_members(bulk_task_t *self, circle_t *circle)
{
    break_circle(self, circle);
    for (size_t i = 0; i < circle->n && bulk_has_room(self); i++) {
        part_state_t state = self->parts[circle->members[i]].state;

        if (state == PART_MADE || state == PART_LINKED)
            undo_member(self, circle->members[i]);
    }
}

static void
close_circle(bulk_task_t *self, circle_t *circle)
{
    for (size_t i = 0; i < circle->n; i++)
        bulk_end_part(self, circle->members[i]);
}

/* A circle is made whole, or not at all: first all its members, then what refers to each other. */
static void
advance_circle(bulk_task_t *self, circle_t *circle)
{
    size_t waiting = count_state(self, circle, PART_WAITING);
    size_t ended = count_state(self, circle, PART_ENDED);

    if (ended == circle->n || count_state(self, circle, PART_BEGUN) ||
        count_state(self, circle, PART_AGAIN) || (waiting && !bulk_has_stopped(self)))
        return;
    if (ended || waiting || circle->broken) {
        if (!count_state(self, circle, PART_LINKING))
            undo_members(self, circle);
    } else if (count_state(self, circle, PART_LINKED) == circle->n) {
        close_circle(self, circle);
    } else {
        link_members(self, circle);
    }
}

void
bulk_advance_circles(bulk_task_t *self)
{
    for (size_t i = 0; i < self->bulk.n_circles; i++)
        advance_circle(self, &self->circles[i]);
}

bool
bulk_has_open_circle(const bulk_task_t *self)
{
    for (size_t i = 0; i < self->bulk.n_circles; i++)
        if (count_state(self, &self->circles[i], PART_MADE) ||
            count_state(self, &self->circles[i], PART_LINKED))
            return true;
    return false;
}
