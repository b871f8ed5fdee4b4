#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""The shipped map of a university, with eduPerson: roles with a table, a template over several values, addresses by a pattern."""

import os
import subprocess
import tempfile
import urllib.parse

import ldap
import ldif
from suite import GROUP, USER, Connector, case, check, harness, main, op, same, text_of

SHIPPED = os.path.join(harness.SOURCE, "conf", "maps", "university.jsonc")
SCHEMA = os.path.join(harness.SOURCE, "tests", "data", "ldap", "eduperson.ldif")
PLACE = "ou=people,dc=example,dc=com"  # where the bridge's identity may write
BASE = "ou=university," + PLACE


def load_schema(bed):
    """Into slapd's configuration, which whoever runs it may change."""
    socket = urllib.parse.quote(os.path.join(bed.directory.folder, "ldapi"), safe="")
    connection = ldap.initialize("ldapi://" + socket)
    connection.sasl_external_bind_s()
    with open(SCHEMA, encoding="utf-8") as file:
        reader = ldif.LDIFRecordList(file)
        reader.parse()
    for dn, entry in reader.all_records:
        try:
            connection.add_s(dn, list(entry.items()))
        except ldap.LDAPError as error:  # from an earlier case
            check("already" in str(error).lower() or "Duplicate" in str(error), str(error))
    connection.unbind_s()


def connector(bed):
    found = Connector(bed, "university")
    found.base = BASE
    if not bed.search("cn=Subschema", "(attributeTypes=eduPersonAffiliation)", 0):
        load_schema(bed)
    return found


def person(uni, login, **more):
    return uni.post("/Users", {"schemas": [USER], "userName": login, **more}).must(201).json


def roles(*names):
    return [{"value": name} for name in names]


def shown(resource):
    return sorted(role["value"] for role in resource.get("roles", []))


def scoped(uni, user):
    return [value.split("@")[0] for value in uni.values(user, "eduPersonScopedAffiliation")]


@case("the shipped map passes check, offline and live")
def checked(bed):
    connector(bed)
    for arguments in ((["-m", SHIPPED, "--offline"]), (["-c", bed.bridge.file])):
        done = subprocess.run([harness.PROGRAM, "check", *arguments], capture_output=True, text=True, timeout=60, check=False)
        check(done.returncode == 0, done.stdout + done.stderr)


@case("a person with affiliations")
def created(bed):
    uni = connector(bed)
    ada = person(uni, "ada", displayName="Ada Lovelace", roles=roles("Staff", "Student"), userType="Staff",
                 emails=[{"type": "work", "value": "ada@uni.example"}],
                 addresses=[{"type": "work", "formatted": "Hall 1\nUniversity Road"}], entitlements=[{"value": "urn:mace:x:Y"}])
    _, attrs = uni.entry(ada["id"])
    have = {name: sorted(text_of(value) for value in attrs[name]) for name in (
        "eduPersonAffiliation", "eduPersonScopedAffiliation", "eduPersonPrimaryAffiliation", "eduPersonPrincipalName",
        "eduPersonEntitlement", "mail", "postalAddress")}
    same(have, {"eduPersonAffiliation": ["staff", "student"],
                "eduPersonScopedAffiliation": ["staff@uni.example", "student@uni.example"],
                "eduPersonPrimaryAffiliation": ["staff"], "eduPersonPrincipalName": ["ada@uni.example"],
                "eduPersonEntitlement": ["urn:mace:x:Y"], "mail": ["ada@uni.example"],
                "postalAddress": ["Hall 1$University Road"]})
    check({b"eduPerson", b"scimResource"} <= set(attrs["objectClass"]), attrs["objectClass"])
    same((shown(ada), ada["userType"]), (["Staff", "Student"], "Staff"))


@case("affiliations come and go, and each has its scope")
def changed(bed):
    uni = connector(bed)
    user = person(uni, "ben", roles=roles("Student"))["id"]
    uni.patch_user(user, op("add", "roles", roles("Alum", "Member"))).must(200)
    same(scoped(uni, user), ["alum", "member", "student"])
    uni.patch_user(user, op("remove", 'roles[value eq "Student"]')).must(200)
    same(scoped(uni, user), ["alum", "member"])
    bed.ldap.modify_s(uni.dn(user), [(ldap.MOD_ADD, "eduPersonScopedAffiliation", [b"guest@elsewhere.example"]),
                                     (ldap.MOD_ADD, "eduPersonAffiliation", [b"visitor"])])
    uni.patch_user(user, op("replace", "roles", roles("Faculty", "Member"))).must(200)
    same(uni.values(user, "eduPersonScopedAffiliation"),
         ["faculty@uni.example", "guest@elsewhere.example", "member@uni.example"])
    same(uni.values(user, "eduPersonAffiliation"), ["faculty", "member", "visitor"], "a word that the table lacks stays")
    uni.patch_user(user, op("remove", "roles")).must(200)
    same(uni.values(user, "eduPersonScopedAffiliation"), ["guest@elsewhere.example"])
    uni.patch_user(user, op("add", "roles", roles("Janitor"))).refused(400, "invalidValue", "Janitor")


@case("addresses elsewhere are neither shown nor touched")
def addresses(bed):
    uni = connector(bed)
    user = person(uni, "cleo", emails=[{"type": "work", "value": "cleo@uni.example"}])["id"]
    bed.ldap.modify_s(uni.dn(user), [(ldap.MOD_ADD, "mail", [b"cleo@home.example"])])
    same([mail["value"] for mail in uni.user(user)["emails"]], ["cleo@uni.example"])
    uni.patch_user(user, op("replace", 'emails[type eq "work"].value', "c.cleo@uni.example")).must(200)
    same(uni.values(user, "mail"), ["c.cleo@uni.example", "cleo@home.example"])
    reply = uni.patch_user(user, op("replace", 'emails[type eq "work"].value', "cleo@home.example"))
    reply.refused(400, "invalidValue", "uni.example")


@case("life of a person: members, rename, deactivation, deletion, return")
def life(bed):
    uni = connector(bed)
    user, boss = person(uni, "dan", roles=roles("Staff"))["id"], person(uni, "eve")["id"]
    group = uni.post("/Groups", {"schemas": [GROUP], "displayName": "faculty", "members": [{"value": user}]}).must(201).json["id"]
    uni.patch_group(group, op("add", "members", [{"value": boss}])).must(204)
    uni.patch_user(user, op("replace", "userName", "daniel")).must(200)
    same((uni.members(group), uni.values(user, "eduPersonPrincipalName")), (sorted([user, boss]), ["daniel@uni.example"]))
    uni.patch_user(user, op("replace", "active", False)).must(200)
    same((uni.user(user)["active"], uni.members(group)), (False, sorted([user, boss])))
    uni.delete(f"/Users/{user}").must(204)
    uni.get(f"/Users/{user}").must(404)
    same(uni.members(group), [boss])
    again = person(uni, "daniel", roles=roles("Alum"))
    same((again["id"], again["active"], scoped(uni, user)), (user, True, ["alum"]))


@case("filters by affiliation")
def found(bed):
    uni = connector(bed)
    person(uni, "fay", roles=roles("Library-Walk-In"))
    for text in ('roles eq "Library-Walk-In"', 'roles[value eq "Library-Walk-In"]'):
        same([r["userName"] for r in uni.query("Users", text)["Resources"]], ["fay"], text)


@case("an adopted person gets the class that the attributes need")
def adopted(bed):
    uni = connector(bed)
    bed.ldap.add_s(f"uid=gus,ou=people,{BASE}", [("objectClass", [b"inetOrgPerson"]), ("uid", [b"gus"]), ("cn", [b"Gus"]),
                                                 ("sn", [b"Gus"])])
    made = person(uni, "gus", roles=roles("Staff", "Alum"))
    check({"eduPerson", "scimResource"} <= set(uni.values(made["id"], "objectClass")), "the classes")
    same((scoped(uni, made["id"]), uni.values(made["id"], "eduPersonPrincipalName")), (["alum", "staff"], ["gus@uni.example"]))


if __name__ == "__main__":
    with tempfile.NamedTemporaryFile("w", suffix=".ldif") as tree, tempfile.NamedTemporaryFile("w", suffix=".jsonc") as copy:
        for name, parent in (("university", PLACE), ("people", BASE), ("groups", BASE)):
            tree.write(f"dn: ou={name},{parent}\nobjectClass: organizationalUnit\nou: {name}\n\n")
        tree.flush()
        with open(SHIPPED, encoding="utf-8") as shipped:
            copy.write(shipped.read().replace("ou=university,dc=example,dc=com", BASE))
        copy.flush()
        main(config={"connectors": {"university": {"directory": "local", "map": copy.name}}}, ldif=tree.name)
