#!/usr/bin/env bash
# Makes the environment of mesh-sandbox in var/local/mesh, each file checked against its hash. Needs .venv (make setup).
# Nothing is done when nothing has changed.
set -euo pipefail
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
cd "$here/../../.."

environment=var/local/mesh/environment
stamp() { { pwd; cat "$here/requirements.lock"; } | { sha256sum 2>/dev/null || shasum -a 256; } | cut -d' ' -f1; }
[ "$(cat "$environment/.stamp" 2>/dev/null)" != "$(stamp)" ] || exit 0

echo "Installing mesh-sandbox, for the tests of MESH"
mkdir -p -m 700 var var/local
rm -rf "$environment"
.venv/bin/python -m venv "$environment"
"$environment/bin/python" -m pip --disable-pip-version-check --no-input -q install --require-hashes --no-deps \
  -r "$here/requirements.lock"
stamp > "$environment/.stamp"
