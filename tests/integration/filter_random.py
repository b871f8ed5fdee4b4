#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""A filter's answer equals evaluating it in memory over everything listed, or it is 400.

People with awkward values are made, everything is listed, and filters are generated over all mapped
attributes. Each is evaluated here over the listed resources: any value of a multi-valued attribute
may match, absent ones match nothing but ne, not and eq null, and equality is the directory's (case
and runs of blanks, for telephone numbers all blanks and hyphens). The seed is in each failure."""

import json
import os
import random
import re
import unicodedata

from suite import ENTERPRISE, GROUP, USER, case, check, main, op, same, table

SEEDS = [int(os.environ["FILTER_SEED"])] if os.environ.get("FILTER_SEED") else [7644, 2, 3, 4]
FILTERS = int(os.environ.get("FILTER_COUNT", "250"))

WORDS = ["Anna", "anna", "ANNA", "Annabel", "Anna Bel", "anna  bel", "bel", "a", "B", "Ärztin", "ärztin", "é", "ß", "Σ",
         "x*y", "(x)", "a\\b", 'q"q', "a,b=c", "#1", "-", "a-b", "1", "10", "9", "😀", "x)(uid=*", "true", "null", "z_z", "ab@x"]
PHONES = ["1", "+44 1", "+44-1", "+441", "1-2-3", "x.55", "(0)7"]
ASCII = [word for word in WORDS if word.isascii()]

# path, kind of comparison, whether it has one value (ne and order are answered then), where values come from
TEXT, EXACT, PHONE, POSTAL, PRESENCE = "text", "exact", "phone", "postal", "presence"
SINGLE = {
    "userName": TEXT, "displayName": TEXT, "nickName": TEXT, "title": TEXT, "userType": TEXT, "preferredLanguage": TEXT,
    "locale": TEXT, "timezone": TEXT, "externalId": EXACT, "profileUrl": EXACT, "name.formatted": TEXT, "name.familyName": TEXT,
    "name.givenName": TEXT, "name.middleName": TEXT, "name.honorificPrefix": TEXT, "name.honorificSuffix": TEXT,
    **{f"{ENTERPRISE}:{name}": TEXT for name in ("employeeNumber", "costCenter", "organization", "division", "department")},
}
ELEMENTS = {  # attribute: {type: (kind, several)}
    "emails": {"work": (TEXT, False), "home": (TEXT, True), "other": (TEXT, True)},
    "phoneNumbers": {"work": (PHONE, True), "home": (PHONE, True), "mobile": (PHONE, True), "fax": (PRESENCE, True),
                     "pager": (PHONE, True), "other": (TEXT, True)},
    "ims": {"xmpp": (TEXT, True)}, "photos": {"photo": (EXACT, False), "thumbnail": (EXACT, False)},
    "entitlements": {None: (TEXT, True)}, "roles": {None: (TEXT, True)},
}
ADDRESS = ["formatted", "streetAddress", "locality", "region", "postalCode", "country"]
OPERATORS = ["eq", "ne", "co", "sw", "ew", "gt", "ge", "lt", "le"]


# --- people --------------------------------------------------------------------------------------------


def a_person(dice, number):
    body = {"schemas": [USER], "userName": f"{dice.choice(WORDS)} {number}", ENTERPRISE: {}, "name": {}}

    def maybe():
        return dice.random() < 0.5

    for path in SINGLE:
        if path == "userName" or not maybe():
            continue
        if path.startswith("name."):
            body["name"][path[5:]] = dice.choice(WORDS)
        elif path.startswith(ENTERPRISE):
            body[ENTERPRISE][path[len(ENTERPRISE) + 1:]] = dice.choice(WORDS)
        else:
            body[path] = dice.choice(WORDS)
    for attribute, types in ELEMENTS.items():
        for kind, (how, several) in types.items():
            pool = PHONES if how in (PHONE, PRESENCE) else ASCII if (attribute, kind) == ("emails", "work") else WORDS
            for value in dice.sample(pool, dice.choice((0, 0, 1, 2, 3) if several else (0, 1))):
                body.setdefault(attribute, []).append({"value": value, **({"type": kind} if kind else {})})
    if maybe():
        body["addresses"] = [{"type": "work", **{name: "A\nB" if name == "formatted" else dice.choice(WORDS)
                                                 for name in dice.sample(ADDRESS, 3)}}]
    if maybe():
        body.setdefault("addresses", []).append({"type": "home", "formatted": "C$\\\nD"})
    if dice.random() < 0.3:
        body["active"] = False
    return body


def listed(bed):
    """Everybody as the list shows them."""
    if hasattr(bed, "listed"):
        return bed.listed
    people, dice, ids = bed.people, random.Random(1), []
    for number in range(60):
        reply = people.post("/Users", a_person(dice, number))
        reply.must(201, 400)
        if reply.status == 201:
            ids.append(reply.json["id"])
    check(len(ids) > 50, f"only {len(ids)} people")
    for user_id in dice.sample(ids, 20):
        people.patch_user(user_id, op("add", f"{ENTERPRISE}:manager", {"value": dice.choice(ids)})).must(200)
    for number in range(15):
        people.new_group(f"{dice.choice(WORDS)} {number}", dice.sample(ids, dice.choice((0, 1, 3))),
                         **({"externalId": dice.choice(WORDS)} if number % 2 else {}))
    people.delete(f"/Users/{ids.pop()}").must(204)
    bed.listed = {name: people.query(name, count=500)["Resources"] for name in ("Users", "Groups")}
    return bed.listed


# --- the second opinion ------------------------------------------------------------------------------


def fold(kind, text):
    text = unicodedata.normalize("NFKC", text)
    if kind == PHONE:
        return re.sub("[ -]", "", text).lower()
    if kind != EXACT:
        text = "".join(c.casefold() if len(c.casefold()) == 1 else c for c in text)
    return re.sub(" +", " ", text.strip(" ")) if text.strip(" ") else " " * bool(text)


def part_of(kind, text):
    """A part keeps the blanks at its ends."""
    folded = fold(kind, "|" + text + "|")
    return folded[1:-1] if kind != PHONE else folded.replace("|", "")


def compare(kind, operator, value, wanted):
    if operator in ("co", "sw", "ew"):
        have, part = fold(kind, value), part_of(kind, wanted)
        return {"co": part in have, "sw": have.startswith(part), "ew": have.endswith(part)}[operator]
    if operator == "eq" and not wanted:
        return False
    have, wanted = fold(kind, value).encode(), fold(kind, wanted).encode()
    return {"eq": have == wanted, "gt": have > wanted, "ge": have >= wanted, "lt": have < wanted, "le": have <= wanted}[operator]


def step(value, path):
    """All values of a path."""
    if path.startswith(ENTERPRISE):
        value = value.get(ENTERPRISE, {})
        return step(value, path[len(ENTERPRISE) + 1:]) if path != ENTERPRISE else [value] if value else []
    head, _, rest = path.partition(".")
    inner = value.get(head)
    values = inner if isinstance(inner, list) else [] if inner is None else [inner]
    return [v for each in values for v in step(each, rest)] if rest else values


class Leaf:
    """One condition, on a resource or an element."""

    def __init__(self, path, kind, operator, wanted=None, shown=None):
        self.path, self.kind, self.operator, self.wanted = path, kind, operator, wanted
        self.text = f"{shown or path} {operator}" + ("" if operator == "pr" else " " + json.dumps(wanted, ensure_ascii=False))

    def __call__(self, value):
        found, kind = step(value, self.path), self.kind
        if kind == PHONE and value.get("type") == "other":  # not a telephone number for the directory
            kind = TEXT
        if self.operator == "pr" or self.wanted is None:
            return bool(found) == (self.operator != "eq")
        above, _, name = self.path.rpartition(".")
        if name == "primary":  # false where it is not said
            found = [element.get("primary", False) for element in (step(value, above) if above else [value])]
        if self.operator == "ne":
            return not any(self.holds(kind, "eq", v) for v in found)
        return any(self.holds(kind, self.operator, v) for v in found)

    def holds(self, kind, operator, value):
        if isinstance(value, dict):
            value = value.get("value")
        if isinstance(value, bool) or isinstance(self.wanted, bool):
            return value is self.wanted and operator == "eq"
        return isinstance(value, str) and isinstance(self.wanted, str) and compare(kind, operator, value, self.wanted)


class Joined:
    def __init__(self, kind, *parts):
        self.kind, self.parts = kind, parts
        self.text = f"not ({parts[0].text})" if kind == "not" else f" {kind} ".join(f"({p.text})" for p in parts)

    def __call__(self, value):
        if self.kind == "not":
            return not self.parts[0](value)
        return (all if self.kind == "and" else any)(p(value) for p in self.parts)


class Brackets:
    def __init__(self, attribute, inner):
        self.attribute, self.inner, self.text = attribute, inner, f"{attribute}[{inner.text}]"

    def __call__(self, value):
        return any(self.inner(element) for element in step(value, self.attribute))


# --- filters -----------------------------------------------------------------------------------------------


def a_word(dice, pool=None):
    word = dice.choice(pool or WORDS + PHONES)
    return dice.choice((word, word, word, word[:2], word[-2:], word.upper(), " " + word, word + " ", "", " ", word + "_", "é"))


def text_leaf(dice, path, kind, pool=None, shown=None):
    if dice.random() < 0.15:
        return Leaf(path, kind, *dice.choice((("pr",), ("eq", None), ("ne", None))), shown=shown)
    return Leaf(path, kind, dice.choice(OPERATORS), a_word(dice, pool), shown=shown)


def in_brackets(dice, attribute, depth=2):
    if depth and dice.random() < 0.6:
        kind = dice.choice(("and", "and", "or", "not"))
        parts = [in_brackets(dice, attribute, depth - 1) for _ in range(1 if kind == "not" else 2)]
        return Joined(kind, *parts)
    types = [t for t in ELEMENTS.get(attribute, {"work": 0, "home": 0}) if t] or ["work"]
    choice = dice.random()
    if choice < 0.45:
        return Leaf("type", TEXT, dice.choice(("eq", "eq", "eq", "ne", "sw", "pr")), dice.choice(types + ["moon"]))
    if choice < 0.55:
        return Leaf("primary", TEXT, dice.choice(("eq", "ne", "pr")), dice.choice((True, False)))
    if attribute == "addresses":
        name = dice.choice(ADDRESS)
        return text_leaf(dice, name, POSTAL if name == "formatted" else TEXT)
    kinds = {kind for kind, _ in ELEMENTS[attribute].values()}
    if kinds == {EXACT}:
        return text_leaf(dice, "value", EXACT)
    return text_leaf(dice, "value", PHONE if attribute == "phoneNumbers" else TEXT, PHONES if attribute == "phoneNumbers" else None)


def user_leaf(dice, users):
    choice = dice.random()
    if choice < 0.45:
        path = dice.choice(list(SINGLE))
        short = path.rpartition(":")[2] if path.startswith(ENTERPRISE) else f"{USER}:{path}"
        return text_leaf(dice, path, SINGLE[path], shown=short if dice.random() < 0.2 else None)
    if choice < 0.75:
        attribute = dice.choice(list(ELEMENTS) + ["addresses"])
        if attribute == "phoneNumbers" and dice.random() < 0.5:  # of all types there is one without an equality rule
            return Brackets(attribute, Joined("and", Leaf("type", TEXT, "eq", dice.choice(("work", "mobile"))),
                                              Leaf("value", PHONE, dice.choice(("eq", "co", "sw", "ew")), a_word(dice))))
        return Brackets(attribute, in_brackets(dice, attribute))
    if choice < 0.85:
        attribute = dice.choice(list(ELEMENTS))
        path = attribute + dice.choice(("", ".value", ".type", ".primary"))
        if path.endswith("primary"):
            return Leaf(path, TEXT, dice.choice(("eq", "ne", "pr")), dice.choice((True, False, None)))
        kind = TEXT if path.endswith("type") or attribute != "photos" else EXACT
        wanted = dice.choice(("work", "home", "photo", "moon")) if path.endswith("type") else a_word(dice)
        return Leaf(path, kind, dice.choice(OPERATORS + ["pr"]), wanted)
    user = dice.choice(users)
    return dice.choice((
        Leaf("active", TEXT, dice.choice(("eq", "ne", "pr")), dice.choice((True, False, None))),
        Leaf("id", EXACT, dice.choice(("eq", "ne", "pr")), dice.choice((user["id"], "junk", "", None))),
        Leaf(f"{ENTERPRISE}:manager", EXACT, dice.choice(("eq", "ne", "pr")), dice.choice((user["id"], "junk", None))),
        Leaf(f"{ENTERPRISE}:manager.value", EXACT, dice.choice(("eq", "ne")), dice.choice((user["id"], "junk"))),
        Leaf("schemas", EXACT, dice.choice(("eq", "ne", "co", "sw", "pr")), dice.choice((USER, ENTERPRISE, "urn:", "Enterprise", None))),
        Leaf("meta.resourceType", EXACT, dice.choice(("eq", "ne", "co", "pr")), dice.choice(("User", "Group", "s", None))),
        Leaf(ENTERPRISE, TEXT, "pr"), Leaf("name", TEXT, "pr"), Leaf("nosuch", TEXT, "eq", "x"), Leaf("password", TEXT, "pr"),
        Moment(dice.choice(("meta.created", "meta.lastModified")), dice, user)))


class Moment(Leaf):
    """A time, with a fraction or an offset now and then."""

    def __init__(self, path, dice, user):
        stamp = step(user, path)[0]
        shown = dice.choice((stamp, stamp[:-1] + ".5Z", stamp[:-1] + "+02:00", "9999-12-31T23:59:59Z", "0000-01-01T00:00:00Z",
                             "9999-12-31T23:59:59-01:00", stamp[:-1] + ".0Z"))
        super().__init__(path, TEXT, dice.choice(("eq", "ne", "gt", "ge", "lt", "le", "pr")), shown)
        self.seconds = seconds(shown)

    def holds(self, kind, operator, value):
        have = seconds(value)
        return {"eq": have == self.seconds, "gt": have > self.seconds, "ge": have >= self.seconds, "lt": have < self.seconds,
                "le": have <= self.seconds}[operator]


def seconds(text):
    """Since the year 0, as Python's datetime begins with the year 1."""
    year, month, day, hour, minute, second, fraction, zone = re.fullmatch(
        r"(\d+)-(\d+)-(\d+)T(\d+):(\d+):(\d+)(\.\d+)?(Z|[+-]\d\d:\d\d)", text).groups()
    import datetime
    days = datetime.date(int(year) + 400 if int(year) < 5000 else 9999, int(month), int(day)).toordinal() + (
        0 if int(year) < 5000 else 146097)
    offset = 0 if zone == "Z" else int(zone[0] + "1") * (int(zone[1:3]) * 60 + int(zone[4:]))
    return days * 86400 + (int(hour) * 60 + int(minute) - offset) * 60 + int(second) + float(fraction or 0)


def group_leaf(dice, groups):
    members = [m["value"] for g in groups for m in g.get("members", [])]
    return dice.choice((
        text_leaf(dice, "displayName", TEXT), text_leaf(dice, "externalId", EXACT),
        Leaf(dice.choice(("members", "members.value")), EXACT, dice.choice(("eq", "eq", "ne", "pr")), dice.choice(members + ["junk"])),
        Brackets("members", Leaf("value", EXACT, "eq", dice.choice(members))),
        Brackets("members", Joined("or", *(Leaf("value", EXACT, "eq", dice.choice(members)) for _ in "ab"))),
        Brackets("members", Joined("and", *(Leaf("value", EXACT, "eq", dice.choice(members)) for _ in "ab"))),
        Leaf("id", EXACT, "eq", dice.choice(groups)["id"])))


def a_filter(dice, leaf, resources, depth=3):
    if depth == 0 or dice.random() < 0.4:
        return leaf(dice, resources)
    kind = dice.choice(("and", "or", "not"))
    return Joined(kind, *(a_filter(dice, leaf, resources, depth - 1) for _ in range(1 if kind == "not" else 2)))


def each_negated(leaves):
    for leaf in leaves:
        yield leaf
        yield Joined("not", leaf)


def every_condition():
    """Each attribute with each operator and awkward values: where LDAP says neither yes nor no, it shows in the negation."""
    for operator in OPERATORS:
        for word in ("a", "A", "anna", "X.55", "x", "é", "É", "", " ", "-", "_", "a ", " a", "1-2", "\n", "\x7f", "*", "z_z"):
            for path, kind in SINGLE.items():
                yield Leaf(path, kind, operator, word)
            for attribute, types in ELEMENTS.items():
                for name, (kind, _) in types.items():
                    value = Leaf("value", kind, operator, word)
                    yield Brackets(attribute, Joined("and", Leaf("type", TEXT, "eq", name), value) if name else value)
            for name in ADDRESS:
                yield Brackets("addresses", Leaf(name, POSTAL if name == "formatted" else TEXT, operator, word))


def play(bed, endpoint, filters, seed):
    resources = listed(bed)[endpoint]
    answered, refused, matched = 0, {}, 0
    for number, filter in enumerate(filters):
        reply = bed.people.get(f"/{endpoint}", filter=filter.text, count=500, attributes="id")
        if reply.status == 400:
            same(reply.json["scimType"], "invalidFilter", filter.text)
            refused[filter.text] = reply.detail
            continue
        got = {r["id"] for r in reply.must(200).json["Resources"]}
        wanted = {r["id"] for r in resources if filter(r)}
        check(got == wanted, f"seed {seed}, filter {number}: {filter.text}: {len(got)} found; missing "
              f"{[r for r in resources if r['id'] in wanted - got][:1]}, wrong {[r for r in resources if r['id'] in got - wanted][:1]}")
        answered += 1
        matched += bool(wanted)
    if os.environ.get("V"):
        for text, why in list(refused.items())[:60]:
            print(f"     {text}\n         {why}")
        print(f"     {answered} answered, {matched} of them not empty, {len(refused)} refused")
    check(answered > number // 3 and matched > number // 6, f"{answered} answered, {matched} not empty: a poor test")


def at_random(bed, endpoint, leaf, seed):
    dice, resources = random.Random(seed), listed(bed)[endpoint]
    play(bed, endpoint, (a_filter(dice, leaf, resources, depth=number % 4) for number in range(FILTERS)), seed)


@case("every condition and its negation")
def conditions(bed):
    play(bed, "Users", each_negated(every_condition()), "none")


@table("users, seed {0}", [(seed,) for seed in SEEDS])
def users_at_random(bed, seed):
    at_random(bed, "Users", user_leaf, seed)


@table("groups, seed {0}", [(seed,) for seed in SEEDS])
def groups_at_random(bed, seed):
    at_random(bed, "Groups", group_leaf, seed)


if __name__ == "__main__":
    main()
