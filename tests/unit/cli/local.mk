# Commands are no library: a test names the files of src/cli/ that it needs.
cli_tests =
cli_tests += tests/unit/cli/test_driver
tests_unit_cli_test_driver_SOURCES = tests/unit/cli/test_driver.c src/cli/driver.c \
	tests/unit/map/sample.c tests/unit/map/sample.h
tests_unit_cli_test_driver_LDADD = $(DAEMON_TEST_LIBS)

check_PROGRAMS += $(cli_tests)
TESTS += $(cli_tests)
