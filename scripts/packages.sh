# SPDX-License-Identifier: Apache-2.0
# The Debian packages that scimbridge is built and tested with, and their installation.
# Sourced by check.sh and quickstart.sh.

BUILD_PACKAGES="autoconf automake make gcc libc6-dev pkg-config xz-utils
    libmicrohttpd-dev libldap-dev libcjson-dev libssl-dev libgnutls28-dev check"
SERVER_PACKAGES="slapd slapd-contrib ldap-utils openssl curl"
TEST_PACKAGES="python3 python3-ldap clang-format-14 389-ds-base
    samba samba-dsdb-modules samba-vfs-modules samba-ad-provision python3-samba winbind attr"

POLICY=/usr/sbin/policy-rc.d

# missing_packages PACKAGE... - prints those that are not installed.
missing_packages() {
    for package; do
        case $(dpkg-query -W -f '${db:Status-Status}' "$package" 2>/dev/null) in
        installed) ;;
        *) echo "$package" ;;
        esac
    done
}

# Debian starts a server when it is installed. We start our own, privately: unless the machine
# has a policy, it gets one that forbids starting, for as long as apt runs.
forbid_services() {
    own_policy=
    [ ! -e $POLICY ] || return 0
    own_policy=yes
    trap 'allow_services; exit 1' HUP INT TERM
    printf '#!/bin/sh\nexit 101\n' >$POLICY
    chmod 755 $POLICY
}

allow_services() {
    [ -n "$own_policy" ] || return 0
    rm -f $POLICY
    own_policy=
    trap - HUP INT TERM
}

apt_get() {
    DEBIAN_FRONTEND=noninteractive apt-get -q -y -o DPkg::Lock::Timeout=300 "$@"
}

# install_packages PACKAGE... - installs what is missing. When not root it prints the line to
# type instead and returns 1.
install_packages() {
    if ! command -v dpkg-query >/dev/null || ! command -v apt-get >/dev/null; then
        echo "This is not Debian: these are taken to be installed:" "$@"
        return 0
    fi
    # shellcheck disable=SC2046 # one word per package
    set -- $(missing_packages "$@")
    [ $# -gt 0 ] || return 0
    if [ "$(id -u)" -ne 0 ]; then
        echo "Some packages are missing. Install them, then start again:"
        echo "sudo apt-get install --no-install-recommends $*"
        return 1
    fi
    echo "Installing $*"
    apt_get update || echo "apt-get update failed; trying with the lists at hand"
    forbid_services
    apt_status=0
    apt_get install --no-install-recommends "$@" || apt_status=1
    allow_services
    return $apt_status
}
