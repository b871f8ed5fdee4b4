noinst_LIBRARIES += src/daemon/libdaemon.a

src_daemon_libdaemon_a_SOURCES = \
	src/daemon/config.c \
	src/daemon/config.h \
	src/daemon/file.c \
	src/daemon/file.h \
	src/daemon/reader.c \
	src/daemon/reader.h \
	src/daemon/tokens.c \
	src/daemon/tokens.h
