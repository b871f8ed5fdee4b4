# Not libldap.a: that name is the system's.
noinst_LIBRARIES += src/ldap/libbridgeldap.a

src_ldap_libbridgeldap_a_SOURCES =
