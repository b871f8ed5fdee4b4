#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Is every key of the configuration and of the map, as the loaders read them, in the JSON Schemas and in
the manual pages, and nothing else in the schemas? So too for the words that a key may have."""
import json
import os
import re
import sys

ROOT = os.environ.get('top_srcdir', '.')
wrong = 0
compared = 0


def read(*path):
    with open(os.path.join(ROOT, *path), encoding='utf-8') as file:
        return file.read()


def compare(what, loader, schema, manual):
    global wrong, compared
    compared += 1
    for name, missing in (('not in the schema', loader - schema),
                          ('in the schema, but unknown to the loader', schema - loader),
                          ('not in the manual page', loader - manual)):
        if missing:
            wrong += 1
            print('%s: %s: %s' % (what, name, ', '.join(sorted(missing))))


def terms(page):
    """The words that a manual page sets in bold."""
    text = read('docs', 'man', page)
    lines = [line for line in text.splitlines() if re.match(r'\.B[RI]?\b', line)]
    return set(re.findall(r'[$A-Za-z0-9-]+', '\n'.join(lines).replace('\\-', '-')))


# ---- the configuration: what each file asks its readers for ----

CONFIG = json.loads(read('schema', 'config.schema.json'))
CALL = re.compile(r'\b(?:reader|read|config)_[a-z_]+\(&?(?:\*?reader|&?reader), "([A-Za-z0-9]+)"')


def asked(*files):
    return {key for name in files for key in CALL.findall(read('src', 'daemon', name))}


def config_keys():
    manual = terms('scimbridge.conf.5')
    sections = {'listen': {'config_listen.c'}, 'limits': {'config_limits.c'},
                'directory': {'config_directory.c'}, 'connector': {'config_connector.c'},
                'token': {'tokens.c'}}
    top = set(CONFIG['properties']) - {'$schema'}
    compare('the configuration', asked('config.c', 'config_tokens.c'), top, manual)
    for section, files in sections.items():
        compare(section, asked(*files), set(CONFIG['$defs'][section]['properties']), manual)
    names = set(re.findall(r'\] = STR_INIT\("([A-Za-z]+)"\)', read('src', 'scim', 'quirk.c')))
    compare('quirks', names, set(CONFIG['$defs']['quirks']['properties']), manual)


# ---- the map: the lists that the loader goes by ----

MAP = json.loads(read('schema', 'map.schema.json'))


def lists():
    """{file: {name: set of words}} of the NULL-ended arrays of words."""
    found = {}
    for name in ['../slot.c'] + sorted(os.listdir(os.path.join(ROOT, 'src', 'map', 'load'))):
        for array, words in re.findall(r'const char \*const ([a-z_]+)\[\] = \{(.*?)NULL,?\s*\}',
                                       read('src', 'map', 'load', name), re.S):
            found.setdefault(name, {})[array] = set(re.findall(r'"([^"]+)"', words))
    return found


def map_keys():
    manual = terms('scimbridge-map.5') | {'$schema'}
    of, defs = lists(), MAP['$defs']
    undo = {'undo'}  # of the deleted state's "undo" alone, which the schema says there
    for file, array, schema in (
            ('load.c', 'top_keys', set(MAP['properties'])),
            ('schemas.c', 'schema_keys', set(defs['schema']['properties'])),
            ('schemas.c', 'definition_keys', set(defs['definition']['properties'])),
            ('scope.c', 'scope_keys', set(defs['scope']['properties'])),
            ('type.c', 'type_keys', set(defs['resource']['properties'])),
            ('parent.c', 'parent_keys', set(defs['parent']['properties'])),
            ('slot.c', 'slot_keys', set(defs['slot']['properties'])),
            ('search.c', 'search_keys', set(defs['search']['properties'])),
            ('copies.c', 'copy_keys', set(defs['copy']['properties'])),
            ('entry.c', 'rule_keys', set(defs['rule']['properties'])),
            ('lifecycle.c', 'lifecycle_keys', set(defs['lifecycle']['properties'])),
            ('lifecycle.c', 'inactive_keys', set(defs['inactive']['properties'])),
            ('lifecycle.c', 'deleted_keys', set(defs['deleted']['properties'])),
            ('steps.c', 'step_keys', set(defs['step']['properties']) | undo)):
        compare(array, of[file][array], schema, manual)
    words = of['transform.c']['transform_words']
    described = set(re.findall(r'[a-z]+', defs['alternatives']['description'].split('Transforms:')[1]))
    compare('transforms', words, described - {'x', 'y'}, manual)
    slot, rule = defs['slot']['properties'], defs['rule']['properties']
    for file, array, schema in (
            ('load.c', 'dialect_words', MAP['properties']['dialect']),
            ('load.c', 'integrity_words', MAP['properties']['integrity']),
            ('load.c', 'unmapped_words', MAP['properties']['unmapped']),
            ('scope.c', 'depth_words', defs['scope']['properties']['depth']),
            ('type.c', 'adopt_words', defs['resource']['properties']['adopt']),
            ('several.c', 'several_words', slot['several']),
            ('../slot.c', 'map_as_names', slot['as']),
            ('slot.c', 'type_words', slot['type']),
            ('slot.c', 'missing_words', slot['missing']),
            ('table.c', 'else_words', slot['else']),
            ('slot.c', 'write_words', slot['write']),
            ('slot.c', 'returned_words', slot['returned']),
            ('entry.c', 'write_words', rule['write']),
            ('parent.c', 'create_words', defs['parent']['properties']['create']),
            ('entry.c', 'conflict_words', rule['conflict']),
            ('lifecycle.c', 'preset_words',
             defs['lifecycle']['properties']['inactive']['anyOf'][0])):
        compare(file + ' ' + array, of[file][array], set(schema['enum']), manual)


config_keys()
map_keys()
print('%d passed, %d failed' % (compared - wrong if wrong <= compared else 0, wrong))
sys.exit(1 if wrong else 0)
