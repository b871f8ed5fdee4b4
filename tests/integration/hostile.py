#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""Hostile HTTP: what is malformed, endless, slow or sly gets a clear 4xx or a closed connection, in bounded time,
while the bridge serves others."""

import contextlib
import functools
import itertools
import json
import re
import socket
import threading
import time

import suite
from suite import ERROR, NOWHERE, USER, check, eventually, main, op, receive, same

SLOWEST_S = 2.0  # that another client may be made to wait


@contextlib.contextmanager
def neighbour(bed):
    """Another client, who asks all the time and must be served."""
    over, waits, errors = threading.Event(), [], []

    def ask():
        while not over.is_set():
            began = time.monotonic()
            try:
                status = bed.http.request("GET", "/people/scim/v2/Users?count=0")[0]
                if status != 200:
                    errors.append(status)
            except Exception as error:  # pylint: disable=broad-except
                errors.append(error)
            waits.append(time.monotonic() - began)
            over.wait(0.02)

    thread = threading.Thread(target=ask)
    thread.start()
    try:
        yield
    finally:
        over.set()
        thread.join(30)
    same(errors, [], "what the neighbour met")
    check(waits and max(waits) < SLOWEST_S * suite.harness.SLOW, f"the neighbour waited {max(waits):.1f} s")


def with_neighbour(function):
    @functools.wraps(function)
    def wrapped(bed, *row):
        with neighbour(bed):
            function(bed, *row)

    return wrapped


def case(name):
    return lambda function: suite.case(name)(with_neighbour(function))


def table(pattern, rows):
    return lambda function: suite.table(pattern, rows)(with_neighbour(function))


def request_of(bed, method, path, headers="", body=b""):
    host = "{}:{}".format(*bed.http.address)
    return (f"{method} /people/scim/v2{path} HTTP/1.1\r\nHost: {host}\r\nAuthorization: Bearer {bed.http.token}\r\n"
            f"{headers}\r\n").encode() + body


TYPED = "Content-Type: application/json\r\n"


def statuses_in(reply):
    return [int(status) for status in re.findall(r"HTTP/1\.[01] (\d{3}) ", reply)]


@contextlib.contextmanager
def one_line(bed, *statuses):
    """What happens in here leaves one line of a request that is not the neighbour's, with one of these statuses (0: no
    answer was sent)."""
    before = len(bed.log())

    def lines():
        return [line for line in bed.log()[before:].splitlines()
                if " kind=request " in line and not ("path=/Users status=200" in line and "what=query" in line)]

    yield
    eventually(lines, "no line in the log")
    found = lines()
    same(len(found), 1, f"lines: {found}")
    check(re.search(r" id=[0-9a-f]{16} ", found[0]), found[0])
    status = int(re.search(r" status=(\d+) ", found[0]).group(1))
    check(status in statuses, found[0])


# --- first lines and headers ------------------------------------------------------------------------------------------


@table("a first line that is {0}: {1}", [
    ("no request", 0, b"GARBAGE\r\n\r\n"), ("a TLS handshake", 0, b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03" + bytes(64)),
    ("not ended", 0, b"GET /people"), ("without a version", 400, b"GET /people/scim/v2/Users\r\n\r\n"),
    ("HTTP/0.9", 505, b"GET / HTTP/0.9\r\n\r\n"), ("HTTP/2", 505, b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"),
    ("endless", 414, b"GET /" + b"x" * 200000), ("a method without end", (0, 400, 414, 431), b"X" * 200000)])
def first_lines(bed, _name, status, data):
    wanted = status if isinstance(status, tuple) else (status,)
    with one_line(bed, *wanted):
        reply = bed.http.raw(data, 6)
        check((statuses_in(reply) or [0])[0] in wanted, reply[:200])
        check(bed.http.token not in reply, "secrets")


@table("headers of {0}: {1}", [
    ("more than 32 KiB", 431, "X-A: " + "x" * 33000 + "\r\n"), ("much more", 431, "X-A: " + "x" * 500000 + "\r\n"),
    ("very many lines", 431, "a:b\r\n" * 20000), ("no colon", 400, "nonsense\r\n"),
    ("a negative length", 400, "Content-Length: -1\r\n"), ("a length that is no number", 400, "Content-Length: ten\r\n"),
    ("a length beyond all numbers", 413, "Content-Length: 99999999999999999999999999\r\n"),
    ("an evil Host", 400, "Host: evil\"><script>\r\n")])
def odd_headers(bed, _name, status, header):
    name = bed.fresh("header")
    body = json.dumps({"schemas": [USER], "userName": name}).encode()
    length = "" if "Length" in header else f"Content-Length: {len(body)}\r\n"
    with one_line(bed, status, 0):
        reply = bed.http.raw(request_of(bed, "POST", "/Users", TYPED + header + length, body), 6)
        check("script" not in reply, reply)
        check((statuses_in(reply) or [0])[0] in (status, 0), f"{status}: {reply[:200]}")
    same(bed.people.named(name), [], "entries")


@table("a header that is {0} is refused, or harmless", [("folded", "X-A: b\r\n c: d\r\n"), ("cut by a NUL", "X-A: a\0b\r\n")])
def harmless_headers(bed, _name, header):
    with one_line(bed, 200, 400):
        reply = bed.http.raw(request_of(bed, "GET", "/ServiceProviderConfig", header), 6)
        check(statuses_in(reply) in ([200], [400]), reply[:200])


@case("headers up to 32 KiB are taken, a URL up to the half of it; above, the answer is SCIM's")
def head_limits(bed):
    for path, header, status in (("/Users?count=0", "X-A: " + "x" * 30000, 200), ("/Users?count=0&x=" + "x" * 15000, "X-A: x", 200),
                                 ("/Users?count=0", "X-A: " + "x" * 40000, 431), ("/Users?count=0&x=" + "x" * 40000, "X-A: x", 414)):
        reply = bed.http.raw(request_of(bed, "GET", path, header + "\r\n"), 6)
        same(statuses_in(reply), [status], reply[:200])
        if status != 200:
            same(json.loads(reply.partition("\r\n\r\n")[2])["schemas"], [ERROR])


def flood(bed, begin, more, seconds):
    """Send `more` again and again; whether the other side has had enough before the time is over."""
    with socket.create_connection(bed.http.address, 10) as sock:
        sock.settimeout(5)
        end = time.monotonic() + seconds
        try:
            sock.sendall(begin)
            while time.monotonic() < end:
                sock.sendall(more)
        except OSError:
            return True
    return False


@table("endless {0}: an end is made of it", [
    ("headers", "", b"X-A: " + b"x" * 1000 + b"\r\n"), ("header", "", b"x" * 1000),
    ("chunks", TYPED + "Transfer-Encoding: chunked\r\n", b"400\r\n" + b" " * 1024 + b"\r\n"),
    ("chunk extensions", TYPED + "Transfer-Encoding: chunked\r\n", b"1;" + b"x" * 1000 + b"\r\n \r\n"),
    ("one chunk", TYPED + "Transfer-Encoding: chunked\r\n", b"7fffffff\r\n" + b" " * 100000),
    ("trailers", TYPED + "Transfer-Encoding: chunked\r\n", b"0\r\n" + b"X-A: b\r\n" * 200)])
def endless(bed, what, headers, more):
    whole = request_of(bed, "POST", "/Users", headers)
    begin = whole[:-2] if not headers else whole
    check(flood(bed, begin, more, 15), f"{what} go on and on")
    bed.people.query("Users", count=0)


# --- targets ----------------------------------------------------------------------------------------------------------


@table("target {0}: {1}", [
    ("/Users/%00", 400), ("/Users/a%00b", 400), ("/Users/%2F", 404), ("/Users/..%2F..%2Fetc", 404), ("/Users/%2e%2e", 404),
    ("/Users/a%2Fb", 404), ("/Users/%zz", 400), ("/Users/%", 400), ("/Users/%f", 400), ("/Users/%ff", 400), ("/Users/%c0%af", 400),
    ("/Users/%ed%a0%80", 400), ("/Users/*", 404), ("/Users/)(uid=*", 404), ("/Users/%29%28uid=%2A", 404), ("/Users/" + "x" * 10000, 404),
    ("/Users/" + NOWHERE + "%0d%0aX: y", 404), ("/%55sers%00", 400), ("/Users?filter=%00", 400), ("/Users?filter=%ff", 400),
    ("/Users?%00", 400), ("/Users?filter=a&filter=b", 400), ("/Users\\x", 404), ("/Users/\xc3\xa4", 404)])
def targets(bed, path, status):
    with one_line(bed, status):
        reply = bed.http.raw(request_of(bed, "GET", path.replace(" ", "%20")), 6)
        same(statuses_in(reply), [status], reply[:300])
        same(json.loads(reply.partition("\r\n\r\n")[2])["status"], str(status))


@case("an absolute URI is taken, and its host goes before the header's (RFC 9112 §3.2.2)")
def absolute(bed):
    user = bed.people.new_user(bed.fresh("absolute"))["id"]
    for scheme in ("http", "HTTPS"):
        request = (f"GET {scheme}://other.example:99/people/scim/v2/Users/{user} HTTP/1.1\r\nHost: bridge\r\n"
                   f"Authorization: Bearer {bed.http.token}\r\n\r\n")
        reply = bed.http.raw(request.encode(), 6)
        same(statuses_in(reply), [200], reply[:200])
        location = json.loads(reply.partition("\r\n\r\n")[2])["meta"]["location"]
        same(location, f"http://other.example:99/people/scim/v2/Users/{user}")
    for target, status in (("http://", 404), ("http://evil\"x/people/scim/v2/Users", 400), ("ftp://h/people/scim/v2/Users", 404),
                           ("http://h", 404)):
        reply = bed.http.raw(f"GET {target} HTTP/1.1\r\nHost: bridge\r\nAuthorization: Bearer {bed.http.token}\r\n\r\n".encode(), 6)
        same(statuses_in(reply), [status], f"{target}: {reply[:200]}")


# --- where a request ends (RFC 9112 §6) -------------------------------------------------------------------------------


@case("chunked alone is taken; with Content-Length it is refused")
def chunked(bed):
    name = bed.fresh("chunked")
    body = json.dumps({"schemas": [USER], "userName": name}).encode()
    pieces = b"".join(b"%x\r\n%c\r\n" % (1, c) for c in body) + b"0\r\n\r\n"
    typed = "Content-Type: application/scim+json\r\nTransfer-Encoding: chunked\r\n"
    reply = bed.http.raw(request_of(bed, "POST", "/Users", typed, pieces))
    check(reply.startswith("HTTP/1.1 201"), reply[:200])
    reply = bed.http.raw(request_of(bed, "POST", "/Users", typed + f"Content-Length: {len(pieces)}\r\n", pieces), 5)
    check(reply.startswith("HTTP/1.1 400"), reply[:200])
    same(len(bed.people.named(name)), 1)


def smuggling(*fields, version="1.1", host="Host: bridge\r\n"):
    return version, host, "".join(field + "\r\n" for field in fields)


@table("{0}: told {1}, and the connection is over", [
    ("two lengths", 400, smuggling("Content-Length: {n}", "Content-Length: 3")),
    ("the same length twice", 400, smuggling("Content-Length: {n}", "Content-Length: {n}")),
    ("two lengths in one", 400, smuggling("Content-Length: {n}, {n}")),
    ("a length with a sign", 400, smuggling("Content-Length: +{n}")),
    ("a length of minus nothing", 400, smuggling("Content-Length: -0")),
    ("an empty length", 400, smuggling("Content-Length:")),
    ("a coding that is not known", 501, smuggling("Transfer-Encoding: gzip")),
    ("two codings", 501, smuggling("Transfer-Encoding: gzip, chunked")),
    ("chunked and another", 501, smuggling("Transfer-Encoding: chunked, identity")),
    ("nearly chunked", 501, smuggling("Transfer-Encoding: xchunked")),
    ("two headers of codings", 400, smuggling("Transfer-Encoding: chunked", "Transfer-Encoding: identity")),
    ("a length and a coding that is not known", 400, smuggling("Content-Length: {n}", "Transfer-Encoding: identity")),
    ("chunked in HTTP/1.0", 400, smuggling("Transfer-Encoding: chunked", version="1.0")),
    ("a blank before the colon", 400, smuggling("Content-Length : {n}")),
    ("a blank in a name", 400, smuggling("Content-Length: {n}", "X Y: z")),
    ("a bracket in a name", 400, smuggling("Content-Length: {n}", "X(: z")),
    ("no Host", 400, smuggling("Content-Length: {n}", host="")),
    ("two Hosts", 400, smuggling("Content-Length: {n}", "Host: other")),
    ("two Authorizations", 400, smuggling("Content-Length: {n}", "Authorization: Bearer other"))])
def smuggled(bed, _name, status, form):
    version, host, fields = form
    name = bed.fresh("smuggled")
    body = json.dumps({"schemas": [USER], "userName": name})
    second = request_of(bed, "GET", "/Users?count=0").decode()
    for token, expected in ((bed.http.token, status), ("wrong", 401)):
        reply = bed.http.raw((f"POST /people/scim/v2/Users HTTP/{version}\r\n{host}Authorization: Bearer {token}\r\n"
                              f"Content-Type: application/json\r\n{fields.format(n=len(body))}\r\n{body}{second}").encode(), 5)
        if statuses_in(reply) != [400, 400]:  # the library's own answer, which it gives twice
            same(statuses_in(reply), [expected], reply[:200])
        check("connection: close" in reply.lower() and "itemsPerPage" not in reply, reply)
    same(bed.people.named(name), [])


@case("HTTP/1.0 without a Host is served")
def without_host(bed):
    reply = bed.http.raw(f"GET /people/scim/v2/Users?count=0 HTTP/1.0\r\nAuthorization: Bearer {bed.http.token}\r\n\r\n".encode(), 5)
    check(reply.split(" ", 2)[1] == "200", reply[:200])


# --- senders ------------------------------------------------------------------------------------------------------------


@case("a slow sender delays nobody, and is given up")
def slow(bed):
    body = json.dumps({"schemas": [USER], "userName": "slow"}).encode()
    request = request_of(bed, "POST", "/Users", f"Content-Type: application/json\r\nContent-Length: {len(body)}\r\n", body)
    socks = [socket.create_connection(bed.http.address, 10) for _ in range(20)]
    try:
        for i, sock in enumerate(socks):
            sock.sendall(request[:20 + i * 10])
        began = time.monotonic()
        for _ in range(20):
            bed.people.query("Users", count=1)
        check(time.monotonic() - began < 8, "others had to wait")
        check(all(receive(sock, 20) == "" for sock in socks), "a silent sender is given up without an answer")
        check(time.monotonic() - began < 20, "silent senders stay for too long")
    finally:
        for sock in socks:
            sock.close()
    bed.people.query("Users", count=1)


def drip(sock, data, seconds):
    """Send a byte every 50 ms; whether the other side ended it before the time was over."""
    end = time.monotonic() + seconds
    sock.setblocking(False)
    for i in itertools.count():
        if time.monotonic() > end:
            return False
        try:
            sock.send(data[i % len(data):i % len(data) + 1])
            if sock.recv(1000) == b"":
                return True
        except BlockingIOError:
            pass
        except OSError:
            return True
        time.sleep(0.05)


@case("a sender that drips is cut off: in the headers, in the body")
def dripping(bed):
    head = request_of(bed, "POST", "/Users", "Content-Type: application/json\r\nContent-Length: 100000\r\n")
    for begun, more in ((b"GET /people/scim/v2/Users HTTP/1.1\r\nX-Long: ", b"x"), (head, b" ")):
        with socket.create_connection(bed.http.address, 10) as sock:
            sock.sendall(begun)
            check(drip(sock, more, 14), begun[:20])
    bed.people.query("Users", count=1)


@case("a client that goes away in the middle: the bridge goes on")
def goes_away(bed):
    body = json.dumps({"schemas": [USER], "userName": bed.fresh("away")}).encode()
    request = request_of(bed, "POST", "/Users", f"Content-Type: application/json\r\nContent-Length: {len(body)}\r\n", body)
    for length in list(range(1, len(request), 23)) + [len(request)]:
        with socket.create_connection(bed.http.address, 10) as sock:
            sock.sendall(request[:length])
            sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\x01\0\0\0\0\0\0\0")
    bed.people.query("Users", count=1)


@case("pipelined requests are answered in order")
def pipelined(bed):
    requests = b"".join(request_of(bed, "GET", f"/Users?count=0&startIndex={i}") for i in range(1, 6))
    with socket.create_connection(bed.http.address, 10) as sock:
        sock.sendall(requests)
        sock.settimeout(10)
        data = b""
        while data.count(b"itemsPerPage") < 5:
            more = sock.recv(65536)
            check(more, "closed")
            data += more
    places = [data.find(b'"startIndex":%d,' % i) for i in range(1, 6)]
    same(places, sorted(places), "order")


@case("a client that has closed its half is answered, or not waited for; nothing is done twice")
def half_closed(bed):
    # To the library the end of what a client sends is the end of the client, unless its answer is on the way.
    name = bed.fresh("half")
    body = json.dumps({"schemas": [USER], "userName": name}).encode()
    request = request_of(bed, "POST", "/Users", TYPED + f"Content-Length: {len(body)}\r\n", body)
    for sent, wanted in ((request, [201]), (request[:-1], None), (request[:-len(body)], None), (request[:40], None)):
        with socket.create_connection(bed.http.address, 10) as sock:
            sock.sendall(sent)
            sock.shutdown(socket.SHUT_WR)
            began = time.monotonic()
            check(statuses_in(receive(sock, 25)) in ([], wanted), sent[-20:])
            check(time.monotonic() - began < 20, "waited for")
    check(len(bed.people.named(name)) <= 1, "entries")


@case("a client that reads nothing is given up, and the rest of its requests with it")
def reads_nothing(bed):
    request = request_of(bed, "GET", "/Schemas")
    with socket.create_connection(bed.http.address, 10) as sock:
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        sock.settimeout(1)
        sent, end = 0, time.monotonic() + 40
        try:
            while time.monotonic() < end:
                try:
                    sent += sock.send(request)
                except TimeoutError:
                    continue
        except OSError:
            end = None
        check(end is None, f"still open after {sent} bytes of requests")


@case("pipelined: nothing behind a request that makes an end of the connection is served")
def pipelined_end(bed):
    good, bad = request_of(bed, "GET", "/Users?count=0"), request_of(bed, "GET", "/Users", "X Y: z\r\n")
    with socket.create_connection(bed.http.address, 10) as sock:
        sock.sendall(good + bad + good)
        data = b""
        sock.settimeout(5)
        with contextlib.suppress(OSError):
            while more := sock.recv(65536):
                data += more
    same(statuses_in(data.decode()), [200, 400])


@case("Expect: leave to send is given to whom is welcome; others are told at once")
def expect(bed):
    body = json.dumps({"schemas": [USER], "userName": bed.fresh("expect")}).encode()
    expecting = TYPED + f"Content-Length: {len(body)}\r\nExpect: 100-continue\r\n"
    with socket.create_connection(bed.http.address, 10) as sock:
        sock.sendall(request_of(bed, "POST", "/Users", expecting))
        same(sock.recv(1000).split(b"\r\n")[0], b"HTTP/1.1 100 Continue")
        sock.sendall(body)
        same(statuses_in(receive(sock, 8)), [201])
    for request, status in ((request_of(bed, "DELETE", "/Users", expecting), 405), (request_of(bed, "POST", "/Users", expecting).replace(
            bed.http.token.encode(), b"wrong"), 401)):
        reply = bed.http.raw(request, 6)
        same(statuses_in(reply), [status], reply[:200])


# --- bodies ------------------------------------------------------------------------------------------------


def nested(depth, opening=b"[", closing=b"]"):
    return b'{"userName":"deep","title":' + opening * depth + closing * depth + b"}"


BODIES = [
    ("empty", b""), ("blank", b"  \n"), ("no JSON", b"userName=x"), ("half", b'{"userName":"half"'), ("an array", b"[]"),
    ("a string", b'"x"'), ("null", b"null"), ("two", b'{"userName":"two"}{"userName":"two"}'), ("a comment", b'{/* */"userName":"c"}'),
    ("a trailing comma", b'{"userName":"tc",}'), ("single quotes", b"{'userName':'sq'}"), ("duplicate keys", b'{"userName":"a","userName":"b"}'),
    ("duplicate keys below", b'{"userName":"dk","name":{"givenName":"a","givenName":"b"}}'),
    ("duplicate keys, escaped", b'{"userName":"a","user\\u004eame":"b"}'),
    ("a NUL", b'{"userName":"n\\u0000ul"}'), ("a raw NUL", b'{"userName":"n\x00ul"}'), ("a control character", b'{"userName":"a\x01b"}'),
    ("a raw line end", b'{"userName":"a\nb"}'), ("half a surrogate", b'{"userName":"a\\ud800"}'), ("invalid UTF-8", b'{"userName":"a\xff"}'),
    ("overlong UTF-8", b'{"userName":"a\xc0\xaf"}'), ("UTF-8 surrogate", b'{"userName":"a\xed\xa0\x80"}'), ("UTF-16", '{"userName":"u"}'.encode("utf-16")),
    ("deep arrays", nested(5000)), ("deep objects", nested(5000, b'{"a":', b"}").replace(b"{}", b"")), ("deep, not closed", b"[" * 100000),
    ("NaN", b'{"userName":"x","title":NaN}'), ("a hex number", b'{"userName":"x","title":0x1}'), ("leading zero", b'{"userName":"x","title":01}'),
    ("a huge number", b'{"userName":' + b"9" * 1000 + b"}"), ("a huge exponent", b'{"userName":1e999999}'),
    ("a bad escape", b'{"userName":"\\x"}'), ("a megabyte of zeros", b"[" + b"0," * 500000 + b"0]"),
    ("a megabyte of zeros in an attribute", b'{"userName":"z","emails":[' + b"0," * 500000 + b"0]}"),
    ("a megabyte of objects", b'{"userName":"z","emails":[' + b"{}," * 340000 + b"{}]}"),
    ("a number of many digits", b'{"userName":"z","x":' + b"9" * 1000000 + b"}"),
    ("a number with many decimals", b'{"userName":"z","title":0.' + b"1" * 1000000 + b"}")]


@table("400, 413: a body that is {0}", BODIES)
def bad_bodies(bed, _name, body):
    people = bed.people
    before = len(bed.search(people.users, "(uid=*)"))
    for method, path in (("POST", "/Users"), ("PUT", f"/Users/{NOWHERE}"), ("PATCH", f"/Users/{NOWHERE}")):
        reply = people.call(method, path, body).must(400, 413)
        check(reply.detail, "no reason")
        check((reply.status, reply.json.get("scimType")) in ((400, "invalidSyntax"), (400, "invalidValue"), (413, None)), reply.body)
    same(len(bed.search(people.users, "(uid=*)")), before, "entries")


@case("a megabyte of attributes that nobody knows is read and passed over")
def many_keys(bed):
    body = {"schemas": [USER], "userName": bed.fresh("keys"), **{f"k{i}": 0 for i in range(80000)}}
    began = time.monotonic()
    bed.people.call("POST", "/Users", json.dumps(body, separators=(",", ":")).encode()).must(201)
    check(time.monotonic() - began < 10 * suite.harness.SLOW, "too slow")


@case("413: a body that is too large; by its length, and in chunks")
def too_large(bed):
    body = json.dumps({"userName": "large", "displayName": "x" * (1 << 20)}).encode()
    host = "{}:{}".format(*bed.http.address)
    start = (f"POST /people/scim/v2/Users HTTP/1.1\r\nHost: {host}\r\nAuthorization: Bearer {bed.http.token}\r\n"
             "Content-Type: application/json\r\n").encode()
    by_length = bed.http.raw(start + b"Content-Length: %d\r\n\r\n" % len(body) + body)
    check(by_length.startswith("HTTP/1.1 413") or by_length == "", by_length[:200])
    announced = bed.http.raw(start + b"Content-Length: 999999999999\r\n\r\n", 5)
    check(announced.startswith("HTTP/1.1 413"), announced[:200])
    try:
        chunked = bed.http.raw(start + b"Transfer-Encoding: chunked\r\n\r\n%x\r\n" % len(body) + body + b"\r\n0\r\n\r\n")
    except ConnectionError:
        chunked = ""
    check(chunked.startswith("HTTP/1.1 413") or chunked == "", chunked[:200])
    same(bed.people.named("large"), [])
    bed.people.query("Users", count=1)


@case("more connections than are allowed: closed at once, the others are served, and a place that is left is free")
def too_many_connections(bed):
    with bed.another_bridge(limits={"connections": 4}) as http:
        ask = f"GET /people/scim/v2/ServiceProviderConfig HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {http.token}\r\n\r\n".encode()
        held = [socket.create_connection(http.address, 30) for _ in range(4)]
        for sock in held:
            sock.sendall(ask)
            check(receive(sock).startswith("HTTP/1.1 200"), "one of those that are allowed")
        same(http.raw(b""), "", "one more")
        held[0].sendall(ask)
        check(receive(held[0]).startswith("HTTP/1.1 200"), "served meanwhile")
        held[0].close()

        def served():
            try:
                return http.raw(ask).startswith("HTTP/1.1 200")
            except OSError:
                return False
        eventually(served, "the place is not free", 20)
        for sock in held[1:]:
            sock.close()


@case("too many operations, terms, and too long a URL")
def too_many(bed):
    people = bed.people
    user = people.new_user(bed.fresh("many"))["id"]
    reply = people.patch_user(user, *[op("Replace", "title", str(i)) for i in range(1001)])
    check(reply.status in (400, 413) and reply.detail, reply.status)
    same(people.values(user, "title"), [])
    reply = people.get("/Users", filter=" or ".join(f'userName eq "u{i}"' for i in range(5000)))
    check(reply.status in (400, 413, 414, 431), reply.status)
    reply = people.get("/Users", filter=" or ".join(f'title eq "u{i}"' for i in range(400)))
    check(reply.status in (200, 400, 414), reply.status)
    raw = bed.http.raw(b"GET /people/scim/v2/Users?filter=" + b"x" * 100000 + b" HTTP/1.1\r\nHost: x\r\n\r\n", 10)
    check(raw == "" or raw.split(" ", 2)[1] in ("400", "413", "414", "431", "401"), raw[:100])


if __name__ == "__main__":
    main(config={"limits": {"requestTimeout": "8s", "idleTimeout": "3s"}})
