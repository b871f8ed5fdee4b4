#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""Two connectors on the same entries, which the map says ("shared"), and input that no map has ("unmapped")."""

import os
import tempfile

from suite import ENTERPRISE, USER, case, harness, main, op, same

BULK = "urn:ietf:params:scim:api:messages:2.0:BulkRequest"


@case("what is shared is made and changed by both")
def both(bed):
    here, there = bed.people, bed.ideo
    user = here.new_user(bed.fresh("shared"), title="A")["id"]
    same(there.patch_user(user, op("replace", "title", "B")).must(200).json["title"], "B")
    same(here.patch_user(user, op("replace", "displayName", "C")).must(200).json["title"], "B")
    group = there.new_group(bed.fresh("Shared"), [user])["id"]
    here.patch_group(group, op("remove", f'members[value eq "{user}"]')).must(204)
    same(there.members(group), [])
    same(there.patch_user(user, op("replace", "active", False)).must(200).json["active"], False)
    same(here.user(user)["active"], False)


@case("what is shared is neither renamed nor deleted")
def fixed(bed):
    people, name = bed.people, bed.fresh("fixed")
    user = people.new_user(name, title="A")["id"]
    group = people.new_group(name, [user])["id"]
    dn, stamp = people.dn(user), people.stamp(user)
    people.delete(f"/Users/{user}").refused(403, None, "shares", "users")
    people.delete(f"/Groups/{group}").refused(403, None, "shares", "groups")
    people.patch_user(user, op("replace", "userName", name + "x"), op("replace", "title", "B")).refused(403, None, "renamed")
    people.put(f"/Users/{user}", {"schemas": [USER], "userName": name + "x"}).refused(403, None, "renamed")
    people.patch_group(group, op("replace", "displayName", name + "x"), op("remove", "members")).refused(403, None, "renamed")
    reply = people.post("/Bulk", {"schemas": [BULK], "Operations": [{"method": "DELETE", "path": f"/Users/{user}"}]})
    same([o["status"] for o in reply.must(200).json["Operations"]], ["403"])
    same((people.dn(user), people.stamp(user), people.members(group)), (dn, stamp, [user]))
    people.put(f"/Users/{user}", {"schemas": [USER], "userName": name, "title": "C"}).must(200)


@case("attributes that are not mapped are refused, or ignored")
def unmapped(bed):
    strict, name = bed.ideo, bed.fresh("strict")
    for body, word in (({"nosuch": 1}, "nosuch"), ({ENTERPRISE: {"nosuch": "x"}}, ENTERPRISE + ":nosuch"),
                       ({"urn:example:none": {"a": 1}}, "urn:example:none")):
        strict.post("/Users", {"schemas": [USER], "userName": name, **body}).refused(400, "invalidValue", word, "not mapped")
        bed.people.post("/Users", {"schemas": [USER], "userName": bed.fresh("lenient"), **body}).must(201)
    user = strict.new_user(name, title="A", id="x", meta={})["id"]
    strict.put(f"/Users/{user}", {"schemas": [USER], "userName": name, "nosuch": 1}).refused(400, "invalidValue", "nosuch")
    for change in (op("replace", "members", [{"value": "x"}]), op("replace", None, {"nosuch": "x", "title": "B"})):
        strict.patch_user(user, change).refused(400, "invalidPath")
        bed.people.patch_user(user, change).must(200)
    same(strict.patch_user(user, op("replace", "title", "C")).must(200).json["title"], "C")


if __name__ == "__main__":
    with tempfile.TemporaryDirectory() as folder:
        with open(os.path.join(harness.MAPS, "people.jsonc"), encoding="utf-8") as file:
            text = file.read().replace('"depth": "one",', '"depth": "one", "shared": true,')
        files = {"people": text, "ideo": text.replace('"scopes": {', '"unmapped": "refuse", "scopes": {', 1)}
        for name, text in files.items():
            with open(os.path.join(folder, name), "w", encoding="utf-8") as file:
                file.write(text)
        main(config={"connectors": {name: {"directory": "local", "map": os.path.join(folder, name)} for name in files}})
