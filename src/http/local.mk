noinst_LIBRARIES += src/http/libhttp.a

src_http_libhttp_a_SOURCES = \
	src/http/auth.c \
	src/http/auth.h \
	src/http/call.c \
	src/http/call.h \
	src/http/listener.c \
	src/http/listener.h \
	src/http/media.c \
	src/http/media.h \
	src/http/pages.c \
	src/http/pages.h \
	src/http/refusal.c \
	src/http/request.c \
	src/http/response.c \
	src/http/router.c \
	src/http/router.h \
	src/http/sender.c \
	src/http/sender.h \
	src/http/server.c \
	src/http/server.h \
	src/http/tls.c \
	src/http/tls.h \
	src/http/tls_callback.h
