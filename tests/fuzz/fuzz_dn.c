/* SPDX-License-Identifier: Apache-2.0 */
/* fuzz_dn - whatever the text, a DN that is read is written so that it reads the same, and its
 * key is one. */
#include "fuzz/fuzz.h"
#include "ldap/dn.h"

#include <stdint.h>
#include <stdlib.h>

typedef struct {
    arena_t *mem;
    str_t text;
} input_t;

static bool
same_rdn(const ldap_rdn_t *a, const ldap_rdn_t *b)
{
    if (a->n != b->n)
        return false;
    for (size_t i = 0; i < a->n; i++)
        if (!str_eq(a->avas[i].attr, b->avas[i].attr) ||
            !str_eq(a->avas[i].value, b->avas[i].value))
            return false;
    return true;
}

static void
check_round_trip(arena_t *mem, const ldap_dn_t *dn)
{
    str_t text = ldap_dn_format(mem, dn);
    ldap_dn_t again;
    err_t err;

    require(ldap_dn_parse(mem, text, &again, &err));
    require(again.n == dn->n);
    for (size_t i = 0; i < dn->n; i++)
        require(same_rdn(&dn->rdns[i], &again.rdns[i]));
    require(str_eq(ldap_dn_format(mem, &again), text));
}

static void
check_key(arena_t *mem, str_t text, const ldap_dn_t *dn)
{
    str_t key = ldap_dn_normal(mem, text);
    size_t commas = 0;

    require(str_eq(ldap_dn_normal(mem, key), key));
    require(str_eq(ldap_dn_normal_tree(mem, dn), key));
    require(str_eq(ldap_dn_normal(mem, ldap_dn_format(mem, dn)), key));
    for (size_t i = 0; i < key.n; i++)
        commas += key.p[i] == ',';
    require(commas + (dn->n > 0) == dn->n);
    if (dn->n > 0) {
        ldap_dn_t parent = ldap_dn_parent(dn);

        require(ldap_dn_is_child(key, ldap_dn_normal_tree(mem, &parent)));
    }
}

static void
run(void *arg)
{
    const input_t *input = arg;
    ldap_dn_t dn;
    err_t err;

    if (!ldap_dn_parse(input->mem, input->text, &dn, &err)) {
        str_t key = ldap_dn_normal(input->mem, input->text);

        require(err.kind == ERR_INVALID_VALUE);
        require(str_eq(ldap_dn_normal(input->mem, key), key));
        return;
    }
    check_round_trip(input->mem, &dn);
    check_key(input->mem, input->text, &dn);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    input_t input = {.text = {(const char *)data, size}};

    if (size > 4096)
        return 0;
    input.mem = arena_new(64 * 1024 * 1024);
    require(input.mem != NULL && arena_guard(input.mem, run, &input));
    arena_free(input.mem);
    return 0;
}
