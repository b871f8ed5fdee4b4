/* SPDX-License-Identifier: Apache-2.0 */
/* "limits": what one request, one client and all of them may use. */
#include "daemon/config_loading.h"

static void
read_server_limits(reader_t *reader, config_limits_t *limits)
{
    (void)reader_size(reader, "body", 1024, 64LL << 20, &limits->body);
    (void)reader_size(reader, "headerBytes", 2048, 1LL << 20, &limits->header_bytes);
    (void)reader_size(reader, "memory", 1LL << 20, 4LL << 30, &limits->memory);
    (void)reader_size(reader, "memoryTotal", 1LL << 20, 1LL << 40, &limits->memory_total);
    (void)reader_number(reader, "connections", 1, 1000000, &limits->connections);
    (void)reader_number(reader, "connectionsPerAddress", 0, 1000000,
                        &limits->connections_per_address);
    (void)reader_number(reader, "inFlight", 1, 1000000, &limits->in_flight);
    (void)reader_duration(reader, "idleTimeout", 1000, 86400000, &limits->idle_timeout_ms);
    (void)reader_duration(reader, "requestTimeout", 10, 3600000, &limits->request_timeout_ms);
    (void)reader_duration(reader, "drainTimeout", 0, 3600000, &limits->drain_timeout_ms);
}

static void
read_count(reader_t *reader, const char *name, int64_t max, size_t *value)
{
    int64_t number;

    if (reader_number(reader, name, 1, max, &number))
        *value = (size_t)number;
}

static void
read_milliseconds(reader_t *reader, const char *name, int *value)
{
    int64_t number;

    if (reader_duration(reader, name, 10, 3600000, &number))
        *value = (int)number;
}

static void
read_connector_limits(reader_t *reader, connector_limits_t *limits)
{
    int64_t bytes, ms;

    read_count(reader, "operations", 100000, &limits->max_operations);
    read_count(reader, "bulkOperations", 10000, &limits->max_bulk_operations);
    if (reader_size(reader, "bulkBody", 1024, 64LL << 20, &bytes))
        limits->max_bulk_body = (size_t)bytes;
    read_count(reader, "members", 10000000, &limits->max_members);
    read_count(reader, "page", 100000, &limits->max_page);
    read_count(reader, "defaultPage", 100000, &limits->default_page);
    read_count(reader, "references", 100000000, &limits->max_references);
    if (reader_size(reader, "listings", 0, 16LL << 30, &bytes))
        limits->max_listing_bytes = (size_t)bytes;
    read_milliseconds(reader, "referenceLifetime", &limits->reference_ttl_ms);
    read_milliseconds(reader, "listingLifetime", &limits->listing_ttl_ms);
    if (reader_duration(reader, "cursorLifetime", 1000, 30LL * 86400 * 1000, &ms))
        limits->cursor_ttl_s = ms / 1000;
}

void
config_read_limits(loading_t *loading, const json_t *value)
{
    config_limits_t *limits = &loading->config->limits;
    reader_t reader;

    *limits = (config_limits_t){
        .body = 1 << 20,
        .header_bytes = 32 << 10,
        .memory = 32 << 20,
        .memory_total = 512LL << 20,
        .connections = 1024,
        .connections_per_address = 512,
        .in_flight = 1024,
        .idle_timeout_ms = 60000,
        .request_timeout_ms = 15000,
        .drain_timeout_ms = 20000,
        .connector = connector_limits_default,
        .ldap = {.max_outstanding = 900,
                 .operation_timeout_ms = 8000,
                 .idle_timeout_ms = 60000},
    };
    (void)reader_begin(&reader, loading->source, value, "\"limits\"");
    read_server_limits(&reader, limits);
    read_connector_limits(&reader, &limits->connector);
    read_milliseconds(&reader, "ldapTimeout", &limits->ldap.operation_timeout_ms);
    read_milliseconds(&reader, "ldapIdle", &limits->ldap.idle_timeout_ms);
    read_count(&reader, "ldapOutstanding", 1000000, &limits->ldap.max_outstanding);
    reader_end(&reader);
    limits->connector.max_body = (size_t)limits->body;
}
