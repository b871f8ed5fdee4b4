#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""Inactive and deleted resources: what they may still do, who sees them, how they come back; and the
entries and values that are none of ours."""

import time

import ldap
import ldap.modlist
from suite import (ENTERPRISE, GROUP, NOWHERE, USER, case, check, eventually, main, op, same, table)

PASSWORD = "correct horse"


def account(bed, **more):
    """A user of people who can log in: (id, dn)."""
    user = bed.people.new_user(bed.fresh("acc"), password=PASSWORD, **more)["id"]
    dn = bed.people.dn(user)
    check(bed.can_bind(dn, PASSWORD), "a new user cannot log in")
    return user, dn


def set_active(bed, user, value, connector=None):
    (connector or bed.people).patch_user(user, op("Replace", "active", value)).must(200, 204)


# --- inactive ------------------------------------------------------------------------------------


@case("disabled: cannot log in, not even after a password reset; enabled: can again")
def disabled_bind(bed):
    user, dn = account(bed)
    set_active(bed, user, "False")
    check(not bed.can_bind(dn, PASSWORD), "a disabled user logs in")
    bed.ldap.passwd_s(dn, None, "reset by an admin")
    check(not bed.can_bind(dn, "reset by an admin"), "a reset enabled the user")
    bed.ldap.modify_s(dn, [(ldap.MOD_REPLACE, "userPassword", [b"replaced by an admin"])])
    check(not bed.can_bind(dn, "replaced by an admin"), "a replaced password enabled the user")
    same(bed.people.user(user)["active"], False)
    set_active(bed, user, "True")
    check(bed.can_bind(dn, "replaced by an admin"), "an enabled user cannot log in")


@case("disabled: a new password by SCIM does not let in")
def disabled_password(bed):
    user, dn = account(bed)
    set_active(bed, user, False)
    bed.people.patch_user(user, op("Replace", "password", "by scim")).must(200, 204)
    check(not bed.can_bind(dn, "by scim"), "a disabled user logs in")
    bed.people.patch_user(user, op("Replace", "password", "by scim 2"), op("Replace", "active", "True")).must(200, 204)
    check(bed.can_bind(dn, "by scim 2"), "an enabled user cannot log in")


@case("disabled twice, enabled twice: nothing is written the second time")
def disabled_twice(bed):
    user, dn = account(bed)
    for value in (False, True):
        set_active(bed, user, value)
        before = bed.people.entry(user)
        set_active(bed, user, value)
        same(bed.people.entry(user), before, f"the entry after active {value} twice")
        same(bed.can_bind(dn, PASSWORD), value, "log-in")
        same(bed.people.user(user)["active"], value)


@table("active as {0}", [
    ("a PUT", lambda c, u, v: c.put(f"/Users/{u['id']}", {**u, "active": v})),
    ("a PUT with a string", lambda c, u, v: c.put(f"/Users/{u['id']}", {**u, "active": str(v)})),
    ("a PATCH with more", lambda c, u, v: c.patch_user(u["id"], op("Replace", "title", "T"), op("Replace", "active", v))),
    ("a PATCH that renames", lambda c, u, v: c.patch_user(u["id"], op("Replace", "userName", u["userName"] + str(v)),
                                                           op("Replace", "active", str(v)))),
    ("the last of two", lambda c, u, v: c.patch_user(u["id"], op("Replace", "active", not v), op("Replace", "active", v))),
    ("path-less with more", lambda c, u, v: c.patch_user(u["id"], op("replace", None, {"active": v, "nickName": "N"})))])
def shapes(bed, _name, change):
    user = bed.people.new_user(bed.fresh("shape"), password=PASSWORD)
    for value in (False, True):
        change(bed.people, user, value).must(200, 204)
        same(bed.people.user(user["id"])["active"], value)
        same(bed.can_bind(bed.people.dn(user["id"]), PASSWORD), value, "log-in")


@case("active: a PUT without it keeps what is")
def put_keeps_active(bed):
    user, dn = account(bed)
    set_active(bed, user, False)
    shown = bed.people.user(user)
    del shown["active"]
    same(bed.people.put(f"/Users/{user}", {**shown, "title": "T"}).must(200).json["active"], False)
    check(not bed.can_bind(dn, PASSWORD), "PUT enabled the user")


@case("active: removal is refused or leaves the user as it is")
def remove_active(bed):
    user, dn = account(bed)
    set_active(bed, user, False)
    bed.people.patch_user(user, op("remove", "active")).must(200, 204, 400)
    check(not bed.can_bind(dn, PASSWORD), "removing active enabled the user")


@case("active: filters see it")
def filter_active(bed):
    name = bed.fresh("filtered")
    on, off = bed.people.users_named(name + "-", 2)
    set_active(bed, off, False)
    same(bed.people.find(f'active eq true and userName sw "{name}-"'), [on])
    same(bed.people.find(f'active eq false and userName sw "{name}-"'), [off])
    same(bed.people.find(f'active eq "False" and userName sw "{name}-"'), [off])
    same(bed.people.find(f'active ne true and userName sw "{name}-"'), [off])


@case("created inactive: cannot log in until enabled")
def born_inactive(bed):
    user = bed.people.new_user(bed.fresh("born"), active=False, password=PASSWORD)
    same(user["active"], False)
    dn = bed.people.dn(user["id"])
    check(not bed.can_bind(dn, PASSWORD), "logs in")
    set_active(bed, user["id"], True)
    check(bed.can_bind(dn, PASSWORD), "does not log in")


@case("locked out for a while by wrong passwords: still active")
def lockout(bed):
    user, dn = account(bed)

    def locked_out():
        for _ in range(6):  # slapd counts failures by their times: two at the same one are one
            check(not bed.can_bind(dn, "wrong"), "a wrong password binds")
        return not bed.can_bind(dn, PASSWORD)

    eventually(locked_out, "not locked out")
    same(bed.people.user(user)["active"], True)


@case("an account that ends in the future is active, one that ended is not")
def end_time(bed):
    user, dn = account(bed)
    bed.ldap.modify_s(dn, [(ldap.MOD_ADD, "pwdEndTime", [b"20990101000000Z"])])
    same(bed.people.user(user)["active"], True)
    set_active(bed, user, False)
    check(not bed.can_bind(dn, PASSWORD), "logs in")
    bed.ldap.modify_s(dn, [(ldap.MOD_REPLACE, "pwdEndTime", [b"20200101000000Z"])])
    same(bed.people.user(user)["active"], False)
    set_active(bed, user, True)
    check(bed.can_bind(dn, PASSWORD), "does not log in")


@case("inactive keeps its memberships and its manager")
def inactive_memberships(bed):
    people = bed.people
    boss = people.new_user(bed.fresh("boss"))["id"]
    user = people.new_user(bed.fresh("member"), **{ENTERPRISE: {"manager": {"value": boss}}})["id"]
    group = people.new_group(bed.fresh("Kept"), [user, boss])["id"]
    set_active(bed, user, False)
    set_active(bed, boss, False)
    same(people.members(group), sorted([user, boss]))
    same(people.user(user)[ENTERPRISE]["manager"]["value"], boss)
    other = people.new_user(bed.fresh("other"))["id"]
    people.patch_group(group, op("Add", "members", [{"value": other}])).must(204)
    people.patch_user(other, op("Add", "manager", boss)).must(200)
    same(len(people.members(group)), 3)


# --- deleted -------------------------------------------------------------------------------------


def deleted_user(bed, **more):
    """(id, name, dn, group id) of a user who was a member and a manager."""
    people, name = bed.people, bed.fresh("del")
    user = people.new_user(name, password=PASSWORD, externalId=f"x-{name}", title="Old",
                           emails=[{"type": "work", "value": f"{name}@example.com"}], **more)["id"]
    group = people.new_group(bed.fresh("Had"), [user])["id"]
    dn = people.dn(user)
    people.delete(f"/Users/{user}").must(204)
    return user, name, dn, group


@case("deleted: a tombstone that nobody sees")
def tombstone(bed):
    people = bed.people
    employee = people.new_user(bed.fresh("employee"))["id"]
    user, name, dn, group = deleted_user(bed)
    check(people.values(user, "scimDeletedAt"), "no mark")
    check(not bed.can_bind(dn, PASSWORD), "a deleted user logs in")
    people.get(f"/Users/{user}").refused(404, None)
    for text in (f'userName eq "{name}"', f'externalId eq "x-{name}"', f'id eq "{user}"', f'userName sw "{name}"',
                 f'emails.value eq "{name}@example.com"', f'not (userName eq "nobody") and userName eq "{name}"',
                 f'active eq false and userName eq "{name}"', f'title eq "Old" and userName eq "{name}"'):
        same(people.find(text), [], text)
    check(user not in [r["id"] for r in people.query("Users", count=1000)["Resources"]], "listed")
    same(people.members(group), [])
    same(people.values(group, "member"), ["cn=nobody"], "groups are stripped")
    people.delete(f"/Users/{user}").refused(404, None)
    people.patch_user(user, op("Replace", "title", "New")).refused(404, None)
    people.put(f"/Users/{user}", {"schemas": [USER], "userName": name}).refused(404, None)
    people.patch_group(group, op("Add", "members", [{"value": user}])).refused(400, "invalidValue", user)
    people.patch_user(employee, op("Add", "manager", user)).refused(400, "invalidValue", user)
    same(people.values(user, "title"), ["Old"])


@case("deleted: not shown where an administrator made the tombstone a member or a manager again")
def tombstone_referred(bed):
    people = bed.people
    user, _, dn, group = deleted_user(bed)
    employee = people.new_user(bed.fresh("employee"))["id"]
    bed.ldap.modify_s(people.dn(group), [(ldap.MOD_ADD, "member", [dn.encode()])])
    bed.ldap.modify_s(people.dn(employee), [(ldap.MOD_ADD, "manager", [dn.encode()])])
    same(people.members(group), [])
    check("manager" not in people.user(employee).get(ENTERPRISE, {}), "manager")
    same(people.find(f'members eq "{user}"', "Groups"), [])
    same(people.find(f'manager eq "{user}"'), [])
    people.put(f"/Groups/{group}", people.group(group)).must(200, 204)
    check(dn in people.values(group, "member"), "an unseen member was removed")


@case("deleted: a manager is shown no longer")
def tombstone_manager(bed):
    people = bed.people
    boss = people.new_user(bed.fresh("boss"))["id"]
    employee = people.new_user(bed.fresh("employee"), **{ENTERPRISE: {"manager": {"value": boss}}})["id"]
    people.delete(f"/Users/{boss}").must(204)
    check("manager" not in people.user(employee).get(ENTERPRISE, {}), "manager")
    new = people.new_user(bed.fresh("boss"))["id"]
    people.patch_user(employee, op("Replace", "manager", new)).must(200)
    same(people.values(employee, "manager"), [people.dn(new)])


@case("deleted while inactive; an inactive user's tombstone comes back active")
def deleted_inactive(bed):
    people, name = bed.people, bed.fresh("both")
    user = people.new_user(name, password=PASSWORD)["id"]
    set_active(bed, user, False)
    people.delete(f"/Users/{user}").must(204)
    back = people.new_user(name)
    same((back["id"], back["active"]), (user, True))
    people.delete(f"/Users/{user}").must(204)
    same(people.new_user(name, active=False)["active"], False)
    check(people.values(user, "pwdEndTime") and not people.values(user, "scimDeletedAt"), "state")


@case("revived: the same id, what POST says, no old group, no old password")
def revival(bed):
    people = bed.people
    user, name, dn, group = deleted_user(bed, nickName="Nick")
    reply = people.post("/Users", {"schemas": [USER], "userName": name, "externalId": f"x-{name}", "title": "New",
                                   "active": True}).must(201)
    same(reply.json["id"], user)
    same(reply.json["title"], "New")
    check("nickName" not in reply.json and "emails" not in reply.json, "old attributes")
    same(people.values(user, "scimNickName") + people.values(user, "mail"), [])
    same(people.user(user), reply.json, "GET and the reply")
    same(people.members(group), [])
    check(not bed.can_bind(dn, PASSWORD), "the old password works")
    same(people.values(user, "userPassword"), [])
    same(people.values(user, "scimDeletedAt"), [])
    people.patch_user(user, op("Replace", "password", "new one")).must(200)
    check(bed.can_bind(people.dn(user), "new one"), "cannot log in")
    people.post("/Users", {"schemas": [USER], "userName": name, "externalId": f"x-{name}"}).refused(409, "uniqueness")


@case("revived: an administrator's memberships of the tombstone are stripped")
def revival_strips(bed):
    people = bed.people
    user, name, dn, group = deleted_user(bed)
    bed.ldap.modify_s(people.dn(group), [(ldap.MOD_ADD, "member", [dn.encode()])])
    same(people.new_user(name, externalId=f"x-{name}")["id"], user)
    same(people.members(group), [])


@case("revived: by another case of the name")
def revival_case(bed):
    user, name, _, _ = deleted_user(bed)
    back = bed.people.new_user(name.upper(), externalId=f"x-{name}")
    same((back["id"], back["userName"]), (user, name.upper()))


@table("revived: {0}", [("neither has an externalId", None, None), ("only the tombstone has one", "a", None),
                        ("only the request has one", None, "a"), ("both have the same", "a", "a")])
def revival_external(bed, _name, before, after):
    people, name = bed.people, bed.fresh("ext")
    user = people.new_user(name, **({"externalId": before + name} if before else {}))["id"]
    people.delete(f"/Users/{user}").must(204)
    back = people.new_user(name, **({"externalId": after + name} if after else {}))
    same(back["id"], user)
    same(back.get("externalId"), after + name if after else None)


@case("another person of the same name gets a new id, and the tombstone steps aside")
def another_person(bed):
    people = bed.people
    user, name, _, _ = deleted_user(bed)
    other = people.new_user(name, externalId="another", title="Else")
    check(other["id"] != user, "the other person got the tombstone's id")
    same(people.dn(other["id"]), f"uid={name},{people.users}")
    check(people.values(user, "scimDeletedAt"), "the tombstone lost its mark")
    same(people.values(user, "title"), ["Old"])
    people.get(f"/Users/{user}").refused(404, None)
    same(people.find(f'userName eq "{name}"'), [other["id"]])
    people.delete(f"/Users/{other['id']}").must(204)
    third = people.new_user(name, externalId="third")["id"]
    check(third not in (user, other["id"]), "the third is new, too")


@case("a rename onto a tombstone's name sets the tombstone aside")
def rename_onto(bed):
    people = bed.people
    user, name, _, _ = deleted_user(bed)
    other = people.new_user(bed.fresh("renamed"))["id"]
    people.patch_user(other, op("Replace", "userName", name)).must(200)
    same(people.dn(other), f"uid={name},{people.users}")
    people.get(f"/Users/{user}").refused(404, None)
    check(people.values(user, "scimDeletedAt"), "the tombstone lost its mark")


@case("ids of tombstones in a filter on members of other types")
def cross_types(bed):
    people = bed.people
    group = people.new_group(bed.fresh("Cross"))["id"]
    user = people.new_user(bed.fresh("cross"))["id"]
    people.get(f"/Users/{group}").refused(404)
    people.get(f"/Groups/{user}").refused(404)
    people.delete(f"/Users/{group}").refused(404)
    people.delete(f"/Groups/{user}").refused(404)
    people.patch_user(group, op("Replace", "title", "x")).refused(404)
    people.patch_group(user, op("Add", "members", [{"value": user}])).refused(404)
    bed.ideo.get(f"/Users/{user}").refused(404)
    bed.ideo.delete(f"/Users/{user}").refused(404)
    bed.ideo.patch_user(user, op("Replace", "active", "False")).refused(404)
    ideo_group = bed.ideo.new_group(bed.fresh("Cross"))["id"]
    bed.ideo.patch_group(ideo_group, op("Add", "members", [{"value": user}])).refused(400, "invalidValue", user)
    same(people.user(user)["active"], True)


# --- protected entries ----------------------------------------------------------------------------------


def service_entry(bed, name):
    dn = f"uid={name},{bed.sie.users}"
    bed.ldap.add_s(dn, ldap.modlist.addModlist({
        "objectClass": [b"inetOrgPerson"], "uid": [name.encode()], "cn": [b"Service"], "sn": [b"Service"],
        "givenName": [b"S"], "mail": [f"{name}@example.com".encode()]}))
    return dn, bed.sie.named(name)[0][1]["entryUUID"][0].decode()


@case("protected: never seen, never referred to, never written")
def protected(bed):
    sie, name = bed.sie, bed.fresh("svc-backup")
    dn, uuid = service_entry(bed, name)
    before = sie.entry(uuid)
    sie.get(f"/Users/{uuid}").refused(404, None)
    for text in (f'userName eq "{name}"', f'id eq "{uuid}"', f'emails.value eq "{name}@example.com"',
                 'userName sw "svc-"', f'not (userName eq "x") and id eq "{uuid}"'):
        same(sie.find(text), [], text)
    check(uuid not in [r["id"] for r in sie.query("Users", count=1000)["Resources"]], "listed")
    sie.patch_user(uuid, op("Replace", "active", "False")).refused(404, None)
    sie.put(f"/Users/{uuid}", {"schemas": [USER], "userName": name, "name": {"givenName": "A", "familyName": "B"},
                               "emails": [{"type": "work", "value": "a@example.com"}]}).refused(404, None)
    sie.delete(f"/Users/{uuid}").refused(404, None)
    group = sie.new_group(bed.fresh("Secured"))["id"]
    sie.patch_group(group, op("Add", "members", [{"value": uuid}])).refused(400, "invalidValue", uuid)
    bed.ldap.modify_s(sie.dn(group), [(ldap.MOD_REPLACE, "member", [dn.encode()])])
    same(sie.members(group), [])
    same(sie.find(f'members eq "{uuid}"', "Groups"), [])
    same(sie.entry(uuid), before, "the entry")


@case("protected: its name is taken: 409 for POST and rename, other case too")
def protected_name(bed):
    sie, name = bed.sie, bed.fresh("svc-print")
    _, uuid = service_entry(bed, name)
    before = sie.entry(uuid)
    body = {"schemas": [USER], "name": {"givenName": "A", "familyName": "B"},
            "emails": [{"type": "work", "value": "a@example.com"}]}
    for taken in (name, name.upper()):
        sie.post("/Users", {**body, "userName": taken}).refused(409, "uniqueness")
    host = sie.new_user(bed.fresh("host"))["id"]
    sie.patch_user(host, op("Replace", "userName", name)).must(400, 409)
    same(sie.entry(uuid), before, "the entry")


@case("protected: a name that would be protected cannot be made or taken")
def protected_future(bed):
    sie = bed.sie
    name = bed.fresh("svc-new")
    reply = sie.post("/Users", {"schemas": [USER], "userName": name, "name": {"givenName": "A", "familyName": "B"},
                                "emails": [{"type": "work", "value": "a@example.com"}]})
    reply.must(400, 403, 409)
    same(sie.named(name), [], "an entry that nobody would see")
    host = sie.new_user(bed.fresh("host"))["id"]
    sie.patch_user(host, op("Replace", "userName", name)).must(400, 403, 409)
    sie.get(f"/Users/{host}").must(200)


# --- what is unseen is untouched ----------------------------------------------------------------------------


def with_foreign_values(bed):
    """A user with values, classes and attributes that the map does not know; (id, those)."""
    people = bed.people
    user = people.new_user(bed.fresh("unseen"), title="T", emails=[{"type": "work", "value": "u@example.com"}])
    foreign = {"description": [b"hands off"], "roomNumber": [b"42"], "carLicense": [b"B-XY 1", b"B-XY 2"],
               "labeledURI": [b"https://example.com me"], "uidNumber": [b"1000"], "gidNumber": [b"1000"],
               "homeDirectory": [b"/home/u"], "loginShell": [b"/bin/sh"]}
    bed.ldap.modify_s(people.dn(user["id"]), [(ldap.MOD_ADD, "objectClass", [b"posixAccount"])] +
                      [(ldap.MOD_ADD, name, values) for name, values in foreign.items()])
    return user, foreign


def check_foreign(bed, user, foreign):
    entry = bed.people.entry(user["id"])[1]
    for name, values in foreign.items():
        same(sorted(entry.get(name, [])), sorted(values), name)
    check(b"posixAccount" in entry["objectClass"], "a foreign class is gone")


@table("unseen values of a user survive {0}", [
    ("PUT", lambda c, u: c.put(f"/Users/{u['id']}", {"schemas": [USER], "userName": u["userName"]})),
    ("PUT of everything", lambda c, u: c.put(f"/Users/{u['id']}", {**u, "title": "X", "roles": [{"value": "r"}]})),
    ("removal of all", lambda c, u: c.patch_user(u["id"], op("Remove", "emails"), op("Remove", "title"))),
    ("a rename", lambda c, u: c.patch_user(u["id"], op("Replace", "userName", u["userName"] + "x"))),
    ("inactive", lambda c, u: c.patch_user(u["id"], op("Replace", "active", "False"))),
    ("deletion", lambda c, u: c.delete(f"/Users/{u['id']}"))])
def unseen_values(bed, _name, change):
    user, foreign = with_foreign_values(bed)
    change(bed.people, user).must(200, 204)
    check_foreign(bed, user, foreign)


@case("unseen values survive deletion and revival")
def unseen_revival(bed):
    user, foreign = with_foreign_values(bed)
    bed.people.delete(f"/Users/{user['id']}").must(204)
    same(bed.people.new_user(user["userName"])["id"], user["id"])
    check_foreign(bed, user, foreign)


def foreign_user(bed, name, **more):
    """An entry of users that an administrator made; its id."""
    people = bed.people
    bed.ldap.add_s(f"uid={name},{people.users}", ldap.modlist.addModlist({
        "objectClass": [b"inetOrgPerson"], "uid": [name.encode()], "cn": [b"C"], "sn": [b"S"], **more}))
    return people.find(f'userName eq "{name}"')[0]


@table("an entry that was not provisioned: {0}", [
    ("an attribute of our class", lambda c, u: c.patch_user(u, op("Add", "nickName", "N"))),
    ("externalId", lambda c, u: c.patch_user(u, op("Add", "externalId", "E"))),
    ("inactive", lambda c, u: c.patch_user(u, op("Replace", "active", "False"))),
    ("PUT", lambda c, u: c.put(f"/Users/{u}", {"schemas": [USER], "userName": c.user(u)["userName"], "locale": "de"})),
    ("deletion", lambda c, u: c.delete(f"/Users/{u}"))])
def not_provisioned(bed, _name, change):
    user = foreign_user(bed, bed.fresh("theirs"), description=[b"kept"])
    change(bed.people, user).must(200, 204)
    same(bed.people.values(user, "description"), ["kept"])


@table("an attribute with two values where the map knows one: {0}", [
    ("replaced", lambda c, u: c.patch_user(u, op("Replace", "title", "N")), ["N"]),
    ("replaced after reading", lambda c, u: c.patch_user(u, op("Replace", "displayName", "D"), op("Replace", "title", "N")), ["N"]),
    ("removed", lambda c, u: c.patch_user(u, op("Remove", "title")), []),
    ("removed after reading", lambda c, u: c.patch_user(u, op("Remove", "title"), op("Replace", "displayName", "D")), []),
    ("put", lambda c, u: c.put(f"/Users/{u}", {**c.user(u), "title": "N"}), ["N"]),
    ("put as it was", lambda c, u: c.put(f"/Users/{u}", {**c.user(u), "nickName": "N"}), ["A", "B"]),
    ("not named", lambda c, u: c.patch_user(u, op("Replace", "displayName", "D")), ["A", "B"])])
def two_values(bed, _name, change, left):
    user = foreign_user(bed, bed.fresh("double"), title=[b"A", b"B"])
    same(bed.people.user(user)["title"], "A")
    shown = change(bed.people, user).must(200).json
    same((shown.get("title"), bed.people.values(user, "title")), (left[0] if left else None, left))


FOREIGN = "cn=printer,ou=policies,dc=example,dc=com"


@table("foreign members of a group survive {0}", [
    ("replace", lambda c, g, u: c.patch_group(g, op("replace", "members", [{"value": u}]))),
    ("replace by none", lambda c, g, u: c.patch_group(g, op("replace", "members", []))),
    ("remove all", lambda c, g, u: c.patch_group(g, op("remove", "members"))),
    ("remove of the last one that is seen", lambda c, g, u: c.patch_group(g, op("remove", f'members[value eq "{u}"]'))),
    ("PUT with members", lambda c, g, u: c.put(f"/Groups/{g}", {"schemas": [GROUP], "displayName": c.group(g)["displayName"],
                                                              "members": [{"value": u}]})),
    ("PUT without members", lambda c, g, u: c.put(f"/Groups/{g}", {"schemas": [GROUP],
                                                                 "displayName": c.group(g)["displayName"]})),
    ("a rename", lambda c, g, u: c.patch_group(g, op("replace", "displayName", "Foreign " + g))),
    ("the deletion of a member", lambda c, g, u: c.delete(f"/Users/{u}"))])
def foreign_members(bed, _name, change):
    people = bed.people
    user = people.new_user(bed.fresh("seen"))["id"]
    group = people.new_group(bed.fresh("Mixed"), [user])["id"]
    other = bed.ideo.new_user(bed.fresh("elsewhere"))["id"]
    strangers = [FOREIGN, bed.ideo.dn(other), f"uid=gone,{people.users}"]
    bed.ldap.modify_s(people.dn(group), [(ldap.MOD_ADD, "member", [s.encode() for s in strangers]),
                                         (ldap.MOD_ADD, "owner", [FOREIGN.encode()])])
    same(people.members(group), [user], "strangers are not seen")
    change(people, group, user).must(200, 204)
    left = people.values(group, "member")
    for stranger in strangers:
        check(stranger in left, f"{stranger} was removed")
    check("cn=nobody" not in left, "a placeholder beside other members")
    same(people.values(group, "owner"), [FOREIGN])


@case("several classes: an adopted group keeps its own")
def adopted_group(bed):
    people, name = bed.people, bed.fresh("Theirs")
    bed.ldap.add_s(f"cn={name},{people.groups}", ldap.modlist.addModlist({
        "objectClass": [b"groupOfNames"], "cn": [name.encode(), b"Second Name"], "member": [FOREIGN.encode()],
        "description": [b"kept"], "businessCategory": [b"kept too"]}))
    group = people.new_group(name)
    same(group["displayName"], name)
    same(people.values(group["id"], "member"), [FOREIGN])
    same(people.values(group["id"], "businessCategory"), ["kept too"])
    same(people.values(group["id"], "cn"), sorted([name, "Second Name"]))
    people.patch_group(group["id"], op("replace", "displayName", name + " new")).must(204)
    check("Second Name" in people.values(group["id"], "cn"), "another value of the naming attribute was removed")


@case("entries outside the scope, deeper, or of another class are not there")
def out_of_scope(bed):
    people = bed.people
    bed.ldap.add_s(f"ou=deep,{people.users}", ldap.modlist.addModlist({"objectClass": [b"organizationalUnit"], "ou": [b"deep"]}))
    person = {"objectClass": [b"inetOrgPerson"], "uid": [b"deep-one"], "cn": [b"D"], "sn": [b"D"]}
    bed.ldap.add_s(f"uid=deep-one,ou=deep,{people.users}", ldap.modlist.addModlist(person))
    bed.ldap.add_s(f"uid=acct,{people.users}", ldap.modlist.addModlist(
        {"objectClass": [b"account"], "uid": [b"acct"]}))
    for name in ("deep-one", "acct"):
        same(people.find(f'userName eq "{name}"'), [], name)
        people.get(f"/Users/{people.named(name)[0][1]['entryUUID'][0].decode()}").refused(404)
    people.post("/Users", {"schemas": [USER], "userName": "acct"}).refused(409, "uniqueness")
    new = people.new_user("deep-one")["id"]
    same(people.dn(new), f"uid=deep-one,{people.users}")


@case("what an administrator deletes for good is 404, and its id means nobody")
def admin_deletes(bed):
    people = bed.people
    user, dn = account(bed)
    group = people.new_group(bed.fresh("Lost"), [user])["id"]
    bed.ldap.delete_s(dn)
    people.get(f"/Users/{user}").refused(404)
    people.delete(f"/Users/{user}").refused(404)
    people.patch_user(user, op("Replace", "active", "False")).refused(404)
    eventually(lambda: people.values(group, "member") == ["cn=nobody"], "refint did not come")
    same(people.members(group), [])
    again = people.new_user(bed.fresh("acc"))["id"]
    check(again != user, "id")
    people.patch_group(group, op("Add", "members", [{"value": NOWHERE}])).refused(400, "invalidValue", NOWHERE)


@case("the mark lives in the directory: another bridge sees the same")
def two_bridges(bed):
    people = bed.people
    user, name, _, _ = deleted_user(bed)
    stays = people.new_user(bed.fresh("stays"))["id"]
    with bed.another_bridge() as http:
        other = people.via(http)
        other.get(f"/Users/{user}").refused(404)
        other.user(stays)
        people.delete(f"/Users/{stays}").must(204)
        other.get(f"/Users/{stays}").refused(404)
        other.patch_user(stays, op("Replace", "title", "x")).refused(404)
        same(other.new_user(name, externalId=f"x-{name}")["id"], user)
        same(people.user(user)["userName"], name)
        people.patch_user(user, op("Replace", "userName", name + "-2")).must(200)
        other.patch_user(user, op("Replace", "title", "over there")).must(200)
        same(people.user(user)["title"], "over there")
    time.sleep(0)


if __name__ == "__main__":
    main()
