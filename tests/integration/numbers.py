#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""Numbers from a counter entry: no two entries ever have the same, whichever way they are taken and whoever dies."""

import http.client
import json
import os
import subprocess
import tempfile
import threading
import time
import urllib.parse

import ldap
from suite import Connector, case, check, harness, main, same, text_of

BASE = "ou=numbers,ou=people,dc=example,dc=com"
USERS, COUNTER = "ou=users," + BASE, "cn=uid,ou=counters," + BASE
FIRST = 10000
MAP = {
    "dialect": "openldap",
    "scopes": {"users": {"bases": [USERS], "depth": "one", "unique": ["uid"], "filter": "(objectClass=inetOrgPerson)"}},
    "resources": {"User": {
        "scope": "users", "rdn": "uid", "objectClass": ["inetOrgPerson"], "auxiliary": ["scimResource", "posixAccount"],
        "parent": USERS, "match": ["userName"], "adopt": "match",
        "attributes": {"userName": {"ldap": "uid", "required": True}},
        "entry": {"cn": "{userName}", "sn": "{userName}", "gidNumber": "100",
                  "homeDirectory": {"from": "/home/{userName}", "write": "if-empty"},
                  "uidNumber": {"allocate": COUNTER, "range": [FIRST, 59999], "write": "if-empty"}},
        "lifecycle": {"deleted": "delete"}}},
}
AT_ONCE = 50


def make_tree(bed):
    for dn in (BASE, USERS, "ou=counters," + BASE):
        bed.ldap.add_s(dn, [("objectClass", [b"organizationalUnit"]), ("ou", [dn.split("=")[1].split(",")[0].encode()])])
    bed.ldap.add_s(COUNTER, [("objectClass", [b"device", b"extensibleObject"]), ("cn", [b"uid"]),
                             ("uidNumber", [str(FIRST).encode()])])


def next_number(bed):
    return int(bed.search(COUNTER, "(objectClass=*)", 0)[0][1]["uidNumber"][0])


def numbers(bed):
    """{uid: number} of all who are there; fails when two have the same."""
    found = {text_of(attrs["uid"][0]): int(attrs["uidNumber"][0]) for _, attrs in bed.search(USERS, "(uidNumber=*)")}
    same(len(set(found.values())), len(found), "different numbers")
    check(all(number < next_number(bed) for number in found.values()), f"{next_number(bed)}: {found}")
    return found


def post_all(bed, bridges, prefix, on_begin=lambda: None):
    """POST AT_ONCE people at the bridges in turn, all at the same moment; {uid: status}, 0: no answer."""
    gate, result = threading.Barrier(AT_ONCE + 1), {}

    def post(uid, bridge):
        gate.wait(30)
        try:
            result[uid] = Connector(bed, "numbers", bridge).post("/Users", {"userName": uid}).status
        except (OSError, http.client.HTTPException):
            result[uid] = 0

    threads = [threading.Thread(target=post, args=(f"{prefix}{i}", bridges[i % len(bridges)])) for i in range(AT_ONCE)]
    for thread in threads:
        thread.start()
    gate.wait(30)
    on_begin()
    for thread in threads:
        thread.join(60)
    return result


def configuration(bed):
    """A connection as the one who owns the server."""
    folder = urllib.parse.quote(os.path.join(bed.directory.folder, "ldapi"), safe="")
    config = ldap.initialize("ldapi://" + folder)
    config.sasl_interactive_bind_s("", ldap.sasl.external())
    return config


def hide_features(bed, hide):
    """Whether the root DSE says that the server increments; for those who connect from now on."""
    rule = [b'{0}to dn.base="" attrs=supportedFeatures by * none']
    config = configuration(bed)
    config.modify_s("olcDatabase={-1}frontend,cn=config",
                    [(ldap.MOD_ADD, "olcAccess", rule)] if hide else [(ldap.MOD_DELETE, "olcAccess", [b"{0}"])])
    config.unbind_s()


def run(bed, prefix, one, frozen=False):
    """Fifty at once at two bridges; then again while the other is killed, in the midst of it or (`frozen`) before the
    directory has answered anything, and what it left undone once more."""
    before = next_number(bed)
    with bed.another_bridge(**CONFIG) as other:
        same(set(post_all(bed, [one, other], prefix).values()), {201}, "answers")
        numbers(bed)
        same(next_number(bed), before + AT_ONCE, "the counter")

        def kill():
            time.sleep(0.3)  # until all wait for the directory
            if frozen:
                other.bridge.kill()
            bed.directory.thaw()
            time.sleep(0.004)
            other.bridge.kill()

        bed.directory.freeze()
        told = post_all(bed, [one, other], prefix + "k", kill)
    found = numbers(bed)
    check(not frozen or 0 in told.values(), "it has answered all the same")
    check(all(uid in found for uid, status in told.items() if status == 201), f"{told} but {found}")
    again = post_all(bed, [one], prefix + "k")
    check(set(again.values()) <= {201, 409}, f"{again}")
    same(len([uid for uid in numbers(bed) if uid.startswith(prefix)]), 2 * AT_ONCE, "people")


@case("fifty at once at two bridges, by increment")
def by_increment(bed):
    make_tree(bed)
    run(bed, "inc", bed.http)
    run(bed, "frozen", bed.http, frozen=True)


@case("the same where the root DSE does not say that it increments")
def by_swap(bed):
    hide_features(bed, True)
    try:
        with bed.another_bridge(**CONFIG) as one:
            run(bed, "swap", one)
    finally:
        hide_features(bed, False)


@case("one bridge increments while the other swaps")
def both_ways(bed):
    hide_features(bed, True)
    try:
        run(bed, "both", bed.http)
    finally:
        hide_features(bed, False)


@case("no number is given again when its entry is gone")
def gone(bed):
    people = Connector(bed, "numbers")
    first = people.post("/Users", {"userName": "gone1"}).must(201).json["id"]
    number = numbers(bed)["gone1"]
    people.delete(f"/Users/{first}").must(204)
    people.post("/Users", {"userName": "gone1"}).must(201)
    check(numbers(bed)["gone1"] > number, "the number came again")


@case("who is adopted keeps the number, or gets one")
def adopted(bed):
    people = Connector(bed, "numbers")
    for uid, more in (("old1", []), ("old2", [("uidNumber", [b"9000"]), ("gidNumber", [b"100"]), ("homeDirectory", [b"/x"])])):
        classes = [b"inetOrgPerson"] + ([b"posixAccount"] if more else [])
        bed.ldap.add_s(f"uid={uid},{USERS}", [("objectClass", classes), ("uid", [uid.encode()]), ("cn", [b"o"]),
                                              ("sn", [b"o"])] + more)
    want = next_number(bed)
    people.post("/Users", {"userName": "old1"}).must(201)
    people.post("/Users", {"userName": "old2"}).must(201)
    attrs = bed.search(f"uid=old1,{USERS}", "(objectClass=posixAccount)", 0)[0][1]
    same((text_of(attrs["uidNumber"][0]), text_of(attrs["homeDirectory"][0])), (str(want), "/home/old1"))
    attrs = bed.search(f"uid=old2,{USERS}", "(objectClass=scimResource)", 0)[0][1]
    same((text_of(attrs["uidNumber"][0]), text_of(attrs["homeDirectory"][0])), ("9000", "/x"))
    same(next_number(bed), want + 1, "the counter")


@case("a counter that cannot give numbers is 502, with the remedy")
def broken(bed):
    people = Connector(bed, "numbers")
    at = next_number(bed)
    for change, words in (([(ldap.MOD_REPLACE, "uidNumber", [b"60000"])], "is at 60000"),
                          ([(ldap.MOD_DELETE, "uidNumber", None)], "has no value")):
        bed.ldap.modify_s(COUNTER, change)
        reply = people.post("/Users", {"userName": "broken"}).must(502)
        check(words in reply.detail and "set it to one above" in reply.detail, reply.detail)
    bed.ldap.modify_s(COUNTER, [(ldap.MOD_REPLACE, "uidNumber", [str(at).encode()])])
    people.post("/Users", {"userName": "broken"}).must(201)
    numbers(bed)


# ---- tools ----

def scimbridge(bed, *arguments):
    """(status, standard output)"""
    done = subprocess.run([harness.PROGRAM, arguments[0], "-c", bed.bridge.file, *arguments[1:]], timeout=60 * harness.SLOW,
                          stdin=subprocess.DEVNULL, capture_output=True, text=True)
    return done.returncode, done.stdout + done.stderr


def counters(bed):
    """What check says of counters: [(level, message, line)]."""
    found = json.loads(scimbridge(bed, "check", "--json")[1])["findings"]
    return [(one["level"], one["message"], one.get("line")) for one in found if one["topic"] == "counters"]


@case("check looks at the counter")
def checked(bed):
    Connector(bed, "numbers").post("/Users", {"userName": "high"}).must(201)
    high, at = numbers(bed)["high"], next_number(bed)
    [(level, said, line)] = counters(bed)
    check(level == "ok" and f"gives {at} next, by increment (RFC 4525)" in said and line > 1, said)
    for value, level, words in ((high, "error", f"gives {high} next, but \"uid=high,"),
                                (60000, "error", "set it to one above the highest in use"),
                                (59950, "warning", "has 50 numbers left"),
                                (None, "error", "shows no single number")):
        bed.ldap.modify_s(COUNTER, [(ldap.MOD_REPLACE, "uidNumber", [str(value).encode()] if value else None)])
        found = counters(bed)
        check(len(found) == 1 and found[0][0] == level and words in found[0][1], f"{value}: {found}")
    bed.ldap.rename_s(COUNTER, "cn=gid")
    found = counters(bed)
    check(len(found) == 1 and found[0][0] == "error" and "there is no entry" in found[0][1], found)
    bed.ldap.rename_s(COUNTER.replace("cn=uid", "cn=gid"), "cn=uid")
    bed.ldap.modify_s(COUNTER, [(ldap.MOD_REPLACE, "uidNumber", [str(at).encode()])])
    same(next_number(bed), at, "the counter")


@case("explain shows the increment, match reckons with it, and neither takes a number")
def told(bed):
    at = next_number(bed)
    body = '{"userName": "explained"}'
    status, said = scimbridge(bed, "explain", "-C", "numbers", "POST", "/Users", body)
    check(status == 0 and "increment: uidNumber" in said and f"uidNumber: {at}\n" in said
          and "the answer would be 201" in said, said)
    status, said = scimbridge(bed, "explain", "-C", "numbers", "--offline", "POST", "/Users", body)
    check(status == 0 and f"uidNumber: {FIRST}\n" in said and "the answer would be 201" in said, said)
    with tempfile.NamedTemporaryFile("w", suffix=".csv") as file:
        file.write("userPrincipalName,objectId\n" + "".join(f"row{i},{i}\n" for i in range(3)))
        file.flush()
        status, said = scimbridge(bed, "match", "-C", "numbers", file.name)
    check(status == 0 and "3 would be created" in said, said)
    same(next_number(bed), at, "the counter")


@case("the printed access rules are enough, and without that of the counter check complains")
def least_privilege(bed):
    printed = [line.partition(": ")[2] for line in scimbridge(bed, "check", "--acl")[1].splitlines()
               if line.startswith("olcAccess: ")]
    rest = ["to attrs=userPassword by anonymous auth by * none", "to * by * none"]
    config = configuration(bed)
    database = "olcDatabase={1}mdb,cn=config"
    kept = config.search_s(database, ldap.SCOPE_BASE)[0][1]["olcAccess"]

    def allow(rules):
        numbered = [f"{{{i}}}{rule}".encode() for i, rule in enumerate(rules)]
        config.modify_s(database, [(ldap.MOD_REPLACE, "olcAccess", numbered)])

    try:
        allow(printed + rest)
        same([level for level, _, _ in counters(bed)], ["ok"])
        Connector(bed, "numbers").post("/Users", {"userName": "least"}).must(201)
        allow([rule for rule in printed if COUNTER not in rule or "attrs=uidNumber" not in rule] + rest)
        check([level for level, _, _ in counters(bed)][:1] == ["error"], counters(bed))
        allow([rule.replace(" write ", " read ") if COUNTER in rule else rule for rule in printed] + rest)
        found = counters(bed)
        check(len(found) == 1 and "may not write uidNumber of the counter" in found[0][1], found)
    finally:
        config.modify_s(database, [(ldap.MOD_REPLACE, "olcAccess", kept)])
        config.unbind_s()
    numbers(bed)


@case("the audit log tells of the entries, not of the counter")
def audit(bed):
    intents = [line for line in bed.audit() if line["event"] == "intent"]
    check(intents and not [line for line in intents if "counters" in line["dn"]], intents[:3])


if __name__ == "__main__":
    with tempfile.TemporaryDirectory(prefix="scimbridge-numbers-") as where:
        path = os.path.join(where, "numbers.jsonc")
        with open(path, "w", encoding="utf-8") as file:
            json.dump(MAP, file, indent=2)
        CONFIG = {"connectors": {"numbers": {"directory": "local", "map": path}}}
        main(config=CONFIG)
