/* SPDX-License-Identifier: Apache-2.0 */
#include "daemon/snapshot.h"

#include "daemon/audit.h"

#include <stdlib.h>
#include <unistd.h>

/* --- directories -------------------------------------------------------------------------- */

static void
free_directory(loop_message_t *message)
{
    directory_t *directory = CONTAINER_OF(message, directory_t, unused);

    ldap_dialer_free(directory->dialer);
    free(directory);
}

directory_t *
directory_ref(directory_t *directory)
{
    atomic_fetch_add(&directory->refs, 1);
    return directory;
}

void
directory_unref(directory_t *directory)
{
    if (directory && atomic_fetch_sub(&directory->refs, 1) == 1)
        loop_post(directory->main, &directory->unused);
}

static directory_t *
new_directory(const config_directory_t *config, loop_t *main, err_t *err)
{
    size_t n = config->name.n + config->identity.n;
    directory_t *directory = calloc(1, sizeof(*directory) + n + 1);

    if (!directory) {
        err_set(err, ERR_UNAVAILABLE, "no memory for a directory");
        return NULL;
    }
    directory->dialer = ldap_dialer_new(&config->settings, err);
    if (!directory->dialer) {
        free(directory);
        return NULL;
    }
    memcpy(directory->text, config->name.p, config->name.n);
    memcpy(directory->text + config->name.n, config->identity.p, config->identity.n);
    directory->name = str_from(directory->text, config->name.n);
    directory->identity = str_from(directory->text + config->name.n, config->identity.n);
    directory->refs = 1;
    directory->main = main;
    directory->unused.deliver = free_directory;
    return directory;
}

/* The one of the snapshot before when its section is unchanged. */
static directory_t *
take_directory(const config_directory_t *config, snapshot_t *before, loop_t *main, err_t *err)
{
    for (size_t i = 0; before && i < before->n_directories; i++) {
        directory_t *directory = before->directories[i];

        if (str_eq(directory->name, config->name) &&
            str_eq(directory->identity, config->identity))
            return directory_ref(directory);
    }
    return new_directory(config, main, err);
}

/* --- snapshots ---------------------------------------------------------------------------- */

static void
free_snapshot(snapshot_t *snapshot)
{
    for (size_t i = 0; snapshot->services && i < snapshot->n_services; i++)
        connector_free(snapshot->services[i].bridge);
    for (size_t i = 0; snapshot->directories && i < snapshot->n_directories; i++)
        directory_unref(snapshot->directories[i]);
    if (snapshot->audit_fd >= 0)
        close(snapshot->audit_fd);
    free(snapshot->services);
    free(snapshot->directories);
    arena_free(snapshot->mem);
    free(snapshot);
}

static void
on_unused(loop_message_t *message)
{
    free_snapshot(CONTAINER_OF(message, snapshot_t, unused));
}

snapshot_t *
snapshot_ref(snapshot_t *snapshot)
{
    atomic_fetch_add(&snapshot->refs, 1);
    return snapshot;
}

void
snapshot_unref(snapshot_t *snapshot)
{
    if (snapshot && atomic_fetch_sub(&snapshot->refs, 1) == 1)
        loop_post(snapshot->main, &snapshot->unused);
}

static bool
make_directories(snapshot_t *snapshot, snapshot_t *before, err_t *err)
{
    const config_t *config = snapshot->config;

    for (size_t i = 0; i < config->n_directories; i++) {
        directory_t *directory =
            take_directory(&config->directories[i], before, snapshot->main, err);

        if (!directory)
            return false;
        snapshot->directories[snapshot->n_directories++] = directory;
    }
    return true;
}

/* The same name may be another directory's by now, where other ids are. */
static void
follow(const service_t *service, const snapshot_t *before)
{
    const service_t *was = before ? snapshot_find(before, service->config->name) : NULL;

    if (was && service->bridge && was->directory == service->directory)
        connector_follow(service->bridge, was->bridge);
}

static bool
make_services(snapshot_t *snapshot, const snapshot_t *before, metrics_t *metrics, err_t *err)
{
    const config_t *config = snapshot->config;

    for (size_t i = 0; i < config->n_connectors; i++) {
        const config_connector_t *connector = &config->connectors[i];
        service_t *service = &snapshot->services[i];

        snapshot->n_services++;
        service->config = connector;
        service->directory =
            snapshot->directories[(size_t)(connector->directory - config->directories)];
        service->metrics = metrics_series(metrics, connector->name);
        service->bridge = connector_new(connector->name, connector->map, connector->quirks,
                                        &config->limits.connector);
        follow(service, before);
        if (service->bridge && config->cursor_key)
            connector_set_cursor_key(service->bridge, config->cursor_key);
        if (!service->bridge || !service->metrics)
            return err_set(err, ERR_UNAVAILABLE, "no memory for connector \"%.*s\"",
                           STR_ARG(connector->name));
    }
    return true;
}

static bool
open_audit(snapshot_t *snapshot, err_t *err)
{
    const char *file = snapshot->config->audit_file;

    if (file)
        snapshot->audit_fd = audit_open(file, true, err);
    return !file || snapshot->audit_fd >= 0;
}

static bool
fill(snapshot_t *snapshot, snapshot_t *before, metrics_t *metrics, err_t *err)
{
    const config_t *config = snapshot->config;

    snapshot->services = calloc(config->n_connectors + 1, sizeof(service_t));
    snapshot->directories = calloc(config->n_directories + 1, sizeof(directory_t *));
    if (!snapshot->services || !snapshot->directories)
        return err_set(err, ERR_UNAVAILABLE, "no memory for the configuration");
    return open_audit(snapshot, err) && make_directories(snapshot, before, err) &&
           make_services(snapshot, before, metrics, err);
}

snapshot_t *
snapshot_new_take(arena_t *mem, const config_t *config, snapshot_t *before, loop_t *main,
                  metrics_t *metrics, err_t *err)
{
    snapshot_t *snapshot = calloc(1, sizeof(*snapshot));

    if (!snapshot) {
        arena_free(mem);
        err_set(err, ERR_UNAVAILABLE, "no memory for the configuration");
        return NULL;
    }
    snapshot->refs = 1;
    snapshot->main = main;
    snapshot->unused.deliver = on_unused;
    snapshot->mem = mem;
    snapshot->config = config;
    snapshot->audit_fd = -1;
    if (fill(snapshot, before, metrics, err))
        return snapshot;
    free_snapshot(snapshot);
    return NULL;
}

const service_t *
snapshot_find(const snapshot_t *snapshot, str_t name)
{
    const config_connector_t *connector = config_find_connector(snapshot->config, name);

    return connector ? &snapshot->services[connector - snapshot->config->connectors] : NULL;
}
