#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""Filters, pages and projections over a fixed population. What a filter selects is worked out here
a second time, in Python, over what GET shows."""

import random
import string

from suite import (ENTERPRISE, GROUP, LIST, NOWHERE, USER, case, check, main, op, same, table)

PEOPLE = [
    {"userName": "ada", "externalId": "E-1", "displayName": "Ada Lovelace", "title": "Countess", "userType": "Employee",
     "name": {"givenName": "Ada", "familyName": "Lovelace"}, "timezone": "Europe/London",
     "emails": [{"type": "work", "value": "ada@example.com", "primary": True}, {"type": "home", "value": "ada@home.example"}],
     "phoneNumbers": [{"type": "work", "value": "+44 1"}, {"type": "mobile", "value": "+44 2"}],
     "roles": [{"value": "admin"}, {"value": "analyst"}], ENTERPRISE: {"department": "Maths", "employeeNumber": "10"}},
    {"userName": "Bob", "externalId": "e-1", "displayName": "Bob (the) Builder", "title": "Builder*",
     "name": {"givenName": "Bob", "familyName": "Builder"}, "active": False,
     "emails": [{"type": "work", "value": "bob@example.com"}], ENTERPRISE: {"department": "Works", "employeeNumber": "9"}},
    {"userName": "carol\\x", "externalId": "E-3", "displayName": "Carol \\ Backslash",
     "name": {"givenName": "Carol", "familyName": "Slash"}, "emails": [{"type": "other", "value": "carol@alt.example"}]},
    {"userName": "dörte", "displayName": "Dörte Müller", "title": "Ärztin", "name": {"givenName": "Dörte", "familyName": "Müller"},
     "preferredLanguage": "de", "addresses": [{"type": "work", "locality": "Köln", "country": "DE"}]},
    {"userName": "eve\"quote", "displayName": "Eve \"Q\" Quote", "name": {"givenName": "Eve", "familyName": "Quote"},
     "title": "quote\"s"},
    {"userName": "frank, sr", "displayName": "Frank, Sr", "title": "x)(uid=*", "name": {"givenName": "Frank", "familyName": "Sr"}},
    {"userName": "grace", "externalId": "E-7", "title": "Admiral", "userType": "employee", "active": False,
     "name": {"givenName": "Grace", "familyName": "Hopper"}, "nickName": "Amazing", "timezone": "America/New_York",
     "roles": [{"value": "Admin"}], "emails": [{"type": "work", "value": "GRACE@example.com"}, {"type": "other", "value": "g1@alt.example"},
                                               {"type": "other", "value": "g2@alt.example"}]},
    {"userName": "heinz", "userType": "Contractor", "name": {"familyName": "Guderian"}, "title": "a  b",
     ENTERPRISE: {"department": "Works", "costCenter": "CC-10"}},
    {"userName": "ivan", "userType": "Contractor", "name": {"givenName": "Ivan"}, "timezone": "europe/moscow",
     "roles": [{"value": "guest"}], "locale": "ru-RU"},
    {"userName": "judy", "displayName": "JUDY", "title": "Judge", "nickName": "Jude", "name": {"givenName": "Judy", "familyName": "Judge"},
     "photos": [{"type": "photo", "value": "https://example.com/judy.jpg"}]},
    {"userName": "karl😀", "displayName": "Karl 😀", "name": {"givenName": "Karl", "familyName": "Emoji"}},
    {"userName": "leo", "name": {"givenName": "Leo", "familyName": "Lovelace"}, ENTERPRISE: {"department": "maths"}},
]
MANAGER = "ada"  # of leo and grace


def populate(bed):
    """Once: the users, with their representations."""
    if hasattr(bed, "population"):
        return bed.population
    people = bed.people
    ids = {body["userName"]: people.post("/Users", {"schemas": [USER], **body}).must(201).json["id"] for body in PEOPLE}
    for name in ("leo", "grace"):
        people.patch_user(ids[name], op("Add", f"{ENTERPRISE}:manager", ids[MANAGER])).must(200)
    deleted = people.new_user("zz-deleted", title="Countess", externalId="E-9")["id"]
    people.delete(f"/Users/{deleted}").must(204)
    bed.ids = ids
    bed.population = [people.user(i) for i in ids.values()]
    return bed.population


# --- the second opinion ------------------------------------------------------------------------------


def values(user, path):
    """All values of a path such as "emails.value", with the values of complex ones."""
    if path.startswith(ENTERPRISE + ":"):
        return values(user.get(ENTERPRISE, {}), path[len(ENTERPRISE) + 1:])
    head, _, rest = path.partition(".")
    value = user.get(head)
    found = []
    for element in value if isinstance(value, list) else [value]:
        if isinstance(element, dict):
            found += values(element, rest) if rest else [element.get("value")]
        else:
            found.append(element)
    return [v for v in found if v is not None]


def ci(text):
    return text.lower() if isinstance(text, str) else text


def squeeze(text):
    """The directory's equality: case and runs of spaces do not matter."""
    return " ".join(ci(text).split()) if isinstance(text, str) else text


def eq(path, wanted):
    return lambda u: any(squeeze(v) == squeeze(wanted) for v in values(u, path))


def exact(path, wanted):
    return lambda u: wanted in values(u, path)


def part(path, how, wanted):
    return lambda u: any(getattr(squeeze(v), how)(squeeze(wanted)) for v in values(u, path))


def co(path, wanted):
    return part(path, "__contains__", wanted)


def sw(path, wanted):
    return part(path, "startswith", wanted)


def ew(path, wanted):
    return part(path, "endswith", wanted)


def pr(path):
    return lambda u: bool(values(u, path))


def neg(f):
    return lambda u: not f(u)


def both(*fs):
    return lambda u: all(f(u) for f in fs)


def either(*fs):
    return lambda u: any(f(u) for f in fs)


def work(f):
    """f of those elements of emails that are of type work."""
    return lambda u: f({"emails": [e for e in u.get("emails", []) if e.get("type") == "work"]})


def some(multi, f):
    """An element of the attribute for which f holds, as it would for a resource."""
    return lambda u: any(f(e) for e in u.get(multi, []))


def compared(path, relation):
    return lambda u: any(relation(squeeze(v)) for v in values(u, path))


DEP = ENTERPRISE + ":department"
EXACTLY = [
    ('userName eq "ada"', eq("userName", "ada")), ('userName eq "ADA"', eq("userName", "ada")),
    ('USERNAME EQ "bob"', eq("userName", "bob")), (f'{USER}:userName eq "bob"', eq("userName", "bob")),
    ('userName eq "carol\\\\x"', eq("userName", "carol\\x")), ('userName eq "d\\u00f6rte"', eq("userName", "dörte")),
    ('userName eq "DÖRTE"', eq("userName", "dörte")), ('userName eq "eve\\"quote"', eq("userName", 'eve"quote')),
    ('userName eq "frank, sr"', eq("userName", "frank, sr")), ('userName eq "karl😀"', eq("userName", "karl😀")),
    ('userName eq "karl\\ud83d\\ude00"', eq("userName", "karl😀")), ('userName eq ""', lambda u: False),
    ('userName ne "ada"', neg(eq("userName", "ada"))), ('title ne "Countess"', neg(eq("title", "Countess"))),
    ('externalId eq "E-1"', exact("externalId", "E-1")), ('externalId eq "e-1"', exact("externalId", "e-1")),
    ('externalId ne "E-1"', neg(exact("externalId", "E-1"))), ('externalId sw "E-"', lambda u: u.get("externalId", "").startswith("E-")),
    ('title pr', pr("title")), ('not (title pr)', neg(pr("title"))), ('nickName pr and title pr', both(pr("nickName"), pr("title"))),
    ('title eq "x)(uid=*"', eq("title", "x)(uid=*")), ('title eq "Builder*"', eq("title", "Builder*")),
    ('title eq "*"', lambda u: False), ('title co "*"', co("title", "*")), ('title co ")("', co("title", ")(")),
    ('title eq "a b"', eq("title", "a b")), ('title sw "A"', sw("title", "a")), ('title ew "r"', ew("title", "r")),
    ('title co "u"', co("title", "u")), ('title co "ärzt"', co("title", "ärzt")), ('title co "\\""', co("title", '"')),
    ('displayName co "\\\\"', co("displayName", "\\")), ('displayName co "(the)"', co("displayName", "(the)")),
    ('displayName ew "müller"', ew("displayName", "müller")), ('displayName co "😀"', co("displayName", "😀")),
    ('userName sw "c" or userName sw "d"', either(sw("userName", "c"), sw("userName", "d"))),
    ('userName co "a" and not (userName co "r")', both(co("userName", "a"), neg(co("userName", "r")))),
    ('userName sw "a" or userName sw "b" and active eq true', either(sw("userName", "a"), both(sw("userName", "b"), exact("active", True)))),
    ('(userName sw "a" or userName sw "b") and active eq true', both(either(sw("userName", "a"), sw("userName", "b")), exact("active", True))),
    ('not (userName sw "a" or userName sw "b")', neg(either(sw("userName", "a"), sw("userName", "b")))),
    ('active eq true', exact("active", True)), ('active eq false', exact("active", False)), ('active eq "False"', exact("active", False)),
    ('active ne true', exact("active", False)), ('not (active eq true)', exact("active", False)), ('active pr', lambda u: True),
    ('name.familyName eq "lovelace"', eq("name.familyName", "lovelace")), ('name.givenName pr', pr("name.givenName")),
    ('name[familyName eq "Lovelace" and givenName eq "Leo"]', both(eq("name.familyName", "Lovelace"), eq("name.givenName", "Leo"))),
    ('name pr', lambda u: True), ('emails pr', pr("emails")), ('not (emails pr)', neg(pr("emails"))),
    ('emails.value eq "ada@home.example"', eq("emails", "ada@home.example")), ('emails eq "bob@EXAMPLE.com"', eq("emails", "bob@example.com")),
    ('emails.value co "example"', co("emails", "example")), ('emails.type eq "work"', eq("emails.type", "work")),
    ('not (emails.type eq "work")', neg(eq("emails.type", "work"))),
    ('emails[type eq "work"]', work(pr("emails"))), ('emails[type eq "work"].value sw "g"', work(sw("emails", "g"))),
    ('emails[type eq "work" and value co "example.com"]', work(co("emails", "example.com"))),
    ('emails[type eq "other" and value eq "g2@alt.example"]', eq("emails", "g2@alt.example")),
    ('emails[type eq "home" or type eq "other"]', some("emails", either(eq("type", "home"), eq("type", "other")))),
    ('emails[not (type eq "work")]', some("emails", neg(eq("type", "work")))),
    ('emails[primary eq true]', some("emails", exact("primary", True))), ('emails.primary eq true', some("emails", exact("primary", True))),
    ('emails[primary eq false]', some("emails", neg(exact("primary", True)))),
    ('emails.primary eq false', some("emails", neg(exact("primary", True)))),
    ('phoneNumbers[type eq "mobile"].value eq "+44 2"', eq("phoneNumbers", "+44 2")), ('phoneNumbers pr', pr("phoneNumbers")),
    ('addresses[type eq "work"].locality eq "köln"', eq("addresses.locality", "köln")), ('addresses.country eq "de"', eq("addresses.country", "de")),
    ('roles eq "admin"', eq("roles", "admin")), ('not (roles.value eq "admin")', neg(eq("roles", "admin"))),
    ('displayName gt "d"', compared("displayName", lambda v: v > "d")), ('userName ge "IVAN"', compared("userName", lambda v: v >= "ivan")),
    ('userName lt "bob"', compared("userName", lambda v: v < "bob")), ('title le "admiral"', compared("title", lambda v: v <= "admiral")),
    ('roles[value eq "admin"]', eq("roles", "admin")), ('roles co "an"', co("roles", "an")),
    (f'{DEP} eq "maths"', eq(DEP, "maths")), (f'{DEP} pr and userName pr', pr(DEP)), (f'{DEP} ne "Works"', neg(eq(DEP, "Works"))),
    (f'{ENTERPRISE}:employeeNumber eq "9"', eq(ENTERPRISE + ":employeeNumber", "9")),
    ('timezone gt "europe/london"', compared("timezone", lambda v: v > "europe/london")),
    ('timezone ge "Europe/London"', compared("timezone", lambda v: v >= "europe/london")),
    ('timezone lt "europe/london"', compared("timezone", lambda v: v < "europe/london")),
    ('timezone le "EUROPE/LONDON"', compared("timezone", lambda v: v <= "europe/london")),
    ('meta.created gt "2020-01-01T00:00:00Z"', lambda u: True), ('meta.lastModified lt "2020-01-01T00:00:00Z"', lambda u: False),
    ('meta.created le "2999-01-01T00:00:00.5+02:00"', lambda u: True), ('meta.resourceType eq "User"', lambda u: True),
    ('meta.resourceType eq "Group"', lambda u: False), ('id pr', lambda u: True), ('id eq "no-uuid"', lambda u: False),
    (f'id ne "{NOWHERE}"', lambda u: True), (f'manager eq "{NOWHERE}"', lambda u: False), ('manager pr', pr(ENTERPRISE + ":manager")),
    ('not (manager pr)', neg(pr(ENTERPRISE + ":manager"))), ('title eq null', neg(pr("title"))), ('title ne null', pr("title")),
    ('userName pr and (title eq "Judge" or (nickName eq "amazing" and not (active eq true)))',
     either(eq("title", "judge"), both(eq("nickName", "amazing"), exact("active", False)))),
    ("externalId eq E-1", exact("externalId", "E-1")), ("active eq True", exact("active", True)),
]


@table("filter {0}", EXACTLY)
def filters(bed, text, wanted):
    users = populate(bed)
    body = bed.people.query("Users", text, count=500)
    got = sorted(r["userName"] for r in body["Resources"])
    same(got, sorted(u["userName"] for u in users if wanted(u)), text)
    same((body["totalResults"], body["itemsPerPage"]), (len(got), len(got)))
    check(all(r in users for r in body["Resources"]), "another representation than GET's")


@table("filter {0} for the manager's id", [
    ('manager eq "{m}"', True), ('manager.value eq "{m}"', True), (ENTERPRISE + ':manager eq "{m}"', True),
    (ENTERPRISE + ':manager.value eq "{m}"', True), ('not (manager eq "{m}")', False), ('manager ne "{m}"', False)])
def by_manager(bed, text, has):
    populate(bed)
    got = sorted(r["userName"] for r in bed.people.query("Users", text.format(m=bed.ids[MANAGER]))["Resources"])
    same(got, sorted(["grace", "leo"] if has else [u["userName"] for u in PEOPLE if u["userName"] not in ("grace", "leo")]))


@case("filters made at random agree with the second opinion")
def at_random(bed):
    users, dice = populate(bed), random.Random(7644)
    simple = [row for row in EXACTLY if " or " not in row[0] and " and " not in row[0]]

    def expression(depth):
        if depth == 0 or dice.random() < 0.3:
            return dice.choice(simple)
        kind = dice.choice(("and", "or", "not"))
        left = expression(depth - 1)
        if kind == "not":
            return f"not ({left[0]})", neg(left[1])
        right = expression(depth - 1)
        join = both if kind == "and" else either
        return f"({left[0]}) {kind} ({right[0]})", join(left[1], right[1])

    for _ in range(150):
        text, wanted = expression(3)
        got = sorted(r["userName"] for r in bed.people.query("Users", text, count=500)["Resources"])
        same(got, sorted(u["userName"] for u in users if wanted(u)), text)


REFUSED = [
    ("", None), ("userName", None), ("userName eq", None), ('userName eq "a', None), ('userName xx "a"', None),
    ('eq "a"', None), ('userName eq "a" and', None), ('(userName eq "a"', None), ('userName eq "a")', None),
    ('userName eq "a" userName eq "b"', None), ('not userName eq "a"', None), ('emails[type eq "work"', None),
    ('emails[].value eq "x"', None), ('userName eq {"a":1}', None), ('userName eq "\\x"', None), ("()", None),
    ("userName eq 'ada'", "double quotes"), ("emails[value eq 'a@b.c']", "double quotes"),
    ('nosuch eq "x"', "nosuch"), ('name.nosuch eq "x"', "nosuch"), ('emails[nosuch eq "x"]', "nosuch"),
    ('urn:example:other:attr eq "x"', None), ('roles.value ne "admin"', "not (roles.value eq"), ('emails.type ne "work"', "not (emails.type eq"),
    ('phoneNumbers[type eq "fax"].value eq "1"', "fax"), ('active gt true', "active"),
    ('active eq "perhaps"', "active"), ("userName eq 7", None), ('meta.created gt "yesterday"', "meta.created"),
    ("not (PLACEHOLDER eq \"x\")", None), ('password eq "x"', "password"), ("password pr", "password"),
    ('x509Certificates.value co "a"', None), ('meta.version eq "x"', None), ('meta.location eq "x"', None),
    ("(" * 200 + 'userName eq "a"' + ")" * 200, None)]


@table("filter {0!r} is refused", REFUSED)
def refused(bed, text, word):
    reply = bed.people.get("/Users", filter=text)
    if text == "userName eq 7":  # a client that forgot the quotes
        reply.must(200, 400)
        return
    reply.refused(400, "invalidFilter", *([word] if word else []))


@case("filter PLACEHOLDER: an empty list")
def placeholder(bed):
    populate(bed)
    for text in ('PLACEHOLDER eq "x"', "PLACEHOLDER eq x", 'PLACEHOLDER sw ""', "PLACEHOLDER"):
        body = bed.people.query("Users", text)
        same((body["totalResults"], body["Resources"]), (0, []))


@table("injection {0!r} finds nobody", [
    ("*",), ("a*",), (")(uid=*",), ("x)(|(uid=*",), ("*)(objectClass=*",), ("\\2a",), ("\\",), ("\\00",), ("ada\\00",),
    ("ada)(&(objectClass=*)",), ("\u0000",), ("ada\u0000",), ("(", ), ("&",), ("!",), ("|",), ("=*",), ("\n",), ("#ada",)])
def injection(bed, value):
    import json
    populate(bed)
    for template in ("userName eq {}", "displayName eq {} or title eq {}", "emails.value eq {}", "externalId eq {}",
                     "id eq {}", "manager eq {}", "userName sw {}", 'emails[type eq "work"].value eq {}'):
        text = template.replace("{}", json.dumps(value))
        reply = bed.people.get("/Users", filter=text).must(200, 400)
        if reply.status == 200:
            same([r["userName"] for r in reply.json["Resources"]], [], text)
        else:
            same(reply.json["scimType"], "invalidFilter", text)


@table("injection into an id: {0!r}", [("*",), ("%2a",), ("*)(uid=*",), ("ada",), ("uid=ada,ou=users",), ("%5c2a",), ("..",), ("%2e%2e%2f",)])
def injection_id(bed, value):
    populate(bed)
    reply = bed.people.call("GET", f"/Users/{value.replace(')', '%29').replace('(', '%28')}")
    reply.must(400, 404)
    bed.people.call("DELETE", f"/Users/{value}").must(400, 404, 405)


@table("a raw URL with {0!r} is refused", [
    ("%00",), ("%zz",), ("%",), ("%ff",), ("%c0%80",), ("%ed%a0%80",)])
def bad_escapes(bed, text):
    bed.people.call("GET", f"/Users?filter=userName%20eq%20%22{text}%22").must(400)
    bed.people.call("GET", f"/Users/{text}").must(400, 404)


# --- groups ---------------------------------------------------------------------------------------------


@case("filters on groups")
def group_filters(bed):
    populate(bed)
    people = bed.people
    ids = [people.new_group(name, members)["id"] for name, members in (
        ("Alpha", [bed.ids["ada"]]), ("Beta (b)", [bed.ids["ada"], bed.ids["leo"]]), ("gamma*", []))]
    for text, want in (('displayName eq "ALPHA"', [0]), ('displayName co "a"', [0, 1, 2]), ('displayName eq "gamma*"', [2]),
                       ('displayName eq "*"', []), ('displayName sw "Beta ("', [1]), ('displayName ne "alpha"', [1, 2]),
                       (f'members eq "{bed.ids["ada"]}"', [0, 1]), (f'members.value eq "{bed.ids["leo"]}"', [1]),
                       (f'not (members eq "{bed.ids["leo"]}")', [0, 2]), ('externalId pr', []), (f'id eq "{ids[1]}"', [1])):
        same(sorted(people.find(text, "Groups")), sorted(ids[i] for i in want), text)
    for text in ('nickName eq "x"', "userName pr"):
        people.get("/Groups", filter=text).refused(400, "invalidFilter")
    for group in ids:
        people.delete(f"/Groups/{group}").must(204)


# --- pages ------------------------------------------------------------------------------------------------

CROWD = 1250


def crowd(bed):
    """1,250 users of ideo, added by LDAP."""
    if hasattr(bed, "crowd"):
        return bed.crowd
    ideo = bed.ideo
    bed.add_many((f"uid=p{i:04},{ideo.users}", {
        "objectClass": [b"inetOrgPerson"], "uid": [f"p{i:04}".encode()], "cn": [b"P"], "sn": [b"P"],
        "givenName": [b"even" if i % 2 == 0 else b"odd"]}) for i in range(CROWD))
    bed.crowd = [f"p{i:04}" for i in range(CROWD)]
    return bed.crowd


@table("page startIndex={0} count={1}: {2} of all, startIndex {3}", [
    (None, None, 100, 1), (1, 10, 10, 1), (0, 10, 10, 1), (-5, 10, 10, 1), (11, 10, 10, 11), (1246, 10, 5, 1246),
    (1250, 10, 1, 1250), (1251, 10, 0, 1251), (100000, 10, 0, 100000), (1, 0, 0, 1), (5, 0, 0, 5), (1, -3, 0, 1),
    (1, 1250, 1000, 1), (1, 100000000, 1000, 1), (1001, 1000, 250, 1001), (2, 1, 1, 2), (None, 7, 7, 1), (1200, None, 51, 1200),
    ("%2B1", 1, None, None), (1, 999, 999, 1)])
def page(bed, start, count, length, shown_start):
    crowd(bed)
    parameters = [f"{name}={value}" for name, value in (("startIndex", start), ("count", count)) if value is not None]
    reply = bed.ideo.call("GET", "/Users?" + "&".join(parameters)).must(200, *([400] if length is None else []))
    if length is None:
        return
    body = reply.json
    same((body["totalResults"], len(body["Resources"]), body["itemsPerPage"], body["startIndex"]),
         (CROWD, length, length, shown_start))


@table("page {0} is refused", [
    ("startIndex=one",), ("startIndex=",), ("startIndex=1.5",), ("count=ten",), ("count=",), ("count=1e3",), ("startIndex=0x1",),
    ("startIndex=99999999999999999999",), ("count=1&count=2",), ("startIndex=1%201",)])
def bad_page(bed, text):
    reply = bed.ideo.call("GET", f"/Users?{text}").must(400)
    check("twice" in reply.detail or "a whole number up to 9223372036854775807" in reply.detail, reply.detail)


@table("all pages of {0} have everybody once", [(7,), (100,), (333,), (1000,)])
def all_pages(bed, size):
    names, seen, start = crowd(bed), [], 1
    sizes = range(1, CROWD + 1, size) if size > 7 else range(1, 200, size)
    for start in sizes:
        body = bed.ideo.query("Users", startIndex=start, count=size)
        same((body["totalResults"], body["startIndex"]), (CROWD, start))
        seen += [r["userName"] for r in body["Resources"]]
    same(len(set(seen)), len(seen), "somebody twice")
    if size > 7:
        same(sorted(seen), names)


@case("pages of a filter, of another size, again: the same order")
def stable(bed):
    crowd(bed)

    def walk(size):
        return [r["userName"] for start in range(1, 626, size)
                for r in bed.ideo.query("Users", 'name.givenName eq "even"', startIndex=start, count=size)["Resources"]]

    first = walk(125)
    same(sorted(first), [f"p{i:04}" for i in range(0, CROWD, 2)])
    same(walk(125), first, "again")
    same(walk(250), first, "in other pages")


@case("users who come and go between pages: nobody else is lost or doubled")
def moving(bed):
    names, ideo, seen = crowd(bed), bed.ideo, []
    for number, start in enumerate(range(1, CROWD + 1, 250)):
        body = ideo.query("Users", startIndex=start, count=250)
        seen += [r["userName"] for r in body["Resources"]]
        ideo.new_user(f"comes-{number}")
    gone = [r["id"] for r in ideo.query("Users", 'userName sw "comes-"')["Resources"]]
    for user in gone:
        ideo.delete(f"/Users/{user}").must(204)
    same(len(set(seen)), len(seen), "somebody twice")
    same(sorted(set(names) - set(seen)), [], "lost")
    import time
    time.sleep(0.01)


@case("a new user is in the first page's total at once, a deleted one is not")
def fresh_totals(bed):
    populate(bed)
    before = bed.people.query("Users")["totalResults"]
    user = bed.people.new_user("fresh-total")["id"]
    same(bed.people.query("Users")["totalResults"], before + 1)
    bed.people.delete(f"/Users/{user}").must(204)
    same(bed.people.query("Users")["totalResults"], before)


# --- projections ------------------------------------------------------------------------------------------------

ALWAYS = {"schemas", "id", "meta"}


@table("attributes={0}", [
    ("userName", {"userName"}), ("USERNAME,Title", {"userName", "title"}), ("name", {"name"}), ("name.givenName", {"name"}),
    ("emails", {"emails"}), ("emails.value", {"emails"}), (f"{USER}:userName", {"userName"}), (ENTERPRISE, {ENTERPRISE}),
    (DEP, {ENTERPRISE}), ("id", set()), ("meta", set()), ("nosuch", set()), ("userName,nosuch", {"userName"}), ("active", {"active"}),
    ("userName, title", {"userName", "title"}), ("roles", {"roles"}), ("phoneNumbers.type", {"phoneNumbers"}), ("password", set())])
def attributes(bed, text, wanted):
    populate(bed)
    for body in (bed.people.get(f"/Users/{bed.ids['ada']}", attributes=text).must(200).json,
                 bed.people.query("Users", 'userName eq "ada"', attributes=text)["Resources"][0]):
        same(set(body) - ALWAYS, wanted, "what is shown")
        same(body["id"], bed.ids["ada"])
        if text == "name.givenName":
            same(body["name"], {"givenName": "Ada"})
        if text == "emails.value":
            same(sorted(e["value"] for e in body["emails"]), ["ada@example.com", "ada@home.example"])
            check(all(set(e) == {"value"} for e in body["emails"]), body["emails"])
        if text == DEP:
            same(body[ENTERPRISE], {"department": "Maths"})


@table("excludedAttributes={0}", [
    ("title", {"title"}), ("emails,roles", {"emails", "roles"}), ("name", {"name"}), ("name.givenName", set()), (ENTERPRISE, {ENTERPRISE}),
    (DEP, set()), ("id", set()), ("userName", {"userName"}), ("nosuch", set()), ("emails.type", set()), ("meta", set())])
def excluded(bed, text, gone):
    populate(bed)
    whole = bed.people.user(bed.ids["ada"])
    body = bed.people.get(f"/Users/{bed.ids['ada']}", excludedAttributes=text).must(200).json
    same(set(whole) - set(body) - ALWAYS, gone, "what is left out")
    same(body["id"], bed.ids["ada"])
    if text == "name.givenName":
        same(body["name"], {"familyName": "Lovelace"})
    if text == DEP:
        check("department" not in body[ENTERPRISE], body[ENTERPRISE])
    if text == "emails.type":
        check(all("type" not in e and "value" in e for e in body["emails"]), body["emails"])


@case("attributes and excludedAttributes at once, and given twice")
def projection_conflicts(bed):
    populate(bed)
    bed.people.get("/Users", attributes="userName", excludedAttributes="title").must(400)
    bed.people.call("GET", "/Users?attributes=userName&attributes=title").must(400)


@case("projections of POST, PUT and PATCH")
def projected_writes(bed):
    people = bed.people
    body = {"schemas": [USER], "userName": "projected", "title": "T", "nickName": "N"}
    made = people.call("POST", "/Users?attributes=userName", body).must(201).json
    same(set(made) - ALWAYS, {"userName"})
    shown = people.call("PUT", f"/Users/{made['id']}?excludedAttributes=title", body).must(200).json
    check("title" not in shown and shown["nickName"] == "N", shown)
    same(people.user(made["id"])["title"], "T")
    people.delete(f"/Users/{made['id']}").must(204)


if __name__ == "__main__":
    main()
