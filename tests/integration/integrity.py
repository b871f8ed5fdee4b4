#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""A directory that repairs no references: the bridge does ("integrity": "bridge")."""

import os
import tempfile

import ldap
from suite import ENTERPRISE, USER, case, harness, main, op, same, table

NOBODY = "cn=nobody"


def members(bed, group):
    """As the directory has them."""
    return bed.people.values(group, "member")


def rename(bed, user, name):
    return bed.people.patch_user(user, op("replace", "userName", name))


def leave(bed, group, dn):
    """A member that means nobody."""
    bed.ldap.modify_s(bed.people.dn(group), [(ldap.MOD_ADD, "member", dn.encode())])


@case("what refers to an entry follows its new name")
def follows(bed):
    people, name = bed.people, bed.fresh("fol")
    user, other, employee = people.users_named(name, 3)
    both, alone = people.new_group(name + "b", [user, other])["id"], people.new_group(name + "a", [user])["id"]
    people.patch_user(employee, op("add", ENTERPRISE + ":manager", user)).must(200)
    stranger = f"cn={name},dc=example,dc=com"
    leave(bed, both, stranger)
    for new in (name + ", Jr", name.upper() + ", JR", name):
        same(rename(bed, user, new).must(200).json["userName"], new)
        same([dn.lower() for dn in members(bed, alone)], [people.dn(user).lower()])
        same(people.members(alone), [user])
        same(people.members(both), sorted([user, other]))
        same(people.user(employee)[ENTERPRISE]["manager"]["value"], user)
    same(members(bed, both), sorted([people.dn(user), people.dn(other), stranger]), "values that mean others")
    people.patch_group(both, op("remove", f'members[value eq "{user}"]')).must(204)
    same(members(bed, both), sorted([people.dn(other), stranger]))


@table("who is {0} gets nothing that was left for somebody of that name", [("created",), ("renamed",), ("revived",)])
def leftovers(bed, how):
    people, name = bed.people, bed.fresh("left")
    group = people.new_group(name + "g")["id"]
    both = people.new_group(name + "h", [people.new_user(name + "x")["id"]])["id"]
    dn = f"uid={name},{people.users}"
    if how == "revived":
        people.delete("/Users/" + people.new_user(name)["id"]).must(204)
        dn = f"uid={name}r,{people.users}"
    employee = people.new_user(name + "e")["id"]
    leave(bed, group, dn)
    bed.ldap.modify_s(people.dn(group), [(ldap.MOD_DELETE, "member", NOBODY.encode())])
    leave(bed, both, dn)
    bed.ldap.modify_s(people.dn(employee), [(ldap.MOD_ADD, "manager", dn.encode())])
    if how == "created":
        user = people.new_user(name)["id"]
    elif how == "renamed":
        user = people.new_user(name + "y")["id"]
        rename(bed, user, name).must(200)
    else:
        user = people.new_user(name)["id"]
        rename(bed, user, name + "r").must(200)
    same(people.dn(user), dn)
    same((people.members(group), members(bed, group)), ([], [NOBODY]))
    same(len(people.members(both)), 1)
    same("manager" in people.user(employee).get(ENTERPRISE, {}), False)


@case("a name that is taken: nothing of its owner's is touched")
def taken(bed):
    people, name = bed.people, bed.fresh("taken")
    user, owner = people.users_named(name, 2)
    group, mine = people.new_group(name, [owner])["id"], people.new_group(name + "m", [user])["id"]
    rename(bed, user, name + "1").refused(409, "uniqueness")
    people.post("/Users", {"schemas": [USER], "userName": name + "1"}).refused(409, "uniqueness")
    same((people.members(group), members(bed, mine)), ([owner], [people.dn(user)]))


@case("who is deleted is in no group, and whose name is freed loses nothing")
def deleted(bed):
    people, name = bed.people, bed.fresh("gone")
    chief, employee = people.users_named(name, 2)
    user = people.new_user(name, externalId="one")["id"]
    group = people.new_group(name, [user, chief])["id"]
    people.patch_user(employee, op("add", ENTERPRISE + ":manager", user)).must(200)
    old = people.dn(user)
    people.delete(f"/Users/{user}").must(204)
    same(members(bed, group), [people.dn(chief)])
    another = people.new_user(name, externalId="another")["id"]
    same(people.dn(another), old)
    same("manager" in people.user(employee).get(ENTERPRISE, {}), False, "somebody else's employee")
    same(people.values(employee, "manager"), [people.dn(user)], "the manager who has left")
    people.delete(f"/Users/{chief}").must(204)
    same(members(bed, group), [NOBODY])


@case("groups in groups: renamed and really deleted")
def nested(bed):
    people, name = bed.people, bed.fresh("nest")
    user = people.new_user(name)["id"]
    inner = people.new_group(name + "i", [user])["id"]
    outer, only = people.new_group(name + "o", [inner, user])["id"], people.new_group(name + "p", [inner])["id"]
    people.patch_group(inner, op("replace", "displayName", name + "j"), op("remove", f'members[value eq "{user}"]')).must(204)
    same((people.members(outer), people.members(only)), (sorted([inner, user]), [inner]))
    same(members(bed, only), [f"cn={name}j,{people.groups}"])
    people.delete(f"/Groups/{inner}").must(204)
    same((members(bed, outer), members(bed, only)), ([people.dn(user)], [NOBODY]))
    same(people.members(people.new_group(name + "j")["id"]), [])


@case("many at once")
def many(bed):
    people, name = bed.people, bed.fresh("many")
    users = people.users_named(name + "-", 48)
    group = people.new_group(name, users)["id"]
    bulk = {"schemas": ["urn:ietf:params:scim:api:messages:2.0:BulkRequest"], "Operations": [
        {"method": "PATCH", "path": f"/Users/{user}", "data": {
            "schemas": ["urn:ietf:params:scim:api:messages:2.0:PatchOp"],
            "Operations": [op("replace", "userName", f"{name}+{i}")]}} for i, user in enumerate(users)]}
    answers = people.post("/Bulk", bulk).must(200).json["Operations"]
    same([o for o in answers if o["status"] != "200"], [])
    same(people.members(group), sorted(users))
    same(len(members(bed, group)), len(users))


if __name__ == "__main__":
    with tempfile.TemporaryDirectory() as folder:
        with open(os.path.join(harness.MAPS, "people.jsonc"), encoding="utf-8") as file:
            text = file.read()
        path = os.path.join(folder, "people.jsonc")
        with open(path, "w", encoding="utf-8") as file:
            file.write(text.replace('"integrity": "server"', '"integrity": "bridge"'))
        main(config={"connectors": {"people": {"directory": "local", "map": path}}}, NOREFINT="1")
