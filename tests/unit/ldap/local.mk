# A test: its name in the list, and what it links:
#   tests_unit_ldap_test_noun_LDADD = $(LDAP_TEST_LIBS)
# Its source is tests/unit/ldap/test_noun.c unless a _SOURCES line says otherwise.
ldap_tests = \
	tests/unit/ldap/test_dn \
	tests/unit/ldap/test_filter
tests_unit_ldap_test_dn_LDADD = $(LDAP_TEST_LIBS)
tests_unit_ldap_test_filter_LDADD = $(LDAP_TEST_LIBS)

check_PROGRAMS += $(ldap_tests)
TESTS += $(ldap_tests)
