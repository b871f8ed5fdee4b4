# SPDX-License-Identifier: Apache-2.0
"""What must hold on every directory server: cases that run unchanged on each (on_*.py).

What differs between servers is asked of the directory's class (tests/support), never skipped here."""
import concurrent.futures
import subprocess

from suite import ENTERPRISE, GROUP, USER, case, check, eventually, harness, op, same

PASSWORD = "Corr3ct-horse-battery"
ANOTHER = "An0ther-horse-stable"


def login(bed, user, password=PASSWORD):
    return bed.can_bind(bed.people.dn(user), password)


# --- what an administrator asks first --------------------------------------------------------


@case("check finds no error in the map that is shipped, and show tells what a client sees")
def tools(bed):
    people, name = bed.people, bed.fresh("tools")
    user = people.new_user(name)["id"]

    def run(*arguments):
        return subprocess.run([harness.PROGRAM, *arguments], capture_output=True, text=True, timeout=120,
                              env=harness.environment())

    done = run("check", "-c", bed.bridge.file)
    same((done.returncode, [line for line in done.stdout.splitlines() if ": error: " in line]), (0, []))
    for asked in (user, people.dn(user)):
        done = run("show", "-c", bed.bridge.file, "-C", "people", "--json", asked)
        same(done.returncode, 0)
        check(user in done.stdout and name in done.stdout, done.stdout)
    done = run("import", "-c", bed.bridge.file, "-C", "people")
    check(f'"id":"{user}"' in done.stdout, "the user is not imported")


# --- users -----------------------------------------------------------------------------------


@case("a user is made, found, changed and read back")
def round_trip(bed):
    people, name = bed.people, bed.fresh("ada")
    made = people.new_user(name, externalId="e-" + name, title="Countess",
                           name={"givenName": "Ada", "familyName": "L\u00f6velace"},
                           emails=[{"type": "work", "value": name + "@example.com", "primary": True}])
    user = made["id"]
    same(people.user(user)["name"]["familyName"], "L\u00f6velace")
    for filter in (f'userName eq "{name}"', f'externalId eq "e-{name}"', f'id eq "{user}"',
                   f'emails[type eq "work" and value eq "{name}@example.com"]'):
        same(people.find(filter), [user], filter)
    people.patch_user(user, op("replace", "title", "Analyst"), op("remove", "externalId")).must(200)
    got = people.user(user)
    same((got["title"], got.get("externalId")), ("Analyst", None))
    people.patch_user(user, op("replace", "title", "Analyst")).must(200)
    same(people.user(user)["meta"]["version"], got["meta"]["version"], "the version after a no-op")


@case("put replaces what is mapped, and what get returned changes nothing")
def put(bed):
    people, name = bed.people, bed.fresh("put")
    made = people.new_user(name, title="T", userType="N")
    stamp = people.stamp(made["id"])
    people.put(f"/Users/{made['id']}", people.user(made["id"])).must(200)
    same(people.stamp(made["id"]), stamp, "the stamp")
    people.put(f"/Users/{made['id']}", {"schemas": [USER], "userName": name, "title": "U"}).must(200)
    got = people.user(made["id"])
    same((got["title"], got.get("userType")), ("U", None))


@case("a name is taken once")
def taken(bed):
    people, name = bed.people, bed.fresh("once")
    user = people.new_user(name)["id"]
    people.post("/Users", {"schemas": [USER], "userName": name.upper()}).refused(409, "uniqueness")
    other = people.new_user(name + "x")["id"]
    people.patch_user(other, op("replace", "userName", name)).refused(409, "uniqueness")
    same((people.user(user)["userName"], people.user(other)["userName"]), (name, name + "x"))


@case("the same POST from many at once makes one user")
def posted_at_once(bed):
    people, name = bed.people, bed.fresh("rush")
    with concurrent.futures.ThreadPoolExecutor(8) as pool:
        codes = sorted(pool.map(lambda _: people.post("/Users", {"schemas": [USER], "userName": name}).status,
                                range(8)))
    same(codes, [201] + [409] * 7)
    same(len(people.find(f'userName eq "{name}"')), 1)


@case("versions: If-Match and If-None-Match")
def versions(bed):
    people, name = bed.people, bed.fresh("etag")
    user = people.new_user(name)
    old, path = user["meta"]["version"], f"/Users/{user['id']}"
    body = {"schemas": ["urn:ietf:params:scim:api:messages:2.0:PatchOp"], "Operations": [op("replace", "title", "A")]}
    people.call("PATCH", path, body, headers={"If-Match": old}).must(200)
    check(people.user(user["id"])["meta"]["version"] != old, "the version after a change is the same")
    body["Operations"] = [op("replace", "title", "B")]
    people.call("PATCH", path, body, headers={"If-Match": old}).must(412)
    same(people.user(user["id"])["title"], "A")
    people.call("GET", path, headers={"If-None-Match": people.user(user["id"])["meta"]["version"]}).must(304)


# --- lifecycle -------------------------------------------------------------------------------


@case("a disabled account cannot log in, and can when it is active again")
def lifecycle(bed):
    people, name = bed.people, bed.fresh("leaver")
    user = people.new_user(name, password=PASSWORD)["id"]
    check(login(bed, user), "cannot log in at first")
    for value in (False, "False", {"active": False}):
        operation = op("replace", None, value) if isinstance(value, dict) else op("replace", "active", value)
        people.patch_user(user, operation).must(200)
        same(people.user(user)["active"], False)
        check(not login(bed, user), "a disabled account may log in")
    same(people.find(f'active eq false and userName eq "{name}"'), [user])
    bed.directory.reset_password(people.dn(user), ANOTHER)
    check(not login(bed, user, ANOTHER), "an administrator's reset of the password enabled the account")
    people.patch_user(user, op("replace", "active", True)).must(200)
    check(login(bed, user, ANOTHER), "active again, and cannot log in")
    same(people.find(f'active eq true and userName eq "{name}"'), [user])


@case("a user may be made inactive from the beginning")
def born_inactive(bed):
    people, name = bed.people, bed.fresh("later")
    user = people.new_user(name, active=False, password=PASSWORD)
    same(user["active"], False)
    check(not login(bed, user["id"]), "an account made inactive may log in")
    people.patch_user(user["id"], op("replace", "active", "True")).must(200)
    check(login(bed, user["id"]), "active, and cannot log in")


@case("delete leaves a tombstone: unseen, locked, out of the groups, revived by its person")
def deleted(bed):
    people, name = bed.people, bed.fresh("gone")
    user = people.new_user(name, externalId="e-" + name, password=PASSWORD)["id"]
    group = people.new_group(name, [user])["id"]
    dn = people.dn(user)
    people.delete(f"/Users/{user}").must(204)
    people.get(f"/Users/{user}").must(404)
    same(people.find(f'userName eq "{name}"'), [])
    same(people.members(group), [])
    check(not bed.can_bind(dn, PASSWORD), "a deleted user may log in")
    people.delete(f"/Users/{user}").must(404)
    back = people.new_user(name, externalId="e-" + name)
    same((back["id"], back["active"]), (user, True))
    same(people.members(group), [])


@case("another person of the same name gets a new entry")
def namesake(bed):
    people, name = bed.people, bed.fresh("same")
    first = people.new_user(name, externalId="one")["id"]
    people.delete(f"/Users/{first}").must(204)
    second = people.new_user(name, externalId="two")["id"]
    check(first != second, "another person has the old id")
    same(people.find(f'userName eq "{name}"'), [second])


# --- groups ----------------------------------------------------------------------------------


@case("members come and go, one and many, there already and gone already")
def members(bed):
    people, name = bed.people, bed.fresh("team")
    users = people.users_named(name + "-", 5)
    group = people.new_group(name)["id"]
    values = [{"value": user} for user in users]
    for operations in ([op("add", "members", values[:1])], [op("add", "members", values)],
                       [op("add", "members", values[1:3])]):
        people.patch_group(group, *operations).must(204)
    same(people.members(group), sorted(users))
    people.patch_group(group, op("remove", f'members[value eq "{users[0]}"]')).must(204)
    people.patch_group(group, op("remove", "members", values[:2])).must(204)
    same(people.members(group), sorted(users[2:]))
    people.patch_group(group, op("remove", "members", [])).must(204)
    same(people.members(group), sorted(users[2:]), "members after removing none")
    same(people.find(f'members[value eq "{users[2]}"]', "Groups"), [group])
    people.patch_group(group, op("replace", "members", values[:1])).must(200, 204)
    same(people.members(group), users[:1])
    people.patch_group(group, op("remove", f'members[value eq "{users[0]}"]')).must(204)
    same(people.members(group), [])
    people.patch_group(group, op("add", "members", values)).must(204)
    same(people.members(group), sorted(users))


@case("an unknown member is refused, and nothing changes")
def unknown_member(bed):
    people, name = bed.people, bed.fresh("odd")
    user = people.new_user(name)["id"]
    group = people.new_group(name, [user])["id"]
    nobody = user[:-4] + ("0000" if not user.endswith("0000") else "1111")
    people.patch_group(group, op("add", "members", [{"value": nobody}])).refused(400, "invalidValue")
    same(people.members(group), [user])


@case("many change one group at once")
def crowd(bed):
    people, name = bed.people, bed.fresh("crowd")
    users = people.users_named(name + "-", 24)
    group = people.new_group(name, users[:8])["id"]

    def change(i):
        if i < 8:
            return people.patch_group(group, op("remove", f'members[value eq "{users[i]}"]')).status
        return people.patch_group(group, op("add", "members", [{"value": users[i]}])).status

    with concurrent.futures.ThreadPoolExecutor(12) as pool:
        same(set(pool.map(change, range(24))), {204})
    same(people.members(group), sorted(users[8:]))


@case("a group of thousands: read whole, and without its members")
def large(bed):
    people, name = bed.people, bed.fresh("large")
    dns = [f"{bed.directory.rdn}={name}-{i},{people.users}" for i in range(bed.directory.large_group)]
    bed.directory.add_users(dns)
    ids = []
    start = 1
    while True:
        page = people.query("Users", f'userName sw "{name}-"', startIndex=start, count=1000, attributes="id")
        ids += [resource["id"] for resource in page["Resources"]]
        start += len(page["Resources"])
        if start > page["totalResults"]:
            break
    same(len(set(ids)), len(dns))
    group = people.new_group(name)["id"]
    for i in range(0, len(ids), 100):
        people.patch_group(group, op("add", "members", [{"value": one} for one in ids[i:i + 100]])).must(204)
    same(people.members(group), sorted(ids))
    people.patch_group(group, op("remove", f'members[value eq "{ids[7]}"]')).must(204)
    same(len(people.members(group)), len(ids) - 1)
    check("members" not in people.get(f"/Groups/{group}", excludedAttributes="members").must(200).json, "members")


@case("groups in groups, and groups are really deleted")
def nested(bed):
    people, name = bed.people, bed.fresh("nest")
    inner = people.new_group(name + "i")["id"]
    outer = people.new_group(name + "o", [inner])["id"]
    same(people.group(outer)["members"][0]["type"], "Group")
    dn = people.dn(inner)
    people.delete(f"/Groups/{inner}").must(204)
    same(bed.directory.entry(dn), None)
    eventually(lambda: people.members(outer) == [], "the deleted group is a member still")
    same(people.post("/Groups", {"schemas": [GROUP], "displayName": name + "i"}).must(201).json["displayName"], name + "i")


# --- references and names --------------------------------------------------------------------


@case("a renamed user keeps id, memberships, employees and password")
def renamed(bed):
    people, name = bed.people, bed.fresh("ren")
    chief = people.new_user(name, password=PASSWORD)["id"]
    employee = people.new_user(name + "e")["id"]
    people.patch_user(employee, op("add", ENTERPRISE + ":manager", chief)).must(200)
    group = people.new_group(name, [chief])["id"]
    for new in (name + "2", (name + "2").upper()):
        people.patch_user(chief, op("replace", "userName", new)).must(200)
        same(people.user(chief)["userName"], new)
        same(people.members(group), [chief])
        same(people.user(employee)[ENTERPRISE]["manager"]["value"], chief)
        check(login(bed, chief), "the renamed user cannot log in")
    same(people.find(f'{ENTERPRISE}:manager eq "{chief}"'), [employee])


@case("the name of one that was renamed behind our back is another's now")
def name_reused(bed):
    people, name = bed.people, bed.fresh("swap")
    first = people.new_user(name)["id"]
    group = people.new_group(name)["id"]
    people.user(first)
    bed.directory.rename(people.dn(first), name + "old")
    second = people.new_user(name)["id"]
    check(first != second, "one id for two")
    people.patch_user(first, op("replace", "title", "first")).must(200)
    people.patch_group(group, op("add", "members", [{"value": first}])).must(204)
    same((people.user(first)["title"], people.user(second).get("title")), ("first", None))
    same(people.members(group), [first])


# --- lists -----------------------------------------------------------------------------------


@case("pages by index and by cursor show everybody once")
def pages(bed):
    people, name = bed.people, bed.fresh("page")
    users = sorted(people.users_named(name + "-", 23))
    seen = []
    for start in range(1, 24, 5):
        page = people.query("Users", f'userName sw "{name}-"', startIndex=start, count=5)
        same(page["totalResults"], 23)
        seen += [resource["id"] for resource in page["Resources"]]
    same(sorted(seen), users)
    seen, cursor = [], ""
    while cursor is not None:
        page = people.query("Users", f'userName sw "{name}-"', count=7, cursor=cursor)
        seen += [resource["id"] for resource in page["Resources"]]
        cursor = page.get("nextCursor")
    same(sorted(seen), users)
    found = people.query("Users", f'userName sw "{name}-"', sortBy="userName", sortOrder="descending", count=3)
    same([resource["userName"] for resource in found["Resources"]], [f"{name}-{i}" for i in (9, 8, 7)])


@case("filters that LDAP servers disagree about")
def filters(bed):
    people, name = bed.people, bed.fresh("logic")
    one = people.new_user(name + "1", title="a")["id"]
    two = people.new_user(name + "2")["id"]
    mine = f'userName sw "{name}"'
    for filter, expected in ((f"{mine} and title pr", [one]), (f"{mine} and not (title pr)", [two]),
                             (f'{mine} and title ne "a"', [two]), (f'{mine} and not (title eq "a")', [two]),
                             (f'{mine} and not ({ENTERPRISE}:manager eq "junk")', [one, two]),
                             (f'{mine} and meta.created gt "2020-01-01T00:00:00Z"', [one, two]),
                             (f'{mine} and id eq "junk"', []), (f'{mine} and (title eq "a*" or title eq ")(")', [])):
        same(sorted(people.find(filter)), sorted(expected), filter)


# --- the directory goes and comes ------------------------------------------------------------


@case("while the directory is down: 503; afterwards the bridge is itself again")
def outage(bed):
    people, name = bed.people, bed.fresh("down")
    user = people.new_user(name)["id"]
    bed.directory.stop()
    people.patch_user(user, op("replace", "title", "lost")).must(503)
    bed.directory.start()
    bed.bridge.wait_until_up()
    bed.reconnect()
    people.patch_user(user, op("replace", "title", "kept")).must(200)
    same(people.user(user)["title"], "kept")
