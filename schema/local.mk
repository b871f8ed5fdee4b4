# The schemas and static resources of RFC 7643 section 8, compiled into the program by
# src/scim/embed.awk.
scim_schemas =

scimschemadir = $(pkgdatadir)/schema/scim
dist_scimschema_DATA = $(scim_schemas)

# JSON Schemas of the configuration and the map, and the LDAP schema.
schemadir = $(pkgdatadir)/schema
dist_schema_DATA =
