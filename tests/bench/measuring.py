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

    @property
    def is_reached(self) -> bool:
        """Whether the ratio is what DESIGN.md asks for."""
        if self.at_least is not None:
            return self.ratio >= self.at_least
        return self.at_most is None or self.ratio <= self.at_most

    @property
    def goal(self) -> str:
        """What the ratio should be; nothing where the figure is only reported."""
        if self.at_least is None and self.at_most is None:
            return "-"
        return f">= {self.at_least}" if self.at_least is not None else f"<= {self.at_most}"

    def as_json(self) -> dict[str, Any]:
        """The row as kept in latest.json."""
        stated = {"atLeast": self.at_least, "atMost": self.at_most}
        bound = {name: value for name, value in stated.items() if value is not None}
        return {
            "id": self.id,
            "ours": round(self.ours, 3),
            "reference": round(self.reference, 3),
            "ratio": round(self.ratio, 3),
            **bound,
            "unit": self.unit,
            "rounds": self.rounds,
        }


def seconds(work: Callable[[], object], clock: Callable[[], float] = time.perf_counter) -> float:
    """How long the work takes, by a clock of the wall or of the processor."""
    started = clock()
    work()
    return clock() - started


def alternate(ours: Callable[[], float], reference: Callable[[], float], rounds: int = ROUNDS) -> tuple[float, float]:
    """The medians of both, measured in turns."""
    return tuple(medians([ours, reference], rounds))  # type: ignore[return-value]


def medians(works: list[Callable[[], float]], rounds: int = ROUNDS) -> list[float]:
    """The median of each, measured in turns."""
    figures = [[work() for work in works] for _ in range(rounds)]
    return [statistics.median(column) for column in zip(*figures, strict=True)]


def table(rows: list[Row]) -> str:
    """The rows as text."""
    lines = [f"{'row':<32}{'ours':>14}{'reference':>14}{'ratio':>8}  goal"]
    for row in rows:
        short = "" if row.is_reached else "  SHORT"
        figures = f"{row.ours:>14,.2f}{row.reference:>14,.2f}{row.ratio:>8.2f}"
        lines.append(f"{row.id:<32}{figures}  {row.goal} ({row.unit}){short}")
    return "\n".join(lines)
