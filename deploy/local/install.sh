#!/usr/bin/env bash
# Installs the servers that a checkout can start for itself, from Debian's packages: PostgreSQL, and for root also the C
# compiler that its slow-disk profile needs. What is there already is left alone.
#
# usage: deploy/local/install.sh        as root; anybody else is told what to ask for
set -euo pipefail

missing=()
programs=(/usr/lib/postgresql/*/bin/pg_ctl)
[ -x "${programs[0]}" ] || command -v pg_ctl >/dev/null || missing+=(postgresql)
[ "$(id -u)" -ne 0 ] || command -v cc >/dev/null || missing+=(gcc libc6-dev)
[ "${#missing[@]}" -gt 0 ] || exit 0

if [ "$(id -u)" -ne 0 ] || ! command -v apt-get >/dev/null; then
  echo "install: missing here; ask an administrator for:  apt-get install ${missing[*]}" >&2
  exit 1
fi

# Debian's package makes and starts a server of its own on port 5432, which nothing here uses: not on our account. A
# system that has the package's parts already has decided that for itself.
settings=/etc/postgresql-common/createcluster.d/ehcp-exchange.conf
if ! dpkg-query --show --showformat='${Status}' postgresql-common 2>/dev/null | grep -q ' installed$'; then
  mkdir -p "${settings%/*}"
  echo "create_main_cluster = false" > "$settings"
  trap 'rm -f "$settings"; rmdir --ignore-fail-on-non-empty "${settings%/*}"' EXIT
fi

echo "Installing ${missing[*]}"
said=$({ apt-get update -qq \
  && DEBIAN_FRONTEND=noninteractive apt-get install -qq -y --no-install-recommends "${missing[@]}"; } 2>&1) \
  || { echo "$said" >&2; echo "install: could not install ${missing[*]}: see apt's message above" >&2; exit 1; }
