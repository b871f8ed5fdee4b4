#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""Requests that must be refused, and URLs that must not: who may come in, what is no SCIM, what the
directory refuses and how it is told."""

import itertools
import json
import os
import socket
import threading
import time
import urllib.parse

import ldap
from suite import (ENTERPRISE, ERROR, GROUP, NOWHERE, PATCH_OP, USER, Connector, case, check, eventually, main, op,
                   receive, same, table)

# --- who may come in ---------------------------------------------------------------------------------


def refused_token(bed, path, headers, token=None):
    status, names, body = bed.http.request("GET", path, headers=headers, token=token)
    same(status, 401, f"{path} {headers}")
    check(names.get("www-authenticate", "").startswith("Bearer"), f"WWW-Authenticate {names}")
    same(names["content-type"], "application/scim+json")
    parsed = json.loads(body)
    same((parsed["schemas"], parsed["status"]), ([ERROR], "401"))
    return parsed


@table("401 for {0}", [
    ("no header", None), ("no scheme", "{token}"), ("Basic", "Basic {token}"), ("an empty token", "Bearer "),
    ("nothing behind Bearer", "Bearer"), ("half a token", "Bearer {half}"), ("a token and more", "Bearer {token}x"),
    ("two tokens", "Bearer {token} {token}"), ("a NUL", "Bearer a%00b"), ("a long one", "Bearer " + "x" * 5000)])
def unauthorized(bed, _name, header):
    token = bed.http.token
    value = header and header.format(token=token, half=token[:-1])
    for connector in ("people", "ideo", "no-such-connector"):
        refused_token(bed, f"/{connector}/scim/v2/Users", {"Authorization": value})


@case("401: another connector's token, a bad token and an unknown connector are told alike")
def alike(bed):
    people_only = {"Authorization": f"Bearer {bed.bridge.people_token.secret}"}
    bad = {"Authorization": "Bearer wrong"}
    same(bed.http.request("GET", "/people/scim/v2/Users", headers=people_only, token=None)[0], 200)
    replies = [refused_token(bed, path, headers) for path, headers in (
        ("/ideo/scim/v2/Users", people_only), ("/ideo/scim/v2/Users", bad), ("/nobody/scim/v2/Users", bad),
        ("/nobody/scim/v2/Users", people_only), ("/people/scim/v2/Users", bad), ("/ideo/scim/v2/Schemas", people_only),
        (f"/ideo/scim/v2/Users/{NOWHERE}", people_only))]
    same([r for r in replies if r != replies[0]], [], "answers that differ")


@case("the scheme's name in any case")
def scheme_case(bed):
    for scheme in ("bearer", "BEARER", "Bearer"):
        same(bed.http.request("GET", "/people/scim/v2/Users?count=0", headers={"Authorization": f"{scheme} {bed.http.token}"},
                              token=None)[0], 200, scheme)


@case("401 comes before anything else is looked at")
def before_anything(bed):
    for method, path, body in (("POST", "/people/scim/v2/Users", b"{broken"), ("DELETE", "/people/scim/v2/Schemas", None),
                               ("PATCH", f"/people/scim/v2/Users/{NOWHERE}", b"x" * 2000000), ("GET", "/people/scim/v2/Nothing", None)):
        try:
            status = bed.http.request(method, path, body, token=None, fresh=True)[0]
        except OSError:
            continue  # refused and closed while the body was on its way
        same(status, 401, f"{method} {path}")


# --- what is not there, or not so ------------------------------------------------------------------------


@table("404: {0}", [
    ("/people/scim/v2/Printers",), ("/people/scim/v2/Users/x/y",), (f"/people/scim/v2/Users/{NOWHERE}",), ("/people/scim/v2",),
    ("/people/scim/v2/Users/x/y/z/a/b/c",), ("/people/scim/v2/users",), ("/people/scim/v2/Schemas/urn:nobody",), ("/people/scim/v2/ResourceTypes/Printer",), ("/people/other/Users",),
    ("/people/scim/v3/Users",)])
def not_found(bed, path):
    status, names, body = bed.http.request("GET", path)
    same((status, json.loads(body)["status"]), (404, "404"))
    same(names["content-type"], "application/scim+json")


@case("404: nothing is made or listed below a resource")
def below_resource(bed):
    name = bed.fresh("below")
    for method, body in (("GET", None), ("POST", {"schemas": [USER], "userName": name}), ("PATCH", {}), ("DELETE", None)):
        bed.people.call(method, "/Users/x/y", body).refused(404, None)
    same(bed.people.named(name), [])


@case("404: what stands outside every connector tells nothing")
def outside(bed):
    for path in ("/", "/favicon.ico", "/admin", "/metrics", "/healthz", "/readyz", "/../../etc/passwd", "//"):
        status, _, body = bed.http.request("GET", path)
        check(status in (401, 404), f"{path}: {status}")
        check("scimbridge" not in body.lower(), body)


@table("405: {0} {1}", [
    ("DELETE", "/Users", "GET, POST"), ("PUT", "/Users", "GET, POST"), ("PATCH", "/Groups", "GET, POST"),
    ("POST", f"/Users/{NOWHERE}", "GET, PUT, PATCH, DELETE"), ("POST", "/Schemas", "GET"), ("DELETE", "/ServiceProviderConfig", "GET"),
    ("OPTIONS", "/Users", "GET, POST"), ("TRACE", "/Users", "GET, POST"), ("BREW", "/Users", "GET, POST")])
def not_allowed(bed, method, path, allow):
    reply = bed.people.call(method, path, b"{}" if method in ("PUT", "PATCH", "POST") else None)
    same(reply.refused(405).headers.get("allow"), allow)


@case("HEAD is GET without a body")
def head(bed):
    reply = bed.people.call("HEAD", "/Users?count=1").must(200)
    same(reply.body, "")


@table("415: Content-Type {0}", [
    ("text/plain",), ("application/xml",), ("application/x-www-form-urlencoded",), ("multipart/form-data; boundary=x",), ("",), (None,)])
def media_type(bed, kind):
    name = bed.fresh("typed")
    reply = bed.people.call("POST", "/Users", {"schemas": [USER], "userName": name}, content_type=kind)
    reply.refused(415, None, "application/scim+json")
    same(bed.people.named(name), [])


@table("Content-Type {0} is taken", [
    ("application/json",), ("application/scim+json; charset=utf-8",), ("APPLICATION/SCIM+JSON",), ("application/json;charset=UTF-8",)])
def media_types_taken(bed, kind):
    bed.people.call("POST", "/Users", {"schemas": [USER], "userName": bed.fresh("typed")}, content_type=kind).must(201)


# --- bodies ------------------------------------------------------------------------------------------------


def nested(depth, opening=b"[", closing=b"]"):
    return b'{"userName":"deep","title":' + opening * depth + closing * depth + b"}"


BODIES = [
    ("empty", b""), ("blank", b"  \n"), ("no JSON", b"userName=x"), ("half", b'{"userName":"half"'), ("an array", b"[]"),
    ("a string", b'"x"'), ("null", b"null"), ("two", b'{"userName":"two"}{"userName":"two"}'), ("a comment", b'{/* */"userName":"c"}'),
    ("a trailing comma", b'{"userName":"tc",}'), ("single quotes", b"{'userName':'sq'}"), ("duplicate keys", b'{"userName":"a","userName":"b"}'),
    ("duplicate keys below", b'{"userName":"dk","name":{"givenName":"a","givenName":"b"}}'),
    ("duplicate keys, escaped", b'{"userName":"a","user\\u004eame":"b"}'),
    ("a NUL", b'{"userName":"n\\u0000ul"}'), ("a raw NUL", b'{"userName":"n\x00ul"}'), ("a control character", b'{"userName":"a\x01b"}'),
    ("a raw line end", b'{"userName":"a\nb"}'), ("half a surrogate", b'{"userName":"a\\ud800"}'), ("invalid UTF-8", b'{"userName":"a\xff"}'),
    ("overlong UTF-8", b'{"userName":"a\xc0\xaf"}'), ("UTF-8 surrogate", b'{"userName":"a\xed\xa0\x80"}'), ("UTF-16", '{"userName":"u"}'.encode("utf-16")),
    ("deep arrays", nested(5000)), ("deep objects", nested(5000, b'{"a":', b"}").replace(b"{}", b"")), ("deep, not closed", b"[" * 100000),
    ("NaN", b'{"userName":"x","title":NaN}'), ("a hex number", b'{"userName":"x","title":0x1}'), ("leading zero", b'{"userName":"x","title":01}'),
    ("a huge number", b'{"userName":' + b"9" * 1000 + b"}"), ("a huge exponent", b'{"userName":1e999999}'),
    ("a bad escape", b'{"userName":"\\x"}')]


@table("400: a body that is {0}", BODIES)
def bad_bodies(bed, _name, body):
    people = bed.people
    before = len(bed.search(people.users, "(uid=*)"))
    for method, path in (("POST", "/Users"), ("PUT", f"/Users/{NOWHERE}"), ("PATCH", f"/Users/{NOWHERE}")):
        reply = people.call(method, path, body).must(400)
        check(reply.detail, "no reason")
        check(reply.json.get("scimType") in ("invalidSyntax", "invalidValue"), reply.body)
    same(len(bed.search(people.users, "(uid=*)")), before, "entries")


@table("400: PATCH with {0}", [
    ("no Operations", {"schemas": [PATCH_OP]}), ("Operations that is no array", {"schemas": [PATCH_OP], "Operations": {}}),
    ("an operation that is none", {"schemas": [PATCH_OP], "Operations": ["replace"]}),
    ("no op", {"schemas": [PATCH_OP], "Operations": [{"path": "title", "value": "x"}]}),
    ("a number as op", {"schemas": [PATCH_OP], "Operations": [{"op": 7, "path": "title", "value": "x"}]}),
    ("remove without path", {"schemas": [PATCH_OP], "Operations": [{"op": "remove"}]}),
    ("a number as path", {"schemas": [PATCH_OP], "Operations": [{"op": "add", "path": 7, "value": "x"}]}),
    ("add without value", {"schemas": [PATCH_OP], "Operations": [{"op": "add", "path": "title"}]}),
    ("a path that is none", {"schemas": [PATCH_OP], "Operations": [{"op": "add", "path": "title[", "value": "x"}]}),
    ("an array without path", {"schemas": [PATCH_OP], "Operations": [{"op": "add", "value": ["x"]}]})])
def bad_patches(bed, _name, body):
    user = bed.people.new_user(bed.fresh("patched"), title="T")["id"]
    before = bed.people.entry(user)
    reply = bed.people.call("PATCH", f"/Users/{user}", body).must(400)
    check(reply.detail, "no reason")
    same(bed.people.entry(user), before, "the entry")


@case("413: a body that is too large; by its length, and in chunks")
def too_large(bed):
    body = json.dumps({"userName": "large", "displayName": "x" * (1 << 20)}).encode()
    host = "{}:{}".format(*bed.http.address)
    start = (f"POST /people/scim/v2/Users HTTP/1.1\r\nHost: {host}\r\nAuthorization: Bearer {bed.http.token}\r\n"
             "Content-Type: application/json\r\n").encode()
    by_length = bed.http.raw(start + b"Content-Length: %d\r\n\r\n" % len(body) + body)
    check(by_length.startswith("HTTP/1.1 413") or by_length == "", by_length[:200])
    announced = bed.http.raw(start + b"Content-Length: 999999999999\r\n\r\n", 5)
    check(announced.startswith("HTTP/1.1 413"), announced[:200])
    try:
        chunked = bed.http.raw(start + b"Transfer-Encoding: chunked\r\n\r\n%x\r\n" % len(body) + body + b"\r\n0\r\n\r\n")
    except ConnectionError:
        chunked = ""
    check(chunked.startswith("HTTP/1.1 413") or chunked == "", chunked[:200])
    same(bed.people.named("large"), [])
    bed.people.query("Users", count=1)


@case("too many operations, terms, and too long a URL")
def too_many(bed):
    people = bed.people
    user = people.new_user(bed.fresh("many"))["id"]
    reply = people.patch_user(user, *[op("Replace", "title", str(i)) for i in range(1001)])
    check(reply.status in (400, 413) and reply.detail, reply.status)
    same(people.values(user, "title"), [])
    reply = people.get("/Users", filter=" or ".join(f'userName eq "u{i}"' for i in range(5000)))
    check(reply.status in (400, 413, 414, 431), reply.status)
    reply = people.get("/Users", filter=" or ".join(f'title eq "u{i}"' for i in range(400)))
    check(reply.status in (200, 400, 414), reply.status)
    raw = bed.http.raw(b"GET /people/scim/v2/Users?filter=" + b"x" * 100000 + b" HTTP/1.1\r\nHost: x\r\n\r\n", 10)
    check(raw == "" or raw.split(" ", 2)[1] in ("400", "413", "414", "431", "401"), raw[:100])


# --- HTTP itself ----------------------------------------------------------------------------------------------


def request_of(bed, method, path, headers="", body=b""):
    host = "{}:{}".format(*bed.http.address)
    return (f"{method} /people/scim/v2{path} HTTP/1.1\r\nHost: {host}\r\nAuthorization: Bearer {bed.http.token}\r\n"
            f"{headers}\r\n").encode() + body


@case("chunked alone is taken; with Content-Length it is refused")
def chunked(bed):
    name = bed.fresh("chunked")
    body = json.dumps({"schemas": [USER], "userName": name}).encode()
    pieces = b"".join(b"%x\r\n%c\r\n" % (1, c) for c in body) + b"0\r\n\r\n"
    typed = "Content-Type: application/scim+json\r\nTransfer-Encoding: chunked\r\n"
    reply = bed.http.raw(request_of(bed, "POST", "/Users", typed, pieces))
    check(reply.startswith("HTTP/1.1 201"), reply[:200])
    reply = bed.http.raw(request_of(bed, "POST", "/Users", typed + f"Content-Length: {len(pieces)}\r\n", pieces), 5)
    check(reply.startswith("HTTP/1.1 400"), reply[:200])
    same(len(bed.people.named(name)), 1)


@table("a header that is {0} is refused or harmless", [
    ("a length that is negative", "Content-Length: -1\r\n"), ("a length that is no number", "Content-Length: ten\r\n"),
    ("two lengths", "Content-Length: 2\r\nContent-Length: 3\r\n"), ("an evil Host", "Host: evil\"><script>\r\n"),
    ("a folded line", "X-A: b\r\n c\r\n"), ("no colon", "nonsense\r\n"), ("huge", "X-A: " + "x" * 60000 + "\r\n")])
def odd_headers(bed, _name, header):
    name = bed.fresh("header")
    body = json.dumps({"schemas": [USER], "userName": name}).encode()
    length = "" if "Length" in header else f"Content-Length: {len(body)}\r\n"
    reply = bed.http.raw(request_of(bed, "POST", "/Users", "Content-Type: application/json\r\n" + header + length, body), 5)
    check("script" not in reply, reply)
    status = reply.split(" ", 2)[1] if reply else ""
    check(status in ("", "201", "400", "413", "431"), reply[:100])
    same(len(bed.people.named(name)), 1 if status == "201" else 0, "entries")
    bed.people.query("Users", count=1)


def smuggling(*fields, version="1.1", host="Host: bridge\r\n"):
    return version, host, "".join(field + "\r\n" for field in fields)


@table("{0}: told {1}, and the connection is over", [
    ("two lengths", 400, smuggling("Content-Length: {n}", "Content-Length: 3")),
    ("the same length twice", 400, smuggling("Content-Length: {n}", "Content-Length: {n}")),
    ("two lengths in one", 400, smuggling("Content-Length: {n}, {n}")),
    ("a length with a sign", 400, smuggling("Content-Length: +{n}")),
    ("a length of minus nothing", 400, smuggling("Content-Length: -0")),
    ("an empty length", 400, smuggling("Content-Length:")),
    ("a coding that is not known", 501, smuggling("Transfer-Encoding: gzip")),
    ("two codings", 501, smuggling("Transfer-Encoding: gzip, chunked")),
    ("chunked and another", 501, smuggling("Transfer-Encoding: chunked, identity")),
    ("nearly chunked", 501, smuggling("Transfer-Encoding: xchunked")),
    ("two headers of codings", 400, smuggling("Transfer-Encoding: chunked", "Transfer-Encoding: identity")),
    ("a length and a coding that is not known", 400, smuggling("Content-Length: {n}", "Transfer-Encoding: identity")),
    ("chunked in HTTP/1.0", 400, smuggling("Transfer-Encoding: chunked", version="1.0")),
    ("a blank before the colon", 400, smuggling("Content-Length : {n}")),
    ("a blank in a name", 400, smuggling("Content-Length: {n}", "X Y: z")),
    ("a bracket in a name", 400, smuggling("Content-Length: {n}", "X(: z")),
    ("no Host", 400, smuggling("Content-Length: {n}", host="")),
    ("two Hosts", 400, smuggling("Content-Length: {n}", "Host: other"))])
def smuggled(bed, _name, status, form):
    version, host, fields = form
    name = bed.fresh("smuggled")
    body = json.dumps({"schemas": [USER], "userName": name})
    second = request_of(bed, "GET", "/Users?count=0").decode()
    for token, expected in ((bed.http.token, status), ("wrong", 401)):
        reply = bed.http.raw((f"POST /people/scim/v2/Users HTTP/{version}\r\n{host}Authorization: Bearer {token}\r\n"
                              f"Content-Type: application/json\r\n{fields.format(n=len(body))}\r\n{body}{second}").encode(), 5)
        statuses = [line.split()[1] for line in reply.splitlines() if line.startswith("HTTP/1.")]
        if statuses != ["400", "400"]:  # the library's own answer, which it gives twice
            same(statuses, [str(expected)], reply[:200])
        check("connection: close" in reply.lower() and "itemsPerPage" not in reply, reply)
    same(bed.people.named(name), [])


@case("HTTP/1.0 without a Host is served")
def without_host(bed):
    reply = bed.http.raw(f"GET /people/scim/v2/Users?count=0 HTTP/1.0\r\nAuthorization: Bearer {bed.http.token}\r\n\r\n".encode(), 5)
    check(reply.split(" ", 2)[1] == "200", reply[:200])


@case("a slow sender delays nobody, and is given up")
def slow(bed):
    body = json.dumps({"schemas": [USER], "userName": "slow"}).encode()
    request = request_of(bed, "POST", "/Users", f"Content-Type: application/json\r\nContent-Length: {len(body)}\r\n", body)
    socks = [socket.create_connection(bed.http.address, 10) for _ in range(20)]
    try:
        for i, sock in enumerate(socks):
            sock.sendall(request[:20 + i * 10])
        began = time.monotonic()
        for _ in range(20):
            bed.people.query("Users", count=1)
        check(time.monotonic() - began < 2, "others had to wait")
        check(all(receive(sock, 8) == "" for sock in socks), "a silent sender is given up without an answer")
        check(time.monotonic() - began < 8, "silent senders stay for too long")
    finally:
        for sock in socks:
            sock.close()
    bed.people.query("Users", count=1)


def drip(sock, data, seconds):
    """Send a byte every 50 ms; whether the other side ended it before the time was over."""
    end = time.monotonic() + seconds
    sock.setblocking(False)
    for i in itertools.count():
        if time.monotonic() > end:
            return False
        try:
            sock.send(data[i % len(data):i % len(data) + 1])
            if sock.recv(1000) == b"":
                return True
        except BlockingIOError:
            pass
        except OSError:
            return True
        time.sleep(0.05)


@case("a sender that drips is cut off: in the headers, in the body")
def dripping(bed):
    head = request_of(bed, "POST", "/Users", "Content-Type: application/json\r\nContent-Length: 100000\r\n")
    for begun, more in ((b"GET /people/scim/v2/Users HTTP/1.1\r\nX-Long: ", b"x"), (head, b" ")):
        with socket.create_connection(bed.http.address, 10) as sock:
            sock.sendall(begun)
            check(drip(sock, more, 14), begun[:20])
    bed.people.query("Users", count=1)


@case("a client that goes away in the middle: the bridge goes on")
def goes_away(bed):
    body = json.dumps({"schemas": [USER], "userName": bed.fresh("away")}).encode()
    request = request_of(bed, "POST", "/Users", f"Content-Type: application/json\r\nContent-Length: {len(body)}\r\n", body)
    for length in list(range(1, len(request), 23)) + [len(request)]:
        with socket.create_connection(bed.http.address, 10) as sock:
            sock.sendall(request[:length])
            sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\x01\0\0\0\0\0\0\0")
    bed.people.query("Users", count=1)


@case("pipelined requests are answered in order")
def pipelined(bed):
    requests = b"".join(request_of(bed, "GET", f"/Users?count=0&startIndex={i}") for i in range(1, 6))
    with socket.create_connection(bed.http.address, 10) as sock:
        sock.sendall(requests)
        sock.settimeout(10)
        data = b""
        while data.count(b"itemsPerPage") < 5:
            more = sock.recv(65536)
            check(more, "closed")
            data += more
    places = [data.find(b'"startIndex":%d,' % i) for i in range(1, 6)]
    same(places, sorted(places), "order")


# --- URLs ----------------------------------------------------------------------------------------------------


@table("URL {0}", [
    ("/people/scim/v2/Users?count=1",), ("/people/scim/Users?count=1",), ("/people/scim/v2/Users/?count=1",),
    ("/ecma2host_people/scim/v2/Users?count=1",), ("/ecma2host_people/scim/Users?count=1",), ("/ecma2host_people/scim/Users/?aadOptscim062020&count=1",),
    ("/scim/v2/Users?count=1",), ("/scim/Users?count=1",), ("/people/scim/v2//Users?count=1",), ("/people/scim/?aadOptscim062020/Users?count=1",),
    ("/people/scim/v2/Users?aadOptscim062020&count=1",), ("/people/SCIM/V2/Users?COUNT=1",), ("/people/scim/v2/Users?count=1&x=y&z",),
    ("/people/scim/v2/%55sers?count=1",)])
def urls(bed, url):
    if not hasattr(bed, "url_user"):
        bed.url_user = bed.people.new_user(bed.fresh("url"))
    status, names, body = bed.http.request("GET", url)
    same(status, 200, body[:300])
    parsed = json.loads(body)
    same(len(parsed["Resources"]), 1)
    location = parsed["Resources"][0]["meta"]["location"]
    same(names["content-type"], "application/scim+json")
    path = urllib.parse.urlsplit(location).path
    same(bed.http.request("GET", path)[0], 200, f"{path}, the location shown at {url}")


@case("all requests by every form of the URL")
def url_forms(bed):
    for prefix in ("/people/scim/v2", "/people/scim", "/ecma2host_people/scim", "/ecma2host_people/scim/v2", "/scim", "/scim/v2"):
        for suffix in ("", "/", "?aadOptscim062020", "/?aadOptscim062020"):
            name = bed.fresh("form")
            body = json.dumps({"schemas": [USER], "userName": name}).encode()
            status, names, text = bed.http.request("POST", f"{prefix}/Users{suffix}", body)
            same(status, 201, f"{prefix}/Users{suffix}: {text[:200]}")
            user = json.loads(text)["id"]
            check(urllib.parse.urlsplit(names["location"]).path == f"{prefix}/Users/{user}", names["location"])
            patch = json.dumps({"schemas": [PATCH_OP], "Operations": [op("Replace", "active", "False")]}).encode()
            same(bed.http.request("PATCH", f"{prefix}/Users/{user}{suffix}", patch)[0], 200)
            same(bed.http.request("GET", f"{prefix}/Users/{user}{suffix}")[0], 200)
            same(bed.http.request("DELETE", f"{prefix}/Users/{user}{suffix}")[0], 204)


# --- what the directory refuses -----------------------------------------------------------------------------------


def configure(bed, dn, *changes):
    """Change slapd's configuration over its socket, as the user who started it."""
    socket_path = urllib.parse.quote(os.path.join(bed.directory.folder, "ldapi"), safe="")
    connection = ldap.initialize(f"ldapi://{socket_path}")
    connection.sasl_external_bind_s()
    try:
        for change in changes:
            if isinstance(change, list):
                connection.add_s(dn, change)
            else:
                connection.modify_s(dn, [change])
    finally:
        connection.unbind_s()


DATABASE = "olcDatabase={1}mdb,cn=config"
RULE = b'{0}to dn.subtree="ou=users,ou=ideo,dc=example,dc=com" by dn.exact="cn=scimbridge,dc=example,dc=com" read by * break'


@case("the bridge may not write there: 403 that names the LDAP result")
def access_denied(bed):
    ideo = bed.ideo
    user = ideo.new_user(bed.fresh("denied"))["id"]
    configure(bed, DATABASE, (ldap.MOD_ADD, "olcAccess", [RULE]))
    try:
        for reply in (ideo.post("/Users", {"schemas": [USER], "userName": bed.fresh("denied")}),
                      ideo.patch_user(user, op("Replace", "active", "False")), ideo.delete(f"/Users/{user}"),
                      ideo.patch_user(user, op("Replace", "userName", bed.fresh("denied")))):
            reply.must(403, 502)
            check("insufficient" in reply.detail.lower(), reply.detail)
        same(ideo.user(user)["active"], True)
    finally:
        configure(bed, DATABASE, (ldap.MOD_DELETE, "olcAccess", [RULE]))
    ideo.patch_user(user, op("Replace", "active", "False")).must(200)


@case("a directory that is read-only: no success, and it recovers")
def read_only(bed):
    people = bed.people
    user = people.new_user(bed.fresh("frozen"))["id"]
    configure(bed, DATABASE, (ldap.MOD_REPLACE, "olcReadOnly", [b"TRUE"]))
    try:
        for reply in (people.post("/Users", {"schemas": [USER], "userName": bed.fresh("frozen")}),
                      people.patch_user(user, op("Replace", "title", "X")), people.delete(f"/Users/{user}")):
            check(reply.status >= 400 and reply.detail, reply.status)
            check("unwilling" in reply.detail.lower(), reply.detail)
        same(people.user(user)["id"], user, "reading goes on")
    finally:
        configure(bed, DATABASE, (ldap.MOD_REPLACE, "olcReadOnly", [b"FALSE"]))
    people.patch_user(user, op("Replace", "title", "X")).must(200)


CODES = [(1, None), (11, None), (19, 400), (21, 400), (50, None), (51, 503), (52, 503), (53, None), (65, 400), (80, None)]


def overlay(bed):
    """slapd's retcode overlay: an entry tells which result an operation on it gets."""
    if not hasattr(bed, "overlay"):
        bed.overlay = False
        try:
            configure(bed, "cn=module{0},cn=config", (ldap.MOD_ADD, "olcModuleLoad", [b"retcode"]))
            configure(bed, f"olcOverlay=retcode,{DATABASE}", [
                ("objectClass", [b"olcOverlayConfig", b"olcRetcodeConfig"]), ("olcOverlay", [b"retcode"]),
                ("olcRetcodeParent", [b"ou=policies,dc=example,dc=com"]), ("olcRetcodeInDir", [b"TRUE"])])
            bed.overlay = True
        except ldap.LDAPError as error:
            print("the retcode overlay is not to be had:", error)
    return bed.overlay


@table("LDAP result {0}", CODES)
def result_codes(bed, code, status):
    if not overlay(bed):
        return
    people = bed.people
    user = people.new_user(bed.fresh("coded"), title="Old")["id"]
    bed.ldap.modify_s(people.dn(user), [
        (ldap.MOD_ADD, "objectClass", [b"errAuxObject"]), (ldap.MOD_ADD, "errCode", [str(code).encode()]),
        (ldap.MOD_ADD, "errOp", [b"modify"]), (ldap.MOD_ADD, "errText", [b"a text of the directory"])])
    for operation in (op("Replace", "title", "New"), op("Replace", "displayName", "New"), op("Replace", "active", "False")):
        reply = people.patch_user(user, operation)
        check(reply.status >= 400, f"success for LDAP result {code}")
        check(status is None or reply.status == status, f"{reply.status} {reply.body}")
        check("a text of the directory" in reply.detail, reply.detail)
        if reply.status == 503:
            check(reply.headers.get("retry-after"), "no Retry-After")
    same(people.values(user, "title"), ["Old"])


@case("a base that is missing is the map's fault, not an empty list")
def missing_base(bed):
    sio = bed.sio
    bed.ldap.rename_s(sio.users, "ou=elsewhere")
    try:
        for reply in (sio.get("/Users"), sio.get("/Users", filter='userName eq "x"'), sio.get(f"/Users/{NOWHERE}"),
                      sio.post("/Users", {"schemas": [USER], "userName": "x", "displayName": "x", "externalId": "x"})):
            check(reply.status >= 500, f"{reply.request}: {reply.status} {reply.body}")
            check("ou=users,ou=simple-in-out" in reply.detail, reply.detail)
    finally:
        bed.ldap.rename_s(f"ou=elsewhere,{sio.base}", "ou=users")
    sio.query("Users")


@case("replies and logs have no secret, whatever is sent")
def no_secrets(bed):
    secret = "geheim-4711-nicht-zeigen"
    people = bed.people
    bodies = ['{"schemas":["x"],"userName":"sec","password":"%s"', '{"userName":"sec2","password":{"a":"%s"}}',
              '{"userName":"  ","password":"%s"}', '{"userName":"sec4","password":["%s","%s"]}']
    for body in bodies:
        reply = people.call("POST", "/Users", body.replace("%s", secret).encode())
        check(secret not in reply.body, reply.body)
    user = people.new_user(bed.fresh("sec"), password=secret)["id"]
    for operation in (op("Replace", "password", [secret, secret]), op("Replace", "password.x", secret), op("Add", "password", {"value": secret, "x": 1}),
                      op("Jump", "password", secret)):
        check(secret not in people.patch_user(user, operation).body, "the reply shows it")
    people.get("/Users", filter=f'password eq "{secret}"').must(400)
    check(secret not in bed.log(), "the log shows it")


@case("line ends in what is sent do not make lines in the log")
def log_injection(bed):
    bed.people.get("/Users", filter='userName eq "a\nkind=audit forged=1"')
    bed.people.call("GET", "/Users/x%0akind=audit%20forged=2")
    bed.people.post("/Users", {"schemas": [USER], "userName": "a\nkind=audit forged=3"})
    bed.http.request("GET", "/people/scim/v2/Users?count=0", headers={"User-Agent": "x\tkind=audit forged=4", "X-Request-Id": "a b\"forged=5"})
    check(not [line for line in bed.log().splitlines() if line.startswith("kind=audit forged")], "a forged line")


if __name__ == "__main__":
    main(config={"limits": {"requestTimeout": "8s", "idleTimeout": "3s"}})
