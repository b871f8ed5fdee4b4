# Manual pages, and the documents that are only in the source.
dist_man_MANS = \
	docs/man/scimbridge.1 \
	docs/man/scimbridge.conf.5 \
	docs/man/scimbridge-map.5
EXTRA_DIST += \
	HACKING.md \
	NEWS.md \
	README.md \
	docs/conformance.md \
	docs/directories.md \
	docs/maps.md \
	docs/mistakes.md \
	docs/adr/0001-threads-and-tasks.md \
	docs/adr/0002-arena.md \
	docs/adr/0003-json.md \
	docs/adr/0004-map-format.md \
	docs/adr/0005-deletion.md \
	docs/adr/0006-libraries.md \
	docs/adr/0007-paging.md \
	docs/adr/0008-slots-for-one-value.md \
	docs/adr/0009-names-that-move.md \
	docs/adr/0010-lost-answers.md \
	docs/adr/0011-bulk.md \
	docs/adr/0012-versions.md \
	docs/adr/0013-exact-filters.md \
	docs/adr/0014-joint-changes.md \
	docs/adr/0015-groups-of-a-user.md \
	docs/adr/0016-bridge-integrity.md \
	docs/adr/0017-shared-attributes.md \
	docs/adr/0018-complex-values-as-json.md \
	docs/adr/0019-old-name.md \
	docs/adr/0025-active-directory.md \
	docs/adr/0020-directories-without-assertions.md \
	docs/adr/0021-rivals.md \
	docs/adr/0022-numbers.md \
	docs/adr/0023-references-by-name.md \
	docs/adr/0024-states-by-place.md
