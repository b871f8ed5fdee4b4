noinst_LIBRARIES += src/connector/libconnector.a

src_connector_libconnector_a_SOURCES = \
	src/connector/body.c \
	src/connector/change.c \
	src/connector/connector.c \
	src/connector/connector.h \
	src/connector/create.c \
	src/connector/delete.c \
	src/connector/discover.c \
	src/connector/exchange.c \
	src/connector/exchange.h \
	src/connector/fence.c \
	src/connector/find.c \
	src/connector/gate.c \
	src/connector/gate.h \
	src/connector/get.c \
	src/connector/judge.c \
	src/connector/links.c \
	src/connector/links.h \
	src/connector/listing.c \
	src/connector/listing.h \
	src/connector/lost.c \
	src/connector/lost.h \
	src/connector/member.c \
	src/connector/member.h \
	src/connector/member_set.c \
	src/connector/memo.c \
	src/connector/memo.h \
	src/connector/patch.c \
	src/connector/query.c \
	src/connector/request.h \
	src/connector/resolve.c \
	src/connector/respond.c \
	src/connector/settle.c \
	src/connector/strip.c \
	src/connector/take_over.c \
	src/connector/target.c \
	src/connector/task.c \
	src/connector/task.h
