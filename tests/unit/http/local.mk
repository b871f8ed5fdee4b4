# A test: its name in the list, and what it links:
#   tests_unit_http_test_noun_LDADD = $(HTTP_TEST_LIBS)
# Its source is tests/unit/http/test_noun.c unless a _SOURCES line says otherwise.
http_tests =
http_tests += tests/unit/http/test_auth
tests_unit_http_test_auth_LDADD = $(HTTP_TEST_LIBS)
http_tests += tests/unit/http/test_media
tests_unit_http_test_media_LDADD = $(HTTP_TEST_LIBS)
http_tests += tests/unit/http/test_refusal
tests_unit_http_test_refusal_LDADD = $(HTTP_TEST_LIBS)
http_tests += tests/unit/http/test_router
tests_unit_http_test_router_LDADD = $(HTTP_TEST_LIBS)

check_PROGRAMS += $(http_tests)
TESTS += $(http_tests)
