/* SPDX-License-Identifier: Apache-2.0 */
#include "ldap/stream.h"

#include <errno.h>
#include <fcntl.h>
#include <lber.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

enum {
    IN_SIZE = 64 * 1024,
    OUT_SIZE = 16 * 1024,
    OUT_KEPT = 1024 * 1024 /* a larger buffer is given back once it is empty */
};

struct ldap_stream {
    int fd;
    bool ended, discarding, drained;
    char *out;
    size_t out_at, out_end, out_size;
    uint64_t accepted, sent;
    size_t in_at, in_end;
    char in[IN_SIZE];
};

/* --- output ------------------------------------------------------------------------------- */

/* Requests carry passwords: nothing of them stays behind in freed memory. */
static bool
out_resize(ldap_stream_t *stream, size_t size)
{
    size_t n = stream->out_end - stream->out_at;
    char *out = malloc(size);

    if (!out)
        return false;
    if (stream->out) {
        memcpy(out, stream->out + stream->out_at, n);
        explicit_bzero(stream->out, stream->out_end);
        free(stream->out);
    }
    stream->out = out;
    stream->out_size = size;
    stream->out_at = 0;
    stream->out_end = n;
    return true;
}

static bool
out_reserve(ldap_stream_t *stream, size_t n)
{
    size_t size = stream->out_size ? stream->out_size : OUT_SIZE;

    if (stream->out_size - stream->out_end >= n)
        return true;
    while (size - (stream->out_end - stream->out_at) < n) {
        if (__builtin_mul_overflow(size, 2, &size))
            return false;
    }
    return out_resize(stream, size);
}

static void
out_empty(ldap_stream_t *stream)
{
    if (stream->out)
        explicit_bzero(stream->out, stream->out_end);
    stream->out_at = stream->out_end = 0;
    if (stream->out_size > OUT_KEPT) {
        free(stream->out);
        stream->out = NULL;
        stream->out_size = 0;
    }
}

bool
ldap_stream_flush(ldap_stream_t *stream)
{
    while (stream->out_at < stream->out_end && !stream->ended) {
        ssize_t n = send(stream->fd, stream->out + stream->out_at,
                         stream->out_end - stream->out_at, MSG_NOSIGNAL | MSG_DONTWAIT);

        if (n < 0 && errno == EINTR)
            continue;
        if (n < 0 && errno == EAGAIN)
            return true;
        if (n < 0) {
            stream->ended = true;
            break;
        }
        stream->out_at += (size_t)n;
        stream->sent += (uint64_t)n;
    }
    if (stream->out_at == stream->out_end && stream->out_end > 0)
        out_empty(stream);
    return !stream->ended;
}

size_t
ldap_stream_pending(const ldap_stream_t *stream)
{
    return stream->out_end - stream->out_at;
}

uint64_t
ldap_stream_accepted(const ldap_stream_t *stream)
{
    return stream->accepted;
}

uint64_t
ldap_stream_sent(const ldap_stream_t *stream)
{
    return stream->sent;
}

void
ldap_stream_discard(ldap_stream_t *stream)
{
    stream->discarding = true;
    out_empty(stream);
}

/* --- input -------------------------------------------------------------------------------- */

/* As read(2), but interrupted never. */
static ssize_t
receive(ldap_stream_t *stream, void *buf, size_t n)
{
    ssize_t got;

    do
        got = recv(stream->fd, buf, n, MSG_DONTWAIT);
    while (got < 0 && errno == EINTR);
    if (got == 0 || (got < 0 && errno != EAGAIN))
        stream->ended = true;
    return got;
}

static ssize_t
in_fill(ldap_stream_t *stream)
{
    ssize_t got = receive(stream, stream->in, sizeof(stream->in));

    stream->in_at = 0;
    stream->in_end = got > 0 ? (size_t)got : 0;
    stream->drained = got > 0 && stream->in_end < sizeof(stream->in);
    return got;
}

ldap_stream_state_t
ldap_stream_fill(ldap_stream_t *stream)
{
    if (stream->in_at < stream->in_end)
        return LDAP_STREAM_FILLED;
    if (stream->drained) { /* less came than there was room for: nothing more is there yet */
        stream->drained = false;
        return LDAP_STREAM_EMPTY;
    }
    if (in_fill(stream) > 0)
        return LDAP_STREAM_FILLED;
    return stream->ended ? LDAP_STREAM_ENDED : LDAP_STREAM_EMPTY;
}

/* --- the layer, as liblber calls it --------------------------------------------------------- */

static int
layer_setup(Sockbuf_IO_Desc *desc, void *arg)
{
    desc->sbiod_pvt = arg;
    return 0;
}

static int
layer_remove(Sockbuf_IO_Desc *desc)
{
    desc->sbiod_pvt = NULL;
    return 0;
}

/* 1: bytes are here that the descriptor will not announce. */
static int
layer_ctrl(Sockbuf_IO_Desc *desc, int option, void *arg)
{
    const ldap_stream_t *stream = desc->sbiod_pvt;

    if (option == LBER_SB_OPT_DATA_READY && stream->in_at < stream->in_end)
        return 1;
    return LBER_SBIOD_CTRL_NEXT(desc, option, arg);
}

static ber_slen_t
layer_read(Sockbuf_IO_Desc *desc, void *buf, ber_len_t len)
{
    ldap_stream_t *stream = desc->sbiod_pvt;
    size_t n;

    if (stream->in_at == stream->in_end) {
        ssize_t got = len >= IN_SIZE ? receive(stream, buf, len) : in_fill(stream);

        if (got <= 0 || len >= IN_SIZE)
            return got;
    }
    n = stream->in_end - stream->in_at;
    if (n > len)
        n = len;
    memcpy(buf, stream->in + stream->in_at, n);
    stream->in_at += n;
    return (ber_slen_t)n;
}

static ber_slen_t
layer_write(Sockbuf_IO_Desc *desc, void *buf, ber_len_t len)
{
    ldap_stream_t *stream = desc->sbiod_pvt;

    if (stream->discarding)
        return (ber_slen_t)len;
    if (stream->ended || !out_reserve(stream, len)) {
        errno = stream->ended ? EPIPE : ENOBUFS;
        return -1;
    }
    memcpy(stream->out + stream->out_end, buf, len);
    stream->out_end += len;
    stream->accepted += len;
    return (ber_slen_t)len;
}

/* The last words (unbind, the end of TLS) go out if the socket takes them at once. */
static int
layer_close(Sockbuf_IO_Desc *desc)
{
    return ldap_stream_flush(desc->sbiod_pvt) ? 0 : -1;
}

static Sockbuf_IO layer = {.sbi_setup = layer_setup,
                           .sbi_remove = layer_remove,
                           .sbi_ctrl = layer_ctrl,
                           .sbi_read = layer_read,
                           .sbi_write = layer_write,
                           .sbi_close = layer_close};

/* --- life --------------------------------------------------------------------------------- */

static bool
set_nonblocking(int fd)
{
    int flags = fcntl(fd, F_GETFL);

    return flags >= 0 && fcntl(fd, F_SETFL, flags | O_NONBLOCK) == 0;
}

ldap_stream_t *
ldap_stream_new(LDAP *handle, int fd)
{
    ldap_stream_t *stream = calloc(1, sizeof(*stream));
    Sockbuf *sb = NULL;

    if (!stream)
        return NULL;
    stream->fd = fd;
    if (ldap_get_option(handle, LDAP_OPT_SOCKBUF, &sb) == LDAP_OPT_SUCCESS && sb &&
        set_nonblocking(fd) &&
        ber_sockbuf_add_io(sb, &layer, LBER_SBIOD_LEVEL_PROVIDER, stream) == 0)
        return stream;
    ldap_stream_free(stream);
    return NULL;
}

void
ldap_stream_free(ldap_stream_t *stream)
{
    if (!stream)
        return;
    out_empty(stream);
    free(stream->out);
    explicit_bzero(stream->in, sizeof(stream->in));
    free(stream);
}
