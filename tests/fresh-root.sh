#!/bin/sh
# Tries the README's first command on a fresh Debian 12: a root made by debootstrap, in mount and pid namespaces of its own, with the
# .NET SDK of this machine and nothing else of it. Needs root. Usage: tests/fresh-root.sh [command …]   (default: ./tapline demo)
set -eu
[ "$(id -u)" = 0 ] || { echo "fresh-root.sh needs root, for debootstrap" >&2; exit 1; }
here=$(CDPATH= cd -- "$(dirname -- "$0")/.." && pwd)
command -v debootstrap > /dev/null || apt-get install -q -y --no-install-recommends debootstrap
dotnet=$(dirname "$(readlink -f "$(command -v dotnet)")")
work=$(mktemp -d /var/tmp/tapline-fresh.XXXXXX)
trap 'rm -rf --one-file-system "$work"' EXIT
root=$work/root

# How this machine reaches Debian's archive is how the fresh one has to.
mirror=$(cat /etc/apt/sources.list /etc/apt/sources.list.d/*.sources 2> /dev/null \
    | sed -n -e 's/^URIs: *\([^ ]*\).*/\1/p' -e 's/^deb \(\[[^]]*\] \)\{0,1\}\([^ ]*\) .*/\2/p' | grep -v security | head -n 1)
echo "fresh-root: debootstrap …"
debootstrap --variant=minbase --include=ca-certificates,libicu72 bookworm "$root" "$mirror" > "$work/debootstrap.log" 2>&1 \
    || { tail -n 20 "$work/debootstrap.log" >&2; exit 1; }
rm -f "$root"/etc/apt/sources.list
cp -r /etc/apt/sources.list.d /etc/apt/apt.conf.d "$root/etc/apt/"
cat /etc/ssl/certs/ca-certificates.crt > "$root/etc/ssl/certs/ca-certificates.crt"
[ -d /etc/apt/keyrings ] && cp -r /etc/apt/keyrings "$root/etc/apt/"
cp /etc/resolv.conf /etc/hosts "$root/etc/"
mkdir -p "$root/usr/share/dotnet" "$root/root/.nuget"
[ -d "$HOME/.nuget/NuGet" ] && cp -r "$HOME/.nuget/NuGet" "$root/root/.nuget/"
git -c safe.directory="$here" clone -q "$here" "$root/root/tapline"

cat > "$work/enter.sh" << INNER
set -e
mount --bind "$dotnet" "$root/usr/share/dotnet"
mount -t proc proc "$root/proc"
mount --rbind /sys "$root/sys"
mount --rbind /dev "$root/dev"
ln -s /usr/share/dotnet/dotnet "$root/usr/bin/dotnet"
exec chroot "$root" env -i HOME=/root PATH=/usr/sbin:/usr/bin:/sbin:/bin TERM=dumb \
    SSL_CERT_DIR=/etc/ssl/certs SSL_CERT_FILE=/etc/ssl/certs/ca-certificates.crt NUGET_CERT_REVOCATION_MODE=offline \
    sh -c 'cd /root/tapline && exec "\$@"' sh "\$@"
INNER
[ $# -gt 0 ] || set -- ./tapline demo
echo "fresh-root: $*"
began=$(date +%s)
status=0
unshare --mount --pid --fork --kill-child sh "$work/enter.sh" "$@" || status=$?
echo "fresh-root: exit $status after $(($(date +%s) - began)) s"
exit $status
