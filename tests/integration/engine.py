#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""What the SCIM engine says of values that the directory would not keep as they were meant."""

from suite import case, main, op, same, table

# The longest userName of each kind that slapd on back-mdb takes, and one more is too long.
LONGEST = [("plain", "a", 241), ("beyond ASCII", "é", 120), ("escaped", ",", 80), ("folded", "A", 241)]


@table("the longest name, {0}", LONGEST)
def longest_name(bed, _name, letter, n):
    people = bed.people
    user_id = people.post("/Users", {"userName": letter * n}).must(201).json["id"]
    people.post("/Users", {"userName": letter * (n + 1)}).refused(400, "invalidValue", "too long", "userName")
    people.patch_user(user_id, op("replace", "userName", "short")).must(200)
    stamp = people.stamp(user_id)
    people.patch_user(user_id, op("replace", "title", "T"), op("replace", "userName", letter * (n + 1))) \
        .refused(400, "invalidValue", "too long")
    people.put(f"/Users/{user_id}", {"userName": letter * (n + 1)}).refused(400, "invalidValue", "too long")
    same(people.stamp(user_id), stamp, "entryCSN after refusals")
    people.patch_user(user_id, op("replace", "userName", letter * n)).must(200)
    people.delete(f"/Users/{user_id}").must(204)


@case("a group's name is as long as may be")
def longest_group(bed):
    people = bed.people
    group_id = people.new_group("g" * 242)["id"]
    people.post("/Groups", {"displayName": "h" * 243}).refused(400, "invalidValue", "displayName", "too long")
    people.patch_group(group_id, op("replace", "displayName", "h" * 243)).refused(400, "invalidValue", "too long")
    people.delete(f"/Groups/{group_id}").must(204)


@case("values that name nothing may be long")
def long_values(bed):
    people = bed.people
    user = people.new_user("long-values", title="t" * 5000, displayName="d" * 5000,
                           emails=[{"type": "work", "value": "m" * 5000}])
    same(people.find(f'title eq "{"t" * 5000}"'), [user["id"]])
    people.delete(f"/Users/{user['id']}").must(204)


@table("the password {0} is none", [("{SSHA}x", "ssha"), ("{CLEARTEXT}abc", "clear"), ("{md5}", "md5"), ("{x-any.scheme}y", "any")])
def password_scheme(bed, password, name):
    people, name = bed.people, "schemer-" + name
    people.post("/Users", {"userName": name, "password": password}) \
        .refused(400, "invalidValue", "password", "hash scheme")
    same(people.named(name), [])
    user_id = people.new_user(name, password="s3cret")["id"]
    stored = people.values(user_id, "userPassword")
    for change in (op("replace", "password", password), op("add", None, {"password": password})):
        people.patch_user(user_id, change).refused(400, "invalidValue", "hash scheme")
    people.put(f"/Users/{user_id}", {"userName": name, "password": password}) \
        .refused(400, "invalidValue", "hash scheme")
    same(people.values(user_id, "userPassword"), stored, "what is stored")
    people.delete(f"/Users/{user_id}").must(204)


if __name__ == "__main__":
    main()
