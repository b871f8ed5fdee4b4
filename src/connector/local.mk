noinst_LIBRARIES += src/connector/libconnector.a

src_connector_libconnector_a_SOURCES =
