noinst_LIBRARIES += src/base/libbase.a

src_base_libbase_a_SOURCES = \
	src/base/arena.c \
	src/base/arena.h \
	src/base/buf.c \
	src/base/buf.h \
	src/base/clock.c \
	src/base/clock.h \
	src/base/diag.c \
	src/base/diag.h \
	src/base/err.c \
	src/base/err.h \
	src/base/guess.c \
	src/base/guess.h \
	src/base/hash.c \
	src/base/hash.h \
	src/base/loop.c \
	src/base/loop.h \
	src/base/macros.h \
	src/base/str.c \
	src/base/str.h
