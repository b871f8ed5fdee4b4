# Manual pages, and the documents that are only in the source.
dist_man_MANS =
EXTRA_DIST +=
