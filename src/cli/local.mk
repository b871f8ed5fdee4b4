bin_PROGRAMS += scimbridge

scimbridge_SOURCES = \
	src/cli/check.c \
	src/cli/cli.h \
	src/cli/explain.c \
	src/cli/main.c \
	src/cli/pretend.c \
	src/cli/pretend.h \
	src/cli/serve.c \
	src/cli/token.c
scimbridge_LDADD = $(DAEMON_LIBS)
