# The example configuration.
dist_pkgdata_DATA =

# The maps that are shipped.
mapsdir = $(pkgdatadir)/maps
dist_maps_DATA =
