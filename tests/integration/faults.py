#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""A directory that hangs, dies and comes back; a bridge that is killed or told to end. What was
acknowledged is in the directory, what was not can be repeated, and nothing is there twice."""

import http.client
import os
import random
import signal
import socket
import threading
import time
import uuid

import ldap
from suite import ENTERPRISE, GROUP, NOWHERE, USER, Failure, Reply, case, check, eventually, harness, main, op, same

LDAP_TIMEOUT_S = 2
BOUND_S = (LDAP_TIMEOUT_S + 8) * harness.SLOW
PATCH_ENABLE = {"schemas": ["urn:ietf:params:scim:api:messages:2.0:PatchOp"],
                "Operations": [{"op": "replace", "path": "active", "value": True}]}
GONE = (OSError, http.client.HTTPException)


def timed(function):
    began = time.monotonic()
    result = function()
    return result, time.monotonic() - began


def unavailable(reply, seconds):
    reply.refused(503, None)
    check(int(reply.headers.get("retry-after", 0)) > 0, "no Retry-After")
    check(seconds < BOUND_S, f"{reply.request} took {seconds:.1f} s")


def is_back(bed):
    eventually(lambda: bed.people.get("/Users", count=1).status == 200, "the bridge does not recover", 15 * harness.SLOW)
    eventually(lambda: bed.bridge.admin("/readyz").status == 200, "/readyz stays down", 15 * harness.SLOW)


# --- a directory that hangs ------------------------------------------------------------------------------


@case("slapd hangs: 503 in bounded time, writes are not acknowledged, then it goes on")
def frozen(bed):
    people = bed.people
    user = people.new_user(bed.fresh("frozen"), title="Old")["id"]
    group = people.new_group(bed.fresh("Frozen"))["id"]
    name = bed.fresh("frozen-new")
    requests = [lambda: people.get(f"/Users/{user}"), lambda: people.get("/Users", filter='userName eq "x"'),
                lambda: people.post("/Users", {"schemas": [USER], "userName": name}),
                lambda: people.patch_user(user, op("Replace", "title", "New")),
                lambda: people.patch_group(group, op("Add", "members", [{"value": user}])),
                lambda: people.delete(f"/Users/{user}")]
    results = [None] * len(requests)

    def run(i):
        try:
            results[i] = timed(requests[i])
        except Exception as error:  # pylint: disable=broad-except
            results[i] = error

    bed.directory.freeze()
    try:
        threads = [threading.Thread(target=run, args=(i,)) for i in range(len(requests))]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join(30)
        check(bed.bridge.admin("/healthz").status == 200, "/healthz")
        same(people.get("/ServiceProviderConfig").status, 200, "what needs no directory")
    finally:
        bed.directory.thaw()
    for result in results:
        check(isinstance(result, tuple), f"no answer: {result!r}")
        unavailable(*result)
    is_back(bed)
    time.sleep(0.5)  # what hung may have been carried out since: each request repeats well
    people.patch_user(user, op("Replace", "title", "New")).must(200, 404)
    check(people.post("/Users", {"schemas": [USER], "userName": name}).status in (201, 409), "repeated POST")
    same(len(people.named(name)), 1)
    people.patch_group(group, op("Remove", "members", [{"value": user}])).must(204)


@case("slapd carries out late what it was sent while it hung: what was acknowledged since stays")
def late(bed):
    people = bed.people
    users = [people.new_user(bed.fresh("late"))["id"] for _ in range(16)]
    for user in users:
        people.patch_user(user, op("Replace", "active", False)).must(200)
    enabled, disabled = {}, {}

    def enable(user):
        enabled[user] = people.call("PATCH", f"/Users/{user}", PATCH_ENABLE, fresh=True, timeout=30).status

    def disable(user):
        deadline = time.monotonic() + BOUND_S
        while disabled.get(user) != 200 and time.monotonic() < deadline:
            disabled[user] = people.patch_user(user, op("Replace", "active", False)).status

    bed.directory.freeze()
    try:
        threads = [threading.Thread(target=enable, args=(user,)) for user in users]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join(30)
    finally:
        bed.directory.thaw()
    same(set(enabled.values()), {503}, "enabled while slapd hung")
    for user in users:
        disable(user)
    same(set(disabled.values()), {200}, "disabled afterwards")
    time.sleep(0.5)
    same([user for user in users if not people.values(user, "pwdEndTime")], [], "enabled in spite of what was told")


@case("a reload does not forget which writes are in doubt")
def reloaded_in_doubt(bed):
    people = bed.people
    user = people.new_user(bed.fresh("doubt"))["id"]
    patch = op("Replace", "title", "Late")
    bed.directory.freeze()
    try:
        same(people.patch_user(user, patch).status, 503)
        check("event=reloaded" in bed.bridge.reload(), "the reload was refused")
    finally:
        bed.directory.thaw()
    is_back(bed)
    eventually(lambda: people.values(user, "title") == ["Late"], "slapd has dropped the write", 10)
    before = people.stamp(user)
    people.patch_user(user, patch).must(200)
    check(people.stamp(user) != before, "what was in doubt was not ruled out by a write")


@case("slapd hangs during a bulk request: each operation is told what became of it")
def bulk(bed):
    people = bed.people
    name = bed.fresh("bulk-frozen")
    bulk_request = {"Operations": [{"method": "POST", "path": "/Users", "bulkId": str(i),
                                    "data": {"userName": f"{name}-{i}", "title": "Bulk"}} for i in range(1000)]}
    stop = threading.Timer(0.05, bed.directory.freeze)
    stop.start()
    try:
        reply, seconds = timed(lambda: people.post("/Bulk", bulk_request))
    finally:
        stop.join()
        bed.directory.thaw()
    check(seconds < BOUND_S, f"it took {seconds:.1f} s")
    told = [int(result["status"]) for result in reply.must(200).json["Operations"]]
    same(len(told), 1000, "results")
    same(set(told), {201, 503}, "statuses")
    is_back(bed)
    time.sleep(0.5)
    found = {entry[1]["uid"][0].decode() for entry in people.bed.search(people.base, f"(uid={name}-*)")}
    same([i for i in range(1000) if told[i] == 201 and f"{name}-{i}" not in found], [], "made, it was said")
    again = people.post("/Bulk", bulk_request).must(200).json["Operations"]
    same({result["status"] for result in again} - {"201", "409"}, set(), "repeated")
    same(len(people.bed.search(people.base, f"(uid={name}-*)")), 1000, "entries")


@case("slapd hangs for a moment: the requests wait and succeed")
def hiccup(bed):
    people = bed.people
    name = bed.fresh("hiccup")
    bed.directory.freeze()
    timer = threading.Timer(0.5, bed.directory.thaw)
    timer.start()
    try:
        reply = people.post("/Users", {"schemas": [USER], "userName": name})
    finally:
        timer.join()
    reply.must(201)
    same(len(people.named(name)), 1)


@case("slapd is stopped and started: 503 meanwhile, at once, and recovery by itself")
def restarted(bed):
    people = bed.people
    user = people.new_user(bed.fresh("restart"))["id"]
    bed.directory.stop()
    try:
        for _ in range(3):
            unavailable(*timed(lambda: people.patch_user(user, op("Replace", "title", "X"))))
            unavailable(*timed(lambda: people.get(f"/Users/{user}")))
        eventually(lambda: bed.bridge.admin("/readyz").status == 503, "/readyz does not tell", 10)
    finally:
        bed.directory.start()
    bed.reconnect()
    is_back(bed)
    people.patch_user(user, op("Replace", "title", "X")).must(200)


@case("a restart between two requests is not noticed, or told as 503")
def restart_between(bed):
    people = bed.people
    for _ in range(3):
        user = people.new_user(bed.fresh("between"))["id"]
        bed.directory.stop()
        bed.directory.start()
        bed.reconnect()
        reply = people.patch_user(user, op("Replace", "title", "X"))
        reply.must(200, 503)
        is_back(bed)
        people.patch_user(user, op("Replace", "title", "Y")).must(200)
        same(people.values(user, "title"), ["Y"])


@case("slapd dies with many searches of one request under way: 503, and the bridge lives")
def dies_amid_searches(bed):
    people = bed.people
    group = people.new_group(bed.fresh("Amid"))["id"]
    members = [{"value": str(uuid.uuid4())} for _ in range(350)]
    replies = []
    bed.directory.freeze()
    try:
        thread = threading.Thread(target=lambda: replies.append(
            people.patch_group(group, op("Add", "members", members))))
        thread.start()
        time.sleep(0.5)
    finally:
        bed.directory.kill()
        bed.directory.start()
    thread.join(30)
    same([reply.status for reply in replies], [503])
    check(bed.bridge.process.poll() is None, "the bridge is gone")
    bed.reconnect()
    is_back(bed)


# --- killed in a loop under load ----------------------------------------------------------------------------


class Load:
    """Threads that post people and patch them, and add them to one group; each remembers what was acknowledged."""

    def __init__(self, bed, prefix, threads=4):
        self.bed, self.people, self.prefix = bed, bed.people, prefix
        self.stop = threading.Event()
        self.lock = threading.Lock()
        self.made, self.titles, self.tried, self.members, self.removed = {}, {}, {}, set(), set()
        self.errors, self.statuses, self.sent = [], {}, 0
        self.group = self.people.new_group(prefix + " group")["id"]
        self.threads = [threading.Thread(target=self._run, args=(i,)) for i in range(threads)]

    def _send(self, method, path, body):
        """The reply, or None when nobody answered."""
        try:
            reply = self.people.call(method, path, body, fresh=True, timeout=20)
        except GONE:
            return None
        with self.lock:
            self.sent += 1
            self.statuses[reply.status] = self.statuses.get(reply.status, 0) + 1
            if reply.status not in (200, 201, 204, 503, 409):
                self.errors.append(f"{reply.request}: {reply.status} {reply.body[:300]}")
        return reply

    def _run(self, number):
        dice, i = random.Random(number), 0
        while not self.stop.is_set():
            i += 1
            name = f"{self.prefix}-{number}-{i}"
            with self.lock:
                self.tried[name] = None
            reply = self._send("POST", "/Users", {"schemas": [USER], "userName": name, "externalId": name})
            if reply is None or reply.status != 201:
                time.sleep(0.02)
                continue
            user = reply.json["id"]
            with self.lock:
                self.made[name] = user
            self._patch(dice, user)

    def _patch(self, dice, user):
        def patch(path, *operations):
            reply = self._send("PATCH", path, {"schemas": ["urn:ietf:params:scim:api:messages:2.0:PatchOp"],
                                               "Operations": list(operations)})
            return reply is not None and reply.status in (200, 204)

        for title in ("first", "second", "third")[:dice.randrange(4)]:
            with self.lock:
                self.titles.setdefault(user, []).append([title, False])
            if patch(f"/Users/{user}", op("Replace", "title", title), op("Replace", "nickName", title)):
                with self.lock:
                    self.titles[user][-1][1] = True
        if patch(f"/Groups/{self.group}", op("Add", "members", [{"value": user}])):
            with self.lock:
                self.members.add(user)
            if dice.random() < 0.3:
                with self.lock:
                    self.members.discard(user)
                if patch(f"/Groups/{self.group}", op("Remove", "members", [{"value": user}])):
                    with self.lock:
                        self.removed.add(user)

    def __enter__(self):
        for thread in self.threads:
            thread.start()
        return self

    def __exit__(self, *_):
        self.stop.set()
        for thread in self.threads:
            thread.join(60)

    def verify(self):
        """Everything that was acknowledged is there; repeated requests lead to where they should."""
        same(self.errors[:3], [], "answers that are neither success nor 503")
        check(len(self.made) > 10, f"hardly anything was done: {self.statuses}")
        entries = {}
        for _, attrs in self.bed.search(self.people.users, f"(uid={self.prefix}-*)"):
            name = attrs["uid"][0].decode()
            check(name not in entries, f"{name} is there twice")
            entries[name] = attrs
        lost = [name for name, user in self.made.items()
                if name not in entries or entries[name]["entryUUID"][0].decode() != user]
        same(lost, [], "acknowledged users that are not there")
        by_id = {attrs["entryUUID"][0].decode(): attrs for attrs in entries.values()}
        for user, titles in self.titles.items():
            self._verify_title(by_id[user], titles)
        members = set(self.people.members(self.group))
        same(self.members - members, set(), "acknowledged members that are not there")
        same(self.removed & members, set(), "acknowledged removals that are undone")
        self._repeat(entries)

    def _verify_title(self, attrs, titles):
        """The last acknowledged one, or one that was tried after it."""
        last = max((i for i, (_, done) in enumerate(titles) if done), default=-1)
        allowed = {title for title, _ in titles[max(last, 0):]} | (set() if last >= 0 else {None})
        shown = self.bed.values(attrs, "title")
        check((shown[0] if shown else None) in allowed, f"title {shown} of {titles}")
        same(self.bed.values(attrs, "scimNickName"), shown, "half a modify")

    def _repeat(self, entries):
        """What nobody acknowledged, once more."""
        unsure = [name for name in self.tried if name not in self.made][-40:]
        for name in unsure:
            reply = self.people.post("/Users", {"schemas": [USER], "userName": name, "externalId": name})
            reply.must(201, 409)
            if reply.status == 409:
                check(name in entries, f"{name}: 409, but no entry")
            same(len(self.people.find(f'externalId eq "{name}"')), 1, name)


def report(load, kills):
    if os.environ.get("V"):
        print(f"     {kills} kills, {load.statuses}, {len(load.made)} made")


@case("slapd is killed again and again under load")
def kill_slapd(bed):
    dice, kills = random.Random(4511), 0
    with Load(bed, "ks") as load:
        end = time.monotonic() + 8
        while time.monotonic() < end:
            time.sleep(0.3 + dice.random() * 0.7)
            bed.directory.kill()
            kills += 1
            time.sleep(dice.random() * 0.2)
            bed.directory.start()
    bed.reconnect()
    is_back(bed)
    report(load, kills)
    load.verify()


@case("slapd hangs again and again under load")
def hang_slapd(bed):
    with Load(bed, "hs") as load:
        for pause in (0.2, LDAP_TIMEOUT_S + 0.5, 0.1):
            time.sleep(0.5)
            bed.directory.freeze()
            time.sleep(pause)
            bed.directory.thaw()
        time.sleep(0.5)
    is_back(bed)
    report(load, 0)
    load.verify()


@case("the bridge is killed again and again under load")
def kill_bridge(bed):
    dice, kills = random.Random(7643), 0
    with Load(bed, "kb") as load:
        end = time.monotonic() + 6
        while time.monotonic() < end:
            time.sleep(0.2 + dice.random() * 0.5)
            bed.bridge.kill()
            kills += 1
            bed.bridge.start().wait_until_up()
        time.sleep(0.3)
    is_back(bed)
    report(load, kills)
    load.verify()


# --- an orderly end ------------------------------------------------------------------------------------------


@case("SIGTERM: requests in flight are answered, then the bridge ends with 0")
def drain(bed):
    people = bed.people
    user = people.new_user(bed.fresh("drain"))["id"]
    replies, errors = [], []

    def patch(i):
        try:
            replies.append(people.call("PATCH", f"/Users/{user}", {
                "schemas": ["urn:ietf:params:scim:api:messages:2.0:PatchOp"],
                "Operations": [op("Replace", "title", f"t{i}")]}, fresh=True))
        except GONE as error:
            errors.append(error)

    bed.directory.freeze()
    threads = [threading.Thread(target=patch, args=(i,)) for i in range(8)]
    try:
        for thread in threads:
            thread.start()
        time.sleep(0.4)
        bed.bridge.process.send_signal(signal.SIGTERM)
        time.sleep(0.4)
    finally:
        bed.directory.thaw()
    for thread in threads:
        thread.join(20)
    try:
        same(bed.bridge.process.wait(20), 0, "exit status")
        same(errors, [], "requests in flight that were not answered")
        same({r.status for r in replies}, {200})
    finally:
        bed.bridge.start().wait_until_up()


@case("SIGTERM under load: what was acknowledged is there")
def drain_load(bed):
    with Load(bed, "dl") as load:
        for _ in range(3):
            time.sleep(0.4)
            bed.bridge.process.send_signal(signal.SIGTERM)
            same(bed.bridge.process.wait(20), 0, "exit status")
            bed.bridge.start().wait_until_up()
        time.sleep(0.2)
    report(load, 3)
    load.verify()


@case("SIGTERM while the directory hangs: an end in bounded time all the same")
def drain_hanging(bed):
    people = bed.people
    user = people.new_user(bed.fresh("drain"))["id"]
    bed.directory.freeze()
    try:
        thread = threading.Thread(target=lambda: silent(lambda: people.call("GET", f"/Users/{user}", fresh=True)))
        thread.start()
        time.sleep(0.2)
        bed.bridge.process.send_signal(signal.SIGTERM)
        _, seconds = timed(lambda: bed.bridge.process.wait(25))
        check(seconds < BOUND_S + 3, f"it took {seconds:.1f} s")
        thread.join(10)
    finally:
        bed.directory.thaw()
        if bed.bridge.process.poll() is None:
            bed.bridge.kill()
        bed.bridge.start().wait_until_up()


def silent(function):
    try:
        function()
    except GONE:
        pass


@case("started before its directory: it waits, tells, and begins by itself")
def early(bed):
    bed.directory.stop()
    try:
        bed.bridge.stop()
        bed.bridge.start()
        same(bed.bridge.admin("/readyz").status, 503)
        same(bed.people.get("/Users").status, 503)
    finally:
        bed.directory.start()
    bed.reconnect()
    is_back(bed)


@case("a thousand requests at once: all answered, nothing lost")
def many(bed):
    people = bed.people
    ids = people.users_named(bed.fresh("many") + "-", 20)
    statuses, lock = {}, threading.Lock()

    def work(number):
        for i in range(25):
            user = ids[(number * 25 + i) % len(ids)]
            status = people.patch_user(user, op("Replace", "title", f"{number}-{i}")).status
            with lock:
                statuses[status] = statuses.get(status, 0) + 1

    threads = [threading.Thread(target=work, args=(n,)) for n in range(40)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    same(statuses, {200: 1000})


if __name__ == "__main__":
    # Killed processes lose nothing that was not synchronised: only a machine does.
    main(config={"limits": {"ldapTimeout": f"{LDAP_TIMEOUT_S}s", "requestTimeout": f"{LDAP_TIMEOUT_S + 1}s", "drainTimeout": "6s"}})
