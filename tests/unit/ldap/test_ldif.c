/* SPDX-License-Identifier: Apache-2.0 */
#include "ldap/op.h"
#include "support/suite_run.h"

#include <check.h>

static arena_t *mem;

static void
setup(void)
{
    mem = arena_new(0);
    ck_assert_ptr_nonnull(mem);
}

static void
teardown(void)
{
    arena_free(mem);
}

static void
check_ldif(const ldap_op_t *op, const char *want)
{
    buf_t buf;

    buf_init(&buf, mem, 100000);
    ldap_op_write_ldif(&buf, op);
    ck_assert_str_eq(buf_str(&buf).p, want);
}

/* --- lines --------------------------------------------------------------------------------- */

static const struct {
    const char *name;
    const char *attr;
    str_t value;
    const char *line;
} lines[] = {
    {"plain", "cn", STR_INIT("Barbara Jensen"), "cn: Barbara Jensen"},
    {"empty", "cn", STR_INIT(""), "cn:"},
    {"colon within", "labeledURI", STR_INIT("http://x"), "labeledURI: http://x"},
    {"blank in front", "cn", STR_INIT(" a"), "cn:: IGE="},
    {"blank at the end", "cn", STR_INIT("a "), "cn:: YSA="},
    {"colon in front", "cn", STR_INIT(":a"), "cn:: OmE="},
    {"angle in front", "cn", STR_INIT("<a"), "cn:: PGE="},
    {"angle within", "cn", STR_INIT("a<b"), "cn: a<b"},
    {"line break", "cn", STR_INIT("a\nb"), "cn:: YQpi"},
    {"escape character", "cn", STR_INIT("a\x1b[2J"), "cn:: YRtbMko="},
    {"NUL", "cn", STR_INIT("a\0b"), "cn:: YQBi"},
    {"UTF-8", "cn", STR_INIT("J\xc3\xb6rg"), "cn:: SsO2cmc="},
    {"password", "userPassword", STR_INIT("Pa55"), "userPassword: (secret)"},
    {"password by another spelling", "USERPASSWORD;x-a", STR_INIT("Pa55"),
     "USERPASSWORD;x-a: (secret)"},
    {"password by its OID", "2.5.4.35", STR_INIT("Pa55"), "2.5.4.35: (secret)"},
    {"Active Directory password", "unicodePwd", STR_INIT("\"\0P\0"), "unicodePwd: (secret)"},
};

START_TEST(line)
{
    ldap_entry_t entry = {.dn = STR("cn=a")};
    ldap_op_t op = {.kind = LDAP_OP_ADD, .dn = entry.dn, .u.add.entry = &entry};

    ldap_entry_add(mem, &entry, str_from_c(lines[_i].attr), lines[_i].value);
    check_ldif(&op, str_printf(mem, "dn: cn=a\nchangetype: add\n%s\n\n", lines[_i].line).p);
}
END_TEST

/* --- operations ---------------------------------------------------------------------------- */

START_TEST(search)
{
    str_t names[] = {STR("uid"), STR("entryUUID")};
    ldap_op_t op = {.kind = LDAP_OP_SEARCH,
                    .dn = STR("ou=People,dc=example"),
                    .u.search = {.depth = LDAP_DEPTH_SUB,
                                 .filter = ldap_filter_equal(mem, STR("uid"), STR("a*b")),
                                 .attrs = {names, 2},
                                 .size_limit = 2}};

    check_ldif(&op, "# search\nbase: ou=People,dc=example\ndepth: sub\nfilter: (uid=a\\2ab)\n"
                    "attributes: uid entryUUID\nsize limit: 2\n\n");
    op.u.search.depth = LDAP_DEPTH_BASE;
    op.u.search.attrs.n = 0;
    op.u.search.size_limit = 0;
    op.u.search.values = ldap_filter_present(mem, STR("member"));
    check_ldif(&op, "# search\nbase: ou=People,dc=example\ndepth: base\nfilter: (uid=a\\2ab)\n"
                    "attributes: 1.1\nvalues: (member=*)\n\n");
}
END_TEST

START_TEST(compare)
{
    ldap_op_t op = {.kind = LDAP_OP_COMPARE,
                    .dn = STR("cn=a"),
                    .u.compare = {.attr = STR("uid"), .value = STR("x")}};

    check_ldif(&op, "# compare\ndn: cn=a\nuid: x\n\n");
    op.u.compare.attr = STR("userPassword");
    check_ldif(&op, "# compare\ndn: cn=a\nuserPassword: (secret)\n\n");
}
END_TEST

START_TEST(modify)
{
    ldap_mods_t mods = {NULL, 0, 0};
    str_t names[] = {STR("entryUUID"), STR("entryCSN")};
    ldap_names_t post_read = {names, 2};
    ldap_op_t op = {.kind = LDAP_OP_MODIFY,
                    .dn = STR("cn=J\xc3\xb6rg"),
                    .guard = ldap_filter_equal(mem, STR("entryUUID"), STR("1)(\n")),
                    .post_read = &post_read,
                    .permissive = true};

    ldap_mods_add_value(mem, &mods, LDAP_MOD_OP_ADD, STR("mail"), STR("a@b"));
    ldap_mods_add(mem, &mods, LDAP_MOD_OP_DELETE, STR("title"));
    ldap_mods_add_value(mem, &mods, LDAP_MOD_OP_REPLACE, STR("userPassword"), STR("Pa55"));
    ldap_mods_add_value(mem, &mods, LDAP_MOD_OP_INCREMENT, STR("uidNumber"), STR("1"));
    op.u.modify.mods = mods.mods;
    op.u.modify.n = mods.n;
    check_ldif(&op, "# control: assertion (critical) (entryUUID=1\\29\\28\\0a)\n"
                    "# control: post-read entryUUID entryCSN\n"
                    "# control: permissive modify\n"
                    "dn:: Y249SsO2cmc=\nchangetype: modify\n"
                    "add: mail\nmail: a@b\n-\n"
                    "delete: title\n-\n"
                    "replace: userPassword\nuserPassword: (secret)\n-\n"
                    "increment: uidNumber\nuidNumber: 1\n-\n\n");
}
END_TEST

START_TEST(rename_and_delete)
{
    ldap_op_t op = {.kind = LDAP_OP_RENAME,
                    .dn = STR("cn=a,o=x"),
                    .u.rename = {.rdn = STR("cn=b"), .parent = STR(""), .delete_old = true}};

    check_ldif(&op, "dn: cn=a,o=x\nchangetype: modrdn\nnewrdn: cn=b\ndeleteoldrdn: 1\n\n");
    op.u.rename.parent = STR("o=y");
    op.u.rename.delete_old = false;
    check_ldif(&op, "dn: cn=a,o=x\nchangetype: modrdn\nnewrdn: cn=b\ndeleteoldrdn: 0\n"
                    "newsuperior: o=y\n\n");
    op = (ldap_op_t){.kind = LDAP_OP_DELETE, .dn = STR("cn=a,o=x")};
    check_ldif(&op, "dn: cn=a,o=x\nchangetype: delete\n\n");
}
END_TEST

START_TEST(extended_data_are_not_shown)
{
    ldap_op_t op = {
        .kind = LDAP_OP_EXTENDED,
        .u.extended = {.oid = STR("1.3.6.1.4.1.4203.1.11.1"), .data = STR("Pa55word")}};

    check_ldif(&op, "# extended\noid: 1.3.6.1.4.1.4203.1.11.1\ndata: 8 bytes\n\n");
}
END_TEST

START_TEST(kinds_have_names)
{
    static const char *const names[] = {"search", "compare", "add",     "modify",
                                        "rename", "delete",  "extended"};

    for (int i = 0; i <= LDAP_OP_EXTENDED; i++)
        ck_assert_str_eq(ldap_op_name((ldap_op_kind_t)i), names[i]);
}
END_TEST

int
main(void)
{
    Suite *suite = suite_create("ldif");
    TCase *tcase = tcase_create("ldif");

    tcase_add_checked_fixture(tcase, setup, teardown);
    tcase_add_loop_test(tcase, line, 0, ARRAY_SIZE(lines));
    tcase_add_test(tcase, search);
    tcase_add_test(tcase, compare);
    tcase_add_test(tcase, modify);
    tcase_add_test(tcase, rename_and_delete);
    tcase_add_test(tcase, extended_data_are_not_shown);
    tcase_add_test(tcase, kinds_have_names);
    suite_add_tcase(suite, tcase);
    return suite_run(suite);
}
