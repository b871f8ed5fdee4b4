/* SPDX-License-Identifier: Apache-2.0 */
#include "ldap/conn.h"

#include "ldap/decode.h"
#include "ldap/encode.h"
#include "ldap/handle.h"
#include "ldap/stream.h"

#include <assert.h>
#include <lber.h>
#include <ldap.h>
#include <signal.h>
#include <stdlib.h>

enum {
    BUCKETS = 1024,              /* message ids are consecutive: one call each, nearly always */
    SCRATCH_MAX = 64 * 1024,     /* a scratch arena is replaced when this much is used */
    QUEUE_MAX = 16 * 1024 * 1024 /* bytes waiting to be sent beyond which nothing is accepted */
};

struct ldap_call {
    ldap_call_t *next_bucket;
    ldap_call_t *next, *prev; /* all that are outstanding, the oldest first */
    int id, response;         /* the message type of its answer */
    bool is_search, is_write, stopped;
    uint64_t begins; /* where its bytes begin in the stream */
    arena_t *mem;
    ldap_each_fn *each;
    ldap_done_fn *done; /* NULL: forgotten */
    void *arg;
    ldap_late_fn *late;
    void *late_arg;
    const ldap_entry_t **entries;
    size_t n_entries, entries_size;
};

struct ldap_conn {
    LDAP *handle;
    Sockbuf *sb;
    ldap_stream_t *stream;
    int fd;
    bool lost, in_callback;
    uint64_t messages;
    arena_t *encoding; /* requests being shaped */
    arena_t *borrowed; /* entries shown to an ldap_each_fn */
    ldap_call_t *buckets[BUCKETS];
    ldap_call_t outstanding; /* head of the ring */
    ldap_call_t *free_calls;
    size_t n;
};

static void
message_cleanup(LDAPMessage **message)
{
    ldap_msgfree(*message);
}

/* --- the table of outstanding calls ------------------------------------------------------- */

static ldap_call_t **
bucket_of(ldap_conn_t *conn, int id)
{
    return &conn->buckets[(unsigned)id % BUCKETS];
}

static ldap_call_t *
find_call(ldap_conn_t *conn, int id)
{
    ldap_call_t *call = *bucket_of(conn, id);

    while (call && call->id != id)
        call = call->next_bucket;
    return call;
}

static ldap_call_t *
take_free_call(ldap_conn_t *conn)
{
    ldap_call_t *call = conn->free_calls;

    if (!call)
        return calloc(1, sizeof(*call));
    conn->free_calls = call->next;
    *call = (ldap_call_t){.id = 0};
    return call;
}

static void
give_free_call(ldap_conn_t *conn, ldap_call_t *call)
{
    call->next = conn->free_calls;
    conn->free_calls = call;
}

static void
enter_call(ldap_conn_t *conn, ldap_call_t *call)
{
    ldap_call_t **bucket = bucket_of(conn, call->id);

    call->next_bucket = *bucket;
    *bucket = call;
    call->prev = conn->outstanding.prev;
    call->next = &conn->outstanding;
    call->prev->next = call;
    call->next->prev = call;
    conn->n++;
}

static void
remove_call(ldap_conn_t *conn, ldap_call_t *call)
{
    ldap_call_t **at = bucket_of(conn, call->id);

    while (*at != call)
        at = &(*at)->next_bucket;
    *at = call->next_bucket;
    call->prev->next = call->next;
    call->next->prev = call->prev;
    conn->n--;
}

/* The call is over; its memory may be in use again before the callback returns. */
static void
finish_call(ldap_conn_t *conn, ldap_call_t *call, ldap_reply_t *reply)
{
    ldap_call_t over = *call;

    remove_call(conn, call);
    give_free_call(conn, call);
    if (over.done)
        over.done(over.arg, reply);
    else if (over.late && reply->fate == LDAP_ANSWERED)
        over.late(over.late_arg, reply->code);
}

static void
finish_with(ldap_conn_t *conn, ldap_call_t *call, ldap_fate_t fate, int code)
{
    ldap_reply_t reply = {
        .fate = fate, .code = code, .matched = STR(""), .diagnostic = STR("")};

    if (fate == LDAP_ANSWERED) {
        reply.entries = call->entries;
        reply.n_entries = call->n_entries;
    }
    finish_call(conn, call, &reply);
}

/* --- sending ------------------------------------------------------------------------------ */

/* An arena for the next use; the old one when it has room left. */
static arena_t *
scratch(arena_t **mem)
{
    if (*mem && arena_used(*mem) > SCRATCH_MAX) {
        arena_free(*mem);
        *mem = NULL;
    }
    if (!*mem)
        *mem = arena_new(0);
    return *mem;
}

static bool
send_op(ldap_conn_t *conn, const ldap_op_t *op, int *ret_id)
{
    arena_t *mem = scratch(&conn->encoding);
    int rc = mem ? ldap_encode_send(conn->handle, mem, op, ret_id) : LDAP_NO_MEMORY;

    if (rc == LDAP_SERVER_DOWN)
        conn->lost = true;
    return rc == LDAP_SUCCESS;
}

static const int responses[] = {
    [LDAP_OP_SEARCH] = LDAP_RES_SEARCH_RESULT,
    [LDAP_OP_COMPARE] = LDAP_RES_COMPARE,
    [LDAP_OP_ADD] = LDAP_RES_ADD,
    [LDAP_OP_MODIFY] = LDAP_RES_MODIFY,
    [LDAP_OP_RENAME] = LDAP_RES_RENAME,
    [LDAP_OP_DELETE] = LDAP_RES_DELETE,
    [LDAP_OP_EXTENDED] = LDAP_RES_EXTENDED,
};

ldap_call_t *
ldap_conn_send(ldap_conn_t *conn, const ldap_op_t *op, arena_t *mem, ldap_each_fn *each,
               ldap_done_fn *done, void *arg)
{
    uint64_t begins = ldap_stream_accepted(conn->stream);
    ldap_call_t *call;

    if (conn->lost || ldap_stream_pending(conn->stream) > QUEUE_MAX)
        return NULL;
    call = take_free_call(conn);
    if (!call)
        return NULL;
    if (!send_op(conn, op, &call->id)) {
        give_free_call(conn, call);
        return NULL;
    }
    call->begins = begins;
    call->response = responses[op->kind];
    call->is_search = op->kind == LDAP_OP_SEARCH;
    call->is_write = ldap_op_is_write(op);
    call->mem = mem;
    call->each = each;
    call->done = done;
    call->arg = arg;
    enter_call(conn, call);
    return call;
}

/* libldap drops the messages of an abandoned id by itself. */
static void
abandon(ldap_conn_t *conn, const ldap_call_t *call)
{
    if (!conn->lost && ldap_abandon_ext(conn->handle, call->id, NULL, NULL) != LDAP_SUCCESS)
        conn->lost = true;
}

void
ldap_conn_forget(ldap_conn_t *conn, ldap_call_t *call, ldap_late_fn *late, void *arg)
{
    call->done = NULL;
    call->each = NULL;
    call->mem = NULL; /* the asker's, who is gone */
    if (call->is_write) {
        call->late = late;
        call->late_arg = arg;
        return;
    }
    if (call->stopped) /* being told of an entry: the reader ends it */
        return;
    abandon(conn, call);
    remove_call(conn, call);
    give_free_call(conn, call);
}

/* --- reading ------------------------------------------------------------------------------ */

static void
push_entry(void *arg)
{
    ldap_call_t *call = arg;
    size_t size = call->entries_size ? 2 * call->entries_size : 4;

    if (call->n_entries < call->entries_size)
        return;
    call->entries = arena_grow(call->mem, call->entries, call->n_entries, size,
                               sizeof(const ldap_entry_t *));
    call->entries_size = size;
}

static ldap_decoded_t
collect_entry(ldap_conn_t *conn, ldap_call_t *call, LDAPMessage *message)
{
    ldap_entry_t *entry = NULL;
    ldap_decoded_t decoded = ldap_decode_entry(conn->handle, message, call->mem, &entry);

    if (decoded != LDAP_DECODED)
        return decoded;
    if (!arena_guard(call->mem, push_entry, call))
        return LDAP_DECODE_EXHAUSTED;
    call->entries[call->n_entries++] = entry;
    return LDAP_DECODED;
}

/* While the asker looks at the entry it may forget the call, which must stay until then. */
static ldap_decoded_t
show_entry(ldap_conn_t *conn, ldap_call_t *call, LDAPMessage *message, bool *ret_stop)
{
    arena_t *mem = scratch(&conn->borrowed);
    ldap_entry_t *entry = NULL;
    ldap_decoded_t decoded =
        mem ? ldap_decode_entry(conn->handle, message, mem, &entry) : LDAP_DECODE_EXHAUSTED;

    if (decoded != LDAP_DECODED)
        return decoded;
    call->stopped = true;
    *ret_stop = !call->each(call->arg, entry) || !call->done;
    call->stopped = false;
    return LDAP_DECODED;
}

/* false: the message is not LDAP. */
static bool
read_entry(ldap_conn_t *conn, ldap_call_t *call, LDAPMessage *message)
{
    bool stop = false;
    ldap_decoded_t decoded = call->each ? show_entry(conn, call, message, &stop)
                                        : collect_entry(conn, call, message);

    if (decoded == LDAP_DECODE_BROKEN)
        return false;
    if (decoded == LDAP_DECODE_EXHAUSTED || stop) {
        abandon(conn, call);
        finish_with(conn, call, stop ? LDAP_ANSWERED : LDAP_UNKNOWN, LDAP_SUCCESS);
    }
    return true;
}

static bool
read_late_result(ldap_conn_t *conn, ldap_call_t *call, LDAPMessage *message)
{
    int code = 0;

    if (ldap_parse_result(conn->handle, message, &code, NULL, NULL, NULL, NULL, 0) !=
        LDAP_SUCCESS)
        return false;
    finish_with(conn, call, LDAP_ANSWERED, code);
    return true;
}

static bool
read_result(ldap_conn_t *conn, ldap_call_t *call, LDAPMessage *message)
{
    ldap_reply_t reply = {.fate = LDAP_UNKNOWN};

    if (!call->done)
        return read_late_result(conn, call, message);
    if (ldap_decode_result(conn->handle, message, call->mem, &reply) == LDAP_DECODE_BROKEN)
        return false;
    if (call->is_search) {
        reply.entries = call->entries;
        reply.n_entries = call->n_entries;
    }
    finish_call(conn, call, &reply);
    return true;
}

/* Unsolicited: the only one defined says that the server hangs up, and why (RFC 4511 §4.4.1). Its
 * name is not read, as ldap_parse_extended_result ends the process where that is empty. */
static bool
read_notification(ldap_conn_t *conn, LDAPMessage *message)
{
    int code = LDAP_SUCCESS;

    return ldap_msgtype(message) == LDAP_RES_EXTENDED &&
           ldap_parse_result(conn->handle, message, &code, NULL, NULL, NULL, NULL, 0) ==
               LDAP_SUCCESS &&
           code == LDAP_SUCCESS;
}

/* false: the connection is of no further use. */
static bool
read_message(ldap_conn_t *conn, LDAPMessage *message)
{
    int id = ldap_msgid(message);
    ldap_call_t *call = find_call(conn, id);

    conn->messages++;
    if (id == 0)
        return read_notification(conn, message);
    if (!call) /* the late answer to an abandoned search */
        return true;
    switch (ldap_msgtype(message)) {
    case LDAP_RES_SEARCH_ENTRY:
        return call->is_search && read_entry(conn, call, message);
    case LDAP_RES_SEARCH_REFERENCE:
    case LDAP_RES_INTERMEDIATE:
        return true;
    default: /* an answer to another question is none */
        return ldap_msgtype(message) == call->response && read_result(conn, call, message);
    }
}

/* Whether bytes are buffered on this side of the kernel. */
static bool
is_buffered(const ldap_conn_t *conn)
{
    return ber_sockbuf_ctrl(conn->sb, LBER_SB_OPT_DATA_READY, NULL) > 0;
}

/* Take what the socket has. false: nothing is there; the connection may be lost. */
static bool
has_input(ldap_conn_t *conn)
{
    ldap_stream_state_t state;

    if (is_buffered(conn))
        return true;
    state = ldap_stream_fill(conn->stream);
    if (state == LDAP_STREAM_ENDED)
        conn->lost = true;
    return state == LDAP_STREAM_FILLED;
}

/* Take one message. false: none is complete, or the connection is lost. ldap_result is called
 * only for bytes that are here, so that it does not ask poll(2) what epoll has said already; and
 * when it gives nothing, bytes may still be buffered. */
static bool
read_one(ldap_conn_t *conn)
{
    CLEANUP(message_cleanup) LDAPMessage *message = NULL;
    struct timeval at_once = {0, 0};
    int rc;

    if (!has_input(conn))
        return false;
    rc = ldap_result(conn->handle, LDAP_RES_ANY, LDAP_MSG_ONE, &at_once, &message);
    if (rc == 0)
        return is_buffered(conn);
    if (rc < 0 || !read_message(conn, message))
        conn->lost = true;
    return !conn->lost;
}

bool
ldap_conn_read(ldap_conn_t *conn, int max, bool *ret_more)
{
    bool more = true;

    assert(!conn->in_callback);
    conn->in_callback = true;
    for (int i = 0; i < max && more && !conn->lost; i++)
        more = read_one(conn);
    conn->in_callback = false;
    *ret_more = more;
    return !conn->lost;
}

bool
ldap_conn_write(ldap_conn_t *conn)
{
    if (!conn->lost && !ldap_stream_flush(conn->stream))
        conn->lost = true;
    return !conn->lost;
}

bool
ldap_conn_wants_write(const ldap_conn_t *conn)
{
    return !conn->lost && ldap_stream_pending(conn->stream) > 0;
}

size_t
ldap_conn_outstanding(const ldap_conn_t *conn)
{
    return conn->n;
}

uint64_t
ldap_conn_messages(const ldap_conn_t *conn)
{
    return conn->messages;
}

typedef struct {
    arena_t *mem;
    struct berval from;
    str_t to;
} certificate_t;

static void
copy_certificate(void *arg)
{
    certificate_t *certificate = arg;

    certificate->to =
        str_dup(certificate->mem, str_from(certificate->from.bv_val, certificate->from.bv_len));
}

str_t
ldap_conn_certificate(const ldap_conn_t *conn, arena_t *mem)
{
    certificate_t certificate = {.mem = mem, .to = STR("")};
    bool copied = true;

    if (ldap_get_option(conn->handle, LDAP_OPT_X_TLS_PEERCERT, &certificate.from) ==
            LDAP_OPT_SUCCESS &&
        certificate.from.bv_val) {
        copied = arena_guard(mem, copy_certificate, &certificate);
        ldap_memfree(certificate.from.bv_val);
    }
    return copied ? certificate.to : STR("");
}

int
ldap_conn_fd(const ldap_conn_t *conn)
{
    return conn->fd;
}

/* --- life --------------------------------------------------------------------------------- */

void
ldap_conn_setup(void)
{
    int version = LDAP_VERSION3;

    setenv("LDAPNOINIT", "1", 1);
    signal(SIGPIPE, SIG_IGN);
    /* libldap initialises itself at its first call, which is this one. */
    (void)ldap_set_option(NULL, LDAP_OPT_PROTOCOL_VERSION, &version);
}

static bool
adopt_handle(ldap_conn_t *conn)
{
    conn->stream = ldap_stream_new(conn->handle, conn->fd);
    return conn->stream &&
           ldap_get_option(conn->handle, LDAP_OPT_SOCKBUF, &conn->sb) == LDAP_OPT_SUCCESS;
}

ldap_conn_t *
ldap_conn_open(const ldap_settings_t *settings, err_t *err)
{
    ldap_conn_t *conn = calloc(1, sizeof(*conn));

    if (!conn) {
        err_set(err, ERR_UNAVAILABLE, "%s: no memory for a connection", settings->url);
        return NULL;
    }
    conn->outstanding.next = conn->outstanding.prev = &conn->outstanding;
    conn->handle = ldap_handle_open(settings, &conn->fd, err);
    if (conn->handle && adopt_handle(conn))
        return conn;
    if (conn->handle)
        err_set(err, ERR_UNAVAILABLE, "%s: no memory for a connection", settings->url);
    ldap_conn_close(conn);
    return NULL;
}

static void
fail_outstanding(ldap_conn_t *conn)
{
    uint64_t sent = ldap_stream_sent(conn->stream);

    while (conn->outstanding.next != &conn->outstanding) {
        ldap_call_t *call = conn->outstanding.next;

        finish_with(conn, call, call->begins >= sent ? LDAP_NOT_SENT : LDAP_UNKNOWN, 0);
    }
}

static void
free_calls(ldap_conn_t *conn)
{
    for (ldap_call_t *call = conn->free_calls, *next; call; call = next) {
        next = call->next;
        free(call);
    }
}

void
ldap_conn_close(ldap_conn_t *conn)
{
    if (!conn)
        return;
    assert(!conn->in_callback);
    conn->lost = true;
    if (conn->stream) {
        /* What has not left is answered as not sent, so it must not leave now. */
        if (ldap_stream_pending(conn->stream) > 0)
            ldap_stream_discard(conn->stream);
        fail_outstanding(conn);
    }
    ldap_handle_close(conn->handle);
    ldap_stream_free(conn->stream);
    arena_free(conn->encoding);
    arena_free(conn->borrowed);
    free_calls(conn);
    free(conn);
}
