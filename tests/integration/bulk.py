#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""POST /Bulk (RFC 7644 section 3.7) against a real slapd."""

import json
import threading
import time

import suite
from suite import GROUP, PATCH_OP, USER, case, check, op, same

REQUEST = "urn:ietf:params:scim:api:messages:2.0:BulkRequest"
RESPONSE = "urn:ietf:params:scim:api:messages:2.0:BulkResponse"
ERROR = "urn:ietf:params:scim:api:messages:2.0:Error"


def bulk(conn, operations, fail_on_errors=None, **more):
    body = {"schemas": [REQUEST], "Operations": operations, **more}
    if fail_on_errors is not None:
        body["failOnErrors"] = fail_on_errors
    return conn.post("/Bulk", body)


def results(conn, operations, fail_on_errors=None):
    body = bulk(conn, operations, fail_on_errors).must(200).json
    same(body["schemas"], [RESPONSE], "schemas")
    return body["Operations"]


def statuses(conn, operations, fail_on_errors=None):
    return [result["status"] for result in results(conn, operations, fail_on_errors)]


def user(bulk_id, name, /, **more):
    return {"method": "POST", "path": "/Users", "bulkId": bulk_id,
            "data": {"schemas": [USER], "userName": name, **more}}


def group(bulk_id, name, *members):
    return {"method": "POST", "path": "/Groups", "bulkId": bulk_id,
            "data": {"schemas": [GROUP], "displayName": name, "members": [{"value": member} for member in members]}}


def patch(path, *operations, **more):
    return {"method": "PATCH", "path": path, "data": {"schemas": [PATCH_OP], "Operations": list(operations)}, **more}


def delete(path, **more):
    return {"method": "DELETE", "path": path, **more}


def manager(reference):
    return {suite.ENTERPRISE: {"manager": {"value": reference}}}


def made(result):
    """The id of what a POST has made."""
    same(result["status"], "201", f"status of {result}")
    return result["location"].rsplit("/", 1)[1]


# --- the RFC's examples ------------------------------------------------------------------------


@case("3.7.2: a group of a user who is made in the same request")
def _(bed):
    conn = bed.people
    found = results(conn, [user("qwerty", "bulk-alice"), group("ytrewq", "Bulk Tour Guides", "bulkId:qwerty")])
    ids = [made(result) for result in found]
    same([result["bulkId"] for result in found], ["qwerty", "ytrewq"], "bulkIds")
    same([result["method"] for result in found], ["POST", "POST"], "methods")
    same(found[0]["location"], f"{conn.bed.bridge.url}/people/scim/v2/Users/{ids[0]}", "location")
    same(conn.members(ids[1]), [ids[0]], "members")
    check("response" not in found[0], "a success needs no body")
    same(found[0]["version"], conn.user(ids[0])["meta"]["version"], "version")


@case("3.7.1: groups that are members of each other")
def _(bed):
    conn = bed.people
    for limit in (None, 1):
        found = results(conn, [group("qwerty", f"Bulk A{limit}", "bulkId:ytrewq"),
                               group("ytrewq", f"Bulk B{limit}", "bulkId:qwerty")], limit)
        first, second = [made(result) for result in found]
        same(conn.members(first), [second], "members of A")
        same(conn.members(second), [first], "members of B")


@case("3.7.3: every method at once, in any state")
def _(bed):
    conn = bed.people
    ids = conn.users_named("bulk-all-", 3)
    found = results(conn, [
        user("qwerty", "bulk-all-new"),
        {"method": "PUT", "path": f"/Users/{ids[0]}", "data": {"schemas": [USER], "userName": "bulk-all-0",
                                                              "title": "Put"}},
        patch(f"/Users/{ids[1]}", op("replace", "title", "Patched")),
        delete(f"/Users/{ids[2]}"),
        delete(f"/Users/{ids[2]}x"),
        user("qwertx", "bulk-all-0"),
    ])
    same([result["status"] for result in found], ["201", "200", "200", "204", "404", "409"], "statuses")
    same([result.get("location", "").rsplit("/", 1)[-1] for result in found[1:]], ids + [ids[2] + "x", ""], "locations")
    same(found[5]["response"]["scimType"], "uniqueness", "scimType")
    for result in found[4:]:
        same(result["response"]["schemas"], [ERROR], "schemas of an error")
        same(result["response"]["status"], result["status"], "status of an error")
    same(conn.user(ids[0])["title"], "Put", "title")
    same(conn.user(ids[1])["title"], "Patched", "title")
    same(found[2]["version"], conn.user(ids[1])["meta"]["version"], "version")
    conn.get(f"/Users/{ids[2]}").must(404)


@case("3.7.4: too many operations, too large a body")
def _(bed):
    conn = bed.people
    config = conn.get("/ServiceProviderConfig").must(200).json["bulk"]
    same(config["supported"], True, "bulk")
    nobody = delete(f"/Users/{suite.NOWHERE}")
    same(set(statuses(conn, [nobody] * config["maxOperations"])), {"404"}, "statuses")
    bulk(conn, [nobody] * (config["maxOperations"] + 1)).refused(413, None, "maxOperations", str(config["maxOperations"]))
    body = json.dumps({"schemas": [REQUEST], "Operations": [], "x": "x" * config["maxPayloadSize"]}).encode()
    conn.call("POST", "/Bulk", body).refused(413, None, "maxPayloadSize", str(config["maxPayloadSize"]))


# --- references ------------------------------------------------------------------------------------


@case("references forwards, backwards, in paths and value filters")
def _(bed):
    conn = bed.people
    found = results(conn, [
        group("g", "Bulk Order", "bulkId:a", "bulkId:b", "bulkId:c"),
        user("a", "bulk-order-a", **manager("bulkId:b")),
        patch("/Users/bulkId:c", op("replace", "title", "Last")),
        user("b", "bulk-order-b", **manager("bulkId:c")),
        user("c", "bulk-order-c"),
        patch("/Groups/bulkId:g", op("remove", 'members[value eq "bulkId:b"]')),
    ])
    same([result["status"] for result in found], ["201", "201", "200", "201", "201", "204"], "statuses")
    ids = {result["bulkId"]: made(result) for result in found if "bulkId" in result}
    same(conn.members(ids["g"]), sorted([ids["a"], ids["c"]]), "members")
    same(conn.user(ids["a"])[suite.ENTERPRISE]["manager"]["value"], ids["b"], "manager")
    same(conn.user(ids["c"])["title"], "Last", "title")


@case("managers of each other")
def _(bed):
    conn = bed.people
    found = results(conn, [user("a", "bulk-circle-a", **manager("bulkId:b")),
                           user("b", "bulk-circle-b", **manager("bulkId:c")),
                           user("c", "bulk-circle-c", **manager("bulkId:a"))])
    ids = [made(result) for result in found]
    for i, one in enumerate(ids):
        same(conn.user(one)[suite.ENTERPRISE]["manager"]["value"], ids[(i + 1) % 3], "manager")
        same(found[i]["version"], conn.user(one)["meta"]["version"], "version")


@case("a circle is made whole or not at all, and can be tried again")
def _(bed):
    conn = bed.people
    conn.new_group("Bulk Taken")
    circle = [group("a", "Bulk Half", "bulkId:b"), group("b", "Bulk Taken", "bulkId:a")]
    found = results(conn, circle)
    same([result["status"] for result in found], ["409", "409"], "statuses")
    check("location" not in found[0], "a failed POST has no location")
    same(conn.find('displayName eq "Bulk Half"', "Groups"), [], "what was made of it")
    circle[1]["data"]["displayName"] = "Bulk Not Taken"
    same(statuses(conn, circle), ["201", "201"], "statuses")


@case("what cannot be resolved fails alone")
def _(bed):
    conn = bed.people
    conn.new_user("bulk-there")
    found = results(conn, [user("a", "bulk-there"), group("g", "Bulk Fails", "bulkId:a"),
                           group("h", "Bulk Unknown", "bulkId:nobody"), user("b", "bulk-goes-on"),
                           patch("/Users/bulkId:nobody", op("replace", "title", "x"))])
    same([result["status"] for result in found], ["409", "409", "400", "201", "400"], "statuses")
    check("bulkId:a" in found[1]["response"]["detail"], found[1])
    check("nobody" in found[2]["response"]["detail"], found[2])
    check("location" not in found[4], found[4])
    same(conn.find('displayName sw "Bulk Fails" or displayName sw "Bulk Unknown"', "Groups"), [], "groups")


# --- failOnErrors ----------------------------------------------------------------------------------


@case("failOnErrors: what was not begun is not there and not in the response")
def _(bed):
    conn = bed.people
    conn.new_user("bulk-stop")
    for limit, errors, done in ((1, 1, 2), (2, 2, 4), (3, 3, 6), (9, 4, 8), (None, 4, 8)):
        operations = []
        for i in range(4):
            operations += [user(f"ok{i}", f"bulk-stop-{limit}-{i}"), user(f"no{i}", "bulk-stop")]
        found = statuses(conn, operations, limit)
        same(found, ["201", "409"] * (done // 2), f"statuses with failOnErrors {limit}")
        same(len(conn.find(f'userName sw "bulk-stop-{limit}-"')), done - errors, "users")


# --- many, at once ---------------------------------------------------------------------------------


@case("1,000 users in one request")
def _(bed):
    conn = bed.people
    begun = time.monotonic()
    found = results(conn, [user(f"u{i}", f"bulk-many-{i}", displayName=f"Many {i}",
                                name={"givenName": "Many", "familyName": str(i)}, active=True,
                                emails=[{"type": "work", "value": f"many{i}@example.com", "primary": True}],
                                phoneNumbers=[{"type": "work", "value": f"+1 555 {i:07}"}],
                                addresses=[{"type": "work", "streetAddress": "Main Street 1", "locality": "Town",
                                            "postalCode": "12345", "country": "US"}],
                                title="Engineer of many things", externalId=f"external-identifier-{i}",
                                **{suite.ENTERPRISE: {"department": "Things", "employeeNumber": str(i)}})
                           for i in range(1000)])
    if time.monotonic() - begun > 15:
        raise suite.Failure(f"it took {time.monotonic() - begun:.1f} s")
    same({result["status"] for result in found}, {"201"}, "statuses")
    same([result["bulkId"] for result in found], [f"u{i}" for i in range(1000)], "the request's order")
    same(len(bed.search(conn.base, "(uid=bulk-many-*)")), 1000, "entries")
    ids = [made(result) for result in found]
    found = results(conn, [group("g", "Bulk Many", *ids[:500])] +
                    [patch("/Groups/bulkId:g", op("add", "members", [{"value": one}])) for one in ids[500:600]] +
                    [delete(f"/Users/{one}") for one in ids[600:]])
    same({result["status"] for result in found[1:101]}, {"204"}, "statuses of patches")
    same({result["status"] for result in found[101:]}, {"204"}, "statuses of deletions")
    same(len(conn.members(made(found[0]))), 600, "members")


@case("one resource keeps the order of the request, while another request is about it too")
def _(bed):
    conn = bed.people
    one = conn.new_user("bulk-same")["id"]
    replies = []

    def run(name):
        replies.append(statuses(conn, [patch(f"/Users/{one}", op("replace", "title", f"{name}{i}"))
                                       for i in range(100)]))

    threads = [threading.Thread(target=run, args=(name,)) for name in "ab"]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    same(replies, [["200"] * 100] * 2, "statuses")
    check(conn.user(one)["title"] in ("a99", "b99"), conn.user(one)["title"])


@case("requests that would wait for each other's resources crosswise do not")
def _(bed):
    conn = bed.people
    ids = conn.users_named("bulk-cross-", 20)
    replies = []

    def run(order):
        replies.append(statuses(conn, [patch(f"/Users/{one}", op("replace", "userName", f"bulk-cross-{one}"),
                                             op("replace", "title", str(order[0]))) for one in order]))

    threads = [threading.Thread(target=run, args=(order,)) for order in (ids, ids[::-1], ids[10:] + ids[:10])]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    same(len(replies), 3, "replies in time")
    same(replies, [["200"] * 20] * 3, "statuses")


# --- the rest --------------------------------------------------------------------------------------


@case("each change is in the audit log, with its outcome")
def _(bed):
    conn = bed.people
    before = len(bed.audit())
    one = conn.new_user("bulk-audit")["id"]
    found = results(conn, [user("a", "bulk-audit-a"), user("b", "bulk-audit"), delete(f"/Users/{one}"),
                           user("c", "bulk-audit-c")])
    same([result["status"] for result in found], ["201", "409", "204", "201"], "statuses")
    lines = suite.eventually(lambda: [line for line in bed.audit()[before:] if line.get("bulk")][7:] and
                             [line for line in bed.audit()[before:] if line.get("bulk")], "audit lines")
    for number, method, status in ((1, "POST", 201), (2, "POST", 409), (3, "DELETE", 204), (4, "POST", 201)):
        pair = [line for line in lines if line["bulk"] == str(number)]
        same([line["event"] for line in pair], ["intent", "result"], f"events of operation {number}")
        same([line["method"] for line in pair], [method] * 2, "methods")
        same([line["endpoint"] for line in pair], ["Users"] * 2, "endpoints")
        same(pair[1]["status"], str(status), "status")
    same(len({line["id"] for line in lines}), 1, "request ids")


@case("independent operations are under way at once, those of one resource are not")
def _(bed):
    conn = bed.people
    one = conn.new_user("bulk-at-once")["id"]

    def lines():
        return [line for line in bed.audit() if line.get("bulk")]

    def events(operations):
        before, n = len(lines()), 2 * len(operations)
        statuses(conn, operations)
        suite.eventually(lambda: len(lines()) >= before + n, "audit lines")
        return [line["event"] for line in lines()[before:]]

    same(events([user(f"u{i}", f"bulk-at-once-{i}") for i in range(8)])[:8], ["intent"] * 8, "events")
    same(events([patch(f"/Users/{one}", op("replace", "title", str(i))) for i in range(4)]),
         ["intent", "result"] * 4, "events")


@case("a version is a condition")
def _(bed):
    conn = bed.people
    one = conn.new_user("bulk-version")
    found = results(conn, [patch(f"/Users/{one['id']}", op("replace", "title", "1"), version=one["meta"]["version"]),
                           patch(f"/Users/{one['id']}", op("replace", "title", "2"), version=one["meta"]["version"]),
                           delete(f"/Users/{one['id']}", version='W/"other"')])
    same([result["status"] for result in found], ["200", "412", "412"], "statuses")
    same(conn.user(one["id"])["title"], "1", "title")


@case("quirks count in each operation")
def _(bed):
    conn = bed.people
    found = results(conn, [user("a", "bulk-quirk", active="True"),
                           patch("/Users/bulkId:a", {"op": "Replace", "path": "active", "value": "False"}),
                           group("g", "Bulk Quirk"),
                           patch("/Groups/bulkId:g", {"op": "Add", "path": "members", "value": [{"value": "bulkId:a"}]}),
                           ])
    same([result["status"] for result in found], ["201", "200", "201", "204"], "statuses")
    same(conn.user(made(found[0]))["active"], False, "active")
    same(conn.members(made(found[2])), [made(found[0])], "members")


@case("only POST of /Bulk, and no bulk within")
def _(bed):
    conn = bed.people
    for method in ("GET", "PUT", "PATCH", "DELETE"):
        reply = conn.call(method, "/Bulk", {} if method in ("PUT", "PATCH") else None).must(405)
        same(reply.headers.get("allow"), "OPTIONS, POST", "Allow")
    same(statuses(conn, [{"method": "POST", "path": "/Bulk", "bulkId": "a", "data": {"Operations": []}},
                         {"method": "GET", "path": "/Users"}]), ["404", "400"], "statuses")
    bulk(conn, {}).refused(400, "invalidSyntax")


suite.main()
