noinst_LIBRARIES += src/scim/libscim.a

src_scim_libscim_a_SOURCES = \
	src/scim/builtin.c \
	src/scim/error.c \
	src/scim/error.h \
	src/scim/etag.c \
	src/scim/etag.h \
	src/scim/filter.c \
	src/scim/filter.h \
	src/scim/filter_test.c \
	src/scim/parse.h \
	src/scim/patch.c \
	src/scim/patch.h \
	src/scim/patch_apply.c \
	src/scim/patch_attr.c \
	src/scim/patch_values.c \
	src/scim/patching.h \
	src/scim/path.c \
	src/scim/path.h \
	src/scim/projection.c \
	src/scim/quirk.c \
	src/scim/quirk.h \
	src/scim/quirk_blame.c \
	src/scim/quirk_patch.c \
	src/scim/quirk_value.c \
	src/scim/quirk_value.h \
	src/scim/resource.c \
	src/scim/resource.h \
	src/scim/schema.c \
	src/scim/schema.h \
	src/scim/schema_text.h \
	src/scim/select.c \
	src/scim/select.h \
	src/scim/value.c \
	src/scim/value.h

nodist_src_scim_libscim_a_SOURCES = src/scim/schema_data.c
EXTRA_DIST += src/scim/embed.awk
CLEANFILES += src/scim/schema_data.c

src/scim/schema_data.c: src/scim/embed.awk $(scim_schemas)
	$(AM_V_GEN)$(MKDIR_P) $(@D) && \
	(cd $(srcdir) && LC_ALL=C $(AWK) -f src/scim/embed.awk $(scim_schemas) </dev/null) >$@.tmp && \
	mv -f $@.tmp $@
