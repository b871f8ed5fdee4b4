# A test: its name in the list, and what it links:
#   tests_unit_scim_test_noun_LDADD = $(SCIM_TEST_LIBS)
# Its source is tests/unit/scim/test_noun.c unless a _SOURCES line says otherwise.
scim_tests =
check_PROGRAMS += $(scim_tests)
TESTS += $(scim_tests)
