#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""Extensions and resource types that a map brings are served as SCIM's own are."""

import os
import tempfile

from suite import GROUP, LIST, NOWHERE, USER, case, check, harness, main, op, same, table

MAP = os.path.join(harness.SOURCE, "tests", "data", "maps", "own-types.jsonc")
DEVICE = "urn:example:params:scim:schemas:core:2.0:Device"
TEAM = "urn:example:params:scim:schemas:core:2.0:Team"
NETWORK = "urn:example:params:scim:schemas:extension:network:2.0:Device"
BADGE = "urn:example:params:scim:schemas:extension:badge:2.0"
ECMA = "urn:ietf:params:scim:schemas:extension:ECMA2Host:2.0:User"
BULK = "urn:ietf:params:scim:api:messages:2.0:BulkRequest"


def new(bed, endpoint, body):
    return bed.people.post("/" + endpoint, body).must(201).json


def device(bed, name=None, network=None, **more):
    body = {"schemas": [DEVICE], "displayName": name or bed.fresh("device"), **more}
    if network:
        body[NETWORK] = network
        body["schemas"].append(NETWORK)
    return new(bed, "Devices", body)


# --- discovery ---------------------------------------------------------------------------------


@case("/ResourceTypes lists what the map brings")
def resource_types(bed):
    found = bed.people.get("/ResourceTypes").must(200).json["Resources"]
    same([kind["id"] for kind in found], ["User", "Group", "Device", "Team", "Guest"])
    one = bed.people.get("/ResourceTypes/Device").must(200).json
    same((one["endpoint"], one["schema"], one["name"], one["description"]),
         ("/Devices", DEVICE, "Device", "Printers, phones and the like"))
    same(one["schemaExtensions"], [{"schema": NETWORK, "required": False}])
    same(one["meta"]["resourceType"], "ResourceType")
    same([e["schema"] for e in found[0]["schemaExtensions"]], [BADGE, ECMA])
    same(found[4]["schema"], USER)


def attributes(bed, urn):
    schema = bed.people.get("/Schemas/" + urn).must(200).json
    same(schema["id"], urn)
    return {attribute["name"]: attribute for attribute in schema["attributes"]}


SAYS = [  # schema, attribute, and what /Schemas says of it
    (DEVICE, "displayName", {"type": "string", "required": True, "uniqueness": "server", "description": "What it is called"}),
    (DEVICE, "serialNumber", {"mutability": "immutable", "multiValued": False}),
    (DEVICE, "interfaces", {"type": "complex", "multiValued": True}),
    (DEVICE, "owner", {"type": "complex", "multiValued": False, "required": False}),
    (DEVICE, "active", {"type": "boolean"}),
    (NETWORK, "port", {"type": "integer", "multiValued": False, "mutability": "readWrite"}),
    (NETWORK, "monitored", {"type": "boolean", "mutability": "readOnly"}),
    (NETWORK, "installed", {"type": "dateTime"}),
    (NETWORK, "homepage", {"type": "reference", "caseExact": True}),
    (NETWORK, "tags", {"type": "string", "multiValued": True, "caseExact": False}),
    (NETWORK, "picture", {"type": "binary"}),
    (NETWORK, "backups", {"type": "complex", "multiValued": True}),
    (NETWORK, "contacts", {"type": "complex", "multiValued": True}),
    (TEAM, "members", {"type": "complex", "multiValued": True}),
    (BADGE, "secret", {"returned": "request"}),
    (BADGE, "number", {"type": "integer"}),  # of users; groups have only doors
    (BADGE, "doors", {"multiValued": True}),
    (USER, "nickName", {"type": "string"}),  # of guests alone
]


@table("/Schemas tells {1} of {0}", SAYS)
def schemas(bed, urn, name, said):
    attribute = attributes(bed, urn)[name]
    same({key: attribute.get(key) for key in said}, said, name)


@case("/Schemas has what is mapped, each schema once")
def schemas_once(bed):
    found = bed.people.get("/Schemas").must(200).json["Resources"]
    ids = [schema["id"] for schema in found]
    same(len(ids), len(set(ids)), "schemas")
    check("notMapped" not in attributes(bed, DEVICE), "an attribute that nothing holds")
    subs = {sub["name"]: sub for sub in attributes(bed, NETWORK)["backups"]["subAttributes"]}
    same(subs["$ref"]["referenceTypes"], ["Device"])
    same([s["name"] for s in attributes(bed, DEVICE)["interfaces"]["subAttributes"]], ["value", "type", "primary"])
    types = {s["name"]: s for s in attributes(bed, NETWORK)["contacts"]["subAttributes"]}
    same(types["type"]["canonicalValues"], ["day", "night"])
    user = attributes(bed, USER)
    same((user["userName"]["required"], "nickName" in user), (True, True))


# --- one resource ------------------------------------------------------------------------------


WHOLE = {"port": 8080, "public": True, "installed": "2024-02-29T12:00:00Z", "homepage": "https://example.com/A",
         "tags": ["red", "blue"], "picture": "AAEC", "contacts": [{"type": "day", "value": "+1 1"}, {"type": "night", "value": "+1 2"}]}


@case("a resource of a type of one's own: POST, GET, PUT, PATCH, DELETE")
def life(bed):
    people, name = bed.people, bed.fresh("printer")
    user = people.new_user(bed.fresh("owner"))["id"]
    made = device(bed, name, WHOLE, externalId="x-" + name, serialNumber="S-1", owner={"value": user},
                  location={"place": "Rome", "room": "1"}, active=True,
                  interfaces=[{"type": "ip", "value": "10.0.0.1"}, {"type": "mac", "value": "00:11:22:33:44:55"}])
    path = "/Devices/" + made["id"]
    same(sorted(made["schemas"]), sorted([DEVICE, NETWORK]))
    same((made["meta"]["resourceType"], made["meta"]["location"][-len(path):]), ("Device", path))
    same({**made[NETWORK], "tags": sorted(made[NETWORK]["tags"])}, {**WHOLE, "tags": ["blue", "red"], "monitored": False})
    same((made["owner"]["value"], made["owner"]["$ref"].endswith("/Users/" + user)), (user, True))
    same(made["interfaces"][0], {"type": "ip", "value": "10.0.0.1", "primary": True})
    same(people.get(path).must(200).json, made)
    for attribute, values in {"uidNumber": ["8080"], "ou": ["TRUE"], "scimDeletedAt": ["20240229120000Z"], "l": ["Rome"],
                              "owner": [people.dn(user)], "ipHostNumber": ["10.0.0.1"]}.items():
        same(people.values(made["id"], attribute), values, attribute)
    changed = people.patch(path, op("replace", NETWORK + ":port", 81), op("add", NETWORK + ":tags", ["green"]),
                           op("remove", NETWORK + ":homepage"), op("replace", "location.room", "2"),
                           op("replace", f'{NETWORK}:contacts[type eq "day"].value', "+1 3"),
                           op("replace", DEVICE + ":externalId", "y-" + name)).must(200).json
    same((changed[NETWORK]["port"], sorted(changed[NETWORK]["tags"]), changed["location"], changed["externalId"]),
         (81, ["blue", "green", "red"], {"place": "Rome", "room": "2"}, "y-" + name))
    same(("homepage" in changed[NETWORK], changed[NETWORK]["contacts"][0]["value"]), (False, "+1 3"))
    people.patch(path, op("replace", "serialNumber", "S-2")).refused(400, "mutability", "serialNumber")
    people.patch(path, op("replace", NETWORK + ":port", "x")).refused(400, "invalidValue", "port")
    people.patch(path, op("replace", NETWORK + ":nosuch", "x")).refused(400, "invalidPath")
    people.patch(path, op("replace", "userName", "x")).refused(400, "invalidPath")
    people.patch(path, op("remove", "displayName")).refused(400, "mutability", "displayName")
    people.patch(path, op("replace", None, {"location": {"place": "Bonn"}, NETWORK: {"port": 82}})).must(200)
    put = people.put(path, {"schemas": [DEVICE], "displayName": name + "b", "serialNumber": "S-1"}).must(200).json
    same((put["displayName"], "owner" in put, put.get(NETWORK), put["schemas"]), (name + "b", False, {"monitored": False}, [DEVICE, NETWORK]))
    same(people.dn(made["id"]).split(",")[0], "cn=" + name + "b")
    same(people.patch(path, op("replace", "active", "False")).must(200).json["active"], False)
    same(people.values(made["id"], "scimVisible"), ["FALSE"])
    people.delete(path).must(204)
    people.get(path).refused(404)
    people.delete(f"/Users/{user}").must(204)


@case("what a type of one's own requires, and what it cannot hold")
def refusals(bed):
    people = bed.people
    people.post("/Devices", {"schemas": [DEVICE]}).refused(400, "invalidValue", "displayName")
    people.post("/Devices", {"schemas": [DEVICE], "displayName": "x", "interfaces": [{"type": "usb", "value": "1"}]}) \
        .refused(400, "invalidValue", "usb")
    people.post("/Devices", {"schemas": [DEVICE, NETWORK], "displayName": "x", NETWORK: {"port": 1.5}}) \
        .refused(400, "invalidValue", "port")
    people.post("/Devices", {"schemas": [DEVICE], "displayName": "x", "owner": {"value": NOWHERE}}) \
        .refused(400, "invalidValue", "owner")
    people.post("/Teams", {"schemas": [TEAM], "name": "x", "lead": {"value": device(bed)["id"]}}) \
        .refused(400, "invalidValue", "lead")
    people.get("/devices").refused(404)
    people.get("/Devices/" + NOWHERE).refused(404)
    people.get("/Devices/" + people.new_user(bed.fresh("no-device"))["id"]).refused(404)
    name = bed.fresh("twice")
    device(bed, name)
    people.post("/Devices", {"schemas": [DEVICE], "displayName": name}).refused(409, "uniqueness")


# --- queries -----------------------------------------------------------------------------------


FILTERS = [  # filter, and which of the three devices it finds
    ("displayName sw \"filter-\"", "abc"), (f"{NETWORK}:port gt 10", "bc"), (f"{NETWORK}:port eq 5", "a"), ("port le 50", "ab"),
    (f"{NETWORK}:public eq true", "a"), (f"{NETWORK}:public eq false", "b"), (f"not ({NETWORK}:public pr)", "c"),
    (f"{NETWORK}:installed ge \"2024-01-01T00:00:00Z\"", "b"), (f"{NETWORK}:homepage eq \"https://example.com/B\"", "b"),
    (f"{NETWORK}:homepage eq \"https://EXAMPLE.com/B\"", ""), (f"{NETWORK}:tags eq \"RED\"", "ab"), ("tags co \"lu\"", "b"),
    (f"{NETWORK}:contacts[type eq \"day\" and value eq \"+1 7\"]", "c"), ("interfaces.value eq \"10.1.0.1\"", "a"),
    ("location.place eq \"rome\"", "a"), ("meta.resourceType eq \"Device\"", "abc"), (f"schemas eq \"{NETWORK}\"", "abc"),
    (f"{DEVICE}:displayName eq \"filter-a\"", "a"), ("active eq false", "c"),
]


def three(bed):
    if not hasattr(bed, "three"):
        user = bed.people.new_user("filter-owner")["id"]
        a = device(bed, "filter-a", {"port": 5, "public": True, "tags": ["red"]}, location={"place": "Rome"},
                   interfaces=[{"type": "ip", "value": "10.1.0.1"}], owner={"value": user})["id"]
        b = device(bed, "filter-b", {"port": 50, "public": False, "installed": "2024-05-05T00:00:00Z", "tags": ["red", "blue"],
                                     "homepage": "https://example.com/B", "backups": [{"value": a}]})["id"]
        c = device(bed, "filter-c", {"port": 500, "contacts": [{"type": "day", "value": "+1 7"}],
                                     "backups": [{"value": a}, {"value": b}]}, active=False)["id"]
        bed.three = {"a": a, "b": b, "c": c}
        bed.three_owner = user
    return bed.three


@table("filter {0}", FILTERS)
def filters(bed, text, wanted):
    ids = three(bed)
    found = bed.people.find(f'({text}) and displayName sw "filter-"', "Devices")
    same("".join(sorted(letter for letter, i in ids.items() if i in found)), wanted)
    same(len(found), len(wanted))


@case("filters on references, sort, projection, pages and .search")
def queries(bed):
    people, ids = bed.people, three(bed)
    same(people.find(f'owner.value eq "{bed.three_owner}"', "Devices"), [ids["a"]])
    same(sorted(people.find(f'{NETWORK}:backups eq "{ids["a"]}"', "Devices")), sorted([ids["b"], ids["c"]]))
    same(people.find(f'{NETWORK}:backups.value eq "{ids["c"]}"', "Devices"), [])
    body = people.query("Devices", 'displayName sw "filter-"', sortBy=NETWORK + ":port", sortOrder="descending", attributes="port")
    same([r[NETWORK]["port"] for r in body["Resources"]], [500, 50, 5])
    same(set(body["Resources"][0]), {"schemas", "id", NETWORK})
    body = people.query("Devices", 'displayName sw "filter-"', sortBy="displayName", startIndex=2, count=1)
    same((body["totalResults"], [r["id"] for r in body["Resources"]]), (3, [ids["b"]]))
    body = people.get(f"/Devices/{ids['a']}", excludedAttributes=f"{NETWORK},location").must(200).json
    same((NETWORK in body, "location" in body, "displayName" in body), (False, False, True))
    body = people.post("/Devices/.search", {"schemas": ["urn:ietf:params:scim:api:messages:2.0:SearchRequest"],
                                            "filter": 'displayName eq "filter-b"'}).must(200).json
    same([r["id"] for r in body["Resources"]], [ids["b"]])
    people.get("/Devices", filter='userName eq "x"').refused(400, "invalidFilter", "userName")
    people.get("/Devices", filter="notMapped pr").refused(400, "invalidFilter", "notMapped")


@case("a query of the root finds resources of every type")
def root(bed):
    people, ids = bed.people, three(bed)
    found = people.get("/", filter='displayName eq "filter-a" or userName eq "filter-owner"').must(200).json
    same(found["schemas"], [LIST])
    same({(r["meta"]["resourceType"], r["id"]) for r in found["Resources"]}, {("Device", ids["a"]), ("User", bed.three_owner)})
    found = people.get("/", filter=f'id eq "{ids["b"]}"').must(200).json["Resources"]
    same([(r["id"], r["schemas"]) for r in found], [(ids["b"], [DEVICE, NETWORK])])


# --- references --------------------------------------------------------------------------------


@case("references to resources of every type, and back")
def references(bed):
    people = bed.people
    thing = device(bed)["id"]
    user = people.new_user(bed.fresh("holder"), **{ECMA: {"laptop": {"value": thing}, "expires": "2030-01-01T00:00:00Z"}})
    same(user[ECMA]["laptop"]["value"], thing)
    check(user[ECMA]["laptop"]["$ref"].endswith("/Devices/" + thing), user[ECMA])
    same(people.find(f'{ECMA}:laptop.value eq "{thing}"'), [user["id"]])
    same(people.find(f'{ECMA}:expires gt "2029-01-01T00:00:00Z"'), [user["id"]])
    group = people.new_group(bed.fresh("Things"), [thing, user["id"]])["id"]
    same({(m["value"], m["type"], m["$ref"].split("/")[-2]) for m in people.group(group)["members"]},
         {(thing, "Device", "Devices"), (user["id"], "User", "Users")})
    people.patch(f"/Devices/{thing}", op("replace", "displayName", bed.fresh("renamed"))).must(200)
    same(people.user(user["id"])[ECMA]["laptop"]["value"], thing)
    people.patch_user(user["id"], op("remove", ECMA + ":laptop")).must(200)
    people.patch_user(user["id"], op("add", ECMA + ":laptop", {"value": thing})).must(200)
    people.delete(f"/Devices/{thing}").must(204)
    same(people.members(group), [user["id"]])
    check("laptop" not in people.user(user["id"])[ECMA], "a laptop that is gone")


@case("members of a type of one's own go and come as those of a group do")
def team(bed):
    people = bed.people
    users = people.users_named(bed.fresh("mate"), 3)
    inner = new(bed, "Teams", {"schemas": [TEAM], "name": bed.fresh("Inner")})["id"]
    made = new(bed, "Teams", {"schemas": [TEAM], "name": bed.fresh("Team"), "purpose": "fun", "lead": {"value": users[0]},
                              "members": [{"value": users[0]}, {"value": inner}]})
    path = "/Teams/" + made["id"]
    same({m["type"] for m in people.get(path).json["members"]}, {"User", "Team"})
    people.patch(path, op("add", "members", [{"value": u} for u in users])).must(204)
    people.patch(path, op("remove", f'members[value eq "{users[1]}"]')).must(204)
    same(sorted(m["value"] for m in people.get(path).json["members"]),
         sorted([users[0], users[2], inner]))
    people.delete(f"/Users/{users[2]}").must(204)
    same(sorted(m["value"] for m in people.get(path).json["members"]), sorted([users[0], inner]))
    people.patch(path, op("remove", "members")).must(204)
    check("members" not in people.get(path).json, "members")
    people.delete(path).must(204)


@case("who leaves a tombstone is taken out of groups of every type")
def stripped(bed):
    people, name = bed.people, bed.fresh("leaver")
    guest = new(bed, "Guests", {"schemas": [USER], "userName": name})["id"]
    holders = ["/Groups/" + people.new_group(bed.fresh("Left"), [guest])["id"],
               "/Teams/" + new(bed, "Teams", {"schemas": [TEAM], "name": bed.fresh("Left"), "members": [{"value": guest}]})["id"]]
    people.delete("/Guests/" + guest).must(204)
    for holder in holders:
        same(people.values(holder.split("/")[2], "member"), ["cn=nobody"], holder)
    same(new(bed, "Guests", {"schemas": [USER], "userName": name})["id"], guest)
    for holder in holders:
        check("members" not in people.get(holder).json, holder)


@case("groups of users are searched for where the directory does not keep them, when they are asked for")
def groups(bed):
    people, prefix = bed.people, bed.fresh("grouped")
    users = people.users_named(prefix, 4)
    strangers = people.users_named(bed.fresh("others"), 3)
    small = people.new_group(bed.fresh("Small"), users[:2])["id"]
    large = people.new_group(bed.fresh("Large"), users[1:3] + strangers)["id"]
    mates = new(bed, "Teams", {"schemas": [TEAM], "name": bed.fresh("Mates"), "members": [{"value": users[1]}]})["id"]
    wanted = {users[0]: {small}, users[1]: {small, large, mates}, users[2]: {large}, users[3]: set()}
    check("groups" not in people.user(users[1]), "groups that nobody asked for")
    for user, its in wanted.items():
        body = people.get("/Users/" + user, attributes="groups,userName").must(200).json
        same({g["value"] for g in body.get("groups", [])}, its)
    shown = people.get("/Users/" + users[1], attributes="groups").json["groups"]
    same({g["$ref"].split("/")[-2] for g in shown}, {"Groups", "Teams"})
    for more in ({}, {"count": 2}, {"sortBy": "userName", "count": 3}):
        page = people.query("Users", f'userName sw "{prefix}"', attributes="groups", **more)["Resources"]
        for user in page:
            same({g["value"] for g in user.get("groups", [])}, wanted[user["id"]], str(more))
    same(len(page), 3)
    changed = people.call("PATCH", f"/Users/{users[0]}?attributes=groups", {"schemas": ["urn:ietf:params:scim:api:messages:2.0:PatchOp"],
                          "Operations": [op("replace", "name.familyName", "X")]}).must(200).json
    same([g["value"] for g in changed["groups"]], [small])
    for text in (f'groups eq "{small}"', f'groups.value eq "{small}"', "groups pr", f'groups[value eq "{small}"]', f'not (groups eq "{small}")'):
        people.get("/Users", filter=text).refused(400, "invalidFilter", "search")
    people.get("/", filter=f'groups eq "{small}"').refused(400, "invalidFilter", "search")
    people.get("/Users", sortBy="groups").refused(400, "invalidValue", "groups")
    people.patch_user(users[0], op("add", "groups", [{"value": large}])).refused(400, "mutability")
    same(attributes(bed, USER)["groups"]["returned"], "request")
    same(attributes(bed, USER)["groups"]["mutability"], "readOnly")


# --- extensions of SCIM's own types -------------------------------------------------------------


@case("extensions of one's own: by PATCH with URNs, whole, and on groups")
def extensions(bed):
    people = bed.people
    user = people.new_user(bed.fresh("badge"), **{BADGE: {"number": 7, "doors": ["a", "b"], "secret": "s"}})
    path = user["id"]
    same((user[BADGE]["number"], sorted(user[BADGE]["doors"]), "secret" in user[BADGE]), (7, ["a", "b"], False))
    same(people.get(f"/Users/{path}", attributes=BADGE + ":secret").json[BADGE], {"secret": "s"})
    people.patch_user(path, op("replace", BADGE + ":number", 8)).must(200)
    people.patch_user(path, op("replace", BADGE, {"number": 9})).must(200)
    same(people.user(path)[BADGE]["number"], 9)
    people.patch_user(path, op("replace", None, {BADGE + ":number": 10, BADGE: {"doors": ["c"]}})).must(200)
    same((people.user(path)[BADGE]["number"], people.user(path)[BADGE]["doors"]), (10, ["c"]))
    people.patch_user(path, op("remove", BADGE)).must(200)
    check(BADGE not in people.user(path), "an extension that was removed")
    group = people.new_group(bed.fresh("Doors"), [], **{BADGE: {"doors": ["z"]}})
    same((group["schemas"], group[BADGE]), ([GROUP, BADGE], {"doors": ["z"]}))
    people.patch_group(group["id"], op("replace", BADGE + ":number", 1)).refused(400, "invalidPath")


@case("a type of one's own over one of SCIM's schemas")
def guests(bed):
    name = bed.fresh("guest")
    made = new(bed, "Guests", {"schemas": [USER], "userName": name, "nickName": "G"})
    same((made["meta"]["resourceType"], made["schemas"], made["nickName"]), ("Guest", [USER], "G"))
    same(bed.people.find(f'userName eq "{name}"', "Guests"), [made["id"]])
    same(bed.people.find(f'userName eq "{name}"'), [])
    bed.people.get("/Users/" + made["id"]).refused(404)


# --- bulk --------------------------------------------------------------------------------------


@case("a bulk request with resources of one's own types that refer to each other")
def bulk(bed):
    people, name = bed.people, bed.fresh("bulk")
    reply = people.post("/Bulk", {"schemas": [BULK], "Operations": [
        {"method": "POST", "path": "/Teams", "bulkId": "t", "data": {
            "schemas": [TEAM], "name": name, "lead": {"value": "bulkId:u"}, "members": [{"value": "bulkId:u"}]}},
        {"method": "POST", "path": "/Users", "bulkId": "u", "data": {
            "schemas": [USER, ECMA], "userName": name, ECMA: {"laptop": {"value": "bulkId:d"}}}},
        {"method": "POST", "path": "/Devices", "bulkId": "d", "data": {
            "schemas": [DEVICE], "displayName": name, "owner": {"value": "bulkId:u"}}},
        {"method": "POST", "path": "/Devices", "bulkId": "e", "data": {
            "schemas": [DEVICE, NETWORK], "displayName": name + "2", NETWORK: {"backups": [{"value": "bulkId:d"}]}}},
    ]}).must(200).json
    same([o["status"] for o in reply["Operations"]], ["201"] * 4, "statuses")
    ids = {o["bulkId"]: o["location"].split("/")[-1] for o in reply["Operations"]}
    same(people.user(ids["u"])[ECMA]["laptop"]["value"], ids["d"])
    same(people.get("/Devices/" + ids["d"]).json["owner"]["value"], ids["u"])
    same(people.get("/Devices/" + ids["e"]).json[NETWORK]["backups"][0]["value"], ids["d"])
    same(people.get("/Teams/" + ids["t"]).json["lead"]["value"], ids["u"])
    reply = people.post("/Bulk", {"schemas": [BULK], "Operations": [
        {"method": "PATCH", "path": "/Devices/" + ids["d"], "data": {"schemas": ["urn:ietf:params:scim:api:messages:2.0:PatchOp"],
         "Operations": [op("replace", NETWORK + ":port", 3)]}},
        {"method": "DELETE", "path": "/Teams/" + ids["t"]}]}).must(200).json
    same([o["status"] for o in reply["Operations"]], ["200", "204"])
    same(people.values(ids["d"], "uidNumber"), ["3"])


if __name__ == "__main__":
    with tempfile.NamedTemporaryFile("w", suffix=".ldif") as file:
        for place in ("devices", "teams", "guests"):
            file.write(f"dn: ou={place},ou=people,dc=example,dc=com\nobjectClass: organizationalUnit\nou: {place}\n\n")
        file.flush()
        main(config={"connectors": {"people": {"directory": "local", "map": MAP}}}, ldif=file.name)
