# A test: its name in the list, and what it links:
#   tests_unit_http_test_noun_LDADD = $(HTTP_TEST_LIBS)
# Its source is tests/unit/http/test_noun.c unless a _SOURCES line says otherwise.
http_tests =
check_PROGRAMS += $(http_tests)
TESTS += $(http_tests)
