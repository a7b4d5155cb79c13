#!/usr/bin/env bash
# Copies Apache Kafka (pom.xml beside this file) out of Maven's repositories into a folder outside the checkout, once for
# every version, and prints that folder. EHCP_CACHE names another place than ~/.cache/ehcp-exchange.
#
# usage: deploy/local/kafka/fetch.sh
set -euo pipefail
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)

cache=${EHCP_CACHE:-${XDG_CACHE_HOME:-$HOME/.cache}/ehcp-exchange}
read -r sum _ < <(sha256sum "$here/pom.xml")
folder=$cache/kafka-${sum:0:12}
if [ -d "$folder" ]; then echo "$folder"; exit 0; fi

command -v mvn >/dev/null || { echo "fetch: Maven is not installed: run deploy/local/install.sh as root" >&2; exit 1; }
mkdir -p "$cache"
# whoever else fetches at the same time has a folder of its own: the first to finish gives it the name
making=$(mktemp -d "$cache/.kafka-XXXXXX")
trap 'rm -rf "$making"' EXIT
said=$(mvn --batch-mode --quiet --file "$here/pom.xml" dependency:copy-dependencies \
  -DincludeScope=runtime "-DoutputDirectory=$making/libs" 2>&1) \
  || { echo "$said" >&2; echo "fetch: Maven could not copy Apache Kafka: see its message above" >&2; exit 1; }
mv --no-target-directory "$making/libs" "$folder" 2>/dev/null || [ -d "$folder" ]
echo "$folder"
