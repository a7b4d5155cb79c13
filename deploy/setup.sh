#!/usr/bin/env bash
# Makes .venv and installs exactly what the lock file names, each file checked against its hash.
#
# usage: deploy/setup.sh [run|dev]     run: what the platform needs; dev: that, and the tools of `make test` and `make lint`
# PYTHON names the interpreter (default: python3.11, else python3). Nothing is done when nothing has changed.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

kind=${1:-run}
case $kind in
  run) lock=requirements.lock ;;
  dev) lock=requirements-dev.lock ;;
  *) echo "usage: deploy/setup.sh [run|dev]" >&2; exit 2 ;;
esac

fail() { echo "setup: $*" >&2; exit 1; }

digest() { "${sha256[@]}" | cut -d' ' -f1; }

# One file per thing that is in place, holding a digest of what it was made from. The path of the checkout belongs to it:
# an environment that was copied or moved starts nothing and has to be made again.
packages_stamp() { { pwd; cat "$1"; } | digest; }
project_stamp() { { pwd; cat pyproject.toml; } | digest; }
stamped() { [ "$(cat ".venv/.stamp-$1" 2>/dev/null)" = "$2" ]; }

packages_in_place() {
  stamped "$kind" "$(packages_stamp "$lock")" \
    || { [ "$kind" = run ] && stamped dev "$(packages_stamp requirements-dev.lock)"; }
}

everything_in_place() {
  [ -x .venv/bin/python ] && packages_in_place && stamped project "$(project_stamp)"
}

choose_python() {
  local candidate
  for candidate in ${PYTHON:+"$PYTHON"} ${PYTHON:-python3.11 python3}; do
    # a name on the path need not start: version managers leave such shims
    if "$candidate" -c '' 2>/dev/null; then python=$candidate; break; fi
  done
  [ -n "${python:-}" ] || fail "no Python found${PYTHON:+ as '$PYTHON'}. Install Python 3.11 or later, or name one: make setup PYTHON=/path/to/python3"
  version=$("$python" -c 'import sys; print("%d.%d" % sys.version_info[:2])')
  "$python" -c 'import sys; sys.exit(sys.version_info < (3, 11))' \
    || fail "'$python' is Python $version; EHCP Exchange needs 3.11 or later. Name another: make setup PYTHON=/path/to/python3.11"
}

# Debian ships `venv` without `ensurepip`, which it needs, unless python3-venv is installed.
ensure_venv_module() {
  "$python" -c 'import ensurepip, venv' 2>/dev/null && return
  local package="python$version-venv" as_root=()
  [ "$(id -u)" -eq 0 ] || as_root=(sudo -n)
  command -v apt-get >/dev/null && "${as_root[@]}" true 2>/dev/null \
    || fail "'$python' cannot make a virtual environment. Ask an administrator for:  apt-get install $package"
  echo "Installing $package: this Python cannot make a virtual environment without it"
  local said
  said=$({ "${as_root[@]}" apt-get update -qq \
    && "${as_root[@]}" env DEBIAN_FRONTEND=noninteractive apt-get install -qq -y "$package"; } 2>&1) \
    || { echo "$said" >&2; fail "could not install $package. Install it by hand:  apt-get install $package"; }
  "$python" -c 'import ensurepip, venv' 2>/dev/null || fail "$package is installed, but '$python' still has no ensurepip module"
}

make_environment() {
  if .venv/bin/python -c '' 2>/dev/null && stamped place "$(pwd)"; then return; fi
  choose_python
  ensure_venv_module
  echo "Making .venv with Python $version"
  rm -rf .venv
  "$python" -m venv .venv
  pwd > .venv/.stamp-place
}

pip() { .venv/bin/python -m pip --disable-pip-version-check --no-input -q "$@"; }

install_packages() {
  packages_in_place && return
  echo "Installing $(grep -c '==' "$lock") packages from $lock (a minute or two the first time)"
  rm -f .venv/.stamp-run .venv/.stamp-dev
  pip install --require-hashes --no-deps -r "$lock" || fail "could not install the packages of $lock: see pip's message above"
  packages_stamp "$lock" > ".venv/.stamp-$kind"
}

install_project() {
  stamped project "$(project_stamp)" && return
  pip install --no-deps --no-build-isolation -e . || fail "could not install the project itself: see pip's message above"
  project_stamp > .venv/.stamp-project
}

if command -v sha256sum >/dev/null; then sha256=(sha256sum); else sha256=(shasum -a 256); fi
everything_in_place && exit 0
# Two set-ups started at once take turns: the second finds everything in place.
if command -v flock >/dev/null; then exec 9< .; flock 9; fi
everything_in_place && exit 0
make_environment
install_packages
install_project
echo "Ready: .venv"
