noinst_LIBRARIES += src/map/libmap.a

src_map_libmap_a_SOURCES =

# Loading.
src_map_libmap_a_SOURCES += \
	src/map/check.c \
	src/map/check_lifecycle.c \
	src/map/dialect.c \
	src/map/load.c \
	src/map/load.h \
	src/map/load_attributes.c \
	src/map/load_entry.c \
	src/map/load_lifecycle.c \
	src/map/load_scope.c \
	src/map/load_slot.c \
	src/map/load_type.c \
	src/map/load_value.c \
	src/map/loading.h \
	src/map/map.c \
	src/map/map.h \
	src/map/narrow.c \
	src/map/now.c \
	src/map/template.c
