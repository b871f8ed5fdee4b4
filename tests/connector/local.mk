# Connector scripts: expected LDAP actions and canned replies, no threads and no network.
# A test program: its name in the list, and
#   tests_connector_test_noun_LDADD = $(CONNECTOR_TEST_LIBS)
connector_script_tests =
connector_script_tests += tests/connector/test_scripted
tests_connector_test_scripted_SOURCES = tests/connector/test_scripted.c \
	tests/connector/scripted_rows.h tests/unit/map/sample.c tests/unit/map/sample.h
tests_connector_test_scripted_LDADD = $(CONNECTOR_TEST_LIBS)

check_PROGRAMS += $(connector_script_tests)
TESTS += $(connector_script_tests)
