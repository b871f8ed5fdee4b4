# A test: its name in the list, and what it links:
#   tests_unit_scim_test_noun_LDADD = $(SCIM_TEST_LIBS)
# Its source is tests/unit/scim/test_noun.c unless a _SOURCES line says otherwise.
scim_tests = \
	tests/unit/scim/test_error \
	tests/unit/scim/test_etag \
	tests/unit/scim/test_filter \
	tests/unit/scim/test_grammar \
	tests/unit/scim/test_patch \
	tests/unit/scim/test_path \
	tests/unit/scim/test_projection \
	tests/unit/scim/test_quirk \
	tests/unit/scim/test_resource \
	tests/unit/scim/test_schema
tests_unit_scim_test_error_LDADD = $(SCIM_TEST_LIBS)
tests_unit_scim_test_etag_LDADD = $(SCIM_TEST_LIBS)
tests_unit_scim_test_filter_LDADD = $(SCIM_TEST_LIBS)
tests_unit_scim_test_grammar_LDADD = $(SCIM_TEST_LIBS)
tests_unit_scim_test_patch_LDADD = $(SCIM_TEST_LIBS)
tests_unit_scim_test_path_LDADD = $(SCIM_TEST_LIBS)
tests_unit_scim_test_projection_LDADD = $(SCIM_TEST_LIBS)
tests_unit_scim_test_quirk_LDADD = $(SCIM_TEST_LIBS)
tests_unit_scim_test_resource_LDADD = $(SCIM_TEST_LIBS)
tests_unit_scim_test_schema_LDADD = $(SCIM_TEST_LIBS)
THREAD_TESTS += tests/unit/scim/test_schema
check_PROGRAMS += $(scim_tests)
TESTS += $(scim_tests)

# Test vectors from files: "tests/vectors FILE..." plays any of that format.
check_PROGRAMS += tests/vectors
TESTS += tests/vectors
tests_vectors_SOURCES = tests/vectors.c
tests_vectors_LDADD = $(SCIM_LIBS)
EXTRA_DIST += \
	tests/unit/scim/scim_test.h \
	tests/data/vectors/filters.json \
	tests/data/vectors/patch.json \
	tests/data/vectors/paths.json
