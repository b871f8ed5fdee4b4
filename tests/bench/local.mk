# Benchmarks are built and run by "make bench" only. One: its name in the list, and
#   tests_bench_bench_LDADD = $(DAEMON_LIBS)
bench_programs =
EXTRA_PROGRAMS += $(bench_programs)

.PHONY: bench
bench: scimbridge$(EXEEXT) $(bench_programs)
	@$(AM_TESTS_ENVIRONMENT) \
	for program in $(bench_programs); do ./$$program || exit 1; done
