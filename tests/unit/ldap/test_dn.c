/* SPDX-License-Identifier: Apache-2.0 */
#include "ldap/dn.h"
#include "support/suite_run.h"

#include <check.h>

static arena_t *mem;
static err_t err;

static void
setup(void)
{
    mem = arena_new(0);
    ck_assert_ptr_nonnull(mem);
    err = (err_t)ERR_INIT;
}

static void
teardown(void)
{
    arena_free(mem);
}

#define ck_str_eq(name, got, want)                                                             \
    do {                                                                                       \
        str_t got_ = (got), want_ = (want);                                                    \
        ck_assert_msg(str_eq(got_, want_), "%s: got <%.*s>, want <%.*s>", name, STR_ARG(got_), \
                      STR_ARG(want_));                                                         \
    } while (0)

/* --- text and back ------------------------------------------------------------------------- */

static const struct {
    const char *name;
    str_t text, formatted, normal;
} texts[] = {
    {"plain", STR_INIT("uid=bjensen,ou=People,dc=example,dc=com"),
     STR_INIT("uid=bjensen,ou=People,dc=example,dc=com"),
     STR_INIT("uid=bjensen,ou=people,dc=example,dc=com")},
    {"root", STR_INIT(""), STR_INIT(""), STR_INIT("")},
    {"only blanks are the root", STR_INIT("  "), STR_INIT(""), STR_INIT("")},
    {"blanks around", STR_INIT(" CN = Barbara  Jensen , O= X "),
     STR_INIT("CN=Barbara  Jensen,O=X"), STR_INIT("cn=barbara jensen,o=x")},
    {"several AVAs are sorted", STR_INIT("uid=b+cn=a,o=x"), STR_INIT("uid=b+cn=a,o=x"),
     STR_INIT("cn=a+uid=b,o=x")},
    {"escaped specials", STR_INIT("cn=a\\,b\\+c\\\"d\\\\e\\<f\\>g\\;h\\=i,o=x"),
     STR_INIT("cn=a\\,b\\+c\\\"d\\\\e\\<f\\>g\\;h=i,o=x"),
     STR_INIT("cn=a\\2cb\\2bc\\22d\\5ce\\3cf\\3eg\\3bh=i,o=x")},
    {"hexadecimal pairs", STR_INIT("cn=a\\2Cb\\20,o=x"), STR_INIT("cn=a\\,b\\ ,o=x"),
     STR_INIT("cn=a\\2cb,o=x")},
    {"an escaped comma is no separator", STR_INIT("cn=Doe\\, Jane,o=x"),
     STR_INIT("cn=Doe\\, Jane,o=x"), STR_INIT("cn=doe\\2c jane,o=x")},
    {"blank in front", STR_INIT("cn=\\ a,o=x"), STR_INIT("cn=\\ a,o=x"), STR_INIT("cn=a,o=x")},
    {"only an escaped blank", STR_INIT("cn=\\ ,o=x"), STR_INIT("cn=\\ ,o=x"),
     STR_INIT("cn=\\20,o=x")},
    {"number sign in front", STR_INIT("cn=\\#1,o=x"), STR_INIT("cn=\\#1,o=x"),
     STR_INIT("cn=\\231,o=x")},
    {"number sign within", STR_INIT("cn=a#1,o=x"), STR_INIT("cn=a#1,o=x"),
     STR_INIT("cn=a#1,o=x")},
    {"equals sign within", STR_INIT("cn=a=b,o=x"), STR_INIT("cn=a=b,o=x"),
     STR_INIT("cn=a=b,o=x")},
    {"empty value", STR_INIT("cn=,o=x"), STR_INIT("cn=,o=x"), STR_INIT("cn=,o=x")},
    {"quoted", STR_INIT("cn=\"Doe, Jane\" , o=x"), STR_INIT("cn=Doe\\, Jane,o=x"),
     STR_INIT("cn=doe\\2c jane,o=x")},
    {"quoted quote", STR_INIT("cn=\"a\\\"b\",o=x"), STR_INIT("cn=a\\\"b,o=x"),
     STR_INIT("cn=a\\22b,o=x")},
    {"semicolons", STR_INIT("cn=a;o=x"), STR_INIT("cn=a,o=x"), STR_INIT("cn=a,o=x")},
    {"object identifier", STR_INIT("OID.2.5.4.3=a,1.3.6=b"), STR_INIT("2.5.4.3=a,1.3.6=b"),
     STR_INIT("2.5.4.3=a,1.3.6=b")},
    {"BER octet string", STR_INIT("cn=#04024869,o=x"), STR_INIT("cn=Hi,o=x"),
     STR_INIT("cn=hi,o=x")},
    {"BER long form", STR_INIT("cn=#0C81024869,o=x"), STR_INIT("cn=Hi,o=x"),
     STR_INIT("cn=hi,o=x")},
    {"NUL within", STR_INIT("cn=a\\00b,o=x"), STR_INIT("cn=a\\00b,o=x"),
     STR_INIT("cn=a\\00b,o=x")},
    {"control character", STR_INIT("cn=a\nb,o=x"), STR_INIT("cn=a\\0ab,o=x"),
     STR_INIT("cn=a\\0ab,o=x")},
    {"UTF-8", STR_INIT("cn=J\xc3\x96RG,o=x"), STR_INIT("cn=J\xc3\x96RG,o=x"),
     STR_INIT("cn=j\xc3\xb6rg,o=x")},
    {"UTF-8 in pairs", STR_INIT("cn=J\\C3\\96RG,o=x"), STR_INIT("cn=J\xc3\x96RG,o=x"),
     STR_INIT("cn=j\xc3\xb6rg,o=x")},
    {"no UTF-8", STR_INIT("cn=A\xff,o=x"), STR_INIT("cn=A\\ff,o=x"), STR_INIT("cn=a\\ff,o=x")},
    {"Active Directory", STR_INIT("CN=Doe\\, Jane,OU=Staff,DC=corp,DC=local"),
     STR_INIT("CN=Doe\\, Jane,OU=Staff,DC=corp,DC=local"),
     STR_INIT("cn=doe\\2c jane,ou=staff,dc=corp,dc=local")},
    {"hyphen and digit in a name", STR_INIT("x-a1=b"), STR_INIT("x-a1=b"), STR_INIT("x-a1=b")},
};

START_TEST(text_round_trip)
{
    const char *name = texts[_i].name;
    ldap_dn_t dn, again;
    str_t formatted, normal;

    ck_assert_msg(ldap_dn_parse(mem, texts[_i].text, &dn, &err), "%s: %s", name, err.detail);
    formatted = ldap_dn_format(mem, &dn);
    ck_str_eq(name, formatted, texts[_i].formatted);
    ck_assert(ldap_dn_parse(mem, formatted, &again, &err));
    ck_str_eq(name, ldap_dn_format(mem, &again), formatted);

    normal = ldap_dn_normal(mem, texts[_i].text);
    ck_str_eq(name, normal, texts[_i].normal);
    ck_str_eq(name, ldap_dn_normal_tree(mem, &dn), normal);
    ck_str_eq(name, ldap_dn_normal(mem, formatted), normal);
    ck_str_eq(name, ldap_dn_normal(mem, normal), normal);
}
END_TEST

static const struct {
    const char *name;
    str_t text;
    const char *why;
} bad[] = {
    {"no equals sign", STR_INIT("bjensen"), "expected attribute=value at byte 0"},
    {"no name", STR_INIT("=x,o=y"), "expected the name of an attribute at byte 0"},
    {"a name with a blank", STR_INIT("c n=x"), "expected the name of an attribute at byte 0"},
    {"a name that begins with a digit", STR_INIT("1a=x"), "expected the name"},
    {"an OID with two dots", STR_INIT("1..2=x"), "expected the name"},
    {"an OID that ends with a dot", STR_INIT("1.2.=x"), "expected the name"},
    {"comma at the end", STR_INIT("cn=a,"), "expected attribute=value at byte 5"},
    {"two commas", STR_INIT("cn=a,,o=x"), "expected the name of an attribute at byte 5"},
    {"plus at the end", STR_INIT("cn=a+"), "at byte 5"},
    {"backslash at the end", STR_INIT("cn=a\\"), "backslash"},
    {"backslash before a letter", STR_INIT("cn=a\\zb"),
     "backslash before neither a special character "
     "nor two hexadecimal digits at byte 4"},
    {"half a pair", STR_INIT("cn=a\\2"), "backslash"},
    {"bare quotation mark", STR_INIT("cn=a\"b"), "a character that must be escaped at byte 4"},
    {"bare angle", STR_INIT("cn=a<b"), "must be escaped"},
    {"NUL", STR_INIT("cn=a\0b"), "must be escaped"},
    {"open quotation", STR_INIT("cn=\"a"), "not closed"},
    {"text after a quotation", STR_INIT("cn=\"a\"b"), "expected ',' or '+' at byte 6"},
    {"odd hexadecimal digits", STR_INIT("cn=#04024"), "not the BER encoding"},
    {"BER length too long", STR_INIT("cn=#040548"), "not the BER encoding"},
    {"BER integer", STR_INIT("cn=#020101"), "not the BER encoding"},
    {"BER indefinite length", STR_INIT("cn=#0480"), "not the BER encoding"},
    {"empty BER", STR_INIT("cn=#"), "not the BER encoding"},
};

START_TEST(bad_text_is_refused)
{
    const char *name = bad[_i].name;
    ldap_dn_t dn = {NULL, 77};
    str_t lowered = str_lower(mem, bad[_i].text);

    ck_assert_msg(!ldap_dn_parse(mem, bad[_i].text, &dn, &err), "%s: accepted", name);
    ck_assert_uint_eq(dn.n, 77);
    ck_assert_int_eq(err.kind, ERR_INVALID_VALUE);
    ck_assert_msg(strstr(err.detail, bad[_i].why), "%s: %s", name, err.detail);
    ck_str_eq(name, ldap_dn_normal(mem, bad[_i].text), lowered);
}
END_TEST

/* --- equality and place -------------------------------------------------------------------- */

static const struct {
    const char *name;
    str_t a, b;
    bool equal;
} pairs[] = {
    {"case", STR_INIT("CN=A,O=X"), STR_INIT("cn=a,o=x"), true},
    {"blanks", STR_INIT("cn=a  b , o=x"), STR_INIT("cn=A b,o=x"), true},
    {"escaped spelling", STR_INIT("cn=a\\2Cb,o=x"), STR_INIT("cn=A\\,B,o=x"), true},
    {"quoted spelling", STR_INIT("cn=\"a,b\",o=x"), STR_INIT("cn=a\\,b,o=x"), true},
    {"order of AVAs", STR_INIT("cn=a+uid=b"), STR_INIT("UID=B+CN=A"), true},
    {"order of RDNs", STR_INIT("cn=a,cn=b"), STR_INIT("cn=b,cn=a"), false},
    {"Cyrillic case", STR_INIT("cn=\xd0\x90"), STR_INIT("cn=\xd0\xb0"), true},
    {"Greek case, final sigma", STR_INIT("cn=\xce\xa3"), STR_INIT("cn=\xcf\x82"), true},
    {"a comma more", STR_INIT("cn=a\\,o=x"), STR_INIT("cn=a,o=x"), false},
    {"text and DN", STR_INIT("cn"), STR_INIT("cn="), false},
};

START_TEST(equality)
{
    str_t a = ldap_dn_normal(mem, pairs[_i].a), b = ldap_dn_normal(mem, pairs[_i].b);

    ck_assert_msg(str_eq(a, b) == pairs[_i].equal, "%s: <%.*s> <%.*s>", pairs[_i].name,
                  STR_ARG(a), STR_ARG(b));
}
END_TEST

static const struct {
    const char *name;
    str_t dn, base;
    bool below, child;
} places[] = {
    {"child", STR_INIT("cn=a,o=x"), STR_INIT("o=x"), true, true},
    {"grandchild", STR_INIT("cn=a,ou=b,o=x"), STR_INIT("o=x"), true, false},
    {"itself", STR_INIT("o=x"), STR_INIT("o=x"), false, false},
    {"parent", STR_INIT("o=x"), STR_INIT("cn=a,o=x"), false, false},
    {"same ending of a value", STR_INIT("cn=a,foo=x"), STR_INIT("oo=x"), false, false},
    {"an escaped comma before the ending", STR_INIT("cn=a\\,o=x"), STR_INIT("o=x"), false,
     false},
    {"a comma in the first value", STR_INIT("cn=a\\,b,o=x"), STR_INIT("o=x"), true, true},
    {"below the root", STR_INIT("cn=a,o=x"), STR_INIT(""), true, false},
    {"child of the root", STR_INIT("o=x"), STR_INIT(""), true, true},
    {"the root itself", STR_INIT(""), STR_INIT(""), false, false},
    {"multi-valued child", STR_INIT("cn=a+uid=b,o=x"), STR_INIT("o=x"), true, true},
};

START_TEST(place)
{
    str_t dn = ldap_dn_normal(mem, places[_i].dn), base = ldap_dn_normal(mem, places[_i].base);

    ck_assert_msg(ldap_dn_is_below(dn, base) == places[_i].below, "%s: below", places[_i].name);
    ck_assert_msg(ldap_dn_is_child(dn, base) == places[_i].child, "%s: child", places[_i].name);
}
END_TEST

/* --- building ------------------------------------------------------------------------------ */

START_TEST(a_value_cannot_break_out)
{
    static const str_t values[] = {
        STR_INIT("x,ou=admins"), STR_INIT("x+uid=root"), STR_INIT("\\"),
        STR_INIT("\"x"),         STR_INIT("#0401"),      STR_INIT(" x "),
        STR_INIT("x\0y"),        STR_INIT(""),           STR_INIT("\xff\xfe")};
    str_t value = values[_i], back;
    ldap_dn_t parent, child, again;

    ck_assert(ldap_dn_parse(mem, STR("ou=People,dc=example"), &parent, &err));
    child = ldap_dn_child(mem, STR("uid"), value, &parent);
    ck_assert(ldap_dn_parse(mem, ldap_dn_format(mem, &child), &again, &err));
    ck_assert_uint_eq(again.n, 3);
    ck_assert_uint_eq(again.rdns[0].n, 1);
    ck_assert(ldap_dn_rdn_value(&again, STR("UID"), &back));
    ck_assert(str_eq(back, value));
    parent = ldap_dn_parent(&again);
    ck_str_eq("parent", ldap_dn_format(mem, &parent), STR("ou=People,dc=example"));
}
END_TEST

START_TEST(first_rdn)
{
    ldap_dn_t dn, root = {NULL, 0};
    str_t value = STR("untouched");

    ck_assert(ldap_dn_parse(mem, STR("cn=a\\,b+uid=c,o=x"), &dn, &err));
    ck_str_eq("rdn", ldap_rdn_format(mem, &dn.rdns[0]), STR("cn=a\\,b+uid=c"));
    ck_assert(!ldap_dn_rdn_value(&dn, STR("o"), &value));
    ck_assert(!ldap_dn_rdn_value(&root, STR("o"), &value));
    ck_str_eq("value", value, STR("untouched"));
    ck_assert_uint_eq(ldap_dn_parent(&root).n, 0);
}
END_TEST

/* A long value must not be read twice for each of its characters. */
START_TEST(long_text_is_read_in_one_pass)
{
    enum { N = 1000 * 1000 };
    char *text = arena_alloc(mem, N + 3);
    ldap_dn_t dn;

    memcpy(text, "cn=", 3);
    memset(text + 3, '\\', N);
    ck_assert(ldap_dn_parse(mem, str_from(text, N + 3), &dn, &err));
    ck_assert_uint_eq(dn.rdns[0].avas[0].value.n, N / 2);
    for (size_t i = 0; i < N; i += 5)
        memcpy(text + 3 + i, "o=x,,", 5);
    ck_assert(!ldap_dn_parse(mem, str_from(text, N + 3), &dn, &err));
}
END_TEST

int
main(void)
{
    Suite *suite = suite_create("dn");
    TCase *tcase = tcase_create("dn");

    tcase_add_checked_fixture(tcase, setup, teardown);
    tcase_add_loop_test(tcase, text_round_trip, 0, ARRAY_SIZE(texts));
    tcase_add_loop_test(tcase, bad_text_is_refused, 0, ARRAY_SIZE(bad));
    tcase_add_loop_test(tcase, equality, 0, ARRAY_SIZE(pairs));
    tcase_add_loop_test(tcase, place, 0, ARRAY_SIZE(places));
    tcase_add_loop_test(tcase, a_value_cannot_break_out, 0, 9);
    tcase_add_test(tcase, first_rdn);
    tcase_add_test(tcase, long_text_is_read_in_one_pass);
    suite_add_tcase(suite, tcase);
    return suite_run(suite);
}
