noinst_LIBRARIES += src/daemon/libdaemon.a

src_daemon_libdaemon_a_SOURCES = \
	src/daemon/access.c \
	src/daemon/admin.c \
	src/daemon/admin.h \
	src/daemon/audit.c \
	src/daemon/audit.h \
	src/daemon/config.c \
	src/daemon/config.h \
	src/daemon/config_connector.c \
	src/daemon/config_directory.c \
	src/daemon/config_limits.c \
	src/daemon/config_listen.c \
	src/daemon/config_loading.h \
	src/daemon/config_overlap.c \
	src/daemon/config_tokens.c \
	src/daemon/daemon.c \
	src/daemon/daemon.h \
	src/daemon/daemon_accept.c \
	src/daemon/daemon_reload.c \
	src/daemon/daemon_state.h \
	src/daemon/file.c \
	src/daemon/file.h \
	src/daemon/job.c \
	src/daemon/job.h \
	src/daemon/job_state.h \
	src/daemon/log.c \
	src/daemon/log.h \
	src/daemon/metrics.c \
	src/daemon/metrics.h \
	src/daemon/notify.c \
	src/daemon/notify.h \
	src/daemon/pending.c \
	src/daemon/reader.c \
	src/daemon/reader.h \
	src/daemon/snapshot.c \
	src/daemon/snapshot.h \
	src/daemon/tokens.c \
	src/daemon/tokens.h \
	src/daemon/worker.c \
	src/daemon/worker.h
