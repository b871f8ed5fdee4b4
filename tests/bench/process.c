/* SPDX-License-Identifier: Apache-2.0 */
#include "bench/process.h"

#include "bench/bench.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

enum { END_MS = 10000, STEP_MS = 10 };

static void
read_all(int fd, char *to, size_t size)
{
    char rest[512];
    size_t n = 0;
    ssize_t more;

    while ((more = read(fd, n + 1 < size ? to + n : rest,
                        n + 1 < size ? size - n - 1 : sizeof(rest))) != 0) {
        if (more > 0 && n + 1 < size)
            n += (size_t)more;
        else if (more < 0 && errno != EINTR)
            break;
    }
    to[n] = '\0';
}

int
process_capture(char *const argv[], char *to, size_t size)
{
    int out[2], status;
    pid_t pid;

    if (pipe(out) != 0 || (pid = fork()) < 0)
        bench_die("cannot run %s: %s", argv[0], strerror(errno));
    if (pid == 0) {
        dup2(out[1], STDOUT_FILENO);
        close(out[0]);
        close(out[1]);
        execvp(argv[0], argv);
        _exit(127);
    }
    close(out[1]);
    read_all(out[0], to, size);
    close(out[0]);
    while (waitpid(pid, &status, 0) < 0) {
        if (errno != EINTR)
            return -1;
    }
    return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

pid_t
process_start(char *const argv[])
{
    pid_t pid = fork();

    if (pid < 0)
        bench_die("cannot start %s: %s", argv[0], strerror(errno));
    if (pid == 0) {
        int nowhere = open("/dev/null", O_RDWR | O_CLOEXEC);

        (void)prctl(PR_SET_PDEATHSIG, SIGKILL);
        dup2(nowhere, STDIN_FILENO);
        dup2(nowhere, STDOUT_FILENO);
        dup2(nowhere, STDERR_FILENO);
        execv(argv[0], argv);
        _exit(127);
    }
    return pid;
}

void
process_end(pid_t pid)
{
    struct timespec step = {.tv_nsec = STEP_MS * 1000000L};

    if (pid <= 1 || kill(pid, SIGTERM) != 0)
        return;
    for (int ms = 0; ms < END_MS; ms += STEP_MS) {
        if (waitpid(pid, NULL, WNOHANG) != 0)
            return;
        nanosleep(&step, NULL);
    }
    (void)kill(pid, SIGKILL);
    (void)waitpid(pid, NULL, 0);
}

void
process_take(const char *text, const char *key, char *to, size_t size)
{
    size_t n = strlen(key);

    to[0] = '\0';
    for (const char *line = text; line; line = strchr(line, '\n')) {
        line += *line == '\n';
        if (strncmp(line, key, n) == 0 && line[n] == '=') {
            line += n + 1;
            bench_print(to, size, "%.*s", (int)strcspn(line, "\n"), line);
            return;
        }
        if (!*line)
            return;
    }
}

/* A small file of /proc. */
static void
slurp(pid_t pid, const char *name, char *to, size_t size)
{
    char path[64];
    int fd;

    bench_print(path, sizeof(path), "/proc/%d/%s", (int)pid, name);
    fd = open(path, O_RDONLY | O_CLOEXEC);
    if (fd < 0)
        bench_die("process %d has ended unexpectedly", (int)pid);
    read_all(fd, to, size);
    close(fd);
}

int64_t
process_cpu_us(pid_t pid)
{
    enum { FIELDS_BEFORE = 12 }; /* between the name and utime */
    char text[1024], *at;
    unsigned long user, system;

    slurp(pid, "stat", text, sizeof(text));
    at = strrchr(text, ')');
    for (int i = 0; at && i < FIELDS_BEFORE; i++)
        at = strchr(at + 1, ' ');
    if (!at)
        bench_die("cannot read the processor time of process %d", (int)pid);
    user = strtoul(at + 1, &at, 10);
    system = strtoul(at, NULL, 10);
    return (int64_t)(user + system) * 1000000 / sysconf(_SC_CLK_TCK);
}

long
process_memory_kib(pid_t pid, const char *name)
{
    char text[4096];
    const char *at;

    slurp(pid, "status", text, sizeof(text));
    at = strstr(text, name);
    return at ? strtol(at + strlen(name) + 1, NULL, 10) : -1;
}
