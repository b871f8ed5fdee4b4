#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""check against a live directory: what it finds there, and the access rules it prints."""
import contextlib
import json
import os
import re
import subprocess
import sys
import urllib.parse

sys.path.insert(0, os.path.join(os.environ.get('top_srcdir', '.'), 'tests', 'support'))
from harness import MAPS, PROGRAM, Stack, check, equal, find_filter, main  # noqa: E402

try:
    import ldap
    import ldap.modlist
    import ldap.sasl
except ImportError:
    sys.exit(77)

USERS = 'ou=users,ou=people,dc=example,dc=com'
GROUPS = 'ou=groups,ou=people,dc=example,dc=com'
DATABASE = 'olcDatabase={1}mdb,cn=config'
PEOPLE = {'people': os.path.join(MAPS, 'people.jsonc')}
LDIF = '''dn: uid=ann,%(users)s
objectClass: inetOrgPerson
objectClass: scimResource
uid: ann
cn: Ann
sn: Archer
mail: ann@example.com

dn: cn=staff,%(groups)s
objectClass: groupOfNames
objectClass: scimResource
cn: staff
member: uid=ann,%(users)s

''' % {'users': USERS, 'groups': GROUPS}


def run(*arguments):
    """(status, standard output, standard error)"""
    done = subprocess.run([PROGRAM, *arguments], stdin=subprocess.DEVNULL, capture_output=True,
                          text=True, timeout=120)
    return done.returncode, done.stdout, done.stderr


class Place(Stack):
    """A directory with a person and a group, and no bridge yet."""

    def __init__(self, map_text=None, ldif=LDIF):
        super().__init__(maps=PEOPLE, start=False)
        self.map = os.path.join(self.folder, 'people.jsonc')
        with open(PEOPLE['people'], encoding='utf-8') as file:
            self.map_text = file.read()
        self.write_map(map_text(self.map_text) if map_text else self.map_text)
        self.bridge.config['connectors']['people']['map'] = self.map
        self.bridge.write_config()
        if ldif:
            self.add(ldif)

    def write_map(self, text):
        with open(self.map, 'w', encoding='utf-8') as file:
            file.write(text)

    def add(self, ldif):
        done = subprocess.run(['ldapadd', '-x', '-H', self.directory.url, '-D',
                               self.directory.admin_dn, '-y', self.directory.password_file],
                              input=ldif, capture_output=True, text=True, timeout=30)
        if done.returncode:
            raise AssertionError(done.stderr)

    def owner(self):
        """A connection as the one who owns the server."""
        socket = urllib.parse.quote(os.path.join(self.directory.folder, 'ldapi'), safe='')
        connection = ldap.initialize('ldapi://' + socket)
        connection.sasl_interactive_bind_s('', ldap.sasl.external())
        return connection

    def configure(self, dn, changes):
        """Modify cn=config."""
        connection = self.owner()
        connection.modify_s(dn, changes)
        connection.unbind_s()

    def overlays(self, name):
        """[(dn, entry)] of cn=config."""
        connection = self.owner()
        found = connection.search_s(DATABASE, ldap.SCOPE_ONELEVEL, '(objectClass=olcOverlayConfig)')
        connection.unbind_s()
        return [(dn, entry) for dn, entry in found if entry['olcOverlay'][0].decode().endswith(name)]

    def configure_add(self, dn, entry, module=None):
        connection = self.owner()
        if module:
            modules = connection.search_s('cn=config', ldap.SCOPE_ONELEVEL,
                                          '(objectClass=olcModuleList)', ['1.1'])[0][0]
            connection.modify_s(modules, [(ldap.MOD_ADD, 'olcModuleLoad', [module])])
        connection.add_s(dn, ldap.modlist.addModlist(entry))
        connection.unbind_s()

    def set_access(self, rules):
        self.configure(DATABASE, [(ldap.MOD_REPLACE, 'olcAccess',
                                   [('{%d}%s' % (i, rule)).encode()
                                    for i, rule in enumerate(rules)])])

    def check(self, *more):
        return run('check', '-c', self.bridge.file, *more)

    def findings(self):
        status, said, error = self.check('--json')
        if not said.startswith('{'):
            raise AssertionError(error)
        return status, json.loads(said)

    def snapshot(self):
        """All entries with their operational attributes: what a check must not change."""
        return sorted((dn, sorted((name, sorted(values)) for name, values in entry.items()))
                      for dn, entry in self.directory.search('dc=example,dc=com',
                                                             attrs=['*', '+']))


def messages(found, level):
    return [f['message'] for f in found['findings'] if f['level'] == level]


def test_all_well():
    with Place() as place:
        read_config(place)  # the indexes too, so that nothing is said by the time
        before = place.snapshot()
        status, said, _ = place.check()
        equal('status', status, 0)
        check('no complaint', '0 errors, 0 warnings' in said and 'error:' not in said, said)
        for word in ('OpenLDAP', 'controls', 'knows the', 'fit', 'read and write', 'listed',
                     'add, rename and delete', 'password policy', 'is indexed'):
            check(word, word in said, said)
        check('no colour', '\033' not in said, said)
        check('nothing changed', place.snapshot() == before)
        status, found = place.findings()
        check('json', status == 0 and found['errors'] == 0 and found['warnings'] == 0
              and len(found['findings']) == len(said.splitlines()) - 2, (found, said))
        check('nothing changed', place.snapshot() == before)
        equal('usage', run('check')[0], 2)
        equal('usage of --acl', place.check('--acl', '--offline')[0], 2)


def test_nothing_is_left_behind():
    """A check of an empty directory does not harm what is made after it."""
    person = {'userName': 'eve', 'externalId': 'e-1', 'displayName': 'Eve', 'title': 'Engineer',
              'name': {'givenName': 'Eve', 'familyName': 'Earl'},
              'phoneNumbers': [{'type': 'work', 'value': '+49 30 1'}]}
    dn = 'uid=eve,' + USERS
    with Place(ldif='') as place:
        before = place.snapshot()
        for _ in range(2):
            status, found = place.findings()
            check('one right was tried', status == 0 and any(
                'rights to change entries' in m for m in messages(found, 'warning')), found)
        check('nothing changed', place.snapshot() == before)
        place.bridge.start().wait_until_up()
        reply = place.client().post('/Users', person)
        check('create', reply.status == 201, reply)
        made = place.directory.entry(dn)
        check('whole', made and made['uid'] == ['eve'] and made['sn'] == ['Earl']
              and made['title'] == ['Engineer'] and made['scimExternalId'] == ['e-1'], made)
        place.directory.stop()
        place.directory.start()
        equal('after a restart', place.directory.entry(dn), made)


WRONG = [
    # (name, the map with a mistake, level, what is said, the line that is named)
    ('unknown attribute', lambda t: t.replace('"scimNickName"', '"nickNameOfOurs"'), 'error',
     'knows no attribute nickNameOfOurs', '"nickNameOfOurs"'),
    ('no such base', lambda t: t.replace('"bases": ["ou=users,', '"bases": ["ou=userz,')
     .replace('"parent": "ou=users,', '"parent": "ou=userz,'), 'error', 'noSuchObject',
     '"bases": ["ou=userz,'),
    ('unknown class', lambda t: t.replace('"objectClass": ["inetOrgPerson"]',
                                          '"objectClass": ["inetOrgPerson", "ourPerson"]'),
     'error', 'no object class ourPerson', '"ourPerson"'),
    ('a class that demands more',
     lambda t: t.replace('"auxiliary": ["scimResource"]',
                         '"auxiliary": ["scimResource", "strongAuthenticationUser"]', 1), 'error',
     'demands userCertificate', '"objectClass": ["inetOrgPerson"]'),
    ('a class that does not allow it',
     lambda t: t.replace('"roles": "scimRole"', '"roles": "mailPreferenceOption"'), 'error',
     'no class of these entries allows mailPreferenceOption', '"mailPreferenceOption"'),
    ('a filter that is too narrow',
     lambda t: t.replace('"filter": "(objectClass=inetOrgPerson)"',
                         '"filter": "(&(objectClass=inetOrgPerson)(employeeType=x))"')
     .replace('"entry": {\n        "cn"', '"entry": {\n        "employeeType": "x",\n        "cn"')
     .replace('"userType": "employeeType",', ''), 'warning', 'too narrow', '(employeeType=x)'),
]


def test_what_is_wrong():
    for name, spoil, level, said, where in WRONG:
        with Place(spoil) as place:
            with open(place.map, encoding='utf-8') as file:
                lines = file.read().splitlines()
            status, found = place.findings()
            equal(name + ': status', status, 1 if level == 'error' else 0)
            hits = [f for f in found['findings'] if f['level'] == level and said in f['message']]
            check(name, hits, found)
            if hits:
                check(name + ': the place', 'line' in hits[0] and hits[0]['file'] == place.map
                      and where in lines[hits[0]['line'] - 1], hits[0])


def test_nothing_good_of_what_is_not_seen():
    """Where a base is not seen, nothing is said to be found at once, or to be listed whole."""
    gone = lambda text: text.replace('"bases": ["ou=users,', '"bases": ["ou=userz,').replace(  # noqa: E731
        '"parent": "ou=users,', '"parent": "ou=userz,')
    with Place(gone) as place:
        status, found = place.findings()
        good = [f for f in found['findings'] if f['level'] == 'ok' and f.get('about', '').endswith('User')]
        check('of users', status == 1 and not any('looked up' in f['message'] for f in good), found)
        check('of all', not any('can be listed' in m for m in messages(found, 'ok')), found)


def test_units_are_no_people():
    """A scope with nothing but places for its entries is empty; its filter is not too narrow."""
    units = 'dn: ou=students,%s\nobjectClass: organizationalUnit\nou: students\n' % USERS
    with Place(ldif=units) as place:
        status, found = place.findings()
        check('empty', status == 0 and any('the scope "users" is there, and empty' in m for m in messages(found, 'ok'))
              and not any('too narrow' in m for m in messages(found, 'warning')), found)


def test_entries_that_do_not_fit():
    more = '''dn: uid=ben,%s
objectClass: inetOrgPerson
uid: ben
cn: Ben
sn: Baker
mail: ben@example.com
mail: benjamin@example.com
manager: uid=gone,%s

dn: cn=Carl,%s
objectClass: inetOrgPerson
uid: carl
cn: Carl
sn: Cook

''' % (USERS, USERS, USERS)
    with Place(ldif=LDIF + more) as place:
        status, found = place.findings()
        said = messages(found, 'warning')
        equal('status', status, 1)
        check('several values', any('1 of 3 entries have several values in mail' in m
                                    for m in said), said)
        check('a manager who is gone', any('uid=gone' in m for m in said), said)
        check('unique', any('not named by its one uid' in m for m in messages(found, 'error')),
              found)


def test_limits():
    with Place() as place:
        place.configure(DATABASE, [(ldap.MOD_DELETE, 'olcLimits', None),
                                   (ldap.MOD_REPLACE, 'olcSizeLimit', [b'1'])])
        place.add(LDIF.split('\n\n')[0].replace('ann', 'bob') + '\n\n')
        status, found = place.findings()
        said = [f for f in found['findings'] if f['topic'] == 'limits']
        check('a list that ends early', status == 1 and said[0]['level'] == 'error', said)


def test_config_can_be_read():
    """Where the identity may read cn=config, indexes and overlays are seen there."""
    with Place() as place:
        read_config(place)
        status, found = place.findings()
        check('all well', status == 0 and found['warnings'] == 0, found)
        check('indexed', any('is indexed' in m for m in messages(found, 'ok')), found)
        check('limits', any('no limit is set' in m for m in messages(found, 'ok')), found)
        check('refint', any('refint overlay repairs' in m for m in messages(found, 'ok')), found)
        overlays = place.directory.search  # the administrator of the data may not
        check('not for all', not overlays('cn=config'))
        place.configure(DATABASE, [
            (ldap.MOD_DELETE, 'olcDbIndex',
             [b'uid,cn,sn,givenName,displayName,mail,employeeNumber eq'])])
        status, found = place.findings()
        place.configure(DATABASE, [(ldap.MOD_DELETE, 'olcLimits', None)])
        status, found = place.findings()
        check('a limit', any('after 500 entries' in m for m in messages(found, 'warning')), found)
        check('no index', any('uid, which has no index' in m for m in messages(found, 'warning')),
              found)


def read_config(place):
    """Let the bridge's identity read cn=config."""
    place.configure('olcDatabase={0}config,cn=config', [
        (ldap.MOD_ADD, 'olcAccess', [('{0}to * by dn.exact="%s" read by * break'
                                      % place.directory.service_dn).encode()])])


def said_of(found, topic, level):
    return [f['message'] for f in found['findings'] if f['topic'] == topic and f['level'] == level]


def test_overlays():
    """Who keeps references and unique values right: an overlay, or the bridge."""
    with Place() as place:
        check('not to be seen', any('see for yourself' in m for m in
                                    said_of(place.findings()[1], 'overlays', 'ok')))
        read_config(place)
        found = place.findings()[1]
        check('names are unique', any('their names keep two entries from having one uid' in m
                                      for m in said_of(found, 'overlays', 'ok')), found)
        place.write_map(place.map_text.replace('"match": ["userName"', '"match": ["emails[type eq \\"work\\"].value"', 1))
        found = place.findings()[1]
        check('the bridge looks', any('no unique overlay keeps two entries from having one mail: the bridge looks'
                                      in m for m in said_of(found, 'overlays', 'ok')), found)
        refint = place.overlays('refint')[1][0]
        place.configure(refint, [(ldap.MOD_DELETE, 'olcRefintAttribute', [b'manager'])])
        said = said_of(place.findings()[1], 'overlays', 'warning')
        check('one reference that nobody repairs', len(said) == 1 and 'repairs manager' in said[0]
              and 'add "olcRefintAttribute: manager"' in said[0], said)
        place.write_map(place.map_text.replace('"integrity": "server"', '"integrity": "bridge"'))
        said = said_of(place.findings()[1], 'overlays', 'warning')
        check('both repair', len(said) == 1 and 'so that both do' in said[0] and 'member' in said[0], said)
        place.write_map(place.map_text.replace('"match": ["userName"', '"match": ["emails[type eq \\"work\\"].value"', 1))
        place.configure_add('olcOverlay=unique,' + DATABASE, {
            'objectClass': [b'olcOverlayConfig', b'olcUniqueConfig'], 'olcOverlay': [b'unique'],
            'olcUniqueURI': [b'ldap:///dc=example,dc=com?mail,uid?sub']}, module=b'unique')
        found = place.findings()[1]
        check('the server keeps it', any('the unique overlay keeps two entries from having one mail' in m
                                         for m in said_of(found, 'overlays', 'ok')), found)


FRONTEND = 'olcDatabase={-1}frontend,cn=config'
ASSERTION, POST_READ, VALUES = ('assertion (RFC 4528)', 'post-read (RFC 4527)', 'matched values (RFC 3876)')


def test_controls():
    """A server that does not say that it has the controls: slapd does, but need not let us see it."""
    with Place() as place:
        equal('all', said_of(place.findings()[1], 'controls', 'warning'), [])
        place.configure(FRONTEND, [
            (ldap.MOD_ADD, 'olcAccess', [b'{0}to dn.base="" attrs=supportedControl by * none'])])
        status, found = place.findings()
        said = said_of(found, 'controls', 'warning')
        equal('no error', (status, found['errors'], said_of(found, 'controls', 'ok')), (0, 0, []))
        equal('which', [re.search(r'the control (.*), so ', m).group(1) for m in said], [ASSERTION, POST_READ, VALUES])
        check('what follows', said[0].endswith('costs a search more, and cannot rule out another\'s between the two')
              and said[1].endswith('each write costs a search more') and 'are read whole' in said[2], said)
        place.bridge.start().wait_until_up()
        cycle(place.client())


def test_timed_search():
    """Where indexes cannot be seen, the time that searches take tells, whatever it is here (tests/unit/cli/test_probe.c
    has what follows from it): each kind of resource is either well, or has an attribute with its time."""
    with Place() as place:
        before = place.snapshot()
        found = place.findings()[1]
        for kind in ('User', 'Group'):
            said = [f['message'] for f in found['findings'] if f['topic'] == 'indexes' and f['about'].endswith(kind)]
            check(kind, said == ['what entries are looked up by is found at once'] or said and all(
                re.match(r'looking an entry up by \w+ takes \d+ ms, as if it had no index; add "olcDbIndex: \w+ eq"$', m)
                for m in said), found)
        check('nothing changed', place.snapshot() == before)


AD_SCHEMA = {
    'objectClass': [b'olcSchemaConfig'], 'cn': [b'likead'],
    'olcAttributeTypes': [
        b"( 1.2.840.113556.1.4.221 NAME 'sAMAccountName' EQUALITY caseIgnoreMatch SUBSTR "
        b"caseIgnoreSubstringsMatch SYNTAX 1.3.6.1.4.1.1466.115.121.1.15 SINGLE-VALUE )",
        b"( 1.2.840.113556.1.4.2361 NAME 'mS-DS-ConsistencyGuid' EQUALITY octetStringMatch SYNTAX "
        b"1.3.6.1.4.1.1466.115.121.1.40 SINGLE-VALUE )"],
    'olcObjectClasses': [b"( 1.2.840.113556.1.5.9999 NAME 'likeAd' SUP top AUXILIARY MAY ( sAMAccountName $ "
                         b"mS-DS-ConsistencyGuid ) )"]}


def test_loop():
    """Signs of Entra Connect beside us, which would take what is made here back to Entra."""
    with Place() as place:
        check('not asked elsewhere', not [f for f in place.findings()[1]['findings'] if f['topic'] == 'loop'])
        place.configure_add('cn=likead,cn=schema,cn=config', AD_SCHEMA)
        check('no sign', any('no sign of Entra Connect' in m for m in said_of(place.findings()[1], 'loop', 'ok')))
        place.add('dn: cn=sync,%s\nobjectClass: person\nobjectClass: likeAd\ncn: sync\nsn: sync\n'
                  'sAMAccountName: MSOL_0123456789ab\n\n' % USERS)
        said = said_of(place.findings()[1], 'loop', 'warning')
        check('its account', len(said) == 1 and said[0].startswith('cn=sync,%s is an account' % USERS), said)
        place.add('dn: uid=bea,%s\nobjectClass: inetOrgPerson\nobjectClass: likeAd\nuid: bea\ncn: b\nsn: b\n'
                  'mS-DS-ConsistencyGuid: 0123456789abcdef\n\n' % USERS)
        hits = [f for f in place.findings()[1]['findings'] if f['topic'] == 'loop' and 'uid=bea' in f['message']]
        check('whom it synchronizes', len(hits) == 1 and hits[0]['level'] == 'warning'
              and 'leave its bases out' in hits[0]['message'] and hits[0].get('line'), hits)


def make_certificate(folder, days):
    """(certificate, key) for 127.0.0.1, signed by itself."""
    names = [os.path.join(folder, 'cert-%d.pem' % days), os.path.join(folder, 'key-%d.pem' % days)]
    subprocess.run(['openssl', 'req', '-x509', '-newkey', 'ec', '-pkeyopt',
                    'ec_paramgen_curve:prime256v1', '-nodes', '-subj', '/CN=localhost',
                    '-addext', 'subjectAltName=IP:127.0.0.1', '-days', str(days),
                    '-out', names[0], '-keyout', names[1]], check=True, capture_output=True,
                   timeout=60)
    os.chmod(names[1], 0o600)
    return names


@contextlib.contextmanager
def known_leaks(place):
    """Of libldap, in each TLS context."""
    known = os.path.join(place.folder, 'known-leaks')
    with open(known, 'w', encoding='ascii') as file:
        file.write('leak:gnutls_priority_init\n')
    os.environ['LSAN_OPTIONS'] = 'suppressions=%s:print_suppressions=0' % known
    try:
        yield
    finally:
        del os.environ['LSAN_OPTIONS']


def test_certificates():
    with Place() as place:
        soon, later = make_certificate(place.folder, 9), make_certificate(place.folder, 99)
        place.configure('cn=config', [
            (ldap.MOD_REPLACE, 'olcTLSCertificateFile', [soon[0].encode()]),
            (ldap.MOD_REPLACE, 'olcTLSCertificateKeyFile', [soon[1].encode()])])
        place.bridge.config['listen'].update(certificate=later[0], key=later[1])
        place.bridge.config['directories']['local'].update(startTls=True, ca=soon[0])
        place.bridge.write_config()
        with known_leaks(place):
            status, found = place.findings()
        said = [f for f in found['findings'] if f['topic'] == 'certificates']
        equal('status', status, 0)
        check('the listener\'s', said and said[0]['level'] == 'ok' and re.search('9[89] days', said[0]['message']),
              said)
        check('the directory\'s', len(said) == 2 and said[1]['level'] == 'warning'
              and re.search('[89] days; renew', said[1]['message']), said)


# ---- access rules ------------------------------------------------------------------------------

def printed_rules(place):
    status, said, _ = place.check('--acl')
    equal('--acl', status, 0)
    return [line[len('olcAccess: '):] for line in said.splitlines()
            if line.startswith('olcAccess: ')]


REST = ['to attrs=userPassword by anonymous auth by * none', 'to * by * none']


def cycle(client):
    """What Entra does in the life of a person."""
    def patch(path, *operations):
        return client.patch(path, [dict(zip(('op', 'path', 'value'), o)) for o in operations])

    def user(**more):
        return dict({'schemas': ['urn:ietf:params:scim:schemas:core:2.0:User'],
                     'userName': 'dora', 'externalId': 'd-1', 'displayName': 'Dora',
                     'name': {'givenName': 'Dora', 'familyName': 'Dole'},
                     'emails': [{'type': 'work', 'value': 'dora@example.com'}],
                     'active': True}, **more)
    enterprise = 'urn:ietf:params:scim:schemas:extension:enterprise:2.0:User'
    reply = client.get('/Users' + find_filter('userName eq "ann"'))
    check('find', reply.status == 200 and reply.json['totalResults'] == 1, reply)
    ann = reply.json['Resources'][0]['id']
    reply = client.post('/Users', user(password='Sup3r-secret-word'))
    check('create', reply.status == 201 and reply.json['emails'], reply)
    dora = '/Users/' + reply.json['id']
    check('list', client.get('/Users?count=1').json['totalResults'] == 2)
    check('manager', patch(dora, ('Add', enterprise + ':manager', ann)).status == 200)
    check('rename', patch(dora, ('Replace', 'userName', 'dora.dole')).status == 200)
    check('password', patch(dora, ('Replace', 'password', 'An0ther-secret')).status == 200)
    reply = patch(dora, ('Replace', 'active', 'False'))
    check('disable', reply.status == 200 and reply.json['active'] is False, reply)
    reply = patch(dora, ('Replace', 'active', 'True'))
    check('enable', reply.status == 200 and reply.json['active'] is True, reply)
    reply = client.put(dora, user(title='Driver', userName='dora.dole'))
    check('put', reply.status == 200 and reply.json['title'] == 'Driver', reply)
    reply = client.post('/Groups', {'displayName': 'drivers'})
    check('group', reply.status == 201, reply)
    group = '/Groups/' + reply.json['id']
    reply = patch(group, ('Add', 'members', [{'value': dora.rsplit('/', 1)[1]}]))
    check('member', reply.status in (200, 204), reply)
    check('members', len(client.get(group).json['members']) == 1)
    reply = patch(group, ('Replace', 'displayName', 'driver'))
    check('rename group', reply.status in (200, 204), reply)
    reply = client.delete(dora)
    check('delete', reply.status == 204, reply)
    check('no member', not client.get(group).json.get('members'))
    reply = client.post('/Users', user(userName='dora.dole'))
    check('the same again', reply.status == 201 and dora.endswith(reply.json['id']), reply)
    check('delete group', client.delete(group).status == 204)


def least_privilege(spoil=None):
    with Place(spoil) as place:
        rules = printed_rules(place)
        check('rules', len(rules) == 9, rules)
        place.set_access(rules + REST)
        status, found = place.findings()
        warnings = [f for f in found['findings'] if f['level'] != 'ok']
        check('enough', status == 0 and not [f for f in warnings if f['topic'] not in ('policy', 'indexes')],
              warnings)
        check('the same rules', printed_rules(place) == rules)
        place.bridge.start().wait_until_up()
        cycle(place.client())


def test_least_privilege():
    least_privilege()


def test_least_privilege_below():
    """Bases with all that lies below them."""
    least_privilege(lambda t: t.replace('"depth": "one"', '"depth": "subtree"')
                    .replace('"unique": ["uid"]', '').replace('"unique": ["cn"]', ''))


def test_instructions_for_389():
    """The same for a map of 389 Directory Server, in its own language."""
    def of_389(text):
        return (text.replace('"dialect": "openldap"', '"dialect": "389"')
                .replace('["inactive", {', '[{').replace('"inactive": "ppolicy-end",', '')
                .replace('"undo": [{ "undo": "inactive" }],', '')
                .replace('"filter": "(objectClass=groupOfNames)"',
                         '"filter": "(objectClass=groupOfNames)", "protect": "(cn=admins)"'))
    with Place(of_389) as place:
        status, said, errors = place.check('--acl')
        equal('status', (status, 'olcAccess' in said), (0, False))
        check('LDIF of three entries', re.findall(r'^dn: (.*)$', said, re.M)
              == [USERS, GROUPS, place.directory.service_dn], said + errors)
        for line in (
                'aci: (targetfilter = "(objectClass=inetOrgPerson)")(targetattr = "userPassword")(version 3.0; acl '
                '"scimbridge people User: secrets"; allow (write) userdn = "ldap:///%s";)',
                'aci: (targetfilter = "(&(objectClass=groupOfNames)(!(cn=admins)))")(version 3.0; acl '
                '"scimbridge people Group: entries"; allow (add, delete) userdn = "ldap:///%s";)',
                'aci: (target = "ldap:///' + USERS + '")(targetattr = "objectClass")(version 3.0; acl '
                '"scimbridge people User: base"; allow (read, search, compare) userdn = "ldap:///%s";)'):
            check(line, '\n' + line % place.directory.service_dn + '\n-\n' in said, said)
        writes = re.search(r'targetattr = "([^"]*)"\)\(version 3.0; acl "scimbridge people User: writes"', said)
        check('what is written', {'uid', 'sn', 'mail', 'title', 'manager'} <= set(writes.group(1).split(' || ')), said)
        check('no limit', 'nsSizeLimit: -1\n' in said and 'nsLookThroughLimit: -1\n' in said, said)


def test_one_right_less():
    with Place() as place:
        rules = printed_rules(place)
        for i in range(len(rules)):
            place.set_access(rules[:i] + rules[i + 1:] + REST)
            status, found = place.findings()
            errors = messages(found, 'error')
            check('without ' + rules[i], status == 1 and errors, (rules[i], found))
        for attr in ('title', 'pwdEndTime', 'objectClass', 'userCertificate', 'uid', 'manager',
                     'facsimileTelephoneNumber'):
            less = [re.sub(r'([=,])%s,' % attr, r'\1', rule) for rule in rules]
            check('taken out', less != rules, attr)
            place.set_access(less + REST)
            status, found = place.findings()
            check('without ' + attr, status == 1 and any(
                re.search(r'may not (read|write) %s of' % attr, m)
                for m in messages(found, 'error')), found)


if __name__ == '__main__':
    main(globals())
