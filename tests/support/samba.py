# SPDX-License-Identifier: Apache-2.0
"""A private Samba domain controller: its LDAP service alone, on an address of loopback of its own, as its
ports are fixed. It stands for Active Directory where the two behave alike; where they do not, tests
are scripted."""
import os
import re
import shutil
import signal
import socket
import subprocess

import harness

REALM = 'AD.EXAMPLE.COM'
BASE = 'DC=ad,DC=example,DC=com'
ADMIN = 'CN=Administrator,CN=Users,' + BASE
PASSWORD = 'Adm1nistrator-of-the-tests'
PEOPLE = 'OU=people,' + BASE
PROGRAMS = ('samba', 'samba-tool', 'openssl')


def free_address():
    """One on which nobody serves LDAP."""
    for last in range(20, 250):
        address = '127.0.77.%d' % last
        with socket.socket() as sock:
            try:
                sock.bind((address, 389))
                return address
            except OSError:
                continue
    raise AssertionError('no address is free')


class Samba(harness.Directory):
    """The interface of harness.Directory."""

    program, anchor, stamp = 'samba', 'objectGUID', 'uSNChanged'
    large_group = 1000
    rdn = 'CN'

    @staticmethod
    def is_installed():
        path = os.environ.get('PATH', '') + ':/usr/sbin'
        return os.geteuid() == 0 and all(shutil.which(name, path=path) for name in PROGRAMS) and os.path.isdir(
            '/usr/share/samba/setup/ad-schema')

    def __init__(self, folder):
        self.folder, self.base = folder, BASE
        self.admin_dn = self.service_dn = ADMIN
        self.address = free_address()
        self.url, self.port = 'ldaps://%s:636' % self.address, 636
        os.makedirs(folder)
        os.chmod(folder, 0o755)
        self.ca = os.path.join(folder, 'tls', 'ca.crt')
        self.settings = {'ca': self.ca}
        self.password_file = os.path.join(folder, 'password')
        with open(os.open(self.password_file, os.O_CREAT | os.O_WRONLY, 0o600), 'w', encoding='ascii') as file:
            file.write(PASSWORD)
        self.service_password_file = self.password_file
        self._certify()
        self._provision()
        self.start()
        self._fill()

    def _openssl(self, *arguments):
        subprocess.run(['openssl', *arguments], check=True, timeout=60, cwd=os.path.join(self.folder, 'tls'),
                       stdin=subprocess.DEVNULL, capture_output=True)

    def _certify(self):
        os.makedirs(os.path.join(self.folder, 'tls'))
        self._openssl('req', '-x509', '-newkey', 'rsa:2048', '-nodes', '-keyout', 'ca.key', '-out', 'ca.crt', '-days', '30',
                      '-subj', '/CN=authority of the tests', '-addext', 'basicConstraints=critical,CA:TRUE')
        self._openssl('req', '-newkey', 'rsa:2048', '-nodes', '-keyout', 'server.key', '-out', 'server.csr', '-subj',
                      '/CN=dc1.ad.example.com')
        with open(os.path.join(self.folder, 'tls', 'extensions'), 'w', encoding='ascii') as file:
            file.write('subjectAltName=IP:%s,DNS:dc1.ad.example.com\nextendedKeyUsage=serverAuth\n' % self.address)
        self._openssl('x509', '-req', '-in', 'server.csr', '-CA', 'ca.crt', '-CAkey', 'ca.key', '-CAcreateserial', '-days',
                      '30', '-out', 'server.crt', '-extfile', 'extensions')
        os.chmod(os.path.join(self.folder, 'tls', 'server.key'), 0o600)

    def _provision(self):
        done = subprocess.run(
            ['samba-tool', 'domain', 'provision', '--targetdir=' + self.folder, '--realm=' + REALM, '--domain=AD',
             '--adminpass=' + PASSWORD, '--server-role=dc', '--dns-backend=NONE', '--use-rfc2307', '--host-name=dc1',
             '--host-ip=' + self.address, '--backend-store=mdb', '--backend-store-size=256Mb'],
            stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=240)
        if done.returncode != 0:
            raise AssertionError('samba-tool: ' + done.stdout[-2000:] + done.stderr[-4000:])
        self.conf = os.path.join(self.folder, 'etc', 'smb.conf')
        with open(self.conf, encoding='utf-8') as file:
            lines = [line for line in file.read().splitlines()
                     if not re.match(r'\s*(server services|lock directory|log file)\s*=', line)]
        run, tls = os.path.join(self.folder, 'run'), os.path.join(self.folder, 'tls')
        os.makedirs(os.path.join(run, 'ncalrpc'), exist_ok=True)
        own = {'interfaces': self.address + '/8', 'bind interfaces only': 'yes', 'server services': 'ldap',
               'dcerpc endpoint servers': 'epmapper', 'pid directory': run, 'lock directory': run,
               'ncalrpc dir': os.path.join(run, 'ncalrpc'), 'winbindd socket directory': os.path.join(run, 'winbindd'),
               'log file': os.path.join(self.folder, 'log'), 'tls cafile': self.ca,
               'tls certfile': os.path.join(tls, 'server.crt'), 'tls keyfile': os.path.join(tls, 'server.key'),
               'tls verify peer': 'no_check'}
        at = next(i for i, line in enumerate(lines) if line.strip() == '[global]') + 1
        lines[at:at] = ['\t%s = %s' % item for item in own.items()]
        with open(self.conf, 'w', encoding='utf-8') as file:
            file.write('\n'.join(lines) + '\n')

    def start(self):
        with open(os.path.join(self.folder, 'out'), 'ab') as out:
            self.process = subprocess.Popen(['samba', '-F', '-i', '--no-process-group', '-M', 'single', '-s', self.conf],
                                            stdin=subprocess.DEVNULL, stdout=out, stderr=out, start_new_session=True)
        self.pid = self.process.pid
        harness.wait_for('samba to answer', self._answers, 90)

    def _answers(self):
        import ldap
        if self.process.poll() is not None:
            with open(os.path.join(self.folder, 'out'), encoding='utf-8', errors='replace') as file:
                raise AssertionError('samba ended: ' + file.read()[-3000:])
        try:
            self.connect().unbind_s()
            return True
        except (ldap.SERVER_DOWN, ldap.UNAVAILABLE, ldap.TIMEOUT, ldap.OPERATIONS_ERROR):
            return False

    def initialize(self):
        import ldap
        connection = ldap.initialize(self.url)
        connection.set_option(ldap.OPT_NETWORK_TIMEOUT, 10)
        connection.set_option(ldap.OPT_TIMEOUT, 30)
        connection.set_option(ldap.OPT_REFERRALS, 0)
        connection.set_option(ldap.OPT_X_TLS_CACERTFILE, self.ca)
        connection.set_option(ldap.OPT_X_TLS_NEWCTX, 0)
        return connection

    def _fill(self):
        connection = self.connect()
        for name in ('people', 'users,OU=people', 'groups,OU=people', 'left,OU=people'):
            connection.add_s('OU=%s,%s' % (name, BASE), [('objectClass', [b'organizationalUnit'])])
        connection.unbind_s()

    def find(self, resource_id):
        import uuid
        return '(objectGUID=%s)' % ''.join('\\%02x' % byte for byte in uuid.UUID(resource_id).bytes_le)

    def modify(self, dn, attribute, value):
        import ldap
        connection = self.connect()
        connection.modify_s(dn, [(ldap.MOD_REPLACE, attribute, value.encode())])
        connection.unbind_s()

    def rename(self, dn, name):
        """The name by which a user logs in, too."""
        import ldap
        connection = self.connect()
        connection.modify_s(dn, [(ldap.MOD_REPLACE, 'userPrincipalName', name.encode()),
                                 (ldap.MOD_REPLACE, 'sAMAccountName', name.encode()[:20])])
        connection.unbind_s()
        super().rename(dn, name)

    def reset_password(self, dn, password):
        import ldap
        connection = self.connect()
        connection.modify_s(dn, [(ldap.MOD_REPLACE, 'unicodePwd', ('"%s"' % password).encode('utf-16-le'))])
        connection.unbind_s()

    def add_users(self, dns):
        connection = self.connect()
        for dn in dns:
            name = dn.split(',', 1)[0].split('=', 1)[1]
            connection.add_s(dn, [('objectClass', [b'user']), ('sAMAccountName', [name.encode()]),
                                  ('userPrincipalName', [name.encode()])])
        connection.unbind_s()

    def stop(self):
        self.thaw()
        if self.process.poll() is None:
            os.killpg(self.pid, signal.SIGTERM)
            try:
                self.process.wait(20)
            except subprocess.TimeoutExpired:
                os.killpg(self.pid, signal.SIGKILL)
                self.process.wait(20)
