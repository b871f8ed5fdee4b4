#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""The four maps that are shipped for OpenLDAP: what they require, publish and keep, and that every
mapped attribute reads back as it was written."""

import base64
import os
import shutil
import subprocess
import tempfile
import time

import ldap
from suite import (ECMA_GROUP, ENTERPRISE, GROUP, NOWHERE, USER, case, check, main, op, same, table)


def connector_of(bed, name):
    return next(c for c in bed.connectors if c.name == name)


# --- required attributes ---------------------------------------------------------------------------

COMPLETE = {
    "simple-in-out": {"userName": "req", "displayName": "Req", "externalId": "req-1"},
    "sign-in-enterprise": {"userName": "req", "name": {"givenName": "R", "familyName": "Q"},
                           "emails": [{"type": "work", "value": "r@example.com"}]},
    "ideo": {"userName": "req"}, "people": {"userName": "req"}}


@table("{0}: POST without {1}", [
    ("simple-in-out", "userName", {"userName": None}), ("simple-in-out", "displayName", {"displayName": None}),
    ("simple-in-out", "externalId", {"externalId": None}), ("simple-in-out", "externalId", {"externalId": ""}),
    ("sign-in-enterprise", "userName", {"userName": None}),
    ("sign-in-enterprise", "givenName", {"name": {"familyName": "Q"}}),
    ("sign-in-enterprise", "familyName", {"name": {"givenName": "R"}}),
    ("sign-in-enterprise", "emails", {"emails": None}),
    ("sign-in-enterprise", "emails", {"emails": [{"type": "other", "value": "o@example.com"}]}),
    ("ideo", "userName", {"userName": None}), ("people", "userName", {"userName": ""})])
def required(bed, name, path, change):
    connector = connector_of(bed, name)
    body = {k: v for k, v in {"schemas": [USER], **COMPLETE[name], **change}.items() if v is not None}
    before = len(bed.search(connector.users, "(uid=*)"))
    connector.post("/Users", body).refused(400, "invalidValue", path)
    same(len(bed.search(connector.users, "(uid=*)")), before, "entries")


@table("{0}: PUT without {1}", [
    ("simple-in-out", "displayName"), ("simple-in-out", "externalId"), ("sign-in-enterprise", "emails"),
    ("people", "userName")])
def put_required(bed, name, left_out):
    connector = connector_of(bed, name)
    user = connector.new_user(bed.fresh("putreq"))
    before = connector.entry(user["id"])
    body = {k: v for k, v in user.items() if k != left_out}
    connector.put(f"/Users/{user['id']}", body).refused(400, "invalidValue", left_out)
    same(connector.entry(user["id"]), before, "the entry")


@case("each: a group needs a displayName")
def group_required(bed):
    for connector in bed.connectors:
        connector.post("/Groups", {"schemas": [GROUP]}).refused(400, "invalidValue", "displayName")


# --- /Schemas ----------------------------------------------------------------------------------------

GROUP_PATHS = {"displayName", "members.$ref", "members.type", "members.value"}
NAME_PAIR = {"name.familyName", "name.givenName"}


def published(connector):
    """{urn: the paths of its leaves}, without those that every resource has."""
    result = {}
    for schema in connector.get("/Schemas").must(200).json["Resources"]:
        paths = set()
        for attribute in schema["attributes"]:
            subs = attribute.get("subAttributes") or []
            paths |= {f"{attribute['name']}.{sub['name']}" for sub in subs} or {attribute["name"]}
        result[schema["id"]] = paths
    return result


def elements(name, *more):
    return {f"{name}.value", f"{name}.type", *(f"{name}.{m}" for m in more)}


SCHEMAS = {
    "simple-in-out": {USER: {"userName", "displayName", "externalId", "title", "active"} | elements("phoneNumbers"),
                      GROUP: GROUP_PATHS},
    "sign-in-enterprise": {
        USER: {"userName", "active"} | NAME_PAIR | elements("emails", "primary") | elements("phoneNumbers"),
        GROUP: GROUP_PATHS, ENTERPRISE: {"organization", "department"}},
    "ideo": {USER: {"userName", "active"} | NAME_PAIR | elements("emails", "primary"), GROUP: GROUP_PATHS},
    "people": {
        USER: {"userName", "active", "displayName", "nickName", "profileUrl", "title", "userType", "externalId",
               "preferredLanguage", "locale", "timezone", "password", "name.formatted", "name.middleName",
               "name.honorificPrefix", "name.honorificSuffix", "addresses.type", "addresses.formatted",
               "addresses.streetAddress", "addresses.locality", "addresses.region", "addresses.postalCode",
               "addresses.country", "entitlements.value", "roles.value", "x509Certificates.value"} | NAME_PAIR
        | elements("emails", "primary") | elements("phoneNumbers") | elements("ims") | elements("photos")
        | {"groups.value", "groups.$ref"},
        GROUP: GROUP_PATHS | {"externalId"},
        ENTERPRISE: {"employeeNumber", "costCenter", "organization", "division", "department",
                     "manager.value", "manager.$ref"},
        ECMA_GROUP: {"mail", "description"}}}


@table("{0}: /Schemas has what is mapped and nothing else", [(name,) for name in SCHEMAS])
def schemas(bed, name):
    got, want = published(connector_of(bed, name)), SCHEMAS[name]
    same(set(got), set(want), "schemas")
    for urn, paths in want.items():
        # Whether the id-like attributes are listed is left open by RFC 7643 §3.1.
        same(sorted(got[urn] - {"externalId", "id"}), sorted(paths - {"externalId", "id"}), urn)


@case("each: required attributes are published as such")
def schemas_required(bed):
    for name, urn, path in (("simple-in-out", USER, "displayName"), ("sign-in-enterprise", USER, "name.familyName"),
                            ("people", USER, "userName"), ("ideo", GROUP, "displayName")):
        schema = connector_of(bed, name).get(f"/Schemas/{urn}").must(200).json
        attribute = next(a for a in schema["attributes"] if a["name"] == path.split(".")[0])
        if "." in path:
            attribute = next(s for s in attribute["subAttributes"] if s["name"] == path.split(".")[1])
        same(attribute["required"], True, path)


@case("each: /ResourceTypes and /ServiceProviderConfig")
def discovery(bed):
    for connector in bed.connectors:
        types = connector.get("/ResourceTypes").must(200).json["Resources"]
        same({t["endpoint"] for t in types}, {"/Users", "/Groups"})
        config = connector.get("/ServiceProviderConfig").must(200).json
        same((config["patch"]["supported"], config["filter"]["supported"]), (True, True))
        connector.get("/Me").refused(501, None)


# --- Simple In/Out ----------------------------------------------------------------------------------------


def foreign_user(bed, connector, name, **more):
    """An entry that nobody provisioned; its entryUUID."""
    attributes = {"objectClass": ["inetOrgPerson"], "uid": [name], "cn": [name], "sn": [name], **more}
    bed.ldap.add_s(f"uid={name},{connector.users}",
                   [(k, [x.encode() for x in v]) for k, v in attributes.items()])
    return connector.values(connector.named(name)[0][1]["entryUUID"][0].decode(), "entryUUID")[0]


@case("simple-in-out: the role is written at creation only")
def role_constant(bed):
    sio = bed.sio
    user = sio.new_user(bed.fresh("role"))
    same(sio.values(user["id"], "employeeType"), ["member"])
    bed.ldap.modify_s(sio.dn(user["id"]), [(ldap.MOD_REPLACE, "employeeType", [b"admin"])])
    sio.put(f"/Users/{user['id']}", {**user, "title": "T"}).must(200)
    sio.patch_user(user["id"], op("Replace", "displayName", "Other"), op("Replace", "userName", bed.fresh("role"))).must(200, 204)
    same(sio.values(user["id"], "employeeType"), ["admin"])


@case("simple-in-out: an adopted entry keeps its role and whatever else it has")
def adoption(bed):
    sio, name = bed.sio, bed.fresh("adopted")
    before = foreign_user(bed, sio, name, employeeType=["owner"], description=["old"], roomNumber=["7"], title=["Old"])
    user = sio.new_user(name, title="New")
    same(user["id"], before, "the id is the entry's own")
    same(sio.values(before, "employeeType"), ["owner"])
    same(sio.values(before, "description") + sio.values(before, "roomNumber"), ["old", "7"])
    same((sio.values(before, "title"), sio.values(before, "scimExternalId")), (["New"], [f"x-{name}"]))
    check("scimResource" in sio.values(before, "objectClass"), "no auxiliary class")
    sio.post("/Users", {"schemas": [USER], "userName": name, "displayName": "D", "externalId": f"x-{name}"}
             ).refused(409, "uniqueness")


@case("simple-in-out: matches by externalId before userName")
def match_order(bed):
    sio, name = bed.sio, bed.fresh("match")
    user = sio.new_user(name, externalId="match-1")
    sio.post("/Users", {"schemas": [USER], "userName": name + "-renamed", "displayName": "D", "externalId": "match-1"}
             ).refused(409, "uniqueness", name)
    sio.post("/Users", {"schemas": [USER], "userName": name, "displayName": "D", "externalId": "match-2"}
             ).refused(409, "uniqueness", name)
    same(sio.user(user["id"])["externalId"], "match-1")
    other = sio.new_user(name + "-b", externalId="match-3")
    sio.patch_user(other["id"], op("Replace", "externalId", "match-1")).refused(409, "uniqueness", name)
    same(sio.values(other["id"], "scimExternalId"), ["match-3"])


@case("simple-in-out: one number of each type")
def one_number(bed):
    body = {"schemas": [USER], "userName": bed.fresh("two"), "displayName": "D", "externalId": bed.fresh("x")}
    for phones in ([{"type": "work", "value": "1"}, {"type": "pager", "value": "2"}],
                   [{"type": "fax", "value": "1"}, {"value": "2"}]):
        bed.sio.post("/Users", {**body, "phoneNumbers": phones}).refused(400, "invalidValue", "phoneNumbers")
    same(bed.sio.named(body["userName"]), [], "entries")


# --- Sign In Enterprise -----------------------------------------------------------------------------------


@case("sign-in-enterprise: an unassigned host is hidden, not gone")
def hide(bed):
    sie = bed.sie
    host = sie.new_user(bed.fresh("host"))["id"]
    group = sie.new_group(bed.fresh("Hosts"), [host])["id"]
    same(sie.user(host)["active"], True)
    check(sie.values(host, "scimVisible") in ([], ["TRUE"]), "a new host is visible")
    sie.patch_user(host, op("Replace", "active", "False")).must(200, 204)
    same(sie.values(host, "scimVisible"), ["FALSE"])
    check(sie.values(host, "scimInactiveSince"), "no stamp")
    same(sie.user(host)["active"], False)
    same(sie.members(group), [host], "memberships stay")
    stamp = sie.stamp(host)
    sie.patch_user(host, op("Replace", "active", "False")).must(200, 204)
    same(sie.stamp(host), stamp, "hidden twice")
    sie.patch_user(host, op("Replace", "active", "True")).must(200, 204)
    same((sie.values(host, "scimVisible"), sie.values(host, "scimInactiveSince")), (["TRUE"], []))


@case("sign-in-enterprise: a host created inactive is hidden at once")
def born_hidden(bed):
    host = bed.sie.new_user(bed.fresh("host"), active=False)
    same(host["active"], False)
    same(bed.sie.values(host["id"], "scimVisible"), ["FALSE"])
    same(bed.sie.find(f'userName eq "{host["userName"]}" and active eq false'), [host["id"]])


@case("sign-in-enterprise: a deleted host is a hidden tombstone, a deleted group is gone")
def host_deleted(bed):
    sie = bed.sie
    host = sie.new_user(bed.fresh("host"))["id"]
    group = sie.new_group(bed.fresh("Gone"), [host])["id"]
    sie.delete(f"/Users/{host}").must(204)
    same(sie.values(host, "scimVisible"), ["FALSE"])
    check(sie.values(host, "scimDeletedAt"), "no mark")
    same(sie.members(group), [])
    same(sie.values(group, "member"), ["cn=nobody"])
    sie.delete(f"/Groups/{group}").must(204)
    same(bed.search(sie.base, f"(entryUUID={group})"), [])


@case("sign-in-enterprise: alternative addresses, several")
def alternatives(bed):
    sie = bed.sie
    host = sie.new_user(bed.fresh("host"), emails=[
        {"type": "work", "value": "w@example.com"}, {"type": "other", "value": "a@example.com"},
        {"type": "other", "value": "b@example.com"}])
    same(sie.values(host["id"], "scimAltMail"), ["a@example.com", "b@example.com"])
    sie.patch_user(host["id"], op("remove", 'emails[type eq "other" and value eq "a@example.com"]')).must(200)
    same(sie.values(host["id"], "scimAltMail"), ["b@example.com"])
    sie.patch_user(host["id"], op("Add", "emails", [{"type": "work", "value": "second@example.com"}])).must(200, 400)
    check(len(sie.values(host["id"], "mail")) == 1, "a second work address")


# --- IDEO -----------------------------------------------------------------------------------------------


@case("ideo: groups by PATCH")
def ideo_groups(bed):
    ideo = bed.ideo
    ids = ideo.users_named(bed.fresh("i") + "-", 3)
    group = ideo.new_group(bed.fresh("Ideo"))["id"]
    ideo.patch_group(group, op("Add", "members", [{"value": i} for i in ids])).must(204)
    ideo.patch_group(group, op("Remove", "members", [{"value": ids[0]}])).must(204)
    ideo.patch_group(group, op("Replace", "displayName", "Ideo renamed")).must(204)
    same(ideo.members(group), sorted(ids[1:]))
    same(ideo.values(group, "member"), sorted(ideo.dn(i) for i in ids[1:]))
    ideo.patch_group(group, op("replace", "members", [{"value": ids[0]}])).must(204)
    same(ideo.members(group), [ids[0]])


@case("ideo: cn and sn follow the name")
def ideo_names(bed):
    ideo, name = bed.ideo, bed.fresh("named")
    user = ideo.new_user(name)["id"]
    same((ideo.values(user, "cn"), ideo.values(user, "sn")), ([name], [name]))
    ideo.patch_user(user, op("Add", "name.givenName", "Ada"), op("Add", "name.familyName", "Byron")).must(200)
    same((ideo.values(user, "cn"), ideo.values(user, "sn")), (["Ada Byron"], ["Byron"]))
    ideo.patch_user(user, op("Replace", "name.familyName", "Lovelace")).must(200)
    same((ideo.values(user, "cn"), ideo.values(user, "sn")), (["Ada Lovelace"], ["Lovelace"]))
    ideo.patch_user(user, op("Remove", "name.familyName")).must(200)
    same((ideo.values(user, "cn"), ideo.values(user, "sn")), ([name], [name]))
    same(ideo.user(user)["name"]["familyName"], name, "sn is mandatory: what stands in for it is seen")


# --- people: every mapped attribute there and back ----------------------------------------------------------

ODD = 'Müller, "Jürgen" + Co; <a>=b\\c #1 \u5c71\U0001f600 ' + "e\u0301"


def certificate():
    """A DER certificate in base64; None without openssl."""
    if not shutil.which("openssl"):
        return None
    with tempfile.TemporaryDirectory() as folder:
        subprocess.run(["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-keyout", os.path.join(folder, "k"),
                        "-out", os.path.join(folder, "c"), "-outform", "DER", "-subj", "/CN=x", "-days", "9"],
                       check=True, capture_output=True, timeout=30)
        with open(os.path.join(folder, "c"), "rb") as file:
            return base64.b64encode(file.read()).decode()


def everything(name, manager):
    body = {
        "schemas": [USER, ENTERPRISE], "externalId": f"Ext {name} {ODD}", "userName": f"{name} {ODD}",
        "displayName": ODD, "nickName": f"nick {ODD}", "profileUrl": "https://example.com/~x?a=b&c=%20#f",
        "title": ODD, "userType": "Employee/Ext", "preferredLanguage": "de-CH", "locale": "de-CH",
        "timezone": "Europe/Zürich", "active": True,
        "name": {"formatted": ODD, "familyName": f"Family {ODD}", "givenName": f"Given {ODD}", "middleName": ODD,
                 "honorificPrefix": "Dr. h.c.", "honorificSuffix": "III."},
        "emails": [{"value": f"{name}+tag@example.com", "type": "work", "primary": True},
                   {"value": "first@home.example", "type": "home"}, {"value": "zweite@höme.example", "type": "home"},
                   {"value": "other@alt.example", "type": "other"}],
        "phoneNumbers": [{"value": "+49 (30) 1-2/3", "type": "work"}, {"value": "+1 2", "type": "home"},
                         {"value": "+1 3", "type": "mobile"}, {"value": "+1 4", "type": "fax"},
                         {"value": "+1 5", "type": "pager"}, {"value": "ext. 9; only noon", "type": "other"}],
        "ims": [{"value": "a@xmpp.example/resource", "type": "xmpp"}],
        "photos": [{"value": "https://example.com/p.jpg?x=1&y=2", "type": "photo"},
                   {"value": "https://example.com/t.jpg", "type": "thumbnail"}],
        "addresses": [{"type": "work", "formatted": "Weg 1 $ Hof\\Haus\n10115 Berlin\nGermany", "streetAddress": ODD,
                       "locality": "Köln", "region": "NW", "postalCode": "50667", "country": "Deutschland"},
                      {"type": "home", "formatted": "Zu Hause 1\nDort"}],
        "entitlements": [{"value": "parking, level 2"}, {"value": ODD}],
        "roles": [{"value": "reader"}, {"value": '{"value":"Admin"}'}],
        ENTERPRISE: {"employeeNumber": "00-4711", "costCenter": ODD, "organization": ODD, "division": ODD,
                     "department": ODD, "manager": {"value": manager}}}
    der = certificate()
    if der:
        body["x509Certificates"] = [{"value": der}]
    return body


def comparable(resource):
    """Without what the server adds; elements in a fixed order."""
    result = {}
    for key, value in resource.items():
        if key in ("id", "meta", "schemas"):
            continue
        if isinstance(value, list):
            value = sorted(({k: v for k, v in e.items() if k != "$ref"} for e in value), key=lambda e: str(sorted(e.items())))
        if key == ENTERPRISE:
            value = dict(value)
            if "manager" in value:
                value["manager"] = {"value": value["manager"]["value"]}
        result[key] = value
    return result


def created(bed):
    manager = bed.people.new_user(bed.fresh("boss"))["id"]
    body = everything(bed.fresh("every"), manager)
    return body, bed.people.post("/Users", body).must(201).json


@case("people: everything written by POST reads back byte for byte")
def round_trip(bed):
    body, user = created(bed)
    same(comparable(user), comparable(body), "the reply to POST")
    same(comparable(bed.people.user(user["id"])), comparable(body), "GET")
    found = bed.people.query("Users", f'externalId eq "{body["externalId"]}"'.replace("\\", "\\\\").replace(
        '"Jürgen"', '\\"Jürgen\\"'))["Resources"]
    same([comparable(r) for r in found], [comparable(body)], "a query")
    same(sorted(user["schemas"]), sorted([USER, ENTERPRISE]))


@case("people: PUT of what GET returned changes nothing")
def put_same(bed):
    _, user = created(bed)
    stamp = bed.people.stamp(user["id"])
    shown = bed.people.user(user["id"])
    same(bed.people.put(f"/Users/{user['id']}", shown).must(200).json, shown, "the reply")
    same(bed.people.stamp(user["id"]), stamp, "entryCSN")


@case("people: everything written by PUT over a bare user, and cleared by PUT")
def put_everything(bed):
    people = bed.people
    boss = people.new_user(bed.fresh("boss"))["id"]
    bare = people.new_user(bed.fresh("bare"))
    body = everything(bed.fresh("put"), boss)
    same(comparable(people.put(f"/Users/{bare['id']}", body).must(200).json), comparable(body), "PUT")
    same(comparable(people.user(bare["id"])), comparable(body), "GET")
    back = {"schemas": [USER], "userName": bare["userName"]}
    people.put(f"/Users/{bare['id']}", back).must(200)
    same(comparable(people.user(bare["id"])), {"userName": bare["userName"], "active": True,
                                               "name": {"familyName": bare["userName"]}}, "but for the mandatory sn")
    same(people.values(bare["id"], "cn"), [bare["userName"]], "cn")


@case("people: everything written by one path-less PATCH")
def patch_everything(bed):
    people = bed.people
    boss = people.new_user(bed.fresh("boss"))["id"]
    bare = people.new_user(bed.fresh("bare"))["id"]
    body = everything(bed.fresh("patch"), boss)
    people.patch_user(bare, op("replace", None, {k: v for k, v in body.items() if k != "schemas"})).must(200)
    same(comparable(people.user(bare)), comparable(body), "GET")


NO_OPS = [
    ("title", op("Replace", "title", ODD)), ("Add title", op("Add", "title", ODD)),
    ("active", op("Replace", "active", "True")), ("nothing to remove", op("Remove", "photos[type eq \"none\"]")),
    ("emails", op("Add", "emails", [{"type": "home", "value": "first@home.example"}])),
    ("work email", op("Replace", 'emails[type eq "work"].value', None)),
    ("department", op("Replace", f"{ENTERPRISE}:department", ODD)), ("name", op("Replace", "name.middleName", ODD)),
    ("address", op("Replace", 'addresses[type eq "work"].locality', "Köln")),
    ("roles", op("Add", "roles", [{"value": "reader"}]))]


@case("people: PATCH that changes nothing leaves lastModified and the version")
def no_op(bed):
    people = bed.people
    body, user = created(bed)
    time.sleep(1.1)  # lastModified has seconds
    for name, operation in NO_OPS:
        if name == "work email":
            operation = op("Replace", 'emails[type eq "work"].value', body["emails"][0]["value"])
        reply = people.patch_user(user["id"], operation).must(200, 204, 400)
        if name == "nothing to remove" and reply.status == 400:
            same(reply.json["scimType"], "noTarget")
            continue
        same(people.user(user["id"])["meta"], user["meta"], f"meta after {name}")
    manager = people.user(user["id"])[ENTERPRISE]["manager"]["value"]
    people.patch_user(user["id"], op("Add", f"{ENTERPRISE}:manager", manager)).must(200, 204)
    same(people.user(user["id"])["meta"], user["meta"], "meta after manager")


@table("people: {0} is a change though the directory holds them equal", [
    ("case", "Title", "TITLE"), ("spaces", "a b", "a  b"), ("surrounding spaces", "x", " x ")])
def equal_but_different(bed, _name, first, second):
    people = bed.people
    user = people.new_user(bed.fresh("case"), title=first, displayName=first, nickName=first)["id"]
    people.patch_user(user, op("Replace", "title", second)).must(200, 204)
    same(people.user(user)["title"], second, "one direct change")
    people.patch_user(user, op("Replace", "displayName", second), op("Replace", "nickName", second)).must(200, 204)
    shown = people.user(user)
    same((shown["displayName"], shown["nickName"]), (second, second), "by reading first")
    same(people.values(user, "title"), [second])


@table("people: {0} as {1} characters of displayName", [("ASCII", 10000), ("umlauts", 5000), ("emoji", 2500)])
def long_values(bed, kind, count):
    text = {"ASCII": "x", "umlauts": "ü", "emoji": "\U0001f600"}[kind] * count
    user = bed.people.new_user(bed.fresh("long"), displayName=text)
    same(bed.people.user(user["id"])["displayName"], text)


@table("people: userName {0!r}", [
    ("o'neil",), ("a,b",), ("a+b",), ("a=b",), ('a"b',), ("a\\b",), ("a;b",), ("<a>",), ("#a",), ("a#b",),
    ("jörg",), ("\u5c71\u7530",), ("x\U0001f600",), ("a/b",), ("a%2fb",), ("a*b",), ("a(b)",), ("user@example.com",),
    ("a\tb",), ("\\2c",), ("a&b|c!d",)])
def odd_user_names(bed, name):
    people = bed.people
    user = people.new_user(name)
    same(user["userName"], name)
    same(people.user(user["id"])["userName"], name)
    same(people.values(user["id"], "uid"), [name])
    quoted = name.replace("\\", "\\\\").replace('"', '\\"').replace("\t", "\\t")
    same(people.find(f'userName eq "{quoted}"'), [user["id"]], "by filter")
    people.post("/Users", {"schemas": [USER], "userName": name}).refused(409, "uniqueness")
    group = people.new_group("of " + name, [user["id"]])
    same((group["displayName"], people.members(group["id"])), ("of " + name, [user["id"]]))
    people.patch_user(user["id"], op("Replace", "userName", name + "2")).must(200)
    same(people.user(user["id"])["userName"], name + "2")
    people.delete(f"/Users/{user['id']}").must(204)


@table("people: userName {0!r}, whose outer spaces LDAP does not compare", [(" lead",), ("trail ",), (" b o t h ",)])
def spaced_user_names(bed, name):
    people = bed.people
    user = people.new_user(name)
    same(people.user(user["id"])["userName"], name)
    people.post("/Users", {"schemas": [USER], "userName": name.strip()}).refused(409, "uniqueness")
    people.delete(f"/Users/{user['id']}").must(204)


@table("people: {0} is refused with the reason", [
    ("a blank userName", {"userName": "  "}), ("a userName with NUL", {"userName": "a\x00b"}),
    ("a number as userName", {"userName": 7}), ("an object as title", {"title": {"a": 1}}),
    ("an umlaut in mail", {"emails": [{"type": "work", "value": "müll@example.com"}]}),
    ("an unknown email type", {"emails": [{"type": "boat", "value": "b@example.com"}]}),
    ("two work addresses", {"emails": [{"type": "work", "value": "a@example.com"}, {"type": "work", "value": "b@example.com"}]}),
    ("two primaries", {"emails": [{"type": "work", "value": "a@example.com", "primary": True},
                                  {"type": "home", "value": "b@example.com", "primary": True}]}),
    ("an unknown manager", {ENTERPRISE: {"manager": {"value": NOWHERE}}}),
    ("no base64", {"x509Certificates": [{"value": "%%%"}]}), ("no boolean", {"active": "perhaps"}),
    ("a string as name", {"name": "Ada"}), ("letters as telephone number", {"phoneNumbers": [{"type": "work", "value": "ü"}]})])
def refused_values(bed, _name, change):
    body = {"schemas": [USER], "userName": bed.fresh("refused"), **change}
    reply = bed.people.post("/Users", body).must(400)
    check(reply.detail, "no reason")
    same(bed.people.named(body["userName"] if isinstance(body["userName"], str) and "\x00" not in body["userName"]
                          and body["userName"].strip() else "refused-none"), [], "entries")


@case("people: a userName too long for the directory")
def long_user_name(bed):
    reply = bed.people.post("/Users", {"schemas": [USER], "userName": "u" * 600})
    if reply.status == 201:
        same(bed.people.user(reply.json["id"])["userName"], "u" * 600)
        return
    reply.must(400, 502)
    check(reply.detail, "no reason")


@case("people: addresses by sub-attribute")
def addresses(bed):
    people = bed.people
    user = people.new_user(bed.fresh("address"))["id"]
    parts = {"streetAddress": ("street", "Weg 3"), "locality": ("l", "Ulm"), "region": ("st", "BW"),
             "postalCode": ("postalCode", "89073"), "country": ("scimCountry", "DE")}
    for sub, (attribute, value) in parts.items():
        people.patch_user(user, op("Add", f'addresses[type eq "work"].{sub}', value)).must(200)
        same(people.values(user, attribute), [value])
    shown = people.user(user)["addresses"]
    same(shown, [{**{sub: v for sub, (_, v) in parts.items()}, "type": "work"}])
    people.patch_user(user, op("Replace", 'addresses[type eq "work"].locality', "Bonn"),
                      op("Remove", 'addresses[type eq "work"].region')).must(200)
    same((people.values(user, "l"), people.values(user, "st"), people.values(user, "street")), (["Bonn"], [], ["Weg 3"]))
    people.patch_user(user, op("Replace", 'addresses[type eq "work"]', {"locality": "Kiel"})).must(200)
    check(people.values(user, "l") == ["Kiel"], "element replaced")
    people.patch_user(user, op("Add", "addresses", [{"type": "home", "formatted": "Heim"}])).must(200)
    same(people.values(user, "homePostalAddress"), ["Heim"])
    people.patch_user(user, op("Remove", 'addresses[type eq "work"]')).must(200)
    same((people.values(user, "l"), people.values(user, "street")), ([], []))
    same(people.user(user)["addresses"], [{"formatted": "Heim", "type": "home"}])


@case("people: a manager who is deleted is not shown")
def manager_gone(bed):
    people = bed.people
    boss = people.new_user(bed.fresh("boss"))["id"]
    user = people.new_user(bed.fresh("managed"), **{ENTERPRISE: {"manager": {"value": boss}}})["id"]
    shown = people.user(user)[ENTERPRISE]["manager"]
    check(shown["$ref"].endswith(f"/people/scim/v2/Users/{boss}"), shown)
    people.delete(f"/Users/{boss}").must(204)
    check("manager" not in people.user(user).get(ENTERPRISE, {}), "a deleted manager is shown")
    people.patch_user(user, op("Replace", f"{ENTERPRISE}:manager", boss)).refused(400, "invalidValue", boss)
    same(people.find(f'manager eq "{boss}"'), [])


@case("people: a manager of oneself, and in a circle")
def manager_circle(bed):
    people = bed.people
    one, two = people.users_named(bed.fresh("circle") + "-", 2)
    for user, boss in ((one, one), (one, two), (two, one)):
        people.patch_user(user, op("Add", f"{ENTERPRISE}:manager", boss)).must(200, 204)
        same(people.user(user)[ENTERPRISE]["manager"]["value"], boss)


@case("people: passwords are set, never shown, and replaced")
def passwords(bed):
    people = bed.people
    user = people.new_user(bed.fresh("secret"), password="Fir$t-geheim, ü")
    dn = people.dn(user["id"])
    check("password" not in user and "userPassword" not in str(user), "the reply shows the password")
    check(bed.can_bind(dn, "Fir$t-geheim, ü"), "the password does not bind")
    stored = people.values(user["id"], "userPassword")
    check(stored and all("geheim" not in str(s) for s in stored), "stored in clear text")
    people.patch_user(user["id"], op("Replace", "password", "second-geheim")).must(200, 204)
    check(bed.can_bind(dn, "second-geheim") and not bed.can_bind(dn, "Fir$t-geheim, ü"), "after PATCH")
    shown = people.user(user["id"])
    people.put(f"/Users/{user['id']}", {**shown, "title": "T"}).must(200)
    check(bed.can_bind(dn, "second-geheim"), "PUT without a password took it away")
    people.put(f"/Users/{user['id']}", {**shown, "password": "third-geheim"}).must(200)
    check(bed.can_bind(dn, "third-geheim"), "after PUT")
    for attributes in ("password", "userName,password"):
        check("password" not in people.get(f"/Users/{user['id']}", attributes=attributes).must(200).json, "asked for")
    people.get("/Users", filter='password eq "third-geheim"').refused(400, "invalidFilter")
    people.get("/Users", filter="password pr").refused(400, "invalidFilter")
    check("geheim" not in bed.log(), "a password in the log")


@case("people: ETag and version agree and change with the entry")
def versions(bed):
    people = bed.people
    user = people.new_user(bed.fresh("version"))
    reply = people.get(f"/Users/{user['id']}").must(200)
    same(reply.headers.get("etag"), reply.json["meta"]["version"])
    after = people.patch_user(user["id"], op("Replace", "title", "V")).must(200).json
    check(after["meta"]["version"] != user["meta"]["version"], "the version stays")
    same(people.user(user["id"])["meta"], after["meta"])


if __name__ == "__main__":
    main()
