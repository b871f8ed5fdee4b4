# Fuzz harnesses. Each defines LLVMFuzzerTestOneInput() and doubles as a test that runs the
# files of its corpus, tests/fuzz/corpus/NAME/ for fuzz_NAME. One harness is:
#   fuzz_harnesses += tests/fuzz/fuzz_NAME
#   fuzz_corpora += tests/fuzz/corpus/NAME
#   tests_fuzz_fuzz_NAME_SOURCES = tests/fuzz/fuzz_NAME.c $(fuzz_driver)
#   tests_fuzz_fuzz_NAME_LDFLAGS = $(fuzz_ldflags)
#   tests_fuzz_fuzz_NAME_LDADD = $(SCIM_LIBS)
fuzz_harnesses =
fuzz_corpora =

fuzz_harnesses += tests/fuzz/fuzz_json
fuzz_corpora += tests/fuzz/corpus/json
tests_fuzz_fuzz_json_SOURCES = tests/fuzz/fuzz_json.c $(fuzz_driver)
tests_fuzz_fuzz_json_LDFLAGS = $(fuzz_ldflags)
tests_fuzz_fuzz_json_LDADD = $(JSON_LIBS)

fuzz_harnesses += tests/fuzz/fuzz_dn
fuzz_corpora += tests/fuzz/corpus/dn
tests_fuzz_fuzz_dn_SOURCES = tests/fuzz/fuzz_dn.c $(fuzz_driver)
tests_fuzz_fuzz_dn_LDFLAGS = $(fuzz_ldflags)
tests_fuzz_fuzz_dn_LDADD = $(LDAP_LIBS)

fuzz_harnesses += tests/fuzz/fuzz_ldap_filter
fuzz_corpora += tests/fuzz/corpus/ldap_filter
tests_fuzz_fuzz_ldap_filter_SOURCES = tests/fuzz/fuzz_ldap_filter.c $(fuzz_driver)
tests_fuzz_fuzz_ldap_filter_LDFLAGS = $(fuzz_ldflags)
tests_fuzz_fuzz_ldap_filter_LDADD = $(LDAP_LIBS)

fuzz_harnesses += tests/fuzz/fuzz_map
fuzz_corpora += tests/fuzz/corpus/map
tests_fuzz_fuzz_map_SOURCES = tests/fuzz/fuzz_map.c $(fuzz_driver)
tests_fuzz_fuzz_map_LDFLAGS = $(fuzz_ldflags)
tests_fuzz_fuzz_map_LDADD = $(MAP_LIBS)

fuzz_harnesses += tests/fuzz/fuzz_filter
fuzz_corpora += tests/fuzz/corpus/filter
tests_fuzz_fuzz_filter_SOURCES = tests/fuzz/fuzz_filter.c $(fuzz_driver)
tests_fuzz_fuzz_filter_LDFLAGS = $(fuzz_ldflags)
tests_fuzz_fuzz_filter_LDADD = $(SCIM_LIBS)

fuzz_harnesses += tests/fuzz/fuzz_path
fuzz_corpora += tests/fuzz/corpus/path
tests_fuzz_fuzz_path_SOURCES = tests/fuzz/fuzz_path.c $(fuzz_driver)
tests_fuzz_fuzz_path_LDFLAGS = $(fuzz_ldflags)
tests_fuzz_fuzz_path_LDADD = $(SCIM_LIBS)

fuzz_harnesses += tests/fuzz/fuzz_cursor
fuzz_corpora += tests/fuzz/corpus/cursor
tests_fuzz_fuzz_cursor_SOURCES = tests/fuzz/fuzz_cursor.c $(fuzz_driver)
tests_fuzz_fuzz_cursor_LDFLAGS = $(fuzz_ldflags)
tests_fuzz_fuzz_cursor_LDADD = $(CONNECTOR_LIBS)

fuzz_harnesses += tests/fuzz/fuzz_bulk
fuzz_corpora += tests/fuzz/corpus/bulk
tests_fuzz_fuzz_bulk_SOURCES = tests/fuzz/fuzz_bulk.c $(fuzz_driver)
tests_fuzz_fuzz_bulk_LDFLAGS = $(fuzz_ldflags)
tests_fuzz_fuzz_bulk_LDADD = $(CONNECTOR_LIBS)

fuzz_harnesses += tests/fuzz/fuzz_patch
fuzz_corpora += tests/fuzz/corpus/patch
tests_fuzz_fuzz_patch_SOURCES = tests/fuzz/fuzz_patch.c $(fuzz_driver)
tests_fuzz_fuzz_patch_LDFLAGS = $(fuzz_ldflags)
tests_fuzz_fuzz_patch_LDADD = $(SCIM_LIBS)

fuzz_harnesses += tests/fuzz/fuzz_etag
fuzz_corpora += tests/fuzz/corpus/etag
tests_fuzz_fuzz_etag_SOURCES = tests/fuzz/fuzz_etag.c $(fuzz_driver)
tests_fuzz_fuzz_etag_LDFLAGS = $(fuzz_ldflags)
tests_fuzz_fuzz_etag_LDADD = $(SCIM_LIBS)

fuzz_harnesses += tests/fuzz/fuzz_media
fuzz_corpora += tests/fuzz/corpus/media
tests_fuzz_fuzz_media_SOURCES = tests/fuzz/fuzz_media.c $(fuzz_driver)
tests_fuzz_fuzz_media_LDFLAGS = $(fuzz_ldflags)
tests_fuzz_fuzz_media_LDADD = $(HTTP_LIBS)

fuzz_harnesses += tests/fuzz/fuzz_uri
fuzz_corpora += tests/fuzz/corpus/uri
tests_fuzz_fuzz_uri_SOURCES = tests/fuzz/fuzz_uri.c $(fuzz_driver)
tests_fuzz_fuzz_uri_LDFLAGS = $(fuzz_ldflags)
tests_fuzz_fuzz_uri_LDADD = $(HTTP_LIBS)

fuzz_harnesses += tests/fuzz/fuzz_time
fuzz_corpora += tests/fuzz/corpus/time
tests_fuzz_fuzz_time_SOURCES = tests/fuzz/fuzz_time.c $(fuzz_driver)
tests_fuzz_fuzz_time_LDFLAGS = $(fuzz_ldflags)
tests_fuzz_fuzz_time_LDADD = $(MAP_LIBS)

fuzz_harnesses += tests/fuzz/fuzz_answer
fuzz_corpora += tests/fuzz/corpus/answer
tests_fuzz_fuzz_answer_SOURCES = tests/fuzz/fuzz_answer.c $(fuzz_driver)
tests_fuzz_fuzz_answer_LDFLAGS = $(fuzz_ldflags)
tests_fuzz_fuzz_answer_LDADD = $(LDAP_LIBS)

fuzz_harnesses += tests/fuzz/fuzz_subschema
fuzz_corpora += tests/fuzz/corpus/subschema
tests_fuzz_fuzz_subschema_SOURCES = tests/fuzz/fuzz_subschema.c $(fuzz_driver)
tests_fuzz_fuzz_subschema_LDFLAGS = $(fuzz_ldflags)
tests_fuzz_fuzz_subschema_LDADD = $(LDAP_LIBS)

fuzz_harnesses += tests/fuzz/fuzz_csv
fuzz_corpora += tests/fuzz/corpus/csv
tests_fuzz_fuzz_csv_SOURCES = tests/fuzz/fuzz_csv.c src/cli/match/csv.c $(fuzz_driver)
tests_fuzz_fuzz_csv_LDFLAGS = $(fuzz_ldflags)
tests_fuzz_fuzz_csv_LDADD = $(BASE_LIBS)

fuzz_ldflags = $(AM_LDFLAGS) $(FUZZ_LDFLAGS)
check_PROGRAMS += $(fuzz_harnesses)
EXTRA_DIST += tests/fuzz/driver.c tests/fuzz/fuzz.h $(fuzz_corpora)

# libFuzzer brings a main() that would go on for ever: only "make fuzz" runs it.
if FUZZING
fuzz_driver =
else
fuzz_driver = tests/fuzz/driver.c
TESTS += $(fuzz_harnesses)
endif

FUZZ_SECONDS = 60

# New inputs go to the build directory; findings too, as crash-* files.
.PHONY: fuzz
fuzz: $(fuzz_harnesses)
if FUZZING
	@for harness in $(fuzz_harnesses); do \
	    name=$${harness##*/fuzz_}; \
	    $(MKDIR_P) fuzz-corpus/$$name && \
	    ./$$harness -max_total_time=$(FUZZ_SECONDS) fuzz-corpus/$$name \
	        $(srcdir)/tests/fuzz/corpus/$$name || exit 1; \
	done
else
	@echo 'Configure with CC=clang --enable-fuzzing --enable-sanitizers first.'; exit 1
endif
