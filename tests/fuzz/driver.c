/* SPDX-License-Identifier: Apache-2.0 */
/* fuzz/driver.c - runs a fuzz harness over files, where libFuzzer is not linked.
 *
 * usage: fuzz_NAME [FILE | DIRECTORY]...
 * Without arguments the corpus of the harness is run: tests/fuzz/corpus/NAME below
 * $top_srcdir. Each input is a heap block of exactly its own size, so that the address
 * sanitizer sees a read past its end. When a harness dies, the last
 * line of output names the input. */
#include <dirent.h>
#include <errno.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "fuzz/fuzz.h"

static unsigned passed;
static unsigned failed;

static void
fail(const char *path, const char *why)
{
    printf("%s: %s\n", path, why);
    failed++;
}

static void
run_stream(const char *path, FILE *file, size_t size)
{
    uint8_t *data = malloc(size > 0 ? size : 1);

    if (data == NULL) {
        fail(path, "out of memory");
        return;
    }
    if (fread(data, 1, size, file) != size) {
        fail(path, "cannot be read");
    } else {
        printf("running %s\n", path);
        fflush(stdout);
        LLVMFuzzerTestOneInput(data, size);
        passed++;
    }
    free(data);
}

static void run_path(const char *path);

static int
is_visible(const struct dirent *entry)
{
    return entry->d_name[0] != '.';
}

static void
run_directory(const char *path)
{
    struct dirent **names = NULL;
    int count = scandir(path, &names, is_visible, alphasort);

    if (count <= 0)
        fail(path, count < 0 ? strerror(errno) : "the corpus is empty");
    for (int i = 0; i < count; i++) {
        char *child = NULL;

        if (asprintf(&child, "%s/%s", path, names[i]->d_name) < 0)
            abort();
        run_path(child);
        free(child);
        free(names[i]);
    }
    free(names);
}

static void
run_path(const char *path)
{
    struct stat st;
    FILE *file;

    if (stat(path, &st) != 0) {
        fail(path, strerror(errno));
        return;
    }
    if (S_ISDIR(st.st_mode)) {
        run_directory(path);
        return;
    }
    file = fopen(path, "rb");
    if (file == NULL) {
        fail(path, strerror(errno));
        return;
    }
    run_stream(path, file, (size_t)st.st_size);
    fclose(file);
}

/* "…/fuzz_json" has its corpus in tests/fuzz/corpus/json. */
static void
run_corpus(const char *program)
{
    static const char prefix[] = "fuzz_";
    const char *top = getenv("top_srcdir");
    const char *slash = strrchr(program, '/');
    const char *name = slash != NULL ? slash + 1 : program;
    char *path = NULL;

    if (strncmp(name, prefix, strlen(prefix)) == 0)
        name += strlen(prefix);
    if (asprintf(&path, "%s/tests/fuzz/corpus/%s", top != NULL ? top : ".", name) < 0)
        abort();
    run_path(path);
    free(path);
}

int
main(int argc, char **argv)
{
    if (argc < 2)
        run_corpus(argv[0]);
    for (int i = 1; i < argc; i++)
        run_path(argv[i]);
    printf("%u passed, %u failed\n", passed, failed);
    return failed > 0 ? 1 : 0;
}
