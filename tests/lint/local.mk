lint_tests = \
	tests/lint/fences.sh \
	tests/lint/format.sh
TESTS += $(lint_tests)
EXTRA_DIST += $(lint_tests)
