/* SPDX-License-Identifier: Apache-2.0 */
#include "ldap/handle.h"

#include "ldap/result.h"
#include "ldap/tls.h"

#include <errno.h>
#include <fcntl.h>
#include <lber.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

enum {
    PASSWORD_MAX = 4096,
    KEEPALIVE_IDLE_S = 60,
    KEEPALIVE_INTERVAL_S = 10,
    UNACKED_MS = 30000
};

/* No entry is larger; a server that announces more is not believed. */
static const ber_len_t message_max = 256UL * 1024 * 1024;

static void
handle_cleanup(LDAP **handle)
{
    ldap_handle_close(*handle);
}

static void
fd_cleanup(int *fd)
{
    if (*fd >= 0)
        close(*fd);
}

static void
memory_cleanup(char **p)
{
    ldap_memfree(*p);
}

static void
message_cleanup(LDAPMessage **message)
{
    ldap_msgfree(*message);
}

/* --- failures ----------------------------------------------------------------------------- */

/* Codes of a bind or StartTLS that the admin has to mend; the rest may mend itself. */
static bool
is_admins(int code)
{
    switch (code) {
    case LDAP_PROTOCOL_ERROR:
    case LDAP_AUTH_METHOD_NOT_SUPPORTED:
    case LDAP_STRONG_AUTH_REQUIRED:
    case LDAP_CONFIDENTIALITY_REQUIRED:
    case LDAP_NO_SUCH_OBJECT:
    case LDAP_INVALID_DN_SYNTAX:
    case LDAP_INAPPROPRIATE_AUTH:
    case LDAP_INVALID_CREDENTIALS:
    case LDAP_INSUFFICIENT_ACCESS:
    case LDAP_UNWILLING_TO_PERFORM:
        return true;
    default:
        return false;
    }
}

/* The library's own words, where it has any. For a certificate that it refuses libldap asks
 * GnuTLS to explain a number that is no error code, and gets this. */
static const char *
reason(const char *text)
{
    if (!text || !*text)
        return NULL;
    if (strcmp(text, "(unknown error code)") == 0)
        return "the server's certificate is not trusted or is for another name";
    return text;
}

/* While connecting, only TLS leaves words behind: a refused certificate, a name that does not
 * match, no common version. */
static bool
fail(LDAP *handle, const ldap_settings_t *settings, const char *what, int code, err_t *err)
{
    CLEANUP(memory_cleanup) char *text = NULL;
    const char *why;
    bool tls;

    (void)ldap_get_option(handle, LDAP_OPT_DIAGNOSTIC_MESSAGE, &text);
    why = reason(text);
    tls = why && (code == LDAP_CONNECT_ERROR || code == LDAP_SERVER_DOWN);
    if (code == LDAP_TIMEOUT)
        return err_set(err, ERR_UNAVAILABLE, "%s: %s failed: no answer in time", settings->url,
                       what);
    return err_set(err, is_admins(code) || tls ? ERR_CONFIG : ERR_UNAVAILABLE,
                   "%s: %s failed: %s%s%s", settings->url, what,
                   tls ? "TLS" : ldap_err2string(code), why ? ": " : "", why ? why : "");
}

/* The result code of a request's answer, or why there is none. */
static int
await_code(LDAP *handle, int id)
{
    CLEANUP(message_cleanup) LDAPMessage *message = NULL;
    int code = LDAP_OTHER;
    /* NULL: LDAP_OPT_TIMEOUT applies. */
    int rc = ldap_result(handle, id, LDAP_MSG_ALL, NULL, &message);

    if (rc == 0)
        return LDAP_TIMEOUT;
    if (rc > 0) {
        rc = ldap_parse_result(handle, message, &code, NULL, NULL, NULL, NULL, 0);
        return rc == LDAP_SUCCESS ? code : rc;
    }
    (void)ldap_get_option(handle, LDAP_OPT_RESULT_CODE, &code);
    return code == LDAP_SUCCESS ? LDAP_OTHER : code;
}

/* --- options and socket ------------------------------------------------------------------- */

static bool
set_options(LDAP *handle, const ldap_settings_t *settings)
{
    int version = LDAP_VERSION3;
    int ms = settings->connect_timeout_ms > 0 ? settings->connect_timeout_ms : 10000;
    struct timeval timeout = {.tv_sec = ms / 1000, .tv_usec = ms % 1000 * 1000};

    return ldap_set_option(handle, LDAP_OPT_PROTOCOL_VERSION, &version) == LDAP_OPT_SUCCESS &&
           /* A chased referral would open a hidden connection that nobody watches. */
           ldap_set_option(handle, LDAP_OPT_REFERRALS, LDAP_OPT_OFF) == LDAP_OPT_SUCCESS &&
           ldap_set_option(handle, LDAP_OPT_RESTART, LDAP_OPT_ON) == LDAP_OPT_SUCCESS &&
           /* The descriptor stays open, and so watched by us, until we close it. */
           ldap_set_option(handle, LDAP_OPT_KEEPCONN, LDAP_OPT_ON) == LDAP_OPT_SUCCESS &&
           ldap_set_option(handle, LDAP_OPT_NETWORK_TIMEOUT, &timeout) == LDAP_OPT_SUCCESS &&
           ldap_set_option(handle, LDAP_OPT_TIMEOUT, &timeout) == LDAP_OPT_SUCCESS;
}

/* What fails here costs speed or early notice, not correctness. */
static void
tune_socket(LDAP *handle, int fd)
{
    int on = 1, idle = KEEPALIVE_IDLE_S, interval = KEEPALIVE_INTERVAL_S;
    unsigned unacked = UNACKED_MS;
    Sockbuf *sb = NULL;
    ber_len_t max = message_max;

    (void)fcntl(fd, F_SETFD, FD_CLOEXEC);
    (void)setsockopt(fd, SOL_SOCKET, SO_KEEPALIVE, &on, sizeof(on));
    (void)setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on));
    (void)setsockopt(fd, IPPROTO_TCP, TCP_KEEPIDLE, &idle, sizeof(idle));
    (void)setsockopt(fd, IPPROTO_TCP, TCP_KEEPINTVL, &interval, sizeof(interval));
    (void)setsockopt(fd, IPPROTO_TCP, TCP_USER_TIMEOUT, &unacked, sizeof(unacked));
    if (ldap_get_option(handle, LDAP_OPT_SOCKBUF, &sb) == LDAP_OPT_SUCCESS && sb)
        (void)ber_sockbuf_ctrl(sb, LBER_SB_OPT_SET_MAX_INCOMING, &max);
}

static bool
is_loopback(int fd)
{
    struct sockaddr_storage peer = {0};
    socklen_t size = sizeof(peer);

    if (getpeername(fd, (struct sockaddr *)&peer, &size) != 0)
        return false;
    if (peer.ss_family == AF_UNIX)
        return true;
    if (peer.ss_family == AF_INET) {
        struct sockaddr_in in;

        memcpy(&in, &peer, sizeof(in));
        return ntohl(in.sin_addr.s_addr) >> 24 == IN_LOOPBACKNET;
    }
    if (peer.ss_family == AF_INET6) {
        struct sockaddr_in6 in6;

        memcpy(&in6, &peer, sizeof(in6));
        return IN6_IS_ADDR_LOOPBACK(&in6.sin6_addr) ||
               (IN6_IS_ADDR_V4MAPPED(&in6.sin6_addr) && in6.sin6_addr.s6_addr[12] == 127);
    }
    return false;
}

/* --- the password ------------------------------------------------------------------------- */

typedef struct {
    char text[PASSWORD_MAX + 1];
    size_t n;
} password_t;

static void
password_cleanup(password_t *password)
{
    explicit_bzero(password, sizeof(*password));
}

static bool
read_all(int fd, password_t *password)
{
    ssize_t got;

    while (password->n < sizeof(password->text) &&
           (got = read(fd, password->text + password->n,
                       sizeof(password->text) - password->n)) != 0) {
        if (got < 0 && errno == EINTR)
            continue;
        if (got < 0)
            return false;
        password->n += (size_t)got;
    }
    return true;
}

static bool
load_password(const char *path, password_t *password, err_t *err)
{
    CLEANUP(fd_cleanup) int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK);
    struct stat st;

    if (fd < 0 || fstat(fd, &st) != 0)
        return err_set(err, ERR_CONFIG, "cannot open the password file %s: %s", path,
                       strerror(errno));
    if (!S_ISREG(st.st_mode))
        return err_set(err, ERR_CONFIG, "the password file %s is not a regular file", path);
    if (st.st_mode & (S_IRWXG | S_IRWXO))
        return err_set(err, ERR_CONFIG,
                       "the password file %s is open to group or others: chmod 600 it", path);
    if (!read_all(fd, password))
        return err_set(err, ERR_CONFIG, "cannot read the password file %s: %s", path,
                       strerror(errno));
    if (password->n > PASSWORD_MAX)
        return err_set(err, ERR_CONFIG, "the password file %s is longer than %d bytes", path,
                       PASSWORD_MAX);
    if (password->n > 0 && password->text[password->n - 1] == '\n')
        password->n--;
    if (password->n > 0 && password->text[password->n - 1] == '\r')
        password->n--;
    /* A bind with a name and no password succeeds, as nobody (RFC 4513 §5.1.2). */
    if (password->n == 0)
        return err_set(err, ERR_CONFIG, "the password file %s is empty", path);
    return true;
}

/* --- bind --------------------------------------------------------------------------------- */

static bool
bind_with(LDAP *handle, const ldap_settings_t *settings, const char *mechanism,
          struct berval *credentials, err_t *err)
{
    int id, rc;

    rc = ldap_sasl_bind(handle, mechanism ? NULL : settings->bind_dn, mechanism, credentials,
                        NULL, NULL, &id);
    if (rc == LDAP_SUCCESS)
        rc = await_code(handle, id);
    return rc == LDAP_SUCCESS || fail(handle, settings, "bind", rc, err);
}

static bool
bind_simple(LDAP *handle, const ldap_settings_t *settings, int fd, err_t *err)
{
    CLEANUP(password_cleanup) password_t password = {.n = 0};
    struct berval credentials = {0, password.text};

    if (*settings->bind_dn == '\0') /* anonymous: nothing secret is sent */
        return bind_with(handle, settings, LDAP_SASL_SIMPLE, &credentials, err);
    if (!settings->password_file)
        return err_set(err, ERR_CONFIG, "%s: a bind DN without a password file", settings->url);
    if (!ldap_tls_inplace(handle) && !settings->clear_allowed && !is_loopback(fd))
        return err_set(err, ERR_CONFIG,
                       "%s: would send the password in clear text; use ldaps:// or StartTLS",
                       settings->url);
    if (!load_password(settings->password_file, &password, err))
        return false;
    credentials.bv_len = password.n;
    return bind_with(handle, settings, LDAP_SASL_SIMPLE, &credentials, err);
}

static bool
bind_as(LDAP *handle, const ldap_settings_t *settings, int fd, err_t *err)
{
    char nothing[] = "";
    struct berval none = {0,
                          nothing}; /* without the empty string the server would ask for one */

    if (settings->bind_dn)
        return bind_simple(handle, settings, fd, err);
    if (strncasecmp(settings->url, "ldapi:", 6) != 0)
        return err_set(err, ERR_CONFIG, "%s: no bind DN; only ldapi:// does without",
                       settings->url);
    return bind_with(handle, settings, "EXTERNAL", &none, err);
}

/* --- StartTLS ----------------------------------------------------------------------------- */

/* Not ldap_start_tls_s: it reads the extended response with an assertion about its name, so that
 * whoever answers can end the process. */
static bool
start_tls(LDAP *handle, const ldap_settings_t *settings, err_t *err)
{
    int id, rc;

    if (ldap_tls_inplace(handle))
        return true;
    rc = ldap_start_tls(handle, NULL, NULL, &id);
    if (rc == LDAP_SUCCESS)
        rc = await_code(handle, id);
    if (rc == LDAP_SUCCESS)
        rc = ldap_install_tls(handle);
    return rc == LDAP_SUCCESS || fail(handle, settings, "StartTLS", rc, err);
}

/* --- open --------------------------------------------------------------------------------- */

static bool
connect_handle(LDAP *handle, const ldap_settings_t *settings, int *ret_fd, err_t *err)
{
    int fd = -1;
    int rc = ldap_connect(handle);

    if (rc != LDAP_SUCCESS)
        return fail(handle, settings, "connecting", rc, err);
    if (ldap_get_option(handle, LDAP_OPT_DESC, &fd) != LDAP_OPT_SUCCESS || fd < 0)
        return err_set(err, ERR_UNAVAILABLE, "%s: no connection", settings->url);
    tune_socket(handle, fd);
    *ret_fd = fd;
    return !settings->start_tls || start_tls(handle, settings, err);
}

static bool
needs_tls(const ldap_settings_t *settings)
{
    return settings->start_tls || strncasecmp(settings->url, "ldaps:", 6) == 0;
}

LDAP *
ldap_handle_open(const ldap_settings_t *settings, int *ret_fd, err_t *err)
{
    CLEANUP(handle_cleanup) LDAP *handle = NULL;
    LDAP *opened;
    int rc = ldap_initialize(&handle, settings->url);

    if (rc != LDAP_SUCCESS) {
        err_set(err, ERR_CONFIG, "%s: not an LDAP URL: %s", settings->url, ldap_err2string(rc));
        return NULL;
    }
    if (!set_options(handle, settings)) {
        err_set(err, ERR_UNAVAILABLE, "%s: libldap refused an option", settings->url);
        return NULL;
    }
    if (needs_tls(settings) && !ldap_tls_setup(handle, settings, err))
        return NULL;
    if (!connect_handle(handle, settings, ret_fd, err) ||
        !bind_as(handle, settings, *ret_fd, err))
        return NULL;
    opened = handle;
    handle = NULL;
    return opened;
}

void
ldap_handle_close(LDAP *handle)
{
    if (handle)
        (void)ldap_unbind_ext(handle, NULL, NULL);
}
