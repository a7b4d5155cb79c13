"""Is there a secret in a file of this repository?

    python -m tests.checks.secrets

Looks at every file with the plugins of detect-secrets: private keys, tokens of known services, passwords in settings
and addresses, and strings that are too random to be words. What was looked at and is none is listed, with the reason,
in `not_secret.json` beside this module, by the SHA-1 of the string (a listed string that is gone has to be taken out).
Randomness alone says nothing where made-up keys, ids and digests are kept: see `RANDOM_BY_NATURE`. Exits 1 when
something is found that isn't listed.
"""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

from detect_secrets.core.plugins.util import get_mapping_from_secret_type_to_class
from detect_secrets.core.scan import scan_file
from detect_secrets.settings import transient_settings

ROOT = Path(__file__).parents[2]
LISTED = Path(__file__).with_name("not_secret.json")
#: Where keys, ids and digests are made up or computed: there only the plugins that know a secret's form count.
RANDOM_BY_NATURE = ("tests/", "schemas/", "docs/log-format", "requirements")
_ENTROPY = frozenset({"Base64 High Entropy String", "Hex High Entropy String"})
_ELSEWHERE = frozenset({".git", ".venv", "var", "build", "dist", "__pycache__", "node_modules"})


class Found(NamedTuple):
    """A string that may be a secret; where, of what kind, and its SHA-1."""

    file: str
    kind: str
    sha1: str
    line: int

    @property
    def key(self) -> tuple[str, str, str]:
        """What it is listed by: not its line, which changes with every edit."""
        return self.file, self.kind, self.sha1


def scan(root: Path) -> list[Found]:
    """What may be a secret in the files below `root`."""
    kinds = get_mapping_from_secret_type_to_class()
    formed = [{"name": plugin.__name__} for kind, plugin in kinds.items() if kind not in _ENTROPY]
    every = [{"name": plugin.__name__} for plugin in kinds.values()]
    files = [(path.relative_to(root).as_posix(), path) for path in _files(root)]
    random = [one for one in files if one[0].startswith(RANDOM_BY_NATURE)]
    return [*_looked(random, formed), *_looked([one for one in files if one not in random], every)]


def listed() -> dict[tuple[str, str, str], str]:
    """What was looked at and is no secret, with the reason."""
    return {(one["file"], one["kind"], one["sha1"]): one["why"] for one in json.loads(LISTED.read_text())}


def _files(root: Path) -> Iterator[Path]:
    for folder, folders, files in os.walk(root):
        folders[:] = sorted(
            name for name in folders if name not in _ELSEWHERE and not name.endswith(("_cache", ".egg-info"))
        )
        yield from (Path(folder, name) for name in sorted(files))


def _looked(files: list[tuple[str, Path]], plugins: list[dict[str, str]]) -> list[Found]:
    with transient_settings({"plugins_used": plugins}):
        return [
            Found(name, one.type, one.secret_hash, one.line_number)
            for name, path in files
            for one in scan_file(str(path))
        ]


def main() -> int:
    """Say what was found and isn't listed, and what is listed and gone."""
    found, known = scan(ROOT), listed()
    new = [one for one in found if one.key not in known]
    gone = set(known) - {one.key for one in found}
    for one in new:
        print(f"{one.file}:{one.line}: {one.kind}; if it is none, list it in {LISTED.name} with the reason: {one.sha1}")
    for file, kind, sha1 in sorted(gone):
        print(f"{file}: {kind} {sha1} is listed and no longer there")
    print(f"secrets: {len(new)} found that aren't listed; {len(known)} listed as none")
    return 1 if new or gone else 0


if __name__ == "__main__":
    sys.exit(main())
