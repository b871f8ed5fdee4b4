#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""Walk all users through the bridge, page by page: README.md says how to read what it prints."""

import argparse
import os
import re
import sys
import tempfile
import time

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), '..', 'support'))
import harness  # noqa: E402

USER = '''dn: uid=u%(i)06d,ou=users,ou=people,dc=example,dc=com
objectClass: inetOrgPerson
objectClass: scimResource
uid: u%(i)06d
cn: Given%(i)d Family%(j)d
sn: Family%(j)d
givenName: Given%(i)d
displayName: Given%(i)d Family%(j)d
mail: u%(i)06d@example.com
title: Engineer
employeeNumber: %(i)d
departmentNumber: D%(k)d
telephoneNumber: +1 555 %(i)07d
scimExternalId: x-%(i)06d

'''
WALKS = (
    ('by cursor', 'cursor=%(cursor)s'),
    ('by index', 'startIndex=%(start)d'),
    ('by cursor, sorted', 'cursor=%(cursor)s&sortBy=name.familyName'),
)
NEXT = re.compile(rb'"nextCursor":"([^"]*)"')
TOTAL = re.compile(rb'"totalResults":(\d+)')
SHOWN = re.compile(rb'"itemsPerPage":(\d+)')


def write_users(file, n):
    for i in range(n):
        file.write(USER % {'i': i, 'j': i * 7919 % 5000, 'k': i % 100})


def memory_mib(pid, name):
    with open('/proc/%d/status' % pid, encoding='ascii') as file:
        return int(re.search(r'%s:\s+(\d+) kB' % name, file.read()).group(1)) / 1024


def cpu_s(pid):
    with open('/proc/%d/stat' % pid, encoding='ascii', errors='replace') as file:
        fields = file.read().rsplit(')', 1)[1].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf('SC_CLK_TCK')


def walk(client, query, count):
    """Seconds of each page, and how many users there were."""
    seconds, seen, cursor = [], 0, ''
    while cursor is not None:
        begun = time.monotonic()
        path = '/Users?count=%d&' % count + query % {'cursor': cursor, 'start': seen + 1}
        reply = client.request('GET', path)
        seconds.append(time.monotonic() - begun)
        if reply.status != 200:
            raise AssertionError('%s: %r' % (path, reply))
        head, shown = reply.body[:4096], int(SHOWN.search(reply.body[:4096]).group(1))
        seen += shown
        if 'cursor' in query:
            found = NEXT.search(head)
            cursor = found.group(1).decode() if found else None
        elif seen >= int(TOTAL.search(head).group(1)) or shown == 0:
            cursor = None
    return seconds, seen


def show(name, seconds, seen, wanted, bridge_s, slapd_s):
    tenth = max(1, len(seconds) // 10)
    print('%-20s %6.1f pages/s  %8.0f users/s  pages: first %6.1f ms, first tenth %6.1f, last tenth %6.1f'
          '  CPU a page: bridge %5.1f ms, slapd %5.1f%s'
          % (name, len(seconds) / sum(seconds), seen / sum(seconds), seconds[0] * 1e3,
             sum(seconds[1:tenth + 1]) / len(seconds[1:tenth + 1]) * 1e3, sum(seconds[-tenth:]) / tenth * 1e3,
             bridge_s / len(seconds) * 1e3, slapd_s / len(seconds) * 1e3,
             '' if seen == wanted else '  SEEN %d OF %d' % (seen, wanted)), flush=True)


class RawClient(harness.Client):
    """Does not parse what comes."""

    def _exchange(self, method, path, body, headers):
        if self.connection is None:
            self.connect()
        self.connection.request(method, path, body, headers)
        reply = self.connection.getresponse()
        return harness.Reply(reply.status, {}, reply.read())


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument('--users', type=int, default=100000)
    parser.add_argument('--count', type=int, default=1000, help='users on a page')
    parser.add_argument('--quick', action='store_true', help='10,000 users')
    options = parser.parse_args()
    users = 10000 if options.quick else options.users
    if not harness.have_slapd():
        sys.exit('slapd is not installed')
    with tempfile.NamedTemporaryFile('w', suffix='.ldif', encoding='ascii') as ldif:
        write_users(ldif, users)
        ldif.flush()
        with harness.Stack(maps={'people': os.path.join(harness.MAPS, 'people.jsonc')}, ldif=ldif.name,
                           config={'log': 'warning'}) as stack:
            pids = stack.bridge.pid, stack.directory.pid
            client = RawClient(stack.bridge.url, '/people/scim/v2', stack.bridge.token.secret)
            idle = memory_mib(pids[0], 'VmRSS')
            print('a walk over %d users, %d on a page' % (users, options.count), flush=True)
            for name, query in WALKS:
                before = [cpu_s(pid) for pid in pids]
                seconds, seen = walk(client, query, options.count)
                after = [cpu_s(pid) for pid in pids]
                show(name, seconds, seen, users, after[0] - before[0], after[1] - before[1])
            print('memory of the bridge: %.1f MiB before, %.1f at its highest, %.1f after'
                  % (idle, memory_mib(pids[0], 'VmHWM'), memory_mib(pids[0], 'VmRSS')))


if __name__ == '__main__':
    main()
