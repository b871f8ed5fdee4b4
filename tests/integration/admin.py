#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""What an administrator meets: check, explain and token, and reloads that are refused."""
import json
import os
import shutil
import subprocess
import sys
import tempfile
import urllib.parse

sys.path.insert(0, os.path.join(os.environ.get('top_srcdir', '.'), 'tests', 'support'))
from harness import MAPS, PROGRAM, Stack, check, equal, have_slapd, main  # noqa: E402


def run(*arguments):
    """(status, standard output, standard error)"""
    done = subprocess.run([PROGRAM, *arguments], stdin=subprocess.DEVNULL, capture_output=True,
                          text=True, timeout=60)
    return done.returncode, done.stdout, done.stderr


class Folder:
    """A configuration that needs no directory to be checked."""

    def __enter__(self):
        self.path = tempfile.mkdtemp(prefix='scimbridge-admin-')
        self.config_file = os.path.join(self.path, 'c')
        with open(os.path.join(self.path, 'secret'), 'w', encoding='ascii') as file:
            os.fchmod(file.fileno(), 0o600)
            file.write('x')
        self.config = {
            'directories': {'d': {'url': 'ldaps://h', 'bindDn': 'cn=x', 'passwordFile': 'secret'}},
            'connectors': {'people': {'directory': 'd', 'map': os.path.join(MAPS, 'people.jsonc')}},
            'tokens': [],
        }
        return self

    def __exit__(self, *_):
        shutil.rmtree(self.path)

    def connector(self, name, map='ideo', **more):
        self.config['connectors'][name] = dict(
            {'directory': 'd', 'map': os.path.join(MAPS, map + '.jsonc')}, **more)

    def write(self):
        with open(self.config_file, 'w', encoding='utf-8') as file:
            json.dump(self.config, file, indent=1)
        return self.config_file

    def check(self):
        return run('check', '--offline', '-c', self.write())

    def explain(self, *arguments):
        return run('explain', '--offline', '-c', self.write(), *arguments)


COMMANDS = ('serve', 'check', 'discover', 'explain', 'show', 'import', 'map', 'match', 'purge', 'token')


def test_every_command():
    """Help with examples on standard output; what is wrong with a command line, and exit status 2, on the other."""
    status, said, errors = run('--help')
    equal('all of them are named', [line.split()[0] for line in said.splitlines()
                                    if line.startswith('  ') and line[2:3].isalpha()], list(COMMANDS))
    equal('help', (status, errors), (0, ''))
    equal('no command', (run()[0], run('brew')[0]), (2, 2))
    for name in COMMANDS:
        status, said, errors = run(name, '--help')
        check(name + ': help', status == 0 and errors == '' and said.startswith('usage: scimbridge ' + name), said)
        examples = said.split('\nExample')[-1].splitlines()[1:]
        check(name + ': an example', '\nExample' in said and any(
            line.startswith('  scimbridge ' + name) for line in examples), said)
        check(name + ': fits a terminal', max(map(len, said.splitlines())) <= 100, said)
        status, said, errors = run(name, '--no-such-option')
        check(name + ': an unknown option', status == 2 and said == ''
              and 'scimbridge %s --help' % name in errors, errors)
        if name != 'token':
            status, said, errors = run(name)
            check(name + ': nothing given', status == 2 and said == '' and errors, (status, errors))
    with Folder() as folder:
        for arguments in (('explain', 'GET', '/Users'), ('show', 'uid=x,dc=example'), ('import',), ('purge',),
                          ('match', 'none.csv')):
            status, said, errors = run(arguments[0], '-c', os.path.join(folder.path, 'none'), *arguments[1:])
            check(arguments[0] + ': no such file', status == 1 and said == '' and errors
                  and '\033' not in errors, (status, errors))


def test_check_overlap():
    with Folder() as folder:
        folder.connector('staff', 'people')
        status, _, said = folder.check()
        equal('status', status, 1)
        check('place and names', folder.config_file + ':' in said and '"staff"' in said
              and '"people"' in said and 'error: ' in said, said)
        folder.connector('staff', 'ideo')
        status, said, _ = folder.check()
        check('apart', status == 0 and '2 connectors' in said, said)


def test_check_clear_text():
    with Folder() as folder:
        folder.config['directories']['d']['url'] = 'ldap://ldap.example.com'
        status, _, said = folder.check()
        check('a warning', status == 0 and 'warning: ' in said and 'clear text' in said, said)
        folder.config['directories']['d']['url'] = 'ldap://192.0.2.7'
        status, _, said = folder.check()
        check('an error', status == 1 and 'clear text' in said, said)


def test_check_map():
    with Folder() as folder:
        file = os.path.join(folder.path, 'map')
        with open(os.path.join(MAPS, 'ideo.jsonc'), encoding='utf-8') as from_:
            text = from_.read()
        with open(file, 'w', encoding='utf-8') as to:
            to.write(text.replace('"openldap"', '"opneldap"'))
        status, _, said = run('check', '-m', file)
        check('did you mean', status == 1 and 'did you mean "openldap"?' in said, said)


def test_explain_connector():
    with Folder() as folder:
        status, said, _ = folder.explain('GET', '/Users?count=1')
        check('the only one', status == 0 and 'ou=people' in said, said)
        folder.connector('ideo')
        status, _, said = folder.explain('GET', '/Users?count=1')
        check('none is the default', status == 1 and 'people, ideo' in said, said)
        folder.config['connectors']['ideo']['default'] = True
        status, said, _ = folder.explain('GET', '/Users?count=1')
        check('the default one', status == 0 and 'ou=ideo' in said, said)
        status, _, said = folder.explain('-C', 'poeple', 'GET', '/Users')
        check('did you mean', status == 1 and 'did you mean "people"?' in said, said)
        status, _, said = folder.explain('-C', 'zebra', 'GET', '/Users')
        check('there are', status == 1 and 'people, ideo' in said, said)


def test_explain_bulk():
    """Operations one by one, each under its heading, those after a POST with what it would have made."""
    user = {'method': 'POST', 'path': '/Users', 'bulkId': 'u',
            'data': {'userName': 'ada', 'displayName': 'Ada', 'title': 'Countess'}}
    group = {'method': 'POST', 'path': '/Groups', 'bulkId': 'g',
             'data': {'displayName': 'Poets', 'members': [{'value': 'bulkId:u'}]}}
    circle = [{'method': 'POST', 'path': '/Groups', 'bulkId': one,
               'data': {'displayName': one, 'members': [{'value': 'bulkId:' + other}]}}
              for one, other in (('x', 'y'), ('y', 'x'))]
    title = {'method': 'PATCH', 'path': '/Users/bulkId:u',
             'data': {'Operations': [{'op': 'replace', 'path': 'title', 'value': 'Poet'}]}}
    with Folder() as folder:
        status, said, _ = folder.explain('POST', '/Bulk', json.dumps(
            {'Operations': [group, user, title] + circle}))
        places = [said.find(text) for text in (
            '# operation 2: POST /Users', 'dn: uid=ada,', '# operation 1: POST /Groups', 'dn: cn=Poets,',
            'member: uid=ada,', '# operation 3: PATCH /Users/0000', '# the answer would be 200')]
        check('in this order', status == 0 and -1 not in places, said)
        check('the group after the user', places[:5] == sorted(places[:5]), places)
        answer = json.loads(said[said.index('# the answer'):].split('\n', 1)[1])
        equal('statuses', [one['status'] for one in answer['Operations']], ['201', '201', '200', '201', '201'])
        check('the circle is closed', '# operation 4: PATCH /Groups/0000' in said and 'member: cn=y,' in said, said)


def test_token_expiry():
    status, out, said = run('token', '--expires', '2001-01-01')
    check('a warning', status == 0 and 'past' in said and len(out.splitlines()) == 2, said)
    status, out, said = run('token', '--expires', '2999-01-01')
    check('silence', status == 0 and said == '' and len(out.splitlines()) == 2, said)


def test_token_names():
    with Folder() as folder:
        made = [json.loads(run('token', '-C', 'people')[1].splitlines()[1]) for _ in range(2)]
        folder.config['tokens'] = made
        equal('names of their own', folder.check()[0], 0)
        made[1]['name'] = made[0]['name']
        status, _, said = folder.check()
        check('the same name', status == 1 and 'there is a token' in said, said)


def test_check_one_server_of_two_names():
    if not have_slapd():
        return
    with Stack(start=False) as stack:
        config = stack.bridge.config
        socket = urllib.parse.quote(os.path.join(stack.directory.folder, 'ldapi'), safe='')
        config['directories']['again'] = dict(config['directories']['local'],
                                              url='ldapi://' + socket)
        stack.bridge.write_config()
        status, said, _ = run('check', '-c', stack.bridge.file)
        check('told, but apart', status == 0 and 'local and again are one' in said, said)
        config['connectors']['twin'] = dict(config['connectors']['ideo'], directory='again')
        stack.bridge.write_config()
        status, said, _ = run('check', '-c', stack.bridge.file)
        check('refused', status == 1 and 'connectors ideo and twin: error' in said, said)


def test_reload():
    if not have_slapd():
        return
    with Stack() as stack:
        bridge = stack.bridge
        good = bridge.config['connectors']['ideo']['map']
        bridge.config['connectors']['ideo']['map'] = bridge.config['connectors']['people']['map']
        bridge.write_config()
        check('overlap refused', 'refused' in bridge.reload(), bridge.log())
        check('said as an error', any('level=error' in line and 'would write the same entries' in line
                                      for line in bridge.log().splitlines()), bridge.log())
        equal('the one before serves', stack.client('ideo').get('/Users').status, 200)
        bridge.config['connectors']['ideo']['map'] = good
        bridge.config['tokens'][0]['expires'] = '2001-01-01'
        bridge.write_config()
        before = len(bridge.log())
        check('reloaded', 'event=reloaded' in bridge.reload(), bridge.log())
        lines = [line for line in bridge.log()[before:].splitlines() if 'has expired' in line]
        check('a warning is a warning', len(lines) == 1 and 'level=warning' in lines[0], lines)
        bridge.config['workers'] = 3
        bridge.config['limits'] = {'idleTimeout': '50s'}
        bridge.write_config()
        before = len(bridge.log())
        check('reloaded', 'event=reloaded' in bridge.reload(), bridge.log())
        check('a restart is needed', '\\"workers\\" has changed' in bridge.log()[before:],
              bridge.log()[before:])
        bridge.config['logg'] = 'info'
        bridge.write_config()
        before = len(bridge.log())
        check('refused', 'refused' in bridge.reload(), bridge.log())
        lines = bridge.log()[before:].splitlines()
        check('a warning beside an error too',
              any('level=warning' in line and 'has expired' in line for line in lines)
              and any('level=error' in line and 'logg' in line for line in lines), lines)


main(globals(), needs_slapd=False)
