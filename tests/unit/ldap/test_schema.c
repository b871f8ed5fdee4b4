/* SPDX-License-Identifier: Apache-2.0 */
#include "ldap/schema.h"

#include "base/buf.h"
#include "support/suite_run.h"

#include <check.h>
#include <stdio.h>
#include <stdlib.h>

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

/* --- built-in types ------------------------------------------------------------------------ */

#define TEXT LDAP_SYNTAX_DIRECTORY_STRING
#define IA5 LDAP_SYNTAX_IA5_STRING
#define R_NONE LDAP_RULE_NONE
#define R_IGNORE LDAP_RULE_CASE_IGNORE
#define R_EXACT LDAP_RULE_CASE_EXACT
#define SINGLE 1
#define OPER 2
#define READ_ONLY 4

static const struct {
    const char *name, *preferred;
    ldap_syntax_t syntax;
    ldap_rule_t equality, ordering, substrings;
    unsigned flags;
} facts[] = {
    {"cn", "cn", TEXT, R_IGNORE, R_NONE, R_IGNORE, 0},
    {"COMMONNAME", "cn", TEXT, R_IGNORE, R_NONE, R_IGNORE, 0},
    {"2.5.4.3", "cn", TEXT, R_IGNORE, R_NONE, R_IGNORE, 0},
    {"cn;lang-de;x-foo", "cn", TEXT, R_IGNORE, R_NONE, R_IGNORE, 0},
    {"surname", "sn", TEXT, R_IGNORE, R_NONE, R_IGNORE, 0},
    {"uid", "uid", TEXT, R_IGNORE, R_NONE, R_IGNORE, 0},
    {"mail", "mail", IA5, R_IGNORE, R_NONE, R_IGNORE, 0},
    {"c", "c", LDAP_SYNTAX_COUNTRY, R_IGNORE, R_NONE, R_IGNORE, SINGLE},
    {"facsimileTelephoneNumber", "facsimileTelephoneNumber", LDAP_SYNTAX_OTHER, R_NONE, R_NONE,
     R_NONE, 0},
    {"telephoneNumber", "telephoneNumber", LDAP_SYNTAX_TELEPHONE, LDAP_RULE_TELEPHONE, R_NONE,
     LDAP_RULE_TELEPHONE, 0},
    {"postalAddress", "postalAddress", LDAP_SYNTAX_POSTAL_ADDRESS, LDAP_RULE_CASE_IGNORE_LIST,
     R_NONE, LDAP_RULE_CASE_IGNORE_LIST, 0},
    {"userPassword", "userPassword", LDAP_SYNTAX_OCTETS, LDAP_RULE_OCTETS, R_NONE, R_NONE, 0},
    {"jpegPhoto", "jpegPhoto", LDAP_SYNTAX_OTHER, R_NONE, R_NONE, R_NONE, 0},
    {"member", "member", LDAP_SYNTAX_DN, LDAP_RULE_DN, R_NONE, R_NONE, 0},
    {"uniqueMember", "uniqueMember", LDAP_SYNTAX_DN, LDAP_RULE_DN, R_NONE, R_NONE, 0},
    {"displayName", "displayName", TEXT, R_IGNORE, R_NONE, R_IGNORE, SINGLE},
    {"employeeNumber", "employeeNumber", TEXT, R_IGNORE, R_NONE, R_IGNORE, SINGLE},
    {"employeeType", "employeeType", TEXT, R_IGNORE, R_NONE, R_IGNORE, 0},
    {"preferredLanguage", "preferredLanguage", TEXT, R_IGNORE, R_NONE, R_IGNORE, SINGLE},
    {"labeledURI", "labeledURI", TEXT, R_EXACT, R_NONE, R_NONE, 0},
    {"uidNumber", "uidNumber", LDAP_SYNTAX_INTEGER, LDAP_RULE_INTEGER, LDAP_RULE_INTEGER,
     R_NONE, SINGLE},
    {"memberUid", "memberUid", IA5, R_EXACT, R_NONE, R_EXACT, 0},
    {"homeDirectory", "homeDirectory", IA5, R_EXACT, R_NONE, R_NONE, SINGLE},
    {"objectClass", "objectClass", LDAP_SYNTAX_OBJECT_IDENTIFIER, LDAP_RULE_OBJECT_IDENTIFIER,
     R_NONE, R_NONE, 0},
    {"entryUUID", "entryUUID", LDAP_SYNTAX_UUID, LDAP_RULE_UUID, LDAP_RULE_UUID, R_NONE,
     SINGLE | OPER | READ_ONLY},
    {"entryCSN", "entryCSN", LDAP_SYNTAX_OTHER, R_EXACT, R_EXACT, R_NONE,
     SINGLE | OPER | READ_ONLY},
    {"createTimestamp", "createTimestamp", LDAP_SYNTAX_TIME, LDAP_RULE_TIME, LDAP_RULE_TIME,
     R_NONE, SINGLE | OPER | READ_ONLY},
    {"pwdEndTime", "pwdEndTime", LDAP_SYNTAX_TIME, LDAP_RULE_TIME, LDAP_RULE_TIME, R_NONE,
     SINGLE | OPER},
    {"pwdAccountLockedTime", "pwdAccountLockedTime", LDAP_SYNTAX_TIME, LDAP_RULE_TIME,
     LDAP_RULE_TIME, R_NONE, SINGLE | OPER},
    {"memberOf", "memberOf", LDAP_SYNTAX_DN, LDAP_RULE_DN, R_NONE, R_NONE, OPER | READ_ONLY},
    {"nsUniqueId", "nsUniqueId", TEXT, R_IGNORE, R_NONE, R_IGNORE, SINGLE | OPER | READ_ONLY},
    {"nsAccountLock", "nsAccountLock", TEXT, R_IGNORE, R_NONE, R_IGNORE, OPER},
    {"objectGUID", "objectGUID", LDAP_SYNTAX_OCTETS, LDAP_RULE_OCTETS, R_NONE, R_NONE,
     SINGLE | READ_ONLY},
    {"sAMAccountName", "sAMAccountName", TEXT, R_IGNORE, R_IGNORE, R_IGNORE, SINGLE},
    {"userAccountControl", "userAccountControl", LDAP_SYNTAX_INTEGER, LDAP_RULE_INTEGER,
     LDAP_RULE_INTEGER, R_NONE, SINGLE},
    {"unicodePwd", "unicodePwd", LDAP_SYNTAX_OCTETS, LDAP_RULE_OCTETS, R_NONE, R_NONE, SINGLE},
    {"extensionAttribute15", "extensionAttribute15", TEXT, R_IGNORE, R_IGNORE, R_IGNORE,
     SINGLE},
    {"msDS-cloudExtensionAttribute20", "msDS-cloudExtensionAttribute20", TEXT, R_IGNORE,
     R_IGNORE, R_IGNORE, SINGLE},
    {"proxyAddresses", "proxyAddresses", TEXT, R_IGNORE, R_IGNORE, R_IGNORE, 0},
    {"eduPersonPrincipalName", "eduPersonPrincipalName", TEXT, R_IGNORE, R_NONE, R_IGNORE,
     SINGLE},
};

static void
check_type(const char *name, const ldap_attr_type_t *type, const ldap_attr_type_t *want)
{
    ck_assert_msg(type->syntax == want->syntax, "%s: syntax %s, want %s", name,
                  ldap_syntax_name(type->syntax), ldap_syntax_name(want->syntax));
    ck_assert_msg(type->equality == want->equality, "%s: equality", name);
    ck_assert_msg(type->ordering == want->ordering, "%s: ordering", name);
    ck_assert_msg(type->substrings == want->substrings, "%s: substrings", name);
    ck_assert_msg(type->single == want->single, "%s: single", name);
    ck_assert_msg(type->operational == want->operational, "%s: operational", name);
    ck_assert_msg(type->read_only == want->read_only, "%s: read-only", name);
}

START_TEST(builtin_types)
{
    const char *name = facts[_i].name;
    const ldap_attr_type_t *type = ldap_schema_find(ldap_schema_builtin(), str_from_c(name));
    ldap_attr_type_t want = {.syntax = facts[_i].syntax,
                             .equality = facts[_i].equality,
                             .ordering = facts[_i].ordering,
                             .substrings = facts[_i].substrings,
                             .single = facts[_i].flags & SINGLE,
                             .operational = facts[_i].flags & OPER,
                             .read_only = facts[_i].flags & READ_ONLY};

    ck_assert_msg(type != NULL, "%s: unknown", name);
    ck_assert_str_eq(str_dup_c(mem, type->name), facts[_i].preferred);
    check_type(name, type, &want);
}
END_TEST

START_TEST(unknown_types)
{
    const ldap_schema_t *schema = ldap_schema_builtin();
    ldap_attr_type_t want = {
        .syntax = TEXT, .equality = R_IGNORE, .ordering = R_IGNORE, .substrings = R_IGNORE};

    ck_assert_ptr_null(ldap_schema_find(schema, STR("unheardOf")));
    ck_assert_ptr_null(ldap_schema_find(schema, STR("")));
    ck_assert_ptr_null(ldap_schema_find(schema, STR(";binary")));
    check_type("unheardOf", ldap_schema_get(schema, STR("unheardOf")), &want);
    ck_assert_ptr_eq(ldap_schema_get(schema, STR("cn")), ldap_schema_find(schema, STR("cn")));
}
END_TEST

/* The text of our own schema, cut into its attribute types. */
static size_t
read_own_schema(str_t *types, size_t max)
{
    const char *top = getenv("top_srcdir");
    str_t path = str_printf(mem, "%s/schema/ldap/scimbridge.schema", top ? top : ".");
    char *text = arena_alloc(mem, 100000);
    FILE *file = fopen(path.p, "r");
    str_t rest;
    size_t n = 0;

    ck_assert_msg(file != NULL, "%s cannot be read", path.p);
    rest = str_from(text, fread(text, 1, 100000, file));
    fclose(file);
    rest = str_skip(rest, str_find(rest, STR("\nattributetype ")));
    while (n < max && rest.n > 0) {
        size_t end;

        rest = str_skip(rest, strlen("\nattributetype "));
        end = str_find(rest, STR("\nattributetype "));
        types[n++] = str_slice(rest, 0, str_find(rest, STR("\nobjectclass ")));
        types[n - 1] = str_slice(types[n - 1], 0, end);
        rest = str_skip(rest, end);
    }
    return n;
}

START_TEST(own_types_are_those_of_the_schema_file)
{
    str_t types[64];
    size_t skipped, n = read_own_schema(types, ARRAY_SIZE(types));
    const ldap_schema_t *file = ldap_schema_from_subschema(mem, types, n, &skipped);

    ck_assert_uint_ge(n, 23);
    ck_assert_uint_eq(skipped, 0);
    for (size_t i = 0; i < n; i++) {
        str_t quoted = str_skip(types[i], str_find_char(types[i], '\'') + 1);
        str_t name = str_slice(quoted, 0, str_find_char(quoted, '\''));
        const ldap_attr_type_t *have = ldap_schema_find(ldap_schema_builtin(), name);
        const ldap_attr_type_t *want = ldap_schema_find(file, name);

        ck_assert_msg(have != NULL, "%.*s is not built in", STR_ARG(name));
        ck_assert_ptr_ne(have, want);
        ck_assert(str_eq(have->oid, want->oid));
        check_type(str_dup_c(mem, name), have, want);
    }
}
END_TEST

/* --- live types ---------------------------------------------------------------------------- */

static const str_t live[] = {
    STR_INIT("( 1.1.1 NAME 'later' DESC 'derived before its SUP is known' SUP base "
             "SINGLE-VALUE )"),
    STR_INIT("( 1.1.2 NAME ( 'base' 'baseAlias' ) DESC 'with ( parentheses ) in it' EQUALITY "
             "caseExactMatch ORDERING caseExactOrderingMatch SUBSTR caseExactSubstringsMatch "
             "SYNTAX 1.3.6.1.4.1.1466.115.121.1.15{256} X-ORIGIN ( 'a' 'b' ) )"),
    STR_INIT("( 1.1.3 NAME 'third' SUP later EQUALITY caseIgnoreMatch )"),
    STR_INIT("( 1.1.4 NAME 'circle' SUP circle SYNTAX 1.3.6.1.4.1.1466.115.121.1.27 )"),
    STR_INIT("(1.1.5 name 'lower' equality integerMatch syntax '1.3.6.1.4.1.1466.115.121.1.27' "
             "usage directoryOperation no-user-modification)"),
    STR_INIT("( 1.1.6 SUP name )"),
    STR_INIT("( 2.5.4.20 NAME 'telephoneNumber' EQUALITY 2.5.13.2 SYNTAX "
             "1.3.6.1.4.1.1466.115.121.1.15 SINGLE-VALUE )"),
    STR_INIT("( 2.16.840.1.113730.3.1.610 NAME 'nsAccountLock' SYNTAX "
             "1.3.6.1.4.1.1466.115.121.1.15 USAGE directoryOperation X-ORIGIN 'x' )"),
    STR_INIT("( 2.5.4.23 NAME ( 'facsimileTelephoneNumber' 'fax' ) SYNTAX "
             "1.3.6.1.4.1.1466.115.121.1.22 )"),
    STR_INIT("( 1.1.7 NAME 'vendor' SYNTAX 1.3.6.1.4.1.1466.115.121.1.15 EQUALITY "
             "vendorMatch OBSOLETE X-SCHEMA-FILE '99user.ldif' )"),
    STR_INIT("( 1.1.11 NAME 'own' SUP base ORDERING caseIgnoreOrderingMatch SUBSTR "
             "caseIgnoreSubstringsMatch )"),
    /* unreadable ones */
    STR_INIT(""),
    STR_INIT("NAME 'x'"),
    STR_INIT("( )"),
    STR_INIT("( 1.1.8 NAME 'open'"),
    STR_INIT("( 1.1.9 NAME ( 'open'"),
    STR_INIT("( 1.1.10 DESC 'open"),
};

static const struct {
    const char *name;
    ldap_attr_type_t want;
} live_facts[] = {
    {"later",
     {.syntax = TEXT,
      .equality = R_EXACT,
      .ordering = R_EXACT,
      .substrings = R_EXACT,
      .single = true}},
    {"baseAlias",
     {.syntax = TEXT, .equality = R_EXACT, .ordering = R_EXACT, .substrings = R_EXACT}},
    {"third",
     {.syntax = TEXT, .equality = R_IGNORE, .ordering = R_EXACT, .substrings = R_EXACT}},
    {"own",
     {.syntax = TEXT, .equality = R_EXACT, .ordering = R_IGNORE, .substrings = R_IGNORE}},
    {"circle", {.syntax = LDAP_SYNTAX_INTEGER}},
    {"LOWER",
     {.syntax = LDAP_SYNTAX_INTEGER,
      .equality = LDAP_RULE_INTEGER,
      .operational = true,
      .read_only = true}},
    {"1.1.6", {.syntax = TEXT, .equality = R_IGNORE, .substrings = R_IGNORE}},
    {"telephoneNumber", {.syntax = TEXT, .equality = R_IGNORE, .single = true}},
    {"nsAccountLock",
     {.syntax = TEXT, .equality = R_IGNORE, .substrings = R_IGNORE, .operational = true}},
    {"fax", {.syntax = LDAP_SYNTAX_OTHER}},
    {"vendor", {.syntax = TEXT}},
    {"mail", {.syntax = IA5, .equality = R_IGNORE, .substrings = R_IGNORE}},
};

START_TEST(live_types)
{
    size_t skipped;
    const ldap_schema_t *schema =
        ldap_schema_from_subschema(mem, live, ARRAY_SIZE(live), &skipped);
    const char *name = live_facts[_i].name;
    const ldap_attr_type_t *type = ldap_schema_find(schema, str_from_c(name));

    ck_assert_uint_eq(skipped, 6);
    ck_assert_msg(type != NULL, "%s: unknown", name);
    check_type(name, type, &live_facts[_i].want);
}
END_TEST

/* ---- object classes ---- */

static const str_t class_texts[] = {
    STR_INIT("( 2.5.6.0 NAME 'top' DESC 'top' ABSTRACT MUST objectClass )"),
    STR_INIT("( 2.5.6.6 NAME 'person' SUP top STRUCTURAL MUST ( sn $ cn ) "
             "MAY ( userPassword $ telephoneNumber ) )"),
    STR_INIT("(1.2.3 NAME ('marked' 'mark') SUP(top$marked)AUXILIARY MAY x-a X-ORIGIN 'us' )"),
    STR_INIT("( 1.2.4 SUP person )"),
    STR_INIT("( 1.2.5 NAME 'cut' MUST ( a $"),
    STR_INIT("no class"),
    STR_INIT("( )"),
};

typedef struct {
    const char *name, *found; /* NULL: there is none */
    ldap_class_kind_t kind;
    size_t sups, must, may;
} class_fact_t;

static const class_fact_t class_facts[] = {
    {"TOP", "top", LDAP_CLASS_ABSTRACT, 0, 1, 0},
    {"person", "person", LDAP_CLASS_STRUCTURAL, 1, 2, 2},
    {"2.5.6.6", "person", LDAP_CLASS_STRUCTURAL, 1, 2, 2},
    {"mark", "marked", LDAP_CLASS_AUXILIARY, 2, 0, 1},
    {"1.2.4", "1.2.4", LDAP_CLASS_STRUCTURAL, 1, 0, 0},
    {"cut", NULL, LDAP_CLASS_STRUCTURAL, 0, 0, 0},
    {"", NULL, LDAP_CLASS_STRUCTURAL, 0, 0, 0},
};

START_TEST(object_classes)
{
    const class_fact_t *fact = &class_facts[_i];
    ldap_classes_t classes = ldap_classes_parse(mem, class_texts, ARRAY_SIZE(class_texts));
    const ldap_class_t *class = ldap_class_find(&classes, str_from_c(fact->name));

    ck_assert_uint_eq(classes.n, 4);
    ck_assert_msg(!class == !fact->found, "%s", fact->name);
    if (!class)
        return;
    ck_assert_msg(str_eq(class->name, str_from_c(fact->found)), "%s", fact->name);
    ck_assert_int_eq(class->kind, fact->kind);
    ck_assert_uint_eq(class->n_sups, fact->sups);
    ck_assert_uint_eq(class->n_must, fact->must);
    ck_assert_uint_eq(class->n_may, fact->may);
}
END_TEST

static bool
count_all(void *arg, const ldap_class_t *class)
{
    (void)class;
    ++*(size_t *)arg;
    return true;
}

/* Each names itself and the other a few times: 4 to the power of their depth. */
START_TEST(circles_of_classes_end)
{
    static const str_t texts[] = {STR_INIT("( 1.1 NAME 'a' SUP ( b $ a $ b $ a ) )"),
                                  STR_INIT("( 1.2 NAME 'b' SUP ( a $ b $ a $ b ) )")};
    ldap_classes_t classes = ldap_classes_parse(mem, texts, ARRAY_SIZE(texts));
    size_t n = 0;

    ldap_class_each(&classes, STR("a"), count_all, &n);
    ck_assert_uint_ge(n, 2);
    ck_assert_uint_le(n, 1000);
}
END_TEST

START_TEST(classes_may_have_hundreds)
{
    enum { N = 600 };
    ldap_classes_t classes;
    str_t text;
    buf_t buf;

    buf_init(&buf, mem, 64 * 1024);
    buf_add_c(&buf, "( 1.1 NAME 'top' MAY ( a0");
    for (int i = 1; i < N; i++)
        buf_printf(&buf, "%sa%d", i % 2 ? "$" : " $ ", i);
    buf_add_c(&buf, " ) )");
    text = buf_str(&buf);
    classes = ldap_classes_parse(mem, &text, 1);
    ck_assert_uint_eq(classes.n, 1);
    ck_assert_uint_eq(classes.items[0].n_may, N);
    ck_assert(str_eq(classes.items[0].may[N - 1], STR("a599")));
}
END_TEST

static bool
count_class(void *arg, const ldap_class_t *class)
{
    size_t *n = arg;

    return ++*n < 2 || !str_eq(class->name, STR("person"));
}

START_TEST(superiors)
{
    ldap_classes_t classes = ldap_classes_parse(mem, class_texts, ARRAY_SIZE(class_texts));
    size_t n = 0;

    ldap_class_each(&classes, STR("person"), count_class, &n);
    ck_assert_uint_eq(n, 2); /* itself and top */
    n = 0;
    ldap_class_each(&classes, STR("1.2.4"), count_class, &n);
    ck_assert_uint_eq(n, 2); /* ended at person */
    n = 0;
    ldap_class_each(&classes, STR("marked"), count_class, &n);
    ck_assert_uint_gt(n, 2); /* a circle, which ends */
}
END_TEST

static bool
note_demand(void *arg, const ldap_class_t *class)
{
    buf_t *said = arg;

    for (size_t i = 0; i < class->n_must; i++) {
        buf_add(said, class->must[i]);
        buf_add_char(said, ' ');
    }
    return true;
}

/* Of the class itself, of its rule, of the rule's auxiliary classes. */
START_TEST(content_rules)
{
    static const str_t rules[] = {
        STR_INIT("( 2.5.6.6 NAME 'person' AUX ( marked $ 1.2.4 ) MUST ( uid ) MAY x-b )"),
        STR_INIT("( 9.9.9 NAME 'person' MUST not-its )")};
    ldap_classes_t classes = ldap_classes_parse(mem, class_texts, ARRAY_SIZE(class_texts));
    buf_t said;

    buf_init(&said, mem, 1024);
    ldap_classes_add_rules(mem, &classes, rules, ARRAY_SIZE(rules));
    ldap_class_each(&classes, STR("person"), note_demand, &said);
    ck_assert_msg(str_starts_with(buf_str(&said), STR("sn cn objectClass uid ")), "%.*s",
                  STR_ARG(buf_str(&said)));
    ck_assert(str_find(buf_str(&said), STR("not-its")) == said.n);
}
END_TEST

START_TEST(what_a_subschema_has_itself)
{
    size_t skipped;
    str_t types[] = {STR("( 1.1 NAME 'own' SYNTAX 1.3.6.1.4.1.1466.115.121.1.15 )")};
    const ldap_schema_t *schema = ldap_schema_from_subschema(mem, types, 1, &skipped);

    ck_assert(ldap_schema_has(schema, STR("OWN;lang-de")));
    ck_assert(!ldap_schema_has(schema, STR("sn")));
    ck_assert(ldap_schema_find(schema, STR("sn")) != NULL);
}
END_TEST

START_TEST(a_server_that_names_no_rules)
{
    static const str_t types[] = {
        STR_INIT("( 2.5.4.4 NAME 'sn' SYNTAX '1.3.6.1.4.1.1466.115.121.1.15' SINGLE-VALUE )"),
        STR_INIT("( 2.5.4.23 NAME 'facsimileTelephoneNumber' SYNTAX "
                 "'1.3.6.1.4.1.1466.115.121.1.15' SINGLE-VALUE )"),
        STR_INIT("( 1.2.840.113556.1.4.159 NAME 'accountExpires' SYNTAX "
                 "'1.2.840.113556.1.4.906' SINGLE-VALUE )"),
        STR_INIT("( 2.5.4.31 NAME 'member' SYNTAX '1.3.6.1.4.1.1466.115.121.1.12' )"),
    };
    static const ldap_attr_type_t text = {.syntax = TEXT,
                                          .equality = R_IGNORE,
                                          .ordering = R_IGNORE,
                                          .substrings = R_IGNORE,
                                          .single = true};
    static const ldap_attr_type_t number = {.syntax = LDAP_SYNTAX_INTEGER,
                                            .equality = LDAP_RULE_INTEGER,
                                            .ordering = LDAP_RULE_INTEGER,
                                            .single = true};
    static const ldap_attr_type_t dn = {.syntax = LDAP_SYNTAX_DN, .equality = LDAP_RULE_DN};
    size_t skipped;
    const ldap_schema_t *schema =
        ldap_schema_from_subschema(mem, types, ARRAY_SIZE(types), &skipped);

    check_type("sn", ldap_schema_find(schema, STR("sn")), &text);
    check_type("fax", ldap_schema_find(schema, STR("facsimileTelephoneNumber")), &text);
    check_type("time", ldap_schema_find(schema, STR("accountExpires")), &number);
    check_type("member", ldap_schema_find(schema, STR("member")), &dn);
}
END_TEST

/* --- rules --------------------------------------------------------------------------------- */

static const struct {
    const char *name;
    ldap_rule_t rule;
    str_t value, normal;
} normals[] = {
    {"case", R_IGNORE, STR_INIT("ABC xyz"), STR_INIT("abc xyz")},
    {"blanks", R_IGNORE, STR_INIT("  a   b  "), STR_INIT("a b")},
    {"only blanks", R_IGNORE, STR_INIT("   "), STR_INIT(" ")},
    {"empty", R_IGNORE, STR_INIT(""), STR_INIT("")},
    {"a tab is no blank", R_IGNORE, STR_INIT("a\t b"), STR_INIT("a\t b")},
    {"NUL", R_IGNORE, STR_INIT("A\0B"), STR_INIT("a\0b")},
    {"Latin-1", R_IGNORE, STR_INIT("\xc3\x80\xc3\x97\xc3\x9e"),
     STR_INIT("\xc3\xa0\xc3\x97\xc3\xbe")},
    {"Latin A", R_IGNORE, STR_INIT("\xc4\x8c\xc5\xbd\xc5\x81"),
     STR_INIT("\xc4\x8d\xc5\xbe\xc5\x82")},
    {"dotted I stays", R_IGNORE, STR_INIT("\xc4\xb0"), STR_INIT("\xc4\xb0")},
    {"Vietnamese", R_IGNORE, STR_INIT("\xe1\xba\xa0\xc6\xa0"),
     STR_INIT("\xe1\xba\xa1\xc6\xa1")},
    {"capital sharp s", R_IGNORE, STR_INIT("\xe1\xba\x9e!"), STR_INIT("\xc3\x9f!")},
    {"long s", R_IGNORE, STR_INIT("\xc5\xbf"), STR_INIT("s")},
    {"Greek", R_IGNORE, STR_INIT("\xce\x86\xce\xa9"), STR_INIT("\xce\xac\xcf\x89")},
    {"Cyrillic", R_IGNORE, STR_INIT("\xd0\x81\xd0\xaf"), STR_INIT("\xd1\x91\xd1\x8f")},
    {"no UTF-8: only ASCII", R_IGNORE, STR_INIT("A\xc3"), STR_INIT("a\xc3")},
    {"emoji", R_IGNORE, STR_INIT("A\xf0\x9f\x98\x80"), STR_INIT("a\xf0\x9f\x98\x80")},
    {"exact", R_EXACT, STR_INIT(" A  b "), STR_INIT("A b")},
    {"numeric", LDAP_RULE_NUMERIC_STRING, STR_INIT(" 12 34 "), STR_INIT("1234")},
    {"telephone", LDAP_RULE_TELEPHONE, STR_INIT("+1 408-555 X"), STR_INIT("+1408555x")},
    {"address", LDAP_RULE_CASE_IGNORE_LIST, STR_INIT(" A  St $ B$$"), STR_INIT("a st$b$$")},
    {"empty address", LDAP_RULE_CASE_IGNORE_LIST, STR_INIT(""), STR_INIT("")},
    {"integer", LDAP_RULE_INTEGER, STR_INIT("-007"), STR_INIT("-7")},
    {"zero", LDAP_RULE_INTEGER, STR_INIT("000"), STR_INIT("0")},
    {"minus zero", LDAP_RULE_INTEGER, STR_INIT("-0"), STR_INIT("0")},
    {"no integer", LDAP_RULE_INTEGER, STR_INIT(""), STR_INIT("")},
    {"boolean", LDAP_RULE_BOOLEAN, STR_INIT("true"), STR_INIT("TRUE")},
    {"time", LDAP_RULE_TIME, STR_INIT("20240101010000+0100"), STR_INIT("20240101000000Z")},
    {"time without seconds", LDAP_RULE_TIME, STR_INIT("000001010000Z"),
     STR_INIT("00000101000000Z")},
    {"no time", LDAP_RULE_TIME, STR_INIT("soon"), STR_INIT("soon")},
    {"DN", LDAP_RULE_DN, STR_INIT("CN=A\\2CB, O=X"), STR_INIT("cn=a\\2cb,o=x")},
    {"UUID", LDAP_RULE_UUID, STR_INIT("91E7CB68-3C53-41AE-A7A2-6D3E0A6F2D52"),
     STR_INIT("91e7cb68-3c53-41ae-a7a2-6d3e0a6f2d52")},
    {"octets", LDAP_RULE_OCTETS, STR_INIT(" A "), STR_INIT(" A ")},
    {"none", R_NONE, STR_INIT(" A "), STR_INIT(" A ")},
    {"object identifier", LDAP_RULE_OBJECT_IDENTIFIER, STR_INIT("Person"), STR_INIT("person")},
};

START_TEST(normal_forms)
{
    ldap_rule_t rule = normals[_i].rule;
    str_t got = ldap_rule_normal(mem, rule, normals[_i].value);

    ck_assert_msg(str_eq(got, normals[_i].normal), "%s: got <%.*s>", normals[_i].name,
                  STR_ARG(got));
    ck_assert_msg(str_eq(ldap_rule_normal(mem, rule, got), got), "%s: again", normals[_i].name);
}
END_TEST

static const struct {
    const char *name;
    ldap_rule_t rule;
    str_t a, b;
    int order;
} orders[] = {
    {"text", R_IGNORE, STR_INIT("abc"), STR_INIT("ABD"), -1},
    {"equal text", R_IGNORE, STR_INIT("ABC"), STR_INIT("abc"), 0},
    {"exact", R_EXACT, STR_INIT("abc"), STR_INIT("ABD"), 1},
    {"integers by size", LDAP_RULE_INTEGER, STR_INIT("9"), STR_INIT("10"), -1},
    {"negative integers", LDAP_RULE_INTEGER, STR_INIT("-9"), STR_INIT("-10"), 1},
    {"signs", LDAP_RULE_INTEGER, STR_INIT("-1"), STR_INIT("1"), -1},
    {"zeros", LDAP_RULE_INTEGER, STR_INIT("0010"), STR_INIT("10"), 0},
    {"beyond 64 bits", LDAP_RULE_INTEGER, STR_INIT("99999999999999999999"),
     STR_INIT("100000000000000000000"), -1},
    {"times across zones", LDAP_RULE_TIME, STR_INIT("20240101010000+0100"),
     STR_INIT("20240101000000Z"), 0},
    {"fractions", LDAP_RULE_TIME, STR_INIT("20240101000000.5Z"), STR_INIT("20240101000000.25Z"),
     1},
    {"times", LDAP_RULE_TIME, STR_INIT("000001010000Z"), STR_INIT("20240101000000Z"), -1},
    {"no times", LDAP_RULE_TIME, STR_INIT("a"), STR_INIT("b"), -1},
    {"UUIDs", LDAP_RULE_UUID, STR_INIT("A0000000-0000-0000-0000-000000000000"),
     STR_INIT("b0000000-0000-0000-0000-000000000000"), -1},
};

START_TEST(order)
{
    int got = ldap_rule_compare(mem, orders[_i].rule, orders[_i].a, orders[_i].b);
    int back = ldap_rule_compare(mem, orders[_i].rule, orders[_i].b, orders[_i].a);

    ck_assert_msg((got > 0) - (got < 0) == orders[_i].order, "%s: %d", orders[_i].name, got);
    ck_assert_msg((back > 0) - (back < 0) == -orders[_i].order, "%s: %d", orders[_i].name,
                  back);
}
END_TEST

START_TEST(rules_are_found)
{
    ck_assert_int_eq(ldap_rule_find(STR("CASEIGNOREMATCH")), R_IGNORE);
    ck_assert_int_eq(ldap_rule_find(STR("2.5.13.5")), R_EXACT);
    ck_assert_int_eq(ldap_rule_find(STR("vendorMatch")), R_NONE);
    ck_assert_int_eq(ldap_rule_find(STR("")), R_NONE);
}
END_TEST

/* --- syntaxes ------------------------------------------------------------------------------ */

static const struct {
    ldap_syntax_t syntax;
    str_t good[3], bad[4];
} syntaxes[] = {
    {TEXT,
     {STR_INIT("a"), STR_INIT(" "), STR_INIT("\xc3\xa4")},
     {STR_INIT(""), STR_INIT("\xff")}},
    {IA5, {STR_INIT("a@b"), STR_INIT("\n")}, {STR_INIT("\xc3\xa4")}},
    {LDAP_SYNTAX_PRINTABLE_STRING,
     {STR_INIT("a-B(1)?"), STR_INIT("'+,./:= ")},
     {STR_INIT(""), STR_INIT("a@b"), STR_INIT("a\0"), STR_INIT("\xc3\xa4")}},
    {LDAP_SYNTAX_NUMERIC_STRING, {STR_INIT("1 2")}, {STR_INIT(""), STR_INIT("1a")}},
    {LDAP_SYNTAX_TELEPHONE,
     {STR_INIT("+1 2-3 ext. 4")},
     {STR_INIT("+1\xc3\xa4"), STR_INIT("1_2"), STR_INIT("1\t2"), STR_INIT("")}},
    {LDAP_SYNTAX_COUNTRY, {STR_INIT("DE"), STR_INIT("us")}, {STR_INIT("DEU"), STR_INIT("D")}},
    {LDAP_SYNTAX_POSTAL_ADDRESS, {STR_INIT("a$b")}, {STR_INIT(""), STR_INIT("\xff")}},
    {LDAP_SYNTAX_INTEGER,
     {STR_INIT("0"), STR_INIT("-12"), STR_INIT("99999999999999999999")},
     {STR_INIT(""), STR_INIT("-"), STR_INIT("01"), STR_INIT("-0")}},
    {LDAP_SYNTAX_BOOLEAN,
     {STR_INIT("TRUE"), STR_INIT("FALSE")},
     {STR_INIT("true"), STR_INIT("1"), STR_INIT("")}},
    {LDAP_SYNTAX_TIME,
     {STR_INIT("20240101000000Z"), STR_INIT("000001010000Z"), STR_INIT("2024010100.5Z")},
     {STR_INIT(""), STR_INIT("2024"), STR_INIT("20241301000000Z")}},
    {LDAP_SYNTAX_DN, {STR_INIT(""), STR_INIT("cn=a,o=x")}, {STR_INIT("x"), STR_INIT("cn=a,")}},
    {LDAP_SYNTAX_UUID,
     {STR_INIT("91e7cb68-3c53-41ae-a7a2-6d3e0a6f2d52")},
     {STR_INIT(""), STR_INIT("91e7cb683c5341aea7a26d3e0a6f2d52"),
      STR_INIT("91e7cb68-3c53-41ae-a7a2-6d3e0a6f2d5"),
      STR_INIT("91e7cb68-3c53-41ae-a7a2-6d3e0a6f2d5g")}},
    {LDAP_SYNTAX_OBJECT_IDENTIFIER,
     {STR_INIT("person"), STR_INIT("2.5.6.6")},
     {STR_INIT(""), STR_INIT("a b")}},
    {LDAP_SYNTAX_OCTETS, {STR_INIT(""), STR_INIT("\xff\0")}, {{NULL, 0}}},
    {LDAP_SYNTAX_OTHER, {STR_INIT(""), STR_INIT("\xff\0")}, {{NULL, 0}}},
};

START_TEST(syntax)
{
    const char *name = ldap_syntax_name(syntaxes[_i].syntax);

    ck_assert_ptr_nonnull(name);
    for (size_t i = 0; i < ARRAY_SIZE(syntaxes[_i].good); i++)
        if (syntaxes[_i].good[i].p != NULL)
            ck_assert_msg(ldap_syntax_accepts(mem, syntaxes[_i].syntax, syntaxes[_i].good[i]),
                          "%s: <%.*s> refused", name, STR_ARG(syntaxes[_i].good[i]));
    for (size_t i = 0; i < ARRAY_SIZE(syntaxes[_i].bad); i++)
        if (syntaxes[_i].bad[i].p != NULL)
            ck_assert_msg(!ldap_syntax_accepts(mem, syntaxes[_i].syntax, syntaxes[_i].bad[i]),
                          "%s: <%.*s> accepted", name, STR_ARG(syntaxes[_i].bad[i]));
}
END_TEST

int
main(void)
{
    Suite *suite = suite_create("schema");
    TCase *tcase = tcase_create("schema");

    tcase_add_checked_fixture(tcase, setup, teardown);
    tcase_add_loop_test(tcase, builtin_types, 0, ARRAY_SIZE(facts));
    tcase_add_test(tcase, unknown_types);
    tcase_add_test(tcase, own_types_are_those_of_the_schema_file);
    tcase_add_loop_test(tcase, live_types, 0, ARRAY_SIZE(live_facts));
    tcase_add_test(tcase, a_server_that_names_no_rules);
    tcase_add_loop_test(tcase, normal_forms, 0, ARRAY_SIZE(normals));
    tcase_add_loop_test(tcase, order, 0, ARRAY_SIZE(orders));
    tcase_add_loop_test(tcase, object_classes, 0, ARRAY_SIZE(class_facts));
    tcase_add_test(tcase, circles_of_classes_end);
    tcase_add_test(tcase, classes_may_have_hundreds);
    tcase_add_test(tcase, superiors);
    tcase_add_test(tcase, content_rules);
    tcase_add_test(tcase, what_a_subschema_has_itself);
    tcase_add_test(tcase, rules_are_found);
    tcase_add_loop_test(tcase, syntax, 0, ARRAY_SIZE(syntaxes));
    suite_add_tcase(suite, tcase);
    return suite_run(suite);
}
