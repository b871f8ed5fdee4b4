TEST_EXTENSIONS = .sh .py
PY_LOG_COMPILER = $(PYTHON3)

# Tests find their data under top_srcdir and the programs under top_builddir, both absolute.
AM_TESTS_ENVIRONMENT = \
	top_srcdir='$(abs_top_srcdir)'; export top_srcdir; \
	top_builddir='$(abs_top_builddir)'; export top_builddir; \
	PYTHON3='$(PYTHON3)'; export PYTHON3; \
	PYTHONDONTWRITEBYTECODE=1; export PYTHONDONTWRITEBYTECODE;

include tests/support/local.mk
include tests/unit/base/local.mk
include tests/unit/json/local.mk
include tests/unit/ldap/local.mk
include tests/unit/scim/local.mk
include tests/unit/map/local.mk
include tests/unit/connector/local.mk
include tests/unit/http/local.mk
include tests/unit/daemon/local.mk
include tests/unit/cli/local.mk
include tests/connector/local.mk
include tests/integration/local.mk
include tests/fuzz/local.mk
include tests/lint/local.mk
include tests/bench/local.mk

.PHONY: check-threads
check-threads:
	$(MAKE) $(AM_MAKEFLAGS) check TESTS='$(THREAD_TESTS)' check_PROGRAMS='$(THREAD_TESTS)'
