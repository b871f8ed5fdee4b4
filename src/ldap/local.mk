# Not libldap.a: that name is the system's.
noinst_LIBRARIES += src/ldap/libbridgeldap.a

src_ldap_libbridgeldap_a_SOURCES = \
	src/ldap/dn.c \
	src/ldap/dn.h \
	src/ldap/dn_parse.c \
	src/ldap/entry.c \
	src/ldap/entry.h \
	src/ldap/filter.h \
	src/ldap/fold.c \
	src/ldap/fold.h \
	src/ldap/op.h \
	src/ldap/result.c \
	src/ldap/result.h \
	src/ldap/schema.h
