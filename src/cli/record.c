/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/record.h"

#include <unistd.h>

void
record_init(record_t *record, const char *command)
{
    record->audit = (audit_command_t){.log = &record->log, .command = command, .fd = -1};
}

static void
note_write(void *arg, const ldap_op_t *op)
{
    const record_t *record = arg;

    audit_command_intent(&record->audit, op);
}

bool
record_open(record_t *record, const config_t *config, driver_t *driver, err_t *err)
{
    if (!config->audit_file)
        return true;
    record->audit.connector = driver->of->name;
    record->audit.fd = audit_open(config->audit_file, false, err);
    if (record->audit.fd < 0)
        return err_prefix(err, "the audit log");
    log_init(&record->log, record->audit.fd);
    driver->writes = note_write;
    driver->arg = record;
    return true;
}

void
record_resource(record_t *record, const map_type_t *type, str_t id)
{
    record->audit.endpoint = str_skip(type->scim->endpoint, 1);
    record->audit.resource = id;
}

void
record_result(const record_t *record, str_t dn, const char *detail)
{
    if (record->audit.fd >= 0)
        audit_command_result(&record->audit, dn, detail);
}

void
record_close(record_t *record)
{
    if (record->audit.fd >= 0)
        close(record->audit.fd);
    record->audit.fd = -1;
}
