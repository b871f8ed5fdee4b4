/* SPDX-License-Identifier: Apache-2.0 */
/* unit/scim/scim_test.h - what the tests of this folder share. JSON in tables is written with
 * ' for ". */
#ifndef SCIM_TEST_H
#define SCIM_TEST_H

#include "scim/schema.h"
#include "json/json.h"

#include "support/suite_run.h"

#include <check.h>
#include <stdio.h>
#include <stdlib.h>

static arena_t *mem;

static void
setup(void)
{
    mem = arena_new(0);
    ck_assert_ptr_nonnull(mem);
}

static void
teardown(void)
{
    arena_free(mem);
    mem = NULL;
}

/* The text with " for ' (and ' for `). */
static inline str_t
quoted(const char *text)
{
    size_t n = strlen(text);
    char *out = arena_array_of(mem, n + 1, char);

    for (size_t i = 0; i < n; i++)
        out[i] = text[i] == '\'' ? '"' : text[i] == '`' ? '\'' : text[i];
    return str_from(out, n);
}

static inline json_t *
json_of(const char *text)
{
    err_t err = ERR_INIT;
    json_t *json = json_parse(mem, quoted(text), &json_limits_file, &err);

    ck_assert_msg(json != NULL, "%s: %s", text, err.detail);
    return json;
}

static inline const char *
text_of(const json_t *json)
{
    buf_t buf;

    buf_init(&buf, mem, 1 << 20);
    json_write(&buf, json);
    return str_dup_c(mem, buf_str(&buf));
}

static inline const scim_type_t *
type_of(const char *name)
{
    const scim_type_t *type = scim_type_builtin(str_from_c(name));

    ck_assert_ptr_nonnull(type);
    return type;
}

/* Run a suite of one case whose tests have been added. */
static inline int
run_tests(TCase *tests, const char *name)
{
    Suite *suite = suite_create(name);

    tcase_add_checked_fixture(tests, setup, teardown);
    suite_add_tcase(suite, tests);
    return suite_run(suite);
}

#define ENT "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User"

#endif
