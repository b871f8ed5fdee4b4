# What several tests share; linked by all of them.
check_LIBRARIES += tests/support/libsupport.a

tests_support_libsupport_a_SOURCES = \
	tests/support/leaks.h \
	tests/support/model.c \
	tests/support/model.h \
	tests/support/model_answer.c \
	tests/support/model_inside.h \
	tests/support/model_schema.c \
	tests/support/model_text.c \
	tests/support/model_write.c \
	tests/support/sim.c \
	tests/support/sim.h \
	tests/support/sim_call.c \
	tests/support/sim_drive.c \
	tests/support/sim_fault.c \
	tests/support/sim_inside.h \
	tests/support/suite_run.h \
	tests/support/slapd.c \
	tests/support/slapd.h
