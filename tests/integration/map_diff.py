#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""map diff: what a changed map says otherwise, and what clients would see otherwise."""
import json
import os
import shutil
import subprocess
import sys
import tempfile

sys.path.insert(0, os.path.join(os.environ.get('top_srcdir', '.'), 'tests', 'support'))
from harness import MAPS, PROGRAM, SLOW, Stack, check, equal, main  # noqa: E402

PEOPLE = os.path.join(MAPS, 'people.jsonc')
USERS = 'ou=users,ou=people,dc=example,dc=com'
GROUPS = 'ou=groups,ou=people,dc=example,dc=com'
ENTERPRISE = 'urn:ietf:params:scim:schemas:extension:enterprise:2.0:User'


def run(*arguments):
    """(status, standard output, standard error)"""
    done = subprocess.run([PROGRAM, 'map', *arguments], stdin=subprocess.DEVNULL, capture_output=True,
                          text=True, timeout=120 * SLOW)
    return done.returncode, done.stdout, done.stderr


class Folder:
    """Maps that differ from the one for people."""

    def __enter__(self):
        self.name = tempfile.mkdtemp(prefix='scimbridge-map-diff-')
        return self

    def __exit__(self, *arguments):
        shutil.rmtree(self.name)

    def change(self, *replacements):
        with open(PEOPLE, encoding='utf-8') as file:
            text = file.read()
        for old, new in replacements:
            check('there to be replaced: ' + old, old in text)
            text = text.replace(old, new, 1)
        file = os.path.join(self.name, 'changed.jsonc')
        with open(file, 'w', encoding='utf-8') as to:
            to.write(text)
        return file


FILTER = ('"filter": "(objectClass=inetOrgPerson)"',
          '"filter": "(&(objectClass=inetOrgPerson)(!(employeeType=robot)))"')
PARENT = ('"parent": "ou=users,ou=people,dc=example,dc=com"',
          '"parent": "ou=users,ou=people,dc=EXAMPLE,dc=com"')

# What is changed, and the lines that tell it, without what they mean.
CHANGES = [
    ('filter', [FILTER], '~ scope users: filter was (objectClass=inetOrgPerson), becomes '
                         '(&(objectClass=inetOrgPerson)(!(employeeType=robot)))'),
    ('protect', [('"filter": "(objectClass=inetOrgPerson)"',
                  '"filter": "(objectClass=inetOrgPerson)", "protect": "(title=root)"')],
     '~ scope users: protect was none, becomes (title=root)'),
    ('depth', [('"depth": "one", //', '"depth": "subtree", //')], '~ scope users: depth was one, becomes subtree'),
    ('parent', [PARENT], '~ User: parent was "ou=users,ou=people,dc=example,dc=com", becomes '
                         '"ou=users,ou=people,dc=EXAMPLE,dc=com"'),
    ('attribute', [('"title": "title"', '"title": "description"')],
     '~ User title: LDAP attribute was title, becomes description'),
    ('removed', [('"title": "title",', '')], '- User title: title'),
    ('added', [('"entitlements":', '"ims[type eq \\"skype\\"].value": "description", "entitlements":')],
     '+ User ims[type eq "skype"].value: description'),
    ('write', [('"title": "title"', '"title": { "ldap": "title", "write": "create" }')],
     '~ User title: write was always, becomes create'),
    ('required', [('"title": "title"', '"title": { "ldap": "title", "required": true }')],
     '~ User title: required was no, becomes yes'),
    ('match', [('"match": ["userName"]', '"match": ["externalId", "userName"]')],
     '~ User: match was userName, becomes externalId, then userName'),
    ('integrity', [('"integrity": "server"', '"integrity": "bridge"')],
     '~ map: integrity was server, becomes bridge'),
    ('unmapped', [('"integrity": "server"', '"unmapped": "refuse", "integrity": "server"')],
     '~ map: unmapped was ignore, becomes refuse'),
    ('follow', [('"depth": "one", //', '"depth": "subtree", //'), ('"parent": "ou=users,', '"follow": true, '
                 '"parent": "ou={userType | slug},ou=users,')],
     '~ User: follow was no, becomes yes'),
    ('as', [('"title": "title"', '"title": { "ldap": "manager", "as": "DN" }'),
            ('"ldap": "manager", "reference": ["users"]', '"ldap": "secretary", "reference": ["users"]')],
     '~ User title: as was string, becomes DN'),
    ('adopt', [('"adopt": "match"', '"adopt": "never"')], '~ User: adopt was match, becomes never'),
    ('rule', [('"{displayName}", "{userName}"]\n', '"{displayName | upper}", "{userName}"]\n')],
     '~ User entry sn: value was "{name.familyName}", else "{displayName}", else "{userName}", becomes '
     '"{name.familyName}", else "{displayName | upper}", else "{userName}"'),
    ('purge', [('"purge": "P90D"', '"purge": "P30D"')], '~ User deleted: purge was 90 days, becomes 30 days'),
    ('inactive', [('"inactive": "ppolicy-end",', ''), ('["inactive", {', '[{'),
                  ('"undo": [{ "undo": "inactive" }],', '')], '- User inactive: (pwdEndTime<=now)'),
]


def test_words():
    with Folder() as folder:
        for name, replacements, wanted in CHANGES:
            status, said, errors = run('diff', PEOPLE, folder.change(*replacements))
            check(name + ': status', status == 0 and errors == '', (status, errors))
            lines = [line.split(' (')[0] if line[:1] in '+-' and '(pwd' not in line else line
                     for line in said.splitlines()]
            check(name, any(line.startswith(wanted) for line in lines), said)
        equal('none', run('diff', PEOPLE, PEOPLE), (0, 'the maps say the same\n', ''))


def test_json():
    with Folder() as folder:
        status, said, _ = run('diff', PEOPLE, folder.change(('"title": "title"', '"title": "description"')),
                              '--json')
        found = json.loads(said)
        equal('status', status, 0)
        check('no directory, no effects', 'effects' not in found, found)
        item, = found['differences']
        equal('difference', {name: item[name] for name in ('kind', 'of', 'what', 'aspect', 'from', 'to')},
              {'kind': 'changed', 'of': 'User', 'what': 'title', 'aspect': 'LDAP attribute',
               'from': 'title', 'to': 'description'})


def test_mistakes():
    with Folder() as folder:
        status, said, errors = run('diff', PEOPLE, folder.change(('"title": "title"', '"titel": "title"')))
        check('a bad map', status == 1 and said == '' and 'changed.jsonc:' in errors and 'titel' in errors
              and 'not usable' in errors, errors)
        status, said, errors = run('diff', PEOPLE, folder.name + '/none')
        check('no map', status == 1 and said == '' and folder.name + '/none' in errors, errors)
    for arguments in ((), ('diff',), ('diff', PEOPLE), ('merge', PEOPLE, PEOPLE), ('diff', PEOPLE, PEOPLE, 'x'),
                      ('diff', '-C', 'people', PEOPLE, PEOPLE), ('diff', '--none', PEOPLE, PEOPLE)):
        equal('usage %r' % (arguments,), run(*arguments)[0], 2)
    equal('help', run('--help')[0], 0)


def test_unseen_base():
    """Where the map in use looks there must be something to see; a place of the new one may be yet to be made."""
    gone = ('"ou=users,ou=people,dc=example,dc=com"', '"ou=gone,ou=people,dc=example,dc=com"')
    with Folder() as folder, Stack() as stack:
        changed = folder.change(gone, gone)
        of = ('-c', stack.bridge.file, '-C', 'people')
        status, said, errors = run('diff', PEOPLE, changed, *of)
        check('of the new map', status == 0 and 'changed.jsonc: warning: the base "ou=gone,' in errors
              and '~ scope users: bases' in said, (status, said, errors))
        status, said, errors = run('diff', changed, PEOPLE, *of)
        check('of the one in use', status == 1 and said == '' and 'changed.jsonc: the base "ou=gone,' in errors,
              (status, said, errors))


def test_directory():
    with Folder() as folder, Stack() as stack:
        client = stack.client('people')
        for i in range(5):
            reply = client.post('/Users', {'userName': 'u%d' % i, 'title': 'T%d' % i, 'displayName': 'U',
                                           'active': i != 4, 'userType': 'robot' if i == 0 else 'person'})
            equal('made', reply.status, 201)
        gone = client.post('/Users', {'userName': 'gone'}).json['id']
        equal('deleted', client.delete('/Users/' + gone).status, 204)
        before = stack.directory.search(USERS, scope='one')

        def effect(*replacements):
            status, said, errors = run('diff', PEOPLE, folder.change(*replacements), '--json', '-c',
                                       stack.bridge.file, '-C', 'people')
            equal('status', (status, errors), (0, ''))
            users, groups = json.loads(said)['effects']
            equal('groups', (groups['before'], groups['after']), (0, 0))
            return users, {item['path']: item for item in users['values']}

        users, values = effect(FILTER)
        equal('hidden', (users['before'], users['after'], users['hidden']),
              (5, 4, {'entries': 1, 'examples': ['uid=u0,' + USERS]}))
        equal('values are the same', values, {})

        users, values = effect(('"title": "title"', '"title": "cn"'), ('"nickName": "scimNickName"',
                               '"nickName": "employeeType"'), ('"userType": "employeeType",', ''))
        equal('paths', sorted(values), ['nickName', 'title', 'userType'])
        equal('changed', (values['title']['changed']['entries'], values['title']['changed']['examples'][0]),
              (5, 'uid=u0,%s: "T0" becomes "U"' % USERS))
        equal('so many examples', len(values['title']['changed']['examples']), 3)
        equal('gained, lost', (values['nickName']['gained']['entries'], values['userType']['lost']['entries']),
              (5, 5))

        users, values = effect(('"inactive": "ppolicy-end",', ''), ('["inactive", {', '[{'),
                               ('"undo": [{ "undo": "inactive" }],', ''))
        equal('active', values['active']['lost']['entries'], 5)

        users, _ = effect_backwards(folder, stack, FILTER)
        equal('shown', (users['before'], users['after'], users['shown']['examples']),
              (4, 5, ['uid=u0,' + USERS]))

        status, said, _ = run('diff', PEOPLE, folder.change(FILTER), '-c', stack.bridge.file, '-C', 'people')
        check('for people', status == 0 and '\nUser: 5 entries are seen now, 4 would be\n'
              '  1 of 5 entries are not seen any more\n      uid=u0,' in said, said)
        equal('nothing was written', stack.directory.search(USERS, scope='one'), before)
        stack.directory.stop()
        status, said, errors = run('diff', PEOPLE, PEOPLE, '-c', stack.bridge.file, '-C', 'people')
        check('no directory', status == 1 and said == '' and errors, (said, errors))
        stack.directory.start()


MEMBERS = ('"ldap": "member", "reference": ["users", "groups"]', '"ldap": "%s", "reference": ["users", "groups"]')
MANAGER = ENTERPRISE + ':manager'


def test_members():
    """Who becomes a member of what, and who ceases to be one: another attribute, another scope, other filters."""
    with Folder() as folder, Stack() as stack:
        client = stack.client('people')
        ids = [client.post('/Users', {'userName': 'u%d' % i, 'userType': 'robot' if i < 4 else 'person'}).json['id']
               for i in range(6)]
        inner = client.post('/Groups', {'displayName': 'inner', 'members': [{'value': ids[5]}]}).json['id']
        for name, members in (('all', [*ids, inner]), ('people', ids[4:]), ('none', [])):
            reply = client.post('/Groups', {'displayName': name, 'members': [{'value': id_} for id_ in members]})
            equal('made', reply.status, 201)
        equal('manager', client.patch('/Users/' + ids[5], {
            'schemas': ['urn:ietf:params:scim:api:messages:2.0:PatchOp'],
            'Operations': [{'op': 'add', 'path': MANAGER, 'value': {'value': ids[0]}}]}).status, 200)
        import ldap
        connection = stack.directory.connect()
        connection.modify_s('cn=people,' + GROUPS, [
            (ldap.MOD_ADD, 'member', [b'cn=stranger,dc=example,dc=com']),
            (ldap.MOD_ADD, 'owner', [('uid=u%d,%s' % (i, USERS)).encode() for i in (3, 4)])])
        connection.unbind_s()
        before = stack.directory.search(GROUPS, scope='one')

        def effects(*replacements):
            status, said, errors = run('diff', PEOPLE, folder.change(*replacements), '--json', '-c',
                                       stack.bridge.file, '-C', 'people')
            equal('status', (status, errors), (0, ''))
            return {effect['resourceType']: effect for effect in json.loads(said)['effects']}

        check('the same', not any('members' in effect for effect in effects(PARENT).values()))

        found = effects(FILTER)
        equal('a narrower scope', {name: found['Group']['members'][name] for name in ('path', 'lost', 'gained')},
              {'path': 'members', 'lost': 4, 'gained': 0})
        equal('which', found['Group']['members']['changed'], {
            'entries': 1, 'examples': ['cn=all,%s: loses 4 (uid=u0,%s; uid=u1,%s; ...)' % (GROUPS, USERS, USERS)]})
        equal('a manager who is not seen', found['User']['values'], [
            {'path': MANAGER, 'lost': {'entries': 1, 'examples': [
                'uid=u5,%s: "uid=u0,%s"' % (USERS, USERS)]}}])

        found = effects((MEMBERS[0], MEMBERS[1] % 'owner'),
                        ('"emptyMember": "cn=nobody",', '"entry": { "member": "cn=nobody" },'))['Group']['members']
        equal('another attribute', (found['lost'], found['gained'], found['changed']['entries']), (9, 1, 3))
        check('come and go', 'cn=people,%s: loses 1 (uid=u5,%s), gains 1 (uid=u3,%s)' % (GROUPS, USERS, USERS)
              in found['changed']['examples'], found)

        found = effects((MEMBERS[0], MEMBERS[0].replace(', "groups"', '')))['Group']['members']
        equal('groups are no members any more', (found['lost'], found['gained'], found['changed']['examples']),
              (1, 0, ['cn=all,%s: loses 1 (cn=inner,%s)' % (GROUPS, GROUPS)]))

        # The same people, by their names: what a DN is not of stays behind.
        import ldap
        connection = stack.directory.connect()
        connection.modify_s('cn=people,' + GROUPS, [
            (ldap.MOD_ADD, 'description', [b'U4', b'u5', b'u0', b'nobody'])])
        connection.unbind_s()
        by_name = ((MEMBERS[0], '"ldap": "description", "reference": ["users"], "by": "uid"'),
                   ('"emptyMember": "cn=nobody",', '"entry": { "member": "cn=nobody" },'),
                   ('Group:description": "description"', 'Group:description": "businessCategory"'))
        found = effects(*by_name)['Group']['members']
        check('by name', 'cn=people,%s: gains 1 (uid=u0,%s)' % (GROUPS, USERS) in found['changed']['examples'], found)
        before = stack.directory.search(GROUPS, scope='one')

        said = run('diff', PEOPLE, folder.change(FILTER), '-c', stack.bridge.file, '-C', 'people')[1]
        check('for people', '  members: 1 of 4 entries have other members\n      cn=all,%s: loses 4 (' % GROUPS in said,
              said)
        equal('nothing was written', stack.directory.search(GROUPS, scope='one'), before)


def effect_backwards(folder, stack, *replacements):
    """What it would do to take the change back."""
    status, said, errors = run('diff', folder.change(*replacements), PEOPLE, '--json', '-c', stack.bridge.file,
                               '-C', 'people')
    equal('status', (status, errors), (0, ''))
    users = json.loads(said)['effects'][0]
    return users, users['values']


main(globals())
