#!/usr/bin/env bash
# Sets the project up on a machine that nobody has prepared: a bare release of Debian or Ubuntu, made with debootstrap in a
# folder, with only what the README asks for. There the sample call is placed and the voice's tests are run.
#
#   tools/strangers_machine.sh RELEASE MIRROR [FOLDER]     as trixie http://deb.debian.org/debian; FOLDER: kept, and used again
#
# AS=stranger (default) or root: who sets it up there. Needs root, debootstrap and the network; nothing outside the folder is
# changed. Settings of the network (proxies, PIP_INDEX_URL, the certificates that SSL_CERT_FILE names) go along.
# Exit code: 0 when all of it worked there, 2 when the root could not be made, else 1.
set -euo pipefail

release=${1:?name a release, as trixie} mirror=${2:?name its mirror, as http://deb.debian.org/debian}
who=${AS:-stranger}
checkout=$(cd "$(dirname "$0")/.." && pwd)
packages=make,git,python3,python3-venv,ca-certificates

if [ -z "${STRANGER_ROOT:-}" ]; then
  if [ "$(id -u)" != 0 ] || ! command -v debootstrap >/dev/null; then
    echo "not tried on $release: that needs root and debootstrap (apt install debootstrap)" >&2
    exit 2
  fi
  made=$(mktemp -d)
  trap 'rm -rf "$made"' EXIT
  folder=${3:-$made/root}
  mkdir -p -m 755 "$folder"   # it is to be somebody's /
  # what is mounted and started for it goes away with this process
  STRANGER_ROOT=$(cd "$folder" && pwd) unshare --mount --propagation private --pid --fork --kill-child -- bash "$0" "$@"
  exit
fi

root=$STRANGER_ROOT
if [ ! -f "$root/etc/stranger" ]; then
  echo "making a bare $release …" >&2
  # Ubuntu has python3-venv in universe; releases that this debootstrap has never heard of are made like their elders
  options=("--include=$packages") scripts=/usr/share/debootstrap/scripts script=()
  case $mirror in *ubuntu*) options+=(--components=main,universe) elder=gutsy ;; *) elder=sid ;; esac
  [ -e "$scripts/$release" ] || script=("$scripts/$elder")
  if ! debootstrap --variant=minbase "${options[@]}" "$release" "$root" "$mirror" "${script[@]}" >"$root/debootstrap.said" 2>&1; then
    echo "not tried on $release: debootstrap could not make it from $mirror ($(tail -1 "$root/debootstrap.said"))" >&2
    exit 2
  fi
  touch "$root/etc/stranger"
fi
mount -t proc proc "$root/proc"
mount -t tmpfs tmpfs "$root/dev/shm" 2>/dev/null || { mkdir -p "$root/dev/shm" && mount -t tmpfs tmpfs "$root/dev/shm"; }
cp /etc/resolv.conf /etc/hosts "$root/etc/"
[ -z "${SSL_CERT_FILE:-}" ] || cp "$SSL_CERT_FILE" "$root/etc/ssl/certs/ca-certificates.crt"

settings=(PATH=/usr/sbin:/usr/bin:/sbin:/bin LANG=C.UTF-8 NODE_EXTRA_CA_CERTS=/etc/ssl/certs/ca-certificates.crt)
for name in http_proxy https_proxy no_proxy PIP_INDEX_URL PIP_EXTRA_INDEX_URL PIP_DEFAULT_TIMEOUT; do
  [ -z "${!name:-}" ] || settings+=("$name=${!name}")
done
there() { env -i "${settings[@]}" HOME="$home" chroot --userspec="$who" "$root" bash -c "cd '$home/project' && $1"; }

home=/root
if [ "$who" != root ]; then
  home=/home/$who
  chroot "$root" id -u "$who" >/dev/null 2>&1 || chroot "$root" useradd --create-home "$who"
fi
env -i "${settings[@]}" chroot "$root" apt-get -qq update   # as on every machine that has been on for a day
rm -rf "$root$home/project"
git -c safe.directory='*' clone --quiet --no-hardlinks "$checkout" "$root$home/project"
chroot "$root" chown -R "$who:" "$home/project"

echo "setting up on $release as $who, with $(there 'python3 --version') …" >&2
began=$SECONDS
there 'make demo ONCE=1' || exit 1
echo "$release, $who: set up, and a call placed, in $((SECONDS - began)) s" >&2
began=$SECONDS
tests='tests/adapters/speech_out/test_voice.py tests/adapters/speech_out/test_pyttsx3_child.py'
there "python3 -m ivr.provision.ready tests && .venv/bin/python -m pytest -q $tests" || exit 1
echo "$release, $who: the voice tested in $((SECONDS - began)) s" >&2
