# Connector scripts: expected LDAP actions and canned replies, no threads and no network.
# A test program: its name in the list, and
#   tests_connector_test_noun_LDADD = $(CONNECTOR_TEST_LIBS)
connector_fixture = tests/connector/fixture.c tests/connector/fixture.h \
	tests/connector/fixture_rows.c tests/unit/map/sample.c tests/unit/map/sample.h

connector_script_tests =
connector_script_tests += tests/connector/test_scripted
tests_connector_test_scripted_SOURCES = tests/connector/test_scripted.c $(connector_fixture)
tests_connector_test_scripted_LDADD = $(CONNECTOR_TEST_LIBS)
connector_script_tests += tests/connector/test_faults
tests_connector_test_faults_SOURCES = tests/connector/test_faults.c $(connector_fixture)
tests_connector_test_faults_LDADD = $(CONNECTOR_TEST_LIBS)
connector_script_tests += tests/connector/test_races
tests_connector_test_races_SOURCES = tests/connector/test_races.c $(connector_fixture)
tests_connector_test_races_LDADD = $(CONNECTOR_TEST_LIBS)
connector_script_tests += tests/connector/test_late
tests_connector_test_late_SOURCES = tests/connector/test_late.c $(connector_fixture)
tests_connector_test_late_LDADD = $(CONNECTOR_TEST_LIBS)
connector_script_tests += tests/connector/test_renamed
tests_connector_test_renamed_SOURCES = tests/connector/test_renamed.c $(connector_fixture)
tests_connector_test_renamed_LDADD = $(CONNECTOR_TEST_LIBS)
connector_script_tests += tests/connector/test_joint
tests_connector_test_joint_SOURCES = tests/connector/test_joint.c $(connector_fixture)
tests_connector_test_joint_LDADD = $(CONNECTOR_TEST_LIBS)
connector_script_tests += tests/connector/test_condition
tests_connector_test_condition_SOURCES = tests/connector/test_condition.c $(connector_fixture)
tests_connector_test_condition_LDADD = $(CONNECTOR_TEST_LIBS)
connector_script_tests += tests/connector/test_claim
tests_connector_test_claim_SOURCES = tests/connector/test_claim.c tests/connector/steps.h \
	tests/unit/map/sample.c tests/unit/map/sample.h
tests_connector_test_claim_LDADD = $(CONNECTOR_TEST_LIBS)
connector_script_tests += tests/connector/test_ranged
tests_connector_test_ranged_SOURCES = tests/connector/test_ranged.c tests/connector/steps.h \
	tests/unit/map/sample.c tests/unit/map/sample.h
tests_connector_test_ranged_LDADD = $(CONNECTOR_TEST_LIBS)
connector_script_tests += tests/connector/test_remove
tests_connector_test_remove_SOURCES = tests/connector/test_remove.c tests/connector/steps.h \
	tests/unit/map/sample.c tests/unit/map/sample.h
tests_connector_test_remove_LDADD = $(CONNECTOR_TEST_LIBS)
connector_script_tests += tests/connector/test_stale
tests_connector_test_stale_SOURCES = tests/connector/test_stale.c $(connector_fixture)
tests_connector_test_stale_LDADD = $(CONNECTOR_TEST_LIBS)
connector_script_tests += tests/connector/test_create
tests_connector_test_create_SOURCES = tests/connector/test_create.c $(connector_fixture)
tests_connector_test_create_LDADD = $(CONNECTOR_TEST_LIBS)
connector_script_tests += tests/connector/test_numbers
tests_connector_test_numbers_SOURCES = tests/connector/test_numbers.c $(connector_fixture)
tests_connector_test_numbers_LDADD = $(CONNECTOR_TEST_LIBS)
placement_fixture = tests/connector/placement.c tests/connector/placement.h \
	$(connector_fixture)
connector_script_tests += tests/connector/test_placement
tests_connector_test_placement_SOURCES = tests/connector/test_placement.c $(placement_fixture)
tests_connector_test_placement_LDADD = $(CONNECTOR_TEST_LIBS)
connector_script_tests += tests/connector/test_steps
tests_connector_test_steps_SOURCES = tests/connector/test_steps.c $(placement_fixture)
tests_connector_test_steps_LDADD = $(CONNECTOR_TEST_LIBS)
connector_script_tests += tests/connector/test_moves
tests_connector_test_moves_SOURCES = tests/connector/test_moves.c $(placement_fixture)
tests_connector_test_moves_LDADD = $(CONNECTOR_TEST_LIBS)
connector_script_tests += tests/connector/test_query
tests_connector_test_query_SOURCES = tests/connector/test_query.c $(connector_fixture)
tests_connector_test_query_LDADD = $(CONNECTOR_TEST_LIBS)
connector_script_tests += tests/connector/test_cursor
tests_connector_test_cursor_LDADD = $(CONNECTOR_TEST_LIBS)
connector_script_tests += tests/connector/test_gate
tests_connector_test_gate_LDADD = $(CONNECTOR_TEST_LIBS)
connector_script_tests += tests/connector/test_links
tests_connector_test_links_LDADD = $(CONNECTOR_TEST_LIBS)
connector_script_tests += tests/connector/test_listing
tests_connector_test_listing_LDADD = $(CONNECTOR_TEST_LIBS)
connector_script_tests += tests/connector/test_lost
tests_connector_test_lost_LDADD = $(CONNECTOR_TEST_LIBS)
connector_script_tests += tests/connector/test_memo
tests_connector_test_memo_LDADD = $(CONNECTOR_TEST_LIBS)
connector_script_tests += tests/connector/test_bulk
tests_connector_test_bulk_SOURCES = tests/connector/test_bulk.c $(connector_fixture)
tests_connector_test_bulk_LDADD = $(CONNECTOR_TEST_LIBS)
connector_script_tests += tests/connector/test_bulk_plan
tests_connector_test_bulk_plan_SOURCES = tests/connector/test_bulk_plan.c \
	tests/unit/map/sample.c tests/unit/map/sample.h
tests_connector_test_bulk_plan_LDADD = $(CONNECTOR_TEST_LIBS)
connector_script_tests += tests/connector/test_parts
tests_connector_test_parts_SOURCES = tests/connector/test_parts.c tests/connector/task_bed.h
tests_connector_test_parts_LDADD = $(CONNECTOR_TEST_LIBS)
connector_script_tests += tests/connector/test_task
tests_connector_test_task_SOURCES = tests/connector/test_task.c tests/connector/task_bed.h
tests_connector_test_task_LDADD = $(CONNECTOR_TEST_LIBS)
THREAD_TESTS += tests/connector/test_gate tests/connector/test_listing \
	tests/connector/test_memo

check_PROGRAMS += $(connector_script_tests)
TESTS += $(connector_script_tests)
