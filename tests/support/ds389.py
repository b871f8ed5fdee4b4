# SPDX-License-Identifier: Apache-2.0
"""A private 389 Directory Server in a folder, on a free port of 127.0.0.1, without systemd.

Its configuration is made from the template that the package ships, so that no installer is needed.
The plugins that keep memberOf, referential integrity and change numbers are on."""
import os
import re
import shutil
import signal
import socket
import subprocess

import harness

TEMPLATE = '/usr/share/dirsrv/data/template-dse.ldif'
BASE = 'dc=example,dc=com'
ADMIN, SERVICE = 'cn=Directory Manager', 'cn=scimbridge,' + BASE
PLUGINS = ('MemberOf Plugin', 'referential integrity postoperation', 'USN')

LIMITS = ('nsSizeLimit', 'nsLookThroughLimit', 'nsPagedSizeLimit', 'nsPagedLookThroughLimit', 'nsIDListScanLimit')

BACKEND = '''
dn: cn=userRoot,cn=ldbm database,cn=plugins,cn=config
objectClass: top
objectClass: extensibleObject
objectClass: nsBackendInstance
cn: userRoot
nsslapd-suffix: {base}

dn: cn="{base}",cn=mapping tree,cn=config
objectClass: top
objectClass: extensibleObject
objectClass: nsMappingTree
cn: "{base}"
nsslapd-state: backend
nsslapd-backend: userRoot
'''

RIGHTS = '(targetattr = "*")(version 3.0; acl "the bridge"; allow (all) userdn = "ldap:///%s";)' % SERVICE
READERS = ('(targetattr != "userPassword")(version 3.0; acl "readers"; allow (read, search, compare) '
           'userdn = "ldap:///all";)')


def free_port():
    with socket.socket() as sock:
        sock.bind(('127.0.0.1', 0))
        return sock.getsockname()[1]


class Ds389(harness.Directory):
    """The interface of harness.Directory."""

    program, anchor, stamp = 'ns-slapd', 'nsUniqueId', 'entryusn'
    large_group = 1000  # its MemberOf plugin takes 8 ms and more for each member

    @staticmethod
    def is_installed():
        path = os.environ.get('PATH', '') + ':/usr/sbin'
        if os.geteuid() != 0 or not shutil.which('ns-slapd', path=path):
            return False
        if not os.path.isdir('/dev/shm') or not os.stat('/dev/shm').st_mode & 0o002:
            print('ns-slapd needs /dev/shm, where everybody may write')
            return False
        return True

    def __init__(self, folder):
        self.folder = folder
        self.base, self.admin_dn, self.service_dn = BASE, ADMIN, SERVICE
        self.port = free_port()
        self.url = 'ldap://127.0.0.1:%d' % self.port
        os.makedirs(folder)
        self.password_file = self._secret('admin.password', 'manager-of-the-tests')
        self.service_password_file = self._secret('service.password', 'bridge-of-the-tests')
        self._make()
        self.start()
        self._fill()

    def _secret(self, name, text):
        path = os.path.join(self.folder, name)
        with open(os.open(path, os.O_CREAT | os.O_WRONLY, 0o600), 'w', encoding='ascii') as file:
            file.write(text)
        return path

    def _make(self):
        values = {'ds_port': str(self.port), 'ds_user': 'dirsrv', 'rootdn': ADMIN, 'ds_suffix': BASE, 'fqdn': 'localhost',
                  'db_lib': 'bdb', 'ldapi_enabled': 'off', 'ldapi_autobind': 'off', 'db_home_dir': self._folder('db')}
        for key in ('lock', 'tmp', 'ldif', 'bak', 'run', 'log', 'db', 'config'):
            values[key + '_dir'] = self._folder(key)
        values['schema_dir'] = self._folder('config/schema')
        values['cert_dir'] = values['config_dir']
        values['inst_dir'] = self.folder
        values['ldapi'] = os.path.join(values['run_dir'], 'ldapi')
        with open(self.password_file, encoding='ascii') as file:
            values['ds_passwd'] = subprocess.run(['pwdhash', '-s', 'SSHA512', file.read()], check=True, timeout=30,
                                                 capture_output=True, text=True).stdout.strip()
        with open(TEMPLATE, encoding='utf-8') as file:
            text = re.sub('%([a-z_]+)%', lambda match: values[match.group(1)], file.read())
        for plugin in PLUGINS:
            text = re.sub('(?ims)^(dn: cn=%s,.*?^nsslapd-pluginEnabled: )off' % re.escape(plugin), r'\1on', text,
                          count=1)
        text = text.replace('referint-membership-attr: member\n',
                            'referint-membership-attr: member\nreferint-membership-attr: manager\n')
        text = text.replace('nsslapd-port:', 'nsslapd-listenhost: 127.0.0.1\nnsslapd-accesslog-logging-enabled: off\n'
                            'nsslapd-port:', 1)
        text = re.sub('\n{3,}', '\n\n', text.strip() + '\n' + BACKEND.format(base=BASE))
        with open(os.path.join(self.folder, 'config', 'dse.ldif'), 'w', encoding='utf-8') as file:
            file.write(text)
        for name in ('slapd-collations.conf', 'certmap.conf'):
            shutil.copy('/etc/dirsrv/config/' + name, values['config_dir'])
        shutil.copy(os.path.join(harness.SOURCE, 'schema', 'ldap', '98scimbridge.ldif'), values['schema_dir'])
        shutil.copy('/etc/dirsrv/schema/99user.ldif', values['schema_dir'])
        self._hand_over()

    def _folder(self, name):
        path = os.path.join(self.folder, name)
        os.makedirs(path, exist_ok=True)
        return path

    def _hand_over(self):
        """The server gives up being root, and must reach its folder."""
        subprocess.run(['chown', '-R', 'dirsrv:dirsrv', self.folder], check=True, timeout=30)
        os.chmod(self.folder, 0o755)
        parent = os.path.dirname(self.folder)
        os.chmod(parent, os.stat(parent).st_mode | 0o011)
        for path in (self.password_file, self.service_password_file):
            os.chown(path, 0, 0)

    def start(self):
        pid_file = os.path.join(self.folder, 'run', 'pid')
        if os.path.exists(pid_file):
            os.unlink(pid_file)
        done = subprocess.run(['ns-slapd', '-D', os.path.join(self.folder, 'config'), '-i', pid_file],
                              stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=60)
        if done.returncode != 0:
            raise AssertionError('ns-slapd did not start: ' + done.stdout + done.stderr)
        harness.wait_for('the pid of ns-slapd', lambda: os.path.exists(pid_file) and os.path.getsize(pid_file), 30)
        with open(pid_file, encoding='ascii') as file:
            self.pid = int(file.read())
        harness.wait_for('ns-slapd to answer', self._answers, 60)

    def _answers(self):
        import ldap
        try:
            self.connect().unbind_s()
            return True
        except ldap.SERVER_DOWN:
            if not harness.alive(self.pid):
                raise AssertionError('ns-slapd ended; see ' + self.folder) from None
            return False

    def _fill(self):
        with open(self.service_password_file, encoding='ascii') as file:
            password = file.read()
        connection = self.connect()
        top = [('objectClass', [b'top', b'domain']), ('aci', [RIGHTS.encode(), READERS.encode()])]
        connection.add_s(BASE, top)
        connection.add_s(SERVICE, [('objectClass', [b'applicationProcess', b'simpleSecurityObject']),
                                   ('userPassword', [password.encode()])] +
                         [(name, [b'-1']) for name in LIMITS])
        for name in ('people', 'users,ou=people', 'groups,ou=people'):
            connection.add_s('ou=%s,%s' % (name, BASE), [('objectClass', [b'organizationalUnit'])])
        connection.unbind_s()

    def inactivate_by_role(self, dn):
        """As the server's own tools do it: the role's members have a lock that no entry holds."""
        import ldap
        role, template = 'cn=nsManagedDisabledRole,' + BASE, 'cn=nsAccountInactivationTmp,' + BASE
        entries = (
            (role, {'objectClass': ['LDAPsubentry', 'nsRoleDefinition', 'nsSimpleRoleDefinition',
                                    'nsManagedRoleDefinition']}),
            (template, {'objectClass': ['nsContainer']}),
            ('cn="%s",%s' % (role, template), {'objectClass': ['extensibleObject', 'cosTemplate', 'LDAPsubentry'],
                                               'nsAccountLock': ['true'], 'cosPriority': ['0']}),
            ('cn=nsAccountInactivation_cos,' + BASE,
             {'objectClass': ['LDAPsubentry', 'cosSuperDefinition', 'cosClassicDefinition'], 'cosTemplateDn': [template],
              'cosSpecifier': ['nsRole'], 'cosAttribute': ['nsAccountLock operational']}))
        connection = self.connect()
        for entry, attributes in entries:
            connection.add_s(entry, [(name, [text.encode() for text in texts]) for name, texts in attributes.items()])
        connection.modify_s(dn, [(ldap.MOD_ADD, 'nsRoleDN', role.encode())])
        connection.unbind_s()

    def stop(self):
        self.thaw()
        if harness.alive(self.pid):
            os.kill(self.pid, signal.SIGTERM)
            harness.wait_for('ns-slapd to end', lambda: not harness.alive(self.pid), 60)
