#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""discover: the map that it prints for a directory passes check, and serves."""
import json
import os
import re
import subprocess
import sys

sys.path.insert(0, os.path.join(os.environ.get('top_srcdir', '.'), 'tests', 'support'))
from harness import MAPS, PROGRAM, Stack, check, equal, find_filter, main  # noqa: E402

BASE = 'dc=example,dc=com'
TOP = 'ou=people,' + BASE
LDIF = '''dn: ou=staff,%(top)s
objectClass: organizationalUnit
ou: staff

dn: uid=ann,ou=users,%(top)s
objectClass: inetOrgPerson
uid: ann
cn: Ann Archer
sn: Archer
givenName: Ann
displayName: Ann Archer
mail: ann@example.com
mail: archer@example.com
carLicense: A 1

dn: uid=ben,ou=users,%(top)s
objectClass: inetOrgPerson
uid: ben
cn: Ben Baker
sn: Baker
givenName: Ben
telephoneNumber: +49 30 1
manager: uid=ann,ou=users,%(top)s

dn: uid=cyd,ou=staff,%(top)s
objectClass: inetOrgPerson
objectClass: posixAccount
uid: cyd
cn: Cyd
sn: Cook
uidNumber: 1
gidNumber: 1
homeDirectory: /home/cyd

dn: cn=all,ou=groups,%(top)s
objectClass: groupOfNames
cn: all
description: Everybody
member: uid=ann,ou=users,%(top)s
member: uid=cyd,ou=staff,%(top)s

''' % {'top': TOP}


def run(*arguments):
    """(status, standard output, standard error)"""
    done = subprocess.run([PROGRAM, *arguments], stdin=subprocess.DEVNULL, capture_output=True,
                          text=True, timeout=120)
    return done.returncode, done.stdout, done.stderr


class Place(Stack):
    def __init__(self, ldif=LDIF):
        super().__init__(maps={'people': os.path.join(MAPS, 'people.jsonc')}, start=False)
        self.map = os.path.join(self.folder, 'found.jsonc')
        if ldif:
            done = subprocess.run(['ldapadd', '-x', '-H', self.directory.url, '-D',
                                   self.directory.admin_dn, '-y', self.directory.password_file],
                                  input=ldif, capture_output=True, text=True, timeout=30)
            if done.returncode:
                raise AssertionError(done.stderr)

    def discover(self, *more, base=TOP):
        return run('discover', self.directory.url, '-D', self.directory.service_dn,
                   '-y', self.directory.service_password_file, '--base', base, *more)

    def use(self, text):
        with open(self.map, 'w', encoding='utf-8') as file:
            file.write(text)
        self.bridge.config['connectors']['people']['map'] = self.map
        self.bridge.write_config()


def test_map_serves():
    with Place() as place:
        status, text, said = place.discover()
        equal('status', status, 0)
        check('what was looked at', '3 people and 1 groups' in said, said)
        for line in ('The server is OpenLDAP', 'naming context: ' + BASE, '"userName": { "ldap": "uid"',
                     'ou=staff,%s: 1 of the 3' % TOP, 'up to 2 values', '//   carLicense (1 of 3)',
                     'the class posixAccount too', '// "title": "title",', '"emptyMember"',
                     '"inactive": "ppolicy-end"'):
            check(line, line in text, text)
        place.use(text)
        status, said, err = run('check', '-m', place.map)
        check('check of the map', status == 0 and not err, said + err)
        status, said, _ = run('check', '-c', place.bridge.file, '--json')
        found = json.loads(said)
        check('check of the directory', status == 0 and found['errors'] == 0
              and found['warnings'] == 0, found)
        place.bridge.start().wait_until_up()
        client = place.client()
        reply = client.get('/Users' + find_filter('userName eq "ann"'))
        check('ann', reply.status == 200 and reply.json['totalResults'] == 1
              and len(reply.json['Resources'][0]['emails']) == 2, reply)
        ann = reply.json['Resources'][0]['id']
        reply = client.post('/Users', {'userName': 'dan', 'externalId': '4',
                                       'name': {'familyName': 'Doe'}})
        check('create', reply.status == 201, reply)
        dan = '/Users/' + reply.json['id']
        check('read', client.get(dan).json['name']['familyName'] == 'Doe')
        check('the entry', place.directory.entry('uid=dan,ou=users,' + TOP) is not None)
        reply = client.post('/Groups', {'displayName': 'some', 'members': [{'value': ann}]})
        check('group', reply.status == 201, reply)
        equal('people', client.get('/Users').json['totalResults'], 4)
        check('delete', client.delete(dan).status == 204 and client.get(dan).status == 404)


def test_all_that_is_commented_is_right():
    """Every path that is offered as a comment can be taken in."""
    with Place() as place:
        _, text, _ = place.discover()
        text = re.sub(r'(?m)^( +)// ("[^"]+(?:\\"[^"]*)*": .*,)(?: // .*)?$', r'\1\2', text)
        check('something was', '\n        "title": "title",' in text, text)
        text = re.sub(r'(?m)^ +"unique": .*\n', '', text)  # a promise that is not kept here
        place.use(text)
        status, said, err = run('check', '-m', place.map)
        check('check of the map', status == 0 and 'error' not in err, said + err)


def test_nothing_there():
    with Place(ldif=None) as place:
        status, text, said = place.discover()
        check('still a map', status == 0 and 'Nothing of the class inetOrgPerson' in text, text)
        place.use(text)
        status, said, err = run('check', '-m', place.map)
        check('check of the map', status == 0, said + err)


def test_refusals():
    with Place(ldif=None) as place:
        url = place.directory.url
        status, _, said = run('discover', url)
        check('anonymous', status == 1 and 'cannot be seen' in said and '-D' in said, said)
        status, _, said = place.discover(base='dc=nowhere')
        check('no such base', status == 1 and 'dc=nowhere' in said, said)
        equal('no URL', run('discover')[0], 2)
        equal('a password of nobody', run('discover', url, '-y', 'x')[0], 2)
        status, _, said = run('discover', 'ldap://127.0.0.1:1')
        check('nobody listens', status == 1 and 'ldap://127.0.0.1:1' in said, said)


if __name__ == '__main__':
    main(globals())
