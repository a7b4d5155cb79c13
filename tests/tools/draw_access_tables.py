"""Writes the tables of `tests/fixtures/access` from what the platform answers: look at the difference first.

`python -m tests.tools.draw_access_tables`
"""

from pathlib import Path
from tempfile import TemporaryDirectory

from tests.support.access_acts import Acts, opening_lines
from tests.support.access_exports import exports, taken
from tests.support.access_signals import as_it_happens, route, signals
from tests.support.access_tables import reads, scenes
from tests.support.serving import serving
from tests.support.whole_life import TODAY

FOLDER = Path(__file__).parents[1] / "fixtures" / "access"


def main() -> None:
    """Write every table."""
    with TemporaryDirectory() as folder, serving(Path(folder), day=TODAY) as served:
        found = list(scenes(served))
        served.clock.day = TODAY
        happening = as_it_happens(served)
        route(served)
        (FOLDER / "signals.txt").write_text("\n".join(signals(served, [*found, happening])) + "\n")
        read = [line for scene in found for line in reads(scene)]
        (FOLDER / "reads.txt").write_text("\n".join(read) + "\n")
        acts = [*Acts(served, found).lines(), *opening_lines(served, found)]
        (FOLDER / "acts.txt").write_text("\n".join(acts) + "\n")
        given = [line for export in exports(found) for line in taken(export)]
        (FOLDER / "exports.txt").write_text("\n".join(given) + "\n")


if __name__ == "__main__":
    main()
