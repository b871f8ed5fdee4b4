/* SPDX-License-Identifier: Apache-2.0 */
#include "ldap/encode.h"

#include "base/buf.h"
#include "ldap/at.h"
#include "ldap/filter.h"

#include <lber.h>
#include <stdint.h>

enum { FILTER_MAX = 64 * 1024 * 1024, CONTROLS_MAX = 4 };

static const char oid_assertion[] = "1.3.6.1.1.12";             /* RFC 4528 */
static const char oid_post_read[] = "1.3.6.1.1.13.2";           /* RFC 4527 */
static const char oid_permissive[] = "1.2.840.113556.1.4.1413"; /* [MS-ADTS] 3.1.1.3.4.1.8 */
static const char oid_values[] = "1.2.826.0.1.3344810.2.3";     /* RFC 3876 */
static const char no_attributes[] = LDAP_NO_ATTRS;

/* The operation as libldap takes it; all of it in the arena or borrowed from the operation. */
typedef struct {
    arena_t *mem;
    const ldap_op_t *asked;
    ldap_op_t placed; /* that, with what is known of the place */
    const ldap_op_t *op;
    bool impossible; /* a NUL where libldap takes C strings */
    const char *dn;
    char *filter, *guard, *values;
    char **attrs, **post_read;
    LDAPMod **mods;
    const char *name; /* compare: the attribute; rename: the RDN; extended: the OID */
    const char *parent;
    struct berval value;
} shaped_t;

/* What libldap allocates while controls are made. */
typedef struct {
    struct berval assertion;
    BerElement *post_read, *values;
    LDAPControl controls[CONTROLS_MAX];
    LDAPControl *list[CONTROLS_MAX + 1];
    size_t n;
} controls_t;

/* libldap's parameters lack const; it does not write to them. */
static char *
unconst(const char *p)
{
    return (char *)(uintptr_t)p;
}

/* --- shaping, inside the guard ------------------------------------------------------------ */

static const char *
c_string(shaped_t *shaped, str_t s)
{
    if (str_find_char(s, '\0') < s.n)
        shaped->impossible = true;
    return str_dup_c(shaped->mem, s);
}

static char **
c_strings(shaped_t *shaped, ldap_names_t names)
{
    char **list = arena_array_of(shaped->mem, names.n + 2, char *);

    if (names.n == 0)
        list[0] = unconst(no_attributes);
    for (size_t i = 0; i < names.n; i++)
        list[i] = unconst(c_string(shaped, names.names[i]));
    return list;
}

static char *
filter_text(shaped_t *shaped, const ldap_filter_t *filter)
{
    buf_t buf;

    buf_init(&buf, shaped->mem, FILTER_MAX);
    ldap_filter_write(&buf, filter);
    if (buf.failed)
        shaped->impossible = true;
    return unconst(buf_str(&buf).p);
}

static bool
is_simple_item(const ldap_filter_t *filter)
{
    return filter->kind != LDAP_F_AND && filter->kind != LDAP_F_OR &&
           filter->kind != LDAP_F_NOT && !filter->dn_attrs;
}

/* A list of simple items, any of which may match (RFC 3876 §2). NULL when the filter is not of
 * that kind: then all values come, as they would from a server without the control. */
static char *
values_text(shaped_t *shaped, const ldap_filter_t *filter)
{
    buf_t buf;
    size_t n = filter->kind == LDAP_F_OR ? filter->n_parts : 1;

    buf_init(&buf, shaped->mem, FILTER_MAX);
    buf_add_char(&buf, '(');
    for (size_t i = 0; i < n; i++) {
        const ldap_filter_t *item = filter->kind == LDAP_F_OR ? filter->parts[i] : filter;

        if (!is_simple_item(item))
            return NULL;
        ldap_filter_write(&buf, item);
    }
    buf_add_char(&buf, ')');
    return n == 0 || buf.failed ? NULL : unconst(buf_str(&buf).p);
}

static LDAPMod *
shape_mod(shaped_t *shaped, int op, const ldap_attr_t *attr)
{
    LDAPMod *mod = arena_new_of(shaped->mem, LDAPMod);
    struct berval *values;

    mod->mod_op = op | LDAP_MOD_BVALUES;
    mod->mod_type = unconst(c_string(shaped, attr->name));
    if (attr->n == 0)
        return mod;
    values = arena_array_of(shaped->mem, attr->n, struct berval);
    mod->mod_bvalues = arena_array_of(shaped->mem, attr->n + 1, struct berval *);
    for (size_t i = 0; i < attr->n; i++) {
        values[i] = (struct berval){attr->values[i].n, unconst(attr->values[i].p)};
        mod->mod_bvalues[i] = &values[i];
    }
    return mod;
}

static int
mod_op(ldap_mod_op_t op)
{
    switch (op) {
    case LDAP_MOD_OP_ADD:
        return LDAP_MOD_ADD;
    case LDAP_MOD_OP_DELETE:
        return LDAP_MOD_DELETE;
    case LDAP_MOD_OP_REPLACE:
        return LDAP_MOD_REPLACE;
    case LDAP_MOD_OP_INCREMENT:
        return LDAP_MOD_INCREMENT;
    }
    return LDAP_MOD_ADD;
}

static void
shape_entry(shaped_t *shaped, const ldap_entry_t *entry)
{
    size_t n = 0;

    shaped->mods = arena_array_of(shaped->mem, entry->n + 1, LDAPMod *);
    for (size_t i = 0; i < entry->n; i++) {
        if (entry->attrs[i].n > 0)
            shaped->mods[n++] = shape_mod(shaped, LDAP_MOD_ADD, &entry->attrs[i]);
    }
}

static void
shape_mods(shaped_t *shaped, const ldap_mod_t *mods, size_t n)
{
    shaped->mods = arena_array_of(shaped->mem, n + 1, LDAPMod *);
    for (size_t i = 0; i < n; i++)
        shaped->mods[i] = shape_mod(shaped, mod_op(mods[i].op), &mods[i].attr);
}

static void
shape_kind(shaped_t *shaped)
{
    const ldap_op_t *op = shaped->op;

    switch (op->kind) {
    case LDAP_OP_SEARCH:
        if (op->u.search.filter)
            shaped->filter = filter_text(shaped, op->u.search.filter);
        if (op->u.search.values)
            shaped->values = values_text(shaped, op->u.search.values);
        shaped->attrs = c_strings(shaped, op->u.search.attrs);
        break;
    case LDAP_OP_COMPARE:
        shaped->name = c_string(shaped, op->u.compare.attr);
        shaped->value = (struct berval){op->u.compare.value.n, unconst(op->u.compare.value.p)};
        break;
    case LDAP_OP_ADD:
        shape_entry(shaped, op->u.add.entry);
        break;
    case LDAP_OP_MODIFY:
        shape_mods(shaped, op->u.modify.mods, op->u.modify.n);
        break;
    case LDAP_OP_RENAME:
        shaped->name = c_string(shaped, op->u.rename.rdn);
        if (!str_is_empty(op->u.rename.parent))
            shaped->parent = c_string(shaped, op->u.rename.parent);
        break;
    case LDAP_OP_DELETE:
        break;
    case LDAP_OP_EXTENDED:
        shaped->name = c_string(shaped, op->u.extended.oid);
        shaped->value = (struct berval){op->u.extended.data.n, unconst(op->u.extended.data.p)};
        break;
    }
}

/* What slapd's overlays then do to other entries (memberof to the members) carries the same
 * assertion, and is left undone, silently, where it is false. So it speaks of this entry alone. */
static const ldap_filter_t *
guard_of_entry(shaped_t *shaped)
{
    const ldap_filter_t *is_it = ldap_filter_equal(shaped->mem, STR("entryDN"), shaped->op->dn);

    return ldap_filter_or2(shaped->mem, ldap_filter_not(shaped->mem, is_it), shaped->op->guard);
}

static void
shape(void *arg)
{
    shaped_t *shaped = arg;

    shaped->op = &shaped->placed;
    shaped->placed = ldap_op_at(shaped->mem, shaped->asked);
    shaped->dn = c_string(shaped, shaped->op->dn);
    if (shaped->op->guard)
        shaped->guard = filter_text(shaped, guard_of_entry(shaped));
    if (shaped->op->post_read)
        shaped->post_read = c_strings(shaped, *shaped->op->post_read);
    shape_kind(shaped);
}

/* --- controls, outside the guard ---------------------------------------------------------- */

static void
controls_cleanup(controls_t *controls)
{
    ldap_memfree(controls->assertion.bv_val);
    ber_free(controls->post_read, 1);
    ber_free(controls->values, 1);
}

static void
add_control(controls_t *controls, const char *oid, bool critical, struct berval value)
{
    controls->controls[controls->n] = (LDAPControl){
        .ldctl_oid = unconst(oid), .ldctl_value = value, .ldctl_iscritical = critical};
    controls->list[controls->n] = &controls->controls[controls->n];
    controls->n++;
}

/* The element keeps the bytes that the control points to. */
static int
add_encoded(controls_t *controls, const char *oid, BerElement *element)
{
    struct berval value;

    if (ber_flatten2(element, &value, 0) != 0)
        return LDAP_ENCODING_ERROR;
    add_control(controls, oid, false, value);
    return LDAP_SUCCESS;
}

static int
add_post_read(controls_t *controls, char **attrs)
{
    controls->post_read = ber_alloc_t(LBER_USE_DER);
    if (!controls->post_read)
        return LDAP_NO_MEMORY;
    if (ber_printf(controls->post_read, "{v}", attrs) < 0)
        return LDAP_ENCODING_ERROR;
    return add_encoded(controls, oid_post_read, controls->post_read);
}

static int
add_values(controls_t *controls, const char *text)
{
    controls->values = ber_alloc_t(LBER_USE_DER);
    if (!controls->values)
        return LDAP_NO_MEMORY;
    if (ldap_put_vrFilter(controls->values, text) != 0)
        return LDAP_FILTER_ERROR;
    return add_encoded(controls, oid_values, controls->values);
}

static int
add_assertion(LDAP *handle, controls_t *controls, char *text)
{
    int rc = ldap_create_assertion_control_value(handle, text, &controls->assertion);

    if (rc == LDAP_SUCCESS)
        add_control(controls, oid_assertion, true, controls->assertion);
    return rc;
}

static int
make_controls(LDAP *handle, const shaped_t *shaped, controls_t *controls)
{
    int rc = LDAP_SUCCESS;

    if (shaped->guard)
        rc = add_assertion(handle, controls, shaped->guard);
    if (rc == LDAP_SUCCESS && shaped->post_read)
        rc = add_post_read(controls, shaped->post_read);
    if (rc == LDAP_SUCCESS && shaped->values)
        rc = add_values(controls, shaped->values);
    if (rc == LDAP_SUCCESS && shaped->op->permissive)
        add_control(controls, oid_permissive, false, (struct berval){0, NULL});
    return rc;
}

/* --- sending ------------------------------------------------------------------------------ */

static int
search_scope(ldap_depth_t depth)
{
    switch (depth) {
    case LDAP_DEPTH_BASE:
        return LDAP_SCOPE_BASE;
    case LDAP_DEPTH_ONE:
        return LDAP_SCOPE_ONELEVEL;
    case LDAP_DEPTH_SUB:
        return LDAP_SCOPE_SUBTREE;
    }
    return LDAP_SCOPE_BASE;
}

static int
send_search(LDAP *handle, shaped_t *shaped, LDAPControl **controls, int *ret_id)
{
    uint32_t limit = shaped->op->u.search.size_limit;

    return ldap_search_ext(handle, shaped->dn, search_scope(shaped->op->u.search.depth),
                           shaped->filter, shaped->attrs, 0, controls, NULL, NULL,
                           limit > LDAP_MAXINT ? LDAP_MAXINT : (int)limit, ret_id);
}

static int
send_kind(LDAP *handle, shaped_t *shaped, LDAPControl **controls, int *ret_id)
{
    struct berval *data = shaped->value.bv_len > 0 ? &shaped->value : NULL;

    switch (shaped->op->kind) {
    case LDAP_OP_SEARCH:
        return send_search(handle, shaped, controls, ret_id);
    case LDAP_OP_COMPARE:
        return ldap_compare_ext(handle, shaped->dn, shaped->name, &shaped->value, controls,
                                NULL, ret_id);
    case LDAP_OP_ADD:
        return ldap_add_ext(handle, shaped->dn, shaped->mods, controls, NULL, ret_id);
    case LDAP_OP_MODIFY:
        return ldap_modify_ext(handle, shaped->dn, shaped->mods, controls, NULL, ret_id);
    case LDAP_OP_RENAME:
        return ldap_rename(handle, shaped->dn, shaped->name, shaped->parent,
                           shaped->op->u.rename.delete_old, controls, NULL, ret_id);
    case LDAP_OP_DELETE:
        return ldap_delete_ext(handle, shaped->dn, controls, NULL, ret_id);
    case LDAP_OP_EXTENDED:
        return ldap_extended_operation(handle, shaped->name, data, controls, NULL, ret_id);
    }
    return LDAP_PARAM_ERROR;
}

int
ldap_encode_send(LDAP *handle, arena_t *mem, const ldap_op_t *op, int *ret_id)
{
    CLEANUP(controls_cleanup) controls_t controls = {.n = 0};
    shaped_t shaped = {.mem = mem, .asked = op};
    int rc;

    if (!arena_guard(mem, shape, &shaped))
        return LDAP_NO_MEMORY;
    if (shaped.impossible)
        return LDAP_PARAM_ERROR;
    rc = make_controls(handle, &shaped, &controls);
    if (rc != LDAP_SUCCESS)
        return rc;
    return send_kind(handle, &shaped, controls.list, ret_id);
}
