# The schemas and static resources of RFC 7643 section 8, compiled into the program by
# src/scim/embed.awk.
scim_schemas = \
	schema/scim/User.json \
	schema/scim/Group.json \
	schema/scim/EnterpriseUser.json \
	schema/scim/ServiceProviderConfig.json \
	schema/scim/ResourceType.json \
	schema/scim/Schema.json

scimschemadir = $(pkgdatadir)/schema/scim
dist_scimschema_DATA = $(scim_schemas)

# JSON Schemas of the configuration and the map, for editors.
schemadir = $(pkgdatadir)/schema
dist_schema_DATA = \
	schema/config.schema.json \
	schema/map.schema.json

# Our own attributes and classes, for directories that are to hold what theirs cannot.
ldapschemadir = $(pkgdatadir)/schema/ldap
dist_ldapschema_DATA = \
	schema/ldap/98scimbridge.ldif \
	schema/ldap/scimbridge.ldif \
	schema/ldap/scimbridge.schema
