# What several tests share; linked by all of them.
check_LIBRARIES += tests/support/libsupport.a

tests_support_libsupport_a_SOURCES = \
	tests/support/slapd.c \
	tests/support/slapd.h
