#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""The examples of RFC 7643 section 8, RFC 7644 section 3 and RFC 9865, each played whole, on a map that holds all of theirs
that a directory can hold. Ids are the directory's; "type" is given where the RFC leaves it out and LDAP needs it."""

import json
import os
import time

from suite import ENTERPRISE, ERROR, GROUP, LIST, NOWHERE, PATCH_OP, USER, check, harness, main, same
from suite import case as suite_case
from suite import op
from suite import table as suite_table

MAP = os.path.join(harness.SOURCE, "tests", "data", "maps", "rfc.jsonc")
SEARCH = "urn:ietf:params:scim:api:messages:2.0:SearchRequest"
BULK_REQUEST = "urn:ietf:params:scim:api:messages:2.0:BulkRequest"
BULK_RESPONSE = "urn:ietf:params:scim:api:messages:2.0:BulkResponse"
SCHEMA = "urn:ietf:params:scim:schemas:core:2.0:Schema"
RESOURCE_TYPE = "urn:ietf:params:scim:schemas:core:2.0:ResourceType"
PROVIDER = "urn:ietf:params:scim:schemas:core:2.0:ServiceProviderConfig"

# --- every case begins with nobody there ---------------------------------------------------------------


def empty(bed):
    """Nobody and nothing is left, tombstones included."""
    people = bed.people
    for endpoint in ("Groups", "Users"):
        for resource in people.query(endpoint, attributes="id", count=1000)["Resources"]:
            people.delete(f"/{endpoint}/{resource['id']}").must(204)
    for dn, _ in bed.search(people.users, "(scimDeletedAt=*)"):
        bed.ldap.delete_s(dn)


def case(name):
    def register(function):
        def run(bed):
            empty(bed)
            function(bed, bed.people)
        suite_case(name)(run)
        return function
    return register


def table(pattern, rows):
    def register(function):
        def run(bed, *row):
            function(bed, bed.people, *row)
        suite_table(pattern, rows)(run)
        return function
    return register


def holds(got, want, what="body"):
    """`got` has all that `want` has; lists have as many elements, in any order."""
    if isinstance(want, dict):
        check(isinstance(got, dict), f"{what}: {got!r} is no object")
        for name, value in want.items():
            check(name in got, f"{what}: no {name} in {got!r}")
            holds(got[name], value, f"{what}.{name}")
    elif isinstance(want, list):
        check(isinstance(got, list) and len(got) == len(want), f"{what}: got {got!r}, wanted {want!r}")
        rest = list(got)
        for element in want:
            found = next((g for g in rest if is_held(g, element)), None)
            check(found is not None, f"{what}: no {element!r} in {got!r}")
            rest.remove(found)
    else:
        same(got, want, what)


def is_held(got, want):
    try:
        holds(got, want)
        return True
    except AssertionError:
        return False


def location(bed, path):
    return f"{bed.bridge.url}/people/scim/v2{path}"


def represented(bed, reply, status, endpoint="Users"):
    """A reply that is one resource: the members and headers that every example has; the body."""
    body = reply.must(status).json
    where = location(bed, f"/{endpoint}/{body['id']}")
    same(reply.headers["content-type"].split(";")[0], "application/scim+json")
    same(reply.headers.get("location"), where, "Location")
    same(reply.headers.get("etag"), body["meta"]["version"], "ETag")
    check(body["meta"]["version"].startswith('W/"'), "a weak ETag")
    holds(body["meta"], {"resourceType": endpoint[:-1], "location": where})
    for stamp in ("created", "lastModified"):
        time.strptime(body["meta"][stamp][:19], "%Y-%m-%dT%H:%M:%S")
    return body


# --- RFC 7643 section 8 --------------------------------------------------------------------------------

CERTIFICATE = (
    "MIIDQzCCAqygAwIBAgICEAAwDQYJKoZIhvcNAQEFBQAwTjELMAkGA1UEBhMCVVMxEzARBgNVBAgMCkNhbGlmb3JuaWExFDASBgNVBAoMC2V4"
    "YW1wbGUuY29tMRQwEgYDVQQDDAtleGFtcGxlLmNvbTAeFw0xMTEwMjIwNjI0MzFaFw0xMjEwMDQwNjI0MzFaMH8xCzAJBgNVBAYTAlVTMRMw"
    "EQYDVQQIDApDYWxpZm9ybmlhMRQwEgYDVQQKDAtleGFtcGxlLmNvbTEhMB8GA1UEAwwYTXMuIEJhcmJhcmEgSiBKZW5zZW4gSUlJMSIwIAYJ"
    "KoZIhvcNAQkBFhNiamVuc2VuQGV4YW1wbGUuY29tMIIBIjANBgkqhkiG9w0BAQEFAAOCAQ8AMIIBCgKCAQEA7Kr+Dcds/JQ5GwejJFcBIP68"
    "2X3xpjis56AK02bc1FLgzdLI8auoR+cC9/Vrh5t66HkQIOdA4unHh0AaZ4xL5PhVbXIPMB5vAPKpzz5iPSi8xO8SL7I7SDhcBVJhqVqr3Hgl"
    "lEG6UClDdHO7nkLuwXq8HcISKkbT5WFTVfFZzidPl8HZ7DhXkZIRtJwBweq4bvm3hM1Os7UQH05ZS6cVDgweKNwdLLrT51ikSQG3DYrl+ft7"
    "81UQRIqxgwqCfXEuDiinPh0kkvIi5jivVu1Z9QiwlYEdRbLJ4zJQBmDrSGTMYn4lRc2HgHO4DqB/bnMVorHB0CC6AV1QoFK4GPe1LwIDAQAB"
    "o3sweTAJBgNVHRMEAjAAMCwGCWCGSAGG+EIBDQQfFh1PcGVuU1NMIEdlbmVyYXRlZCBDZXJ0aWZpY2F0ZTAdBgNVHQ4EFgQU8pD0U0vsZIsa"
    "A16lL8En8bx0F/gwHwYDVR0jBBgwFoAUdGeKitcaF7gnzsNwDx708kqaVt0wDQYJKoZIhvcNAQEFBQADgYEAA81SsFnOdYJtNg5Tcq+/ByED"
    "rBgnusx0jloUhByPMEVkoMZ3J7j1ZgI8rAbOkNngX8+pKfTiDz1RC4+dx8oU6Za+4NJXUjlL5CvV6BEYb1+QAEJwitTVvxB/A67g42/vzgAt"
    "oRUeDov1+GFiBZ+GNF/cAYKcMtGcrs2i97ZkJMo=")

FULL_USER = {
    "schemas": [USER],
    "externalId": "701984",
    "userName": "bjensen@example.com",
    "name": {"formatted": "Ms. Barbara J Jensen, III", "familyName": "Jensen", "givenName": "Barbara",
             "middleName": "Jane", "honorificPrefix": "Ms.", "honorificSuffix": "III"},
    "displayName": "Babs Jensen",
    "nickName": "Babs",
    "profileUrl": "https://login.example.com/bjensen",
    "emails": [{"value": "bjensen@example.com", "type": "work", "primary": True},
               {"value": "babs@jensen.org", "type": "home"}],
    "addresses": [
        {"streetAddress": "100 Universal City Plaza", "locality": "Hollywood", "region": "CA", "postalCode": "91608",
         "country": "USA", "formatted": "100 Universal City Plaza\nHollywood, CA 91608 USA", "type": "work",
         "primary": True},
        {"streetAddress": "456 Hollywood Blvd", "locality": "Hollywood", "region": "CA", "postalCode": "91608",
         "country": "USA", "formatted": "456 Hollywood Blvd\nHollywood, CA 91608 USA", "type": "home"}],
    "phoneNumbers": [{"value": "555-555-5555", "type": "work"}, {"value": "555-555-4444", "type": "mobile"}],
    "ims": [{"value": "someaimhandle", "type": "aim"}],
    "photos": [{"value": "https://photos.example.com/profilephoto/72930000000Ccne/F", "type": "photo"},
               {"value": "https://photos.example.com/profilephoto/72930000000Ccne/T", "type": "thumbnail"}],
    "userType": "Employee",
    "title": "Tour Guide",
    "preferredLanguage": "en-US",
    "locale": "en-US",
    "timezone": "America/Los_Angeles",
    "active": True,
    "x509Certificates": [{"value": CERTIFICATE}],
}


@case("RFC 7643 8.1 minimal user")
def minimal_user(bed, people):
    sent = {"schemas": [USER], "userName": "bjensen@example.com"}
    body = represented(bed, people.post("/Users", sent), 201)
    holds(body, sent)
    same(people.user(body["id"]), body, "read again")


@case("RFC 7643 8.2 full user")
def full_user(bed, people):
    body = represented(bed, people.post("/Users", {**FULL_USER, "password": "t1meMa$heen"}), 201)
    holds(body, FULL_USER)
    check("password" not in body, "the password came back")
    check(bed.can_bind(people.dn(body["id"]), "t1meMa$heen"), "the password is not hers")
    groups = [people.new_group(name, [body["id"]]) for name in ("Tour Guides", "Employees", "US Employees")]
    again = people.user(body["id"])
    holds(again, FULL_USER)
    holds(again["groups"], [{"value": g["id"], "$ref": g["meta"]["location"]} for g in groups])


ENTERPRISE_OF = {"employeeNumber": "701984", "costCenter": "4130", "organization": "Universal Studios",
                 "division": "Theme Park", "department": "Tour Operations"}


@case("RFC 7643 8.3 enterprise user")
def enterprise_user(bed, people):
    manager = people.new_user("jsmith", displayName="John Smith")
    told = {"value": manager["id"], "$ref": f"../Users/{manager['id']}", "displayName": "John Smith"}
    sent = {**FULL_USER, "schemas": [USER, ENTERPRISE], "password": "t1meMa$heen",
            ENTERPRISE: {**ENTERPRISE_OF, "manager": told}}
    body = represented(bed, people.post("/Users", sent), 201)
    holds(body, {**FULL_USER, "schemas": [USER, ENTERPRISE], ENTERPRISE: {
        **ENTERPRISE_OF, "manager": {"value": manager["id"], "$ref": manager["meta"]["location"]}}})
    same(people.values(body["id"], "manager"), [people.dn(manager["id"])])


@case("RFC 7643 8.4 group")
def group(bed, people):
    members = [people.new_user(name)["id"] for name in ("bjensen", "mpepperidge")]
    sent = {"schemas": [GROUP], "displayName": "Tour Guides", "members": [
        {"value": id_, "$ref": location(bed, f"/Users/{id_}"), "display": display}
        for id_, display in zip(members, ("Babs Jensen", "Mandy Pepperidge"))]}
    body = represented(bed, people.post("/Groups", sent), 201, "Groups")
    holds(body, {"schemas": [GROUP], "displayName": "Tour Guides", "members": [
        {"value": id_, "$ref": location(bed, f"/Users/{id_}"), "type": "User"} for id_ in members]})


def is_bool(value):
    return isinstance(value, bool)


@case("RFC 7643 8.5 service provider configuration")
def provider(bed, people):
    body = people.get("/ServiceProviderConfig").must(200).json
    same(body["schemas"], [PROVIDER])
    for feature in ("patch", "bulk", "filter", "changePassword", "sort", "etag"):
        check(is_bool(body[feature]["supported"]), f"{feature}.supported")
    check(body["changePassword"]["supported"], "the map has a password")
    check(not bed.ideo.get("/ServiceProviderConfig").json["changePassword"]["supported"], "this map has none")
    for feature, number in (("bulk", "maxOperations"), ("bulk", "maxPayloadSize"), ("filter", "maxResults")):
        check(isinstance(body[feature][number], int), f"{feature}.{number}")
    for scheme in body["authenticationSchemes"]:
        check(scheme["type"] in ("oauth", "oauth2", "oauthbearertoken", "httpbasic", "httpdigest"), scheme)
        check(scheme["name"] and scheme["description"], "name and description of a scheme")
    same([s.get("primary") for s in body["authenticationSchemes"]].count(True), 1, "primary schemes")
    holds(body["meta"], {"resourceType": "ServiceProviderConfig", "location": location(bed, "/ServiceProviderConfig")})


@case("RFC 7643 8.6 resource types")
def resource_types(bed, people):
    body = people.get("/ResourceTypes").must(200).json
    holds(body, {"schemas": [LIST], "totalResults": 2, "Resources": [
        {"schemas": [RESOURCE_TYPE], "id": "User", "name": "User", "endpoint": "/Users", "schema": USER,
         "schemaExtensions": [{"schema": ENTERPRISE}],
         "meta": {"location": location(bed, "/ResourceTypes/User"), "resourceType": "ResourceType"}},
        {"schemas": [RESOURCE_TYPE], "id": "Group", "name": "Group", "endpoint": "/Groups", "schema": GROUP,
         "meta": {"location": location(bed, "/ResourceTypes/Group"), "resourceType": "ResourceType"}}]})
    for kind in body["Resources"]:
        same(people.get(f"/ResourceTypes/{kind['id']}").must(200).json, kind)
        check(kind["description"], "a description")
        for extension in kind.get("schemaExtensions", []):
            check(is_bool(extension["required"]), "required of an extension")


# The core attributes of the RFC's own representations: (type, multiValued, required, mutability, returned).
ATTRIBUTES = {
    USER: {
        "userName": ("string", False, True, "readWrite", "default"),
        "name": ("complex", False, False, "readWrite", "default"),
        "displayName": ("string", False, False, "readWrite", "default"),
        "nickName": ("string", False, False, "readWrite", "default"),
        "profileUrl": ("reference", False, False, "readWrite", "default"),
        "title": ("string", False, False, "readWrite", "default"),
        "userType": ("string", False, False, "readWrite", "default"),
        "preferredLanguage": ("string", False, False, "readWrite", "default"),
        "locale": ("string", False, False, "readWrite", "default"),
        "timezone": ("string", False, False, "readWrite", "default"),
        "active": ("boolean", False, False, "readWrite", "default"),
        "password": ("string", False, False, "writeOnly", "never"),
        "emails": ("complex", True, False, "readWrite", "default"),
        "phoneNumbers": ("complex", True, False, "readWrite", "default"),
        "ims": ("complex", True, False, "readWrite", "default"),
        "photos": ("complex", True, False, "readWrite", "default"),
        "addresses": ("complex", True, False, "readWrite", "default"),
        "groups": ("complex", True, False, "readOnly", "default"),
        "entitlements": ("complex", True, False, "readWrite", "default"),
        "roles": ("complex", True, False, "readWrite", "default"),
        "x509Certificates": ("complex", True, False, "readWrite", "default"),
    },
    GROUP: {
        "displayName": ("string", False, True, "readWrite", "default"),
        "members": ("complex", True, False, "readWrite", "default"),
    },
    ENTERPRISE: {
        "employeeNumber": ("string", False, False, "readWrite", "default"),
        "costCenter": ("string", False, False, "readWrite", "default"),
        "organization": ("string", False, False, "readWrite", "default"),
        "division": ("string", False, False, "readWrite", "default"),
        "department": ("string", False, False, "readWrite", "default"),
        "manager": ("complex", False, False, "readWrite", "default"),
    },
}
CHARACTERISTICS = ("type", "multiValued", "required", "mutability", "returned")


def check_attribute(attribute, where):
    """What RFC 7643 section 7 demands of the description of an attribute."""
    check(attribute["type"] in ("string", "boolean", "decimal", "integer", "dateTime", "binary", "reference", "complex"), where)
    check(is_bool(attribute["multiValued"]) and is_bool(attribute["required"]), where)
    check(attribute["mutability"] in ("readOnly", "readWrite", "immutable", "writeOnly"), where)
    check(attribute["returned"] in ("always", "never", "default", "request"), where)
    if attribute["type"] in ("string", "reference", "binary"):
        check(is_bool(attribute["caseExact"]), f"caseExact of {where}")
        check(attribute["uniqueness"] in ("none", "server", "global"), f"uniqueness of {where}")
    if attribute["type"] == "reference":
        check(attribute["referenceTypes"], f"referenceTypes of {where}")
    same("subAttributes" in attribute, attribute["type"] == "complex", f"subAttributes of {where}")
    for sub in attribute.get("subAttributes", []):
        check_attribute(sub, f"{where}.{sub['name']}")


@case("RFC 7643 8.7.1 resource schemas")
def resource_schemas(bed, people):
    body = people.get("/Schemas").must(200).json
    same(body["schemas"], [LIST])
    found = {schema["id"]: schema for schema in body["Resources"]}
    for urn, attributes in ATTRIBUTES.items():
        schema = people.get(f"/Schemas/{urn}").must(200).json
        same(schema, found[urn], "alone and in the list")
        holds(schema["meta"], {"resourceType": "Schema", "location": location(bed, f"/Schemas/{urn}")})
        check(schema["name"] and schema["description"], "name and description")
        told = {a["name"]: tuple(a[c] for c in CHARACTERISTICS) for a in schema["attributes"]}
        same({name: told.get(name) for name in attributes}, attributes, f"attributes of {urn}")
        for attribute in schema["attributes"]:
            check_attribute(attribute, attribute["name"])
    user_name = next(a for a in found[USER]["attributes"] if a["name"] == "userName")
    same((user_name["uniqueness"], user_name["caseExact"]), ("server", False), "userName")


@case("RFC 7643 8.7.2 service provider schemas")
def provider_schemas(bed, people):
    for urn, names in ((PROVIDER, {"documentationUri", "patch", "bulk", "filter", "changePassword", "sort", "etag",
                                   "authenticationSchemes"}),
                       (RESOURCE_TYPE, {"id", "name", "description", "endpoint", "schema", "schemaExtensions"}),
                       (SCHEMA, {"id", "name", "description", "attributes"})):
        schema = people.get(f"/Schemas/{urn}").must(200).json
        told = {a["name"] for a in schema["attributes"]}
        check(names <= told, f"{urn} lacks {names - told}")
        for attribute in schema["attributes"]:
            check(attribute["mutability"] == "readOnly", f"mutability of {attribute['name']}")


# --- RFC 7644 3.3 and 3.4.1: create and retrieve ----------------------------------------------------------

BJENSEN = {"schemas": [USER], "userName": "bjensen", "externalId": "bjensen",
           "name": {"formatted": "Ms. Barbara J Jensen III", "familyName": "Jensen", "givenName": "Barbara"}}


@case("RFC 7644 3.3 creating a resource")
def create(bed, people):
    body = represented(bed, people.post("/Users", BJENSEN), 201)
    holds(body, BJENSEN)
    same(body["meta"]["created"], body["meta"]["lastModified"], "created")


@case("RFC 7644 3.3 the same resource again is a conflict")
def create_again(bed, people):
    people.post("/Users", BJENSEN).must(201)
    people.post("/Users", BJENSEN).refused(409, "uniqueness")


@case("RFC 7644 3.4.1 retrieving a known resource")
def retrieve(bed, people):
    more = {"phoneNumbers": [{"value": "555-555-8377", "type": "work"}],
            "emails": [{"value": "bjensen@example.com", "type": "work"}]}
    made = people.post("/Users", {**BJENSEN, **more}).must(201).json
    body = represented(bed, people.get(f"/Users/{made['id']}"), 200)
    holds(body, {**BJENSEN, **more, "id": made["id"]})
    same(body, made)


# --- RFC 7644 3.4.2: queries ------------------------------------------------------------------------------


@case("RFC 7644 3.4.2 a list of users by attribute")
def listing(bed, people):
    ids = {name: people.new_user(name)["id"] for name in ("bjensen", "jsmith")}
    body = people.get("/Users?attributes=userName").must(200).json
    same({k: v for k, v in body.items() if k != "Resources"},
         {"schemas": [LIST], "totalResults": 2, "itemsPerPage": 2, "startIndex": 1})
    holds(body["Resources"], [{"id": ids[name], "userName": name} for name in ids])
    for resource in body["Resources"]:
        same(set(resource), {"schemas", "id", "userName"}, "members")


@case("RFC 7644 3.4.2.1 a query of the root by resource type")
def root(bed, people):
    people.new_user("bjensen")
    people.new_group("Tour Guides")
    for path in ("/", ""):
        body = people.get(path, filter='(meta.resourceType eq "User") or (meta.resourceType eq "Group")').must(200).json
        same(sorted(r["meta"]["resourceType"] for r in body["Resources"]), ["Group", "User"])


BEFORE = "2011-05-13T04:42:34Z"
FILTERED = {  # whom the filters below choose between
    "bjensen": {"name": {"familyName": "Jensen"}, "userType": "Employee", "title": "Tour Guide",
                "emails": [{"type": "work", "value": "bjensen@example.com"}, {"type": "home", "value": "babs@jensen.org"}],
                ENTERPRISE: {"department": "Tour Operations"}},
    "jomalley": {"name": {"familyName": "O'Malley"}, "userType": "Intern",
                 "emails": [{"type": "home", "value": "jo@example.org"}]},
    "jsmith": {"name": {"familyName": "Smith"}, "userType": "Employee",
               "ims": [{"type": "xmpp", "value": "jsmith@foo.com"}], "emails": [{"type": "work", "value": "js@foo.com"}]},
    "mpepper": {"name": {"familyName": "Pepper"}, "title": "Guest"},
}
EVERYBODY = sorted(FILTERED)
NOBODY = []


@suite_case("RFC 7644 3.4.2.2 those whom the filters choose between")
def filtered(bed):
    empty(bed)
    for name, more in FILTERED.items():
        bed.people.new_user(name, **more)


@table("RFC 7644 3.4.2.2 filter={0}", [
    ('userName eq "bjensen"', ["bjensen"]),
    ('name.familyName co "O\'Malley"', ["jomalley"]),
    ('userName sw "J"', ["jomalley", "jsmith"]),
    ('urn:ietf:params:scim:schemas:core:2.0:User:userName sw "J"', ["jomalley", "jsmith"]),
    ("title pr", ["bjensen", "mpepper"]),
    (f'meta.lastModified gt "{BEFORE}"', EVERYBODY),
    (f'meta.lastModified ge "{BEFORE}"', EVERYBODY),
    (f'meta.lastModified lt "{BEFORE}"', NOBODY),
    (f'meta.lastModified le "{BEFORE}"', NOBODY),
    ('title pr and userType eq "Employee"', ["bjensen"]),
    ('title pr or userType eq "Intern"', ["bjensen", "jomalley", "mpepper"]),
    (f'schemas eq "{ENTERPRISE}"', ["bjensen"]),
    ('userType eq "Employee" and (emails co "example.com" or emails.value co "example.org")', ["bjensen"]),
    ('userType ne "Employee" and not (emails co "example.com" or emails.value co "example.org")', ["mpepper"]),
    ('userType eq "Employee" and (emails.type eq "work")', ["bjensen", "jsmith"]),
    ('userType eq "Employee" and emails[type eq "work" and value co "@example.com"]', ["bjensen"]),
    ('emails[type eq "work" and value co "@example.com"] or ims[type eq "xmpp" and value co "@foo.com"]',
     ["bjensen", "jsmith"]),
])
def filters(bed, people, text, expected):
    if not people.find('userName eq "mpepper"'):
        filtered(bed)
    body = people.query("Users", text)
    same(sorted(r["userName"] for r in body["Resources"]), expected, text)
    same(body["totalResults"], len(expected), "totalResults")


@case("RFC 7644 3.4.2.3 sorting")
def sorting(bed, people):
    filtered(bed)
    for query, expected in (({"sortBy": "userName", "sortOrder": "descending"}, EVERYBODY[::-1]),
                            ({"sortBy": "userName"}, EVERYBODY),
                            ({"sortBy": "name.familyName", "sortOrder": "ascending"},
                             ["bjensen", "jomalley", "mpepper", "jsmith"])):
        same([r["userName"] for r in people.query("Users", **query)["Resources"]], expected, f"{query}")
    by_title = [r["userName"] for r in people.query("Users", sortBy="title")["Resources"]]
    same(by_title[:2], ["mpepper", "bjensen"], "who has no title comes last")
    by_title = [r["userName"] for r in people.query("Users", sortBy="title", sortOrder="descending")["Resources"]]
    same(by_title[2:], ["bjensen", "mpepper"], "who has no title comes first")


@case("RFC 7644 3.4.2.4 pages by index")
def pages(bed, people):
    names = [f"u{i:02}" for i in range(23)]
    for name in names:
        people.new_user(name)
    seen = []
    for start, n in ((1, 10), (11, 10), (21, 3)):
        body = people.get(f"/Users?startIndex={start}&count=10").must(200).json
        holds(body, {"totalResults": 23, "itemsPerPage": n, "startIndex": start, "schemas": [LIST]})
        same(len(body["Resources"]), n)
        seen += [r["userName"] for r in body["Resources"]]
    same(sorted(seen), names, "the pages together")


@case("RFC 7644 3.4.2.5 and 3.9 attributes and excludedAttributes")
def projected(bed, people):
    made = people.new_user("bjensen", displayName="Babs Jensen", emails=FULL_USER["emails"])
    path = f"/Users/{made['id']}"
    body = people.get(path + "?attributes=userName").must(200).json
    same(body, {"schemas": [USER], "id": made["id"], "userName": "bjensen"})
    body = people.get(path + "?excludedAttributes=emails,name.familyName").must(200).json
    check("emails" not in body and "familyName" not in body.get("name", {}), body)
    same(body["displayName"], "Babs Jensen")
    same(people.get(path + "?excludedAttributes=id,schemas").must(200).json["id"], made["id"], "always returned")
    made = people.post("/Users?attributes=userName", {"schemas": [USER], "userName": "jsmith"}).must(201).json
    same(set(made), {"schemas", "id", "userName"}, "of a creation")


@case("RFC 7644 3.4.3 querying with POST")
def search(bed, people):
    user = people.new_user("jsmith", displayName="Smith, James")
    group_ = people.new_group("Smith Family")
    people.new_user("bjensen", displayName="Babs Jensen")
    asked = {"schemas": [SEARCH], "attributes": ["displayName", "userName"], "filter": 'displayName sw "smith"',
             "startIndex": 1, "count": 10}
    reply = people.post("/.search", asked).must(200)
    same(reply.headers["content-type"].split(";")[0], "application/scim+json")
    holds(reply.json, {"schemas": [LIST], "totalResults": 2, "itemsPerPage": 2, "startIndex": 1, "Resources": [
        {"id": user["id"], "schemas": [USER], "userName": "jsmith", "displayName": "Smith, James"},
        {"id": group_["id"], "schemas": [GROUP], "displayName": "Smith Family"}]})
    same(people.post("/Users/.search", asked).must(200).json["totalResults"], 1, "below /Users")


# --- RFC 7644 3.5.1: replacing --------------------------------------------------------------------------


def replacement(made, *emails):
    return {"schemas": [USER], "id": made["id"], "userName": "bjensen", "externalId": "bjensen",
            "name": {"formatted": "Ms. Barbara J Jensen III", "familyName": "Jensen", "givenName": "Barbara",
                     "middleName": "Jane"},
            "roles": [], "emails": list(emails)}


@case("RFC 7644 3.5.1 replacing with PUT")
def put(bed, people):
    made = people.post("/Users", {**BJENSEN, "title": "Tour Guide"}).must(201).json
    sent = replacement(made, {"value": "bjensen@example.com", "type": "work"},
                       {"value": "babs@jensen.org", "type": "home"})
    body = represented(bed, people.put(f"/Users/{made['id']}", sent), 200)
    holds(body, {name: value for name, value in sent.items() if name != "roles"})
    check("roles" not in body and "title" not in body, body)
    same(body["meta"]["created"], made["meta"]["created"], "created")
    check(body["meta"]["version"] != made["meta"]["version"], "the version is the old one")


@case("RFC 7644 3.5.1 values without a type go to the primary slot, which has room for one")
def put_untyped(bed, people):
    made = people.post("/Users", BJENSEN).must(201).json
    path, emails = f"/Users/{made['id']}", [{"value": "bjensen@example.com"}, {"value": "babs@jensen.org"}]
    people.put(path, replacement(made, *emails)).refused(400, "invalidValue", "emails")
    same(people.user(made["id"]), made, "after the refusal")
    holds(people.put(path, replacement(made, emails[0])).must(200).json["emails"], [{**emails[0], "type": "work"}])


# --- RFC 7644 3.5.2: PATCH --------------------------------------------------------------------------------


def tour_guides(people):
    """The group of the examples; ids of babs, james, mandy, of whom babs and mandy are members."""
    babs, james, mandy = (people.new_user(name)["id"] for name in ("bjensen", "jsmith", "mpepperidge"))
    return people.new_group("Tour Guides", [babs, mandy])["id"], babs, james, mandy


def member(bed, id_, display):
    return {"display": display, "$ref": location(bed, f"/Users/{id_}"), "value": id_}


def members_now(people, group_id, *expected):
    same(people.members(group_id), sorted(expected), "members")


@case("RFC 7644 3.5.2.1 add, the whole of the example")
def patch_add(bed, people):
    made = people.post("/Users", BJENSEN).must(201).json
    reply = people.patch_user(made["id"], {"op": "add", "value": {
        "emails": [{"value": "babs@jensen.org", "type": "home"}], "nickname": "Babs"}})
    body = represented(bed, reply, 200)
    holds(body, {**BJENSEN, "emails": [{"value": "babs@jensen.org", "type": "home"}], "nickName": "Babs"})


@case("RFC 7644 3.5.2.1 add a member to a group")
def patch_add_member(bed, people):
    group_id, babs, james, mandy = tour_guides(people)
    people.patch_group(group_id, op("remove", f'members[value eq "{babs}"]')).must(204)
    reply = people.patch_group(group_id, op("add", "members", [member(bed, babs, "Babs Jensen")]))
    same(reply.must(204).body, "")
    members_now(people, group_id, babs, mandy)
    people.patch_group(group_id, op("add", "members", [member(bed, babs, "Babs Jensen")])).must(204)
    members_now(people, group_id, babs, mandy)


@case("RFC 7644 3.5.2.2 remove one member of a group")
def patch_remove_member(bed, people):
    group_id, babs, _, mandy = tour_guides(people)
    same(people.patch_group(group_id, op("remove", f'members[value eq "{babs}"]')).must(204).body, "")
    members_now(people, group_id, mandy)


@case("RFC 7644 3.5.2.2 remove all members of a group")
def patch_remove_members(bed, people):
    group_id, *_ = tour_guides(people)
    same(people.patch_group(group_id, op("remove", "members")).must(204).body, "")
    members_now(people, group_id)
    check("members" not in people.group(group_id), "an empty list")


@case("RFC 7644 3.5.2.2 remove one value of a user")
def patch_remove_value(bed, people):
    made = people.new_user("bjensen", emails=FULL_USER["emails"])
    reply = people.patch_user(made["id"], op("remove", 'emails[type eq "work" and value ew "example.com"]'))
    same(represented(bed, reply, 200)["emails"], [{"value": "babs@jensen.org", "type": "home"}])


@case("RFC 7644 3.5.2.2 remove one member and add another")
def patch_exchange_member(bed, people):
    group_id, babs, james, mandy = tour_guides(people)
    reply = people.patch_group(group_id, op("remove", f'members[value eq "{babs}"]'),
                               op("add", "members", [member(bed, james, "James Smith")]))
    same(reply.must(204).body, "")
    members_now(people, group_id, james, mandy)


@case("RFC 7644 3.5.2.2 and 3.5.2.1 remove all members, then add two")
def patch_new_members(bed, people):
    group_id, babs, james, _ = tour_guides(people)
    reply = people.patch_group(group_id, op("remove", "members"), op("add", "members", [
        member(bed, babs, "Babs Jensen"), member(bed, james, "James Smith")]))
    same(reply.must(204).body, "")
    members_now(people, group_id, babs, james)


@case("RFC 7644 3.5.2.3 replace all members of a group")
def patch_replace_members(bed, people):
    group_id, babs, james, _ = tour_guides(people)
    reply = people.patch_group(group_id, op("replace", "members", [
        member(bed, babs, "Babs Jensen"), member(bed, james, "James Smith")]))
    same(reply.must(204).body, "")
    members_now(people, group_id, babs, james)


WORK = {"type": "work", "streetAddress": "911 Universal City Plaza", "locality": "Hollywood", "region": "CA",
        "postalCode": "91608", "country": "US", "formatted": "911 Universal City Plaza\nHollywood, CA 91608 US",
        "primary": True}


@case("RFC 7644 3.5.2.3 replace the work address")
def patch_replace_address(bed, people):
    made = people.new_user("bjensen", addresses=FULL_USER["addresses"])
    reply = people.patch_user(made["id"], op("replace", 'addresses[type eq "work"]', WORK))
    holds(represented(bed, reply, 200)["addresses"], [WORK, FULL_USER["addresses"][1]])


@case("RFC 7644 3.5.2.3 replace one sub-attribute of the work address")
def patch_replace_street(bed, people):
    made = people.new_user("bjensen", addresses=FULL_USER["addresses"])
    reply = people.patch_user(made["id"], op("replace", 'addresses[type eq "work"].streetAddress', "1010 Broadway Ave"))
    holds(represented(bed, reply, 200)["addresses"],
          [{**FULL_USER["addresses"][0], "streetAddress": "1010 Broadway Ave"}, FULL_USER["addresses"][1]])


@case("RFC 7644 3.5.2.3 replace, the whole of the example")
def patch_replace(bed, people):
    made = people.new_user("bjensen", displayName="Babs Jensen", nickName="Barb",
                           emails=[{"value": "old@example.com", "type": "other"}])
    emails = [{"value": "bjensen@example.com", "type": "work", "primary": True},
              {"value": "babs@jensen.org", "type": "home"}]
    reply = people.patch_user(made["id"], {"op": "replace", "value": {"emails": emails, "nickname": "Babs"}})
    holds(represented(bed, reply, 200), {"emails": emails, "nickName": "Babs", "displayName": "Babs Jensen"})


# --- RFC 7644 3.6: deleting ------------------------------------------------------------------------------


@case("RFC 7644 3.6 deleting")
def delete(bed, people):
    made = people.post("/Users", BJENSEN).must(201).json
    path = f"/Users/{made['id']}"
    reply = people.call("DELETE", path, headers={"If-Match": made["meta"]["version"]})
    same(reply.must(204).body, "")
    people.get(path).refused(404, None, made["id"])
    people.delete(path).refused(404)
    people.patch_user(made["id"], op("replace", "title", "x")).refused(404)
    people.put(path, BJENSEN).refused(404)
    same(people.find('userName eq "bjensen"'), [], "in a query")
    people.post("/Users", BJENSEN).must(201)  # in no conflict with what is deleted


# --- RFC 7644 3.7: bulk ----------------------------------------------------------------------------------


def bulk(people, *operations, **more):
    """What became of each operation."""
    reply = people.post("/Bulk", {"schemas": [BULK_REQUEST], **more, "Operations": list(operations)}).must(200)
    same(reply.headers["content-type"].split(";")[0], "application/scim+json")
    same(reply.json["schemas"], [BULK_RESPONSE])
    return reply.json["Operations"]


def posted(endpoint, bulk_id, **data):
    return {"method": "POST", "path": f"/{endpoint}", "bulkId": bulk_id,
            "data": {"schemas": [USER if endpoint == "Users" else GROUP], **data}}


def created(bed, result, endpoint, bulk_id):
    """The id of what an operation has made."""
    id_ = result["location"].rsplit("/", 1)[1]
    now = bed.people.get(f"/{endpoint}/{id_}").must(200).json
    same(result, {"method": "POST", "bulkId": bulk_id, "status": "201", "version": now["meta"]["version"],
                  "location": location(bed, f"/{endpoint}/{id_}")})
    return id_


@case("RFC 7644 3.7.1 a circle of references")
def bulk_circle(bed, people):
    results = bulk(
        people,
        posted("Groups", "qwerty", displayName="Group A", members=[{"type": "Group", "value": "bulkId:ytrewq"}]),
        posted("Groups", "ytrewq", displayName="Group B", members=[{"type": "Group", "value": "bulkId:qwerty"}]))
    a, b = (created(bed, result, "Groups", bulk_id) for result, bulk_id in zip(results, ("qwerty", "ytrewq")))
    for one, other in ((a, b), (b, a)):
        same(people.group(one)["members"],
             [{"value": other, "$ref": location(bed, f"/Groups/{other}"), "type": "Group"}])


@case("RFC 7644 3.7.2 a user and the group that she is in")
def bulk_group(bed, people):
    results = bulk(people, posted("Users", "qwerty", userName="Alice"),
                   posted("Groups", "ytrewq", displayName="Tour Guides",
                          members=[{"type": "User", "value": "bulkId:qwerty"}]))
    alice = created(bed, results[0], "Users", "qwerty")
    same(people.members(created(bed, results[1], "Groups", "ytrewq")), [alice])


@case("RFC 7644 3.7.2 a user and her manager")
def bulk_manager(bed, people):
    bob = posted("Users", "ytrewq", userName="Bob", **{ENTERPRISE: {
        "employeeNumber": "11250", "manager": {"value": "bulkId:qwerty", "displayName": "Alice"}}})
    bob["data"]["schemas"].append(ENTERPRISE)
    results = bulk(people, posted("Users", "qwerty", userName="Alice"), bob)
    alice = created(bed, results[0], "Users", "qwerty")
    told = people.user(created(bed, results[1], "Users", "ytrewq"))[ENTERPRISE]
    same(told, {"employeeNumber": "11250", "manager": {"value": alice, "$ref": location(bed, f"/Users/{alice}")}})


def bulk_of_all(people):
    """The operations of 3.7.3, with the ids and versions that it is about."""
    was = {name: people.new_user(name, nickName="Nick")["id"] for name in ("bob-to-be", "dave-to-be", "gone")}
    version = {name: people.user(id_)["meta"]["version"] for name, id_ in was.items()}
    operations = [
        posted("Users", "qwerty", userName="Alice"),
        {"method": "PUT", "path": f"/Users/{was['bob-to-be']}", "version": version["bob-to-be"],
         "data": {"schemas": [USER], "id": was["bob-to-be"], "userName": "Bob"}},
        {"method": "PATCH", "path": f"/Users/{was['dave-to-be']}", "version": version["dave-to-be"],
         "data": {"schemas": [PATCH_OP], "Operations": [op("remove", "nickName"), op("add", "userName", "Dave")]}},
        {"method": "DELETE", "path": f"/Users/{was['gone']}", "version": version["gone"]}]
    return list(was.values()), operations


@case("RFC 7644 3.7.3 several operations")
def bulk_several(bed, people):
    ids, operations = bulk_of_all(people)
    results = bulk(people, *operations, failOnErrors=1)
    same([r["status"] for r in results], ["201", "200", "200", "204"], "status")
    created(bed, results[0], "Users", "qwerty")
    for result, operation, id_ in zip(results[1:], operations[1:], ids):
        holds(result, {"method": operation["method"], "location": location(bed, f"/Users/{id_}")})
        if operation["method"] != "DELETE":
            same(result["version"], people.user(id_)["meta"]["version"], "version")
    bob, dave = people.user(ids[0]), people.user(ids[1])
    same((bob["userName"], "nickName" in bob, dave["userName"], "nickName" in dave), ("Bob", False, "Dave", False))
    people.get(f"/Users/{ids[2]}").must(404)


@case("RFC 7644 3.7.3 an operation that fails, and failOnErrors 1")
def bulk_fails(bed, people):
    _, operations = bulk_of_all(people)
    operations[0]["data"] = {"schemas": [USER], "nickName": "Alice"}
    results = bulk(people, *operations, failOnErrors=1)
    same(len(results), 1, "operations begun")
    holds(results[0], {"method": "POST", "bulkId": "qwerty", "status": "400",
                       "response": {"schemas": [ERROR], "status": "400"}})
    check("location" not in results[0] and results[0]["response"]["detail"], results[0])


@case("RFC 7644 3.7.3 operations that fail, each by itself")
def bulk_all_fail(bed, people):
    ids, operations = bulk_of_all(people)
    for name in ("x", "y"):  # another version of the two
        for id_ in ids[:2]:
            people.patch_user(id_, op("replace", "title", name)).must(200)
    people.delete(f"/Users/{ids[2]}").must(204)
    operations[0]["data"] = {"schemas": [USER], "nickName": "Alice"}
    results = bulk(people, *operations)
    same([r["status"] for r in results], ["400", "412", "412", "404"], "status")
    for result, operation, id_ in zip(results[1:], operations[1:], ids):
        holds(result, {"method": operation["method"], "location": location(bed, f"/Users/{id_}"),
                       "response": {"schemas": [ERROR], "status": result["status"]}})
    same(people.find('nickName eq "Alice"'), [])


@case("RFC 7644 3.7.4 more operations than are taken")
def bulk_too_many(bed, people):
    most = people.get("/ServiceProviderConfig").must(200).json["bulk"]["maxOperations"]
    operations = [posted("Users", f"b{i}", userName=f"bulk{i}") for i in range(most + 1)]
    people.post("/Bulk", {"schemas": [BULK_REQUEST], "Operations": operations}).refused(413, None, str(most))
    same(people.query("Users", count=0)["totalResults"], 0, "what was made")


# --- RFC 7644 3.10 to 3.14 --------------------------------------------------------------------------------


@case("RFC 7644 3.10 attribute notation with URNs")
def notation(bed, people):
    made = people.new_user("bjensen", **{"name": {"familyName": "Jensen"}, ENTERPRISE: {"employeeNumber": "701984"}})
    for path in ("userName", f"{USER}:userName", f"{USER}:name.familyName", f"{ENTERPRISE}:employeeNumber"):
        same(people.find(f"{path} pr"), [made["id"]], path)
    body = people.get(f"/Users/{made['id']}?attributes={ENTERPRISE}:employeeNumber,{USER}:name.familyName").must(200).json
    same((body[ENTERPRISE], body["name"]), ({"employeeNumber": "701984"}, {"familyName": "Jensen"}))


@case("RFC 7644 3.11 the /Me alias is answered by 501")
def me(bed, people):
    for method in ("GET", "POST", "PUT", "PATCH", "DELETE"):
        people.call(method, "/Me", None if method in ("GET", "DELETE") else {}).refused(501)


@case("RFC 7644 3.12 an unknown resource")
def unknown(bed, people):
    reply = people.get(f"/Users/{NOWHERE}").refused(404, None, NOWHERE)
    same(reply.headers["content-type"].split(";")[0], "application/scim+json")
    same(set(reply.json), {"schemas", "detail", "status"}, "members")


@case("RFC 7644 3.12 a readOnly attribute")
def read_only(bed, people):
    made = people.new_user("bjensen")
    people.patch_user(made["id"], op("replace", "id", "x")).refused(400, "mutability", "id")


@case("RFC 7644 3.13 the version in the URL")
def version_in_url(bed, people):
    made = people.new_user("bjensen")
    for prefix in ("/people/scim/v2", "/people/scim"):
        status, _, text = bed.http.request("GET", f"{prefix}/Users/{made['id']}")
        same((status, json.loads(text)["meta"]["location"].endswith(f"{prefix}/Users/{made['id']}")), (200, True), prefix)


@case("RFC 7644 3.14 versions: If-None-Match, If-Match")
def versions(bed, people):
    reply = people.post("/Users", BJENSEN)
    made = represented(bed, reply, 201)
    path, version = f"/Users/{made['id']}", reply.headers["etag"]
    again = people.call("GET", path, headers={"If-None-Match": version}).must(304)
    same((again.body, again.headers["etag"]), ("", version))
    people.call("GET", path, headers={"If-None-Match": 'W/"another"'}).must(200)
    changed = represented(bed, people.call("PUT", path, {**BJENSEN, "title": "x"}, headers={"If-Match": version}), 200)
    people.call("PUT", path, {**BJENSEN, "title": "y"}, headers={"If-Match": version}).refused(412)
    people.call("DELETE", path, headers={"If-Match": version}).refused(412)
    same(people.user(made["id"]), changed, "after the refusals")


# --- RFC 7644 section 4 ------------------------------------------------------------------------------------


@table("RFC 7644 4 discovery takes no filter: {0}", [("/Schemas",), ("/ResourceTypes",), ("/ServiceProviderConfig",)])
def discovery(bed, people, path):
    people.get(path, filter='name eq "User"').refused(403)
    for body in (people.get(path, startIndex=2, count=1, sortBy="name", attributes="id").must(200).json,):
        same(body, people.get(path).must(200).json, "other parameters are passed over")


# --- RFC 9865 ----------------------------------------------------------------------------------------------


@case("RFC 9865 2 the first page by cursor, and the next ones")
def cursors(bed, people):
    names = [f"J{i:02}" for i in range(23)]
    for name in names:
        people.new_user(name)
    path, cursor, seen, first = '/Users?filter=userName%20sw%20%22J%22&count=10&cursor', "", [], None
    for n in (10, 10, 3):
        body = people.get(path + cursor).must(200).json
        holds(body, {"schemas": [LIST], "totalResults": 23, "itemsPerPage": n})
        same(("previousCursor" in body, "nextCursor" in body), (bool(seen), n == 10))
        seen += [r["userName"] for r in body["Resources"]]
        first = first or body["Resources"]
        cursor, before = "=" + body.get("nextCursor", ""), body.get("previousCursor")
        if len(seen) == 20:
            same(people.get(f"{path}={before}").must(200).json["Resources"], first, "the page before")
    same(sorted(seen), names, "the pages together")


@case("RFC 9865 3 querying with POST, by cursor")
def search_by_cursor(bed, people):
    for i in range(3):
        people.new_user(f"jsmith{i}", displayName=f"Smith, {i}")
    asked = {"schemas": [SEARCH], "attributes": ["displayName", "userName"], "filter": 'displayName sw "smith"',
             "cursor": "", "count": 2}
    first = people.post("/Users/.search", asked).must(200).json
    holds(first, {"schemas": [LIST], "totalResults": 3, "itemsPerPage": 2})
    rest = people.post("/Users/.search", {**asked, "cursor": first["nextCursor"]}).must(200).json
    same((rest["itemsPerPage"], "nextCursor" in rest), (1, False))


@case("RFC 9865 4 what the configuration says of pages")
def pagination(bed, people):
    told = people.get("/ServiceProviderConfig").must(200).json["pagination"]
    holds(told, {"cursor": True, "index": True, "defaultPaginationMethod": "index"})
    check(all(told[name] > 0 for name in ("defaultPageSize", "maxPageSize", "cursorTimeout")), told)


if __name__ == "__main__":
    main(config={"connectors": {"people": {"directory": "local", "map": MAP}}}, MEMBEROF="1")
