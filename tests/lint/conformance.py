#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Does each file, function and test that docs/conformance.md names exist, and has each demand a place and a test, or
says that it has none?

A place is `file.c` or `file.c:function` below src or schema. A test is `file` "case" below tests: a name given to @case
or @table, a function test_*, or what START_TEST names."""
import os
import re
import sys

ROOT = os.environ.get('top_srcdir', '.')
PAGE = os.path.join(ROOT, 'docs', 'conformance.md')
LEVELS = {'MUST', 'MUST NOT', 'SHOULD', 'SHOULD NOT'}
NO_TEST = 'no test'
texts = {}
wrong = rows = 0


def text_of(path):
    if path not in texts:
        try:
            with open(path, encoding='utf-8') as file:
                texts[path] = file.read()
        except FileNotFoundError:
            texts[path] = None
    return texts[path]


def complain(number, what):
    global wrong
    wrong += 1
    print('docs/conformance.md:%d: %s' % (number, what))


def cases_of(path, text):
    """The names of the tests in a file."""
    if path.endswith('.c'):
        return set(re.findall(r'START_TEST\((\w+)\)', text))
    names = re.findall(r'''@\w*(?:case|table)\(\s*("(?:[^"\\]|\\.)*"|'(?:[^'\\]|\\.)*')''', text)
    return {name[1:-1] for name in names} | set(re.findall(r'^def (test_\w+)\(', text, re.M))


def check_place(number, place):
    file, _, function = place.partition(':')
    text = text_of(os.path.join(ROOT, 'src', file))
    if text is None and not function:
        text = text_of(os.path.join(ROOT, file))
    if text is None:
        complain(number, 'there is no file %s' % file)
    elif function and not re.search(r'^%s\(' % re.escape(function), text, re.M):
        complain(number, '%s has no function %s' % (file, function))


def check_places(number, cell):
    places = re.findall(r'`([^`]+)`', cell)
    if not places:
        complain(number, 'no place')
    for place in places:
        check_place(number, place)


def check_tests(number, cell):
    if cell == NO_TEST or cell.startswith(NO_TEST + ':'):
        return
    tests = re.findall(r'`([^`]+)` "([^"]+)"', cell)
    if '; '.join('`%s` "%s"' % test for test in tests) != cell:
        complain(number, 'not of the form `file` "case"; `file` "case": %s' % cell)
    for file, name in tests:
        text = text_of(os.path.join(ROOT, 'tests', file))
        if text is None:
            complain(number, 'there is no file tests/%s' % file)
        elif name not in cases_of(file, text):
            complain(number, 'tests/%s has no case "%s"' % (file, name))


def check_row(number, line):
    global rows
    cells = [cell.strip() for cell in line.strip().strip('|').split('|')]
    if cells[0] == '§' or set(cells[0]) <= set('-: '):
        return
    if len(cells) != 5:
        complain(number, '%d columns instead of 5' % len(cells))
        return
    rows += 1
    if cells[1] not in LEVELS:
        complain(number, 'no level of RFC 2119: %s' % cells[1])
    check_places(number, cells[3])
    check_tests(number, cells[4])


def main():
    text = text_of(PAGE)
    if text is None:
        print('there is no docs/conformance.md')
        sys.exit(1)
    for number, line in enumerate(text.splitlines(), 1):
        if line.startswith('|'):
            check_row(number, line)
    if rows == 0:
        complain(1, 'there are no demands')
    print('%d passed, %d failed' % (rows, wrong))
    sys.exit(1 if wrong else 0)


main()
