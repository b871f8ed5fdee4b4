/* SPDX-License-Identifier: Apache-2.0 */
/* fuzz_ldap_filter - whatever the text, a filter that is read is written so that it reads the
 * same, and it has one truth for an entry. */
#include "fuzz/fuzz.h"
#include "ldap/filter.h"

#include <stdint.h>
#include <stdlib.h>

typedef struct {
    arena_t *mem;
    str_t text;
} input_t;

static bool
same(const ldap_filter_t *a, const ldap_filter_t *b)
{
    if (a->kind != b->kind || a->n_parts != b->n_parts || a->n_any != b->n_any)
        return false;
    if (!str_eq(a->attr, b->attr) || !str_eq(a->value, b->value) || !str_eq(a->rule, b->rule) ||
        !str_eq(a->final, b->final) || a->dn_attrs != b->dn_attrs)
        return false;
    for (size_t i = 0; i < a->n_any; i++)
        if (!str_eq(a->any[i], b->any[i]))
            return false;
    for (size_t i = 0; i < a->n_parts; i++)
        if (!same(a->parts[i], b->parts[i]))
            return false;
    return true;
}

static void
count_attr(void *arg, str_t attr)
{
    require(attr.n > 0);
    ++*(size_t *)arg;
}

static void
make_entry(arena_t *mem, ldap_entry_t *entry)
{
    entry->dn = STR("cn=a,o=x");
    ldap_entry_add(mem, entry, STR("objectClass"), STR("inetOrgPerson"));
    ldap_entry_add(mem, entry, STR("cn"), STR("Barbara Jensen"));
    ldap_entry_add(mem, entry, STR("cn;lang-de"), STR("B\xc3\x84RBEL\xff"));
    ldap_entry_add(mem, entry, STR("uidNumber"), STR("-0012"));
    ldap_entry_add(mem, entry, STR("manager"), STR("cn=b+uid=c\\,,o=x"));
    ldap_entry_add(mem, entry, STR("telephoneNumber"), STR("+1 - 2"));
    ldap_entry_add(mem, entry, STR("postalAddress"), STR(" a $ $b"));
    ldap_entry_add(mem, entry, STR("pwdEndTime"), STR("20240101000000.5Z"));
    ldap_entry_add(mem, entry, STR("jpegPhoto"), STR(""));
}

static void
check_truth(arena_t *mem, const ldap_filter_t *filter, const ldap_filter_t *again)
{
    const ldap_schema_t *schema = ldap_schema_builtin();
    ldap_entry_t entry = {.n = 0};
    ldap_truth_t truth, opposite;

    make_entry(mem, &entry);
    truth = ldap_filter_test(mem, filter, &entry, schema);
    opposite = ldap_filter_test(mem, ldap_filter_not(mem, filter), &entry, schema);
    require(ldap_filter_test(mem, again, &entry, schema) == truth);
    require(truth == LDAP_UNDEFINED
                ? opposite == LDAP_UNDEFINED
                : opposite == (truth == LDAP_TRUE ? LDAP_FALSE : LDAP_TRUE));
}

static void
run(void *arg)
{
    const input_t *input = arg;
    const ldap_filter_t *filter, *again;
    size_t n_attrs = 0;
    err_t err;
    str_t text;

    filter = ldap_filter_parse(input->mem, input->text, &err);
    if (filter == NULL) {
        require(err.kind == ERR_INVALID_FILTER);
        return;
    }
    text = ldap_filter_format(input->mem, filter);
    again = ldap_filter_parse(input->mem, text, &err);
    require(again != NULL && same(filter, again));
    require(str_eq(ldap_filter_format(input->mem, again), text));
    ldap_filter_each_attr(filter, count_attr, &n_attrs);
    require(n_attrs <= 1000);
    check_truth(input->mem, filter, again);
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
