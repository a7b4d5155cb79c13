"""`make bench`: every benchmark, side by side with its reference in the same run.

Prints a table, draws a chart and writes var/bench/latest.json. A part of it (`--only`), or a small one (`--quick`),
leaves latest.json as it is and writes trial.json and trial.png instead.
"""

import argparse
import json
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

from services.bootstrap import spare_the_collector
from tests.bench.act_to_signal import signal_rows
from tests.bench.append import append_rows
from tests.bench.chart import draw
from tests.bench.disclosed_reads import disclosed_read_rows
from tests.bench.encryption import encryption_rows
from tests.bench.hidden_reads import hidden_read_rows
from tests.bench.http_acts import http_rows
from tests.bench.import_speed import import_rows
from tests.bench.long_history import read_rows
from tests.bench.machine import machine
from tests.bench.measuring import ROUNDS, Row, table
from tests.bench.notary import notary_rows
from tests.bench.projector import projector_rows
from tests.bench.publish import publish_rows
from tests.bench.rehydration import rehydration_rows
from tests.bench.replay import replay_rows
from tests.bench.replay_memory import replay_memory_rows
from tests.bench.searching import search_rows
from tests.bench.setting import Bench
from tests.bench.validation import validation_rows

FOLDER = Path("var/bench")

FAMILIES: dict[str, Callable[[Bench], Iterator[Row]]] = {
    "append": append_rows,
    "http": http_rows,
    "rehydration": rehydration_rows,
    "encryption": encryption_rows,
    "replay": replay_rows,
    "memory": replay_memory_rows,
    "read": read_rows,
    "disclosed": disclosed_read_rows,
    "hidden": hidden_read_rows,
    "search": search_rows,
    "validation": validation_rows,
    "import": import_rows,
    "projector": projector_rows,
    "publish": publish_rows,
    "notary": notary_rows,
    "signal": signal_rows,
}
"""What is measured, by the name that `--only` takes."""


def main() -> int:
    """Run, print, keep the figures; the exit code (figures never fail a run)."""
    wanted = _arguments()
    spare_the_collector()
    rows: list[Row] = []
    with Bench(quick=wanted.quick, rounds=wanted.rounds) as bench:
        for name in wanted.only or FAMILIES:
            print(f"{name} ...", file=sys.stderr, flush=True)
            for row in FAMILIES[name](bench):
                rows.append(row)
                print(table([row]).splitlines()[1], file=sys.stderr, flush=True)
    print(table(rows))
    _keep(rows, "trial" if wanted.quick or wanted.only else "latest")
    return 0


def _keep(rows: list[Row], name: str) -> None:
    FOLDER.mkdir(parents=True, exist_ok=True)
    content = {"machine": machine(), "rows": [row.as_json() for row in rows]}
    (FOLDER / f"{name}.json").write_text(json.dumps(content, indent=2) + "\n")
    draw(rows, machine(), FOLDER / f"{name}.png")


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="make bench", description=__doc__.splitlines()[0])
    parser.add_argument("--quick", action="store_true", help="small numbers: to try the benchmark, not to measure")
    parser.add_argument("--rounds", type=int, default=ROUNDS, help="rounds of each side (median)")
    parser.add_argument("--only", nargs="+", choices=list(FAMILIES), metavar="NAME", help=", ".join(FAMILIES))
    return parser.parse_args()


if __name__ == "__main__":
    sys.exit(main())
