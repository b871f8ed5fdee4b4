#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""Every request shape that Microsoft Entra is known to send, in both of its dialects.

Each is checked through HTTP and, by LDAP, in the directory. "old" is what Entra sends by default,
"new" what it sends with the flag aadOptscim062020."""

import json
import uuid

from suite import (ECMA_GROUP, ENTERPRISE, GROUP, LIST, NOWHERE, PATCH_OP, USER, case, check, eventually,
                   main, op, same, table)

ADSCIM_GROUP = "http://schemas.microsoft.com/2006/11/ResourceManagement/ADSCIM/2.0/Group"

# --- 1: the probe --------------------------------------------------------------------------------


@table("row 1: probe of {0} by {1}", [
    ("people", "userName"), ("people", "externalId"), ('people', 'emails[type eq "work"].value'),
    ("people", "employeeNumber"), ("people", "PLACEHOLDER"),
    ("simple-in-out", "userName"), ("simple-in-out", "externalId"), ("simple-in-out", "PLACEHOLDER"),
    ("sign-in-enterprise", "userName"), ("sign-in-enterprise", "PLACEHOLDER"),
    ("ideo", "userName"), ("ideo", 'emails[type eq "work"].value'), ("ideo", "PLACEHOLDER"),
])
def probe(bed, name, attribute):
    connector = next(c for c in bed.connectors if c.name == name)
    if attribute == "employeeNumber":
        attribute = f"{ENTERPRISE}:employeeNumber"
    body = connector.query("Users", f'{attribute} eq "{uuid.uuid4()}"')
    same((body["totalResults"], body["Resources"]), (0, []), "an empty list")


@table("row 1: spaces in a filter as {0!r}", [("+",), ("%20",)])
def probe_spaces(bed, space):
    text = f'filter=userName{space}eq{space}"{uuid.uuid4()}"'
    same(bed.people.call("GET", f"/Users?{text}").must(200).json["totalResults"], 0)


@case("row 1: without User-Agent, with an unknown flag")
def probe_flag(bed):
    reply = bed.people.call("GET", f'/Users?aadOptscim062020&filter=userName+eq+%22{uuid.uuid4()}%22',
                            headers={"User-Agent": None})
    same(reply.must(200).headers["content-type"], "application/scim+json")


@case("row 1: an unmapped attribute is refused, not an empty list")
def probe_unmapped(bed):
    bed.ideo.get("/Users", filter='nickName eq "x"').refused(400, "invalidFilter", "nickName")
    bed.people.get("/Users", filter='placeHolder2 eq "x"').refused(400, "invalidFilter")


# --- 2: eq on every mapped attribute -----------------------------------------------------------------

FULL = {
    "externalId": "Full-1", "displayName": "Full Person", "nickName": "Fully", "title": "Chief",
    "profileUrl": "https://example.com/Full", "userType": "Employee", "preferredLanguage": "de",
    "locale": "de-DE", "timezone": "Europe/Berlin",
    "name": {"formatted": "Dr Full A. Person", "familyName": "Person", "givenName": "Full",
             "middleName": "A.", "honorificPrefix": "Dr", "honorificSuffix": "III"},
    "emails": [{"type": "work", "value": "full@example.com", "primary": True},
               {"type": "home", "value": "full@home.example"}, {"type": "other", "value": "full@alt.example"}],
    "phoneNumbers": [{"type": "work", "value": "+49 30 1"}, {"type": "home", "value": "+49 30 2"},
                     {"type": "mobile", "value": "+49 30 3"}, {"type": "pager", "value": "+49 30 5"},
                     {"type": "other", "value": "+49 30 6"}],
    "ims": [{"type": "xmpp", "value": "full@xmpp.example"}],
    "photos": [{"type": "photo", "value": "https://example.com/p.jpg"},
               {"type": "thumbnail", "value": "https://example.com/t.jpg"}],
    "addresses": [{"type": "work", "formatted": "Weg 1\n10115 Berlin", "streetAddress": "Weg 1",
                   "locality": "Berlin", "region": "BE", "postalCode": "10115", "country": "DE"}],
    "entitlements": [{"value": "Parking"}], "roles": [{"value": "Reader"}],
    ENTERPRISE: {"employeeNumber": "4711", "costCenter": "CC1", "organization": "Org", "division": "Div",
                 "department": "Dep"},
}


def full_user(bed):
    found = bed.people.find('userName eq "full"')
    return found[0] if found else bed.people.new_user("full", **FULL)["id"]


@table("row 2: {0} eq {1!r}", [
    ("userName", "full"), ("userName", "FULL"), ("externalId", "Full-1"), ("displayName", "full person"),
    ("nickName", "fully"), ("title", "CHIEF"), ("profileUrl", "https://example.com/Full"),
    ("userType", "employee"), ("preferredLanguage", "DE"), ("locale", "DE-de"), ("timezone", "europe/berlin"),
    ("name.formatted", "dr full a. person"), ("name.familyName", "person"), ("name.givenName", "full"),
    ("name.middleName", "a."), ("name.honorificPrefix", "dr"), ("name.honorificSuffix", "iii"),
    ("emails.value", "FULL@example.com"), ("emails", "full@alt.example"),
    ('emails[type eq "work"].value', "full@EXAMPLE.com"), ('emails[type eq "home"].value', "full@home.example"),
    ('emails[type eq "other"].value', "full@alt.example"), ('phoneNumbers[type eq "work"].value', "+49 30 1"),
    ('phoneNumbers[type eq "home"].value', "+49 30 2"), ('phoneNumbers[type eq "mobile"].value', "+49 30 3"),
    ('phoneNumbers[type eq "pager"].value', "+49 30 5"), ('phoneNumbers[type eq "other"].value', "+49 30 6"),
    ('ims[type eq "xmpp"].value', "full@xmpp.example"),
    ('photos[type eq "photo"].value', "https://example.com/p.jpg"),
    ('photos[type eq "thumbnail"].value', "https://example.com/t.jpg"),
    ('addresses[type eq "work"].streetAddress', "weg 1"), ('addresses[type eq "work"].locality', "berlin"),
    ('addresses[type eq "work"].region', "be"), ('addresses[type eq "work"].postalCode', "10115"),
    ('addresses[type eq "work"].country', "de"), ('addresses[type eq "work"].formatted', "Weg 1\\n10115 Berlin"),
    ("entitlements.value", "parking"), ("roles.value", "reader"), ("roles", "READER"),
    (f"{ENTERPRISE}:employeeNumber", "4711"), (f"{ENTERPRISE}:costCenter", "cc1"),
    (f"{ENTERPRISE}:organization", "org"), (f"{ENTERPRISE}:division", "div"), (f"{ENTERPRISE}:department", "dep"),
    (f"{USER}:userName", "full"),
])
def eq_on_mapped(bed, path, value):
    wanted = full_user(bed)
    same(bed.people.find(f'{path} eq "{value}"'), [wanted], "the match")


@table("row 2: by {0} when the user is inactive", [
    ("userName", "gone-quiet"), ("externalId", "gq-1"), ('emails[type eq "work"].value', "gq@example.com")])
def eq_inactive(bed, path, value):
    people = bed.people
    if not people.find('userName eq "gone-quiet"'):
        people.new_user("gone-quiet", externalId="gq-1", active=False,
                        emails=[{"type": "work", "value": "gq@example.com"}])
    body = people.query("Users", f'{path} eq "{value}"')
    same([r["active"] for r in body["Resources"]], [False], "the inactive match")


@case("row 2: phoneNumbers.value: exact, or refused where fax cannot be compared")
def eq_phones(bed):
    user = bed.sie.new_user(bed.fresh("phone"), phoneNumbers=[{"type": "mobile", "value": "+49 77"}])["id"]
    same(bed.sie.find('phoneNumbers.value eq "+49 77"'), [user])
    bed.people.get("/Users", filter='phoneNumbers.value eq "+49 77"').refused(400, "invalidFilter", "fax", "equality")


@case("row 2: of a several-valued type any value matches, each user once")
def eq_several(bed):
    people = bed.people
    user = people.new_user("several", emails=[{"type": "other", "value": "s1@example.com"},
                                              {"type": "other", "value": "s2@example.com"}])
    for value in ("s1@example.com", "s2@example.com"):
        same(people.find(f'emails[type eq "other"].value eq "{value}"'), [user["id"]])


# --- 3, 4: filters by other rules -----------------------------------------------------------------


@table("row 3: unquoted {0}", [
    ("userName eq full",), ("externalId eq Full-1",), ('emails[type eq work].value eq full@example.com',),
    (f"{ENTERPRISE}:employeeNumber eq 4711",), ("title eq Chief and userName eq full",)])
def unquoted(bed, text):
    same(bed.people.find(text) if full_user(bed) else None, [full_user(bed)], "the match")


@table("row 4: {0}", [('emails[type eq "work"] eq "full@example.com"',),
                      ('emails[type eq "other"] eq "full@alt.example"',)])
def element_filter(bed, text):
    wanted = full_user(bed)
    same(bed.people.find(text), [wanted])


# --- 5, 6: does this reference exist? -----------------------------------------------------------------


def user_and_manager(bed):
    people = bed.people
    boss = people.new_user(bed.fresh("boss"))["id"]
    user = people.new_user(bed.fresh("managed"), **{ENTERPRISE: {"manager": {"value": boss}}})["id"]
    return user, boss


@table("row 5: {0}", [
    ('id eq "{u}" and manager eq "{b}"',), ('manager eq "{b}" and id eq "{u}"',), ("id eq {u} and manager eq {b}",),
    ('id eq "{u}" and ' + ENTERPRISE + ':manager eq "{b}"',),
    ('id eq "{u}" and ' + ENTERPRISE + ':manager.value eq "{b}"',)])
def manager_check(bed, text):
    user, boss = user_and_manager(bed)
    body = bed.people.query("Users", text.format(u=user, b=boss), attributes="id")
    same([set(r) - {"meta"} for r in body["Resources"]], [{"schemas", "id"}], "attributes=id")
    same(body["Resources"][0]["id"], user)
    same(bed.people.find(text.format(u=boss, b=user)), [], "the other way round")
    same(bed.people.find(text.format(u=user, b=NOWHERE)), [], "an unknown manager")


@table("row 6: {0}", [
    ('id eq "{g}" and members eq "{u}"',), ('members eq "{u}" and id eq "{g}"',),
    ('id eq "{g}" and members.value eq "{u}"',), ("id eq {g} and members eq {u}",),
    ('id eq "{g}" and members[value eq "{u}"]',)])
def member_check(bed, text):
    people = bed.people
    inside, outside = people.users_named(bed.fresh("mc") + "-", 2)
    group = people.new_group(bed.fresh("Checked"), [inside])["id"]
    query = dict(endpoint="Groups", excludedAttributes="members")
    body = people.query("Groups", text.format(g=group, u=inside), excludedAttributes="members")
    same([r["id"] for r in body["Resources"]], [group])
    check("members" not in body["Resources"][0], "members were not excluded")
    same(people.find(text.format(g=group, u=outside), **query), [], "no member")
    same(people.find(text.format(g=group, u=NOWHERE), **query), [], "an unknown member")
    same(people.find(text.format(g=NOWHERE, u=inside), **query), [], "an unknown group")


# --- 7: reading one ---------------------------------------------------------------------------------


@case("row 7: GET of an active, an inactive, a deleted and an unknown user")
def get_one(bed):
    people = bed.people
    user = people.new_user(bed.fresh("seven"))
    same(people.user(user["id"])["active"], True)
    people.patch_user(user["id"], op("Replace", "active", "False")).must(200, 204)
    same(people.user(user["id"])["active"], False)
    people.delete(f"/Users/{user['id']}").must(204)
    people.get(f"/Users/{user['id']}").refused(404, None, user["id"])
    people.get(f"/Users/{NOWHERE}").refused(404, None)
    people.get("/Users/no-uuid").refused(404, None)


# --- 8, 9: creation ---------------------------------------------------------------------------------


@case("row 8: mistyped schemas, nulls, empty arrays, root-level extension, meta")
def post_odd(bed):
    people, name = bed.people, bed.fresh("odd")
    boss = people.new_user(bed.fresh("oddboss"))["id"]
    reply = people.post("/Users", {
        "schemas": [USER, "urn:ietf:params:scim:schemas:extension:enterprise:2.0User"],
        "userName": name, "title": None, "addresses": None, "roles": [], "emails": [], "nickName": "Odd",
        "department": "Roots", "manager": boss, "meta": {"resourceType": "User"}, "unknown": {"a": 1},
        "active": True, "displayName": "Odd One"}).must(201)
    user = reply.json
    same(reply.headers["location"], user["meta"]["location"], "Location")
    check(user["meta"]["location"].endswith(f"/people/scim/v2/Users/{user['id']}"), user["meta"]["location"])
    same(user[ENTERPRISE]["department"], "Roots")
    same(user[ENTERPRISE]["manager"]["value"], boss)
    same(people.values(user["id"], "departmentNumber"), ["Roots"])
    same(people.values(user["id"], "manager"), [people.dn(boss)])
    same(people.values(user["id"], "title"), [])
    for absent in ("title", "addresses", "roles", "emails", "unknown"):
        check(absent not in user, f"{absent} came back")
    same(people.user(user["id"]), user, "GET and the reply to POST")


@case("row 8: an extension that schemas does not list")
def post_unlisted(bed):
    user = bed.people.new_user(bed.fresh("unlisted"), **{ENTERPRISE: {"department": "D", "costCenter": "9"}})
    same(bed.people.values(user["id"], "departmentNumber"), ["D"])
    same(bed.people.values(user["id"], "scimCostCenter"), ["9"])
    check(ENTERPRISE in user["schemas"], "the reply's schemas do not list the extension")


@case("row 8: the documentation's POST, on each connector")
def post_documented(bed):
    for connector in bed.connectors:
        name = bed.fresh("doc")
        user = connector.post("/Users", {
            "schemas": [USER, ENTERPRISE], "externalId": f"0a21f0f2-{name}", "userName": name, "active": True,
            "displayName": "Doc User", "emails": [{"primary": True, "type": "work", "value": f"{name}@testuser.com"}],
            "meta": {"resourceType": "User"},
            "name": {"formatted": "givenName familyName", "familyName": "familyName", "givenName": "givenName"},
            "roles": []}).must(201).json
        same(len(connector.named(name)), 1, f"entries {name}")
        same(connector.user(user["id"]), user, "GET and the reply to POST")


@table("row 9: POST of the same {1} on {0}", [
    ("people", "userName"), ("people", "userName in capitals"), ("people", "externalId and userName"),
    ("simple-in-out", "userName"), ("simple-in-out", "externalId"), ("sign-in-enterprise", "userName"),
    ("ideo", "userName")])
def post_twice(bed, name, what):
    connector = next(c for c in bed.connectors if c.name == name)
    first = bed.fresh("twice")
    body = dict(externalId=f"x-{first}") if what != "userName" else {}
    connector.new_user(first, **body)
    again = {"schemas": [USER], "userName": first, "externalId": f"x-{first}", "displayName": "Again",
             "name": {"givenName": "A", "familyName": "B"}, "emails": [{"type": "work", "value": "again@example.com"}]}
    if what == "userName in capitals":
        again["userName"] = first.upper()
    elif what == "externalId":
        again["userName"] = first + "-other"
    elif what == "userName":
        again["externalId"] = f"y-{first}"
    before = connector.named(first)
    connector.post("/Users", again).refused(409, "uniqueness", first)
    same(connector.named(first), before, "the entry that was there")
    same(connector.named(first + "-other"), [], "another entry")


# --- 10 to 13: op, path, booleans ----------------------------------------------------------------------


@table("row 10: op {0}", [("Add",), ("Replace",), ("add",), ("replace",), ("REPLACE",)])
def op_case(bed, kind):
    user = bed.people.new_user(bed.fresh("ten"))["id"]
    bed.people.patch_user(user, op(kind, "TITLE", "Boss"), op(kind, "Name.GIVENname", "Ten")).must(200, 204)
    same(bed.people.values(user, "title"), ["Boss"])
    same(bed.people.values(user, "givenName"), ["Ten"])


@table("row 10: op {0}", [("Remove",), ("remove",), ("REMOVE",)])
def op_case_remove(bed, kind):
    user = bed.people.new_user(bed.fresh("ten"), title="T")["id"]
    bed.people.patch_user(user, op(kind, "Title")).must(200, 204)
    same(bed.people.values(user, "title"), [])


@case("row 10: an op that does not exist")
def op_unknown(bed):
    user = bed.people.new_user(bed.fresh("ten"), title="T")["id"]
    bed.people.patch_user(user, op("Move", "title", "x")).refused(400, "invalidSyntax", "Move")
    same(bed.people.values(user, "title"), ["T"])


SHAPES_OF_ACTIVE = [
    ("old", op("Replace", "active", "False")), ("old, lower", op("Replace", "active", "false")),
    ("old, upper", op("Replace", "active", "FALSE")), ("new", op("replace", "active", False)),
    ("old, Add", op("Add", "active", "False")), ("new, add", op("add", "active", False)),
    ("new, path-less", op("replace", None, {"active": False})),
    ("old, path-less", op("Replace", None, {"active": "False"})),
    ("old, path-less Add", op("Add", None, {"active": "False"})),
    ("array", op("Replace", "active", [{"$ref": None, "value": "False"}])),
    ("URN", op("Replace", f"{USER}:active", "False"))]


@table("row 11, 12: active, {0}, on people", SHAPES_OF_ACTIVE)
def active_people(bed, _name, operation):
    people = bed.people
    user = people.new_user(bed.fresh("eleven"))["id"]
    people.patch_user(user, operation).must(200, 204)
    same(people.user(user)["active"], False)
    check(people.values(user, "pwdEndTime"), "no pwdEndTime")
    back = json.loads(json.dumps(operation).replace("False", "True").replace("false", "true").replace("FALSE", "TRUE"))
    people.patch_user(user, back).must(200, 204)
    same(people.user(user)["active"], True)
    same(people.values(user, "pwdEndTime"), [])


@table("row 11, 12: active, {0}, on sign-in-enterprise", SHAPES_OF_ACTIVE)
def active_sie(bed, _name, operation):
    sie = bed.sie
    user = sie.new_user(bed.fresh("eleven"))["id"]
    sie.patch_user(user, operation).must(200, 204)
    same(sie.user(user)["active"], False)
    same(sie.values(user, "scimVisible"), ["FALSE"])


@table("row 11: active {0!r} is refused", [("maybe",), (1,), ("",), ([True, False],), ({},)])
def active_junk(bed, value):
    user = bed.people.new_user(bed.fresh("junk"))["id"]
    if value == "":  # an empty value is a removal, and active cannot be absent: it stays
        bed.people.patch_user(user, op("Replace", "active", value)).must(200, 204, 400)
    else:
        bed.people.patch_user(user, op("Replace", "active", value)).refused(400, "invalidValue", "active")
    same(bed.people.user(user)["active"], True)


@case("row 11: the string True in a string attribute stays a string")
def string_true(bed):
    user = bed.people.new_user(bed.fresh("true"), title="False")["id"]
    bed.people.patch_user(user, op("Replace", "title", "True")).must(200, 204)
    same(bed.people.user(user)["title"], "True")


@table("row 13: path-less {0}", [("Replace",), ("replace",), ("Add",), ("add",)])
def pathless(bed, kind):
    people = bed.people
    user = people.new_user(bed.fresh("pathless"), title="Old")["id"]
    people.patch_user(user, op(kind, None, {
        "displayName": "New Name", "name.givenName": "Given", "name.familyName": "Family", "title": "New",
        f"{ENTERPRISE}:employeeNumber": "77", f"{ENTERPRISE}:department": "D7",
        'emails[type eq "work"].value': "p@example.com", "nickName": "P"})).must(200, 204)
    shown = people.user(user)
    same((shown["displayName"], shown["name"]["givenName"], shown["name"]["familyName"], shown["title"]),
         ("New Name", "Given", "Family", "New"))
    same((shown[ENTERPRISE]["employeeNumber"], shown[ENTERPRISE]["department"]), ("77", "D7"))
    same(people.values(user, "mail"), ["p@example.com"])
    same(people.values(user, "employeeNumber"), ["77"])
    same(people.values(user, "cn"), ["New Name"])


@case("row 13: path-less, with the extension as an object and several attributes")
def pathless_object(bed):
    user = bed.people.new_user(bed.fresh("pathless"))["id"]
    bed.people.patch_user(user, op("replace", None, {
        "name": {"givenName": "G", "familyName": "F"}, ENTERPRISE: {"department": "D", "division": "V"}})).must(200, 204)
    same(bed.people.values(user, "givenName") + bed.people.values(user, "sn"), ["G", "F"])
    same(bed.people.values(user, "departmentNumber") + bed.people.values(user, "scimDivision"), ["D", "V"])


@case("row 13: path-less on a group")
def pathless_group(bed):
    name = bed.fresh("Pathless")
    group = bed.people.new_group(name)["id"]
    bed.people.patch_group(group, op("replace", None, {"displayName": name + " 2", "externalId": "pg2"})).must(200, 204)
    shown = bed.people.group(group)
    same((shown["displayName"], shown["externalId"]), (name + " 2", "pg2"))
    same(bed.people.values(group, "cn"), [name + " 2"])


# --- 14, 15: elements chosen by a value path --------------------------------------------------------------


@table("row 14: {0} makes {1} and keeps its siblings", [
    (kind, path) for kind in ("Add", "Replace", "add", "replace")
    for path in ('emails[type eq "work"].value',)])
def create_element(bed, kind, path):
    people = bed.people
    user = people.new_user(bed.fresh("fourteen"), emails=[{"type": "home", "value": "h@example.com"}])["id"]
    people.patch_user(user, op(kind, path, "w@example.com")).must(200, 204)
    emails = people.user(user)["emails"]
    same(sorted((e["type"], e["value"]) for e in emails), [("home", "h@example.com"), ("work", "w@example.com")])
    same([e.get("primary") for e in emails if e["type"] == "work"], [True], "primary")
    same(people.values(user, "mail"), ["w@example.com"])
    same(people.values(user, "scimHomeMail"), ["h@example.com"])
    people.patch_user(user, op(kind, path, "w2@example.com")).must(200, 204)
    same(people.values(user, "mail"), ["w2@example.com"], "the second time it is changed")


@table("row 15: {0}", [
    ('phoneNumbers[type eq "work"].value', "telephoneNumber", "+1 1"),
    ('phoneNumbers[type eq "mobile"].value', "mobile", "+1 2"),
    ('phoneNumbers[type eq "fax"].value', "facsimileTelephoneNumber", "+1 3"),
    ('phoneNumbers[type eq "home"].value', "homePhone", "+1 4"),
    ('addresses[type eq "work"].streetAddress', "street", "Weg 2"),
    ('addresses[type eq "work"].locality', "l", "Köln"),
    ('addresses[type eq "work"].region', "st", "NW"),
    ('addresses[type eq "work"].postalCode', "postalCode", "50667"),
    ('addresses[type eq "work"].country', "scimCountry", "Germany"),
    ('addresses[type eq "work"].formatted', "postalAddress", "Weg 2")])
def other_elements(bed, path, attribute, value):
    people = bed.people
    user = people.new_user(bed.fresh("fifteen"))["id"]
    for kind in ("Add", "Replace", "replace"):
        people.patch_user(user, op(kind, path, value + kind[:1])).must(200, 204)
        same(people.values(user, attribute), [value + kind[:1]], f"{kind} {path}")
    people.patch_user(user, op("Remove", path)).must(200, 204)
    same(people.values(user, attribute), [])


@case("row 15: the apps' telephone numbers")
def apps_phones(bed):
    for connector, types in ((bed.sio, {"work": "telephoneNumber", "mobile": "mobile", "fax": "facsimileTelephoneNumber"}),
                             (bed.sie, {"work": "telephoneNumber", "mobile": "mobile"})):
        user = connector.new_user(bed.fresh("phones"))["id"]
        for kind, attribute in types.items():
            connector.patch_user(user, op("Add", f'phoneNumbers[type eq "{kind}"].value', "+44 1")).must(200, 204)
            same(connector.values(user, attribute), ["+44 1"])


@table("row 15: {0}", [
    ("emails[primary eq true].value",), ('emails[primary eq "True"].value',), ('emails[primary eq "true"].value',),
    ("emails[primary eq True].value",)])
def primary_element(bed, path):
    people = bed.people
    user = people.new_user(bed.fresh("primary"), emails=[
        {"type": "work", "value": "a@example.com", "primary": True}, {"type": "home", "value": "h@example.com"}])["id"]
    people.patch_user(user, op("Replace", path, "b@example.com")).must(200, 204)
    same(people.values(user, "mail"), ["b@example.com"])
    same(people.values(user, "scimHomeMail"), ["h@example.com"])
    shown = people.user(user)["emails"]
    same([e["primary"] for e in shown if "primary" in e], [True], "primary as JSON boolean")


@case('row 15: roles[primary eq "True"].value is the only role')
def only_role(bed):
    people = bed.people
    user = people.new_user(bed.fresh("role"))["id"]
    path = 'roles[primary eq "True"].value'
    for kind, value in (("Add", "Reader"), ("Replace", "Writer"), ("Replace", "Writer")):
        people.patch_user(user, op(kind, path, value)).must(200, 204)
        same(people.values(user, "scimRole"), [value], f"{kind} {value}")
    people.patch_user(user, op("Add", "roles", [{"value": "Reader"}])).must(200, 204)
    people.patch_user(user, op("Replace", path, "Owner")).refused(400, "noTarget")
    same(sorted(people.values(user, "scimRole")), ["Reader", "Writer"], "none of several is primary")


# --- 16: several operations ---------------------------------------------------------------------------


@case("row 16: in order; the last one on an attribute wins")
def several_in_order(bed):
    user = bed.people.new_user(bed.fresh("sixteen"), title="0")["id"]
    bed.people.patch_user(user, op("Replace", "title", "1"), op("Add", "title", "2"), op("Replace", "nickName", "n"),
                          op("Remove", "nickName"), op("Add", 'emails[type eq "work"].value', "x@example.com"),
                          op("Replace", "title", "3")).must(200, 204)
    same(bed.people.values(user, "title"), ["3"])
    same(bed.people.values(user, "scimNickName"), [])
    same(bed.people.values(user, "mail"), ["x@example.com"])


@table("row 16: nothing is changed when one operation cannot be: {0}", [
    ("unknown manager", op("Add", f"{ENTERPRISE}:manager", NOWHERE)), ("no op", op("Jump", "title", "x")),
    ("boolean", op("Replace", "active", "perhaps")), ("required", op("Remove", "userName")),
    ("no such type", op("Replace", 'phoneNumbers[type eq "satellite"].value', "1")),
    ("broken path", op("Replace", 'emails[type eq "work"', "1"))])
def all_or_nothing(bed, _name, bad):
    people = bed.people
    user = people.new_user(bed.fresh("atomic"), title="Before", nickName="Nick")["id"]
    before = people.entry(user)
    people.patch_user(user, op("Replace", "title", "After"), bad, op("Remove", "nickName")).must(400)
    same(people.entry(user), before, "the entry")


@case("row 16: a value that the directory refuses takes everything with it")
def directory_refuses(bed):
    people = bed.people
    user = people.new_user(bed.fresh("atomic"), title="Before")["id"]
    before = people.entry(user)
    people.patch_user(user, op("Replace", "title", "After"),
                      op("Replace", "preferredLanguage", "d\u00e9")).must(200, 204, 400)
    people.patch_user(user, op("Replace", "title", "After"),
                      op("Replace", 'emails[type eq "work"].value', "m\u00fcll@example.com")).refused(400, "invalidValue")
    same(people.values(user, "mail"), [])
    check(people.values(user, "title") in (["Before"], ["After"]), "title")
    check(before, "entry")


# --- 17, 18: the manager ------------------------------------------------------------------------------


@table("row 17: manager as {0}", [
    ("a string, old", lambda b: op("Add", f"{ENTERPRISE}:manager", b)),
    ("a string, new", lambda b: op("add", f"{ENTERPRISE}:manager", b)),
    ("an object", lambda b: op("Add", f"{ENTERPRISE}:manager", {"value": b})),
    ("an object with $ref", lambda b: op("Replace", f"{ENTERPRISE}:manager", {"$ref": f"../Users/{b}", "value": b})),
    ("an array", lambda b: op("Add", f"{ENTERPRISE}:manager", [{"$ref": None, "value": b}])),
    ("a value, by sub-attribute", lambda b: op("Replace", f"{ENTERPRISE}:manager.value", b)),
    ("the root's", lambda b: op("Add", "manager", b)),
    ("path-less", lambda b: op("replace", None, {f"{ENTERPRISE}:manager": b})),
    ("path-less object", lambda b: op("replace", None, {ENTERPRISE: {"manager": {"value": b}}}))])
def set_manager(bed, _name, shape):
    people = bed.people
    boss, other = people.users_named(bed.fresh("bo") + "-", 2)
    user = people.new_user(bed.fresh("seventeen"))["id"]
    for manager in (boss, other):
        people.patch_user(user, shape(manager)).must(200, 204)
        same(people.user(user)[ENTERPRISE]["manager"]["value"], manager)
        same(people.values(user, "manager"), [people.dn(manager)])


@table("row 17: manager {0!r} is refused", [(NOWHERE,), ("no-uuid",)])
def manager_unknown(bed, value):
    people = bed.people
    user, boss = user_and_manager(bed)
    people.patch_user(user, op("Add", f"{ENTERPRISE}:manager", value)).refused(400, "invalidValue", value)
    same(people.values(user, "manager"), [people.dn(boss)])


@table("row 18: manager removed by {0}", [
    ("remove, old", lambda b: op("Remove", f"{ENTERPRISE}:manager")),
    ("remove, new", lambda b: op("remove", f"{ENTERPRISE}:manager")),
    ("remove at the root", lambda b: op("remove", "manager")),
    ("remove with a filter", lambda b: op("remove", f'{ENTERPRISE}:manager[value eq "{b}"]')),
    ("remove with a filter at the root", lambda b: op("remove", f'manager[value eq "{b}"]')),
    ("remove with a value", lambda b: op("Remove", f"{ENTERPRISE}:manager", [{"$ref": None, "value": b}])),
    ("empty string", lambda b: op("Replace", f"{ENTERPRISE}:manager", "")),
    ("null", lambda b: op("Replace", f"{ENTERPRISE}:manager", None)),
    ("an object with an empty value", lambda b: op("Replace", f"{ENTERPRISE}:manager", {"value": ""})),
    ("an object with null", lambda b: op("replace", f"{ENTERPRISE}:manager", {"value": None})),
    ("an empty array", lambda b: op("Replace", f"{ENTERPRISE}:manager", [])),
    ("path-less null", lambda b: op("replace", None, {f"{ENTERPRISE}:manager": None}))])
def remove_manager(bed, _name, shape):
    user, boss = user_and_manager(bed)
    bed.people.patch_user(user, shape(boss)).must(200, 204)
    same(bed.people.values(user, "manager"), [])
    check("manager" not in bed.people.user(user).get(ENTERPRISE, {}), "manager is still shown")


# --- 19 to 23: values ------------------------------------------------------------------------------


@table("row 19: Remove with {0} value", [("the", "r@example.com"), ("another", "other@example.com")])
def remove_with_value(bed, _name, value):
    user = bed.people.new_user(bed.fresh("nineteen"), emails=[
        {"type": "work", "value": "r@example.com"}, {"type": "home", "value": "h@example.com"}])["id"]
    bed.people.patch_user(user, op("Remove", 'emails[type eq "work"].value', value)).must(200, 204)
    check(value not in bed.people.values(user, "mail") or value == "r@example.com", "the value was written")
    check(bed.people.values(user, "mail") in ([], ["r@example.com"]), "mail")
    if value == "r@example.com":
        same(bed.people.values(user, "mail"), [])
    same(bed.people.values(user, "scimHomeMail"), ["h@example.com"])


@table("row 20: {0} for a string", [
    ("array of object", [{"$ref": None, "value": "X"}]), ("array of string", ["X"]), ("array of value", [{"value": "X"}])])
def scalar_array(bed, _name, value):
    user = bed.people.new_user(bed.fresh("twenty"))["id"]
    bed.people.patch_user(user, op("Replace", "title", value)).must(200, 204)
    same(bed.people.values(user, "title"), ["X"])
    bed.people.patch_user(user, op("Add", f"{ENTERPRISE}:department", value)).must(200, 204)
    same(bed.people.values(user, "departmentNumber"), ["X"])


@case("row 20: two values for a single-valued attribute are refused")
def scalar_array_two(bed):
    user = bed.people.new_user(bed.fresh("twenty"), title="T")["id"]
    bed.people.patch_user(user, op("Replace", "title", ["X", "Y"])).refused(400, "invalidValue", "title")
    same(bed.people.values(user, "title"), ["T"])


@case("row 21: Add to a multi-valued attribute adds; with addIsReplace it replaces")
def add_multi(bed):
    people = bed.people
    user = people.new_user(bed.fresh("multi"), entitlements=[{"value": "1"}])["id"]
    people.patch_user(user, op("Add", "entitlements", [{"value": "2"}])).must(200, 204)
    same(people.values(user, "scimEntitlement"), ["1", "2"])
    with bed.another_bridge(quirks={"addIsReplace": True}) as http:
        people.via(http).patch_user(user, op("Add", "entitlements", [{"value": "3"}])).must(200, 204)
    same(people.values(user, "scimEntitlement"), ["3"])
    people.patch_user(user, op("Replace", "entitlements", [{"value": "4"}, {"value": "5"}])).must(200, 204)
    same(people.values(user, "scimEntitlement"), ["4", "5"])


@case("row 22: roles as a JSON string; unpacked with jsonString only")
def json_roles(bed):
    people = bed.people
    role = json.dumps({"id": "18d14569", "value": "Admin", "displayName": "Admin"})
    user = people.new_user(bed.fresh("role"))["id"]
    people.patch_user(user, op("Add", "roles", [{"value": role}])).must(200, 204)
    same(people.values(user, "scimRole"), [role], "the honest string")
    people.patch_user(user, op("replace", "roles", [{"value": "User"}])).must(200, 204)
    same(people.values(user, "scimRole"), ["User"])
    with bed.another_bridge(quirks={"jsonString": True}) as http:
        people.via(http).patch_user(user, op("Add", "roles", [{"value": role}])).must(200, 204)
    same(people.values(user, "scimRole"), ["Admin", "User"])


@table("row 23: {0} = {2!r}", [
    (path, attribute, empty) for path, attribute in (
        ("title", "title"), ("name.givenName", "givenName"), (f"{ENTERPRISE}:department", "departmentNumber"),
        ('emails[type eq "work"].value', "mail"), ('phoneNumbers[type eq "mobile"].value', "mobile"),
        ("displayName", "displayName")) for empty in ("", None)])
def empty_value(bed, path, attribute, empty):
    people = bed.people
    user = people.new_user(bed.fresh("null"), title="T", displayName="D", name={"givenName": "G", "familyName": "F"},
                           emails=[{"type": "work", "value": "n@example.com"}],
                           phoneNumbers=[{"type": "mobile", "value": "+1"}, {"type": "work", "value": "+2"}],
                           **{ENTERPRISE: {"department": "D"}})["id"]
    people.patch_user(user, op("Replace", path, empty)).must(200, 204)
    same(people.values(user, attribute), [])
    same(people.values(user, "telephoneNumber"), ["+2"], "what was not named")


@table("row 23: required {1} on {0} = {2!r}", [
    ("people", "userName", ""), ("people", "userName", None), ("simple-in-out", "displayName", ""),
    ("simple-in-out", "externalId", None), ("sign-in-enterprise", "name.familyName", ""),
    ("sign-in-enterprise", 'emails[type eq "work"].value', "")])
def empty_required(bed, name, path, empty):
    connector = next(c for c in bed.connectors if c.name == name)
    user = connector.new_user(bed.fresh("must"))["id"]
    before = connector.entry(user)
    connector.patch_user(user, op("Replace", path, empty)).must(400)
    connector.patch_user(user, op("Remove", path)).must(400)
    same(connector.entry(user), before, "the entry")


# --- 24, 25 ----------------------------------------------------------------------------------------


@table("row 24: no operations on {0}", [("Users",), ("Groups",)])
def no_operations(bed, endpoint):
    people = bed.people
    resource = (people.new_user if endpoint == "Users" else people.new_group)(bed.fresh("nothing"))["id"]
    stamp = people.stamp(resource)
    people.patch(f"/{endpoint}/{resource}").must(200, 204)
    same(people.stamp(resource), stamp, "entryCSN")
    people.patch(f"/{endpoint}/{NOWHERE}").must(404)


@table("row 25: userName by {0}", [
    ("Replace", lambda n: op("Replace", "userName", n)), ("replace", lambda n: op("replace", "userName", n)),
    ("path-less", lambda n: op("replace", None, {"userName": n})), ("Add", lambda n: op("Add", "userName", n))])
def rename_user(bed, _name, shape):
    for connector in bed.connectors:
        old = bed.fresh("old")
        user = connector.new_user(old)["id"]
        connector.patch_user(user, shape(old + ".new")).must(200, 204)
        same(connector.user(user)["userName"], old + ".new")
        same(connector.dn(user), f"uid={old}.new,{connector.users}")
        same(connector.named(old), [])


# --- 26 to 32: groups --------------------------------------------------------------------------------


@table("row 26: POST of an empty group, members {0}", [("absent", None), ("[]", []), ("null", "null")])
def empty_group(bed, _name, members):
    for connector in bed.connectors:
        name = bed.fresh("Empty")
        body = {"schemas": [GROUP, ADSCIM_GROUP], "externalId": f"8aa1a0c0-{name}", "displayName": name,
                "meta": {"resourceType": "Group"}}
        if members is not None:
            body["members"] = None if members == "null" else members
        group = connector.post("/Groups", body).must(201).json
        same(group.get("members", []), [], "members")
        same(connector.members(group["id"]), [])
        same(connector.values(group["id"], "member"), ["cn=nobody"], "the placeholder")


@table("row 27: group displayName a second time, {0}", [("same",), ("other case",)])
def group_twice(bed, how):
    for connector in bed.connectors:
        name = bed.fresh("Twice")
        connector.new_group(name)
        again = name if how == "same" else name.swapcase()
        connector.post("/Groups", {"schemas": [GROUP], "displayName": again}).refused(409, "uniqueness", name)
        same(len(connector.named(name, "cn")), 1)
        same(len(connector.find(f'displayName eq "{again}"', "Groups")), 1, "found in any case")


@case("row 28: excludedAttributes=members")
def exclude_members(bed):
    people = bed.people
    user = people.new_user(bed.fresh("twentyeight"))["id"]
    name = bed.fresh("Excluded")
    group = people.new_group(name, [user])["id"]
    check("members" not in people.get(f"/Groups/{group}", excludedAttributes="members").must(200).json, "members")
    found = people.query("Groups", f'displayName eq "{name}"', excludedAttributes="members")["Resources"]
    same([set(r) for r in found], [{"schemas", "id", "displayName", "meta"}])
    same(people.members(group), [user])


@table("row 29: Add members, {0}", [
    ("old", lambda ids: [op("Add", "members", [{"$ref": None, "value": i} for i in ids])]),
    ("new", lambda ids: [op("add", "members", [{"value": i} for i in ids])]),
    ("one operation each", lambda ids: [op("Add", "members", [{"value": i}]) for i in ids]),
    ("object instead of array", lambda ids: [op("Add", "members", {"value": i}) for i in ids]),
    ("path-less", lambda ids: [op("add", None, {"members": [{"value": i} for i in ids]})])])
def add_members(bed, _name, shape):
    people = bed.people
    ids = people.users_named(bed.fresh("add") + "-", 3)
    group = people.new_group(bed.fresh("Add"))["id"]
    for _ in range(2):  # the second time they are there
        reply = people.patch_group(group, *shape(ids)).must(204)
        same(reply.body, "", "a body")
        same(people.members(group), sorted(ids))
    same(people.values(group, "member"), sorted(people.dn(i) for i in ids), "member without the placeholder")


REMOVALS = [
    ("old", lambda i: op("Remove", "members", [{"$ref": None, "value": i}])),
    ("old, object", lambda i: op("Remove", "members", {"value": i})),
    ("new", lambda i: op("remove", f'members[value eq "{i}"]')),
    ("new, unquoted", lambda i: op("remove", f"members[value eq {i}]"))]


@table("row 30: Remove of one member, {0}", REMOVALS)
def remove_member(bed, _name, shape):
    for connector in (bed.people, bed.ideo):
        ids = connector.users_named(bed.fresh("rem") + "-", 3)
        group = connector.new_group(bed.fresh("Remove"), ids)["id"]
        for _ in range(2):  # the second time it is gone
            connector.patch_group(group, shape(ids[0])).must(204)
            same(connector.members(group), sorted(ids[1:]))
        connector.patch_group(group, shape(NOWHERE)).must(204)
        same(connector.members(group), sorted(ids[1:]), "after the removal of nobody")


@case("row 30: an empty array removes nobody; no value removes all")
def remove_none_or_all(bed):
    people = bed.people
    ids = people.users_named(bed.fresh("noa") + "-", 2)
    group = people.new_group(bed.fresh("NoneOrAll"), ids)["id"]
    people.patch_group(group, op("Remove", "members", [])).must(204)
    same(people.members(group), sorted(ids))
    people.patch_group(group, op("remove", "members")).must(204)
    same(people.members(group), [])
    same(people.values(group, "member"), ["cn=nobody"])


@table("row 31: group {0}", [
    ("displayName, old", lambda n: op("Replace", "displayName", n)),
    ("displayName, new", lambda n: op("replace", "displayName", n)),
    ("displayName, path-less", lambda n: op("replace", None, {"displayName": n})),
    ("path-less with id", lambda n: op("replace", None, {"id": NOWHERE, "displayName": n}))])
def rename_group(bed, _name, shape):
    for connector in bed.connectors:
        name = bed.fresh("Named")
        user = connector.new_user(bed.fresh("inside"))["id"]
        group = connector.new_group(name, [user])["id"]
        connector.patch_group(group, shape(name + " renamed")).must(200, 204)
        shown = connector.group(group)
        same((shown["displayName"], connector.members(group)), (name + " renamed", [user]))
        same(connector.dn(group), f"cn={name} renamed,{connector.groups}")


@case("row 31: group externalId, where it is mapped")
def group_external_id(bed):
    group = bed.people.new_group(bed.fresh("Ext"))["id"]
    bed.people.patch_group(group, op("Replace", "externalId", "e-31")).must(200, 204)
    same(bed.people.group(group)["externalId"], "e-31")
    same(bed.people.values(group, "scimExternalId"), ["e-31"])


@table("row 32: {0} does not fail", [
    ('emails[type eq "other"].value', "g@example.com"), ("externalId", "x"), ("nickName", "nick")])
def other_group_attributes(bed, path, value):
    for connector in (bed.ideo, bed.people):
        group = connector.new_group(bed.fresh("Other"))["id"]
        connector.patch_group(group, op("Add", path, value)).must(200, 204)
        connector.patch_group(group, op("replace", None, {path: value})).must(200, 204)


@case("row 32: mapped ones are written")
def mapped_group_attributes(bed):
    group = bed.people.new_group(bed.fresh("Mailed"), **{ECMA_GROUP: {"mail": "g@example.com"}})["id"]
    bed.people.patch_group(group, op("Replace", f"{ECMA_GROUP}:description", "What it is for")).must(200, 204)
    same(bed.people.values(group, "mail"), ["g@example.com"])
    same(bed.people.values(group, "description"), ["What it is for"])
    same(bed.people.group(group)[ECMA_GROUP], {"mail": "g@example.com", "description": "What it is for"})


# --- 33 to 35 -------------------------------------------------------------------------------------


@table("row 33: DELETE of {0}", [("Users",), ("Groups",)])
def delete_twice(bed, endpoint):
    for connector in bed.connectors:
        made = (connector.new_user if endpoint == "Users" else connector.new_group)(bed.fresh("deleted"))["id"]
        connector.delete(f"/{endpoint}/{made}").must(204)
        connector.get(f"/{endpoint}/{made}").refused(404)
        connector.delete(f"/{endpoint}/{made}").refused(404)
        connector.delete(f"/{endpoint}/{NOWHERE}").refused(404)
        left = bed.search(connector.base, f"(entryUUID={made})")
        same(len(left), 1 if endpoint == "Users" else 0, "what is left")


@case("row 34: /Schemas lists what is mapped")
def schemas(bed):
    for connector, urns in ((bed.people, {USER, GROUP, ENTERPRISE, ECMA_GROUP}), (bed.sie, {USER, GROUP, ENTERPRISE}),
                            (bed.sio, {USER, GROUP}), (bed.ideo, {USER, GROUP})):
        body = connector.get("/Schemas").must(200).json
        same(body["schemas"], [LIST])
        same({s["id"] for s in body["Resources"]}, urns)
        same(body["totalResults"], len(urns))
        check("null" not in json.dumps(body), "a null in /Schemas")
        for schema in body["Resources"]:
            same(connector.get(f"/Schemas/{schema['id']}").must(200).json["id"], schema["id"])


@case("row 35: pages of all users")
def pages(bed):
    ideo = bed.ideo
    for i in range(12):
        ideo.new_user(f"page-{i}")
    total = ideo.query("Users")["totalResults"]
    seen, start = [], 1
    while start <= total:
        body = ideo.query("Users", startIndex=start, count=5)
        same((body["startIndex"], body["totalResults"]), (start, total))
        same(body["itemsPerPage"], len(body["Resources"]))
        same(len(body["Resources"]), min(5, total - start + 1))
        seen += [r["id"] for r in body["Resources"]]
        start += 5
    same(len(set(seen)), total, "different users")
    last = ideo.query("Users", startIndex=total + 1, count=5)
    same((last["totalResults"], last["Resources"]), (total, []))


if __name__ == "__main__":
    main()
