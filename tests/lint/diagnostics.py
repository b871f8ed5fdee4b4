#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Does every message of the map loader stand in a golden row?

A message is a text of several words that load_error or load_warning says, or that a function
returns as a reason, in src/map/load/*.c. A row of tests/unit/map/load/*_rows.h shows it when what the
row expects holds the first or the longest part that stands there always, or ends or begins within it."""
import os
import re
import sys
from pathlib import Path

TOP = Path(os.environ.get('top_srcdir', '.'))
WORDS = 3  # fewer are keys, or names
ENOUGH = 14  # characters in common that tell a message

TOKEN = re.compile(r'"((?:[^"\\]|\\.)*)"|/\*.*?\*/|\'(?:[^\'\\]|\\.)\'|(\s+)|(#include[^\n]*|\w+|.)', re.S)
HOLE = re.compile(r'%(?:\.\*s|[a-z]+)')


def texts(path):
    """The string literals of a file, neighbours joined: the line of each, and whether it is said."""
    joined, start, line, depth, saying = None, 1, 1, 0, None
    before = ''
    for token in TOKEN.finditer(path.read_text(encoding='utf-8')):
        literal, blank, word = token[1], token[2], token[3]
        if literal is not None:
            if joined is None:
                joined, start = '', line
            joined += literal
        elif word is not None:
            if joined is not None:
                yield start, joined, saying is not None or before == 'return'
                joined = None
            depth += (word == '(') - (word == ')')
            if word in ('load_error', 'load_warning'):
                saying = depth
            elif word == ';' or (saying is not None and word == ')' and depth == saying):
                saying = None
            before = 'return' if word == 'return' or (before == 'return' and word != ';') else ''
        line += token[0].count('\n')


def plain(text):
    return text.replace('\\"', '"').replace('\\\\', '\\').replace('\\n', '\n')


def messages():
    for path in sorted((TOP / 'src/map/load').glob('*.c')):
        for line, text, said in texts(path):
            parts = [part.strip() for part in HOLE.split(plain(text)) if len(part.strip()) >= ENOUGH]
            if said and len(plain(text).split()) >= WORDS and parts:
                yield path.relative_to(TOP), line, plain(text), {parts[0], max(parts, key=len)}


def rows():
    for path in sorted((TOP / 'tests/unit/map/load').glob('*_rows.h')):
        for _, text, _ in texts(path):
            yield plain(text)


def overlaps(text, fixed):
    """Whether the row holds this part, or breaks off within it."""
    if fixed in text:
        return True
    return any(text.endswith(fixed[:n]) or text.startswith(fixed[-n:])
               for n in range(ENOUGH, len(fixed)))


def main():
    said, missing, n = list(rows()), 0, 0
    for path, line, text, parts in messages():
        n += 1
        if not any(overlaps(row, part) for row in said for part in parts):
            missing += 1
            print('%s:%d: no golden row shows: %s' % (path, line, text))
    print('%d passed, %d failed' % (n - missing, missing))
    return 1 if missing else 0


if __name__ == '__main__':
    sys.exit(main())
