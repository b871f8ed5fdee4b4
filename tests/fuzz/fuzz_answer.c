/* SPDX-License-Identifier: Apache-2.0 */
/* fuzz/fuzz_answer.c - what an LDAP server answers, read from a socket like any answer. The first
 * byte says what the rest is: bytes of the stream, one response without its envelope, or the value
 * of a post-read control. */
#include "base/buf.h"
#include "fuzz/fuzz.h"
#include "ldap/conn.h"
#include "ldap/decode.h"

#include <lber.h>
#include <openldap.h>
#include <stdint.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

typedef enum { STREAM, RESPONSE, POST_READ, WAYS } way_t;

enum {
    INPUT_MAX = 32 * 1024,
    MESSAGES_MAX = 1000,
    SEQUENCE = 0x30,
    OCTETS = 0x04,
    CONTROLS = 0xa0
};

typedef struct {
    arena_t *mem;
    LDAP *handle;
    way_t way;
    int server;
    str_t text;
} input_t;

/* Of LeakSanitizer, where it is. */
void __lsan_disable(void) __attribute__((weak));
void __lsan_enable(void) __attribute__((weak));

/* In our own code alone: libldap 2.5 loses requests whose answer is malformed, and the diagnostic
 * messages of notifications. */
static void
look_for_leaks(bool look)
{
    if (look && __lsan_enable)
        __lsan_enable();
    if (!look && __lsan_disable)
        __lsan_disable();
}

/* --- what the server sends ---------------------------------------------------------------- */

/* One element of BER, its length in a form that has room for any. */
static str_t
element(arena_t *mem, int tag, str_t content)
{
    const char head[] = {(char)tag, (char)0x83, (char)(content.n >> 16), (char)(content.n >> 8),
                         (char)content.n};
    buf_t buf;

    buf_init(&buf, mem, 2 * INPUT_MAX);
    buf_add(&buf, str_from(head, sizeof(head)));
    buf_add(&buf, content);
    return buf_str(&buf);
}

static str_t
join(arena_t *mem, str_t first, str_t second)
{
    buf_t buf;

    buf_init(&buf, mem, 2 * INPUT_MAX);
    buf_add(&buf, first);
    buf_add(&buf, second);
    return buf_str(&buf);
}

static str_t
bytes_of(const input_t *input)
{
    static const char id[] = {2, 1, 1};
    static const char modified[] = {0x67, 7, 10, 1, 0, 4, 0, 4, 0}; /* success */
    static const str_t post_read = STR_INIT("1.3.6.1.1.13.2");
    arena_t *mem = input->mem;
    str_t message = str_from(id, sizeof(id)), control;

    if (input->way == STREAM)
        return input->text;
    if (input->way == RESPONSE)
        return element(mem, SEQUENCE, join(mem, message, input->text));
    control = join(mem, element(mem, OCTETS, post_read), element(mem, OCTETS, input->text));
    control = element(mem, CONTROLS, element(mem, SEQUENCE, control));
    message = join(mem, message, str_from(modified, sizeof(modified)));
    return element(mem, SEQUENCE, join(mem, message, control));
}

/* --- what is read of it ------------------------------------------------------------------- */

static void
check_entry(const ldap_entry_t *entry)
{
    require(entry->dn.p != NULL);
    for (size_t i = 0; i < entry->n; i++) {
        require(entry->attrs[i].name.p != NULL);
        for (size_t j = 0; j < entry->attrs[i].n; j++)
            require(entry->attrs[i].values[j].p != NULL);
    }
}

static void
read_message(const input_t *input, LDAPMessage *message)
{
    ldap_entry_t *entry = NULL;
    ldap_reply_t reply = {.fate = LDAP_UNKNOWN};

    if (ldap_msgtype(message) == LDAP_RES_SEARCH_ENTRY) {
        if (ldap_decode_entry(input->handle, message, input->mem, &entry) == LDAP_DECODED)
            check_entry(entry);
        return;
    }
    if (ldap_msgtype(message) == LDAP_RES_EXTENDED) /* ldap/conn.c never asks for one */
        return;
    if (ldap_decode_result(input->handle, message, input->mem, &reply) == LDAP_DECODE_BROKEN)
        return;
    require(reply.fate == LDAP_ANSWERED && reply.matched.p && reply.diagnostic.p);
    for (size_t i = 0; i < reply.n_entries; i++)
        check_entry(reply.entries[i]);
}

static void
read_all(const input_t *input)
{
    struct timeval at_once = {0, 0};

    for (int i = 0; i < MESSAGES_MAX; i++) {
        LDAPMessage *message = NULL;

        if (ldap_result(input->handle, LDAP_RES_ANY, LDAP_MSG_ONE, &at_once, &message) <= 0)
            return;
        look_for_leaks(true);
        read_message(input, message);
        look_for_leaks(false);
        ldap_msgfree(message);
    }
}

/* Message id 1, which answers belong to. */
static void
ask(LDAP *handle)
{
    int id;

    require(ldap_search_ext(handle, "", LDAP_SCOPE_BASE, NULL, NULL, 0, NULL, NULL, NULL, 0,
                            &id) == LDAP_SUCCESS);
    require(id == 1);
}

static void
make_bytes(void *arg)
{
    input_t *input = arg;

    input->text = bytes_of(input);
}

static void
run(input_t *input)
{
    const int version = LDAP_VERSION3;
    ber_len_t max = 2 * INPUT_MAX; /* as ldap/handle.c does */
    Sockbuf *sb = NULL;
    int fds[2];

    require(socketpair(AF_UNIX, SOCK_STREAM, 0, fds) == 0);
    require(ldap_init_fd(fds[0], LDAP_PROTO_TCP, "ldap:///", &input->handle) == LDAP_SUCCESS);
    require(ldap_set_option(input->handle, LDAP_OPT_PROTOCOL_VERSION, &version) == 0);
    require(ldap_set_option(input->handle, LDAP_OPT_REFERRALS, LDAP_OPT_OFF) == 0);
    require(ldap_get_option(input->handle, LDAP_OPT_SOCKBUF, &sb) == 0);
    require(ber_sockbuf_ctrl(sb, LBER_SB_OPT_SET_MAX_INCOMING, &max) == 1);
    ask(input->handle);
    require(write(fds[1], input->text.p, input->text.n) == (ssize_t)input->text.n);
    require(shutdown(fds[1], SHUT_WR) == 0);
    read_all(input);
    (void)ldap_unbind_ext(input->handle, NULL, NULL);
    close(fds[1]);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    arena_t *mem ARENA_CLEANUP = arena_new(1 << 20);
    input_t input = {.mem = mem};

    require(mem != NULL);
    if (size < 2 || size > INPUT_MAX)
        return 0;
    input.way = data[0] % WAYS;
    input.text = str_from((const char *)data + 1, size - 1);
    ldap_conn_setup();
    require(arena_guard(mem, make_bytes, &input));
    look_for_leaks(false);
    run(&input);
    look_for_leaks(true);
    return 0;
}
