#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""Where entries are made, where they move to, what they are called there, and lifecycle steps that depend on
what an entry has: in a real slapd."""

import os
import tempfile
import threading

import ldap
from suite import ENTERPRISE, case, check, eventually, harness, main, op, same

MAP = os.path.join(harness.SOURCE, "tests", "data", "maps", "places.jsonc")
BASE = "ou=people,dc=example,dc=com"
USERS = "ou=users," + BASE
PASSWORD = "correct horse"


def new(bed, department=None, **more):
    name = more.pop("userName", None) or bed.fresh("pl")
    if department:
        more[ENTERPRISE] = {"department": department}
    return bed.people.new_user(name, **more)["id"], name


def is_at(bed, user, dn):
    same(bed.people.dn(user).lower(), dn.lower())


def unit(bed, name):
    bed.ldap.add_s(f"ou={name},{USERS}", [("objectClass", b"organizationalUnit"), ("ou", name.encode())])


# --- places ----------------------------------------------------------------------------------------


@case("parent: the condition that holds, a unit that is there, else the next line")
def places(bed):
    unit(bed, "Sales")
    user, name = new(bed, "Sales", userType="guest")
    is_at(bed, user, f"uid={name},ou=guests,{BASE}")
    user, name = new(bed, "sales")
    is_at(bed, user, f"uid={name},ou=sales,{USERS}")
    user, name = new(bed, "nowhere")
    is_at(bed, user, f"uid={name},{USERS}")


@case("create: several units at once, escaped, by several clients at the same moment")
def units(bed):
    made = []
    threads = [threading.Thread(target=lambda: made.append(new(bed, "R&D, \"x\"+y", title="Ärzte"))) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    same(len(made), 6)
    same(len(bed.search(USERS, "(ou=R&D, \"x\"+y)")), 1)
    same(len(bed.search(USERS, "(ou=Arzte)")), 1)
    for user, name in made:
        same(len(ldap.dn.str2dn(bed.people.dn(user))), 7)
        check(bed.people.user(user)["userName"] == name, "a user that was made cannot be read")


@case("follow: moved with its memberships, and back; renamed on the way; not by other changes")
def follow(bed):
    unit(bed, "From")
    unit(bed, "To")
    user, name = new(bed, "From")
    group = bed.people.new_group(bed.fresh("gr"), [user])["id"]
    is_at(bed, user, f"uid={name},ou=from,{USERS}")
    bed.people.patch_user(user, op("Replace", ENTERPRISE + ":department", "To")).must(200, 204)
    is_at(bed, user, f"uid={name},ou=to,{USERS}")
    same(bed.people.members(group), [user])
    bed.people.patch_user(user, op("Replace", "displayName", "Somebody")).must(200, 204)
    is_at(bed, user, f"uid={name},ou=to,{USERS}")
    other = bed.fresh("pl")
    bed.people.patch_user(user, op("Replace", "userName", other),
                          op("Replace", ENTERPRISE + ":department", "From")).must(200, 204)
    is_at(bed, user, f"uid={other},ou=from,{USERS}")
    eventually(lambda: bed.people.members(group) == [user], "the membership did not follow")
    bed.people.patch_user(user, op("Add", "title", "New")).must(200, 204)
    is_at(bed, user, f"uid={other},ou=new,ou=from,{USERS}")
    bed.people.patch_user(user, op("Remove", "title"), op("Replace", ENTERPRISE + ":department", "gone")).must(200, 204)
    is_at(bed, user, f"uid={other},{USERS}")


@case("follow: refused where the name is taken, and nothing is changed")
def follow_taken(bed):
    unit(bed, "Full")
    user, name = new(bed)
    bed.ldap.add_s(f"uid={name},ou=Full,{USERS}", [("objectClass", b"account"), ("uid", name.encode())])
    bed.people.patch_user(user, op("Replace", ENTERPRISE + ":department", "Full")).refused(409, "uniqueness")
    is_at(bed, user, f"uid={name},{USERS}")
    same(bed.people.values(user, "departmentNumber"), [])


# --- unique values ------------------------------------------------------------------------------------


@case("unique: the next text of a rule where somebody has the first")
def unique(bed):
    name = bed.fresh("unique")
    first, _ = new(bed, userName=name + "@a.example")
    second, _ = new(bed, userName=name + "@b.example")
    same(bed.people.values(first, "employeeNumber"), [name[:6]])
    check(bed.people.values(second, "employeeNumber")[0].startswith(name[:4] + "-"), "no other value was taken")


# --- lifecycle ------------------------------------------------------------------------------------------


@case("ppolicy-lock: no login, also with a new password by SCIM; an administrator's reset ends it")
def lock(bed):
    user, _ = new(bed, password=PASSWORD)
    dn = bed.people.dn(user)
    check(bed.can_bind(dn, PASSWORD), "a new user cannot log in")
    bed.people.patch_user(user, op("Replace", "active", "False")).must(200, 204)
    check(not bed.can_bind(dn, PASSWORD), "a locked user logs in")
    bed.people.patch_user(user, op("Replace", "password", "by scim")).must(200, 204)
    same(bed.people.user(user)["active"], False)
    check(not bed.can_bind(dn, "by scim"), "a new password unlocked the user")
    bed.people.patch_user(user, op("Replace", "password", "by scim 2"), op("Replace", "active", True)).must(200, 204)
    check(bed.can_bind(dn, "by scim 2"), "an unlocked user cannot log in")
    bed.people.patch_user(user, op("Replace", "password", "by scim 3"), op("Replace", "active", False)).must(200, 204)
    check(not bed.can_bind(dn, "by scim 3"), "a user who was locked with a new password logs in")
    same(bed.people.user(user)["active"], False)
    bed.ldap.modify_s(dn, [(ldap.MOD_REPLACE, "userPassword", [b"by an admin"])])
    same(bed.people.user(user)["active"], True)


@case("deleted by bits, with a value saved; revived with both put back")
def deleted(bed):
    user, name = new(bed, password=PASSWORD)
    dn = bed.people.dn(user)
    bed.ldap.modify_s(dn, [(ldap.MOD_REPLACE, "l", [b"Bern"]), (ldap.MOD_REPLACE, "uidNumber", [b"545"])])
    bed.people.delete("/Users/" + user).must(204)
    bed.people.get("/Users/" + user).must(404)
    same(bed.people.values(user, "uidNumber"), ["547"])
    same(bed.people.values(user, "l"), [])
    same(bed.people.values(user, "street"), ["Bern"])
    check("pkiUser" in bed.people.values(user, "objectClass"), "the class was not added")
    same(bed.people.post("/Users", {"userName": name}).must(201).json["id"], user)
    same(bed.people.values(user, "uidNumber"), ["545"])
    same(bed.people.values(user, "l"), ["Bern"])
    same(bed.people.values(user, "street"), [])


if __name__ == "__main__":
    with tempfile.NamedTemporaryFile("w", suffix=".ldif") as file:
        file.write(f"dn: ou=guests,{BASE}\nobjectClass: organizationalUnit\nou: guests\n\n")
        file.flush()
        main(config={"connectors": {"people": {"directory": "local", "map": MAP}}}, ldif=file.name)
