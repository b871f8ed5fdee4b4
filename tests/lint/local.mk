lint_tests = \
	tests/lint/fences.sh \
	tests/lint/format.sh \
	tests/lint/keys.py
TESTS += $(lint_tests)
EXTRA_DIST += $(lint_tests)
