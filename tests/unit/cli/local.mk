# Commands are no library: a test names the files of src/cli/ that it needs.
cli_tests =
cli_tests += tests/unit/cli/test_driver
tests_unit_cli_test_driver_SOURCES = tests/unit/cli/test_driver.c src/cli/driver.c \
	tests/unit/map/sample.c tests/unit/map/sample.h
tests_unit_cli_test_driver_LDADD = $(DAEMON_TEST_LIBS)
cli_tests += tests/unit/cli/test_csv
tests_unit_cli_test_csv_SOURCES = tests/unit/cli/test_csv.c src/cli/match/csv.c
tests_unit_cli_test_csv_LDADD = $(BASE_TEST_LIBS)
cli_tests += tests/unit/cli/test_columns
tests_unit_cli_test_columns_SOURCES = tests/unit/cli/test_columns.c src/cli/match/columns.c \
	src/cli/match/csv.c tests/unit/map/sample.c tests/unit/map/sample.h
tests_unit_cli_test_columns_LDADD = $(DAEMON_TEST_LIBS)
cli_tests += tests/unit/cli/test_probe
tests_unit_cli_test_probe_SOURCES = tests/unit/cli/test_probe.c src/cli/check/probe.c
tests_unit_cli_test_probe_LDADD = $(BASE_TEST_LIBS)

check_PROGRAMS += $(cli_tests)
TESTS += $(cli_tests)
