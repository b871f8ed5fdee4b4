noinst_LIBRARIES += src/map/libmap.a

# Working.
src_map_libmap_a_SOURCES = \
	src/map/change.h \
	src/map/change_attr.c \
	src/map/change_attr.h \
	src/map/change_between.c \
	src/map/change_direct.c \
	src/map/envelope.c \
	src/map/filter.c \
	src/map/filter.h \
	src/map/filter_common.c \
	src/map/filter_element.c \
	src/map/filter_term.c \
	src/map/filter_term.h \
	src/map/index.c \
	src/map/index.h \
	src/map/lifecycle.c \
	src/map/lifecycle.h \
	src/map/members.c \
	src/map/names.c \
	src/map/names.h \
	src/map/parent.c \
	src/map/parent.h \
	src/map/place.c \
	src/map/put.c \
	src/map/rdn.c \
	src/map/rdn.h \
	src/map/sort.c \
	src/map/sort.h \
	src/map/slot.c \
	src/map/slot.h \
	src/map/table.c \
	src/map/table.h \
	src/map/template_apply.c \
	src/map/template_apply.h \
	src/map/to_entry.c \
	src/map/to_entry.h \
	src/map/to_resource.c \
	src/map/to_resource.h \
	src/map/transform.c \
	src/map/transform.h \
	src/map/value.c \
	src/map/value.h \
	src/map/values.h

# Loading.
src_map_libmap_a_SOURCES += \
	src/map/check.c \
	src/map/check_class.c \
	src/map/check_lifecycle.c \
	src/map/check_unique.c \
	src/map/dialect.c \
	src/map/load.c \
	src/map/load.h \
	src/map/load_as.c \
	src/map/load_attributes.c \
	src/map/load_declare.c \
	src/map/load_endpoint.c \
	src/map/load_entry.c \
	src/map/load_lifecycle.c \
	src/map/load_parent.c \
	src/map/load_schemas.c \
	src/map/load_scope.c \
	src/map/load_several.c \
	src/map/load_slot.c \
	src/map/load_steps.c \
	src/map/load_table.c \
	src/map/load_transform.c \
	src/map/load_type.c \
	src/map/load_value.c \
	src/map/loading.h \
	src/map/map.c \
	src/map/map.h \
	src/map/narrow.c \
	src/map/now.c \
	src/map/template.c
