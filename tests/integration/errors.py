#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""Requests that must be refused, and URLs that must not: who may come in, what is no SCIM, what the
directory refuses and how it is told."""

import json
import os
import urllib.parse

import ldap
from suite import ERROR, NOWHERE, PATCH_OP, USER, case, check, main, op, same, table

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
    ("/people/scim/v2/Printers",), ("/people/scim/v2/Users/x/y",), (f"/people/scim/v2/Users/{NOWHERE}",),
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


# --- bodies ------------------------------------------------------------------------------------------------


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
