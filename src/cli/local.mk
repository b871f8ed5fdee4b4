bin_PROGRAMS += scimbridge

scimbridge_SOURCES = \
	src/cli/check.c \
	src/cli/check_acl.c \
	src/cli/check_index.c \
	src/cli/check_rights.c \
	src/cli/check_sample.c \
	src/cli/check_schema.c \
	src/cli/check_server.c \
	src/cli/check_uses.c \
	src/cli/cli.h \
	src/cli/csv.c \
	src/cli/csv.h \
	src/cli/discover.c \
	src/cli/discover.h \
	src/cli/discover_map.c \
	src/cli/discover_sample.c \
	src/cli/driver.c \
	src/cli/driver.h \
	src/cli/explain.c \
	src/cli/import.c \
	src/cli/import.h \
	src/cli/import_report.c \
	src/cli/import_state.c \
	src/cli/finding.c \
	src/cli/finding.h \
	src/cli/live.c \
	src/cli/live.h \
	src/cli/main.c \
	src/cli/map.c \
	src/cli/map_compare.c \
	src/cli/map_diff.h \
	src/cli/map_effect.c \
	src/cli/map_words.c \
	src/cli/match.c \
	src/cli/match.h \
	src/cli/match_columns.c \
	src/cli/match_tell.c \
	src/cli/place.c \
	src/cli/place.h \
	src/cli/options.c \
	src/cli/options.h \
	src/cli/pretend.c \
	src/cli/pretend.h \
	src/cli/purge.c \
	src/cli/rehearse.c \
	src/cli/rehearse.h \
	src/cli/serve.c \
	src/cli/show.c \
	src/cli/show.h \
	src/cli/show_from.c \
	src/cli/show_json.c \
	src/cli/show_print.c \
	src/cli/show_why.c \
	src/cli/token.c
scimbridge_LDADD = $(DAEMON_LIBS)
