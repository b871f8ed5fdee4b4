#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""The cases of servers.py on 389 Directory Server, with the map that is shipped for it."""
import os

import servers  # noqa: F401  pylint: disable=unused-import
from suite import case, harness, main, op, same

from ds389 import Ds389


@case("the schema for 389 says what the one for slapd says")
def schema(_bed):
    def definitions(name):
        with open(os.path.join(harness.SOURCE, "schema", "ldap", name), encoding="utf-8") as file:
            text = " ".join(line for line in file.read().splitlines() if not line.startswith("#"))
        return [" ".join(part.split(")  ")[0].split()) for part in text.split("2.25.")[1:]]

    def words(name):
        return [part.replace("attributeTypes:", "").replace("objectClasses:", "").replace("olc", "").split(" )")[0]
                for part in definitions(name)]

    same(words("98scimbridge.ldif"), words("scimbridge.ldif"))


@case("an account that a role inactivates cannot be activated here, and that is told")
def role(bed):
    people, name = bed.people, bed.fresh("role")
    user = people.new_user(name)["id"]
    bed.directory.inactivate_by_role(people.dn(user))
    same(people.user(user)["active"], False)
    people.patch_user(user, op("replace", "active", True)).refused(502, None, "role", "take the entry out")
    same(people.user(user)["active"], False)


if __name__ == "__main__":
    main(directory=Ds389, maps={"people": os.path.join(harness.MAPS, "389.jsonc")})
