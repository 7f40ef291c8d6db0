# What the commands need of Debian 12, sourced by ./tapline and ./test.

# program:package pairs
host_packages="ovs-vswitchd:openvswitch-switch nft:nftables dnsmasq:dnsmasq-base ip:iproute2 busybox:busybox ping:iputils-ping
    nsenter:util-linux mount:mount setsid:util-linux"
build_packages="gcc:gcc ld:binutils /usr/include/zlib.h:zlib1g-dev"
test_packages="ethtool:ethtool openstack:python3-openstackclient setpriv:util-linux git:git iptables-legacy-save:iptables ipset:ipset"

has() {
    case "$1" in
    /*) [ -e "$1" ] ;;
    *) PATH=/usr/sbin:/usr/bin:/sbin:/bin command -v "$1" > /dev/null ;;
    esac
}

# Installs the packages of the programs that are not there; daemons that they bring are not started.
require_packages() {
    missing=
    for pair in "$@"; do
        case " $missing " in *" ${pair#*:} "*) continue ;; esac
        has "${pair%%:*}" || missing="$missing ${pair#*:}"
    done
    [ -n "$missing" ] || return 0
    if [ "$(id -u)" != 0 ]; then
        echo "tapline: this machine lacks some packages; once, as root:  apt-get install --no-install-recommends$missing" >&2
        exit 1
    fi
    # Debian's way to keep a package's daemons from being started while it is installed.
    policy=/usr/sbin/policy-rc.d
    if [ ! -e $policy ]; then
        printf '#!/bin/sh\nexit 101\n' > $policy
        chmod 755 $policy
        trap 'rm -f /usr/sbin/policy-rc.d' EXIT
    fi
    for package in $missing; do
        echo "tapline: installing the Debian package $package" >&2
    done
    log=$(mktemp)
    if ! { apt-get update -q && DEBIAN_FRONTEND=noninteractive apt-get install -q -y --no-install-recommends $missing; } > "$log" 2>&1; then
        tail -n 20 "$log" >&2
        rm -f "$log"
        exit 1
    fi
    rm -f "$log"
    if [ "$(cat $policy)" = "$(printf '#!/bin/sh\nexit 101\n')" ]; then
        rm -f $policy
    fi
    trap - EXIT
}

require_sdk() {
    if ! command -v dotnet > /dev/null || ! dotnet --list-sdks 2> /dev/null | grep -q '^10\.'; then
        echo "tapline: the .NET 10 SDK is missing. Install it with Microsoft's package feed for Debian 12 set up:  apt-get install dotnet-sdk-10.0" >&2
        exit 1
    fi
}
