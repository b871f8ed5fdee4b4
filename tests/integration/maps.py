#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""The examples of docs/maps.md: each is a map, requests, and what they make of the directory or of the answer."""

import copy
import json
import os
import re
import tempfile
import urllib.parse

from suite import PATCH_OP, Connector, case, check, harness, ldap, main, same, text_of

PAGE = os.path.join(harness.SOURCE, "docs", "maps.md")
PARENT = "ou=people,dc=example,dc=com"  # where the bridge's identity may write

SKELETON = {
    "dialect": "openldap",
    "scopes": {
        "people": {"bases": ["ou=users,{base}"], "filter": "(objectClass=inetOrgPerson)"},
        "groups": {"bases": ["ou=groups,{base}"], "filter": "(|(objectClass=groupOfNames)(objectClass=posixGroup))"},
    },
    "resources": {
        "User": {
            "scope": "people", "rdn": "uid", "objectClass": ["inetOrgPerson"], "auxiliary": ["scimResource"],
            "parent": "ou=users,{base}", "match": ["userName"],
            "attributes": {"userName": {"ldap": "uid", "required": True}},
            "entry": {"cn": "{userName}", "sn": "{userName}"}, "lifecycle": {"deleted": "delete"},
        },
        "Group": {
            "scope": "groups", "rdn": "cn", "objectClass": ["groupOfNames"], "parent": "ou=groups,{base}",
            "match": ["displayName"],
            "attributes": {"displayName": {"ldap": "cn", "required": True},
                           "members": {"ldap": "member", "reference": ["people"]}},
            "emptyMember": "cn=nobody", "lifecycle": {"deleted": "delete"},
        },
    },
}


def read_page():
    """[(title, [(language, text)])]"""
    with open(PAGE, encoding="utf-8") as file:
        parts = re.split(r"^## (.*)$", file.read(), flags=re.M)
    found = []
    for title, text in zip(parts[1::2], parts[2::2]):
        blocks = re.findall(r"^```(\w+)\n(.*?)^```$", text, flags=re.M | re.S)
        found.append((title, blocks))
    return found


def merge(into, more):
    for key, value in more.items():
        if isinstance(value, dict) and isinstance(into.get(key), dict):
            merge(into[key], value)
        elif value is None:
            into.pop(key, None)
        else:
            into[key] = value


def resolve(value, base):
    if isinstance(value, dict):
        return {key: resolve(item, base) for key, item in value.items()}
    if isinstance(value, list):
        return [resolve(item, base) for item in value]
    return value.replace("{base}", base) if isinstance(value, str) else value


def make_map(blocks, base):
    whole = copy.deepcopy(SKELETON)
    for language, text in blocks:
        if language == "jsonc":
            merge(whole["resources"], json.loads("{" + re.sub(r"  //.*", "", text) + "}"))
    return resolve(whole, base)


class Story:
    """One example on its own connector and subtree."""

    def __init__(self, bed, connector, base):
        self.bed, self.connector, self.base = bed, connector, base
        self.ids, self.reply, self.id = {}, None, None

    def http(self, text):
        head, _, body = text.partition("\n")
        head, _, status = head.partition(" -> ")
        method, path = head.split(" ", 1)
        path, body = self.fill(path), self.fill(body)
        if "?" in path:
            path, _, query = path.partition("?")
            path += "?" + "&".join(name + "=" + urllib.parse.quote(value)
                                   for name, value in (part.split("=", 1) for part in query.split("&")))
        body = json.loads(body) if body.strip() else None
        if isinstance(body, list):
            body = {"schemas": [PATCH_OP], "Operations": body}
        self.reply = self.connector.call(method, path, body)
        if status:
            self.reply.must(int(status))
            return
        check(self.reply.status < 300, f"{head}: {self.reply.status} {self.reply.detail}")
        if method == "POST":
            made = self.reply.json
            self.ids[made.get("userName", made.get("displayName"))] = made["id"]
        self.id = self.reply.json["id"] if method == "POST" else (path.split("?")[0] + "/").split("/")[2] or self.id

    def fill(self, text):
        return re.sub(r"\{([a-z]+)\}", lambda found: self.ids.get(found.group(1), found.group(0)), text)

    def entry(self):
        found = self.bed.search(self.base, f"(entryUUID={self.id})")
        check(len(found) == 1, f"{len(found)} entries with id {self.id}")
        return found[0]

    def ldif(self, text):
        lines = [line for line in text.splitlines() if line]
        if lines[0] == "# added by hand":
            changes = [(ldap.MOD_ADD, *self.pair(line)) for line in lines[1:]]
            self.bed.ldap.modify_s(self.entry()[0], [(op, name, [value.encode()]) for op, name, value in changes])
            return
        if lines[0].startswith("dn:"):  # an entry that is there already
            attrs = {}
            for line in lines[1:]:
                name, value = self.pair(line)
                attrs.setdefault(name, []).append(value.encode())
            self.bed.ldap.add_s(self.pair(lines[0])[1], list(attrs.items()))
            return
        wanted = {}
        for line in lines:
            name, value = self.pair(line)
            wanted.setdefault(name, []).extend([value] if value else [])
        attrs = self.entry()[1]
        for name, values in wanted.items():
            have = sorted(text_of(value) for value in attrs.get(name, []))
            if values == ["*"]:
                check(have, f"{name} has no value")
            else:
                same(have, sorted(values), name)

    def pair(self, line):
        name, _, value = line.partition(":")
        return name, self.fill(value.strip()).replace("{base}", self.base)

    def json(self, text):
        wanted, have = json.loads(self.fill(text)), self.reply.json
        if isinstance(wanted, list):
            same(sorted(one.get("userName", one.get("displayName")) for one in have["Resources"]), wanted, "found")
            return
        for name, value in wanted.items():
            same(have.get(name), value, name)


def add_example(number, title, blocks):
    base = f"ou=example{number},{PARENT}"

    @case(title)
    def example(bed):
        for dn in (base, "ou=users," + base, "ou=groups," + base, "ou=counters," + base):
            bed.ldap.add_s(dn, [("objectClass", [b"organizationalUnit"]), ("ou", [dn.split("=")[1].split(",")[0].encode()])])
        story = Story(bed, Connector(bed, f"example{number}"), base)
        for language, text in blocks:
            if language in ("http", "ldif", "json"):
                getattr(story, language)(text)


PAGE_EXAMPLES = read_page()
for index, (name, parts) in enumerate(PAGE_EXAMPLES):
    add_example(index, name, parts)


def write_maps(folder):
    connectors = {}
    for number, (_, blocks) in enumerate(PAGE_EXAMPLES):
        path = os.path.join(folder, f"example{number}.jsonc")
        with open(path, "w", encoding="utf-8") as file:
            json.dump(make_map(blocks, f"ou=example{number},{PARENT}"), file, indent=2)
        connectors[f"example{number}"] = {"directory": "local", "map": path}
    return connectors


if __name__ == "__main__":
    with tempfile.TemporaryDirectory(prefix="scimbridge-maps-") as where:
        main(config={"connectors": write_maps(where)})
