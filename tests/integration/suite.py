# SPDX-License-Identifier: Apache-2.0
"""What the integration tests share: named cases, and short forms of what they ask and look up."""

import contextlib
import json
import os
import re
import signal
import socket
import sys
import threading
import time
import traceback
import urllib.parse

try:
    import ldap
    import ldap.modlist
except ImportError:  # python3-ldap; the tests are skipped
    ldap = None

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "support"))
import harness  # noqa: E402

ENTERPRISE = "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User"
USER = "urn:ietf:params:scim:schemas:core:2.0:User"
GROUP = "urn:ietf:params:scim:schemas:core:2.0:Group"
ECMA_GROUP = "urn:ietf:params:scim:schemas:extension:ECMA2Host:2.0:Group"
PATCH_OP = "urn:ietf:params:scim:api:messages:2.0:PatchOp"
LIST = "urn:ietf:params:scim:api:messages:2.0:ListResponse"
ERROR = "urn:ietf:params:scim:api:messages:2.0:Error"
NOWHERE = "00000000-0000-4000-8000-000000000000"  # an id that nobody has
FILE_LIMIT_S = 240

# --- cases ---------------------------------------------------------------------------------

_cases = []


def case(name):
    """A function that takes the bed and raises when something is wrong."""

    def register(function):
        _cases.append((name, lambda bed: function(bed)))
        return function

    return register


def table(pattern, rows):
    """One case per row; `pattern` is formatted with the row's values."""

    def register(function):
        for row in rows:
            _cases.append((pattern.format(*row), lambda bed, row=row: function(bed, *row)))
        return function

    return register


class Failure(AssertionError):
    pass


def check(truth, message):
    if not truth:
        raise Failure(message)


def same(got, want, what="value"):
    if got != want:
        raise Failure(f"{what}: got {got!r}, wanted {want!r}")


def eventually(probe, message, seconds=20.0):
    """What other threads of the directory do (refint) may take a moment."""
    end = time.monotonic() + seconds
    while True:
        value = probe()
        if value:
            return value
        if time.monotonic() > end:
            raise Failure(message)
        time.sleep(0.02)


def _run_case(bed, name, function):
    try:
        function(bed)
    except Exception as error:  # pylint: disable=broad-except
        where = traceback.extract_tb(error.__traceback__)
        lines = [f"{frame.name}:{frame.lineno}" for frame in where
                 if frame.filename.startswith(os.path.dirname(os.path.abspath(__file__)))]
        print(f"FAIL {name}\n     {type(error).__name__}: {error}\n     at {' > '.join(lines[2:])}", flush=True)
        return False
    if os.environ.get("V"):
        print(f"ok   {name}", flush=True)
    return True


def _too_slow(_signal, _frame):
    raise TimeoutError(f"not done after {FILE_LIMIT_S} s")


def main(**options):
    """Run the cases (those whose name contains an argument); the exit status of the file."""
    wanted = sys.argv[1:]
    directory = options.get("directory", harness.Directory)
    if ldap is None or not directory.is_installed():
        print(f"{directory.program} or python3-ldap is not installed")
        sys.exit(harness.SKIP)
    signal.signal(signal.SIGALRM, _too_slow)
    signal.alarm(FILE_LIMIT_S)
    passed = failed = 0
    with Bed(**options) as bed:
        for name, function in _cases:
            if wanted and not any(text in name for text in wanted):
                continue
            if _run_case(bed, name, function):
                passed += 1
            else:
                failed += 1
        leaks = bed.leaked_secrets()
        if leaks:
            failed += 1
            print("FAIL secrets in the log:", leaks)
        crash = bed.crashes()
        if crash:
            failed += 1
            print("FAIL the bridge crashed or a sanitizer spoke:\n", crash)
        if failed and os.environ.get("V"):
            print(bed.log()[-6000:])
    print(f"{passed} passed, {failed} failed", flush=True)
    sys.exit(1 if failed else 0)


# --- one connector over HTTP -----------------------------------------------------------------


class Reply:
    def __init__(self, request, status, headers, body):
        self.request, self.status, self.headers, self.body = request, status, headers, body

    @property
    def json(self):
        return json.loads(self.body)

    @property
    def detail(self):
        return self.json.get("detail", "") if self.body else ""

    def must(self, *statuses):
        if self.status not in statuses:
            raise Failure(f"{self.request}: {self.status} instead of {statuses}: {self.body[:600]}")
        return self

    def refused(self, status, scim_type=None, *words):
        """An error in SCIM's own form, with a reason that contains these words."""
        self.must(status)
        body = self.json
        same(body["schemas"], [ERROR], "schemas of an error")
        same(body["status"], str(status), "status of an error")
        same(body.get("scimType"), scim_type, f"scimType of {self.request}")
        check(body.get("detail"), f"{self.request}: an error without a reason")
        for word in words:
            check(word.lower() in body["detail"].lower(), f"{body['detail']!r} does not say {word!r}")
        return self


def op(kind, path=None, *value):
    operation = {"op": kind}
    if path is not None:
        operation["path"] = path
    if value:
        operation["value"] = value[0]
    return operation


class Connector:
    """One of the bridge's connectors: requests through `http`, and what became of them by LDAP."""

    def __init__(self, bed, name, http=None):
        self.bed, self.name = bed, name
        self.http = http or bed.http
        self.base, self.users, self.groups = bed.directory.place(name)

    def via(self, http):
        return Connector(self.bed, self.name, http)

    def call(self, method, path, body=None, **options):
        url = f"/{self.name}/scim/v2{path}"
        data = body
        if body is not None and not isinstance(body, bytes):
            data = json.dumps(body, ensure_ascii=False).encode()
        status, headers, text = self.http.request(method, url, data, **options)
        return Reply(f"{method} {url}", status, headers, text)

    def get(self, path, **query):
        if query:
            path += "?" + urllib.parse.urlencode(query, quote_via=urllib.parse.quote)
        return self.call("GET", path)

    def post(self, path, body):
        return self.call("POST", path, body)

    def put(self, path, body):
        return self.call("PUT", path, body)

    def delete(self, path):
        return self.call("DELETE", path)

    def patch(self, path, *operations):
        return self.call("PATCH", path, {"schemas": [PATCH_OP], "Operations": list(operations)})

    def patch_user(self, user_id, *operations):
        return self.patch(f"/Users/{user_id}", *operations)

    def patch_group(self, group_id, *operations):
        return self.patch(f"/Groups/{group_id}", *operations)

    def user(self, user_id):
        return self.get(f"/Users/{user_id}").must(200).json

    def group(self, group_id):
        return self.get(f"/Groups/{group_id}").must(200).json

    def query(self, endpoint, filter=None, **query):
        if filter is not None:
            query["filter"] = filter
        body = self.get(f"/{endpoint}", **query).must(200).json
        same(body["schemas"], [LIST], "schemas of a list")
        return body

    def find(self, filter, endpoint="Users", **query):
        """The ids that a filter selects."""
        body = self.query(endpoint, filter, **query)
        ids = [resource["id"] for resource in body["Resources"]]
        same(body["totalResults"], len(ids), f"totalResults of {filter}")
        return ids

    def new_user(self, name, /, **more):
        """A user with what the connector's map requires, and more; the representation."""
        body = {"schemas": [USER], "userName": name}
        if self.name in ("simple-in-out",):
            body.update(displayName=name.title(), externalId=f"x-{name}")
        if self.name in ("sign-in-enterprise",):
            body.update(name={"givenName": name.title(), "familyName": "Host"},
                        emails=[{"type": "work", "value": f"{name}@example.com"}])
        body.update(more)
        return self.post("/Users", body).must(201).json

    def new_group(self, name, members=(), /, **more):
        body = {"schemas": [GROUP], "displayName": name, **more}
        if members:
            body["members"] = [{"value": member} for member in members]
        return self.post("/Groups", body).must(201).json

    def users_named(self, prefix, n):
        """The ids of n new users."""
        return [self.new_user(f"{prefix}{i}")["id"] for i in range(n)]

    def members(self, group_id):
        return sorted(member["value"] for member in self.group(group_id).get("members", []))

    # --- and what the directory has ---

    def entry(self, resource_id):
        """(dn, attributes with operational ones, values as text where they are) by id."""
        found = self.bed.search(self.base, self.bed.directory.find(resource_id))
        check(len(found) == 1, f"{len(found)} entries with the id {resource_id}")
        return found[0]

    def dn(self, resource_id):
        return self.entry(resource_id)[0]

    def values(self, resource_id, attribute):
        return sorted(self.bed.values(self.entry(resource_id)[1], attribute))

    def stamp(self, resource_id):
        return self.values(resource_id, self.bed.directory.stamp)

    def named(self, name, rdn="uid", where=None):
        """The entries with this name below the users."""
        return self.bed.search(where or self.base, f"({rdn}={name})")


# --- the bed: a slapd, a bridge on it ----------------------------------------------------------


class Http:
    """HTTP to one bridge; each thread keeps a connection of its own."""

    def __init__(self, bridge):
        self.bridge = bridge
        self._local = threading.local()

    @property
    def token(self):
        return self.bridge.token.secret

    @property
    def address(self):
        parts = urllib.parse.urlsplit(self.bridge.url)
        return parts.hostname, parts.port

    def request(self, method, path, body=None, headers=None, token="", content_type=harness.SCIM, fresh=False,
                timeout=30):
        """(status, headers with names in lower case, text). token None: none. OSError or HTTPException when the
        bridge is not there or goes away."""
        client = getattr(self._local, "client", None)
        if fresh or client is None or client.url != self.bridge.url:
            client = harness.Client(self.bridge.url, "", timeout=timeout)
            client.url = self.bridge.url
            if not fresh:
                self._local.client = client
        client.token = self.token if token == "" else token
        send = {name: value for name, value in (headers or {}).items() if value is not None}
        reply = client.request(method, path, body, headers=send, content_type=content_type)
        if fresh:
            client.close()
        names = {name.lower(): value for name, value in reply.headers.items()}
        return reply.status, names, reply.body.decode("utf-8", "surrogateescape")

    def raw(self, data, timeout=30):
        """Send these bytes as they are; the response as text."""
        with socket.create_connection(self.address, timeout) as sock:
            sock.sendall(data)
            return receive(sock, timeout)


def receive(sock, timeout=30):
    """One response, or what there is of it when the peer closes or is silent."""
    sock.settimeout(timeout)
    data = b""
    try:
        while True:
            head, found, body = data.partition(b"\r\n\r\n")
            length = re.search(rb"(?i)content-length: *(\d+)", head)
            if found and length and len(body) >= int(length.group(1)):
                break
            more = sock.recv(65536)
            if not more:
                break
            data += more
    except (TimeoutError, ConnectionError):
        pass
    return data.decode("utf-8", "replace")


class Bed:
    """config: sections merged into the bridge's configuration; the rest is what harness.Stack takes."""

    def __init__(self, config=None, **environment):
        self.stack = harness.Stack(config=config, start=False, **environment)
        self.bridges = [self.stack.bridge]
        self.counter = 0

    def __enter__(self):
        self.directory, self.bridge = self.stack.directory, self.stack.bridge
        try:
            self.bridge.config["connectors"]["people"]["default"] = True
            self.bridge.start().wait_until_up()
            self.reconnect()
        except BaseException:
            self.__exit__(None, None, None)
            raise
        self.http = Http(self.bridge)
        self.people = Connector(self, "people")
        self.sio = Connector(self, "simple-in-out")
        self.sie = Connector(self, "sign-in-enterprise")
        self.ideo = Connector(self, "ideo")
        self.connectors = [self.people, self.sio, self.sie, self.ideo]
        return self

    def __exit__(self, *_):
        for bridge in self.bridges[1:]:
            bridge.stop()
        self.stack.close()

    def fresh(self, prefix):
        """A name that no other case uses."""
        self.counter += 1
        return f"{prefix}{self.counter}"

    # --- LDAP as the administrator ---

    def reconnect(self):
        self.ldap = self.directory.connect()

    def search(self, base, filter, scope=2):
        return [(dn, attrs) for dn, attrs in self.ldap.search_s(base, scope, filter, ["*", "+"]) if dn]

    def add_many(self, entries):
        """Add (dn, attributes) without waiting for each; slapd takes a thousand at a time, no more."""
        pending = []
        for dn, attrs in entries:
            pending.append(self.ldap.add(dn, ldap.modlist.addModlist(attrs)))
            if len(pending) == 500:
                self._finish(pending)
        self._finish(pending)

    def _finish(self, pending):
        while pending:
            self.ldap.result(pending.pop())

    @staticmethod
    def values(attrs, name):
        for key, values in attrs.items():
            if key.lower() == name.lower():
                return [text_of(value) for value in values]
        return []

    def can_bind(self, dn, password):
        connection = self.directory.initialize()
        try:
            connection.simple_bind_s(dn, password)
            return True
        except (ldap.INVALID_CREDENTIALS, ldap.UNWILLING_TO_PERFORM):
            return False
        finally:
            connection.unbind_s()

    # --- more bridges ---

    @contextlib.contextmanager
    def another_bridge(self, quirks=None, **config):
        """One more bridge on the same directory; its Http."""
        folder = os.path.join(self.stack.folder, f"bridge{len(self.bridges)}")
        os.mkdir(folder)
        bridge = harness.Bridge(folder, self.directory, config)
        for connector in bridge.config["connectors"].values():
            connector.update({"quirks": quirks} if quirks else {})
        self.bridges.append(bridge)
        bridge.start().wait_until_up()
        try:
            yield Http(bridge)
        finally:
            bridge.stop()

    # --- what must never be seen ---

    def log(self):
        return "".join(bridge.log() for bridge in self.bridges)

    def audit(self):
        """The lines of the audit log, each as a dictionary."""
        lines = [dict(re.findall(r'(\w+)=("[^"]*"|\S*)', line)) for line in self.log().splitlines()]
        return [line for line in lines if line.get("kind") == "audit"]

    def leaked_secrets(self):
        """Names of the secrets that a log contains."""
        text, known = self.log(), {}
        for bridge in self.bridges:
            known.update(token=bridge.token.secret, people_token=bridge.people_token.secret)
        for name in ("password_file", "service_password_file"):
            with open(getattr(self.directory, name), encoding="ascii") as file:
                known[name] = file.read()
        return [name for name, secret in known.items() if secret in text]

    def crashes(self):
        died = self.bridge.process is None or self.bridge.process.poll() is not None
        if died or re.search(r"ERROR: \w+Sanitizer|runtime error:", self.log()):
            return self.log()[-8000:]
        return ""


def text_of(value):
    try:
        return value.decode()
    except UnicodeDecodeError:
        return value
