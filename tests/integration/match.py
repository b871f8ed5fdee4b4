#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""match: an export of users held against the directory, and claims."""
import contextlib
import json
import os
import pty
import re
import shutil
import subprocess
import sys
import tempfile

sys.path.insert(0, os.path.join(os.environ.get('top_srcdir', '.'), 'tests', 'support'))
from harness import MAPS, PROGRAM, SLOW, Stack, check, equal, main  # noqa: E402

USERS = 'ou=users,ou=people,dc=example,dc=com'
HEAD = 'userPrincipalName,displayName,surname,mail,givenName,objectId,jobTitle,department,accountEnabled'


def dn_of(name):
    return 'uid=%s,%s' % (name, USERS)


class Bed:
    """slapd, a bridge, and a folder for exports."""

    def __init__(self, change=None, **more):
        self.folder = tempfile.mkdtemp(prefix='scimbridge-match-')
        if change:
            with open(os.path.join(MAPS, 'people.jsonc'), encoding='utf-8') as file:
                text = change(file.read())
            more['maps'] = {'people': self.write('people.jsonc', text)}
        self.audit = os.path.join(self.folder, 'audit')
        self.stack = Stack(config={'audit': self.audit}, **more)

    def __enter__(self):
        self.client = self.stack.client('people')
        self.ldap = self.stack.directory.connect()
        return self

    def __exit__(self, *arguments):
        self.ldap.unbind_s()
        self.stack.__exit__(*arguments)
        shutil.rmtree(self.folder)

    def write(self, name, text):
        name = os.path.join(self.folder, name)
        with open(name, 'wb') as file:
            file.write(text if isinstance(text, bytes) else text.encode())
        return name

    def add(self, name, **more):
        """An entry that was there before the bridge."""
        import ldap.dn
        import ldap.modlist
        entry = {'objectClass': ['inetOrgPerson'], 'uid': [name], 'cn': [name], 'sn': [name], **more}
        self.ldap.add_s(dn_of(ldap.dn.escape_dn_chars(name)), ldap.modlist.addModlist(
            {key: [value.encode() for value in values] for key, values in entry.items()}))

    def export(self, *rows, head=HEAD):
        return self.write('users.csv', '\r\n'.join((head, *rows, '')))

    def match(self, file, *arguments):
        """(status, standard output, standard error)"""
        done = subprocess.run([PROGRAM, 'match', '-c', self.stack.bridge.file, '-C', 'people', *arguments,
                               file], stdin=subprocess.DEVNULL, capture_output=True, text=True,
                              timeout=120 * SLOW)
        return done.returncode, done.stdout, done.stderr

    def rows(self, file, *arguments):
        """(status, results by name, summary)"""
        status, said, errors = self.match(file, '--json', *arguments)
        equal('no complaint', errors, '')
        lines = [json.loads(line) for line in said.splitlines()]
        return status, {line.get('name', ''): line for line in lines[:-1]}, lines[-1]['summary']


def row(name, number=1, **more):
    values = dict(userPrincipalName=name, displayName=name.title(), surname='S', mail=name + '@example.com',
                  givenName='G', objectId='00000000-0000-4000-8000-%012d' % number, jobTitle='',
                  department='', accountEnabled='True', **more)
    return ','.join(values[column] for column in HEAD.split(','))


def test_match():
    with Bed() as bed:
        bed.add('ada')
        bed.add('twice')
        known = bed.client.post('/Users', {'userName': 'known', 'externalId': row('known', 7).split(',')[5]})
        other = bed.client.post('/Users', {'userName': 'other', 'externalId': 'somebody'})
        gone = bed.client.post('/Users', {'userName': 'gone'})
        equal('made', (known.status, other.status, gone.status), (201, 201, 201))
        bed.client.delete('/Users/' + gone.json['id'])
        before = bed.stack.directory.search(USERS, scope='one')
        file = bed.export(row('ADA', 1), row('new', 2), row('twice', 3), row('Twice', 4), row('known', 7),
                          row('other', 8), row('gone', 9), row('fresh', 10), row('FRESH', 11))
        status, rows, summary = bed.rows(file)
        equal('status', status, 1)
        ada = rows['ADA']
        equal('adopted', (ada['result'], ada['dn'], ada['by'], ada['line']),
              ('adopt', dn_of('ada'), 'userName', 2))
        equal('created', (rows['new']['result'], rows['new']['dn']), ('create', dn_of('new')))
        equal('claimed', (rows['known']['result'], rows['known']['id']), ('claimed', known.json['id']))
        equal('collisions', {name: item['code'] for name, item in rows.items()
                             if item['result'] == 'collides'},
              {'twice': 'same-entry', 'Twice': 'same-entry', 'other': 'other-person', 'gone': 'tombstone',
               'fresh': 'same-entry', 'FRESH': 'same-entry'})
        check('with whom', 'line 5 (Twice)' in rows['twice']['reason']
              and 'line 4 (twice)' in rows['Twice']['reason'], rows)
        equal('summary', summary, {'rows': 9, 'adopt': 1, 'claimed': 1, 'create': 1, 'refused': 0,
                                   'collides': 6, 'invalid': 0, 'failed': 0})
        status, said, errors = bed.match(file)
        check('for people', status == 1 and errors == ''
              and 'adopt     line 2: ADA -> %s, by userName\n' % dn_of('ada') in said
              and said.endswith('\n9 rows: 1 would be adopted, 1 are provisioned already, 1 would be '
                                'created, 6 collide\n'), said)
        check('no colour, no progress', '\x1b' not in said and '\r' not in said, said)
        equal('nothing was written', bed.stack.directory.search(USERS, scope='one'), before)

        # What is said is what happens.
        for name, number in (('ADA', 1), ('new', 2)):
            reply = bed.client.post('/Users', {'userName': name, 'externalId': 'x%d' % number})
            equal('POST ' + name, reply.status, 201)
        check('adopted', 'scimResource' in bed.stack.directory.entry(dn_of('ada'))['objectClass'], '')
        equal('POST known', bed.client.post('/Users', {'userName': 'known'}).status, 409)
        equal('clean', bed.rows(bed.export(row('another', 1)))[0], 0)


def test_values():
    """Quoting, byte order mark, other separators, values that a map cannot store."""
    with Bed() as bed:
        bed.add('a, "b"')
        head = 'User name [userPrincipalName] Required;Display name [displayName]'
        text = '\ufeff' + head + '\n"a, ""b""";"two\nlines"\n\n"x";y'
        status, rows, _ = bed.rows(bed.write('users.csv', text))
        equal('matched', (status, rows['a, "b"']['result'], rows['x']['line']), (0, 'adopt', 5))
        status, rows, _ = bed.rows(bed.export(
            'a', 'b', head='userName2,mail', ), '--column', 'userName=userName2')
        equal('a column', (status, {item['result'] for item in rows.values()}), (0, {'create'}))
        status, rows, _ = bed.rows(bed.export('a,perhaps', head='userPrincipalName,accountEnabled'))
        check('not a boolean', status == 1 and rows['a']['result'] == 'invalid'
              and 'active' in rows['a']['reason'], rows)
        status, rows, _ = bed.rows(bed.export(',x', head='userPrincipalName,displayName'))
        check('no name', status == 1 and rows['']['result'] == 'invalid', rows)
        status, rows, _ = bed.rows(bed.export('b,perhaps', head='userPrincipalName,accountEnabled'),
                                   '--column', 'active=')
        equal('without it', (status, rows['b']['result']), (0, 'create'))


MISTAKES = [
    ('not closed', HEAD + '\n"a', (), 'line 2: a field that begins with a quotation mark'),
    ('after the end', HEAD + '\n"a"b,c', (), 'written twice'),
    ('not UTF-8', b'userPrincipalName\n\xff\xfe', (), 'not UTF-8'),
    ('empty', '', (), 'it is empty'),
    ('no matching column', 'name,mail\na,b\n', (), "--column 'userName=NAME'"),
    ('no such column', HEAD + '\n', ('--column', 'userName=userPrincipalNam'),
     'did you mean "userPrincipalName"?'),
    ('no such path', HEAD + '\n', ('--column', 'shoeSize=mail'), 'has no shoeSize'),
    ('no path', HEAD + '\n', ('--column', 'mail'), 'SCIMPATH=NAME'),
    ('no type', HEAD + '\n', ('--type', 'Car'), 'no type Car'),
]


def test_mistakes():
    with Bed() as bed:
        for name, text, arguments, wanted in MISTAKES:
            status, said, errors = bed.match(bed.write('users.csv', text), *arguments)
            check(name, status == 1 and said == '' and wanted in errors, (status, said, errors))
        equal('no file', bed.match(bed.folder + '/none')[0], 1)
        equal('usage', bed.match('a', 'b')[0], 2)
        equal('usage', bed.match('a', '--nothing')[0], 2)
        bed.stack.directory.stop()
        status, said, errors = bed.match(bed.export(row('a')))
        check('no directory', status == 1 and said == '' and errors, (said, errors))
        bed.stack.directory.start()


def test_unseen_base():
    """A base that is not there, or that the bridge may not see, is no answer: else all would be created."""
    gone = lambda text: text.replace('"ou=users,ou=people,', '"ou=gone,ou=people,')  # noqa: E731
    with Bed(gone) as bed:
        status, said, errors = bed.match(bed.export(row('a')))
        check('match', status == 1 and said == '' and 'the base "ou=gone,ou=people,' in errors
              and 'the bind identity may not see it' in errors, (status, said, errors))


def protecting(text):
    return text.replace('"filter": "(objectClass=inetOrgPerson)",',
                        '"filter": "(&(objectClass=inetOrgPerson)(!(employeeType=robot)))",'
                        '"protect": "(title=root)",')


def test_in_the_way():
    with Bed(protecting) as bed:
        bed.add('root', title=['root'])
        bed.add('robot', employeeType=['robot'])
        status, rows, _ = bed.rows(bed.export(row('root', 1), row('robot', 2)))
        equal('codes', (status, rows['root']['code'], rows['robot']['code']), (1, 'protected', 'outside'))
        equal('which', rows['root']['dn'], dn_of('root'))


def by_external_id(text):
    text = text.replace('"unique": ["uid"]', '"unique": []', 1)
    return text.replace('"match": ["userName"]', '"match": ["externalId", "userName"], "unique": ["mail"]', 1)


def test_match_list():
    """The first path that both sides have decides; what must be unique is looked for."""
    with Bed(by_external_id) as bed:
        more = {'objectClass': ['inetOrgPerson', 'scimResource']}
        bed.add('renamed', scimExternalId=[row('x', 1).split(',')[5]], **more)
        bed.add('other', scimExternalId=['another'], **more)
        bed.add('free')
        bed.add('holder', mail=['taken@example.com'])
        bed.add('one', mail=['one@elsewhere'])
        status, rows, _ = bed.rows(bed.export(row('new', 1), row('other', 2), row('free', 3),
                                              row('taken', 4)))
        equal('by externalId', (rows['new']['result'], rows['new'].get('by'), rows['new']['dn']),
              ('claimed', 'externalId', dn_of('renamed')))
        equal('its name is another\'s', (rows['other']['result'], rows['other']['code']),
              ('collides', 'other-person'))
        equal('by userName', (rows['free']['result'], rows['free']['by']), ('adopt', 'userName'))
        check('a value', rows['taken']['result'] == 'collides' and rows['taken']['code'] == 'taken'
              and 'taken@example.com' in rows['taken']['reason'], rows['taken'])
        equal('status', status, 1)
        rows = [row('u1', 11), row('u2', 12).replace('u2@', 'u1@')]
        found = bed.rows(bed.export(*rows))[1]
        check('one value, two rows', found['u1']['result'] == 'create'
              and found['u2']['result'] == 'collides' and 'u1@example.com' in found['u2']['reason'], found)


def by_mail(text):
    return by_external_id(text).replace('"match": ["externalId", "userName"], "unique": ["mail"]',
                                        '"match": ["emails[type eq \\"work\\"].value"]', 1)


def test_several():
    with Bed(by_mail) as bed:
        for name in ('a', 'b'):
            bed.add(name, mail=['same@example.com'])
        status, rows, _ = bed.rows(bed.export(row('same', 1)))
        item = rows['same@example.com']
        check('several', status == 1 and item['code'] == 'several' and dn_of('a') in item['reason']
              and dn_of('b') in item['reason'], item)


def test_claim():
    with Bed() as bed:
        for name in ('ada', 'bob'):
            bed.add(name, title=['Dr'])
        file = bed.export(row('ada', 1), row('bob', 2), row('new', 3))
        status, said, errors = bed.match(file, '--claim')
        check('not without --yes', status == 0 and '2 entries are to be claimed: objectClass scimResource, '
              'the externalId in scimExternalId' in errors and 'with --yes' in errors, (said, errors))
        check('as it was', 'scimResource' not in bed.stack.directory.entry(dn_of('ada'))['objectClass'], '')
        before = open(bed.audit, encoding='utf-8').read()
        status, said, errors = bed.match(file, '--claim', '--yes')
        check('claimed', status == 0 and errors.endswith('\n2 claimed, 0 failed\n')
              and '\nclaimed   line 2: ada -> ' in said, (status, said, errors))
        for name, number in (('ada', 1), ('bob', 2)):
            entry = bed.stack.directory.entry(dn_of(name))
            check('class', 'scimResource' in entry['objectClass'], entry)
            equal('externalId', entry['scimExternalId'], ['00000000-0000-4000-8000-%012d' % number])
            equal('nothing else', {key: entry[key] for key in ('cn', 'sn', 'title')},
                  {'cn': [name], 'sn': [name], 'title': ['Dr']})
            check('nothing else', 'displayName' not in entry and 'mail' not in entry, entry)
        records = open(bed.audit, encoding='utf-8').read()[len(before):].splitlines()
        equal('records', [re.search(r'event=(\S+)', line).group(1) for line in records],
              ['intent', 'result'] * 2)
        for record in records:
            check('who and what', 'command=match uid=%d connector=people endpoint=Users resource='
                  % os.getuid() in record, record)
        status, said, errors = bed.match(file, '--claim', '--yes')
        check('again: nothing', status == 0 and errors == 'nothing is to be claimed\n'
              and '0 would be adopted, 2 are provisioned already' in said, (said, errors))
        found = bed.client.get('/Users?filter=userName eq "ada"').json
        equal('as a client sees it', found['Resources'][0]['externalId'],
              '00000000-0000-4000-8000-000000000001')


def never(text):
    return text.replace('"adopt": "match"', '"adopt": "never"', 1)


def test_claim_never():
    """A map that adopts nothing: what was reviewed is claimed all the same; what collides is not."""
    with Bed(never) as bed:
        for name in ('ada', 'bob'):
            bed.add(name)
        file = bed.export(row('ada', 1), row('bob', 2), row('BOB', 3))
        status, rows, _ = bed.rows(file)
        equal('refused', (status, rows['ada']['result'], rows['bob']['result']), (1, 'refused', 'collides'))
        status, said, errors = bed.match(file, '--claim', '--yes')
        check('one', status == 1 and '1 claimed, 0 failed' in errors, (said, errors))
        check('the other is free', 'scimResource' not in bed.stack.directory.entry(dn_of('bob'))['objectClass'],
              '')
        equal('then', bed.rows(bed.export(row('ada', 1)))[0], 0)


def test_claim_asks():
    with Bed() as bed:
        bed.add('ada')
        file = bed.export(row('ada', 1))
        for answer, wanted in ((b'n\n', False), (b'y\n', True)):
            here, there = pty.openpty()
            with subprocess.Popen([PROGRAM, 'match', '-c', bed.stack.bridge.file, '-C', 'people', '--claim',
                                   file], stdin=there, stdout=there, stderr=there) as process:
                os.close(there)
                os.write(here, answer)
                said = b''
                with contextlib.suppress(OSError):  # the other end was closed
                    while more := os.read(here, 65536):
                        said += more
                process.wait(60 * SLOW)
            os.close(here)
            check('asked', b'Claim them? [y/N]' in said, said)
            equal('claimed', 'scimResource' in bed.stack.directory.entry(dn_of('ada'))['objectClass'], wanted)


main(globals())
