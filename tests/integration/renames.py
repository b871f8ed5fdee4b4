#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""Renames: by SCIM, by an administrator, and names that are freed and taken behind the bridge's back.
The id means the same person for ever; nothing is written to anybody else."""

import threading
import time

import ldap
import ldap.modlist
from suite import (ENTERPRISE, USER, case, check, eventually, main, op, same, table)


def family(bed, connector):
    """(user, group that has it, employee whose manager it is)"""
    user = connector.new_user(bed.fresh("fam"))["id"]
    group = connector.new_group(bed.fresh("Fam"), [user])["id"]
    employee = connector.new_user(bed.fresh("emp"))["id"]
    if connector.name == "people":
        connector.patch_user(employee, op("Add", f"{ENTERPRISE}:manager", user)).must(200)
    return user, group, employee


# --- by SCIM ---------------------------------------------------------------------------------------


@table("userName: {0}", [
    ("another", lambda n: n + "-new"), ("case only", lambda n: n.upper()), ("with a comma", lambda n: n + ", Jr"),
    ("with a plus and quotes", lambda n: n + '+"x"'), ("with umlauts", lambda n: n + "üß"),
    ("to a number", lambda n: str(abs(hash(n)))), ("with outer spaces", lambda n: f" {n}x "),
    ("with a hash in front", lambda n: "#" + n)])
def rename_user(bed, _name, new_name):
    for connector in (bed.people, bed.sie):
        user, group, employee = family(bed, connector)
        old = connector.user(user)["userName"]
        new = new_name(old)
        shown = connector.patch_user(user, op("Replace", "userName", new)).must(200).json
        same((shown["id"], shown["userName"]), (user, new))
        same(connector.user(user)["userName"], new)
        same(connector.values(user, "uid"), [new], "uid")
        eventually(lambda: connector.values(group, "member") == [connector.dn(user)], "member does not follow")
        same(connector.members(group), [user])
        if connector.name == "people":
            eventually(lambda: connector.values(employee, "manager") == [connector.dn(user)], "manager does not follow")
            same(connector.user(employee)[ENTERPRISE]["manager"]["value"], user)
        # And on under the new name.
        connector.patch_user(user, op("Replace", "userName", old), op("Replace", "name.givenName", "G")).must(200)
        same((connector.user(user)["userName"], connector.values(user, "givenName")), (old, ["G"]))


@case("userName by PUT, with other changes")
def rename_put(bed):
    people = bed.people
    user, group, _ = family(bed, people)
    shown = people.user(user)
    name = bed.fresh("put")
    after = people.put(f"/Users/{user}", {**shown, "userName": name, "title": "T"}).must(200).json
    same((after["userName"], after["title"], after["id"]), (name, "T", user))
    same(people.dn(user), f"uid={name},{people.users}")
    same(people.members(group), [user])


@table("group displayName: {0}", [
    ("another", lambda n: n + " new"), ("case only", lambda n: n.swapcase()), ("with commas", lambda n: n + ", a=b, c"),
    ("with backslash", lambda n: n + "\\2c"), ("with umlauts", lambda n: n + " Größe")])
def rename_group(bed, _name, new_name):
    for connector in bed.connectors:
        user, group, _ = family(bed, connector)
        outer = connector.new_group(bed.fresh("Outer"), [group])["id"]
        new = new_name(connector.group(group)["displayName"])
        connector.patch_group(group, op("Replace", "displayName", new)).must(200, 204)
        same(connector.group(group)["displayName"], new)
        same(connector.values(group, "cn"), [new])
        same(connector.members(group), [user])
        eventually(lambda: connector.values(outer, "member") == [connector.dn(group)], "the outer group does not follow")
        same(connector.find('displayName eq "' + new.replace("\\", "\\\\") + '"', "Groups"), [group])


@case("a rename to the same name changes nothing")
def rename_same(bed):
    people = bed.people
    user, group, _ = family(bed, people)
    for resource, path, endpoint in ((user, "userName", "Users"), (group, "displayName", "Groups")):
        before = people.entry(resource)
        name = people.get(f"/{endpoint}/{resource}").json[path]
        people.patch(f"/{endpoint}/{resource}", op("Replace", path, name)).must(200, 204)
        same(people.entry(resource), before, "the entry")


@table("a name that is taken, {0}: 409, nothing changed", [("same case", str), ("other case", str.upper)])
def collision(bed, _name, shape):
    for connector in bed.connectors:
        one, two = connector.users_named(bed.fresh("col") + "-", 2)
        taken = shape(connector.user(one)["userName"])
        before = connector.entry(one), connector.entry(two)
        connector.patch_user(two, op("Replace", "userName", taken), op("Replace", "active", "False")).refused(409, "uniqueness")
        same((connector.entry(one), connector.entry(two)), before, "the entries")
        first, second = (connector.new_group(bed.fresh("Col"))["id"] for _ in range(2))
        taken = shape(connector.group(first)["displayName"])
        before = connector.entry(first), connector.entry(second)
        connector.patch_group(second, op("Replace", "displayName", taken)).refused(409, "uniqueness")
        same((connector.entry(first), connector.entry(second)), before, "the entries")


@case("names exchanged in three steps")
def swap(bed):
    people = bed.people
    one, two = people.users_named(bed.fresh("swap") + "-", 2)
    first, second = people.user(one)["userName"], people.user(two)["userName"]
    group = people.new_group(bed.fresh("Swap"), [one])["id"]
    for user, name in ((one, "swap-temporary"), (two, first), (one, second)):
        people.patch_user(user, op("Replace", "userName", name)).must(200)
        people.patch_user(two, op("Replace", "title", "two")).must(200)
        people.patch_user(one, op("Replace", "title", "one")).must(200)
    same((people.user(one)["userName"], people.user(one)["title"]), (second, "one"))
    same((people.user(two)["userName"], people.user(two)["title"]), (first, "two"))
    eventually(lambda: people.members(group) == [one], "the member")


@case("a name freed by a rename is free at once")
def freed(bed):
    people = bed.people
    user, group, _ = family(bed, people)
    name = people.user(user)["userName"]
    people.patch_user(user, op("Replace", "userName", name + "-moved")).must(200)
    new = people.new_user(name)["id"]
    check(new != user, "the new user has the old one's id")
    eventually(lambda: people.members(group) == [user], f"members {people.members(group)}")
    people.patch_user(user, op("Replace", "title", "old")).must(200)
    people.patch_user(new, op("Replace", "title", "new")).must(200)
    same((people.user(user)["title"], people.user(new)["title"]), ("old", "new"))
    people.patch_group(group, op("Add", "members", [{"value": new}])).must(204)
    same(people.members(group), sorted([user, new]))


@case("userName may stand in more values of uid; the others stay")
def several_uids(bed):
    people = bed.people
    user = people.new_user(bed.fresh("uid"))
    bed.ldap.modify_s(people.dn(user["id"]), [(ldap.MOD_ADD, "uid", [b"another-uid"])])
    same(people.user(user["id"])["userName"], user["userName"])
    new = user["userName"] + "-n"
    people.patch_user(user["id"], op("Replace", "userName", new)).must(200)
    same(people.user(user["id"])["userName"], new)
    same(people.values(user["id"], "uid"), sorted(["another-uid", new]))


@case("a name that is the value of another uid, not of an RDN")
def secondary_uid(bed):
    people = bed.people
    user = people.new_user(bed.fresh("uid"))
    bed.ldap.modify_s(people.dn(user["id"]), [(ldap.MOD_ADD, "uid", [b"shadow-name"])])
    reply = people.post("/Users", {"schemas": [USER], "userName": "shadow-name"})
    reply.must(201, 409)
    found = people.query("Users", 'userName eq "shadow-name"')["Resources"]
    check(len(found) <= 1 or reply.status == 201, "found")


# --- behind the bridge's back ------------------------------------------------------------------------------


def replace_behind(bed, connector, user):
    """Rename the user's entry by LDAP and put somebody else at its DN: (new name, the other's DN)."""
    dn, name = connector.dn(user), connector.user(user)["userName"]
    moved = name + "-moved"
    bed.ldap.rename_s(dn, f"uid={moved}")
    bed.ldap.add_s(dn, ldap.modlist.addModlist({
        "objectClass": [b"inetOrgPerson"], "uid": [name.encode()], "cn": [b"Other"], "sn": [b"Other"],
        "givenName": [b"Other"], "mail": [b"other@example.com"]}))
    return moved, dn


def entry_of(bed, dn):
    return bed.ldap.search_s(dn, 0, "(objectClass=*)", ["*", "+"])[0]


@table("another entry took the DN: {0} reaches the right one", [
    ("PATCH", lambda c, u: c.patch_user(u, op("Replace", "title", "Right")).must(200)),
    ("a second PATCH", lambda c, u: [c.patch_user(u, op("Replace", "title", t)).must(200) for t in ("Wrong", "Right")]),
    ("PATCH that reads", lambda c, u: c.patch_user(u, op("Replace", "displayName", "X"), op("Replace", "title", "Right")).must(200)),
    ("PUT", lambda c, u: c.put(f"/Users/{u}", {**c.user(u), "title": "Right"}).must(200))])
def taken_patch(bed, _name, change):
    people = bed.people
    user = people.new_user(bed.fresh("moved"), title="Old")["id"]
    people.user(user)
    moved, dn = replace_behind(bed, people, user)
    before = entry_of(bed, dn)
    change(people, user)
    same(entry_of(bed, dn), before, "the other entry")
    same(people.values(user, "title"), ["Right"])
    same(people.user(user)["userName"], moved)


@case("another entry took the DN: GET, disabling, deletion reach the right one")
def taken_lifecycle(bed):
    for connector in (bed.people, bed.sie):
        user = connector.new_user(bed.fresh("moved"))["id"]
        moved, dn = replace_behind(bed, connector, user)
        before = entry_of(bed, dn)
        same(connector.user(user)["userName"], moved)
        moved, dn2 = replace_behind(bed, connector, user)
        connector.patch_user(user, op("Replace", "active", "False")).must(200)
        same(connector.user(user)["active"], False)
        moved, dn3 = replace_behind(bed, connector, user)
        connector.delete(f"/Users/{user}").must(204)
        check(connector.values(user, "scimDeletedAt"), "the wrong one was deleted")
        same(entry_of(bed, dn), before, "the other entry")
        for other in (dn2, dn3):
            check(not bed.values(entry_of(bed, other)[1], "scimDeletedAt"), "the other entry was deleted")
            check(not bed.values(entry_of(bed, other)[1], "scimVisible"), "the other entry was hidden")


@case("a group's DN was taken: members and deletion reach the right one")
def taken_group(bed):
    people = bed.people
    user = people.new_user(bed.fresh("member"))["id"]
    name = bed.fresh("Moved")
    group = people.new_group(name)["id"]
    people.patch_group(group, op("Add", "members", [{"value": user}])).must(204)
    dn = people.dn(group)
    bed.ldap.rename_s(dn, f"cn={name} moved")
    bed.ldap.add_s(dn, ldap.modlist.addModlist({"objectClass": [b"groupOfNames"], "cn": [name.encode()], "member": [b"cn=x"]}))
    before = entry_of(bed, dn)
    people.patch_group(group, op("Remove", "members", [{"value": user}])).must(204)
    same(people.members(group), [])
    people.patch_group(group, op("Add", "members", [{"value": user}])).must(204)
    same(people.members(group), [user])
    same(people.group(group)["displayName"], name + " moved")
    bed.ldap.rename_s(people.dn(group), f"cn={name} again")
    people.delete(f"/Groups/{group}").must(204)
    same(bed.search(people.base, f"(entryUUID={group})"), [], "the right group")
    same(entry_of(bed, dn), before, "the other group")


@case("a member's DN was taken a moment ago: the id adds the right one")
def taken_member_at_once(bed):
    people = bed.people
    user = people.new_user(bed.fresh("moment"))["id"]
    first, second = (people.new_group(bed.fresh("Moment"))["id"] for _ in range(2))
    people.patch_group(first, op("Add", "members", [{"value": user}])).must(204)
    _, dn = replace_behind(bed, people, user)
    people.patch_group(second, op("Add", "members", [{"value": user}])).must(204)
    same(people.values(second, "member"), [people.dn(user)])
    check(dn not in people.values(second, "member"), "somebody else became a member")


@case("a member's DN was taken: the id adds the right one, once it is looked up again")
def taken_member(bed):
    with bed.another_bridge(limits={"referenceLifetime": "50ms"}) as http:
        people = bed.people.via(http)
        user = people.new_user(bed.fresh("member"))["id"]
        group, second = (people.new_group(bed.fresh("Taken"))["id"] for _ in range(2))
        people.patch_group(group, op("Add", "members", [{"value": user}])).must(204)
        _, dn = replace_behind(bed, people, user)
        eventually(lambda: people.values(group, "member") == [people.dn(user)], "refint did not come")
        time.sleep(0.1)
        people.patch_group(second, op("Add", "members", [{"value": user}])).must(204)
        same(people.values(second, "member"), [people.dn(user)])
        same(people.members(second), [user])
        check(dn not in people.values(second, "member"), "somebody else became a member")
        people.patch_group(group, op("Remove", "members", [{"value": user}])).must(204)
        same(people.members(group), [])


@case("an entry that was deleted and made anew has another id")
def made_anew(bed):
    people = bed.people
    user = people.new_user(bed.fresh("anew"))["id"]
    dn = people.dn(user)
    entry = entry_of(bed, dn)[1]
    bed.ldap.delete_s(dn)
    bed.ldap.add_s(dn, ldap.modlist.addModlist({k: entry[k] for k in ("objectClass", "uid", "cn", "sn")}))
    before = entry_of(bed, dn)
    people.patch_user(user, op("Replace", "title", "X")).refused(404)
    people.patch_user(user, op("Replace", "active", "False")).refused(404)
    people.get(f"/Users/{user}").refused(404)
    people.delete(f"/Users/{user}").refused(404)
    same(entry_of(bed, dn), before, "the new entry")


@case("moved out of the scope by an administrator: 404, and not written")
def moved_out(bed):
    people = bed.people
    user = people.new_user(bed.fresh("left"))["id"]
    group = people.new_group(bed.fresh("Left"), [user])["id"]
    bed.ldap.rename_s(people.dn(user), people.dn(user).split(",")[0], people.base)
    before = people.entry(user)
    for reply in (people.get(f"/Users/{user}"), people.delete(f"/Users/{user}"),
                  people.patch_user(user, op("Replace", "active", "False")),
                  people.patch_user(user, op("Replace", "title", "X"))):
        reply.refused(404)
    same(people.entry(user), before, "the entry")
    eventually(lambda: people.members(group) == [], "an entry out of scope is shown as a member")


@case("became protected: 404, and not written")
def became_protected(bed):
    sie = bed.sie
    host = sie.new_user(bed.fresh("host"))["id"]
    bed.ldap.rename_s(sie.dn(host), f"uid={bed.fresh('svc-host')}")
    before = sie.entry(host)
    for reply in (sie.patch_user(host, op("Replace", "name.givenName", "X")), sie.get(f"/Users/{host}"),
                  sie.patch_user(host, op("Replace", "active", "False")), sie.delete(f"/Users/{host}")):
        reply.refused(404)
    same(sie.entry(host), before, "the entry")


# --- half of it -------------------------------------------------------------------------------------------------


@case("removed from a group right after a rename: out of it, though the directory repairs late")
def removed_after_rename(bed):
    people = bed.people
    for _ in range(15):
        user = people.new_user(bed.fresh("late"))["id"]
        groups = [people.new_group(bed.fresh("Late"), [user])["id"] for _ in range(4)]
        people.patch_user(user, op("Replace", "userName", bed.fresh("later"))).must(200)
        for group in groups:
            people.patch_group(group, op("Remove", "members", [{"value": user}])).must(204)
        time.sleep(0.05)
        same([people.members(group) for group in groups], [[]] * 4)


@case("a freed name, given to another: a late repair does not touch the other's memberships")
def freed_and_given(bed):
    people = bed.people
    for _ in range(10):
        name = bed.fresh("given")
        first = people.new_user(name)["id"]
        people.patch_user(first, op("Replace", "userName", name + "-moved")).must(200)
        second = people.new_user(name)["id"]
        group = people.new_group(bed.fresh("Given"))["id"]
        people.patch_group(group, op("Add", "members", [{"value": second}])).must(204)
        time.sleep(0.1)
        same(people.members(group), [second])


@case("renamed while becoming a member: in the end it is the right one")
def renamed_while_added(bed):
    people = bed.people
    for _ in range(20):
        user = people.new_user(bed.fresh("race"))["id"]
        group = people.new_group(bed.fresh("Race"))["id"]
        threads = [threading.Thread(target=target) for target in (
            lambda: people.patch_user(user, op("Replace", "userName", bed.fresh("raced"))).must(200),
            lambda: people.patch_group(group, op("Add", "members", [{"value": user}])).must(204))]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        eventually(lambda: people.values(group, "member") == [people.dn(user)], "another DN")


@case("a rename beside what the directory refuses is taken back")
def taken_back(bed):
    people = bed.people
    user = people.new_user(bed.fresh("back"))["id"]
    before = people.dn(user)
    people.patch_user(user, op("Replace", "userName", bed.fresh("never")),
                      op("Replace", "x509Certificates", [{"value": "AAAA"}])).must(400)
    same(people.dn(user), before)


@case("rename and a value that the directory refuses: the repeated request completes it")
def half_done(bed):
    people = bed.people
    user = people.new_user(bed.fresh("half"), title="Old")["id"]
    name = bed.fresh("half-new")
    body = [op("Replace", "userName", name), op("Replace", "title", "New"), op("Replace", "profileUrl", "u")]
    before = people.entry(user)
    bad = people.patch_user(user, *body, op("Replace", 'emails[type eq "work"].value', "mü@example.com")).must(400)
    check(bad.detail, "no reason")
    same(people.entry(user), before, "what the directory cannot hold is found before anything is written")
    people.patch_user(user, *body).must(200)
    same((people.dn(user), people.values(user, "title")), (f"uid={name},{people.users}", ["New"]))
    stamp = people.stamp(user)
    people.patch_user(user, *body).must(200)
    same(people.stamp(user), stamp, "the same request again")


@case("a tombstone's name: two persons deleted under it, a third takes it")
def tombstone_names(bed):
    people, name = bed.people, bed.fresh("popular")
    ids = []
    for i in range(3):
        ids.append(people.new_user(name, externalId=f"{name}-{i}")["id"])
        people.delete(f"/Users/{ids[-1]}").must(204)
    same(len(set(ids)), 3, "ids")
    last = people.new_user(name, externalId=f"{name}-0")["id"]
    check(last not in ids[1:], "somebody else's id")
    same(people.find(f'userName eq "{name}"'), [last])
    same(people.dn(last), f"uid={name},{people.users}")


if __name__ == "__main__":
    main()
