noinst_LIBRARIES += src/scim/libscim.a

src_scim_libscim_a_SOURCES = \
	src/scim/schema_text.h

nodist_src_scim_libscim_a_SOURCES = src/scim/schema_data.c
EXTRA_DIST += src/scim/embed.awk
CLEANFILES += src/scim/schema_data.c

src/scim/schema_data.c: src/scim/embed.awk $(scim_schemas)
	$(AM_V_GEN)$(MKDIR_P) $(@D) && \
	(cd $(srcdir) && LC_ALL=C $(AWK) -f src/scim/embed.awk $(scim_schemas) </dev/null) >$@.tmp && \
	mv -f $@.tmp $@
