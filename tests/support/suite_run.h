/* SPDX-License-Identifier: Apache-2.0 */
/* support/suite_run.h - the end of each test program. */
#ifndef SUPPORT_SUITE_RUN_H
#define SUPPORT_SUITE_RUN_H

#include <check.h>
#include <stdlib.h>

/* Run a suite, which is freed; main's exit status. CK_VERBOSITY in the environment says how much is told. */
static inline int
suite_run(Suite *suite)
{
    SRunner *runner = srunner_create(suite);
    int failed;

    srunner_run_all(runner, CK_ENV);
    failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}

#endif
