/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/discover/discover.h"

enum { SAMPLE = 500, PARENTS_MAX = 8, CLASSES_MAX = 16 };

usage_t *
discover_usage(const kind_sample_t *sample, str_t name)
{
    for (size_t i = 0; i < sample->n_usages; i++) {
        if (str_ieq(sample->usages[i].name, name))
            return &sample->usages[i];
    }
    return NULL;
}

static void
count_attr(live_t *live, kind_sample_t *sample, const ldap_attr_t *attr)
{
    str_t name = str_slice(attr->name, 0, str_find_char(attr->name, ';'));
    usage_t *usage = discover_usage(sample, name);

    if (!usage) {
        if (sample->n_usages == sample->usages_size) {
            sample->usages_size = sample->usages_size ? 2 * sample->usages_size : 32;
            sample->usages = arena_grow(live->mem, sample->usages, sample->n_usages,
                                        sample->usages_size, sizeof(usage_t));
        }
        usage = &sample->usages[sample->n_usages++];
        *usage = (usage_t){.name = name};
    }
    usage->entries++;
    usage->most = attr->n > usage->most ? attr->n : usage->most;
}

static void
count_parent(live_t *live, kind_sample_t *sample, const ldap_dn_t *dn)
{
    ldap_dn_t above = ldap_dn_parent(dn);
    str_t text = ldap_dn_format(live->mem, &above);
    size_t i = 0;

    while (i < sample->n_parents && !str_eq(ldap_dn_normal(live->mem, sample->parents[i].dn),
                                            ldap_dn_normal(live->mem, text)))
        i++;
    if (i == PARENTS_MAX)
        return;
    if (i == sample->n_parents)
        sample->parents[sample->n_parents++] = (parent_t){.dn = text};
    sample->parents[i].n++;
    for (; i > 0 && sample->parents[i].n > sample->parents[i - 1].n; i--) {
        parent_t less = sample->parents[i - 1];

        sample->parents[i - 1] = sample->parents[i];
        sample->parents[i] = less;
    }
}

/* Those that the structural one does not stand for. */
static void
note_classes(live_t *live, kind_sample_t *sample, const ldap_entry_t *entry)
{
    const ldap_attr_t *classes = ldap_entry_find(entry, STR("objectClass"));

    for (size_t i = 0; classes && i < classes->n; i++) {
        const ldap_class_t *class = ldap_class_find(&live->classes, classes->values[i]);
        bool known = !class || class->kind != LDAP_CLASS_AUXILIARY;

        for (size_t k = 0; k < sample->n_auxiliary; k++)
            known = known || str_ieq(sample->auxiliary[k], classes->values[i]);
        if (!known && sample->n_auxiliary < CLASSES_MAX)
            sample->auxiliary[sample->n_auxiliary++] = classes->values[i];
    }
}

/* The first naming attribute is kept while it names more than half of those seen. */
static void
count_rdn(kind_sample_t *sample, const ldap_dn_t *dn)
{
    str_t attr = dn->rdns[0].avas[0].attr;

    if (sample->n_named == 0)
        sample->rdn = attr;
    if (str_ieq(sample->rdn, attr))
        sample->n_named++;
    else
        sample->n_named--;
}

static void
count_entry(live_t *live, kind_sample_t *sample, const ldap_entry_t *entry)
{
    err_t err = ERR_INIT;
    ldap_dn_t dn;

    if (!ldap_dn_parse(live->mem, entry->dn, &dn, &err) || dn.n < 2)
        return;
    sample->n++;
    count_rdn(sample, &dn);
    count_parent(live, sample, &dn);
    note_classes(live, sample, entry);
    for (size_t i = 0; i < entry->n; i++)
        count_attr(live, sample, &entry->attrs[i]);
}

static void
look(live_t *live, str_t base, str_t class, kind_sample_t *sample)
{
    static const str_t names[] = {STR_INIT("*"), STR_INIT("memberOf")};
    const ldap_filter_t *filter = ldap_filter_equal(live->mem, STR("objectClass"), class);
    ldap_reply_t reply;

    live_search(live, base, LDAP_DEPTH_SUB, filter, (ldap_names_t){names, ARRAY_SIZE(names)},
                SAMPLE, &reply);
    sample->more = sample->more || reply.code != LDAP_RC_SUCCESS;
    for (size_t i = 0; i < reply.n_entries; i++)
        count_entry(live, sample, reply.entries[i]);
}

void
discover_sample(live_t *live, const str_t *bases, size_t n_bases, const char *const *classes,
                kind_sample_t *ret_sample)
{
    kind_sample_t *sample = ret_sample;

    *sample = (kind_sample_t){.class = STR(""), .rdn = STR("")};
    sample->parents = arena_array_of(live->mem, PARENTS_MAX, parent_t);
    sample->auxiliary = arena_array_of(live->mem, CLASSES_MAX, str_t);
    for (size_t i = 0; classes[i] && sample->n == 0; i++) {
        str_t class = str_from_c(classes[i]);

        if (!ldap_class_find(&live->classes, class))
            continue;
        for (size_t k = 0; k < n_bases; k++)
            look(live, bases[k], class, sample);
        if (sample->n > 0 || sample->class.n == 0)
            sample->class = class;
    }
    if (sample->class.n == 0)
        sample->class = str_from_c(classes[0]);
}
