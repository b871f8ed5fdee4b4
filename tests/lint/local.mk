lint_tests = \
	tests/lint/fences.sh \
	tests/lint/format.sh \
	tests/lint/keys.py \
	tests/lint/diagnostics.py \
	tests/lint/conformance.py
TESTS += $(lint_tests)
EXTRA_DIST += $(lint_tests)
