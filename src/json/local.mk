noinst_LIBRARIES += src/json/libjson.a

src_json_libjson_a_SOURCES = \
	src/json/json.h
