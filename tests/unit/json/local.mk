# A test: its name in the list, and what it links:
#   tests_unit_json_test_noun_LDADD = $(JSON_TEST_LIBS)
# Its source is tests/unit/json/test_noun.c unless a _SOURCES line says otherwise.
json_tests =
json_tests += tests/unit/json/test_json
tests_unit_json_test_json_LDADD = $(JSON_TEST_LIBS)

check_PROGRAMS += $(json_tests)
TESTS += $(json_tests)
