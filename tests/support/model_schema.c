/* SPDX-License-Identifier: Apache-2.0 */
/* What an entry must have and may have. */
#include "support/model_inside.h"

static bool
has_class(const ldap_entry_t *entry, const char *name)
{
    const ldap_attr_t *classes = ldap_entry_find(entry, STR("objectClass"));

    for (size_t i = 0; classes && i < classes->n; i++)
        if (str_ieq(classes->values[i], str_from_c(name)))
            return true;
    return false;
}

static const char *
missing_attr(const ldap_entry_t *entry)
{
    static const struct {
        const char *class, *attr;
    } must[] = {{"groupOfNames", "member"},
                {"groupOfNames", "cn"},
                {"inetOrgPerson", "sn"},
                {"inetOrgPerson", "cn"},
                {"posixAccount", "uidNumber"}};

    for (size_t i = 0; i < ARRAY_SIZE(must); i++)
        if (has_class(entry, must[i].class) &&
            !ldap_entry_find(entry, str_from_c(must[i].attr)))
            return must[i].attr;
    return NULL;
}

/* Our own attributes need our class. */
static bool
has_foreign_attr(const ldap_entry_t *entry)
{
    for (size_t i = 0; i < entry->n; i++)
        if (str_istarts_with(entry->attrs[i].name, STR("scim")) &&
            !has_class(entry, "scimResource"))
            return true;
    return false;
}

static int
check_attr(const model_t *model, const ldap_attr_t *attr)
{
    arena_t *scratch ARENA_CLEANUP = arena_new(0);
    const ldap_attr_type_t *type = ldap_schema_find(model->schema, attr->name);

    if (!type)
        return LDAP_RC_UNDEFINED_TYPE;
    if (type->single && attr->n > 1)
        return LDAP_RC_CONSTRAINT_VIOLATION;
    for (size_t i = 0; i < attr->n; i++)
        if (!ldap_syntax_accepts(scratch, type->syntax, attr->values[i]))
            return LDAP_RC_INVALID_SYNTAX;
    for (size_t i = 0; type->equality != LDAP_RULE_NONE && i < attr->n; i++)
        if (model_find_value(model, attr, attr->values[i]) != i)
            return LDAP_RC_VALUE_EXISTS;
    return LDAP_RC_SUCCESS;
}

bool
model_names_itself(const model_t *model, const ldap_entry_t *entry)
{
    ldap_dn_t dn;
    err_t err = ERR_INIT;

    if (!ldap_dn_parse(model->mem, entry->dn, &dn, &err) || dn.n == 0)
        return false;
    for (size_t i = 0; i < dn.rdns[0].n; i++) {
        const ldap_ava_t *ava = &dn.rdns[0].avas[i];
        const ldap_attr_t *attr = ldap_entry_find(entry, ava->attr);

        if (!attr || model_find_value(model, attr, ava->value) == attr->n)
            return false;
    }
    return true;
}

int
model_check_entry(const model_t *model, const ldap_entry_t *entry)
{
    for (size_t i = 0; i < entry->n; i++) {
        int code = check_attr(model, &entry->attrs[i]);

        if (code != LDAP_RC_SUCCESS)
            return code;
    }
    return missing_attr(entry) || has_foreign_attr(entry) ? LDAP_RC_OBJECT_CLASS_VIOLATION
                                                          : LDAP_RC_SUCCESS;
}
