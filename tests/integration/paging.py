#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""Pages: by index and by cursor, sorted, over several types, by .search, across restarts and instances."""

import os
import secrets
import tempfile
import time

from suite import Bed, case, check, main, same, table

SEARCH = "urn:ietf:params:scim:api:messages:2.0:SearchRequest"
PEOPLE = 230
KEY = secrets.token_urlsafe(32)


def populate(bed):
    """Users by LDAP, with titles that repeat and differ in case, a third without."""
    if hasattr(bed, "names"):
        return
    people = bed.people
    bed.names = [f"page{i:03}" for i in range(PEOPLE)]
    first = people.new_user("page-model")
    classes = bed.values(people.entry(first["id"])[1], "objectClass")
    people.delete(f"/Users/{first['id']}").must(204)
    bed.add_many((f"uid={name},{people.users}", entry_of(name, i, classes)) for i, name in enumerate(bed.names))
    for i in range(5):
        people.new_group(f"page-group{i}")


def remove(people, name):
    people.delete("/Users/" + people.find(f'userName eq "{name}"')[0]).must(204)


def entry_of(name, i, classes):
    entry = {"objectClass": [c.encode() for c in classes], "uid": [name.encode()], "cn": [name.encode()],
             "sn": [f"Family{i % 7}".encode()]}
    if i % 3:
        entry["title"] = [(f"title {i % 5}" if i % 2 else f"TITLE {i % 5}").encode()]
    return entry


def names(body):
    return [r.get("userName") or r["displayName"] for r in body["Resources"]]


def walk(people, path, count, between=None, **query):
    """All names by cursor, page by page."""
    cursor, seen, pages = "", [], 0
    while cursor is not None:
        body = people.get(path, cursor=cursor, count=count, **query).must(200).json
        check("startIndex" not in body, "startIndex in an answer by cursor")
        check(body["itemsPerPage"] == len(body["Resources"]) <= count, "itemsPerPage")
        same("previousCursor" in body, pages > 0, f"previousCursor of page {pages}")
        seen += names(body)
        cursor = body.get("nextCursor")
        pages += 1
        check(pages < 1000, "no end")
        if between and cursor:
            people = between(pages) or people
    return seen


def by_index(people, path, count, **query):
    seen, total = [], None
    while total is None or len(seen) < total:
        body = people.get(path, startIndex=len(seen) + 1, count=count, **query).must(200).json
        same(body["startIndex"], len(seen) + 1)
        total = body["totalResults"]
        seen += names(body)
    return seen


ALL = {"filter": 'userName sw "page"', "attributes": "userName"}


@table("pages of {0}", [(1000,), (100,), (97,), (30,)])
def sizes(bed, count):
    populate(bed)
    whole = walk(bed.people, "/Users", count, **ALL)
    same(sorted(whole), bed.names, "the names")
    same(by_index(bed.people, "/Users", count, **ALL), whole, "by index")


@case("totals only")
def totals(bed):
    populate(bed)
    for count in (0, -1, -1000):
        body = bed.people.get("/Users", count=count, **ALL).must(200).json
        same((body["totalResults"], body["itemsPerPage"], body["Resources"]), (PEOPLE, 0, []), f"count={count}")


@case("a page behind the end is empty")
def behind(bed):
    populate(bed)
    body = bed.people.get("/Users", startIndex=PEOPLE + 1, **ALL).must(200).json
    same((body["totalResults"], body["startIndex"], body["Resources"]), (PEOPLE, PEOPLE + 1, []))


@table("sorted by {0}, {1}", [("title", "ascending"), ("title", "descending"), ("userName", "ascending"),
                             ("userName", "descending"), ("name.familyName", "descending"), ("active", "ascending")])
def sorts(bed, path, order):
    populate(bed)
    query = {"filter": ALL["filter"], "sortBy": path, "sortOrder": order}
    whole = bed.people.get("/Users", count=1000, **query).must(200).json["Resources"]
    got = [r["userName"] for r in whole]
    same(sorted(got), bed.names, "the names")
    for count in (50, 77):
        same(walk(bed.people, "/Users", count, **query), got, f"by cursor, {count}")
        same(by_index(bed.people, "/Users", count, **query), got, f"by index, {count}")

    def value(resource):
        found = resource
        for part in path.split("."):
            found = (found or {}).get(part)
        return (found is None, found.lower() if isinstance(found, str) else found)

    values = [value(r) for r in whole]
    if order == "descending":
        values.reverse()
    same(values, sorted(values), "the values")


@case("back from the last page")
def back(bed):
    populate(bed)
    cursor, pages = "", []
    while cursor is not None:
        pages.append(bed.people.get("/Users", cursor=cursor, count=60, sortBy="userName", **ALL).must(200).json)
        cursor = pages[-1].get("nextCursor")
    same(len(pages), 4)
    for i in range(3, 0, -1):
        body = bed.people.get("/Users", cursor=pages[i]["previousCursor"], count=60, sortBy="userName", **ALL).must(200).json
        same(names(body), names(pages[i - 1]), f"the page before page {i}")


@case("all types at the root")
def root(bed):
    populate(bed)
    body = bed.people.get("/", count=0).must(200).json
    users = bed.people.get("/Users", count=0).must(200).json["totalResults"]
    groups = bed.people.get("/Groups", count=0).must(200).json["totalResults"]
    same(body["totalResults"], users + groups)
    query = {"filter": 'userName sw "page" or displayName sw "page-group"', "attributes": "userName,displayName"}
    wanted = bed.names + [f"page-group{i}" for i in range(5)]
    same(sorted(walk(bed.people, "/", 40, **query)), sorted(wanted), "by cursor")
    same(sorted(by_index(bed.people, "", 40, **query)), sorted(wanted), "by index")
    found = bed.people.get("", filter='meta.resourceType eq "Group" and displayName sw "page-"', sortBy="displayName").must(200).json
    same([r["meta"]["resourceType"] for r in found["Resources"]], ["Group"] * 5)
    check(all("/Groups/" in r["meta"]["location"] for r in found["Resources"]), "a location of another type")
    bed.people.get("", filter='nosuch eq "x"').refused(400, "invalidFilter", "nosuch")


@case("POST of .search")
def search(bed):
    populate(bed)
    body = {"schemas": [SEARCH], "filter": ALL["filter"], "attributes": ["userName"], "sortBy": "userName",
            "sortOrder": "descending", "startIndex": 11, "count": 10}
    answer = bed.people.post("/Users/.search", body).must(200).json
    same(names(answer), bed.names[::-1][10:20])
    same((answer["totalResults"], answer["startIndex"], answer["itemsPerPage"]), (PEOPLE, 11, 10))
    check(all(set(r) <= {"schemas", "id", "userName", "meta"} for r in answer["Resources"]), "more than was asked for")
    answer = bed.people.post("/.search", {"schemas": [SEARCH], "filter": 'displayName sw "page-group"'}).must(200).json
    same(answer["totalResults"], 5)
    bed.people.post("/.search", {"schemas": [SEARCH], "count": "10"}).refused(400, "invalidValue", "count")
    bed.people.post("/.search", {"schemas": [SEARCH], "filter": ["x"]}).refused(400, "invalidValue", "filter")
    bed.people.post("/.search", b"{").refused(400, "invalidSyntax")
    bed.people.call("GET", "/.search").must(405)
    bed.people.call("POST", "/", {"schemas": [SEARCH]}).must(405)


@case("a cursor of GET goes on with POST")
def by_both(bed):
    populate(bed)
    first = bed.people.get("/Users", cursor="", count=100, sortBy="userName", **ALL).must(200).json
    body = {"schemas": [SEARCH], "filter": ALL["filter"], "sortBy": "userName", "count": 10, "cursor": first["nextCursor"]}
    same(names(bed.people.post("/Users/.search", body).must(200).json), bed.names[100:110])


@case("cursors that are refused")
def refused(bed):
    populate(bed)
    people = bed.people
    cursor = people.get("/Users", cursor="", count=10, **ALL).must(200).json["nextCursor"]
    people.get("/Users", cursor=cursor, **ALL).must(200)
    people.get("/Users", cursor="x" + cursor[1:], **ALL).refused(400, "invalidCursor")
    people.get("/Users", cursor=cursor[:-4], **ALL).refused(400, "invalidCursor")
    people.get("/Users", cursor=cursor).refused(400, "invalidCursor")
    people.get("/Users", cursor=cursor, filter='userName sw "pag"').refused(400, "invalidCursor")
    people.get("/Users", cursor=cursor, sortBy="userName", **ALL).refused(400, "invalidCursor")
    people.get("/", cursor=cursor, **ALL).refused(400, "invalidCursor")
    bed.ideo.get("/Users", cursor=cursor, **ALL).refused(400, "invalidCursor")
    people.get("/Users", cursor="", count="ten").refused(400, "invalidCount")
    people.get("/Users", cursor="", startIndex=1).refused(400, "invalidValue")


@case("an expired cursor")
def expired(bed):
    populate(bed)
    with bed.another_bridge(limits={"cursorLifetime": "1s"}) as http:
        people = bed.people.via(http)
        cursor = people.get("/Users", cursor="", count=10, **ALL).must(200).json["nextCursor"]
        people.get("/Users", cursor=cursor, **ALL).must(200)
        time.sleep(2.1)
        people.get("/Users", cursor=cursor, **ALL).refused(400, "expiredCursor", "begin anew")


@case("a walk while people come and go")
def changes(bed):
    populate(bed)
    people, made, gone = bed.people, [], []

    def between(n):
        if n > 6:
            return
        made.append(people.new_user(f"page-x{n}")["userName"])
        name = f"page{n * 30:03}"
        remove(people, name)
        gone.append(name)
        time.sleep(0.15)  # longer than a listing is remembered there

    with bed.another_bridge(cursorKeyFile=bed.key_file, limits={"listingLifetime": "100ms"}) as http:
        seen = walk(people.via(http), "/Users", 20, between, **ALL)
    same(len(seen), len(set(seen)), "resources that were seen twice")
    missing = set(bed.names) - set(gone) - set(seen)
    check(not missing, f"not seen: {missing}")
    for name in made:
        remove(people, name)
    bed.names = [name for name in bed.names if name not in gone]


@case("a walk over a restart and to another instance")
def instances(bed):
    populate(bed)
    whole = walk(bed.people, "/Users", 1000, sortBy="title", **ALL)
    with bed.another_bridge(cursorKeyFile=bed.key_file) as http:
        def between(n):
            if n == 2:
                bed.bridge.stop()
                bed.bridge.start().wait_until_up()
            return bed.people.via(http) if n % 2 else bed.people

        same(walk(bed.people, "/Users", 25, between, sortBy="title", **ALL), whole)


@case("another key, another seal")
def other_key(bed):
    populate(bed)
    cursor = bed.people.get("/Users", cursor="", count=10, **ALL).must(200).json["nextCursor"]
    with bed.another_bridge() as http:
        bed.people.via(http).get("/Users", cursor=cursor, **ALL).refused(400, "invalidCursor")


@case("more than may be sorted")
def too_large(bed):
    populate(bed)
    with bed.another_bridge(limits={"listings": "4KiB"}) as http:
        people = bed.people.via(http)
        people.get("/Users", sortBy="userName", count=10, **ALL).refused(400, "tooMany", "listings")
        people.get("/Users", sortBy="userName", count=10, filter='userName sw "page00"').must(200)
        same(len(walk(people, "/Users", 50, **ALL)), len(bed.names), "unsorted")


@case("what /ServiceProviderConfig says")
def config(bed):
    said = bed.people.get("/ServiceProviderConfig").must(200).json
    same(said["sort"], {"supported": True})
    same(said["pagination"], {"cursor": True, "index": True, "defaultPaginationMethod": "index", "defaultPageSize": 100,
                              "maxPageSize": 1000, "cursorTimeout": 3600})


def key_file():
    fd, path = tempfile.mkstemp(prefix="scimbridge-key-")
    os.write(fd, KEY.encode())
    os.close(fd)
    return path


if __name__ == "__main__":
    Bed.key_file = key_file()
    try:
        main(config={"cursorKeyFile": Bed.key_file})
    finally:
        os.unlink(Bed.key_file)
