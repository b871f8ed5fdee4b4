#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""What an administrator asks of a connector: show, explain, import, purge."""
import contextlib
import json
import os
import pty
import re
import shutil
import subprocess
import sys
import tempfile
import time
import urllib.parse

sys.path.insert(0, os.path.join(os.environ.get('top_srcdir', '.'), 'tests', 'support'))
from harness import MAPS, PROGRAM, SLOW, Stack, check, equal, main, wait_for  # noqa: E402

ENTERPRISE = 'urn:ietf:params:scim:schemas:extension:enterprise:2.0:User'
USERS = 'ou=users,ou=people,dc=example,dc=com'
GROUPS = 'ou=groups,ou=people,dc=example,dc=com'
SECRET = 'correct horse battery'


def run(*arguments):
    """(status, standard output, standard error)"""
    done = subprocess.run([PROGRAM, *arguments], stdin=subprocess.DEVNULL, capture_output=True,
                          text=True, timeout=120 * SLOW)
    return done.returncode, done.stdout, done.stderr


def stable(text):
    """The same text each time: ids and times have names."""
    text = re.sub(r'[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}', 'ID', text)
    text = re.sub(r'\d{14}\.\d{6}Z#\d{6}#\d{3}#\d{6}', 'CSN', text)
    text = re.sub(r'\d{14}Z', 'TIME', text)
    return re.sub(r'\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ', 'TIME', text)


class Bed:
    """slapd, a bridge for making things, and the commands on the same configuration."""

    def __init__(self, **more):
        self.stack = Stack(**more)

    def __enter__(self):
        self.client = self.stack.client('people')
        self.ldap = self.stack.directory.connect()
        return self

    def __exit__(self, *arguments):
        self.ldap.unbind_s()
        self.stack.__exit__(*arguments)

    def command(self, name, *arguments, connector='people'):
        return run(name, '-c', self.stack.bridge.file, '-C', connector, *arguments)

    def new(self, endpoint, **resource):
        reply = self.client.post('/' + endpoint, resource)
        assert reply.status == 201, reply
        return reply.json['id']

    def user(self, login, **more):
        return self.new('Users', userName=login, **more)

    def modify(self, dn, **values):
        import ldap
        self.ldap.modify_s(dn, [(ldap.MOD_REPLACE, name, None if value is None else
                                 [one.encode() for one in value]) for name, value in values.items()])


def dn_of(name):
    return 'uid=%s,%s' % (name, USERS)


# ---- show -----------------------------------------------------------------------------------

ADA = '''dn:          uid=ada,ou=users,ou=people,dc=example,dc=com
seen as:     User of connector people, in the scope "users"
lifecycle:   active, as (pwdEndTime<=TIME) does not match; it has no pwdEndTime

{
  "schemas": [
    "urn:ietf:params:scim:schemas:core:2.0:User",
    "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User"
  ],
  "id": "ID",                                                    # entryUUID: ID
  "userName": "ada",                                             # uid: ada
  "title": "Countess",                                           # title: Countess
  "name": {
    "familyName": "Lovelace"                                     # sn: Lovelace
  },
  "emails": [
    {
      "value": "ada@example.com",                                # mail: ada@example.com
      "type": "work",
      "primary": true
    }
  ],
  "active": true,                                                # (pwdEndTime<=TIME)
  "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User": {
    "manager": {
      "value": "ID",                                             # manager: uid=boss,ou=users,ou=people,dc=example,dc=com
      "$ref": "https://localhost/people/scim/v2/Users/ID"
    }
  },
  "meta": {
    "resourceType": "User",
    "created": "TIME",                                           # createTimestamp: TIME
    "lastModified": "TIME",                                      # modifyTimestamp: TIME
    "location": "https://localhost/people/scim/v2/Users/ID",
    "version": "W/\\"CSN\\""                                       # entryCSN: CSN
  }
}

not mapped:  carLicense
operational: structuralObjectClass, OPERATIONAL
not shown:   title: Enchantress is not the one value that is shown
'''


def squeeze(text):
    """Notes stand where the longest id puts them: only that there are blanks before them counts."""
    text = re.sub(r' +# ', ' # ', stable(text))
    return re.sub(r'(operational: structuralObjectClass, ).*', r'\1OPERATIONAL', text)


def test_show():
    with Bed() as bed:
        boss = bed.user('boss')
        ada = bed.user('ada', password=SECRET, title='Countess', name={'familyName': 'Lovelace'},
                       emails=[{'type': 'work', 'value': 'ada@example.com'}],
                       **{ENTERPRISE: {'manager': {'value': boss}}})
        bed.modify(dn_of('ada'), title=['Countess', 'Enchantress'], carLicense=['AE 1'])
        status, said, errors = bed.command('show', dn_of('ada'))
        equal('status', (status, errors), (0, ''))
        equal('text', squeeze(said), squeeze(ADA))
        columns = {line.index('# ') for line in said.splitlines() if '# ' in line}
        equal('one column', len(columns), 1)
        equal('by id the same', squeeze(bed.command('show', ada)[1]), squeeze(said))

        status, said, _ = bed.command('show', '--json', ada)
        shown = json.loads(said)
        equal('status', status, 0)
        equal('the resource of a client', without_place(shown['resource']),
              without_place(bed.client.get('/Users/' + ada).json))
        equal('origin', shown['origin']['emails[type eq "work"].value'],
              [{'attribute': 'mail', 'value': 'ada@example.com'}])
        equal('manager', shown['origin'][ENTERPRISE + ':manager'],
              [{'attribute': 'manager', 'value': dn_of('boss'), 'id': boss}])
        equal('names', (shown['unmapped'], shown['visible'], shown['dn']),
              (['carLicense'], True, dn_of('ada')))
        equal('unseen', [item['value'] for item in shown['notShown']], ['Enchantress'])

        bed.client.patch('/Users/' + ada, [{'op': 'replace', 'path': 'active', 'value': False}])
        said = bed.command('show', ada)[1]
        check('inactive', 'lifecycle:   inactive, as (pwdEndTime<=' in said
              and 'matches; pwdEndTime: 19700101000000Z' in said, said)
        for output in (bed.command('show', ada), bed.command('show', '--json', ada)):
            check('no password', 'userPassword: ' not in output[1] and SECRET not in output[1]
                  and '{SSHA}' not in output[1] and '\x1b' not in output[1], output)


def without_place(resource):
    """Without URLs, which depend on how the bridge was called."""
    if isinstance(resource, list):
        return [without_place(item) for item in resource]
    if isinstance(resource, dict):
        return {name: without_place(value) for name, value in resource.items()
                if name not in ('$ref', 'location')}
    return resource


def test_show_group():
    with Bed() as bed:
        users = [bed.user('u%d' % i) for i in range(3)]
        group = bed.new('Groups', displayName='Analysts',
                        members=[{'value': user} for user in users])
        bed.client.delete('/Users/' + users[0])
        bed.modify('cn=Analysts,' + GROUPS, member=[dn_of('u%d' % i) for i in range(3)])
        said = bed.command('show', group)[1]
        for i in (1, 2):
            check('id and DN', re.search('"value": "%s", *# member: %s' % (users[i], dn_of('u%d' % i)),
                                         said), said)
        check('a tombstone', 'not shown:   member: %s is no resource' % dn_of('u0') in said, said)
        empty = bed.new('Groups', displayName='Empty')
        said = bed.command('show', empty)[1]
        check('placeholder', 'not shown:   member: cn=nobody stands for no member' in said, said)


def codes(bed, what, **more):
    status, said, errors = bed.command('show', '--json', what, **more)
    shown = json.loads(said)
    check('told as not seen', status == 1 and errors == '' and not shown['visible'], said)
    return [reason['code'] for reason in shown['reasons']], shown['reasons']


@contextlib.contextmanager
def with_map(change):
    """Bed with a map of people that was changed as text."""
    with open(os.path.join(MAPS, 'people.jsonc'), encoding='utf-8') as file:
        text = change(file.read())
    file = os.path.join(os.environ.get('TMPDIR', '/tmp'), 'scimbridge-tools-%d.jsonc' % os.getpid())
    with open(file, 'w', encoding='utf-8') as to:
        to.write(text)
    try:
        with Bed(maps={'people': file}) as bed:
            yield bed
    finally:
        os.unlink(file)


def protecting(text):
    return text.replace('"filter": "(objectClass=inetOrgPerson)",',
                        '"filter": "(&(objectClass=inetOrgPerson)(uid=*)(!(employeeType=robot)))",'
                        '"protect": "(|(uid=svc-*)(title=root))",')


def test_show_reasons():
    with with_map(protecting) as bed:
        user = bed.user('ada')
        bed.modify(dn_of('ada'), employeeType=['robot'], title=['root'])
        found, reasons = codes(bed, user)
        equal('in order', found, ['filter', 'protected'])
        check('the part that fails', reasons[0]['reason'].endswith(
            'what fails is (!(employeeType=robot))'), reasons)
        check('the part that matches', reasons[1]['reason'].endswith(
            'what matches is (title=root)'), reasons)
        status, said, _ = bed.command('show', user)
        check('for people', status == 1 and '\n1. it does not match the filter of the scope "users"'
              in said and '\n2. it is protected by ' in said and '\n   -> ' in said, said)
        bed.modify(dn_of('ada'), employeeType=None, title=None)
        equal('seen again', bed.command('show', user)[0], 0)
        bed.client.delete('/Users/' + user)
        found, reasons = codes(bed, user)
        equal('deleted', found, ['deleted'])
        check('since', '(scimDeletedAt=*), since 2' in reasons[0]['reason'], reasons)
        equal('outside', codes(bed, USERS)[0], ['outside'])
        found, reasons = codes(bed, 'uid=nobody,' + USERS)
        check('absent', found == ['absent'] and USERS in reasons[0]['reason'], reasons)
        equal('no such id', codes(bed, '00000000-5b0e-103f-9a3d-0d5f1c2b3a49')[0], ['absent'])
        for what in ('nonsense', 'uid=a=,,'):
            status, said, errors = bed.command('show', what)
            check('neither', status == 1 and said == '' and errors.startswith('scimbridge show: '),
                  (said, errors))
        equal('usage', bed.command('show')[0], 2)
        equal('usage', bed.command('show', '--nothing', user)[0], 2)
        bed.stack.directory.stop()
        status, said, errors = bed.command('show', user)
        check('no directory', status == 1 and said == '' and errors, (said, errors))
        bed.stack.directory.start()


def deny(bed, attribute):
    """As the owner of the directory's configuration: hide the attribute from everybody."""
    import ldap
    socket = urllib.parse.quote(os.path.join(bed.stack.directory.folder, 'ldapi'), safe='')
    owner = ldap.initialize('ldapi://' + socket)
    owner.sasl_non_interactive_bind_s('EXTERNAL')
    owner.modify_s('olcDatabase={1}mdb,cn=config',
                   [(ldap.MOD_ADD, 'olcAccess', [b'{0}to attrs=' + attribute.encode() + b' by * none'])])
    owner.unbind_s()


def test_show_anchor():
    """A bind identity that may not read entryUUID."""
    with Bed() as bed:
        bed.user('ada')
        deny(bed, 'entryUUID')
        found, reasons = codes(bed, dn_of('ada'))
        check('anchor', found == ['anchor'] and 'entryUUID' in reasons[0]['advice'], reasons)


def on_terminal(arguments, **environment):
    """What the command writes to a terminal."""
    here, there = pty.openpty()
    try:
        env = {**{k: v for k, v in os.environ.items() if k != 'NO_COLOR'}, 'TERM': 'xterm', **environment}
        process = subprocess.Popen([PROGRAM, *arguments], stdin=subprocess.DEVNULL, stdout=there,
                                   stderr=there, env=env)
        os.close(there)
        said = b''
        with contextlib.suppress(OSError):  # the other end was closed
            while more := os.read(here, 65536):
                said += more
        process.wait(60 * SLOW)
        return said.decode()
    finally:
        os.close(here)


def test_terminal():
    try:
        for end in pty.openpty():
            os.close(end)
    except OSError as error:
        print(f'left out, as there is no terminal to be had here: {error}')
        return
    with Bed() as bed:
        user = bed.user('ada')
        arguments = ('show', '-c', bed.stack.bridge.file, '-C', 'people', user)
        check('colour', '\x1b[36m# uid: ada\x1b[0m' in on_terminal(arguments), on_terminal(arguments))
        check('no colour', '\x1b' not in on_terminal(arguments, NO_COLOR='1'), '')
        check('a dumb one', '\x1b' not in on_terminal(arguments, TERM='dumb'), '')
        said = on_terminal(('import', '-c', bed.stack.bridge.file, '-C', 'people'))
        check('progress', '\rUser: 1 of 1, ' in said, said)
        people = os.path.join(MAPS, 'people.jsonc')
        said = on_terminal(('map', 'diff', people, people, '-c', bed.stack.bridge.file, '-C', 'people'))
        check('of map diff', '\rwhat can be referred to: 1\x1b[K' in said and '\r\x1b[Kthe maps say the same' in said, said)
        users = os.path.join(bed.stack.folder, 'users.csv')
        with open(users, 'w', encoding='utf-8') as file:
            file.write('userPrincipalName\nbob\n')
        said = on_terminal(('match', '-c', bed.stack.bridge.file, '-C', 'people', users))
        check('of match', '\rlooked at: 1\x1b[K' in said, said)


def test_show_secret():
    """A map that shows passwords as something else is none, to the bridge and to every tool."""
    with with_map(lambda text: text) as bed:
        file = bed.stack.bridge.config['connectors']['people']['map']
        with open(file, encoding='utf-8') as old:
            text = old.read().replace('"userCertificate;binary"', '"userPassword"')
        with open(file, 'w', encoding='utf-8') as to:
            to.write(text)
        status, said, errors = bed.command('show', dn_of('ada'))
        check('refused', status == 1 and said == '' and 'userPassword holds passwords' in errors, said + errors)


# ---- explain --------------------------------------------------------------------------------


def test_explain():
    """With the directory: what is read is read, what would be written is not."""
    with Bed() as bed:
        bed.user('ada')
        before = bed.stack.directory.search(USERS, scope='one')
        status, said, errors = bed.command('explain', 'POST', '/Users', '{"userName": "grace"}')
        check('an add', status == 0 and errors == '' and 'dn: ' + dn_of('grace') in said
              and '# not sent; going on as if it had succeeded' in said
              and '# the answer would be 201' in said, said + errors)
        said = bed.command('explain', 'POST', '/Users', '{"userName": "ada", "externalId": "1"}')[1]
        check('a name that is taken', 'would be refused, as an entry has that name' in said, said)
        said = bed.command('explain', 'GET', '/Users?filter=userName eq "ada"')[1]
        check('a search', '# success (0), 1 entries\n#   %s\n' % dn_of('ada') in said, said)
        said = bed.command('explain', '--offline', 'GET', '/Users?filter=userName eq "ada"')[1]
        check('offline', '# not asked (--offline)' in said and '"totalResults":0' in said, said)
        equal('nothing was written', bed.stack.directory.search(USERS, scope='one'), before)
        for arguments in ((), ('GET',), ('BREW', '/Users'), ('GET', '/Users', '{}', 'more'), ('--none',)):
            equal('usage %r' % (arguments,), bed.command('explain', *arguments)[0], 2)
        bed.stack.directory.stop()
        status, _, errors = bed.command('explain', 'GET', '/Users')
        check('no directory', status == 1 and errors.startswith('scimbridge explain: '), errors)
        bed.stack.directory.start()


def test_explain_why():
    """Why a step is needed, which rewriters fired, and the same for programs."""
    patch = json.dumps({'schemas': ['urn:ietf:params:scim:api:messages:2.0:PatchOp'], 'Operations': [
        {'op': 'Replace', 'path': 'active', 'value': 'False'}, {'op': 'add', 'path': 'title', 'value': 'Boss'}]})
    with Bed() as bed:
        ada = bed.user('ada')
        before = bed.stack.directory.search(USERS, scope='one')
        said = bed.command('explain', 'PATCH', '/Users/' + ada, patch)[1]
        for part in ("# why: the entry's DN and version are not known", '# control: assertion (critical) (&(entryUUID=',
                     '# control: post-read ', 'replace: pwdEndTime\n', '# rewritten by opCase: ',
                     '# rewritten by booleanString: "True" and "False" as strings', '# the answer would be 200\n'):
            check(part, part in said, said)
        said = bed.command('explain', 'PUT', '/Users/' + ada, '{"userName": "ada", "shoeSize": 42}')[1]
        check('PUT reads', '# why: what is written depends on what the entry has now' in said, said)
        check('ignored', '# ignored: 1 attribute that the map does not hold' in said, said)
        said = bed.command('explain', 'GET', '/Users/' + ada)[1]
        check('nothing is rewritten', 'rewritten' not in said and '# why: it is what was asked for' in said, said)

        status, said, errors = bed.command('explain', '--json', 'PATCH', '/Users/' + ada, patch)
        found = json.loads(said)
        equal('status', (status, errors), (0, ''))
        equal('steps', [(step['kind'], step['asked']) for step in found['steps']],
              [('search', True), ('modify', False)])
        equal('tasks', found['steps'][0]['tasks'], ['find', 'read', 'change', 'patch'])
        equal('entries', (found['steps'][0]['code'], found['steps'][0]['entries']), (0, [dn_of('ada')]))
        check('LDIF', 'title: Boss\n' in found['steps'][1]['ldif'], found)
        equal('instead', found['steps'][1]['instead'], 'not sent; going on as if it had succeeded')
        equal('rewritten', (found['rewritten'], found['ignored']), (['opCase', 'booleanString'], 0))
        equal('answer', (found['answer']['status'], found['answer']['body']['active']), (200, False))

        found = json.loads(bed.command('explain', '--json', 'GET', '/Users?filter=oops')[1])
        equal('refused', (found['steps'], found['answer']['body']['scimType']), ([], 'invalidFilter'))
        bulk = json.dumps({'schemas': ['urn:ietf:params:scim:api:messages:2.0:BulkRequest'], 'Operations': [
            {'method': 'POST', 'path': '/Users', 'bulkId': 'a', 'data': {'userName': 'a'}},
            {'method': 'PATCH', 'path': '/Users/' + ada, 'data': json.loads(patch)}]})
        found = json.loads(bed.command('explain', '--json', 'POST', '/Bulk', bulk)[1])
        equal('operations', {step['operation'] for step in found['steps']}, {1, 2})
        equal('whose quirks', {item['operation']: item['rewritten'] for item in found['operations']},
              {1: [], 2: ['opCase', 'booleanString']})
        said = bed.command('explain', 'POST', '/Bulk', bulk)[1]
        check('for people', '# rewritten by booleanString' in said and '# operation 2: PATCH /Users/' in said, said)
        equal('nothing was written', bed.stack.directory.search(USERS, scope='one'), before)

        status, said, errors = bed.command('explain', '--json', '--map', 'userName')
        path, = json.loads(said)['paths']
        equal('a path', (status, path['path'], path['says']['LDAP attribute'], path['changedBy']),
              (0, 'userName', 'uid', 'clients, at any time'))
        check('its uses', any('names the entry' in use for use in path['uses']), path)


def test_explain_map():
    """One attribute: where it comes from, where it goes, who may change it."""
    with Bed() as bed:
        for path, wanted in (
                ('userName', ('User userName\n  LDAP attribute: uid\n', '  changed by: clients, at any time\n',
                              '  names the entry: a change renames it\n', 'number 1 of "match"',
                              '  makes cn of the entry: ')),
                ('manager', (ENTERPRISE + ':manager', '  reference: users\n')),
                ('emails[type eq "home"].value', ('scimHomeMail', '  several: yes\n')),
                ('active', ('User active\n  false, when: (pwdEndTime<=',)),
                ('displayName', ('User displayName', 'Group displayName\n  LDAP attribute: cn\n'))):
            status, said, errors = bed.command('explain', '--map', path)
            check(path, status == 0 and errors == '' and all(part in said for part in wanted), said + errors)
        for path in ('shoeSize', 'emails['):
            status, said, errors = bed.command('explain', '--map', path)
            check(path, status == 1 and said == '' and errors.startswith('scimbridge explain: '), errors)
        equal('usage', bed.command('explain', '--map', 'userName', 'GET', '/Users')[0], 2)


# ---- import ---------------------------------------------------------------------------------


def imported(bed, *arguments):
    """(resources by line, what was said)"""
    status, said, errors = bed.command('import', *arguments)
    equal('status', (status, errors[-300:] if status else ''), (0, ''))
    return [json.loads(line) for line in said.splitlines()], errors


def add_users(bed, n):
    import ldap.modlist
    pending = []
    for i in range(n):
        entry = {'objectClass': [b'inetOrgPerson'], 'cn': [b'c'], 'sn': [b's'],
                 'mail': [b'bulk%d@example.com' % i]}
        pending.append(bed.ldap.add(dn_of('bulk%d' % i), ldap.modlist.addModlist(entry)))
        if len(pending) == 400 or i + 1 == n:
            while pending:
                bed.ldap.result(pending.pop())


def ids_of(bed, endpoint):
    return {item['id'] for item in
            bed.client.get('/%s?count=1000&attributes=id' % endpoint).json['Resources']}


def test_import():
    with Bed() as bed:
        users = [bed.user('u%d' % i) for i in range(5)]
        group = bed.new('Groups', displayName='Analysts', members=[{'value': users[0]}])
        bed.client.delete('/Users/' + users[4])
        lines, said = imported(bed)
        equal('order', [line['id'] for line in lines], sorted(users[:4]) + [group])
        for line in lines:
            endpoint = line['meta']['resourceType'] + 's'
            equal('as a client sees it', without_place(line),
                  without_place(bed.client.get('/%s/%s' % (endpoint, line['id'])).json))
        check('at the end', re.search(r'^imported 5 resources and 0 deletions in \d+\.\d s\n'
                                      r'next: --since \d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$', said, re.M), said)
        check('no progress but on a terminal', '\r' not in said and '\x1b' not in said, said)
        equal('a type', [line['id'] for line in imported(bed, '--type', 'Group')[0]], [group])
        status, said, errors = bed.command('import', '--type', 'Car')
        check('no such type', status == 1 and said == '' and 'Car' in errors, errors)
        status, said, errors = bed.command('import', '--since', 'yesterday')
        check('no time', status == 2 and said == '' and '--since wants a time' in errors, errors)
        equal('usage', bed.command('import', 'more')[0], 2)


def test_import_since():
    with Bed() as bed:
        old, gone, changed = (bed.user('u%d' % i) for i in range(3))
        time.sleep(1.1)
        since = time.strftime('%Y-%m-%dT%H:%M:%S', time.gmtime()) + '.999Z'
        bed.client.delete('/Users/' + gone)
        bed.client.patch('/Users/' + changed, [{'op': 'replace', 'path': 'title', 'value': 'T'}])
        group = bed.new('Groups', displayName='Analysts')
        lines, said = imported(bed, '--since', since)
        equal('what changed', {line['id']: line.get('deleted', False) for line in lines},
              {gone: True, changed: False, group: False})
        check('rounded down, nothing old', old not in said, said)
        check('told', 'Group: what is deleted really goes' in said, said)
        equal('only so much of it', [line for line in lines if 'deleted' in line],
              [{'id': gone, 'deleted': True, 'resourceType': 'User'}])
        token = re.search(r'next: --since (\S+)', imported(bed)[1]).group(1)
        lines, _ = imported(bed, '--since', token)
        check('the token covers what was then', {gone, changed, group} <= {line['id'] for line in lines},
              lines)
        equal('a date', len(imported(bed, '--since', '2001-01-01')[0]), 4)
        equal('the future', imported(bed, '--since', '2999-01-01')[0], [])


def test_import_resume():
    with Bed() as bed:
        add_users(bed, 1700)
        everybody, _ = imported(bed)
        ids = [line['id'] for line in everybody]
        equal('all, sorted', (len(set(ids)), ids), (1700, sorted(ids)))
        state = os.path.join(bed.stack.folder, 'state')
        command = [PROGRAM, 'import', '-c', bed.stack.bridge.file, '-C', 'people', '--resume', state]
        with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as process:
            first = [process.stdout.readline() for _ in range(600)]
            process.stdout.close()
            errors = process.stderr.read()
        check('broken off', process.returncode == 1 and 'standard output' in errors, errors)
        check('kept', os.path.exists(state), state)
        status, _, errors = bed.command('import', '--resume', state, '--type', 'User')
        check('another question', status == 1 and state in errors, errors)
        rest, _ = imported(bed, '--resume', state)
        got = [json.loads(line)['id'] for line in first]
        equal('nobody is missing', set(got) | {line['id'] for line in rest}, set(ids))
        check('not all again', len(rest) < 1700, len(rest))
        equal('in order', [line['id'] for line in rest], ids[1700 - len(rest):])
        check('removed at the end', not os.path.exists(state), state)


# ---- purge ----------------------------------------------------------------------------------


def purging(text):
    """The people's map with a period for who is inactive, too."""
    return text.replace('"inactive": "ppolicy-end",', '''"inactive": {
            "when": "(scimVisible=FALSE)", "stamp": "scimInactiveSince", "purge": "P30D",
            "do": [{ "set": { "scimVisible": "FALSE" } }],
            "undo": [{ "set": { "scimVisible": "TRUE" } }] },''')


def names_in(bed):
    return sorted(dn.split(',')[0][4:] for dn, _ in bed.stack.directory.search(USERS, scope='one'))


def complete(audit):
    """The text of an audit file once each intent has its outcome, which is written after the answer."""
    with open(audit, encoding='utf-8') as file:
        text = file.read()
    return text if text.count('event=intent') == text.count('event=result') else None


def test_purge_shared():
    """Entries that another connector writes too are not this one's to remove, and the reason is told."""
    with with_map(lambda text: text.replace('"depth": "one",', '"depth": "one", "shared": true,')) as bed:
        status, _, errors = bed.command('purge', '--yes')
        check('told', status == 0 and 'shares its scopes with another connector' in errors
              and 'add "purge"' not in errors, errors)


def test_purge():
    audit = os.path.join(tempfile.mkdtemp(prefix='scimbridge-tools-'), 'audit')
    try:
        with Bed(config={'audit': audit}) as bed:
            users = {name: bed.user(name) for name in ('old', 'older', 'fresh', 'alive', 'odd')}
            group = bed.new('Groups', displayName='Had', members=[{'value': users['alive']}])
            for name in ('old', 'older', 'fresh'):
                bed.client.delete('/Users/' + users[name])
            bed.modify(dn_of('old'), scimDeletedAt=['20240101000000Z'])
            bed.modify(dn_of('older'), scimDeletedAt=['20230101000000Z'])
            bed.modify('cn=Had,' + GROUPS, member=[dn_of(name) for name in ('old', 'alive')])
            before = wait_for('the last outcome', lambda: complete(audit))
            status, said, errors = bed.command('purge')
            equal('listed', (status, said, errors),
                  (0, 'to remove    User deleted since 2024-01-01T00:00:00Z: %s\n'
                      'to remove    User deleted since 2023-01-01T00:00:00Z: %s\n'
                      '2 to be removed; with --yes they are\n' % (dn_of('old'), dn_of('older')), ''))
            equal('all are there', names_in(bed), ['alive', 'fresh', 'odd', 'old', 'older'])
            equal('no record', open(audit, encoding='utf-8').read(), before)
            listed = [json.loads(line) for line in bed.command('purge', '--json')[1].splitlines()]
            equal('as JSON', listed[0],
                  {'dn': dn_of('old'), 'id': users['old'], 'resourceType': 'User', 'state': 'deleted',
                   'since': '2024-01-01T00:00:00Z', 'result': 'to remove'})
            status, said, errors = bed.command('purge', '--yes')
            check('removed', status == 0 and errors == ''
                  and said.endswith('\n2 removed, 0 left, 0 failed\n'), (said, errors))
            equal('they are gone', names_in(bed), ['alive', 'fresh', 'odd'])
            equal('stripped', bed.stack.directory.entry('cn=Had,' + GROUPS)['member'], [dn_of('alive')])
            records = open(audit, encoding='utf-8').read()[len(before):].splitlines()
            equal('records', [re.search(r'event=(\S+)', line).group(1) for line in records],
                  ['intent', 'intent', 'result', 'intent', 'result'])
            check('of the group', 'operation=modify dn="cn=Had,' in records[0]
                  and 'attributes=member' in records[0], records)
            for record in records:
                check('who and what', 'command=purge uid=%d connector=people endpoint=Users resource='
                      % os.getuid() in record, record)
            equal('nothing more', bed.command('purge', '--yes')[1], '0 removed, 0 left, 0 failed\n')
            equal('nothing', bed.command('purge')[1], 'nothing to be removed\n')
            equal('usage', bed.command('purge', 'more')[0], 2)
            equal('group', [m['value'] for m in bed.client.get('/Groups/' + group).json['members']],
                  [users['alive']])
    finally:
        shutil.rmtree(os.path.dirname(audit))


def test_purge_inactive():
    with with_map(purging) as bed:
        users = {name: bed.user(name) for name in ('long', 'short', 'active', 'unknown')}
        bed.new('Groups', displayName='Had', members=[{'value': users['long']}])
        for name in ('long', 'short', 'unknown'):
            bed.client.patch('/Users/' + users[name],
                             [{'op': 'replace', 'path': 'active', 'value': False}])
        bed.modify(dn_of('long'), scimInactiveSince=['20240101000000Z'])
        bed.modify(dn_of('unknown'), scimInactiveSince=None)  # since when: nobody knows
        equal('not unless asked for', bed.command('purge', '--yes')[1], '0 removed, 0 left, 0 failed\n')
        status, said, _ = bed.command('purge', '--inactive')
        check('listed', status == 0 and said.startswith(
            'to remove    User inactive since 2024-01-01T00:00:00Z: ' + dn_of('long')), said)
        equal('removed', bed.command('purge', '--inactive', '--yes')[0], 0)
        equal('the others stay', names_in(bed), ['active', 'short', 'unknown'])
        equal('placeholder', bed.stack.directory.entry('cn=Had,' + GROUPS)['member'], ['cn=nobody'])


def test_purge_refused():
    """What cannot be removed is told, and the others go."""
    import ldap.modlist
    with Bed() as bed:
        for name in ('a', 'b'):
            bed.client.delete('/Users/' + bed.user(name))
            bed.modify(dn_of(name), scimDeletedAt=['20240101000000Z'])
        bed.ldap.add_s('cn=child,' + dn_of('a'), ldap.modlist.addModlist(
            {'objectClass': [b'device'], 'cn': [b'child']}))
        status, said, errors = bed.command('purge', '--yes')
        check('told', status == 1 and 'failed       User' in said
              and 'notAllowedOnNonLeaf' in said and '1 removed, 0 left, 1 failed' in said
              and '1 could not be removed' in errors, (said, errors))
        equal('the other went', names_in(bed), ['a'])
        equal('no period', bed.command('purge', connector='ideo')[0], 0)


main(globals())
