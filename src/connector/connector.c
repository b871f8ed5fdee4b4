/* SPDX-License-Identifier: Apache-2.0 */
#include "connector/connector.h"

#include "connector/exchange.h"

#include <stdlib.h>

const connector_limits_t connector_limits_default = {
    .max_body = 1024 * 1024,
    .max_operations = 1000,
    .max_members = 20000,
    .max_bulk_body = 4 * 1024 * 1024,
    .max_bulk_operations = 1000,
    .bulk_in_flight = 8,
    .max_page = 1000,
    .default_page = 100,
    .max_references = 32 * 1024,
    .max_listing_bytes = 8 * 1024 * 1024,
    .reference_ttl_ms = 0, /* ADR 9 */
    .listing_ttl_ms = 60 * 1000,
    .cursor_ttl_s = 3600,
};

connector_t *
connector_new(str_t name, const map_t *map, scim_quirks_t quirks,
              const connector_limits_t *limits)
{
    connector_t *connector = calloc(1, sizeof(*connector));
    char *copy = connector ? malloc(name.n + 1) : NULL;

    if (!copy) {
        free(connector);
        return NULL;
    }
    memcpy(copy, name.p, name.n);
    connector->name = str_from(copy, name.n);
    connector->map = map;
    connector->quirks = quirks;
    connector->limits = *limits;
    connector->lasting = lasting_new();
    connector->memo = memo_new(limits->max_references);
    connector->listings = listing_store_new(limits->max_listing_bytes);
    if (!connector->lasting || !connector->memo || !connector->listings ||
        !mac_key_of_process()) {
        connector_free(connector);
        return NULL;
    }
    connector->cursor_key = *mac_key_of_process();
    return connector;
}

void
connector_follow(connector_t *connector, const connector_t *before)
{
    lasting_unref(connector->lasting);
    connector->lasting = lasting_ref(before->lasting);
}

void
connector_set_cursor_key(connector_t *connector, const mac_key_t *key)
{
    connector->cursor_key = *key;
}

void
connector_set_features(connector_t *connector, ldap_features_t features)
{
    if (atomic_load(&connector->features) != features)
        atomic_store(&connector->features, features);
}

void
connector_free(connector_t *connector)
{
    if (!connector)
        return;
    lasting_unref(connector->lasting);
    memo_free(connector->memo);
    listing_store_free(connector->listings);
    explicit_bzero(&connector->cursor_key, sizeof(connector->cursor_key));
    free((char *)(uintptr_t)connector->name.p);
    free(connector);
}

const map_t *
connector_map(const connector_t *connector)
{
    return connector->map;
}

gate_table_t *
connector_gates(connector_t *connector)
{
    return connector->lasting->gates;
}
