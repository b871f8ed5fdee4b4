# Benchmarks are built and run by "make bench" only, with BENCH_FLAGS='--quick' or others that
# "bench --help" names. One: its name in the list, and
#   tests_bench_noun_LDADD = $(DAEMON_LIBS)
bench_programs = tests/bench/bench
EXTRA_PROGRAMS += $(bench_programs)
EXTRA_DIST += tests/bench/README.md tests/bench/walk.py

# It measures from outside, so it links nothing of the bridge.
tests_bench_bench_LDADD = $(OPENLDAP_LIBS)
tests_bench_bench_SOURCES = \
	tests/bench/bench.c \
	tests/bench/bench.h \
	tests/bench/delay.c \
	tests/bench/delay.h \
	tests/bench/latency.c \
	tests/bench/latency.h \
	tests/bench/load.h \
	tests/bench/load_http.c \
	tests/bench/load_ldap.c \
	tests/bench/process.c \
	tests/bench/process.h \
	tests/bench/report.c \
	tests/bench/report.h \
	tests/bench/stack.c \
	tests/bench/stack.h \
	tests/bench/work.c \
	tests/bench/work.h

.PHONY: bench
bench: scimbridge$(EXEEXT) $(bench_programs)
	@$(AM_TESTS_ENVIRONMENT) \
	for program in $(bench_programs); do ./$$program $(BENCH_FLAGS) || exit 1; done; \
	case " $(BENCH_FLAGS) " in \
	*" --only "*) ;; \
	*" --quick "*) $(PYTHON3) $(top_srcdir)/tests/bench/walk.py --quick ;; \
	*) $(PYTHON3) $(top_srcdir)/tests/bench/walk.py ;; \
	esac

# The walk over all users alone, with WALK_FLAGS such as --users 1000000.
.PHONY: bench-walk
bench-walk: scimbridge$(EXEEXT)
	@$(AM_TESTS_ENVIRONMENT) $(PYTHON3) $(top_srcdir)/tests/bench/walk.py $(WALK_FLAGS)
