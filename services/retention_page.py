"""The retention schedules as a page for people: `docs/retention-schedules.md`, made from `schemas/retention`."""

from collections.abc import Iterator
from typing import Final

from domain.retention import Schedule, Schedules

HEAD: Final = """# How long records are kept

Made from [schemas/retention/schedules.json](../schemas/retention/schedules.json) by `make schemas`: change that file,
not this page. Edition {version}, in force from {from_}, SHA-256 `{sha256}`.

{note}

A proposal to destroy something can be approved by a second person for {days} days.
"""

#: The facts of a record under which a rule applies, in words.
FACTS: Final = {
    "always": "every record",
    "everLookedAfter": "a child who was ever looked after",
    "adopted": "an adopted child whose identity is sealed",
}


def retention_page(schedules: Schedules) -> str:
    """The whole page."""
    head = HEAD.format(
        version=schedules.version,
        from_=schedules.from_.isoformat(),
        sha256=schedules.sha256,
        note=schedules.note,
        days=schedules.proposal_days,
    )
    parts = [head, *_rules(schedules), *_schedule("Every council", schedules.every_council)]
    for council, schedule in schedules.councils.items():
        parts += _schedule(council, schedule)
    return "\n".join(parts) + "\n"


def _rules(schedules: Schedules) -> Iterator[str]:
    yield "## The rules\n"
    yield "| rule | kept for | law | source |\n|---|---|---|---|"
    for name, rule in schedules.rules.items():
        yield f"| `{name}` | {rule.title} | {'; '.join(rule.law)} | {rule.source} |"


def _schedule(whose: str, schedule: Schedule) -> Iterator[str]:
    yield f"\n## {whose}: {schedule.title}\n"
    yield "| applies to | rule |\n|---|---|"
    for applies in schedule.applies:
        yield f"| {FACTS[applies.when]} | `{applies.rule}` |"
    yield f"\nSource: {schedule.source}"
