noinst_LIBRARIES += src/map/libmap.a

src_map_libmap_a_SOURCES =
