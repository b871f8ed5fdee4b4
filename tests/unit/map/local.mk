# A test: its name in the list, and what it links:
#   tests_unit_map_test_noun_LDADD = $(MAP_TEST_LIBS)
# Its source is tests/unit/map/test_noun.c unless a _SOURCES line says otherwise.
map_tests =
check_PROGRAMS += $(map_tests)
TESTS += $(map_tests)
