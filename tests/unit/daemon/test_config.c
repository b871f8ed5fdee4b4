/* SPDX-License-Identifier: Apache-2.0 */
#include "daemon/config.h"

#include "daemon/file.h"
#include "daemon/tokens.h"
#include "support/suite_run.h"

#include <check.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

static arena_t *mem;
static char folder[64];
static str_t maps;

static const char *
path_of(const char *name)
{
    return str_printf(mem, "%s/%s", folder, name).p;
}

static void
write_file(const char *name, str_t text, mode_t mode)
{
    err_t err = ERR_INIT;

    ck_assert_msg(file_replace(path_of(name), text, &err), "%s", err.detail);
    ck_assert_int_eq(chmod(path_of(name), mode), 0);
}

static void
setup(void)
{
    const char *source = getenv("top_srcdir");

    mem = arena_new(0);
    ck_assert_ptr_nonnull(mem);
    memcpy(folder, "/tmp/scimbridge-config-XXXXXX", 30);
    ck_assert_ptr_nonnull(mkdtemp(folder));
    maps = str_printf(mem, "%s/conf/maps", source ? source : ".");
    write_file("secret", STR("x"), 0600);
    write_file("open", STR("x"), 0640);
}

static void
teardown(void)
{
    static const char *const files[] = {"c", "secret", "open", "tokens", "other"};

    for (size_t i = 0; i < ARRAY_SIZE(files); i++)
        unlink(path_of(files[i]));
    rmdir(folder);
    arena_free(mem);
}

/* "@ideo@" becomes the path of the shipped map, "@@" that of the map that `other` names. */
static str_t
expand(const char *text)
{
    str_t rest = str_from_c(text), out = STR("");

    for (size_t at; (at = str_find_char(rest, '@')) < rest.n;) {
        str_t name = str_skip(rest, at + 1);
        size_t end = str_find_char(name, '@');

        out = end == 0 ? str_printf(mem, "%.*s%.*sother", STR_ARG(out), (int)at, rest.p)
                       : str_printf(mem, "%.*s%.*s%.*s/%.*s.jsonc", STR_ARG(out), (int)at,
                                    rest.p, STR_ARG(maps), (int)end, name.p);
        rest = str_skip(name, end + 1);
    }
    return str_printf(mem, "%.*s%.*s", STR_ARG(out), STR_ARG(rest));
}

/* The diagnostics without the folder's name. */
static str_t
load(const char *text, const config_t **ret_config)
{
    diag_list_t diags;
    buf_t buf;
    str_t rest, out = STR("");
    str_t prefix = str_printf(mem, "%s/", folder);

    write_file("c", expand(text), 0600);
    diag_init(&diags, mem);
    *ret_config = config_load(mem, path_of("c"), &diags);
    buf_init(&buf, mem, 1 << 20);
    diag_write(&buf, &diags);
    rest = buf_str(&buf);
    for (size_t at; (at = str_find(rest, prefix)) < rest.n;) {
        out = str_printf(mem, "%.*s%.*s", STR_ARG(out), STR_ARG(str_slice(rest, 0, at)));
        rest = str_skip(rest, at + prefix.n);
    }
    return str_printf(mem, "%.*s%.*s", STR_ARG(out), STR_ARG(rest));
}

/* --- mistakes --------------------------------------------------------------------------- */

#define DIRECTORIES                              \
    "\"directories\":{\"d\":{\"url\":\"ldaps://" \
    "h\",\"bindDn\":\"cn=x\",\"passwordFile\":\"secret\"}},\n"
#define CONNECTORS "\"connectors\":{\"p\":{\"directory\":\"d\",\"map\":\"@ideo@\"}},\n"
#define GOOD DIRECTORIES CONNECTORS
#define DIGEST "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"
#define TOKENS "\"tokens\":[{\"name\":\"all\",\"sha256\":\"" DIGEST "\"}]"

typedef struct {
    const char *name, *text, *diagnostics;
} row_t;

static const row_t rows[] = {
    {"good", "{" GOOD TOKENS "}", ""},
    {"comments", "// hello\n{" GOOD TOKENS ", /* x */ }", ""},
    {"not JSON", "{",
     "c:1:2: error: expected a member's name in double quotes, found the end of "
     "the text\n"},
    {"not an object", "[]",
     "c:1:1: error: the configuration must be an object, not an array\n"},
    {"empty", "{}",
     "c:1:1: error: the configuration needs \"directories\"\n"
     "c:1:1: error: the configuration needs \"connectors\"\n"
     "c:1:1: warning: there are no tokens, so nobody can use the bridge; \"scimbridge token\" "
     "makes one\n"},
    {"no token", "{" GOOD "\"tokens\":[]}",
     "c:3:10: warning: there are no tokens, so nobody can use the bridge; \"scimbridge token\" "
     "makes one\n"},
    {"a map", "{\"dialect\":\"openldap\",\"scopes\":{},\"resources\":{}}",
     "c:1:1: error: this is a schema map, not a configuration; \"scimbridge check -m\" checks "
     "maps\n"},
    {"unknown key", "{" GOOD TOKENS ",\n\"lisen\":{}}",
     "c:4:1: error: the configuration has no key \"lisen\"; did you mean \"listen\"?\n"},
    {"nothing like it", "{" GOOD TOKENS ",\n\"frobnicate\":{}}",
     "c:4:1: error: the configuration has no key \"frobnicate\"\n"},
    {"port", "{" GOOD TOKENS ",\n\"listen\":{\"port\":65536}}",
     "c:4:18: error: \"port\" must be a whole number from 0 to 65535\n"},
    {"port as text", "{" GOOD TOKENS ",\n\"listen\":{\"port\":\"80\"}}",
     "c:4:18: error: \"port\" must be a number, not a string\n"},
    {"name as address", "{" GOOD TOKENS ",\n\"listen\":{\"address\":\"localhost\"}}",
     "c:4:21: error: \"address\" must be a numeric IPv4 or IPv6 address, not \"localhost\"\n"},
    {"clear text", "{" GOOD TOKENS ",\n\"listen\":{\"address\":\"0.0.0.0\"}}",
     "c:4:10: error: listening on 0.0.0.0 without \"certificate\" and \"key\" would send "
     "tokens in "
     "clear text; \"plaintext\": true allows it\n"},
    {"clear text allowed",
     "{" GOOD TOKENS ",\n\"listen\":{\"address\":\"0.0.0.0\",\"plaintext\":true}}", ""},
    {"clear text on loopback", "{" GOOD TOKENS ",\n\"listen\":{\"address\":\"::1\"}}", ""},
    {"certificate alone", "{" GOOD TOKENS ",\n\"listen\":{\"certificate\":\"x\"}}",
     "c:4:25: error: \"certificate\" and \"key\" go together\n"},
    {"open key", "{" GOOD TOKENS ",\n\"listen\":{\"certificate\":\"secret\",\"key\":\"open\"}}",
     "c:4:25: error: the certificate secret: No certificate was found.\n"
     "c:4:40: error: open holds a secret but group or others may use it: chmod 600\n"},
    {"priority", "{" GOOD TOKENS ",\n\"listen\":{\"priority\":\"NORMAL:+NOPE\"}}",
     "c:4:22: error: GnuTLS does not understand the priority string at \"+NOPE\"\n"},
    {"admin beyond loopback", "{" GOOD TOKENS ",\n\"admin\":{\"address\":\"0.0.0.0\"}}",
     "c:4:9: error: the admin listener must be on a loopback address\n"},
    {"log", "{" GOOD TOKENS ",\n\"log\":\"loud\"}",
     "c:4:7: error: \"log\" must be \"warning\", \"info\" or \"debug\", not \"loud\"\n"},
    {"log, misspelt", "{" GOOD TOKENS ",\n\"log\":\"Info\"}",
     "c:4:7: error: \"log\" must be \"warning\", \"info\" or \"debug\", not \"Info\"; did you "
     "mean \"info\"?\n"},
    {"duration", "{" GOOD TOKENS ",\n\"limits\":{\"requestTimeout\":30}}",
     "c:4:28: error: \"requestTimeout\" must be a duration such as \"500ms\", \"30s\" or "
     "\"5m\"\n"},
    {"duration's unit", "{" GOOD TOKENS ",\n\"limits\":{\"requestTimeout\":\"30 sec\"}}",
     "c:4:28: error: \"requestTimeout\" must be a duration such as \"500ms\", \"30s\" or "
     "\"5m\"\n"},
    {"duration's bounds", "{" GOOD TOKENS ",\n\"limits\":{\"requestTimeout\":\"2h\"}}",
     "c:4:28: error: \"requestTimeout\" must be from 10ms to 3600s\n"},
    {"size", "{" GOOD TOKENS ",\n\"limits\":{\"body\":\"1MB\"}}",
     "c:4:18: error: \"body\" must be a size such as 4096, \"64KiB\" or \"1MiB\"\n"},
    {"bounds of bulk requests",
     "{" GOOD TOKENS ",\n\"limits\":{\"bulkOperations\":0,\n\"bulkBody\":\"1GiB\"}}",
     "c:4:28: error: \"bulkOperations\" must be a whole number from 1 to 10000\n"
     "c:5:12: error: \"bulkBody\" must be from 1024 to 67108864 bytes\n"},
    {"size's bounds", "{" GOOD TOKENS ",\n\"limits\":{\"body\":1}}",
     "c:4:18: error: \"body\" must be from 1024 to 67108864 bytes\n"},
    {"several at once",
     "{" GOOD TOKENS ",\n\"workers\":0,\n\"limits\":{\"bodi\":1,\n\"operations\":0}}",
     "c:4:11: error: \"workers\" must be a whole number from 1 to 64\n"
     "c:5:11: error: \"limits\" has no key \"bodi\"; did you mean \"body\"?\n"
     "c:6:14: error: \"operations\" must be a whole number from 1 to 100000\n"},
    {"url",
     "{\"directories\":{\"d\":{\"url\":\"http://h\",\"bindDn\":\"x\",\n"
     "\"passwordFile\":\"secret\"}},\n" CONNECTORS TOKENS "}",
     "c:1:28: error: \"url\" must begin with ldap://, ldaps:// or ldapi://, with a host and a "
     "port perhaps, such as ldaps://ldap.example.com:636\n"},
    {"no identity", "{\"directories\":{\"d\":{\"url\":\"ldap://h\"}},\n" CONNECTORS TOKENS "}",
     "c:1:21: error: directory \"d\" needs \"bindDn\" and \"passwordFile\"\n"},
    {"ldapi", "{\"directories\":{\"d\":{\"url\":\"ldapi://x\"}},\n" CONNECTORS TOKENS "}", ""},
    {"no password",
     "{\"directories\":{\"d\":{\"url\":\"ldaps://h\",\"bindDn\":\"x\"}},\n" CONNECTORS TOKENS
     "}",
     "c:1:49: error: \"bindDn\" needs \"passwordFile\"\n"},
    {"open password",
     "{\"directories\":{\"d\":{\"url\":\"ldaps://h\",\"bindDn\":\"x\",\n"
     "\"passwordFile\":\"open\"}},\n" CONNECTORS TOKENS "}",
     "c:2:16: error: open holds a secret but group or others may use it: chmod 600\n"},
    {"no password file",
     "{\"directories\":{\"d\":{\"url\":\"ldaps://h\",\"bindDn\":\"x\",\n"
     "\"passwordFile\":\"none\"}},\n" CONNECTORS TOKENS "}",
     "c:2:16: error: cannot open none: No such file or directory\n"},
    {"open cursor key", "{" GOOD TOKENS ",\n\"cursorKeyFile\":\"open\"}",
     "c:4:17: error: open holds a secret but group or others may use it: chmod 600\n"},
    {"no cursor key file", "{" GOOD TOKENS ",\n\"cursorKeyFile\":\"none\"}",
     "c:4:17: error: cannot open none: No such file or directory\n"},
    {"short cursor key", "{" GOOD TOKENS ",\n\"cursorKeyFile\":\"secret\"}",
     "c:4:17: error: secret holds less than 16 bytes: a key is made, for example, with "
     "\"openssl rand -base64 32\"\n"},
    {"cursors that live too long",
     "{" GOOD TOKENS ",\n\"limits\":{\"cursorLifetime\":\"31d\"}}",
     "c:4:28: error: \"cursorLifetime\" must be from 1000ms to 2592000s\n"},
    {"a password in clear",
     "{\"directories\":{\"d\":{\"url\":\"ldaps://h ldap://192.0.2.1\",\"bindDn\":\"x\",\n"
     "\"passwordFile\":\"secret\"}},\n" CONNECTORS TOKENS "}",
     "c:1:28: error: ldap://192.0.2.1 would send the password of \"bindDn\" in clear text; use "
     "ldaps://, or add \"startTls\": true\n"},
    {"a password in clear, unless that is us",
     "{\"directories\":{\"d\":{\"url\":\"ldap://h\",\"bindDn\":\"x\",\n"
     "\"passwordFile\":\"secret\"}},\n" CONNECTORS TOKENS "}",
     "c:1:28: warning: ldap://h would send the password of \"bindDn\" in clear text, and is "
     "refused unless that is this machine; use ldaps://, or add \"startTls\": true\n"},
    {"a password in clear, allowed",
     "{\"directories\":{\"d\":{\"url\":\"ldap://192.0.2.1\",\"bindDn\":\"x\",\n"
     "\"clearTextAllowed\":true,\"passwordFile\":\"secret\"}},\n" CONNECTORS TOKENS "}",
     "c:1:28: warning: ldap://192.0.2.1: the password of \"bindDn\", and everybody's data, go "
     "over the network in clear text\n"},
    {"a password under StartTLS",
     "{\"directories\":{\"d\":{\"url\":\"ldap://h\",\"bindDn\":\"x\",\"startTls\":true,\n"
     "\"passwordFile\":\"secret\"}},\n" CONNECTORS TOKENS "}",
     ""},
    {"a password on loopback",
     "{\"directories\":{\"d\":{\"url\":\"ldap://127.0.0.1:389,ldap://[::1]\",\"bindDn\":\"x\","
     "\n\"passwordFile\":\"secret\"}},\n" CONNECTORS TOKENS "}",
     ""},
    {"no credentials",
     "{\"directories\":{\"d\":{\"url\":\"ldaps://h\",\"bindDn\":\"x\",\n"
     "\"passwordFile\":\"credential:p\"}},\n" CONNECTORS TOKENS "}",
     "c:2:16: error: credential:p: systemd handed over no credentials "
     "(CREDENTIALS_DIRECTORY)\n"},
    {"unknown directory",
     "{" DIRECTORIES "\"connectors\":{\"p\":{\"directory\":\"dd\","
     "\"map\":\"@ideo@\"}}," TOKENS "}",
     "c:2:32: error: there is no directory \"dd\"\n"},
    {"no map", "{" DIRECTORIES "\"connectors\":{\"p\":{\"directory\":\"d\"}}," TOKENS "}",
     "c:2:19: error: connector \"p\" needs \"map\"\n"},
    {"missing map",
     "{" DIRECTORIES "\"connectors\":{\"p\":{\"directory\":\"d\","
     "\"map\":\"none\"}}," TOKENS "}",
     "c:2:42: error: none: cannot open: No such file or directory\n"},
    {"connector's name",
     "{" DIRECTORIES "\"connectors\":{\"a/b\":{\"directory\":\"d\","
     "\"map\":\"@ideo@\"}}," TOKENS "}",
     "c:2:15: error: a connector's name is part of its URL: letters, digits, \"-\", \"_\" and "
     "\".\", not \"scim\" and not \"ecma2host_\xe2\x80\xa6\"\n"},
    {"quirk",
     "{" DIRECTORIES "\"connectors\":{\"p\":{\"directory\":\"d\",\"quirks\":{"
     "\"opcase\":true},\"map\":\"@ideo@\"}}," TOKENS "}",
     "c:2:46: error: there is no quirk \"opcase\"; did you mean \"opCase\"?\n"},
    {"quirks",
     "{" DIRECTORIES "\"connectors\":{\"p\":{\"directory\":\"d\",\"quirks\":\"lax\","
     "\"map\":\"@ideo@\"}}," TOKENS "}",
     "c:2:45: error: \"quirks\" must be \"entra\", \"strict\" or an object such as "
     "{\"booleanString\": false}\n"},
    {"quirks, misspelt",
     "{" DIRECTORIES "\"connectors\":{\"p\":{\"directory\":\"d\",\"quirks\":\"stict\","
     "\"map\":\"@ideo@\"}}," TOKENS "}",
     "c:2:45: error: \"quirks\" must be \"entra\", \"strict\" or an object such as "
     "{\"booleanString\": false}; did you mean \"strict\"?\n"},
    {"token's connector",
     "{" GOOD "\"tokens\":[{\"name\":\"t\",\"sha256\":\"" DIGEST
     "\",\n\"connectors\":[\"p\",\"q\"]}]}",
     "c:4:19: error: token \"t\" is for connector \"q\", which does not exist\n"},
    {"token's connector, misspelt",
     "{" DIRECTORIES "\"connectors\":{\"people\":{\"directory\":\"d\",\"map\":\"@ideo@\"}},\n"
     "\"tokens\":[{\"name\":\"t\",\"sha256\":\"" DIGEST "\",\n\"connectors\":[\"poeple\"]}]}",
     "c:4:15: error: token \"t\" is for connector \"poeple\", which does not exist; did you "
     "mean "
     "\"people\"?\n"},
    {"a token's name twice",
     "{" GOOD "\"tokens\":[{\"name\":\"t\",\"sha256\":\"" DIGEST
     "\"},\n{\"name\":\"t\",\"sha256\":\"" DIGEST "\"}]}",
     "c:4:9: error: there is a token \"t\" already, and logs tell tokens by their names; give "
     "this one a name of its own, such as one with the year\n"},
    {"token's digest", "{" GOOD "\"tokens\":[{\"name\":\"t\",\"sha256\":\"abc\"}]}",
     "c:3:32: error: \"sha256\" must be 64 hexadecimal digits, as \"scimbridge token\" prints "
     "them\n"},
    {"token's date",
     "{" GOOD "\"tokens\":[{\"name\":\"t\",\"sha256\":\"" DIGEST "\",\n\"expires\":\"soon\"}]}",
     "c:4:11: error: \"expires\" must be a date such as \"2027-01-31\" or "
     "\"2027-01-31T12:00:00Z\"\n"},
    {"expired token",
     "{" GOOD "\"tokens\":[{\"name\":\"t\",\"sha256\":\"" DIGEST
     "\",\n\"expires\":\"2001-01-01\"}]}",
     "c:4:11: warning: the token has expired\n"},
    {"token's key",
     "{" GOOD "\"tokens\":[{\"name\":\"t\",\"sha256\":\"" DIGEST "\",\n\"secret\":\"x\"}]}",
     "c:4:1: error: a token has no key \"secret\"\n"},
    {"public URL", "{" GOOD TOKENS ",\n\"publicUrl\":\"scim.example.com\"}",
     "c:4:13: error: \"publicUrl\" must begin with https://\n"},
    {"a scalar where a section goes", "{" GOOD TOKENS ",\n\"limits\":5}",
     "c:4:10: error: \"limits\" must be an object, not a number\n"},
    {"no connector", "{" DIRECTORIES "\"connectors\":{},\n" TOKENS "}",
     "c:2:14: error: there must be a connector at least\n"},
};

START_TEST(diagnostics)
{
    const config_t *config;
    str_t is = load(rows[_i].text, &config);
    bool good = str_find(is, STR("error:")) == is.n;

    ck_assert_msg(str_eq(is, str_from_c(rows[_i].diagnostics)), "%s:\n%.*s", rows[_i].name,
                  STR_ARG(is));
    ck_assert_msg(!!config == good, "%s", rows[_i].name);
}
END_TEST

/* --- connectors that would write the same entries --------------------------------------- */

/* A map of one scope, whose keys are given. */
static void
write_other(str_t parent, const char *scope)
{
    write_file("other",
               str_printf(mem,
                          "{\"dialect\":\"openldap\",\"scopes\":{\"s\":{%s}},\"resources\":{"
                          "\"Group\":{\"scope\":\"s\",\"rdn\":\"cn\",\"objectClass\":["
                          "\"groupOfMembers\"],\"parent\":\"%.*s\",\"match\":["
                          "\"displayName\"],\"attributes\":{\"displayName\":{\"ldap\":\"cn\","
                          "\"required\":true}},\"lifecycle\":{\"deleted\":\"delete\"}}}}",
                          scope, STR_ARG(parent)),
               0600);
}

static const char people_groups[] = "ou=groups,ou=people,dc=example,dc=com";

typedef struct {
    const char *name;
    const char *url;   /* of the second connector's directory; NULL: the first one's */
    const char *bases; /* of its scope */
    const char *more;  /* of its scope; NULL: a filter */
    bool overlap;
} overlap_row_t;

/* The first connector serves conf/maps/people.jsonc, whose scopes are flat. */
static const overlap_row_t overlap_rows[] = {
    {"the same base", NULL, "ou=groups,ou=people,dc=example,dc=com", NULL, true},
    {"another spelling", NULL, "OU=Groups , ou=PEOPLE,dc=example,DC=com", NULL, true},
    {"escaped", NULL, "ou=gro\\\\75ps,ou=people,dc=example,dc=com", NULL, true},
    {"another filter", NULL, "ou=users,ou=people,dc=example,dc=com",
     "\"filter\":\"(objectClass=groupOfMembers)\"", true},
    {"shared, says one of them", NULL, "ou=users,ou=people,dc=example,dc=com",
     "\"shared\":true", true},
    {"above", NULL, "ou=people,dc=example,dc=com", NULL, true},
    {"the second base", NULL, "ou=x,dc=other\",\"dc=example,dc=com", NULL, true},
    {"flat, above", NULL, "ou=people,dc=example,dc=com", "\"depth\":\"one\"", false},
    {"flat, the same", NULL, "ou=users,ou=people,dc=example,dc=com", "\"depth\":\"one\"", true},
    {"below a flat one", NULL, "ou=x,ou=users,ou=people,dc=example,dc=com", NULL, false},
    {"beside", NULL, "ou=groups2,ou=people,dc=example,dc=com", NULL, false},
    {"a longer name", NULL, "cn=ou=groups,ou=people2,dc=example,dc=com", NULL, false},
    {"the same URL", "ldaps://h", people_groups, NULL, true},
    {"the same host", "LDAPS://H:636/", people_groups, NULL, true},
    {"without TLS", "ldap://h", people_groups, NULL, true},
    {"one of several URLs", "ldap://g,ldap://h:389", people_groups, NULL, true},
    {"another port", "ldaps://h:1636", people_groups, NULL, false},
    {"another host", "ldaps://h2", people_groups, NULL, false},
    {"a socket", "ldapi://h", people_groups, NULL, false},
    {"another directory, bases apart", "ldap://h", "ou=x,dc=example,dc=com", NULL, false},
};

/* What is said of "p" and "q", which stand in the file in this order or the other. */
static str_t
load_both(const overlap_row_t *row, bool other_first, const config_t **ret_config)
{
    str_t p = STR("\"p\":{\"directory\":\"d\",\"map\":\"@people@\"}");
    str_t q =
        str_printf(mem, "\"q\":{\"directory\":\"%s\",\"map\":\"@@\"}", row->url ? "e" : "d");
    str_t text = str_printf(
        mem,
        "{\"directories\":{\"d\":{\"url\":\"ldaps://h\",\"bindDn\":\"cn=x\","
        "\"passwordFile\":\"secret\"},\"e\":{\"url\":\"%s\",\"bindDn\":"
        "\"cn=x\",\"passwordFile\":\"secret\"}},\n\"connectors\":{%.*s,\n%.*s}," TOKENS "}",
        row->url ? row->url : "ldap://z", STR_ARG(other_first ? q : p),
        STR_ARG(other_first ? p : q));

    return load(text.p, ret_config);
}

START_TEST(overlaps)
{
    static const char *const said[] = {
        "c:3:28: error: the connectors \"q\" and \"p\" would write the same entries of ",
        "c:3:28: error: the connectors \"p\" and \"q\" would write the same entries of "};
    const overlap_row_t *row = &overlap_rows[_i];
    const config_t *config;
    str_t parent =
        str_slice(str_from_c(row->bases), 0, str_find_char(str_from_c(row->bases), '"'));

    write_other(parent, str_printf(mem, "\"bases\":[\"%s\"],%s", row->bases,
                                   row->more ? row->more : "\"filter\":\"(cn=*)\"")
                            .p);
    for (int turned = 0; turned < 2; turned++) {
        str_t is = load_both(row, turned, &config);

        ck_assert_msg(!config == row->overlap, "%s: %.*s", row->name, STR_ARG(is));
        ck_assert_msg((str_find(is, str_from_c(said[turned])) < is.n) == row->overlap,
                      "%s: %.*s", row->name, STR_ARG(is));
        ck_assert_msg(!row->overlap ||
                          str_find(is, STR("give each connector bases of its own")) < is.n,
                      "%s: %.*s", row->name, STR_ARG(is));
    }
}
END_TEST

/* --- values ----------------------------------------------------------------------------- */

static mac_key_t
cursor_key(const char *text)
{
    const config_t *config;

    write_file("other", str_from_c(text), 0600);
    (void)load("{" GOOD TOKENS
               ",\"cursorKeyFile\":\"other\",\"limits\":{\"cursorLifetime\":\"10m\"}}",
               &config);
    ck_assert_ptr_nonnull(config);
    ck_assert_ptr_nonnull(config->cursor_key);
    ck_assert_int_eq(config->limits.connector.cursor_ttl_s, 600);
    return *config->cursor_key;
}

START_TEST(cursor_keys)
{
    mac_key_t a = cursor_key("sixteen bytes ok"), b = cursor_key("sixteen bytes ok\n"),
              c = cursor_key("sixteen bytes no");

    ck_assert_mem_eq(a.bytes, b.bytes, sizeof(a.bytes));
    ck_assert_mem_ne(a.bytes, c.bytes, sizeof(a.bytes));
}
END_TEST

START_TEST(values)
{
    const config_t *config;
    const config_connector_t *connector;

    (void)load(
        "{" GOOD "\"tokensFile\":\"tokens\",\"publicUrl\":\"https://h/\",\"workers\":3,"
        "\"limits\":{\"body\":\"2MiB\",\"requestTimeout\":\"5m\",\"ldapTimeout\":\"250ms\","
        "\"operations\":7}}",
        &config);
    ck_assert_ptr_null(config); /* there is no such file yet */
    write_file("tokens", STR("[{\"name\":\"t\",\"sha256\":\"" DIGEST "\"}]"), 0600);
    (void)load(
        "{" GOOD "\"tokensFile\":\"tokens\",\"publicUrl\":\"https://h/\",\"workers\":3,"
        "\"limits\":{\"body\":\"2MiB\",\"requestTimeout\":\"5m\",\"ldapTimeout\":\"250ms\","
        "\"operations\":7}}",
        &config);
    ck_assert_ptr_nonnull(config);
    ck_assert_ptr_null(config->cursor_key);
    ck_assert_int_eq(config->limits.connector.cursor_ttl_s, 3600);
    ck_assert_str_eq(config->public_url, "https://h");
    ck_assert_uint_eq(config->workers, 3);
    ck_assert_int_eq(config->limits.body, 2 << 20);
    ck_assert_uint_eq(config->limits.connector.max_body, 2 << 20);
    ck_assert_uint_eq(config->limits.connector.max_operations, 7);
    ck_assert_int_eq(config->limits.request_timeout_ms, 300000);
    ck_assert_int_eq(config->limits.ldap.operation_timeout_ms, 250);
    ck_assert_int_eq(config->listen.port, 8585);
    ck_assert(!config->admin);
    ck_assert_uint_eq(config->tokens.n, 1);
    connector = config_find_connector(config, STR("p"));
    ck_assert_ptr_nonnull(connector);
    ck_assert_ptr_eq(connector->directory, config->directories);
    ck_assert_str_eq(connector->directory->settings.password_file, path_of("secret"));
    ck_assert_uint_eq(connector->quirks, scim_quirks_default);
    ck_assert_ptr_null(config_find_connector(config, STR("")));
    ck_assert_ptr_null(config_find_connector(config, STR("P")));
}
END_TEST

START_TEST(quirks)
{
    const config_t *config;

    (void)load("{" DIRECTORIES "\"connectors\":{\"a\":{\"directory\":\"d\",\"map\":\"@ideo@\","
               "\"default\":true,\"quirks\":{\"opCase\":false,\"jsonString\":true}}}," TOKENS
               "}",
               &config);
    ck_assert_ptr_nonnull(config);
    ck_assert_uint_eq(config_find_connector(config, STR(""))->quirks,
                      (scim_quirks_default & ~(1U << SCIM_QUIRK_OP_CASE)) |
                          1U << SCIM_QUIRK_JSON_STRING);
}
END_TEST

START_TEST(credentials)
{
    const config_t *config;

    ck_assert_int_eq(setenv("CREDENTIALS_DIRECTORY", folder, 1), 0);
    (void)load("{\"directories\":{\"d\":{\"url\":\"ldaps://h\",\"bindDn\":\"x\","
               "\"passwordFile\":\"credential:secret\"}}," CONNECTORS TOKENS "}",
               &config);
    ck_assert_ptr_nonnull(config);
    ck_assert_str_eq(config->directories[0].settings.password_file, path_of("secret"));
    (void)load("{\"directories\":{\"d\":{\"url\":\"ldaps://h\",\"bindDn\":\"x\","
               "\"passwordFile\":\"credential:../secret\"}}," CONNECTORS TOKENS "}",
               &config);
    ck_assert_ptr_null(config);
    unsetenv("CREDENTIALS_DIRECTORY");
}
END_TEST

START_TEST(digests)
{
    uint8_t digest[AUTH_DIGEST_SIZE];

    ck_assert(tokens_parse_digest(STR(DIGEST), digest));
    ck_assert(str_eq(tokens_format_digest(mem, digest), STR(DIGEST)));
    ck_assert(!tokens_parse_digest(str_skip(STR(DIGEST), 1), digest));
    ck_assert(
        !tokens_parse_digest(STR("zz7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61"
                                 "f20015ad"),
                             digest));
}
END_TEST

int
main(void)
{
    Suite *suite = suite_create("config");
    TCase *tcase = tcase_create("config");

    tcase_set_timeout(tcase, 60);
    tcase_add_checked_fixture(tcase, setup, teardown);
    tcase_add_loop_test(tcase, diagnostics, 0, ARRAY_SIZE(rows));
    tcase_add_loop_test(tcase, overlaps, 0, ARRAY_SIZE(overlap_rows));
    tcase_add_test(tcase, values);
    tcase_add_test(tcase, cursor_keys);
    tcase_add_test(tcase, quirks);
    tcase_add_test(tcase, credentials);
    tcase_add_test(tcase, digests);
    suite_add_tcase(suite, tcase);
    return suite_run(suite);
}
