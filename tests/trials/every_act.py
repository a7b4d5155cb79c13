"""Does the API answer any act of anybody otherwise than the table of the acts says?

    python -m tests.trials.every_act --seed N --rounds M

Sends M cells of the table (all of them unless M is given), in random order: every caller of every scene, in every role,
every act on a plan. Prints one line of JSON; exits 1 when an answer is another one or the record has changed.
"""

from __future__ import annotations

import argparse
import json
import random
import sys
import tempfile
from collections import Counter
from pathlib import Path

from tests.services.api.examples import Examples
from tests.support.access_acts import Acts
from tests.support.access_tables import scenes
from tests.support.serving import serving
from tests.support.whole_life import TODAY

TABLE = Path(__file__).parents[1] / "fixtures" / "access" / "acts.txt"


def run(seed: int, rounds: int, table: list[str]) -> dict[str, object]:
    """Send `rounds` cells, 0 for all; how many there were of each answer, and the first that were wrong."""
    with tempfile.TemporaryDirectory() as folder, serving(Path(folder), day=TODAY) as served:
        found = list(scenes(served))
        served.clock.day = TODAY
        acts, examples = Acts(served, found), Examples(served)
        cells = [(status, cell) for status, some in acts.requests(table).items() for cell in some]
        random.Random(seed).shuffle(cells)
        before, told, wrong = served.platform.store.head(), Counter[int](), []
        for status, cell in cells[: rounds or None]:
            answer = acts.sent(cell, examples.body(cell.spec, cell.scene.life.plan_id)).status_code
            told[answer] += 1
            if answer != status:
                wrong.append(f"{cell.row} | {cell.spec.act}: {answer}, not {status}")
        changed = served.platform.store.head() != before
    answers = {str(status): number for status, number in sorted(told.items())}
    return {
        "seed": seed, "sent": told.total(), "of": len(cells), "answers": answers, "wrong": len(wrong),
        "first": wrong[:5], "changed": changed,
    }  # fmt: skip


def main() -> int:
    """Run the trial."""
    arguments = argparse.ArgumentParser()
    arguments.add_argument("--seed", type=int, default=1)
    arguments.add_argument("--rounds", type=int, default=0)
    stated = arguments.parse_args()
    result = run(stated.seed, stated.rounds, TABLE.read_text().splitlines())
    sys.stdout.write(json.dumps(result) + "\n")
    return 1 if result["wrong"] or result["changed"] else 0


if __name__ == "__main__":
    sys.exit(main())
