#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""Groups that hold their members by login name: alone, beside the DN, and where two may have one name; the shipped
map of Unix accounts; and groups with uniqueMember."""

import contextlib
import copy
import json
import os
import re
import subprocess
import tempfile
import urllib.parse

import ldap
from suite import ENTERPRISE, GROUP, NOWHERE, USER, Connector, case, check, eventually, harness, main, op, same, text_of

SHIPPED = os.path.join(harness.SOURCE, "conf", "maps", "posix.jsonc")
PLACE = "ou=people,dc=example,dc=com"  # where the bridge's identity may write
POSIX = "urn:ietf:params:scim:schemas:extension:posix:2.0:"

LOCAL = {  # what of conf/maps/posix.jsonc is smaller here
    "dialect": "openldap",
    "scopes": {
        "people": {"bases": ["ou=users,{base}"], "depth": "one", "filter": "(objectClass=inetOrgPerson)", "unique": ["uid"]},
        "groups": {"bases": ["ou=groups,{base}"], "depth": "one", "filter": "(objectClass=groupOfNames)", "unique": ["cn"]},
    },
    "resources": {
        "User": {
            "scope": "people", "rdn": "uid", "objectClass": ["inetOrgPerson"], "auxiliary": ["scimResource"],
            "parent": "ou=users,{base}", "match": ["userName"],
            "attributes": {"userName": {"ldap": "uid", "required": True}, "title": "title", "groups": {"search": ["groups"]}},
            "entry": {"cn": "{userName}", "sn": "{userName}"}, "lifecycle": {"deleted": "delete"},
        },
        "Group": {
            "scope": "groups", "rdn": "cn", "objectClass": ["groupOfNames"], "auxiliary": ["extensibleObject"],
            "parent": "ou=groups,{base}", "match": ["displayName"],
            "attributes": {
                "displayName": {"ldap": "cn", "required": True},
                "members": [{"ldap": "member", "reference": ["people", "groups"]},
                            {"ldap": "memberUid", "reference": ["people"], "by": "uid"}]},
            "emptyMember": "cn=nobody", "lifecycle": {"deleted": "delete"},
        },
    },
}


def variants():
    """name -> map: beside the DN; names alone that two may have; uniqueMember."""
    both, open_map, unique = (copy.deepcopy(LOCAL) for _ in range(3))
    by_name = {"ldap": "memberUid", "reference": ["people"], "by": "uid"}
    open_map["scopes"]["people"].update(bases=["ou=users,{base}", "ou=guests,{base}"])
    open_map["resources"]["User"]["parent"] = [{"if": "title eq \"Guest\"", "dn": "ou=guests,{base}"}, "ou=users,{base}"]
    open_map["resources"]["Group"].update(objectClass=["posixGroup"], auxiliary=["scimResource"])
    open_map["resources"]["Group"]["entry"] = {"gidNumber": "500"}
    open_map["resources"]["Group"]["attributes"]["members"] = by_name
    open_map["scopes"]["groups"]["filter"] = "(objectClass=posixGroup)"
    del open_map["resources"]["Group"]["emptyMember"]
    unique["scopes"]["groups"]["filter"] = "(objectClass=groupOfUniqueNames)"
    unique["resources"]["Group"].update(objectClass=["groupOfUniqueNames"], auxiliary=["scimResource"])
    unique["resources"]["Group"]["attributes"]["members"] = {"ldap": "uniqueMember", "reference": ["people", "groups"]}
    unique["integrity"] = "bridge"
    return {"both": both, "open": open_map, "unique": unique}


def resolve(value, base):
    return json.loads(json.dumps(value).replace("{base}", base))


def connector(bed, name):
    found = Connector(bed, name)
    found.base = f"ou={name},{PLACE}"
    return found


def new_user(where, name, **more):
    return where.post("/Users", {"schemas": [USER], "userName": name, **more}).must(201).json["id"]


def new_group(where, name, *members):
    return where.post("/Groups", {"schemas": [GROUP], "displayName": name, "members": [{"value": one} for one in members]}
                      ).must(201).json["id"]


def names(where, group):
    return where.values(group, "memberUid")


def rdns(where, group, attribute="member"):
    return sorted(dn.split(",")[0].split("=")[1] for dn in where.values(group, attribute))


# --- the shipped map -------------------------------------------------------------------------------


def account(bed, login, **more):
    return connector(bed, "posix").post("/Users", {"schemas": [USER], "userName": login, **more}).must(201).json


@case("the shipped map passes check, offline and live")
def checked(bed):
    for arguments in ((["-m", SHIPPED, "--offline"]), (["-c", bed.bridge.file])):
        done = subprocess.run([harness.PROGRAM, "check", *arguments], capture_output=True, text=True, timeout=60, check=False)
        check(done.returncode == 0, done.stdout + done.stderr)


@case("an account is a posixAccount with a number, a home and a shell")
def posix_account(bed):
    posix = connector(bed, "posix")
    made = account(bed, "ada", name={"givenName": "Ada", "familyName": "Byron"}, displayName="Ada Lovelacé",
                   emails=[{"type": "work", "value": "ada@example.com"}])
    dn, attrs = posix.entry(made["id"])
    check(dn.startswith("uid=ada,"), dn)
    one = {name: text_of(attrs[name][0]) for name in ("gidNumber", "homeDirectory", "loginShell", "cn", "sn", "gecos")}
    same(one, {"gidNumber": "100", "homeDirectory": "/home/ada", "loginShell": "/bin/bash", "cn": "Ada Lovelacé",
               "sn": "Byron", "gecos": "Ada Lovelace"})
    check({b"posixAccount", b"inetOrgPerson", b"scimResource"} <= set(attrs["objectClass"]), attrs["objectClass"])
    number = int(attrs["uidNumber"][0])
    check(10000 <= number <= 59999, number)
    same(made[POSIX + "User"]["uidNumber"], number)
    posix.patch_user(made["id"], op("replace", POSIX + "User:loginShell", "/bin/zsh")).must(200)
    same(posix.values(made["id"], "loginShell"), ["/bin/zsh"])
    posix.patch_user(made["id"], op("remove", POSIX + "User:loginShell")).must(200)
    same(posix.values(made["id"], "loginShell"), ["/bin/bash"], "the map's own again")


@case("an adopted person gets the class that the attributes need, and what is missing")
def adopted(bed):
    posix = connector(bed, "posix")
    person = [("cn", [b"Grown"]), ("sn", [b"Grown"])]
    bed.ldap.add_s(f"uid=plain,ou=people,{posix.base}", [("objectClass", [b"inetOrgPerson"]), ("uid", [b"plain"]), *person])
    bed.ldap.add_s(f"uid=grown,ou=people,{posix.base}", [
        ("objectClass", [b"inetOrgPerson", b"posixAccount"]), ("uid", [b"grown"]), *person,
        ("uidNumber", [b"777"]), ("gidNumber", [b"7"]), ("homeDirectory", [b"/srv/grown"])])
    plain, grown = account(bed, "plain")["id"], account(bed, "grown")["id"]
    check({"posixAccount", "scimResource"} <= set(posix.values(plain, "objectClass")), "the classes")
    same(posix.values(plain, "homeDirectory"), ["/home/plain"])
    check(int(posix.values(plain, "uidNumber")[0]) >= 10000, "no number")
    same([posix.values(grown, name) for name in ("uidNumber", "homeDirectory")], [["777"], ["/srv/grown"]])


@case("members come, go, follow a rename, and leave with their account")
def life(bed):
    posix = connector(bed, "posix")
    ben, cleo, dan = (account(bed, name)["id"] for name in ("ben", "cleo", "dan"))
    group = new_group(posix, "crew", ben)
    check(10000 <= int(posix.values(group, "gidNumber")[0]), "no number")
    same(names(posix, group), ["ben"])
    posix.patch_group(group, op("add", "members", [{"value": cleo}, {"value": ben}])).must(204)
    same(names(posix, group), ["ben", "cleo"])
    same(posix.members(group), sorted([ben, cleo]))
    posix.patch_group(group, op("remove", f'members[value eq "{cleo}"]')).must(204)
    same(names(posix, group), ["ben"])
    posix.patch_user(ben, op("replace", "userName", "benno")).must(200)
    same(names(posix, group), ["benno"], "after a rename")
    same(posix.values(ben, "homeDirectory"), ["/home/ben"], "a rename moves no home")
    same(posix.members(group), [ben])
    posix.patch_user(ben, op("replace", "active", False)).must(200)
    same((posix.user(ben)["active"], posix.members(group)), (False, [ben]), "deactivated")
    posix.patch_user(ben, op("replace", "active", True)).must(200)
    posix.patch_group(group, op("replace", "members", [{"value": dan}])).must(204)
    same(names(posix, group), ["dan"])
    posix.patch_group(group, op("add", "members", [{"value": ben}])).must(204)
    posix.delete(f"/Users/{ben}").must(204)
    same(names(posix, group), ["dan"], "after a deletion")
    posix.get(f"/Users/{ben}").must(404)
    again = account(bed, "benno")
    same((again["id"], names(posix, group)), (ben, ["dan"]), "revived, without the old membership")
    posix.patch_group(group, op("remove", "members")).must(204)
    same(names(posix, group), [], "an empty group")
    posix.delete(f"/Groups/{group}").must(204)


@case("who is no member by name: groups, strangers, and nobody")
def refused(bed):
    posix = connector(bed, "posix")
    eve = account(bed, "eve")["id"]
    group, other = new_group(posix, "alpha", eve), new_group(posix, "beta")
    reply = posix.patch_group(group, op("add", "members", [{"value": other}])).refused(400, "invalidValue", "id of a Group")
    reply = posix.post("/Groups", {"schemas": [GROUP], "displayName": "gamma", "members": [{"value": other}]})
    reply.refused(400, "invalidValue", "members")
    posix.patch_group(group, op("add", "members", [{"value": NOWHERE}])).refused(400, "invalidValue", NOWHERE)
    same(names(posix, group), ["eve"])


@case("names of nobody are neither shown nor touched")
def local_accounts(bed):
    posix = connector(bed, "posix")
    fay, gus = (account(bed, name)["id"] for name in ("fay", "gus"))
    group = new_group(posix, "mixed", fay)
    bed.ldap.modify_s(posix.dn(group), [(ldap.MOD_ADD, "memberUid", [b"www-data", b"FAY"])])
    same(posix.members(group), [fay])
    posix.patch_group(group, op("replace", "members", [{"value": gus}])).must(204)
    same(names(posix, group), ["FAY", "gus", "www-data"], "memberUid counts letters' case")
    posix.put(f"/Groups/{group}", {"schemas": [GROUP], "displayName": "mixed", "members": []}).must(200)
    same(names(posix, group), ["FAY", "www-data"])
    account(bed, "www-data")
    same(names(posix, group), ["FAY"], "a new account gets no membership by its name")


@case("filters, lists and groups of a user go by the name")
def found(bed):
    posix = connector(bed, "posix")
    hal, ivy = (account(bed, name)["id"] for name in ("hal", "ivy"))
    one, two = new_group(posix, "one", hal, ivy), new_group(posix, "two", ivy)
    for text, wanted in ((f'members eq "{hal}"', ["one"]), (f'members[value eq "{ivy}"]', ["one", "two"]),
                         (f'members.value eq "{ivy}" and displayName sw "t"', ["two"]), (f'members eq "{NOWHERE}"', [])):
        same(sorted(r["displayName"] for r in posix.query("Groups", text)["Resources"]), wanted, text)
    listed = {r["id"]: [m["value"] for m in r.get("members", [])] for r in posix.query("Groups", count=100)["Resources"]}
    same((sorted(listed[one]), listed[two]), (sorted([hal, ivy]), [ivy]))
    shown = posix.get(f"/Users/{ivy}", attributes="groups").must(200).json
    same(sorted(g["display"] if "display" in g else g["value"] for g in shown["groups"]), sorted([one, two]))


@case("a rename in other letters is a rename to memberUid")
def letters(bed):
    posix = connector(bed, "posix")
    jo = account(bed, "jo")["id"]
    group = new_group(posix, "letters", jo)
    posix.patch_user(jo, op("replace", "userName", "Jo")).must(200)
    same((names(posix, group), posix.members(group)), (["Jo"], [jo]))


@case("a manager is a reference by DN as ever")
def manager(bed):
    kim = account(bed, "kim")["id"]
    lea = account(bed, "lea", **{ENTERPRISE: {"manager": {"value": kim}}})
    same(lea[ENTERPRISE]["manager"]["value"], kim)


# --- beside the DN -----------------------------------------------------------------------------------


@case("both attributes are written; the first is read; groups are members by DN alone")
def both(bed):
    where = connector(bed, "both")
    ada, ben, cleo = (new_user(where, name) for name in ("ada", "ben", "cleo"))
    inner = new_group(where, "inner", cleo)
    group = new_group(where, "outer", ada, inner)
    same((rdns(where, group), names(where, group)), (["ada", "inner"], ["ada"]))
    where.patch_group(group, op("add", "members", [{"value": ben}]), op("remove", f'members[value eq "{ada}"]')).must(204)
    same((rdns(where, group), names(where, group)), (["ben", "inner"], ["ben"]))
    bed.ldap.modify_s(where.dn(group), [(ldap.MOD_DELETE, "memberUid", [b"ben"])])
    same(where.members(group), sorted([ben, inner]), "what is read")
    where.patch_group(group, op("add", "members", [{"value": ben}])).must(204)
    same((rdns(where, group), names(where, group)), (["ben", "inner"], ["ben"]), "mended")
    where.patch_user(ben, op("replace", "userName", "bea")).must(200)
    same((rdns(where, group), names(where, group)), (["bea", "inner"], ["bea"]), "renamed")
    where.delete(f"/Users/{ben}").must(204)
    eventually(lambda: rdns(where, group) == ["inner"], "refint has not removed who was deleted")
    same(names(where, group), [], "deleted")
    where.patch_group(group, op("remove", f'members[value eq "{inner}"]')).must(204)
    same((where.values(group, "member"), names(where, group)), (["cn=nobody"], []), "empty")


# --- names that two may have ---------------------------------------------------------------------------


@case("a name that two entries have means neither")
def ambiguous(bed):
    where = connector(bed, "open")
    max_, nina = new_user(where, "max"), new_user(where, "nina")
    group = new_group(where, "guests", max_, nina)
    twin = f"uid=max,ou=guests,{where.base}"
    bed.ldap.add_s(twin, [("objectClass", [b"inetOrgPerson"]), ("uid", [b"max"]), ("cn", [b"Max"]), ("sn", [b"M"])])
    same(where.members(group), [nina], "seen")
    other = new_group(where, "others", nina)
    reply = where.patch_group(other, op("add", "members", [{"value": max_}]))
    reply.refused(400, "invalidValue", "several entries are named uid=max")
    where.patch_group(group, op("replace", "members", [{"value": nina}])).must(204)
    same(names(where, group), ["max", "nina"], "untouched")
    where.patch_user(max_, op("replace", "userName", "maxim")).must(200)
    same(names(where, group), ["max", "maxim", "nina"], "the twin keeps what is perhaps the twin's")
    where.delete(f"/Users/{max_}").must(204)
    same(names(where, group), ["max", "nina"])
    bed.ldap.delete_s(twin)
    same(where.members(group), [nina])


# --- uniqueMember ------------------------------------------------------------------------------------


@case("groups with uniqueMember: members, renames and deletions, repaired by the bridge")
def unique_member(bed):
    where = connector(bed, "unique")
    ada, ben = new_user(where, "ada"), new_user(where, "ben")
    group = new_group(where, "crew", ada)
    same(where.values(group, "uniqueMember"), [f"uid=ada,ou=users,{where.base}"])
    where.patch_group(group, op("add", "members", [{"value": ben}])).must(204)
    where.patch_user(ben, op("replace", "userName", "bea")).must(200)
    same((rdns(where, group, "uniqueMember"), where.members(group)), (["ada", "bea"], sorted([ada, ben])))
    same([r["id"] for r in where.query("Groups", f'members eq "{ben}"')["Resources"]], [group])
    where.delete(f"/Users/{ada}").must(204)
    same(rdns(where, group, "uniqueMember"), ["bea"])
    where.patch_group(group, op("remove", "members")).must(204)
    same((where.values(group, "uniqueMember"), where.members(group)), (["cn=nobody"], []))


# --- what administrators do ----------------------------------------------------------------------------


def tool(bed, command, *arguments):
    """(status, standard output and errors)"""
    done = subprocess.run([harness.PROGRAM, command, "-c", bed.bridge.file, "-C", "posix", *arguments],
                          stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=60 * harness.SLOW, check=False)
    return done.returncode, done.stdout + done.stderr


def plain_person(bed, name):
    bed.ldap.add_s(f"uid={name},ou=people,ou=posix,{PLACE}", [
        ("objectClass", [b"inetOrgPerson"]), ("uid", [name.encode()]), ("cn", [name.encode()]), ("sn", [b"Plain"])])


@contextlib.contextmanager
def without_increment(bed):
    """The root DSE does not say that the server increments; for those who connect from now on."""
    frontend = "olcDatabase={-1}frontend,cn=config"
    folder = urllib.parse.quote(os.path.join(bed.directory.folder, "ldapi"), safe="")
    config = ldap.initialize("ldapi://" + folder)
    config.sasl_interactive_bind_s("", ldap.sasl.external())
    config.modify_s(frontend, [(ldap.MOD_ADD, "olcAccess", [b'{0}to dn.base="" attrs=supportedFeatures by * none'])])
    try:
        yield
    finally:
        config.modify_s(frontend, [(ldap.MOD_DELETE, "olcAccess", [b"{0}"])])
        config.unbind_s()


def claimed(bed, *people):
    posix = connector(bed, "posix")
    with tempfile.NamedTemporaryFile("w", suffix=".csv") as file:
        file.write("userPrincipalName,objectId\n" + "".join(f"{name},id-{name}\n" for name in people))
        file.flush()
        status, said = tool(bed, "match", "--claim", "--yes", file.name)
        check(status == 0 and f"{len(people)} claimed, 0 failed" in said and "what the classes demand; nothing" in said, said)
        status, said = tool(bed, "match", "--claim", "--yes", file.name)
        check(status == 0 and "nothing is to be claimed" in said, said)
    found = []
    for name in people:
        who = posix.query("Users", f'userName eq "{name}"')["Resources"][0]
        dn, attrs = posix.entry(who["id"])
        same((who["externalId"], text_of(attrs["sn"][0])), (f"id-{name}", "Plain"))
        check({b"posixAccount", b"scimResource"} <= set(attrs["objectClass"]), attrs)
        same([text_of(attrs[one][0]) for one in ("homeDirectory", "gidNumber")], [f"/home/{name}", "100"])
        check("gecos" not in attrs and "loginShell" not in attrs, attrs)  # which no class demands
        found.append(int(attrs["uidNumber"][0]))
    return found


@case("match --claim: who has no account yet gets what the class demands, a number too")
def claim(bed):
    for name in ("claim1", "claim2", "claim3"):
        plain_person(bed, name)
    numbers = claimed(bed, "claim1", "claim2")
    with without_increment(bed):
        numbers += claimed(bed, "claim3")
    check(len(set(numbers)) == 3 and min(numbers) >= 10000, numbers)


@case("purge: who goes leaves the groups by name too")
def purge(bed):
    posix = connector(bed, "posix")
    kept, gone = (account(bed, name)["id"] for name in ("kept", "gone"))
    group = new_group(posix, "purged", kept, gone)
    posix.delete(f"/Users/{gone}").must(204)
    dn = f"uid=gone,ou=people,ou=posix,{PLACE}"
    bed.ldap.modify_s(f"cn=purged,ou=groups,ou=posix,{PLACE}", [(ldap.MOD_ADD, "memberUid", [b"gone"])])
    bed.ldap.modify_s(dn, [(ldap.MOD_REPLACE, "scimDeletedAt", [b"20200101000000Z"])])
    status, said = tool(bed, "purge", "--yes")
    check(status == 0 and "1 removed, 0 left, 0 failed" in said, said)
    same((names(posix, group), bed.search(dn.partition(",")[2], "(uid=gone)")), (["kept"], []))


def write_tree(file):
    def unit(name, parent):
        file.write(f"dn: ou={name},{parent}\nobjectClass: organizationalUnit\nou: {name}\n\n")

    for name, places in (("posix", ("people", "groups", "counters")), ("both", ("users", "groups")),
                         ("open", ("users", "guests", "groups")), ("unique", ("users", "groups"))):
        unit(name, PLACE)
        for place in places:
            unit(place, f"ou={name},{PLACE}")
    for name in ("uid", "gid"):
        file.write(f"dn: cn={name},ou=counters,ou=posix,{PLACE}\nobjectClass: device\nobjectClass: extensibleObject\n"
                   f"cn: {name}\n{name}Number: 10000\n\n")
    file.flush()


def write_maps(folder):
    with open(SHIPPED, encoding="utf-8") as file:
        text = re.sub(r"ou=posix,dc=example,dc=com", f"ou=posix,{PLACE}", file.read())
    texts = {"posix": text}
    texts.update({name: json.dumps(resolve(one, f"ou={name},{PLACE}")) for name, one in variants().items()})
    for name, one in texts.items():
        with open(os.path.join(folder, name + ".jsonc"), "w", encoding="utf-8") as file:
            file.write(one)
    return {name: {"directory": "local", "map": os.path.join(folder, name + ".jsonc")} for name in texts}


if __name__ == "__main__":
    with tempfile.TemporaryDirectory(prefix="scimbridge-posix-") as where_maps, \
            tempfile.NamedTemporaryFile("w", suffix=".ldif") as tree:
        write_tree(tree)
        main(config={"connectors": write_maps(where_maps)}, ldif=tree.name)
