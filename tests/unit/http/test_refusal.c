/* SPDX-License-Identifier: Apache-2.0 */
#include "http/call.h"
#include "support/suite_run.h"

#include <check.h>

static void PRINTF_LIKE(2, 3) note(refusals_t *refusals, const char *format, ...)
{
    va_list args;

    va_start(args, format);
    refusal_note(refusals, format, args);
    va_end(args);
}

static int
next_status(refusals_t *refusals, enum MHD_RequestTerminationCode how)
{
    http_call_t call;

    refusal_explain(refusals, how, &call);
    ck_assert_ptr_nonnull(call.detail);
    return call.response.status;
}

/* --- what the library says ---------------------------------------------------------------- */

typedef struct {
    const char *name, *text;
    int status; /* 0: nothing was answered */
} text_t;

static const text_t texts[] = {
    {"malformed",
     "Error processing request (HTTP response code is 400 ('<html>...')). Closing "
     "connection.\n",
     400},
    {"version", "Error processing request (HTTP response code is 505 ('')). Closing.\n", 505},
    {"another message", "Failed to parse `Content-Length' header. Closing connection.\n", 0},
    {"no number", "HTTP response code is unknown", 0},
    {"cut", "HTTP response code is 4", 0},
    {"no error", "HTTP response code is 200", 0},
    {"too large", "HTTP response code is 999", 0},
    {"empty", "", 0},
};

START_TEST(a_text)
{
    const text_t *row = &texts[_i];
    refusals_t refusals = {.n = 0};

    note(&refusals, "%s", row->text);
    ck_assert_msg(refusals.n == (row->status != 0), "%s: %zu", row->name, refusals.n);
    ck_assert_msg(next_status(&refusals, MHD_REQUEST_TERMINATED_WITH_ERROR) == row->status,
                  "%s", row->name);
}
END_TEST

START_TEST(oldest_first)
{
    refusals_t refusals = {.n = 0};

    note(&refusals, "response code is %u ('%s')", 400U, "");
    note(&refusals, "response code is %u ('%s')", 431U, "");
    ck_assert_int_eq(next_status(&refusals, MHD_REQUEST_TERMINATED_COMPLETED_OK), 400);
    /* Silence is no answer of the library's. */
    ck_assert_int_eq(next_status(&refusals, MHD_REQUEST_TERMINATED_TIMEOUT_REACHED), 0);
    ck_assert_int_eq(next_status(&refusals, MHD_REQUEST_TERMINATED_READ_ERROR), 431);
    ck_assert_int_eq(next_status(&refusals, MHD_REQUEST_TERMINATED_WITH_ERROR), 0);
}
END_TEST

START_TEST(many)
{
    refusals_t refusals = {.n = 0};

    for (int i = 0; i < 1000; i++)
        note(&refusals, "response code is %d", 400 + i % 32);
    for (size_t i = 0; i < ARRAY_SIZE(refusals.statuses); i++)
        ck_assert_int_eq(next_status(&refusals, MHD_REQUEST_TERMINATED_WITH_ERROR),
                         400 + (int)i);
    ck_assert_uint_eq(refusals.n, 0);
}
END_TEST

int
main(void)
{
    Suite *suite = suite_create("refusal");
    TCase *tcase = tcase_create("refusal");

    tcase_add_loop_test(tcase, a_text, 0, ARRAY_SIZE(texts));
    tcase_add_test(tcase, oldest_first);
    tcase_add_test(tcase, many);
    suite_add_tcase(suite, tcase);
    return suite_run(suite);
}
