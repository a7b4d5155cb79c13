"""Measuring side by side: rounds of ours and the reference alternate, medians are compared."""

import statistics
import time
from collections.abc import Callable
from typing import Any

from msgspec import Struct

ROUNDS = 5


class Row(Struct, kw_only=True):
    """One line of the table. `ours` and `reference` are in `unit`; the ratio is what counts on a noisy machine."""

    id: str
    ours: float
    reference: float
    unit: str
    rounds: int
    at_least: float | None = None
    at_most: float | None = None

    @property
    def ratio(self) -> float:
        """Ours over the reference."""
        return self.ours / self.reference

    def as_json(self) -> dict[str, Any]:
        """The row as kept in latest.json."""
        bound = {"atLeast": self.at_least} if self.at_least is not None else {"atMost": self.at_most}
        return {
            "id": self.id,
            "ours": round(self.ours, 3),
            "reference": round(self.reference, 3),
            "ratio": round(self.ratio, 3),
            **bound,
            "unit": self.unit,
            "rounds": self.rounds,
        }


def seconds(work: Callable[[], object]) -> float:
    """How long the work takes."""
    started = time.perf_counter()
    work()
    return time.perf_counter() - started


def alternate(ours: Callable[[], float], reference: Callable[[], float], rounds: int = ROUNDS) -> tuple[float, float]:
    """The medians of both, measured in turns."""
    pairs = [(ours(), reference()) for _ in range(rounds)]
    return statistics.median(o for o, _ in pairs), statistics.median(r for _, r in pairs)


def table(rows: list[Row]) -> str:
    """The rows as text."""
    lines = [f"{'row':<28}{'ours':>14}{'reference':>14}{'ratio':>8}  goal"]
    for row in rows:
        goal = f">= {row.at_least}" if row.at_least is not None else f"<= {row.at_most}"
        lines.append(f"{row.id:<28}{row.ours:>14,.2f}{row.reference:>14,.2f}{row.ratio:>8.2f}  {goal} ({row.unit})")
    return "\n".join(lines)
