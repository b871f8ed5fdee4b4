#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
#
# slapd.sh start|stop|status|wipe DIR - the private OpenLDAP server of the quick start and the tests.
#
#   start   create the directory in DIR at the first time, run slapd, print KEY=VALUE lines
#   stop    end it and wait until it is gone
#   status  print the same lines; exit status 3 when it is not running
#   wipe    stop it and remove what start created
#
# Everything listens on loopback: ldap://127.0.0.1:PORT and a socket DIR/ldapi over which the user who
# owns DIR is an administrator (SASL EXTERNAL). DIR is created with mode 0700.
#
# Environment:
#   PORT=n      listen there; without it a free port is found and kept in DIR/port
# and at the first start only:
#   NOREFINT=1  references are nobody's to repair
#   LDIF=file   load these entries as well (below dc=example,dc=com, parents first)
#   NOSYNC=1    do not wait for the disk: for tests and measurements
#   MAXSIZE=n   upper bound of the database in bytes (sparse; 8 GiB)
#   MEMBEROF=1  keep memberOf on the entries of members (costs a write per member)
set -eu
umask 077
PATH=$PATH:/usr/sbin:/sbin:/usr/local/sbin:/usr/local/libexec:/usr/libexec

BASE=dc=example,dc=com
ADMIN=cn=admin,$BASE
SERVICE=cn=scimbridge,$BASE
CONNECTORS="people simple-in-out sign-in-enterprise ideo"
MARK=.scimbridge-slapd
here=$(cd "$(dirname "$0")" && pwd)

usage() {
    sed -n '4,/^set/s/^# \{0,1\}//p' "$0"
    exit 2
}

die() {
    echo "slapd.sh: $*" >&2
    exit 1
}

# The server's own process, not one that took over its number.
alive() {
    [ -s "$dir/slapd.pid" ] && pid=$(cat "$dir/slapd.pid") && kill -0 "$pid" 2>/dev/null || return 1
    [ ! -r "/proc/$pid/cmdline" ] || tr '\0' '\n' <"/proc/$pid/cmdline" | grep -Fqx -- "$dir/slapd.d"
}

# URL form of the socket's path; empty when it is too long for a socket address.
ldapi_url() {
    [ ${#dir} -le 90 ] || return 0
    printf 'ldapi://%s' "$(printf %s "$dir/ldapi" | sed 's/%/%25/g; s,/,%2F,g; s/ /%20/g; s/?/%3F/g; s/#/%23/g')"
}

info() {
    cat <<I
URL=ldap://127.0.0.1:$(cat "$dir/port" 2>/dev/null || echo 0)
LDAPI=$(ldapi_url)
BASE=$BASE
BINDDN=$ADMIN
PASSWORD_FILE=$dir/password
SERVICE_DN=$SERVICE
SERVICE_PASSWORD_FILE=$dir/scimbridge.password
PID=$(cat "$dir/slapd.pid" 2>/dev/null || echo none)
I
}

# The first of the named paths that exists.
first_of() {
    for p in "$@"; do
        if [ -e "$p" ]; then
            printf '%s' "$p"
            return
        fi
    done
}

# A new secret without a line end, because the LDAP tools' -y takes the whole file.
new_secret() {
    head -c 24 /dev/urandom | base64 | tr -d '\n' | tr '+/' '-_' >"$1"
}

require() {
    for tool in slapd slapadd slappasswd; do
        command -v $tool >/dev/null || die "$tool not found: install the slapd package"
    done
    schemas=$(first_of /etc/ldap/schema/core.ldif /etc/openldap/schema/core.ldif \
        /usr/local/etc/openldap/schema/core.ldif)
    [ -n "$schemas" ] || die "core.ldif not found among OpenLDAP's schema files"
    schemas=${schemas%/core.ldif}
    ours=$(first_of "$here/../schema/ldap/scimbridge.ldif" "$here/schema/ldap/scimbridge.ldif" \
        "${datadir:-/usr/share}/scimbridge/schema/ldap/scimbridge.ldif")
    [ -n "$ours" ] || die "scimbridge.ldif not found"
    modules=$(first_of /usr/lib/ldap /usr/lib64/openldap /usr/lib/openldap /usr/local/libexec/openldap)
}

module() {
    [ -n "$(first_of "$modules/$1.so" "$modules/$1.la")" ]
}

config_modules() {
    [ -n "$modules" ] || return 0
    printf 'dn: cn=module{0},cn=config\nobjectClass: olcModuleList\ncn: module{0}\nolcModulePath: %s\n' "$modules"
    for m in back_mdb back_monitor ppolicy refint sssvlv ${MEMBEROF:+memberof}; do
        ! module $m || printf 'olcModuleLoad: %s\n' $m
    done
    echo
}

config_schema() {
    printf 'dn: cn=schema,cn=config\nobjectClass: olcSchemaConfig\ncn: schema\n\n'
    for s in core cosine nis inetorgperson dyngroup; do
        cat "$schemas/$s.ldif"
        echo
    done
    cat "$ours"
    echo
}

# Least privilege: the service writes below its connectors' subtrees and nowhere else, and sets but
# never reads passwords. Writing the password policy's state takes "manage".
config_access() {
    n=0
    for c in $CONNECTORS; do
        sub=ou=$c,$BASE
        cat <<L
olcAccess: {$n}to dn.subtree="$sub" attrs=userPassword by dn.exact="$owner" manage by dn.exact="$SERVICE" =wdx by self =wdx by anonymous auth by * none
olcAccess: {$((n + 1))}to dn.subtree="$sub" attrs=pwdEndTime,pwdStartTime,pwdAccountLockedTime,pwdFailureTime,pwdReset,pwdPolicySubentry by dn.exact="$owner" manage by dn.exact="$SERVICE" manage by self read by * none
olcAccess: {$((n + 2))}to dn.subtree="$sub" by dn.exact="$owner" manage by dn.exact="$SERVICE" write by self read by * none
L
        n=$((n + 3))
    done
    cat <<L
olcAccess: {$n}to attrs=userPassword by dn.exact="$owner" manage by self =wdx by anonymous auth by * none
olcAccess: {$((n + 1))}to dn.subtree="ou=policies,$BASE" by dn.exact="$owner" manage by dn.exact="$SERVICE" read by * none
olcAccess: {$((n + 2))}to dn.base="$BASE" by dn.exact="$owner" manage by dn.exact="$SERVICE" read by * none
olcAccess: {$((n + 3))}to * by dn.exact="$owner" manage by self read by * none
L
}

# 64-bit hashes, sorted values and a table of its own for member: without them one change of a group of
# 10,000 costs ten times as much. refint searches every attribute it repairs, so each has an index.
config_database() {
    cat <<L
dn: olcDatabase={1}mdb,cn=config
objectClass: olcDatabaseConfig
objectClass: olcMdbConfig
olcDatabase: {1}mdb
olcSuffix: $BASE
olcDbDirectory: "$dir/db"
olcRootDN: $ADMIN
olcRootPW: $(slappasswd -T "$dir/password")
olcDbMaxSize: ${MAXSIZE:-8589934592}
olcDbMaxReaders: 512
olcDbMultival: member 100,10
olcDbIndex: objectClass,entryUUID,entryCSN eq
olcDbIndex: uid,cn,sn,givenName,displayName,mail,employeeNumber eq
olcDbIndex: title,o,departmentNumber,employeeType,telephoneNumber,mobile eq
olcDbIndex: member,uniqueMember,memberUid,manager,owner,secretary eq
olcDbIndex: scimExternalId,scimAltMail,scimVisible,pwdEndTime eq
olcDbIndex: scimDeletedAt pres,eq
L
    [ -z "${MEMBEROF:-}" ] || echo "olcDbIndex: memberOf eq"
    [ -z "${NOSYNC:-}" ] || echo "olcDbNoSync: TRUE"
    cat <<L
olcLimits: {0}dn.exact="$SERVICE" size=unlimited time=unlimited size.pr=unlimited size.prtotal=unlimited
L
    config_access
    echo
}

# refint runs twice: a group whose last member goes needs a value in its place (the maps' emptyMember);
# a manager who goes must not leave one.
config_overlays() {
    i=0
    for o in ppolicy refint-required refint-optional sssvlv ${MEMBEROF:+memberof}; do
        [ -z "${NOREFINT-}" ] || [ "${o%-*}" != refint ] || continue
        use=$o
        o=${o%%-*}
        [ -z "$modules" ] || module $o || continue
        printf 'dn: olcOverlay={%s}%s,olcDatabase={1}mdb,cn=config\nobjectClass: olcOverlayConfig\n' $i $o
        printf 'olcOverlay: {%s}%s\n' $i $o
        case $use in
        ppolicy)
            printf '%s\n' 'objectClass: olcPPolicyConfig' "olcPPolicyDefault: cn=default,ou=policies,$BASE" \
                'olcPPolicyHashCleartext: TRUE'
            ;;
        refint-required)
            printf '%s\n' 'objectClass: olcRefintConfig' 'olcRefintNothing: cn=nobody' \
                'olcRefintAttribute: member' 'olcRefintAttribute: uniqueMember'
            ;;
        refint-optional)
            printf '%s\n' 'objectClass: olcRefintConfig' 'olcRefintAttribute: manager' \
                'olcRefintAttribute: owner' 'olcRefintAttribute: secretary'
            ;;
        sssvlv)
            printf '%s\n' 'objectClass: olcSssVlvConfig' 'olcSssVlvMax: 0' 'olcSssVlvMaxPerConn: 5'
            ;;
        memberof)
            printf '%s\n' 'objectClass: olcMemberOfConfig' 'olcMemberOfRefInt: FALSE' \
                'olcMemberOfGroupOC: groupOfNames' 'olcMemberOfMemberAD: member' \
                'olcMemberOfMemberOfAD: memberOf'
            ;;
        esac
        echo
        i=$((i + 1))
    done
}

config() {
    owner=gidNumber=$(id -g)+uidNumber=$(id -u),cn=peercred,cn=external,cn=auth
    cat <<L
dn: cn=config
objectClass: olcGlobal
cn: config
olcPidFile: "$dir/slapd.pid"
olcLogLevel: none
olcThreads: 16
olcToolThreads: 2
olcIdleTimeout: 0
olcIndexHash64: TRUE
olcSockbufMaxIncomingAuth: 67108863

L
    config_modules
    config_schema
    cat <<L
dn: olcDatabase={-1}frontend,cn=config
objectClass: olcDatabaseConfig
objectClass: olcFrontendConfig
olcDatabase: {-1}frontend
olcSortVals: member uniqueMember memberUid
olcAccess: {0}to dn.base="" by * read
olcAccess: {1}to dn.base="cn=Subschema" by * read

dn: olcDatabase={0}config,cn=config
objectClass: olcDatabaseConfig
olcDatabase: {0}config
olcAccess: {0}to * by dn.exact="$owner" manage by * none

L
    config_database
    config_overlays
    cat <<L
dn: olcDatabase=monitor,cn=config
objectClass: olcDatabaseConfig
olcDatabase: monitor
olcAccess: {0}to * by dn.exact="$owner" read by dn.exact="$ADMIN" read by * none
L
}

organizational_unit() {
    printf 'dn: ou=%s,%s\nobjectClass: organizationalUnit\nou: %s\n\n' "$1" "$2" "$1"
}

# The service has a policy of its own: guessing at its password must not lock the bridge out.
entries() {
    cat <<L
dn: $BASE
objectClass: dcObject
objectClass: organization
dc: example
o: Example

L
    organizational_unit policies "$BASE"
    cat <<L
dn: cn=default,ou=policies,$BASE
objectClass: device
objectClass: pwdPolicy
cn: default
pwdAttribute: userPassword
pwdLockout: TRUE
pwdMaxFailure: 5
pwdLockoutDuration: 900
pwdFailureCountInterval: 900
pwdCheckQuality: 0
pwdMustChange: FALSE
pwdAllowUserChange: TRUE
pwdSafeModify: FALSE

dn: cn=service,ou=policies,$BASE
objectClass: device
objectClass: pwdPolicy
cn: service
pwdAttribute: userPassword
pwdLockout: FALSE

dn: $SERVICE
objectClass: organizationalRole
objectClass: simpleSecurityObject
cn: scimbridge
userPassword: $(slappasswd -T "$dir/scimbridge.password")
pwdPolicySubentry: cn=service,ou=policies,$BASE

L
    for c in $CONNECTORS; do
        organizational_unit "$c" "$BASE"
        organizational_unit users "ou=$c,$BASE"
        organizational_unit groups "ou=$c,$BASE"
    done
}

# What start created and wipe removes; the mark goes last so that an interrupted wipe can be repeated.
remove_files() {
    rm -rf "$dir/slapd.d" "$dir/db"
    rm -f "$dir/config.ldif" "$dir/entries.ldif" "$dir/slapd.log" "$dir/slapd.pid" \
        "$dir/ldapi" "$dir/port" "$dir/password" "$dir/scimbridge.password" "$dir/ready"
}

# DIR/ready says that the directory is complete; without it a first start was interrupted.
create() {
    require
    if [ -d "$dir" ] && [ ! -e "$dir/$MARK" ] && [ -n "$(ls -A "$dir")" ]; then
        die "$dir is not empty and was not created by this script"
    fi
    mkdir -p "$dir"
    chmod 700 "$dir"
    : >"$dir/$MARK"
    remove_files
    mkdir "$dir/slapd.d" "$dir/db"
    new_secret "$dir/password"
    new_secret "$dir/scimbridge.password"
    config >"$dir/config.ldif"
    entries >"$dir/entries.ldif"
    slapadd -n 0 -F "$dir/slapd.d" -l "$dir/config.ldif" || die "slapd refused its configuration"
    slapadd -q -n 1 -F "$dir/slapd.d" -l "$dir/entries.ldif" || die "slapd refused the first entries"
    if [ -n "${LDIF:-}" ]; then
        slapadd -q -n 1 -F "$dir/slapd.d" -l "$LDIF" || die "slapd refused $LDIF"
    fi
    : >"$dir/ready"
}

# Whether somebody listens at the port of 127.0.0.1; true where /proc does not tell.
listens() {
    [ -r /proc/net/tcp ] || return 0
    grep -q "^ *[0-9]*: 0100007F:$(printf %04X "$1") 00000000:0000 0A" /proc/net/tcp
}

# One attempt at one port. slapd detaches when its sockets have their addresses, so its exit status
# tells; it listens a moment later. Few descriptors on purpose: it sizes tables by their limit, which
# containers set to a billion.
launch() {
    urls="ldap://127.0.0.1:$1/"
    api=$(ldapi_url)
    [ -z "$api" ] || urls="$urls $api/"
    rm -f "$dir/slapd.pid"
    (
        ulimit -n 20000 2>/dev/null || ulimit -n 4096 2>/dev/null || :
        exec slapd -F "$dir/slapd.d" -h "$urls"
    ) >"$dir/slapd.log" 2>&1 </dev/null || return 1
    n=0
    until alive && listens "$1"; do
        n=$((n + 1))
        [ $n -lt 400 ] || return 1
        sleep 0.05
    done
    echo "$1" >"$dir/port"
}

random_port() {
    echo $((20000 + $(od -An -N2 -tu2 /dev/urandom) % 12000))
}

run() {
    if [ -n "${PORT:-}" ]; then
        launch "$PORT" && return
        cat "$dir/slapd.log" >&2
        die "slapd did not start on port $PORT (is it in use?)"
    fi
    try=$(cat "$dir/port" 2>/dev/null || random_port)
    n=0
    until launch "$try"; do
        n=$((n + 1))
        if [ $n -ge 20 ]; then
            cat "$dir/slapd.log" >&2
            die "slapd did not start on any of the ports tried"
        fi
        try=$(random_port)
    done
}

stop() {
    alive || return 0
    kill -INT "$pid"
    n=0
    while kill -0 "$pid" 2>/dev/null; do
        n=$((n + 1))
        [ $n -lt 200 ] || die "slapd (process $pid) does not end"
        sleep 0.05
    done
}

[ $# -eq 2 ] && [ -n "$2" ] || usage
dir=$(readlink -m -- "$2")
case $dir in
*'
'* | *\"* | *\\*) die "a quote, backslash or line end in a directory's name is not supported" ;;
esac
case $1 in
start)
    if ! alive; then
        [ -e "$dir/ready" ] || create
        run
    fi
    info
    ;;
stop)
    stop
    ;;
status)
    alive || {
        echo "slapd.sh: not running in $dir" >&2
        exit 3
    }
    info
    ;;
wipe)
    [ -e "$dir" ] || exit 0
    [ -e "$dir/$MARK" ] || die "$dir was not created by this script"
    stop
    remove_files
    rm -f "$dir/$MARK"
    rmdir "$dir" 2>/dev/null || :
    ;;
*) usage ;;
esac
