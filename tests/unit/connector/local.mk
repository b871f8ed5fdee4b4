# A test: its name in the list, and what it links:
#   tests_unit_connector_test_noun_LDADD = $(CONNECTOR_TEST_LIBS)
# Its source is tests/unit/connector/test_noun.c unless a _SOURCES line says otherwise.
connector_tests =
connector_tests += tests/unit/connector/test_password
tests_unit_connector_test_password_LDADD = $(CONNECTOR_TEST_LIBS)
check_PROGRAMS += $(connector_tests)
TESTS += $(connector_tests)
