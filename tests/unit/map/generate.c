/* SPDX-License-Identifier: Apache-2.0 */
#include "unit/map/generate.h"

#include "map/load.h"
#include "unit/map/random.h"

#include <check.h>
#include <string.h>

enum { TEXT_MAX = 64 * 1024 };

/* What a path holds. */
typedef enum { TEXT, FLAG, NUMBER, DATE, AMOUNT, BYTES, LINK, WHOLE } kind_t;

typedef enum { ONE, MANY } many_t;

/* Whether the path is the whole of its attribute: then "write" and "returned" are its own. */
typedef enum { PART, ALONE } alone_t;

typedef struct {
    const char *path;
    kind_t kind;
    many_t many;
    alone_t alone;
    size_t
        group; /* paths of one attribute, which is mapped whole or in parts; 0: no other path */
    const char *type;
} path_t;

#define OWN "urn:x:2:User:"
#define BADGE "urn:x:9:User:"

/* ' stands for ". */
static const path_t user_paths[] = {
    {"displayName", TEXT, ONE, ALONE, 0, NULL},
    {"nickName", TEXT, ONE, ALONE, 0, NULL},
    {"title", TEXT, ONE, ALONE, 0, NULL},
    {"userType", TEXT, ONE, ALONE, 0, NULL},
    {"timezone", TEXT, ONE, ALONE, 0, NULL},
    {"name", WHOLE, ONE, ALONE, 1, NULL},
    {"name.givenName", TEXT, ONE, PART, 1, NULL},
    {"name.middleName", TEXT, ONE, PART, 1, NULL},
    {"emails[type eq 'work'].value", TEXT, ONE, PART, 0, NULL},
    {"emails[type eq 'home'].value", TEXT, MANY, PART, 0, NULL},
    {"phoneNumbers[type eq 'mobile'].value", TEXT, MANY, PART, 0, NULL},
    {"addresses", WHOLE, MANY, ALONE, 2, NULL},
    {"addresses[type eq 'work'].formatted", TEXT, ONE, PART, 2, NULL},
    {"addresses[type eq 'work'].locality", TEXT, ONE, PART, 2, NULL},
    {"addresses[type eq 'home'].locality", TEXT, MANY, PART, 2, NULL},
    {"roles", TEXT, MANY, ALONE, 3, NULL},
    {"roles", WHOLE, MANY, ALONE, 3, NULL},
    {"entitlements", TEXT, MANY, ALONE, 0, NULL},
    {"x509Certificates", BYTES, MANY, ALONE, 0, NULL},
    {"urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:department", TEXT, ONE, ALONE,
     0, NULL},
    {"urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:manager", LINK, ONE, PART, 0,
     NULL},
    {OWN "flag", FLAG, ONE, ALONE, 0, "boolean"},
    {OWN "number", NUMBER, MANY, ALONE, 0, "integer"},
    {OWN "date", DATE, MANY, ALONE, 0, "dateTime"},
    {OWN "amount", AMOUNT, MANY, ALONE, 0, "decimal"},
    {OWN "text", TEXT, MANY, ALONE, 0, "string"},
    {OWN "list[type eq 'a'].value", TEXT, ONE, PART, 0, NULL},
    {OWN "list[type eq 'b'].value", TEXT, ONE, PART, 0, NULL},
    {OWN "place.room", TEXT, ONE, PART, 0, NULL},
    {OWN "place.floor", NUMBER, ONE, PART, 0, "integer"},
    {BADGE "badge", WHOLE, ONE, ALONE, 4, NULL},
    {BADGE "badge.serial", TEXT, ONE, PART, 4, NULL},
    {BADGE "badge.floor", NUMBER, ONE, PART, 4, NULL},
    {BADGE "badge.since", DATE, ONE, PART, 4, NULL},
    {BADGE "badges", WHOLE, MANY, ALONE, 5, NULL},
    {BADGE "badges.serial", TEXT, MANY, PART, 5, NULL},
};

static const path_t device_paths[] = {
    {"flag", FLAG, ONE, ALONE, 0, "boolean"},  {"number", NUMBER, MANY, ALONE, 0, "integer"},
    {"date", DATE, ONE, ALONE, 0, "dateTime"}, {"text", TEXT, MANY, ALONE, 0, "string"},
    {"place.room", TEXT, ONE, PART, 0, NULL},  {"place.street", TEXT, ONE, PART, 0, NULL},
};

/* LDAP attributes of a form, by words. */
static const char many_texts[] = "description o ou l street employeeType roomNumber st "
                                 "businessCategory carLicense scimRole scimEntitlement scimIms "
                                 "postalCode scimOtherPhone departmentNumber";
static const char one_texts[] = "scimNickName scimLocale employeeNumber scimDivision "
                                "scimCostCenter scimMiddleName preferredLanguage";
static const char numbers[] = "shadowMin shadowMax shadowWarning shadowInactive";

typedef struct {
    kind_t kind;
    many_t many;
    const char *attributes, *settings;
} form_t;

static const form_t forms[] = {
    {TEXT, MANY, many_texts, ""},
    {TEXT, MANY, many_texts, ""},
    {TEXT, ONE, one_texts, ""},
    {TEXT, MANY, many_texts, ",'values':{'Boss':'b','Clerk':'c','Guest':'Boss'}"},
    {TEXT, ONE, one_texts, ",'values':{'Boss':'b','Clerk':'c'},'else':'pass'"},
    {TEXT, MANY, many_texts, ",'values':{'Boss':'b','Clerk':'c'},'else':'drop'"},
    {TEXT, MANY, "seeAlso secretary", ",'as':'DN'"},
    {TEXT, MANY, "postalAddress homePostalAddress registeredAddress", ",'as':'postalAddress'"},
    {TEXT, MANY, "jpegPhoto audio", ",'as':'base64'"},
    {FLAG, ONE, many_texts, ",'as':'boolean'"},
    {FLAG, ONE, one_texts, ",'values':{'true':'yes','false':'no'}"},
    {NUMBER, MANY, numbers, ""},
    {NUMBER, MANY, many_texts, ",'as':'integer'"},
    {NUMBER, ONE, many_texts, ",'values':{'1':'low','2':'high'}"},
    {DATE, ONE, "scimInactiveSince scimDeletedAt", ""},
    {DATE, MANY, many_texts, ",'as':'generalizedTime'"},
    {DATE, ONE, "accountExpires", ",'as':'filetime','none':['9223372036854775807','0']"},
    {DATE, ONE, "shadowExpire", ",'as':'epochDays','none':['-1']"},
    {AMOUNT, MANY, many_texts, ""},
    {BYTES, MANY, "userSMIMECertificate userPKCS12", ",'as':'base64'"},
    {LINK, ONE, "manager", ",'reference':['users'],'missing':'refuse'"},
    {WHOLE, MANY, "scimJson labeledURI", ",'as':'json'"},
    {WHOLE, ONE, "scimExternalId scimProfileUrl scimPhotoUrl scimThumbnailUrl", ",'as':'json'"},
    {WHOLE, ONE, many_texts, ",'as':'json'"},
};

typedef struct {
    arena_t *mem;
    uint32_t *seed;
    buf_t buf;
    str_t used[128]; /* LDAP attributes */
    size_t n_used;
    enum { FREE, IN_PARTS, IN_WHOLE } groups[8];
    str_t shared; /* an attribute that several paths part; empty: none yet */
    size_t n_shared;
    bool by_prefix;
    const char *several; /* a path with several texts that a template can name, or NULL */
} generator_t;

static uint32_t
below(generator_t *generator, uint32_t n)
{
    return random_below(generator->seed, n);
}

/* The n-th of the words. */
static str_t
get_word(const char *words, size_t n)
{
    str_t rest = str_from_c(words);

    for (; n > 0; n--)
        rest = str_skip(rest, str_find_char(rest, ' ') + 1);
    return str_slice(rest, 0, str_find_char(rest, ' '));
}

static size_t
count_words(const char *words)
{
    size_t n = 1;

    for (const char *p = words; *p; p++)
        n += *p == ' ';
    return n;
}

/* One of the attributes that no path has yet; empty: there is none. */
static str_t
take_attribute(generator_t *generator, const char *words)
{
    size_t n = count_words(words), from = below(generator, (uint32_t)n);

    for (size_t i = 0; i < n; i++) {
        str_t name = get_word(words, (from + i) % n);
        bool free = true;

        for (size_t k = 0; k < generator->n_used; k++)
            free = free && !str_eq(generator->used[k], name);
        if (!free)
            continue;
        generator->used[generator->n_used++] = name;
        return name;
    }
    return STR("");
}

static const form_t *
choose_form(generator_t *generator, kind_t kind)
{
    size_t from = below(generator, ARRAY_SIZE(forms));

    for (size_t i = 0;; i++)
        if (forms[(from + i) % ARRAY_SIZE(forms)].kind == kind)
            return &forms[(from + i) % ARRAY_SIZE(forms)];
}

static void
begin_path(generator_t *generator, const char *path)
{
    buf_printf(&generator->buf, "%s'", generator->buf.n ? "," : "");
    for (; *path; path++)
        buf_add_c(&generator->buf, *path == '\'' ? "\\'" : (const char[]){*path, '\0'});
    buf_add_c(&generator->buf, "':");
}

/* ---- paths ---- */

static bool
is_excluded(generator_t *generator, const path_t *path)
{
    if (path->group == 0)
        return false;
    if (path->kind == WHOLE ? generator->groups[path->group] != FREE
                            : generator->groups[path->group] == IN_WHOLE)
        return true;
    generator->groups[path->group] = path->kind == WHOLE ? IN_WHOLE : IN_PARTS;
    return false;
}

/* Values of the shared attribute that begin, or end, as no other path's do. */
static void
add_part(generator_t *generator)
{
    static const char *const prefixes[] = {"a:", "B:", "b:", "12"};
    static const char *const patterns[] = {"*@one", "*@two", "x*@three", "*.four"};
    size_t which = generator->n_shared++;

    if (generator->shared.n == 0)
        generator->shared = take_attribute(generator, "physicalDeliveryOfficeName title");
    buf_printf(&generator->buf, "{'ldap':'%.*s','%s':'%s'", STR_ARG(generator->shared),
               generator->by_prefix ? "prefix" : "pattern",
               generator->by_prefix ? prefixes[which] : patterns[which]);
}

static void
add_modes(generator_t *generator, const path_t *path, bool copied)
{
    static const char *const writes[] = {"create", "if-empty", "always", "read-only",
                                         "discard-writes"};
    static const char *const returned[] = {"request", "always", "default"};

    if (path->alone == PART || below(generator, 3))
        return;
    buf_printf(&generator->buf, ",'write':'%s'", writes[below(generator, copied ? 3 : 5)]);
    buf_printf(&generator->buf, ",'returned':'%s'", returned[below(generator, 3)]);
}

static void
add_path(generator_t *generator, const path_t *path)
{
    const form_t *form = choose_form(generator, path->kind);
    bool plain = form->settings[0] == '\0';
    bool shares =
        path->kind == TEXT && plain && generator->n_shared < 4 && !below(generator, 3);
    bool copied = path->kind == TEXT && plain && !shares && !below(generator, 4);
    str_t ldap = shares ? STR("") : take_attribute(generator, form->attributes);
    str_t copy = copied ? take_attribute(generator, form->attributes) : STR("");

    if ((!shares && ldap.n == 0) || is_excluded(generator, path))
        return;
    if (plain && !shares && path->kind == TEXT && path->many == MANY &&
        !strchr(path->path, '['))
        generator->several = path->path;
    begin_path(generator, path->path);
    if (copy.n > 0)
        buf_add_c(&generator->buf, "[");
    if (shares)
        add_part(generator);
    else
        buf_printf(&generator->buf, "{'ldap':'%.*s'%s", STR_ARG(ldap), form->settings);
    if (path->type)
        buf_printf(&generator->buf, ",'type':'%s'", path->type);
    if (path->many == MANY && below(generator, 4) == 0)
        buf_add_c(&generator->buf, ",'several':'refuse'");
    add_modes(generator, path, copy.n > 0);
    buf_add_c(&generator->buf, "}");
    if (copy.n > 0)
        buf_printf(&generator->buf, ",{'ldap':'%.*s'}]", STR_ARG(copy));
}

static str_t
attributes(generator_t *generator, const path_t *paths, size_t n)
{
    buf_init(&generator->buf, generator->mem, TEXT_MAX);
    generator->n_used = 0;
    generator->shared = STR("");
    generator->n_shared = 0;
    generator->several = NULL;
    generator->by_prefix = below(generator, 2) == 0;
    memset(generator->groups, 0, sizeof(generator->groups));
    for (size_t i = 0, from = below(generator, (uint32_t)n); i < n; i++)
        if (below(generator, 3))
            add_path(generator, &paths[(from + i) % n]);
    return str_dup(generator->mem, buf_str(&generator->buf));
}

/* Of attributes that no path has. */
static str_t
rules(generator_t *generator)
{
    static const char *const values[] = {
        "'constant'",
        "'{userName}'",
        "['{userName | upper | truncate 3}','x']",
        "{'from':'{userName}-{userName}','write':'create'}",
        "{'from':'{userName}','write':'if-empty'}",
        "{'from':'constant','conflict':'preserve'}",
        "{'from':'{userName}','conflict':'overwrite'}",
    };
    buf_t buf;

    buf_init(&buf, generator->mem, TEXT_MAX);
    for (uint32_t n = below(generator, 4); n > 0; n--) {
        str_t name = take_attribute(generator, n % 2 ? many_texts : one_texts);

        if (name.n > 0 && generator->several && below(generator, 2))
            buf_printf(&buf, ",'%.*s':['{%s}-x','y']", STR_ARG(name), generator->several);
        else if (name.n > 0)
            buf_printf(&buf, ",'%.*s':%s", STR_ARG(name),
                       values[below(generator, ARRAY_SIZE(values))]);
    }
    return buf_str(&buf);
}

/* ---- maps ---- */

static const map_t *
load(arena_t *mem, str_t text)
{
    diag_list_t diags;
    buf_t said, file;
    const map_t *map;

    buf_init(&file, mem, TEXT_MAX);
    for (size_t i = 0; i < text.n; i++)
        if (text.p[i] == '\\' && i + 1 < text.n)
            buf_printf(&file, "\\%s",
                       text.p[++i] == '\'' ? "\"" : (const char[]){text.p[i], '\0'});
        else
            buf_add_char(&file, text.p[i] == '\'' ? '"' : text.p[i]);
    diag_init(&diags, mem);
    map = map_load(mem, "map", buf_str(&file), ldap_schema_builtin(), &diags);
    buf_init(&said, mem, TEXT_MAX);
    diag_write(&said, &diags);
    ck_assert_msg(map != NULL, "%.*s\n%.*s", STR_ARG(buf_str(&file)), STR_ARG(buf_str(&said)));
    return map;
}

#define BASE "ou=users,ou=people,dc=example,dc=com"
#define SCHEMAS                                                             \
    "'schemas':{'urn:x:9:User':{'attributes':[{'name':'badge'," BADGE_PARTS \
    "},{'name':'badges','multiValued':true," BADGE_PARTS "}]}}"
#define BADGE_PARTS                                                                 \
    "'type':'complex','subAttributes':[{'name':'serial'},{'name':'floor','type':"   \
    "'integer'},{'name':'since','type':'dateTime'},{'name':'on','type':'boolean'}," \
    "{'name':'tags','multiValued':true}]"
#define SCOPE(name, base) \
    "'" name "':{'bases':['" base "'],'filter':'(objectClass=inetOrgPerson)'}"
#define GROUP                                                                   \
    "'Group':{'scope':'groups','rdn':'cn','objectClass':['groupOfNames'],"      \
    "'parent':'ou=groups,ou=people,dc=example,dc=com','match':['displayName']," \
    "'attributes':{'displayName':{'ldap':'cn','required':true},"                \
    "'members':{'ldap':'member','reference':['users','groups']}},"              \
    "'emptyMember':'cn=nobody','lifecycle':{'deleted':'delete'}},"
#define GROUPS                                                     \
    "'groups':{'bases':['ou=groups,ou=people,dc=example,dc=com']," \
    "'filter':'(objectClass=groupOfNames)'},"
#define USER                                                                          \
    "'scope':'users','rdn':'uid','objectClass':['inetOrgPerson','extensibleObject']," \
    "'parent':'" BASE "','match':['userName'],"

const map_t *
generate_map(arena_t *mem, uint32_t *seed)
{
    generator_t generator = {.mem = mem, .seed = seed};
    str_t users = attributes(&generator, user_paths, ARRAY_SIZE(user_paths));
    str_t made = rules(&generator);
    str_t devices = attributes(&generator, device_paths, ARRAY_SIZE(device_paths));

    return load(
        mem, str_printf(
                 mem,
                 "{'dialect':'openldap'," SCHEMAS
                 ",'scopes':{" GROUPS SCOPE("users", BASE) "," SCOPE(
                     "devices",
                     "ou=devices,dc=example,dc=com") "},'resources':{" GROUP "'User':{" USER
                                                     "'attributes':{'userName':{'ldap':'uid','"
                                                     "required':true}%s%.*s},"
                                                     "'entry':{'cn':'{userName}','sn':'{"
                                                     "userName}'%.*s},"
                                                     "'lifecycle':{'deleted':'delete'}},"
                                                     "'Device':{'endpoint':'/"
                                                     "Devices','schema':'urn:x:5:Device',"
                                                     "'scope':'devices','rdn':'uid','"
                                                     "objectClass':['inetOrgPerson',"
                                                     "'extensibleObject'],'parent':'ou=devices,"
                                                     "dc=example,dc=com',"
                                                     "'match':['tag'],'attributes':{'tag':{'"
                                                     "ldap':'uid','required':true}%s%.*s},"
                                                     "'entry':{'cn':'{tag}','sn':'{tag}'},'"
                                                     "lifecycle':{'deleted':'delete'}}}}",
                 users.n ? "," : "", STR_ARG(users), STR_ARG(made), devices.n ? "," : "",
                 STR_ARG(devices)));
}

/* ---- lifecycles ---- */

/* A step, what is then true of the entry, and what takes it back. */
typedef struct {
    const char *perform, *holds, *undo;
} step_t;

static const step_t steps[] = {
    {"{'set':{'scimVisible':'FALSE'}}", "(scimVisible=FALSE)",
     "{'set':{'scimVisible':'TRUE'}}"},
    {"{'set':{'businessCategory':['gone','away']}}", "(businessCategory=gone)",
     "{'unset':['businessCategory']}"},
    {"{'set':{'employeeType':'gone'}}", "(employeeType=gone)", "{'unset':['employeeType']}"},
    {"{'setBits':{'shadowFlag':6}}", "(shadowFlag:1.2.840.113556.1.4.803:=6)",
     "{'clearBits':{'shadowFlag':4}}"},
    {"{'clearBits':{'shadowFlag':1}}", NULL, "{'setBits':{'shadowFlag':1}}"},
    {"{'addClass':['shadowAccount']}", NULL, NULL},
    {"{'set':{'pwdEndTime':'19700101000000Z'}}", "(pwdEndTime<=now)",
     "{'unset':['pwdEndTime']}"},
    {"{'save':{'street':'o'}},{'set':{'street':'away'}}", "(street=away)",
     "{'unset':['street']}"},
    {"{'unset':['homePhone','scimLocale']}", NULL, NULL},
    {"{'save':{'pwdEndTime':'pwdStartTime'}},{'set':{'pwdEndTime':'now'}}", "(pwdEndTime<=now)",
     "{'unset':['pwdEndTime']}"},
};
enum { ENDED = 6, ENDS_NOW = 9 }; /* of one attribute; the latter needs a stamp */

#define AWAY "ou=away,ou=people,dc=example,dc=com"

/* Two that do not write the same attribute; one of them at least makes the state, or the place does. */
static str_t
state(arena_t *mem, uint32_t *seed, size_t *which, const char *stamp)
{
    size_t other = random_below(seed, ARRAY_SIZE(steps));
    bool now = *which == ENDS_NOW || other == ENDS_NOW;
    bool two = other != *which && !(now && (*which == ENDED || other == ENDED));
    bool stamped = random_below(seed, 2) || now, moves = random_below(seed, 3) == 0;
    const step_t *a = &steps[*which], *b = &steps[other];
    str_t when = str_from_c(a->holds);

    if (two && b->holds && random_below(seed, 2))
        when =
            str_printf(mem, "(%c%s%s)", random_below(seed, 2) ? '&' : '|', a->holds, b->holds);
    when = moves ? STR("{'under':'" AWAY "'}") : str_printf(mem, "'%.*s'", STR_ARG(when));
    return str_printf(mem, "{'when':%.*s%s%s%s,'do':[%s%s%s%s],'undo':[%s%s%s%s]}",
                      STR_ARG(when), stamped ? ",'stamp':'" : "", stamped ? stamp : "",
                      stamped ? "'" : "", a->perform, two ? "," : "", two ? b->perform : "",
                      moves ? ",{'move':'" AWAY "'}" : "", a->undo, two && b->undo ? "," : "",
                      two && b->undo ? b->undo : "", moves ? ",{'move':'parent'}" : "");
}

const map_t *
generate_lifecycle(arena_t *mem, uint32_t *seed)
{
    static const size_t makers[] = {0, 1, 2, 3, ENDED, 7, ENDS_NOW};
    size_t which = makers[random_below(seed, ARRAY_SIZE(makers))];
    str_t inactive = state(mem, seed, &which, "scimInactiveSince");

    return load(
        mem,
        str_printf(mem,
                   "{'dialect':'openldap','scopes':{" GROUPS SCOPE(
                       "users",
                       BASE) "},"
                             "'resources':{" GROUP "'User':{" USER
                             "'attributes':{'userName':{'ldap':'uid',"
                             "'required':true}},'entry':{'cn':'{userName}','sn':'{userName}'},"
                             "'lifecycle':{'inactive':%.*s,'deleted':{'when':"
                             "'(scimDeletedAt=*)','stamp':'scimDeletedAt','do':['inactive',"
                             "{'strip':['groups']}],'undo':[{'undo':'inactive'}]}}}}}",
                   STR_ARG(inactive)));
}
