# A test: its name in the list, and what it links:
#   tests_unit_base_test_noun_LDADD = $(BASE_TEST_LIBS)
# Its source is tests/unit/base/test_noun.c unless a _SOURCES line says otherwise.
base_tests =
base_tests += tests/unit/base/test_arena
tests_unit_base_test_arena_LDADD = $(BASE_TEST_LIBS)
base_tests += tests/unit/base/test_buf
tests_unit_base_test_buf_LDADD = $(BASE_TEST_LIBS)
base_tests += tests/unit/base/test_clock
tests_unit_base_test_clock_LDADD = $(BASE_TEST_LIBS)
base_tests += tests/unit/base/test_err
tests_unit_base_test_err_LDADD = $(BASE_TEST_LIBS)
base_tests += tests/unit/base/test_guess
tests_unit_base_test_guess_LDADD = $(BASE_TEST_LIBS)
base_tests += tests/unit/base/test_hash
tests_unit_base_test_hash_LDADD = $(BASE_TEST_LIBS)
base_tests += tests/unit/base/test_str
tests_unit_base_test_str_LDADD = $(BASE_TEST_LIBS)
base_tests += tests/unit/base/test_loop
tests_unit_base_test_loop_LDADD = $(BASE_TEST_LIBS)
THREAD_TESTS += tests/unit/base/test_loop

check_PROGRAMS += $(base_tests)
TESTS += $(base_tests)
