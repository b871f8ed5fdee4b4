# Connector scripts: expected LDAP actions and canned replies, no threads and no network.
# A test program: its name in the list, and
#   tests_connector_test_noun_LDADD = $(CONNECTOR_TEST_LIBS)
connector_fixture = tests/connector/fixture.c tests/connector/fixture.h \
	tests/connector/fixture_rows.c tests/unit/map/sample.c tests/unit/map/sample.h

connector_script_tests =
connector_script_tests += tests/connector/test_scripted
tests_connector_test_scripted_SOURCES = tests/connector/test_scripted.c $(connector_fixture)
tests_connector_test_scripted_LDADD = $(CONNECTOR_TEST_LIBS)
connector_script_tests += tests/connector/test_sim
tests_connector_test_sim_SOURCES = tests/connector/test_sim.c $(connector_fixture)
tests_connector_test_sim_LDADD = $(CONNECTOR_TEST_LIBS)

check_PROGRAMS += $(connector_script_tests)
TESTS += $(connector_script_tests)
