/* SPDX-License-Identifier: Apache-2.0 */
#include "ldap/at.h"
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

static const ldap_filter_t *
parse(const char *text)
{
    const ldap_filter_t *filter = ldap_filter_parse(mem, str_from_c(text), &err);

    ck_assert_msg(filter != NULL, "%s: %s", text, err.detail);
    return filter;
}

static void
check_text(const char *name, const ldap_filter_t *filter, str_t want)
{
    str_t got = ldap_filter_format(mem, filter);

    ck_assert_msg(str_eq(got, want), "%s: got <%.*s>, want <%.*s>", name, STR_ARG(got),
                  STR_ARG(want));
}

/* --- text ---------------------------------------------------------------------------------- */

static const struct {
    const char *name;
    str_t text, formatted; /* empty: the same */
} texts[] = {
    {"equality", STR_INIT("(uid=bjensen)"), STR_INIT("")},
    {"greater", STR_INIT("(uidNumber>=1000)"), STR_INIT("")},
    {"less", STR_INIT("(uidNumber<=1000)"), STR_INIT("")},
    {"approximate", STR_INIT("(cn~=Jensen)"), STR_INIT("")},
    {"present", STR_INIT("(mail=*)"), STR_INIT("")},
    {"initial", STR_INIT("(cn=a*)"), STR_INIT("")},
    {"final", STR_INIT("(cn=*a)"), STR_INIT("")},
    {"any", STR_INIT("(cn=*a*)"), STR_INIT("")},
    {"all parts", STR_INIT("(cn=a*b*c*d)"), STR_INIT("")},
    {"stars escaped", STR_INIT("(cn=\\2a*\\2A)"), STR_INIT("(cn=\\2a*\\2a)")},
    {"empty value", STR_INIT("(cn=)"), STR_INIT("")},
    {"escapes of RFC 4515", STR_INIT("(o=Parens R Us \\28for all\\29)"), STR_INIT("")},
    {"NUL", STR_INIT("(bin=\\00\\00\\00\\04)"), STR_INIT("")},
    {"UTF-8 in pairs", STR_INIT("(sn=Lu\\c4\\8di\\c4\\87)"),
     STR_INIT("(sn=Lu\xc4\x8di\xc4\x87)")},
    {"no UTF-8", STR_INIT("(objectGUID=\\c4\\28\\fe)"), STR_INIT("")},
    {"backslash", STR_INIT("(cn=a\\5cb)"), STR_INIT("")},
    {"line break in a value", STR_INIT("(cn=a\nb)"), STR_INIT("(cn=a\\0ab)")},
    {"blanks of a value count", STR_INIT("(cn= a b )"), STR_INIT("")},
    {"and", STR_INIT("(&(a=1)(b=2))"), STR_INIT("")},
    {"or", STR_INIT("(|(a=1)(b=2)(c=3))"), STR_INIT("")},
    {"not", STR_INIT("(!(a=1))"), STR_INIT("")},
    {"true", STR_INIT("(&)"), STR_INIT("")},
    {"false", STR_INIT("(|)"), STR_INIT("")},
    {"nested", STR_INIT("(&(a=1)(|(b=2)(!(c=3))))"), STR_INIT("")},
    {"nested of a kind", STR_INIT("(&(a=1)(&(b=2)(c=3)))"), STR_INIT("(&(a=1)(b=2)(c=3))")},
    {"single", STR_INIT("(&(|(a=1)))"), STR_INIT("(a=1)")},
    {"double negation", STR_INIT("(!(!(a=1)))"), STR_INIT("(a=1)")},
    {"line breaks between parts", STR_INIT(" (&\n  (a=1)\n  (b=2)\n)\n"),
     STR_INIT("(&(a=1)(b=2))")},
    {"options", STR_INIT("(cn;lang-de=a)"), STR_INIT("")},
    {"OID", STR_INIT("(2.5.4.3=a)"), STR_INIT("")},
    {"rule", STR_INIT("(cn:caseExactMatch:=Fred)"), STR_INIT("")},
    {"bits", STR_INIT("(userAccountControl:1.2.840.113556.1.4.803:=2)"), STR_INIT("")},
    {"attribute without rule", STR_INIT("(cn:=Betty)"), STR_INIT("")},
    {"DN attributes", STR_INIT("(sn:dn:2.4.6.8.10:=Barney)"), STR_INIT("")},
    {"DN attributes without rule", STR_INIT("(o:dn:=Ace)"), STR_INIT("")},
    {"rule without attribute", STR_INIT("(:1.2.3:=Wilma)"), STR_INIT("")},
    {"DN attributes, rule, no attribute", STR_INIT("(:DN:2.4.6:=Dino)"),
     STR_INIT("(:dn:2.4.6:=Dino)")},
};

START_TEST(text_round_trip)
{
    const char *name = texts[_i].name;
    str_t want = texts[_i].formatted.n ? texts[_i].formatted : texts[_i].text;
    const ldap_filter_t *filter = ldap_filter_parse(mem, texts[_i].text, &err);

    ck_assert_msg(filter != NULL, "%s: %s", name, err.detail);
    check_text(name, filter, want);
    filter = ldap_filter_parse(mem, want, &err);
    ck_assert_msg(filter != NULL, "%s: %s", name, err.detail);
    check_text(name, filter, want);
}
END_TEST

static const struct {
    const char *name;
    str_t text;
    const char *why;
} bad[] = {
    {"empty", STR_INIT(""), "expected '(' at byte 0"},
    {"no parentheses", STR_INIT("cn=a"), "expected '(' at byte 0"},
    {"not closed", STR_INIT("(cn=a"), "expected ')' at byte 5"},
    {"set not closed", STR_INIT("(&(cn=a)"), "expected ')' at byte 8"},
    {"text in a set", STR_INIT("(&cn=a)"), "expected ')' at byte 2"},
    {"two filters", STR_INIT("(cn=a)(cn=b)"), "something after the filter at byte 6"},
    {"not without a filter", STR_INIT("(!)"), "'!' takes one filter in parentheses at byte 1"},
    {"not with two", STR_INIT("(!(a=1)(b=2))"), "'!' takes one filter"},
    {"not with a bare item", STR_INIT("(!a=1)"), "'!' takes one filter"},
    {"no name", STR_INIT("(=a)"), "expected the name of an attribute at byte 1"},
    {"blank in a name", STR_INIT("(c n=a)"),
     "expected '=', '>=', '<=', '~=' or ':=' at byte 2"},
    {"no sign", STR_INIT("(cn)"), "expected '=', '>='"},
    {"greater alone", STR_INIT("(cn>a)"), "expected '=' at byte 4"},
    {"parenthesis in a value", STR_INIT("(cn=a(b)"),
     "'(' within a value (write \\28) at byte 5"},
    {"star where none can be", STR_INIT("(cn>=a*)"),
     "'*' within a value (write \\2a) at byte 6"},
    {"star in an extensible match", STR_INIT("(cn:=a*)"), "'*' within a value"},
    {"two stars", STR_INIT("(cn=a**b)"), "'**' at byte 6"},
    {"bad pair", STR_INIT("(cn=a\\zz)"), "a backslash without two hexadecimal digits"},
    {"half a pair", STR_INIT("(cn=a\\2)"), "a backslash without two hexadecimal digits"},
    {"pair across a star", STR_INIT("(cn=a\\2*)"), "a backslash without two"},
    {"bare NUL", STR_INIT("(cn=a\0b)"), "a NUL that is not escaped as \\00 at byte 5"},
    {"neither attribute nor rule", STR_INIT("(:=a)"),
     "neither an attribute nor a matching rule"},
    {"empty rule", STR_INIT("(cn::=a)"), "expected a matching rule at byte 4"},
    {"rule without colon", STR_INIT("(cn:rule=a)"), "expected ':=' at byte 8"},
};

START_TEST(bad_text_is_refused)
{
    const char *name = bad[_i].name;

    ck_assert_msg(ldap_filter_parse(mem, bad[_i].text, &err) == NULL, "%s: accepted", name);
    ck_assert_int_eq(err.kind, ERR_INVALID_FILTER);
    ck_assert_msg(strstr(err.detail, bad[_i].why), "%s: %s", name, err.detail);
}
END_TEST

static const ldap_filter_t *
parse_nested(size_t depth)
{
    buf_t buf;

    buf_init(&buf, mem, 100000);
    for (size_t i = 0; i < depth; i++)
        buf_add_c(&buf, i % 2 ? "(&(a=1)" : "(|(b=1)");
    for (size_t i = 0; i < depth; i++)
        buf_add_char(&buf, ')');
    return ldap_filter_parse(mem, buf_str(&buf), &err);
}

static const ldap_filter_t *
parse_wide(size_t n)
{
    buf_t buf;

    buf_init(&buf, mem, 100000);
    buf_add_c(&buf, "(|");
    for (size_t i = 1; i < n; i++)
        buf_add_c(&buf, "(a=1)");
    buf_add_char(&buf, ')');
    return ldap_filter_parse(mem, buf_str(&buf), &err);
}

START_TEST(size_is_limited)
{
    ck_assert_ptr_nonnull(parse_nested(31)); /* and the items in the innermost one */
    ck_assert_ptr_null(parse_nested(33));
    ck_assert_msg(strstr(err.detail, "more than 32 levels"), "%s", err.detail);
    ck_assert_ptr_nonnull(parse_wide(1000));
    ck_assert_ptr_null(parse_wide(1001));
    ck_assert_msg(strstr(err.detail, "more than 1,000 terms"), "%s", err.detail);
}
END_TEST

/* --- building ------------------------------------------------------------------------------ */

START_TEST(sets_are_folded)
{
    const ldap_filter_t *a = parse("(a=1)"), *b = parse("(b=2)"), *yes = ldap_filter_true(),
                        *no = ldap_filter_false();
    const ldap_filter_t * or = ldap_filter_or2(mem, a, b);

    ck_assert(ldap_filter_is_true(yes) && !ldap_filter_is_false(yes));
    ck_assert(ldap_filter_is_false(no) && !ldap_filter_is_true(no));
    ck_assert(!ldap_filter_is_true(a) && !ldap_filter_is_false(a));
    ck_assert_ptr_eq(ldap_filter_and2(mem, a, yes), a);
    ck_assert_ptr_eq(ldap_filter_and2(mem, NULL, a), a);
    ck_assert_ptr_eq(ldap_filter_or2(mem, no, a), a);
    ck_assert(ldap_filter_is_false(ldap_filter_and2(mem, a, no)));
    ck_assert(ldap_filter_is_true(ldap_filter_or2(mem, yes, a)));
    ck_assert(ldap_filter_is_true(ldap_filter_and2(mem, NULL, NULL)));
    ck_assert(ldap_filter_is_false(ldap_filter_or(mem, NULL, 0)));
    ck_assert(ldap_filter_is_true(ldap_filter_and(mem, NULL, 0)));
    ck_assert(ldap_filter_is_false(ldap_filter_not(mem, yes)));
    ck_assert(ldap_filter_is_true(ldap_filter_not(mem, no)));
    ck_assert_ptr_eq(ldap_filter_not(mem, ldap_filter_not(mem, a)), a);
    check_text("mixed", ldap_filter_and2(mem, or, a), STR("(&(|(a=1)(b=2))(a=1))"));
    check_text("flat", ldap_filter_or2(mem, or, a), STR("(|(a=1)(b=2)(a=1))"));
}
END_TEST

START_TEST(a_value_cannot_break_out)
{
    static const str_t values[] = {
        STR_INIT("x)(uid=*"), STR_INIT("*"),        STR_INIT("\\2a"), STR_INIT("a\0b"),
        STR_INIT("\xff("),    STR_INIT("))(|(a=b"), STR_INIT("\n"),   STR_INIT(""),
    };
    str_t attr = STR("cn"), value = values[_i];
    const ldap_filter_t *made[] = {
        ldap_filter_equal(mem, attr, value),
        ldap_filter_greater(mem, attr, value),
        ldap_filter_less(mem, attr, value),
        ldap_filter_extensible(mem, attr, STR("caseExactMatch"), value),
        ldap_filter_substrings(mem, attr, value, STR(""), STR("")),
        ldap_filter_substrings(mem, attr, STR(""), STR(""), value),
    };

    for (size_t i = 0; i < ARRAY_SIZE(made); i++) {
        str_t text = ldap_filter_format(mem, made[i]);
        const ldap_filter_t *again = ldap_filter_parse(mem, text, &err);

        ck_assert_msg(again != NULL, "%.*s: %s", STR_ARG(text), err.detail);
        ck_assert_int_eq(again->kind, made[i]->kind);
        ck_assert(str_eq(again->value, made[i]->value));
        ck_assert(str_eq(again->final, made[i]->final));
        ck_assert(str_eq(again->rule, made[i]->rule));
    }
}
END_TEST

START_TEST(substrings_of_nothing_are_presence)
{
    check_text("present", ldap_filter_substrings(mem, STR("cn"), STR(""), STR(""), STR("")),
               STR("(cn=*)"));
    check_text("present", ldap_filter_present(mem, STR("cn")), STR("(cn=*)"));
    check_text("all", ldap_filter_substrings(mem, STR("cn"), STR("a"), STR("b"), STR("c")),
               STR("(cn=a*b*c)"));
}
END_TEST

static void
note_attr(void *arg, str_t attr)
{
    buf_add(arg, attr);
    buf_add_char(arg, ' ');
}

START_TEST(attributes_are_named)
{
    buf_t buf;

    buf_init(&buf, mem, 1000);
    ldap_filter_each_attr(parse("(&(a=1)(!(b=*))(|(c=x*)(d:1.2:=3)(:1.2:=4)))"), note_attr,
                          &buf);
    ck_assert(str_eq(buf_str(&buf), STR("a b c d ")));
}
END_TEST

/* --- truth --------------------------------------------------------------------------------- */

static const struct {
    const char *attr;
    str_t value;
} values[] = {
    {"objectClass", STR_INIT("inetOrgPerson")},
    {"cn", STR_INIT("Barbara  Jensen")},
    {"cn", STR_INIT("Babs")},
    {"cn;lang-de", STR_INIT("B\xc3\xa4rbel")},
    {"sn", STR_INIT("Jensen")},
    {"mail", STR_INIT("bjensen@example.com")},
    {"telephoneNumber", STR_INIT("+1 408-555-1862")},
    {"facsimileTelephoneNumber", STR_INIT("+1 408 555 1992")},
    {"uidNumber", STR_INIT("1000")},
    {"userAccountControl", STR_INIT("514")},
    {"objectCategory", STR_INIT("CN=Person,CN=Schema,CN=Configuration,DC=ad,DC=example")},
    {"manager", STR_INIT("uid=Boss, ou=People,dc=example,dc=com")},
    {"entryUUID", STR_INIT("91e7cb68-3c53-41ae-a7a2-6d3e0a6f2d52")},
    {"scimExternalId", STR_INIT("AbC")},
    {"scimVisible", STR_INIT("TRUE")},
    {"pwdEndTime", STR_INIT("20240101000000Z")},
    {"jpegPhoto", STR_INIT("\xff\xd8\xff")},
    {"userPassword", STR_INIT("{SSHA}x")},
    {"postalAddress", STR_INIT("Main St 1 $ Springfield")},
    {"labeledURI", STR_INIT("http://example.com/ B")},
    {"empty", STR_INIT("")},
};

static const struct {
    const char *filter;
    ldap_truth_t truth;
} truths[] = {
    {"(&)", LDAP_TRUE},
    {"(|)", LDAP_FALSE},
    {"(uid=bjensen)", LDAP_FALSE},
    {"(!(uid=bjensen))", LDAP_TRUE},
    {"(cn=barbara jensen)", LDAP_TRUE},
    {"(cn=BABS)", LDAP_TRUE},
    {"(cn~=babs)", LDAP_TRUE},
    {"(commonName=babs)", LDAP_TRUE},
    {"(2.5.4.3=babs)", LDAP_TRUE},
    {"(cn=B\xc3\x84RBEL)", LDAP_TRUE},
    {"(cn;lang-de=b\xc3\xa4rbel)", LDAP_TRUE},
    {"(cn;lang-de=babs)", LDAP_FALSE},
    {"(cn;lang-fr=babs)", LDAP_FALSE},
    {"(cn=)", LDAP_UNDEFINED}, /* no Directory String is empty */
    {"(cn=*)", LDAP_TRUE},
    {"(uid=*)", LDAP_FALSE},
    {"(empty=*)", LDAP_TRUE},
    {"(cn>=a)", LDAP_UNDEFINED}, /* name has no ordering rule */
    {"(!(cn>=a))", LDAP_UNDEFINED},
    {"(&(cn>=a)(cn=babs))", LDAP_UNDEFINED},
    {"(&(cn>=a)(cn=x))", LDAP_FALSE},
    {"(|(cn>=a)(cn=babs))", LDAP_TRUE},
    {"(|(cn>=a)(cn=x))", LDAP_UNDEFINED},
    {"(facsimileTelephoneNumber=+1 408 555 1992)", LDAP_UNDEFINED},
    {"(facsimileTelephoneNumber=*)", LDAP_TRUE},
    {"(fax=*)", LDAP_TRUE},
    {"(jpegPhoto=x)", LDAP_UNDEFINED},
    {"(jpegPhoto=*)", LDAP_TRUE},
    {"(telephoneNumber=+14085551862)", LDAP_TRUE},
    {"(telephoneNumber=*555-18*)", LDAP_TRUE},
    {"(telephoneNumber=+1408*)", LDAP_TRUE},
    {"(cn=barbara*)", LDAP_TRUE},
    {"(cn=*jensen)", LDAP_TRUE},
    {"(cn=b*a*n)", LDAP_TRUE},
    {"(cn=*rbara jen*)", LDAP_TRUE},
    {"(cn=*a jen*sen)", LDAP_TRUE},
    {"(cn=*a  j*)", LDAP_TRUE},
    {"(cn=barbara *sen)", LDAP_TRUE},
    {"(cn=bab *)", LDAP_FALSE}, /* the blank counts */
    {"(cn=bab* s)", LDAP_FALSE},
    {"(cn=* *)", LDAP_TRUE},
    {"(sn=* *)", LDAP_FALSE},
    {"(sn=jen*ensen)", LDAP_FALSE}, /* parts do not overlap */
    {"(sn=jensen*jensen)", LDAP_FALSE},
    {"(sn=*jensen*)", LDAP_TRUE},
    {"(sn=*s*s*)", LDAP_FALSE},
    {"(sn=*e*e*)", LDAP_TRUE},
    {"(sn=j*x*n)", LDAP_FALSE},
    {"(manager=uid=boss*)", LDAP_UNDEFINED}, /* DNs have no substrings rule */
    {"(manager=UID=boss,OU=people, dc=EXAMPLE,dc=com)", LDAP_TRUE},
    {"(manager=uid=boss,ou=people)", LDAP_FALSE},
    {"(manager=junk)", LDAP_UNDEFINED},
    {"(!(manager=junk))", LDAP_UNDEFINED},
    {"(uidNumber=1000)", LDAP_TRUE},
    {"(uidNumber>=999)", LDAP_TRUE},
    {"(uidNumber>=1000)", LDAP_TRUE},
    {"(uidNumber>=1001)", LDAP_FALSE},
    {"(uidNumber<=999)", LDAP_FALSE},
    {"(uidNumber<=20000)", LDAP_TRUE},
    {"(uidNumber=ten)", LDAP_UNDEFINED},
    {"(gidNumber=ten)", LDAP_UNDEFINED}, /* whether the entry has one or not */
    {"(gidNumber>=1)", LDAP_FALSE},
    {"(userAccountControl:1.2.840.113556.1.4.803:=2)", LDAP_TRUE},
    {"(userAccountControl:1.2.840.113556.1.4.803:=3)", LDAP_FALSE},
    {"(userAccountControl:1.2.840.113556.1.4.804:=3)", LDAP_TRUE},
    {"(userAccountControl:1.2.840.113556.1.4.804:=1)", LDAP_FALSE},
    {"(userAccountControl:1.2.840.113556.1.4.803:=x)", LDAP_UNDEFINED},
    {"(groupType:1.2.840.113556.1.4.803:=2)", LDAP_FALSE},
    {"(memberOf:1.2.840.113556.1.4.1941:=cn=a,o=x)", LDAP_UNDEFINED},
    {"(cn:caseExactMatch:=Babs)", LDAP_TRUE},
    {"(cn:caseExactMatch:=babs)", LDAP_FALSE},
    {"(scimExternalId:2.5.13.2:=abc)", LDAP_TRUE},
    {"(cn:=babs)", LDAP_TRUE},
    {"(:caseExactMatch:=babs)", LDAP_UNDEFINED},
    {"(scimExternalId=AbC)", LDAP_TRUE},
    {"(scimExternalId=abc)", LDAP_FALSE},
    {"(scimVisible=TRUE)", LDAP_TRUE},
    {"(scimVisible=FALSE)", LDAP_FALSE},
    {"(scimVisible=true)", LDAP_UNDEFINED},
    {"(pwdEndTime<=20240101000000Z)", LDAP_TRUE},
    {"(pwdEndTime=20240101000000.0Z)", LDAP_TRUE},
    {"(pwdEndTime=20240101010000+0100)", LDAP_TRUE},
    {"(pwdEndTime>=20240101000001Z)", LDAP_FALSE},
    {"(pwdEndTime>=yesterday)", LDAP_UNDEFINED},
    {"(pwdAccountLockedTime=000001010000Z)", LDAP_FALSE},
    {"(entryUUID=91E7CB68-3C53-41AE-A7A2-6D3E0A6F2D52)", LDAP_TRUE},
    {"(entryUUID=junk)", LDAP_UNDEFINED},
    {"(entryDN=uid=bjensen,ou=people,DC=example,DC=com)", LDAP_TRUE},
    {"(entryDN=uid=x,ou=people,dc=example,dc=com)", LDAP_FALSE},
    {"(entryDN=*)", LDAP_TRUE},
    {"(objectClass=inetorgperson)", LDAP_TRUE},
    {"(objectClass=person)", LDAP_TRUE},
    {"(objectClass=organizationalPerson)", LDAP_TRUE},
    {"(objectClass=top)", LDAP_TRUE},
    {"(objectClass=user)", LDAP_FALSE},
    {"(objectCategory=person)", LDAP_TRUE},
    {"(objectCategory=group)", LDAP_FALSE},
    {"(objectCategory=cn=person,cn=schema,cn=configuration,dc=ad,dc=example)", LDAP_TRUE},
    {"(objectClass=posixAccount)", LDAP_FALSE},
    {"(userPassword={SSHA}x)", LDAP_TRUE},
    {"(userPassword={ssha}x)", LDAP_FALSE},
    {"(postalAddress=main st 1$springfield)", LDAP_TRUE},
    {"(labeledURI=http://example.com/ b)", LDAP_FALSE},
    {"(unheardOf=x)", LDAP_FALSE},
    {"(!(unheardOf=x))", LDAP_TRUE},
};

START_TEST(truth)
{
    ldap_entry_t entry = {.dn = STR("uid=bjensen,ou=People,dc=example,dc=com")};
    ldap_truth_t got;

    for (size_t i = 0; i < ARRAY_SIZE(values); i++)
        ldap_entry_add(mem, &entry, str_from_c(values[i].attr), values[i].value);
    got = ldap_filter_test(mem, parse(truths[_i].filter), &entry, ldap_schema_builtin());
    ck_assert_msg(got == truths[_i].truth, "%s: got %d, want %d", truths[_i].filter, (int)got,
                  (int)truths[_i].truth);
}
END_TEST

/* ---- the place ---- */

static const struct {
    const char *dn;
    ldap_depth_t depth;
    const char *under,
        *not_under; /* what is left of (&(a=1)…) with it, and with its negation */
} places[] = {
    {"OU=Left, o=x", LDAP_DEPTH_SUB, "(a=1)", "(|)"},
    {"ou=left,o=x", LDAP_DEPTH_ONE, "(a=1)", "(|)"},
    {"ou=left,o=x", LDAP_DEPTH_BASE, "(|)", "(a=1)"},
    {"uid=a,ou=left,o=x", LDAP_DEPTH_BASE, "(a=1)", "(|)"},
    {"ou=y,ou=left,o=x", LDAP_DEPTH_SUB, "(a=1)", "(|)"},
    {"ou=other,o=x", LDAP_DEPTH_SUB, "(|)", "(a=1)"},
    {"ou=not left,o=x", LDAP_DEPTH_SUB, "(|)", "(a=1)"},
    {"o=x", LDAP_DEPTH_ONE, "(|)", "(a=1)"},
    {"o=x", LDAP_DEPTH_SUB, "(&(a=1)(entryDN:dnSubordinateMatch:=ou=left,o=x))",
     "(&(a=1)(!(entryDN:dnSubordinateMatch:=ou=left,o=x)))"},
};

static void
check_left(const char *what, const ldap_filter_t *filter, const char *want)
{
    str_t got = ldap_filter_format(mem, filter);

    ck_assert_msg(str_eq(got, str_from_c(want)), "%s: %.*s, not %s", what, STR_ARG(got), want);
}

START_TEST(place_is_decided)
{
    const ldap_filter_t *under = ldap_filter_under(mem, STR("ou=left,o=x"));
    const ldap_filter_t *in = ldap_filter_and2(mem, parse("(a=1)"), under);
    const ldap_filter_t *out =
        ldap_filter_and2(mem, parse("(a=1)"), ldap_filter_not(mem, under));
    str_t dn = str_from_c(places[_i].dn);
    ldap_op_t op = {.kind = LDAP_OP_DELETE, .dn = dn, .guard = out};

    check_left(places[_i].dn, ldap_filter_at(mem, in, dn, places[_i].depth), places[_i].under);
    check_left(places[_i].dn, ldap_filter_at(mem, out, dn, places[_i].depth),
               places[_i].not_under);
    if (places[_i].depth == LDAP_DEPTH_BASE)
        check_left(places[_i].dn, ldap_op_at(mem, &op).guard, places[_i].not_under);
    op = (ldap_op_t){.kind = LDAP_OP_SEARCH, .dn = dn};
    op.u.search.filter = in;
    op.u.search.depth = places[_i].depth;
    check_left(places[_i].dn, ldap_op_at(mem, &op).u.search.filter, places[_i].under);
    in = parse("(&(a=1)(!(b=2)))");
    ck_assert_ptr_eq(ldap_filter_at(mem, in, dn, places[_i].depth), in);
}
END_TEST

START_TEST(place_is_tested)
{
    const ldap_filter_t *under = ldap_filter_under(mem, STR("ou=left,o=x"));
    ldap_entry_t in = {.dn = STR("uid=a, OU=left,o=x")}, out = {.dn = STR("ou=left,o=x")};

    ck_assert_int_eq(ldap_filter_test(mem, under, &in, ldap_schema_builtin()), LDAP_TRUE);
    ck_assert_int_eq(ldap_filter_test(mem, under, &out, ldap_schema_builtin()), LDAP_FALSE);
}
END_TEST

int
main(void)
{
    Suite *suite = suite_create("filter");
    TCase *tcase = tcase_create("filter");

    tcase_add_checked_fixture(tcase, setup, teardown);
    tcase_add_loop_test(tcase, text_round_trip, 0, ARRAY_SIZE(texts));
    tcase_add_loop_test(tcase, bad_text_is_refused, 0, ARRAY_SIZE(bad));
    tcase_add_test(tcase, size_is_limited);
    tcase_add_test(tcase, sets_are_folded);
    tcase_add_loop_test(tcase, a_value_cannot_break_out, 0, 8);
    tcase_add_test(tcase, substrings_of_nothing_are_presence);
    tcase_add_test(tcase, attributes_are_named);
    tcase_add_loop_test(tcase, truth, 0, ARRAY_SIZE(truths));
    tcase_add_loop_test(tcase, place_is_decided, 0, ARRAY_SIZE(places));
    tcase_add_test(tcase, place_is_tested);
    suite_add_tcase(suite, tcase);
    return suite_run(suite);
}
