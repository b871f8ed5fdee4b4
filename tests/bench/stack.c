/* SPDX-License-Identifier: Apache-2.0 */
#include "bench/stack.h"

#include "bench/bench.h"
#include "bench/delay.h"
#include "bench/process.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/vfs.h>
#include <time.h>
#include <unistd.h>

enum { TEXT = 16 * 1024, READY_MS = 10000, STEP_MS = 10 };

static FILE *
create(const stand_t *stack, const char *name, char path[192])
{
    FILE *file;
    int fd;

    bench_print(path, 192, "%s/%s", stack->dir, name);
    fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
    file = fd < 0 ? NULL : fdopen(fd, "w");
    if (!file)
        bench_die("cannot write %s: %s", path, strerror(errno));
    return file;
}

static void
finish(FILE *file)
{
    if (ferror(file) || fclose(file) != 0)
        bench_die("cannot write the files of the benchmark");
}

static void
read_file(const char *path, char *to, size_t size)
{
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    ssize_t n = fd < 0 ? -1 : read(fd, to, size - 1);

    if (n < 0)
        bench_die("cannot read %s: %s", path, strerror(errno));
    to[n] = '\0';
    close(fd);
}

static void
name_file_system(stand_t *stack)
{
    static const struct {
        unsigned long type;
        const char *name;
    } known[] = {{0x01021994, "tmpfs"},
                 {0xef53, "ext4"},
                 {0x58465342, "xfs"},
                 {0x9123683e, "btrfs"},
                 {0x794c7630, "overlay"}};
    struct statfs info;

    bench_print(stack->file_system, sizeof(stack->file_system), "other");
    if (statfs(stack->dir, &info) != 0)
        return;
    for (size_t i = 0; i < ARRAY_SIZE(known); i++) {
        if (known[i].type == (unsigned long)info.f_type)
            bench_print(stack->file_system, sizeof(stack->file_system), "%s", known[i].name);
    }
}

/* --- the directory ------------------------------------------------------------------------ */

static void
write_user(FILE *ldif, const fixture_t *fixture, unsigned user)
{
    char dn[WORK_DN_SIZE];

    work_user_dn(fixture, user, dn);
    fprintf(ldif,
            "dn: %s\nobjectClass: inetOrgPerson\nobjectClass: scimResource\n"
            "uid: u%05u\ncn: Given%u Family%u\nsn: Family%u\ngivenName: Given%u\n"
            "displayName: Given%u Family%u\nmail: u%05u@example.com\ntitle: Engineer\n"
            "employeeNumber: %u\ndepartmentNumber: D%u\ntelephoneNumber: +1 555 %07u\n"
            "scimExternalId: x-%05u\n\n",
            dn, user, user, user, user, user, user, user, user, user, user % 100, user, user);
}

static void
write_group(FILE *ldif, const fixture_t *fixture, unsigned which, unsigned members)
{
    char dn[WORK_DN_SIZE];

    work_group_dn(fixture, which, dn);
    fprintf(ldif, "dn: %s\nobjectClass: groupOfNames\nobjectClass: scimResource\ncn: %.*s\n",
            dn, (int)strcspn(dn + 3, ","), dn + 3);
    for (unsigned i = 0; i < members; i++) {
        work_user_dn(fixture, i, dn);
        fprintf(ldif, "member: %s\n", dn);
    }
    fprintf(ldif, "\n");
}

static void
write_entries(const stand_t *stack, const fixture_t *fixture, char path[192])
{
    FILE *ldif = create(stack, "bench.ldif", path);
    unsigned members = 10;

    for (unsigned i = 0; i < WORK_USERS; i++)
        write_user(ldif, fixture, i);
    for (unsigned which = 0; which < 3; which++, members = which == 1 ? 1000 : WORK_MEMBERS)
        write_group(ldif, fixture, which, members);
    finish(ldif);
}

static int
slapd_script(const char *top, const stand_t *stack, const char *verb, char text[TEXT])
{
    char script[512], dir[192], sh[] = "/bin/sh", word[16];
    char *argv[] = {sh, script, word, dir, NULL};

    bench_print(script, sizeof(script), "%s/scripts/slapd.sh", top);
    bench_print(dir, sizeof(dir), "%s/slapd", stack->dir);
    bench_print(word, sizeof(word), "%s", verb);
    return process_capture(argv, text, TEXT);
}

static char top_of_wipe[512]; /* for stack_end, which knows no settings */

static void
start_slapd(const stack_settings_t *settings, stand_t *stack, const fixture_t *fixture)
{
    char text[TEXT], ldif[192], pid[16];

    write_entries(stack, fixture, ldif);
    setenv("LDIF", ldif, 1);
    if (settings->nosync)
        setenv("NOSYNC", "1", 1);
    else
        unsetenv("NOSYNC");
    unsetenv("PORT");
    bench_print(top_of_wipe, sizeof(top_of_wipe), "%s", settings->top);
    if (slapd_script(settings->top, stack, "start", text) != 0)
        bench_die("slapd did not start");
    process_take(text, "URL", stack->ldap_url, sizeof(stack->ldap_url));
    process_take(text, "BASE", stack->base, sizeof(stack->base));
    process_take(text, "SERVICE_DN", stack->bind_dn, sizeof(stack->bind_dn));
    process_take(text, "SERVICE_PASSWORD_FILE", stack->password_file,
                 sizeof(stack->password_file));
    process_take(text, "PID", pid, sizeof(pid));
    stack->slapd = (pid_t)strtol(pid, NULL, 10);
    stack->ldap_port = (int)strtol(strrchr(stack->ldap_url, ':') + 1, NULL, 10);
    read_file(stack->password_file, stack->password, sizeof(stack->password));
}

load_ldap_settings_t
stack_direct(const stand_t *stack)
{
    return (load_ldap_settings_t){
        .url = stack->ldap_url, .bind_dn = stack->bind_dn, .password = stack->password};
}

/* --- the bridge --------------------------------------------------------------------------- */

static void
write_config(const stack_settings_t *settings, const stand_t *stack, int ldap_port,
             const char *name, char path[192])
{
    FILE *config = create(stack, name, path);

    fprintf(config,
            "{\"listen\": {\"address\": \"127.0.0.1\", \"port\": 0},\n"
            " \"admin\": {\"address\": \"127.0.0.1\", \"port\": 0},\n"
            " \"log\": \"%s\",\n",
            settings->log);
    if (settings->workers > 0)
        fprintf(config, " \"workers\": %u,\n", settings->workers);
    fprintf(config,
            " \"directories\": {\"bench\": {\"url\": \"ldap://127.0.0.1:%d\",\n"
            "   \"bindDn\": \"%s\", \"passwordFile\": \"%s\"}},\n"
            " \"connectors\": {\"people\": {\"directory\": \"bench\",\n"
            "   \"map\": \"%s/conf/maps/people.jsonc\"}},\n"
            " \"tokens\": [%s]}\n",
            ldap_port, stack->bind_dn, stack->password_file, settings->top, stack->token_line);
    finish(config);
}

static void
make_token(const stack_settings_t *settings, stand_t *stack, fixture_t *fixture)
{
    char text[TEXT], verb[] = "token", option[] = "--name", name[] = "bench";
    char *argv[] = {(char *)(uintptr_t)settings->bridge, verb, option, name, NULL};
    const char *line;

    if (process_capture(argv, text, sizeof(text)) != 0 || !(line = strchr(text, '\n')))
        bench_die("%s token failed", settings->bridge);
    bench_print(fixture->token, sizeof(fixture->token), "%.*s", (int)(line - text), text);
    line++;
    bench_print(stack->token_line, sizeof(stack->token_line), "%.*s", (int)strcspn(line, "\n"),
                line);
}

/* What the bridge asks for when somebody looks for a user. */
static void
take_attributes(const stack_settings_t *settings, char *config, fixture_t *fixture)
{
    static const char key[] = "\nattributes: ";
    char text[TEXT], explain[] = "explain", c[] = "-c", connector[] = "-C", people[] = "people",
                     get[] = "GET", target[] = "/Users?filter=userName%20eq%20%22x%22";
    char *argv[] = {(char *)(uintptr_t)settings->bridge,
                    explain,
                    c,
                    config,
                    connector,
                    people,
                    get,
                    target,
                    NULL};
    const char *at;
    char *rest, *word;
    size_t n = 0;

    if (process_capture(argv, text, sizeof(text)) != 0 || !(at = strstr(text, key)))
        bench_die("%s explain does not tell the attributes of a user", settings->bridge);
    at += sizeof(key) - 1;
    bench_print(fixture->attribute_text, sizeof(fixture->attribute_text), "%.*s",
                (int)strcspn(at, "\n"), at);
    rest = fixture->attribute_text;
    while ((word = strsep(&rest, " ")) && n < WORK_MAX_ATTRIBUTES)
        fixture->attributes[n++] = word;
    fixture->attributes[n] = NULL;
}

static int
port_of(const char *text, const char *key)
{
    char url[128];

    process_take(text, key, url, sizeof(url));
    return strrchr(url, ':') ? (int)strtol(strrchr(url, ':') + 1, NULL, 10) : 0;
}

static void
start_bridge(const stack_settings_t *settings, char *config, bridge_t *bridge)
{
    char ready[256], text[1024], serve[] = "serve", c[] = "-c", option[] = "--ready-file";
    char *argv[] = {(char *)(uintptr_t)settings->bridge, serve, c, config, option, ready, NULL};
    struct timespec step = {.tv_nsec = STEP_MS * 1000000L};

    bench_print(ready, sizeof(ready), "%s.ready", config);
    bridge->pid = process_start(argv);
    for (int ms = 0; access(ready, R_OK) != 0; ms += STEP_MS) {
        if (ms > READY_MS || bench_is_stopped())
            bench_die("the bridge did not start");
        nanosleep(&step, NULL);
    }
    read_file(ready, text, sizeof(text));
    bridge->port = port_of(text, "URL");
    bridge->admin_port = port_of(text, "ADMIN_URL");
}

double
stack_ldap_operations(const bridge_t *bridge)
{
    static const char name[] = "\nscimbridge_ldap_operations_total{";
    char text[64 * 1024];
    const char *at;

    load_http_fetch(bridge->admin_port, "/metrics", text, sizeof(text));
    at = strstr(text, name);
    at = at ? strchr(at, '}') : NULL;
    return at ? strtod(at + 1, NULL) : -1;
}

/* --- all of it ---------------------------------------------------------------------------- */

void
stack_start(const stack_settings_t *settings, stand_t *stack, fixture_t *fixture)
{
    const char *tmp = getenv("TMPDIR");
    load_ldap_settings_t direct;
    char config[192];

    bench_print(stack->dir, sizeof(stack->dir), "%s/scimbridge-bench-XXXXXX",
                tmp ? tmp : "/tmp");
    if (!mkdtemp(stack->dir)) {
        stack->dir[0] = '\0';
        bench_die("cannot make a directory: %s", strerror(errno));
    }
    name_file_system(stack);
    bench_print(fixture->users_dn, WORK_DN_SIZE, "ou=users,ou=people,dc=example,dc=com");
    bench_print(fixture->groups_dn, WORK_DN_SIZE, "ou=groups,ou=people,dc=example,dc=com");
    start_slapd(settings, stack, fixture);
    make_token(settings, stack, fixture);
    write_config(settings, stack, stack->ldap_port, "near.conf", config);
    take_attributes(settings, config, fixture);
    start_bridge(settings, config, &stack->bridges[0]);
    fixture->port = stack->bridges[0].port;
    direct = stack_direct(stack);
    load_ldap_look_up(&direct, fixture);
}

int
stack_start_far(const stack_settings_t *settings, stand_t *stack, int64_t delay_ns)
{
    char config[192];
    int port, listener = delay_listen(&port);

    stack->relay = fork();
    if (stack->relay < 0)
        bench_die("cannot start the relay: %s", strerror(errno));
    if (stack->relay == 0) {
        (void)prctl(PR_SET_PDEATHSIG, SIGKILL);
        signal(SIGINT, SIG_IGN);
        signal(SIGTERM, SIG_DFL);
        signal(SIGALRM, SIG_DFL);
        delay_run(listener, stack->ldap_port, delay_ns);
    }
    close(listener);
    write_config(settings, stack, port, "far.conf", config);
    start_bridge(settings, config, &stack->bridges[1]);
    return port;
}

static void
end_bridge(bridge_t *bridge)
{
    process_end(bridge->pid);
    bridge->pid = 0;
}

void
stack_end_far(stand_t *stack)
{
    end_bridge(&stack->bridges[1]);
    process_end(stack->relay);
    stack->relay = 0;
}

static void
remove_file(const stand_t *stack, const char *name)
{
    char path[192];

    bench_print(path, sizeof(path), "%s/%s", stack->dir, name);
    unlink(path);
}

void
stack_end(stand_t *stack)
{
    static const char *const files[] = {"bench.ldif", "near.conf", "far.conf",
                                        "near.conf.ready", "far.conf.ready"};
    char text[TEXT];

    if (!stack->dir[0])
        return;
    stack_end_far(stack);
    end_bridge(&stack->bridges[0]);
    if (top_of_wipe[0] && slapd_script(top_of_wipe, stack, "wipe", text) != 0)
        fprintf(stderr, "bench: cannot wipe %s\n", stack->dir);
    for (size_t i = 0; i < ARRAY_SIZE(files); i++)
        remove_file(stack, files[i]);
    rmdir(stack->dir);
    stack->dir[0] = '\0';
}
