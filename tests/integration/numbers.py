#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""Numbers from a counter entry: no two entries ever have the same, whichever way they are taken and whoever dies."""

import http.client
import json
import os
import tempfile
import threading
import urllib.parse

import ldap
from suite import Connector, case, check, main, same, text_of

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


def post_all(bridges, prefix, on_begin=lambda: None):
    """POST AT_ONCE people at the bridges in turn, all at the same moment; {uid: status}, 0: no answer."""
    gate, result = threading.Barrier(AT_ONCE + 1), {}

    def post(uid, bridge):
        gate.wait(30)
        try:
            result[uid] = Connector(None, "numbers", bridge).post("/Users", {"userName": uid}).status
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


def hide_features(bed, hide):
    """Whether the root DSE says that the server increments; for those who connect from now on."""
    rule = [b'{0}to dn.base="" attrs=supportedFeatures by * none']
    folder = urllib.parse.quote(os.path.join(bed.directory.folder, "ldapi"), safe="")
    config = ldap.initialize("ldapi://" + folder)
    config.sasl_interactive_bind_s("", ldap.sasl.external())
    config.modify_s("olcDatabase={-1}frontend,cn=config",
                    [(ldap.MOD_ADD, "olcAccess", rule)] if hide else [(ldap.MOD_DELETE, "olcAccess", [b"{0}"])])
    config.unbind_s()


def run(bed, prefix, one):
    """Fifty at once at two bridges; then again while the other is killed, and what it left undone once more."""
    before = next_number(bed)
    with bed.another_bridge(**CONFIG) as other:
        same(set(post_all([one, other], prefix).values()), {201}, "answers")
        numbers(bed)
        same(next_number(bed), before + AT_ONCE, "the counter")

        def kill():
            for _ in range(10000):
                if next_number(bed) > before + AT_ONCE + 4:
                    break
            other.bridge.kill()

        told = post_all([one, other], prefix + "k", kill)
        check(0 in told.values(), "it was killed too late")
    found = numbers(bed)
    check(all(uid in found for uid, status in told.items() if status == 201), f"{told} but {found}")
    again = post_all([one], prefix + "k")
    check(set(again.values()) <= {201, 409}, f"{again}")
    same(len([uid for uid in numbers(bed) if uid.startswith(prefix)]), 2 * AT_ONCE, "people")


@case("fifty at once at two bridges, by increment")
def by_increment(bed):
    make_tree(bed)
    run(bed, "inc", bed.http)


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


@case("the audit log tells of the entries, not of the counter")
def audit(bed):
    intents = [line for line in bed.audit() if line["event"] == "intent"]
    check(intents and not [line for line in intents if "counters" in line["dn"]], intents[:3])


if __name__ == "__main__":
    with tempfile.TemporaryDirectory(prefix="scimbridge-numbers-") as where:
        path = os.path.join(where, "numbers.jsonc")
        with open(path, "w", encoding="utf-8") as file:
            json.dump(MAP, file)
        CONFIG = {"connectors": {"numbers": {"directory": "local", "map": path}}}
        main(config=CONFIG)
