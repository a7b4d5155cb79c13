"""`make bench`: every benchmark, side by side with its reference in the same run; a table and var/bench/latest.json."""

import json
import platform
import sys
from pathlib import Path

from tests.bench.import_speed import import_speed
from tests.bench.long_history import long_history
from tests.bench.measuring import Row, table
from tests.bench.projector import projector_speed

RESULT = Path("var/bench/latest.json")


def main() -> int:
    """Run all, print the table, keep the figures; the exit code (figures never fail a run)."""
    rows: list[Row] = [import_speed(), *long_history(), *projector_speed()]
    print(table(rows))
    RESULT.parent.mkdir(parents=True, exist_ok=True)
    machine = f"{platform.machine()}, {platform.system()} {platform.release()}, Python {platform.python_version()}"
    RESULT.write_text(json.dumps({"machine": machine, "rows": [row.as_json() for row in rows]}, indent=2))
    return 0


if __name__ == "__main__":
    sys.exit(main())
