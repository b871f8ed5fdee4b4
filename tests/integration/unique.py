#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""slapd's unique overlay beside the bridge: it keeps names unique, and no guarded write fails for it."""

import os
import urllib.parse

import ldap
from suite import case, main, op, same

URIS = [b"ldap:///ou=users,ou=people,dc=example,dc=com?uid?sub", b"ldap:///ou=people,dc=example,dc=com?scimExternalId?sub"]


def load_overlay(bed):
    folder = urllib.parse.quote(os.path.join(bed.directory.folder, "ldapi"), safe="")
    config = ldap.initialize("ldapi://" + folder)
    config.sasl_interactive_bind_s("", ldap.sasl.external())
    config.modify_s("cn=module{0},cn=config", [(ldap.MOD_ADD, "olcModuleLoad", [b"unique"])])
    config.add_s("olcOverlay=unique,olcDatabase={1}mdb,cn=config",
                 [("objectClass", [b"olcOverlayConfig", b"olcUniqueConfig"]), ("olcOverlay", [b"unique"]),
                  ("olcUniqueURI", URIS)])
    config.unbind_s()


@case("values that another has are refused with 409, all other writes go through")
def unique(bed):
    people = bed.people
    load_overlay(bed)
    ann = people.new_user("ann", externalId="1")["id"]
    ben = people.new_user("ben", externalId="2")["id"]
    people.patch_user(ann, op("Replace", "title", "Chief")).must(200)
    people.patch_user(ann, op("Replace", "userName", "anne")).must(200)
    people.patch_user(ben, op("Replace", "externalId", "3")).must(200)
    people.patch_user(ben, op("Replace", "externalId", "1")).refused(409, "uniqueness")
    people.patch_user(ben, op("Replace", "userName", "ANNE")).refused(409, "uniqueness")
    same(people.user(ben)["userName"], "ben")
    same(people.user(ben)["externalId"], "3")
    people.delete(f"/Users/{ben}").must(204)
    people.delete(f"/Users/{ann}").must(204)


if __name__ == "__main__":
    main()
