#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""Groups: members in every number, by every operation, by many at the same time."""

import concurrent.futures
import random
import threading

import ldap
import ldap.modlist
from suite import (GROUP, NOWHERE, PATCH_OP, USER, case, check, eventually, main, op, same, table)

PLACEHOLDER = "cn=nobody"


def add(*ids):
    return op("Add", "members", [{"value": i} for i in ids])


def remove(*ids):
    return op("Remove", "members", [{"value": i} for i in ids])


def is_exactly(connector, group, ids):
    """Over SCIM and in the directory; and nobody else, and the placeholder only alone."""
    same(connector.members(group), sorted(ids), "members")
    dns = sorted(connector.dn(i) for i in ids) or [PLACEHOLDER]
    same(sorted(connector.values(group, "member")), dns, "member")


# --- the number of members -------------------------------------------------------------------------


@case("empty, filled, emptied, refilled, replaced")
def life(bed):
    for connector in bed.connectors:
        ids = connector.users_named(bed.fresh("life") + "-", 4)
        group = connector.new_group(bed.fresh("Life"))["id"]
        for operations, left in (
                ([add(ids[0])], ids[:1]), ([add(*ids[1:])], ids), ([remove(*ids)], []), ([add(ids[2])], ids[2:3]),
                ([remove(ids[2])], []), ([add(*ids)], ids), ([op("remove", "members")], []),
                ([op("replace", "members", [{"value": i} for i in ids[:2]])], ids[:2]),
                ([op("replace", "members", [{"value": i} for i in ids[1:3]])], ids[1:3]),
                ([op("replace", "members", [])], []), ([add(ids[0]), add(ids[1]), remove(ids[0])], ids[1:2]),
                ([remove(ids[1]), add(ids[2])], ids[2:3]), ([add(ids[3]), remove(ids[2])], ids[3:]),
                ([remove(ids[3]), add(ids[3])], ids[3:]), ([remove(ids[3], ids[0])], [])):
            connector.patch_group(group, *operations).must(204)
            is_exactly(connector, group, left)


@case("created with members")
def born_with(bed):
    for connector in bed.connectors:
        ids = connector.users_named(bed.fresh("born") + "-", 3)
        group = connector.new_group(bed.fresh("Born"), ids)
        same(sorted(m["value"] for m in group["members"]), sorted(ids))
        is_exactly(connector, group["id"], ids)
        for member in group["members"]:
            check(member["$ref"].endswith(f"/{connector.name}/scim/v2/Users/{member['value']}"), member["$ref"])
            same(member["type"], "User")


@case("the same member twice in one request")
def doubled(bed):
    people = bed.people
    user = people.new_user(bed.fresh("dup"))["id"]
    group = people.new_group(bed.fresh("Dup"), [user, user])["id"]
    is_exactly(people, group, [user])
    people.patch_group(group, add(user, user)).must(204)
    people.patch_group(group, op("replace", "members", [{"value": user}, {"value": user.upper()}])).must(204)
    is_exactly(people, group, [user])
    people.patch_group(group, remove(user, user)).must(204)
    is_exactly(people, group, [])


@case("some there already, some absent: the difference is written")
def partly(bed):
    people = bed.people
    ids = people.users_named(bed.fresh("part") + "-", 6)
    group = people.new_group(bed.fresh("Part"), ids[:3])["id"]
    people.patch_group(group, add(*ids[1:5])).must(204)
    is_exactly(people, group, ids[:5])
    people.patch_group(group, remove(ids[0], ids[5], NOWHERE)).must(204)
    is_exactly(people, group, ids[1:5])
    people.patch_group(group, add(ids[0], ids[1]), remove(ids[2], ids[5])).must(204)
    is_exactly(people, group, [ids[0], ids[1], ids[3], ids[4]])
    stamp = people.stamp(group)
    people.patch_group(group, add(ids[0], ids[1])).must(204)
    people.patch_group(group, remove(ids[5], ids[2])).must(204)
    same(people.stamp(group), stamp, "entryCSN after what changes nothing")


@case("the placeholder is nobody: neither shown, nor found, nor a reason to write")
def placeholder(bed):
    people = bed.people
    group = people.new_group(bed.fresh("Nobody"))
    same(group.get("members", []), [])
    stamp = people.stamp(group["id"])
    people.patch_group(group["id"], op("remove", "members")).must(204)
    people.patch_group(group["id"], op("replace", "members", [])).must(204)
    people.put(f"/Groups/{group['id']}", group).must(200)
    same(people.stamp(group["id"]), stamp, "entryCSN")
    same(people.find('members eq "cn=nobody"', "Groups"), [])
    user = people.new_user(bed.fresh("some"))["id"]
    people.put(f"/Groups/{group['id']}", {**group, "members": [{"value": user}]}).must(200)
    is_exactly(people, group["id"], [user])


@table("unknown reference by {0}: 400 and nothing changed", [
    ("Add", lambda known: [add(known, NOWHERE)]), ("Add alone", lambda known: [add(NOWHERE)]),
    ("Add no UUID", lambda known: [add("cn=admin,dc=example,dc=com")]),
    ("replace", lambda known: [op("replace", "members", [{"value": known}, {"value": NOWHERE}])]),
    ("a later operation", lambda known: [op("Replace", "displayName", "Changed"), add(known), add(NOWHERE)]),
    ("an empty value", lambda known: [op("Add", "members", [{"value": known}, {"display": "x"}])])])
def unknown(bed, _name, shape):
    for connector in (bed.people, bed.sie):
        known, other = connector.users_named(bed.fresh("unk") + "-", 2)
        group = connector.new_group(bed.fresh("Unknown"), [other])["id"]
        before = connector.entry(group)
        connector.patch_group(group, *shape(known)).must(400)
        same(connector.entry(group), before, "the group")


@case("unknown reference by POST and PUT")
def unknown_post(bed):
    people, name = bed.people, bed.fresh("Unknown")
    people.post("/Groups", {"schemas": [GROUP], "displayName": name, "members": [{"value": NOWHERE}]}
                ).refused(400, "invalidValue", NOWHERE)
    same(people.named(name, "cn"), [])
    group = people.new_group(name)
    people.put(f"/Groups/{group['id']}", {**group, "members": [{"value": NOWHERE}]}).refused(400, "invalidValue", NOWHERE)


@case("members that are not values")
def odd_members(bed):
    people = bed.people
    user = people.new_user(bed.fresh("odd"))["id"]
    group = people.new_group(bed.fresh("Odd"), [user])["id"]
    for path, value in (("members.value", user), ("members.display", "x"), (f'members[value eq "{user}"].display', "x")):
        people.patch_group(group, op("Replace", path, value)).must(400, 204)
        is_exactly(people, group, [user])
    people.patch_group(group, op("remove", 'members[display eq "x"]')).refused(400, "invalidFilter")
    people.patch_group(group, op("Add", "members", [7])).must(400)
    is_exactly(people, group, [user])
    other = people.new_user(bed.fresh("odd"))["id"]
    people.patch_group(group, op("remove", f'members[value eq "{user}" or value eq "{other}"]')).must(204)
    is_exactly(people, group, [])
    people.patch_group(group, op("Add", "members", [user, other])).must(204, 400)


# --- many ---------------------------------------------------------------------------------------------


def crowd(bed, n):
    """n users added by LDAP, for speed: their ids."""
    people, prefix = bed.people, bed.fresh("crowd")
    bed.add_many((f"uid={prefix}-{i},{people.users}", {
        "objectClass": [b"inetOrgPerson"], "uid": [f"{prefix}-{i}".encode()], "cn": [b"C"], "sn": [b"C"]})
        for i in range(n))
    found = bed.ldap.search_s(people.users, 1, f"(uid={prefix}-*)", ["entryUUID"])
    return [attrs["entryUUID"][0].decode() for _, attrs in found]


@case("800 members by one PATCH, removed by one, in one operation and in as many")
def hundreds(bed):
    people = bed.people
    ids = crowd(bed, 800)
    group = people.new_group(bed.fresh("Hundreds"))["id"]
    people.patch_group(group, add(*ids)).must(204)
    same(people.members(group), sorted(ids))
    people.patch_group(group, remove(*ids[:400])).must(204)
    same(people.members(group), sorted(ids[400:]))
    people.patch_group(group, *[add(i) for i in ids[:400]]).must(204)
    same(people.members(group), sorted(ids))
    people.patch_group(group, op("remove", "members[" + " or ".join(f'value eq "{i}"' for i in ids[:150]) + "]")).must(204)
    same(people.members(group), sorted(ids[150:]))
    people.patch_group(group, op("replace", "members", [{"value": i} for i in ids[100:300]])).must(204)
    same(people.members(group), sorted(ids[100:300]))
    people.patch_group(group, add(*ids), remove(*ids[10:])).must(204)
    same(people.members(group), sorted(ids[:10]))
    check(PLACEHOLDER not in people.values(group, "member"), "placeholder")


@case("a group of 800 as a whole: POST, PUT, GET, filter, delete")
def big_group(bed):
    people = bed.people
    ids = crowd(bed, 800)
    group = people.new_group(bed.fresh("Big"), ids)
    same(len(group["members"]), 800)
    shown = people.group(group["id"])
    stamp = people.stamp(group["id"])
    people.put(f"/Groups/{group['id']}", shown).must(200)
    same(people.stamp(group["id"]), stamp, "entryCSN after PUT of the same")
    same(people.find(f'id eq "{group["id"]}" and members eq "{ids[5]}"', "Groups"), [group["id"]])
    same(people.find(f'members eq "{ids[5]}"', "Groups", excludedAttributes="members"), [group["id"]])
    people.put(f"/Groups/{group['id']}", {**shown, "members": [{"value": i} for i in ids[:3]]}).must(200)
    is_exactly(people, group["id"], ids[:3])
    people.delete(f"/Groups/{group['id']}").must(204)


@case("more references than are allowed: 413, nothing changed; as many as are allowed: all of them")
def too_many(bed):
    people = bed.people
    users = people.users_named(bed.fresh("many"), 4)
    group = people.new_group(bed.fresh("Limited"), users[:1])["id"]
    members = [{"value": user} for user in users]
    with bed.another_bridge(limits={"members": 3}) as http:
        few = people.via(http)
        name = bed.fresh("Too many")
        for reply in (few.patch_group(group, op("Add", "members", members)),
                      few.patch_group(group, op("Remove", "members", members)),
                      few.put(f"/Groups/{group}", {"schemas": [GROUP], "displayName": name, "members": members}),
                      few.post("/Groups", {"schemas": [GROUP], "displayName": name, "members": members})):
            reply.refused(413, None, "references", "3")
        same(people.members(group), users[:1])
        same(people.find(f'displayName eq "{name}"', "Groups"), [])
        few.patch_group(group, op("Add", "members", members[1:])).must(204)
    same(people.members(group), sorted(users))
    unknown = [f"{i:08x}-0000-4000-8000-000000000000" for i in range(20001)]
    people.patch(f"/Groups/{group}", add(*unknown)).must(400, 413)
    same(people.members(group), sorted(users))


# --- groups in groups -------------------------------------------------------------------------------------


@case("nested: groups as members")
def nested(bed):
    people = bed.people
    user = people.new_user(bed.fresh("nest"))["id"]
    inner = people.new_group(bed.fresh("Inner"), [user])["id"]
    outer = people.new_group(bed.fresh("Outer"), [user])["id"]
    people.patch_group(outer, add(inner)).must(204)
    is_exactly(people, outer, [user, inner])
    types = {m["value"]: (m["type"], m["$ref"]) for m in people.group(outer)["members"]}
    same((types[user][0], types[inner][0]), ("User", "Group"))
    check(types[inner][1].endswith(f"/Groups/{inner}"), types[inner][1])
    same(people.find(f'members eq "{inner}"', "Groups"), [outer])
    people.patch_group(inner, add(outer)).must(204)
    is_exactly(people, inner, [user, outer])
    people.patch_group(inner, op("Replace", "displayName", bed.fresh("Inner new"))).must(204)
    eventually(lambda: people.dn(inner) in people.values(outer, "member"), "the nested group's new name")
    same(people.members(outer), sorted([user, inner]))
    people.delete(f"/Groups/{inner}").must(204)
    eventually(lambda: people.members(outer) == [user], "the deleted group is a member still")
    eventually(lambda: people.values(outer, "member") == [people.dn(user)], "refint did not come")


@case("an adopted group keeps its members and gets those of the request")
def adopt_members(bed):
    people, name = bed.people, bed.fresh("Adopted")
    ids = people.users_named(bed.fresh("ad") + "-", 3)
    bed.ldap.add_s(f"cn={name},{people.groups}", ldap.modlist.addModlist({
        "objectClass": [b"groupOfNames"], "cn": [name.encode()],
        "member": [people.dn(i).encode() for i in ids[:2]] + [b"uid=elsewhere,dc=example,dc=com"]}))
    group = people.new_group(name, ids[1:])["id"]
    check("uid=elsewhere,dc=example,dc=com" in people.values(group, "member"), "a foreign member is gone")
    check(set(ids[1:]) <= set(people.members(group)), "members of the request are missing")


@case("a group as a member of itself")
def self_member(bed):
    group = bed.people.new_group(bed.fresh("Self"))["id"]
    bed.people.patch_group(group, add(group)).must(204, 400)
    check(bed.people.members(group) in ([], [group]), "members")


# --- asking ------------------------------------------------------------------------------------------------


@case("membership by filter, with and without members")
def by_filter(bed):
    people = bed.people
    ids = people.users_named(bed.fresh("bf") + "-", 3)
    first = people.new_group(bed.fresh("ByFilter"), ids[:2])["id"]
    second = people.new_group(bed.fresh("ByFilter"), ids[1:])["id"]
    for text, found in ((f'members eq "{ids[1]}"', [first, second]), (f'members.value eq "{ids[0]}"', [first]),
                        (f'members[value eq "{ids[2]}"]', [second]), (f'members eq "{ids[0]}" and members eq "{ids[1]}"', [first]),
                        (f'members eq "{ids[0]}" or members eq "{ids[2]}"', [first, second]),
                        (f'id eq "{second}" and members eq "{ids[0]}"', []),
                        (f'members eq "{ids[1].upper()}"', [first, second])):
        same(sorted(people.find(text, "Groups")), sorted(found), text)
    people.get("/Groups", filter="members pr").refused(400, "invalidFilter")
    body = people.query("Groups", f'id eq "{first}"', attributes="displayName")["Resources"][0]
    check("members" not in body and "displayName" in body, "attributes=displayName")
    body = people.query("Groups", f'id eq "{first}"', attributes="members")["Resources"][0]
    same(sorted(m["value"] for m in body["members"]), sorted(ids[:2]))
    reply = people.call("PATCH", f"/Groups/{first}?attributes=members", {"schemas": [PATCH_OP], "Operations": [add(ids[2])]})
    same(sorted(m["value"] for m in reply.must(200).json["members"]), sorted(ids))


@case("rename keeps members and id; a rename and members in one PATCH")
def rename(bed):
    people = bed.people
    ids = people.users_named(bed.fresh("ren") + "-", 3)
    name = bed.fresh("Ren")
    group = people.new_group(name, ids[:2])["id"]
    people.patch_group(group, op("replace", "displayName", name + " b")).must(204)
    is_exactly(people, group, ids[:2])
    people.patch_group(group, op("replace", "displayName", name + " c"), add(ids[2]), remove(ids[0])).must(204)
    is_exactly(people, group, ids[1:])
    same(people.dn(group), f"cn={name} c,{people.groups}")
    people.patch_group(group, op("replace", "displayName", name + " d"), op("remove", "members")).must(204)
    is_exactly(people, group, [])
    same(people.group(group)["displayName"], name + " d")


# --- members that go -----------------------------------------------------------------------------------------


@case("an administrator deletes a member: nobody in its place")
def member_deleted(bed):
    people = bed.people
    ids = people.users_named(bed.fresh("gone") + "-", 2)
    group = people.new_group(bed.fresh("Gone"), ids)["id"]
    dn = people.dn(ids[0])
    bed.ldap.delete_s(dn)
    eventually(lambda: dn not in people.values(group, "member"), "refint did not come")
    same(people.members(group), [ids[1]])
    bed.ldap.delete_s(people.dn(ids[1]))
    eventually(lambda: people.values(group, "member") == [PLACEHOLDER], "refint did not come")
    same(people.members(group), [])
    user = people.new_user(bed.fresh("next"))["id"]
    people.patch_group(group, add(user)).must(204)
    is_exactly(people, group, [user])


@case("a dangling member is not shown; the next person of that DN is no member by it")
def dangling(bed):
    people, name = bed.people, bed.fresh("dangling")
    user = people.new_user(bed.fresh("real"))["id"]
    group = people.new_group(bed.fresh("Dangling"), [user])["id"]
    bed.ldap.modify_s(people.dn(group), [(ldap.MOD_ADD, "member", [f"uid={name},{people.users}".encode()])])
    same(people.members(group), [user])
    people.patch_group(group, add(user)).must(204)
    same(people.members(group), [user])


@case("a member renamed by an administrator stays a member, by its id")
def member_renamed(bed):
    people = bed.people
    user, other = people.users_named(bed.fresh("adm") + "-", 2)
    group = people.new_group(bed.fresh("Adm"), [user])["id"]
    bed.ldap.rename_s(people.dn(user), f"uid={bed.fresh('adm-new')}")
    eventually(lambda: people.values(group, "member") == [people.dn(user)], "refint did not come")
    eventually(lambda: people.members(group) == [user], "the renamed member is not shown", 8)
    people.patch_group(group, add(other)).must(204)
    people.patch_group(group, remove(user)).must(204)
    is_exactly(people, group, [other])


# --- at the same time ------------------------------------------------------------------------------------------


def together(count, function, items):
    with concurrent.futures.ThreadPoolExecutor(count) as pool:
        return list(pool.map(function, items))


@case("20 threads add different members: all acknowledged ones are there")
def concurrent_adds(bed):
    people = bed.people
    ids = crowd(bed, 100)
    group = people.new_group(bed.fresh("Rush"))["id"]
    statuses = together(20, lambda i: people.patch_group(group, add(i)).status, ids)
    done = [i for i, status in zip(ids, statuses) if status == 204]
    check(len(done) == len(ids), f"{len(ids) - len(done)} were refused: {set(statuses)}")
    is_exactly(people, group, ids)
    statuses = together(20, lambda i: people.patch_group(group, remove(i)).status, ids)
    same(set(statuses), {204}, "removals")
    is_exactly(people, group, [])


@case("changes that wait for each other are made together, and each is in the audit log")
def joint_adds(bed):
    ids = crowd(bed, 24)
    with bed.another_bridge(limits={"referenceLifetime": "1m"}) as http:
        people = bed.people.via(http)
        group = people.new_group(bed.fresh("Joint"))["id"]
        for i in ids:  # so that none of them is looked up while they wait
            people.user(i)
        bed.directory.freeze()
        timer = threading.Timer(1, bed.directory.thaw)
        timer.start()
        try:
            statuses = together(len(ids), lambda i: people.patch_group(group, add(i)).status, ids)
        finally:
            timer.join()
    same(set(statuses), {204}, "additions")
    is_exactly(bed.people, group, ids)
    lines = [line for line in bed.audit() if line.get("resource") == group and line["method"] == "PATCH"]
    same(len([line for line in lines if line["event"] == "result"]), len(ids), "results")
    joined = len([line for line in lines if line.get("joined")])
    intents = len([line for line in lines if line["event"] == "intent"])
    same(intents + joined, len(ids), "each is one's own or another's write")
    check(joined >= len(ids) // 4, f"only {joined} were made together")


@case("20 threads add and remove, through two bridges")
def concurrent_mixed(bed):
    people = bed.people
    ids = crowd(bed, 80)
    group = people.new_group(bed.fresh("Mixed"), ids[:40])["id"]
    with bed.another_bridge() as http:
        sides = [people, people.via(http)]

        def change(i):
            operation = remove(ids[i]) if i < 40 else add(ids[i])
            return sides[i % 2].patch_group(group, operation).status

        order = list(range(80))
        random.Random(1).shuffle(order)
        statuses = dict(zip(order, together(20, change, order)))
        acknowledged = {i for i, status in statuses.items() if status == 204}
        check(len(acknowledged) >= 70, f"too many refusals: {sorted(set(statuses.values()))}")
        left = set(people.members(group))
        for i in acknowledged:
            same(ids[i] in left, i >= 40, f"member {i}, acknowledged")


@case("the same person posted by 12 threads through two bridges is made once")
def concurrent_posts(bed):
    for connector, key in ((bed.people, "userName"), (bed.sio, "externalId")):
        name = bed.fresh("race")
        with bed.another_bridge() as http:
            sides = [connector, connector.via(http)]
            body = {"schemas": [USER], "userName": name, "externalId": f"x-{name}", "displayName": "R"}

            def make(i):
                mine = dict(body, userName=f"{name}-{i}") if key == "externalId" else body
                return sides[i % 2].post("/Users", mine)

            replies = together(12, make, range(12))
        same(sorted({r.status for r in replies} - {201, 409, 503}), [], "statuses")
        same(len([r for r in replies if r.status == 201]), 1, f"created, by {key}: {[r.status for r in replies]}")
        same(len(bed.search(connector.users, f"(uid={name}*)")), 1, "entries")


@table("a tombstone's name posted by 10 threads through two bridges: {0}", [
    ("the same person is revived once", True), ("other persons: one is made", False)])
def concurrent_revivals(bed, _name, same_person):
    people = bed.people
    with bed.another_bridge() as http:
        sides = [people, people.via(http)]
        for _ in range(3):
            name = bed.fresh("revive")
            user = people.new_user(name, externalId=name)["id"]
            people.delete(f"/Users/{user}").must(204)
            replies = together(10, lambda i, n=name: sides[i % 2].post("/Users", {
                "schemas": [USER], "userName": n, "externalId": n if same_person else f"{n}-{i}"}), range(10))
            made = [r.json["id"] for r in replies if r.status == 201]
            same(sorted({r.status for r in replies} - {201, 409, 503}), [], "statuses")
            same([i == user for i in made], [same_person], "whom the 201 is about")
            same(len(bed.search(people.users, f"(&(uid={name})(!(scimDeletedAt=*)))")), 1, "entries")


@case("one name wanted by 8 users at the same moment, through two bridges")
def concurrent_renames(bed):
    people = bed.people
    with bed.another_bridge() as http:
        sides = [people, people.via(http)]
        name = bed.fresh("goal")
        users = people.users_named(bed.fresh("runner") + "-", 8)
        replies = together(8, lambda i: sides[i % 2].patch_user(
            users[i], op("Replace", "userName", name), op("Replace", "title", "won")), range(8))
        same(sorted({r.status for r in replies} - {200, 409, 503}), [], "statuses")
        winners = [u for u, r in zip(users, replies) if r.status == 200]
        same(len(winners), 1, "winners")
        same([u for u in users if people.user(u).get("title") == "won"], winners, "titles")


@case("deleted, patched, renamed and made a member at the same moment")
def concurrent_deletion(bed):
    people = bed.people
    for _ in range(10):
        name = bed.fresh("fleeting")
        user, group = people.new_user(name)["id"], people.new_group(bed.fresh("Fleeting"))["id"]
        replies = together(5, lambda request: request(), [
            lambda u=user: people.delete(f"/Users/{u}"), lambda u=user: people.patch_user(u, op("Replace", "title", "x")),
            lambda u=user, g=group: people.patch_group(g, add(u)), lambda u=user: people.patch_user(u, op("Replace", "active", "True")),
            lambda u=user, n=name: people.patch_user(u, op("Replace", "userName", n + "-r"))])
        replies[0].must(204)
        people.get(f"/Users/{user}").refused(404)
        check(people.values(user, "pwdEndTime"), "a deleted user may log in")
        same(people.members(group), [], "members")


@case("the same user patched by 20 threads: the last write stands, nothing is lost")
def concurrent_patches(bed):
    people = bed.people
    user = people.new_user(bed.fresh("hot"))["id"]
    paths = ["title", "nickName", "userType", "locale", "timezone"]
    replies = together(20, lambda i: people.patch_user(user, op("Replace", paths[i % 5], f"v{i}")), range(40))
    same({r.status for r in replies}, {200})
    shown = people.user(user)
    for k, path in enumerate(paths):
        check(shown[path] in {f"v{i}" for i in range(40) if i % 5 == k}, path)


@case("removal of the last two members at the same moment, and an addition")
def concurrent_last(bed):
    people = bed.people
    for _ in range(10):
        ids = people.users_named(bed.fresh("last") + "-", 3)
        group = people.new_group(bed.fresh("Last"), ids[:2])["id"]
        operations = [remove(ids[0]), remove(ids[1]), add(ids[2])]
        replies = together(3, lambda o, g=group: people.patch_group(g, o), operations)
        same([r.status for r in replies], [204] * 3)
        same(people.members(group), [ids[2]])
        same([v for v in people.values(group, "member") if v != PLACEHOLDER], [people.dn(ids[2])])


if __name__ == "__main__":
    main()
