/* SPDX-License-Identifier: Apache-2.0 */
/* unit/json/json_test.h - what the tests of this folder share. */
#ifndef UNIT_JSON_JSON_TEST_H
#define UNIT_JSON_JSON_TEST_H

#include "json/json.h"

#include "support/suite_run.h"

#include <check.h>

static const json_limits_t strict = {.max_bytes = 1 << 20, .max_depth = 5, .max_nodes = 40};

/* For tables. */
#define T(text) STR_INIT(text)

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

/* What json_parse needs and gives, for arena_guard. */
typedef struct {
    arena_t *mem;
    str_t text;
    const json_limits_t *limits;
    json_t *value;
    err_t err;
} job_t;

static inline void
run_job(void *arg)
{
    job_t *job = arg;

    job->value = json_parse(job->mem, job->text, job->limits, &job->err);
}

static inline job_t
parse_with(str_t text, const json_limits_t *limits)
{
    job_t job = {.mem = mem, .text = text, .limits = limits};

    ck_assert(arena_guard(mem, run_job, &job));
    ck_assert_int_eq(job.value == NULL, job.err.kind != ERR_NONE);
    return job;
}

static inline json_t *
parse_ok(str_t text)
{
    job_t job = parse_with(text, &strict);

    ck_assert_msg(job.value != NULL, "%.*s: %s", STR_ARG(text), job.err.detail);
    return job.value;
}

static inline str_t
written(const json_t *value)
{
    buf_t buf;

    buf_init(&buf, mem, 1 << 22);
    json_write(&buf, value);
    ck_assert(!buf.failed);
    return buf_str(&buf);
}

static inline TCase *
make_tcase(Suite *suite, const char *name)
{
    TCase *tcase = tcase_create(name);

    tcase_set_timeout(tcase, 60);
    tcase_add_checked_fixture(tcase, setup, teardown);
    suite_add_tcase(suite, tcase);
    return tcase;
}

#endif
