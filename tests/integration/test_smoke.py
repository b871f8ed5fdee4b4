# SPDX-License-Identifier: Apache-2.0
"""The bridge as a server: HTTP's edges, TLS, reload, the end, and a directory that is away."""
import os
import re
import signal
import socket
import ssl
import subprocess
import sys
import threading
import time

sys.path.insert(0, os.path.join(os.environ.get('top_srcdir', '.'), 'tests', 'support'))
from harness import (SLOW, Client, Stack, check, equal, main, wait_for)

USER = 'urn:ietf:params:scim:schemas:core:2.0:User'


def user(name):
    return {'schemas': [USER], 'userName': name, 'externalId': 'x-' + name,
            'displayName': name.title(), 'name': {'givenName': name, 'familyName': 'Test'}}


def raw(bridge, request, seconds=5):
    """Send bytes and read until the connection is closed or nothing comes for a while."""
    port = int(bridge.url.rsplit(':', 1)[1])
    answer = b''
    with socket.create_connection(('127.0.0.1', port), seconds * SLOW) as sock:
        sock.sendall(request)
        sock.settimeout(1.0 * SLOW)
        try:
            while True:
                piece = sock.recv(65536)
                if not piece:
                    break
                answer += piece
        except (socket.timeout, ConnectionResetError):
            pass
    return answer


def status_of(answer):
    return int(answer.split(b' ', 2)[1]) if answer.startswith(b'HTTP/') else 0


def test_edges():
    with Stack() as stack:
        bridge, client = stack.bridge, stack.client()
        auth = b'Host: h\r\nAuthorization: Bearer ' + bridge.token.secret.encode() + b'\r\n'

        equal('health', bridge.admin('/healthz').status, 200)
        equal('ready', bridge.admin('/readyz').status, 200)
        check('metrics', b'scimbridge_requests_total' in bridge.admin('/metrics').body)
        equal('admin: unknown page', bridge.admin('/').status, 404)
        equal('admin: POST', bridge.admin('/healthz', 'POST').status, 405)
        equal('admin: foreign name',
              bridge.admin('/healthz', headers={'Host': 'evil.example'}).status, 403)

        refused = stack.client(token='wrong').get('/Users')
        unknown = stack.client('nobody').get('/Users')
        equal('bad token', refused.status, 401)
        equal('unknown connector', (unknown.status, unknown.json), (401, refused.json))
        equal('challenge', refused.headers['WWW-Authenticate'], 'Bearer')
        equal('no token', stack.client(token='').get('/Users').status, 401)
        people = bridge.people_token.secret
        equal('token of people', stack.client(token=people).get('/Users').status, 200)
        equal('elsewhere', stack.client('ideo', token=people).get('/Users').status, 401)

        reply = client.get('/Nothing')
        equal('unknown endpoint', reply.status, 404)
        equal('type of an error', reply.headers['Content-Type'], 'application/scim+json')
        reply = client.delete('/Users')
        equal('method', (reply.status, reply.headers['Allow']), (405, 'GET, HEAD, OPTIONS, POST'))
        equal('strange method', client.request('BREW', '/Users').status, 405)
        equal('content type', client.post('/Users', user('a'), content_type='text/xml').status,
              415)
        equal('no content type', client.post('/Users', user('a'), content_type=None).status, 415)
        equal('not JSON', client.post('/Users', '{').status, 400)
        equal('HEAD', (client.request('HEAD', '/Users').status), 200)
        equal('escape', client.get('/Users/%zz').status, 400)
        equal('NUL', client.get('/Users/a%00b').status, 400)
        equal('flag', client.get('/Users/?aadOptscim062020').status, 200)
        for prefix in ('/people/scim', '/ecma2host_people/scim/v2', '/ecma2host_people/scim'):
            equal(prefix, bridge.client(prefix=prefix).get('/Users').status, 200)
        equal('no default', bridge.client(prefix='/scim').get('/Users').status, 401)

        equal('too large, told', client.post('/Users', b' ' * (1 << 21)).status, 413)
        chunks = b'10000\r\n' + b' ' * 65536 + b'\r\n'
        answer = raw(bridge, b'POST /people/scim/v2/Users HTTP/1.1\r\n' + auth +
                     b'Content-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\n' +
                     chunks * 20 + b'0\r\n\r\n')
        equal('too large, found out', status_of(answer), 413)
        answer = raw(bridge, b'POST /people/scim/v2/Users HTTP/1.1\r\n' + auth +
                     b'Content-Type: application/json\r\nContent-Length: 2\r\n'
                     b'Transfer-Encoding: chunked\r\n\r\n2\r\n{}\r\n0\r\n\r\n')
        equal('both lengths', status_of(answer), 400)
        answer = raw(bridge, b'POST /people/scim/v2/Users HTTP/1.1\r\n' + auth +
                     b'Content-Type: application/json; charset=utf-8\r\n'
                     b'Transfer-Encoding: chunked\r\n\r\n2\r\n{}\r\n0\r\n\r\n')
        equal('chunked', status_of(answer), 400)
        answer = raw(bridge, b'GET http://h/people/scim/v2/Users HTTP/1.1\r\n' + auth + b'\r\n')
        equal('absolute form', status_of(answer), 200)
        answer = raw(bridge, b'GET /people/scim/v2/Users HTTP/1.1\r\n'
                     b'Host: a b\r\n' + auth[9:] + b'\r\n')
        equal('malformed host', status_of(answer), 400)
        raw(bridge, b'GET /people/scim/v2/Users HTTP/1.1\r\nBroken\r\n\r\n')
        raw(bridge, b'POST /people/scim/v2/Users HTTP/1.1\r\n' + auth +
            b'Content-Type: application/json\r\nContent-Length: 100\r\n\r\n{"us')
        equal('still here', client.get('/Users').status, 200)
        reply = client.get('/Users', headers={'X-Request-Id': 'abc-1'})
        equal('request id', reply.headers['X-Request-Id'], 'abc-1')
        check('no secret in the log', bridge.token.secret not in bridge.log())


def test_writes():
    with Stack() as stack:
        client = stack.client()
        reply = client.post('/Users', user('jyoung'))
        equal('created', reply.status, 201)
        check('location', reply.headers['Location'].endswith('/people/scim/v2/Users/' +
                                                             reply.json['id']), reply)
        equal('again', client.post('/Users', user('jyoung')).status, 409)
        equal('read', client.get('/Users/' + reply.json['id']).json['userName'], 'jyoung')
        log = stack.bridge.log()
        intent, result = log.find('event=intent'), log.find('event=result')
        check('audit', 0 < intent < result, log[-2000:])


def test_parallel():
    with Stack() as stack:
        failures = []

        def work(n):
            client = stack.client()
            for i in range(20):
                reply = client.post('/Users', user('u%d-%d' % (n, i)))
                if reply.status != 201:
                    failures.append(reply)
            client.close()

        threads = [threading.Thread(target=work, args=(n,)) for n in range(8)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        equal('failures', failures, [])
        equal('all there', stack.client().get('/Users?count=0').json['totalResults'], 160)
        metrics = stack.bridge.admin('/metrics').body.decode()
        check('counted', 'connector="people",method="POST",status="201"} 160' in metrics, metrics)
        # Writes of one resource at the same time queue at its gate.
        replies = []
        threads = [threading.Thread(target=lambda: replies.append(
            stack.client().post('/Users', user('same')).status)) for _ in range(12)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        equal('one of the same name', sorted(replies), [201] + [409] * 11)


def certificate(folder, name):
    cert, key = os.path.join(folder, 'cert.pem'), os.path.join(folder, 'key.pem')
    subprocess.run(['openssl', 'req', '-x509', '-newkey', 'ec', '-pkeyopt',
                    'ec_paramgen_curve:P-256', '-nodes', '-days', '2', '-subj', '/CN=' + name,
                    '-addext', 'subjectAltName=IP:127.0.0.1', '-keyout', key, '-out', cert],
                   check=True, capture_output=True, timeout=60)
    os.chmod(key, 0o600)
    return cert, key


def shown(bridge, version=None, ciphers=None):
    """The certificate the listener shows, in PEM; ssl.SSLError when the handshake fails."""
    port = int(bridge.url.rsplit(':', 1)[1])
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
    if version:
        context.minimum_version = context.maximum_version = version
    if ciphers:
        context.set_ciphers(ciphers)
    with socket.create_connection(('127.0.0.1', port), 5 * SLOW) as sock:
        with context.wrap_socket(sock) as tls:
            return ssl.DER_cert_to_PEM_cert(tls.getpeercert(True)), tls.version()


def handshake(*args, **more):
    try:
        return shown(*args, **more)[1]
    except (ssl.SSLError, ConnectionError) as error:
        return type(error).__name__


def test_tls():
    with Stack(start=False) as stack:
        bridge = stack.bridge
        cert, key = certificate(stack.folder, 'first')
        bridge.config['listen'].update(certificate=cert, key=key)
        bridge.start().wait_until_up()
        context = ssl.create_default_context(cafile=cert)
        client = stack.client(context=context)
        equal('over TLS', client.get('/Users').status, 200)
        equal('TLS 1.3', handshake(bridge), 'TLSv1.3')
        for suite in ('ECDHE-ECDSA-AES128-GCM-SHA256', 'ECDHE-ECDSA-AES256-GCM-SHA384',
                      'ECDHE-ECDSA-AES128-SHA256', 'ECDHE-ECDSA-AES256-SHA384'):
            equal(suite, handshake(bridge, version=ssl.TLSVersion.TLSv1_2, ciphers=suite),
                  'TLSv1.2')
        check('no TLS 1.1', handshake(bridge, version=ssl.TLSVersion.TLSv1_1,
                                      ciphers='ALL:@SECLEVEL=0') != 'TLSv1.1')
        first = shown(bridge)[0]
        certificate(stack.folder, 'second')
        check('reloaded', 'event=reloaded' in bridge.reload())
        second = shown(bridge)[0]
        check('another certificate', first != second)
        equal('the connection before goes on', client.get('/Users').status, 200)
        with open(cert, 'w', encoding='ascii') as file:
            file.write('nonsense')
        check('bad certificate refused', 'refused' in bridge.reload())
        equal('the second one stays', shown(bridge)[0], second)
        before = bridge.log().count('kind=request')
        for _ in range(5):
            shown(bridge)
        equal('asked', client.get('/Users').status, 200)
        wait_for('its line', lambda: bridge.log().count('kind=request') > before)
        equal('handshakes alone leave none', bridge.log().count('kind=request'), before + 1)


def test_reload():
    with Stack() as stack:
        bridge, client = stack.bridge, stack.client()
        equal('before', client.get('/Users').status, 200)
        bridge.write_config('{"connectors": {')
        check('refused', 'refused' in bridge.reload())
        check('place is named', 'scimbridge.conf:1:' in bridge.log(), bridge.log()[-1000:])
        said = bridge.admin('/status').body.decode()
        check('the status says why', re.search(r'^reload refused, 20\S+Z: \S+ is not usable: \S+scimbridge.conf:1:\d+: '
                                               r'error: ', said, re.M), said)
        equal('the old one stays', client.get('/Users').status, 200)
        bridge.config['connectors']['people']['paused'] = True
        bridge.write_config()
        bridge.reload()
        wait_for('the pause', lambda: client.get('/Users').status == 503)
        reply = client.post('/Users', {'userName': 'not-now'})
        check('told when to come again', reply.status == 503 and int(reply.headers['Retry-After']) > 0
              and 'paused' in reply.json['detail'], reply)
        said = bridge.admin('/status').body.decode()
        check('the status', 'connector people: paused\n' in said and 'connector ideo: serving\n' in said
              and 'refused' not in said, said)
        equal('others go on', stack.client('ideo').get('/Users').status, 200)
        bridge.config['connectors']['people']['paused'] = False
        bridge.config['tokens'] = [bridge.people_token.line]
        bridge.write_config()
        bridge.reload()
        wait_for('the token to go', lambda: client.get('/Users').status == 401)
        # A changed directory section: other connections, no failed request.
        bridge.config['directories']['local']['connectTimeout'] = '3s'
        bridge.write_config()
        bridge.reload()
        people = stack.client(token=bridge.people_token.secret)
        for _ in range(20):
            equal('after the directory changed', people.get('/Users').status, 200)


def connects(bridge):
    text = bridge.admin('/metrics').body.decode()
    return int(re.search(r'^scimbridge_ldap_connects_total\{directory="local"\} (\d+)$', text, re.M).group(1))


def test_reload_in_flight():
    """A request ends on the map that it began with; connections whose directory did not change stay."""
    with Stack(config={'workers': 1}) as stack:  # others may not have connected yet
        bridge, client = stack.bridge, stack.client()
        made = client.post('/Users', {'userName': 'ann', 'title': 'Dr'}).json['id']
        before = connects(bridge)
        stack.directory.freeze()
        replies = []
        thread = threading.Thread(target=lambda: replies.append(stack.client().get('/Users/' + made)))
        thread.start()
        wait_for('the request to be in flight', lambda: b'in_flight 1' in bridge.admin('/metrics').body)
        with open(bridge.config['connectors']['people']['map'], encoding='utf-8') as file:
            text = file.read()
        changed = os.path.join(stack.folder, 'changed.jsonc')
        with open(changed, 'w', encoding='utf-8') as file:
            file.write(text.replace('"title": "title"', '"nickName": "title"')
                       .replace('"nickName": "scimNickName",', ''))
        bridge.config['connectors']['people']['map'] = changed
        bridge.write_config()
        check('reloaded', 'event=reloaded' in bridge.reload(), bridge.log()[-2000:])
        stack.directory.thaw()
        thread.join()
        check('the map before', replies[0].status == 200 and replies[0].json.get('title') == 'Dr'
              and 'nickName' not in replies[0].json, replies[0])
        reply = client.get('/Users/' + made)
        check('the map after', reply.status == 200 and reply.json.get('nickName') == 'Dr'
              and 'title' not in reply.json, reply)
        equal('no new connections', connects(bridge), before)


def test_drain():
    with Stack(config={'limits': {'requestTimeout': '8s', 'drainTimeout': '6s'}}) as stack:
        bridge = stack.bridge
        stack.client().get('/Users')
        stack.directory.freeze()
        replies = []
        thread = threading.Thread(target=lambda: replies.append(stack.client().get('/Users')))
        thread.start()
        wait_for('the request to be in flight', lambda: b'in_flight 1' in
                 bridge.admin('/metrics').body)
        bridge.process.terminate()
        wait_for('the drain', lambda: 'event=draining' in bridge.log())
        equal('draining is not ready', bridge.admin('/readyz').status, 503)
        time.sleep(0.2)
        stack.directory.thaw()
        thread.join(20 * SLOW)
        equal('answered', [reply.status for reply in replies], [200])
        equal('ended well', bridge.stop(), 0)


def test_drain_deadline():
    with Stack(config={'limits': {'requestTimeout': '30s', 'drainTimeout': '500ms'}}) as stack:
        stack.client().get('/Users')
        stack.directory.freeze()
        replies = []
        thread = threading.Thread(target=lambda: replies.append(stack.client().get('/Users')))
        thread.start()
        wait_for('the request to be in flight', lambda: b'in_flight 1' in
                 stack.bridge.admin('/metrics').body)
        begun = time.monotonic()
        equal('ended well', stack.bridge.stop(), 0)
        check('in time', time.monotonic() - begun < 8 * SLOW, time.monotonic() - begun)
        thread.join(20 * SLOW)
        equal('answered', [reply.status for reply in replies], [503])


def test_frozen_directory():
    limits = {'requestTimeout': '1500ms', 'ldapTimeout': '1s'}
    with Stack(config={'limits': limits}) as stack:
        client = stack.client()
        equal('before', client.get('/Users').status, 200)
        stack.directory.freeze()
        for method, path, body in (('GET', '/Users', None), ('POST', '/Users', user('late'))):
            begun = time.monotonic()
            reply = client.request(method, path, body)
            took = time.monotonic() - begun
            equal(method + ' while frozen', reply.status, 503)
            check(method + ' says when to come back', reply.headers['Retry-After'], reply)
            check(method + ' in bounded time', took < 8 * SLOW, took)
        stack.directory.thaw()
        wait_for('recovery', lambda: client.get('/Users').status == 200)
        wait_for('creation', lambda: client.post('/Users', user('late')).status in (201, 409))


def test_killed_directory():
    with Stack(config={'limits': {'requestTimeout': '3s'}}) as stack:
        client = stack.client()
        equal('before', client.get('/Users').status, 200)
        stack.directory.kill()
        reply = client.get('/Users')
        equal('away', reply.status, 503)
        wait_for('readyz', lambda: stack.bridge.admin('/readyz').status == 503)
        check('it is named', b'local' in stack.bridge.admin('/readyz').body)
        equal('healthz', stack.bridge.admin('/healthz').status, 200)
        stack.directory.start()
        wait_for('recovery', lambda: client.get('/Users').status == 200)
        wait_for('ready again', lambda: stack.bridge.admin('/readyz').status == 200)


def test_limits():
    with Stack(config={'limits': {'inFlight': 2, 'requestTimeout': '30s',
                                  'ldapTimeout': '30s'},
                       'workers': 1}) as stack:
        stack.client().get('/Users')
        stack.directory.freeze()
        replies = []
        threads = [threading.Thread(target=lambda: replies.append(
            stack.client().get('/Users').status)) for _ in range(2)]
        for thread in threads:
            thread.start()
        wait_for('two in flight', lambda: b'in_flight 2' in
                 stack.bridge.admin('/metrics').body)
        begun = time.monotonic()
        reply = stack.client().get('/Users')
        equal('the third', (reply.status, reply.headers['Retry-After'] is not None), (503, True))
        check('long before their time', time.monotonic() - begun < 15)
        stack.directory.thaw()
        for thread in threads:
            thread.join()
        equal('the two', replies, [200, 200])


def test_slow_bodies():
    """They hold memory, which is limited in sum, but none of the places in flight."""
    with Stack(config={'limits': {'inFlight': 1, 'memoryTotal': '1280KiB'}, 'workers': 1}) as stack:
        client = stack.client()
        head = ('POST %s/Users HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer %s\r\n'
                'Content-Type: application/scim+json\r\nContent-Length: 900000\r\n\r\n {'
                % (client.prefix, client.token)).encode()
        with socket.create_connection((client.host, client.port), 10) as slow:
            slow.sendall(head)
            time.sleep(0.3)
            equal('meanwhile', client.get('/Users').status, 200)
            with socket.create_connection((client.host, client.port), 10) as second:
                second.sendall(head + b' ' * 899998)
                check('the second is told', second.recv(100).startswith(b'HTTP/1.1 503'))
        wait_for('room again', lambda: client.request(
            'POST', '/Users', b'{' + b' ' * 899999).status == 400)


def test_idle_memory():
    """What is kept ready for the headers of each connection counts too."""
    with Stack(config={'limits': {'memoryTotal': '1MiB', 'connections': 60}, 'workers': 1}) as stack:
        client = stack.client()
        equal('alone', client.get('/Users').status, 200)
        idle = [socket.create_connection((client.host, client.port), 10) for _ in range(20)]
        wait_for('no memory', lambda: client.request('GET', '/Users').status == 503)
        for sock in idle:
            sock.close()
        wait_for('room again', lambda: client.request('GET', '/Users').status == 200)


def test_audit_file():
    """A pipe's reader could hold up every change: nothing but a regular file will do."""
    with Stack(start=False) as stack:
        pipe = os.path.join(stack.folder, 'audit')
        os.mkfifo(pipe)
        stack.bridge.config['audit'] = pipe
        refused = False
        try:
            stack.bridge.start()
        except AssertionError:
            refused = 'is no regular file' in stack.bridge.log()
        check('it does not start, and says why', refused, stack.bridge.log()[-500:])
        stack.bridge.process = None
        stack.bridge.config['audit'] = os.path.join(stack.folder, 'audit.log')
        stack.bridge.start().wait_until_up()
        equal('made', os.stat(stack.bridge.config['audit']).st_mode & 0o777, 0o600)
        stack.client().post('/Users', {'userName': 'audited'})
        with open(stack.bridge.config['audit'], encoding='utf-8') as file:
            check('a line', 'event=intent' in file.read())


def test_gone_clients():
    with Stack(config={'limits': {'requestTimeout': '2s'}}) as stack:
        stack.client().get('/Users')
        stack.directory.freeze()
        port = int(stack.bridge.url.rsplit(':', 1)[1])
        request = ('GET /people/scim/v2/Users HTTP/1.1\r\nHost: h\r\nAuthorization: Bearer %s'
                   '\r\n\r\n' % stack.bridge.token.secret).encode()
        for _ in range(10):
            with socket.create_connection(('127.0.0.1', port)) as sock:
                sock.sendall(request)
                time.sleep(0.02)
        stack.directory.thaw()
        equal('others go on', stack.client().get('/Users').status, 200)
        wait_for('all are let go', lambda: b'in_flight 0' in
                 stack.bridge.admin('/metrics').body)


if __name__ == '__main__':
    main(globals())
