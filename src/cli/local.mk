bin_PROGRAMS += scimbridge

scimbridge_SOURCES = \
	src/cli/main.c
scimbridge_LDADD = $(DAEMON_LIBS)
