/* SPDX-License-Identifier: Apache-2.0 */
/* The simulation itself: chance, the directory and its connectors. */
#include "support/sim_inside.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

/* ---- chance: splitmix64 ---- */

static uint64_t
next_random(sim_t *sim)
{
    uint64_t z = sim->random += 0x9e3779b97f4a7c15u;

    z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9u;
    z = (z ^ (z >> 27)) * 0x94d049bb133111ebu;
    return z ^ (z >> 31);
}

unsigned
sim_random(sim_t *sim, unsigned n)
{
    return (unsigned)(next_random(sim) % n);
}

/* ---- the simulation ---- */

static bool bare;

void
sim_go_bare(void)
{
    bare = true;
}

bool
sim_is_bare(void)
{
    return bare;
}

sim_t *
sim_new(uint64_t seed)
{
    sim_t *sim = calloc(1, sizeof(*sim));

    ck_assert_ptr_nonnull(sim);
    sim->mem = arena_new(0);
    sim->model = model_new();
    sim->random = seed;
    ck_assert_ptr_nonnull(sim->mem);
    return sim;
}

void
sim_free(sim_t *sim)
{
    for (sim_call_t *call = sim->calls; call; call = call->next) {
        arena_free(call->mem);
        arena_free(call->replies);
    }
    for (size_t i = 0; i < sim->n_connectors; i++)
        connector_free(sim->connectors[i]);
    model_free(sim->model);
    arena_free(sim->mem);
    free(sim);
}

model_t *
sim_model(sim_t *sim)
{
    return sim->model;
}

arena_t *
sim_mem(sim_t *sim)
{
    return sim->mem;
}

connector_t *
sim_connector(sim_t *sim, const map_t *map, int reference_ttl_ms)
{
    connector_limits_t limits = connector_limits_default;
    connector_t *connector;

    limits.reference_ttl_ms = reference_ttl_ms;
    limits.max_references = 4096;
    connector = connector_new(STR("test"), map, scim_quirks_default, &limits);
    ck_assert_ptr_nonnull(connector);
    if (bare)
        connector_set_features(connector, LDAP_FEATURES_KNOWN);
    ck_assert(sim->n_connectors < ARRAY_SIZE(sim->connectors));
    sim->connectors[sim->n_connectors++] = connector;
    for (size_t i = 0; i < map->n_scopes; i++)
        for (size_t j = 0; j < map->scopes[i].n_bases; j++)
            model_put_base(sim->model, map->scopes[i].bases[j].dn);
    return connector;
}

connector_t *
sim_reload(sim_t *sim, const connector_t *before, const map_t *map, int reference_ttl_ms)
{
    connector_t *connector = sim_connector(sim, map, reference_ttl_ms);

    connector_follow(connector, before);
    return connector;
}

void
sim_fail_memory(sim_t *sim, unsigned step, size_t n)
{
    sim->fail_step = step;
    sim->fail_block = n;
}

const char *
sim_format(sim_t *sim, const char *format, ...)
{
    char *text = NULL;
    const char *copy;
    va_list args;
    int n;

    va_start(args, format);
    n = vasprintf(&text, format, args);
    va_end(args);
    ck_assert_int_ge(n, 0);
    copy = str_dup_c(sim->mem, str_from(text, (size_t)n));
    free(text);
    return copy;
}
