# A test: its name in the list, and what it links:
#   tests_unit_json_test_noun_LDADD = $(JSON_TEST_LIBS)
# Its source is tests/unit/json/test_noun.c unless a _SOURCES line says otherwise.
json_tests = tests/unit/json/test_parse tests/unit/json/test_value
tests_unit_json_test_parse_SOURCES = tests/unit/json/test_parse.c tests/unit/json/json_test.h
tests_unit_json_test_parse_LDADD = $(JSON_TEST_LIBS)
tests_unit_json_test_value_SOURCES = tests/unit/json/test_value.c tests/unit/json/json_test.h
tests_unit_json_test_value_LDADD = $(JSON_TEST_LIBS)

check_PROGRAMS += $(json_tests)
TESTS += $(json_tests)
