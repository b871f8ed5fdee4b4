/* SPDX-License-Identifier: Apache-2.0 */
/* Operations as text an administrator can read, and feed to ldapmodify but for what is a comment
 * (RFC 2849). Lines are not folded: what is searched for should stand on one line. */
#include "ldap/at.h"
#include "ldap/op.h"

static const str_t secret_attrs[] = {
    STR_INIT("userPassword"),    STR_INIT("unicodePwd"),           STR_INIT("authPassword"),
    STR_INIT("pwdHistory"),      STR_INIT("passwordHistory"),      STR_INIT("sambaNTPassword"),
    STR_INIT("sambaLMPassword"), STR_INIT("sambaPasswordHistory"), STR_INIT("krbPrincipalKey"),
    STR_INIT("ipaNTHash"),
};

bool
ldap_attr_is_secret(str_t attr)
{
    str_t base = str_slice(attr, 0, str_find_char(attr, ';'));

    for (size_t i = 0; i < ARRAY_SIZE(secret_attrs); i++)
        if (str_ieq(base, secret_attrs[i]))
            return true;
    return str_eq(base, STR("2.5.4.35"));
}

/* RFC 2849 SAFE-STRING without control characters, and no blank at its end, which nobody sees. */
static bool
is_safe(str_t value)
{
    if (value.n == 0)
        return true;
    if (value.p[0] == ' ' || value.p[0] == ':' || value.p[0] == '<' ||
        value.p[value.n - 1] == ' ')
        return false;
    for (size_t i = 0; i < value.n; i++)
        if ((unsigned char)value.p[i] < 0x20 || (unsigned char)value.p[i] >= 0x7f)
            return false;
    return true;
}

static void
write_line(buf_t *buf, str_t name, str_t value)
{
    buf_add(buf, name);
    buf_add_char(buf, ':');
    if (is_safe(value)) {
        if (value.n > 0)
            buf_add_char(buf, ' ');
        buf_add(buf, value);
    } else {
        buf_add_c(buf, ": ");
        buf_add_base64(buf, value);
    }
    buf_add_char(buf, '\n');
}

static void
write_attr(buf_t *buf, const ldap_attr_t *attr)
{
    for (size_t i = 0; i < attr->n; i++)
        write_line(buf, attr->name,
                   ldap_attr_is_secret(attr->name) ? STR("(secret)") : attr->values[i]);
}

static void
write_names(buf_t *buf, const ldap_names_t *names)
{
    for (size_t i = 0; i < names->n; i++) {
        buf_add_char(buf, ' ');
        buf_add(buf, names->names[i]);
    }
}

static void
write_controls(buf_t *buf, const ldap_op_t *op)
{
    if (op->guard != NULL) {
        buf_add_c(buf, "# control: assertion (critical) ");
        ldap_filter_write(buf, op->guard);
        buf_add_char(buf, '\n');
    }
    if (op->post_read != NULL) {
        buf_add_c(buf, "# control: post-read");
        write_names(buf, op->post_read);
        buf_add_char(buf, '\n');
    }
    if (op->permissive)
        buf_add_c(buf, "# control: permissive modify\n");
}

static void
write_search(buf_t *buf, const ldap_op_t *op)
{
    static const char *const depths[] = {
        [LDAP_DEPTH_BASE] = "base", [LDAP_DEPTH_ONE] = "one", [LDAP_DEPTH_SUB] = "sub"};

    buf_add_c(buf, "# search\n");
    write_controls(buf, op);
    write_line(buf, STR("base"), op->dn);
    write_line(buf, STR("depth"), str_from_c(depths[op->u.search.depth]));
    buf_add_c(buf, "filter: ");
    ldap_filter_write(buf, op->u.search.filter);
    buf_add_c(buf, "\nattributes:");
    if (op->u.search.attrs.n == 0)
        buf_add_c(buf, " 1.1");
    write_names(buf, &op->u.search.attrs);
    buf_add_char(buf, '\n');
    if (op->u.search.values != NULL) {
        buf_add_c(buf, "values: ");
        ldap_filter_write(buf, op->u.search.values);
        buf_add_char(buf, '\n');
    }
    if (op->u.search.size_limit > 0) {
        buf_add_c(buf, "size limit: ");
        buf_add_int(buf, op->u.search.size_limit);
        buf_add_char(buf, '\n');
    }
}

static void
write_compare(buf_t *buf, const ldap_op_t *op)
{
    buf_add_c(buf, "# compare\n");
    write_controls(buf, op);
    write_line(buf, STR("dn"), op->dn);
    write_line(buf, op->u.compare.attr,
               ldap_attr_is_secret(op->u.compare.attr) ? STR("(secret)") : op->u.compare.value);
}

static void
write_change(buf_t *buf, const ldap_op_t *op, str_t type)
{
    write_controls(buf, op);
    write_line(buf, STR("dn"), op->dn);
    write_line(buf, STR("changetype"), type);
}

static void
write_modify(buf_t *buf, const ldap_op_t *op)
{
    static const str_t names[] = {
        [LDAP_MOD_OP_ADD] = STR_INIT("add"),
        [LDAP_MOD_OP_DELETE] = STR_INIT("delete"),
        [LDAP_MOD_OP_REPLACE] = STR_INIT("replace"),
        [LDAP_MOD_OP_INCREMENT] = STR_INIT("increment"),
    };

    write_change(buf, op, STR("modify"));
    for (size_t i = 0; i < op->u.modify.n; i++) {
        const ldap_mod_t *mod = &op->u.modify.mods[i];

        write_line(buf, names[mod->op], mod->attr.name);
        write_attr(buf, &mod->attr);
        buf_add_c(buf, "-\n");
    }
}

static void
write_rename(buf_t *buf, const ldap_op_t *op)
{
    write_change(buf, op, STR("modrdn"));
    write_line(buf, STR("newrdn"), op->u.rename.rdn);
    write_line(buf, STR("deleteoldrdn"), op->u.rename.delete_old ? STR("1") : STR("0"));
    if (op->u.rename.parent.n > 0)
        write_line(buf, STR("newsuperior"), op->u.rename.parent);
}

/* An extended request's data may be a password (RFC 3062): it is never shown. */
static void
write_extended(buf_t *buf, const ldap_op_t *op)
{
    buf_add_c(buf, "# extended\n");
    write_controls(buf, op);
    if (op->dn.n > 0)
        write_line(buf, STR("dn"), op->dn);
    write_line(buf, STR("oid"), op->u.extended.oid);
    buf_add_c(buf, "data: ");
    buf_add_int(buf, (int64_t)op->u.extended.data.n);
    buf_add_c(buf, " bytes\n");
}

const char *
ldap_op_name(ldap_op_kind_t kind)
{
    static const char *const names[] = {
        [LDAP_OP_SEARCH] = "search",     [LDAP_OP_COMPARE] = "compare",
        [LDAP_OP_ADD] = "add",           [LDAP_OP_MODIFY] = "modify",
        [LDAP_OP_RENAME] = "rename",     [LDAP_OP_DELETE] = "delete",
        [LDAP_OP_EXTENDED] = "extended",
    };

    return names[kind];
}

void
ldap_op_write_ldif(buf_t *buf, const ldap_op_t *asked)
{
    ldap_op_t placed = ldap_op_at(buf->mem, asked);
    const ldap_op_t *op = &placed;

    switch (op->kind) {
    case LDAP_OP_SEARCH:
        write_search(buf, op);
        break;
    case LDAP_OP_COMPARE:
        write_compare(buf, op);
        break;
    case LDAP_OP_ADD:
        write_change(buf, op, STR("add"));
        for (size_t i = 0; i < op->u.add.entry->n; i++)
            write_attr(buf, &op->u.add.entry->attrs[i]);
        break;
    case LDAP_OP_MODIFY:
        write_modify(buf, op);
        break;
    case LDAP_OP_RENAME:
        write_rename(buf, op);
        break;
    case LDAP_OP_DELETE:
        write_change(buf, op, STR("delete"));
        break;
    case LDAP_OP_EXTENDED:
        write_extended(buf, op);
        break;
    }
    buf_add_char(buf, '\n');
}
