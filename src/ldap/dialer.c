/* SPDX-License-Identifier: Apache-2.0 */
#include "ldap/dialer.h"

#include "base/clock.h"

#include <assert.h>
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

enum { PAUSE_FIRST_MS = 100, PAUSE_MAX_MS = 5000 };

typedef enum { DIAL_WAITING, DIAL_RUNNING, DIAL_POSTED } dial_state_t;

/* Belongs to the dialer until it is posted, then to the asker's loop. */
struct ldap_dial {
    loop_message_t message;
    ldap_dial_t *next;
    dial_state_t state;
    bool cancelled;
    loop_t *loop;
    ldap_dialled_fn *dialled;
    void *arg;
    ldap_conn_t *conn;
    err_t err;
};

struct ldap_dialer {
    ldap_settings_t settings; /* strings are ours */
    pthread_t thread;
    pthread_mutex_t lock; /* over all below; nothing blocks under it */
    pthread_cond_t changed;
    ldap_dial_t *waiting, **waiting_end;
    bool stopping, dialling;
    bool orphaned;     /* the thread frees the dialer */
    unsigned failures; /* in a row */
    int64_t paused_until;
    err_t last_error;
    _Atomic ldap_features_t features;
};

/* --- back-off ----------------------------------------------------------------------------- */

/* 100 ms, 200 ms and so on up to 5 s, each give or take a quarter, so that many bridges do not
 * come back in step. */
static int64_t
pause_ms(unsigned failures)
{
    int64_t ms = PAUSE_FIRST_MS;
    int64_t spread;

    while (--failures > 0 && ms < PAUSE_MAX_MS)
        ms *= 2;
    if (ms > PAUSE_MAX_MS)
        ms = PAUSE_MAX_MS;
    spread = ms / 2;
    return ms - spread / 2 + clock_monotonic_us() % (spread + 1);
}

/* --- dials -------------------------------------------------------------------------------- */

static void
deliver_dial(loop_message_t *message)
{
    ldap_dial_t *dial = CONTAINER_OF(message, ldap_dial_t, message);
    ldap_dial_t over = *dial;

    free(dial);
    over.dialled(over.arg, over.conn, &over.err);
}

/* Under the lock, so that a cancel finds the dial either here or in the mailbox. */
static void
post_dial(ldap_dial_t *dial, ldap_conn_t *conn, const err_t *err)
{
    dial->state = DIAL_POSTED;
    dial->conn = conn;
    dial->err = *err;
    loop_post(dial->loop, &dial->message);
}

static ldap_dial_t *
take_waiting(ldap_dialer_t *dialer)
{
    ldap_dial_t *dial = dialer->waiting;

    dialer->waiting = dial->next;
    if (!dialer->waiting)
        dialer->waiting_end = &dialer->waiting;
    return dial;
}

static void
remove_waiting(ldap_dialer_t *dialer, ldap_dial_t *dial)
{
    ldap_dial_t **at = &dialer->waiting;

    while (*at != dial)
        at = &(*at)->next;
    *at = dial->next;
    if (!dial->next)
        dialer->waiting_end = at;
}

/* Settle a dial that ran. Returns the connection when nobody wants it any more. */
static ldap_conn_t *
settle_dial(ldap_dialer_t *dialer, ldap_dial_t *dial, ldap_conn_t *conn, const err_t *err)
{
    if (conn) {
        dialer->failures = 0;
        dialer->paused_until = 0;
    } else {
        dialer->failures++;
        dialer->paused_until = clock_monotonic_ms() + pause_ms(dialer->failures);
        dialer->last_error = *err;
        while (dialer->waiting)
            post_dial(take_waiting(dialer), NULL, err);
    }
    if (!dial->cancelled) {
        post_dial(dial, conn, err);
        return NULL;
    }
    free(dial);
    return conn;
}

/* --- the thread --------------------------------------------------------------------------- */

static void
wait_until(ldap_dialer_t *dialer, int64_t until_ms)
{
    struct timespec until = {.tv_sec = until_ms / 1000, .tv_nsec = until_ms % 1000 * 1000000};

    if (until_ms == 0)
        pthread_cond_wait(&dialer->changed, &dialer->lock);
    else
        pthread_cond_timedwait(&dialer->changed, &dialer->lock, &until);
}

/* The next dial whose time has come; NULL when the dialer stops. */
static ldap_dial_t *
next_dial(ldap_dialer_t *dialer)
{
    while (!dialer->stopping) {
        if (!dialer->waiting)
            wait_until(dialer, 0);
        else if (clock_monotonic_ms() < dialer->paused_until)
            wait_until(dialer, dialer->paused_until);
        else
            return take_waiting(dialer);
    }
    return NULL;
}

static void free_dialer(ldap_dialer_t *dialer);

static _Atomic unsigned adrift; /* threads left to themselves that have not ended yet */

bool
ldap_dialers_have_ended(void)
{
    return atomic_load(&adrift) == 0;
}

/* Before anybody uses the connection, so that what a request may rely on is known with it. */
static ldap_conn_t *
open_conn(ldap_dialer_t *dialer, err_t *err)
{
    ldap_conn_t *conn = ldap_conn_open(&dialer->settings, err);
    ldap_features_t features =
        conn ? ldap_conn_probe(conn, dialer->settings.connect_timeout_ms) : 0;

    if (features)
        atomic_store(&dialer->features, features);
    return conn;
}

static void *
run_dialer(void *arg)
{
    ldap_dialer_t *dialer = arg;
    ldap_dial_t *dial;
    bool orphaned;

    pthread_mutex_lock(&dialer->lock);
    while ((dial = next_dial(dialer))) {
        err_t err = ERR_INIT;
        ldap_conn_t *conn;

        dial->state = DIAL_RUNNING;
        dialer->dialling = true;
        pthread_mutex_unlock(&dialer->lock);
        conn = open_conn(dialer, &err);
        pthread_mutex_lock(&dialer->lock);
        conn = settle_dial(dialer, dial, conn, &err);
        if (conn) {
            pthread_mutex_unlock(&dialer->lock);
            ldap_conn_close(conn);
            pthread_mutex_lock(&dialer->lock);
        }
        dialer->dialling = false;
    }
    orphaned = dialer->orphaned;
    pthread_mutex_unlock(&dialer->lock);
    if (orphaned) {
        free_dialer(dialer);
        atomic_fetch_sub(&adrift, 1);
    }
    return NULL;
}

/* Signals are for the main thread. */
static bool
start_thread(ldap_dialer_t *dialer)
{
    sigset_t all, before;
    int rc;

    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, &before);
    rc = pthread_create(&dialer->thread, NULL, run_dialer, dialer);
    pthread_sigmask(SIG_SETMASK, &before, NULL);
    return rc == 0;
}

/* --- life --------------------------------------------------------------------------------- */

static bool
copy_text(const char **text)
{
    if (*text)
        *text = strdup(*text);
    return *text != NULL;
}

/* Each string becomes ours, or NULL. */
static bool
copy_settings(ldap_settings_t *copy, const ldap_settings_t *settings)
{
    const char **texts[] = {&copy->url, &copy->bind_dn, &copy->password_file, &copy->ca_file,
                            &copy->tls_priority};
    bool copied = true;

    *copy = *settings;
    for (size_t i = 0; i < ARRAY_SIZE(texts); i++)
        copied = (!*texts[i] || copy_text(texts[i])) && copied;
    return copied;
}

static void
free_settings(const ldap_settings_t *settings)
{
    const char *texts[] = {settings->url, settings->bind_dn, settings->password_file,
                           settings->ca_file, settings->tls_priority};

    for (size_t i = 0; i < ARRAY_SIZE(texts); i++)
        free((void *)(uintptr_t)texts[i]);
}

static void
init_sync(ldap_dialer_t *dialer)
{
    pthread_condattr_t attr;

    pthread_condattr_init(&attr);
    pthread_condattr_setclock(&attr, CLOCK_MONOTONIC);
    pthread_cond_init(&dialer->changed, &attr);
    pthread_condattr_destroy(&attr);
    pthread_mutex_init(&dialer->lock, NULL);
}

static void
free_dialer(ldap_dialer_t *dialer)
{
    pthread_cond_destroy(&dialer->changed);
    pthread_mutex_destroy(&dialer->lock);
    free_settings(&dialer->settings);
    free(dialer);
}

ldap_dialer_t *
ldap_dialer_new(const ldap_settings_t *settings, err_t *err)
{
    ldap_dialer_t *dialer = calloc(1, sizeof(*dialer));

    if (dialer) {
        init_sync(dialer);
        dialer->waiting_end = &dialer->waiting;
        if (copy_settings(&dialer->settings, settings) && start_thread(dialer))
            return dialer;
        free_dialer(dialer);
    }
    err_set(err, ERR_UNAVAILABLE, "%s: no memory or thread for a dialer", settings->url);
    return NULL;
}

/* A dial may hang for as long as the settings let it. Nobody can want its connection any more, as
 * all askers have cancelled, so the thread is left to itself and frees the dialer as its last act.
 * One that only waits is joined, which is why an orderly end leaves nothing behind. */
void
ldap_dialer_free(ldap_dialer_t *dialer)
{
    pthread_t thread;
    bool orphaned;

    if (!dialer)
        return;
    pthread_mutex_lock(&dialer->lock);
    assert(!dialer->waiting);
    dialer->stopping = true;
    thread = dialer->thread;
    orphaned = dialer->orphaned = dialer->dialling;
    if (orphaned)
        atomic_fetch_add(&adrift, 1);
    pthread_cond_signal(&dialer->changed);
    pthread_mutex_unlock(&dialer->lock);
    if (orphaned) { /* the dialer may be gone */
        pthread_detach(thread);
        return;
    }
    pthread_join(thread, NULL);
    free_dialer(dialer);
}

ldap_dial_t *
ldap_dialer_ask(ldap_dialer_t *dialer, loop_t *loop, ldap_dialled_fn *dialled, void *arg)
{
    ldap_dial_t *dial = calloc(1, sizeof(*dial));

    if (!dial)
        return NULL;
    *dial = (ldap_dial_t){.message.deliver = deliver_dial,
                          .loop = loop,
                          .dialled = dialled,
                          .arg = arg,
                          .err = ERR_INIT};
    pthread_mutex_lock(&dialer->lock);
    *dialer->waiting_end = dial;
    dialer->waiting_end = &dial->next;
    pthread_cond_signal(&dialer->changed);
    pthread_mutex_unlock(&dialer->lock);
    return dial;
}

void
ldap_dialer_cancel(ldap_dialer_t *dialer, ldap_dial_t *dial)
{
    dial_state_t state;

    pthread_mutex_lock(&dialer->lock);
    state = dial->state;
    if (state == DIAL_WAITING)
        remove_waiting(dialer, dial);
    else if (state == DIAL_RUNNING)
        dial->cancelled = true; /* the thread frees it */
    pthread_mutex_unlock(&dialer->lock);
    if (state == DIAL_RUNNING)
        return;
    if (state == DIAL_POSTED) {
        (void)loop_unpost(dial->loop, &dial->message);
        ldap_conn_close(dial->conn);
    }
    free(dial);
}

bool
ldap_dialer_is_up(ldap_dialer_t *dialer, err_t *ret_last_error)
{
    bool up;

    pthread_mutex_lock(&dialer->lock);
    up = dialer->failures == 0;
    if (!up)
        *ret_last_error = dialer->last_error;
    pthread_mutex_unlock(&dialer->lock);
    return up;
}

bool
ldap_dialer_is_paused(ldap_dialer_t *dialer)
{
    bool paused;

    pthread_mutex_lock(&dialer->lock);
    paused = clock_monotonic_ms() < dialer->paused_until;
    pthread_mutex_unlock(&dialer->lock);
    return paused;
}

ldap_features_t
ldap_dialer_features(const ldap_dialer_t *dialer)
{
    return atomic_load(&dialer->features);
}
