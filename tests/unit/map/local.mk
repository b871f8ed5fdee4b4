# A test: its name in the list, and what it links:
#   tests_unit_map_test_noun_LDADD = $(MAP_TEST_LIBS)
# Its source is tests/unit/map/test_noun.c unless a _SOURCES line says otherwise.
map_tests =
map_tests += tests/unit/map/test_load
tests_unit_map_test_load_SOURCES = tests/unit/map/test_load.c tests/unit/map/load/complaint.h \
	tests/unit/map/load/by_rows.h tests/unit/map/load/load_rows.h tests/unit/map/load/schema_rows.h tests/unit/map/load/scope_rows.h tests/unit/map/load/type_rows.h \
	tests/unit/map/load/entry_rows.h tests/unit/map/load/path_rows.h tests/unit/map/load/share_rows.h tests/unit/map/load/slot_rows.h \
	tests/unit/map/load/check_rows.h tests/unit/map/load/lifecycle_rows.h tests/unit/map/load/parent_rows.h tests/unit/map/load/under_rows.h
tests_unit_map_test_load_LDADD = $(MAP_TEST_LIBS)


# What works on a loaded map.
map_samples = tests/unit/map/sample.c tests/unit/map/sample.h
map_tests += tests/unit/map/test_filter
tests_unit_map_test_filter_SOURCES = tests/unit/map/test_filter.c tests/unit/map/filter_rows.h \
	$(map_samples)
tests_unit_map_test_filter_LDADD = $(MAP_TEST_LIBS)
map_tests += tests/unit/map/test_change
tests_unit_map_test_change_SOURCES = tests/unit/map/test_change.c $(map_samples)
tests_unit_map_test_change_LDADD = $(MAP_TEST_LIBS)
map_tests += tests/unit/map/test_change_complete
tests_unit_map_test_change_complete_SOURCES = tests/unit/map/test_change_complete.c $(map_samples)
tests_unit_map_test_change_complete_LDADD = $(MAP_TEST_LIBS)
map_tests += tests/unit/map/test_to_entry
tests_unit_map_test_to_entry_SOURCES = tests/unit/map/test_to_entry.c tests/unit/map/random.c \
	tests/unit/map/random.h $(map_samples)
tests_unit_map_test_to_entry_LDADD = $(MAP_TEST_LIBS)
map_tests += tests/unit/map/test_value
tests_unit_map_test_value_SOURCES = tests/unit/map/test_value.c $(map_samples)
tests_unit_map_test_value_LDADD = $(MAP_TEST_LIBS)
map_tests += tests/unit/map/test_anchor
tests_unit_map_test_anchor_LDADD = $(MAP_TEST_LIBS)
map_tests += tests/unit/map/test_transform
tests_unit_map_test_transform_LDADD = $(MAP_TEST_LIBS)
map_tests += tests/unit/map/test_reference
tests_unit_map_test_reference_SOURCES = tests/unit/map/test_reference.c $(map_samples)
tests_unit_map_test_reference_LDADD = $(MAP_TEST_LIBS)
map_tests += tests/unit/map/test_sort
tests_unit_map_test_sort_SOURCES = tests/unit/map/test_sort.c $(map_samples)
tests_unit_map_test_sort_LDADD = $(MAP_TEST_LIBS)
map_tests += tests/unit/map/test_random
tests_unit_map_test_random_SOURCES = tests/unit/map/test_random.c tests/unit/map/random.c \
	tests/unit/map/random.h tests/unit/map/generate.c tests/unit/map/generate.h $(map_samples)
tests_unit_map_test_random_LDADD = $(MAP_TEST_LIBS)
map_tests += tests/unit/map/test_slots
tests_unit_map_test_slots_SOURCES = tests/unit/map/test_slots.c tests/unit/map/slots_rows.h \
	$(map_samples)
tests_unit_map_test_slots_LDADD = $(MAP_TEST_LIBS)
map_tests += tests/unit/map/test_to_resource
tests_unit_map_test_to_resource_SOURCES = tests/unit/map/test_to_resource.c $(map_samples)
tests_unit_map_test_to_resource_LDADD = $(MAP_TEST_LIBS)

check_PROGRAMS += $(map_tests)
TESTS += $(map_tests)
