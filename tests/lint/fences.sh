#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# The fences between the folders of src/: which may include which, which library is seen where,
# and the functions that nobody calls. Prints file:line: what is wrong.
set -eu
cd "${top_srcdir:-.}"

find src -name '*.[ch]' ! -name schema_data.c | sort | xargs awk '
BEGIN {
    allowed["base"] = "base"
    allowed["json"] = "json base"
    allowed["ldap"] = "ldap base"
    allowed["scim"] = "scim json base"
    allowed["map"] = "map scim ldap json base"
    allowed["connector"] = "connector map scim ldap json base"
    allowed["http"] = "http connector scim json base"
    allowed["daemon"] = "daemon http connector map scim ldap json base"
    allowed["cli"] = "cli daemon http connector map scim ldap json base"

    # The part of ldap that does I/O, closed to those who only plan.
    io = "^ldap/(conn|pool|tls)[.]h$"
}

function wrong(what)
{
    printf "%s:%d: %s\n", FILENAME, FNR, what
    bad = 1
}

function among(word, list)
{
    return index(" " list " ", " " word " ") > 0
}

function check_own(path, n, parts)
{
    n = split(path, parts, "/")
    if (n < 2)
        wrong("\"" path "\" is to be written with its folder")
    else if (!among(parts[1], allowed[folder]))
        wrong("src/" folder " may include " allowed[folder] ", not \"" path "\"")
    else if (path ~ io && (folder == "map" || folder == "connector"))
        wrong("src/" folder " does no I/O, but includes \"" path "\"")
}

function check_library(path)
{
    if (path ~ /^(ldap|lber|ldap_.*|lber_.*)[.]h$/ && folder != "ldap")
        wrong("<" path "> is for src/ldap only")
    else if (path ~ /^(cjson\/)?cJSON.*[.]h$/ && folder != "json")
        wrong("<" path "> is for src/json only")
    else if (path == "microhttpd.h" && folder != "http" && FILENAME != "src/daemon/worker.c")
        wrong("<" path "> is for src/http and src/daemon/worker.c only")
    else if (path ~ /^gnutls\// && folder != "http")
        wrong("<" path "> is for src/http only")
}

FNR == 1 {
    split(FILENAME, place, "/")
    folder = place[2]
    if (!(folder in allowed))
        wrong("src/" folder " is not in the table of tests/lint/fences.sh")
}

/^[ \t]*#[ \t]*include/ {
    path = $0
    quoted = path ~ /include[ \t]*"/
    sub(/^[^<"]*[<"]/, "", path)
    sub(/[>"].*/, "", path)
    check_library(path)
    if (quoted && path !~ /^(cjson\/)?cJSON/)
        check_own(path)
}

/(^|[^A-Za-z0-9_])(strcpy|strcat|sprintf|vsprintf|strtok|atoi)[ \t]*[(]/ {
    wrong("strcpy, strcat, sprintf, strtok and atoi are not used here")
}

END { exit bad }
'
