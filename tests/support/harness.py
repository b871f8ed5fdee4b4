# SPDX-License-Identifier: Apache-2.0
"""What the tests against real servers share: a private slapd, a bridge, HTTP and LDAP clients.

A test is a function named test_*; main(globals()) runs them in the order of the file and ends
with the line "N passed, M failed". Each may call check() any number of times.

    from harness import Stack, check, main

    def test_probe():
        with Stack() as stack:
            reply = stack.client().get('/Users?filter=userName+eq+"nobody"')
            check('an empty list', reply.status == 200 and reply.json['totalResults'] == 0, reply)

Everything is made in a fresh directory, listens on a free port of 127.0.0.1 and is ended by its
process id.
"""
import hashlib
import http.client
import json
import os
import secrets
import shutil
import signal
import ssl
import subprocess
import sys
import tempfile
import time
import traceback
import urllib.parse

HERE = os.path.dirname(os.path.abspath(__file__))
SOURCE = os.environ.get('top_srcdir') or os.path.dirname(os.path.dirname(HERE))
BUILD = os.environ.get('top_builddir') or os.path.join(SOURCE, 'build', 'plain')
PROGRAM = os.environ.get('SCIMBRIDGE') or os.path.join(BUILD, 'scimbridge')
SLAPD_SH = os.path.join(SOURCE, 'scripts', 'slapd.sh')
MAPS = os.path.join(SOURCE, 'conf', 'maps')
CONNECTORS = ('people', 'simple-in-out', 'sign-in-enterprise', 'ideo')
SCIM = 'application/scim+json'
SLOW = 6.0 if os.environ.get('ASAN_OPTIONS') or os.environ.get('TSAN_OPTIONS') else 1.0

SKIP = 77


def have_slapd():
    path = os.environ.get('PATH', '') + ':/usr/sbin:/sbin:/usr/local/libexec:/usr/libexec'
    return shutil.which('slapd', path=path) is not None


def wait_for(what, true, seconds=30.0, pause=0.02):
    """Poll until true() is truthy and give that back; AssertionError after `seconds`."""
    end = time.monotonic() + seconds * SLOW
    while True:
        value = true()
        if value:
            return value
        if time.monotonic() > end:
            raise AssertionError('waited %gs for %s' % (seconds * SLOW, what))
        time.sleep(pause)


def key_values(text):
    return dict(line.split('=', 1) for line in text.splitlines() if '=' in line)


# ---- checks ---------------------------------------------------------------------------------

passed = failed = 0
current = ''


def check(name, good, detail=''):
    """Count one check; a failure is shown with `detail`. Gives `good` back."""
    global passed, failed
    if good:
        passed += 1
    else:
        failed += 1
        print('FAILED: %s: %s\n    %s' % (current, name, str(detail)[:4000]), flush=True)
    return bool(good)


def equal(name, is_value, expected):
    return check(name, is_value == expected, '%r instead of %r' % (is_value, expected))


def main(names, needs_slapd=True):
    """Run the test_* functions; names on the command line choose among them."""
    global current, failed
    if needs_slapd and not have_slapd():
        print('slapd is not installed')
        sys.exit(SKIP)
    wanted = sys.argv[1:]
    for name, function in list(names.items()):
        if not name.startswith('test_') or (wanted and name not in wanted):
            continue
        current = name
        print('== ' + name, flush=True)
        try:
            function()
        except Exception:
            failed += 1
            print('FAILED: %s\n%s' % (name, traceback.format_exc()), flush=True)
    print('%d passed, %d failed' % (passed, failed))
    sys.exit(1 if failed else 0)


# ---- slapd ----------------------------------------------------------------------------------

class Directory:
    """A private slapd in `folder`, made by scripts/slapd.sh."""

    program, anchor, stamp = 'slapd', 'entryUUID', 'entryCSN'
    settings = {}  # of the bridge's configuration, to reach it
    rdn = 'uid'  # of users

    def find(self, resource_id):
        """The filter of the entry with this id."""
        return '(%s=%s)' % (self.anchor, resource_id)

    def place(self, connector):
        """(base, users, groups) of a connector."""
        base = 'ou=%s,%s' % (connector, self.base)
        return base, 'ou=users,' + base, 'ou=groups,' + base

    @staticmethod
    def is_installed():
        return have_slapd()

    def __init__(self, folder, ldif=None, **environment):
        self.folder = folder
        self.environment = dict(os.environ, NOSYNC='1', **environment)
        if ldif:
            self.environment['LDIF'] = ldif
        self.start()

    def _run(self, action):
        return subprocess.run(['sh', SLAPD_SH, action, self.folder], env=self.environment,
                              stdin=subprocess.DEVNULL, capture_output=True, text=True,
                              timeout=60)

    def start(self):
        done = self._run('start')
        if done.returncode != 0:
            raise AssertionError('slapd did not start: ' + done.stderr)
        is_ = key_values(done.stdout)
        self.url, self.base, self.pid = is_['URL'], is_['BASE'], int(is_['PID'])
        self.admin_dn, self.service_dn = is_['BINDDN'], is_['SERVICE_DN']
        self.password_file = is_['PASSWORD_FILE']
        self.service_password_file = is_['SERVICE_PASSWORD_FILE']
        self.port = urllib.parse.urlsplit(self.url).port
        self.environment['PORT'] = str(self.port)  # the same one at the next start

    def stop(self):
        self.thaw()
        self._run('stop')

    def kill(self):
        """As a crash would: SIGKILL, and wait until it is gone."""
        os.kill(self.pid, signal.SIGKILL)
        wait_for('slapd to be gone', lambda: not alive(self.pid))

    def freeze(self):
        """A busy machine lets threads run on for a while: wait until none does."""
        os.kill(self.pid, signal.SIGSTOP)
        wait_for('slapd to stand still', lambda: all(state == 'T' for state in states(self.pid)))

    def thaw(self):
        try:
            os.kill(self.pid, signal.SIGCONT)
        except ProcessLookupError:
            pass

    def initialize(self):
        """An LDAP connection (python3-ldap), not bound."""
        import ldap
        connection = ldap.initialize(self.url)
        connection.set_option(ldap.OPT_NETWORK_TIMEOUT, 10)
        connection.set_option(ldap.OPT_TIMEOUT, 10)
        return connection

    def connect(self):
        """One that is bound as the administrator."""
        connection = self.initialize()
        with open(self.password_file, encoding='ascii') as file:
            connection.simple_bind_s(self.admin_dn, file.read())
        return connection

    def search(self, base, filter='(objectClass=*)', attrs=None, scope='sub'):
        """[(dn, {attribute: [text, ...]}), ...]"""
        import ldap
        connection = self.connect()
        depth = {'sub': ldap.SCOPE_SUBTREE, 'one': ldap.SCOPE_ONELEVEL, 'base': ldap.SCOPE_BASE}
        try:
            found = connection.search_s(base, depth[scope], filter, attrs)
        except ldap.NO_SUCH_OBJECT:
            found = []
        finally:
            connection.unbind_s()
        return [(dn, {name: [v.decode('utf-8', 'replace') for v in values]
                      for name, values in entry.items()}) for dn, entry in found if dn]

    def entry(self, dn, attrs=None):
        """{attribute: [text, ...]}, or None."""
        found = self.search(dn, attrs=attrs, scope='base')
        return found[0][1] if found else None


    # --- what an administrator does, each server in its way ---

    large_group = 5000

    def reset_password(self, dn, password):
        import ldap
        connection = self.connect()
        connection.modify_s(dn, [(ldap.MOD_REPLACE, 'userPassword', password.encode())])
        connection.unbind_s()

    def rename(self, dn, name):
        connection = self.connect()
        connection.rename_s(dn, dn.split('=', 1)[0] + '=' + name)
        connection.unbind_s()

    def add_users(self, dns):
        connection = self.connect()
        for start in range(0, len(dns), 500):
            pending = []
            for dn in dns[start:start + 500]:
                name = dn.split(',', 1)[0].split('=', 1)[1].encode()
                pending.append(connection.add(dn, [('objectClass', [b'inetOrgPerson']), ('cn', [name]),
                                                   ('sn', [name])]))
            for one in pending:
                connection.result(one)
        connection.unbind_s()


def states(pid):
    """Of each thread: R, S, T and so on."""
    tasks = '/proc/%d/task' % pid
    for task in os.listdir(tasks):
        with open(os.path.join(tasks, task, 'stat'), encoding='ascii', errors='replace') as file:
            yield file.read().rsplit(')', 1)[1].split()[0]


def alive(pid):
    try:
        with open('/proc/%d/stat' % pid, encoding='ascii', errors='replace') as file:
            return file.read().rsplit(')', 1)[1].split()[0] != 'Z'
    except (FileNotFoundError, ProcessLookupError):
        return False


# ---- the bridge -----------------------------------------------------------------------------

class Token:
    def __init__(self, name, connectors=None, expires=None):
        self.secret = secrets.token_urlsafe(32)
        self.line = {'name': name, 'sha256': hashlib.sha256(self.secret.encode()).hexdigest()}
        if connectors:
            self.line['connectors'] = connectors
        if expires:
            self.line['expires'] = expires


def environment():
    """For the program: what libldap leaves behind of a TLS context (support/leaks.h) is not its own."""
    known = 'suppressions=' + os.path.join(HERE, 'leaks.txt') + ':print_suppressions=0'
    return dict(os.environ, LSAN_OPTIONS=':'.join(filter(None, (os.environ.get('LSAN_OPTIONS'), known))))


class Bridge:
    """scimbridge serve in `folder`. Change self.config and call reload() or start() again."""

    def __init__(self, folder, directory, config=None, maps=None):
        self.folder = folder
        self.file = os.path.join(folder, 'scimbridge.conf')
        self.ready_file = os.path.join(folder, 'ready')
        self.log_file = os.path.join(folder, 'log')
        self.token, self.people_token = Token('all'), Token('people-only', ['people'])
        self.process = None
        files = maps or {name: os.path.join(MAPS, name + '.jsonc') for name in CONNECTORS}
        self.config = {
            'listen': {'port': 0},
            'admin': {'port': 0},
            'directories': {'local': {'url': directory.url, 'bindDn': directory.service_dn,
                                      'passwordFile': directory.service_password_file,
                                      **directory.settings}},
            'connectors': {name: {'directory': 'local', 'map': path}
                           for name, path in files.items()},
            'tokens': [self.token.line] + ([self.people_token.line] if 'people' in files else []),
        }
        for key, value in (config or {}).items():
            if isinstance(value, dict) and isinstance(self.config.get(key), dict):
                self.config[key].update(value)
            else:
                self.config[key] = value

    def write_config(self, text=None):
        with open(self.file, 'w', encoding='utf-8') as file:
            file.write(text if text is not None else json.dumps(self.config, indent=2))

    def start(self):
        self.write_config()
        if os.path.exists(self.ready_file):
            os.unlink(self.ready_file)
        with open(self.log_file, 'ab') as log:
            self.process = subprocess.Popen(
                [PROGRAM, 'serve', '-c', self.file, '--ready-file', self.ready_file],
                stdin=subprocess.DEVNULL, stdout=log, stderr=log, env=environment())
        self.pid = self.process.pid
        wait_for('the bridge to listen', self._is_ready)
        with open(self.ready_file, encoding='utf-8') as file:
            ready = key_values(file.read())
        self.url, self.admin_url = ready['URL'], ready['ADMIN_URL']
        return self

    def _is_ready(self):
        if self.process.poll() is not None:
            raise AssertionError('the bridge ended with %d:\n%s'
                                 % (self.process.returncode, self.log()[-4000:]))
        return os.path.exists(self.ready_file)

    def wait_until_up(self):
        """Until /readyz says that the directory is connected."""
        wait_for('the directory to be up', lambda: self.admin('/readyz').status == 200)
        return self

    def admin(self, path, method='GET', headers=None):
        client = Client(self.admin_url, '')
        try:
            return client.request(method, path, headers=headers)
        finally:
            client.close()

    def log(self):
        with open(self.log_file, encoding='utf-8', errors='replace') as file:
            return file.read()

    def reload(self):
        """SIGHUP, and wait for the line that says how it went; gives that line back."""
        before = len(self.log())
        self.process.send_signal(signal.SIGHUP)

        def said():
            for line in self.log()[before:].splitlines():
                if 'kind=daemon' in line and 'event=reloaded' in line or 'reload refused' in line:
                    return line
            return None
        return wait_for('the reload', said)

    def client(self, connector='people', token=None, prefix=None, context=None):
        """A client of one connector, by default with the token for all of them."""
        if prefix is None:
            prefix = '/%s/scim/v2' % connector
        return Client(self.url, prefix, self.token.secret if token is None else token, context)

    def kill(self):
        self.process.kill()
        self.process.wait(10)

    def stop(self, seconds=30):
        """SIGTERM and wait; gives the exit status back."""
        if self.process is None:
            return None
        if self.process.poll() is None:
            self.process.terminate()
            try:
                self.process.wait(seconds)
            except subprocess.TimeoutExpired:
                self.kill()
                raise AssertionError('the bridge does not end:\n' + self.log()[-4000:])
        return self.process.returncode


# ---- HTTP -----------------------------------------------------------------------------------

class Reply:
    def __init__(self, status, headers, body):
        self.status, self.headers, self.body = status, headers, body
        self.json = None
        if body and 'json' in (headers.get('Content-Type') or ''):
            self.json = json.loads(body)

    def __repr__(self):
        return '%d %s' % (self.status, self.body.decode('utf-8', 'replace'))


class Client:
    """One kept-alive connection; it connects again when the server has closed."""

    def __init__(self, url, prefix, token=None, context=None, timeout=30):
        parts = urllib.parse.urlsplit(url)
        self.prefix, self.token, self.timeout = prefix, token, timeout * SLOW
        self.host, self.port, self.tls = parts.hostname, parts.port, parts.scheme == 'https'
        self.context = context or (ssl.create_default_context() if self.tls else None)
        self.connection = None

    def connect(self):
        if self.tls:
            self.connection = http.client.HTTPSConnection(
                self.host, self.port, timeout=self.timeout, context=self.context)
        else:
            self.connection = http.client.HTTPConnection(self.host, self.port,
                                                         timeout=self.timeout)
        self.connection.connect()

    def close(self):
        if self.connection:
            self.connection.close()
            self.connection = None

    def request(self, method, path, body=None, headers=None, content_type=SCIM):
        """`path` is below the connector's prefix. `body`: what becomes JSON, text or bytes."""
        send = {}
        if self.token:
            send['Authorization'] = 'Bearer ' + self.token
        if body is not None:
            if not isinstance(body, (bytes, str)):
                body = json.dumps(body)
            if isinstance(body, str):
                body = body.encode()
            if content_type:
                send['Content-Type'] = content_type
        send.update(headers or {})
        fresh = self.connection is None
        try:
            return self._exchange(method, self.prefix + path, body, send)
        except (http.client.RemoteDisconnected, BrokenPipeError, ConnectionResetError):
            self.close()
            if fresh:
                raise
            return self._exchange(method, self.prefix + path, body, send)

    def _exchange(self, method, path, body, headers):
        if self.connection is None:
            self.connect()
        try:
            self.connection.request(method, path.replace(' ', '%20'), body, headers)
            reply = self.connection.getresponse()
            result = Reply(reply.status, reply.headers, reply.read())
        except Exception:
            self.close()
            raise
        if reply.will_close:
            self.close()
        return result

    def get(self, path, **more):
        return self.request('GET', path, **more)

    def post(self, path, body, **more):
        return self.request('POST', path, body, **more)

    def put(self, path, body, **more):
        return self.request('PUT', path, body, **more)

    def patch(self, path, operations, **more):
        """`operations`: a list of them, or a whole body."""
        if isinstance(operations, list):
            operations = {'schemas': ['urn:ietf:params:scim:api:messages:2.0:PatchOp'],
                          'Operations': operations}
        return self.request('PATCH', path, operations, **more)

    def delete(self, path, **more):
        return self.request('DELETE', path, **more)


def find_filter(text):
    """A query string with this filter."""
    return '?filter=' + urllib.parse.quote(text)


# ---- both -----------------------------------------------------------------------------------

class Stack:
    """A directory and a bridge in a fresh folder, ended and removed when the block is left.

    config: sections that are merged into the bridge's configuration; maps: {connector: file};
    ldif: entries to load at first; directory: makes another one than slapd in a folder; further
    keywords are slapd.sh's environment."""

    def __init__(self, config=None, maps=None, ldif=None, start=True, directory=None, **environment):
        self.folder = tempfile.mkdtemp(prefix='scimbridge-test-')
        self.directory = self.bridge = None
        try:
            if directory:
                self.directory = directory(os.path.join(self.folder, 'directory'))
            else:
                self.directory = Directory(os.path.join(self.folder, 'slapd'), ldif, **environment)
            self.bridge = Bridge(self.folder, self.directory, config, maps)
            if start:
                self.bridge.start().wait_until_up()
        except BaseException:
            self.close()
            raise

    def __enter__(self):
        return self

    def __exit__(self, kind, value, trace):
        self.close(failed=kind is not None)

    def client(self, connector='people', **more):
        return self.bridge.client(connector, **more)

    def close(self, failed=False):
        status = None
        try:
            if self.bridge and self.bridge.process:
                if failed:
                    print('the end of the bridge\'s log:\n' + self.bridge.log()[-3000:])
                status = self.bridge.stop()
                if status not in (0, -signal.SIGKILL):
                    print('the bridge ended with %s:\n%s' % (status, self.bridge.log()[-8000:]))
        finally:
            if self.directory:
                self.directory.stop()
            shutil.rmtree(self.folder, ignore_errors=True)
        if status not in (None, 0, -signal.SIGKILL):
            raise AssertionError('the bridge ended with %s' % status)
