#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""The cases of servers.py on a Samba domain controller, with the map that is shipped for Active Directory."""
import json
import os
import subprocess

import servers  # noqa: F401  pylint: disable=unused-import
from suite import case, check, harness, main, op, same

from samba import Samba


@case("a map that writes unicodePwd needs TLS, whatever the server lets pass")
def clear_text(bed):
    config = json.loads(json.dumps(bed.bridge.config))
    for url, more, good in (("ldap://127.0.0.1", {}, False), ("ldap://127.0.0.1", {"startTls": True}, True),
                            ("ldaps://127.0.0.1 ldap://127.0.0.1", {}, False), (bed.directory.url, {}, True)):
        config["directories"]["local"].update({"url": url, "startTls": False, **more})
        path = os.path.join(bed.stack.folder, "clear.conf")
        with open(path, "w", encoding="utf-8") as file:
            json.dump(config, file)
        done = subprocess.run([harness.PROGRAM, "check", "--offline", "-c", path], capture_output=True, text=True,
                              timeout=60)
        said = "unicodePwd, which is sent over TLS only" in done.stdout + done.stderr
        same((done.returncode == 0, said), (good, not good), url)


@case("disabling touches one bit of userAccountControl")
def one_bit(bed):
    people, name = bed.people, bed.fresh("bits")
    user = people.new_user(name)["id"]
    dont_expire = 0x10000
    bed.directory.modify(people.dn(user), "userAccountControl", str(512 | dont_expire))
    for active, bits in ((False, 514), (False, 514), (True, 512)):
        people.patch_user(user, op("replace", "active", active)).must(200)
        same(people.values(user, "userAccountControl"), [str(bits | dont_expire)])


@case("a user and a group of one name: the account name has another form")
def account_names(bed):
    people, name = bed.people, bed.fresh("both")
    user, group = people.new_user(name)["id"], people.new_group(name)["id"]
    same(people.values(user, "sAMAccountName"), [name])
    check(people.values(group, "sAMAccountName")[0].startswith(name + "-"), "the group's account name")


@case("who gave up a name is somebody still, and comes back")
def comes_back(bed):
    people, name = bed.people, bed.fresh("two")
    first = people.new_user(name, externalId="one-" + name)["id"]
    people.delete(f"/Users/{first}").must(204)
    second = people.new_user(name, externalId="two-" + name)["id"]
    people.delete(f"/Users/{second}").must(204)
    third = people.new_user(name, externalId="two-" + name)["id"]
    same((third == second, first == second), (True, False))
    same(people.values(third, "sAMAccountName"), [name])

if __name__ == "__main__":
    main(directory=Samba, maps={"people": os.path.join(harness.MAPS, "ad.jsonc")})
