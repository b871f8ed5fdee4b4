# A test: its name in the list, and what it links:
#   tests_unit_daemon_test_noun_LDADD = $(DAEMON_TEST_LIBS)
# Its source is tests/unit/daemon/test_noun.c unless a _SOURCES line says otherwise.
daemon_tests =
daemon_tests += tests/unit/daemon/test_config
tests_unit_daemon_test_config_LDADD = $(DAEMON_TEST_LIBS)
daemon_tests += tests/unit/daemon/test_log
tests_unit_daemon_test_log_LDADD = $(DAEMON_TEST_LIBS)

check_PROGRAMS += $(daemon_tests)
TESTS += $(daemon_tests)
