"""Freeze the SHA-256 of every edition of rules that has none yet: `python -m tests.tools.freeze_rules`.

An edition that a release has shipped may have been adopted somewhere, and is never changed: an installation that has
adopted it would not start. What is frozen is never written over. To change rules, give them an edition of their own;
one that no release has shipped yet can be frozen anew once its line is removed.
"""

import json
import sys
from pathlib import Path
from typing import Final

from services.rules.editions import shipped

FROZEN: Final = Path(__file__).parents[1] / "fixtures" / "rules" / "editions.json"


def editions() -> dict[str, str]:
    """The editions of this release by kind and name, each with its SHA-256."""
    return {f"{edition.kind} {edition.name}": edition.sha256 for edition in shipped()}


def frozen(path: Path = FROZEN) -> dict[str, str]:
    """What is frozen."""
    known: dict[str, str] = json.loads(path.read_text()) if path.exists() else {}
    return known


def freeze(path: Path = FROZEN) -> list[str]:
    """Freeze what is missing; returns what that was."""
    known = frozen(path)
    new = [name for name in editions() if name not in known]
    path.write_text(json.dumps(editions() | known, indent=1, sort_keys=True) + "\n")
    return new


if __name__ == "__main__":
    sys.stdout.write("\n  ".join(("frozen:", *freeze())) + "\n")
