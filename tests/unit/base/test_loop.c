/* SPDX-License-Identifier: Apache-2.0 */
#include "base/loop.h"

#include "base/clock.h"
#include "support/suite_run.h"

#include <check.h>
#include <pthread.h>
#include <stdlib.h>
#include <sys/epoll.h>
#include <unistd.h>

static loop_t *loop;
static err_t err;

static void
setup(void)
{
    err = (err_t)ERR_INIT;
    loop = loop_new(&err);
    ck_assert_ptr_nonnull(loop);
}

static void
teardown(void)
{
    loop_free(loop);
    loop = NULL;
}

/* --- timers ------------------------------------------------------------------------------- */

typedef struct {
    loop_timer_t timer;
    int id;
    bool again;
} alarm_t;

static int fired[2000];
static size_t n_fired;

static void
alarm_fire(loop_timer_t *timer)
{
    alarm_t *alarm = CONTAINER_OF(timer, alarm_t, timer);

    fired[n_fired++] = alarm->id;
    if (alarm->again)
        loop_timer_set(loop, timer, loop_now(loop));
}

START_TEST(timers_fire_in_order_of_time)
{
    enum { N = 1000 };
    static alarm_t alarms[N];
    int64_t now = clock_monotonic_ms();
    unsigned seed = 7;

    n_fired = 0;
    for (int i = 0; i < N; i++) {
        alarms[i] = (alarm_t){.timer.fire = alarm_fire, .id = i};
        loop_timer_set(loop, &alarms[i].timer, now - rand_r(&seed) % 500 - 1);
    }
    for (int i = 0; i < N; i += 3)
        loop_timer_clear(loop, &alarms[i].timer);
    for (int i = 1; i < N; i += 3)
        loop_timer_set(loop, &alarms[i].timer, now - rand_r(&seed) % 500 - 1);
    loop_turn(loop, 0);
    ck_assert_uint_eq(n_fired, N - (N + 2) / 3);
    for (size_t i = 1; i < n_fired; i++)
        ck_assert_int_le(alarms[fired[i - 1]].timer.at_ms, alarms[fired[i]].timer.at_ms);
    for (int i = 0; i < N; i++)
        ck_assert(!alarms[i].timer.set);
}
END_TEST

START_TEST(timer_is_never_early_and_wakes_the_loop)
{
    alarm_t alarm = {.timer.fire = alarm_fire, .id = 1};
    int64_t at = clock_monotonic_ms() + 30;

    n_fired = 0;
    loop_timer_set(loop, &alarm.timer, at);
    loop_turn(loop, 0);
    ck_assert_uint_eq(n_fired, 0);
    loop_turn(loop, -1);
    ck_assert_uint_eq(n_fired, 1);
    ck_assert_int_ge(clock_monotonic_ms(), at);
    ck_assert_int_ge(loop_now(loop), at);
}
END_TEST

START_TEST(timer_that_sets_itself_waits_for_the_next_turn)
{
    alarm_t alarm = {.timer.fire = alarm_fire, .id = 1, .again = true};

    n_fired = 0;
    loop_timer_set(loop, &alarm.timer, 0);
    loop_turn(loop, 0);
    ck_assert_uint_eq(n_fired, 1);
    loop_turn(loop, -1);
    ck_assert_uint_eq(n_fired, 2);
    loop_timer_clear(loop, &alarm.timer);
    loop_turn(loop, 0);
    ck_assert_uint_eq(n_fired, 2);
}
END_TEST

START_TEST(timeout_bounds_a_turn)
{
    alarm_t alarm = {.timer.fire = alarm_fire, .id = 1};
    int64_t began = clock_monotonic_ms();

    n_fired = 0;
    loop_timer_set(loop, &alarm.timer, began + 60000);
    loop_turn(loop, 20);
    ck_assert_uint_eq(n_fired, 0);
    ck_assert_int_ge(clock_monotonic_ms() - began, 19);
    ck_assert_int_lt(clock_monotonic_ms() - began, 10000);
}
END_TEST

/* --- descriptors -------------------------------------------------------------------------- */

typedef struct watched watched_t;

struct watched {
    loop_source_t source;
    int pipe[2];
    int calls;
    uint32_t seen;
    watched_t *remove; /* taken out of the loop when this one is called */
    bool free_removed;
};

static void
watched_ready(loop_source_t *source, uint32_t events)
{
    watched_t *watched = CONTAINER_OF(source, watched_t, source);
    watched_t *other = watched->remove;

    watched->calls++;
    watched->seen |= events;
    if (!other)
        return;
    watched->remove = NULL;
    if (watched->free_removed) {
        loop_unwatch(loop, &other->source);
        close(other->pipe[0]);
        close(other->pipe[1]);
        free(other);
    } else {
        loop_unwatch(loop, &other->source);
    }
}

static watched_t *
watched_new(void)
{
    watched_t *watched = calloc(1, sizeof(*watched));

    ck_assert_ptr_nonnull(watched);
    ck_assert_int_eq(pipe(watched->pipe), 0);
    ck_assert_int_eq(write(watched->pipe[1], "x", 1), 1);
    watched->source = (loop_source_t){.fd = watched->pipe[0], .ready = watched_ready};
    ck_assert(loop_watch(loop, &watched->source, EPOLLIN, &err));
    return watched;
}

static void
watched_free(watched_t *watched)
{
    loop_unwatch(loop, &watched->source);
    close(watched->pipe[0]);
    close(watched->pipe[1]);
    free(watched);
}

START_TEST(watching_is_level_triggered_and_ends)
{
    watched_t *watched = watched_new();

    loop_turn(loop, 1000);
    loop_turn(loop, 1000);
    ck_assert_int_eq(watched->calls, 2);
    ck_assert_uint_eq(watched->seen, EPOLLIN);
    loop_unwatch(loop, &watched->source);
    ck_assert_uint_eq(watched->source.events, 0);
    loop_turn(loop, 0);
    ck_assert_int_eq(watched->calls, 2);
    watched_free(watched);
}
END_TEST

START_TEST(callback_removes_itself)
{
    watched_t *watched = watched_new();

    watched->remove = watched;
    loop_turn(loop, 1000);
    loop_turn(loop, 0);
    ck_assert_int_eq(watched->calls, 1);
    watched_free(watched);
}
END_TEST

/* Whichever of the two comes first, the other is gone and its memory too. */
START_TEST(callback_removes_and_frees_another)
{
    watched_t *first = watched_new();
    watched_t *second = watched_new();
    watched_t *rest = watched_new();

    first->remove = second;
    first->free_removed = true;
    loop_turn(loop, 1000);
    loop_turn(loop, 0);
    ck_assert_int_eq(first->calls, 2);
    ck_assert_int_eq(rest->calls, 2);
    watched_free(first);
    watched_free(rest);
}
END_TEST

START_TEST(events_are_changed)
{
    watched_t *watched = watched_new();
    loop_source_t out = {.fd = watched->pipe[1], .ready = watched_ready};

    loop_unwatch(loop, &watched->source);
    watched->source = out;
    ck_assert(loop_watch(loop, &watched->source, EPOLLOUT, &err));
    loop_turn(loop, 1000);
    ck_assert_uint_eq(watched->seen, EPOLLOUT);
    ck_assert(loop_watch(loop, &watched->source, EPOLLIN, &err));
    loop_turn(loop, 0);
    ck_assert_int_eq(watched->calls, 1);
    watched_free(watched);
}
END_TEST

START_TEST(bad_descriptor_is_an_error)
{
    loop_source_t source = {.fd = -1, .ready = watched_ready};

    ck_assert(!loop_watch(loop, &source, EPOLLIN, &err));
    ck_assert_int_eq(err.kind, ERR_UNAVAILABLE);
    ck_assert_uint_eq(source.events, 0);
}
END_TEST

/* --- mailbox ------------------------------------------------------------------------------ */

enum { THREADS = 4, LETTERS = 5000 };

typedef struct {
    loop_message_t message;
    int sender, number;
} letter_t;

static letter_t letters[THREADS][LETTERS];
static int next_number[THREADS];
static int n_delivered;

static void
letter_deliver(loop_message_t *message)
{
    letter_t *letter = CONTAINER_OF(message, letter_t, message);

    ck_assert_int_eq(letter->number, next_number[letter->sender]++);
    n_delivered++;
}

static void *
send_letters(void *arg)
{
    int sender = *(int *)arg;

    for (int i = 0; i < LETTERS; i++) {
        letters[sender][i] =
            (letter_t){.message.deliver = letter_deliver, .sender = sender, .number = i};
        loop_post(loop, &letters[sender][i].message);
    }
    return NULL;
}

START_TEST(posts_of_threads_arrive_in_order)
{
    pthread_t threads[THREADS];
    int senders[THREADS];
    int64_t until = clock_monotonic_ms() + 20000;

    n_delivered = 0;
    for (int i = 0; i < THREADS; i++) {
        next_number[i] = 0;
        senders[i] = i;
        ck_assert_int_eq(pthread_create(&threads[i], NULL, send_letters, &senders[i]), 0);
    }
    while (n_delivered < THREADS * LETTERS && clock_monotonic_ms() < until)
        loop_turn(loop, 1000);
    for (int i = 0; i < THREADS; i++)
        pthread_join(threads[i], NULL);
    ck_assert_int_eq(n_delivered, THREADS * LETTERS);
}
END_TEST

static letter_t second_letter;

static void
letter_posts_another(loop_message_t *message)
{
    (void)message;
    n_delivered++;
    loop_post(loop, &second_letter.message);
}

START_TEST(post_while_delivering_waits_for_the_next_turn)
{
    letter_t letter = {.message.deliver = letter_posts_another};

    n_delivered = 0;
    next_number[0] = 0;
    second_letter = (letter_t){.message.deliver = letter_deliver};
    loop_post(loop, &letter.message);
    loop_turn(loop, 1000);
    ck_assert_int_eq(n_delivered, 1);
    loop_turn(loop, 1000);
    ck_assert_int_eq(n_delivered, 2);
}
END_TEST

static letter_t unposted;

static void
letter_unposts(loop_message_t *message)
{
    (void)message;
    n_delivered++;
    ck_assert(loop_unpost(loop, &unposted.message));
}

START_TEST(message_is_taken_back)
{
    letter_t first = {.message.deliver = letter_unposts};
    letter_t last = {.message.deliver = letter_deliver};

    n_delivered = 0;
    next_number[0] = 0;
    unposted = (letter_t){.message.deliver = letter_deliver};
    ck_assert(!loop_unpost(loop, &unposted.message));
    loop_post(loop, &unposted.message);
    ck_assert(loop_unpost(loop, &unposted.message));
    loop_post(loop, &first.message);
    loop_post(loop, &unposted.message); /* taken back while the batch is delivered */
    loop_post(loop, &last.message);
    loop_turn(loop, 1000);
    ck_assert_int_eq(n_delivered, 2);
}
END_TEST

int
main(void)
{
    Suite *suite = suite_create("loop");
    TCase *tcase = tcase_create("loop");

    tcase_set_timeout(tcase, 60);
    tcase_add_checked_fixture(tcase, setup, teardown);
    tcase_add_test(tcase, timers_fire_in_order_of_time);
    tcase_add_test(tcase, timer_is_never_early_and_wakes_the_loop);
    tcase_add_test(tcase, timer_that_sets_itself_waits_for_the_next_turn);
    tcase_add_test(tcase, timeout_bounds_a_turn);
    tcase_add_test(tcase, watching_is_level_triggered_and_ends);
    tcase_add_test(tcase, callback_removes_itself);
    tcase_add_test(tcase, callback_removes_and_frees_another);
    tcase_add_test(tcase, events_are_changed);
    tcase_add_test(tcase, bad_descriptor_is_an_error);
    tcase_add_test(tcase, posts_of_threads_arrive_in_order);
    tcase_add_test(tcase, post_while_delivering_waits_for_the_next_turn);
    tcase_add_test(tcase, message_is_taken_back);
    suite_add_tcase(suite, tcase);
    return suite_run(suite);
}
