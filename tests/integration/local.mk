# Tests against real servers. Each is an executable script (.sh, or .py run by python3) that
# prints "N passed, M failed" as its last line, exits 77 when its server is not installed,
# and writes only below the build directory or a directory that it makes with mktemp.
integration_tests =
integration_tests += tests/integration/test_smoke.py
integration_tests += tests/integration/entra_rows.py
integration_tests += tests/integration/apps.py
integration_tests += tests/integration/lifecycle.py
integration_tests += tests/integration/groups.py
integration_tests += tests/integration/renames.py
integration_tests += tests/integration/integrity.py
integration_tests += tests/integration/numbers.py
integration_tests += tests/integration/posix.py
integration_tests += tests/integration/university.py
integration_tests += tests/integration/placement.py
integration_tests += tests/integration/moves.py
integration_tests += tests/integration/moves_bridge.py
integration_tests += tests/integration/shared.py
integration_tests += tests/integration/on_slapd.py
integration_tests += tests/integration/on_389.py
integration_tests += tests/integration/on_ad.py
integration_tests += tests/integration/filters.py
integration_tests += tests/integration/paging.py
integration_tests += tests/integration/bulk.py
integration_tests += tests/integration/rfc_examples.py
integration_tests += tests/integration/demands.py
integration_tests += tests/integration/engine.py
integration_tests += tests/integration/custom_types.py
integration_tests += tests/integration/filter_random.py
integration_tests += tests/integration/errors.py
integration_tests += tests/integration/semantics.py
integration_tests += tests/integration/hostile.py
integration_tests += tests/integration/faults.py
integration_tests += tests/integration/unique.py
integration_tests += tests/integration/admin.py
integration_tests += tests/integration/maps.py
integration_tests += tests/integration/tools.py
integration_tests += tests/integration/match.py
integration_tests += tests/integration/map_diff.py
integration_tests += tests/integration/check_live.py
integration_tests += tests/integration/mistakes.py
integration_tests += tests/integration/discover.py
TESTS += $(integration_tests)
EXTRA_DIST += $(integration_tests) tests/integration/suite.py tests/integration/servers.py \
	tests/support/harness.py tests/support/ds389.py tests/support/samba.py \
	tests/support/leaks.txt \
	tests/data/ldap/eduperson.ldif \
	tests/data/maps/rfc.jsonc tests/data/maps/own-types.jsonc \
	tests/data/maps/adopted.jsonc tests/data/maps/moves.jsonc tests/data/maps/places.jsonc
