/* SPDX-License-Identifier: Apache-2.0 */
#include "scim/quirk.h"

#include "scim/filter.h"
#include "scim/resource.h"
#include "scim_test.h"

enum { MAX_OPS = 10 };

#define BIT(quirk) ((scim_quirks_t)1 << SCIM_QUIRK_##quirk)

/* ---- names ---- */

START_TEST(test_names)
{
    scim_quirk_t found;

    for (size_t i = 0; i < SCIM_QUIRK_COUNT; i++) {
        const char *name = scim_quirk_name((scim_quirk_t)i);

        ck_assert_ptr_nonnull(name);
        ck_assert(scim_quirk_find(str_from_c(name), &found));
        ck_assert_uint_eq(found, i);
    }
    ck_assert(!scim_quirk_find(STR("nothing"), &found));
    ck_assert_uint_eq(scim_quirks_default & BIT(ADD_IS_REPLACE), 0);
    ck_assert_uint_eq(scim_quirks_default & BIT(JSON_STRING), 0);
    ck_assert_uint_ne(scim_quirks_default & BIT(REMOVE_VALUES), 0);
}
END_TEST

/* ---- PATCH ---- */

/* The operations as "op path value" lines; "+" marks one that may create its element. */
static const char *
ops_text(const scim_type_t *type, const scim_patch_t *patch)
{
    static const char *const kinds[] = {"add", "replace", "remove"};
    buf_t buf;

    buf_init(&buf, mem, 1 << 16);
    for (size_t i = 0; i < patch->n; i++) {
        const scim_op_t *op = &patch->ops[i];
        scim_target_t target;

        ck_assert(op->has_path);
        if (i > 0)
            buf_add_c(&buf, "; ");
        buf_add_c(&buf, kinds[op->kind]);
        buf_add_char(&buf, ' ');
        if (scim_path_resolve(type, &op->path, &target))
            buf_add(&buf, scim_path_format(mem, &target));
        else
            buf_add(&buf, op->path.text);
        if (op->create_element)
            buf_add_char(&buf, '+');
        if (op->value) {
            buf_add_char(&buf, ' ');
            json_write(&buf, op->value);
        }
    }
    return str_dup_c(mem, buf_str(&buf));
}

#define EMAIL "emails[type eq \\'work\\']"
#define NEEDS(quirk) BIT(quirk)

static const struct {
    const char *name, *type, *op; /* one operation, or several in [] */
    const char *rewritten;        /* NULL: refused as */
    err_kind_t kind;
    scim_quirks_t fired;
} rows[] = {
    /* 10: names of operations and attributes in any case */
    {"10 Replace", "User", "{'op':'Replace','path':'DISPLAYNAME','value':'x'}",
     "replace displayName 'x'", 0, NEEDS(OP_CASE)},
    {"10 REMOVE", "User", "{'Op':'REMOVE','Path':'title'}", "remove title", 0, NEEDS(OP_CASE)},
    {"10 flag", "User", "{'op':'add','path':'title','value':'x'}", "add title 'x'", 0, 0},
    /* 11, 12: booleans */
    {"11 False", "User", "{'op':'Replace','path':'active','value':'False'}",
     "replace active false", 0, NEEDS(OP_CASE) | NEEDS(BOOLEAN_STRING)},
    {"11 TRUE", "User", "{'op':'replace','path':'active','value':'TRUE'}",
     "replace active true", 0, NEEDS(BOOLEAN_STRING)},
    {"11 flag", "User", "{'op':'replace','path':'active','value':false}",
     "replace active false", 0, 0},
    {"11 pathless", "User", "{'op':'replace','value':{'active':'False'}}",
     "replace active false", 0, NEEDS(BOOLEAN_STRING)},
    {"11 neither", "User", "{'op':'replace','path':'active','value':'perhaps'}",
     "replace active 'perhaps'", 0, 0},
    {"11 string stays", "User", "{'op':'replace','path':'title','value':'True'}",
     "replace title 'True'", 0, 0},
    {"11 in elements", "User",
     "{'op':'add','path':'emails','value':[{'value':'True','primary':'True'}]}",
     "add emails [{'value':'True','primary':true}]", 0, NEEDS(BOOLEAN_STRING)},
    {"12 add", "User", "{'op':'Add','path':'active','value':'False'}", "add active false", 0,
     NEEDS(OP_CASE) | NEEDS(BOOLEAN_STRING)},
    /* 13: path-less values */
    {"13 boolean", "User", "{'op':'replace','value':{'active':false}}", "replace active false",
     0, 0},
    {"13 dotted and URN keys", "User",
     "{'op':'replace','value':{'displayName':'d','name.givenName':'g','" ENT
     ":employeeNumber':'1','emails[type eq \\'work\\'].value':'w'}}",
     "replace displayName 'd'; replace name.givenName 'g'; replace " ENT
     ":employeeNumber '1'; replace emails[type eq 'work'].value+ 'w'",
     0, NEEDS(CREATE_ELEMENT) | NEEDS(DOTTED_KEYS)},
    {"13 extension object", "User",
     "{'op':'add','value':{'" ENT "':{'division':'v','manager.value':'1'}}}",
     "add " ENT ":division 'v'; add " ENT ":manager.value '1'", 0, NEEDS(DOTTED_KEYS)},
    {"13 extension path", "User", "{'op':'add','path':'" ENT "','value':{'department':'d'}}",
     "add " ENT ":department 'd'", 0, 0},
    {"13 group", "Group", "{'op':'replace','value':{'id':'1','displayName':'g'}}",
     "replace displayName 'g'", 0, NEEDS(UNMAPPED)},
    {"13 core object", "User", "{'op':'add','value':{'" SCIM_URN_USER "':{'title':'t'}}}",
     "add title 't'", 0, NEEDS(DOTTED_KEYS)},
    {"13 unknown key", "User", "{'op':'add','value':{'nothing':1,'title':'t'}}",
     "add title 't'", 0, NEEDS(UNMAPPED)},
    {"13 path is the core schema", "User",
     "{'op':'replace','path':'" SCIM_URN_USER "','value':{'active':'False','nothing':1}}",
     "replace active false", 0, NEEDS(BOOLEAN_STRING) | NEEDS(UNMAPPED)},
    {"13 active of an extension", "User", "{'op':'replace','value':{'" ENT ":active':'False'}}",
     "replace active false", 0, NEEDS(BOOLEAN_STRING) | NEEDS(UNMAPPED) | NEEDS(DOTTED_KEYS)},
    {"13 active in an extension", "User",
     "{'op':'replace','value':{'" ENT "':{'Active':false}}}", "replace active false", 0,
     NEEDS(UNMAPPED)},
    {"13 active.value", "User", "{'op':'replace','value':{'active.value':'False'}}", NULL,
     ERR_INVALID_PATH, 0},
    {"13 active in an unmapped extension", "User",
     "{'op':'replace','value':{'urn:ietf:params:scim:schemas:extension:x:2.0:User':"
     "{'active':false}}}",
     NULL, ERR_INVALID_PATH, 0},
    {"13 another's active", "User", "{'op':'replace','value':{'urn:example:x:active':false}}",
     "", 0, NEEDS(UNMAPPED) | NEEDS(DOTTED_KEYS)},
    {"13 no object", "User", "{'op':'add','value':'x'}", NULL, ERR_INVALID_VALUE, 0},
    /* 14, 15: elements that are not there; filters by boolean strings */
    {"14 replace", "User", "{'op':'Replace','path':'" EMAIL ".value','value':'x'}",
     "replace emails[type eq 'work'].value+ 'x'", 0, NEEDS(OP_CASE) | NEEDS(CREATE_ELEMENT)},
    {"14 add", "User",
     "{'op':'add','path':'addresses[type eq \\'work\\'].formatted','value':'x'}",
     "add addresses[type eq 'work'].formatted+ 'x'", 0, NEEDS(CREATE_ELEMENT)},
    {"15 True", "User", "{'op':'add','path':'roles[primary eq \\'True\\'].value','value':'x'}",
     "add roles[primary eq true].value+ 'x'", 0, NEEDS(CREATE_ELEMENT) | NEEDS(BOOLEAN_STRING)},
    {"15 true", "User", "{'op':'add','path':'roles[primary eq true].value','value':'x'}",
     "add roles[primary eq true].value+ 'x'", 0, NEEDS(CREATE_ELEMENT)},
    {"14 by what is written", "User",
     "{'op':'replace','path':'emails[value eq \\'a@x\\'].value','value':'b@x'}",
     "replace emails[value eq 'a@x'].value 'b@x'", 0, 0},
    {"14 by value", "User",
     "{'op':'replace','path':'emails[value eq \\'a@x\\']','value':{'type':'home'}}",
     "replace emails[value eq 'a@x'] {'type':'home'}", 0, 0},
    {"14 by type, writing it", "User",
     "{'op':'replace','path':'emails[type eq \\'work\\'].type','value':'home'}",
     "replace emails[type eq 'work'].type 'home'", 0, 0},
    {"15 nested", "User",
     "{'op':'remove','path':'roles[not (primary eq \\'false\\') and type eq \\'false\\']'}",
     "remove roles[not (primary eq false) and type eq 'false']", 0, NEEDS(BOOLEAN_STRING)},
    {"3 unquoted in a path", "User",
     "{'op':'add','path':'emails[type eq work].value','value':'x'}",
     "add emails[type eq 'work'].value+ 'x'", 0,
     NEEDS(CREATE_ELEMENT) | NEEDS(UNQUOTED_FILTER)},
    {"3 tight in a path", "Group", "{'op':'remove','path':'members[value eq\\'a\\']'}",
     "remove members[value eq 'a']", 0, NEEDS(UNQUOTED_FILTER)},
    /* 16: several */
    {"16 in order", "User",
     "[{'op':'Replace','path':'title','value':'a'},{'op':'Remove','path':'title'}]",
     "replace title 'a'; remove title", 0, NEEDS(OP_CASE)},
    /* 17, 18: manager */
    {"17 string", "User", "{'op':'Add','path':'" ENT ":manager','value':'1'}",
     "add " ENT ":manager {'value':'1'}", 0, NEEDS(OP_CASE) | NEEDS(REFERENCE_SHAPE)},
    {"17 object", "User", "{'op':'add','path':'" ENT ":manager','value':{'value':'1'}}",
     "add " ENT ":manager {'value':'1'}", 0, 0},
    {"17 array", "User",
     "{'op':'add','path':'" ENT ":manager','value':[{'$ref':'../Users/1','value':'1'}]}",
     "add " ENT ":manager {'$ref':'../Users/1','value':'1'}", 0, NEEDS(REFERENCE_SHAPE)},
    {"17 at the root", "User", "{'op':'add','path':'manager','value':'1'}",
     "add " ENT ":manager {'value':'1'}", 0, NEEDS(REFERENCE_SHAPE) | NEEDS(ROOT_EXTENSION)},
    {"17 pathless", "User", "{'op':'add','value':{'manager':'1'}}",
     "add " ENT ":manager {'value':'1'}", 0, NEEDS(REFERENCE_SHAPE) | NEEDS(ROOT_EXTENSION)},
    {"18 remove", "User", "{'op':'Remove','path':'" ENT ":manager'}", "remove " ENT ":manager",
     0, NEEDS(OP_CASE)},
    {"18 remove selected", "User", "{'op':'remove','path':'manager[value eq \\'1\\']'}",
     "remove " ENT ":manager[value eq '1']", 0, NEEDS(ROOT_EXTENSION)},
    {"18 remove with value", "User", "{'op':'remove','path':'manager','value':[{'value':'1'}]}",
     "remove " ENT ":manager", 0, NEEDS(REMOVE_WITH_VALUE) | NEEDS(ROOT_EXTENSION)},
    {"18 replace with empty text", "User", "{'op':'replace','path':'manager','value':''}",
     "remove " ENT ":manager", 0,
     NEEDS(EMPTY_VALUE) | NEEDS(REFERENCE_SHAPE) | NEEDS(ROOT_EXTENSION)},
    {"18 replace with null", "User", "{'op':'replace','path':'manager','value':null}",
     "remove " ENT ":manager", 0, NEEDS(EMPTY_VALUE) | NEEDS(ROOT_EXTENSION)},
    {"18 replace with {}", "User", "{'op':'replace','path':'manager','value':{}}",
     "remove " ENT ":manager", 0, NEEDS(EMPTY_VALUE) | NEEDS(ROOT_EXTENSION)},
    {"18 replace with []", "User", "{'op':'replace','path':'manager','value':[]}",
     "remove " ENT ":manager", 0, NEEDS(EMPTY_VALUE) | NEEDS(ROOT_EXTENSION)},
    {"18 replace with empty value", "User",
     "{'op':'replace','path':'manager','value':{'value':''}}", "remove " ENT ":manager", 0,
     NEEDS(EMPTY_VALUE) | NEEDS(ROOT_EXTENSION)},
    {"18 replace value with empty", "User",
     "{'op':'replace','path':'" ENT ":manager.value','value':''}",
     "remove " ENT ":manager.value", 0, NEEDS(EMPTY_VALUE)},
    /* 19: remove with a value */
    {"19 value path", "User", "{'op':'Remove','path':'" EMAIL ".value','value':'y'}",
     "remove emails[type eq 'work'].value", 0, NEEDS(OP_CASE) | NEEDS(REMOVE_WITH_VALUE)},
    {"19 scalar", "User", "{'op':'remove','path':'title','value':'y'}", "remove title", 0,
     NEEDS(REMOVE_WITH_VALUE)},
    /* 20: arrays for scalars */
    {"20 element", "User",
     "{'op':'add','path':'displayName','value':[{'$ref':null,'value':'X'}]}",
     "add displayName 'X'", 0, NEEDS(SCALAR_ARRAY)},
    {"20 text", "User", "{'op':'add','path':'displayName','value':['X']}",
     "add displayName 'X'", 0, NEEDS(SCALAR_ARRAY)},
    {"20 boolean", "User", "{'op':'add','path':'active','value':[{'value':'False'}]}",
     "add active false", 0, NEEDS(SCALAR_ARRAY) | NEEDS(BOOLEAN_STRING)},
    {"20 two", "User", "{'op':'add','path':'displayName','value':['X','Y']}",
     "add displayName ['X','Y']", 0, 0},
    {"20 foreign object", "User", "{'op':'add','path':'userName','value':{'a':1}}",
     "add userName {'a':1}", 0, 0},
    {"20 in an element", "User",
     "{'op':'add','path':'" EMAIL ".value','value':[{'value':'X'}]}",
     "add emails[type eq 'work'].value+ 'X'", 0, NEEDS(SCALAR_ARRAY) | NEEDS(CREATE_ELEMENT)},
    /* 21, 22: off by default */
    {"21 add", "User", "{'op':'Add','path':'roles','value':[{'value':'1'}]}",
     "add roles [{'value':'1'}]", 0, NEEDS(OP_CASE)},
    {"22 JSON", "User", "{'op':'add','path':'roles','value':[{'value':'{}'}]}",
     "add roles [{'value':'{}'}]", 0, 0},
    /* 23: empty values */
    {"23 empty", "User", "{'op':'replace','path':'title','value':''}", "remove title", 0,
     NEEDS(EMPTY_VALUE)},
    {"23 null", "User", "{'op':'add','path':'title','value':null}", "remove title", 0,
     NEEDS(EMPTY_VALUE)},
    {"23 pathless", "User",
     "{'op':'replace','value':{'title':'','nickName':null,'locale':'l'}}",
     "remove title; remove nickName; replace locale 'l'", 0, NEEDS(EMPTY_VALUE)},
    {"23 selected", "User", "{'op':'Replace','path':'" EMAIL ".value','value':''}",
     "remove emails[type eq 'work'].value", 0, NEEDS(OP_CASE) | NEEDS(EMPTY_VALUE)},
    {"23 part", "User", "{'op':'add','path':'name','value':{'givenName':''}}",
     "replace name {'givenName':null}", 0, NEEDS(EMPTY_VALUE)},
    {"23 empty element", "User",
     "{'op':'add','path':'emails','value':[{'type':'work','value':''},{'value':'a'}]}",
     "add emails [{'value':'a'}]", 0, NEEDS(EMPTY_VALUE)},
    {"23 add no members", "Group", "{'op':'Add','path':'members','value':[]}", "", 0,
     NEEDS(OP_CASE) | NEEDS(EMPTY_VALUE)},
    {"23 add null members", "Group", "{'op':'add','path':'members','value':null}", "", 0,
     NEEDS(EMPTY_VALUE)},
    {"23 add empty members", "Group", "{'op':'add','path':'members','value':[{'value':''}]}",
     "", 0, NEEDS(EMPTY_VALUE)},
    {"23 replace members by none", "Group", "{'op':'replace','path':'members','value':[]}",
     "remove members", 0, NEEDS(EMPTY_VALUE)},
    {"23 replace members by null", "Group", "{'op':'replace','path':'members','value':null}",
     "remove members", 0, NEEDS(EMPTY_VALUE)},
    {"23 replace members by hollow", "Group",
     "{'op':'replace','path':'members','value':[{'value':''}]}", NULL, ERR_INVALID_VALUE, 0},
    {"23 replace members by value null", "Group",
     "{'op':'replace','path':'members','value':[{'value':null}]}", NULL, ERR_INVALID_VALUE, 0},
    {"23 replace members by {}", "Group", "{'op':'replace','path':'members','value':[{}]}",
     NULL, ERR_INVALID_VALUE, 0},
    {"23 replace members by one null", "Group",
     "{'op':'replace','path':'members','value':[null]}", NULL, ERR_INVALID_VALUE, 0},
    {"23 replace members by hollow object", "Group",
     "{'op':'replace','path':'members','value':{'value':''}}", NULL, ERR_INVALID_VALUE, 0},
    {"23 replace members by empty text", "Group",
     "{'op':'replace','path':'members','value':''}", NULL, ERR_INVALID_VALUE, 0},
    {"23 replace members, one hollow", "Group",
     "{'op':'replace','path':'members','value':[{'value':'a'},{'value':''}]}", NULL,
     ERR_INVALID_VALUE, 0},
    {"23 replace members by hollow, pathless", "Group",
     "{'op':'replace','value':{'members':[{'value':''}]}}", NULL, ERR_INVALID_VALUE, 0},
    {"23 add members, one hollow", "Group",
     "{'op':'add','path':'members','value':[{'value':'a'},{'value':''}]}",
     "add members [{'value':'a'}]", 0, NEEDS(EMPTY_VALUE)},
    {"23 replace e-mails by hollow", "User",
     "{'op':'replace','path':'emails','value':[{'value':''}]}", "remove emails", 0,
     NEEDS(EMPTY_VALUE)},
    /* 24 */
    {"24 no operations", "User", "[]", "", 0, NEEDS(EMPTY_OPERATIONS)},
    /* 29, 30: members */
    {"29 add", "Group", "{'op':'Add','path':'members','value':[{'$ref':null,'value':'a'}]}",
     "add members [{'$ref':null,'value':'a'}]", 0, NEEDS(OP_CASE)},
    {"29 add strings", "Group", "{'op':'add','path':'members','value':['a']}",
     "add members [{'value':'a'}]", 0, NEEDS(REFERENCE_SHAPE)},
    {"29 add by $ref", "Group",
     "{'op':'add','path':'members','value':[{'$ref':'https://h/scim/v2/Users/a%2Db'}]}",
     "add members [{'$ref':'https://h/scim/v2/Users/a%2Db','value':'a-b'}]", 0,
     NEEDS(REFERENCE_SHAPE)},
    {"29 add by a relative $ref and a type", "Group",
     "{'op':'add','path':'members','value':[{'type':'User','$ref':'../Users/a'}]}",
     "add members [{'type':'User','$ref':'../Users/a','value':'a'}]", 0,
     NEEDS(REFERENCE_SHAPE)},
    {"29 add by a $ref to nobody", "Group",
     "{'op':'add','path':'members','value':[{'$ref':'../Users/'}]}",
     "add members [{'$ref':'../Users/'}]", 0, 0},
    {"29 add by a $ref that is none", "Group",
     "{'op':'add','path':'members','value':[{'$ref':'../Users/%4'}]}",
     "add members [{'$ref':'../Users/%4'}]", 0, 0},
    {"29 value goes before $ref", "Group",
     "{'op':'add','path':'members','value':[{'value':'a','$ref':'../Users/b'}]}",
     "add members [{'value':'a','$ref':'../Users/b'}]", 0, 0},
    {"30 by $ref", "Group", "{'op':'remove','path':'members','value':[{'$ref':'../Users/a'}]}",
     "remove members[value eq 'a']", 0, NEEDS(REMOVE_VALUES) | NEEDS(REFERENCE_SHAPE)},
    {"17 by $ref", "User",
     "{'op':'add','path':'" ENT ":manager','value':{'$ref':'../Users/1'}}",
     "add " ENT ":manager {'$ref':'../Users/1','value':'1'}", 0, NEEDS(REFERENCE_SHAPE)},
    {"30 one", "Group", "{'op':'Remove','path':'members','value':[{'$ref':null,'value':'a'}]}",
     "remove members[value eq 'a']", 0, NEEDS(OP_CASE) | NEEDS(REMOVE_VALUES)},
    {"30 two", "Group",
     "{'op':'remove','path':'members','value':[{'value':'a','type':'User'},{'value':'b'}]}",
     "remove members[value eq 'a' or value eq 'b']", 0, NEEDS(REMOVE_VALUES)},
    {"30 strings", "Group", "{'op':'remove','path':'members','value':['a']}",
     "remove members[value eq 'a']", 0, NEEDS(REMOVE_VALUES)},
    {"30 one object", "Group", "{'op':'remove','path':'members','value':{'value':'a'}}",
     "remove members[value eq 'a']", 0, NEEDS(REMOVE_VALUES)},
    {"30 none", "Group", "{'op':'Remove','path':'members','value':[]}", "", 0,
     NEEDS(OP_CASE) | NEEDS(REMOVE_VALUES)},
    {"30 without value", "Group",
     "{'op':'remove','path':'members','value':[{'value':'a'},{'$ref':'b'}]}", NULL,
     ERR_INVALID_VALUE, 0},
    {"30 empty element", "Group", "{'op':'remove','path':'members','value':[{}]}", NULL,
     ERR_INVALID_VALUE, 0},
    {"30 null element", "Group", "{'op':'remove','path':'members','value':[null]}", NULL,
     ERR_INVALID_VALUE, 0},
    {"30 empty text", "Group", "{'op':'remove','path':'members','value':''}", NULL,
     ERR_INVALID_VALUE, 0},
    {"30 flag", "Group", "{'op':'remove','path':'members[value eq \\'a\\']'}",
     "remove members[value eq 'a']", 0, 0},
    {"30 flag, with value", "Group",
     "{'op':'remove','path':'members[value eq \\'a\\']','value':[{'value':'a'}]}",
     "remove members[value eq 'a']", 0, NEEDS(REMOVE_WITH_VALUE)},
    {"30 all", "Group", "{'op':'remove','path':'members'}", "remove members", 0, 0},
    {"30 e-mails", "User",
     "{'op':'remove','path':'emails','value':[{'type':'work','value':'a'},{'value':'b'}]}",
     "remove emails[value eq 'a' and type eq 'work' or value eq 'b']", 0, NEEDS(REMOVE_VALUES)},
    /* 31, 32 */
    {"31 displayName", "Group", "{'op':'Replace','path':'displayName','value':'g'}",
     "replace displayName 'g'", 0, NEEDS(OP_CASE)},
    {"31 externalId", "Group", "{'op':'add','path':'externalId','value':'e'}",
     "add externalId 'e'", 0, 0},
    {"32 not of this type", "Group",
     "[{'op':'add','path':'emails[type eq \\'other\\'].value','value':'x'},"
     "{'op':'add','path':'displayName','value':'g'}]",
     "add displayName 'g'", 0, NEEDS(UNMAPPED)},
    {"32 of no type", "Group", "{'op':'add','path':'nothing','value':'x'}", "add nothing 'x'",
     0, 0},
    {"read-only path", "User", "{'op':'replace','path':'id','value':'x'}", "replace id 'x'", 0,
     0},
};

static json_t *
body_of(const char *op)
{
    return json_of(str_printf(mem, "{'schemas':['" SCIM_URN_PATCH "'],'operations':%s%s%s}",
                              op[0] == '[' ? "" : "[", op, op[0] == '[' ? "" : "]")
                       .p);
}

START_TEST(test_patch)
{
    err_t err = ERR_INIT;
    scim_patch_t patch;
    scim_quirks_t fired = 0;
    const scim_type_t *type = type_of(rows[_i].type);
    bool fine = scim_quirk_patch(mem, scim_quirks_default, type, body_of(rows[_i].op), MAX_OPS,
                                 &patch, &fired, &err);

    ck_assert_msg(fine == (rows[_i].rewritten != NULL), "%s: %s", rows[_i].name, err.detail);
    if (!fine) {
        ck_assert_msg(err.kind == rows[_i].kind, "%s: %s", rows[_i].name, err.detail);
        return;
    }
    ck_assert_msg(str_eq(str_from_c(ops_text(type, &patch)), quoted(rows[_i].rewritten)),
                  "%s: %s", rows[_i].name, ops_text(type, &patch));
    ck_assert_msg(fired == rows[_i].fired, "%s: fired %x, not %x", rows[_i].name, fired,
                  rows[_i].fired);
}
END_TEST

/* The same without quirks: what the RFC's form is stays as it is, all else is refused. */
static const struct {
    const char *name, *type, *op, *rewritten;
    err_kind_t kind; /* by reading or by applying */
} strict[] = {
    {"capital", "User", "{'op':'Replace','path':'title','value':'x'}", NULL,
     ERR_INVALID_SYNTAX},
    {"boolean string", "User", "{'op':'replace','path':'active','value':'False'}", NULL,
     ERR_INVALID_VALUE},
    {"pathless", "User", "{'op':'replace','value':{'title':'t','" ENT "':{'division':'v'}}}",
     "replace title 't'; replace " ENT ":division 'v'", 0},
    {"dotted", "User", "{'op':'replace','value':{'name.givenName':'t'}}", NULL,
     ERR_INVALID_PATH},
    {"creation", "User", "{'op':'replace','path':'" EMAIL ".value','value':'x'}", NULL,
     ERR_NO_TARGET},
    {"manager", "User", "{'op':'add','path':'" ENT ":manager','value':'x'}", NULL,
     ERR_INVALID_VALUE},
    {"root path", "User", "{'op':'add','path':'department','value':'x'}", NULL,
     ERR_INVALID_PATH},
    {"array", "User", "{'op':'add','path':'title','value':['x']}", NULL, ERR_INVALID_VALUE},
    {"empty text", "User", "{'op':'add','path':'title','value':''}", "add title ''", 0},
    {"no operations", "User", "[]", NULL, ERR_INVALID_SYNTAX},
    {"remove values", "Group", "{'op':'remove','path':'members','value':[{'value':'a'}]}", NULL,
     ERR_INVALID_VALUE},
    {"unmapped", "Group", "{'op':'add','path':'emails','value':[]}", NULL, ERR_INVALID_PATH},
    {"tight", "Group", "{'op':'remove','path':'members[value eq\\'a\\']'}", NULL,
     ERR_INVALID_FILTER},
};

START_TEST(test_strict)
{
    err_t err = ERR_INIT;
    scim_patch_t patch;
    scim_quirks_t fired = 0;
    const scim_type_t *type = type_of(strict[_i].type);
    json_t *resource = json_of("{'members':[{'value':'a'}]}");
    bool fine = scim_quirk_patch(mem, scim_quirks_none, type, body_of(strict[_i].op), MAX_OPS,
                                 &patch, &fired, &err);

    if (fine) {
        ck_assert_uint_eq(fired, 0);
        if (strict[_i].rewritten)
            ck_assert_str_eq(ops_text(type, &patch), quoted(strict[_i].rewritten).p);
        fine = scim_patch_apply(mem, type, resource, &patch, &err);
    }
    ck_assert_msg(fine == (strict[_i].rewritten != NULL), "%s: %s", strict[_i].name,
                  err.detail);
    if (!fine)
        ck_assert_msg(err.kind == strict[_i].kind, "%s: %s", strict[_i].name, err.detail);
}
END_TEST

/* What is on decides: each quirk alone off refuses or keeps what it would have rewritten. */
static const struct {
    scim_quirk_t quirk;
    const char *type, *op;
} switched[] = {
    {SCIM_QUIRK_OP_CASE, "User", "{'op':'Remove','path':'title'}"},
    {SCIM_QUIRK_BOOLEAN_STRING, "User", "{'op':'add','path':'active','value':'False'}"},
    {SCIM_QUIRK_UNQUOTED_FILTER, "User", "{'op':'remove','path':'emails[type eq work]'}"},
    {SCIM_QUIRK_CREATE_ELEMENT, "User", "{'op':'add','path':'" EMAIL ".value','value':'x'}"},
    {SCIM_QUIRK_DOTTED_KEYS, "User", "{'op':'add','value':{'name.givenName':'x'}}"},
    {SCIM_QUIRK_REFERENCE_SHAPE, "User", "{'op':'add','path':'manager','value':'x'}"},
    {SCIM_QUIRK_REMOVE_VALUES, "Group", "{'op':'remove','path':'members','value':['a']}"},
    {SCIM_QUIRK_REMOVE_WITH_VALUE, "User", "{'op':'remove','path':'title','value':'x'}"},
    {SCIM_QUIRK_SCALAR_ARRAY, "User", "{'op':'add','path':'title','value':['x']}"},
    {SCIM_QUIRK_EMPTY_VALUE, "User", "{'op':'add','path':'title','value':''}"},
    {SCIM_QUIRK_EMPTY_OPERATIONS, "User", "[]"},
    {SCIM_QUIRK_ROOT_EXTENSION, "User", "{'op':'add','path':'department','value':'x'}"},
    {SCIM_QUIRK_UNMAPPED, "User", "{'op':'add','value':{'id':'x'}}"},
};

static const char *
outcome(scim_quirks_t quirks, const scim_type_t *type, const char *op)
{
    err_t err = ERR_INIT;
    scim_patch_t patch;

    if (!scim_quirk_patch(mem, quirks, type, body_of(op), MAX_OPS, &patch, NULL, &err))
        return "refused";
    return ops_text(type, &patch);
}

START_TEST(test_switch)
{
    const scim_type_t *type = type_of(switched[_i].type);
    scim_quirks_t without = scim_quirks_default & ~((scim_quirks_t)1 << switched[_i].quirk);

    ck_assert_msg(strcmp(outcome(scim_quirks_default, type, switched[_i].op),
                         outcome(without, type, switched[_i].op)) != 0,
                  "%s", scim_quirk_name(switched[_i].quirk));
}
END_TEST

/* A refusal names the switch that led to it: each quirk alone off, and all of them. */
typedef enum { BY_PATCH, BY_POST, BY_FILTER } by_t;

static const struct {
    scim_quirk_t quirk;
    by_t by;
    const char *type, *text;
    err_kind_t kind; /* of the refusal */
} blamed[] = {
    {SCIM_QUIRK_OP_CASE, BY_PATCH, "User", "{'op':'Remove','path':'title'}",
     ERR_INVALID_SYNTAX},
    {SCIM_QUIRK_BOOLEAN_STRING, BY_PATCH, "User",
     "{'op':'add','path':'active','value':'False'}", ERR_INVALID_VALUE},
    {SCIM_QUIRK_BOOLEAN_STRING, BY_POST, "User", "{'active':'False'}", ERR_INVALID_VALUE},
    {SCIM_QUIRK_BOOLEAN_STRING, BY_FILTER, "User", "active eq 'False'", ERR_INVALID_FILTER},
    {SCIM_QUIRK_UNQUOTED_FILTER, BY_FILTER, "User", "externalId eq jyoung", ERR_INVALID_FILTER},
    {SCIM_QUIRK_UNQUOTED_FILTER, BY_FILTER, "User", "externalId eq 4711", ERR_INVALID_FILTER},
    {SCIM_QUIRK_UNQUOTED_FILTER, BY_PATCH, "User",
     "{'op':'remove','path':'emails[type eq work]'}", ERR_INVALID_FILTER},
    {SCIM_QUIRK_ELEMENT_FILTER, BY_FILTER, "User", "emails[type eq 'work'] eq 'x'",
     ERR_INVALID_FILTER},
    {SCIM_QUIRK_PLACEHOLDER_FILTER, BY_FILTER, "User", "PLACEHOLDER eq 'x'",
     ERR_INVALID_FILTER},
    {SCIM_QUIRK_PLACEHOLDER_FILTER, BY_FILTER, "User", "PLACEHOLDER", ERR_INVALID_FILTER},
    {SCIM_QUIRK_CREATE_ELEMENT, BY_PATCH, "User",
     "{'op':'add','path':'" EMAIL ".value','value':'x'}", ERR_NO_TARGET},
    {SCIM_QUIRK_DOTTED_KEYS, BY_PATCH, "User", "{'op':'add','value':{'name.givenName':'x'}}",
     ERR_INVALID_PATH},
    {SCIM_QUIRK_REFERENCE_SHAPE, BY_PATCH, "User",
     "{'op':'add','path':'" ENT ":manager','value':'x'}", ERR_INVALID_VALUE},
    {SCIM_QUIRK_REFERENCE_SHAPE, BY_POST, "User", "{'" ENT "':{'manager':'x'}}",
     ERR_INVALID_VALUE},
    {SCIM_QUIRK_REFERENCE_SHAPE, BY_POST, "Group", "{'members':[{'$ref':'../Users/1'}]}",
     ERR_INVALID_VALUE},
    {SCIM_QUIRK_REMOVE_VALUES, BY_PATCH, "Group",
     "{'op':'remove','path':'members','value':['a']}", ERR_INVALID_VALUE},
    {SCIM_QUIRK_SCALAR_ARRAY, BY_PATCH, "User", "{'op':'add','path':'title','value':['x']}",
     ERR_INVALID_VALUE},
    {SCIM_QUIRK_SCALAR_ARRAY, BY_POST, "User", "{'title':['x']}", ERR_INVALID_VALUE},
    {SCIM_QUIRK_EMPTY_VALUE, BY_PATCH, "User", "{'op':'add','path':'title','value':''}",
     ERR_INVALID_VALUE},
    {SCIM_QUIRK_EMPTY_OPERATIONS, BY_PATCH, "User", "[]", ERR_INVALID_SYNTAX},
    {SCIM_QUIRK_SCHEMAS_TYPO, BY_POST, "User", "{'schemas':['urn:x']}", ERR_INVALID_SYNTAX},
    {SCIM_QUIRK_ROOT_EXTENSION, BY_POST, "User", "{'department':'x'}", ERR_INVALID_VALUE},
    {SCIM_QUIRK_ROOT_EXTENSION, BY_PATCH, "User",
     "{'op':'add','path':'department','value':'x'}", ERR_INVALID_PATH},
    {SCIM_QUIRK_UNMAPPED, BY_PATCH, "User", "{'op':'add','value':{'id':'x'}}", ERR_MUTABILITY},
    {SCIM_QUIRK_UNMAPPED, BY_PATCH, "Group", "{'op':'add','path':'emails','value':[]}",
     ERR_INVALID_PATH},
};

static scim_quirks_t
missed(size_t i, scim_quirks_t on)
{
    const scim_type_t *type = type_of(blamed[i].type);

    if (blamed[i].by == BY_FILTER)
        return scim_quirk_missed_filter(mem, on, type, quoted(blamed[i].text));
    return blamed[i].by == BY_PATCH
               ? scim_quirk_missed_patch(mem, on, type, body_of(blamed[i].text))
               : scim_quirk_missed_resource(mem, on, type, json_of(blamed[i].text));
}

START_TEST(test_blame)
{
    scim_quirks_t bit = (scim_quirks_t)1 << blamed[_i].quirk;
    const char *name = scim_quirk_name(blamed[_i].quirk);
    err_t err = ERR_INIT, other = ERR_INIT;

    ck_assert_uint_eq(missed((size_t)_i, scim_quirks_default), 0);
    ck_assert_msg(missed((size_t)_i, scim_quirks_default & ~bit) == bit, "%s", name);
    ck_assert_msg(missed((size_t)_i, scim_quirks_none) & bit, "%s", name);
    err_set(&err, blamed[_i].kind, "no");
    scim_quirk_blame(bit, &err);
    ck_assert_str_eq(err.detail, str_printf(mem, "no (%s is off)", name).p);
    err_set(&other, ERR_UNIQUENESS, "no");
    scim_quirk_blame(bit, &other);
    ck_assert_str_eq(other.detail, "no");
}
END_TEST

START_TEST(test_schemas_typo)
{
    json_t *body = json_of("{'Operations':[{'op':'remove','path':'title'}]}");
    scim_quirks_t fired = 0;
    scim_patch_t patch;
    err_t err = ERR_INIT;

    ck_assert(scim_quirk_patch(mem, scim_quirks_default, type_of("User"), body, 1, &patch,
                               &fired, &err));
    ck_assert_uint_eq(fired, BIT(SCHEMAS_TYPO));
    ck_assert(!scim_quirk_patch(mem, scim_quirks_default & ~BIT(SCHEMAS_TYPO), type_of("User"),
                                body, 1, &patch, &fired, &err));
    ck_assert_int_eq(err.kind, ERR_INVALID_SYNTAX);
}
END_TEST

START_TEST(test_add_is_replace)
{
    const scim_quirks_t quirks = scim_quirks_default | BIT(ADD_IS_REPLACE);

    ck_assert_str_eq(outcome(quirks, type_of("User"),
                             "[{'op':'add','path':'roles','value':[{'value':'1'}]},"
                             "{'op':'add','path':'ROLES','value':[{'value':'2'}]}]"),
                     "replace roles [{\"value\":\"1\"}]; add roles [{\"value\":\"2\"}]");
    ck_assert_str_eq(outcome(quirks, type_of("Group"),
                             "{'op':'add','path':'members','value':[{'value':'1'}]}"),
                     "add members [{\"value\":\"1\"}]");
}
END_TEST

START_TEST(test_json_string)
{
    const scim_quirks_t quirks = scim_quirks_default | BIT(JSON_STRING);

    ck_assert_str_eq(
        outcome(quirks, type_of("User"),
                "{'op':'Add','path':'roles','value':[{'value':'{\\'id\\':\\'7\\',\\'value\\':"
                "\\'Admin\\',\\'displayName\\':\\'The admin\\'}'},{'value':'{x'}]}"),
        "add roles [{\"value\":\"Admin\",\"display\":\"The admin\"},{\"value\":\"{x\"}]");
}
END_TEST

START_TEST(test_too_many)
{
    err_t err = ERR_INIT;
    scim_patch_t patch;
    json_t *value = json_object(mem), *body;

    for (unsigned i = 0; i < 1000; i++)
        json_set(mem, value, str_printf(mem, "emails[type eq \"t%u\"].value", i),
                 json_string(mem, STR("x")));
    body = body_of("{'op':'add','value':{}}");
    json_set(mem, json_find(body, STR("operations"))->u.array.items[0], STR("value"), value);
    ck_assert(!scim_quirk_patch(mem, scim_quirks_default, type_of("User"), body, MAX_OPS,
                                &patch, NULL, &err));
    ck_assert_int_eq(err.kind, ERR_TOO_LARGE);
}
END_TEST

/* ---- bodies of POST and PUT: row 8 and its kin ---- */

static const struct {
    const char *name, *body, *read;
    scim_quirks_t fired;
} bodies[] = {
    {"8 nulls", "{'userName':'u','title':null,'addresses':null,'roles':[]}", "{'userName':'u'}",
     0},
    {"8 root department", "{'userName':'u','department':'d','manager':'1'}",
     "{'userName':'u','" ENT "':{'department':'d','manager':{'value':'1'}}}",
     BIT(ROOT_EXTENSION) | BIT(REFERENCE_SHAPE)},
    {"8 root and extension", "{'department':'a','" ENT "':{'department':'b'}}",
     "{'" ENT "':{'department':'b'}}", BIT(ROOT_EXTENSION)},
    {"8 mistyped URN",
     "{'urn:ietf:params:scim:schemas:extension:enterprise:2.0User':{'department':'d'}}",
     "{'" ENT "':{'department':'d'}}", BIT(SCHEMAS_TYPO)},
    {"8 schemas mistyped, not listed",
     "{'schemas':['urn:ietf:params:scim:schemas:core:2.0User'],'" ENT "':{'department':'d'}}",
     "{'" ENT "':{'department':'d'}}", 0},
    {"8 meta", "{'meta':{'resourceType':'User'},'id':'x','userName':'u'}", "{'userName':'u'}",
     0},
    {"booleans", "{'active':'True','emails':[{'value':'a','primary':'false'}]}",
     "{'active':true,'emails':[{'value':'a','primary':false}]}", BIT(BOOLEAN_STRING)},
    {"empty text",
     "{'userName':'u','title':'','name':{'givenName':''},'emails':[{'value':''}]}",
     "{'userName':'u'}", BIT(EMPTY_VALUE)},
    {"empty manager", "{'userName':'u','" ENT "':{'manager':{'value':''}}}", "{'userName':'u'}",
     BIT(EMPTY_VALUE)},
    {"dotted keys",
     "{'name.givenName':'g','name':{'familyName':'f'},'" ENT ":division':'v',"
     "'emails[type eq \\'work\\'].value':'w'}",
     "{'name':{'familyName':'f','givenName':'g'},'" ENT "':{'division':'v'},"
     "'emails':[{'type':'work','value':'w'}]}",
     BIT(DOTTED_KEYS)},
    {"scalar in an array", "{'displayName':[{'$ref':null,'value':'X'}]}", "{'displayName':'X'}",
     BIT(SCALAR_ARRAY)},
    {"unknown", "{'userName':'u','nothing':1,'urn:example:x':{'a':1}}", "{'userName':'u'}", 0},
    {"nothing to do", "{'userName':'True'}", "{'userName':'True'}", 0},
};

START_TEST(test_resource)
{
    err_t err = ERR_INIT;
    scim_quirks_t fired = 0;
    json_t *body = json_of(bodies[_i].body);
    const scim_type_t *type = type_of("User");

    scim_quirk_resource(mem, scim_quirks_default, type, body, &fired);
    json_t *read = scim_resource_read(mem, type, body, NULL, &err);
    ck_assert_msg(read != NULL, "%s: %s", bodies[_i].name, err.detail);
    ck_assert_msg(json_eq(read, json_of(bodies[_i].read)), "%s: %s", bodies[_i].name,
                  text_of(read));
    ck_assert_msg(fired == bodies[_i].fired, "%s: fired %x", bodies[_i].name, fired);
}
END_TEST

START_TEST(test_group_schemas)
{
    err_t err = ERR_INIT;
    json_t *body =
        json_of("{'schemas':['http://schemas.microsoft.com/2006/11/ResourceManagement/"
                "ADSCIM/2.0/Group'],'displayName':'g','members':[]}");

    scim_quirk_resource(mem, scim_quirks_default, type_of("Group"), body, NULL);
    ck_assert_str_eq(text_of(scim_resource_read(mem, type_of("Group"), body, NULL, &err)),
                     "{\"displayName\":\"g\",\"members\":[]}");
}
END_TEST

/* The empty list of members is told from none, and hollow ones do not make it. */
START_TEST(test_hollow_members)
{
    static const char *const hollow[] = {"{'members':[{'value':''}]}", "{'members':[{}]}",
                                         "{'members':[{'value':null},{'value':'a'}]}"};
    err_t err = ERR_INIT;
    json_t *body = json_of(hollow[_i]);

    scim_quirk_resource(mem, scim_quirks_default, type_of("Group"), body, NULL);
    ck_assert_ptr_null(scim_resource_read(mem, type_of("Group"), body, NULL, &err));
    ck_assert_int_eq(err.kind, ERR_INVALID_VALUE);
}
END_TEST

/* ---- filters ---- */

static const struct {
    const char *text, *rewritten;
} filters[] = {
    {"externalId eq jyoung", "externalId eq 'jyoung'"},
    {"externalId eq 4711", "externalId eq '4711'"},
    {"id eq A1 and manager eq 17", "id eq 'A1' and manager eq '17'"},
    {"active eq 'False'", "active eq false"},
    {"active eq True", "active eq true"},
    {"emails[type eq 'work'] eq 'x'", "emails[type eq 'work' and value eq 'x']"},
    {"emails[primary eq 'True'].value eq 'x'", "emails[primary eq true and value eq 'x']"},
    {"not (emails.primary eq 'true')", "not (emails.primary eq true)"},
    {"userName eq 'True'", "userName eq 'True'"},
    {"PLACEHOLDER eq 1", "PLACEHOLDER eq 1"},
};

START_TEST(test_filter)
{
    err_t err = ERR_INIT;
    buf_t buf;
    const scim_filter_t *filter =
        scim_filter_parse(mem, quoted(filters[_i].text),
                          scim_quirk_filter_leniency(scim_quirks_default), NULL, &err);

    ck_assert_msg(filter != NULL, "%s: %s", filters[_i].text, err.detail);
    filter = scim_quirk_filter(mem, scim_quirks_default, type_of("User"), filter, NULL);
    buf_init(&buf, mem, 1000);
    scim_filter_write(&buf, filter);
    ck_assert_str_eq(buf_str(&buf).p, quoted(filters[_i].rewritten).p);
}
END_TEST

START_TEST(test_leniency)
{
    ck_assert_uint_eq(scim_quirk_filter_leniency(scim_quirks_none), 0);
    ck_assert_uint_eq(scim_quirk_filter_leniency(BIT(ELEMENT_FILTER)), SCIM_FILTER_ELEMENT_EQ);
}
END_TEST

int
main(void)
{
    TCase *tests = tcase_create("quirk");

    tcase_add_test(tests, test_names);
    tcase_add_loop_test(tests, test_patch, 0, (int)ARRAY_SIZE(rows));
    tcase_add_loop_test(tests, test_strict, 0, (int)ARRAY_SIZE(strict));
    tcase_add_loop_test(tests, test_blame, 0, (int)ARRAY_SIZE(blamed));
    tcase_add_loop_test(tests, test_switch, 0, (int)ARRAY_SIZE(switched));
    tcase_add_test(tests, test_schemas_typo);
    tcase_add_test(tests, test_add_is_replace);
    tcase_add_test(tests, test_json_string);
    tcase_add_test(tests, test_too_many);
    tcase_add_loop_test(tests, test_resource, 0, (int)ARRAY_SIZE(bodies));
    tcase_add_test(tests, test_group_schemas);
    tcase_add_loop_test(tests, test_hollow_members, 0, 3);
    tcase_add_loop_test(tests, test_filter, 0, (int)ARRAY_SIZE(filters));
    tcase_add_test(tests, test_leniency);
    return run_tests(tests, "scim/quirk");
}
