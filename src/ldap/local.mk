# Not libldap.a: that name is the system's.
noinst_LIBRARIES += src/ldap/libbridgeldap.a

src_ldap_libbridgeldap_a_SOURCES = \
	src/ldap/apply.c \
	src/ldap/apply.h \
	src/ldap/at.c \
	src/ldap/at.h \
	src/ldap/conn.c \
	src/ldap/conn.h \
	src/ldap/decode.c \
	src/ldap/decode.h \
	src/ldap/dialer.c \
	src/ldap/dialer.h \
	src/ldap/dn.c \
	src/ldap/dn.h \
	src/ldap/dn_parse.c \
	src/ldap/encode.c \
	src/ldap/encode.h \
	src/ldap/entry.c \
	src/ldap/entry.h \
	src/ldap/features.c \
	src/ldap/features.h \
	src/ldap/filter.c \
	src/ldap/filter.h \
	src/ldap/filter_parse.c \
	src/ldap/filter_test.c \
	src/ldap/fold.c \
	src/ldap/fold.h \
	src/ldap/handle.c \
	src/ldap/handle.h \
	src/ldap/ldif.c \
	src/ldap/op.h \
	src/ldap/perform.c \
	src/ldap/pool.c \
	src/ldap/pool.h \
	src/ldap/probe.c \
	src/ldap/result.c \
	src/ldap/result.h \
	src/ldap/rule.c \
	src/ldap/schema.c \
	src/ldap/schema.h \
	src/ldap/schema_class.c \
	src/ldap/schema_parse.c \
	src/ldap/schema_table.c \
	src/ldap/schema_table.h \
	src/ldap/server.c \
	src/ldap/server.h \
	src/ldap/stream.c \
	src/ldap/stream.h \
	src/ldap/syntax.c \
	src/ldap/tls.c \
	src/ldap/tls.h
