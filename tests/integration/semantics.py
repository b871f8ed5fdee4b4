#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""HTTP as RFC 9110 has it: methods, content negotiation, and the line that each request leaves."""

import json
import re
import threading

import ldap
from suite import ERROR, GROUP, NOWHERE, PATCH_OP, USER, case, check, eventually, main, op, same, table

SCIM, JSON = "application/scim+json", "application/json"

# --- methods (RFC 9110 §9) -----------------------------------------------------------------------------------

LIST_ALLOW, ONE_ALLOW, FIXED_ALLOW = "GET, HEAD, OPTIONS, POST", "GET, HEAD, OPTIONS, PUT, PATCH, DELETE", "GET, HEAD, OPTIONS"


@table("405: {0} {1}", [
    ("DELETE", "/Users", LIST_ALLOW), ("PUT", "/Users", LIST_ALLOW), ("PATCH", "/Groups", LIST_ALLOW),
    ("POST", f"/Users/{NOWHERE}", ONE_ALLOW), ("POST", "/Schemas", FIXED_ALLOW), ("PUT", "/ResourceTypes/User", FIXED_ALLOW),
    ("DELETE", "/ServiceProviderConfig", FIXED_ALLOW), ("TRACE", "/Users", LIST_ALLOW), ("BREW", "/Users", LIST_ALLOW),
    ("get", "/Users", LIST_ALLOW), ("CONNECT", f"/Users/{NOWHERE}", ONE_ALLOW)])
def not_allowed(bed, method, path, allow):
    reply = bed.people.call(method, path, b"{}" if method in ("PUT", "PATCH", "POST") else None)
    same(reply.refused(405, None, method).headers.get("allow"), allow)


@table("OPTIONS {0}", [
    ("/Users", LIST_ALLOW), ("/Groups", LIST_ALLOW), (f"/Users/{NOWHERE}", ONE_ALLOW), ("/Schemas", FIXED_ALLOW),
    ("/ResourceTypes/User", FIXED_ALLOW), ("/ServiceProviderConfig", FIXED_ALLOW), ("", FIXED_ALLOW), ("/.search", "OPTIONS, POST"),
    ("/Groups/.search", "OPTIONS, POST"), ("/Bulk", "OPTIONS, POST")])
def options(bed, path, allow):
    reply = bed.people.call("OPTIONS", path).must(204)
    same((reply.headers.get("allow"), reply.body), (allow, ""))
    bed.people.call("OPTIONS", path, token=None).refused(401)


@case("OPTIONS of what is not there: 404 without Allow")
def options_nowhere(bed):
    for path in ("/Printers", "/Users/x/y"):
        check("allow" not in bed.people.call("OPTIONS", path).refused(404).headers, path)


@case("OPTIONS *: 204, to anybody, and nobody's data")
def options_server(bed):
    reply = bed.http.raw(b"OPTIONS * HTTP/1.1\r\nHost: bridge\r\nContent-Length: 2\r\n\r\n{}", 2)
    check(reply.startswith("HTTP/1.1 204") and "\r\nAllow: GET, HEAD, OPTIONS, POST, PUT, PATCH, DELETE\r\n" in reply, reply)
    for method in ("GET", "DELETE"):
        reply = bed.http.raw(f"{method} * HTTP/1.1\r\nHost: bridge\r\n\r\n".encode(), 2)
        check(reply.startswith("HTTP/1.1 404"), reply[:200])


@case("HEAD: GET's status and headers, its length too, and no body")
def head(bed):
    user = bed.people.new_user(bed.fresh("head"))["id"]
    for path in ("/Users?count=1", f"/Users/{user}", f"/Users/{NOWHERE}", "/Schemas", "/ServiceProviderConfig", "/Me", "/Users?count=x",
                 "/Printers"):
        replies = [bed.people.call(method, path) for method in ("GET", "HEAD")]
        for reply in replies:
            for name in ("date", "x-request-id"):
                check(reply.headers.pop(name, None), name)
        same(replies[1].headers, replies[0].headers, f"headers of {path}")
        same((replies[1].status, replies[1].body), (replies[0].status, ""), path)
        same(replies[0].headers["content-length"], str(len(replies[0].body.encode())), path)


@case("/Me: 501, whatever is asked")
def me(bed):
    for method in ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"):
        for path in ("/Me", "/Me/x"):
            reply = bed.people.call(method, path, b"{}" if method in ("POST", "PUT", "PATCH") else None).must(501)
            same(reply.headers["content-type"], SCIM)
            if method != "HEAD":
                reply.refused(501, None, "/Me")


# --- content negotiation (RFC 9110 §12.5.1, RFC 7644 §3.1) -------------------------------------------------------


@table("Accept {0}: {1}", [
    (None, SCIM), ("", SCIM), ("*/*", SCIM), (SCIM, SCIM), (JSON, JSON), ("application/*;q=0.1", SCIM),
    (f"{SCIM};q=0.5, {JSON}", JSON), (f"{JSON}, text/plain, */*", SCIM), (f"{JSON};charset=utf-8", JSON),
    ("text/html, image/gif, *; q=.2, */*; q=.2", SCIM)])
def accepted(bed, accept, media):
    for path in ("/Users?count=0", "/ServiceProviderConfig"):
        reply = bed.people.call("GET", path, headers={"Accept": accept}).must(200)
        same(reply.headers["content-type"], media)
    reply = bed.people.call("GET", f"/Users/{NOWHERE}", headers={"Accept": accept}).refused(404)
    same(reply.headers["content-type"], media, "an error's type")


@table("406: Accept {0}", [("text/html",), ("application/xml",), (f"{SCIM};q=0, {JSON};q=0",), (f"{JSON};charset=iso-8859-1",), ("json",)])
def not_acceptable(bed, accept):
    name = bed.fresh("accepted")
    people, headers = bed.people, {"Accept": accept}
    user = people.new_user(bed.fresh("accepted"))
    before = people.entry(user["id"])
    body = {"schemas": [USER], "userName": name}
    patch = {"schemas": [PATCH_OP], "Operations": [op("Replace", "title", "X")]}
    for method, path, sent in (("GET", "/Users", None), ("POST", "/Users", body), ("PUT", f"/Users/{user['id']}", body),
                               ("PATCH", f"/Users/{user['id']}", patch), ("GET", "/Schemas", None)):
        reply = people.call(method, path, sent, headers=headers).refused(406, None, SCIM)
        same(reply.headers["content-type"], SCIM)
    same((people.named(name), people.entry(user["id"])), ([], before), "what was done nevertheless")
    people.call("DELETE", f"/Users/{user['id']}", headers=headers).must(204)  # there is nothing to accept


@case("Accept in several lines is one list")
def accept_lines(bed):
    request = ("GET /people/scim/v2/Users?count=0 HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {}\r\nAccept: text/html\r\n"
               "Accept: application/json\r\n\r\n").format(bed.http.token)
    reply = bed.http.raw(request.encode(), 5)
    check(reply.startswith("HTTP/1.1 200") and "Content-Type: application/json\r\n" in reply, reply[:300])


@table("415: Content-Type {0}", [
    ("text/plain",), ("application/xml",), ("application/x-www-form-urlencoded",), ("multipart/form-data; boundary=x",), ("",), (None,),
    ("application/json; charset=iso-8859-1",), ("application/scim+json;charset=\"utf-16\"",), ("application/merge-patch+json",)])
def media_type(bed, kind):
    name = bed.fresh("typed")
    for method, path in (("POST", "/Users"), ("PUT", f"/Users/{NOWHERE}"), ("PATCH", f"/Users/{NOWHERE}")):
        reply = bed.people.call(method, path, {"schemas": [USER], "userName": name}, content_type=kind).refused(415)
        same(reply.headers.get("accept"), f"{SCIM}, {JSON}")
    same(bed.people.named(name), [])


@table("Content-Type {0} is taken", [
    (JSON,), (f"{SCIM}; charset=utf-8",), (SCIM.upper(),), (f"{JSON};charset=UTF-8",), (f"{JSON}; charset=\"utf-8\"; x=y",)])
def media_types_taken(bed, kind):
    bed.people.call("POST", "/Users", {"schemas": [USER], "userName": bed.fresh("typed")}, content_type=kind).must(201)


@case("415: a compressed body")
def compressed(bed):
    body = {"schemas": [USER], "userName": bed.fresh("typed")}
    bed.people.call("POST", "/Users", body, headers={"Content-Encoding": "gzip"}).refused(415, None, "compressed")
    bed.people.call("POST", "/Users", body, headers={"Content-Encoding": "Identity"}).must(201)


# --- the line that each request leaves ----------------------------------------------------------------------------

KEYS = ["time", "level", "kind", "id", "connector", "token", "method", "path", "status", "ms", "ldap_ms", "ldap_ops", "what", "error"]


def fields(line):
    return dict((key, value.strip('"')) for key, value in re.findall(r'(\w+)=("(?:[^"\\]|\\.)*"|\S*)', line))


def line_of(bed, request_id):
    """The fields of the one line of a request."""

    def lines():
        return [line for line in bed.log().splitlines() if " kind=request " in line and f" id={request_id} " in line]

    found = eventually(lines, f"no line of {request_id}")
    same(len(found), 1, f"lines of {request_id}")
    return fields(found[0])


@case("each answer has a request id, and its line the same keys")
def lines(bed):
    bad, people = {"Authorization": "Bearer wrong"}, bed.people
    user = people.new_user(bed.fresh("line"))["id"]
    for method, path, headers, status, connector, token, where in (
            ("GET", "/people/scim/v2/Users/" + user, {}, 200, "people", "all", "/Users/{id}"),
            ("HEAD", "/people/scim/v2/Users?count=0", {}, 200, "people", "all", "/Users"),
            ("OPTIONS", "/people/scim/v2/Groups", {}, 204, "people", "all", "/Groups"),
            ("GET", "/people/scim/v2/Users", bad, 401, "people", "-", "/Users"),
            ("GET", "/no-such/scim/v2/Users", bad, 401, "no-such", "-", "/Users"),
            ("GET", "/no-such/scim/v2/Users", {}, 401, "no-such", "-", "/Users"),
            ("GET", "/favicon.ico", {}, 404, "-", "-", "?"), ("GET", "/people/scim/v2/Users/%zz", {}, 400, "-", "-", "?"),
            ("BREW", "/people/scim/v2/Users", {}, 405, "people", "all", "/Users"),
            ("GET", "/people/scim/v2/Users", {"Accept": "text/html"}, 406, "people", "all", "/Users"),
            ("GET", "/people/scim/v2/Me", {}, 501, "people", "all", "/Me"),
            ("GET", "/people/scim/v2/Users", {"X-Long": "x" * 40000}, 431, "people", "all", "/Users"),
            ("GET", "/people/scim/v2/Users?x=" + "x" * 40000, {}, 414, "people", "all", "/Users")):
        got, names, _ = bed.http.request(method, path, headers=headers, token=None if headers is bad else "", fresh=True)
        same(got, status, f"{method} {path[:40]}")
        line = line_of(bed, names["x-request-id"])
        same([key for key in line if key not in ("ignored",)], KEYS if status >= 400 else KEYS[:-1], f"keys of {method} {path[:40]}")
        same([line[key] for key in ("connector", "token", "method", "path", "status")], [connector, token, method, where, str(status)])


@table("a client's request id {0}: {1}", [("abc-1_2.3", True), ("x" * 64, True), ("x" * 65, False), ("a b", False), ("a\"b", False), ("", False)])
def own_id(bed, value, kept):
    for path, status in (("/people/scim/v2/Users?count=0", 200), ("/nothing", 404)):
        got, names, _ = bed.http.request("GET", path, headers={"X-Request-Id": value})
        same((got, names["x-request-id"] == value), (status, kept))
        eventually(lambda: f' id={names["x-request-id"]} ' in bed.log(), "no line")


@case("ids are not given twice")
def ids_differ(bed):
    ids = [bed.http.request("GET", "/nothing")[1]["x-request-id"] for _ in range(20)]
    same(len(set(ids)), len(ids))


@case("404 for what is not a connector's, in SCIM's own form")
def no_connector(bed):
    for path in ("/", "/people", "/people/users", "/scimx/Users"):
        status, names, body = bed.http.request("GET", path)
        same((status, names["content-type"], json.loads(body)["schemas"]), (404, SCIM, [ERROR]))


# --- versions (RFC 9110 §8.8, §13; RFC 7644 §3.14) -----------------------------------------------------------------


def version_of(bed, path):
    """The version of a resource: header, body and list agree."""
    reply = bed.people.get(path).must(200)
    etag = reply.headers["etag"]
    same(reply.json["meta"]["version"], etag, "meta.version")
    listed = bed.people.query(path.split("/")[1], filter=f'id eq "{reply.json["id"]}"')["Resources"]
    same([resource["meta"]["version"] for resource in listed], [etag], "meta.version in a list")
    check(re.fullmatch(r'W/"[!#-~]+"', etag), etag)
    return etag


@case("each answer about one resource tells its version")
def versions(bed):
    people = bed.people
    ben = people.new_user(bed.fresh("version"))["id"]
    for endpoint, body, change in (("Users", {"schemas": [USER], "userName": bed.fresh("version")}, op("Replace", "title", "X")),
                                   ("Groups", {"schemas": [GROUP], "displayName": bed.fresh("version")},
                                    op("Add", "members", [{"value": ben}]))):
        reply = people.post(f"/{endpoint}", body).must(201)
        path, seen = f"/{endpoint}/{reply.json['id']}", [reply.headers["etag"]]
        same(reply.json["meta"]["version"], seen[0], "meta.version of POST")
        same(version_of(bed, path), seen[0])
        rename = op("Replace", "userName" if endpoint == "Users" else "displayName", bed.fresh("version"))
        for operations in ([change], [rename], [op("Replace", "externalId", "x"), change]):
            reply = people.patch(path, *operations).must(200, 204)
            seen.append(reply.headers["etag"])
            same(version_of(bed, path), seen[-1], f"after PATCH {operations}")
        reply = people.put(path, {**body, "externalId": "y"}).must(200)
        seen.append(reply.headers["etag"])
        same((reply.json["meta"]["version"], version_of(bed, path)), (seen[-1], seen[-1]), "after PUT")
        same(len(set(seen)), len(seen), f"{endpoint}: versions, all different")
        same(people.patch(path, op("Replace", "externalId", "y")).must(200, 204).headers["etag"], seen[-1], "after PATCH of nothing")


@case("304 for what the client has; HEAD too")
def unchanged(bed):
    user = bed.people.new_user(bed.fresh("version"))["id"]
    path = f"/Users/{user}"
    etag = version_of(bed, path)
    for method in ("GET", "HEAD"):
        for value in (etag, f'"x", {etag}', "*", etag[2:]):
            reply = bed.people.call(method, path, headers={"If-None-Match": value}).must(304)
            same((reply.body, reply.headers["etag"]), ("", etag))
        for value in ('W/"x"', f'"{etag[3:-2]}"'):
            bed.people.call(method, path, headers={"If-None-Match": value}).must(200)
    bed.people.patch_user(user, op("Replace", "title", "X"))
    check(bed.people.call("GET", path, headers={"If-None-Match": etag}).must(200).headers["etag"] != etag, "the old version")
    bed.people.call("GET", path, headers={"If-Match": etag}).refused(412)


@table("If-Match with {0}: {1}", [("the version", True), ("an old version", False), ("*", True), ("a list", True), ("another", False)])
def if_match(bed, what, good):
    people = bed.people
    rename = bed.fresh("renamed")
    for method, endpoint, body in (
            ("PUT", "Users", {"schemas": [USER], "userName": rename}), ("DELETE", "Users", None), ("DELETE", "Groups", None),
            ("PATCH", "Users", [op("Replace", "title", "X")]), ("PATCH", "Users", [op("Replace", "userName", rename), op("Replace", "title", "X")]),
            ("PATCH", "Users", [op("Replace", "active", "False")]), ("PATCH", "Groups", [op("Add", "members", [{"value": "{ben}"}])]),
            ("PATCH", "Groups", [op("Replace", "displayName", rename)])):
        ben = people.new_user(bed.fresh("member"))["id"]
        old = (people.new_user(bed.fresh("version")) if endpoint == "Users" else people.new_group(bed.fresh("version")))
        path = f"/{endpoint}/{old['id']}"
        now = people.patch(path, op("Replace", "externalId", bed.fresh("x"))).headers["etag"]
        value = {"the version": now, "an old version": old["meta"]["version"], "*": "*", "a list": f'"x", {now}', "another": 'W/"x"'}[what]
        if isinstance(body, list):
            body = json.loads(json.dumps({"schemas": [PATCH_OP], "Operations": body}).replace("{ben}", ben))
        before = people.entry(old["id"])
        reply = people.call(method, path, body, headers={"If-Match": value})
        if good:
            reply.must(200, 204)
            check(people.call("GET", path).status == 404 or people.entry(old["id"]) != before, f"{method}: nothing was done")
        else:
            reply.refused(412, None, "If-Match")
            same(people.entry(old["id"]), before, f"{method} {path} {body}")
        if people.call("GET", path).status == 200:
            people.delete(path)


@case("the condition is the directory's: of many who change one version one does")
def compare_and_swap(bed):
    people = bed.people
    for endpoint, made in (("Users", people.new_user(bed.fresh("swap"))), ("Groups", people.new_group(bed.fresh("swap")))):
        path = f"/{endpoint}/{made['id']}"
        for _ in range(10):
            etag, replies = version_of(bed, path), []

            def write(i, etag=etag, replies=replies, path=path):
                body = {"schemas": [PATCH_OP], "Operations": [op("Replace", "externalId", f"{etag}{i}")]}
                replies.append((people.call("PATCH", path, body, headers={"If-Match": etag}).status, f"{etag}{i}"))

            threads = [threading.Thread(target=write, args=(i,)) for i in range(6)]
            for thread in threads:
                thread.start()
            for thread in threads:
                thread.join(30)
            won = [value for status, value in replies if status in (200, 204)]
            same((len(won), [status for status, _ in replies].count(412)), (1, 5), f"{replies}")
            same(people.get(path).json["externalId"], won[0])


@case("changes that are made as one have the version of that one")
def joint_versions(bed):
    people = bed.people
    first, *users = [people.new_user(bed.fresh("joint"))["id"] for _ in range(25)]
    group = people.new_group(bed.fresh("joint"), [first])["id"]
    etags = []

    def add(user):
        etags.append(people.patch_group(group, op("Add", "members", [{"value": user}])).must(204).headers.get("etag"))

    threads = [threading.Thread(target=add, args=(user,)) for user in users]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    same(len(people.members(group)), 25, "members")
    check(None not in etags and version_of(bed, f"/Groups/{group}") in etags, f"{etags}")


@case("somebody else's change is met, whoever made it: 412, and nothing is overwritten")
def changed_by_others(bed):
    people = bed.people
    user = people.new_user(bed.fresh("other"), title="Old")
    bed.ldap.modify_s(people.dn(user["id"]), [(ldap.MOD_REPLACE, "title", [b"Theirs"])])
    body = {"schemas": [PATCH_OP], "Operations": [op("Replace", "title", "Ours")]}
    people.call("PATCH", f"/Users/{user['id']}", body, headers={"If-Match": user["meta"]["version"]}).refused(412)
    same(people.values(user["id"], "title"), ["Theirs"])


@case("under ppolicy a failed login is a change like any other, as the manual says")
def failed_login(bed):
    people = bed.people
    user = people.new_user(bed.fresh("login"), password="Secret-12345")
    path, etag = f"/Users/{user['id']}", version_of(bed, f"/Users/{user['id']}")
    check(not bed.can_bind(people.dn(user["id"]), "wrong"), "the password does not matter")
    check(version_of(bed, path) != etag, "the stamp has not changed")
    people.call("DELETE", path, headers={"If-Match": etag}).refused(412)
    people.call("DELETE", path, headers={"If-Match": version_of(bed, path)}).must(204)


@case("an operation of a bulk request has its version (RFC 7644 §3.7)")
def bulk_versions(bed):
    people = bed.people
    users = [people.new_user(bed.fresh("bulk"), title="Old") for _ in range(3)]
    versions = [users[0]["meta"]["version"], 'W/"x"', "x"]
    operations = [{"method": "PATCH", "path": f"/Users/{user['id']}", "version": version,
                   "data": {"schemas": [PATCH_OP], "Operations": [op("Replace", "title", "New")]}} for user, version in zip(users, versions)]
    reply = people.post("/Bulk", {"schemas": ["urn:ietf:params:scim:api:messages:2.0:BulkRequest"], "Operations": operations}).must(200)
    same([part["status"] for part in reply.json["Operations"]], ["200", "412", "400"])
    same([people.values(user["id"], "title") for user in users], [["New"], ["Old"], ["Old"]])


@case("404 goes before 412; POST minds no condition; malformed is 400")
def conditions_elsewhere(bed):
    people = bed.people
    for method in ("GET", "PUT", "PATCH", "DELETE"):
        body = {"schemas": [USER], "userName": "x"} if method == "PUT" else {"schemas": [PATCH_OP], "Operations": [op("Replace", "title", "x")]}
        for value in ("*", '"x"'):
            people.call(method, f"/Users/{NOWHERE}", body if method[0] == "P" else None, headers={"If-Match": value}).refused(404)
    for name in ("If-None-Match", "If-Match"):
        people.call("POST", "/Users", {"schemas": [USER], "userName": bed.fresh("posted")}, headers={name: "*"}).must(201)
    user = people.new_user(bed.fresh("posted"))["id"]
    for name in ("If-None-Match", "If-Match"):
        for value in ("x", '"x', "W/x", "", '*, "x"', 'w/"x"'):
            people.call("DELETE", f"/Users/{user}", headers={name: value}).refused(400, None, name)
    same(people.get("/ServiceProviderConfig").must(200).json["etag"], {"supported": True})


if __name__ == "__main__":
    main()
