"""The figures as one picture: how far each ratio is from its goal."""

from collections.abc import Sequence
from pathlib import Path

import matplotlib as mpl
from matplotlib import pyplot as plt

from tests.bench.measuring import Row

REACHED, SHORT = "#00703c", "#d4351c"


def draw(rows: Sequence[Row], machine: str, file: Path) -> None:
    """A bar for each row: the ratio over its goal, or for a goal not to be exceeded the goal over the ratio."""
    mpl.use("Agg")
    figure, axes = plt.subplots(figsize=(11, 0.45 * len(rows) + 1.6), layout="constrained")
    shares = [_share(row) for row in rows]
    bars = axes.barh([row.id for row in rows], shares, color=[REACHED if row.is_reached else SHORT for row in rows])
    axes.bar_label(bars, [f" {row.ratio:.2f} (goal {row.goal})" for row in rows])
    axes.axvline(1, color="black", linewidth=1)
    axes.set(xlabel="times the goal (more is better)", xlim=(0, max(1.0, *shares) * 1.25))
    axes.set_title(machine, fontsize=8)
    axes.invert_yaxis()
    figure.savefig(file, dpi=120)
    plt.close(figure)


def _share(row: Row) -> float:
    return row.ratio / row.at_least if row.at_least else (row.at_most or 1) / row.ratio
