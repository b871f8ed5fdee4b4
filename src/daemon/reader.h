/* SPDX-License-Identifier: Apache-2.0 */
/* daemon/reader.h - typed members of a configuration file, with a diagnostic for each mistake.
 *
 * A reader goes through one object: every member that is asked for is known, and reader_end
 * reports those that nobody asked for. What is wrong is reported and leaves the default. */
#ifndef DAEMON_READER_H
#define DAEMON_READER_H

#include "base/arena.h"
#include "base/diag.h"
#include "base/str.h"
#include "json/json.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* A file that is being read. */
typedef struct {
    arena_t *mem;
    const char *file;
    const char *folder; /* of the file: what relative paths are relative to */
    str_t text;
    diag_list_t *diags;
} source_t;

enum { READER_MAX_NAMES = 24 };

typedef struct {
    source_t *source;
    const json_t *object;
    const char *what; /* "listen": for messages */
    str_t names[READER_MAX_NAMES];
    size_t n;
} reader_t;

/* Parse the file. NULL: reported. */
const json_t *source_load(arena_t *mem, const char *file, diag_list_t *diags,
                          source_t *ret_source) MUST_USE;
/* Always false. */
bool source_error(source_t *source, size_t at, const char *format, ...) PRINTF_LIKE(3, 4);
void source_warning(source_t *source, size_t at, const char *format, ...) PRINTF_LIKE(3, 4);
/* A path in the file: relative ones belong to the file's folder. */
const char *source_path(source_t *source, str_t path);

/* false: `value` is no object, which is reported; the reader then finds nothing. NULL is an
 * empty object. */
bool reader_begin(reader_t *reader, source_t *source, const json_t *value, const char *what);
void reader_end(reader_t *reader);

/* The member itself; NULL when it is missing. */
const json_t *reader_get(reader_t *reader, const char *name);
/* The same, but report that it is missing. */
const json_t *reader_need(reader_t *reader, const char *name);

/* Each returns whether the member was there and good, and leaves *value alone otherwise. */
bool reader_string(reader_t *reader, const char *name, const char **value);
bool reader_path(reader_t *reader, const char *name, const char **value);
bool reader_boolean(reader_t *reader, const char *name, bool *value);
bool reader_number(reader_t *reader, const char *name, int64_t min, int64_t max,
                   int64_t *value);
/* "500ms", "30s", "5m", "1h": milliseconds. */
bool reader_duration(reader_t *reader, const char *name, int64_t min_ms, int64_t max_ms,
                     int64_t *value);
/* 4096, "64KiB", "1MiB", "1GiB". */
bool reader_size(reader_t *reader, const char *name, int64_t min, int64_t max, int64_t *value);
/* An array of strings. */
bool reader_strings(reader_t *reader, const char *name, const str_t **ret_items, size_t *ret_n);
/* One word of a list: its index. */
bool reader_word(reader_t *reader, const char *name, const str_t *words, size_t n,
                 size_t *ret_index);

#endif
