#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""States that the place tells: entries that are moved when they become inactive or are deleted, and back."""

import json
import os
import subprocess
import tempfile
import threading
import time

import ldap
from suite import ENTERPRISE, case, check, eventually, harness, main, op, same

MAP = os.path.join(harness.SOURCE, "tests", "data", "maps", "moves.jsonc")
BASE = "ou=people,dc=example,dc=com"
USERS, INACTIVE, LEFT = "ou=users," + BASE, "ou=inactive," + BASE, "ou=left," + BASE
MANAGER, DEPARTMENT = ENTERPRISE + ":manager", ENTERPRISE + ":department"


def new(bed, **more):
    name = more.pop("userName", None) or bed.fresh("mv")
    return bed.people.new_user(name, **more)["id"], name


def is_at(bed, user, name, parent):
    same(bed.people.dn(user).lower(), f"uid={name},{parent}".lower())


def set_active(bed, user, value, *more):
    return bed.people.patch_user(user, op("Replace", "active", value), *more)


def tool(bed, *args):
    which = [] if args[0] == "check" else ["-C", "people"]
    run = subprocess.run([harness.PROGRAM, args[0], "-c", bed.bridge.file, *which, *args[1:]],
                         capture_output=True, text=True, timeout=60)
    return run.returncode, run.stdout + run.stderr


# --- inactive ----------------------------------------------------------------------------------------


@case("inactive: moved, readable under the same id, twice; active: back, twice")
def inactive(bed):
    user, name = new(bed, title="T")
    for value, place in ((False, INACTIVE), (True, USERS)):
        set_active(bed, user, value).must(200, 204)
        is_at(bed, user, name, place)
        before = bed.people.entry(user)
        set_active(bed, user, value).must(200, 204)
        same(bed.people.entry(user), before, f"the entry after active {value} twice")
        shown = bed.people.user(user)
        same((shown["active"], shown["userName"], shown["title"]), (value, name, "T"))
        same(len(bed.people.values(user, "scimInactiveSince")), 0 if value else 1)


@case("inactive: lists, filters, sorting and paging see it")
def listed(bed):
    prefix = bed.fresh("ls")
    made = [new(bed, userName=f"{prefix}-{i}", title=prefix)[0] for i in range(7)]
    off = sorted(made[::2])
    for user in off:
        set_active(bed, user, "False").must(200, 204)
    ours = f'title eq "{prefix}"'
    same(sorted(bed.people.find(ours)), sorted(made))
    same(sorted(bed.people.find(f"{ours} and active eq false")), off)
    same(sorted(bed.people.find(f"{ours} and active eq true")), sorted(set(made) - set(off)))
    same(sorted(bed.people.find(f"{ours} and not (active eq true)")), off)
    same(sorted(bed.people.find(f'{ours} and (active eq false or userName eq "{prefix}-1")')), sorted(off + [made[1]]))
    same(bed.people.find(f'userName eq "{prefix}-0" and active eq false'), [made[0]])
    same(bed.people.find(f'userName eq "{prefix}-0" and active eq true'), [])
    pages = []
    for start in (1, 4, 7):
        page = bed.people.query("Users", ours, startIndex=start, count=3, sortBy="userName")
        same(page["totalResults"], 7)
        pages += [u["id"] for u in page["Resources"]]
    same(pages, made)
    same([u["active"] for u in bed.people.query("Users", ours, sortBy="active")["Resources"]], [False] * 4 + [True] * 3)


@case("inactive: memberships and managers stay, and new ones may be given")
def references(bed):
    user, name = new(bed)
    other, _ = new(bed, **{ENTERPRISE: {"manager": {"value": user}}})
    group = bed.people.new_group(bed.fresh("gr"), [user])["id"]
    set_active(bed, user, False).must(200, 204)
    same(bed.people.members(group), [user])
    same(bed.people.values(group, "member"), [f"uid={name},{INACTIVE}"])
    same(bed.people.user(other)[ENTERPRISE]["manager"]["value"], user)
    more = bed.people.new_group(bed.fresh("gr"), [user])["id"]
    same(bed.people.members(more), [user])
    set_active(bed, user, True).must(200, 204)
    same((bed.people.members(group), bed.people.members(more)), ([user], [user]))
    same(bed.people.user(other)[ENTERPRISE]["manager"]["value"], user)


@case("inactive: renamed and changed where it is; follow does not drag it out")
def rename_inactive(bed):
    bed.ldap.add_s(f"ou=Sales,{USERS}", [("objectClass", b"organizationalUnit"), ("ou", b"Sales")])
    user, name = new(bed)
    set_active(bed, user, False).must(200, 204)
    other = bed.fresh("mv")
    bed.people.patch_user(user, op("Replace", "userName", other), op("Replace", DEPARTMENT, "Sales")).must(200, 204)
    is_at(bed, user, other, INACTIVE)
    same(bed.people.values(user, "departmentNumber"), ["Sales"])
    third = bed.fresh("mv")
    set_active(bed, user, True, op("Replace", "userName", third), op("Replace", "title", "New")).must(200, 204)
    is_at(bed, user, third, "ou=Sales," + USERS)
    same(bed.people.values(user, "title"), ["New"])
    set_active(bed, user, False, op("Replace", "userName", name), op("Remove", DEPARTMENT)).must(200, 204)
    is_at(bed, user, name, INACTIVE)
    bed.people.put(f"/Users/{user}", {"userName": name, "active": True}).must(200)
    is_at(bed, user, name, USERS)


@case("inactive: made so, and refused where somebody has the name")
def born(bed):
    user, name = new(bed, active=False)
    is_at(bed, user, name, INACTIVE)
    same(bed.people.user(user)["active"], False)
    bed.people.post("/Users", {"userName": name}).refused(409, "uniqueness")
    bed.people.post("/Users", {"userName": name, "active": False}).refused(409, "uniqueness")
    bed.ldap.add_s(f"uid={name}x,{INACTIVE}", [("objectClass", b"account"), ("uid", name.encode() + b"x")])
    other, _ = new(bed, userName=name + "x")
    set_active(bed, other, False, op("Add", "title", "T")).refused(409, "uniqueness", INACTIVE)
    is_at(bed, other, name + "x", USERS)
    same(bed.people.values(other, "title"), [])
    bed.ldap.delete_s(f"uid={name}x,{INACTIVE}")
    set_active(bed, other, False).must(200, 204)
    bed.ldap.add_s(f"uid={name}x,{USERS}", [("objectClass", b"account"), ("uid", name.encode() + b"x")])
    set_active(bed, other, True).refused(409, "uniqueness", USERS)
    is_at(bed, other, name + "x", INACTIVE)
    same(len(bed.people.values(other, "scimInactiveSince")), 1)


@case("inactive: by an administrator's move, in and out; a place below counts")
def by_hand(bed):
    user, name = new(bed)
    bed.people.user(user)
    bed.ldap.rename_s(bed.people.dn(user), f"uid={name}", INACTIVE, True)
    same(bed.people.user(user)["active"], False)
    bed.people.patch_user(user, op("Replace", "title", "T")).must(200, 204)
    is_at(bed, user, name, INACTIVE)
    bed.ldap.add_s(f"ou=2025,{INACTIVE}", [("objectClass", b"organizationalUnit"), ("ou", b"2025")])
    bed.ldap.rename_s(bed.people.dn(user), f"uid={name}", "ou=2025," + INACTIVE, True)
    same(bed.people.user(user)["active"], False)
    set_active(bed, user, False).must(200, 204)
    is_at(bed, user, name, "ou=2025," + INACTIVE)
    set_active(bed, user, True).must(200, 204)
    is_at(bed, user, name, USERS)


# --- deleted -----------------------------------------------------------------------------------------


@case("deleted: moved, seen by nobody, out of its groups; revived under the same id")
def deleted(bed):
    user, name = new(bed, externalId=bed.fresh("x"), password="old")
    bed.ldap.modify_s(bed.people.dn(user), [(ldap.MOD_REPLACE, "l", [b"Bern"])])
    group = bed.people.new_group(bed.fresh("gr"), [user])["id"]
    external = bed.people.user(user)["externalId"]
    bed.people.delete(f"/Users/{user}").must(204)
    is_at(bed, user, name, LEFT)
    bed.people.get(f"/Users/{user}").must(404)
    bed.people.delete(f"/Users/{user}").must(404)
    set_active(bed, user, True).must(404)
    same(bed.people.find(f'userName eq "{name}"'), [])
    same(bed.people.find(f'externalId eq "{external}"'), [])
    same(bed.people.members(group), [])
    bed.people.patch_group(group, op("Add", "members", [{"value": user}])).must(400)
    same((bed.people.values(user, "l"), bed.people.values(user, "street")), ([], ["Bern"]))
    same(bed.people.post("/Users", {"userName": name, "externalId": external}).must(201).json["id"], user)
    is_at(bed, user, name, USERS)
    same((bed.people.values(user, "l"), bed.people.values(user, "street")), (["Bern"], []))
    same((bed.people.values(user, "scimDeletedAt"), bed.people.members(group)), ([], []))
    check(not bed.can_bind(bed.people.dn(user), "old"), "the old password came back")


@case("deleted while inactive, revived inactive and active")
def both(bed):
    user, name = new(bed)
    set_active(bed, user, False).must(200, 204)
    bed.people.delete(f"/Users/{user}").must(204)
    is_at(bed, user, name, LEFT)
    made = bed.people.post("/Users", {"userName": name, "active": False}).must(201).json
    same((made["id"], made["active"]), (user, False))
    is_at(bed, user, name, INACTIVE)
    bed.people.delete(f"/Users/{user}").must(204)
    made = bed.people.post("/Users", {"userName": name}).must(201).json
    same((made["id"], made["active"]), (user, True))
    is_at(bed, user, name, USERS)
    same(bed.people.values(user, "scimInactiveSince"), [])


@case("deleted: another person with the same name; the second to leave keeps it")
def namesake(bed):
    name = bed.fresh("same")
    first = bed.people.new_user(name, externalId=name + "-1")["id"]
    bed.people.delete(f"/Users/{first}").must(204)
    second = bed.people.new_user(name, externalId=name + "-2")["id"]
    check(first != second, "another person was given the old id")
    is_at(bed, second, name, USERS)
    is_at(bed, first, name, LEFT)
    bed.people.delete(f"/Users/{second}").must(204)
    is_at(bed, second, name, LEFT)
    is_at(bed, first, first, LEFT)
    revived = bed.people.post("/Users", {"userName": name, "externalId": name + "-1"}).must(201).json
    same(revived["id"], first)
    is_at(bed, first, name, USERS)


@case("deleted: where a foreign entry has the name, by its id")
def foreign(bed):
    user, name = new(bed, externalId=bed.fresh("x"))
    external = bed.people.user(user)["externalId"]
    bed.ldap.add_s(f"uid={name},{LEFT}", [("objectClass", b"account"), ("uid", name.encode())])
    bed.people.delete(f"/Users/{user}").must(204)
    is_at(bed, user, user, LEFT)
    same(bed.people.post("/Users", {"userName": name, "externalId": external}).must(201).json["id"], user)
    is_at(bed, user, name, USERS)


@case("deleted: revived where the name is taken meanwhile is refused, and stays deleted")
def revive_taken(bed):
    user, name = new(bed)
    bed.people.delete(f"/Users/{user}").must(204)
    bed.ldap.add_s(f"uid={name},{USERS}", [("objectClass", b"account"), ("uid", name.encode())])
    bed.people.post("/Users", {"userName": name, "title": "T"}).refused(409, "uniqueness")
    is_at(bed, user, name, LEFT)
    same(bed.people.values(user, "title"), [])
    bed.ldap.delete_s(f"uid={name},{USERS}")
    same(bed.people.post("/Users", {"userName": name}).must(201).json["id"], user)


@case("many at the same moment: one is moved, the others find it done")
def together(bed):
    user, name = new(bed)
    for value, place in ((False, INACTIVE), (True, USERS)) * 3:
        threads = [threading.Thread(target=set_active, args=(bed, user, value)) for _ in range(6)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join(60)
        is_at(bed, user, name, place)
        same(bed.people.user(user)["active"], value)
    statuses = []
    threads = [threading.Thread(target=lambda: statuses.append(bed.people.delete(f"/Users/{user}").status))
               for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    same(sorted(statuses), [204] + [404] * 5)


# --- groups that hold login names, references that the bridge repairs --------------------------------


@case("members by login name, and references that the bridge repairs")
def by_name(bed):
    ideo, name = bed.ideo, bed.fresh("bn")
    user = ideo.new_user(name)["id"]
    boss = ideo.new_user(bed.fresh("bn"))["id"]
    ideo.patch_user(user, op("Add", MANAGER, {"value": boss})).must(200, 204)
    ideo.patch_user(boss, op("Add", MANAGER, {"value": user})).must(200, 204)
    group = ideo.new_group(bed.fresh("gr"), [user, boss])["id"]
    for value, place in ((False, "inactive"), (True, "users")):
        ideo.patch_user(user, op("Replace", "active", value)).must(200, 204)
        same(ideo.dn(user), f"uid={name},ou={place},{ideo.base}")
        same(ideo.members(group), sorted([user, boss]))
        same(ideo.user(boss)[ENTERPRISE]["manager"]["value"], user)
        same(ideo.values(boss, "manager"), [ideo.dn(user)])
    ideo.delete(f"/Users/{user}").must(204)
    same(ideo.members(group), [boss])
    check(name not in ideo.values(group, "memberUid"), "a deleted user kept the membership")
    check(MANAGER.rsplit(":", 1)[1] not in ideo.user(boss).get(ENTERPRISE, {}), "a deleted user is a manager")
    same(ideo.post("/Users", {"userName": name}).must(201).json["id"], user)
    same(ideo.members(group), [boss])


# --- failures ----------------------------------------------------------------------------------------


@case("a place that is missing: refused before anything is written, and done once it is there")
def no_place(bed):
    user, name = new(bed)
    for dn, _ in bed.search(LEFT, "(objectClass=*)")[1:]:
        bed.ldap.delete_s(dn)
    bed.ldap.rename_s(LEFT, "ou=elsewhere", None, True)
    try:
        bed.people.delete(f"/Users/{user}").must(502)
        is_at(bed, user, name, USERS)
        same(bed.people.values(user, "scimDeletedAt"), [])
        code, text = tool(bed, "check")
        check(code != 0 and "lifecycle" in text and LEFT in text, text)
    finally:
        bed.ldap.rename_s("ou=elsewhere," + BASE, "ou=left", None, True)
    bed.people.delete(f"/Users/{user}").must(204)
    is_at(bed, user, name, LEFT)


# --- tools -------------------------------------------------------------------------------------------


@case("show, explain, import, check and purge know the places")
def tools(bed):
    user, name = new(bed)
    gone, gone_name = new(bed)
    set_active(bed, user, False).must(200, 204)
    bed.people.delete(f"/Users/{gone}").must(204)
    code, text = tool(bed, "show", user)
    check(code == 0 and f'lies under "{INACTIVE}"' in text, text)
    code, text = tool(bed, "show", bed.people.dn(gone))
    check(f'it lies under "{LEFT}", where the map keeps what was deleted' in text, text)
    code, text = tool(bed, "explain", "DELETE", f"/Users/{user}")
    check(code == 0 and f"newsuperior: {LEFT}" in text and "dnSubordinateMatch" not in text, text)
    is_at(bed, user, name, INACTIVE)
    code, text = tool(bed, "check")
    check(code == 0, text)
    code, text = tool(bed, "check", "--acl")
    check(INACTIVE in text and LEFT in text, text)
    code, text = tool(bed, "import")
    check(user in text and gone not in text, "import")
    code, text = tool(bed, "import", "--since", "2020-01-01T00:00:00Z")
    check(user in text and json.dumps(gone) in text and '"deleted":true' in text.replace(" ", ""), text[-2000:])
    time.sleep(2)
    code, text = tool(bed, "purge")
    check(f"uid={gone_name},{LEFT}" in text and user not in text and name not in text, text)
    code, text = tool(bed, "purge", "--yes")
    check(code == 0, text)
    same(bed.search(LEFT, f"(uid={gone_name})"), [])
    is_at(bed, user, name, INACTIVE)
    same(bed.people.user(user)["active"], False)


UNIX_GROUPS = (('"objectClass": ["groupOfNames"]', '"objectClass": ["posixGroup"]'),
               ("(objectClass=groupOfNames)", "(objectClass=posixGroup)"),
               ('"ldap": "member",', '"ldap": "memberUid", "by": "uid",'),
               ('"emptyMember": "cn=nobody",', '"entry": { "gidNumber": "500" },'))


def write_map(folder, name, *changes):
    """The map, with some of its text replaced."""
    with open(MAP, encoding="utf-8") as file:
        text = file.read()
    for old, by in changes:
        check(old in text, old)
        text = text.replace(old, by)
    with open(os.path.join(folder, name), "w", encoding="utf-8") as file:
        file.write(text)
    return file.name


def run(*changes, **environment):
    with tempfile.TemporaryDirectory(prefix="scimbridge-moves-") as folder:
        with open(os.path.join(folder, "units.ldif"), "w", encoding="utf-8") as units:
            for unit in ("inactive", "left"):
                for base in (BASE, "ou=ideo,dc=example,dc=com"):
                    units.write(f"dn: ou={unit},{base}\nobjectClass: organizationalUnit\nou: {unit}\n\n")
        maps = {"people": write_map(folder, "people.jsonc", *changes),
                "ideo": write_map(folder, "ideo.jsonc", ("ou=people,", "ou=ideo,"), *UNIX_GROUPS, *changes)}
        main(config={"connectors": {name: {"directory": "local", "map": path} for name, path in maps.items()}},
             ldif=units.name, **environment)


if __name__ == "__main__":
    run()
