/* SPDX-License-Identifier: Apache-2.0 */
#include "daemon/file.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

static void
close_cleanup(const int *fd)
{
    if (*fd >= 0)
        close(*fd);
}

static bool
read_all(int fd, char *bytes, size_t size, size_t *ret_n, err_t *err)
{
    size_t n = 0;

    while (n < size) {
        ssize_t got = read(fd, bytes + n, size - n);

        if (got < 0 && errno == EINTR)
            continue;
        if (got < 0)
            return err_set(err, ERR_CONFIG, "cannot read: %s", strerror(errno));
        if (got == 0)
            break;
        n += (size_t)got;
    }
    *ret_n = n;
    return true;
}

/* Size of a regular file, for one look before anything is held. */
static bool
file_size(const char *path, size_t max, size_t *ret_size, err_t *err)
{
    struct stat info;

    if (stat(path, &info) != 0)
        return err_set(err, ERR_CONFIG, "cannot open: %s", strerror(errno));
    if (!S_ISREG(info.st_mode))
        return err_set(err, ERR_CONFIG, "is not a regular file");
    if (info.st_size < 0 || (uint64_t)info.st_size > max)
        return err_set(err, ERR_CONFIG, "is larger than %zu bytes", max);
    *ret_size = (size_t)info.st_size;
    return true;
}

bool
file_read(arena_t *mem, const char *path, size_t max, str_t *ret_text, err_t *err)
{
    int fd CLEANUP(close_cleanup) = -1;
    size_t n, size;
    char *bytes;

    if (!file_size(path, max, &size, err))
        return false;
    bytes = arena_alloc(mem, size + 1); /* before the descriptor: it may unwind */
    fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
    if (fd < 0)
        return err_set(err, ERR_CONFIG, "cannot open: %s", strerror(errno));
    if (!read_all(fd, bytes, size, &n, err))
        return false;
    *ret_text = str_from(bytes, n);
    return true;
}

bool
file_check_secret(const char *path, err_t *err)
{
    struct stat info;

    if (stat(path, &info) != 0)
        return err_set(err, ERR_CONFIG, "cannot open %s: %s", path, strerror(errno));
    if (!S_ISREG(info.st_mode))
        return err_set(err, ERR_CONFIG, "%s is not a regular file", path);
    if (info.st_mode & (S_IRWXG | S_IRWXO))
        return err_set(err, ERR_CONFIG,
                       "%s holds a secret but group or others may use it: chmod 600", path);
    if (access(path, R_OK) != 0)
        return err_set(err, ERR_CONFIG, "cannot read %s: %s", path, strerror(errno));
    return true;
}

const char *
file_credential(arena_t *mem, str_t path, bool *ret_is)
{
    str_t scheme = STR("credential:");
    str_t name = str_skip(path, scheme.n);
    const char *folder = getenv("CREDENTIALS_DIRECTORY");

    *ret_is = str_starts_with(path, scheme);
    if (!*ret_is || !folder || name.n == 0 || str_find_char(name, '/') < name.n)
        return NULL;
    return str_printf(mem, "%s/%.*s", folder, STR_ARG(name)).p;
}

static bool
write_all(int fd, str_t text)
{
    while (text.n > 0) {
        ssize_t put = write(fd, text.p, text.n);

        if (put < 0 && errno == EINTR)
            continue;
        if (put < 0)
            return false;
        text = str_skip(text, (size_t)put);
    }
    return true;
}

bool
file_replace(const char *path, str_t text, err_t *err)
{
    char temporary[4096];
    int n = snprintf(temporary, sizeof(temporary), "%s.%ld.new", path, (long)getpid());
    int fd CLEANUP(close_cleanup) = -1;

    if (n < 0 || (size_t)n >= sizeof(temporary))
        return err_set(err, ERR_CONFIG, "%s: the name is too long", path);
    fd = open(temporary, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
    if (fd >= 0 && write_all(fd, text) && rename(temporary, path) == 0)
        return true;
    err_set(err, ERR_CONFIG, "cannot write %s: %s", path, strerror(errno));
    if (fd >= 0)
        unlink(temporary);
    return false;
}
