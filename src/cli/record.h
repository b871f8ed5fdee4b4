/* SPDX-License-Identifier: Apache-2.0 */
/* cli/record.h - the audit log of a command that changes entries. */
#ifndef CLI_RECORD_H
#define CLI_RECORD_H

#include "cli/driver.h"
#include "daemon/audit.h"

typedef struct {
    log_t log;
    audit_command_t audit; /* fd -1: none is configured */
} record_t;

/* Before anything can fail: nothing is open. */
void record_init(record_t *record, const char *command);
/* Open the configured audit log, if there is one; from then on each write of the driver is told
 * there before it is sent. */
bool record_open(record_t *record, const config_t *config, driver_t *driver, err_t *err)
    MUST_USE;
/* Which resource the writes that follow are of. */
void record_resource(record_t *record, const map_type_t *type, str_t id);
void record_result(const record_t *record, str_t dn, const char *detail);
void record_close(record_t *record);

#endif
