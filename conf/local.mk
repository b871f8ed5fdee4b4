# The example configuration.
dist_pkgdata_DATA = conf/scimbridge.conf

EXTRA_DIST += conf/scimbridge.service

# The maps that are shipped.
mapsdir = $(pkgdatadir)/maps
dist_maps_DATA = \
	conf/maps/ideo.jsonc \
	conf/maps/people.jsonc \
	conf/maps/sign-in-enterprise.jsonc \
	conf/maps/simple-in-out.jsonc
