#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""What the SCIM engine says of values that the directory would not keep as they were meant."""

import json
import os
import re

from suite import ENTERPRISE, PATCH_OP, USER, case, check, eventually, harness, main, op, same, table

# The longest userName of each kind that slapd on back-mdb takes, and one more is too long.
LONGEST = [("plain", "a", 241), ("beyond ASCII", "é", 120), ("escaped", ",", 80), ("folded", "A", 241)]


@table("the longest name, {0}", LONGEST)
def longest_name(bed, _name, letter, n):
    people = bed.people
    user_id = people.post("/Users", {"userName": letter * n}).must(201).json["id"]
    people.post("/Users", {"userName": letter * (n + 1)}).refused(400, "invalidValue", "too long", "userName")
    people.patch_user(user_id, op("replace", "userName", "short")).must(200)
    stamp = people.stamp(user_id)
    people.patch_user(user_id, op("replace", "title", "T"), op("replace", "userName", letter * (n + 1))) \
        .refused(400, "invalidValue", "too long")
    people.put(f"/Users/{user_id}", {"userName": letter * (n + 1)}).refused(400, "invalidValue", "too long")
    same(people.stamp(user_id), stamp, "entryCSN after refusals")
    people.patch_user(user_id, op("replace", "userName", letter * n)).must(200)
    people.delete(f"/Users/{user_id}").must(204)


@case("a group's name is as long as may be")
def longest_group(bed):
    people = bed.people
    group_id = people.new_group("g" * 242)["id"]
    people.post("/Groups", {"displayName": "h" * 243}).refused(400, "invalidValue", "displayName", "too long")
    people.patch_group(group_id, op("replace", "displayName", "h" * 243)).refused(400, "invalidValue", "too long")
    people.delete(f"/Groups/{group_id}").must(204)


@case("values that name nothing may be long")
def long_values(bed):
    people = bed.people
    user = people.new_user("long-values", title="t" * 5000, displayName="d" * 5000,
                           emails=[{"type": "work", "value": "m" * 5000}])
    same(people.find(f'title eq "{"t" * 5000}"'), [user["id"]])
    people.delete(f"/Users/{user['id']}").must(204)


@table("the password {0} is none", [("{SSHA}x", "ssha"), ("{CLEARTEXT}abc", "clear"), ("{md5}", "md5"), ("{x-any.scheme}y", "any")])
def password_scheme(bed, password, name):
    people, name = bed.people, "schemer-" + name
    people.post("/Users", {"userName": name, "password": password}) \
        .refused(400, "invalidValue", "password", "hash scheme")
    same(people.named(name), [])
    user_id = people.new_user(name, password="s3cret")["id"]
    stored = people.values(user_id, "userPassword")
    for change in (op("replace", "password", password), op("add", None, {"password": password})):
        people.patch_user(user_id, change).refused(400, "invalidValue", "hash scheme")
    people.put(f"/Users/{user_id}", {"userName": name, "password": password}) \
        .refused(400, "invalidValue", "hash scheme")
    same(people.values(user_id, "userPassword"), stored, "what is stored")
    people.delete(f"/Users/{user_id}").must(204)


# --- deviations: a strict connector, and what the log tells ------------------------------------------------

STRICT = [  # switch, what the client does with a user, scimType, and the RFC's form
    ("opCase", lambda c, u: c.patch_user(u, op("Replace", "title", "x")), "invalidSyntax",
     lambda c, u: c.patch_user(u, op("replace", "title", "x"))),
    ("booleanString", lambda c, u: c.patch_user(u, op("replace", "active", "False")), "invalidValue",
     lambda c, u: c.patch_user(u, op("replace", "active", False))),
    ("booleanString", lambda c, u: c.get("/Users", filter='active eq "True"'), "invalidFilter",
     lambda c, u: c.get("/Users", filter="active eq true")),
    ("unquotedFilter", lambda c, u: c.get("/Users", filter="externalId eq jyoung"), "invalidFilter",
     lambda c, u: c.get("/Users", filter='externalId eq "jyoung"')),
    ("elementFilter", lambda c, u: c.get("/Users", filter='emails[type eq "work"] eq "x"'), "invalidFilter",
     lambda c, u: c.get("/Users", filter='emails[type eq "work" and value eq "x"]')),
    ("placeholderFilter", lambda c, u: c.get("/Users", filter='PLACEHOLDER eq "x"'), "invalidFilter", None),
    ("createElement", lambda c, u: c.patch_user(u, op("replace", 'phoneNumbers[type eq "work"].value', "1")), "noTarget",
     lambda c, u: c.patch_user(u, op("add", "phoneNumbers", [{"type": "work", "value": "1"}]))),
    ("dottedKeys", lambda c, u: c.patch_user(u, op("replace", None, {"name.givenName": "x"})), "invalidPath",
     lambda c, u: c.patch_user(u, op("replace", None, {"name": {"givenName": "x"}}))),
    ("referenceShape", lambda c, u: c.patch_user(u, op("add", ENTERPRISE + ":manager", u)), "invalidValue",
     lambda c, u: c.patch_user(u, op("add", ENTERPRISE + ":manager", {"value": u}))),
    ("rootExtension", lambda c, u: c.patch_user(u, op("add", "department", "R")), "invalidPath",
     lambda c, u: c.patch_user(u, op("add", ENTERPRISE + ":department", "R"))),
    ("removeValues", lambda c, u: c.patch_user(u, op("remove", "roles", [{"value": "r"}])), "invalidValue",
     lambda c, u: c.patch_user(u, op("remove", 'roles[value eq "r"]'))),
    ("scalarArray", lambda c, u: c.patch_user(u, op("add", "title", ["x"])), "invalidValue",
     lambda c, u: c.patch_user(u, op("add", "title", "x"))),
    ("emptyValue", lambda c, u: c.patch_user(u, op("replace", "title", "")), "invalidValue",
     lambda c, u: c.patch_user(u, op("replace", "title", None))),
    ("emptyOperations", lambda c, u: c.patch_user(u), "invalidSyntax", None),
    ("schemasTypo", lambda c, u: c.post("/Users", {"schemas": ["urn:x"], "userName": "x"}), "invalidSyntax",
     lambda c, u: c.put(f"/Users/{u}", {"schemas": [USER], "userName": "strict"})),
    ("schemasTypo", lambda c, u: c.call("PATCH", f"/Users/{u}", {"Operations": [op("remove", "title")]}), "invalidSyntax",
     lambda c, u: c.patch_user(u, op("remove", "title"))),
    ("unmapped", lambda c, u: c.patch_user(u, op("replace", "favourite", "x")), "invalidPath", None),
    ("unmapped", lambda c, u: c.patch_user(u, op("replace", None, {"id": "x"})), "mutability", None),
]


@case("a strict connector takes the RFC's form alone, and names the switch")
def strict(bed):
    with bed.another_bridge(quirks="strict") as http:
        people = bed.people.via(http)
        user_id = people.new_user("strict", roles=[{"value": "r"}])["id"]
        for switch, deviation, scim_type, rfc in STRICT:
            stamp = people.stamp(user_id)
            reply = deviation(people, user_id)
            if switch == "unmapped" and scim_type == "invalidPath":
                reply.refused(400, scim_type)  # no attribute of SCIM's: refused in any case
            else:
                reply.refused(400, scim_type, f"{switch} is off")
            same(people.stamp(user_id), stamp, f"entryCSN after {switch}")
            if rfc:
                rfc(people, user_id).must(200)
        people.patch_user(user_id, op("add", "members", [])).refused(400, "invalidPath", "unmapped is off")
        people.get("/Users", filter='nosuch eq "x"').refused(400, "invalidFilter")
        bulk = people.call("POST", "/Bulk", {"schemas": ["urn:ietf:params:scim:api:messages:2.0:BulkRequest"], "Operations": [
            {"method": "PATCH", "path": f"/Users/{user_id}",
             "data": {"schemas": [PATCH_OP], "Operations": [op("Replace", "title", "x")]}}]}).must(200).json["Operations"][0]
        check(bulk["status"] == "400" and "opCase is off" in bulk["response"]["detail"], bulk)
        check("is off" not in people.get("/Users", filter='nosuch eq "x"').detail, "a switch is blamed for nothing")
        people.delete(f"/Users/{user_id}").must(204)


@case("one switch off: the others rewrite, and it is named")
def one_switch(bed):
    with bed.another_bridge(quirks={"booleanString": False}) as http:
        people = bed.people.via(http)
        user_id = people.new_user("one-switch")["id"]
        reply = people.patch_user(user_id, op("Replace", "active", "False"))
        reply.refused(400, "invalidValue", "booleanString is off")
        check("opCase" not in reply.detail, reply.detail)
        people.patch_user(user_id, op("Replace", "active", False)).must(200)
        people.delete(f"/Users/{user_id}").must(204)


@case("the log tells at debug which rewriters fired, else not")
def log_of_rewriters(bed):
    def fire(people):
        user_id = people.new_user(bed.fresh("fired"))["id"]
        people.patch_user(user_id, op("Replace", "active", "False")).must(200)
        people.get("/Users", filter="externalId eq x").must(200)
        people.get("/Users", filter='PLACEHOLDER eq "x"').must(200)
        people.delete(f"/Users/{user_id}").must(204)

    fire(bed.people)
    check("quirks=" not in bed.bridge.log(), "rewriters in the log of level info")
    with bed.another_bridge(log="debug") as http:
        fire(bed.people.via(http))
        for names in ('"opCase booleanString"', "unquotedFilter", "placeholderFilter"):
            eventually(lambda: f"quirks={names}" in bed.bridges[-1].log(), f"quirks={names} is not in the log")


# --- PUT, projections ----------------------------------------------------------------------------------------


FULL = {"people": {"externalId": "X", "displayName": "D", "title": "T", "active": True, "name": {"givenName": "G", "familyName": "F"},
                   "emails": [{"type": "work", "value": "w@x", "primary": True}, {"type": "other", "value": "o@x"}, {"type": "other", "value": "p@x"}],
                   "phoneNumbers": [{"type": "work", "value": "+1 2"}, {"type": "fax", "value": "+1 3"}], "roles": [{"value": "a"}, {"value": "b"}],
                   "addresses": [{"type": "work", "formatted": "A\nB", "locality": "L"}], "x509Certificates": [],
                   ENTERPRISE: {"department": "D", "employeeNumber": "1"}, "password": "s3cret"},
        "simple-in-out": {"title": "T", "phoneNumbers": [{"type": "work", "value": "1"}, {"type": "fax", "value": "2"}]},
        "sign-in-enterprise": {ENTERPRISE: {"organization": "O", "department": "D"}, "phoneNumbers": [{"type": "mobile", "value": "1"}]},
        "ideo": {"emails": [{"type": "work", "value": "w@x"}], "name": {"givenName": "G", "familyName": "F"}}}


@table("PUT of what GET returned changes nothing: {0}", [(name,) for name in FULL])
def put_back(bed, name):
    connector = next(c for c in bed.connectors if c.name == name)
    user_id = connector.new_user("put-back", **FULL[name])["id"]
    if name == "people":
        connector.patch_user(user_id, op("add", ENTERPRISE + ":manager", {"value": user_id})).must(200)
    group_id = connector.new_group("Put Back", [user_id])["id"]
    for path in (f"/Users/{user_id}", f"/Groups/{group_id}"):
        resource_id = path.rpartition("/")[2]
        for prepare in (lambda: None, lambda: connector.patch_user(user_id, op("replace", "active", False)).must(200)):
            prepare()
            stamp, shown = connector.stamp(resource_id), connector.get(path).must(200).json
            same(connector.put(path, shown).must(200).json, shown, "the answer")
            same(connector.get(path).json, shown, "what is shown")
            same(connector.stamp(resource_id), stamp, "entryCSN")
    connector.delete(f"/Groups/{group_id}").must(204)
    connector.delete(f"/Users/{user_id}").must(204)


@case("readOnly and never returned values in PUT (RFC 7644 3.5.1)")
def put_characteristics(bed):
    people = bed.people
    user_id = people.new_user("put-rules", password="s3cret", title="T")["id"]
    stored, shown = people.values(user_id, "userPassword"), people.user(user_id)
    shown.update(id="another", meta={"created": "1999-01-01T00:00:00Z", "resourceType": "Group"}, title="U")
    reply = people.put(f"/Users/{user_id}", shown).must(200).json
    same((reply["id"], reply["title"]), (user_id, "U"))
    check(reply["meta"]["created"] > "2020" and "password" not in reply, reply)
    same(people.values(user_id, "userPassword"), stored, "the password that PUT leaves out")
    people.put(f"/Users/{user_id}", {"title": "V"}).refused(400, "invalidValue", "userName")
    people.put(f"/Users/{user_id}", {"userName": ""}).refused(400, "invalidValue", "userName")
    same(people.user(user_id)["title"], "U")
    people.delete(f"/Users/{user_id}").must(204)


@table("{0} with attributes and excludedAttributes", [("POST",), ("PUT",), ("PATCH",), ("PATCH of a group",)])
def projections(bed, method):
    people = bed.people
    user = people.new_user("shown", title="T", nickName="N", password="p")["id"]
    group = people.new_group("Shown", [user])["id"]
    body = {"schemas": [USER], "userName": "shown", "title": "U", "nickName": "N"}
    change = {"schemas": [PATCH_OP], "Operations": [op("replace", "externalId", "E")]}
    method, path, body, status = {
        "POST": ("POST", "/Users", dict(body, userName="shown-too"), 201), "PUT": ("PUT", f"/Users/{user}", body, 200),
        "PATCH": ("PATCH", f"/Users/{user}", change, 200), "PATCH of a group": ("PATCH", f"/Groups/{group}", change, 200)}[method]
    name = "displayName" if "Groups" in path else "userName"
    shown = people.call(method, f"{path}?attributes={name},password", body).must(status).json
    same(set(shown), {"schemas", "id", name}, "attributes")
    if method == "POST":
        people.delete(f"/Users/{shown['id']}").must(204)
    shown = people.call(method, f"{path}?excludedAttributes={name},id", dict(body, externalId="F")).must(status, 204)
    if shown.status != 204:
        check(name not in shown.json and "id" in shown.json and "password" not in shown.json, shown.json)
        if method == "POST":
            people.delete(f"/Users/{shown.json['id']}").must(204)
    people.delete(f"/Groups/{group}").must(204)
    people.delete(f"/Users/{user}").must(204)


# --- characteristics that a map gives --------------------------------------------------------------------------


def bridge_with(bed, **attributes):
    """A bridge whose people map has these settings for attributes of User."""
    with open(os.path.join(harness.MAPS, "people.jsonc"), encoding="utf-8") as file:
        text = file.read()
    for name, setting in attributes.items():
        line = re.search(rf'^ *"{name}": .*,$', text, re.M)
        check(line, f"{name} is not in the map")
        text = text.replace(line.group(0), f'"{name}": {json.dumps(setting)},', 1)
    path = os.path.join(bed.stack.folder, bed.fresh("map") + ".jsonc")
    with open(path, "w", encoding="utf-8") as file:
        file.write(text)
    return bed.another_bridge(connectors={"people": {"directory": "local", "map": path}})


@case("returned: default, request, never, always; and what /Schemas says (RFC 7643 7)")
def returned(bed):
    settings = {"title": {"ldap": "title", "returned": "request"}, "nickName": {"ldap": "scimNickName", "returned": "never"},
                "locale": {"ldap": "scimLocale", "write": "create"}, "timezone": {"ldap": "scimTimezone", "write": "read-only"}}
    with bridge_with(bed, **settings) as http:
        people = bed.people.via(http)
        values = {"title": "T", "nickName": "N", "locale": "de", "timezone": "UTC", "displayName": "D"}
        made = people.new_user("returned", **values)
        user_id = made["id"]
        whole = {"schemas", "id", "meta", "userName", "displayName", "locale", "active", "name"}
        same(set(made), whole, "the answer to POST")
        same(set(people.user(user_id)), whole, "GET")
        for names, shown in (("title", {"title"}), ("nickName", set()), ("title,displayName", {"title", "displayName"})):
            same(set(people.get(f"/Users/{user_id}", attributes=names).must(200).json), {"schemas", "id"} | shown, names)
            same(set(people.query("Users", f'id eq "{user_id}"', attributes=names)["Resources"][0]), {"schemas", "id"} | shown, names)
        same(set(people.get(f"/Users/{user_id}", excludedAttributes="displayName,id").must(200).json), whole - {"displayName"})
        same(people.values(user_id, "scimNickName"), ["N"], "what is never returned is written")
        same(people.values(user_id, "scimTimezone"), [], "what is read-only is not")
        same(people.find('title eq "t"'), [user_id])
        shown = people.put(f"/Users/{user_id}?attributes=title", {"userName": "returned", "title": "U"}).must(200).json
        same(shown["title"], "U", "PUT with attributes")
        people.put(f"/Users/{user_id}", {"userName": "returned", "locale": "fr"}).refused(400, "mutability", "locale")
        people.put(f"/Users/{user_id}", {"userName": "returned", "locale": "de", "timezone": "CET"}).must(200)
        people.patch_user(user_id, op("replace", "locale", "fr")).refused(400, "mutability", "locale")
        people.patch_user(user_id, op("remove", "locale")).refused(400, "mutability", "locale")
        people.patch_user(user_id, op("add", "timezone", "CET")).refused(400, "mutability", "timezone")
        people.patch_user(user_id, op("replace", "nickName", "M")).must(200)
        same(people.values(user_id, "scimNickName"), ["M"])
        schema = {a["name"]: a for a in people.get(f"/Schemas/{USER}").must(200).json["attributes"]}
        for name, key, value in (("title", "returned", "request"), ("nickName", "returned", "never"), ("nickName", "mutability", "writeOnly"),
                                 ("locale", "mutability", "immutable"), ("timezone", "mutability", "readOnly"),
                                 ("userName", "required", True), ("userName", "uniqueness", "server"), ("password", "returned", "never"),
                                 ("profileUrl", "referenceTypes", ["external"]), ("emails", "multiValued", True)):
            same(schema[name].get(key), value, f"{key} of {name}")
        subs = {a["name"]: a for a in schema["emails"]["subAttributes"]}
        same(subs["type"]["canonicalValues"], ["work", "home", "other"], "the types that are mapped")
        people.delete(f"/Users/{user_id}").must(204)


@case("caseExact over an attribute whose rule ignores case")
def case_exact(bed):
    with bridge_with(bed, externalId={"ldap": "carLicense", "several": "refuse"}) as http:
        people = bed.people.via(http)
        ids = {text: people.new_user(f"case-{i}", externalId=text)["id"] for i, text in enumerate(("Ab c", "aB c", "AB C"))}
        for text, user_id in ids.items():
            same(people.find(f'externalId eq "{text}"'), [user_id], text)
            same(people.find(f'userName sw "case-" and not (externalId eq "{text}")', count=10),
                 [i for i in people.find('userName sw "case-"') if i != user_id], f"not {text}")
        same(people.find('externalId eq "ab c"'), [])
        same(len(people.find('userName sw "case-" and externalId ne "ab c"')), 3)
        people.get("/Users", filter='externalId co "b"').refused(400, "invalidFilter", "case")
        people.get("/Users", filter='externalId gt "b"').refused(400, "invalidFilter", "case")
        for user_id in ids.values():
            people.delete(f"/Users/{user_id}").must(204)


@case("groups of a user, where the directory keeps memberOf")
def member_of(bed):
    setting = {"ldap": "memberOf", "reference": ["groups"], "write": "read-only"}
    with bridge_with(bed, groups=setting) as http:
        people = bed.people.via(http)
        user = people.new_user("member-of")["id"]
        groups = sorted(people.new_group(f"Member Of {i}", [user] if i else [])["id"] for i in range(3))
        mine = sorted(g for g in groups if people.members(g))
        shown = people.user(user)
        same(sorted(g["value"] for g in shown["groups"]), mine)
        check(all(g["$ref"].endswith("/Groups/" + g["value"]) for g in shown["groups"]), shown["groups"])
        same(people.find(f'groups.value eq "{mine[0]}"'), [user])
        same(people.find(f'groups eq "{mine[0]}" and userName eq "member-of"'), [user])
        check("groups" not in people.get(f"/Users/{user}", excludedAttributes="groups").json, "excluded")
        stamp = people.stamp(user)
        people.put(f"/Users/{user}", {**shown, "groups": []}).must(200)
        people.patch_user(user, op("remove", "groups")).refused(400, "mutability", "read-only")
        people.patch_user(user, op("add", "groups", [{"value": mine[0]}])).refused(400, "mutability")
        same(people.stamp(user), stamp)
        people.patch_group(mine[0], op("remove", f'members[value eq "{user}"]')).must(204)
        same([g["value"] for g in people.user(user)["groups"]], mine[1:])
        people.delete(f"/Users/{user}").must(204)
        for group in groups:
            people.delete(f"/Groups/{group}").must(204)


@table("a write never meets who took the place of its entry: {0}", [("PATCH",), ("PATCH of a group",), ("DELETE",)])
def guarded(bed, what):
    people = bed.people
    if what == "PATCH of a group":
        resource = people.new_group("Placed", [people.new_user("in-place")["id"]])["id"]
        path, attribute, change = f"/Groups/{resource}", "member", op("add", "members", [{"value": people.new_user("new-there")["id"]}])
    else:
        resource = people.new_user(bed.fresh("placed"), title="T")["id"]
        path, attribute, change = f"/Users/{resource}", "title", op("replace", "title", "U")
    people.get(path).must(200)  # where it is is remembered
    dn, entry = people.entry(resource)
    bed.ldap.rename_s(dn, dn.split("=")[0] + "=" + bed.fresh("moved"))
    user_attrs = {name: values for name, values in entry.items() if name in (
        "objectClass", "uid", "cn", "sn", "title", "member")}
    bed.ldap.add_s(dn, list(user_attrs.items()))
    other = bed.search(dn, "(objectClass=*)", 0)[0][1]
    (people.delete(path) if what == "DELETE" else people.patch(path, change)).must(200, 204)
    same(bed.search(dn, "(objectClass=*)", 0)[0][1], other, "who took the place")
    if what != "DELETE":
        check(len(people.values(resource, attribute)) == 2 or people.values(resource, attribute) == ["U"], "the change is not there")
    bed.ldap.delete_s(dn)
    people.delete(path).must(204, 404)


if __name__ == "__main__":
    main(MEMBEROF="1")
