#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""The mistakes that administrators make, and who tells them: docs/mistakes.md has a row for each case."""
import json
import os
import subprocess
import sys

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
sys.path.insert(0, os.path.join(os.environ.get('top_srcdir', '.'), 'tests', 'support'))
from check_live import (GROUPS, LDIF, REST, USERS, Place, known_leaks, make_certificate, messages,  # noqa: E402
                        printed_rules, run)
from harness import check, equal, main  # noqa: E402

import ldap  # noqa: E402

PATCH = 'urn:ietf:params:scim:api:messages:2.0:PatchOp'


def replaced(*pairs):
    def spoil(text):
        for old, new in pairs:
            check('there to be replaced: ' + old, old in text)
            text = text.replace(old, new, 1)
        return text
    return spoil


def refused(place, name, said, *pairs):
    """What `check -m` says of the map with that in it, without any directory."""
    place.write_map(replaced(*pairs)(place.map_text))
    status, _, errors = run('check', '-m', place.map)
    check(name, status == 1 and any(line.startswith(place.map + ':') and 'error: ' in line and said in line
                                    for line in errors.splitlines()), errors)
    place.write_map(place.map_text)


def patch(*operations):
    return json.dumps({'schemas': [PATCH], 'Operations': [
        dict(zip(('op', 'path', 'value'), operation)) for operation in operations]})


class Served(Place):
    """With a bridge."""

    def __init__(self, *arguments, **more):
        super().__init__(*arguments, **more)
        self.bridge.start().wait_until_up()

    def command(self, name, *arguments):
        return run(name, '-c', self.bridge.file, '-C', 'people', *arguments)


FILTER = '"filter": "(objectClass=inetOrgPerson)"'


def test_filter_too_narrow():
    """Nobody matches, SCIM answers an empty list, and everybody is created again."""
    with Place() as place:
        refused(place, 'not even new entries would match', 'entries made so would not be found again: the filter',
                (FILTER, '"filter": "(&(objectClass=inetOrgPerson)(objectClass=posixAccount))"'))
        narrow = (FILTER, '"filter": "(&(objectClass=inetOrgPerson)(objectClass=uidObject))"')
        place.write_map(replaced(narrow, ('"objectClass": ["inetOrgPerson"]',
                                          '"objectClass": ["inetOrgPerson", "uidObject"]'))(place.map_text))
        said = messages(place.findings()[1], 'warning')
        check('check', any('finds none of them, so clients would see nobody and create everybody again' in m
                           for m in said), said)
        status, said, _ = run('show', '-c', place.bridge.file, '-C', 'people', 'uid=ann,' + USERS)
        check('show', status == 1 and '(objectClass=uidObject)' in said, said)
        users = os.path.join(place.folder, 'users.csv')
        with open(users, 'w', encoding='utf-8') as file:
            file.write('userPrincipalName,displayName\nann,Ann\n')
        status, said, _ = run('match', '-c', place.bridge.file, '-C', 'people', users)
        check('match', status == 1 and said.startswith('collides'), said)
        changed = place.map + '.before'
        with open(changed, 'w', encoding='utf-8') as file:
            file.write(place.map_text)
        said = run('map', 'diff', changed, place.map, '-c', place.bridge.file, '-C', 'people')[1]
        check('map diff', '1 of 1 entries are not seen any more' in said, said)


def test_two_types_in_one_attribute():
    with Place() as place:
        refused(place, 'two types', 'mail', ('"scimHomeMail"', '"mail"'))
        place.add('dn: uid=two,%s\nobjectClass: inetOrgPerson\nuid: two\ncn: t\nsn: t\n'
                  'mail: a@example.com\nmail: b@example.com\n\n' % USERS)
        said = messages(place.findings()[1], 'warning')
        check('several of one type', any('entries have several values in mail' in m for m in said), said)
        status, said, _ = run('show', '-c', place.bridge.file, '-C', 'people', 'uid=two,' + USERS)
        check('show', status == 0 and 'b@example.com' in said.split('\n}\n')[-1], said)


def test_id_is_a_name():
    with Place() as place:
        refused(place, 'a DN', '"id" is made by the bridge', ('"title": "title"', '"title": "title", "id": "entryDN"'))
        refused(place, 'bytes', 'holds bytes; add "as": "base64"',
                ('"title": "title"', '"title": { "ldap": "objectGUID" }'))
    with Served() as place:
        made = place.client().post('/Users', {'userName': 'old'}).json['id']
        reply = place.client().patch('/Users/' + made, [{'op': 'replace', 'path': 'userName', 'value': 'new'}])
        equal('a rename keeps the id', (reply.status, reply.json['id']), (200, made))


def test_rdn_by_modify():
    """LDAP refuses a modify of the naming attribute: it takes a rename."""
    with Served() as place:
        made = place.client().post('/Users', {'userName': 'old'}).json['id']
        status, said, _ = place.command('explain', 'PATCH', '/Users/' + made, patch(('replace', 'userName', 'new')))
        check('explain', status == 0 and 'changetype: modrdn' in said and 'newrdn: uid=new' in said
              and 'replace: uid' not in said, said)
        said = place.command('explain', '--map', 'userName')[1]
        check('explain --map', 'names the entry: a change renames it' in said, said)


def test_last_member():
    """A groupOfNames cannot be empty."""
    with Place() as place:
        refused(place, 'no stand-in', 'a group may have no members; add "emptyMember"',
                ('"emptyMember": "cn=nobody",', ''))
    with Served() as place:
        client = place.client()
        user = client.post('/Users', {'userName': 'one'}).json['id']
        group = client.post('/Groups', {'displayName': 'g', 'members': [{'value': user}]}).json['id']
        reply = client.patch('/Groups/' + group, [{'op': 'remove', 'path': 'members[value eq "%s"]' % user}])
        check('the last one goes', reply.status in (200, 204), reply)
        check('none is shown', not client.get('/Groups/' + group).json.get('members'))
        equal('the stand-in', place.directory.entry('cn=g,' + GROUPS)['member'], ['cn=nobody'])


def test_disable_twice():
    """A switch that is turned back by the second request; one that does not switch back."""
    with Place() as place:
        lifecycle = '"inactive": "ppolicy-end",'
        refused(place, 'it does not come back', 'undo',
                (lifecycle, '"inactive": { "when": "(description=off)", "do": [{ "set": { "description": "off" } }], '
                            '"undo": [{ "set": { "description": "off" } }] },'))
        refused(place, 'it does not take effect', 'do',
                (lifecycle, '"inactive": { "when": "(description=off)", "do": [{ "set": { "description": "of" } }], '
                            '"undo": [{ "unset": ["description"] }] },'))
    with Served() as place:
        client = place.client()
        user = client.post('/Users', {'userName': 'one'}).json['id']
        for _ in range(2):
            reply = client.patch('/Users/' + user, [{'op': 'Replace', 'path': 'active', 'value': 'False'}])
            equal('disabled', (reply.status, reply.json['active']), (200, False))


def test_no_verification():
    """Verification cannot be switched off, and passwords do not go in clear."""
    with Place() as place:
        directory = place.bridge.config['directories']['local']
        directory['verify'] = False
        place.bridge.write_config()
        status, _, errors = place.check('--offline')
        check('no such key', status == 1 and 'verify' in errors and 'error: ' in errors, errors)
        del directory['verify']
        url, directory['url'] = directory['url'], 'ldap://192.0.2.7'
        place.bridge.write_config()
        status, _, errors = place.check('--offline')
        check('in clear', status == 1 and 'clear text' in errors, errors)
        directory['url'] = url
        certificate = make_certificate(place.folder, 99)
        place.configure('cn=config', [
            (ldap.MOD_REPLACE, 'olcTLSCertificateFile', [certificate[0].encode()]),
            (ldap.MOD_REPLACE, 'olcTLSCertificateKeyFile', [certificate[1].encode()])])
        directory['startTls'] = True
        place.bridge.write_config()
        with known_leaks(place):
            status, found = place.findings()
        check('an unknown authority', status == 1 and [f for f in found['findings'] if f['topic'] == 'connection'
                                                       and 'certificate' in f['message'].lower()], found)


def test_bind_identity():
    """Too few rights in production, or all of them in the test."""
    with Place() as place:
        rules = printed_rules(place)
        place.set_access([rule.replace('entryUUID,', '').replace(',entryUUID', '') for rule in rules] + REST)
        status, found = place.findings()
        check('operational attributes', status == 1 and any('entryUUID' in m for m in messages(found, 'error')), found)
    with Place() as place:
        directory = place.bridge.config['directories']['local']
        directory.update(bindDn=place.directory.admin_dn, passwordFile=place.directory.password_file)
        place.bridge.write_config()
        place.configure('olcDatabase={0}config,cn=config', [
            (ldap.MOD_ADD, 'olcAccess', [('{0}to * by dn.exact="%s" read by * break'
                                          % place.directory.admin_dn).encode()])])
        said = messages(place.findings()[1], 'warning')
        check('the root DN', any('olcRootDN' in m and 'identity of its own' in m for m in said), said)


def test_class_that_does_not_allow():
    """An attribute of another class: the directory refuses the entry."""
    with Place() as place:
        place.write_map(replaced(('"nickName": "scimNickName"', '"nickName": "memberUid"'))(place.map_text))
        errors = run('check', '-m', place.map)[2]
        check('offline', 'no class of these entries allows memberUid' in errors and 'the class posixGroup does'
              in errors, errors)
        place.write_map(replaced(('"nickName": "scimNickName"',
                                  '"nickName": "carLicense;lang-de"'))(place.map_text))
        errors = run('check', '-m', place.map)[2]
        check('allowed with any option', 'no class' not in errors, errors)
        place.write_map(replaced(('"nickName": "scimNickName"', '"nickName": "memberUid"'))(place.map_text))
        status, found = place.findings()
        check('live', status == 1 and any('no class of these entries allows memberUid, so the directory will refuse'
                                          in m for m in messages(found, 'error')), found)


def test_size_limits():
    """A directory that ends lists early."""
    with Place(ldif=LDIF + LDIF.split('\n\n')[0].replace('ann', 'bob') + '\n\n') as place:
        place.configure('olcDatabase={1}mdb,cn=config', [(ldap.MOD_DELETE, 'olcLimits', None),
                                                         (ldap.MOD_REPLACE, 'olcSizeLimit', [b'1'])])
        status, found = place.findings()
        check('check', status == 1 and any('ends a search after 1 entries' in m and 'olcLimits' in m
                                           for m in messages(found, 'error')), found)
        place.bridge.start().wait_until_up()
        reply = place.client().get('/Users')
        check('no part is taken for the whole', reply.status >= 400, reply)
        status, _, errors = run('import', '-c', place.bridge.file, '-C', 'people')
        check('nor by import', status == 1 and 'imported' not in errors, errors)


def test_schema_as_enforced():
    """What /Schemas says is what holds."""
    with Served(replaced(('"title": "title"', '"title": { "ldap": "title", "required": true }'))) as place:
        client = place.client()
        schema = client.get('/Schemas/urn:ietf:params:scim:schemas:core:2.0:User').json
        attributes = {attribute['name']: attribute for attribute in schema['attributes']}
        check('required is told', attributes['title']['required'], attributes['title'])
        check('what is not mapped is not told', 'timezone' in attributes and 'shoeSize' not in attributes)
        reply = client.post('/Users', {'userName': 'one'})
        check('required is enforced', reply.status == 400 and 'title' in reply.json['detail'], reply)
        reply = client.post('/Users', {'userName': 'one', 'title': 'T', 'shoeSize': 42})
        check('what is not mapped is not stored', reply.status == 201 and 'shoeSize' not in reply.json, reply)
        said = place.command('explain', 'POST', '/Users', '{"userName": "two", "title": "T", "shoeSize": 42}')[1]
        check('explain', '# ignored: 1 attribute that the map does not hold' in said, said)


def test_passwords_that_clients_read():
    with Place() as place:
        for name, ldap in (('text', 'string'), ('bytes', 'base64')):
            refused(place, name, 'userPassword holds passwords',
                    ('"title": "title"', '"title": { "ldap": "userPassword", "as": "%s" }' % ldap))


def test_base_that_is_not_seen():
    gone = replaced(('"bases": ["ou=users,', '"bases": ["ou=gone,'), ('"parent": "ou=users,', '"parent": "ou=gone,'))
    with Place(gone) as place:
        users = os.path.join(place.folder, 'users.csv')
        with open(users, 'w', encoding='utf-8') as file:
            file.write('userPrincipalName\nann\n')
        for command, *more in (('match', users), ('import', '--type', 'User'), ('purge',)):
            status, said, errors = run(command, '-c', place.bridge.file, '-C', 'people', *more)
            check(command, status == 1 and said == '' and 'the base "ou=gone,' in errors and '"detail"' not in errors,
                  (status, said, errors))


def test_failure_is_no_success():
    """A write that the directory refuses is never answered with success, and check knows before."""
    with Place() as place:
        rules = printed_rules(place)
        place.set_access([rule.replace('title,', '') for rule in rules] + REST)
        status, found = place.findings()
        check('check', status == 1 and any('may not write title of' in m or 'may not read title of' in m
                                           for m in messages(found, 'error')), found)
        place.bridge.start().wait_until_up()
        client = place.client()
        made = client.post('/Users', {'userName': 'one'})
        equal('made', made.status, 201)
        reply = client.patch('/Users/' + made.json['id'], [{'op': 'replace', 'path': 'title', 'value': 'T'}])
        check('change', reply.status >= 400 and 'insufficientAccess' in reply.json['detail'], reply)
        check('nothing was written', 'title' not in place.directory.entry('uid=one,' + USERS))


main(globals())
