noinst_LIBRARIES += src/json/libjson.a

src_json_libjson_a_SOURCES = \
	src/json/decimal.c \
	src/json/decimal.h \
	src/json/json.h \
	src/json/parse.c \
	src/json/scan.c \
	src/json/scan.h \
	src/json/value.c \
	src/json/write.c
