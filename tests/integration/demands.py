#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""What RFC 7643 and RFC 7644 demand and no example of theirs shows; docs/conformance.md says where each demand is met."""

import os

from suite import ENTERPRISE, GROUP, NOWHERE, USER, case, check, harness, main, op, same, table

MAP = os.path.join(harness.SOURCE, "tests", "data", "maps", "rfc.jsonc")


@case("schemas names each schema once, and only those that the resource has")
def schemas(bed):
    body = {"schemas": [ENTERPRISE, USER, USER], "userName": bed.fresh("schemas")}
    same(bed.people.post("/Users", body).must(201).json["schemas"], [USER])
    body = {**body, "userName": bed.fresh("schemas"), ENTERPRISE: {"department": "x"}}
    same(bed.people.post("/Users", body).must(201).json["schemas"], [USER, ENTERPRISE])
    same(bed.people.get("/Users", count=1).must(200).json["schemas"], ["urn:ietf:params:scim:api:messages:2.0:ListResponse"])


@case("what only the service may set is passed over in POST and PUT")
def read_only(bed):
    people, name = bed.people, bed.fresh("readonly")
    group = people.new_group(bed.fresh("Read only"))["id"]
    manager = people.new_user(bed.fresh("manager"), displayName="The Manager")["id"]
    body = {"schemas": [USER, ENTERPRISE], "userName": name, "id": NOWHERE, "groups": [{"value": group}],
            "meta": {"created": "2000-01-01T00:00:00Z", "version": 'W/"x"', "resourceType": "Group", "location": "x"},
            ENTERPRISE: {"manager": {"value": manager, "displayName": "Somebody Else"}}}
    made = people.post("/Users", body).must(201).json
    check(made["id"] != NOWHERE, "the client's id")
    same((made["meta"]["resourceType"], "groups" in made, "displayName" in made[ENTERPRISE]["manager"]), ("User", False, False))
    check(made["meta"]["created"] > "2000-01-01T00:00:00Z", made["meta"])
    again = people.put(f"/Users/{made['id']}", body).must(200).json
    same((again["id"], again["meta"]["created"], "groups" in again), (made["id"], made["meta"]["created"], False))
    same(people.members(group), [])


@case("PUT makes nothing")
def put_nothing(bed):
    name = bed.fresh("put")
    for id_ in (NOWHERE, "no-uuid"):
        bed.people.put(f"/Users/{id_}", {"schemas": [USER], "userName": name}).refused(404)
    same(bed.people.named(name), [])


@case("primary follows from the map: none of another type, never two")
def primary(bed):
    people, name = bed.people, bed.fresh("primary")
    emails = [{"type": "work", "value": "w@example.com"}, {"type": "home", "value": "h@example.com", "primary": True}]
    made = people.new_user(name, emails=emails)
    same([(e["type"], e.get("primary", False)) for e in made["emails"]], [("work", True), ("home", False)])
    people.patch_user(made["id"], op("replace", 'emails[type eq "home"].primary', True)).must(200)
    same(people.user(made["id"])["emails"], made["emails"])
    emails[0]["primary"] = True
    people.post("/Users", {"schemas": [USER], "userName": bed.fresh("primary"), "emails": emails}).refused(400, "invalidValue", "primary")


@case("the same value of a type is there once")
def twice(bed):
    home = {"type": "home", "value": "h@example.com"}
    same(bed.people.new_user(bed.fresh("twice"), emails=[home, dict(home)])["emails"], [home])


@table("PATCH of what cannot be changed so: {0} {1}", [
    ("remove", "userName"), ("replace", "id"), ("replace", "meta.created"), ("add", "groups"), ("remove", "groups"),
    ("add", "schemas")])
def mutability(bed, kind, path):
    made = bed.people.new_user(bed.fresh("mutability"))
    value = [] if kind == "remove" else [[{"value": NOWHERE}] if path == "groups" else "x"]
    bed.people.patch_user(made["id"], op(kind, path, *value)).refused(400, "mutability", path.split(".")[0])
    same(bed.people.user(made["id"]), made)


@case("a member is added or removed, not changed")
def member(bed):
    people = bed.people
    user, other = people.users_named(bed.fresh("member"), 2)
    group = people.new_group(bed.fresh("Members"), [user])["id"]
    people.patch_group(group, op("replace", f'members[value eq "{user}"].value', other)).refused(400, "mutability")
    same(people.members(group), [user])


@table("PATCH with the path {0}: {1}", [
    ("nosuch", "invalidPath"), ("name.nosuch", "invalidPath"), ("urn:nobody:attr", "invalidPath"), ("emails[", "invalidPath"),
    ('emails[value eq "nobody@example.com"]', "noTarget"), ('emails[value eq "nobody@example.com"].value', "noTarget")])
def paths(bed, path, scim_type):
    made = bed.people.new_user(bed.fresh("path"))
    bed.people.patch_user(made["id"], op("replace", path, "x")).refused(400, scim_type)
    bed.people.patch_user(made["id"], op("replace", None, {"nosuch": "x", "title": "y"})).must(200)


@case("a group without members is one, and may be asked for its name alone")
def empty_group(bed):
    made = bed.people.new_group(bed.fresh("Empty"))
    same((made["schemas"], "members" in made), ([GROUP], False))
    body = bed.people.get(f"/Groups/{made['id']}?attributes=displayName").must(200).json
    same(body, {"schemas": [GROUP], "id": made["id"], "displayName": made["displayName"]})


@case("the value of an attribute is kept in its own case")
def in_its_case(bed):
    people, name = bed.people, bed.fresh("CaSe")
    made = people.new_user(name, nickName="BABS")
    same(people.user(made["id"])["nickName"], "BABS")
    same(people.find(f'NICKNAME eq "babs" and USERNAME eq "{name.lower()}"'), [made["id"]])
    same(people.patch_user(made["id"], op("replace", "NICKNAME", "babs")).must(200).json["nickName"], "babs")


if __name__ == "__main__":
    main(config={"connectors": {"people": {"directory": "local", "map": MAP}}}, MEMBEROF="1")
