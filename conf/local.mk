# What names a path is made when the paths are known: in "make", not in configure, as prefix may
# be given to make.
edit_paths = $(AM_V_GEN)$(MKDIR_P) conf && $(SED) \
	-e 's|@bindir[@]|$(bindir)|g' \
	-e 's|@sysconfdir[@]|$(sysconfdir)|g'

conf/scimbridge.service: conf/scimbridge.service.in Makefile
	$(edit_paths) '$(srcdir)/conf/scimbridge.service.in' >$@.new && mv $@.new $@

if SYSTEMD_UNIT
systemdsystemunit_DATA = conf/scimbridge.service
endif
sysusersdir = $(prefix)/lib/sysusers.d
CLEANFILES += conf/scimbridge.service

EXTRA_DIST += conf/scimbridge.service.in conf/scimbridge.sysusers

# The example configuration, and the maps that are shipped. Each names its JSON Schema by a path that
# holds in the source; where they are installed, and wherever they are copied from there, by the
# schema's own place.
mapsdir = $(pkgdatadir)/maps
maps = \
	conf/maps/389.jsonc \
	conf/maps/ad.jsonc \
	conf/maps/ideo.jsonc \
	conf/maps/people.jsonc \
	conf/maps/posix.jsonc \
	conf/maps/sign-in-enterprise.jsonc \
	conf/maps/simple-in-out.jsonc \
	conf/maps/university.jsonc
EXTRA_DIST += conf/scimbridge.conf $(maps)
install_with_schema = $(SED) -e 's|"\$$schema": "[./]*/schema/|"$$schema": "$(schemadir)/|'

.PHONY: install-conf uninstall-conf
install-conf:
	$(MKDIR_P) conf '$(DESTDIR)$(mapsdir)' '$(DESTDIR)$(sysusersdir)'
	for file in conf/scimbridge.conf $(maps); do \
		case $$file in \
		*/maps/*) to='$(DESTDIR)$(mapsdir)' ;; \
		*) to='$(DESTDIR)$(pkgdatadir)' ;; \
		esac; \
		$(install_with_schema) "$(srcdir)/$$file" >conf/installing && \
			$(INSTALL_DATA) conf/installing "$$to/$${file##*/}" || exit 1; \
	done
	rm -f conf/installing
	$(INSTALL_DATA) '$(srcdir)/conf/scimbridge.sysusers' \
		'$(DESTDIR)$(sysusersdir)/scimbridge.conf'

uninstall-conf:
	rm -f '$(DESTDIR)$(pkgdatadir)/scimbridge.conf' '$(DESTDIR)$(sysusersdir)/scimbridge.conf'
	for map in $(maps); do rm -f "$(DESTDIR)$(mapsdir)/$${map##*/}"; done

install-data-local: install-conf
uninstall-local: uninstall-conf
