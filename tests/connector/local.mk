# Connector scripts: expected LDAP actions and canned replies, no threads and no network.
# A test program: its name in the list, and
#   tests_connector_test_noun_LDADD = $(CONNECTOR_TEST_LIBS)
connector_script_tests =
check_PROGRAMS += $(connector_script_tests)
TESTS += $(connector_script_tests)
