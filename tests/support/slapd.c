/* SPDX-License-Identifier: Apache-2.0 */
#include "support/slapd.h"

#include <dirent.h>
#include <errno.h>
#include <netinet/in.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

enum { LINE_MAX_SIZE = 512, GONE_MS = 10000 };

static void
die(const char *what)
{
    fprintf(stderr, "slapd: %s: %s\n", what, strerror(errno));
    exit(EXIT_FAILURE);
}

bool
slapd_is_installed(void)
{
    static const char *const places[] = {"/usr/sbin/slapd", "/usr/local/sbin/slapd",
                                         "/usr/libexec/slapd", "/usr/local/libexec/slapd"};

    for (size_t i = 0; i < sizeof(places) / sizeof(places[0]); i++) {
        if (access(places[i], X_OK) == 0)
            return true;
    }
    return false;
}

static void
take(char *to, size_t size, const char *line, const char *key)
{
    size_t n = strlen(key);

    if (strncmp(line, key, n) == 0 && line[n] == '=')
        snprintf(to, size, "%s", line + n + 1);
}

static void
take_line(slapd_t *slapd, const char *line)
{
    char pid[32] = "";

    take(slapd->url, sizeof(slapd->url), line, "URL");
    take(slapd->ldapi, sizeof(slapd->ldapi), line, "LDAPI");
    take(slapd->base, sizeof(slapd->base), line, "BASE");
    take(slapd->bind_dn, sizeof(slapd->bind_dn), line, "BINDDN");
    take(slapd->password_file, sizeof(slapd->password_file), line, "PASSWORD_FILE");
    take(pid, sizeof(pid), line, "PID");
    if (*pid)
        slapd->pid = (pid_t)strtol(pid, NULL, 10);
}

/* Run "slapd.sh VERB DIR" and read what it prints. */
static void
run_script(slapd_t *slapd, const char *verb)
{
    const char *top = getenv("top_srcdir");
    char script[256];
    char line[LINE_MAX_SIZE];
    int out[2], status;
    FILE *lines;
    pid_t pid;

    snprintf(script, sizeof(script), "%s/scripts/slapd.sh", top ? top : ".");
    if (pipe(out) != 0 || (pid = fork()) < 0)
        die("cannot run slapd.sh");
    if (pid == 0) {
        setenv("NOSYNC", "1", 1);
        dup2(out[1], STDOUT_FILENO);
        close(out[0]);
        close(out[1]);
        execl("/bin/sh", "sh", script, verb, slapd->dir, (char *)NULL);
        _exit(127);
    }
    close(out[1]);
    lines = fdopen(out[0], "r");
    while (lines && fgets(line, sizeof(line), lines)) {
        line[strcspn(line, "\n")] = '\0';
        take_line(slapd, line);
    }
    if (lines)
        fclose(lines);
    if (waitpid(pid, &status, 0) != pid || !WIFEXITED(status) || WEXITSTATUS(status) != 0)
        die("slapd.sh failed");
}

static bool
is_listening(const char *url)
{
    const char *port = strrchr(url, ':');
    struct sockaddr_in address = {.sin_family = AF_INET,
                                  .sin_addr.s_addr = htonl(INADDR_LOOPBACK),
                                  .sin_port = htons((uint16_t)strtol(port + 1, NULL, 10))};
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    bool listening = connect(fd, (struct sockaddr *)&address, sizeof(address)) == 0;

    close(fd);
    return listening;
}

/* slapd detaches when it has bound its port, and listens a little later. */
static void
await_listening(const slapd_t *slapd)
{
    struct timespec step = {.tv_nsec = 10 * 1000 * 1000};

    for (int ms = 0; !is_listening(slapd->url); ms += 10) {
        if (ms > GONE_MS)
            die("slapd does not listen");
        nanosleep(&step, NULL);
    }
}

void
slapd_start(slapd_t *slapd)
{
    const char *tmp = getenv("TMPDIR");

    memset(slapd, 0, sizeof(*slapd));
    snprintf(slapd->dir, sizeof(slapd->dir), "%s/scimbridge-test-XXXXXX", tmp ? tmp : "/tmp");
    if (!mkdtemp(slapd->dir))
        die("cannot make a directory");
    run_script(slapd, "start");
    await_listening(slapd);
}

void
slapd_restart(slapd_t *slapd)
{
    run_script(slapd, "start");
    await_listening(slapd);
}

/* slapd is not our child, so it cannot be waited for. */
static void
await_gone(pid_t pid)
{
    struct timespec step = {.tv_nsec = 10 * 1000 * 1000};

    for (int ms = 0; kill(pid, 0) == 0; ms += 10) {
        if (ms > GONE_MS)
            die("slapd does not end");
        nanosleep(&step, NULL);
    }
}

/* The state letter of a thread: what follows the name in parentheses. */
static bool
is_stopped(pid_t pid, const char *thread)
{
    char path[64];
    char line[LINE_MAX_SIZE] = "";
    const char *after;
    FILE *stat;

    snprintf(path, sizeof(path), "/proc/%d/task/%.20s/stat", (int)pid, thread);
    stat = fopen(path, "r");
    if (!stat)
        return true; /* it has ended */
    (void)!fgets(line, sizeof(line), stat);
    fclose(stat);
    after = strrchr(line, ')');
    return after && after[1] && after[2] == 'T';
}

static bool
are_stopped(pid_t pid)
{
    char path[64];
    bool stopped = true;
    struct dirent *entry;
    DIR *threads;

    snprintf(path, sizeof(path), "/proc/%d/task", (int)pid);
    threads = opendir(path);
    if (!threads)
        die("cannot look at slapd's threads");
    while ((entry = readdir(threads)))
        stopped = (entry->d_name[0] == '.' || is_stopped(pid, entry->d_name)) && stopped;
    closedir(threads);
    return stopped;
}

/* The signal is only on its way when kill returns, and a thread may answer yet. */
static void
await_stopped(pid_t pid)
{
    struct timespec step = {.tv_nsec = 1000 * 1000};

    for (int ms = 0; !are_stopped(pid); ms++) {
        if (ms > GONE_MS)
            die("slapd does not stop");
        nanosleep(&step, NULL);
    }
}

void
slapd_signal(const slapd_t *slapd, int signo)
{
    if (slapd->pid <= 1 || kill(slapd->pid, signo) != 0)
        die("cannot signal slapd");
    if (signo == SIGKILL)
        await_gone(slapd->pid);
    if (signo == SIGSTOP)
        await_stopped(slapd->pid);
}

void
slapd_wipe(slapd_t *slapd)
{
    if (slapd->pid > 1)
        (void)kill(slapd->pid, SIGCONT);
    run_script(slapd, "wipe");
}
