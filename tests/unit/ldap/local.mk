# A test: its name in the list, and what it links:
#   tests_unit_ldap_test_noun_LDADD = $(LDAP_TEST_LIBS)
# Its source is tests/unit/ldap/test_noun.c unless a _SOURCES line says otherwise.
ldap_tests = \
	tests/unit/ldap/test_answers \
	tests/unit/ldap/test_apply \
	tests/unit/ldap/test_dn \
	tests/unit/ldap/test_entry \
	tests/unit/ldap/test_filter \
	tests/unit/ldap/test_ldif \
	tests/unit/ldap/test_result \
	tests/unit/ldap/test_schema \
	tests/unit/ldap/test_server
tests_unit_ldap_test_answers_LDADD = $(LDAP_TEST_LIBS)
EXTRA_DIST += tests/data/tls/authority.pem
tests_unit_ldap_test_apply_LDADD = $(LDAP_TEST_LIBS)
tests_unit_ldap_test_dn_LDADD = $(LDAP_TEST_LIBS)
tests_unit_ldap_test_entry_LDADD = $(LDAP_TEST_LIBS)
tests_unit_ldap_test_filter_LDADD = $(LDAP_TEST_LIBS)
tests_unit_ldap_test_ldif_LDADD = $(LDAP_TEST_LIBS)
tests_unit_ldap_test_result_LDADD = $(LDAP_TEST_LIBS)
tests_unit_ldap_test_schema_LDADD = $(LDAP_TEST_LIBS)
tests_unit_ldap_test_server_LDADD = $(LDAP_TEST_LIBS)

# These start a slapd.
ldap_tests += \
	tests/unit/ldap/test_conn \
	tests/unit/ldap/test_flow \
	tests/unit/ldap/test_handle \
	tests/unit/ldap/test_pool \
	tests/unit/ldap/test_tls
tests_unit_ldap_test_tls_LDADD = $(LDAP_TEST_LIBS)
conn_fixture = tests/unit/ldap/conn_fixture.c tests/unit/ldap/conn_fixture.h
tests_unit_ldap_test_conn_SOURCES = tests/unit/ldap/test_conn.c $(conn_fixture)
tests_unit_ldap_test_conn_LDADD = $(LDAP_TEST_LIBS)
tests_unit_ldap_test_flow_SOURCES = tests/unit/ldap/test_flow.c $(conn_fixture)
tests_unit_ldap_test_flow_LDADD = $(LDAP_TEST_LIBS)
tests_unit_ldap_test_handle_LDADD = $(LDAP_TEST_LIBS)
tests_unit_ldap_test_pool_LDADD = $(LDAP_TEST_LIBS)
THREAD_TESTS += tests/unit/ldap/test_pool

check_PROGRAMS += $(ldap_tests)
TESTS += $(ldap_tests)
