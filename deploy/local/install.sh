#!/usr/bin/env bash
# Installs the servers that a checkout can start for itself, from Debian's packages: PostgreSQL, and for root also the C
# compiler that its slow-disk profile needs; SoftHSM, the PKCS#11 token on which the keyring is tested; nginx, with which
# deploy/proxy is; and Java with Maven, by which Apache Kafka itself is fetched into a folder of the user
# (kafka/fetch.sh). What is there already is left alone.
#
# usage: deploy/local/install.sh        as root; anybody else is told what to ask for
set -euo pipefail

missing=()
programs=(/usr/lib/postgresql/*/bin/pg_ctl)
[ -x "${programs[0]}" ] || command -v pg_ctl >/dev/null || missing+=(postgresql)
[ "$(id -u)" -ne 0 ] || command -v cc >/dev/null || missing+=(gcc libc6-dev)
command -v softhsm2-util >/dev/null || missing+=(softhsm2)
[ -x /usr/sbin/nginx ] || command -v nginx >/dev/null || missing+=(nginx-light)
command -v java >/dev/null || missing+=(default-jre-headless)
command -v mvn >/dev/null || missing+=(maven)
kafka=$(cd "$(dirname "${BASH_SOURCE[0]}")/kafka" && pwd)
[ "${#missing[@]}" -gt 0 ] || { "$kafka/fetch.sh" >/dev/null; exit 0; }

if [ "$(id -u)" -ne 0 ] || ! command -v apt-get >/dev/null; then
  echo "install: missing here; ask an administrator for:  apt-get install ${missing[*]}" >&2
  exit 1
fi

# Debian's package would make and start a server of its own on port 5432, which nothing here uses: not on our account.
# The setting goes again, so that whatever an administrator decided for later holds.
settings=/etc/postgresql-common/createcluster.d/ehcp-exchange.conf
mkdir -p "${settings%/*}"
trap 'rm -f "$settings"; rmdir --ignore-fail-on-non-empty "${settings%/*}"' EXIT
echo "create_main_cluster = false" > "$settings"

echo "Installing ${missing[*]}"
said=$({ apt-get update -qq \
  && DEBIAN_FRONTEND=noninteractive apt-get install -qq -y --no-install-recommends "${missing[@]}"; } 2>&1) \
  || { echo "$said" >&2; echo "install: could not install ${missing[*]}: see apt's message above" >&2; exit 1; }
# So would nginx, on port 80: where this brought it, it stays a program that tests start.
case " ${missing[*]} " in *" nginx-light "*) systemctl disable --now nginx >/dev/null 2>&1 || true ;; esac
"$kafka/fetch.sh" >/dev/null
