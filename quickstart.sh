#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
set -u
umask 077
cd "$(dirname "$0")" || exit 1
. scripts/packages.sh

usage() {
    cat <<END
usage: ./quickstart.sh [--dir DIR]
       ./quickstart.sh --keep [--dir DIR]

Installs what is missing (apt, when root), builds scimbridge below build/, starts a private
OpenLDAP server in a fresh directory and the bridge in front of it, sends what Microsoft Entra
sends when it provisions people and groups to each of four sample applications, and shows the
entries that came of it. Exit status 0 when every answer was the expected one.

  --keep      send nothing; leave both servers running until SIGINT or SIGTERM, and write
              DIR/endpoints.env (what to connect to, and the secrets) once they answer
  --dir DIR   a new or empty directory, or one of an earlier run, which is emptied; without it
              a temporary one is made
  --help      this text

Everything listens on free ports of 127.0.0.1, so several can run at once.

Environment: SCIMBRIDGE=PROGRAM uses that one and builds nothing.
END
}

keep=
dir=
while [ $# -gt 0 ]; do
    case $1 in
    --keep) keep=yes ;;
    --dir)
        [ $# -ge 2 ] || { usage >&2; exit 2; }
        dir=$2
        shift
        ;;
    --dir=*) dir=${1#--dir=} ;;
    -h | --help)
        usage
        exit 0
        ;;
    *)
        usage >&2
        exit 2
        ;;
    esac
    shift
done

say() {
    printf '==> %s\n' "$*"
}

die() {
    printf 'quickstart.sh: %s\n' "$*" >&2
    exit 1
}

# ---- build --------------------------------------------------------------------------------

build() {
    say "Building scimbridge in build/quickstart (build.log there tells more)"
    mkdir -p build/quickstart
    # Another quick start may be building: the lock makes it one after the other.
    (
        flock 9
        {
            if [ ! -e Makefile.in ] || [ configure.ac -nt configure ]; then
                ./autogen.sh || exit 1
            fi
            cd build/quickstart || exit 1
            [ -e Makefile ] || ../../configure -q || exit 1
            make -j"$(nproc)" scimbridge || exit 1
        } >build/quickstart/build.log 2>&1
    ) 9>build/quickstart.lock || {
        tail -n 40 build/quickstart/build.log >&2
        die "the build failed"
    }
    program=$PWD/build/quickstart/scimbridge
}

# ---- servers ------------------------------------------------------------------------------

MARK=.scimbridge-quickstart
temporary=
bridge_pid=
slapd_up=

make_dir() {
    if [ -z "$dir" ]; then
        dir=$(mktemp -d "${TMPDIR:-/tmp}/scimbridge.XXXXXX") || exit 1
        temporary=yes
    fi
    mkdir -p "$dir" || exit 1
    dir=$(cd "$dir" && pwd) || exit 1
    if [ -n "$(ls -A "$dir")" ]; then
        [ -e "$dir/$MARK" ] || die "$dir is not empty and is not from an earlier run"
        sh scripts/slapd.sh wipe "$dir/slapd" || exit 1
        rm -f "$dir/endpoints.env" "$dir/scimbridge.conf" "$dir/bridge.log" "$dir/ready" \
            "$dir/body" "$dir/check.log"
    fi
    chmod 700 "$dir" || exit 1
    : >"$dir/$MARK"
}

stop_all() {
    trap '' HUP INT TERM
    rm -f "$dir/endpoints.env"
    if [ -n "$bridge_pid" ]; then
        kill "$bridge_pid" 2>/dev/null
        wait "$bridge_pid" 2>/dev/null
        bridge_pid=
    fi
    if [ -n "$slapd_up" ]; then
        sh scripts/slapd.sh stop "$dir/slapd"
        slapd_up=
    fi
    if [ -n "$temporary" ]; then
        sh scripts/slapd.sh wipe "$dir/slapd"
        rm -rf "$dir"
    fi
}

start_slapd() {
    say "Starting a private slapd in $dir/slapd"
    slapd_up=yes
    sh scripts/slapd.sh start "$dir/slapd" >"$dir/slapd.env" || die "slapd did not start"
    while IFS='=' read -r key value; do
        case $key in
        URL) ldap_url=$value ;;
        BASE) ldap_base=$value ;;
        BINDDN) admin_dn=$value ;;
        PASSWORD_FILE) admin_password_file=$value ;;
        SERVICE_DN) service_dn=$value ;;
        SERVICE_PASSWORD_FILE) service_password_file=$value ;;
        PID) slapd_pid=$value ;;
        esac
    done <"$dir/slapd.env"
    rm -f "$dir/slapd.env"
}

# Two lines: the secret, and what the configuration keeps of it.
make_tokens() {
    local all people
    all=$("$program" token --name quickstart) || die "no token"
    people=$("$program" token --name people-only --connector people) || die "no token"
    token=${all%%$'\n'*}
    people_token=${people%%$'\n'*}
    token_lines="${all#*$'\n'},
    ${people#*$'\n'}"
}

write_config() {
    local maps=$PWD/conf/maps
    config=$dir/scimbridge.conf
    cat >"$config" <<END
// Written by quickstart.sh.
{
  "listen": { "address": "127.0.0.1", "port": 0 },
  "admin": { "port": 0 },
  "directories": {
    "local": {
      "url": "$ldap_url",
      "bindDn": "$service_dn",
      "passwordFile": "$service_password_file"
    }
  },
  "connectors": {
    "people": { "directory": "local", "map": "$maps/people.jsonc" },
    "simple-in-out": { "directory": "local", "map": "$maps/simple-in-out.jsonc" },
    "sign-in-enterprise": { "directory": "local", "map": "$maps/sign-in-enterprise.jsonc" },
    "ideo": { "directory": "local", "map": "$maps/ideo.jsonc" }
  },
  "tokens": [
    $token_lines
  ]
}
END
}

start_bridge() {
    local n=0
    say "Checking $config"
    "$program" check -c "$config" >"$dir/check.log" || {
        cat "$dir/check.log"
        die "the configuration is not usable"
    }
    tail -n 1 "$dir/check.log" # there is nobody yet on whom rights could be tried
    say "Starting the bridge (its log is $dir/bridge.log)"
    "$program" serve -c "$config" --ready-file "$dir/ready" 2>"$dir/bridge.log" </dev/null &
    bridge_pid=$!
    until [ -e "$dir/ready" ] && read_ready && curl -sf -m 2 -o /dev/null "$admin_url/readyz"; do
        kill -0 "$bridge_pid" 2>/dev/null || { tail -n 20 "$dir/bridge.log" >&2; die "the bridge ended"; }
        n=$((n + 1))
        [ $n -lt 600 ] || die "the bridge is not ready after a minute"
        sleep 0.1
    done
    say "The bridge listens on $base_url, its health page is $admin_url/readyz"
}

read_ready() {
    local key value
    while IFS='=' read -r key value; do
        case $key in
        URL) base_url=$value ;;
        ADMIN_URL) admin_url=$value ;;
        esac
    done <"$dir/ready"
}

# ---- what Entra sends ---------------------------------------------------------------------

wrong=0
count=0

# send STATUS WHAT METHOD PATH [BODY] - one request; its body is in $dir/body afterwards.
send() {
    local expected=$1 what=$2 method=$3 path=$4 status mark
    local args=(-sS -m 30 -o "$dir/body" -w '%{http_code}' -X "$method" -H @-)
    [ $# -lt 5 ] || args+=(-H 'Content-Type: application/scim+json' --data-binary "$5")
    : >"$dir/body"
    # The token goes in by standard input: arguments are visible to everybody.
    status=$(printf 'Authorization: Bearer %s\n' "$token" |
        curl "${args[@]}" "$base_url/$connector/scim/v2$path")
    count=$((count + 1))
    mark='  '
    case " $expected " in
    *" $status "*) ;;
    *)
        wrong=$((wrong + 1))
        mark='! '
        ;;
    esac
    printf '%s%-3s %-6s %-44s %s\n' "$mark" "$status" "$method" "${path:0:44}" "$what"
    [ "$mark" = '  ' ] || {
        echo "      expected $expected; the answer was:"
        head -c 2000 "$dir/body"
        echo
    }
}

# has TEXT - whether the last body has it; counts as wrong when not.
has() {
    grep -qF -- "$1" "$dir/body" && return
    wrong=$((wrong + 1))
    echo "!     the answer has no $1:"
    head -c 2000 "$dir/body"
    echo
}

body_id() {
    grep -o '"id":"[^"]*"' "$dir/body" | head -n 1 | cut -d '"' -f 4
}

operations() {
    printf '{"schemas":["urn:ietf:params:scim:api:messages:2.0:PatchOp"],"Operations":[%s]}' "$1"
}

user() {
    printf '{"schemas":["urn:ietf:params:scim:schemas:core:2.0:User",'
    printf '"urn:ietf:params:scim:schemas:extension:enterprise:2.0:User"],'
    printf '"externalId":"%s","userName":"%s","displayName":"%s %s",' "$1" "$1" "$2" "$3"
    printf '"name":{"givenName":"%s","familyName":"%s"},"active":true,' "$2" "$3"
    printf '"emails":[{"type":"work","value":"%s@example.com","primary":true}],' "$1"
    printf '"phoneNumbers":[{"type":"work","value":"+43 1 5550100"}]}'
}

# cycle CONNECTOR PATH VALUE - the life of a person and a group; PATH is an attribute that the
# application's map has, changed in both of Entra's dialects.
cycle() {
    local jane june group
    connector=$1
    local path=$2 quoted=${2//\"/\\\"}
    say "Provisioning $connector"
    send 200 "probe with a name that nobody has" GET \
        '/Users?filter=userName+eq+"8f2a4c06-0d1c-4c5e-9d55-2c2b7d1e8a10"'
    has '"totalResults":0'
    send 200 "is Jane there?" GET '/Users?filter=userName+eq+"jyoung"'
    has '"totalResults":0'
    send 201 "create Jane" POST /Users "$(user jyoung Jane Young)"
    jane=$(body_id)
    send 201 "create June" POST /Users "$(user jolsen June Olsen)"
    june=$(body_id)
    send 409 "create Jane a second time" POST /Users "$(user jyoung Jane Young)"
    send 200 "is Jane there?" GET '/Users?filter=userName+eq+"jyoung"'
    has '"totalResults":1'
    send 200 "read Jane" GET "/Users/$jane"
    send "200 204" "change her, the older dialect" PATCH "/Users/$jane" \
        "$(operations '{"op":"Replace","path":"'"$quoted"'","value":"'"$3"' 1"}')"
    send "200 204" "change her, the newer dialect" PATCH "/Users/$jane" \
        "$(operations '{"op":"replace","value":{"'"$quoted"'":"'"$3"' 2"}}')"
    send 200 "read her" GET "/Users/$jane"
    has "$3 2"
    send 200 "is the group there?" GET '/Groups?excludedAttributes=members&filter=displayName+eq+"Staff"'
    send 201 "create the group" POST /Groups \
        '{"schemas":["urn:ietf:params:scim:schemas:core:2.0:Group"],"externalId":"g1","displayName":"Staff"}'
    group=$(body_id)
    send 204 "Jane and June become members" PATCH "/Groups/$group" \
        "$(operations '{"op":"Add","path":"members","value":[{"$ref":null,"value":"'"$jane"'"},{"$ref":null,"value":"'"$june"'"}]}')"
    send 200 "read the group without its members" GET "/Groups/$group?excludedAttributes=members"
    send "200 204" "rename the group" PATCH "/Groups/$group" \
        "$(operations '{"op":"Replace","path":"displayName","value":"All staff"}')"
    send "200 204" "Jane marries: another userName" PATCH "/Users/$jane" \
        "$(operations '{"op":"Replace","path":"userName","value":"jsmith"}')"
    send 200 "same id, another name" GET "/Users/$jane"
    has '"userName":"jsmith"'
    send "200 204" "June leaves: disabled, as a string" PATCH "/Users/$june" \
        "$(operations '{"op":"Replace","path":"active","value":"False"}')"
    send 200 "June is there, and inactive" GET "/Users/$june"
    has '"active":false'
    send 204 "June leaves the group" PATCH "/Groups/$group" \
        "$(operations '{"op":"Remove","path":"members","value":[{"$ref":null,"value":"'"$june"'"}]}')"
    send 204 "June is deleted" DELETE "/Users/$june"
    send 404 "June is gone" GET "/Users/$june"
    send 201 "create another group" POST /Groups \
        '{"schemas":["urn:ietf:params:scim:schemas:core:2.0:Group"],"displayName":"Visitors"}'
    group=$(body_id)
    send 204 "delete it" DELETE "/Groups/$group"
}

replay() {
    cycle people displayName "Jane Y"
    cycle simple-in-out title "Architect"
    cycle sign-in-enterprise \
        'urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:department' "Research"
    cycle ideo name.familyName "Young"
    connector=nobody
    say "And without the right to"
    send 401 "a connector that does not exist" GET /Users
    connector=ecma2host_people
    send 200 "a tenant URL written for the ECMA host" GET '/Users?aadOptscim062020&count=1'
}

show_entries() {
    local c
    for c in people simple-in-out sign-in-enterprise ideo; do
        say "Entries of $c"
        ldapsearch -x -LLL -o ldif-wrap=no -H "$ldap_url" -D "$admin_dn" -y "$admin_password_file" \
            -b "ou=$c,$ldap_base" '(|(objectClass=inetOrgPerson)(objectClass=groupOfNames))' '*' \
            entryUUID pwdEndTime || die "ldapsearch failed"
    done
}

# ---- keep ---------------------------------------------------------------------------------

write_endpoints() {
    cat >"$dir/endpoints.env.new" <<END
BASE_URL=$base_url
SCIM_TOKEN=$token
PEOPLE_TOKEN=$people_token
LDAP_URL=$ldap_url
LDAP_BASE=$ldap_base
LDAP_BIND_DN=$admin_dn
LDAP_BIND_PASSWORD=$(cat "$admin_password_file")
BRIDGE_PID=$bridge_pid
SLAPD_PID=$slapd_pid
CONFIG=$config
ADMIN_URL=$admin_url
END
    chmod 600 "$dir/endpoints.env.new" && mv "$dir/endpoints.env.new" "$dir/endpoints.env"
}

wait_for_the_end() {
    say "Running. $dir/endpoints.env says what to connect to; SIGINT or SIGTERM ends both"
    wait "$bridge_pid"
    die "the bridge ended by itself; see $dir/bridge.log"
}

# ---- all of it ----------------------------------------------------------------------------

# shellcheck disable=SC2086 # lists of words
if [ -n "${SCIMBRIDGE:-}" ]; then
    program=$SCIMBRIDGE
else
    install_packages $BUILD_PACKAGES $SERVER_PACKAGES || exit 1
    build
fi

make_dir
trap stop_all EXIT
trap 'exit 0' INT TERM HUP
start_slapd
make_tokens
write_config
start_bridge
if [ -n "$keep" ]; then
    write_endpoints || die "cannot write $dir/endpoints.env"
    wait_for_the_end
fi
trap 'exit 1' INT TERM HUP
replay
show_entries
if [ $wrong -gt 0 ]; then
    say "$count requests, $wrong answers were not as expected"
    exit 1
fi
say "$count requests, every answer as expected"
